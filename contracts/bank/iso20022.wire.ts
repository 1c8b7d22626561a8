/**
 * ISO 20022 files between a company and its bank: pain.001.001.09 (order), pain.002.001.10 (status), camt.054.001.08
 * (notification) and camt.053.001.08 (statement). Each message as the plain object that is in the XML: elements by their names,
 * `@` an attribute, `#` the text of an element that has attributes. Only what is written or read here; the rest is left alone.
 *
 * Known: names, order, lengths and codes are ISO's (contracts/iso20022). [X] marks what was chosen here, for want of a standard:
 * names of files, companions, which optional elements a bank must give.
 */
import { Type } from 'typebox';
import { AccountNo, BankCode, BusinessDate, CompanyName, Currency, Text, Uscc } from '../canonical/primitives.ts';
import { contract, strict } from '../contract.ts';
import { Disbursement } from './bank.ts';

export const namespaces = {
  order: 'urn:iso:std:iso:20022:tech:xsd:pain.001.001.09',
  status: 'urn:iso:std:iso:20022:tech:xsd:pain.002.001.10',
  notification: 'urn:iso:std:iso:20022:tech:xsd:camt.054.001.08',
  statement: 'urn:iso:std:iso:20022:tech:xsd:camt.053.001.08',
} as const;

/** Where files lie, below the address of the system [X]. */
export const folders = { orders: '/out', answers: '/in' } as const;

/** A number that stands in names of files and as `EndToEndId`. */
const number = '[A-Za-z0-9][A-Za-z0-9._-]{0,29}';
export const IsoNumber = contract('bank/iso20022-number', Type.String({ pattern: `^${number}$`, maxLength: 30 }));
export const IsoAccountNo = contract('bank/iso20022-account', AccountNo);

/** `MsgId` and `PmtInfId` come from the instruction's own number: whoever asks later knows no more than that [X]. */
export const messageIdOf = (instructionNo: string): string => `MSG-${instructionNo}`;
export const paymentIdOf = (instructionNo: string): string => `PMT-${instructionNo}`;

/** Names of files [X]; `nn` counts from 01, later ones tell more or correct. */
export const orderFile = (instructionNo: string): string => `pain.001_${messageIdOf(instructionNo)}.xml`;
const answerFile = /^(pain\.002|camt\.05[34])_(.{1,80})_(\d{2})\.xml$/;
export function answerFileOf(name: string): { about: string; sequence: number } | undefined {
  const [, message, subject, sequence] = answerFile.exec(name) ?? [];
  return sequence === undefined ? undefined : { about: `${message}_${subject}`, sequence: Number(sequence) };
}
export const statusAbout = (instructionNo: string): string => `pain.002_${messageIdOf(instructionNo)}`;
export const notificationAbout = (instructionNo: string): string => `camt.054_${instructionNo}`;
export const statementAbout = (accountNo: string, date: string): string =>
  `camt.053_${accountNo}_${date.replaceAll('-', '')}`;

/** The companion of a statement, written last [X]: `<name>|<bytes>|<SHA-256, hex>`. */
export const companionLine = /^([^|]{1,160})\|(\d{1,9})\|([0-9a-f]{64})\r?\n?$/;

const Max35 = Type.String({ minLength: 1, maxLength: 35 });
const Max105 = Type.String({ minLength: 1, maxLength: 105 });
const Max140 = Type.String({ minLength: 1, maxLength: 140 });
const Code = Type.String({ minLength: 1, maxLength: 35 });
const Decimal = Type.String({ pattern: '^\\d{1,15}(\\.\\d{1,5})?$', maxLength: 21 });
const Count = Type.String({ pattern: '^\\d{1,15}$' });
/** ISODateTime; without an offset it is the bank's own time, Beijing [X]. */
const DateTime = Type.String({
  pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d{1,9})?(Z|[+-]\\d\\d:\\d\\d)?$',
  maxLength: 35,
});
const Money = strict({ '@Ccy': Currency, '#': Decimal });
const Yes = Type.Union([Type.Literal('true'), Type.Literal('false'), Type.Literal('1'), Type.Literal('0')]);
const Indicator = Type.Union([Type.Literal('CRDT'), Type.Literal('DBIT')]);

