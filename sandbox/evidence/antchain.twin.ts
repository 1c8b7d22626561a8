/**
 * AntChain's evidence service (蚂蚁链可信存证) behind the open gateway. A deposit is taken under the customer's number at once;
 * the transaction enters a block seconds later, and only the query tells it. The number alone decides: other content under a
 * number that is taken is answered OK, and the first content stands.
 */
import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { twin, type TwinAnswer, type TwinContext, type TwinRequest } from '../twin.ts';

interface Deposit {
  readonly baseInfo: string;
  readonly txHash: string;
  readonly block: number;
  /** Business time at which its block is there; null: nobody knows. */
  minedAtMs: number | null;
}

interface Memory {
  deposits: Record<string, Deposit>;
  /** Message ids and when they came, real time. */
  seen: Record<string, number>;
  /** Numbers that met their magic once. */
  met: Record<string, true>;
  /** Real times of the newest requests. */
  recent: number[];
  block: number;
}

type Said = Readonly<Record<string, string | number>> & { readonly result_code: string; readonly result_msg: string };

const accessKey = 'LTAI_SANDBOX_LIANSHU';
const serviceId = 'cme20261101sandbox';
const secretFile = 'access-key-secret.txt';

const hourMs = 3_600_000;
const blockMs = 3_000;
/** Real time that the gateway waits for the chain before it answers. */
const waitMaxMs = 300;
const perSecondMax = 20;
const windowMs = 15 * 60_000;

export const evidenceAntchain = twin<Memory>({
  name: 'evidence-antchain',
  kind: 'evidence',
  dialect: 'antchain',
  title: { zh: '蚂蚁链可信存证', en: 'AntChain evidence service' },
  settings: { accessKey, serviceId },
  magic: [
    {
      where: 'number of an anchoring 存证编号 `order_id`',
      value: '…-LATE',
      effect: 'enters a block after two business hours only, or by the act `mine`',
    },
    {
      where: 'number of an anchoring 存证编号 `order_id`',
      value: '…-NEVER',
      effect: 'stays without a block until the act `mine`',
    },
    {
      where: 'number of an anchoring 存证编号 `order_id`',
      value: '…-BUSY',
      effect: 'the first time `FLOW_CONTROL`, and nothing is taken',
    },
    {
      where: 'number of an anchoring 存证编号 `order_id`',
      value: '…-LOST',
      effect: 'the first time `PROVIDER_TIMEOUT`, although the deposit is taken',
    },
  ],
  enrol: () => {
    const files = { [secretFile]: randomBytes(20).toString('base64url') };
    return { hub: files, twin: files };
  },
  memory: () => ({ deposits: {}, seen: {}, met: {}, recent: [], block: 176_952_652 }),
  operationOf: ({ path, query }) =>
    path !== '/gateway.do' ? undefined : query['method']?.endsWith('.create') ? 'anchor' : 'queryAnchor',
  handle,
  acts: {
    /** The chain takes what waits: one deposit, or all. */
    mine: ({ orderId }, { memory, clock }) => {
      for (const [id, deposit] of Object.entries(memory.deposits))
        if (orderId === undefined || orderId === id)
          deposit.minedAtMs = Math.min(deposit.minedAtMs ?? Infinity, clock.now().getTime());
    },
  },
});

async function handle(request: TwinRequest, twin: TwinContext<Memory>): Promise<TwinAnswer> {
  if (request.path !== '/gateway.do') return { status: 404, body: 'Not Found' };
  const form = Object.fromEntries(new URLSearchParams(request.body.toString()));
  const said = wrongIn(request, form, twin) ?? (await done(request.query['method'] ?? '', form, twin));
  const response = { req_msg_id: request.query['req_msg_id'] ?? '', ...said };
  return {
    status: 200,
    headers: { 'content-type': 'application/json;charset=UTF-8' },
    body: envelope(Buffer.from(JSON.stringify(response)), twin.key(secretFile)),
  };
}

/** `{"response":…,"sign":"…"}`, signed over the bytes of the first. */
export function envelope(response: Buffer, secret: string): Buffer {
  return Buffer.concat([
    Buffer.from('{"response":'),
    response,
    Buffer.from(`,"sign":"${hmac(response, secret).toString('base64')}"}`),
  ]);
}

