/** What trading unit and dealer tell the hub of a spot pledge and of the steps that other financings share with it. */
import { Type } from 'typebox';
import {
  Account,
  BusinessDate,
  CompanyName,
  Currency,
  IdNo,
  LotQuantity,
  PersonName,
  Phone,
  Sha256Hex,
  ShortText,
  Text,
  Uscc,
  Yuan,
} from '../canonical/primitives.ts';
import { contract, strict } from '../contract.ts';
import { TradeOrder } from '../sap/sap.ts';
import { command } from './command.ts';

const Document = strict({
  /** `purchaseContract`, `supervisionAgreement`, `invoice`, `ownershipProof`, `loanContract`, `pledgeContract`. */
  type: ShortText,
  name: Text,
  sha256: Sha256Hex,
});

/** Registration (入驻) of a dealer on an invitation: who it is, who acts for it, what it consents to. */
export const Registration = contract(
  'portal/registration',
  strict({
    invitationCode: ShortText,
    caseNo: ShortText,
    uscc: Uscc,
    name: CompanyName,
    legalRep: strict({ name: PersonName, idNo: IdNo }),
    agent: strict({
      name: PersonName,
      idNo: IdNo,
      phone: Phone,
      cardNo: Type.String({ pattern: '^\\d{12,19}$', maxLength: 19, 'x-pii': 'account' }),
    }),
    account: Account,
    /** Purposes and recipients the company agreed to (PIPL 23): each funder is named. */
    consents: Type.Array(strict({ purpose: ShortText, recipient: CompanyName }), { minItems: 1, maxItems: 50 }),
  }),
);

/** Contract and agreements of the project (采购合同、三方监管协议), by the trading unit. */
const ProjectDocuments = contract(
  'portal/project-documents',
  strict({
    caseNo: ShortText,
    contractNo: ShortText,
    signedOn: BusinessDate,
    warehouse: strict({ code: ShortText, name: CompanyName, uscc: Uscc }),
    seller: strict({ name: CompanyName, uscc: Uscc, account: Account }),
    /** What the three-party supervision agreement (三方监管协议) says: for whom the supervisor holds the goods (担保制度解释 55). */
    supervision: Type.Optional(
      strict({
        agreementNo: ShortText,
        principals: Type.Array(strict({ name: CompanyName, uscc: Uscc }), { minItems: 1, maxItems: 10 }),
        supervisor: strict({ name: CompanyName, uscc: Uscc }),
      }),
    ),
    documents: Type.Array(Document, { minItems: 1, maxItems: 50 }),
  }),
);

/** Financing application (融资申请) with the loan and pledge contract data. */
const Application = contract(
  'portal/application',
  strict({
    applicationNo: ShortText,
    caseNo: ShortText,
    borrowerUscc: Uscc,
    amount: Yuan,
    currency: Currency,
    tenorDays: Type.Integer({ minimum: 1, maximum: 365 }),
    purpose: Text,
    documents: Type.Array(Document, { minItems: 1, maxItems: 50 }),
    /** Where several funders finance the project: how they are asked, and whom the borrower would rather have. */
    routing: Type.Optional(
      strict({
        mode: Type.Optional(Type.Enum(['SEQUENTIAL', 'OFFER', 'MANUAL'], { type: 'string' })),
        preferred: Type.Optional(Type.Array(Uscc, { minItems: 1, maxItems: 20 })),
      }),
    ),
  }),
);

/** Repayment and release (还款及解质押申请). */
export const ReleaseApplication = contract(
  'portal/release-application',
  strict({
    releaseNo: ShortText,
    caseNo: ShortText,
    applicationNo: ShortText,
    borrowerUscc: Uscc,
    /** What is repaid with it; absent: all that is owed. */
    amount: Type.Optional(Yuan),
    /** Absent: all that is pledged. */
    lots: Type.Optional(Type.Array(LotQuantity, { minItems: 1, maxItems: 500 })),
    picker: strict({ name: PersonName, idNo: IdNo, vehicle: ShortText }),
  }),
);

export const financingCommands = {
  orderPlaced: command({
    contract: TradeOrder,
    label: { zh: '推送订单', en: 'order pushed' },
    path: 'orders',
    by: ['unit'],
    keyOf: (m) => m.orderNo,
    idOf: (m) => m.orderNo,
    volatile: ['messageNo', 'sentAt'],
  }),
  registered: command({
    contract: Registration,
    label: { zh: '企业入驻', en: 'dealer registered' },
    path: 'registrations',
    by: ['dealer'],
    keyOf: (m) => m.caseNo,
    idOf: (m) => m.uscc,
  }),
  documentsSubmitted: command({
    contract: ProjectDocuments,
    label: { zh: '合同及协议', en: 'project documents' },
    path: 'project-documents',
    by: ['unit'],
    keyOf: (m) => m.caseNo,
    // Handed in again with another agreement it is another paper.
    idOf: (m) => (m.supervision ? `${m.contractNo} ${m.supervision.agreementNo}` : m.contractNo),
  }),
  applicationSubmitted: command({
    contract: Application,
    label: { zh: '融资申请', en: 'financing application' },
    path: 'applications',
    by: ['dealer'],
    keyOf: (m) => m.caseNo,
    idOf: (m) => m.applicationNo,
  }),
  releaseApplied: command({
    contract: ReleaseApplication,
    label: { zh: '还款及解押申请', en: 'repayment and release application' },
    path: 'releases',
    by: ['dealer'],
    keyOf: (m) => m.releaseNo,
    idOf: (m) => m.releaseNo,
  }),
};
