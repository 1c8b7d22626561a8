/** Code tables of the ICBC open platform. What is not in a table is unknown: never a success, never a refusal. */
import { type FailureCode, Failure } from '../../contracts/failures.ts';
import { codeTable, twoWayTable, unmapped } from '../codes/codeTable.ts';

const agreed = 'docs/partners/bank-icbc.md: services /api/scf are defined by the hub';
const gateway = 'ICBC open platform, 返回码解释 (public copies of the documentation)';
const classic = "ICBC's direct line (银企互联), 指令状态, as public clients of it have it; 12 is the hub's";

export const productCodes = twoWayTable('bank.icbc.product', agreed, {
  SCF001: 'SPOT_PLEDGE',
  SCF002: 'CREDIT',
});

/** ICBC's own number of the renminbi. */
export const currencyCodes = twoWayTable('bank.icbc.currency', 'ICBC, 币种代码: to be confirmed at connection time', {
  '001': 'CNY',
});

export const verdicts = codeTable('bank.icbc.verdict', agreed, { '0': 'pending', '1': 'approved', '2': 'rejected' });

export const dayCounts = codeTable('bank.icbc.day-count', agreed, { '1': 'ACT/360', '2': 'ACT/365' });

/** 95 and 98 are the bank's own words for "we do not know either": nothing may be concluded, least of all a failure. */
export const settlements = codeTable('bank.icbc.settlement', classic, {
  '0': 'pending', // 提交成功，等待银行处理
  '1': 'pending', // 授权成功，等待银行处理
  '2': 'pending', // 等待授权
  '3': 'pending', // 等待二次授权
  '4': 'pending', // 等待银行答复
  '5': 'pending', // 主机返回待处理
  '6': 'failed', // 被银行拒绝
  '7': 'succeeded', // 处理成功
  '8': 'failed', // 指令被拒绝授权
  '9': 'pending', // 银行正在处理
  '10': 'pending', // 预约指令
  '11': 'failed', // 预约取消
  '12': 'returned', // 退票
  '20': 'pending', // 待提交人确认转账
  '86': 'pending', // 等待电话核实
  '95': 'pending', // 待核查
  '98': 'pending', // 区域中心通讯可疑
});

export const postings = codeTable('bank.icbc.posting', agreed, { '0': 'pending', '1': 'posted', '2': 'sentBack' });

export const registrations = codeTable('bank.icbc.registration', agreed, {
  '0': 'pending',
  '1': 'registered',
  '2': 'refused',
});

/** 借贷标志. */
export const directions = codeTable('bank.icbc.direction', 'ICBC, 借贷标志: to be confirmed at connection time', {
  '1': 'debit',
  '2': 'credit',
});

export const entries = codeTable('bank.icbc.entry', agreed, {
  '100': 'payment',
  '200': 'return',
  '300': 'fee',
  '400': 'interest',
  '900': 'other',
});

export const closed = codeTable('bank.icbc.closed', agreed, { '0': false, '1': true });

/** The field `api` of a notification. */
export const noticeApis = codeTable('bank.icbc.notice', agreed, {
  '/scf/creditdecided/V1': 'creditDecided',
  '/scf/loandisbursed/V1': 'disbursementSettled',
  '/scf/repaymentposted/V1': 'repaymentPosted',
  '/scf/releasedecided/V1': 'releaseDecided',
});

/**
 * The gateway's own. Below zero it does not know what the service behind it did; 5205 and 500043 do not say whether it was
 * asked at all; 400011 is also what a message gets that was doubled on its way, of which the first may have been taken.
 */
export const gatewayCodes = codeTable('bank.icbc.gateway', gateway, {
  '-500099': 'OUTCOME_UNKNOWN', // 网关内部异常
  '-500044': 'OUTCOME_UNKNOWN', // 网关签名失败
  '-500042': 'OUTCOME_UNKNOWN', // 代理超时
  '-500041': 'OUTCOME_UNKNOWN', // 代理异常
  '-31': 'OUTCOME_UNKNOWN', // 响应请求转换失败
  '-30': 'OUTCOME_UNKNOWN', // 服务方响应状态错误
  '5205': 'OUTCOME_UNKNOWN', // 系统繁忙，请您稍后重试
  '9990': 'SYSTEM_REFUSED', // 字段检查失败
  '400011': 'OUTCOME_UNKNOWN', // 参数非法（含时间戳、msg_id 重复）
  '400016': 'SYSTEM_REFUSED', // app 公钥未维护
  '400017': 'SYSTEM_REFUSED', // 签名验证失败
  '400019': 'SYSTEM_REFUSED', // 授权验证失败
  '400051': 'SYSTEM_REFUSED', // app id 前缀错误
  '500018': 'SYSTEM_REFUSED', // 访问的 API 不存在
  '500020': 'SYSTEM_REFUSED', // 非法调用
  '500031': 'SYSTEM_BUSY', // 速率超限
  '500032': 'SYSTEM_BUSY', // 并发超限
  '500043': 'OUTCOME_UNKNOWN', // 网关配置文件错误
  '500052': 'SYSTEM_REFUSED', // 沙箱不支持 UI 类 API
  '500091': 'SYSTEM_REFUSED', // 没有管理权限
  '80003001': 'SYSTEM_REFUSED', // 渠道不正确
  '80004001': 'SYSTEM_REFUSED', // 渠道不正确
  '80008001': 'SYSTEM_REFUSED', // 业务逻辑错误
} satisfies Record<string, FailureCode>);

/** Of the services for supply-chain finance. */
export const businessCodes = codeTable('bank.icbc.business', agreed, {
  '902001': 'FUNDER_INFLIGHT_EXISTS', // 存在在途申请
  '902002': 'IDEMPOTENCY_CONFLICT', // 业务编号重复且内容不同
  '902003': 'SYSTEM_REFUSED', // 引用的业务不存在
  '902004': 'DEADLINE_PASSED', // 授信已过期
  '902005': 'LIMIT_INSUFFICIENT', // 额度不足
  '902006': 'PAYEE_NOT_MANDATED', // 收款人与受托支付约定不符
  '902007': 'CONTROL_NOT_PROVEN', // 押品未入库
  '902008': 'LIMIT_FROZEN', // 额度冻结
  '902009': 'ILLEGAL_TRANSITION', // 状态不允许
  '902010': 'LTV_EXCEEDED', // 质押率超限
  '902011': 'SYSTEM_REFUSED', // 金额超过应还
  '904040': 'NOT_FOUND', // 业务编号不存在
} satisfies Record<string, FailureCode>);

export const success = '0';
export const notFound = '904040';

/** What a no of the bank is for us; a code that we do not know may mean anything. */
export function refusalOf(code: string, message: string): Failure {
  const known = gatewayCodes.find(code) ?? businessCodes.find(code);
  if (known === undefined) return unmapped('bank.icbc.business', code, undefined, message);
  return new Failure(known, {
    detail: `${code} ${message.replaceAll(/\p{Cc}/gu, ' ').slice(0, 200)}`,
    externalCode: code,
  });
}
