-- Trade (domain.md 1.5, 1.13): what a financing rests on, and who confirmed it. Every rule has a name, by which `ledger/trade` attacks it.

-- Days that are not what their weekday says (State Council notice of 2025-11 for 2026); a year without rows counts weekends only.
create table working_day_swap (
  day     date primary key,
  working boolean not null
);
insert into working_day_swap
  select unnest('{2026-01-01,2026-01-02,2026-02-16,2026-02-17,2026-02-18,2026-02-19,2026-02-20,2026-02-23,2026-04-06,2026-05-01,2026-05-04,2026-05-05,2026-06-19,2026-09-25,2026-10-01,2026-10-02,2026-10-05,2026-10-06,2026-10-07}'::date[]), false
  union all select unnest('{2026-01-04,2026-02-14,2026-02-28,2026-05-09,2026-09-20,2026-10-10}'::date[]), true;

/* The n-th working day after a day, which itself does not count (民法典 201). */
create function working_days_after(start date, n int) returns date language plpgsql stable as $$
begin
  return (select d from (select start + k d from generate_series(1, 2 * n + 30) k) days where is_working_day(d) order by d offset n - 1 limit 1);
end
$$;

-- Orders: a number is unique to its seller. ---------------------------------------------------------------------------------
alter table application drop constraint application_order_no_fkey;
alter table trade_order drop constraint trade_order_pkey, add primary key (seller_no, order_no),
  add column paid numeric(17, 2) not null default 0,
  add constraint order_paid_within_total check (paid between 0 and total);
alter table application add column seller_no text;
update application a set seller_no = o.seller_no from trade_order o where o.order_no = a.order_no;
alter table application add foreign key (seller_no, order_no) references trade_order (seller_no, order_no), alter order_no drop not null,
  add constraint order_has_seller check ((order_no is null) = (seller_no is null));
-- Locks on orders name the seller from now on, too.
update asset_lock l set asset_key = 'order:' || a.seller_no || '/' || a.order_no from application a
  where a.no = l.application_no and l.asset_key = 'order:' || a.order_no;

create table delivery (
  seller_no   text not null,
  delivery_no text not null,
  order_no    text not null,
  shipped_at  timestamptz not null,
  signed_at   timestamptz, -- when the buyer signed for it
  lines       jsonb not null,
  proof_sha256 text check (proof_sha256 ~ '^[0-9a-f]{64}$'),
  primary key (seller_no, delivery_no),
  foreign key (seller_no, order_no) references trade_order (seller_no, order_no),
  constraint signed_after_shipped check (signed_at >= shipped_at)
);

-- Base contracts. ------------------------------------------------------------------------------------------------------------
create table trade_contract (
  id          uuid primary key default gen_random_uuid(),
  contract_no text not null,
  type        text not null check (type in ('SALE', 'PURCHASE', 'FRAMEWORK', 'SERVICE')),
  seller_id   uuid not null references party,
  buyer_id    uuid not null references party,
  version     int not null default 1,
  unique (seller_id, contract_no),
  constraint contract_of_two check (seller_id <> buyer_id)
);
create table trade_contract_version (
  contract_id   uuid not null references trade_contract,
  version       int not null check (version > 0),
  amount        numeric(17, 2) not null check (amount > 0),
  currency      text not null,
  signed_on     date not null,
  effective_on  date,
  sealed        boolean not null,
  cert_serial   text,
  file_sha256   text not null check (file_sha256 ~ '^[0-9a-f]{64}$'),
  other_parties jsonb not null default '[]', -- third and fourth party: [{name, uscc}]
  at            timestamptz not null default hub_now(),
  primary key (contract_id, version)
);
alter table trade_contract add foreign key (id, version) references trade_contract_version deferrable initially deferred;

