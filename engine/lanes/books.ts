/** The lanes in the database: read, changed, each change with its line in `lane_event`. */
import type { Store } from '../../store/store.ts';
import type { Lane } from './state.ts';
import type { Ticket } from './road.ts';

export type LaneChange = 'paused' | 'resumed' | 'set' | 'broken' | 'mended' | 'closed' | 'opened' | 'drained';

export interface Act {
  readonly system: string;
  readonly who: string;
  readonly why: string;
}

export interface LaneSettings {
  /** Calls at once over all nodes; null: no limit. */
  readonly concurrency?: number | null;
  /** Calls per `ratePerMs` over all nodes; null: no limit. */
  readonly rate?: number | null;
  readonly ratePerMs?: number;
  /** At which held calls are let go after a pause. */
  readonly rampPerS?: number;
  /** `HH:MM`, Asia/Shanghai; null: open at any time. */
  readonly opens?: string | null;
  readonly closes?: string | null;
  readonly everyDay?: boolean;
}

export const ticketPrefix = 'lane:';

interface LaneRecord {
  system: string;
  concurrency: number | null;
  rate: number | null;
  rate_per_ms: number;
  ramp_per_s: number;
  opens: string | null;
  closes: string | null;
  every_day: boolean;
  paused_by: string | null;
  paused_reason: string | null;
  paused_at: Date | null;
  broken_ms: number | null;
  breaks: number;
  closed: boolean;
  ramping: boolean;
  holds: boolean;
}

/** A run that needs people does not count: its call may stay held for days. */
const held = `exists (select from wait w join run r on r.id = w.run_id
  where w.party = lane.system and w.key like '${ticketPrefix}%' and r.state <> 4)`;

export async function readLanes({ pool }: Store): Promise<Lane[]> {
  const found = await pool.query<LaneRecord>(
    `select lane.*, (extract(epoch from broken_until - clock_timestamp()) * 1000)::float8 broken_ms, ${held} holds from lane`,
  );
  return found.rows.map(laneOf);
}

/** The oldest held calls of parked runs: what the queue should know of. Who runs now parks again or goes on by itself. */
export async function readHeld({ pool }: Store, system: string, limit: number): Promise<Ticket[]> {
  const found = await pool.query<{ run_id: string; key: string }>(
    `select w.run_id, w.key from wait w join run r on r.id = w.run_id
     where w.party = $1 and w.key like '${ticketPrefix}%' and r.state = 3 order by w.since limit $2`,
    [system, limit],
  );
  return found.rows.map((row) => ({ run: row.run_id, ticket: row.key.slice(ticketPrefix.length) }));
}

/** How many calls each lane holds and since when. */
export async function countHeld({ pool }: Store): Promise<Map<string, { count: number; since: Date }>> {
  const found = await pool.query<{ party: string; n: string; since: Date }>(
    `select party, count(*) n, min(since) since from wait where key like '${ticketPrefix}%' group by party`,
  );
  return new Map(found.rows.map((row) => [row.party, { count: Number(row.n), since: row.since }]));
}

export async function pauseLane(store: Store, act: Act): Promise<boolean> {
  return changed(
    store,
    act,
    'paused',
    `insert into lane (system, paused_by, paused_reason, paused_at) values ($1, $2, $3, hub_now())
     on conflict (system) do update set paused_by = $2, paused_reason = $3, paused_at = hub_now() where lane.paused_at is null
     returning system`,
    [act.who, act.why],
  );
}

export async function resumeLane(store: Store, act: Act): Promise<boolean> {
  return changed(
    store,
    act,
    'resumed',
    `update lane set paused_by = null, paused_reason = null, paused_at = null, ramping = ${held}
     where system = $1 and paused_at is not null returning system`,
  );
}

const columns: Readonly<Record<keyof LaneSettings, string>> = {
  concurrency: 'concurrency',
  rate: 'rate',
  ratePerMs: 'rate_per_ms',
  rampPerS: 'ramp_per_s',
  opens: 'opens',
  closes: 'closes',
  everyDay: 'every_day',
};

