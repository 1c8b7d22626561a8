/**
 * Where the fields of a contract are. A path is a pointer in which `[]` stands for every element of a list:
 * `/lines/[]/quantity`. Of a union it is written which member is meant: `/<outcome=pending>`.
 */
import type { TSchema } from 'typebox';

export interface Node {
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Node>>;
  readonly required?: readonly string[];
  readonly items?: Node | readonly Node[];
  readonly anyOf?: readonly Node[];
}

/** Required parts of a target that nothing fills, and optional ones that nothing fills. */
export interface Unfilled {
  readonly required: string[];
  readonly optional: string[];
}

export function nodeOf(schema: TSchema): Node {
  return schema;
}

/** Paths of all values that are neither object nor list; of objects and lists that say nothing of their content, their own. */
export function leavesOf(node: Node, path = ''): string[] {
  const members = objectsIn(node);
  const item = itemOf(node);
  if (item) return leavesOf(item, `${path}/[]`);
  const fields = members.flatMap((member) => Object.entries(member.properties ?? {}));
  if (fields.length === 0) return [path];
  return [...new Set(fields.flatMap(([name, child]) => leavesOf(child, `${path}/${name}`)))];
}

/** The values that a closed list of literals allows at the path; none where anything is allowed. */
export function literalsAt(node: Node, path: string): unknown[] {
  let nodes: readonly Node[] = [node];
  for (const step of path.split('/').slice(1)) {
    nodes = nodes.flatMap((each) =>
      step === '[]'
        ? [each, ...(each.anyOf ?? [])].flatMap((one) => itemOf(one) ?? [])
        : objectsIn(each).flatMap((one) => one.properties?.[step] ?? []),
    );
  }
  return nodes
    .flatMap((each) => [each, ...(each.anyOf ?? [])])
    .flatMap((each) => each.enum ?? ('const' in each ? [each.const] : []));
}

/** What these values, of as many examples, leave empty. Beneath an optional part that nobody fills nothing is required. */
export function unfilledBy(values: readonly unknown[], node: Node, path = ''): Unfilled {
  const found: Unfilled = { required: [], optional: [] };
  const members = objectsIn(node);
  const item = itemOf(node);
  if (item) {
    const elements = values.flatMap((value) => (Array.isArray(value) ? (value as unknown[]) : []));
    if (elements.length === 0) found.required.push(`${path}/[]`);
    else add(found, unfilledBy(elements, item, `${path}/[]`));
    return found;
  }
  for (const member of members) {
    const place = members.length > 1 ? `${path}/${tagOf(member)}` : path;
    const filled = members.length > 1 ? values.filter((value) => fits(value, member)) : values;
    if (members.length > 1 && filled.length === 0) found.required.push(place);
    else add(found, unfilledFields(filled, member, place));
  }
  return found;
}

function unfilledFields(values: readonly unknown[], node: Node, path: string): Unfilled {
  const found: Unfilled = { required: [], optional: [] };
  for (const [name, child] of Object.entries(node.properties ?? {})) {
    const there = values.flatMap((value) => (isObject(value) && value[name] !== undefined ? [value[name]] : []));
    const place = `${path}/${name}`;
    if (there.length > 0) add(found, unfilledBy(there, child, place));
    else if (node.required?.includes(name)) found.required.push(place);
    else found.optional.push(place);
  }
  return found;
}

function add(to: Unfilled, more: Unfilled): void {
  to.required.push(...more.required);
  to.optional.push(...more.optional);
}

/** The objects that the value may be: itself, or the members of a union. */
function objectsIn(node: Node): Node[] {
  if (node.anyOf) return node.anyOf.flatMap(objectsIn);
  return node.properties ? [node] : [];
}

function itemOf(node: Node): Node | undefined {
  if (node.anyOf) return node.anyOf.map(itemOf).find((item) => item !== undefined);
  return node.type === 'array' && node.items && !Array.isArray(node.items) ? (node.items as Node) : undefined;
}

/** A member is told from the others by its literals. */
function literalsOf(member: Node): [string, unknown][] {
  return Object.entries(member.properties ?? {}).flatMap(([name, child]) =>
    'const' in child ? [[name, child.const] as [string, unknown]] : [],
  );
}

function tagOf(member: Node): string {
  const literals = literalsOf(member).map(([name, value]) => `${name}=${String(value)}`);
  return `<${literals.length > 0 ? literals.join(',') : (member.required ?? []).join(',')}>`;
}

function fits(value: unknown, member: Node): boolean {
  if (!isObject(value)) return false;
  return (
    literalsOf(member).every(([name, literal]) => value[name] === literal) &&
    (member.required ?? []).every((name) => Object.hasOwn(value, name))
  );
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
