import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { sweep } from '../test/sweep.ts';
import { database, ended, eventually, flowOf, liveState, node, openDatabase, shop, tell } from './engine.fixture.ts';
import { replayAll } from './inspect.ts';
import { Clock } from './clock.ts';

beforeAll(openDatabase);
afterAll(() => database.drop());

/** Looks like what must not lie about: a person's number, in the answer of a counterparty and in a fact. */
const secret = '350203199001010017';

test('what a counterparty answered, a flow decided and a fact told is in no table in the open', async () => {
  const flow = flowOf('secretive', async (run, order) => {
    const { serial } = await run.call(shop.operations.pay, { no: order.no }, { system: 'shop' });
    const seen = await run.record('look', async () => ({ serial }));
    await run.ask('approve', { title: { zh: '审', en: 'approve' }, payload: { serial }, within: '1 hour' });
    return { outcome: seen.serial === secret ? 'done' : 'other' };
  });
  const { engine, problems } = await node([flow], () => ({ outcome: 'confirmed', response: { serial: secret } }));
  await tell(engine, 'start.secretive', 'A1');
  await eventually(async () =>
    (await database.store.pool.query('select from task')).rowCount === 1 ? true : undefined,
  );
  expect(await sweep(database.store.pool, [secret])).toEqual([]);
  await engine.stop();
  expect(problems).toEqual([]);
});

test('the sweep sees what lies in the open: as text, in JSON, in bytes, in base64 and in hex', async () => {
  await database.store.pool.query('create table loose (t text, j jsonb, plain bytea, coded bytea, hexed bytea)');
  const coded = Buffer.from(`{"file":"x${secret}yy"}`).toString('base64');
  const hexed = Buffer.from(secret).toString('hex');
  const values = [secret, JSON.stringify({ a: [secret] }), Buffer.from(`<id>${secret}</id>`), Buffer.from(coded)];
  await database.store.pool.query('insert into loose values ($1, $2, $3, $4, $5)', [...values, Buffer.from(hexed)]);
  const seen = await sweep(database.store.pool, [secret]);
  expect(seen.map(({ where }) => where.split('.').at(-1))).toEqual(['t', 'j', 'plain', 'coded', 'hexed']);
  await database.store.pool.query('drop table loose');
});

test('an entry of a journal that was changed stops its own run, and says which; the others go on', async () => {
  const flow = flowOf('tampered', async (run, order) => {
    const { serial } = await run.call(shop.operations.pay, { no: order.no }, { system: 'shop' });
    await run.wait(shop.notices.delivered, { key: order.no, within: '1 hour', from: 'shop' });
    return { outcome: serial };
  });
  const { engine } = await node([flow]);
  for (const no of ['T1', 'T2']) {
    await tell(engine, 'start.tampered', no);
    await eventually(async () => ((await liveState('tampered', no))?.state === 3 ? true : undefined));
  }
  await database.store.pool.query(
    `update journal set body = set_byte(body, 20, get_byte(body, 20) # 1)
     where kind = 1 and run_id = (select run_id from run_key where key = 'T1')`,
  );
  for (const no of ['T1', 'T2']) await tell(engine, shop.notices.delivered.name, no);
  expect(await ended('tampered', 'T2')).toMatchObject({ outcome: 's' });
  const stopped = await eventually(async () => {
    const live = await liveState('tampered', 'T1');
    return live?.state === 4 ? live : undefined;
  });
  expect(stopped.problem).toMatch(/entry \d+ of its journal cannot be read: journal.body does not open/);
  const verdicts: (string | undefined)[] = [];
  const looking = { store: database.store, clock: new Clock(), flows: [flow] };
  await replayAll(looking, ({ flow: name }, problem) => void (name === 'tampered' && verdicts.push(problem)));
  expect(verdicts).toEqual([expect.stringContaining('cannot be read')]);
  await engine.stop();
});
