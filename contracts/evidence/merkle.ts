/**
 * A Merkle log (默克尔日志) as RFC 9162 2.1 lays it down, SHA-256: what proves that a record is in the log that a signed
 * head stands for (inclusion), and that a later head only added to an earlier one (consistency).
 *
 * Pure and independent of where hashes are kept: a proof is first asked for as ranges of leaves, each range names the
 * complete subtrees that it consists of, and whoever keeps those looks them up. So a proof costs O(log n) hashes read,
 * whatever the size of the log.
 *
 * Sizes and indexes are ordinary numbers up to 2^53 − 1; nothing here uses 32-bit operators on them.
 */
import { createHash } from 'node:crypto';

/** The root of a complete subtree: leaves `position · 2^level` to `(position + 1) · 2^level − 1`. Level 0 is a leaf. */
export interface NodeId {
  readonly level: number;
  readonly position: number;
}

/** Leaves `from` to `to − 1`. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/** The hash of a complete subtree. @throws when it is not kept */
export type Lookup = (node: NodeId) => Buffer;

/** Hashes in a proof of the largest tree there can be. */
export const proofHashesMax = 54;

const leafPrefix = Buffer.of(0x00);
const nodePrefix = Buffer.of(0x01);

/** RFC 9162 2.1.1: a leaf can never be passed off as an inner node. */
export function leafHash(entry: Uint8Array): Buffer {
  return createHash('sha256').update(leafPrefix).update(entry).digest();
}

export function nodeHash(left: Uint8Array, right: Uint8Array): Buffer {
  return createHash('sha256').update(nodePrefix).update(left).update(right).digest();
}

/** The root of a log without leaves. */
export function emptyRoot(): Buffer {
  return createHash('sha256').digest();
}

/** The ranges whose hashes are PATH(index, D[size]), RFC 9162 2.1.3.1, from the leaf upwards. @throws RangeError */
export function inclusionRanges(index: number, size: number): Range[] {
  if (!isSize(size) || !Number.isSafeInteger(index) || index < 0 || index >= size)
    throw new RangeError(`no leaf ${index} in a log of ${size}`);
  const ranges: Range[] = [];
  let [from, to] = [0, size];
  while (to - from > 1) {
    const middle = from + largestPowerBelow(to - from);
    ranges.unshift(index < middle ? { from: middle, to } : { from, to: middle });
    if (index < middle) to = middle;
    else from = middle;
  }
  return ranges;
}

/** The ranges whose hashes are PROOF(first, D[second]), RFC 9162 2.1.4.1. @throws RangeError */
export function consistencyRanges(first: number, second: number): Range[] {
  if (!isSize(first) || !isSize(second) || first < 1 || first > second)
    throw new RangeError(`no proof from a log of ${first} to one of ${second}`);
  const ranges: Range[] = [];
  let [from, to] = [0, second];
  while (to !== first) {
    const middle = from + largestPowerBelow(to - from);
    ranges.unshift(first <= middle ? { from: middle, to } : { from, to: middle });
    if (first <= middle) to = middle;
    else from = middle;
  }
  // The verifier holds the root of `first` already when that is a complete subtree at the left edge.
  return from === 0 ? ranges : [{ from, to }, ...ranges];
}

/** The complete subtrees of a range that the ranges above gave, or of `{ from: 0, to: size }`; from left to right. */
export function rangeNodes({ from, to }: Range): NodeId[] {
  const nodes: NodeId[] = [];
  for (let at = from; at < to;) {
    let [level, width] = [0, 1];
    while (at % (width * 2) === 0 && at + width * 2 <= to) [level, width] = [level + 1, width * 2];
    nodes.push({ level, position: at / width });
    at += width;
  }
  return nodes;
}

/** MTH of the leaves in the range. */
export function rangeHash(range: Range, lookup: Lookup): Buffer {
  const hashes = rangeNodes(range).map(lookup);
  // Complete subtrees get smaller to the right, so the tree over them leans to the right: fold from there.
  return hashes.length === 0 ? emptyRoot() : hashes.reduceRight((right, left) => nodeHash(left, right));
}

