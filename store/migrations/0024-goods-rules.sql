-- Goods: the rules that span rows. They are deferred constraint triggers named `<table>_true`: at commit each asks the functions
-- below about the lot, the pledge or the receipt that was touched, under a lock on it, so that two connections cannot both pass.

-- What is usable now, the latest of each series.
create function market_price(of_material text, of_unit text) returns price_quote language sql stable as $$
  select q from price_quote q where q.material = of_material and q.unit = of_unit and not q.held order by q.as_of desc, q.quote_date desc, q.source limit 1
$$;
-- More than a tenth away from the last usable price, and no other source of the same day agrees within a tenth.
create function price_jumps(q price_quote) returns boolean language sql stable as $$
  select coalesce((
    select abs(q.price - last.price) * 10 > last.price and not exists (
      select from price_quote o where o.material = q.material and o.unit = q.unit and o.quote_date = q.quote_date and o.source <> q.source
        and abs(q.price - o.price) * 10 <= o.price)
    from price_quote last where last.material = q.material and last.unit = q.unit and not last.held and last.as_of < q.as_of
    order by last.as_of desc limit 1), false)
$$;
create function price_quote_guard() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    new.good_until := business_day_after(new.as_of);
    if not new.held and new.confirmed_by is null and price_jumps(new) then
      raise exception '% jumps by more than a tenth: a second source or person must say so', new.material
        using errcode = 'check_violation', constraint = 'price_jump_confirmed', table = 'price_quote';
    end if;
  elsif tg_op = 'DELETE' or to_jsonb(new) - '{held,confirmed_by}'::text[] <> to_jsonb(old) - '{held,confirmed_by}'::text[]
        or (new.held, new.confirmed_by) is distinct from (old.held, old.confirmed_by) and (not old.held or new.held or (new.confirmed_by is null and price_jumps(new))) then
    raise exception 'a quote is kept as it was given' using errcode = 'check_violation', constraint = 'price_quote_kept', table = 'price_quote';
  end if;
  return new;
end
$$;
create trigger price_quote_guarded before insert or update or delete on price_quote for each row execute function price_quote_guard();

-- V = Σ quantity × p, p the lower of the pledged and the market price, cut to the fen once. Goods of a change count once it is registered.
create function pledge_value(of_pledge text) returns numeric language sql stable as $$
  select trunc(coalesce(sum(i.open * least(i.price, (market_price(l.material, l.unit)).price)), 0), 2)
  from pledge_item i join stock_lot l using (lot_no) left join pledge_change c on c.no = i.change_no
  where i.pledge_no = of_pledge and not i.closed and (c.no is null or c.state in ('REGISTERED', 'DONE'))
$$;
-- A price of it is older than a business day, or there never was one.
create function pledge_price_stale(of_pledge text) returns boolean language sql stable as $$
  select exists (select from pledge_item i join stock_lot l using (lot_no), market_price(l.material, l.unit) q
    where i.pledge_no = of_pledge and i.open > 0 and not coalesce(q.good_until > hub_now(), false))
$$;
-- Paid out or about to be, and not a loan yet.
create function on_its_way(of_application text) returns numeric language sql stable as $$
  select coalesce(sum(y.amount), 0) from payment y where y.application_no = of_application and is_disbursement(y.purpose)
    and y.state not in ('FAILED', 'RETURNED') and not exists (select from loan l where l.payment_no = y.no)
$$;
-- What is owed or on its way out, less the cash that lies beside the goods.
create function pledge_exposure(of_pledge text) returns numeric language sql stable as $$
  select coalesce((select sum(l.balance) from loan l where l.application_no = p.application_no), 0) + on_its_way(p.application_no)
    - coalesce((select sum(m.amount) from margin_entry m where m.pledge_no = p.no), 0)
  from pledge p where p.no = of_pledge
$$;

-- Why the goods of a pledge do not carry what is owed plus `more`; null when they do. Locks the pledge: callers take turns.
create function pledge_uncovered(of_pledge text, more numeric default 0) returns text language plpgsql as $$
declare
  p pledge;
  owed numeric;
  worth numeric;
begin
  select * into p from pledge where no = of_pledge for update;
  perform from loan where application_no = p.application_no for share;
  owed := pledge_exposure(of_pledge) + more;
  if owed <= 0 then
    return null;
  end if;
  if pledge_price_stale(of_pledge) then
    return 'PRICE_STALE';
  end if;
  worth := pledge_value(of_pledge);
  if owed > worth * p.pledge_rate then
    return 'LTV_EXCEEDED';
  end if;
  return case when worth < p.min_floor_value then 'FLOOR_BREACH' end;
