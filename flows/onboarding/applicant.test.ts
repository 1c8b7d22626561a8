/** Numbers of attempts, and what of a refusal is an answer. */
import { expect, test } from '@jest/globals';
import { Failure } from '../../contracts/failures.ts';
import { attemptNo, nobody, refusedAs, type Profile } from './applicant.ts';

const profile = { registrationNo: 'RG0001-LOW' } as Profile;

test('each attempt of a profile has a number of its own, and the first one ends as the profile’s does', () => {
  const numbers = [1, 2, 3].map((attempt) => attemptNo('VF', 'CASE-20261123-000001', profile, attempt));
  expect(numbers).toEqual([
    'VF20261123-000001-RG0001-LOW',
    'VF20261123-000001-RG0001-LOW.2',
    'VF20261123-000001-RG0001-LOW.3',
  ]);
});

test('the longest number that a company may choose still fits', () => {
  const longest = { registrationNo: 'R'.repeat(20) } as Profile;
  const proof = attemptNo('VA', 'CASE-20261123-000001', longest, 9);
  expect(`${proof}-${'T'.repeat(20)}`.length).toBeLessThanOrEqual(64);
});

test('only the refusals that are named are answers', () => {
  const answer = refusedAs(['NOT_ALLOWED'], ({ message }) => message);
  expect(answer(new Failure('NOT_ALLOWED', { detail: 'no' }))).toBe('no');
  expect(() => answer(new Failure('INTERNAL'))).toThrow();
  expect(nobody(new Failure('DEADLINE_PASSED'))).toBeUndefined();
  expect(() => nobody(new Error('a bug'))).toThrow('a bug');
});
