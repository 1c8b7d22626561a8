import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

/** A clone in small: the two programs, a lock file, and an npm on the path that is a script of this test. */
let clone: string;
let calls: string;
beforeEach(() => {
  clone = fs.realpathSync(fs.mkdtempSync(join(tmpdir(), 'bootstrap-')));
  calls = join(clone, 'calls');
  for (const folder of ['cli', 'fake', '.lianshu']) fs.mkdirSync(join(clone, folder));
  for (const name of ['bootstrap.mjs', 'lianshu.mjs']) {
    fs.copyFileSync(join(import.meta.dirname, name), join(clone, 'cli', name));
  }
  fs.writeFileSync(join(clone, 'package.json'), '{"type":"module"}');
  fs.writeFileSync(join(clone, 'package-lock.json'), '{}');
  npm(`sleep 0.3; mkdir -p node_modules/node/bin; ln -sf '${process.execPath}' node_modules/node/bin/node`);
});
afterEach(() => fs.rmSync(clone, { recursive: true }));

function npm(script: string): void {
  const text = `#!/bin/sh\necho "$@ NODE_ENV=$NODE_ENV global=$npm_config_global" >> '${calls}'\n${script}\n`;
  fs.writeFileSync(join(clone, 'fake', 'npm'), text, { mode: 0o755 });
}

function run(program: string, ...args: string[]): Promise<{ code: number | null; out: string; err: string }> {
  const env = {
    PATH: `${join(clone, 'fake')}${delimiter}${process.env['PATH']}`,
    NODE_ENV: 'production',
    npm_config_global: 'true',
  };
  return new Promise((done) => {
    const child = spawn(process.execPath, [join(clone, 'cli', program), ...args], { env });
    let out = '';
    let err = '';
    child.stdout.on('data', (part) => (out += part));
    child.stderr.on('data', (part) => (err += part));
    child.once('close', (code) => done({ code, out, err }));
  });
}

const installs = () => fs.readFileSync(calls, 'utf8').trim().split('\n');

test('it installs once, then says nothing, and again when the lock has changed', async () => {
  expect(await run('bootstrap.mjs')).toMatchObject({ code: 0, out: '', err: expect.stringContaining('installing') });
  expect(await run('bootstrap.mjs')).toEqual({ code: 0, out: '', err: '' });
  expect(installs()).toHaveLength(1);
  fs.writeFileSync(join(clone, 'package-lock.json'), '{"changed":true}');
  await run('bootstrap.mjs');
  expect(installs()).toHaveLength(2);
});

test('settings of an outer npm and of production do not decide what is installed', async () => {
  await run('bootstrap.mjs');
  expect(installs()[0]).toMatch(/^install --no-save --include=dev .* NODE_ENV= global=$/);
});

test('a failed installation keeps its exit code, its words and says what to do, and is tried again', async () => {
  npm('echo "npm error code ENOTFOUND" >&2; exit 42');
  const { code, err } = await run('bootstrap.mjs');
  expect(code).toBe(42);
  expect(err).toContain('code ENOTFOUND');
  expect(err).toContain('check the network');
  await run('bootstrap.mjs');
  expect(installs()).toHaveLength(2);
});

test('of several that start at once one installs and the others wait for it', async () => {
  const results = await Promise.all([1, 2, 3].map(() => run('bootstrap.mjs')));
  expect(results.map(({ code }) => code)).toEqual([0, 0, 0]);
  expect(installs()).toHaveLength(1);
});

test('the lock of a bootstrap that was killed is taken over', async () => {
  const gone = spawn(process.execPath, ['-e', '']);
  await new Promise((done) => gone.once('exit', done));
  fs.writeFileSync(join(clone, '.lianshu', 'bootstrap.lock'), String(gone.pid));
  expect(await run('bootstrap.mjs')).toMatchObject({ code: 0 });
});

test('the command passes its arguments and the exit code on', async () => {
  const main = `const [first]: string[] = process.argv.slice(2); console.log(first); process.exitCode = 5;`;
  fs.writeFileSync(join(clone, 'cli', 'main.ts'), main);
  expect(await run('lianshu.mjs', 'hello')).toMatchObject({ code: 5, out: 'hello\n' });
});
