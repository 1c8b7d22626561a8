/**
 * e签宝 OpenAPI v3 on the wire. Requests are strict, they are ours. Answers and callbacks take fields we do not know:
 * the vendor adds some without notice.
 */
import { Type, type TProperties } from 'typebox';
import { contract, strict } from '../contract.ts';

const Id = Type.String({ minLength: 1, maxLength: 64 });
const Millis = Type.Integer({ minimum: 0, maximum: 9_999_999_999_999 });

/** An object of the vendor's: what we read is checked, the rest is let through. */
const open = <P extends TProperties>(properties: P) => Type.Object(properties, { additionalProperties: true });
const maybe = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Optional(Type.Union([schema, Type.Null()]));

/** Every answer: business code and data. HTTP is 200 also for a refusal. */
export const TsignAnswer = contract(
  'esign/tsign/answer',
  open({
    code: Type.Integer(),
    message: maybe(Type.String({ maxLength: 2_000 })),
    data: Type.Optional(Type.Unknown()),
  }),
);

export const TsignUploadAsked = contract(
  'esign/tsign/file-upload-url',
  strict({
    contentMd5: Type.String({ pattern: '^[A-Za-z0-9+/]{22}==$' }),
    contentType: Type.Literal('application/pdf'),
    fileName: Type.String({ maxLength: 100 }),
    fileSize: Type.Integer({ minimum: 1 }),
    convertToPDF: Type.Literal(false),
  }),
);
export const TsignUploadPlace = contract(
  'esign/tsign/upload-place',
  open({ fileId: Id, fileUploadUrl: Type.String({ maxLength: 4_000 }) }),
);
/** What the storage behind the upload link answers: another envelope than the API's. */
export const TsignUploaded = contract('esign/tsign/uploaded', open({ errCode: Type.Integer() }));
export const TsignFileState = contract('esign/tsign/file-state', open({ fileStatus: Type.Integer() }));

const Signer = strict({
  signerType: Type.Literal(1),
  signConfig: strict({ signOrder: Type.Integer({ minimum: 1, maximum: 255 }) }),
  orgSignerInfo: strict({
    orgName: Type.String(),
    orgInfo: strict({ orgIDCardNum: Type.String(), orgIDCardType: Type.Literal('CRED_ORG_USCC') }),
    transactorInfo: strict({
      psnAccount: Type.String(),
      psnInfo: strict({
        psnName: Type.String(),
        psnIDCardNum: Type.String(),
        psnIDCardType: Type.Literal('CRED_PSN_CH_IDCARD'),
        psnMobile: Type.String(),
      }),
    }),
  }),
  signFields: Type.Array(
    strict({
      fileId: Id,
      customBizNum: Id,
      signFieldType: Type.Literal(0),
      normalSignFieldConfig: strict({ autoSign: Type.Literal(false), freeMode: Type.Literal(true) }),
    }),
    { minItems: 1, maxItems: 300 },
  ),
});

export const TsignFlowCreated = contract(
  'esign/tsign/create-by-file',
  strict({
    docs: Type.Array(strict({ fileId: Id, fileName: Type.String() }), { minItems: 1, maxItems: 50 }),
    signFlowConfig: strict({
      signFlowTitle: Type.String({ minLength: 1, maxLength: 200, pattern: '^[^/\\\\:*"<>|？]+$' }),
      signFlowExpireTime: Millis,
      autoStart: Type.Literal(true),
      autoFinish: Type.Literal(true),
      notifyUrl: Type.String({ maxLength: 500 }),
      noticeConfig: strict({ noticeTypes: Type.String() }),
    }),
    // A flow is created with at most ten signers (vendor code 1437608).
    signers: Type.Array(Signer, { minItems: 1, maxItems: 10 }),
  }),
);
export const TsignFlowStarted = contract('esign/tsign/flow-started', open({ signFlowId: Id }));

export const TsignListAsked = contract(
  'esign/tsign/sign-flow-list',
  strict({
    pageNum: Type.Integer({ minimum: 1 }),
    pageSize: Type.Integer({ minimum: 1, maximum: 100 }),
    signFlowStartTimeFrom: Millis,
    signFlowStartTimeTo: Millis,
  }),
);
export const TsignList = contract(
  'esign/tsign/flows',
  open({
    total: Type.Integer({ minimum: 0 }),
    signFlowInfos: maybe(Type.Array(open({ signFlowId: Id, signFlowTitle: maybe(Type.String()) }), { maxItems: 100 })),
  }),
);

export const TsignDetail = contract(
  'esign/tsign/detail',
  open({
    signFlowStatus: Type.Integer(),
    signFlowFinishTime: maybe(Millis),
    signers: Type.Array(
      open({ signFields: maybe(Type.Array(open({ customBizNum: maybe(Type.String()) }), { maxItems: 300 })) }),
      { maxItems: 50 },
    ),
  }),
);

export const TsignDownloads = contract(
  'esign/tsign/file-download-url',
  open({
    files: Type.Array(open({ fileId: Id, fileName: Type.String(), downloadUrl: Type.String({ maxLength: 4_000 }) }), {
      maxItems: 50,
    }),
  }),
);

/** Any callback: the action decides what else is in it. */
export const TsignCallback = contract('esign/tsign/callback', open({ action: Type.String({ maxLength: 64 }) }));

/** 签署方签署结果通知. "MISSON" is the vendor's spelling. */
export const TsignMissionComplete = contract(
  'esign/tsign/sign-misson-complete',
  open({
    signFlowId: Id,
    customBizNum: maybe(Type.String()),
    signOrder: Type.Integer({ minimum: 1, maximum: 255 }),
    operateTime: Millis,
    signResult: Type.Integer(),
    operator: maybe(open({ psnId: maybe(Type.String()) })),
    organization: maybe(open({ orgId: maybe(Type.String()), orgName: maybe(Type.String({ maxLength: 100 })) })),
  }),
);

/** 流程结束通知. The status is a string here and a number in the detail. It names no number of ours. */
export const TsignFlowComplete = contract(
  'esign/tsign/sign-flow-complete',
  open({
    signFlowId: Id,
    signFlowStatus: Type.String({ pattern: '^\\d{1,2}$' }),
    signFlowFinishTime: maybe(Millis),
    timestamp: Millis,
  }),
);
