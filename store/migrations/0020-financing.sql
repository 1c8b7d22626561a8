-- Financing (domain.md 1.9-1.11, 1.14): applications, locks on assets, attempts, offers, envelopes and registrations, and the papers
-- without which no money moves. Every rule has a name, by which `ledger/financing` attacks it.

-- Applications (融资申请): of four products. ---------------------------------------------------------------------------------------
alter table application
  add column product text not null default 'SPOT_PLEDGE' check (product in ('CREDIT', 'SPOT_PLEDGE', 'FUTURE_GOODS', 'FACTORING')),
  add column disclosed boolean, -- 明保理 or 暗保理
  add column recourse boolean,  -- 有追索权
  add constraint factoring_is_told check (product <> 'FACTORING' or (disclosed is not null and recourse is not null)),
  add constraint application_has_basis check (product in ('CREDIT', 'FACTORING') or order_no is not null),
  add unique (no, borrower_id);

-- What is asked for is not more than the order still costs, or than its receivables bear (I-03, I-04).
create function application_fits() returns trigger language plpgsql as $$
declare
  unpaid numeric;
begin
  if tg_op = 'UPDATE' and (new.amount, new.seller_no, new.order_no, new.product, new.product_id) is not distinct from
     (old.amount, old.seller_no, old.order_no, old.product, old.product_id) then
    return new;
  end if;
  if new.product <> (select c.body ->> 'type' from configuration c where c.id = new.product_id) then
    perform refuse('application_of_product', 'application', 'the application is not of the product that it names');
  end if;
  if new.order_no is null then
    return new;
  end if;
  select o.total - o.paid into unpaid from trade_order o where o.seller_no = new.seller_no and o.order_no = new.order_no for update;
  if new.amount > unpaid is not false then
    perform refuse('application_within_order', 'application', 'the amount is above what of the order is unpaid');
  end if;
  return new;
end
$$;
create trigger application_fits before insert or update on application for each row
  execute function application_fits();

create function application_within_assets() returns trigger language plpgsql as $$
declare
  a application;
begin
  select * into a from application x where x.no = case tg_table_name when 'application' then to_jsonb(new) ->> 'no' else to_jsonb(new) ->> 'application_no' end for update;
  if a.product = 'FACTORING' and a.state not in ('DRAFT', 'SUBMITTED', 'PRECHECK', 'RETURNED', 'REJECTED', 'WITHDRAWN', 'OFFER_EXPIRED', 'CLOSED')
     and a.amount > (select coalesce(sum(l.financed), 0) from asset_lock l where l.application_no = a.no and l.released_at is null) then
    perform refuse('application_within_assets', 'application', 'the amount is above what the receivables bear');
  end if;
  return null;
end
$$;
create constraint trigger application_within_assets after insert or update of amount, state, product on application deferrable initially deferred
  for each row execute function application_within_assets();

create constraint trigger application_keeps_assets after update of released_at on asset_lock deferrable initially deferred
  for each row execute function application_within_assets();

-- Locks (I-05) of any asset. A receivable is financed up to its confirmed amount times the advance rate (I-03).
alter table asset_lock
  add column receivable_no text generated always as (case when asset_key like 'receivable:%' then substr(asset_key, 12) end) stored references receivable,
  add column financed numeric(17, 2),
  add column advance_rate numeric(8, 6),
  add constraint asset_key_of_a_kind check (asset_key ~ '^(order|invoice|receivable|lot|receipt):\S+$'),
  add constraint receivable_lock_has_terms check (receivable_no is null or (financed > 0 and advance_rate > 0 and advance_rate <= 1) is true);

create function asset_lock_fits() returns trigger language plpgsql as $$
declare
  a application;
  r receivable;
begin
  if tg_op = 'UPDATE' then
    -- The generated column is not there yet.
    if to_jsonb(new) - '{released_at,receivable_no}'::text[] is distinct from to_jsonb(old) - '{released_at,receivable_no}'::text[] or (old.released_at is not null and new.released_at is distinct from old.released_at) then
      perform refuse('asset_lock_kept', 'asset_lock', 'a lock is released once, and never changed');
    end if;
    if old.released_at is null and new.released_at is not null
       and exists (select from application x where x.no = new.application_no and x.state = 'DISBURSED') then
      perform refuse('asset_lock_held', 'asset_lock', 'what a loan rests on stays locked');
    end if;
    return new;
  end if;
  if new.asset_key not like 'receivable:%' then
    return new;
  end if;
  select * into a from application x where x.no = new.application_no;
  select * into r from receivable x where x.no = substr(new.asset_key, 12) for update;
  if (r.creditor_id, r.currency) is distinct from (a.borrower_id, a.currency) then
    perform refuse('receivable_of_the_borrower', 'asset_lock', 'the receivable is not the borrower''s');
  end if;
  if new.financed > trunc(new.advance_rate * (select c.confirmed_amount from confirmation c
       where c.receivable_no = r.no and c.version = r.version and c.state = 'CONFIRMED' and r.state in ('CONFIRMED', 'LOCKED')), 2) is not false then
    perform refuse('financed_within_confirmed', 'asset_lock', 'more is financed than is confirmed times the advance rate');
  end if;
  return new;
