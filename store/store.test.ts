import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type FreshDatabase, freshDatabase } from '../test/database.ts';
import { openStore } from './store.ts';

let db: FreshDatabase;
beforeAll(async () => {
  db = await freshDatabase();
  await db.store.pool.query('create table note (id int primary key)');
});
afterAll(() => db.drop());

const count = async () => (await db.store.pool.query('select count(*) from note')).rows;
const raise = (code: string) => `do $$ begin raise exception 'x' using errcode = '${code}'; end $$`;

test('a business date stays the date on the paper, an amount stays exact, a moment is a Date', async () => {
  const { rows } = await db.store.pool.query(
    `select date '2026-01-01' as day, timestamp '2026-01-01 08:00' as local, 0.1::numeric + 0.2 as amount,
       9007199254740993::int8 as big, timestamptz '2026-01-01 00:00+08' as moment`,
  );
  expect(rows).toEqual([
    {
      day: '2026-01-01',
      local: '2026-01-01 08:00:00',
      amount: '0.3',
      big: '9007199254740993',
      moment: new Date('2025-12-31T16:00:00Z'),
    },
  ]);
});

test('every connection has limits of time', async () => {
  const { rows } = await db.store.pool.query(
    `select name from pg_settings where setting <> '0'
     and name in ('statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout')`,
  );
  expect(rows).toHaveLength(3);
});

test('work that throws leaves nothing behind', async () => {
  const work = db.store.tx(async (tx) => {
    await tx.query('insert into note values (1)');
    throw new Error('no');
  });
  await expect(work).rejects.toThrow('no');
  expect(await count()).toEqual([{ count: '0' }]);
});

test('a swallowed failure of a statement does not pass for a commit', async () => {
  const work = db.store.tx(async (tx) => {
    await tx.query('insert into note values (2)');
    await tx.query('select 1 / 0').catch(() => undefined);
  });
  await expect(work).rejects.toThrow('rolled back');
  expect(await count()).toEqual([{ count: '0' }]);
});

test.each(['40001', '40P01'])('the victim of a conflict (%s) tries three times more, then gives up', async (code) => {
  let attempts = 0;
  const second = db.store.tx(async (tx) => {
    attempts += 1;
    if (attempts < 4) await tx.query(raise(code));
    return 'done';
  });
  await expect(second).resolves.toBe('done');
  expect(attempts).toBe(4);
  attempts = 0;
  const never = db.store.tx(async (tx) => {
    attempts += 1;
    await tx.query(raise(code));
  });
  await expect(never).rejects.toMatchObject({ code });
  expect(attempts).toBe(4);
});

test('a connection that breaks inside a transaction is destroyed, and the store goes on', async () => {
  const store = await openStore(db.url, { maxConnections: 1 });
  const pidOf = async () => (await store.pool.query('select pg_backend_pid() as pid')).rows[0];
  const before = await pidOf();
  await expect(store.tx((tx) => tx.query('select pg_terminate_backend(pg_backend_pid())'))).rejects.toThrow();
  expect(await pidOf()).not.toEqual(before);
  await store.close();
});

test('a server that may forget what it confirmed is refused by the name of the setting', async () => {
  const other = await freshDatabase();
  const name = new URL(other.url).pathname.slice(1);
  await other.store.pool.query(`alter database ${name} set synchronous_commit = off`);
  await expect(openStore(other.url)).rejects.toThrow('synchronous_commit = off');
  await other.store.pool.query(`alter database ${name} set synchronous_commit = local`);
  await expect(openStore(other.url)).rejects.toThrow('synchronous_commit = local');
  await other.drop();
});

test('closing twice is closing once', async () => {
  const store = await openStore(db.url);
  await Promise.all([store.close(), store.close()]);
});
