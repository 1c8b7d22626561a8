/** The vendor's side of its wire: whom it admits, what it can read, how it signs. Written from its own manual. */
import { createDecipheriv, createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { TwinRequest } from '../twin.ts';

export interface Refusal {
  readonly resultCode: string;
  readonly message: string;
}

type Fields = Readonly<Record<string, string>>;

/** Either way of real time. */
const windowMs = 5 * 60_000;

/** What may be asked, by path, and what each message holds. */
export const interfaces: Readonly<
  Record<string, { operation: string; open: readonly string[]; sealed: readonly string[] }>
> = {
  '/idv/v1/enterprise-four': {
    operation: 'verifyEnterprise',
    open: ['requestNo', 'entName', 'creditCode'],
    sealed: ['legalName', 'legalIdNo'],
  },
  '/idv/v1/bankcard-four': {
    operation: 'verifyBankcard',
    open: ['requestNo'],
    sealed: ['name', 'idNo', 'cardNo', 'mobile'],
  },
  '/idv/v1/query': { operation: 'queryVerification', open: ['requestNo'], sealed: [] },
  '/idv/v1/account-proof': {
    operation: 'startAccountProof',
    open: ['requestNo', 'entName', 'bankCode'],
    sealed: ['accountNo'],
  },
  '/idv/v1/account-query': { operation: 'queryAccountProof', open: ['requestNo'], sealed: [] },
  '/idv/v1/account-confirm': {
    operation: 'confirmAccountProof',
    open: ['requestNo', 'proofNo'],
    sealed: ['amount'],
  },
  '/idv/v1/account-confirm-query': { operation: 'queryAccountConfirmation', open: ['requestNo'], sealed: [] },
};

/** The fields of a request that is authentic, timely, new and complete; otherwise why it is not. */
export function admit(
  request: TwinRequest,
  side: { appId: string; secret: string; nonces: Record<string, number> },
): 'stranger' | { requestNo: string; refusal: Refusal } | { fields: Fields } {
  const {
    'x-idv-app': app,
    'x-idv-timestamp': timestamp = '',
    'x-idv-nonce': nonce = '',
    'x-idv-signature': signature = '',
  } = request.headers;
  if (app !== side.appId) return 'stranger';
  const refuse = (resultCode: string, message: string) => ({
    requestNo: requestNoIn(request.body),
    refusal: { resultCode, message },
  });
  const bodyHash = createHash('sha256').update(request.body).digest('hex');
  const signed = `${request.method}\n${request.path}\n${timestamp}\n${nonce}\n${bodyHash}`;
  const due = createHmac('sha256', side.secret).update(signed).digest();
  const given = Buffer.from(signature, 'hex');
  if (given.length !== due.length || !timingSafeEqual(given, due)) return refuse('A1', 'signature');
  const now = Date.now();
  if (!/^\d{13}$/.test(timestamp) || Math.abs(now - Number(timestamp)) > windowMs) return refuse('A2', 'timestamp');
  if (!/^[0-9a-zA-Z-]{16,64}$/.test(nonce)) return refuse('A3', 'nonce: 16 to 64 letters or digits');
  for (const [seen, at] of Object.entries(side.nonces)) if (at < now - 2 * windowMs) delete side.nonces[seen];
  if (Object.hasOwn(side.nonces, nonce)) return refuse('A3', 'nonce used before');
  side.nonces[nonce] = now;
  const fields = fieldsIn(request);
  return fields ? { fields } : refuse('A5', 'fields');
}

/** The same fields with the personal ones deciphered and looked at. */
export function unseal(fields: Fields, path: string, keyHex: string): { clear: Fields } | { refusal: Refusal } {
  const clear: Record<string, string> = { ...fields };
  try {
    for (const name of interfaces[path]?.sealed ?? []) clear[name] = decipher(fields[name] ?? '', keyHex);
  } catch {
    return { refusal: { resultCode: 'A5', message: 'a field cannot be deciphered' } };
  }
  const idNo = clear['legalIdNo'] ?? clear['idNo'];
  if (idNo !== undefined && !isIdNo(idNo)) return { refusal: { resultCode: '07', message: 'identity number' } };
  if (clear['cardNo'] !== undefined && !isCardNo(clear['cardNo']))
    return { refusal: { resultCode: '07', message: 'card number' } };
  return { clear };
}

/** Bound to the request by its nonce. */
export function answerHeaders(
  secret: string,
  answer: { status: number; nonce: string; body: Buffer },
): Record<string, string> {
  const bodyHash = createHash('sha256').update(answer.body).digest('hex');
  const signature = createHmac('sha256', secret)
    .update(`ANSWER\n${answer.nonce}\n${answer.status}\n${bodyHash}`)
    .digest('hex');
  return { 'content-type': 'application/json; charset=utf-8', 'x-idv-signature': signature };
}

function decipher(sealed: string, keyHex: string): string {
  const bytes = Buffer.from(sealed, 'base64');
  const cipher = createDecipheriv('sm4-cbc', Buffer.from(keyHex, 'hex'), bytes.subarray(0, 16));
  const clear = Buffer.concat([cipher.update(bytes.subarray(16)), cipher.final()]);
  return new TextDecoder('utf-8', { fatal: true }).decode(clear);
}

function fieldsIn(request: TwinRequest): Fields | undefined {
  const body = objectIn(request.body);
  const { open, sealed } = interfaces[request.path] ?? { open: [], sealed: [] };
  const names = [...open, ...sealed];
  if (!body || Object.keys(body).length !== names.length) return undefined;
  if (!names.every((name) => typeof body[name] === 'string' && body[name] !== '' && body[name].length <= 400))
    return undefined;
  return /^[A-Za-z0-9][\w./:-]{0,63}$/.test(String(body['requestNo'])) ? (body as Fields) : undefined;
}

function requestNoIn(bytes: Buffer): string {
  const requestNo = objectIn(bytes)?.['requestNo'];
  return typeof requestNo === 'string' ? requestNo.slice(0, 64) : '-';
}

function objectIn(bytes: Buffer): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(bytes.toString());
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

/** GB 11643-1999. */
function isIdNo(text: string): boolean {
  if (!/^\d{17}[\dX]$/.test(text)) return false;
  const sum = Array.from(text.slice(0, 17), Number).reduce(
    (total, digit, i) => total + digit * (2 ** (17 - i) % 11),
    0,
  );
  return '10X98765432'[sum % 11] === text[17];
}

/** Luhn. */
function isCardNo(text: string): boolean {
  if (!/^\d{12,19}$/.test(text)) return false;
  const sum = Array.from(text, Number)
    .toReversed()
    .map((digit, i) => digit * (i % 2 === 1 ? 2 : 1))
    .reduce((total, doubled) => total + (doubled > 9 ? doubled - 9 : doubled), 0);
  return sum % 10 === 0;
}