end
$$;
create trigger asset_lock_fits before insert or update on asset_lock for each row execute function asset_lock_fits();
create trigger asset_lock_stays before delete on asset_lock for each row execute function refuse_delete();

-- Attempts (路由尝试) at funders: one after the other, and one in flight per borrower and funder. ----------------------------------
create table route_attempt (
  no             text primary key,
  application_no text not null,
  borrower_id    uuid not null,
  funder_id      uuid not null references party,
  position       int not null check (position > 0),
  explained      jsonb not null, -- inputs, version of the rules, and why this funder (domain.md F13)
  funder_ref     text,
  amount         numeric(17, 2) check (amount > 0),
  rate           numeric(8, 6),
  reason         text,
  state          text not null,
  unique (application_no, position),
  foreign key (application_no, borrower_id) references application (no, borrower_id),
  constraint attempt_elsewhere check (funder_id <> borrower_id),
  constraint approved_has_terms check (state <> 'APPROVED' or (amount is not null and rate is not null and funder_ref is not null))
);
create unique index attempt_in_flight_once on route_attempt (application_no) where state in ('PUSHED', 'WITHDRAWING', 'APPROVED');
create unique index funder_in_flight_once on route_attempt (funder_id, borrower_id) where state in ('PUSHED', 'WITHDRAWING');
call make_stateful('route_attempt', 'no');

-- Offers (资产分配) and subscriptions (认购). --------------------------------------------------------------------------------------
create table asset_offer (
  no             text primary key,
  application_no text not null references application,
  channel        text not null,
  amount         numeric(17, 2) not null,
  currency       text not null,
  min_ticket     numeric(17, 2) not null,
  rate_low       numeric(8, 6) not null,
  rate_high      numeric(8, 6) not null,
  visible_to     uuid[] not null,
  closes_at      timestamptz not null,
  accepted       numeric(17, 2) not null default 0, -- the sum of the accepted subscriptions
  final_rate     numeric(8, 6),
  state          text not null,
  constraint offer_rates check (rate_low >= 0 and rate_low <= rate_high and rate_high < 1),
  constraint ticket_within_offer check (min_ticket > 0 and min_ticket <= amount),
  constraint offer_not_oversubscribed check (accepted between 0 and amount),
  constraint final_rate_within_offer check (final_rate between rate_low and rate_high),
  constraint full_when_fixed check (state not in ('RATE_FIXED', 'CONTRACTING', 'FUNDED') or accepted = amount),
  constraint fixed_has_rate check (state not in ('RATE_FIXED', 'CONTRACTING', 'FUNDED') or final_rate is not null)
);
create unique index offer_open_once on asset_offer (application_no) where state not in ('WITHDRAWN', 'LAPSED');
call make_stateful('asset_offer', 'no');

create table subscription (
  no        text primary key,
  offer_no  text not null references asset_offer,
  funder_id uuid not null references party,
  amount    numeric(17, 2) not null check (amount > 0),
  rate_low  numeric(8, 6) not null,
  rate_high numeric(8, 6) not null,
  placed_at timestamptz not null default hub_now(),
  state     text not null,
  constraint subscription_rates check (rate_low >= 0 and rate_low <= rate_high and rate_high < 1)
);
create unique index subscribed_once on subscription (offer_no, funder_id) where state not in ('OUTBID', 'CANCELLED');
call make_stateful('subscription', 'no');

-- What two people fix: the rate, with all who then have to bear it.
create function approved_asset_offer(id text) returns jsonb language sql stable as $$
  select to_jsonb(o) - 'state' || jsonb_build_object('subscriptions', (select coalesce(jsonb_agg(jsonb_build_array(s.no, s.funder_id, s.amount) order by s.no), '[]')
    from subscription s where s.offer_no = o.no and s.state = 'ACCEPTED')) from asset_offer o where o.no = id
