/**
 * 法大大 FASC OpenAPI 5.1 on the wire: who may sign for whom (授权核验), and templates (模板填充). The envelopes are in
 * `fasc.wire.ts`.
 *
 * Found in the vendor's documents and its SDKs: the paths; `/corp/get` by `corpIdentNo` and what it answers;
 * `/corp/get-identity-info`, `/user/get`, `/user/get-identity-info` with their states; `/seal/user/get-list` with types,
 * states and times; `/doc-template/get-detail`, and `/doc-template/fill-values` whole.
 *
 * Chosen, since the documents are silent: an unknown company or person is success with no data, or with no open id;
 * `/user/get` takes `accountName`, which is a telephone; the fields of `corpIdentInfo` and `userIdentInfo` are those of the
 * request for an authorisation link; `/corp/member/get-by-openId` answers with `memberId`, absent for who is no member;
 * `/seal/user/get-list` answers with `sealInfos`; times are digits in a string; `required` marks a field that
 * must be filled, `maxLength` one that takes so many characters; an unknown template is success with no data.
 */
import { Type, type TProperties } from 'typebox';
import { contract, strict } from '../contract.ts';

const Id = Type.String({ minLength: 1, maxLength: 64 });
const State = Type.String({ minLength: 1, maxLength: 40 });

/** An object of the vendor's: what we read is checked, the rest is let through. */
const open = <P extends TProperties>(properties: P) => Type.Object(properties, { additionalProperties: true });
const maybe = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Optional(Type.Union([schema, Type.Null()]));

/** SDKs disagree whether ids of members and seals are numbers or text. */
const NumberId = Type.Union([Id, Type.Integer({ minimum: 0 })]);

export const FascCorpAsked = contract('esign/fasc/corp', strict({ corpIdentNo: Type.String({ maxLength: 32 }) }));
export const FascUserAsked = contract(
  'esign/fasc/user',
  strict({ accountName: Type.String({ maxLength: 64, 'x-pii': 'phone' }) }),
);

/** What an application may know of an account, a company's or a person's: nobody is null. */
export const FascAccount = contract(
  'esign/fasc/account',
  Type.Union([
    open({
      openCorpId: maybe(Id),
      openUserId: maybe(Id),
      bindingStatus: State,
      identStatus: maybe(State),
      availableStatus: State,
    }),
    Type.Null(),
  ]),
);

export const FascCorpIdentityAsked = contract('esign/fasc/corp-identity', strict({ openCorpId: Id }));
export const FascCorpIdentity = contract(
  'esign/fasc/corp-identity-info',
  open({
    openCorpId: Id,
    corpIdentStatus: State,
    corpIdentInfo: open({
      corpName: Type.String({ maxLength: 200 }),
      corpIdentNo: Type.String({ maxLength: 64 }),
    }),
  }),
);

export const FascUserIdentityAsked = contract('esign/fasc/user-identity', strict({ openUserId: Id }));
export const FascUserIdentity = contract(
  'esign/fasc/user-identity-info',
  open({
    openUserId: Id,
    identStatus: State,
    userIdentInfo: open({
      userName: Type.String({ maxLength: 100, 'x-pii': 'name' }),
      userIdentNo: Type.String({ maxLength: 64, 'x-pii': 'idNo' }),
    }),
  }),
);

export const FascMemberAsked = contract('esign/fasc/member', strict({ openCorpId: Id, openUserId: Id }));
export const FascMember = contract(
  'esign/fasc/member-id',
  Type.Union([open({ memberId: maybe(NumberId) }), Type.Null()]),
);

export const FascGrantsAsked = contract('esign/fasc/seal-user', strict({ openCorpId: Id, memberId: NumberId }));
export const FascGrants = contract(
  'esign/fasc/seal-grants',
  open({
    sealInfos: maybe(
      Type.Array(
        open({
          sealId: NumberId,
          sealName: Type.String({ minLength: 1, maxLength: 100 }),
          categoryType: State,
          sealStatus: State,
          grantStatus: State,
          grantEndTime: maybe(Type.String({ pattern: '^\\d{13}$' })),
        }),
        { maxItems: 100 },
      ),
    ),
  }),
);

export const FascTemplateAsked = contract(
  'esign/fasc/doc-template',
  strict({ ownerId: strict({ idType: Type.Literal('corp'), openId: Id }), docTemplateId: Id }),
);
export const FascTemplate = contract(
  'esign/fasc/doc-template-detail',
  Type.Union([
    open({
      docTemplateId: Id,
      docFields: maybe(
        Type.Array(
          open({
            fieldName: Type.String({ maxLength: 100 }),
            required: maybe(Type.Boolean()),
            maxLength: maybe(Type.Integer({ minimum: 0 })),
          }),
          { maxItems: 500 },
        ),
      ),
    }),
    Type.Null(),
  ]),
);

export const FascFillAsked = contract(
  'esign/fasc/fill-values',
  strict({
    openCorpId: Id,
    docTemplateId: Id,
    fileName: Type.String({ minLength: 1, maxLength: 100, pattern: '^[^/\\\\:*"<>|？]+$' }),
    docFieldValues: Type.Array(strict({ fieldName: Type.String(), fieldValue: Type.String() }), {
      minItems: 1,
      maxItems: 100,
    }),
  }),
);
export const FascFilled = contract(
  'esign/fasc/filled',
  open({ fileId: Id, fileDownloadUrl: Type.String({ minLength: 1, maxLength: 4_000 }) }),
);
