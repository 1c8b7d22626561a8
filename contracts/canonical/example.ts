/** A valid example of a schema, made from its fields: no example can grow stale. Names and numbers belong to nobody. */
import type { TSchema } from 'typebox';

interface Node {
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly examples?: readonly unknown[];
  readonly title?: string;
  readonly format?: string;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly minItems?: number;
  readonly maxLength?: number;
  readonly minLength?: number;
  readonly properties?: Readonly<Record<string, Node>>;
  readonly items?: Node;
  readonly anyOf?: readonly Node[];
}

/** What a field of that name says, where its shape alone would not tell. */
const byName: Readonly<Record<string, string>> = {
  uscc: '91350200MA310000M0',
  taxNo: '91350200MA310000M0',
  currency: 'CNY',
  unit: 'TNE',
  idNo: '350203199001010018',
  phone: '13800005521',
  accountNo: '4100020009006588121',
  bankCode: '102393000018',
  bankName: '中国工商银行厦门分行',
  accountName: '厦门示例贸易有限公司',
  legalName: '厦门示例贸易有限公司',
  debtorName: '厦门示例贸易有限公司',
  name: '示例名称',
  materialCode: 'HRC-Q235B-3.0',
  vehicle: '闽D12345',
  system: 'sap-s4',
  producer: 'hub',
  actor: 'P000017',
  maker: 'P000017',
  checker: 'P000023',
  url: 'https://evidence.example/1',
};

/** By pattern: the shapes of primitives. */
const shapes: readonly (readonly [string, string])[] = [
  ['^(0|[1-9]\\d{0,14})\\.\\d{2}$', '1000000.00'],
  ['^-?(0|[1-9]\\d{0,14})\\.\\d{2}$', '-120.50'],
  ['^[01]\\.\\d{6}$', '0.052000'],
  ['^\\d\\.\\d{6}$', '1.500000'],
  ['^(0|[1-9]\\d{0,11})\\.\\d{3}$', '1200.500'],
  ['^-?(0|[1-9]\\d{0,11})\\.\\d{3}$', '-0.500'],
  ['^(?!-0\\.000$)-?(0|[1-9]\\d{0,11})\\.\\d{3}$', '-0.500'],
  ['^0\\.(0[1-9]|[1-9]\\d)$', '0.37'],
  ['^\\d{1,50}$', '1834502'],
  ['^(0|[1-9]\\d{0,17})$', '1834502'],
  ['^[0-2](\\.(0|[1-9]\\d{0,18})){1,20}$', '1.2.156.10197.6.1'],
  ['^[A-Z0-9]{2,3}$', 'TNE'],
  ['^[A-Z]{3}$', 'CNY'],
  ['^[0-9A-HJ-NPQRTUWXY]{18}$', '91350200MA310000M0'],
  ['^\\d{17}[\\dX]$', '350203199001010018'],
  ['^1\\d{10}$', '13800005521'],
  ['^[0-9-]{6,32}$', '4100020009006588121'],
  ['^\\d{12}$', '102393000018'],
  ['^[0-9a-f]{64}$', '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08'],
  ['^[0-7][0-9A-HJKMNP-TV-Z]{25}$', '01JD8Z6Q5K3M7N9P2R4S6T8V0W'],
  ['^\\d{12,19}$', '6222024100001234567'],
  ['^\\d{1,18}$', '1834502'],
  ['^0x[0-9a-f]{64}$', `0x${'9f86d081'.repeat(8)}`],
  ['^[A-Za-z0-9+/]+={0,2}$', 'MEUCIQDexample=='],
  ['^\\d{10}(\\d{2})?$', '3502241130'],
  ['^\\d{6}$', '268631'],
  ['^(\\d{8}|\\d{20})$', '20268631'],
  ['^RC-[^\\p{Cc}]+$', 'RC-FILE-20261123-01-RP20261123-000001'],
];

/** Every field filled, the optional ones too; the first of each choice. */
export function exampleOf(schema: TSchema, name = ''): unknown {
  return example(schema, name);
}

function example(node: Node, name: string): unknown {
  if (node.examples) return node.examples[0];
  if ('const' in node) return node.const;
  if (node.enum) return node.enum[0];
  const [first] = node.anyOf ?? [];
  if (first) return example(first, name);
  switch (node.type) {
    case 'object':
      return Object.fromEntries(
        Object.entries(node.properties ?? {}).map(([field, child]) => [field, example(child, field)]),
      );
    case 'array':
      return Array.from({ length: Math.max(1, node.minItems ?? 1) }, () => example(node.items ?? {}, name));
    case 'integer':
      return Math.max(1, node.minimum ?? 1);
    case 'boolean':
      return true;
    default:
      return textOf(node, name);
  }
}

function textOf(node: Node, name: string): string {
  if (node.format === 'date') return '2026-11-23';
  if (node.format === 'date-time') return '2026-11-23T09:30:00+08:00';
  const shape = shapes.find(([pattern]) => pattern === node.pattern);
  if (shape) return shape[1];
  const named = Object.hasOwn(byName, name) ? byName[name] : undefined;
  const made = named ?? (name.endsWith('No') ? numberOf(name) : (node.title ?? '示例'));
  return made.padEnd(node.minLength ?? 0, '0').slice(0, node.maxLength ?? 500);
}

/** `loanContractNo` → `LC20261123-000001`: prefix, business date, six digits. */
function numberOf(name: string): string {
  const initials = name
    .slice(0, -2)
    .replace(/^[a-z]/, (letter) => letter.toUpperCase())
    .replace(/[^A-Z]/g, '');
  return `${initials}20261123-000001`;
}
