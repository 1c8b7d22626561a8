/** Payments: 5011 to one payee or with parts to several, what 5016 and 5036 answer, and how they settle. */
import type { TwinContext } from '../twin.ts';
import {
  accepted,
  day,
  end,
  failsEnding,
  holds,
  isFen,
  minutes5,
  move,
  own,
  pick,
  refusal,
  returnsEnding,
  tell,
  traceNo,
  underWay,
  type Memory,
  type Part,
  type Payment,
  type Result,
} from './cpcnBooks.ts';
import { hasTimePrefix, time17, type Fields, type GatewayRequest } from './cpcnWire.ts';

export function pay({ body, splitItems }: GatewayRequest, twin: TwinContext<Memory>): Result {
  const { memory } = twin;
  const { TxSN = '', OrderNo = '', PayerAccountNumber = '', PayeeAccountNumber = '', Amount = '' } = body;
  if (own(memory.payments, TxSN)) return refusal('2008', 'duplicate TxSN');
  const formed =
    hasTimePrefix(TxSN) &&
    OrderNo !== '' &&
    isFen(Amount) &&
    body['PaymentWay'] === '30' &&
    body['HasSubsequentSplit'] === '1';
  if (!formed || splitItems.some((item) => !isFen(item['SplitAmount'] ?? ''))) return refusal('X003', 'field');
  const payees = splitItems.map((item) => [item['SplitAccountNumber'], item['SplitUserID']]);
  for (const [account = '', user] of [[PayeeAccountNumber, body['PayeeUserID']], ...payees])
    if (own(memory.books, account)?.uscc !== user) return refusal('X005', 'payee account');
  const bound = own(memory.books, PayerAccountNumber)?.uscc === body['PayerUserID'];
  const toItself = [PayeeAccountNumber, ...payees.map(([account]) => account)].includes(PayerAccountNumber);
  if (!bound || toItself) return refusal('X006', 'payer account');
  if (splitItems.length > 0 && !areParts(splitItems, Amount)) return refusal('X008', 'the parts are not the amount');
  memory.payments[TxSN] = {
    TxSN,
    OrderNo,
    PayerAccountNumber,
    PayeeAccountNumber,
    Amount,
    TraceNo: traceNo(memory),
    parts: splitItems.map(partOf),
    ...underWay,
  };
  twin.later('settle', { TxSN }, minutes5);
  return accepted(pick({ ...underWay }, ['Status', 'ResponseCode', 'ResponseMessage']));
}

function areParts(items: readonly Fields[], amount: string): boolean {
  const sum = items.reduce((total, item) => total + BigInt(item['SplitAmount'] ?? '0'), 0n);
  return sum === BigInt(amount) && new Set(items.map((item) => item['SplitTxSN'])).size === items.length;
}

function partOf(item: Fields): Part {
  const { SplitTxSN = '', SplitAccountNumber = '', SplitAmount = '' } = item;
  return { SplitTxSN, SplitAccountNumber, SplitAmount, SplitStatus: '10', SplitResponseTime: '' };
}

export function queryPayment(TxSN: string, { memory }: TwinContext<Memory>): Result {
  const payment = own(memory.payments, TxSN);
  if (!payment) return refusal('X004', 'no such transaction');
  return accepted(shown(memory.quiet ? { ...payment, ...underWay } : payment));
}

/** The parts; what is called `SplitResponseTime` in a notice is `ResponseTime` here. */
export function queryParts(body: Fields, { memory }: TwinContext<Memory>): Result {
  const payment = own(memory.payments, body['TxSN'] ?? '');
  if (!payment) return refusal('X004', 'no such transaction');
  if (body['SourceTxCode'] !== '5011' || payment.parts.length === 0) return refusal('X003', 'that was not split');
  const SplitItems = payment.parts.map(({ SplitTxSN, SplitAmount, SplitStatus, SplitResponseTime }) =>
    pick({ SplitTxSN, SplitAmount, SplitStatus, ResponseTime: SplitResponseTime }, [
      'SplitTxSN',
      'SplitAmount',
      'SplitStatus',
      'ResponseTime',
    ]),
  );
  return accepted({ Amount: payment.Amount, AvailableSplitAmount: '0', SplitItems });
}

