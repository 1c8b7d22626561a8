/** The form of FLUX and its signature, against a vector made with another tool (openssl). */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isFailure } from '../../../contracts/failures.ts';
import { fluxFields, fluxForm, fluxSign, isFluxSigned } from './fluxForm.ts';

test('signs as the vector says', () => {
  expect(fluxSign('{"xmldata":{"header":[]}}', 'sec')).toBe('NmZlYzc3NDJmZTAyYmIwNjdlZGUxNjAxZGRmMTc4OTU%3D');
});

test('what is sent is read again as it was, whatever the data, and its signature holds', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ minLength: 1 }), (data, secret) => {
      fc.pre(data.isWellFormed() && secret.isWellFormed());
      const fields = fluxFields(fluxForm({ method: 'putASNData', appkey: 'a+b & c' }, data, secret));
      expect({ ...fields, sign: '' }).toEqual({ method: 'putASNData', appkey: 'a+b & c', data, sign: '' });
      expect(isFluxSigned(fields, secret)).toBe(true);
      expect(isFluxSigned(fields, `${secret}x`)).toBe(false);
      expect(isFluxSigned({ ...fields, data: `${data} ` }, secret)).toBe(false);
    }),
  );
});

test('the signature is encoded once', () => {
  const form = fluxForm({}, '{}', 's').toString();
  expect(form).toContain(`&sign=${fluxSign('{}', 's')}`);
  expect(new URLSearchParams(form).get('sign')).toMatch(/^[A-Za-z0-9]+=$/);
});

test.each([
  ['a field twice', 'data=1&data=2'],
  ['a broken escape', 'data=%E4%B8'],
  ['bytes that were never encoded', Buffer.from('data=\u94a2', 'utf8').toString('latin1')],
  ['fields without end', Array.from({ length: 30 }, (_, no) => `f${no}=`).join('&')],
])('a form with %s is refused', (_, body) => {
  try {
    fluxFields(Buffer.from(body, 'latin1'));
    expect('taken').toBe('refused');
  } catch (thrown) {
    expect(isFailure(thrown) && thrown.type).toBe('BODY_MALFORMED');
  }
});

test('a form without data and sign is unsigned, and a field may be called __proto__', () => {
  expect(isFluxSigned(fluxFields(Buffer.from('')), 's')).toBe(false);
  expect(Object.keys(fluxFields(Buffer.from('__proto__=1')))).toEqual(['__proto__']);
});
