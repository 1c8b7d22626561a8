/**
 * A consortium chain in small: a pool of transactions, blocks that name the hash of the block before them, receipts, and
 * the storage of one contract. Hashes are SHA-256 where the real chain takes Keccak-256 over RLP: nobody outside the
 * chain recomputes them, what counts is that they link.
 */
import { createHash } from 'node:crypto';
import { encode, encodeError, selectors } from './abi.ts';

export interface Transaction {
  readonly hash: string;
  readonly from: string;
  readonly to: string;
  readonly input: string;
  /** anchorNo, SHA-256, SM3, count: what `input` says, decoded. */
  readonly params: readonly string[];
}

export interface Block {
  readonly number: number;
  readonly hash: string;
  readonly parentHash: string;
  readonly timestampMs: number;
  readonly transactions: readonly Transaction[];
}

export interface Receipt {
  readonly transactionHash: string;
  readonly transactionIndex: string;
  readonly root: string;
  readonly blockNumber: string;
  readonly blockHash: string;
  readonly from: string;
  readonly to: string;
  readonly gasUsed: string;
  readonly contractAddress: string;
  readonly logs: readonly unknown[];
  readonly status: string;
  readonly statusMsg: string;
  readonly input: string;
  readonly output: string;
  readonly message: string;
  readonly statusOK: boolean;
}

interface Entry {
  readonly sha256: string;
  readonly sm3: string;
  readonly count: string;
  readonly blockNumber: number;
  readonly timestampMs: number;
}

export interface Chain {
  blocks: Block[];
  pool: Transaction[];
  receipts: Record<string, Receipt>;
  /** Storage of `EvidenceLog`, by anchor number. */
  entries: Record<string, Entry>;
  nonce: number;
}

const zeroAddress = `0x${'0'.repeat(40)}`;
const conflict = 'EvidenceLog: number anchored with another head';

export function genesis(): Chain {
  const first = { number: 0, parentHash: `0x${'0'.repeat(64)}`, timestampMs: 0, transactions: [] };
  return { blocks: [{ ...first, hash: hashOf(first) }], pool: [], receipts: {}, entries: {}, nonce: 0 };
}

/** Signed by the front with the user's key and put into the pool. */
export function submitted(chain: Chain, call: { from: string; to: string; params: readonly string[] }): Transaction {
  const [no = '', sha256 = '', sm3 = '', count = '0'] = call.params;
  const input = `0x${selectors.anchor}${encode([no, sha256, sm3, BigInt(count)])}`;
  chain.nonce += 1;
  return { ...call, input, hash: hashOf([call.from, input, chain.nonce]) };
}

/** One block of everything in the pool. Returns what it wrote into the contract's storage. */
export function seal(
  chain: Chain,
  contract: string,
  nowMs: number,
): { anchorNo: string; transaction: Transaction; block: Block }[] {
  const parent = chain.blocks.at(-1);
  if (!parent || chain.pool.length === 0) return [];
  const transactions = chain.pool.splice(0);
  const header = {
    number: parent.number + 1,
    parentHash: parent.hash,
    timestampMs: Math.max(nowMs, parent.timestampMs),
    transactions,
  };
  const block = { ...header, hash: hashOf(header) };
  chain.blocks.push(block);
  return transactions.flatMap((transaction, index) => {
    const { written, ...result } = execute(chain, contract, transaction, block);
    chain.receipts[transaction.hash] = receiptOf(transaction, index, block, result);
    return written ? [{ anchorNo: transaction.params[0] ?? '', transaction, block }] : [];
  });
}

/** What `anchorOf` returns: every value a string. An unknown number has the defaults of its types. */
export function view(chain: Chain, anchorNo: string): string[] {
  const entry = Object.hasOwn(chain.entries, anchorNo) ? chain.entries[anchorNo] : undefined;
  return entry
    ? [entry.sha256, entry.sm3, entry.count, String(entry.blockNumber), String(entry.timestampMs)]
    : ['', '', '0', '0', '0'];
}

/** True when every block names the one before it and its hash is that of its content. */
export function isLinked(chain: Chain): boolean {
  return chain.blocks.every(({ hash, ...header }, at) => {
    const parent = chain.blocks[at - 1];
    return hash === hashOf(header) && (parent === undefined || header.parentHash === parent.hash);
  });
}

interface Result {
  readonly status: string;
  readonly statusMsg: string;
  readonly output: string;
  readonly message: string;
}

function execute(
  chain: Chain,
  contract: string,
  { to, params }: Transaction,
  block: Block,
): Result & { written: boolean } {
  const [no = '', sha256 = '', sm3 = '', count = '0'] = params;
  if (to.toLowerCase() !== contract) {
    return { status: '0x1a', statusMsg: 'CallAddressError', output: '0x', message: 'CallAddressError', written: false };
  }
  const held = Object.hasOwn(chain.entries, no) ? chain.entries[no] : undefined;
  if (held && (held.sha256 !== sha256 || held.sm3 !== sm3 || held.count !== count)) {
    return {
      status: '0x16',
      statusMsg: 'RevertInstruction',
      output: encodeError(conflict),
      message: conflict,
      written: false,
    };
  }
  const entry = held ?? { sha256, sm3, count, blockNumber: block.number, timestampMs: block.timestampMs };
  // Own property whatever the number is called.
  Object.defineProperty(chain.entries, no, { value: entry, enumerable: true, configurable: true, writable: true });
  const output = `0x${encode([BigInt(entry.blockNumber), BigInt(entry.timestampMs), held ? 0n : 1n])}`;
  return { status: '0x0', statusMsg: 'None', output, message: 'Success', written: !held };
}

function receiptOf(transaction: Transaction, index: number, block: Block, result: Result): Receipt {
  return {
    transactionHash: transaction.hash,
    transactionIndex: `0x${index.toString(16)}`,
    root: hashOf([block.hash, index]),
    blockNumber: String(block.number),
    blockHash: block.hash,
    from: transaction.from,
    to: transaction.to,
    gasUsed: '45797',
    contractAddress: zeroAddress,
    logs: [],
    ...result,
    input: transaction.input,
    statusOK: result.status === '0x0',
  };
}

function hashOf(value: unknown): string {
  return `0x${createHash('sha256').update(JSON.stringify(value)).digest('hex')}`;
}
