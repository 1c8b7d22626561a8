-- What a number means is part of its type (I-23). Rates and shares are fractions: 5.2 where 0.052 is meant does not get in.
-- The books are kept in yuan: another currency is refused, not added up.
create domain fraction as numeric(8, 6) constraint fraction_is_no_percentage check (value between 0 and 1);
create domain book_currency as text constraint books_in_yuan check (value = 'CNY');

do $$
declare
  c record;
begin
  for c in select t.relname, a.attname, format_type(a.atttypid, a.atttypmod) as kind
    from pg_attribute a join pg_class t on t.oid = a.attrelid
    where t.relkind = 'r' and t.relnamespace = 'public'::regnamespace and a.attnum > 0 and not a.attisdropped
      -- What a generated column is made of keeps its type; the generated column is checked.
      and not exists (select from pg_depend d join pg_attrdef g on g.oid = d.objid and d.classid = 'pg_attrdef'::regclass
        where d.refobjid = t.oid and d.refobjsubid = a.attnum and g.adnum <> a.attnum)
      and a.attgenerated = ''
      and (format_type(a.atttypid, a.atttypmod) = 'numeric(8,6)' or (a.attname ~ 'currency$' and a.atttypid = 'text'::regtype))
  loop
    execute format('alter table %I alter %I type %s', c.relname, c.attname, case when c.kind = 'text' then 'book_currency' else 'fraction' end);
  end loop;
end
$$;
