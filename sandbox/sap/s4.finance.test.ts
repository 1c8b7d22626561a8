import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Clock } from '../clock.ts';
import { startTwin, type RunningTwin } from '../twin.ts';
import { sapS4 } from './s4.twin.ts';

const folder = mkdtempSync(join(tmpdir(), 'lianshu-s4-finance-'));
const keys = sapS4.enrol().twin;
const authorization = `Basic ${Buffer.from(`LIANSHU_RFC:${keys['rfc-password.txt'] ?? ''}`).toString('base64')}`;
let s4: RunningTwin;

beforeAll(async () => {
  const clock = new Clock({ realMs: Date.now(), businessMs: Date.parse('2026-11-23T09:00:00+08:00'), speed: 1 });
  s4 = await startTwin(sapS4, { folder, port: 0, hubUrl: 'http://127.0.0.1:1/in/sap-s4', clock, keys });
});

afterAll(async () => {
  await s4.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function call(name: string, parameters = '', headers: Record<string, string> = {}) {
  const rfc = `<rfc:${name} xmlns:rfc="urn:sap-com:document:sap:rfc:functions">${parameters}</rfc:${name}>`;
  const answer = await fetch(`${s4.url}/sap/bc/soap/rfc?sap-client=100`, {
    method: 'POST',
    headers: { 'content-type': 'text/xml; charset=utf-8', authorization, ...headers },
    body: `<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body>${rfc}</e:Body></e:Envelope>`,
  });
  const cookie = answer.headers.get('set-cookie')?.split(';')[0] ?? '';
  return { status: answer.status, text: await answer.text(), cookie };
}

const document = (no: string, amount = '10.00', customer = '0000017101') =>
  `<DOCUMENTHEADER><BUS_ACT>RFBU</BUS_ACT><HEADER_TXT>${no}</HEADER_TXT><COMP_CODE>1000</COMP_CODE><PSTNG_DATE>2026-11-23</PSTNG_DATE><DOC_TYPE>DZ</DOC_TYPE><REF_DOC_NO>${no}</REF_DOC_NO></DOCUMENTHEADER><ACCOUNTRECEIVABLE><item><CUSTOMER>${customer}</CUSTOMER><ALLOC_NMBR>1800000001</ALLOC_NMBR></item></ACCOUNTRECEIVABLE><CURRENCYAMOUNT><item><CURRENCY>CNY</CURRENCY><AMT_DOCCUR>${amount}</AMT_DOCCUR></item><item><CURRENCY>CNY</CURRENCY><AMT_DOCCUR>-${amount}</AMT_DOCCUR></item></CURRENCYAMOUNT><RETURN/>`;
const found = async (no: string) => {
  const { text } = await call(
    'RFC_READ_TABLE',
    `<QUERY_TABLE>BKPF</QUERY_TABLE><DELIMITER>|</DELIMITER><OPTIONS><item><TEXT>XBLNR = '${no}'</TEXT></item></OPTIONS><FIELDS><item><FIELDNAME>BELNR</FIELDNAME></item></FIELDS><DATA/>`,
  );
  return (text.match(/<WA>/g) ?? []).length;
};
const opened = { session_mode: '1' };

test('what one session posted another cannot commit, though it is told that it went well', async () => {
  const first = await call('BAPI_ACC_DOCUMENT_POST', document('R1'), opened);
  expect(first.text).toContain('<OBJ_TYPE>BKPFF</OBJ_TYPE>');
  const stateless = await call('BAPI_TRANSACTION_COMMIT', '<WAIT>X</WAIT>');
  const other = await call('BAPI_TRANSACTION_COMMIT', '<WAIT>X</WAIT>', opened);
  for (const { status, text } of [stateless, other]) {
    expect(status).toBe(200);
    expect(text).toContain('<RETURN></RETURN>');
  }
  expect(other.cookie).not.toBe(first.cookie);
  expect(await found('R1')).toBe(0);
  await call('BAPI_TRANSACTION_COMMIT', '<WAIT>X</WAIT>', { session_mode: '2', cookie: first.cookie });
  expect(await found('R1')).toBe(1);
});

test('a session that was ended is not found any more', async () => {
  const { cookie } = await call('BAPI_ACC_DOCUMENT_POST', document('R2'), opened);
  await call('BAPI_TRANSACTION_ROLLBACK', '', { session_mode: '2', cookie });
  const late = await call('BAPI_TRANSACTION_COMMIT', '<WAIT>X</WAIT>', { ...opened, cookie });
  expect([late.status, await found('R2')]).toEqual([400, 0]);
});

test('one reference twice is two documents: SAP does not look at it', async () => {
  for (const _ of [1, 2]) {
    const { cookie } = await call('BAPI_ACC_DOCUMENT_POST', document('R3'), opened);
    await call('BAPI_TRANSACTION_COMMIT', '<WAIT>X</WAIT>', { session_mode: '2', cookie });
  }
  expect(await found('R3')).toBe(2);
});

test.each([
  ['a customer of nobody', document('R4', '1.00', '0000099999'), '104'],
  ['a reference of seventeen characters', document('R2345678901234567'), '349'],
  ['a sum that is not nothing', document('R4').replace('-10.00', '-9.99'), '702'],
])('%s is an error in RETURN with HTTP 200', async (_, parameters, number) => {
  const { status, text } = await call('BAPI_ACC_DOCUMENT_POST', parameters, opened);
  expect(status).toBe(200);
  expect(text).toContain(`<NUMBER>${number}</NUMBER>`);
  expect(text).toContain('<OBJ_KEY></OBJ_KEY>');
});

test('RFC_READ_TABLE raises for a table or a condition that it does not have', async () => {
  const ask = (table: string, text: string) =>
    call(
      'RFC_READ_TABLE',
      `<QUERY_TABLE>${table}</QUERY_TABLE><OPTIONS><item><TEXT>${text}</TEXT></item></OPTIONS><FIELDS/><DATA/>`,
    );
  expect((await ask('KNA1', "A = '1'")).text).toContain('<Name>TABLE_NOT_AVAILABLE</Name>');
  expect((await ask('BKPF', 'XBLNR LIKE 1')).text).toContain('<Name>OPTION_NOT_VALID</Name>');
  expect((await ask('BKPF', `XBLNR = '${'9'.repeat(70)}'`)).text).toContain('<Name>OPTION_NOT_VALID</Name>');
});

test('STFC_STRUCTURE echoes, and names with slashes travel as _-', async () => {
  const { text } = await call('STFC_STRUCTURE', '<IMPORTSTRUCT><_-BIC_-QI6>7</_-BIC_-QI6></IMPORTSTRUCT><RFCTABLE/>');
  expect(text).toContain('<ECHOSTRUCT><_-BIC_-QI6>7</_-BIC_-QI6></ECHOSTRUCT>');
  expect(text).toContain('<RFCTABLE><item><_-BIC_-QI6>7</_-BIC_-QI6></item></RFCTABLE>');
});

test.each([
  ['4500009401', 401, 'Anmeldung'],
  ['4500009500', 500, 'Runtime error'],
  ['4500009006', 200, 'already processing'],
])('the purchase order %s answers %i', async (no, status, text) => {
  const answer = await call('BAPI_PO_GETDETAIL1', `<PURCHASEORDER>${no}</PURCHASEORDER><RETURN/>`);
  expect(answer.status).toBe(status);
  expect(answer.text).toContain(text);
});

test('OData says no in its own form, and the IDoc port in pages', async () => {
  const get = (path: string) => fetch(`${s4.url}${path}`, { headers: { authorization } });
  const missing = await get(
    "/sap/opu/odata/sap/API_BILLING_DOCUMENT_SRV/A_BillingDocument('1')?$format=json&sap-client=100",
  );
  expect([missing.status, await missing.json()]).toEqual([
    404,
    { error: { code: 'SY/530', message: { lang: 'en', value: 'Resource not found' } } },
  ]);
  const post = (body: string) =>
    fetch(`${s4.url}/sap/bc/idoc_xml?sap-client=100`, {
      method: 'POST',
      headers: { authorization, 'content-type': 'text/xml' },
      body,
    });
  for (const body of ['<', '<A/>', '<ORDERS05><IDOC><EDI_DC40><MESTYP>ORDERS</MESTYP></EDI_DC40></IDOC></ORDERS05>'])
    expect((await post(body)).status).toBe(500);
  const unknown =
    '<ALEAUD01><IDOC><EDI_DC40><MESTYP>ALEAUD</MESTYP></EDI_DC40><E1ADHDR><E1STATE><DOCNUM>0000000000009999</DOCNUM><STATUS>53</STATUS></E1STATE></E1ADHDR></IDOC></ALEAUD01>';
  expect(await (await post(unknown)).text()).toContain('<title>IDoc-XML-inbound ok</title>');
});
