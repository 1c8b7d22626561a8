-- Future goods rights (未来货权, domain.md F4): goods that are paid for before they exist. Until they lie in the warehouse under a
-- receipt, what secures the money is the seller's duty to deliver or to pay back. And pledges that change (F5): what comes in under
-- a receipt of its own counts beside the receipt of the pledge.

create table future_goods (
  no             text primary key,
  application_no text not null unique references application,
  seller_id      uuid not null references party, -- the mill: delivers or pays back
  deliver_by     date not null,
  deposit        numeric(17, 2) not null check (deposit > 0), -- 首付保证金
  currency       book_currency not null,
  deposit_ref    text not null unique check (deposit_ref <> ''), -- the bank's entry that proves it
  undertaking_sha256 text not null check (undertaking_sha256 ~ '^[0-9a-f]{64}$'), -- the seller's duty to pay back
  claim_no       text, -- of the insurer, assigned to the funder
  unsecured_since timestamptz, -- received and not pledged: nothing secures what is owed
  state          text not null
);
call make_stateful('future_goods', 'no');

-- Where each unit of a line is. Only movements change it; what is short is nowhere and never comes.
create table future_line (
  future_no  text not null references future_goods,
  line_no    text not null,
  material   text not null,
  unit       text not null,
  price      numeric(17, 2) not null check (price > 0),
  contracted numeric(15, 3) not null check (contracted > 0),
  future     numeric(15, 3) not null,
  transit    numeric(15, 3) not null default 0,
  received   numeric(15, 3) not null default 0,
  receipt    numeric(15, 3) not null default 0,
  released   numeric(15, 3) not null default 0,
  short      numeric(15, 3) not null default 0,
  primary key (future_no, line_no),
  constraint units_in_one_place check (future + transit + received + receipt + released = contracted - short),
  constraint units_are_there check (least(future, transit, received, receipt, released, short) >= 0)
);
create table future_move (
  id          bigint generated always as identity primary key,
  future_no   text not null,
  line_no     text not null,
  origin      text not null,
  destination text not null,
  quantity    numeric(15, 3) not null check (quantity > 0),
  document_no text not null, -- dispatch, goods receipt, warehouse receipt, release, claim
  at          timestamptz not null default hub_now(),
  foreign key (future_no, line_no) references future_line,
  constraint move_goes_on check ((origin, destination) in (('future', 'transit'), ('transit', 'received'), ('received', 'receipt'), ('receipt', 'released'),
    ('future', 'short'), ('transit', 'short'), ('received', 'short')))
);
create index future_move_line on future_move (future_no, line_no);
create index future_move_document on future_move (document_no);
create trigger future_move_append_only before update or delete or truncate on future_move for each statement execute function refuse_change();

create function apply_future_move() returns trigger language plpgsql as $$
begin
  execute format('update future_line set %1$I = %1$I - $1, %2$I = %2$I + $1 where future_no = $2 and line_no = $3', new.origin, new.destination)
    using new.quantity, new.future_no, new.line_no;
  return null;
end
$$;
create trigger future_move_applied after insert on future_move for each row execute function apply_future_move();
create function future_line_kept() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' and new.future <> new.contracted
     or tg_op = 'UPDATE' and (pg_trigger_depth() < 2 or (new.contracted, new.price, new.material, new.unit) is distinct from (old.contracted, old.price, old.material, old.unit)) then
    perform refuse('future_line_moved', 'future_line', format('where the units of %s are is written by movements alone', new.future_no));
  end if;
  return new;
end
$$;
create trigger future_line_moved before insert or update on future_line for each row execute function future_line_kept();

-- What leaves the warehouse leaves the right, whoever let it go: lots are known by the goods receipt under which they came.
create function future_goods_leave() returns trigger language plpgsql as $$
begin
  insert into future_move (future_no, line_no, origin, destination, quantity, document_no)
    select f.future_no, f.line_no, 'receipt', 'released', new.quantity, new.document_no
    from stock_lot l join future_move m on m.document_no = l.goods_receipt_no and m.destination = 'received'
      join future_line f on (f.future_no, f.line_no) = (m.future_no, m.line_no) and f.material = l.material
    where l.lot_no = new.lot_no order by f.line_no limit 1;
  return null;
end
$$;
create trigger future_goods_leave after insert on stock_movement for each row when (new.kind = 'OUTBOUND') execute function future_goods_leave();

