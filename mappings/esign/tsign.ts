/** Envelopes (电子签约) in the words of e签宝 v3, and its statuses and codes in ours. */
import { Type } from 'typebox';
import { contract, strict, type Message } from '../../contracts/contract.ts';
import { Envelope, EnvelopeFinished, SignerActed } from '../../contracts/esign/esign.ts';
import { TsignFlowCreated, TsignMissionComplete } from '../../contracts/esign/tsign.wire.ts';
import { Failure, type FailureCode } from '../../contracts/failures.ts';
import { mapping } from '../../contracts/mapping.ts';
import { codeTable } from '../codes/codeTable.ts';
import { refuseDoubles, required } from './limits.ts';

const source = 'e签宝 OpenAPI v3, open.esign.cn: 签署流程状态, 错误码';

/** Status of a flow (签署流程状态). A draft is not started yet, which for us is the same as being signed. */
export const flowStatuses = codeTable('esign.tsign.flow-status', source, {
  0: 'signing',
  1: 'signing',
  2: 'completed',
  3: 'revoked',
  5: 'expired',
  7: 'refused',
} satisfies Record<number, Message<typeof EnvelopeFinished>['status']>);

/** Result of one signer (签署结果). */
export const signResults = codeTable('esign.tsign.sign-result', source, { 2: 'signed', 4: 'refused' });

/** Business codes, HTTP 200. What is not here is `EXT_CODE_UNMAPPED`: a new code may mean anything. */
export const refusalCodes = codeTable('esign.tsign.refusal', source, {
  401: 'SYSTEM_REFUSED', // INVALID_SIGNATURE, unknown app, clock off: the gate refused, nothing was done.
  1430002: 'SYSTEM_REFUSED', // A parameter of a file or a template is wrong: the words name it.
  1430011: 'SYSTEM_REFUSED', // No such template, or not ours.
  1430012: 'OUTCOME_UNKNOWN', // "Service fault, contact us".
  1430601: 'SYSTEM_REFUSED', // A file's name holds what it may not.
  1430608: 'SYSTEM_REFUSED', // No such file.
  1430802: 'NOT_ALLOWED', // Not for this application.
  1435002: 'SYSTEM_REFUSED', // A parameter is wrong.
  1435011: 'SYSTEM_REFUSED', // No such flow; also "this account may not ...".
  1435203: 'SYSTEM_REFUSED', // No such account, or closed.
  1435404: 'SYSTEM_REFUSED', // No contract credits left.
  1435405: 'SYSTEM_REFUSED', // As above.
  1436116: 'NOT_ALLOWED', // The initiator did not authorise us.
  1437182: 'AUTHORITY_MISSING', // No valid seal authority.
  1437328: 'IDV_MISMATCH', // Signer differs from the person or company that the vendor verified.
  1437513: 'SYSTEM_BUSY', // The file is still being processed: "try again later".
  1437518: 'SIGNATURES_INCOMPLETE', // Download before the flow is complete.
  1437608: 'SYSTEM_REFUSED', // More than ten signers.
  1450001: 'SYSTEM_REFUSED', // A parameter of a question about somebody is missing,
  1450002: 'SYSTEM_REFUSED', // is wrong,
  1450003: 'SYSTEM_REFUSED', // or has the wrong form.
  1450008: 'SYSTEM_REFUSED', // Nobody under this number.
  1499000: 'NOT_ALLOWED', // The company did not authorise us to see its seals.
  10000001: 'OUTCOME_UNKNOWN', // "System fault, try again or contact us".
  10000007: 'SYSTEM_REFUSED', // A parameter of a question about seals is wrong.
} satisfies Record<number, FailureCode>);

const flowMissingCode = 1435011;
const accountMissingCodes: readonly string[] = ['1435203', '1450008'];

export function failureOf(code: number, message: string | null | undefined): Failure {
  const type = refusalCodes.find(code) ?? 'EXT_CODE_UNMAPPED';
  return new Failure(type, { detail: `code ${code}: ${(message ?? '').slice(0, 200)}`, externalCode: String(code) });
}

/** On a query by flow id this code means "never heard of it"; elsewhere it is a refusal. */
export const isFlowMissing = (externalCode: string | undefined): boolean => externalCode === String(flowMissingCode);

/** On a question who somebody is these codes mean "nobody"; elsewhere they are refusals. */
export const isAccountMissing = (externalCode: string | undefined): boolean =>
  externalCode !== undefined && accountMissingCodes.includes(externalCode);

