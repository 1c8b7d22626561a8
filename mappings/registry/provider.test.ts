import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { isFailure } from '../../contracts/failures.ts';
import {
  providerBusinessTypes,
  providerCodes,
  providerNotFound,
  providerStates,
  providerTypes,
} from './provider.codes.ts';
import {
  changedEnquiryOf,
  changedOf,
  noticesOf,
  providerAmendmentOf,
  providerCancellationOf,
  providerRegistrationOf,
  registeredEnquiryOf,
  registeredOf,
  searchResultOf,
  takenEnquiryOf,
  takenOf,
} from './provider.ts';

const golden = {
  registration: providerRegistrationOf,
  amendment: providerAmendmentOf,
  cancellation: providerCancellationOf,
  search: searchResultOf,
  registered: registeredOf,
} as const;

test.each(Object.entries(golden))('the golden example of %s maps as written down', (name, map) => {
  const { from, to } = example(name);
  expect(map(from as never)).toEqual(to);
});

describe('every row of the tables', () => {
  test.each(Object.entries(providerBusinessTypes.rows))('business %s is %s', (businessType, business) => {
    expect(providerRegistrationOf({ ...example('registration').from, business } as never).businessType).toBe(
      businessType,
    );
  });

  test.each(Object.entries(providerCodes.rows))('code %s is %s', (code, type) => {
    expect(failureIn(() => takenOf({ code, message: 'as said', requestNo: 'R' }))).toBe(type);
    expect(failureIn(() => searchResultOf({ code, message: 'as said' }))).toBe(type);
    expect(registeredEnquiryOf(answer({ state: 'REFUSED', refusal: { code, message: 'as said' } }))).toMatchObject({
      outcome: 'refused',
      code: type,
    });
  });

  test.each(Object.entries(providerStates.rows))('state %s is %s', (state, meaning) => {
    const { outcome } = registeredEnquiryOf(answer({ state, refusal: { code: '2005', message: '' } }));
    expect(outcome).toBe(meaning === 'done' ? 'confirmed' : meaning);
  });

  test.each(Object.entries(providerTypes.rows))('type %s is %s', (type, meaning) => {
    const told = noticesOf({ ...progress(), type } as never);
    expect(told[0]?.notice).toBe(meaning === 'registered' ? 'registered' : 'registrationChanged');
    if (meaning !== 'registered') expect(told[0]?.message).toMatchObject({ change: meaning });
  });
});

test('what is not in the tables is unknown, never success and never a plain no', () => {
  expect(failureIn(() => takenOf({ code: '7777', message: '', requestNo: 'R' }))).toBe('EXT_CODE_UNMAPPED');
  expect(failureIn(() => takenEnquiryOf({ code: '7777', message: '', requestNo: 'R' }))).toBe('EXT_CODE_UNMAPPED');
  expect(failureIn(() => registeredEnquiryOf(answer({ state: 'ARCHIVED' })))).toBe('EXT_CODE_UNMAPPED');
  expect(failureIn(() => registeredEnquiryOf(answer({ type: 'OBJECTION' })))).toBe('EXT_CODE_UNMAPPED');
  expect(
    failureIn(() => registeredEnquiryOf(answer({ state: 'REFUSED', refusal: { code: '7777', message: '' } }))),
  ).toBe('EXT_CODE_UNMAPPED');
});

test('a number that was never heard of is not found, whatever is asked about it', () => {
  const unheard = { code: providerNotFound, message: '', requestNo: 'R' };
  for (const map of [takenEnquiryOf, registeredEnquiryOf, changedEnquiryOf])
    expect(map(unheard)).toEqual({ outcome: 'notFound' });
});

test('a change and a registration are not taken for each other', () => {
  expect(failureIn(() => changedEnquiryOf(answer({})))).toBe('SYSTEM_REFUSED');
  expect(failureIn(() => registeredEnquiryOf(answer({ type: 'AMENDMENT' })))).toBe('SYSTEM_REFUSED');
  expect(failureIn(() => changedOf(progress() as never))).toBe('OUTCOME_UNKNOWN');
});

test.each([
  [
    'a certificate of another digest',
    { certificate: { contentType: 'application/pdf', sha256: '0'.repeat(64), content: 'JVBERi0xLjQK' } },
    'ANSWER_UNVERIFIED',
  ],
  ['no certificate', { certificate: undefined }, 'OUTCOME_UNKNOWN'],
  ['no amend code', { amendCode: undefined }, 'OUTCOME_UNKNOWN'],
  ['an end before its beginning', { expiresAt: '2026-11-23 09:59:59' }, 'ANSWER_UNVERIFIED'],
  ['a day that does not exist', { registeredAt: '2026-02-30 10:00:00' }, 'CONTRACT_VIOLATED'],
])('a registration with %s is no fact', (_, change, type) => {
  const { result, ...rest } = progress();
  expect(failureIn(() => registeredOf({ ...rest, result: { ...(result as object), ...change } } as never))).toBe(type);
});

test('a refusal has no notice of its own', () => {
  expect(noticesOf({ ...progress(), state: 'REFUSED' } as never)).toEqual([]);
});

function progress(): Record<string, unknown> {
  const { from } = example('registered');
  return { ...from, result: { ...(from['result'] as object), changedAt: '2026-11-23 10:00:00' } };
}

function answer(change: Record<string, unknown>) {
  return {
    code: '0000',
    message: 'ok',
    requestNo: 'REG20261123-000001',
    progress: { ...progress(), ...change },
  } as never;
}

function example(name: string): { from: Record<string, unknown>; to: unknown } {
  return JSON.parse(readFileSync(new URL(`examples/provider.${name}.json`, import.meta.url), 'utf8')) as {
    from: Record<string, unknown>;
    to: unknown;
  };
}

function failureIn(act: () => unknown): string {
  try {
    act();
    return 'none';
  } catch (thrown) {
    return isFailure(thrown) ? thrown.type : 'a bug';
  }
}
