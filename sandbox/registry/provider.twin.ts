/**
 * A registration provider in front of the movables registry (中登网): takes forms, has a clerk enter them at the registry's
 * pages some time later, and tells the member what came out. The registry does not judge what is registered: who
 * registers answers for it.
 */
import { createHash, randomBytes } from 'node:crypto';
import { json, twin, type TwinAnswer, type TwinContext, type TwinRequest } from '../twin.ts';
import { certificatePdf } from './certificate.ts';
import { beijing, earlierEntry, earlierRegistrations, monthsLater } from './earlier.ts';
import {
  admitted,
  answerHeaders,
  fieldsOf,
  noticeHeaders,
  routeOf,
  wrongField,
  type Fields,
  type FormType,
  type Refusal,
  type Route,
} from './providerWire.ts';

interface Taken {
  readonly type: FormType;
  /** Hash of what was asked: the same number may only ask the same. */
  readonly asked: string;
  readonly answer: { readonly code: string; readonly message: string; readonly acceptNo?: string };
  readonly form: Fields;
  readonly registrationNo: string | undefined;
  state: 'ACCEPTED' | 'DONE' | 'REFUSED';
  refusal?: Refusal;
  result?: Record<string, unknown>;
}

export interface RegistrationEntry {
  readonly registrationNo: string;
  readonly businessType: string;
  readonly debtorName: string;
  readonly securedParty: string;
  readonly amendCode: string;
  readonly registeredMs: number;
  readonly expiresMs: number;
  description: string;
  ended: boolean;
}

interface Memory {
  requests: Record<string, Taken>;
  registrations: Record<string, RegistrationEntry>;
  nonces: Record<string, number>;
  /** Last number given, by series. */
  counters: Record<string, number>;
  /** While true, nobody enters what was taken. */
  closed?: boolean;
}

const member = 'LS-SANDBOX-001';
const hour = 3_600_000;

export const registryZd = twin<Memory>({
  name: 'registry-zd',
  kind: 'registry',
  dialect: 'provider',
  title: { zh: '动产融资统一登记（中登网）', en: 'Movables registry (Zhongdeng)' },
  settings: { memberId: member },
  magic: [
    {
      where: 'debtor of a search 查询的出质人',
      value: '沙箱在先登记贸易有限公司',
      effect: 'found: a warehouse receipt, registered before',
    },
    {
      where: 'debtor of a search 查询的出质人',
      value: '泉州海峡建材有限公司',
      effect: 'found: leased machines, which are not its goods',
    },
    {
      where: 'debtor of a search 查询的出质人',
      value: '漳州金阳物资有限公司',
      effect: 'not found by this name, but by its former one',
    },
  ],
  enrol: () => {
    const files = { 'registry-secret.txt': randomBytes(32).toString('hex') };
    return { hub: files, twin: files };
  },
  memory: () => ({ requests: {}, registrations: earlierRegistrations(), nonces: {}, counters: {} }),
  operationOf: (request) => routeOf(request)?.operation,
  handle,
  acts: {
    /** The clerk enters what waits: one request, or all. */
    process: ({ requestNo }, twin) => {
      const numbers = requestNo === undefined ? Object.keys(twin.memory.requests) : [textOf(requestNo)];
      for (const no of numbers) processed(no, twin);
    },
    /** `{ on }`: nobody enters anything until it is switched off and somebody acts `process`. */
    close: ({ on }, twin) => {
      twin.memory.closed = on !== false;
    },
    /** `{ debtorName, description }`: somebody else has registered these goods before. */
    enterEarlier: ({ debtorName, description, securedParty = '沙箱商业银行厦门分行' }, twin) => {
      const now = twin.clock.now();
      const registrationNo = numbered('', twin.memory, now);
      twin.memory.registrations[registrationNo] = earlierEntry(
        {
          registrationNo,
          debtorName: textOf(debtorName),
          securedParty: textOf(securedParty),
          description: textOf(description),
        },
        now.getTime(),
      );
    },
    /** The clerk sends it back. */
    refuse: ({ requestNo, reason = 'sent back by the clerk' }, twin) => {
      const taken = own(twin.memory.requests, textOf(requestNo));
      if (taken?.state === 'ACCEPTED')
        settleRefused(textOf(requestNo), taken, { code: '2005', message: textOf(reason) }, twin);
    },
    notify: ({ requestNo }, twin) => notify(textOf(requestNo), twin),
  },
});

