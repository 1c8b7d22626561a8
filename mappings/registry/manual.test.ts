import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { isFailure } from '../../contracts/failures.ts';
import { mappings } from '../mappings.ts';
import { manualBusinesses, manualReasons, manualRefusals, manualStates, manualTasks } from './manual.codes.ts';
import { mistakesIn } from './manual.mistakes.ts';
import { manualRegistrationOrderOf } from './manual.orders.ts';
import {
  manualChangedEnquiryOf,
  manualChangedOf,
  manualNoticesOf,
  manualRegisteredEnquiryOf,
  manualRegisteredOf,
  manualSearchResultOf,
  manualTakenEnquiryOf,
  manualTakenOf,
} from './manual.ts';

const folder = new URL('examples/', import.meta.url);
const files = readdirSync(folder).filter((file) => file.startsWith('manual.'));

test.each(files)('the golden example %s maps as written down', (file) => {
  const { from, to } = example(file.slice('manual.'.length, -'.json'.length));
  const map = mappings.find(({ name }) => name === `registry.manual.${file.split('.')[1]}`);
  expect(map?.(from as never)).toEqual(to);
});

describe('every row of the tables', () => {
  test.each(Object.entries(manualBusinesses.rows))('业务类型 %s is %s', (label, business) => {
    const { form } = manualRegistrationOrderOf({ ...example('registration-order').from, business } as never);
    expect(form[0]).toMatchObject({ step: 1, label: '业务类型', value: label });
  });

  test.each(Object.entries(manualRefusals.rows))('the answer %s is %s', (code, type) => {
    const answer = { code, message: 'as said', orderNo: 'R' };
    expect(failureIn(() => manualTakenOf(answer))).toBe(type);
    for (const map of [manualTakenEnquiryOf, manualRegisteredEnquiryOf, manualChangedEnquiryOf])
      expect(failureIn(() => map(answer))).toBe(type);
  });

  test.each(Object.entries(manualStates.rows))('the state %s is %s', (state, meaning) => {
    const reason = { code: 'FORM_INCOMPLETE', message: '' };
    const { outcome } = manualRegisteredEnquiryOf(answer({ state, reason }));
    expect(outcome).toBe(meaning === 'done' ? 'confirmed' : meaning);
  });

  test.each(Object.entries(manualReasons.rows))('sent back for %s is %s', (code, type) => {
    const change = { state: 'RETURNED', reason: { code, message: '退回' } };
    expect(manualRegisteredEnquiryOf(answer(change))).toMatchObject({ outcome: 'refused', code: type });
    expect(failureIn(() => manualSearchResultOf({ ...example('search-result').from, ...change } as never))).toBe(type);
  });

  test.each(Object.entries(manualTasks.rows))('an order to %s is told as %s', (task, meaning) => {
    const name = { searched: 'search-result', registered: 'registered' }[meaning as string] ?? 'changed';
    const [told] = manualNoticesOf({ ...example(name).from, task } as never);
    if (meaning === 'searched') expect(told).toBeUndefined();
    else if (meaning === 'registered') expect(told?.notice).toBe('registered');
    else expect(told).toMatchObject({ notice: 'registrationChanged', message: { change: meaning } });
  });
});

test('what is not in the tables is unknown, never success and never a plain no', () => {
  const unmapped = [
    () => manualTakenOf({ code: 'TAKEN', message: '', orderNo: 'R' }),
    () => manualRegisteredEnquiryOf(answer({ state: 'ARCHIVED' })),
    () => manualRegisteredEnquiryOf(answer({ task: 'OBJECT' })),
    () => manualRegisteredEnquiryOf(answer({ state: 'RETURNED', reason: { code: 'NO_TIME', message: '' } })),
  ];
  for (const act of unmapped) expect(failureIn(act)).toBe('EXT_CODE_UNMAPPED');
});

