/** What `npm run new adapter` writes, in a copy of the house: it compiles, lints, is formatted, and its tests pass. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');
const folders = ['adapters', 'contracts', 'engine', 'mappings', 'sandbox', 'store', 'test'];
const ours = ['adapters', 'contracts', 'mappings', 'sandbox'].map((folder) => `${folder}/customs`);
const toolMs = 60_000;
let copy: string;

beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), 'house-'));
  for (const folder of folders)
    cpSync(join(root, folder), join(copy, folder), {
      recursive: true,
      filter: (path) => !path.endsWith('.test.ts') && basename(path) !== 'vectors',
    });
  for (const file of ['package.json', 'tsconfig.json', '.oxlintrc.json', '.oxfmtrc.json', '.gitignore'])
    cpSync(join(root, file), join(copy, file));
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  writeFileSync(
    join(copy, 'tsconfig.new.json'),
    JSON.stringify({ extends: './tsconfig.json', include: ours.map((folder) => `${folder}/**/*.ts`) }),
  );
  writeFileSync(
    join(copy, 'jest.config.mjs'),
    `export default { transform: {}, extensionsToTreatAsEsm: ['.ts'], testMatch: ['<rootDir>/**/*.test.ts'] };`,
  );
  expect(node(join(root, 'cli', 'main.ts'), 'new', 'adapter', 'customs', '--dialect', 'single', '--into', copy)).toBe(
    '',
  );
});
afterAll(() => rmSync(copy, { recursive: true, force: true }));

/** What it said, when it failed; else nothing. */
function node(...args: string[]): string {
  const env = { ...process.env };
  for (const name of ['NODE_OPTIONS', 'JEST_WORKER_ID']) delete env[name];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: copy, env, timeout: toolMs });
  return status === 0 ? '' : `${stdout.toString()}${stderr.toString()}`;
}

test.each([
  ['compiles', ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.new.json']],
  ['has no lint', ['node_modules/oxlint/bin/oxlint', '--type-aware', '--deny-warnings', ...ours]],
  ['is formatted', ['node_modules/oxfmt/bin/oxfmt', '--check', ...ours]],
  ['passes its tests', ['--experimental-vm-modules', 'node_modules/jest/bin/jest.js', 'customs']],
])(
  'a new adapter %s',
  (_what, args) => {
    expect(node(...args)).toBe('');
  },
  toolMs,
);
