import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import {
  failureOf,
  flowStatuses,
  flowStatusOf,
  isFlowMissing,
  refusalCodes,
  signResults,
  titleTag,
  toEnvelopeFinished,
  toSignerActed,
  toTsignFlow,
} from './tsign.ts';

test.each([
  ['tsign.start.json', toTsignFlow],
  ['tsign.signer-acted.json', toSignerActed],
  ['tsign.envelope-finished.json', toEnvelopeFinished],
])('%s is mapped as the example says', (file, map) => {
  const { from, to } = JSON.parse(readFileSync(new URL(`examples/${file}`, import.meta.url), 'utf8')) as {
    from: unknown;
    to: unknown;
  };
  expect((map as (source: unknown) => unknown)(from)).toEqual(to);
});

describe('flow statuses', () => {
  test.each(Object.entries(flowStatuses.rows))('%s is %s', (status, ours) => {
    expect(flowStatusOf(Number(status))).toBe(ours);
    const finished = toEnvelopeFinished({ envelopeNo: 'E', vendorFlowId: 'f', status: Number(status), atMs: 0 });
    expect(finished.status).toBe(ours);
  });

  test.each([4, 6, 8, -1, 99])('%s has no mapping and is no success', (status) => {
    expect(() => flowStatusOf(status)).toThrow(
      expect.objectContaining({ type: 'EXT_CODE_UNMAPPED', externalCode: String(status) }),
    );
  });
});

describe('sign results', () => {
  const told = (signResult: number) => ({
    envelopeNo: 'E',
    told: { signFlowId: 'f', signOrder: 1, operateTime: 0, signResult, organization: { orgName: '甲公司' } },
  });

  test.each(Object.entries(signResults.rows))('%s is %s', (result, ours) => {
    expect(toSignerActed(told(Number(result))).result).toBe(ours);
  });

  test.each([0, 1, 3, 5])('%s has no mapping', (result) => {
    expect(() => toSignerActed(told(result))).toThrow(expect.objectContaining({ type: 'EXT_CODE_UNMAPPED' }));
  });
});

describe('codes', () => {
  test.each(Object.entries(refusalCodes.rows))('%s is %s', (code, type) => {
    expect(failureOf(Number(code), 'text')).toMatchObject({ type, externalCode: code });
  });

  test.each([1, 500, 1_435_999, -1])('%s has no mapping', (code) => {
    expect(failureOf(code, undefined)).toMatchObject({ type: 'EXT_CODE_UNMAPPED', externalCode: String(code) });
  });

  test('only 1435011 says that there is no such flow', () => {
    expect([isFlowMissing('1435011'), isFlowMissing('1435002'), isFlowMissing(undefined)]).toEqual([
      true,
      false,
      false,
    ]);
  });
});

test('what may not stand in a title is replaced there, and the number stays whole in the fields', () => {
  const { from } = JSON.parse(readFileSync(new URL('examples/tsign.start.json', import.meta.url), 'utf8')) as {
    from: Parameters<typeof toTsignFlow>[0];
  };
  const flow = toTsignFlow({
    ...from,
    envelope: { ...from.envelope, envelopeNo: 'APP/1:contract', title: 'a<b>"c"|d？ 🎉' },
  });
  expect(flow.signFlowConfig.signFlowTitle).toBe('a-b--c--d- - APP-1-contract');
  expect(flow.signFlowConfig.signFlowTitle.endsWith(titleTag('APP/1:contract'))).toBe(true);
  expect(flow.signers[0]?.signFields[0]?.customBizNum).toBe('APP/1:contract');
  expect(flow.signFlowConfig.notifyUrl).toBe(
    'https://hub.example/in/esign-tsign/callback?envelopeNo=APP%2F1%3Acontract',
  );
});
