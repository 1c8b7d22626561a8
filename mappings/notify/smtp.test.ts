import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { isFailure } from '../../contracts/failures.ts';
import { smtpMailOf, smtpReplies, smtpSentOf } from './smtp.ts';

test.each([
  ['mail', smtpMailOf],
  ['sent', smtpSentOf],
  ['sent.without-queue', smtpSentOf],
] as const)('the golden example of %s maps as written down', (name, map) => {
  const { from, to } = example(name);
  expect(map(from as never)).toEqual(to);
});

test.each(Object.entries(smtpReplies.rows))('reply %s is %s', (code, row) => {
  expect(failureIn(() => smtpSentOf({ id: 'M1', code, text: 'as said' }))).toBe(row === 'sent' ? undefined : row);
});

test('a reply without a row is unknown, of whatever class', () => {
  for (const code of ['251', '354', '499', '599'])
    expect(failureIn(() => smtpSentOf({ id: 'M1', code, text: '' }))).toBe('EXT_CODE_UNMAPPED');
});

const mail = { messageNo: 'M1', to: 'a@b.example', subject: '主题', text: '正文' };
test.each([
  ['a line break in the subject', { subject: 'a\r\nBcc: x@evil.example' }],
  ['a line feed in the subject', { subject: 'a\nb' }],
  ['a line break in the address', { to: 'a@b.example\r\nRCPT TO:<x@evil.example>' }],
  ['two addresses', { to: 'a@b.example,x@evil.example' }],
  ['a name beside the address', { to: 'A <a@b.example>' }],
  ['a quoted address', { to: '"a b"@b.example' }],
  ['an address without a domain', { to: 'a@localhost' }],
  ['an address of numbers', { to: 'a@[127.0.0.1]' }],
  ['an address that begins like an option', { to: '-oQ/tmp@b.example' }],
  ['a number with a bracket in it', { messageNo: 'M1>@evil.example' }],
  ['an identity number in the subject', { subject: '350100199005050071' }],
  ['an account number in the text', { text: '账号 4100020000000000202' }],
])('%s is refused', (_, change) => {
  expect(failureIn(() => smtpMailOf({ ...mail, ...change }))).toBe('CONTRACT_VIOLATED');
});

function example(name: string): { from: Record<string, unknown>; to: unknown } {
  const file = new URL(`examples/smtp.${name}.json`, import.meta.url);
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
