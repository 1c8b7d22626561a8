-- Who takes part in a case and who may not: invitations, parts in cases, the blacklist, alerts, approvals that lapse, entries by hand.

/* --- Invitations (邀请) --- */

alter table invitation
  add column id            uuid not null default gen_random_uuid() unique,
  add column state         text,
  add column inviter_id    uuid references party,
  add column project_id    text references project,
  add column invitee_uscc  text check (is_uscc(invitee_uscc)), -- only this company may accept
  add column accepted_uscc text,
  add column sent_at       timestamptz;
update invitation set state = case when used_at is not null then 'ACCEPTED' when expires_at <= hub_now() then 'EXPIRED' else 'SENT' end;
update invitation set state = 'REVOKED' where state = 'SENT' and code <> (
  select max(o.code) from invitation o where o.state = 'SENT' and (o.party_id, o.case_id) = (invitation.party_id, invitation.case_id));
alter table invitation alter column state set not null, alter column case_id drop not null,
  add constraint invited_company_accepts check (state <> 'ACCEPTED' or invitee_uscc is null or accepted_uscc is not distinct from invitee_uscc);
create unique index invitation_live_once on invitation (party_id, coalesce(case_id, '')) where state in ('DRAFT', 'SENT', 'OPENED');
call make_stateful('invitation', 'id');

create function invitation_in_time() returns trigger language plpgsql as $$
begin
  if new.expires_at <= hub_now() or new.code <> old.code then
    perform refuse('invitation_in_time', 'invitation', 'the invitation has expired');
  end if;
  return new;
end
$$;
create trigger invitation_in_time before update on invitation for each row when (new.state = 'ACCEPTED' and old.state <> 'ACCEPTED') execute function invitation_in_time();

/* --- Who takes part in a case: what row-level security reads --- */

create table case_party (
  case_id  text not null references cases,
  party_id uuid not null references party,
  capacity text not null check (capacity in ('SELLER', 'BUYER', 'BORROWER', 'FUNDER', 'PLEDGOR', 'PLEDGEE', 'SUPERVISOR', 'KEEPER', 'CREDITOR', 'DEBTOR', 'GUARANTOR')),
  at       timestamptz not null default hub_now(),
  primary key (case_id, party_id, capacity)
);
create index case_party_party on case_party (party_id, case_id);
create trigger case_party_kept before delete on case_party for each row execute function refuse_delete();

-- Who lends is not who owes (I-31). One after the other per case and party: two writers at once see each other.
create function case_party_apart() returns trigger language plpgsql as $$
begin
  perform pg_advisory_xact_lock(hashtextextended('case_party ' || new.case_id || ' ' || new.party_id, 0));
  if exists (select from case_party c where (c.case_id, c.party_id) = (new.case_id, new.party_id)
      and (c.capacity in ('FUNDER', 'PLEDGEE') and new.capacity in ('BUYER', 'BORROWER', 'PLEDGOR', 'DEBTOR', 'GUARANTOR')
        or c.capacity in ('BUYER', 'BORROWER', 'PLEDGOR', 'DEBTOR', 'GUARANTOR') and new.capacity in ('FUNDER', 'PLEDGEE'))) then
    perform refuse('case_party_apart', 'case_party', 'in one case nobody is both funder and borrower, debtor or guarantor');
  end if;
  return new;
end
$$;
create trigger case_party_apart before insert or update on case_party for each row execute function case_party_apart();

/* For the triggers of every table that makes somebody a part of a case. */
create function takes_part(of_case text, party uuid, as_capacity text) returns void language sql as $$
  insert into case_party (case_id, party_id, capacity) select of_case, party, as_capacity where of_case is not null and party is not null on conflict do nothing
$$;

create function trade_order_takes_part() returns trigger language plpgsql as $$
begin
  perform takes_part(new.case_id, new.buyer_id, 'BUYER');
  perform takes_part(new.case_id, p.unit_id, 'SELLER'), takes_part(new.case_id, p.keeper_id, 'KEEPER') from project p where p.seller_no = new.seller_no;
  return null;
end
$$;
create trigger trade_order_takes_part after insert or update of case_id, buyer_id on trade_order for each row execute function trade_order_takes_part();

create function application_takes_part() returns trigger language plpgsql as $$
begin
  perform takes_part(new.case_id, new.borrower_id, 'BORROWER'), takes_part(new.case_id, new.funder_id, 'FUNDER');
  return null;
