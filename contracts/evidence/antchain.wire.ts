/**
 * AntChain evidence (蚂蚁链可信存证, "caasplatform") through the AntChain open gateway.
 *
 * Known, from the vendor's published SDK and its page on `antchain.caasplatform.deposit.query`: names and types of all
 * fields below; that `deposit.create` answers with no transaction (id now, hash later); the parameters of the gateway, and
 * how requests and answers are signed; 20 requests a second.
 * Chosen: what stands in `base_info_json`; every `result_code` but `OK` (no list of them is public); that an answer repeats the
 * `req_msg_id` of its request; that answers which say no are signed as well.
 */
import { Type } from 'typebox';
import { contract, strict } from '../contract.ts';

/** The vendor calls for a uuid-like id; it names one deposit for ever (业务幂等id). */
const OrderId = Type.String({ pattern: '^[0-9A-Za-z][0-9A-Za-z_-]{0,63}$', maxLength: 64 });
const BaseInfo = Type.String({ minLength: 2, maxLength: 4_096 });
const Code = Type.String({ pattern: '^[0-9A-Z_]{1,64}$', maxLength: 64 });
const MsgId = Type.String({ pattern: '^[0-9a-f]{32}$', maxLength: 32 });
const words = Type.Optional(Type.String({ maxLength: 2_000 }));

/** Of `antchain.caasplatform.deposit.create`; the dialect adds `service_id`. */
export const AntchainDeposit = contract(
  'evidence/antchain/deposit',
  strict({ order_id: OrderId, base_info_json: BaseInfo }),
);

/** Of `antchain.caasplatform.deposit.query`. */
export const AntchainQuery = contract('evidence/antchain/query', strict({ order_id: OrderId }));

/** The answer to `create`: taken, no more. */
export const AntchainTaken = contract(
  'evidence/antchain/taken',
  strict({ req_msg_id: MsgId, result_code: Code, result_msg: words }),
);

const whole = { minimum: 0, maximum: Number.MAX_SAFE_INTEGER } as const;

/** The answer to `query`: as long as the deposit is in no block it has no `tx_hash`. */
export const AntchainRecord = contract(
  'evidence/antchain/record',
  strict({
    req_msg_id: MsgId,
    result_code: Code,
    result_msg: words,
    order_id: Type.Optional(OrderId),
    base_info_json: Type.Optional(BaseInfo),
    tx_hash: Type.Optional(Type.String({ pattern: '^(0x)?[0-9a-fA-F]{64}$', maxLength: 66 })),
    block_number: Type.Optional(Type.Integer(whole)),
    /** Milliseconds since 1970. */
    timestamp: Type.Optional(Type.Integer(whole)),
  }),
);
