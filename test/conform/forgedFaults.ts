/** An answer comes, and it is not provably the counterparty's answer to this request. */
import { gzipSync } from 'node:zlib';
import { bare, type Fault, page, statusAfter, statusInstead } from './fault.ts';
import { type Played, wireOf } from './proxy.ts';

const loginPage = 'Please log in';
const bytesTooMany = 3_000_000;
const chunkBytes = 64 * 1024;

const instead =
  (body: string | Buffer): Played =>
  async (play) => {
    const { status, headers } = await play.forward();
    play.send({ status, headers, body: Buffer.from(body) });
  };

const edited =
  (edit: (body: Buffer) => Buffer, extra: Record<string, string> = {}): Played =>
  async (play) => {
    const answer = await play.forward();
    play.send({ ...answer, headers: { ...answer.headers, ...extra }, body: edit(answer.body) });
  };

const redirect = (status: number): Fault => ({
  name: `redirect-${status}`,
  class: 'forged',
  play: (play) => play.send(bare(status, { location: `${play.trap}${play.asked.target}` })),
});

export const forgedFaults: readonly Fault[] = [
  { name: 'garbage', class: 'forged', play: instead(Buffer.from([0xff, 0xfe, 0x00, 0x3c, 0x3c, 0x7b, 0x80])) },
  { name: 'empty', class: 'forged', play: instead('') },
  { name: 'json-null', class: 'forged', play: instead('null') },
  { name: 'json-object', class: 'forged', play: instead('{}') },
  { name: 'json-list', class: 'forged', play: instead('[]') },
  { name: 'xml-of-nobody', class: 'forged', play: instead('<?xml version="1.0"?><answer/>') },
  {
    name: 'xml-entities',
    class: 'forged',
    play: instead('<!DOCTYPE r [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]><response><flag>&b;</flag></response>'),
  },
  { name: 'json-nested', class: 'forged', play: instead('['.repeat(100_000)) },
  { name: 'login-page-200', class: 'forged', play: statusAfter(page(200, loginPage)) },
  { name: 'truncated', class: 'forged', play: edited((body) => body.subarray(0, body.length >> 1)) },
  { name: 'twice-in-one', class: 'forged', play: edited((body) => Buffer.concat([body, body])) },
  {
    name: 'utf-16',
    class: 'forged',
    play: edited((body) => Buffer.concat([Buffer.of(0xff, 0xfe), Buffer.from(body.toString('utf8'), 'utf16le')])),
  },
  {
    name: 'stray-byte',
    class: 'forged',
    play: edited((body) => {
      const middle = body.length >> 1;
      return Buffer.concat([body.subarray(0, middle), Buffer.of(0xc3, 0x28), body.subarray(middle)]);
    }),
  },
  {
    name: 'oversized',
    class: 'forged',
    play: edited((body) => Buffer.concat([body, Buffer.alloc(bytesTooMany, ' ')])),
  },
  {
    name: 'endless',
    class: 'forged',
    play: async (play) => {
      const { head, body } = wireOf(await play.forward(), { 'content-length': '' });
      const state = { open: true };
      void play.closed.then(() => (state.open = false));
      await play.write(Buffer.concat([head, body]));
      for (let sent = 0; state.open && sent < 20 * bytesTooMany; sent += chunkBytes)
        await Promise.race([play.write(Buffer.alloc(chunkBytes, ' ')), play.closed]);
      play.end();
    },
  },
  { name: 'gzip', class: 'forged', play: edited((body) => gzipSync(body), { 'content-encoding': 'gzip' }) },
  {
    name: 'gzip-bomb',
    class: 'forged',
    play: edited(() => gzipSync(Buffer.alloc(20 * bytesTooMany, ' ')), { 'content-encoding': 'gzip' }),
  },
  ...[301, 302, 303, 307, 308].map(redirect),
  {
    name: 'redirect-after-effect',
    class: 'forged',
    play: async (play) => {
      await play.forward();
      play.send(bare(302, { location: `${play.trap}/` }));
    },
  },
  {
    name: 'answer-of-another-request',
    class: 'forged',
    on: 'any',
    earlier: true,
    play: async (play) => {
      await play.forward();
      play.send(play.earlier ?? bare(500));
    },
  },
  {
    name: 'under-another-status',
    class: 'forged',
    play: async (play) => play.send({ ...(await play.forward()), status: 500 }),
  },
  { name: 'login-page-401', class: 'page', play: statusInstead(page(401, loginPage)) },
  { name: 'blocked-page-403', class: 'page', play: statusInstead(page(403, 'Request blocked')) },
  { name: 'too-many-429', class: 'busy', play: statusInstead(page(429, 'Too Many Requests')) },
];
