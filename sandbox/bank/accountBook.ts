/**
 * The books behind a direct link (银企直连): transfers out of a customer's account, and the movements of accounts. What
 * such banks have in common; how they say it stands with each of them.
 *
 * The last digits of an amount decide what becomes of a transfer: `.02` fails, `.03` is paid and comes back a day later
 * (退票), `.04` stays unclear until one of the bank's people resolves it.
 */
import type { TwinContext } from '../twin.ts';
import { companies } from '../world.ts';

export interface Transfer {
  readonly number: string;
  /** The bank's number of the instruction. */
  readonly bankNo: string;
  readonly payer: string;
  readonly payee: { readonly accountNo: string; readonly name: string; readonly bank: string };
  readonly amount: string;
  readonly use: string;
  readonly takenAt: string;
  state: 'taken' | 'unclear' | 'paid' | 'failed' | 'returned';
  /** Number of the movement, once money moved. */
  serial: string;
  endedAt: string;
  reason: string;
}

export interface Movement {
  readonly serial: string;
  /** Beijing, yyyyMMddHHmmss. */
  readonly stamp: string;
  readonly side: 'out' | 'in';
  readonly amount: string;
  readonly balance: string;
  readonly other: { readonly accountNo: string; readonly name: string };
  /** The customer's number of the transfer that moved it. */
  readonly number: string;
  readonly kind: 'payment' | 'return' | 'fee' | 'interest' | 'other';
  readonly words: string;
}

export interface AccountBook {
  /** By the customer's number. */
  transfers: Record<string, Transfer>;
  /** By account. */
  movements: Record<string, Movement[]>;
  /** Fen as text: JSON numbers end at 2^53. */
  fen: Record<string, string>;
  counter: number;
  /** Each page of a statement begins with the last row of the page before it. */
  repeatsRows: boolean;
}

export type Bank<M extends AccountBook = AccountBook> = TwinContext<M>;

const openingFen = '50000000000'; // 500 million yuan
const settleAfterMs = 10 * 60_000;
const returnAfterMs = 24 * 3_600_000;
/** Beijing; from then to midnight nothing is taken. */
const cutOffHour = 22;

export function openBook(): AccountBook {
  const fen = Object.fromEntries(companies.map(({ account }) => [account.accountNo, openingFen]));
  return { transfers: {}, movements: {}, fen, counter: 0, repeatsRows: false };
}

export function stampOf(instant: Date): string {
  return new Date(instant.getTime() + 8 * 3_600_000).toISOString().slice(0, 19).replaceAll(/[-:T]/g, '');
}

export function isClosed(bank: Bank): boolean {
  return Number(stampOf(bank.clock.now()).slice(8, 10)) >= cutOffHour;
}

export function transferBy(bank: Bank, number: string): Transfer | undefined {
  return Object.hasOwn(bank.memory.transfers, number) ? bank.memory.transfers[number] : undefined;
}

export function isOurs(account: string): boolean {
  return companies.some((company) => company.account.accountNo === account);
}

/** Whether that account is in that name; accounts of strangers nobody here can check. */
export function isNamed(account: string, name: string): boolean {
  const holder = companies.find((company) => company.account.accountNo === account);
  return holder === undefined || holder.name === name;
}

export function take(bank: Bank, order: Pick<Transfer, 'number' | 'payer' | 'payee' | 'amount' | 'use'>): Transfer {
  const transfer: Transfer = {
    ...order,
    bankNo: nextNumber(bank, 'F', 11),
    takenAt: stampOf(bank.clock.now()),
    state: 'taken',
    serial: '',
    endedAt: '',
    reason: '',
  };
  bank.memory.transfers[order.number] = transfer;
  bank.later('settle', { number: order.number }, settleAfterMs);
  return transfer;
}

/** What the bank's people and machines do; `POST /_twin/acts/<name>`. */
/** What the fen of a transfer bring about. */
export const transferMagic = [
  { where: 'amount of a payment 付款金额', value: '….02', effect: 'fails 失败' },
  { where: 'amount of a payment 付款金额', value: '….03', effect: 'paid, and comes back a day later 退票' },
  {
    where: 'amount of a payment 付款金额',
    value: '….04',
    effect: 'stays uncertain 不确定 until the act `resolve number=… paid=true`, or `paid=false`',
  },
] as const;

