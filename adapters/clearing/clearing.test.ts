import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { clearingCpcn, dealers, funder } from '../../test/twins.ts';
import { bench, type Bench } from '../../test/adapter.ts';
import service from './clearing.service.ts';

const [dealer] = dealers;
if (!dealer) throw new Error('the world has a dealer');
const sideOf = ({ name, uscc, account }: typeof dealer | typeof funder) => ({ company: { name, uscc }, account });
const instruction = {
  instructionNo: 'RP20261123-000001',
  payer: sideOf(dealer),
  payee: sideOf(funder),
  amount: '1200000.00',
  currency: 'CNY',
  loanNo: 'LN20260901-000007',
  postscript: '归还借款本息',
};
const number = { no: instruction.instructionNo };
const accountCheck = { requestNo: 'AC20261123-000001', ...sideOf(dealer) };

let cpcn: Bench;
beforeEach(async () => {
  cpcn = await bench(service, clearingCpcn, { timeoutMs: 400 });
});
afterEach(() => cpcn.stop());

describe('an account check', () => {
  test('matches the account to its company', async () => {
    expect(await cpcn.call('clearing.checkAccount', accountCheck)).toMatchObject({
      outcome: 'confirmed',
      response: { requestNo: accountCheck.requestNo, result: 'match' },
    });
  });

  test.each([
    ["somebody else's account", { account: funder.account }, 'mismatch'],
    ['another name', { account: { ...dealer.account, accountName: '福建闽江钢铁有限公司' } }, 'mismatch'],
    ['an account that is not there', { account: { ...dealer.account, accountNo: '4100020000000099999' } }, 'notFound'],
  ])('of %s says so', async (_, change, result) => {
    expect(await cpcn.call('clearing.checkAccount', { ...accountCheck, ...change })).toMatchObject({
      response: { result },
    });
  });
});

test('a collection is taken, settled minutes later, told, and can be read', async () => {
  await cpcn.control('POST', 'clock', { speed: 0 });
  expect(await cpcn.call('clearing.collect', instruction)).toEqual({
    outcome: 'confirmed',
    response: { clearingNo: '20261123000000001RP' },
  });
  expect(await cpcn.call('clearing.readCollection', number)).toEqual({
    outcome: 'confirmed',
    response: { outcome: 'pending' },
  });
  await cpcn.control('POST', 'clock', { speed: 3600 });
  const { message, key } = await cpcn.fact('clearing.collectionSettled');
  expect(key).toBe(instruction.instructionNo);
  expect(message).toMatchObject({
    status: 'succeeded',
    amount: instruction.amount,
    instructionNo: instruction.instructionNo,
  });
  expect(await cpcn.call('clearing.readCollection', number)).toEqual({
    outcome: 'confirmed',
    response: { outcome: 'confirmed', response: message },
  });
  expect(await collected()).toEqual([instruction.instructionNo]);
  const books = await booksOf();
  expect(books[dealer.account.accountNo]).toBe('49880000000');
  expect(books[funder.account.accountNo]).toBe('50120000000');
});

test('the same instruction twice is taken once and paid once', async () => {
  const first = await cpcn.call('clearing.collect', instruction);
  expect(await cpcn.call('clearing.collect', instruction)).toEqual(first);
  await cpcn.fact('clearing.collectionSettled');
  expect(await cpcn.call('clearing.collect', instruction)).toEqual(first);
  expect(await collected()).toHaveLength(1);
});

test('people who settle twice move the money once', async () => {
  await cpcn.control('POST', 'clock', { speed: 0 });
  await cpcn.call('clearing.collect', instruction);
  for (let i = 0; i < 2; i += 1) await cpcn.control('POST', 'acts/settle', { TxSN: '20261123000000001RP' });
  expect([await collected(), cpcn.facts.length]).toEqual([[instruction.instructionNo], 1]);
});

test('the same number with another amount is a conflict, and a duplicate whose query fails is unknown', async () => {
  await cpcn.call('clearing.collect', instruction);
  const other = await cpcn.call('clearing.collect', { ...instruction, amount: '1.00' });
  expect(other).toMatchObject({ outcome: 'refused', code: 'IDEMPOTENCY_CONFLICT' });
  await cpcn.control('POST', 'faults', { fault: 'error-500', operation: 'queryCollection' });
  expect(await cpcn.call('clearing.collect', instruction)).toMatchObject({
    outcome: 'unknown',
    code: 'OUTCOME_UNKNOWN',
  });
});

test.each([
  ['an amount that ends in .04', '1000.04'],
  ['more than there is', '900000000000.00'],
])('%s fails for want of funds, no fen moves, and the query says refused', async (_, amount) => {
  const before = await booksOf();
  await cpcn.call('clearing.collect', { ...instruction, amount });
  expect((await cpcn.fact('clearing.collectionSettled')).message).toMatchObject({
    status: 'failed',
    amount,
    reason: 'X51001 insufficient funds',
  });
  expect(await cpcn.call('clearing.queryCollection', number)).toMatchObject({ response: { outcome: 'refused' } });
  expect(await cpcn.call('clearing.readCollection', number)).toMatchObject({
    response: { response: { status: 'failed' } },
  });
  expect([await collected(), await booksOf()]).toEqual([[], before]);
});

