/**
 * `lianshu start`: the sandbox and the hub as two processes, and two spot pledges that run through all their steps while
 * you watch. Stays up and starts further cases at a calm pace; `--once` ends after the first.
 */
import { join } from 'node:path';
import type { ClockSetting } from '../engine/clock.ts';
import { Children } from './children.ts';
import { clockOf } from './clockText.ts';
import { homeFolder, hubPort, sandboxClock } from './home.ts';
import { reportOn, type CaseReport } from './report.ts';
import { runningHub } from './running.ts';
import { Screen } from './screen.ts';
import { readSetup } from './setup.ts';
import { openStore, type Store } from '../store/store.ts';

export interface StartOptions {
  readonly once: boolean;
  readonly json: boolean;
  /** Starts no case by itself. */
  readonly quiet: boolean;
  readonly speed?: number;
  /** Orders, ids and the first business day are the same for the same seed; without it they are new each time. */
  readonly seed?: string;
}

const firstTag = 'A'.charCodeAt(0);
const nextCaseMs = 45_000;
const pollMs = 150;
const caseLimitMs = 120_000;

export async function start(options: StartOptions): Promise<number> {
  const home = homeFolder();
  const running = await runningHub().catch(() => undefined);
  if (running)
    throw new Error(
      `链枢已在运行 a hub is running here already: ${running.url} (${home}). 停止它，或用 LIANSHU_HOME 另选目录 stop it, or choose another folder with LIANSHU_HOME`,
    );
  const interrupted = untilInterrupted();
  const demo = new Demo(options, home, await hubPort(home));
  try {
    return await Promise.race([demo.run(), interrupted.then(() => (options.once ? 130 : 0))]);
  } finally {
    await demo.stop();
  }
}

function untilInterrupted(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => resolve());
  });
}

class Demo {
  readonly #options: StartOptions;
  readonly #home: string;
  readonly #screen: Screen;
  readonly #clock: ClockSetting;
  readonly #hubUrl: string;
  readonly #children: Children;
  #databaseUrl = '';
  #storeUrl = '';
  #hubReadyAt = 0;
  #store: Store | undefined;
  #stopping = false;

