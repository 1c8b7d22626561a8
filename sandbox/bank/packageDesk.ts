/** What the funder does with a package that is whole: the same counter as everywhere, in the words of the package. */
import type { Bank } from './books.ts';
import { adviseRepayment, applyCredit, deliverCollateral, requestRelease } from './desk.ts';
import { submitFeedback } from './feedback.ts';
import { creditPackage, feedback } from './fields.ts';
import type { Opened } from './packageReading.ts';
import type { Refusal } from './refusal.ts';

/** @throws Refusal, and then nothing is registered */
export function register(kind: string, opened: Opened, bank: Bank): void {
  registers[kind]?.(opened, bank);
}

/** What a refusal of the counter is in a receipt. */
export function receiptCodeOf({ code }: Refusal): string {
  return receiptCodes[code] ?? '18';
}

const receiptCodes: Readonly<Record<string, string>> = {
  '2001': '21',
  '2002': '22',
  '2003': '23',
  '2009': '24',
  '2011': '25',
};

type Text = Record<string, string>;
const party = (company: unknown) => ({ custName: (company as Text)['name'], creditCode: (company as Text)['uscc'] });
const lots = ({ lists }: Opened) =>
  (lists['lots'] ?? []).map((lot) => ({
    lotNo: lot['lotNo'],
    code: lot['materialCode'],
    qty: lot['quantity'],
    unit: lot['unit'],
  }));
const dictionary: Readonly<Record<string, string>> = { XHZY: 'SP01', '01': '156' };

const registers: Readonly<Record<string, (opened: Opened, bank: Bank) => object>> = {
  CREDIT: (opened, bank) => applyCredit(creditPackage(creditOf(opened), 'package').application, bank),
  COLLATERAL: (opened, bank) => {
    const { pledgeNo, applicationNo, warehouseReceiptNo, receiptSha256, registrationNo, supervisor, value } =
      opened.record;
    const base = { plgNo: pledgeNo, applNo: applicationNo, receiptNo: warehouseReceiptNo, receiptSha256 };
    return deliverCollateral(
      { ...base, regNo: registrationNo, supervisor: party(supervisor), lots: lots(opened), value },
      bank,
    );
  },
  REPAYMENT: ({ record: r }, bank) => {
    const base = { repayNo: r['repaymentNo'], loanNo: r['loanNo'], amt: r['amount'], valueDate: r['valueDate'] };
    const ccy = dictionary[String(r['currency'])];
    return adviseRepayment({ ...base, ccy, serialNo: r['clearingSerial'], payer: party(r['payer']) }, bank);
  },
  RELEASE: (opened, bank) => {
    const { releaseNo, pledgeNo, loanNo, repaymentNo, valueAfter, exposureAfter } = opened.record;
    const base = { relNo: releaseNo, plgNo: pledgeNo, loanNo, repayNo: repaymentNo };
    return requestRelease({ ...base, lots: lots(opened), valueAfter, exposureAfter }, bank);
  },
  FEEDBACK: (opened, bank) => submitFeedback(feedback(feedbackOf(opened), 'feedback'), bank),
};

function creditOf({ record: r, lists }: Opened): object {
  const payee = r['payee'] as Text;
  const order = r['order'] as Text;
  const application = {
    applNo: r['applicationNo'],
    prodCode: dictionary[String(r['product'])],
    borrower: party(r['borrower']),
    applAmt: r['amount'],
    ccy: dictionary[String(r['currency'])],
    termDays: Number(r['tenorDays']),
    purpose: r['purpose'],
    payee: {
      acctName: payee['accountName'],
      acctNo: payee['accountNo'],
      openBank: payee['bankName'],
      cnaps: payee['bankCode'],
    },
    order: { orderNo: order['orderNo'], orderAmt: order['total'], orderDate: order['orderDate'] },
    goods: (lists['goods'] ?? []).map((each) => ({
      code: each['materialCode'],
      name: each['name'],
      qty: each['quantity'],
      unit: each['unit'],
      price: each['unitPrice'],
    })),
    docs: (lists['documents'] ?? []).map(({ type, name, sha256 }) => ({ docType: type, docName: name, sha256 })),
    checks: r['verification'],
    openItems: r['openItemsTotal'],
  };
  return { participantNo: 'HUB', bankNo: 'SELF', application };
}

/** An empty cell is not there. */
const told = (name: string, cell: string | undefined) => (cell === undefined || cell === '' ? {} : { [name]: cell });

function feedbackOf({ record: r, lists }: Opened): object {
  return {
    fbNo: r['feedbackNo'],
    occasion: r['occasion'],
    fromDate: r['from'],
    toDate: r['to'],
    borrower: party(r['borrower']),
    loanNos: r['loanNos'],
    amounts: (lists['amounts'] ?? []).map((row) => ({
      rowType: row['row'],
      rowNo: row['no'],
      date: row['date'],
      ...told('dueDate', row['dueDate']),
      amt: row['amount'],
      ccy: dictionary[String(row['currency'])],
      ...told('status', row['status']),
      ver: Number(row['version']),
    })),
    quantities: (lists['quantities'] ?? []).map((row) => ({
      rowType: row['row'],
      rowNo: row['no'],
      ...told('orderNo', row['orderNo']),
      date: row['date'],
      code: row['materialCode'],
      qty: row['quantity'],
      unit: row['unit'],
      ver: Number(row['version']),
    })),
    ...(r['openItemsTotal'] === undefined ? {} : { openItems: r['openItemsTotal'] }),
    withheld: r['withheld'],
    gaps: r['gaps'],
    totals: { rows: Number(r['totalRows']), amt: r['totalAmount'], qty: r['totalQuantity'] },
  };
}
