/** What the hub writes into SAP, and how it reads back what became of it. */
import { Failure } from '../../contracts/failures.ts';
import { mapping } from '../../contracts/mapping.ts';
import { enquiry } from '../../contracts/kind.ts';
import { Acknowledged, ClearingPosted } from '../../contracts/sap/postings.ts';
import {
  AccDocument,
  Aleaud01,
  ClearingToPost,
  FoundIdoc,
  FoundPostings,
  IdocToConfirm,
  PostedDocument,
} from '../../contracts/sap/s4.postings.wire.ts';
import { currencyOf, idocStatuses, messageTypes, verdicts } from './s4.codes.ts';
import { alpha, alphaIn, isBlank, needed, wrong } from './s4.numbers.ts';

const accountDigits = 10;
const headerTextChars = 25;
const referenceChars = 16;
const itemTextChars = 50;
const statusTextChars = 70;
/** The bank's line first, then the customer's. */
const bankLine = '0000000001';
const customerLine = '0000000002';

/**
 * REF_DOC_NO (XBLNR) has 16 characters in capitals: `RP20261123-000001` is `RP20261123000001` there, and as it is in
 * HEADER_TXT. A number that does not fit is not posted: cut off, it could be another's. @throws Failure CONTRACT_VIOLATED
 */
export function referenceOf(clearingNo: string): string {
  const short = clearingNo.length <= referenceChars ? clearingNo : clearingNo.replaceAll(/[-_/.]/g, '');
  if (clearingNo.length > headerTextChars || !/^[A-Z0-9._/-]{1,16}$/.test(short))
    return wrong('#/clearingNo', 'reference', 'has no form of 16 capital letters and digits (REF_DOC_NO)');
  return short;
}

/** Bank clearing account to customer. The customer's line carries the open item, by which SAP clears the two. */
export const accDocumentOf = mapping(
  'sap.s4.clearing',
  ClearingToPost,
  AccDocument,
  ({ clearing, user, clearingAccount, documentType }) => {
    const text = (clearing.text ?? clearing.clearingNo).slice(0, itemTextChars);
    const currency = currencyOf(clearing.currency, '#/currency');
    return {
      DOCUMENTHEADER: {
        BUS_ACT: 'RFBU',
        USERNAME: user,
        HEADER_TXT: clearing.clearingNo,
        COMP_CODE: clearing.companyCode,
        DOC_DATE: clearing.postingDate,
        PSTNG_DATE: clearing.postingDate,
        DOC_TYPE: documentType,
        REF_DOC_NO: referenceOf(clearing.clearingNo),
      },
      ACCOUNTGL: [{ ITEMNO_ACC: bankLine, GL_ACCOUNT: alphaIn(clearingAccount, accountDigits), ITEM_TEXT: text }],
      ACCOUNTRECEIVABLE: [
        {
          ITEMNO_ACC: customerLine,
          CUSTOMER: alphaIn(clearing.customerNo, accountDigits),
          ALLOC_NMBR: alphaIn(clearing.documentNo, accountDigits),
          ITEM_TEXT: text,
        },
      ],
      CURRENCYAMOUNT: [
        { ITEMNO_ACC: bankLine, CURRENCY: currency, AMT_DOCCUR: clearing.amount },
        { ITEMNO_ACC: customerLine, CURRENCY: currency, AMT_DOCCUR: `-${clearing.amount}` },
      ],
    };
  },
);

export const clearingPostedOf = mapping(
  'sap.s4.clearing-posted',
  PostedDocument,
  ClearingPosted,
  ({ clearingNo, OBJ_TYPE, OBJ_KEY }) => {
    const key = /^(\d{10})(.{4})(\d{4})$/.exec(OBJ_KEY ?? '');
    if (OBJ_TYPE !== 'BKPFF' || !key)
      throw new Failure('ANSWER_UNVERIFIED', { detail: 'SAP says no number of an accounting document (OBJ_KEY)' });
    return postedAs(clearingNo, { BELNR: key[1], BUKRS: key[2]?.trim(), GJAHR: key[3] });
  },
);

