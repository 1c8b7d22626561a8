/** The whole: every case of every dialect, side by side, with one report. */
import { availableParallelism } from 'node:os';
import type { Dialect } from '../../adapters/adapter.ts';
import type { Kind } from '../../contracts/kind.ts';
import type { Case, Group } from './case.ts';
import { Ground } from './ground.ts';
import { noticeGroup } from './noticeCases.ts';
import { operationGroup } from './operationCases.ts';
import { missing, registeredDialects, subjectOf, tablesOf } from './registered.ts';
import type { Limit, Subject } from './subject.ts';
import { tableGroup } from './tableCases.ts';

export interface Failed {
  /** `<kind>/<vendor>/<operation, notice or table>/<case>` */
  readonly case: string;
  readonly why: string;
}

interface DialectReport {
  readonly dialect: string;
  readonly operations: number;
  readonly notices: number;
  readonly codes: number;
  readonly cases: number;
  readonly passed: number;
  readonly failed: number;
  readonly seconds: number;
  readonly limits: readonly Limit[];
}

export interface Report {
  readonly adapters: number;
  readonly dialects: number;
  readonly operations: number;
  readonly notices: number;
  readonly codes: number;
  readonly cases: number;
  readonly passed: number;
  readonly failed: number;
  readonly seconds: number;
  readonly perDialect: readonly DialectReport[];
  readonly failures: readonly Failed[];
  /** What the build lacks: a dialect, operation, notice or table without a subject. */
  readonly missing: readonly string[];
}

export interface Progress {
  readonly done: number;
  readonly total: number;
  /** What was done last, and how it went. */
  readonly group: string;
  readonly failed: number;
}

export interface Wanted {
  /** `<kind>` or `<kind>/<vendor>`; absent: all. */
  readonly only?: string | undefined;
  /** The name of one of the dialect's own mistakes. */
  readonly bug?: string | undefined;
  /** A slice: which groups of a subject, by their names. */
  readonly groups?: ((subject: Subject, group: Group) => boolean) | undefined;
  readonly cases?: ((name: string) => boolean) | undefined;
  readonly say?: ((progress: Progress) => void) | undefined;
  /** At most so many failures: then the rest is left. For planted bugs, where one is enough. */
  readonly failuresMax?: number | undefined;
}

const sideBySide = Math.max(2, Math.min(4, availableParallelism() + 1));

export async function chosen(only: string | undefined): Promise<Subject[]> {
  const wanted = registeredDialects().filter(
    ({ kind, vendor }) => only === undefined || only === kind || only === `${kind}/${vendor}`,
  );
  const subjects = await Promise.all(wanted.map(subjectOf));
  return subjects.filter((subject) => subject !== undefined);
}

function nameOf({ kind, vendor }: Subject): string {
  return `${kind.name}/${vendor}`;
}

/** Every group of a dialect. @throws Error when its subject lacks something */
export function groupsOf(subject: Subject): Group[] {
  const { kind, vendor } = subject;
  return [
    ...Object.keys(subject.operations).map((name) => operationGroup(subject, name)),
    ...Object.keys(subject.notices).map((name) => noticeGroup(subject, name)),
    ...tablesOf({ kind: kind.name, vendor })
      .filter(({ name }) => Object.hasOwn(subject.tables, name))
      .map((table) => tableGroup(subject, table)),
  ];
}

interface Work {
  readonly subject: Subject;
  readonly dialect: Dialect<Kind>;
  readonly group: Group;
  readonly cases: readonly Case[];
}

interface Done {
  readonly work: Work;
  readonly failures: readonly Failed[];
  readonly passed: number;
  readonly ms: number;
}

/** Those that are being opened too. */
const open = new Set<Promise<Ground>>();
const state = { ended: false };

/** Ends what is under way and removes its folders. */
export async function end(): Promise<void> {
  state.ended = true;
  await Promise.allSettled([...open].map(async (ground) => (await ground).stop()));
}

export async function conform(wanted: Wanted): Promise<Report> {
  const startedAt = performance.now();
  const place = `/subjects/${(wanted.only ?? '').replace('/', '-')}`;
  const gaps = wanted.bug === undefined ? (await missing()).filter((gap) => gap.includes(place)) : [];
  const subjects = await chosen(wanted.only);
  const queue = subjects.flatMap((subject) => worksOf(subject, wanted));
  if (state.ended) throw new Error('the suite was ended');
  const total = queue.reduce((sum, { cases }) => sum + cases.length, 0);
  const done: Done[] = [];
  let failures = 0;
  const worker = async () => {
    for (let work = queue.shift(); work && !state.ended; work = queue.shift()) {
      if (failures >= (wanted.failuresMax ?? Infinity)) return;
      const one = await perform(work, wanted.failuresMax ?? Infinity);
      done.push(one);
      failures += one.failures.length;
      const counted = done.reduce((sum, { passed, failures: f }) => sum + passed + f.length, 0);
      const group = `${nameOf(work.subject)}/${work.group.name}`;
      wanted.say?.({ done: counted, total, group, failed: one.failures.length });
    }
  };
  await Promise.all(Array.from({ length: sideBySide }, worker));
  return reportOf({ subjects, done, missing: gaps, seconds: secondsSince(startedAt) });
}

