/**
 * Every way in which something may fail, in one table.
 *
 * A failure is part of the business and is handled; a bug is an ordinary error and stops what it is in. Whether a
 * failed act may be tried again is decided here, never where it is called:
 * - `refused`: it did not happen and will not; asking again gives the same answer.
 * - `later`:   it certainly did not happen yet (no byte was acted upon); it may be asked again.
 * - `unknown`: it may have happened. Only a query, a callback or a file can tell (wire.md 3.5, domain I-10).
 */
type Consequence = 'refused' | 'later' | 'unknown';

interface FailureRow {
  /** HTTP status of the problem document (RFC 9457) when the failure reaches a caller. */
  readonly status: number;
  readonly consequence: Consequence;
  readonly zh: string;
  readonly en: string;
}

export const failures = {
  // Messages at the edge.
  BODY_MALFORMED: row(400, 'refused', '报文无法解析', 'The body cannot be parsed'),
  BODY_TOO_LARGE: row(413, 'refused', '报文超出大小限制', 'The body is larger than the limit'),
  CONTRACT_VIOLATED: row(422, 'refused', '报文内容不符合规范', 'The content does not match its contract'),
  SIGNATURE_MISMATCH: row(401, 'refused', '签名校验不通过', 'The signature does not verify'),
  KEY_NOT_ADMITTED: row(422, 'refused', '密钥不符合要求', 'The key does not meet the requirements'),
  TIMESTAMP_OUTSIDE_WINDOW: row(401, 'refused', '时间戳超出允许范围', 'The timestamp is outside the accepted window'),
  NONCE_REUSED: row(401, 'refused', '随机串重复使用', 'The nonce was used before'),
  SYSTEM_UNKNOWN: row(404, 'refused', '未登记的对接系统', 'No such system is registered'),
  OPERATION_NOT_OFFERED: row(422, 'refused', '该系统不提供此接口', 'That system does not offer the operation'),
  NOT_FOUND: row(404, 'refused', '对象不存在', 'There is no such object'),
  METHOD_UNKNOWN: row(404, 'refused', '接口不存在', 'There is no such operation'),
  NOT_ALLOWED: row(403, 'refused', '无权进行该操作', 'The caller may not do this'),
  QUERY_INVALID: row(400, 'refused', '查询参数不正确', 'A query parameter is unknown, repeated or not valid'),
  METHOD_NOT_ALLOWED: row(405, 'refused', '该地址不支持此方法', 'The address does not take this method'),
  BODY_TOO_SLOW: row(408, 'later', '请求接收超时', 'The request did not arrive in time'),
  ENCODING_UNSUPPORTED: row(415, 'refused', '报文编码不受支持', 'The encoding or media type of the body is not taken'),
  HOST_NOT_SERVED: row(421, 'refused', '不受理该主机名', 'The hub does not serve this host name'),
  OVERLOADED: row(503, 'later', '系统繁忙，请稍后重试', 'The hub is busy, try again later'),
  PAYLOAD_ERASED: row(410, 'refused', '内容的密钥已销毁，不可恢复', 'The key of this content was destroyed'),
  PAYLOAD_UNREADABLE: row(422, 'refused', '内容无法解密', 'The sealed content does not open'),
  INTERNAL: row(500, 'later', '系统内部错误', 'An internal error occurred'),

  // What a call to the outside may end in.
  SYSTEM_UNREACHABLE: row(502, 'later', '对方系统无法连接', 'The system could not be reached, nothing was sent'),
  SYSTEM_BUSY: row(502, 'later', '对方系统繁忙，未受理', 'The system said that it did not take the request, try later'),
  OUTCOME_UNKNOWN: row(502, 'unknown', '对方处理结果未知', 'The system may have acted, its answer is not known'),
  EXT_CODE_UNMAPPED: row(502, 'unknown', '对方返回码未配置', 'The system answered with a code that has no mapping'),
  ANSWER_UNVERIFIED: row(502, 'unknown', '对方应答验签不通过', 'The answer of the system does not verify'),
  SYSTEM_REFUSED: row(422, 'refused', '对方系统拒绝', 'The system refused'),
  FILE_NOT_READY: row(502, 'later', '对账文件尚未就绪', 'The settlement file is not complete yet'),
  FILE_NOT_WHOLE: row(422, 'refused', '对账文件与其自述不符', 'The settlement file is not what it says of itself'),
  HOST_KEY_CHANGED: row(409, 'refused', '对方主机密钥与登记不符', 'The host key is not the registered one'),
  ORDER_NOT_IN_ERP: row(422, 'refused', 'ERP 中无此订单', 'The ERP does not hold this order'),

  // Refusal codes of the business (stable, shown to users).
  USCC_CHECKDIGIT: row(422, 'refused', '统一社会信用代码校验位不正确', 'The check digit of the USCC is wrong'),
  NAME_MISMATCH: row(422, 'refused', '名称与登记不一致', 'The name differs from the register'),
  IDV_MISMATCH: row(422, 'refused', '要素核验不一致', 'The verified factors do not match'),
  IDV_NOT_FOUND: row(422, 'refused', '核验库中无记录', 'The verification source has no record'),
  IDV_CHANNEL: row(502, 'unknown', '核验渠道异常', 'The verification channel failed'),
  AUTHORITY_MISSING: row(422, 'refused', '签署人无有效授权', 'The signer has no valid authority'),
  ASSET_ALREADY_LOCKED: row(409, 'refused', '资产已被占用', 'The asset is locked already'),
  INVOICE_EXHAUSTED: row(409, 'refused', '发票可用金额不足', 'The invoice has no amount left'),
  REGISTRY_HIT: row(409, 'refused', '中登查询存在在先登记', 'The registry holds an earlier registration'),
  LIMIT_INSUFFICIENT: row(422, 'refused', '可用额度不足', 'The available limit is too small'),
  LOAN_OVERDUE: row(422, 'refused', '借款已逾期', 'The loan is overdue'),
  LIMIT_FROZEN: row(422, 'refused', '额度已冻结', 'The limit is frozen'),
  PAYEE_NOT_MANDATED: row(
    422,
    'refused',
    '收款账户与支付委托不符',
    'The payee is not the mandated and verified account',
  ),
  ACCOUNT_COOLING: row(422, 'refused', '收款账户变更冷静期内', 'The account was changed less than 24 hours ago'),
  SIGNATURES_INCOMPLETE: row(422, 'refused', '合同尚未签署完成', 'Not all have signed'),
  DOC_HASH_CHANGED: row(422, 'refused', '文件哈希已变化', 'The hash of the document changed'),
  CONTROL_NOT_PROVEN: row(422, 'refused', '质物实际控制未确认', 'Control of the goods is not proven'),
  SUPERVISOR_NOT_INDEPENDENT: row(422, 'refused', '监管方与出质人不独立', 'The supervisor is not independent'),
  STOCK_SHORT: row(422, 'refused', '库存不足', 'There is not enough stock'),
  PLEDGE_OVERLAP: row(409, 'refused', '质物重复质押', 'The goods are pledged already'),
  LTV_EXCEEDED: row(422, 'refused', '质押率超限', 'The loan to value is above the pledge rate'),
  PRICE_STALE: row(422, 'refused', '质物价格已过期', 'The price is stale'),
  FLOOR_BREACH: row(422, 'refused', '低于最低控货价值', 'The value falls below the floor'),
  REPAYMENT_NOT_POSTED: row(422, 'refused', '还款尚未入账', 'The repayment is not posted'),
  PAYMENT_UNKNOWN_PENDING: row(409, 'refused', '支付结果未知，禁止重发', 'A payment of unknown outcome is pending'),
  SAME_PERSON_APPROVAL: row(422, 'refused', '经办与复核不能为同一人', 'Maker and checker are the same person'),
  APPROVAL_STALE: row(409, 'refused', '审批内容已变化', 'What was approved has changed since'),
  CONSENT_MISSING: row(422, 'refused', '缺少数据授权', 'There is no consent for this recipient'),
  FUNDER_INFLIGHT_EXISTS: row(409, 'refused', '资方存在在途申请', 'The funder holds an application in flight'),
  NO_FUNDER_AVAILABLE: row(422, 'refused', '无可用资方', 'No funder is available'),
  IDEMPOTENCY_CONFLICT: row(409, 'refused', '幂等键对应的内容不同', 'The same key was used with another body'),
  ILLEGAL_TRANSITION: row(409, 'refused', '当前状态不允许该操作', 'The state does not allow this'),
  VERSION_CONFLICT: row(409, 'later', '数据已被他人更新', 'The object changed in the meantime'),
  PARTY_NOT_VERIFIED: row(422, 'refused', '主体未完成实名认证', 'The party is not verified'),
  INVOICE_NOT_VALID: row(422, 'refused', '发票未查验或状态异常', 'The invoice is not checked, or not valid any more'),
  CHECKS_EXHAUSTED: row(
    422,
    'refused',
    '该发票当日查验次数已用完',
    'The invoice was checked as often as it may be today',
  ),
  CONFIRMATION_MISSING: row(422, 'refused', '应收账款尚未确权', 'The debtor has not confirmed the receivable'),
  NOTICE_NOT_DELIVERED: row(422, 'refused', '债权转让通知尚未送达', 'The notice of assignment has not arrived'),
  RATE_OUTSIDE_RANGE: row(422, 'refused', '利率超出约定区间', 'The rate is outside the agreed ranges'),
  RECONCILIATION_OPEN: row(409, 'refused', '对账差异尚未处理', 'Differences of a reconciliation are open'),
  REGISTRATION_MISSING: row(422, 'refused', '中登登记未完成', 'The registration is not complete'),
  RUN_CANCELLED: row(409, 'refused', '流程已取消', 'The run was cancelled'),
  DEADLINE_PASSED: row(422, 'refused', '已超过时限', 'The deadline passed'),
} as const satisfies Record<string, FailureRow>;

