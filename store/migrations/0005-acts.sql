-- What people do to runs: operators' acts, tasks that flows give to people, and incidents that somebody must look at.

-- An act (干预) is put here and taken by the owner of its run, which alone writes the run's journal.
create table act (
  id           uuid primary key,
  bulk_id      uuid,
  run_id       uuid, -- null for an act on a message
  exchange_id  uuid,
  kind         text not null check (kind in ('retry', 'edit', 'skip', 'resolve', 'resend', 'cancel', 'terminate',
                                             'suspend', 'resume', 'move', 'duplicate', 'remap')),
  body         jsonb not null,
  reason       text not null check (length(btrim(reason)) between 4 and 500),
  seq_seen     int not null,  -- length of the journal on which it was decided
  payload_hash text not null, -- of run, kind, body, reason and length: what is approved
  proposed_by  text not null check (length(btrim(proposed_by)) between 1 and 64),
  approved_by  text check (length(btrim(approved_by)) between 1 and 64),
  state        text not null check (state in ('proposed', 'open', 'applied', 'stale', 'refused')),
  detail       text,
  proposed_at  timestamptz not null default clock_timestamp(), -- real time, as all of this table
  approved_at  timestamptz,
  expires_at   timestamptz not null, -- of a proposal that nobody approves
  due_at       timestamptz not null default clock_timestamp(), -- a bulk is spread out
  settled_at   timestamptz,
  check ((run_id is null) = (kind = 'remap')),
  constraint act_two_people check (lower(btrim(approved_by)) <> lower(btrim(proposed_by))),
  constraint act_four_eyes check (
    kind not in ('edit', 'skip', 'resolve', 'terminate') or approved_by is not null
    or state in ('proposed', 'stale', 'refused'))
);
-- Serves the owner of a run, and the bell.
create index act_open on act (run_id, due_at) where state = 'open';
create index act_due on act (due_at) where state = 'open';
create index act_run on act (run_id, proposed_at);
create index act_bulk on act (bulk_id, due_at) where bulk_id is not null;
create index act_proposed on act (proposed_at) where state = 'proposed';

-- What a person agreed to must stay what is done.
create function act_unchanged() returns trigger language plpgsql as $$
begin
  if (new.run_id, new.exchange_id, new.kind, new.body, new.reason, new.seq_seen, new.payload_hash, new.proposed_by)
     is distinct from
     (old.run_id, old.exchange_id, old.kind, old.body, old.reason, old.seq_seen, old.payload_hash, old.proposed_by)
     or (old.approved_by is not null and new.approved_by is distinct from old.approved_by)
     or old.state in ('applied', 'stale', 'refused') then
    raise exception 'an act does not change once it is proposed' using errcode = '23514', constraint = 'act_unchanged';
  end if;
  return new;
end $$;
create trigger act_unchanged before update on act for each row execute function act_unchanged();

-- A call whose input was replaced before anything was sent: its number is free for what replaces it.
alter table effect drop constraint effect_state_check;
alter table effect add constraint effect_state_check
  check (state in ('intent', 'confirmed', 'refused', 'unknown', 'replaced'));
drop index effect_number;
create unique index effect_number on effect (system, operation, number) where number is not null and state <> 'replaced';

-- A decision that a flow asks people for (run.ask).
create table task (
  id           text primary key, -- from the run and the step: the same after any restart
  run_id       uuid not null,
  case_id      text not null,
  path         text not null,
  title_zh     text not null,
  title_en     text not null,
  payload      jsonb not null,
  payload_hash text not null, -- SHA-256 of the canonical payload: what is decided on
  people       smallint not null check (people between 1 and 9),
  roles        text[] not null default '{}',
  not_by       text[] not null default '{}', -- who made what is decided on
  since        timestamptz not null,
  deadline     timestamptz not null, -- business time
  state        text not null default 'open' check (state in ('open', 'approved', 'rejected', 'expired', 'withdrawn')),
  closed_at    timestamptz
);
create index task_open on task (deadline) where state = 'open';
create index task_run on task (run_id);

create table task_vote (
  task_id      text not null references task,
  person       text not null check (length(btrim(person)) between 1 and 64),
  role         text,
  decision     text not null check (decision in ('approved', 'rejected')),
  payload_hash text not null,
  reason       text not null check (length(btrim(reason)) between 1 and 500),
  at           timestamptz not null default hub_now()
);
-- Two different people are two different people however they write their names.
create unique index task_vote_once on task_vote (task_id, lower(btrim(person)));

-- Evidence against what was settled: kept and shown to people, never a change of state.
create table incident (
  id            uuid primary key,
  kind          text not null check (kind in ('lateEvidence', 'factContradicted', 'abandonedEffect')),
  run_id        uuid,
  case_id       text,
  effect_key    text,
  signal_key    text,
  exchange_id   uuid,
  detail        text not null,
  fingerprint   text not null, -- the same evidence twice is one incident
  at            timestamptz not null default hub_now(),
  closed_by     text,
  closed_reason text check (length(btrim(closed_reason)) between 4 and 500),
  closed_at     timestamptz,
  check ((closed_at is null) = (closed_by is null) and (closed_at is null) = (closed_reason is null))
);
create unique index incident_fingerprint on incident (fingerprint);
create index incident_open on incident (at) where closed_at is null;
create index incident_case on incident (case_id);
