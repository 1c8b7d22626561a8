/**
 * The signature of Qimen: MD5 over secret, sorted parameters, the exact bytes of the body, secret.
 *
 * Names and values are joined without separators, so two different queries can spell the same text. A caller must
 * therefore compare every parameter with what it expects, and take no parameter that it does not know.
 */
import { isSigned, signed } from '../../crypto/recipes.ts';

type Query = Readonly<Record<string, string>>;

/** Upper-case hex. `query` is decoded; its `sign`, when there, is left out. */
export function qimenSignature(query: Query, body: Uint8Array, secret: string): string {
  return signed('qimen', secret, { parameters: query, body });
}

/** Whether the `sign` of the query, in either case, is one over it and the body. */
export function isQimenSigned(query: Query, body: Uint8Array, secret: string): boolean {
  return isSigned('qimen', secret, { parameters: query, body }, query['sign'] ?? '');
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
