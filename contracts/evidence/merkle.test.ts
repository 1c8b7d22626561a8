import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  consistencyRanges,
  Edge,
  emptyRoot,
  extendsLog,
  includes,
  inclusionRanges,
  leafHash,
  nodeHash,
  rangeHash,
  rangeNodes,
  type NodeId,
} from './merkle.ts';

/** The eight entries of the test data of Certificate Transparency, and what its implementations agree on for them. */
const entries = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'];
const roots = [
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];
const node = {
  l0: '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  l1: '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7',
  l2: '0298d122906dcfc10892cb53a73992fc5b9f493ea4c9badb27b791b4127a7fe7',
  l3: '07506a85fd9dd2f120eb694f86011e5bb4662e5c415a62917033d4a9624487e7',
  l4: 'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
  l6: 'b08693ec2e721597130641e8211e7eedccb4c26413963eee6c1e2ed16ffb1a5f',
  n01: 'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  n23: '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
  n45: '0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a',
  n67: 'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
  n03: 'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  n46: '837dbb152e9b079010717e84e865da4ebc0fa198a806d59d31bf15accef22d0e',
  n47: '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4',
};

describe('the vectors of Certificate Transparency', () => {
  const log = grown(entries.map((entry) => leafHash(Buffer.from(entry, 'hex'))));

  test.each(roots.map((root, size) => [size, root] as const))('a log of %i has the root %s', (size, root) => {
    expect(log.root(size).toString('hex')).toBe(root);
  });

  test.each([
    [0, 1, []],
    [0, 8, [node.l1, node.n23, node.n47]],
    [5, 8, [node.l4, node.n67, node.n03]],
    [2, 3, [node.n01]],
    [1, 5, [node.l0, node.n23, node.l4]],
  ])('leaf %i is in the log of %i by the published proof', (index, size, due) => {
    expect(log.inclusion(index, size).map(hex)).toEqual(due);
    expect(includes(log.leaf(index), index, size, due.map(bytes), log.root(size))).toBe(true);
  });

  test.each([
    [1, 1, []],
    [1, 8, [node.l1, node.n23, node.n47]],
    [6, 8, [node.n45, node.n67, node.n03]],
    [2, 5, [node.n23, node.l4]],
    [6, 7, [node.n45, node.l6, node.n03]],
    [3, 7, [node.l2, node.l3, node.n01, node.n46]],
  ])('the log of %i is the beginning of that of %i by the published proof', (first, second, due) => {
    expect(log.consistency(first, second).map(hex)).toEqual(due);
    expect(extendsLog(log.at(first), log.at(second), due.map(bytes))).toBe(true);
  });
});

test('every inclusion proof of every log of up to 70 leaves holds, and for no other leaf, index or root', () => {
  const log = grown(numbered(70));
  for (let size = 1; size <= 70; size += 1) {
    for (let index = 0; index < size; index += 1) {
      const proof = log.inclusion(index, size);
      expect(proof.length).toBeLessThanOrEqual(Math.ceil(Math.log2(size)));
      expect(includes(log.leaf(index), index, size, proof, log.root(size))).toBe(true);
      expect(includes(log.leaf(index), (index + 1) % size, size, proof, log.root(size))).toBe(size === 1);
      expect(includes(log.leaf((index + 1) % 70), index, size, proof, log.root(size))).toBe(false);
      expect(includes(log.leaf(index), index, size, proof, log.root(size - 1))).toBe(false);
    }
  }
});

test('every consistency proof between logs of up to 70 leaves holds, and between no others', () => {
  const log = grown(numbered(70));
  const other = grown([...numbered(69), leafHash(Buffer.from('other'))]);
  for (let second = 1; second <= 70; second += 1) {
    for (let first = 1; first <= second; first += 1) {
      const proof = log.consistency(first, second);
      expect(extendsLog(log.at(first), log.at(second), proof)).toBe(true);
      if (first < second)
        expect(extendsLog({ ...log.at(first), root: emptyRoot() }, log.at(second), proof)).toBe(false);
      if (second === 70) expect(extendsLog(log.at(first), other.at(second), proof)).toBe(false);
    }
  }
});

test('a proof of which one bit was changed, or a step left out or added, does not hold', () => {
  const log = grown(numbered(300));
  const sizes = fc.tuple(fc.integer({ min: 2, max: 300 }), fc.nat(), fc.nat());
  fc.assert(
    fc.property(sizes, ([size, a, bit]) => {
      const index = a % size;
      const proof = log.inclusion(index, size);
      const holds = (steps: readonly Buffer[]) => includes(log.leaf(index), index, size, steps, log.root(size));
      expect(holds(proof)).toBe(true);
      expect(holds(flipped(proof, bit))).toBe(false);
      expect(holds(proof.slice(1))).toBe(false);
      expect(holds(proof.slice(0, -1))).toBe(false);
      expect(holds([...proof, emptyRoot()])).toBe(false);
      const first = 1 + (a % (size - 1));
      const steps = log.consistency(first, size);
      expect(extendsLog(log.at(first), log.at(size), steps)).toBe(true);
      expect(extendsLog(log.at(first), log.at(size), flipped(steps, bit))).toBe(false);
      expect(extendsLog(log.at(first), log.at(size), steps.slice(0, -1))).toBe(false);
      expect(extendsLog(log.at(first), log.at(size), [...steps, emptyRoot()])).toBe(false);
    }),
  );
});

