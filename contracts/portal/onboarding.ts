/** What is told of a company that comes in (入驻与实名): by the unit that recommends it, by the company itself, by the funders. */
import { Type } from 'typebox';
import {
  Account,
  BusinessDate,
  CompanyName,
  IdNo,
  PersonName,
  Phone,
  Sha256Hex,
  ShortText,
  Text,
  Uscc,
} from '../canonical/primitives.ts';
import { contract, strict } from '../contract.ts';
import { command } from './command.ts';

/** Becomes part of the numbers of requests, two of them of one: so it is short. */
const PlainNo = Type.String({
  pattern: '^[0-9A-Za-z][0-9A-Za-z-]{0,19}$',
  maxLength: 20,
  examples: ['RG20261123-0001'],
});
/** As the messages themselves take it (contracts/notify). */
const MailAddress = Type.String({
  pattern: '^[0-9A-Za-z_][0-9A-Za-z._%+-]{0,63}@([0-9A-Za-z]([0-9A-Za-z-]{0,61}[0-9A-Za-z])?\\.)+[A-Za-z]{2,24}$',
  maxLength: 200,
  'x-pii': 'address',
  examples: ['finance@dealer.example'],
});
const Contact = strict({ name: PersonName, phone: Phone, mail: MailAddress });

/** A unit recommends a customer (推荐客户), under its number in the unit's ERP, with the orders that are its history. */
export const Recommendation = contract(
  'portal/recommendation',
  strict({
    recommendationNo: PlainNo,
    projectId: ShortText,
    customerNo: ShortText,
    name: CompanyName,
    uscc: Uscc,
    contact: Contact,
    /** Of the last 12 to 24 months. None: people look at it first. */
    orderNos: Type.Array(ShortText, { maxItems: 24 }),
  }),
);

/** Another code for the same company and case; the earlier one is void. */
export const InvitationRenewal = contract(
  'portal/invitation-renewal',
  strict({ renewalNo: PlainNo, caseNo: ShortText, contact: Contact }),
);

/** As what a company may register itself. A funder needs a licence and is admitted by the operator. */
const AskedRole = Type.Union(
  (['DEALER', 'SUPPLIER', 'GUARANTOR', 'WAREHOUSE', 'SUPERVISOR'] as const).map((role) => Type.Literal(role)),
);

/** Registration (入驻) with the company's profile; again, under another number, where it was sent back. */
export const PartyRegistration = contract(
  'portal/party-registration',
  strict({
    registrationNo: PlainNo,
    caseNo: ShortText,
    invitationCode: ShortText,
    uscc: Uscc,
    name: CompanyName,
    registeredAddress: Text,
    establishedOn: BusinessDate,
    /** Absent `validTo`: for ever. */
    licence: strict({ sha256: Sha256Hex, validTo: Type.Optional(BusinessDate) }),
    legalRep: strict({ name: PersonName, idNo: IdNo, phone: Phone }),
    /** Who acts for it (经办人); may be the legal representative. */
    agent: strict({
      name: PersonName,
      idNo: IdNo,
      phone: Phone,
      cardNo: Type.Optional(Type.String({ pattern: '^\\d{12,19}$', maxLength: 19, 'x-pii': 'account' })),
    }),
    account: Account,
    roles: Type.Array(AskedRole, { minItems: 1, maxItems: 5, uniqueItems: true }),
    /** By what the agent shows that he may: the company's account, a power of attorney, or being its legal representative himself. */
    control: Type.Union([Type.Literal('ACCOUNT'), Type.Literal('POA'), Type.Literal('LEGAL_REP')]),
  }),
);

/** What it agrees to (数据授权, PIPL 23 and 29): each recipient by its name; the face apart from all else. */
export const ConsentSheet = contract(
  'portal/consent-sheet',
  strict({
    sheetNo: PlainNo,
    caseNo: ShortText,
    /** Of the text agreed to. */
    documentSha256: Sha256Hex,
    consents: Type.Array(strict({ purpose: ShortText, recipient: CompanyName, validTo: Type.Optional(BusinessDate) }), {
      minItems: 1,
      maxItems: 50,
    }),
    face: Type.Union([Type.Literal('agreed'), Type.Literal('refused')]),
  }),
);

