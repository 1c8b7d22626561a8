/** For tests: what breaks each protection of loans, repayments, plans and reconciliation. */
import type { Attack } from '../attack.fixture.ts';
import { actor, lent, type Deal } from '../fixture.ts';
import { move } from '../lifecycle.ts';
import { appendOnly, asleep, check, staged, trigger, type Staged } from './attack.fixture.ts';

const entry = (loanNo: string, columns: Readonly<Record<string, string>>) =>
  `insert into loan_entry (loan_no, value_on, ${Object.keys(columns).join(', ')})
   select no, start_date, ${Object.values(columns).join(', ')} from loan where no = '${loanNo}';`;
const text = (value: string) => `'${value}'`;
const adjust = (loanNo: string, amount: string) =>
  entry(loanNo, { kind: text('ADJUST'), item: text('INTEREST'), amount, reason: text('told') });
const allocate = ({ loanNo, repaymentNo }: Deal, item: string, amount: string) =>
  entry(loanNo, { kind: text('ALLOCATE'), item: text(item), amount, repayment_no: text(repaymentNo) });
const entries = (name: string) => trigger('loan_entry', name);
const loanOf = ({ loanNo, applicationNo, paymentNo }: Deal, principal: string) =>
  `insert into loan (no, application_no, payment_no, principal, rate, day_count, start_date, maturity, state)
   values ('${loanNo}', '${applicationNo}', '${paymentNo}', ${principal}, 0.052, 'ACT/360', '2026-11-23', '2027-02-21', 'ACTIVE');`;
const paid = ({ paymentNo }: Deal) => `update payment set state = 'SUCCEEDED' where no = '${paymentNo}';`;

