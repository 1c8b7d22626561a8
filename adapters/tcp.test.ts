/** Against real sockets: what a call may be taken to mean is exactly what a mock would get wrong. */
import net, { type AddressInfo, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { isFailure } from '../contracts/failures.ts';
import { exchangeTcp, type FrameEnd } from './tcp.ts';

const opened: { close: () => void }[] = [];
afterEach(() => opened.splice(0).forEach((each) => each.close()));

/** Four digits: the length of what follows. */
const frame: FrameEnd = (soFar) => {
  if (soFar.length < 4) return undefined;
  const digits = soFar.toString('latin1', 0, 4);
  if (!/^\d{4}$/.test(digits)) throw new Error('the length is no number');
  return 4 + Number(digits);
};

async function serve(answer: (socket: Socket, asked: Buffer) => void): Promise<string> {
  const sockets = new Set<Socket>();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('data', (asked: Buffer) => answer(socket, asked));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  opened.push({
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  });
  return `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const call = (url: string, more: object = {}) =>
  exchangeTcp({ url, request: Buffer.from('0002hi'), frame, timeoutMs: 2_000, allowPrivate: true, ...more });

async function typeOf(run: () => Promise<unknown>): Promise<string> {
  try {
    await run();
    return 'none';
  } catch (thrown) {
    return isFailure(thrown) ? thrown.type : String(thrown);
  }
}

describe('an answer', () => {
  test('is read to its announced end, however it is cut, and no byte further; the request goes out untouched', async () => {
    const seen: Buffer[] = [];
    const url = await serve((socket, asked) => {
      seen.push(asked);
      const bytes = Buffer.from('0003\xff\x00\xfesurplus', 'latin1');
      for (const byte of bytes) socket.write(Buffer.of(byte));
    });
    expect(await call(url)).toEqual(Buffer.from('0003\xff\x00\xfe', 'latin1'));
    expect(seen).toEqual([Buffer.from('0002hi')]);
  });

  test.each<[string, (socket: Socket) => void]>([
    ['that never comes', () => undefined],
    ['that stops in its header', (socket) => socket.end('00')],
    ['that stops in its body', (socket) => socket.end('0009half')],
    ['that is reset', (socket) => socket.resetAndDestroy()],
    ['without a length', (socket) => socket.end('HTTP/1.1 502 Bad Gateway')],
    ['with a negative length', (socket) => socket.end('-001x')],
    ['that drips beyond the deadline', (socket) => void setInterval(() => socket.write('0'), 150).unref()],
  ])('%s leaves the outcome unknown', async (_what, answer) => {
    const url = await serve(answer);
    expect(await typeOf(() => call(url, { timeoutMs: 400 }))).toBe('OUTCOME_UNKNOWN');
  });

  test('that announces more than is taken is not waited for', async () => {
    const url = await serve((socket) => socket.write('9999'));
    const started = performance.now();
    expect(await typeOf(() => call(url, { maxAnswerBytes: 100 }))).toBe('OUTCOME_UNKNOWN');
    expect(performance.now() - started).toBeLessThan(1_500);
  });

  test('whose length never becomes known is given up', async () => {
    const url = await serve((socket) => socket.write(Buffer.alloc(10_000, 'x')));
    expect(await typeOf(() => call(url, { frame: () => undefined }))).toBe('OUTCOME_UNKNOWN');
  });
});

describe('nothing was sent', () => {
  test.each([
    ['when nobody listens', 'tcp://127.0.0.1:1'],
    ['when the name leads nowhere', 'tcp://nobody.invalid:5000'],
    ['to an address without a port', 'tcp://127.0.0.1'],
    ['to an address with a path', 'tcp://127.0.0.1:5000/x'],
    ['to an address with a user', 'tcp://a:b@127.0.0.1:5000'],
    ['to another scheme', 'http://127.0.0.1:5000'],
    ['to port 0', 'tcp://127.0.0.1:0'],
    ['to port 65536', 'tcp://127.0.0.1:65536'],
  ])('%s', async (_what, url) => {
    expect(await typeOf(() => call(url))).toBe('SYSTEM_UNREACHABLE');
  });

  test.each(['127.0.0.1', '2130706433', '0x7f.1', '①②⑦.⓪.⓪.①', '[::1]', '10.0.0.1', 'localhost'])(
    'to %s, which is inside and not registered as such',
    async (host) => {
      let calls = 0;
      const url = await serve(() => (calls += 1));
      const { port } = new URL(url);
      expect(await typeOf(() => call(`tcp://${host}:${port}`, { allowPrivate: false }))).toBe('SYSTEM_UNREACHABLE');
      expect(calls).toBe(0);
    },
  );

  test('when what listens speaks no TLS', async () => {
    const url = await serve((socket) => socket.end('plain'));
    expect(await typeOf(() => call(url.replace('tcp:', 'tls:')))).toBe('SYSTEM_UNREACHABLE');
  });

  test('when the request is larger than may leave', async () => {
    const url = await serve((socket) => socket.end('0000'));
    expect(await typeOf(() => call(url, { maxRequestBytes: 3 }))).toBe('BODY_TOO_LARGE');
  });
});
