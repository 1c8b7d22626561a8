/**
 * The `webase` dialect: FISCO BCOS through WeBASE-Front. Nothing on this road is authenticated, neither the hub nor the
 * front, so it must stay inside one's own network (`allowPrivate`); what the front says is checked against the chain's
 * own state as far as one node can tell it: the contract's entry, the block, the receipt.
 */
import ipaddr from 'ipaddr.js';
import type { Message } from '../../../contracts/contract.ts';
import type { evidence } from '../../../contracts/evidence/evidence.ts';
import {
  evidenceLogAbi,
  WebaseAnchorView,
  WebaseBlock,
  WebaseFrontError,
  WebaseHandle,
  type WebaseInvocation,
  WebaseReceipt,
} from '../../../contracts/evidence/webase.wire.ts';
import { Failure } from '../../../contracts/failures.ts';
import { parseJson } from '../../../contracts/gate/json.ts';
import { stringInCall } from '../../../mappings/evidence/abi.ts';
import {
  anchorEntryOf,
  anchorInvocationOf,
  anchorReturnOf,
  anchoredOf,
  frontFailure,
} from '../../../mappings/evidence/webase.ts';
import { isPublic } from '../../address.ts';
import type { Dialect } from '../../adapter.ts';
import type { Wire, WireAnswer } from '../../wire.ts';

/** A block of a thousand transactions of ours is about 1.2 MB. */
const answerLimits = { bytesMax: 2_000_000, nodesMax: 100_000 } as const;
/** Transactions of one block under one number: the first, and repeats of it. More is somebody's joke. */
const candidatesMax = 8;

export const webaseDialect: Dialect<typeof evidence> = {
  operations: {
    async anchor(request, wire) {
      const answer = await handle(anchorInvocationOf(request), wire);
      const receipt = receiptIn(answer);
      const { fresh, ...entry } = anchorReturnOf(receipt);
      if (receipt.transactionHash === null)
        throw new Failure('OUTCOME_UNKNOWN', { detail: 'a receipt without a transaction' });
      confirmContract(receipt, wire);
      // Not fresh: anchored before, by an attempt whose answer was lost. The proof is the transaction of then.
      const transactionHash =
        fresh && isReceiptOf(answer, request.anchorNo)
          ? receipt.transactionHash
          : await transactionIn(entry.blockNumber, request.anchorNo, wire);
      return anchoredOf({ anchorNo: request.anchorNo, transactionHash, ...entry });
    },

    async queryAnchor({ no }, wire) {
      const entry = anchorEntryOf(viewIn(await handle({ funcName: 'anchorOf', funcParam: [no] }, wire)));
      if (!entry) return { outcome: 'notFound' };
      const transactionHash = await transactionIn(entry.blockNumber, no, wire);
      return { outcome: 'confirmed', response: anchoredOf({ anchorNo: no, transactionHash, ...entry }) };
    },
  },
};

async function handle(invocation: Message<typeof WebaseInvocation>, wire: Wire): Promise<unknown> {
  const { groupId = '', user = '', contractAddress = '' } = wire.system.settings;
  const request = WebaseHandle.check({
    groupId,
    user,
    contractName: 'EvidenceLog',
    contractPath: '/',
    version: '',
    ...invocation,
    contractAddress,
    contractAbi: evidenceLogAbi,
    useAes: false,
    useCns: false,
    cnsName: '',
  });
  return ask({ method: 'POST', path: '/WeBASE-Front/trans/handle', body: Buffer.from(JSON.stringify(request)) }, wire);
}

/** The transaction that first anchored the number: in the block that the contract names, and successful by its own receipt. */
async function transactionIn(blockNumber: string, anchorNo: string, wire: Wire): Promise<string> {
  const group = wire.system.settings['groupId'] ?? '';
  const block = blockIn(
    await ask({ method: 'GET', path: `/WeBASE-Front/${group}/web3/blockByNumber/${blockNumber}` }, wire),
  );
  if (block.number !== blockNumber)
    throw new Failure('OUTCOME_UNKNOWN', { detail: 'another block came than was asked for' });
  const candidates = block.transactions.filter(
    ({ to, input }) => isOurs(to, wire) && stringInCall(input, 0) === anchorNo,
  );
  for (const { hash } of candidates.slice(0, candidatesMax)) {
    const receipt = receiptIn(
      await ask({ method: 'GET', path: `/WeBASE-Front/${group}/web3/transactionReceipt/${hash}` }, wire),
    );
    if (receipt.status !== '0x0' || receipt.transactionHash !== hash || receipt.blockNumber !== blockNumber) continue;
    return hash;
  }
  throw new Failure('OUTCOME_UNKNOWN', {
    detail: `the contract names block ${blockNumber}, where no transaction did it`,
  });
}

