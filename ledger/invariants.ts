/**
 * What must never be, re-checked on a live database: each row that a query returns breaks the rule. Most of them cannot
 * come about, because a constraint or a guard refuses them; this is the second look that an auditor takes.
 */
import { verifyChain } from '../contracts/evidence/chain.ts';
import type { Store } from '../store/store.ts';

interface Invariant {
  /** As in the domain's list. */
  readonly id: string;
  readonly statement: string;
  /** Where it is enforced. */
  readonly enforcedBy: string;
  readonly sql: string;
}

export const invariants: readonly Invariant[] = [
  {
    id: 'I-01',
    statement:
      'what is pledged or frozen of a lot is not more than what is there, and is the sum of its open pledges and releases under way',
    enforcedBy: 'constraint stock_not_overpledged',
    sql: `select l.lot_no from stock_lot l left join (select lot_no, sum(quantity - released) open from pledge_item where not closed group by lot_no) p using (lot_no)
            left join (select i.lot_no, sum(i.quantity) leaving from release_item i join release_order o on o.no = i.release_no
              where o.state in ('DRAFT', 'PENDING_FND', 'APPROVED', 'SENT_TO_WH') group by i.lot_no) r using (lot_no)
          where l.pledged + l.frozen > l.on_hand or l.pledged <> coalesce(p.open, 0) + coalesce(r.leaving, 0)`,
  },
  {
    id: 'I-02',
    statement: 'a lot is pledged to at most one pledgee',
    enforcedBy: 'unique index lot_pledged_once',
    sql: 'select lot_no from pledge_item where not closed group by lot_no having count(*) > 1',
  },
  {
    id: 'I-04',
    statement: 'what was lent is not more than what was approved, asked for, and what the order costs',
    enforcedBy: 'guard of the disbursement, constraint approved_within_asked',
    sql: `select p.no from payment p join application a on a.no = p.application_no join trade_order o using (order_no)
          where p.purpose = 'DISBURSE' and p.state not in ('FAILED', 'RETURNED') and (p.amount > a.approved_amount or p.amount > o.total)`,
  },
  {
    id: 'I-05',
    statement: 'an asset is locked for at most one application',
    enforcedBy: 'unique index asset_locked_once',
    sql: 'select asset_key from asset_lock where released_at is null group by asset_key having count(*) > 1',
  },
  {
    id: 'I-06',
    statement:
      'the registry was searched within the 24 hours before a registration, and it is registered before money moves',
    enforcedBy: 'constraint search_is_fresh, guard of the disbursement',
    sql: `select r.request_no from registration r where submitted_at - searched_at >= interval '24 hours'
          union all select l.no from loan l join pledge p using (application_no)
            where not exists (select from registration r where r.pledge_no = p.no and r.registered_at is not null)`,
  },
  {
    id: 'I-07',
    statement: 'no money before the contracts are signed and their files verified',
    enforcedBy: 'guard of the disbursement, constraint completed_is_verified',
    sql: `select p.no from payment p where p.purpose = 'DISBURSE'
          and not exists (select from envelope e where e.application_no = p.application_no and e.state = 'COMPLETED' and e.verified_at is not null)`,
  },
  {
    id: 'I-08',
    statement: 'the payee is the account of the signed mandate',
    enforcedBy: 'guard of the disbursement',
    sql: `select p.no from payment p where p.purpose = 'DISBURSE'
          and not exists (select from envelope e where e.application_no = p.application_no and e.mandate_payee = p.payee_account)`,
  },
  {
    id: 'I-09',
    statement: 'at most one disbursement per application that is not known to have failed',
    enforcedBy: 'unique index disbursed_once',
    sql: `select application_no from payment where purpose = 'DISBURSE' and state not in ('FAILED', 'RETURNED') group by application_no having count(*) > 1`,
  },
  {
    id: 'I-10',
    statement: 'one instruction number has one effect per system',
    enforcedBy: 'unique index effect_number',
    sql: 'select number from effect where number is not null group by system, operation, number having count(*) > 1',
  },
  {
    id: 'I-11',
    statement: 'the operator is never payer or payee',
    enforcedBy: 'trigger payment_operator',
    sql: `select p.no from payment p join bank_account a on a.account_no in (p.payer_account, p.payee_account) join party on party.id = a.party_id where party.is_operator`,
  },
  {
    id: 'I-13',
    statement: 'nothing is released before the repayment is posted',
    enforcedBy: 'trigger release_order_posting',
    sql: `select o.no from release_order o join repayment r on r.no = o.repayment_no
          where o.state in ('APPROVED', 'SENT_TO_WH', 'EXECUTED', 'CLOSED') and r.state <> 'POSTED'`,
  },
  {
    id: 'I-14',
    statement: 'what is owed is covered by what is still pledged times the pledge rate',
    enforcedBy: 'guards of disbursement and release',
    sql: `select l.no from loan l join pledge p using (application_no) where l.state = 'ACTIVE' and l.balance > p.pledge_rate * coalesce(
            (select sum((i.quantity - i.released) * i.price) from pledge_item i where i.pledge_no = p.no and not i.closed), 0) and not exists (
            select from release_order o where o.pledge_no = p.no and o.state not in ('CLOSED', 'REJECTED', 'EXPIRED', 'CANCELLED'))`,
  },
  {
    id: 'I-15',
    statement: 'not more left the warehouse than was released',
    enforcedBy: 'constraint outbound_within_released',
    sql: 'select release_no from release_item where outbound > quantity',
  },
  {
    id: 'I-16',
    statement: 'an effective pledge has proof of control, a registration, and a supervisor that is not the pledgor',
    enforcedBy: 'constraints effective_is_proven, supervisor_independent',
    sql: `select no from pledge where supervisor_id = pledgor_id or (state in ('EFFECTIVE', 'PARTIALLY_RELEASED', 'RELEASED')
            and (control_at is null or registration_no is null or custody_no is null))`,
  },
  {
    id: 'I-17',
    statement: 'maker and checker of a release are two people',
    enforcedBy: 'constraint maker_is_not_checker',
    sql: 'select no from release_order where maker = checker',
  },
  {
    id: 'I-20',
    statement: 'a limit is the sum of its movements, and never overdrawn',
    enforcedBy: 'constraint limit_sufficient',
    sql: `select l.no from credit_limit l left join (
            select limit_no, sum(case kind when 'RESERVE' then amount when 'CONSUME' then -amount when 'RELEASE' then -amount else 0 end) reserved,
                   sum(case kind when 'CONSUME' then amount when 'RESTORE' then -amount else 0 end) used from limit_movement group by limit_no) m on m.limit_no = l.no
          where l.reserved <> coalesce(m.reserved, 0) or l.used <> coalesce(m.used, 0) or l.used + l.reserved > l.total`,
  },
  {
    id: 'I-21',
    statement: 'what was repaid is what was allocated, and the balance of a loan is its principal less that',
    enforcedBy: 'constraints posted_is_allocated, balance_within_principal',
    sql: `select l.no from loan l left join (select loan_no, sum(principal) paid from repayment where state = 'POSTED' group by loan_no) r on r.loan_no = l.no
          where l.balance <> l.principal - coalesce(r.paid, 0)
          union all select no from repayment where state = 'POSTED' and fee + penalty + interest + principal <> amount`,
  },
  {
    id: 'I-26',
    statement: 'a fact is taken by one run at most, and a run takes it once',
    enforcedBy: 'primary key of signal',
    sql: `select key from signal where taken_by is not null group by key, id having count(*) > 1`,
  },
  {
    id: 'I-27',
    statement: 'every state is the last one of its history, and history has no gap',
    enforcedBy: 'triggers history_append_only and *_lifecycle',
    sql: `with chained as (select entity, entity_id, from_state, to_state, lag(to_state, 1, '') over (partition by entity, entity_id order by id) was,
                             row_number() over (partition by entity, entity_id order by id desc) last from history),
               states as (select 'application' entity, no id, state from application union all select 'pledge', no, state from pledge union all select 'payment', no, state from payment
                 union all select 'loan', no, state from loan union all select 'repayment', no, state from repayment union all select 'release_order', no, state from release_order
                 union all select 'envelope', no, state from envelope union all select 'registration', request_no, state from registration
                 union all select 'party', id::text, state from party union all select 'bank_account', account_no, state from bank_account)
          select entity_id from chained where from_state <> was
          union all select s.id from states s left join chained c on c.entity = s.entity and c.entity_id = s.id and c.last = 1 where c.to_state is distinct from s.state`,
  },
  {
    id: 'I-31',
    statement: 'in one case the funder is not the borrower',
    enforcedBy: 'constraint funder_is_not_borrower',
    sql: 'select no from application where funder_id = borrower_id',
  },
];

