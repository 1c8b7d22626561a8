/** What a campaign stands on: a database that can be killed, a counterparty that cannot, and nodes as processes. */
import { type ChildProcess, fork } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { type Embedded, startEmbedded } from '../../store/embedded.ts';
import { migrate } from '../../store/migrate.ts';
import { postmasterStatus } from '../../store/orphan.ts';
import { ephemeralRootKey } from '../../store/sealing/rootKeys.ts';
import { openStore } from '../../store/store.ts';
import { booksSql, type Done, type NodeSettings, type NodeWord } from './world.ts';
import { ended, freePort } from './wire.ts';

/** Business time runs fast, so that what asks again after a minute asks again after a tenth of a second. */
const speed = 600;
const readyMs = 60_000;

export interface Ground {
  readonly folder: string;
  readonly database: Database;
  readonly counterparty: Counterparty;
  readonly clock: NodeSettings['clock'];
  readonly nodes: ChaosNode[];
  /** Problems that nodes told, for the one who looks into a failure. */
  readonly problems: string[];
  startNode(services: NodeSettings['services'], env?: Readonly<Record<string, string>>): Promise<ChaosNode>;
  clear(): Promise<void>;
}

const grounds = new Set<Ground>();

/** For whoever is interrupted: leaves nothing behind. */
export async function clearAll(): Promise<void> {
  for (const ground of grounds) await ground.clear();
}

