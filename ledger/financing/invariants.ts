/** What must never be in this area (domain.md 3), as queries that find offenders. */
import type { Invariant } from '../invariant.ts';
import { isolationOffenders, isolationPolicies } from '../isolation/invariants.ts';

export const financingInvariants: readonly Invariant[] = [
  {
    id: 'I-05',
    statement: 'an asset is locked for at most one application, and stays locked while a loan rests on it',
    enforcedBy: ['asset_locked_once', 'asset_key_of_a_kind', 'asset_lock_fits', 'asset_lock_stays'],
    sql: `select asset_key from asset_lock where released_at is null and share_of is null group by asset_key having count(*) > 1
          union all select a.no from application a where a.state = 'DISBURSED'
            and exists (select from asset_lock l where l.application_no = a.no)
            and not exists (select from asset_lock l where l.application_no = a.no and l.released_at is null)`,
  },
  {
    id: 'I-06',
    statement:
      'the registry was searched within the 24 hours before a registration, and it is registered before money moves',
    enforcedBy: [
      'search_is_fresh',
      'submitted_is_searched',
      'registered_has_number',
      'registered_before_disbursement',
      'guard_11_pledge_registered',
    ],
    sql: `select r.request_no from registration r where r.state not in ('DRAFT', 'SEARCHED', 'FAILED') and (submitted_at - searched_at < interval '24 hours') is not true
          union all select l.no from loan l join application a on a.no = l.application_no
            where a.product <> 'CREDIT' and not exists (select from registration r where r.application_no = a.no and r.registered_at is not null)`,
  },
  {
    id: 'I-07',
    statement: 'no money before all have signed who had to, with a valid authority, and the files are verified',
    enforcedBy: [
      'completed_is_verified',
      'completed_by_vendor',
      'envelope_moves',
      'envelope_open_once',
      'signer_moves',
      'guard_04_contracts_signed',
    ],
    sql: `select p.no from payment p where p.purpose like 'DISBURSE%'
          and not exists (select from envelope e where e.application_no = p.application_no and e.state = 'COMPLETED' and e.verified_at is not null)
          union all select e.no from envelope e where e.state = 'COMPLETED' and exists (
            select from envelope_signer s where s.envelope_no = e.no and (s.state <> 'SIGNED' or s.signed_at is null))
          union all select s.id from envelope_signer s join sign_authority g on g.no = s.authority_no where s.state = 'SIGNED' and g.party_id <> s.party_id`,
  },
  {
    id: 'I-30',
    statement:
      'a party reads what it takes part in, by the columns of its relation, and no other funder’s terms; only a funder to which an offer was made subscribes to it',
    enforcedBy: ['subscription_moves', ...isolationPolicies],
    sql: `select s.no from subscription s join asset_offer o on o.no = s.offer_no join application a on a.no = o.application_no
          where not (s.funder_id = any (o.visible_to)) or s.funder_id = a.borrower_id
          union all (${isolationOffenders})`,
  },
  {
    id: 'I-33',
    statement:
      'a registration is cancelled within ten working days after its loan is settled, and amended within four months after a party’s name changed; else an alert says so',
    enforcedBy: ['registration_due_at_end', 'registration_due_at_renaming'],
    sql: `select r.request_no from registration r where not exists (select from alert a where a.type = 'REG_EXPIRING' and a.subject = r.registration_no)
            and ((r.cancelled_at at time zone 'Asia/Shanghai')::date > r.cancel_due
            or (r.state in ('REGISTERED', 'AMENDED', 'EXTENDED', 'OBJECTED') and (r.cancel_due < shanghai_date(hub_now()) or r.amend_due < shanghai_date(hub_now()))))
          union all select r.request_no from registration r join loan l on l.application_no = r.application_no
            where l.state = 'SETTLED' and r.state in ('REGISTERED', 'AMENDED', 'EXTENDED', 'OBJECTED') and r.cancel_due is null`,
  },
];
