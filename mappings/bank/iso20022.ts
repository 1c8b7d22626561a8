/** An instruction as an ISO 20022 order, and what the bank says about it, file by file, as one answer. */
import { bank } from '../../contracts/bank/bank.ts';
import {
  IsoOrder,
  IsoOrdering,
  IsoSaid,
  type IsoStatus,
  messageIdOf,
  namespaces,
  paymentIdOf,
} from '../../contracts/bank/iso20022.wire.ts';
import { decimal } from '../../contracts/canonical/money.ts';
import type { Message } from '../../contracts/contract.ts';
import { Failure } from '../../contracts/failures.ts';
import { mapping } from '../../contracts/mapping.ts';
import { currencies, reasons, statuses } from './iso20022.codes.ts';
import { amountOf, instantOf, movementsOf, type Movement } from './iso20022.entries.ts';

const { operations } = bank;
type Said = Message<typeof IsoSaid>;
type Status = Message<typeof IsoStatus>;

export const toOrder = mapping('bank.iso20022.toOrder', IsoOrdering, IsoOrder, (o) => {
  const { instruction: i, sender, payer } = o;
  const company = (name: string, uscc: string) => ({
    Nm: name,
    Id: { OrgId: { Othr: { Id: uscc, SchmeNm: { Prtry: 'USCC' } } } },
  });
  const account = (accountNo: string) => ({ Id: { Othr: { Id: accountNo } } });
  const member = (bankCode: string) => ({ ClrSysId: { Cd: 'CNAPS' as const }, MmbId: bankCode });
  const total = { NbOfTxs: '1' as const, CtrlSum: i.amount };
  return {
    CstmrCdtTrfInitn: {
      GrpHdr: {
        MsgId: messageIdOf(i.instructionNo),
        CreDtTm: o.createdAt,
        ...total,
        InitgPty: company(sender.name, sender.uscc),
      },
      PmtInf: {
        PmtInfId: paymentIdOf(i.instructionNo),
        PmtMtd: 'TRF' as const,
        ...total,
        ReqdExctnDt: { Dt: o.executeOn },
        Dbtr: { Nm: payer.name },
        DbtrAcct: account(payer.accountNo),
        DbtrAgt: { FinInstnId: { ClrSysMmbId: member(payer.bankCode) } },
        ChrgBr: 'SLEV' as const,
        CdtTrfTxInf: {
          PmtId: { InstrId: i.instructionNo, EndToEndId: i.instructionNo },
          Amt: { InstdAmt: { '@Ccy': currencies.codeOf(i.currency, '#/instruction/currency'), '#': i.amount } },
          UltmtDbtr: company(i.borrower.name, i.borrower.uscc),
          CdtrAgt: { FinInstnId: { ClrSysMmbId: member(i.payee.bankCode), Nm: i.payee.bankName } },
          Cdtr: { Nm: i.payee.accountName },
          CdtrAcct: account(i.payee.accountNo),
          Purp: { Cd: 'LOAN' as const },
          RmtInf: {
            Ustrd: [
              i.postscript,
              `/CONTRACT/${i.loanContractNo}`,
              `/MANDATE/${i.mandateNo}`,
              `/APPLICATION/${i.applicationNo}`,
              `/ORDER/${i.orderNo}`,
              `/FUNDER/${i.funderRef}`,
            ],
          },
        },
      },
    },
  };
});

/** A file that the bank's server holds under its name is taken, whether its people have looked at it or not. */
export const disbursementEnquiry = mapping(
  'bank.iso20022.disbursementEnquiry',
  IsoSaid,
  operations.queryDisbursement.response,
  (said) => {
    const verdict = verdictOf(said);
    const taken = { outcome: 'confirmed' as const, response: { bankNo: messageIdOf(said.instructionNo) } };
    if (verdict?.is === 'refused') return { outcome: 'refused' as const, code: verdict.code, detail: verdict.words };
    if (said.ordered || (verdict && verdict.is !== 'duplicate')) return taken;
    return verdict ? { outcome: 'pending' as const } : { outcome: 'notFound' as const };
  },
  { drops: { '/orderedAmount': 'how much is asked with the settlement' } },
);

