-- Parties whole (主体): roles, accounts, authorities, consents, invitations, verifications, and who takes part in which case.
-- Oversight: alerts, the blacklist, what is entered by hand. Rows from before get the beginning of their history at the end.

create function refuse(rule text, of_table text, why text) returns void language plpgsql as $$
begin
  raise exception '%', why using errcode = 'check_violation', constraint = rule, table = of_table;
end
$$;

-- Unified social credit code, GB 32100-2015: 31 symbols, weights 3^(i-1) mod 31.
create function is_uscc(code text) returns boolean language sql immutable as $$
  select code ~ '^[0-9A-HJ-NPQRTUWXY]{18}$' and substr(code, 18, 1) = (
    select substr('0123456789ABCDEFGHJKLMNPQRTUWXY', ((31 - sum(
        (strpos('0123456789ABCDEFGHJKLMNPQRTUWXY', substr(code, i, 1)) - 1) * (array[1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28])[i]
      ) % 31) % 31)::int + 1, 1) from generate_series(1, 17) i)
$$;

/* --- Parties --- */

alter table party
  add column entity_type        text not null default 'COMPANY' check (entity_type in ('COMPANY', 'PARTNERSHIP', 'SOLE_PROPRIETOR', 'PUBLIC_INSTITUTION', 'GOVERNMENT', 'FOREIGN')),
  add column registered_address text,
  add column established_on     date,
  add column licence_valid_to   date, -- null: long-term
  add column enterprise_size    text check (enterprise_size in ('LARGE', 'MEDIUM', 'SMALL', 'MICRO')),
  add column group_code         text, -- affiliates are flagged, never merged
  add column industry_code      text, -- GB/T 4754
  add column risk_tags          text[] not null default '{}',
  add column reverify_since     timestamptz, -- name, licence or legal representative changed: no new business until verified again
  add column name_changed_at    timestamptz, -- the registry follows within four months (2019 registration rules art. 17)
  add constraint uscc_check_digit check (is_uscc(uscc));

create table party_certificate (
  party_id uuid not null references party,
  issuer   text not null,
  serial   text not null,
  valid_to timestamptz not null,
  primary key (issuer, serial)
);

-- One role of one party; a party holds several.
create table party_role (
  id             uuid primary key default gen_random_uuid(),
  party_id       uuid not null references party,
  role           text not null check (role in ('CORE', 'SUPPLIER', 'DEALER', 'FUNDER', 'WAREHOUSE', 'SUPERVISOR', 'TRADING_UNIT', 'GUARANTOR', 'OPERATOR')),
  state          text not null,
  licence_no     text,
  licence_sha256 text check (licence_sha256 ~ '^[0-9a-f]{64}$'),
  by_setup       boolean not null default false, -- named in the file with which the installation was set up
  unique (party_id, role),
  constraint funder_is_licensed check (role <> 'FUNDER' or by_setup or state not in ('ACTIVE', 'SUSPENDED') or (licence_no is not null and licence_sha256 is not null))
);
insert into party_role (party_id, role, state, by_setup)
  select p.id, r.role, case when p.state = 'ACTIVE' then 'ACTIVE' else 'APPLIED' end, p.uscc is not null
  from party p cross join lateral unnest(p.roles) r(role);
alter table party drop column roles;
call make_stateful('party_role', 'id');

create function party_acts_as(party uuid, as_role text) returns boolean language sql stable as $$
  select exists (select from party_role r join party p on p.id = r.party_id
    where r.party_id = party_acts_as.party and r.role = as_role and r.state = 'ACTIVE' and p.state in ('VERIFIED', 'ACTIVE'))
$$;

create function role_needs_party() returns trigger language plpgsql as $$
begin
  if new.state = 'ACTIVE' and not exists (select from party p where p.id = new.party_id and p.state in ('VERIFIED', 'ACTIVE') for share) then
    perform refuse('role_needs_party', 'party_role', 'a role is for a party that is verified');
  end if;
  return new;
end
$$;
create trigger role_needs_party before insert or update on party_role for each row execute function role_needs_party();

-- What a trading unit invites companies for needs no grant of its own: the invitation has two people behind it.
create function role_joins() returns trigger language plpgsql as $$
begin
  if not exists (select from party_role r where r.id::text = new.entity_id and r.role in ('DEALER', 'SUPPLIER')) then
    perform refuse('role_joins', 'party_role', 'this role is granted by two people');
  end if;
  return new;
