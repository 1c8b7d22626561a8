/** Canonical anchoring (存证上链) to and from the contract `EvidenceLog` behind WeBASE-Front, and what its codes permit to conclude. */
import type { Message } from '../../contracts/contract.ts';
import { Anchor, Anchored } from '../../contracts/evidence/evidence.ts';
import {
  anchorConflict,
  WebaseAnchorReturn,
  WebaseAnchorView,
  WebaseEntry,
  WebaseFrontError,
  WebaseInvocation,
  WebaseProof,
  WebaseReceipt,
} from '../../contracts/evidence/webase.wire.ts';
import { Failure, type FailureCode } from '../../contracts/failures.ts';
import { mapping } from '../../contracts/mapping.ts';
import { codeTable } from '../codes/codeTable.ts';
import { integersIn, revertReason } from './abi.ts';

const source = 'FISCO BCOS 2.x documentation: TransactionExceptionID; WeBASE-Front 1.5: ConstantCode';

/**
 * Status of a receipt (FISCO BCOS 2.x, TransactionExceptionID). A receipt of a failed transaction is proof that its state
 * was rolled back: refused. 50001 is no receipt at all. `0x0` is success; what is not here is unmapped.
 */
export const webaseStatuses = codeTable('evidence.webase.status', source, {
  '0x13': 'SYSTEM_REFUSED', // NoCallPermission
  '0x14': 'SYSTEM_REFUSED', // NoTxPermission
  '0x16': 'SYSTEM_REFUSED', // RevertInstruction; its reason may say more, see `webaseReverts`
  '0x19': 'SYSTEM_REFUSED', // PermissionDenied
  '0x1a': 'SYSTEM_REFUSED', // CallAddressError: no contract at the address
  '0x1c': 'SYSTEM_BUSY', // TxPoolIsFull: never taken
  '0x1e': 'SYSTEM_REFUSED', // ContractFrozen
  '0x1f': 'SYSTEM_REFUSED', // AccountFrozen
  '50001': 'OUTCOME_UNKNOWN', // no receipt in time: the transaction may still enter a block
} satisfies Record<string, FailureCode>);

/** Reasons that `EvidenceLog` gives when it reverts. */
export const webaseReverts = codeTable('evidence.webase.revert', 'contracts/evidence/webase.wire.ts: EvidenceLog', {
  [anchorConflict]: 'IDEMPOTENCY_CONFLICT',
} satisfies Record<string, FailureCode>);

/** Codes of the front (HTTP 422). Those that speak of the request were found before anything went to the chain. */
export const webaseFrontCodes = codeTable('evidence.webase.front', source, {
  '201019': 'SYSTEM_REFUSED', // function not in the ABI
  '201021': 'OUTCOME_UNKNOWN', // sending to the chain failed, at some point
  '201022': 'OUTCOME_UNKNOWN', // request to the node failed, at some point
  '201029': 'SYSTEM_REFUSED', // no contract address
  '201030': 'SYSTEM_REFUSED', // contract address not valid
  '201034': 'SYSTEM_REFUSED', // no such group
  '201040': 'SYSTEM_REFUSED', // the front holds no private key of this user
  '201151': 'SYSTEM_REFUSED', // parameter type not supported
  '201153': 'SYSTEM_REFUSED', // parameter does not fit its type
  '201200': 'SYSTEM_REFUSED', // parameters do not fit the function
  '201201': 'SYSTEM_REFUSED', // user address not valid
  '201248': 'SYSTEM_REFUSED', // ABI not valid
} satisfies Record<string, FailureCode>);

export const anchorInvocationOf = mapping('evidence.webase.invocation', Anchor, WebaseInvocation, (anchor) => ({
  funcName: 'anchor' as const,
  funcParam: [anchor.anchorNo, anchor.headSha256, anchor.headSm3, String(anchor.count)],
}));

/** Where and when the number was first anchored, and whether by this transaction. @throws Failure as the tables above say */
export const anchorReturnOf = mapping(
  'evidence.webase.return',
  WebaseReceipt,
  WebaseAnchorReturn,
  (receipt) => {
    if (receipt.status !== '0x0') throw receiptFailure(receipt);
    const [blockNumber, timestampMs, fresh] = integersIn(receipt.output ?? '0x', 3) ?? [];
    if (blockNumber === undefined || timestampMs === undefined || !/^[01]$/.test(fresh ?? '')) {
      throw new Failure('OUTCOME_UNKNOWN', {
        detail: 'the receipt succeeded but does not return what the contract returns',
      });
    }
    return { blockNumber, timestampMs, fresh: fresh === '1' };
  },
  {
    drops: {
      '/blockNumber': 'the return data names the block in which the number was first anchored',
      '/message': 'words beside the status; shown when it failed',
      '/to': 'the dialect knows which contract it called',
      '/transactionHash': 'the dialect adds it to the proof',
    },
  },
);

/** The entry under the number, or nothing when there is none. */
export function anchorEntryOf(values: Message<typeof WebaseAnchorView>): Message<typeof WebaseEntry> | undefined {
  const [, , count, blockNumber, timestampMs] = WebaseAnchorView.check(values);
  if (count === '0') return undefined;
  return WebaseEntry.check({ blockNumber, timestampMs });
}

export const anchoredOf = mapping('evidence.webase.anchored', WebaseProof, Anchored, (proof) => ({
  anchorNo: proof.anchorNo,
  txHash: proof.transactionHash,
  blockNumber: proof.blockNumber,
  anchoredAt: instantOf(proof.timestampMs),
}));

export function frontFailure(error: Message<typeof WebaseFrontError>): Failure {
  const externalCode = String(WebaseFrontError.check(error).code);
  return new Failure(webaseFrontCodes.find(externalCode) ?? 'EXT_CODE_UNMAPPED', {
    detail: `WeBASE-Front ${externalCode}: ${shown(error.errorMessage)}`,
    externalCode,
  });
}

function receiptFailure(receipt: Message<typeof WebaseReceipt>): Failure {
  const reason = revertReason(receipt.output ?? '0x');
  const mapped = (reason === undefined ? undefined : webaseReverts.find(reason)) ?? webaseStatuses.find(receipt.status);
  return new Failure(mapped ?? 'EXT_CODE_UNMAPPED', {
    detail: `receipt status ${receipt.status}: ${shown(reason ?? receipt.message)}`,
    externalCode: receipt.status,
  });
}

/** FISCO BCOS 2.x keeps block times in milliseconds. Seconds, as version 3 may give, would be a date in 1970. */
function instantOf(timestampMs: string): string {
  if (!/^[1-9]\d{12}$/.test(timestampMs))
    throw new Failure('OUTCOME_UNKNOWN', { detail: 'the block time is not in milliseconds' });
  return new Date(Number(timestampMs)).toISOString();
}

const shownChars = 200;

function shown(text: string | null): string {
  return (text ?? 'no message').slice(0, shownChars).replace(/\p{Cc}/gu, ' ');
}
