-- Loans as a ledger of entries with their plans, repayments that are exactly their allocations, and settlement reconciliation.

-- Loans (借据). Their balances are the sums of their entries; what bears interest is recomputed from the entries of principal.
alter table loan
  add column currency           text not null default 'CNY',
  add column method             text not null default 'BULLET' check (method in ('BULLET', 'INTEREST_MONTHLY', 'EQUAL_PRINCIPAL', 'EQUAL_INSTALMENT')),
  add column penalty_multiplier numeric(4, 2) not null default 1.50 check (penalty_multiplier between 1 and 2),
  add column purchase           boolean not null default false, -- of receivables (保理): only there may interest be taken beforehand
  add column upfront_interest   numeric(17, 2) not null default 0 check (upfront_interest >= 0),
  add column interest           numeric(17, 2) not null default 0,
  add column penalty            numeric(17, 2) not null default 0,
  add column compound           numeric(17, 2) not null default 0,
  add column fee                numeric(17, 2) not null default 0,
  alter column balance set default 0,
  drop constraint settled_owes_nothing,
  add constraint settled_owes_nothing check (state not in ('SETTLED', 'REVERSED') or balance + interest + penalty + compound + fee = 0),
  add constraint owes_no_less_than_nothing check (interest >= 0 and penalty >= 0 and compound >= 0 and fee >= 0),
  add constraint upfront_only_for_purchase check (upfront_interest = 0 or purchase);                     -- I-22
alter table repayment
  add column compound numeric(17, 2) check (compound >= 0),
  add column type     text not null default 'EARLY_FULL'
    check (type in ('SCHEDULED', 'EARLY_PART', 'EARLY_FULL', 'OVERDUE', 'DEBTOR_PAYMENT', 'DISPOSAL')),
  add column value_on date,
  drop constraint posted_is_allocated,
  add constraint posted_is_allocated check (state not in ('POSTED', 'REVERSED')
    or (fee + penalty + coalesce(compound, 0) + interest + principal = amount) is true);                 -- I-21
create table loan_entry (
  id           bigint generated always as identity primary key,
  loan_no      text not null references loan,
  kind         text not null check (kind in ('DISBURSE', 'ACCRUE', 'ALLOCATE', 'ADJUST', 'REVERSE')),
  item         text not null check (item in ('PRINCIPAL', 'INTEREST', 'PENALTY', 'COMPOUND', 'FEE')),
  amount       numeric(17, 2) not null, -- what the balance grows by
  value_on     date not null,
  from_on      date, -- an accrual is of [from_on, value_on)
  base         numeric(17, 2),
  rate         numeric(8, 6),
  day_count    text,
  repayment_no text references repayment,
  reverses     bigint unique references loan_entry,
  reason       text,
  at           timestamptz not null default hub_now(),
  constraint entry_has_its_sign check (case kind when 'DISBURSE' then amount > 0 and item = 'PRINCIPAL' when 'ACCRUE' then amount >= 0 and item <> 'PRINCIPAL'
    when 'ALLOCATE' then amount < 0 when 'ADJUST' then item <> 'PRINCIPAL' and reason is not null else true end),
  constraint entry_names_cause check ((kind = 'ALLOCATE') <= (repayment_no is not null) and (kind = 'REVERSE') = (reverses is not null)
    and (kind = 'ACCRUE') <= (from_on is not null and value_on >= from_on)),
  constraint penalty_recomputes check (kind <> 'ACCRUE' or item not in ('PENALTY', 'COMPOUND') -- I-21
    or (amount = interest_fen(base * rate * interest_days(day_count, from_on, value_on), day_count)) is true)
);
create index loan_entry_loan on loan_entry (loan_no, item);
create index loan_entry_repayment on loan_entry (repayment_no);
create trigger loan_entry_append_only before update or delete on loan_entry for each row execute function refuse_change();
create trigger loan_entry_not_emptied before truncate on loan_entry for each statement execute function refuse_change();

