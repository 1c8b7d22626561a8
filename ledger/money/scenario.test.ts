/**
 * The worked scenario of domain.md 6, with real books: 1 200.500 t of rebar at 3 400.00, 2 857 190.00 lent at 5.2 % ACT/360 from
 * 15 February 2028 for 29 days; prices fall, a margin call is paid, the rest is repaid on day 29. And its failure drill.
 */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Exact } from '../../contracts/canonical/interest.ts';
import { keepEvidence } from '../evidence.ts';
import { accounts, actor, books, lent, refusal, type Books, type Deal } from '../fixture.ts';
import { move, stateOf, type Tx } from '../lifecycle.ts';
import { decide, propose } from '../oversight/approvals.ts';
import { accrueLoan, activateLoan } from './loans.ts';
import { instructPayment, losePayment } from './payments.ts';
import { compareFile, resolveCase, signOff, type Line } from './reconciliation.ts';
import { notifyRepayment, postRepayment, type RepaymentType } from './repayments.ts';

let the: Books;
beforeAll(async () => {
  the = await books();
});
afterAll(() => the.drop());

const tx = <T>(work: (tx: Tx) => Promise<T>) => the.store.tx(work);
async function rows<T>(sql: string, ...values: unknown[]): Promise<T[]> {
  return (await the.store.pool.query(sql, values)).rows as T[];
}

const start = '2028-02-15';
const quantity = '1200.500';
const valueAt = (price: string) => new Exact(quantity).times(price).toFixed(2);
/** Loan to value in per cent, as the screens show it. */
const ltv = (exposure: string, value: string) => new Exact(exposure).dividedBy(value).times(100).toFixed(2);
/** What must be paid so that the loan is again at the rate at which the goods were taken. */
const call = (exposure: string, value: string) => new Exact(exposure).minus(new Exact(value).times('0.70')).toFixed(2);

/** The funder says that the money arrived: the same fact by whichever road (callback, query, file). */
function succeeded(deal: Deal) {
  return tx(async (t) => {
    const { loanNo, applicationNo, paymentNo } = deal;
    const terms = { startDate: start, maturity: '2028-05-15', rate: '0.052000' };
    const paid = { paymentNo, serialNo: `B-${paymentNo}`, settledAt: `${start}T15:00:00+08:00` };
    await activateLoan(t, { no: loanNo, funderNo: `F-${loanNo}`, applicationNo, ...paid, ...terms }, actor);
    await keepEvidence(t, deal.caseId, 'N15 bank receipt', paymentNo, { amount: lent });
  });
}

async function repay(
  deal: Deal,
  no: string,
  type: RepaymentType,
  on: string,
  interest: string,
  principal: string,
  left: string,
) {
  const amount = new Exact(interest).plus(principal).toFixed(2);
  const { applicationNo, loanNo } = deal;
  const ordered = { no, applicationNo, payer: accounts.dealer, payee: accounts.funder, amount, currency: 'CNY' };
  await tx(async (t) => {
    await instructPayment(t, { ...ordered, purpose: 'REPAY' }, actor);
    await notifyRepayment(t, { no, loanNo, paymentNo: no, amount, type }, actor);
    await move(t, 'payment', no, 'succeed', actor);
    await move(t, 'repayment', no, 'match', actor);
  });
  const allocation = { fee: '0.00', penalty: '0.00', interest, principal };
  const posted = { repaymentNo: no, loanNo, postingNo: `PO-${no}`, postedAt: `${on}T16:00:00+08:00`, valueDate: on };
  await tx((t) => postRepayment(t, { ...posted, allocation, principalBalance: left }, actor));
}

const loanOf = async ({ loanNo }: Deal) =>
  (await rows('select balance, interest, state from loan where no = $1', loanNo))[0];

test('the scenario: disbursed, two falls of the price, a margin call paid on day 7, repaid on day 29', async () => {
  const deal = await the.bring('accepted');
  await succeeded(deal);
  expect(await loanOf(deal)).toEqual({ balance: lent, interest: '0.00', state: 'ACTIVE' });

  expect([valueAt('3400.00'), valueAt('3100.00'), valueAt('2950.00')]).toEqual([
    '4081700.00',
    '3721550.00',
    '3541475.00',
  ]);
  expect([ltv(lent, valueAt('3100.00')), ltv(lent, valueAt('2950.00'))]).toEqual(['76.77', '80.68']);
  expect(call(lent, valueAt('2950.00'))).toBe('378157.50');

  // Day 7: interest on the old principal is its own item; then 378 157.50 of principal is repaid.
  const margin = `${deal.repaymentNo}-1`;
  await repay(deal, margin, 'EARLY_PART', '2028-02-22', '2888.94', '378157.50', '2479032.50');
  expect(await loanOf(deal)).toEqual({ balance: '2479032.50', interest: '0.00', state: 'ACTIVE' });
  expect(ltv('2479032.50', valueAt('2950.00'))).toBe('70.00');
  expect(
    await rows(
      'select version, principal, from_on::text, reason from loan_plan where loan_no = $1 order by version',
      deal.loanNo,
    ),
  ).toEqual([
    { version: 1, principal: lent, from_on: start, reason: 'disbursed' },
    { version: 2, principal: '2479032.50', from_on: '2028-02-22', reason: `prepaid by ${margin}` },
  ]);

  // Day 29: 22 days on what was left; all is settled, and no figure of the funder was apart from the hub's own.
  await tx((t) => accrueLoan(t, deal.loanNo, '2028-03-15'));
  expect(await loanOf(deal)).toMatchObject({ interest: '7877.81' });
  await repay(deal, deal.repaymentNo, 'EARLY_FULL', '2028-03-15', '7877.81', '2479032.50', '0.00');
  expect(await loanOf(deal)).toEqual({ balance: '0.00', interest: '0.00', state: 'SETTLED' });
  expect(
    await rows(
      "select item, -sum(amount) paid from loan_entry where loan_no = $1 and kind = 'ALLOCATE' group by item order by item",
      deal.loanNo,
    ),
  ).toEqual([
    { item: 'INTEREST', paid: '10766.75' },
    { item: 'PRINCIPAL', paid: lent },
  ]);
  expect(await rows('select no from recon_case where subject = $1', deal.loanNo)).toEqual([]);
});