  constructor(options: StartOptions, home: string, port: number) {
    this.#options = options;
    this.#home = home;
    this.#screen = new Screen(options.json);
    this.#clock = sandboxClock(home, options);
    this.#hubUrl = `http://127.0.0.1:${port}`;
    this.#children = new Children({
      home,
      env: {
        ...process.env,
        LIANSHU_HOME: home,
        LIANSHU_HUB: this.#hubUrl,
        LIANSHU_PORT: String(port),
        LIANSHU_CLOCK: JSON.stringify(this.#clock),
        ...(options.seed === undefined ? {} : { LIANSHU_SEED: options.seed }),
      },
      onHubEnd: (how) => this.#screen.say('链枢 hub', `意外退出，正在恢复 ended (${how}), starting it again`),
      onHubReady: ({ databaseUrl = '' }) => {
        this.#databaseUrl = databaseUrl;
        this.#hubReadyAt = Date.now();
      },
    });
  }

  async run(): Promise<number> {
    const began = performance.now();
    this.#screen.say('沙箱 sandbox', '启动各参与方模拟系统 starting the counterparties');
    const { control = '' } = await this.#children.startSandbox();
    this.#screen.say('链枢 hub', '启动数据库与平台 starting database and hub');
    await this.#children.startHub();
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    this.#screen.say('就绪 ready', `${this.#hubUrl}  (${seconds} s)  控制台 console: ${this.#hubUrl}/runs`);
    return Promise.race([
      this.#options.quiet ? new Promise<never>(() => {}) : this.#play(control),
      this.#children.lost,
    ]);
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#store?.close();
    await this.#children.stop();
  }

  async #play(control: string): Promise<number> {
    const reports = await this.#round(control);
    if (this.#options.once) {
      for (const report of reports) process.stdout.write(`${JSON.stringify(report)}\n`);
      return reports.every(({ state, invariants }) => state === 'released' && invariants.broken === 0) ? 0 : 1;
    }
    this.#screen.say(
      '下一步 next',
      `打开 open ${this.#hubUrl}/runs   发送订单 send an order: npx lianshu send adapters/sap/examples/orders05.xml   退出 stop: Ctrl-C`,
    );
    while (!this.#stopping) {
      await new Promise((resolve) => setTimeout(resolve, nextCaseMs).unref());
      if (!this.#stopping) await this.#round(control);
    }
    return 0;
  }

  /** An order for each project at once: each is financed, kept and signed for through systems of its own. */
  async #round(control: string): Promise<CaseReport[]> {
    const { projects } = readSetup(join(this.#home, 'setup.json'));
    const placed: (() => Promise<CaseReport>)[] = [];
    const pledged = projects.filter(({ product, funders }) => product === 'spot-pledge' && funders.length === 1);
    for (const [place, { sellerNo }] of pledged.entries())
      placed.push(await this.#place(control, String.fromCharCode(firstTag + place), sellerNo));
    return Promise.all(placed.map((follow) => follow()));
  }

  /** Places an order; what it answers with follows its case to the end, drawing each step as it is reached. */
  async #place(control: string, tag: string, salesOrganization: string): Promise<() => Promise<CaseReport>> {
    const placed = await fetch(`${control}/orders`, { method: 'POST', body: JSON.stringify({ salesOrganization }) });
    if (placed.status !== 200) throw new Error(`the sandbox could not place an order: ${await placed.text()}`);
    const { orderNo, dealer } = (await placed.json()) as { orderNo: string; dealer: string };
    const watch = `${this.#hubUrl}/k/order/${orderNo}`;
    this.#screen.begin(tag, orderNo, dealer, watch);
    return () => this.#follow(tag, orderNo, watch);
  }

  async #follow(tag: string, orderNo: string, watch: string): Promise<CaseReport> {
    const screen = this.#screen;
    const placedAt = Date.now();
    let drawn = 0;
    // A hub that had to be started again gets the whole time again.
    while (Date.now() < Math.max(placedAt, this.#hubReadyAt) + caseLimitMs && !this.#stopping) {
      await new Promise((resolve) => setTimeout(resolve, pollMs));
      // The hub may be down just now: what cannot be read is read later.
      const seen = await this.#look(orderNo).catch(() => undefined);
      if (!seen) continue;
      for (const step of seen.report.steps.slice(drawn)) screen.step(tag, step);
      drawn = Math.max(drawn, seen.report.steps.length);
      if (seen.report.state !== 'open') {
        screen.end(tag, seen.report, seen.clock);
        return seen.report;
      }
      screen.waiting(tag, seen.waits);
    }
    throw new Error(`order ${orderNo} did not reach its end within ${caseLimitMs / 1000} s: see ${watch}`);
  }

  async #look(orderNo: string): Promise<{ report: CaseReport; waits: string; clock: string } | undefined> {
    const store = await this.#openStore();
    const found = await store.pool.query<{ id: string }>('select id from cases where key = $1', [orderNo]);
    const row = found.rows[0];
    if (!row) return undefined;
    const report = await reportOn(store, row.id, this.#clock.speed);
    return { report, waits: await waitsOf(store, row.id), clock: await clockOf(store) };
  }

  /** A hub that was started again may have its database on another port. */
  async #openStore(): Promise<Store> {
    if (this.#store && this.#storeUrl === this.#databaseUrl) return this.#store;
    await this.#store?.close();
    this.#storeUrl = this.#databaseUrl;
    this.#store = undefined;
    this.#store = await openStore(this.#databaseUrl, { maxConnections: 2, applicationName: 'lianshu-start' });
    return this.#store;
  }
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
