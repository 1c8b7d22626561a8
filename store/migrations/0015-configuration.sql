-- Configuration (配置): products, templates and rule sets, each version published by two people (四眼) and never changed after.
-- What a decision was made by stays what it was.
create table configuration (
  id      text primary key,              -- <kind>/<code>@<version>
  kind    text not null check (kind in ('PRODUCT', 'TEMPLATE', 'RULES')),
  code    text not null check (code ~ '^[a-z0-9][a-z0-9-]{0,63}$'),
  version int  not null check (version >= 1),
  body    jsonb not null,                -- as contracts/configuration says
  state   text not null,
  constraint configuration_named check (id = kind || '/' || code || '@' || version),
  -- A debtor who confirms has been told: such a factoring is not undisclosed (domain 7.6). Interest up front is for purchases only (I-22).
  constraint product_consistent check (kind <> 'PRODUCT' or (
    ((body ->> 'disclosed')::boolean or not body -> 'requiredDocuments' ? 'debtorConfirmation')
    and (body ->> 'interestCollection' <> 'UPFRONT' or body ->> 'type' = 'FACTORING')
    and (body -> 'lines' is null or ((body #>> '{lines,warn}')::numeric < (body #>> '{lines,topUp}')::numeric
      and (body #>> '{lines,topUp}')::numeric < (body #>> '{lines,dispose}')::numeric)))),
  unique (kind, code, version)
);
create unique index configuration_in_force on configuration (kind, code) where state = 'PUBLISHED';
call make_stateful('configuration', 'id');

-- Only a draft is written.
create function configuration_is_settled() returns trigger language plpgsql as $$
begin
  if (new.id, new.kind, new.code, new.version) is distinct from (old.id, old.kind, old.code, old.version)
     or (new.body is distinct from old.body and old.state <> 'DRAFT') then
    raise exception '% is not a draft', old.id using errcode = 'check_violation', constraint = 'configuration_settled', table = 'configuration';
  end if;
  return new;
end
$$;
create trigger configuration_settled before update on configuration for each row execute function configuration_is_settled();

-- A decision by rules: what they were told, which version, what followed, and why. Never changed.
create table decision (
  id            bigint generated always as identity primary key,
  case_id       text references cases,
  subject       text not null,
  rules_id      text not null references configuration,
  inputs        jsonb not null,
  outcome       text not null check (outcome in ('pass', 'refuse', 'refer')),
  points        numeric(18, 9),
  requires      jsonb not null,
  why           jsonb not null, -- [{rule, title, held, conditions: [{fact, operator, value, told, held}]}]
  at            timestamptz not null default hub_now()
);
create index decision_case on decision (case_id);
create trigger decision_append_only before update or delete on decision for each row execute function refuse_change();
create trigger decision_not_emptied before truncate on decision for each statement execute function refuse_change();

-- A decision is by rules that were in force.
create function decision_by_rules_in_force() returns trigger language plpgsql as $$
begin
  if not exists (select from configuration c where c.id = new.rules_id and c.kind = 'RULES' and c.state = 'PUBLISHED' for share) then
    raise exception '% is not in force', new.rules_id using errcode = 'check_violation', constraint = 'decision_by_rules', table = 'decision';
  end if;
  return new;
end
$$;
create trigger decision_by_rules before insert on decision for each row execute function decision_by_rules_in_force();

-- Projects run on a version of a product.
alter table project add column product_id text references configuration;
alter table application add column product_id text references configuration;
