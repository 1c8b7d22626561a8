/** Canonical messages ↔ CMB's cloud direct connection: an entrusted payment (受托支付), its fate, and an account's day. */
import { bank, type DisbursementSettled, DisbursementTaken } from '../../contracts/bank/bank.ts';
import { Statement } from '../../contracts/bank/statement.ts';
import {
  CmbOrder,
  CmbPay,
  CmbPayment,
  CmbPayTaken,
  CmbSettlement,
  CmbStatement,
} from '../../contracts/bank/cmb.wire.ts';
import { decimal } from '../../contracts/canonical/money.ts';
import type { Message } from '../../contracts/contract.ts';
import { Failure } from '../../contracts/failures.ts';
import { mapping } from '../../contracts/mapping.ts';
import { bankNoOf } from '../codes/banks.ts';
import { currencyCodes, directions, entries, requestStates, results } from './cmb.codes.ts';

const { operations } = bank;
const noLoan = 'a payment of this bank knows no loan: it is the hub that has checked it against the mandate';
const notFound = 'the dialect answers it: a query that finds no row';
const ownBankNo = '308';

export const toPay = mapping(
  'bank.cmb.toPay',
  CmbOrder,
  CmbPay,
  ({ disbursement: d, debitAccount, mode }) => ({
    bb1paybmx1: [{ busCod: 'N02030', busMod: mode }],
    bb1payopx1: [
      {
        dbtAcc: debitAccount,
        crtAcc: d.payee.accountNo,
        crtNam: d.payee.accountName,
        crtBnk: d.payee.bankName,
        brdNbr: d.payee.bankCode,
        bnkFlg:
          bankNoOf(d.payee.bankCode, '#/disbursement/payee/bankCode') === ownBankNo ? ('Y' as const) : ('N' as const),
        ccyNbr: currencyCodes.codeOf(d.currency, '#/disbursement/currency'),
        trsAmt: d.amount,
        nusAge: d.postscript,
        busNar: d.orderNo,
        yurRef: d.instructionNo,
        stlChn: 'Q',
        trsTyp: '100001',
        rcvChk: '1' as const,
      },
    ],
  }),
  {
    drops: {
      '/disbursement/applicationNo': noLoan,
      '/disbursement/funderRef': noLoan,
      '/disbursement/loanContractNo': noLoan,
      '/disbursement/mandateNo': noLoan,
      '/disbursement/borrower': noLoan,
    },
  },
);

export const payTaken = mapping(
  'bank.cmb.payTaken',
  CmbPayTaken,
  DisbursementTaken,
  (t) => ({ bankNo: present(t.reqNbr, 'reqNbr') }),
  {
    drops: {
      '/errCod': 'the dialect has read it: only what was taken comes here',
      '/errTxt': 'only a no has one',
      '/reqSts': 'what became of it is asked for: between taken and paid anything may happen',
      '/rtnFlg': 'as the request status',
    },
  },
);

/** The bank has the number; what became of the payment is another question. */
export const paymentEnquiry = mapping(
  'bank.cmb.paymentEnquiry',
  CmbPayment,
  operations.queryDisbursement.response,
  (p) => ({ outcome: 'confirmed' as const, response: { bankNo: p.reqNbr } }),
  {
    drops: Object.fromEntries(
      ['yurRef', 'dbtAcc', 'crtAcc', 'crtNam', 'trsAmt', 'oprDat', 'reqSts', 'rtnFlg', 'rtnNar', 'trxSeq'].map(
        (field) => [
          `/${field}`,
          'what became of the payment is another question; that it is ours, the dialect has seen by its number',
        ],
      ),
    ),
    leaves: {
      '/<outcome=notFound>': notFound,
      '/<outcome=refused>': 'what was refused has no row',
      '/<outcome=pending>': 'what has a row was taken',
    },
  },
);