const Agent = strict({
  FinInstnId: strict({
    ClrSysMmbId: strict({ ClrSysId: strict({ Cd: Type.Literal('CNAPS') }), MmbId: BankCode }),
    Nm: Type.Optional(Max140),
  }),
});
const Account = strict({ Id: strict({ Othr: strict({ Id: Type.String({ minLength: 1, maxLength: 34 }) }) }) });
const OtherId = strict({ OrgId: strict({ Othr: strict({ Id: Max35, SchmeNm: strict({ Prtry: Max35 }) }) }) });
const Company = strict({ Nm: Max140, Id: OtherId });
const Stamp = { CreDtTm: DateTime, ReqdExctnDt: strict({ Dt: BusinessDate }) };

/** One payment in one group: the answer to the file is the answer to the instruction. */
export const IsoOrder = contract(
  'bank/iso20022-order',
  strict({
    CstmrCdtTrfInitn: strict({
      GrpHdr: strict({
        MsgId: Max35,
        CreDtTm: Stamp.CreDtTm,
        NbOfTxs: Type.Literal('1'),
        CtrlSum: Decimal,
        InitgPty: Company,
      }),
      PmtInf: strict({
        PmtInfId: Max35,
        PmtMtd: Type.Literal('TRF'),
        NbOfTxs: Type.Literal('1'),
        CtrlSum: Decimal,
        ReqdExctnDt: Stamp.ReqdExctnDt,
        Dbtr: strict({ Nm: Max140 }),
        DbtrAcct: Account,
        DbtrAgt: Agent,
        ChrgBr: Type.Literal('SLEV'),
        CdtTrfTxInf: strict({
          PmtId: strict({ InstrId: Max35, EndToEndId: Max35 }),
          Amt: strict({ InstdAmt: Money }),
          /** Whose loan it is: the payment is made in his name (受托支付). */
          UltmtDbtr: Company,
          CdtrAgt: Agent,
          Cdtr: strict({ Nm: Max140 }),
          CdtrAcct: Account,
          Purp: strict({ Cd: Type.Literal('LOAN') }),
          RmtInf: strict({ Ustrd: Type.Array(Max140, { minItems: 1, maxItems: 6 }) }),
        }),
      }),
    }),
  }),
);

/** What an order is made of: the instruction, who sends it and whose account pays, and when it was first written. */
export const IsoOrdering = contract(
  'bank/iso20022-ordering',
  strict({
    instruction: Disbursement.schema,
    sender: strict({ name: CompanyName, uscc: Uscc }),
    payer: strict({ name: CompanyName, accountNo: AccountNo, bankCode: BankCode }),
    createdAt: DateTime,
    executeOn: BusinessDate,
  }),
);

const Reasons = Type.Array(
  strict({
    Rsn: Type.Optional(strict({ Cd: Type.Optional(Code), Prtry: Type.Optional(Max35) })),
    AddtlInf: Type.Optional(Type.Array(Max105, { maxItems: 10 })),
  }),
  { maxItems: 10 },
);

export const IsoStatus = contract(
  'bank/iso20022-status',
  strict({
    CstmrPmtStsRpt: strict({
      GrpHdr: strict({ CreDtTm: DateTime }),
      OrgnlGrpInfAndSts: strict({
        OrgnlMsgId: Max35,
        OrgnlMsgNmId: Max35,
        OrgnlNbOfTxs: Type.Optional(Count),
        OrgnlCtrlSum: Type.Optional(Decimal),
        GrpSts: Type.Optional(Code),
        StsRsnInf: Type.Optional(Reasons),
      }),
      OrgnlPmtInfAndSts: Type.Optional(
        strict({
          PmtInfSts: Type.Optional(Code),
          StsRsnInf: Type.Optional(Reasons),
          TxInfAndSts: Type.Optional(
            strict({
              OrgnlEndToEndId: Max35,
              TxSts: Type.Optional(Code),
              StsRsnInf: Type.Optional(Reasons),
              AccptncDtTm: Type.Optional(DateTime),
              AcctSvcrRef: Type.Optional(Max35),
              OrgnlTxRef: Type.Optional(strict({ Amt: strict({ InstdAmt: Money }) })),
            }),
          ),
        }),
      ),
    }),
  }),
);

