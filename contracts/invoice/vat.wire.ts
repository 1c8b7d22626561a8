/**
 * The `vat` dialect on the wire: an API in the shape that Chinese invoice checkers (增值税发票查验) have in common. No vendor is
 * meant; whoever connects one fits this to its manual.
 *
 * Seen in public manuals: the inputs and which types need which (Aliyun `VerifyVATInvoice`: InvoiceCode, InvoiceNo, InvoiceDate,
 * InvoiceSum, VerifyCode, InvoiceKind 01 04 08 10 31 32), the result codes (Baidu `vat_invoice_verification`: 0001, 0002, 0005, 0006,
 * 0009, 1004 … 1021, 9999), five checks of an invoice a day (Huawei, Baidu), invoice status 0 10 20 30. [X] marks what was chosen here:
 * paths, envelope, signature, the notices, and every code with an X.
 */
import { Type } from 'typebox';
import { CompanyName, ShortText } from '../canonical/primitives.ts';
import { contract, strict } from '../contract.ts';

/** Stands in a path: nothing that a URL parser would read as more than a name. [X] */
const No = Type.String({ pattern: '^[0-9A-Za-z][0-9A-Za-z._-]{0,63}$', maxLength: 64 });
const Code = Type.String({ pattern: '^[0-9A-Z]{1,8}$', maxLength: 8 });
const Word = Type.String({ pattern: '^[A-Z]{1,32}$', maxLength: 32 });
const Message = Type.String({ maxLength: 500 });
const Date8 = Type.String({ pattern: '^\\d{8}$', maxLength: 8 });
/** Beijing. */
const Time = Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2} \\d{2}:\\d{2}:\\d{2}$', maxLength: 19 });
/** Yuan; of a red-letter invoice below nothing. */
const Amount = Type.String({ pattern: '^-?\\d{1,15}\\.\\d{2}$', maxLength: 19 });
const InvoiceCode = Type.String({ pattern: '^(\\d{10}|\\d{12})?$', maxLength: 12 });
const InvoiceNo = Type.String({ pattern: '^(\\d{8}|\\d{20})$', maxLength: 20 });
const Printed = Type.String({ maxLength: 200 });

/** `POST /v2/invoice/checks`. What a type does not need is left empty. */
export const VatCheck = contract(
  'invoice/vat/check',
  strict({
    /** Ours; the same again is the same check [X]. */
    serialNo: No,
    invoiceKind: Type.String({ pattern: '^\\d{2}$', maxLength: 2 }),
    invoiceCode: InvoiceCode,
    invoiceNo: InvoiceNo,
    invoiceDate: Date8,
    /** Without tax for 01 and 08, with tax for 31 and 32. */
    invoiceSum: Type.String({ pattern: '^(\\d{1,15}\\.\\d{2})?$', maxLength: 18 }),
    /** The last six digits, for 04 and 10. */
    verifyCode: Type.String({ pattern: '^(\\d{6})?$', maxLength: 6 }),
  }),
);

export const VatTaken = contract(
  'invoice/vat/taken',
  strict({ code: Code, message: Message, serialNo: ShortText, taskId: Type.Optional(ShortText) }),
);

/** `GET /v2/invoice/checks/{serialNo}` and, behind it, `/change`. */
export const VatQuestion = contract('invoice/vat/question', strict({ serialNo: No }));

const Party = strict({ name: CompanyName, taxNo: Type.String({ maxLength: 20 }) });

const Invoice = strict({
  invoiceKind: Type.String({ pattern: '^\\d{2}$', maxLength: 2 }),
  invoiceCode: InvoiceCode,
  invoiceNo: InvoiceNo,
  invoiceDate: Date8,
  seller: Party,
  buyer: Party,
  /** Without tax, tax, with tax. */
  total: Amount,
  totalTax: Amount,
  amount: Amount,
  /** 0 blue, 10 void, 20 red, 30 flushed red; X1 in part. */
  status: Code,
  redAmount: Amount,
  detailList: Type.Array(
    strict({
      goodsName: Printed,
      unit: Printed,
      quantity: Type.String({ pattern: '^(-?\\d{1,12}(\\.\\d{1,8})?)?$', maxLength: 24 }),
      amount: Amount,
      /** `13%`, or words when there is none. */
      taxRate: Type.String({ maxLength: 16 }),
      tax: Amount,
    }),
    { maxItems: 2000 },
  ),
});

/** How far a check has come; the same in the answer to a query and in a notice. */
export const VatTask = contract(
  'invoice/vat/task',
  strict({
    serialNo: ShortText,
    taskId: ShortText,
    state: Word,
    resultCode: Type.Optional(Code),
    resultMessage: Type.Optional(Message),
    checkedAt: Type.Optional(Time),
    /** How often this invoice was checked today, by whomever. */
    checkCount: Type.Optional(Type.Integer({ minimum: 0, maximum: 1_000_000 })),
    invoice: Type.Optional(Invoice),
  }),
);

export const VatTaskAnswer = contract(
  'invoice/vat/task-answer',
  strict({ code: Code, message: Message, serialNo: ShortText, task: Type.Optional(VatTask.schema) }),
);

/** What became of an invoice that a check of ours found genuine. */
export const VatChange = contract(
  'invoice/vat/change',
  strict({
    serialNo: ShortText,
    changeId: ShortText,
    invoiceCode: InvoiceCode,
    invoiceNo: InvoiceNo,
    status: Code,
    redAmount: Amount,
    redInvoiceNos: Type.Array(ShortText, { maxItems: 100 }),
    changedAt: Time,
  }),
);

/** Without `change`: nothing has changed. */
export const VatChangeAnswer = contract(
  'invoice/vat/change-answer',
  strict({ code: Code, message: Message, serialNo: ShortText, change: Type.Optional(VatChange.schema) }),
);

/** `POST <hub>/notices`. A retry carries the same `noticeId` under a new nonce. */
export const VatNotice = contract(
  'invoice/vat/notice',
  strict({
    noticeId: ShortText,
    event: Word,
    task: Type.Optional(VatTask.schema),
    change: Type.Optional(VatChange.schema),
  }),
);
