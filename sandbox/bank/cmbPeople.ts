/** The bank's payment desk and its correspondents. An act that comes twice finds its work done and does nothing. */
import { book, nowStamp, paymentOf, type Cmb, type Payment } from './cmbBooks.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
const settleAfterMs = 10 * minuteMs;

/** Magic fen; what each does stands in `cmb.twin.ts`. */
export const endings = {
  fails: '000.02',
  returned: '000.03',
  suspect: '000.04',
  held: '000.05',
  plainText: '000.06',
  expires: '000.07',
  page: '000.08',
} as const;

type Args = Record<string, unknown>;
type Act = (args: Args, bank: Cmb) => void;

export const cmbPeople: Readonly<Record<string, Act>> = { settle, bounce, expire, enter };

/** A payment has just been taken: what its people will do about it. */
export function plan(payment: Payment, bank: Cmb): void {
  const args = { instructionNo: payment.row.yurRef };
  if (payment.row.trsAmt.endsWith(endings.expires)) {
    payment.reqSts = 'AUT';
    bank.later('expire', args, dayMs);
  } else bank.later('settle', args, settleAfterMs);
}

/** `{ instructionNo }`: the money leaves, or it does not, or nobody knows. */
function settle(args: Args, bank: Cmb): void {
  const payment = known(args, bank);
  const { trsAmt, yurRef, crtAcc, crtNam, nusAge } = payment.row;
  if (payment.reqSts === 'BNK' && trsAmt.endsWith(endings.suspect)) {
    payment.reqSts = 'WRF';
    bank.later('settle', args, 2 * hourMs);
    return;
  }
  const open = payment.reqSts === 'BNK' || payment.reqSts === 'WRF';
  if (!open) return;
  payment.reqSts = 'FIN';
  if (trsAmt.endsWith(endings.fails)) {
    payment.rtnFlg = 'F';
    payment.rtnNar = '收方账户状态异常';
    return;
  }
  const held = trsAmt.endsWith(endings.held);
  payment.rtnFlg = held ? 'U' : 'S';
  payment.trxSeq = book(bank, {
    trscod: 'CPAY',
    trsamt: trsAmt,
    amtcdr: 'D',
    naryur: nusAge,
    yurref: yurRef,
    rpynam: crtNam,
    rpyacc: crtAcc,
  });
  bank.effect('disbursed', yurRef, { amt: trsAmt, payee: crtAcc, refnbr: payment.trxSeq });
  if (held || trsAmt.endsWith(endings.returned)) bank.later('bounce', args, dayMs);
}

/** `{ instructionNo }`: the payee's bank sends the money back (退票). */
function bounce(args: Args, bank: Cmb): void {
  const payment = known(args, bank);
  if (payment.reqSts !== 'FIN' || (payment.rtnFlg !== 'S' && payment.rtnFlg !== 'U')) return;
  const { trsAmt, yurRef, crtAcc, crtNam } = payment.row;
  payment.rtnFlg = 'B';
  payment.rtnNar = '收款行退票：账号户名不符';
  payment.updDat = nowStamp(bank).slice(0, 8);
  book(bank, {
    trscod: 'CRTN',
    trsamt: trsAmt,
    amtcdr: 'C',
    naryur: '退票',
    yurref: yurRef,
    rpynam: crtNam,
    rpyacc: crtAcc,
  });
  bank.effect('returned', yurRef, { amt: trsAmt });
}

/** `{ instructionNo }`: nobody at the customer's approved it in time. */
function expire(args: Args, bank: Cmb): void {
  const payment = known(args, bank);
  if (payment.reqSts !== 'AUT') return;
  payment.reqSts = 'FIN';
  payment.rtnFlg = 'D';
  payment.rtnNar = '过期未审批';
}

/** Money that nobody announced (暂收). `{ amount, day?, name?, account?, reference?, remark?, kind? }`, day as `yyyyMMdd`. */
function enter(args: Args, bank: Cmb): void {
  const say = (name: string) => (typeof args[name] === 'string' ? args[name] : '');
  if (!/^\d+\.\d\d$/.test(say('amount'))) throw new Error('amount is yuan with two decimals');
  const line = {
    trscod: say('kind') || 'CMSC',
    trsamt: say('amount'),
    amtcdr: 'C',
    naryur: say('remark'),
    yurref: say('reference'),
    rpynam: say('name'),
    rpyacc: say('account'),
  } as const;
  book(bank, line, say('day') || undefined);
}

function known(args: Args, bank: Cmb): Payment {
  const payment = paymentOf(bank, String(args['instructionNo']));
  if (!payment) throw new Error(`there is no payment ${String(args['instructionNo'])}`);
  return payment;
}
