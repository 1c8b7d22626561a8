-- What must not lie in the open (I-29): persons who sign, and messages as they came. A sealed value begins with F5, which no
-- text does (store/sealing/envelope.ts). Rows from before sealing are sealed by the first hub that starts, column by column:
-- so what is asked is each value that is written, not the row around it.
create function is_sealed(value bytea) returns boolean language sql immutable as $$
  select value is null or (length(value) >= 34 and get_byte(value, 0) = 245)
$$;

create function refuse_open_values() returns trigger language plpgsql as $$
declare
  c text;
  was bytea;
  value bytea;
begin
  foreach c in array tg_argv loop
    execute format('select ($1).%I', c) into value using new;
    if tg_op = 'UPDATE' then
      execute format('select ($1).%I', c) into was using old;
    end if;
    if (tg_op = 'INSERT' or value is distinct from was) and not is_sealed(value) then
      raise exception '%.% is not sealed', tg_table_name, c using errcode = 'check_violation', constraint = tg_name, table = tg_table_name;
    end if;
  end loop;
  return new;
end
$$;
create trigger sign_authority_sealed before insert or update of name, id_no, phone on sign_authority
  for each row execute function refuse_open_values('name', 'id_no', 'phone');
create trigger exchange_sealed before insert or update of request, answer on exchange
  for each row execute function refuse_open_values('request', 'answer');
create trigger exchange_part_sealed before insert or update of path, request, answer on exchange_part
  for each row execute function refuse_open_values('path', 'request', 'answer');
