/** The funder by data packages, from its customer's side: what it takes, what it refuses, what it writes, and when. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createHash, generateKeyPairSync } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import jose from 'node-jose';
import { ZipFile } from 'yazl';
import { Clock } from '../clock.ts';
import { startTwin, type RunningTwin } from '../twin.ts';
import { bankPackage } from './package.twin.ts';
import { kidOf, openToken, rsaPair, signToken } from './packageSeal.ts';

let home: string;
let keys: ReturnType<typeof bankPackage.enrol>;
let funder: RunningTwin;
const clock = () => new Clock({ realMs: 0, businessMs: Date.parse('2026-11-23T09:00:00+08:00'), speed: 0 });
const start = async (time = clock()) => {
  funder = await startTwin(bankPackage, { folder: home, port: 0, hubUrl: '', clock: time, keys: keys.twin });
};
const enrolled = bankPackage.enrol();
beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'lianshu-package-'));
  keys = enrolled;
  mkdirSync(join(home, 'exchange', 'out'), { recursive: true });
  await start();
});
afterEach(async () => {
  await funder.stop();
  rmSync(home, { recursive: true, force: true });
});

const sha256 = (bytes: Buffer | string) => createHash('sha256').update(bytes).digest('hex');
const record = {
  applicationNo: 'FA-1',
  product: 'XHZY',
  borrower: { name: '福建闽江钢材有限公司', uscc: '91350100MA32000B1T' },
  amount: '800000.00',
  currency: '01',
  tenorDays: '90',
  purpose: '支付货款',
  payee: {
    accountName: '厦门链枢贸易有限公司',
    accountNo: '4100020000000000101',
    bankName: '厦门分行',
    bankCode: '102393000018',
  },
  order: { orderNo: '4500000001', total: '1360000.00', orderDate: '20261120' },
  verification: { enterprise: 'V-1', agent: 'V-2' },
  openItemsTotal: '0.00',
};
const goods = 'materialCode,name,quantity,unit,unitPrice\r\nM-1,"钢筋, 12mm",400.000,TNE,3400.00\r\n';

interface Made {
  readonly seq?: string;
  readonly recordChange?: object;
  readonly manifest?: (manifest: Record<string, unknown>) => object;
  readonly goods?: string;
  readonly signer?: string;
  readonly reader?: string;
  readonly typ?: string;
}

/** A package as a hub would make it, with something wrong in it. */
async function made({ seq = '01', recordChange = {}, goods: sent = goods, ...how }: Made = {}): Promise<string> {
  const whole = { ...record, ...recordChange };
  const json = JSON.stringify(whole);
  const file = (name: string, text: string, controlTotal: string) => ({
    name,
    bytes: Buffer.byteLength(text),
    sha256: sha256(text),
    records: 1,
    controlTotal,
  });
  const files = [file('credit.json', json, whole.amount), file('goods.csv', goods, '3400.00')];
  const totals = { files: 2, bytes: Buffer.byteLength(json) + Buffer.byteLength(goods), records: 2 };
  const plain = { packageNo: 'PKG-FA-1', institution: 'LSHUB01', kind: 'CREDIT', sequence: seq, encoding: 'UTF-8' };
  const manifest = { ...plain, files, totals };
  const signed = JSON.stringify(how.manifest?.(manifest) ?? manifest);
  const token = await signToken(how.signer ?? keys.hub['sign.pem'] ?? '', signed, how.typ ?? 'package-manifest');
  const zip = new ZipFile();
  zip.addBuffer(Buffer.from(token), 'manifest.jws');
  zip.addBuffer(Buffer.from(json), 'credit.json');
  zip.addBuffer(Buffer.from(sent), 'goods.csv');
  zip.end();
  const chunks: Buffer[] = [];
  for await (const chunk of zip.outputStream as AsyncIterable<Buffer>) chunks.push(chunk);
  const pem = how.reader ?? keys.hub['funder-encrypt.pem'] ?? '';
  const key = await jose.JWK.asKey(pem, 'pem', { kid: kidOf(pem), alg: 'RSA-OAEP-256' });
  const options = { format: 'compact', contentAlg: 'A256GCM', fields: { alg: 'RSA-OAEP-256', cty: 'zip' } } as const;
  return jose.JWE.createEncrypt(options, key).update(Buffer.concat(chunks)).final();
}

