/** Post-loan feedback ↔ the open bank API. */
import { bank } from '../../contracts/bank/bank.ts';
import { Feedback, FeedbackChecked, FeedbackTaken } from '../../contracts/bank/feedback.ts';
import { OpenFeedback, OpenFeedbackResult } from '../../contracts/bank/open.feedback.wire.ts';
import { OpenRef, OpenRegistration } from '../../contracts/bank/open.wire.ts';
import { Failure } from '../../contracts/failures.ts';
import { mapping } from '../../contracts/mapping.ts';
import { currencyCodes, registrations, underWay, verdicts } from './open.codes.ts';
import { dayOf, instantOf } from './open.forms.ts';

const { operations } = bank;
const otherReference = 'the reference of another kind of registration';
const notFound = 'the dialect answers it: code 4040 comes without data';

export const toFeedback = mapping('bank.open.toFeedback', Feedback, OpenFeedback, (f) => ({
  fbNo: f.feedbackNo,
  occasion: f.occasion,
  fromDate: dayOf(f.from),
  toDate: dayOf(f.to),
  borrower: { custName: f.borrower.name, creditCode: f.borrower.uscc },
  loanNos: f.loanNos,
  amounts: f.amounts.map((row) => ({
    rowType: row.row,
    rowNo: row.no,
    date: dayOf(row.date),
    ...(row.dueDate === undefined ? {} : { dueDate: dayOf(row.dueDate) }),
    amt: row.amount,
    ccy: currencyCodes.codeOf(row.currency, '#/amounts/currency'),
    ...(row.status === undefined ? {} : { status: row.status }),
    ver: row.version,
  })),
  quantities: f.quantities.map((row) => ({
    rowType: row.row,
    rowNo: row.no,
    ...(row.orderNo === undefined ? {} : { orderNo: row.orderNo }),
    date: dayOf(row.date),
    code: row.materialCode,
    qty: row.quantity,
    unit: row.unit,
    ver: row.version,
  })),
  ...(f.openItemsTotal === undefined ? {} : { openItems: f.openItemsTotal }),
  withheld: f.withheld,
  gaps: f.gaps,
  totals: { rows: f.totals.rows, amt: f.totals.amount, qty: f.totals.quantity },
}));

export const feedbackTaken = mapping('bank.open.feedbackTaken', OpenRef, FeedbackTaken, (a) => ({
  funderRef: a.bankRef,
}));

export const feedbackEnquiry = mapping(
  'bank.open.feedbackEnquiry',
  OpenRegistration,
  operations.queryFeedback.response,
  (r) => {
    switch (registrations.of(r.regState, '#/regState')) {
      case 'registered':
        return { outcome: 'confirmed' as const, response: { funderRef: present(r.bankRef, 'bankRef') } };
      case 'pending':
        return { outcome: 'pending' as const };
      case 'refused':
        return { outcome: 'refused' as const, code: present(r.code, 'code'), detail: r.reason ?? '' };
    }
  },
  { drops: { '/custodyNo': otherReference, '/payNo': otherReference }, leaves: { '/<outcome=notFound>': notFound } },
);

export const feedbackChecked = mapping('bank.open.feedbackChecked', OpenFeedbackResult, FeedbackChecked, (r) => ({
  feedbackNo: r.fbNo,
  funderRef: r.bankRef,
  verdict: verdicts.of(r.status, '#/status'),
  checkedAt: instantOf(present(r.chkTime, 'chkTime')),
  rejects: (r.rejects ?? []).map(({ rowType, rowNo, reason }) => ({ row: rowType, no: rowNo, reason })),
}));

export const feedbackResultEnquiry = mapping(
  'bank.open.feedbackResultEnquiry',
  OpenFeedbackResult,
  operations.readFeedback.response,
  (r) =>
    r.status === underWay
      ? { outcome: 'pending' as const }
      : { outcome: 'confirmed' as const, response: feedbackChecked(r) },
  { leaves: { '/<outcome=notFound>': notFound, '/<outcome=refused>': 'a rejection is a result, hence confirmed' } },
);

/** What the status makes mandatory. */
function present<T>(value: T | undefined, field: string): T {
  if (value === undefined) throw new Failure('CONTRACT_VIOLATED', { detail: `${field} is missing` });
  return value;
}
