/** The gate of the signing service: who may call, and how it signs what it tells. Written from the vendor's side. */
import { createHash, createHmac } from 'node:crypto';
import { json, type TwinAnswer, type TwinRequest } from '../twin.ts';

const timestampWindowMs = 15 * 60_000;

export const ok = (data: unknown): TwinAnswer => json({ code: 0, message: '成功', data });
export const no = (code: number, message: string): TwinAnswer => json({ code, message, data: null });

/** The refusal, or nothing when the request may pass. */
export function gate(request: TwinRequest, appId: string, appSecret: string): TwinAnswer | undefined {
  const { headers, body, method } = request;
  const refuse = (message: string): TwinAnswer => json({ code: 401, message, data: null }, 401);
  if (headers['x-tsign-open-app-id'] !== appId) return refuse('INVALID_APPID');
  if (headers['x-tsign-open-auth-mode'] !== 'Signature') return refuse('INVALID_AUTH_MODE');
  const timestamp = headers['x-tsign-open-ca-timestamp'] ?? '';
  if (!/^\d{13}$/.test(timestamp) || Math.abs(Date.now() - Number(timestamp)) > timestampWindowMs) {
    return refuse('INVALID_TIMESTAMP');
  }
  const bodyless = method === 'GET' || method === 'DELETE';
  const md5 = bodyless ? '' : createHash('md5').update(body).digest('base64');
  if ((headers['content-md5'] ?? '') !== md5) return refuse('INVALID_CONTENT_MD5');
  const expected = requestSignature(appSecret, {
    method,
    accept: headers['accept'] ?? '',
    contentMd5: md5,
    contentType: headers['content-type'] ?? '',
    pathAndParameters: pathAndParameters(request),
  });
  return headers['x-tsign-open-ca-signature'] === expected ? undefined : refuse('INVALID_SIGNATURE');
}

export function requestSignature(
  secret: string,
  parts: { method: string; accept: string; contentMd5: string; contentType: string; pathAndParameters: string },
): string {
  const { method, accept, contentMd5, contentType } = parts;
  const text = `${method}\n${accept}\n${contentMd5}\n${contentType}\n\n${parts.pathAndParameters}`;
  return createHmac('sha256', secret).update(text).digest('base64');
}

/** Values of the query in the order of their names, behind the timestamp and before the body. */
export function callbackSignature(secret: string, timestamp: string, query: URLSearchParams, body: string): string {
  const names = [...new Set(query.keys())].sort();
  const values = names.map((name) => query.get(name) ?? '').join('');
  return createHmac('sha256', secret)
    .update(timestamp + values + body)
    .digest('hex');
}

function pathAndParameters({ path, query }: TwinRequest): string {
  const names = Object.keys(query).sort((a, b) => a.toLowerCase().localeCompare(b.toLowerCase()));
  return names.length === 0 ? path : `${path}?${names.map((name) => `${name}=${query[name]}`).join('&')}`;
}
