import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { accounts, actor, books, type Books, type Deal } from '../fixture.ts';
import { assignEntry, matchEntry, openLoanNamed } from './openLoans.ts';
import { takeRepaymentBack } from './reversals.ts';

let the: Books;
let deal: Deal;
beforeAll(async () => {
  the = await books();
  deal = await the.bring('disbursed');
});
afterAll(() => the.drop());

const dealerName = '客户甲有限公司';
const entry = (wish: { amount?: string; reference?: string; name?: string; accountNo?: string } = {}) => ({
  accountNo: accounts.funder,
  amount: wish.amount ?? '1.00',
  payer: { name: wish.name ?? dealerName, accountNo: wish.accountNo ?? accounts.dealer },
  ...(wish.reference === undefined ? {} : { reference: wish.reference }),
});
const match = (...wish: Parameters<typeof entry>) => the.store.tx((tx) => matchEntry(tx, entry(...wish)));

test('money that names its loan is matched by that name, whoever calls it so', async () => {
  const { rows } = await the.store.pool.query<{ funder: string }>('select funder_no funder from loan where no = $1', [
    deal.loanNo,
  ]);
  for (const reference of [deal.loanNo, deal.applicationNo, rows[0]?.funder ?? ''])
    expect(await match({ reference })).toMatchObject({ by: 'reference', loanNo: deal.loanNo, thirdParty: false });
});

test('without a name it is matched by payer and amount together, and by neither alone', async () => {
  const { rows } = await the.store.pool.query<{ amount: string }>(
    'select (principal + interest)::text amount from instalment where loan_no = $1',
    [deal.loanNo],
  );
  const amount = rows[0]?.amount ?? '';
  expect(await match({ amount })).toMatchObject({ by: 'amount', loanNo: deal.loanNo });
  expect(await match({ amount, reference: 'nothing known' })).toMatchObject({ by: 'amount' });
  expect(await match({ amount: '123.45' })).toBeUndefined();
  expect(await match({ amount, name: '别人有限公司', accountNo: '6299999999999999' })).toBeUndefined();
});

test('somebody else’s money is known as such; money of an account that is no funder’s is for no loan', async () => {
  const stranger = { name: '别人有限公司', accountNo: '6299999999999999', reference: deal.loanNo };
  expect(await match(stranger)).toMatchObject({ thirdParty: true });
  const elsewhere = { ...entry({ reference: deal.loanNo }), accountNo: accounts.unit };
  expect(await the.store.tx((tx) => matchEntry(tx, elsewhere))).toBeUndefined();
  expect(await the.store.tx((tx) => assignEntry(tx, entry(), deal.loanNo))).toMatchObject({ by: 'people' });
  await expect(the.store.tx((tx) => assignEntry(tx, entry(), 'LN-none'))).rejects.toMatchObject({ type: 'NOT_FOUND' });
});

test('a posting that is taken back after the release opens the loan again, overdue, and a case', async () => {
  const gone = await the.bring('released');
  const told = { repaymentNo: gone.repaymentNo, on: '2027-03-01', reason: 'recalled' };
  const back = await the.store.tx((tx) => takeRepaymentBack(tx, gone.caseId, told, actor));
  expect(back).toMatchObject({ loanNo: gone.loanNo, released: true });
  const loan = await the.store.pool.query('select state from loan where no = $1', [gone.loanNo]);
  expect(loan.rows).toEqual([{ state: 'OVERDUE' }]);
  const cases = await the.store.pool.query('select state from recon_case where subject = $1', [gone.loanNo]);
  expect(cases.rows).toEqual([{ state: 'OPEN' }]);
  await expect(the.store.tx((tx) => takeRepaymentBack(tx, deal.caseId, told, actor))).rejects.toMatchObject({
    type: 'NOT_FOUND',
  });
  await expect(the.store.tx((tx) => openLoanNamed(tx, 'LN-none'))).rejects.toMatchObject({ type: 'NOT_FOUND' });
});
