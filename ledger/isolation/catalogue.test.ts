/**
 * Isolation as the catalogue shows it (reliability.md 4.3, 1): no table is forgotten, no right is too much, and the field
 * sets are what the database grants.
 */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { freshDatabase, type FreshDatabase } from '../../test/database.ts';
import { closedTables, fieldSets, openTables } from './fieldSets.ts';
import { installFieldSets, rightsQuery, wantedRights } from './install.ts';
import { isolationOffenders } from './invariants.ts';
import { isolationPage, isolationText } from './page.ts';

let db: FreshDatabase;
beforeAll(async () => {
  db = await freshDatabase();
  await installFieldSets(db.store);
});
afterAll(() => db.drop());

const rows = async (text: string): Promise<string[]> =>
  (await db.store.pool.query<unknown[]>({ text, rowMode: 'array' })).rows.map((row) => String(row[0]));

/** In a transaction that leaves nothing behind. */
async function offendersAfter(change: string): Promise<string[]> {
  const client = await db.store.pool.connect();
  try {
    await client.query('begin');
    await client.query(change);
    const found = await client.query<unknown[]>({ text: isolationOffenders, rowMode: 'array' });
    return found.rows.map((row) => String(row[0]));
  } finally {
    await client.query('rollback');
    client.release();
  }
}

test('every table is either isolated by party, closed to parties, or open for a reason that is written down', async () => {
  const tables = await rows(
    "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relispartition",
  );
  const listed = [fieldSets, closedTables, openTables].flatMap((tablesOf) => Object.keys(tablesOf));
  expect(tables.filter((table) => !listed.includes(table))).toEqual([]);
  expect(listed.filter((table) => !tables.includes(table))).toEqual([]);
  expect(listed.length).toBe(new Set(listed).size);
  expect(await rows(isolationOffenders)).toEqual([]);
});

test.each([
  ['create table new_business (party text)', 'new_business is not under forced row-level security'],
  ['alter table loan no force row level security', 'loan is not under forced row-level security'],
  ['alter table loan disable row level security', 'loan is not under forced row-level security'],
  ['alter table history disable row level security', 'history is not under forced row-level security'],
  ['drop policy loan_party on loan', 'loan lacks the policy by which parties read'],
  ['alter policy loan_party on loan using (true)', 'loan lacks the policy by which parties read'],
  ['drop policy loan_hub on loan', 'loan lacks the policy by which the hub works'],
  ['alter policy loan_hub on loan using (true)', 'loan lacks the policy by which the hub works'],
  ['create policy another on loan using (true)', 'loan has one more policy: another'],
  ['grant select on loan to lianshu_edge_keeper', 'lianshu_edge_keeper may select loan'],
  ['grant select (body) on journal to lianshu_edge', 'lianshu_edge may select body of journal'],
  ['grant update (state) on loan to lianshu_edge_unit', 'lianshu_edge_unit may update state of loan'],
  [
    'create function peep() returns int language sql security definer return 1',
    'peep() runs with the rights of its owner and a search path of its caller',
  ],
])('%s is noticed', async (change, told) => {
  expect(await offendersAfter(change)).toContain(told);
});

test('the rights of each relation are its field sets, whatever was granted before, and nothing of PUBLIC', async () => {
  const ofPublic =
    "select relname from pg_class, aclexplode(relacl) x where relnamespace = 'public'::regnamespace and x.grantee = 0";
  expect(await rows(ofPublic)).toEqual([]);
  await db.store.pool.query(
    'grant select on loan to lianshu_edge_keeper; revoke select (state) on loan from lianshu_edge_unit',
  );
  await Promise.all([installFieldSets(db.store), installFieldSets(db.store)]);
  expect((await rows(rightsQuery)).toSorted()).toEqual([...wantedRights()].toSorted());
});

test('a keeper reads no price, amount, rate, limit or loan, and a trading unit nothing of what a funder decided', () => {
  const columnsOf = (relation: 'keeper' | 'unit') =>
    Object.entries(fieldSets).flatMap(([table, fields]) =>
      (fields[relation]?.split(' ') ?? []).map((column) => `${table}.${column}`),
    );
  const of = (relation: 'keeper' | 'unit', words: string) =>
    columnsOf(relation).filter((column) => column.split(/[._]/).some((word) => words.split(' ').includes(word)));
  const money =
    'price priced amount rate rates currency total sum fee value valuation ltv call principal interest balance exposure lines financed paid used reserved limit loan repayment payment instalment margin invoice receivable';
  expect(of('keeper', money)).toEqual([]);
  expect(fieldSets['trade_order']?.keeper).toBeUndefined();
  expect(
    of(
      'unit',
      'rate approved funder decision terms limit route offer subscription valuation margin principal balance interest',
    ),
  ).toEqual([]);
});

test('nobody reads sealed people, modification codes, or maker and checker of somebody else', () => {
  const readers = (column: string) =>
    Object.entries(fieldSets).flatMap(([table, fields]) =>
      Object.entries(fields).flatMap(([relation, columns]) =>
        columns.split(' ').includes(column) ? [`${relation} ${table}`] : [],
      ),
    );
  for (const secret of [
    'id_no',
    'phone',
    'name_hash',
    'id_no_hash',
    'phone_hash',
    'amend_code',
    'visible_to',
    'explained',
  ])
    expect([secret, readers(secret)]).toEqual([secret, []]);
  expect(readers('maker').toSorted()).toEqual(['core confirmation', 'funder release_order']);
  expect(readers('checker')).toEqual(['funder release_order']);
  expect(readers('used_amount')).toEqual(['borrower invoice']);
});

test('docs/isolation.md is what the field sets make', () => {
  expect(readFileSync(isolationPage, 'utf8')).toBe(isolationText());
});
