/** Canonical messages ↔ 外联平台 of China Construction Bank. */
import { Type } from 'typebox';
import { bank, Disbursement, DisbursementSettled, DisbursementTaken } from '../../contracts/bank/bank.ts';
import { Statement } from '../../contracts/bank/statement.ts';
import { AccountNo, BusinessDate } from '../../contracts/canonical/primitives.ts';
import {
  CcbMovements,
  CcbPage,
  CcbTransfer,
  CcbTransferResult,
  CcbTransferTaken,
} from '../../contracts/bank/ccb.wire.ts';
import { contract, strict, type Message } from '../../contracts/contract.ts';
import { Failure } from '../../contracts/failures.ts';
import { mapping } from '../../contracts/mapping.ts';
import { ccbCurrencies, ccbDealTypes, ccbDirections, ccbEntries, ccbResults } from './ccb.codes.ts';
import { requestSnOf } from './ccbRequestSn.ts';
import { dateOf, dayOf, instantOf } from './open.forms.ts';

const Order = contract('bank/ccb/order', strict({ payment: Disbursement.schema, payerAccountNo: AccountNo }));

const PageWanted = contract(
  'bank/ccb/page-wanted',
  strict({
    accountNo: AccountNo,
    date: BusinessDate,
    page: Type.Integer({ minimum: 1, maximum: 5000 }),
    rows: Type.Integer({ minimum: 10, maximum: 200 }),
    position: Type.Optional(Type.String({ maxLength: 100 })),
  }),
);

const inLoanContract = 'a transfer names who is paid; the loan stands in the books of the hub';
const held = 'held against the request by the dialect';
const settledLater = 'only whether it was taken is asked; readSettlement tells what became of it';
const notFound = 'the dialect answers it: the code comes without content';

export const toTransfer = mapping(
  'bank.ccb.toTransfer',
  Order,
  CcbTransfer,
  ({ payment, payerAccountNo }) => ({
    REQUEST_SN: requestSnOf(payment.instructionNo),
    PAY_ACCNO: payerAccountNo,
    RECV_ACCNO: payment.payee.accountNo,
    RECV_ACC_NAME: payment.payee.accountName,
    CHK_RECVNAME: '1',
    RECV_OPENACC_DEPT: payment.payee.bankName,
    RECV_UBANKNO: payment.payee.bankCode,
    AMOUNT: payment.amount,
    CUR_TYPE: ccbCurrencies.codeOf(payment.currency, '#/payment/currency'),
    USEOF: payment.postscript,
    REM1: payment.instructionNo,
  }),
  {
    drops: {
      '/payment/applicationNo': inLoanContract,
      '/payment/funderRef': inLoanContract,
      '/payment/loanContractNo': inLoanContract,
      '/payment/mandateNo': inLoanContract,
      '/payment/orderNo': inLoanContract,
      '/payment/borrower': inLoanContract,
    },
  },
);

export const transferTaken = mapping(
  'bank.ccb.transferTaken',
  CcbTransferTaken,
  DisbursementTaken,
  (answer) => {
    const verdict = ccbDealTypes.of(answer.DEAL_TYPE, '#/DEAL_TYPE');
    if (verdict !== 'taken')
      throw new Failure(verdict, { detail: 'the transfer failed at once', externalCode: answer.DEAL_TYPE });
    return { bankNo: answer.CREDIT_NO };
  },
  { drops: { '/REM1': held } },
);

export const transferEnquiry = mapping(
  'bank.ccb.transferEnquiry',
  CcbTransferResult,
  bank.operations.queryDisbursement.response,
  (result) => ({ outcome: 'confirmed' as const, response: { bankNo: result.CREDIT_NO } }),
  {
    drops: Object.fromEntries(
      ['DEAL_RESULT', 'MESSAGE', 'REM1', 'AMOUNT', 'RECV_ACCNO', 'TRANDATE', 'TRANTIME'].map((field) => [
        `/${field}`,
        settledLater,
      ]),
    ),
    leaves: {
      '/<outcome=notFound>': notFound,
      '/<outcome=pending>': 'what the bank has was taken',
      '/<outcome=refused>': 'what the bank refused it does not have',
    },
  },
);

