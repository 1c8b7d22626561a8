/**
 * The arithmetic of the hub's own evidence log (存证日志): each record is chained to the one before it by two digests, so
 * that whoever holds one link can tell whether anything before it was changed, left out, moved or slipped in.
 *
 * Pure: the ledger keeps the links, the evidence chain anchors them, a court's expert can recompute them from this file.
 *
 * Invariants:
 * - What is hashed starts with `linkDomain`: no other digest of the hub can be passed off as a link.
 * - Both digests of the previous link are in the preimage of both digests: the chain holds as long as either SHA-256 or
 *   SM3 (GB/T 32905-2016) does.
 * - `seq` is in the preimage: a chain cannot lose its beginning and still verify.
 * - A chain that lost its end is still a chain, and so is one made anew. Only a link kept elsewhere (the anchored one) shows
 *   that: give it to `verifyChain`.
 */
import { createHash } from 'node:crypto';

export interface EvidenceRecord {
  /** Which evidence node (domain: N01 … N24). */
  readonly node: string;
  readonly businessKey: string;
  readonly payload: unknown;
  /** RFC 3339. */
  readonly at: string;
}

export interface Link {
  /** 1 for the first record. */
  readonly seq: number;
  /** Lower-case hex. */
  readonly sha256: string;
  readonly sm3: string;
}

export type ChainVerdict = { readonly ok: true } | { readonly ok: false; readonly at: number; readonly why: string };

/** Deeper payloads are refused: recursion must not be able to exhaust the stack. */
export const canonicalDepthMax = 64;

const linkDomain = 'lianshu/evidence-link/v1\n';

/**
 * RFC 8785 (JCS) of what evidence consists of: strings, integers within ±(2^53 − 1), booleans, null, arrays, plain objects.
 * @throws TypeError for anything else (fractions, undefined, dates, half surrogate pairs, sparse arrays): two readers may differ
 */
export function canonicalJson(value: unknown): string {
  return written(value, '#', 0);
}

/** @throws TypeError when the record holds what `canonicalJson` refuses */
export function linkOf(previous: Link | undefined, record: EvidenceRecord): Link {
  const { node, businessKey, payload, at } = record;
  const seq = (previous?.seq ?? 0) + 1;
  const before = previous ? { seq: previous.seq, sha256: previous.sha256, sm3: previous.sm3 } : null;
  const bytes = Buffer.from(linkDomain + canonicalJson({ seq, before, record: { node, businessKey, payload, at } }));
  return { seq, sha256: digest('sha256', bytes), sm3: digest('sm3', bytes) };
}

/** `at` is the index of the first record or link that is wrong. With `anchored`, the chain must also still contain that link. */
export function verifyChain(links: readonly Link[], records: readonly EvidenceRecord[], anchored?: Link): ChainVerdict {
  let previous: Link | undefined;
  for (let at = 0; at < Math.max(links.length, records.length); at += 1) {
    const [link, record] = [links[at], records[at]];
    if (!record) return { ok: false, at, why: 'a link without a record' };
    if (!link) return { ok: false, at, why: 'a record without a link' };
    const why = wrongIn(link, dueOr(previous, record));
    if (why !== undefined) return { ok: false, at, why };
    previous = link;
  }
  if (!anchored) return { ok: true };
  const kept = links[anchored.seq - 1];
  if (!kept) return { ok: false, at: links.length, why: 'the chain ends before the anchored link' };
  const why = wrongIn(kept, anchored);
  return why === undefined
    ? { ok: true }
    : { ok: false, at: anchored.seq - 1, why: `against the anchored link: ${why}` };
}

function wrongIn(link: Link, due: Link | string): string | undefined {
  if (typeof due === 'string') return due;
  if (link.seq !== due.seq) return `the link says ${String(link.seq)} where ${due.seq} is due`;
  if (link.sha256 !== due.sha256) return 'the SHA-256 is not that of this record after these before it';
  if (link.sm3 !== due.sm3) return 'the SM3 is not that of this record after these before it';
  return undefined;
}

/** A record that cannot be written down was never linked: that is a finding, not a crash. */
function dueOr(previous: Link | undefined, record: EvidenceRecord): Link | string {
  try {
    return linkOf(previous, record);
  } catch (thrown) {
    return thrown instanceof TypeError
      ? `the record cannot have been linked: ${thrown.message}`
      : 'the record cannot be read';
  }
}

function written(value: unknown, place: string, depth: number): string {
  if (depth > canonicalDepthMax) throw new TypeError(`${place}: nested deeper than ${canonicalDepthMax}`);
  switch (typeof value) {
    case 'string':
      return text(value, place);
    case 'boolean':
      return String(value);
    case 'number':
      if (!Number.isSafeInteger(value))
        throw new TypeError(`${place}: not an integer within 2^53; write it as a string`);
      return JSON.stringify(value); // Also turns -0 into 0, as RFC 8785 does.
    case 'object':
      if (value === null) return 'null';
      return Array.isArray(value) ? array(value, place, depth) : object(value, place, depth);
    default:
      throw new TypeError(`${place}: ${typeof value} is not JSON`);
  }
}

/** `JSON.stringify` escapes exactly as RFC 8785 3.2.2.2 demands, but for halves of surrogate pairs, which have no UTF-8. */
function text(value: string, place: string): string {
  if (!value.isWellFormed()) throw new TypeError(`${place}: half a surrogate pair`);
  return JSON.stringify(value);
}

function array(value: readonly unknown[], place: string, depth: number): string {
  // By index, not by map: a hole in a sparse array must be met, not skipped.
  return `[${Array.from(value, (item, at) => written(item, `${place}/${at}`, depth + 1)).join(',')}]`;
}

function object(value: object, place: string, depth: number): string {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) throw new TypeError(`${place}: not a plain object`);
  if (Object.getOwnPropertySymbols(value).length > 0) throw new TypeError(`${place}: a symbol is not a JSON key`);
  const members = Object.entries(value)
    .toSorted(([a], [b]) => (a < b ? -1 : 1)) // `<` compares UTF-16 code units, the order that RFC 8785 3.2.3 asks for.
    .map(([key, member]) => `${text(key, place)}:${written(member, `${place}/${key}`, depth + 1)}`);
  return `{${members.join(',')}}`;
}

function digest(algorithm: 'sha256' | 'sm3', bytes: Buffer): string {
  return createHash(algorithm).update(bytes).digest('hex');
}
