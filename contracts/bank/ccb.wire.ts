/**
 * China Construction Bank (建设银行) 外联平台, the contents (`TX_INFO`) of its messages: 6W8010 and 6W8020 transfer, 6W0600 its result,
 * 6WY101 movements. What is known: names and lengths of these fields and a sample of 6WY101, from public code that talks to
 * the bank. The bank sends more fields; the dialect picks these and leaves the others. Chosen, to be confirmed with the
 * bank: AMOUNT, RECV_ACCNO, TRANDATE and TRANTIME in the answer to 6W0600; that REM1 of a transfer comes back as DET of its
 * movement; and what FLAG2 of a movement says.
 */
import { Type } from 'typebox';
import { Yuan } from '../canonical/primitives.ts';
import { contract, strict } from '../contract.ts';

/** Date without century, sequence, and two letters as digits: mappings/bank/ccbRequestSn.ts. */
const RequestSn = Type.String({ pattern: '^\\d{16}$', maxLength: 16 });
const AccNo = Type.String({ pattern: '^[0-9-]{6,32}$', maxLength: 32 });
const Currency = Type.String({ pattern: '^[0-9A-Z]{2}$', maxLength: 2 });
const CreditNo = Type.String({ pattern: '^[0-9A-Za-z]{1,16}$', maxLength: 16 });
const Code = Type.String({ pattern: '^[0-9A-Z]{1,2}$', maxLength: 2 });
const Day = Type.String({ pattern: '^\\d{8}$', maxLength: 8 });
/** `2015/10/19` and `17:48:15` in answers, digits only in requests. */
const SlashedDay = Type.String({ pattern: '^\\d{4}/\\d\\d/\\d\\d$', maxLength: 10 });
const ColonTime = Type.String({ pattern: '^\\d\\d:\\d\\d:\\d\\d$', maxLength: 8 });
const Remark = Type.String({ minLength: 1, maxLength: 32, pattern: '^\\P{Cc}+$' });
const Words = Type.String({ minLength: 1, maxLength: 200 });
const Count = Type.String({ pattern: '^[1-9]\\d{0,3}$', maxLength: 4 });
const Position = Type.String({ minLength: 1, maxLength: 100, pattern: '^[\\x21-\\x7e]+$' });

export const CcbTransfer = contract(
  'bank/ccb/transfer',
  strict({
    REQUEST_SN: RequestSn,
    PAY_ACCNO: AccNo,
    RECV_ACCNO: AccNo,
    /** At most 60 bytes in GBK. */
    RECV_ACC_NAME: Type.String({ minLength: 1, maxLength: 30 }),
    /** 1: the bank holds the payee's name against the account. */
    CHK_RECVNAME: Type.String({ pattern: '^[01]$', maxLength: 1 }),
    /** At most 41 bytes. */
    RECV_OPENACC_DEPT: Type.String({ minLength: 1, maxLength: 20 }),
    RECV_UBANKNO: Type.String({ pattern: '^\\d{12}$', maxLength: 12 }),
    AMOUNT: Yuan,
    CUR_TYPE: Currency,
    /** At most 38 bytes. */
    USEOF: Type.String({ minLength: 1, maxLength: 19 }),
    REM1: Remark,
  }),
);

export const CcbTransferTaken = contract(
  'bank/ccb/transfer-answer',
  strict({ CREDIT_NO: CreditNo, DEAL_TYPE: Code, REM1: Remark }),
);

export const CcbTransferResult = contract(
  'bank/ccb/6W0600-answer',
  strict({
    CREDIT_NO: CreditNo,
    DEAL_RESULT: Code,
    MESSAGE: Type.Optional(Words),
    REM1: Remark,
    AMOUNT: Yuan,
    RECV_ACCNO: AccNo,
    TRANDATE: Type.Optional(SlashedDay),
    TRANTIME: Type.Optional(ColonTime),
  }),
);

export const CcbPage = contract(
  'bank/ccb/6WY101',
  strict({
    ACCNO1: AccNo,
    STARTDATE: Day,
    ENDDATE: Day,
    PAGE: Count,
    /** From the page before; the first has none. */
    POSTSTR: Type.Optional(Position),
    /** Rows of a page, 10 to 200, the same for all pages. */
    TOTAL_RECORD: Count,
  }),
);

const Row = strict({
  TRANDATE: SlashedDay,
  TRANTIME: ColonTime,
  MESSAGE: Type.Optional(Words),
  AMT: Yuan,
  FLAG1: Code,
  FLAG2: Code,
  ACCNO2: Type.Optional(Remark),
  ACC_NAME1: Type.Optional(Words),
  TRAN_FLOW: Remark,
  DET_NO: Type.String({ pattern: '^\\d{1,12}$', maxLength: 12 }),
  DET: Type.Optional(Words),
});

export const CcbPageAnswer = contract(
  'bank/ccb/6WY101-answer',
  strict({
    ACCNO1: AccNo,
    CURR_COD: Currency,
    TOTAL_PAGE: Count,
    PAGE: Count,
    POSTSTR: Type.Optional(Position),
    DETAILLIST: Type.Array(Row, { maxItems: 201 }),
  }),
);

/** All pages of a day, each movement once; `today` by the business clock. */
export const CcbMovements = contract(
  'bank/ccb/movements',
  strict({ ACCNO1: AccNo, CURR_COD: Currency, date: Day, today: Day, rows: Type.Array(Row, { maxItems: 5000 }) }),
);