end
$$;
/* Why `asked` of new money may not be paid on the goods of an application (CONTROL_NOT_PROVEN, PRICE_STALE, LTV_EXCEEDED,
   FLOOR_BREACH); null when it may. For products with a pledge. A disbursement that is open already is not counted beside it: there
   is one at most, and `disbursed_once` refuses the other by its own name; so `payment_no` only says who asks. Locks the pledge
   until the transaction ends. */
create function pledge_covers(of_application text, asked numeric, payment_no text default null) returns text language plpgsql as $$
declare
  its_no text := (select p.no from pledge p where p.application_no = of_application);
begin
  if not exists (select from pledge p where p.no = its_no and p.state in ('EFFECTIVE', 'PARTIALLY_RELEASED') for update) then
    return 'CONTROL_NOT_PROVEN';
  end if;
  return pledge_uncovered(its_no, asked - on_its_way(of_application));
end
$$;
create function refuse_uncovered(of_pledge text, on_table text) returns void language plpgsql as $$
declare
  why text := pledge_uncovered(of_pledge);
begin
  if why is not null then
    raise exception 'what stays of pledge % does not carry what is owed: %', of_pledge, why using errcode = 'check_violation', table = on_table,
      constraint = case why when 'PRICE_STALE' then 'release_priced_today' when 'FLOOR_BREACH' then 'floor_kept' else 'release_keeps_cover' end;
  end if;
end
$$;

create function refuse_if(broken boolean, rule text, on_table text, which text) returns void language plpgsql as $$
begin
  if broken then
    raise exception '%: % (%)', on_table, rule, which using errcode = 'check_violation', constraint = rule, table = on_table;
  end if;
end
$$;

-- The columns of a lot are the sums of its movements, and what is pledged of it is what its pledges and releases under way hold (I-01).
create function check_lot(of_lot text) returns void language plpgsql as $$
declare
  l stock_lot;
  here numeric;
  locked numeric;
  frozen numeric;
  held numeric;
begin
  select * into l from stock_lot where lot_no = of_lot for update;
  select coalesce(sum(case when kind in ('INBOUND', 'ADJUST', 'REGROUP') then quantity when kind = 'OUTBOUND' then -quantity end), 0),
         coalesce(sum(case kind when 'LOCK' then quantity when 'UNLOCK' then -quantity end), 0),
         coalesce(sum(case kind when 'FREEZE' then quantity when 'THAW' then -quantity end), 0)
    into here, locked, frozen from stock_movement where lot_no = of_lot;
  perform refuse_if((l.on_hand, l.pledged, l.frozen) is distinct from (here, locked, frozen), 'lot_is_sum_of_movements', 'stock_lot', of_lot);
  select coalesce(sum(open), 0) into held from pledge_item where lot_no = of_lot and not closed;
  held := held + coalesce((select sum(i.quantity) from release_item i join release_order o on o.no = i.release_no
    where i.lot_no = of_lot and o.state in ('DRAFT', 'PENDING_FND', 'APPROVED', 'SENT_TO_WH', 'ACKED')), 0);
  perform refuse_if(l.pledged <> held, 'lot_pledged_is_sum', 'stock_lot', of_lot);
end
$$;
-- A lot is pledged as stock or through the receipt that stands for it, never both (I-02, 解释 59(2)).
create function check_one_way(of_lot text) returns void language plpgsql as $$
begin
  perform from stock_lot where lot_no = of_lot for update;
  perform refuse_if(exists (
    select from pledge_item i join pledge p on p.no = i.pledge_no left join receipt_item r on r.lot_no = i.lot_no and r.bound
    where i.lot_no = of_lot and not i.closed
      and case when p.basis = 'RECEIPT' then (p.receipt_no is null or exists (select from warehouse_receipt w where w.no = p.receipt_no)) and r.receipt_no is distinct from p.receipt_no
               else r.receipt_no is not null end), 'pledged_one_way', 'pledge_item', of_lot);
end
$$;
-- What a receipt says of itself: pledged when it is, held by whom it was endorsed to, standing for its lots while it lives, complete.
create function check_receipt(of_receipt text) returns void language plpgsql as $$
declare
  r warehouse_receipt;
  live boolean;
  encumbered boolean;
