/** Canonical messages ↔ Ping An B2Bi. */
import { Type } from 'typebox';
import { bank, Disbursement, DisbursementSettled, DisbursementTaken } from '../../contracts/bank/bank.ts';
import { Statement } from '../../contracts/bank/statement.ts';
import { AccountNo, BankCode, BusinessDate, CompanyName } from '../../contracts/canonical/primitives.ts';
import {
  PinganMovements,
  PinganPage,
  PinganTransfer,
  PinganTransferState,
  PinganTransferTaken,
} from '../../contracts/bank/pingan.wire.ts';
import { contract, strict, type Message } from '../../contracts/contract.ts';
import { Failure } from '../../contracts/failures.ts';
import { mapping } from '../../contracts/mapping.ts';
import { dateOf, dayOf, instantOf } from './open.forms.ts';
import { pinganAbstracts, pinganCurrencies, pinganDirections, pinganReturns, pinganStates } from './pingan.codes.ts';

const Order = contract(
  'bank/pingan/order',
  strict({
    payment: Disbursement.schema,
    /** The account that pays, as the operator registered it. */
    payer: strict({ accountNo: AccountNo, accountName: CompanyName, bankCode: BankCode }),
  }),
);

const PageWanted = contract(
  'bank/pingan/page-wanted',
  strict({
    accountNo: AccountNo,
    date: BusinessDate,
    page: Type.Integer({ minimum: 1, maximum: 5000 }),
    rows: Type.Integer({ minimum: 30, maximum: 500 }),
  }),
);

/** Ping An's own in routing codes. */
const ownBank = '307';
const inLoanContract = 'a transfer names who pays and who is paid; the loan stands in the books of the hub';