const ofLoans: readonly Staged[] = [
  {
    name: 'balance_within_principal, below', // I-21
    code: 'CONTRACT_VIOLATED',
    at: 'matched',
    sql: (deal) => allocate(deal, 'PRINCIPAL', `-${lent} - 0.01`),
    drop: check('loan', 'balance_within_principal'),
  },
  {
    name: 'balance_within_principal, above',
    code: 'CONTRACT_VIOLATED',
    at: 'disbursed',
    sql: ({ loanNo }) => entry(loanNo, { kind: text('DISBURSE'), item: text('PRINCIPAL'), amount: '0.01' }),
    drop: check('loan', 'balance_within_principal'),
  },
  {
    name: 'loan_entry_applied', // I-21
    code: 'CONTRACT_VIOLATED',
    at: 'disbursed',
    sql: ({ loanNo }) => entry(loanNo, { kind: text('DISBURSE'), item: text('PRINCIPAL'), amount: '0.01' }),
    drop: entries('loan_entry_applied'),
  },
  {
    name: 'owes_no_less_than_nothing',
    code: 'CONTRACT_VIOLATED',
    at: 'disbursed',
    sql: ({ loanNo }) => adjust(loanNo, '-0.01'),
    drop: check('loan', 'owes_no_less_than_nothing'),
  },
  {
    name: 'settled_owes_nothing',
    code: 'CONTRACT_VIOLATED',
    at: 'disbursed',
    sql: ({ loanNo }) => `update loan set state = 'SETTLED' where no = '${loanNo}'`,
    drop: check('loan', 'settled_owes_nothing'),
  },
  {
    name: 'upfront_only_for_purchase', // I-22
    code: 'NOT_ALLOWED',
    at: 'disbursed',
    sql: ({ loanNo }) => `${asleep('loan')} update loan set upfront_interest = 0.01 where no = '${loanNo}'`,
    drop: check('loan', 'upfront_only_for_purchase'),
  },
  {
    name: 'loan_only_by_entry', // I-21
    code: 'NOT_ALLOWED',
    at: 'disbursed',
    sql: ({ loanNo }) => `update loan set interest = interest + 0.01 where no = '${loanNo}'`,
    drop: trigger('loan', 'loan_only_by_entry'),
  },
  {
    name: 'loan_is_received', // I-22
    code: 'CONTRACT_VIOLATED',
    at: 'accepted',
    sql: (deal) => `${paid(deal)} ${loanOf(deal, `${lent} + 0.01`)}`,
    drop: trigger('loan', 'loan_is_received'),
  },
  {
    name: 'loan_is_paid_out', // I-10
    code: 'ILLEGAL_TRANSITION',
    at: 'accepted',
    sql: (deal) => loanOf(deal, lent),
    drop: trigger('loan', 'loan_is_paid_out'),
  },
  {
    name: 'loan_unchanged',
    code: 'NOT_ALLOWED',
    at: 'disbursed',
    sql: ({ loanNo }) => `update loan set rate = 0.01 where no = '${loanNo}'`,
    drop: trigger('loan', 'loan_unchanged'),
  },
  {
    name: 'entry_has_its_sign',
    code: 'CONTRACT_VIOLATED',
    at: 'disbursed',
    sql: ({ loanNo }) => entry(loanNo, { kind: text('ADJUST'), item: text('INTEREST'), amount: '1' }),
    drop: check('loan_entry', 'entry_has_its_sign'),
  },
  {
    name: 'entry_names_cause',
    code: 'CONTRACT_VIOLATED',
    at: 'disbursed',
    sql: ({ loanNo }) =>
      `${adjust(loanNo, '1')} ${entry(loanNo, { kind: text('ALLOCATE'), item: text('INTEREST'), amount: '-1' })}`,
    drop: check('loan_entry', 'entry_names_cause'),
  },
  {
    name: 'penalty_recomputes', // I-21
    code: 'CONTRACT_VIOLATED',
    at: 'disbursed',
    sql: ({ loanNo }) =>
      entry(loanNo, {
        kind: text('ACCRUE'),
        item: text('PENALTY'),
        amount: '0.01',
        from_on: 'start_date',
        base: '100',
        rate: '0.05',
        day_count: 'day_count',
      }),
    drop: check('loan_entry', 'penalty_recomputes'),
  },
  {
    name: 'accrual_recomputes', // I-21
    code: 'CONTRACT_VIOLATED',
    at: 'disbursed',
    sql: ({ loanNo }) =>
      entry(loanNo, { kind: text('ACCRUE'), item: text('INTEREST'), amount: '0.01', from_on: 'start_date' }),
    drop: entries('accrual_recomputes'),
  },
  {
    name: 'principal_not_backdated', // I-21
    code: 'CONTRACT_VIOLATED',
    at: 'matched',
    sql: (deal) => allocate(deal, 'PRINCIPAL', '-1').replace('start_date', 'start_date - 1'),
    drop: entries('principal_not_backdated'),
  },
  {
    name: 'reversal_undoes',
    code: 'CONTRACT_VIOLATED',
    at: 'disbursed',
    sql: ({ loanNo }) =>
      entry(loanNo, {
        kind: text('REVERSE'),
        item: text('PRINCIPAL'),
        amount: '-1',
        reverses: '(select e.id from loan_entry e where e.loan_no = loan.no limit 1)',
      }),
    drop: entries('reversal_undoes'),
  },
];

const ofRepayments: readonly Staged[] = [
  {
    name: 'repayment_has_arrived', // I-13
    code: 'ILLEGAL_TRANSITION',
    at: 'notified',
    sql: ({ repaymentNo }) => `update repayment set state = 'MATCHED' where no = '${repaymentNo}'`,
    drop: trigger('repayment', 'repayment_has_arrived'),
  },
  {
    name: 'posted_is_allocated', // I-21
    code: 'CONTRACT_VIOLATED',
    at: 'posted',
    sql: ({ repaymentNo }) => `update repayment set interest = interest - 0.01 where no = '${repaymentNo}'`,
    drop: check('repayment', 'posted_is_allocated'),
  },
  {
    name: 'allocations_are_posted', // I-21
    code: 'CONTRACT_VIOLATED',
    at: 'posted',
    sql: ({ repaymentNo }) =>
      `update repayment set interest = interest - 0.01, fee = fee + 0.01 where no = '${repaymentNo}'`,
    drop: trigger('repayment', 'allocations_are_posted'),
    atCommit: true,
  },
  {
    name: 'entries_are_posted', // I-21
    code: 'CONTRACT_VIOLATED',
    at: 'matched',
    sql: (deal) => `${adjust(deal.loanNo, '1')} ${allocate(deal, 'INTEREST', '-1')}`,
    drop: entries('entries_are_posted'),
    atCommit: true,
  },
  {
    name: 'plan_adds_up',
    code: 'CONTRACT_VIOLATED',
    at: 'disbursed',
    sql: ({ loanNo }) =>
      `insert into loan_plan (loan_no, version, principal, from_on, reason) values ('${loanNo}', 9, 1, '2026-12-01', 'x')`,
    drop: trigger('loan_plan', 'plan_adds_up'),
    atCommit: true,
  },
  ...(['instalments_add_up', 'instalment_has_days'] as const).map((name) => ({
    name,
    code: 'CONTRACT_VIOLATED',
    at: 'disbursed' as const,
    sql: ({ loanNo }: Deal) =>
      `insert into instalment values ('${loanNo}', 1, 9, '2026-12-01', '2026-12-0${name === 'instalment_has_days' ? 1 : 2}', '2026-12-02', 1, 0)`,
    drop: name === 'instalment_has_days' ? check('instalment', name) : trigger('instalment', name),
    ...(name === 'instalment_has_days' ? {} : { atCommit: true as const }),
  })),
];

