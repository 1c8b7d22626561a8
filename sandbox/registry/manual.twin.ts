/**
 * A registrar's desk (登记专员工作台): people with a browser at the pages of the movables registry (中登网). They take work orders, type
 * what the order says into the form, and type back what the pages show. They are slow, they mistype, and they search former
 * names too.
 *
 * Acts: `process` {orderNo}? works now; `sendBack` {orderNo, code}; `tell` {orderNo} tells the hub once more; `close`, `open`:
 * the desk takes no orders, takes them again.
 */
import { createHash, randomBytes } from 'node:crypto';
import { json, twin, type TwinAnswer, type TwinContext, type TwinRequest } from '../twin.ts';
import { certificatePdf } from './certificate.ts';
import { beijing, monthsLater } from './earlier.ts';
import { objectIn, type Order, orderIn, sealedAnswer, sealedResult, turnedAway, valueOf } from './manualDesk.ts';
import { formerNames, othersEntries, type Entry } from './manualPages.ts';

interface Ticket {
  readonly order: Order;
  readonly ticketNo: string;
  state: 'OPEN' | 'WORKING' | 'DONE' | 'RETURNED';
  reason?: { readonly code: string; readonly message: string };
  result?: Record<string, unknown>;
  /** What he should have typed, while he has not. */
  right?: Record<string, unknown>;
}

interface Memory {
  tickets: Record<string, Ticket>;
  entries: Record<string, Entry>;
  nonces: Record<string, number>;
  counters: Record<string, number>;
  closed: boolean;
}

const office = 'DESK-XM-01';
const secretFile = 'desk-secret.txt';
const hourMs = 3_600_000;

export const registryManual = twin<Memory>({
  name: 'registry-manual',
  kind: 'registry',
  dialect: 'manual',
  title: { zh: '登记专员工作台（中登网手工）', en: "Registrar's desk (Zhongdeng by hand)" },
  settings: { office },
  magic: [
    {
      where: 'number of the work order 工单编号',
      value: '…-TYPO',
      effect: 'mistypes the registration number the second time; types it right when asked again',
    },
    {
      where: 'number of the work order 工单编号',
      value: '…-SHORT',
      effect: 'leaves out a digit both times; types it right when asked again',
    },
    {
      where: 'number of the work order 工单编号',
      value: '…-NOPDF',
      effect: 'uploads a screenshot in place of the certificate, and the certificate when asked again',
    },
    { where: 'number of the work order 工单编号', value: '…-BACK', effect: 'sends it back, `FORM_INCOMPLETE`' },
    {
      where: 'number of the work order 工单编号',
      value: '…-SLOW',
      effect: 'gets to it after twenty business hours instead of three',
    },
    {
      where: 'debtor of a search 查询的担保人',
      value: '沙箱在先登记贸易有限公司',
      effect: 'found: somebody registered before',
    },
    {
      where: 'debtor of a search 查询的担保人',
      value: '泉州海峡建材有限公司',
      effect: 'found: leased machines, which are not its goods',
    },
    {
      where: 'debtor of a search 查询的担保人',
      value: '漳州金阳物资有限公司',
      effect: 'found under its former name, 漳州金阳贸易有限公司',
    },
  ],
  enrol: () => {
    const files = { [secretFile]: randomBytes(32).toString('hex') };
    return { hub: files, twin: files };
  },
  memory: () => ({ tickets: {}, entries: othersEntries(), nonces: {}, counters: {}, closed: false }),
  operationOf: ({ method, path, body }) => {
    if (method === 'GET') return path.startsWith('/desk/v1/orders/') ? 'query' : undefined;
    return path === '/desk/v1/orders' ? textOf(objectIn(body)?.['task'] ?? 'order').toLowerCase() : undefined;
  },
  handle,
  acts: {
    process: ({ orderNo }, twin) => {
      const numbers = orderNo === undefined ? Object.keys(twin.memory.tickets) : [textOf(orderNo)];
      for (const no of numbers) work(no, twin);
    },
    sendBack: ({ orderNo, code = 'FORM_INCOMPLETE' }, twin) => {
      const ticket = own(twin.memory.tickets, textOf(orderNo));
      if (ticket?.state === 'OPEN') sendBack(ticket, textOf(code), '材料不全，请补充', twin);
    },
    retype: ({ orderNo }, twin) => {
      const ticket = own(twin.memory.tickets, textOf(orderNo));
      if (ticket?.state !== 'WORKING' || !ticket.right) return;
      ticket.result = ticket.right;
      delete ticket.right;
      done(ticket, twin);
    },
    tell: ({ orderNo }, twin) => tell(textOf(orderNo), twin),
    close: (_args, { memory }) => void (memory.closed = true),
    open: (_args, { memory }) => void (memory.closed = false),
  },
});

