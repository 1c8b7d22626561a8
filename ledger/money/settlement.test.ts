/** A settlement file against the books, in a real database: what is concluded, and that half a file concludes nothing. */
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { yuanOf } from '../../contracts/canonical/money.ts';
import type { SettlementFile, SettlementLine, SettlementReading } from '../../contracts/clearing/settlement.ts';
import { Failure } from '../../contracts/failures.ts';
import { freshDatabase, type FreshDatabase } from '../../test/database.ts';
import { installLifecycles } from '../lifecycle.ts';
import { takeSettlement, takeSettlements } from './settlement.ts';
import type { SettledFact, SettlementBooks } from './settlementRuns.ts';

let fresh: FreshDatabase;
let books: SettlementBooks;
let facts: SettledFact[];
beforeAll(async () => {
  fresh = await freshDatabase();
  await installLifecycles(fresh.store);
});
afterAll(() => fresh.drop());

let day = 0;
let on: string;
beforeEach(() => {
  on = new Date(Date.UTC(2026, 10, 23 + (day += 1))).toISOString().slice(0, 10);
  facts = [];
  books = {
    store: fresh.store,
    connector: 'clearing-files',
    purposes: ['REPAY'],
    actor: 'settlement',
    tell: async (_tx, told) => void facts.push(...told),
  };
});

test('what agrees is matched, what does not is told apart, and each difference becomes a case', async () => {
  await payments([
    [1, '1.01', 'SUCCEEDED'],
    [2, '2.00', 'SUCCEEDED'],
    [3, '3.00', 'SUCCEEDED'],
    [4, '4.00', 'SUCCEEDED'],
    [9, '9.00', 'FAILED'],
  ]);
  const outcome = await takeSettlement(
    books,
    reading([line(1, '1.01'), line(2, '2.01'), line(3, '3.00', 'failed'), line(5, '5.00'), line(9, '9.00', 'failed')]),
  );
  expect(outcome).toMatchObject({
    outcome: 'compared',
    verdicts: { MATCHED: 2, AMOUNT_DIFF: 1, STATUS_DIFF: 1, ONLY_EXT: 1, ONLY_HUB: 1 },
    facts: 0,
  });
  const { rows } = await fresh.store.pool.query(
    `select item_key key, difference from recon_case where run_no = $1 and state = 'OPEN' order by 1`,
    [outcome.runNo],
  );
  expect(rows).toEqual([
    { key: key(2), difference: 'AMOUNT_DIFF' },
    { key: key(3), difference: 'STATUS_DIFF' },
    { key: key(4), difference: 'ONLY_HUB' },
    { key: key(5), difference: 'ONLY_EXT' },
  ]);
});

test('a payment of unknown outcome ends by the file: the fact of a callback, with the id of a callback', async () => {
  await payments([
    [1, '1.00', 'UNKNOWN'],
    [2, '2.00', 'ACCEPTED'],
    [3, '3.00', 'UNKNOWN'],
    [4, '4.00', 'UNKNOWN'],
    [5, '5.00', 'SUCCEEDED'],
  ]);
  const outcome = await takeSettlement(
    books,
    reading([
      line(1, '1.00'),
      line(2, '2.00', 'failed'),
      line(3, '3.01'), // Another amount: for people.
      line(4, '4.00', 'unknown'), // A code that nobody knows concludes nothing.
      line(5, '5.00', 'returned'),
    ]),
  );
  expect(outcome).toMatchObject({ facts: 3, verdicts: { MATCHED: 3, AMOUNT_DIFF: 1, STATUS_DIFF: 1 } });
  expect(facts.map(({ instructionNo, status, amount }) => [instructionNo, status, amount])).toEqual([
    [key(1), 'succeeded', '1.00'],
    [key(2), 'failed', '2.00'],
    [key(5), 'returned', '5.00'],
  ]);
  expect(facts[0]).toEqual({
    instructionNo: key(1),
    status: 'succeeded',
    amount: '1.00',
    settledAt: `${on}T09:30:00+08:00`,
    serialNo: 'S1',
  });
});

