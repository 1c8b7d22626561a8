/** Messages as their single values: each by its place (`/lines/0/unit`) and by its path (`/lines/[]/unit`, see shape.ts). */
import { isObject } from './shape.ts';

export interface Leaf {
  readonly place: string;
  readonly path: string;
  readonly value: unknown;
}

/** Empty objects and lists are leaves too: they may appear and vanish. */
export function leavesIn(value: unknown, place = '', path = ''): Leaf[] {
  if (Array.isArray(value) && value.length > 0)
    return (value as unknown[]).flatMap((item, index) => leavesIn(item, `${place}/${index}`, `${path}/[]`));
  if (isObject(value) && Object.keys(value).length > 0)
    return Object.entries(value).flatMap(([name, field]) =>
      field === undefined ? [] : leavesIn(field, `${place}/${name}`, `${path}/${name}`),
    );
  return [{ place, path, value }];
}

export interface Difference {
  readonly place: string;
  readonly path: string;
  readonly was: unknown;
  readonly now: unknown;
}

/** In the order of the places; `undefined` stands for a field that is not there. */
export function differencesOf(was: unknown, now: unknown): Difference[] {
  const [before, after] = [leavesIn(was), leavesIn(now)].map(
    (leaves) => new Map(leaves.map((leaf) => [leaf.place, leaf])),
  );
  const found: Difference[] = [];
  for (const leaf of before?.values() ?? []) {
    const other = after?.get(leaf.place);
    if (!other || !same(leaf.value, other.value))
      found.push({ place: leaf.place, path: leaf.path, was: leaf.value, now: other?.value });
  }
  for (const leaf of after?.values() ?? [])
    if (!before?.has(leaf.place)) found.push({ place: leaf.place, path: leaf.path, was: undefined, now: leaf.value });
  return found;
}

/** A copy with another value at the place; without the field when the value is undefined. */
export function changedAt(root: unknown, place: string, value: unknown): unknown {
  const [, step, ...rest] = place.split('/');
  if (step === undefined) return value;
  const beneath = ['', ...rest].join('/');
  if (Array.isArray(root))
    return (root as unknown[]).map((item, index) => (String(index) === step ? changedAt(item, beneath, value) : item));
  if (!isObject(root)) return root;
  const changed = Object.entries(root).map(([name, field]) => [
    name,
    name === step ? changedAt(field, beneath, value) : field,
  ]);
  return Object.fromEntries(changed.filter(([, field]) => field !== undefined)) as unknown;
}

function same(a: unknown, b: unknown): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}
