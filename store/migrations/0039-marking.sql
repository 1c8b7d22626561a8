-- Marking to market by project, or one pledge alone (F8 2, 5), and goods about which keeper and pledgee disagree (F9 6): while a
-- note of adjustment stays refused, a lot is worth what the note says is there.
create index stock_adjustment_disputed on stock_adjustment (lot_no) where state = 'REFUSED';
create function lot_disputed(of_lot text) returns numeric language sql stable as $$
  select coalesce(-sum(a.quantity), 0) from stock_adjustment a where a.lot_no = of_lot and a.state = 'REFUSED' and a.quantity < 0
$$;

create or replace function pledge_value(of_pledge text) returns numeric language sql stable as $$
  select trunc(coalesce(sum(case when lot_disputed(l.lot_no) > 0 then greatest(0, least(i.open, l.on_hand - lot_disputed(l.lot_no))) else i.open end * least(i.price, (market_price(l.material, l.unit)).price)), 0), 2)
  from pledge_item i join stock_lot l using (lot_no) left join pledge_change c on c.no = i.change_no
  where i.pledge_no = of_pledge and not i.closed and (c.no is null or c.state in ('REGISTERED', 'DONE'))
$$;

drop function revalue(text);
/* Marks every pledge in effect, of one project or of all, or one pledge alone, to market at the prices of a pinned set. The same set
   again changes nothing. Returns how many pledges. */
create function revalue(of_set text, of_project text default null, of_pledge text default null) returns int language plpgsql as $$
declare
  n int;
begin
  -- Two that mark the same set take turns, and the second finds it done.
  perform from quote_set where id = of_set for update;
  if exists (select from revaluation r where r.set_id = of_set) then
    return (select r.pledges from revaluation r where r.set_id = of_set);
  end if;
  with owed as (
    select application_no, sum(amount) amount from (
      select application_no, balance amount from loan where balance > 0
      union all select y.application_no, y.amount from payment y where is_disbursement(y.purpose) and y.state not in ('FAILED', 'RETURNED')
        and not exists (select from loan l where l.payment_no = y.no)) o group by application_no
  ), cash as (
    select pledge_no, sum(amount) amount from margin_entry group by pledge_no
  ), disputed as (
    select lot_no, -sum(quantity) quantity from stock_adjustment where state = 'REFUSED' and quantity < 0 group by lot_no
  ), worth as (
    select i.pledge_no, bool_or(q.used is null and i.open > 0) unpriced,
      trunc(coalesce(sum(case when d.quantity > 0 then greatest(0, least(i.open, l.on_hand - d.quantity)) else i.open end * case when q.used < i.price then q.used when q.used is not null then i.price end), 0), 2) value
    from pledge_item i join stock_lot l using (lot_no) left join quote_set_item q on q.set_id = of_set and q.material = l.material and q.unit = l.unit
      left join pledge_change c on c.no = i.change_no left join disputed d on d.lot_no = i.lot_no
    where not i.closed and (c.no is null or c.state in ('REGISTERED', 'DONE')) group by i.pledge_no
  ), marked as (
    select p.no, p.pledge_rate, coalesce(w.value, 0) value, coalesce(w.unpriced, false) unpriced,
      greatest(0, coalesce(o.amount, 0) - coalesce(c.amount, 0)) exposure, p.warn_rate, p.call_rate, p.dispose_rate
    from pledge p left join worth w on w.pledge_no = p.no left join owed o on o.application_no = p.application_no left join cash c on c.pledge_no = p.no
    where p.state in ('EFFECTIVE', 'PARTIALLY_RELEASED') and (of_pledge is null or p.no = of_pledge)
      and (of_project is null or exists (select from application a join project j on j.seller_no = a.seller_no where a.no = p.application_no and j.id = of_project))
  ), levelled as (
    select *, case when exposure = 0 or exposure < value * warn_rate then 'OK' when exposure < value * call_rate then 'WARN'
      when exposure < value * dispose_rate then 'CALL' else 'DISPOSE' end level from marked
  )
  insert into valuation (set_id, pledge_no, value, exposure, ltv, level, unpriced, cash_call, goods_call)
  select of_set, no, value, exposure, round(exposure / nullif(value, 0), 6), level, unpriced,
    case when level in ('CALL', 'DISPOSE') then ceil((exposure - value * pledge_rate) * 100) / 100 else 0 end,
    case when level in ('CALL', 'DISPOSE') then ceil((exposure / pledge_rate - value) * 100) / 100 else 0 end
  from levelled;
  get diagnostics n = row_count;
  insert into revaluation (set_id, pledges) values (of_set, n);
  return n;
end
$$;

/* The project that a lot belongs to: of the pledge that it secures or secured, or of the case for which it came in. */
create function lot_project(of_lot text) returns text language sql stable as $$
  select coalesce(
    (select j.id from pledge_item i join pledge p on p.no = i.pledge_no join application a on a.no = p.application_no join project j on j.seller_no = a.seller_no
     where i.lot_no = of_lot order by i.closed, p.no limit 1),
    (select j.id from stock_lot l join goods_receipt g on g.receipt_no = l.goods_receipt_no
       join trade_order o on o.case_id = regexp_replace(g.notice_no, '^[A-Z]+', 'CASE-') join project j on j.seller_no = o.seller_no
     where l.lot_no = of_lot limit 1))
$$;
