/** Envelopes (电子签约) in the words of 契约锁, and its statuses and codes in ours. */
import { Type } from 'typebox';
import { contract, strict, type Message } from '../../contracts/contract.ts';
import { Envelope, EnvelopeFinished, SignerActed } from '../../contracts/esign/esign.ts';
import { QiyuesuoDraft } from '../../contracts/esign/qiyuesuo.wire.ts';
import { Failure, type FailureCode } from '../../contracts/failures.ts';
import { mapping } from '../../contracts/mapping.ts';
import { codeTable } from '../codes/codeTable.ts';
import { refuseDoubles, vendorLimit } from './limits.ts';

const source = '契约锁 OpenAPI, open.qiyuesuo.com: 合同详情, 接口响应码说明';

/** Status of a contract. A contract that is being voided (作废中) stands until all have signed that too. */
export const contractStatuses = codeTable('esign.qiyuesuo.contract-status', source, {
  DRAFT: 'draft',
  FILLING: 'signing',
  SIGNING: 'signing',
  COMPLETE: 'completed',
  INVALIDING: 'completed',
  REJECTED: 'refused',
  RECALLED: 'revoked',
  INVALIDED: 'revoked',
  FORCE_END: 'revoked',
  EXPIRED: 'expired',
} satisfies Record<string, Message<typeof EnvelopeFinished>['status'] | 'draft'>);

/** Status of one signatory. Not in the public documents: chosen, as the vendor's own words for contracts are. */
export const signatoryStatuses = codeTable('esign.qiyuesuo.signatory-status', `${source}; 签署方状态为本枢纽所选`, {
  DRAFT: 'waiting',
  WAITING: 'waiting',
  SIGNING: 'waiting',
  SIGNED: 'signed',
  REJECTED: 'refused',
} satisfies Record<string, 'waiting' | 'signed' | 'refused'>);

/** What is not here is `EXT_CODE_UNMAPPED`: a new code may mean anything. */
export const refusalCodes = codeTable('esign.qiyuesuo.refusal', source, {
  441: 'SYSTEM_REFUSED', // A header is missing.
  442: 'SYSTEM_REFUSED', // The token, or the signature with it, is not right.
  1101: 'OUTCOME_UNKNOWN', // The contract is in another state than we thought: an earlier attempt may have sent it.
  1102: 'SYSTEM_REFUSED', // The same signatory twice.
  1103: 'SYSTEM_REFUSED', // A company without an action.
  1105: 'SYSTEM_REFUSED', // An approval without somebody who approves.
  1107: 'SYSTEM_REFUSED', // No such contract.
  1108: 'SYSTEM_REFUSED', // The key word of a seal's place is not in the file.
  1109: 'SYSTEM_REFUSED', // A page that the file does not have.
  1113: 'SYSTEM_REFUSED', // No signatory.
  1116: 'SYSTEM_REFUSED', // A parameter of the template is not filled.
  1203: 'NOT_ALLOWED', // The seal is not in use.
  1301: 'SYSTEM_REFUSED', // The category (业务分类) wants other signatories.
  1401: 'SYSTEM_REFUSED', // No document.
  1403: 'SYSTEM_REFUSED', // The file cannot be read.
  1701: 'AUTHORITY_MISSING', // Nobody of that name acts for the company,
  1702: 'AUTHORITY_MISSING', // or not any more,
  1705: 'AUTHORITY_MISSING', // or has not registered.
  11990006: 'SYSTEM_BUSY', // Called too often.
} satisfies Record<number, FailureCode>);

const contractMissingCode = '1107';
/** Of a draft: a contract of this number was sent already. */
export const contractMovedCode = '1101';

export function failureOf(code: number, message: string | null | undefined): Failure {
  const type = refusalCodes.find(code) ?? 'EXT_CODE_UNMAPPED';
  return new Failure(type, { detail: `code ${code}: ${(message ?? '').slice(0, 200)}`, externalCode: String(code) });
}

export const isContractMissing = (externalCode: string | undefined): boolean => externalCode === contractMissingCode;