-- Invoices (发票): old ones by code and number, fully digital ones (数电票) by twenty digits. --------------------------------------
create table invoice (
  key              text primary key,
  code             text,
  no               text not null,
  type             text not null check (type ~ '^\d{2}$'),
  issue_date       date not null,
  check_code       text,
  seller_id        uuid not null references party,
  buyer_id         uuid not null references party,
  currency         text not null default 'CNY',
  amount_ex_tax    numeric(17, 2) not null check (amount_ex_tax > 0),
  tax              numeric(17, 2) not null check (tax >= 0),
  amount_inc_tax   numeric(17, 2) not null,
  red_amount       numeric(17, 2) not null default 0,
  used_amount      numeric(17, 2) not null default 0, -- the sum of its uses
  uncovered_amount numeric(17, 2) not null default 0, -- used, and flushed red afterwards: the tax source's word is taken down in any case
  tax_status       text not null default 'UNKNOWN' check (tax_status in ('VALID', 'VOIDED', 'RED', 'RED_FLUSHED', 'PARTIALLY_RED', 'UNKNOWN')),
  checked_at       timestamptz,
  check_serial     text, -- the tax source's number of the check
  check_count      int not null default 0,
  state            text not null,
  -- A dash between: twelve digits and eight would look like a number of twenty.
  constraint invoice_key_is_its_number check (key = coalesce(code || '-', '') || no),
  constraint invoice_numbered check (
    case when code is null then no ~ '^\d{20}$' and check_code is null
         else code ~ '^(\d{10}|\d{12})$' and no ~ '^\d{8}$' and coalesce(check_code, '000000') ~ '^\d{6}$' end),
  constraint invoice_adds_up check (amount_ex_tax + tax = amount_inc_tax),
  constraint red_within_invoice check (red_amount between 0 and amount_inc_tax),
  constraint invoice_not_exhausted check (used_amount between 0 and amount_inc_tax - red_amount + uncovered_amount), -- I-03
  constraint valid_is_checked check (state <> 'CHECKED_VALID' or (checked_at is not null and check_serial is not null and tax_status in ('VALID', 'PARTIALLY_RED')))
);
call make_stateful('invoice', 'key');

-- Nobody but a red flush leaves a use uncovered.
create function invoice_cover() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    new.uncovered_amount := 0;
  elsif new.red_amount <> old.red_amount then
    new.uncovered_amount := greatest(0, new.used_amount - (new.amount_inc_tax - new.red_amount));
  else
    new.uncovered_amount := least(old.uncovered_amount, greatest(0, new.used_amount - (new.amount_inc_tax - new.red_amount)));
  end if;
  return new;
end
$$;
create trigger invoice_cover before insert or update on invoice for each row execute function invoice_cover();

-- Receivables (应收账款): terms in versions that do not change. ------------------------------------------------------------------
create table receivable (
  no          text primary key,
  creditor_id uuid not null references party,
  debtor_id   uuid not null references party,
  contract_id uuid not null references trade_contract,
  currency    text not null,
  version     int not null default 1,
  collected   numeric(17, 2) not null default 0 check (collected >= 0),
  state       text not null,
  constraint debtor_is_not_creditor check (creditor_id <> debtor_id)
);
call make_stateful('receivable', 'no');
create table receivable_version (
  receivable_no text not null references receivable,
  version       int not null check (version > 0),
  gross_amount  numeric(17, 2) not null check (gross_amount > 0),
  deductions    numeric(17, 2) not null default 0,
  net_amount    numeric(17, 2) not null generated always as (gross_amount - deductions) stored,
  due_date      date not null,
  pay_account   text not null references bank_account, -- where the debtor pays (回款账户)
  reason        text not null default '',
  at            timestamptz not null default hub_now(),
  primary key (receivable_no, version),
  constraint deductions_within_gross check (deductions >= 0 and deductions < gross_amount)
);
alter table receivable add foreign key (no, version) references receivable_version deferrable initially deferred;

-- What of an invoice a receivable takes up (占用金额).
create table invoice_use (
  id            uuid primary key default gen_random_uuid(),
  invoice_key   text not null references invoice,
  receivable_no text not null references receivable,
  amount        numeric(17, 2) not null check (amount > 0),
  at            timestamptz not null default hub_now(),
  state         text not null
);
create unique index invoice_used_once_for_receivable on invoice_use (invoice_key, receivable_no) where state <> 'RELEASED';
call make_stateful('invoice_use', 'id');

create function invoice_use_counts() returns trigger language plpgsql as $$
declare
  i invoice;
  r receivable;
