/** The bank's wire, with the vector that both sides of it must meet. */
import { createHash } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { sm2 } from 'sm-crypto-v2';
import { enciphered, deciphered, idOf, isSigned, ordered, placeholder, signed } from './cmbSeal.ts';

/** The key of GB/T 32918.5. */
const d = '3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8';
const point =
  '0409f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13';
const source =
  '{"request":{"body":{"ntqacinfx":[{"accnbr":"755900000000001","bbknbr":"75"}]},"head":{"funcode":"NTQACINF","reqid":"2026010203040512300001","userid":"U001"}},"signature":{"sigdat":"__signature_sigdat__","sigtim":"20260102030405"}}';
const message = {
  signature: { sigtim: '20260102030405', sigdat: placeholder },
  request: {
    head: { userid: 'U001', reqid: '2026010203040512300001', funcode: 'NTQACINF' },
    body: { ntqacinfx: [{ bbknbr: '75', accnbr: '755900000000001' }] },
  },
};

test('the canonical text has its keys in order at every depth, and nothing between', () => {
  expect(ordered(message)).toBe(source);
});

test('ZA and the digest are those of the vector, with the user number filled up to sixteen places', () => {
  expect(idOf('U001')).toBe('U001000000000000');
  expect(idOf('U0123456789012345')).toBe('U012345678901234');
  const za = Buffer.from(sm2.getZ(point, idOf('U001')));
  expect(za.toString('hex')).toBe('b2f3baf4796a3b46ac183292442dc316e24500ca1de747d984a277052d21e188');
  expect(createHash('sm3').update(za).update(source).digest('hex')).toBe(
    '33c344673340100777fa9f2569c2b6beb3131416a7515a855a7b0b168f18e85e',
  );
});

test('the cipher text begins as that of the vector, and opens again', () => {
  const sealed = enciphered(source, '0123456789abcdef', 'U001');
  expect(sealed.slice(0, 32)).toBe('eb+rqqHF8Qq8oFoGWY2emLuF6Oahknbt');
  expect(deciphered(sealed, '0123456789abcdef', 'U001')?.toString()).toBe(source);
  expect(deciphered(sealed, 'fedcba9876543210', 'U001')?.toString()).not.toBe(source);
});

test('a signature is sixty-four bytes, holds for its text and its user only', () => {
  const signature = signed(source, d, point, 'U001');
  expect(Buffer.from(signature, 'base64')).toHaveLength(64);
  expect(isSigned(source, signature, point, 'U001')).toBe(true);
  expect(isSigned(`${source} `, signature, point, 'U001')).toBe(false);
  expect(isSigned(source, signature, point, 'U002')).toBe(false);
  expect(isSigned(source, 'AAAA', point, 'U001')).toBe(false);
});
