/**
 * Ping An Bank (平安银行) B2Bi, the bodies of its messages: 4004 single transfer, 4005 its state, 4013 movements. What is
 * known: names, lengths and meanings of these fields, from public code that talks to the bank. The bank sends more fields;
 * the dialect picks these and leaves the others. Chosen, to be confirmed with the bank: that 4013 carries the customer's own
 * number (`CVoucherNo`; older documents say "empty for now"), and the form of the signature (adapters/bank/dialects/pinganFrame.ts).
 */
import { Type } from 'typebox';
import { Yuan } from '../canonical/primitives.ts';
import { contract, strict } from '../contract.ts';

/** The customer's number of a transfer (转账凭证号): unique for ever, and the same when it is sent again. */
const Voucher = Type.String({ pattern: '^[A-Za-z0-9-]{1,20}$', maxLength: 20 });
const AcctNo = Type.String({ pattern: '^[0-9-]{6,32}$', maxLength: 32 });
const Ccy = Type.String({ pattern: '^[A-Z]{3}$', maxLength: 3 });
const Day = Type.String({ pattern: '^\\d{8}$', maxLength: 8 });
const Time = Type.String({ pattern: '^\\d{6}$', maxLength: 6 });
const Stamp = Type.String({ pattern: '^\\d{14}$', maxLength: 14 });
/** Names are at most 60 bytes in GBK: thirty characters. */
const Name = Type.String({ minLength: 1, maxLength: 30 });
const Words = Type.String({ minLength: 1, maxLength: 200 });
const Number32 = Type.String({ minLength: 1, maxLength: 32, pattern: '^\\P{Cc}+$' });
const Code = Type.String({ pattern: '^[0-9A-Z]{1,8}$', maxLength: 8 });

export const PinganTransfer = contract(
  'bank/pingan/4004',
  strict({
    ThirdVoucher: Voucher,
    CstInnerFlowNo: Voucher,
    CcyCode: Ccy,
    OutAcctNo: AcctNo,
    OutAcctName: Name,
    InAcctBankNode: Type.String({ pattern: '^\\d{12}$', maxLength: 12 }),
    InAcctNo: AcctNo,
    InAcctName: Name,
    InAcctBankName: Name,
    TranAmount: Yuan,
    UseEx: Name,
    /** 1: inside the bank, 0: to another bank. */
    UnionFlag: Type.String({ pattern: '^[01]$', maxLength: 1 }),
    /** 1: same city, 2: another. */
    AddrFlag: Type.String({ pattern: '^[12]$', maxLength: 1 }),
  }),
);

export const PinganTransferTaken = contract(
  'bank/pingan/4004-answer',
  strict({ ThirdVoucher: Voucher, FrontLogNo: Number32, TranAmount: Yuan, InAcctNo: AcctNo }),
);

export const PinganTransferState = contract(
  'bank/pingan/4005-answer',
  strict({
    OrigThirdVoucher: Voucher,
    FrontLogNo: Number32,
    CcyCode: Ccy,
    OutAcctNo: AcctNo,
    InAcctNo: AcctNo,
    TranAmount: Yuan,
    Stt: Code,
    /** 1: the money came back (退票), perhaps days after Stt said 20. */
    IsBack: Type.Optional(Code),
    BackRem: Type.Optional(Words),
    Yhcljg: Type.Optional(Words),
    submitTime: Type.Optional(Stamp),
    AccountDate: Type.Optional(Day),
    hostFlowNo: Type.Optional(Number32),
  }),
);

export const PinganPage = contract(
  'bank/pingan/4013',
  strict({
    AcctNo,
    CcyCode: Ccy,
    BeginDate: Day,
    EndDate: Day,
    PageNo: Type.String({ pattern: '^[1-9]\\d{0,3}$', maxLength: 4 }),
    /** The same for all pages, or rows are left out. */
    PageSize: Type.String({ pattern: '^[1-9]\\d{1,3}$', maxLength: 4 }),
  }),
);

const Row = strict({
  AcctDate: Day,
  TxTime: Time,
  HostTrace: Number32,
  OutAcctNo: Type.Optional(Number32),
  OutAcctName: Type.Optional(Words),
  InAcctNo: Type.Optional(Number32),
  InAcctName: Type.Optional(Words),
  CcyCode: Ccy,
  TranAmount: Yuan,
  DcFlag: Code,
  AbstractStr: Code,
  Purpose: Type.Optional(Words),
  CVoucherNo: Type.Optional(Number32),
});

export const PinganPageAnswer = contract(
  'bank/pingan/4013-answer',
  strict({
    AcctNo,
    CcyCode: Ccy,
    EndFlag: Type.String({ pattern: '^[YN]$', maxLength: 1 }),
    PageNo: Type.String({ pattern: '^[1-9]\\d{0,3}$', maxLength: 4 }),
    PageRecCount: Type.String({ pattern: '^\\d{1,4}$', maxLength: 4 }),
    list: Type.Array(Row, { maxItems: 501 }),
  }),
);

/** All pages of a day, each movement once; `today` by the business clock. */
export const PinganMovements = contract(
  'bank/pingan/movements',
  strict({ AcctNo, date: Day, today: Day, list: Type.Array(Row, { maxItems: 5000 }) }),
);