test('the same file is applied once, however often it is read', async () => {
  await payments([[1, '1.00', 'UNKNOWN']]);
  const again = () => takeSettlement(books, reading([line(1, '1.00')]));
  const all = await Promise.all([again(), again(), again()]);
  expect(all.map(({ outcome }) => outcome).sort()).toEqual(['before', 'before', 'compared']);
  expect(await again()).toMatchObject({ outcome: 'before' });
  expect(facts).toHaveLength(1);
  expect(await count('recon_item')).toBe(1);
});

test('nothing of a file is applied that fails at its end, and it is parked with the reason', async () => {
  await payments([[1, '1.00', 'UNKNOWN']]);
  const failing = reading([line(1, '1.00')], {}, new Failure('FILE_NOT_WHOLE', { detail: 'the sum is another' }));
  expect(await takeSettlement(books, failing)).toMatchObject({ outcome: 'parked', reason: 'the sum is another' });
  expect(facts).toEqual([]);
  expect(await count('recon_item')).toBe(0);
  expect(await takeSettlement(books, failing)).toMatchObject({ outcome: 'before' });
  // Mended under the same name: it may come.
  const mended = await takeSettlement(books, reading([line(1, '1.00')], { sha256: 'a'.repeat(64) }));
  expect(mended).toMatchObject({ outcome: 'compared', facts: 1 });
});

test.each([
  ['serial', (): SettlementLine[] => [line(1, '1.00'), { ...line(2, '2.00'), serialNo: 'S1' }]],
  ['instruction', (): SettlementLine[] => [line(1, '1.00'), { ...line(1, '1.00'), serialNo: 'S2' }]],
])('a file in which a %s stands twice is parked', async (_what, lines) => {
  await payments([[1, '1.00', 'UNKNOWN']]);
  expect(await takeSettlement(books, reading(lines()))).toMatchObject({ outcome: 'parked' });
  expect(facts).toEqual([]);
});

test('a line that broke leaves no trace: the file is read again', async () => {
  await payments([[1, '1.00', 'UNKNOWN']]);
  const broken = reading([line(1, '1.00')], {}, new Failure('SYSTEM_UNREACHABLE'));
  await expect(takeSettlement(books, broken)).rejects.toMatchObject({ type: 'SYSTEM_UNREACHABLE' });
  expect(await count('recon_run')).toBe(0);
  expect(await takeSettlement(books, reading([line(1, '1.00')]))).toMatchObject({ outcome: 'compared' });
});

test('a fact that cannot be taken takes the whole comparison back', async () => {
  await payments([[1, '1.00', 'UNKNOWN']]);
  const refusing = { ...books, tell: () => Promise.reject(new Error('the inbox is full')) };
  await expect(takeSettlement(refusing, reading([line(1, '1.00')]))).rejects.toThrow('inbox');
  expect(await count('recon_run')).toBe(0);
});

test('an empty day is a file like any other; what the hub has settled that day is missing in it', async () => {
  expect(await takeSettlement(books, reading([]))).toMatchObject({ outcome: 'compared', verdicts: {} });
  on = '2026-11-22';
  await payments([[1, '1.00', 'SUCCEEDED']]);
  expect(await takeSettlement(books, reading([]))).toMatchObject({ verdicts: { ONLY_HUB: 1 } });
});

