-- Money: business calendar, interest, limits as a ledger of movements, payments under their guards. Columns that are sums are
-- written by the triggers of their ledgers alone. Loans and reconciliation: 0022.

-- The business calendar (工作日历) in Asia/Shanghai: what the State Council swapped. The same as in contracts/canonical/calendar.ts.
alter table working_day_swap add column source text not null default '国务院办公厅关于2026年部分节假日安排的通知, 2025-11-04';
alter table working_day_swap alter column source drop default;
insert into working_day_swap (day, working, source)
select day, false, '国办发明电〔2024〕12号' from unnest('{2025-01-01,2025-01-28,2025-01-29,2025-01-30,2025-01-31,2025-02-03,2025-02-04,2025-04-04,
  2025-05-01,2025-05-02,2025-05-05,2025-06-02,2025-10-01,2025-10-02,2025-10-03,2025-10-06,2025-10-07,2025-10-08}'::date[]) day
union all select day, true, '国办发明电〔2024〕12号' from unnest('{2025-01-26,2025-02-08,2025-04-27,2025-09-28,2025-10-11}'::date[]) day;
create function is_working_day(day date) returns boolean language sql stable as $$
  select coalesce((select s.working from working_day_swap s where s.day = is_working_day.day), extract(isodow from day) < 6)
$$;
-- That day, or the next one that is worked (民法典 203). No holiday is longer than a month.
create function next_working_day(day date) returns date language sql stable as $$
  select day + n from generate_series(0, 31) n where is_working_day(day + n) order by n limit 1
$$;
create function shanghai_date(instant timestamptz) returns date language sql immutable as $$
  select (instant at time zone 'Asia/Shanghai')::date
$$;
-- Until when something counts for the day; '*' is every system that has no time of its own.
create table cut_off (
  system    text not null,
  operation text not null,
  at        time not null,
  days      text not null check (days in ('WORKING', 'ALL')),
  primary key (system, operation)
);
insert into cut_off values ('*', 'price.quote', '17:00', 'WORKING'), ('*', 'stock.snapshot', '23:00', 'ALL'), ('*', 'recon.file', '09:00', 'ALL'),
  ('*', 'loan.dueCheck', '00:30', 'ALL'), ('*', 'bank.disburse', '16:30', 'WORKING'), ('*', 'clearing.collect', '16:30', 'WORKING');
create function counts_for(system text, operation text, instant timestamptz) returns date language sql stable as $$
  select case c.days when 'WORKING' then next_working_day(d.day) else d.day end
  from (select * from cut_off c where c.operation = counts_for.operation and c.system in (counts_for.system, '*') order by c.system = '*' limit 1) c,
       lateral (select shanghai_date(instant) + ((instant at time zone 'Asia/Shanghai')::time > c.at)::int "day") d
$$;

-- Interest: the first day counts, the last does not; half up to the fen, exactly, also where the division does not end.
create function interest_days(day_count text, from_on date, to_on date) returns int language sql immutable as $$
  select case day_count when '30/360' then (extract(year from to_on) * 360 + extract(month from to_on) * 30 + least(extract(day from to_on), 30)
    - extract(year from from_on) * 360 - extract(month from from_on) * 30 - least(extract(day from from_on), 30))::int else to_on - from_on end
$$;
create function interest_fen(numerator numeric, day_count text) returns numeric language sql immutable as $$
  select div(numerator * 200 + b.days, 2 * b.days) / 100 from (select case day_count when 'ACT/365' then 365 else 360 end::numeric days) b
$$;

-- Credit limits (授信). What they hold is the sum of their movements.
alter table credit_limit
  add column state        text not null default 'ACTIVE',
  add column currency     text not null default 'CNY',
  add column valid_from   date,
  add column valid_to     date,
  add column rate         numeric(8, 6),
  add column decision_ref text,
  add column as_of        timestamptz not null default hub_now(),
  add column available    numeric(17, 2) generated always as (total - used - reserved) stored;
