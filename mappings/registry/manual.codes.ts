/** Code tables of the registrar's desk (登记专员工作台). */
import type { FailureCode } from '../../contracts/failures.ts';
import { codeTable, twoWayTable } from '../codes/codeTable.ts';

const source = "contracts/registry/manual.wire.ts: the desk is the hub's own definition";

/** What the registrar chooses under "业务类型" at the registry's pages. */
export const manualBusinesses = twoWayTable('registry.manual.business', source, {
  应收账款转让: 'factoring',
  '存货、产品质押': 'goodsPledge',
  仓单质押: 'warehouseReceiptPledge',
});

/** Answers of the desk's program. `OK` is success, `ORDER_UNKNOWN` not found; any other code is unmapped. */
export const manualRefusals = codeTable('registry.manual.refusal', source, {
  ORDER_CONFLICT: 'IDEMPOTENCY_CONFLICT', // the number was used for another order
  ORDER_MALFORMED: 'SYSTEM_REFUSED',
  TIMESTAMP_STALE: 'SYSTEM_REFUSED',
  NONCE_SEEN: 'SYSTEM_REFUSED',
  DESK_CLOSED: 'SYSTEM_BUSY', // not taken, try later
} satisfies Record<string, FailureCode>);

export const manualTaken = 'OK';
export const manualNotFound = 'ORDER_UNKNOWN';

export const manualStates = codeTable('registry.manual.state', source, {
  OPEN: 'pending',
  WORKING: 'pending',
  DONE: 'done',
  RETURNED: 'refused',
});

/** What an order was for; the two that are told as changes, by the name of the change. */
export const manualTasks = codeTable('registry.manual.task', source, {
  SEARCH: 'searched',
  REGISTER: 'registered',
  AMEND: 'amended',
  CANCEL: 'cancelled',
});

/** Why a registrar sent an order back. */
export const manualReasons = codeTable('registry.manual.reason', source, {
  REGISTRATION_UNKNOWN: 'SYSTEM_REFUSED', // 登记证明编号不存在
  AMEND_CODE_WRONG: 'SYSTEM_REFUSED', // 修改码不正确
  REGISTRATION_ENDED: 'SYSTEM_REFUSED', // 登记已注销或到期
  FORM_INCOMPLETE: 'SYSTEM_REFUSED', // 材料不全
  AUTHORITY_MISSING: 'AUTHORITY_MISSING', // 无登记授权
  NAME_NOT_AS_LICENSED: 'NAME_MISMATCH', // 名称与营业执照不一致
} satisfies Record<string, FailureCode>);
