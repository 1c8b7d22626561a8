/** Canonical anchoring (存证上链) to and from AntChain's evidence service: id now, hash later. */
import type { Static } from 'typebox';
import {
  AntchainDeposit,
  AntchainQuery,
  AntchainRecord,
  type AntchainTaken,
} from '../../contracts/evidence/antchain.wire.ts';
import type { Message } from '../../contracts/contract.ts';
import { Anchor, evidence } from '../../contracts/evidence/evidence.ts';
import { Failure, type FailureCode } from '../../contracts/failures.ts';
import { QueryByNumber } from '../../contracts/kind.ts';
import { mapping } from '../../contracts/mapping.ts';
import { codeTable } from '../codes/codeTable.ts';

/** Chosen: the vendor publishes no list. Both lists must be agreed anew with the vendor before production. */
const source = 'contracts/evidence/antchain.wire.ts: chosen, the vendor publishes no list of result codes';

/** `OK` is success and `DEPOSIT_NOT_EXIST` not found; what is neither and not here is unmapped. */
export const antchainCodes = codeTable('evidence.antchain.result', source, {
  ACCESS_DENIED: 'SYSTEM_REFUSED', // the access key may not use this service ("Denied by check auth from IAM")
  ILLEGAL_SIGN: 'SYSTEM_REFUSED',
  REQUEST_EXPIRED: 'SYSTEM_REFUSED', // req_time is too far from theirs
  REQUEST_REPLAYED: 'SYSTEM_REFUSED', // req_msg_id was used before
  ILLEGAL_PARAMETER: 'SYSTEM_REFUSED',
  SERVICE_NOT_EXIST: 'SYSTEM_REFUSED',
  ORDER_ID_CONFLICT: 'IDEMPOTENCY_CONFLICT',
  FLOW_CONTROL: 'SYSTEM_BUSY', // more than 20 requests in a second: not taken
  SYSTEM_ERROR: 'OUTCOME_UNKNOWN',
  PROVIDER_TIMEOUT: 'OUTCOME_UNKNOWN', // the gateway heard nothing from the service behind it
} satisfies Record<string, FailureCode>);

const success = 'OK';
export const antchainNotFound = 'DEPOSIT_NOT_EXIST';

export const antchainDepositOf = mapping('evidence.antchain.deposit', Anchor, AntchainDeposit, (anchor) => ({
  order_id: anchor.anchorNo,
  // Its bytes are kept and come back: they are held against each other to see a number that was used twice.
  base_info_json: JSON.stringify({
    anchorNo: anchor.anchorNo,
    headSha256: anchor.headSha256,
    headSm3: anchor.headSm3,
    count: anchor.count,
  }),
}));

export const antchainQueryOf = mapping('evidence.antchain.query', QueryByNumber, AntchainQuery, ({ no }) => ({
  order_id: no,
}));

/** @throws Failure as `antchainCodes` says; EXT_CODE_UNMAPPED (unknown) for any other code */
export function acceptAntchain({ result_code: code, result_msg: words }: Message<typeof AntchainTaken>): void {
  if (code === success) return;
  throw new Failure(antchainCodes.find(code) ?? 'EXT_CODE_UNMAPPED', {
    detail: `${code} ${(words ?? '').slice(0, shownChars).replaceAll(/\p{Cc}/gu, ' ')}`,
    externalCode: code,
  });
}

const { queryAnchor } = evidence.operations;

/** What became of a deposit. A refusal is no verdict about it: it is thrown. */
export const antchainEnquiryOf = mapping(
  'evidence.antchain.enquiry',
  AntchainRecord,
  queryAnchor.response,
  (record): Static<typeof queryAnchor.response.schema> => {
    if (record.result_code === antchainNotFound) return { outcome: 'notFound' };
    acceptAntchain(record);
    const { order_id: anchorNo, tx_hash: hash, block_number: block, timestamp } = record;
    if (anchorNo === undefined) throw new Failure('OUTCOME_UNKNOWN', { detail: 'the record does not say whose it is' });
    if (hash === undefined) return { outcome: 'pending' };
    if (block === undefined || timestamp === undefined)
      throw new Failure('OUTCOME_UNKNOWN', { detail: 'a transaction without its block or its time' });
    const txHash = `0x${hash.replace(/^0x/, '').toLowerCase()}`;
    return {
      outcome: 'confirmed',
      response: { anchorNo, txHash, blockNumber: String(block), anchoredAt: instantOf(timestamp) },
    };
  },
  {
    drops: {
      '/req_msg_id': 'the dialect holds it against the request',
      '/base_info_json': 'the dialect holds it against what it sent',
    },
    leaves: { '/<outcome=refused>': 'a deposit that was taken is not refused later' },
  },
);

const shownChars = 200;

/** Seconds in place of milliseconds would be a date in 1970. */
function instantOf(timestampMs: number): string {
  if (!/^[1-9]\d{12}$/.test(String(timestampMs)))
    throw new Failure('OUTCOME_UNKNOWN', { detail: 'the time of the transaction is not in milliseconds' });
  return new Date(timestampMs).toISOString();
}
