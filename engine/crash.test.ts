/** The crash points themselves, in processes that may die, and that no door is without them. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import type { PlannedCrash } from './crash.ts';

const root = resolve(import.meta.dirname, '..');

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lianshu-crash-test-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('a process dies at a planned point, once, and says where on disk', () => {
  plan({ at: 'wire:before f a', skip: 0, delay: 'now' });
  const meet = `crashPoint('journal:after', () => ['f a']); say('1'); crashPoint('wire:before', () => ['f b', 'f a']); say('2');`;
  expect(run(meet)).toEqual({ signal: 'SIGKILL', out: '1' });
  expect(text('done')).toBe('wire:before f a\n');
  expect(run(meet)).toEqual({ signal: null, out: '12' });
});

test('it passes a point as often as it is told before it dies there', () => {
  plan({ at: 'journal:inside f park', skip: 2, delay: 'now' });
  const meet = `for (const n of [1, 2, 3, 4]) { crashPoint('journal:inside', () => ['f park']); say(n); }`;
  expect(run(meet)).toEqual({ signal: 'SIGKILL', out: '12' });
});

test.each(['turn', 60_000] as const)('a death inside that waits (%s) comes at the latest with the answer', (delay) => {
  plan({ at: 'journal:inside f a', skip: 0, delay });
  const meet = `crashPoint('journal:inside', () => ['f a']); say('1');
    crashPoint('journal:after', () => ['f b']); say('2'); crashPoint('journal:after', () => ['f a']); say('3');`;
  expect(run(meet)).toEqual({ signal: 'SIGKILL', out: '12' });
});

test('a turn later is after what was handed to the system in this one', () => {
  plan({ at: 'journal:inside f a', skip: 0, delay: 'turn' });
  const meet = `crashPoint('journal:inside', () => ['f a']); process.nextTick(() => say('left')); await new Promise(() => setTimeout(() => say('no'), 1000));`;
  expect(run(meet)).toEqual({ signal: 'SIGKILL', out: 'left' });
});

test('each point is recorded when it is met first, and never again', () => {
  const meet = `for (const subject of ['f a', 'f b', 'f a']) crashPoint('inbox:after', () => [subject]);`;
  run(meet);
  expect(text('record')).toBe('inbox:after f a\ninbox:after f b\n');
});

test('without a plan nothing asks for the subjects', () => {
  const meet = `crashPoint('journal:before', () => { say('asked'); return []; }); say('over');`;
  expect(run(meet, {})).toEqual({ signal: null, out: 'over' });
});

const around = ['before', 'inside', 'after'] as const;
/** What touches the world for a run, and the crash point that belongs to it. */
const doors = [
  { door: 'journal', pattern: /\binsert\s+into\s+journal\b/gi },
  { door: 'wire', pattern: /\bhost\.call\(/g },
  { door: 'inbox', pattern: /\binsert\s+into\s+exchange\b/gi },
] as const;
/** Builds the statement that the other one sends; nobody else may use it. */
const sentBy: Readonly<Record<string, string>> = { 'engine/flush.ts': 'engine/writer.ts' };

test.each(doors)('$door: whatever opens this door has a crash point before, inside and after', ({ door, pattern }) => {
  const files = sources();
  const opened = [...files].filter(([, source]) => source.match(pattern) !== null);
  expect(opened).not.toEqual([]);
  for (const [path] of opened) {
    const sender = sentBy[path] ?? path;
    const points = around.filter((place) => files.get(sender)?.includes(`crashPoint('${door}:${place}'`));
    expect({ path: sender, door, points }).toEqual({ path: sender, door, points: around });
    if (sender !== path) expect(importersOf(files, path)).toEqual([sender]);
  }
});

/** By path from the root: what runs in a hub. */
function sources(): ReadonlyMap<string, string> {
  const folders = ['engine', 'ledger', 'flows', 'gateway', 'adapters', 'store', 'cli'];
  return new Map(
    folders.flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && /(?<!\.(test|fixture))\.ts$/.test(entry.name))
        .map((entry) => join(entry.parentPath, entry.name))
        .map((path): [string, string] => [relative(root, path), readFileSync(path, 'utf8')]),
    ),
  );
}

function importersOf(files: ReadonlyMap<string, string>, path: string): string[] {
  const name = path.split('/').at(-1) ?? '';
  return [...files].filter(([, source]) => source.includes(`/${name}';`)).map(([importer]) => importer);
}

function plan(...crashes: PlannedCrash[]): void {
  writeFileSync(join(folder, 'plan'), JSON.stringify(crashes));
}

function text(name: string): string {
  const path = join(folder, name);
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}

/** A process that meets points. */
function run(meet: string, env: Readonly<Record<string, string>> = watched()): { signal: string | null; out: string } {
  const script = `import { writeSync } from 'node:fs'; import { crashPoint } from './engine/crash.ts'; const say = (what) => writeSync(1, String(what)); ${meet}`;
  const { signal, stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    cwd: root,
    env: { PATH: process.env['PATH'], ...env },
    encoding: 'utf8',
  });
  return { signal, out: stdout };
}

function watched(): Record<string, string> {
  return {
    LIANSHU_CRASH_RECORD: join(folder, 'record'),
    LIANSHU_CRASH_PLAN: join(folder, 'plan'),
    LIANSHU_CRASH_DONE: join(folder, 'done'),
  };
}
