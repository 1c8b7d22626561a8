import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type FreshDatabase, freshDatabase } from '../test/database.ts';
import { migrate } from './migrate.ts';
import { dumpSchema } from './schema.ts';

let db: FreshDatabase;
let folder: string;
beforeEach(async () => {
  db = await freshDatabase();
  // Without the migrations of the project: these tests bring their own.
  await db.store.pool.query('drop schema public cascade; create schema public');
  folder = mkdtempSync(join(tmpdir(), 'migrations-'));
});
afterEach(async () => {
  rmSync(folder, { recursive: true });
  await db.drop();
});

const write = (name: string, sql: string) => writeFileSync(join(folder, name), sql);
const exists = async (table: string) => {
  const { rows } = await db.store.pool.query<{ name: string | null }>('select to_regclass($1) as name', [table]);
  return rows[0]?.name === table;
};

test('migrations run in order, each once', async () => {
  write('0002-b.sql', 'alter table a add b int;');
  write('0001-a.sql', 'create table a (id int);');
  expect(await migrate(db.store, folder)).toEqual(['0001-a.sql', '0002-b.sql']);
  expect(await migrate(db.store, folder)).toEqual([]);
  write('0003-c.sql', 'create table c (id int);');
  expect(await migrate(db.store, folder)).toEqual(['0003-c.sql']);
});

test('hubs that start together migrate one after the other', async () => {
  write('0001-a.sql', 'create table a (id int); select pg_sleep(0.1);');
  const results = await Promise.all([1, 2, 3].map(() => migrate(db.store, folder)));
  expect(results.flat()).toEqual(['0001-a.sql']);
});

test('a migration that fails leaves nothing of itself and is told by name', async () => {
  write('0001-a.sql', 'create table a (id int);');
  write('0002-b.sql', 'create table b (id int); select 1 / 0;');
  await expect(migrate(db.store, folder)).rejects.toThrow(/0002-b\.sql .*division by zero/);
  expect([await exists('a'), await exists('b')]).toEqual([true, false]);
});

test('a migration that was changed after it was applied is refused by name, other line ends are not a change', async () => {
  write('0001-a.sql', 'create table a (\n id int);');
  await migrate(db.store, folder);
  write('0001-a.sql', 'create table a (\r\n id int);');
  expect(await migrate(db.store, folder)).toEqual([]);
  write('0001-a.sql', 'create table a (\n id bigint);');
  await expect(migrate(db.store, folder)).rejects.toThrow('0001-a.sql was changed');
});

test('a database of a newer release, a late number, a double number and a strange name are refused', async () => {
  write('0002-a.sql', 'select 1;');
  await migrate(db.store, folder);
  write('0001-z.sql', 'select 1;');
  await expect(migrate(db.store, folder)).rejects.toThrow('0001-z.sql comes before 0002-a.sql');
  write('0002-b.sql', 'select 1;');
  await expect(migrate(db.store, folder)).rejects.toThrow('number 0002');
  rmSync(join(folder, '0002-b.sql'));
  rmSync(join(folder, '0002-a.sql'));
  await expect(migrate(db.store, folder)).rejects.toThrow('newer than this hub: it holds 0002-a.sql');
  write('first.sql', 'select 1;');
  await expect(migrate(db.store, folder)).rejects.toThrow('first.sql is no name');
});

test('a migration may not end the transaction that guards it', async () => {
  write('0001-a.sql', 'create table a (id int);\ncommit;\nselect 1 / 0;');
  await expect(migrate(db.store, folder)).rejects.toThrow('must not commit');
  expect(await exists('a')).toBe(false);
});

test('the schema is printed the same for equal schemas, whatever the order of their making', async () => {
  const table = (name: string) => `create table ${name} (
    id bigint generated always as identity primary key, party text not null default 'x' check (length(party) < 9),
    at timestamptz not null default now(), amount numeric(20,2), twice numeric generated always as (amount * 2) stored);
    create index ${name}_at on ${name} (at) where amount > 0;
    alter table ${name} enable row level security;
    create policy mine on ${name} using (party = current_user);`;
  const touch = `create function touch() returns trigger language plpgsql as $$ begin return new; end $$;
    create type colour as enum ('red', 'green');
    create table part (id int not null, day date not null) partition by range (day);`;
  const later = `create trigger touched before update on a for each row execute function touch();
    create table part_2026 partition of part for values from ('2026-01-01') to ('2027-01-01');`;
  await db.store.pool.query(touch + table('a') + table('b') + later);
  const one = await dumpSchema(db.store);
  await db.store.pool.query('drop schema public cascade; create schema public');
  await db.store.pool.query(table('b') + table('a') + touch + later);
  expect(await dumpSchema(db.store)).toBe(one);
  expect(one).not.toContain('part_2026');
  expect(one).toMatchInlineSnapshot(`
"-- Made by: npx lianshu schema. What the migrations make, for reading; do not edit.

-- Types

create type colour as enum ('red', 'green');

-- Tables

create table a (
  id bigint not null generated always as identity,
  party text not null default 'x'::text,
  at timestamp with time zone not null default now(),
  amount numeric(20,2),
  twice numeric generated always as ((amount * (2)::numeric)) stored,
  constraint a_party_check CHECK ((length(party) < 9)),
  constraint a_pkey PRIMARY KEY (id)
);
alter table a enable row level security;

create table b (
  id bigint not null generated always as identity,
  party text not null default 'x'::text,
  at timestamp with time zone not null default now(),
  amount numeric(20,2),
  twice numeric generated always as ((amount * (2)::numeric)) stored,
  constraint b_party_check CHECK ((length(party) < 9)),
  constraint b_pkey PRIMARY KEY (id)
);
alter table b enable row level security;

create table part (
  id integer not null,
  day date not null
) partition by RANGE (day);

-- Indexes

CREATE INDEX a_at ON public.a USING btree (at) WHERE (amount > (0)::numeric);
CREATE INDEX b_at ON public.b USING btree (at) WHERE (amount > (0)::numeric);

-- Functions

CREATE OR REPLACE FUNCTION public.touch()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ begin return new; end $function$;

-- Triggers

CREATE TRIGGER touched BEFORE UPDATE ON a FOR EACH ROW EXECUTE FUNCTION touch();

-- Policies

create policy mine on a as permissive for all to public using ((party = CURRENT_USER));
create policy mine on b as permissive for all to public using ((party = CURRENT_USER));
"
`);
});