const Day = strict({ Dt: Type.Optional(BusinessDate), DtTm: Type.Optional(DateTime) });
const AnyAccount = strict({
  Id: strict({ IBAN: Type.Optional(Max35), Othr: Type.Optional(strict({ Id: Max35 })) }),
});
const Party = strict({ Pty: Type.Optional(strict({ Nm: Type.Optional(Max140) })) });

const Entry = strict({
  Amt: Money,
  CdtDbtInd: Indicator,
  RvslInd: Type.Optional(Yes),
  Sts: strict({ Cd: Code }),
  BookgDt: Day,
  AcctSvcrRef: Max35,
  BkTxCd: strict({ Domn: strict({ Cd: Code, Fmly: strict({ Cd: Code, SubFmlyCd: Code }) }) }),
  NtryDtls: Type.Optional(
    strict({
      TxDtls: Type.Array(
        strict({
          Refs: Type.Optional(strict({ AcctSvcrRef: Type.Optional(Max35), EndToEndId: Type.Optional(Max35) })),
          Amt: Type.Optional(Money),
          AmtDtls: Type.Optional(strict({ TxAmt: Type.Optional(strict({ Amt: Money })) })),
          RltdPties: Type.Optional(
            strict({
              Dbtr: Type.Optional(Party),
              DbtrAcct: Type.Optional(AnyAccount),
              Cdtr: Type.Optional(Party),
              CdtrAcct: Type.Optional(AnyAccount),
            }),
          ),
          RmtInf: Type.Optional(strict({ Ustrd: Type.Optional(Type.Array(Max140, { maxItems: 20 })) })),
          RtrInf: Type.Optional(
            strict({
              Rsn: Type.Optional(strict({ Cd: Type.Optional(Code), Prtry: Type.Optional(Max35) })),
              AddtlInf: Type.Optional(Type.Array(Max105, { maxItems: 10 })),
            }),
          ),
        }),
        { minItems: 1, maxItems: 5000 },
      ),
    }),
  ),
});

export const IsoNotification = contract(
  'bank/iso20022-notification',
  strict({
    BkToCstmrDbtCdtNtfctn: strict({
      Ntfctn: strict({ Acct: AnyAccount, Ntry: Type.Array(Entry, { minItems: 1, maxItems: 100 }) }),
    }),
  }),
);

export const IsoStatement = contract(
  'bank/iso20022-statement',
  strict({
    BkToCstmrStmt: strict({
      Stmt: strict({
        ElctrncSeqNb: Count,
        FrToDt: strict({ FrDtTm: DateTime, ToDtTm: DateTime }),
        Acct: AnyAccount,
        Bal: Type.Array(
          strict({
            Tp: strict({ CdOrPrtry: strict({ Cd: Code }) }),
            Amt: Money,
            CdtDbtInd: Indicator,
          }),
          { minItems: 1, maxItems: 10 },
        ),
        TxsSummry: strict({ TtlNtries: strict({ NbOfNtries: Count, Sum: Decimal }) }),
        Ntry: Type.Optional(Type.Array(Entry, { maxItems: 5000 })),
      }),
    }),
  }),
);

/** Everything that the bank has said about one order, and whether the order lies where it fetches orders. */
export const IsoSaid = contract(
  'bank/iso20022-said',
  strict({
    instructionNo: IsoNumber.schema,
    ordered: Type.Boolean(),
    /** Of the order that lies there: a bank that refuses need not say again how much it refuses. */
    orderedAmount: Type.Optional(Decimal),
    statuses: Type.Array(IsoStatus.schema, { maxItems: 99 }),
    notifications: Type.Array(IsoNotification.schema, { maxItems: 99 }),
    statements: Type.Array(IsoStatement.schema, { maxItems: 31 }),
  }),
);

/** A statement and what was asked for. */
export const IsoStatementAsked = contract(
  'bank/iso20022-statement-asked',
  strict({ accountNo: Text, date: BusinessDate, sequence: Type.Integer(), statement: IsoStatement.schema }),
);
