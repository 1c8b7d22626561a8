import { createHash } from 'node:crypto';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { evidenceChain } from '../../test/twins.ts';
import { bench, type Bench } from '../../test/adapter.ts';
import type { Wire } from '../wire.ts';
import { webaseDialect } from './dialects/webase.ts';
import service from './evidence.service.ts';

let chain: Bench;
beforeEach(async () => {
  chain = await bench(service, evidenceChain, { timeoutMs: 600 });
});
afterEach(() => chain.stop());

describe('anchoring', () => {
  test('a head gives its transaction, its block and the block time, and the query gives the same', async () => {
    const before = chain.clock.now().getTime();
    const outcome = await chain.call('evidence.anchor', head('EV-0001'));
    expect(outcome).toMatchObject({
      outcome: 'confirmed',
      response: { anchorNo: 'EV-0001', blockNumber: '1', txHash: expect.stringMatching(/^0x[0-9a-f]{64}$/) },
    });
    const { response } = outcome as { response: { anchoredAt: string } };
    expect(Date.parse(response.anchoredAt)).toBeGreaterThanOrEqual(before);
    expect(await query('EV-0001')).toEqual({ outcome: 'confirmed', response });
    expect(await anchored()).toEqual(['EV-0001']);
  });

  test('the same head again is the first transaction, not the second, and one effect', async () => {
    const first = await chain.call('evidence.anchor', head('EV-0002'));
    await chain.call('evidence.anchor', head('EV-0003'));
    expect(await chain.call('evidence.anchor', head('EV-0002'))).toEqual(first);
    expect(await anchored()).toEqual(['EV-0002', 'EV-0003']);
  });

  test('another head under a number that is taken is a conflict, and the first one stands', async () => {
    const first = await chain.call('evidence.anchor', head('EV-0004'));
    expect(await chain.call('evidence.anchor', { ...head('EV-0004'), count: 8 })).toMatchObject({
      outcome: 'refused',
      code: 'IDEMPOTENCY_CONFLICT',
      externalCode: '0x16',
    });
    expect(await query('EV-0004')).toMatchObject({ response: (first as { response: object }).response });
    expect(await anchored()).toEqual(['EV-0004']);
  });

  test('many at once share blocks, and each gets its own transaction', async () => {
    const numbers = Array.from({ length: 6 }, (_, i) => `EV-1${i}`);
    const outcomes = await Promise.all(numbers.map((no) => chain.call('evidence.anchor', head(no))));
    expect(new Set(outcomes.map((outcome) => (outcome as { response: { txHash: string } }).response.txHash)).size).toBe(
      6,
    );
    for (const [i, no] of numbers.entries()) expect(await query(no)).toMatchObject(outcomes[i] as object);
  });

  test('takes any number that fits, also one that is a word of JavaScript', async () => {
    for (const no of ['__proto__', 'constructor', '存证批次/0001', '🔗']) {
      expect(await query(no)).toEqual({ outcome: 'notFound' });
      expect(await chain.call('evidence.anchor', head(no))).toMatchObject({
        outcome: 'confirmed',
        response: { anchorNo: no },
      });
      expect(await query(no)).toMatchObject({ outcome: 'confirmed' });
    }
  });

  test('sends digests and never what they are of', async () => {
    await chain.call('evidence.anchor', head('EV-0005'));
    const sent = JSON.parse(chain.exchanges[0]?.parts[0]?.request.toString() ?? '{}') as { funcParam: string[] };
    expect(sent.funcParam).toEqual(Object.values(head('EV-0005')).map(String));
  });
});

