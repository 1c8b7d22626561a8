/**
 * An invoice checker (发票查验) in front of the tax source: takes a check, asks the tax source some minutes later, tells what came
 * out, and watches what it found genuine: red-flushed or voided afterwards, it tells that too. Counts checks of an invoice by
 * business day, and checks altogether by real second. No vendor is meant.
 *
 * Acts: `process {serialNo}` (the tax source answers), `redFlush {invoiceCode, invoiceNo, fen}` (whole without `fen`),
 * `void {invoiceCode, invoiceNo}`, `tell {serialNo, event}`.
 */
import { createHash, randomBytes } from 'node:crypto';
import { json, twin, type TwinAnswer, type TwinContext, type TwinRequest } from '../twin.ts';
import { type Change, invoiceAt, issued, type TaxInvoice, totalFen, verifyCode, yuan } from './taxSource.ts';
import {
  admitted,
  answerHeaders,
  type Fields,
  fieldsOf,
  noticeHeaders,
  type Refusal,
  type Route,
  routeOf,
  wrongIn,
} from './vatWire.ts';

interface Task {
  readonly taskId: string;
  /** What was asked: the same number may only ask the same. */
  readonly asked: string;
  readonly form: Readonly<Record<string, string>>;
  state: 'WAITING' | 'DONE';
  resultCode?: string;
  checkedAt?: string;
  checkCount?: number;
  invoice?: TaxInvoice;
}

interface Changed extends Change {
  readonly changeId: string;
  readonly changedAt: string;
}

interface Memory {
  tasks: Record<string, Task>;
  /** By the key of an invoice. */
  changes: Record<string, Changed>;
  /** How often an invoice was checked on which day. */
  counts: Record<string, { day: string; count: number }>;
  nonces: Record<string, number>;
  /** When the newest checks were taken, real time. */
  recent: number[];
  taken: number;
}

const app = 'LS-VAT-SANDBOX';
const hour = 3_600_000;
const checksADay = 5;
const perSecondMax = 10;

export const invoiceVat = twin<Memory>({
  name: 'invoice-vat',
  kind: 'invoice',
  dialect: 'vat',
  title: { zh: '发票查验（税局）', en: 'Invoice checks (tax source)' },
  settings: { appId: app },
  magic: [
    { where: 'invoice number 发票号码', value: '…10', effect: 'void 作废' },
    { where: 'invoice number 发票号码', value: '…20', effect: 'is itself a red-letter invoice 红字发票' },
    { where: 'invoice number 发票号码', value: '…30', effect: 'was red-flushed 已红冲' },
    {
      where: 'invoice number 发票号码',
      value: '…31',
      effect: 'genuine; red-flushed 30 days of business time later, and told',
    },
    {
      where: 'invoice number 发票号码',
      value: '…32',
      effect: 'genuine; 500000.00 of it red-flushed 24 business hours later',
    },
    { where: 'invoice number 发票号码', value: '…33', effect: 'genuine; voided 24 business hours later' },
    { where: 'invoice number 发票号码', value: '…44', effect: 'not found 发票不存在' },
    { where: 'invoice number 发票号码', value: '…88', effect: 'the result takes 20 business hours' },
    { where: 'invoice number 发票号码', value: '…99', effect: 'the tax source fails, `9999`: no result' },
  ],
  enrol: () => {
    const files = { 'vat-secret.txt': randomBytes(32).toString('hex') };
    return { hub: files, twin: files };
  },
  memory: () => ({ tasks: {}, changes: {}, counts: {}, nonces: {}, recent: [], taken: 0 }),
  operationOf: (request) => routeOf(request)?.operation,
  handle,
  acts: {
    process: ({ serialNo }, twin) => processed(textOf(serialNo), twin),
    redFlush: ({ invoiceCode, invoiceNo, fen }, twin) => {
      const key = keyOf(textOf(invoiceCode), textOf(invoiceNo));
      const before = BigInt(own(twin.memory.changes, key)?.redFen ?? '0');
      const sum = fen === undefined ? totalFen : before + BigInt(textOf(fen));
      change(key, sum >= totalFen ? '30' : 'X1', sum > totalFen ? totalFen : sum, twin);
    },
    void: ({ invoiceCode, invoiceNo }, twin) => change(keyOf(textOf(invoiceCode), textOf(invoiceNo)), '10', 0n, twin),
    tell: ({ serialNo, event }, twin) => tell(textOf(serialNo), textOf(event), twin),
  },
});

