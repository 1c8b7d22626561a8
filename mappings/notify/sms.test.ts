import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { isFailure } from '../../contracts/failures.ts';
import {
  mustBeSent,
  smsCodes,
  smsDeliveryOf,
  smsEnquiryOf,
  smsPullOf,
  smsReports,
  smsSendOf,
  smsSentOf,
} from './sms.ts';
import { placeholdersOf, registeredText, smsTemplates, valuesFor, withoutNumbersOfPeople } from './templates.ts';

const golden = {
  send: smsSendOf,
  sent: smsSentOf,
  pull: smsPullOf,
  delivery: smsDeliveryOf,
  'delivery.failed': smsDeliveryOf,
  enquiry: smsEnquiryOf,
  'enquiry.failed': smsEnquiryOf,
  'enquiry.pending': smsEnquiryOf,
} as const;

test.each(Object.entries(golden))('the golden example of %s maps as written down', (name, map) => {
  const { from, to } = example(name);
  expect(map(from as never)).toEqual(to);
});

test.each(Object.entries(smsCodes.rows))('the code %s of a call or of a message is %s', (code, row) => {
  expect(failureIn(() => mustBeSent(code, 'as said'))).toBe(row === 'sent' ? undefined : row);
});

test.each(Object.entries(smsReports.rows))('the report %s is %s', (code, status) => {
  const { from } = example('delivery');
  expect(smsDeliveryOf({ ...from, ReportStatus: code } as never).status).toBe(status);
});

test('a code without a row is unknown, in a status and in a report', () => {
  expect(failureIn(() => mustBeSent('OK', ''))).toBe('EXT_CODE_UNMAPPED');
  const { from } = example('delivery');
  expect(failureIn(() => smsDeliveryOf({ ...from, ReportStatus: 'DELIVRD' } as never))).toBe('EXT_CODE_UNMAPPED');
});

test('a message that was sent twice has arrived when one of the two has', () => {
  const { from } = example('enquiry.failed') as unknown as { from: { messageNo: string; rows: object[] } };
  const [failed] = from.rows;
  const arrived = { ...failed, ReportStatus: 'SUCCESS', SerialNo: 'S2' };
  for (const rows of [
    [failed, arrived],
    [arrived, failed],
  ])
    expect(smsEnquiryOf({ ...from, rows } as never)).toMatchObject({
      response: { status: 'delivered', vendorMessageId: 'S2' },
    });
});

describe('templates', () => {
  const names = Object.keys(smsTemplates) as (keyof typeof smsTemplates)[];

  test.each(names)('%s is Chinese, short, and counts its placeholders from one', (name) => {
    const text = registeredText(name);
    expect(text).toMatch(/\p{Script=Han}{4}/u);
    expect([...text].length).toBeLessThanOrEqual(70); // One text message.
    expect([...text.matchAll(/\{(\d)\}/g)].map(([, count]) => Number(count))).toEqual(
      placeholdersOf(name).map((_, at) => at + 1),
    );
    expect(placeholdersOf(name).filter((each) => /name|idNo|phone|account|card/i.test(each))).toEqual([]);
  });

  const params = [
    { name: 'deadline', value: '11-25 18:00' },
    { name: 'contractNo', value: 'PLEDGE-2026-0001' },
  ];

  test('values come in the order of the text, whatever their order was', () => {
    expect(valuesFor('signRequest', params)).toEqual(['PLEDGE-2026-0001', '11-25 18:00']);
  });

  test.each([
    ['one too few', params.slice(1)],
    ['one too many', [...params, { name: 'name', value: '吴晓燕' }]],
    ['one twice', [...params, { name: 'deadline', value: '11-26' }]],
    ['an address', [params[1], { name: 'deadline', value: 'https://evil.example' }]],
    ['an identity number', [params[1], { name: 'deadline', value: '350100199005050071' }]],
    ['an identity number that ends in X', [params[1], { name: 'deadline', value: '35010019900505007X' }]],
    ['an account number in groups', [params[1], { name: 'deadline', value: '6222 0241 0000 1230 006' }]],
  ])('%s is refused before anything is sent', (_, given) => {
    expect(failureIn(() => valuesFor('signRequest', given as never))).toBe('CONTRACT_VIOLATED');
  });

  test.each(['LN-2026-0001', '20261123-000001', '800000.00', '2026-12-23 18:00', '350***********0071'])(
    '%s may stand in a message',
    (text) => {
      expect(withoutNumbersOfPeople(text, '#/text')).toBe(text);
    },
  );
});

function example(name: string): { from: Record<string, unknown>; to: unknown } {
  const file = new URL(`examples/sms.${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(file, 'utf8')) as { from: Record<string, unknown>; to: unknown };
}

function failureIn(act: () => unknown): string | undefined {
  try {
    act();
  } catch (thrown) {
    return isFailure(thrown) ? thrown.type : String(thrown);
  }
  return undefined;
}
