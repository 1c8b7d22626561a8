/**
 * What can go wrong in a dialogue over SMTP. Until the end of the message everything may be tried again (`unsent`); a reply
 * that says "not now" says of itself that nothing was taken, whenever it comes.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { dripMs, type Fault } from './fault.ts';
import type { Played } from './proxy.ts';
import type { SmtpBreak, SmtpPoint } from './smtpProxy.ts';

const on = 'smtp';
const before = ['greeting', 'ehlo', 'starttls', 'handshake', 'ehlo-again', 'auth', 'mail', 'rcpt', 'data'] as const;

const unsent = (name: string, smtp: SmtpBreak): Fault => ({
  name,
  class: 'unsent',
  on,
  smtp,
  ...('how' in smtp && smtp.how === 'silent' ? { endless: true as const } : {}),
});

const says = (at: SmtpPoint, words: string | Buffer, next?: 'cut' | 'goes-on-in-the-clear'): SmtpBreak => ({
  at,
  says: words,
  ...(next ? { next } : {}),
});

/** After the counterparty has taken it. */
const instead =
  (reply: string | Buffer): Played =>
  async (play) => {
    await play.forward();
    await play.write(Buffer.from(reply));
    play.end();
  };

const forged = (name: string, reply: string | Buffer): Fault => ({ name, class: 'forged', on, play: instead(reply) });

const cutAfter = (how: 'end' | 'reset', bytes: string): Played => {
  return async (play) => {
    await play.forward();
    if (bytes !== '') await play.write(Buffer.from(bytes));
    await sleep(20);
    play[how]();
  };
};

const roads: readonly Fault[] = (
  [
    ['connection-refused', 'refused'],
    ['certificate-expired', 'expired'],
    ['certificate-not-yet-valid', 'not-yet-valid'],
    ['certificate-of-another-host', 'wrong-host'],
    ['certificate-self-signed', 'self-signed'],
    ['no-smtp', 'plain-text'],
    ['reset-at-once', 'resetting'],
    ['silence-from-the-start', 'silent'],
  ] as const
).map(([name, road]) => ({
  name,
  class: 'unsent',
  on,
  road,
  ...(road === 'silent' ? { endless: true as const } : {}),
}));

const dialogue: readonly Fault[] = [
  ...before.flatMap((at) => (['cut', 'reset', 'silent'] as const).map((how) => unsent(`${how}-at-${at}`, { at, how }))),
  unsent('no-starttls', says('ehlo', '250-mail.example\r\n250 AUTH PLAIN LOGIN\r\n', 'goes-on-in-the-clear')),
  unsent('starttls-not-now', says('starttls', '454 4.7.0 TLS not available\r\n')),
  unsent('starttls-refused', says('starttls', '502 5.5.1 not implemented\r\n')),
  unsent('starttls-answered-in-plain-text', says('handshake', '250 all is well in the clear\r\n')),
  unsent('greeting-of-another-service', says('greeting', 'SSH-2.0-OpenSSH_9.6\r\n')),
  unsent('greeting-of-garbage', says('greeting', Buffer.from([0xff, 0xfe, 0, 0x3c, 0x0d, 0x0a]))),
  unsent('greeting-without-end', says('greeting', Buffer.alloc(1_000_000, '220-x'))),
  unsent('not-now-at-greeting', says('greeting', '421 4.3.2 too busy\r\n', 'cut')),
  unsent('not-now-at-mail', says('mail', '450 4.7.1 wait\r\n')),
  unsent('greylisted', says('rcpt', '451 4.7.1 greylisted, try later\r\n')),
  unsent('greylisted-in-two-lines', says('rcpt', '451-4.7.1 greylisted\r\n451 4.7.1 try later\r\n')),
  unsent('mailbox-full', says('rcpt', '452 4.2.2 full\r\n')),
  unsent('not-now-at-data', says('data', '451 4.3.0 local error\r\n')),
  unsent('not-now-after-the-message', says('dot', '421 4.3.0 closing\r\n', 'cut')),
];

