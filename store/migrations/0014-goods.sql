-- Goods (货物): stock as a ledger, warehouse receipts (仓单), pledges static and floating, substitution, the gate, prices,
-- marking to market (盯市) and stock reconciliation (货准). domain.md 1.6, 1.7, 1.17, F5, F8, F9.
-- What they hold; the rules that span rows are in 0024, the batch over the whole book in 0026.

-- Goods receipt (入库单): what arrived. It is no warehouse receipt, and nothing is pledged by it (解释 59(2)).
create table goods_receipt (
  receipt_no  text primary key,
  notice_no   text not null,
  warehouse   text not null,
  owner_id    uuid not null references party,
  received_at timestamptz not null,
  final       boolean not null
);

alter table stock_lot
  add column location         text,
  add column brand            text,
  add column spec             text,
  add column grade            text,
  add column batch            text,
  add column pieces           int check (pieces >= 0),
  add column quality_cert_no  text,
  add column inbound_at       timestamptz,
  add column ownership_docs   jsonb not null default '[]' check (jsonb_typeof(ownership_docs) = 'array'), -- [{name, sha256}]
  add column goods_receipt_no text references goods_receipt,
  add column available        numeric(15, 3) generated always as (on_hand - pledged - frozen) stored;

-- Stock as a ledger: on_hand, pledged and frozen of a lot are the sums of its movements.
create table stock_movement (
  id          bigint generated always as identity primary key,
  lot_no      text not null references stock_lot,
  kind        text not null check (kind in ('INBOUND', 'OUTBOUND', 'ADJUST', 'REGROUP', 'LOCK', 'UNLOCK', 'FREEZE', 'THAW')),
  quantity    numeric(15, 3) not null, -- in the lot's unit; signed for ADJUST and REGROUP only
  document_no text not null,           -- goods receipt, pledge, release, adjustment, court order ...
  actor       text not null,
  at          timestamptz not null default hub_now(),
  constraint movement_has_direction check (quantity > 0 or (kind in ('ADJUST', 'REGROUP') and quantity <> 0))
);
create index stock_movement_lot on stock_movement (lot_no);
create index stock_movement_document on stock_movement (document_no);
-- An adjustment is booked once.
create unique index adjusted_once on stock_movement (document_no) where kind = 'ADJUST';
create trigger stock_movement_append_only before update or delete or truncate on stock_movement for each statement execute function refuse_change();
insert into stock_movement (lot_no, kind, quantity, document_no, actor) select lot_no, 'INBOUND', on_hand, 'opening', 'migration' from stock_lot where on_hand > 0;
insert into stock_movement (lot_no, kind, quantity, document_no, actor) select lot_no, 'LOCK', pledged, 'opening', 'migration' from stock_lot where pledged > 0;
insert into stock_movement (lot_no, kind, quantity, document_no, actor) select lot_no, 'FREEZE', frozen, 'opening', 'migration' from stock_lot where frozen > 0;

-- Adjustment note (调整单), signed by two parties: the mirror of the warehouse's stock is never edited (F9 6).
create table stock_adjustment (
  no              text primary key,
  lot_no          text not null references stock_lot,
  quantity        numeric(15, 3) not null check (quantity <> 0),
  reason          text not null check (reason <> ''),
  report_sha256   text not null check (report_sha256 ~ '^[0-9a-f]{64}$'),
  maker_party_id  uuid not null references party,
  signer_party_id uuid references party,
  state           text not null,
  constraint adjustment_by_two_parties check (signer_party_id <> maker_party_id),
  constraint posted_adjustment_is_signed check (state <> 'POSTED' or signer_party_id is not null)
);
create function approved_stock_adjustment(id text) returns jsonb language sql stable as $$
  select to_jsonb(a) - 'state' - 'signer_party_id' from stock_adjustment a where a.no = id
$$;
call make_stateful('stock_adjustment', 'no');