end
$$;
create trigger role_joins before insert on history for each row when (new.entity = 'party_role' and new.event = 'join') execute function role_joins();

create trigger party_ref_kept before delete on party_ref for each row execute function refuse_delete();

/* --- Verification (实名认证) --- */

create table consent_before as select * from consent;
drop table consent;
-- Consent (授权) of a company or its people: one recipient, one purpose, for a time; withdrawn at any time (PIPL 15, 23, 29).
create table consent (
  id              uuid primary key default gen_random_uuid(),
  party_id        uuid not null references party,
  recipient       text not null check (recipient <> ''),
  purpose         text not null check (purpose <> ''),
  data_kinds      text[] not null default '{COMPANY,PERSON,CONTACT,ACCOUNT,TRADE,FINANCE,VERIFICATION,CREDIT}'
                  check (cardinality(data_kinds) > 0 and data_kinds <@ '{COMPANY,PERSON,CONTACT,ACCOUNT,TRADE,FINANCE,VERIFICATION,CREDIT}'::text[]),
  separate        boolean not null default false, -- given apart from all else, as sensitive data need
  document_sha256 text check (document_sha256 ~ '^[0-9a-f]{64}$'), -- of the text agreed to
  state           text not null default 'GIVEN',
  at              timestamptz not null default hub_now(),
  valid_to        timestamptz check (valid_to > at),
  withdrawn_at    timestamptz
);
insert into consent (party_id, recipient, purpose, at) select party_id, recipient, purpose, at from consent_before;
drop table consent_before;
create unique index consent_live_once on consent (party_id, recipient, purpose) where state = 'GIVEN';
call make_stateful('consent', 'id');

create function consent_unchanged() returns trigger language plpgsql as $$
begin
  if (to_jsonb(new) - 'state' - 'withdrawn_at') <> (to_jsonb(old) - 'state' - 'withdrawn_at') or new.withdrawn_at is distinct from old.withdrawn_at then
    perform refuse('consent_unchanged', 'consent', 'who agrees to something else gives another consent');
  end if;
  if new.state = 'WITHDRAWN' and old.state <> 'WITHDRAWN' then
    new.withdrawn_at := hub_now(); -- When the row was free at last, not when somebody began to wait for it.
  end if;
  return new;
end
$$;
create trigger consent_unchanged before update on consent for each row execute function consent_unchanged();

create function consent_live(party uuid, to_recipient text, for_purpose text) returns boolean language sql stable as $$
  select exists (select from consent c where c.party_id = party and c.recipient = to_recipient and c.purpose = for_purpose
    and c.state = 'GIVEN' and (c.valid_to is null or c.valid_to > hub_now()))
$$;

-- Every delivery of a party's data to somebody: who, what, when, on which ground (I-28).
create table disclosure (
  id              bigint generated always as identity primary key,
  party_id        uuid not null references party, -- whose data
  recipient       text not null check (recipient <> ''),
  recipient_id    uuid references party,
  purpose         text not null check (purpose <> ''),
  data_kinds      text[] not null check (cardinality(data_kinds) > 0 and data_kinds <@ '{COMPANY,PERSON,CONTACT,ACCOUNT,TRADE,FINANCE,VERIFICATION,CREDIT}'::text[]),
  consent_id      uuid references consent,
  legal_basis     text check (legal_basis in ('CONTRACT', 'LEGAL_DUTY', 'EMERGENCY', 'PUBLIC')), -- PIPL 13 (2) to (6)
  basis_note      text check (length(basis_note) between 4 and 500),
  exchange_id     uuid, -- the engine keeps exchanges for a time of its own
  document_sha256 text check (document_sha256 ~ '^[0-9a-f]{64}$'),
  actor           text not null,
  at              timestamptz not null default hub_now(),
  constraint disclosure_has_ground check ((consent_id is null) = (legal_basis is not null) and (legal_basis is null or basis_note is not null)),
  constraint disclosure_names_what check (exchange_id is not null or document_sha256 is not null)
);
create index disclosure_party on disclosure (party_id, at);
create trigger disclosure_append_only before update or delete on disclosure for each row execute function refuse_change();
create trigger disclosure_not_emptied before truncate on disclosure for each statement execute function refuse_change();

