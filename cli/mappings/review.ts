/** What one mapping does with every field, as far as its examples show it, and what is wrong with that. */
import { isFailure } from '../../contracts/failures.ts';
import { observing, type AnyMapping } from '../../contracts/mapping.ts';
import type { CodeTable } from '../../mappings/codes/codeTable.ts';
import type { Example } from './examples.ts';
import { lineageOf, type Lineage } from './lineage.ts';
import { Reading } from './reading.ts';
import { leavesOf, nodeOf, unfilledBy } from './shape.ts';
import { differencesOf } from './values.ts';

export interface Review {
  readonly name: string;
  readonly from: string;
  readonly to: string;
  readonly examples: readonly string[];
  /** Source path → target paths that take their value from it. */
  readonly carried: Readonly<Record<string, readonly string[]>>;
  /** Read, but its value goes nowhere: it decides, or it is held against something. */
  readonly decides: readonly string[];
  /** Never read. The reason is the declared one. */
  readonly dropped: Readonly<Record<string, string | null>>;
  /** Target path → what stands there whatever the source says. */
  readonly defaulted: Readonly<Record<string, readonly unknown[]>>;
  /** Required parts of the target that no example fills, with the reason where it is declared. */
  readonly unfilled: Readonly<Record<string, string | null>>;
  /** Optional parts of either end that no example holds: nothing is known of them. */
  readonly unseen: { readonly source: readonly string[]; readonly target: readonly string[] };
  readonly problems: readonly string[];
}

export function reviewOf(mapping: AnyMapping, examples: readonly Example[], tables: readonly CodeTable[]): Review {
  const sources = examples.map(({ from }) => from);
  const { read, outcomes } = readingOf(mapping, sources);
  const lineage = lineageOf(mapping, sources, tables);
  const { dropped, unseen } = unread(mapping, sources, read);
  const empty = unfilledBy(outcomes, nodeOf(mapping.to.schema));
  const { drops = {}, leaves = {} } = mapping.declared;
  const review = {
    name: mapping.name,
    from: mapping.from.name,
    to: mapping.to.name,
    examples: examples.map(({ file }) => file),
    carried: sortedRecord([...lineage.carried].map(([path, targets]) => [path, [...targets].sort()])),
    decides: decidingIn(mapping, read, lineage),
    dropped: sortedRecord(dropped.map((path) => [path, reasonFor(path, drops)])),
    defaulted: sortedRecord([...lineage.made].map(([path, values]) => [path, [...values]])),
    unfilled: sortedRecord(empty.required.map((path) => [path, reasonFor(path, leaves)])),
    unseen: { source: unseen, target: empty.optional },
  };
  return { ...review, problems: [...problemsOf(mapping, examples), ...contradictionsIn(mapping, review)] };
}

function readingOf(mapping: AnyMapping, sources: readonly unknown[]) {
  const reading = new Reading();
  const outcomes = sources.flatMap((source) => {
    try {
      const whole = observing(
        (value) => reading.plain(value),
        () => mapping.bare(reading.watch(source) as never),
      );
      return [reading.outcome(whole)];
    } catch {
      return []; // The example itself tells why, in `problemsOf`.
    }
  });
  return { read: reading.paths, outcomes };
}

/** Fields of the source contract that nobody looked at, apart from those whose parent no example holds. */
function unread(mapping: AnyMapping, sources: readonly unknown[], read: ReadonlySet<string>) {
  const there = new Set(sources.flatMap((source) => pathsIn(source)));
  const isRead = (path: string) => read.has(path) || [...read].some((each) => each.startsWith(`${path}/`));
  const untouched = leavesOf(nodeOf(mapping.from.schema)).filter((path) => path !== '' && !isRead(path));
  const parentOf = (path: string) => path.slice(0, path.lastIndexOf('/'));
  return {
    dropped: untouched.filter((path) => there.has(parentOf(path))),
    unseen: untouched.filter((path) => !there.has(parentOf(path))),
  };
}

function decidingIn(mapping: AnyMapping, read: ReadonlySet<string>, { carried }: Lineage): string[] {
  return leavesOf(nodeOf(mapping.from.schema)).filter((path) => read.has(path) && !carried.has(path));
}

/** Examples that do not come out as they say. */
function problemsOf(mapping: AnyMapping, examples: readonly Example[]): string[] {
  if (examples.length === 0) return ['no example: nothing is known of it'];
  return examples.flatMap(({ file, from, to }) => {
    try {
      const differences = differencesOf(to, mapping(from as never));
      return differences.map(({ place }) => `${file}: ${place || '/'} is not what the example says`);
    } catch (thrown) {
      return [`${file}: ${isFailure(thrown) ? `${thrown.type} ${thrown.message}` : String(thrown)}`];
    }
  });
}

function contradictionsIn(mapping: AnyMapping, { dropped, unfilled }: Pick<Review, 'dropped' | 'unfilled'>): string[] {
  const undeclared = (found: Readonly<Record<string, string | null>>) =>
    Object.entries(found).flatMap(([path, reason]) => (reason === null ? [path] : []));
  const stale = (declared: Readonly<Record<string, string>>, found: Readonly<Record<string, string | null>>) =>
    Object.keys(declared).filter((path) => !Object.keys(found).some((each) => isWithin(each, path)));
  const { drops = {}, leaves = {} } = mapping.declared;
  return [
    ...undeclared(unfilled).map((path) => `required target ${path}: no example fills it`),
    ...undeclared(dropped).map((path) => `source ${path}: dropped, and the mapping does not say why`),
    ...stale(drops, dropped).map((path) => `source ${path}: declared as dropped, but it is read or not there`),
    ...stale(leaves, unfilled).map((path) => `target ${path}: declared as left empty, but it is filled or not there`),
  ];
}

function reasonFor(path: string, declared: Readonly<Record<string, string>>): string | null {
  return Object.entries(declared).find(([each]) => isWithin(path, each))?.[1] ?? null;
}

function isWithin(path: string, declared: string): boolean {
  return path === declared || path.startsWith(`${declared}/`);
}

/** Paths of all that is there: objects and lists as well. */
function pathsIn(value: unknown, path = ''): string[] {
  if (typeof value !== 'object' || value === null) return [path];
  const list = Array.isArray(value);
  return [path, ...Object.entries(value).flatMap(([name, field]) => pathsIn(field, `${path}/${list ? '[]' : name}`))];
}

function sortedRecord<V>(entries: readonly (readonly [string, V])[]): Record<string, V> {
  return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
