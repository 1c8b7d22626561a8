/**
 * China Construction Bank's 外联平台: the client program in the customer's network, and the bank behind it. It keeps every
 * transfer under the request number (REQUEST_SN) and tells nothing by itself.
 *
 * A transfer that comes back (退票) is told by the statement only.
 * Acts: `settle {number}`, `resolve {number, paid}`, `giveBack {number}`, `credit {account, amount, name, words}` (a credit without a number: 暂收),
 * `bookMany {account, date, count}`, `repeatRows {on}` (rows come twice where pages meet), `declare {as, really}` (what the
 * XML says that it is encoded in, and what it is). `number` is the REM1 of the transfer.
 */
import { randomBytes } from 'node:crypto';
import { twin, type TwinAnswer, type TwinRequest } from '../twin.ts';
import { funder } from '../world.ts';
import {
  bookActs,
  isClosed,
  isNamed,
  isOurs,
  openBook,
  pageOf,
  stampOf,
  take,
  textIn,
  transferBy,
  transferMagic,
  type AccountBook,
  type Bank,
  type Movement,
} from './accountBook.ts';
import { readTx, txAnswer, txCodeIn, type TxAnswer, type TxRequest } from './ccbWire.ts';

interface Memory extends AccountBook {
  charset: { declares: string; speaks: string };
  /** Number of the transfer under each request number. */
  requests: Record<string, string>;
}

/** Of the hub's own account it tells nobody: it lies with the keys. */
const payerAccountNo = funder.account.accountNo;
const settings = {
  custId: 'SZP000000001#002',
  userId: 'WLPT01',
  statementRows: '20',
};
const operations: Readonly<Record<string, string>> = {
  '6W8010': 'disburse',
  '6W8020': 'disburse',
  '6W0600': 'queryDisbursement',
  '6WY101': 'readStatement',
};
const results = { taken: '9', unclear: '9', paid: '4', returned: '4', failed: '5' } as const;
const kinds = { payment: '0', return: '1', fee: '2', interest: '3', other: '4' } as const;
const noRecord: TxAnswer = { code: 'X130Z0000001', words: '没有符合条件的记录' };
const badField: TxAnswer = { code: '0130Z1101003', words: '您输入的信息不符合格式检查' };

export const bankCcb = twin<Memory>({
  name: 'bank-ccb',
  kind: 'bank',
  dialect: 'ccb',
  title: { zh: '建设银行（外联平台）', en: 'China Construction Bank (direct link)' },
  settings,
  magic: [
    ...transferMagic,
    {
      where: 'business time 营业时间',
      value: '22:00–24:00, Beijing',
      effect: 'transfers are refused, `X130Z0000003`: later',
    },
  ],
  enrol: () => {
    const password = randomBytes(9).toString('hex');
    return {
      hub: { 'password.txt': password, 'payer-account.txt': payerAccountNo },
      twin: { 'password.txt': password },
    };
  },
  memory: () => ({ ...openBook(), charset: { declares: 'GB18030', speaks: 'gbk' }, requests: {} }),
  operationOf: ({ body }) => operations[txCodeIn(body)],
  handle,
  acts: {
    ...bookActs,
    declare({ as, really }, { memory }) {
      memory.charset = { declares: String(as), speaks: textIn(really) ?? 'gbk' };
    },
  },
});

async function handle(request: TwinRequest, bank: Bank<Memory>): Promise<TwinAnswer> {
  if (request.method !== 'POST' || request.path !== '/') return { status: 404, body: 'no such address' };
  const tx = await readTx(request.body);
  if (!tx) return { status: 400, body: 'requestXml' };
  return {
    status: 200,
    headers: { 'content-type': 'text/xml' },
    body: txAnswer(tx, judge(tx, bank), bank.memory.charset),
  };
}

function judge(tx: TxRequest, bank: Bank<Memory>): TxAnswer {
  if (tx.customer !== settings.custId || tx.user !== settings.userId)
    return { code: '0130Z1101004', words: '您所提交的客户尚未申请网上操作功能' };
  if (tx.password !== bank.key('password.txt')) return { code: '0130Z0100004', words: '密码不正确' };
  if (!/^\d{16}$/.test(tx.sn)) return badField;
  switch (tx.code) {
    case '6W8010':
    case '6W8020':
      return transfer(tx, bank);
    case '6W0600':
      return result(tx.info, bank);
    case '6WY101':
      return movements(tx.info, bank);
    default:
      return { code: '0130Z1101002', words: '交易码' };
  }
}