begin
  if tg_op = 'UPDATE' then
    if (new.id, new.invoice_key, new.receivable_no, new.amount) is distinct from (old.id, old.invoice_key, old.receivable_no, old.amount) then
      perform refuse('invoice_use_kept', 'invoice_use', 'a use of an invoice is released, never changed');
    end if;
    if new.state = 'RELEASED' and old.state <> 'RELEASED' then
      update invoice set used_amount = used_amount - old.amount where key = old.invoice_key;
    end if;
    return new;
  end if;
  select * into i from invoice where key = new.invoice_key for update;
  select * into r from receivable where no = new.receivable_no;
  if i.state <> 'CHECKED_VALID' then
    perform refuse('invoice_is_checked', 'invoice_use', format('invoice %s is not known to be valid', i.key));
  end if;
  if (i.seller_id, i.buyer_id, i.currency) is distinct from (r.creditor_id, r.debtor_id, r.currency) then
    perform refuse('invoice_of_the_parties', 'invoice_use', format('invoice %s is not between creditor and debtor', i.key));
  end if;
  update invoice set used_amount = used_amount + new.amount where key = new.invoice_key;
  return new;
end
$$;
create trigger invoice_use_counts before insert or update on invoice_use for each row execute function invoice_use_counts();

create function invoice_used_is_counted() returns trigger language plpgsql as $$
begin
  if (select i.used_amount <> coalesce((select sum(u.amount) from invoice_use u where u.invoice_key = i.key and u.state <> 'RELEASED'), 0)
      from invoice i where i.key = new.key) then
    perform refuse('invoice_used_is_counted', 'invoice', format('invoice %s: the used amount is not the sum of its uses', new.key));
  end if;
  return null;
end
$$;
create constraint trigger invoice_used_is_counted after insert or update of used_amount on invoice deferrable initially deferred
  for each row execute function invoice_used_is_counted();

-- Confirmation (确权) by the debtor: within 30 days, by two people, signed; then it stays (I-18). ---------------------------------
create table confirmation (
  no               text primary key,
  receivable_no    text not null references receivable,
  version          int not null,
  form             text not null default 'CREDITOR_UPLOAD' check (form in ('CREDITOR_UPLOAD', 'DEBTOR_UPLOAD')),
  requested_at     timestamptz not null default hub_now(),
  due_at           timestamptz not null default hub_now() + interval '30 days',
  claimed_by       text,
  confirmed_amount numeric(17, 2) check (confirmed_amount > 0),
  due_date         date,
  pay_account      text references bank_account,
  waiver           boolean, -- of set-off and defences (放弃抗辩)
  maker            text,
  signature        text,
  cert_serial      text,
  confirmed_at     timestamptz,
  reason           text,
  state            text not null,
  foreign key (receivable_no, version) references receivable_version,
  constraint confirmation_within_30_days check (due_at <= requested_at + interval '30 days 1 second'),
  constraint claimed_by_somebody check (state not in ('CLAIMED', 'APPROVED', 'CONFIRMED') or claimed_by is not null),
  constraint confirmation_has_terms check (state not in ('APPROVED', 'CONFIRMED')
    or (confirmed_amount is not null and due_date is not null and pay_account is not null and waiver is not null and maker is not null)),
  constraint confirmed_is_signed check (state <> 'CONFIRMED' or (signature is not null and cert_serial is not null and confirmed_at is not null)),
  constraint rejected_says_why check (state <> 'REJECTED' or btrim(reason) <> '')
);
create unique index confirmation_open_once on confirmation (receivable_no) where state in ('REQUESTED', 'CLAIMED', 'APPROVED');
create unique index confirmed_once on confirmation (receivable_no, version) where state = 'CONFIRMED';
call make_stateful('confirmation', 'no');
-- The signature and its time come with the very move that two people approved.
create function approved_confirmation(id text) returns jsonb language sql stable as $$
  select to_jsonb(c) - 'state' - 'signature' - 'cert_serial' - 'confirmed_at' from confirmation c where c.no = id
$$;

create function confirmation_terms() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' and old.state in ('CONFIRMED', 'REJECTED', 'EXPIRED') and to_jsonb(new) is distinct from to_jsonb(old) then
    perform refuse('confirmation_kept', 'confirmation', 'what the debtor has answered stays as it is');
  end if;
  if new.confirmed_amount > (select v.net_amount from receivable_version v where v.receivable_no = new.receivable_no and v.version = new.version) then
    perform refuse('confirmed_within_net', 'confirmation', 'more is confirmed than the net amount of the receivable');
  end if;
  return new;
