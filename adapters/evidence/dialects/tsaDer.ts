/**
 * DER for time-stamps: a strict reader (one spelling of each length, nothing left over, bounded depth) that keeps the bytes of
 * every part, since signatures are over bytes, and the few writers that a request needs.
 */

export interface Part {
  readonly tag: number;
  readonly content: Buffer;
  /** Tag, length and content as they came. */
  readonly whole: Buffer;
}

export const tags = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octets: 0x04,
  oid: 0x06,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
  /** Context-specific and constructed: `[0]` to `[3]`. */
  given: [0xa0, 0xa1, 0xa2, 0xa3],
} as const;

/** More than any token is long. */
const lengthBytesMax = 3;

/** The one part that these bytes are. @throws Error when they are not DER, or more than one part */
export function partIn(bytes: Buffer): Part {
  const { part, end } = partAt(bytes, 0);
  if (end !== bytes.length) throw new Error('bytes are left over');
  return part;
}

/** What a constructed part holds, in order. */
export function partsIn(part: Part, tag: number): Part[] {
  if (part.tag !== tag) throw new Error(`tag ${part.tag} where ${tag} is due`);
  const parts: Part[] = [];
  for (let at = 0; at < part.content.length;) {
    const { part: next, end } = partAt(part.content, at);
    parts.push(next);
    at = end;
  }
  return parts;
}

/** Takes parts one after the other, as a SEQUENCE with optional members has them. */
export class Members {
  readonly #parts: Part[];

  constructor(part: Part, tag: number = tags.sequence) {
    this.#parts = partsIn(part, tag);
  }

  take(tag?: number): Part {
    const next = this.#parts.shift();
    if (!next || (tag !== undefined && next.tag !== tag)) throw new Error(`no part of tag ${tag ?? 'any'}`);
    return next;
  }

  takeIf(tag: number): Part | undefined {
    return this.#parts[0]?.tag === tag ? this.#parts.shift() : undefined;
  }

  /** @throws Error when something is left */
  end(): void {
    if (this.#parts.length > 0) throw new Error('a member too many');
  }
}

export function contentOf(part: Part, tag: number): Buffer {
  if (part.tag !== tag) throw new Error(`tag ${part.tag} where ${tag} is due`);
  return part.content;
}

/** A number that is not negative. */
export function numberIn(part: Part, tag: number = tags.integer): bigint {
  const content = contentOf(part, tag);
  const [first, second = 0] = content;
  if (first === undefined || first >= 0x80) throw new Error('a number that is negative or none');
  if (first === 0 && content.length > 1 && second < 0x80) throw new Error('a number with a zero too many');
  return BigInt(`0x${content.toString('hex')}`);
}

export function oidIn(part: Part): string {
  const content = contentOf(part, tags.oid);
  const arcs: bigint[] = [];
  let arc = 0n;
  for (const [at, byte] of content.entries()) {
    if (arc === 0n && byte === 0x80) throw new Error('an identifier with a zero too many');
    arc = (arc << 7n) | BigInt(byte & 0x7f);
    if (byte < 0x80) {
      arcs.push(arc);
      arc = 0n;
    } else if (at === content.length - 1) throw new Error('an identifier without its end');
  }
  const [first] = arcs;
  if (first === undefined) throw new Error('an empty identifier');
  const top = first < 40n ? 0n : first < 80n ? 1n : 2n;
  return [top, first - 40n * top, ...arcs.slice(1)].join('.');
}

export function tagged(tag: number, ...contents: Buffer[]): Buffer {
  const content = Buffer.concat(contents);
  const { length } = content;
  if (length < 0x80) return Buffer.concat([Buffer.of(tag, length), content]);
  const bytes = Buffer.from(length.toString(16).padStart(length > 0xffff ? 6 : length > 0xff ? 4 : 2, '0'), 'hex');
  return Buffer.concat([Buffer.of(tag, 0x80 + bytes.length), bytes, content]);
}

export function integer(number: bigint): Buffer {
  const hex = number.toString(16);
  const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
  return tagged(tags.integer, (bytes[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.of(0), bytes]) : bytes);
}

export function oid(text: string): Buffer {
  const [top = 0n, second = 0n, ...rest] = text.split('.').map(BigInt);
  const bytes = [top * 40n + second, ...rest].flatMap((arc) => {
    const groups = [Number(arc & 0x7fn)];
    for (let more = arc >> 7n; more > 0n; more >>= 7n) groups.unshift(Number(more & 0x7fn) | 0x80);
    return groups;
  });
  return tagged(tags.oid, Buffer.from(bytes));
}

function partAt(bytes: Buffer, at: number): { part: Part; end: number } {
  const [tag, short] = [bytes[at], bytes[at + 1]];
  if (tag === undefined || short === undefined || (tag & 0x1f) === 0x1f) throw new Error('no part begins here');
  const lengthBytes = short < 0x80 ? 0 : short - 0x80;
  if (short === 0x80 || lengthBytes > lengthBytesMax) throw new Error('a length that DER does not have');
  const begin = at + 2 + lengthBytes;
  const length = lengthBytes === 0 ? short : bytes.subarray(at + 2, begin).reduce((sum, byte) => sum * 256 + byte, 0);
  if (lengthBytes > 0 && (length < 0x80 || length < 256 ** (lengthBytes - 1)))
    throw new Error('a length that could be shorter');
  const end = begin + length;
  if (end > bytes.length) throw new Error('a part that is not whole');
  return { part: { tag, content: bytes.subarray(begin, end), whole: bytes.subarray(at, end) }, end };
}