describe('a registrar who mistyped is asked again, and nothing is concluded', () => {
  const png = Buffer.from('89504e470d0a1a0a', 'hex').toString('base64');
  const half = Buffer.from('%PDF-1.4\n').toString('base64');
  const upload = (content: string) => ({ sha256: '0'.repeat(64), content });

  test.each([
    ['registrationNo', { registrationNo: '2026112300000000000', registrationNoAgain: '2026112300000000000' }],
    ['registrationNoAgain', { registrationNoAgain: '20261123000000000010' }],
    ['registrationNo', { registrationNo: '２０２６1123000000000001', registrationNoAgain: '２０２６1123000000000001' }],
    ['amendCode', { amendCode: '123', amendCodeAgain: '123' }],
    ['amendCodeAgain', { amendCodeAgain: '48151632' }],
    ['registeredAt', { registeredAt: '2026-02-30 12:00:00' }],
    ['expiresAt', { expiresAt: '2026-11-23 12:00:00' }],
    ['certificate', { certificate: upload(png) }],
    ['certificate', { certificate: upload(half) }],
    ['certificate', { certificate: undefined }],
  ])('%s', (field, change) => {
    const ticket = ticketWith(change);
    expect(mistakesIn(ticket).map(({ pointer }) => pointer)).toContain(`#/result/${field}`);
    const enquiry = { code: 'OK', message: '', orderNo: ticket.orderNo, ticket };
    expect(manualRegisteredEnquiryOf(enquiry)).toEqual({ outcome: 'pending' });
  });

  test('a result without anything names all that is missing', () => {
    const { from } = example('registered');
    expect(mistakesIn({ ...from, result: {} } as never).length).toBeGreaterThan(4);
    expect(mistakesIn({ ...example('search-result').from, result: {} } as never).length).toBe(5);
  });

  test('while he is still at it there is nothing to ask again', () => {
    expect(mistakesIn({ ...example('registered').from, state: 'WORKING', result: {} } as never)).toEqual([]);
  });
});

test('a certificate of another digest is nobody’s mistake: it is not believed', () => {
  const content = Buffer.from('%PDF-1.4\nanother\n%%EOF\n').toString('base64');
  const ticket = ticketWith({ certificate: { sha256: '0'.repeat(64), content } });
  expect(mistakesIn(ticket)).toEqual([]);
  expect(failureIn(() => manualRegisteredOf(ticket))).toBe('ANSWER_UNVERIFIED');
});

test('a change and a registration are not taken for each other', () => {
  expect(failureIn(() => manualChangedEnquiryOf(answer({})))).toBe('SYSTEM_REFUSED');
  expect(failureIn(() => manualRegisteredEnquiryOf(answer({ task: 'AMEND' })))).toBe('SYSTEM_REFUSED');
  expect(failureIn(() => manualChangedOf(example('registered').from as never))).toBe('OUTCOME_UNKNOWN');
  expect(failureIn(() => manualSearchResultOf(example('registered').from as never))).toBe('SYSTEM_REFUSED');
});

test('a search that nobody has done yet is to be asked for later', () => {
  expect(failureIn(() => manualSearchResultOf({ ...example('search-result').from, state: 'OPEN' } as never))).toBe(
    'SYSTEM_BUSY',
  );
});

function ticketWith(change: object) {
  const { from } = example('registered');
  const result = Object.fromEntries(
    Object.entries({ ...(from['result'] as object), ...change }).filter(([, value]) => value !== undefined),
  );
  return { ...from, result } as unknown as Parameters<typeof mistakesIn>[0];
}

function answer(change: object) {
  const { from } = example('registered-enquiry');
  return { ...from, ticket: { ...(from['ticket'] as object), ...change } } as never;
}

function example(name: string): { from: Record<string, unknown>; to: unknown } {
  const text = readFileSync(new URL(`manual.${name}.json`, folder), 'utf8');
  return JSON.parse(text) as { from: Record<string, unknown>; to: unknown };
}

function failureIn(act: () => unknown): string | undefined {
  try {
    act();
  } catch (thrown) {
    return isFailure(thrown) ? thrown.type : String(thrown);
  }
  return undefined;
}