/** As the gateway signs and expects requests to be signed. */
export function signatureOf(parameters: Readonly<Record<string, string>>, secret: string): Buffer {
  const quote = (text: string) =>
    Buffer.from(text).reduce((all, byte) => {
      const char = String.fromCharCode(byte);
      return all + (/[A-Za-z0-9._~-]/.test(char) ? char : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`);
    }, '');
  const pairs = Object.keys(parameters)
    .sort()
    .map((name) => `${quote(name)}=${quote(parameters[name] ?? '')}`);
  return hmac(Buffer.from(pairs.join('&')), secret);
}

function wrongIn(request: TwinRequest, form: Record<string, string>, twin: TwinContext<Memory>): Said | undefined {
  const { memory } = twin;
  const { sign = '', ...query } = request.query;
  const now = Date.now();
  memory.recent = [...memory.recent.filter((at) => at > now - 1_000), now];
  if (memory.recent.length > perSecondMax) return no('FLOW_CONTROL', 'more than 20 requests in a second');
  if (query['access_key'] !== accessKey) return no('ACCESS_DENIED', 'Denied by check auth from IAM');
  const due = signatureOf({ ...query, ...form }, twin.key(secretFile));
  const given = Buffer.from(sign, 'base64');
  if (query['sign_type'] !== 'HmacSHA1' || given.length !== due.length || !timingSafeEqual(given, due))
    return no('ILLEGAL_SIGN', 'the signature is not right');
  const at = Date.parse(query['req_time'] ?? '');
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(query['req_time'] ?? '') || !(Math.abs(now - at) <= windowMs))
    return no('REQUEST_EXPIRED', 'req_time is more than 15 minutes away');
  const messageId = query['req_msg_id'] ?? '';
  for (const [id, seenAt] of Object.entries(memory.seen)) if (seenAt < now - 2 * windowMs) delete memory.seen[id];
  if (!/^[0-9a-f]{32}$/.test(messageId)) return no('ILLEGAL_PARAMETER', 'req_msg_id');
  if (Object.hasOwn(memory.seen, messageId)) return no('REQUEST_REPLAYED', 'req_msg_id was used before');
  memory.seen[messageId] = now;
  if (query['version'] !== '1.0') return no('ILLEGAL_PARAMETER', 'version');
  if (form['service_id'] !== serviceId) return no('SERVICE_NOT_EXIST', 'service_id');
  return /^[0-9A-Za-z][0-9A-Za-z_-]{0,63}$/.test(form['order_id'] ?? '')
    ? undefined
    : no('ILLEGAL_PARAMETER', 'order_id');
}

async function done(method: string, form: Record<string, string>, twin: TwinContext<Memory>): Promise<Said> {
  const { order_id: orderId = '', base_info_json: baseInfo = '' } = form;
  switch (method) {
    case 'antchain.caasplatform.deposit.create':
      return create(orderId, baseInfo, twin);
    case 'antchain.caasplatform.deposit.query':
      return record(orderId, twin);
    default:
      return no('ILLEGAL_PARAMETER', 'method');
  }
}

async function create(orderId: string, baseInfo: string, twin: TwinContext<Memory>): Promise<Said> {
  const { memory, clock } = twin;
  if (!isObject(baseInfo)) return no('ILLEGAL_PARAMETER', 'base_info_json');
  const firstTime = !Object.hasOwn(memory.met, orderId);
  memory.met[orderId] = true;
  if (firstTime && orderId.endsWith('-BUSY')) return no('FLOW_CONTROL', 'more than 20 requests in a second');
  if (!Object.hasOwn(memory.deposits, orderId)) {
    memory.block += 1;
    const delayMs = orderId.endsWith('-NEVER') ? undefined : orderId.endsWith('-LATE') ? 2 * hourMs : blockMs;
    memory.deposits[orderId] = {
      baseInfo,
      txHash: createHash('sha256').update(`${orderId}\n${baseInfo}\n${memory.block}`).digest('hex'),
      block: memory.block,
      minedAtMs: delayMs === undefined ? null : clock.now().getTime() + delayMs,
    };
    twin.effect('deposited', orderId, { baseInfo });
  }
  if (firstTime && orderId.endsWith('-LOST')) return no('PROVIDER_TIMEOUT', 'no answer from the provider');
  const minedAtMs = memory.deposits[orderId]?.minedAtMs ?? Infinity;
  if (Number.isFinite(minedAtMs)) await sleep(Math.min(waitMaxMs, clock.realMsUntil(new Date(minedAtMs))));
  return { result_code: 'OK', result_msg: 'OK' };
}

function record(orderId: string, { memory, clock }: TwinContext<Memory>): Said {
  const deposit = Object.hasOwn(memory.deposits, orderId) ? memory.deposits[orderId] : undefined;
  if (!deposit) return no('DEPOSIT_NOT_EXIST', 'deposit not exist');
  const { minedAtMs, txHash, block, baseInfo } = deposit;
  const mined = minedAtMs !== null && minedAtMs <= clock.now().getTime();
  return {
    result_code: 'OK',
    result_msg: 'OK',
    order_id: orderId,
    service_id: serviceId,
    base_info_json: baseInfo,
    extension_info_json: '',
    ...(mined ? { tx_hash: txHash, block_number: block, timestamp: Math.floor(minedAtMs) } : {}),
  };
}

function no(code: string, message: string): Said {
  return { result_code: code, result_msg: message };
}

function isObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

function hmac(bytes: Buffer, secret: string): Buffer {
  return createHmac('sha1', secret).update(bytes).digest();
}