create function disclosure_consented() returns trigger language plpgsql as $$
begin
  new.at := hub_now();
  if new.consent_id is not null and not exists (
    select from consent c where c.id = new.consent_id and (c.party_id, c.recipient, c.purpose) = (new.party_id, new.recipient, new.purpose)
      and c.state = 'GIVEN' and (c.valid_to is null or c.valid_to > new.at) and new.data_kinds <@ c.data_kinds for share) then
    perform refuse('disclosure_consented', 'disclosure', 'there is no live consent for this recipient, purpose and kind of data');
  end if;
  return new;
end
$$;
create trigger disclosure_consented before insert on disclosure for each row execute function disclosure_consented();

alter table verification drop constraint verification_kind_check, drop constraint verification_result_check, add column state text;
update verification set kind = 'ORG_ACCT' where kind = 'ACCOUNT';
update verification set state = case result when 'match' then 'MATCH' when 'mismatch' then 'MISMATCH' else 'NOT_FOUND' end;
alter table verification
  drop column result,
  alter column state set not null,
  alter column serial_no drop not null, -- known with the answer
  add check (kind in ('ENT4', 'BANK4', 'ORG_ACCT', 'FACE', 'POA')),
  add column subject         text not null default '', -- the party, or the keyed hash of a person
  add column legal_rep       boolean not null default false, -- the person is the legal representative
  add column factors         text[] not null default '{}', -- names of factors, never their values
  add column per_factor      jsonb check (length(per_factor::text) <= 2000), -- no room for a picture: none is ever kept
  add column vendor          text not null default 'unknown',
  add column request_sha256  text check (request_sha256 ~ '^[0-9a-f]{64}$'),
  add column document_sha256 text check (document_sha256 ~ '^[0-9a-f]{64}$'), -- on which two people decide by hand
  add column billed          boolean,
  add column answered_at     timestamptz,
  add column expires_at      timestamptz,
  add column consent_id      uuid references consent;
update verification set subject = party_id::text, answered_at = at, expires_at = case when state = 'MATCH' then at + interval '8760 hours' end;
alter table verification
  add constraint match_expires check (state <> 'MATCH' or (answered_at is not null and expires_at is not null)),
  add constraint match_for_a_year check (expires_at <= answered_at + interval '8760 hours'),
  add constraint face_for_an_act check (kind <> 'FACE' or expires_at <= answered_at + interval '15 minutes');
create index verification_subject on verification (subject, kind, at);
call make_stateful('verification', 'request_no');

-- Three that do not match within a day lock the subject. What is still open may not match either, so it counts.
create function verification_locks() returns trigger language plpgsql as $$
begin
  if new.subject = '' then
    new.subject := new.party_id::text;
  end if;
  perform pg_advisory_xact_lock(hashtextextended('verification ' || new.kind || ' ' || new.subject, 0));
  if (select count(*) from verification v where v.subject = new.subject and v.kind = new.kind and v.request_no <> new.request_no
        and v.state in ('MISMATCH', 'CREATED', 'SENT', 'UNKNOWN') and coalesce(v.answered_at, v.at) > hub_now() - interval '24 hours') >= 3 then
    perform refuse('verification_locks', 'verification', 'three answers did not match, or may not: locked for a day');
  end if;
  return new;
end
$$;
create trigger verification_locks before insert on verification for each row execute function verification_locks();

create function by_hand_has_document() returns trigger language plpgsql as $$
begin
  if not exists (select from verification v where v.request_no = new.entity_id and v.document_sha256 is not null) then
    perform refuse('by_hand_has_document', 'verification', 'what is verified by hand rests on a document');
  end if;
  return new;
end
$$;
create trigger by_hand_has_document before insert on history for each row when (new.entity = 'verification' and new.event = 'confirm') execute function by_hand_has_document();

-- What two people see when they decide by hand.
create function approved_verification(id text) returns jsonb language sql stable as $$
  select jsonb_build_object('requestNo', v.request_no, 'party', v.party_id, 'kind', v.kind, 'factors', v.factors, 'document', v.document_sha256)
  from verification v where v.request_no = id
$$;

-- Enterprise verified (domain 1.3): the company, the person who acts for it, and that this person may.
create function party_proven(party uuid) returns boolean language sql stable as $$
  with live as (select v.kind, v.legal_rep from verification v where v.party_id = party and v.state = 'MATCH' and v.expires_at > hub_now())
  select exists (select from live where kind = 'ENT4') and exists (select from live where kind in ('FACE', 'BANK4'))
     and exists (select from live where kind in ('ORG_ACCT', 'POA') or (kind = 'FACE' and legal_rep))