/** Decides once; tells until it is heard. */
export async function settle({ TxSN }: Record<string, unknown>, twin: TwinContext<Memory>): Promise<void> {
  const payment = own(twin.memory.payments, String(TxSN));
  if (!payment) return;
  if (payment.Status === '10') {
    if (payment.parts.length > 0) settleParts(payment, twin);
    else settleWhole(payment, twin);
    twin.save();
  }
  await tellOf(payment, twin);
}

function settleWhole(payment: Payment, twin: TwinContext<Memory>): void {
  const { books } = twin.memory;
  const fen = BigInt(payment.Amount);
  if (payment.Amount.endsWith(failsEnding) || !holds(books, payment.PayerAccountNumber, fen))
    return end(payment, ['40', 'X51001', 'insufficient funds'], twin);
  twin.effect('collected', payment.OrderNo, {
    TxSN: payment.TxSN,
    fen: payment.Amount,
    to: payment.PayeeAccountNumber,
  });
  move(books, payment.PayerAccountNumber, payment.PayeeAccountNumber, fen);
  end(payment, ['30', '000000', 'OK.'], twin);
  if (payment.Amount.endsWith(returnsEnding)) twin.later('giveBack', { TxSN: payment.TxSN }, day);
}

/** Without funds for all of it nobody gets anything; a receiver whose account does not take its part leaves it with the payer. */
function settleParts(payment: Payment, twin: TwinContext<Memory>): void {
  const { books } = twin.memory;
  const funded = holds(books, payment.PayerAccountNumber, BigInt(payment.Amount));
  const goes = payment.parts.filter(({ SplitAmount }) => funded && !SplitAmount.endsWith(failsEnding));
  if (goes.length > 0)
    twin.effect('split', payment.OrderNo, {
      TxSN: payment.TxSN,
      parts: goes.map(({ SplitAccountNumber: to, SplitAmount: fen }) => ({ to, fen })),
    });
  for (const part of payment.parts) {
    const ok = goes.includes(part);
    if (ok) move(books, payment.PayerAccountNumber, part.SplitAccountNumber, BigInt(part.SplitAmount));
    Object.assign(part, { SplitStatus: ok ? '20' : '30', SplitResponseTime: time17(twin.clock.now()) });
  }
  end(payment, goes.length > 0 ? ['30', '000000', 'OK.'] : ['40', 'X51001', 'insufficient funds'], twin);
}

/** The payee's bank sends it back (退票). */
export async function giveBack({ TxSN }: Record<string, unknown>, twin: TwinContext<Memory>): Promise<void> {
  const payment = own(twin.memory.payments, String(TxSN));
  if (!payment || payment.parts.length > 0) return;
  if (payment.Status === '30') {
    twin.effect('returned', payment.OrderNo, { TxSN: payment.TxSN, fen: payment.Amount });
    move(twin.memory.books, payment.PayeeAccountNumber, payment.PayerAccountNumber, BigInt(payment.Amount));
    end(payment, ['X4', 'X51002', 'returned by the bank of the payee'], twin);
    twin.save();
  }
  await tellOf(payment, twin);
}

function tellOf(payment: Payment, twin: TwinContext<Memory>): Promise<void> {
  if (payment.parts.length === 0) return tell('5018', shown(payment), twin);
  const SplitItems = payment.parts.map(({ SplitTxSN, SplitAmount, SplitStatus, SplitResponseTime }) => ({
    SplitTxSN,
    SplitAmount,
    SplitStatus,
    SplitResponseTime,
  }));
  const status = payment.Status === '30' ? '20' : '30';
  const { TxSN, Amount, ResponseTime } = payment;
  const whole = { TxSN, PaymentTxSN: TxSN, Amount, AvailableSplitAmount: '0', Status: status, ResponseTime };
  return tell('5038', { ...whole, SplitItems }, twin);
}

function shown(payment: Payment): Record<string, unknown> {
  const names = [
    'TxSN',
    'OrderNo',
    'PayeeAccountNumber',
    'Amount',
    'Status',
    'ResponseCode',
    'ResponseMessage',
    'ResponseTime',
    'TraceNo',
  ];
  return pick({ ...payment }, names);
}
