import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type * as console from '../console/api.ts';
import { canaries, eventually, order, outgoing, registration, startHub, type TestHub } from './testHub.ts';
import type { ExchangeView, RunDetailView, RunView } from './view.ts';

let hub: TestHub;
const folder = mkdtempSync(join(tmpdir(), 'lianshu-console-'));
beforeAll(async () => {
  mkdirSync(join(folder, 'assets'));
  writeFileSync(join(folder, 'index.html'), '<!doctype html><title>built</title>');
  writeFileSync(join(folder, 'assets', 'index-abc.js'), 'export {};');
  hub = await startHub({ consoleFolder: folder, limits: { heartbeatMs: 100, streamsMax: 3 } });
});
afterAll(async () => {
  await hub.stop();
  rmSync(folder, { recursive: true });
});

// The compiler compares the console's own statement of the interface with ours.
const agree: [
  (v: RunView) => console.RunRow,
  (v: RunDetailView) => console.RunDetail,
  (v: ExchangeView) => console.Exchange,
] = [(v) => v, (v) => v, (v) => v];

async function get<T>(path: string): Promise<T> {
  const response = await fetch(`${hub.url}${path}`);
  expect([path, response.status]).toEqual([path, 200]);
  return (await response.json()) as T;
}

/** The run of a new order, once it waits. */
async function newRun(no: string): Promise<RunView> {
  await hub.send('POST', '/v1/orders', order(no));
  return eventually(async () => {
    const { runs } = await get<{ runs: RunView[] }>(`/v1/runs?q=${no}&state=waiting`);
    return runs[0];
  });
}

/** Events of a stream until one fits. */
async function streamUntil(
  path: string,
  fits: (event: string, data: Record<string, unknown>) => boolean,
  headers = {},
) {
  const stop = new AbortController();
  const response = await fetch(`${hub.url}${path}`, { headers, signal: stop.signal });
  expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
  const events: { event: string; data: Record<string, unknown>; id: string | undefined }[] = [];
  let text = '';
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    text += Buffer.from(chunk).toString();
    const blocks = text.split('\n\n');
    text = blocks.pop() ?? '';
    for (const block of blocks) {
      const [, event] = /^event: (.*)$/m.exec(block) ?? [];
      const [, data] = /^data: (.*)$/m.exec(block) ?? [];
      if (event !== undefined && data !== undefined) {
        events.push({ event, data: JSON.parse(data), id: /^id: (.*)$/m.exec(block)?.[1] });
      }
    }
    if (events.some(({ event, data }) => fits(event, data))) break;
  }
  stop.abort();
  return events;
}

test('a run shows how far its case is, whom it waits for, and every message with its parties', async () => {
  expect(agree).toHaveLength(3);
  const row = await newRun('R-1');
  expect(row).toMatchObject({
    flow: 'order-to-dealer',
    flowName: { zh: '订单到入驻', en: 'Order to dealer' },
    state: 'waiting',
    step: [1, 3],
    stepName: { zh: '入驻', en: 'Dealer registered' },
    waitingOn: {
      party: 'dealer',
      name: { zh: '链属企业', en: 'Dealer' },
      what: { zh: '企业入驻', en: 'dealer registered' },
    },
  });
  expect(row.startedAt).toMatch(/\+08:00$/);
  const detail = await get<RunDetailView>(`/v1/runs/${row.id}`);
  expect(detail.milestones.map(({ no, state }) => [no, state])).toEqual([
    [1, 'done'],
    [2, 'current'],
    [3, 'todo'],
  ]);
  expect(detail.messages.map(({ from, to, verb, state, status }) => [from, to, verb.zh, state, status])).toEqual([
    ['unit-xm', 'hub', '推送订单', 'ok', 202],
    ['hub', 'sap', '回读订单', 'ok', 200],
  ]);
  expect(detail.parties.map(({ id, health }) => [id, health])).toEqual([
    ['hub', 'ok'],
    ['unit-xm', 'ok'],
    ['sap', 'ok'],
    ['dealer', 'unknown'],
    ['bank', 'unknown'],
  ]);
  expect(detail.steps.map(({ kind, path }) => [kind, path])).toEqual([
    ['input', 'input'],
    ['result', 'sap.readOrder'],
    ['milestone', 'milestone 1'],
  ]);
  const exchange = await get<ExchangeView>(`/v1/exchanges/${encodeURIComponent(detail.messages[1]?.id ?? '')}`);
  expect(exchange).toMatchObject({
    operation: 'sap.readOrder',
    request: { orderNo: 'R-1' },
    wire: { path: '/sap/order', requestBytes: 0 },
  });
  expect(exchange.wire.answerSha256).toMatch(/^[0-9a-f]{64}$/);
});

