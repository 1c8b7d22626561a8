import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { actor, books, refusal, type Books } from '../fixture.ts';
import { admissionRules, goodDealer, spotPledgeProduct } from './configuration.fixture.ts';
import {
  type BodyOf,
  draftConfiguration,
  inForce,
  installConfiguration,
  publishConfiguration,
  submitConfiguration,
  writeDraft,
} from './configuration.ts';
import { rankFunders } from './routing.ts';
import { decideByRules, evaluate } from './rules.ts';

let the: Books;
beforeAll(async () => {
  the = await books();
});
afterAll(() => the.drop());

const people = { maker: '甲', checker: '乙' };

test('a good dealer passes, with its points and the reason of each', async () => {
  const outcome = await evaluate(admissionRules, goodDealer);
  expect(outcome).toMatchObject({ outcome: 'pass', points: '70.5', refusals: [], requires: [] });
  expect(outcome.why.map(({ rule, held }) => [rule, held])).toEqual([
    ['listed', false],
    ['longTrade', true],
    ['paysInTime', true],
    ['farAway', false],
  ]);
  expect(outcome.why[1]?.conditions).toEqual([
    { fact: 'monthsTraded', operator: 'atLeast', value: '12', told: '24', held: true },
  ]);
});

test('a listed dealer is refused whatever its points', async () => {
  const outcome = await evaluate(admissionRules, { ...goodDealer, blacklisted: true });
  expect(outcome).toMatchObject({ outcome: 'refuse', refusals: ['主体在黑名单中'] });
});

test('a fact that is needed and unknown refers the case to people; no rule holds on what is unknown', async () => {
  const { blacklisted: _, region: __, ...rest } = goodDealer;
  const outcome = await evaluate(admissionRules, rest);
  expect(outcome).toMatchObject({ outcome: 'refer', requires: [] });
  expect(outcome.why.find(({ rule }) => rule === 'farAway')?.conditions[0]).not.toHaveProperty('told');
});

test('too few points are a refusal that says how many', async () => {
  expect(await evaluate(admissionRules, { ...goodDealer, monthsTraded: '11' })).toMatchObject({
    outcome: 'refuse',
    refusals: ['20.5 points of 60'],
  });
});

test('a fact that the rules do not know is a mistake of the caller', async () => {
  expect(await refusal(evaluate(admissionRules, { ...goodDealer, shoeSize: '43' }))).toBe('CONTRACT_VIOLATED');
});

test('amounts are compared exactly, however many digits they have', async () => {
  await fc.assert(
    fc.asyncProperty(fc.bigInt({ min: 0n, max: 10n ** 18n }), fc.bigInt({ min: 0n, max: 10n ** 18n }), async (a, b) => {
      const yuan = (fen: bigint) => `${fen / 100n}.${String(fen % 100n).padStart(2, '0')}`;
      const rules = {
        ...admissionRules,
        passPoints: '1',
        rules: [
          {
            name: 'r',
            title: 'r',
            conditions: { all: [{ fact: 'overdueAmount', operator: 'atLeast' as const, value: yuan(b) }] },
            event: { type: 'points' as const, params: { points: '1' } },
          },
        ],
      };
      const { points } = await evaluate(rules, { ...goodDealer, overdueAmount: yuan(a) });
      expect(points).toBe(a >= b ? '1' : '0');
    }),
    { numRuns: 50 },
  );
});

test('a decision keeps the version, the inputs and the reasons', async () => {
  const id = await the.store.tx((tx) => installConfiguration(tx, 'RULES', 'admission', admissionRules, people, actor));
  const decided = await the.store.tx((tx) => decideByRules(tx, 'admission', '客户甲', goodDealer));
  expect(decided.rulesId).toBe(id);
  const kept = await the.store.pool.query('select rules_id, inputs, outcome, points::text, why from decision');
  expect(kept.rows).toEqual([
    { rules_id: id, inputs: goodDealer, outcome: 'pass', points: '70.500000000', why: decided.why },
  ]);
});

