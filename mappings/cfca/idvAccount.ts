/** Canonical account proof (对公账户打款认证) to and from the `idv` dialect: states, the bank's reasons, what each permits to conclude. */
import type { Static } from 'typebox';
import {
  AccountConfirmation,
  AccountConfirmationAsked,
  type AccountProof,
  AccountProofAsked,
  AccountProofStarted,
  cfca,
} from '../../contracts/cfca/cfca.ts';
import { IdvAccountAnswer, IdvAccountConfirm, IdvAccountProof } from '../../contracts/cfca/idvAccount.wire.ts';
import type { Message } from '../../contracts/contract.ts';
import { Failure, type FailureCode } from '../../contracts/failures.ts';
import { mapping } from '../../contracts/mapping.ts';
import { codeTable } from '../codes/codeTable.ts';

type Answer = Message<typeof IdvAccountAnswer>;

const source = 'contracts/cfca/idvAccount.wire.ts: ours, in the shape that public vendors of small payments share';

/** What is true of the payment. */
export const accountStates = codeTable('cfca.idv.account-state', source, {
  P0: 'paying',
  P1: 'paid',
  P2: 'failed',
  P3: 'returned',
  P4: 'matched',
  P5: 'locked', // Three amounts were wrong.
  P6: 'expired', // 72 hours are over.
} satisfies Record<string, Message<typeof AccountProof>['state']>);

/** Why the bank did not book the payment, or sent it back. */
export const accountReasons = codeTable('cfca.idv.account-reason', source, {
  R1: 'accountUnknown',
  R2: 'nameDiffers', // 户名不符: the account is another's.
  R3: 'accountClosed',
  R4: 'accountFrozen',
  R5: 'bankRefused',
} satisfies Record<string, NonNullable<Message<typeof AccountProof>['reason']>>);

/** An amount was looked at, and this is what it was. */
export const accountConfirmations = codeTable('cfca.idv.account-confirmation', source, {
  '01': 'match',
  '02': 'mismatch',
});

/** The proof was taken: the payment will be made. */
const takenCode = '10';

/** Nothing was taken, and no try was counted. */
export const accountFailures = codeTable('cfca.idv.account-failure', source, {
  '00': 'OUTCOME_UNKNOWN', // Taken, under way: the query will tell.
  '04': 'IDV_CHANNEL', // The bank behind the vendor failed; no payment was ordered.
  '06': 'SYSTEM_REFUSED', // There is no such proof to confirm.
  '07': 'SYSTEM_REFUSED', // A field is not well formed.
  14: 'SYSTEM_REFUSED', // The bank cannot be paid.
  15: 'SYSTEM_REFUSED', // Three wrong amounts for this account today: a new payment tomorrow.
  21: 'DEADLINE_PASSED', // The proof expired.
  22: 'SYSTEM_REFUSED', // No tries are left.
  23: 'SYSTEM_BUSY', // The payment is still under way: nothing to confirm yet.
  24: 'SYSTEM_REFUSED', // The payment failed or came back.
  25: 'SYSTEM_REFUSED', // The account was proven before.
  A1: 'SYSTEM_REFUSED', // Signature.
  A2: 'SYSTEM_REFUSED', // Timestamp.
  A3: 'SYSTEM_REFUSED', // Nonce used before.
  A5: 'SYSTEM_REFUSED', // Body not readable, or a field that cannot be deciphered.
  A6: 'SYSTEM_BUSY', // Not taken, try later.
  A7: 'IDEMPOTENCY_CONFLICT', // The request number was used for something else.
} satisfies Record<string, FailureCode>);

/** What a query says about the earlier request, besides repeating its result. Every other code is about the query itself. */
export const accountEnquiries = codeTable('cfca.idv.account-enquiry', source, {
  '00': 'pending',
  '04': 'notFound', // Nothing was ordered under this number: it may be asked again.
  '06': 'notFound',
  '07': 'refused',
  14: 'refused',
  15: 'refused',
  21: 'refused',
  22: 'refused',
  24: 'refused',
  25: 'refused',
});

/** Banks print accounts in groups; the account itself is its digits. */
export const accountProofOf = mapping('cfca.idv.account-proof', AccountProofAsked, IdvAccountProof, (asked) => ({
  requestNo: asked.requestNo,
  entName: asked.companyName,
  accountNo: asked.accountNo.replaceAll('-', ''),
  bankCode: asked.bankCode,
}));

export const accountConfirmOf = mapping(
  'cfca.idv.account-confirm',
  AccountConfirmationAsked,
  IdvAccountConfirm,
  ({ requestNo, proofNo, amount }) => ({ requestNo, proofNo, amount }),
);

