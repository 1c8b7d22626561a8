/** What an authority puts on paper: DER, its own certificates, and tokens. Written by hand, so that no tool need be installed. */
import { createHash, createPrivateKey, generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';

const ids = {
  sha256: '608648016503040201',
  ecdsaWithSha256: '2a8648ce3d040302',
  signedData: '2a864886f70d010702',
  tstInfo: '2a864886f70d0109100104',
  contentType: '2a864886f70d010903',
  messageDigest: '2a864886f70d010904',
  signingTime: '2a864886f70d010905',
  signingCertificateV2: '2a864886f70d010910022f',
  commonName: '550403',
  basicConstraints: '551d13',
  keyUsage: '551d0f',
  extKeyUsage: '551d25',
  timeStamping: '2b06010505070308',
  codeSigning: '2b06010505070303',
} as const;

export const der = (tag: number, ...contents: Buffer[]): Buffer => {
  const content = Buffer.concat(contents);
  const size: number[] = [];
  for (let rest = content.length; rest > 0; rest = rest >> 8) size.unshift(rest & 0xff);
  const length = content.length < 0x80 ? [content.length] : [0x80 | size.length, ...size];
  return Buffer.concat([Buffer.from([tag, ...length]), content]);
};
export const sequence = (...contents: Buffer[]): Buffer => der(0x30, ...contents);
/** Of bytes that spell a number without its sign. */
export const integer = (bytes: Buffer): Buffer => {
  const start = bytes.findIndex((byte) => byte !== 0);
  const short = start < 0 ? Buffer.of(0) : bytes.subarray(start);
  return der(0x02, (short[0] ?? 0) > 0x7f ? Buffer.concat([Buffer.of(0), short]) : short);
};
const id = (hex: string) => der(0x06, Buffer.from(hex, 'hex'));
const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest();

export interface DerPart {
  readonly tag: number;
  readonly body: Buffer;
  readonly next: number;
}

/** The part that begins at this byte. @throws Error */
export function derAt(bytes: Buffer, at: number): DerPart {
  const first = bytes.readUInt8(at + 1);
  const extra = first & 0x80 ? first & 0x7f : 0;
  if (extra > 3) throw new Error('too long');
  const size = extra === 0 ? first : bytes.readUIntBE(at + 2, extra);
  const start = at + 2 + extra;
  if (start + size > bytes.length) throw new Error('not whole');
  return { tag: bytes.readUInt8(at), body: bytes.subarray(start, start + size), next: start + size };
}

export function derWithin(bytes: Buffer): DerPart[] {
  const parts: DerPart[] = [];
  for (let at = 0; at < bytes.length; at = parts.at(-1)?.next ?? bytes.length) parts.push(derAt(bytes, at));
  return parts;
}

/** Tags are kept, so that a part can stand in another message. */
export const again = ({ tag, body }: DerPart): Buffer => der(tag, body);

const yearMs = 365 * 86_400_000;

interface Issuer {
  readonly name: string;
  readonly key: KeyObject;
}

/**
 * The keys of a new authority: its root, its stamping certificate, and one that was issued by mistake, for signing code.
 * Business time runs fast in a sandbox: they are valid for decades.
 */
export function authorityKeys(): { root: string; key: string; certificate: string; mistaken: string } {
  const pair = () => generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const [top, own] = [pair(), pair()];
  const issuer = { name: `Sandbox TSA root ${randomBytes(4).toString('hex')}`, key: top.privateKey };
  const unit = (purpose: string) => extension(ids.extKeyUsage, sequence(id(purpose)));
  const name = 'Sandbox time-stamp unit';
  return {
    root: certificate(issuer.name, top.publicKey, issuer, [
      extension(ids.basicConstraints, sequence(der(0x01, Buffer.of(0xff)))),
      extension(ids.keyUsage, der(0x03, Buffer.of(0x01, 0x06))),
    ]),
    key: own.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    certificate: certificate(name, own.publicKey, issuer, [unit(ids.timeStamping)]),
    mistaken: certificate(name, own.publicKey, issuer, [unit(ids.codeSigning)]),
  };
}

const extension = (name: string, value: Buffer) => sequence(id(name), der(0x01, Buffer.of(0xff)), der(0x04, value));
const named = (text: string) => sequence(der(0x31, sequence(id(ids.commonName), der(0x0c, Buffer.from(text)))));
const timeOf = (ms: number) => der(0x18, Buffer.from(generalizedTime(ms - (ms % 1_000))));

function certificate(subject: string, publicKey: KeyObject, issuer: Issuer, extensions: Buffer[]): string {
  const algorithm = sequence(id(ids.ecdsaWithSha256));
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  const keyId = createHash('sha1').update(spki).digest();
  const body = sequence(
    der(0xa0, der(0x02, Buffer.of(2))),
    integer(randomBytes(12)),
    algorithm,
    named(issuer.name),
    sequence(timeOf(Date.now() - yearMs), timeOf(Date.now() + 40 * yearMs)),
    named(subject),
    spki,
    der(0xa3, sequence(...extensions, sequence(id('551d0e'), der(0x04, der(0x04, keyId))))),
  );
  const signature = der(0x03, Buffer.of(0), sign('sha256', body, issuer.key));
  const text = sequence(body, algorithm, signature).toString('base64').replaceAll(/.{64}/g, '$&\n').trimEnd();
  return `-----BEGIN CERTIFICATE-----\n${text}\n-----END CERTIFICATE-----\n`;
}

/** UTC, with a fraction only where there is one. */
export function generalizedTime(ms: number): string {
  const iso = new Date(ms).toISOString();
  const fraction = iso.slice(20, 23).replace(/0+$/, '');
  return `${iso.slice(0, 19).replaceAll(/[-:T]/g, '')}${fraction && `.${fraction}`}Z`;
}

/** A token over this content, signed as of that time. */
export function tokenOver(content: Buffer, signer: { key: string; certificate: string }, atMs: number): Buffer {
  const own = Buffer.from(signer.certificate.replaceAll(/-----[^-]+-----|\s/g, ''), 'base64');
  const [, number, , issuer] = derWithin(derWithin(derAt(own, 0).body)[0]?.body ?? own);
  if (!number || !issuer) throw new Error('the certificate cannot be read');
  const attribute = (name: string, value: Buffer) => sequence(id(name), der(0x31, value));
  const attributes = [
    attribute(ids.contentType, id(ids.tstInfo)),
    attribute(ids.signingTime, timeOf(atMs)),
    attribute(ids.messageDigest, der(0x04, sha256(content))),
    attribute(ids.signingCertificateV2, sequence(sequence(sequence(der(0x04, sha256(own)))))),
  ].sort((a, b) => Buffer.compare(a, b));
  const signature = sign('sha256', der(0x31, ...attributes), createPrivateKey(signer.key));
  const digest = sequence(id(ids.sha256));
  const data = sequence(
    der(0x02, Buffer.of(3)),
    der(0x31, digest),
    sequence(id(ids.tstInfo), der(0xa0, der(0x04, content))),
    der(0xa0, own),
    der(
      0x31,
      sequence(
        der(0x02, Buffer.of(1)),
        sequence(again(issuer), again(number)),
        digest,
        der(0xa0, ...attributes),
        sequence(id(ids.ecdsaWithSha256)),
        der(0x04, signature),
      ),
    ),
  );
  return sequence(id(ids.signedData), der(0xa0, data));
}

/** Status and, when it is granted, the token. */
export function reply(status: number, token?: Buffer, failureBit?: number): Buffer {
  const parts = [der(0x02, Buffer.of(status))];
  if (failureBit !== undefined) {
    const bits = Buffer.alloc((failureBit >> 3) + 1);
    bits[failureBit >> 3] = 0x80 >> (failureBit & 7);
    parts.push(der(0x03, Buffer.of(7 - (failureBit & 7)), bits));
  }
  return sequence(sequence(...parts), ...(token ? [token] : []));
}
