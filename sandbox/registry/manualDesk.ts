/** The desk's program: whom it lets in, which orders it takes, how it signs what it says. What people do is in manual.twin.ts. */
import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { TwinRequest } from '../twin.ts';

export interface FormField {
  readonly step: number;
  readonly label: string;
  readonly value: string;
  readonly hint: string;
}

export interface Order {
  readonly orderNo: string;
  readonly task: 'SEARCH' | 'REGISTER' | 'AMEND' | 'CANCEL';
  readonly title: string;
  readonly form: readonly FormField[];
  readonly amendCode?: string;
}

const windowMs = 5 * 60_000;

/** The fields that the form at the registry's pages asks for, in its order. */
const forms: Readonly<Record<string, readonly string[]>> = {
  SEARCH: ['查询方式', '担保人名称', '查询证明'],
  REGISTER: [
    '业务类型',
    '登记期限',
    '填表人归档号',
    '担保人名称',
    '担保人统一社会信用代码',
    '担保权人名称',
    '担保权人统一社会信用代码',
    '主合同号码',
    '主债权金额',
    '币种',
    '担保财产描述',
  ],
  AMEND: ['登记证明编号', '填表人归档号', '变更后的担保财产描述'],
  CANCEL: ['登记证明编号', '填表人归档号', '注销原因'],
};

const shapes: Readonly<Record<string, RegExp>> = {
  业务类型: /^(应收账款转让|存货、产品质押|仓单质押)$/,
  登记期限: /^([1-9]|[1-9]\d|[12]\d\d|3[0-5]\d|360) 个月$/,
  担保人统一社会信用代码: /^[0-9A-HJ-NPQRTUWXY]{18}$/,
  担保权人统一社会信用代码: /^[0-9A-HJ-NPQRTUWXY]{18}$/,
  主债权金额: /^\d{1,15}\.\d{2}$/,
  币种: /^人民币$/,
};

export const valueOf = (order: Order, label: string): string =>
  order.form.find((field) => field.label === label)?.value ?? '';

/** The order in the body, or the name of what is wrong with it. */
export function orderIn(body: Buffer): Order | string {
  const value = objectIn(body);
  if (!value) return 'body';
  const { orderNo, task, form, amendCode, title, ...more } = value;
  const due = typeof task === 'string' && Object.hasOwn(forms, task) ? forms[task] : undefined;
  if (typeof orderNo !== 'string' || !/^[0-9A-Za-z][0-9A-Za-z._-]{0,63}$/.test(orderNo)) return 'orderNo';
  if (!due) return 'task';
  if (Object.keys(more).length > 0 || typeof title !== 'string') return Object.keys(more)[0] ?? 'title';
  if (!Array.isArray(form) || form.length !== due.length) return 'form';
  for (const [at, field] of (form as readonly Partial<FormField>[]).entries()) {
    const label = due[at] ?? '';
    if (field?.step !== at + 1 || field.label !== label || typeof field.hint !== 'string') return `form/${at}`;
    if (typeof field.value !== 'string' || field.value === '' || shapes[label]?.test(field.value) === false)
      return label;
  }
  const changes = task === 'AMEND' || task === 'CANCEL';
  return changes === (typeof amendCode === 'string') ? (value as unknown as Order) : 'amendCode';
}

export function objectIn(body: Buffer): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

/** Nothing when he may come in; `stranger` when he does not hold the secret; else a code. */
export function turnedAway(
  request: TwinRequest,
  desk: { office: string; secret: string; nonces: Record<string, number> },
): string | undefined {
  const {
    'x-desk-seal': seal = '',
    'x-desk-office': office,
    'x-desk-timestamp': at = '',
    'x-desk-nonce': nonce = '',
  } = request.headers;
  const due = Buffer.from(sealOf(desk.secret, 'ORDER', { ...request, at, nonce }));
  const given = Buffer.from(seal);
  if (office !== desk.office || given.length !== due.length || !timingSafeEqual(given, due)) return 'stranger';
  const now = Date.now();
  if (!/^\d{13}$/.test(at) || Math.abs(now - Number(at)) > windowMs) return 'TIMESTAMP_STALE';
  for (const [seen, seenAt] of Object.entries(desk.nonces)) if (seenAt < now - 2 * windowMs) delete desk.nonces[seen];
  if (!/^[0-9a-f]{32}$/.test(nonce) || Object.hasOwn(desk.nonces, nonce)) return 'NONCE_SEEN';
  desk.nonces[nonce] = now;
  return undefined;
}

const json = { 'content-type': 'application/json; charset=utf-8' } as const;

export function sealedAnswer(
  secret: string,
  request: TwinRequest,
  status: number,
  body: Buffer,
): Record<string, string> {
  const { 'x-desk-timestamp': at = '', 'x-desk-nonce': nonce = '' } = request.headers;
  return { ...json, 'x-desk-seal': sealOf(secret, `ANSWER ${status}`, { ...request, body, at, nonce }) };
}

/** A fresh nonce each time: what is told again is a new message about the same thing. */
export function sealedResult(secret: string, path: string, body: Buffer, ageMs = 0): Record<string, string> {
  const [at, nonce] = [String(Date.now() - ageMs), randomBytes(16).toString('hex')];
  const seal = sealOf(secret, 'TOLD', { method: 'POST', path, body, at, nonce });
  return { ...json, 'x-desk-timestamp': at, 'x-desk-nonce': nonce, 'x-desk-seal': seal };
}

interface Part {
  readonly method: string;
  readonly path: string;
  readonly body: Buffer;
  readonly at: string;
  readonly nonce: string;
}

function sealOf(secret: string, what: string, { method, path, body, at, nonce }: Part): string {
  const digest = createHash('sha256').update(body).digest('hex');
  return createHmac('sha256', secret)
    .update(`DESK-1\n${what}\n${method}\n${path}\n${at}\n${nonce}\n${digest}`)
    .digest('hex');
}