describe('without a receipt in time (status 50001)', () => {
  test('the outcome is unknown; the query tells when the transaction got into a block after all', async () => {
    expect(await chain.call('evidence.anchor', head('EV-0001-STALL'))).toMatchObject({
      outcome: 'unknown',
      code: 'OUTCOME_UNKNOWN',
      externalCode: '50001',
    });
    await chain.control('POST', 'acts/seal');
    expect(await query('EV-0001-STALL')).toMatchObject({ outcome: 'confirmed', response: { blockNumber: '1' } });
    expect(await anchored()).toEqual(['EV-0001-STALL']);
  });

  test('a transaction that never got there is not found, and the number may be anchored again', async () => {
    expect(await chain.call('evidence.anchor', head('EV-0001-DROP'))).toMatchObject({ outcome: 'unknown' });
    expect(await query('EV-0001-DROP')).toEqual({ outcome: 'notFound' });
    expect(await chain.call('evidence.anchor', head('EV-0001-DROP'))).toMatchObject({ outcome: 'confirmed' });
    expect(await anchored()).toEqual(['EV-0001-DROP']);
  });

  test('a repeat that overtakes the stalled transaction has one effect', async () => {
    await chain.call('evidence.anchor', head('EV-0002-STALL'));
    const outcome = await chain.call('evidence.anchor', head('EV-0002-STALL'));
    expect(await query('EV-0002-STALL')).toMatchObject(outcome);
    expect(await anchored()).toEqual(['EV-0002-STALL']);
  });

  test('a chain that stands still answers so to everybody until it runs again', async () => {
    await chain.control('POST', 'acts/halt');
    expect(await chain.call('evidence.anchor', head('EV-0006'))).toMatchObject({
      outcome: 'unknown',
      externalCode: '50001',
    });
    expect(await query('EV-0006')).toEqual({ outcome: 'notFound' });
    await chain.control('POST', 'acts/resume');
    expect(await query('EV-0006')).toMatchObject({ outcome: 'confirmed' });
  });
});

describe('when the answer does not come as it should', () => {
  test.each(['timeout-after-effect', 'reset-after-effect', 'garbage'])(
    '%s: unknown, and the query finds it',
    async (fault) => {
      await chain.control('POST', 'faults', { fault, operation: 'anchor' });
      expect(await chain.call('evidence.anchor', head('EV-0007'))).toMatchObject({
        outcome: 'unknown',
        code: 'OUTCOME_UNKNOWN',
      });
      expect(await query('EV-0007')).toMatchObject({ outcome: 'confirmed' });
      expect(await anchored()).toEqual(['EV-0007']);
    },
  );

  test.each(['timeout-before-effect', 'error-500', 'refuse-connection'])(
    '%s: unknown, and the query finds nothing',
    async (fault) => {
      await chain.control('POST', 'faults', { fault, operation: 'anchor' });
      expect(await chain.call('evidence.anchor', head('EV-0008'))).toMatchObject({ outcome: 'unknown' });
      expect(await query('EV-0008')).toEqual({ outcome: 'notFound' });
    },
  );

  test.each(['garbage', 'error-500', 'timeout-after-effect'])(
    '%s of a query is unknown itself, never "not found"',
    async (fault) => {
      await chain.control('POST', 'faults', { fault, operation: 'queryAnchor' });
      expect(await chain.call('evidence.queryAnchor', { no: 'EV-0009' })).toMatchObject({ outcome: 'unknown' });
    },
  );
});

