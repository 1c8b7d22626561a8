/** The pure parts of a simulated year: what happens follows from the seed alone, and who disagrees is told. */
import { expect, test } from '@jest/globals';
import type { EffectLine } from '../effects.ts';
import { agreementsOn } from './agreement.ts';
import { aheadFor, speedFor } from './pace.ts';
import { mistakeKinds, planOf } from './plan.ts';

const wishes = { cases: 200, days: 90, seed: '7', faults: true };
const dayMs = 86_400_000;

test('the same seed is the same year, another seed another one', () => {
  expect(planOf(wishes)).toEqual(planOf({ ...wishes }));
  expect(planOf({ ...wishes, seed: '8' })).not.toEqual(planOf(wishes));
});

test('every order comes in its turn, early enough to be repaid within the year', () => {
  const { orders } = planOf(wishes);
  expect(orders).toHaveLength(wishes.cases);
  expect(orders.map(({ atMs }) => atMs)).toEqual(orders.map(({ atMs }) => atMs).toSorted((a, b) => a - b));
  expect(orders.every(({ atMs }) => atMs >= 0 && atMs < (wishes.days - 20) * dayMs)).toBe(true);
});

test('without faults the orders are the same, and nothing goes wrong', () => {
  const quiet = planOf({ ...wishes, faults: false });
  expect(quiet).toEqual({ orders: planOf(wishes).orders, faults: [], mistakes: [] });
});

test('a year has mistakes of every kind', () => {
  const kinds = new Set(planOf({ ...wishes, cases: 1_000 }).mistakes.map(({ kind }) => kind));
  expect([...kinds].toSorted()).toEqual([...mistakeKinds].toSorted());
});

test('business time runs slower where calls take long, and never faster than usual', () => {
  expect(speedFor(20)).toBe(43_200);
  expect(speedFor(300)).toBe(21_600);
  expect(speedFor(60_000)).toBe(2_700);
  // What is slowed down jumps ahead by what may have gone by meanwhile: never back.
  expect(aheadFor(43_200 - 34_560)).toEqual({ advance: '144m' });
  expect(aheadFor(-1)).toEqual({});
});

/** What a hub's books and the counterparties' logs hold; all else is nothing. */
function standing(books: Readonly<Record<string, string>>, logs: Readonly<Record<string, readonly EffectLine[]>>) {
  return {
    value: (sql: string, [system]: readonly unknown[] = []) => {
      const what = /count/.test(sql) ? 'left' : /REPAY/.test(sql) ? 'repaid' : 'disbursed';
      return Promise.resolve(books[typeof system === 'string' ? `${what} ${system}` : what] ?? '0');
    },
    effects: (system: string, kind?: string) => (logs[system] ?? []).filter((line) => line.kind === kind),
  };
}

const paid = (number: string, amt: string): EffectLine => ({ kind: 'disbursed', number, at: '', detail: { amt } });

test('a fen more at a bank is told, and a returned payment counts for neither', async () => {
  const logs = {
    'bank-open': [paid('DB-1', '100.01'), paid('DB-2', '5.00'), { ...paid('DB-2', '5.00'), kind: 'returned' }],
    'bank-icbc': [paid('DB-3', '7.10')],
  };
  const all = await agreementsOn(standing({ 'disbursed bank-open': '100.00', 'disbursed bank-icbc': '7.1' }, logs));
  const of = (bank: string) => all.find(({ counterparty }) => counterparty === bank);
  expect(of('bank-open')).toMatchObject({ hub: '100.00', theirs: '100.01', agrees: false });
  expect(of('bank-icbc')).toMatchObject({ hub: '7.10', theirs: '7.10', agrees: true });
});
