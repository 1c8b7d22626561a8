/** The database and the pure arithmetic say the same, and the functions of this area do what they promise. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { addDays, isWorkingDay, rollForward } from '../../contracts/canonical/calendar.ts';
import { dayCounts, interestDays, interestOf } from '../../contracts/canonical/interest.ts';
import { yuanOf } from '../../contracts/canonical/money.ts';
import { accounts, actor, books, lent, refusal, type Books } from '../fixture.ts';
import { move, stateOf, type Tx } from '../lifecycle.ts';
import { decide, propose } from '../oversight/approvals.ts';
import { applyForLimit, freezeLimit, moveLimit, reduceLimit } from './limits.ts';
import { accrueLoan, checkDue, extendLoan, reverseLoan } from './loans.ts';
import { approvePayment, createPayment, failPayment, instructPayment, losePayment, submitPayment } from './payments.ts';
import { postRepayment, reverseRepayment } from './repayments.ts';

let the: Books;
beforeAll(async () => {
  the = await books();
});
afterAll(() => the.drop());

const cases = Number(process.env['LIANSHU_CASES'] ?? '40');
const tx = <T>(work: (tx: Tx) => Promise<T>) => the.store.tx(work);
async function one<T>(sql: string, ...values: unknown[]): Promise<T> {
  const { rows } = await the.store.pool.query(sql, values);
  return rows[0] as T;
}
const limitRow = (no: string) =>
  one('select total, used, reserved, available, state from credit_limit where no = $1', no);
const loanRow = (no: string) =>
  one('select balance, interest, penalty, compound, fee, state from loan where no = $1', no);

test('the calendar of the database is the calendar of the code, three years long', async () => {
  const days = Array.from({ length: 1096 }, (_, i) => addDays('2025-01-01', i));
  const { rows } = await the.store.pool.query<{ day: string; worked: boolean; next: string }>(
    `select day, is_working_day(day::date) worked, next_working_day(day::date)::text "next" from unnest($1::text[]) day`,
    [days],
  );
  expect(rows).toEqual(days.map((day) => ({ day, worked: isWorkingDay(day), next: rollForward(day) })));
});

test('a cut-off decides for which day something counts', async () => {
  expect(
    await one(
      `select counts_for('any', 'price.quote', '2026-11-20T17:00+08')::text "before", counts_for('any', 'price.quote', '2026-11-20T17:00:01+08')::text "after"`,
    ),
  ).toEqual({ before: '2026-11-20', after: '2026-11-23' });
});

test('interest in the database is interest in the code, to the fen', async () => {
  const given = fc.record({
    fen: fc.bigInt({ min: 1n, max: 10n ** 13n }),
    ppm: fc.integer({ min: 1, max: 360_000 }),
    from: fc.integer({ min: 0, max: 2000 }),
    days: fc.integer({ min: 0, max: 2000 }),
    dayCount: fc.constantFrom(...dayCounts),
  });
  await fc.assert(
    fc.asyncProperty(given, async ({ fen, ppm, from: start, days, dayCount }) => {
      const from = addDays('2024-01-01', start);
      const to = addDays(from, days);
      const principal = yuanOf(fen);
      const rate = (ppm / 1e6).toFixed(6);
      const found = await one<{ days: number; interest: string }>(
        `select interest_days($1, $2, $3) days, interest_fen($4::numeric * $5::numeric * interest_days($1, $2, $3), $1)::numeric(17, 2)::text interest`,
        dayCount,
        from,
        to,
        principal,
        rate,
      );
      expect(found).toEqual({
        days: interestDays(from, to, dayCount),
        interest: interestOf([{ principal, rate, from, to }], dayCount),
      });
    }),
    { numRuns: cases, examples: [[{ fen: 1800n, ppm: 100_000, from: 0, days: 1, dayCount: 'ACT/360' }]] },
  );
});

test('a limit is asked for, granted, frozen, reduced below what is used: nothing is available then, and it never lies', async () => {
  const no = 'CL-1';
  const { applicationNo } = await the.bring('applied');
  const applicant = { no, party: the.dealer, funder: the.funder, revolving: true };
  await tx((t) => applyForLimit(t, applicant, actor));
  for (const event of ['review', 'approve', 'activate'] as const)
    await tx((t) => move(t, 'credit_limit', no, event, actor));
  await tx((t) => moveLimit(t, no, 'GRANT', '1000.00'));
  await tx((t) => moveLimit(t, no, 'RESERVE', '600.00', { applicationNo }));
  expect(await refusal(tx((t) => moveLimit(t, no, 'RESERVE', '400.01', { applicationNo })))).toBe('LIMIT_INSUFFICIENT');
  await tx((t) => freezeLimit(t, no, 'blacklist', 'SYS', actor));
  expect(await refusal(tx((t) => moveLimit(t, no, 'RESERVE', '1.00', { applicationNo })))).toBe('LIMIT_FROZEN');
  await tx((t) => move(t, 'credit_limit', no, 'unfreeze', actor));
  expect(await tx((t) => reduceLimit(t, no, '500.00', 'D-2', actor))).toBe('100.00');
  expect(await limitRow(no)).toEqual({
    total: '600.00',
    used: '0.00',
    reserved: '600.00',
    available: '0.00',
    state: 'REDUCED',
  });
});

test('a payment of two people is sent when both agreed to it as it stands', async () => {
  const deal = await the.bring('effective');
  const { applicationNo, paymentNo: no } = deal;
  const payment = {
    no,
    purpose: 'DISBURSE',
    applicationNo,
    payee: accounts.unit,
    amount: lent,
    currency: 'CNY',
  } as const;
  await tx((t) => createPayment(t, payment, actor));
  expect(await refusal(tx((t) => move(t, 'payment', no, 'approve', actor)))).toBe('SAME_PERSON_APPROVAL');
  const approval = await tx((t) => propose(t, { entity: 'payment', id: no, event: 'approve' }, '甲', actor));
  await tx((t) => decide(t, approval, 'approve', '乙', actor));
  await tx((t) => approvePayment(t, no, approval, actor));
  await tx((t) => submitPayment(t, no, actor));
  expect(await tx((t) => stateOf(t, 'payment', no))).toBe('SUBMITTING');
});

test('what was approved is not sent when a rule has been broken since', async () => {
  const { applicationNo, paymentNo: no } = await the.bring('effective');
  const payee = accounts.unit;
  await tx((t) =>
    createPayment(t, { no, purpose: 'DISBURSE', applicationNo, payee, amount: lent, currency: 'CNY' }, actor),
  );
  const approval = await tx((t) => propose(t, { entity: 'payment', id: no, event: 'approve' }, '甲', actor));
  await tx((t) => decide(t, approval, 'approve', '乙', actor));
  await tx((t) => approvePayment(t, no, approval, actor));
  await tx((t) => freezeLimit(t, applicationNo, 'blacklist', 'SYS', actor));
  expect(await refusal(tx((t) => submitPayment(t, no, actor)))).toBe('LIMIT_FROZEN');
});

test('other purposes are not sent without two people', async () => {
  const { applicationNo } = await the.bring('disbursed');
  const fee = {
    no: 'FE-1',
    purpose: 'FEE',
    applicationNo,
    payee: accounts.unit,
    amount: '1.00',
    currency: 'CNY',
  } as const;
  expect(await refusal(tx((t) => instructPayment(t, fee, actor)))).toBe('SAME_PERSON_APPROVAL');
});

test('from unknown nothing is sent again; after a failure the next instruction names the one before', async () => {
  const { applicationNo, paymentNo: no } = await the.bring('accepted');
  const again = (next: string) =>
    tx((t) =>
      instructPayment(
        t,
        { no: next, purpose: 'DISBURSE', applicationNo, payee: accounts.unit, amount: lent, currency: 'CNY' },
        actor,
      ),
    );
  await tx((t) => losePayment(t, no, actor));
  expect(await refusal(tx((t) => move(t, 'payment', no, 'submit', actor)))).toBe('ILLEGAL_TRANSITION');
  expect(await refusal(again(`${no}-2`))).toBe('PAYMENT_UNKNOWN_PENDING');
  await tx((t) => failPayment(t, no, 'failed', actor));
  await again(`${no}-2`);
  expect(await one('select previous_no from payment where no = $1', `${no}-2`)).toEqual({ previous_no: no });
});

test('money that came back leaves no loan, and the limit is free again though it does not revolve', async () => {
  const { loanNo, applicationNo } = await the.bring('disbursed');
  await tx((t) => accrueLoan(t, loanNo, '2026-12-01'));
  await tx((t) => reverseLoan(t, loanNo, '账号户名不符', actor));
  expect(await loanRow(loanNo)).toMatchObject({ balance: '0.00', interest: '0.00', state: 'REVERSED' });
  expect(await limitRow(applicationNo)).toMatchObject({ used: '0.00', reserved: '0.00', available: lent });
});

test('money that is matched and not yet posted is pending, not overdue', async () => {
  const { loanNo } = await the.bring('matched');
  await tx((t) => checkDue(t, loanNo, '2027-02-22', actor));
  expect(await tx((t) => checkDue(t, loanNo, '2027-02-23', actor))).toBe('pending');
});

test('an extended loan has a new maturity and a new plan from that day', async () => {
  const { loanNo } = await the.bring('disbursed');
  await tx((t) => extendLoan(t, loanNo, '2027-05-21', '2027-02-21', actor));
  expect(
    await one(
      'select l.state, i.version, i.due_on::text, i.principal from loan l join instalment i on i.loan_no = l.no where l.no = $1 order by i.version desc limit 1',
      loanNo,
    ),
  ).toEqual({ state: 'EXTENDED', version: 2, due_on: '2027-05-21', principal: lent });
});

test('a posting that is reversed is owed again, and its loan open', async () => {
  const { loanNo, repaymentNo } = await the.bring('posted');
  expect(await loanRow(loanNo)).toMatchObject({ balance: '0.00', state: 'SETTLED' });
  await tx((t) => reverseRepayment(t, repaymentNo, '2026-12-24', '冲正', actor));
  expect(await loanRow(loanNo)).toMatchObject({ balance: lent, interest: '11968.45', state: 'ACTIVE' });
  expect(await refusal(tx((t) => reverseRepayment(t, repaymentNo, '2026-12-24', '冲正', actor)))).toBe(
    'ILLEGAL_TRANSITION',
  );
});

test('the funder’s interest stands; where it is apart from the hub’s own, people look at it', async () => {
  const { loanNo, repaymentNo } = await the.bring('matched');
  await tx((t) =>
    postRepayment(
      t,
      {
        repaymentNo,
        loanNo,
        postingNo: 'PO-x',
        postedAt: '2026-12-22T10:00:00+08:00',
        valueDate: '2026-12-22',
        allocation: { fee: '0.00', penalty: '0.00', interest: '11968.45', principal: lent },
        principalBalance: '0.00',
      },
      actor,
    ),
  );
  expect(await one('select count(*)::int n from recon_case where subject = $1', loanNo)).toEqual({ n: 0 }); // 29 days: the same.
});

// The last one: all cases here have one borrower, who draws nothing after this.
test('a loan that is not paid falls due, is overdue, bears penalty and compound interest, and freezes its limit', async () => {
  const { loanNo, applicationNo } = await the.bring('disbursed');
  const check = (on: string) => tx((t) => checkDue(t, loanNo, on, actor));
  expect([await check('2027-02-21'), await check('2027-02-22'), await check('2027-02-23')]).toEqual([
    'nothing due', // A Sunday.
    'due',
    'overdue',
  ]);
  await tx((t) => accrueLoan(t, loanNo, '2027-03-03'));
  // 90 days of interest; then 10 days at 7.8 % on the principal and on that interest.
  expect(await loanRow(loanNo)).toEqual({
    balance: lent,
    interest: '37143.47',
    penalty: '6190.58',
    compound: '80.48',
    fee: '0.00',
    state: 'OVERDUE',
  });
  expect(await limitRow(applicationNo)).toMatchObject({ state: 'FROZEN' });
});
