import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { eventually, order, signedHeaders, startHub, type TestHub } from './testHub.ts';

let hub: TestHub;
beforeAll(async () => {
  hub = await startHub();
});
afterAll(() => hub.stop());

const why = { by: 'Zhang', reason: 'agreed on the phone' };

async function get(path: string): Promise<Record<string, unknown>> {
  const answer = await fetch(`${hub.url}${path}`);
  return { status: answer.status, ...((await answer.json()) as object) };
}

async function post(path: string, body: object, type = 'application/json'): Promise<Record<string, unknown>> {
  const answer = await fetch(`${hub.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': type },
    body: JSON.stringify(body),
  });
  return { status: answer.status, ...((await answer.json()) as object) };
}

async function waitingRun(): Promise<string> {
  const orderNo = `SO-${randomUUID().slice(0, 12)}`;
  const bytes = Buffer.from(JSON.stringify(order(orderNo)));
  const pushed = await fetch(`${hub.url}/v1/orders`, {
    method: 'POST',
    headers: signedHeaders(randomUUID(), bytes),
    body: bytes,
  });
  expect(pushed.status).toBe(202);
  return eventually(async () => {
    const found = await hub.store.pool.query<{ id: string }>('select id from run where key = $1 and state = 3', [
      orderNo,
    ]);
    return found.rows[0]?.id;
  });
}

test('shows a run to its operator, with what may be done and why the rest may not', async () => {
  const run = await waitingRun();
  const seen = await get(`/v1/runs/${run}/inspection`);
  expect(seen).toMatchObject({ status: 200, run, state: 'waiting', divergence: null, suspended: false });
  expect(seen['standing']).toMatchObject([{ kind: 'wait', party: 'dealer' }]);
});

test('cancels a run, and says who did it', async () => {
  const run = await waitingRun();
  expect(await post(`/v1/runs/${run}/acts`, { kind: 'cancel', ...why })).toMatchObject({ status: 202, state: 'open' });
  await eventually(
    async () => ((await get(`/v1/runs/${run}`))['run'] as { state: string }).state === 'cancelled' || undefined,
  );
  expect((await get(`/v1/runs/${run}/acts`))['acts']).toMatchObject([
    { kind: 'cancel', state: 'applied', by: 'Zhang' },
  ]);
});

test('takes what needs two people from two people only', async () => {
  const run = await waitingRun();
  const act = await post(`/v1/runs/${run}/acts`, { kind: 'terminate', ...why });
  expect(act).toMatchObject({ state: 'proposed' });
  const { id, payloadHash } = act as { id: string; payloadHash: string };
  expect((await get('/v1/acts'))['acts']).toEqual(expect.arrayContaining([expect.objectContaining({ id })]));
  expect(await post(`/v1/acts/${id}/approve`, { by: 'zhang', payloadHash })).toMatchObject({
    status: 422,
    code: 'SAME_PERSON_APPROVAL',
  });
  expect(await post(`/v1/acts/${id}/approve`, { by: 'Wang', payloadHash: 'x' })).toMatchObject({
    code: 'APPROVAL_STALE',
  });
  expect(await post(`/v1/acts/${id}/approve`, { by: 'Wang', payloadHash })).toMatchObject({ status: 200 });
  await eventually(async () => ((await get(`/v1/acts/${id}`))['state'] === 'applied' ? true : undefined));
});

test('answers what is wrong with a problem that names the field, and never with a stack', async () => {
  const run = await waitingRun();
  const path = `/v1/runs/${run}/acts`;
  expect(await post(path, { kind: 'explode', ...why })).toMatchObject({ status: 422, errors: [{ pointer: '#/kind' }] });
  expect(await post(path, { kind: 'cancel', by: 'Zhang', reason: 'no' })).toMatchObject({
    errors: [{ pointer: '#/reason' }],
  });
  expect(await post(path, { kind: 'cancel', by: 'Zhang' })).toMatchObject({ errors: [{ pointer: '#/reason' }] });
  expect(await post(path, { kind: 'skip', body: { path: 'x' }, ...why })).toMatchObject({
    errors: [{ pointer: '#/output' }],
  });
  expect(await post(path, { kind: 'resume', ...why })).toMatchObject({ status: 409, code: 'ILLEGAL_TRANSITION' });
  expect(await post(path, { kind: 'cancel', ...why }, 'text/plain')).toMatchObject({ status: 415 });
  expect(await post(`/v1/runs/${randomUUID()}/acts`, { kind: 'cancel', ...why })).toMatchObject({ status: 404 });
  expect(await get('/v1/runs/x/inspection')).toMatchObject({ status: 404 });
  expect(await post('/v1/bulk-acts', { kind: 'retry', where: {}, pace: 1, ...why })).toMatchObject({ status: 400 });
  expect(await get('/v1/signals')).toMatchObject({ status: 400 });
  expect(await get('/v1/signals?state=untaken')).toMatchObject({ status: 200 });
  expect(await get('/v1/incidents')).toMatchObject({ status: 200, incidents: [] });
  expect(await get('/v1/tasks')).toMatchObject({ status: 200, tasks: [] });
  expect(await get('/v1/tasks/x')).toMatchObject({ status: 404 });
});

test('acts on many runs that are named by what they have in common', async () => {
  const run = await waitingRun();
  const begun = await post('/v1/bulk-acts', { kind: 'suspend', where: { ids: [run] }, pace: 10, ...why });
  expect(begun).toMatchObject({ status: 202, runs: 1 });
  await eventually(async () =>
    (await get(`/v1/bulk-acts/${String(begun['bulk'])}`))['applied'] === 1 ? true : undefined,
  );
  expect(await get(`/v1/runs/${run}/inspection`)).toMatchObject({ suspended: true, state: 'attention' });
});