const posting = enquiry(ClearingPosted);

/** A reference is found by two: XBLNR, and the whole number in the header text. */
export const clearingFoundOf = mapping(
  'sap.s4.clearing-found',
  FoundPostings,
  posting,
  ({ clearingNo, rows }) => {
    const own = rows.filter((row) => row.BKTXT === clearingNo);
    const standing = own.filter((row) => isBlank(row.STBLG));
    const [first] = standing;
    if (standing.length > 1)
      throw new Failure('OUTCOME_UNKNOWN', { detail: `SAP holds ${standing.length} documents under one reference` });
    if (first) return { outcome: 'confirmed' as const, response: postedAs(clearingNo, first) };
    const reversed = own[0];
    return reversed
      ? { outcome: 'refused' as const, code: 'REVERSED', detail: `reversed by ${alpha(reversed.STBLG ?? '')}` }
      : { outcome: 'notFound' as const };
  },
  {
    drops: { '/rows/[]/XBLNR': 'the dialect held it against the reference that was asked for' },
    leaves: {
      '/<outcome=pending>': 'a posting is there when its commit has come back',
    },
  },
);

function postedAs(
  clearingNo: string,
  row: { BELNR?: string | undefined; BUKRS?: string | undefined; GJAHR?: string | undefined },
) {
  return {
    clearingNo,
    companyCode: needed(row.BUKRS, 'BUKRS'),
    documentNo: alpha(needed(row.BELNR, 'BELNR')),
    fiscalYear: needed(row.GJAHR, 'GJAHR'),
  };
}

export const aleaudOf = mapping(
  'sap.s4.acknowledgement',
  IdocToConfirm,
  Aleaud01,
  ({ acknowledgement, ownNo, ownPartner, ownPort, partner, port, client, at }) => {
    const { messageNo, message, verdict, reason } = acknowledgement;
    if (!/^\d{1,16}$/.test(messageNo)) wrong('#/messageNo', 'pattern', 'is no number of an IDoc');
    const type = messageTypes.codeOf(message, '#/message');
    return {
      EDI_DC40: {
        TABNAM: 'EDI_DC40',
        MANDT: client,
        DOCNUM: ownNo,
        DIRECT: '2',
        IDOCTYP: 'ALEAUD01',
        MESTYP: 'ALEAUD',
        SNDPOR: ownPort,
        SNDPRT: 'LS',
        SNDPRN: ownPartner,
        RCVPOR: port,
        RCVPRT: 'LS',
        RCVPRN: partner,
        CREDAT: at.slice(0, 10).replaceAll('-', ''),
        CRETIM: at.slice(11, 19).replaceAll(':', ''),
      },
      E1ADHDR: {
        MESTYP: type,
        MESTYP_LNG: type,
        E1STATE: {
          DOCNUM: alphaIn(messageNo, 16),
          STATUS: verdicts.codeOf(verdict, '#/verdict'),
          STATXT: (reason ?? '').slice(0, statusTextChars),
        },
      },
    };
  },
);

export const acknowledgementFoundOf = mapping(
  'sap.s4.acknowledgement-found',
  FoundIdoc,
  enquiry(Acknowledged),
  ({ messageNo, rows }) => {
    const [row] = rows;
    const verdict = row ? idocStatuses.of(row.STATUS ?? '', 'EDIDC/STATUS') : 'sent';
    return verdict === 'sent'
      ? { outcome: 'notFound' as const }
      : { outcome: 'confirmed' as const, response: { messageNo, verdict } };
  },
  {
    drops: { '/rows/[]/DOCNUM': 'the dialect held it against the number that was asked for' },
    leaves: {
      '/<outcome=pending>': 'SAP sets the status when it takes the confirmation',
      '/<outcome=refused>': 'SAP keeps no confirmation that it did not take',
    },
  },
);
