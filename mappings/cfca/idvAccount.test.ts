import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { isFailure } from '../../contracts/failures.ts';
import {
  accountConfirmationEnquiryOf,
  accountConfirmationOf,
  accountConfirmations,
  accountConfirmOf,
  accountEnquiries,
  accountFailures,
  accountProofEnquiryOf,
  accountProofOf,
  accountReasons,
  accountStartedEnquiryOf,
  accountStartedOf,
  accountStates,
} from './idvAccount.ts';

const folder = new URL('examples/', import.meta.url);
const maps = [
  accountProofOf,
  accountConfirmOf,
  accountStartedOf,
  accountStartedEnquiryOf,
  accountProofEnquiryOf,
  accountConfirmationOf,
  accountConfirmationEnquiryOf,
];
const examples = readdirSync(folder).filter((file) => file.startsWith('idv.account-'));

test.each(examples)('%s is mapped as the example says', (file) => {
  const { from, to } = JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as { from: never; to: unknown };
  const map = maps.find(({ name }) => name === `cfca.idv.${file.split('.')[1]}`);
  expect((map as unknown as (source: never) => unknown)(from)).toEqual(to);
});

const taken = {
  requestNo: 'P1',
  resultCode: '10',
  message: 'taken',
  serialNo: 'S1',
  validTo: '2026-11-26T09:00:00+08:00',
  state: 'P1',
  triesLeft: 3,
};
const only = (resultCode: string) => ({ requestNo: 'P1', resultCode, message: 'as said' });

describe('every row of the code tables', () => {
  test.each(Object.entries(accountFailures.rows))('result %s is the failure %s', (resultCode, type) => {
    expect(failureIn(() => accountStartedOf(only(resultCode)))).toBe(type);
    expect(failureIn(() => accountConfirmationOf(only(resultCode)))).toBe(type);
  });

  test.each(Object.entries(accountEnquiries.rows))('result %s of a query says %s', (resultCode, outcome) => {
    for (const map of [accountStartedEnquiryOf, accountProofEnquiryOf, accountConfirmationEnquiryOf])
      expect(map(only(resultCode)).outcome).toBe(outcome);
  });

  test.each(Object.entries(accountStates.rows))('state %s is %s', (state, ours) => {
    const reason = ours === 'failed' || ours === 'returned' ? { reason: 'R1' } : {};
    expect(accountProofEnquiryOf({ ...taken, state, ...reason })).toMatchObject({ response: { state: ours } });
  });

  test.each(Object.entries(accountReasons.rows))('reason %s is %s', (reason, ours) => {
    expect(accountProofEnquiryOf({ ...taken, state: 'P2', reason })).toMatchObject({ response: { reason: ours } });
  });

  test.each(Object.entries(accountConfirmations.rows))('confirmation %s is %s', (resultCode, result) => {
    expect(accountConfirmationOf({ ...only(resultCode), triesLeft: 1 })).toMatchObject({ result });
  });
});

test.each(['99', '1O', 'ZZ'])('the unmapped code %s is unknown wherever it stands', (code) => {
  const maps = [accountStartedOf, accountStartedEnquiryOf, accountConfirmationOf, accountConfirmationEnquiryOf];
  for (const map of maps) expect(failureIn(() => map(only(code)))).toBe('EXT_CODE_UNMAPPED');
  expect(failureIn(() => accountProofEnquiryOf({ ...taken, state: code }))).toBe('EXT_CODE_UNMAPPED');
  expect(failureIn(() => accountProofEnquiryOf({ ...taken, state: 'P2', reason: code }))).toBe('EXT_CODE_UNMAPPED');
});

test('a code of success is none for the other request: taken is no match, and a match is no start', () => {
  expect(failureIn(() => accountConfirmationOf({ ...only('10'), triesLeft: 3 }))).toBe('EXT_CODE_UNMAPPED');
  expect(failureIn(() => accountStartedOf({ ...taken, resultCode: '01' }))).toBe('EXT_CODE_UNMAPPED');
});

test.each([
  ['a failed payment without a reason', { state: 'P2' }],
  ['a payment that is there, with a reason', { state: 'P1', reason: 'R1' }],
])('%s is no answer', (_, change) => {
  expect(failureIn(() => accountProofEnquiryOf({ ...taken, ...change }))).toBe('OUTCOME_UNKNOWN');
});

test.each(['0.00', '1.00', '0.5', '0.375', '.37', '00.37', '-0.37', 0.37])(
  'the amount %j is none of a proof',
  (amount) => {
    const asked = { requestNo: 'C1', proofNo: 'P1', amount: amount as string };
    expect(failureIn(() => accountConfirmOf(asked))).toBe('CONTRACT_VIOLATED');
  },
);

function failureIn(act: () => unknown): string {
  try {
    act();
    return 'none';
  } catch (thrown) {
    return isFailure(thrown) ? thrown.type : 'a bug';
  }
}
