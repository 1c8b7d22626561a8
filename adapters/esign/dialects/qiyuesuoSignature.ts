/** What 契约锁 asks for to believe us, and what we ask for to open what it tells. MD5 and ECB are the vendor's choice. */
import { createDecipheriv, randomUUID } from 'node:crypto';
import { Failure } from '../../../contracts/failures.ts';
import { isSigned, signed } from '../../crypto/recipes.ts';

/** hex(MD5(token + secret + timestamp + nonce)). Neither path nor body is covered: TLS is all that protects them. */
export function qiyuesuoSignature(token: string, secret: string, timestamp: string, nonce: string): string {
  return signed('qiyuesuo', secret, { token, timestamp, nonce });
}

export function qiyuesuoHeaders(token: string, secret: string): Record<string, string> {
  const timestamp = String(Date.now()); // Real time: the vendor's gate knows no business time.
  const nonce = randomUUID();
  return {
    'x-qys-open-accesstoken': token,
    'x-qys-open-timestamp': timestamp,
    'x-qys-open-nonce': nonce,
    'x-qys-open-signature': qiyuesuoSignature(token, secret, timestamp, nonce),
  };
}

/** hex(MD5(timestamp + key)): it says that the key is known, and nothing of the content. */
export function isToldBy(key: string, timestamp: string, shown: string): boolean {
  return isSigned('qiyuesuoCallback', key, { timestamp }, shown);
}

/**
 * AES-128-ECB, base64; padded with zeros (as the vendor's own sample does) or by PKCS#7. Blocks can be put together anew by
 * whoever has seen some: what comes out is a hint, never a fact.
 *
 * @throws Failure BODY_MALFORMED
 */
export function openContent(key: string, content: string): Buffer {
  const sealed = Buffer.from(content, 'base64');
  if (sealed.length === 0 || sealed.length % 16 !== 0 || sealed.toString('base64') !== content)
    throw new Failure('BODY_MALFORMED', { detail: 'the content is not base64 of whole blocks' });
  const cipher = createDecipheriv('aes-128-ecb', Buffer.from(key, 'utf8'), null).setAutoPadding(false);
  const plain = Buffer.concat([cipher.update(sealed), cipher.final()]);
  let end = plain.length;
  const last = plain[end - 1] ?? 0;
  const isPkcs7 = last >= 1 && last <= 16 && plain.subarray(end - last).every((byte) => byte === last);
  if (isPkcs7) end -= last;
  else while (end > 0 && plain[end - 1] === 0) end -= 1;
  return plain.subarray(0, end);
}
