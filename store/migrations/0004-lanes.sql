-- The road to each external system (通道): how many calls at once and how fast, who paused it and why, whether it is
-- broken, and when it is open. This is the truth; what the queue holds of it is set again from here.
create table lane (
  system        text primary key,
  concurrency   int check (concurrency between 1 and 1000),
  rate          int check (rate between 1 and 10000), -- calls per rate_per_ms
  rate_per_ms   int not null default 1000 check (rate_per_ms between 100 and 86400000),
  ramp_per_s    int not null default 5 check (ramp_per_s between 1 and 1000), -- at which what was held is let go
  opens         time, -- Asia/Shanghai; null: open at any time
  closes        time,
  every_day     boolean not null default false, -- also on days that are not worked
  paused_by     text,
  paused_reason text,
  paused_at     timestamptz, -- business time
  broken_until  timestamptz, -- database's clock; from then on one call at a time tries whether it works again
  breaks        int not null default 0, -- in a row: each lasts twice as long
  closed        boolean not null default false, -- by the calendar, as last seen
  ramping       boolean not null default false, -- until nothing is held any more
  check ((opens is null) = (closes is null)),
  check (opens < closes),
  check ((paused_at is null) = (paused_by is null) and (paused_at is null) = (paused_reason is null))
);

create table lane_event (
  id     bigint generated always as identity primary key,
  system text not null,
  what   text not null check (what in ('paused', 'resumed', 'set', 'broken', 'mended', 'closed', 'opened', 'drained')),
  who    text not null,
  why    text not null,
  at     timestamptz not null default hub_now()
);
create index lane_event_system on lane_event (system, id);

-- Serves the lanes: the calls that each holds, oldest first. The waits of all other kinds are not in it.
create index wait_lane on wait (party, since) where key like 'lane:%';
