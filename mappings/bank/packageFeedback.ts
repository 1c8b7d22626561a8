/** Post-loan feedback as a data package, and what receipts and approvals files say about it. */
import { bank } from '../../contracts/bank/bank.ts';
import { amountRows, Feedback, quantityRows } from '../../contracts/bank/feedback.ts';
import { PackageState } from '../../contracts/bank/package.approvals.wire.ts';
import { FeedbackSaid, PackageFeedback } from '../../contracts/bank/package.feedback.wire.ts';
import type { Message } from '../../contracts/contract.ts';
import { Failure } from '../../contracts/failures.ts';
import { mapping } from '../../contracts/mapping.ts';
import { dayOf, instantOf } from './open.forms.ts';
import { currencies, verdicts } from './package.codes.ts';
import { ours, receiptDrops, taken, takenLeaves, waiting } from './package.ts';

const { operations } = bank;

export const toFeedback = mapping('bank.package.toFeedback', Feedback, PackageFeedback, (f) => ({
  record: {
    feedbackNo: f.feedbackNo,
    occasion: f.occasion,
    from: dayOf(f.from),
    to: dayOf(f.to),
    borrower: f.borrower,
    loanNos: f.loanNos,
    ...(f.openItemsTotal === undefined ? {} : { openItemsTotal: f.openItemsTotal }),
    withheld: f.withheld,
    gaps: f.gaps,
    totalRows: String(f.totals.rows),
    totalAmount: f.totals.amount,
    totalQuantity: f.totals.quantity,
  },
  ...(f.amounts.length === 0 ? {} : { amounts: f.amounts.map(amountOf) }),
  ...(f.quantities.length === 0 ? {} : { quantities: f.quantities.map(quantityOf) }),
}));

const amountOf = (row: Message<typeof Feedback>['amounts'][number]) => ({
  row: row.row,
  no: row.no,
  date: dayOf(row.date),
  dueDate: row.dueDate === undefined ? '' : dayOf(row.dueDate),
  amount: row.amount,
  currency: currencies.codeOf(row.currency, '#/amounts/currency'),
  status: row.status ?? '',
  version: String(row.version),
});

const quantityOf = (row: Message<typeof Feedback>['quantities'][number]) => ({
  row: row.row,
  no: row.no,
  orderNo: row.orderNo ?? '',
  date: dayOf(row.date),
  materialCode: row.materialCode,
  quantity: row.quantity,
  unit: row.unit,
  version: String(row.version),
});

export const feedbackEnquiry = mapping(
  'bank.package.feedbackEnquiry',
  PackageState,
  operations.queryFeedback.response,
  (s) => taken(s, { funderRef: s.packageNo }),
  { drops: receiptDrops, leaves: takenLeaves },
);

export const feedbackResultEnquiry = mapping(
  'bank.package.feedbackResultEnquiry',
  FeedbackSaid,
  operations.readFeedback.response,
  ({ line, ...state }) => {
    if (!line) return waiting(state);
    const response = {
      feedbackNo: line.feedbackNo,
      funderRef: ours(line, state),
      verdict: verdicts.of(line.result, '#/line/result'),
      checkedAt: instantOf(line.checkedAt),
      rejects: rejectsOf(line.rejects),
    };
    return { outcome: 'confirmed' as const, response };
  },
  { drops: receiptDrops },
);

type Row = (typeof amountRows)[number] | (typeof quantityRows)[number];
const rows: ReadonlySet<string> = new Set([...amountRows, ...quantityRows]);

function rejectsOf(cell: string | undefined): { row: Row; no: string; reason: string }[] {
  if (cell === undefined) return [];
  return cell.split(';').map((reject) => {
    const [row = '', no = '', reason = ''] = reject.split('|');
    if (!rows.has(row) || no === '' || reason === '')
      throw new Failure('CONTRACT_VIOLATED', { detail: 'rejects: <row>|<number>|<reason> is expected' });
    return { row: row as Row, no, reason };
  });
}
