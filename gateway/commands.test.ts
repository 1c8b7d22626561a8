import { readdirSync, readFileSync } from 'node:fs';
import { exampleOf } from '../contracts/canonical/example.ts';
import { portalCommands } from '../contracts/portal/portal.ts';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { sealingOf } from '../store/sealing/of.ts';
import { places } from '../store/sealing/places.ts';
import { eventually, order, registration, signedHeaders, startHub, type TestHub } from './testHub.ts';

let hub: TestHub;
const ownUscc = '91350100MA32000B1T';
beforeAll(async () => {
  hub = await startHub({
    // One dealer is a company that the hub knows; another is nobody yet.
    speaksFor: (who) =>
      Promise.resolve(
        who === 'known-buyer'
          ? { party: '00000000-0000-4000-8000-000000000001', uscc: ownUscc, relation: 'borrower' }
          : undefined,
      ),
  });
});
afterAll(() => hub.stop());

type Answer = Record<string, unknown> & { errors?: { pointer: string; code: string }[] };
const read = async (response: Response) => ({
  status: response.status,
  body: (await response.json()) as Answer,
  headers: response.headers,
});
const ordersKept = async () => {
  const { rows } = await hub.store.pool.query<{ id: string; request: Buffer | null }>(
    "select id, request from exchange where direction = 'in'",
  );
  const sealing = await sealingOf(hub.store.pool);
  const opened = rows.map(({ id, request }) => sealing.openJson(places.exchangeRequest, [id], request));
  return (await Promise.all(opened)).map((request) => (request as { orderNo?: string } | undefined)?.orderNo);
};
const count = async (sql: string, values: unknown[] = []) => (await hub.store.pool.query(sql, values)).rowCount;

test('a funder speaks for itself, and for no other one', async () => {
  const command = portalCommands.find(({ path }) => path === '/v1/indicative-quotes');
  const quote = exampleOf(command?.notice.contract.schema ?? {}) as Record<string, unknown>;
  const foreign = { ...quote, funderUscc: '91350200MA35000E44' };
  const refused = await read(await hub.send('POST', '/v1/indicative-quotes', foreign, { caller: 'bank-a' }));
  expect(refused).toMatchObject({ status: 403, body: { code: 'NOT_ALLOWED', errors: [{ pointer: '#/funderUscc' }] } });
  const own = { ...quote, funderUscc: '91350200MA37000G0Y' };
  const taken = await read(await hub.send('POST', '/v1/indicative-quotes', own, { caller: 'bank-a' }));
  expect(taken.body['code']).not.toBe('NOT_ALLOWED');
});

test('a command is taken from those who may give it, and from nobody else', async () => {
  const refused = await read(await hub.send('POST', '/v1/orders', order('SO-9'), { caller: 'keeper-a' }));
  expect(refused).toMatchObject({ status: 403, body: { code: 'NOT_ALLOWED' } });
  expect(JSON.stringify(refused.body)).toContain('is posted by unit');
});

test('an order is committed with its fact and its answer before it is acknowledged, and a run begins', async () => {
  const { status, body } = await read(await hub.send('POST', '/v1/orders', order('SO-1')));
  expect(status).toBe(202);
  expect(body).toEqual({
    request_id: expect.stringMatching(/^req_/),
    accepted: 'portal.orderPlaced',
    watch: `${hub.url}/k/order/SO-1`,
  });
  expect(await count("select 1 from signal where key = 'portal.orderPlaced:SO-1'")).toBe(1);
  expect(
    await count("select 1 from exchange where operation = 'portal.orderPlaced' and system = 'unit-xm' and verified"),
  ).toBe(1);
  const run = await eventually(async () => {
    const answer = await fetch(`${hub.url}/k/order/SO-1`, { redirect: 'manual' });
    return answer.status === 302 ? answer.headers.get('location') : undefined;
  });
  expect(run).toMatch(/^\/runs\/[0-9a-f-]{36}$/);
});

test('the same message again gets the first answer again, and has one effect', async () => {
  const message = order('SO-2');
  const first = await read(await hub.send('POST', '/v1/orders', message, { id: 'msg_two' }));
  const second = await read(await hub.send('POST', '/v1/orders', message, { id: 'msg_two' }));
  expect(second.status).toBe(first.status);
  expect(second.body).toEqual(first.body);
  expect(first.headers.get('idempotent-replay')).toBeNull();
  expect(second.headers.get('idempotent-replay')).toBe('true');
});

