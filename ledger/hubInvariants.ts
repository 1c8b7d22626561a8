/** Invariants that hold for all of the hub, whatever the area (domain.md 3), as queries that find offenders. */
import type { Invariant } from './invariant.ts';
import { keyColumn } from './lifecycles.ts';

export const hubInvariants: readonly Invariant[] = [
  {
    id: 'I-23',
    statement:
      'every number has its unit by its type: amounts two decimals in yuan, rates as fractions, quantities three decimals; no binary float',
    enforcedBy: ['fraction_is_no_percentage', 'books_in_yuan', 'contract: contracts/canonical/catalogue.test.ts'],
    sql: `select t.relname || '.' || a.attname || ' is ' || format_type(a.atttypid, a.atttypmod)
          from pg_attribute a join pg_class t on t.oid = a.attrelid join stateful s on s.entity = t.relname
          where a.attnum > 0 and not a.attisdropped and (a.atttypid in ('real'::regtype, 'double precision'::regtype, 'money'::regtype)
            or (a.atttypid = 'numeric'::regtype and a.atttypmod = -1) or (a.attname ~ '(^|_)rate$' and a.atttypid <> 'fraction'::regtype)
            or (a.attname ~ 'currency$' and a.atttypid <> 'book_currency'::regtype))
          union all select 'application ' || no from application where rate > 1 or pledge_rate > 1 or currency <> 'CNY'
          union all select 'payment ' || no from payment where currency <> 'CNY'
          union all select 'loan ' || no from loan where rate > 1 or currency <> 'CNY'
          union all select 'price of ' || material from price_quote where currency <> 'CNY'`,
  },
  {
    id: 'I-24',
    statement: 'an external code without mapping is never a success',
    enforcedBy: ['unmapped_is_no_success', 'mapping: mappings/codes'],
    sql: `select id from exchange where code = 'EXT_CODE_UNMAPPED' and state = 'ok'`,
  },
  {
    id: 'I-25',
    statement: 'a fact counts only when its message is kept as it came and its sender is proven',
    enforcedBy: ['signal_is_verified', 'engine: adapters/*/*.test.ts'],
    sql: `select s.key from signal s join exchange e on e.id = s.exchange_id where e.verified is not true`,
  },
  {
    id: 'I-26',
    statement: 'a fact is taken by one run at most, and a run takes it once',
    enforcedBy: ['signal_pkey'],
    sql: `select key from signal where taken_by is not null group by key, id having count(*) > 1`,
  },
  {
    id: 'I-27',
    statement: 'every state is the last one of its history, and history has no gap',
    enforcedBy: [
      'history_append_only',
      'history_not_emptied',
      'history_chained',
      'history_folded',
      'application_lifecycle',
      'application_folded',
      'evidence_append_only',
      'evidence_is_due',
      'evidence_due_until_sequenced',
      'evidence_leaf_append_only',
      'evidence_subtree_append_only',
      'evidence_head_append_only',
      'anchor_append_only',
    ],
    sql: `with told as (select h.*, lag(to_state, 1, '') over w was, lag(sha256) over w previous, row_number() over w no from history h window w as (partition by entity, entity_id order by version)),
               last as (select distinct on (entity, entity_id) entity, entity_id, to_state from history order by entity, entity_id, version desc),
               states as (${Object.entries(keyColumn)
                 .map(([entity, key]) => `select '${entity}' entity, ${key}::text id, state from ${entity}`)
                 .join(' union all ')})
          select t.entity || ' ' || t.entity_id from told t where t.from_state <> t.was or t.version <> t.no
            or t.sha256 <> history_digest(t.previous, (select h from history h where h.id = t.id))
          union select s.entity || ' ' || s.id from states s left join last l on l.entity = s.entity and l.entity_id = s.id where l.to_state is distinct from s.state
          union select l.entity || ' ' || l.entity_id from last l where not exists (select from states s where s.entity = l.entity and s.id = l.entity_id)`,
  },
  {
    id: 'I-29',
    statement: 'persons and messages lie sealed; passwords, one-time codes and biometrics are not kept at all',
    enforcedBy: ['sign_authority_sealed', 'exchange_sealed', 'exchange_part_sealed', 'engine: test/sealed.test.ts'],
    sql: `select 'signer ' || id from sign_authority where not (is_sealed(name) and is_sealed(id_no) and is_sealed(phone))
          union all select 'message ' || id from exchange where not (is_sealed(request) and is_sealed(answer))
          union all select 'message ' || exchange_id from exchange_part where not (is_sealed(path) and is_sealed(request) and is_sealed(answer))
          union all select table_name || '.' || column_name from information_schema.columns
            where table_schema = 'public' and column_name ~ '(^|_)(password|passwd|otp|cvv|face_image|biometric)'`,
  },
];
