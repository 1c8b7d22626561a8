/** What can go wrong with an answer that is framed by a length header on a bare connection (TCP). */
import { setTimeout as sleep } from 'node:timers/promises';
import { dripMs, type Fault } from './fault.ts';
import { announcing, reframed } from './framed.ts';
import { drip } from './lostFaults.ts';
import type { Play, Played } from './proxy.ts';
import type { Framing } from './subject.ts';

const bytesTooMany = 3_000_000;
const chunkBytes = 64 * 1024;
const on = 'tcp';

function framingOf({ framing }: Play): Framing {
  if (!framing) throw new Error('this vendor frames nothing');
  return framing;
}

/** The first bytes arrive, then the connection breaks. */
const cut =
  (at: (head: number, whole: number) => number, how: 'reset' | 'end'): Played =>
  async (play) => {
    const { body } = await play.forward();
    const length = Math.min(at(framingOf(play).headBytes, body.length), body.length - 1);
    if (length > 0) await play.write(body.subarray(0, length));
    await sleep(5); // What was written shall arrive before the reset does.
    play[how]();
  };

const instead =
  (bytes: string | Buffer): Played =>
  async (play) => {
    const { status, headers } = await play.forward();
    play.send({ status, headers, body: Buffer.from(bytes) });
  };

const changed =
  (change: (message: Buffer, framing: Framing) => Buffer): Played =>
  async (play) => {
    const answer = await play.forward();
    play.send({ ...answer, body: change(answer.body, framingOf(play)) });
  };

const content = (edit: (bytes: Buffer) => Buffer): Played =>
  changed((message, framing) => reframed(message, framing, edit));

const lengthOf = (message: Buffer, { length: { at, digits } }: Framing): number =>
  Number(message.toString('latin1', at, at + digits));

/** The length is told otherwise than it is. */
const told = (length: (real: number) => string): Played =>
  changed((message, framing) => announcing(message, framing, length(lengthOf(message, framing))));

const lost: readonly Fault[] = [
  { name: 'reset-at-byte-0', class: 'lost', on, play: cut(() => 0, 'reset') },
  { name: 'reset-at-byte-1', class: 'lost', on, play: cut(() => 1, 'reset') },
  { name: 'reset-in-the-head', class: 'lost', on, play: cut((head) => head >> 1, 'reset') },
  { name: 'reset-at-the-end-of-the-head', class: 'lost', on, play: cut((head) => head, 'reset') },
  { name: 'reset-in-the-middle', class: 'lost', on, play: cut((head, whole) => (head + whole) >> 1, 'reset') },
  { name: 'reset-before-last-byte', class: 'lost', on, play: cut((_, whole) => whole - 1, 'reset') },
  { name: 'closed-at-byte-0', class: 'lost', on, play: cut(() => 0, 'end') },
  { name: 'closed-in-the-head', class: 'lost', on, play: cut((head) => head >> 1, 'end') },
  { name: 'closed-at-the-end-of-the-head', class: 'lost', on, play: cut((head) => head, 'end') },
  { name: 'closed-in-the-middle', class: 'lost', on, play: cut((head, whole) => (head + whole) >> 1, 'end') },
  { name: 'length-too-long', class: 'lost', on, play: told((real) => String(real + 10)) },
  {
    name: 'length-too-long-then-silence',
    class: 'lost',
    on,
    endless: true,
    play: async (play) => {
      const { body } = await play.forward();
      await play.write(announcing(body, framingOf(play), String(lengthOf(body, framingOf(play)) + 10)));
      await play.closed;
    },
  },
  {
    name: 'slow-drip-of-head',
    class: 'lost',
    on,
    endless: true,
    play: async (play) => drip(play, (await play.forward()).body.subarray(0, framingOf(play).headBytes)),
  },
  {
    name: 'slow-drip-of-body',
    class: 'lost',
    on,
    endless: true,
    play: async (play) => {
      const { body } = await play.forward();
      await play.write(body.subarray(0, framingOf(play).headBytes));
      await drip(play, body.subarray(framingOf(play).headBytes));
    },
  },
];

