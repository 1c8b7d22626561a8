/** The warehouse that calls in, before a hub of a few lines: which calls it makes, how it shows who it is, and when it believes. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Clock } from '../clock.ts';
import { type RunningTwin, startTwin } from '../twin.ts';
import { wmsSoap } from './soap.twin.ts';

const published = join(import.meta.dirname, '../../contracts/wms/soap');
const password = 'sec';
let home: string;
let hub: Server;
let address: string;
let warehouse: RunningTwin;
let calls: { action: string; body: string }[];
let answer: (operation: string) => string;

beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'lianshu-wms-soap-'));
  calls = [];
  answer = (operation) =>
    `<${operation}Response xmlns="urn:lianshu:wms:1"><result>taken</result></${operation}Response>`;
  hub = createServer((request, response) => {
    if (request.method === 'GET') return void response.end(file(request.url ?? ''));
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const action = String(request.headers['soapaction']);
      calls.push({ action, body: Buffer.concat(chunks).toString() });
      response.setHeader('content-type', 'text/xml; charset=utf-8');
      response.end(
        `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>${answer(/\w+(?="$)/.exec(action)?.[0] ?? '')}</s:Body></s:Envelope>`,
      );
    });
  });
  await new Promise<void>((done) => hub.listen(0, '127.0.0.1', done));
  address = `http://127.0.0.1:${(hub.address() as AddressInfo).port}/in/wms-soap`;
  const clock = new Clock({ realMs: 0, businessMs: Date.parse('2026-11-23T09:00:00+08:00'), speed: 0 });
  const keys = { 'wssePassword.txt': password };
  warehouse = await startTwin(wmsSoap, { folder: home, port: 0, hubUrl: address, clock, keys });
});
afterEach(async () => {
  await warehouse.stop();
  hub.closeAllConnections();
  await new Promise((done) => hub.close(done));
  rmSync(home, { recursive: true, force: true });
});

function file(url: string): string {
  const name = /\?xsd=(\w+)$/.exec(url)?.[1];
  if (name !== undefined) return readFileSync(join(published, `${name}.xsd`), 'utf8');
  const wsdl = readFileSync(join(published, 'wms.wsdl'), 'utf8');
  return wsdl
    .replace(/location="https[^"]*"/, `location="${address}/soap"`)
    .replaceAll(/schemaLocation="(\w+)\.xsd"/g, `schemaLocation="${address}/soap?xsd=$1"`);
}

const act = async (name: string, args: object) =>
  (await fetch(`${warehouse.control}/_twin/acts/${name}`, { method: 'POST', body: JSON.stringify(args) })).status;
const status = async (name: string, args: object) => act(name, args).catch(() => 0);
const textIn = (body: string, name: string) =>
  new RegExp(`<(?:\\w+:)?${name}(?:\\s[^>]*)?>([^<]*)<`).exec(body)?.[1] ?? '';

test('each of its people is one call, with the digest that the password, the nonce and the time make', async () => {
  await act('announce', { noticeNo: 'RK-1', kilograms: 100_013 });
  await act('receive', { noticeNo: 'RK-1' });
  await act('lock', { pledgeNo: 'ZY-1', kilograms: 2_000 });
  await act('confirmControl', { lockCode: 'ZY-1' });
  await act('order', { releaseNo: 'FH-1', pledgeNo: 'ZY-1', token: 'token-of-FH-1', kilograms: 500 });
  await act('gateOut', { releaseNo: 'FH-1', token: 'another' });
  await act('gateOut', { releaseNo: 'FH-1' });
  await act('takeStock', { code: 'PD-1', less: true });
  await act('moveStock', { code: 'YD-1', why: 'loss' });
  expect(calls.map(({ action }) => action)).toEqual(
    ['NotifyInbound', 'ConfirmControl', 'NotifyOutbound', 'ReportStockCount', 'ReportStockChange'].map(
      (operation) => `"urn:lianshu:wms:1/${operation}"`,
    ),
  );
  for (const { body } of calls) {
    const nonce = Buffer.from(textIn(body, 'Nonce'), 'base64');
    const hash = createHash('sha1').update(nonce).update(textIn(body, 'Created')).update(password);
    expect(textIn(body, 'Password')).toBe(hash.digest('base64'));
  }
  expect(new Set(calls.map(({ body }) => textIn(body, 'Nonce'))).size).toBe(5);
  expect(textIn(calls[0]?.body ?? '', 'quantity')).toBe('98.012'); // Two per cent short.
  expect(textIn(calls[4]?.body ?? '', 'change')).toMatch(/^-0\.\d{3}$/);
});

test('what was not taken is told again, and what was is not', async () => {
  answer = () => '<s:Fault><faultcode>s:Server</faultcode><faultstring>busy</faultstring></s:Fault>';
  await act('announce', { noticeNo: 'RK-1' });
  expect(await status('receive', { noticeNo: 'RK-1' })).not.toBe(200);
  answer = (operation) =>
    `<${operation}Response xmlns="urn:lianshu:wms:1"><result>later</result></${operation}Response>`;
  expect(await status('receive', { noticeNo: 'RK-1' })).not.toBe(200);
  answer = (operation) =>
    `<${operation}Response xmlns="urn:lianshu:wms:1"><result>taken</result></${operation}Response>`;
  expect(await status('receive', { noticeNo: 'RK-1' })).toBe(200);
  expect(await status('receive', { noticeNo: 'RK-1' })).toBe(200);
  expect(calls.map(({ body }) => textIn(body, 'receiptNo'))).toEqual(Array.from({ length: 3 }, () => 'RKQR00000003'));
});