test('a version takes two people, retires the one before, and never changes after', async () => {
  const draft = () => the.store.tx((tx) => draftConfiguration(tx, 'PRODUCT', 'spot', spotPledgeProduct, actor));
  const first = await draft();
  const approval = await the.store.tx((tx) => submitConfiguration(tx, first, '甲', actor));
  expect(await refusal(the.store.tx((tx) => publishConfiguration(tx, first, approval, '甲', actor)))).toBe(
    'SAME_PERSON_APPROVAL',
  );
  await the.store.tx((tx) => publishConfiguration(tx, first, approval, '乙', actor));
  const second = await draft();
  const submitted = await the.store.tx((tx) => submitConfiguration(tx, second, '甲', actor));
  await the.store.tx((tx) => publishConfiguration(tx, second, submitted, '乙', actor));
  expect((await the.store.tx((tx) => inForce(tx, 'PRODUCT', 'spot'))).id).toBe('PRODUCT/spot@2');
  expect(
    await refusal(the.store.tx((tx) => writeDraft(tx, 'PRODUCT', second, { ...spotPledgeProduct, name: '改' }))),
  ).toBe('APPROVAL_STALE');
});

test('what was approved is what is published: a draft that changed in between is not', async () => {
  const id = await the.store.tx((tx) => draftConfiguration(tx, 'PRODUCT', 'changed', spotPledgeProduct, actor));
  const approval = await the.store.tx((tx) => submitConfiguration(tx, id, '甲', actor));
  await the.store.pool.query(`alter table configuration disable trigger configuration_settled`);
  await the.store.pool.query(`update configuration set body = body || '{"graceDays": 9}' where id = $1`, [id]);
  await the.store.pool.query(`alter table configuration enable trigger configuration_settled`);
  expect(await refusal(the.store.tx((tx) => publishConfiguration(tx, id, approval, '乙', actor)))).toBe(
    'APPROVAL_STALE',
  );
});

test('a body that its schema does not allow names the field', async () => {
  const wrong = { ...spotPledgeProduct, rateMax: '5.2' };
  await expect(the.store.tx((tx) => draftConfiguration(tx, 'PRODUCT', 'wrong', wrong, actor))).rejects.toThrow(
    '#/rateMax',
  );
});

test('the same installed twice, by two hubs at once, is one version', async () => {
  const install = () =>
    the.store.tx((tx) => installConfiguration(tx, 'PRODUCT', 'once', spotPledgeProduct, people, actor));
  expect(new Set(await Promise.all([install(), install(), install()]))).toEqual(new Set(['PRODUCT/once@1']));
});

test('funders are ranked by points among those that no rule refuses, and each is told why', async () => {
  const rules: BodyOf<'RULES'> = {
    title: '资方路由',
    purpose: 'ROUTING',
    facts: ['quotaLeft', 'allInCost', 'archived'],
    needs: ['quotaLeft', 'archived'],
    rules: [
      {
        name: 'noQuota',
        title: '当日额度不足',
        conditions: { all: [{ fact: 'quotaLeft', operator: 'below', value: '1000000.00' }] },
        event: { type: 'refuse', params: { reason: '当日额度不足' } },
      },
      {
        name: 'cheap',
        title: '综合成本不高于百分之四',
        conditions: { all: [{ fact: 'allInCost', operator: 'atMost', value: '0.040000' }] },
        event: { type: 'points', params: { points: '10' } },
      },
    ],
  };
  const caseId = (await the.bring('ordered')).caseId;
  const facts = (quotaLeft: string, allInCost: string) => ({ quotaLeft, allInCost, archived: true });
  const { ranked, leftOut } = await the.store.tx(async (tx) => {
    await installConfiguration(tx, 'RULES', 'routing', rules, people, actor);
    return rankFunders(tx, 'routing', caseId, [
      { funder: 'dear', facts: facts('5000000.00', '0.052000') },
      { funder: 'full', facts: facts('999999.99', '0.030000') },
      { funder: 'cheap', facts: facts('5000000.00', '0.040000') },
      { funder: 'silent', facts: { archived: true } },
    ]);
  });
  expect(ranked.map(({ funder }) => funder)).toEqual(['cheap', 'dear']);
  expect(leftOut.map(({ funder, outcome }) => [funder, outcome.outcome, outcome.refusals])).toEqual([
    ['full', 'refuse', ['当日额度不足']],
    ['silent', 'refer', []],
  ]);
  const kept = await the.store.pool.query('select subject from decision where case_id = $1 order by id', [caseId]);
  expect(kept.rows.map((row: { subject: string }) => row.subject)).toEqual(['dear', 'full', 'cheap', 'silent']);
});
