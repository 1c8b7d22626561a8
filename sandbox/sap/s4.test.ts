import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Clock } from '../clock.ts';
import { startTwin, type RunningTwin } from '../twin.ts';
import { sapS4 } from './s4.twin.ts';

const folder = mkdtempSync(join(tmpdir(), 'lianshu-s4-'));
const keys = sapS4.enrol().twin;
const posted: { path: string; authorization: string; body: string }[] = [];
let hubStatus = 503;
let hub: Server;
let s4: RunningTwin;

beforeAll(async () => {
  const take = async (req: IncomingMessage, res: ServerResponse) => {
    const chunks: Buffer[] = [];
    for await (const chunk of req as AsyncIterable<Buffer>) chunks.push(chunk);
    posted.push({
      path: req.url ?? '',
      authorization: req.headers.authorization ?? '',
      body: Buffer.concat(chunks).toString(),
    });
    res.writeHead(hubStatus).end('OK');
  };
  hub = createServer((req, res) => void take(req, res));
  await new Promise<void>((resolve) => hub.listen(0, '127.0.0.1', resolve));
  const hubUrl = `http://127.0.0.1:${(hub.address() as AddressInfo).port}/in/sap-s4`;
  const clock = new Clock({ realMs: Date.now(), businessMs: Date.parse('2026-11-23T09:00:00+08:00'), speed: 1 });
  s4 = await startTwin(sapS4, { folder, port: 0, hubUrl, clock, keys });
});

afterAll(async () => {
  await s4.stop();
  hub.closeAllConnections();
  await new Promise((resolve) => hub.close(resolve));
  rmSync(folder, { recursive: true, force: true });
});

async function call(body: string, password = keys['rfc-password.txt'] ?? '', client = '100') {
  const answer = await fetch(`${s4.url}/sap/bc/soap/rfc?sap-client=${client}`, {
    method: 'POST',
    headers: {
      'content-type': 'text/xml; charset=utf-8',
      authorization: `Basic ${Buffer.from(`LIANSHU_RFC:${password}`).toString('base64')}`,
    },
    body: `<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body>${body}</soapenv:Body></soapenv:Envelope>`,
  });
  return { status: answer.status, type: answer.headers.get('content-type') ?? '', text: await answer.text() };
}

const rfc = (name: string, parameters = '') =>
  `<rfc:${name} xmlns:rfc="urn:sap-com:document:sap:rfc:functions">${parameters}</rfc:${name}>`;

test('STFC_CONNECTION echoes, RFC_PING answers', async () => {
  const echo = await call(rfc('STFC_CONNECTION', '<REQUTEXT>链枢 &amp; co</REQUTEXT>'));
  expect(echo.status).toBe(200);
  expect(echo.text).toContain(
    '<rfc:STFC_CONNECTION.Response xmlns:rfc="urn:sap-com:document:sap:rfc:functions"><ECHOTEXT>链枢 &amp; co</ECHOTEXT>',
  );
  expect((await call(rfc('RFC_PING'))).text).toContain('RFC_PING.Response');
});

test('a wrong password or client is 401 with HTML that is no XML', async () => {
  for (const answer of [await call(rfc('RFC_PING'), 'wrong'), await call(rfc('RFC_PING'), undefined, '200')]) {
    expect(answer).toMatchObject({ status: 401, type: 'text/html; charset=utf-8' });
    expect(answer.text).toContain('<META ');
  }
});

test('what is no call, no function, or raises an exception is 500 with a SOAP fault', async () => {
  for (const body of [
    '',
    '<STFC_CONNECTION/>',
    rfc('NO_SUCH_FUNCTION'),
    rfc('RFC_PING', '<q:A xmlns:q="urn:x">1</q:A>'),
  ]) {
    const answer = await call(body);
    expect(answer.status).toBe(500);
    expect(answer.text).toContain('<SOAP-ENV:Fault>');
  }
  expect((await call(rfc('RFC_RAISE_ERROR'))).text).toContain('<Name>RAISE_EXCEPTION</Name>');
});

test('an order is one effect and one IDoc number, posted until the hub says 200; tables come back only when asked', async () => {
  await fetch(`${s4.url}/_twin/acts/placeOrder`, {
    method: 'POST',
    body: JSON.stringify({ dealer: '0000017102', quantity: '0.333', price: '100.50' }),
  });
  await until(() => posted.length >= 1);
  hubStatus = 200;
  await until(() => posted.length >= 2);
  expect(new Set(posted.map((each) => each.body)).size).toBe(1);
  expect(posted[0]?.authorization).toBe(
    `Basic ${Buffer.from(`SAP_S4:${keys['inbound-password.txt']}`).toString('base64')}`,
  );
  expect(posted[0]?.path).toBe('/in/sap-s4/idoc');
  expect(posted[0]?.body).toContain('<NETWR>33.47</NETWR>');
  const effects = (await (await fetch(`${s4.url}/_twin/effects`)).json()) as unknown[];
  expect(effects).toHaveLength(1);
  const read = (tables: string) =>
    call(
      rfc(
        'BAPISDORDER_GETDETAILEDLIST',
        `<SALES_DOCUMENTS><item><VBELN>4500017001</VBELN></item></SALES_DOCUMENTS>${tables}`,
      ),
    );
  const answer = await read('<ORDER_HEADERS_OUT/>');
  expect(answer.text).toContain('<NET_VAL_HD>33.470000000</NET_VAL_HD>');
  expect(answer.text).toContain('<DOC_DATE>2026-11-23</DOC_DATE>');
  expect(answer.text).not.toContain('ORDER_ITEMS_OUT');
});

test.each([
  { idoc: '<ORDERS05><IDOC>' },
  { idoc: '<A/>' },
  { order: null },
  { order: { d: { SalesOrder: '1', to_Item: 7 } } },
  {},
])('booking from the file %j never ends in a broken connection', async (args) => {
  const answer = await fetch(`${s4.url}/_twin/acts/book`, { method: 'POST', body: JSON.stringify(args) });
  expect(await answer.json()).toEqual({ done: 'book' });
});

async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 5_000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error('it did not happen within 5 s');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
