/** Refunds: 5021 of a payment that succeeded, never more than it was; 5026 asks, 5028 tells. */
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
  type Refund,
  type Result,
} from './cpcnBooks.ts';
import { hasTimePrefix, type Fields } from './cpcnWire.ts';

/** Those that hold a part of the payment: under way, or done. */
const holding: readonly string[] = ['10', '20'];

export function refund(body: Fields, twin: TwinContext<Memory>): Result {
  const { memory } = twin;
  const { TxSN = '', PaymentTxSN = '', SourceTxTime = '', RefundWay, Amount = '', Extension = '' } = body;
  if (own(memory.refunds, TxSN)) return refusal('2008', 'duplicate TxSN');
  if (!hasTimePrefix(TxSN) || !isFen(Amount) || RefundWay !== '20' || !/^\d{8}$/.test(SourceTxTime))
    return refusal('X003', 'field');
  const payment = own(memory.payments, PaymentTxSN);
  if (payment?.Status !== '30' || payment.parts.length > 0) return refusal('X010', 'no payment to give back from');
  const before = Object.values(memory.refunds).filter(
    (each) => each.PaymentTxSN === PaymentTxSN && holding.includes(each.Status),
  );
  const sum = before.reduce((total, each) => total + BigInt(each.Amount), BigInt(Amount));
  if (sum > BigInt(payment.Amount)) return refusal('X009', 'more than was paid');
  const state = { TxSN, PaymentTxSN, Amount, RefundTraceNo: traceNo(memory), no: Extension };
  memory.refunds[TxSN] = { ...state, ...underWay };
  twin.later('settleRefund', { TxSN }, minutes5);
  return accepted(pick({ ...underWay }, ['Status', 'ResponseCode', 'ResponseMessage']));
}

export function queryRefund(TxSN: string, { memory }: TwinContext<Memory>): Result {
  const found = own(memory.refunds, TxSN);
  return found ? accepted(shown(found)) : refusal('X004', 'no such transaction');
}

export async function settleRefund({ TxSN }: Record<string, unknown>, twin: TwinContext<Memory>): Promise<void> {
  const found = own(twin.memory.refunds, String(TxSN));
  if (!found) return;
  if (found.Status === '10') {
    decide(found, twin);
    twin.save();
  }
  await tell('5028', shown(found), twin);
}

function decide(found: Refund, twin: TwinContext<Memory>): void {
  const { books, payments } = twin.memory;
  const payment = own(payments, found.PaymentTxSN);
  const [from, to] = [payment?.PayeeAccountNumber ?? '', payment?.PayerAccountNumber ?? ''];
  if (found.Amount.endsWith(failsEnding) || !holds(books, from, BigInt(found.Amount)))
    return end(found, ['30', 'X51001', 'insufficient funds'], twin);
  twin.effect('refunded', found.no, { TxSN: found.TxSN, fen: found.Amount, to });
  move(books, from, to, BigInt(found.Amount));
  end(found, ['20', '000000', 'OK.'], twin);
  if (found.Amount.endsWith(returnsEnding)) twin.later('giveBackRefund', { TxSN: found.TxSN }, day);
}

/** The payer's bank does not take it: the payee has it again. */
export async function giveBackRefund({ TxSN }: Record<string, unknown>, twin: TwinContext<Memory>): Promise<void> {
  const found = own(twin.memory.refunds, String(TxSN));
  const payment = own(twin.memory.payments, found?.PaymentTxSN ?? '');
  if (!found || !payment) return;
  if (found.Status === '20') {
    twin.effect('refund returned', found.no, { TxSN: found.TxSN, fen: found.Amount });
    move(twin.memory.books, payment.PayerAccountNumber, payment.PayeeAccountNumber, BigInt(found.Amount));
    end(found, ['40', 'X51003', 'returned by the bank of the payer'], twin);
    twin.save();
  }
  await tell('5028', shown(found), twin);
}

function shown(found: Refund): Record<string, unknown> {
  return pick({ ...found }, [
    'TxSN',
    'Amount',
    'Status',
    'ResponseCode',
    'ResponseMessage',
    'ResponseTime',
    'RefundTraceNo',
  ]);
}
