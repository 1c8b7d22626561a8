import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { parseStringPromise } from 'xml2js';
import { answerText, hasTimePrefix, isTaken, noticeForm, readRequest, time17, txCodeOf } from './cpcnWire.ts';

interface Vector {
  readonly privateKey: readonly string[];
  readonly publicKey: readonly string[];
  readonly request: { readonly xml: string; readonly base64: string; readonly signature: string };
}
const vector = JSON.parse(readFileSync(new URL('../../test/vectors/cpcn.json', import.meta.url), 'utf8')) as Vector;
const [privateKey, publicKey] = [vector.privateKey.join('\n'), vector.publicKey.join('\n')];

test.each([
  ['as made by OpenSSL', vector.request.base64, vector.request.signature, true],
  ['in lower case', vector.request.base64, vector.request.signature.toLowerCase(), true],
  ['over the base64 instead of the XML', vector.request.base64, '00'.repeat(128), false],
  [
    'over other bytes',
    Buffer.from(vector.request.xml.replace('001RP', '002RP')).toString('base64'),
    vector.request.signature,
    false,
  ],
  ['that is missing', vector.request.base64, '', false],
])('a signature %s is judged', async (_, message, signature, authentic) => {
  const request = await readRequest(Buffer.from(new URLSearchParams({ message, signature }).toString()), publicKey);
  expect(request).toMatchObject({ authentic, txCode: '5016' });
});

test.each([
  '',
  'message=',
  'message=%%%',
  'message=PGE+',
  `message=${encodeURIComponent(Buffer.from('<Request/>').toString('base64'))}`,
])('"%s" is no request', async (form) => expect(await readRequest(Buffer.from(form), publicKey)).toBeUndefined());

test('the transaction code is seen without judging anything', () => {
  expect(txCodeOf(Buffer.from(new URLSearchParams({ message: vector.request.base64 }).toString()))).toBe('5016');
  expect(txCodeOf(Buffer.from('noise'))).toBeUndefined();
});

test('an answer is base64 and hex; a notice is two form fields; both are signed alike', async () => {
  const [base64 = '', hex = ''] = answerText({ Code: '2000', Message: 'OK.' }, { Status: '10' }, privateKey).split(',');
  expect(await parseStringPromise(Buffer.from(base64, 'base64').toString(), { explicitArray: false })).toMatchObject({
    Response: { Head: { Code: '2000' }, Body: { Status: '10' } },
  });
  expect(hex).toMatch(/^[0-9A-F]{256}$/);
  expect(await readRequest(Buffer.from(noticeForm('5018', { TxSN: '1' }, privateKey)), publicKey)).toMatchObject({
    authentic: true,
    txCode: '5018',
  });
});

test.each([
  ['<Response><Head><Code>2000</Code></Head></Response>', true],
  ['<Response><Head><Code>2001</Code></Head></Response>', false],
  ['OK', false],
  ['', false],
])('the reply %s to a notice means taken: %s', async (xml, taken) => {
  expect(await isTaken(Buffer.from(Buffer.from(xml).toString('base64')))).toBe(taken);
});

test('seventeen digits are a time or they are not', () => {
  expect(['20261123000000001RP', '20261123235959999A'].every(hasTimePrefix)).toBe(true);
  expect(
    ['20261323000000001RP', '20260230000000001RP', '2026112324000000RP', 'RP20261123000000001', ''].some(hasTimePrefix),
  ).toBe(false);
  expect(time17(new Date('2026-11-23T17:30:00Z'))).toBe('20261124013000000');
});