test('a page of runs is newest first, pages join without gap, and a filter is echoed or refused', async () => {
  for (const no of ['P-1', 'P-2', 'P-3']) await newRun(no);
  type Page = { runs: RunView[]; next: string | null; applied_filters: object };
  const first = await get<Page>('/v1/runs?q=p-&limit=2');
  expect([first.runs.map((run) => run.key), first.applied_filters]).toEqual([['P-3', 'P-2'], { q: 'p-' }]);
  const second = await get<Page>(`/v1/runs?q=p-&limit=2&before=${first.next}`);
  expect([second.runs.map((run) => run.key), second.next]).toEqual([['P-1'], null]);
  expect((await get<Page>('/v1/runs?state=done&flow=order-to-dealer&q=P-')).runs).toEqual([]);
  for (const bad of ['colour=red', 'state=gone', 'state=', 'limit=0', 'limit=1e2', 'before=x', 'q=a&q=b']) {
    const response = await fetch(`${hub.url}/v1/runs?${bad}`);
    expect([bad, response.status]).toEqual([bad, 400]);
  }
  for (const path of [
    '/v1/runs/x',
    `/v1/runs/${randomUUID()}`,
    `/v1/exchanges/${randomUUID()}`,
    '/v1/exchanges/a~b~c~1',
  ]) {
    expect([path, (await fetch(`${hub.url}${path}`)).status]).toEqual([path, 404]);
  }
});

test('personal data appears in no answer of the console, live or read, taken or refused', async () => {
  const { id, case: caseNo } = await newRun('C-1');
  const shown = streamUntil(
    `/v1/stream?topics=runs,run:${id}`,
    (event, data) => event === 'run.changed' && data['state'] === 'done',
  );
  await hub.send('POST', '/v1/registrations', { ...registration(caseNo), surplus: canaries.idNo }, { caller: 'buyer' });
  await hub.send('POST', '/v1/registrations', registration(caseNo), { caller: 'buyer' });
  const events = await shown;
  const detail = await get<RunDetailView>(`/v1/runs/${id}`);
  // What a counterparty says in words is no better.
  const said = `客户 ${canaries.idNo}，账号${canaries.account}`;
  const refused = randomUUID();
  await hub.exchanges.record(
    outgoing({
      id: refused,
      case: caseNo,
      state: 'refused',
      code: 'E42',
      detail: said,
      request: { orderNo: 'x', idNo: canaries.idNo },
      answer: { card: canaries.card },
    }),
  );
  const all = await hub.store.pool.query<{ id: string }>('select id from exchange');
  const answers = await Promise.all([
    ...all.rows.map((row) => get<unknown>(`/v1/exchanges/${row.id}`)),
    get(`/v1/runs/${id}`),
    get('/v1/runs'),
  ]);
  const text = JSON.stringify([events, detail, answers]);
  for (const canary of Object.values(canaries)) expect(text).not.toContain(canary);
  expect(text).not.toContain('canary-token');
  expect(text).toContain('350***********0024');
  expect(answers).toContainEqual(
    expect.objectContaining({ id: refused, failure: expect.objectContaining({ code: 'E42', zh: '对方系统拒绝' }) }),
  );
});

test('the stream tells messages, milestones, steps and the row, and ends with a position to go on from', async () => {
  const { id, case: caseNo } = await newRun('S-1');
  const { lastSeq } = await get<RunDetailView>(`/v1/runs/${id}`);
  const told = streamUntil(
    `/v1/stream?topics=run:${id}`,
    (event, data) => event === 'run.changed' && data['state'] === 'done',
    {
      'last-event-id': lastSeq,
    },
  );
  await hub.send('POST', '/v1/registrations', registration(caseNo), { caller: 'buyer' });
  const events = await told;
  const kinds = new Set(events.map(({ event }) => event));
  expect(kinds).toEqual(new Set(['run.parties', 'run.message', 'run.milestone', 'run.step', 'run.changed']));
  expect(events).toContainEqual(
    expect.objectContaining({ event: 'run.milestone', data: expect.objectContaining({ no: 2, state: 'done' }) }),
  );
  const position = events.findLast((event) => event.id !== undefined)?.id ?? '';
  expect(position).toMatch(/^\d+\.\d+$/);
  // Who comes back with an old position gets what it missed at once.
  const missed = await streamUntil(`/v1/stream?topics=run:${id}`, (event) => event === 'run.changed', {
    'last-event-id': lastSeq,
  });
  expect(missed.some(({ event, data }) => event === 'run.message' && data['operation'] === 'portal.registered')).toBe(
    true,
  );
});