begin
  select * into r from warehouse_receipt where no = of_receipt for update;
  if r.no is null then
    return;
  end if;
  live := r.state not in ('SPLIT', 'MERGED', 'DELIVERED', 'CANCELLED', 'VOID');
  encumbered := exists (select from pledge p join pledge_item i on i.pledge_no = p.no where p.receipt_no = of_receipt and not i.closed);
  perform refuse_if(r.state = 'VOID' and exists (select from receipt_endorsement e where e.receipt_no = of_receipt and e.kind = 'TRANSFER'),
    'void_before_endorsed', 'warehouse_receipt', of_receipt);
  perform refuse_if(case when r.state in ('PLEDGED', 'RELEASE_PENDING') then not encumbered when r.state in ('PLEDGE_PENDING', 'FROZEN') then false else encumbered end,
    'receipt_encumbered', 'warehouse_receipt', of_receipt);
  perform refuse_if(exists (select from receipt_item i where i.receipt_no = of_receipt and i.bound <> live), 'receipt_binds_while_live', 'warehouse_receipt', of_receipt);
  perform refuse_if(not exists (select from receipt_item i where i.receipt_no = of_receipt), 'receipt_has_goods', 'warehouse_receipt', of_receipt);
  perform refuse_if(r.holder_id <> coalesce((select e.endorsee_id from receipt_endorsement e where e.receipt_no = of_receipt and e.kind = 'TRANSFER'
    order by e.no desc limit 1), (select w.holder_id from receipt_link k join warehouse_receipt w on w.no = k.parent_no where k.child_no = of_receipt limit 1), r.depositor_id),
    'receipt_holder_is_endorsed', 'warehouse_receipt', of_receipt);
  perform refuse_if(r.basis = 'ISSUED' and r.state <> 'DRAFT' and cardinality(receipt_missing(of_receipt)) > 0, 'receipt_elements', 'warehouse_receipt', of_receipt);
end
$$;
create function check_receipt_of_pledge(of_pledge text) returns void language sql as $$
  select check_receipt(p.receipt_no) from pledge p where p.no = of_pledge and p.receipt_no is not null
$$;

create function stock_lot_true() returns trigger language plpgsql as $$
begin
  perform check_lot(new.lot_no);
  return null;
end
$$;
create constraint trigger stock_lot_true after insert or update of on_hand, pledged, frozen on stock_lot deferrable initially deferred
  for each row execute function stock_lot_true();

create function stock_movement_true() returns trigger language plpgsql as $$
begin
  perform check_lot(new.lot_no);
  perform refuse_if(new.kind = 'ADJUST' and not exists (select from stock_adjustment a where a.no = new.document_no and a.lot_no = new.lot_no
    and a.quantity = new.quantity and a.state = 'POSTED'), 'adjustment_is_posted', 'stock_movement', new.document_no);
  perform refuse_if(new.kind = 'REGROUP' and exists (
    select from stock_movement m join stock_lot l using (lot_no) where m.document_no = new.document_no and m.kind = 'REGROUP'
    group by l.warehouse, l.owner_id, l.material, l.unit, l.brand, l.spec, l.grade having sum(m.quantity) <> 0), 'regroup_conserves', 'stock_movement', new.document_no);
  return null;
end
$$;
create constraint trigger stock_movement_true after insert on stock_movement deferrable initially deferred
  for each row execute function stock_movement_true();

create function pledge_item_true() returns trigger language plpgsql as $$
declare
  p pledge;
  ordered numeric;
begin
  select * into p from pledge where no = new.pledge_no for update;
  perform check_lot(new.lot_no);
  perform check_one_way(new.lot_no);
  perform check_receipt_of_pledge(new.pledge_no);
  if p.state not in ('CANCELLED', 'DISPOSED') and not exists (select from pledge_change c where c.no = new.change_no and c.state = 'CANCELLED') then
    ordered := coalesce((select sum(i.quantity) from release_item i join release_order o on o.no = i.release_no
      where o.pledge_no = new.pledge_no and i.lot_no = new.lot_no and o.state not in ('REJECTED', 'CANCELLED', 'EXPIRED')), 0)
      + case when p.basis = 'STOCK_FLOATING' then coalesce((select sum(m.quantity) from stock_movement m
          where m.lot_no = new.lot_no and m.kind = 'UNLOCK' and m.document_no = new.pledge_no), 0) else 0 end;
    perform refuse_if((select i.released from pledge_item i where i.pledge_no = new.pledge_no and i.lot_no = new.lot_no) <> ordered,
      'released_by_order', 'pledge_item', new.lot_no);
  end if;
  perform refuse_if(coalesce((select sum(i.lost) from pledge_item i where i.lot_no = new.lot_no), 0) <> coalesce((select sum(m.quantity) from stock_movement m
    join stock_adjustment a on a.no = m.document_no and a.state = 'POSTED' where m.lot_no = new.lot_no and m.kind = 'UNLOCK'), 0), 'lost_by_adjustment', 'pledge_item', new.lot_no);
  if tg_op = 'UPDATE' and p.basis = 'STOCK_FLOATING' and p.state in ('EFFECTIVE', 'PARTIALLY_RELEASED') and new.released > old.released then
    perform refuse_uncovered(new.pledge_no, 'pledge_item');
  end if;
  return null;