-- Warehouse receipt (仓单): the elements of Civil Code art. 909 and GB/T 30332. One that the keeper merely told us of may lack
-- some, and `receipt_missing` lists them; one that is issued through the hub lacks none.
create table warehouse_receipt (
  no                text primary key,
  national_code     text,
  form              text check (form in ('ELECTRONIC', 'PAPER')),
  basis             text not null check (basis in ('ISSUED', 'AS_TOLD')),
  warehouse         text not null,
  depositor_id      uuid not null references party,
  depositor_name    text not null check (depositor_name <> ''),
  depositor_address text,
  holder_id         uuid not null references party,
  loss_standard     text,
  storage_place     text,
  storage_from      date,
  storage_to        date,
  storage_fee       text,
  insured           boolean, -- null: nobody said
  insured_sum       numeric(17, 2) check (insured_sum > 0),
  insured_currency  text,
  insured_from      date,
  insured_to        date,
  insurer           text,
  issuer_id         uuid not null references party,
  issued_place      text,
  issued_at         timestamptz not null,
  keeper_sha256     text not null check (keeper_sha256 ~ '^[0-9a-f]{64}$'), -- hash under the keeper's seal
  rights_notice     text,
  endorsee_id       uuid references party, -- while TRANSFER_PENDING
  endorser_sha256   text check (endorser_sha256 ~ '^[0-9a-f]{64}$'),
  state             text not null,
  constraint storage_period_runs check (storage_to >= storage_from),
  constraint insurance_is_whole check (case when coalesce(insured, false)
    then num_nulls(insured_sum, insured_currency, insured_from, insured_to, insurer) = 0 and insured_to >= insured_from
    else num_nonnulls(insured_sum, insured_currency, insured_from, insured_to, insurer) = 0 end),
  constraint transfer_names_endorsee check ((state = 'TRANSFER_PENDING') = (endorsee_id is not null)
    and (endorsee_id is null) = (endorser_sha256 is null))
);
create table receipt_item (
  receipt_no text not null references warehouse_receipt,
  lot_no     text not null references stock_lot,
  variety    text not null check (variety <> ''),
  spec       text,
  quantity   numeric(15, 3) not null check (quantity > 0),
  delivered  numeric(15, 3) not null default 0,
  unit       text not null,
  quality    text,
  packaging  text,
  pieces     int check (pieces >= 0),
  marks      text,
  bound      boolean not null default true, -- the receipt still stands for the lot
  primary key (receipt_no, lot_no),
  constraint delivered_within_receipt check (delivered between 0 and quantity)
);
-- Lots are bound one to one: no two live receipts promise the same goods.
create unique index lot_under_one_receipt on receipt_item (lot_no) where bound;

-- Endorsements (背书), countersigned by the keeper (民法典 910).
create table receipt_endorsement (
  receipt_no      text not null references warehouse_receipt,
  no              int not null,
  kind            text not null check (kind in ('TRANSFER', 'PLEDGE')),
  endorser_id     uuid not null references party,
  endorsee_id     uuid not null references party,
  endorser_sha256 text not null check (endorser_sha256 ~ '^[0-9a-f]{64}$'),
  keeper_sha256   text not null check (keeper_sha256 ~ '^[0-9a-f]{64}$'),
  at              timestamptz not null default hub_now(),
  primary key (receipt_no, no)
);
create trigger receipt_endorsement_append_only before update or delete or truncate on receipt_endorsement for each statement execute function refuse_change();
create table receipt_link (
  child_no  text not null references warehouse_receipt,
  parent_no text not null references warehouse_receipt,
  primary key (child_no, parent_no),
  constraint receipt_is_not_its_parent check (child_no <> parent_no)
);
create trigger receipt_link_append_only before update or delete or truncate on receipt_link for each statement execute function refuse_change();
call make_stateful('warehouse_receipt', 'no');

-- The elements of the law and of the standard that a receipt lacks.
create function receipt_missing(no text) returns text[] language sql stable as $$
  select array(
    select e.name from warehouse_receipt r, lateral (values
      ('form', r.form is null), ('depositorAddress', r.depositor_address is null), ('lossStandard', r.loss_standard is null),
      ('storagePlace', r.storage_place is null), ('storagePeriod', r.storage_from is null or r.storage_to is null),
      ('storageFee', r.storage_fee is null), ('insurance', r.insured is null), ('issuedPlace', r.issued_place is null),
      ('rightsNotice', r.rights_notice is null)) e (name, missing)
    where r.no = receipt_missing.no and e.missing
    union all
    select distinct e.name from receipt_item i, lateral (values
      ('specification', i.spec is null), ('quality', i.quality is null), ('packaging', i.packaging is null),
      ('pieces', i.pieces is null), ('marks', i.marks is null)) e (name, missing)
    where i.receipt_no = receipt_missing.no and e.missing order by 1)
$$;