-- Interest of [from_on, to_on) on the principal as it stood on each of these days, exactly, rounded once.
create function interest_of(loan_no text, from_on date, to_on date) returns numeric language sql stable as $$
  select interest_fen(coalesce(sum(e.amount * interest_days(l.day_count, greatest(e.value_on, interest_of.from_on), interest_of.to_on)), 0) * l.rate, l.day_count)
  from loan l left join loan_entry e on e.loan_no = l.no and e.item = 'PRINCIPAL' and e.value_on < interest_of.to_on
  where l.no = interest_of.loan_no group by l.no
$$;
-- Up to which day an item is accrued.
create function accrued_to(loan_no text, item text) returns date language sql stable as $$
  select coalesce(max(e.value_on), (select case accrued_to.item when 'INTEREST' then l.start_date else l.maturity end from loan l where l.no = accrued_to.loan_no))
  from loan_entry e where e.loan_no = accrued_to.loan_no and e.item = accrued_to.item and e.kind = 'ACCRUE'
    and not exists (select from loan_entry r where r.reverses = e.id)
$$;

-- What is there already: the loan is paid out and repaid as its repayments say. Interest then was the funder's figure.
insert into loan_entry (loan_no, kind, item, amount, value_on) select no, 'DISBURSE', 'PRINCIPAL', principal, start_date from loan;
insert into loan_entry (loan_no, kind, item, amount, value_on, reason)
select r.loan_no, 'ADJUST', p.item, p.amount, shanghai_date(r.posted_at), 'as posted by the funder' from repayment r,
  lateral (values ('INTEREST', r.interest), ('PENALTY', r.penalty), ('FEE', r.fee)) p (item, amount) where r.state = 'POSTED' and p.amount > 0;
insert into loan_entry (loan_no, kind, item, amount, value_on, repayment_no)
select r.loan_no, 'ALLOCATE', p.item, -p.amount, shanghai_date(r.posted_at), r.no from repayment r,
  lateral (values ('PRINCIPAL', r.principal), ('INTEREST', r.interest), ('PENALTY', r.penalty), ('FEE', r.fee)) p (item, amount)
  where r.state = 'POSTED' and p.amount > 0;

-- The rules of an entry, each a trigger of its own; each locks the loan first.
create function entry_rule() returns trigger language plpgsql as $$
declare
  l loan;
  undone loan_entry;
begin
  select * into l from loan where no = new.loan_no for update;
  case tg_argv[0]
    when 'accrual_recomputes' then
      if new.from_on is distinct from accrued_to(l.no, 'INTEREST') or new.value_on > l.maturity or new.amount is distinct from interest_of(l.no, new.from_on, new.value_on) then
        perform refuse('accrual_recomputes', 'loan_entry', format('interest of %s from %s to %s is %s', l.no, accrued_to(l.no, 'INTEREST'), new.value_on,
          interest_of(l.no, accrued_to(l.no, 'INTEREST'), new.value_on)));
      end if;
    when 'principal_not_backdated' then
      if new.value_on < accrued_to(l.no, 'INTEREST') then
        perform refuse('principal_not_backdated', 'loan_entry', format('interest of %s is accrued up to %s', l.no, accrued_to(l.no, 'INTEREST')));
      end if;
    when 'reversal_undoes' then
      select * into undone from loan_entry e where e.id = new.reverses;
      if (undone.loan_no, undone.item, undone.amount) is distinct from (new.loan_no, new.item, -new.amount) or undone.kind = 'REVERSE'
         or undone.repayment_no is distinct from new.repayment_no
         or undone.kind = 'ACCRUE' and undone.value_on <> accrued_to(l.no, undone.item) then
        perform refuse('reversal_undoes', 'loan_entry', format('entry %s is not undone by that', new.reverses));
      end if;
  end case;
  return new;
end
$$;
create trigger accrual_recomputes before insert on loan_entry for each row when (new.kind = 'ACCRUE' and new.item = 'INTEREST')
  execute function entry_rule('accrual_recomputes');
