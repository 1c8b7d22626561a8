/** What the gateway keeps: books that are never overdrawn and from which no fen comes or goes, and what was ordered. */
import type { TwinContext } from '../twin.ts';
import { companies } from '../world.ts';
import { isTaken, noticeForm, time17 } from './cpcnWire.ts';

export interface Book {
  readonly holder: string;
  readonly uscc: string;
  /** An integer of fen, as text: JSON numbers end at 2^53. */
  fen: string;
}

/** How far something has come, in the words of the gateway. */
export interface Standing {
  Status: string;
  ResponseCode: string;
  ResponseMessage: string;
  ResponseTime: string;
}

export interface Part {
  readonly SplitTxSN: string;
  readonly SplitAccountNumber: string;
  readonly SplitAmount: string;
  SplitStatus: string;
  SplitResponseTime: string;
}

export interface Payment extends Standing {
  readonly TxSN: string;
  readonly OrderNo: string;
  readonly PayerAccountNumber: string;
  readonly PayeeAccountNumber: string;
  readonly Amount: string;
  readonly TraceNo: string;
  /** None: all of it goes to the payee. */
  readonly parts: Part[];
}

export interface Refund extends Standing {
  readonly TxSN: string;
  readonly PaymentTxSN: string;
  readonly Amount: string;
  readonly RefundTraceNo: string;
  /** How the institution calls it. */
  readonly no: string;
}

export interface Opening extends Standing {
  readonly TxSN: string;
  readonly UserID: string;
  readonly holder: string;
  readonly accountNumber: string;
  readonly no: string;
  BindingStatus: string;
}

export interface Memory {
  /** By account number. */
  books: Record<string, Book>;
  /** By TxSN, all three. */
  payments: Record<string, Payment>;
  refunds: Record<string, Refund>;
  openings: Record<string, Opening>;
  trace: number;
  /** What holders took out of their accounts by another road, by account. */
  away?: Record<string, string>;
  /** The online side is cut off from the books: notices are lost and questions find everything under way, until the file of the day. */
  quiet?: boolean;
}

export interface Result {
  readonly code: string;
  readonly message: string;
  readonly body?: Readonly<Record<string, unknown>>;
}

export const institutionId = '100690';
const openingFen = '50000000000'; // 500 million yuan
// In fen, and round before that: interest to the fen must not end a case by chance.
export const failsEnding = '00004';
export const returnsEnding = '00005';
export const minutes5 = 5 * 60_000;
export const day = 24 * 3_600_000;

export const underWay = {
  Status: '10',
  ResponseCode: '000000',
  ResponseMessage: 'under way',
  ResponseTime: '',
} as const;

export function newMemory(): Memory {
  return {
    books: Object.fromEntries(
      companies.map(({ name, uscc, account }) => [account.accountNo, { holder: name, uscc, fen: openingFen }]),
    ),
    payments: {},
    refunds: {},
    openings: {},
    trace: 0,
  };
}

/** @throws Error when the books do not allow it: whoever moves has looked before */
export function move(books: Record<string, Book>, from: string, to: string, fen: bigint): void {
  const [payer, payee] = [own(books, from), own(books, to)];
  if (!payer || !payee || BigInt(payer.fen) < fen) throw new Error('the books do not allow this');
  payer.fen = String(BigInt(payer.fen) - fen);
  payee.fen = String(BigInt(payee.fen) + fen);
}

export function holds(books: Readonly<Record<string, Book>>, account: string, fen: bigint): boolean {
  return BigInt(own(books, account)?.fen ?? '0') >= fen;
}

export function end(
  of: Standing,
  [Status, ResponseCode, ResponseMessage]: readonly [string, string, string],
  { clock }: TwinContext<Memory>,
): void {
  Object.assign(of, { Status, ResponseCode, ResponseMessage, ResponseTime: time17(clock.now()) });
}

/** Tells until it is heard. */
export async function tell(
  txCode: string,
  body: Readonly<Record<string, unknown>>,
  twin: TwinContext<Memory>,
): Promise<void> {
  if (twin.memory.quiet) return;
  const reply = await twin.post({
    path: '/notice',
    headers: { 'content-type': 'application/x-www-form-urlencoded; charset=UTF-8' },
    body: noticeForm(txCode, { InstitutionID: institutionId, ...body }, twin.key('cpcn-private.pem')),
  });
  if (!(await isTaken(reply.body))) throw new Error('the institution did not answer 2000');
}

export function accepted(body: Readonly<Record<string, unknown>>): Result {
  return { code: '2000', message: 'OK.', body };
}

export const refusal = (code: string, message: string): Result => ({ code, message });

export function traceNo(memory: Memory): string {
  return `CP${String((memory.trace += 1)).padStart(10, '0')}`;
}

/** Fields that are there and not empty, in the order named. */
export function pick(fields: Readonly<Record<string, unknown>>, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(names.flatMap((name) => (own(fields, name) ? [[name, fields[name]]] : [])));
}

export function own<T>(table: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}

export const isFen = (text: string) => /^[1-9]\d{0,16}$/.test(text);
