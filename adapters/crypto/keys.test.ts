/** Keys from files and the environment: which one is taken when, and that none ever shows. */
import { createPublicKey, generateKeyPairSync, type KeyObject, sign, verify } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { keyViews } from './keyFiles.ts';
import { keysFrom } from './keys.ts';

const now = Date.parse('2026-11-23T09:00:00Z');
const day = (days: number) => new Date(now + days * 86_400_000).toISOString();
const pair = () => generateKeyPairSync('ec', { namedCurve: 'P-256' });
const pemOf = (key: KeyObject) =>
  key.export({ format: 'pem', type: key.type === 'private' ? 'pkcs8' : 'spki' }).toString();
const [old, present, next] = [pair(), pair(), pair()];
const variables = ['LIANSHU_KEY_BANK_OPEN_SIGN', 'LIANSHU_KEY_BANK_OPEN_API_SECRET'];
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lianshu-keys-'));
  mkdirSync(join(folder, 'bank-open', 'hub'), { recursive: true });
});
afterEach(() => {
  for (const variable of variables) Reflect.deleteProperty(process.env, variable);
  rmSync(folder, { recursive: true, force: true });
});

describe('which key is taken', () => {
  test('a bare file is a key from always to ever, as it always was', () => {
    lay('sign.pem', pemOf(present.privateKey));
    lay('api.txt', 'secret one\n');
    expect(isOf(keys().privateKey('sign'), present)).toBe(true);
    expect(isOf(keys().publicKey('sign'), present)).toBe(true);
    expect(keys().secret('api')).toBe('secret one');
  });

  test('of several the newest that is valid signs, and in the overlap both verify', () => {
    lay('sign.pem', pemOf(old.privateKey), { notAfter: day(3) });
    lay('sign@2026-11.pem', pemOf(present.privateKey), { notBefore: day(-1), notAfter: day(300), purpose: 'sign' });
    lay('sign@2027.pem', pemOf(next.privateKey), { notBefore: day(2) });
    expect(isOf(keys().privateKey('sign'), present)).toBe(true);
    expect(isOf(keys(-2).privateKey('sign'), old)).toBe(true);
    expect(isOf(keys(2).privateKey('sign'), next)).toBe(true);

    const message = Buffer.from('made with a key of');
    const verified = (by: typeof old, atDays: number) => {
      const signature = sign('sha256', message, by.privateKey);
      const holds = (key: KeyObject) => verify('sha256', message, key, signature);
      return holds(keys(atDays).publicKey('sign', holds));
    };
    expect([verified(old, 0), verified(present, 0), verified(next, 0)]).toEqual([true, true, false]);
    expect([verified(old, 4), verified(present, 4), verified(next, 4)]).toEqual([false, true, true]);
  });

  test('a secret too: the newest speaks, the one before is still understood', () => {
    lay('api.txt', 'one', { notAfter: day(1) });
    lay('api@2.txt', 'two', { notBefore: day(-1) });
    expect(keys().secret('api')).toBe('two');
    expect(keys().secret('api', (secret) => secret === 'one')).toBe('one');
    expect(keys(2).secret('api', (secret) => secret === 'one')).toBe('two');
  });

  test('a key that was laid there is used from the next question on', () => {
    const asked = keys();
    lay('sign.pem', pemOf(old.privateKey));
    expect(isOf(asked.privateKey('sign'), old)).toBe(true);
    lay('sign@2.pem', pemOf(present.privateKey), { notBefore: day(-1) });
    expect(isOf(asked.privateKey('sign'), present)).toBe(true);
  });

  test('the environment stands in for all files of that name', () => {
    lay('sign.pem', pemOf(old.privateKey));
    lay('sign@2.pem', pemOf(next.privateKey), { notBefore: day(-1) });
    process.env['LIANSHU_KEY_BANK_OPEN_SIGN'] = pemOf(present.privateKey);
    process.env['LIANSHU_KEY_BANK_OPEN_API_SECRET'] = 'from outside\n';
    expect(isOf(keys().privateKey('sign'), present)).toBe(true);
    expect(keys().secret('api-secret')).toBe('from outside');
    expect(() => keysFrom(folder, 'bank').secret('open-api')).toThrow();
  });
});

