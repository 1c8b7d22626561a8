/** Code tables of the provider port of the movables registry (中登网). */
import type { FailureCode } from '../../contracts/failures.ts';
import { codeTable, twoWayTable } from '../codes/codeTable.ts';

const source = "contracts/registry/provider.wire.ts: the port is the hub's own definition";

/** A proposal: the registry's own codes are not public. A00100 is pledge of receivables (应收账款质押), which the hub does not register. */
export const providerBusinessTypes = twoWayTable('registry.provider.business', source, {
  A00200: 'factoring', // 应收账款转让 / 保理
  A00300: 'goodsPledge', // 存货、动产质押
  A00400: 'warehouseReceiptPledge', // 仓单质押
});

/** Any code but "0000" and those here is unmapped. */
export const providerCodes = codeTable('registry.provider.refusal', source, {
  '1002': 'IDEMPOTENCY_CONFLICT', // the request number was used for something else
  '2001': 'SYSTEM_REFUSED', // no such registration
  '2002': 'SYSTEM_REFUSED', // wrong amend code (修改码)
  '2003': 'SYSTEM_REFUSED', // the registration ended
  '2004': 'SYSTEM_REFUSED', // a field is not acceptable
  '2005': 'SYSTEM_REFUSED', // the clerk sent it back
  '9002': 'SYSTEM_REFUSED', // timestamp
  '9003': 'SYSTEM_REFUSED', // nonce used before
  '9004': 'SYSTEM_REFUSED', // body not readable
  '9100': 'SYSTEM_BUSY', // not taken, try later
} satisfies Record<string, FailureCode>);

/** "Never heard of this request number." */
export const providerNotFound = '1001';

export const providerStates = codeTable('registry.provider.state', source, {
  ACCEPTED: 'pending',
  PROCESSING: 'pending',
  DONE: 'done',
  REFUSED: 'refused',
});

/** What a request was for, by the port's word. */
export const providerTypes = codeTable('registry.provider.type', source, {
  REGISTRATION: 'registered',
  AMENDMENT: 'amended',
  CANCELLATION: 'cancelled',
});
