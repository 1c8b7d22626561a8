/** `npm run bench`: reproducible figures. A bench is a file `bench/<name>.bench.ts` that says what it measures and runs. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { projectFolder } from './home.ts';

export interface BenchOptions {
  /** One short round: whether it works, not what it says. */
  readonly quick: boolean;
  /** With history in the tables, where a bench can. */
  readonly grown: boolean;
}

interface Bench {
  readonly what: string;
  /** Prints its figures for people unless `json`, and returns them. */
  readonly run: (json: boolean, options: BenchOptions) => Promise<object>;
}

const folder = join(projectFolder, 'bench');
const ending = '.bench.ts';

/** Without a name it lists what there is. */
export async function bench(name: string | undefined, json: boolean, options: BenchOptions): Promise<number> {
  const names = readdirSync(folder).flatMap((file) => (file.endsWith(ending) ? file.slice(0, -ending.length) : []));
  if (name === undefined) return list(names, json);
  if (!names.includes(name)) {
    process.stderr.write(`没有测试 no bench ${name}; there are: ${names.join(', ')}\n`);
    return 2;
  }
  const { what, run } = await load(name);
  if (!json) process.stdout.write(`${name}: ${what}\n`);
  const figures = await run(json, options);
  if (json) process.stdout.write(`${JSON.stringify({ bench: name, what, ...figures })}\n`);
  return 0;
}

async function list(names: readonly string[], json: boolean): Promise<number> {
  const found: { name: string; what: string }[] = [];
  for (const name of names) found.push({ name, what: (await load(name)).what });
  const lines = found.map(({ name, what }) => `  ${name}  ${what}\n`).join('');
  process.stdout.write(
    json ? `${JSON.stringify(found)}\n` : `npm run bench <name> [-- --json] [--quick] [--grown]\n\n${lines}`,
  );
  return 0;
}

async function load(name: string): Promise<Bench> {
  return (await import(pathToFileURL(join(folder, name + ending)).href)) as Bench;
}
