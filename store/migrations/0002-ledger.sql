-- The books of a spot pledge (现货质押) and its repayment. State columns are written by transitions only: a trigger
-- compares each change with the life cycle of its entity, and refuses what is not in it.

create table lifecycle (
  entity     text not null,
  from_state text not null, -- '' for the states in which an entity may begin
  event      text not null,
  to_state   text not null,
  primary key (entity, from_state, event, to_state)
);

create function enforce_lifecycle() returns trigger language plpgsql as $$
declare
  was text := case when tg_op = 'INSERT' then '' else old.state end;
begin
  if tg_op = 'UPDATE' and new.state = old.state then
    return new;
  end if;
  if not exists (select from lifecycle l where l.entity = tg_argv[0] and l.from_state = was and l.to_state = new.state) then
    raise exception '%: % to % is not a transition', tg_argv[0], was, new.state
      using errcode = 'check_violation', constraint = 'illegal_transition', table = tg_table_name;
  end if;
  return new;
end
$$;

create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% is append-only', tg_table_name using errcode = 'check_violation', constraint = 'append_only', table = tg_table_name;
end
$$;

-- Every change of every state: who, when, by what. Append-only (I-27).
create table history (
  id         bigint generated always as identity primary key,
  entity     text not null,
  entity_id  text not null,
  from_state text not null,
  to_state   text not null,
  event      text not null,
  actor      text not null,
  at         timestamptz not null default hub_now()
);
create index history_entity on history (entity, entity_id, id);
create trigger history_append_only before update or delete on history for each row execute function refuse_change();
create trigger history_not_emptied before truncate on history for each statement execute function refuse_change();

create table party (
  id          uuid primary key default gen_random_uuid(),
  uscc        text unique check (uscc ~ '^[0-9A-HJ-NPQRTUWXY]{18}$'),
  legal_name  text not null,
  roles       text[] not null,
  state       text not null,
  is_operator boolean not null default false
);
create trigger party_lifecycle before insert or update on party for each row execute function enforce_lifecycle('party');

-- The same company under the numbers of other systems: SAP customer 17101 is party so-and-so.
create table party_ref (
  system   text not null,
  value    text not null,
  party_id uuid not null references party,
  primary key (system, value)
);

create table consent (
  party_id  uuid not null references party,
  recipient text not null,
  purpose   text not null,
  at        timestamptz not null default hub_now(),
  primary key (party_id, recipient, purpose)
);

create table verification (
  request_no text primary key,
  party_id   uuid not null references party,
  kind       text not null check (kind in ('ENT4', 'BANK4', 'ACCOUNT')),
  result     text not null check (result in ('match', 'mismatch', 'notFound')),
  serial_no  text not null,
  at         timestamptz not null default hub_now()
);

-- Who may sign for a company (签署授权): its legal representative or an agent with a power of attorney.
create table sign_authority (
  party_id uuid not null references party,
  name     text not null,
  id_no    text not null,
  phone    text not null,
  basis    text not null check (basis in ('LEGAL_REP', 'POA')),
  primary key (party_id, id_no)
);

-- Invitation (邀请): one code, one case, used once.
create table invitation (
  code       text primary key,
  case_id    text not null references cases,
  party_id   uuid not null references party,
  expires_at timestamptz not null,
  used_at    timestamptz
);

create table bank_account (
  account_no   text primary key,
  party_id     uuid not null references party,
  account_name text not null,
  bank_name    text not null,
  bank_code    text not null,
  state        text not null
);
create trigger bank_account_lifecycle before insert or update on bank_account for each row execute function enforce_lifecycle('bank_account');

create table trade_order (
  order_no     text primary key,
  case_id      text not null references cases,
  seller_no    text not null,
  buyer_id     uuid not null references party,
  order_date   date not null,
  currency     text not null,
  total        numeric(17, 2) not null check (total > 0),
  lines        jsonb not null,
  confirmed_at timestamptz -- when the ERP said the same
);

create table document (
  case_id text not null references cases,
  type    text not null,
  name    text not null,
  sha256  text not null,
  primary key (case_id, type, sha256)
);

create table application (
  no              text primary key,
  case_id         text not null references cases,
  order_no        text not null references trade_order,
  borrower_id     uuid not null references party,
  funder_id       uuid not null references party,
  amount          numeric(17, 2) not null check (amount > 0),
  currency        text not null,
  tenor_days      int not null,
  purpose         text not null,
  payee_account   text not null references bank_account,
  state           text not null,
  funder_ref      text,
  approved_amount numeric(17, 2),
  rate            numeric(8, 6),
  day_count       text,
  pledge_rate     numeric(8, 6),
  valid_to        timestamptz,
  constraint approved_within_asked check (approved_amount <= amount),               -- I-04
  constraint funder_is_not_borrower check (funder_id <> borrower_id)                -- I-31
);
create trigger application_lifecycle before insert or update on application for each row execute function enforce_lifecycle('application');

