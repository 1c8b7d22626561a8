import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import {
  contractStatuses,
  failureOf,
  isContractMissing,
  refusalCodes,
  signatoryStatuses,
  toEnvelopeFinished,
  toLocalTime,
  toQiyuesuoDraft,
  toSignerActed,
} from './qiyuesuo.ts';

const example = (file: string) =>
  JSON.parse(readFileSync(new URL(`examples/${file}`, import.meta.url), 'utf8')) as { from: never; to: unknown };

test.each([
  ['qiyuesuo.start.json', toQiyuesuoDraft],
  ['qiyuesuo.signer-acted.json', toSignerActed],
  ['qiyuesuo.signer-acted.refused.json', toSignerActed],
  ['qiyuesuo.envelope-finished.json', toEnvelopeFinished],
  ['qiyuesuo.envelope-finished.revoked.json', toEnvelopeFinished],
  ['qiyuesuo.envelope-finished.expired.json', toEnvelopeFinished],
  ['qiyuesuo.envelope-finished.refused.json', toEnvelopeFinished],
])('%s is mapped as the example says', (file, map) => {
  const { from, to } = example(file);
  expect((map as (source: never) => unknown)(from)).toEqual(to);
});

test.each([...Object.entries(contractStatuses.rows), ...Object.entries(signatoryStatuses.rows)])(
  'the status %s is %s',
  (status, ours) => {
    expect([contractStatuses.find(status), signatoryStatuses.find(status)]).toContain(ours);
  },
);

test.each(['', 'complete', 'COMPLETED', 'SIGNED ', 'constructor'])('the status %j has no mapping', (status) => {
  for (const table of [contractStatuses, signatoryStatuses])
    expect(() => table.of(status)).toThrow(expect.objectContaining({ type: 'EXT_CODE_UNMAPPED' }));
});

test.each(Object.entries(refusalCodes.rows))('the code %s is %s', (code, type) => {
  expect(failureOf(Number(code), 'text')).toMatchObject({ type, externalCode: code });
});

test.each([1, 500, 1001, 1601, -1])('the code %s has no mapping', (code) => {
  expect(failureOf(code, undefined)).toMatchObject({ type: 'EXT_CODE_UNMAPPED', externalCode: String(code) });
});

test('only 1107 says that there is no such contract', () => {
  expect([isContractMissing('1107'), isContractMissing('1101'), isContractMissing(undefined)]).toEqual([
    true,
    false,
    false,
  ]);
});

test.each([
  ['2026-11-23T17:00:00+08:00', '2026-11-23 17:00:00'],
  ['2026-11-23T17:00:00Z', '2026-11-24 01:00:00'],
  ['2026-12-31T23:59:59.999-05:00', '2027-01-01 12:59:59'],
])('%s is %s in Beijing', (instant, local) => {
  expect(toLocalTime(instant)).toBe(local);
});

describe('what this vendor cannot take is refused', () => {
  const { from } = example('qiyuesuo.start.json') as {
    from: { envelope: { envelopeNo: string; signers: { company: object }[] } };
  };
  const { envelope } = from;
  const refused = (change: object) => () => toQiyuesuoDraft({ ...from, envelope: { ...envelope, ...change } } as never);

  test('a number longer than fifty characters', () => {
    expect(refused({ envelopeNo: 'N'.repeat(51) })).toThrow(/#\/bizId/);
  });

  test('one company twice: a callback names a signatory by its company only', () => {
    const [one, two] = envelope.signers;
    expect(refused({ signers: [one, { ...two, company: one?.company }] })).toThrow(
      /#\/signers\/1\/company\/name occurs twice/,
    );
  });
});