alter table credit_limit alter column state drop default, alter column total set default 0;
alter table limit_movement
  add column application_no text references application,
  add column repayment_no   text references repayment,
  add column decision_ref   text,
  drop constraint limit_movement_kind_check,
  add constraint limit_movement_kind_check
    check (kind in ('GRANT', 'REDUCE', 'RESERVE', 'CONSUME', 'RELEASE', 'RESTORE', 'UNRESTORE', 'REVERSE'));
alter table limit_movement disable trigger limit_movement_append_only;
update limit_movement set application_no = limit_no;
alter table limit_movement enable trigger limit_movement_append_only;
insert into limit_movement (limit_no, kind, amount) select no, 'GRANT', total from credit_limit where total > 0;
alter table limit_movement add constraint movement_names_cause check (
  (kind not in ('RESERVE', 'CONSUME', 'RELEASE', 'REVERSE') or application_no is not null) and (kind not in ('RESTORE', 'UNRESTORE') or repayment_no is not null));
create index limit_movement_limit on limit_movement (limit_no, application_no);
create index limit_movement_application on limit_movement (application_no) where kind = 'RESERVE';
create index limit_movement_repayment on limit_movement (repayment_no);
insert into lifecycle values ('credit_limit', '', 'grant', 'ACTIVE', '{FND}', false);
insert into history (entity, entity_id, from_state, to_state, event, actor) select 'credit_limit', no, '', 'ACTIVE', 'grant', 'migration' from credit_limit;
call make_stateful('credit_limit', 'no');

-- What an application still holds of a limit, of the limit's reserved part.
create function reserved_for(limit_no text, application_no text) returns numeric language sql stable as $$
  select coalesce(sum(case m.kind when 'RESERVE' then m.amount else -m.amount end), 0) from limit_movement m
  where m.limit_no = reserved_for.limit_no and m.application_no = reserved_for.application_no and m.kind in ('RESERVE', 'CONSUME', 'RELEASE')
$$;
-- The rules of a movement, each a trigger of its own; their names set their order: the first one locks the limit.
create function limit_rule() returns trigger language plpgsql as $$
declare
  l credit_limit;
begin
  select * into l from credit_limit where no = new.limit_no for update;
  case tg_argv[0]
    when 'limit_is_open' then
      if l.state not in ('ACTIVE', 'REDUCED') or l.valid_to < shanghai_date(hub_now()) then
        perform refuse('limit_is_open', 'limit_movement', format('limit %s is %s', l.no, l.state));
      end if;
    when 'limit_reserved_first' then
      if reserved_for(new.limit_no, new.application_no) < new.amount then
        perform refuse('limit_reserved_first', 'limit_movement', format('application %s holds less than that of limit %s', new.application_no, l.no));
      end if;
    when 'restore_only_revolving' then
      if not l.revolving then
        perform refuse('restore_only_revolving', 'limit_movement', format('limit %s does not revolve', l.no));
      end if;
    when 'restore_only_posted' then
      if new.amount + coalesce((select sum(case m.kind when 'RESTORE' then m.amount else -m.amount end) from limit_movement m
           where m.repayment_no = new.repayment_no and m.kind in ('RESTORE', 'UNRESTORE')), 0) > coalesce(
           (select r.principal from repayment r join loan on loan.no = r.loan_no
            where r.no = new.repayment_no and r.state = 'POSTED'
              and exists (select from limit_movement m where m.limit_no = l.no and m.application_no = loan.application_no and m.kind = 'CONSUME')), 0) then
        perform refuse('restore_only_posted', 'limit_movement', format('repayment %s has not posted that much principal', new.repayment_no));
      end if;
    when 'reverse_only_returned' then
      if not exists (select from loan join payment p on p.no = loan.payment_no
                     where loan.application_no = new.application_no and p.state = 'RETURNED' and loan.principal = new.amount) then
        perform refuse('reverse_only_returned', 'limit_movement', format('the money of %s did not come back', new.application_no));
      end if;
  end case;
  return new;
