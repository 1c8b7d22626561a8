/** What the conformance suite cannot see of face verification: the picture, the person, and a bad day of his. */
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { bench, type Bench } from '../../test/adapter.ts';
import { dealers, identityFaceid, picture } from '../../test/twins.ts';
import service from './identity.service.ts';

const [dealer] = dealers;
const person = { name: dealer?.agent.name ?? '', idNo: dealer?.agent.idNo ?? '' };
const check = (requestNo: string, who = person) => ({
  requestNo,
  person: who,
  purpose: '签署质押合同前核验经办人',
  redirect: 'https://hub.example/faces/done',
});

let vendor: Bench;
beforeAll(async () => {
  vendor = await bench(service, identityFaceid, { speed: 1 });
});
afterAll(() => vendor.stop());

async function started(requestNo: string, who = person): Promise<{ requestNo: string; token: string }> {
  const outcome = await vendor.call('identity.startFaceCheck', check(requestNo, who));
  if (outcome.outcome !== 'confirmed') throw new Error(JSON.stringify(outcome));
  const { token } = outcome.response as { token: string };
  return { requestNo, token };
}

async function looked(requestNo: string, who = person) {
  const question = await started(requestNo, who);
  await vendor.control('POST', 'acts/look', { token: question.token });
  return vendor.call('identity.readFaceCheck', question);
}

test('a check is pending until the person looked, and then says so with a score and what it costs', async () => {
  const question = await started('F-1');
  expect(await vendor.call('identity.readFaceCheck', question)).toMatchObject({ response: { outcome: 'pending' } });
  await vendor.control('POST', 'acts/look', { token: question.token });
  expect(await vendor.call('identity.readFaceCheck', question)).toMatchObject({
    response: {
      outcome: 'confirmed',
      response: { requestNo: 'F-1', result: 'passed', similarity: '97.70', charged: true },
    },
  });
});

test('of the picture a digest is told, and nothing else is kept, in the record of the exchange neither', async () => {
  const outcome = await looked('F-2');
  const image = picture(person.idNo);
  const sha256 = createHash('sha256').update(Buffer.from(image, 'base64')).digest('hex');
  expect(outcome).toMatchObject({ response: { response: { imageSha256: sha256 } } });
  const answer = vendor.exchanges.at(-1)?.parts[0]?.answer?.toString() ?? '';
  expect(answer).toContain(`sha256 ${sha256}`);
  expect(answer).not.toContain(image.slice(0, 64));
});

test('somebody else who passes in his place is not believed', async () => {
  expect(await looked('F-3-OTHER')).toMatchObject({ outcome: 'unknown', code: 'ANSWER_UNVERIFIED' });
});

test('a token is not believed under another number, and one of nobody is not found', async () => {
  const question = await started('F-4');
  expect(await vendor.call('identity.readFaceCheck', { ...question, requestNo: 'F-5' })).toMatchObject({
    outcome: 'unknown',
    code: 'ANSWER_UNVERIFIED',
  });
  expect(await vendor.call('identity.readFaceCheck', { requestNo: 'F-4', token: 'NOBODY-00000000' })).toEqual({
    outcome: 'confirmed',
    response: { outcome: 'notFound' },
  });
});

describe('a no is told for what it is', () => {
  // Each with a person of his own: failed tries count.
  const people = dealers.flatMap(({ agent, legalRep }) => [agent, legalRep]);
  test.each([
    ['LOW', 'notSamePerson', true],
    ['FAKE', 'notLive', true],
    ['NAME', 'identityMismatch', true],
    ['NOPHOTO', 'noReference', false],
    ['DARK', 'notJudged', false],
  ])('%s is %s, charged: %s', async (ending, result, charged) => {
    const who = people[['LOW', 'FAKE', 'NAME', 'NOPHOTO', 'DARK'].indexOf(ending)] ?? person;
    expect(await looked(`F-6-${ending}`, { name: who.name, idNo: who.idNo })).toMatchObject({
      response: { outcome: 'confirmed', response: { result, charged } },
    });
  });

  test('an engine that fails says nothing of the person', async () => {
    const who = { name: '林国栋', idNo: '350200198001010014' };
    expect(await looked('F-7-ENGINE', who)).toMatchObject({
      outcome: 'unknown',
      code: 'IDV_CHANNEL',
      externalCode: '1001',
    });
  });
});

test('after five failed tries within 24 hours the vendor refuses a sixth, and the day after it does not', async () => {
  const who = { name: '黄建平', idNo: '350200197603030069' };
  expect(await looked('F-8-MANY', who)).toMatchObject({ response: { response: { result: 'tooManyTries' } } });
  await looked('F-9-LOW', who);
  await looked('F-10-LOW', who);
  expect(await vendor.call('identity.startFaceCheck', check('F-11', who))).toMatchObject({
    outcome: 'refused',
    code: 'SYSTEM_REFUSED',
    externalCode: 'LimitExceeded',
  });
  vendor.clock.set({ advanceMs: 25 * 3_600_000 });
  expect(await vendor.call('identity.startFaceCheck', check('F-12', who))).toMatchObject({ outcome: 'confirmed' });
});
