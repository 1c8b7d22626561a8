/** Work lists, subscriptions and events over the signed API: who is asked, who may answer, who hears. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { keepTask, newTask, type NewTask } from '../engine/tasks.ts';
import { installLifecycles } from '../ledger/lifecycle.ts';
import { admitParty } from '../ledger/parties/parties.ts';
import { startHub, type TestHub } from './testHub.ts';

let unit = '';
let dealer = '';
let hub: TestHub;

beforeAll(async () => {
  hub = await startHub({
    speaksFor: async (caller) =>
      caller === 'unit-xm'
        ? { party: unit, relation: 'unit' }
        : caller === 'buyer'
          ? { party: dealer, relation: 'borrower' }
          : undefined,
  });
  await installLifecycles(hub.store);
  const bank = { bankName: '沙箱银行厦门分行', bankCode: '102393000018' };
  const admit = (name: string, uscc: string, accountNo: string) =>
    hub.store.tx((tx) =>
      admitParty(tx, { name, uscc, role: 'SUPPLIER', account: { accountName: name, accountNo, ...bank } }, 'test'),
    );
  unit = await admit('厦门链枢贸易有限公司', '91350200MA31000A09', '4100020000000000101');
  dealer = await admit('福建闽江钢材有限公司', '91350100MA32000B1T', '4100020000000000202');
  await hub.store.pool.query(
    `insert into caller (id, role, party_id) values ('unit-xm', 'unit', $1), ('buyer', 'dealer', $2), ('keeper-a', 'keeper', null)`,
    [unit, dealer],
  );
}, 60_000);
afterAll(() => hub.stop());

async function asked(party?: string): Promise<NewTask> {
  const since = new Date();
  const task = newTask({
    run: randomUUID(),
    case: 'CASE-1',
    path: 'look',
    title: { zh: '核对', en: 'look at it' },
    payload: { rows: 1 },
    people: 1,
    roles: ['unit/data'],
    notBy: [],
    since,
    deadline: new Date(since.getTime() + 86_400_000),
    ...(party === undefined ? {} : { party }),
  });
  await keepTask(hub.store, task);
  return task;
}

const said = ({ payloadHash }: NewTask, role: string) => ({
  by: '甲',
  role,
  decision: 'approved',
  payloadHash,
  reason: 'ok',
});

test('a party sees and decides its own tasks, in roles of its own; to others they do not exist', async () => {
  const [mine, hubs] = [await asked(unit), await asked()];
  const { work } = (await (await hub.send('GET', '/v1/work')).json()) as { work: { id: string }[] };
  expect(work.map(({ id }) => id)).toEqual([mine.id]);
  expect((await hub.send('GET', `/v1/work/${hubs.id}`)).status).toBe(404);
  expect((await hub.send('GET', `/v1/work/${mine.id}`, undefined, { caller: 'buyer' })).status).toBe(404);
  expect((await hub.send('GET', '/v1/work', undefined, { caller: 'keeper-a' })).status).toBe(403);
  expect((await hub.send('POST', `/v1/work/${mine.id}/decide`, said(mine, 'funder/maker'))).status).toBe(403);
  expect((await hub.send('POST', `/v1/work/${mine.id}/decide`, said(mine, 'risk'))).status).toBe(403);
  const claim = await hub.send('POST', `/v1/work/${mine.id}/claim`, { by: '甲', role: 'unit/data' });
  expect([claim.status, await claim.json()]).toEqual([200, expect.objectContaining({ heldBy: '甲' })]);
  const id = `msg_${randomUUID()}`;
  const first = await hub.send('POST', `/v1/work/${mine.id}/decide`, said(mine, 'unit/data'), { id });
  const again = await hub.send('POST', `/v1/work/${mine.id}/decide`, said(mine, 'unit/data'), { id });
  expect([first.status, again.headers.get('idempotent-replay'), await again.json()]).toEqual([
    200,
    'true',
    await first.json(),
  ]);
  expect((await hub.send('POST', `/v1/work/${mine.id}/release`, said(mine, 'unit/data'), { id })).status).toBe(409);
});

test('what is not as it must be is refused as what it is', async () => {
  const mine = await asked(unit);
  const answers = [
    await hub.send('POST', `/v1/work/${mine.id}/claim`, { by: '' }),
    await hub.send('POST', `/v1/work/${mine.id}/claim`, Buffer.from('{')),
    await hub.send('POST', '/v1/work/1/claim', { by: '甲' }),
    await hub.send('POST', '/v1/subscriptions', { channel: 'POLL', kinds: ['everything'] }),
    await hub.send('POST', '/v1/subscriptions', { channel: 'WEBHOOK', kinds: ['loan.active'] }),
    await hub.send('POST', '/v1/subscriptions', {
      channel: 'WEBHOOK',
      kinds: ['loan.active'],
      url: 'file:///etc/passwd',
    }),
    await hub.send('GET', '/v1/events?after=yesterday'),
    await hub.send('GET', '/v1/events?limit=0'),
  ];
  expect(answers.map(({ status }) => status)).toEqual([422, 400, 404, 422, 422, 422, 400, 400]);
});

test('events are read on from where one stopped, each by the caller whose they are', async () => {
  await hub.send('POST', '/v1/subscriptions', { channel: 'POLL', kinds: ['loan.active', 'loan.overdue'] });
  const told = async (caller: string, kind: string) =>
    hub.store.pool.query(
      `insert into party_event (caller, channel, party_id, kind, case_id, body) values ($1, 'POLL', $2, $3, 'CASE-1', '{"case":"CASE-1"}')`,
      [caller, caller === 'buyer' ? dealer : unit, kind],
    );
  await told('unit-xm', 'loan.active');
  await told('buyer', 'loan.active');
  const read = async (after: string) =>
    (await (await hub.send('GET', `/v1/events?after=${after}`)).json()) as { events: { type: string }[]; next: string };
  const first = await read('0.0');
  expect(first.events).toEqual([
    {
      id: expect.stringMatching(/^evt_\d+$/),
      type: 'loan.active',
      timestamp: expect.any(String),
      data: { case: 'CASE-1' },
    },
  ]);
  expect(await read(first.next)).toEqual({ events: [], next: first.next });
  // What commits late must not be passed by: nothing behind it is told before it is there.
  const late = await hub.store.pool.connect();
  await late.query('begin');
  await late.query(
    `insert into party_event (caller, channel, party_id, kind, body) values ('unit-xm', 'POLL', $1, 'loan.overdue', '{}')`,
    [unit],
  );
  await told('unit-xm', 'loan.active');
  expect((await read(first.next)).events).toEqual([]);
  await late.query('commit');
  late.release();
  expect((await read(first.next)).events.map(({ type }) => type)).toEqual(['loan.overdue', 'loan.active']);
});

test('a consent is the word of the company for which the caller speaks', async () => {
  const wish = (dataKinds: string[]) => ({ recipient: '厦门链枢贸易有限公司', purpose: 'feedback', dataKinds });
  const given = await hub.send('POST', '/v1/consents', wish(['TRADE']), { caller: 'buyer' });
  expect(await given.json()).toMatchObject({
    consents: [{ purpose: 'feedback', dataKinds: ['TRADE'], state: 'GIVEN' }],
  });
  const taken = await hub.send('POST', '/v1/consents', wish([]), { caller: 'buyer' });
  expect(await taken.json()).toMatchObject({ consents: [{ state: 'WITHDRAWN' }] });
  const unknown = await hub.send(
    'POST',
    '/v1/consents',
    { ...wish(['TRADE']), recipient: '无名公司' },
    { caller: 'buyer' },
  );
  expect([
    unknown.status,
    (await hub.send('POST', '/v1/consents', wish(['TRADE']), { caller: 'keeper-a' })).status,
  ]).toEqual([404, 403]);
});