/** RFC 9162 2.1.3.2. Never throws: a proof that cannot be is a proof that does not hold. */
export function includes(
  leaf: Uint8Array,
  index: number,
  size: number,
  proof: readonly Uint8Array[],
  root: Uint8Array,
): boolean {
  if (!isSize(size) || !Number.isSafeInteger(index) || index < 0 || index >= size) return false;
  let [at, last] = [index, size - 1];
  let hash: Uint8Array = leaf;
  for (const step of proof) {
    if (last === 0) return false;
    if (at % 2 === 1 || at === last) {
      hash = nodeHash(step, hash);
      while (at % 2 === 0 && at !== 0) [at, last] = [at / 2, half(last)];
    } else hash = nodeHash(hash, step);
    [at, last] = [half(at), half(last)];
  }
  return last === 0 && same(hash, root);
}

/** RFC 9162 2.1.4.2. Never throws. */
export function extendsLog(
  first: { readonly size: number; readonly root: Uint8Array },
  second: { readonly size: number; readonly root: Uint8Array },
  proof: readonly Uint8Array[],
): boolean {
  if (!isSize(first.size) || !isSize(second.size) || first.size < 1 || first.size > second.size) return false;
  if (first.size === second.size) return proof.length === 0 && same(first.root, second.root);
  const steps = isPowerOfTwo(first.size) ? [first.root, ...proof] : [...proof];
  const begin = steps.shift();
  if (begin === undefined) return false;
  let [at, last] = [first.size - 1, second.size - 1];
  while (at % 2 === 1) [at, last] = [half(at), half(last)];
  let old: Uint8Array = begin;
  let grown: Uint8Array = begin;
  for (const step of steps) {
    if (last === 0) return false;
    if (at % 2 === 1 || at === last) {
      old = nodeHash(step, old);
      grown = nodeHash(step, grown);
      while (at % 2 === 0 && at !== 0) [at, last] = [at / 2, half(last)];
    } else grown = nodeHash(grown, step);
    [at, last] = [half(at), half(last)];
  }
  return last === 0 && same(old, first.root) && same(grown, second.root);
}

/** The right edge of a growing log: what is needed of it to append to it, and to tell its root. */
export class Edge {
  #size: number;
  readonly #complete: { readonly node: NodeId; readonly hash: Buffer }[];

  /** Of a log of `size` leaves; `lookup` is asked for `rangeNodes({ from: 0, to: size })`. */
  constructor(size = 0, lookup: Lookup = () => Buffer.alloc(0)) {
    this.#size = size;
    this.#complete = rangeNodes({ from: 0, to: size }).map((node) => ({ node, hash: lookup(node) }));
  }

  get size(): number {
    return this.#size;
  }

  /** Takes one leaf and tells the subtrees above it that it completed, to be kept for proofs. */
  append(leaf: Buffer): { node: NodeId; hash: Buffer }[] {
    const made: { node: NodeId; hash: Buffer }[] = [];
    let top = { node: { level: 0, position: this.#size }, hash: leaf };
    while (top.node.position % 2 === 1) {
      const left = this.#complete.pop();
      if (left === undefined) throw new Error('the edge of the log has lost a subtree');
      const node = { level: top.node.level + 1, position: half(top.node.position) };
      top = { node, hash: nodeHash(left.hash, top.hash) };
      made.push(top);
    }
    this.#complete.push(top);
    this.#size += 1;
    return made;
  }

  root(): Buffer {
    const hashes = this.#complete.map(({ hash }) => hash);
    return hashes.length === 0 ? emptyRoot() : hashes.reduceRight((right, left) => nodeHash(left, right));
  }
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

function isSize(size: number): boolean {
  return Number.isSafeInteger(size) && size >= 0;
}

function half(value: number): number {
  return Math.floor(value / 2);
}

/** The largest power of two smaller than `count`, which is at least 2. */
function largestPowerBelow(count: number): number {
  let power = 1;
  while (power * 2 < count) power *= 2;
  return power;
}

function isPowerOfTwo(value: number): boolean {
  let power = 1;
  while (power < value) power *= 2;
  return power === value;
}
