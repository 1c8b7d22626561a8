/** After a campaign: what was acknowledged, what the books say and what the counterparty did, held against each other. */
import { sealingOf } from '../../store/sealing/of.ts';
import { places } from '../../store/sealing/places.ts';
import { openStore } from '../../store/store.ts';
import { until, type Ground } from './ground.ts';
import type { Load } from './load.ts';
import { booked, orderFlow, post, shop } from './world.ts';

export interface Verdict {
  readonly acknowledged: number;
  readonly runs: number;
  readonly effects: number;
  readonly lost: number;
  readonly duplicated: number;
  readonly stuck: number;
  /** Posts of which nobody knew whether they were kept, until they were posted again. */
  readonly ambiguous: { readonly resolved: number };
  /** Requests under a number that the counterparty knew already: allowed, since they have no second effect. */
  readonly repeated: number;
  /** What was found, in words; the first of each kind. */
  readonly found: readonly string[];
}

export interface Recovery {
  readonly p50: number;
  readonly max: number;
}

export function recoveryOf(times: readonly number[]): Recovery {
  const sorted = times.toSorted((a, b) => a - b);
  return { p50: sorted[Math.floor(sorted.length / 2)] ?? 0, max: sorted.at(-1) ?? 0 };
}

/** Ends the load, waits until nothing moves any more (or long enough), and judges. */
export async function judge(ground: Ground, load: Load, restMs: number): Promise<Verdict> {
  await Promise.race([load.stop(), new Promise((late) => setTimeout(late, restMs).unref())]);
  await until(
    async () => {
      const [row] = await ground.database.query<{ live: string; untaken: string }>(
        'select (select count(*) from run) live, (select count(*) from signal where taken_by is null) untaken',
      );
      return row?.live === '0' && row.untaken === '0' && (await ground.counterparty.report()).owed === 0;
    },
    restMs,
    250,
  );
  const { acknowledged: delivered, repeated, owed } = await ground.counterparty.report();
  const found: string[] = [];
  const count = (what: string, of: readonly unknown[]) => {
    if (of.length > 0) found.push(`${what}: ${of.length}, first ${JSON.stringify(of[0])}`);
    return of.length;
  };
  const lost = await lostOf(ground, load.acknowledged, delivered, count);
  const duplicated = await duplicatedOf(ground, count);
  const stuck = (await stuckOf(ground, count)) + owed;
  const [totals] = await ground.database.query<{ runs: string; effects: string }>(
    `select (select count(*) from run_done) runs, (select count(*) from effect where state = 'confirmed' and number is not null) effects`,
  );
  return {
    acknowledged: load.acknowledged.length + delivered.length,
    runs: Number(totals?.runs ?? 0),
    effects: Number(totals?.effects ?? 0),
    lost,
    duplicated,
    stuck,
    ambiguous: { resolved: load.ambiguous() },
    repeated,
    found,
  };
}

type Count = (what: string, of: readonly unknown[]) => number;

/** `<notice>:<number>` of every message that was kept. */
async function keptMessages(url: string): Promise<Set<string>> {
  const store = await openStore(url, { applicationName: 'lianshu-chaos', maxConnections: 1 });
  try {
    const sealing = await sealingOf(store.pool);
    const { rows } = await store.pool.query<{ id: string; operation: string; request: Buffer }>(
      'select id, operation, request from exchange where request is not null',
    );
    const opened = rows.map(async ({ id, operation, request }) => {
      const { no } = (await sealing.openJson(places.exchangeRequest, [id], request)) as { no?: string };
      return `${operation}:${no}`;
    });
    return new Set(await Promise.all(opened));
  } finally {
    await store.close();
  }
}

/** Acknowledged and not there, decided and not done, done and not in the books. */
async function lostOf(
  { database, counterparty }: Ground,
  orders: readonly string[],
  delivered: readonly string[],
  count: Count,
): Promise<number> {
  const done = counterparty.done();
  const keys = [
    ...orders.map((no) => `${shop.notices.ordered.name}:${no}`),
    ...delivered.map((no) => `${shop.notices.delivered.name}:${no}`),
  ];
  const facts = await database.query(
    `select k from unnest($1::text[]) k
     where k not in (select key from signal)`,
    [keys],
  );
  const kept = await keptMessages(database.url);
  const unkept = keys.filter((key) => !kept.has(key));
  const starts = await database.query(
    'select k from unnest($1::text[]) k where not exists (select from run_key where flow = $2 and key = k)',
    [orders, orderFlow.name],
  );
  const kinds = done.map((one) => one.kind);
  const numbers = done.map((one) => one.no);
  const unknownToThem = await database.query(
    `select operation, number from effect where state = 'confirmed' and operation = any($1::text[])
       and (operation, number) not in (select * from unnest($2::text[], $3::text[]))`,
    [[shop.operations.pay.name, post.operations.send.name], kinds, numbers],
  );
  const unknownToUs = await database.query(
    `select * from unnest($1::text[], $2::text[]) d(kind, no)
     where not exists (select from effect where operation = kind and number = no)`,
    [kinds, numbers],
  );
  const unbooked = await database.query(
    `select d.key, w from run_done d, unnest($1::text[]) w where d.outcome = 'done'
       and not exists (select from chaos_book where run = d.id and what = w)`,
    [booked],
  );
  const holes = await database.query(
    'select run_id, count(*), min(seq), max(seq) from journal group by run_id having min(seq) <> 0 or max(seq) <> count(*) - 1',
  );
  return (
    count('acknowledged facts that are not there', [...facts, ...unkept]) +
    count('acknowledged orders without a run', starts) +
    count('confirmed, but the counterparty did not do it', unknownToThem) +
    count('done by the counterparty, not in our books', unknownToUs) +
    count('done without its entry in the books', unbooked) +
    count('journals with a hole', holes)
  );
}

async function duplicatedOf({ database, counterparty }: Ground, count: Count): Promise<number> {
  const seen = new Set<string>();
  const twice = counterparty.done().filter(({ kind, no }) => {
    const key = `${kind} ${no}`;
    const again = seen.has(key);
    seen.add(key);
    return again;
  });
  const entries = await database.query(
    'select no, what, count(*) from chaos_book group by no, what having count(*) > 1',
  );
  const runs = await database.query(
    'select key, count(*) from (select key from run union all select key from run_done) r group by key having count(*) > 1',
  );
  // Intent and result of one step stand under one path; two results must not.
  const steps = await database.query(
    'select run_id, path, kind, count(*) from journal group by run_id, path, kind having count(*) > 1',
  );
  return (
    count('done twice by the counterparty', twice) +
    count('twice in the books', entries) +
    count('two runs of one order', runs) +
    count('steps with two results', steps)
  );
}

async function stuckOf({ database }: Ground, count: Count): Promise<number> {
  const live = await database.query(
    `select r.key, r.state, r.problem, r.crashes, r.wake_at, r.wake_at - hub_now() due_in, (select max(seq) from journal where run_id = r.id) seq from run r order by state desc`,
  );
  const undone = await database.query(`select key, outcome, detail from run_done where outcome <> 'done'`);
  const open = await database.query(
    `select key, operation, state, detail from effect where state in ('intent', 'unknown') and run_id not in (select id from run)`,
  );
  const untaken = await database.query(`select key from signal where taken_by is null`);
  return (
    count('runs that did not end', live) +
    count('runs that ended otherwise', undone) +
    count('effects left open', open) +
    count('facts that nobody took', untaken)
  );
}
