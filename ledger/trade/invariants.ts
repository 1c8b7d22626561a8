/** What must never be in this area (domain.md 3), as queries that find offenders. */
import type { Invariant } from '../invariant.ts';

export const tradeInvariants: readonly Invariant[] = [
  {
    id: 'I-03',
    statement:
      'what is used of an invoice is the sum of its uses and not more than its total less what was flushed red before; what is financed on a receivable is not more than what is confirmed of it times the advance rate',
    enforcedBy: [
      'invoice_not_exhausted',
      'invoice_use_counts',
      'invoice_used_is_counted',
      'invoice_cover',
      'asset_lock_fits',
      'application_within_assets',
      'application_keeps_assets',
    ],
    sql: `select i.key from invoice i left join (select invoice_key, sum(amount) used from invoice_use where state <> 'RELEASED' group by invoice_key) u on u.invoice_key = i.key
          where i.used_amount <> coalesce(u.used, 0) or coalesce(u.used, 0) > i.amount_inc_tax - i.red_amount + i.uncovered_amount
          union all select l.asset_key from asset_lock l join receivable r on r.no = l.receivable_no
            left join confirmation c on c.receivable_no = r.no and c.version = r.version and c.state = 'CONFIRMED'
            where l.released_at is null and (l.financed <= trunc(c.confirmed_amount * l.advance_rate, 2)) is not true
          union all select a.no from application a where a.product = 'FACTORING' and a.state in ('ROUTED', 'FUNDER_REVIEW', 'APPROVED', 'CONTRACTING', 'SIGNED', 'READY_TO_DISBURSE', 'DISBURSED')
            and a.amount > (select coalesce(sum(l.financed), 0) from asset_lock l where l.application_no = a.no and l.released_at is null)`,
  },
  {
    id: 'I-18',
    statement:
      'what the debtor confirmed stays as it was once the receivable is locked or assigned, and a change of the base contract under it is told',
    enforcedBy: [
      'confirmation_terms',
      'receivable_moves',
      'receivable_version_append_only',
      'receivable_version_not_emptied',
      'confirmed_once',
      'contract_change_is_told',
    ],
    sql: `select r.no from receivable r left join confirmation c on c.receivable_no = r.no and c.version = r.version and c.state = 'CONFIRMED'
            left join receivable_version v on v.receivable_no = r.no and v.version = r.version
          where r.state in ('LOCKED', 'ASSIGNED', 'DISPUTED', 'MATURED', 'OVERDUE') and (c.confirmed_amount <= v.net_amount) is not true
          union all select c.no from confirmation c join receivable_version v on v.receivable_no = c.receivable_no and v.version = c.version where c.confirmed_amount > v.net_amount
          union all select l.asset_key from asset_lock l join receivable r on r.no = l.receivable_no
            join receivable_version v on v.receivable_no = r.no and v.version = r.version where l.released_at is null and v.version > 1 and v.at > l.at
          union all select t.contract_no from trade_contract t join receivable r on r.contract_id = t.id and r.state in ('ASSIGNED', 'DISPUTED', 'MATURED', 'OVERDUE')
            join trade_contract_version v on v.contract_id = t.id and v.version > 1
            where v.at > (select max(h.at) from history h where h.entity = 'receivable' and h.entity_id = r.no and h.to_state = 'ASSIGNED' and h.event = 'assign')
              and not exists (select from contract_change c where c.contract_id = t.id and c.version = v.version and c.receivable_no = r.no)`,
  },
  {
    id: 'I-19',
    statement:
      'a notice is delivered at the time that the receiving system recorded, and in disclosed factoring before money moves',
    enforcedBy: ['delivered_has_arrived', 'arrived_after_sent', 'arrival_kept', 'notified_before_disbursement'],
    sql: `select no from assignment_notice where state in ('DELIVERED', 'ACKNOWLEDGED') and (arrived_at is null or arrival_source is null or arrived_at < sent_at)
          union all select p.no from payment p join application a on a.no = p.application_no and a.product = 'FACTORING' and a.disclosed
            join asset_lock l on l.application_no = a.no and l.receivable_no is not null and l.released_at is null
            where p.purpose like 'DISBURSE%' and p.state not in ('FAILED', 'RETURNED') and not exists (
              select from assignment_notice n where n.receivable_no = l.receivable_no and n.state in ('DELIVERED', 'ACKNOWLEDGED', 'REVOKED') and n.arrived_at is not null)`,
  },
  {
    id: 'I-32',
    statement:
      'a certificate runs for at most a year, above six months with a reason, and none was issued while its issuer was in default',
    enforcedBy: ['certificate_term', 'long_certificate_has_reason', 'certificate_issue', 'receivable_moves'],
    sql: `select no from receivable_certificate where end_date > start_date + interval '1 year'
            or (end_date > start_date + interval '6 months' and coalesce(btrim(long_term_reason), '') = '')
          union all select c.no from receivable_certificate c join history i on i.entity = 'receivable_certificate' and i.entity_id = c.no and i.event = 'issue'
            join receivable r on r.debtor_id = c.issuer_id join history d on d.entity = 'receivable' and d.entity_id = r.no and d.to_state = 'OVERDUE' and d.id < i.id
            where not exists (select from history h where h.entity = 'receivable' and h.entity_id = r.no and h.id > d.id and h.id < i.id)`,
  },
];
