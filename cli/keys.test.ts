import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { keys } from './keys.ts';

let home: string;
let written: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'lianshu-keys-'));
  mkdirSync(join(home, 'keys', 'bank-open', 'hub'), { recursive: true });
  written = '';
  const take = (text: string | Uint8Array) => {
    written += String(text);
    return true;
  };
  jest.spyOn(process.stdout, 'write').mockImplementation(take);
  jest.spyOn(process.stderr, 'write').mockImplementation(take);
});
afterEach(() => {
  jest.restoreAllMocks();
  rmSync(home, { recursive: true, force: true });
});

const lay = (file: string, text: string) => writeFileSync(join(home, 'keys', 'bank-open', 'hub', file), text);

test('says of each key what it is for and until when, and ends with 1 once one has expired', () => {
  expect(keys({ json: false, home })).toBe(0);
  expect(written).toBe('没有密钥 no keys\n');
  lay('api.txt', 'the secret itself');
  expect(keys({ json: false, home })).toBe(0);
  const pem = generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
  lay('sign@1.pem', pem);
  lay('sign@1.json', '{"notAfter":"2020-01-01T00:00:00Z"}');
  written = '';
  expect(keys({ json: false, home })).toBe(1);
  expect(written).toMatch(/^bank-open +api +secret +valid\n/m);
  expect(written).toMatch(/^bank-open +sign@1 +sign +expired +\.\.2020-01-01 +-\d+ 天 days +[0-9a-f]{16}\n/m);
  expect(written).not.toContain('the secret itself');
  written = '';
  expect(keys({ json: true, home })).toBe(1);
  expect(JSON.parse(written)).toHaveLength(2);
  lay('sign@1.json', 'nonsense');
  expect(keys({ json: false, home })).toBe(1);
  expect(written).toMatch(/bank-open: sign@1\.json must hold/);
});