/** 6W0600 once the transfer ended. Money that comes back later (退票) the bank shows in the statement only. */
export const transferSettled = mapping(
  'bank.ccb.transferSettled',
  CcbTransferResult,
  DisbursementSettled,
  (result) => {
    const status = ccbResults.of(result.DEAL_RESULT, '#/DEAL_RESULT');
    if (status === 'pending') throw new Failure('OUTCOME_UNKNOWN', { detail: 'the bank is not certain yet' });
    if (result.TRANDATE === undefined || result.TRANTIME === undefined)
      throw new Failure('CONTRACT_VIOLATED', { detail: 'the bank does not say when' });
    return {
      instructionNo: result.REM1,
      status,
      amount: result.AMOUNT,
      settledAt: instantIn(result.TRANDATE, result.TRANTIME),
      bankSerial: result.CREDIT_NO,
      ...(status === 'failed' && result.MESSAGE !== undefined ? { reason: result.MESSAGE } : {}),
    };
  },
  { drops: { '/RECV_ACCNO': 'the mandated payee: held against the request when the transfer was sent' } },
);

export const settlementEnquiry = mapping(
  'bank.ccb.settlementEnquiry',
  CcbTransferResult,
  bank.operations.readSettlement.response,
  (result) =>
    ccbResults.of(result.DEAL_RESULT, '#/DEAL_RESULT') === 'pending'
      ? { outcome: 'pending' as const }
      : { outcome: 'confirmed' as const, response: transferSettled(result) },
  {
    drops: { '/RECV_ACCNO': 'the mandated payee: held against the request when the transfer was sent' },
    leaves: {
      '/<outcome=notFound>': notFound,
      '/<outcome=refused>': 'a transfer that failed is a result, hence confirmed',
    },
  },
);

export const toPage = mapping('bank.ccb.toPage', PageWanted, CcbPage, ({ accountNo, date, page, rows, position }) => ({
  ACCNO1: accountNo,
  STARTDATE: dayOf(date),
  ENDDATE: dayOf(date),
  PAGE: String(page),
  ...(position === undefined ? {} : { POSTSTR: position }),
  TOTAL_RECORD: String(rows),
}));

type Row = Message<typeof CcbMovements>['rows'][number];

export const statementOf = mapping('bank.ccb.statement', CcbMovements, Statement, (all) => ({
  accountNo: all.ACCNO1,
  date: dateOf(all.date),
  final: all.date < all.today,
  lines: all.rows.map((row) => ({ ...lineOf(row), currency: ccbCurrencies.of(all.CURR_COD, '#/CURR_COD') })),
}));

function lineOf(row: Row) {
  const direction = ccbDirections.of(row.FLAG1, '#/rows/[]/FLAG1');
  const entry = ccbEntries.of(row.FLAG2, '#/rows/[]/FLAG2');
  const counterparty = {
    ...(row.ACC_NAME1 === undefined ? {} : { name: row.ACC_NAME1 }),
    ...(row.ACCNO2 === undefined ? {} : { accountNo: row.ACCNO2 }),
  };
  // What others write into their transfers to us is no number of ours, whatever it looks like.
  const ours = (direction === 'debit' || entry === 'return') && row.DET !== undefined;
  return {
    serial: `${row.TRAN_FLOW}-${row.DET_NO}`,
    at: instantIn(row.TRANDATE, row.TRANTIME),
    direction,
    amount: row.AMT,
    ...(Object.keys(counterparty).length === 0 ? {} : { counterparty }),
    ...(ours ? { instructionNo: row.DET } : {}),
    entry,
    ...(row.MESSAGE === undefined ? {} : { remark: row.MESSAGE }),
  };
}

function instantIn(slashed: string, time: string): string {
  return instantOf(slashed.replaceAll('/', '') + time.replaceAll(':', ''));
}
