/** Takes from a foreign tree what a wire contract names, and nothing else: SAP adds fields with every release. */
import type { Static, TSchema } from 'typebox';
import type { WireShape } from '../../contracts/sap/s4.wire.ts';

/**
 * Texts are trimmed; numbers and booleans become their text; null is absent. A list may be a list, OData's `{results: []}`, a single
 * row, or the empty text that an empty XML element reads as.
 */
export function pick<S extends WireShape & TSchema>(schema: S, source: unknown): Static<S> {
  const tree = isTree(source) ? source : {};
  const picked: Record<string, unknown> = {};
  for (const [name, shape] of Object.entries(schema.properties)) {
    const value = Object.hasOwn(tree, name) ? tree[name] : undefined;
    if (isList(shape)) picked[name] = rowsOf(value).map((row) => pick(shape.items, row));
    else if (isShape(shape)) picked[name] = pick(shape, value);
    else if (typeof value === 'string') picked[name] = value.trim();
    else if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean')
      picked[name] = String(value);
  }
  return picked as Static<S>;
}

export function isTree(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isShape(schema: TSchema): schema is WireShape {
  return 'properties' in schema;
}

export function isList(schema: TSchema): schema is TSchema & { items: WireShape } {
  return 'items' in schema;
}

function rowsOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  if (!isTree(value)) return [];
  return Array.isArray(value['results']) ? value['results'] : [value];
}
