import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { isFailure } from '../../contracts/failures.ts';
import {
  bankcardFourOf,
  enterpriseFourOf,
  idvEnquiries,
  idvFactors,
  idvFailures,
  idvResults,
  verificationEnquiryOf,
  verificationOf,
} from './idv.ts';

const golden = {
  enterprise: enterpriseFourOf,
  bankcard: bankcardFourOf,
  verification: verificationOf,
  enquiry: verificationEnquiryOf,
} as const;

test.each(Object.entries(golden))('the golden example of %s maps as written down', (name, map) => {
  const { from, to } = example(name);
  expect(map(from as never)).toEqual(to);
});

test('a credit code whose check digit is wrong is refused before it costs anything', () => {
  const { from } = example('enterprise');
  expect(failureIn(() => enterpriseFourOf({ ...from, uscc: '91350100MA32000B1U' } as never))).toBe('USCC_CHECKDIGIT');
});

describe('every row of the code tables', () => {
  test.each(Object.entries(idvResults.rows))('result %s is %s', (resultCode, result) => {
    expect(verificationOf(answer(resultCode)).result).toBe(result);
    expect(verificationEnquiryOf(answer(resultCode))).toMatchObject({ outcome: 'confirmed', response: { result } });
  });

  test.each(Object.entries(idvFailures.rows))('result %s of a check is the failure %s', (resultCode, type) => {
    expect(failureIn(() => verificationOf(answer(resultCode)))).toBe(type);
  });

  test.each(Object.entries(idvEnquiries.rows))('result %s of a query says %s', (resultCode, outcome) => {
    expect(verificationEnquiryOf(answer(resultCode)).outcome).toBe(outcome);
  });

  test.each(Object.entries(idvFactors.rows))('factor %s is called %s by us', (factor, ours) => {
    expect(verificationOf({ ...answer('02'), factors: { [factor]: '0' } }).mismatched).toEqual([ours]);
  });
});

test.each(['99', '0A', 'ZZ'])('the unmapped result %s is unknown, of a check and of a query', (resultCode) => {
  expect(failureIn(() => verificationOf(answer(resultCode)))).toBe('EXT_CODE_UNMAPPED');
  expect(failureIn(() => verificationEnquiryOf(answer(resultCode)))).toBe('EXT_CODE_UNMAPPED');
});

test('what is wrong with the query itself says nothing about the check', () => {
  expect(failureIn(() => verificationEnquiryOf(answer('A6')))).toBe('SYSTEM_BUSY');
});

test.each([
  ['a match with a factor that differs', { ...answer('01'), factors: { name: '0' as const } }],
  ['a mismatch in which nothing differs', { ...answer('02'), factors: { name: '1' as const } }],
  ['a result without a serial number', { requestNo: 'R1', resultCode: '01', message: '', charged: true }],
  ['a result without a billing flag', { requestNo: 'R1', resultCode: '01', message: '', serialNo: 'S1' }],
])('%s is no answer', (_, wrong) => {
  expect(failureIn(() => verificationOf(wrong))).toBe('OUTCOME_UNKNOWN');
});

function answer(resultCode: string) {
  const factors = resultCode === '02' ? { factors: { name: '0' as const } } : {};
  return { requestNo: 'R1', resultCode, message: 'as said', serialNo: 'S1', charged: true, ...factors };
}

function example(name: string): { from: Record<string, unknown>; to: unknown } {
  return JSON.parse(readFileSync(new URL(`examples/idv.${name}.json`, import.meta.url), 'utf8')) as {
    from: Record<string, unknown>;
    to: unknown;
  };
}

function failureIn(act: () => unknown): string {
  try {
    act();
    return 'none';
  } catch (thrown) {
    return isFailure(thrown) ? thrown.type : 'a bug';
  }
}
