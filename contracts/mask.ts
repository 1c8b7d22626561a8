/**
 * Personal data is masked by the marks of its contract (`x-pii`) wherever it is shown or logged, as JR/T 0171-2020
 * appendix A does it: 张*, 350***********0017, 138****5521, the last four digits of an account.
 *
 * Fail closed: what no contract describes is masked whole, numbers and truth values included. That holds for a message
 * without a contract, a field that its contract does not know, and a value of another kind than its contract says.
 */
import type { Contract } from './contract.ts';

export type Pii = 'name' | 'idNo' | 'phone' | 'account' | 'address' | 'secret';

/** By characters, not by UTF-16 halves: a rare surname (𠮷) is one character. */
const shapes: Record<Pii, (text: string) => string> = {
  name: (text) => {
    const [first = '', ...rest] = text;
    return `${first}${'*'.repeat(Math.max(1, Math.min(3, rest.length)))}`;
  },
  idNo: (text) => keep(text, 3, 4),
  phone: (text) => keep(text, 3, 4),
  account: (text) => keep(text, 0, 4),
  address: (text) => `${[...text].slice(0, Math.min(6, Math.floor([...text].length / 2))).join('')}***`,
  secret: () => '***',
};

/** The parts of a JSON Schema that say what a value is. */
interface Node {
  readonly 'x-pii'?: Pii;
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Node>>;
  readonly items?: Node | readonly Node[];
  readonly anyOf?: readonly Node[];
}

/** A copy of the message that may be shown. */
export function mask(contract: Contract | undefined, message: unknown): unknown {
  return contract ? maskBy(alternatives([contract.schema]), message) : maskWhole(message);
}

/** `nodes` are what the value may be: with a union, the marks of all its members count. */
function maskBy(nodes: readonly Node[], value: unknown): unknown {
  if (value === null || value === undefined) return value;
  if (Array.isArray(value)) {
    const items = alternatives(nodes.flatMap((node) => node.items ?? []));
    return value.map((item) => maskBy(items, item));
  }
  if (typeof value === 'object') {
    return Object.fromEntries(
      Object.entries(value).map(([name, field]) => [name, maskBy(alternatives(fieldsOf(nodes, name)), field)]),
    );
  }
  const pii = nodes.find((node) => node['x-pii'])?.['x-pii'];
  if (pii) return shapes[pii](typeof value === 'string' ? value : JSON.stringify(value));
  return nodes.some((node) => describes(node, value)) ? value : maskWhole(value);
}

/** Own fields only: `constructor` is no field of any contract. */
function fieldsOf(nodes: readonly Node[], name: string): Node[] {
  return nodes.flatMap(({ properties }) => {
    const field = properties && Object.hasOwn(properties, name) ? properties[name] : undefined;
    return field ? [field] : [];
  });
}

function alternatives(nodes: readonly Node[]): Node[] {
  return nodes.flatMap((node) => (node.anyOf ? alternatives(node.anyOf) : [node]));
}

function describes(node: Node, value: unknown): boolean {
  if ('const' in node) return node.const === value;
  if (node.enum) return node.enum.includes(value);
  return node.type === 'integer' ? typeof value === 'number' : node.type === typeof value;
}

function maskWhole(value: unknown): unknown {
  if (value === null || value === undefined || value === '') return value;
  if (Array.isArray(value)) return value.map(maskWhole);
  if (typeof value !== 'object') return '***';
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, maskWhole(field)]));
}

function keep(text: string, head: number, tail: number): string {
  const characters = [...text];
  const hidden = characters.length - head - tail;
  if (hidden <= 0) return '*'.repeat(characters.length);
  return `${characters.slice(0, head).join('')}${'*'.repeat(hidden)}${characters.slice(-tail).join('')}`;
}
