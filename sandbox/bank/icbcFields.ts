/** What ICBC's services accept in `biz_content`, and how it stands in the bank's books then. No field more, none less. */
import {
  collateral,
  creditPackage,
  disbursement,
  release,
  repayment,
  type Application,
  type Collateral,
  type Disbursement,
  type Release,
  type Repayment,
} from './fields.ts';
import { Refusal } from './refusal.ts';

export type Biz = Readonly<Record<string, unknown>>;

function wrong(what: string): never {
  throw new Refusal('1002', what);
}

/** The fields of an object that has exactly these. */
export function exactly(value: unknown, at: string, names: readonly string[]): Biz {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return wrong(`${at}: 应为对象`);
  const found = Object.keys(value);
  if (found.length !== names.length || found.some((name) => !names.includes(name)))
    return wrong(`${at}: 字段应为 ${names.join(',')}`);
  return value as Biz;
}

/** `2026-11-23` in the books is `20261123`. */
export function dayOf(value: unknown, at: string): string {
  const text = textOf(value, at);
  return /^\d{4}-\d\d-\d\d$/.test(text) ? text.replaceAll('-', '') : wrong(`${at}: 日期格式 yyyy-MM-dd`);
}

export function textOf(value: unknown, at: string): string {
  return typeof value === 'string' && value !== '' ? value : wrong(`${at}: 应为非空字符串`);
}

function daysOf(value: unknown, at: string): number {
  const text = textOf(value, at);
  return /^[1-9]\d{0,2}$/.test(text) ? Number.parseInt(text, 10) : wrong(`${at}: 应为数字串`);
}

/** The bank's 001 is the renminbi. */
function currencyOf(value: unknown): string {
  return value === '001' ? '156' : wrong('currency: 币种不支持');
}

function customerOf(value: unknown, at: string) {
  const c = exactly(value, at, ['cust_name', 'credit_code']);
  return { custName: c['cust_name'], creditCode: c['credit_code'] };
}

function accountOf(value: unknown) {
  const a = exactly(value, 'payee', ['account_name', 'account_no', 'bank_name', 'bank_code']);
  return { acctName: a['account_name'], acctNo: a['account_no'], openBank: a['bank_name'], cnaps: a['bank_code'] };
}

function listOf<T>(value: unknown, at: string, item: (each: unknown, at: string) => T): T[] {
  return Array.isArray(value) ? value.map((each, i) => item(each, `${at}[${i}]`)) : wrong(`${at}: 应为数组`);
}

function lotOf(value: unknown, at: string) {
  const lot = exactly(value, at, ['lot_no', 'goods_code', 'quantity', 'unit']);
  return { lotNo: lot['lot_no'], code: lot['goods_code'], qty: lot['quantity'], unit: lot['unit'] };
}

function goodsOf(value: unknown, at: string) {
  const g = exactly(value, at, ['goods_code', 'goods_name', 'quantity', 'unit', 'unit_price']);
  const { goods_code: code, goods_name: name, quantity: qty, unit, unit_price: price } = g;
  return { code, name, qty, unit, price };
}

function documentOf(value: unknown, at: string) {
  const d = exactly(value, at, ['doc_type', 'doc_name', 'doc_sha256']);
  return { docType: d['doc_type'], docName: d['doc_name'], sha256: d['doc_sha256'] };
}

const applicationFields =
  'appl_no prod_code borrower appl_amount currency term_days purpose payee order goods documents checks open_items'.split(
    ' ',
  );

/** As any bank's books call it. */
const products: Readonly<Record<string, string>> = { SCF001: 'SP01', SCF002: 'CR01' };

