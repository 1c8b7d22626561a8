/** Electronic signature (电子签约): an envelope of documents, ordered signers, and the signed files. */
import { Type } from 'typebox';
import { Company, IdNo, Instant, PersonName, Phone, Sha256Hex, ShortText, Text } from '../canonical/primitives.ts';
import { contract, strict } from '../contract.ts';
import { enquiry, kind, notice, operation, QueryByNumber } from '../kind.ts';

const Pdf = Type.String({ contentEncoding: 'base64', maxLength: 4_000_000 });

export const Envelope = contract(
  'esign/envelope',
  strict({
    envelopeNo: ShortText,
    title: Text,
    documents: Type.Array(strict({ fileName: ShortText, sha256: Sha256Hex, contentBase64: Pdf }), {
      minItems: 1,
      maxItems: 20,
    }),
    signers: Type.Array(
      strict({
        order: Type.Integer({ minimum: 1, maximum: 50 }),
        company: Company,
        person: strict({ name: PersonName, idNo: IdNo, phone: Phone }),
      }),
      { minItems: 1, maxItems: 50 },
    ),
    deadline: Instant,
  }),
);
const EnvelopeStarted = contract('esign/envelope-started', strict({ vendorFlowId: ShortText }));

const Status = Type.Union([
  Type.Literal('signing'),
  Type.Literal('completed'),
  Type.Literal('revoked'),
  Type.Literal('expired'),
  Type.Literal('refused'),
]);

const Person = strict({ name: PersonName, idNo: IdNo, phone: Phone });

export const AuthorityAsked = contract('esign/authority-asked', strict({ company: Company, person: Person }));

const SealType = Type.Union([
  Type.Literal('official'),
  Type.Literal('contract'),
  Type.Literal('finance'),
  Type.Literal('personnel'),
  Type.Literal('legalRepresentative'),
  Type.Literal('other'),
]);

/**
 * Unknown is whom the vendor has not verified under this number and this name, or who does not let us ask. Not authorised is
 * a verified person without a seal of a verified company: never granted, not granted yet, over, or of a seal out of use.
 */
export const Authority = contract(
  'esign/authority',
  strict({
    result: Type.Union([
      Type.Literal('authorised'),
      Type.Literal('notAuthorised'),
      Type.Literal('companyUnknown'),
      Type.Literal('personUnknown'),
    ]),
    /** The seals (印章) that this person may put under a document now. */
    scope: Type.Array(
      strict({ sealId: ShortText, sealName: Type.String({ minLength: 1, maxLength: 100 }), sealType: SealType }),
      { maxItems: 100 },
    ),
    /** Until then all of the scope stands; absent when none of it ends. */
    validTo: Type.Optional(Instant),
    vendorRefs: strict({ company: Type.Optional(ShortText), person: Type.Optional(ShortText) }),
  }),
);

export const TemplateFill = contract(
  'esign/template-fill',
  strict({
    /** Names the file: `<requestNo>.pdf`. */
    requestNo: Type.String({ minLength: 1, maxLength: 64, pattern: '^[\\w-]+$' }),
    templateId: ShortText,
    fields: Type.Array(
      strict({
        name: Type.String({ minLength: 1, maxLength: 64, pattern: '^\\P{Cc}+$' }),
        value: Type.String({ maxLength: 2_000 }),
      }),
      { minItems: 1, maxItems: 100 },
    ),
  }),
);
/** As `startEnvelope` takes a document. */
const FilledDocument = contract(
  'esign/filled-document',
  strict({ fileName: ShortText, sha256: Sha256Hex, contentBase64: Pdf }),
);

/** Completed means: the vendor says so, and the file was fetched and carries what was sent (domain.md 1.11). */
const SignedDocuments = contract(
  'esign/signed-documents',
  strict({
    vendorFlowId: ShortText,
    documents: Type.Array(
      strict({
        fileName: ShortText,
        originalSha256: Sha256Hex,
        sha256: Sha256Hex,
        bytes: Type.Integer({ minimum: 1 }),
      }),
      {
        minItems: 1,
        maxItems: 20,
      },
    ),
  }),
);

export const SignerActed = contract(
  'esign/signer-acted',
  strict({
    envelopeNo: ShortText,
    vendorFlowId: ShortText,
    signer: Type.String({ maxLength: 100 }),
    order: Type.Integer({ minimum: 1, maximum: 50 }),
    result: Type.Union([Type.Literal('signed'), Type.Literal('refused')]),
    at: Instant,
  }),
);

export const EnvelopeFinished = contract(
  'esign/envelope-finished',
  strict({ envelopeNo: ShortText, vendorFlowId: ShortText, status: Status, at: Instant }),
);

export const esign = kind(
  'esign',
  {
    startEnvelope: operation({
      request: Envelope,
      response: EnvelopeStarted,
      effect: 'write',
      idempotent: false, // The vendor opens a second flow for the same documents: query, never send again blindly.
      query: 'queryEnvelope',
      numberOf: (r) => r.envelopeNo,
      label: { zh: '发起签署', en: 'start signing' },
    }),
    queryEnvelope: operation({
      request: QueryByNumber,
      response: enquiry(EnvelopeStarted),
      effect: 'read',
      label: { zh: '查询签署流程', en: 'query envelope' },
    }),
    readEnvelope: operation({
      request: QueryByNumber,
      response: enquiry(EnvelopeFinished),
      effect: 'read',
      label: { zh: '查询签署结果', en: 'query signing result' },
    }),
    fetchDocuments: operation({
      request: contract(
        'esign/fetch-documents',
        strict({
          vendorFlowId: ShortText,
          documents: Type.Array(strict({ fileName: ShortText, sha256: Sha256Hex }), { minItems: 1, maxItems: 20 }),
        }),
      ),
      response: SignedDocuments,
      effect: 'read',
      label: { zh: '下载并核验已签文件', en: 'fetch and verify the signed files' },
    }),
    checkAuthority: operation({
      request: AuthorityAsked,
      response: Authority,
      effect: 'read',
      label: { zh: '授权核验', en: 'check authority to sign' },
    }),
    /**
     * It leaves a file at the vendor that nobody sees and no envelope holds: a fill that is repeated is one more of them.
     * That changes nothing that matters, so it may be repeated freely, and needs no query.
     */
    fillTemplate: operation({
      request: TemplateFill,
      response: FilledDocument,
      effect: 'read',
      label: { zh: '模板填充', en: 'fill a template' },
    }),
  },
  {
    signerActed: notice({
      contract: SignerActed,
      label: { zh: '签署人已签署', en: 'signer acted' },
      keyOf: (m) => m.envelopeNo,
      idOf: (m) => `${m.vendorFlowId}/${m.order}/${m.result}`,
      reports: { operation: 'startEnvelope', verdict: () => 'happened' },
    }),
    envelopeFinished: notice({
      contract: EnvelopeFinished,
      label: { zh: '签署流程结束', en: 'envelope finished' },
      keyOf: (m) => m.envelopeNo,
      idOf: (m) => `${m.vendorFlowId}/${m.status}`,
      reports: { operation: 'startEnvelope', verdict: () => 'happened' },
    }),
  },
);
