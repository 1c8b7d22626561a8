/**
 * A hub and its sandbox as a user starts them: `cli/main.ts` as a child process, in a home and on a port of its own.
 * Whoever starts one stops it through `stop()`, which also says what was left behind.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { readEffects, type EffectLine } from '../sandbox/effects.ts';

export const root = resolve(import.meta.dirname, '..');

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface Home {
  readonly folder: string;
  readonly port: number;
  /** Kills what still runs in it, and removes it. */
  remove(): Promise<void>;
}

export interface Started {
  readonly child: ChildProcess;
  /** All that it said so far on stderr. */
  said(): string;
  readonly ended: Promise<Ended>;
}

export interface TestHub extends Started {
  readonly home: Home;
  readonly url: string;
  /** Address of the sandbox's control port. */
  readonly control: string;
  /** Ends it the polite way. @throws Error when a process was left behind */
  stop(): Promise<Ended>;
}

const readyMs = 30_000;
const stopMs = 20_000;
const pollMs = 50;

export async function newHome(): Promise<Home> {
  const folder = mkdtempSync(join(tmpdir(), 'lianshu-home-'));
  const port = await freePort();
  return {
    folder,
    port,
    async remove() {
      for (const { pid } of processesIn(folder)) kill(pid, 'SIGKILL');
      await until(() => processesIn(folder).length === 0, stopMs);
      // For looking into what went wrong.
      if (process.env['LIANSHU_KEEP_HOME'] === undefined) rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** `npx lianshu <args>` under way. */
export function launch(home: Home, args: readonly string[], env: Readonly<Record<string, string>> = {}): Started {
  const child = spawn(process.execPath, [join(root, 'cli', 'main.ts'), ...args], {
    cwd: root,
    env: { ...outerEnvironment(), LIANSHU_HOME: home.folder, LIANSHU_PORT: String(home.port), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let err = '';
  child.stdout.setEncoding('utf8').on('data', (part: string) => (out += part));
  child.stderr.setEncoding('utf8').on('data', (part: string) => (err += part));
  const ended = new Promise<Ended>((done) => child.once('close', (code) => done({ code, out, err })));
  return { child, said: () => err, ended };
}

/** `npx lianshu <args>` to its end. */
export function lianshu(home: Home, ...args: string[]): Promise<Ended> {
  return launch(home, args).ended;
}

/** A hub in a sandbox that starts no case by itself, ready to work. */
export async function startTestHub(home: Home, args: readonly string[] = []): Promise<TestHub> {
  const started = launch(home, ['start', '--no-demo', ...args]);
  const isReady = async () => {
    if (started.child.exitCode !== null) throw new Error(`the hub ended:\n${started.said()}`);
    const about = aboutHub(home);
    return about !== undefined && existsSync(join(home.folder, 'sandbox.json')) && answers(`${about.url}/health/ready`);
  };
  if (!(await until(isReady, readyMs))) throw new Error(`the hub was not ready in ${readyMs} ms:\n${started.said()}`);
  const { control } = JSON.parse(readFileSync(join(home.folder, 'sandbox.json'), 'utf8')) as { control: string };
  const stop = async () => {
    started.child.kill('SIGTERM');
    const ended = await withLimit(started.ended, stopMs, 'the hub did not stop');
    const left = processesIn(home.folder);
    if (left.length > 0) throw new Error(`left behind: ${left.map(({ what }) => what).join('; ')}`);
    return ended;
  };
  return { ...started, home, url: `http://127.0.0.1:${home.port}`, control, stop };
}

/** What the hub wrote down about itself. */
export function aboutHub(home: Home): { url: string; databaseUrl: string; pid: number } | undefined {
  const file = join(home.folder, 'hub.json');
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as ReturnType<typeof aboutHub>) : undefined;
}

/** Rows of the hub's own database. */
export async function rowsOf<T extends pg.QueryResultRow>(
  home: Home,
  sql: string,
  values: unknown[] = [],
): Promise<T[]> {
  const client = new pg.Client({ connectionString: aboutHub(home)?.databaseUrl ?? '', query_timeout: 10_000 });
  client.on('error', () => undefined); // The query that fails because of it says so.
  await client.connect();
  try {
    return (await client.query<T>(sql, values)).rows;
  } finally {
    await client.end();
  }
}

/** Places an order of the sandbox's next dealer; unit and dealer play their parts from then on. */
export async function placeOrder(hub: TestHub): Promise<string> {
  const placed = (await ask(`${hub.control}/orders`, {})) as { orderNo: string };
  return placed.orderNo;
}

/** What becomes of an order's case: waits until it is neither open nor under way any more. */
export async function stateOf(hub: TestHub, orderNo: string, limitMs: number): Promise<string> {
  const read = async () => {
    const rows = await rowsOf<{ state: string; live: string; problem: string | null }>(
      hub.home,
      `select c.state, count(r.id) as live, min(r.problem) as problem from cases c left join run r on r.case_id = c.id
       where c.key = $1 group by c.id`,
      [orderNo],
    ).catch(() => []);
    return rows[0];
  };
  let last = await read();
  await until(async () => {
    last = await read();
    return last !== undefined && last.state !== 'open';
  }, limitMs);
  return last?.problem ?? last?.state ?? 'no such case';
}

/** What a counterparty really did, from its own log. */
export function effectsOf(home: Home, twin: string, kind?: string): EffectLine[] {
  const all = readEffects(join(home.folder, 'twins', twin, 'effects.ndjson'));
  return all.filter((line) => kind === undefined || line.kind === kind);
}

/** Effects that a counterparty had more than once under one number: must be none. */
export function repeatedEffects(home: Home): string[] {
  const effects = readdirSync(join(home.folder, 'twins')).flatMap((twin) =>
    effectsOf(home, twin).map(({ kind, number }) => `${twin} ${kind} ${number}`),
  );
  return effects.filter((effect, place) => effects.indexOf(effect) !== place);
}

/** The control port of a twin: `acts/<name>`, `faults`, `state`. */
export async function control(home: Home, twin: string, what: string, body?: object): Promise<unknown> {
  const ports = JSON.parse(readFileSync(join(home.folder, 'ports.json'), 'utf8')) as Record<string, number>;
  return ask(`http://127.0.0.1:${ports[twin]}/_twin/${what}`, body);
}

export interface Process {
  readonly pid: number;
  readonly what: string;
}

/** Every process that works in this home: known by its environment, or (the database) by the folder it works in. */
export function processesIn(folder: string): Process[] {
  const mine = `LIANSHU_HOME=${folder}`;
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0 && pid !== process.pid)
    .filter((pid) => read(`/proc/${pid}/environ`).split('\0').includes(mine) || folderOf(pid).startsWith(`${folder}/`))
    .map((pid) => ({ pid, what: `${pid} ${read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim().slice(0, 120)}` }));
}

export function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // Gone in between: what was wanted.
  }
}

/** False when it did not come true in that time. */
export async function until(holds: () => boolean | Promise<boolean>, limitMs: number): Promise<boolean> {
  const deadline = performance.now() + limitMs;
  while (!(await holds())) {
    if (performance.now() > deadline) return false;
    await sleep(pollMs);
  }
  return true;
}

async function ask(url: string, body?: object): Promise<unknown> {
  const answer = await fetch(url, {
    ...(body ? { method: 'POST', body: JSON.stringify(body) } : {}),
    signal: AbortSignal.timeout(10_000),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}: ${text}`);
  return JSON.parse(text) as unknown;
}

async function withLimit<T>(promise: Promise<T>, limitMs: number, otherwise: string): Promise<T> {
  const patience = new AbortController();
  const late = sleep(limitMs, undefined, { signal: patience.signal }).then(() => Promise.reject(new Error(otherwise)));
  try {
    return await Promise.race([promise, late]);
  } finally {
    late.catch(() => undefined);
    patience.abort();
  }
}

/** A database or a hub of the one who runs the tests is not the one under test. */
function outerEnvironment(): NodeJS.ProcessEnv {
  const ours = /^(LIANSHU_|DATABASE_URL$|NATS_URL$|NODE_OPTIONS$|NODE_CHANNEL_FD$)/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !ours.test(name)));
}

function answers(url: string): Promise<boolean> {
  return fetch(url, { signal: AbortSignal.timeout(2_000) }).then(
    (answer) => answer.ok,
    () => false,
  );
}

function freePort(): Promise<number> {
  return new Promise((done, fail) => {
    const server = createServer();
    server.once('error', fail);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => done(port));
    });
  });
}

function folderOf(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return '';
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
