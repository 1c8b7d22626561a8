/**
 * The guides for those who connect (`docs/partners/<kind>-<vendor>.md`) against what runs: each dialect has one, the
 * messages that it prints are the examples that the mappings are tested with, and no code of the dialect is missing.
 */
import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { registeredDialects, tablesOf } from '../test/conform/registered.ts';

const root = new URL('../', import.meta.url);
const chapters = [
  '如何连接 Connect',
  '一条可用的报文 A message that works',
  '代码 Codes',
  '对方出错时 When they fail',
  '沙箱的特殊值 Magic values',
];

const guideOf = (kind: string, vendor: string) => new URL(`docs/partners/${kind}-${vendor}.md`, root);
const dialects = registeredDialects().map(({ kind, vendor }) => ({ kind, vendor, title: `${kind}/${vendor}` }));

test.each(dialects)('$title has a guide with its five chapters', ({ kind, vendor }) => {
  const text = textOf(kind, vendor);
  expect(chapters.filter((chapter) => !text.includes(`\n## ${chapter}\n`))).toEqual([]);
});

test.each(dialects)('the messages in the guide of $title are those that tests run', ({ kind, vendor }) => {
  const shown = blocksOf(textOf(kind, vendor));
  expect(shown.length).toBeGreaterThan(0);
  for (const { file, pointer, text } of shown) {
    expect(file).toMatch(new RegExp(`^(mappings|adapters|sandbox)/${kind}/`));
    const whole = readFileSync(new URL(file, root), 'utf8');
    if (pointer === undefined) expect([file, text.trim()]).toEqual([file, whole.trim()]);
    else expect([file, JSON.parse(text)]).toEqual([file, at(JSON.parse(whole), pointer)]);
  }
});

test.each(dialects)('the guide of $title names every code', ({ kind, vendor }) => {
  const text = textOf(kind, vendor);
  const missing = tablesOf({ kind, vendor }).flatMap(({ name, rows }) =>
    Object.keys(rows)
      .filter((code) => !text.includes(`\`${code}\``))
      .map((code) => `${name}: ${code}`),
  );
  expect(missing).toEqual([]);
});

function textOf(kind: string, vendor: string): string {
  const guide = guideOf(kind, vendor);
  return existsSync(guide) ? readFileSync(guide, 'utf8') : '';
}

/** Fenced blocks whose language is followed by a file: `json mappings/x/examples/y.json`, or `…json#/to` for a part of it. */
function blocksOf(text: string): { file: string; pointer: string | undefined; text: string }[] {
  return [...text.matchAll(/^```\w+ ([\w./-]+)(?:#(\/[\w/]*))?\n([\s\S]*?)^```$/gm)].map(
    ([, file = '', pointer, block = '']) => ({
      file,
      pointer,
      text: block,
    }),
  );
}

function at(value: unknown, pointer: string): unknown {
  return pointer
    .split('/')
    .slice(1)
    .reduce<unknown>((inner, name) => (inner as Record<string, unknown> | undefined)?.[name], value);
}
