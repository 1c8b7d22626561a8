/** The frame of B2Bi, against the bank's own implementation and the header of a public sample. */
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isFailure } from '../../contracts/failures.ts';
import { answerB2bi, b2biLength, headIn, readB2bi, resultXml } from '../../test/twins.ts';
import type { Keys } from '../crypto/keys.ts';
import { gbkOf } from './dialects/gbkXml.ts';
import { answerTo, pinganFrame, requestOf, wordsOf, type SignAlgorithm } from './dialects/pinganFrame.ts';

const pair = () => generateKeyPairSync('rsa', { modulusLength: 2048 });
const [corp, bank] = [pair(), pair()];
const pem = (key: KeyObject, type: 'pkcs8' | 'spki') => key.export({ type, format: 'pem' }).toString();
const keys: Keys = {
  secret: () => '',
  privateKey: () => corp.privateKey,
  publicKey: () => bank.publicKey,
};
const asked = {
  corpCode: '00108000000zzzz000',
  operator: '12345',
  txCode: 'S001',
  serial: '20261123090000000001',
  stamp: '20261123090000',
  body: gbkOf('<Result><UseEx>货款</UseEx></Result>'),
};

const corpKey = pem(corp.publicKey, 'spki');
const bankKey = pem(bank.privateKey, 'pkcs8');

function answer(algorithm: SignAlgorithm, code = '000000', words = '交易成功'): Buffer {
  const request = requestOf(asked, algorithm, keys);
  return answerB2bi(headIn(request), { code, words, body: resultXml({ UseEx: '货款' }) }, bankKey);
}

function typeOf(run: () => unknown): string {
  try {
    run();
    return 'none';
  } catch (thrown) {
    return isFailure(thrown) ? thrown.type : 'Error';
  }
}

test('a header has the bytes of the public sample: lengths in bytes, zeros before numbers, blanks behind text', () => {
  const request = requestOf(asked, 'none', keys);
  expect(request.length).toBe(222 + asked.body.length);
  expect(request.toString('latin1', 0, 53)).toBe('A00101010100108000000zzzz000  0000000036S001  1234501');
  expect(asked.body.length).toBe(36);
  expect(request.toString('latin1', 53, 93)).toBe('2026112309000020261123090000000001999999');
  expect(request.toString('latin1', 193, 222)).toBe(`000000${' '.repeat(12)}00000000000`);
});

test.each(['RSA-SHA1', 'RSA-SHA256'] as const)(
  'what is signed with %s here verifies there, and back',
  async (algorithm) => {
    const request = requestOf(asked, algorithm, keys);
    expect(pinganFrame(request)).toBe(request.length);
    expect(b2biLength(request)).toBe(request.length);
    const seen = await readB2bi(request, corpKey);
    expect(seen).toMatchObject({ authentic: true, code: 'S001', fields: { UseEx: '货款' } });
    const { header, body } = answerTo(asked, answer(algorithm), algorithm, keys);
    expect([header.returnCode, wordsOf(header), body.length]).toEqual([
      '000000',
      '交易成功',
      resultXml({ UseEx: '货款' }).length,
    ]);
  },
);

describe('an answer is not believed', () => {
  test.each<[string, SignAlgorithm, SignAlgorithm]>([
    ['signed with SHA-1 where SHA-256 was agreed', 'RSA-SHA1', 'RSA-SHA256'],
    ['unsigned where a signature was agreed', 'none', 'RSA-SHA256'],
    ['signed where none was agreed', 'RSA-SHA256', 'none'],
  ])('%s', (_what, made, agreed) => {
    expect(typeOf(() => answerTo(asked, answer(made), agreed, keys))).toBe('ANSWER_UNVERIFIED');
  });

  test.each([
    ['of another serial number', { serial: '20261123090000000002' }],
    ['of another transaction', { txCode: '4004' }],
    ['for another company', { corpCode: '00108000000zzzz001' }],
  ])('%s, well signed', (_what, other) => {
    expect(typeOf(() => answerTo({ ...asked, ...other }, answer('RSA-SHA256'), 'RSA-SHA256', keys))).toBe(
      'ANSWER_UNVERIFIED',
    );
  });

  test('whose return code was changed on the way', () => {
    const changed = answer('RSA-SHA256', 'YQ9996');
    changed.write('000000', 87, 'latin1');
    expect(typeOf(() => answerTo(asked, changed, 'RSA-SHA256', keys))).toBe('ANSWER_UNVERIFIED');
  });
});

test('the frame says where an answer ends, or that these bytes begin none', () => {
  const whole = answer('RSA-SHA256');
  expect(pinganFrame(whole.subarray(0, 221))).toBeUndefined();
  expect(pinganFrame(whole.subarray(0, 222))).toBe(whole.length);
  for (const strange of ['HTTP/1.1 200 OK', 'B', '{"a":1}'])
    expect(typeOf(() => pinganFrame(Buffer.from(strange)))).toBe('Error');
  for (const length of ['-000000001', '00000000 1', '0x000000ff', '1e00000001', '          ']) {
    const wrong = Buffer.from(whole);
    wrong.write(length, 30, 'latin1');
    expect(typeOf(() => pinganFrame(wrong))).toBe('Error');
  }
});

test('whichever byte of a signed answer is another, it is not believed', () => {
  const whole = answer('RSA-SHA256');
  fc.assert(
    fc.property(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
      const other = Buffer.from(whole);
      other[at] = (other[at] ?? 0) ^ change;
      expect(() => answerTo(asked, other, 'RSA-SHA256', keys)).toThrow();
    }),
    { numRuns: 500 },
  );
});

test('any bytes are an answer of some length, the beginning of one, or none', () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 400 }),
    fc.string({ maxLength: 400 }).map((text) => `A001${text}`),
  );
  fc.assert(
    fc.property(bytes, (some) => {
      const told = typeOf(() => {
        const length = pinganFrame(Buffer.from(some as string));
        if (length !== undefined && !(Number.isSafeInteger(length) && length >= 222)) throw new TypeError('odd');
      });
      expect(['none', 'Error']).toContain(told);
    }),
  );
});

test('what does not fit into the header is refused before anything is sent', () => {
  expect(typeOf(() => requestOf({ ...asked, operator: '123456' }, 'none', keys))).toBe('CONTRACT_VIOLATED');
  expect(typeOf(() => requestOf({ ...asked, corpCode: '企业' }, 'none', keys))).toBe('CONTRACT_VIOLATED');
});