create trigger principal_not_backdated before insert on loan_entry for each row when (new.item = 'PRINCIPAL' and new.kind <> 'DISBURSE')
  execute function entry_rule('principal_not_backdated');
create trigger reversal_undoes before insert on loan_entry for each row when (new.kind = 'REVERSE') execute function entry_rule('reversal_undoes');
create function apply_entry() returns trigger language plpgsql as $$
begin
  update loan set
    balance = balance + case new.item when 'PRINCIPAL' then new.amount else 0 end,
    interest = interest + case new.item when 'INTEREST' then new.amount else 0 end,
    penalty = penalty + case new.item when 'PENALTY' then new.amount else 0 end,
    compound = compound + case new.item when 'COMPOUND' then new.amount else 0 end,
    fee = fee + case new.item when 'FEE' then new.amount else 0 end
  where no = new.loan_no;
  return null;
end
$$;
create trigger loan_entry_applied after insert on loan_entry for each row execute function apply_entry();
create trigger loan_only_by_entry before insert or update on loan for each row
  execute function refuse_direct_sum('balance', 'interest', 'penalty', 'compound', 'fee');

-- A loan is what its borrower received (民法典 670, I-22), once the bank said so; what was agreed stands.
create function loan_rule() returns trigger language plpgsql as $$
declare
  paid payment;
begin
  case tg_argv[0]
    when 'loan_is_received' then
      select * into paid from payment p where p.no = new.payment_no;
      if new.principal - new.upfront_interest <> paid.amount or new.application_no <> paid.application_no or not is_disbursement(paid.purpose) then
        perform refuse('loan_is_received', 'loan', format('%s was paid out by %s', paid.amount, paid.no));
      end if;
    when 'loan_is_paid_out' then
      if not exists (select from payment p where p.no = new.payment_no and p.state = 'SUCCEEDED') then
        perform refuse('loan_is_paid_out', 'loan', format('nobody said that %s arrived', new.payment_no));
      end if;
    when 'loan_unchanged' then
      if (new.application_no, new.payment_no, new.principal, new.rate, new.day_count, new.start_date, new.currency, new.purchase, new.upfront_interest)
         is distinct from (old.application_no, old.payment_no, old.principal, old.rate, old.day_count, old.start_date, old.currency, old.purchase, old.upfront_interest)
         or new.maturity <> old.maturity and (new.state <> 'EXTENDED' or new.maturity < old.maturity) then
        perform refuse('loan_unchanged', 'loan', format('the terms of %s stand', old.no));
      end if;
  end case;
  return new;
end
$$;
create trigger loan_is_received before insert on loan for each row execute function loan_rule('loan_is_received');
create trigger loan_is_paid_out before insert or update of state on loan for each row when (new.state = 'ACTIVE') execute function loan_rule('loan_is_paid_out');
create trigger loan_unchanged before update on loan for each row execute function loan_rule('loan_unchanged');

-- At commit: money that came back has no loan left.
create function returned_is_reversed() returns trigger language plpgsql as $$
begin
  if exists (select from loan l join payment p on p.no = l.payment_no where l.payment_no = new.no and p.state = 'RETURNED' and l.state not in ('REVERSED', 'FAILED')) then
    perform refuse('returned_is_reversed', 'payment', format('%s came back and its loan still runs', new.no));
  end if;
  return null;
end
$$;
create constraint trigger returned_is_reversed after update of state on payment deferrable initially deferred
  for each row when (new.state = 'RETURNED') execute function returned_is_reversed();

-- A repayment counts when its money arrived; its entries are what was posted, and nothing once it was reversed (at commit).
create function repayment_has_arrived() returns trigger language plpgsql as $$
begin
  if not exists (select from payment p where p.no = new.payment_no and p.state = 'SUCCEEDED' and p.amount = new.amount and p.purpose in ('REPAY', 'COLLECTION_SPLIT')) then
    perform refuse('repayment_has_arrived', 'repayment', format('the money of %s did not arrive', new.no));
  end if;
  return new;
