import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isPersonId, personIdCheckDigit } from './personId.ts';

// The two examples of GB 11643-1999 itself.
const examples = ['11010519491231002X', '440524188001010014'];

test.each(examples)('%s is a resident identity number', (idNo) => {
  expect(isPersonId(idNo)).toBe(true);
});

test.each([
  ['a wrong check digit', '110105194912310021'],
  ['a small x', '11010519491231002x'],
  ['fifteen digits', '110105491231002'],
  ['a day that is none', '11010519490231002X'],
  ['a leading nought', '01010519491231002X'],
  ['full-width digits', '１1010519491231002X'],
  ['nothing', ''],
])('%s makes none', (_, idNo) => {
  expect(isPersonId(idNo)).toBe(false);
});

test('a 29 February is a day in leap years only', () => {
  const of = (first17: string) => first17 + personIdCheckDigit(first17);
  expect(isPersonId(of('11010520000229001'))).toBe(true);
  expect(isPersonId(of('11010519000229001'))).toBe(false);
});

test('any one character that is changed, and any two neighbours that change places, are noticed', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...examples),
      fc.nat({ max: 17 }),
      fc.constantFrom(...'0123456789X'.split('')),
      (idNo, at, symbol) => {
        const changed = idNo.slice(0, at) + symbol + idNo.slice(at + 1);
        expect(isPersonId(changed)).toBe(changed === idNo);
        const swapped = at < 17 ? idNo.slice(0, at) + idNo[at + 1] + idNo[at] + idNo.slice(at + 2) : idNo;
        expect(isPersonId(swapped)).toBe(swapped === idNo);
      },
    ),
    { numRuns: 500 },
  );
});
