/**
 * Messages by which the hub writes into SAP, and by which it asks what became of them.
 *
 * Known: the structures of BAPI_ACC_DOCUMENT_POST (SAP's dump), RFC_READ_TABLE with BKPF and EDIDC, the segments of ALEAUD01
 * (SAP's help). Chosen by the hub: the number of the instruction stands in REF_DOC_NO, shortened to its 16 characters, and
 * whole in HEADER_TXT; the open item that is paid stands in ALLOC_NMBR, by which automatic clearing finds it.
 */
import { Type, type TProperties } from 'typebox';
import { BusinessDate, Instant, ShortText } from '../canonical/primitives.ts';
import { contract, strict } from '../contract.ts';
import { Acknowledgement, Clearing } from './postings.ts';
import { fieldCharsMax } from './s4.wire.ts';

const Field = Type.Optional(Type.String({ maxLength: fieldCharsMax }));
const Cell = Type.String({ maxLength: fieldCharsMax });
const rows = <P extends TProperties>(properties: P) => Type.Array(strict(properties), { maxItems: 10 });

/** What is posted, and by whom on which account: the hub's own settings. */
export const ClearingToPost = contract(
  'sap/s4/clearing-to-post',
  strict({ clearing: Clearing.schema, user: ShortText, clearingAccount: ShortText, documentType: ShortText }),
);

/** BAPI_ACC_DOCUMENT_POST: what goes in. Dates as in XML. */
export const AccDocument = contract(
  'sap/s4/acc-document',
  strict({
    DOCUMENTHEADER: strict({
      BUS_ACT: Cell,
      USERNAME: Cell,
      HEADER_TXT: Type.String({ minLength: 1, maxLength: 25 }),
      COMP_CODE: Type.String({ minLength: 1, maxLength: 4 }),
      DOC_DATE: BusinessDate,
      PSTNG_DATE: BusinessDate,
      DOC_TYPE: Type.String({ minLength: 1, maxLength: 2 }),
      REF_DOC_NO: Type.String({ pattern: '^[A-Z0-9._/-]{1,16}$', maxLength: 16 }),
    }),
    ACCOUNTGL: rows({
      ITEMNO_ACC: Cell,
      GL_ACCOUNT: Type.String({ minLength: 1, maxLength: 10 }),
      ITEM_TEXT: Type.String({ maxLength: 50 }),
    }),
    ACCOUNTRECEIVABLE: rows({
      ITEMNO_ACC: Cell,
      CUSTOMER: Type.String({ minLength: 1, maxLength: 10 }),
      ALLOC_NMBR: Type.String({ minLength: 1, maxLength: 18 }),
      ITEM_TEXT: Type.String({ maxLength: 50 }),
    }),
    CURRENCYAMOUNT: rows({ ITEMNO_ACC: Cell, CURRENCY: Cell, AMT_DOCCUR: Cell }),
  }),
);

/** BAPI_ACC_DOCUMENT_POST: what comes back beside RETURN. OBJ_KEY is document, company code and year, 10 + 4 + 4. */
export const PostedDocument = contract(
  'sap/s4/posted-document',
  strict({ clearingNo: ShortText, OBJ_TYPE: Field, OBJ_KEY: Field }),
);

/** Rows of BKPF under one reference. STBLG is the document that reverses it. */
export const FoundPostings = contract(
  'sap/s4/found-postings',
  strict({
    clearingNo: ShortText,
    rows: Type.Array(strict({ BUKRS: Field, BELNR: Field, GJAHR: Field, XBLNR: Field, STBLG: Field, BKTXT: Field })),
  }),
);

/** Who confirms to whom, and when: SAP's local time. */
export const IdocToConfirm = contract(
  'sap/s4/idoc-to-confirm',
  strict({
    acknowledgement: Acknowledgement.schema,
    ownNo: Type.String({ pattern: '^\\d{16}$', maxLength: 16 }),
    ownPartner: ShortText,
    ownPort: ShortText,
    partner: ShortText,
    port: ShortText,
    client: ShortText,
    at: Instant,
  }),
);

/** IDoc basic type ALEAUD01: the audit confirmation that goes to `/sap/bc/idoc_xml`. */
export const Aleaud01 = contract(
  'sap/s4/aleaud01',
  strict({
    EDI_DC40: strict({
      TABNAM: Cell,
      MANDT: Cell,
      DOCNUM: Cell,
      DIRECT: Cell,
      IDOCTYP: Cell,
      MESTYP: Cell,
      SNDPOR: Cell,
      SNDPRT: Cell,
      SNDPRN: Cell,
      RCVPOR: Cell,
      RCVPRT: Cell,
      RCVPRN: Cell,
      CREDAT: Type.String({ pattern: '^\\d{8}$', maxLength: 8 }),
      CRETIM: Type.String({ pattern: '^\\d{6}$', maxLength: 6 }),
    }),
    E1ADHDR: strict({
      MESTYP: Cell,
      MESTYP_LNG: Cell,
      E1STATE: strict({
        DOCNUM: Type.String({ pattern: '^\\d{16}$', maxLength: 16 }),
        STATUS: Cell,
        STATXT: Type.String({ maxLength: 70 }),
      }),
    }),
  }),
);

/** The row of EDIDC of one IDoc. */
export const FoundIdoc = contract(
  'sap/s4/found-idoc',
  strict({ messageNo: ShortText, rows: Type.Array(strict({ DOCNUM: Field, STATUS: Field })) }),
);
