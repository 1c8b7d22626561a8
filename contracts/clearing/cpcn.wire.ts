/**
 * CPCN (中金支付) on the wire, as the plain objects that the dialect puts into and takes out of the XML: field names as the
 * gateway spells them, every value text. The envelope (`Request/Head/TxCode`, `InstitutionID`, `NoticeURL`) is the dialect's.
 *
 * What is known of a field is marked, because the gateway's document is handed out under contract only:
 * no mark: seen in code that talks to the gateway (the public PHP client `lmhfq/cpcn`, and a notice 5018 kept in its tests);
 * [M]: from memory; [X]: chosen here until the document is in hand.
 * Codes that are chosen contain an `X`, which no code of the gateway that we have seen does: none can be mistaken for a real one.
 */
import { Type } from 'typebox';
import { AccountNo, CompanyName, IdNo, PersonName, Phone, ShortText, Uscc } from '../canonical/primitives.ts';
import { contract, strict } from '../contract.ts';

/** Seventeen digits yyyyMMddHHmmssSSS, then what makes it ours. */
const TxSn = Type.String({ pattern: '^\\d{17}[A-Z]{1,12}$', maxLength: 29 });
const Fen = Type.String({ pattern: '^[1-9]\\d{0,16}$', maxLength: 17, 'x-unit': 'fen' });
const FenOrNone = Type.String({ pattern: '^(0|[1-9]\\d{0,16})$', maxLength: 17, 'x-unit': 'fen' });
/** The TxSN of the collection, and two digits for the receiver [X]: it must be unique, and ours to read back. */
const SplitTxSN = Type.String({ pattern: '^\\d{17}[A-Z]{1,12}\\d{2}$', maxLength: 31 });
const Code = Type.String({ pattern: '^[0-9A-Z]{1,16}$', maxLength: 16 });
const Words = Type.String({ maxLength: 500 });
/** yyyyMMddHHmmssSSS, Asia/Shanghai. */
const Time17 = Type.String({ pattern: '^\\d{17}$', maxLength: 17 });
const Date8 = Type.String({ pattern: '^\\d{8}$', maxLength: 8 });

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

/** What both 5011 have. User ids are ours to choose: the USCC. */
const payment = {
  TxSN: TxSn,
  OrderNo: ShortText,
  PayerUserID: Uscc,
  /** The account that the payer ordered; the gateway debits no other [X]: it knows the bound one. */
  PayerAccountNumber: AccountNo,
  PayeeUserID: Uscc,
  /** Documented for institutions as payees; for others as well [X]. */
  PayeeAccountNumber: AccountNo,
  /** 30: collected under the payer's mandate (代收支付). */
  PaymentWay: Type.Literal('30'),
  Amount: Fen,
  /** 1: nothing is split later. (2: it is.) */
  HasSubsequentSplit: Type.Literal('1'),
  /** What the payee reads on its statement. */
  Remark: Type.String({ maxLength: 60 }),
  /** The loan that is repaid [X]. */
  Extension: ShortText,
};

/** 5011: from the payer's bound account to the payee's. */
export const Cpcn5011 = contract('clearing/cpcn/5011', strict(payment));

/** 5011 that is split at once: `SplitItems` repeats. The payee beside them is the first receiver [X]. */
export const Cpcn5011Split = contract(
  'clearing/cpcn/5011-split',
  strict({
    ...payment,
    SplitItems: Type.Array(
      strict({
        SplitTxSN,
        SplitUserID: Uscc,
        /** Documented for institutions; for others as well [X]. */
        SplitAccountNumber: AccountNo,
        SplitAmount: Fen,
        Note: Type.String({ maxLength: 60 }),
      }),
      { minItems: 2, maxItems: 20 },
    ),
  }),
);

/** The body of an accepted 5011 or 5021: taken, or failed at once. */
export const CpcnTaken = contract(
  'clearing/cpcn/taken',
  strict({ TxSN: TxSn, Status: Code, ResponseCode: Type.Optional(Code), ResponseMessage: Type.Optional(Words) }),
);

/** 5016 asks about a 5011, 5026 about a 5021, by the latter's own TxSN. */
export const CpcnByTxSN = contract('clearing/cpcn/by-tx-sn', strict({ TxSN: TxSn }));

/**
 * What became of a payment: the answer to 5016, and the notice 5018. `ResponseCode` and `TraceNo` were seen empty in a payment
 * that failed. TraceNo is taken for the bank's serial [M].
 */
export const CpcnPayment = contract(
  'clearing/cpcn/payment',
  strict({
    TxSN: TxSn,
    OrderNo: ShortText,
    PayeeAccountNumber: AccountNo,
    Amount: Fen,
    Status: Code,
    ResponseCode: Type.Optional(Code),
    ResponseMessage: Type.Optional(Words),
    /** When it ended as it did; absent while it is under way. */
    ResponseTime: Type.Optional(Time17),
    TraceNo: Type.Optional(ShortText),
  }),
);