-- Money for goods that do not exist yet: no pledge secures it, but the right is agreed by all four and registered, and the buyer has paid
-- his share. The rules on goods in `disbursement_may` hold for what is there.
do $$
declare
  body text := pg_get_functiondef('disbursement_may(text,text,text,numeric,text,text)'::regprocedure);
  named constant text := $q$not in ('SPOT_PLEDGE', 'FUTURE_GOODS')$q$;
begin
  if position(named in body) = 0 then
    raise exception 'disbursement_may does not name both products any more';
  end if;
  execute replace(body, named, $q$<> 'SPOT_PLEDGE'$q$);
end
$$;
create function future_goods_paid() returns trigger language plpgsql as $$
declare
  f future_goods;
begin
  if not exists (select from application a where a.no = new.application_no and a.product = 'FUTURE_GOODS') then
    return new;
  end if;
  select * into f from future_goods g where g.application_no = new.application_no for update;
  if f.state is distinct from 'REGISTERED' then
    perform refuse('future_goods_agreed', 'payment', 'the right to the future goods is not agreed and registered');
  end if;
  if f.deposit + new.amount > (select sum(trunc(l.contracted * l.price, 2)) from future_line l where l.future_no = f.no) then
    perform refuse('future_goods_cover', 'payment', 'deposit and loan are above what the goods cost');
  end if;
  return new;
end
$$;
create trigger guard_future_goods before insert on payment for each row when (is_disbursement(new.purpose)) execute function future_goods_paid();

-- A registration made for future goods becomes that of their pledge when they are converted: once, and of the same application.
create or replace function registration_moves() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    new.application_no := coalesce(new.application_no, (select p.application_no from pledge p where p.no = new.pledge_no));
    return new;
  end if;
  if old.state in ('REGISTERED', 'AMENDED', 'EXTENDED') and new.state = 'EXTENDED'
     and (new.expires_at <= old.expires_at or hub_now() < old.expires_at - interval '90 days') then
    perform refuse('extended_in_last_90_days', 'registration', 'a registration is extended in its last 90 days, to a later day');
  elsif old.expires_at is not null and new.expires_at is distinct from old.expires_at and new.state <> 'EXTENDED'
     or (new.application_no, new.subscription_no) is distinct from (old.application_no, old.subscription_no)
     or new.pledge_no is distinct from old.pledge_no and (old.pledge_no is not null
       or not exists (select from pledge p where p.no = new.pledge_no and p.application_no = new.application_no))
     or old.registration_no is not null and (new.registration_no, new.registered_at) is distinct from (old.registration_no, old.registered_at) then
    perform refuse('registration_kept', 'registration', 'what was registered stays registered so');
  end if;
  return new;
end
$$;

-- What a change brings in may lie under a receipt of its own.
alter table pledge_change add column receipt_no text references warehouse_receipt;
create index pledge_change_receipt on pledge_change (receipt_no) where receipt_no is not null;
create or replace function check_one_way(of_lot text) returns void language plpgsql as $$
begin
  perform from stock_lot where lot_no = of_lot for update;
  perform refuse_if(exists (
    select from pledge_item i join pledge p on p.no = i.pledge_no left join pledge_change c on c.no = i.change_no
      left join receipt_item r on r.lot_no = i.lot_no and r.bound,
      lateral (select case when c.no is null then p.receipt_no else c.receipt_no end receipt_no) own
    where i.lot_no = of_lot and not i.closed
      and case when p.basis = 'RECEIPT' then (own.receipt_no is null or exists (select from warehouse_receipt w where w.no = own.receipt_no)) and r.receipt_no is distinct from own.receipt_no
               else r.receipt_no is not null end), 'pledged_one_way', 'pledge_item', of_lot);
end
$$;
create or replace function check_receipt(of_receipt text) returns void language plpgsql as $$
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
  encumbered := exists (select from pledge p join pledge_item i on i.pledge_no = p.no where p.receipt_no = of_receipt and not i.closed)
    or exists (select from pledge_change c join pledge_item i on i.change_no = c.no where c.receipt_no = of_receipt and not i.closed);
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
create function pledge_change_true() returns trigger language plpgsql as $$
begin
  perform check_one_way(i.lot_no) from pledge_item i where i.change_no = new.no and not i.closed order by i.lot_no;
  return null;
end
$$;
create constraint trigger pledge_change_true after update of receipt_no on pledge_change deferrable initially deferred
  for each row execute function pledge_change_true();

call isolate('future_goods');
call isolate('future_line');
call isolate('future_move');
