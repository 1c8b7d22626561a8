/** The answer is the counterparty's own, however oddly it travels: it must be believed. */
import { setTimeout as sleep } from 'node:timers/promises';
import { dripMs, type Fault, page } from './fault.ts';
import { wireOf } from './proxy.ts';

export const genuineFaults: readonly Fault[] = [
  {
    name: 'slow-but-in-time',
    class: 'genuine',
    play: async (play) => {
      const { head, body } = wireOf(await play.forward());
      const bytes = Buffer.concat([head, body]);
      const piece = Math.ceil(bytes.length / 5);
      for (let at = 0; at < bytes.length; at += piece) {
        await play.write(bytes.subarray(at, at + piece));
        await sleep(dripMs);
      }
      play.end();
    },
  },
  {
    name: 'byte-by-byte',
    class: 'genuine',
    play: async (play) => {
      const { head, body } = wireOf(await play.forward(), { 'content-length': '', 'transfer-encoding': 'chunked' });
      const pieces = [...body.subarray(0, 500)].map((byte) => Buffer.of(byte));
      const chunks = [...pieces, body.subarray(500)].filter(({ length }) => length > 0);
      const framed = chunks.flatMap((each) => [
        Buffer.from(`${each.length.toString(16)}\r\n`),
        each,
        Buffer.from('\r\n'),
      ]);
      await play.write(Buffer.concat([head, ...framed, Buffer.from('0\r\n\r\n')]));
      play.end();
    },
  },
  {
    name: 'until-the-end-of-the-connection',
    class: 'genuine',
    play: async (play) => {
      const { head, body } = wireOf(await play.forward(), { 'content-length': '' });
      await play.write(Buffer.concat([head, body]));
      play.end();
    },
  },
  {
    name: 'header-names-in-capitals',
    class: 'genuine',
    play: async (play) => {
      const { head, body } = wireOf(await play.forward());
      const capitals = head.toString('latin1').replaceAll(/^[\w-]+(?=: )/gm, (name) => name.toUpperCase());
      await play.write(Buffer.concat([Buffer.from(capitals, 'latin1'), body]));
      play.end();
    },
  },
  {
    name: 'early-hints-first',
    class: 'genuine',
    play: async (play) => {
      const { head, body } = wireOf(await play.forward());
      const hints = Buffer.from('HTTP/1.1 103 Early Hints\r\nlink: </a>; rel=preload\r\n\r\n');
      await play.write(Buffer.concat([hints, head, body]));
      play.end();
    },
  },
  {
    name: 'second-answer-behind-the-first',
    class: 'genuine',
    play: async (play) => {
      const { head, body } = wireOf(await play.forward(), { connection: 'keep-alive' });
      const second = wireOf(page(200, 'of somebody else'));
      await play.write(Buffer.concat([head, body, second.head, second.body]));
      await Promise.race([play.closed, sleep(50)]);
      play.end();
    },
  },
  { name: 'certificate-of-an-authority', class: 'genuine', on: 'any', road: 'good' },
];
