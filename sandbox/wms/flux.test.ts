/** The sandbox's FLUX warehouse at its own door: strict about the form, taking batches order by order. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Clock } from '../clock.ts';
import { type RunningTwin, startTwin } from '../twin.ts';
import { wmsFlux } from './flux.twin.ts';
import { form, sign, type Site } from './fluxWire.ts';

const secret = 'secret-of-the-test';
const site = wmsFlux.settings as unknown as Site;
let twin: RunningTwin;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'flux-'));
  const keys = { 'appSecret.txt': secret, 'callbackSecret.txt': secret };
  const clock = new Clock({ realMs: Date.now(), businessMs: Date.parse('2026-11-23T09:00:00+08:00'), speed: 1 });
  twin = await startTwin(wmsFlux, { folder, port: 0, hubUrl: 'http://127.0.0.1:9', clock, keys });
});
afterAll(async () => {
  await twin.stop();
  rmSync(folder, { recursive: true, force: true });
});

test('signs as the vector says', () => {
  expect(sign('{"xmldata":{"header":[]}}', 'sec')).toBe('NmZlYzc3NDJmZTAyYmIwNjdlZGUxNjAxZGRmMTc4OTU%3D');
});

test('of a batch each order is taken or not by itself, and the flag says only that some were', async () => {
  const answer = await put([asn('N-1', '10.500'), asn('N-2', '0'), asn('N-3', '1', { WarehouseID: 'NOWHERE' })]);
  expect(answer).toMatchObject({
    returnCode: '0001',
    returnFlag: '2',
    resultInfo: [
      { OrderNo: 'N-1', errorcode: '0000' },
      { OrderNo: 'N-2', errorcode: '0001' },
      { OrderNo: 'N-3', errorcode: '1004' },
    ],
  });
  expect(await put([asn('N-2', '1')])).toMatchObject({ returnCode: '0000', returnFlag: '1' });
});

test('a repeated number is known with its first id, and another content under it is a conflict', async () => {
  const [first] = rows(await put([asn('N-4', '10.500')]));
  expect(rows(await put([asn('N-4', '10.500')]))).toEqual([
    { ...first, errorcode: '1002', errordescr: expect.any(String) },
  ]);
  expect(rows(await put([asn('N-4', '10.501')]))).toMatchObject([{ errorcode: '1003' }]);
});

test.each([
  ['another secret', { secret: 'guess' }, 'S001'],
  ['data that changed after signing', { edit: (body: string) => body.replace('N-9', 'N-8') }, 'S001'],
  ['no signature', { edit: (body: string) => body.replace(/&sign=.*/, '') }, 'S001'],
  ['another token', { edit: (body: string) => body.replace(site.appToken, 'x') }, 'S002'],
  ['a timestamp of eleven minutes ago', { at: new Date(Date.now() - 11 * 60_000) }, 'S003'],
  ['another database', { edit: (body: string) => body.replace(site.db, 'OTHER') }, 'S006'],
  ['another format', { edit: (body: string) => body.replace('format=JSON', 'format=XML') }, 'S005'],
  ['a message that is not of its method', { messageid: 'SO' }, 'S004'],
  ['a method of nobody', { method: 'constructor' }, 'S004'],
  ['data that is no order', { data: '{"xmldata":{"header":[]}}' }, 'S005'],
])('a message with %s is turned away whole', async (_, change, code) => {
  expect(await put([asn('N-9', '1')], change)).toEqual({
    returnCode: code,
    returnDesc: '失败',
    returnFlag: '0',
    resultInfo: '',
  });
});

interface Change {
  readonly secret?: string;
  readonly method?: string;
  readonly messageid?: string;
  readonly data?: string;
  readonly at?: Date;
  readonly edit?: (body: string) => string;
}

async function put(orders: readonly object[], change: Change = {}): Promise<Record<string, unknown>> {
  const data = JSON.stringify({ xmldata: { header: orders } });
  const body = form(site, { method: 'putASNData', messageid: 'ASN', data, secret, ...change });
  const answer = await fetch(twin.url + (wmsFlux.settings['path'] ?? ''), {
    method: 'POST',
    body: change.edit?.(body) ?? body,
  });
  return ((await answer.json()) as { Response: { return: Record<string, unknown> } }).Response.return;
}

const rows = (answer: Record<string, unknown>) => answer['resultInfo'] as object[];

function asn(no: string, quantity: string, other: object = {}) {
  const line = { LineNo: '1', SKU: 'HRB400E-12', Descr_C: '螺纹钢', ExpectedQty: quantity, UOM: 'T' };
  const place = { CustomerID: '91350100MA32000B1T', WarehouseID: 'XM01' };
  return { OrderNo: no, OrderType: 'PO', ...place, detailsItem: [line], ...other };
}
