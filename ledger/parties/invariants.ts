/** What must never be in this area (domain.md 3), as queries that find offenders. */
import type { Invariant } from '../invariant.ts';

/** Who somebody is, what he agreed to, and what was done for him: kept for ten years after the end, and here for good. */
const keptByTrigger = [
  'party',
  'party_ref',
  'party_role',
  'bank_account',
  'sign_authority',
  'consent',
  'invitation',
  'verification',
  'case_party',
  'application',
  'envelope',
  'pledge',
  'registration',
  'payment',
  'loan',
  'repayment',
  'release_order',
  'approval',
  'blacklist',
  'alert',
  'manual_entry',
];
const appendOnly = ['disclosure', 'history', 'evidence', 'limit_movement'];
const keepers = [
  ...keptByTrigger.map((table) => [table, `${table}_kept`]),
  ...appendOnly.map((table) => [table, `${table}_append_only`]),
];

export const partiesInvariants: readonly Invariant[] = [
  {
    id: 'I-28',
    statement:
      'data leave only under a live consent for that recipient, purpose and kind, or on another ground that is recorded',
    enforcedBy: [
      'disclosure_consented',
      'disclosure_has_ground',
      'disclosure_names_what',
      'disclosure_append_only',
      'consent_unchanged',
    ],
    sql: `select d.id from disclosure d left join consent c on c.id = d.consent_id
          where (d.consent_id is null and (d.legal_basis is null or d.basis_note is null))
             or (d.consent_id is not null and ((c.party_id, c.recipient, c.purpose) is distinct from (d.party_id, d.recipient, d.purpose)
                 or not d.data_kinds <@ c.data_kinds or d.at < c.at or d.at >= c.valid_to or d.at > c.withdrawn_at))`,
  },
  {
    id: 'I-31',
    statement: 'in one case nobody is both funder and borrower, debtor or guarantor',
    enforcedBy: [
      'funder_is_not_borrower',
      'case_party_apart',
      'application_takes_part',
      'pledge_takes_part',
      'trade_order_takes_part',
    ],
    sql: `select no from application where funder_id = borrower_id
          union select c.case_id || ' ' || coalesce(p.uscc, p.id::text) from case_party c join case_party o on (o.case_id, o.party_id) = (c.case_id, c.party_id)
            join party p on p.id = c.party_id
            where c.capacity in ('FUNDER', 'PLEDGEE') and o.capacity in ('BUYER', 'BORROWER', 'PLEDGOR', 'DEBTOR', 'GUARANTOR')`,
  },
  {
    id: 'I-34',
    statement: 'records of identity and of transactions are never deleted (ten years after the end at least)',
    enforcedBy: keepers.flatMap(([, trigger]) => trigger ?? []),
    sql: `select k.its_table from (values ${keepers.map(([table, trigger]) => `('${table}', '${trigger}')`).join(', ')}) k(its_table, its_trigger)
          where not exists (select from pg_trigger t where t.tgrelid = k.its_table::regclass and t.tgname = k.its_trigger and t.tgenabled <> 'D')`,
  },
];
