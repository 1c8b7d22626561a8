/**
 * `lianshu scenario list | run`: stories of the business (`sandbox/scenarios/`), each flow's happy path and each failure that its table
 * names. They are played by a program of the sandbox, from outside, against a hub in a home of its own or the one that runs here.
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { booksIn, type Books } from './booksIn.ts';
import { homeFolder, projectFolder } from './home.ts';
import { Occasions, untilInterrupted } from './occasions.ts';

interface ScenarioOptions {
  readonly json: boolean;
  /** On the hub that runs in this home, instead of one for the occasion. */
  readonly here: boolean;
  /** Keeps the home, to look into. */
  readonly keep: boolean;
}

interface Listed {
  readonly name: string;
  readonly flow: string;
  readonly failures: readonly string[];
  readonly title: { readonly zh: string; readonly en: string };
}

interface Played {
  readonly scenario: string;
  readonly flow: string;
  readonly failures: readonly string[];
  readonly passed: boolean;
  readonly seconds: number;
  readonly why?: string;
}

const interruptedCode = 130;
/** Folders that are played at once. */
const atOnce = 2;
const program = join(projectFolder, 'sandbox', 'scenarios', 'main.ts');

export async function scenario(words: readonly string[], options: ScenarioOptions): Promise<number> {
  const [verb, ...names] = words;
  if (verb === 'list') return list(names, options.json);
  if (verb !== 'run')
    throw new Error('scenario list [<name> ...] | scenario run [<name> ...] [--here] [--keep] [--json]');
  const listed = await listedBy(names);
  if (options.here) return told(await play(names, homeFolder()), (await booksIn(homeFolder())).offending, options.json);
  const folders = Map.groupBy(listed, ({ name }) => name.slice(0, name.indexOf('/')));
  const occasions = new Occasions(options.keep);
  const interrupted = untilInterrupted();
  try {
    const all = sideBySide([...folders.values()], (some) =>
      // Of its own for each folder: its stories move time, and what is left of them is in nobody's way.
      occasions.on(async (home) => {
        const names = some.map(({ name }) => name);
        return { played: await play(names, home), books: await booksIn(home) };
      }),
    );
    const results = await Promise.race([all, interrupted]);
    if (results === 'interrupted') return interruptedCode;
    const books = results.flatMap((result) => result.books.offending);
    return told(
      results.flatMap(({ played }) => played),
      books,
      options.json,
    );
  } finally {
    await occasions.close();
  }
}

/** So many at a time, in their order. */
async function sideBySide<A, B>(all: readonly A[], act: (one: A) => Promise<B>): Promise<B[]> {
  const results: B[] = [];
  let next = 0;
  const worker = async () => {
    for (let place = next++; place < all.length; place = next++) {
      const one = all[place];
      if (one !== undefined) results[place] = await act(one);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return results;
}

/** By names of scenarios and of folders. @throws before anything is started, naming a word that is neither */
export function listedBy(words: readonly string[]): Promise<Listed[]> {
  return linesOf<Listed>(['list', ...words], homeFolder());
}

async function list(names: readonly string[], json: boolean): Promise<number> {
  const listed = await listedBy(names);
  if (json) process.stdout.write(`${JSON.stringify({ scenarios: listed })}\n`);
  else
    for (const { name, flow, failures, title } of listed)
      process.stdout.write(
        `${flow.padEnd(4)} ${name.padEnd(48)} ${failures.join(' ').padEnd(14)} ${title.zh}  ${title.en}\n`,
      );
  return 0;
}

function play(names: readonly string[], home: string): Promise<Played[]> {
  return linesOf<Played>(['run', ...names], home, ({ passed, scenario: name, seconds, why }) => {
    const reason = why === undefined ? '' : `\n    ${why}`;
    process.stderr.write(`${passed ? '✓' : '✗'} ${name.padEnd(52)} ${seconds.toFixed(1)} s${reason}\n`);
  });
}

/** @param broken rules of the books that do not hold after the stories */
function told(played: readonly Played[], broken: Books['offending'], json: boolean): number {
  const failed = played.filter(({ passed }) => !passed).length;
  const passed = played.length - failed;
  const report = { scenarios: played.length, passed, failed, broken, flows: byFlow(played), played };
  if (json) process.stdout.write(`${JSON.stringify(report)}\n`);
  else {
    for (const { id, statement, offenders } of broken)
      process.stdout.write(`✗ ${id} ${statement}: ${offenders.join(', ')}\n`);
    process.stdout.write(`${tableOf(report.flows)}\n${passed} 通过 passed, ${failed} 失败 failed\n`);
  }
  return failed === 0 && broken.length === 0 && played.length > 0 ? 0 : 1;
}

interface FlowRow {
  readonly flow: string;
  readonly scenarios: number;
  readonly passed: number;
  /** Rows of its table whose failures were played. */
  readonly failures: readonly string[];
}

function byFlow(played: readonly Played[]): FlowRow[] {
  const rowNo = (row: string) => Number.parseInt(row.slice(row.indexOf('.') + 1), 10);
  return [...Map.groupBy(played, ({ flow }) => flow)]
    .map(([flow, some]) => ({
      flow,
      scenarios: some.length,
      passed: some.filter(({ passed }) => passed).length,
      failures: [...new Set(some.flatMap(({ failures }) => failures))].toSorted((a, b) => rowNo(a) - rowNo(b)),
    }))
    .toSorted((a, b) => Number(a.flow.slice(1)) - Number(b.flow.slice(1)));
}

function tableOf(rows: readonly FlowRow[]): string {
  const line = (flow: string, count: string, passed: string, failures: string) =>
    `${flow.padEnd(6)} ${count.padStart(9)} ${passed.padStart(7)}  ${failures}`;
  return [
    line('flow', 'scenarios', 'passed', 'rows whose failures were played 已演练的失败'),
    ...rows.map((row) => line(row.flow, String(row.scenarios), String(row.passed), row.failures.join(' '))),
  ].join('\n');
}

/** What the program says, a JSON line each. @throws what it said it could not do */
async function linesOf<T>(
  args: readonly string[],
  home: string,
  each: (line: T) => void = () => undefined,
): Promise<T[]> {
  const child = spawn(process.execPath, [program, ...args], {
    env: { ...process.env, LIANSHU_HOME: home },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (part: string) => (said += part));
  const ended = new Promise<number | null>((done, fail) => {
    child.once('error', fail);
    child.once('close', done);
  });
  const all: T[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    all.push(JSON.parse(line) as T);
    each(JSON.parse(line) as T);
  }
  const code = await ended;
  if (code !== 0 && code !== 1) throw new Error(said.trim() || `the scenarios ended with ${code}`);
  return all;
}
