/** How live events change what a page holds. Pure, so that the order and the upserts can be tested without a browser. */
import type { Message, Milestone, Party, RunDetail, RunFilters, RunRow, Step } from './api.ts';
import type { StreamEvent } from './live.ts';

/** The run page's snapshot after one event. Events of other runs and unknown kinds change nothing. */
export function applyRunEvent(detail: RunDetail, { event, data }: StreamEvent): RunDetail {
  switch (event) {
    case 'run.changed': {
      const run = data as RunRow;
      return run.id === detail.run.id ? { ...detail, run } : detail;
    }
    case 'run.parties':
      return { ...detail, parties: data as readonly Party[] };
    case 'run.message':
      return { ...detail, messages: upsertMessage(detail.messages, data as Message) };
    case 'run.milestone':
      return { ...detail, milestones: upsertBy(detail.milestones, data as Milestone, (m) => m.no) };
    case 'run.step':
      return { ...detail, steps: upsertBy(detail.steps, data as Step, (s) => s.seq) };
    default:
      return detail;
  }
}

/** Rows never change their order: a row is replaced where it stands. `fresh` are runs not on the page yet. */
export function applyListEvent(
  rows: readonly RunRow[],
  changed: RunRow,
): { readonly rows: readonly RunRow[]; readonly fresh: RunRow | null } {
  const index = rows.findIndex((row) => row.id === changed.id);
  return index < 0 ? { rows, fresh: changed } : { rows: rows.with(index, changed), fresh: null };
}

/** Whether a run that arrives live belongs under the filters of the page. The gateway decides again on reload. */
export function matchesFilters(row: RunRow, filters: RunFilters): boolean {
  if (filters.state !== '' && row.state !== filters.state) return false;
  if (filters.flow !== '' && row.flow !== filters.flow) return false;
  const q = filters.q.trim().toLowerCase();
  return q === '' || [row.key, row.case, row.party ?? '', row.id].some((text) => text.toLowerCase().includes(q));
}

/** A message keeps its place when it changes; a new one goes behind all that are not later. */
function upsertMessage(messages: readonly Message[], message: Message): readonly Message[] {
  const known = messages.findIndex((m) => m.id === message.id);
  if (known >= 0) return messages.with(known, message);
  const atMs = Date.parse(message.at);
  let index = messages.length;
  while (index > 0 && isLater(messages[index - 1], atMs)) index -= 1;
  return messages.toSpliced(index, 0, message);
}

function isLater(message: Message | undefined, atMs: number): boolean {
  return message !== undefined && Date.parse(message.at) > atMs;
}

function upsertBy<T>(items: readonly T[], item: T, keyOf: (item: T) => number): readonly T[] {
  const index = items.findIndex((other) => keyOf(other) === keyOf(item));
  if (index >= 0) return items.with(index, item);
  return [...items, item].toSorted((a, b) => keyOf(a) - keyOf(b));
}
