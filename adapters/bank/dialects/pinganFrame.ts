/**
 * The frame of Ping An B2Bi: a header of 222 bytes, the body, and a signature behind it when the header says so.
 *
 * Known: names, widths and order of the header's fields. Chosen, to be confirmed with the bank: that the signature is bare
 * RSA PKCS #1 v1.5 (format 0) over header and body as they are sent, and that the body length does not count it. A bank
 * that signs less than this refuses our requests, or its answers are refused here: it cannot go wrong unseen.
 */
import { sign, verify } from 'node:crypto';
import iconv from 'iconv-lite';
import { Failure } from '../../../contracts/failures.ts';
import type { Keys } from '../../crypto/keys.ts';
import type { FrameEnd } from '../../tcp.ts';

/** Name and width in bytes, in their order. Lengths are padded with zeros in front, all else with blanks behind. */
const layout = [
  ['kind', 4],
  ['target', 2],
  ['encoding', 2],
  ['protocol', 2],
  ['corpCode', 20],
  ['bodyLength', 10],
  ['txCode', 6],
  ['operator', 5],
  ['service', 2],
  ['date', 8],
  ['time', 6],
  ['serial', 20],
  ['returnCode', 6],
  ['returnWords', 100],
  ['more', 1],
  ['times', 3],
  ['signed', 1],
  ['signFormat', 1],
  ['signAlgorithm', 12],
  ['signLength', 10],
  ['attachments', 1],
] as const;
type Field = (typeof layout)[number][0];
type Header = Readonly<Record<Field, string>>;

const headerBytes = 222;
const kind = 'A001';
const hashes = { 'RSA-SHA1': 'RSA-SHA1', 'RSA-SHA256': 'RSA-SHA256' } as const;
/** `none`: a front machine of the bank stands in our own network and signs by itself. */
export type SignAlgorithm = keyof typeof hashes | 'none';

export interface Packet {
  readonly header: Header;
  readonly body: Buffer;
}

export interface Asked {
  readonly corpCode: string;
  readonly operator: string;
  readonly txCode: string;
  readonly serial: string;
  /** `yyyyMMddHHmmss` in Beijing. */
  readonly stamp: string;
  readonly body: Buffer;
}

export const pinganFrame: FrameEnd = (soFar) => {
  const begun = soFar.toString('latin1', 0, kind.length);
  if (!kind.startsWith(begun)) throw new Error('this is no header of B2Bi');
  if (soFar.length < headerBytes) return undefined;
  const header = headerOf(soFar);
  return headerBytes + numberIn(header, 'bodyLength') + (header.signed === '1' ? numberIn(header, 'signLength') : 0);
};

/** The bytes of a request, signed. */
export function requestOf(asked: Asked, algorithm: SignAlgorithm, keys: Keys): Buffer {
  const signedBy = algorithm === 'none' ? undefined : keys.privateKey('corp-private');
  const bits = signedBy?.asymmetricKeyDetails?.modulusLength ?? 0;
  const header = written({
    kind,
    target: '01',
    encoding: '01',
    protocol: '01',
    corpCode: asked.corpCode,
    bodyLength: String(asked.body.length),
    txCode: asked.txCode,
    operator: asked.operator,
    service: '01',
    date: asked.stamp.slice(0, 8),
    time: asked.stamp.slice(8),
    serial: asked.serial,
    returnCode: '999999',
    returnWords: '',
    more: '0',
    times: '000',
    signed: signedBy ? '1' : '0',
    signFormat: '0',
    signAlgorithm: signedBy ? algorithm : '',
    signLength: String(bits / 8),
    attachments: '0',
  });
  const whole = Buffer.concat([header, asked.body]);
  if (!signedBy || algorithm === 'none') return whole;
  return Buffer.concat([whole, sign(hashes[algorithm], whole, signedBy)]);
}

/** The bank's answer to this request, once it is proven to be that. @throws Failure ANSWER_UNVERIFIED */
export function answerTo(asked: Asked, bytes: Buffer, algorithm: SignAlgorithm, keys: Keys): Packet {
  const header = headerOf(bytes);
  const bodyEnd = headerBytes + numberIn(header, 'bodyLength');
  if (algorithm !== 'none') {
    // What is expected was agreed; what an answer says of itself may be less.
    const strong = header.signed === '1' && header.signFormat === '0' && header.signAlgorithm.trim() === algorithm;
    const proven =
      strong &&
      verify(hashes[algorithm], bytes.subarray(0, bodyEnd), keys.publicKey('bank-public'), bytes.subarray(bodyEnd));
    if (!proven) throw new Failure('ANSWER_UNVERIFIED', { detail: 'the signature of the answer does not verify' });
  } else if (header.signed !== '0') {
    throw new Failure('ANSWER_UNVERIFIED', { detail: 'the answer is signed, which was not agreed' });
  }
  for (const field of ['corpCode', 'txCode', 'serial'] as const) {
    if (header[field].trim() !== asked[field])
      throw new Failure('ANSWER_UNVERIFIED', { detail: `the answer names another ${field}` });
  }
  if (header.service !== '02' || header.encoding !== '01' || header.more !== '0' || header.attachments !== '0')
    throw new Failure('ANSWER_UNVERIFIED', { detail: 'the answer is of a form that was not agreed' });
  return { header, body: bytes.subarray(headerBytes, bodyEnd) };
}

/** The words beside a return code, for people. */
export function wordsOf({ returnWords }: Header): string {
  return iconv.decode(Buffer.from(returnWords, 'latin1'), 'gb18030').trim();
}

/** By their bytes; words may be GBK. */
function headerOf(bytes: Buffer): Header {
  let at = 0;
  return Object.fromEntries(
    layout.map(([name, width]) => {
      at += width;
      return [name, bytes.toString('latin1', at - width, at)];
    }),
  ) as Record<Field, string>;
}

function written(fields: Header): Buffer {
  const text = layout
    .map(([name, width]) => {
      const value = fields[name];
      if (value.length > width || /[^\x20-\x7e]/.test(value))
        throw new Failure('CONTRACT_VIOLATED', { detail: `${name} does not fit into ${width} bytes of the header` });
      return name.endsWith('Length') ? value.padStart(width, '0') : value.padEnd(width, ' ');
    })
    .join('');
  return Buffer.from(text, 'latin1');
}

function numberIn(header: Header, field: 'bodyLength' | 'signLength'): number {
  const digits = header[field];
  if (!/^\d{10}$/.test(digits)) throw new Error(`${field} is no number`);
  return Number(digits);
}
