/** What the bank by files remembers, and how it writes what it says into the customer's folder. */
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TwinContext } from '../twin.ts';
import { funder } from '../world.ts';
import { fen, notification, statement, statusReport, type Booking } from './iso20022Documents.ts';
import type { Order } from './iso20022Order.ts';

export interface Payment {
  readonly order: Order;
  status: 'RCVD' | 'ACCP' | 'PDNG' | 'ACSC' | 'RJCT';
  reports: number;
  notices: number;
  reference?: string;
  returned?: boolean;
}

export interface Memory {
  serial: number;
  /** Names of files that were looked at. */
  seen: Record<string, true>;
  /** By EndToEndId. */
  payments: Record<string, Payment>;
  /** By business day. */
  bookings: Record<string, Booking[]>;
  /** By business day: the last statement. */
  statements: Record<string, number>;
}

export type Bank = TwinContext<Memory>;

export const accountNo = funder.account.accountNo;
const minute = 60_000;
const hour = 60 * minute;
const openingFen = 100_000_000_000_000n;

export function book(bank: Bank, payment: Payment, booking: Booking): void {
  keep(bank, booking);
  payment.notices += 1;
  const name = `camt.054_${payment.order.endToEndId}_${pad(payment.notices)}.xml`;
  write(bank, name, notification(serial(bank, 'N'), accountNo, booking));
}

export function keep(bank: Bank, booking: Booking): void {
  const on = today(bank);
  const first = bank.memory.bookings[on] === undefined;
  (bank.memory.bookings[on] ??= []).push(booking);
  const closes = Date.parse(`${on}T20:00:00+08:00`) - bank.clock.now().getTime();
  if (first) bank.later('closeDay', { on }, Math.max(closes, 5 * minute));
}

export function say(bank: Bank, payment: Payment, reason?: { code: string; words: string }): void {
  const { order, status, reference } = payment;
  const about = `${order.msgId}_${pad(sequence(bank, order.msgId))}`;
  report(bank, about, { order, amount: order.amount, status, reason, reference });
}

/** Status files about one order are counted, those that say no to a second one too. */
export function sequence(bank: Bank, msgId: string): number {
  const payment = Object.values(bank.memory.payments).find(({ order }) => order.msgId === msgId);
  if (!payment) return 1;
  payment.reports += 1;
  return payment.reports;
}

export function report(bank: Bank, about: string, what: Omit<Parameters<typeof statusReport>[0], 'id' | 'at'>): void {
  write(bank, `pain.002_${about}.xml`, statusReport({ id: serial(bank, 'ST'), at: now(bank), ...what }));
}

/** Whole or not at all, as far as whoever looks can tell. */
export function write(bank: Bank, name: string, content: string | Buffer): void {
  const place = join(bank.folder, 'exchange', 'in', name);
  writeFileSync(join(bank.folder, 'exchange', 'draft'), content);
  renameSync(join(bank.folder, 'exchange', 'draft'), place);
}

export const statementName = (on: string, next: number): string =>
  `camt.053_${accountNo}_${on.replaceAll('-', '')}_${pad(next)}.xml`;

export function statementOf(bank: Bank, on: string, next: number): string {
  const { bookings } = bank.memory;
  const signed = ({ direction, amount }: Booking) => (direction === 'CRDT' ? 1n : -1n) * fen(amount);
  const before = Object.entries(bookings).flatMap(([day, list]) => (day < on ? list.map(signed) : []));
  const opening = before.reduce((sum, each) => sum + each, openingFen);
  return statement({ accountNo, on, sequence: next, at: now(bank), opening, bookings: bookings[on] ?? [] });
}

export function serial(bank: Bank, prefix: string): string {
  bank.memory.serial += 1;
  return `${prefix}${today(bank).replaceAll('-', '')}${String(bank.memory.serial).padStart(6, '0')}`;
}

export const pad = (number: number): string => String(number).padStart(2, '0');
export const now = (bank: Bank): string =>
  `${new Date(bank.clock.now().getTime() + 8 * hour).toISOString().slice(0, 19)}+08:00`;
export const today = (bank: Bank): string => now(bank).slice(0, 10);
