/** Canonical clearing (支付清算) to and from CPCN: yuan to fen, instruction numbers to TxSN, and the tables of its codes. */
import type { Static } from 'typebox';
import { fenOf, yuanOf } from '../../contracts/canonical/money.ts';
import {
  AccountCheck,
  AccountChecked,
  clearing,
  Collection,
  CollectionSettled,
  CollectionTaken,
} from '../../contracts/clearing/clearing.ts';
import { Cpcn2310, Cpcn2310Answer, Cpcn5011, Cpcn5011Answer, CpcnPayment } from '../../contracts/clearing/cpcn.wire.ts';
import { Failure, type FailureCode } from '../../contracts/failures.ts';
import { mapping } from '../../contracts/mapping.ts';
import { bankNoOf } from '../codes/banks.ts';
import { codeTable, unmapped } from '../codes/codeTable.ts';
import { instructionNoOf, txSnOf } from './cpcnTxSn.ts';

const bound = 'the gateway holds the bound accounts and knows them by user and account number';
const words = 'told when it failed at once, and then shown';
const payeeHeld = 'the gateway pays to the account that was ordered';
const notFound = 'the dialect answers it: head code X004 comes without a body';

const source = 'contracts/clearing/cpcn.wire.ts: code that talks to the gateway, memory, or chosen (with an X)';

/**
 * `Head.Code`: whether the gateway took the request. Only 2000 and 2008 are known; those with an X are chosen
 * (contracts/clearing/cpcn.wire.ts). Real ones that are not here are unknown until somebody reads the document.
 */
export const cpcnHeads = codeTable('clearing.cpcn.head', source, {
  '2000': 'taken',
  '2008': 'duplicate', // Taken before under this TxSN: what became of it is a question, not a failure.
  X001: 'SYSTEM_REFUSED', // Our signature.
  X002: 'SYSTEM_REFUSED', // Not our institution.
  X003: 'SYSTEM_REFUSED', // A field is not well formed.
  X004: 'notFound',
  X005: 'PAYEE_NOT_MANDATED', // The payee's account is not one that the gateway pays to.
  X006: 'SYSTEM_REFUSED', // The payer's account is not the bound one.
  X007: 'SYSTEM_BUSY', // Not taken, try later.
} satisfies Record<string, FailureCode | 'taken' | 'duplicate' | 'notFound'>);

/** `Status` of a payment: 10, 20 and 30 from memory; X4 chosen. */
export const cpcnStatuses = codeTable('clearing.cpcn.status', source, {
  '10': 'pending',
  '20': 'succeeded',
  '30': 'failed',
  X4: 'returned',
});

/** `Status/ResponseCode` of an account check. A 30 for any other reason is not a mismatch but something to read up on. */
export const cpcnAccountResults = codeTable('clearing.cpcn.account-result', source, {
  '20/000000': 'match',
  '30/X31001': 'mismatch',
  '30/X31002': 'notFound',
});

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
    if (collection.currency !== 'CNY') throw refusedHere('#/currency', 'CPCN clears yuan only');
    const amountFen = fenOf(collection.amount);
    if (amountFen === 0n) throw refusedHere('#/amount', 'must be more than nothing');
    return {
      TxSN: txSnOf(collection.instructionNo),
      OrderNo: collection.instructionNo,
      PayerUserID: payer.company.uscc,
      PayerAccountNumber: payer.account.accountNo,
      PayeeUserID: payee.company.uscc,
      PayeeAccountNumber: payee.account.accountNo,
      Amount: String(amountFen),
      HasSubsequentSplit: '20' as const,
      Note: collection.postscript,
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
  Cpcn5011Answer,
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
    if (status === 'pending' || payment.PayTime === undefined) {
      throw new Failure('OUTCOME_UNKNOWN', {
        detail: `status ${payment.Status} without the time at which it came about`,
      });
    }
    return {
      instructionNo: instructionOf(payment),
      status,
      amount: yuanOf(BigInt(payment.Amount)),
      settledAt: instantOf(payment.PayTime),
      serialNo: payment.TraceNo,
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
      '/PayTime': 'whether it was taken, not when it ended',
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

/** What a `Head` permits to conclude. @throws Failure for everything that is no answer in the matter */
export function verdictOf(head: { code: string; message: string }): 'taken' | 'duplicate' | 'notFound' {
  const verdict = cpcnHeads.find(head.code);
  if (verdict === 'taken' || verdict === 'duplicate' || verdict === 'notFound') return verdict;
  if (!verdict) throw unmapped(cpcnHeads.name, head.code, undefined, head.message);
  throw new Failure(verdict, { detail: `${head.code} ${head.message}`.slice(0, 500), externalCode: head.code });
}

type TakenEnquiry = Static<typeof clearing.operations.queryCollection.response.schema>;
type SettledEnquiry = Static<typeof clearing.operations.readCollection.response.schema>;

function statusOf(answer: { Status: string; ResponseMessage: string }) {
  const status = cpcnStatuses.find(answer.Status);
  if (!status) throw unmapped(cpcnStatuses.name, answer.Status, undefined, answer.ResponseMessage);
  return status;
}

/** Both numbers are ours and must name the same instruction. */
function instructionOf(payment: { TxSN: string; OrderNo: string }): string {
  const instructionNo = instructionNoOf(payment.TxSN);
  if (instructionNo !== payment.OrderNo)
    throw new Failure('CONTRACT_VIOLATED', { detail: 'TxSN and OrderNo name different instructions' });
  return instructionNo;
}

/** yyyyMMddHHmmss in Asia/Shanghai. An impossible time is refused by the target's format. */
function instantOf(time14: string): string {
  const [, y, mo, d, h, mi, s] = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/.exec(time14) ?? [];
  return `${y}-${mo}-${d}T${h}:${mi}:${s}+08:00`;
}

function failedDetail(answer: { ResponseCode: string; ResponseMessage: string }) {
  return {
    detail: `${answer.ResponseCode} ${answer.ResponseMessage}`.slice(0, 500),
    externalCode: answer.ResponseCode,
  };
}

function refusedHere(pointer: string, detail: string): Failure {
  return new Failure('CONTRACT_VIOLATED', { detail, errors: [{ pointer, code: 'not_supported', detail }] });
}
