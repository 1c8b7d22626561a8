/** Canonical verification (实名认证) to and from the `idv` dialect: names of factors, result codes, what each permits to conclude. */
import type { Static } from 'typebox';
import { isUscc } from '../../contracts/canonical/uscc.ts';
import { BankcardFactors, cfca, EnterpriseFactors, Verification } from '../../contracts/cfca/cfca.ts';
import { IdvAnswer, IdvBankcardFour, IdvEnterpriseFour } from '../../contracts/cfca/idv.wire.ts';
import type { Message } from '../../contracts/contract.ts';
import { Failure, type FailureCode } from '../../contracts/failures.ts';
import { mapping } from '../../contracts/mapping.ts';
import { codeTable } from '../codes/codeTable.ts';

const source = 'contracts/cfca/idv.wire.ts: ours, in the shape that public identity vendors share';

/** A check was made, and this is what it says. */
export const idvResults = codeTable('cfca.idv.result', source, { '01': 'match', '02': 'mismatch', '03': 'notFound' });

/** No check was made, or none that says anything. */
export const idvFailures = codeTable('cfca.idv.failure', source, {
  '00': 'OUTCOME_UNKNOWN', // Taken, under way: the query will tell.
  '04': 'IDV_CHANNEL', // The source behind the vendor failed; not billed.
  '05': 'SYSTEM_REFUSED', // Three mismatches within 24 h: the subject is locked.
  '07': 'SYSTEM_REFUSED', // A factor is not well formed.
  A1: 'SYSTEM_REFUSED', // Signature.
  A2: 'SYSTEM_REFUSED', // Timestamp.
  A3: 'SYSTEM_REFUSED', // Nonce used before.
  A5: 'SYSTEM_REFUSED', // Body not readable, or a field that cannot be deciphered.
  A6: 'SYSTEM_BUSY', // Not taken, try later.
  A7: 'IDEMPOTENCY_CONFLICT', // The request number was used for other factors.
} satisfies Record<string, FailureCode>);

/** What the query says about the earlier request, besides repeating its result. Every other code is about the query itself. */
export const idvEnquiries = codeTable('cfca.idv.enquiry', source, {
  '00': 'pending',
  '04': 'notFound', // Nothing was checked or billed under this number: it may be asked again.
  '05': 'refused',
  '06': 'notFound',
  '07': 'refused',
});

/** Our name of each factor by the vendor's. */
export const idvFactors = codeTable('cfca.idv.factor', source, {
  entName: 'name',
  creditCode: 'uscc',
  legalName: 'legalRepName',
  legalIdNo: 'legalRepIdNo',
  name: 'name',
  idNo: 'idNo',
  cardNo: 'cardNo',
  mobile: 'phone',
});

export const enterpriseFourOf = mapping('cfca.idv.enterprise', EnterpriseFactors, IdvEnterpriseFour, (source) => {
  // Each check costs money: a code that cannot exist is not asked about.
  if (!isUscc(source.uscc)) throw new Failure('USCC_CHECKDIGIT');
  return {
    requestNo: source.requestNo,
    entName: source.name,
    creditCode: source.uscc,
    legalName: source.legalRepName,
    legalIdNo: source.legalRepIdNo,
  };
});

export const bankcardFourOf = mapping('cfca.idv.bankcard', BankcardFactors, IdvBankcardFour, (source) => ({
  requestNo: source.requestNo,
  name: source.name,
  idNo: source.idNo,
  cardNo: source.cardNo,
  mobile: source.phone,
}));

/** The answer to a check. @throws Failure as the tables above say; EXT_CODE_UNMAPPED (unknown) for any other code. */
export const verificationOf = mapping(
  'cfca.idv.verification',
  IdvAnswer,
  Verification,
  (answer) => {
    const result = idvResults.find(answer.resultCode);
    if (!result) throw failureOf(answer);
    const mismatched = mismatchedIn(answer);
    if ((result === 'mismatch') !== mismatched.length > 0) {
      throw new Failure('OUTCOME_UNKNOWN', {
        detail: 'the result and the flags of its factors contradict each other',
        externalCode: answer.resultCode,
      });
    }
    if (answer.serialNo === undefined || answer.charged === undefined) {
      throw new Failure('OUTCOME_UNKNOWN', {
        detail: 'a result without serial number or billing flag',
        externalCode: answer.resultCode,
      });
    }
    return { requestNo: answer.requestNo, result, mismatched, serialNo: answer.serialNo, charged: answer.charged };
  },
  { drops: { '/message': 'words beside the result code; shown when a check fails' } },
);

/** The answer to a query: what became of the earlier check. */
export const verificationEnquiryOf = mapping(
  'cfca.idv.enquiry',
  IdvAnswer,
  cfca.operations.queryVerification.response,
  (answer): VerificationEnquiry => {
    switch (idvEnquiries.find(answer.resultCode)) {
      case 'pending':
        return { outcome: 'pending' };
      case 'notFound':
        return { outcome: 'notFound' };
      case 'refused':
        return { outcome: 'refused', code: 'SYSTEM_REFUSED', detail: `${answer.resultCode} ${answer.message}` };
      default:
        return { outcome: 'confirmed', response: verificationOf(answer) };
    }
  },
);

type VerificationEnquiry = Static<typeof cfca.operations.queryVerification.response.schema>;

function mismatchedIn(answer: Message<typeof IdvAnswer>): string[] {
  return Object.entries(answer.factors ?? {})
    .filter(([, flag]) => flag === '0')
    .map(([factor]) => idvFactors.of(factor, '#/factors'));
}

function failureOf(answer: Message<typeof IdvAnswer>): Failure {
  const code = idvFailures.find(answer.resultCode) ?? 'EXT_CODE_UNMAPPED';
  return new Failure(code, { detail: `${answer.resultCode} ${answer.message}`, externalCode: answer.resultCode });
}
