import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { canonicalDepthMax, canonicalJson, linkOf, verifyChain, type EvidenceRecord, type Link } from './chain.ts';

describe('canonical JSON', () => {
  test('escapes strings as the example of RFC 8785 3.2.2 does', () => {
    // oxlint-disable-next-line no-useless-escape -- the RFC's own spelling
    const source = { string: '\u20ac$\u000F\u000aA\'\u0042\u0022\u005c\\\"\/', literals: [null, true, false] };
    expect(canonicalJson(source)).toBe('{"literals":[null,true,false],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}');
    expect(Buffer.from(canonicalJson(source)).toString('hex')).toBe(
      '7b226c69746572616c73223a5b6e756c6c2c747275652c66616c73655d2c22737472696e67223a22e282ac245c75303030665c6e4127425c225c5c5c5c5c222f227d',
    );
  });

  test('sorts keys by UTF-16 code units as the example of RFC 8785 3.2.3 does', () => {
    const source = {
      '\u20ac': 'Euro Sign',
      '\r': 'Carriage Return',
      '\ufb33': 'Hebrew Letter Dalet With Dagesh',
      '1': 'One',
      '\ud83d\ude00': 'Emoji: Grinning Face',
      '\u0080': 'Control',
      '\u00f6': 'Latin Small Letter O With Diaeresis',
    };
    const order = Object.values(JSON.parse(canonicalJson(source)) as object);
    // The JSON parser puts the integer-like key first; in the text it is second.
    expect(canonicalJson(source).startsWith('{"\\r":"Carriage Return","1":"One"')).toBe(true);
    expect(order.slice(2)).toEqual([
      'Control',
      'Latin Small Letter O With Diaeresis',
      'Euro Sign',
      'Emoji: Grinning Face',
      'Hebrew Letter Dalet With Dagesh',
    ]);
  });

  test.each([
    [0, '0'],
    [-0, '0'], // RFC 8785 appendix B: minus zero is written as 0.
    [9007199254740991, '9007199254740991'],
    [-9007199254740991, '-9007199254740991'],
    [[], '[]'],
    [{}, '{}'],
    [{ b: [{ y: 1, x: 2 }], a: '1.50' }, '{"a":"1.50","b":[{"x":2,"y":1}]}'],
    [JSON.parse('{"__proto__":1,"a":2}'), '{"__proto__":1,"a":2}'],
  ])('%j is %s', (value, due) => {
    expect(canonicalJson(value)).toBe(due);
  });

  test.each([
    ['a fraction', 0.1],
    ['2^53, which has two spellings', 9007199254740992],
    ['not a number', Number.NaN],
    ['infinity', Number.POSITIVE_INFINITY],
    ['a bigint', 1n],
    ['undefined', undefined],
    ['a member that is undefined', { a: undefined }],
    ['a hole in an array', Object.assign([], { length: 2 })],
    ['a date', new Date(0)],
    ['a map', new Map()],
    ['a function', () => 1],
    ['half a surrogate pair', '\ud83d'],
    ['half a surrogate pair as a key', { '\ude00': 1 }],
    ['a symbol key', { [Symbol('s')]: 1 }],
    ['a nest deeper than the limit', nest(canonicalDepthMax + 1)],
  ])('%s is refused', (_, value) => {
    expect(() => canonicalJson(value)).toThrow(TypeError);
  });

  test('what it writes reads back as the same value, whatever the order of the keys was', () => {
    fc.assert(
      fc.property(payload, (value) => {
        expect(JSON.parse(canonicalJson(value))).toEqual(value);
        expect(canonicalJson(reversed(value))).toBe(canonicalJson(value));
      }),
    );
  });
});

test('node:crypto gives the SM3 of "abc" that GB/T 32905-2016 appendix A.1 gives', () => {
  expect(createHash('sm3').update('abc').digest('hex')).toBe(
    '66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0',
  );
});

test('the bytes that are hashed stay as they are: links made today verify for as long as the law asks', () => {
  const record = {
    node: 'N14',
    businessKey: 'F3-0001',
    payload: { amount: '1000.00' },
    at: '2026-11-23T09:00:00+08:00',
  };
  const first = linkOf(undefined, record);
  const bytes = (before: string, seq: number) =>
    `lianshu/evidence-link/v1\n{"before":${before},"record":{"at":"2026-11-23T09:00:00+08:00","businessKey":"F3-0001","node":"N14","payload":{"amount":"1000.00"}},"seq":${seq}}`;
  const hash = (algorithm: string, text: string) => createHash(algorithm).update(text).digest('hex');
  expect(first).toEqual({ seq: 1, sha256: hash('sha256', bytes('null', 1)), sm3: hash('sm3', bytes('null', 1)) });
  const before = `{"seq":1,"sha256":"${first.sha256}","sm3":"${first.sm3}"}`;
  expect(linkOf(first, record)).toEqual({
    seq: 2,
    sha256: hash('sha256', bytes(before, 2)),
    sm3: hash('sm3', bytes(before, 2)),
  });
});