function handle(request: TwinRequest, twin: TwinContext<Memory>): TwinAnswer {
  const [, no] = /^\/desk\/v1\/orders\/([0-9A-Za-z._-]{1,64})$/.exec(request.path) ?? [];
  const queries = request.method === 'GET' && no !== undefined;
  if (!queries && !(request.method === 'POST' && request.path === '/desk/v1/orders')) return json({}, 404);
  const secret = twin.key(secretFile);
  const away = turnedAway(request, { office, secret, nonces: twin.memory.nonces });
  // Whoever does not hold the secret gets nothing under our seal.
  if (away === 'stranger') return json({ message: 'unknown office or seal' }, 401);
  const content = away
    ? { code: away, message: away, orderNo: no ?? '-' }
    : no === undefined
      ? take(request.body, twin)
      : progress(no, twin.memory);
  const body = Buffer.from(JSON.stringify(content));
  const status = away ? 400 : 200;
  return { status, headers: sealedAnswer(secret, request, status, body), body };
}

function take(body: Buffer, twin: TwinContext<Memory>): object {
  const { memory, clock } = twin;
  const order = orderIn(body);
  const orderNo = typeof order === 'string' ? textOf(objectIn(body)?.['orderNo'] ?? '-').slice(0, 64) : order.orderNo;
  if (typeof order === 'string') return { code: 'ORDER_MALFORMED', message: order.slice(0, 100), orderNo };
  const known = own(memory.tickets, orderNo);
  if (known && JSON.stringify(known.order) !== JSON.stringify(order))
    return { code: 'ORDER_CONFLICT', message: 'another order has this number', orderNo };
  if (known) return { code: 'OK', message: 'taken before', orderNo, ticketNo: known.ticketNo };
  if (memory.closed) return { code: 'DESK_CLOSED', message: '非工作时间', orderNo };
  const ticketNo = numbered('GD', 8, memory, clock.now());
  memory.tickets[orderNo] = { order, ticketNo, state: 'OPEN' };
  twin.later('process', { orderNo }, orderNo.endsWith('-SLOW') ? 20 * hourMs : 3 * hourMs);
  return { code: 'OK', message: 'taken', orderNo, ticketNo };
}

function progress(orderNo: string, memory: Memory): object {
  const ticket = own(memory.tickets, orderNo);
  return ticket
    ? { code: 'OK', message: 'ok', orderNo, ticket: shown(ticket) }
    : { code: 'ORDER_UNKNOWN', message: 'no such order', orderNo };
}

function shown({ order, ticketNo, state, reason, result }: Ticket): object {
  const { orderNo, task } = order;
  const open = state === 'OPEN' || state === 'WORKING';
  return { orderNo, ticketNo, task, state, ...(reason ? { reason } : {}), ...(result && !open ? { result } : {}) };
}

function work(orderNo: string, twin: TwinContext<Memory>): void {
  const ticket = own(twin.memory.tickets, orderNo);
  if (ticket?.state !== 'OPEN') return;
  if (orderNo.endsWith('-BACK')) return sendBack(ticket, 'FORM_INCOMPLETE', '缺少授权文件', twin);
  const wrong = refusalOf(ticket.order, twin);
  if (wrong) return sendBack(ticket, wrong, '登记系统提示，无法提交', twin);
  const right = perform(ticket.order, twin);
  ticket.result = mistyped(orderNo, right);
  if (ticket.result !== right) ticket.right = right;
  done(ticket, twin);
}

function done(ticket: Ticket, twin: TwinContext<Memory>): void {
  ticket.state = 'DONE';
  twin.later('tell', { orderNo: ticket.order.orderNo }, 0);
}

function sendBack(ticket: Ticket, code: string, message: string, twin: TwinContext<Memory>): void {
  ticket.state = 'RETURNED';
  ticket.reason = { code, message };
  twin.later('tell', { orderNo: ticket.order.orderNo }, 0);
}

function refusalOf(order: Order, { memory, clock }: TwinContext<Memory>): string | undefined {
  if (order.task === 'SEARCH' || order.task === 'REGISTER') return undefined;
  const entry = own(memory.entries, valueOf(order, '登记证明编号'));
  if (!entry) return 'REGISTRATION_UNKNOWN';
  if (entry.amendCode !== order.amendCode) return 'AMEND_CODE_WRONG';
  return entry.ended || entry.expiresMs <= clock.now().getTime() ? 'REGISTRATION_ENDED' : undefined;
}

/** At the registry's pages. What comes back is what a registrar without mistakes would type. */
function perform(order: Order, twin: TwinContext<Memory>): Record<string, unknown> {
  const { memory, clock } = twin;
  const now = clock.now();
  if (order.task === 'SEARCH') return searched(valueOf(order, '担保人名称'), memory, now);
  if (order.task === 'REGISTER') return registered(order, twin);
  const registrationNo = valueOf(order, '登记证明编号');
  const entry = own(memory.entries, registrationNo);
  if (entry && order.task === 'AMEND') entry.description = valueOf(order, '变更后的担保财产描述');
  if (entry && order.task === 'CANCEL') entry.ended = true;
  twin.effect(order.task === 'AMEND' ? 'amended' : 'cancelled', order.orderNo, { registrationNo });
  const changedAt = beijing(now.getTime());
  const certificate = upload(registrationNo, [`登记证明编号 ${registrationNo}`, `${order.title} ${changedAt}`]);
  return { registrationNo, registrationNoAgain: registrationNo, changedAt, certificate };
}

