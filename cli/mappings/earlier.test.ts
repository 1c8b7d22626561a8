import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { mappingsAt } from './earlier.ts';

const repository = mkdtempSync(join(tmpdir(), 'lianshu-earlier-'));
afterAll(() => rmSync(repository, { recursive: true, force: true }));

const git = (...args: string[]) =>
  execFileSync('git', ['-C', repository, '-c', 'user.name=t', '-c', 'user.email=t@example.com', ...args], {
    encoding: 'utf8',
  }).trim();

function commit(mappings: string): string {
  for (const name of ['mappings', 'contracts']) mkdirSync(join(repository, name), { recursive: true });
  writeFileSync(join(repository, 'package.json'), '{"type":"module"}');
  writeFileSync(join(repository, 'contracts', 'one.ts'), 'export const one: number = 1;');
  writeFileSync(join(repository, 'mappings', mappings), "export { one as mappings } from '../contracts/one.ts';");
  git('add', '-A');
  git('commit', '-q', '-m', mappings);
  return git('rev-parse', 'HEAD');
}

test('the mappings of a commit are those of that commit, and of one that lists none it is said', async () => {
  git('init', '-q');
  const unlisted = commit('other.ts');
  const listed = commit('mappings.ts');
  expect(await mappingsAt(listed, repository)).toBe(1);
  await expect(mappingsAt(unlisted, repository)).rejects.toThrow('has no list of its mappings');
  await expect(mappingsAt('no-such-branch', repository)).rejects.toThrow('git could not read no-such-branch');
});

test.each(['--output=/tmp/x', '-o', '', 'a b', '$(id)', 'a'.repeat(300)])('%j is no name of a commit', async (ref) => {
  await expect(mappingsAt(ref, repository)).rejects.toThrow('is no name of a commit');
});