describe('a chain', () => {
  test('as it was made verifies, and so does each beginning of it', () => {
    fc.assert(
      fc.property(records(0), (all) => {
        const links = chained(all);
        expect(verifyChain(links, all)).toEqual({ ok: true });
        expect(verifyChain(links.slice(0, -1), all.slice(0, -1))).toEqual({ ok: true });
      }),
    );
  });

  test('finds any one-bit change of any link', () => {
    fc.assert(
      fc.property(
        records(1),
        fc.nat(),
        fc.nat({ max: 255 }),
        fc.constantFrom('sha256', 'sm3'),
        (all, where, bit, part) => {
          const links = chained(all);
          const at = where % links.length;
          const changed = links.map((link, i) =>
            i === at ? { ...link, [part]: flipped(link[part as 'sm3'], bit) } : link,
          );
          expect(verifyChain(changed, all)).toMatchObject({ ok: false, at });
        },
      ),
    );
  });

  test('finds any one-bit change of any character of any record', () => {
    fc.assert(
      fc.property(records(1), fc.nat(), fc.nat(), fc.nat({ max: 6 }), field, (all, where, character, bit, name) => {
        const at = where % all.length;
        const changed = all.map((record, i) =>
          i === at ? { ...record, [name]: bitFlipped(record[name], character, bit) } : record,
        );
        expect(verifyChain(chained(all), changed)).toMatchObject({ ok: false, at });
      }),
    );
  });

  test('finds a record left out, from the records, the links or both', () => {
    fc.assert(
      fc.property(records(2), fc.nat(), (all, where) => {
        const links = chained(all);
        const at = where % all.length;
        expect(verifyChain(links, all.toSpliced(at, 1)).ok).toBe(false);
        expect(verifyChain(links.toSpliced(at, 1), all).ok).toBe(false);
        const both = verifyChain(links.toSpliced(at, 1), all.toSpliced(at, 1), links.at(-1));
        expect(both).toMatchObject({ ok: false });
        if (at < all.length - 1)
          expect(verifyChain(links.toSpliced(at, 1), all.toSpliced(at, 1))).toMatchObject({ ok: false, at });
      }),
    );
  });

  test('finds two records swapped, alone or with their links', () => {
    fc.assert(
      fc.property(records(2), fc.nat(), fc.nat(), (all, a, b) => {
        const [i, j] = [a % all.length, b % all.length];
        fc.pre(i !== j);
        const links = chained(all);
        const at = Math.min(i, j);
        expect(verifyChain(links, swapped(all, i, j))).toMatchObject({ ok: false, at });
        expect(verifyChain(swapped(links, i, j), swapped(all, i, j))).toMatchObject({ ok: false, at });
      }),
    );
  });

  test('finds a record slipped in, even one with a link of its own making', () => {
    fc.assert(
      fc.property(records(1), fc.nat(), payload, (all, where, extra) => {
        const links = chained(all);
        const at = where % all.length;
        const record = { node: 'N24', businessKey: 'slipped in', payload: extra, at: '2026-11-23T09:00:00Z' };
        const forged = linkOf(links[at - 1], record);
        expect(verifyChain(links, all.toSpliced(at, 0, record))).toMatchObject({ ok: false, at });
        expect(verifyChain(links.toSpliced(at, 0, forged), all.toSpliced(at, 0, record))).toMatchObject({ ok: false });
      }),
    );
  });

  test('made anew from changed records verifies by itself, but not against the link that was anchored', () => {
    fc.assert(
      fc.property(records(1), fc.nat(), (all, where) => {
        const anchored = chained(all).at(-1);
        const forged = all.map((record, i) => (i === where % all.length ? { ...record, node: 'N99' } : record));
        expect(verifyChain(chained(forged), forged)).toEqual({ ok: true });
        expect(verifyChain(chained(forged), forged, anchored)).toMatchObject({ ok: false });
      }),
    );
  });

  test('with a record that cannot be written down is a finding, not a crash', () => {
    const record = { node: 'N01', businessKey: 'K', payload: 1, at: '2026-11-23T09:00:00Z' };
    expect(verifyChain(chained([record]), [{ ...record, payload: 0.5 }])).toMatchObject({ ok: false, at: 0 });
  });
});

const payload = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.string({ unit: 'binary' }),
    fc.maxSafeInteger().filter((n) => !Object.is(n, -0)),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.string(), tie('value'), { maxKeys: 4, noNullPrototype: true }),
  ),
})).value;
const field = fc.constantFrom('node' as const, 'businessKey' as const, 'at' as const);

/** Records that differ from each other: two equal ones swapped are no change. */
function records(minLength: number) {
  return fc
    .array(fc.record({ node: fc.constantFrom('N01', 'N14'), payload, at: fc.constant('2026-11-23T09:00:00Z') }), {
      minLength,
      maxLength: 8,
    })
    .map((all): EvidenceRecord[] => all.map((record, i) => ({ ...record, businessKey: `CASE-${i}` })));
}

function chained(all: readonly EvidenceRecord[]): Link[] {
  const links: Link[] = [];
  for (const record of all) links.push(linkOf(links.at(-1), record));
  return links;
}

function flipped(hex: string, bit: number): string {
  const bytes = Buffer.from(hex, 'hex');
  bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return bytes.toString('hex');
}

function bitFlipped(text: string, character: number, bit: number): string {
  const at = character % text.length;
  return text.slice(0, at) + String.fromCharCode(text.charCodeAt(at) ^ (1 << bit)) + text.slice(at + 1);
}

function swapped<T>(list: readonly T[], i: number, j: number): T[] {
  return list.map((item, at) => (at === i ? (list[j] as T) : at === j ? (list[i] as T) : item));
}

function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([key, member]) => [key, reversed(member)]),
  );
}

function nest(depth: number): unknown {
  return depth === 0 ? 1 : [nest(depth - 1)];
}
