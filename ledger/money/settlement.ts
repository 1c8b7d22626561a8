/**
 * A settlement file against the books (日终对账, F10), as a stream: its lines wait in a stage, the guards decide on the whole, and one
 * transaction compares by sets, opens the cases, and takes the facts by which payments of unknown outcome end. Until then
 * nothing of the file is applied; parked, nothing ever is.
 */
import { addWorkingDays } from '../../contracts/canonical/calendar.ts';
import type {
  SettlementFeed,
  SettlementFile,
  SettlementReading,
  SettlementTotals,
} from '../../contracts/clearing/settlement.ts';
import { consequenceOf, isFailure } from '../../contracts/failures.ts';
import { begin, move, type Actor, type Tx } from '../lifecycle.ts';
import { clear, raise } from '../oversight/alerts.ts';
import type { Verdict } from './reconciliation.ts';
import {
  insertRun,
  isKnown,
  known,
  park,
  parkable,
  replaceEarlier,
  runNoOf,
  type Reissue,
  type SettledFact,
  type SettlementBooks,
} from './settlementRuns.ts';
import { makeStage, stageLines, twiceInStage } from './settlementStage.ts';

export type SettlementOutcome =
  | { readonly outcome: 'before'; readonly runNo: string }
  | { readonly outcome: 'parked'; readonly runNo: string; readonly reason: string }
  | {
      readonly outcome: 'compared';
      readonly runNo: string;
      readonly verdicts: Readonly<Partial<Record<Verdict, number>>>;
      /** Payments that this file ended. */
      readonly facts: number;
      readonly reissue?: Reissue;
    };

/** More than a night can bring: such a file is of another day, or of somebody else. */
const differencesMax = 10_000;
const sliceLines = 50_000;
const factsAtOnce = 1_000;
const inFlight = ['SUBMITTING', 'ACCEPTED', 'UNKNOWN'];

/** Takes every file that is complete and was not taken before, in their order; of one day, when it is named. */
export async function takeSettlements(
  books: SettlementBooks,
  feed: SettlementFeed,
  which: { readonly on?: string; readonly sha256?: string } = {},
): Promise<{
  readonly outcomes: readonly SettlementOutcome[];
  readonly unfinished: readonly string[];
  readonly refused: readonly { name: string; detail: string }[];
}> {
  const { ready, unfinished, refused } = await feed.list(which.on);
  const outcomes: SettlementOutcome[] = [];
  for (const file of ready) {
    if ((which.on ?? file.on) !== file.on || (which.sha256 ?? file.sha256) !== file.sha256) continue;
    if (await isKnown(books, file)) outcomes.push({ outcome: 'before', runNo: runNoOf(books, file) });
    else outcomes.push(await takeSettlement(books, feed.open(file)));
  }
  return { outcomes, unfinished, refused };
}

/** @throws Failure `later` when the file could not be read to its end: nothing happened, read it again */
export async function takeSettlement(books: SettlementBooks, reading: SettlementReading): Promise<SettlementOutcome> {
  const { file } = reading;
  const runNo = runNoOf(books, file);
  if (await isKnown(books, file)) return { outcome: 'before', runNo };
  const client = await books.store.pool.connect();
  try {
    await makeStage(client);
    let staged = 0;
    for await (const lines of reading.batches) {
      await stageLines(client, lines, staged);
      staged += lines.length;
    }
    const twice = await twiceInStage(client);
    if (twice !== undefined) throw parkable(`${file.name}: ${twice} stands in it twice`);
    return await inTransaction(client, () => compare(client, books, file, reading.totals()));
  } catch (thrown) {
    if (!isFailure(thrown) || consequenceOf(thrown) !== 'refused') throw thrown;
    await books.store.tx((tx) => park(tx, books, file, thrown.message));
    return { outcome: 'parked', runNo, reason: thrown.message };
  } finally {
    await client.query('drop table if exists pg_temp.settlement_stage').catch(() => undefined);
    client.release();
  }
}

async function compare(
  tx: Tx,
  books: SettlementBooks,
  file: SettlementFile,
  totals: SettlementTotals,
): Promise<SettlementOutcome> {
  const runNo = runNoOf(books, file);
  // Two hubs that take the same day wait for each other.
  await tx.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [`settlement/${books.connector}/${file.on}`]);
  if (await known(tx, runNo)) return { outcome: 'before', runNo };
  const reissue = await replaceEarlier(tx, books, file);
  await insertRun(tx, books, file, totals.sum);
  for (let from = 0; from < totals.count; from += sliceLines) await compareSlice(tx, runNo, books, from);
  await addOnlyOurs(tx, runNo, books, file.on);
  const facts = await tellFacts(tx, books);
  // The file told what a callback should have told: the road of the callbacks is looked at.
  const callbacks = { type: 'CONNECTOR_DOWN', subject: `${books.connector} callbacks` } as const;
  if (facts > 0)
    await raise(tx, { ...callbacks, level: 'WARN', metric: `callback lost: ${facts}`, owner: 'OPS' }, books.actor);
  else await clear(tx, callbacks, books.actor, `${runNo}: nothing was lost`);
  await move(tx, 'recon_run', runNo, 'compare', books.actor);
  const verdicts = await openCases(tx, runNo, file, books.actor);
  return { outcome: 'compared', runNo, verdicts, facts, ...(reissue ? { reissue } : {}) };
}

