/** A hub on somebody's managed PostgreSQL: no superuser, no right to make roles. Row-level security holds for it, too. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { migrate } from '../../store/migrate.ts';
import { openStore, type Store } from '../../store/store.ts';
import { admin, urlOf } from '../../test/server.ts';
import { books, type Books } from '../fixture.ts';
import { stageNames, stages } from '../fixtureStages.ts';
import { installLifecycles } from '../lifecycle.ts';
import { asParty } from './asParty.ts';
import { installFieldSets } from './install.ts';

const login = `lianshu_test_login_${randomUUID().slice(0, 8)}`;
const database = `lianshu_test_managed_${randomUUID().slice(0, 8)}`;
const password = randomUUID();
let the: Books;
let adminUrl = '';
let store: Store;

beforeAll(async () => {
  the = await books();
  adminUrl = urlOf(the.url, 'postgres');
  await admin(adminUrl, `create role ${login} login password '${password}'`);
  await admin(adminUrl, `create database ${database} owner ${login} template template0`);
  const url = new URL(urlOf(adminUrl, database));
  url.username = login;
  url.password = password;
  store = await openStore(url.href);
}, 30_000);
afterAll(async () => {
  await store.close();
  await admin(adminUrl, `drop database ${database} with (force)`);
  await the.drop();
  await admin(adminUrl, `drop role ${login}`);
});

test('without the right to grant roles the migration says what an administrator runs, and goes on once that is done', async () => {
  const told = await migrate(store).then(
    () => '',
    (thrown: unknown) => String(thrown),
  );
  expect(told).toContain('An administrator of the server runs once: ');
  const statements = (told.split('runs once: ')[1] ?? '')
    .split('; ')
    .filter((text) => /^(grant|create role) /.test(text));
  expect(statements.length).toBe(5);
  for (const statement of statements) await admin(adminUrl, statement);
  expect((await migrate(store)).at(-1)?.slice(0, 4)).toMatch(/^00[3-9]/);
  await installLifecycles(store);
  await Promise.all([installFieldSets(store), installFieldSets(store)]);
  await store.pool.query("insert into cases (id, key, title) values ('CASE-1', 'K', 'T')");
  expect((await store.pool.query('select id from cases')).rowCount).toBe(1);
  const reader = { party: randomUUID(), relation: 'unit' } as const;
  expect(await asParty(store, reader, async (tx) => (await tx.query('select id from cases')).rowCount)).toBe(0);
}, 30_000);

test('a hub for which row-level security holds brings a case from the order to the released goods', async () => {
  await the.store.pool.query(
    `grant all on all tables in schema public to ${login}; grant all on all sequences in schema public to ${login}`,
  );
  try {
    const own = new URL(the.url);
    own.searchParams.set('options', `-c role=${login}`);
    const asHub = await openStore(own.href);
    try {
      const deal = await the.bring('ordered');
      for (const name of stageNames.slice(1)) await asHub.tx((tx) => stages[name](tx, deal, the));
      const found = await asHub.pool.query<{ state: string }>('select state from application where no = $1', [
        deal.applicationNo,
      ]);
      expect(found.rows).toEqual([{ state: 'CLOSED' }]);
    } finally {
      await asHub.close();
    }
  } finally {
    await the.store.pool.query(`drop owned by ${login}`);
  }
}, 30_000);