test('streams are few, beat, refuse topics that do not exist, and end with the hub', async () => {
  for (const bad of ['topics=all', 'topics=run:x', 'topic=runs', '']) {
    expect([bad, (await fetch(`${hub.url}/v1/stream?${bad}`)).status]).toEqual([bad, 400]);
  }
  expect((await fetch(`${hub.url}/v1/stream?topics=run:${randomUUID()}`)).status).toBe(404);
  const stop = new AbortController();
  const open = await Promise.all(
    [1, 2, 3].map(() => fetch(`${hub.url}/v1/stream?topics=runs`, { signal: stop.signal })),
  );
  expect((await fetch(`${hub.url}/v1/stream?topics=runs`)).status).toBe(503);
  let text = '';
  for await (const chunk of (open[0]?.body ?? []) as unknown as AsyncIterable<Uint8Array>) {
    text += Buffer.from(chunk).toString();
    if (text.includes(': beat')) break;
  }
  stop.abort();
  const other = await startHub();
  const stream = await fetch(`${other.url}/v1/stream?topics=runs`);
  const ended = stream.text();
  await other.stop();
  expect(await ended).toContain('retry:');
});

test('an effect under way is drawn in flight, and its exchange fills in the same message', async () => {
  const { id, case: caseNo } = await newRun('F-1');
  await hub.store.pool.query(
    `insert into effect (key, run_id, case_id, path, system, operation, payload_hash, state) values ($1, $2, $3, 'x', 'bank-one', 'bank.disburse', 'h', 'intent')`,
    [randomUUID(), id, caseNo],
  );
  const before = await get<RunDetailView>(`/v1/runs/${id}`);
  const inFlight = before.messages.find((message) => message.state === 'inflight');
  expect(inFlight).toMatchObject({ from: 'hub', to: 'bank', operation: 'bank.disburse', ms: null });
  const path = `/v1/exchanges/${encodeURIComponent(inFlight?.id ?? '')}`;
  expect(await get(path)).toMatchObject({ state: 'inflight', request: null });
  await hub.exchanges.record(
    outgoing({
      system: 'bank-one',
      operation: 'bank.disburse',
      run: id,
      case: caseNo,
      state: 'unknown',
      code: 'OUTCOME_UNKNOWN',
      detail: 'no answer in 5000 ms',
      request: { amount: '1.00', accountNo: canaries.account },
    }),
  );
  const after = await get<RunDetailView>(`/v1/runs/${id}`);
  expect(after.messages.filter((message) => message.operation === 'bank.disburse')).toMatchObject([
    { id: inFlight?.id, state: 'unknown', code: 'OUTCOME_UNKNOWN' },
  ]);
  // No contract is known for it here: everything is masked.
  expect(await get(path)).toMatchObject({ state: 'unknown', request: { amount: '***', accountNo: '***' } });
  expect(after.parties.find((party) => party.id === 'bank')?.health).toBe('degraded');
});

test('the console is served from its folder and from nowhere else', async () => {
  const page = await fetch(`${hub.url}/runs/x`);
  expect([await page.text(), page.headers.get('cache-control')]).toEqual([
    '<!doctype html><title>built</title>',
    'no-store',
  ]);
  const asset = await fetch(`${hub.url}/assets/index-abc.js`);
  expect([asset.status, asset.headers.get('content-type')]).toEqual([200, 'text/javascript; charset=utf-8']);
  expect(asset.headers.get('cache-control')).toContain('immutable');
  for (const path of [
    '/assets/..%2findex.html',
    '/assets/.env',
    '/assets/%2e%2e/index.html',
    '/assets/none.js',
    '/index.ts',
  ]) {
    expect([path, (await fetch(`${hub.url}${path}`)).status]).toEqual([path, 404]);
  }
});
