/** Canonical messages as data packages, and what receipts and approvals files say about them. */
import {
  bank,
  CollateralDelivery,
  CreditApplication,
  ReleaseRequest,
  RepaymentAdvice,
} from '../../contracts/bank/bank.ts';
import { CreditSaid, PackageState, PostingSaid, ReleaseSaid } from '../../contracts/bank/package.approvals.wire.ts';
import {
  PackageCollateral,
  PackageCredit,
  PackageRelease,
  PackageRepayment,
} from '../../contracts/bank/package.wire.ts';
import type { Message } from '../../contracts/contract.ts';
import { Failure } from '../../contracts/failures.ts';
import { mapping } from '../../contracts/mapping.ts';
import { dateOf, dayOf, instantOf, rateOf } from './open.forms.ts';
import { currencies, dayCounts, postings, products, receipts, verdicts } from './package.codes.ts';

const { operations } = bank;
type State = Message<typeof PackageState>;

export const toCredit = mapping('bank.package.toCredit', CreditApplication, PackageCredit, (a) => ({
  record: {
    applicationNo: a.applicationNo,
    product: products.codeOf(a.product, '#/product'),
    borrower: a.borrower,
    amount: a.amount,
    currency: currencies.codeOf(a.currency, '#/currency'),
    tenorDays: String(a.tenorDays),
    purpose: a.purpose,
    payee: a.payee,
    order: { orderNo: a.order.orderNo, total: a.order.total, orderDate: dayOf(a.order.orderDate) },
    verification: a.verification,
    openItemsTotal: a.openItemsTotal,
  },
  goods: a.goods,
  documents: a.documents,
}));

export const toCollateral = mapping('bank.package.toCollateral', CollateralDelivery, PackageCollateral, (c) => {
  const { lots, ...record } = c;
  return { record, lots };
});

export const toRepayment = mapping('bank.package.toRepayment', RepaymentAdvice, PackageRepayment, (r) => ({
  record: {
    repaymentNo: r.repaymentNo,
    loanNo: r.loanNo,
    amount: r.amount,
    currency: currencies.codeOf(r.currency, '#/currency'),
    valueDate: dayOf(r.valueDate),
    clearingSerial: r.clearingSerial,
    payer: r.payer,
  },
}));

export const toRelease = mapping('bank.package.toRelease', ReleaseRequest, PackageRelease, (r) => {
  const { lots, ...record } = r;
  return { record, lots };
});

export const receiptDrops = {
  '/receipt/files': 'the code of the package is the worst of them; the exchange keeps each',
  '/receipt/format': 'one constant',
  '/receipt/institution': 'held against the name of the file by the dialect',
  '/receipt/kind': 'held against the name of the file by the dialect',
  '/receipt/packageNo': 'held against the number that is asked about by the dialect',
  '/receipt/read': 'held against what lies there by the dialect',
  '/receipt/receiptNo': 'kept with the exchange',
  '/receipt/receivedAt': 'kept with the exchange',
  '/receipt/sequence': 'held against the name of the file by the dialect',
};
const declared = { drops: receiptDrops };
export const takenLeaves = {
  '/<outcome=pending>': 'a package that lies there whole is taken until a receipt says otherwise',
};
const declaredTaken = { drops: receiptDrops, leaves: takenLeaves };

/** A package that lies there whole is taken until a receipt says otherwise. */
export const applicationEnquiry = mapping(
  'bank.package.applicationEnquiry',
  PackageState,
  operations.queryApplication.response,
  (s) => taken(s, { funderRef: s.packageNo }),
  declaredTaken,
);
export const collateralEnquiry = mapping(
  'bank.package.collateralEnquiry',
  PackageState,
  operations.queryCollateral.response,
  (s) => taken(s, { custodyNo: s.packageNo }),
  declaredTaken,
);
export const adviceEnquiry = mapping(
  'bank.package.adviceEnquiry',
  PackageState,
  operations.queryAdvice.response,
  (s) => taken(s, { funderRef: s.packageNo }),
  declaredTaken,
);
export const releaseEnquiry = mapping(
  'bank.package.releaseEnquiry',
  PackageState,
  operations.queryRelease.response,
  (s) => taken(s, { funderRef: s.packageNo }),
  declaredTaken,
);

