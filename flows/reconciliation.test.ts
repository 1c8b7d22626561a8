/** A book that is too long for one run is read to its end by the next. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Clock } from '../engine/clock.ts';
import { Engine } from '../engine/engine.ts';
import { installFixtureProject, project } from '../ledger/configuration/project.fixture.ts';
import { books, type Books, type Deal } from '../ledger/fixture.ts';
import { pageMax } from '../ledger/money/crossBooks.ts';
import { reconciliation } from './reconciliation.flow.ts';

const number = (n: number) => `CL20261123-${String(n).padStart(6, '0')}`;

let the: Books;
let deal: Deal;
beforeAll(async () => {
  the = await books();
  deal = await the.bring('ordered');
  await the.store.pool.query(
    `insert into effect (key, run_id, case_id, path, system, operation, number, payload_hash, state, settled_at)
     select no, gen_random_uuid(), $2, 'post', 'erp-one', 'sap.postClearing', no, 'h', 'confirmed', hub_now() from unnest($1::text[]) no`,
    [Array.from({ length: pageMax + 1 }, (_none, n) => number(n)), deal.caseId],
  );
  await installFixtureProject(the);
}, 30_000);
afterAll(() => the.drop());

test('a full page is followed by the next, in a run of its own, and all of it by the other books', async () => {
  const last = number(pageMax);
  const asked: string[] = [];
  // Not the day of the fixture's cases, whose numbers are taken.
  const clock = new Clock();
  await clock.set({ realMs: Date.now(), businessMs: Date.parse('2026-11-24T00:30:00+08:00'), speed: 1 }, the.store);
  const engine = new Engine({
    store: the.store,
    url: the.url,
    clock,
    flows: [reconciliation],
    sweepMs: 100,
    call: async ({ operation, request }) => {
      if (operation !== 'sap.queryClearing') return { outcome: 'refused', code: 'NOT_FOUND', detail: operation };
      const { no } = request as { no: string };
      asked.push(no);
      return { outcome: 'confirmed', response: { outcome: no === last ? 'notFound' : 'confirmed' } };
    },
  });
  await engine.start();
  await engine.begin('reconciliation', { what: 'reconciliation', scope: project, on: '2026-11-23' });
  const ends = async () =>
    (
      await the.store.pool.query<{ key: string; outcome: string; detail: string }>(
        'select key, outcome, detail from run_done order by finished_at',
      )
    ).rows;
  for (let i = 0; i < 600 && (await ends()).length < 2; i += 1) await new Promise((resolve) => setTimeout(resolve, 50));
  const key = `reconciliation/${project}/2026-11-23`;
  expect(await ends()).toEqual([
    { key, outcome: 'continued', detail: `${key}~2` },
    { key: `${key}~2`, outcome: 'breaks', detail: 'opened 1, closed 0, open 1' },
  ]);
  expect(asked).toEqual(Array.from({ length: pageMax + 1 }, (_none, n) => number(n)));
  const found = await the.store.pool.query("select subject from recon_case where state = 'OPEN'");
  expect(found.rows).toEqual([{ subject: last }]);
  await engine.stop();
}, 60_000);
