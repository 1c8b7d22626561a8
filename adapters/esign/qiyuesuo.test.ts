/** 契约锁 where the conformance suite cannot look: the recorded vector, what a callback may bring, drafts that are left. */
import { createCipheriv, createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { bench, type Bench } from '../../test/adapter.ts';
import { esignQiyuesuo } from '../../test/twins.ts';
import { openContent, qiyuesuoHeaders, qiyuesuoSignature } from './dialects/qiyuesuoSignature.ts';
import { contract, envelope, sha256, signer, soon, wanted } from './envelope.fixture.ts';
import service from './esign.service.ts';

const keys = esignQiyuesuo.enrol();
const callbackKey = keys.hub['callbackKey.txt'] ?? '';

test('a request is signed as in the recorded vector', () => {
  expect(qiyuesuoSignature('tok', 'sec', '1565753984643', 'n-1')).toBe('f38cef50dfc4f941193782f4400bd726');
});

test('no two requests have one nonce', () => {
  const nonces = Array.from({ length: 100 }, () => qiyuesuoHeaders('t', 's')['x-qys-open-nonce']);
  expect(new Set(nonces).size).toBe(100);
});

describe('the content of a callback', () => {
  const sealed = (plain: Buffer, padding: boolean) => {
    const cipher = createCipheriv('aes-128-ecb', Buffer.from(callbackKey), null).setAutoPadding(padding);
    return Buffer.concat([cipher.update(plain), cipher.final()]).toString('base64');
  };

  test('is opened whether it was padded with zeros or by PKCS#7', () => {
    const text = '{"contractId":"2591540368898105360","tenantName":"福建闽江钢材有限公司"}';
    const plain = Buffer.from(text);
    const zeros = Buffer.concat([plain, Buffer.alloc((16 - (plain.length % 16)) % 16)]);
    expect(openContent(callbackKey, sealed(plain, true)).toString()).toBe(text);
    expect(openContent(callbackKey, sealed(zeros, false)).toString()).toBe(text);
  });

  test.each(['', 'AAAA', '*', `${'A'.repeat(22)}==\n`, 'A'.repeat(24)])('%j is refused', (content) => {
    expect(() => openContent(callbackKey, content)).toThrow(expect.objectContaining({ type: 'BODY_MALFORMED' }));
  });
});

describe('before the vendor', () => {
  let hub: Bench;
  beforeEach(async () => {
    // One business hour lasts 50 ms.
    hub = await bench(service, { ...esignQiyuesuo, enrol: () => keys }, { timeoutMs: 2_000, speed: 72_000 });
  });
  afterEach(() => hub.stop());

  const begun = async (change: object = {}): Promise<string> => {
    const outcome = await hub.call('esign.startEnvelope', { ...envelope(), ...change });
    expect(outcome).toMatchObject({ outcome: 'confirmed' });
    return (outcome as { response: { vendorFlowId: string } }).response.vendorFlowId;
  };
  const still = () => hub.control('POST', 'clock', { speed: 0 });

  test('an envelope is signed in order, told, finished and fetched with its signatures verified', async () => {
    const vendorFlowId = await begun();
    expect((await hub.fact('esign.envelopeFinished')).message).toMatchObject({
      envelopeNo: 'ENV-1',
      vendorFlowId,
      status: 'completed',
    });
    const acted = hub.facts.filter(({ notice }) => notice === 'esign.signerActed').map(({ message }) => message);
    expect(acted).toMatchObject([
      { order: 1, result: 'signed' },
      { order: 2, result: 'signed' },
    ]);
    expect(await hub.call('esign.fetchDocuments', { vendorFlowId, documents: wanted() })).toMatchObject({
      response: { documents: [{ fileName: 'pledge.pdf', originalSha256: sha256(contract) }] },
    });
    await hub.control('POST', 'acts/lockDownloads', {});
    expect(await hub.call('esign.fetchDocuments', { vendorFlowId, documents: wanted() })).toMatchObject({
      outcome: 'later',
      externalCode: '11990006',
    });
  });

  test('the files of a contract that is not complete are not fetched', async () => {
    await still();
    const vendorFlowId = await begun();
    expect(await hub.call('esign.fetchDocuments', { vendorFlowId, documents: wanted() })).toMatchObject({
      outcome: 'refused',
      code: 'SIGNATURES_INCOMPLETE',
    });
  });

  test('an attempt that broke off leaves a draft, which is no envelope, and the next one writes over it', async () => {
    await still();
    await hub.control('POST', 'faults', { fault: 'timeout-before-effect', operation: 'startEnvelope' });
    expect(await hub.call('esign.startEnvelope', envelope())).toMatchObject({ outcome: 'unknown' });
    for (const operation of ['queryEnvelope', 'readEnvelope'])
      expect(await hub.call(`esign.${operation}`, { no: 'ENV-1' })).toMatchObject({
        response: { outcome: 'notFound' },
      });
    await begun();
    expect((await hub.effects()).filter(({ kind }) => kind === 'started')).toMatchObject([
      { number: 'ENV-1', detail: { documents: 1 } },
    ]);
  });

  test('what was sent before is not sent again: unknown, and the query tells that it started', async () => {
    await still();
    const vendorFlowId = await begun();
    const again = await hub.call('esign.startEnvelope', envelope());
    expect(again).toMatchObject({ outcome: 'unknown', externalCode: '1101' });
    expect(await hub.call('esign.queryEnvelope', { no: 'ENV-1' })).toMatchObject({
      response: { outcome: 'confirmed', response: { vendorFlowId } },
    });
    expect((await hub.effects()).filter(({ kind }) => kind === 'started')).toHaveLength(1);
  });

  test.each([
    ['6666', 'AUTHORITY_MISSING', '1705'],
    ['0000', undefined, undefined],
  ])('an operator whose number ends in %s', async (end, code, externalCode) => {
    const person = { name: '经办人', idNo: '350100199001010019', phone: `1390000${end}` };
    const outcome = await hub.call('esign.startEnvelope', { ...envelope(), signers: [signer(1, person)] });
    expect(outcome).toMatchObject(code ? { outcome: 'refused', code, externalCode } : { outcome: 'confirmed' });
  });

  test('a signatory who rejects is told once: what it did, and that the contract is over', async () => {
    await begun({ signers: [signer(1, { name: '拒签人', idNo: '350100199001010019', phone: '13900007777' })] });
    await hub.fact('esign.envelopeFinished');
    expect(hub.facts.map(({ message }) => message)).toMatchObject([
      { order: 1, result: 'refused' },
      { status: 'refused' },
    ]);
  });

  test('a contract that nobody signs expires at its deadline', async () => {
    await begun({
      ...soon,
      signers: [signer(1, { name: '沉默人', idNo: '350100199001010019', phone: '13900008888' })],
    });
    expect((await hub.fact('esign.envelopeFinished')).message).toMatchObject({ status: 'expired' });
  });

  test('callbacks that come twice and out of order are each one fact', async () => {
    await hub.control('POST', 'acts/callbacks', { duplicate: true, outOfOrder: true });
    await begun();
    await hub.fact('esign.envelopeFinished');
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(hub.facts.map(({ id }) => id.split('/').slice(1).join('/')).sort()).toEqual([
      '1/signed',
      '2/signed',
      'completed',
    ]);
  });

  describe('a callback is a hint', () => {
    test('what it claims is no fact: the detail is', async () => {
      await still();
      const contractId = await begun();
      const claimed = { contractId, callbackType: 'COMPLETE', contractStatus: 'COMPLETE' };
      expect(await tell(claimed)).toEqual([200, '{"code":0,"message":"SUCCESS"}']);
      expect((await tell({ ...claimed, tenantName: envelope().signers[0]?.company.name }))[0]).toBe(200);
      expect(hub.facts).toEqual([]);
    });

    test('about a contract or a signatory that there is not: refused', async () => {
      await still();
      expect((await tell({ contractId: '2000000000000000000' }))[0]).toBe(404);
      expect((await tell({ contractId: await begun(), tenantName: '别的公司' }))[0]).toBe(404);
    });

    test('while the vendor does not answer: refused, so that it comes again', async () => {
      await still();
      const contractId = await begun();
      await hub.control('POST', 'faults', { fault: 'error-500', operation: 'readEnvelope' });
      expect((await tell({ contractId }))[0]).toBe(502);
    });

    test('a day and a half old is taken, two days and a minute is not', async () => {
      await still();
      const contractId = await begun();
      const hour = 3_600_000;
      expect((await tell({ contractId }, 36 * hour))[0]).toBe(200);
      expect((await tell({ contractId }, 48 * hour + 60_000))[0]).toBe(401);
    });

    async function tell(told: object, ageMs = 0): Promise<[number, string]> {
      const timestamp = String(Date.now() - ageMs);
      const cipher = createCipheriv('aes-128-ecb', Buffer.from(callbackKey), null);
      const content = Buffer.concat([cipher.update(JSON.stringify(told)), cipher.final()]).toString('base64');
      const signature = createHash('md5')
        .update(timestamp + callbackKey)
        .digest('hex');
      const body = new URLSearchParams({ signature, timestamp, content }).toString();
      const answer = await fetch(`${hub.edge}/callback`, { method: 'POST', body });
      return [answer.status, await answer.text()];
    }
  });
});
