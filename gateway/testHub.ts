/** A hub for the gateway's tests: real database, engine, broker and HTTP; one short flow and one system that calls back. */
import { randomUUID } from 'node:crypto';
import { ServiceBroker } from 'moleculer';
import { usccCheckDigit } from '../contracts/canonical/uscc.ts';
import { evidence } from '../contracts/evidence/evidence.ts';
import { portal } from '../contracts/portal/portal.ts';
import { TradeOrder, sap } from '../contracts/sap/sap.ts';
import type { ActionCall, ActionOutcome } from '../engine/host.ts';
import { Clock } from '../engine/clock.ts';
import { Engine } from '../engine/engine.ts';
import { Exchanges, type ExchangeRow } from '../engine/exchanges.ts';
import { flow } from '../engine/flow.ts';
import { Lanes } from '../engine/lanes.ts';
import { freshDatabase } from '../test/database.ts';
import type { GatewayOptions } from './options.ts';
import { startGateway } from './server.ts';
import { signatureOf } from './signature.ts';

const caller = 'unit-xm';
const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
/** Personal data that must appear nowhere. */
export const canaries = { idNo: '350100198202030024', account: '4100020000000000202', card: '6222024100001230006' };

const step = (no: number, zh: string, en: string, party: string) => ({ no, name: { zh, en }, party });

/** Order in, order read back, dealer registers: enough for every kind of entry that a page shows. */
const shortFlow = flow({
  name: 'order-to-dealer',
  version: 1,
  title: { zh: '订单到入驻', en: 'Order to dealer' },
  input: TradeOrder,
  startedBy: [portal.notices.orderPlaced.name],
  keyOf: (placed) => placed.orderNo,
  caseOf: (placed) => ({ key: placed.orderNo, title: placed.orderNo }),
  milestones: [
    step(1, '接单', 'Order taken', caller),
    step(2, '入驻', 'Dealer registered', 'dealer'),
    step(3, '放款', 'Disbursed', 'bank'),
  ],
  body: async (run, placed) => {
    await run.call(sap.operations.readOrder, { orderNo: placed.orderNo }, { system: 'sap-s4' });
    await run.milestone(1);
    await run.wait(portal.notices.registered, { key: run.caseId, within: '5 working days', from: 'dealer' });
    await run.milestone(2);
    return { outcome: 'registered' };
  },
});

export interface Received {
  readonly system: string;
  readonly inbound: {
    readonly method: string;
    readonly path: string;
    readonly query: Readonly<Record<string, string>>;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
  };
}

export type TestHub = Awaited<ReturnType<typeof startHub>>;

export async function startHub(options: Partial<GatewayOptions> = {}) {
  const database = await freshDatabase();
  const { store } = database;
  const clock = new Clock();
  const received: Received[] = [];
  const broker = new ServiceBroker({ logger: false, requestTimeout: 10_000 });
  broker.createService({
    name: 'wms',
    actions: {
      receive: ({ params }: { params: Received }) => {
        received.push(params);
        if (params.inbound.path === '/bug') throw new Error('secret of the house');
        const headers = { 'content-type': 'application/xml; charset=gb18030' };
        return { status: 202, headers, body: Buffer.from([0x3c, 0xd6, 0xd0, 0x3e, 0x00, 0xff]).toString('base64') };
      },
    },
  });
  await broker.start();
  await store.pool.query(
    `insert into system (id, kind, dialect, url, name_zh, name_en) values ('wms-one', 'wms', 'qimen', 'http://127.0.0.1:1', '仓库', 'Warehouse')`,
  );
  const lanes = new Lanes({ store, url: database.url, clock });
  const engine: Engine = new Engine({
    store,
    url: database.url,
    clock,
    flows: [shortFlow],
    lanes,
    call: (asked) => answerOf(exchanges, asked),
  });
  const exchanges: Exchanges = new Exchanges(store, (keys) => engine.signalled(keys));
  await engine.start();
  const gateway = await startGateway({
    port: 0,
    store,
    engine,
    lanes,
    exchanges,
    clock,
    broker,
    flows: [shortFlow],
    kinds: [portal, sap, evidence],
    parties: [
      { id: caller, name: { zh: '经营单位', en: 'Trading unit' }, system: caller },
      { id: 'sap', name: { zh: '经营单位 ERP', en: 'ERP of the unit' }, system: 'sap-s4' },
      { id: 'dealer', name: { zh: '链属企业', en: 'Dealer' }, system: 'H5' },
      { id: 'bank', name: { zh: '资金方', en: 'Funder' }, system: 'bank-one' },
    ],
    secretOf: (who) =>
      [caller, 'dealer-a', 'buyer', 'known-buyer', 'keeper-a', 'bank-a'].includes(who) ? secret : undefined,
    roleOf: (who) =>
      ({ buyer: 'dealer', 'known-buyer': 'dealer', 'keeper-a': 'keeper', 'bank-a': 'funder' } as const)[
        who as 'buyer'
      ] ?? 'unit',
    companyOf: (who) => (who === 'bank-a' ? '91350200MA37000G0Y' : undefined),
    ...options,
  });
  return {
    database,
    store,
    clock,
    engine,
    exchanges,
    broker,
    gateway,
    received,
    url: gateway.url,
    async send(
      method: 'GET' | 'POST',
      path: string,
      body?: unknown,
      how: {
        id?: string;
        caller?: string;
      } = {},
    ) {
      const bytes = body instanceof Uint8Array ? body : Buffer.from(body === undefined ? '' : JSON.stringify(body));
      const id = how.id ?? `msg_${randomUUID()}`;
      return fetch(`${gateway.url}${path}`, {
        method,
        headers: signedHeaders(id, bytes, how.caller),
        redirect: 'manual',
        ...(method === 'POST' ? { body: Buffer.from(bytes) } : {}),
      });
    },
    async stop() {
      await gateway.close();
      await engine.stop();
      await broker.stop();
      await database.drop();
    },
  };
}