const stem = (seq = '01', mark = '0123456789abcdef') => `PKG_LSHUB01_CREDIT_FA-1_${seq}_${mark}`;
const put = (name: string, content: string) => writeFileSync(join(home, 'exchange', 'out', name), content);
const act = async (name: string, args: object = {}) => {
  const answer = await fetch(`${funder.control}/_twin/acts/${name}`, { method: 'POST', body: JSON.stringify(args) });
  expect(answer.status).toBe(200);
};
const effects = async () =>
  ((await (await fetch(`${funder.control}/_twin/effects`)).json()) as { kind: string }[]).map(({ kind }) => kind);
const pending = async () =>
  ((await (await fetch(`${funder.control}/_twin/state`)).json()) as { acts: { act: string; args: object }[] }).acts;
const said = () => readdirSync(join(home, 'exchange', 'in')).sort();
const text = (name: string) => readFileSync(join(home, 'exchange', 'in', name), 'utf8');
async function receipt(seq = '01', nn = '01') {
  const token = text(`RCP_LSHUB01_CREDIT_FA-1_${seq}_${nn}.rcp`);
  const payload = await openToken(keys.hub['funder-sign@2.pem'] ?? '', token, 'package-receipt');
  return JSON.parse(payload?.toString() ?? '{}') as { code: string; read: object[]; files: { code: string }[] };
}

test('a package as agreed is taken: its receipt says what was read and what of each file', async () => {
  const content = await made();
  put(`${stem()}.zip.jwe`, content);
  await act('collect');
  await act('collect');
  expect(await receipt()).toMatchObject({
    code: '00',
    packageNo: 'PKG-FA-1',
    read: [{ name: `${stem()}.zip.jwe`, sha256: sha256(content) }],
    files: [
      { name: 'credit.json', code: '00' },
      { name: 'goods.csv', code: '00' },
    ],
  });
  expect(await effects()).toEqual(['applied']);
});

const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 });
test.each<[string, () => Made, string]>([
  ['encrypted for somebody else', () => ({ reader: rsaPair().publicKey }), '14'],
  [
    'signed by somebody else',
    () => ({ signer: String(stranger.privateKey.export({ format: 'pem', type: 'pkcs8' })) }),
    '17',
  ],
  ['signed for another purpose', () => ({ typ: 'package-parts' }), '17'],
  ['with another list than the manifest has', () => ({ goods: goods.replace('3400', '3401') }), '11'],
  ['that counts another number of files', () => ({ manifest: (m) => ({ ...m, totals: { files: 3 } }) }), '12'],
  [
    'that counts other records',
    () => ({ manifest: (m) => ({ ...m, files: (m['files'] as object[]).map((file) => ({ ...file, records: 2 })) }) }),
    '12',
  ],
  [
    'that sums another total',
    () => ({
      manifest: (m) => ({ ...m, files: (m['files'] as object[]).map((f) => ({ ...f, controlTotal: '1.00' })) }),
    }),
    '13',
  ],
  ['of another sequence than its name', () => ({ seq: '02' }), '18'],
  ['with a code that is in no dictionary', () => ({ recordChange: { product: 'WLHQ' } }), '18'],
])('a package %s is refused %s', async (_what, wrong, code) => {
  put(`${stem()}.zip.jwe`, await made(wrong()));
  await act('collect');
  expect(await receipt()).toMatchObject({ code });
  expect(await effects()).toEqual([]);
});

test('the same application again is a duplicate; an order under review is not looked at twice', async () => {
  put(`${stem()}.zip.jwe`, await made());
  await act('collect');
  put(`${stem('02')}.zip.jwe`, await made({ seq: '02' }));
  await act('collect');
  expect(await receipt('02')).toMatchObject({ code: '15' });
  expect(await effects()).toEqual(['applied']);
});

