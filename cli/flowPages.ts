/** `lianshu flows`: a page for each flow in `docs/flows/`, read from its code. `--check` only compares. */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { kinds } from '../contracts/kinds.ts';
import type { AnyFlow } from '../engine/flow.ts';
import { flows } from '../flows/flows.ts';
import { projectFolder } from './home.ts';
import { made, pageOf } from './flowPages/page.ts';
import { itemsOf } from './flowPages/reading.ts';
import { child, children, nameOf, sourceOf, type Node, type SourceFile } from './flowPages/source.ts';

const folder = join(projectFolder, 'docs', 'flows');

export interface FlowPagesOptions {
  /** Exit code 1 when `docs/flows/` is not what the code makes. */
  readonly check: boolean;
}

export async function flowPages({ check }: FlowPagesOptions): Promise<number> {
  const pages = pagesOf(flows);
  mkdirSync(folder, { recursive: true });
  const there = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isFile());
  const old = new Map(there.map(({ name }) => [name, readFileSync(join(folder, name), 'utf8')]));
  const stale = [...old].filter(([name, text]) => text.startsWith(made) && !pages.has(name)).map(([name]) => name);
  const differ = [...pages].filter(([name, text]) => old.get(name) !== text).map(([name]) => name);
  if (check) {
    for (const name of [...differ, ...stale])
      process.stdout.write(`✗ docs/flows/${name}: is not what the code makes\n`);
    if (differ.length + stale.length > 0) process.stdout.write('运行 run: npx lianshu flows\n');
    return differ.length + stale.length === 0 ? 0 : 1;
  }
  for (const name of differ) writeFileSync(join(folder, name), pages.get(name) ?? '');
  for (const name of stale) rmSync(join(folder, name));
  process.stdout.write(`${pages.size - 1} flows: docs/flows/, ${differ.length} pages written\n`);
  return 0;
}

function pagesOf(all: readonly AnyFlow[]): Map<string, string> {
  const found = definitions();
  const pages = new Map<string, string>();
  const rows: string[] = [];
  for (const flow of all) {
    const definition = found.get(flow.name);
    if (!definition) throw new Error(`no file of flows/ defines ${flow.name}`);
    const path = definition.file.path.slice(projectFolder.length + 1);
    pages.set(`${flow.name}.md`, pageOf(flow, path, itemsOf(definition.file, definition.body), kinds));
    rows.push(
      `| [${flow.name}](${flow.name}.md) | ${flow.title.zh} ${flow.title.en} | ${flow.startedBy.map((name) => `\`${name}\``).join(', ') || '–'} |`,
    );
  }
  const index = [
    made,
    '# Flows 流程',
    'Each page is read from the code of its flow.',
    ['| Flow | | Begun by |', '|---|---|---|', ...rows].join('\n'),
    '',
  ];
  return pages.set('README.md', index.join('\n\n'));
}

/** `flow({ name: …, body })` in the files of `flows/`, by name. */
function definitions(): Map<string, { file: SourceFile; body: Node }> {
  const found = new Map<string, { file: SourceFile; body: Node }>();
  for (const name of readdirSync(join(projectFolder, 'flows'), { recursive: true, encoding: 'utf8' })) {
    if (!name.endsWith('.ts') || name.endsWith('.test.ts')) continue;
    const file = sourceOf(join(projectFolder, 'flows', name));
    for (const [, constant] of file.constants) {
      if (constant.type !== 'CallExpression' || nameOf(child(constant, 'callee')) !== 'flow') continue;
      const [spec] = children(constant, 'arguments');
      const field = (wanted: string) =>
        spec && children(spec, 'properties').find((part) => nameOf(child(part, 'key')) === wanted);
      const called = field('name');
      const body = field('body');
      const value = called && child(called, 'value')?.['value'];
      const code = body && child(body, 'value');
      if (typeof value === 'string' && code) found.set(value, { file, body: code });
    }
  }
  return found;
}