export async function prepare(seed: number): Promise<Ground> {
  ephemeralRootKey();
  const folder = mkdtempSync(join(tmpdir(), 'lianshu-chaos-'));
  chmodSync(folder, 0o711); // As root, PostgreSQL runs as another user, who must get through.
  const nodes: ChaosNode[] = [];
  const problems: string[] = [];
  const children: ChildProcess[] = [];
  process.once('exit', () => children.forEach((child) => child.kill('SIGKILL')));
  const database = await Database.start(join(folder, 'home'));
  const clock = { realMs: Date.now(), businessMs: Date.now(), speed };
  await database.query(booksSql);
  await database.query(
    'insert into clock (real_at, business_at, speed) values (to_timestamp($1 / 1000.0), to_timestamp($2 / 1000.0), $3)',
    [clock.realMs, clock.businessMs, clock.speed],
  );
  const counterparty = await Counterparty.start(join(folder, 'effects.ndjson'), seed, children);
  const ground: Ground = {
    folder,
    database,
    counterparty,
    clock,
    nodes,
    problems,
    async startNode(services, env = {}) {
      const settings = { databaseUrl: database.url, counterpartyUrl: counterparty.url, services, clock };
      const node = await ChaosNode.start(settings, env, children, (problem) => problems.push(problem));
      nodes.push(node);
      return node;
    },
    async clear() {
      grounds.delete(ground);
      for (const child of children) await ended(child);
      await database.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  grounds.add(ground);
  return ground;
}

export class Database {
  readonly url: string;
  readonly #home: string;
  #server: Embedded;

  static async start(home: string): Promise<Database> {
    mkdirSync(home, { recursive: true, mode: 0o711 });
    writeFileSync(join(home, 'postgres.port'), String(await freePort()));
    const server = await startEmbedded({ home });
    const store = await openStore(server.url);
    try {
      await migrate(store);
    } finally {
      await store.close();
    }
    return new Database(home, server);
  }

  private constructor(home: string, server: Embedded) {
    this.#home = home;
    this.#server = server;
    this.url = server.url;
  }

  /** Kills it and starts it again. Resolves to the time (epoch milliseconds) at which it accepted connections again. */
  async kill(how: 'SIGKILL' | 'SIGQUIT'): Promise<number> {
    const folder = join(this.#home, 'postgres');
    const old = postmasterStatus(folder)?.pid;
    if (old === undefined) throw new Error('the database does not run');
    process.kill(old, how);
    await this.#server.exited;
    await this.#server.stop();
    let acceptedAt = 0;
    const watching = setInterval(() => {
      const status = postmasterStatus(folder);
      if (acceptedAt === 0 && status?.ready && status.pid !== old) acceptedAt = Date.now();
    }, 2);
    try {
      this.#server = await startEmbedded({ home: this.#home });
    } finally {
      clearInterval(watching);
    }
    if (this.#server.url !== this.url) throw new Error('the database came up under another address');
    return acceptedAt === 0 ? Date.now() : acceptedAt;
  }

  /** On a connection of its own: none must be left over from before the last kill. */
  async query<T extends pg.QueryResultRow>(sql: string, values: unknown[] = []): Promise<T[]> {
    const client = new pg.Client({
      connectionString: this.url,
      query_timeout: 60_000,
      application_name: 'chaos-runner',
    });
    client.on('error', () => undefined); // The query that fails because of it says so.
    await client.connect();
    try {
      return (await client.query<T>(sql, values)).rows;
    } finally {
      await client.end().catch(() => undefined);
    }
  }

  stop(): Promise<void> {
    return this.#server.stop();
  }
}

export class ChaosNode {
  readonly child: ChildProcess;
  readonly services: NodeSettings['services'];
  readonly env: Readonly<Record<string, string>>;
  readonly url: string;
  /** Times of commits, in order. */
  readonly committed: number[] = [];
  /** Runs that turned out to be another's. */
  lost = 0;

  static async start(
    settings: NodeSettings,
    env: Readonly<Record<string, string>>,
    children: ChildProcess[],
    onProblem: (message: string) => void,
  ): Promise<ChaosNode> {
    const outer = Object.entries(process.env).filter(
      ([name]) => !/^(LIANSHU_(?!ROOT_KEYS)|DATABASE_URL$|NATS_URL$|NODE_OPTIONS$)/.test(name),
    );
    const child = fork(join(import.meta.dirname, 'node.main.ts'), [], {
      env: { ...Object.fromEntries(outer), ...env, CHAOS_NODE: JSON.stringify(settings) },
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    children.push(child);
    let node: ChaosNode | undefined;
    const url = await new Promise<string>((ready, fail) => {
      child.on('message', (word: NodeWord) => {
        if (word.kind === 'ready') ready(word.url);
        if (word.kind === 'problem') onProblem(`${child.pid} ${word.message}`);
        if (word.kind === 'committed') node?.committed.push(word.at);
        if (word.kind === 'lost' && node) node.lost += 1;
      });
      child.once('exit', (code, signal) => fail(new Error(`a node ended before it was ready (${signal ?? code})`)));
      setTimeout(() => fail(new Error(`a node was not ready within ${readyMs} ms`)), readyMs).unref();
    });
    node = new ChaosNode(child, settings.services, env, url);
    return node;
  }

  private constructor(
    child: ChildProcess,
    services: NodeSettings['services'],
    env: Readonly<Record<string, string>>,
    url: string,
  ) {
    this.child = child;
    this.services = services;
    this.env = env;
    this.url = url;
  }

  get lives(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  kill(): Promise<void> {
    return ended(this.child);
  }
}

export class Counterparty {
  readonly url: string;
  readonly #child: ChildProcess;
  readonly #log: string;

  static async start(log: string, seed: number, children: ChildProcess[]): Promise<Counterparty> {
    writeFileSync(log, '');
    const child = fork(join(import.meta.dirname, 'counterparty.main.ts'), [], {
      env: { ...process.env, CHAOS_COUNTERPARTY: JSON.stringify({ log, seed }) },
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    children.push(child);
    const { url } = await new Promise<{ url: string }>((ready) => child.once('message', ready));
    return new Counterparty(url, child, log);
  }

  private constructor(url: string, child: ChildProcess, log: string) {
    this.url = url;
    this.#child = child;
    this.#log = log;
  }

  /** Where it delivers its notices. */
  knows(hubs: readonly string[]): void {
    this.#child.send({ hubs });
  }

  report(): Promise<{ owed: number; repeated: number; acknowledged: readonly string[] }> {
    const told = new Promise<{ owed: number; repeated: number; acknowledged: readonly string[] }>((done) =>
      this.#child.once('message', done),
    );
    this.#child.send({ report: true });
    return told;
  }

  /** From its own log. */
  done(): Done[] {
    return readFileSync(this.#log, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Done);
  }
}

/** False when it did not come true in that time. What throws (the database is away) is not true yet. */
export async function until(holds: () => Promise<boolean> | boolean, limitMs: number, pollMs = 50): Promise<boolean> {
  const deadline = performance.now() + limitMs;
  for (;;) {
    if (
      await Promise.resolve()
        .then(holds)
        .catch(() => false)
    )
      return true;
    if (performance.now() > deadline) return false;
    await sleep(pollMs);
  }
}