end
$$;
create trigger repayment_has_arrived before insert or update on repayment for each row when (new.state in ('MATCHED', 'POSTED'))
  execute function repayment_has_arrived();
create function allocations_are_posted() returns trigger language plpgsql as $$
declare
  of_no text := case tg_table_name when 'repayment' then to_jsonb(new) ->> 'no' else to_jsonb(new) ->> 'repayment_no' end;
  r repayment;
begin
  select * into r from repayment x where x.no = of_no;
  if exists (select from unnest(array['PRINCIPAL', 'INTEREST', 'PENALTY', 'COMPOUND', 'FEE'], array[r.principal, r.interest, r.penalty, r.compound, r.fee]) p (item, amount)
             where coalesce((select sum(e.amount) from loan_entry e where e.repayment_no = r.no and e.item = p.item and e.loan_no = r.loan_no), 0)
               <> case r.state when 'POSTED' then -coalesce(p.amount, 0) else 0 end) then
    perform refuse('allocations_are_posted', 'repayment', format('the entries of %s are not what was posted', r.no));
  end if;
  return null;
end
$$;
create constraint trigger allocations_are_posted after insert or update on repayment deferrable initially deferred
  for each row execute function allocations_are_posted();
create constraint trigger entries_are_posted after insert on loan_entry deferrable initially deferred
  for each row when (new.repayment_no is not null) execute function allocations_are_posted();

-- Plans (还款计划): a new version whenever what is owed changes otherwise than planned.
create table loan_plan (
  loan_no   text not null references loan,
  version   int not null check (version > 0),
  principal numeric(17, 2) not null check (principal > 0),
  from_on   date not null,
  reason    text not null,
  at        timestamptz not null default hub_now(),
  primary key (loan_no, version)
);
create table instalment (
  loan_no   text not null,
  version   int not null,
  no        int not null,
  from_on   date not null,
  to_on     date not null,
  due_on    date not null,
  principal numeric(17, 2) not null check (principal >= 0),
  interest  numeric(17, 2) not null check (interest >= 0),
  primary key (loan_no, version, no),
  foreign key (loan_no, version) references loan_plan,
  constraint instalment_has_days check (to_on > from_on and due_on >= to_on)
);
create trigger loan_plan_append_only before update or delete on loan_plan for each row execute function refuse_change();
create trigger instalment_append_only before update or delete on instalment for each row execute function refuse_change();
create trigger loan_plan_not_emptied before truncate on loan_plan for each statement execute function refuse_change();
create trigger instalment_not_emptied before truncate on instalment for each statement execute function refuse_change();
create function plan_adds_up() returns trigger language plpgsql as $$
declare
  p loan_plan;
begin
  select * into p from loan_plan x where (x.loan_no, x.version) = (new.loan_no, new.version);
  if p.principal is distinct from (select sum(i.principal) from instalment i where (i.loan_no, i.version) = (new.loan_no, new.version))
     or p.principal is distinct from (select sum(e.amount) from loan_entry e where e.loan_no = new.loan_no and e.item = 'PRINCIPAL')
     or exists (select from instalment i where (i.loan_no, i.version) = (new.loan_no, new.version) and not is_working_day(i.due_on)) then
    perform refuse('plan_adds_up', tg_table_name, format('plan %s of %s is not what is owed', new.version, new.loan_no));
  end if;
  return null;
end
$$;
create constraint trigger plan_adds_up after insert on loan_plan deferrable initially deferred for each row execute function plan_adds_up();
create constraint trigger instalments_add_up after insert on instalment deferrable initially deferred for each row execute function plan_adds_up();

