-- One mechanism for everything that has a state: `make_stateful` puts a table under it. From then on
-- - a change of state must be in the life cycle of the entity (0002),
-- - it must be told in `history`, in the same transaction, and history must begin where it ended,
-- - what takes two people (四眼) names an approval of exactly this row as it stands, used once,
-- - rows are never deleted.
-- History is hash-chained per entity: each row holds the digest of itself and of the row before it.

alter table lifecycle
  add column who       text[]  not null default '{}', -- whose word moves it: OPS, FND, WH, CUST ... (domain.md 0.1)
  add column four_eyes boolean not null default false;

-- Which table holds an entity, and the column by which it is known.
create table stateful (
  entity     text primary key,
  key_column text not null
);

-- Maker and checker (经办与复核) of one event of one entity, bound to what the entity held when it was proposed (I-17).
create table approval (
  id             uuid primary key default gen_random_uuid(),
  entity         text not null references stateful,
  entity_id      text not null,
  event          text not null,
  payload_sha256 text not null,
  maker          text not null check (maker <> ''),
  checker        text,
  state          text not null,
  reason         text,
  source         text not null default 'hub', -- or the system whose two people these are
  at             timestamptz not null default hub_now(),
  decided_at     timestamptz,
  constraint approval_by_two check (lower(btrim(maker)) <> lower(btrim(checker))),
  constraint approval_has_checker check (state not in ('APPROVED', 'REJECTED') or (checker is not null and decided_at is not null))
);
create index approval_subject on approval (entity, entity_id);

alter table history
  add column version     int,
  add column word        text not null default '', -- whose word it was
  add column reason      text,
  add column approval_id uuid references approval,
  add column sha256      text;

