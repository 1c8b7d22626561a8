/**
 * What the sequence diagram shows, row by row, computed apart from any drawing: lanes in their order, idle
 * time compressed into one torn band, minor messages folded, milestones as flags between the messages.
 *
 * Invariants: messages keep their order; every message that passes the filter is in exactly one row; a
 * message that did not end well is never folded away.
 */
import type { Message, Milestone, Party } from './api.ts';

export const HUB = 'hub';

export type Row =
  | {
      readonly kind: 'message';
      readonly id: string;
      readonly message: Message;
      readonly offsetMs: number;
      /** First after a silence: shows the moment itself, the rows below count from it. */
      readonly starts: boolean;
      /** Set on the first message of a fold that is open: the row offers to close it. */
      readonly closes: string | null;
    }
  | {
      readonly kind: 'fold';
      readonly id: string;
      readonly messages: readonly Message[];
      readonly offsetMs: number;
      readonly starts: boolean;
    }
  | { readonly kind: 'gap'; readonly id: string; readonly ms: number; readonly waitedFor: string | null }
  | { readonly kind: 'milestone'; readonly id: string; readonly milestone: Milestone };

export type SequenceFilter = {
  readonly party: string | null;
  readonly failedOnly: boolean;
  readonly text: string;
};

export const NO_FILTER: SequenceFilter = { party: null, failedOnly: false, text: '' };

export type SequenceInput = {
  readonly messages: readonly Message[];
  readonly milestones: readonly Milestone[];
  readonly filter: SequenceFilter;
  /** Longer silence than this is drawn as a band. */
  readonly idleMs: number;
  /** Folds that the operator opened, by the id of their first message. */
  readonly opened: ReadonlySet<string>;
};

/** One silent minute is idle. On a fast clock half a real second already is hours, so the limit grows with it. */
export function idleLimitMs(speed: number): number {
  return Math.max(60_000, 500 * speed);
}

/** Who asks stands left of the hub, who is asked right of it, so that most arrows are short. */
export function laneOrder(parties: readonly Party[]): readonly Party[] {
  const rank = (id: string) => (id === HUB ? 1 : /^(sap|erp|unit|dealer|customer)/.test(id) ? 0 : 2);
  return parties.toSorted((a, b) => rank(a.id) - rank(b.id));
}

/** Where a lane's lifeline runs, in percent of the drawing's width. */
export function laneX(index: number, count: number): number {
  return count === 0 ? 50 : ((index + 0.5) / count) * 100;
}

export function isFiltering(filter: SequenceFilter): boolean {
  return filter.party !== null || filter.failedOnly || filter.text.trim() !== '';
}

export function matches(message: Message, filter: SequenceFilter): boolean {
  if (filter.party !== null && message.from !== filter.party && message.to !== filter.party) return false;
  if (filter.failedOnly && message.state !== 'refused' && message.state !== 'unknown') return false;
  const text = filter.text.trim().toLowerCase();
  if (text === '') return true;
  const { verb, operation, code, status } = message;
  return [verb.zh, verb.en, operation, code ?? '', String(status ?? '')].join('\n').toLowerCase().includes(text);
}

export function layoutRows(input: SequenceInput): readonly Row[] {
  const filtering = isFiltering(input.filter);
  const shown = filtering ? input.messages.filter((m) => matches(m, input.filter)) : input.messages;
  const flags = filtering ? [] : reachedInOrder(input.milestones);
  const rows: Row[] = [];
  let flag = 0;
  let previous: Message | undefined;
  let originMs = timeOf(shown[0]);
  for (let i = 0; i < shown.length;) {
    const run = filtering ? 1 : foldLength(shown, i, input.idleMs);
    const group = shown.slice(i, i + run);
    const first = group[0];
    if (first === undefined) break;
    for (; isBefore(flags[flag], first); flag += 1) rows.push(flagRow(flags[flag]));
    const silent = previous === undefined || timeOf(first) - timeOf(previous) > input.idleMs;
    if (silent) originMs = timeOf(first);
    if (silent && previous !== undefined && !filtering) rows.push(gapBetween(previous, first));
    rows.push(...groupRows(group, originMs, silent, input.opened));
    previous = group.at(-1);
    i += run;
  }
  for (; flag < flags.length; flag += 1) rows.push(flagRow(flags[flag]));
  return rows;
}

/** How long to pause before the next message in a replay: ten times real speed, and never boring. */
export function replayDelayMs(previous: Message | undefined, next: Message | undefined, speed: number): number {
  if (previous === undefined || next === undefined) return 150;
  const realMs = (timeOf(next) - timeOf(previous)) / Math.max(1, speed);
  return Math.min(700, Math.max(120, realMs / 10));
}

/** Milestones as they stood when a replay stands at `atMs`. */
export function milestonesAsOf(milestones: readonly Milestone[], atMs: number): readonly Milestone[] {
  let current = false;
  return milestones.map((milestone) => {
    if (milestone.at !== null && Date.parse(milestone.at) <= atMs && milestone.state === 'done') return milestone;
    const state = current ? 'todo' : 'current';
    current = true;
    return { ...milestone, state, at: null, ms: null };
  });
}

function timeOf(message: Message | undefined): number {
  return message === undefined ? 0 : Date.parse(message.at);
}

function reachedInOrder(milestones: readonly Milestone[]): readonly Milestone[] {
  const reached = milestones.filter((m) => m.state === 'done' && m.at !== null);
  return reached.toSorted((a, b) => Date.parse(a.at ?? '') - Date.parse(b.at ?? '') || a.no - b.no);
}

function isBefore(milestone: Milestone | undefined, message: Message): boolean {
  return milestone?.at != null && Date.parse(milestone.at) < timeOf(message);
}

function flagRow(milestone: Milestone | undefined): Row {
  if (milestone === undefined) throw new RangeError('no milestone left to flag');
  return { kind: 'milestone', id: `milestone-${milestone.no}`, milestone };
}

/** How many messages from here on fold into one row. A fold never spans an idle gap. */
function foldLength(messages: readonly Message[], start: number, idleMs: number): number {
  let end = start;
  while (end < messages.length && isMinor(messages[end])) {
    if (end > start && timeOf(messages[end]) - timeOf(messages[end - 1]) > idleMs) break;
    end += 1;
  }
  return Math.max(1, end - start);
}

function isMinor(message: Message | undefined): boolean {
  return message?.importance === 'low' && message.state === 'ok';
}

/** Whoever speaks first after the silence is the one who was waited for. */
function gapBetween(previous: Message, next: Message): Row {
  const ms = timeOf(next) - timeOf(previous);
  return { kind: 'gap', id: `gap-${next.id}`, ms, waitedFor: next.from === HUB ? null : next.from };
}

function groupRows(
  group: readonly Message[],
  originMs: number,
  starts: boolean,
  opened: ReadonlySet<string>,
): readonly Row[] {
  const first = group[0];
  if (first === undefined) return [];
  const foldId = `fold-${first.id}`;
  if (group.length > 1 && !opened.has(foldId)) {
    return [{ kind: 'fold', id: foldId, messages: group, offsetMs: timeOf(first) - originMs, starts }];
  }
  return group.map((message, index) => ({
    kind: 'message',
    id: message.id,
    message,
    offsetMs: timeOf(message) - originMs,
    starts: starts && index === 0,
    closes: group.length > 1 && index === 0 ? foldId : null,
  }));
}
