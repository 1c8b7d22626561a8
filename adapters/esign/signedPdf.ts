/**
 * Proves that a signed PDF holds exactly the document that was sent. A signature is an incremental update: the file as
 * it was, byte by byte, and new objects behind it. So the original is a prefix that ends at one of the `%%EOF` marks,
 * and each signature covers everything from byte 0 around the gap that holds itself: a CMS over just these bytes, whose
 * certificate leads to the vendor's authority.
 *
 * Not proven here: that the name in a certificate is that of a signer; how a vendor writes names is its own affair.
 */
import { createHash, type KeyObject } from 'node:crypto';
import { Failure, isFailure } from '../../contracts/failures.ts';
import { verifyDetachedCms } from './detachedCms.ts';

/** Signatures and updates in one file: 50 signers, with room for the vendor's own updates. */
const marksMax = 500;
/** Line ends and blanks that a producer may leave behind its last `%%EOF`. */
const tailBytesMax = 4;

/**
 * Length of the original inside the signed file.
 *
 * @param cas public keys of the vendor's authorities
 * @throws Failure ANSWER_UNVERIFIED, DOC_HASH_CHANGED or SIGNATURES_INCOMPLETE
 */
export function proveSignedPdf(signed: Buffer, originalSha256: string, cas: readonly KeyObject[]): number {
  if (signed.subarray(0, 5).toString('latin1') !== '%PDF-') {
    throw new Failure('ANSWER_UNVERIFIED', { detail: 'the downloaded file is no PDF' });
  }
  const length = prefixLength(signed, originalSha256);
  if (length === undefined)
    throw new Failure('DOC_HASH_CHANGED', { detail: 'the signed file does not begin with what was sent' });
  const ranges = byteRanges(signed, length);
  if (ranges.length === 0) throw new Failure('SIGNATURES_INCOMPLETE', { detail: 'the file carries no signature' });
  // An update behind the last signature is covered by none: it could show anything.
  if (!ranges.some(({ end }) => signed.subarray(end).toString('latin1').trim() === '')) {
    throw new Failure('ANSWER_UNVERIFIED', { detail: 'something follows the last signature' });
  }
  for (const range of ranges) proveSignature(signed, range, cas);
  return length;
}

function proveSignature(signed: Buffer, { head, tail, end }: Range, cas: readonly KeyObject[]): void {
  const cms = Buffer.from(signed.subarray(head + 1, tail - 1).toString('latin1'), 'hex');
  const content = Buffer.concat([signed.subarray(0, head), signed.subarray(tail, end)]);
  try {
    verifyDetachedCms(cms, content, cas);
  } catch (thrown) {
    if (!isFailure(thrown)) throw thrown;
    throw new Failure('ANSWER_UNVERIFIED', { detail: `a signature in the file: ${thrown.message}`, cause: thrown });
  }
}

interface Range {
  /** Where the gap that holds the signature begins and ends. */
  readonly head: number;
  readonly tail: number;
  /** Where the bytes that it covers end. */
  readonly end: number;
}

function prefixLength(signed: Buffer, sha256: string): number | undefined {
  const hash = createHash('sha256');
  let hashed = 0;
  const hashTo = (end: number): string => {
    hash.update(signed.subarray(hashed, end));
    hashed = end;
    return hash.copy().digest('hex');
  };
  for (const mark of marks(signed, '%%EOF')) {
    const next = mark + 5;
    for (let end = next; end <= Math.min(next + tailBytesMax, signed.length); end += 1) {
      if (end > next && !isBlank(signed[end - 1])) break;
      if (hashTo(end) === sha256) return end;
    }
  }
  return undefined;
}

/** Of the signatures added behind the original. */
function byteRanges(signed: Buffer, originalLength: number): Range[] {
  const found: Range[] = [];
  for (const mark of marks(signed, '/ByteRange')) {
    if (mark < originalLength) continue;
    const text = signed.subarray(mark, mark + 200).toString('latin1');
    const match = /^\/ByteRange\s*\[\s*(\d{1,10})\s+(\d{1,10})\s+(\d{1,10})\s+(\d{1,10})\s*\]/.exec(text);
    const [start = 1, head = 0, tail = 0, rest = 0] = match ? match.slice(1).map(Number) : [];
    const gap = signed.subarray(head, tail).toString('latin1');
    const covers = start === 0 && head > originalLength && tail > head && tail + rest <= signed.length;
    if (!covers || !/^<(?:[0-9a-fA-F]{2})+>$/.test(gap)) {
      throw new Failure('ANSWER_UNVERIFIED', { detail: 'a signature does not cover the file around itself' });
    }
    found.push({ head, tail, end: tail + rest });
  }
  return found;
}

function marks(bytes: Buffer, text: string): number[] {
  const found: number[] = [];
  for (let at = bytes.indexOf(text, 0, 'latin1'); at >= 0; at = bytes.indexOf(text, at + 1, 'latin1')) {
    found.push(at);
    if (found.length > marksMax)
      throw new Failure('ANSWER_UNVERIFIED', { detail: `more than ${marksMax} ${text} marks` });
  }
  return found;
}

const isBlank = (byte: number | undefined): boolean => byte === 0x0a || byte === 0x0d || byte === 0x20;
