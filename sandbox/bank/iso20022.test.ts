/** The bank by files, from its customer's side of the wire: what it takes, what it refuses, what it writes. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ssh2, { type SFTPWrapper } from 'ssh2';
import { Clock } from '../clock.ts';
import { startTwin, type RunningTwin } from '../twin.ts';
import { funder } from '../world.ts';
import { bankIso20022, isoUser } from './iso20022.twin.ts';

let home: string;
let keys: ReturnType<typeof bankIso20022.enrol>;
let bank: RunningTwin;
const clock = () => new Clock({ realMs: 0, businessMs: Date.parse('2026-11-23T09:00:00+08:00'), speed: 0 });
const start = async (time = clock()) => {
  bank = await startTwin(bankIso20022, { folder: home, port: 0, hubUrl: '', clock: time, keys: keys.twin });
};
beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'lianshu-iso-bank-'));
  keys = bankIso20022.enrol();
  await start();
});
afterEach(async () => {
  await bank.stop();
  rmSync(home, { recursive: true, force: true });
});

const order = (no: string, amount = '10.00', msgId = `M-${no}`, account = '4100020000000000101'): string =>
  `<?xml version="1.0" encoding="UTF-8"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"><CstmrCdtTrfInitn>` +
  `<GrpHdr><MsgId>${msgId}</MsgId><CreDtTm>2026-11-23T09:00:00+08:00</CreDtTm><NbOfTxs>1</NbOfTxs><CtrlSum>${amount}</CtrlSum><InitgPty><Nm>链枢</Nm></InitgPty></GrpHdr>` +
  `<PmtInf><PmtInfId>P-${no}</PmtInfId><PmtMtd>TRF</PmtMtd><NbOfTxs>1</NbOfTxs><CtrlSum>${amount}</CtrlSum><ReqdExctnDt><Dt>2026-11-23</Dt></ReqdExctnDt>` +
  `<Dbtr><Nm>金控</Nm></Dbtr><DbtrAcct><Id><Othr><Id>${funder.account.accountNo}</Id></Othr></Id></DbtrAcct>` +
  `<CdtTrfTxInf><PmtId><EndToEndId>${no}</EndToEndId></PmtId><Amt><InstdAmt Ccy="CNY">${amount}</InstdAmt></Amt><UltmtDbtr><Nm>闽江 &amp; 钢材</Nm></UltmtDbtr>` +
  `<CdtrAgt><FinInstnId><ClrSysMmbId><MmbId>102393000018</MmbId></ClrSysMmbId></FinInstnId></CdtrAgt><Cdtr><Nm>链枢贸易</Nm></Cdtr>` +
  `<CdtrAcct><Id><Othr><Id>${account}</Id></Othr></Id></CdtrAcct><Purp><Cd>LOAN</Cd></Purp><RmtInf><Ustrd>货款</Ustrd></RmtInf></CdtTrfTxInf></PmtInf></CstmrCdtTrfInitn></Document>`;

async function put(files: Readonly<Record<string, string>>): Promise<void> {
  const client = new ssh2.Client();
  const sftp = await new Promise<SFTPWrapper>((done, fail) => {
    client.once('ready', () => client.sftp((error, opened) => (error ? fail(error) : done(opened))));
    client.once('error', fail);
    const { port } = new URL(bank.url);
    client.connect({
      host: '127.0.0.1',
      port: Number(port),
      username: isoUser,
      privateKey: keys.hub['sftp-login.txt'] ?? '',
    });
  });
  try {
    for (const [name, content] of Object.entries(files)) {
      await new Promise<void>((done, fail) =>
        sftp.writeFile(`${name}.part`, content, (error) => (error ? fail(error) : done())),
      );
      await new Promise<void>((done, fail) =>
        sftp.rename(`${name}.part`, name, (error) => (error ? fail(error) : done())),
      );
    }
  } finally {
    client.end();
  }
}
const act = async (name: string, args: object = {}) => {
  const answer = await fetch(`${bank.control}/_twin/acts/${name}`, { method: 'POST', body: JSON.stringify(args) });
  expect(answer.status).toBe(200);
};
const effects = async () =>
  ((await (await fetch(`${bank.control}/_twin/effects`)).json()) as { kind: string; number: string }[]).map(
    ({ kind, number }) => `${kind} ${number}`,
  );
const said = () => readdirSync(join(home, 'exchange', 'in')).sort();
const text = (name: string) => readFileSync(join(home, 'exchange', 'in', name), 'utf8');
const codes = (name: string) => [...text(name).matchAll(/<(?:GrpSts|TxSts|Cd)>(\w+)</g)].map(([, code]) => code);

test('an order is received, accepted and paid, each told in a file of its own; the day is closed with a companion', async () => {
  await put({ '/out/a.xml': order('PI-1') });
  await act('settle', { instructionNo: 'PI-1' });
  await act('closeDay');
  await act('finishDay', { on: '2026-11-23', sequence: 1 });
  const statement = `camt.053_${funder.account.accountNo}_20261123_01.xml`;
  const status = ['pain.002_M-PI-1_01.xml', 'pain.002_M-PI-1_02.xml', 'pain.002_M-PI-1_03.xml'];
  expect(said()).toEqual([statement, `${statement}.ok`, 'camt.054_PI-1_01.xml', ...status]);
  expect(status.map((name) => codes(name)[0])).toEqual(['RCVD', 'ACCP', 'ACSC']);
  const sha256 = createHash('sha256').update(text(statement)).digest('hex');
  expect(text(`${statement}.ok`)).toBe(`${statement}|${Buffer.byteLength(text(statement))}|${sha256}\n`);
  expect(await effects()).toEqual(['received PI-1', 'disbursed PI-1']);
});

test('a file that is half written is not read, and the day is closed in two steps', async () => {
  await put({ '/out/a.xml': order('PI-1') });
  await act('settle', { instructionNo: 'PI-1' });
  await act('closeDay');
  const [half = ''] = said().filter((name) => name.startsWith('camt.053'));
  expect(said()).not.toContain(`${half}.ok`);
  expect(text(half)).not.toContain('</Document>');
});

test.each([
  ['the same order in another file', order('PI-1'), 'AM05'],
  ['another amount under the same number', order('PI-1', '11.00', 'M-2'), 'AM05'],
  ['a control sum that is not the amount', order('PI-2').replace('<CtrlSum>10.00', '<CtrlSum>10.01'), 'AM10'],
  ['two payments counted', order('PI-2').replace('<NbOfTxs>1', '<NbOfTxs>2'), 'FF01'],
  ['another currency', order('PI-2').replace('CNY', 'USD'), 'AM03'],
  ['an amount with three decimals', order('PI-2', '10.000'), 'AM09'],
  ['another account to pay from', order('PI-2').replace(funder.account.accountNo, '1'), 'AC01'],
  ['no XML', 'x', 'FF01'],
  ['entities', order('PI-2').replace('?>', '?><!DOCTYPE a>'), 'FF01'],
  ['another message', order('PI-2').replace('pain.001.001.09', 'pain.001.001.03'), 'FF01'],
])('%s is refused', async (_what, document, reason) => {
  await put({ '/out/a.xml': order('PI-1') });
  await act('settle', { instructionNo: 'PI-1' });
  const before = said();
  await put({ '/out/b.xml': document });
  await act('collect');
  const [told = ''] = said().filter((name) => !before.includes(name));
  expect(codes(told)).toEqual(expect.arrayContaining(['RJCT', reason]));
  expect((await effects()).filter((line) => line.startsWith('disbursed'))).toEqual(['disbursed PI-1']);
});

test('magic values: no funds, no account, returned, examined, and a payee whose bank sends it back', async () => {
  const wishes = { A: '1000.02', B: '1000.04', C: '1000.03', D: '1000.05' };
  for (const [no, amount] of Object.entries(wishes)) await put({ [`/out/${no}.xml`]: order(no, amount) });
  await put({ '/out/E.xml': order('E', '10.00', 'M-E', '4100020000009999') });
  for (const instructionNo of [...Object.keys(wishes), 'E']) await act('settle', { instructionNo });
  expect(codes('pain.002_M-A_02.xml')).toEqual(['RJCT', 'RJCT', 'AM04']);
  expect(codes('pain.002_M-B_02.xml')).toEqual(['RJCT', 'RJCT', 'AC01']);
  expect(codes('pain.002_M-D_02.xml')).toEqual(['PDNG', 'PDNG']);
  const state = (await (await fetch(`${bank.control}/_twin/state`)).json()) as {
    acts: { act: string; args: object }[];
  };
  expect(state.acts.filter(({ act: name }) => name === 'bounce').map(({ args }) => args)).toEqual([
    { instructionNo: 'C' },
    { instructionNo: 'E' },
  ]);
  await act('bounce', { instructionNo: 'C' });
  expect(text('camt.054_C_02.xml')).toContain('<RtrInf><Rsn><Cd>AC04</Cd></Rsn>');
});

test('by itself it looks, pays and closes; what came before a restart is paid once', async () => {
  await put({ '/out/a.xml': order('PI-1') });
  await bank.stop();
  await start(new Clock({ realMs: Date.now(), businessMs: Date.parse('2026-11-23T09:00:00+08:00'), speed: 100_000 }));
  for (let tries = 0; tries < 100 && !said().some((name) => name.endsWith('.ok')); tries += 1)
    await new Promise((done) => setTimeout(done, 50));
  expect(said().filter((name) => name.endsWith('.ok'))).toHaveLength(1);
  expect(await effects()).toEqual(['received PI-1', 'disbursed PI-1']);
});
