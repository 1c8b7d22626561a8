/** Invoice checks (发票查验): one secret signs requests, answers and notices. */
import { vatDialect } from '../../../adapters/invoice/dialects/vat.ts';
import { invoice, rule } from '../../../contracts/invoice/invoice.ts';
import { signed } from '../../../adapters/crypto/recipes.ts';
import { invoiceVat } from '../../../sandbox/invoice/vat.twin.ts';
import { answerHeaders, noticeHeaders } from '../../../sandbox/invoice/vatWire.ts';
import type { Ground } from '../ground.ts';
import { changed, failureIsNotFound, followsRedirects, forgetsDeadline, sending, unknownIsRefused } from '../plants.ts';
import { edited, flipped, otherDigit, withHeader } from '../sealing.ts';
import { type Answer, type Asked, type Posted, subject as subjectOf, type TwinKeys } from '../subject.ts';
import { sixDigits, tells } from '../telling.ts';

const signature = 'x-vat-signature';
const number = (turn: number) => sixDigits('FP', turn);
/** The last two digits say what is special about an invoice; 00 is nothing. */
const invoiceNo = (turn: number) => `26351${'0'.repeat(9)}${String(turn).padStart(4, '0')}00`;
const check = (turn: number) => ({
  requestNo: number(turn),
  type: 'digitalSpecial',
  invoiceNo: invoiceNo(turn),
  issuedOn: '2026-11-20',
  amountIncTax: '1130000.00',
});

/** What an invoice of each type is checked by. */
function checkOfType(type: string, request: object): object {
  const { requestNo, issuedOn } = request as ReturnType<typeof check>;
  const needed = rule[type as keyof typeof rule];
  const values = { amountExTax: '1000000.00', amountIncTax: '1130000.00', checkCodeLast6: '582910' };
  const numbers = type.startsWith('digital')
    ? { invoiceNo: invoiceNo(1) }
    : { invoiceCode: '3502261130', invoiceNo: '00000100' };
  return { requestNo, type, ...numbers, issuedOn, [needed]: values[needed] };
}

async function done(ground: Ground, turn: number): Promise<void> {
  await ground.confirmed('checkInvoice', check(turn));
  await ground.act('process', { serialNo: number(turn) });
}

async function flushed(ground: Ground, turn: number): Promise<void> {
  await done(ground, turn);
  await ground.act('redFlush', { invoiceNo: invoiceNo(turn), fen: `${turn}00` });
}

/** Two of a kind that are done, asked about in turns. */
const asking = (make: (ground: Ground, turn: number) => Promise<unknown>) => async (ground: Ground) => {
  for (const turn of [1, 2]) await make(ground, turn);
  return (turn: number) => ({ no: number(1 + (turn % 2)) });
};

function sign(answer: Answer, asked: Asked, keys: TwinKeys): Answer {
  const request = { ...asked, path: asked.target.split('?')[0] ?? '', query: {}, rawQuery: '' };
  return { ...answer, headers: answerHeaders(keys['vat-secret.txt'] ?? '', request, answer.status, answer.body) };
}

type Told = Readonly<Record<string, never>>;
const saying =
  (edit: (code: string, fields: Told) => object) =>
  (code: string, genuine: Answer, asked: Asked, keys: TwinKeys): Answer =>
    sign({ ...genuine, body: edited(genuine.body, (fields) => edit(code, fields)) }, asked, keys);
const inTask = (edit: (code: string, task: Readonly<Record<string, object>>) => object) =>
  saying((code, fields) => {
    const task: Readonly<Record<string, object>> = fields['task'] ?? {};
    return { ...fields, task: { ...task, ...edit(code, task) } };
  });

function signNotice(posted: Posted, how: { body?: Buffer; keys: TwinKeys; ageMs?: number }): Posted {
  const body = how.body ?? posted.body;
  const at = String(Date.now() - (how.ageMs ?? 0));
  const headers = noticeHeaders(how.keys['vat-secret.txt'] ?? '', 'LS-VAT-SANDBOX', body, at);
  return { ...posted, body, headers: { ...posted.headers, ...headers } };
}

const about = (event: string, turn: number) => (posted: Posted) =>
  posted.body.includes(`"event":"${event}"`) && posted.body.includes(`"serialNo":"${number(turn)}"`);
const byRequest = (message: unknown) => ({ no: (message as { requestNo: string }).requestNo });