describe('a key that may not be used is a failure that says which, and since when', () => {
  test.each<[string, () => unknown, string]>([
    ['missing', () => keys().privateKey('none'), 'bank-open: there is no key none, neither none.pem nor none@<id>.pem'],
    ['expired', () => keys(1).privateKey('sign'), `bank-open: the key sign@a expired at ${day(0)}`],
    ['not yet valid', () => keys(-9).privateKey('sign'), `bank-open: the key sign@a is not valid before ${day(-2)}`],
    ['meant for another purpose', () => keys().privateKey('bank'), 'bank-open: the key bank is meant to verify'],
    [
      'public, asked to sign',
      () => keys().privateKey('public'),
      'bank-open: the key public cannot be read as a privateKey',
    ],
    ['damaged', () => keys().publicKey('damaged'), 'bank-open: the key damaged cannot be read as a publicKey'],
    [
      'a folder that is not there',
      () => keysFrom('/nowhere', 'a').secret('b'),
      'a: there is no key b, neither b.txt nor b@<id>.txt',
    ],
  ])('%s', (_what, act, message) => {
    lay('sign@a.pem', pemOf(old.privateKey), { notBefore: day(-2), notAfter: day(0) });
    lay('bank.pem', pemOf(old.privateKey), { purpose: 'verify' });
    lay('public.pem', pemOf(old.publicKey));
    lay('damaged.pem', pemOf(old.privateKey).replace('\nM', '\nX'));
    expect(act).toThrow(expect.objectContaining({ type: 'KEY_NOT_ADMITTED', message, cause: undefined }));
  });

  test.each([
    { notBefor: day(0) },
    { notBefore: '2026-11-23' },
    { notAfter: '2026-02-30T25:00:00Z' },
    { purpose: 'any' },
    { id: '../a' },
    { notAfter: 1_800_000_000 },
  ])('%j, which is not understood, is not passed over', (said) => {
    lay('sign.pem', pemOf(old.privateKey), said);
    expect(() => keys().privateKey('sign')).toThrow(
      expect.objectContaining({
        type: 'KEY_NOT_ADMITTED',
        message: expect.stringMatching(/^bank-open: sign\.json must/),
      }),
    );
  });
});

test('nothing of a key shows: not in the object, in what it gives, in a failure, or in the view for operators', () => {
  const secret = 'a-secret-that-shows-nowhere';
  lay('api.txt', secret);
  lay('sign.pem', pemOf(old.privateKey), { notAfter: day(-1) });
  lay('sign@2.pem', pemOf(present.privateKey), { notBefore: day(-1) });
  lay('damaged.pem', pemOf(next.privateKey).slice(0, -60));
  process.env['LIANSHU_KEY_BANK_OPEN_SIGN'] = pemOf(next.privateKey);
  const asked = keys();
  const shown: unknown[] = [
    asked,
    keyViews(folder, ['bank-open'], now),
    asked.privateKey('sign'),
    asked.publicKey('sign'),
  ];
  expect(asked.secret('api')).toBe(secret);
  const acts = [
    () => asked.privateKey('damaged'),
    () => asked.publicKey('damaged'),
    () => asked.privateKey('api'),
    () => asked.secret('sign'),
    () => asked.privateKey('none'),
  ];
  for (const act of acts) shown.push(thrownBy(act));
  const text = shown
    .flatMap((each) => [inspect(each, { depth: 9, showHidden: true }), JSON.stringify(each), String(each)])
    .join('\n');
  const parts = [old, present, next].flatMap(({ privateKey }) => {
    const der = privateKey.export({ format: 'der', type: 'pkcs8' });
    const { d = '' } = privateKey.export({ format: 'jwk' });
    return [
      ...pemOf(privateKey)
        .split('\n')
        .filter((line) => line !== '' && !line.startsWith('-')),
      d,
      der.toString('hex'),
    ];
  });
  for (const part of [secret, ...parts]) expect(text).not.toContain(part);
  expect(text).not.toContain('PRIVATE KEY-');
});

test('the view for operators names each key, its purpose, its times and the fingerprint of its public half', () => {
  lay('api.txt', 'secret');
  lay('sign.pem', pemOf(old.privateKey), { notAfter: day(-1) });
  lay('sign@2.pem', pemOf(present.privateKey), { notBefore: day(-1), notAfter: day(30), purpose: 'sign' });
  lay('wrap.pem', 'nonsense', { purpose: 'wrap' });
  process.env['LIANSHU_KEY_BANK_OPEN_API_SECRET'] = 'from outside';
  const views = keyViews(folder, ['bank-open', 'bank'], now);
  const lines = views.map(({ system, name, id, purpose, standing, daysLeft, fingerprint }) =>
    [system, name, id, purpose, standing, daysLeft, fingerprint?.length].join(' '),
  );
  expect(lines.toSorted()).toEqual([
    'bank-open LIANSHU_KEY_BANK_OPEN_API_SECRET  secret valid  ',
    'bank-open api  secret valid  ',
    'bank-open sign  sign expired -1 64',
    'bank-open sign 2 sign valid 30 64',
    'bank-open wrap  wrap unreadable  ',
  ]);
});

function keys(atDays = 0) {
  return keysFrom(folder, 'bank-open', () => Date.parse(day(atDays)) + (atDays === 0 ? 0 : 1));
}

function lay(file: string, text: string, said?: object): void {
  const home = join(folder, 'bank-open', 'hub');
  writeFileSync(join(home, file), text);
  if (said) writeFileSync(join(home, file.replace(/\.(pem|txt)$/, '.json')), JSON.stringify(said));
}

function isOf(key: KeyObject, { publicKey }: { publicKey: KeyObject }): boolean {
  return (key.type === 'private' ? createPublicKey(key) : key).equals(publicKey);
}

function thrownBy(act: () => unknown): unknown {
  try {
    act();
    return undefined;
  } catch (thrown) {
    return thrown;
  }
}
