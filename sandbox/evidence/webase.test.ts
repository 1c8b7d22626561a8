import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { Clock } from '../clock.ts';
import { startTwin, type RunningTwin } from '../twin.ts';
import { encode, encodeError } from './abi.ts';
import { genesis, isLinked, seal, submitted, view } from './chain.ts';
import { evidenceChain } from './webase.twin.ts';

const contract = evidenceChain.settings['contractAddress'] ?? '';
const abi = (name: string, ...types: string[]) => ({
  type: 'function',
  name,
  inputs: types.map((type) => ({ name: 'x', type })),
});
const request = {
  groupId: '1',
  user: evidenceChain.settings['user'],
  contractName: 'EvidenceLog',
  contractPath: '/',
  version: '',
  funcName: 'anchor',
  funcParam: ['EV-1', 'a'.repeat(64), 'b'.repeat(64), '3'],
  contractAddress: contract,
  contractAbi: [abi('anchor', 'string', 'string', 'string', 'uint256'), abi('anchorOf', 'string')],
  useAes: false,
  useCns: false,
  cnsName: '',
};

let folder: string;
let front: RunningTwin;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lianshu-chain-'));
  const clock = new Clock({ realMs: Date.now(), businessMs: Date.parse('2026-11-23T09:00:00+08:00'), speed: 3600 });
  front = await startTwin(evidenceChain, { folder, port: 0, hubUrl: 'http://127.0.0.1:9', clock, keys: {} });
});
afterEach(async () => {
  await front.stop();
  rmSync(folder, { recursive: true, force: true });
});

test('a transaction is answered with its receipt, whose block number is a decimal string', async () => {
  const { status, body } = await handle(request);
  expect(status).toBe(200);
  expect(body).toMatchObject({
    status: '0x0',
    statusMsg: 'None',
    message: 'Success',
    statusOK: true,
    blockNumber: '1',
    to: contract,
  });
  const { transactionHash } = body as { transactionHash: string };
  expect((await get(`/1/web3/transactionReceipt/${transactionHash}`)).body).toEqual(body);
  expect((await get('/1/web3/blockNumber')).body).toBe(1);
});

test('a revert is HTTP 200 with status 0x16 and the reason as Error(string)', async () => {
  await handle(request);
  const { status, body } = await handle({ ...request, funcParam: ['EV-1', 'c'.repeat(64), 'b'.repeat(64), '3'] });
  const reason = 'EvidenceLog: number anchored with another head';
  expect(status).toBe(200);
  expect(body).toMatchObject({
    status: '0x16',
    statusMsg: 'RevertInstruction',
    message: reason,
    statusOK: false,
    output: encodeError(reason),
  });
});

test('a stalled consensus is HTTP 200 with status 50001 and no hash', async () => {
  const { status, body } = await handle({ ...request, funcParam: ['EV-1-STALL', 'a', 'b', '3'] });
  expect(status).toBe(200);
  expect(body).toMatchObject({
    transactionHash: null,
    status: '50001',
    message: 'Transaction receipt timeout',
    blockNumber: '0',
  });
});

test('a receipt of an unknown hash is HTTP 500 without a word', async () => {
  expect(await get(`/1/web3/transactionReceipt/0x${'0'.repeat(64)}`)).toEqual({
    status: 500,
    body: { code: 500, errorMessage: null },
  });
});

test('a view answers a list of strings, and defaults for a number that it does not hold', async () => {
  const ask = { ...request, funcName: 'anchorOf', funcParam: ['EV-1'] };
  expect((await handle(ask)).body).toEqual(['', '', '0', '0', '0']);
  await handle(request);
  expect((await handle(ask)).body).toEqual([
    'a'.repeat(64),
    'b'.repeat(64),
    '3',
    '1',
    expect.stringMatching(/^\d{13}$/),
  ]);
});

test('a call of an address without the contract fails on the chain', async () => {
  expect((await handle({ ...request, contractAddress: `0x${'1'.repeat(40)}` })).body).toMatchObject({
    status: '0x1a',
    statusOK: false,
  });
});

test.each([
  ['another group', { groupId: '2' }, 201034],
  ['a user whose key the front does not hold', { user: `0x${'0'.repeat(40)}` }, 201040],
  ['no contract address', { contractAddress: '' }, 201029],
  ['a contract address that is none', { contractAddress: '0x1' }, 201030],
  ['no ABI', { contractAbi: [] }, 201248],
  ['a function that the ABI does not hold', { funcName: 'drop' }, 201019],
  ['too few parameters', { funcParam: ['EV-1'] }, 201200],
  ['a count that is none', { funcParam: ['EV-1', 'a', 'b', '-3'] }, 201153],
])('the front refuses %s with HTTP 422', async (_, change, code) => {
  const { status, body } = await handle({ ...request, ...change });
  expect([status, (body as { code: number }).code]).toEqual([422, code]);
});

test('noise is refused and nothing enters a block', async () => {
  for (const noise of ['', '{', '[]', 'null', '{"contractAbi":[null]}']) {
    const answer = await fetch(`${front.url}/WeBASE-Front/trans/handle`, { method: 'POST', body: noise });
    expect(answer.status).toBeGreaterThanOrEqual(400);
  }
  expect((await get('/1/web3/blockNumber')).body).toBe(0);
});

test('blocks link by hash, and a change of any of them shows', () => {
  const chain = genesis();
  for (const no of ['EV-1', 'EV-2', 'EV-3']) {
    chain.pool.push(submitted(chain, { from: '0x1', to: contract, params: [no, 'a', 'b', '1'] }));
    expect(seal(chain, contract, 1_795_395_600_000)).toHaveLength(1);
  }
  expect(isLinked(chain)).toBe(true);
  expect(view(chain, 'EV-2')).toEqual(['a', 'b', '1', '2', '1795395600000']);
  const [genesisBlock, second, ...rest] = chain.blocks;
  expect(
    isLinked({ ...chain, blocks: [genesisBlock, { ...second, timestampMs: 1 }, ...rest] as typeof chain.blocks }),
  ).toBe(false);
  expect(isLinked({ ...chain, blocks: chain.blocks.toSpliced(1, 1) })).toBe(false);
});

test('the ABI of strings and integers is what the Solidity specification gives as its example', () => {
  // Solidity ABI specification, "Use of Dynamic Types": the string part of f(uint,...,bytes) with "Hello, world!".
  const hello = '48656c6c6f2c20776f726c642100000000000000000000000000000000000000';
  expect(encode([0x123n, 'Hello, world!'])).toBe(
    '123'.padStart(64, '0') + '40'.padStart(64, '0') + 'd'.padStart(64, '0') + hello,
  );
});

async function handle(body: unknown): Promise<{ status: number; body: unknown }> {
  const answer = await fetch(`${front.url}/WeBASE-Front/trans/handle`, { method: 'POST', body: JSON.stringify(body) });
  return { status: answer.status, body: await answer.json() };
}

async function get(path: string): Promise<{ status: number; body: unknown }> {
  const answer = await fetch(`${front.url}/WeBASE-Front${path}`);
  return { status: answer.status, body: await answer.json() };
}
