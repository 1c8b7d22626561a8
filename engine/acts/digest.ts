/** What people agree to is named by a digest of its content: the same content in another order of fields is the same. */
import { createHash } from 'node:crypto';

/** JSON with the fields of every object in order. What JSON cannot carry is gone, as it would be in the store. */
export function sortedJson(value: unknown): string {
  return (
    JSON.stringify(value, (_name, field: unknown) =>
      typeof field === 'object' && field !== null && !Array.isArray(field)
        ? Object.fromEntries(Object.entries(field).toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
        : field,
    ) ?? 'null'
  );
}

/** Lower-case hex of SHA-256. */
export function digestOf(value: unknown): string {
  return createHash('sha256').update(sortedJson(value)).digest('hex');
}