export function signedHeaders(id: string, bytes: Uint8Array, who = caller, atMs = Date.now()): Record<string, string> {
  const timestamp = String(Math.floor(atMs / 1000));
  return {
    'content-type': 'application/json',
    'x-lianshu-caller': who,
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': signatureOf(secret, id, timestamp, bytes),
  };
}

export function order(orderNo: string, changes: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    orderNo,
    orderDate: '2026-11-20',
    currency: 'CNY',
    total: '2857190.00',
    buyer: { externalNo: '0000017101', name: '福建闽江钢材有限公司' },
    seller: { externalNo: '1000' },
    lines: [
      {
        lineNo: '10',
        materialCode: 'AL-A00',
        quantity: '142.860',
        unit: 'TNE',
        unitPrice: '20000.00',
        amount: '2857200.00',
      },
    ],
    messageNo: `MSG-${randomUUID().slice(0, 8)}`,
    sentAt: new Date().toISOString(),
    ...changes,
  };
}

export function registration(caseNo: string, changes: Record<string, unknown> = {}): Record<string, unknown> {
  const first17 = '91350100MA32000B1';
  return {
    invitationCode: 'INV-1',
    caseNo,
    uscc: `${first17}${usccCheckDigit(first17)}`,
    name: '福建闽江钢材有限公司',
    legalRep: { name: '郑海峰', idNo: canaries.idNo },
    agent: { name: '吴晓燕', idNo: canaries.idNo, phone: '13800000012', cardNo: canaries.card },
    account: {
      accountName: '福建闽江钢材有限公司',
      accountNo: canaries.account,
      bankName: '沙箱银行厦门分行',
      bankCode: '102393000018',
    },
    consents: [{ purpose: 'financing', recipient: '厦门链枢金控有限公司' }],
    ...changes,
  };
}

/** Asks again until it holds: the engine works in the background. */
export async function eventually<T>(read: () => Promise<T | undefined>, withinMs = 8_000): Promise<T> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const found = await read();
    if (found !== undefined) return found;
    if (Date.now() > deadline) throw new Error(`it did not come about within ${withinMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

/** A message to the ERP that went well, but for what is said of it. */
export function outgoing(told: Partial<ExchangeRow>): ExchangeRow {
  return {
    id: randomUUID(),
    system: 'sap-s4',
    operation: 'sap.readOrder',
    direction: 'out',
    run: undefined,
    case: undefined,
    attempt: 1,
    state: 'ok',
    verified: undefined,
    code: undefined,
    detail: undefined,
    ms: 12,
    request: undefined,
    answer: undefined,
    parts: [],
    ...told,
  };
}

/** Any operation is confirmed at once, and kept as an adapter would keep it. */
async function answerOf(
  exchanges: Exchanges,
  { operation, system, request, effect }: ActionCall,
): Promise<ActionOutcome> {
  const { orderNo } = request as { orderNo: string };
  const { messageNo: _, sentAt: __, ...fields } = order(orderNo);
  const response = { ...fields, status: 'open', readAt: new Date().toISOString() };
  const bytes = Buffer.from(JSON.stringify(response));
  const part = { method: 'GET', path: '/sap/order?token=canary-token', request: Buffer.alloc(0), status: 200, ms: 12 };
  const { run, case: caseId, attempt } = effect;
  const parts = [{ ...part, answer: bytes }];
  await exchanges.record(outgoing({ system, operation, run, case: caseId, attempt, request, answer: response, parts }));
  return { outcome: 'confirmed', response };
}
