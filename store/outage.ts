/** Errors that say something about the line or the server, nothing about the data: the same may work a moment later. */

/** Connection, operator intervention, resources, conflicts (PostgreSQL error codes, appendix A). */
const codes = /^(08|57P|53|25006|40001|40P01|55P03|57014)/;
const systemErrors = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOENT',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);
/** What the driver says without a code. */
const lines = /connection terminated|connection error|not queryable|timeout|ended the connection|client was closed/i;

export function isOutage(thrown: unknown): boolean {
  if (!(thrown instanceof Error)) return false;
  const code = 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : undefined;
  if (code !== undefined) return codes.test(code) || systemErrors.has(code);
  if (thrown instanceof AggregateError) return thrown.errors.some(isOutage);
  return lines.test(thrown.message);
}
