/** Where the hub hands over no mail: to its own network, to a place that is no mail server, to a letter without an end. */
import { expect, test } from '@jest/globals';
import { isFailure } from '../contracts/failures.ts';
import { exchangeSmtp } from './smtp.ts';

const call = {
  url: 'smtp://127.0.0.1:1',
  from: 'lianshu@hub.example',
  to: 'finance@dealer.example',
  message: Buffer.from('Subject: x\r\n\r\nx\r\n'),
  login: { user: 'u', password: 'p' },
  timeoutMs: 2_000,
  allowPrivate: false,
};

test.each([
  ['a loopback address', { url: 'smtp://127.0.0.1:25' }],
  ['the same in another spelling', { url: 'smtp://2130706433:25' }],
  ['the address of metadata', { url: 'smtps://169.254.169.254:465' }],
  ['a name that leads there', { url: 'smtp://localhost:25' }],
  ['an address of another kind', { url: 'http://mail.example:25' }],
  ['a user name in it', { url: 'smtp://a:b@mail.example:25' }],
  ['no port', { url: 'smtp://mail.example' }],
  ['a port on which nobody listens', { allowPrivate: true }],
])('%s: nothing is sent', async (_, change) => {
  expect(await failureOf({ ...call, ...change })).toBe('SYSTEM_UNREACHABLE');
});

test('a message above the limit is not sent', async () => {
  expect(await failureOf({ ...call, allowPrivate: true, message: Buffer.alloc(1_000_001) })).toBe('BODY_TOO_LARGE');
});

async function failureOf(given: typeof call): Promise<string> {
  try {
    await exchangeSmtp(given);
    return 'sent';
  } catch (thrown) {
    return isFailure(thrown) ? thrown.type : String(thrown);
  }
}
