import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import {
  contractStates,
  failureOf,
  isContractMissing,
  nameTag,
  refusalCodes,
  statusOf,
  tagIn,
  toAnxinEnterprise,
  toAnxinUpload,
  toEnvelopeFinished,
  txTimeOf,
} from './anxinsign.ts';

const example = (file: string) =>
  JSON.parse(readFileSync(new URL(`examples/${file}`, import.meta.url), 'utf8')) as { from: never; to: unknown };

test.each([
  ['anxinsign.open.json', toAnxinEnterprise],
  ['anxinsign.start.json', toAnxinUpload],
  ['anxinsign.envelope-finished.json', toEnvelopeFinished],
  ['anxinsign.envelope-finished.refused.json', toEnvelopeFinished],
  ['anxinsign.envelope-finished.expired.json', toEnvelopeFinished],
  ['anxinsign.envelope-finished.revoked.json', toEnvelopeFinished],
])('%s is mapped as the example says', (file, map) => {
  const { from, to } = example(file);
  expect((map as (source: never) => unknown)(from)).toEqual(to);
});

test.each(Object.entries(contractStates.rows))('the state %s is %s', (state, ours) => {
  expect(contractStates.of(Number(state))).toBe(ours);
});

test.each(['', '01', '9', '-1', 'constructor'])('the state %j has no mapping', (state) => {
  expect(() => contractStates.of(state)).toThrow(expect.objectContaining({ type: 'EXT_CODE_UNMAPPED' }));
});

test.each(Object.entries(refusalCodes.rows))('the code %s is %s', (code, type) => {
  expect(failureOf(code, 'text')).toMatchObject({ type, externalCode: code });
});

test.each(['', '60030999', '60000000 ', 'constructor'])('the code %j has no mapping', (code) => {
  expect(failureOf(code, undefined)).toMatchObject({ type: 'EXT_CODE_UNMAPPED', externalCode: code });
});

test('only 60030301 says that there is no such contract', () => {
  expect(['60030301', '60030303', undefined].map(isContractMissing)).toEqual([true, false, false]);
});

test.each([
  ['2026-11-23T17:00:00+08:00', '20261123170000'],
  ['2026-12-31T23:59:59.999-05:00', '20270101125959'],
])('%s is %s in Beijing', (instant, local) => {
  expect(txTimeOf(instant)).toBe(local);
});

test('a number is read from the end of a name only, and is not the end of another', () => {
  const tag = { envelopeNo: 'ENV-1', part: 2, parts: 3 };
  expect(tagIn(`质押合同${nameTag('ENV-1', 2, 3)}`)).toEqual(tag);
  expect(tagIn('质押合同 [ENV-1 1/1] 补充协议')).toBeUndefined();
  expect(tagIn('质押合同 [ENV-1]')).toBeUndefined();
  expect(tagIn(`质押合同${nameTag('ENV-1 1/1', 2, 3)}`)).toEqual({ ...tag, envelopeNo: 'ENV-1 1/1' });
});

test.each([
  [[1, 1], 'completed'],
  [[1, 0], 'signing'],
  [[0, 2], 'refused'],
  [[3, 1], 'expired'],
  [[4, 3], 'revoked'],
])('contracts in the states %j are an envelope that is %s', (states, status) => {
  expect(statusOf(states)).toBe(status);
});

describe('what this vendor cannot take is refused', () => {
  const { from } = example('anxinsign.start.json') as {
    from: { envelope: { documents: object[]; signers: { company: object }[] } };
  };
  const { envelope } = from;
  const named = (fileName: string) => ({ ...envelope.documents[0], fileName });
  const refused = (change: object) => () => toAnxinUpload({ ...from, envelope: { ...envelope, ...change } } as never);

  test.each([
    ['a fourth file', { documents: ['a.pdf', 'b.pdf', 'c.pdf', 'd.pdf'].map(named) }, /at most 3 files/],
    ['a deadline beyond thirty days', { deadline: '2026-12-24T09:00:00+08:00' }, /#\/deadline/],
    ['brackets in the number', { envelopeNo: 'ENV[1]' }, /#\/envelopeNo/],
    [
      'one company twice',
      { signers: [envelope.signers[0], { ...envelope.signers[1], company: envelope.signers[0]?.company }] },
      /#\/signers\/1\/company\/uscc occurs twice/,
    ],
  ])('%s', (_, change, problem) => {
    expect(refused(change)).toThrow(problem);
  });

  test('a long title is cut, the number never', () => {
    const made = toAnxinUpload({ ...from, envelope: { ...envelope, title: '长'.repeat(300) } } as never);
    expect(made.uploadContract.contractName).toHaveLength(100);
    expect(tagIn(made.uploadContract.contractName)?.envelopeNo).toBe('ENV20261123-000001');
  });
});