$$;
create function party_is_proven() returns trigger language plpgsql as $$
begin
  if not party_proven(new.id) then
    perform refuse('party_is_proven', 'party', 'company, agent and authority are not all verified');
  end if;
  return new;
end
$$;
create trigger party_is_proven before update on party for each row
  when (old.state = 'VERIFYING' and new.state in ('VERIFIED', 'ACTIVE')) execute function party_is_proven();

create function party_reverifies() returns trigger language plpgsql as $$
begin
  if old.state in ('VERIFIED', 'ACTIVE', 'FROZEN') and (new.legal_name <> old.legal_name or new.uscc is distinct from old.uscc
      or (old.licence_valid_to is not null and new.licence_valid_to is distinct from old.licence_valid_to)) then
    new.reverify_since := hub_now();
    if new.legal_name <> old.legal_name then
      new.name_changed_at := hub_now();
    end if;
  elsif old.reverify_since is not null and (new.reverify_since is null or new.reverify_since < old.reverify_since)
      and not exists (select from verification v where v.party_id = new.id and v.kind = 'ENT4' and v.state = 'MATCH' and v.answered_at >= old.reverify_since) then
    perform refuse('party_reverifies', 'party', 'it has not been verified again');
  end if;
  return new;
end
$$;
create trigger party_reverifies before update on party for each row execute function party_reverifies();

-- What can still move is still open, whatever its states are called.
create function still_open(of_entity text, in_state text) returns boolean language sql stable as $$
  select exists (select from lifecycle l where l.entity = of_entity and l.from_state = in_state)
$$;
create function party_owes_nothing() returns trigger language plpgsql as $$
begin
  if exists (select from application a where new.id in (a.borrower_id, a.funder_id) and still_open('application', a.state))
     or exists (select from pledge p where new.id in (p.pledgor_id, p.pledgee_id, p.supervisor_id) and still_open('pledge', p.state))
     or exists (select from loan l join application a on a.no = l.application_no where new.id in (a.borrower_id, a.funder_id) and l.balance > 0) then
    perform refuse('party_owes_nothing', 'party', 'it has open obligations');
  end if;
  return new;
end
$$;
create trigger party_owes_nothing before update on party for each row
  when (new.state in ('CLOSING', 'CLOSED') and new.state <> old.state) execute function party_owes_nothing();

/* --- Accounts --- */

alter table bank_account
  add column usages      text[] not null default '{SETTLEMENT}' check (cardinality(usages) > 0 and usages <@ '{SETTLEMENT,LOAN,REPAYMENT,COLLECTION,FEE}'::text[]),
  add column method      text check (method in ('STATUS_QUERY', 'MICRO_PAYMENT', 'MANUAL')),
  add column bank_status text check (bank_status in ('NORMAL', 'FROZEN', 'CLOSED', 'DORMANT', 'UNKNOWN')), -- HNDEMP 3006
  add column usable_from timestamptz;
update bank_account set usable_from = hub_now();
alter table bank_account alter column usable_from set not null;

-- The first account of a party may be paid to at once; another one, or a changed one, after 24 hours.
create function account_cools() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    perform from party p where p.id = new.party_id for no key update;
    new.usable_from := hub_now() + case when exists (select from bank_account a where a.party_id = new.party_id) then interval '24 hours' else interval '0' end;
  elsif (new.account_name, new.bank_name, new.bank_code) is distinct from (old.account_name, old.bank_name, old.bank_code) then
    new.usable_from := hub_now() + interval '24 hours';
  elsif new.usable_from < old.usable_from then
    perform refuse('account_cools', 'bank_account', 'a cooling period is not shortened');
  end if;
  return new;
end
$$;
create trigger account_cools before insert or update on bank_account for each row execute function account_cools();

create function account_change_reverified() returns trigger language plpgsql as $$
begin
  if new.party_id <> old.party_id then
    perform refuse('account_keeps_owner', 'bank_account', 'an account does not change hands');
  elsif new.state = 'VERIFIED' then
    perform refuse('account_change_reverified', 'bank_account', 'a changed account is verified again');
  end if;
  return new;
