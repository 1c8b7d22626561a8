/**
 * Ping An Bank's front for direct links: B2Bi over TCP. It pays out of the accounts of its customer, keeps every transfer
 * under the customer's number (凭证号), and tells nothing by itself.
 *
 * Acts: `settle {number}`, `resolve {number, paid}`, `giveBack {number}`, `credit {account, amount, name, words}` (a credit without a number: 暂收), `bookMany {account, date,
 * count}`, `repeatRows {on}` (rows come twice where pages meet), `declare {as}` (what the XML says that it is encoded in).
 */
import { generateKeyPairSync } from 'node:crypto';
import { framed } from '../tcp.ts';
import { twin } from '../twin.ts';
import { companies, funder } from '../world.ts';
import {
  bookActs,
  isClosed,
  isNamed,
  isOurs,
  openBook,
  pageOf,
  stampOf,
  take,
  transferBy,
  transferMagic,
  type AccountBook,
  type Bank,
  type Movement,
  type Transfer,
} from './accountBook.ts';
import { answerB2bi, b2biCode, b2biLength, readB2bi, resultXml, type B2biRequest } from './pinganWire.ts';

interface Memory extends AccountBook {
  declares: string;
}

interface Result {
  readonly code: string;
  readonly words: string;
  readonly fields?: Readonly<Record<string, string>>;
  readonly rows?: readonly Readonly<Record<string, string>>[];
}

const operations: Readonly<Record<string, string>> = {
  4004: 'disburse',
  4005: 'queryDisbursement',
  4013: 'readStatement',
};
/** Of the hub's own account it tells nobody: it lies with the keys. */
const payerAccountNo = funder.account.accountNo;
const settings = {
  corpCode: '00109000000000001',
  operator: '12345',
  signAlgorithm: 'RSA-SHA256',
  payerAccountName: funder.account.accountName,
  payerBankCode: funder.account.bankCode,
  statementRows: '30',
};
const abstracts = { payment: 'TRS', return: 'RTN', fee: 'FEE', interest: 'INT', other: 'OTH' } as const;
const states = { taken: '10', unclear: '10', paid: '20', returned: '20', failed: '30' } as const;
const noRecord: Result = { code: 'YQ9996', words: '没有满足条件纪录' };

export const bankPingan = twin<Memory>({
  name: 'bank-pingan',
  kind: 'bank',
  dialect: 'pingan',
  title: { zh: '平安银行（银企直连）', en: 'Ping An Bank (direct link)' },
  settings,
  magic: [
    ...transferMagic,
    {
      where: 'business time 营业时间',
      value: '22:00–24:00, Beijing',
      effect: 'transfers are refused, `MA9120`: later',
    },
  ],
  enrol: () => {
    const [corp, bank] = [keyPair(), keyPair()];
    return {
      hub: {
        'corp-private.pem': corp.privateKey,
        'bank-public.pem': bank.publicKey,
        'payer-account.txt': payerAccountNo,
      },
      twin: { 'corp-public.pem': corp.publicKey, 'bank-private.pem': bank.privateKey },
    };
  },
  memory: () => ({ ...openBook(), declares: 'GBK' }),
  // Its own port is for the sandbox only; the bank's customers come to the other one.
  operationOf: () => undefined,
  handle: () => ({ status: 404, body: 'B2Bi is spoken over TCP' }),
  listen: framed<Memory>({
    frame: b2biLength,
    operationOf: (request) => operations[b2biCode(request)],
    handle,
  }),
  acts: {
    ...bookActs,
    declare({ as }, { memory }) {
      memory.declares = String(as);
    },
  },
});

async function handle(bytes: Buffer, bank: Bank<Memory>): Promise<Buffer> {
  const request = await readB2bi(bytes, bank.key('corp-public.pem'));
  const { code, words, fields, rows } = judge(request, bank);
  const body = fields ? resultXml(fields, rows, bank.memory.declares) : Buffer.alloc(0);
  return answerB2bi(request.head, { code, words, body }, bank.key('bank-private.pem'));
}

function judge(request: B2biRequest, bank: Bank<Memory>): Result {
  if (!request.authentic) return { code: 'YQ9983', words: '验签失败' };
  if (request.corp !== settings.corpCode) return { code: 'YQ9986', words: '企业没有开通银企直联' };
  if (!request.fields) return { code: 'YQ9977', words: 'XML报文体解析编码或格式异常' };
  switch (request.code) {
    case '4004':
      return transfer(request.fields, bank);
    case '4005':
      return state(request.fields, bank);
    case '4013':
      return movements(request.fields, bank);
    default:
      return { code: 'YQ0000', words: '无法处理的请求,请核对交易码' };
  }
}

