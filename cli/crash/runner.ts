/** The whole of a crash run: a recording, then cases with kills in every world until there were enough. */
import { join } from 'node:path';
import { flows } from '../../flows/flows.ts';
import { startEmbedded, type Embedded } from '../../store/embedded.ts';
import { migrate } from '../../store/migrate.ts';
import { openStore, type Store } from '../../store/store.ts';
import { playCase, type Played } from './case.ts';
import { Hands } from './hands.ts';
import { journalOf } from './journal.ts';
import { judge, referenceOf, repeated, type Finding, type Reference } from './verdict.ts';
import { World } from './world.ts';

export interface CrashOptions {
  /** How often the hub is killed. */
  readonly points: number;
  readonly seed: number;
  /** Side by side. */
  readonly worlds: number;
}

export interface CrashReport {
  readonly kills: number;
  readonly lost: number;
  readonly duplicated: number;
  readonly stuck: number;
  /** Rules of the books that do not hold. */
  readonly broken: number;
  readonly seed: number;
  readonly cases: number;
  /** Instructions of which people said that they never arrived: the hub must not send those twice by itself. */
  readonly people: number;
  /** Where a hub can die: met in a case that nobody disturbed, and in recoveries. */
  readonly points: number;
  /** Of those: where one died. */
  readonly covered: number;
  /** Of those: planned more than once, and the case never came by. */
  readonly unmet: readonly string[];
  readonly seconds: number;
  readonly secondsPerKill: number;
}

/** Enough to see whether it is one fault or many. */
const failedCasesMax = 5;
const sayEveryMs = 10_000;
const template = 'lianshu_template';
/** The sandbox has so many dealers. A dealer that the hub knows is not admitted again: its case is another one. */
const casesPerBooks = 3;

export class Runner {
  readonly #options: CrashOptions;
  readonly #folder: string;
  readonly #say: (line: string) => void;
  #starting: Promise<Embedded> | undefined;
  #database: Embedded | undefined;
  #admin: Store | undefined;
  #databases = 0;
  #worlds: World[] = [];
  #findings: Finding[] = [];
  #failedCases = 0;
  #cases = 0;
  #decisions = 0;
  #killed = 0;
  /** Planned in cases that are under way. */
  #promised = 0;
  #closed = false;

  constructor(options: CrashOptions, folder: string, say: (line: string) => void) {
    this.#options = options;
    this.#folder = folder;
    this.#say = say;
  }

