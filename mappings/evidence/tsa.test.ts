import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { isFailure } from '../../contracts/failures.ts';
import { acceptTsaStatus, stampedOf, tsaFailures, tsaRequestOf, tsaStatuses } from './tsa.ts';

const golden = { request: tsaRequestOf, stamped: stampedOf, 'stamped.plain': stampedOf } as const;

test.each(Object.entries(golden))('the golden example of %s maps as written down', (name, map) => {
  const { from, to } = example(name);
  expect(map(from as never)).toEqual(to);
});

describe('every row of the tables', () => {
  test.each(Object.entries(tsaStatuses.rows))('status %s is %s', (status, row) => {
    expect(failureIn(() => acceptTsaStatus({ status }))).toBe(row === 'granted' ? undefined : row);
  });

  test.each(Object.entries(tsaFailures.rows))('failure bit %s is %s', (failure, row) => {
    expect(failureIn(() => acceptTsaStatus({ status: '2', failure }))).toBe(row);
  });
});

test('what is not in the tables is unknown', () => {
  for (const status of ['6', '00', '20'])
    expect(failureIn(() => acceptTsaStatus({ status }))).toBe('EXT_CODE_UNMAPPED');
  for (const failure of ['1', '9', '26'])
    expect(failureIn(() => acceptTsaStatus({ status: '2', failure }))).toBe('EXT_CODE_UNMAPPED');
});

test.each(['20261123010000', '20261123090000+0800', '20261123010000.50Z', '20261399010000Z', '261123010000Z'])(
  'a time of the form %s is none',
  (genTime) => {
    expect(failureIn(() => stampedOf({ ...example('stamped.plain').from, genTime } as never))).toBe(
      'CONTRACT_VIOLATED',
    );
  },
);

function example(name: string): { from: Record<string, unknown>; to: unknown } {
  const file = new URL(`examples/tsa.${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(file, 'utf8')) as { from: Record<string, unknown>; to: unknown };
}

function failureIn(act: () => unknown): string | undefined {
  try {
    act();
  } catch (thrown) {
    return isFailure(thrown) ? thrown.type : String(thrown);
  }
  return undefined;
}
