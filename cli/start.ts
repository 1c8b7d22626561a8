/**
 * `lianshu start`: the sandbox and the hub as two processes, and a spot pledge that runs through all its steps while
 * you watch. Stays up and starts further cases at a calm pace; `--once` ends after the first.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { clockOf } from './clockText.ts';
import { homeFolder, hubPort, projectFolder, sandboxClock } from './home.ts';
import { reportOn, type CaseReport } from './report.ts';
import { runningHub } from './running.ts';
import { Screen } from './screen.ts';
import { openStore, type Store } from '../store/store.ts';

export interface StartOptions {
  readonly once: boolean;
  readonly json: boolean;
  /** Starts no case by itself. */
  readonly quiet: boolean;
  readonly speed?: number;
}

const nextCaseMs = 45_000;
const pollMs = 150;
const caseLimitMs = 120_000;
const restartMs = 300;

interface Ready {
  readonly ready: true;
  readonly url?: string;
  readonly control?: string;
  readonly databaseUrl?: string;
}

export async function start(options: StartOptions): Promise<number> {
  const home = homeFolder();
  const running = await runningHub().catch(() => undefined);
  if (running)
    throw new Error(
      `链枢已在运行 a hub is running here already: ${running.url} (${home}). 停止它，或用 LIANSHU_HOME 另选目录 stop it, or choose another folder with LIANSHU_HOME`,
    );
  const screen = new Screen(options.json);
  const clock = sandboxClock(home, options.speed);
  const port = await hubPort(home);
  const hubUrl = `http://127.0.0.1:${port}`;
  const env = {
    ...process.env,
    LIANSHU_HOME: home,
    LIANSHU_HUB: hubUrl,
    LIANSHU_PORT: String(port),
    LIANSHU_CLOCK: JSON.stringify(clock),
  };
  const began = performance.now();
  let stopping = false;
  let hub: ChildProcess | undefined;

  screen.say('沙箱 sandbox', '启动各参与方模拟系统 starting the counterparties');
  const sandbox = launch('sandbox/main.ts', [], env);
  const { control = '' } = await readyOf(sandbox, 'the sandbox');
  screen.say('链枢 hub', '启动数据库与平台 starting database and hub');
  let hubReady = startHub();
  const { databaseUrl = '' } = await hubReady;
  screen.say(
    '就绪 ready',
    `${hubUrl}  (${((performance.now() - began) / 1000).toFixed(1)} s)  控制台 console: ${hubUrl}/runs`,
  );
  const store = await openStore(databaseUrl, { maxConnections: 2, applicationName: 'lianshu-start' });

  /** A hub that dies is started again: its runs go on where they were. */
  function startHub(): Promise<Ready> {
    hub = launch('cli/main.ts', ['hub', '--sandbox'], { ...env, LIANSHU_CLOCK: readClock(home) });
    hub.once('exit', (code, signal) => {
      if (stopping) return;
      screen.say('链枢 hub', `意外退出，正在恢复 ended (${signal ?? code}), starting it again`);
      setTimeout(() => {
        if (!stopping) hubReady = startHub().catch(fail);
      }, restartMs);
    });
    return readyOf(hub, 'the hub');
  }

  function fail(thrown: unknown): never {
    process.stderr.write(`${thrown instanceof Error ? thrown.message : String(thrown)}\n`);
    process.exitCode = 1;
    throw thrown;
  }

  async function stop(): Promise<void> {
    if (stopping) return;
    stopping = true;
    await store.close();
    await Promise.all([ended(hub), ended(sandbox)]);
  }
  const interrupted = new Promise<'interrupted'>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve('interrupted'));
  });

  try {
    if (options.quiet) {
      await interrupted;
      return 0;
    }
    let report = await Promise.race([
      oneCase(screen, store, control, hubUrl, clock.speed, () => stopping),
      interrupted,
    ]);
    if (report === 'interrupted') return 130;
    if (options.once) {
      process.stdout.write(`${JSON.stringify(report)}\n`);
      return report.state === 'released' && report.invariants.broken === 0 ? 0 : 1;
    }
    screen.say(
      '下一步 next',
      `打开 open ${hubUrl}/runs   发送订单 send an order: npx lianshu send adapters/sap/examples/orders05.xml   退出 stop: Ctrl-C`,
    );
    for (;;) {
      const waited = await Promise.race([new Promise((resolve) => setTimeout(resolve, nextCaseMs)), interrupted]);
      if (waited === 'interrupted') return 0;
      report = await Promise.race([oneCase(screen, store, control, hubUrl, clock.speed, () => stopping), interrupted]);
      if (report === 'interrupted') return 0;
    }
  } finally {
    await stop();
  }
}