function handle(request: TwinRequest, twin: TwinContext<Memory>): TwinAnswer {
  const route = routeOf(request);
  if (!route) return json({ message: 'no such interface' }, 404);
  const secret = twin.key('registry-secret.txt');
  const refusal = admitted(request, { member, secret, nonces: twin.memory.nonces });
  // Someone who does not hold the secret gets no signature of ours.
  if (refusal === 'stranger') return json({ message: 'unknown member or signature' }, 401);
  const { status, content } = refusal
    ? { status: 400, content: { ...refusal, requestNo: route.no ?? '-' } }
    : respond(route, request, twin);
  const body = Buffer.from(JSON.stringify(content));
  return { status, headers: answerHeaders(secret, request, status, body), body };
}

function respond(route: Route, request: TwinRequest, twin: TwinContext<Memory>): { status: number; content: object } {
  if (route.operation === 'query') return { status: 200, content: progressAnswer(route.no ?? '', twin.memory) };
  const fields = fieldsOf(request.body);
  if (!fields) return { status: 400, content: { code: '9004', message: 'the body is no JSON object', requestNo: '-' } };
  if (!route.type) return { status: 200, content: search(fields, twin) };
  const requestNo =
    typeof fields['requestNo'] === 'string' && fields['requestNo'] !== '' ? fields['requestNo'].slice(0, 64) : '-';
  return { status: 200, content: { requestNo, ...take(route.type, route.no, fields, twin) } };
}

/** By the exact legal name: a debtor's former name finds what was registered under it, and only that. */
function search(fields: Fields, { memory, clock }: TwinContext<Memory>): object {
  const wrong = wrongField('search', fields);
  if (wrong !== undefined) return { code: '2004', message: `field ${wrong}` };
  const now = clock.now();
  const hits = Object.values(memory.registrations)
    .filter((each) => each.debtorName === fields['debtorName'] && !each.ended && each.expiresMs > now.getTime())
    .map(({ registrationNo, businessType, securedParty, description, registeredMs }) => ({
      registrationNo,
      businessType,
      securedParty,
      description,
      registeredAt: beijing(registeredMs),
    }));
  return {
    code: '0000',
    message: 'ok',
    searchNo: numbered('CX', memory, now),
    searchedAt: beijing(now.getTime()),
    hits,
  };
}

/** Answers a number that is known as it was answered first. */
function take(
  type: FormType,
  registrationNo: string | undefined,
  form: Fields,
  twin: TwinContext<Memory>,
): Taken['answer'] {
  const { memory, clock } = twin;
  const wrong = wrongField(type, form);
  // Without a number there is nothing under which to keep it.
  if (wrong === 'requestNo') return { code: '2004', message: 'field requestNo' };
  const requestNo = String(form['requestNo']);
  const asked = createHash('sha256')
    .update(
      JSON.stringify([type, registrationNo ?? null, Object.entries(form).toSorted(([a], [b]) => (a < b ? -1 : 1))]),
    )
    .digest('hex');
  const known = own(memory.requests, requestNo);
  if (known)
    return known.asked === asked
      ? known.answer
      : { code: '1002', message: 'the request number was used for something else' };
  const refusal =
    wrong === undefined ? refusalOf(type, registrationNo, form, twin) : { code: '2004', message: `field ${wrong}` };
  const answer = refusal ?? { code: '0000', message: 'taken', acceptNo: numbered('SL', memory, clock.now()) };
  memory.requests[requestNo] = {
    type,
    asked,
    answer,
    form,
    registrationNo,
    state: refusal ? 'REFUSED' : 'ACCEPTED',
    ...(refusal ? { refusal } : {}),
  };
  if (!refusal) twin.later('process', { requestNo }, hour);
  return answer;
}

function refusalOf(
  type: FormType,
  registrationNo: string | undefined,
  form: Fields,
  { memory, clock }: TwinContext<Memory>,
): Refusal | undefined {
  if (type === 'REGISTRATION') return undefined;
  const entry = own(memory.registrations, registrationNo ?? '');
  if (!entry) return { code: '2001', message: 'no such registration' };
  if (entry.amendCode !== form['amendCode']) return { code: '2002', message: 'wrong amend code' };
  if (entry.ended || entry.expiresMs <= clock.now().getTime())
    return { code: '2003', message: 'the registration ended' };
  return undefined;
}

function progressAnswer(requestNo: string, memory: Memory): object {
  const taken = own(memory.requests, requestNo);
  if (!taken) return { code: '1001', message: 'no such request', requestNo };
  return { code: '0000', message: 'ok', requestNo, progress: progressOf(requestNo, taken) };
}

