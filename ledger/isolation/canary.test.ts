/**
 * The canary sweep of reliability.md 4.3: three worlds that share nothing, every text of which carries the mark of its owner.
 * Whatever any party can read, as any relation, is read: it finds its own and nothing else.
 */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { freshDatabase, type FreshDatabase } from '../../test/database.ts';
import { openStore } from '../../store/store.ts';
import { asParty, become } from './asParty.ts';
import { edgeRole, relations } from './relations.ts';
import { installFieldSets } from './install.ts';
import { complaints, foreignIn, readAll } from './sweep.fixture.ts';
import { makeWorlds, members, partyId, relationOf, worldNames } from './worlds.fixture.ts';

let db: FreshDatabase;
beforeAll(async () => {
  db = await freshDatabase();
  await installFieldSets(db.store);
  await db.store.tx(makeWorlds);
}, 30_000);
afterAll(() => db.drop());

const parties = worldNames.flatMap((world) => members.map((member) => [world, member] as const));

test.each(parties)('%s.%s finds its own in each of its tables, and nobody else’s', async (world, member) => {
  expect(await db.store.tx((tx) => complaints(tx, world, member))).toEqual([]);
});

test('as another relation than its own, a party reads nothing of its case', async () => {
  let read = 0;
  for (const [world, member] of parties)
    for (const relation of relations.filter((one) => one !== relationOf[member])) {
      const found = await db.store.tx((tx) => readAll(tx, partyId(world, member), relation));
      expect(foreignIn(found, world, member)).toEqual([]);
      expect(
        found.filter(({ table }) => ['cases', 'application', 'loan', 'pledge', 'stock_lot'].includes(table)),
      ).toEqual([]);
      read += found.length;
    }
  expect(read).toBeGreaterThan(0); // Its own accounts and authorities.
});

test('a party that nobody knows, or none at all, reads nothing', async () => {
  for (const relation of relations) {
    expect(await db.store.tx((tx) => readAll(tx, '00000000-0000-4000-8000-000000000000', relation))).toEqual([]);
    const unset = db.store.tx(async (tx) => {
      await tx.query(`set local role ${edgeRole(relation)}`);
      return (await tx.query('select id from party union all select party_id from bank_account')).rowCount;
    });
    expect(await unset).toBe(0);
  }
});

test('a funder that was asked before another one is shown nothing of the case any more', async () => {
  const found = await db.store.tx((tx) => readAll(tx, partyId('A', 'rival'), 'funder'));
  const ofTheCase = ['cases', 'application', 'trade_order', 'loan', 'pledge'];
  expect(found.filter(({ table }) => ofTheCase.includes(table))).toEqual([]);
  expect(found.filter(({ table }) => table === 'asset_offer').length).toBe(1); // It may subscribe.
  expect(found.filter(({ table }) => table === 'subscription').length).toBe(1); // And sees its own subscription only.
});

test('where two keepers go by one warehouse code, neither is shown what lies there', async () => {
  const tables = ['goods_receipt', 'stock_snapshot', 'stock_snapshot_line'];
  const client = await db.store.pool.connect();
  try {
    await client.query(`begin; set local session_replication_role = replica`);
    await client.query(`update project set warehouse = (select min(warehouse) from project)`);
    for (const world of worldNames)
      expect(await readAll(client, partyId(world, 'keeper'), 'keeper', tables)).toEqual([]);
  } finally {
    await client.query('rollback');
    client.release();
  }
});

const refused = /permission denied|read-only transaction/;

test('as a party nothing can be written, and what no field set names cannot be read', async () => {
  const reader = { party: partyId('A', 'keeper'), relation: 'keeper' } as const;
  const tries = [
    'select price from pledge_item',
    'select * from pledge',
    'select amount from application',
    'select 1 from loan',
    'select body from journal',
    'select request from exchange',
    'select actor from history',
    'select * from case_affiliates',
    'select name from sign_authority',
    "insert into cases (id, key, title) values ('x', 'x', 'x')",
    "update pledge set state = 'RELEASED'",
    'select no from pledge for update',
    'delete from bank_account',
    "select nextval('case_no')",
  ];
  for (const text of tries) await expect(asParty(db.store, reader, (tx) => tx.query(text))).rejects.toThrow(refused);
  const writable = db.store.tx(async (tx) => {
    await tx.query(`set local role ${edgeRole('keeper')}; set local hub.party = '${reader.party}'`);
    await tx.query("update pledge set state = 'RELEASED'");
  });
  await expect(writable).rejects.toThrow('permission denied');
});

test('the id of the reader is an id, and nothing that ends the statement', async () => {
  const reader = { party: "x'; reset role; --", relation: 'funder' } as const;
  await expect(asParty(db.store, reader, (tx) => tx.query('select 1'))).rejects.toThrow('is no id of a party');
});

/** reliability.md 4.3, 4: ten thousand in the long run. */
const reads = process.env['npm_lifecycle_event'] === 'test:long' ? 10_000 : 600;

test(`${reads} interleaved reads of many parties on five connections, with aborts: each answer holds its own only`, async () => {
  const store = await openStore(db.url, { maxConnections: 5, applicationName: 'lianshu-test-bleed' });
  let aborted = 0;
  try {
    const read = async (i: number) => {
      const [world, member] = parties[(i * 7919) % parties.length] ?? (['A', 'dealer'] as const);
      const reader = { party: partyId(world, member), relation: relationOf[member] };
      const dies = i % 5 === 0;
      try {
        const found = await asParty(store, reader, async (tx) => {
          // A statement prepared by another party must not remember it.
          const named = await tx.query<{ legal_name: string }>({
            name: 'bleed',
            text: 'select legal_name from party where id <> $1',
            values: [reader.party],
          });
          if (dies)
            await tx.query(i % 2 === 0 ? 'select 1 / 0' : `set local statement_timeout = 5; select pg_sleep(1)`);
          return named.rows;
        });
        const texts = found.map((row) => ({ table: 'party', text: row.legal_name }));
        expect(foreignIn(texts, world, member)).toEqual([]);
      } catch (thrown) {
        if (!dies) throw thrown;
        aborted += 1;
      }
      const after = await store.pool.query<{ role: string; party: string; readOnly: string }>(
        `select current_setting('role') "role", coalesce(current_setting('hub.party', true), '') party, current_setting('transaction_read_only') "readOnly"`,
      );
      expect(after.rows).toEqual([{ role: 'none', party: '', readOnly: 'off' }]);
    };
    for (let from = 0; from < reads; from += 50)
      await Promise.all(Array.from({ length: 50 }, (_, i) => read(from + i)));
    expect(aborted).toBe(reads / 5);
  } finally {
    await store.close();
  }
}, 120_000);

test('a hub that may not become the edge’s roles says what an administrator runs', async () => {
  const login = `lianshu_test_login_${db.url.slice(-8)}`;
  await db.store.pool.query(`create role ${login} nologin`);
  try {
    const told = db.store.tx(async (tx) => {
      await tx.query(`set local session authorization ${login}`);
      await become(tx, { party: partyId('A', 'funder'), relation: 'funder' });
    });
    await expect(told).rejects.toThrow('grant lianshu_edge_funder to');
  } finally {
    await db.store.pool.query(`drop role ${login}`);
  }
});
