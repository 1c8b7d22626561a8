import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { specimens } from './attacks.fixture.ts';
import { actor, books, refusal, type Books } from './fixture.ts';
import { installLifecycles, move, type Tx } from './lifecycle.ts';
import type { Transition } from './lifecycleKinds.ts';
import { lifecycles, type Entity } from './lifecycles.ts';

let the: Books;
beforeAll(async () => {
  the = await books();
  for (const bring of Object.values(specimens)) await bring(the);
});
afterAll(() => the.drop());

/** Statements that take every check from a table, and every trigger that is not of the mechanism. */
const withoutChecks = `select format('alter table %I drop constraint %I', $1::text, conname) sql from pg_constraint where conrelid = $1::regclass and contype = 'c'
  union all select format('drop trigger %I on %I', tgname, $1::text) from pg_trigger where tgrelid = $1::regclass and not tgisinternal and tgname !~ '_(lifecycle|folded|kept)$'`;

async function scratch<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
  const client = await the.store.pool.connect();
  try {
    await client.query('begin');
    return await work(client);
  } finally {
    await client.query('rollback');
    client.release();
  }
}

const entities = Object.keys(lifecycles) as Entity[];
const statesOf = (entity: Entity) => [
  ...new Set(lifecycles[entity].flatMap(([from, , to]) => [from, to]).filter((state) => state !== '')),
];

test.each(entities)('the database takes exactly those changes of state of %s that the table holds', async (entity) => {
  const transitions: readonly Transition[] = lifecycles[entity];
  await scratch(async (tx) => {
    const taken: string[] = [];
    for (const from of statesOf(entity)) {
      for (const to of statesOf(entity).filter((state) => state !== from)) {
        await tx.query('savepoint before');
        await tx.query('set local session_replication_role = replica');
        // Other constraints are not the question here.
        const checks = await tx.query<{ sql: string }>(withoutChecks, [entity]);
        await tx.query(checks.rows.map(({ sql }) => sql).join(';'));
        await tx.query(`update ${entity} set state = $1`, [from]);
        await tx.query('set local session_replication_role = origin');
        const told = await refusal(tx.query(`update ${entity} set state = $1`, [to]));
        if (told === 'nothing refused it') taken.push(`${from} > ${to}`);
        else expect([from, to, told]).toEqual([from, to, 'ILLEGAL_TRANSITION']);
        await tx.query('rollback to savepoint before');
      }
    }
    const held = transitions
      .filter(([from, , to]) => from !== '' && from !== to)
      .map(([from, , to]) => `${from} > ${to}`);
    expect(taken.toSorted()).toEqual([...new Set(held)].toSorted());
  });
});

test.each(entities)('of each state of %s an event leads to one state only', (entity) => {
  const transitions: readonly Transition[] = lifecycles[entity];
  const seen = transitions.map(([from, event]) => `${from} ${event}`);
  expect(new Set(seen).size).toBe(seen.length);
});

test.each(entities)('every state of %s can be reached from its beginning', (entity) => {
  const transitions: readonly Transition[] = lifecycles[entity];
  const reached = new Set(['']);
  for (let before = 0; before < reached.size;) {
    before = reached.size;
    for (const [from, , to] of transitions) if (reached.has(from)) reached.add(to);
  }
  expect(statesOf(entity).filter((state) => !reached.has(state))).toEqual([]);
});

test('what is not there does not move', async () => {
  expect(await refusal(the.store.tx((tx) => move(tx, 'loan', 'LN-none', 'settle', actor)))).toBe('NOT_FOUND');
});

test('the same life cycles can be installed again, and at once by two hubs that start', async () => {
  const count = async () => (await the.store.pool.query('select count(*)::int n from lifecycle')).rows[0] as unknown;
  const before = await count();
  await Promise.all(Array.from({ length: 5 }, () => installLifecycles(the.store)));
  expect(await count()).toEqual(before);
});
