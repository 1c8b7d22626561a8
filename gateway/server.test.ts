import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { languageOf } from './problems.ts';
import { order, signedHeaders, startHub, type TestHub } from './testHub.ts';

let hub: TestHub;
beforeAll(async () => {
  hub = await startHub({
    limits: { headersTimeoutMs: 500, requestTimeoutMs: 900, timeoutCheckMs: 100 },
    clockChange: async (change) => void changes.push(change),
  });
});
afterAll(() => hub.stop());

const changes: object[] = [];

async function problem(path: string, init: RequestInit = {}) {
  const response = await fetch(`${hub.url}${path}`, init);
  expect(response.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
  const body = (await response.json()) as Record<string, unknown>;
  expect(body['request_id']).toBe(response.headers.get('x-request-id'));
  expect(JSON.stringify(body)).not.toMatch(/\.ts:\d|node_modules/);
  return { status: response.status, code: body['code'], title: body['title'], headers: response.headers };
}

function post(body: unknown): RequestInit {
  return { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
}

/** Raw bytes on a socket; resolves with what came back when the hub closed it. */
function raw(pieces: readonly string[], pauseMs = 0): Promise<{ text: string; ms: number }> {
  return new Promise((resolve) => {
    const { port } = new URL(hub.url);
    const started = performance.now();
    let text = '';
    const left = [...pieces];
    const socket = connect(Number(port), '127.0.0.1');
    const writing = setInterval(() => {
      const piece = left.shift();
      if (piece !== undefined && !socket.destroyed) socket.write(piece);
      else clearInterval(writing);
    }, pauseMs);
    socket.on('data', (chunk) => (text += chunk.toString('latin1')));
    socket.on('error', () => undefined);
    socket.on('close', () => resolve({ text, ms: performance.now() - started }));
  });
}

test('a callback reaches the adapter of its system byte for byte, and so does the answer', async () => {
  const body = Buffer.from([0x00, 0xff, 0xd6, 0xd0, 0x0a]);
  const headers = { 'content-type': 'text/xml; charset=GBK', 'x-sign': 'abc' };
  const response = await fetch(`${hub.url}/in/wms-one/a%2Fb/c?sign=a%2Bb&x=1+2`, { method: 'POST', headers, body });
  expect([response.status, response.headers.get('content-type')]).toEqual([202, 'application/xml; charset=gb18030']);
  expect([...new Uint8Array(await response.arrayBuffer())]).toEqual([0x3c, 0xd6, 0xd0, 0x3e, 0x00, 0xff]);
  const got = hub.received.at(-1);
  expect(got).toMatchObject({
    system: 'wms-one',
    inbound: { method: 'POST', path: '/a%2Fb/c', query: { sign: 'a+b', x: '1 2' } },
  });
  expect(got?.inbound.headers['x-sign']).toBe('abc');
  expect(Buffer.from(got?.inbound.body ?? '', 'base64')).toEqual(body);
});

test('what no callback may be is refused before an adapter sees it', async () => {
  const before = hub.received.length;
  const any = { method: 'POST', body: 'x' };
  expect(await problem('/in/nobody/x', any)).toMatchObject({ status: 404, code: 'SYSTEM_UNKNOWN' });
  expect(await problem('/in/wms-one%00/x', any)).toMatchObject({ status: 404, code: 'SYSTEM_UNKNOWN' });
  expect(await problem('/in/wms-one/x?a=1&a=2', any)).toMatchObject({ status: 400, code: 'QUERY_INVALID' });
  expect(await problem('/in/wms-one/x?a=%ff', any)).toMatchObject({ status: 400, code: 'QUERY_INVALID' });
  const gzip = { ...any, headers: { 'content-encoding': 'gzip' } };
  expect(await problem('/in/wms-one/x', gzip)).toMatchObject({ status: 415, code: 'ENCODING_UNSUPPORTED' });
  const big = { method: 'POST', body: Buffer.alloc(2 * 1_048_576 + 1) };
  expect(await problem('/in/wms-one/x', big)).toMatchObject({ status: 413, code: 'BODY_TOO_LARGE' });
  expect(hub.received).toHaveLength(before);
});

test('a bug behind the edge shows as a request id and nothing else', async () => {
  expect(await problem('/in/wms-one/bug', { method: 'POST', body: 'x' })).toMatchObject({
    status: 500,
    code: 'INTERNAL',
  });
});

test('unknown addresses and methods are problems in the language that the caller reads', async () => {
  const english = { headers: { 'accept-language': 'en-GB, zh;q=0.5' } };
  expect(await problem('/nothing/here')).toMatchObject({ status: 404, title: '接口不存在' });
  expect(await problem('/nothing/here', english)).toMatchObject({ title: 'There is no such operation' });
  const wrong = await problem('/v1/orders', { method: 'DELETE' });
  expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'POST']);
  expect(await problem('/v1/runs', { method: 'POST', body: 'x' })).toMatchObject({ status: 405 });
  expect(await problem('/%ff')).toMatchObject({ status: 400 });
  expect(['fr', '', 'en;q=0', 'zh;q=0.1,en;q=0.9', 'EN'].map(languageOf)).toEqual(['zh', 'zh', 'zh', 'en', 'en']);
});

