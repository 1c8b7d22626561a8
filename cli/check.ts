/**
 * Everything that must be green before a commit, in under a minute: two lanes side by side, because the unit tests wait
 * for the network and for PostgreSQL often enough to leave half of a machine to the others.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { projectFolder } from './home.ts';
import { changedFiles, choose, filesOf } from './unitTests.ts';

interface Check {
  readonly name: string;
  /** Arguments of Node. */
  readonly args: readonly string[];
}

interface Result {
  readonly name: string;
  readonly ms: number;
  readonly code: number;
  readonly output: string;
}

/** What did not change since the last check is not checked again; the file goes with node_modules. */
const remembered = ['--incremental', '--tsBuildInfoFile', 'node_modules/.cache/lianshu.tsbuildinfo'];
const jest = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', 'node_modules/jest/bin/jest.js'];
const unitWorkers = 4;
const unitLimitMs = 60_000;
const slowestShown = 10;

const fixed: readonly Check[] = [
  { name: '格式 format', args: ['node_modules/oxfmt/bin/oxfmt', '--check'] },
  { name: '静态检查 lint', args: ['node_modules/oxlint/bin/oxlint', '--type-aware', '--deny-warnings'] },
  { name: '类型 types', args: ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.json', ...remembered] },
  { name: '边界 layout', args: [...jest, 'test/layout.test.ts'] },
  { name: '死代码 dead code', args: ['node_modules/knip/bin/knip.js', '--no-progress'] },
  { name: '生成文件 generated files', args: ['cli/main.ts', 'schema', '--check'] },
  { name: '契约 contracts', args: ['cli/main.ts', 'contracts', 'check'] },
  { name: '映射 mappings', args: ['cli/main.ts', 'mappings', 'check'] },
  { name: '状态机文档 life cycles', args: ['cli/main.ts', 'lifecycles', '--check'] },
  { name: '流程文档 flow pages', args: ['cli/main.ts', 'flows', '--check'] },
];

/** `static`: only what reads the code; the whole suite is then somebody else's job. `all`: every unit test, changed or not. */
export async function check(which: 'changed' | 'static' | 'all' = 'changed'): Promise<number> {
  const startedAt = performance.now();
  const lanes = await Promise.all([inTurn(fixed), which === 'static' ? [] : unitTests(which === 'all')]);
  const results = lanes.flat();
  const failed = results.filter(({ code }) => code !== 0);
  for (const { name, output } of failed) say(`\n── ${name} ──\n${output.trimEnd()}\n`);
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  say(`\n${results.length - failed.length} 项通过 passed, ${failed.length} 项失败 failed, ${seconds} s`);
  return failed.length === 0 ? 0 : 1;
}

async function inTurn(checks: readonly Check[]): Promise<Result[]> {
  const results: Result[] = [];
  for (const one of checks) results.push(await run(one));
  return results;
}

async function unitTests(everything: boolean): Promise<Result[]> {
  const { chosen, left } = choose(filesOf(projectFolder), everything ? undefined : changedFiles(projectFolder));
  const folder = mkdtempSync(join(tmpdir(), 'lianshu-check-'));
  const report = join(folder, 'jest.json');
  try {
    const args = [...jest, `--maxWorkers=${unitWorkers}`, '--silent', '--json', `--outputFile=${report}`];
    const name = `单元测试 unit tests (${chosen.length}${left === 0 ? '' : `, ${left} 个留给 left to npm test`})`;
    const result = await run({ name, args: [...args, '--runTestsByPath', ...chosen] });
    if (result.ms > unitLimitMs && existsSync(report)) say(`  slow: ${slowest(report)}`);
    return [result];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface JestReport {
  readonly testResults: readonly { readonly name: string; readonly startTime: number; readonly endTime: number }[];
}

function slowest(report: string): string {
  const { testResults } = JSON.parse(readFileSync(report, 'utf8')) as JestReport;
  return testResults
    .map(({ name, startTime, endTime }) => ({ file: relative(projectFolder, name), ms: endTime - startTime }))
    .sort((a, b) => b.ms - a.ms)
    .slice(0, slowestShown)
    .map(({ file, ms }) => `${file} ${(ms / 1000).toFixed(1)} s`)
    .join(', ');
}

/** Runs with the Node that runs this, whatever else is on the path. What it says is kept and shown when it fails. */
function run({ name, args }: Check): Promise<Result> {
  const startedAt = performance.now();
  return new Promise((done) => {
    const child = spawn(process.execPath, args, { cwd: projectFolder, stdio: ['ignore', 'pipe', 'pipe'] });
    const said: Buffer[] = [];
    child.stdout.on('data', (part: Buffer) => void said.push(part));
    child.stderr.on('data', (part: Buffer) => void said.push(part));
    child.once('error', (error) => said.push(Buffer.from(error.message)));
    child.once('close', (code) => {
      const ms = performance.now() - startedAt;
      say(`${code === 0 ? '✓' : '✗'} ${name}  ${(ms / 1000).toFixed(1)} s`);
      done({ name, ms, code: code ?? 1, output: Buffer.concat(said).toString() });
    });
  });
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
