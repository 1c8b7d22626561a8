import { afterAll, expect, test } from '@jest/globals';
import { sealingOf } from '../store/sealing/of.ts';
import { freshDatabase } from '../test/database.ts';
import { statementOf } from './flush.ts';
import { uuidv7 } from './journal.ts';
import { sealedWork } from './sealed.ts';
import type { Start, Work } from './work.ts';

const database = await freshDatabase();
const sealing = await sealingOf(database.store.pool);
afterAll(() => database.drop());

const at = new Date('2026-11-23T02:00:00Z');
const run = uuidv7();
const effect = { key: 'k', run, caseId: 'C', path: 'p', system: 's', operation: 'o', number: '1', payloadHash: 'h' };
const start: Start = {
  run,
  flow: 'f',
  version: 1,
  key: 'k',
  case: { key: 'c', title: 'c' },
  input: '{}',
  at,
  owned: true,
  signal: { key: 's', id: '1' },
  begun: () => {},
};
const works: readonly Omit<Work, 'run' | 'flow' | 'caseId'>[] = [
  { entries: [{ run, seq: 1, kind: 1, path: 'p', body: {}, at }] },
  {
    effects: [
      {
        ...effect,
        state: 'intent',
        attempts: 1,
        queries: 0,
        notFound: 0,
        detail: undefined,
        intentAt: at,
        sentAt: undefined,
        nextAt: undefined,
        settledAt: undefined,
      },
    ],
  },
  { taken: [{ key: 's', id: '1' }] },
  { waitsEnded: ['p'] },
  { park: { wakeAt: at, waits: [] } },
  { finish: { outcome: 'done', detail: undefined, at, waited: true } },
  { start },
];

test('every combination of parts has a name of its own, short enough for PostgreSQL to tell it apart', () => {
  const texts = new Map<string, string>();
  for (let mask = 1; mask < 1 << works.length; mask += 1) {
    const chosen = works.filter((_work, bit) => mask & (1 << bit));
    const { name, text } = statementOf(
      1n,
      chosen.map((work) => sealedWork(sealing, { ...work, run, flow: 'f', caseId: 'C' })),
    );
    expect(Buffer.byteLength(name)).toBeLessThan(64);
    expect(texts.get(name) ?? text).toBe(text);
    texts.set(name, text);
  }
  expect(texts.size).toBe((1 << works.length) - 1);
  expect(new Set(texts.values()).size).toBe(texts.size);
});
