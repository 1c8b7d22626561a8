import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import type { Message } from './api.ts';
import { PARTIES, storyMessages, storyMilestones } from './fixtureStory.ts';
import { idleLimitMs, laneOrder, layoutRows, matches, milestonesAsOf, NO_FILTER, replayDelayMs } from './sequence.ts';
import type { Row, SequenceInput } from './sequence.ts';
import { sequenceSvg } from './sequenceSvg.ts';

const messages = storyMessages().map((entry) => entry.message);
const input: SequenceInput = {
  messages,
  milestones: storyMilestones(messages.length),
  filter: NO_FILTER,
  idleMs: idleLimitMs(60),
  opened: new Set(),
};

test('every message is in exactly one row, in its order, whatever is folded', () => {
  const arbitrary = fc.array(
    fc.record({
      low: fc.boolean(),
      state: fc.constantFrom('ok', 'refused', 'unknown', 'inflight'),
      gapMs: fc.nat(200_000),
    }),
    { maxLength: 60 },
  );
  fc.assert(
    fc.property(arbitrary, fc.boolean(), (made, open) => {
      let atMs = 0;
      const told = made.map(({ low, state, gapMs }, index): Message => {
        atMs += gapMs;
        return {
          ...sample(),
          id: `m${index}`,
          at: new Date(atMs).toISOString(),
          state,
          importance: low ? 'low' : 'high',
        };
      });
      const opened = new Set(open ? told.map((m) => `fold-${m.id}`) : []);
      const rows = layoutRows({ ...input, messages: told, opened });
      expect(rows.flatMap(messagesOf).map((m) => m.id)).toEqual(told.map((m) => m.id));
      const folded = rows.flatMap((row) => (row.kind === 'fold' ? row.messages : []));
      expect(folded.every((m) => m.state === 'ok' && m.importance === 'low')).toBe(true);
      expect(new Set(rows.map((row) => row.id)).size).toBe(rows.length);
    }),
  );
});

test('a silence longer than the limit becomes one band that names who was waited for', () => {
  const gaps = layoutRows(input).filter((row) => row.kind === 'gap');
  const longest = gaps.toSorted((a, b) => b.ms - a.ms)[0];
  expect(gaps.map((gap) => gap.waitedFor)).toContain('bank-open');
  expect(longest).toMatchObject({ waitedFor: 'customer', ms: 128_160 * 60_000 });
});

test('rows count from the first message after a silence', () => {
  const rows = layoutRows(input);
  const afterGap = rows[rows.findIndex((row) => row.kind === 'gap') + 1];
  expect(afterGap).toMatchObject({ starts: true, offsetMs: 0 });
});

test('a milestone stands behind the message that reached it', () => {
  const rows = layoutRows(input);
  const flags = rows.filter((row) => row.kind === 'milestone').map((row) => row.milestone.no);
  expect(flags).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  const first = rows.findIndex((row) => row.kind === 'milestone');
  expect(rows.slice(0, first).flatMap(messagesOf).at(-1)?.operation).toBe('erp.readContract');
});

test('a filter hides folds, gaps and flags, and finds words of both languages and codes', () => {
  const rows = layoutRows({ ...input, filter: { ...NO_FILTER, failedOnly: true } });
  expect(rows.map((row) => row.kind)).toEqual(['message', 'message']);
  const only = (text: string) => messages.filter((m) => matches(m, { ...NO_FILTER, text })).length;
  expect([only('放款'), only('Disbursement'), only('qty_mismatch'), only('nothing like it')]).toEqual([4, 3, 1, 0]);
  expect(messages.filter((m) => matches(m, { ...NO_FILTER, party: 'cfca' }))).toHaveLength(2);
});

test('who asks stands left of the hub and who is asked stands right of it', () => {
  expect(
    laneOrder(PARTIES)
      .map((party) => party.id)
      .slice(0, 5),
  ).toEqual(['sap-s4', 'unit', 'customer', 'hub', 'cfca']);
});

test('a replay shows the milestones as they were', () => {
  const atMs = Date.parse(messages[3]?.at ?? '');
  const states = milestonesAsOf(input.milestones, atMs).map((m) => m.state);
  expect(states.slice(0, 3)).toEqual(['done', 'current', 'todo']);
  expect(replayDelayMs(messages[20], messages[21], 60)).toBe(700);
});

test('a thousand messages are laid out within a frame or two', () => {
  const many = Array.from({ length: 1000 }, (_, i) => ({
    ...sample(),
    id: `m${i}`,
    at: new Date(i * 1000).toISOString(),
  }));
  const startMs = performance.now();
  expect(layoutRows({ ...input, messages: many })).toHaveLength(1000 + 11);
  expect(performance.now() - startMs).toBeLessThan(100);
});

test('the exported picture names every party and escapes what counterparties sent', () => {
  const rows = layoutRows({ ...input, messages: [{ ...sample(), verb: { zh: '<b>&', en: 'x' } }], milestones: [] });
  const svg = sequenceSvg({ rows, parties: PARTIES, lang: 'zh', title: 'PO "1"' });
  expect(svg).toContain('资方银行');
  expect(svg).toContain('&lt;b&gt;&amp;');
  expect(svg).not.toContain('<b>');
});

function sample(): Message {
  const message = messages[0];
  if (message === undefined) throw new Error('the story is empty');
  return message;
}

function messagesOf(row: Row): readonly Message[] {
  return row.kind === 'message' ? [row.message] : row.kind === 'fold' ? row.messages : [];
}
