/**
 * A database, the counterparties, and a hub that is killed and started again: what the crash runner plays one story in.
 * The counterparties and the database stay up; the doorman keeps the hub's address.
 */
import { fork, spawn, type ChildProcess, type ChildProcessByStdio } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ClockSetting } from '../../engine/clock.ts';
import type { PlannedCrash } from '../../engine/crash.ts';
import { openStore, type Store } from '../../store/store.ts';
import { keepClock, projectFolder, sandboxClock, writeWhole } from '../home.ts';
import { openDoorman, type Doorman } from './doorman.ts';
import { effectsIn, type EffectLine } from './effects.ts';

/**
 * A minute passes in a second: no deadline of the business passes while a hub is started again and again, on a machine
 * that has other things to do. When all that is left is to wait, the runner lets time jump.
 */
const speed = 60;
const seed = 'crash';
/** A story waits so many times as long as where nobody dies. */
const patience = '10';
/** A dead node is noticed after two beats: real milliseconds. */
const quick = { LIANSHU_BEAT_MS: '100', LIANSHU_SWEEP_MS: '250' };
const callMs = 10_000;
const stopMs = 10_000;
const startMs = 60_000;

interface Ready {
  readonly ready: true;
  readonly url?: string;
  readonly control?: string;
}

export class World {
  readonly folder: string;
  /** Settles when the hub ends by itself, or does not start, or the sandbox is gone. */
  readonly broken: Promise<never>;
  kills = 0;
  readonly #databaseUrl: string;
  readonly #env: NodeJS.ProcessEnv;
  #store: Store | undefined;
  #doorman: Doorman | undefined;
  #break: (reason: Error) => void = () => {};
  #sandbox: ChildProcess | undefined;
  #control = '';
  #hub: ChildProcess | undefined;
  #standby: ChildProcess | undefined;
  #teller: ChildProcessByStdio<null, Readable, Readable> | undefined;
  #clock: ClockSetting;
  #stopping = false;