end
$$;
create trigger confirmation_terms before insert or update on confirmation for each row execute function confirmation_terms();

create function receivable_moves() returns trigger language plpgsql as $$
declare
  confirmed numeric;
begin
  if (new.creditor_id, new.debtor_id, new.contract_id, new.currency) is distinct from (old.creditor_id, old.debtor_id, old.contract_id, old.currency)
     or (new.version <> old.version and (new.version <> old.version + 1 or new.state not in ('DRAFT', 'REDUCED')
         or exists (select from asset_lock l where l.asset_key = 'receivable:' || new.no and l.released_at is null))) then
    perform refuse('receivable_terms_kept', 'receivable', format('receivable %s keeps its terms in state %s', new.no, new.state));
  end if;
  if new.state = old.state then
    return new;
  end if;
  if new.state = 'OVERDUE' then
    perform from party p where p.id = new.debtor_id for no key update; -- No certificate of the debtor is issued meanwhile (I-32).
  end if;
  select c.confirmed_amount into confirmed from confirmation c where c.receivable_no = new.no and c.version = new.version and c.state = 'CONFIRMED';
  if new.state in ('CONFIRMED', 'LOCKED', 'ASSIGNED') and confirmed is null then
    perform refuse('receivable_is_confirmed', 'receivable', format('version %s of receivable %s is not confirmed', new.version, new.no));
  end if;
  if new.state in ('LOCKED', 'ASSIGNED') and not exists (select from asset_lock l where l.asset_key = 'receivable:' || new.no and l.released_at is null) then
    perform refuse('receivable_is_locked', 'receivable', format('receivable %s is not locked for a financing', new.no));
  end if;
  if new.state = 'COLLECTED' and new.collected < confirmed then
    perform refuse('receivable_is_collected', 'receivable', format('receivable %s is not collected in full', new.no));
  end if;
  return new;
end
$$;
create trigger receivable_moves before update on receivable for each row execute function receivable_moves();

-- Notice of assignment (转让通知): arrived when the receiving system says so (民法典 137, 546, 764; I-19). -------------------------
create table assignment_notice (
  no               text primary key,
  receivable_no    text not null references receivable,
  assignee_id      uuid not null references party,
  sent_by          text not null check (sent_by in ('ASSIGNOR', 'FACTOR')),
  document_sha256  text not null check (document_sha256 ~ '^[0-9a-f]{64}$'),
  assignment_proof text, -- hash of the proof that a factor attaches
  disclosed        boolean not null,
  triggered_by     text check (triggered_by in ('OVERDUE', 'DISPUTE', 'FUNDER_INSTRUCTION')), -- why a held notice was sent
  channel          text,
  sent_at          timestamptz,
  arrived_at       timestamptz, -- as the receiving system recorded it
  arrival_source   text,        -- which system that was
  state            text not null,
  constraint factor_proves_assignment check (sent_by <> 'FACTOR' or assignment_proof is not null),
  constraint delivered_has_arrived check (state not in ('DELIVERED', 'ACKNOWLEDGED') or (arrived_at is not null and arrival_source is not null)),
  constraint sent_has_channel check (state not in ('SENT', 'DELIVERED', 'ACKNOWLEDGED') or (sent_at is not null and channel is not null)),
  constraint arrived_after_sent check (arrived_at >= sent_at),
  constraint held_until_triggered check (disclosed or state in ('DRAFT', 'CANCELLED') or triggered_by is not null)
);
create unique index notice_open_once on assignment_notice (receivable_no) where state not in ('CANCELLED', 'REVOKED');
call make_stateful('assignment_notice', 'no');

create function arrival_kept() returns trigger language plpgsql as $$
begin
  if old.arrived_at is not null and (new.arrived_at, new.arrival_source, new.sent_at, new.receivable_no, new.assignee_id, new.document_sha256)
     is distinct from (old.arrived_at, old.arrival_source, old.sent_at, old.receivable_no, old.assignee_id, old.document_sha256) then
    perform refuse('arrival_kept', 'assignment_notice', 'what arrived has arrived then, and as it was');
  end if;
  return new;
end
$$;
create trigger arrival_kept before update on assignment_notice for each row execute function arrival_kept();

