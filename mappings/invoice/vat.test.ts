import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { invoice, type InvoiceCheck } from '../../contracts/invoice/invoice.ts';
import type { Message } from '../../contracts/contract.ts';
import { isFailure } from '../../contracts/failures.ts';
import { vatKinds, vatRefusals, vatResults, vatStates, vatStatuses } from './vat.codes.ts';
import {
  changedOf,
  changeEnquiryOf,
  checkedEnquiryOf,
  checkedOf,
  checkOf,
  isChecked,
  takenEnquiryOf,
  takenOf,
} from './vat.ts';

const maps = {
  check: checkOf,
  taken: takenOf,
  checked: checkedOf,
  changed: changedOf,
  'taken-enquiry': takenEnquiryOf,
  'checked-enquiry': checkedEnquiryOf,
  'change-enquiry': changeEnquiryOf,
} as const;

const folder = new URL('examples/', import.meta.url);
test.each(readdirSync(folder).filter((file) => file.startsWith('vat.')))('%s maps as written down', (file) => {
  const { from, to } = example(file);
  const map = maps[file.split('.')[1] as keyof typeof maps];
  expect(map(from as never)).toEqual(to);
});

const no = 'FP20261123-000001';
const digital = {
  requestNo: no,
  type: 'digitalSpecial',
  invoiceNo: '26351000000000000100',
  issuedOn: '2026-11-20',
};
const old = {
  requestNo: no,
  type: 'special',
  invoiceCode: '3502261130',
  invoiceNo: '00000100',
  issuedOn: '2026-11-20',
};

describe('nothing is sent', () => {
  test.each([
    ['of a fully digital invoice without its total', { ...digital, amountExTax: '1000000.00' }],
    ['of a special invoice without its amount', { ...old, amountIncTax: '1130000.00', checkCodeLast6: '582910' }],
    ['of an ordinary invoice without its check code', { ...old, type: 'ordinary', amountExTax: '1000000.00' }],
    ['of a fully digital invoice with a code', { ...digital, invoiceCode: '3502261130', amountIncTax: '1.00' }],
    ['of an old invoice without a code', { ...digital, type: 'special', invoiceNo: '00000100', amountExTax: '1.00' }],
    ['of an old invoice with twenty digits', { ...old, invoiceNo: '26351000000000000100', amountExTax: '1.00' }],
    ['of a fully digital invoice with eight digits', { ...digital, invoiceNo: '00000100', amountIncTax: '1.00' }],
  ])('%s', (_, request) => {
    expect(failureIn(() => checkOf(request as Message<typeof InvoiceCheck>))).toBe('CONTRACT_VIOLATED');
  });
});

describe('every row of the code tables', () => {
  test.each(Object.entries(vatRefusals.rows))('%s is %s', (code, failure) => {
    expect(failureIn(() => takenOf({ code, message: 'no', serialNo: no }))).toBe(failure);
  });

  test.each(Object.entries(vatKinds.rows))('kind %s is %s, both ways', (kind, type) => {
    expect(checkedOf(task({ invoice: face({ invoiceKind: kind }) })).invoice?.type).toBe(type);
  });

  test.each(Object.entries(vatStates.rows))('state %s is %s', (state, row) => {
    expect(isChecked(task({ state }))).toBe(row === 'done');
  });

  test.each(Object.entries(vatResults.rows))('result %s is %s', (resultCode, row) => {
    const enquiry = checkedEnquiryOf({ code: '0000', message: '', serialNo: no, task: task({ resultCode }) });
    const said = enquiry.outcome === 'confirmed' ? enquiry.response.result : enquiry.outcome;
    expect(said).toBe({ found: 'genuine', failed: 'refused', mismatch: 'mismatch', notFound: 'notFound' }[row]);
  });

  test.each(Object.entries(vatStatuses.rows))(
    'status %s is %s, and only what is worth something is genuine',
    (status, row) => {
      const told = checkedOf(task({ invoice: face({ status }) }));
      expect(told.status).toBe(row);
      expect(told.result === 'genuine').toBe(row === 'valid' || row === 'partiallyRed');
    },
  );
});

