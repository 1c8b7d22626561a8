/**
 * CFCA 安心签 (TrustSign) on the wire: the JSON in the form field `data`, and what is answered. The vendor hands its manual
 * out under contract only. Transaction codes, field names, the answer to an upload and the shape of an error are as its
 * public demonstration programs and their users show them; nothing was tried on its test system.
 *
 * Chosen here, since nothing public says it: the numbers of a contract's states besides 1, every error code but 60030205,
 * that 3299 counts from 1, shows the newest first and the contracts in which the platform's own company is a party by copy
 * (`isSign` 0), and that 3002 for a company that has an account answers with that account.
 */
import { Type, type TProperties } from 'typebox';
import { contract, strict } from '../contract.ts';

/** `yyyyMMddHHmmss`, Beijing time. */
const TxTime = Type.String({ pattern: '^20\\d{12}$' });
const Name = Type.String({ minLength: 1, maxLength: 100 });
const Head = strict({ txTime: TxTime, locale: Type.Literal('zh_CN') });
/** An account of the vendor. */
const UserId = Type.String({ pattern: '^[0-9A-F]{32}$' });
/** Two letters of its type, the day, nine digits. */
export const AnxinContractNo = Type.String({ pattern: '^[A-Z]{2}\\d{17}$' });
/** The contracts of one envelope, together: as in the vendor's address for fetching several (`batchDownloading`). */
export const AnxinFlowId = Type.String({ pattern: '^[A-Z]{2}\\d{17}(@[A-Z]{2}\\d{17}){0,2}$' });

/** An object of the vendor's: what we read is checked, the rest is let through. */
const open = <P extends TProperties>(properties: P) => Type.Object(properties, { additionalProperties: true });
const maybe = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Optional(Type.Union([schema, Type.Null()]));

/** Every answer: a head that says success, or an error and nothing else. */
export const AnxinAnswer = contract(
  'esign/anxinsign/answer',
  Type.Union([
    open({ head: open({ retCode: Type.String({ minLength: 1, maxLength: 20 }), retMessage: maybe(Type.String()) }) }),
    open({ errorCode: Type.String({ minLength: 1, maxLength: 20 }), errorMessage: maybe(Type.String()) }),
  ]),
);

/** 3002: an account for a company (企业开户). */
export const AnxinEnterprise = contract(
  'esign/anxinsign/3002',
  strict({
    head: Head,
    enterprise: strict({
      enterpriseName: Name,
      /** Business licence (营业执照) by its unified code. */
      identTypeCode: Type.Literal('8'),
      identNo: Type.String({ maxLength: 18 }),
      mobilePhone: Type.String({ maxLength: 11, 'x-pii': 'phone' }),
      landlinePhone: Type.String({ maxLength: 20, 'x-pii': 'phone' }),
      /** By what means the platform verified the company. */
      authenticationMode: Name,
    }),
    enterpriseTransactor: strict({
      transactorName: Type.String({ maxLength: 50, 'x-pii': 'name' }),
      /** Resident identity card. */
      identTypeCode: Type.Literal('0'),
      identNo: Type.String({ maxLength: 18, 'x-pii': 'idNo' }),
    }),
  }),
);
export const AnxinEnterpriseOpened = contract(
  'esign/anxinsign/3002-answer',
  open({ enterprise: open({ userId: UserId, identNo: maybe(Type.String({ maxLength: 32 })) }) }),
);

/** 3203: a contract from a file (上传合同), which travels beside it as `contractFile`. */
export const AnxinUpload = contract(
  'esign/anxinsign/3203',
  strict({
    head: Head,
    uploadContract: strict({
      /** The platform itself gets a copy and does not sign. */
      isSign: Type.Literal(0),
      /** Other (其他). */
      contractTypeCode: Type.Literal('QT'),
      contractName: Name,
      signInfos: Type.Array(
        /** Nobody signs for them (不代签): they log in and use their own certificate. */
        strict({ userId: UserId, isProxySign: Type.Literal(0) }),
        { minItems: 1, maxItems: 50 },
      ),
    }),
  }),
);

/** 3210: one contract (查询合同). */
export const AnxinContractAsked = contract(
  'esign/anxinsign/3210',
  strict({ head: Head, contract: strict({ contractNo: AnxinContractNo }) }),
);

/** 3299: the contracts of one company, from one place in the list to another. */
export const AnxinListAsked = contract(
  'esign/anxinsign/3299',
  strict({
    head: Head,
    enterprise: strict({ enterpriseName: Name, identTypeCode: Type.Literal('8'), identNo: Type.String() }),
    beginIndex: Type.String({ pattern: '^[1-9]\\d{0,5}$' }),
    endIndex: Type.String({ pattern: '^[1-9]\\d{0,5}$' }),
  }),
);

/** A contract as 3203, 3210 and 3299 show it. */
const Shown = open({
  contractNo: AnxinContractNo,
  contractName: maybe(Type.String({ maxLength: 200 })),
  contractState: Type.Integer({ minimum: 0, maximum: 99 }),
  /** `yyyyMMdd`, the last day. */
  expiredDate: maybe(Type.String({ pattern: '^20\\d{6}$' })),
  signatories: maybe(
    Type.Array(open({ signTime: maybe(Type.Integer({ minimum: 2e13, maximum: 3e13 })) }), { maxItems: 60 }),
  ),
});
export const AnxinContract = contract('esign/anxinsign/contract', open({ contract: Shown }));
export const AnxinContracts = contract(
  'esign/anxinsign/contracts',
  open({ contract: Type.Array(Shown, { maxItems: 200 }) }),
);