/** Booked entries weigh more than what a status says; money that came back weighs more than money that went. */
export const settlementEnquiry = mapping(
  'bank.iso20022.settlementEnquiry',
  IsoSaid,
  operations.readSettlement.response,
  (said) => {
    const verdict = verdictOf(said);
    const moved = movementsAbout(said);
    const returned = moved.find(({ direction, entry }) => direction === 'credit' && entry === 'return');
    const paid = moved.find(({ direction, entry }) => direction === 'debit' && entry === 'payment');
    if (verdict?.is === 'refused' && moved.length > 0)
      throw unclear('it was refused by one file and booked by another');
    const amounts = [said.orderedAmount, verdict?.amount, paid?.amount].filter((each) => each !== undefined);
    if (new Set(amounts).size > 1) throw unclear('it is of one amount in one file and of another in another');
    const base = { instructionNo: said.instructionNo };
    const found = returned ?? paid;
    if (found) {
      return {
        outcome: 'confirmed' as const,
        response: {
          ...base,
          status: returned ? ('returned' as const) : ('succeeded' as const),
          amount: found.amount,
          settledAt: found.at,
          bankSerial: found.serial,
          ...(returned?.returnWords === undefined ? {} : { reason: returned.returnWords }),
        },
      };
    }
    if (verdict?.is === 'settled' || verdict?.is === 'refused') {
      const { is, at, serial, words } = verdict;
      return {
        outcome: 'confirmed' as const,
        response: {
          ...base,
          status: is === 'settled' ? ('succeeded' as const) : ('failed' as const),
          amount: amounts[0] ?? '',
          settledAt: at,
          ...(serial === undefined ? {} : { bankSerial: serial }),
          ...(is === 'refused' ? { reason: words } : {}),
        },
      };
    }
    return said.ordered || verdict ? { outcome: 'pending' as const } : { outcome: 'notFound' as const };
  },
  {
    leaves: {
      '/<outcome=refused>': 'a payment that failed is a result, hence confirmed',
    },
    drops: {
      '/notifications/[]/BkToCstmrDbtCdtNtfctn/Ntfctn/Acct': 'the reference tells whose payment it is',
      '/statements/[]/BkToCstmrStmt/Stmt/Acct': 'the reference tells whose payment it is',
      '/statements/[]/BkToCstmrStmt/Stmt/Bal': 'of the whole day',
      '/statements/[]/BkToCstmrStmt/Stmt/ElctrncSeqNb': 'only the newest of a day is handed in',
      '/statements/[]/BkToCstmrStmt/Stmt/FrToDt': 'the entry has its own day',
      '/statements/[]/BkToCstmrStmt/Stmt/TxsSummry': 'of the whole day',
    },
  },
);

interface Verdict {
  readonly is: 'underWay' | 'taken' | 'settled' | 'refused' | 'duplicate';
  readonly amount: string | undefined;
  readonly at: string;
  readonly serial: string | undefined;
  /** Of a refusal: the failure, and the bank's code with its words. */
  readonly code: string;
  readonly words: string;
}

const finality = ['duplicate', 'underWay', 'taken', 'refused', 'settled'] as const;

/** The last word of all status files, whatever order they came in. @throws Failure when they cannot all be true */
function verdictOf({ instructionNo, statuses: reports }: Said): Verdict | undefined {
  const verdicts = reports.map((report) => verdictIn(report, instructionNo));
  const is = (what: Verdict['is']) => verdicts.find((each) => each.is === what);
  if (is('settled') && is('refused')) throw unclear('one status says that it was paid, another that it was refused');
  return finality.toReversed().map(is).find(Boolean);
}

function verdictIn({ CstmrPmtStsRpt: report }: Status, instructionNo: string): Verdict {
  const { OrgnlGrpInfAndSts: group, OrgnlPmtInfAndSts: payment } = report;
  const one = payment?.TxInfAndSts;
  const isOurs =
    group.OrgnlMsgId === messageIdOf(instructionNo) &&
    namespaces.order.endsWith(group.OrgnlMsgNmId) &&
    (one?.OrgnlEndToEndId ?? instructionNo) === instructionNo;
  if (!isOurs) throw unclear('the status file is about another order');
  if ((group.OrgnlNbOfTxs ?? '1') !== '1') throw unclear('the status file counts other payments than we ordered');
  const amount = one?.OrgnlTxRef && amountOf(one.OrgnlTxRef.Amt.InstdAmt);
  const sum = group.OrgnlCtrlSum === undefined ? undefined : decimal(group.OrgnlCtrlSum, 2);
  if (amount !== undefined && sum !== undefined && amount !== sum) throw unclear('the control sum is not the amount');
  const status = one?.TxSts ?? payment?.PmtInfSts ?? group.GrpSts;
  if (status === undefined) throw unclear('the status file has no status');
  const is = statuses.of(status, '#/TxSts');
  if (is === 'inParts') throw unclear('one payment cannot be done in parts');
  const base = {
    amount: amount ?? sum,
    at: instantOf(one?.AccptncDtTm ?? report.GrpHdr.CreDtTm),
    serial: one?.AcctSvcrRef,
  };
  if (is !== 'refused') return { ...base, is, code: '', words: '' };
  const [why] = one?.StsRsnInf ?? payment?.StsRsnInf ?? group.StsRsnInf ?? [];
  const reason = why?.Rsn?.Cd ?? why?.Rsn?.Prtry;
  const code = reason === undefined ? 'SYSTEM_REFUSED' : reasons.of(reason, '#/StsRsnInf');
  const words = [reason ?? status, ...(why?.AddtlInf ?? [])].join(' ').slice(0, 500);
  return { ...base, is: code === 'duplicate' ? 'duplicate' : 'refused', code, words };
}

/** Booked movements under our number. A notification is about one instruction; a statement is about a day. */
function movementsAbout({ instructionNo, notifications, statements }: Said): Movement[] {
  const ours = ({ instructionNo: no }: Movement) => no === instructionNo;
  const notified = notifications.flatMap(({ BkToCstmrDbtCdtNtfctn: { Ntfctn } }) => {
    const moved = movementsOf(Ntfctn.Ntry);
    if (moved.length > 0 && !moved.some(ours)) throw unclear('the notification is about another payment');
    return moved;
  });
  const stated = statements.flatMap(({ BkToCstmrStmt: { Stmt } }) => movementsOf(Stmt.Ntry ?? []));
  return [...notified, ...stated].filter(ours);
}

function unclear(detail: string): Failure {
  return new Failure('OUTCOME_UNKNOWN', { detail });
}