test('the same loan without the margin call: 29 days are 11 968.45', async () => {
  const deal = await the.bring('accepted');
  await succeeded(deal);
  await tx((t) => accrueLoan(t, deal.loanNo, '2028-03-15'));
  expect(await loanOf(deal)).toMatchObject({ interest: '11968.45' });
});

test('the drill: the callback is lost, the query times out, the file of 01:10 tells; one loan, one use of the limit, one N15', async () => {
  const deal = await the.bring('accepted');
  const { paymentNo, applicationNo, loanNo, caseId } = deal;
  // Day 0: the only callback never comes; the first query times out. Nobody knows, and nothing is sent again.
  await tx((t) => losePayment(t, paymentNo, actor));
  const again = { no: `${paymentNo}-2`, applicationNo, payee: accounts.unit, amount: lent, currency: 'CNY' };
  expect(await refusal(tx((t) => instructPayment(t, { ...again, purpose: 'DISBURSE' }, actor)))).toBe(
    'PAYMENT_UNKNOWN_PENDING',
  );

  // Day 1, 01:10: the file says it succeeded; the books say unknown.
  const hub: Line[] = [{ key: paymentNo, amount: lent, state: 'UNKNOWN' }];
  const lines: Line[] = [{ key: paymentNo, amount: lent, state: 'SUCCEEDED' }];
  const file = { runNo: 'RR-drill', on: start, connector: 'bank', type: 'FUND', sha256: 'f'.repeat(64) } as const;
  const items = await tx((t) =>
    compareFile(t, { ...file, funder: the.funder, controlCount: 1, controlSum: lent, lines }, hub, actor),
  );
  expect(items).toEqual([{ key: paymentNo, verdict: 'STATUS_DIFF' }]);

  // The same fact by two roads at once: the file, and a late answer to a query.
  const told = await Promise.all([refusal(succeeded(deal)), refusal(succeeded(deal))]);
  expect(told.toSorted()).toEqual(['ILLEGAL_TRANSITION', 'nothing refused it']);
  expect(await tx((t) => stateOf(t, 'payment', paymentNo))).toBe('SUCCEEDED');
  expect(await rows('select no, state from loan where application_no = $1', applicationNo)).toEqual([
    { no: loanNo, state: 'ACTIVE' },
  ]);
  expect(
    await rows("select amount from limit_movement where application_no = $1 and kind = 'CONSUME'", applicationNo),
  ).toEqual([{ amount: lent }]);
  expect(await rows("select business_key from evidence where case_id = $1 and node like 'N15%'", caseId)).toEqual([
    { business_key: paymentNo },
  ]);

  // The difference is resolved by what was done; then two people sign the day off.
  const difference = `RC-RR-drill-${paymentNo}`;
  await tx((t) => move(t, 'recon_case', difference, 'investigate', actor));
  const both = async () => {
    const approval = await tx((t) =>
      propose(t, { entity: 'recon_run', id: 'RR-drill', event: 'signOff' }, '甲', actor),
    );
    await tx((t) => decide(t, approval, 'approve', '乙', actor));
    return tx((t) => signOff(t, 'RR-drill', approval, actor));
  };
  expect(await refusal(both())).toBe('RECONCILIATION_OPEN');
  await tx((t) => resolveCase(t, difference, { command: `loan ${loanNo} recorded from the file` }, actor));
  await both();
  expect(await tx((t) => stateOf(t, 'recon_run', 'RR-drill'))).toBe('SIGNED_OFF');
});

test('a file that is not what its totals say is parked whole; an empty one is valid', async () => {
  const file = { on: '2028-02-16', type: 'LOAN', sha256: '0'.repeat(64) } as const;
  const lines: Line[] = [{ key: 'K', amount: '1.00', state: 'SUCCEEDED' }];
  const short = { ...file, runNo: 'RR-a', connector: 'a', controlCount: 1, controlSum: '1.01', lines };
  expect(await tx((t) => compareFile(t, short, [], actor))).toEqual([]);
  const empty = { ...file, runNo: 'RR-b', connector: 'b', controlCount: 0, controlSum: '0.00', lines: [] };
  expect(await tx((t) => compareFile(t, empty, lines, actor))).toEqual([{ key: 'K', verdict: 'ONLY_HUB' }]);
  expect(await rows("select no, state from recon_run where no in ('RR-a', 'RR-b') order by no")).toEqual([
    { no: 'RR-a', state: 'PARKED' },
    { no: 'RR-b', state: 'COMPARED' },
  ]);
});
