/** The desk's seal, with a vector that OpenSSL made. */
import { expect, test } from '@jest/globals';
import { isFailure } from '../../contracts/failures.ts';
import { admitTold, deskSeal } from './dialects/manualSignature.ts';

const secret = 'desk_test_secret';
const part = {
  method: 'POST',
  path: '/desk/v1/orders',
  timestamp: '1795395600000',
  nonce: '0123456789abcdef0123456789abcdef',
  body: Buffer.from('{"orderNo":"R1"}'),
};

test('an answer is sealed as OpenSSL seals it', () => {
  // printf 'DESK-1\nANSWER 200\nPOST\n…' | openssl dgst -sha256 -hmac desk_test_secret
  expect(deskSeal(secret, 'ANSWER 200', part)).toBe('fecc6b6d54042687021ef727c025ef1828a00c360ae4079e4031e33be36b6ed8');
});

test('no seal is good for another kind of message, another status or another path', () => {
  const seals = [
    deskSeal(secret, 'ORDER', part),
    deskSeal(secret, 'TOLD', part),
    deskSeal(secret, 'ANSWER 200', part),
    deskSeal(secret, 'ANSWER 400', part),
    deskSeal(secret, 'ORDER', { ...part, path: '/results' }),
  ];
  expect(new Set(seals).size).toBe(seals.length);
});

test.each([
  ['in time', 0, part.nonce, undefined],
  ['five minutes old', 5 * 60_000, part.nonce, undefined],
  ['older', 5 * 60_000 + 1, part.nonce, 'TIMESTAMP_OUTSIDE_WINDOW'],
  ['of the future', -5 * 60_000 - 1, part.nonce, 'TIMESTAMP_OUTSIDE_WINDOW'],
  ['with a nonce of another form', 0, 'x', 'BODY_MALFORMED'],
])('what is told %s', (_, ageMs, nonce, type) => {
  const told = { ...part, nonce };
  const act = () => admitTold(() => secret, told, deskSeal(secret, 'TOLD', told), Number(part.timestamp) + ageMs);
  if (type === undefined) expect(act()).toBe(nonce);
  else expect(failureIn(act)).toBe(type);
});

test('the secret of yesterday holds as long as the other side still signs with it', () => {
  const both = (holds: (secret: string) => boolean) => ['of today', secret].find(holds) ?? 'of today';
  const seal = deskSeal(secret, 'TOLD', part);
  expect(admitTold(both, part, seal, Number(part.timestamp))).toBe(part.nonce);
  expect(failureIn(() => admitTold(both, part, deskSeal('of nobody', 'TOLD', part), Number(part.timestamp)))).toBe(
    'SIGNATURE_MISMATCH',
  );
});

function failureIn(act: () => unknown): string | undefined {
  try {
    act();
  } catch (thrown) {
    return isFailure(thrown) ? thrown.type : String(thrown);
  }
  return undefined;
}