/** A decision counts however the package itself was answered: it is the later word. */
export const decisionEnquiry = mapping(
  'bank.package.decisionEnquiry',
  CreditSaid,
  operations.readDecision.response,
  ({ line, ...state }) => {
    if (!line) return waiting(state);
    const verdict = verdicts.of(line.result, '#/line/result');
    const base = {
      applicationNo: line.applicationNo,
      funderRef: ours(line, state),
      decidedAt: instantOf(line.decidedAt),
      ...reasonOf(line),
    };
    if (verdict === 'rejected') return { outcome: 'confirmed' as const, response: { ...base, verdict } };
    const terms = {
      amount: present(line.amount, 'amount'),
      rate: rateOf(present(line.rate, 'rate')),
      tenorDays: Number(present(line.tenorDays, 'tenorDays')),
      dayCount: dayCounts.of(present(line.dayCount, 'dayCount'), '#/line/dayCount'),
      pledgeRate: rateOf(present(line.pledgeRate, 'pledgeRate')),
      validTo: instantOf(present(line.validTo, 'validTo')),
    };
    return { outcome: 'confirmed' as const, response: { ...base, verdict, terms } };
  },
  declared,
);

export const releaseDecisionEnquiry = mapping(
  'bank.package.releaseDecisionEnquiry',
  ReleaseSaid,
  operations.readReleaseDecision.response,
  ({ line, ...state }) => {
    if (!line) return waiting(state);
    ours(line, state);
    const response = {
      releaseNo: line.releaseNo,
      verdict: verdicts.of(line.result, '#/line/result'),
      decidedAt: instantOf(line.decidedAt),
      maker: line.maker,
      checker: line.checker,
      ...reasonOf(line),
    };
    return { outcome: 'confirmed' as const, response };
  },
  declared,
);

export const postingEnquiry = mapping(
  'bank.package.postingEnquiry',
  PostingSaid,
  operations.readPosting.response,
  ({ line, ...state }) => {
    if (!line) return waiting(state);
    ours(line, state);
    if (postings.of(line.result, '#/line/result') === 'sentBack')
      return {
        outcome: 'refused' as const,
        code: 'SYSTEM_REFUSED',
        detail: `${line.result} ${line.reason ?? ''}`.trim(),
      };
    const response = {
      repaymentNo: line.repaymentNo,
      loanNo: line.loanNo,
      postingNo: present(line.postingNo, 'postingNo'),
      amount: line.amount,
      valueDate: dateOf(line.valueDate),
      postedAt: instantOf(present(line.postedAt, 'postedAt')),
      allocation: {
        fee: present(line.fee, 'fee'),
        penalty: present(line.penalty, 'penalty'),
        interest: present(line.interest, 'interest'),
        principal: present(line.principal, 'principal'),
      },
      principalBalance: present(line.balance, 'balance'),
    };
    return { outcome: 'confirmed' as const, response };
  },
  declared,
);

export function taken<R>(state: State, response: R) {
  const { there, receipt } = state;
  const row = receipt && receipts.of(receipt.code, '#/receipt/code');
  if (receipt && row !== undefined && row !== 'taken' && row !== 'duplicate') {
    const code = row === 'again' ? 'SYSTEM_REFUSED' : row;
    return { outcome: 'refused' as const, code, detail: `${receipt.code} ${receipt.words ?? ''}`.trim().slice(0, 500) };
  }
  return there || receipt ? { outcome: 'confirmed' as const, response } : { outcome: 'notFound' as const };
}

/** Nothing was decided: then it is under way, unless it was never taken. */
export function waiting(state: State) {
  const registered = taken(state, {});
  return registered.outcome === 'confirmed' ? { outcome: 'pending' as const } : registered;
}

export function ours(line: { readonly packageNo: string }, state: State): string {
  if (line.packageNo !== state.packageNo)
    throw new Failure('OUTCOME_UNKNOWN', { detail: 'the line names another package' });
  return line.packageNo;
}

function reasonOf(from: { readonly reason?: string }): { reason?: string } {
  return from.reason === undefined ? {} : { reason: from.reason };
}

/** What the result makes mandatory. */
function present<T>(value: T | undefined, field: string): T {
  if (value === undefined) throw new Failure('CONTRACT_VIOLATED', { detail: `${field} is missing` });
  return value;
}
