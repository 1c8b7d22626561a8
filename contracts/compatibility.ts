/**
 * Two versions of a schema, and what of the difference could break somebody. A contract has writers, whose messages the
 * hub checks, and readers, who check what the hub sends: narrower breaks writers, wider breaks readers. Every change is
 * breaking but these:
 * - a new optional field: whoever reads must pass over fields it does not know;
 * - texts (title, description, examples, comments);
 * - a new mark for personal data: to mask more harms nobody.
 */

export interface BreakingChange {
  /** Where: `#/payload/lines/[]/amount`. */
  readonly pointer: string;
  readonly breaks: 'writers' | 'readers' | 'both';
  readonly what: string;
}

interface Schema {
  readonly [keyword: string]: unknown;
}

type Side = BreakingChange['breaks'];
type Compare = (before: Schema, after: Schema, pointer: string) => BreakingChange[];

const texts: ReadonlySet<string> = new Set(['$schema', '$id', '$comment', 'title', 'description', 'examples']);
const upper = ['maxLength', 'maximum', 'exclusiveMaximum', 'maxItems', 'maxProperties'] as const;
const lower = ['minLength', 'minimum', 'exclusiveMinimum', 'minItems', 'minProperties'] as const;
/** What `compareAll` looks at by itself; any other keyword must be the same. */
const understood: ReadonlySet<string> = new Set([
  ...texts,
  ...upper,
  ...lower,
  'properties',
  'required',
  'additionalProperties',
  'items',
  'anyOf',
  'enum',
  'const',
  'type',
  'x-pii',
]);

/** What of the change from `before` to `after` needs a new version; empty: nobody will notice. */
export function breakingChanges(before: unknown, after: unknown): BreakingChange[] {
  return compareAll(asSchema(before), asSchema(after), '#');
}

const compareAll: Compare = (before, after, pointer) =>
  [types, values, bounds, marks, others, fields, openness, elements, alternatives].flatMap((compare) =>
    compare(before, after, pointer),
  );

const types: Compare = (before, after, pointer) => {
  if (valuesOf(before) && valuesOf(after)) return []; // Values say more than their type does.
  const [was, is] = [typesOf(before), typesOf(after)];
  if (was.join() === is.join()) return [];
  const narrower = was.some((type) => !accepts(is, type));
  const wider = is.some((type) => !accepts(was, type));
  return narrower || wider
    ? [change(pointer, side(narrower, wider), `type ${was.join(' or ')} became ${is.join(' or ')}`)]
    : [];
};

const values: Compare = (before, after, pointer) => {
  const [was, is] = [valuesOf(before), valuesOf(after)];
  if (!was && !is) return [];
  if (!was) return [change(pointer, 'writers', 'only some values are allowed now')];
  if (!is) return [change(pointer, 'readers', 'values are not listed any more')];
  const names = (list: readonly string[]) => list.join(', ');
  const [removed, added] = [was.filter((one) => !is.includes(one)), is.filter((one) => !was.includes(one))];
  return [
    ...(removed.length > 0 ? [change(pointer, 'writers', `value removed: ${names(removed)}`)] : []),
    ...(added.length > 0 ? [change(pointer, 'readers', `value added: ${names(added)}`)] : []),
  ];
};

const bounds: Compare = (before, after, pointer) => {
  const bound = (keyword: string, none: number, sign: 1 | -1): BreakingChange[] => {
    const [was, is] = [numberOf(before[keyword], none), numberOf(after[keyword], none)];
    if (was === is) return [];
    const tighter = (is - was) * sign < 0;
    const words = `${keyword} ${Number.isFinite(was) ? was : 'none'} became ${Number.isFinite(is) ? is : 'none'}`;
    return [change(pointer, tighter ? 'writers' : 'readers', words)];
  };
  return [
    ...upper.flatMap((keyword) => bound(keyword, Number.POSITIVE_INFINITY, 1)),
    ...lower.flatMap((keyword) => bound(keyword, Number.NEGATIVE_INFINITY, -1)),
  ];
};

const marks: Compare = (before, after, pointer) => {
  const [was, is] = [before['x-pii'], after['x-pii']];
  return was === undefined || was === is
    ? []
    : [change(pointer, 'both', `mark for personal data ${told(was)} became ${told(is)}`)];
};

