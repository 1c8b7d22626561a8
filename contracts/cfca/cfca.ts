/** Identity verification (实名认证). The two "four factors" (四要素) prove different things and are never merged (domain.md 1.3). */
import { Type } from 'typebox';
import { CompanyName, IdNo, PersonName, Phone, ShortText, Uscc } from '../canonical/primitives.ts';
import { contract, strict } from '../contract.ts';
import { enquiry, kind, operation, QueryByNumber } from '../kind.ts';

/** Three answers; a channel error is the failure IDV_CHANNEL, never an answer. */
export const Verification = contract(
  'cfca/verification',
  strict({
    requestNo: ShortText,
    result: Type.Union([Type.Literal('match'), Type.Literal('mismatch'), Type.Literal('notFound')]),
    /** The factors that differ, by their name in the request. */
    mismatched: Type.Array(ShortText, { maxItems: 8 }),
    serialNo: ShortText,
    charged: Type.Boolean(),
  }),
);

export const EnterpriseFactors = contract(
  'cfca/enterprise-factors',
  strict({ requestNo: ShortText, name: CompanyName, uscc: Uscc, legalRepName: PersonName, legalRepIdNo: IdNo }),
);

export const BankcardFactors = contract(
  'cfca/bankcard-factors',
  strict({
    requestNo: ShortText,
    name: PersonName,
    idNo: IdNo,
    cardNo: Type.String({ pattern: '^\\d{12,19}$', maxLength: 19, 'x-pii': 'account' }),
    phone: Phone,
  }),
);

export const cfca = kind(
  'cfca',
  {
    verifyEnterprise: operation({
      request: EnterpriseFactors,
      response: Verification,
      effect: 'write',
      idempotent: true,
      query: 'queryVerification',
      numberOf: (r) => r.requestNo,
      label: { zh: '企业四要素核验', en: 'enterprise four factors' },
    }),
    verifyBankcard: operation({
      request: BankcardFactors,
      response: Verification,
      effect: 'write',
      idempotent: true,
      query: 'queryVerification',
      numberOf: (r) => r.requestNo,
      label: { zh: '银行卡四要素核验', en: 'bankcard four factors' },
    }),
    queryVerification: operation({
      request: QueryByNumber,
      response: enquiry(Verification),
      effect: 'read',
      label: { zh: '查询核验结果', en: 'query verification' },
    }),
  },
  {},
);
