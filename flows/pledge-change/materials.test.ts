/** What may be taken in exchange. */
import { expect, test } from '@jest/globals';
import { classOf, isCertificateFresh, thousandths } from './materials.ts';

test('rebar and coil are one class of goods, nickel is another', () => {
  expect(classOf('HRB400E-12')).toBe(classOf('HRC-Q235B-3'));
  expect(classOf('NI-9996-CATH')).not.toBe(classOf('HRB400E-12'));
  expect(classOf('XYZ-1')).toBe('XYZ');
});

test('a certificate of quality is good for a hundred and eighty days, and never from tomorrow', () => {
  expect(isCertificateFresh('2026-11-22', '2026-11-22')).toBe(true);
  expect(isCertificateFresh('2026-05-26', '2026-11-22')).toBe(true);
  expect(isCertificateFresh('2026-05-25', '2026-11-22')).toBe(false);
  expect(isCertificateFresh('2026-11-23', '2026-11-22')).toBe(false);
});

test('quantities are counted in thousandths, exactly', () => {
  expect(thousandths('1200.500')).toBe(1_200_500n);
});