/** The amount that came to the company's account, read in its statement. */
const AccountAmount = contract(
  'portal/account-amount',
  strict({
    tryNo: PlainNo,
    caseNo: ShortText,
    amount: Type.String({ pattern: '^0\\.(0[1-9]|[1-9]\\d)$', maxLength: 4, 'x-unit': 'CNY', examples: ['0.37'] }),
  }),
);

/** What a funder says of a company that was admitted (入驻备案, as HNDEMP 3103): its own number for it, or why it takes none of its business. */
const ArchiveAnswer = contract(
  'portal/archive-answer',
  strict({
    caseNo: ShortText,
    funderUscc: Uscc,
    answer: Type.Union([
      strict({ decision: Type.Literal('taken'), customerNo: ShortText }),
      strict({ decision: Type.Literal('refused'), reason: Text }),
    ]),
  }),
);

/** Somebody is to be put on the blacklist (黑名单): a company by its code, or a person by his identity number. */
export const BlacklistProposal = contract(
  'portal/blacklist-proposal',
  strict({
    entryNo: PlainNo,
    subject: Type.Union([strict({ uscc: Uscc }), strict({ idNo: IdNo })]),
    scope: Type.Union([Type.Literal('LOCAL'), Type.Literal('GROUP'), Type.Literal('SHARED')]),
    reasonCode: ShortText,
    source: Type.Enum(['DISHONEST_DEBTOR_LIST', 'OVERDUE', 'AML', 'FRAUD', 'MANUAL']),
    evidenceSha256: Sha256Hex,
  }),
);

const company = ['dealer', 'supplier', 'core', 'seller', 'keeper'] as const;

export const onboardingCommands = {
  customerRecommended: command({
    contract: Recommendation,
    label: { zh: '推荐客户', en: 'customer recommended' },
    path: 'recommendations',
    by: ['unit', 'core'],
    keyOf: (m) => m.recommendationNo,
    idOf: (m) => m.recommendationNo,
  }),
  invitationRenewed: command({
    contract: InvitationRenewal,
    label: { zh: '重新邀请', en: 'invited again' },
    path: 'invitation-renewals',
    by: ['operator'],
    keyOf: (m) => m.renewalNo,
    idOf: (m) => m.renewalNo,
  }),
  partyRegistered: command({
    contract: PartyRegistration,
    label: { zh: '企业注册', en: 'company registered' },
    path: 'party-registrations',
    by: company,
    keyOf: (m) => m.caseNo,
    idOf: (m) => m.registrationNo,
  }),
  consentsGiven: command({
    contract: ConsentSheet,
    label: { zh: '数据授权书', en: 'consent sheet' },
    path: 'consent-sheets',
    by: company,
    keyOf: (m) => m.caseNo,
    idOf: (m) => m.sheetNo,
  }),
  amountTyped: command({
    contract: AccountAmount,
    label: { zh: '回填打款金额', en: 'amount typed back' },
    path: 'account-amounts',
    by: company,
    keyOf: (m) => m.caseNo,
    idOf: (m) => m.tryNo,
  }),
  archiveAnswered: command({
    contract: ArchiveAnswer,
    label: { zh: '资方备案结果', en: 'archive answered' },
    path: 'archives',
    by: ['funder'],
    joins: true,
    keyOf: (m) => `${m.caseNo}/${m.funderUscc}`,
    idOf: (m) => `${m.caseNo}/${m.funderUscc}`,
  }),
  blacklistProposed: command({
    contract: BlacklistProposal,
    label: { zh: '黑名单提报', en: 'blacklist proposal' },
    path: 'blacklist-entries',
    by: ['operator', 'unit', 'funder'],
    keyOf: (m) => m.entryNo,
    idOf: (m) => m.entryNo,
  }),
};