/**
 * What is in flight with us and ended there, at the same amount, is no difference: the fact that ends it is taken with this very
 * transaction. All else is written as both sides have it.
 */
async function compareSlice(tx: Tx, runNo: string, books: SettlementBooks, from: number): Promise<void> {
  await tx.query(
    `insert into recon_item (run_no, key, hub_amount, ext_amount, hub_state, ext_state)
     select $1, s.key, p.amount, s.amount,
       case when p.state = any($2) and p.amount = s.amount and s.state <> 'UNKNOWN' then s.state else p.state end, s.state
     from settlement_stage s left join payment p on p.no = s.key and p.purpose = any($3)
     where s.no > $4 and s.no <= $5`,
    [runNo, inFlight, books.purposes, from, from + sliceLines],
  );
}

/** Settled that day with us, and not in the file. What is still in flight may be in the next one. */
async function addOnlyOurs(tx: Tx, runNo: string, books: SettlementBooks, on: string): Promise<void> {
  await tx.query(
    `insert into recon_item (run_no, key, hub_amount, hub_state)
     select $1, p.no, p.amount, p.state from payment p
     where p.purpose = any($2) and p.state in ('SUCCEEDED', 'RETURNED')
       and p.settled_at >= $3::date::timestamp at time zone 'Asia/Shanghai'
       and p.settled_at < ($3::date + 1)::timestamp at time zone 'Asia/Shanghai'
       and not exists (select from settlement_stage s where s.key = p.no)`,
    [runNo, books.purposes, on],
  );
}

/** The third road (callback, query, file): the same fact under the same id. */
async function tellFacts(tx: Tx, books: SettlementBooks): Promise<number> {
  let told = 0;
  let after = 0;
  for (;;) {
    const { rows } = await tx.query<{
      no: number;
      key: string;
      amount: string;
      state: string;
      at: string;
      serial: string;
      code: string;
    }>(
      `select s.no, s.key, s.amount::text amount, s.state, s.settled_at at, s.serial, s.code
       from settlement_stage s join payment p on p.no = s.key and p.purpose = any($1)
       where s.no > $2 and p.amount = s.amount and s.state <> 'UNKNOWN'
         and (p.state = any($3) or p.state = 'SUCCEEDED' and s.state = 'RETURNED') order by s.no limit $4`,
      [books.purposes, after, inFlight, factsAtOnce],
    );
    if (rows.length === 0) return told;
    await books.tell(
      tx,
      rows.map((row) => ({
        instructionNo: row.key,
        status: row.state.toLowerCase() as SettledFact['status'],
        amount: row.amount,
        settledAt: row.at,
        serialNo: row.serial,
        ...(row.state === 'SUCCEEDED' ? {} : { reason: `settlement file, status ${row.code}` }),
      })),
    );
    told += rows.length;
    after = rows.at(-1)?.no ?? after;
  }
}

async function openCases(
  tx: Tx,
  runNo: string,
  file: SettlementFile,
  actor: Actor,
): Promise<Partial<Record<Verdict, number>>> {
  const counted = await tx.query<{ verdict: Verdict; count: number }>(
    'select verdict, count(*)::int count from recon_item where run_no = $1 group by verdict',
    [runNo],
  );
  const verdicts: Partial<Record<Verdict, number>> = {};
  for (const { verdict, count } of counted.rows) verdicts[verdict] = count;
  const different = counted.rows.reduce((sum, { verdict, count }) => sum + (verdict === 'MATCHED' ? 0 : count), 0);
  if (different > differencesMax) throw parkable(`${file.name}: ${different} differences, more than ${differencesMax}`);
  const { rows } = await tx.query<{ no: string; key: string; verdict: Verdict }>(
    `select 'RC-' || run_no || '-' || key "no", key, verdict from recon_item where run_no = $1 and verdict <> 'MATCHED' order by key`,
    [runNo],
  );
  await tx.query(
    `insert into recon_case (no, run_no, item_key, subject, difference, due_on, state)
     select c.no, $1, c.key, c.key, c.verdict, $3, 'OPEN' from jsonb_to_recordset($2) c (no text, key text, verdict text)`,
    [runNo, JSON.stringify(rows), addWorkingDays(file.on, 1)],
  );
  for (const { no } of rows) await begin(tx, 'recon_case', no, 'open', actor);
  return verdicts;
}

async function inTransaction<T>(client: Tx, work: () => Promise<T>): Promise<T> {
  await client.query('begin');
  try {
    const result = await work();
    await client.query('commit');
    return result;
  } catch (thrown) {
    await client.query('rollback').catch(() => undefined);
    throw thrown;
  }
}
