/**
 * Which tests `npm run check` runs. All that need no server; of those that start PostgreSQL, a broker or a counterparty, the
 * ones that reach a file which changed since the last commit. `npm test` runs everything, always.
 */
import { execFileSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { closureOf } from './imports.ts';

/** Who imports one of these starts something. */
const servers = [
  'test/database.ts',
  'test/server.ts',
  'test/adapter.ts',
  'test/hub.ts',
  'test/twins.ts',
  'gateway/testHub.ts',
  'sandbox/twin.ts',
  'store/embedded.ts',
];
/** What crosses folders, needs a browser, or kills servers and waits until they are well again: never here. */
const notUnit = /^(test\/|console\/console\.test|store\/embedded\.test)/;

export interface Choice {
  readonly chosen: readonly string[];
  /** How many wait for `npm test`. */
  readonly left: number;
}

/** `changed`: paths from the root; undefined when nobody knows, and then all count. */
export function choose(files: ReadonlyMap<string, string>, changed: readonly string[] | undefined): Choice {
  const tests = [...files.keys()].filter((path) => path.endsWith('.test.ts') && !notUnit.test(path));
  const chosen = tests.filter((path) => {
    const reached = closureOf(path, files);
    const needsServer = servers.some((server) => reached.has(server));
    return !needsServer || changed === undefined || changed.some((file) => touches(file, path, reached));
  });
  return { chosen, left: tests.length - chosen.length };
}

/** What is no source (a migration, an example) concerns the tests that read it: those of its folder, or all with a database. */
function touches(file: string, test: string, reached: ReadonlySet<string>): boolean {
  if (file.endsWith('.sql')) return reached.has('test/database.ts');
  if (/\.(ts|tsx|mjs)$/.test(file)) return reached.has(file);
  return /\.(json|xml|txt|pem)$/.test(file) && file.split('/').length > 2 && file.startsWith(`${test.split('/')[0]}/`);
}

export function filesOf(root: string): ReadonlyMap<string, string> {
  const folders = 'adapters,bench,cli,console,contracts,docs,engine,flows,gateway,ledger,mappings,sandbox,store,test';
  const paths = globSync(`{${folders}}/**/*.ts`, { cwd: root, exclude: ['**/node_modules/**', '**/dist/**'] });
  return new Map(paths.map((path) => [path.replaceAll('\\', '/'), readFileSync(join(root, path), 'utf8')]));
}

/** Changed since the last commit, or new. Undefined without git. */
export function changedFiles(root: string): string[] | undefined {
  const git = (...args: string[]) =>
    execFileSync('git', args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
      .split('\n')
      .filter((line) => line !== '');
  try {
    return [...git('diff', '--name-only', 'HEAD'), ...git('ls-files', '--others', '--exclude-standard')];
  } catch {
    return undefined;
  }
}
