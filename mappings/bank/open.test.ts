import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { failures, isFailure } from '../../contracts/failures.ts';
import * as codes from './open.codes.ts';
import { dateOf, dayOf, instantOf, rateOf } from './open.forms.ts';
import * as map from './open.ts';
import * as feedback from './openFeedback.ts';

type AnyMapping = (source: unknown) => unknown;
const mappings = { ...map, ...feedback } as unknown as Readonly<Record<string, AnyMapping>>;
const folder = new URL('examples/', import.meta.url);
const example = (name: string) =>
  JSON.parse(readFileSync(new URL(`open.${name}.json`, folder), 'utf8')) as {
    from: Record<string, unknown>;
    to: Record<string, unknown>;
  };
const names = readdirSync(folder).flatMap((file) => /^open\.(\w+)\.json$/.exec(file)?.[1] ?? []);

test.each(names)('%s maps as its example says', (name) => {
  const { from, to } = example(name);
  expect(mappings[name]?.(from)).toEqual(to);
});

test.each(names)('%s refuses a field too many and a field missing', (name) => {
  const { from } = example(name);
  expect(typeOf(() => mappings[name]?.({ ...from, surplus: 1 }))).toBe('CONTRACT_VIOLATED');
  for (const field of Object.keys(from).filter((each) => each !== 'reason')) {
    const { [field]: _, ...rest } = from;
    expect({ field, type: typeOf(() => mappings[name]?.(rest)) }).toEqual({ field, type: 'CONTRACT_VIOLATED' });
  }
});

describe('code tables', () => {
  const rejected = { applNo: 'FA-1', bankRef: 'BR1', decTime: '20261123130000', reason: '否决' };
  const offer = { ...(example('creditDecided').from['offer'] as object) };

  test.each(Object.entries(codes.verdicts.rows))('decision %s is %s', (status, verdict) => {
    expect(mappings['creditDecided']?.({ ...rejected, status, offer })).toMatchObject({ verdict });
    expect(mappings['releaseDecided']?.({ ...example('releaseDecided').from, status })).toMatchObject({ verdict });
  });

  test.each(Object.entries(codes.settlements.rows))('payment %s is %s', (status, settled) => {
    expect(mappings['disbursementSettled']?.({ ...example('disbursementSettled').from, status })).toMatchObject({
      status: settled,
    });
  });

  test.each(Object.entries(codes.dayCounts.rows))('basis %s is %s', (basis, dayCount) => {
    const from = { ...example('creditDecided').from, offer: { ...offer, basis } };
    expect(mappings['creditDecided']?.(from)).toMatchObject({ terms: { dayCount } });
  });

  test.each([
    ['A', { outcome: 'confirmed', response: { bankNo: 'PY1' } }],
    ['P', { outcome: 'pending' }],
    ['R', { outcome: 'refused', code: '2005', detail: '' }],
  ])('registration %s', (regState, answer) => {
    expect(mappings['disbursementEnquiry']?.({ regState, payNo: 'PY1', code: '2005' })).toEqual(answer);
  });

  test.each(Object.entries(codes.refusals.rows))('refusal %s is %s', (code, type) => {
    expect(codes.refusalOf(code, 'x')).toMatchObject({ type, externalCode: code });
    expect(failures[type]).toBeDefined();
  });

  test('what is not finished yet is pending, and no fact', () => {
    const { decTime: _, ...undecided } = rejected;
    const payment = { instrNo: 'PI-1', status: 'P', amt: '1.00' };
    const posting = { repayNo: 'RP-1', loanNo: 'LN1', status: '09', amt: '1.00', valueDate: '20261223' };
    expect(map.decisionEnquiry({ ...undecided, status: '09' })).toEqual({ outcome: 'pending' });
    expect(map.settlementEnquiry(payment)).toEqual({ outcome: 'pending' });
    expect(map.postingEnquiry(posting)).toEqual({ outcome: 'pending' });
    expect(map.releaseDecisionEnquiry({ relNo: 'RO-1', status: '09' })).toEqual({ outcome: 'pending' });
    const facts = [
      () => map.creditDecided({ ...rejected, status: '09' }),
      () => map.disbursementSettled(payment),
      () => map.repaymentPosted(posting),
    ];
    expect(facts.map(typeOf)).toEqual(['EXT_CODE_UNMAPPED', 'EXT_CODE_UNMAPPED', 'EXT_CODE_UNMAPPED']);
  });

  test('whatever is not in a table is unknown, and so are names that every object has', () => {
    const posting = example('repaymentPosted').from as Parameters<typeof map.postingEnquiry>[0];
    const tries = [
      () => map.decisionEnquiry({ ...rejected, status: '02' }),
      () =>
        map.settlementEnquiry({
          ...(example('disbursementSettled').from as Parameters<typeof map.settlementEnquiry>[0]),
          status: 'U',
        }),
      () => map.postingEnquiry({ ...posting, status: '77' }),
      () => map.releaseDecisionEnquiry({ relNo: 'RO-1', status: 'X' }),
      () => map.disbursementEnquiry({ regState: 'Z', payNo: 'PY1' }),
      () => mappings['creditDecided']?.({ ...example('creditDecided').from, offer: { ...offer, basis: 'A366' } }),
      () => codes.verdicts.of('constructor'),
      () => {
        throw codes.refusalOf('toString', 'x');
      },
      () => {
        throw codes.refusalOf('2099', 'x');
      },
    ];
    expect(tries.map(typeOf)).toEqual(tries.map(() => 'EXT_CODE_UNMAPPED'));
  });

  test('a currency that the bank does not take is refused before anything is sent', () => {
    const from = example('toRepayment').from as Parameters<typeof map.toRepayment>[0];
    expect(typeOf(() => map.toRepayment({ ...from, currency: 'USD' }))).toBe('CONTRACT_VIOLATED');
  });

  test("the bank's words are kept short and without control characters", () => {
    expect(codes.refusalOf('2005', `a\n\u0000${'b'.repeat(999)}`).message).toBe(`2005 a  ${'b'.repeat(197)}`);
  });
});

