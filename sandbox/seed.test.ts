/** What a counterparty draws by lot is the same for the same seed: a test of a partner can name it. */
import { createHash, createHmac, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { Clock } from './clock.ts';
import { esignFasc } from './esign/fasc.twin.ts';
import { signature as fascSignature } from './esign/fascGate.ts';
import { esignQiyuesuo } from './esign/qiyuesuo.twin.ts';
import { requestSignature as qiyuesuoSignature } from './esign/qiyuesuoGate.ts';
import { esignTsign } from './esign/tsign.twin.ts';
import { requestSignature as tsignSignature } from './esign/tsignGate.ts';
import { certificatePdf } from './registry/certificate.ts';
import { registryZd } from './registry/provider.twin.ts';
import { sapS4 } from './sap/s4.twin.ts';
import { startTwin, type RunningTwin, type TwinSpec } from './twin.ts';

const folder = mkdtempSync(join(tmpdir(), 'seed-'));
const secrets = { 'appSecret.txt': '0123456789abcdef0123456789abcdef', 'registry-secret.txt': 'registry_test_secret' };
const md5 = (text: string) => createHash('md5').update(Buffer.from(text, 'utf8')).digest('base64');
const pdf = certificatePdf({ registrationNo: '1', lines: ['a'] }).toString('latin1');
const company = { name: '厦门链枢贸易有限公司', creditCode: '91350200MA31000A5H' };

const stopped: (() => Promise<void>)[] = [];
afterAll(async () => {
  for (const stop of stopped) await stop();
  rmSync(folder, { recursive: true });
});

test.each([
  ['esign-tsign', tsign],
  ['esign-fasc', fasc],
  ['esign-qiyuesuo', qiyuesuo],
  ['registry-zd', registry],
  ['sap-s4', sap],
])(
  '%s answers the same requests with the same ids under the same seed, and with others under another',
  async (_, ask) => {
    const [one, again, other] = [await ask('7'), await ask('7'), await ask('8')];
    expect(one.length).toBeGreaterThan(0);
    expect(again).toEqual(one);
    for (const [place, id] of one.entries())
      expect([id, other[place]]).toEqual([id, expect.not.stringMatching(`^${id}$`)]);
    expect(new Set(one).size).toBe(one.length);
  },
);

async function tsign(seed: string): Promise<string[]> {
  const { url } = await running(esignTsign, seed);
  const post = async (path: string, content: object) => {
    const [body, type] = [JSON.stringify(content), 'application/json; charset=UTF-8'];
    const parts = { method: 'POST', accept: '*/*', contentMd5: md5(body), contentType: type, pathAndParameters: path };
    const headers = {
      accept: '*/*',
      'content-type': type,
      'content-md5': md5(body),
      'x-tsign-open-app-id': esignTsign.settings['appId'] ?? '',
      'x-tsign-open-auth-mode': 'Signature',
      'x-tsign-open-ca-timestamp': String(Date.now()),
      'x-tsign-open-ca-signature': tsignSignature(secrets['appSecret.txt'], parts),
    };
    const answer = await fetch(url + path, { method: 'POST', headers, body });
    return ((await answer.json()) as { data: Record<string, string> }).data;
  };
  const file = { contentMd5: md5(pdf), contentType: 'application/pdf', fileName: 'a.pdf', fileSize: pdf.length };
  const stored = await post('/v3/files/file-upload-url', file);
  const onceMore = await post('/v3/files/file-upload-url', file);
  const headers = { 'content-md5': md5(pdf), 'content-type': 'application/pdf' };
  await fetch(stored['fileUploadUrl'] ?? '', { method: 'PUT', headers, body: pdf });
  const { fileId = '' } = stored;
  const flow = {
    docs: [{ fileId, fileName: 'a.pdf' }],
    signFlowConfig: { signFlowTitle: '质押合同', autoFinish: true },
    signers: [
      {
        signerType: 1,
        orgSignerInfo: { orgName: '甲', transactorInfo: { psnAccount: '13900000000', psnInfo: { psnName: '乙' } } },
        signFields: [{ fileId, customBizNum: 'ENV-1' }],
      },
    ],
  };
  const flows = [];
  for (let time = 0; time < 2; time += 1)
    flows.push((await post('/v3/sign-flow/create-by-file', flow))['signFlowId'] ?? '');
  return [fileId, onceMore['fileId'] ?? '', ...flows];
}

async function fasc(seed: string): Promise<string[]> {
  const { url } = await running(esignFasc, seed);
  let token: string | undefined;
  const post = async (path: string, biz: object) => {
    const headers: Record<string, string> = {
      'X-FASC-App-Id': esignFasc.settings['appId'] ?? '',
      'X-FASC-Sign-Type': 'HMAC-SHA256',
      'X-FASC-Timestamp': String(Date.now()),
      'X-FASC-Nonce': randomBytes(16).toString('hex'),
      ...(token === undefined ? { 'X-FASC-Grant-Type': 'client_credential' } : { 'X-FASC-AccessToken': token }),
    };
    const bizContent = JSON.stringify(biz);
    const parameters = new Map(Object.entries({ ...headers, bizContent }));
    headers['X-FASC-Sign'] = fascSignature(secrets['appSecret.txt'], headers['X-FASC-Timestamp'] ?? '', parameters);
    const body = new URLSearchParams({ bizContent });
    const answer = await fetch(`${url}/api/v5${path}`, { method: 'POST', headers, body });
    return ((await answer.json()) as { data: Record<string, unknown> }).data;
  };
  token = String((await post('/service/get-access-token', {}))['accessToken']);
  const { uploadUrl, fddFileUrl } = await post('/file/get-upload-url', { fileType: 'doc' });
  await fetch(String(uploadUrl), { method: 'PUT', body: pdf });
  const processed = await post('/file/process', {
    fddFileUrlList: [{ fddFileUrl, fileName: 'a.pdf', fileType: 'doc' }],
  });
  const [{ fileId = '' } = {}] = processed['fileIdList'] as { fileId?: string }[];
  const task = {
    initiator: { openId: esignFasc.settings['openCorpId'] },
    signTaskSubject: '质押合同',
    autoStart: true,
    transReferenceId: 'ENV-1',
    docs: [{ docId: 'd1', docName: 'a', docFileId: fileId }],
    actors: [{ actor: { actorId: 'a1', permissions: ['sign'] }, signConfigInfo: { orderNo: 1 } }],
  };
  const tasks = [];
  for (let time = 0; time < 2; time += 1) tasks.push(String((await post('/sign-task/create', task))['signTaskId']));
  const place = new URL(String(uploadUrl)).pathname.split('/').at(-1) ?? '';
  return [place, fileId, ...tasks];
}

async function qiyuesuo(seed: string): Promise<string[]> {
  const { url } = await running(esignQiyuesuo, seed);
  const [token, time, nonce] = [
    esignQiyuesuo.settings['appToken'] ?? '',
    String(Date.now()),
    randomBytes(8).toString('hex'),
  ];
  const answer = await fetch(`${url}/v2/contract/draft`, {
    method: 'POST',
    headers: {
      'x-qys-open-accesstoken': token,
      'x-qys-open-timestamp': time,
      'x-qys-open-nonce': nonce,
      'x-qys-open-signature': qiyuesuoSignature(token, secrets['appSecret.txt'], time, nonce),
    },
    body: JSON.stringify({
      subject: '质押合同',
      bizId: 'ENV-1',
      signatories: [{ tenantName: '甲' }, { tenantName: '乙' }],
    }),
  });
  const { result } = (await answer.json()) as { result: { id: string; signatories: { id: string }[] } };
  return [result.id, ...result.signatories.map(({ id }) => id)];
}

/** The code that its clerk got from the registry for changes. */
async function registry(seed: string): Promise<string[]> {
  const { url, act, memory } = await running(registryZd, seed);
  const form = {
    requestNo: 'R-1',
    businessType: 'A00400',
    debtor: company,
    securedParty: company,
    mainContractNo: 'P-1',
    securedAmount: '1000.00',
    currency: 'CNY',
    termMonths: 12,
    description: '电子仓单 EWR-1',
  };
  const [body, path, timestamp] = [JSON.stringify(form), '/v1/registrations', String(Date.now())];
  const nonce = randomBytes(16).toString('hex');
  const digest = createHash('sha256').update(body).digest('hex');
  const text = ['REQUEST', 'POST', path, timestamp, nonce, digest].join('\n');
  await fetch(url + path, {
    method: 'POST',
    headers: {
      'x-registry-member': registryZd.settings['memberId'] ?? '',
      'x-registry-timestamp': timestamp,
      'x-registry-nonce': nonce,
      'x-registry-signature': createHmac('sha256', secrets['registry-secret.txt']).update(text).digest('hex'),
    },
    body,
  });
  await act('process', {});
  const { registrations } = (await memory()) as {
    registrations: Record<string, { amendCode: string; debtorName: string }>;
  };
  return Object.values(registrations).flatMap((one) => (one.debtorName === company.name ? [one.amendCode] : []));
}

/** The ids of the events that SAP tells of changes. */
async function sap(seed: string): Promise<string[]> {
  const { act, pending } = await running(sapS4, seed);
  const orderNo = '4500000777';
  await act('placeOrder', { orderNo, quiet: 'X' });
  for (const quantity of ['1.000', '2.000']) await act('changeOrder', { orderNo, quantity });
  return (await pending('sendEvent')).map(({ id }) => String(id));
}

/** On a clock that stands still, with nobody who listens to it. */
async function running<M extends object>(spec: TwinSpec<M>, seed: string) {
  const twin: RunningTwin = await startTwin(spec, {
    folder: mkdtempSync(join(folder, spec.name)),
    port: 0,
    hubUrl: 'http://127.0.0.1:1',
    clock: new Clock({ realMs: 0, businessMs: Date.parse('2026-11-23T09:00:00+08:00'), speed: 0 }),
    keys: secrets,
    seed,
  });
  stopped.push(() => twin.stop());
  const state = async () =>
    (await (await fetch(`${twin.control}/_twin/state`)).json()) as {
      memory: object;
      acts: { act: string; args: Record<string, unknown> }[];
    };
  return {
    url: twin.url,
    act: (name: string, args: object) =>
      fetch(`${twin.control}/_twin/acts/${name}`, { method: 'POST', body: JSON.stringify(args) }),
    memory: async () => (await state()).memory,
    pending: async (name: string) => (await state()).acts.filter(({ act }) => act === name).map(({ args }) => args),
  };
}
