/**
 * The magic values of every twin in one table: `node sandbox/magic.ts` prints it, `--write` puts it into
 * `docs/sandbox.md`, `--json` prints it for programs. No sandbox need run.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import type { Magic } from './twin.ts';
import { twins } from './twins.ts';

const guide = new URL('../docs/sandbox.md', import.meta.url);
const [begin, end] = ['<!-- magic values: npx lianshu twin --magic --write -->', '<!-- end of magic values -->'];
const head = ['系统 system', '字段 field', '值 value', '结果 what happens'];

export function magicValues(): ({ readonly system: string } & Magic)[] {
  return twins.flatMap(({ name, magic = [] }) => magic.map((one) => ({ system: name, ...one })));
}

/** As Markdown, in columns that are straight where Chinese characters take two places. */
function magicTable(): string {
  const rows = magicValues().map(({ system, where, value, effect }) => [
    `\`${system}\``,
    where,
    `\`${value}\``,
    effect,
  ]);
  const widths = head.map((title, at) => Math.max(...[title, ...rows.map((row) => row[at] ?? '')].map(widthOf)));
  const line = (cells: readonly string[], filler = ' ') =>
    `| ${cells.map((cell, at) => cell + filler.repeat((widths[at] ?? 0) - widthOf(cell))).join(' | ')} |`;
  return [
    line(head),
    line(
      head.map(() => ''),
      '-',
    ),
    ...rows.map((row) => line(row)),
  ].join('\n');
}

/** The guide with the table as it is now. */
export function withTable(text: string): string {
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error('docs/sandbox.md has no place for the table of magic values');
  return `${text.slice(0, from + begin.length)}\n\n${magicTable()}\n\n${text.slice(to)}`;
}

const widthOf = (text: string): number =>
  [...text].reduce(
    (sum, character) => sum + (/[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uff01-\uff60]/.test(character) ? 2 : 1),
    0,
  );

if (import.meta.main) {
  if (process.argv.includes('--write')) writeFileSync(guide, withTable(readFileSync(guide, 'utf8')));
  else process.stdout.write(`${process.argv.includes('--json') ? JSON.stringify(magicValues()) : magicTable()}\n`);
}
