import { createSecretKey, randomBytes } from 'node:crypto';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { keyIdOf, overheadBytes, seal, unseal } from './envelope.ts';
import { allPlaces, places } from './places.ts';

const key = createSecretKey(randomBytes(32));
const at = places.journal.at('0199f000-0000-7000-8000-000000000001', 3);
const runs = Number(process.env['LIANSHU_CASES'] ?? 200);

test('what is sealed opens in its place and says by which key; text and bytes alike', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 5_000 }), fc.nat({ max: 0xffff_ffff }), (bytes, id) => {
      const sealed = seal(key, id, at, bytes);
      expect(sealed.length).toBe(bytes.length + overheadBytes);
      expect(keyIdOf(sealed)).toBe(id);
      expect(unseal(key, at, sealed)?.equals(bytes)).toBe(true);
    }),
    { numRuns: runs },
  );
  expect(unseal(key, at, seal(key, 1, at, '身份证 350203199001010017'))?.toString()).toBe('身份证 350203199001010017');
});

test('no flipped bit goes unnoticed, wherever it is, and no byte that is missing or too much', () => {
  const sealed = seal(key, 7, at, Buffer.from('{"idNo":"350203199001010017"}'));
  for (let bit = 0; bit < sealed.length * 8; bit += 1) {
    const flipped = Buffer.from(sealed);
    flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    const isStillOurs = keyIdOf(flipped) === 7;
    expect(isStillOurs ? unseal(key, at, flipped) : undefined).toBeUndefined();
  }
  for (let length = overheadBytes; length < sealed.length; length += 1)
    expect(unseal(key, at, sealed.subarray(0, length))).toBeUndefined();
  expect(unseal(key, at, Buffer.concat([sealed, Buffer.alloc(1)]))).toBeUndefined();
});

test('a value that was moved to another row, column or table does not open, nor under another key', () => {
  const sealed = seal(key, 1, at, 'secret');
  const others = [
    places.journal.at('0199f000-0000-7000-8000-000000000001', 4),
    places.journal.at('0199f000-0000-7000-8000-000000000002', 3),
    places.signal.at('0199f000-0000-7000-8000-000000000001', '3'),
    places.partRequest.at('0199f000-0000-7000-8000-000000000001', 3),
    places.partAnswer.at('0199f000-0000-7000-8000-000000000001', 3),
  ];
  for (const other of others) expect(unseal(key, other, sealed)).toBeUndefined();
  expect(unseal(createSecretKey(randomBytes(32)), at, sealed)).toBeUndefined();
});

test('the same text is never sealed to the same bytes, and no nonce comes twice', () => {
  const nonces = new Set<string>();
  const count = 20_000;
  for (let i = 0; i < count; i += 1) nonces.add(seal(key, 1, at, 'x').toString('latin1', 6, 18));
  expect(nonces.size).toBe(count);
});

test('no JSON, XML or form begins as a sealed value does', () => {
  for (const text of ['{}', '[]', '"x"', '1', 'null', '<a/>', 'a=1', '\uFEFF{}', '\u{10FFFF}'.repeat(20)])
    expect(keyIdOf(Buffer.from(text.padEnd(overheadBytes + 1)))).toBeUndefined();
});

test('places have names of their own', () => {
  const names = allPlaces.map(({ table, column }) => `${table}.${column}`);
  expect(new Set(names).size).toBe(names.length);
});
