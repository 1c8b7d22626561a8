/** The order that is mapped: 40 fields and 10 lines of 8, as a partner sends it and as the hub keeps it, and codes in it. */
import { Type } from 'typebox';
import {
  Account,
  BusinessDate,
  Company,
  Currency,
  Instant,
  Phone,
  PersonName,
  Quantity,
  ShortText,
  Text,
  Unit,
  Yuan,
} from '../../contracts/canonical/primitives.ts';
import { contract, strict } from '../../contracts/contract.ts';

export const lineCount = 10;

const Digits = (most: number) => Type.String({ pattern: `^\\d{1,${most}}$`, maxLength: most });
const Day = Type.String({ pattern: '^\\d{8}$', maxLength: 8 });
const Stamp = Type.String({ pattern: '^\\d{14}$', maxLength: 14 });
const Code = Type.String({ minLength: 1, maxLength: 8 });

const VendorParty = strict({
  NO: ShortText,
  NAME: Company.properties.name,
  USCC: Company.properties.uscc,
  CONTACT: PersonName,
  PHONE: Phone,
});

export const VendorOrder = contract(
  'bench/vendor-order',
  strict({
    ORDER_NO: ShortText,
    ORDER_TYPE: Code,
    STATUS: Code,
    CREATED_ON: Day,
    CHANGED_AT: Stamp,
    CURRENCY: Type.String({ pattern: '^\\d{3}$', maxLength: 3 }),
    TOTAL_FEN: Digits(17),
    TAX_FEN: Digits(17),
    FREIGHT_FEN: Digits(17),
    DISCOUNT_FEN: Digits(17),
    BUYER: VendorParty,
    SELLER: VendorParty,
    DELIVERY: strict({
      WAREHOUSE: ShortText,
      PROVINCE: Text,
      CITY: Text,
      ADDRESS: Text,
      TERMS: Code,
      FROM: Day,
      TO: Day,
    }),
    PAYMENT: strict({
      TERMS: Code,
      DAYS: Digits(3),
      ACCT_NAME: Account.properties.accountName,
      ACCT_NO: Account.properties.accountNo,
      BANK_NAME: Account.properties.bankName,
      CNAPS: Account.properties.bankCode,
    }),
    CONTRACT_NO: ShortText,
    PROJECT_NO: ShortText,
    REMARK: Type.Optional(Text),
    SALES_ORG: ShortText,
    CHANNEL: ShortText,
    VERSION: Digits(6),
    URGENT: Type.Union([Type.Literal('Y'), Type.Literal('N')]),
    LINES: Type.Array(
      strict({
        LINE_NO: ShortText,
        MATNR: ShortText,
        NAME: Text,
        QTY: Digits(15),
        UOM: Code,
        PRICE_FEN: Digits(17),
        AMOUNT_FEN: Digits(17),
        DUE: Day,
      }),
      { minItems: 1, maxItems: 500 },
    ),
  }),
);

const Party = strict({ externalNo: ShortText, ...Company.properties, contact: PersonName, phone: Phone });
const OneOf = <const W extends readonly string[]>(...words: W) =>
  Type.Unsafe<W[number]>(Type.Union(words.map((word) => Type.Literal(word))));

export const KeptOrder = contract(
  'bench/kept-order',
  strict({
    orderNo: ShortText,
    type: OneOf('standard', 'rush', 'return'),
    status: OneOf('open', 'partlyDelivered', 'delivered', 'blocked'),
    orderDate: BusinessDate,
    changedAt: Instant,
    currency: Currency,
    total: Yuan,
    tax: Yuan,
    freight: Yuan,
    discount: Yuan,
    buyer: Party,
    seller: Party,
    delivery: strict({
      warehouseCode: ShortText,
      province: Text,
      city: Text,
      address: Text,
      terms: OneOf('exWorks', 'delivered'),
      from: BusinessDate,
      to: BusinessDate,
    }),
    payment: strict({
      terms: OneOf('prepaid', 'credit'),
      days: Type.Integer({ minimum: 0, maximum: 365 }),
      account: Account,
    }),
    contractNo: ShortText,
    projectNo: ShortText,
    remark: Type.Optional(Text),
    salesOrganization: ShortText,
    channel: ShortText,
    version: Type.Integer({ minimum: 0, maximum: 999_999 }),
    urgent: Type.Boolean(),
    lines: Type.Array(
      strict({
        lineNo: ShortText,
        materialCode: ShortText,
        name: Text,
        quantity: Quantity,
        unit: Unit,
        unitPrice: Yuan,
        amount: Yuan,
        dueDate: BusinessDate,
      }),
      { minItems: 1, maxItems: 500 },
    ),
  }),
);

