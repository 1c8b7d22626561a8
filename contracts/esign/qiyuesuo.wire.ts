/**
 * 契约锁 (Qiyuesuo) OpenAPI v2 on the wire. From the vendor's public documents (open.qiyuesuo.com: 合同管理, 合同详情, 下载,
 * 回调); nothing was tried on its test system.
 *
 * Chosen here, since the documents are silent: the callback's form (`signature`, `timestamp`, `content`, as the vendor
 * documents it for another callback), AES-128-ECB of `content` with the callback's secret key, the reply `{"code":0}`, the
 * status of a signatory, and that the detail tells when a contract was completed (`completeTime`). Because nothing of the
 * callback is sure, no fact is taken from it: it says which contract to look at.
 */
import { Type, type TProperties } from 'typebox';
import { contract, strict } from '../contract.ts';

/** Nineteen digits; as JSON it is text, since numbers of that size lose their last ones. */
const Id = Type.String({ pattern: '^\\d{1,32}$' });
/** `yyyy-MM-dd HH:mm:ss`, Beijing time. */
const LocalTime = Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2} \\d{2}:\\d{2}:\\d{2}$' });
const Name = Type.String({ minLength: 1, maxLength: 100 });

/** An object of the vendor's: what we read is checked, the rest is let through. */
const open = <P extends TProperties>(properties: P) => Type.Object(properties, { additionalProperties: true });
const maybe = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Optional(Type.Union([schema, Type.Null()]));

/** Every answer in JSON. The documents name now the one code, now the other; answers were seen to have both. */
export const QiyuesuoAnswer = contract(
  'esign/qiyuesuo/answer',
  open({
    code: Type.Integer(),
    responseCode: maybe(Type.String({ maxLength: 20 })),
    message: maybe(Type.String({ maxLength: 2_000 })),
    result: Type.Optional(Type.Unknown()),
  }),
);

export const QiyuesuoDraft = contract(
  'esign/qiyuesuo/draft',
  strict({
    subject: Name,
    bizId: Type.String({ minLength: 1, maxLength: 50 }),
    send: Type.Literal(false),
    ordinal: Type.Literal(true),
    expireTime: LocalTime,
    callbackUrl: Type.String({ maxLength: 300 }),
    signFlowStrategy: Type.Literal('ALL_SIGN_FINISH'),
    signatories: Type.Array(
      strict({
        tenantType: Type.Literal('COMPANY'),
        tenantName: Name,
        serialNo: Type.Integer({ minimum: 1, maximum: 50 }),
        receiver: strict({ name: Name, contact: Type.String(), contactType: Type.Literal('MOBILE') }),
        actions: Type.Array(
          strict({ type: Type.Literal('COMPANY'), name: Type.Literal('企业签章'), serialNo: Type.Literal(0) }),
          { minItems: 1, maxItems: 1 },
        ),
      }),
      { minItems: 1, maxItems: 50 },
    ),
  }),
);
export const QiyuesuoDrafted = contract('esign/qiyuesuo/drafted', open({ id: Id, bizId: maybe(Type.String()) }));
export const QiyuesuoDocumentAdded = contract('esign/qiyuesuo/document-added', open({ documentId: Id }));
export const QiyuesuoSend = contract('esign/qiyuesuo/send', strict({ contractId: Id }));

export const QiyuesuoDetail = contract(
  'esign/qiyuesuo/detail',
  open({
    id: Id,
    bizId: maybe(Type.String({ maxLength: 50 })),
    status: Type.String({ minLength: 1, maxLength: 40 }),
    completeTime: maybe(LocalTime),
    documents: maybe(Type.Array(open({ id: Id, title: maybe(Type.String()) }), { maxItems: 50 })),
    signatories: Type.Array(
      open({
        tenantName: Name,
        serialNo: Type.Integer({ minimum: 1, maximum: 50 }),
        status: Type.String({ minLength: 1, maxLength: 40 }),
        receiveTime: maybe(LocalTime),
        completeTime: maybe(LocalTime),
      }),
      { maxItems: 50 },
    ),
  }),
);

/** The callback's `content`, once it is opened. Which other fields there are depends on what happened. */
export const QiyuesuoCallback = contract(
  'esign/qiyuesuo/callback',
  open({
    contractId: Id,
    tenantName: maybe(Type.String({ maxLength: 100 })),
  }),
);
