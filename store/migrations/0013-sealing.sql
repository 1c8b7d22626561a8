-- Sealed payloads: what a message or a run holds, and personal data, lie sealed at rest (store/sealing/). The columns become
-- bytes here; what already stands in them is sealed by the first hub that starts, for only it has the keys.

-- With which root key the data keys are sealed, and since when nothing that should be sealed lies in the open.
create table sealing (
  only_row  boolean primary key default true check (only_row),
  root_id   text not null, -- tells which root key, and nothing of it
  sealed_at timestamptz    -- real time
);

-- Data keys by owner ('hub', 'system:<id>', 'party:<id>') and class: one that seals, and older ones that still open.
create table sealing_key (
  id         int generated always as identity primary key, -- stands in front of every value that it sealed
  owner      text not null check (length(owner) between 1 and 128),
  class      text not null check (length(class) between 1 and 32),
  root_id    text,
  wrapped    bytea, -- sealed with the root key; gone once it was destroyed, and with it all that it sealed
  created_at timestamptz not null default clock_timestamp(), -- real time, as all of this table
  retired_at timestamptz,
  erased_at  timestamptz,
  erased_by  text,
  erased_why text,
  constraint sealing_key_gone check ((erased_at is null) = (wrapped is not null) and (wrapped is null) = (root_id is null)
    and (erased_at is null or (length(btrim(erased_by)) between 1 and 64 and length(btrim(erased_why)) between 4 and 500)))
);
create unique index sealing_key_live on sealing_key (owner, class) where retired_at is null and erased_at is null;

-- What was destroyed stays destroyed, and a key does not change its owner.
create function sealing_key_unchanged() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' or old.erased_at is not null or (new.id, new.owner, new.class) is distinct from (old.id, old.owner, old.class)
  then
    raise exception 'a data key is retired or destroyed, never changed' using errcode = '23514', constraint = 'sealing_key_unchanged';
  end if;
  return new;
end $$;
create trigger sealing_key_unchanged before update or delete on sealing_key for each row execute function sealing_key_unchanged();

alter table exchange alter request type bytea using convert_to(request::text, 'UTF8');
alter table exchange alter answer type bytea using convert_to(answer::text, 'UTF8');
-- A query string may hold tokens, signatures and personal data.
alter table exchange_part alter path type bytea using convert_to(path, 'UTF8');
alter table request alter answer type bytea using convert_to(answer::text, 'UTF8');
alter table task alter payload type bytea using convert_to(payload::text, 'UTF8');

alter table act alter body type bytea using convert_to(body::text, 'UTF8');
-- As it was, but that what is sealed may be sealed anew: its content is held by payload_hash.
create or replace function act_unchanged() returns trigger language plpgsql as $$
begin
  if current_setting('lianshu.resealing', true) = 'on' then
    if (to_jsonb(new) - 'body') = (to_jsonb(old) - 'body') then
      return new;
    end if;
  end if;
  if (new.run_id, new.exchange_id, new.kind, new.body, new.reason, new.seq_seen, new.payload_hash, new.proposed_by)
     is distinct from
     (old.run_id, old.exchange_id, old.kind, old.body, old.reason, old.seq_seen, old.payload_hash, old.proposed_by)
     or (old.approved_by is not null and new.approved_by is distinct from old.approved_by)
     or old.state in ('applied', 'stale', 'refused') then
    raise exception 'an act does not change once it is proposed' using errcode = '23514', constraint = 'act_unchanged';
  end if;
  return new;
end $$;

-- Who signs for a company: found by keyed hashes, read only by who has the keys.
alter table sign_authority drop constraint sign_authority_pkey;
alter table sign_authority add id uuid primary key default gen_random_uuid();
alter table sign_authority alter name type bytea using convert_to(name, 'UTF8');
alter table sign_authority alter id_no type bytea using convert_to(id_no, 'UTF8');
alter table sign_authority alter phone type bytea using convert_to(phone, 'UTF8');
alter table sign_authority add id_no_hash bytea;
alter table sign_authority add phone_hash bytea;
create unique index sign_authority_person on sign_authority (party_id, id_no_hash) where state = 'ACTIVE'; -- one whose authority ended may get another
create index sign_authority_phone on sign_authority (phone_hash);
