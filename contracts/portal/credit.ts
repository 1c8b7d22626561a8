/** What funders and dealers tell the hub of credit financing (信用融资) and of routing to several funders. */
import { Type } from 'typebox';
import { BusinessDate, Instant, Rate, ShortText, Uscc, Yuan } from '../canonical/primitives.ts';
import { contract, strict } from '../contract.ts';
import { command } from './command.ts';

/** What a funder would lend at (意向报价): binds nobody, locks nothing. */
const IndicativeQuote = contract(
  'portal/indicative-quote',
  strict({
    quoteNo: ShortText,
    applicationNo: ShortText,
    funderUscc: Uscc,
    amount: Yuan,
    rate: Rate,
    tenorDays: Type.Integer({ minimum: 1, maximum: 365 }),
    validTo: Instant,
  }),
);

/** A limit (授信额度) that a funder grants a borrower for all it draws. */
export const GrantedLimit = contract(
  'portal/granted-limit',
  strict({
    limitNo: ShortText,
    borrowerUscc: Uscc,
    funderUscc: Uscc,
    total: Yuan,
    /** Whether what is repaid may be drawn again (可循环). */
    revolving: Type.Boolean(),
    rate: Type.Optional(Rate),
    validFrom: BusinessDate,
    validTo: BusinessDate,
    decisionRef: ShortText,
  }),
);

/** A loan without goods behind it is to be repaid. */
export const LoanRepayment = contract(
  'portal/loan-repayment',
  strict({ requestNo: ShortText, caseNo: ShortText, applicationNo: ShortText, borrowerUscc: Uscc }),
);

export const creditCommands = {
  quoteOffered: command({
    contract: IndicativeQuote,
    label: { zh: '意向报价', en: 'indicative quote' },
    path: 'indicative-quotes',
    by: ['funder'],
    keyOf: (m) => `${m.applicationNo}/${m.funderUscc}`,
    idOf: (m) => m.quoteNo,
  }),
  limitGranted: command({
    contract: GrantedLimit,
    label: { zh: '授信额度批复', en: 'limit granted' },
    path: 'credit-limits',
    by: ['funder'],
    keyOf: (m) => m.limitNo,
    idOf: (m) => m.limitNo,
  }),
  loanRepaymentApplied: command({
    contract: LoanRepayment,
    label: { zh: '还款申请', en: 'loan to be repaid' },
    path: 'loan-repayments',
    by: ['dealer'],
    keyOf: (m) => m.requestNo,
    idOf: (m) => m.requestNo,
  }),
};
