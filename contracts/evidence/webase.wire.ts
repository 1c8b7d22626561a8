/**
 * FISCO BCOS 2.x behind WeBASE-Front 1.5: what the hub sends, and the parts of the answers that it looks at. Receipts and
 * blocks hold more than that, and differ between releases: the dialect picks these fields and leaves the rest.
 */
import { Type } from 'typebox';
import { ShortText } from '../canonical/primitives.ts';
import { contract, strict } from '../contract.ts';

const Hash = Type.String({ pattern: '^0x[0-9a-f]{64}$', maxLength: 66 });
const Address = Type.String({ pattern: '^0x[0-9a-fA-F]{40}$', maxLength: 42 });
const Decimal = Type.String({ pattern: '^(0|[1-9]\\d{0,17})$', maxLength: 18 });
const Digest = Type.String({ pattern: '^[0-9a-f]{64}$', maxLength: 64 });
/** Call data and return data: `0x` and whole bytes. */
const Bytes = Type.String({ pattern: '^0x([0-9a-f]{2})*$', maxLength: 65_536 });

/** One call of a contract's function. All parameters are strings, whatever the ABI says. */
export const WebaseInvocation = contract(
  'evidence/webase/invocation',
  strict({
    funcName: Type.Union([Type.Literal('anchor'), Type.Literal('anchorOf')]),
    funcParam: Type.Array(Type.String({ minLength: 1, maxLength: 64 }), { minItems: 1, maxItems: 4 }),
  }),
);

/** `POST /WeBASE-Front/trans/handle`, with a key that the front keeps (`user` is its address). */
export const WebaseHandle = contract(
  'evidence/webase/handle',
  strict({
    groupId: Type.String({ pattern: '^[0-9a-zA-Z]{1,32}$', maxLength: 32 }),
    user: Address,
    contractName: Type.Literal('EvidenceLog'),
    contractPath: Type.String({ maxLength: 64 }),
    version: Type.String({ maxLength: 32 }),
    funcName: WebaseInvocation.schema.properties.funcName,
    funcParam: WebaseInvocation.schema.properties.funcParam,
    contractAddress: Address,
    contractAbi: Type.Array(Type.Unknown(), { minItems: 1, maxItems: 16 }),
    useAes: Type.Literal(false),
    useCns: Type.Literal(false),
    cnsName: Type.String({ maxLength: 64 }),
  }),
);

/** Of a receipt (交易回执). Without a block (status 50001) its hash and `to` are null. */
export const WebaseReceipt = contract(
  'evidence/webase/receipt',
  strict({
    status: Type.String({ minLength: 1, maxLength: 16 }),
    transactionHash: Type.Union([Hash, Type.Null()]),
    blockNumber: Decimal,
    to: Type.Union([Address, Type.Null()]),
    output: Type.Union([Bytes, Type.Null()]),
    message: Type.Union([Type.String({ maxLength: 2_000 }), Type.Null()]),
  }),
);

/** Where and when a number was first anchored. */
export const WebaseEntry = contract('evidence/webase/entry', strict({ blockNumber: Decimal, timestampMs: Decimal }));

/** What `anchor` returns: the entry, and whether this very transaction wrote it. A repeat may even share the first one's block. */
export const WebaseAnchorReturn = contract(
  'evidence/webase/anchor-return',
  strict({ blockNumber: Decimal, timestampMs: Decimal, fresh: Type.Boolean() }),
);

/** What `anchorOf` returns, in the order of its ABI: SHA-256, SM3, count, block, time in milliseconds. An unknown number: empty and zeros. */
export const WebaseAnchorView = contract(
  'evidence/webase/anchor-view',
  Type.Array(Type.Union([Digest, Decimal, Type.Literal('')]), { minItems: 5, maxItems: 5 }),
);

/** Of a block (区块): enough to find the transaction that anchored a number. */
export const WebaseBlock = contract(
  'evidence/webase/block',
  strict({
    number: Decimal,
    transactions: Type.Array(strict({ hash: Hash, to: Type.Union([Address, Type.Null()]), input: Bytes }), {
      maxItems: 10_000,
    }),
  }),
);

/** Everything that the dialect found out about one anchored number. */
export const WebaseProof = contract(
  'evidence/webase/proof',
  strict({ anchorNo: ShortText, transactionHash: Hash, blockNumber: Decimal, timestampMs: Decimal }),
);

/** An error of the front itself, HTTP 422: the chain was not reached, or refused before a receipt. */
export const WebaseFrontError = contract(
  'evidence/webase/front-error',
  strict({ code: Type.Integer(), errorMessage: Type.Union([Type.String({ maxLength: 2_000 }), Type.Null()]) }),
);

const parameter = (name: string, type: string) => ({ name, type });

/**
 * The contract `EvidenceLog`. It keeps the first head per number: the same head again changes nothing and succeeds, another
 * head reverts with `anchorConflict`.
 */
export const evidenceLogAbi = [
  {
    type: 'function',
    name: 'anchor',
    constant: false,
    payable: false,
    stateMutability: 'nonpayable',
    inputs: [
      parameter('anchorNo', 'string'),
      parameter('headSha256', 'string'),
      parameter('headSm3', 'string'),
      parameter('count', 'uint256'),
    ],
    outputs: [parameter('blockNumber', 'uint256'), parameter('timestampMs', 'uint256'), parameter('fresh', 'bool')],
  },
  {
    type: 'function',
    name: 'anchorOf',
    constant: true,
    payable: false,
    stateMutability: 'view',
    inputs: [parameter('anchorNo', 'string')],
    outputs: [
      parameter('headSha256', 'string'),
      parameter('headSm3', 'string'),
      parameter('count', 'uint256'),
      parameter('blockNumber', 'uint256'),
      parameter('timestampMs', 'uint256'),
    ],
  },
] as const;

/** The text with which the contract refuses another head under a number that is taken. */
export const anchorConflict = 'EvidenceLog: number anchored with another head';