async function ask(request: { method: 'GET' | 'POST'; path: string; body?: Buffer }, wire: Wire): Promise<unknown> {
  keepInside(wire);
  const headers = request.body ? { 'content-type': 'application/json' } : {};
  const answer = await wire.send({ ...request, headers });
  if (answer.status === 200) return parsed(answer);
  if (answer.status === 422) throw frontFailure(pick(WebaseFrontError, parsed(answer), ['code', 'errorMessage']));
  // Also what 1.5 says of a transaction that it does not know: HTTP 500 {"code":500,"errorMessage":null}.
  throw new Failure('OUTCOME_UNKNOWN', {
    detail: `HTTP ${answer.status} of WeBASE-Front`,
    externalCode: String(answer.status),
  });
}

/** Whoever reaches this port signs with our key. A public address would be one for everybody. */
function keepInside({ system }: Wire): void {
  const host = URL.parse(system.url)?.hostname.replace(/^\[|\]$/g, '') ?? '';
  if (system.allowPrivate && !(ipaddr.isValid(host) && isPublic(host))) return;
  throw new Failure('SYSTEM_UNREACHABLE', {
    detail: 'WeBASE-Front has no authentication: only an inner address is called, nothing was sent',
  });
}

function receiptIn(answer: unknown): Message<typeof WebaseReceipt> {
  return pick(WebaseReceipt, answer, ['status', 'transactionHash', 'blockNumber', 'to', 'output', 'message']);
}

function viewIn(answer: unknown): Message<typeof WebaseAnchorView> {
  // A view that reverts answers HTTP 200 ["Call contract return error: <reason>"].
  if (Array.isArray(answer) && answer.length === 1) {
    throw new Failure('OUTCOME_UNKNOWN', {
      detail: `the contract could not be read: ${String(answer[0]).slice(0, 200)}`,
    });
  }
  return checked(WebaseAnchorView, answer);
}

/** Bare in 1.5; wrapped in `data` by releases before. Numbers come as numbers or as strings. */
function blockIn(answer: unknown): Message<typeof WebaseBlock> {
  const outer = objectIn(answer);
  const block = outer['data'] === undefined ? outer : objectIn(outer['data']);
  const transactions = Array.isArray(block['transactions']) ? block['transactions'].map(objectIn) : [];
  return checked(WebaseBlock, {
    number: String(block['number']),
    transactions: transactions.map(({ hash, to, input }) => ({ hash, to, input })),
  });
}

/** A receipt repeats the call; where a front leaves the call out, the block must tell whose receipt it is. */
function isReceiptOf(answer: unknown, anchorNo: string): boolean {
  const { input } = objectIn(answer);
  if (typeof input !== 'string') return false;
  if (stringInCall(input, 0) !== anchorNo)
    throw new Failure('ANSWER_UNVERIFIED', { detail: 'the receipt is of another call' });
  return true;
}

function confirmContract(receipt: Message<typeof WebaseReceipt>, wire: Wire): void {
  if (!isOurs(receipt.to, wire))
    throw new Failure('ANSWER_UNVERIFIED', { detail: 'the receipt is of another contract' });
}

function isOurs(address: string | null, wire: Wire): boolean {
  return address?.toLowerCase() === wire.system.settings['contractAddress']?.toLowerCase();
}

function parsed(answer: WireAnswer): unknown {
  try {
    return parseJson(answer.body, answerLimits);
  } catch (cause) {
    throw new Failure('OUTCOME_UNKNOWN', { detail: `HTTP ${answer.status}, and the body cannot be parsed`, cause });
  }
}

interface Checks<T> {
  readonly name: string;
  check(value: unknown): T;
}

function pick<T>(shape: Checks<T>, answer: unknown, fields: readonly string[]): T {
  const given = objectIn(answer);
  return checked(shape, Object.fromEntries(fields.map((name) => [name, given[name] ?? null])));
}

/** An answer of another shape says nothing about what was done. */
function checked<T>(shape: Checks<T>, value: unknown): T {
  try {
    return shape.check(value);
  } catch (cause) {
    throw new Failure('OUTCOME_UNKNOWN', { detail: `the answer is no ${shape.name}`, cause });
  }
}

function objectIn(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}
