/** A certificate that a platform makes for itself, where a real one would get it from the vendor: to sign messages with. */
import { type KeyObject, randomBytes, sign } from 'node:crypto';
import { bits, integer, nothing, octets, oid, sequence, setOf, time, tlv, utf8 } from './der.ts';

const sha256WithRsa = sequence(oid('2a864886f70d01010b'), nothing);
const dayMs = 86_400_000;
const years = 40; // Business time in a sandbox runs far ahead of the clock on the wall.

/** PEM. RSA, SHA-256; only for signatures. */
export function selfSigned(name: string, privateKey: KeyObject, publicKey: KeyObject): string {
  const now = new Date();
  const named = sequence(setOf(sequence(oid('550403'), utf8(name))));
  const yes = Buffer.of(0x01, 0x01, 0xff);
  const digitalSignature = octets(Buffer.of(0x03, 0x02, 0x07, 0x80));
  const body = sequence(
    tlv(0xa0, integer(Buffer.of(2))),
    integer(Buffer.concat([Buffer.of(1), randomBytes(8)])), // A serial number has no zero before it.
    sha256WithRsa,
    named,
    sequence(time(new Date(now.getTime() - dayMs)), time(new Date(Date.UTC(now.getUTCFullYear() + years, 0, 1)))),
    named,
    publicKey.export({ type: 'spki', format: 'der' }),
    tlv(0xa3, sequence(sequence(oid('551d0f'), yes, digitalSignature))),
  );
  const whole = sequence(body, sha256WithRsa, bits(sign('sha256', body, privateKey)));
  const lines = whole.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}