test('a re-issued file replaces the one before and tells the difference; a late first one, or the same number twice, does not', async () => {
  await payments([
    [1, '1.00', 'SUCCEEDED'],
    [2, '2.00', 'SUCCEEDED'],
    [3, '3.00', 'UNKNOWN'],
  ]);
  const first = reading([line(1, '1.00'), line(2, '2.50'), line(7, '7.00')]);
  const one = await takeSettlement(books, first);
  expect(one).toMatchObject({ verdicts: { MATCHED: 1, AMOUNT_DIFF: 1, ONLY_EXT: 1 } });
  const other = reading([line(1, '1.00')], { sha256: 'b'.repeat(64) });
  expect(await takeSettlement(books, other)).toMatchObject({ outcome: 'parked' });

  const two = await takeSettlement(
    books,
    reading([line(1, '1.00'), line(2, '2.00'), line(3, '3.00')], { sequence: 2, sha256: 'c'.repeat(64) }),
  );
  expect(two).toMatchObject({
    outcome: 'compared',
    verdicts: { MATCHED: 3 },
    facts: 1,
    reissue: {
      replaces: one.runNo,
      added: 1,
      removed: 1,
      changed: 1,
      keys: [
        { key: key(2), was: '2.50 SUCCEEDED', is: '2.00 SUCCEEDED' },
        { key: key(3), was: null, is: '3.00 SUCCEEDED' },
        { key: key(7), was: '7.00 SUCCEEDED', is: null },
      ],
    },
  });
  const { rows } = await fresh.store.pool.query('select state from recon_run where on_date = $1 order by no', [on]);
  expect(rows.map(({ state }) => state as string).sort()).toEqual(['COMPARED', 'PARKED', 'VOID']);
  const late = await takeSettlement(books, reading([line(1, '1.00')], { sequence: 1, sha256: 'd'.repeat(64) }));
  expect(late).toMatchObject({ outcome: 'parked', reason: expect.stringContaining('a later file') });
});

test('a round takes what is complete, and what was taken is not even opened', async () => {
  await payments([[1, '1.00', 'SUCCEEDED']]);
  const one = reading([line(1, '1.00')]);
  let opened = 0;
  const feed = {
    list: async () => ({ ready: [one.file], unfinished: ['x.txt'], refused: [] }),
    open: () => ((opened += 1), reading([line(1, '1.00')])),
    close: async () => undefined,
  };
  expect((await takeSettlements(books, feed)).outcomes).toMatchObject([{ outcome: 'compared' }]);
  expect((await takeSettlements(books, feed)).outcomes).toMatchObject([{ outcome: 'before' }]);
  expect(opened).toBe(1);
});

function key(no: number): string {
  return `RP${on}-${no}`;
}

function line(no: number, amount: string, status: SettlementLine['status'] = 'succeeded'): SettlementLine {
  const settledAt = `${on}T09:30:00+08:00`;
  return {
    serialNo: `S${no}`,
    instructionNo: key(no),
    direction: 'debit',
    amount,
    currency: 'CNY',
    settledAt,
    status,
    externalCode: '00',
  };
}

function reading(
  lines: readonly SettlementLine[],
  change: Partial<SettlementFile> = {},
  failure?: Failure,
): SettlementReading {
  const sum = yuanOf(lines.reduce((fen, { amount }) => fen + BigInt(amount.replace('.', '')), 0n));
  const sha256 = createHash('sha256')
    .update(JSON.stringify([on, lines]))
    .digest('hex');
  async function* batches() {
    yield lines;
    if (failure) throw failure;
  }
  return {
    file: { name: `JS_${on}.txt`, on, sequence: 1, sizeBytes: 1, sha256, count: lines.length, ...change },
    batches: batches(),
    totals: () => ({ count: lines.length, sum }),
  };
}

async function payments(rows: readonly (readonly [no: number, amount: string, state: string])[]): Promise<void> {
  await fresh.store.tx(async (tx) => {
    await tx.query('set local session_replication_role = replica'); // How they came about is tested elsewhere.
    for (const [no, amount, state] of rows)
      await tx.query(
        `insert into payment (no, purpose, application_no, payee_account, amount, currency, state, settled_at)
         values ($1, 'REPAY', $1, 'A', $2, 'CNY', $3, case when $3 in ('SUCCEEDED', 'RETURNED') then $4::timestamptz end)`,
        [key(no), amount, state, `${on}T09:30:00+08:00`],
      );
  });
}

async function count(table: 'recon_item' | 'recon_run'): Promise<number> {
  const runs = `select no from recon_run where on_date = $1`;
  const { rows } = await fresh.store.pool.query<{ count: number }>(
    table === 'recon_run'
      ? `select count(*)::int from (${runs}) r`
      : `select count(*)::int from recon_item where run_no in (${runs})`,
    [on],
  );
  return rows[0]?.count ?? -1;
}