test('an amount that ends in .05 succeeds and is returned the next day: two facts, and the books as before', async () => {
  const before = await booksOf();
  await cpcn.call('clearing.collect', { ...instruction, amount: '1000.05' });
  await cpcn.fact('clearing.collectionSettled');
  await cpcn.control('POST', 'clock', { advanceMs: 25 * 3_600_000 });
  await until(() => cpcn.facts.length === 2);
  expect(cpcn.facts.map(({ id }) => id)).toEqual(['RP20261123-000001/succeeded', 'RP20261123-000001/returned']);
  expect(await cpcn.call('clearing.readCollection', number)).toMatchObject({
    response: { response: { status: 'returned' } },
  });
  expect(await booksOf()).toEqual(before);
});

describe('the gateway refuses', () => {
  test.each([
    [
      'a payee account that is not the payee',
      { payee: { ...sideOf(funder), account: dealer.account } },
      'PAYEE_NOT_MANDATED',
      'X005',
    ],
    [
      'a payer account that is not bound',
      { payer: { ...sideOf(dealer), account: funder.account } },
      'SYSTEM_REFUSED',
      'X006',
    ],
  ])('%s', async (_, change, code, externalCode) => {
    expect(await cpcn.call('clearing.collect', { ...instruction, ...change })).toMatchObject({
      outcome: 'refused',
      code,
      externalCode,
    });
    expect(await cpcn.call('clearing.queryCollection', number)).toEqual({
      outcome: 'confirmed',
      response: { outcome: 'notFound' },
    });
  });

  test('another institution', async () => {
    const other = await bench(service, { ...clearingCpcn, settings: { institutionId: '999999' } });
    try {
      expect(await other.call('clearing.collect', instruction)).toMatchObject({
        outcome: 'refused',
        externalCode: 'X002',
      });
    } finally {
      await other.stop();
    }
  });
});

test('a number that yields no TxSN never leaves the hub', async () => {
  const outcome = await cpcn.call('clearing.collect', { ...instruction, instructionNo: 'whatever' });
  expect(outcome).toMatchObject({ outcome: 'refused', code: 'CONTRACT_VIOLATED' });
  expect(cpcn.exchanges[0]?.parts).toHaveLength(0);
});

describe('when the answer does not come as it should', () => {
  test.each(['timeout-after-effect', 'reset-after-effect', 'garbage'])(
    '%s: unknown, the query knows it, it is paid once',
    async (fault) => {
      await cpcn.control('POST', 'faults', { fault, operation: 'collect' });
      expect(await cpcn.call('clearing.collect', instruction)).toMatchObject({ outcome: 'unknown' });
      expect(await cpcn.call('clearing.queryCollection', number)).toMatchObject({ response: { outcome: 'confirmed' } });
      await cpcn.fact('clearing.collectionSettled');
      expect(await collected()).toHaveLength(1);
    },
  );

  test.each(['timeout-before-effect', 'error-500', 'refuse-connection'])(
    '%s: unknown, and the query never heard of it',
    async (fault) => {
      await cpcn.control('POST', 'faults', { fault, operation: 'collect' });
      expect(await cpcn.call('clearing.collect', instruction)).toMatchObject({ outcome: 'unknown' });
      expect(await cpcn.call('clearing.queryCollection', number)).toMatchObject({ response: { outcome: 'notFound' } });
    },
  );

  test('a query or a check that breaks is unknown itself', async () => {
    await cpcn.control('POST', 'faults', { fault: 'garbage', times: 3 });
    expect(await cpcn.call('clearing.queryCollection', number)).toMatchObject({
      outcome: 'unknown',
      code: 'ANSWER_UNVERIFIED',
    });
    expect(await cpcn.call('clearing.readCollection', number)).toMatchObject({
      outcome: 'unknown',
      code: 'ANSWER_UNVERIFIED',
    });
    expect(await cpcn.call('clearing.checkAccount', accountCheck)).toMatchObject({
      outcome: 'unknown',
      code: 'ANSWER_UNVERIFIED',
    });
  });
});

test('an answer that is signed with another key proves nothing', async () => {
  const [keys, others] = [clearingCpcn.enrol(), clearingCpcn.enrol()];
  const forged = { hub: keys.hub, twin: { ...keys.twin, 'cpcn-private.pem': others.twin['cpcn-private.pem'] ?? '' } };
  const other = await bench(service, { ...clearingCpcn, enrol: () => forged });
  try {
    expect(await other.call('clearing.collect', instruction)).toMatchObject({
      outcome: 'unknown',
      code: 'ANSWER_UNVERIFIED',
    });
  } finally {
    await other.stop();
  }
});

async function collected(): Promise<string[]> {
  return (await cpcn.effects()).filter(({ kind }) => kind === 'collected').map((effect) => effect.number);
}

async function booksOf(): Promise<Record<string, string>> {
  const { memory } = (await cpcn.control('GET', 'state')) as { memory: { books: Record<string, { fen: string }> } };
  return Object.fromEntries(Object.entries(memory.books).map(([accountNo, { fen }]) => [accountNo, fen]));
}

async function until(holds: () => boolean): Promise<void> {
  for (let waitedMs = 0; !holds(); waitedMs += 20) {
    if (waitedMs > 5_000) throw new Error('it did not come to pass within 5 s');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