function transfer({ sn, info }: TxRequest, bank: Bank<Memory>): TxAnswer {
  const { PAY_ACCNO = '', RECV_ACCNO = '', RECV_ACC_NAME = '', AMOUNT = '', REM1 = '' } = info;
  if (isClosed(bank)) return { code: 'X130Z0000003', words: '已过当日业务截止时间' };
  if (REM1 === '' || RECV_ACCNO === '' || info['CUR_TYPE'] !== '01')
    return { code: '0130Z1101001', words: '输入的交易要素不完整，请重新输入' };
  if (!/^(0|[1-9]\d{0,13})\.\d\d$/.test(AMOUNT)) return badField;
  if (Object.hasOwn(bank.memory.requests, sn)) return { code: 'X130Z0000002', words: '请求序列号重复' };
  if (PAY_ACCNO !== payerAccountNo) return { code: '0130Z1101004', words: '您所提交的账号尚未申请网上操作功能' };
  if (info['CHK_RECVNAME'] === '1' && !isNamed(RECV_ACCNO, RECV_ACC_NAME))
    return { code: '0130Z0100005', words: '户名不符' };
  bank.memory.requests[sn] = REM1;
  const taken = take(bank, {
    number: REM1,
    payer: PAY_ACCNO,
    payee: { accountNo: RECV_ACCNO, name: RECV_ACC_NAME, bank: info['RECV_OPENACC_DEPT'] ?? '' },
    amount: AMOUNT,
    use: info['USEOF'] ?? '',
  });
  return { code: '000000', words: '交易成功', info: { CREDIT_NO: taken.bankNo, DEAL_TYPE: '9', REM1, REM2: '' } };
}

function result(info: Readonly<Record<string, string>>, bank: Bank<Memory>): TxAnswer {
  const sn = info['REQUEST_SN1'] ?? '';
  const found = Object.hasOwn(bank.memory.requests, sn) ? transferBy(bank, bank.memory.requests[sn] ?? '') : undefined;
  if (!found) return noRecord;
  const ended = found.endedAt === '' ? {} : { TRANDATE: slashed(found.endedAt), TRANTIME: colons(found.endedAt) };
  return {
    code: '000000',
    words: '交易成功',
    info: {
      CREDIT_NO: found.bankNo,
      DEAL_RESULT: results[found.state],
      MESSAGE: found.state === 'failed' ? found.reason : '',
      REM1: found.number,
      REM2: '',
      CST_PAY_NO: '',
      AMOUNT: found.amount,
      RECV_ACCNO: found.payee.accountNo,
      ...ended,
    },
  };
}

function movements(info: Readonly<Record<string, string>>, bank: Bank<Memory>): TxAnswer {
  const { ACCNO1 = '', STARTDATE = '', ENDDATE = '', PAGE = '', POSTSTR = '', TOTAL_RECORD = '10' } = info;
  const rows = Number(TOTAL_RECORD);
  if (STARTDATE !== ENDDATE || !/^\d{8}$/.test(STARTDATE) || !/^[1-9]\d*$/.test(PAGE)) return badField;
  if (!(rows >= 10 && rows <= 200)) return badField;
  if (!isOurs(ACCNO1)) return { code: '0130Z1101004', words: '您所提交的账号尚未申请网上操作功能' };
  if (STARTDATE > stampOf(bank.clock.now()).slice(0, 8)) return noRecord;
  const page = Number(PAGE);
  // Where the page before ended; whoever asks for a page without it asks for the first.
  const position = (at: number) => `${STARTDATE}+${at}+${rows}`;
  if (page > 1 && POSTSTR !== position(page - 1)) return badField;
  const found = pageOf(bank, { account: ACCNO1, day: STARTDATE, page, rows });
  if (found.rows.length === 0) return noRecord;
  return {
    code: '000000',
    words: '交易成功',
    info: {
      ACCNO1,
      CURR_COD: '01',
      ACC_STATE: '正常',
      TOTAL_PAGE: String(found.pages),
      PAGE,
      POSTSTR: position(page),
      FLAG: '0',
      DETAILLIST: { DETAILINFO: found.rows.map(rowOf) },
    },
  };
}

function rowOf(row: Movement): Record<string, string> {
  return {
    TRANDATE: slashed(row.stamp),
    TRANTIME: colons(row.stamp),
    CRE_TYP: '电子转账凭证',
    CRE_NO: row.serial,
    MESSAGE: row.words,
    AMT: row.amount,
    AMT1: row.balance,
    FLAG1: row.side === 'out' ? '0' : '1',
    ACCNO2: row.other.accountNo,
    ACC_NAME1: row.other.name,
    FLAG2: kinds[row.kind],
    TRAN_FLOW: row.serial,
    BFLOW: '',
    DET_NO: String(Number(row.serial.slice(1))),
    DET: row.number,
    REAL_TRANDATE: slashed(row.stamp),
  };
}

function slashed(stamp: string): string {
  return `${stamp.slice(0, 4)}/${stamp.slice(4, 6)}/${stamp.slice(6, 8)}`;
}

function colons(stamp: string): string {
  return `${stamp.slice(8, 10)}:${stamp.slice(10, 12)}:${stamp.slice(12, 14)}`;
}