/** @throws Failure EXT_CODE_UNMAPPED */
export function flowStatusOf(status: number): ReturnType<typeof flowStatuses.of> {
  return flowStatuses.of(status);
}

/** How a flow's title ends: the list of flows shows titles but none of our numbers. `/ \ : * " < > | ？` are not allowed in one. */
export const titleTag = (envelopeNo: string): string => ` ${plain(envelopeNo)}`;

const StartTsignFlow = contract(
  'esign/tsign/start',
  strict({
    envelope: Envelope.schema,
    /** As uploaded, in the order of the documents. */
    fileIds: Type.Array(Type.String(), { minItems: 1, maxItems: 20 }),
    notifyUrl: Type.String(),
  }),
);

/**
 * `autoFinish` or the flow stays "signing" for ever after the last signature. Every field carries the envelope's number:
 * it comes back with each signer's callback and is how a flow is found again. `freeMode`: the signer places the seal.
 */
export const toTsignFlow = mapping(
  'esign.tsign.start',
  StartTsignFlow,
  TsignFlowCreated,
  ({ envelope, fileIds, notifyUrl }) => {
    refuseDoubles(envelope);
    const docs = envelope.documents.map(({ fileName }, index) => ({ fileId: required(fileIds[index]), fileName }));
    const { envelopeNo } = envelope;
    return {
      docs,
      signFlowConfig: {
        signFlowTitle: plain(envelope.title).slice(0, titleCharsMax) + titleTag(envelopeNo),
        signFlowExpireTime: Date.parse(envelope.deadline),
        autoStart: true as const,
        autoFinish: true as const,
        notifyUrl: `${notifyUrl}?envelopeNo=${encodeURIComponent(envelopeNo)}`,
        noticeConfig: { noticeTypes: '1' }, // By text message. Without it nobody is told.
      },
      signers: envelope.signers.map(({ order, company, person }) => ({
        signerType: 1 as const,
        signConfig: { signOrder: order },
        orgSignerInfo: {
          orgName: company.name,
          orgInfo: { orgIDCardNum: company.uscc, orgIDCardType: 'CRED_ORG_USCC' as const },
          transactorInfo: {
            psnAccount: person.phone,
            psnInfo: {
              psnName: person.name,
              psnIDCardNum: person.idNo,
              psnIDCardType: 'CRED_PSN_CH_IDCARD' as const,
              psnMobile: person.phone,
            },
          },
        },
        signFields: docs.map(({ fileId }) => ({
          fileId,
          customBizNum: envelopeNo,
          signFieldType: 0 as const,
          normalSignFieldConfig: { autoSign: false as const, freeMode: true as const },
        })),
      })),
    };
  },
  {
    drops: {
      '/envelope/documents/[]/contentBase64': 'uploaded before: fileIds',
      '/envelope/documents/[]/sha256': 'uploaded before: fileIds',
    },
  },
);

const ToldMission = contract(
  'esign/tsign/told-mission',
  strict({ envelopeNo: Type.String(), told: TsignMissionComplete.schema }),
);

export const toSignerActed = mapping(
  'esign.tsign.signer-acted',
  ToldMission,
  SignerActed,
  ({ envelopeNo, told }) => ({
    envelopeNo,
    vendorFlowId: told.signFlowId,
    signer: told.organization?.orgName ?? told.operator?.psnId ?? '',
    order: told.signOrder,
    result: signResults.of(told.signResult, '#/told/signResult'),
    at: instant(told.operateTime),
  }),
  {
    drops: {
      '/told/customBizNum': 'the dialect found the envelope by it',
      '/told/organization/orgId': 'the order of signing says who it is',
    },
  },
);

const ToldEnd = contract(
  'esign/tsign/told-end',
  strict({ envelopeNo: Type.String(), vendorFlowId: Type.String(), status: Type.Integer(), atMs: Type.Integer() }),
);

/** The same fact, told by a callback or read from the detail. */
export const toEnvelopeFinished = mapping(
  'esign.tsign.envelope-finished',
  ToldEnd,
  EnvelopeFinished,
  ({ envelopeNo, vendorFlowId, status, atMs }) => ({
    envelopeNo,
    vendorFlowId,
    status: flowStatusOf(status),
    at: instant(atMs),
  }),
);

const titleCharsMax = 120;

function plain(text: string): string {
  return text.replace(/[/\\:*"<>|？\p{Extended_Pictographic}\p{Cc}]/gu, '-');
}

const instant = (ms: number): string => new Date(ms).toISOString();