export function applicationOf(biz: unknown): Application {
  const b = exactly(biz, 'biz_content', applicationFields);
  const prodCode = products[String(b['prod_code'])];
  if (prodCode === undefined) return wrong('prod_code: 产品不存在');
  const order = exactly(b['order'], 'order', ['order_no', 'order_amount', 'order_date']);
  const checks = exactly(b['checks'], 'checks', ['enterprise_check_no', 'agent_check_no']);
  const application = {
    applNo: b['appl_no'],
    prodCode,
    borrower: customerOf(b['borrower'], 'borrower'),
    applAmt: b['appl_amount'],
    ccy: currencyOf(b['currency']),
    termDays: daysOf(b['term_days'], 'term_days'),
    purpose: b['purpose'],
    payee: accountOf(b['payee']),
    order: {
      orderNo: order['order_no'],
      orderAmt: order['order_amount'],
      orderDate: dayOf(order['order_date'], 'order_date'),
    },
    goods: listOf(b['goods'], 'goods', goodsOf),
    docs: listOf(b['documents'], 'documents', documentOf),
    checks: { enterprise: checks['enterprise_check_no'], agent: checks['agent_check_no'] },
    openItems: b['open_items'],
  };
  return creditPackage({ participantNo: '-', bankNo: '-', application }, 'biz_content').application;
}

export function withdrawalOf(biz: unknown): Record<'applNo' | 'bankRef' | 'reason', unknown> {
  const { appl_no: applNo, ref_no: bankRef, reason } = exactly(biz, 'biz_content', ['appl_no', 'ref_no', 'reason']);
  return { applNo, bankRef, reason };
}

const collateralFields = 'pledge_no appl_no receipt_no receipt_sha256 registration_no supervisor lots value'.split(' ');

export function collateralOf(biz: unknown): Collateral {
  const b = exactly(biz, 'biz_content', collateralFields);
  return collateral(
    {
      plgNo: b['pledge_no'],
      applNo: b['appl_no'],
      receiptNo: b['receipt_no'],
      receiptSha256: b['receipt_sha256'],
      regNo: b['registration_no'],
      supervisor: customerOf(b['supervisor'], 'supervisor'),
      lots: listOf(b['lots'], 'lots', lotOf),
      value: b['value'],
    },
    'biz_content',
  );
}

const disbursementFields =
  'instr_no appl_no ref_no contract_no mandate_no borrower payee amount currency order_no postscript'.split(' ');

export function disbursementOf(biz: unknown): Disbursement {
  const b = exactly(biz, 'biz_content', disbursementFields);
  return disbursement(
    {
      instrNo: b['instr_no'],
      applNo: b['appl_no'],
      bankRef: b['ref_no'],
      contractNo: b['contract_no'],
      mandateNo: b['mandate_no'],
      borrower: customerOf(b['borrower'], 'borrower'),
      payee: accountOf(b['payee']),
      amt: b['amount'],
      ccy: currencyOf(b['currency']),
      orderNo: b['order_no'],
      remark: b['postscript'],
    },
    'biz_content',
  );
}

const repaymentFields = 'repay_no loan_no amount currency value_date clearing_serial payer'.split(' ');

export function repaymentOf(biz: unknown): Repayment {
  const b = exactly(biz, 'biz_content', repaymentFields);
  return repayment(
    {
      repayNo: b['repay_no'],
      loanNo: b['loan_no'],
      amt: b['amount'],
      ccy: currencyOf(b['currency']),
      valueDate: dayOf(b['value_date'], 'value_date'),
      serialNo: b['clearing_serial'],
      payer: customerOf(b['payer'], 'payer'),
    },
    'biz_content',
  );
}

const releaseFields = 'release_no pledge_no loan_no repay_no lots value_after exposure_after'.split(' ');

export function releaseOf(biz: unknown): Release {
  const b = exactly(biz, 'biz_content', releaseFields);
  return release(
    {
      relNo: b['release_no'],
      plgNo: b['pledge_no'],
      loanNo: b['loan_no'],
      repayNo: b['repay_no'],
      lots: listOf(b['lots'], 'lots', lotOf),
      valueAfter: b['value_after'],
      exposureAfter: b['exposure_after'],
    },
    'biz_content',
  );
}