test('parts without their list are nothing; with one that is damaged or missing they are refused', async () => {
  const content = await made();
  const [a, b] = [content.slice(0, 900), content.slice(900)];
  const parts = [a, b].map((part, i) => ({ name: `${stem()}.0a0b0c0d.p0${i + 1}of02`, sha256: sha256(part) }));
  const list = { sequence: '01', sha256: sha256(content), parts };
  const token = await signToken(keys.hub['sign.pem'] ?? '', JSON.stringify(list), 'package-parts');
  put(parts[0]?.name ?? '', a);
  await act('collect');
  put(`${stem()}.parts.jws`, token);
  await act('collect');
  expect(said()).toEqual([]);
  put(`${stem()}.parts.jws.ok`, `${stem()}.parts.jws|${token.length}|${sha256(token)}\n`);
  await act('collect');
  expect(await receipt()).toMatchObject({ code: '16' });
});

test('by itself it looks, answers, decides and writes the approvals of the day after one in the night, half of it first', async () => {
  put(`${stem()}.zip.jwe`, await made());
  await funder.stop();
  await start(new Clock({ realMs: Date.now(), businessMs: Date.parse('2026-11-23T09:00:00+08:00'), speed: 60_000 }));
  for (let tries = 0; tries < 100 && !said().some((name) => name.endsWith('.sig')); tries += 1)
    await new Promise((done) => setTimeout(done, 50));
  expect(said().filter((name) => name.startsWith('APPROVAL_LSHUB01_20261123'))).toEqual([
    'APPROVAL_LSHUB01_20261123_01.csv',
    'APPROVAL_LSHUB01_20261123_01.csv.sig',
  ]);
  const [header, line, trailer] = text('APPROVAL_LSHUB01_20261123_01.csv').split('\r\n');
  expect(header).toMatch(/^"H","LSHUB01",".*","20261123","01","20261124/);
  expect(line).toMatch(/^"C","FA-1","PKG-FA-1","1","800000.00","5.2000","90","01","70.0000"/);
  expect(trailer).toBe('"T","1","800000.00"');
});

test('a day without decisions has an empty file', async () => {
  await act('publish', { on: '20261123' });
  expect(text('APPROVAL_LSHUB01_20261123_01.csv')).toMatch(/^"H".*\r\n"T","0","0.00"\r\n$/);
});

test.each([
  ['1000.16', { wrongTrailer: true, oldKey: false }],
  ['1000.17', { wrongTrailer: false, oldKey: true }],
])('the night after an application over %s was decided goes wrong as it says', async (amount, how) => {
  put(`${stem()}.zip.jwe`, await made({ recordChange: { amount } }));
  await act('collect');
  await act('decide', { applicationNo: 'FA-1' });
  await act('night', { on: '20261123' });
  const finish = (await pending()).find(({ act: name }) => name === 'finish')?.args;
  expect(finish).toMatchObject({ on: '20261123', next: 1, ...how });
  await act('finish', finish);
  const trailer = `"T","${how.wrongTrailer ? 2 : 1}","${amount}"`;
  expect(text('APPROVAL_LSHUB01_20261123_01.csv')).toContain(trailer);
  const header = text('APPROVAL_LSHUB01_20261123_01.csv.sig').split('.')[0] ?? '';
  const { kid } = JSON.parse(Buffer.from(header, 'base64url').toString()) as { kid: string };
  expect(kid).toBe(kidOf(keys.hub[how.oldKey ? 'funder-sign.pem' : 'funder-sign@2.pem'] ?? ''));
});

test('a receipt may come two days late, for what was taken long before', async () => {
  put(`${stem()}.zip.jwe`, await made({ recordChange: { amount: '1000.15' } }));
  await act('collect');
  expect([await effects(), said()]).toEqual([['applied'], []]);
  await act('receipt', (await pending()).find(({ act: name }) => name === 'receipt')?.args);
  expect(await receipt()).toMatchObject({ code: '00' });
});
