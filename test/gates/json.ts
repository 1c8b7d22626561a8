/** JSON that is none, and JSON that is no order: nst/JSONTestSuite @1ef36fa, and orders with one field that is something else. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { BadInput } from './input.ts';

const folder = resolve(import.meta.dirname, '../vectors/json-parsing');

/** `y_` must be read, `n_` must not, `i_` may be either; none is an order. */
export function jsonSuite(): BadInput[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .map((name) => ({
      class: `JSON suite ${name.slice(0, 1)}`,
      id: name,
      door: 'json',
      body: readFileSync(join(folder, name)),
      must: name.startsWith('n_') ? 'unreadable' : 'refused',
    }));
}

type Fields = Record<string, unknown>;

/** Whatever stands in the place of a text. */
const strangers: Readonly<Record<string, string>> = {
  null: 'null',
  number: '1',
  boolean: 'true',
  'list of itself': '["1"]',
  'empty list': '[]',
  object: '{}',
  operator: '{"$ne":1}',
  'prototype inside': '{"__proto__":{"toString":1}}',
  constructor: '{"constructor":{"prototype":{"isAdmin":true}}}',
  'number of 400 digits': '1'.repeat(400),
  'lone surrogate': '"\\ud800"',
  NUL: '"a\\u0000b"',
};

/** A good order, in which one text is something else. */
export function typeConfusion(order: Fields): BadInput[] {
  return textsIn(order).flatMap((path) =>
    Object.entries(strangers).map(([name, literal]) => ({
      class: 'type confusion',
      id: `${path.join('/')} is ${name}`,
      door: 'json' as const,
      body: Buffer.from(withLiteral(order, path, literal)),
      must: 'refused' as const,
    })),
  );
}

const names = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  '$where',
  'orderno',
  'order_no',
  '',
];

/** A good order with a field too many, and with each field twice. */
export function strangeNames(order: Fields): BadInput[] {
  const text = JSON.stringify(order).slice(1);
  const more = names.map((name) => `{${JSON.stringify(name)}:{"polluted":1},${text}`);
  const twice = Object.entries(order).map(
    ([name, value]) => `{${JSON.stringify(name)}:${JSON.stringify(value)},${text}`,
  );
  return [...more, ...twice].map((body, index) => ({
    class: 'strange names',
    id:
      index < names.length
        ? `field ${JSON.stringify(names[index])}`
        : `twice ${Object.keys(order)[index - names.length]}`,
    door: 'json',
    body: Buffer.from(body),
    must: 'refused',
  }));
}

const amounts = [
  '1e5', '1,000.00', '１２.００', '-0.00', '-1.00', 'NaN', 'Infinity', '0x10', '1', '1.0', '1.000', '.50', '5.', '+1.00', ' 1.00', '1.00 ', '01.00',
  '99999999999999999999.00', '1.00\u0000', '1_000.00', '1.00元', '¥1.00', '', '1.00\n', '٣.٠٠', '0b1.00', '1.00e0', '1..00', '一百',
]; // prettier-ignore
const dates = [
  '2026-02-30', '2026-13-01', '2026-00-10', '20261120', '2026/11/20', '2026-1-2', '0000-00-00', '2026-11-20T00:00:00Z', '明天', '', '2026-11-31', '2025-02-29',
  '10000-01-01', '２０２６-11-20', '2026-11-20 ', '-2026-11-20',
]; // prettier-ignore
const quantities = ['1e3', '1,000', '-1.000', '0x1', 'NaN', '1.0000', '', '1 t', '１', '1/2', '∞'];

/** Money and dates that some reader would make something of. */
export function figures(order: Fields): BadInput[] {
  const changed = (id: string, path: string[], value: string): BadInput => ({
    class: 'money and dates',
    id: `${id} ${JSON.stringify(value)}`,
    door: 'json',
    body: Buffer.from(withLiteral(order, path, JSON.stringify(value))),
    must: 'refused',
  });
  return [
    ...amounts.flatMap((value) => [
      changed('total', ['total'], value),
      changed('amount', ['lines', '0', 'amount'], value),
    ]),
    ...dates.map((value) => changed('date', ['orderDate'], value)),
    ...quantities.map((value) => changed('quantity', ['lines', '0', 'quantity'], value)),
  ];
}

function textsIn(value: unknown, path: string[] = []): string[][] {
  if (typeof value === 'string') return [path];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => textsIn(inner, [...path, name]));
}

const mark = '"\u2063place\u2063"';

function withLiteral(order: Fields, path: readonly string[], literal: string): string {
  const copy = JSON.parse(JSON.stringify(order)) as Fields;
  let inner: Fields = copy;
  for (const name of path.slice(0, -1)) inner = inner[name] as Fields;
  inner[path.at(-1) ?? ''] = JSON.parse(mark) as string;
  return JSON.stringify(copy).replace(mark, () => literal);
}
