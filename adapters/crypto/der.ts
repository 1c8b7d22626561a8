/**
 * The little DER that SM2 needs, read strictly: one spelling of each number and length and nothing behind it, since a
 * second spelling of a signature is a second signature to whoever keeps a list of those seen.
 */

const INTEGER = 0x02;
const OCTET_STRING = 0x04;
const SEQUENCE = 0x30;
/** Two bytes of length: more than any signature or sealed key. */
const LENGTH_MAX = 0xffff;

export function sequence(parts: readonly Buffer[]): Buffer {
  return tagged(SEQUENCE, Buffer.concat(parts));
}

export function integer(number: bigint): Buffer {
  const hex = number.toString(16);
  const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
  const negative = ((bytes[0] ?? 0) & 0x80) !== 0;
  return tagged(INTEGER, negative ? Buffer.concat([Buffer.from([0]), bytes]) : bytes);
}

export function octets(bytes: Buffer): Buffer {
  return tagged(OCTET_STRING, bytes);
}

/** The numbers of a SEQUENCE that holds exactly two non-negative INTEGER, or undefined. */
export function readTwoIntegers(der: Buffer): [bigint, bigint] | undefined {
  const [first, second] = (readSequence(der, [INTEGER, INTEGER]) ?? []).map(readInteger);
  return first === undefined || second === undefined ? undefined : [first, second];
}

/** SEQUENCE { x INTEGER, y INTEGER, first OCTET STRING, second OCTET STRING }: the ciphertext of GM/T 0009. */
export function readCiphertext(der: Buffer): { x: bigint; y: bigint; first: Buffer; second: Buffer } | undefined {
  const [xBytes, yBytes, first, second] = readSequence(der, [INTEGER, INTEGER, OCTET_STRING, OCTET_STRING]) ?? [];
  if (xBytes === undefined || yBytes === undefined || first === undefined || second === undefined) return undefined;
  const [x, y] = [readInteger(xBytes), readInteger(yBytes)];
  return x === undefined || y === undefined ? undefined : { x, y, first, second };
}

/** The contents of a SEQUENCE that holds exactly these tags, in this order. */
function readSequence(der: Buffer, tags: readonly number[]): Buffer[] | undefined {
  const whole = readTagged(der, 0, SEQUENCE);
  if (whole === undefined || whole.end !== der.length) return undefined;
  const contents: Buffer[] = [];
  let at = 0;
  for (const tag of tags) {
    const part = readTagged(whole.content, at, tag);
    if (part === undefined) return undefined;
    contents.push(part.content);
    at = part.end;
  }
  return at === whole.content.length ? contents : undefined;
}

function readTagged(der: Buffer, at: number, tag: number): { content: Buffer; end: number } | undefined {
  const short = der[at + 1];
  if (der[at] !== tag || short === undefined) return undefined;
  const lengthBytes = short < 0x80 ? 0 : short - 0x80;
  if (lengthBytes > 2 || short === 0x80 || at + 2 + lengthBytes > der.length) return undefined;
  const length = lengthBytes === 0 ? short : der.readUIntBE(at + 2, lengthBytes);
  // The shortest spelling of a length is the only one.
  if (lengthBytes > 0 && length < (lengthBytes === 1 ? 0x80 : 0x100)) return undefined;
  const from = at + 2 + lengthBytes;
  return from + length > der.length ? undefined : { content: der.subarray(from, from + length), end: from + length };
}

function readInteger(content: Buffer): bigint | undefined {
  const [first, second] = content;
  if (first === undefined || first >= 0x80) return undefined;
  if (first === 0 && content.length > 1 && (second ?? 0) < 0x80) return undefined;
  return BigInt(`0x${content.toString('hex')}`);
}

function tagged(tag: number, content: Buffer): Buffer {
  const { length } = content;
  if (length > LENGTH_MAX) throw new RangeError(`${length} bytes do not fit two bytes of length`);
  const head = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...head]), content]);
}
