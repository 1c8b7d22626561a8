/**
 * CMB cloud direct connection (招商银行云直连, CDC), message by message: what stands in `request.body` and `response.body`.
 *
 * Known, from public clients of it: the functions BB1PAYOP, BB1PAYQR, BB1PAYQB and DCTRSINF, their fields, the states of a
 * payment, paging by the last sequence number, `NCB4241` for a reference that was used before. The bank's list of other
 * codes is not public: those of the tables in `mappings/bank/cmb.codes.ts` that are marked so are chosen.
 *
 * Of what the bank answers, only the fields that are read stand here; it may send others at any time.
 */
import { Type } from 'typebox';
import { AccountNo, BankCode, BusinessDate, CompanyName, ShortText, Text, Yuan } from '../canonical/primitives.ts';
import { contract, strict } from '../contract.ts';
import { Disbursement } from './bank.ts';

/** 业务参考号: what makes a payment this payment. At most 30 characters. */
const Reference = Type.String({ minLength: 1, maxLength: 30 });
const Code = Type.String({ pattern: '^[A-Z0-9]{1,10}$', maxLength: 10 });
const MaybeCode = Type.String({ pattern: '^[A-Z0-9]{0,10}$', maxLength: 10 });
const Day = Type.String({ pattern: '^\\d{8}$', maxLength: 8 });
const Words = Type.Optional(Type.String({ maxLength: 500 }));
const SerialNo = Type.String({ pattern: '^[A-Za-z0-9]+$', minLength: 1, maxLength: 64 });

/** A payment order of ours, with what this bank must know besides: settings, no part of the order. */
export const CmbOrder = contract(
  'bank/cmb/order',
  strict({
    disbursement: Disbursement.schema,
    debitAccount: AccountNo,
    /** 业务模式 of our contract with the bank: who approves a payment at our side. */
    mode: Type.String({ pattern: '^[A-Z0-9]{5}$', maxLength: 5 }),
  }),
);

/** Body of BB1PAYOP (企银支付单笔经办). */
export const CmbPay = contract(
  'bank/cmb/pay',
  strict({
    bb1paybmx1: Type.Array(strict({ busCod: Code, busMod: Code }), { minItems: 1, maxItems: 1 }),
    bb1payopx1: Type.Array(
      strict({
        dbtAcc: AccountNo,
        crtAcc: AccountNo,
        crtNam: CompanyName,
        crtBnk: Text,
        brdNbr: BankCode,
        /** 系统内标志: `Y` the payee's account is with CMB. */
        bnkFlg: Type.Union([Type.Literal('Y'), Type.Literal('N')]),
        ccyNbr: Type.String({ pattern: '^\\d{2}$', maxLength: 2 }),
        trsAmt: Yuan,
        nusAge: Type.String({ minLength: 1, maxLength: 62 }),
        busNar: ShortText,
        yurRef: Reference,
        stlChn: Code,
        trsTyp: Code,
        /** `1`: the name of the payee's account is checked. */
        rcvChk: Type.Literal('1'),
      }),
      { minItems: 1, maxItems: 1 },
    ),
  }),
);

/** A row of its answer, `bb1payopz1`. */
export const CmbPayTaken = contract(
  'bank/cmb/pay-taken',
  strict({ errCod: Code, errTxt: Words, reqNbr: Type.Optional(SerialNo), reqSts: MaybeCode, rtnFlg: MaybeCode }),
);

/** A row of BB1PAYQR (企银支付业务查询), `bb1payqrz1`. `rtnFlg` says something only when `reqSts` is `FIN`. */
export const CmbPayment = contract(
  'bank/cmb/payment',
  strict({
    yurRef: Reference,
    reqNbr: SerialNo,
    dbtAcc: AccountNo,
    crtAcc: AccountNo,
    crtNam: CompanyName,
    trsAmt: Type.String({ pattern: '^(0|[1-9]\\d{0,14})(\\.\\d{1,2})?$', maxLength: 18, 'x-unit': 'CNY' }),
    /** 经办日期: the only time that a payment has here. */
    oprDat: Day,
    reqSts: Code,
    rtnFlg: MaybeCode,
    rtnNar: Words,
    trxSeq: Type.Optional(Type.String({ maxLength: 64 })),
  }),
);

/** A row of BB1PAYQB (支付退票明细查询), `bb1payqbz1`. */
export const CmbReturn = contract(
  'bank/cmb/return',
  strict({ yurRef: Reference, reqNbr: SerialNo, updDat: Day, rtnTxt: Words }),
);

/** A payment, and how it came back when it did. */
export const CmbSettlement = contract(
  'bank/cmb/settlement',
  strict({ payment: CmbPayment.schema, returned: Type.Optional(CmbReturn.schema) }),
);

/** Head of a page of DCTRSINF (账户交易信息查询), `ntrbptrsz1`. */
export const CmbPage = contract(
  'bank/cmb/page',
  strict({
    /** 未传完标记. */
    cotflg: Type.Union([Type.Literal('Y'), Type.Literal('N')]),
    /** 末位记账序号: the next page begins after it. */
    trsseq: Type.String({ pattern: '^\\d{1,9}$', maxLength: 9 }),
    dbtnbr: Type.String({ pattern: '^\\d{1,5}$', maxLength: 5 }),
    crtnbr: Type.String({ pattern: '^\\d{1,5}$', maxLength: 5 }),
  }),
);

/** A movement, `ntqactrsz2`. */
export const CmbLine = contract(
  'bank/cmb/line',
  strict({
    etydat: Day,
    etytim: Type.String({ pattern: '^\\d{6}$', maxLength: 6 }),
    trscod: Code,
    /** Old fronts write what comes in with a minus before it: the direction is `amtcdr` alone. */
    trsamt: Type.String({ pattern: '^-?(0|[1-9]\\d{0,14})(\\.\\d{1,2})?$', maxLength: 19, 'x-unit': 'CNY' }),
    amtcdr: Code,
    /** 流水号. */
    refnbr: SerialNo,
    naryur: Words,
    yurref: Type.Optional(Type.String({ maxLength: 30 })),
    rpynam: Type.Optional(Type.String({ maxLength: 200 })),
    rpyacc: Type.Optional(Type.String({ maxLength: 64 })),
  }),
);

/** All pages of one day. */
export const CmbStatement = contract(
  'bank/cmb/statement',
  strict({
    accnbr: AccountNo,
    day: BusinessDate,
    /** The bank's day is over: said by the calendar, the bank does not. */
    closed: Type.Boolean(),
    lines: Type.Array(CmbLine.schema, { maxItems: 5000 }),
  }),
);

/** `response.head`. */
export const CmbHead = contract(
  'bank/cmb/head',
  strict({ funcode: Code, userid: ShortText, reqid: ShortText, resultcode: Code, resultmsg: Words }),
);