  /**
   * @param databaseUrl one that is migrated and empty
   * @param daily whether the hub does the work of each day by itself
   */
  constructor(folder: string, databaseUrl: string, daily: boolean) {
    mkdirSync(folder, { recursive: true });
    this.folder = folder;
    this.#databaseUrl = databaseUrl;
    // Every story on the same day: what a calendar or a price does to it, it does each time.
    this.#clock = sandboxClock(folder, { speed, seed });
    this.#env = {
      ...outerEnvironment(),
      ...quick,
      LIANSHU_HOME: folder,
      LIANSHU_PORT: '0',
      LIANSHU_SEED: seed,
      ...(daily ? { LIANSHU_DAILY: '1' } : {}),
      LIANSHU_CRASH_RECORD: this.#file('record'),
      LIANSHU_CRASH_PLAN: this.#file('plan'),
      LIANSHU_CRASH_DONE: this.#file('done'),
      NODE_COMPILE_CACHE: join(folder, '..', 'compiled'),
    };
    this.broken = new Promise<never>((_, reject) => {
      this.#break = reject;
    });
    this.broken.catch(() => undefined); // Whoever waits for it hears of it; nobody may be waiting yet.
  }

  /** Whatever comes of it, `close` ends all that was begun. */
  async open(): Promise<void> {
    this.#doorman = await openDoorman();
    const env = { LIANSHU_HUB: this.#doorman.url, LIANSHU_CLOCK: JSON.stringify(this.#clock) };
    const sandbox = this.#launch('sandbox/main.ts', [], env);
    this.#sandbox = sandbox;
    this.#control = (await readyOf(sandbox, 'the sandbox')).control ?? '';
    sandbox.once('exit', (code, signal) => this.#fail(`the sandbox ended (${signal ?? code})`));
    this.#store = await openStore(this.#databaseUrl, {
      maxConnections: 3,
      applicationName: 'lianshu-crash',
      home: this.folder,
    });
    await this.#startHub();
  }

  get store(): Store {
    if (!this.#store) throw new Error('the world is not open');
    return this.#store;
  }

  get doorman(): Doorman {
    if (!this.#doorman) throw new Error('the world is not open');
    return this.#doorman;
  }

  async close(): Promise<void> {
    this.#stopping = true;
    await Promise.all([this.#hub, this.#standby, this.#sandbox, this.#teller].map(ended));
    await this.#doorman?.close();
    await this.#store?.close();
  }

  get up(): boolean {
    return this.doorman.hub !== undefined;
  }

  plan(crashes: readonly PlannedCrash[]): void {
    writeWhole(this.#file('done'), '');
    writeWhole(this.#file('plan'), JSON.stringify(crashes));
  }

  done(): Set<string> {
    return new Set(lines(this.#file('done')));
  }

  /** Every point that any process of this world met, in the order of the first time. */
  recorded(): string[] {
    return [...new Set(lines(this.#file('record')))];
  }

  effects(): EffectLine[] {
    return effectsIn(join(this.folder, 'twins'));
  }

  /** A program of the sandbox that plays this story against the hub, from outside. */
  tell(story: string): ChildProcessByStdio<null, Readable, Readable> {
    const program = join(projectFolder, 'sandbox/scenarios/main.ts');
    this.#teller = spawn(process.execPath, [program, 'run', story], {
      env: { ...this.#env, LIANSHU_PATIENCE: patience, LIANSHU_NUMBERS: story },
      cwd: projectFolder,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return this.#teller;
  }

  /** By the hub, which tells everybody. One that dies over it is no harm: the next one gets the time from here. */
  async advance(minutes: number): Promise<void> {
    const { hub } = this.doorman;
    if (hub === undefined) return;
    await ask(`${hub}/v1/sandbox/clock`, { advance: `${minutes}m` }).catch(() => undefined);
  }

  /** What a hub that died had told of the time, all of it or half, is told again. */
  async #tellTime(): Promise<void> {
    const kept = JSON.parse(readFileSync(join(this.folder, 'clock.json'), 'utf8')) as ClockSetting;
    const { clock: told } = (await asked(this.#control)) as { clock: ClockSetting };
    const now = Date.now();
    // It never goes back, whoever heard of it.
    const businessMs = Math.max(
      ...[this.#clock, kept, told].map((known) => known.businessMs + (now - known.realMs) * known.speed),
    );
    this.#clock = { realMs: now, businessMs, speed };
    keepClock(this.folder, this.#clock);
    await ask(`${this.#control}/clock`, { setting: this.#clock });
  }

  /** The one that stands by takes over, another one gets ready. */
  async #startHub(): Promise<void> {
    const hub = this.#standby ?? this.#launchHub();
    this.#standby = undefined;
    this.#hub = hub;
    const gone = new Promise<string>((done) => hub.once('exit', (code, signal) => done(signal ?? String(code))));
    hub.on('message', (message) => {
      if ((message as Ready).ready && this.#hub === hub) this.doorman.hub = (message as Ready).url;
    });
    hub.send({ go: this.#clock, databaseUrl: this.#databaseUrl });
    void this.#keep(hub, gone);
    const late = AbortSignal.timeout(startMs);
    while (this.doorman.hub === undefined && this.#hub === hub && !this.#stopping) {
      if (late.aborted) throw new Error(`the hub was not ready in ${startMs} ms`);
      await sleep(5);
    }
    if (!this.#stopping && this.#hub === hub) this.#standby ??= this.#launchHub();
  }

  async #keep(hub: ChildProcess, gone: Promise<string>): Promise<void> {
    const how = await gone;
    if (this.#stopping || this.#hub !== hub) return;
    this.doorman.hub = undefined;
    if (how !== 'SIGKILL') return this.#fail(`the hub ended by itself (${how})`);
    this.kills += 1;
    this.#hub = undefined;
    try {
      await this.#tellTime();
      await this.#startHub();
    } catch (thrown) {
      this.#fail(thrown instanceof Error ? thrown.message : 'the hub did not start');
    }
  }

  #fail(reason: string): void {
    if (!this.#stopping) this.#break(new Error(`${reason}: see ${join(this.folder, 'processes.log')}`));
  }

  #launchHub(): ChildProcess {
    return this.#launch('cli/main.ts', ['crash', '--victim'], {});
  }

  #launch(file: string, args: readonly string[], env: NodeJS.ProcessEnv): ChildProcess {
    // What begins after everything was ended would be left behind.
    if (this.#stopping) throw new Error('the world is closed');
    const log = openSync(join(this.folder, 'processes.log'), 'a');
    const child = fork(join(projectFolder, file), args, {
      env: { ...this.#env, ...env },
      cwd: projectFolder,
      execPath: process.execPath,
      stdio: ['ignore', log, log, 'ipc'],
    });
    closeSync(log);
    // A process that was killed between two messages to it is found dead by its exit.
    child.on('error', () => undefined);
    return child;
  }

  #file(name: string): string {
    return join(this.folder, `crash.${name}`);
  }
}

/** A database or a hub of the one who runs this is not the one under test. */
function outerEnvironment(): NodeJS.ProcessEnv {
  const ours = /^(LIANSHU_|DATABASE_URL$|NATS_URL$|NODE_OPTIONS$|NODE_CHANNEL_FD$)/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !ours.test(name)));
}

function readyOf(child: ChildProcess, what: string): Promise<Ready> {
  return new Promise((done, fail) => {
    child.on('message', (message) => {
      if ((message as Ready).ready) done(message as Ready);
    });
    child.once('exit', (code, signal) => fail(new Error(`${what} ended before it was ready (${signal ?? code})`)));
  });
}

async function ended(child: ChildProcess | undefined): Promise<void> {
  if (!child || child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((done) => child.once('exit', done));
  child.kill('SIGTERM');
  const late = setTimeout(() => child.kill('SIGKILL'), stopMs);
  await gone;
  clearTimeout(late);
}

async function asked(url: string): Promise<unknown> {
  return (await fetch(url, { signal: AbortSignal.timeout(callMs) })).json();
}

async function ask(url: string, body: object): Promise<void> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(callMs),
  });
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}: ${(await answer.text()).slice(0, 500)}`);
  await answer.arrayBuffer();
}

function lines(file: string): string[] {
  try {
    return readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => line !== '');
  } catch {
    return []; // Nothing was met yet.
  }
}
