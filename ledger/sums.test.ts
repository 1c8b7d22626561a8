/** Whatever the order and size of pledges, releases and movements, the columns are the sums of what happened. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { shareOf } from '../flows/terms.ts';
import { moveLimit } from './money/limits.ts';
import { accounts, actor, books, lent, refusal, type Books, type Deal } from './fixture.ts';
import { guardDisbursement } from './guards.ts';
import { invariants } from './invariants.ts';
import type { Tx } from './lifecycle.ts';
import { pledgeValue } from './goods/pledges.ts';
import { cancelRelease, draftRelease, executeRelease } from './goods/releases.ts';
import { sendRelease } from './goods/specimens.fixture.ts';

let the: Books;
let posted: Deal;
let approved: Deal;
let effective: Deal;
beforeAll(async () => {
  the = await books();
  posted = await the.bring('posted');
  approved = await the.bring('approved');
  effective = await the.bring('effective');
});
afterAll(() => the.drop());

async function scratch(work: (tx: Tx) => Promise<void>): Promise<void> {
  const client = await the.store.pool.connect();
  try {
    await client.query('begin');
    await work(client);
  } finally {
    await client.query('rollback');
    client.release();
  }
}

/** Refused or done, the transaction goes on. */
async function attempt(tx: Tx, work: () => Promise<unknown>): Promise<string> {
  await tx.query('savepoint attempt');
  const told = await refusal(work());
  if (told !== 'nothing refused it') await tx.query('rollback to savepoint attempt');
  return told;
}

async function offenders(tx: Tx, ...ids: string[]): Promise<string[]> {
  const found: string[] = [];
  for (const { id, sql } of invariants.filter((invariant) => ids.includes(invariant.id))) {
    const { rowCount } = await tx.query(sql);
    if (rowCount !== 0) found.push(id);
  }
  return found;
}

const thousandths = (n: number) => (n / 1000).toFixed(3);

test('random releases, partly executed and partly given back, keep the sums of stock and pledge', async () => {
  const act = fc.record({
    lot: fc.integer({ min: 0, max: 1 }),
    quantity: fc.integer({ min: 1, max: 800_000 }),
    end: fc.constantFrom('execute', 'cancel', 'stay'),
    left: fc.double({ min: 0.01, max: 1, noNaN: true }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(act, { maxLength: 6 }), (acts) =>
      scratch(async (tx) => {
        const free = [700_500, 500_000];
        let left = 0;
        for (const [i, { lot, quantity, end, left: share }] of acts.entries()) {
          const { pledgeNo, repaymentNo } = posted;
          const row = posted.lots[lot];
          if (!row) throw new Error('two lots were expected');
          const no = `RO-${i}`;
          const lots = [{ ...row, quantity: thousandths(quantity) }];
          const told = await attempt(tx, () => draftRelease(tx, { no, pledgeNo, repaymentNo, lots }, actor));
          const fits = quantity <= (free[lot] ?? 0);
          expect(told).toBe(fits ? 'nothing refused it' : 'STOCK_SHORT');
          if (!fits) continue;
          if (end !== 'cancel') free[lot] = (free[lot] ?? 0) - quantity;
          if (end === 'cancel') await cancelRelease(tx, no, 'cancel', actor);
          if (end === 'execute') {
            const out = Math.max(1, Math.floor(quantity * share));
            left += out;
            await sendRelease(tx, no);
            await executeRelease(tx, no, pledgeNo, `OUT-${i}`, [{ ...row, quantity: thousandths(out) }], actor);
          }
          expect(await offenders(tx, 'I-01', 'I-02', 'I-15', 'I-27')).toEqual([]);
        }
        const sums = await tx.query<{ open: string; here: string }>(
          `select (select sum(quantity - released)::text from pledge_item where pledge_no = $1) open,
                  (select sum(on_hand)::text from stock_lot where lot_no = any($2)) here`,
          [posted.pledgeNo, posted.lots.map((l) => l.lotNo)],
        );
        expect(sums.rows[0]).toEqual({
          open: thousandths((free[0] ?? 0) + (free[1] ?? 0)),
          here: thousandths(1_200_500 - left),
        });
      }),
    ),
    { numRuns: 30 },
  );
});

test('random movements of a limit fold to its columns, and none overdraws it', async () => {
  const movement = fc.record({
    kind: fc.constantFrom('RESERVE', 'CONSUME', 'RELEASE', 'RESTORE'),
    fen: fc.bigInt({ min: 1n, max: 300_000_000n }),
  });
  const yuan = (fen: bigint) => `${fen / 100n}.${String(fen % 100n).padStart(2, '0')}`;
  await fc.assert(
    fc.asyncProperty(fc.array(movement, { maxLength: 15 }), (movements) =>
      scratch(async (tx) => {
        const total = 285_719_000n;
        let reserved = total;
        let used = 0n;
        for (const { kind, fen } of movements) {
          const told = await attempt(tx, () => moveLimit(tx, approved.applicationNo, kind, yuan(fen)));
          const next = {
            RESERVE: [reserved + fen, used],
            CONSUME: [reserved - fen, used + fen],
            RELEASE: [reserved - fen, used],
            RESTORE: [reserved, used - fen],
          }[kind] as [bigint, bigint];
          // A limit that does not revolve is never restored.
          const holds = kind !== 'RESTORE' && next[0] >= 0n && next[0] + next[1] <= total;
          expect(told === 'nothing refused it').toBe(holds);
          if (holds) [reserved, used] = next;
        }
        const found = await tx.query('select reserved::text, used::text from credit_limit where no = $1', [
          approved.applicationNo,
        ]);
        expect(found.rows[0]).toEqual({ reserved: yuan(reserved), used: yuan(used) });
        expect(await offenders(tx, 'I-20')).toEqual([]);
      }),
    ),
    { numRuns: 40 },
  );
});

test('what is offered on the value of goods always passes the guard of the disbursement, to the fen', async () => {
  const item = fc.record({ fen: fc.integer({ min: 1, max: 500_000 }), quantity: fc.integer({ min: 1, max: 700_500 }) });
  await fc.assert(
    fc.asyncProperty(item, item, fc.integer({ min: 1, max: 700_000 }), (one, two, rate) =>
      scratch(async (tx) => {
        await tx.query('set local session_replication_role = replica');
        for (const [i, { fen, quantity }] of [one, two].entries())
          await tx.query('update pledge_item set price = $2, quantity = $3 where lot_no = $1', [
            effective.lots[i]?.lotNo,
            (fen / 100).toFixed(2),
            thousandths(quantity),
          ]);
        const pledgeRate = (rate / 1_000_000).toFixed(6);
        await tx.query('update pledge set pledge_rate = $2 where no = $1', [effective.pledgeNo, pledgeRate]);
        const amount = shareOf(await pledgeValue(tx, effective.pledgeNo), pledgeRate, lent);
        expect(await refusal(guardDisbursement(tx, effective.applicationNo, accounts.unit, amount))).toBe(
          'nothing refused it',
        );
      }),
    ),
    { numRuns: 60, examples: [[{ fen: 2857, quantity: 500 }, { fen: 1, quantity: 1 }, 700_000]] },
  );
});
