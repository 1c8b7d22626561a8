/** What the hub tells itself of a company that comes in: what a source is asked and says, and that the company is admitted. */
import { Type } from 'typebox';
import { EnterpriseFactors } from '../cfca/cfca.ts';
import { CompanyName, ShortText, Text, Uscc } from '../canonical/primitives.ts';
import { contract, strict } from '../contract.ts';
import { notice } from '../kind.ts';

/** A source is asked in a run of its own: one that is silent for days must not hold up those who could decide by hand. */
export const EnterpriseInquiry = contract(
  'hub/enterprise-inquiry',
  strict({
    caseNo: ShortText,
    /** The company, by its id in the books. */
    party: ShortText,
    system: ShortText,
    factors: EnterpriseFactors.schema,
  }),
);

const EnterpriseAnswered = contract(
  'hub/enterprise-answered',
  strict({
    requestNo: ShortText,
    result: Type.Union([
      Type.Literal('match'),
      Type.Literal('mismatch'),
      Type.Literal('notFound'),
      Type.Literal('refused'),
    ]),
    detail: Type.Optional(Text),
  }),
);

const PartyActivated = contract(
  'hub/party-activated',
  strict({
    caseNo: ShortText,
    uscc: Uscc,
    name: CompanyName,
    roles: Type.Array(ShortText, { minItems: 1, maxItems: 9 }),
    projectId: ShortText,
  }),
);

export const onboardingNotices = {
  enterpriseInquiry: notice({
    contract: EnterpriseInquiry,
    label: { zh: '企业四要素待核验', en: 'enterprise factors to be verified' },
    keyOf: (m) => m.factors.requestNo,
    idOf: (m) => m.factors.requestNo,
  }),
  enterpriseAnswered: notice({
    contract: EnterpriseAnswered,
    label: { zh: '企业四要素核验结果', en: 'enterprise factors answered' },
    keyOf: (m) => m.requestNo,
    idOf: (m) => m.requestNo,
  }),
  partyActivated: notice({
    contract: PartyActivated,
    label: { zh: '企业准入', en: 'company admitted' },
    keyOf: (m) => m.uscc,
    idOf: (m) => m.caseNo,
  }),
};
