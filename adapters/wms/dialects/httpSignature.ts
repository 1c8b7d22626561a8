/**
 * HTTP Message Signatures (RFC 9421) with a shared secret, and Content-Digest (RFC 9530): how those are told apart who speak
 * a protocol that signs nothing itself. One signature, fixed components, no negotiation: what is not as agreed is refused.
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/** The text that is signed: one line for each component, and what the signature says of itself. */
export function signatureBase(
  components: readonly (readonly [name: string, value: string])[],
  parameters: string,
): string {
  return [...components.map(([name, value]) => `"${name}": ${value}`), `"@signature-params": ${parameters}`].join('\n');
}

/** `hmac-sha256`, base64. */
export function hmacOf(base: string, secret: Uint8Array): string {
  return createHmac('sha256', secret).update(base, 'utf8').digest('base64');
}

export function contentDigest(body: Uint8Array): string {
  return `sha-256=:${createHash('sha256').update(body).digest('base64')}:`;
}

/** The two headers of a signature over these components. */
export function signed(
  components: readonly (readonly [name: string, value: string])[],
  how: { readonly keyId: string; readonly secret: Uint8Array; readonly createdSeconds: number },
): { 'signature-input': string; signature: string } {
  const names = components.map(([name]) => `"${name}"`).join(' ');
  const parameters = `(${names});created=${how.createdSeconds};keyid="${how.keyId}";alg="hmac-sha256"`;
  return {
    'signature-input': `sig1=${parameters}`,
    signature: `sig1=:${hmacOf(signatureBase(components, parameters), how.secret)}:`,
  };
}

/** When it was signed, in seconds; undefined when it was not signed so, or by somebody else. */
export function verifiedAt(
  headers: Readonly<Record<string, string>>,
  components: readonly (readonly [name: string, value: string])[],
  how: { readonly keyId: string; readonly secret: Uint8Array },
): number | undefined {
  const created = /;created=(\d{1,12});/.exec(headers['signature-input'] ?? '')?.[1];
  if (created === undefined) return undefined;
  const createdSeconds = Number.parseInt(created, 10);
  const expected = signed(components, { ...how, createdSeconds });
  const isAsAgreed =
    isSame(headers['signature-input'] ?? '', expected['signature-input']) &&
    isSame(headers['signature'] ?? '', expected.signature);
  return isAsAgreed ? createdSeconds : undefined;
}

/** In constant time. */
export function isSame(shown: string, expected: string): boolean {
  const [a, b] = [Buffer.from(shown), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}
