/** The 外联平台 as a customer's program meets it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import iconv from 'iconv-lite';
import { Clock } from '../clock.ts';
import { startTwin, type RunningTwin } from '../twin.ts';
import { funder, unit } from '../world.ts';
import { bankCcb } from './ccb.twin.ts';

const keys = bankCcb.enrol();
const folder = mkdtempSync(join(tmpdir(), 'lianshu-twin-'));
const clock = new Clock({ realMs: Date.now(), businessMs: Date.parse('2026-11-23T09:00:00+08:00'), speed: 1 });
let twin: RunningTwin;
beforeAll(async () => {
  twin = await startTwin(bankCcb, { folder, port: 0, hubUrl: 'http://127.0.0.1:1', clock, keys: keys.twin });
});
afterAll(async () => {
  await twin.stop();
  rmSync(folder, { recursive: true, force: true });
});

const tx = (code: string, info: string, change: { sn?: string; password?: string; customer?: string } = {}) =>
  `<?xml version="1.0" encoding="GB2312" standalone="yes" ?><TX><REQUEST_SN>${change.sn ?? '2611230000011609'}</REQUEST_SN>` +
  `<CUST_ID>${change.customer ?? 'SZP000000001#002'}</CUST_ID><USER_ID>WLPT01</USER_ID>` +
  `<PASSWORD>${change.password ?? keys.hub['password.txt']}</PASSWORD><TX_CODE>${code}</TX_CODE><LANGUAGE>CN</LANGUAGE>` +
  `<TX_INFO>${info}</TX_INFO><SIGN_INFO/><SIGNCERT/></TX>`;

async function ask(xml: string): Promise<{ status: number; code: string; xml: string }> {
  const bytes = iconv.encode(xml, 'gbk');
  const body = `requestXml=${[...bytes].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('')}`;
  const answer = await fetch(`${twin.url}/`, { method: 'POST', body });
  const text = iconv.decode(Buffer.from(await answer.arrayBuffer()), 'gb18030');
  return { status: answer.status, code: /<RETURN_CODE>(\w+)/.exec(text)?.[1] ?? '', xml: text };
}

const transfer =
  `<PAY_ACCNO>${funder.account.accountNo}</PAY_ACCNO><RECV_ACCNO>${unit.account.accountNo}</RECV_ACCNO>` +
  `<RECV_ACC_NAME>${unit.name}</RECV_ACC_NAME><CHK_RECVNAME>1</CHK_RECVNAME><AMOUNT>1.00</AMOUNT>` +
  `<CUR_TYPE>01</CUR_TYPE><USEOF>货款</USEOF><REM1>PI20261123-000001</REM1>`;

test('a transfer is taken once under its request number, and found under it', async () => {
  const first = await ask(tx('6W8020', transfer));
  expect(first).toMatchObject({ status: 200, code: '000000' });
  expect(first.xml).toMatch(
    /^<\?xml version="1\.0" encoding="GB18030" standalone="yes"\?><TX><REQUEST_SN>2611230000011609</,
  );
  expect((await ask(tx('6W8020', transfer))).code).toBe('X130Z0000002');
  const asking = (sn: string) => tx('6W0600', `<REQUEST_SN1>${sn}</REQUEST_SN1>`, { sn: '2611230000019901' });
  expect((await ask(asking('2611230000011609'))).xml).toContain('<DEAL_RESULT>9</DEAL_RESULT>');
  expect((await ask(asking('2611230000021609'))).code).toBe('X130Z0000001');
});

test.each([
  ['another customer', tx('6W8020', transfer, { customer: 'SZP9' }), '0130Z1101004'],
  ['another password', tx('6W8020', transfer, { password: 'x' }), '0130Z0100004'],
  ['a number that is none', tx('6W8020', transfer, { sn: '1' }), '0130Z1101003'],
  ['nothing of what is due', tx('6W8020', '', { sn: '2611230000051609' }), '0130Z1101001'],
  [
    'another name of the payee',
    tx('6W8020', transfer.replace(unit.name, '别人'), { sn: '2611230000061609' }),
    '0130Z0100005',
  ],
  ['another transaction', tx('6W2100', ''), '0130Z1101002'],
  [
    'a second page without the position of the first',
    tx(
      '6WY101',
      `<ACCNO1>${unit.account.accountNo}</ACCNO1><STARTDATE>20261123</STARTDATE><ENDDATE>20261123</ENDDATE><PAGE>2</PAGE>`,
    ),
    '0130Z1101003',
  ],
])('%s is refused', async (_what, xml, code) => {
  expect((await ask(xml)).code).toBe(code);
});

test('what is no transaction is no transaction', async () => {
  expect((await ask('TX')).status).toBe(400);
});