end
$$;
create trigger account_change_reverified before update on bank_account for each row
  when ((new.party_id, new.account_name, new.bank_name, new.bank_code) is distinct from (old.party_id, old.account_name, old.bank_name, old.bank_code))
  execute function account_change_reverified();

create function account_name_is_legal() returns trigger language plpgsql as $$
begin
  if new.state = 'VERIFIED' and not exists (select from party p where p.id = new.party_id and p.legal_name = new.account_name for share) then
    perform refuse('account_name_is_legal', 'bank_account', 'the account does not carry the legal name');
  end if;
  return new;
end
$$;
create trigger account_name_is_legal before insert or update of state, account_name, party_id on bank_account for each row execute function account_name_is_legal();

create function name_change_reopens_accounts() returns trigger language plpgsql as $$
begin
  if exists (select from bank_account a where a.party_id = new.id and a.state = 'VERIFIED' and a.account_name <> new.legal_name) then
    perform refuse('name_change_reopens_accounts', 'party', 'an account of it still carries the old name');
  end if;
  return null;
end
$$;
create constraint trigger name_change_reopens_accounts after update on party deferrable initially deferred for each row
  when (old.legal_name <> new.legal_name) execute function name_change_reopens_accounts();

/* Why the account may not be paid to now; null when it may, or when it is none of ours. */
create function account_usable(no text) returns text language sql stable as $$
  select case when a.state <> 'VERIFIED' then 'account_not_verified'
              when a.bank_status in ('FROZEN', 'CLOSED') then 'account_not_verified'
              when a.usable_from > hub_now() then 'payee_not_cooling' end
  from bank_account a where a.account_no = no
$$;
create function payee_not_cooling() returns trigger language plpgsql as $$
begin
  if exists (select from bank_account a where a.account_no = new.payee_account and a.usable_from > hub_now() for share) then
    perform refuse('payee_not_cooling', 'payment', 'the account was changed less than 24 hours ago');
  end if;
  return new;
end
$$;
create trigger payee_not_cooling before insert or update of payee_account on payment for each row execute function payee_not_cooling();

/* --- Who signs (签署授权) --- */

alter table sign_authority
  add column no             uuid not null default gen_random_uuid() unique,
  add column state          text not null default 'ACTIVE',
  add column document_types text[] not null default '{}', -- empty: everything
  add column max_amount     numeric(17, 2) check (max_amount > 0),
  add column currency       text not null default 'CNY',
  add column valid_from     timestamptz not null default hub_now(),
  add column valid_to       timestamptz,
  add column poa_sha256     text check (poa_sha256 ~ '^[0-9a-f]{64}$'), -- of the power of attorney (授权委托书)
  add constraint poa_has_document check (basis <> 'POA' or poa_sha256 is not null) not valid, -- those from before have none
  add constraint authority_ends_later check (valid_to > valid_from);
call make_stateful('sign_authority', 'no');

create function authority_unchanged() returns trigger language plpgsql as $$
begin
  if (new.no, new.party_id, new.basis, new.document_types, new.max_amount, new.currency, new.valid_from, new.valid_to, new.poa_sha256) is distinct from
     (old.no, old.party_id, old.basis, old.document_types, old.max_amount, old.currency, old.valid_from, old.valid_to, old.poa_sha256) then
    perform refuse('authority_unchanged', 'sign_authority', 'who may sign something else has another authority');
  end if;
  return new;
end
$$;
create trigger authority_unchanged before update on sign_authority for each row execute function authority_unchanged();

create function legal_rep_changes() returns trigger language plpgsql as $$
begin
  if exists (select from sign_authority s where s.party_id = new.party_id and s.basis = 'LEGAL_REP' and s.no <> new.no) then
    update party set reverify_since = hub_now() where id = new.party_id;
  end if;
  return null;
end
$$;
create trigger legal_rep_changes after insert on sign_authority for each row when (new.basis = 'LEGAL_REP') execute function legal_rep_changes();

/* Whether this authority covers a document of that type and amount at that time (I-07). A document without amount: null. */
create function authority_covers(authority uuid, document_type text, amount numeric, at timestamptz) returns boolean language sql stable as $$
  select exists (select from sign_authority s where s.no = authority and s.state = 'ACTIVE' and s.valid_from <= at and (s.valid_to is null or s.valid_to > at)
    and (s.document_types = '{}' or document_type = any (s.document_types)) and (s.max_amount is null or amount is null or amount <= s.max_amount))
$$;
