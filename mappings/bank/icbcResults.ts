/** What ICBC decided, paid, posted and booked → canonical facts. The same words when it is asked and when it tells. */
import {
  bank,
  CreditDecided,
  DisbursementSettled,
  ReleaseDecided,
  RepaymentPosted,
  RepaymentQuote,
} from '../../contracts/bank/bank.ts';
import { Statement } from '../../contracts/bank/statement.ts';
import {
  IcbcDecision,
  IcbcPaymentResult,
  IcbcPosting,
  IcbcQuote,
  IcbcReleaseDecision,
  IcbcStatement,
} from '../../contracts/bank/icbc.wire.ts';
import { Failure } from '../../contracts/failures.ts';
import { mapping } from '../../contracts/mapping.ts';
import {
  closed,
  currencyCodes,
  dayCounts,
  directions,
  entries,
  postings,
  settlements,
  verdicts,
} from './icbc.codes.ts';
import { instantOf, rateOf, yuanOf } from './icbc.forms.ts';

const { operations } = bank;
const pending = { outcome: 'pending' as const };
const notFound = 'the dialect answers it: return code 904040 comes without anything else';
const isDecision = 'a rejection is a decision, hence confirmed';

/** An approval without terms is none: the missing credit shows here. */
export const creditDecided = mapping('bank.icbc.creditDecided', IcbcDecision, CreditDecided, (d) => {
  const verdict = finished(verdicts.of(d.appr_status, '#/appr_status'), d.appr_status);
  const base = {
    applicationNo: d.appl_no,
    funderRef: d.ref_no,
    decidedAt: instantOf(present(d.appr_time, 'appr_time')),
    ...reasonOf(d),
  };
  if (verdict === 'rejected') return { ...base, verdict };
  const credit = present(d.credit, 'credit');
  const terms = {
    amount: yuanOf(credit.amount),
    rate: rateOf(credit.rate),
    tenorDays: Number.parseInt(credit.term_days, 10),
    dayCount: dayCounts.of(credit.rate_basis, '#/credit/rate_basis'),
    ...(credit.pledge_rate === undefined ? {} : { pledgeRate: rateOf(credit.pledge_rate) }),
    validTo: instantOf(credit.valid_until),
  };
  return { ...base, verdict, terms };
});
export const decisionEnquiry = mapping(
  'bank.icbc.decisionEnquiry',
  IcbcDecision,
  operations.readDecision.response,
  (d) =>
    verdicts.of(d.appr_status, '#/appr_status') === 'pending'
      ? pending
      : { outcome: 'confirmed' as const, response: creditDecided(d) },
  { leaves: { '/<outcome=notFound>': notFound, '/<outcome=refused>': isDecision } },
);

/** Money that moved has a serial number, and a loan note (借据) stands against it. */
export const disbursementSettled = mapping(
  'bank.icbc.disbursementSettled',
  IcbcPaymentResult,
  DisbursementSettled,
  (p) => {
    const status = finished(settlements.of(p.result, '#/result'), p.result);
    const base = {
      instructionNo: p.instr_no,
      status,
      amount: yuanOf(p.amount),
      settledAt: instantOf(present(p.settle_time, 'settle_time')),
      ...reasonOf(p),
    };
    if (status === 'failed') return base;
    const loan = present(p.loan, 'loan');
    return {
      ...base,
      bankSerial: present(p.serial_no, 'serial_no'),
      loan: {
        loanNo: loan.loan_no,
        startDate: loan.start_date,
        maturity: loan.due_date,
        rate: rateOf(loan.rate),
      },
    };
  },
);
export const settlementEnquiry = mapping(
  'bank.icbc.settlementEnquiry',
  IcbcPaymentResult,
  operations.readSettlement.response,
  (p) =>
    settlements.of(p.result, '#/result') === 'pending'
      ? pending
      : { outcome: 'confirmed' as const, response: disbursementSettled(p) },
  {
    leaves: {
      '/<outcome=notFound>': notFound,
      '/<outcome=refused>': 'a payment that failed is a result, hence confirmed',
    },
  },
);

export const repaymentQuote = mapping('bank.icbc.repaymentQuote', IcbcQuote, RepaymentQuote, (q) => ({
  loanNo: q.loan_no,
  valueDate: q.value_date,
  principal: yuanOf(q.principal),
  interest: yuanOf(q.interest),
  penalty: yuanOf(q.penalty),
  fee: yuanOf(q.fee),
  total: yuanOf(q.total),
}));

