/** 法大大 where the conformance suite cannot look: the recorded vectors, the token, events that are odd. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { bench, type Bench } from '../../test/adapter.ts';
import { dealers, esignFasc } from '../../test/twins.ts';
import { fascHeaders, fascSignature } from './dialects/fascSignature.ts';
import { contract, envelope, sha256, signer, soon, wanted } from './envelope.fixture.ts';
import service from './esign.service.ts';

const keys = esignFasc.enrol();
const vector = {
  'X-FASC-App-Id': '80000001',
  'X-FASC-Sign-Type': 'HMAC-SHA256',
  'X-FASC-Timestamp': '1767294245000',
  'X-FASC-Nonce': '0123456789abcdef0123456789abcdef',
};
const bizContent = '{"signTaskId":"t1"}';

test('a request is signed as in the recorded vector, whatever the order of its parameters', () => {
  const own = { 'X-FASC-AccessToken': 'tok', 'X-FASC-Api-SubVersion': '5.1' };
  const expected = '30614e9405aa388a1551f6a9c602ea489929d8a49b5fde61efff1deea900252d';
  for (const parameters of [
    { ...vector, ...own, bizContent },
    { bizContent, ...own, ...vector, 'X-FASC-Grant-Type': '' },
  ])
    expect(fascSignature('fasc_secret', '1767294245000', parameters)).toBe(expected);
});

test('an event is signed as in the recorded vector', () => {
  const parameters = { ...vector, 'X-FASC-Event': 'sign-task-finished', bizContent };
  expect(fascSignature('fasc_secret', '1767294245000', parameters)).toBe(
    '3ee3954b9aa51de89286bf25e5e4b14b9353836d1618a2642942d9b74514294f',
  );
});

test('no two requests have one nonce, and a nonce has the length that the vendor takes', () => {
  const nonces = Array.from({ length: 100 }, () => fascHeaders('a', 's', {}, '')['X-FASC-Nonce'] ?? '');
  expect(new Set(nonces).size).toBe(100);
  expect(nonces.every((nonce) => /^[0-9a-f]{32}$/.test(nonce))).toBe(true);
});

describe('before the vendor', () => {
  let hub: Bench;
  beforeEach(async () => {
    // One business hour lasts 50 ms.
    hub = await bench(service, { ...esignFasc, enrol: () => keys }, { timeoutMs: 2_000, speed: 72_000 });
  });
  afterEach(() => hub.stop());

  const begun = async (change: object = {}): Promise<string> => {
    const outcome = await hub.call('esign.startEnvelope', { ...envelope(), ...change });
    expect(outcome).toMatchObject({ outcome: 'confirmed' });
    return (outcome as { response: { vendorFlowId: string } }).response.vendorFlowId;
  };
  const pathsOf = (at: number): string[] => hub.exchanges.at(at)?.parts.map(({ path }) => path) ?? [];
  const tokenPath = '/api/v5/service/get-access-token';

  test('an envelope is signed in order, told, finished and fetched with its signatures verified', async () => {
    const vendorFlowId = await begun();
    const finished = await hub.fact('esign.envelopeFinished');
    expect(finished.message).toMatchObject({ envelopeNo: 'ENV-1', vendorFlowId, status: 'completed' });
    const acted = hub.facts.filter(({ notice }) => notice === 'esign.signerActed').map(({ message }) => message);
    expect(acted).toMatchObject([
      { order: 1, result: 'signed' },
      { order: 2, result: 'signed', signer: dealers[0]?.name },
    ]);
    expect(await hub.call('esign.fetchDocuments', { vendorFlowId, documents: wanted() })).toMatchObject({
      response: { documents: [{ fileName: 'pledge.pdf', originalSha256: sha256(contract) }] },
    });
  });

  test('a token is fetched once, and anew when the vendor has forgotten it', async () => {
    await hub.call('esign.queryEnvelope', { no: 'ENV-1' });
    await hub.call('esign.queryEnvelope', { no: 'ENV-1' });
    expect([pathsOf(0)[0], pathsOf(1).includes(tokenPath)]).toEqual([tokenPath, false]);
    await hub.control('POST', 'acts/forgetToken', {});
    const again = await hub.call('esign.queryEnvelope', { no: 'ENV-1' });
    expect(again).toEqual({ outcome: 'confirmed', response: { outcome: 'notFound' } });
    const list = '/api/v5/sign-task/owner/get-list';
    expect(pathsOf(2)).toEqual([list, tokenPath, list]);
  });

  test('a token that lapsed is noticed by the first step of a start, and there is one task', async () => {
    await hub.call('esign.queryEnvelope', { no: 'ENV-1' });
    await hub.control('POST', 'clock', { speed: 0 });
    await hub.control('POST', 'acts/forgetToken', {});
    await begun();
    expect((await hub.effects()).filter(({ kind }) => kind === 'started')).toHaveLength(1);
  });

  test('a token that cannot be fetched: later, for nothing began', async () => {
    await hub.control('POST', 'faults', { fault: 'garbage', operation: 'token' });
    expect(await hub.call('esign.startEnvelope', envelope())).toMatchObject({ outcome: 'later', code: 'SYSTEM_BUSY' });
    await begun();
  });

  test('an envelope is read by our number and by the vendor’s, also where ours looks like the vendor’s', async () => {
    await hub.control('POST', 'clock', { speed: 0 });
    const vendorFlowId = await begun({ envelopeNo: '1234567890123456789' });
    for (const no of [vendorFlowId, '1234567890123456789'])
      expect(await hub.call('esign.readEnvelope', { no })).toMatchObject({ response: { outcome: 'pending' } });
    expect(await hub.call('esign.readEnvelope', { no: '9999999999999999999' })).toMatchObject({
      response: { outcome: 'notFound' },
    });
  });

  test('a signer who rejects is told in one event: what the signer did, and that the task is over', async () => {
    await begun({ signers: [signer(1, { name: '拒签人', idNo: '350100199001010019', phone: '13900007777' })] });
    await hub.fact('esign.envelopeFinished');
    expect(hub.facts.map(({ message }) => message)).toMatchObject([
      { order: 1, result: 'refused' },
      { status: 'refused' },
    ]);
  });

  test('a task that nobody signs expires at one in the morning after its deadline', async () => {
    await begun({
      ...soon,
      signers: [signer(1, { name: '沉默人', idNo: '350100199001010019', phone: '13900008888' })],
    });
    const { message } = await hub.fact('esign.envelopeFinished');
    expect(message).toMatchObject({ status: 'expired' });
    expect((message as { at: string }).at).toMatch(/^2026-11-24T17:/); // 01:00 in Shanghai, and the clock runs.
  });

  test('what is called off is revoked, told and read alike', async () => {
    await hub.control('POST', 'clock', { speed: 1 });
    const vendorFlowId = await begun();
    await hub.control('POST', 'acts/cancel', { taskId: vendorFlowId });
    expect((await hub.fact('esign.envelopeFinished')).message).toMatchObject({ status: 'revoked' });
    expect(await hub.call('esign.readEnvelope', { no: vendorFlowId })).toMatchObject({
      response: { outcome: 'confirmed', response: { status: 'revoked' } },
    });
  });

  test('two tasks of one number are left to people', async () => {
    await hub.control('POST', 'clock', { speed: 0 });
    await begun();
    await begun();
    const asked = await hub.call('esign.queryEnvelope', { no: 'ENV-1' });
    expect(asked).toMatchObject({ outcome: 'unknown', detail: expect.stringContaining('2 tasks carry ENV-1') });
  });

  test('one task too many is refused, and nothing was done', async () => {
    const outcome = await hub.call('esign.startEnvelope', { ...envelope(), title: '额度用尽' });
    expect(outcome).toMatchObject({ outcome: 'refused', externalCode: '211058' });
    expect(await hub.effects()).toEqual([]);
  });

  describe('events', () => {
    const told = {
      eventTime: '1793000000000',
      signTaskId: '1677137745347153488',
      signTaskStatus: 'task_finished',
      transReferenceId: 'ENV-9',
      actorId: 'signer-1',
    };

    test('one that we do not know is taken and is no fact, whatever is in it', async () => {
      expect(await tell('sign-task-invented', 'no JSON at all')).toEqual([200, '{"msg":"success"}']);
      expect(await tell('constructor', '{}')).toEqual([200, '{"msg":"success"}']);
      expect(hub.facts).toEqual([]);
    });

    test('the name of the event is part of what is signed', async () => {
      expect((await tell('sign-task-finished', told, { shownEvent: 'sign-task-canceled' }))[0]).toBe(401);
      expect(hub.facts).toEqual([]);
    });

    test('eight hours old is taken, a day and a minute is not', async () => {
      const hour = 3_600_000;
      expect((await tell('sign-task-finished', told, { ageMs: 8 * hour }))[0]).toBe(200);
      expect((await tell('sign-task-finished', told, { ageMs: 24 * hour + 60_000 }))[0]).toBe(401);
    });

    test('an end that the status of the task denies, and a status without mapping, are refused', async () => {
      expect((await tell('sign-task-finished', { ...told, signTaskStatus: 'sign_progress' }))[0]).toBe(422);
      expect((await tell('sign-task-finished', { ...told, signTaskStatus: 'task_paused' }))[0]).toBe(502);
      expect(hub.facts).toEqual([]);
    });

    test('the number of an event that names none is looked up; a task of nobody is refused', async () => {
      await hub.control('POST', 'clock', { speed: 0 });
      const signTaskId = await begun();
      const { transReferenceId: _, ...nameless } = told;
      expect((await tell('sign-task-finished', { ...nameless, signTaskId }))[0]).toBe(200);
      expect(hub.facts).toMatchObject([{ notice: 'esign.envelopeFinished', key: 'ENV-1' }]);
      expect((await tell('sign-task-finished', nameless))[0]).toBe(404);
    });

    async function tell(
      event: string,
      message: object | string,
      manner: { shownEvent?: string; ageMs?: number } = {},
    ): Promise<[number, string]> {
      const biz = typeof message === 'string' ? message : JSON.stringify(message);
      const timestamp = String(Date.now() - (manner.ageMs ?? 0));
      const headers = {
        'X-FASC-App-Id': esignFasc.settings['appId'] ?? '',
        'X-FASC-Sign-Type': 'HMAC-SHA256',
        'X-FASC-Timestamp': timestamp,
        'X-FASC-Nonce': 'n',
        'X-FASC-Event': event,
      };
      const sign = fascSignature(keys.hub['appSecret.txt'] ?? '', timestamp, { ...headers, bizContent: biz });
      const answer = await fetch(`${hub.edge}/callback`, {
        method: 'POST',
        headers: { ...headers, 'X-FASC-Event': manner.shownEvent ?? event, 'X-FASC-Sign': sign },
        body: new URLSearchParams({ bizContent: biz }).toString(),
      });
      return [answer.status, await answer.text()];
    }
  });
});
