import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import {
  failureOf,
  isTaskMissing,
  refusalCodes,
  statusOf,
  taskStatuses,
  toEnvelopeFinished,
  toFascTask,
  toSignerActed,
} from './fasc.ts';

const example = (file: string) =>
  JSON.parse(readFileSync(new URL(`examples/${file}`, import.meta.url), 'utf8')) as { from: never; to: unknown };

test.each([
  ['fasc.start.json', toFascTask],
  ['fasc.signer-acted.json', toSignerActed],
  ['fasc.signer-acted.refused.json', toSignerActed],
  ['fasc.envelope-finished.json', toEnvelopeFinished],
  ['fasc.envelope-finished.called-off.json', toEnvelopeFinished],
  ['fasc.envelope-finished.expired.json', toEnvelopeFinished],
  ['fasc.envelope-finished.refused.json', toEnvelopeFinished],
])('%s is mapped as the example says', (file, map) => {
  const { from, to } = example(file);
  expect((map as (source: never) => unknown)(from)).toEqual(to);
});

describe('task statuses', () => {
  test.each(Object.entries(taskStatuses.rows))('%s is %s', (status, ours) => {
    expect(statusOf(status, false)).toBe(ours);
  });

  test('a task that was terminated was refused, or called off when the vendor says that it was', () => {
    expect([statusOf('task_terminated', false), statusOf('task_terminated', true)]).toEqual(['refused', 'revoked']);
    expect(statusOf('task_finished', true)).toBe('completed');
  });

  test.each(['', 'finished', 'TASK_FINISHED', 'constructor'])('%j has no mapping and is no success', (status) => {
    expect(() => statusOf(status, false)).toThrow(expect.objectContaining({ type: 'EXT_CODE_UNMAPPED' }));
  });
});

test.each(Object.entries(refusalCodes.rows))('the code %s is %s', (code, type) => {
  expect(failureOf(code, 'text')).toMatchObject({ type, externalCode: code });
});

test.each(['1', '999999', '100000 ', 'toString'])('the code %j has no mapping', (code) => {
  expect(failureOf(code, undefined)).toMatchObject({ type: 'EXT_CODE_UNMAPPED', externalCode: code });
});

test('only 300001 says that there is no such task', () => {
  expect([isTaskMissing('300001'), isTaskMissing('100002'), isTaskMissing(undefined)]).toEqual([true, false, false]);
});

test.each(['', 'doc-1', 'signer-', 'signer-123', 'signer-0'])('an event of participant %j is of nobody', (actorId) => {
  const { from } = example('fasc.signer-acted.json') as { from: { told: object } };
  const told = { ...from, told: { ...from.told, actorId } } as never;
  expect(() => toSignerActed(told)).toThrow(expect.objectContaining({ type: 'CONTRACT_VIOLATED' }));
});

test('two signers of one order, and two files of one name, cannot be told apart and are refused', () => {
  const { from } = example('fasc.start.json') as { from: { envelope: { signers: object[]; documents: object[] } } };
  const { signers, documents } = from.envelope;
  const refused = (change: object) => () =>
    toFascTask({ ...from, fileIds: ['a', 'b'], envelope: { ...from.envelope, ...change } } as never);
  expect(refused({ signers: [signers[0], signers[0]] })).toThrow(/#\/signers\/1\/order occurs twice/);
  expect(refused({ documents: [documents[0], documents[0]] })).toThrow(/#\/documents\/1\/fileName occurs twice/);
  expect(refused({ documents: [{ ...documents[0], fileName: 'a.doc' }] })).toThrow(/must end in .pdf/);
});
