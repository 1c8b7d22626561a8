/** Against real sockets: what a call may be taken to mean is exactly what a mock would get wrong. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import net, { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import tls from 'node:tls';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from '@jest/globals';
import { isFailure } from '../contracts/failures.ts';
import { exchangeHttp, type HttpRequest } from './http.ts';

const opened: { close: () => void }[] = [];
afterEach(() => opened.splice(0).forEach((each) => each.close()));

describe('an answer', () => {
  test('comes back with status, headers, body and time; the bytes of the body go out untouched', async () => {
    const seen: { headers: http.IncomingHttpHeaders; body: Buffer }[] = [];
    const url = await serve((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        seen.push({ headers: request.headers, body: Buffer.concat(chunks) });
        response.writeHead(500, { 'X-Code': ['a', 'b'] }).end(Buffer.of(0xff, 0x00, 0xfe));
      });
    });
    const body = Buffer.from('{"b": 1,\t"a":\u00a0"\ufeff"}\r\n\xff', 'latin1');
    const answer = await exchangeHttp({
      ...call(url),
      method: 'POST',
      body,
      headers: { 'Content-Type': 'text/xml', 'X-Sign': 'abc' },
    });
    expect(answer).toMatchObject({
      status: 500,
      headers: { 'x-code': 'a, b' },
      body: Buffer.of(0xff, 0x00, 0xfe),
    });
    expect(answer.ms).toBeGreaterThan(0);
    expect(seen[0]?.body.equals(body)).toBe(true);
    expect(seen[0]?.headers).toMatchObject({
      'content-type': 'text/xml',
      'x-sign': 'abc',
      'content-length': String(body.length),
    });
    expect(seen[0]?.headers['accept-encoding']).toBe('identity');
  });

  test('of a POST without body is asked for with a length of zero and no content type', async () => {
    const url = await serve((request, response) => response.end(JSON.stringify(request.headers)));
    const { body } = await exchangeHttp({ ...call(url), method: 'POST' });
    const headers = JSON.parse(body.toString()) as Record<string, string>;
    expect(headers).toMatchObject({ 'content-length': '0', 'user-agent': 'lianshu' });
    expect(headers['content-type']).toBeUndefined();
  });

  test('that redirects is an answer and is not followed', async () => {
    let calls = 0;
    const url = await serve((_request, response) => {
      calls += 1;
      response.writeHead(302, { location: '/elsewhere' }).end();
    });
    expect(await exchangeHttp(call(url))).toMatchObject({
      status: 302,
      headers: { location: '/elsewhere' },
    });
    expect(calls).toBe(1);
  });

  test('may reuse a connection', async () => {
    const ports = new Set<number | undefined>();
    const url = await serve((request, response) => {
      ports.add(request.socket.remotePort);
      response.end('ok');
    });
    await exchangeHttp(call(url));
    await exchangeHttp(call(url));
    expect(ports.size).toBe(1);
  });

  test('is not looked for through a proxy of the environment', async () => {
    const url = await serve((_request, response) => response.end('direct'));
    process.env['HTTP_PROXY'] = 'http://127.0.0.1:1';
    try {
      expect((await exchangeHttp(call(url))).body.toString()).toBe('direct');
    } finally {
      delete process.env['HTTP_PROXY'];
    }
  });
});

describe('what certainly did not reach the other side is SYSTEM_UNREACHABLE', () => {
  test('a port that refuses', async () => {
    const server = await listen(net.createServer());
    const { port } = server.address() as AddressInfo;
    server.close();
    await expectFailure(call(`http://127.0.0.1:${port}/`), 'SYSTEM_UNREACHABLE', /ECONNREFUSED/);
  });

  test('a name that does not resolve', async () => {
    await expectFailure(
      { ...call('http://nowhere.invalid/'), allowPrivate: false },
      'SYSTEM_UNREACHABLE',
      /ENOTFOUND|EAI_AGAIN/,
    );
  });

  test('a connection that is not made before the deadline', async () => {
    const agent = new http.Agent();
    Object.assign(agent, { createConnection: () => new NeverConnecting() });
    await expectFailure({ ...call('http://127.0.0.1:9/'), agent, timeoutMs: 100 }, 'SYSTEM_UNREACHABLE', /100 ms/);
  });

  test('no free socket before the deadline', async () => {
    const url = await serve(() => undefined);
    const agent = new http.Agent({ maxSockets: 1 });
    const first = exchangeHttp({ ...call(url), agent, timeoutMs: 400 }).catch((thrown: unknown) => thrown);
    await expectFailure({ ...call(url), agent, timeoutMs: 100 }, 'SYSTEM_UNREACHABLE');
    expect(await first).toMatchObject({ type: 'OUTCOME_UNKNOWN' });
  });

  test.each(['b\r\nx-c: d', '厦门', 'a\0b'])('a header that cannot be sent as it is: %j', async (value) => {
    const url = await serve((_request, response) => response.end());
    await expectFailure({ ...call(url), headers: { 'x-a': value } }, 'SYSTEM_UNREACHABLE', /header/);
  });

  test('a body that is too large is refused before', async () => {
    const url = await serve((_request, response) => response.end());
    await expectFailure({ ...call(url), method: 'POST', body: new Uint8Array(2_000_001) }, 'BODY_TOO_LARGE');
  });
});

describe('what may have been acted upon is OUTCOME_UNKNOWN', () => {
  test('a connection that is taken and closed', async () => {
    await expectFailure(call(await serveRaw((socket) => socket.end())), 'OUTCOME_UNKNOWN');
  });

  test('a connection that is reset after n bytes of the answer', async () => {
    for (const bytes of [0, 1, 12, 30, 60]) {
      const answer = 'HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{"code":"000000"}            ';
      const url = await serveRaw((socket) =>
        socket.once('data', () => socket.write(answer.slice(0, bytes), () => socket.resetAndDestroy())),
      );
      await expectFailure(call(url), 'OUTCOME_UNKNOWN');
    }
  });

  test('a connection that ends inside the answer', async () => {
    const url = await serveRaw((socket) =>
      socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc')),
    );
    await expectFailure(call(url), 'OUTCOME_UNKNOWN');
  });

  test('an answer after the deadline', async () => {
    const url = await serve((_request, response) => setTimeout(() => response.end('late'), 600));
    await expectFailure({ ...call(url), timeoutMs: 150 }, 'OUTCOME_UNKNOWN', /150 ms/);
  });

  test('an answer that drips beyond the deadline', async () => {
    const url = await serve((_request, response) => {
      const drip = setInterval(() => response.write('.'), 20);
      response.on('close', () => clearInterval(drip));
    });
    const started = performance.now();
    await expectFailure({ ...call(url), timeoutMs: 300 }, 'OUTCOME_UNKNOWN', /300 ms/);
    expect(performance.now() - started).toBeLessThan(2_000);
  });

  test('headers that drip beyond the deadline', async () => {
    const url = await serveRaw((socket) => {
      socket.write('HTTP/1.1 200 OK\r\n');
      const drip = setInterval(() => socket.write('X-A: b\r\n'), 20);
      socket.on('error', () => undefined).on('close', () => clearInterval(drip));
    });
    await expectFailure({ ...call(url), timeoutMs: 300 }, 'OUTCOME_UNKNOWN', /300 ms/);
  });

  test.each([
    'garbage\r\n\r\n',
    'HTTP/1.1 abc\r\n\r\n',
    'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab',
  ])('a garbled answer: %j', async (text) => {
    await expectFailure(
      call(await serveRaw((socket) => socket.once('data', () => socket.end(text)))),
      'OUTCOME_UNKNOWN',
      /HPE_/,
    );
  });

  test('headers without end', async () => {
    const url = await serveRaw((socket) =>
      socket.once('data', () => socket.write(`HTTP/1.1 200 OK\r\nX: ${'a'.repeat(200_000)}`)),
    );
    await expectFailure(call(url), 'OUTCOME_UNKNOWN', /HPE_HEADER_OVERFLOW/);
  });

  test('an answer that is too large, announced or not', async () => {
    const url = await serve((_request, response) => {
      for (let count = 0; count < 20; count += 1) response.write(Buffer.alloc(1000));
      response.end();
    });
    await expectFailure({ ...call(url), maxAnswerBytes: 10_000 }, 'OUTCOME_UNKNOWN', /too large/);
    expect((await exchangeHttp({ ...call(url), maxAnswerBytes: 20_000 })).body).toHaveLength(20_000);
  });

  test('a compressed answer, which is never inflated', async () => {
    const bomb = gzipSync(Buffer.alloc(200_000_000), { level: 9 });
    const url = await serve((_request, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb));
    const before = process.memoryUsage().rss;
    await expectFailure(call(url), 'OUTCOME_UNKNOWN', /compressed/);
    expect(process.memoryUsage().rss - before).toBeLessThan(100_000_000);
  });

  test('a reused connection that is reset', async () => {
    let calls = 0;
    const url = await serve((request, response) => {
      calls += 1;
      if (calls === 1) response.end('ok');
      else request.socket.resetAndDestroy();
    });
    await exchangeHttp(call(url));
    await expectFailure(call(url), 'OUTCOME_UNKNOWN', /ECONNRESET/);
  });
});

describe('over TLS', () => {
  const certificate = selfSigned();

  test('a handshake that fails sent nothing: no certificate of ours, no TLS at all, or silence', async () => {
    let bytes = 0;
    const secure = await listen(
      tls.createServer(certificate, (socket) => socket.on('data', (chunk) => (bytes += chunk.length))),
    );
    await expectFailure(
      { ...call(urlOf(secure, 'https')), method: 'POST', body: Buffer.from('pay') },
      'SYSTEM_UNREACHABLE',
      /SELF_SIGNED/,
    );
    const plain = await listen(
      net.createServer((socket) => socket.once('data', () => socket.end('HTTP/1.1 400 Bad\r\n\r\n'))),
    );
    await expectFailure(call(urlOf(plain, 'https')), 'SYSTEM_UNREACHABLE');
    const silent = await listen(net.createServer());
    await expectFailure({ ...call(urlOf(silent, 'https')), timeoutMs: 200 }, 'SYSTEM_UNREACHABLE', /200 ms/);
    const resetting = await listen(net.createServer((socket) => socket.once('data', () => socket.resetAndDestroy())));
    await expectFailure(call(urlOf(resetting, 'https')), 'SYSTEM_UNREACHABLE', /ECONNRESET/);
    expect(bytes).toBe(0);
  });

  test('a certificate that is trusted is answered, and a reset after the handshake is unknown, also on a waiting request', async () => {
    const server = await listen(
      https.createServer(certificate, (request, response) => {
        if (request.url === '/reset') request.socket.destroy();
        else response.end('ok');
      }),
    );
    const agent = new https.Agent({ ca: certificate.cert, keepAlive: true, maxSockets: 1 });
    const url = urlOf(server, 'https');
    // One socket for two: the second waits and takes over a socket that has long been secure.
    const [first, second] = await Promise.allSettled([
      exchangeHttp({ ...call(url), agent }),
      exchangeHttp({ ...call(`${url}reset`), agent }),
    ]);
    expect(first).toMatchObject({ status: 'fulfilled', value: { status: 200 } });
    expect(second).toMatchObject({ status: 'rejected', reason: { type: 'OUTCOME_UNKNOWN' } });
    await expectFailure({ ...call(`${url}reset`), agent }, 'OUTCOME_UNKNOWN');
    agent.destroy();
  });
});

class NeverConnecting extends net.Socket {
  override readonly connecting = true;
}

function call(url: string): HttpRequest {
  return { url, method: 'GET', headers: {}, timeoutMs: 5_000, allowPrivate: true };
}

async function expectFailure(request: HttpRequest, type: string, detail: RegExp = /./): Promise<void> {
  const thrown = await exchangeHttp(request).then(
    (answer) => new Error(`answered ${answer.status}`),
    (error: unknown) => error,
  );
  expect(isFailure(thrown) ? { type: thrown.type } : { thrown }).toEqual({ type });
  expect((thrown as Error).message).toMatch(detail);
}

async function serve(handle: (request: http.IncomingMessage, response: http.ServerResponse) => void): Promise<string> {
  return urlOf(await listen(http.createServer(handle)), 'http');
}

async function serveRaw(handle: (socket: net.Socket) => void): Promise<string> {
  return urlOf(await listen(net.createServer((socket) => handle(socket.on('error', () => undefined)))), 'http');
}

async function listen<S extends net.Server>(server: S): Promise<S> {
  const sockets = new Set<net.Socket>();
  server.on('connection', (socket: net.Socket) => sockets.add(socket.on('close', () => sockets.delete(socket))));
  opened.push({
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

function urlOf(server: net.Server, scheme: string): string {
  return `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

function selfSigned(): { key: Buffer; cert: Buffer } {
  const folder = mkdtempSync(join(tmpdir(), 'lianshu-tls-'));
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const options = [
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:prime256v1',
    '-nodes',
    '-days',
    '2',
    '-subj',
    '/CN=twin',
    '-addext',
    'subjectAltName=IP:127.0.0.1',
  ];
  execFileSync('openssl', ['req', '-x509', '-keyout', key, '-out', cert, ...options], {
    stdio: 'ignore',
  });
  return { key: readFileSync(key), cert: readFileSync(cert) };
}
