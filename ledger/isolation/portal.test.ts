/** What callers are told of a case, read through the edge's roles from books that the ledger's own functions wrote. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readsCase, tellCase } from '../financing/portal.ts';
import { books, type Books, type Deal } from '../fixture.ts';
import { asParty } from './asParty.ts';
import { installFieldSets } from './install.ts';

let the: Books;
let deal: Deal;
beforeAll(async () => {
  the = await books();
  await installFieldSets(the.store);
  await the.store.pool.query(
    `insert into project (id, seller_no, unit_id, keeper_id, company_code, warehouse, pledge_rate, systems) values ('P', '1710', $1, $2, '1000', 'WH01', 0.7, '{"erp":"erp"}')`,
    [the.unit, the.keeper],
  );
  await the.store.pool.query(
    `insert into caller (id, role, party_id) values ('unit', 'unit', $1), ('dealer-17101', 'dealer', null), ('dealer-17102', 'dealer', null)`,
    [the.unit],
  );
  deal = await the.bring('disbursed');
}, 30_000);
afterAll(() => the.drop());

test('a dealer is told of its loan, a trading unit that there is one, and a stranger nothing', async () => {
  const order = { no: deal.orderNo, total: '4081700.00', currency: 'CNY' };
  expect(await tellCase(the.store, deal.caseId, 'dealer-17101')).toEqual({
    needs: [],
    order,
    application: expect.objectContaining({ no: deal.applicationNo, rate: '0.052000', approvedAmount: '2857190.00' }),
    loan: expect.objectContaining({ no: deal.loanNo, state: 'ACTIVE', balance: '2857190.00' }),
    pledge: { no: deal.pledgeNo, state: 'EFFECTIVE', receiptNo: `WR-${deal.pledgeNo}` },
  });
  expect(await tellCase(the.store, deal.caseId, 'unit')).toEqual({
    needs: [],
    order,
    application: { no: deal.applicationNo, state: expect.any(String), amount: '2857190.00' },
    loan: { no: deal.loanNo, state: 'ACTIVE' },
    pledge: { no: deal.pledgeNo, state: 'EFFECTIVE', receiptNo: `WR-${deal.pledgeNo}` },
  });
  for (const caller of ['dealer-17102', 'dealer-', 'somebody', "dealer-17101' or true"]) {
    expect(await tellCase(the.store, deal.caseId, caller)).toEqual({});
    expect(await readsCase(the.store, deal.caseId, caller)).toBe(false);
  }
  expect([
    await readsCase(the.store, deal.caseId, 'unit'),
    await readsCase(the.store, deal.caseId, 'dealer-17101'),
  ]).toEqual([true, true]);
  expect(await readsCase(the.store, 'CASE-0', 'unit')).toBe(false);
});

test('a number that two systems give to two companies speaks for neither', async () => {
  const other =
    "insert into project (id, seller_no, unit_id, keeper_id, company_code, warehouse, pledge_rate, systems) values ('Q', '1720', $1, $2, '1000', 'WH02', 0.7, '{\"erp\":\"erp2\"}')";
  await the.store.pool.query(other, [the.unit, the.keeper]);
  await the.store.pool.query("insert into party_ref (system, value, party_id) values ('erp2', '17101', $1)", [
    the.keeper,
  ]);
  expect(await tellCase(the.store, deal.caseId, 'dealer-17101')).toEqual({});
  await the.store.pool.query("update project set systems = '{}' where id = 'Q'");
  expect(await readsCase(the.store, deal.caseId, 'dealer-17101')).toBe(true);
});

test('who takes part is known from the first order to the pledge: each party reads its side of a case', async () => {
  const count = async (party: string, relation: 'borrower' | 'unit' | 'funder' | 'keeper', table: string) =>
    asParty(the.store, { party, relation }, async (tx) => (await tx.query(`select from ${table}`)).rowCount);
  expect(await count(the.dealer, 'borrower', 'trade_order')).toBe(1);
  expect(await count(the.unit, 'unit', 'trade_order')).toBe(1);
  expect(await count(the.funder, 'funder', 'loan')).toBe(1);
  expect(await count(the.keeper, 'keeper', 'pledge_item')).toBe(2);
  expect(await count(the.keeper, 'keeper', 'stock_lot')).toBe(2);
  await expect(count(the.keeper, 'keeper', 'loan')).rejects.toThrow('permission denied');
  // An order of another dealer at the same unit is nobody else's.
  await the.store.pool.query("insert into cases (id, key, title) values ('CASE-X', 'X', 'X')");
  await the.store.pool.query(
    `insert into trade_order (order_no, case_id, seller_no, buyer_id, order_date, currency, total, lines)
     select 'SO-X', 'CASE-X', '1710', id, '2026-11-20', 'CNY', 1, '[]' from party where is_operator`,
  );
  expect([await count(the.dealer, 'borrower', 'trade_order'), await count(the.unit, 'unit', 'trade_order')]).toEqual([
    1, 2,
  ]);
  expect(await count(the.funder, 'funder', 'trade_order')).toBe(1);
});
