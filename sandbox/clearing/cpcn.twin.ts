/**
 * A payment clearing gateway after CPCN (中金支付): it knows which accounts belong to whom, takes collection instructions,
 * and settles them some minutes later between its own books. No book is ever overdrawn, and no fen comes or goes.
 */
import { generateKeyPairSync } from 'node:crypto';
import { twin, type TwinAnswer, type TwinContext, type TwinRequest } from '../twin.ts';
import { companies } from '../world.ts';
import {
  answerText,
  hasTimePrefix,
  isTaken,
  noticeForm,
  readRequest,
  time14,
  txCodeOf,
  type GatewayRequest,
} from './cpcnWire.ts';

interface Book {
  readonly holder: string;
  readonly uscc: string;
  /** An integer of fen, as text: JSON numbers end at 2^53. */
  fen: string;
}

interface Payment {
  readonly TxSN: string;
  readonly OrderNo: string;
  readonly PayerAccountNumber: string;
  readonly PayeeAccountNumber: string;
  readonly Amount: string;
  readonly TraceNo: string;
  Status: string;
  ResponseCode: string;
  ResponseMessage: string;
  PayTime: string;
}

interface Memory {
  /** By account number. */
  books: Record<string, Book>;
  /** By TxSN. */
  payments: Record<string, Payment>;
  trace: number;
}

const institutionId = '100690';
const openingFen = '50000000000'; // 500 million yuan
const settleAfterMs = 5 * 60_000;
const returnAfterMs = 24 * 3_600_000;
// In fen, and round before that: interest to the fen must not end a case by chance.
const failsEnding = '00004';
const returnsEnding = '00005';

const operations: Readonly<Record<string, string>> = { 2310: 'checkAccount', 5011: 'collect', 5016: 'queryCollection' };

export const clearingCpcn = twin<Memory>({
  name: 'clearing-cpcn',
  kind: 'clearing',
  dialect: 'cpcn',
  title: { zh: '支付清算（中金支付）', en: 'Payment clearing (CPCN)' },
  settings: { institutionId },
  enrol: () => {
    const [institution, gateway] = [keyPair(), keyPair()];
    return {
      hub: { 'institution-private.pem': institution.privateKey, 'cpcn-public.pem': gateway.publicKey },
      twin: { 'institution-public.pem': institution.publicKey, 'cpcn-private.pem': gateway.privateKey },
    };
  },
  memory: () => ({
    books: Object.fromEntries(
      companies.map(({ name, uscc, account }) => [account.accountNo, { holder: name, uscc, fen: openingFen }]),
    ),
    payments: {},
    trace: 0,
  }),
  operationOf: (request) => operations[txCodeOf(request.body) ?? ''],
  handle,
  acts: { settle, giveBack },
});

interface Result {
  readonly code: string;
  readonly message: string;
  readonly body?: Readonly<Record<string, string>>;
}

async function handle(request: TwinRequest, twin: TwinContext<Memory>): Promise<TwinAnswer> {
  if (request.method !== 'POST' || request.path !== '/Gateway/InterfaceII')
    return { status: 404, body: 'no such interface' };
  const asked = await readRequest(request.body, twin.key('institution-public.pem'));
  const result = asked ? judge(asked, twin) : { code: 'X003', message: 'message' };
  // Every answer repeats what it answers.
  const named = pick(asked?.body ?? {}, ['InstitutionID', 'TxSN', 'Note']);
  return {
    status: 200,
    headers: { 'content-type': 'text/html; charset=UTF-8' },
    body: answerText(
      { Code: result.code, Message: result.message },
      { ...named, ...result.body },
      twin.key('cpcn-private.pem'),
    ),
  };
}

function judge(asked: GatewayRequest, twin: TwinContext<Memory>): Result {
  if (!asked.authentic) return { code: 'X001', message: 'signature' };
  const ours = (asked.txCode === '2310' ? asked.head : asked.body)['InstitutionID'] === institutionId;
  if (!ours) return { code: 'X002', message: 'institution' };
  switch (asked.txCode) {
    case '2310':
      return checkAccount(asked.body, twin);
    case '5011':
      return pay(asked.body, twin);
    case '5016':
      return query(asked.body, twin);
    default:
      return { code: 'X003', message: 'transaction code' };
  }
}

function checkAccount(body: GatewayRequest['body'], { memory }: TwinContext<Memory>): Result {
  if (body['AccountType'] !== '12' || !/^\d{3}$/.test(body['BankID'] ?? '')) return { code: 'X003', message: 'field' };
  const book = own(memory.books, body['AccountNumber'] ?? '');
  const same = book?.holder === body['AccountName'] && book?.uscc === body['IdentificationNumber'];
  const [Status, ResponseCode, ResponseMessage] = same
    ? ['20', '000000', 'OK.']
    : book
      ? ['30', 'X31001', 'account and holder do not match']
      : ['30', 'X31002', 'no such account'];
  return accepted({ Status, ResponseCode, ResponseMessage, TraceNo: traceNo(memory) });
}