-- Settlement reconciliation (日终对账, F10). The verdict on an item is not said, it follows.
create table recon_run (
  no            text primary key,
  on_date       date not null,
  connector     text not null,
  type          text not null check (type in ('FUND', 'LOAN', 'CERT', 'STOCK', 'LIMIT')),
  funder_id     uuid references party,
  file_sha256   text not null check (file_sha256 ~ '^[0-9a-f]{64}$'),
  control_count int not null check (control_count >= 0),
  control_sum   numeric(17, 2) not null,
  state         text not null
);
create unique index recon_once_a_day on recon_run (connector, type, on_date) where state not in ('PARKED', 'VOID');
create table recon_item (
  run_no      text not null references recon_run,
  key         text not null,
  hub_amount  numeric(17, 2),
  ext_amount  numeric(17, 2),
  hub_state   text,
  ext_state   text,
  verdict     text not null generated always as (case when hub_amount is null then 'ONLY_EXT' when ext_amount is null then 'ONLY_HUB'
    when hub_amount <> ext_amount then 'AMOUNT_DIFF' when hub_state is distinct from ext_state then 'STATUS_DIFF' else 'MATCHED' end) stored,
  primary key (run_no, key),
  constraint item_is_somewhere check (hub_amount is not null or ext_amount is not null)
);
create trigger recon_item_append_only before update or delete on recon_item for each row execute function refuse_change();
create trigger recon_item_not_emptied before truncate on recon_item for each statement execute function refuse_change();
create table recon_case (
  no         text primary key,
  run_no     text,
  item_key   text,
  subject    text not null, -- what it is about: a payment, a loan
  difference text not null,
  owner      text,
  due_on     date not null,
  resolution text,
  state      text not null,
  foreign key (run_no, item_key) references recon_item,
  constraint resolved_says_how check (state not in ('RESOLVED', 'CLOSED') or resolution is not null)
);
create unique index recon_case_once on recon_case (run_no, item_key) where run_no is not null;
create function recon_rule() returns trigger language plpgsql as $$
declare
  r recon_run;
begin
  case tg_argv[0]
    when 'file_is_whole' then
      if not exists (select from recon_item i where i.run_no = new.no and i.ext_amount is not null
          having count(*) = new.control_count and coalesce(sum(i.ext_amount), 0) = new.control_sum) then
        perform refuse('file_is_whole', 'recon_run', format('file of %s is not what its totals say', new.no));
      end if;
    when 'differences_are_resolved' then
      if exists (select from recon_item i where i.run_no = new.no and i.verdict <> 'MATCHED' and not exists (select from recon_case c
          where c.run_no = i.run_no and c.item_key = i.key and c.state in ('RESOLVED', 'CLOSED'))) then
        perform refuse('differences_are_resolved', 'recon_run', format('%s has open differences', new.no));
      end if;
    when 'items_before_comparison' then
      select * into r from recon_run x where x.no = new.run_no for share;
      if r.state <> 'RECEIVED' then
        perform refuse('items_before_comparison', 'recon_item', format('%s is %s', r.no, r.state));
      end if;
  end case;
  return new;
end
$$;
create trigger file_is_whole before insert or update of state on recon_run for each row when (new.state in ('COMPARED', 'SIGNED_OFF')) execute function recon_rule('file_is_whole');
create trigger differences_are_resolved before insert or update of state on recon_run for each row when (new.state = 'SIGNED_OFF')
  execute function recon_rule('differences_are_resolved');
create trigger items_before_comparison before insert on recon_item for each row execute function recon_rule('items_before_comparison');
call make_stateful('recon_run', 'no');
call make_stateful('recon_case', 'no');

-- What two people accept is the difference and what they say of it is written with the very move.
create function approved_recon_case(id text) returns jsonb language sql stable as $$
  select to_jsonb(c) - 'state' - 'resolution' from recon_case c where c.no = id
$$;
-- What two people sign off is the run with its items.
create function approved_recon_run(id text) returns jsonb language sql stable as $$
  select to_jsonb(r) - 'state' || jsonb_build_object('items', (select coalesce(jsonb_agg(to_jsonb(i) order by i.key), '[]') from recon_item i where i.run_no = r.no))
  from recon_run r where r.no = id
$$;
