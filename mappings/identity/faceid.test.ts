import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { isFailure } from '../../contracts/failures.ts';
import {
  faceEnquiryOf,
  faceErrorOf,
  faceidErrors,
  faceidResults,
  faceidStates,
  faceReadOf,
  faceStartedOf,
  faceStartOf,
  personDigest,
} from './faceid.ts';

const golden = {
  start: faceStartOf,
  started: faceStartedOf,
  read: faceReadOf,
  enquiry: faceEnquiryOf,
  'enquiry.not-same-person': faceEnquiryOf,
  'enquiry.not-judged': faceEnquiryOf,
  'enquiry.pending': faceEnquiryOf,
  'enquiry.expired': faceEnquiryOf,
} as const;

test.each(Object.entries(golden))('the golden example of %s maps as written down', (name, map) => {
  const { from, to } = example(name);
  expect(map(from as never)).toEqual(to);
});

test.each(Object.entries(faceidResults.rows))('code %s says of the person: %s', (code, result) => {
  expect(faceEnquiryOf(found(Number(code)))).toMatchObject({ outcome: 'confirmed', response: { result } });
});

test('only the code 0 is a yes', () => {
  expect(Object.entries(faceidResults.rows).filter(([, result]) => result === 'passed')).toEqual([['0', 'passed']]);
});

test.each(Object.entries(faceidStates.rows))('code %s says nothing of the person: %s', (code, state) => {
  const told = outcomeOf(() => faceEnquiryOf(found(Number(code))));
  expect(told).toBe({ pending: 'pending', expired: 'refused' }[state as string] ?? state);
});

test.each(Object.entries(faceidErrors.rows))('the error %s of a question is %s', (code, row) => {
  const told = outcomeOf(() => faceErrorOf(code, 'as said'));
  expect(told).toBe({ notFound: 'notFound', expired: 'refused' }[row as string] ?? row);
});

test.each([5, 9, 99, 2018, -1])('the unmapped code %s is unknown, never a yes and never a no', (code) => {
  expect(outcomeOf(() => faceEnquiryOf(found(code)))).toBe('EXT_CODE_UNMAPPED');
});

test('an unmapped error is unknown', () => {
  for (const code of ['FailedOperation.New', 'constructor', ''])
    expect(outcomeOf(() => faceErrorOf(code, ''))).toBe('EXT_CODE_UNMAPPED');
});

test('as long as nothing is said of a result it is pending', () => {
  expect(faceEnquiryOf({})).toEqual({ outcome: 'pending' });
  expect(faceEnquiryOf({ Text: {} })).toEqual({ outcome: 'pending' });
});

test.each([
  ['without a try', { LivenessDetail: [] }],
  ['without its request', { Extra: undefined }],
  ['with a similarity that is none', { Sim: '970' }],
])('a result %s is no answer', (_, change) => {
  const text = Object.fromEntries(
    Object.entries({ ...found(0).Text, ...change }).filter(([, value]) => value !== undefined),
  );
  expect(outcomeOf(() => faceEnquiryOf({ Text: text }))).toBe('OUTCOME_UNKNOWN');
});

test.each([
  ['97.7', '97.70'],
  ['100', '100.00'],
  ['69.999', '69.99'],
  ['0', '0.00'],
])('a similarity of %s is %s: cut, never rounded up over a threshold', (sim, similarity) => {
  expect(faceEnquiryOf({ Text: { ...found(0).Text, Sim: sim } })).toMatchObject({ response: { similarity } });
});

test('one try that is charged makes the check charged', () => {
  const one = { ReqTime: '1795395900000', Seq: 'S', IsNeedCharge: true };
  const two = { ReqTime: '1795395960000', Seq: 'T', IsNeedCharge: false };
  const text = { ...found(0).Text, LivenessDetail: [one, two] };
  expect(faceEnquiryOf({ Text: text })).toMatchObject({
    response: { charged: true, serialNo: 'T', checkedAt: '2026-11-23T01:06:00.000Z' },
  });
});

function found(code: number) {
  const person = { name: '吴晓燕', idNo: '350100199005050071' };
  return {
    Text: {
      ErrCode: code,
      ErrMsg: 'as said',
      IdCard: person.idNo,
      Name: person.name,
      Extra: `FACE 1 ${personDigest(person)}`,
      LivenessDetail: [{ ReqTime: '1795395900000', Seq: 'S1' }],
    },
  };
}

function example(name: string): { from: Record<string, unknown>; to: unknown } {
  const file = new URL(`examples/faceid.${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(file, 'utf8')) as { from: Record<string, unknown>; to: unknown };
}

function outcomeOf(act: () => { outcome: string }): string {
  try {
    return act().outcome;
  } catch (thrown) {
    return isFailure(thrown) ? thrown.type : String(thrown);
  }
}
