/**
 * 法大大 FASC OpenAPI 5.1 on the wire: what stands as JSON in the form field `bizContent`, and what is answered. From the
 * vendor's public documents (dev.fadada.com: 签署任务, 文档处理, 回调事件) and its SDKs; nothing was tried on its test system.
 *
 * Chosen here, since the documents are silent or contradict each other: times in `eventTime` and `finishTime` are digits
 * in a string; `cancelStatus` is read as true, 1 or "1"; participants are flat (`notifyAddress`), not nested as in older
 * SDKs; the query is `/sign-task/get-detail`, not the older `/sign-task/app/get-detail`.
 */
import { Type, type TProperties } from 'typebox';
import { contract, strict } from '../contract.ts';

const Id = Type.String({ minLength: 1, maxLength: 64 });
const Millis = Type.String({ pattern: '^\\d{13}$' });
const Link = Type.String({ maxLength: 4_000 });
const FileName = Type.String({ minLength: 1, maxLength: 100, pattern: '^[^/\\\\:*"<>|?]+$' });

/** An object of the vendor's: what we read is checked, the rest is let through. */
const open = <P extends TProperties>(properties: P) => Type.Object(properties, { additionalProperties: true });
const maybe = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Optional(Type.Union([schema, Type.Null()]));

/** Every answer. `code` is text, and "100000" alone is success. */
export const FascAnswer = contract(
  'esign/fasc/answer',
  open({
    code: Type.String({ minLength: 1, maxLength: 20 }),
    msg: maybe(Type.String({ maxLength: 2_000 })),
    data: Type.Optional(Type.Unknown()),
  }),
);

export const FascToken = contract(
  'esign/fasc/access-token',
  open({
    accessToken: Type.String({ minLength: 1, maxLength: 512 }),
    expiresIn: Type.String({ pattern: '^\\d{1,6}$' }),
  }),
);

export const FascUploadAsked = contract('esign/fasc/get-upload-url', strict({ fileType: Type.Literal('doc') }));
export const FascUploadPlace = contract('esign/fasc/upload-place', open({ uploadUrl: Link, fddFileUrl: Link }));

export const FascProcessAsked = contract(
  'esign/fasc/process',
  strict({
    fddFileUrlList: Type.Array(
      strict({
        fileType: Type.Literal('doc'),
        fddFileUrl: Link,
        fileName: FileName,
        fileFormat: Type.Literal('pdf'),
      }),
      { minItems: 1, maxItems: 1 },
    ),
  }),
);
export const FascProcessed = contract(
  'esign/fasc/processed',
  open({ fileIdList: Type.Array(open({ fileId: Id, fddFileUrl: Link }), { minItems: 1, maxItems: 1 }) }),
);

const Actor = strict({
  actor: strict({
    actorType: Type.Literal('corp'),
    /** Ours: comes back with each event of this participant. */
    actorId: Type.String({ pattern: '^signer-\\d{1,2}$' }),
    actorName: Type.String({ maxLength: 128 }),
    permissions: Type.Array(Type.Literal('sign'), { minItems: 1, maxItems: 1 }),
    identNameForMatch: Type.String({ maxLength: 100 }),
    certNoForMatch: Type.String({ maxLength: 32 }),
    sendNotification: Type.Literal(true),
    notifyType: Type.Array(Type.Union([Type.Literal('start'), Type.Literal('finish')]), { minItems: 1, maxItems: 2 }),
    notifyAddress: Type.String({ maxLength: 64 }),
  }),
  signConfigInfo: strict({
    orderNo: Type.Integer({ minimum: 1, maximum: 50 }),
    requestMemberSign: Type.Literal(true),
  }),
});

export const FascTaskCreated = contract(
  'esign/fasc/create',
  strict({
    initiator: strict({ idType: Type.Literal('corp'), openId: Id }),
    signTaskSubject: Type.String({ minLength: 1, maxLength: 200 }),
    signDocType: Type.Literal('contract'),
    expiresTime: Millis,
    autoStart: Type.Literal(true),
    autoFinish: Type.Literal(true),
    autoFillFinalize: Type.Literal(true),
    signInOrder: Type.Literal(true),
    transReferenceId: Type.String({ minLength: 1, maxLength: 128 }),
    callbackUrl: Type.String({ maxLength: 500 }),
    docs: Type.Array(
      strict({ docId: Id, docName: FileName, docFileId: Type.String({ minLength: 1, maxLength: 32 }) }),
      {
        minItems: 1,
        maxItems: 50,
      },
    ),
    actors: Type.Array(Actor, { minItems: 1, maxItems: 50 }),
  }),
);
export const FascTaskStarted = contract('esign/fasc/task-started', open({ signTaskId: Id }));

export const FascListAsked = contract(
  'esign/fasc/get-list',
  strict({
    ownerId: strict({ idType: Type.Literal('corp'), openId: Id }),
    ownerRole: Type.Literal('initiator'),
    listFilter: strict({ startTimeFrom: Millis, startTimeTo: Millis }),
    listPageNo: Type.Integer({ minimum: 1 }),
    listPageSize: Type.Integer({ minimum: 1, maximum: 100 }),
  }),
);
export const FascList = contract(
  'esign/fasc/tasks',
  open({
    totalCount: Type.Integer({ minimum: 0 }),
    signTasks: maybe(Type.Array(open({ signTaskId: Id, transReferenceId: maybe(Type.String()) }), { maxItems: 100 })),
  }),
);

export const FascDetailAsked = contract('esign/fasc/get-detail', strict({ signTaskId: Id }));
export const FascDetail = contract(
  'esign/fasc/detail',
  open({
    signTaskId: Id,
    signTaskStatus: Type.String({ minLength: 1, maxLength: 40 }),
    transReferenceId: maybe(Type.String({ maxLength: 128 })),
    cancelStatus: maybe(Type.Union([Type.Boolean(), Type.Integer(), Type.String({ maxLength: 5 })])),
    finishTime: maybe(Millis),
  }),
);

export const FascFilesAsked = contract('esign/fasc/get-file', strict({ signTaskId: Id }));
export const FascFiles = contract(
  'esign/fasc/files',
  open({ docs: Type.Array(open({ docName: Type.String({ maxLength: 200 }), fddFileUrl: Link }), { maxItems: 50 }) }),
);

/** What is signed in an event beside the headers; the event itself is named in a header. */
export const FascTaskEvent = contract(
  'esign/fasc/task-event',
  open({
    eventTime: Millis,
    signTaskId: Id,
    signTaskStatus: Type.String({ minLength: 1, maxLength: 40 }),
    transReferenceId: maybe(Type.String({ maxLength: 128 })),
    actorId: maybe(Type.String({ maxLength: 32 })),
    corpName: maybe(Type.String({ maxLength: 100 })),
    userName: maybe(Type.String({ maxLength: 100 })),
  }),
);