export interface Verdict {
  readonly id: string;
  readonly statement: string;
  readonly enforcedBy: string;
  /** What breaks it; empty when it holds. */
  readonly offenders: readonly string[];
}

export async function verifyBooks(store: Store): Promise<Verdict[]> {
  const verdicts: Verdict[] = [];
  for (const { sql, ...invariant } of invariants) {
    const found = await store.pool.query({ text: sql, rowMode: 'array' });
    verdicts.push({ ...invariant, offenders: (found.rows as unknown[][]).map((row) => String(row[0])) });
  }
  verdicts.push({
    id: 'evidence',
    statement: 'every case’s evidence chain recomputes, and holds every head that was anchored',
    enforcedBy: 'hash chain, trigger evidence_append_only',
    offenders: await brokenChains(store),
  });
  return verdicts;
}

async function brokenChains(store: Store): Promise<string[]> {
  const found = await store.pool.query<{
    case_id: string;
    node: string;
    business_key: string;
    payload: unknown;
    at: string;
    sha256: string;
    sm3: string;
  }>('select case_id, node, business_key, payload, at, sha256, sm3 from evidence order by case_id, no');
  const anchors = await store.pool.query<{ case_id: string; upto: number; head_sha256: string }>(
    'select case_id, upto, head_sha256 from anchor',
  );
  const broken = [...Map.groupBy(found.rows, (row) => row.case_id)].flatMap(([caseId, rows]) => {
    const verdict = verifyChain(
      rows.map(({ sha256, sm3 }, i) => ({ seq: i + 1, sha256, sm3 })),
      rows.map((row) => ({ node: row.node, businessKey: row.business_key, payload: row.payload, at: row.at })),
    );
    const lost = anchors.rows.filter(
      (anchor) => anchor.case_id === caseId && rows[anchor.upto - 1]?.sha256 !== anchor.head_sha256,
    );
    return verdict.ok && lost.length === 0 ? [] : [caseId];
  });
  return broken;
}