test('an oversized command is refused and leaves no request behind', async () => {
  const body = Buffer.from(JSON.stringify(order('BIG', { purchaseOrderNo: 'x'.repeat(1_100_000) })));
  const init = { method: 'POST', body, headers: signedHeaders('msg_big', body) };
  expect(await problem('/v1/orders', init)).toMatchObject({ status: 413, code: 'BODY_TOO_LARGE' });
});

test('a body that drips is closed in time, and so are headers that do not end', async () => {
  const head =
    'POST /v1/orders HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n';
  const body = await raw([head, ...Array.from({ length: 60 }, () => 'x')], 100);
  expect(body.text).toMatch(/^HTTP\/1\.1 408 /);
  expect(body.text).toContain('BODY_TOO_SLOW');
  expect(body.ms).toBeLessThan(3_000);
  const headers = await raw(
    ['POST /v1/orders HTTP/1.1\r\n', ...Array.from({ length: 60 }, (_, i) => `x-${i}: 1\r\n`)],
    100,
  );
  expect(headers.text).toMatch(/^HTTP\/1\.1 408 /);
  expect(headers.ms).toBeLessThan(3_000);
}, 15_000);

test('framing that two servers could read differently is refused', async () => {
  const start = 'POST /in/wms-one/x HTTP/1.1\r\nHost: localhost\r\n';
  const hostile = [
    `${start}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    `${start}Content-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef`,
    `${start}Content-Length: +5\r\n\r\nabcde`,
    `${start}Transfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n0\r\n\r\n`,
    `${start}X-Bad: a\u0000b\r\n\r\n`,
    `${start}X-Long: ${'a'.repeat(40_000)}\r\n\r\n`,
    'GARBAGE\r\n\r\n',
  ];
  const before = hub.received.length;
  for (const text of hostile) {
    const { text: answer } = await raw([text]);
    expect(answer).toMatch(/^HTTP\/1\.1 (400|413) /);
    expect(answer).toContain('application/problem+json');
  }
  expect(hub.received).toHaveLength(before);
});

test('only the hub itself is served: a rebound name, no name and two names are refused', async () => {
  for (const hosts of [
    'Host: evil.example\r\n',
    '',
    'Host: localhost\r\nHost: evil.example\r\n',
    'Host: localhost@evil\r\n',
  ]) {
    const { text } = await raw([`GET /v1/clock HTTP/1.1\r\n${hosts}Connection: close\r\n\r\n`]);
    expect(text).toMatch(/^HTTP\/1\.1 421 /);
  }
  const { text } = await raw([`GET /v1/clock HTTP/1.1\r\nHost: LOCALHOST:99\r\nConnection: close\r\n\r\n`]);
  expect(text).toMatch(/^HTTP\/1\.1 200 /);
});

test('who comes through a proxy sees nothing of the console, and a page of another origin changes nothing', async () => {
  const proxied = { headers: { 'x-forwarded-for': '10.0.0.9' } };
  for (const path of ['/v1/runs', '/v1/clock', '/v1/stream?topics=runs', '/metrics', '/runs', '/k/order/SO-1']) {
    expect(await problem(path, proxied)).toMatchObject({ status: 403, code: 'NOT_ALLOWED' });
  }
  const foreign = {
    method: 'POST',
    body: '{}',
    headers: { origin: 'http://evil.example', 'content-type': 'application/json' },
  };
  expect(await problem('/v1/sandbox/clock', foreign)).toMatchObject({ status: 403 });
  expect(await problem('/v1/sandbox/clock', { method: 'POST', body: '{}' })).toMatchObject({ status: 415 });
});

test('the sandbox clock takes a jump and a speed, and nothing else', async () => {
  const answer = await fetch(`${hub.url}/v1/sandbox/clock`, post({ advance: '30d', speed: 60 }));
  expect(Object.keys((await answer.json()) as object)).toEqual(['now', 'real', 'speed']);
  expect(changes).toEqual([{ advanceMs: 30 * 86_400_000, speed: 60 }]);
  for (const bad of [{ advance: '-1d' }, { advance: '1y' }, { speed: -1 }, { speed: '1' }, { now: 1 }]) {
    expect(await problem('/v1/sandbox/clock', post(bad))).toMatchObject({ status: 422 });
  }
});

test('health tells whether the node can work, metrics tell how it does', async () => {
  expect(await (await fetch(`${hub.url}/health/live`)).json()).toEqual({ status: 'live' });
  expect(await (await fetch(`${hub.url}/health/ready`)).json()).toEqual({
    status: 'ready',
    database: 'ok',
    engine: 'ok',
  });
  await hub.send('POST', '/v1/orders', order('M-1'));
  const text = await (await fetch(`${hub.url}/metrics`)).text();
  expect(text).toContain('lianshu_exchange_ms_count{operation="portal.orderPlaced",direction="in",state="ok"} 1');
  for (const name of ['process_cpu', 'lianshu_runs{state="waiting"}', 'lianshu_http_request_ms_count{'])
    expect(text).toContain(name);
  // Of the engine of this node, and of the tables.
  for (const name of [
    'lianshu_flush_ms_count',
    'lianshu_flush_works_count',
    'lianshu_steps_total',
    'lianshu_runs_begun_total 1',
    'lianshu_writer_queue ',
    'lianshu_runs_claimed_total',
    'lianshu_runs_reaped_total 0',
    'lianshu_database_outages_total 0',
    'lianshu_nodes{state="alive"} 1',
    'lianshu_timers_late_seconds 0',
    'lianshu_run_ready_oldest_seconds',
    'lianshu_history_partitions{table="journal"}',
    'lianshu_history_bytes{table="run_done"}',
  ])
    expect(text).toContain(name);
  expect(text).not.toContain('lianshu_metrics_unread_total 1');
});

test('without a built console the page says how to build it, under a policy that allows no foreign content', async () => {
  const page = await fetch(`${hub.url}/runs/anything`);
  expect(await page.text()).toContain('vite build');
  expect(page.headers.get('content-security-policy')).toMatch(
    /^default-src 'self'; style-src 'self'; img-src 'self' data:;.*frame-ancestors 'none'$/,
  );
  expect(page.headers.get('referrer-policy')).toBe('no-referrer');
  expect(page.headers.get('x-powered-by')).toBeNull();
  expect((await problem('/assets/x.js')).status).toBe(404);
});