-- What a row of history commits to; as text, so that anybody can compute it again.
create function history_digest(previous text, h history) returns text language sql immutable as $$
  select encode(sha256(convert_to(jsonb_build_array('lianshu/history/v1', coalesce(previous, ''), h.entity, h.entity_id, h.version, h.from_state,
    h.to_state, h.event, h.actor, h.word, coalesce(h.reason, ''), coalesce(h.approval_id::text, ''),
    to_char(h.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'))::text, 'UTF8')), 'hex')
$$;

-- What is there already gets its links. The triggers that refuse changes are away for this statement only.
alter table history disable trigger history_append_only;
do $$
declare
  h history;
  previous text;
  was text := '';
  n int := 0;
begin
  for h in select * from history order by entity, entity_id, id loop
    if was <> h.entity || ' ' || h.entity_id then
      was := h.entity || ' ' || h.entity_id;
      previous := null;
      n := 0;
    end if;
    n := n + 1;
    h.version := n;
    previous := history_digest(previous, h);
    update history set version = n, sha256 = previous where id = h.id;
  end loop;
end
$$;
alter table history enable trigger history_append_only;
alter table history alter column version set not null, alter column sha256 set not null;
create unique index history_version on history (entity, entity_id, version);
drop index history_entity; -- The unique one serves the same questions.
-- An approval is used once.
create unique index approval_used_once on history (approval_id) where approval_id is not null;

-- What an approval of an entity is about: its row, or what `approved_<entity>(id)` makes of it and of its parts.
create function approved_payload(entity text, id text) returns text language plpgsql stable as $$
declare
  payload jsonb;
  key text := (select s.key_column from stateful s where s.entity = approved_payload.entity);
begin
  if exists (select from pg_proc p where p.proname = 'approved_' || entity and p.pronamespace = 'public'::regnamespace) then
    execute format('select %I($1)', 'approved_' || entity) into payload using id;
  else
    execute format('select to_jsonb(t) - ''state'' from %I t where t.%I::text = $1', entity, key) into payload using id;
  end if;
  if payload is null then
    raise exception 'there is no % %', entity, id using errcode = 'check_violation', constraint = 'approval_has_subject';
  end if;
  return encode(sha256(convert_to(payload::text, 'UTF8')), 'hex');
end
$$;

create function approval_seals_payload() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    new.payload_sha256 := approved_payload(new.entity, new.entity_id);
  elsif (new.entity, new.entity_id, new.event, new.payload_sha256, new.maker, new.source) is distinct from
        (old.entity, old.entity_id, old.event, old.payload_sha256, old.maker, old.source) then
    raise exception 'an approval keeps what was proposed' using errcode = 'check_violation', constraint = 'approval_unchanged', table = 'approval';
  end if;
  return new;
end
$$;
create trigger approval_unchanged before insert or update on approval for each row execute function approval_seals_payload();

-- Each row of history follows from the one before it, is in the life cycle, and has its approval where two people are due.
create function chain_history() returns trigger language plpgsql as $$
declare
  last history;
  rule lifecycle;
  given approval;
begin
  select * into last from history h where h.entity = new.entity and h.entity_id = new.entity_id order by h.version desc limit 1;
  if new.from_state is distinct from coalesce(last.to_state, '') then
    raise exception '%: history of % ends in %, not in %', new.entity, new.entity_id, coalesce(last.to_state, 'nothing'), new.from_state
      using errcode = 'check_violation', constraint = 'history_continuous', table = 'history';
  end if;
  select * into rule from lifecycle l where l.entity = new.entity and l.from_state = new.from_state and l.event = new.event and l.to_state = new.to_state;
  if rule.entity is null then
    raise exception '%: % does not lead from % to %', new.entity, new.event, new.from_state, new.to_state
      using errcode = 'check_violation', constraint = 'illegal_transition', table = 'history';
  end if;
  if new.word = '' then
    new.word := coalesce(rule.who[1], 'SYS');
  elsif not (new.word = any (rule.who)) then
    raise exception '%: % is not for % to say', new.entity, new.event, new.word
      using errcode = 'check_violation', constraint = 'history_word', table = 'history';
  end if;
  if rule.four_eyes and new.approval_id is null then
    raise exception '%: % takes two people', new.entity, new.event
      using errcode = 'check_violation', constraint = 'four_eyes', table = 'history';
  end if;
  if new.approval_id is not null then
    select * into given from approval a where a.id = new.approval_id for share;
    if given.state is distinct from 'APPROVED' or (given.entity, given.entity_id, given.event) is distinct from (new.entity, new.entity_id, new.event) then
      raise exception 'no approval of % of % %', new.event, new.entity, new.entity_id
        using errcode = 'check_violation', constraint = 'four_eyes', table = 'history';
    end if;
    if given.payload_sha256 <> approved_payload(new.entity, new.entity_id) then
      raise exception '% % changed after it was approved', new.entity, new.entity_id
        using errcode = 'check_violation', constraint = 'approval_stale', table = 'history';
    end if;
  end if;
  new.version := coalesce(last.version, 0) + 1;
  new.sha256 := history_digest(last.sha256, new);
  return new;
end
$$;
create trigger history_chained before insert on history for each row execute function chain_history();

-- At commit: the state of a row is the last one of its history, and the other way round (I-27).
create function state_is_folded() returns trigger language plpgsql as $$
declare
  of_entity text := case when tg_table_name = 'history' then to_jsonb(new) ->> 'entity' else tg_table_name::text end;
  key text := (select s.key_column from stateful s where s.entity = of_entity);
  its_id text := case when tg_table_name = 'history' then to_jsonb(new) ->> 'entity_id' else to_jsonb(new) ->> key end;
  told text := (select h.to_state from history h where h.entity = of_entity and h.entity_id = its_id order by h.version desc limit 1);
  held text;
begin
  execute format('select t.state from %I t where t.%I::text = $1', of_entity, key) into held using its_id;
  if held is distinct from told then
    raise exception '% % is %, its history says %', of_entity, its_id, coalesce(held, 'not there'), coalesce(told, 'nothing')
      using errcode = 'check_violation', constraint = 'state_is_folded', table = of_entity;
  end if;
  return null;
end
$$;
create constraint trigger history_folded after insert on history deferrable initially deferred
  for each row execute function state_is_folded();

create function refuse_delete() returns trigger language plpgsql as $$
begin
  raise exception 'rows of % are kept', tg_table_name using errcode = 'check_violation', constraint = 'kept', table = tg_table_name;
end
$$;

/* Puts a table with a `state` under its life cycle. The entity has the table's name. */
create procedure make_stateful(entity text, key_column text) language plpgsql as $$
begin
  insert into stateful values (entity, key_column);
  if not exists (select from pg_trigger t where t.tgrelid = entity::regclass and t.tgname = entity || '_lifecycle') then
    execute format('create trigger %I before insert or update on %I for each row execute function enforce_lifecycle(%L)', entity || '_lifecycle', entity, entity);
  end if;
  execute format('create constraint trigger %I after insert or update of state on %I deferrable initially deferred for each row execute function state_is_folded()',
    entity || '_folded', entity);
  execute format('create trigger %I before delete on %I for each row execute function refuse_delete()', entity || '_kept', entity);
end
$$;

call make_stateful('party', 'id');
call make_stateful('bank_account', 'account_no');
call make_stateful('application', 'no');
call make_stateful('envelope', 'no');
call make_stateful('pledge', 'no');
call make_stateful('registration', 'request_no');
call make_stateful('payment', 'no');
call make_stateful('loan', 'no');
call make_stateful('repayment', 'no');
call make_stateful('release_order', 'no');
call make_stateful('approval', 'id');