test('twenty of the same message at once have one effect and one answer', async () => {
  const message = order('SO-20');
  const answers = await Promise.all(
    Array.from({ length: 20 }, async () => read(await hub.send('POST', '/v1/orders', message, { id: 'msg_twenty' }))),
  );
  expect(new Set(answers.map(({ body }) => body['request_id'])).size).toBe(1);
  expect(answers.every(({ status }) => status === 202)).toBe(true);
  expect((await ordersKept()).filter((orderNo) => orderNo === 'SO-20')).toHaveLength(1);
});

test('the same id with another body is a conflict that names when the first was seen', async () => {
  await hub.send('POST', '/v1/orders', order('SO-3'), { id: 'msg_three' });
  const { status, body } = await read(await hub.send('POST', '/v1/orders', order('SO-3b'), { id: 'msg_three' }));
  expect([status, body['code']]).toEqual([409, 'IDEMPOTENCY_CONFLICT']);
  expect(body['detail']).toMatch(/first seen at \d{4}-\d\d-\d\dT.*\+08:00 as req_/);
});

test('the same body under the same id belongs to one address', async () => {
  const message = order('SO-3c');
  await hub.send('POST', '/v1/orders', message, { id: 'msg_path' });
  expect((await hub.send('POST', '/v1/releases', message, { id: 'msg_path' })).status).toBe(409);
});

test('an order pushed again under another id gets the first result; with other content it is a conflict', async () => {
  await hub.send('POST', '/v1/orders', order('SO-4'));
  const again = await read(await hub.send('POST', '/v1/orders', order('SO-4')));
  expect([again.status, again.headers.get('idempotent-replay')]).toEqual([200, 'true']);
  expect(again.body['watch']).toBe(`${hub.url}/k/order/SO-4`);
  const changed = await read(await hub.send('POST', '/v1/orders', order('SO-4', { total: '1.00' })));
  expect([changed.status, changed.body['code']]).toEqual([409, 'IDEMPOTENCY_CONFLICT']);
  const stranger = await read(await hub.send('POST', '/v1/orders', order('SO-4'), { caller: 'dealer-a' }));
  expect(stranger.status).toBe(409);
  expect(await count("select 1 from signal where key = 'portal.orderPlaced:SO-4'")).toBe(1);
});

test('what breaks its contract is refused with the place, and nothing is taken', async () => {
  const cases: [Record<string, unknown>, string, string][] = [
    [order('SO-5', { total: 1 }), '#/total', 'CONTRACT_VIOLATED'],
    [order('SO-5', { total: '1' }), '#/total', 'CONTRACT_VIOLATED'],
    [order('SO-5', { admin: true }), '#/admin', 'CONTRACT_VIOLATED'],
    [order('SO-5', { lines: [] }), '#/lines', 'CONTRACT_VIOLATED'],
    [order('SO\0-5'), '#/orderNo', 'CONTRACT_VIOLATED'],
  ];
  for (const [message, pointer, code] of cases) {
    const { status, body } = await read(await hub.send('POST', '/v1/orders', message));
    expect([status, body['code'], body.errors?.[0]?.pointer]).toEqual([422, code, pointer]);
  }
  expect(await count("select 1 from signal where key like 'portal.orderPlaced:SO%-5'")).toBe(0);
  // Kept for the operators, as refused.
  expect(await count("select 1 from exchange where code = 'CONTRACT_VIOLATED'")).toBe(cases.length);
});

test('a registration needs a case of the hub and a USCC whose check digit is right', async () => {
  await hub.send('POST', '/v1/orders', order('SO-6'));
  const caseNo = await eventually(async () => {
    const answer = (await (await hub.send('GET', '/v1/cases?order=SO-6')).json()) as { case: string | null };
    return answer.case ?? undefined;
  });
  const unknown = await read(await hub.send('POST', '/v1/registrations', registration('CASE-0'), { caller: 'buyer' }));
  expect([unknown.status, unknown.body.errors?.[0]?.pointer]).toEqual([404, '#/caseNo']);
  const wrong = await read(
    await hub.send('POST', '/v1/registrations', registration(caseNo, { uscc: '91350100MA32000B10' }), {
      caller: 'buyer',
    }),
  );
  expect([wrong.status, wrong.body['code'], wrong.body.errors?.[0]?.pointer]).toEqual([
    422,
    'USCC_CHECKDIGIT',
    '#/uscc',
  ]);
  const taken = await read(await hub.send('POST', '/v1/registrations', registration(caseNo), { caller: 'buyer' }));
  expect([taken.status, taken.body['case'], taken.body['accepted']]).toEqual([202, caseNo, 'portal.registered']);
  const told = await eventually(async () => {
    const answer = (await (await hub.send('GET', `/v1/cases/${caseNo}`)).json()) as { runs: { state: string }[] };
    return answer.runs[0]?.state === 'done' ? answer : undefined;
  });
  expect(told).toEqual({
    case: caseNo,
    state: 'open',
    key: 'SO-6',
    runs: [{ flow: 'order-to-dealer', state: 'done', outcome: 'registered' }],
    progress: expect.objectContaining({
      next: null,
      waiting: [],
      words: { zh: expect.any(String), en: expect.any(String) },
    }),
  });
  // Another caller cannot tell it from a case that does not exist, and naming it in a message opens nothing.
  await hub.send('POST', '/v1/registrations', registration(caseNo, { uscc: '91350200MA31000A09' }), {
    caller: 'dealer-a',
  });
  expect((await hub.send('GET', `/v1/cases/${caseNo}`, undefined, { caller: 'dealer-a' })).status).toBe(404);
});

