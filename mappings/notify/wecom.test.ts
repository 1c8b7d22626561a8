import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { isFailure } from '../../contracts/failures.ts';
import { wecomCodes, wecomMessageOf, wecomSentOf } from './wecom.ts';

test.each([
  ['message', wecomMessageOf],
  ['sent', wecomSentOf],
] as const)('the golden example of %s maps as written down', (name, map) => {
  const { from, to } = example(name);
  expect(map(from as never)).toEqual(to);
});

test.each(Object.entries(wecomCodes.rows))('errcode %s is %s', (code, row) => {
  const act = () => wecomSentOf({ messageNo: 'G1', answer: { errcode: Number(code), errmsg: 'as said' } });
  expect(failureIn(act)).toBe(row === 'sent' ? undefined : row);
});

test('an errcode without a row is unknown', () => {
  expect(failureIn(() => wecomSentOf({ messageNo: 'G1', answer: { errcode: 1 } }))).toBe('EXT_CODE_UNMAPPED');
});

test('what is too long in bytes is refused before anything is sent, and so are numbers of people', () => {
  expect(failureIn(() => wecomMessageOf({ messageNo: 'G1', text: '链'.repeat(1_400) }))).toBe('CONTRACT_VIOLATED');
  expect(failureIn(() => wecomMessageOf({ messageNo: 'G1', text: '账号 4100020000000000202' }))).toBe(
    'CONTRACT_VIOLATED',
  );
});

function example(name: string): { from: Record<string, unknown>; to: unknown } {
  const file = new URL(`examples/wecom.${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(file, 'utf8')) as { from: Record<string, unknown>; to: unknown };
}

function failureIn(act: () => unknown): string | undefined {
  try {
    act();
  } catch (thrown) {
    return isFailure(thrown) ? thrown.type : String(thrown);
  }
  return undefined;
}