end
$$;
create constraint trigger pledge_item_true after insert or update on pledge_item deferrable initially deferred
  for each row execute function pledge_item_true();

create function pledge_true() returns trigger language plpgsql as $$
begin
  perform check_one_way(i.lot_no) from pledge_item i where i.pledge_no = new.no and not i.closed order by i.lot_no;
  perform check_receipt_of_pledge(new.no);
  return null;
end
$$;
create constraint trigger pledge_true after update of receipt_no, basis, state on pledge deferrable initially deferred
  for each row execute function pledge_true();

create function receipt_item_true() returns trigger language plpgsql as $$
begin
  perform check_one_way(new.lot_no);
  perform refuse_if(tg_op = 'UPDATE' and (to_jsonb(new) - '{delivered,bound}'::text[] <> to_jsonb(old) - '{delivered,bound}'::text[] or (new.bound and not old.bound)),
    'receipt_item_kept', 'receipt_item', new.lot_no);
  perform refuse_if(tg_op = 'INSERT' and exists (select from stock_lot l where l.lot_no = new.lot_no and (new.unit <> l.unit or new.quantity > l.on_hand)),
    'receipt_is_covered', 'receipt_item', new.lot_no);
  perform check_receipt(new.receipt_no);
  return null;
end
$$;
create constraint trigger receipt_item_true after insert or update on receipt_item deferrable initially deferred
  for each row execute function receipt_item_true();

create function warehouse_receipt_true() returns trigger language plpgsql as $$
begin
  perform check_receipt(new.no);
  return null;
end
$$;
create constraint trigger warehouse_receipt_true after insert or update on warehouse_receipt deferrable initially deferred
  for each row execute function warehouse_receipt_true();

-- Split and merge conserve every kind of goods, and only what is free of any encumbrance takes part (I-35). What a price
-- depends on tells kinds apart, so value is conserved with quantity.
create function receipt_family_broken(of_child text) returns boolean language sql stable as $$
  with parents as (select parent_no from receipt_link where child_no = of_child),
       children as (select distinct child_no from receipt_link where parent_no in (select * from parents)),
       goods as (
         select i.quantity - i.delivered quantity, l.material, l.brand, l.grade, i.variety, i.spec, i.unit, i.quality, 1 side
           from receipt_item i join stock_lot l using (lot_no) where i.receipt_no in (select * from parents)
         union all
         select -i.quantity, l.material, l.brand, l.grade, i.variety, i.spec, i.unit, i.quality, -1
           from receipt_item i join stock_lot l using (lot_no) where i.receipt_no in (select * from children))
  select exists (select from goods group by material, brand, grade, variety, spec, unit, quality having sum(quantity) <> 0)
    or exists (select from warehouse_receipt w where w.no in (select * from parents) and w.state not in ('SPLIT', 'MERGED'))
    or exists (select from warehouse_receipt c, warehouse_receipt w where c.no in (select * from children) and w.no in (select * from parents)
      and (c.depositor_id, c.issuer_id, c.warehouse) is distinct from (w.depositor_id, w.issuer_id, w.warehouse))
$$;
create function receipt_link_true() returns trigger language plpgsql as $$
begin
  perform from warehouse_receipt w where w.no = new.parent_no for update;
  perform refuse_if(receipt_family_broken(new.child_no), 'receipts_conserve', 'receipt_link', new.child_no);
  perform refuse_if(exists (select from warehouse_receipt c, warehouse_receipt w where c.no = new.child_no and w.no = new.parent_no
    and (c.state not in ('DRAFT', 'ISSUED', 'HELD') or c.holder_id <> w.holder_id)), 'children_are_free', 'receipt_link', new.child_no);
  return null;
end
$$;
create constraint trigger receipt_link_true after insert on receipt_link deferrable initially deferred
  for each row execute function receipt_link_true();

