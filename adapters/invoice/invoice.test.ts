/** What the conformance suite does not see: the tax source's limits, and what becomes of an invoice after it was found genuine. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { bench, type Bench } from '../../test/adapter.ts';
import { invoiceVat } from '../../test/twins.ts';
import service from './invoice.service.ts';

const day = 24 * 3_600_000;
const checkOf = (requestNo: string, ending = '0100', more: object = {}) => ({
  requestNo,
  type: 'digitalSpecial',
  invoiceNo: `26351000000000${ending.padStart(6, '0')}`,
  issuedOn: '2026-11-20',
  amountIncTax: '1130000.00',
  ...more,
});

let vat: Bench;
beforeEach(async () => {
  vat = await bench(service, invoiceVat, { timeoutMs: 2_000, speed: 1 });
});
afterEach(() => vat.stop());

const process = (serialNo: string) => vat.control('POST', 'acts/process', { serialNo });
async function resultOf(ending: string, more: object = {}) {
  const request = checkOf('FP-1', ending, more);
  expect(await vat.call('invoice.checkInvoice', request)).toMatchObject({ outcome: 'confirmed' });
  await process('FP-1');
  return vat.call('invoice.readCheck', { no: 'FP-1' });
}
const found = (response: object) => ({ outcome: 'confirmed', response: { outcome: 'confirmed', response } });

describe('an invoice', () => {
  test.each([
    ['as typed', '000100', {}, { result: 'genuine', status: 'valid', redAmount: '0.00' }],
    ['with another total', '000100', { amountIncTax: '1.00' }, { result: 'mismatch', status: 'unknown' }],
    ['of another day', '000100', { issuedOn: '2026-11-19' }, { result: 'mismatch', status: 'unknown' }],
    ['that there is not', '000144', {}, { result: 'notFound', status: 'unknown' }],
    ['that is void', '000110', {}, { result: 'void', status: 'voided' }],
    ['that was red-flushed', '000130', {}, { result: 'redFlushed', redAmount: '1130000.00' }],
    ['that is itself red', '000120', {}, { result: 'redFlushed', status: 'red' }],
  ])('%s', async (_, ending, more, expected) => {
    expect(await resultOf(ending, more)).toMatchObject(found(expected));
  });

  test('whose check the tax source could not make is neither genuine nor false', async () => {
    expect(await resultOf('000199')).toMatchObject({ response: { outcome: 'refused', detail: '9999' } });
    expect(vat.facts).toEqual([]);
  });
});

test('the sixth check of an invoice on one day is refused, tomorrow it may be checked again, another one at once', async () => {
  for (let i = 1; i <= 5; i += 1)
    expect(await vat.call('invoice.checkInvoice', checkOf(`FP-${i}`))).toMatchObject({ outcome: 'confirmed' });
  const sixth = { outcome: 'refused', code: 'CHECKS_EXHAUSTED', externalCode: '0002' };
  expect(await vat.call('invoice.checkInvoice', checkOf('FP-6'))).toMatchObject(sixth);
  // The same number is the same check, and is not counted.
  expect(await vat.call('invoice.checkInvoice', checkOf('FP-5'))).toMatchObject({ outcome: 'confirmed' });
  expect(await vat.call('invoice.checkInvoice', checkOf('FP-7', '000200'))).toMatchObject({ outcome: 'confirmed' });
  await vat.control('POST', 'clock', { advanceMs: day });
  expect(await vat.call('invoice.checkInvoice', checkOf('FP-6'))).toMatchObject({ outcome: 'confirmed' });
  const counted = (await vat.effects()).filter(({ kind }) => kind === 'checked').map(({ number }) => number);
  expect(counted).toEqual(['FP-1', 'FP-2', 'FP-3', 'FP-4', 'FP-5', 'FP-7', 'FP-6']);
});

test('an invoice of today, or of more than five years ago, is not checked', async () => {
  expect(await vat.call('invoice.checkInvoice', checkOf('FP-1', '000100', { issuedOn: '2026-12-31' }))).toMatchObject({
    outcome: 'refused',
    externalCode: '1014',
  });
  expect(await vat.call('invoice.checkInvoice', checkOf('FP-2', '000100', { issuedOn: '2021-10-31' }))).toMatchObject({
    outcome: 'refused',
    externalCode: '1015',
  });
});

test('twenty checks at once wait for their turn, and none is turned away', async () => {
  const numbers = Array.from({ length: 20 }, (_, i) => checkOf(`FP-${i}`, `${String(i).padStart(4, '0')}00`));
  const outcomes = await Promise.all(numbers.map((request) => vat.call('invoice.checkInvoice', request)));
  expect(outcomes.map(({ outcome }) => outcome)).toEqual(numbers.map(() => 'confirmed'));
});

describe('after it was found genuine', () => {
  test.each([
    ['red-flushed a month later', '000131', 31 * day, { status: 'redFlushed', redAmount: '1130000.00' }],
    ['red-flushed in part the next day', '000132', 2 * day, { status: 'partiallyRed', redAmount: '500000.00' }],
    ['voided the next day', '000133', 2 * day, { status: 'voided', redAmount: '0.00' }],
  ])('it is %s: that reaches the hub, and can be read', async (_, ending, afterMs, expected) => {
    expect(await resultOf(ending)).toMatchObject(found({ result: 'genuine' }));
    expect(await vat.call('invoice.readChange', { no: 'FP-1' })).toMatchObject({ response: { outcome: 'pending' } });
    await vat.control('POST', 'clock', { advanceMs: afterMs });
    const { message, key } = await vat.fact('invoice.invoiceChanged');
    expect(key).toBe(checkOf('FP-1', ending).invoiceNo);
    expect(message).toMatchObject({ requestNo: 'FP-1', ...expected });
    expect(await vat.call('invoice.readChange', { no: 'FP-1' })).toEqual(found(message as object));
  });

  test('a second red flush adds to the first; when nothing is left it is flushed whole', async () => {
    await resultOf('000100');
    const { invoiceNo } = checkOf('FP-1');
    await vat.fact('invoice.invoiceChecked');
    for (const fen of ['30000000', '30000000', '90000000']) {
      await vat.control('POST', 'acts/redFlush', { invoiceNo, fen });
      await vat.control('POST', 'acts/tell', { serialNo: 'FP-1', event: 'CHANGED' });
    }
    const told = vat.facts.filter(({ notice }) => notice === 'invoice.invoiceChanged');
    expect(told.map(({ message }) => message)).toMatchObject([
      { status: 'partiallyRed', redAmount: '300000.00' },
      { status: 'partiallyRed', redAmount: '600000.00' },
      { status: 'redFlushed', redAmount: '1130000.00' },
    ]);
    // What was found at the time stands; a check of now finds it red.
    expect(await vat.call('invoice.readCheck', { no: 'FP-1' })).toMatchObject(found({ result: 'genuine' }));
    await vat.call('invoice.checkInvoice', checkOf('FP-2'));
    await process('FP-2');
    expect(await vat.call('invoice.readCheck', { no: 'FP-2' })).toMatchObject(found({ result: 'redFlushed' }));
  });
});

test('a number that would lead elsewhere in a path never leaves the hub', async () => {
  for (const no of ['../x', 'a/b', '%2e', ' '])
    expect(await vat.call('invoice.readCheck', { no })).toMatchObject({
      outcome: 'refused',
      code: 'CONTRACT_VIOLATED',
    });
  expect(vat.exchanges.flatMap(({ parts }) => parts)).toEqual([]);
});