-- Pledges: static, floating (总量控制) or of a receipt; lines of value; cash beside the goods; changes of what is pledged.
create table pledge_change (
  no              text primary key,
  pledge_no       text not null references pledge,
  kind            text not null check (kind in ('SUBSTITUTION', 'TOP_UP')),
  reason          text not null,
  lock_no         text,
  control_at      timestamptz,
  registration_no text,
  state           text not null,
  constraint change_is_controlled check (state not in ('APPROVED', 'REGISTERED', 'DONE') or (lock_no is not null and control_at is not null)),
  constraint change_is_registered check (state not in ('REGISTERED', 'DONE') or registration_no is not null)
);
alter table pledge drop constraint pledge_basis_check, drop constraint pledge_receipt_no_key;
-- A receipt serves one pledge at a time (I-02).
create unique index receipt_pledged_once on pledge (receipt_no) where state not in ('CANCELLED', 'RELEASED', 'DISPOSED');
alter table pledge
  add check (basis in ('RECEIPT', 'STOCK_STATIC', 'STOCK_FLOATING')),
  add column currency         text not null default 'CNY',
  add column min_floor_value  numeric(17, 2) check (min_floor_value > 0),
  add column supervision_no   text, -- the three-party agreement (三方监管协议)
  add column effective_at     timestamptz,
  add column warn_rate        numeric(8, 6) not null default 0.75,
  add column call_rate        numeric(8, 6) not null default 0.80,
  add column dispose_rate     numeric(8, 6) not null default 0.90,
  add constraint floor_of_floating check ((basis = 'STOCK_FLOATING') = (min_floor_value is not null)),
  add constraint lines_ascend check (pledge_rate <= warn_rate and warn_rate < call_rate and call_rate < dispose_rate and dispose_rate <= 1) not valid,
  add constraint receipt_pledge_has_receipt check (basis <> 'RECEIPT' or receipt_no is not null
    or state not in ('EFFECTIVE', 'PARTIALLY_RELEASED', 'RELEASED', 'DISPOSING', 'DISPOSED')) not valid,
  add constraint pledge_receipt_is_known foreign key (receipt_no) references warehouse_receipt not valid;
alter table pledge_item drop constraint released_within_pledged, drop constraint closed_when_released;
alter table pledge_item
  add column change_no text references pledge_change, -- counts once that is registered
  add column lost      numeric(15, 3) not null default 0, -- by posted adjustments
  add column open      numeric(15, 3) generated always as (quantity - released - lost) stored,
  add constraint released_within_pledged check (released >= 0 and lost >= 0 and released + lost <= quantity),
  add constraint closed_when_released check (not closed or released + lost = quantity);
create index pledge_item_lot on pledge_item (lot_no);
create index pledge_item_change on pledge_item (change_no) where change_no is not null;
create index pledge_receipt on pledge (receipt_no) where receipt_no is not null;
create function approved_pledge_change(id text) returns jsonb language sql stable as $$
  select to_jsonb(c) - 'state' || jsonb_build_object('lots', (select jsonb_agg(jsonb_build_array(i.lot_no, i.quantity, i.price) order by i.lot_no)
    from pledge_item i where i.change_no = c.no)) from pledge_change c where c.no = id
$$;
-- Two people agree to dispose of these goods; that their number moves meanwhile is no other agreement.
create function approved_pledge(id text) returns jsonb language sql stable as $$
  select to_jsonb(p) - 'state' from pledge p where p.no = id
$$;
call make_stateful('pledge_change', 'no');

-- Cash beside the goods (现金补仓), each entry proven by a line of a bank statement; negative when given back.
create table margin_entry (
  no            text primary key,
  pledge_no     text not null references pledge,
  amount        numeric(17, 2) not null check (amount <> 0),
  currency      text not null,
  statement_ref text not null unique check (statement_ref <> ''),
  at            timestamptz not null default hub_now()
);
create index margin_entry_pledge on margin_entry (pledge_no);
create trigger margin_entry_append_only before update or delete or truncate on margin_entry for each statement execute function refuse_change();

alter table release_order
  alter column repayment_no drop not null,
  add column ground           text not null default 'REPAYMENT' check (ground in ('REPAYMENT', 'SUBSTITUTION', 'TOP_UP_EXCESS', 'CASH_MARGIN')),
  add column change_no        text references pledge_change,
  add column picker_id_sha256 text check (picker_id_sha256 ~ '^[0-9a-f]{64}$'), -- of release number and identity number
  add column picker_vehicle   text,
  add column outbound_at      timestamptz,
  add constraint release_has_ground check ((ground = 'REPAYMENT') = (repayment_no is not null) and (ground = 'SUBSTITUTION') = (change_no is not null)),
  add constraint outbound_in_time check (coalesce(outbound_at <= valid_to, state not in ('EXECUTED', 'CLOSED'))) not valid; -- I-15
create index release_item_lot on release_item (lot_no);
create index release_order_pledge on release_order (pledge_no);
-- Two people of the funder approve the pledge, its lots and who fetches them; the token comes with their word.
create function approved_release_order(id text) returns jsonb language sql stable as $$
  select to_jsonb(o) - '{state,token_sha256,valid_to,maker,checker,outbound_no,outbound_at}'::text[]
    || jsonb_build_object('lots', (select jsonb_agg(jsonb_build_array(i.lot_no, i.quantity) order by i.lot_no) from release_item i where i.release_no = o.no))
  from release_order o where o.no = id
