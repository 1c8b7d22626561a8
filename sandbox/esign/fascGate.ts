/** The gate of 法大大: who may call, with which token, and how it signs what it tells. Written from the vendor's side. */
import { createHash, createHmac, randomBytes } from 'node:crypto';
import { json, type TwinAnswer, type TwinRequest } from '../twin.ts';
import type { FascMemory } from './fascMemory.ts';

const timestampWindowMs = 5 * 60_000;
const nonceMemoryMs = 10 * 60_000;
const tokenLifeMs = 7_200_000;

export const ok = (data: unknown): TwinAnswer => json({ code: '100000', msg: '请求成功', data, success: true });
export const no = (code: string, msg: string, status = 200): TwinAnswer =>
  json({ code, msg, data: null, success: false }, status);

const needed = ['x-fasc-app-id', 'x-fasc-sign-type', 'x-fasc-sign', 'x-fasc-timestamp', 'x-fasc-nonce'] as const;
const signedHeaders = [
  'X-FASC-AccessToken',
  'X-FASC-Api-SubVersion',
  'X-FASC-App-Id',
  'X-FASC-Grant-Type',
  'X-FASC-Nonce',
  'X-FASC-Sign-Type',
  'X-FASC-Timestamp',
];

/** The refusal, or the business content of a request that may pass. */
export function gate(
  { headers, body, method }: TwinRequest,
  own: { appId: string; secret: string; memory: FascMemory; wantsToken: boolean },
): TwinAnswer | { readonly biz: string } {
  const { appId, secret, memory } = own;
  const missing = needed.find((name) => !headers[name]);
  if (missing) return no('100012', `${missing} 不能为空`);
  if (method !== 'POST' || !headers['content-type']?.startsWith('application/x-www-form-urlencoded'))
    return no('100001', '请求方式不正确');
  const timestamp = headers['x-fasc-timestamp'] ?? '';
  if (!(Math.abs(Date.now() - Number(timestamp)) <= timestampWindowMs)) return no('100001', '请求已过期');
  if (headers['x-fasc-app-id'] !== appId) return no('100001', '未获取有效的平台信息');
  const nonce = headers['x-fasc-nonce'] ?? '';
  if (nonce.length > 32 || memory.nonces[nonce] !== undefined) return no('100001', '请求重复');
  const form = new URLSearchParams(body.toString('utf8'));
  const biz = form.get('bizContent') ?? '';
  const parameters = new Map(signedHeaders.map((name) => [name, headers[name.toLowerCase()] ?? '']));
  parameters.set('bizContent', biz);
  if (headers['x-fasc-sign'] !== signature(secret, timestamp, parameters)) return no('100003', '签名错误');
  keepNonce(memory, nonce);
  if (!own.wantsToken) return { biz };
  const { token } = memory;
  if (!token || token.text !== headers['x-fasc-accesstoken'] || Date.now() > token.untilMs)
    return no('100002', '访问凭证失效', 401);
  token.untilMs = Date.now() + tokenLifeMs; // Each call prolongs it.
  return { biz };
}

/** The same one as long as it lives. */
export function giveToken(grantType: string | undefined, memory: FascMemory): TwinAnswer {
  if (grantType !== 'client_credential') return no('100012', 'X-FASC-Grant-Type 不能为空');
  const now = Date.now();
  if (!memory.token || now > memory.token.untilMs)
    memory.token = { text: randomBytes(24).toString('hex'), untilMs: now + tokenLifeMs };
  memory.token.untilMs = now + tokenLifeMs;
  return ok({ accessToken: memory.token.text, expiresIn: String(tokenLifeMs / 1000) });
}

/** In two stages: a key for this instant, and with it the digest of all pairs. */
export function signature(secret: string, timestamp: string, parameters: ReadonlyMap<string, string>): string {
  const names = [...parameters.keys()].filter((name) => parameters.get(name)).sort(byCodeUnits);
  const text = names.map((name) => `${name}=${parameters.get(name)}`).join('&');
  const instantKey = createHmac('sha256', secret).update(timestamp).digest();
  return createHmac('sha256', instantKey).update(createHash('sha256').update(text).digest('hex')).digest('hex');
}

export function eventHeaders(
  own: { appId: string; secret: string },
  told: { event: string; timestamp: string; nonce: string; biz: string },
): Record<string, string> {
  const headers = {
    'X-FASC-App-Id': own.appId,
    'X-FASC-Sign-Type': 'HMAC-SHA256',
    'X-FASC-Timestamp': told.timestamp,
    'X-FASC-Nonce': told.nonce,
    'X-FASC-Event': told.event,
  };
  const parameters = new Map([...Object.entries(headers), ['bizContent', told.biz]] as [string, string][]);
  return {
    ...headers,
    'X-FASC-Sign': signature(own.secret, told.timestamp, parameters),
    'Content-Type': 'application/x-www-form-urlencoded',
  };
}

function keepNonce(memory: FascMemory, nonce: string): void {
  const now = Date.now();
  for (const [old, seenMs] of Object.entries(memory.nonces))
    if (now - seenMs > nonceMemoryMs) delete memory.nonces[old];
  memory.nonces[nonce] = now;
}

const byCodeUnits = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