/** Pattern, format, unit, and whatever may come: nobody can tell by looking which way such a change goes. */
const others: Compare = (before, after, pointer) =>
  [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter((keyword) => !understood.has(keyword) && text(before[keyword]) !== text(after[keyword]))
    .map((keyword) => change(pointer, 'both', `${keyword} ${told(before[keyword])} became ${told(after[keyword])}`));

const fields: Compare = (before, after, pointer) => {
  const [was, is] = [asSchema(before['properties']), asSchema(after['properties'])];
  const [needed, needs] = [new Set(listOf(before['required'])), new Set(listOf(after['required']))];
  return [...new Set([...Object.keys(was), ...Object.keys(is)])].flatMap((name) => {
    const at = `${pointer}/${name}`;
    if (!Object.hasOwn(is, name)) return [change(at, 'both', 'field removed')];
    if (!Object.hasOwn(was, name)) {
      if (needs.has(name)) return [change(at, 'writers', 'new required field')];
      return before['additionalProperties'] === false
        ? []
        : [change(at, 'writers', 'a field that could be anything is described now')];
    }
    const inside = compareAll(asSchema(was[name]), asSchema(is[name]), at);
    if (needed.has(name) === needs.has(name)) return inside;
    return needs.has(name)
      ? [change(at, 'writers', 'optional field is required now'), ...inside]
      : [change(at, 'readers', 'required field may be missing now'), ...inside];
  });
};

const openness: Compare = (before, after, pointer) => {
  const [was, is] = [before['additionalProperties'] ?? true, after['additionalProperties'] ?? true];
  if (text(was) === text(is)) return [];
  if (is === false) return [change(pointer, 'writers', 'other fields are refused now')];
  if (was === false) return [change(pointer, 'readers', 'other fields are let in now')];
  return [change(pointer, 'both', 'what other fields may be has changed')];
};

const elements: Compare = (before, after, pointer) => {
  const [was, is] = [before['items'], after['items']];
  if (was === undefined && is === undefined) return [];
  if (was === undefined) return [change(pointer, 'writers', 'elements are described now')];
  if (is === undefined) return [change(pointer, 'readers', 'elements are not described any more')];
  return compareAll(asSchema(was), asSchema(is), `${pointer}/[]`);
};

/** The members that are the same cancel out; the rest are held against each other in their order. */
const alternatives: Compare = (before, after, pointer) => {
  if (valuesOf(before) && valuesOf(after)) return [];
  const [was, is] = [listOf(before['anyOf']), listOf(after['anyOf'])];
  const rest = (list: readonly unknown[], other: readonly unknown[]) =>
    list.filter((one) => !other.some((its) => compareBothWays(one, its)));
  const [gone, fresh] = [rest(was, is), rest(is, was)];
  if (was.length === 0 && fresh.length > 0) return [change(pointer, 'writers', 'alternatives are described now')];
  if (is.length === 0 && gone.length > 0)
    return [change(pointer, 'readers', 'alternatives are not described any more')];
  return Array.from({ length: Math.max(gone.length, fresh.length) }, (_, at) => {
    const [one, other] = [gone[at], fresh[at]];
    if (one === undefined) return [change(pointer, 'readers', 'alternative added')];
    if (other === undefined) return [change(pointer, 'writers', 'alternative removed')];
    return compareAll(asSchema(one), asSchema(other), `${pointer}/|${was.indexOf(one)}`);
  }).flat();
};

function compareBothWays(one: unknown, other: unknown): boolean {
  return breakingChanges(one, other).length === 0 && breakingChanges(other, one).length === 0;
}

/** The listed values, as JSON, however they are listed; undefined: any value. */
function valuesOf(schema: Schema): readonly string[] | undefined {
  if ('const' in schema) return [text(schema['const'])];
  if (Array.isArray(schema['enum'])) return schema['enum'].map(text);
  const members = listOf(schema['anyOf']).map((member) => valuesOf(asSchema(member)));
  return members.length > 0 && members.every((member) => member !== undefined) ? members.flat() : undefined;
}

const everyType = ['array', 'boolean', 'null', 'number', 'object', 'string'];

function typesOf(schema: Schema): readonly string[] {
  const { type } = schema;
  if (type !== undefined)
    return listOf(Array.isArray(type) ? type : [type])
      .filter((one) => typeof one === 'string')
      .toSorted();
  return [...new Set(valuesOf(schema)?.map(typeOfValue) ?? everyType)].toSorted();
}

function typeOfValue(json: string): string {
  const value: unknown = JSON.parse(json);
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

function accepts(types: readonly string[], type: string): boolean {
  return types.includes(type) || (type === 'integer' && types.includes('number'));
}

function side(narrower: boolean, wider: boolean): Side {
  if (narrower && wider) return 'both';
  return narrower ? 'writers' : 'readers';
}

function change(pointer: string, breaks: Side, what: string): BreakingChange {
  return { pointer, breaks, what };
}

function asSchema(value: unknown): Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Schema) : {};
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function numberOf(value: unknown, none: number): number {
  return typeof value === 'number' ? value : none;
}

function text(value: unknown): string {
  return JSON.stringify(value) ?? 'none';
}

function told(value: unknown): string {
  return typeof value === 'string' ? value : text(value);
}