  /** @throws Error when a flow is missing in the recording, or a case does not come to rest without any kill */
  async run(): Promise<CrashReport> {
    await this.#open();
    const [first] = this.#worlds;
    if (!first) throw new Error('not one world');
    const reference = await this.#record(first);
    const hands = new Hands(first.recorded(), this.#options.seed);
    this.#say(`记录 recorded: ${hands.points} 个崩溃点 crash points of ${flows.map(({ name }) => name).join(', ')}`);
    const startedAt = performance.now();
    const telling = setInterval(() => this.#progress(startedAt), sayEveryMs);
    try {
      await Promise.all(this.#worlds.map((world, no) => this.#campaign(world, no, hands, reference)));
    } finally {
      clearInterval(telling);
    }
    for (const world of this.#worlds) await this.#finally(world);
    return this.#report(hands, (performance.now() - startedAt) / 1000);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#worlds.map((world) => world.close()));
    await this.#admin?.close();
    const database = await this.#starting?.catch(() => undefined);
    await database?.stop();
  }

  async #open(): Promise<void> {
    this.#say('准备 preparing: database, counterparties, hub');
    this.#starting = startEmbedded({ home: join(this.#folder, 'database') });
    this.#database = await this.#starting;
    const { url } = this.#database;
    this.#admin = await openStore(url, { maxConnections: 1, applicationName: 'lianshu-crash' });
    await this.#admin.pool.query(`create database ${template} template template0`);
    const store = await openStore(urlOf(url, template), { maxConnections: 1, applicationName: 'lianshu-crash' });
    try {
      await migrate(store);
    } finally {
      await store.close();
    }
    const names = Array.from({ length: this.#options.worlds }, (_, no) => `world-${no + 1}`);
    await Promise.all(
      names.map(async (name) => {
        const world = new World(join(this.#folder, name), () => this.#newDatabase());
        this.#worlds.push(world);
        if (!this.#closed) await world.open();
      }),
    );
  }

  async #newDatabase(): Promise<string> {
    if (!this.#admin || !this.#database) throw new Error('there is no database server');
    this.#databases += 1;
    const name = `books_${this.#databases}`;
    await this.#admin.pool.query(`create database ${name} template ${template}`);
    return urlOf(this.#database.url, name);
  }

  async #record(world: World): Promise<Reference> {
    const played = await raced(world, playCase(world, orderNo(0, 0), []));
    const reference = await referenceOf(world.store, played.evidence);
    const findings = await judge(world.store, played.evidence, reference);
    if (findings.length > 0) {
      await this.#show('without any kill', world, played, findings);
      throw new Error('the case that was recorded did not end well');
    }
    // What an order passes on its way; the other flows begin with what no order brings.
    const way = flows.filter(({ leadsTo }) => leadsTo).flatMap(({ name, leadsTo = [] }) => [name, ...leadsTo]);
    const missing = way.filter((name) => !world.recorded().some((point) => point.split(' ')[1] === name));
    if (missing.length > 0) throw new Error(`not in the recording: ${missing.join(', ')}: nobody would kill them`);
    return reference;
  }

  async #campaign(world: World, no: number, hands: Hands, reference: Reference): Promise<void> {
    for (let count = 1; this.#failedCases < failedCasesMax && !this.#closed; count += 1) {
      const left = this.#options.points - this.#killed - this.#promised;
      if (left <= 0) return;
      const plan = hands.deal(Math.min(left, this.#handMax()));
      if (plan.length === 0) return;
      this.#promised += plan.length;
      if (count % casesPerBooks === 0) await raced(world, world.renewBooks());
      const killsBefore = world.kills;
      const played = await raced(world, playCase(world, orderNo(no, count), plan));
      this.#promised -= plan.length;
      this.#killed += played.killed.length;
      this.#cases += 1;
      this.#decisions += played.decisions;
      hands.played(plan, new Set(played.killed));
      hands.learn(world.recorded());
      const findings = await judge(world.store, played.evidence, reference);
      const unplanned = world.kills - killsBefore - played.killed.length;
      if (unplanned !== 0)
        findings.push({ verdict: 'stuck', what: `the hub was killed ${unplanned} times more than planned` });
      if (findings.length === 0) continue;
      this.#failedCases += 1;
      this.#findings.push(...findings);
      await this.#show(`seed ${this.#options.seed}`, world, played, findings);
    }
  }

  /** What came too late to be seen in its case. */
  async #finally(world: World): Promise<void> {
    const known = new Set(this.#findings.map(({ what }) => what));
    const late = repeated(world.effects()).filter(({ what }) => !known.has(what));
    for (const { what } of late) this.#say(`✗ ${what}`);
    this.#findings.push(...late);
  }

  async #show(when: string, world: World, played: Played, findings: readonly Finding[]): Promise<void> {
    const { caseId } = played.evidence;
    this.#say(`✗ ${caseId || played.orderNo} (${when}, ${world.folder})`);
    for (const { verdict, what } of findings) this.#say(`  ${verdict}: ${what}`);
    this.#say(`  killed at: ${played.killed.join('; ')}`);
    for (const line of await journalOf(world.store, caseId)) this.#say(`    ${line}`);
  }

  /** No world takes so much that the others have nothing left. */
  #handMax(): number {
    return Math.ceil(this.#options.points / (2 * this.#options.worlds));
  }

  #progress(startedAt: number): void {
    const killed = this.#worlds.reduce((sum, { kills }) => sum + kills, 0);
    const seconds = (performance.now() - startedAt) / 1000;
    const each = killed === 0 ? 0 : seconds / killed;
    const left = Math.round((this.#options.points - killed) * each);
    this.#say(
      `${killed}/${this.#options.points} 次击杀 kills, ${each.toFixed(2)} s each, ${this.#cases} 案 cases, 约剩 about ${left} s left`,
    );
  }

  #report(hands: Hands, seconds: number): CrashReport {
    const count = (verdict: Finding['verdict']) =>
      this.#findings.filter((finding) => finding.verdict === verdict).length;
    return {
      kills: this.#killed,
      lost: count('lost'),
      duplicated: count('duplicated'),
      stuck: count('stuck'),
      broken: count('broken'),
      seed: this.#options.seed,
      cases: this.#cases,
      people: this.#decisions,
      points: hands.points,
      covered: hands.covered,
      unmet: hands.unmet,
      seconds: Math.round(seconds),
      secondsPerKill: Number((seconds / Math.max(this.#killed, 1)).toFixed(2)),
    };
  }
}

function urlOf(server: string, database: string): string {
  const url = new URL(server);
  url.pathname = `/${database}`;
  return url.href;
}

/** Ten digits, as the ERP counts them. */
function orderNo(world: number, count: number): string {
  return `45${world}${String(count).padStart(7, '0')}`;
}

/** A world that is broken ends what is played in it. */
function raced<T>(world: World, playing: Promise<T>): Promise<T> {
  return Promise.race([playing, world.broken]);
}
