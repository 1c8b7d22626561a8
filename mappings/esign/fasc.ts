/** Envelopes (电子签约) in the words of 法大大 FASC 5.1, and its statuses and codes in ours. */
import { Type } from 'typebox';
import { contract, strict, type Message } from '../../contracts/contract.ts';
import { Envelope, EnvelopeFinished, SignerActed } from '../../contracts/esign/esign.ts';
import { FascTaskCreated, FascTaskEvent } from '../../contracts/esign/fasc.wire.ts';
import { Failure, type FailureCode } from '../../contracts/failures.ts';
import { mapping } from '../../contracts/mapping.ts';
import { codeTable } from '../codes/codeTable.ts';
import { refuseDoubles, required } from './limits.ts';

const source = '法大大 FASC OpenAPI 5.1, dev.fadada.com: 签署任务状态, 错误码说明, 开发前必读';

/**
 * Status of a task (signTaskStatus). A task that is being abolished (作废中) stands until all have signed that too. For
 * `task_terminated` see `statusOf`: the vendor has one status for what was refused and what was called off.
 */
export const taskStatuses = codeTable('esign.fasc.task-status', source, {
  task_created: 'signing',
  finish_creation: 'signing',
  fill_progress: 'signing',
  fill_completed: 'signing',
  sign_progress: 'signing',
  sign_completed: 'signing',
  task_finished: 'completed',
  abolishing: 'completed',
  task_terminated: 'refused',
  expired: 'expired',
  revoked: 'revoked',
} satisfies Record<string, Message<typeof EnvelopeFinished>['status']>);

/** What is not here is `EXT_CODE_UNMAPPED`: a new code may mean anything. */
export const refusalCodes = codeTable('esign.fasc.refusal', source, {
  100001: 'OUTCOME_UNKNOWN', // "Unforeseen error, try later", and also: unknown app, request too old.
  100002: 'SYSTEM_BUSY', // The access token has lapsed: the gate refused, a new one is fetched for the next attempt.
  100003: 'SYSTEM_REFUSED', // The signature is wrong.
  100012: 'SYSTEM_REFUSED', // A header is missing.
  100016: 'NOT_ALLOWED', // Our address is not on the vendor's list.
  211056: 'SYSTEM_REFUSED', // No document.
  211058: 'SYSTEM_REFUSED', // No tasks left in the contract with the vendor.
  211066: 'SYSTEM_REFUSED', // No such participant.
  211085: 'SYSTEM_REFUSED', // No such field to fill; so the next three, by code or by name.
  211089: 'SYSTEM_REFUSED',
  211091: 'SYSTEM_REFUSED',
  211093: 'SYSTEM_REFUSED',
  211096: 'SYSTEM_REFUSED', // No such file.
  211108: 'SYSTEM_REFUSED', // A signer without a place in the order.
  211132: 'SYSTEM_REFUSED', // A person outside of the application may not be told apart by identity.
  211145: 'SYSTEM_REFUSED', // As 211056, of a task that starts by itself.
  211146: 'SYSTEM_REFUSED', // No participant.
  211155: 'SYSTEM_REFUSED', // Two signers of one place in the order.
  211157: 'SYSTEM_REFUSED', // The file is not what its name says.
  211161: 'SYSTEM_REFUSED', // Nobody who may sign.
  213001: 'AUTHORITY_MISSING', // The company did not authorise the application; so all until 213008, one for each scope.
  213002: 'AUTHORITY_MISSING',
  213003: 'AUTHORITY_MISSING',
  213004: 'AUTHORITY_MISSING',
  213005: 'AUTHORITY_MISSING',
  213006: 'AUTHORITY_MISSING',
  213007: 'AUTHORITY_MISSING',
  213008: 'AUTHORITY_MISSING',
  300001: 'SYSTEM_REFUSED', // No such task.
  300002: 'SIGNATURES_INCOMPLETE', // The task is not in the state for this: its files are asked for too early.
} satisfies Record<number, FailureCode>);

const taskMissingCode = '300001';
export const tokenLapsedCode = '100002';

export function failureOf(code: string, message: string | null | undefined): Failure {
  const type = refusalCodes.find(code) ?? 'EXT_CODE_UNMAPPED';
  return new Failure(type, { detail: `code ${code}: ${(message ?? '').slice(0, 200)}`, externalCode: code });
}

/** On a query by task id this code means "never heard of it"; elsewhere it is a refusal. */
export const isTaskMissing = (externalCode: string | undefined): boolean => externalCode === taskMissingCode;

