/**
 * CPCN (中金支付) on the wire, as the plain objects that the dialect puts into and takes out of the XML: field names as the
 * gateway spells them, every value text. The envelope (`Request/Head/TxCode`, `InstitutionID`) is the dialect's.
 *
 * What is known of a field is marked, because the gateway's document is handed out under contract only:
 * no mark: seen in code that talks to the gateway; [M]: from memory; [X]: chosen here until the document is in hand.
 * Codes that are chosen contain an `X`, which no code of the gateway that we have seen does: none can be mistaken for a real one.
 */
import { Type } from 'typebox';
import { AccountNo, CompanyName, ShortText, Uscc } from '../canonical/primitives.ts';
import { contract, strict } from '../contract.ts';

/** Seventeen digits yyyyMMddHHmmssSSS, then what makes it ours. */
const TxSn = Type.String({ pattern: '^\\d{17}[A-Z]{1,12}$', maxLength: 29 });
const Fen = Type.String({ pattern: '^[1-9]\\d{0,16}$', maxLength: 17, 'x-unit': 'fen' });
const Code = Type.String({ pattern: '^[0-9A-Z]{1,16}$', maxLength: 16 });
const Words = Type.String({ maxLength: 500 });
/** yyyyMMddHHmmss, Asia/Shanghai. */
const Time14 = Type.String({ pattern: '^\\d{14}$', maxLength: 14 });

/** 2310: does this account belong to this company? Nothing is moved, nothing is numbered. */
export const Cpcn2310 = contract(
  'clearing/cpcn/2310',
  strict({
    /** The first three digits of the routing code name the bank [M]. */
    BankID: Type.String({ pattern: '^\\d{3}$', maxLength: 3 }),
    /** 12: a company's account. */
    AccountType: Type.Literal('12'),
    AccountName: CompanyName,
    AccountNumber: AccountNo,
    /** X: other than the documents of persons [M]; the number is then the USCC. */
    IdentificationType: Type.Literal('X'),
    IdentificationNumber: Uscc,
    /** Our request number; comes back in the answer [X]. */
    Note: ShortText,
  }),
);

/** The body of an accepted 2310. Status and ResponseCode [M]; Note and TraceNo [X]. */
export const Cpcn2310Answer = contract(
  'clearing/cpcn/2310-answer',
  strict({ Note: ShortText, Status: Code, ResponseCode: Code, ResponseMessage: Words, TraceNo: ShortText }),
);

/** 5011: from the payer's bound account to the payee's. User ids are ours to choose: the USCC. */
export const Cpcn5011 = contract(
  'clearing/cpcn/5011',
  strict({
    TxSN: TxSn,
    OrderNo: ShortText,
    PayerUserID: Uscc,
    /** The account that the payer ordered; the gateway debits no other [X]: it knows the bound one. */
    PayerAccountNumber: AccountNo,
    PayeeUserID: Uscc,
    PayeeAccountNumber: AccountNo,
    Amount: Fen,
    /** 20: all of it goes to the payee now, nothing is split later [M]. */
    HasSubsequentSplit: Type.Literal('20'),
    /** What the payee reads on its statement [M]. */
    Note: Type.String({ maxLength: 60 }),
    /** The loan that is repaid [X]. */
    Extension: ShortText,
  }),
);

/** The body of an accepted 5011: taken, or failed at once. Status [M]. */
export const Cpcn5011Answer = contract(
  'clearing/cpcn/5011-answer',
  strict({ TxSN: TxSn, Status: Code, ResponseCode: Code, ResponseMessage: Words }),
);

/** 5016 asks about a 5011 by the latter's own TxSN [M]. */
export const Cpcn5016 = contract('clearing/cpcn/5016', strict({ TxSN: TxSn }));

/** What became of a payment: the answer to 5016, and the notice 5018. Status and PayTime [M], TraceNo (the bank's serial) [X]. */
export const CpcnPayment = contract(
  'clearing/cpcn/payment',
  strict({
    TxSN: TxSn,
    OrderNo: ShortText,
    PayeeAccountNumber: AccountNo,
    Amount: Fen,
    Status: Code,
    ResponseCode: Code,
    ResponseMessage: Words,
    /** When it ended as it did; absent while it is under way. */
    PayTime: Type.Optional(Time14),
    TraceNo: ShortText,
  }),
);
