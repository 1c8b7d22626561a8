-- What holds for every message, whatever business it is about.

-- An external code that no table maps is never a success (I-24).
alter table exchange add constraint unmapped_is_no_success check (code is distinct from 'EXT_CODE_UNMAPPED' or state <> 'ok');

-- A fact that came in a message counts only when that message is kept as it came and its sender is proven (I-25).
-- Asked at commit: the message and its facts are written together, in any order.
create function signal_has_proof() returns trigger language plpgsql as $$
begin
  if not exists (select from exchange e where e.id = new.exchange_id and e.verified and exists (
      select from exchange_part p where p.exchange_id = e.id)) then
    raise exception 'the message of % % is not verified, or not kept', new.notice, new.key
      using errcode = 'check_violation', constraint = 'signal_is_verified', table = 'signal';
  end if;
  return null;
end
$$;
create constraint trigger signal_is_verified after insert on signal deferrable initially deferred
  for each row when (new.exchange_id is not null) execute function signal_has_proof();
