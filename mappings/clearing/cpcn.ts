/** Canonical clearing (支付清算) to and from CPCN: yuan to fen, instruction numbers to TxSN, and the tables of its codes. */
import type { Static } from 'typebox';
import { yuanOf } from '../../contracts/canonical/money.ts';
import {
  AccountCheck,
  AccountChecked,
  clearing,
  Collection,
  CollectionSettled,
  CollectionTaken,
} from '../../contracts/clearing/clearing.ts';
import { Cpcn2310, Cpcn2310Answer, Cpcn5011, CpcnPayment, CpcnTaken } from '../../contracts/clearing/cpcn.wire.ts';
import { Failure } from '../../contracts/failures.ts';
import { mapping } from '../../contracts/mapping.ts';
import { bankNoOf } from '../codes/banks.ts';
import { unmapped } from '../codes/codeTable.ts';
import { cpcnAccountResults, cpcnStatuses } from './cpcn.codes.ts';
import { amountFenOf, endedAt, failedDetail, statusIn } from './cpcnParts.ts';
import { instructionNoOf, txSnOf } from './cpcnTxSn.ts';

const bound = 'the gateway holds the bound accounts and knows them by user and account number';
const words = 'told when it failed at once, and then shown';
const payeeHeld = 'the gateway pays to the account that was ordered';
const notFound = 'the dialect answers it: head code X004 comes without a body';

export const accountCheckOf = mapping(
  'clearing.cpcn.accountCheck',
  AccountCheck,
  Cpcn2310,
  ({ requestNo, company, account }) => ({
    BankID: bankNoOf(account.bankCode, '#/account/bankCode'),
    AccountType: '12' as const,
    AccountName: account.accountName,
    AccountNumber: account.accountNo,
    IdentificationType: 'X' as const,
    IdentificationNumber: company.uscc,
    Note: requestNo,
  }),
  {
    drops: {
      '/account/bankName': 'the gateway knows the bank by its number',
      '/company/name': 'the gateway compares one name only, that of the account',
    },
  },
);

export const accountCheckedOf = mapping(
  'clearing.cpcn.accountChecked',
  Cpcn2310Answer,
  AccountChecked,
  (answer) => {
    const code = `${answer.Status}/${answer.ResponseCode}`;
    const result = cpcnAccountResults.find(code);
    if (!result) throw unmapped(cpcnAccountResults.name, code, undefined, answer.ResponseMessage);
    return { requestNo: answer.Note, result, serialNo: answer.TraceNo };
  },
  { drops: { '/ResponseMessage': 'words beside the response code; shown when it is unmapped' } },
);

export const paymentOf = mapping(
  'clearing.cpcn.payment',
  Collection,
  Cpcn5011,
  (collection) => {
    const { payer, payee } = collection;
    return {
      TxSN: txSnOf(collection.instructionNo),
      OrderNo: collection.instructionNo,
      PayerUserID: payer.company.uscc,
      PayerAccountNumber: payer.account.accountNo,
      PayeeUserID: payee.company.uscc,
      PayeeAccountNumber: payee.account.accountNo,
      PaymentWay: '30' as const,
      Amount: amountFenOf(collection.amount, collection.currency),
      HasSubsequentSplit: '1' as const,
      Remark: collection.postscript,
      Extension: collection.loanNo,
    };
  },
  {
    drops: {
      '/payer/company/name': bound,
      '/payer/account/accountName': bound,
      '/payer/account/bankName': bound,
      '/payer/account/bankCode': bound,
      '/payee/company/name': bound,
      '/payee/account/accountName': bound,
      '/payee/account/bankName': bound,
      '/payee/account/bankCode': bound,
    },
  },
);

/** The answer to 5011. The number under which the gateway knows the payment is the TxSN. */
export const takenOf = mapping(
  'clearing.cpcn.taken',
  CpcnTaken,
  CollectionTaken,
  (answer) => {
    if (statusOf(answer) === 'failed') throw new Failure('SYSTEM_REFUSED', failedDetail(answer));
    return { clearingNo: answer.TxSN };
  },
  { drops: { '/ResponseCode': words, '/ResponseMessage': words } },
);

/** What became of it, once it ended. @throws Failure OUTCOME_UNKNOWN while it is under way: ask `isPending` first */
export const settledOf = mapping(
  'clearing.cpcn.settled',
  CpcnPayment,
  CollectionSettled,
  (payment) => {
    const status = statusOf(payment);
    if (status === 'pending') throw new Failure('OUTCOME_UNKNOWN', { detail: 'it is under way' });
    return {
      instructionNo: instructionOf(payment),
      status,
      amount: yuanOf(BigInt(payment.Amount)),
      settledAt: endedAt({ Status: payment.Status, time: payment.ResponseTime }),
      serialNo: payment.TraceNo ?? payment.TxSN, // A payment that failed has none at the bank.
      ...(status === 'succeeded' ? {} : { reason: failedDetail(payment).detail }),
    };
  },
  { drops: { '/PayeeAccountNumber': payeeHeld } },
);

export function isPending(payment: Static<typeof CpcnPayment.schema>): boolean {
  return statusOf(payment) === 'pending';
}

/** What became of the instruction: failed means that no money moved and none will; a returned one was taken. */
export const collectionEnquiryOf = mapping(
  'clearing.cpcn.collectionEnquiry',
  CpcnPayment,
  clearing.operations.queryCollection.response,
  (payment): TakenEnquiry => {
    instructionOf(payment);
    if (statusOf(payment) === 'failed')
      return { outcome: 'refused', code: 'SYSTEM_REFUSED', detail: failedDetail(payment).detail };
    return { outcome: 'confirmed', response: { clearingNo: payment.TxSN } };
  },
  {
    drops: {
      '/PayeeAccountNumber': payeeHeld,
      '/Amount': 'the dialect holds it against what was ordered',
      '/ResponseTime': 'whether it was taken, not when it ended',
      '/TraceNo': 'the number of the result',
    },
    leaves: {
      '/<outcome=pending>': 'what was taken is confirmed, however it goes on',
      '/<outcome=notFound>': notFound,
    },
  },
);

export const settlementEnquiryOf = mapping(
  'clearing.cpcn.settlementEnquiry',
  CpcnPayment,
  clearing.operations.readCollection.response,
  (payment): SettledEnquiry =>
    isPending(payment) ? { outcome: 'pending' } : { outcome: 'confirmed', response: settledOf(payment) },
  {
    drops: { '/PayeeAccountNumber': payeeHeld },
    leaves: {
      '/<outcome=refused>': 'a collection that failed is a result, hence confirmed',
      '/<outcome=notFound>': notFound,
    },
  },
);

type TakenEnquiry = Static<typeof clearing.operations.queryCollection.response.schema>;
type SettledEnquiry = Static<typeof clearing.operations.readCollection.response.schema>;

const statusOf = (answer: { Status: string; ResponseMessage?: string }) => statusIn(cpcnStatuses, answer);

/** Both numbers are ours and must name the same instruction. */
function instructionOf(payment: { TxSN: string; OrderNo: string }): string {
  const instructionNo = instructionNoOf(payment.TxSN);
  if (instructionNo !== payment.OrderNo)
    throw new Failure('CONTRACT_VIOLATED', { detail: 'TxSN and OrderNo name different instructions' });
  return instructionNo;
}