test('who is not who it says gets nothing: each part of the signature counts', async () => {
  const body = Buffer.from(JSON.stringify(order('SO-7')));
  const good = signedHeaders('msg_seven', body);
  const other = signedHeaders('msg_seven', Buffer.from('{}'));
  const bad: [Record<string, string>, string][] = [
    [{ ...good, 'webhook-signature': other['webhook-signature'] ?? '' }, 'SIGNATURE_MISMATCH'],
    [{ ...good, 'webhook-id': 'msg_eight' }, 'SIGNATURE_MISMATCH'],
    [{ ...good, 'x-lianshu-caller': 'nobody' }, 'SIGNATURE_MISMATCH'],
    [{ ...good, 'webhook-signature': 'v1a,AAAA' }, 'SIGNATURE_MISMATCH'],
    [{ ...good, 'webhook-signature': (good['webhook-signature'] ?? '').replace('=', '') }, 'SIGNATURE_MISMATCH'],
    [signedHeaders('msg_seven', body, undefined, Date.now() - 301_000), 'TIMESTAMP_OUTSIDE_WINDOW'],
    [signedHeaders('msg_seven', body, undefined, Date.now() + 302_000), 'TIMESTAMP_OUTSIDE_WINDOW'],
    [{ 'content-type': 'application/json' }, 'SIGNATURE_MISMATCH'],
  ];
  for (const [headers, code] of bad) {
    const { status, body: problem } = await read(
      await fetch(`${hub.url}/v1/orders`, { method: 'POST', headers, body }),
    );
    expect([status, problem['code']]).toEqual([401, code]);
  }
  const several = { ...good, 'webhook-signature': `v1,${'A'.repeat(43)}= ${good['webhook-signature']}` };
  expect((await fetch(`${hub.url}/v1/orders`, { method: 'POST', headers: several, body })).status).toBe(202);
});

test('none of the malformed documents of the JSON test suite is taken, and none does harm', async () => {
  const folder = resolve(import.meta.dirname, '../test/vectors/json-parsing');
  const names = readdirSync(folder).filter((name) => name.startsWith('n_'));
  expect(names).toHaveLength(188);
  for (const name of names) {
    const response = await hub.send('POST', '/v1/orders', readFileSync(join(folder, name)));
    const { status, body } = await read(response);
    expect([name, status, body['code'], response.headers.get('content-type')]).toEqual([
      name,
      400,
      'BODY_MALFORMED',
      'application/problem+json; charset=utf-8',
    ]);
  }
}, 60_000);

test('a dealer speaks for its own company, and moves only a case in which it takes part', async () => {
  await hub.send('POST', '/v1/orders', order('SO-12'));
  const caseNo = await eventually(async () => {
    const answer = (await (await hub.send('GET', '/v1/cases?order=SO-12')).json()) as { case: string | null };
    return answer.case ?? undefined;
  });
  const release = {
    releaseNo: 'RL-12',
    caseNo,
    applicationNo: 'AP-12',
    borrowerUscc: ownUscc,
    picker: { name: '林晓', idNo: '11010519491231002X', vehicle: '闽A12345' },
  };
  const post = async (body: object, caller: string) => read(await hub.send('POST', '/v1/releases', body, { caller }));
  const foreign = await post({ ...release, borrowerUscc: '91350200MA35000E44' }, 'known-buyer');
  expect(foreign).toMatchObject({ status: 403, body: { errors: [{ pointer: '#/borrowerUscc' }] } });
  // As if there were no such case.
  const outside = await post(release, 'known-buyer');
  const nowhere = await post({ ...release, caseNo: 'CASE-0' }, 'known-buyer');
  for (const answer of [outside, nowhere])
    expect(answer).toMatchObject({ status: 404, body: { code: 'NOT_FOUND', errors: [{ pointer: '#/caseNo' }] } });
  expect(outside.body['detail']).toBe(nowhere.body['detail']);
  expect((await post(release, 'buyer')).status).toBe(202);
});
