/** The request may have been acted upon, and no answer comes that is one. */
import { setTimeout as sleep } from 'node:timers/promises';
import { bare, dripMs, type Fault, page, statusAfter, statusInstead } from './fault.ts';
import { type Play, type Played, wireOf } from './proxy.ts';

/** The first bytes arrive, then the connection breaks. */
const cut =
  (at: (head: number, whole: number) => number, how: 'reset' | 'end'): Played =>
  async (play) => {
    const { head, body } = wireOf(await play.forward());
    const bytes = Buffer.concat([head, body]);
    const length = Math.min(at(head.length, bytes.length), bytes.length - 1);
    if (length > 0) await play.write(bytes.subarray(0, length));
    await sleep(5); // What was written shall arrive before the reset does.
    play[how]();
  };

export async function drip(play: Play, bytes: Buffer): Promise<void> {
  let given = true;
  void play.closed.then(() => (given = false));
  for (const byte of bytes) {
    if (!given) return;
    await play.write(Buffer.of(byte));
    await sleep(dripMs);
  }
  await play.closed;
}

export const lostFaults: readonly Fault[] = [
  { name: 'closed-unread', class: 'lost', on: 'any', play: (play) => play.reset() },
  { name: 'timeout-before-effect', class: 'lost', on: 'any', endless: true, play: (play) => play.closed },
  {
    name: 'timeout-after-effect',
    class: 'lost',
    on: 'any',
    endless: true,
    play: async (play) => {
      await play.forward();
      await play.closed;
    },
  },
  { name: 'reset-at-byte-0', class: 'lost', play: cut(() => 0, 'reset') },
  { name: 'reset-at-byte-1', class: 'lost', play: cut(() => 1, 'reset') },
  { name: 'reset-at-header-end', class: 'lost', play: cut((head) => head, 'reset') },
  { name: 'reset-in-the-middle', class: 'lost', play: cut((head, whole) => (head + whole) >> 1, 'reset') },
  { name: 'reset-before-last-byte', class: 'lost', play: cut((_, whole) => whole - 1, 'reset') },
  { name: 'closed-at-header-end', class: 'lost', play: cut((head) => head, 'end') },
  { name: 'closed-in-the-middle', class: 'lost', play: cut((head, whole) => (head + whole) >> 1, 'end') },
  {
    name: 'slow-drip-of-head',
    class: 'lost',
    endless: true,
    play: async (play) => drip(play, wireOf(await play.forward()).head),
  },
  {
    name: 'slow-drip-of-body',
    class: 'lost',
    endless: true,
    play: async (play) => {
      const { head, body } = wireOf(await play.forward());
      await play.write(head);
      await drip(play, body);
    },
  },
  {
    name: 'continue-then-silence',
    class: 'lost',
    endless: true,
    play: async (play) => {
      await play.forward();
      await play.write(Buffer.from('HTTP/1.1 100 Continue\r\n\r\n'));
      await play.closed;
    },
  },
  { name: 'status-500-empty', class: 'lost', play: statusInstead(bare(500)) },
  { name: 'status-500-page', class: 'lost', play: statusInstead(page(500, 'Internal Server Error')) },
  { name: 'status-502-after-effect', class: 'lost', play: statusAfter(page(502, 'Bad Gateway')) },
  { name: 'status-503-after-effect', class: 'lost', play: statusAfter(bare(503, { 'retry-after': '1' })) },
  { name: 'status-504-after-effect', class: 'lost', play: statusAfter(page(504, 'Gateway Time-out')) },
  { name: 'status-204-after-effect', class: 'lost', play: statusAfter(bare(204)) },
  {
    name: 'longer-announced-than-sent',
    class: 'lost',
    play: async (play) => {
      const answer = await play.forward();
      const { head, body } = wireOf(answer, { 'content-length': String(answer.body.length + 10) });
      await play.write(Buffer.concat([head, body]));
      play.end();
    },
  },
  {
    name: 'broken-chunks',
    class: 'lost',
    play: async (play) => {
      const { head } = wireOf(await play.forward(), { 'content-length': '', 'transfer-encoding': 'chunked' });
      await play.write(Buffer.concat([head, Buffer.from('zz\r\nnot a chunk\r\n')]));
      play.end();
    },
  },
  {
    name: 'no-http',
    class: 'lost',
    play: async (play) => {
      await play.forward();
      await play.write(Buffer.from('SSH-2.0-OpenSSH_9.6\r\n'));
      play.end();
    },
  },
];