$$;
-- The token at the gate: once, before it expires, in the hands of the named picker (I-15).
create table gate_pass (
  release_no       text primary key references release_order,
  token_sha256     text not null,
  picker_id_sha256 text not null,
  vehicle          text not null,
  at               timestamptz not null default hub_now()
);
create trigger gate_pass_append_only before update or delete or truncate on gate_pass for each statement execute function refuse_change();

-- Prices as a series. A jump of more than a tenth is held until a second source or person says the same.
alter table price_quote
  add column currency     text not null default 'CNY',
  add column quoted_by    text not null default 'feed',
  add column good_until   timestamptz, -- one business day: the trigger knows the calendar
  add column held         boolean not null default false,
  add column confirmed_by text,
  add constraint quote_confirmed_by_another check (confirmed_by <> quoted_by);
create function business_day_after(instant timestamptz) returns timestamptz language sql stable as $$
  select (working_days_after((instant at time zone 'Asia/Shanghai')::date, 1) + (instant at time zone 'Asia/Shanghai')::time) at time zone 'Asia/Shanghai'
$$;
update price_quote set good_until = business_day_after(as_of);
alter table price_quote alter column good_until set not null;
create index price_quote_series on price_quote (material, unit, as_of desc) where not held;

create table quote_set (
  id          text primary key,
  at          timestamptz not null default hub_now(),
  business_date date not null
);
-- A price that went stale is used with a haircut, and blocks drawings and releases.
create table quote_set_item (
  set_id   text not null references quote_set,
  material text not null,
  unit     text not null,
  price    numeric(17, 2) not null check (price > 0),
  stale    boolean not null,
  haircut  numeric(8, 6) not null check (haircut >= 0 and haircut < 1),
  used     numeric(25, 8) not null,
  source   text not null,
  as_of    timestamptz not null,
  primary key (set_id, material, unit),
  constraint haircut_of_stale check ((stale or haircut = 0) and used = price * (1 - haircut))
);
-- One batch: every pledge in effect at the prices of one set; the same set again changes nothing.
create table revaluation (
  set_id  text primary key references quote_set,
  pledges int not null,
  at      timestamptz not null default hub_now()
);
create table valuation (
  set_id     text not null references quote_set,
  pledge_no  text not null references pledge,
  value      numeric(17, 2) not null,
  exposure   numeric(17, 2) not null,
  ltv        numeric(24, 6), -- none where nothing is worth anything
  level      text not null check (level in ('OK', 'WARN', 'CALL', 'DISPOSE')),
  unpriced   boolean not null, -- some of it has no price in the set, and counts for nothing
  cash_call  numeric(17, 2) not null,
  goods_call numeric(17, 2) not null,
  primary key (set_id, pledge_no),
  constraint call_when_called check ((level in ('CALL', 'DISPOSE')) = (cash_call > 0))
);
create index valuation_pledge on valuation (pledge_no);
create index valuation_alarm on valuation (set_id, level) where level <> 'OK';

-- Stock as the warehouse, or two people on the spot, counted it (货准).
create table stock_tolerance (material text primary key, fraction numeric(8, 6) not null check (fraction between 0 and 0.05));
create table stock_snapshot (
  no        text primary key,
  warehouse text not null,
  taken_at  timestamptz not null,
  channel   text not null check (channel in ('FEED', 'MANUAL')),
  counted_by text not null check (counted_by <> ''),
  second_by  text,
  constraint count_by_two check (channel = 'FEED' or (second_by is not null and second_by <> counted_by))
);
create table stock_snapshot_line (
  snapshot_no text not null references stock_snapshot,
  lot_no      text not null, -- not always one that we know
  quantity    numeric(15, 3) not null check (quantity >= 0),
  unit        text not null,
  location    text,
  primary key (snapshot_no, lot_no)
);
create table stock_difference (
  snapshot_no text not null references stock_snapshot,
  lot_no      text not null,
  cause       text not null check (cause in ('WITHIN_TOLERANCE', 'QUANTITY', 'UNKNOWN_LOT', 'LOT_GONE', 'PLEDGED_SHORT', 'UNIT')),
  level       text not null check (level in ('OK', 'INFO', 'WARN', 'CALL')),
  booked      numeric(15, 3) not null,
  counted     numeric(15, 3) not null,
  gap_pledged numeric(15, 3) not null default 0, -- what is pledged and not there
  primary key (snapshot_no, lot_no)
);
do $$
declare t text;
begin
  foreach t in array array['quote_set', 'quote_set_item', 'revaluation', 'valuation', 'stock_snapshot', 'stock_snapshot_line', 'stock_difference', 'goods_receipt'] loop
    execute format('create trigger %I before update or delete or truncate on %I for each statement execute function refuse_change()', t || '_append_only', t);
  end loop;
end
$$;