const words = { '/message': 'words beside the result code; shown when it is none of success' };
const standing = {
  '/state': 'how the proof stands is another question: readAccountProof',
  '/reason': 'as the state',
  '/triesLeft': 'as the state',
};
const ofProof = {
  '/serialNo': 'of the proof, not of a confirmation',
  '/validTo': 'as the serial number',
  '/state': 'as the serial number',
  '/reason': 'as the serial number',
};

export const accountStartedOf = mapping(
  'cfca.idv.account-started',
  IdvAccountAnswer,
  AccountProofStarted,
  (answer) => startedIn(answer),
  { drops: { ...words, '/requestNo': 'held against the request by the dialect', ...standing } },
);

export const accountStartedEnquiryOf = mapping(
  'cfca.idv.account-started-enquiry',
  IdvAccountAnswer,
  cfca.operations.queryAccountProof.response,
  (answer): Static<typeof cfca.operations.queryAccountProof.response.schema> => enquiryOf(answer, startedIn),
  { drops: { '/requestNo': 'held against the request by the dialect', ...standing } },
);

export const accountProofEnquiryOf = mapping(
  'cfca.idv.account-state-enquiry',
  IdvAccountAnswer,
  cfca.operations.readAccountProof.response,
  (answer): Static<typeof cfca.operations.readAccountProof.response.schema> => enquiryOf(answer, proofIn),
);

export const accountConfirmationOf = mapping(
  'cfca.idv.account-confirmed',
  IdvAccountAnswer,
  AccountConfirmation,
  (answer) => confirmationIn(answer),
  { drops: { ...words, ...ofProof } },
);

export const accountConfirmationEnquiryOf = mapping(
  'cfca.idv.account-confirmed-enquiry',
  IdvAccountAnswer,
  cfca.operations.queryAccountConfirmation.response,
  (answer): Static<typeof cfca.operations.queryAccountConfirmation.response.schema> =>
    enquiryOf(answer, confirmationIn),
  { drops: ofProof },
);

function startedIn(answer: Answer): Message<typeof AccountProofStarted> {
  if (answer.resultCode !== takenCode) throw failureOf(answer);
  const { serialNo, validTo } = answer;
  if (serialNo === undefined || validTo === undefined)
    throw incomplete(answer, 'a proof without serial number or validity');
  return { serialNo, validTo };
}

/** The bank's reason stands with a payment that failed or came back, and with no other. */
function proofIn(answer: Answer): Message<typeof AccountProof> {
  const { requestNo, triesLeft } = answer;
  const started = startedIn(answer);
  if (answer.state === undefined || triesLeft === undefined)
    throw incomplete(answer, 'a proof without state or number of tries');
  const state = accountStates.of(answer.state, '#/state');
  const reason = answer.reason === undefined ? undefined : accountReasons.of(answer.reason, '#/reason');
  if ((state === 'failed' || state === 'returned') !== (reason !== undefined))
    throw incomplete(answer, 'the state and the reason contradict each other');
  return { requestNo, ...started, state, ...(reason === undefined ? {} : { reason }), triesLeft };
}

function confirmationIn(answer: Answer): Message<typeof AccountConfirmation> {
  const { requestNo, triesLeft } = answer;
  const result = accountConfirmations.find(answer.resultCode);
  if (!result) throw failureOf(answer);
  if (triesLeft === undefined) throw incomplete(answer, 'a result without the number of tries that are left');
  return { requestNo, result, triesLeft };
}

type Enquiry<T> =
  | { outcome: 'confirmed'; response: T }
  | { outcome: 'refused'; code: string; detail: string }
  | { outcome: 'pending' }
  | { outcome: 'notFound' };

function enquiryOf<T>(answer: Answer, settled: (answer: Answer) => T): Enquiry<T> {
  switch (accountEnquiries.find(answer.resultCode)) {
    case 'pending':
      return { outcome: 'pending' };
    case 'notFound':
      return { outcome: 'notFound' };
    case 'refused':
      return {
        outcome: 'refused',
        code: accountFailures.of(answer.resultCode),
        detail: `${answer.resultCode} ${answer.message}`,
      };
    default:
      return { outcome: 'confirmed', response: settled(answer) };
  }
}

function failureOf({ resultCode, message }: Answer): Failure {
  const code = accountFailures.find(resultCode) ?? 'EXT_CODE_UNMAPPED';
  return new Failure(code, { detail: `${resultCode} ${message}`, externalCode: resultCode });
}

function incomplete({ resultCode }: Answer, detail: string): Failure {
  return new Failure('OUTCOME_UNKNOWN', { detail, externalCode: resultCode });
}
