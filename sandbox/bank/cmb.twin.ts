/**
 * China Merchants Bank (招商银行) by its cloud direct connection (云直连): one address for all functions, a form with the
 * message inside, signed and enciphered with the national algorithms. It never calls. What the gateway itself says is plain
 * text, `CDCServer:ErrMsg:…`. A reference (业务参考号) that it has is refused as `NCB4241`, with `FIN` and `F` beside it.
 *
 * What the fen of a payment bring about stands in `magic` below.
 */
import { randomBytes } from 'node:crypto';
import { sm2 } from 'sm-crypto-v2';
import { twin, type TwinAnswer, type TwinRequest } from '../twin.ts';
import { nextNumber, nowStamp, paymentOf, type Cmb, type CmbBooks, type Payment, type PayRow } from './cmbBooks.ts';
import { cmbPeople, endings, plan } from './cmbPeople.ts';
import {
  answered,
  deciphered,
  identity,
  isSigned,
  ordered,
  placeholder,
  stampAt,
  text,
  type CmbKeys,
  type Head,
} from './cmbSeal.ts';

const address = '/cdcserver/api/v2';
/** Real time: how far a `sigtim` may be from the bank's clock. */
const windowMs = 10 * 60_000;
const pageLines = 30;

export const bankCmb = twin<CmbBooks>({
  name: 'bank-cmb',
  kind: 'bank',
  dialect: 'cmb',
  title: { zh: '招商银行（云直连）', en: 'China Merchants Bank, cloud direct' },
  // The account is told to nobody: it lies with the keys.
  settings: { userId: identity.userId, branch: identity.branch, mode: identity.mode },
  magic: [
    { where: 'amount of a payment 付款金额', value: '…000.02', effect: '`FIN`/`F` after ten minutes 失败' },
    { where: 'amount of a payment 付款金额', value: '…000.03', effect: '`FIN`/`S`, and `FIN`/`B` a day later 退票' },
    { where: 'amount of a payment 付款金额', value: '…000.04', effect: '`WRF` for two hours 可疑, then `FIN`/`S`' },
    { where: 'amount of a payment 付款金额', value: '…000.05', effect: '`FIN`/`U` for a day 挂账, then `FIN`/`B`' },
    {
      where: 'amount of a payment 付款金额',
      value: '…000.06',
      effect: 'taken, and the answer is plain text, `CDCServer:ErrMsg:…`; asked again, `NCB4241`',
    },
    {
      where: 'amount of a payment 付款金额',
      value: '…000.07',
      effect: '`AUT` 等待审批, and `FIN`/`D` a day later 过期: no money moves',
    },
    {
      where: 'amount of a payment 付款金额',
      value: '…000.08',
      effect: 'taken, and the answer is HTTP 500 with a page; asked again, `NCB4241`',
    },
  ],
  enrol: () => {
    const [user, bank] = [sm2.generateKeyPairHex(), sm2.generateKeyPairHex()];
    const symmetric = randomBytes(8).toString('hex');
    const base64 = (hex: string) => Buffer.from(hex, 'hex').toString('base64');
    return {
      hub: {
        'user-private.txt': base64(user.privateKey),
        'bank-public.txt': base64(bank.publicKey),
        'symmetric.txt': symmetric,
        'payer-account.txt': identity.debitAccount,
      },
      twin: {
        'bank-private.txt': bank.privateKey,
        'bank-public.txt': bank.publicKey,
        'user-public.txt': user.publicKey,
        'symmetric.txt': symmetric,
      },
    };
  },
  memory: () => ({ serial: 0, payments: {}, movements: [] }),
  operationOf: (request) => operations[new URLSearchParams(request.body.toString()).get('FUNCODE') ?? ''],
  handle,
  acts: cmbPeople,
});

const operations: Readonly<Record<string, string>> = {
  BB1PAYOP: 'disburse',
  BB1PAYQR: 'queryDisbursement',
  BB1PAYQB: 'readSettlement',
  DCTRSINF: 'readStatement',
};

/** The gateway's own no: nobody signs it. */
class GatewayNo extends Error {}

/** The bank's no, signed. */
class BankNo extends Error {
  readonly code: string;

  constructor(code: string, words: string) {
    super(words);
    this.code = code;
  }
}

type Body = Readonly<Record<string, unknown>>;

export const keysOf = (key: (name: string) => string): CmbKeys => ({
  bankPrivate: key('bank-private.txt'),
  bankPublic: key('bank-public.txt'),
  symmetric: key('symmetric.txt'),
});

