/** What must never be in this area (domain.md 3), as queries that find offenders. */
import type { Invariant } from '../invariant.ts';

const live = `is_disbursement(p.purpose) and p.state not in ('FAILED', 'RETURNED')`;
/** The state that an entity was in when the payment `p` began; `b` is that beginning. */
const then = (entity: string, id: string) =>
  `(select h.to_state from history h where h.entity = '${entity}' and h.entity_id = ${id} and h.id < b.id order by h.id desc limit 1)`;

export const moneyInvariants: readonly Invariant[] = [
  {
    id: 'I-04',
    statement:
      'what was lent is not more than what was approved, asked for, reserved of the limit, and what the order costs',
    enforcedBy: [
      'approved_within_asked',
      'guard_06_limit_reserved',
      'guard_08_amount_approved',
      'guard_09_order_covers',
      'limit_sufficient',
    ],
    sql: `select p.no from payment p join application a on a.no = p.application_no left join trade_order o on (o.seller_no, o.order_no) = (a.seller_no, a.order_no)
          where ${live} and (p.amount > a.approved_amount or p.amount > o.total or p.amount > (select sum(m.amount) from limit_movement m
            where m.application_no = a.no and m.kind = 'RESERVE'))`,
  },
  {
    id: 'I-08',
    statement: 'the payee is the account of the signed mandate; of a payment to the borrower, an account of his own',
    enforcedBy: ['guard_05_payee_mandated', 'payee_not_cooling', 'payment_unchanged'],
    sql: `select p.no from payment p where p.purpose = 'DISBURSE'
            and not exists (select from envelope e where e.application_no = p.application_no and e.mandate_payee = p.payee_account)
          union all select p.no from payment p join application a on a.no = p.application_no where p.purpose = 'DISBURSE_SELF'
            and not exists (select from bank_account b where b.account_no = p.payee_account and b.party_id = a.borrower_id)`,
  },
  {
    id: 'I-09',
    statement: 'at most one disbursement per application that is not known to have failed',
    enforcedBy: ['disbursed_once', 'guard_08_amount_approved'],
    sql: `select p.application_no from payment p where ${live} group by p.application_no having count(*) > 1`,
  },
  {
    id: 'I-10',
    statement: 'nothing is sent again while its outcome is unknown; one instruction number has one effect per system',
    enforcedBy: ['disbursed_once', 'collecting_once', 'payment_follows_ended', 'loan_is_paid_out', 'effect_number'],
    sql: `select number from effect where number is not null group by system, operation, number having count(*) > 1
          union all select p.application_no from payment p where p.purpose = 'REPAY' and p.state in ('CREATED', 'APPROVED', 'SUBMITTING', 'ACCEPTED', 'UNKNOWN')
            group by p.application_no having count(*) > 1
          union all select n.no from payment n join payment p on p.no = n.previous_no where p.state not in ('FAILED', 'RETURNED')`,
  },
  {
    id: 'I-11',
    statement: 'money goes between accounts of parties, and the operator is never payer or payee',
    enforcedBy: ['payment_operator', 'payment_between_parties', 'payment_unchanged'],
    sql: `select p.no from payment p join bank_account a on a.account_no in (p.payer_account, p.payee_account) join party on party.id = a.party_id where party.is_operator
          union all select p.no from payment p where not exists (select from bank_account a where a.account_no = p.payee_account)
            or p.payer_account is not null and not exists (select from bank_account a where a.account_no = p.payer_account)`,
  },
  {
    id: 'I-12',
    statement: 'nothing was drawn by a party that was frozen or overdue, or of a limit that was frozen',
    enforcedBy: [
      'guard_01_borrower_active',
      'guard_02_borrower_not_overdue',
      'guard_07_limit_not_frozen',
      'guard_13_price_fresh',
      'guard_14_stock_feed_fresh',
      'guard_16_no_margin_call',
      'limit_is_open',
    ],
    sql: `select p.no from payment p join application a on a.no = p.application_no
            join history b on b.entity = 'payment' and b.entity_id = p.no and b.from_state = ''
          where is_disbursement(p.purpose) and (${then('party', 'a.borrower_id::text')} <> 'ACTIVE'
            or exists (select from loan l join application x on x.no = l.application_no where x.borrower_id = a.borrower_id
                 and ${then('loan', 'l.no')} in ('OVERDUE', 'DEFAULTED', 'DISPOSING', 'WRITTEN_OFF'))
            or exists (select from limit_movement m where m.application_no = a.no and m.kind = 'RESERVE' and ${then('credit_limit', 'm.limit_no')} = 'FROZEN'))`,
  },
  {
    id: 'I-20',
    statement:
      'a limit is the sum of its movements, is never overdrawn, and is restored by posted principal only, if it revolves',
    enforcedBy: [
      'limit_sufficient',
      'limit_movement_applied',
      'limit_only_by_movement',
      'limit_reserved_first',
      'restore_only_revolving',
      'restore_only_posted',
      'reverse_only_returned',
      'limit_movement_append_only',
    ],
    sql: `select l.no from credit_limit l left join (
            select limit_no, sum(case kind when 'GRANT' then amount when 'REDUCE' then -amount else 0 end) total,
                   sum(case when kind = 'RESERVE' then amount when kind in ('CONSUME', 'RELEASE') then -amount else 0 end) reserved,
                   sum(case when kind in ('CONSUME', 'UNRESTORE') then amount when kind in ('RESTORE', 'REVERSE') then -amount else 0 end) used
            from limit_movement group by limit_no) m on m.limit_no = l.no
          where (l.total, l.reserved, l.used) is distinct from (coalesce(m.total, 0), coalesce(m.reserved, 0), coalesce(m.used, 0))
            or l.total <> l.used + l.reserved + l.available or l.available < 0
          union all select m.limit_no from limit_movement m join credit_limit l on l.no = m.limit_no join repayment r on r.no = m.repayment_no
            group by m.limit_no, m.repayment_no, l.revolving, r.principal, r.state
            having not l.revolving or sum(case m.kind when 'RESTORE' then m.amount else -m.amount end) > case r.state when 'POSTED' then r.principal else 0 end`,
  },
  {
    id: 'I-21',
    statement:
      'what was repaid is what was allocated, a loan is the sum of its entries, principal never falls below zero, and interest recomputes from facts',
    enforcedBy: [
      'posted_is_allocated',
      'allocations_are_posted',
      'entries_are_posted',
      'loan_entry_applied',
      'loan_only_by_entry',
      'balance_within_principal',
      'accrual_recomputes',
      'penalty_recomputes',
      'principal_not_backdated',
      'reversal_undoes',
      'loan_entry_append_only',
    ],
    sql: `select l.no from loan l left join (select loan_no, sum(amount) filter (where item = 'PRINCIPAL') balance, sum(amount) filter (where item = 'INTEREST') interest,
              sum(amount) filter (where item = 'PENALTY') penalty, sum(amount) filter (where item = 'COMPOUND') compound, sum(amount) filter (where item = 'FEE') fee
            from loan_entry group by loan_no) e on e.loan_no = l.no
          where (l.balance, l.interest, l.penalty, l.compound, l.fee) is distinct from
            (coalesce(e.balance, 0), coalesce(e.interest, 0), coalesce(e.penalty, 0), coalesce(e.compound, 0), coalesce(e.fee, 0)) or coalesce(e.balance, 0) < 0
          union all select l.no from loan l left join (select loan_no, sum(principal) paid from repayment where state = 'POSTED' group by loan_no) r on r.loan_no = l.no
            where l.balance <> l.principal - coalesce(r.paid, 0) and l.state <> 'REVERSED'
          union all select no from repayment where state in ('POSTED', 'REVERSED') and (fee + penalty + coalesce(compound, 0) + interest + principal = amount) is not true
          union all select r.no from repayment r where coalesce((select -sum(e.amount) from loan_entry e where e.repayment_no = r.no), 0)
            <> case r.state when 'POSTED' then r.amount else 0 end
          union all select e.loan_no from loan_entry e where e.kind = 'ACCRUE' and e.item = 'INTEREST' and not exists (select from loan_entry r where r.reverses = e.id)
            and e.amount <> interest_of(e.loan_no, e.from_on, e.value_on)`,
  },
  {
    id: 'I-22',
    statement: 'a loan is what its borrower received: interest is taken beforehand only where a receivable was bought',
    enforcedBy: ['loan_is_received', 'upfront_only_for_purchase', 'loan_unchanged'],
    sql: `select l.no from loan l join payment p on p.no = l.payment_no
          where l.principal - l.upfront_interest <> p.amount or (l.upfront_interest > 0 and not l.purchase)`,
  },
];