const forged: readonly Fault[] = [
  { name: 'garbage', class: 'forged', on, play: instead(Buffer.from([0xff, 0xfe, 0x00, 0x3c, 0x3c, 0x7b, 0x80])) },
  { name: 'http-error-page', class: 'forged', on, play: instead('HTTP/1.1 502 Bad Gateway\r\n\r\n<html></html>') },
  { name: 'banner-of-another-service', class: 'forged', on, play: instead('SSH-2.0-OpenSSH_9.6\r\n') },
  { name: 'zeros', class: 'forged', on, play: instead(Buffer.alloc(1_000)) },
  { name: 'digits', class: 'forged', on, play: instead('0'.repeat(1_000)) },
  { name: 'length-too-short', class: 'forged', on, play: told((real) => String(real - 1)) },
  { name: 'length-of-half', class: 'forged', on, play: told((real) => String(real >> 1)) },
  { name: 'length-zero', class: 'forged', on, play: told(() => '0') },
  { name: 'length-negative', class: 'forged', on, play: told((real) => `-${real}`) },
  { name: 'length-of-letters', class: 'forged', on, play: told(() => 'abcdefghijkl') },
  { name: 'length-of-blanks', class: 'forged', on, play: told(() => ' '.repeat(12)) },
  { name: 'length-with-exponent', class: 'forged', on, play: told(() => '1e9') },
  { name: 'length-in-hexadecimal', class: 'forged', on, play: told((real) => `0x${real.toString(16)}`) },
  { name: 'length-huge', class: 'forged', on, play: told(() => '999999999999') },
  { name: 'length-in-control-characters', class: 'forged', on, play: told(() => '\u0000'.repeat(12)) },
  {
    name: 'head-twice',
    class: 'forged',
    on,
    play: changed((all, { headBytes }) => Buffer.concat([all.subarray(0, headBytes), all])),
  },
  { name: 'content-of-nothing', class: 'forged', on, play: content(() => Buffer.alloc(0)) },
  { name: 'content-of-garbage', class: 'forged', on, play: content(() => Buffer.of(0xff, 0xfe, 0, 0x3c, 0x3c)) },
  { name: 'json-object', class: 'forged', on, play: content(() => Buffer.from('{}')) },
  { name: 'xml-of-nobody', class: 'forged', on, play: content(() => Buffer.from('<?xml version="1.0"?><answer/>')) },
  {
    name: 'xml-entities',
    class: 'forged',
    on,
    play: content(() => Buffer.from('<!DOCTYPE r [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><Result>&b;</Result>')),
  },
  { name: 'xml-nested', class: 'forged', on, play: content(() => Buffer.from('<a>'.repeat(100_000))) },
  { name: 'truncated', class: 'forged', on, play: content((bytes) => bytes.subarray(0, bytes.length >> 1)) },
  { name: 'twice-in-one', class: 'forged', on, play: content((bytes) => Buffer.concat([bytes, bytes])) },
  { name: 'utf-16', class: 'forged', on, play: content((bytes) => Buffer.from(bytes.toString('latin1'), 'utf16le')) },
  {
    name: 'stray-byte',
    class: 'forged',
    on,
    play: content((bytes) => {
      const middle = bytes.length >> 1;
      return Buffer.concat([bytes.subarray(0, middle), Buffer.of(0xc3, 0x28), bytes.subarray(middle)]);
    }),
  },
  {
    name: 'oversized',
    class: 'forged',
    on,
    play: content((bytes) => Buffer.concat([bytes, Buffer.alloc(bytesTooMany, ' ')])),
  },
  {
    name: 'endless',
    class: 'forged',
    on,
    play: async (play) => {
      const { body } = await play.forward();
      const state = { open: true };
      void play.closed.then(() => (state.open = false));
      await play.write(announcing(body, framingOf(play), '999999999999'));
      for (let sent = 0; state.open && sent < 20 * bytesTooMany; sent += chunkBytes)
        await Promise.race([play.write(Buffer.alloc(chunkBytes, ' ')), play.closed]);
      play.end();
    },
  },
];

/** The bank signs what is none: a signature says who speaks, not that it can be read. */
const sealed = (name: string, edit: (bytes: Buffer) => Buffer): Fault => ({
  name,
  class: 'forged',
  on,
  sealed: true,
  play: async (play) => {
    const { seal, asked, keys } = play;
    if (!seal) throw new Error('this vendor signs no answer');
    const answer = await play.forward();
    play.send(await seal.sign({ ...answer, body: reframed(answer.body, framingOf(play), edit) }, asked, keys));
  },
});

const wellSigned: readonly Fault[] = [
  sealed('well-signed-half', (bytes) => bytes.subarray(0, bytes.length >> 1)),
  sealed('well-signed-twice', (bytes) => Buffer.concat([bytes, bytes])),
  sealed('well-signed-in-utf-16', (bytes) => Buffer.from(bytes.toString('latin1'), 'utf16le')),
  sealed('well-signed-brackets', () => Buffer.from('<a>'.repeat(100_000))),
  sealed('well-signed-entities', (bytes) => Buffer.concat([Buffer.from('<!DOCTYPE r [<!ENTITY a "a">]>'), bytes])),
  sealed('well-signed-and-oversized', (bytes) => Buffer.concat([bytes, Buffer.alloc(bytesTooMany, ' ')])),
];

const genuine: readonly Fault[] = [
  {
    name: 'slow-but-in-time',
    class: 'genuine',
    on,
    play: async (play) => {
      const { body } = await play.forward();
      const piece = Math.ceil(body.length / 5);
      for (let at = 0; at < body.length; at += piece) {
        await play.write(body.subarray(at, at + piece));
        await sleep(dripMs);
      }
      play.end();
    },
  },
  {
    name: 'byte-by-byte',
    class: 'genuine',
    on,
    play: async (play) => {
      const { body } = await play.forward();
      for (const byte of body.subarray(0, 500)) await play.write(Buffer.of(byte));
      await play.write(body.subarray(500));
      play.end();
    },
  },
  {
    name: 'connection-left-open',
    class: 'genuine',
    on,
    play: async (play) => {
      await play.write((await play.forward()).body);
      await play.closed;
    },
  },
  {
    name: 'second-answer-behind-the-first',
    class: 'genuine',
    on,
    play: async (play) => {
      const { body } = await play.forward();
      await play.write(Buffer.concat([body, Buffer.from('of somebody else')]));
      await Promise.race([play.closed, sleep(50)]);
      play.end();
    },
  },
];

export const framedFaults: readonly Fault[] = [...lost, ...forged, ...wellSigned, ...genuine];