export const bookActs = {
  /** {number}: decides a transfer that was taken, once. */
  settle({ number }: Record<string, unknown>, bank: Bank): void {
    const transfer = transferBy(bank, String(number));
    if (transfer?.state !== 'taken') return;
    if (transfer.amount.endsWith('.04')) transfer.state = 'unclear';
    else if (transfer.amount.endsWith('.02')) fail(bank, transfer, '收款账号不存在');
    else pay(bank, transfer);
  },
  /** {number, paid}: somebody finds out what became of an unclear transfer. */
  resolve({ number, paid }: Record<string, unknown>, bank: Bank): void {
    const transfer = transferBy(bank, String(number));
    if (transfer?.state !== 'unclear') return;
    if (paid === false || paid === 'false') fail(bank, transfer, '人工确认未付款');
    else pay(bank, transfer);
  },
  /** {number}: the payee's bank sends the money back (退票). */
  giveBack({ number }: Record<string, unknown>, bank: Bank): void {
    const transfer = transferBy(bank, String(number));
    if (transfer?.state !== 'paid') return;
    transfer.state = 'returned';
    transfer.reason = '收款行退票:账号户名不符';
    bank.effect('returned', transfer.number, { amount: transfer.amount });
    move(bank, transfer, 'in', 'return');
  },
  /** {account, amount, name, words}: money from somebody, without any number of ours (暂收). */
  credit(args: Record<string, unknown>, bank: Bank): void {
    const text = (field: string, otherwise: string) => textIn(args[field]) ?? otherwise;
    const other = { accountNo: text('from', '6222000000000000017'), name: text('name', '厦门某某贸易有限公司') };
    const amount = text('amount', '88.00');
    book(bank, text('account', ''), {
      side: 'in',
      amount,
      other,
      number: '',
      kind: 'payment',
      words: text('words', '货款'),
    });
  },
  /** {account, date, count}: so many small credits on that day (yyyyMMdd), for a statement of several pages. */
  bookMany({ account, date, count }: Record<string, unknown>, bank: Bank): void {
    const other = { accountNo: '6222000000000000017', name: '厦门某某贸易有限公司' };
    for (let at = 0; at < Number(count); at += 1) {
      const stamp = `${String(date)}09${String(Math.floor(at / 60)).padStart(2, '0')}${String(at % 60).padStart(2, '0')}`;
      const amount = `${at + 1}.00`;
      book(bank, String(account), { side: 'in', amount, other, number: '', kind: 'payment', words: '零星货款' }, stamp);
    }
  },
  /** {on}: rows come twice where pages meet. */
  repeatRows({ on }: Record<string, unknown>, bank: Bank): void {
    bank.memory.repeatsRows = on !== false && on !== 'false';
  },
};

/** One page of one account's day (yyyyMMdd), from 1; `last` when nothing follows. */
export function pageOf(
  bank: Bank,
  wanted: { account: string; day: string; page: number; rows: number },
): { rows: Movement[]; last: boolean; pages: number } {
  const { account, day, page, rows } = wanted;
  const own = Object.hasOwn(bank.memory.movements, account) ? bank.memory.movements[account] : undefined;
  const all = (own ?? []).filter(({ stamp }) => stamp.startsWith(day));
  const from = (page - 1) * rows;
  const again = bank.memory.repeatsRows && page > 1 ? all.slice(from - 1, from) : [];
  return {
    rows: [...again, ...all.slice(from, from + rows)],
    last: from + rows >= all.length,
    pages: Math.max(1, Math.ceil(all.length / rows)),
  };
}

/** What somebody typed; anything but text is nothing. */
export function textIn(arg: unknown): string | undefined {
  return typeof arg === 'string' ? arg : undefined;
}

function pay(bank: Bank, transfer: Transfer): void {
  if (BigInt(bank.memory.fen[transfer.payer] ?? '0') < fenOf(transfer.amount)) return fail(bank, transfer, '余额不足');
  bank.effect('paid', transfer.number, { amount: transfer.amount, to: transfer.payee.accountNo });
  transfer.state = 'paid';
  transfer.endedAt = stampOf(bank.clock.now());
  transfer.serial = move(bank, transfer, 'out', 'payment');
  if (transfer.amount.endsWith('.03')) bank.later('giveBack', { number: transfer.number }, returnAfterMs);
}

function fail(bank: Bank, transfer: Transfer, reason: string): void {
  transfer.state = 'failed';
  transfer.endedAt = stampOf(bank.clock.now());
  transfer.reason = reason;
}

function move(bank: Bank, transfer: Transfer, side: 'out' | 'in', kind: Movement['kind']): string {
  const { accountNo, name } = transfer.payee;
  const { amount, number, use, payer } = transfer;
  return book(bank, payer, { side, amount, other: { accountNo, name }, number, kind, words: use });
}

function book(
  bank: Bank,
  account: string,
  movement: Omit<Movement, 'serial' | 'stamp' | 'balance'>,
  stamp = stampOf(bank.clock.now()),
): string {
  const { memory } = bank;
  const fen = BigInt(memory.fen[account] ?? '0') + (movement.side === 'in' ? 1n : -1n) * fenOf(movement.amount);
  memory.fen[account] = String(fen);
  const serial = nextNumber(bank, 'H', 9);
  const digits = String(fen).padStart(3, '0');
  const balance = `${digits.slice(0, -2)}.${digits.slice(-2)}`;
  (memory.movements[account] ??= []).push({ ...movement, serial, stamp, balance });
  return serial;
}

function nextNumber({ memory }: Bank, letter: string, digits: number): string {
  return letter + String((memory.counter += 1)).padStart(digits, '0');
}

function fenOf(yuan: string): bigint {
  return BigInt(yuan.replace('.', ''));
}