/** 5036 asks about the parts of a split: the TxSN of the 5011 or 5031 that ordered it, and which of the two. */
export const Cpcn5036 = contract(
  'clearing/cpcn/5036',
  strict({ TxSN: TxSn, SourceTxCode: Type.Literal('5011'), SourceTxTime: Date8 }),
);

/** The answer to 5036, and the notice 5038, which calls the time of a part by another name. */
export const CpcnSplit = contract(
  'clearing/cpcn/split',
  strict({
    TxSN: TxSn,
    Amount: Fen,
    /** What no part has yet. */
    AvailableSplitAmount: FenOrNone,
    SplitItems: Type.Array(
      strict({
        SplitTxSN,
        SplitAmount: Fen,
        /** Of the split as a whole these are known; of a part the same [M]. */
        SplitStatus: Code,
        /** As 5036 says. */
        ResponseTime: Type.Optional(Time17),
        /** As 5038 says. */
        SplitResponseTime: Type.Optional(Time17),
      }),
      { minItems: 1, maxItems: 20 },
    ),
  }),
);

/** 5021: back to the payer, the way it came. */
export const Cpcn5021 = contract(
  'clearing/cpcn/5021',
  strict({
    TxSN: TxSn,
    /** Of the 5011. */
    PaymentTxSN: TxSn,
    SourceTxTime: Date8,
    /** 20: the way it came (原路退款). */
    RefundWay: Type.Literal('20'),
    Amount: Fen,
    Remark: Type.String({ maxLength: 60 }),
    /** Our number of the refund [X]. */
    Extension: ShortText,
  }),
);

/** The answer to 5026, and the notice 5028. */
export const CpcnRefund = contract(
  'clearing/cpcn/refund',
  strict({
    TxSN: TxSn,
    Amount: Fen,
    Status: Code,
    ResponseCode: Type.Optional(Code),
    ResponseMessage: Type.Optional(Words),
    ResponseTime: Type.Optional(Time17),
    RefundTraceNo: Type.Optional(ShortText),
  }),
);

/** 4601: an account for a company, and its bank account bound to it without a test payment. */
export const Cpcn4601 = contract(
  'clearing/cpcn/4601',
  strict({
    TxSN: TxSn,
    UserID: Uscc,
    /** 12: a company. */
    UserType: Type.Literal('12'),
    /** 20: opened and bound at once, silently (开户并静默绑卡). */
    BusinessType: Type.Literal('20'),
    /** Of the 4600 that handed over the pictures. */
    ImageCollectionTxSN: ShortText,
    Corporation: strict({
      CorporationName: CompanyName,
      UnifiedSocialCreditCode: Uscc,
      AllLicenceIssDate: Date8,
      AllLicenceExpiryDate: Date8,
      LegalPersonName: PersonName,
      /** 0: resident identity card. */
      LegalCredentialType: Type.Literal('0'),
      LegalCredentialNumber: IdNo,
      LegalPersonContactNumber: Phone,
    }),
    BankAccount: strict({
      BindingTxSN: TxSn,
      BankID: Type.String({ pattern: '^\\d{3}$', maxLength: 3 }),
      BankAccountNumber: AccountNo,
      BranchName: Type.String({ minLength: 2, maxLength: 100 }),
    }),
    /** Our number of the request [X]. */
    Extension: ShortText,
  }),
);

/** 4616 asks about a 4601; `SourceTxSN` is the latter's TxSN. */
export const Cpcn4616 = contract(
  'clearing/cpcn/4616',
  strict({ SourceTxSN: TxSn, SourceTxCode: Type.Literal('4601') }),
);

/** The answer to 4601 (whose own TxSN stands in place of `SourceTxSN`) and to 4616, and the notice 4618. */
export const CpcnOpening = contract(
  'clearing/cpcn/opening',
  strict({
    SourceTxSN: TxSn,
    Status: Code,
    /** There when the account was asked for together with its binding. */
    BindingStatus: Type.Optional(Code),
    ResponseCode: Type.Optional(Code),
    ResponseMessage: Type.Optional(Words),
  }),
);

/** 4691: nothing is numbered; the user comes back in the answer. */
export const Cpcn4691 = contract('clearing/cpcn/4691', strict({ UserID: Uscc }));
export const Cpcn4691Answer = contract(
  'clearing/cpcn/4691-answer',
  strict({
    UserID: Uscc,
    Status: Code,
    Balance: FenOrNone,
    ReceivableBalance: FenOrNone,
    FrozenAmount: FenOrNone,
  }),
);