end
$$;
create trigger application_takes_part after insert or update of case_id, borrower_id, funder_id on application for each row execute function application_takes_part();

create function pledge_takes_part() returns trigger language plpgsql as $$
begin
  perform takes_part(a.case_id, new.pledgor_id, 'PLEDGOR'), takes_part(a.case_id, new.pledgee_id, 'PLEDGEE'), takes_part(a.case_id, new.supervisor_id, 'SUPERVISOR')
  from application a where a.no = new.application_no;
  return null;
end
$$;
create trigger pledge_takes_part after insert or update of application_no, pledgor_id, pledgee_id, supervisor_id on pledge for each row execute function pledge_takes_part();

-- Affiliates in one case are allowed, and shown (关联方).
create view case_affiliates as
  select distinct c.case_id, c.party_id funder_id, o.party_id affiliate_id, o.capacity, f.group_code
  from case_party c join party f on f.id = c.party_id join case_party o on o.case_id = c.case_id and o.party_id <> c.party_id
    join party a on a.id = o.party_id and a.group_code = f.group_code
  where c.capacity = 'FUNDER' and o.capacity in ('BORROWER', 'DEBTOR', 'GUARANTOR', 'PLEDGOR', 'SUPERVISOR');

/* --- Blacklist (黑名单) --- */

create table blacklist (
  id              uuid primary key default gen_random_uuid(),
  uscc            text check (is_uscc(uscc)),
  subject_hash    text check (subject_hash ~ '^[0-9a-f]{64}$'), -- of a person: keyed hash of the identity number, as in sign_authority
  scope           text not null check (scope in ('LOCAL', 'GROUP', 'SHARED')),
  reason_code     text not null check (length(reason_code) between 1 and 64),
  source          text not null check (source in ('DISHONEST_DEBTOR_LIST', 'OVERDUE', 'AML', 'FRAUD', 'MANUAL')),
  evidence_sha256 text check (evidence_sha256 ~ '^[0-9a-f]{64}$'),
  valid_from      timestamptz not null default hub_now(),
  valid_to        timestamptz,
  state           text not null,
  constraint blacklist_names_one check (num_nonnulls(uscc, subject_hash) = 1),
  constraint blacklist_ends_later check (valid_to > valid_from)
);
create unique index blacklisted_once on blacklist (coalesce(uscc, subject_hash), scope) where state in ('PROPOSED', 'ACTIVE');
call make_stateful('blacklist', 'id');

create function blacklist_unchanged() returns trigger language plpgsql as $$
begin
  if (to_jsonb(new) - 'state') <> (to_jsonb(old) - 'state') then
    perform refuse('blacklist_unchanged', 'blacklist', 'what two people agreed to stays as it was');
  end if;
  return new;
end
$$;
create trigger blacklist_unchanged before update on blacklist for each row execute function blacklist_unchanged();

/* By code, or by the keyed hash of a person's number. */
create function blacklisted(code_or_hash text) returns boolean language sql stable as $$
  select exists (select from blacklist b where coalesce(b.uscc, b.subject_hash) = code_or_hash and b.state = 'ACTIVE'
    and b.valid_from <= hub_now() and (b.valid_to is null or b.valid_to > hub_now()))
$$;
/* The party itself, or somebody who signs for it. */
create function blacklisted(party uuid) returns boolean language plpgsql stable as $$
begin
  return exists (select from party p where p.id = party and blacklisted(p.uscc))
      or exists (select from sign_authority s where s.party_id = party and s.state = 'ACTIVE' and blacklisted(encode(s.id_no_hash, 'hex')));
end
$$;

create function unfreeze_not_blacklisted() returns trigger language plpgsql as $$
begin
  if blacklisted(new.id) then
    perform refuse('unfreeze_not_blacklisted', 'party', 'it is on the blacklist');
  end if;
  return new;
end
$$;
create trigger unfreeze_not_blacklisted before update on party for each row when (old.state = 'FROZEN' and new.state = 'ACTIVE') execute function unfreeze_not_blacklisted();

/* Why this party may not draw or begin anything new; null when it may (I-12, as far as the party is concerned). */
create function party_may_draw(party uuid) returns text language plpgsql stable as $$
declare
  p party;
begin
  select * into p from party x where x.id = party_may_draw.party;
  return case when p.id is null or p.state <> 'ACTIVE' then 'party_not_active'
              when p.reverify_since is not null then 'party_reverify_due'
              when p.licence_valid_to < (hub_now() at time zone 'Asia/Shanghai')::date then 'party_reverify_due'
              when blacklisted(p.id) then 'party_blacklisted' end;
