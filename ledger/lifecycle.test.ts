import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { actor, books, refusal, type Books, type Deal } from './fixture.ts';
import { installLifecycles, move, stateOf, type Tx } from './lifecycle.ts';
import { lifecycles, type Entity, type EventOf } from './lifecycles.ts';

let the: Books;
let deal: Deal;
beforeAll(async () => {
  the = await books();
  deal = await the.bring('closed');
});
afterAll(() => the.drop());

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
  const transitions: readonly (readonly [string, string, string])[] = lifecycles[entity];
  await scratch(async (tx) => {
    const taken: string[] = [];
    for (const from of statesOf(entity)) {
      for (const to of statesOf(entity).filter((state) => state !== from)) {
        await tx.query('savepoint before');
        await tx.query('set local session_replication_role = replica');
        // Other constraints are not the question here.
        for (const name of [
          'effective_is_proven',
          'completed_is_verified',
          'settled_owes_nothing',
          'posted_is_allocated',
        ])
          await tx.query(`alter table ${entity} drop constraint if exists ${name}`);
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
  const transitions: readonly (readonly [string, string, string])[] = lifecycles[entity];
  const seen = transitions.map(([from, event]) => `${from} ${event}`);
  expect(new Set(seen).size).toBe(seen.length);
});

test.each(entities)('every state of %s can be reached from its beginning', (entity) => {
  const transitions: readonly (readonly [string, string, string])[] = lifecycles[entity];
  const reached = new Set(['']);
  for (let before = 0; before < reached.size;) {
    before = reached.size;
    for (const [from, , to] of transitions) if (reached.has(from)) reached.add(to);
  }
  expect(statesOf(entity).filter((state) => !reached.has(state))).toEqual([]);
});

/** Entities whose states are bound by nothing but their life cycle. */
const free = { party: () => the.dealer, bank_account: () => '6200000000000009', application: () => deal.applicationNo };

test.each(Object.keys(free) as (keyof typeof free)[])(
  'no sequence of events leads %s out of its life cycle, and its history folds to its state',
  async (entity) => {
    const id = free[entity]();
    const transitions: readonly (readonly [string, string, string])[] = lifecycles[entity];
    const events = [...new Set(transitions.map(([, event]) => event))] as EventOf<typeof entity>[];
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom<string[]>(...statesOf(entity)),
        fc.array(fc.constantFrom(...events), { maxLength: 12 }),
        (start, sequence) =>
          scratch(async (tx) => {
            await tx.query('set local session_replication_role = replica');
            await tx.query(`update ${entity} set state = $1`, [start]);
            await tx.query('set local session_replication_role = origin');
            let expected = start;
            for (const event of sequence) {
              const next = transitions.find(([from, e]) => from === expected && e === event)?.[2];
              const told = await refusal(move(tx, entity, id, event, actor));
              expect(told).toBe(next === undefined ? 'ILLEGAL_TRANSITION' : 'nothing refused it');
              expected = next ?? expected;
            }
            expect(await stateOf(tx, entity, id)).toBe(expected);
            const history = await tx.query<{ from_state: string; to_state: string }>(
              'select from_state, to_state from history where entity = $1 and entity_id = $2 and xmin::text::bigint = (txid_current() & 4294967295) order by id',
              [entity, id],
            );
            const folded = history.rows.reduce((at, row) => (row.from_state === at ? row.to_state : 'a gap'), start);
            expect(folded).toBe(expected);
          }),
      ),
      { numRuns: 25 },
    );
  },
);

test('what is not there does not move', async () => {
  expect(await refusal(the.store.tx((tx) => move(tx, 'loan', 'LN-none', 'settle', actor)))).toBe('NOT_FOUND');
});

test('the same life cycles can be installed again, and at once by two hubs that start', async () => {
  const count = async () => (await the.store.pool.query('select count(*)::int n from lifecycle')).rows[0] as unknown;
  const before = await count();
  await Promise.all(Array.from({ length: 5 }, () => installLifecycles(the.store)));
  expect(await count()).toEqual(before);
});