export const subject = subjectOf({
  kind: invoice,
  vendor: 'vat',
  dialect: vatDialect,
  twin: invoiceVat,
  answerSeal: {
    sign,
    flip: (answer) => withHeader(answer, signature, flipped(answer.headers[signature] ?? '')),
    strip: (answer) => withHeader(answer, signature, undefined),
    alter: (answer) => ({ ...answer, body: otherDigit(answer.body) }),
    borrow: (answer, earlier) => withHeader(answer, signature, earlier.headers[signature]),
  },
  noticeSeal: {
    sign: signNotice,
    flip: (posted) => withHeader(posted, signature, flipped(posted.headers[signature] ?? '')),
    strip: (posted) => withHeader(posted, signature, undefined),
    alter: (posted) => ({ ...posted, body: otherDigit(posted.body) }),
    windowMs: 5 * 60_000,
  },
  taken: (status: number, body: Buffer) => status === 200 && body.includes('"code":"0000"'),
  operations: {
    checkInvoice: {
      ready: async () => check,
      effect: 'checked',
      finish: (ground: Ground, request: object) =>
        ground.act('process', { serialNo: (request as { requestNo: string }).requestNo }),
      conflict: (request: object) => ({ ...request, amountIncTax: '1130000.01' }),
    },
    queryCheck: { ready: asking((ground, turn) => ground.confirmed('checkInvoice', check(turn))) },
    readCheck: { ready: asking(done) },
    readChange: { ready: asking(flushed) },
  },
  notices: {
    invoiceChecked: {
      cause: async (ground: Ground, turn: number) => {
        await done(ground, turn);
        return about('CHECKED', turn);
      },
      poll: { operation: 'readCheck', request: byRequest },
    },
    invoiceChanged: {
      cause: async (ground: Ground, turn: number) => {
        await flushed(ground, turn);
        return about('CHANGED', turn);
      },
      poll: { operation: 'readChange', request: byRequest },
    },
  },
  tables: {
    'invoice.vat.refusal': {
      by: 'answer',
      operation: 'checkInvoice',
      give: saying((code, { serialNo }) => ({ code, message: 'no', serialNo })),
      unmapped: '7777',
    },
    'invoice.vat.kind': {
      by: 'request',
      operation: 'checkInvoice',
      ask: checkOfType,
      unmapped: undefined,
    },
    'invoice.vat.state': {
      by: 'answer',
      operation: 'readCheck',
      give: inTask((state) => ({ state })),
      wrong: (outcome, row) => tells('outcome', () => (row === 'done' ? 'confirmed' : 'pending'))(outcome, row),
      unmapped: 'ARCHIVED',
    },
    'invoice.vat.result': {
      by: 'answer',
      operation: 'readCheck',
      give: inTask((resultCode) => ({ resultCode })),
      wrong: (outcome, row) =>
        row === 'failed'
          ? tells('outcome', () => 'refused')(outcome, row)
          : tells('response.result', () => (row === 'found' ? 'genuine' : row))(outcome, row),
      unmapped: '7777',
    },
    'invoice.vat.status': {
      by: 'answer',
      operation: 'readCheck',
      give: inTask((status, task) => ({ invoice: { ...task['invoice'], status } })),
      wrong: tells('response.status'),
      unmapped: '40',
    },
    'invoice.vat.event': {
      by: 'notice',
      noticeOf: (code) => (code === 'CHANGED' ? 'invoiceChanged' : 'invoiceChecked'),
      give: (event, { body }) => edited(body, (fields) => ({ ...fields, event })),
      wrong: (fact, row) => (fact?.notice === `invoice.${String(row)}` ? undefined : `told ${String(fact?.notice)}`),
      unmapped: 'EXPIRED',
    },
  },
  limits: [],
  bugs: {
    'believes-any-answer': {
      what: 'signs an answer itself before it looks at the signature',
      plant: (dialect) =>
        changed(dialect, {
          wire: sending((send, { keys }) => async (request) => {
            const answer = await send(request);
            const { 'x-vat-timestamp': timestamp = '', 'x-vat-nonce': nonce = '' } = request.headers;
            const { method, path } = request;
            const part = { method, path, timestamp, nonce, status: String(answer.status), body: answer.body };
            const own = signed('vatAnswer', keys.secret('vat-secret'), part);
            return { ...answer, headers: { ...answer.headers, [signature]: own } };
          }),
        }),
    },
    'forgets-red': {
      what: 'takes every invoice that is there for a valid one, red-flushed or void as it may be',
      shows: 'table',
      plant: (dialect) =>
        changed(dialect, {
          act: (act, operation) => async (request, wire) => {
            const answer = (await act(request, wire)) as { response?: { status?: string; result?: string } };
            const held = operation === 'readCheck' && ['void', 'redFlushed'].includes(answer.response?.result ?? '');
            return held ? { ...answer, response: { ...answer.response, result: 'genuine', status: 'valid' } } : answer;
          },
        }),
    },
    'believes-any-notice': {
      what: 'signs a notice itself before it looks at the signature',
      shows: 'notice',
      plant: (dialect) =>
        changed(dialect, {
          inbound: (inbound, { keys }) => {
            const posted = { ...inbound, path: inbound.path } as Posted;
            const { headers } = signNotice(posted, { keys: { 'vat-secret.txt': keys.secret('vat-secret') } });
            return { ...inbound, headers };
          },
        }),
    },
    'follows-redirects': followsRedirects,
    'forgets-deadline': forgetsDeadline,
    'unknown-is-refused': unknownIsRefused,
    'failure-is-not-found': failureIsNotFound,
  },
});