end
$$;
create trigger limit_is_open before insert on limit_movement for each row when (new.kind = 'RESERVE') execute function limit_rule('limit_is_open');
create trigger limit_reserved_first before insert on limit_movement for each row when (new.kind in ('CONSUME', 'RELEASE'))
  execute function limit_rule('limit_reserved_first');
create trigger restore_only_posted before insert on limit_movement for each row when (new.kind = 'RESTORE') execute function limit_rule('restore_only_posted');
create trigger restore_only_revolving before insert on limit_movement for each row when (new.kind = 'RESTORE')
  execute function limit_rule('restore_only_revolving');
create trigger reverse_only_returned before insert on limit_movement for each row when (new.kind = 'REVERSE')
  execute function limit_rule('reverse_only_returned');
-- One movement is applied once; `limit_sufficient` and the columns' own checks refuse what would overdraw it.
create unique index limit_reversed_once on limit_movement (application_no) where kind = 'REVERSE';
create function apply_movement() returns trigger language plpgsql as $$
begin
  update credit_limit set
    total = total + case new.kind when 'GRANT' then new.amount when 'REDUCE' then -new.amount else 0 end,
    reserved = reserved + case when new.kind = 'RESERVE' then new.amount when new.kind in ('CONSUME', 'RELEASE') then -new.amount else 0 end,
    used = used + case when new.kind in ('CONSUME', 'UNRESTORE') then new.amount when new.kind in ('RESTORE', 'REVERSE') then -new.amount else 0 end
  where no = new.limit_no;
  return null;
end
$$;
create trigger limit_movement_applied after insert on limit_movement for each row execute function apply_movement();
-- Sums have one writer: the trigger of their ledger, one level down.
create function refuse_direct_sum() returns trigger language plpgsql as $$
declare
  is_now jsonb := to_jsonb(new);
  was jsonb := case tg_op when 'UPDATE' then to_jsonb(old) else '{}' end;
  sum_column text;
begin
  foreach sum_column in array tg_argv loop
    if (is_now ->> sum_column)::numeric <> coalesce((was ->> sum_column)::numeric, 0) and pg_trigger_depth() < 2 then
      perform refuse(tg_name, tg_table_name, format('%s of %s is written by its ledger alone', sum_column, tg_table_name));
    end if;
  end loop;
  return new;
end
$$;
create trigger limit_only_by_movement before insert or update on credit_limit for each row
  execute function refuse_direct_sum('total', 'used', 'reserved');

-- Payments (支付指令). DISBURSE is the entrusted one (受托支付), to the payee of the mandate; DISBURSE_SELF goes to the borrower.
create function is_disbursement(purpose text) returns boolean language sql immutable as $$ select purpose in ('DISBURSE', 'DISBURSE_SELF') $$;
alter table payment
  add column previous_no text references payment, -- the one that failed or came back, instead of which this one is sent
  add column created_at  timestamptz not null default hub_now(),
  drop constraint payment_purpose_check,
  add constraint payment_purpose_check check (purpose in ('DISBURSE', 'DISBURSE_SELF', 'REPAY', 'COLLECTION_SPLIT', 'FEE', 'REFUND'));
create index payment_application on payment (application_no);
create unique index payment_previous_once on payment (previous_no) where previous_no is not null;
drop index disbursed_once;
create unique index disbursed_once on payment (application_no)
  where purpose in ('DISBURSE', 'DISBURSE_SELF') and state not in ('FAILED', 'RETURNED');
create unique index collecting_once on payment (application_no)
  where purpose = 'REPAY' and state in ('CREATED', 'APPROVED', 'SUBMITTING', 'ACCEPTED', 'UNKNOWN');

create function payment_rule() returns trigger language plpgsql as $$
declare
  before_it payment;