-- One asset, one financing (I-05): at most one lock that has not been released, whoever asks.
create table asset_lock (
  id             bigint generated always as identity primary key,
  asset_key      text not null,
  application_no text not null references application,
  at             timestamptz not null default hub_now(),
  released_at    timestamptz
);
create unique index asset_locked_once on asset_lock (asset_key) where released_at is null;

-- Credit limit (授信) as a ledger: its columns are the sums of its movements.
create table credit_limit (
  no        text primary key,
  party_id  uuid not null references party,
  funder_id uuid not null references party,
  revolving boolean not null,
  total     numeric(17, 2) not null,
  reserved  numeric(17, 2) not null default 0 check (reserved >= 0),
  used      numeric(17, 2) not null default 0 check (used >= 0),
  constraint limit_sufficient check (used + reserved <= total)                      -- I-20
);
create table limit_movement (
  id       bigint generated always as identity primary key,
  limit_no text not null references credit_limit,
  kind     text not null check (kind in ('RESERVE', 'CONSUME', 'RELEASE', 'RESTORE')),
  amount   numeric(17, 2) not null check (amount > 0),
  at       timestamptz not null default hub_now()
);
create trigger limit_movement_append_only before update or delete on limit_movement for each row execute function refuse_change();
create trigger limit_movement_not_emptied before truncate on limit_movement for each statement execute function refuse_change();

create table envelope (
  no             text primary key,
  application_no text not null references application,
  vendor_flow_id text,
  documents      jsonb not null, -- [{fileName, sha256}]
  mandate_payee  text not null references bank_account,
  state          text not null,
  verified_at    timestamptz,
  constraint completed_is_verified check (state <> 'COMPLETED' or verified_at is not null) -- I-07
);
create trigger envelope_lifecycle before insert or update on envelope for each row execute function enforce_lifecycle('envelope');

create table stock_lot (
  lot_no    text primary key,
  warehouse text not null,
  owner_id  uuid not null references party,
  material  text not null,
  unit      text not null,
  on_hand   numeric(15, 3) not null check (on_hand >= 0),
  pledged   numeric(15, 3) not null default 0 check (pledged >= 0),
  frozen    numeric(15, 3) not null default 0 check (frozen >= 0),
  constraint stock_not_overpledged check (pledged + frozen <= on_hand)              -- I-01
);

create table pledge (
  no               text primary key,
  application_no   text not null unique references application,
  pledgor_id       uuid not null references party,
  pledgee_id       uuid not null references party,
  supervisor_id    uuid not null references party,
  basis            text not null check (basis in ('RECEIPT', 'STOCK_STATIC')),
  secured_amount   numeric(17, 2) not null,
  pledge_rate      numeric(8, 6) not null,
  state            text not null,
  lock_no          text,
  receipt_no       text unique,
  receipt_sha256   text,
  control_at       timestamptz,
  registration_no  text,
  custody_no       text,
  constraint supervisor_independent check (supervisor_id <> pledgor_id),            -- I-16
  constraint effective_is_proven check (                                            -- I-16
    state not in ('EFFECTIVE', 'PARTIALLY_RELEASED', 'RELEASED')
    or (control_at is not null and registration_no is not null and custody_no is not null))
);
create trigger pledge_lifecycle before insert or update on pledge for each row execute function enforce_lifecycle('pledge');

create table pledge_item (
  pledge_no text not null references pledge,
  lot_no    text not null references stock_lot,
  quantity  numeric(15, 3) not null check (quantity > 0),
  released  numeric(15, 3) not null default 0,
  price     numeric(17, 2) not null check (price > 0),
  price_at  timestamptz not null,
  closed    boolean not null default false, -- nothing of it is pledged any more
  primary key (pledge_no, lot_no),
  constraint released_within_pledged check (released between 0 and quantity),
  constraint closed_when_released check (not closed or released = quantity)
);
-- One active pledge per lot (I-02).
create unique index lot_pledged_once on pledge_item (lot_no) where not closed;

create table registration (
  request_no      text primary key,
  pledge_no       text not null references pledge,
  state           text not null,
  search_no       text not null,
  searched_at     timestamptz not null,
  submitted_at    timestamptz not null default hub_now(),
  registration_no text unique,
  amend_code      text,
  registered_at   timestamptz,
  expires_at      timestamptz,
  cancelled_at    timestamptz,
  constraint search_is_fresh check (submitted_at - searched_at < interval '24 hours') -- I-06
);
create trigger registration_lifecycle before insert or update on registration for each row execute function enforce_lifecycle('registration');

-- Money instructions. The operator's own account is never payer or payee (I-11).
create table payment (
  no             text primary key,
  purpose        text not null check (purpose in ('DISBURSE', 'REPAY')),
  application_no text not null references application,
  payer_account  text,
  payee_account  text not null,
  amount         numeric(17, 2) not null check (amount > 0),
  currency       text not null,
  state          text not null,
  serial_no      text,
  settled_at     timestamptz
);
create trigger payment_lifecycle before insert or update on payment for each row execute function enforce_lifecycle('payment');
-- One disbursement per application that is not known to have failed: from UNKNOWN nothing is sent again (I-09, I-10).
create unique index disbursed_once on payment (application_no) where purpose = 'DISBURSE' and state not in ('FAILED', 'RETURNED');

