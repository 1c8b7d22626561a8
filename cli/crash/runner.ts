/** The whole of a crash run: each story told once undisturbed, then again and again with kills until there were enough. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PlannedCrash } from '../../engine/crash.ts';
import { flows } from '../../flows/flows.ts';
import { startEmbedded, type Embedded } from '../../store/embedded.ts';
import { migrate } from '../../store/migrate.ts';
import { openStore, type Store } from '../../store/store.ts';
import { Hands } from './hands.ts';
import { journalOf } from './journal.ts';
import { dailyStories } from './stories.ts';
import { playStory, type Played } from './story.ts';
import { differing, judge, referenceOf, type Finding, type Reference } from './verdict.ts';
import { World } from './world.ts';

export interface CrashOptions {
  /** How often the hub is killed. */
  readonly points: number;
  readonly seed: number;
  /** Side by side. */
  readonly worlds: number;
  /** Their names. */
  readonly stories: readonly string[];
  /** Whether they must pass through every flow. */
  readonly whole: boolean;
}

export interface CrashReport {
  readonly kills: number;
  readonly lost: number;
  readonly duplicated: number;
  readonly stuck: number;
  /** Rules of the books that do not hold. */
  readonly broken: number;
  readonly seed: number;
  /** Different ones, and the flows through which they pass. */
  readonly stories: number;
  readonly flows: number;
  /** Tellings with kills. */
  readonly plays: number;
  /** Instructions of which people said that they never arrived: the hub must not send those twice by itself. */
  readonly people: number;
  /** Runs that people let go on, which the engine had put aside because their nodes died while they were in memory. */
  readonly retried: number;
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
const failedMax = 8;
const sayEveryMs = 10_000;
/** So near to the end, kills are where they are sure to come. */
const fewLeft = 8;
const template = 'lianshu_template';
/** A count that is not the usual one is looked for among so many more undisturbed tellings. */
const retoldMax = 2;

/** A story, what it leaves behind undisturbed, and where the hub can die while it is told. */
interface Told {
  readonly story: string;
  reference: Reference;
  readonly hands: Hands;
  retold: number;
}

export class Runner {
  readonly #options: CrashOptions;
  readonly #folder: string;
  readonly #say: (line: string) => void;
  #starting: Promise<Embedded> | undefined;
  #database: Embedded | undefined;
  #admin: Store | undefined;
  #worldsOpened = 0;
  readonly #worlds = new Set<World>();
  /** Their kills are in the sum. */
  readonly #counted = new WeakSet<World>();
  readonly #told: Told[] = [];
  readonly #points = new Set<string>();
  #findings: Finding[] = [];
  #failed = 0;
  #plays = 0;
  #decisions = 0;
  #retries = 0;
  #killed = 0;
  /** Planned in stories that are being told. */
  #promised = 0;
  #closed = false;

  constructor(options: CrashOptions, folder: string, say: (line: string) => void) {
    this.#options = options;
    this.#folder = folder;
    this.#say = say;
  }

  /** @throws Error when no story passes through some flow, or one does not go as it must without any kill */
  async run(): Promise<CrashReport> {
    await this.#open();
    await this.#record();
    const points = this.#told.reduce((sum, { hands }) => sum + hands.points, 0);
    this.#say(
      `记录 recorded: ${points} 个崩溃点 crash points of ${this.#flows().size} flows in ${this.#told.length} stories`,
    );
    const startedAt = performance.now();
    const telling = setInterval(() => this.#progress(startedAt), sayEveryMs);
    try {
      await this.#sideBySide(() => this.#nextHand());
    } finally {
      clearInterval(telling);
    }
    return this.#report((performance.now() - startedAt) / 1000);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#worlds].map((world) => world.close()));
    await this.#admin?.close();
    const database = await this.#starting?.catch(() => undefined);
    await database?.stop();
  }

  async #open(): Promise<void> {
    this.#say('准备 preparing: database');
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
  }