-- A change of the base contract under an assigned receivable is told (765). -----------------------------------------------------
create table contract_change (
  contract_id   uuid not null,
  version       int not null,
  receivable_no text not null references receivable,
  at            timestamptz not null default hub_now(),
  primary key (contract_id, version, receivable_no),
  foreign key (contract_id, version) references trade_contract_version
);
create function contract_change_is_told() returns trigger language plpgsql as $$
declare
  untold text;
begin
  select r.no into untold from receivable r where r.contract_id = new.id and r.state in ('ASSIGNED', 'DISPUTED', 'MATURED', 'OVERDUE')
    and not exists (select from contract_change c where c.contract_id = new.id and c.version = new.version and c.receivable_no = r.no) limit 1;
  if untold is not null then
    perform refuse('contract_change_is_told', 'trade_contract', format('the contract under assigned receivable %s changed, and nobody is told', untold));
  end if;
  return null;
end
$$;
create constraint trigger contract_change_is_told after update of version on trade_contract deferrable initially deferred
  for each row execute function contract_change_is_told();

-- Terms and what was told are kept for ever.
do $$
declare
  kept text;
begin
  foreach kept in array array['trade_contract_version', 'receivable_version', 'contract_change'] loop
    execute format('create trigger %I before update or delete on %I for each row execute function refuse_change()', kept || '_append_only', kept);
    execute format('create trigger %I before truncate on %I for each statement execute function refuse_change()', kept || '_not_emptied', kept);
  end loop;
end
$$;

-- Certificates (应收账款电子凭证): at most a year, above six months with a reason, none by a defaulting issuer (I-32). -------------------
create table receivable_certificate (
  no                text primary key,
  receivable_no     text not null references receivable,
  issuer_id         uuid not null references party,
  holder_id         uuid not null references party,
  function          text not null check (function in ('PAYMENT', 'FINANCING')),
  amount            numeric(17, 2) not null check (amount > 0),
  currency          text not null,
  start_date        date not null,
  end_date          date not null,
  long_term_reason  text,
  issuer_signature  text,
  platform_signature text,
  state             text not null,
  constraint certificate_term check (end_date > start_date and end_date <= start_date + interval '1 year'),
  constraint long_certificate_has_reason check (end_date <= start_date + interval '6 months' or coalesce(btrim(long_term_reason), '') <> ''),
  constraint certificate_is_signed check (state in ('DRAFT', 'CANCELLED') or (issuer_signature is not null and platform_signature is not null))
);
create unique index certificate_once on receivable_certificate (receivable_no) where state <> 'CANCELLED';
call make_stateful('receivable_certificate', 'no');

create function certificate_issue() returns trigger language plpgsql as $$
begin
  if new.state = 'ISSUED' and (tg_op = 'INSERT' or old.state <> 'ISSUED') then
    -- Whoever lets it become overdue meanwhile waits for this, or this for it.
    perform from party p where p.id = new.issuer_id for no key update;
    if exists (select from receivable r where r.debtor_id = new.issuer_id and r.state = 'OVERDUE')
       or exists (select from receivable_certificate c where c.issuer_id = new.issuer_id and c.state = 'OVERDUE')
       or exists (select from loan l join application a on a.no = l.application_no where a.borrower_id = new.issuer_id and l.state in ('OVERDUE', 'DEFAULTED')) then
      perform refuse('issuer_keeps_its_promises', 'receivable_certificate', 'the issuer is in default');
    end if;
    if new.issuer_id <> (select r.debtor_id from receivable r where r.no = new.receivable_no)
       or new.amount > (select c.confirmed_amount from receivable r join confirmation c on c.receivable_no = r.no and c.version = r.version and c.state = 'CONFIRMED' where r.no = new.receivable_no) is not false then
      perform refuse('certificate_of_confirmed_debt', 'receivable_certificate', 'the issuer has not confirmed so much');
    end if;
  elsif tg_op = 'UPDATE' and old.state <> 'DRAFT'
     and to_jsonb(new) - 'state' - 'holder_id' is distinct from to_jsonb(old) - 'state' - 'holder_id' then
    perform refuse('certificate_kept', 'receivable_certificate', 'an issued certificate keeps its terms');
  end if;
  return new;
end
$$;
create trigger certificate_issue before insert or update on receivable_certificate for each row execute function certificate_issue();

