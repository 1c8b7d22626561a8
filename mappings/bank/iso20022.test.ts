import { describe, expect, test } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { isFailure } from '../../contracts/failures.ts';
import { entries, reasons, statuses } from './iso20022.codes.ts';
import { amountOf, instantOf } from './iso20022.entries.ts';
import { statementOf } from './iso20022.statement.ts';
import { disbursementEnquiry, settlementEnquiry, toOrder } from './iso20022.ts';

type AnyMapping = (source: unknown) => unknown;
const mappings = { disbursementEnquiry, settlementEnquiry, statementOf, toOrder } as unknown as Readonly<
  Record<string, AnyMapping>
>;
const folder = new URL('examples/', import.meta.url);
const names = readdirSync(folder).flatMap((file) => /^iso20022\.([\w.-]+)\.json$/.exec(file)?.[1] ?? []);
const example = (name: string): { from: never; to: unknown } =>
  JSON.parse(readFileSync(new URL(`iso20022.${name}.json`, folder), 'utf8')) as { from: never; to: unknown };
const typeOf = (act: () => unknown): unknown => {
  try {
    return act();
  } catch (thrown) {
    return isFailure(thrown) ? thrown.type : thrown;
  }
};
/** The example with one text in it another. */
const changed = (name: string, from: string | RegExp, to: string): never =>
  JSON.parse(JSON.stringify(example(name).from).replace(from, to)) as never;

test.each(names)('%s maps as its example says', (name) => {
  const { from, to } = example(name);
  expect(mappings[name.split('.')[0] ?? '']?.(from)).toEqual(to);
});

describe('statuses', () => {
  const due: Readonly<Record<string, unknown>> = {
    underWay: { outcome: 'pending' },
    taken: { outcome: 'pending' },
    settled: { outcome: 'confirmed', response: expect.objectContaining({ status: 'succeeded' }) },
    refused: { outcome: 'confirmed', response: expect.objectContaining({ status: 'failed' }) },
    inParts: 'OUTCOME_UNKNOWN',
  };
  test.each(Object.entries(statuses.rows))('%s is %s', (code, row) => {
    const from = changed('settlementEnquiry.pending', /"TxSts":"PDNG"/, `"TxSts":"${code}"`);
    expect(typeOf(() => settlementEnquiry(from))).toEqual(due[row]);
  });

  test.each(Object.entries(reasons.rows))('refused for %s is %s', (code, row) => {
    const found = typeOf(() =>
      disbursementEnquiry(changed('disbursementEnquiry.refused', '"Cd":"AC01"', `"Cd":"${code}"`)),
    );
    expect(found).toMatchObject(row === 'duplicate' ? { outcome: 'confirmed' } : { outcome: 'refused', code: row });
  });

  test('what was paid by one file and refused by another is not known', () => {
    const { from } = example('settlementEnquiry.succeeded') as unknown as { from: { statuses: object[] } };
    const refused = example('settlementEnquiry.failed').from as unknown as { statuses: object[] };
    const both = { ...from, statuses: [...from.statuses, ...refused.statuses] } as never;
    expect(typeOf(() => settlementEnquiry(both))).toBe('OUTCOME_UNKNOWN');
  });

  test.each([
    ['another order', '"OrgnlMsgId":"MSG-PI20261123-000001"', '"OrgnlMsgId":"MSG-PI20261123-000002"'],
    ['another payment', '"OrgnlEndToEndId":"PI20261123-000001"', '"OrgnlEndToEndId":"PI20261123-000002"'],
    ['another message', '"OrgnlMsgNmId":"pain.001.001.09"', '"OrgnlMsgNmId":"pain.008.001.08"'],
    ['two payments', '"OrgnlNbOfTxs":"1"', '"OrgnlNbOfTxs":"2"'],
    ['another sum', '"OrgnlCtrlSum":"2857190.00"', '"OrgnlCtrlSum":"2857190.01"'],
    ['another amount than was ordered', '"orderedAmount":"2857190.00"', '"orderedAmount":"2857190.01"'],
  ])('a status about %s tells nothing', (_what, from, to) => {
    expect(typeOf(() => settlementEnquiry(changed('settlementEnquiry.succeeded', from, to)))).toBe('OUTCOME_UNKNOWN');
  });

  test('a currency that is not paid in, and codes that nobody has, are unmapped', () => {
    for (const [from, to] of [
      ['"TxSts":"ACSC"', '"TxSts":"BLCK"'],
      ['"@Ccy":"CNY"', '"@Ccy":"JPY"'],
    ] as const)
      expect(typeOf(() => settlementEnquiry(changed('settlementEnquiry.succeeded', from, to)))).toBe(
        'EXT_CODE_UNMAPPED',
      );
  });
});

describe('statements', () => {
  test.each(Object.entries(entries.rows))('an entry %s is a %s', (code, row) => {
    const [domain, family, subfamily] = code.split('/');
    const written = `"Domn":{"Cd":"${domain}","Fmly":{"Cd":"${family}","SubFmlyCd":"${subfamily}"}}`;
    const from = changed('statementOf', '"Domn":{"Cd":"PMNT","Fmly":{"Cd":"ICDT","SubFmlyCd":"DMCT"}}', written);
    expect(typeOf(() => statementOf(from))).toMatchObject({
      lines: expect.arrayContaining([expect.objectContaining({ entry: row })]),
    });
  });

  test.each([
    ['count', '"NbOfNtries":"8"', '"NbOfNtries":"7"'],
    ['sum', /"Sum":"\d+/, '"Sum":"1'],
    ['closing balance', '"3000049.50"', '"3000049.51"'],
    ['account', '"Othr":{"Id":"4100020000000000505"}', '"Othr":{"Id":"4100020000000000999"}'],
    ['day', '"FrDtTm":"2026-11-23', '"FrDtTm":"2026-11-22'],
    ['sequence', '"ElctrncSeqNb":"1"', '"ElctrncSeqNb":"2"'],
    ['parts of an entry', '"Amt":{"@Ccy":"CNY","#":"10.00"}', '"Amt":{"@Ccy":"CNY","#":"11.00"}'],
  ])('with another %s it is not believed', (_what, from, to) => {
    expect(typeOf(() => statementOf(changed('statementOf', from, to)))).toBe('OUTCOME_UNKNOWN');
  });

  test('what is not booked has not moved', () => {
    const from = changed('statementOf.overdrawn', '"Cd":"BOOK"', '"Cd":"PDNG"');
    expect(typeOf(() => statementOf(from))).toBe('OUTCOME_UNKNOWN'); // Then it must not be in the balance either.
  });
});

test('amounts are exact, with two decimals, or nothing', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 99_999_999_999_999_999n }), (fen) => {
      const digits = String(fen).padStart(3, '0');
      const yuan = `${digits.slice(0, -2)}.${digits.slice(-2)}`;
      expect(amountOf({ '@Ccy': 'CNY', '#': `${yuan}000` })).toBe(yuan);
    }),
  );
  expect(typeOf(() => amountOf({ '@Ccy': 'CNY', '#': '1.005' }))).toBe('CONTRACT_VIOLATED');
});

test('an instant without an offset is Beijing time', () => {
  expect(instantOf('2026-11-23T09:20:00')).toBe('2026-11-23T09:20:00+08:00');
  expect(instantOf('2026-11-23')).toBe('2026-11-23T00:00:00+08:00');
  expect(typeOf(() => instantOf('2026-13-23T09:20:00'))).toBe('CONTRACT_VIOLATED');
});