function transfer(fields: Readonly<Record<string, string>>, bank: Bank<Memory>): Result {
  const { ThirdVoucher = '', OutAcctNo = '', InAcctNo = '', InAcctName = '', TranAmount = '' } = fields;
  if (isClosed(bank)) return { code: 'MA9120', words: '已过当日业务截止时间' };
  const whole = /^[\w-]{1,20}$/.test(ThirdVoucher) && /^(0|[1-9]\d{0,12})\.\d\d$/.test(TranAmount);
  if (!whole || fields['CcyCode'] !== 'RMB' || !/^[12]$/.test(fields['AddrFlag'] ?? ''))
    return { code: 'YQ9993', words: '请求参数数据不对' };
  if (transferBy(bank, ThirdVoucher)) return { code: 'MA0102', words: '凭证号重复' };
  if (OutAcctNo !== payerAccountNo) return { code: 'YQ9988', words: '银企直连系统未签约的付款账户' };
  if (!isNamed(InAcctNo, InAcctName)) return { code: 'YQ9982', words: '收款方户名输入错误' };
  const taken = take(bank, {
    number: ThirdVoucher,
    payer: OutAcctNo,
    payee: { accountNo: InAcctNo, name: InAcctName, bank: fields['InAcctBankName'] ?? '' },
    amount: TranAmount,
    use: fields['UseEx'] ?? '',
  });
  const answer = {
    ThirdVoucher,
    FrontLogNo: taken.bankNo,
    CcyCode: 'RMB',
    OutAcctNo,
    InAcctNo,
    InAcctName,
    TranAmount,
  };
  return { code: '000000', words: '交易受理成功', fields: { ...answer, Fee1: '0.00', hostFlowNo: '' } };
}

function state(fields: Readonly<Record<string, string>>, bank: Bank<Memory>): Result {
  const found = transferBy(bank, fields['OrigThirdVoucher'] ?? '');
  return found ? { code: '000000', words: '交易成功', fields: shown(found) } : noRecord;
}

function shown(found: Transfer): Record<string, string> {
  const ended = found.endedAt === '' ? {} : { AccountDate: found.endedAt.slice(0, 8) };
  return {
    OrigThirdVoucher: found.number,
    FrontLogNo: found.bankNo,
    CcyCode: 'RMB',
    OutAcctNo: found.payer,
    InAcctNo: found.payee.accountNo,
    InAcctName: found.payee.name,
    TranAmount: found.amount,
    Stt: states[found.state],
    IsBack: found.state === 'returned' ? '1' : '0',
    BackRem: found.reason,
    Yhcljg: found.state === 'failed' ? 'MA9112:转账失败' : '000000:转账交易成功',
    submitTime: found.takenAt,
    ...ended,
    hostFlowNo: found.serial,
  };
}

function movements(fields: Readonly<Record<string, string>>, bank: Bank<Memory>): Result {
  const { AcctNo = '', BeginDate = '', EndDate = '', PageNo = '', PageSize = '' } = fields;
  const rows = Number(PageSize);
  if (
    BeginDate !== EndDate ||
    !/^\d{8}$/.test(BeginDate) ||
    !/^[1-9]\d*$/.test(PageNo) ||
    !(rows >= 30 && rows <= 1000)
  )
    return { code: 'YQ9993', words: '请求参数数据不对' };
  if (!isOurs(AcctNo)) return { code: 'YQ9990', words: '企业本账户没有开通此交易' };
  if (BeginDate > stampOf(bank.clock.now()).slice(0, 8)) return noRecord;
  const page = pageOf(bank, { account: AcctNo, day: BeginDate, page: Number(PageNo), rows });
  if (page.rows.length === 0) return noRecord;
  return {
    code: '000000',
    words: '交易成功',
    fields: {
      AcctNo,
      CcyCode: 'RMB',
      EndFlag: page.last ? 'Y' : 'N',
      Reserve: '',
      PageNo,
      PageRecCount: String(page.rows.length),
    },
    rows: page.rows.map((row) => rowOf(AcctNo, row)),
  };
}

function rowOf(account: string, row: Movement): Record<string, string> {
  const own = { no: account, name: companies.find((company) => company.account.accountNo === account)?.name ?? '' };
  const other = { no: row.other.accountNo, name: row.other.name };
  const [from, to] = row.side === 'out' ? [own, other] : [other, own];
  return {
    AcctDate: row.stamp.slice(0, 8),
    TxTime: row.stamp.slice(8),
    HostTrace: row.serial,
    OutAcctNo: from.no,
    OutAcctName: from.name,
    CcyCode: 'RMB',
    TranAmount: row.amount,
    InAcctNo: to.no,
    InAcctName: to.name,
    DcFlag: row.side === 'out' ? 'D' : 'C',
    AbstractStr: abstracts[row.kind],
    AcctBalance: row.balance,
    Purpose: row.words,
    CVoucherNo: row.number,
  };
}

function keyPair() {
  return generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
}