test.each([
  ['state', () => checkedOf(task({ state: 'ARCHIVED' }))],
  ['result', () => checkedOf(task({ resultCode: '0003' }))],
  ['status', () => checkedOf(task({ invoice: face({ status: '40' }) }))],
  ['kind', () => checkedOf(task({ invoice: face({ invoiceKind: '03' }) }))],
  ['code', () => takenOf({ code: '0001', message: '', serialNo: no })],
])('a %s that no row has is unknown', (_, act) => {
  expect(failureIn(act)).toBe('EXT_CODE_UNMAPPED');
});

test.each([
  ['found, without the invoice', () => checkedOf(task({ invoice: undefined }))],
  ['done, without a result', () => checkedOf(task({ resultCode: undefined }))],
  ['done, without a time', () => checkedOf(task({ checkedAt: undefined }))],
  ['taken, without a task', () => takenOf({ code: '0000', message: '', serialNo: no })],
  [
    'an answer with the task of another',
    () => takenEnquiryOf({ code: '0000', message: '', serialNo: 'other', task: task() }),
  ],
])('what is %s is not known', (_, act) => {
  expect(failureIn(act)).toBe('OUTCOME_UNKNOWN');
});

test.each([
  ['an amount below nothing on a valid invoice', { amount: '-1.00' }],
  ['a red amount below nothing', { redAmount: '-1.00' }],
  ['a day that there is not', { invoiceDate: '20261131' }],
])('%s is not believed', (_, change) => {
  expect(failureIn(() => checkedOf(task({ invoice: face(change) })))).toBe('CONTRACT_VIOLATED');
});

test('a status that no invoice changes to is no change', () => {
  for (const status of ['0', '20'])
    expect(failureIn(() => changedOf({ ...example('vat.changed.json').from, status } as never))).toBe(
      'CONTRACT_VIOLATED',
    );
});

test('each further red flush of an invoice is another fact, the same one told twice is not', () => {
  const { idOf, keyOf } = invoice.notices.invoiceChanged;
  const change = (redAmount: string, serialNo: string, requestNo = no) =>
    changedOf({
      ...example('vat.changed.partly.json').from,
      redAmount,
      changeId: serialNo,
      serialNo: requestNo,
    } as never);
  expect(idOf(change('1.00', 'A'))).toBe(idOf(change('1.00', 'B', 'FP20261124-000001')));
  expect(idOf(change('1.00', 'A'))).not.toBe(idOf(change('2.00', 'A')));
  expect(keyOf(changedOf(example('vat.changed.void.json').from as never))).toBe('3502261130-00000100');
});

test('any quantity is told exactly or not at all', () => {
  const digits = fc.tuple(fc.nat(999_999), fc.stringMatching(/^\d{0,8}$/));
  fc.assert(
    fc.property(digits, ([whole, fraction]) => {
      const quantity = fraction === '' ? String(whole) : `${whole}.${fraction}`;
      const [line] = checkedOf(task({ invoice: face({ detailList: [lineOf({ quantity })] }) })).invoice?.lines ?? [];
      const exact = /^0*$/.test(fraction.slice(3));
      expect(line?.quantity).toBe(exact ? `${whole}.${fraction.slice(0, 3).padEnd(3, '0')}` : undefined);
    }),
  );
});

test.each([
  ['13%', '0.130000'],
  ['1.5%', '0.015000'],
  ['0%', '0.000000'],
  ['免税', undefined],
  ['***', undefined],
  ['113%', undefined],
])('the rate %s is %s', (taxRate, expected) => {
  const [line] = checkedOf(task({ invoice: face({ detailList: [lineOf({ taxRate })] }) })).invoice?.lines ?? [];
  expect(line?.taxRate).toBe(expected);
});

const lineOf = (change: object) => ({
  goodsName: '*钢*',
  unit: '吨',
  quantity: '1',
  amount: '1.00',
  taxRate: '13%',
  tax: '0.13',
  ...change,
});

function face(change: object) {
  return { ...(example('vat.checked.json').from['invoice'] as object), ...change };
}

function task(change: object = {}) {
  const whole = { ...example('vat.checked.json').from, ...change };
  return Object.fromEntries(Object.entries(whole).filter(([, value]) => value !== undefined)) as Parameters<
    typeof checkedOf
  >[0];
}

function example(file: string): { from: Record<string, unknown>; to: unknown } {
  return JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as { from: Record<string, unknown>; to: unknown };
}

function failureIn(act: () => unknown): string {
  try {
    act();
    return 'none';
  } catch (thrown) {
    return isFailure(thrown) ? thrown.type : `a bug: ${String(thrown)}`;
  }
}
