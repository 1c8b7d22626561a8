/** How runs come into memory: claimed in batches, oldest first, and loaded with all that their replay needs. */
import { isFailure } from '../contracts/failures.ts';
import { sealingOf } from '../store/sealing/of.ts';
import type { Sealing } from '../store/sealing/sealing.ts';
import type { Store } from '../store/store.ts';
import type { AnyFlow } from './flow.ts';
import type { RunRow } from './host.ts';
import { kinds, type Entry, type Kind } from './journal.ts';
import { openedEntry } from './sealed.ts';
import type { EffectRow, WaitRow } from './work.ts';

interface Claimed {
  readonly id: string;
  readonly flow: string;
  readonly version: number;
  readonly case_id: string;
  readonly key: string;
  readonly suspect: boolean;
}

interface Loaded {
  readonly row: RunRow;
  readonly entries: Entry[];
  readonly effects: EffectRow[];
  readonly waits: WaitRow[];
  /** Why its journal cannot be read: nothing may be concluded from the rest of it. */
  readonly unreadable: string | undefined;
}

/** A run that took its process down this often without getting on is a danger to every node. */
const crashesMax = 5;

/** What is said of such a run; people look, and may let it go on. */
export const diedTooOften = 'its node died again and again while it ran';

/** A run that was in memory when its node died, twice without getting on, is executed apart from other suspects. */
const suspectFrom = 2;

/** The oldest that are ready; of the suspects one at most, and none while another is in memory. */
export async function claimRuns(
  store: Store,
  node: bigint,
  flows: readonly AnyFlow[],
  limit: number,
  suspects: boolean,
): Promise<Claimed[]> {
  const claimed = await store.pool.query<Claimed & { crashes: number }>(
    `with me as (select id from node where id = $1 and state = 1 for key share),
          a as (select r.id from run r, me where r.state = 1 and r.crashes < $6 and r.ready_at <= clock_timestamp()
                  and (r.flow, r.version) in (select * from unnest($3::text[], $4::int[]))
                order by r.ready_at limit $2 for update of r skip locked),
          b as (select r.id from run r, me where $7 and r.state = 1 and r.crashes >= $6 and r.ready_at <= clock_timestamp()
                  and (r.flow, r.version) in (select * from unnest($3::text[], $4::int[]))
                order by r.ready_at limit 1 for update of r skip locked),
          c as (select id from a union all select id from b)
     update run set
       state = case when run.crashes > $5 then 4 else 2 end,
       owner = case when run.crashes > $5 then null else $1 end,
       problem = case when run.crashes > $5 then $8 else null end,
       epoch = epoch + 1
     from c where run.id = c.id returning run.id, flow, version, case_id, key, run.crashes, run.crashes >= $6 suspect`,
    [
      String(node),
      limit,
      flows.map((flow) => flow.name),
      flows.map((flow) => flow.version),
      crashesMax,
      suspectFrom,
      suspects,
      diedTooOften,
    ],
  );
  return claimed.rows.filter((row) => row.crashes <= crashesMax);
}

/** Those of the runs that nobody executes, for a call that has its turn on this node. */
export async function claimParked(
  store: Store,
  node: bigint,
  flows: readonly AnyFlow[],
  runs: readonly string[],
): Promise<Claimed[]> {
  const claimed = await store.pool.query<Claimed>(
    `with me as (select id from node where id = $1 and state = 1 for key share),
          c as (select r.id from run r, me where r.id = any($2::uuid[]) and (r.state = 3 or (r.state = 1 and r.crashes < $5))
                  and (r.flow, r.version) in (select * from unnest($3::text[], $4::int[])) for update of r skip locked)
     update run set state = 2, owner = $1, epoch = epoch + 1
     from c where run.id = c.id returning run.id, flow, version, case_id, false suspect`,
    [String(node), runs, flows.map((flow) => flow.name), flows.map((flow) => flow.version), suspectFrom],
  );
  return claimed.rows;
}