function handle(request: TwinRequest, twin: TwinContext<Memory>): TwinAnswer {
  const route = routeOf(request);
  if (!route) return json({ message: 'no such interface' }, 404);
  const secret = twin.key('vat-secret.txt');
  const refusal = admitted(request, { app, secret, nonces: twin.memory.nonces });
  // Someone who does not hold the secret gets no signature of ours.
  if (refusal === 'stranger') return json({ message: 'unknown app or signature' }, 401);
  const content = refusal ? { ...refusal, serialNo: route.serialNo ?? '-' } : respond(route, request, twin);
  const body = Buffer.from(JSON.stringify(content));
  return { status: 200, headers: answerHeaders(secret, request, 200, body), body };
}

function respond({ operation, serialNo = '' }: Route, request: TwinRequest, twin: TwinContext<Memory>): object {
  if (operation === 'checkInvoice') {
    const fields = fieldsOf(request.body);
    if (!fields) return { code: '0005', message: '请求不合法', serialNo: '-' };
    const given = fields['serialNo'];
    const no = typeof given === 'string' && given !== '' ? given.slice(0, 64) : '-';
    return { serialNo: no, ...take(no, fields, twin) };
  }
  const task = own(twin.memory.tasks, serialNo);
  if (!task) return { code: 'X005', message: '无此流水号', serialNo };
  const found = { code: '0000', message: 'ok', serialNo };
  if (operation === 'queryCheck') return { ...found, task: shown(serialNo, task) };
  const changed = changeOf(serialNo, task, twin);
  return changed ? { ...found, change: changed } : found;
}

/** Answers a number that is known as it was answered first. */
function take(serialNo: string, fields: Fields, twin: TwinContext<Memory>): Refusal & { taskId?: string } {
  const { memory, clock } = twin;
  const wrong = wrongIn(fields);
  if (wrong) return wrong;
  const form = fields as Readonly<Record<string, string>>;
  const asked = createHash('sha256')
    .update(JSON.stringify(Object.entries(form).toSorted(([a], [b]) => (a < b ? -1 : 1))))
    .digest('hex');
  const known = own(memory.tasks, serialNo);
  if (known && known.asked !== asked) return { code: 'X002', message: '流水号重复' };
  if (known) return { code: '0000', message: 'ok', taskId: known.taskId };
  const refusal = refusalOf(form, twin);
  if (refusal) return refusal;
  const taskId = `YZ${String((memory.taken += 1)).padStart(10, '0')}`;
  const count = counted(form, twin);
  memory.tasks[serialNo] = { taskId, asked, form, state: 'WAITING', checkCount: count };
  twin.effect('checked', serialNo, { taskId, invoice: keyIn(form), on: dayOf(clock.now()), count });
  twin.later('process', { serialNo }, (form['invoiceNo'] ?? '').endsWith('88') ? 20 * hour : hour / 30);
  return { code: '0000', message: 'ok', taskId };
}

function refusalOf(
  form: Readonly<Record<string, string>>,
  { memory, clock }: TwinContext<Memory>,
): Refusal | undefined {
  const now = Date.now();
  memory.recent = [...memory.recent.filter((at) => at > now - 1_000), now];
  if (memory.recent.length > perSecondMax) return { code: 'X001', message: '请求过于频繁' };
  const today = dayOf(clock.now());
  const date = form['invoiceDate'] ?? '';
  if (date >= today) return { code: '1014', message: '日期当天的不能查验' };
  if (Number(date) < Number(today) - 50_000) return { code: '1015', message: '超过5年的不能查验' };
  const before = own(memory.counts, keyIn(form));
  if (before?.day === today && before.count >= checksADay) return { code: '0002', message: '超过该张票当天查验次数' };
  return undefined;
}

function counted(form: Readonly<Record<string, string>>, { memory, clock }: TwinContext<Memory>): number {
  const [key, today] = [keyIn(form), dayOf(clock.now())];
  const before = own(memory.counts, key);
  const count = (before?.day === today ? before.count : 0) + 1;
  memory.counts[key] = { day: today, count };
  return count;
}

/** The tax source answers once; what it said then stands. */
function processed(serialNo: string, twin: TwinContext<Memory>): void {
  const task = own(twin.memory.tasks, serialNo);
  if (task?.state !== 'WAITING') return;
  const { form } = task;
  const { invoiceCode = '', invoiceNo = '' } = form;
  const invoice = invoiceAt(invoiceCode, invoiceNo, own(twin.memory.changes, keyIn(form)));
  task.state = 'DONE';
  task.checkedAt = beijing(twin.clock.now());
  task.resultCode = invoiceNo.endsWith('99') ? '9999' : !invoice ? '0009' : isAsTyped(form, invoice) ? '0001' : '0006';
  if (invoice && task.resultCode === '0001') {
    task.invoice = invoice;
    if (invoiceNo.endsWith('31')) twin.later('redFlush', { invoiceCode, invoiceNo }, 30 * 24 * hour);
    if (invoiceNo.endsWith('32')) twin.later('redFlush', { invoiceCode, invoiceNo, fen: '50000000' }, 24 * hour);
    if (invoiceNo.endsWith('33')) twin.later('void', { invoiceCode, invoiceNo }, 24 * hour);
  }
  twin.later('tell', { serialNo, event: 'CHECKED' }, 0);
}

