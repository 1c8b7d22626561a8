/** The bank's front as a customer's program meets it: bytes over TCP. */
import { createSign } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import iconv from 'iconv-lite';
import { Clock } from '../clock.ts';
import { startTwin, type RunningTwin } from '../twin.ts';
import { funder, unit } from '../world.ts';
import { bankPingan } from './pingan.twin.ts';
import { b2biLength, headIn } from './pinganWire.ts';

const keys = bankPingan.enrol();
const folder = mkdtempSync(join(tmpdir(), 'lianshu-twin-'));
const clock = new Clock({ realMs: Date.now(), businessMs: Date.parse('2026-11-23T09:00:00+08:00'), speed: 1 });
let twin: RunningTwin;
beforeAll(async () => {
  twin = await startTwin(bankPingan, { folder, port: 0, hubUrl: 'http://127.0.0.1:1', clock, keys: keys.twin });
});
afterAll(async () => {
  await twin.stop();
  rmSync(folder, { recursive: true, force: true });
});

function header(code: string, length: number, corp = '00109000000000001'): string {
  const fixed = `A001010101${corp.padEnd(20)}${String(length).padStart(10, '0')}${code.padEnd(6)}1234501`;
  const when = `2026112309000020261123090000000001999999${' '.repeat(100)}`;
  return `${fixed}${when}000010RSA-SHA256  00000002560`;
}

/** As the customer's program would write it; `key` signs. */
function packet(code: string, xml: string, options: { corp?: string; key?: string } = {}): Buffer {
  const body = iconv.encode(xml, 'gbk');
  const whole = Buffer.concat([Buffer.from(header(code, body.length, options.corp)), body]);
  const key = options.key ?? keys.hub['corp-private.pem'] ?? '';
  return Buffer.concat([whole, createSign('RSA-SHA256').update(whole).sign(key)]);
}

async function ask(request: Buffer): Promise<{ code: string; xml: string }> {
  const socket = net.connect(Number(new URL(twin.url).port), '127.0.0.1');
  socket.write(request);
  const chunks: Buffer[] = [];
  for await (const chunk of socket as AsyncIterable<Buffer>) chunks.push(chunk);
  const bytes = Buffer.concat(chunks);
  expect(b2biLength(bytes)).toBe(bytes.length);
  const head = headIn(bytes);
  return { code: head[12] ?? '', xml: iconv.decode(bytes.subarray(222, 222 + Number(head[5])), 'gbk') };
}

const transfer = (voucher: string, change = '') =>
  `<Result><ThirdVoucher>${voucher}</ThirdVoucher><CcyCode>RMB</CcyCode><OutAcctNo>${funder.account.accountNo}</OutAcctNo>` +
  `<InAcctNo>${unit.account.accountNo}</InAcctNo><InAcctName>${unit.name}</InAcctName><TranAmount>1.00</TranAmount>` +
  `<UseEx>货款</UseEx><UnionFlag>0</UnionFlag><AddrFlag>1</AddrFlag>${change}</Result>`;

test('it stands at a TCP address, and its control at an HTTP one', async () => {
  expect(twin.url).toMatch(/^tcp:\/\/127\.0\.0\.1:\d+$/);
  expect(await (await fetch(`${twin.control}/_twin/effects`)).json()).toEqual([]);
});

test('a header is 222 bytes, and each transfer is taken once', async () => {
  expect(header('4004', 1)).toHaveLength(222);
  const first = await ask(packet('4004', transfer('PI-1')));
  expect(first).toMatchObject({ code: '000000', xml: expect.stringContaining('<FrontLogNo>F') });
  expect((await ask(packet('4004', transfer('PI-1')))).code).toBe('MA0102');
  expect((await ask(packet('4005', '<Result><OrigThirdVoucher>PI-1</OrigThirdVoucher></Result>'))).xml).toContain(
    `<InAcctName>${unit.name}</InAcctName>`,
  );
  expect((await ask(packet('4005', '<Result><OrigThirdVoucher>PI-2</OrigThirdVoucher></Result>'))).code).toBe('YQ9996');
});

test.each([
  ['another company', packet('4004', transfer('PI-3'), { corp: '00109000000000002' }), 'YQ9986'],
  [
    'another key',
    packet('4004', transfer('PI-3'), { key: bankPingan.enrol().hub['corp-private.pem'] ?? '' }),
    'YQ9983',
  ],
  ['no XML', packet('4004', 'Result'), 'YQ9977'],
  ['an amount that is none', packet('4004', transfer('PI-3').replace('1.00', '1.0')), 'YQ9993'],
  ['a voucher that is too long', packet('4004', transfer('PI-3'.padEnd(21, '0'))), 'YQ9993'],
  [
    'a payer who is not signed up',
    packet('4004', transfer('PI-3').replace(funder.account.accountNo, '4100')),
    'YQ9988',
  ],
  ['another name of the payee', packet('4004', transfer('PI-3').replace(unit.name, '别人')), 'YQ9982'],
  ['another transaction', packet('4047', transfer('PI-3')), 'YQ0000'],
  ['a page that is too small', packet('4013', '<Result><PageSize>20</PageSize></Result>'), 'YQ9993'],
])('%s is refused', async (_what, request, code) => {
  expect((await ask(request)).code).toBe(code);
});
