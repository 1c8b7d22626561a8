/** The provider's side of its port: whom it admits, which fields it takes, how it signs what it says. */
import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { TwinRequest } from '../twin.ts';

export interface Refusal {
  readonly code: string;
  readonly message: string;
}

export type FormType = 'REGISTRATION' | 'AMENDMENT' | 'CANCELLATION';

export type Fields = Readonly<Record<string, unknown>>;

/** Real time, either way. */
const windowMs = 5 * 60_000;

export interface Route {
  readonly operation: string;
  readonly type?: FormType;
  readonly no?: string;
}

export function routeOf({ method, path }: TwinRequest): Route | undefined {
  if (method === 'POST' && path === '/v1/search') return { operation: 'search' };
  if (method === 'POST' && path === '/v1/registrations') return { operation: 'register', type: 'REGISTRATION' };
  const change = /^\/v1\/registrations\/([0-9A-Za-z._-]{1,64})\/(amendments|cancellations)$/.exec(path);
  if (method === 'POST' && change?.[1] !== undefined) {
    return change[2] === 'amendments'
      ? { operation: 'amend', type: 'AMENDMENT', no: change[1] }
      : { operation: 'cancel', type: 'CANCELLATION', no: change[1] };
  }
  const request = /^\/v1\/requests\/([0-9A-Za-z._-]{1,64})$/.exec(path);
  return method === 'GET' && request?.[1] !== undefined ? { operation: 'query', no: request[1] } : undefined;
}

export function admitted(
  request: TwinRequest,
  side: { member: string; secret: string; nonces: Record<string, number> },
): 'stranger' | Refusal | undefined {
  const { timestamp, nonce, signature, member } = headersOf(request);
  const due = mac(
    side.secret,
    `REQUEST\n${request.method}\n${request.path}\n${timestamp}\n${nonce}\n${sha256(request.body)}`,
  );
  const given = Buffer.from(signature, 'hex');
  if (member !== side.member || given.length !== due.length || !timingSafeEqual(given, due)) return 'stranger';
  const now = Date.now();
  if (!/^\d{13}$/.test(timestamp) || Math.abs(now - Number(timestamp)) > windowMs)
    return { code: '9002', message: 'timestamp outside the window' };
  for (const [seen, at] of Object.entries(side.nonces)) if (at < now - 2 * windowMs) delete side.nonces[seen];
  if (!/^[0-9a-zA-Z-]{16,64}$/.test(nonce) || Object.hasOwn(side.nonces, nonce))
    return { code: '9003', message: 'nonce used before or not one' };
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
  const signature = mac(
    secret,
    `ANSWER\n${status}\n${request.method}\n${request.path}\n${timestamp}\n${nonce}\n${sha256(body)}`,
  );
  return { 'content-type': 'application/json; charset=utf-8', 'x-registry-signature': signature.toString('hex') };
}

/** A fresh nonce each time: a notice that is sent again is a new message about the same thing. */
export function noticeHeaders(secret: string, member: string, path: string, body: Buffer): Record<string, string> {
  const [timestamp, nonce] = [String(Date.now()), randomBytes(16).toString('hex')];
  return {
    'content-type': 'application/json; charset=utf-8',
    'x-registry-member': member,
    'x-registry-timestamp': timestamp,
    'x-registry-nonce': nonce,
    'x-registry-signature': mac(secret, `NOTICE\nPOST\n${path}\n${timestamp}\n${nonce}\n${sha256(body)}`).toString(
      'hex',
    ),
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

const isText =
  (max: number, min = 1) =>
  (value: unknown) =>
    typeof value === 'string' && value.length >= min && value.length <= max;
const isNo = (value: unknown) => typeof value === 'string' && /^[0-9A-Za-z][0-9A-Za-z._-]{0,63}$/.test(value);
const isParty = (value: unknown) => {
  const { name, creditCode } = (value ?? {}) as { name?: unknown; creditCode?: unknown };
  return isText(100, 2)(name) && typeof creditCode === 'string' && /^[0-9A-HJ-NPQRTUWXY]{18}$/.test(creditCode);
};
const businessTypes: readonly unknown[] = ['A00100', 'A00200', 'A00300', 'A00400', 'A00500'];

/** What each form holds; nothing else is taken. */
const forms: Readonly<Record<string, Readonly<Record<string, (value: unknown) => boolean>>>> = {
  search: { debtorName: isText(100, 2) },
  REGISTRATION: {
    requestNo: isNo,
    businessType: (value) => businessTypes.includes(value),
    debtor: isParty,
    securedParty: isParty,
    mainContractNo: isText(64),
    securedAmount: (value) => typeof value === 'string' && /^\d{1,15}\.\d{2}$/.test(value),
    currency: (value) => value === 'CNY',
    termMonths: (value) => Number.isInteger(value) && Number(value) >= 1 && Number(value) <= 360,
    description: isText(4000),
  },
  AMENDMENT: { requestNo: isNo, amendCode: isText(64), description: isText(4000) },
  CANCELLATION: { requestNo: isNo, amendCode: isText(64), reason: isText(500) },
};

/** The name of the first field that is missing, wrong or unheard of. */
export function wrongField(form: string, fields: Fields): string | undefined {
  const due = forms[form] ?? {};
  return (
    Object.keys(due).find((name) => !due[name]?.(fields[name])) ??
    Object.keys(fields).find((name) => !Object.hasOwn(due, name))
  );
}

function headersOf({ headers }: TwinRequest): { timestamp: string; nonce: string; signature: string; member: string } {
  const {
    'x-registry-timestamp': timestamp = '',
    'x-registry-nonce': nonce = '',
    'x-registry-signature': signature = '',
    'x-registry-member': member = '',
  } = headers;
  return { timestamp, nonce, signature, member };
}

function mac(secret: string, text: string): Buffer {
  return createHmac('sha256', secret).update(text).digest();
}

function sha256(body: Buffer): string {
  return createHash('sha256').update(body).digest('hex');
}