export async function setLane(store: Store, act: Act, settings: LaneSettings): Promise<boolean> {
  const given = (Object.keys(columns) as (keyof LaneSettings)[]).filter((name) => settings[name] !== undefined);
  const names = given.map((name) => columns[name]);
  const params = given.map((_, i) => `$${i + 2}`);
  return changed(
    store,
    act,
    'set',
    `insert into lane (system${names.map((name) => `, ${name}`).join('')}) values ($1${params.map((p) => `, ${p}`).join('')})
     on conflict (system) do update set ${['system = lane.system', ...names.map((name, i) => `${name} = ${params[i]}`)].join(', ')}
     returning system`,
    given.map((name) => settings[name]),
  );
}

/** Twice as long each time it breaks in a row. Says whether it was this that broke it: others may have noticed too. */
export async function breakLane(store: Store, act: Act, breakMs: number, breakMsMax: number): Promise<boolean> {
  return changed(
    store,
    act,
    'broken',
    `insert into lane (system, broken_until, breaks) values ($1, clock_timestamp() + $2 * interval '1 ms', 1)
     on conflict (system) do update set breaks = lane.breaks + 1,
       broken_until = clock_timestamp() + least($3::float8, $2 * 2 ^ least(lane.breaks, 30)) * interval '1 ms'
     where lane.broken_until is null or lane.broken_until <= clock_timestamp() returning system`,
    [breakMs, breakMsMax],
  );
}

export async function mendLane(store: Store, act: Act): Promise<boolean> {
  return changed(
    store,
    act,
    'mended',
    `update lane set broken_until = null, breaks = 0, ramping = ${held}
     where system = $1 and broken_until <= clock_timestamp() returning system`,
  );
}

/** What the calendar did, written down once, by whichever node sees it first. */
export async function closeLane(store: Store, system: string): Promise<boolean> {
  const act = { system, who: 'calendar', why: 'closing time' };
  return changed(
    store,
    act,
    'closed',
    'update lane set closed = true where system = $1 and not closed returning system',
  );
}

export async function openLane(store: Store, system: string): Promise<boolean> {
  const act = { system, who: 'calendar', why: 'opening time' };
  return changed(
    store,
    act,
    'opened',
    `update lane set closed = false, ramping = ramping or ${held} where system = $1 and closed returning system`,
  );
}

/** Nothing is held any more. */
export async function endRamp(store: Store, system: string): Promise<boolean> {
  const act = { system, who: 'lane', why: 'nothing is held any more' };
  return changed(
    store,
    act,
    'drained',
    `update lane set ramping = false where system = $1 and ramping and not ${held} returning system`,
  );
}

/** The change and its line in one statement; false when there was nothing to change. */
async function changed(
  { pool }: Store,
  act: Act,
  what: LaneChange,
  statement: string,
  values: readonly unknown[] = [],
): Promise<boolean> {
  const at = values.length + 2;
  const done = await pool.query(
    `with done as (${statement})
     insert into lane_event (system, what, who, why) select system, $${at}, $${at + 1}, $${at + 2} from done`,
    [act.system, ...values, what, act.who, act.why],
  );
  return (done.rowCount ?? 0) > 0;
}

function laneOf(record: LaneRecord): Lane {
  const { opens, closes, paused_by: by, paused_reason: why, paused_at: at } = record;
  return {
    system: record.system,
    concurrency: record.concurrency ?? undefined,
    rate: record.rate ?? undefined,
    ratePerMs: record.rate_per_ms,
    rampPerS: record.ramp_per_s,
    hours: opens === null || closes === null ? undefined : { opens, closes, everyDay: record.every_day },
    paused: by === null || why === null || at === null ? undefined : { by, why, at },
    brokenUntilMs: record.broken_ms === null ? undefined : Date.now() + record.broken_ms,
    breaks: record.breaks,
    closed: record.closed,
    ramping: record.ramping,
    holds: record.holds,
  };
}
