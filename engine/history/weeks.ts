/** Weeks, and the ids of the runs that begin in them. */

export interface Week {
  /** Its Monday: `20261116`. */
  readonly name: string;
  readonly fromMs: number;
  readonly toMs: number;
  /** The first id of the week, and the first after it. */
  readonly from: string;
  readonly to: string;
}

/** The tables that are kept by the week, in the order in which a flush locks them; `key` holds the id of the run. */
export const parents = [
  { name: 'journal', key: 'run_id' },
  { name: 'run_done', key: 'id' },
] as const;

export const dayMs = 86_400_000;
export const weekMs = 7 * dayMs;
/** The first Monday, UTC: weeks must be the same on every node. */
const mondayMs = 4 * dayMs;

export function weekOf(ms: number): Week {
  const fromMs = ms - ((((ms - mondayMs) % weekMs) + weekMs) % weekMs);
  const toMs = fromMs + weekMs;
  const name = new Date(fromMs).toISOString().slice(0, 10).replaceAll('-', '');
  return { name, fromMs, toMs, from: firstIdAt(fromMs), to: firstIdAt(toMs) };
}

/** Not after any id made in that millisecond, and after all made before it. */
export function firstIdAt(ms: number): string {
  const hex = Math.floor(ms).toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-0000-0000-000000000000`;
}
