/**
 * Policy mutation (reliability.md 4.3, 6): each policy is dropped, turned round and opened, row-level security switched off,
 * and each time some party finds too much or misses its own. No policy is there for nothing.
 */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Tx } from '../lifecycle.ts';
import { freshDatabase, type FreshDatabase } from '../../test/database.ts';
import { closedTables, fieldSets } from './fieldSets.ts';
import { installFieldSets } from './install.ts';
import { isolationOffenders } from './invariants.ts';
import { complaints } from './sweep.fixture.ts';
import { makeWorlds, members } from './worlds.fixture.ts';

let db: FreshDatabase;
/** Whoever the hub logs in as where it is no superuser: row-level security holds for it, too. */
let hub = '';
beforeAll(async () => {
  db = await freshDatabase();
  await installFieldSets(db.store);
  await db.store.tx(makeWorlds);
  hub = `lianshu_test_hub_${db.url.slice(-12)}`;
  await db.store.pool.query(`create role ${hub} nologin; grant all on all tables in schema public to ${hub}`);
}, 30_000);
afterAll(async () => {
  await db.store.pool.query(`drop owned by ${hub}; drop role ${hub}`);
  await db.drop();
});

interface Mutant {
  readonly what: string;
  readonly table: string;
  readonly sql: string;
}

function mutantsOf(table: string): Mutant[] {
  const mutant = (what: string, sql: string): Mutant => ({ what: `${table}: ${what}`, table, sql });
  const policy = (name: string) => [
    mutant(`${name} dropped`, `drop policy ${name} on ${table}`),
    mutant(`${name} turned round`, turned(name, table)),
    mutant(`${name} open`, `alter policy ${name} on ${table} using (true)`),
  ];
  return [
    ...(table in fieldSets ? policy(`${table}_party`) : []),
    ...policy(`${table}_hub`),
    mutant('row-level security disabled', `alter table ${table} disable row level security`),
    mutant('not forced', `alter table ${table} no force row level security`),
  ];
}

const turned = (name: string, table: string) =>
  `do $$ begin execute (select format('alter policy ${name} on ${table} using (not coalesce((%s), false))', pg_get_expr(polqual, polrelid))
     from pg_policy where polrelid = '${table}'::regclass and polname = '${name}'); end $$`;

/** What the parties of one world, and the hub, notice of this table. */
async function noticed(tx: Tx, table: string): Promise<string[]> {
  const told: string[] = [];
  if (table in fieldSets) for (const member of members) told.push(...(await complaints(tx, 'A', member, [table])));
  await tx.query(`set local role ${hub}`);
  const { rowCount } = await tx.query(`select from ${table}`);
  await tx.query('reset role');
  const all = await tx.query(`select from ${table}`);
  if (rowCount !== all.rowCount) told.push(`the hub misses rows of ${table}`);
  return told;
}

async function inCatalogue(tx: Tx): Promise<string[]> {
  const found = await tx.query<unknown[]>({ text: isolationOffenders, rowMode: 'array' });
  return found.rows.map((row) => String(row[0]));
}

async function attempt({ table, sql }: Mutant): Promise<{ parties: string[]; catalogue: string[] }> {
  const client = await db.store.pool.connect();
  try {
    await client.query('begin');
    await client.query(sql);
    const parties = await noticed(client, table);
    return { parties, catalogue: parties.length > 0 ? [] : await inCatalogue(client) };
  } finally {
    await client.query('rollback');
    client.release();
  }
}

const tables = [...Object.keys(fieldSets), ...Object.keys(closedTables)];

test('as they stand, the policies give nobody a reason to complain', async () => {
  for (const table of tables)
    expect(await attempt({ what: '', table, sql: 'select 1' })).toEqual({ parties: [], catalogue: [] });
}, 60_000);

test('whatever policy is taken away, turned round or opened, somebody notices', async () => {
  const mutants = tables.flatMap(mutantsOf);
  const alive: string[] = [];
  let byParties = 0;
  for (const mutant of mutants) {
    const { parties, catalogue } = await attempt(mutant);
    if (parties.length > 0) byParties += 1;
    else if (catalogue.length === 0) alive.push(mutant.what);
    // What lets parties in or locks them out is noticed by them, not only by who reads the catalogue.
    else if (mustBeFelt(mutant)) alive.push(`${mutant.what}: only the catalogue shows it`);
  }
  process.stdout.write(
    `policies: killed ${mutants.length - alive.length}/${mutants.length}, of them ${byParties} by what a party or the hub reads\n`,
  );
  expect(alive).toEqual([]);
}, 120_000);

const decisions =
  'sees_case sees_application sees_party sees_order sees_receivable sees_contract sees_invoice sees_offer sees_limit sees_loan sees_envelope sees_pledge sees_release keeps_warehouse sees_lot sees_receipt sees_snapshot owns_account subscribes'.split(
    ' ',
  );

test('every function by which policies decide, saying yes to everything or no, is noticed', async () => {
  const found = await db.store.pool.query<{ name: string; call: string }>(
    `select proname "name", 'function ' || proname || '(' || pg_get_function_arguments(oid) || ') returns boolean language plpgsql stable security definer set search_path = public, pg_temp' "call"
     from pg_proc where pronamespace = 'public'::regnamespace and prosecdef and prorettype = 'boolean'::regtype order by 1`,
  );
  expect(found.rows.map(({ name }) => name).toSorted()).toEqual(decisions.toSorted());
  const alive: string[] = [];
  for (const { name, call } of found.rows)
    for (const answer of ['true', 'false']) {
      const client = await db.store.pool.connect();
      try {
        await client.query(`begin; create or replace ${call} as 'begin return ${answer}; end'`);
        const told: string[] = [];
        for (const member of members) told.push(...(await complaints(client, 'A', member)));
        if (told.length === 0) alive.push(`${name} says ${answer}`);
      } finally {
        await client.query('rollback');
        client.release();
      }
    }
  expect(alive).toEqual([]);
}, 60_000);

/** Whoever owns a table is no party; and of what no role may read, no policy can give too much. */
function mustBeFelt({ what, table }: Mutant): boolean {
  if (what.endsWith('not forced')) return false;
  return table in fieldSets || !/open$|disabled$/.test(what);
}
