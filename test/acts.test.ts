import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isFailure } from '../contracts/failures.ts';
import type { ActionCall, ActionOutcome } from '../engine/host.ts';
import { approve, propose, type Acting } from '../engine/acts.ts';
import type { ActKind } from '../engine/acts/kinds.ts';
import { Clock } from '../engine/clock.ts';
import { database, eventually, flowOf, node, openDatabase, shop } from '../engine/engine.fixture.ts';
import { keepSignal } from '../engine/signals.ts';

beforeAll(openDatabase);
afterAll(() => database.drop());

/** The counterparty: what it did by operation and number, whatever it answered. */
const did: string[] = [];
const asked = new Map<string, number>();
const keys = new Map<string, Set<string>>();
/** What it had said that it did: to send that again is a fault however harmless it is. */
const told = new Set<string>();
const sentAgain: string[] = [];

/** By what the number says: answers, keeps silent though it acted, keeps silent and did not act, or is away at first. */
async function world(call: ActionCall): Promise<ActionOutcome> {
  const { no } = call.request as { no: string };
  await new Promise((resolve) => setTimeout(resolve, 3));
  const done = { outcome: 'confirmed', response: { serial: no } } as const;
  if (call.operation === 'shop.queryPay') {
    const found = did.includes(`shop.pay ${no}`);
    if (found) told.add(`shop.pay ${no}`);
    return { outcome: 'confirmed', response: found ? done : { outcome: 'notFound' } };
  }
  const what = `${call.operation} ${no}`;
  const times = (asked.get(what) ?? 0) + 1;
  asked.set(what, times);
  keys.set(what, (keys.get(what) ?? new Set()).add(call.effect.key));
  if (told.has(what)) sentAgain.push(what);
  const mood = no.split('.')[1];
  if (mood === 'away' && times < 3) return { outcome: 'later', code: 'SYSTEM_BUSY', detail: 'busy' };
  // As a counterparty that promises it: the same number twice is one effect.
  if (!(mood === 'lost' && times === 1) && !did.includes(what)) did.push(what);
  if ((mood === 'lost' || mood === 'silent') && times === 1)
    return { outcome: 'unknown', code: 'OUTCOME_UNKNOWN', detail: 'silence' };
  told.add(what);
  return done;
}

const flow = flowOf('any', async (run, order) => {
  const moods = order.no.split('.').slice(1);
  for (const [i, mood] of moods.entries()) {
    await run.record(`book ${i}`, async () => i, { undo: async () => {} });
    await run.call(
      shop.operations.pay,
      { no: `${order.no.split('.')[0]}-${i}.${mood}` },
      {
        system: 'shop',
        skippable: true,
        undo: async (r) => {
          await r.call(shop.operations.refund, { no: `${order.no.split('.')[0]}-${i}.ok` }, { system: 'shop' });
        },
      },
    );
  }
  await run.wait(shop.notices.delivered, { key: order.no, within: '1 hour', from: 'shop' });
  return { outcome: 'whole' };
});

const bodies: Partial<Record<ActKind, (path: string) => object>> = {
  resolve: (path) => ({ path, verdict: 'refused', detail: 'never arrived', evidence: 'a letter' }),
  skip: (path) => ({ path, output: { serial: 'skipped' } }),
  resend: (path) => ({ path }),
};

/** What cannot be done is refused with a reason; that is no fault. */
async function act(acting: Acting, run: string, kind: ActKind, step: number): Promise<void> {
  const path = step === 0 ? 'shop.pay' : `shop.pay#${step + 1}`;
  try {
    const body = bodies[kind]?.(path) ?? {};
    const proposed = await propose(acting, { run, kind, body, by: 'Zhang', reason: 'by chance' });
    if (proposed.state === 'proposed')
      await approve(acting, proposed.id, { by: 'Wang', payloadHash: proposed.payloadHash });
  } catch (thrown) {
    if (!isFailure(thrown)) throw thrown;
  }
}

const chances = fc.record({
  moods: fc.array(fc.constantFrom('ok', 'silent', 'lost', 'away'), { minLength: 1, maxLength: 3 }),
  acts: fc.array(
    fc.record({
      kind: fc.constantFrom<ActKind>('retry', 'suspend', 'resume', 'cancel', 'resolve', 'skip', 'resend', 'terminate'),
      step: fc.nat(2),
      afterMs: fc.nat(30),
    }),
    { maxLength: 6 },
  ),
});