export async function loadRuns(
  store: Store,
  claimed: readonly Omit<Claimed, 'suspect'>[],
  flows: ReadonlyMap<string, AnyFlow>,
): Promise<Loaded[]> {
  const ids = claimed.map((run) => run.id);
  const [journal, effects, waits] = await Promise.all([
    store.pool.query<JournalRecord>(
      'select run_id, seq, kind, path, body, at from journal where run_id = any($1::uuid[]) order by run_id, seq',
      [ids],
    ),
    store.pool.query<Record<string, never>>(
      `select * from effect where run_id = any($1::uuid[]) and state in ('intent', 'unknown')`,
      [ids],
    ),
    store.pool.query<Record<string, never>>('select * from wait where run_id = any($1::uuid[])', [ids]),
  ]);
  const by = <T extends { run_id: string }>(rows: readonly T[]) => Map.groupBy(rows, (row) => row.run_id);
  const entriesOf = by(journal.rows);
  const effectsOf = by(effects.rows as unknown as EffectRecord[]);
  const waitsOf = by(waits.rows as unknown as WaitRecord[]);
  const sealing = await sealingOf(store.pool);
  const loaded = claimed.map(async (run): Promise<Loaded[]> => {
    const flow = flows.get(`${run.flow}@${run.version}`);
    if (!flow) return [];
    const { entries, unreadable } = await readable(sealing, entriesOf.get(run.id) ?? []);
    const input = entries.find((entry) => entry.kind === kinds.input)?.body;
    return [
      {
        row: { id: run.id, caseId: run.case_id, flow, input, key: run.key },
        entries,
        effects: (effectsOf.get(run.id) ?? []).map(effectOf),
        waits: (waitsOf.get(run.id) ?? []).map(waitOf),
        unreadable,
      },
    ];
  });
  return (await Promise.all(loaded)).flat();
}

interface JournalRecord {
  run_id: string;
  seq: number;
  kind: Kind;
  path: string;
  body: Buffer | null;
  at: Date;
}

/** One that does not open stops its own run, not those that were loaded with it. */
async function readable(
  sealing: Sealing,
  records: readonly JournalRecord[],
): Promise<{ entries: Entry[]; unreadable: string | undefined }> {
  const entries: Entry[] = [];
  for (const { run_id: run, seq, kind, path, body, at } of records) {
    try {
      entries.push({ run, seq, kind, path, at, body: await openedEntry(sealing, { run, seq, kind, body }) });
    } catch (thrown) {
      if (!isFailure(thrown)) throw thrown;
      return { entries, unreadable: `entry ${seq} of its journal cannot be read: ${thrown.message}` };
    }
  }
  return { entries, unreadable: undefined };
}

interface EffectRecord {
  key: string;
  run_id: string;
  case_id: string;
  path: string;
  system: string;
  operation: string;
  number: string | null;
  payload_hash: string;
  state: EffectRow['state'];
  attempts: number;
  queries: number;
  not_found: number;
  detail: string | null;
  intent_at: Date;
  sent_at: Date | null;
  next_at: Date | null;
  settled_at: Date | null;
}

interface WaitRecord {
  run_id: string;
  path: string;
  key: string;
  party: string;
  what_zh: string;
  what_en: string;
  since: Date;
  deadline: Date | null;
  poll_at: Date | null;
}

function effectOf(record: EffectRecord): EffectRow {
  return {
    key: record.key,
    run: record.run_id,
    caseId: record.case_id,
    path: record.path,
    system: record.system,
    operation: record.operation,
    number: record.number ?? undefined,
    payloadHash: record.payload_hash,
    state: record.state,
    attempts: record.attempts,
    queries: record.queries,
    notFound: record.not_found,
    detail: record.detail ?? undefined,
    intentAt: record.intent_at,
    sentAt: record.sent_at ?? undefined,
    nextAt: record.next_at ?? undefined,
    settledAt: record.settled_at ?? undefined,
  };
}

function waitOf(record: WaitRecord): WaitRow {
  return {
    run: record.run_id,
    path: record.path,
    key: record.key,
    party: record.party,
    what: { zh: record.what_zh, en: record.what_en },
    since: record.since,
    deadline: record.deadline ?? undefined,
    pollAt: record.poll_at ?? undefined,
  };
}