-- While a margin call is open goods may be added, not exchanged (F5 1).
create function pledge_change_calm() returns trigger language plpgsql as $$
begin
  perform refuse_if(new.kind = 'SUBSTITUTION' and (select v.level from valuation v join revaluation r using (set_id) where v.pledge_no = new.pledge_no
    order by r.at desc limit 1) in ('CALL', 'DISPOSE'), 'no_substitution_under_call', 'pledge_change', new.pledge_no);
  return new;
end
$$;
create trigger pledge_change_calm before insert on pledge_change for each row execute function pledge_change_calm();

create function margin_entry_true() returns trigger language plpgsql as $$
begin
  perform from pledge where no = new.pledge_no for update;
  perform refuse_if((select sum(m.amount) from margin_entry m where m.pledge_no = new.pledge_no) < 0, 'margin_not_overdrawn', 'margin_entry', new.pledge_no);
  perform refuse_if((select p.currency from pledge p where p.no = new.pledge_no) <> new.currency, 'margin_in_currency', 'margin_entry', new.no);
  if new.amount < 0 then
    perform refuse_uncovered(new.pledge_no, 'margin_entry');
  end if;
  return null;
end
$$;
create constraint trigger margin_entry_true after insert on margin_entry deferrable initially deferred
  for each row execute function margin_entry_true();

-- Goods are released only against money that the funder has posted, or goods that are locked and registered instead (I-13).
create or replace function release_needs_posting() returns trigger language plpgsql as $$
begin
  if new.state in ('APPROVED', 'SENT_TO_WH', 'ACKED', 'EXECUTED', 'CLOSED') and not (case new.ground
    when 'REPAYMENT' then exists (select from repayment r where r.no = new.repayment_no and r.state = 'POSTED')
    when 'SUBSTITUTION' then exists (select from pledge_change c where c.no = new.change_no and c.pledge_no = new.pledge_no and c.kind = 'SUBSTITUTION' and c.state in ('REGISTERED', 'DONE'))
    when 'CASH_MARGIN' then coalesce((select sum(m.amount) from margin_entry m where m.pledge_no = new.pledge_no), 0) > 0
    else true end) then
    raise exception 'nothing that release % rests on is posted or registered', new.no using errcode = 'check_violation', constraint = 'release_after_posting', table = 'release_order';
  end if;
  return new;
end
$$;
-- An order goes to the warehouse with a token that is still good (I-15).
create function release_order_token() returns trigger language plpgsql as $$
begin
  perform refuse_if(new.state = 'SENT_TO_WH' and old.state <> 'SENT_TO_WH' and not coalesce(new.token_sha256 is not null and new.valid_to > hub_now(), false),
    'release_token_good', 'release_order', new.no);
  perform refuse_if(old.token_sha256 is not null and new.token_sha256 is distinct from old.token_sha256, 'release_token_kept', 'release_order', new.no);
  return new;
end
$$;
create trigger release_order_token before update on release_order for each row execute function release_order_token();

-- After a release is granted, what stays carries what is owed (I-14). What has left has left: that is not asked again.
create function release_order_true() returns trigger language plpgsql as $$
begin
  perform check_lot(i.lot_no) from release_item i where i.release_no = new.no order by i.lot_no;
  if new.state in ('APPROVED', 'SENT_TO_WH') and new.state <> old.state then
    perform refuse_uncovered(new.pledge_no, 'release_order');
  end if;
  return null;
end
$$;
create constraint trigger release_order_true after update of state on release_order deferrable initially deferred
  for each row execute function release_order_true();
create function release_item_true() returns trigger language plpgsql as $$
begin
  perform check_lot(new.lot_no);
  return null;
end
$$;
create constraint trigger release_item_true after insert or update of quantity on release_item deferrable initially deferred
  for each row execute function release_item_true();

create function gate_pass_good() returns trigger language plpgsql as $$
declare
  o release_order;
begin
  select * into o from release_order where no = new.release_no for update;
  perform refuse_if(o.state not in ('SENT_TO_WH', 'ACKED') or o.token_sha256 is distinct from new.token_sha256
    or o.picker_id_sha256 is distinct from new.picker_id_sha256 or o.picker_vehicle is distinct from new.vehicle, 'gate_pass_good', 'gate_pass', new.release_no);
  perform refuse_if(not coalesce(o.valid_to > hub_now(), false), 'gate_pass_in_time', 'gate_pass', new.release_no);
  return new;
end
$$;
create trigger gate_pass_good before insert on gate_pass for each row execute function gate_pass_good();
