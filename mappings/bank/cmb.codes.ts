/** Code tables of CMB's cloud direct connection. What is not in a table is unknown: never a success, never a refusal. */
import { Failure, type FailureCode } from '../../contracts/failures.ts';
import { codeTable, twoWayTable } from '../codes/codeTable.ts';

const known = 'CMB 云直连, as public clients of it have it';
const chosen = 'docs/partners/bank-cmb.md: chosen, to be confirmed from the list of the bank at connection time';

/** 货币代码. */
export const currencyCodes = twoWayTable('bank.cmb.currency', known, { '10': 'CNY' });

/** `resultcode` in the head: whether the function was run at all. */
export const headCodes = codeTable('bank.cmb.head', `${known} (SUC0000); ${chosen}`, {
  SUC0000: 'run',
  CDC0001: 'SYSTEM_REFUSED', // 报文格式错误
  CDC0002: 'SYSTEM_REFUSED', // 无此功能权限
  CDC0003: 'OUTCOME_UNKNOWN', // reqid 重复: it may be the echo of a request that a proxy sent twice
  CDC0009: 'SYSTEM_BUSY', // 流量超限，未受理
  CDC9999: 'OUTCOME_UNKNOWN', // 系统异常
} satisfies Record<string, FailureCode | 'run'>);

/** `errCod` of a payment. */
export const payCodes = codeTable('bank.cmb.pay', `${known} (SUC0000, NCB4241); ${chosen}`, {
  SUC0000: 'taken',
  NCB4241: 'duplicate', // 业务参考号重复; comes as FIN with F, though the first may long be paid
  NCB4101: 'SYSTEM_REFUSED', // 字段不合法
  NCB4202: 'SYSTEM_REFUSED', // 余额不足
  NCB4203: 'SYSTEM_REFUSED', // 付方账户未授权
  NCB4210: 'SYSTEM_REFUSED', // 收方户名不符
  NCB4999: 'OUTCOME_UNKNOWN', // 系统异常，结果未知
} satisfies Record<string, FailureCode | 'taken' | 'duplicate'>);

/** `reqSts`, 请求状态. */
export const requestStates = codeTable('bank.cmb.request', known, {
  AUT: 'pending', // 等待审批
  NTE: 'pending', // 终审完毕
  BNK: 'pending', // 银行处理中
  WRF: 'pending', // 可疑，状态未知，需要人工介入
  OPR: 'pending', // 数据接收中
  APW: 'pending', // 银行人工审批
  FIN: 'finished', // 完成
});

/** `rtnFlg`, 业务处理结果, where `reqSts` is `FIN`. */
export const results = codeTable('bank.cmb.result', known, {
  S: 'succeeded', // 成功
  F: 'failed', // 失败
  B: 'returned', // 退票, possibly days after S
  R: 'failed', // 否决
  D: 'failed', // 过期
  C: 'failed', // 撤消
  U: 'pending', // 挂账: the money is neither here nor there
});

/** `amtcdr`, 借贷标记. */
export const directions = codeTable('bank.cmb.direction', known, { D: 'debit', C: 'credit' });

/** `trscod`, 交易类型. */
export const entries = codeTable('bank.cmb.entry', chosen, {
  CPAY: 'payment', // 汇款
  CRTN: 'return', // 退票
  CFEE: 'fee', // 手续费
  CINT: 'interest', // 结息
  CMSC: 'other', // 其他
});

/** What a no of the bank is for us. `run`, `taken` and `duplicate` are none. */
export function refusalOf(row: FailureCode, code: string, words: string): Failure {
  return new Failure(row, {
    detail: `${code} ${words.replaceAll(/\p{Cc}/gu, ' ').slice(0, 200)}`,
    externalCode: code,
  });
}
