/** What the conformance suite cannot see of 安心签: long lists, one number twice, the file, the times. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { bench, type Bench } from '../../test/adapter.ts';
import { esignAnxinsign } from '../../test/twins.ts';
import { keysFrom } from '../crypto/keys.ts';
import { anxinSignature } from './dialects/anxinsignSignature.ts';
import { contract, dealer, document, envelope, signer, wanted } from './envelope.fixture.ts';
import service from './esign.service.ts';

let vendor: Bench;
beforeEach(async () => {
  vendor = await bench(service, esignAnxinsign, { speed: 1 });
});
afterEach(() => vendor.stop());

interface State {
  readonly memory: { readonly contracts: Record<string, { signatories: object[] }> };
}

async function started(change: object = {}): Promise<string> {
  const outcome = await vendor.call('esign.startEnvelope', { ...envelope(), ...change });
  if (outcome.outcome !== 'confirmed') throw new Error(JSON.stringify(outcome));
  return (outcome.response as { vendorFlowId: string }).vendorFlowId;
}
const sign = (contractNo: string, signer: number) => vendor.control('POST', 'acts/sign', { contractNo, signer });

test('an envelope that both sign in any order is completed, and the file is the one that was sent', async () => {
  const contractNo = await started();
  await sign(contractNo, 1);
  expect(await vendor.call('esign.readEnvelope', { no: 'ENV-1' })).toMatchObject({ response: { outcome: 'pending' } });
  const asked = { vendorFlowId: contractNo, documents: wanted() };
  expect(await vendor.call('esign.fetchDocuments', asked)).toMatchObject({ code: 'SIGNATURES_INCOMPLETE' });
  await sign(contractNo, 0);
  const read = { response: { outcome: 'confirmed', response: { envelopeNo: 'ENV-1', status: 'completed' } } };
  expect(await vendor.call('esign.readEnvelope', { no: 'ENV-1' })).toMatchObject(read);
  expect(await vendor.call('esign.readEnvelope', { no: contractNo })).toMatchObject(read);
  expect(await vendor.call('esign.fetchDocuments', asked)).toMatchObject({ outcome: 'confirmed' });
});

test.each([
  ['7777', 'sign', 'refused'],
  ['8888', 'expire', 'expired'],
  ['0011', 'revoke', 'revoked'],
])('with a signer whose telephone ends in %s, after %s, it is %s', async (ending, act, status) => {
  const second = { ...dealer.legalRep, phone: `1380000${ending}` };
  const contractNo = await started({ signers: [envelope().signers[0], signer(2, second)] });
  await vendor.control('POST', `acts/${act}`, { contractNo, signer: 1 });
  const outcome = await vendor.call('esign.readEnvelope', { no: 'ENV-1' });
  expect(outcome).toMatchObject({ response: { response: { status, vendorFlowId: contractNo } } });
});

test.each([
  ['a company under another name', { company: { name: '福建闽江钢铁有限公司', uscc: dealer.uscc } }, 'IDV_MISMATCH'],
  ['a frozen account', { person: { ...dealer.legalRep, phone: '13800006666' } }, 'NOT_ALLOWED'],
])('%s ends the attempt before anything is uploaded', async (_, change, code) => {
  const signers = [envelope().signers[0], { ...signer(2), ...change }];
  expect(await vendor.call('esign.startEnvelope', { ...envelope(), signers })).toMatchObject({ code });
  expect((await vendor.effects()).filter(({ kind }) => kind === 'started')).toEqual([]);
});

test('an envelope is found behind a hundred newer ones, and two of one number are for people', async () => {
  const first = await started();
  const { memory } = (await vendor.control('GET', 'state')) as State;
  expect(Object.keys(memory.contracts)).toEqual([first]);
  for (let n = 2; n <= 102; n += 1) await started({ envelopeNo: `ENV-${n}` });
  expect(await vendor.call('esign.queryEnvelope', { no: 'ENV-1' })).toMatchObject({
    response: { outcome: 'confirmed', response: { vendorFlowId: first } },
  });
  await started();
  expect(await vendor.call('esign.queryEnvelope', { no: 'ENV-1' })).toMatchObject({
    outcome: 'unknown',
    code: 'OUTCOME_UNKNOWN',
  });
}, 60_000);

/** Files of one length that differ. */
const papers = (names: readonly string[]) =>
  names.map((name, index) => {
    const bytes = Buffer.from(contract.toString('latin1').replace('% pledge', `% paper${index}`), 'latin1');
    return { ...document(bytes), fileName: `${name}.pdf` };
  });

