/**
 * e签宝 OpenAPI v3 on the wire: who may sign for whom (授权核验), and templates (模板填充). The envelopes are in
 * `tsign.wire.ts`.
 *
 * Found in the vendor's documents (open.esign.cn, auth3/xxz4tc 查询机构认证信息, 查询个人认证信息, seal3/totfte
 * 查询对内部成员印章授权详情, seal3/ups6h1 查询企业内部印章, pdf-sign3/aoq509, mv8a3i, qz4aip): paths, parameters, all fields and
 * their values. Nothing was tried on its test system.
 *
 * Chosen, since the documents are silent: `psnInfo` names are `psnName` and `psnIDCardNum` as in requests; several
 * `applicationsIds` stand in one string, separated by commas; `fileSize` of a filled file is that of the PDF.
 */
import { Type, type TProperties } from 'typebox';
import { contract, strict } from '../contract.ts';

/** Stands in the query of the next request, which is signed as it is: nothing in it may need encoding. */
const Id = Type.String({ maxLength: 64, pattern: '^[\\w-]+$' });
const Millis = Type.Integer({ minimum: 0, maximum: 9_999_999_999_999 });

/** An object of the vendor's: what we read is checked, the rest is let through. */
const open = <P extends TProperties>(properties: P) => Type.Object(properties, { additionalProperties: true });
const maybe = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Optional(Type.Union([schema, Type.Null()]));

/** `legalRepIDCardNum` is told when the company let the application see it. */
export const TsignOrgIdentity = contract(
  'esign/tsign/org-identity',
  open({
    realnameStatus: Type.Integer(),
    orgId: maybe(Id),
    orgName: maybe(Type.String({ maxLength: 200 })),
    orgInfo: maybe(
      open({
        orgIDCardNum: maybe(Type.String({ maxLength: 64 })),
        legalRepIDCardNum: maybe(Type.String({ maxLength: 64, 'x-pii': 'idNo' })),
      }),
    ),
  }),
);

/** `psnInfo` is told when the person let the application see it (`authorizeUserInfo`). */
export const TsignPersonIdentity = contract(
  'esign/tsign/person-identity',
  open({
    realnameStatus: Type.Integer(),
    psnId: maybe(Id),
    psnInfo: maybe(
      open({
        psnName: maybe(Type.String({ maxLength: 100, 'x-pii': 'name' })),
        psnIDCardNum: maybe(Type.String({ maxLength: 64, 'x-pii': 'idNo' })),
      }),
    ),
  }),
);

export const TsignGrants = contract(
  'esign/tsign/seal-grants',
  open({
    total: Type.Integer({ minimum: 0 }),
    sealAuthorizedInfos: maybe(
      Type.Array(
        open({
          sealId: Id,
          /** An account, or ALL. */
          authorizedPsnId: Id,
          authorizeStatus: Type.Integer(),
          longTermEffective: maybe(Type.Boolean()),
          expireTime: maybe(Millis),
          sealAuthScope: maybe(
            open({
              template: maybe(
                open({
                  templateId: maybe(Type.String({ maxLength: 1_000 })),
                  applicationsIds: maybe(Type.String({ maxLength: 1_000 })),
                }),
              ),
            }),
          ),
        }),
        { maxItems: 20 },
      ),
    ),
  }),
);

export const TsignSeals = contract(
  'esign/tsign/seals',
  open({
    total: Type.Integer({ minimum: 0 }),
    seals: maybe(
      Type.Array(
        open({
          sealId: Id,
          sealName: Type.String({ minLength: 1, maxLength: 100 }),
          sealBizType: Type.String({ maxLength: 40 }),
          sealStatus: Type.Integer(),
        }),
        { maxItems: 20 },
      ),
    ),
  }),
);

export const TsignTemplate = contract(
  'esign/tsign/doc-template',
  open({
    docTemplateId: Id,
    components: maybe(
      Type.Array(open({ componentKey: maybe(Type.String({ maxLength: 100 })), required: maybe(Type.Boolean()) }), {
        maxItems: 500,
      }),
    ),
  }),
);

export const TsignFillAsked = contract(
  'esign/tsign/create-by-doc-template',
  strict({
    docTemplateId: Id,
    fileName: Type.String({ minLength: 1, maxLength: 100, pattern: '^[^/\\\\:*"<>|？]+$' }),
    components: Type.Array(strict({ componentKey: Type.String(), componentValue: Type.String() }), {
      minItems: 1,
      maxItems: 100,
    }),
    requiredCheck: Type.Literal(true),
  }),
);
export const TsignFilled = contract('esign/tsign/filled', open({ fileId: Id }));

/** The link is null while the file is not ready. */
export const TsignFilledFile = contract(
  'esign/tsign/filled-file',
  open({
    fileId: Id,
    fileName: Type.String({ maxLength: 200 }),
    fileSize: Type.Integer({ minimum: 0 }),
    fileStatus: Type.Integer(),
    fileDownloadUrl: maybe(Type.String({ maxLength: 4_000 })),
  }),
);