end
$$;

create function application_parties_open() returns trigger language plpgsql as $$
declare
  why text;
begin
  -- Whoever freezes or closes one of them waits for this, or this for him.
  perform from party p where p.id in (new.borrower_id, new.funder_id) order by p.id for share;
  why := party_may_draw(new.borrower_id);
  if why is null and not party_acts_as(new.funder_id, 'FUNDER') then
    why := 'funder_not_active';
  end if;
  if why is not null then
    perform refuse(why, 'application', 'no new business with this party');
  end if;
  return new;
end
$$;
create trigger application_parties_open before insert on application for each row execute function application_parties_open();

/* --- Alerts (预警) --- */

create sequence alert_no;
create table alert (
  no         text primary key default 'AL' || to_char(hub_now() at time zone 'Asia/Shanghai', 'YYYYMMDD') || '-' || lpad(nextval('alert_no')::text, 6, '0'),
  type       text not null check (type in ('PRICE_WARN', 'MARGIN_CALL', 'STOCK_DIFF', 'STOCK_FEED_LATE', 'INVOICE_RED', 'CONTRACT_CHANGED', 'LIMIT_FROZEN', 'OVERDUE',
               'REG_EXPIRING', 'LICENCE_EXPIRING', 'INSURANCE_EXPIRING', 'DUP_ASSET', 'NEGATIVE_NEWS', 'CONNECTOR_DOWN')),
  level      text not null check (level in ('INFO', 'WARN', 'CALL', 'DISPOSE')),
  subject    text not null check (length(subject) between 1 and 128),
  case_id    text references cases,
  metric     text, -- what is measured, with its unit
  measured   numeric(24, 6),
  threshold  numeric(24, 6),
  above      boolean not null default true, -- fires at or above the threshold; otherwise at or below it
  latest     numeric(24, 6), -- measured last
  opened_at  timestamptz not null default hub_now(),
  deadline   timestamptz,
  owner      text,
  note       text check (length(note) <= 2000),
  rearmed_at timestamptz, -- since it came back past the threshold by 2 %, the next crossing counts again
  state      text not null
);
create unique index alert_open_once on alert (type, subject) where state in ('OPEN', 'ACKED', 'ACTION', 'ESCALATED');
create index alert_latest on alert (type, subject, opened_at desc);
call make_stateful('alert', 'no');

/* Hysteresis (回差) of 2 %: whether what is measured has come back far enough. */
create function alert_back(latest numeric, threshold numeric, above boolean) returns boolean language sql immutable as $$
  select case when above then latest <= threshold - abs(threshold) * 0.02 else latest >= threshold + abs(threshold) * 0.02 end
$$;
alter table alert add constraint rearmed_when_back check (rearmed_at is null or threshold is null or (latest is not null and alert_back(latest, threshold, above)));

create function alert_rearms() returns trigger language plpgsql as $$
declare
  last alert;
begin
  select * into last from alert a where a.type = new.type and a.subject = new.subject order by a.opened_at desc, a.no desc limit 1;
  if last.state = 'RESOLVED' and last.rearmed_at is null and last.threshold = new.threshold and last.level = new.level then
    perform refuse('alert_rearms', 'alert', 'it has not come back past the threshold by 2 % since');
  end if;
  return new;
end
$$;
create trigger alert_rearms before insert on alert for each row execute function alert_rearms();

create function alert_open(of_type text, of_subject text) returns boolean language sql stable as $$
  select exists (select from alert a where a.type = of_type and a.subject = of_subject and a.state in ('OPEN', 'ACKED', 'ACTION', 'ESCALATED'))
$$;

/* --- Approvals lapse --- */

alter table approval add column valid_to timestamptz not null default hub_now() + interval '7 days';
create or replace function approval_seals_payload() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    new.payload_sha256 := approved_payload(new.entity, new.entity_id);
  elsif (new.entity, new.entity_id, new.event, new.payload_sha256, new.maker, new.source, new.valid_to) is distinct from
        (old.entity, old.entity_id, old.event, old.payload_sha256, old.maker, old.source, old.valid_to) then
    raise exception 'an approval keeps what was proposed' using errcode = 'check_violation', constraint = 'approval_unchanged', table = 'approval';
  end if;
  return new;
