/**
 * A consortium chain (FISCO BCOS) behind its front (WeBASE-Front 1.5): it holds the keys, signs whatever reaches its port,
 * waits for the block and answers with the receipt. It does not ask who calls.
 */
import { json, twin, type TwinAnswer, type TwinContext, type TwinRequest } from '../twin.ts';
import { genesis, seal, submitted, view, type Chain, type Transaction } from './chain.ts';

interface Memory {
  chain: Chain;
  /** Numbers whose first transaction met a stalled consensus. */
  stalled: Record<string, true>;
  /** No blocks at all: half of the nodes are down. */
  halted: boolean;
}

const groupId = '1';
const user = '0x2f6c1a3b9d8e7054a1b2c3d4e5f60718293a4b5c';
const contract = '0x3d37f47620091952443a1df9c6b23a443e746beb';

/** The first anchoring of such a number gets no receipt in time; its transaction enters the next block ... */
const stallEnding = '-STALL';
/** ... or is lost. */
const dropEnding = '-DROP';

/** Business time between blocks, as long as there is something to put into one. */
const blockMs = 3_000;
/** Real time that the front waits for a block, however slow business time runs. */
const blockWaitMaxMs = 500;
const stallMs = 20_000;

export const evidenceChain = twin<Memory>({
  name: 'evidence-chain',
  kind: 'evidence',
  dialect: 'webase',
  title: { zh: '存证链（FISCO BCOS）', en: 'Evidence chain (FISCO BCOS)' },
  settings: { groupId, user, contractAddress: contract },
  magic: [
    {
      where: 'number of an anchoring 存证编号',
      value: '…-STALL',
      effect: 'the first time no receipt in time, `50001`; enters a block 20 seconds later',
    },
    {
      where: 'number of an anchoring 存证编号',
      value: '…-DROP',
      effect: 'the first time no receipt in time, `50001`, and the transaction is lost',
    },
  ],
  // Nobody proves anything on this road; the keys of the chain stay in the front.
  enrol: () => ({ hub: {}, twin: {} }),
  memory: () => ({ chain: genesis(), stalled: {}, halted: false }),
  operationOf: (request) => {
    if (request.path === '/WeBASE-Front/trans/handle')
      return fieldsOf(request)['funcName'] === 'anchor' ? 'anchor' : 'queryAnchor';
    return request.path.startsWith('/WeBASE-Front/') ? 'queryAnchor' : undefined;
  },
  handle,
  acts: {
    seal: (_args, twin) => sealNow(twin),
    halt: (_args, { memory }) => void (memory.halted = true),
    resume: (_args, twin) => {
      twin.memory.halted = false;
      sealNow(twin);
    },
  },
});

function handle(request: TwinRequest, twin: TwinContext<Memory>): Promise<TwinAnswer> | TwinAnswer {
  if (request.method === 'POST' && request.path === '/WeBASE-Front/trans/handle')
    return handleTransaction(request, twin);
  const [, front, group, web3, what, which = ''] = request.path.split('/');
  if (request.method !== 'GET' || front !== 'WeBASE-Front' || web3 !== 'web3')
    return json({ status: 404, error: 'Not Found' }, 404);
  if (group !== groupId) return frontError(201034, 'groupId not exist');
  return read(what ?? '', which, twin.memory.chain);
}

function read(what: string, which: string, chain: Chain): TwinAnswer {
  switch (what) {
    case 'blockNumber':
      return json(chain.blocks.length - 1);
    case 'blockByNumber': {
      const block = /^\d{1,9}$/.test(which) ? chain.blocks[Number(which)] : undefined;
      if (!block) return json({ code: 500, errorMessage: null }, 500);
      const transactions = block.transactions.map(({ hash, from, to, input }, index) => ({
        hash,
        blockHash: block.hash,
        blockNumber: block.number,
        transactionIndex: index,
        from,
        to,
        input,
        value: 0,
        gas: 30_000_000,
      }));
      return json({
        number: block.number,
        hash: block.hash,
        parentHash: block.parentHash,
        timestamp: String(block.timestampMs),
        transactions,
      });
    }
    case 'transactionReceipt': {
      const receipt = Object.hasOwn(chain.receipts, which) ? chain.receipts[which] : undefined;
      return receipt ? json(receipt) : json({ code: 500, errorMessage: null }, 500);
    }
    default:
      return json({ status: 404, error: 'Not Found' }, 404);
  }
}