function worksOf(subject: Subject, { groups, cases, bug }: Wanted): Work[] {
  const planted = bug === undefined ? undefined : subject.bugs[bug];
  if (bug !== undefined && !planted) throw new Error(`${nameOf(subject)} has no bug ${bug}`);
  const dialect = planted ? planted.plant(subject.dialect, subject) : subject.dialect;
  // What a planted bug breaks comes first: one failure is all that is looked for.
  const first = planted?.shows ?? 'operation';
  return groupsOf(subject)
    .sort((a, b) => Number(b.what === first) - Number(a.what === first))
    .filter((group) => groups?.(subject, group) ?? true)
    .map((group) => ({
      subject,
      dialect,
      group,
      cases: group.cases.filter(({ name }) => (cases?.(name) ?? true) && !isLimit(subject, group, name)),
    }));
}

/** `case` of a limit also names it for every single request: `garbage` is `garbage@2` too. */
function isLimit({ limits }: Subject, group: Group, name: string): boolean {
  return limits.some(
    ({ where, cases }) =>
      (where === group.name || (where === '*' && group.what === 'operation') || where === `*${group.what}`) &&
      (cases.includes(name) || cases.includes(name.split('@')[0] ?? '')),
  );
}

async function perform(work: Work, failuresMax: number): Promise<Done> {
  const { subject, group, cases, dialect } = work;
  const startedAt = performance.now();
  const failures: Failed[] = [];
  let passed = 0;
  const opening = Ground.open(subject, dialect);
  open.add(opening);
  const fail = (name: string, thrown: unknown) => {
    const why = thrown instanceof Error ? thrown.message : String(thrown);
    failures.push({ case: `${nameOf(subject)}/${group.name}/${name}`, why });
  };
  try {
    const ground = await opening;
    for (const { name, run } of cases) {
      if (state.ended || failures.length >= failuresMax) break;
      await run(ground).then(
        () => (passed += 1),
        (thrown: unknown) => fail(name, thrown),
      );
    }
  } catch (thrown) {
    fail('ground', thrown);
  } finally {
    open.delete(opening);
    await opening.then((ground) => ground.stop()).catch(() => undefined); // A ground that never stood has failed above.
  }
  return { work, failures, passed, ms: performance.now() - startedAt };
}

export interface Proof {
  readonly dialect: string;
  readonly bug: string;
  readonly what: string;
  /** The first case that failed because of it; undefined: nobody noticed. */
  readonly caughtBy: string | undefined;
}

/** Plants every mistake of every dialect, one at a time: a suite is worth what it catches. */
export async function prove(only: string | undefined, say?: (proof: Proof) => void): Promise<Proof[]> {
  const proofs: Proof[] = [];
  for (const subject of await chosen(only)) {
    const dialect = nameOf(subject);
    for (const [bug, { what }] of Object.entries(subject.bugs)) {
      if (state.ended) return proofs;
      const { failures } = await conform({ only: dialect, bug, failuresMax: 1 });
      const proof = { dialect, bug, what, caughtBy: failures[0]?.case };
      proofs.push(proof);
      say?.(proof);
    }
  }
  return proofs;
}

function reportOf(parts: {
  subjects: readonly Subject[];
  done: readonly Done[];
  missing: readonly string[];
  seconds: number;
}): Report {
  const { subjects, done, missing: gaps, seconds } = parts;
  const perDialect = subjects.map((subject): DialectReport => {
    const own = done.filter(({ work }) => work.subject === subject);
    const of = (what: Group['what']) => own.filter(({ work }) => work.group.what === what);
    return {
      dialect: nameOf(subject),
      operations: of('operation').length,
      notices: of('notice').length,
      codes: sum(of('table'), ({ work }) => work.cases.length),
      cases: sum(own, ({ passed, failures }) => passed + failures.length),
      passed: sum(own, ({ passed }) => passed),
      failed: sum(own, ({ failures }) => failures.length),
      seconds: Math.round(sum(own, ({ ms }) => ms) / 100) / 10,
      limits: subject.limits,
    };
  });
  const all = (field: 'operations' | 'notices' | 'codes' | 'cases' | 'passed' | 'failed') =>
    sum(perDialect, (each) => each[field]);
  return {
    adapters: new Set(subjects.map(({ kind }) => kind.name)).size,
    dialects: subjects.length,
    operations: all('operations'),
    notices: all('notices'),
    codes: all('codes'),
    cases: all('cases'),
    passed: all('passed'),
    failed: all('failed') + gaps.length,
    seconds,
    perDialect,
    failures: done.flatMap(({ failures }) => failures),
    missing: gaps,
  };
}

function sum<T>(all: readonly T[], of: (each: T) => number): number {
  return all.reduce((total, each) => total + of(each), 0);
}

function secondsSince(startedAt: number): number {
  return Math.round((performance.now() - startedAt) / 100) / 10;
}