const StartQiyuesuoContract = contract(
  'esign/qiyuesuo/start',
  strict({ envelope: Envelope.schema, notifyUrl: Type.String() }),
);

/**
 * The envelope's number is the contract's `bizId`, of which there is one: a draft under it is written over, and what was
 * sent under it is not. No seal has a place: the signer puts it where it belongs.
 */
export const toQiyuesuoDraft = mapping(
  'esign.qiyuesuo.start',
  StartQiyuesuoContract,
  QiyuesuoDraft,
  ({ envelope, notifyUrl }) => {
    refuseDoubles(envelope);
    refuseCompanyTwice(envelope);
    return {
      subject: envelope.title.slice(0, subjectCharsMax),
      bizId: envelope.envelopeNo,
      send: false as const, // Documents come next: only a draft takes them.
      ordinal: true as const,
      expireTime: toLocalTime(envelope.deadline),
      callbackUrl: notifyUrl,
      signFlowStrategy: 'ALL_SIGN_FINISH' as const,
      signatories: envelope.signers.map(({ order, company, person }) => ({
        tenantType: 'COMPANY' as const,
        tenantName: company.name,
        serialNo: order,
        receiver: { name: person.name, contact: person.phone, contactType: 'MOBILE' as const },
        actions: [{ type: 'COMPANY' as const, name: '企业签章' as const, serialNo: 0 as const }],
      })),
    };
  },
  {
    drops: {
      '/envelope/documents': 'added to the draft one by one, as files',
      '/envelope/signers/[]/company/uscc': 'the vendor knows companies by their full name',
      '/envelope/signers/[]/person/idNo': 'the vendor knows people by their telephone, and holds the name against it',
    },
  },
);

const ShownSigner = contract(
  'esign/qiyuesuo/shown-signer',
  strict({
    envelopeNo: Type.String(),
    vendorFlowId: Type.String(),
    tenantName: Type.String(),
    serialNo: Type.Integer(),
    result: Type.Union([Type.Literal('signed'), Type.Literal('refused')]),
    at: Type.String(),
  }),
);

/** As the detail shows a signatory who has acted. */
export const toSignerActed = mapping(
  'esign.qiyuesuo.signer-acted',
  ShownSigner,
  SignerActed,
  ({ envelopeNo, vendorFlowId, tenantName, serialNo, result, at }) => ({
    envelopeNo,
    vendorFlowId,
    signer: tenantName,
    order: serialNo,
    result,
    at: toInstant(at),
  }),
);

const ShownEnd = contract(
  'esign/qiyuesuo/shown-end',
  strict({
    envelopeNo: Type.String(),
    vendorFlowId: Type.String(),
    status: Type.Union([
      Type.Literal('completed'),
      Type.Literal('revoked'),
      Type.Literal('expired'),
      Type.Literal('refused'),
    ]),
    at: Type.String(),
  }),
);

/** As the detail shows a contract that is over, whether it was asked for or told. */
export const toEnvelopeFinished = mapping(
  'esign.qiyuesuo.envelope-finished',
  ShownEnd,
  EnvelopeFinished,
  ({ envelopeNo, vendorFlowId, status, at }) => ({ envelopeNo, vendorFlowId, status, at: toInstant(at) }),
);

const subjectCharsMax = 100;
const beijingMs = 8 * 3_600_000;

/** Beijing time without an offset; it has none in summer either. */
export function toLocalTime(instant: string): string {
  return new Date(Date.parse(instant) + beijingMs).toISOString().slice(0, 19).replace('T', ' ');
}

function toInstant(localTime: string): string {
  return `${localTime.replace(' ', 'T')}+08:00`;
}

/** The callback names a signatory by its company only. */
function refuseCompanyTwice({ signers }: Message<typeof Envelope>): void {
  signers.forEach(({ company }, index) => {
    if (signers.findIndex((other) => other.company.name === company.name) !== index)
      throw vendorLimit(`#/signers/${index}/company/name`, 'occurs twice');
  });
}