end
$$;
create function approval_in_time() returns trigger language plpgsql as $$
begin
  if exists (select from approval a where a.id = new.approval_id and a.valid_to <= hub_now())
     or (new.entity = 'approval' and new.event = 'approve' and exists (select from approval a where a.id::text = new.entity_id and a.valid_to <= hub_now())) then
    perform refuse('approval_in_time', 'approval', 'the approval has lapsed');
  end if;
  return new;
end
$$;
create trigger approval_in_time before insert on history for each row when (new.approval_id is not null or new.entity = 'approval') execute function approval_in_time();

/* --- What people enter by hand where a system does not tell it (I-36) --- */

-- The payload itself is not kept here: the second person enters it again, and it must be the same (双人录入).
create table manual_entry (
  id              uuid primary key default gen_random_uuid(),
  system          text not null check (system <> ''),
  message         text not null check (message <> ''), -- the notice or operation whose fact it is, `<kind>.<name>`
  business_key    text not null check (business_key <> ''),
  event_id        text not null, -- what makes this fact this fact, as if the system had told it
  payload_sha256  text not null check (payload_sha256 ~ '^[0-9a-f]{64}$'), -- of the canonical form (RFC 8785)
  document_sha256 text,
  reason          text not null check (length(btrim(reason)) between 4 and 500),
  channel         text not null default 'MANUAL' check (channel = 'MANUAL'),
  at              timestamptz not null default hub_now(),
  state           text not null,
  constraint manual_has_document check (document_sha256 is not null and document_sha256 ~ '^[0-9a-f]{64}$')
);
create unique index manual_entry_once on manual_entry (system, message, event_id) where state in ('ENTERED', 'POSTED');
call make_stateful('manual_entry', 'id');

/* --- Rows from before: their life cycles begin here --- */

insert into lifecycle (entity, from_state, event, to_state, who) values
  ('party_role', '', 'apply', 'APPLIED', '{CUST}'), ('party_role', '', 'admit', 'ACTIVE', '{OPS}'),
  ('consent', '', 'give', 'GIVEN', '{CUST}'), ('sign_authority', '', 'authorise', 'ACTIVE', '{CUST}'),
  ('invitation', '', 'send', 'SENT', '{OPS}'), ('invitation', 'SENT', 'accept', 'ACCEPTED', '{CUST}'), ('invitation', 'SENT', 'expire', 'EXPIRED', '{SYS}'),
  ('invitation', 'SENT', 'revoke', 'REVOKED', '{OPS}'),
  ('verification', '', 'match', 'MATCH', '{IDV}'), ('verification', '', 'mismatch', 'MISMATCH', '{IDV}'), ('verification', '', 'notFound', 'NOT_FOUND', '{IDV}')
  on conflict do nothing;
insert into history (entity, entity_id, from_state, to_state, event, actor)
  select 'party_role', id::text, '', state, case state when 'ACTIVE' then 'admit' else 'apply' end, 'migration' from party_role
  union all select 'consent', id::text, '', state, 'give', 'migration' from consent
  union all select 'sign_authority', no::text, '', state, 'authorise', 'migration' from sign_authority
  union all select 'invitation', id::text, '', 'SENT', 'send', 'migration' from invitation
  union all select 'verification', request_no, '', state, case state when 'MATCH' then 'match' when 'MISMATCH' then 'mismatch' else 'notFound' end, 'migration' from verification;
insert into history (entity, entity_id, from_state, to_state, event, actor)
  select 'invitation', id::text, 'SENT', state, case state when 'ACCEPTED' then 'accept' when 'EXPIRED' then 'expire' else 'revoke' end, 'migration'
  from invitation where state <> 'SENT';
do $$ begin
  perform takes_part(case_id, buyer_id, 'BUYER') from trade_order;
  perform takes_part(o.case_id, p.unit_id, 'SELLER'), takes_part(o.case_id, p.keeper_id, 'KEEPER') from trade_order o join project p on p.seller_no = o.seller_no;
  perform takes_part(case_id, borrower_id, 'BORROWER'), takes_part(case_id, funder_id, 'FUNDER') from application;
  perform takes_part(a.case_id, p.pledgor_id, 'PLEDGOR'), takes_part(a.case_id, p.pledgee_id, 'PLEDGEE'), takes_part(a.case_id, p.supervisor_id, 'SUPERVISOR')
    from pledge p join application a on a.no = p.application_no;
end $$;