const run = (no: string, count = 1) =>
  `insert into recon_run (no, on_date, connector, type, file_sha256, control_count, control_sum, state)
   values ('${no}', '2026-11-20', 'bank', 'FUND', repeat('0', 64), ${count}, 5, 'RECEIVED');`;
const item = `insert into recon_item (run_no, key, ext_amount) values ('RR-1', 'K-1', 5);`;
const compared = `update recon_run set state = 'COMPARED' where no = 'RR-1';`;
const openCase = (no: string) =>
  `insert into recon_case (no, run_no, item_key, subject, difference, due_on, state) values ('${no}', 'RR-1', 'K-1', 'K-1', 'x', '2026-11-23', 'OPEN');`;
const ofReconciliation: readonly Staged[] = (
  [
    ['recon_once_a_day', 'IDEMPOTENCY_CONFLICT', run('RR-1') + run('RR-2'), 'drop index recon_once_a_day'],
    [
      'item_is_somewhere',
      'CONTRACT_VIOLATED',
      `${run('RR-1')} insert into recon_item (run_no, key) values ('RR-1', 'K')`,
      check('recon_item', 'item_is_somewhere'),
    ],
    [
      'resolved_says_how',
      'CONTRACT_VIOLATED',
      `${asleep('recon_case')} ${run('RR-1')} ${item} ${openCase('C-1')} update recon_case set state = 'RESOLVED'`,
      check('recon_case', 'resolved_says_how'),
    ],
    [
      'recon_case_once',
      'IDEMPOTENCY_CONFLICT',
      run('RR-1') + item + openCase('C-1') + openCase('C-2'),
      'drop index recon_case_once',
    ],
    ['file_is_whole', 'CONTRACT_VIOLATED', run('RR-1', 2) + item + compared, trigger('recon_run', 'file_is_whole')],
    [
      'differences_are_resolved',
      'RECONCILIATION_OPEN',
      `${run('RR-1')} ${item} ${compared} update recon_run set state = 'SIGNED_OFF' where no = 'RR-1'`,
      trigger('recon_run', 'differences_are_resolved'),
    ],
    [
      'items_before_comparison',
      'ILLEGAL_TRANSITION',
      `${run('RR-1')} ${item} ${compared} ${item.replace('K-1', 'K-2')}`,
      trigger('recon_item', 'items_before_comparison'),
    ],
  ] as const
).map(([name, code, act, drop]) => ({ name, code, at: 'ordered', sql: () => act, drop }));

/** By `move`, so that history follows and only the loan is in the way. */
const returned: Attack = {
  name: 'returned_is_reversed',
  code: 'ILLEGAL_TRANSITION',
  drop: trigger('payment', 'returned_is_reversed'),
  atCommit: true,
  prepare: async (the) => {
    const { paymentNo } = await the.at('disbursed');
    return (tx) => move(tx, 'payment', paymentNo, 'return', actor);
  },
};

const nothing = () => '';
export const loanAttacks: readonly Attack[] = [
  ...[...ofLoans, ...ofRepayments, ...ofReconciliation].map(staged),
  returned,
  ...appendOnly('loan_entry', 'disbursed', nothing),
  ...appendOnly('instalment', 'disbursed', nothing),
  ...appendOnly('loan_plan', 'disbursed', nothing, 'instalment'),
  ...appendOnly('recon_item', 'ordered', () => `${run('RR-1')} ${item}`, 'recon_case'),
];
