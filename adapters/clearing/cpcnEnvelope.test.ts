import { createPrivateKey, createPublicKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isFailure } from '../../contracts/failures.ts';
import { formOf, openAnswer, openNotice, signatureOf, xmlOf } from './dialects/cpcnEnvelope.ts';

interface Part {
  readonly xml: string;
  readonly base64: string;
  readonly signature: string;
}
const vector = JSON.parse(readFileSync(new URL('../../test/vectors/cpcn.json', import.meta.url), 'utf8')) as {
  readonly privateKey: readonly string[];
  readonly publicKey: readonly string[];
  readonly request: Part;
  readonly answer: Part;
};
const privateKey = createPrivateKey(vector.privateKey.join('\n'));
const publicKey = createPublicKey(vector.publicKey.join('\n'));
const body = { InstitutionID: '100690', TxSN: '20261123000000001RP' };

test('the request of the vector is made byte by byte', () => {
  const xml = xmlOf({ root: 'Request', head: { TxCode: '5016' }, body });
  expect(xml.toString()).toBe(vector.request.xml);
  expect(signatureOf(Buffer.from(` \n${vector.request.xml}\n`), privateKey)).toBe(vector.request.signature);
  const { base64, signature } = vector.request;
  expect(Object.fromEntries(new URLSearchParams(formOf(xml, privateKey).toString()))).toEqual({
    message: base64,
    signature,
  });
});

describe('an answer', () => {
  const { base64, signature } = vector.answer;

  test.each([
    ['as it is', `${base64},${signature}`],
    ['in lower case, with more behind it', `${base64},${signature.toLowerCase()},more\r\n`],
    ['in lines', `${base64.replaceAll(/.{76}/g, '$&\r\n')},${signature}`],
  ])('is opened %s', (_, text) => {
    expect(openAnswer(Buffer.from(text), () => publicKey)).toEqual({
      root: 'Response',
      head: { Code: 'X004', Message: 'no such transaction' },
      body,
    });
  });

  test.each([
    ['another message', `${vector.request.base64},${signature}`],
    ['no signature', base64],
    ['an empty signature', `${base64},`],
    ['half a signature', `${base64},${signature.slice(2)}`],
    ['a message that is not base64', `${base64.replace('P', '-')},${signature}`],
    ['a page', '<html><body>502</body></html>'],
    ['nothing', ''],
  ])('with %s proves nothing', (_, text) => {
    expect(failureIn(() => openAnswer(Buffer.from(text), () => publicKey))).toBe('ANSWER_UNVERIFIED');
  });

  test('that is signed but cannot be read is unknown', () => {
    const odd = [
      '<Response><Head>',
      '<Request><Head/></Request>',
      '<Response><Head/><Body><A>1</A><A>2</A></Body></Response>',
    ];
    for (const text of odd) {
      const xml = Buffer.from(text);
      const answer = Buffer.from(`${xml.toString('base64')},${signatureOf(xml, privateKey)}`);
      expect(failureIn(() => openAnswer(answer, () => publicKey))).toBe('OUTCOME_UNKNOWN');
    }
  });

  test('with any byte changed is not taken', () => {
    const whole = Buffer.from(`${base64},${signature}`);
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.nat(255), (at, byte) => {
        const bytes = Buffer.from(whole);
        bytes[at] = byte;
        const failure = failureIn(() => openAnswer(bytes, () => publicKey));
        // A letter of the hex may change its case, the rest of base64 its meaningless bits: then nothing has changed.
        if (failure === 'none') expect(openAnswer(bytes, () => publicKey)).toEqual(openAnswer(whole, () => publicKey));
        else expect(failure).toBe('ANSWER_UNVERIFIED');
      }),
    );
  });
});

describe('a notice', () => {
  const form = (part: Part) => new URLSearchParams({ message: part.base64, signature: part.signature }).toString();

  test('is opened', () => {
    expect(openNotice(Buffer.from(form(vector.request)), () => publicKey)).toEqual({
      root: 'Request',
      head: { TxCode: '5016' },
      body,
    });
  });

  test.each([
    [
      'a signature over something else',
      form({ ...vector.request, signature: vector.answer.signature }),
      'SIGNATURE_MISMATCH',
    ],
    ['two messages', `${form(vector.request)}&message=x`, 'BODY_MALFORMED'],
    ['no signature', 'message=x', 'BODY_MALFORMED'],
    ['nothing', '', 'BODY_MALFORMED'],
    ['an answer in place of a notice', form(vector.answer), 'BODY_MALFORMED'],
  ])('with %s is refused', (_, text, type) => {
    expect(failureIn(() => openNotice(Buffer.from(text), () => publicKey))).toBe(type);
  });
});

function failureIn(act: () => unknown): string {
  try {
    act();
    return 'none';
  } catch (thrown) {
    return isFailure(thrown) ? thrown.type : `a bug: ${String(thrown)}`;
  }
}
