-- History by the week: what ended long ago goes as whole tables, never row by row. `journal` is partitioned already;
-- `run_done` becomes so without copying a row. Weeks are made and dropped by engine/history.ts; the default partition
-- catches what belongs to none: rows from before this migration, and runs that outlive their week.

alter table run_done rename to run_done_all;
alter index run_done_pkey rename to run_done_all_pkey;
alter index run_done_case rename to run_done_all_case;
alter index run_done_finished rename to run_done_all_finished;

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
) partition by range (id);
create index run_done_case on run_done (case_id);
create index run_done_finished on run_done (finished_at desc, id);
alter table run_done attach partition run_done_all default;

-- One row: how long history is kept, the same for all nodes, and when that was last seen to.
create table retention (
  only_row boolean primary key default true check (only_row),
  days     int not null default 400 check (days between 1 and 36500),
  kept_at  timestamptz -- real time
);
insert into retention default values;

-- Serves those who ask for the runs that need people, and how many they are.
create index run_attention on run (id) where state = 4;

-- Serves the retention: keys come in the order of time, so a few pages per megabyte of table are index enough.
create index run_key_time on run_key using brin (run_id);
