/**
 * What becomes of each field, found by trying: one value of an example is changed at a time, to another that the source
 * contract allows, and what changes in the outcome came from it. Codes are changed to other codes of the same table,
 * literals to other literals, so that what a table turns is seen too. Mappings are pure, so nothing happens.
 */
import type { AnyMapping } from '../../contracts/mapping.ts';
import type { CodeTable } from '../../mappings/codes/codeTable.ts';
import { literalsAt, nodeOf } from './shape.ts';
import { changedAt, differencesOf, leavesIn, type Leaf } from './values.ts';

export interface Lineage {
  /** Path in the source → paths in the target that take their value from it. */
  readonly carried: ReadonlyMap<string, ReadonlySet<string>>;
  /** Path in the target → the values that were seen there and came from nowhere in the source: constants, counters. */
  readonly made: ReadonlyMap<string, ReadonlySet<unknown>>;
}

/** Of a list the first elements tell what becomes of the others. */
const elementsMax = 3;
const tableRowsMax = 64;
/** Shorter values are equal by chance. */
const equalCharsMin = 3;

export function lineageOf(mapping: AnyMapping, sources: readonly unknown[], tables: readonly CodeTable[]): Lineage {
  const carried = new Map<string, Set<string>>();
  const made = new Map<string, Set<unknown>>();
  for (const source of sources) {
    const outcome = attempt(mapping, source);
    if (outcome === undefined) continue;
    for (const leaf of placesIn(source))
      for (const value of othersFor(leaf, mapping, sources, tables))
        for (const path of changedBy(mapping, source, leaf, value, outcome)) setOf(carried, leaf.path).add(path);
  }
  const reached = new Set([...carried.values()].flatMap((paths) => [...paths]));
  for (const source of sources) {
    const given = leavesIn(source);
    for (const leaf of leavesIn(attempt(mapping, source))) {
      if (reached.has(leaf.path)) continue;
      // Where two values are held against each other, neither can be changed alone: what is equal is taken for the same.
      const origin = given.find((each) => looksLike(each.value, leaf.value));
      if (origin) setOf(carried, origin.path).add(leaf.path);
      else setOf(made, leaf.path).add(leaf.value);
    }
  }
  for (const path of new Set([...carried.values()].flatMap((paths) => [...paths]))) made.delete(path);
  return { carried, made };
}

function changedBy(mapping: AnyMapping, source: unknown, leaf: Leaf, value: unknown, outcome: unknown): string[] {
  const other = attempt(mapping, changedAt(source, leaf.place, value));
  if (other === undefined) return [];
  return differencesOf(outcome, other)
    .filter(({ was, now }) => was !== undefined && (now !== undefined || value === undefined))
    .map(({ path }) => path);
}

/** Single values, and lists as such: a mapping may count their elements. */
function placesIn(source: unknown): Leaf[] {
  return [...leavesIn(source), ...listsIn(source)].filter(({ place }) =>
    place.split('/').every((step) => !/^\d+$/.test(step) || Number(step) < elementsMax),
  );
}

function listsIn(value: unknown, place = '', path = ''): Leaf[] {
  if (typeof value !== 'object' || value === null) return [];
  const list = Array.isArray(value);
  const beneath = Object.entries(value).flatMap(([name, field]) =>
    listsIn(field, `${place}/${name}`, `${path}/${list ? '[]' : name}`),
  );
  return list && value.length > 0 ? [{ place, path, value }, ...beneath] : beneath;
}

function othersFor(
  leaf: Leaf,
  mapping: AnyMapping,
  sources: readonly unknown[],
  tables: readonly CodeTable[],
): unknown[] {
  const { value, path } = leaf;
  if (Array.isArray(value)) return [(value as unknown[]).slice(0, -1), [...(value as unknown[]), value[0]]];
  const seen = sources.flatMap((source) =>
    leavesIn(source).flatMap((each) => (each.path === path ? [each.value] : [])),
  );
  const known = [...literalsAt(nodeOf(mapping.from.schema), path), ...seen, undefined];
  if (typeof value === 'boolean') return [!value, ...known];
  const codes = tables
    .filter((table) => Object.hasOwn(table.rows, String(value)))
    .flatMap((table) => Object.keys(table.rows).slice(0, tableRowsMax));
  if (typeof value === 'number') return [value + 1, value - 1, ...codes.map(Number), ...known];
  if (typeof value !== 'string') return known;
  return [...turned(value), ...codes, ...meaningsBeside(value, tables), ...known];
}

/** What goes out through a table: other meanings of the one whose meaning this is. */
function meaningsBeside(value: string, tables: readonly CodeTable[]): unknown[] {
  return tables
    .map((table) => Object.values(table.rows))
    .filter((meanings) => meanings.includes(value))
    .flatMap((meanings) => meanings.slice(0, tableRowsMax))
    .filter((meaning) => typeof meaning === 'string');
}

/** The same text with one character turned into a neighbour of its kind: last, first, and some between. */
function turned(text: string): string[] {
  const length = text.length;
  const places = new Set([length - 1, 0, length - 2, Math.floor(length / 2), Math.floor(length / 3)]);
  return [...places].flatMap((at) => {
    const character = text.charAt(at);
    const other = /[0-8a-yA-Y]/.test(character)
      ? String.fromCharCode(character.charCodeAt(0) + 1)
      : { '9': '8', z: 'y', Z: 'Y' }[character];
    if (other === undefined)
      return /\p{Letter}/u.test(character) ? [`${text.slice(0, at)}某${text.slice(at + 1)}`] : [];
    return [text.slice(0, at) + other + text.slice(at + 1)];
  });
}

function looksLike(a: unknown, b: unknown): boolean {
  const [x, y] = [a, b].map((value) => String(value).replaceAll(/[^\p{Letter}\p{Number}]/gu, ''));
  return x !== undefined && x === y && x.length >= equalCharsMin;
}

/** Undefined for what the contract does not allow or the mapping refuses. */
function attempt(mapping: AnyMapping, source: unknown): unknown {
  try {
    return mapping.bare(mapping.from.check(source) as never);
  } catch {
    return undefined;
  }
}

function setOf<V>(map: Map<string, Set<V>>, key: string): Set<V> {
  const found = map.get(key) ?? new Set<V>();
  map.set(key, found);
  return found;
}