  /** As many workers as there are worlds, each until there is nothing more to do. */
  async #sideBySide(step: () => Promise<boolean>): Promise<void> {
    const worker = async () => {
      while (!this.#closed && (await step())) continue;
    };
    await Promise.all(Array.from({ length: this.#options.worlds }, worker));
  }

  /** A story in a world of its own, which is looked at before it ends. */
  async #inWorld<T>(
    story: string,
    plan: readonly PlannedCrash[],
    open: number,
    look: (world: World, played: Played) => Promise<T>,
  ): Promise<T> {
    if (!this.#admin || !this.#database) throw new Error('there is no database server');
    this.#worldsOpened += 1;
    const name = `world_${this.#worldsOpened}`;
    await this.#admin.pool.query(`create database ${name} template ${template}`);
    const folder = join(this.#folder, name);
    const world = new World(folder, urlOf(this.#database.url, name), dailyStories.has(story));
    this.#worlds.add(world);
    try {
      await world.open();
      return await look(world, await Promise.race([playStory(world, story, plan, open), world.broken]));
    } finally {
      await world.close();
      this.#worlds.delete(world);
      if (!this.#closed) await this.#admin.pool.query(`drop database ${name} with (force)`);
    }
  }

  async #record(): Promise<void> {
    const all = [...this.#options.stories];
    const crooked: string[] = [];
    await this.#sideBySide(async () => {
      const story = all.shift();
      if (story === undefined) return false;
      await this.#inWorld(story, [], 0, async (world, played) => {
        const reference = await referenceOf(world);
        const findings = await judge(world, played, reference);
        if (findings.length > 0) {
          await this.#show('without any kill', world, played, findings);
          crooked.push(story);
          return;
        }
        // Each point belongs to the story that met it first.
        const points = world.recorded().filter((point) => !this.#points.has(point));
        for (const point of points) this.#points.add(point);
        this.#told.push({ story, reference, hands: new Hands(points, this.#options.seed), retold: 0 });
        this.#say(`  ${story}: ${points.length}`);
      });
      return true;
    });
    if (crooked.length > 0)
      throw new Error(`${crooked.join(', ')}: did not go as it must, and nobody had disturbed it`);
    if (!this.#options.whole) return;
    const met = this.#flows();
    const missing = flows.map(({ name }) => name).filter((name) => !met.has(name));
    if (missing.length > 0) throw new Error(`not in the recording: ${missing.join(', ')}: nobody would kill them`);
  }

  /** Flows of which some point was met. */
  #flows(): Set<string> {
    const names = new Set(flows.map(({ name }) => name));
    return new Set([...this.#points].map((point) => point.split(' ')[1] ?? '').filter((name) => names.has(name)));
  }

  /** The story of which the most is left, once more. */
  async #nextHand(): Promise<boolean> {
    const left = this.#options.points - this.#killed - this.#promised;
    if (left <= 0 || this.#failed >= failedMax) return false;
    const share = ({ hands }: Told) => hands.left / Math.max(hands.points, 1);
    const [told] = this.#told.toSorted((a, b) => share(b) - share(a));
    if (!told) return false;
    const few = left <= fewLeft ? told.hands.dealMet(left) : [];
    const plan = few.length > 0 ? few : told.hands.deal(Math.min(left, this.#handMax()));
    if (plan.length === 0) return false;
    this.#promised += plan.length;
    await this.#inWorld(told.story, plan, told.reference.open, (world, played) =>
      this.#look(told, plan, world, played),
    );
    return true;
  }

  async #look(told: Told, plan: readonly PlannedCrash[], world: World, played: Played): Promise<void> {
    this.#promised -= plan.length;
    this.#counted.add(world);
    this.#killed += played.killed.length;
    this.#plays += 1;
    this.#decisions += played.decisions;
    this.#retries += played.retries;
    told.hands.played(plan, new Set(played.killed));
    const fresh = world.recorded().filter((point) => !this.#points.has(point));
    for (const point of fresh) this.#points.add(point);
    told.hands.learn(fresh);
    const findings = await judge(world, played, told.reference);
    findings.push(...(await this.#unusual(told, world)));
    if (world.kills !== played.killed.length)
      findings.push({ verdict: 'stuck', what: `killed ${world.kills} times, planned ${played.killed.length}` });
    if (findings.length === 0) return;
    this.#failed += 1;
    this.#findings.push(...findings);
    await this.#show(`seed ${this.#options.seed}`, world, played, findings);
  }

  /** Counts that no undisturbed telling gives. */
  async #unusual(told: Told, world: World): Promise<Finding[]> {
    for (;;) {
      const findings = await differing(world, told.reference);
      if (findings.length === 0 || told.retold >= retoldMax || this.#closed) return findings;
      told.retold += 1;
      this.#say(`  ${told.story} 再讲一次 once more undisturbed: ${findings.map(({ what }) => what).join('; ')}`);
      await this.#inWorld(told.story, [], told.reference.open, async (again, played) => {
        if (played.why === undefined) told.reference = await referenceOf(again, told.reference);
      });
    }
  }

  async #show(when: string, world: World, played: Played, findings: readonly Finding[]): Promise<void> {
    const file = join(world.folder, 'journal.txt');
    writeFileSync(file, `${(await journalOf(world.store)).join('\n')}\n`);
    this.#say(`✗ ${played.story} (${when}, ${file})`);
    for (const { verdict, what } of findings) this.#say(`  ${verdict}: ${what}`);
    this.#say(`  killed at: ${played.killed.join('; ')}`);
  }

  /** No story takes so much that the others have nothing left. */
  #handMax(): number {
    return Math.ceil(this.#options.points / (2 * this.#options.worlds));
  }

  #progress(startedAt: number): void {
    const killed = [...this.#worlds].reduce(
      (sum, world) => sum + (this.#counted.has(world) ? 0 : world.kills),
      this.#killed,
    );
    const seconds = (performance.now() - startedAt) / 1000;
    const each = killed === 0 ? 0 : seconds / killed;
    const left = Math.round((this.#options.points - killed) * each);
    this.#say(
      `${killed}/${this.#options.points} 次击杀 kills, ${each.toFixed(2)} s each, ${this.#plays} 讲 tellings, 约剩 about ${left} s left`,
    );
  }

  #report(seconds: number): CrashReport {
    const count = (verdict: Finding['verdict']) =>
      this.#findings.filter((finding) => finding.verdict === verdict).length;
    const sum = (of: (hands: Hands) => number) => this.#told.reduce((total, { hands }) => total + of(hands), 0);
    return {
      kills: this.#killed,
      lost: count('lost'),
      duplicated: count('duplicated'),
      stuck: count('stuck'),
      broken: count('broken'),
      seed: this.#options.seed,
      stories: this.#told.length,
      flows: this.#flows().size,
      plays: this.#plays,
      people: this.#decisions,
      retried: this.#retries,
      points: sum(({ points }) => points),
      covered: sum(({ covered }) => covered),
      unmet: this.#told.flatMap(({ hands }) => hands.unmet),
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
