/** The gate of 契约锁, and how it tells: MD5 over token, secret, time and nonce; AES-128-ECB over what is told. */
import { createCipheriv, createHash } from 'node:crypto';
import { json, type TwinAnswer, type TwinRequest } from '../twin.ts';

const timestampWindowMs = 15 * 60_000;
const nonceMemoryMs = 10 * 60_000;

export const ok = (result?: unknown): TwinAnswer =>
  json({ code: 0, responseCode: '00000000', message: 'SUCCESS', ...(result === undefined ? {} : { result }) });
/** Business refusals come under 200; the gate's under their own code, as was seen. */
export const no = (code: number, message: string, status = 200): TwinAnswer =>
  json({ code, responseCode: code > 9_999 ? String(code) : `1101${code}`, message }, status);

/** The refusal, or nothing when the request may pass. @param nonces by nonce, when it was seen, in real time */
export function gate(
  { headers }: TwinRequest,
  own: { token: string; secret: string; nonces: Record<string, number> },
): TwinAnswer | undefined {
  const [token, timestamp, nonce, shown] = ['accesstoken', 'timestamp', 'nonce', 'signature'].map(
    (name) => headers[`x-qys-open-${name}`] ?? '',
  );
  if (!token || !timestamp || !nonce || !shown) return no(441, 'MISSING HEADER', 441);
  if (token !== own.token) return no(442, 'INVALID TOKEN', 442);
  if (shown !== requestSignature(own.token, own.secret, timestamp, nonce)) return no(442, 'INVALID SIGNATURE', 442);
  const now = Date.now();
  if (!(Math.abs(now - Number(timestamp)) <= timestampWindowMs)) return no(442, 'TIMESTAMP EXPIRED', 442);
  for (const [old, seenMs] of Object.entries(own.nonces)) if (now - seenMs > nonceMemoryMs) delete own.nonces[old];
  if (own.nonces[nonce] !== undefined) return no(442, 'NONCE USED', 442);
  own.nonces[nonce] = now;
  return undefined;
}

export function requestSignature(token: string, secret: string, timestamp: string, nonce: string): string {
  return createHash('md5').update(`${token}${secret}${timestamp}${nonce}`).digest('hex');
}

/** The form that is posted: the content last. Padded with zeros to whole blocks. */
export function callbackForm(key: string, timestamp: string, told: object): string {
  const plain = Buffer.from(JSON.stringify(told));
  const blocks = Buffer.concat([plain, Buffer.alloc((16 - (plain.length % 16)) % 16)]);
  const cipher = createCipheriv('aes-128-ecb', Buffer.from(key), null).setAutoPadding(false);
  const content = Buffer.concat([cipher.update(blocks), cipher.final()]).toString('base64');
  const signature = createHash('md5')
    .update(timestamp + key)
    .digest('hex');
  return new URLSearchParams({ signature, timestamp, content }).toString();
}
