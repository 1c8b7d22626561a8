/** What parties were told of and have yet to get: read by them in the order of commits, or posted to them until they say that they have it. */
import type { Store } from '../../store/store.ts';

export interface Tiding {
  readonly id: string;
  readonly type: string;
  /** Business time. */
  readonly at: Date;
  readonly data: unknown;
}

export interface Page {
  readonly events: readonly Tiding[];
  /** For the next question; where it stood, when there was nothing. */
  readonly next: string;
}

export const cursorPattern = /^(0|[1-9]\d{0,18})\.(0|[1-9]\d{0,17})$/;
export const fromTheBeginning = '0.0';

/** Only what no transaction under way can come before: whoever reads on from `next` misses nothing. */
export async function readEvents(store: Store, caller: string, after: string, limit: number): Promise<Page> {
  const [txid = '0', id = '0'] = after.split('.');
  const found = await store.pool.query<{ id: string; txid: string; kind: string; at: Date; body: unknown }>(
    `select id, txid::text txid, kind, at, body from party_event
     where caller = $1 and channel = 'POLL' and txid < pg_snapshot_xmin(pg_current_snapshot())
       and (txid > $2::text::xid8 or txid = $2::text::xid8 and id > $3) order by txid, id limit $4`,
    [caller, txid, id, limit],
  );
  const last = found.rows.at(-1);
  return {
    events: found.rows.map((row) => ({ id: `evt_${row.id}`, type: row.kind, at: row.at, data: row.body })),
    next: last ? `${last.txid}.${last.id}` : after,
  };
}

export interface Posting extends Tiding {
  readonly row: string;
  readonly caller: string;
  readonly url: string;
  /** Which try this is, from 1. */
  readonly attempt: number;
}

/** Real time. A sender that dies leaves what it took to the next one. */
const leaseSeconds = 60;
/** As Standard Webhooks proposes: seconds until the next try. After the last one nobody tries again; it can still be seen here. */
const againAfterSeconds = [1, 5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000] as const;

/** What is to be posted now, for this sender alone. */
export async function takeDue(store: Store, limit: number): Promise<readonly Posting[]> {
  const taken = await store.pool.query<{
    id: string;
    caller: string;
    url: string | null;
    kind: string;
    at: Date;
    body: unknown;
    attempts: number;
  }>(
    `update party_event e set attempts = attempts + 1, due_at = clock_timestamp() + $2 * interval '1 second'
       from (select id from party_event where due_at <= clock_timestamp() order by due_at limit $1 for update skip locked) due
     where e.id = due.id returning e.id, e.caller, e.kind, e.at, e.body, e.attempts,
       (select url from event_subscription s where s.caller = e.caller and s.channel = e.channel and s.active) url`,
    [limit, leaseSeconds],
  );
  const gone = taken.rows.filter(({ url }) => url === null);
  for (const { id } of gone) await settle(store, id, undefined, 'nobody wishes to hear of it any more');
  return taken.rows.flatMap(({ id, kind, at, body, caller, url, attempts }) =>
    url === null ? [] : [{ row: id, id: `evt_${id}`, type: kind, at, data: body, caller, url, attempt: attempts }],
  );
}

export async function wasDelivered(store: Store, { row }: Posting): Promise<void> {
  await store.pool.query(
    'update party_event set delivered_at = hub_now(), due_at = null, problem = null where id = $1',
    [row],
  );
}

/** `gone` (HTTP 410): that address wants nothing more. */
export async function wasNotDelivered(
  store: Store,
  { row, caller, attempt }: Posting,
  { problem, gone }: { readonly problem: string; readonly gone: boolean },
): Promise<void> {
  if (gone)
    await store.pool.query("update event_subscription set active = false where caller = $1 and channel = 'WEBHOOK'", [
      caller,
    ]);
  await settle(store, row, gone ? undefined : againAfterSeconds[attempt - 1], problem);
}

async function settle(store: Store, row: string, againSeconds: number | undefined, problem: string): Promise<void> {
  await store.pool.query(
    `update party_event set due_at = clock_timestamp() + $2::int * interval '1 second', problem = $3 where id = $1`,
    [row, againSeconds ?? null, problem.slice(0, 500)],
  );
}
