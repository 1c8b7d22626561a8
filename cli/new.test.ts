import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { breachesOf, readFiles } from '../test/layout.ts';
import { newAdapter } from './new.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'new-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function lianshu(...args: string[]) {
  const main = join(import.meta.dirname, 'main.ts');
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, 'new', ...args, '--into', folder]);
  return { status, out: stdout.toString(), err: stderr.toString() };
}

test('a new adapter has every piece that the house wants, and the way on is told', () => {
  expect(lianshu('adapter', 'customs', '--dialect', 'single')).toMatchObject({
    status: 0,
    err: '',
    out: expect.stringContaining('npm run check'),
  });
  const files = readFiles(folder);
  expect(breachesOf(files)).toEqual([]);
  expect([...files.keys()]).toEqual(
    expect.arrayContaining(['adapters/customs/dialects/single.ts', 'sandbox/customs/single.twin.ts']),
  );
  expect([...files.values()].filter((text) => /__\w+__/.test(text))).toEqual([]);
});

async function refused(...args: string[]): Promise<string> {
  let said = '';
  expect(await newAdapter([...args, '--into', folder], (text) => (said += text))).toBe(2);
  return said;
}

test('a kind that is there already is left alone', async () => {
  mkdirSync(join(folder, 'mappings', 'customs'), { recursive: true });
  expect(await refused('adapter', 'customs')).toContain('exists already');
  expect(readdirSync(folder)).toEqual(['mappings']);
});

test.each([
  [['adapter', '../out']],
  [['adapter', 'Customs']],
  [['adapter', 'a']],
  [['adapter', 'class']],
  [['adapter', 'kind']],
  [['adapter', 'customs', '--dialect', 'a-b']],
  [['adapter', 'customs', '--dialect', 'customs']],
  [['adapter', 'customs', 'more']],
  [['adapter']],
  [['flow', 'customs']],
])('%j is refused in words, and nothing is written', async (args) => {
  expect(await refused(...args)).toMatch(/usage|name|clash|both/);
  expect(readdirSync(folder)).toEqual([]);
});

test('an option that does not exist is told with the usage', () => {
  const { status, err } = lianshu('adapter', 'customs', '--no-such-option');
  expect(status).toBe(2);
  expect(err).toContain('usage');
});