function registered(order: Order, twin: TwinContext<Memory>): Record<string, unknown> {
  const { memory, clock } = twin;
  const nowMs = clock.now().getTime();
  const entry: Entry = {
    registrationNo: numbered('', 12, memory, clock.now()),
    debtorName: valueOf(order, '担保人名称'),
    securedParty: valueOf(order, '担保权人名称'),
    amendCode: twin.chance.digits(8, 'amend code', order.orderNo),
    registeredMs: nowMs,
    expiresMs: monthsLater(nowMs, Number.parseInt(valueOf(order, '登记期限'), 10)),
    description: valueOf(order, '担保财产描述'),
    ended: false,
  };
  memory.entries[entry.registrationNo] = entry;
  const { registrationNo, amendCode } = entry;
  twin.effect('registered', order.orderNo, { registrationNo, debtor: entry.debtorName });
  const [registeredAt, expiresAt] = [beijing(entry.registeredMs), beijing(entry.expiresMs)];
  const lines = [`登记证明编号 ${registrationNo}`, `担保人 ${entry.debtorName}`, `登记时间 ${registeredAt}`];
  return {
    registrationNo,
    registrationNoAgain: registrationNo,
    amendCode,
    amendCodeAgain: amendCode,
    registeredAt,
    expiresAt,
    certificate: upload(registrationNo, lines),
  };
}

/** The pages know exact names only: he looks up the former ones and searches each. */
function searched(debtorName: string, memory: Memory, now: Date): Record<string, unknown> {
  const searchedNames = [debtorName, ...formerNames(debtorName)];
  const hits = Object.values(memory.entries)
    .filter((entry) => searchedNames.includes(entry.debtorName) && !entry.ended && entry.expiresMs > now.getTime())
    .map((entry) => ({
      registrationNo: entry.registrationNo,
      debtorName: entry.debtorName,
      securedParty: entry.securedParty,
      description: entry.description,
      registeredAt: beijing(entry.registeredMs),
    }));
  const searchNo = numbered('CX', 10, memory, now);
  const certificate = upload(searchNo, [`查询证明编号 ${searchNo}`, `担保人 ${debtorName}`, `${hits.length} 笔`]);
  return { searchNo, searchedAt: beijing(now.getTime()), searchedNames, hits, certificate };
}

function mistyped(orderNo: string, right: Record<string, unknown>): Record<string, unknown> {
  const no = textOf(right['registrationNo']);
  if (orderNo.endsWith('-TYPO'))
    return { ...right, registrationNoAgain: no.replace(/(.)(.)$/, '$2$1').replace(/^2/, '3') };
  if (orderNo.endsWith('-SHORT')) return { ...right, registrationNo: no.slice(1), registrationNoAgain: no.slice(1) };
  if (orderNo.endsWith('-NOPDF')) return { ...right, certificate: file(Buffer.from('89504e470d0a1a0a', 'hex')) };
  return right;
}

const upload = (registrationNo: string, lines: readonly string[]) => file(certificatePdf({ registrationNo, lines }));
const file = (bytes: Buffer) => ({
  sha256: createHash('sha256').update(bytes).digest('hex'),
  content: bytes.toString('base64'),
});

async function tell(orderNo: string, twin: TwinContext<Memory>): Promise<void> {
  const ticket = own(twin.memory.tickets, orderNo);
  if (!ticket || ticket.state === 'OPEN' || ticket.state === 'WORKING') return;
  const noticeId = `${ticket.ticketNo}-${ticket.state}`;
  const body = Buffer.from(JSON.stringify({ noticeId, ...shown(ticket) }));
  const headers = sealedResult(twin.key(secretFile), '/results', body);
  let reply: { body: Buffer };
  try {
    reply = await twin.post({ path: '/results', headers, body });
  } catch (thrown) {
    // The hub says which fields are wrong: he types them again. Everything else is tried again by itself.
    if (!ticket.right || !String(thrown).includes('"RETYPE"')) throw thrown;
    ticket.state = 'WORKING';
    twin.later('retype', { orderNo }, hourMs / 3);
    return;
  }
  const said = objectIn(reply.body);
  if (said?.['code'] !== 'TAKEN' || said['noticeId'] !== noticeId) throw new Error(`the hub did not take ${noticeId}`);
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** Series, business day in Beijing, running number. */
function numbered(series: string, digits: number, memory: Memory, now: Date): string {
  const next = (memory.counters[series] ?? 0) + 1;
  memory.counters[series] = next;
  return `${series}${beijing(now.getTime()).slice(0, 10).replaceAll('-', '')}${String(next).padStart(digits, '0')}`;
}

function own<T>(table: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}
