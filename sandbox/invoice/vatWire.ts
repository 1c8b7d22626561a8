/** The checker's side of its API: whom it admits, which fields it takes, how it signs what it says. */
import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { TwinRequest } from '../twin.ts';

export type Fields = Readonly<Record<string, unknown>>;

export interface Refusal {
  readonly code: string;
  readonly message: string;
}

export interface Route {
  readonly operation: 'checkInvoice' | 'queryCheck' | 'readChange';
  readonly serialNo?: string;
}

/** Real time, either way. */
const windowMs = 5 * 60_000;

export function routeOf({ method, path }: TwinRequest): Route | undefined {
  if (method === 'POST' && path === '/v2/invoice/checks') return { operation: 'checkInvoice' };
  const [, serialNo, change] = /^\/v2\/invoice\/checks\/([0-9A-Za-z._-]{1,64})(\/change)?$/.exec(path) ?? [];
  if (method !== 'GET' || serialNo === undefined) return undefined;
  return { operation: change === undefined ? 'queryCheck' : 'readChange', serialNo };
}

export function admitted(
  request: TwinRequest,
  side: { app: string; secret: string; nonces: Record<string, number> },
): 'stranger' | Refusal | undefined {
  const { timestamp, nonce, signature, app } = headersOf(request);
  const due = mac(side.secret, ['VAT-REQUEST', request.method, request.path, timestamp, nonce, sha256(request.body)]);
  const given = Buffer.from(signature, 'hex');
  if (app !== side.app || given.length !== due.length || !timingSafeEqual(given, due)) return 'stranger';
  const now = Date.now();
  if (!/^\d{13}$/.test(timestamp) || Math.abs(now - Number(timestamp)) > windowMs)
    return { code: 'X003', message: '时间戳超出范围' };
  for (const [seen, at] of Object.entries(side.nonces)) if (at < now - 2 * windowMs) delete side.nonces[seen];
  if (!/^[0-9a-f]{32}$/.test(nonce) || Object.hasOwn(side.nonces, nonce))
    return { code: 'X004', message: '随机串重复' };
  side.nonces[nonce] = now;
  return undefined;
}

export function answerHeaders(
  secret: string,
  request: TwinRequest,
  status: number,
  body: Buffer,
): Record<string, string> {
  const { timestamp, nonce } = headersOf(request);
  const lines = ['VAT-ANSWER', String(status), request.method, request.path, timestamp, nonce, sha256(body)];
  return { 'content-type': 'application/json; charset=utf-8', 'x-vat-signature': mac(secret, lines).toString('hex') };
}

/** A fresh nonce each time: a notice that is sent again is a new message about the same thing. */
export function noticeHeaders(
  secret: string,
  app: string,
  body: Buffer,
  timestamp = String(Date.now()),
): Record<string, string> {
  const nonce = randomBytes(16).toString('hex');
  const lines = ['VAT-NOTICE', 'POST', '/notices', timestamp, nonce, sha256(body)];
  return {
    'content-type': 'application/json; charset=utf-8',
    'x-vat-app': app,
    'x-vat-timestamp': timestamp,
    'x-vat-nonce': nonce,
    'x-vat-signature': mac(secret, lines).toString('hex'),
  };
}

/** The object in the body, or undefined when it is none. */
export function fieldsOf(body: Buffer): Fields | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;
  } catch {
    return undefined;
  }
}

const matches = (pattern: RegExp) => (value: unknown) => typeof value === 'string' && pattern.test(value);
const digital: readonly unknown[] = ['31', '32'];
const byAmount: readonly unknown[] = ['01', '08', ...digital];

const form: Readonly<Record<string, (value: unknown) => boolean>> = {
  serialNo: matches(/^[0-9A-Za-z][0-9A-Za-z._-]{0,63}$/),
  invoiceKind: matches(/^(01|04|08|10|31|32)$/),
  invoiceCode: matches(/^(\d{10}|\d{12})?$/),
  invoiceNo: matches(/^(\d{8}|\d{20})$/),
  invoiceDate: matches(/^\d{8}$/),
  invoiceSum: matches(/^(\d{1,15}\.\d{2})?$/),
  verifyCode: matches(/^(\d{6})?$/),
};

/** What is wrong with a form: a field that is missing, wrong or unheard of, or not what the kind of invoice needs. */
export function wrongIn(fields: Fields): Refusal | undefined {
  const wrong =
    Object.keys(form).find((name) => !form[name]?.(fields[name])) ??
    Object.keys(fields).find((name) => !Object.hasOwn(form, name));
  if (wrong !== undefined) return { code: '0005', message: `请求不合法: ${wrong}` };
  const { invoiceKind: kind, invoiceCode: code, invoiceNo: no, invoiceSum: sum, verifyCode } = fields;
  if (digital.includes(kind) ? code !== '' || String(no).length !== 20 : code === '' || String(no).length !== 8)
    return { code: '1009', message: '参数长度不正确' };
  if ((byAmount.includes(kind) ? sum : verifyCode) === '') return { code: '1008', message: '字段不能为空' };
  return undefined;
}

function headersOf({ headers }: TwinRequest): { timestamp: string; nonce: string; signature: string; app: string } {
  const {
    'x-vat-timestamp': timestamp = '',
    'x-vat-nonce': nonce = '',
    'x-vat-signature': signature = '',
    'x-vat-app': app = '',
  } = headers;
  return { timestamp, nonce, signature, app };
}

function mac(secret: string, lines: readonly string[]): Buffer {
  return createHmac('sha256', secret).update(lines.join('\n')).digest();
}

function sha256(body: Buffer): string {
  return createHash('sha256').update(body).digest('hex');
}
