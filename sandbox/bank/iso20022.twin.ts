/**
 * A bank that is reached by files over SFTP: customers put pain.001 into `/out` and find pain.002, camt.054 and camt.053 in `/in`.
 * It looks into `/out` some minutes after something was put there, checks the order ten minutes later and pays after ten more.
 * At eight in the evening it closes the day: first a statement that is cut off, then the whole one with its companion.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SftpManner } from '../sftpFolder.ts';
import { sftpKeyPair, startSftp } from '../sftpServer.ts';
import { twin } from '../twin.ts';
import { funder } from '../world.ts';
import {
  accountNo,
  book,
  keep,
  now,
  pad,
  report,
  say,
  sequence,
  serial,
  statementName,
  statementOf,
  today,
  write,
  type Bank,
  type Memory,
  type Payment,
} from './iso20022Desk.ts';
import { notification, type Booking } from './iso20022Documents.ts';
import { readOrder, Rejection, type Order } from './iso20022Order.ts';

type Args = Record<string, unknown>;

export const isoUser = 'lianshu';
const minute = 60_000;
const hour = 60 * minute;
const endings = { funds: '000.02', returned: '000.03', account: '000.04', examined: '000.05', noticeFirst: '000.06' };
const returnedAccount = /9999$/;

export const bankIso20022 = twin<Memory>({
  name: 'bank-iso20022',
  kind: 'bank',
  dialect: 'iso20022',
  title: { zh: '沙箱银行（ISO 20022 文件）', en: 'Bank by ISO 20022 files' },
  settings: {
    username: isoUser,
    senderName: funder.name,
    senderUscc: funder.uscc,
    payerName: funder.name,
    payerBankCode: funder.account.bankCode,
    companion: 'none',
  },
  magic: [
    { where: 'amount of a payment 付款金额', value: '…000.02', effect: 'refused, `AM04`' },
    { where: 'amount of a payment 付款金额', value: '…000.03', effect: 'paid, and returned the next day, `AC04` 退票' },
    { where: 'amount of a payment 付款金额', value: '…000.04', effect: 'refused, `AC01`' },
    { where: 'amount of a payment 付款金额', value: '…000.05', effect: 'under examination, `PDNG`, and stays so' },
    {
      where: 'amount of a payment 付款金额',
      value: '…000.06',
      effect: 'told by camt.054 first, and by pain.002 an hour later',
    },
    {
      where: "payee's account 收款账号",
      value: '…9999',
      effect: 'paid, and returned the next day, `AC04` 退票',
    },
  ],
  enrol: () => {
    const [login, host] = [sftpKeyPair(), sftpKeyPair()];
    return {
      hub: { 'sftp-login.txt': login.secret, 'sftp-host.txt': host.open, 'payer-account.txt': accountNo },
      twin: { 'login.txt': login.open, 'host.txt': host.secret },
    };
  },
  memory: () => ({ serial: 0, seen: {}, payments: {}, bookings: {}, statements: {} }),
  operationOf: () => undefined,
  handle: () => ({ status: 404, body: 'this bank is reached over SFTP' }),
  acts: { collect, accept, execute, tell, bounce, settle, deposit, closeDay, finishDay, behave },
  insteadOfFaults: 'it is reached by files. Try: twin bank-iso20022 behave cutAtByte:=100 cuts:=1',
  async listen(bank, port) {
    for (const side of ['in', 'out']) mkdirSync(join(bank.folder, 'exchange', side), { recursive: true });
    const soon = () => bank.later('collect', {}, 5 * minute);
    if (unread(bank).length > 0) soon();
    const server = await startSftp({
      root: join(bank.folder, 'exchange'),
      port,
      user: isoUser,
      loginKey: bank.key('login.txt'),
      hostKey: bank.key('host.txt'),
      writable: ['/out'],
      manner: mannerOf(bank.folder),
      onPut: soon,
    });
    return { url: `sftp://127.0.0.1:${server.port}`, stop: () => server.stop() };
  },
});

const manners = new Map<string, SftpManner>();
function mannerOf(folder: string): SftpManner {
  const manner = manners.get(folder) ?? {};
  manners.set(folder, manner);
  return manner;
}

/** How the server behaves from now on: `cutAtByte`, `cuts`, `delayMs`. */
function behave(args: Args, bank: Bank): void {
  const manner = mannerOf(bank.folder);
  for (const name of Object.keys(manner)) delete manner[name as keyof SftpManner];
  Object.assign(manner, args);
}

/** The clerk of the exchange looks into `/out`. */
function collect(_args: Args, bank: Bank): void {
  for (const name of unread(bank)) {
    bank.memory.seen[name] = true;
    try {
      take(readOrder(readFileSync(join(bank.folder, 'exchange', 'out', name))), bank);
    } catch (thrown) {
      if (!(thrown instanceof Rejection)) throw thrown;
      const order = thrown.order;
      report(bank, `${order?.msgId ?? 'NOTPROVIDED'}_${pad(sequence(bank, order?.msgId ?? ''))}`, {
        order,
        amount: undefined,
        status: 'RJCT',
        reason: { code: thrown.reason, words: thrown.message },
      });
    }
    bank.save();
  }
}

function unread({ folder, memory }: Bank): string[] {
  return readdirSync(join(folder, 'exchange', 'out')).filter((name) => name.endsWith('.xml') && !memory.seen[name]);
}

