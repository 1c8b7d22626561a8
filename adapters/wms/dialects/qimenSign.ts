/**
 * The signature of Qimen: MD5 over secret, sorted parameters, the exact bytes of the body, secret.
 *
 * Names and values are joined without separators, so two different queries can spell the same text. A caller must
 * therefore compare every parameter with what it expects, and take no parameter that it does not know.
 */
import { createHash, timingSafeEqual } from 'node:crypto';

/** Upper-case hex. `query` is decoded; its `sign`, when there, is left out. */
export function qimenSignature(query: Readonly<Record<string, string>>, body: Uint8Array, secret: string): string {
  const hash = createHash('md5').update(secret, 'utf8');
  const parameters = Object.entries(query).filter(([name]) => name !== 'sign');
  parameters.sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  for (const [name, value] of parameters) hash.update(name, 'utf8').update(value, 'utf8');
  return hash.update(body).update(secret, 'utf8').digest('hex').toUpperCase();
}

/** In constant time. */
export function isQimenSignature(shown: string, expected: string): boolean {
  const a = Buffer.from(shown.toUpperCase());
  const b = Buffer.from(expected);
  return a.length === b.length && timingSafeEqual(a, b);
}

const shanghaiOffsetMs = 8 * 3_600_000;

/** `yyyy-MM-dd HH:mm:ss` in GMT+8, as the parameter `timestamp` has it. */
export function qimenTimestamp(epochMs: number): string {
  return new Date(epochMs + shanghaiOffsetMs).toISOString().slice(0, 19).replace('T', ' ');
}

/** Epoch milliseconds of a `timestamp`; undefined when it is none. */
export function epochMsOf(timestamp: string): number | undefined {
  if (!/^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$/.test(timestamp)) return undefined;
  const ms = Date.parse(`${timestamp.replace(' ', 'T')}+08:00`);
  return Number.isNaN(ms) ? undefined : ms;
}