begin
  case tg_argv[0]
    when 'payment_unchanged' then
      if (new.no, new.purpose, new.application_no, new.payer_account, new.payee_account, new.amount, new.currency, new.previous_no)
         is distinct from (old.no, old.purpose, old.application_no, old.payer_account, old.payee_account, old.amount, old.currency, old.previous_no)
         or old.serial_no <> new.serial_no or old.settled_at <> new.settled_at then
        perform refuse('payment_unchanged', 'payment', format('what %s orders stands', old.no));
      end if;
    -- The hub may ask a funder or a clearing for these: it decides by its own two people, or the payer himself ordered it.
    when 'payment_approved_first' then
      if new.purpose not in ('DISBURSE', 'REPAY') then
        perform refuse('payment_approved_first', 'payment', format('a %s is approved by two people before it is sent', new.purpose));
      end if;
    when 'payment_follows_ended' then
      select * into before_it from payment p where p.application_no = new.application_no and is_disbursement(p.purpose)
        and p.state in ('FAILED', 'RETURNED') order by p.created_at desc, p.no desc limit 1;
      if new.previous_no is distinct from before_it.no then
        perform refuse('payment_follows_ended', 'payment', format('%s must follow %s', new.no, coalesce(before_it.no, 'nothing')));
      end if;
    when 'payment_between_parties' then
      if not exists (select from bank_account b where b.account_no = new.payee_account)
         or new.payer_account is not null and not exists (select from bank_account b where b.account_no = new.payer_account) then
        perform refuse('payment_between_parties', 'payment', 'payer and payee are accounts of parties');
      end if;
  end case;
  return new;
end
$$;
create trigger payment_unchanged before update on payment for each row execute function payment_rule('payment_unchanged');
create trigger payment_approved_first before insert on payment for each row when (new.state = 'SUBMITTING')
  execute function payment_rule('payment_approved_first');
create trigger payment_follows_ended before insert on payment for each row when (is_disbursement(new.purpose))
  execute function payment_rule('payment_follows_ended');
create trigger payment_between_parties before insert on payment for each row execute function payment_rule('payment_between_parties');

-- What must be so at the moment of a disbursement. `guardDisbursement` asks the same function, earlier and for a better answer.
-- Rules on goods hold for what is secured by goods. Locks in this order: limit, application, pledge.
create function disbursement_may(rule text, of_application text, payee text, asked numeric, for_purpose text, payment_no text default null) returns boolean language plpgsql as $$
declare
  a application;
  held boolean := true;