function handle(request: TwinRequest, bank: Cmb): TwinAnswer {
  try {
    const { head, body } = opened(request, bank);
    const keys = keysOf((name) => bank.key(name));
    try {
      return answered(head, { code: 'SUC0000', words: '', body: run(head, body, bank) }, keys);
    } catch (thrown) {
      if (!(thrown instanceof BankNo)) throw thrown;
      return answered(head, { code: thrown.code, words: thrown.message, body: {} }, keys);
    }
  } catch (thrown) {
    if (thrown instanceof GatewayNo) return text(`CDCServer:ErrMsg:${thrown.message}`);
    return { status: 500, headers: { 'content-type': 'text/html' }, body: '<html><h1>500</h1></html>' };
  }
}

/** Who sends, is it his, is it whole. Until then the gateway speaks. */
function opened(request: TwinRequest, bank: Cmb): { head: Head; body: Body } {
  const form = [...new URLSearchParams(request.body.toString())];
  const names = form.map(([name]) => name).join(',');
  const { ALG, DATA = '', FUNCODE = '', UID } = Object.fromEntries(form);
  if (request.path !== address || request.method !== 'POST') throw new GatewayNo('访问地址错误');
  if (names !== 'ALG,DATA,FUNCODE,UID' || ALG !== 'SM') throw new GatewayNo('请求参数错误');
  if (UID !== identity.userId) throw new GatewayNo('用户不存在或未开通');
  const plain = deciphered(DATA, bank.key('symmetric.txt'), UID);
  const message = plain === undefined ? undefined : parsed(plain);
  if (!message) throw new GatewayNo('报文解密失败');
  const { request: asked, signature } = message as { request?: { head?: Head; body?: Body }; signature?: Body };
  const { sigdat, sigtim } = signature ?? {};
  const source = ordered({ ...message, signature: { ...signature, sigdat: placeholder } });
  if (!isSigned(source, String(sigdat), bank.key('user-public.txt'), UID)) throw new GatewayNo('签名验证失败');
  const head = asked?.head;
  if (!head || head.funcode !== FUNCODE || head.userid !== UID || !/^\d{22}$/.test(head.reqid))
    throw new GatewayNo('报文头错误');
  const at = [-windowMs, windowMs].map((off) => stampAt(Date.now() + off).slice(0, 14));
  if (!/^\d{14}$/.test(String(sigtim)) || String(sigtim) < (at[0] ?? '') || String(sigtim) > (at[1] ?? ''))
    throw new GatewayNo('签名时间超出范围');
  return { head: { funcode: head.funcode, userid: head.userid, reqid: head.reqid }, body: asked.body ?? {} };
}

function parsed(bytes: Buffer): Body | undefined {
  try {
    return JSON.parse(bytes.toString()) as Body;
  } catch {
    return undefined;
  }
}

/** Request numbers of the last window. In memory only: after a restart the references still keep payments single. */
const seenIds = new WeakMap<CmbBooks, Map<string, number>>();

function run(head: Head, body: Body, bank: Cmb): object {
  const seen = seenIds.get(bank.memory) ?? new Map<string, number>();
  seenIds.set(bank.memory, seen);
  for (const [id, at] of seen) {
    if (Date.now() - at <= 2 * windowMs) break; // Oldest first: a map keeps the order of its entries.
    seen.delete(id);
  }
  if (seen.has(head.reqid)) throw new BankNo('CDC0003', 'reqid重复');
  seen.set(head.reqid, Date.now());
  switch (head.funcode) {
    case 'BB1PAYOP':
      return pay(body, bank);
    case 'BB1PAYQR':
      return { bb1payqrz1: [paymentOf(bank, String(only(body, 'bb1payqrx1')['yurRef']))].flatMap(paymentSaid) };
    case 'BB1PAYQB':
      return returns(only(body, 'bb1payqby1'), bank);
    case 'DCTRSINF':
      return transactions(body, bank);
    default:
      throw new BankNo('CDC0002', '无此功能权限');
  }
}

/** What is no text is an empty one: every shape says whether it may be. */
function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function only(body: Body, list: string): Body {
  const rows = body[list];
  const [row] = Array.isArray(rows) ? (rows as unknown[]) : [];
  if (!Array.isArray(rows) || rows.length !== 1 || typeof row !== 'object' || row === null)
    throw new BankNo('CDC0001', `${list}: 应有一条记录`);
  return row as Body;
}

const shapes: Readonly<Record<keyof PayRow, RegExp>> = {
  dbtAcc: /^\d{15}$/,
  crtAcc: /^[0-9-]{6,32}$/,
  crtNam: /^.{2,100}$/u,
  crtBnk: /^.{2,100}$/u,
  brdNbr: /^\d{12}$/,
  bnkFlg: /^[YN]$/,
  ccyNbr: /^10$/,
  trsAmt: /^(0|[1-9]\d{0,12})\.\d{2}$/,
  nusAge: /^.{1,62}$/u,
  busNar: /^.{1,64}$/u,
  yurRef: /^[A-Za-z0-9_.-]{1,30}$/,
  stlChn: /^[GQRI]$/,
  trsTyp: /^(100001|101001|101002)$/,
  rcvChk: /^1?$/,
};

