/** A project is read with its product and its funders, and as each of them finances it. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { books, type Books } from '../fixture.ts';
import { spotPledgeProduct } from './configuration.fixture.ts';
import { installConfiguration } from './configuration.ts';
import {
  dailyScopes,
  financedBy,
  installProject,
  isFinancedBy,
  projectNamed,
  projectOf,
  type ProjectSystems,
} from './projects.ts';

let the: Books;
beforeAll(async () => {
  the = await books();
}, 30_000);
afterAll(() => the.drop());

const { funder: _none, ...systems } = Object.fromEntries(
  'erp funder warehouse identity esign clearing registry evidence price invoice face sms mail group stamps'
    .split(' ')
    .map((name) => [name, `${name}-one`]),
) as unknown as ProjectSystems;

test('the first funder finances unless another is chosen, each through its own system', async () => {
  await the.store.tx(async (tx) => {
    const people = { maker: 'a', checker: 'b' };
    const productId = await installConfiguration(
      tx,
      'PRODUCT',
      'p',
      { ...spotPledgeProduct, type: 'CREDIT' },
      people,
      'test',
    );
    const parts = {
      unit: the.unit,
      keeper: the.keeper,
      productId,
      companyCode: '1000',
      warehouse: 'W',
      pledgeRate: '0.5',
    };
    const funders = [
      { id: the.funder, system: 'bank-one' },
      { id: the.unit, system: 'bank-two' },
    ];
    await installProject(tx, { ...parts, id: 'P', sellerNo: '77', funders, systems });
    // Again, with another order of the funders: brought up to date.
    await installProject(tx, { ...parts, id: 'P', sellerNo: '77', funders: funders.toReversed(), systems });
  });
  const project = await the.store.tx((tx) => projectOf(tx, '77'));
  expect(project).toMatchObject({
    id: 'P',
    productType: 'CREDIT',
    funder: { id: the.unit },
    systems: { funder: 'bank-two' },
  });
  expect(financedBy(project, the.funder)).toMatchObject({
    funder: { id: the.funder },
    systems: { funder: 'bank-one', erp: 'erp-one' },
  });
  expect(await the.store.tx((tx) => projectNamed(tx, 'P'))).toEqual(project);
  expect(await the.store.tx((tx) => isFinancedBy(tx, '77', 'CREDIT'))).toBe(true);
  expect(await the.store.tx((tx) => isFinancedBy(tx, '77', 'FACTORING'))).toBe(false);
  expect(await the.store.tx((tx) => isFinancedBy(tx, 'none', 'CREDIT'))).toBe(false);
});

test('the day of a house that lays down files is settled, and of each bank that finances; of no other system', async () => {
  const systems = [
    ['files-one', 'clearing', 'files'],
    ['pays-one', 'clearing', 'cpcn'],
    ['bank-one', 'bank', 'icbc'],
    ['bank-of-nobody', 'bank', 'icbc'],
  ];
  for (const system of systems)
    await the.store.pool.query(
      "insert into system (id, kind, dialect, url, name_zh, name_en) values ($1, $2, $3, 'https://127.0.0.1:1', '系统', 'System')",
      system,
    );
  expect((await the.store.tx((tx) => dailyScopes(tx))).settled).toEqual(['bank-one', 'files-one']);
});

test('what is not there is said', async () => {
  await expect(the.store.tx((tx) => projectOf(tx, 'none'))).rejects.toThrow('the selling organisation none');
  await expect(the.store.tx((tx) => projectNamed(tx, 'none'))).rejects.toThrow('no financing project none');
});