const lost: readonly Fault[] = [
  { name: 'cut-in-the-message', class: 'lost', on, smtp: { at: 'body', how: 'cut' } },
  { name: 'reset-in-the-message', class: 'lost', on, smtp: { at: 'body', how: 'reset' } },
  { name: 'silence-in-the-message', class: 'lost', on, endless: true, smtp: { at: 'body', how: 'silent' } },
  { name: 'cut-before-effect', class: 'lost', on, smtp: { at: 'dot', how: 'cut' } },
  { name: 'reset-before-effect', class: 'lost', on, smtp: { at: 'dot', how: 'reset' } },
  { name: 'timeout-before-effect', class: 'lost', on, endless: true, smtp: { at: 'dot', how: 'silent' } },
  { name: 'cut-after-effect', class: 'lost', on, play: cutAfter('end', '') },
  { name: 'reset-after-effect', class: 'lost', on, play: cutAfter('reset', '') },
  { name: 'cut-in-the-reply', class: 'lost', on, play: cutAfter('end', '25') },
  { name: 'cut-before-end-of-line', class: 'lost', on, play: cutAfter('end', '250 2.0.0 Ok: queued as Q1') },
  { name: 'cut-in-a-long-reply', class: 'lost', on, play: cutAfter('end', '250-2.0.0 Ok\r\n250-queued\r\n') },
  {
    name: 'timeout-after-effect',
    class: 'lost',
    on,
    endless: true,
    play: async (play) => {
      await play.forward();
      await play.closed;
    },
  },
  {
    name: 'slow-drip-of-reply',
    class: 'lost',
    on,
    endless: true,
    play: async (play) => {
      await play.forward();
      const state = { open: true };
      void play.closed.then(() => (state.open = false));
      for (; state.open; await sleep(dripMs)) await play.write(Buffer.from('2'));
    },
  },
];

const replies: readonly Fault[] = [
  forged('garbage', Buffer.from([0xff, 0xfe, 0x00, 0x3c, 0x3c, 0x7b, 0x0d, 0x0a])),
  forged('nothing', '\r\n'),
  forged('http-error-page', 'HTTP/1.1 502 Bad Gateway\r\n\r\n<html></html>\r\n'),
  forged('http-answer', 'HTTP/1.1 200 OK\r\n\r\n'),
  forged('code-of-four-digits', '2500 ok\r\n'),
  forged('code-without-a-blank', '250ok\r\n'),
  forged('letters', '2OO ok\r\n'),
  forged('code-of-another-command', '354 go on\r\n'),
  forged('greeting-again', '220 mail.example ESMTP\r\n'),
  forged('success-of-another-kind', '251 user not local\r\n'),
  forged('two-codes-in-one', '250-ok\r\n550 no\r\n'),
  forged('no-and-yes-in-one', '550-no\r\n250 ok\r\n'),
  forged('code-of-nobody', '299 well\r\n'),
  forged('utf-16', Buffer.from('250 ok\r\n', 'utf16le')),
  forged('oversized', Buffer.concat([Buffer.from('250 '), Buffer.alloc(100_000, 'x'), Buffer.from('\r\n')])),
  forged('lines-without-end', Buffer.from('250-ok\r\n'.repeat(20_000))),
];

const genuine = (name: string, play: Played): Fault => ({ name, class: 'genuine', on, play });

const believed: readonly Fault[] = [
  genuine('slow-but-in-time', async (play) => {
    const { body } = await play.forward();
    for (const piece of [body.subarray(0, 2), body.subarray(2), Buffer.from('\r'), Buffer.from('\n')]) {
      await play.write(piece);
      await sleep(dripMs);
    }
  }),
  genuine('byte-by-byte', async (play) => {
    const { body } = await play.forward();
    for (const byte of Buffer.concat([body, Buffer.from('\r\n')])) await play.write(Buffer.of(byte));
  }),
  genuine('reply-in-lines', async (play) => {
    const { body } = await play.forward();
    await play.write(Buffer.concat([Buffer.from('250-2.0.0 thank you\r\n'), body, Buffer.from('\r\n')]));
  }),
  genuine('code-alone', async (play) => {
    await play.forward();
    await play.write(Buffer.from('250\r\n'));
  }),
  genuine('closed-behind-the-reply', async (play) => {
    const { body } = await play.forward();
    await play.write(Buffer.concat([body, Buffer.from('\r\n')]));
    play.end();
  }),
  genuine('second-reply-behind-the-first', async (play) => {
    const { body } = await play.forward();
    await play.write(Buffer.concat([body, Buffer.from('\r\n550 of somebody else\r\n')]));
  }),
  { name: 'certificate-of-an-authority', class: 'genuine', on, road: 'good' },
];

export const smtpFaults: readonly Fault[] = [...roads, ...dialogue, ...lost, ...replies, ...believed];
