/** For tests: two writers at once against each invariant of this area. */
import type { Assault, Work } from '../attack.fixture.ts';
import { accounts, actor, lent, type Books, type Deal } from '../fixture.ts';
import { begin, move } from '../lifecycle.ts';
import { yuanOf } from '../../contracts/canonical/money.ts';
import { applyForLimit, freezeLimit, moveLimit } from './limits.ts';
import { instructPayment, type Purpose } from './payments.ts';
import { notifyRepayment } from './repayments.ts';
import { unlapsed } from './specimens.fixture.ts';

const instruct =
  (deal: Deal, no: string, amount: string, given: { purpose?: Purpose; payee?: string } = {}): Work =>
  (tx) => {
    const { purpose = 'DISBURSE', payee = accounts.unit } = given;
    const { applicationNo } = deal;
    return instructPayment(tx, { no, purpose, applicationNo, payee, amount, currency: 'CNY' }, actor);
  };
const dropGuards = (...rules: string[]) => rules.map((rule) => `drop trigger guard_${rule} on payment`).join('; ');
const yuan = (fen: number) => yuanOf(BigInt(fen));
const lentFen = 285_719_000;

async function two(the: Books, at: 'effective' | 'disbursed' | 'accepted'): Promise<[Deal, Deal]> {
  await unlapsed(the);
  return [await the.bring(at), await the.bring(at)];
}

/** Two repayments of the same loan whose money has arrived, of these principals. */
async function matched(the: Books, deal: Deal, amounts: readonly string[]): Promise<string[]> {
  const numbers: string[] = [];
  for (const [i, amount] of amounts.entries()) {
    const no = `${deal.repaymentNo}-${i}`;
    await the.store.tx(async (tx) => {
      await instruct(deal, no, amount, { purpose: 'REPAY', payee: accounts.funder })(tx);
      await move(tx, 'payment', no, 'succeed', actor);
      await notifyRepayment(tx, { no, loanNo: deal.loanNo, paymentNo: no, amount, type: 'EARLY_PART' }, actor);
      await move(tx, 'repayment', no, 'match', actor);
    });
    numbers.push(no);
  }
  return numbers;
}

