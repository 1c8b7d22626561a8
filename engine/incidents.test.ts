import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Type } from 'typebox';
import { contract, strict } from '../contracts/contract.ts';
import { kind, notice } from '../contracts/kind.ts';
import { database, ended, flowOf, node, openDatabase, shop, tell } from './engine.fixture.ts';
import { closeIncident, incidents } from './incidents.ts';
import { keepSignal } from './signals.ts';
import { untakenFacts } from './untaken.ts';

beforeAll(openDatabase);
afterAll(() => database.drop());

const Result = contract('test/result', strict({ no: Type.String(), status: Type.String() }));
const till = kind(
  'shop',
  {},
  {
    paid: notice({
      contract: Result,
      label: { zh: '已付', en: 'paid' },
      keyOf: (m) => m.no,
      idOf: (m) => m.no,
      reports: { operation: 'pay', verdict: (m) => (m.status === 'succeeded' ? 'happened' : undefined) },
    }),
  },
);
const { reports } = till.notices.paid;

const keep = (no: string, status: string) =>
  database.store.tx((tx) => keepSignal(tx, { notice: 'shop.paid', key: no, id: no, message: { status, no } }, reports));
const about = async (no: string) =>
  (await incidents(database.store)).filter((incident) => incident.detail.includes(no)).map(({ kind: what }) => what);

test('a callback that says that a refused payment happened is kept, shown once, and changes nothing', async () => {
  const no = randomUUID();
  const { engine } = await node(
    [
      flowOf('refused', async (run, order) => {
        await run.call(shop.operations.pay, order, { system: 'shop' });
        return { outcome: 'paid' };
      }),
    ],
    () => ({ outcome: 'refused', code: 'SYSTEM_REFUSED', detail: 'no' }),
  );
  await tell(engine, 'start.refused', no);
  expect((await ended('refused', no)).outcome).toBe('failed');
  expect(await keep(no, 'succeeded')).toBe(true);
  expect(await keep(no, 'succeeded')).toBe(false);
  expect(await about(no)).toEqual(['lateEvidence']);
  const effect = await database.store.pool.query('select state from effect where number = $1', [no]);
  expect(effect.rows).toEqual([{ state: 'refused' }]);
  const [incident] = await incidents(database.store);
  await closeIncident(database.store, incident?.id ?? '', 'Zhang', 'the bank took it back');
  await expect(closeIncident(database.store, incident?.id ?? '', 'Wang', 'again')).rejects.toMatchObject({
    type: 'NOT_FOUND',
  });
  expect(await about(no)).toEqual([]);
  await engine.stop();
});

test('a fact that comes again under its id with other content opens one incident; in another order of fields, none', async () => {
  const no = randomUUID();
  await keep(no, 'failed');
  await database.store.tx((tx) =>
    keepSignal(tx, { notice: 'shop.paid', key: no, id: no, message: { no, status: 'failed' } }, reports),
  );
  expect(await about(no)).toEqual([]);
  await keep(no, 'succeeded');
  await keep(no, 'succeeded');
  expect(await about(no)).toEqual(['factContradicted']);
});

test('a fact that nobody will ever wait for is listed as such', async () => {
  const no = randomUUID();
  await keep(no, 'succeeded');
  const listed = (await untakenFacts(database.store)).find((fact) => fact.id === no);
  expect(listed).toMatchObject({ notice: 'shop.paid', prospect: 'nobody' });
});