test('an envelope of three files is three contracts: over when all are signed, and each file is told from the others', async () => {
  const documents = papers(['loan', 'pledge', 'mandate']);
  const flowId = await started({ documents });
  const contractNos = flowId.split('@');
  expect([contractNos.length, flowId.length]).toEqual([3, 59]);
  expect(await vendor.call('esign.queryEnvelope', { no: 'ENV-1' })).toMatchObject({
    response: { response: { vendorFlowId: flowId } },
  });
  for (const contractNo of contractNos) {
    expect(await vendor.call('esign.readEnvelope', { no: flowId })).toMatchObject({ response: { outcome: 'pending' } });
    for (const each of [0, 1]) await sign(contractNo, each);
  }
  expect(await vendor.call('esign.readEnvelope', { no: flowId })).toMatchObject({
    response: { response: { envelopeNo: 'ENV-1', vendorFlowId: flowId, status: 'completed' } },
  });
  const asked = documents.map(({ fileName, sha256 }) => ({ fileName, sha256 })).toReversed();
  const fetched = await vendor.call('esign.fetchDocuments', { vendorFlowId: flowId, documents: asked });
  expect(fetched).toMatchObject({
    outcome: 'confirmed',
    response: { documents: asked.map(({ fileName, sha256 }) => ({ fileName, originalSha256: sha256 })) },
  });
  const other = [{ fileName: 'loan.pdf', sha256: 'a'.repeat(64) }];
  expect(await vendor.call('esign.fetchDocuments', { vendorFlowId: flowId, documents: other })).toMatchObject({
    code: 'DOC_HASH_CHANGED',
  });
});

test('a second file that is refused leaves half an envelope: unknown, and for people', async () => {
  const [first, second] = papers(['loan', 'pledge']);
  const broken = { ...document(Buffer.from('%PDF-1.4 nothing')), fileName: second?.fileName ?? '' };
  const request = { ...envelope(), documents: [first, broken] };
  expect(await vendor.call('esign.startEnvelope', request)).toMatchObject({
    outcome: 'unknown',
    code: 'OUTCOME_UNKNOWN',
    externalCode: '60030302',
  });
  expect(await vendor.call('esign.queryEnvelope', { no: 'ENV-1' })).toMatchObject({ outcome: 'unknown' });
});

test('what is no contract number of the vendor never becomes part of an address', async () => {
  const outcome = await vendor.call('esign.fetchDocuments', { vendorFlowId: '../../x', documents: wanted() });
  expect(outcome).toMatchObject({ outcome: 'refused', code: 'CONTRACT_VIOLATED' });
  expect(vendor.exchanges.at(-1)?.parts).toEqual([]);
});

test('OpenSSL believes the signature, over these bytes and no others; a certificate of another key is refused', async () => {
  const [own, other] = [esignAnxinsign.enrol().hub, esignAnxinsign.enrol().hub];
  const folder = mkdtempSync(join(tmpdir(), 'anxinsign-'));
  const path = (name: string) => join(folder, name);
  try {
    const keysOf = (files: Record<string, string>) => {
      for (const [name, text] of Object.entries(files)) process.env[variableOf(name)] = text;
      return keysFrom(folder, 'anxin');
    };
    const data = '{"head":{"txTime":"20261123090500"},"note":"质押"}';
    const signature = Buffer.from(await anxinSignature(keysOf(own), data), 'base64');
    writeFileSync(path('p7'), signature);
    writeFileSync(path('data'), data);
    writeFileSync(path('certificate'), own['platform-certificate.txt'] ?? '');
    const how = ['cms', '-verify', '-binary', '-inform', 'DER', '-in', path('p7'), '-noverify', '-certfile'];
    const verify = () => execFileSync('openssl', [...how, path('certificate'), '-content', path('data')], quiet);
    expect(verify().toString()).toBe(data);
    writeFileSync(path('data'), data.replace('质', '值'));
    expect(verify).toThrow();
    const mixed = keysOf({ ...own, 'platform-certificate.txt': other['platform-certificate.txt'] ?? '' });
    await expect(anxinSignature(mixed, data)).rejects.toMatchObject({ type: 'KEY_NOT_ADMITTED' });
  } finally {
    for (const name of Object.keys(own)) delete process.env[variableOf(name)];
    rmSync(folder, { recursive: true });
  }
});

const quiet = { stdio: ['ignore', 'pipe', 'ignore'] as ['ignore', 'pipe', 'ignore'] };
const variableOf = (file: string): string =>
  `LIANSHU_KEY_ANXIN_${file.replace(/\.\w+$/, '')}`.toUpperCase().replaceAll('-', '_');