export const repaymentPosted = mapping(
  'bank.icbc.repaymentPosted',
  IcbcPosting,
  RepaymentPosted,
  (p) => {
    if (postings.of(p.post_status, '#/post_status') !== 'posted') throw notThis(p.post_status);
    const parts = present(p.allocation, 'allocation');
    return {
      repaymentNo: p.repay_no,
      loanNo: p.loan_no,
      postingNo: present(p.posting_no, 'posting_no'),
      amount: yuanOf(p.amount),
      valueDate: p.value_date,
      postedAt: instantOf(present(p.post_time, 'post_time')),
      allocation: {
        fee: yuanOf(parts.fee),
        penalty: yuanOf(parts.penalty),
        interest: yuanOf(parts.interest),
        principal: yuanOf(parts.principal),
      },
      principalBalance: yuanOf(present(p.principal_balance, 'principal_balance')),
    };
  },
  { drops: { '/remark': 'only a posting that was sent back has one' } },
);
export const postingEnquiry = mapping(
  'bank.icbc.postingEnquiry',
  IcbcPosting,
  operations.readPosting.response,
  (p) => {
    const status = postings.of(p.post_status, '#/post_status');
    if (status === 'pending') return pending;
    if (status === 'sentBack') return { outcome: 'refused' as const, code: p.post_status, detail: p.remark ?? '' };
    return { outcome: 'confirmed' as const, response: repaymentPosted(p) };
  },
  { leaves: { '/<outcome=notFound>': notFound } },
);

export const releaseDecided = mapping('bank.icbc.releaseDecided', IcbcReleaseDecision, ReleaseDecided, (d) => ({
  releaseNo: d.release_no,
  verdict: finished(verdicts.of(d.appr_status, '#/appr_status'), d.appr_status),
  decidedAt: instantOf(present(d.appr_time, 'appr_time')),
  maker: present(d.maker, 'maker'),
  checker: present(d.checker, 'checker'),
  ...reasonOf(d),
}));
export const releaseDecisionEnquiry = mapping(
  'bank.icbc.releaseDecisionEnquiry',
  IcbcReleaseDecision,
  operations.readReleaseDecision.response,
  (d) =>
    verdicts.of(d.appr_status, '#/appr_status') === 'pending'
      ? pending
      : { outcome: 'confirmed' as const, response: releaseDecided(d) },
  { leaves: { '/<outcome=notFound>': notFound, '/<outcome=refused>': isDecision } },
);

export const statementOf = mapping('bank.icbc.statementOf', IcbcStatement, Statement, (s) => ({
  accountNo: s.account_no,
  date: s.trade_date,
  final: closed.of(s.closed_flag, '#/closed_flag'),
  opening: yuanOf(s.opening),
  closing: yuanOf(s.closing),
  lines: s.details.map((line, i) => ({
    serial: line.serial_no,
    at: instantOf(line.trade_time),
    direction: directions.of(line.drcr_flag, `#/details/${i}/drcr_flag`),
    amount: yuanOf(line.amount),
    currency: currencyCodes.of(line.currency, `#/details/${i}/currency`),
    entry: entries.of(line.summary_code, `#/details/${i}/summary_code`),
    ...(line.opp_name === undefined && line.opp_account === undefined
      ? {}
      : {
          counterparty: {
            ...(line.opp_name === undefined ? {} : { name: line.opp_name }),
            ...(line.opp_account === undefined ? {} : { accountNo: line.opp_account }),
          },
        }),
    ...(line.instr_no === undefined ? {} : { instructionNo: line.instr_no }),
    ...(line.remark === undefined ? {} : { remark: line.remark }),
  })),
}));

/** What is not finished is no fact. */
function finished<S extends string>(status: S, code: string): Exclude<S, 'pending'> {
  if (status === 'pending') throw notThis(code);
  return status as Exclude<S, 'pending'>;
}

function notThis(code: string): Failure {
  return new Failure('EXT_CODE_UNMAPPED', { detail: `${code} is no result yet`, externalCode: code });
}

function reasonOf(from: { readonly remark?: string }): { reason?: string } {
  return from.remark === undefined ? {} : { reason: from.remark };
}

/** What the status makes mandatory. */
function present<T>(value: T | undefined, field: string): T {
  if (value === undefined) throw new Failure('CONTRACT_VIOLATED', { detail: `${field} is missing` });
  return value;
}