describe('what a front may say', () => {
  const receipt = {
    status: '0x0',
    transactionHash: `0x${'a'.repeat(64)}`,
    blockNumber: '7',
    to: evidenceChain.settings['contractAddress'],
    output: `0x${(7).toString(16).padStart(64, '0')}${(1_795_395_600_000).toString(16).padStart(64, '0')}${'1'.padStart(64, '0')}`,
    message: 'Success',
    input: callOf('EV-0010'),
  };
  const entry = ['a'.repeat(64), 'b'.repeat(64), '7', '7', '1795395600000'];

  test.each([
    ['a receipt as it should be', 200, receipt, 'confirmed'],
    ['a receipt of another contract', 200, { ...receipt, to: `0x${'1'.repeat(40)}` }, 'ANSWER_UNVERIFIED'],
    ['a receipt of another call', 200, { ...receipt, input: callOf('EV-0011') }, 'ANSWER_UNVERIFIED'],
    ['a receipt without its call, in a block that is not there', 200, { ...receipt, input: null }, 'OUTCOME_UNKNOWN'],
    ['a receipt that returns nothing', 200, { ...receipt, output: '0x' }, 'OUTCOME_UNKNOWN'],
    [
      'a receipt in seconds instead of milliseconds',
      200,
      { ...receipt, output: receipt.output.replace(/.{64}(?=.{64}$)/, '6'.padStart(64, '0')) },
      'OUTCOME_UNKNOWN',
    ],
    ['a receipt without a transaction', 200, { ...receipt, transactionHash: null }, 'OUTCOME_UNKNOWN'],
    ['a full pool', 200, { ...receipt, status: '0x1c', output: '0x' }, 'SYSTEM_BUSY'],
    ['a status that nobody mapped', 200, { ...receipt, status: '0xc' }, 'EXT_CODE_UNMAPPED'],
    ['no status at all', 200, { ...receipt, status: undefined }, 'OUTCOME_UNKNOWN'],
    ['a list', 200, [], 'OUTCOME_UNKNOWN'],
    ['null', 200, null, 'OUTCOME_UNKNOWN'],
    ['an error of the request', 422, { code: 201034, data: null, errorMessage: 'groupId not exist' }, 'SYSTEM_REFUSED'],
    ['an error on the way to the chain', 422, { code: 201021, data: null, errorMessage: null }, 'OUTCOME_UNKNOWN'],
    ['an error that nobody mapped', 422, { code: 209999, data: null, errorMessage: 'x' }, 'EXT_CODE_UNMAPPED'],
    ['HTTP 500 of a null pointer', 500, { code: 500, errorMessage: null }, 'OUTCOME_UNKNOWN'],
    ['a redirect', 302, {}, 'OUTCOME_UNKNOWN'],
  ])('%s (HTTP %i)', async (_, status, body, due) => {
    const outcome = await withFront(answering(status, body), () => chain.call('evidence.anchor', head('EV-0010')));
    expect(outcome.outcome === 'confirmed' ? 'confirmed' : outcome.code).toBe(due);
  });

  test.each([
    ['a view that reverts', ['Call contract return error: no such contract']],
    ['a view of another shape', ['1', '2']],
    ['a view with a word in it', ['x', 'y', '1', '1', '1']],
    ['an entry in a block that does not hold it', entry],
  ])('%s is no verdict about the anchor', async (_, body) => {
    const outcome = await withFront(answering(200, body), () => chain.call('evidence.queryAnchor', { no: 'EV-0010' }));
    expect(outcome).toMatchObject({ outcome: 'unknown' });
  });
});

test.each([
  ['a public address', { url: 'http://8.8.8.8:5002', allowPrivate: true }],
  ['an address outside our network', { allowPrivate: false }],
])('%s is never called: the front has no authentication', async (_, change) => {
  const system = { ...chain.system, ...change };
  const wire = { system, send: () => Promise.reject(new Error('something was sent')) } as unknown as Wire;
  await expect(webaseDialect.operations.anchor?.(head('EV-0011'), wire)).rejects.toMatchObject({
    type: 'SYSTEM_UNREACHABLE',
  });
});

test('a message to the hub is refused: a chain never calls', async () => {
  const answer = await fetch(`${chain.edge}/anything`, { method: 'POST', body: '{' });
  expect([answer.status, chain.facts.length]).toEqual([404, 0]);
});

function head(anchorNo: string) {
  const digest = (algorithm: string) => createHash(algorithm).update(anchorNo).digest('hex');
  return { anchorNo, headSha256: digest('sha256'), headSm3: digest('sm3'), count: 7 };
}

/** Call data whose first parameter is that text: selector, offset, length, bytes. */
function callOf(anchorNo: string): string {
  const word = (value: number) => value.toString(16).padStart(64, '0');
  const bytes = Buffer.from(anchorNo).toString('hex').padEnd(64, '0');
  return `0x${'0'.repeat(8)}${word(0x20)}${word(anchorNo.length)}${bytes}`;
}

async function query(no: string): Promise<unknown> {
  const outcome = await chain.call('evidence.queryAnchor', { no });
  return outcome.outcome === 'confirmed' ? outcome.response : outcome;
}

async function anchored(): Promise<string[]> {
  return (await chain.effects()).filter(({ kind }) => kind === 'anchored').map(({ number }) => number);
}

function answering(status: number, body: unknown): RequestListener {
  return (_req, res) => res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

/** Another front at the system's address, for the length of one call. */
async function withFront<T>(listener: RequestListener, act: () => Promise<T>): Promise<T> {
  const front = createServer(listener);
  await new Promise<void>((resolve) => front.listen(0, '127.0.0.1', resolve));
  const { url } = chain.system;
  Object.assign(chain.system, { url: `http://127.0.0.1:${(front.address() as AddressInfo).port}` });
  try {
    return await act();
  } finally {
    Object.assign(chain.system, { url });
    front.closeAllConnections();
    await new Promise((resolve) => front.close(resolve));
  }
}