begin
  select * into a from application x where x.no = of_application;
  if a.product not in ('SPOT_PLEDGE', 'FUTURE_GOODS') and rule in ('pledge_effective', 'price_fresh', 'stock_feed_fresh', 'goods_cover') then
    return true;
  end if;
  case rule
    when 'borrower_active' then
      perform from party p where p.id = a.borrower_id and p.state = 'ACTIVE' for share of p;
      held := found;
      held := held and party_may_draw(a.borrower_id) is null;
    when 'borrower_not_overdue' then
      -- Whoever lets one of them lapse waits for this, or this for him.
      perform from loan l join application x on x.no = l.application_no where x.borrower_id = a.borrower_id order by l.no for share of l;
      perform from loan l join application x on x.no = l.application_no
        where x.borrower_id = a.borrower_id and l.state in ('OVERDUE', 'DEFAULTED', 'DISPOSING', 'WRITTEN_OFF');
      held := not found;
    when 'consent_given' then
      perform from party f join consent c on c.party_id = a.borrower_id and c.recipient = f.legal_name
        where f.id = a.funder_id and c.state = 'GIVEN' and (c.valid_to is null or c.valid_to > hub_now());
      held := found;
    when 'contracts_signed' then
      perform from envelope e where e.application_no = a.no and e.state = 'COMPLETED';
      held := found;
    when 'payee_mandated' then
      if for_purpose = 'DISBURSE_SELF' then
        perform from bank_account b where b.account_no = payee and b.party_id = a.borrower_id and b.state = 'VERIFIED' for share;
      else
        perform from envelope e join bank_account b on b.account_no = e.mandate_payee where e.application_no = a.no and e.state = 'COMPLETED'
          and e.mandate_payee = payee and a.payee_account = payee and b.state = 'VERIFIED' for share of b;
      end if;
      held := found;
    when 'payee_not_cooling' then
      perform from bank_account b where b.account_no = payee and b.usable_from > hub_now();
      held := not found;
    when 'limit_reserved' then
      perform from credit_limit l where l.reserved >= asked and reserved_for(l.no, a.no) >= asked
        and l.no in (select m.limit_no from limit_movement m where m.application_no = a.no and m.kind = 'RESERVE') for update;
      held := found;
    when 'limit_not_frozen' then
      perform from credit_limit l where (l.state not in ('ACTIVE', 'REDUCED') or l.valid_to < shanghai_date(hub_now()))
        and l.no in (select m.limit_no from limit_movement m where m.application_no = a.no and m.kind = 'RESERVE');
      held := not found;
    when 'amount_approved' then
      perform from application x where x.no = a.no and x.state = 'READY_TO_DISBURSE' and x.approved_amount >= asked and x.valid_to > hub_now() for update;
      held := found;
    when 'asset_locked' then
      perform from asset_lock k where k.application_no = a.no and k.released_at is null;
      held := found;
    when 'order_covers' then
      perform from trade_order o where (o.seller_no, o.order_no) = (a.seller_no, a.order_no) and asked > o.total - o.paid;
      held := not found;
    when 'pledge_registered' then
      perform from registration r where r.application_no = a.no and r.state in ('REGISTERED', 'AMENDED', 'EXTENDED') and r.expires_at > hub_now();
      held := found or a.product in ('CREDIT', 'FACTORING'); -- Of receivables: 0010.
    when 'pledge_effective' then
      perform from pledge p where p.application_no = a.no and p.state = 'EFFECTIVE' for update;
      held := found;
    when 'price_fresh' then
      perform from pledge p where p.application_no = a.no and pledge_price_stale(p.no);
      held := not found;
    when 'goods_cover' then
      held := coalesce(pledge_covers(a.no, asked, payment_no) not in ('LTV_EXCEEDED', 'FLOOR_BREACH'), true);
    when 'stock_feed_fresh' then
      perform from pledge p join pledge_item i on i.pledge_no = p.no join stock_lot s on s.lot_no = i.lot_no
        where p.application_no = a.no and alert_open('STOCK_FEED_LATE', s.warehouse);
      held := not found;
    when 'no_margin_call' then
      perform from pledge p left join loan l on l.application_no = p.application_no
        where p.pledgor_id = a.borrower_id and (alert_open('MARGIN_CALL', p.no) or alert_open('MARGIN_CALL', l.no));
      held := not found;
    -- Two days without sign-off of what was reconciled with that funder stop its disbursements (F10).
    when 'books_reconciled' then
      perform from recon_run r where r.funder_id = a.funder_id and r.state not in ('SIGNED_OFF', 'VOID') and r.on_date < shanghai_date(hub_now()) - 2;
      held := not found;
  end case;
  return coalesce(held, false);
end
$$;
create function guard_payment() returns trigger language plpgsql as $$
begin
  if not disbursement_may(tg_argv[0], new.application_no, new.payee_account, new.amount, new.purpose, new.no) then
    perform refuse(tg_argv[0], 'payment', format('disbursement %s is refused by %s', new.no, tg_argv[0]));
  end if;
  return new;
end
$$;
-- One trigger per rule, named in the order in which they are asked. The cooling of the payee's account has its trigger in 0008,
-- what holds for receivables alone in 0010.
do $$
declare
  rule text;
  n bigint;
begin
  for rule, n in select * from unnest('{borrower_active,borrower_not_overdue,consent_given,contracts_signed,payee_mandated,limit_reserved,limit_not_frozen,
      amount_approved,order_covers,asset_locked,pledge_registered,pledge_effective,price_fresh,stock_feed_fresh,goods_cover,no_margin_call,books_reconciled}'::text[]) with ordinality loop
    execute format('create trigger %I before insert or update of state on payment for each row
      when (is_disbursement(new.purpose) and new.state in (''CREATED'', ''SUBMITTING'')) execute function guard_payment(%L)',
      'guard_' || lpad(n::text, 2, '0') || '_' || rule, rule);
  end loop;
end
$$;
