/**
 * `lianshu conform`: the one conformance suite, on every dialect or on one; with a planted bug, to see it fail. The suite
 * itself stands in test/conform/, beside the counterparties that it needs.
 */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { projectFolder } from './home.ts';

export interface ConformOptions {
  readonly all?: boolean | undefined;
  readonly json?: boolean | undefined;
  readonly prove?: boolean | undefined;
  /** `<kind>[/<vendor>][:<bug>]` */
  readonly plant?: string | undefined;
}

interface Counts {
  readonly operations: number;
  readonly notices: number;
  readonly codes: number;
  readonly cases: number;
  readonly passed: number;
  readonly failed: number;
  readonly seconds: number;
}

interface Limit {
  readonly where: string;
  readonly cases: readonly string[];
  readonly why: string;
}

interface Report extends Counts {
  readonly adapters: number;
  readonly dialects: number;
  readonly perDialect: readonly (Counts & { readonly dialect: string; readonly limits: readonly Limit[] })[];
  readonly failures: readonly { readonly case: string; readonly why: string }[];
  readonly missing: readonly string[];
}

interface Proof {
  readonly dialect: string;
  readonly bug: string;
  readonly what: string;
  readonly caughtBy: string | undefined;
}

/** What test/conform/suite.ts gives. */
interface Suite {
  conform(wanted: object): Promise<Report>;
  prove(only: string | undefined, say: (proof: Proof) => void): Promise<Proof[]>;
  chosen(only: string | undefined): Promise<{ vendor: string; kind: { name: string }; bugs: Record<string, object> }[]>;
  end(): Promise<void>;
}

const interruptedCode = 130;
const failuresShown = 20;

/** 0: every promise was kept; 1: one was not, or a planted bug was missed; 2: not understood. */
export async function conform(names: readonly string[], options: ConformOptions): Promise<number> {
  const [only, ...more] = names;
  const acts = [options.all === true, options.plant !== undefined, only !== undefined || options.prove === true];
  if (more.length > 0 || acts.filter(Boolean).length !== 1) return misunderstood();
  const suite = (await import(pathToFileURL(join(projectFolder, 'test/conform/suite.ts')).href)) as Suite;
  const chosen = await suite.chosen(only ?? options.plant?.split(':')[0]);
  if (chosen.length === 0) return unknown(only ?? options.plant ?? '', await suite.chosen(undefined));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.once(signal, () => void suite.end().finally(() => process.exit(interruptedCode)));
  if (options.prove) return proven(await suite.prove(only, sayProof), options.json ?? false);
  const planted = options.plant === undefined ? undefined : bugIn(options.plant, chosen);
  if (planted) say(`埋入缺陷 planted: ${planted.only} ${planted.bug}`);
  const report = await suite.conform({ only, ...planted, say: progress });
  if (process.stderr.isTTY) process.stderr.write('\r\u001b[K');
  process.stdout.write(options.json ? `${JSON.stringify(report)}\n` : inWords(report));
  return report.failed === 0 ? 0 : 1;
}

/** The bug that is named, or the first one of the first dialect. @throws Error that names those there are */
function bugIn(plant: string, chosen: Awaited<ReturnType<Suite['chosen']>>): { only: string; bug: string } {
  const [subject] = chosen;
  const known = Object.keys(subject?.bugs ?? {});
  const bug = plant.split(':')[1] ?? known[0] ?? '';
  if (!known.includes(bug)) throw new Error(`--plant: 没有 no ${bug}; there are ${known.join(', ')}`);
  return { only: `${subject?.kind.name}/${subject?.vendor}`, bug };
}

function inWords(report: Report): string {
  const row = (cells: readonly (string | number)[]) =>
    `  ${String(cells[0]).padEnd(20)}${cells
      .slice(1)
      .map((cell) => String(cell).padStart(11))
      .join('')}\n`;
  const counts = (one: Counts) => [one.operations, one.notices, one.codes, one.cases, one.passed, one.failed];
  const limits = report.perDialect.flatMap(({ dialect, limits }) =>
    limits.map(({ where, cases, why }) => `  ${dialect}/${where}: ${cases.join(', ')}: ${why}\n`),
  );
  return [
    row(['方言 dialect', 'operations', 'notices', 'codes', 'cases', 'passed', 'failed']),
    ...report.perDialect.map((one) => row([one.dialect, ...counts(one)])),
    row([`${report.dialects} dialects`, ...counts(report)]),
    ...(limits.length > 0 ? ['\n协议给不了的 what these protocols cannot give:\n', ...limits] : []),
    ...report.missing.map((gap) => `\n✗ ${gap}`),
    ...report.failures.slice(0, failuresShown).map(({ case: name, why }) => `\n✗ ${name}\n    ${why}`),
    report.failures.length > failuresShown ? `\n… and ${report.failures.length - failuresShown} more` : '',
    `\n${report.failed === 0 ? '✓' : '✗'} ${report.passed} 通过 passed, ${report.failed} 失败 failed, ${report.seconds} s\n`,
  ].join('');
}

function proven(proofs: readonly Proof[], json: boolean): number {
  const missed = proofs.filter(({ caughtBy }) => caughtBy === undefined);
  if (json) process.stdout.write(`${JSON.stringify({ bugs: proofs.length, missed: missed.length, proofs })}\n`);
  else process.stdout.write(`${proofs.length} 个缺陷 planted bugs, ${missed.length} 个未发现 missed\n`);
  return missed.length === 0 ? 0 : 1;
}

function sayProof({ dialect, bug, what, caughtBy }: Proof): void {
  say(`${caughtBy === undefined ? '✗' : '✓'} ${dialect} ${bug} (${what}): ${caughtBy ?? '未发现 nobody noticed'}`);
}

/** One line that changes on a screen; in a log, only what failed. */
function progress(at: { done: number; total: number; group: string; failed: number }): void {
  const line = `${at.done}/${at.total}  ${at.group}${at.failed > 0 ? `  ✗ ${at.failed}` : ''}`;
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${line}`);
  else if (at.failed > 0) say(line);
}

function misunderstood(): number {
  say(
    '用法 usage: npx lianshu conform --all | <kind>[/<vendor>] | --prove [<kind>[/<vendor>]] | --plant <kind>[/<vendor>][:<bug>] [--json]',
  );
  return 2;
}

function unknown(name: string, all: Awaited<ReturnType<Suite['chosen']>>): number {
  const known = all.map(({ kind, vendor }) => `${kind.name}/${vendor}`);
  say(`没有方言 no such dialect: ${name}. There are ${known.join(', ')}`);
  return 2;
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