create function refuse_operator_account() returns trigger language plpgsql as $$
begin
  if exists (select from bank_account a join party p on p.id = a.party_id
             where p.is_operator and a.account_no in (new.payer_account, new.payee_account)) then
    raise exception 'the operator never holds money' using errcode = 'check_violation', constraint = 'operator_holds_no_money', table = 'payment';
  end if;
  return new;
end
$$;
create trigger payment_operator before insert or update on payment for each row execute function refuse_operator_account();

create table loan (
  no             text primary key,
  application_no text not null unique references application,
  payment_no     text not null unique references payment,
  principal      numeric(17, 2) not null check (principal > 0),
  balance        numeric(17, 2) not null,
  rate           numeric(8, 6) not null,
  day_count      text not null,
  start_date     date not null,
  maturity       date not null,
  state          text not null,
  constraint balance_within_principal check (balance between 0 and principal),      -- I-21
  constraint settled_owes_nothing check (state <> 'SETTLED' or balance = 0)
);
create trigger loan_lifecycle before insert or update on loan for each row execute function enforce_lifecycle('loan');

create table repayment (
  no              text primary key,
  loan_no         text not null references loan,
  payment_no      text not null unique references payment,
  amount          numeric(17, 2) not null check (amount > 0),
  state           text not null,
  posting_no      text unique,
  fee             numeric(17, 2) check (fee >= 0),
  penalty         numeric(17, 2) check (penalty >= 0),
  interest        numeric(17, 2) check (interest >= 0),
  principal       numeric(17, 2) check (principal >= 0),
  posted_at       timestamptz,
  constraint posted_is_allocated check (state <> 'POSTED' or fee + penalty + interest + principal = amount) -- I-21
);
create trigger repayment_lifecycle before insert or update on repayment for each row execute function enforce_lifecycle('repayment');

create table release_order (
  no           text primary key,
  pledge_no    text not null references pledge,
  repayment_no text not null references repayment,
  state        text not null,
  token_sha256 text,
  valid_to     timestamptz,
  maker        text,
  checker      text,
  outbound_no  text unique,
  constraint maker_is_not_checker check (maker <> checker),                         -- I-17
  constraint decided_by_two check (                                                 -- I-17
    state in ('DRAFT', 'PENDING_FND', 'REJECTED', 'CANCELLED') or (maker is not null and checker is not null))
);
create trigger release_order_lifecycle before insert or update on release_order for each row execute function enforce_lifecycle('release_order');

create table release_item (
  release_no text not null references release_order,
  lot_no     text not null references stock_lot,
  quantity   numeric(15, 3) not null check (quantity > 0),
  outbound   numeric(15, 3) not null default 0,
  primary key (release_no, lot_no),
  constraint outbound_within_released check (outbound between 0 and quantity)       -- I-15
);

-- Goods are released only against money that the funder has posted (I-13).
create function release_needs_posting() returns trigger language plpgsql as $$
begin
  if new.state in ('APPROVED', 'SENT_TO_WH', 'EXECUTED', 'CLOSED')
     and not exists (select from repayment r where r.no = new.repayment_no and r.state = 'POSTED') then
    raise exception 'the repayment is not posted' using errcode = 'check_violation', constraint = 'release_after_posting', table = 'release_order';
  end if;
  return new;
end
$$;
create trigger release_order_posting before insert or update on release_order for each row execute function release_needs_posting();

create table price_quote (
  material   text not null,
  quote_date date not null,
  price      numeric(17, 2) not null check (price > 0),
  unit       text not null,
  source     text not null,
  as_of      timestamptz not null,
  primary key (material, quote_date, source)
);

-- Evidence (存证): per case, hash-chained; heads are anchored outside.
create table evidence (
  case_id      text not null references cases,
  no           int not null,
  node         text not null,
  business_key text not null,
  payload      jsonb not null, -- hashes and numbers, no personal data
  at           text not null,  -- exactly as it was hashed
  sha256       text not null,
  sm3          text not null,
  primary key (case_id, no)
);
create trigger evidence_append_only before update or delete on evidence for each row execute function refuse_change();
create trigger evidence_not_emptied before truncate on evidence for each statement execute function refuse_change();

create table anchor (
  no          text primary key,
  case_id     text not null references cases,
  upto        int not null,
  head_sha256 text not null,
  tx_hash     text not null,
  block_no    text not null,
  anchored_at timestamptz not null
);

-- Financing project (融资项目): who finances what whom, in which warehouse, through which systems. Configuration.
create table project (
  id          text primary key,
  seller_no   text not null unique, -- the trading unit's number in its ERP
  unit_id     uuid not null references party,
  funder_id   uuid not null references party,
  keeper_id   uuid not null references party,
  warehouse   text not null,
  pledge_rate numeric(8, 6) not null,
  systems     jsonb not null
);
