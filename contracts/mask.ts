/**
 * Personal data is masked by the marks of its contract (`x-pii`) wherever it is shown or logged, as JR/T 0171-2020
 * appendix A does it: 张*, 3502**********0017, 138****5521, the last four digits of an account.
 *
 * What has no contract is masked whole: fail closed.
 */
import type { TSchema } from 'typebox';
import type { Contract } from './contract.ts';

export type Pii = 'name' | 'idNo' | 'phone' | 'account' | 'address' | 'secret';

const shapes: Record<Pii, (text: string) => string> = {
  name: (text) => `${text.slice(0, 1)}${'*'.repeat(Math.max(1, Math.min(3, text.length - 1)))}`,
  idNo: (text) => keep(text, 3, 4),
  phone: (text) => keep(text, 3, 4),
  account: (text) => keep(text, 0, 4),
  address: (text) => `${text.slice(0, 6)}***`,
  secret: () => '***',
};

/** A copy of the message that may be shown. */
export function mask(contract: Contract | undefined, message: unknown): unknown {
  return contract ? maskBy(contract.schema, message) : maskWhole(message);
}

function maskBy(schema: TSchema | undefined, value: unknown): unknown {
  const node = (schema ?? {}) as {
    'x-pii'?: Pii;
    properties?: Record<string, TSchema>;
    items?: TSchema;
    anyOf?: TSchema[];
  };
  if (node['x-pii']) return value === null ? null : shapes[node['x-pii']](String(value));
  if (Array.isArray(value))
    return value.map((item) => maskBy(node.items ?? firstWith(node.anyOf, 'items')?.items, item));
  if (value !== null && typeof value === 'object') {
    const properties = node.properties ?? firstWith(node.anyOf, 'properties')?.properties;
    if (!properties) return maskWhole(value);
    return Object.fromEntries(
      Object.entries(value).map(([name, field]) => [
        name,
        name in properties ? maskBy(properties[name], field) : maskWhole(field),
      ]),
    );
  }
  return value;
}

function maskWhole(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(maskWhole);
  if (value !== null && typeof value === 'object') {
    return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, maskWhole(field)]));
  }
  return typeof value === 'string' && value !== '' ? '***' : value;
}

function firstWith(options: TSchema[] | undefined, key: 'items' | 'properties') {
  return options?.find((option) => key in option) as
    | { properties?: Record<string, TSchema>; items?: TSchema }
    | undefined;
}

function keep(text: string, head: number, tail: number): string {
  if (text.length <= head + tail) return '*'.repeat(text.length);
  return `${text.slice(0, head)}${'*'.repeat(text.length - head - tail)}${text.slice(-tail)}`;
}