describe('forms', () => {
  test('a rate keeps its digits: percent on the wire, fraction inside', () => {
    expect(['5.2000', '0.0001', '70.0000', '100.0000', '0.0000', '199.9999'].map(rateOf)).toEqual([
      '0.052000',
      '0.000001',
      '0.700000',
      '1.000000',
      '0.000000',
      '1.999999',
    ]);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 9_999_999 }), (tenThousandths) => {
        const digits = String(tenThousandths).padStart(5, '0');
        const rate = rateOf(`${digits.slice(0, -4)}.${digits.slice(-4)}`);
        return /^\d\.\d{6}$/.test(rate) && Number(rate.replace('.', '')) === tenThousandths;
      }),
    );
  });

  test.each(['5.2', '5.20000', '05.2000', '-5.2000', '1e1', ' 5.2000', '5,2000', '1000.0000'])(
    '%j is no rate',
    (text) => {
      expect(typeOf(() => rateOf(text))).toBe('CONTRACT_VIOLATED');
    },
  );

  test('a rate of two hundred percent or more does not fit and is refused', () => {
    const from = example('disbursementSettled').from;
    expect(
      typeOf(() =>
        mappings['disbursementSettled']?.({ ...from, loan: { ...(from['loan'] as object), rate: '200.0000' } }),
      ),
    ).toBe('CONTRACT_VIOLATED');
  });

  test('days and instants that do not exist are refused', () => {
    expect([dateOf('20280229'), dayOf('2028-02-29'), instantOf('20261231235959')]).toEqual([
      '2028-02-29',
      '20280229',
      '2026-12-31T23:59:59+08:00',
    ]);
    for (const day of ['20270229', '20261301', '20260000', '2026112', '2026-1-1'])
      expect(typeOf(() => dateOf(day))).toBe('CONTRACT_VIOLATED');
    for (const stamp of ['20261123240000', '20261123236000', '20260230000000', '2026112309'])
      expect(typeOf(() => instantOf(stamp))).toBe('CONTRACT_VIOLATED');
  });
});

function typeOf(act: () => unknown): unknown {
  try {
    act();
    return 'nothing thrown';
  } catch (thrown) {
    return isFailure(thrown) ? thrown.type : thrown;
  }
}
