/**
 * Marking the book to market: the hub's batch, with its pinned prices, cash, goods that are being exchanged, money on its way,
 * and the list of what is to be opened, beside the one statement that a database administrator would write. Both write the
 * same table. Rounds are paired, and who goes first changes.
 */
import type pg from 'pg';
import { machineOf, median, progress, ratioOf, ratioText, tableText, type Ratio } from './engine/figures.ts';
import { withServer } from './engine/server.ts';
import { byHand } from './revalue/byHand.ts';
import { fillBook } from './revalue/fill.ts';
import { pinQuotes, revalue } from '../ledger/goods/prices.ts';
import { openStore, type Store } from '../store/store.ts';

export const what = '100,000 pledges marked to market, beside the one SQL statement that a DBA would write';

const plans = {
  quick: { pledges: 5_000, lotsPerPledge: 3, materials: 50, rounds: 3 },
  full: { pledges: 100_000, lotsPerPledge: 3, materials: 50, rounds: 9 },
} as const;

const statementTimeoutMs = 120_000;
const wanted = 0.8;

interface Round {
  readonly oursMs: number;
  readonly byHandMs: number;
}

export function run(json: boolean, options: { quick?: boolean } = {}): Promise<object> {
  const plan = options.quick ? plans.quick : plans.full;
  return withServer(async (server) => {
    const machine = await machineOf(server);
    const store = await openStore(await server.migrated('revalue'), {
      applicationName: 'lianshu-bench',
      maxConnections: 2,
    });
    try {
      await fillBook(store, plan);
      progress(`${plan.pledges} pledges, ${plan.pledges * plan.lotsPerPledge} lots`);
      await same(store); // Which also warms both: neither pays for cold caches.
      const rounds: Round[] = [];
      for (let no = 0; no < plan.rounds; no += 1) {
        const figures = await round(store, `r${no}`, no % 2 === 0);
        progress(`round ${no + 1}: ours ${Math.round(figures.oursMs)} ms, by hand ${Math.round(figures.byHandMs)} ms`);
        rounds.push(figures);
      }
      const figures = figuresOf(rounds, plan.pledges);
      if (!json) process.stdout.write(tableOf(figures));
      return { machine, quick: options.quick ?? false, ...plan, ...figures };
    } finally {
      await store.close();
    }
  });
}

/** The speed of ours is the throughput of the one over that of the other: 1 is as fast as by hand. */
function figuresOf(rounds: readonly Round[], pledges: number) {
  const ours = rounds.map((each) => each.oursMs);
  const hand = rounds.map((each) => each.byHandMs);
  return {
    oursMs: Math.round(median(ours)),
    byHandMs: Math.round(median(hand)),
    pledgesPerSecond: Math.round((pledges * 1000) / median(ours)),
    speed: ratioOf(hand, ours),
    wanted,
  };
}

function tableOf(figures: { oursMs: number; byHandMs: number; pledgesPerSecond: number; speed: Ratio }): string {
  const head = ['ours ms', 'by hand ms', 'pledges a second', 'speed of by hand'];
  return (
    tableText([head, [figures.oursMs, figures.byHandMs, figures.pledgesPerSecond, ratioText(figures.speed)]]) +
    `wanted: at least ${wanted}\n`
  );
}

async function round(store: Store, name: string, oursFirst: boolean): Promise<Round> {
  // Each side writes into the same empty table, and pays for no log that the other one wrote.
  const settle = async () => {
    await store.tx((tx) => tx.query('set local session_replication_role = replica; truncate valuation, revaluation'));
    await store.pool.query(patient('checkpoint'));
  };
  const sides = {
    oursMs: () => timed(store, `ours-${name}`, ours),
    byHandMs: () => timed(store, `hand-${name}`, hand),
  };
  const order = oursFirst ? (['oursMs', 'byHandMs'] as const) : (['byHandMs', 'oursMs'] as const);
  const spent = { oursMs: 0, byHandMs: 0 };
  for (const side of order) {
    await settle();
    spent[side] = await sides[side]();
  }
  return spent;
}

type Side = (store: Store, set: string) => Promise<void>;

const ours: Side = (store, set) =>
  store.tx(async (tx) => {
    await revalue(tx, set);
  });
const hand: Side = (store, set) =>
  store.tx(async (tx) => {
    await tx.query(`set local statement_timeout = ${statementTimeoutMs}`);
    await tx.query(patient(byHand, [set]));
  });

/** The pool's limit is for everyday statements. */
function patient(text: string, values: string[] = []): pg.QueryConfig & { query_timeout: number } {
  return { text, values, query_timeout: statementTimeoutMs };
}

/** Prices are pinned before: the clock runs for the batch. */
async function timed(store: Store, set: string, side: Side): Promise<number> {
  await store.tx((tx) => pinQuotes(tx, set, '2026-11-23'));
  const startedAt = performance.now();
  await side(store, set);
  return performance.now() - startedAt;
}

/** Both found the same of every pledge, or nothing that is measured means anything. */
async function same(store: Store): Promise<void> {
  await timed(store, 'ours-warm', ours);
  await timed(store, 'hand-warm', hand);
  const columns = 'pledge_no, value, exposure, ltv, level, cash_call, goods_call';
  const of = (set: string) => `select ${columns} from valuation where set_id = '${set}'`;
  const found = await store.pool.query(
    `(${of('ours-warm')} except ${of('hand-warm')}) union all (${of('hand-warm')} except ${of('ours-warm')}) limit 1`,
  );
  if (found.rowCount !== 0) throw new Error(`the two sides differ: ${JSON.stringify(found.rows[0])}`);
}