function pay(body: GatewayRequest['body'], twin: TwinContext<Memory>): Result {
  const { memory } = twin;
  const { TxSN = '', OrderNo = '', PayerAccountNumber = '', PayeeAccountNumber = '', Amount = '' } = body;
  if (own(memory.payments, TxSN)) return { code: '2008', message: 'duplicate TxSN' };
  if (!hasTimePrefix(TxSN) || OrderNo === '' || !/^[1-9]\d{0,16}$/.test(Amount))
    return { code: 'X003', message: 'field' };
  if (own(memory.books, PayeeAccountNumber)?.uscc !== body['PayeeUserID'])
    return { code: 'X005', message: 'payee account' };
  const bound = own(memory.books, PayerAccountNumber)?.uscc === body['PayerUserID'];
  if (!bound || PayerAccountNumber === PayeeAccountNumber) return { code: 'X006', message: 'payer account' };
  const state = { Status: '10', ResponseCode: '000000', ResponseMessage: 'under way', PayTime: '' };
  memory.payments[TxSN] = {
    TxSN,
    OrderNo,
    PayerAccountNumber,
    PayeeAccountNumber,
    Amount,
    TraceNo: traceNo(memory),
    ...state,
  };
  twin.later('settle', { TxSN }, settleAfterMs);
  return accepted(pick(state, ['Status', 'ResponseCode', 'ResponseMessage']));
}

function query(body: GatewayRequest['body'], { memory }: TwinContext<Memory>): Result {
  const payment = own(memory.payments, body['TxSN'] ?? '');
  return payment ? accepted(shown(payment)) : { code: 'X004', message: 'no such transaction' };
}

/** Decides once; tells until it is heard. */
async function settle({ TxSN }: Record<string, unknown>, twin: TwinContext<Memory>): Promise<void> {
  const payment = own(twin.memory.payments, String(TxSN));
  if (!payment) return;
  if (payment.Status === '10') {
    const payer = own(twin.memory.books, payment.PayerAccountNumber);
    if (payment.Amount.endsWith(failsEnding) || BigInt(payer?.fen ?? '0') < BigInt(payment.Amount)) {
      end(payment, ['30', 'X51001', 'insufficient funds'], twin);
    } else {
      twin.effect('collected', payment.OrderNo, {
        TxSN: payment.TxSN,
        fen: payment.Amount,
        to: payment.PayeeAccountNumber,
      });
      move(twin.memory.books, payment.PayerAccountNumber, payment.PayeeAccountNumber, BigInt(payment.Amount));
      end(payment, ['20', '000000', 'OK.'], twin);
      if (payment.Amount.endsWith(returnsEnding)) twin.later('giveBack', { TxSN: payment.TxSN }, returnAfterMs);
    }
    twin.save();
  }
  await tell(payment, twin);
}

/** The payee's bank sends it back (退票). */
async function giveBack({ TxSN }: Record<string, unknown>, twin: TwinContext<Memory>): Promise<void> {
  const payment = own(twin.memory.payments, String(TxSN));
  if (!payment) return;
  if (payment.Status === '20') {
    twin.effect('returned', payment.OrderNo, { TxSN: payment.TxSN, fen: payment.Amount });
    move(twin.memory.books, payment.PayeeAccountNumber, payment.PayerAccountNumber, BigInt(payment.Amount));
    end(payment, ['X4', 'X51002', 'returned by the bank of the payee'], twin);
    twin.save();
  }
  await tell(payment, twin);
}

async function tell(payment: Payment, twin: TwinContext<Memory>): Promise<void> {
  const { body } = await twin.post({
    path: '/notice',
    headers: { 'content-type': 'application/x-www-form-urlencoded; charset=UTF-8' },
    body: noticeForm('5018', { InstitutionID: institutionId, ...shown(payment) }, twin.key('cpcn-private.pem')),
  });
  if (!(await isTaken(body))) throw new Error('the institution did not answer 2000');
}

function end(
  payment: Payment,
  [status, code, message]: readonly [string, string, string],
  twin: TwinContext<Memory>,
): void {
  Object.assign(payment, {
    Status: status,
    ResponseCode: code,
    ResponseMessage: message,
    PayTime: time14(twin.clock.now()),
  });
}

function move(books: Record<string, Book>, from: string, to: string, fen: bigint): void {
  const [payer, payee] = [own(books, from), own(books, to)];
  if (!payer || !payee || BigInt(payer.fen) < fen) throw new Error('the books do not allow this');
  payer.fen = String(BigInt(payer.fen) - fen);
  payee.fen = String(BigInt(payee.fen) + fen);
}

function shown(payment: Payment): Record<string, string> {
  const names = [
    'TxSN',
    'OrderNo',
    'PayeeAccountNumber',
    'Amount',
    'Status',
    'ResponseCode',
    'ResponseMessage',
    'PayTime',
    'TraceNo',
  ];
  return pick({ ...payment }, names);
}

function accepted(body: Record<string, string>): Result {
  return { code: '2000', message: 'OK.', body };
}

function traceNo(memory: Memory): string {
  return `CP${String((memory.trace += 1)).padStart(10, '0')}`;
}

/** Fields that are there and not empty, in the order named. */
function pick(fields: Readonly<Record<string, string>>, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.flatMap((name) => (own(fields, name) ? [[name, fields[name] ?? '']] : [])));
}

function own<T>(table: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}

function keyPair() {
  return generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
}