export type FailureCode = keyof typeof failures;

/** One thing that is wrong in a message: where, what, and what was expected. Never the value itself (it may be personal). */
export interface FieldError {
  /** JSON Pointer fragment (`#/lines/0/quantity`) or, for XML, an XPath (`/ORDERS05/IDOC[1]/E1EDP01[2]/MENGE`). */
  readonly pointer: string;
  readonly code: string;
  readonly detail: string;
}

interface FailureDetails {
  /** What happened, with the number that matters; no personal data, no secrets. */
  readonly detail?: string;
  readonly errors?: readonly FieldError[];
  /** The counterparty's own code, for the record. */
  readonly externalCode?: string;
  readonly cause?: unknown;
}

/** A failure of the table above. Read `type`, never `instanceof`: the class does not survive a message bus. */
export class Failure extends Error {
  readonly type: FailureCode;
  readonly errors: readonly FieldError[];
  readonly externalCode: string | undefined;

  constructor(type: FailureCode, details: FailureDetails = {}) {
    super(details.detail ?? failures[type].en, { cause: details.cause });
    this.name = 'Failure';
    this.type = type;
    this.errors = details.errors ?? [];
    this.externalCode = details.externalCode;
  }
}

export function isFailure(thrown: unknown): thrown is Failure {
  return (
    thrown instanceof Error &&
    'type' in thrown &&
    typeof thrown.type === 'string' &&
    Object.hasOwn(failures, thrown.type)
  );
}

/** What may be concluded from anything thrown: a bug says nothing about the outside, so its consequence is `unknown`. */
export function consequenceOf(thrown: unknown): Consequence {
  return isFailure(thrown) ? failures[thrown.type].consequence : 'unknown';
}

function row<C extends Consequence>(status: number, consequence: C, zh: string, en: string) {
  return { status, consequence, zh, en } as const;
}