test('whatever people do and when: one owner, a journal without gaps, no effect twice, every act settled', async () => {
  const { engine } = await node([flow], world);
  const second = await node([flow], world);
  const acting = { store: database.store, clock: new Clock(), flows: [flow] };
  await fc.assert(
    fc.asyncProperty(chances, async ({ moods, acts }) => {
      const no = `${randomUUID()}.${moods.join('.')}`.slice(0, 64);
      const { run } = await engine.begin('any', { no });
      for (const [i, { kind, step, afterMs }] of acts.entries()) {
        await new Promise((resolve) => setTimeout(resolve, afterMs));
        // By turns on either node: one of them does not execute the run.
        const { engine: here } = i % 2 === 0 ? { engine } : second;
        await act({ ...acting, acted: () => here.acted() }, run, kind, step);
      }
      await toItsEnd(engine, run, no, { ...acting, acted: () => engine.acted() });
      await holds(run, no);
    }),
    { numRuns: 10, endOnFailure: true },
  );
  await engine.stop();
  await second.engine.stop();
}, 120_000);

/** Everything that keeps it waiting comes: time, the fact, and somebody who resumes it. */
async function toItsEnd(
  engine: { wake(run: string): Promise<void>; signalled(keys: string[]): Promise<void> },
  run: string,
  no: string,
  acting: Acting,
): Promise<void> {
  const { pool } = database.store;
  await database.store.tx((tx) =>
    keepSignal(tx, { notice: shop.notices.delivered.name, key: no, id: no, message: { no } }),
  );
  let rounds = 0;
  await eventually(async () => {
    const state = (await pool.query<{ state: number }>('select state from run where id = $1', [run])).rows[0]?.state;
    if (state === undefined) return true;
    rounds += 1;
    if (state === 4) await act(acting, run, rounds % 2 === 0 ? 'resume' : 'retry', 0);
    if (state === 3) {
      // An hour from now is now.
      await pool.query(
        `update effect set next_at = now(), sent_at = sent_at - interval '1 hour' where run_id = $1 and state in ('intent', 'unknown') and next_at is not null`,
        [run],
      );
      await engine.wake(run);
    }
    await engine.signalled([`${shop.notices.delivered.name}:${no}`]);
    return undefined;
  });
}

async function holds(run: string, no: string): Promise<void> {
  const { pool } = database.store;
  const journal = await pool.query<{ seq: number; kind: number; path: string }>(
    'select seq, kind, path from journal where run_id = $1 order by seq',
    [run],
  );
  expect(journal.rows.map(({ seq }) => seq)).toEqual(journal.rows.map((_, i) => i));
  expect(journal.rows.at(-1)?.path).toBe('end');
  const results = journal.rows.filter(({ kind }) => kind === 1 || kind === 3).map(({ path }) => path);
  expect(results).toEqual([...new Set(results)]);
  expect(sentAgain).toEqual([]);
  const mine = [...keys].filter(([what]) => what.includes(no.split('.')[0] ?? '?'));
  for (const [what, used] of mine) expect([what, used.size]).toEqual([what, 1]);
  const end = await pool.query<{ outcome: string }>('select outcome from run_done where id = $1', [run]);
  const paid = journal.rows.filter(({ kind, path }) => kind === 2 && path.startsWith('shop.pay'));
  const backs = mine.filter(([what]) => what.startsWith('shop.refund')).length;
  // Cancelled or refused: everything that was instructed is taken back, once. Terminated or whole: nothing is.
  expect(backs).toBe(['cancelled', 'failed'].includes(end.rows[0]?.outcome ?? '') ? paid.length : 0);
  // One that came as the run ended is settled by the next sweep.
  const acts = await eventually(async () => {
    const found = await pool.query<{ state: string; n: number }>(
      'select state, count(*)::int n from act where run_id = $1 group by 1',
      [run],
    );
    return found.rows.some(({ state }) => state === 'open') ? undefined : found;
  });
  const applied = acts.rows.filter(({ state }) => state === 'applied').reduce((sum, { n }) => sum + n, 0);
  expect(journal.rows.filter(({ path }) => path.startsWith('act/')).length).toBe(applied);
}