export const toTransfer = mapping(
  'bank.pingan.toTransfer',
  Order,
  PinganTransfer,
  ({ payment, payer }) => ({
    ThirdVoucher: payment.instructionNo,
    CstInnerFlowNo: payment.instructionNo,
    CcyCode: pinganCurrencies.codeOf(payment.currency, '#/payment/currency'),
    OutAcctNo: payer.accountNo,
    OutAcctName: payer.accountName,
    InAcctBankNode: payment.payee.bankCode,
    InAcctNo: payment.payee.accountNo,
    InAcctName: payment.payee.accountName,
    InAcctBankName: payment.payee.bankName,
    TranAmount: payment.amount,
    UseEx: payment.postscript,
    UnionFlag: payment.payee.bankCode.startsWith(ownBank) ? '1' : '0',
    AddrFlag: cityOf(payment.payee.bankCode) === cityOf(payer.bankCode) ? '1' : '2',
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
  'bank.pingan.transferTaken',
  PinganTransferTaken,
  DisbursementTaken,
  (answer) => ({ bankNo: answer.FrontLogNo }),
  {
    drops: {
      '/ThirdVoucher': 'held against the request by the dialect',
      '/TranAmount': 'held against the request by the dialect',
      '/InAcctNo': 'held against the request by the dialect',
    },
  },
);

const settledLater = 'only whether it was taken is asked; readSettlement tells what became of it';
const notFound = 'the dialect answers it: YQ9996 comes without a body';

export const transferEnquiry = mapping(
  'bank.pingan.transferEnquiry',
  PinganTransferState,
  bank.operations.queryDisbursement.response,
  (state) => ({ outcome: 'confirmed' as const, response: { bankNo: state.FrontLogNo } }),
  {
    drops: Object.fromEntries(
      [
        'OrigThirdVoucher',
        'CcyCode',
        'OutAcctNo',
        'InAcctNo',
        'TranAmount',
        'Stt',
        'IsBack',
        'BackRem',
        'Yhcljg',
        'submitTime',
        'AccountDate',
        'hostFlowNo',
      ].map((field) => [`/${field}`, settledLater]),
    ),
    leaves: {
      '/<outcome=notFound>': notFound,
      '/<outcome=pending>': 'what the bank has was taken',
      '/<outcome=refused>': 'what the bank refused it does not have',
    },
  },
);

/** 4005 once the transfer ended. Back (退票) is back, whatever `Stt` said on the day. */
export const transferSettled = mapping(
  'bank.pingan.transferSettled',
  PinganTransferState,
  DisbursementSettled,
  (state) => {
    const stt = pinganStates.of(state.Stt, '#/Stt');
    if (stt === 'pending') throw new Failure('OUTCOME_UNKNOWN', { detail: 'the transfer is under way' });
    pinganCurrencies.of(state.CcyCode, '#/CcyCode');
    const back = stt === 'succeeded' && isBack(state);
    const reason = stt === 'failed' || back ? (state.BackRem ?? state.Yhcljg) : undefined;
    return {
      instructionNo: state.OrigThirdVoucher,
      status: back ? ('returned' as const) : stt,
      amount: state.TranAmount,
      settledAt: settledAtOf(state),
      ...(state.hostFlowNo === undefined ? {} : { bankSerial: state.hostFlowNo }),
      ...(reason === undefined ? {} : { reason }),
    };
  },
  {
    drops: {
      '/FrontLogNo': 'the number of the instruction at the bank; the movement has hostFlowNo',
      '/OutAcctNo': 'our own account',
      '/InAcctNo': 'the mandated payee: held against the request when the transfer was sent',
    },
  },
);

export const settlementEnquiry = mapping(
  'bank.pingan.settlementEnquiry',
  PinganTransferState,
  bank.operations.readSettlement.response,
  (state) =>
    pinganStates.of(state.Stt, '#/Stt') === 'pending'
      ? { outcome: 'pending' as const }
      : { outcome: 'confirmed' as const, response: transferSettled(state) },
  {
    drops: {
      '/FrontLogNo': 'the number of the instruction at the bank; the movement has hostFlowNo',
      '/OutAcctNo': 'our own account',
      '/InAcctNo': 'the mandated payee: held against the request when the transfer was sent',
    },
    leaves: {
      '/<outcome=notFound>': notFound,
      '/<outcome=refused>': 'a transfer that failed is a result, hence confirmed',
    },
  },
);

export const toPage = mapping('bank.pingan.toPage', PageWanted, PinganPage, ({ accountNo, date, page, rows }) => ({
  AcctNo: accountNo,
  CcyCode: pinganCurrencies.codeOf('CNY'),
  BeginDate: dayOf(date),
  EndDate: dayOf(date),
  PageNo: String(page),
  PageSize: String(rows),
}));

type Row = Message<typeof PinganMovements>['list'][number];

export const statementOf = mapping('bank.pingan.statement', PinganMovements, Statement, (all) => ({
  accountNo: all.AcctNo,
  date: dateOf(all.date),
  final: all.date < all.today,
  lines: all.list.map(lineOf),
}));

function lineOf(row: Row) {
  const direction = pinganDirections.of(row.DcFlag, '#/list/[]/DcFlag');
  const [name, accountNo] = direction === 'debit' ? [row.InAcctName, row.InAcctNo] : [row.OutAcctName, row.OutAcctNo];
  const counterparty = {
    ...(name === undefined ? {} : { name }),
    ...(accountNo === undefined ? {} : { accountNo }),
  };
  return {
    serial: row.HostTrace,
    at: instantOf(row.AcctDate + row.TxTime),
    direction,
    amount: row.TranAmount,
    currency: pinganCurrencies.of(row.CcyCode, '#/list/[]/CcyCode'),
    ...(Object.keys(counterparty).length === 0 ? {} : { counterparty }),
    ...(row.CVoucherNo === undefined ? {} : { instructionNo: row.CVoucherNo }),
    entry: pinganAbstracts.of(row.AbstractStr, '#/list/[]/AbstractStr'),
    ...(row.Purpose === undefined ? {} : { remark: row.Purpose }),
  };
}

function isBack(state: Message<typeof PinganTransferState>): boolean {
  return pinganReturns.of(state.IsBack ?? '0', '#/IsBack') === 'returned';
}

/** The bank tells when it took the transfer, and the day on which it booked it; an hour of booking it does not tell. */
function settledAtOf({ submitTime, AccountDate }: Message<typeof PinganTransferState>): string {
  if (submitTime !== undefined && (AccountDate === undefined || submitTime.startsWith(AccountDate)))
    return instantOf(submitTime);
  if (AccountDate === undefined) throw new Failure('CONTRACT_VIOLATED', { detail: 'AccountDate is missing' });
  return instantOf(`${AccountDate}000000`);
}

function cityOf(bankCode: string): string {
  return bankCode.slice(3, 7);
}