$$;

create function subscription_moves() returns trigger language plpgsql as $$
declare
  o asset_offer;
begin
  select * into o from asset_offer x where x.no = new.offer_no for update;
  if tg_op = 'INSERT' then
    if not (new.funder_id = any (o.visible_to)) or new.funder_id = (select a.borrower_id from application a where a.no = o.application_no) then
      perform refuse('subscription_of_visible_offer', 'subscription', 'the offer is not made to this funder');
    end if;
    if o.state not in ('PUBLISHED', 'PARTIALLY_SUBSCRIBED') or o.closes_at <= hub_now() then
      perform refuse('offer_is_open', 'subscription', format('offer %s is closed', o.no));
    end if;
    if new.amount < o.min_ticket then
      perform refuse('subscription_at_ticket', 'subscription', 'the amount is below the minimum ticket');
    end if;
    if new.rate_low > o.rate_high or new.rate_high < o.rate_low then
      perform refuse('subscription_meets_offer', 'subscription', 'no rate suits both offer and subscription');
    end if;
    return new;
  end if;
  if to_jsonb(new) - 'state' is distinct from to_jsonb(old) - 'state' then
    perform refuse('subscription_kept', 'subscription', 'a subscription is cancelled, never changed');
  end if;
  if new.state <> old.state then
    if new.state in ('ACCEPTED', 'OUTBID', 'CANCELLED') and o.state not in ('PUBLISHED', 'PARTIALLY_SUBSCRIBED', 'FULLY_SUBSCRIBED', 'WITHDRAWN', 'LAPSED')
       or new.state = 'ACCEPTED' and o.state in ('WITHDRAWN', 'LAPSED') then
      perform refuse('subscription_before_rate', 'subscription', 'the rate is fixed: nobody comes or goes');
    end if;
    if new.state = 'CONFIRMED' and o.state <> 'CONTRACTING' or new.state = 'PAID' and o.state not in ('CONTRACTING', 'FUNDED') then
      perform refuse('subscription_after_rate', 'subscription', 'the offer is not under contract');
    end if;
    if new.state = 'ACCEPTED' then
      update asset_offer set accepted = accepted + new.amount where no = o.no;
    elsif old.state = 'ACCEPTED' and new.state in ('OUTBID', 'CANCELLED') then
      update asset_offer set accepted = accepted - new.amount where no = o.no;
    end if;
  end if;
  return new;
end
$$;
create trigger subscription_moves before insert or update on subscription for each row execute function subscription_moves();

create function offer_moves() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    if (new.amount > a.amount or new.currency <> a.currency or a.state not in ('ASSETS_LOCKED', 'ROUTED', 'FUNDER_REVIEW')) is not false
       from application a where a.no = new.application_no then
      perform refuse('offer_of_locked_assets', 'asset_offer', 'no more is offered than was applied for, on locked assets');
    end if;
    return new;
  end if;
  if old.state <> 'DRAFT' and to_jsonb(new) - '{state,accepted,final_rate}'::text[] is distinct from to_jsonb(old) - '{state,accepted,final_rate}'::text[]
     or old.state in ('RATE_FIXED', 'CONTRACTING', 'FUNDED') and new.final_rate is distinct from old.final_rate then
    perform refuse('offer_kept', 'asset_offer', 'a published offer keeps its terms');
  end if;
  if new.state = 'RATE_FIXED' and exists (select from subscription s where s.offer_no = new.no and s.state = 'ACCEPTED'
       and not (new.final_rate between s.rate_low and s.rate_high)) then
    perform refuse('final_rate_within_subscriptions', 'asset_offer', 'the rate is outside what a funder subscribed at');
  end if;
  return new;
end
$$;
create trigger offer_moves before insert or update on asset_offer for each row execute function offer_moves();

create function offer_is_counted() returns trigger language plpgsql as $$
begin
  if (select o.accepted <> coalesce((select sum(s.amount) from subscription s where s.offer_no = o.no and s.state in ('ACCEPTED', 'CONFIRMED', 'PAID')), 0)
      or (o.state = 'FULLY_SUBSCRIBED' and o.accepted <> o.amount) from asset_offer o where o.no = new.no) then
    perform refuse('offer_is_counted', 'asset_offer', format('offer %s: what is accepted is not the sum of its subscriptions', new.no));
  end if;
  return null;
