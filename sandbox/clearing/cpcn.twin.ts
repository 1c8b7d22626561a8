/**
 * A payment clearing gateway after CPCN (中金支付): it knows which accounts belong to whom, opens accounts, takes collections for
 * one or several and gives back; all settles some minutes later between its own books (`cpcnBooks.ts`).
 * Acts: `settle`, `giveBack` (a payment), `settleRefund`, `giveBackRefund`, `review` (an opening), each `{TxSN}`; `goQuiet {on}`: notices
 * are lost and questions find everything under way, until it is switched off; only the file of the day knows.
 */
import { generateKeyPairSync } from 'node:crypto';
import { twin, type TwinAnswer, type TwinContext, type TwinRequest } from '../twin.ts';
import { balance, open, queryOpening, review } from './cpcnAccounts.ts';
import { accepted, institutionId, newMemory, own, pick, traceNo, type Memory, type Result } from './cpcnBooks.ts';
import { giveBack, pay, queryParts, queryPayment, settle } from './cpcnPayments.ts';
import { giveBackRefund, queryRefund, refund, settleRefund } from './cpcnRefunds.ts';
import { answerText, readRequest, txCodeOf, type GatewayRequest } from './cpcnWire.ts';

const operations: Readonly<Record<string, string>> = {
  '2310': 'checkAccount',
  '5011': 'collect',
  '5016': 'queryCollection',
  '5011 split': 'split',
  '5036': 'querySplit',
  '5021': 'refund',
  '5026': 'queryRefund',
  '4601': 'openAccount',
  '4616': 'queryOpening',
  '4691': 'readBalance',
};

export const clearingCpcn = twin<Memory>({
  name: 'clearing-cpcn',
  kind: 'clearing',
  dialect: 'cpcn',
  title: { zh: '支付清算（中金支付）', en: 'Payment clearing (CPCN)' },
  settings: { institutionId },
  magic: [
    { where: 'amount of a collection 代收金额', value: '…000.04', effect: 'fails for want of funds' },
    {
      where: 'amount of a collection 代收金额',
      value: '…000.05',
      effect: 'succeeds, and comes back 24 business hours later',
    },
    { where: 'amount of a part 分账金额', value: '…000.04', effect: 'that receiver gets nothing, the others theirs' },
    { where: 'amount of a refund 退款金额', value: '…000.04', effect: 'fails for want of funds' },
    {
      where: 'amount of a refund 退款金额',
      value: '…000.05',
      effect: 'succeeds, and comes back 24 business hours later',
    },
    { where: 'bank account of an opening 绑定账号', value: '…0004', effect: 'opened, and the bank account not bound' },
    { where: 'bank account of an opening 绑定账号', value: '…0005', effect: 'the opening is refused' },
  ],
  enrol: () => {
    const [institution, gateway] = [keyPair(), keyPair()];
    return {
      hub: { 'institution-private.pem': institution.privateKey, 'cpcn-public.pem': gateway.publicKey },
      twin: { 'institution-public.pem': institution.publicKey, 'cpcn-private.pem': gateway.privateKey },
    };
  },
  memory: newMemory,
  operationOf: (request) => operations[txCodeOf(request.body) ?? ''],
  handle,
  acts: { settle, giveBack, settleRefund, giveBackRefund, review, goQuiet, empty, refill, earn },
});

/** `{account}`: its holder takes all of its money elsewhere. */
function empty({ account }: Record<string, unknown>, { memory }: TwinContext<Memory>): void {
  const book = own(memory.books, String(account));
  if (!book) throw new Error('no such account');
  (memory.away ??= {})[String(account)] = String(BigInt(memory.away[String(account)] ?? '0') + BigInt(book.fen));
  book.fen = '0';
}

/** `{account}`: and brings it back. */
function refill({ account }: Record<string, unknown>, { memory }: TwinContext<Memory>): void {
  const book = own(memory.books, String(account));
  if (!book) throw new Error('no such account');
  book.fen = String(BigInt(book.fen) + BigInt(memory.away?.[String(account)] ?? '0'));
  if (memory.away) delete memory.away[String(account)];
}

/** `{account, fen}`: its holder is paid for what it sold. */
function earn({ account, fen }: Record<string, unknown>, { memory }: TwinContext<Memory>): void {
  const book = own(memory.books, String(account));
  if (!book || !/^\d{1,15}$/.test(String(fen))) throw new Error('no such account, or no such amount');
  book.fen = String(BigInt(book.fen) + BigInt(String(fen)));
}

function goQuiet({ on }: Record<string, unknown>, { memory }: TwinContext<Memory>): void {
  memory.quiet = on !== false;
}

async function handle(request: TwinRequest, twin: TwinContext<Memory>): Promise<TwinAnswer> {
  if (request.method !== 'POST' || request.path !== '/Gateway/InterfaceII')
    return { status: 404, body: 'no such interface' };
  const asked = await readRequest(request.body, twin.key('institution-public.pem'));
  const result = asked ? judge(asked, twin) : { code: 'X003', message: 'message' };
  // Every answer repeats what it answers.
  const named = pick(asked?.body ?? {}, ['InstitutionID', 'TxSN', 'SourceTxSN', 'UserID', 'Note']);
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
  const { body } = asked;
  const ours = (asked.txCode === '2310' ? asked.head : body)['InstitutionID'] === institutionId;
  if (!ours) return { code: 'X002', message: 'institution' };
  switch (asked.txCode) {
    case '2310':
      return checkAccount(body, twin);
    case '4601':
      return open(asked, twin);
    case '4616':
      return queryOpening(body['SourceTxSN'] ?? '', twin);
    case '4691':
      return balance(body['UserID'] ?? '', twin);
    case '5011':
      return pay(asked, twin);
    case '5016':
      return queryPayment(body['TxSN'] ?? '', twin);
    case '5021':
      return refund(body, twin);
    case '5026':
      return queryRefund(body['TxSN'] ?? '', twin);
    case '5036':
      return queryParts(body, twin);
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

function keyPair() {
  return generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
}
