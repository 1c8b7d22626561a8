import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isFailure } from '../../contracts/failures.ts';
import * as codes from './icbc.codes.ts';
import { instantOf, rateOf, yuanOf } from './icbc.forms.ts';
import * as handedIn from './icbc.ts';
import * as results from './icbcResults.ts';

const mappings = { ...handedIn, ...results } as unknown as Readonly<Record<string, (source: unknown) => unknown>>;
const folder = new URL('examples/', import.meta.url);
const example = (file: string) =>
  JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as { from: Record<string, unknown>; to: unknown };
const files = readdirSync(folder).filter((file) => file.startsWith('icbc.'));
const mappingOf = (file: string) => mappings[file.split('.')[1] ?? ''];

test.each(files)('%s maps as it says', (file) => {
  const { from, to } = example(file);
  expect(mappingOf(file)?.(from)).toEqual(to);
});

test.each(files)('%s with a field too many is refused', (file) => {
  expect(typeOf(() => mappingOf(file)?.({ ...example(file).from, surplus: 1 }))).toBe('CONTRACT_VIOLATED');
});

test.each([...Object.entries(codes.gatewayCodes.rows), ...Object.entries(codes.businessCodes.rows)])(
  'return code %s is %s, and is told',
  (code, type) => {
    expect(codes.refusalOf(code, 'no')).toMatchObject({ type, externalCode: code });
  },
);

test('below zero the gateway does not know: no such code is ever a no', () => {
  const below = Object.entries(codes.gatewayCodes.rows).filter(([code]) => code.startsWith('-'));
  expect(below.map(([, type]) => type)).toEqual(below.map(() => 'OUTCOME_UNKNOWN'));
});

test('a code in no table is unknown, and so are names that every object has', () => {
  const payment = example('icbc.disbursementSettled.json').from;
  const strange = [
    () => mappings['settlementEnquiry']?.({ ...payment, result: '77' }),
    () => mappings['decisionEnquiry']?.({ appl_no: 'FA-1', ref_no: 'BR1', appr_status: '9' }),
    () => {
      throw codes.refusalOf('902099', 'x');
    },
    () => {
      throw codes.refusalOf('toString', 'x');
    },
  ];
  expect(strange.map(typeOf)).toEqual(strange.map(() => 'EXT_CODE_UNMAPPED'));
});

test.each(Object.entries(codes.settlements.rows).filter(([, row]) => row === 'pending'))(
  'a payment in state %s is %s: an enquiry says so, and it is no fact',
  (result) => {
    const payment = { ...example('icbc.disbursementSettled.json').from, result };
    expect(mappings['settlementEnquiry']?.(payment)).toEqual({ outcome: 'pending' });
    expect(typeOf(() => mappings['disbursementSettled']?.(payment))).toBe('EXT_CODE_UNMAPPED');
  },
);

test('numbers come in quotes, with as few decimals as they need, and never in scientific notation', () => {
  expect(['800000', '800000.5', '0', '0.01'].map(yuanOf)).toEqual(['800000.00', '800000.50', '0.00', '0.01']);
  const payment = example('icbc.disbursementSettled.json').from;
  for (const amount of ['8e5', '8E5', 800_000, '800000.001', '-1', '', '1,000', ' 1'])
    expect([amount, typeOf(() => mappings['disbursementSettled']?.({ ...payment, amount }))]).toEqual([
      amount,
      'CONTRACT_VIOLATED',
    ]);
});

test('a rate keeps its digits: percent on the wire, fraction inside', () => {
  expect(['5.2', '70', '0.0001', '100', '0', '5.20'].map(rateOf)).toEqual([
    '0.052000',
    '0.700000',
    '0.000001',
    '1.000000',
    '0.000000',
    '0.052000',
  ]);
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1_999_999 }), (tenThousandths) => {
      const digits = String(tenThousandths).padStart(5, '0');
      const rate = rateOf(`${digits.slice(0, -4)}.${digits.slice(-4)}`);
      return /^\d\.\d{6}$/.test(rate) && Number(rate.replace('.', '')) === tenThousandths;
    }),
  );
});

test('instants that do not exist are refused', () => {
  expect(instantOf('2028-02-29 23:59:59')).toBe('2028-02-29T23:59:59+08:00');
  for (const stamp of ['2027-02-29 00:00:00', '2026-13-01 00:00:00', '2026-11-23 24:00:00', '2026-11-23T09:00:00'])
    expect(typeOf(() => instantOf(stamp))).toBe('CONTRACT_VIOLATED');
});

function typeOf(act: () => unknown): unknown {
  try {
    act();
    return 'nothing thrown';
  } catch (thrown) {
    return isFailure(thrown) ? thrown.type : thrown;
  }
}
