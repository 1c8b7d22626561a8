/**
 * Certificates for the servers of the suite, made here: a small authority, and servers that are as they should be, have
 * expired, are not valid yet, are another host, or signed themselves. DER by hand, so that no tool need be installed.
 */
import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto';

export interface ServerCertificate {
  readonly cert: string;
  readonly key: string;
}

export type CertificateKind = 'good' | 'expired' | 'not-yet-valid' | 'wrong-host' | 'self-signed';

const dayMs = 86_400_000;

/** An authority to be trusted, and the certificates of servers. Addresses are 127.0.0.1 but for the wrong host. */
export function certificates(nowMs = Date.now()): {
  authority: string;
  servers: Readonly<Record<CertificateKind, ServerCertificate>>;
} {
  const authority = keyPair();
  const issuer = { name: 'Lianshu conformance CA', key: authority.privateKey };
  const root = certificate({ subject: issuer.name, issuer, publicKey: authority.publicKey, days: [-1, 365], ca: true });
  const server = (days: [number, number], host: Buffer, self = false): ServerCertificate => {
    const { publicKey, privateKey } = keyPair();
    const signer = self ? { name: 'localhost', key: privateKey } : issuer;
    const cert = certificate({ subject: 'localhost', issuer: signer, publicKey, days, host });
    return { cert, key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() };
  };
  const here = tlv(0x87, Buffer.of(127, 0, 0, 1));
  return {
    authority: root,
    servers: {
      good: server([-1, 30], here),
      expired: server([-30, -1], here),
      'not-yet-valid': server([1, 30], here),
      'wrong-host': server([-1, 30], tlv(0x82, Buffer.from('bank.example'))),
      'self-signed': server([-1, 30], here, true),
    },
  };

  function certificate(of: {
    subject: string;
    issuer: { name: string; key: KeyObject };
    publicKey: KeyObject;
    days: [number, number];
    host?: Buffer;
    ca?: boolean;
  }): string {
    const ecdsaSha256 = sequence(oid('2a8648ce3d040302'));
    const extensions = [
      ...(of.ca
        ? [sequence(oid('551d13'), Buffer.of(0x01, 0x01, 0xff), tlv(0x04, sequence(Buffer.of(1, 1, 255))))]
        : []),
      ...(of.host ? [sequence(oid('551d11'), tlv(0x04, sequence(of.host)))] : []),
    ];
    const [from, to] = of.days.map((days) => utcTime(nowMs + days * dayMs)) as [Buffer, Buffer];
    const body = sequence(
      tlv(0xa0, Buffer.of(2, 1, 2)),
      tlv(0x02, Buffer.from(serial())),
      ecdsaSha256,
      named(of.issuer.name),
      sequence(from, to),
      named(of.subject),
      of.publicKey.export({ type: 'spki', format: 'der' }),
      tlv(0xa3, sequence(...extensions)),
    );
    const signature = sign('sha256', body, of.issuer.key);
    const der = sequence(body, ecdsaSha256, tlv(0x03, Buffer.concat([Buffer.of(0), signature])));
    const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
    return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
  }
}

let last = 1;
const serial = () => [0x01, (last += 1)];
const keyPair = () => generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
const oid = (hex: string) => tlv(0x06, Buffer.from(hex, 'hex'));
const sequence = (...parts: Buffer[]) => tlv(0x30, Buffer.concat(parts));
const named = (name: string) => sequence(tlv(0x31, sequence(oid('550403'), tlv(0x0c, Buffer.from(name)))));
const utcTime = (ms: number) =>
  tlv(0x17, Buffer.from(`${new Date(ms).toISOString().slice(2, 19).replaceAll(/[-:T]/g, '')}Z`));

function tlv(tag: number, value: Buffer): Buffer {
  const { length } = value;
  if (length < 0x80) return Buffer.concat([Buffer.of(tag, length), value]);
  const bytes = length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.of(tag, ...bytes), value]);
}