end
$$;
create constraint trigger offer_is_counted after insert or update of accepted, state on asset_offer deferrable initially deferred
  for each row execute function offer_is_counted();

/* What a funder sees of offers before it subscribes: what they bear, not whose they are (I-30). */
create function offers_for(funder uuid) returns table (no text, channel text, product text, amount numeric, currency text, min_ticket numeric,
    rate_low numeric, rate_high numeric, closes_at timestamptz, tenor_days int, disclosed boolean, recourse boolean) language plpgsql stable as $$
begin
  return query select o.no, o.channel, a.product, o.amount, o.currency::text, o.min_ticket, o.rate_low::numeric, o.rate_high::numeric, o.closes_at, a.tenor_days,
      a.disclosed, a.recourse from asset_offer o join application a on a.no = o.application_no
    where o.state in ('PUBLISHED', 'PARTIALLY_SUBSCRIBED') and funder = any (o.visible_to) and o.closes_at > hub_now() order by o.closes_at, o.no;
end
$$;

-- Envelopes (签约): ordered signers, each with an authority that is valid when he signs (I-07). -----------------------------------
alter table envelope
  add column vendor_status text; -- as the vendor says, in our words
update envelope set vendor_status = 'completed' where state = 'COMPLETED';
alter table envelope add constraint completed_by_vendor check (state <> 'COMPLETED' or vendor_status is not distinct from 'completed');
create unique index envelope_open_once on envelope (application_no) where state in ('DRAFT', 'SENT', 'PARTIALLY_SIGNED', 'COMPLETED');

create table envelope_signer (
  id           text primary key,
  envelope_no  text not null references envelope,
  position     int not null check (position > 0),
  party_id     uuid not null references party,
  authority_no uuid not null references sign_authority (no),
  seal_id      text,
  signed_at    timestamptz,
  cert_serial  text,
  state        text not null,
  unique (envelope_no, position),
  constraint signer_of_envelope check (id = envelope_no || '/' || position)
);
call make_stateful('envelope_signer', 'id');

create function signer_moves() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' and (new.envelope_no, new.position, new.party_id) is distinct from (old.envelope_no, old.position, old.party_id)
     or tg_op = 'UPDATE' and old.state <> 'WAITING' and to_jsonb(new) is distinct from to_jsonb(old)
     or tg_op = 'INSERT' and (select e.state from envelope e where e.no = new.envelope_no for share) <> 'DRAFT' then
    perform refuse('signers_kept', 'envelope_signer', 'an envelope that was sent keeps its signers, and they their word');
  end if;
  if new.state = 'SIGNED' then
    if exists (select from envelope_signer s where s.envelope_no = new.envelope_no and s.position < new.position and s.state <> 'SIGNED') then
      perform refuse('signed_in_order', 'envelope_signer', 'somebody signs before');
    end if;
    if not exists (select from sign_authority s where s.no = new.authority_no and s.party_id = new.party_id) or not authority_covers(new.authority_no, '',
         (select coalesce(a.approved_amount, a.amount) from envelope e join application a on a.no = e.application_no where e.no = new.envelope_no), new.signed_at) then
      perform refuse('signed_with_authority', 'envelope_signer', 'the signer had no valid authority when he signed');
    end if;
  end if;
  return new;
end
$$;
create trigger signer_moves before insert or update on envelope_signer for each row execute function signer_moves();

create function envelope_moves() returns trigger language plpgsql as $$
begin
  if new.state = 'COMPLETED' and old.state <> 'COMPLETED'
     and (select count(*) = 0 or bool_or(s.state <> 'SIGNED') from envelope_signer s where s.envelope_no = new.no) then
    perform refuse('all_have_signed', 'envelope', format('not all have signed envelope %s', new.no));
  end if;
  if old.state = 'COMPLETED' and to_jsonb(new) is distinct from to_jsonb(old) then
    perform refuse('envelope_kept', 'envelope', 'what was signed stays as it was signed');
  end if;
  return new;
end
$$;
create trigger envelope_moves before update on envelope for each row execute function envelope_moves();

