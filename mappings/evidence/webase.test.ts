import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { anchorConflict } from '../../contracts/evidence/webase.wire.ts';
import { isFailure } from '../../contracts/failures.ts';
import { integersIn, revertReason, stringInCall } from './abi.ts';
import {
  anchoredOf,
  anchorEntryOf,
  anchorInvocationOf,
  anchorReturnOf,
  frontFailure,
  webaseFrontCodes,
  webaseReverts,
  webaseStatuses,
} from './webase.ts';

const golden = { invocation: anchorInvocationOf, return: anchorReturnOf, anchored: anchoredOf } as const;

test.each(Object.entries(golden))('the golden example of %s maps as written down', (name, map) => {
  const { from, to } = example(name);
  expect(map(from as never)).toEqual(to);
});

describe('every row of the code tables', () => {
  test.each(Object.entries(webaseStatuses.rows))('receipt status %s is %s', (status, type) => {
    expect(failureIn(() => anchorReturnOf(receipt(status)))).toBe(type);
  });

  test.each(Object.entries(webaseReverts.rows))('the revert "%s" is %s', (reason, type) => {
    expect(failureIn(() => anchorReturnOf({ ...receipt('0x16'), output: revert(reason) }))).toBe(type);
    expect(failureIn(() => anchorReturnOf({ ...receipt('0x16'), output: revert(reason, 'c703cb12') }))).toBe(type);
  });

  test.each(Object.entries(webaseFrontCodes.rows))('front code %s is %s', (code, type) => {
    expect(frontFailure({ code: Number(code), errorMessage: 'as said' })).toMatchObject({ type, externalCode: code });
  });
});

test('what is not in the tables is unknown, never success and never a plain no', () => {
  for (const status of ['0xc', '0x1', '0x0 ', '0', 'constructor']) {
    expect(failureIn(() => anchorReturnOf(receipt(status)))).toBe('EXT_CODE_UNMAPPED');
  }
  expect(frontFailure({ code: 299999, errorMessage: null }).type).toBe('EXT_CODE_UNMAPPED');
});

test('a revert for a reason that the contract does not know is a refusal with that reason', () => {
  expect(() => anchorReturnOf({ ...receipt('0x16'), output: revert('paused 暂停') })).toThrow(/paused 暂停/);
  expect(failureIn(() => anchorReturnOf({ ...receipt('0x16'), output: '0x' }))).toBe('SYSTEM_REFUSED');
});

test('a view of defaults is no entry; a view of values is one', () => {
  expect(anchorEntryOf(['', '', '0', '0', '0'])).toBeUndefined();
  expect(anchorEntryOf(['a'.repeat(64), 'b'.repeat(64), '3', '12', '1795395600000'])).toEqual({
    blockNumber: '12',
    timestampMs: '1795395600000',
  });
});

test('a block time that is not in milliseconds is unknown, not a date in 1970', () => {
  const { from } = example('anchored');
  expect(failureIn(() => anchoredOf({ ...from, timestampMs: '1795395600' } as never))).toBe('OUTCOME_UNKNOWN');
});

describe('the ABI reader', () => {
  test('reads back any string and refuses any that is cut', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 80 }), fc.nat(), (text, cut) => {
        const whole = revert(text);
        expect(revertReason(whole)).toBe(text);
        expect(stringInCall(whole, 0)).toBe(text);
        const size = 10 + 128 + Buffer.byteLength(text) * 2;
        expect(revertReason(whole.slice(0, cut % size))).toBeUndefined();
      }),
    );
  });

  test('never throws, whatever the chain sends', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.uint8Array({ maxLength: 200 }).map((b) => `0x08c379a0${Buffer.from(b).toString('hex')}`),
        ),
        (output) => {
          revertReason(output);
          stringInCall(output, 0);
          integersIn(output, 3);
        },
      ),
    );
    expect(revertReason(`0x08c379a0${'f'.repeat(128)}`)).toBeUndefined();
    expect(integersIn('0x', 3)).toBeUndefined();
  });
});

test('the conflict is spelled as the contract spells it', () => {
  expect(Object.keys(webaseReverts.rows)).toEqual([anchorConflict]);
});

function receipt(status: string) {
  const to = '0x3d37f47620091952443a1df9c6b23a443e746beb';
  return { status, transactionHash: null, blockNumber: '0', to, output: '0x', message: 'as said' };
}

function revert(reason: string, selector = '08c379a0'): string {
  const bytes = Buffer.from(reason);
  const word = (n: number) => n.toString(16).padStart(64, '0');
  return `0x${selector}${word(32)}${word(bytes.length)}${bytes.toString('hex').padEnd(Math.ceil(bytes.length / 32) * 64, '0')}`;
}

function example(name: string): { from: Record<string, unknown>; to: unknown } {
  return JSON.parse(readFileSync(new URL(`examples/webase.${name}.json`, import.meta.url), 'utf8')) as {
    from: Record<string, unknown>;
    to: unknown;
  };
}

function failureIn(act: () => unknown): string {
  try {
    act();
    return 'none';
  } catch (thrown) {
    return isFailure(thrown) ? thrown.type : 'a bug';
  }
}
