/** Payment accounts (支付账户) to and from CPCN: 4601 with its binding, how far it has come, and balances. */
import type { Static } from 'typebox';
import { yuanOf } from '../../contracts/canonical/money.ts';
import {
  AccountChanged,
  AccountOpening,
  Balance,
  BalanceQuestion,
  clearing,
  OpeningTaken,
} from '../../contracts/clearing/clearing.ts';
import { Cpcn4601, Cpcn4691, Cpcn4691Answer, CpcnOpening } from '../../contracts/clearing/cpcn.wire.ts';
import type { Message } from '../../contracts/contract.ts';
import { Failure } from '../../contracts/failures.ts';
import { mapping } from '../../contracts/mapping.ts';
import { bankNoOf } from '../codes/banks.ts';
import { cpcnAccountStatuses, cpcnBindingStatuses, cpcnOpeningStatuses } from './cpcn.codes.ts';
import { failedDetail, refusedHere, statusIn } from './cpcnParts.ts';
import { instructionNoOf, txSnOf } from './cpcnTxSn.ts';

const notFound = 'the dialect answers it: head code X004 comes without a body';

export const openingOf = mapping(
  'clearing.cpcn.opening',
  AccountOpening,
  Cpcn4601,
  ({ requestNo, company, legalRep, licence, account, documentsNo }) => {
    if (account.accountName !== company.name)
      throw refusedHere('#/account/accountName', "the gateway binds a company's own account only");
    const TxSN = txSnOf(requestNo);
    return {
      TxSN,
      UserID: company.uscc,
      UserType: '12' as const,
      BusinessType: '20' as const,
      ImageCollectionTxSN: documentsNo,
      Corporation: {
        CorporationName: company.name,
        UnifiedSocialCreditCode: company.uscc,
        AllLicenceIssDate: licence.issuedOn.replaceAll('-', ''),
        AllLicenceExpiryDate: licence.expiresOn.replaceAll('-', ''),
        LegalPersonName: legalRep.name,
        LegalCredentialType: '0' as const,
        LegalCredentialNumber: legalRep.idNo,
        LegalPersonContactNumber: legalRep.phone,
      },
      BankAccount: {
        BindingTxSN: `${TxSN}B`,
        BankID: bankNoOf(account.bankCode, '#/account/bankCode'),
        BankAccountNumber: account.accountNo,
        BranchName: account.bankName,
      },
      Extension: requestNo,
    };
  },
);

/** The answer to 4601: taken, or refused at once. */
export const openingTakenOf = mapping(
  'clearing.cpcn.openingTaken',
  CpcnOpening,
  OpeningTaken,
  (answer) => {
    if (statusIn(cpcnOpeningStatuses, answer) === 'failed') throw new Failure('SYSTEM_REFUSED', failedDetail(answer));
    return { clearingNo: answer.SourceTxSN };
  },
  {
    drops: {
      '/BindingStatus': 'whether it was taken, not what became of it',
      '/ResponseCode': 'told when it failed at once, and then shown',
      '/ResponseMessage': 'told when it failed at once, and then shown',
    },
  },
);

/** A refused opening left nothing behind; why, `readOpening` tells as well. */
export const openingEnquiryOf = mapping(
  'clearing.cpcn.openingEnquiry',
  CpcnOpening,
  clearing.operations.queryOpening.response,
  (opening): Static<typeof clearing.operations.queryOpening.response.schema> =>
    statusIn(cpcnOpeningStatuses, opening) === 'failed'
      ? { outcome: 'refused', code: 'SYSTEM_REFUSED', detail: failedDetail(opening).detail }
      : { outcome: 'confirmed', response: { clearingNo: opening.SourceTxSN } },
  {
    drops: { '/BindingStatus': 'whether it was taken, not what became of it' },
    leaves: {
      '/<outcome=pending>': 'what was taken is confirmed, however it goes on',
      '/<outcome=notFound>': notFound,
    },
  },
);

/** @throws Failure OUTCOME_UNKNOWN while it is under way: ask `isOpeningPending` first */
export const accountChangedOf = mapping('clearing.cpcn.accountChanged', CpcnOpening, AccountChanged, (opening) => {
  const { account, binding } = standingOf(opening);
  const requestNo = instructionNoOf(opening.SourceTxSN);
  if (account === 'failed') return { requestNo, status: 'refused' as const, reason: failedDetail(opening).detail };
  if (account === 'pending' || binding === 'pending')
    throw new Failure('OUTCOME_UNKNOWN', { detail: 'it is under way' });
  if (binding === 'succeeded') return { requestNo, status: 'opened' as const };
  return { requestNo, status: 'openedUnbound' as const, reason: failedDetail(opening).detail };
});

export const openingResultOf = mapping(
  'clearing.cpcn.openingResult',
  CpcnOpening,
  clearing.operations.readOpening.response,
  (opening): Static<typeof clearing.operations.readOpening.response.schema> =>
    isOpeningPending(opening) ? { outcome: 'pending' } : { outcome: 'confirmed', response: accountChangedOf(opening) },
  {
    leaves: {
      '/<outcome=refused>': 'an opening that was refused is a result, hence confirmed',
      '/<outcome=notFound>': notFound,
    },
  },
);

export function isOpeningPending(opening: Message<typeof CpcnOpening>): boolean {
  const { account, binding } = standingOf(opening);
  return account === 'pending' || (account === 'succeeded' && binding === 'pending');
}

/** Asked for together with its binding, an account says of both: one without the other is not known yet. */
function standingOf(opening: Message<typeof CpcnOpening>) {
  const account = statusIn(cpcnOpeningStatuses, opening);
  const { BindingStatus } = opening;
  const binding = BindingStatus === undefined ? 'pending' : cpcnBindingStatuses.of(BindingStatus, '#/BindingStatus');
  return { account, binding };
}

export const balanceQuestionOf = mapping('clearing.cpcn.balanceQuestion', BalanceQuestion, Cpcn4691, ({ uscc }) => ({
  UserID: uscc,
}));

export const balanceOf = mapping('clearing.cpcn.balance', Cpcn4691Answer, Balance, (answer) => ({
  uscc: answer.UserID,
  status: statusIn(cpcnAccountStatuses, answer),
  currency: 'CNY',
  available: yuanOf(BigInt(answer.Balance)),
  inTransit: yuanOf(BigInt(answer.ReceivableBalance)),
  frozen: yuanOf(BigInt(answer.FrozenAmount)),
}));
