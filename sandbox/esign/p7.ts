/**
 * Reads a detached PKCS#7 signature (RFC 2315 and 5652) as a service does that knows its customers' certificates: whose it
 * is, and whether it is over these bytes. With signed attributes or without, since customers' tools write both.
 */
import { createHash, verify, type X509Certificate } from 'node:crypto';

interface Element {
  readonly tag: number;
  /** Tag, length and value. */
  readonly whole: Buffer;
  readonly value: Buffer;
}

const signedData = '2a864886f70d010702';
const messageDigest = '2a864886f70d010904';
const sha256 = '608648016503040201';

type Verdict = 'good' | 'stranger' | 'bad';

/** `stranger`: by another certificate than the one that is registered. */
export function p7Verdict(der: Buffer, content: Buffer, registered: X509Certificate): Verdict {
  try {
    return verdict(der, content, registered);
  } catch {
    return 'bad';
  }
}

function verdict(der: Buffer, content: Buffer, registered: X509Certificate): Verdict {
  const [type, wrapped] = childrenOf(only(der));
  if (type?.value.toString('hex') !== signedData) return 'bad';
  const [, , , ...rest] = childrenOf(only(valueOf(wrapped)));
  const infos = rest.findLast(({ tag }) => tag === 0x31);
  const [info, ...others] = infos ? childrenOf(infos) : [];
  if (!info || others.length > 0) return 'bad';
  const [, sid, digest, ...parts] = childrenOf(info);
  const serial = sid && childrenOf(sid)[1]?.value.toString('hex').replace(/^0+/, '');
  if (serial !== registered.serialNumber.toLowerCase().replace(/^0+/, '')) return 'stranger';
  if (!digest || childrenOf(digest)[0]?.value.toString('hex') !== sha256) return 'bad';
  const attributes = parts.find(({ tag }) => tag === 0xa0);
  const signature = valueOf(parts.find(({ tag }) => tag === 0x04));
  if (attributes && !names(attributes, createHash('sha256').update(content).digest())) return 'bad';
  // What is signed is the SET OF attributes, which stands in the message under another tag.
  const signed = attributes ? Buffer.concat([Buffer.of(0x31), attributes.whole.subarray(1)]) : content;
  return verify('sha256', signed, registered.publicKey, signature) ? 'good' : 'bad';
}

function names(attributes: Element, digest: Buffer): boolean {
  const attribute = childrenOf(attributes).find((each) => childrenOf(each)[0]?.value.toString('hex') === messageDigest);
  const values = attribute && childrenOf(attribute)[1];
  return values !== undefined && only(values.value).value.equals(digest);
}

function only(bytes: Buffer): Element {
  const [element, ...others] = elementsOf(bytes);
  if (!element || others.length > 0) throw new Error('not one element');
  return element;
}

const childrenOf = ({ value }: Element): Element[] => elementsOf(value);

function valueOf(element: Element | undefined): Buffer {
  if (!element) throw new Error('an element is missing');
  return element.value;
}

function elementsOf(bytes: Buffer): Element[] {
  const found: Element[] = [];
  for (let at = 0; at < bytes.length;) {
    const tag = bytes.readUInt8(at);
    const first = bytes.readUInt8(at + 1);
    const long = first & 0x80 ? first & 0x7f : 0;
    const length = long > 0 ? bytes.readUIntBE(at + 2, long) : first;
    const from = at + 2 + long;
    if (from + length > bytes.length) throw new Error('longer than there is');
    found.push({ tag, whole: bytes.subarray(at, from + length), value: bytes.subarray(from, from + length) });
    at = from + length;
  }
  return found;
}
