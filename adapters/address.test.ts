/** No refusal counts unless a listening canary saw nothing: the question is whether a socket was opened. */
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { isPublic } from './address.ts';
import { exchangeHttp, type HttpRequest } from './http.ts';

const opened: net.Server[] = [];
afterEach(() => opened.splice(0).forEach((each) => each.close()));

describe('an address of our own network is refused unless it is allowed', () => {
  test.each([
    '127.0.0.1',
    '2130706433',
    '0x7f.1',
    '0177.0.0.1',
    '127.1',
    '[::ffff:127.0.0.1]',
    '①②⑦.⓪.⓪.①',
    '[::1]',
    '[::127.0.0.1]',
    '0.0.0.0',
    '[::]',
    '10.0.0.1',
    '172.16.0.1',
    '192.168.1.1',
    '169.254.169.254',
    '100.100.100.200',
    '[fd00:ec2::254]',
    '[fe80::1]',
    '[64:ff9b::7f00:1]',
    '[2002:7f00:1::]',
    '224.0.0.1',
    '255.255.255.255',
    'localhost',
    'localhost.',
    'LOCALHOST',
    '%6c%6fcalhost',
  ])('%s opens no connection', async (host) => {
    let connections = 0;
    const port = await canary((socket) => {
      connections += 1;
      socket.destroy();
    });
    await expectRefused(call(`http://${host}:${port}/`), /public|no URL|ENOTFOUND/);
    expect(connections).toBe(0);
  });

  test.each([
    'ftp://example.com/',
    'file:///etc/passwd',
    'unix:/x',
    'gopher://a/',
    'data:,x',
    'http://',
    '//example.com',
    'http://user:pass@example.com/',
    'http://user@example.com/',
  ])('%s is refused', async (url) => expectRefused(call(url, true), /nothing was sent/));

  test('a peer that turns out to be private gets no byte, whatever the name said', async () => {
    let bytes = 0;
    const port = await canary((socket) => socket.on('data', (chunk) => (bytes += chunk.length)));
    const agent = new http.Agent();
    Object.assign(agent, { createConnection: () => net.connect(port, '127.0.0.1') });
    await expectRefused({ ...call('http://93.184.216.34/'), agent }, /not public/);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(bytes).toBe(0);
  });

  test('a public address is public', () => {
    expect(['93.184.216.34', '2606:4700::1111', '8.8.8.8'].every(isPublic)).toBe(true);
    expect(['', 'example.com', '127.0.0.1', 'fe80::1%eth0'].some(isPublic)).toBe(false);
  });
});

function call(url: string, allowPrivate = false): HttpRequest {
  return { url, method: 'GET', headers: {}, timeoutMs: 5_000, allowPrivate };
}

async function expectRefused(request: HttpRequest, why: RegExp): Promise<void> {
  const refusal = expect.objectContaining({ type: 'SYSTEM_UNREACHABLE', message: expect.stringMatching(why) });
  await expect(exchangeHttp(request)).rejects.toEqual(refusal);
}

async function canary(handle: (socket: net.Socket) => void): Promise<number> {
  const server = net.createServer((socket) => handle(socket.on('error', () => undefined)));
  opened.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}