/** Starts an order and follows its case to the end, drawing each step as it is reached. */
async function oneCase(
  screen: Screen,
  store: Store,
  control: string,
  hubUrl: string,
  speed: number,
  stopped: () => boolean,
): Promise<CaseReport> {
  const placed = await fetch(`${control}/orders`, { method: 'POST', body: '{}' });
  if (placed.status !== 200) throw new Error(`the sandbox could not place an order: ${await placed.text()}`);
  const { orderNo, dealer } = (await placed.json()) as { orderNo: string; dealer: string };
  screen.begin(orderNo, dealer, `${hubUrl}/k/order/${orderNo}`);
  const deadline = Date.now() + caseLimitMs;
  let drawn = 0;
  while (Date.now() < deadline && !stopped()) {
    await new Promise((resolve) => setTimeout(resolve, pollMs));
    const found = await store.pool
      .query<{ id: string; state: string }>('select id, state from cases where key = $1', [orderNo])
      .catch(() => undefined);
    const row = found?.rows[0];
    if (!row) continue;
    const report = await reportOn(store, row.id, speed).catch(() => undefined);
    if (!report) continue;
    for (const step of report.steps.slice(drawn)) screen.step(step);
    drawn = report.steps.length;
    if (report.state !== 'open') {
      screen.end(report, await clockOf(store));
      return report;
    }
    screen.waiting(await waitsOf(store, row.id));
  }
  throw new Error(
    `order ${orderNo} did not reach its end within ${caseLimitMs / 1000} s: see ${hubUrl}/k/order/${orderNo}`,
  );
}

async function waitsOf(store: Store, caseId: string): Promise<string> {
  const found = await store.pool
    .query<{ party: string; what: string; problem: string | null }>(
      `select coalesce(s.name_zh, w.party) party, w.what_zh what, r.problem from run r left join wait w on w.run_id = r.id left join system s on s.id = w.party where r.case_id = $1 limit 1`,
      [caseId],
    )
    .catch(() => undefined);
  const row = found?.rows[0];
  if (!row) return '';
  if (row.problem) return `需要人工 needs people: ${row.problem}`;
  return row.party ? `等待 ${row.party}：${row.what}` : '';
}

function launch(file: string, args: readonly string[], env: NodeJS.ProcessEnv): ChildProcess {
  return fork(join(projectFolder, file), args, {
    env,
    cwd: projectFolder,
    execPath: process.execPath,
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
}

function readyOf(child: ChildProcess, what: string): Promise<Ready> {
  return new Promise((resolve, reject) => {
    child.on('message', (message) => {
      if ((message as Ready).ready) resolve(message as Ready);
    });
    child.once('exit', (code, signal) => reject(new Error(`${what} ended before it was ready (${signal ?? code})`)));
  });
}

function ended(child: ChildProcess | undefined): Promise<void> {
  if (!child || child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    const late = setTimeout(() => child.kill('SIGKILL'), 15_000);
    child.once('exit', () => {
      clearTimeout(late);
      resolve();
    });
    child.kill('SIGTERM');
  });
}

function readClock(home: string): string {
  return readFileSync(join(home, 'clock.json'), 'utf8');
}