/** The bank tells days, not hours: the day it was handled, or the day it came back. */
function settled({ payment: p, returned }: Message<typeof CmbSettlement>): Message<typeof DisbursementSettled> {
  const status = results.of(p.rtnFlg, '#/payment/rtnFlg');
  if (status === 'pending') throw new Failure('EXT_CODE_UNMAPPED', { externalCode: p.rtnFlg });
  const back = status === 'returned' ? present(returned, 'returned') : undefined;
  const reason = back?.rtnTxt || p.rtnNar;
  return {
    instructionNo: p.yurRef,
    status,
    amount: decimal(p.trsAmt, 2),
    settledAt: `${dateOf(back?.updDat ?? p.oprDat)}T00:00:00+08:00`,
    ...(p.trxSeq ? { bankSerial: p.trxSeq } : {}),
    ...(reason ? { reason } : {}),
  };
}

export const settlementEnquiry = mapping(
  'bank.cmb.settlementEnquiry',
  CmbSettlement,
  operations.readSettlement.response,
  (s) =>
    isPending(s.payment) ? { outcome: 'pending' as const } : { outcome: 'confirmed' as const, response: settled(s) },
  {
    drops: {
      '/payment/reqNbr': 'known since the payment was taken',
      '/payment/dbtAcc': 'our own account',
      '/payment/crtAcc': 'as it was told',
      '/payment/crtNam': 'as it was told',
      '/returned/yurRef': 'the dialect has looked for it',
      '/returned/reqNbr': 'the dialect has looked for it',
    },
    leaves: {
      '/<outcome=notFound>': notFound,
      '/<outcome=refused>': 'a payment that failed is a result, hence confirmed',
    },
  },
);

/** Neither paid nor not paid, whoever has to do something about it. @throws Failure EXT_CODE_UNMAPPED */
export function isPending(p: { readonly reqSts: string; readonly rtnFlg: string }): boolean {
  if (requestStates.of(p.reqSts, '#/payment/reqSts') === 'pending') return true;
  return results.of(p.rtnFlg, '#/payment/rtnFlg') === 'pending';
}

/** Whether the money came back. */
export function isReturned(p: { readonly reqSts: string; readonly rtnFlg: string }): boolean {
  return !isPending(p) && results.of(p.rtnFlg, '#/payment/rtnFlg') === 'returned';
}

export const statementOf = mapping('bank.cmb.statementOf', CmbStatement, Statement, (s) => ({
  accountNo: s.accnbr,
  date: s.day,
  final: s.closed,
  lines: s.lines.map((line, i) => ({
    serial: line.refnbr,
    at: `${dateOf(line.etydat)}T${timeOf(line.etytim)}+08:00`,
    direction: directions.of(line.amtcdr, `#/lines/${i}/amtcdr`),
    amount: decimal(line.trsamt.replace('-', ''), 2),
    currency: 'CNY',
    entry: entries.of(line.trscod, `#/lines/${i}/trscod`),
    ...(line.rpynam || line.rpyacc
      ? {
          counterparty: {
            ...(line.rpynam ? { name: line.rpynam } : {}),
            ...(line.rpyacc ? { accountNo: line.rpyacc } : {}),
          },
        }
      : {}),
    ...(line.yurref ? { instructionNo: line.yurref } : {}),
    ...(line.naryur ? { remark: line.naryur } : {}),
  })),
}));

/** `"20261123"` → `"2026-11-23"`. */
function dateOf(day: string): string {
  const date = `${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6)}`;
  const instant = new Date(`${date}T00:00:00Z`);
  if (Number.isNaN(instant.getTime()) || !instant.toISOString().startsWith(date)) throw wrong('there is no such day');
  return date;
}

function timeOf(time: string): string {
  const match = /^([01]\d|2[0-3])([0-5]\d)([0-5]\d)$/.exec(time);
  if (!match) throw wrong('there is no such time');
  return `${match[1]}:${match[2]}:${match[3]}`;
}

function present<T>(value: T | undefined, field: string): T {
  if (value === undefined) throw wrong(`${field} is missing`);
  return value;
}

function wrong(detail: string): Failure {
  return new Failure('CONTRACT_VIOLATED', { detail });
}
