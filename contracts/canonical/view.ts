/** The fields of a contract for people: one row each, in the order of the message. */
import type { TSchema } from 'typebox';
import { sourceOf } from './fields.ts';

export interface FieldView {
  /** `payload.lines[].amount`. */
  readonly path: string;
  readonly title: string;
  readonly type: string;
  readonly required: boolean;
  readonly unit: string;
  readonly limits: string;
  /** The mark for personal data, or nothing. */
  readonly pii: string;
  readonly source: string;
  readonly text: string;
}

interface Node {
  readonly type?: string;
  readonly title?: string;
  readonly description?: string;
  readonly format?: string;
  readonly pattern?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Node>>;
  readonly items?: Node;
  readonly anyOf?: readonly Node[];
  readonly 'x-unit'?: string;
  readonly 'x-pii'?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
}

export function fieldsOf(schema: TSchema): FieldView[] {
  return inside(schema, '');
}

function inside(node: Node, prefix: string): FieldView[] {
  if (node.items) return inside(node.items, `${prefix}[]`);
  const members = (node.anyOf ?? []).filter((member) => member.properties);
  const fields = Object.entries(node.properties ?? {}).flatMap(([name, field]) => {
    const path = prefix === '' ? name : `${prefix}.${name}`;
    return [rowOf(path, field, node.required?.includes(name) ?? false), ...inside(field, path)];
  });
  return [...fields, ...members.flatMap((member, at) => inside(member, `${prefix}|${at + 1}`))];
}

function rowOf(path: string, node: Node, required: boolean): FieldView {
  const { text, source } = sourceOf(node.description ?? '');
  return {
    path,
    title: node.title ?? '',
    type: typeOf(node),
    required,
    unit: node['x-unit'] ?? '',
    limits: limitsOf(node),
    pii: node['x-pii'] ?? '',
    source,
    text,
  };
}

/** What a pattern means, for people; the schema itself has the pattern. */
const shapes: Readonly<Record<string, string>> = {
  '^(0|[1-9]\\d{0,14})\\.\\d{2}$': 'money 0.00',
  '^-?(0|[1-9]\\d{0,14})\\.\\d{2}$': 'money ±0.00',
  '^[01]\\.\\d{6}$': 'fraction 0.000000',
  '^\\d\\.\\d{6}$': 'factor 0.000000',
  '^(0|[1-9]\\d{0,11})\\.\\d{3}$': 'quantity 0.000',
  '^-?(0|[1-9]\\d{0,11})\\.\\d{3}$': 'quantity ±0.000',
  '^[A-Z0-9]{2,3}$': 'unit code',
  '^[A-Z]{3}$': 'currency code',
  '^[0-9A-HJ-NPQRTUWXY]{18}$': 'USCC',
  '^[0-7][0-9A-HJKMNP-TV-Z]{25}$': 'ULID',
  '^[0-9a-f]{64}$': 'hash, hex',
  '^[A-Za-z0-9+/]+={0,2}$': 'base64',
  '^\\P{Cc}+$': 'text',
  '^[^\\u0000]+$': 'text',
};

function typeOf(node: Node): string {
  if (node.enum || 'const' in node) return 'enum';
  if (node.items) return `${typeOf(node.items)}[]`;
  if (node.anyOf) return node.anyOf.every((member) => 'const' in member) ? 'enum' : 'one of';
  return shapes[node.pattern ?? ''] ?? node.format ?? node.type ?? 'any';
}

function limitsOf(node: Node): string {
  if ('const' in node) return `= ${String(node.const)}`;
  if (node.enum) return node.enum.map(String).join(' | ');
  const shape = shapes[node.pattern ?? ''];
  const lengths = shape === undefined || shape === 'text' || shape === 'base64';
  const items = node.items === undefined ? [] : [limitsOf(node.items)].filter((limits) => limits !== '');
  return [
    ...(node.pattern !== undefined && shape === undefined ? [`/${node.pattern}/`] : []),
    ...range('', node.minimum, node.maximum),
    ...(lengths && node.format === undefined ? range(' characters', node.minLength, node.maxLength) : []),
    ...range(' items', node.minItems, node.maxItems),
    ...items,
  ].join(', ');
}

function range(word: string, low: number | undefined, high: number | undefined): string[] {
  return low === undefined && high === undefined ? [] : [`${low ?? 0}–${high ?? ''}${word}`];
}
