/** What is written about magic values is what the twins say of themselves. */
import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { magicValues, withTable } from './magic.ts';
import { twins } from './twins.ts';

const guide = new URL('../docs/sandbox.md', import.meta.url);
const pageOf = (system: string) => new URL(`../docs/partners/${system}.md`, import.meta.url);

test('the table in docs/sandbox.md is that of the twins: npx lianshu twin --magic --write', () => {
  const text = readFileSync(guide, 'utf8');
  expect(text).toBe(withTable(text));
});

test('no value of a field is said to do two things', () => {
  const values = magicValues().map(({ system, where, value }) => `${system} ${where} ${value}`);
  expect(values.filter((value, at) => values.indexOf(value) !== at)).toEqual([]);
});

test.each(twins.filter(({ name, magic = [] }) => magic.length > 0 && existsSync(pageOf(name))).map(({ name }) => name))(
  'the guide of %s names its magic values',
  (system) => {
    const text = readFileSync(pageOf(system), 'utf8');
    const values = magicValues().filter((one) => one.system === system && /^\S+$/.test(one.value));
    expect(values.map(({ value }) => value.replaceAll('…', '')).filter((value) => !text.includes(value))).toEqual([]);
  },
);