async function handleTransaction(request: TwinRequest, twin: TwinContext<Memory>): Promise<TwinAnswer> {
  const fields = fieldsOf(request);
  const wrong = wrongIn(fields);
  if (wrong) return wrong;
  const params = fields['funcParam'] as string[];
  const { memory } = twin;
  const anchorNo = params[0] ?? '';
  if (fields['funcName'] === 'anchorOf') return json(view(memory.chain, anchorNo));

  const transaction = submitted(memory.chain, { from: user, to: String(fields['contractAddress']), params });
  if ((anchorNo.endsWith(stallEnding) || anchorNo.endsWith(dropEnding)) && !Object.hasOwn(memory.stalled, anchorNo)) {
    memory.stalled[anchorNo] = true;
    if (anchorNo.endsWith(stallEnding)) {
      memory.chain.pool.push(transaction);
      twin.later('seal', {}, stallMs);
    }
    return receiptTimeout();
  }
  memory.chain.pool.push(transaction);
  if (memory.halted) return receiptTimeout();
  return receiptOf(transaction, twin);
}

/** Transactions that wait together enter one block. */
async function receiptOf(transaction: Transaction, twin: TwinContext<Memory>): Promise<TwinAnswer> {
  const dueAt = new Date(twin.clock.now().getTime() + blockMs);
  await new Promise((resolve) => setTimeout(resolve, Math.min(blockWaitMaxMs, twin.clock.realMsUntil(dueAt))));
  sealNow(twin);
  const receipt = twin.memory.chain.receipts[transaction.hash];
  return receipt ? json(receipt) : receiptTimeout();
}

function sealNow(twin: TwinContext<Memory>): void {
  const { memory, clock } = twin;
  if (memory.halted) return;
  for (const { anchorNo, transaction, block } of seal(memory.chain, contract, clock.now().getTime())) {
    const [, headSha256, headSm3, count] = transaction.params;
    twin.effect('anchored', anchorNo, {
      headSha256,
      headSm3,
      count,
      block: block.number,
      transaction: transaction.hash,
    });
  }
}

/** What the front refuses before anything goes to the chain. */
function wrongIn(fields: Readonly<Record<string, unknown>>): TwinAnswer | undefined {
  const { funcName, funcParam, contractAbi, contractAddress } = fields;
  if (Object.keys(fields).length === 0)
    return json({ code: 400, errorMessage: 'Required request body is missing or not readable' }, 400);
  if (fields['groupId'] !== groupId) return frontError(201034, 'groupId not exist');
  if (fields['user'] !== user) return frontError(201040, 'private key not exists');
  if (typeof contractAddress !== 'string' || contractAddress === '')
    return frontError(201029, 'contractAddress is null');
  if (!/^0x[0-9a-fA-F]{40}$/.test(contractAddress)) return frontError(201030, 'contractAddress invalid');
  if (!Array.isArray(contractAbi) || contractAbi.length === 0)
    return frontError(201248, 'Contract abi invalid, please check abi');
  const inputs = inputsOf(contractAbi, funcName);
  if (!inputs || (funcName !== 'anchor' && funcName !== 'anchorOf'))
    return frontError(201019, 'request function is error');
  if (!Array.isArray(funcParam) || funcParam.length !== inputs.length) return frontError(201200, 'params not fit');
  const fits = funcParam.every(
    (value, at) => typeof value === 'string' && (inputs[at] !== 'uint256' || /^\d{1,77}$/.test(value)),
  );
  return fits ? undefined : frontError(201153, 'unable to create instance of type, check input params');
}

function inputsOf(abi: readonly unknown[], name: unknown): string[] | undefined {
  const functions = abi as readonly { type?: unknown; name?: unknown; inputs?: readonly { type?: unknown }[] }[];
  return functions
    .find((each) => each?.type === 'function' && each.name === name)
    ?.inputs?.map(({ type }) => String(type));
}

function frontError(code: number, errorMessage: string): TwinAnswer {
  return json({ code, data: null, errorMessage }, 422);
}

/** The words of a real chain that lost two of its four nodes. */
function receiptTimeout(): TwinAnswer {
  return json({
    transactionHash: null,
    transactionIndex: null,
    root: null,
    blockNumber: '0',
    blockHash: null,
    from: null,
    to: null,
    gasUsed: '0',
    contractAddress: null,
    logs: null,
    status: '50001',
    statusMsg: null,
    input: null,
    output: null,
    message: 'Transaction receipt timeout',
    statusOK: false,
  });
}

function fieldsOf(request: TwinRequest): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(request.body.toString());
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : {};
  } catch {
    return {};
  }
}
