import { describe, expect, test } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { failures, isFailure } from '../../contracts/failures.ts';
import { dayCounts, isAgain, postings, receipts, verdicts } from './package.codes.ts';
import * as all from './package.ts';
import * as feedback from './packageFeedback.ts';

type AnyMapping = (source: unknown) => unknown;
const mappings = { ...all, ...feedback } as unknown as Readonly<Record<string, AnyMapping>>;
const folder = new URL('examples/', import.meta.url);
const names = readdirSync(folder).flatMap((file) => /^package\.([\w.-]+)\.json$/.exec(file)?.[1] ?? []);
const example = (name: string): { from: never; to: unknown } =>
  JSON.parse(readFileSync(new URL(`package.${name}.json`, folder), 'utf8')) as { from: never; to: unknown };
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

describe('codes', () => {
  test.each(Object.entries(receipts.rows))('a receipt %s is %s', (code, row) => {
    const told = all.applicationEnquiry(changed('applicationEnquiry.taken', /"code":"00"/g, `"code":"${code}"`));
    if (row === 'taken' || row === 'duplicate') return expect(told).toMatchObject({ outcome: 'confirmed' });
    expect(told).toMatchObject({ outcome: 'refused', code: row === 'again' ? 'SYSTEM_REFUSED' : row });
    expect(isAgain(code)).toBe(row === 'again');
    expect(row === 'again' || Object.hasOwn(failures, row)).toBe(true);
  });

  test.each(Object.entries(verdicts.rows))('a verdict %s is %s', (code, verdict) => {
    const from = changed('decisionEnquiry.approved', '"result":"1"', `"result":"${code}"`);
    expect(all.decisionEnquiry(from)).toMatchObject({ response: { verdict } });
    const release = changed('releaseDecisionEnquiry.approved', '"result":"1"', `"result":"${code}"`);
    expect(all.releaseDecisionEnquiry(release)).toMatchObject({ response: { verdict } });
  });

  test.each(Object.entries(dayCounts.rows))('a day count %s is %s', (code, dayCount) => {
    const from = changed('decisionEnquiry.approved', '"dayCount":"01"', `"dayCount":"${code}"`);
    expect(all.decisionEnquiry(from)).toMatchObject({ response: { terms: { dayCount } } });
  });

  test.each(Object.entries(postings.rows))('a posting %s is %s', (code, row) => {
    const from = changed('postingEnquiry.posted', '"result":"1"', `"result":"${code}"`);
    expect(all.postingEnquiry(from)).toMatchObject({ outcome: row === 'posted' ? 'confirmed' : 'refused' });
  });

  test('a code that no row has is unknown, wherever it stands', () => {
    for (const [name, from, to] of [
      ['applicationEnquiry.taken', '"code":"00"', '"code":"99"'],
      ['decisionEnquiry.approved', '"result":"1"', '"result":"3"'],
      ['decisionEnquiry.approved', '"dayCount":"01"', '"dayCount":"1"'],
      ['postingEnquiry.posted', '"result":"1"', '"result":"01"'],
      ['releaseDecisionEnquiry.approved', '"result":"1"', '"result":"A"'],
    ] as const)
      expect(typeOf(() => mappings[name.split('.')[0] ?? '']?.(changed(name, from, to)))).toBe('EXT_CODE_UNMAPPED');
  });
});

test('a decision stands although the package was refused: it is the later word', () => {
  const { receipt } = example('decisionEnquiry.refused').from as { receipt: object };
  const both = { ...(example('decisionEnquiry.approved').from as object), receipt } as never;
  expect(all.decisionEnquiry(both)).toMatchObject({ response: { verdict: 'approved' } });
});

test.each([
  ['an approval without terms', 'decisionEnquiry.approved', '"amount":"700000.00",', ''],
  ['an amount in scientific notation', 'decisionEnquiry.approved', '700000.00', '7E5'],
  ['a rate without its decimals', 'decisionEnquiry.approved', '5.2000', '5.2'],
  ['a day that there is not', 'postingEnquiry.posted', '20261223"', '20261323"'],
  [
    'a line that names another package',
    'releaseDecisionEnquiry.approved',
    /"packageNo":"PKG-RO/,
    '"packageNo":"PKG-RX',
  ],
])('%s is not taken', (_what, name, from, to) => {
  const type = typeOf(() => mappings[name.split('.')[0] ?? '']?.(changed(name, from, to)));
  expect(['CONTRACT_VIOLATED', 'OUTCOME_UNKNOWN']).toContain(type);
});

test('what has no code here is not sent', () => {
  expect(typeOf(() => all.toCredit(changed('toCredit', '"CNY"', '"USD"')))).toBe('CONTRACT_VIOLATED');
});
