/**
 * A contract that the bank's people enter themselves (合同入账): signed elsewhere, on terms that were agreed elsewhere. A factoring's slice
 * comes to the bank so; nobody applied to it, and goods are not behind it.
 */
import { digestOf, fenOf, stamp, yuanOf, type Bank } from './books.ts';
import { unsecured } from './desk.ts';

const validMs = 30 * 86_400_000;

/**
 * `{ applicationNo, funderRef, borrower: { name, uscc }, payee: { accountName, accountNo, bankName, bankCode }, orderNo, amount, rate,
 * termDays }`: amount in yuan, rate in percent (`"4.6000"`). Entered twice it stands as it was entered first.
 */
export function book(args: Readonly<Record<string, unknown>>, bank: Bank): void {
  const text = (of: unknown, name: string): string => {
    const value = (of as Record<string, unknown> | undefined)?.[name];
    if (typeof value !== 'string') throw new Error(`${name} must be a text`);
    return value;
  };
  const { borrower, payee, termDays } = args;
  if (typeof termDays !== 'number') throw new Error('termDays must be a number');
  const [applNo, bankRef] = [text(args, 'applicationNo'), text(args, 'funderRef')];
  if (Object.hasOwn(bank.memory.applications, applNo)) return;
  const amount = yuanOf(fenOf(text(args, 'amount')));
  const now = bank.clock.now().getTime();
  const request = {
    applNo,
    prodCode: unsecured,
    borrower: { custName: text(borrower, 'name'), creditCode: text(borrower, 'uscc') },
    applAmt: amount,
    ccy: '156',
    termDays,
    purpose: '保理',
    payee: {
      acctName: text(payee, 'accountName'),
      acctNo: text(payee, 'accountNo'),
      openBank: text(payee, 'bankName'),
      cnaps: text(payee, 'bankCode'),
    },
    order: { orderNo: text(args, 'orderNo'), orderAmt: amount, orderDate: stamp(now).slice(0, 8) },
    goods: [],
    docs: [],
    checks: { enterprise: '-', agent: '-' },
    openItems: '0.00',
  };
  const offer = {
    amt: amount,
    basis: 'A360' as const,
    rate: text(args, 'rate'),
    termDays,
    validUntil: stamp(now + validMs),
  };
  bank.memory.applications[applNo] = {
    digest: digestOf(request),
    request,
    answer: { bankRef },
    decision: { applNo, bankRef, status: '00', decTime: stamp(now), offer },
    validUntilMs: now + validMs,
    limit: { totalFen: String(fenOf(amount)), reservedFen: '0', usedFen: '0' },
  };
  bank.effect('booked', applNo, { bankRef, amt: amount });
}
