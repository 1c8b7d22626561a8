/** The magic values of the authority: what each comes to. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import service from '../../../adapters/evidence/evidence.service.ts';
import { evidenceTsa } from '../../../sandbox/evidence/tsa.twin.ts';
import { bench, type Bench } from '../../adapter.ts';

let authority: Bench;
beforeAll(async () => {
  authority = await bench(service, evidenceTsa, { speed: 1 });
});
afterAll(() => authority.stop());

test.each([
  ['fa110e', 'later', 'SYSTEM_BUSY', 'bit 14'],
  ['fa110f', 'refused', 'SYSTEM_REFUSED', 'bit 15'],
  ['fa1109', 'unknown', 'EXT_CODE_UNMAPPED', '9'],
  ['fa11f0', 'unknown', 'ANSWER_UNVERIFIED', 'another request'],
  ['fa11f1', 'unknown', 'ANSWER_UNVERIFIED', 'another digest'],
  ['fa11f2', 'unknown', 'ANSWER_UNVERIFIED', 'clock'],
  ['fa11f3', 'unknown', 'ANSWER_UNVERIFIED', 'not one for stamping time'],
  ['fa11f4', 'unknown', 'ANSWER_UNVERIFIED', 'no token'],
  ['fa11f5', 'later', 'SYSTEM_BUSY', 'status 3'],
  ['fa11f6', 'unknown', 'ANSWER_UNVERIFIED', 'another policy'],
])('the digest %s… comes to %s %s: %s', async (magic, outcome, code, words) => {
  const found = await authority.call('evidence.stamp', { anchorNo: 'EV-1', headSha256: magic.padEnd(64, '0') });
  expect(found).toMatchObject({ outcome, code, detail: expect.stringContaining(words) });
});

test('what this system does not do is refused, and nothing is sent', async () => {
  const head = { anchorNo: 'EV-1', headSha256: 'a'.repeat(64), headSm3: 'b'.repeat(64), count: 1 };
  expect(await authority.call('evidence.anchor', head)).toMatchObject({
    outcome: 'refused',
    code: 'OPERATION_NOT_OFFERED',
  });
  expect(authority.exchanges.at(-1)?.parts).toEqual([]);
});
