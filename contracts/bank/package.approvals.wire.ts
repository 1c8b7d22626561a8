/**
 * The approvals (审批) of a day from a funder by data packages, line by line, and all that lies there about one package: what the
 * mappings are given. The file itself: docs/partners/bank-package.md.
 */
import { Type } from 'typebox';
import { ShortText, Text, Yuan } from '../canonical/primitives.ts';
import { contract, strict } from '../contract.ts';
import { Code, Day, Digits, PackageInstitution, PackageReceipt, Sequence } from './package.wire.ts';

const Stamp = Type.String({ pattern: '^\\d{14}$', maxLength: 14 });
/** Percent with four decimals: `5.2000`. */
const Percent = Type.String({ pattern: '^(0|[1-9]\\d{0,2})\\.\\d{4}$', maxLength: 8 });

/** Lines of an approvals file after their type, in this order; a cell that is empty is not there. */
export const approvalColumns = {
  H: ['institution', 'funder', 'date', 'sequence', 'createdAt'],
  C: [
    'applicationNo',
    'packageNo',
    'result',
    'amount',
    'rate',
    'tenorDays',
    'dayCount',
    'pledgeRate',
    'validTo',
    'decidedAt',
    'reason',
  ],
  R: ['releaseNo', 'packageNo', 'result', 'maker', 'checker', 'decidedAt', 'reason'],
  P: [
    'repaymentNo',
    'packageNo',
    'result',
    'loanNo',
    'amount',
    'valueDate',
    'postingNo',
    'postedAt',
    'fee',
    'penalty',
    'interest',
    'principal',
    'balance',
    'reason',
  ],
  F: ['feedbackNo', 'packageNo', 'result', 'checkedAt', 'rejects'],
  T: ['lines', 'amount'],
} as const;

export const ApprovalHeader = contract(
  'bank/package-approval-header',
  strict({
    institution: PackageInstitution.schema,
    funder: ShortText,
    date: Day,
    sequence: Sequence,
    createdAt: Stamp,
  }),
);
/** `lines`: how many there are between header and trailer; `amount`: the sum of their amounts. */
export const ApprovalTrailer = contract(
  'bank/package-approval-trailer',
  strict({ lines: Type.String({ pattern: '^(0|[1-9]\\d{0,5})$', maxLength: 6 }), amount: Yuan }),
);
const reason = Type.Optional(Text);
export const CreditLine = contract(
  'bank/package-credit-line',
  strict({
    applicationNo: ShortText,
    packageNo: ShortText,
    result: Code,
    amount: Type.Optional(Yuan),
    rate: Type.Optional(Percent),
    tenorDays: Type.Optional(Digits),
    dayCount: Type.Optional(Code),
    pledgeRate: Type.Optional(Percent),
    validTo: Type.Optional(Stamp),
    decidedAt: Stamp,
    reason,
  }),
);
export const ReleaseLine = contract(
  'bank/package-release-line',
  strict({
    releaseNo: ShortText,
    packageNo: ShortText,
    result: Code,
    maker: ShortText,
    checker: ShortText,
    decidedAt: Stamp,
    reason,
  }),
);
export const PostingLine = contract(
  'bank/package-posting-line',
  strict({
    repaymentNo: ShortText,
    packageNo: ShortText,
    result: Code,
    loanNo: ShortText,
    amount: Yuan,
    valueDate: Day,
    postingNo: Type.Optional(ShortText),
    postedAt: Type.Optional(Stamp),
    fee: Type.Optional(Yuan),
    penalty: Type.Optional(Yuan),
    interest: Type.Optional(Yuan),
    principal: Type.Optional(Yuan),
    balance: Type.Optional(Yuan),
    reason,
  }),
);

/** All that lies there about one package: whether it is there whole, and its newest receipt. */
const state = { packageNo: ShortText, there: Type.Boolean(), receipt: Type.Optional(PackageReceipt.schema) };
export const PackageState = contract('bank/package-state', strict(state));
export const CreditSaid = contract(
  'bank/package-credit-said',
  strict({ ...state, line: Type.Optional(CreditLine.schema) }),
);
export const ReleaseSaid = contract(
  'bank/package-release-said',
  strict({ ...state, line: Type.Optional(ReleaseLine.schema) }),
);
export const PostingSaid = contract(
  'bank/package-posting-said',
  strict({ ...state, line: Type.Optional(PostingLine.schema) }),
);
