-- Runs of flows, the journal of each, what they wait for and what they did to the outside. Only the engine writes here.
-- Shape and fill factors follow measurements: see docs/decisions/0003-engine.md.

-- Business time. In production the table is empty and business time is the database's clock; a sandbox sets one row.
create table clock (
  only_row    boolean primary key default true check (only_row),
  real_at     timestamptz not null,
  business_at timestamptz not null,
  speed       double precision not null check (speed >= 0)
);

create function hub_now() returns timestamptz language sql volatile as $$
  select coalesce(
    (select business_at + (clock_timestamp() - real_at) * speed from clock),
    clock_timestamp()
  )
$$;

-- One row per start of a process (incarnation), never reused: what is fenced is the incarnation, not the machine.
create table node (
  id      bigint generated always as identity primary key,
  name    text not null,
  state   smallint not null default 1 check (state in (1, 2, 3)), -- 1 alive, 2 draining, 3 dead
  beat_at timestamptz not null default clock_timestamp(),
  lease   interval not null default '3 s'
) with (fillfactor = 20);

create sequence case_no;

-- A case (业务): one piece of business across all its runs. Finance fills in who and how much.
create table cases (
  id         text primary key,
  key        text not null unique,
  title      text not null,
  party      text,
  amount     numeric(17, 2),
  state      text not null default 'open',
  opened_at  timestamptz not null default hub_now(),
  closed_at  timestamptz
);

-- Live runs only: small, updated often. Finished ones move to run_done in the statement that finishes them.
create table run (
  id         uuid primary key,
  flow       text not null check (length(flow) between 1 and 64),
  version    int not null,
  case_id    text not null,
  key        text not null check (length(key) between 1 and 256),
  state      smallint not null check (state in (1, 2, 3, 4)), -- 1 ready, 2 running, 3 waiting, 4 attention
  owner      bigint,
  epoch      int not null default 0,
  ready_at   timestamptz not null default clock_timestamp(),
  wake_at    timestamptz, -- business time
  crashes    smallint not null default 0,
  seen_seq   int not null default 0,
  problem    text, -- why it needs attention
  created_at timestamptz not null default hub_now(),
  check ((state = 2) = (owner is not null))
) with (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 2000);

-- Serves the claim: the oldest run that is ready.
create index run_ready on run (ready_at) where state = 1;
-- Serves the timers.
create index run_wake on run (wake_at) where state = 3 and wake_at is not null;
-- Serves the reaper only.
create index run_owner on run (owner) where owner is not null;
create index run_case on run (case_id);

-- One run per key: what makes an order pushed twice harmless, for ever.
create table run_key (
  flow   text not null,
  key    text not null,
  run_id uuid not null,
  primary key (flow, key)
);

create table run_done (
  id          uuid primary key,
  flow        text not null,
  version     int not null,
  case_id     text not null,
  key         text not null,
  outcome     text not null,
  detail      text,
  created_at  timestamptz not null,
  finished_at timestamptz not null default hub_now()
);
create index run_done_case on run_done (case_id);
create index run_done_finished on run_done (finished_at desc, id);

-- The steps that a run has taken, in the order it took them. Append only; the primary key is the last line of defence
-- against two owners. Partitioned by run id, which is a uuidv7: dropping old history is dropping a table.
create table journal (
  run_id uuid not null,
  seq    int not null,
  kind   smallint not null, -- see engine/journal.ts
  path   text not null,
  body   bytea,             -- JSON text
  at     timestamptz not null, -- business time
  primary key (run_id, seq)
) partition by range (run_id);
create table journal_all partition of journal default;
-- Serves the pictures: the milestones of a case without reading its whole journal.
create index journal_milestone on journal (run_id) where kind = 6;

-- What a parked run waits for. Whichever comes first, the wait or the signal, stays until the other comes.
create table wait (
  run_id   uuid not null,
  path     text not null,
  key      text not null,
  party    text not null,   -- on whom
  what_zh  text not null,
  what_en  text not null,
  since    timestamptz not null,
  deadline timestamptz,
  poll_at  timestamptz,
  primary key (run_id, path)
);
create index wait_key on wait (key);

-- Facts from outside, by business key. Unique by (key, id): the same fact by callback, poll and file is one.
create table signal (
  key      text not null,   -- <notice>:<business number>
  id       text not null,
  notice   text not null,
  body     bytea not null,
  at       timestamptz not null default hub_now(),
  taken_by uuid,
  exchange_id uuid,         -- the message that carried it; null when it came by a poll
  primary key (key, id)
);
create index signal_taken on signal (taken_by) where taken_by is not null;
-- Serves the pictures: which run took what an exchange carried.
create index signal_exchange on signal (exchange_id) where exchange_id is not null;
-- Serves the start of runs by notices, and the view of what nobody has taken.
create index signal_untaken on signal (notice, at) where taken_by is null;

-- What was done, or was meant to be done, to the outside world.
create table effect (
  key          text primary key, -- stable over attempts and takeovers
  run_id       uuid not null,
  case_id      text not null,
  path         text not null,
  system       text not null,
  operation    text not null,
  number       text,             -- under which the counterparty knows it
  payload_hash text not null,
  state        text not null check (state in ('intent', 'confirmed', 'refused', 'unknown')),
  attempts     int not null default 1,
  queries      int not null default 0,
  not_found    int not null default 0,
  detail       text,
  intent_at    timestamptz not null default hub_now(),
  sent_at      timestamptz,
  next_at      timestamptz,      -- of the next attempt or query, business time
  settled_at   timestamptz
) with (fillfactor = 70);
-- One instruction number has one effect per system and operation, whatever run asks.
create unique index effect_number on effect (system, operation, number) where number is not null;
create index effect_open on effect (system, intent_at) where state in ('intent', 'unknown');
create index effect_run on effect (run_id);

-- One message in or out: canonical form, verdict, times; its raw bytes stand in exchange_part.
create table exchange (
  id         uuid primary key,
  seq        bigint generated always as identity,
  system     text not null,
  operation  text not null,
  direction  text not null check (direction in ('in', 'out')),
  run_id     uuid,
  case_id    text,
  attempt    int not null default 1,
  state      text not null check (state in ('ok', 'refused', 'unknown')),
  verified   boolean,
  code       text,
  detail     text,
  ms         double precision not null,
  request    jsonb,
  answer     jsonb,
  at         timestamptz not null default hub_now()
);
create index exchange_case on exchange (case_id, seq);
create index exchange_seq on exchange (seq);

create table exchange_part (
  exchange_id uuid not null references exchange on delete cascade,
  no          int not null,
  method      text not null,
  path        text not null,
  request     bytea not null,
  status      int,
  answer      bytea,
  ms          double precision not null,
  primary key (exchange_id, no)
);

-- Nonces and message ids that a system used: a replay is refused.
create table nonce (
  system text not null,
  nonce  text not null,
  at     timestamptz not null default clock_timestamp(),
  primary key (system, nonce)
);
create index nonce_at on nonce (at);

-- Requests at our own edge by idempotency key: the same body gets the same answer, another body a conflict.
create table request (
  caller    text not null,
  key       text not null,
  body_hash text not null,
  status    int not null,
  answer    jsonb not null,
  at        timestamptz not null default hub_now(),
  primary key (caller, key)
);

-- External systems as configured.
create table system (
  id            text primary key,
  kind          text not null,
  dialect       text not null,
  url           text not null,
  name_zh       text not null,
  name_en       text not null,
  allow_private boolean not null default false,
  timeout_ms    int not null default 5000 check (timeout_ms between 100 and 120000),
  settings      jsonb not null default '{}'
);
