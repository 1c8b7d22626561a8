/**
 * What a signing service signs with: an authority of its own (自建 CA), certificates that it issues for one signature each
 * (事件证书, "event certificates": a day, one name), and the CMS (RFC 5652) that carries signature and certificates.
 */
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  randomBytes,
  sign,
  X509Certificate,
} from 'node:crypto';
import { bits, integer, nothing, octets, oid, sequence, setOf, time, tlv, utf8 } from './der.ts';

const hourMs = 3_600_000;
const authorityYears = 40;

/** The service's private side, as PEM. */
export interface SigningKeys {
  readonly seal: string;
  readonly authority: string;
  readonly authorityCertificate: string;
}

/** Key files of both sides: the hub learns whom to believe, and no more. */
export function enrolSigning(vendor: string): { hub: Record<string, string>; twin: Record<string, string> } {
  const [seal, authority] = [keyPair(), keyPair()];
  const now = new Date();
  const der = certificate({
    subject: `${vendor} CA`,
    issuer: `${vendor} CA`,
    publicKey: authority.publicKey,
    issuerKey: authority.privateKey,
    from: new Date(now.getTime() - 24 * hourMs),
    // Business time in a sandbox runs far ahead of the clock on the wall.
    to: new Date(Date.UTC(now.getUTCFullYear() + authorityYears, 0, 1)),
    serial: randomBytes(8),
    isAuthority: true,
  });
  const pem = pemOf(der);
  return {
    hub: { 'signing-ca.pem': pem },
    twin: { 'seal.pem': seal.privateKey, 'ca.pem': authority.privateKey, 'ca-cert.pem': pem },
  };
}

export function signingKeys(key: (name: string) => string): SigningKeys {
  return { seal: key('seal.pem'), authority: key('ca.pem'), authorityCertificate: key('ca-cert.pem') };
}

/** A detached signature over `content`, by a certificate that is issued for it. */
export function detachedCms(content: Buffer, keys: SigningKeys, signer: { name: string; at: Date }): Buffer {
  const { at } = signer;
  // Its own for each signature, and the same when the same is signed again.
  const serial = createHash('sha256').update(signer.name).update(content).digest().subarray(0, 12);
  const authorityDer = derOf(keys.authorityCertificate);
  const issuer = authorityName(keys);
  const own = certificate({
    subject: signer.name,
    issuer,
    publicKey: createPublicKey(keys.seal).export({ type: 'spki', format: 'pem' }).toString(),
    issuerKey: keys.authority,
    from: new Date(at.getTime() - hourMs),
    to: new Date(at.getTime() + 24 * hourMs),
    serial,
    isAuthority: false,
  });
  const attributes = [
    sequence(oid(oids.contentType), setOf(oid(oids.data))),
    sequence(oid(oids.messageDigest), setOf(octets(createHash('sha256').update(content).digest()))),
    sequence(oid(oids.signingTime), setOf(time(at))),
  ];
  const signed = setOf(...attributes);
  const signature = sign('sha256', signed, createPrivateKey(keys.seal));
  const info = sequence(
    integer(Buffer.of(1)),
    sequence(nameOf(issuer), integer(serial)),
    sha256,
    Buffer.concat([Buffer.of(0xa0), signed.subarray(1)]), // [0] IMPLICIT: only the tag differs from what is signed.
    sequence(oid(oids.rsa), nothing),
    octets(signature),
  );
  const body = sequence(
    integer(Buffer.of(1)),
    setOf(sha256),
    sequence(oid(oids.data)),
    tlv(0xa0, own, authorityDer),
    setOf(info),
  );
  return sequence(oid(oids.signedData), tlv(0xa0, body));
}

const oids = {
  data: '2a864886f70d010701',
  signedData: '2a864886f70d010702',
  contentType: '2a864886f70d010903',
  messageDigest: '2a864886f70d010904',
  signingTime: '2a864886f70d010905',
  rsa: '2a864886f70d010101',
  sha256WithRsa: '2a864886f70d01010b',
  sha256: '608648016503040201',
  commonName: '550403',
  basicConstraints: '551d13',
  keyUsage: '551d0f',
} as const;
const sha256 = sequence(oid(oids.sha256), nothing);
const sha256WithRsa = sequence(oid(oids.sha256WithRsa), nothing);
const yes = Buffer.of(0x01, 0x01, 0xff);
/** digitalSignature and nonRepudiation; keyCertSign and cRLSign. */
const usages = { signer: Buffer.of(0x03, 0x02, 0x06, 0xc0), authority: Buffer.of(0x03, 0x02, 0x01, 0x06) };

function certificate(of: {
  subject: string;
  issuer: string;
  publicKey: string;
  issuerKey: string;
  from: Date;
  to: Date;
  serial: Buffer;
  isAuthority: boolean;
}): Buffer {
  const constraints = of.isAuthority ? sequence(yes) : sequence();
  const extensions = sequence(
    sequence(oid(oids.basicConstraints), yes, octets(constraints)),
    sequence(oid(oids.keyUsage), yes, octets(of.isAuthority ? usages.authority : usages.signer)),
  );
  const body = sequence(
    tlv(0xa0, integer(Buffer.of(2))),
    integer(of.serial),
    sha256WithRsa,
    nameOf(of.issuer),
    sequence(time(of.from), time(of.to)),
    nameOf(of.subject),
    createPublicKey(of.publicKey).export({ type: 'spki', format: 'der' }),
    tlv(0xa3, extensions),
  );
  return sequence(body, sha256WithRsa, bits(sign('sha256', body, of.issuerKey)));
}

/** X.520 allows 64 characters in a common name. */
const nameOf = (text: string): Buffer => sequence(setOf(sequence(oid(oids.commonName), utf8(text.slice(0, 64)))));

function authorityName({ authorityCertificate }: SigningKeys): string {
  return /^CN=(.*)$/m.exec(new X509Certificate(authorityCertificate).subject)?.[1] ?? '';
}

function keyPair(): { publicKey: string; privateKey: string } {
  return generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
}

function pemOf(der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

const derOf = (pem: string): Buffer => new X509Certificate(pem).raw;