test('an edge taken up again from the kept subtrees grows as the one that never stopped', () => {
  fc.assert(
    fc.property(fc.nat(120), fc.nat(60), (before, more) => {
      const log = grown(numbered(before + more));
      const edge = new Edge(before, log.lookup);
      for (let at = before; at < before + more; at += 1) edge.append(log.leaf(at));
      expect(edge.root().equals(log.root(before + more))).toBe(true);
      expect(edge.size).toBe(before + more);
    }),
  );
});

test('the root is what the recursive definition of RFC 9162 2.1.1 gives', () => {
  const leaves = numbered(150);
  const mth = (from: number, to: number): Buffer => {
    if (to - from === 1) return leaves[from] ?? Buffer.alloc(0);
    let k = 1;
    while (k * 2 < to - from) k *= 2;
    return nodeHash(mth(from, from + k), mth(from + k, to));
  };
  const log = grown(leaves);
  for (let size = 1; size <= 150; size += 1) expect(log.root(size).equals(mth(0, size))).toBe(true);
});

test('sizes that no log has are refused, and proofs of them never hold', () => {
  const root = emptyRoot();
  for (const [index, size] of [
    [0, 0],
    [-1, 2],
    [2, 2],
    [0.5, 2],
    [0, Number.POSITIVE_INFINITY],
    [0, Number.NaN],
    [0, 2 ** 53],
  ] as const) {
    expect(() => inclusionRanges(index, size)).toThrow(RangeError);
    expect(includes(root, index, size, [], root)).toBe(false);
  }
  expect(() => consistencyRanges(0, 4)).toThrow(RangeError);
  expect(() => consistencyRanges(5, 4)).toThrow(RangeError);
  expect(extendsLog({ size: 0, root }, { size: 4, root }, [])).toBe(false);
  expect(extendsLog({ size: 5, root }, { size: 4, root }, [])).toBe(false);
});

test('a log of 2^40 leaves is proved with 40 hashes, each read once', () => {
  const ranges = inclusionRanges(2 ** 39 + 12_345, 2 ** 40);
  expect(ranges).toHaveLength(40);
  expect(ranges.flatMap(rangeNodes)).toHaveLength(40);
});

interface Log {
  leaf(index: number): Buffer;
  root(size: number): Buffer;
  at(size: number): { size: number; root: Buffer };
  inclusion(index: number, size: number): Buffer[];
  consistency(first: number, second: number): Buffer[];
  readonly lookup: (id: NodeId) => Buffer;
}

/** A log that keeps all complete subtrees, as the ledger's tables do. */
function grown(leaves: readonly Buffer[]): Log {
  const kept = new Map<string, Buffer>();
  const edge = new Edge();
  leaves.forEach((leaf, position) => {
    kept.set(`0/${position}`, leaf);
    for (const made of edge.append(leaf)) kept.set(`${made.node.level}/${made.node.position}`, made.hash);
  });
  const lookup = ({ level, position }: NodeId) => {
    const hash = kept.get(`${level}/${position}`);
    if (hash === undefined) throw new Error(`no subtree ${level}/${position}`);
    return hash;
  };
  const root = (size: number) => rangeHash({ from: 0, to: size }, lookup);
  return {
    lookup,
    root,
    leaf: (index) => lookup({ level: 0, position: index }),
    at: (size) => ({ size, root: root(size) }),
    inclusion: (index, size) => inclusionRanges(index, size).map((range) => rangeHash(range, lookup)),
    consistency: (first, second) => consistencyRanges(first, second).map((range) => rangeHash(range, lookup)),
  };
}

function numbered(count: number): Buffer[] {
  return Array.from({ length: count }, (_, i) => createHash('sha256').update(`leaf ${i}`).digest());
}

function flipped(proof: readonly Buffer[], bit: number): Buffer[] {
  const at = bit % (proof.length * 256);
  return proof.map((step, i) => {
    const copy = Buffer.from(step);
    if (i === Math.floor(at / 256))
      copy[Math.floor((at % 256) / 8)] = (copy[Math.floor((at % 256) / 8)] ?? 0) ^ (1 << (at % 8));
    return copy;
  });
}

function hex(hash: Buffer): string {
  return hash.toString('hex');
}

function bytes(text: string): Buffer {
  return Buffer.from(text, 'hex');
}
