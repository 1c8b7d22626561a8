import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import type { RunDetail } from './api.ts';
import { PARTIES, storyMessages, storyMilestones, storyRun, storySteps } from './fixtureStory.ts';
import { eventParser } from './live.ts';
import type { StreamEvent } from './live.ts';
import { applyListEvent, applyRunEvent, matchesFilters } from './runEvents.ts';

const STREAM =
  ': beat\n\nid: 7\nevent: run.step\ndata: {"a":\ndata: 1}\n\nevent: broken\ndata: {\n\nid: 8\r\ndata: "plain"\r\n\r\n';

test('a stream cut into pieces anywhere gives the same events', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(STREAM.length), { maxLength: 8 }), (cuts) => {
      const events: StreamEvent[] = [];
      const ids: string[] = [];
      const push = eventParser(
        (event) => events.push(event),
        (id) => ids.push(id),
      );
      // A CR LF pair split in two is not a case our gateway produces: it ends lines with LF.
      const text = STREAM.replaceAll('\r\n', '\n');
      const edges = [0, ...cuts.toSorted((a, b) => a - b), text.length];
      edges.slice(1).forEach((edge, index) => push(text.slice(edges[index], edge)));
      expect(events).toEqual([
        { event: 'run.step', data: { a: 1 } },
        { event: 'message', data: 'plain' },
      ]);
      expect(ids).toEqual(['7', '8']);
    }),
  );
});

test('a message that changes keeps its place, a new one goes behind all that are not later', () => {
  const told = storyMessages().map((entry) => entry.message);
  const detail = detailOf(5);
  const changed = { ...told[2], state: 'refused' };
  const late = { ...told[1], id: 'late' };
  const after = [changed, late].reduce((old, data) => applyRunEvent(old, { event: 'run.message', data }), detail);
  expect(after.messages.map((m) => m.id)).toEqual(['ex-0001', 'ex-0002', 'late', 'ex-0003', 'ex-0004', 'ex-0005']);
  expect(after.messages[3]?.state).toBe('refused');
});

test('events in any repetition leave the same page as once', () => {
  const events: StreamEvent[] = [
    { event: 'run.changed', data: storyRun(8) },
    ...storyMilestones(8).map((data) => ({ event: 'run.milestone', data })),
    ...storySteps(8).map((data) => ({ event: 'run.step', data })),
    ...storyMessages()
      .slice(0, 8)
      .map(({ message }) => ({ event: 'run.message', data: message })),
    { event: 'never.heard', data: 1 },
  ];
  const once = events.reduce(applyRunEvent, detailOf(3));
  expect([...events, ...events].reduce(applyRunEvent, detailOf(3))).toEqual(once);
  expect(once.messages).toEqual(detailOf(8).messages);
});

test('a list never reorders: known rows change in place, unknown ones are handed out', () => {
  const [a, b] = [storyRun(3), { ...storyRun(3), id: 'b' }];
  const changed = { ...b, state: 'failed' as const };
  expect(applyListEvent([a, b], changed)).toEqual({ rows: [a, changed], fresh: null });
  expect(applyListEvent([a], changed)).toEqual({ rows: [a], fresh: changed });
  expect(matchesFilters(changed, { state: 'failed', flow: '', q: 'po-45' })).toBe(true);
  expect(matchesFilters(changed, { state: 'done', flow: '', q: '' })).toBe(false);
});

function detailOf(shown: number): RunDetail {
  const messages = storyMessages()
    .slice(0, shown)
    .map((entry) => entry.message);
  return {
    run: storyRun(shown),
    milestones: storyMilestones(shown),
    parties: PARTIES,
    messages,
    steps: storySteps(shown),
    lastSeq: '1',
  };
}