-- Registrations (中登登记), of a pledge or of receivables, in one's own share. ---------------------------------------------------
alter table registration
  alter pledge_no drop not null, alter search_no drop not null, alter searched_at drop not null, alter submitted_at drop not null,
  add column application_no text references application,
  add column subscription_no text references subscription, -- the share of one of several funders
  add column cancel_due date,  -- ten working days after the claim ended
  add column amend_due date,   -- four months after a party's name changed
  add column objected_at timestamptz,
  add constraint submitted_is_searched check (state in ('DRAFT', 'SEARCHED', 'FAILED') or (search_no is not null and searched_at is not null and submitted_at is not null)),
  add constraint registered_has_number check (state in ('DRAFT', 'SEARCHED', 'SUBMITTED', 'FAILED') or (registration_no is not null and registered_at is not null and expires_at is not null)),
  add constraint registration_term check (expires_at >= registered_at + interval '27 days' and expires_at <= registered_at + interval '30 years 2 days'),
  add constraint cancelled_is_dated check (state <> 'CANCELLED' or cancelled_at is not null);
update registration r set application_no = p.application_no from pledge p where p.no = r.pledge_no;
alter table registration add constraint registration_of_financing check (application_no is not null);

create function registration_moves() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    new.application_no := coalesce(new.application_no, (select p.application_no from pledge p where p.no = new.pledge_no));
    return new;
  end if;
  if old.state in ('REGISTERED', 'AMENDED', 'EXTENDED') and new.state = 'EXTENDED'
     and (new.expires_at <= old.expires_at or hub_now() < old.expires_at - interval '90 days') then
    perform refuse('extended_in_last_90_days', 'registration', 'a registration is extended in its last 90 days, to a later day');
  elsif old.expires_at is not null and new.expires_at is distinct from old.expires_at and new.state <> 'EXTENDED'
     or (new.application_no, new.pledge_no, new.subscription_no) is distinct from (old.application_no, old.pledge_no, old.subscription_no)
     or old.registration_no is not null and (new.registration_no, new.registered_at) is distinct from (old.registration_no, old.registered_at) then
    perform refuse('registration_kept', 'registration', 'what was registered stays registered so');
  end if;
  return new;
end
$$;
create trigger registration_moves before insert or update on registration for each row execute function registration_moves();

-- Deadlines of the registry's rules (I-33).
create function registration_due_at_end() returns trigger language plpgsql as $$
begin
  update registration set cancel_due = working_days_after(shanghai_date(hub_now()), 10)
    where application_no = new.application_no and state in ('REGISTERED', 'AMENDED', 'EXTENDED', 'OBJECTED') and cancel_due is null;
  return null;
end
$$;
create trigger registration_due_at_end after update of state on loan for each row when (new.state = 'SETTLED' and old.state <> 'SETTLED')
  execute function registration_due_at_end();
create function registration_due_at_renaming() returns trigger language plpgsql as $$
begin
  update registration r set amend_due = (shanghai_date(hub_now()) + interval '4 months')::date from application a
    where a.no = r.application_no and new.id in (a.borrower_id, a.funder_id) and r.state in ('REGISTERED', 'AMENDED', 'EXTENDED', 'OBJECTED') and r.amend_due is null;
  return null;
end
$$;
create trigger registration_due_at_renaming after update of legal_name on party for each row when (new.legal_name <> old.legal_name)
  execute function registration_due_at_renaming();

-- No money on receivables before registration (I-06) and notice (I-19). What holds for all money is in 0012.
create function disbursed_after_papers() returns trigger language plpgsql as $$
declare
  a application;
begin
  select * into a from application x where x.no = new.application_no;
  if a.product <> 'FACTORING' then
    return new;
  end if;
  if tg_argv[0] = 'registered_before_disbursement' then
    perform from registration r where r.application_no = a.no and r.state in ('REGISTERED', 'AMENDED', 'EXTENDED') and r.expires_at > hub_now() for share;
  elsif a.disclosed then
    perform 1 where not exists (select from asset_lock l where l.application_no = a.no and l.released_at is null and l.receivable_no is not null
      and not exists (select from assignment_notice n where n.receivable_no = l.receivable_no and n.assignee_id = a.funder_id and n.state in ('DELIVERED', 'ACKNOWLEDGED')));
  else
    return new;
  end if;
  if not found then
    perform refuse(tg_argv[0], 'payment', format('%s: %s does not hold', a.no, tg_argv[0]));
  end if;
  return new;
end
$$;
create trigger registered_before_disbursement before insert or update of state on payment for each row
  when (new.purpose like 'DISBURSE%' and new.state in ('CREATED', 'SUBMITTING')) execute function disbursed_after_papers('registered_before_disbursement');
create trigger notified_before_disbursement before insert or update of state on payment for each row
  when (new.purpose like 'DISBURSE%' and new.state in ('CREATED', 'SUBMITTING')) execute function disbursed_after_papers('notified_before_disbursement');