function progressOf(requestNo: string, { answer, type, state, refusal, result }: Taken): object {
  const { acceptNo } = answer;
  return {
    requestNo,
    ...(acceptNo === undefined ? {} : { acceptNo }),
    type,
    state,
    ...(refusal ? { refusal } : {}),
    ...(result ? { result } : {}),
  };
}

function processed(requestNo: string, twin: TwinContext<Memory>): void {
  const taken = own(twin.memory.requests, requestNo);
  if (taken?.state !== 'ACCEPTED' || twin.memory.closed === true) return;
  // It may have ended since it was asked for.
  const refusal = refusalOf(taken.type, taken.registrationNo, taken.form, twin);
  if (refusal) return settleRefused(requestNo, taken, refusal, twin);
  taken.result = taken.type === 'REGISTRATION' ? register(requestNo, taken.form, twin) : change(requestNo, taken, twin);
  taken.state = 'DONE';
  twin.later('notify', { requestNo }, 0);
}

function settleRefused(requestNo: string, taken: Taken, refusal: Refusal, twin: TwinContext<Memory>): void {
  taken.state = 'REFUSED';
  taken.refusal = refusal;
  twin.later('notify', { requestNo }, 0);
}

function register(requestNo: string, form: Fields, twin: TwinContext<Memory>): Record<string, unknown> {
  const { memory, clock } = twin;
  const now = clock.now();
  const [debtor, securedParty] = [form['debtor'], form['securedParty']] as { name: string; creditCode: string }[];
  const entry: RegistrationEntry = {
    registrationNo: numbered('', memory, now),
    businessType: String(form['businessType']),
    debtorName: debtor?.name ?? '',
    securedParty: securedParty?.name ?? '',
    amendCode: twin.chance.digits(8, 'amend code', requestNo),
    registeredMs: now.getTime(),
    expiresMs: monthsLater(now.getTime(), Number(form['termMonths'])),
    description: String(form['description']),
    ended: false,
  };
  memory.registrations[entry.registrationNo] = entry;
  twin.effect('registered', requestNo, { registrationNo: entry.registrationNo, debtor: entry.debtorName });
  const pdf = certificatePdf({
    registrationNo: entry.registrationNo,
    lines: [
      '动产融资统一登记公示系统 登记证明（沙箱）',
      `登记编号 ${entry.registrationNo}`,
      `出质人 ${entry.debtorName}`,
      `质权人 ${entry.securedParty}`,
      `登记时间 ${beijing(entry.registeredMs)}`,
      `到期时间 ${beijing(entry.expiresMs)}`,
    ],
  });
  return {
    registrationNo: entry.registrationNo,
    amendCode: entry.amendCode,
    certificate: {
      contentType: 'application/pdf',
      sha256: createHash('sha256').update(pdf).digest('hex'),
      content: pdf.toString('base64'),
    },
    registeredAt: beijing(entry.registeredMs),
    expiresAt: beijing(entry.expiresMs),
  };
}

function change(
  requestNo: string,
  { type, registrationNo = '', form }: Taken,
  twin: TwinContext<Memory>,
): Record<string, unknown> {
  const entry = own(twin.memory.registrations, registrationNo);
  if (entry && type === 'AMENDMENT') entry.description = String(form['description']);
  if (entry && type === 'CANCELLATION') entry.ended = true;
  twin.effect(type === 'AMENDMENT' ? 'amended' : 'cancelled', requestNo, { registrationNo });
  return { registrationNo, changedAt: beijing(twin.clock.now().getTime()) };
}

async function notify(requestNo: string, twin: TwinContext<Memory>): Promise<void> {
  const taken = own(twin.memory.requests, requestNo);
  if (!taken || taken.state === 'ACCEPTED') return;
  const noticeId = `TZ-${taken.asked.slice(0, 32)}`;
  const body = Buffer.from(JSON.stringify({ noticeId, ...progressOf(requestNo, taken) }));
  const headers = noticeHeaders(twin.key('registry-secret.txt'), member, '/notices', body);
  const reply = fieldsOf((await twin.post({ path: '/notices', headers, body })).body);
  if (reply?.['code'] !== '0000' || reply['noticeId'] !== noticeId)
    throw new Error(`the member did not take notice ${noticeId}`);
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** Series, business day in Beijing, running number. */
function numbered(series: string, memory: Memory, now: Date): string {
  const next = (memory.counters[series] ?? 0) + 1;
  memory.counters[series] = next;
  return `${series}${beijing(now.getTime()).slice(0, 10).replaceAll('-', '')}${String(next).padStart(8, '0')}`;
}

function own<T>(table: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}