function isAsTyped(form: Readonly<Record<string, string>>, invoice: TaxInvoice): boolean {
  const kind = form['invoiceKind'] ?? '';
  const sum = ['31', '32'].includes(kind) ? invoice.amount : invoice.total;
  const proven = ['04', '10'].includes(kind) ? form['verifyCode'] === verifyCode : form['invoiceSum'] === plain(sum);
  return proven && kind === invoice.invoiceKind && form['invoiceDate'] === issued;
}

/** Told to the one who checked it last and found it genuine. */
function change(key: string, status: Change['status'], red: bigint, twin: TwinContext<Memory>): void {
  const before = own(twin.memory.changes, key);
  if (before?.status === status && before.redFen === String(red)) return;
  const redInvoiceNos = [...(before?.redInvoiceNos ?? []), ...(status === '10' ? [] : [redNoOf(key, red)])];
  const changeId = `BG${createHash('sha256').update(`${key} ${status} ${red}`).digest('hex').slice(0, 20)}`;
  const changedAt = beijing(twin.clock.now());
  twin.memory.changes[key] = { status, redFen: String(red), redInvoiceNos, changeId, changedAt };
  twin.effect(status === '10' ? 'voided' : 'redFlushed', key, { fen: String(red), redInvoiceNos });
  const watched = Object.entries(twin.memory.tasks).filter(([, task]) => keyIn(task.form) === key && task.invoice);
  const [serialNo] = watched.at(-1) ?? [];
  if (serialNo !== undefined) twin.later('tell', { serialNo, event: 'CHANGED' }, 0);
}

const redNoOf = (key: string, red: bigint) => {
  const digits = createHash('sha256').update(`${key} ${red}`).digest('hex').replaceAll(/\D/g, '');
  return `26359${digits.padEnd(15, '0').slice(0, 15)}`;
};

async function tell(serialNo: string, event: string, twin: TwinContext<Memory>): Promise<void> {
  const task = own(twin.memory.tasks, serialNo);
  if (task?.state !== 'DONE') return;
  const changed = changeOf(serialNo, task, twin);
  if (event === 'CHANGED' && !changed) return;
  const what = event === 'CHANGED' ? { change: changed } : { task: shown(serialNo, task) };
  const noticeId = `TZ-${createHash('sha256')
    .update(JSON.stringify([event, what]))
    .digest('hex')
    .slice(0, 32)}`;
  const body = Buffer.from(JSON.stringify({ noticeId, event, ...what }));
  const headers = noticeHeaders(twin.key('vat-secret.txt'), app, body);
  const reply = fieldsOf((await twin.post({ path: '/notices', headers, body })).body);
  if (reply?.['code'] !== '0000' || reply['noticeId'] !== noticeId)
    throw new Error(`the notice ${noticeId} was not taken`);
}

function changeOf(serialNo: string, { form, invoice }: Task, { memory }: TwinContext<Memory>): object | undefined {
  const changed = own(memory.changes, keyIn(form));
  if (!invoice || !changed) return undefined;
  const { changeId, status, redFen, redInvoiceNos, changedAt } = changed;
  const { invoiceCode, invoiceNo } = invoice;
  return {
    serialNo,
    changeId,
    invoiceCode,
    invoiceNo,
    status,
    redAmount: yuan(BigInt(redFen)),
    redInvoiceNos,
    changedAt,
  };
}

function shown(serialNo: string, { asked: _asked, form: _form, ...task }: Task): object {
  return { serialNo, ...task };
}

const keyOf = (code: string, no: string) => (code === '' ? no : `${code}-${no}`);
const keyIn = (form: Readonly<Record<string, string>>) => keyOf(form['invoiceCode'] ?? '', form['invoiceNo'] ?? '');
const plain = (amount: string) => amount.replace('-', '');
const textOf = (value: unknown) => (typeof value === 'string' ? value : '');

/** Business time in Beijing, `yyyy-MM-dd HH:mm:ss` and `yyyyMMdd`. */
const beijing = (at: Date) => new Date(at.getTime() + 8 * hour).toISOString().slice(0, 19).replace('T', ' ');
const dayOf = (at: Date) => beijing(at).slice(0, 10).replaceAll('-', '');

function own<T>(table: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}
