/** e签宝 through the adapter, against its twin. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { esignTsign, funder } from '../../test/twins.ts';
import { bench, type Bench } from '../../test/adapter.ts';
import { signed } from '../crypto/recipes.ts';
import service from './esign.service.ts';
import { contract, dealer, document, envelope, sha256, signer, soon, wanted } from './envelope.fixture.ts';

const keys = esignTsign.enrol();
let hub: Bench;

beforeEach(async () => {
  // One business hour lasts 50 ms.
  hub = await bench(service, { ...esignTsign, enrol: () => keys }, { timeoutMs: 700, speed: 72_000 });
});
afterEach(() => hub.stop());

test('an envelope is signed in order, told, finished and fetched with its original proven', async () => {
  const started = await hub.call('esign.startEnvelope', envelope());
  expect(started).toEqual({
    outcome: 'confirmed',
    response: { vendorFlowId: expect.stringMatching(/^[0-9a-f]{32}$/) },
  });
  const { vendorFlowId } = responseOf<{ vendorFlowId: string }>(started);
  const finished = await hub.fact('esign.envelopeFinished');
  expect(finished.message).toMatchObject({ envelopeNo: 'ENV-1', vendorFlowId, status: 'completed' });
  const acted = hub.facts.filter(({ notice }) => notice === 'esign.signerActed').map(({ message }) => message);
  expect(acted).toMatchObject([
    { envelopeNo: 'ENV-1', order: 1, signer: funder.name, result: 'signed' },
    { envelopeNo: 'ENV-1', order: 2, signer: dealer.name, result: 'signed' },
  ]);
  const fetched = await hub.call('esign.fetchDocuments', { vendorFlowId, documents: wanted() });
  expect(responseOf(fetched)).toMatchObject({
    vendorFlowId,
    documents: [{ fileName: 'pledge.pdf', originalSha256: sha256(contract) }],
  });
  await hub.control('POST', 'faults', { fault: 'garbage', operation: 'download' });
  const noise = await hub.call('esign.fetchDocuments', { vendorFlowId, documents: wanted() });
  expect(noise).toMatchObject({ outcome: 'unknown', code: 'ANSWER_UNVERIFIED' });
  const lines = (await hub.effects()).map(({ kind, number }) => `${kind} ${number}`);
  expect(lines).toEqual([
    'started ENV-1',
    `signed ${vendorFlowId}/1`,
    `signed ${vendorFlowId}/2`,
    `completed ${vendorFlowId}`,
  ]);
});

test('an envelope is found by our number and read by either number', async () => {
  expect(await hub.call('esign.queryEnvelope', { no: 'ENV-1' })).toEqual(confirmed({ outcome: 'notFound' }));
  expect(await hub.call('esign.readEnvelope', { no: '0'.repeat(32) })).toEqual(confirmed({ outcome: 'notFound' }));
  const { vendorFlowId } = responseOf<{ vendorFlowId: string }>(await hub.call('esign.startEnvelope', envelope()));
  expect(await hub.call('esign.queryEnvelope', { no: 'ENV-1' })).toEqual(
    confirmed({ outcome: 'confirmed', response: { vendorFlowId } }),
  );
  expect(await hub.call('esign.queryEnvelope', { no: 'NV-1' })).toEqual(confirmed({ outcome: 'notFound' }));
  const told = await hub.fact('esign.envelopeFinished');
  for (const no of ['ENV-1', vendorFlowId]) {
    expect(responseOf(await hub.call('esign.readEnvelope', { no }))).toEqual({
      outcome: 'confirmed',
      response: told.message,
    });
  }
});

test('an envelope under way is pending and cannot be fetched', async () => {
  await hub.control('POST', 'clock', { speed: 0 });
  const { vendorFlowId } = responseOf<{ vendorFlowId: string }>(await hub.call('esign.startEnvelope', envelope()));
  expect(await hub.call('esign.readEnvelope', { no: 'ENV-1' })).toEqual(confirmed({ outcome: 'pending' }));
  expect(await hub.call('esign.fetchDocuments', { vendorFlowId, documents: wanted() })).toMatchObject({
    outcome: 'refused',
    code: 'SIGNATURES_INCOMPLETE',
    externalCode: '1437518',
  });
});

test('a signer who refuses ends the flow as refused', async () => {
  await hub.call(
    'esign.startEnvelope',
    envelope({ second: { name: '拒签人', idNo: '350100199001010019', phone: '13900007777' } }),
  );
  expect((await hub.fact('esign.envelopeFinished')).message).toMatchObject({ status: 'refused' });
  expect(hub.facts.filter((fact) => fact.notice === 'esign.signerActed').at(-1)?.message).toMatchObject({
    order: 2,
    result: 'refused',
  });
});

test('a flow that nobody finishes expires at its deadline', async () => {
  const silent = { name: '沉默人', idNo: '350100199001010019', phone: '13900008888' };
  await hub.call('esign.startEnvelope', { ...envelope({ second: silent }), ...soon });
  expect((await hub.fact('esign.envelopeFinished')).message).toMatchObject({ status: 'expired' });
});

describe('what is refused', () => {
  test.each([
    [
      'a signer whom the vendor knows otherwise',
      envelope({ second: { ...dealer.legalRep, name: '张三' } }),
      'IDV_MISMATCH',
    ],
    ['a deadline beyond 90 days', { ...envelope(), deadline: '2027-06-01T00:00:00+08:00' }, 'SYSTEM_REFUSED'],
    ['a file that is no PDF', envelope({ bytes: Buffer.from('plain text') }), 'SYSTEM_REFUSED'],
    [
      'a document that is not what its hash says',
      { ...envelope(), documents: [{ ...document(contract), sha256: '0'.repeat(64) }] },
      'DOC_HASH_CHANGED',
    ],
    ['two signers of one order', { ...envelope(), signers: [signer(1), signer(1)] }, 'CONTRACT_VIOLATED'],
    [
      'a file name without .pdf',
      { ...envelope(), documents: [{ ...document(contract), fileName: 'pledge' }] },
      'CONTRACT_VIOLATED',
    ],
  ])('%s', async (_what, request, code) => {
    expect(await hub.call('esign.startEnvelope', request)).toMatchObject({ outcome: 'refused', code });
    expect(await hub.effects()).toEqual([]);
  });

  test('a request with the wrong secret, and nothing was done', async () => {
    const other = esignTsign.enrol();
    const stranger = await bench(service, { ...esignTsign, enrol: () => ({ hub: other.hub, twin: keys.twin }) });
    expect(await stranger.call('esign.startEnvelope', envelope())).toMatchObject({
      outcome: 'refused',
      externalCode: '401',
    });
    await stranger.stop();
  });
});

describe('what is not known', () => {
  test.each(['timeout-after-effect', 'reset-after-effect', 'garbage'])(
    '%s: unknown, and the query tells that it started',
    async (fault) => {
      await hub.control('POST', 'faults', { fault, operation: 'startEnvelope' });
      expect(await hub.call('esign.startEnvelope', envelope())).toMatchObject({ outcome: 'unknown' });
      expect(responseOf(await hub.call('esign.queryEnvelope', { no: 'ENV-1' }))).toMatchObject({
        outcome: 'confirmed',
      });
      expect((await hub.effects()).filter(({ kind }) => kind === 'started')).toHaveLength(1);
    },
  );

  test.each(['timeout-before-effect', 'error-500'])('%s: unknown, and the query finds nothing', async (fault) => {
    await hub.control('POST', 'faults', { fault, operation: 'startEnvelope' });
    expect(await hub.call('esign.startEnvelope', envelope())).toMatchObject({ outcome: 'unknown' });
    expect(await hub.call('esign.queryEnvelope', { no: 'ENV-1' })).toEqual(confirmed({ outcome: 'notFound' }));
  });

  test.each(['uploadUrl', 'upload', 'fileState'])(
    'a failure of %s is "later": no flow can have started',
    async (operation) => {
      await hub.control('POST', 'faults', { fault: 'garbage', operation });
      expect(await hub.call('esign.startEnvelope', envelope())).toMatchObject({ outcome: 'later' });
      expect(await hub.call('esign.startEnvelope', envelope())).toMatchObject({ outcome: 'confirmed' });
    },
  );

  test('two flows of one number are left to people', async () => {
    await hub.call('esign.startEnvelope', envelope());
    await hub.call('esign.startEnvelope', envelope());
    const asked = await hub.call('esign.queryEnvelope', { no: 'ENV-1' });
    expect(asked).toMatchObject({ outcome: 'unknown', detail: expect.stringContaining('2 flows carry ENV-1') });
  });
});

describe('callbacks', () => {
  const mission = {
    action: 'SIGN_MISSON_COMPLETE',
    signFlowId: 'a'.repeat(32),
    customBizNum: 'ENV-9',
    signOrder: 1,
    operateTime: 1_793_000_000_000,
    signResult: 2,
  };

  test('one that comes again is taken again and is one fact', async () => {
    const first = await tell(mission);
    const again = await tell(mission);
    expect([first, again]).toEqual([
      [200, '{"code":"200","msg":"success"}'],
      [200, '{"code":"200","msg":"success"}'],
    ]);
    expect(hub.facts).toHaveLength(1);
  });

  test('one with a signature that does not verify is refused and is no fact', async () => {
    expect((await tell(mission, { secret: 'another' }))[0]).toBe(401);
    expect(hub.facts).toEqual([]);
    expect(hub.exchanges.at(-1)).toMatchObject({ code: 'SIGNATURE_MISMATCH', verified: false });
  });

  test('the query is part of what is signed', async () => {
    expect((await tell(mission, { query: '?envelopeNo=ENV-9', signedQuery: { envelopeNo: 'ENV-1' } }))[0]).toBe(401);
  });

  test('23 hours old is taken, for a repetition keeps its first time; 25 hours old or 20 minutes ahead is refused', async () => {
    const hour = 3_600_000;
    expect((await tell(mission, { timestamp: Date.now() - 23 * hour }))[0]).toBe(200);
    expect((await tell(mission, { timestamp: Date.now() - 25 * hour }))[0]).toBe(401);
    expect((await tell(mission, { timestamp: Date.now() + hour / 3 }))[0]).toBe(401);
  });

  test('an action that we do not know is taken and is no fact', async () => {
    expect(await tell({ action: 'SIGN_SOMETHING_NEW', signFlowId: 'x' })).toEqual([
      200,
      '{"code":"200","msg":"success"}',
    ]);
    expect(hub.facts).toEqual([]);
  });

  test('a result or a status without mapping is no success', async () => {
    expect((await tell({ ...mission, signResult: 3 }))[0]).toBe(502);
    expect(
      (
        await tell(
          { action: 'SIGN_FLOW_COMPLETE', signFlowId: 'x', signFlowStatus: '4', timestamp: 1 },
          { query: '?envelopeNo=E' },
        )
      )[0],
    ).toBe(502);
    expect(hub.facts).toEqual([]);
  });

  test.each(['{"action":', '[]', '{"action":"SIGN_MISSON_COMPLETE"}', ''])(
    'a signed body that is %s is refused',
    async (body) => {
      const [status] = await tell(body);
      expect(status).toBeGreaterThanOrEqual(400);
      expect(status).toBeLessThan(500);
    },
  );

  test('the end of a flow that names no number of ours is looked up', async () => {
    await hub.control('POST', 'clock', { speed: 0 });
    const { vendorFlowId } = responseOf<{ vendorFlowId: string }>(await hub.call('esign.startEnvelope', envelope()));
    await tell({
      action: 'SIGN_FLOW_COMPLETE',
      signFlowId: vendorFlowId,
      signFlowStatus: '3',
      timestamp: 1_793_000_000_000,
    });
    expect(hub.facts).toMatchObject([
      { notice: 'esign.envelopeFinished', key: 'ENV-1', message: { status: 'revoked' } },
    ]);
  });

  test('twice and out of order, each is one fact', async () => {
    await hub.control('POST', 'acts/callbacks', { duplicate: true, outOfOrder: true });
    await hub.call('esign.startEnvelope', envelope());
    await hub.fact('esign.envelopeFinished');
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(hub.facts.map(({ notice }) => notice).sort()).toEqual([
      'esign.envelopeFinished',
      'esign.signerActed',
      'esign.signerActed',
    ]);
    expect(hub.exchanges.filter(({ operation }) => operation === 'esign.signerActed').length).toBe(4);
  });

  interface Manner {
    readonly secret?: string;
    readonly query?: string;
    readonly signedQuery?: Record<string, string>;
    readonly timestamp?: number;
  }

  async function tell(message: object | string, manner: Manner = {}): Promise<[number, string]> {
    const body = Buffer.from(typeof message === 'string' ? message : JSON.stringify(message));
    const timestamp = String(manner.timestamp ?? Date.now());
    const query = manner.signedQuery ?? Object.fromEntries(new URLSearchParams(manner.query ?? ''));
    const secret = manner.secret ?? keys.hub['appSecret.txt'] ?? '';
    const answer = await fetch(`${hub.edge}/callback${manner.query ?? ''}`, {
      method: 'POST',
      headers: {
        'X-Tsign-Open-App-Id': esignTsign.settings['appId'] ?? '',
        'X-Tsign-Open-TIMESTAMP': timestamp,
        'X-Tsign-Open-SIGNATURE-ALGORITHM': 'hmac-sha256',
        'X-Tsign-Open-SIGNATURE': signed('tsignCallback', secret, { timestamp, parameters: query, body }),
      },
      body: new Uint8Array(body),
    });
    return [answer.status, await answer.text()];
  }
});

function confirmed(response: unknown) {
  return { outcome: 'confirmed', response };
}

// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the test says what it expects
function responseOf<T>(outcome: { outcome: string; response?: unknown }): T {
  expect(outcome).toMatchObject({ outcome: 'confirmed' });
  return outcome.response as T;
}