/** A wrong field is a row with an error: the function itself ran. */
function pay(body: Body, bank: Cmb): object {
  const mode = only(body, 'bb1paybmx1');
  const row = only(body, 'bb1payopx1') as unknown as PayRow;
  if (mode['busCod'] !== 'N02030' || mode['busMod'] !== identity.mode) throw new BankNo('CDC0002', '业务模式未授权');
  const wrong = (Object.keys(shapes) as (keyof PayRow)[]).find((name) => !shapes[name].test(textOf(row[name])));
  const strange = Object.keys(row).find((name) => !Object.hasOwn(shapes, name));
  if (wrong ?? strange) return refused('NCB4101', `字段不合法: ${wrong ?? strange}`);
  if (row.dbtAcc !== identity.debitAccount) return refused('NCB4203', '付方账户未授权');
  if ((row.bnkFlg === 'Y') !== row.brdNbr.startsWith('308')) return refused('NCB4101', '字段不合法: bnkFlg');
  if (paymentOf(bank, row.yurRef)) return refused('NCB4241', '业务参考号重复');
  const payment: Payment = {
    row,
    reqNbr: nextNumber(bank, 10),
    oprDat: nowStamp(bank).slice(0, 8),
    reqSts: 'BNK',
    rtnFlg: '',
    rtnNar: '',
    trxSeq: '',
  };
  bank.memory.payments[row.yurRef] = payment;
  plan(payment, bank);
  if (row.trsAmt.endsWith(endings.plainText)) throw new GatewayNo('与核心系统通讯异常');
  if (row.trsAmt.endsWith(endings.page)) throw new Error('the line to the core broke');
  const { reqNbr, reqSts } = payment;
  return {
    bb1payopz1: [{ reqNbr, evtIst: '', reqSts, rtnFlg: '', oprSqn: '', errCod: 'SUC0000', errTxt: '', msgTxt: '' }],
  };
}

/** `FIN` and `F` stand beside every no, also beside "I have that one already". */
function refused(errCod: string, words: string): object {
  const row = { evtIst: '', reqSts: 'FIN', rtnFlg: 'F', oprSqn: '', errCod, errTxt: words, msgTxt: '' };
  return { bb1payopz1: [row] };
}

function paymentSaid(payment: Payment | undefined): object[] {
  if (!payment) return [];
  const { row, reqNbr, oprDat, reqSts, rtnFlg, rtnNar, trxSeq } = payment;
  const { rcvChk: _, ...shown } = row;
  return [
    {
      ...shown,
      busCod: 'N02030',
      busMod: identity.mode,
      dbtBbk: identity.branch,
      reqNbr,
      oprDat,
      reqSts,
      rtnFlg,
      rtnNar,
      trxSeq,
    },
  ];
}

function returns(asked: Body, bank: Cmb): object {
  const rows = Object.values(bank.memory.payments)
    .filter(({ reqNbr, updDat, oprDat }) => {
      const within = oprDat >= String(asked['bgnDat']) && oprDat <= String(asked['endDat']);
      return updDat !== undefined && within && (asked['reqNbr'] === undefined || asked['reqNbr'] === reqNbr);
    })
    .map(({ row, reqNbr, updDat, rtnNar }) => ({
      reqNbr,
      yurRef: row.yurRef,
      trsAmt: row.trsAmt,
      updDat,
      rtnCod: 'RJ01',
      rtnTxt: rtnNar,
    }));
  return { bb1payqbz1: rows };
}

function transactions(asked: Body, bank: Cmb): object {
  if (asked['accnbr'] !== identity.debitAccount || asked['bbknbr'] !== identity.branch)
    throw new BankNo('CDC0002', '账户未授权');
  const day = String(asked['trsdat']);
  if (!/^\d{8}$/.test(day) || day > nowStamp(bank).slice(0, 8)) throw new BankNo('CDC0001', 'trsdat: 交易日错误');
  const from = Number.parseInt(textOf(asked['trsseq']) || '0', 10);
  const all = bank.memory.movements.filter(({ etydat, seq }) => etydat === day && seq >= from);
  const lines = all.slice(0, pageLines);
  const count = (mark: 'C' | 'D') => String(lines.filter(({ amtcdr }) => amtcdr === mark).length);
  const head = {
    cotflg: all.length > lines.length ? 'Y' : 'N',
    trsseq: String(lines.at(-1)?.seq ?? 0),
    dbtnbr: count('D'),
    crtnbr: count('C'),
  };
  const shown = lines.map((movement) => {
    const { seq: _, ...line } = movement;
    return { ...line, vltdat: line.etydat, infflg: '1', athflg: 'N' };
  });
  return { ntrbptrsz1: [head], ntqactrsz2: shown };
}
