/**
 * The data package (数据包) about one borrower for one funder, monthly or with an application: of what was extracted, as much as the
 * consent covers. Each row has a version: one that is told otherwise than the last time is the next version of itself (更正).
 */
import { hash } from 'node:crypto';
import type { Feedback } from '../../contracts/bank/feedback.ts';
import type { Message } from '../../contracts/contract.ts';
import { canonicalJson } from '../../contracts/evidence/chain.ts';
import type { Scope, Versions } from '../../ledger/oversight/feedback.ts';
import type { Extract } from './extract.ts';

export type FeedbackPackage = Message<typeof Feedback>;
type AmountRow = Omit<FeedbackPackage['amounts'][number], 'version'>;
type QuantityRow = Omit<FeedbackPackage['quantities'][number], 'version'>;
type Part = FeedbackPackage['withheld'][number]['part'];

export interface Told {
  readonly no: string;
  readonly occasion: FeedbackPackage['occasion'];
  readonly from: string;
  readonly to: string;
  readonly borrower: { readonly name: string; readonly uscc: string };
  readonly loanNos: readonly string[];
}

/** The kind of data that each part is, as consents name them. */
const kindOf = {
  orders: 'TRADE',
  deliveries: 'TRADE',
  returns: 'TRADE',
  salesOut: 'TRADE',
  receivables: 'FINANCE',
  invoices: 'FINANCE',
} as const satisfies Readonly<Record<Part, string>>;

/** What is withheld for want of consent, and what nobody holds: an ERP of a seller knows no returns by themselves (see credit memos). */
function withheldOf(scope: Scope, extracted: Extract): FeedbackPackage['withheld'] {
  return (Object.keys(kindOf) as Part[]).flatMap((part): FeedbackPackage['withheld'] => {
    if (!scope.kinds.includes(kindOf[part])) return [{ part, why: 'CONSENT_MISSING' }];
    const held = part !== 'returns' && (part !== 'salesOut' || extracted.outbound !== undefined);
    return held ? [] : [{ part, why: 'NOT_HELD' }];
  });
}

export function packageOf(
  told: Told,
  extracted: Extract,
  scope: Scope,
  before: Versions,
): { readonly feedback: FeedbackPackage; readonly versions: Versions } {
  const withheld = withheldOf(scope, extracted);
  const tells = (part: Part) => !withheld.some((each) => each.part === part);
  const versions: Record<string, [string, number]> = {};
  const versioned = <R extends { readonly row: string; readonly no: string }>(row: R): R & { version: number } => {
    const key = `${row.row}/${row.no}`;
    const digest = hash('sha256', canonicalJson(row), 'hex').slice(0, 16);
    const last = before[key];
    const version = !last ? 1 : last[0] === digest ? last[1] : Math.min(last[1] + 1, 999);
    versions[key] = [digest, version];
    return { ...row, version };
  };
  const amounts = [
    ...(tells('orders') ? orderRows(extracted) : []),
    ...(tells('receivables') ? openItemRows(extracted) : []),
    ...(tells('invoices') ? invoiceRows(extracted) : []),
  ].map(versioned);
  const quantities = [
    ...(tells('deliveries') ? deliveryRows(extracted) : []),
    ...(tells('salesOut') ? outboundRows(extracted) : []),
  ].map(versioned);
  const feedback: FeedbackPackage = {
    feedbackNo: told.no,
    occasion: told.occasion,
    from: told.from,
    to: told.to,
    borrower: { name: told.borrower.name, uscc: told.borrower.uscc },
    loanNos: [...told.loanNos],
    amounts,
    quantities,
    ...(tells('receivables') ? { openItemsTotal: extracted.openItems.total } : {}),
    withheld,
    gaps: [...extracted.gaps],
    totals: {
      rows: amounts.length + quantities.length,
      amount: sumOf(
        amounts.map(({ amount }) => amount),
        2,
      ),
      quantity: sumOf(
        quantities.map(({ quantity }) => quantity),
        3,
      ),
    },
  };
  return { feedback, versions };
}

function orderRows({ orders }: Extract): AmountRow[] {
  return orders.map(({ orderNo, orderDate, total, currency, status }) => ({
    row: 'ORDER',
    no: orderNo,
    date: orderDate,
    amount: total,
    currency,
    status,
  }));
}

/** What the customer owes, and what is owed to it. */
function openItemRows({ openItems }: Extract): AmountRow[] {
  return openItems.items.map(({ documentNo, documentDate, dueDate, amount, currency, side }) => ({
    row: side === 'debit' ? 'RECEIVABLE' : 'PAYABLE',
    no: documentNo,
    date: documentDate,
    dueDate,
    amount,
    currency,
  }));
}

function invoiceRows({ billings }: Extract): AmountRow[] {
  return billings.map(({ billingNo, type, billingDate, gross, currency, cancelled }) => ({
    row: type === 'invoice' || type === 'debitMemo' ? 'INVOICE' : 'CREDIT_MEMO',
    no: billingNo,
    date: billingDate,
    amount: gross,
    currency,
    status: cancelled ? 'cancelled' : type,
  }));
}

/** One without a date has not left yet. */
function deliveryRows({ deliveries }: Extract): QuantityRow[] {
  return deliveries.flatMap(({ orderNo, items }) =>
    items.flatMap(({ materialCode, unit, deliveries: sent }) =>
      sent.flatMap(({ deliveryNo, lineNo, date, quantity }) =>
        date === undefined
          ? []
          : [{ row: 'DELIVERY' as const, no: `${deliveryNo}/${lineNo}`, orderNo, date, materialCode, quantity, unit }],
      ),
    ),
  );
}

function outboundRows({ outbound }: Extract): QuantityRow[] {
  return (outbound ?? []).map((row) => ({ row: 'OUTBOUND', ...row }));
}

/** Exact, with so many decimals. */
function sumOf(texts: readonly string[], decimals: number): string {
  const sum = texts.reduce((total, text) => total + BigInt(text.replace('.', '')), 0n);
  const digits = sum.toString().padStart(decimals + 1, '0');
  return `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
}
