/**
 * What a database administrator would write for the same job in one statement: value, exposure, ratio and level of every
 * pledge in effect, and what cures a call, into the same table, at the prices of one pinned set.
 */
export const byHand = `
  insert into valuation (set_id, pledge_no, value, exposure, ltv, level, unpriced, cash_call, goods_call)
  select $1, no, value, exposure, round(exposure / nullif(value, 0), 6), level, false,
    case when level in ('CALL', 'DISPOSE') then ceil((exposure - value * pledge_rate) * 100) / 100 else 0 end,
    case when level in ('CALL', 'DISPOSE') then ceil((exposure / pledge_rate - value) * 100) / 100 else 0 end
  from (
    select *, case when exposure >= value * dispose_rate then 'DISPOSE' when exposure >= value * call_rate then 'CALL'
      when exposure >= value * warn_rate then 'WARN' else 'OK' end level
    from (
      select p.no, p.pledge_rate, p.warn_rate, p.call_rate, p.dispose_rate, l.balance exposure, w.value
      from pledge p join loan l using (application_no) join (
        select i.pledge_no, trunc(sum((i.quantity - i.released) * least(i.price, q.used)), 2) value
        from pledge_item i join stock_lot s using (lot_no)
          join quote_set_item q on q.set_id = $1 and q.material = s.material and q.unit = s.unit
        where not i.closed group by i.pledge_no) w on w.pledge_no = p.no
      where p.state in ('EFFECTIVE', 'PARTIALLY_RELEASED')) worth) levelled`;