/** What the codes mean; each side keeps them in its own way. */
export const codes = {
  currency: { '156': 'CNY', '840': 'USD' },
  type: { ZOR: 'standard', ZRU: 'rush', ZRE: 'return' },
  status: { A: 'open', B: 'partlyDelivered', C: 'delivered', X: 'blocked' },
  delivery: { EXW: 'exWorks', DAP: 'delivered' },
  payment: { PRE: 'prepaid', NET: 'credit' },
  unit: { TO: 'TNE', KG: 'KGM', ST: 'C62', M3: 'MTQ' },
} as const;

/** Order number `no` of as many as are wanted: each differs in codes, numbers and texts. */
export function vendorOrder(no: number) {
  const pick = (from: object, offset = 0) => Object.keys(from)[(no + offset) % Object.keys(from).length] ?? '';
  const party = (name: string, digit: string) => ({
    NO: `00000${17_000 + no}`,
    NAME: name,
    USCC: `91350100MA32000B1${digit}`,
    CONTACT: '陈建国',
    PHONE: `138${String(10_000_000 + no)}`,
  });
  return {
    ORDER_NO: `45000${90_000 + no}`,
    ORDER_TYPE: pick(codes.type),
    STATUS: pick(codes.status),
    CREATED_ON: '20261123',
    CHANGED_AT: '20261123093000',
    CURRENCY: '156',
    TOTAL_FEN: String(34_000_000 + no),
    TAX_FEN: String(4_420_000 + no),
    FREIGHT_FEN: '0',
    DISCOUNT_FEN: '5',
    BUYER: party('福建闽江钢材有限公司', 'T'),
    SELLER: party('厦门链枢贸易有限公司', 'U'),
    DELIVERY: {
      WAREHOUSE: 'XM01',
      PROVINCE: '福建省',
      CITY: '厦门市',
      ADDRESS: '海沧区港南路 88 号 3 号库',
      TERMS: pick(codes.delivery),
      FROM: '20261201',
      TO: '20261215',
    },
    PAYMENT: {
      TERMS: pick(codes.payment),
      DAYS: '90',
      ACCT_NAME: '厦门链枢贸易有限公司',
      ACCT_NO: '4100020000000000202',
      BANK_NAME: '中国工商银行厦门海沧支行',
      CNAPS: '102393000018',
    },
    CONTRACT_NO: `HT-2026-${1_000 + no}`,
    PROJECT_NO: 'XM-2026-07',
    ...(no % 2 === 0 ? { REMARK: '分批到货，随车附质保书' } : {}),
    SALES_ORG: '1000',
    CHANNEL: '10',
    VERSION: String(no % 9),
    URGENT: no % 3 === 0 ? ('Y' as const) : ('N' as const),
    LINES: Array.from({ length: lineCount }, (_, index) => ({
      LINE_NO: String((index + 1) * 10),
      MATNR: `HRB400E-${12 + index}`,
      NAME: `螺纹钢 HRB400E ${12 + index}mm`,
      QTY: String(120_000 + no * 7 + index),
      UOM: pick(codes.unit, index),
      PRICE_FEN: String(340_000 + index),
      AMOUNT_FEN: String(40_800_000 + no + index),
      DUE: '20261215',
    })),
  };
}
