-- Goods: marking to market (盯市, F8). One statement over the whole book; what is pledged is read as it stands and not locked.

/* Marks every pledge in effect to market at the prices of a pinned set. The same set again changes nothing. Returns how many pledges. */
create function revalue(of_set text) returns int language plpgsql as $$
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
  ), worth as (
    select i.pledge_no, trunc(coalesce(sum(i.open * case when q.used < i.price then q.used when q.used is not null then i.price end), 0), 2) value, bool_or(q.used is null and i.open > 0) unpriced
    from pledge_item i join stock_lot l using (lot_no) left join quote_set_item q on q.set_id = of_set and q.material = l.material and q.unit = l.unit
      left join pledge_change c on c.no = i.change_no
    where not i.closed and (c.no is null or c.state in ('REGISTERED', 'DONE')) group by i.pledge_no
  ), marked as (
    select p.no, p.pledge_rate, coalesce(w.value, 0) value, coalesce(w.unpriced, false) unpriced,
      greatest(0, coalesce(o.amount, 0) - coalesce(c.amount, 0)) exposure, p.warn_rate, p.call_rate, p.dispose_rate
    from pledge p left join worth w on w.pledge_no = p.no left join owed o on o.application_no = p.application_no left join cash c on c.pledge_no = p.no
    where p.state in ('EFFECTIVE', 'PARTIALLY_RELEASED')
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
