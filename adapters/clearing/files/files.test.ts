/** Settlement files over real SFTP: what is taken, what is refused whole, and that nothing is concluded from half a file. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { join } from 'node:path';
import { exchange, instructionNo, linesIn, on, onlyReady, type Exchange } from './files.fixture.ts';

let the: Exchange;
beforeEach(async () => {
  the = await exchange();
});
afterEach(() => the.stop());

describe('a file', () => {
  test.each([
    ['fixed-gbk', 'gbk', 'txt'],
    ['csv-gbk-zip', 'gbk', 'zip'],
    ['csv-utf8-zip', 'utf8', 'zip'],
  ])('in form %s arrives line by line as it was settled, Chinese names too', async (form, encoding, ending) => {
    await the.settle(2);
    await the.act('settle', {
      on,
      instructionNo: instructionNo(3),
      fen: '5',
      status: '02',
      direction: 'C',
      counterparty: '鑫，"a,b"',
    });
    await the.act('publish', { on, form });
    const feed = the.feedWith({ settings: { ...the.system.settings, encoding } });
    const file = await onlyReady(feed);
    expect(file).toMatchObject({ name: `JS_100690_20261123_01.${ending}`, on, sequence: 1, count: 3 });
    const reading = feed.open(file);
    expect(() => reading.totals()).toThrow();
    const lines = [];
    for await (const batch of reading.batches) lines.push(...batch);
    expect(reading.totals()).toEqual({ count: 3, sum: '2.08' });
    expect(lines[0]).toEqual({
      serialNo: 'CP20261123000000001',
      instructionNo: instructionNo(1),
      direction: 'debit',
      amount: '1.01',
      currency: 'CNY',
      settledAt: '2026-11-23T09:30:00+08:00',
      status: 'succeeded',
      externalCode: '00',
      counterparty: '厦门链枢金控有限公司',
    });
    expect(lines[2]).toMatchObject({
      direction: 'credit',
      amount: '0.05',
      status: 'returned',
      counterparty: '鑫，"a,b"',
    });
  });

  test.each(['fixed-gbk', 'csv-gbk-zip'])('of a day without movements is a file like any other (%s)', async (form) => {
    await the.act('publish', { on, form });
    expect(await linesIn(the.feed, await onlyReady(the.feed))).toEqual([]);
  });

  test('with a status that nobody has written down says unknown, never success', async () => {
    await the.act('settle', { on, instructionNo: instructionNo(1), fen: '5', status: '77' });
    await the.act('publish', { on });
    expect(await linesIn(the.feed, await onlyReady(the.feed))).toMatchObject([
      { status: 'unknown', externalCode: '77' },
    ]);
  });

  test('of 30,000 lines comes in batches, and the reader waits for whoever takes them', async () => {
    await the.act('publish', { on, generate: { seed: 7, count: 30_000 } });
    const sizes: number[] = [];
    for await (const batch of the.feed.open(await onlyReady(the.feed)).batches) {
      sizes.push(batch.length);
      if (sizes.length === 1) {
        await new Promise((done) => setTimeout(done, 200));
        // The window is a megabyte; the file is four.
        expect(the.twin.fetched).toEqual(['/outbox/JS_100690_20261123_01.txt.ok']);
      }
    }
    expect(sizes.length).toBeGreaterThan(3);
    expect(sizes.reduce((a, b) => a + b)).toBe(30_000);
  });
});

describe('is not taken up', () => {
  test.each([
    ['without its companion', 'no-ok', { unfinished: ['JS_100690_20261123_01.txt'], refused: [] }],
    ['of which only the companion is there', 'no-file', { unfinished: ['JS_100690_20261123_01.txt.ok'], refused: [] }],
    [
      'whose upload was cut short',
      'truncated',
      { unfinished: [], refused: [{ detail: expect.stringContaining('by its companion') }] },
    ],
    [
      'whose companion is none',
      'garbage-ok',
      { unfinished: [], refused: [{ detail: expect.stringContaining('companion is none') }] },
    ],
  ])('a file %s', async (_what, fault, found) => {
    await the.settle(4);
    await the.act('publish', { on, fault });
    const listing = await the.feed.list();
    expect(listing.ready).toEqual([]);
    expect(listing).toMatchObject(found);
  });

  test('a file of another day, when one day is asked for', async () => {
    await the.settle(4);
    await the.act('publish', { on });
    expect((await the.feed.list(on)).ready).toMatchObject([{ on }]);
    expect(await the.feed.list('2026-11-24')).toEqual({ ready: [], unfinished: [], refused: [] });
  });

  test('a file of another institution, nor what is no settlement file', async () => {
    for (const name of [
      'JS_999999_20261123_01.txt',
      'notes.txt',
      'JS_100690_20261123_1.txt',
      '.JS_100690_20261123_01.txt',
    ])
      for (const ending of ['', '.ok']) writeFileSync(join(the.outbox, name + ending), 'x');
    expect(await the.feed.list()).toEqual({ ready: [], unfinished: [], refused: [] });
  });
});

describe('is refused as a whole', () => {
  test.each([
    ['wrong-count', 'FILE_NOT_WHOLE', '4 lines, 5 by its trailer'],
    ['wrong-sum', 'FILE_NOT_WHOLE', 'sum'],
    ['wrong-hash', 'FILE_NOT_WHOLE', 'SHA-256'],
    ['wrong-ok-count', 'FILE_NOT_WHOLE', '5 by its companion'],
    ['wrong-date', 'FILE_NOT_WHOLE', 'another day'],
    ['wrong-sequence', 'FILE_NOT_WHOLE', 'another sequence'],
    ['wrong-institution', 'FILE_NOT_WHOLE', 'another institution'],
    ['no-trailer', 'FILE_NOT_WHOLE', 'without a trailer'],
    ['after-trailer', 'FILE_NOT_WHOLE', 'line 7 stands behind the trailer'],
    ['malformed-line', 'CONTRACT_VIOLATED', 'JS_100690_20261123_01.txt line 4: has 20 bytes, not 146'],
    ['not-gbk', 'CONTRACT_VIOLATED', 'JS_100690_20261123_01.txt line 4: Counterparty is not GBK'],
  ])('a file with %s', async (fault, type, detail) => {
    await the.settle(4);
    await the.act('publish', { on, fault });
    const failed = linesIn(the.feed, await onlyReady(the.feed));
    await expect(failed).rejects.toMatchObject({ type, message: expect.stringContaining(detail) });
  });

  test.each([
    ['zip-bomb', 'BODY_TOO_LARGE', 'larger than a file may be'],
    ['zip-lying', 'FILE_NOT_WHOLE', 'damaged'],
    ['zip-traversal', 'FILE_NOT_WHOLE', 'names another place'],
    ['zip-several', 'FILE_NOT_WHOLE', 'holds 2 entries'],
    ['zip-encrypted', 'FILE_NOT_WHOLE', 'encrypted'],
    ['zip-link', 'FILE_NOT_WHOLE', 'a link'],
    ['zip-none', 'FILE_NOT_WHOLE', 'names another place'],
    ['malformed-line', 'CONTRACT_VIOLATED', 'JS_100690_20261123_01.zip line 4: '],
    ['wrong-sum', 'FILE_NOT_WHOLE', 'sum'],
  ])('a zip with %s', async (fault, type, detail) => {
    await the.settle(4);
    await the.act('publish', { on, form: 'csv-gbk-zip', fault });
    const failed = linesIn(the.feed, await onlyReady(the.feed));
    await expect(failed).rejects.toMatchObject({ type, message: expect.stringContaining(detail) });
  });

  test.each([
    ['what is no zip', 'zip', Buffer.alloc(500, 0x41), 'FILE_NOT_WHOLE', 'is no zip'],
    ['a line that does not end', 'txt', Buffer.alloc(5_000, 0x44), 'CONTRACT_VIOLATED', 'line 1: is longer than'],
    ['a file of line ends', 'txt', Buffer.alloc(500, 0x0a), 'CONTRACT_VIOLATED', 'line 1: is neither header nor'],
    ['nothing at all', 'txt', Buffer.alloc(0), 'FILE_NOT_WHOLE', 'without a trailer'],
  ])('%s', async (_what, ending, bytes, type, detail) => {
    const name = `JS_100690_20261123_01.${ending}`;
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    writeFileSync(join(the.outbox, name), bytes);
    writeFileSync(join(the.outbox, `${name}.ok`), `${name}|${bytes.length}|${sha256}|1\n`);
    const failed = linesIn(the.feed, await onlyReady(the.feed));
    await expect(failed).rejects.toMatchObject({ type, message: expect.stringContaining(detail) });
  });
});

describe('the line', () => {
  test('that breaks in the middle is taken up again where it broke', async () => {
    await the.act('publish', { on, generate: { seed: 7, count: 20_000 } });
    const file = await onlyReady(the.feed);
    await the.act('behave', { cutAtByte: 1_000_000, cuts: 3 });
    expect(await linesIn(the.feed, file)).toHaveLength(20_000);
  });

  test('that breaks for ever ends: nothing is concluded, it may be read again', async () => {
    await the.act('publish', { on, generate: { seed: 7, count: 2_000 } });
    const file = await onlyReady(the.feed);
    await the.act('behave', { cutAtByte: 0, cuts: 1_000 });
    await expect(linesIn(the.feed, file)).rejects.toMatchObject({ type: 'SYSTEM_UNREACHABLE' });
    await the.act('behave', {});
    expect(await linesIn(the.feed, file)).toHaveLength(2_000);
  });

  test('that is slow is waited for, one that is dead is not', async () => {
    await the.settle(3);
    await the.act('publish', { on });
    const file = await onlyReady(the.feed);
    await the.act('behave', { delayMs: 300 });
    expect(await linesIn(the.feed, file)).toHaveLength(3);
    await the.act('behave', { delayMs: 60_000 });
    const began = performance.now();
    await expect(linesIn(the.feedWith({ timeoutMs: 200 }), file)).rejects.toMatchObject({ type: 'SYSTEM_UNREACHABLE' });
    expect(performance.now() - began).toBeLessThan(15_000);
  });

  test('a file that changes while it is read is refused', async () => {
    await the.act('publish', { on, generate: { seed: 7, count: 20_000 } });
    const file = await onlyReady(the.feed);
    await the.act('publish', { on, sequence: 1, generate: { seed: 8, count: 20_000 } });
    await expect(linesIn(the.feed, file)).rejects.toMatchObject({ type: 'FILE_NOT_WHOLE' });
  });
});

describe('the server', () => {
  test('with another host key is told nothing', async () => {
    await the.twin.restartSftp({ otherHostKey: true });
    await expect(the.feedWith({}).list()).rejects.toMatchObject({ type: 'HOST_KEY_CHANGED' });
  });

  test.each([
    ['SHA-1 key exchange', { kex: ['diffie-hellman-group14-sha1'] }],
    ['CBC', { cipher: ['aes256-cbc'] }],
    ['HMAC-SHA-1', { cipher: ['aes256-ctr'], hmac: ['hmac-sha1'] }],
  ])('that offers nothing but %s is not talked to', async (_what, algorithms) => {
    await the.twin.restartSftp({ algorithms: algorithms as never });
    await expect(the.feedWith({}).list()).rejects.toMatchObject({
      // Whichever side sees first that there is no common one: ours says why, theirs hangs up.
      type: expect.stringMatching(/^SYSTEM_(REFUSED|UNREACHABLE)$/),
    });
  });

  test('that does not know our name or our key refuses', async () => {
    const wrong = the.feedWith({ settings: { ...the.system.settings, username: 'root' } });
    await expect(wrong.list()).rejects.toMatchObject({ type: 'SYSTEM_REFUSED' });
  });

  test('that is not there, and one in a private network that is not registered as such', async () => {
    await expect(the.feedWith({ url: 'sftp://127.0.0.1:9/outbox' }).list()).rejects.toMatchObject({
      type: 'SYSTEM_UNREACHABLE',
    });
    await expect(the.feedWith({ allowPrivate: false }).list()).rejects.toMatchObject({
      message: 'the address is not public',
    });
    await expect(
      the.feedWith({ allowPrivate: false, url: the.system.url.replace('127.0.0.1', 'localhost') }).list(),
    ).rejects.toMatchObject({ type: 'SYSTEM_UNREACHABLE' });
  });

  test.each([
    ['closes at once', (socket: Socket) => void socket.destroy()],
    ['resets', (socket: Socket) => void socket.resetAndDestroy()],
    ['speaks another protocol', (socket: Socket) => void socket.write('HTTP/1.1 400 Bad Request\r\n\r\n')],
    [
      'sends noise after its name',
      (socket: Socket) => void socket.write(Buffer.concat([Buffer.from('SSH-2.0-x\r\n'), Buffer.alloc(999, 7)])),
    ],
    ['says nothing', () => undefined],
    ['never ends its greeting', (socket: Socket) => void socket.write('x'.repeat(300_000))],
  ])('that is none and %s fails the call, and nothing else', async (_what, behave) => {
    const sockets: Socket[] = [];
    const server = createServer((socket) => {
      sockets.push(socket.on('error', () => undefined));
      behave(socket);
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const { port } = server.address() as AddressInfo;
    const listing = the.feedWith({ url: `sftp://127.0.0.1:${port}/outbox`, timeoutMs: 500 }).list();
    await expect(listing).rejects.toMatchObject({ type: 'SYSTEM_UNREACHABLE' });
    for (const socket of sockets) socket.destroy();
    await new Promise((done) => server.close(done));
  });
});