export const moneyAssaults: readonly Assault[] = [
  {
    invariant: 'I-04',
    title: 'two disbursements of one application, about as much as was approved',
    without: [dropGuards('06_limit_reserved', '08_amount_approved', '15_goods_cover')],
    prepare: async (the, [a = 0, b = 0]) => {
      const [deal] = await two(the, 'effective');
      return [
        instruct(deal, `${deal.paymentNo}-a`, yuan(lentFen + 1 + a)),
        instruct(deal, `${deal.paymentNo}-b`, yuan(lentFen - 500 + b)),
      ];
    },
  },
  {
    invariant: 'I-08',
    title: 'two disbursements to accounts of chance',
    without: [dropGuards('05_payee_mandated')],
    prepare: async (the, [a = 0, b = 0]) => {
      const payees = [accounts.dealer, accounts.funder, accounts.unit];
      const [one, other] = await two(the, 'effective');
      const to = (deal: Deal, n: number) => instruct(deal, deal.paymentNo, lent, { payee: payees[n] ?? accounts.unit });
      return [to(one, a % 2), to(other, b % 3)];
    },
  },
  {
    invariant: 'I-09',
    title: 'one application is disbursed twice, in small parts',
    without: ['drop index disbursed_once'],
    prepare: async (the, [a = 0, b = 0]) => {
      const [deal] = await two(the, 'effective');
      return [
        instruct(deal, `${deal.paymentNo}-a`, yuan(100 + a)),
        instruct(deal, `${deal.paymentNo}-b`, yuan(100 + b)),
      ];
    },
  },
  {
    invariant: 'I-10',
    title: 'two collections for one loan while neither is decided',
    without: ['drop index collecting_once'],
    prepare: async (the, [a = 0, b = 0]) => {
      const [deal] = await two(the, 'disbursed');
      const collect = (no: string, fen: number) =>
        instruct(deal, no, yuan(fen), { purpose: 'REPAY', payee: accounts.funder });
      return [collect(`${deal.repaymentNo}-a`, 100 + a), collect(`${deal.repaymentNo}-b`, 100 + b)];
    },
  },
  {
    invariant: 'I-11',
    title: 'money to the operator',
    without: ['drop trigger payment_operator on payment'],
    prepare: async (the, [a = 0, b = 0]) => {
      const [one, other] = await two(the, 'disbursed');
      const payees = [accounts.operator, accounts.funder];
      const pay = (deal: Deal, payee: string) =>
        instruct(deal, `${deal.repaymentNo}-x`, yuan(100 + a), { purpose: 'REPAY', payee });
      return [pay(one, accounts.operator), pay(other, payees[b % 2] ?? accounts.funder)];
    },
  },
  {
    invariant: 'I-12',
    title: 'a limit is frozen while money of it is asked for',
    without: [dropGuards('07_limit_not_frozen')],
    prepare: async (the, [a = 0]) => {
      const [deal, other] = await two(the, 'effective');
      const ask = (of: Deal, no: string) => instruct(of, no, lent);
      const frozen: Work = async (tx) => {
        await freezeLimit(tx, deal.applicationNo, 'by chance', 'SYS', actor);
        await ask(deal, `${deal.paymentNo}-a`)(tx);
      };
      return [frozen, ask(a % 2 === 0 ? other : deal, `${deal.paymentNo}-b`)];
    },
  },
  {
    invariant: 'I-20',
    title: 'two reservations that each fit and together do not',
    without: [
      'alter table credit_limit drop constraint limit_sufficient',
      'drop trigger limit_movement_applied on limit_movement',
    ],
    prepare: async (the, [a = 0, b = 0]) => {
      const { applicationNo } = await the.bring('applied');
      const no = `CL-${applicationNo}`;
      const limit = { no, party: the.dealer, funder: the.funder, revolving: true };
      await the.store.tx(async (tx) => {
        await applyForLimit(tx, limit, actor);
        for (const event of ['review', 'approve', 'activate'] as const)
          await move(tx, 'credit_limit', no, event, actor);
        await moveLimit(tx, no, 'GRANT', '10.00');
      });
      const reserve =
        (fen: number): Work =>
        (tx) =>
          moveLimit(tx, no, 'RESERVE', yuan(fen), { applicationNo });
      return [reserve(501 + (a % 500)), reserve(501 + (b % 500))];
    },
  },
  {
    invariant: 'I-21',
    title: 'two postings of one loan that together repay more than is owed',
    without: ['alter table loan drop constraint balance_within_principal'],
    prepare: async (the, [a = 0, b = 0]) => {
      const [deal] = await two(the, 'disbursed');
      const amounts = [yuan(150_000_000 + a), yuan(150_000_000 + b)];
      const numbers = await matched(the, deal, amounts);
      const post =
        (i: number): Work =>
        async (tx) => {
          const no = numbers[i] ?? '';
          await tx.query('select from loan where no = $1 for update', [deal.loanNo]);
          const parts = { fee: 0, penalty: 0, interest: 0, principal: amounts[i] };
          await move(tx, 'repayment', no, 'post', actor, parts);
          await tx.query(
            `insert into loan_entry (loan_no, kind, item, amount, value_on, repayment_no) values ($1, 'ALLOCATE', 'PRINCIPAL', -$2::numeric, '2026-12-01', $3)`,
            [deal.loanNo, amounts[i], no],
          );
        };
      return [post(0), post(1)];
    },
  },
  {
    invariant: 'I-22',
    title: 'a loan is written of more than its borrower received',
    without: ['drop trigger loan_is_received on loan'],
    prepare: async (the, [a = 0, b = 0]) => {
      const [one, other] = await two(the, 'accepted');
      const lend =
        ({ loanNo, applicationNo, paymentNo }: Deal, fen: number): Work =>
        async (tx) => {
          await move(tx, 'payment', paymentNo, 'succeed', actor);
          await tx.query(
            `insert into loan (no, application_no, payment_no, principal, rate, day_count, start_date, maturity, state)
             values ($1, $2, $3, $4, 0.052, 'ACT/360', '2026-11-23', '2027-02-21', 'ACTIVE')`,
            [loanNo, applicationNo, paymentNo, yuan(lentFen + fen)],
          );
          await begin(tx, 'loan', loanNo, 'activate', actor);
          await tx.query(
            "insert into loan_entry (loan_no, kind, item, amount, value_on) select no, 'DISBURSE', 'PRINCIPAL', principal, start_date from loan where no = $1",
            [loanNo],
          );
        };
      return [lend(one, 1 + a), lend(other, b % 2)];
    },
  },
];
