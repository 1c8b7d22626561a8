-- What parties wish to hear of (订阅), and what they are told: written in the transaction that changes the books, sent afterwards.
create table event_subscription (
  caller text not null references caller,
  channel text not null check (channel in ('POLL', 'WEBHOOK')),
  party_id uuid not null references party,
  relation text not null check (relation in ('borrower', 'unit', 'funder', 'keeper', 'core')),
  kinds text[] not null,
  url text check (length(url) <= 500),
  active boolean not null,
  at timestamptz not null default hub_now(),
  primary key (caller, channel)
);
create index event_subscription_party on event_subscription (party_id, relation) where active;
call isolate('event_subscription');

create table party_event (
  id bigint generated always as identity primary key,
  -- In the order of commits, as far as it is over: `id` alone would let a reader pass by what commits late.
  txid xid8 not null default pg_current_xact_id(),
  caller text not null,
  channel text not null,
  party_id uuid not null references party,
  kind text not null,
  case_id text,
  body jsonb not null,
  at timestamptz not null default hub_now(),
  attempts int not null default 0,
  -- Real time: when it is sent next. Nothing: it is read by who asks, or nothing more is tried.
  due_at timestamptz,
  delivered_at timestamptz,
  problem text check (length(problem) <= 500)
);
create index party_event_read on party_event (caller, channel, txid, id);
create index party_event_due on party_event (due_at) where due_at is not null;
call isolate('party_event');

-- Post-loan feedback (贷后反馈) of one borrower to one funder for one month, and how it ended; of each row told its version.
create table feedback_cycle (
  no text primary key,
  project_id text not null references project,
  funder_id uuid not null references party,
  borrower_id uuid not null references party,
  period text not null check (period ~ '^\d{4}-\d{2}$'),
  outcome text not null check (outcome in ('TAKEN', 'MISSED')),
  why text check (length(why) <= 500),
  versions jsonb not null,
  withheld text[] not null,
  at timestamptz not null default hub_now(),
  unique (project_id, funder_id, borrower_id, period)
);
call isolate('feedback_cycle');
