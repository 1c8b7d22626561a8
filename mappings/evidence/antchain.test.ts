import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { isFailure } from '../../contracts/failures.ts';
import {
  acceptAntchain,
  antchainCodes,
  antchainDepositOf,
  antchainEnquiryOf,
  antchainNotFound,
  antchainQueryOf,
} from './antchain.ts';

const golden = {
  deposit: antchainDepositOf,
  query: antchainQueryOf,
  enquiry: antchainEnquiryOf,
  'enquiry.pending': antchainEnquiryOf,
  'enquiry.not-found': antchainEnquiryOf,
} as const;

test.each(Object.entries(golden))('the golden example of %s maps as written down', (name, map) => {
  const { from, to } = example(name);
  expect(map(from as never)).toEqual(to);
});

describe('every row of the table', () => {
  test.each(Object.entries(antchainCodes.rows))('%s is %s, and no verdict about an earlier deposit', (code, type) => {
    expect(failureIn(() => acceptAntchain({ ...said(code), result_msg: 'as said' }))).toBe(type);
    expect(failureIn(() => antchainEnquiryOf(said(code)))).toBe(type);
  });
});

test('what is not in the table is unknown, never success and never a plain no', () => {
  for (const code of ['OKAY', 'SUCCESS', 'NOT_EXIST']) {
    expect(failureIn(() => acceptAntchain(said(code)))).toBe('EXT_CODE_UNMAPPED');
    expect(failureIn(() => antchainEnquiryOf(said(code)))).toBe('EXT_CODE_UNMAPPED');
  }
  expect(failureIn(() => acceptAntchain(said(antchainNotFound)))).toBe('EXT_CODE_UNMAPPED');
});

test.each([
  ['no number', { order_id: undefined }],
  ['no block', { block_number: undefined }],
  ['no time', { timestamp: undefined }],
  ['a time in seconds', { timestamp: 1_795_395_600 }],
])('a record with a transaction and %s says nothing', (_, change) => {
  const { from } = example('enquiry');
  const record = Object.fromEntries(Object.entries({ ...from, ...change }).filter(([, value]) => value !== undefined));
  expect(failureIn(() => antchainEnquiryOf(record as never))).toBe('OUTCOME_UNKNOWN');
});

test('a hash keeps its digits, with or without its 0x, in capitals or not', () => {
  const { from, to } = example('enquiry');
  const hash = `0x${String(from['tx_hash']).toUpperCase()}`;
  expect(antchainEnquiryOf({ ...from, tx_hash: hash } as never)).toEqual(to);
});

test('a number that the vendor would not take is not sent', () => {
  const anchor = example('deposit').from;
  for (const anchorNo of ['EV 1', '存证', '-1', 'x'.repeat(65), ''])
    expect(failureIn(() => antchainDepositOf({ ...anchor, anchorNo } as never))).toBe('CONTRACT_VIOLATED');
});

const said = (code: string) => ({ req_msg_id: 'a'.repeat(32), result_code: code });

function example(name: string): { from: Record<string, unknown>; to: unknown } {
  const file = new URL(`examples/antchain.${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(file, 'utf8')) as { from: Record<string, unknown>; to: unknown };
}

function failureIn(act: () => unknown): string | undefined {
  try {
    act();
  } catch (thrown) {
    return isFailure(thrown) ? thrown.type : String(thrown);
  }
  return undefined;
}