/** @throws Rejection AM05 for what came before, whatever file it comes in now */
function take(order: Order, bank: Bank): void {
  const before = bank.memory.payments[order.endToEndId];
  if (before) throw new Rejection('AM05', before.order.digest === order.digest ? '重复提交' : '参考号重复', order);
  if (order.debtorAccount !== accountNo) throw new Rejection('AC01', '付款账号不存在', order);
  const payment: Payment = { order, status: 'RCVD', reports: 0, notices: 0 };
  bank.memory.payments[order.endToEndId] = payment;
  bank.effect('received', order.endToEndId, { msgId: order.msgId, amount: order.amount });
  say(bank, payment);
  bank.later('accept', { instructionNo: order.endToEndId }, 10 * minute);
}

/** Checks it. `{ instructionNo }`. */
function accept(args: Args, bank: Bank): void {
  const payment = paymentOf(args, bank);
  if (payment?.status !== 'RCVD') return;
  const { amount, endToEndId } = payment.order;
  const [code, words] = amount.endsWith(endings.funds)
    ? ['AM04', '付款账户余额不足']
    : amount.endsWith(endings.account)
      ? ['AC01', '收款账号不存在']
      : [];
  payment.status = code === undefined ? (amount.endsWith(endings.examined) ? 'PDNG' : 'ACCP') : 'RJCT';
  say(bank, payment, code === undefined ? undefined : { code, words: words ?? '' });
  if (payment.status === 'ACCP') bank.later('execute', { instructionNo: endToEndId }, 10 * minute);
}

/** Pays. `{ instructionNo }`. */
function execute(args: Args, bank: Bank): void {
  const payment = paymentOf(args, bank);
  if (payment?.status !== 'ACCP') return;
  const { amount, endToEndId, payee, words } = payment.order;
  payment.status = 'ACSC';
  payment.reference = serial(bank, 'BK');
  bank.effect('disbursed', endToEndId, { amount, payee: payee.accountNo, reference: payment.reference });
  book(bank, payment, {
    reference: payment.reference,
    direction: 'DBIT',
    amount,
    at: now(bank),
    code: ['PMNT', 'ICDT', 'DMCT'],
    endToEndId,
    party: payee,
    words,
  });
  if (amount.endsWith(endings.noticeFirst)) bank.later('tell', { instructionNo: endToEndId }, hour);
  else say(bank, payment);
  if (amount.endsWith(endings.returned) || returnedAccount.test(payee.accountNo))
    bank.later('bounce', { instructionNo: endToEndId }, 24 * hour);
}

/** Says again how it stands, in a file of its own. `{ instructionNo }`. */
function tell(args: Args, bank: Bank): void {
  const payment = paymentOf(args, bank);
  if (payment) say(bank, payment);
}

/** The payee's bank sends the money back (退票). `{ instructionNo }`. */
function bounce(args: Args, bank: Bank): void {
  const payment = paymentOf(args, bank);
  if (payment?.status !== 'ACSC' || payment.returned) return;
  const { amount, endToEndId, payee } = payment.order;
  payment.returned = true;
  bank.effect('returned', endToEndId, { amount });
  book(bank, payment, {
    reference: serial(bank, 'RT'),
    direction: 'CRDT',
    amount,
    at: now(bank),
    code: ['PMNT', 'ICDT', 'RRTN'],
    endToEndId,
    party: payee,
    returned: { code: 'AC04', words: '收款账户已销户' },
  });
}

/** All that is ahead of one payment happens now. `{ instructionNo }`. */
function settle(args: Args, bank: Bank): void {
  collect(args, bank);
  accept(args, bank);
  execute(args, bank);
}

/** Somebody pays in without our number (暂收). `{ amount, name?, accountNo?, words? }`. */
function deposit(args: Args, bank: Bank): void {
  const reference = serial(bank, 'CR');
  const booking: Booking = {
    reference,
    direction: 'CRDT',
    amount: textOf(args, 'amount', '1.00'),
    at: now(bank),
    code: ['PMNT', 'RCDT', 'DMCT'],
    party: { name: textOf(args, 'name', '来款单位'), accountNo: textOf(args, 'accountNo', '6222000000000001') },
    words: [textOf(args, 'words', '往来款')],
  };
  bank.effect('deposited', reference, { amount: booking.amount });
  keep(bank, booking);
  write(bank, `camt.054_${reference}_01.xml`, notification(serial(bank, 'N'), accountNo, booking));
}

/** The night batch. `{ on?, whole? }`: `whole` leaves out the file that is cut off. The same day again is a re-issued one. */
function closeDay(args: Args, bank: Bank): void {
  const on = textOf(args, 'on', today(bank));
  const next = (bank.memory.statements[on] ?? 0) + 1;
  bank.memory.statements[on] = next;
  if (args['whole'] === true) return finishDay({ on, sequence: next }, bank);
  const bytes = Buffer.from(statementOf(bank, on, next));
  write(bank, statementName(on, next), bytes.subarray(0, bytes.length >> 1));
  bank.later('finishDay', { on, sequence: next }, 5 * minute);
}

function finishDay(args: Args, bank: Bank): void {
  const on = textOf(args, 'on', '');
  const name = statementName(on, Number(args['sequence']));
  const bytes = Buffer.from(statementOf(bank, on, Number(args['sequence'])));
  write(bank, name, bytes);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  write(bank, `${name}.ok`, `${name}|${bytes.length}|${sha256}\n`);
}

function paymentOf(args: Args, bank: Bank): Payment | undefined {
  return bank.memory.payments[textOf(args, 'instructionNo', '')];
}

function textOf(args: Args, name: string, otherwise: string): string {
  const value = args[name];
  return typeof value === 'string' || typeof value === 'number' ? String(value) : otherwise;
}
