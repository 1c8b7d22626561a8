/** Breaks between the books, in a real database: told once, closed when both agree, and never by one person alone. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { freshDatabase, type FreshDatabase } from '../../test/database.ts';
import { begin, installLifecycles, move, type Tx } from '../lifecycle.ts';
import { acceptBreak, adjustBreak, breakOf, hasCommand, keepComparison, listBreaks } from './breaks.ts';
import { alarm, parkMissing, settlementDay, signOffDay } from './settlementDay.ts';

let fresh: FreshDatabase;
beforeAll(async () => {
  fresh = await freshDatabase();
  await installLifecycles(fresh.store);
});
afterAll(() => fresh.drop());

const on = '2026-11-23';
const actor = 'test';
const tx = <T>(work: (tx: Tx) => Promise<T>): Promise<T> => fresh.store.tx(work);
const compare = (looked: readonly string[], subject?: string, difference = 'BALANCE: 1.00 here, 2.00 there') =>
  tx((t) =>
    keepComparison(t, 'LOAN', looked, subject === undefined ? [] : [{ kind: 'LOAN', subject, difference }], on, actor),
  );

test('a difference that stays is one break, told in its newest words; what agrees again is closed', async () => {
  expect(await compare(['LN-1', 'LN-2'], 'LN-1')).toEqual({ opened: ['RC-LOAN-LN-1-1'], closed: [], open: 1 });
  expect(await compare(['LN-1'], 'LN-1', 'BALANCE: 1.00 here, 3.00 there')).toEqual({
    opened: [],
    closed: [],
    open: 1,
  });
  expect(await tx((t) => breakOf(t, 'RC-LOAN-LN-1-1'))).toMatchObject({ difference: 'BALANCE: 1.00 here, 3.00 there' });
  expect(await compare(['LN-1', 'LN-2'])).toEqual({ opened: [], closed: ['RC-LOAN-LN-1-1'], open: 0 });
  expect((await compare(['LN-1'], 'LN-1')).opened).toEqual(['RC-LOAN-LN-1-2']);
});

test('what was not looked at stays open', async () => {
  await compare(['LN-3'], 'LN-3');
  await compare(['LN-4']);
  const [found] = (await listBreaks(fresh.store.pool)).filter(({ subject }) => subject === 'LN-3');
  expect(found).toMatchObject({ kind: 'LOAN', owner: 'FND', ageDays: 0, state: 'OPEN', dueOn: '2026-11-24' });
});

test('it is adjusted by a command that stands in the books, or accepted by two', async () => {
  expect(await tx((t) => hasCommand(t, 'NO-SUCH'))).toBe(false);
  await compare(['LN-5'], 'LN-5');
  await tx((t) => adjustBreak(t, 'RC-LOAN-LN-5-1', 'CMD-1', actor));
  await compare(['LN-6'], 'LN-6');
  const one = { maker: '甲', checker: '甲' };
  await expect(tx((t) => acceptBreak(t, 'RC-LOAN-LN-6-1', 'rounding', one, actor))).rejects.toThrow(/approval_by_two/);
  await tx((t) => acceptBreak(t, 'RC-LOAN-LN-6-1', 'rounding', { maker: '甲', checker: '乙' }, actor));
  const { rows } = await fresh.store.pool.query(
    "select no, state, resolution from recon_case where subject in ('LN-5', 'LN-6') order by no",
  );
  expect(rows).toEqual([
    { no: 'RC-LOAN-LN-5-1', state: 'CLOSED', resolution: 'CMD-1' },
    { no: 'RC-LOAN-LN-6-1', state: 'CLOSED', resolution: 'rounding' },
  ]);
});

test('a day on which nothing came stands open once, and is discarded with the sign-off of what came later', async () => {
  const park = () => tx((t) => parkMissing(t, 'clearing-files', on, undefined, actor));
  await park();
  await park();
  expect(await tx((t) => settlementDay(t, 'clearing-files', on))).toEqual({
    parked: [{ no: 'RR-clearing-files-20261123-00-missing', reason: 'nothing came by 09:00' }],
  });
  await tx(async (t) => {
    await t.query(
      `insert into recon_run (no, on_date, connector, type, file_sha256, control_count, control_sum, state)
       values ('RR-1', $1, 'clearing-files', 'FUND', $2, 0, 0, 'RECEIVED')`,
      [on, 'a'.repeat(64)],
    );
    await begin(t, 'recon_run', 'RR-1', 'receive', actor);
    await move(t, 'recon_run', 'RR-1', 'compare', actor);
  });
  await tx((t) => signOffDay(t, 'RR-1', { maker: '甲', checker: '乙' }, actor));
  expect(await tx((t) => settlementDay(t, 'clearing-files', on))).toEqual({
    run: { no: 'RR-1', state: 'SIGNED_OFF' },
    parked: [],
  });
});

test('an alert of a day grows worse in place', async () => {
  await tx((t) => alarm(t, 'clearing-files', '2026-11-25', 'parked', 'WARN', actor));
  await tx((t) => alarm(t, 'clearing-files', '2026-11-25', 'missing', 'CALL', actor));
  const { rows } = await fresh.store.pool.query(
    "select level, metric from alert where subject = 'clearing-files/2026-11-25'",
  );
  expect(rows).toEqual([{ level: 'CALL', metric: 'missing' }]);
});
