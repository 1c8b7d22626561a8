/**
 * History by the million, made inside the server: what years of business leave in the tables of the engine. What finished
 * runs leave is never read, and is made unsealed; what runs wait with is sealed here.
 */
import pg from 'pg';
import { sealingOf } from '../../store/sealing/of.ts';
import { places } from '../../store/sealing/places.ts';
import { openStore } from '../../store/store.ts';
import { progress } from './figures.ts';
import { shop, stepsPerRun, tenStepsName, waitingFlow } from './flows.ts';
import { caseId } from './server.ts';

const batch = 100_000;
const sealedAtOnce = 10_000;
/** What was made is spread over the weeks before now; the ids carry it. */
const pastWeeks = 8;

/** `n` is the number of the row; ids are in its order, as time-ordered ids are. */
const past = `
  select n, at, (lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0') || '7' || substr(hash, 1, 3)
         || '8' || substr(hash, 4, 15))::uuid id
  from (select n, now() - interval '1 hour' - ${pastWeeks} * interval '7 days' * (1 - n::float8 / $3) as at,
               md5(n::text || random()::text) hash
        from generate_series($1::int, $2::int) n) made`;

/** Runs that have ended, each with the journal that they leave. */
export function fillFinished(url: string, count: number): Promise<void> {
  return inBatches(url, count, `finished runs, ${stepsPerRun} journal rows each`, [
    `create temp table made on commit drop as ${past}`,
    `insert into run_key (flow, key, run_id) select '${tenStepsName}', 'past/' || n, id from made`,
    `insert into run_done (id, flow, version, case_id, key, outcome, created_at, finished_at)
     select id, '${tenStepsName}', 1, 'CASE-PAST-' || n / 4, 'past/' || n, 'done', at, at + interval '1 minute' from made`,
    `insert into journal (run_id, seq, kind, path, body, at)
     select id, seq, case when seq = 0 then 0 else 1 end, case when seq = 0 then 'input' else 'bench.look#' || seq end,
            convert_to('{"no":"past/' || n || '/' || seq || '"}', 'UTF8'), at
     from made, generate_series(0, ${stepsPerRun - 1}) seq order by id, seq`,
  ]);
}

/** Runs of a real flow that wait for a fact with their number, `waiting/<n>` from 1: it wakes them. */
export async function fillWaiting(url: string, count: number): Promise<void> {
  const { name, label } = shop.notices.told;
  await inBatches(url, count, 'waiting runs', [
    `create temp table made on commit drop as ${past}`,
    `insert into run_key (flow, key, run_id) select '${waitingFlow.name}', 'waiting/' || n, id from made`,
    `insert into wait (run_id, path, key, party, what_zh, what_en, since, deadline)
     select id, '${name}', '${name}:waiting/' || n, 'bench', '${label.zh}', '${label.en}', at, at + interval '3000 days'
     from made`,
    `insert into run (id, flow, version, case_id, key, state, ready_at, wake_at, created_at)
     select id, '${waitingFlow.name}', 1, '${caseId}', 'waiting/' || n, 3, at, at + interval '3000 days', at from made`,
  ]);
  await sealInputs(url);
}

/** The inputs of the runs that wait. */
async function sealInputs(url: string): Promise<void> {
  const store = await openStore(url, { maxConnections: 2, applicationName: 'lianshu-bench-fill' });
  try {
    const sealing = await sealingOf(store.pool);
    for (let after = '00000000-0000-0000-0000-000000000000'; ;) {
      const { rows } = await store.pool.query<{ id: string; key: string }>(
        `select id, key from run where flow = $1 and id > $2 order by id limit ${sealedAtOnce}`,
        [waitingFlow.name, after],
      );
      const last = rows.at(-1);
      if (!last) return;
      after = last.id;
      await store.pool.query(
        `insert into journal (run_id, seq, kind, path, body, at)
         select id, 0, 0, 'input', body, created_at from unnest($1::uuid[], $2::bytea[]) u(run, body) join run on run.id = u.run`,
        [
          rows.map(({ id }) => id),
          rows.map(({ id, key }) => sealing.sealNow(places.journal, [id, 0], JSON.stringify({ no: key }))),
        ],
      );
    }
  } finally {
    await store.close();
  }
}

async function inBatches(url: string, count: number, told: string, statements: readonly string[]): Promise<void> {
  const client = new pg.Client({ connectionString: url, application_name: 'lianshu-bench-fill' });
  // Reported by the statement that fails because of it.
  client.on('error', () => undefined);
  await client.connect();
  try {
    const startedAt = performance.now();
    for (let first = 1; first <= count; first += batch) {
      const last = Math.min(count, first + batch - 1);
      await client.query('begin');
      for (const text of statements) await client.query(text, text.includes('$1') ? [first, last, count] : []);
      await client.query('commit');
    }
    // As the server would by itself within minutes.
    await client.query('vacuum analyze');
    await client.query('checkpoint');
    progress(`${count} ${told}: ${Math.round((performance.now() - startedAt) / 1000)} s`);
  } finally {
    await client.end();
  }
}