/** @throws Failure EXT_CODE_UNMAPPED */
export function statusOf(status: string, isCancelled: boolean): Message<typeof EnvelopeFinished>['status'] {
  const told = taskStatuses.of(status, '#/signTaskStatus');
  return told === 'refused' && isCancelled ? 'revoked' : told;
}

const StartFascTask = contract(
  'esign/fasc/start',
  strict({
    envelope: Envelope.schema,
    /** As processed, in the order of the documents. */
    fileIds: Type.Array(Type.String(), { minItems: 1, maxItems: 20 }),
    openCorpId: Type.String(),
    notifyUrl: Type.String(),
  }),
);

/**
 * `autoStart` or the task is a draft that nobody hears of, `autoFinish` or it stays "signed" for ever. The envelope's number
 * is the task's `transReferenceId`: it stands in lists and events, and is how a task is found again. No seal has a place:
 * the signer puts it where it belongs.
 */
export const toFascTask = mapping(
  'esign.fasc.start',
  StartFascTask,
  FascTaskCreated,
  ({ envelope, fileIds, openCorpId, notifyUrl }) => {
    refuseDoubles(envelope);
    return {
      initiator: { idType: 'corp' as const, openId: openCorpId },
      signTaskSubject: envelope.title.slice(0, titleCharsMax),
      signDocType: 'contract' as const,
      expiresTime: String(Date.parse(envelope.deadline)),
      autoStart: true as const,
      autoFinish: true as const,
      autoFillFinalize: true as const,
      signInOrder: true as const,
      transReferenceId: envelope.envelopeNo,
      callbackUrl: notifyUrl,
      docs: envelope.documents.map(({ fileName }, index) => ({
        docId: `doc-${index + 1}`,
        docName: fileName,
        docFileId: required(fileIds[index]),
      })),
      actors: envelope.signers.map(({ order, company, person }) => ({
        actor: {
          actorType: 'corp' as const,
          actorId: `signer-${order}`,
          actorName: company.name,
          permissions: ['sign' as const],
          identNameForMatch: company.name,
          certNoForMatch: company.uscc,
          sendNotification: true as const,
          notifyType: ['start' as const, 'finish' as const],
          notifyAddress: person.phone,
        },
        signConfigInfo: { orderNo: order, requestMemberSign: true as const },
      })),
    };
  },
  {
    drops: {
      '/envelope/documents/[]/contentBase64': 'uploaded before: fileIds',
      '/envelope/documents/[]/sha256': 'uploaded before: fileIds',
      '/envelope/signers/[]/person/name':
        'a company names its members to the vendor itself; the one who is written to signs too',
      '/envelope/signers/[]/person/idNo': 'as the name',
    },
  },
);

const ToldSigner = contract(
  'esign/fasc/told-signer',
  strict({
    envelopeNo: Type.String(),
    result: Type.Union([Type.Literal('signed'), Type.Literal('refused')]),
    told: FascTaskEvent.schema,
  }),
);

export const toSignerActed = mapping(
  'esign.fasc.signer-acted',
  ToldSigner,
  SignerActed,
  ({ envelopeNo, result, told }) => ({
    envelopeNo,
    vendorFlowId: told.signTaskId,
    signer: told.corpName ?? told.userName ?? '',
    order: Number(/^signer-(\d{1,2})$/.exec(told.actorId ?? '')?.[1] ?? 0),
    result,
    at: instant(told.eventTime),
  }),
  {
    drops: {
      '/told/signTaskStatus': 'of the task; the event says what the signer did',
      '/told/transReferenceId': 'the dialect found the envelope by it',
    },
  },
);

const ToldEnd = contract(
  'esign/fasc/told-end',
  strict({
    envelopeNo: Type.String(),
    vendorFlowId: Type.String(),
    status: Type.String(),
    isCancelled: Type.Boolean(),
    at: Type.String({ pattern: '^\\d{13}$' }),
  }),
);

/** The same fact, told by an event or read from the detail. */
export const toEnvelopeFinished = mapping(
  'esign.fasc.envelope-finished',
  ToldEnd,
  EnvelopeFinished,
  ({ envelopeNo, vendorFlowId, status, isCancelled, at }) => ({
    envelopeNo,
    vendorFlowId,
    status: statusOf(status, isCancelled),
    at: instant(at),
  }),
);

const titleCharsMax = 200;

const instant = (ms: string): string => new Date(Number(ms)).toISOString();
