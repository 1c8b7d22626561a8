/** HTTP Basic, the most that an SAP HTTP destination can do without a client certificate. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { Failure } from '../../contracts/failures.ts';

export function basicOf(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}

/** Compares in constant time, both parts always. @throws Failure SIGNATURE_MISMATCH */
export function checkBasic(header: string | undefined, user: string, password: string): void {
  const encoded = /^basic ([A-Za-z0-9+/=]{1,1024})$/i.exec(header ?? '')?.[1] ?? '';
  const sent = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = sent.indexOf(':');
  const sameUser = same(colon < 0 ? '' : sent.slice(0, colon), user);
  const samePassword = same(colon < 0 ? '' : sent.slice(colon + 1), password);
  const configured = user !== '' && password !== '';
  if (!sameUser || !samePassword || !configured) {
    throw new Failure('SIGNATURE_MISMATCH', { detail: 'HTTP Basic: user or password is wrong or missing' });
  }
}

/** Hashes have one length, whatever was sent. */
function same(a: string, b: string): boolean {
  return timingSafeEqual(createHash('sha256').update(a).digest(), createHash('sha256').update(b).digest());
}
