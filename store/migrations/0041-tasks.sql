-- People share a pool of tasks (待办). Whoever takes one up (领用) holds it until he lets go, hands it on, decides, or two days have
-- passed: then it lies in the pool again, without anybody having to act. A task may be for the people of one party only. From
-- `escalate_at` on the roles of `escalate_to` may decide, too (升级).
alter table task
  add column party_id uuid,
  add column held_by text check (length(btrim(held_by)) between 1 and 64),
  add column held_role text,
  add column held_since timestamptz,
  add column held_until timestamptz,
  add column escalate_at timestamptz,
  add column escalate_to text[] not null default '{}';
create index task_party on task (party_id, deadline) where state = 'open';

/* Who holds it now; nobody once the time is over, or the task is closed. */
create function task_holder(t task) returns text language sql stable as $$
  select t.held_by where t.state = 'open' and t.held_until > hub_now()
$$;

/* Who may decide now. Nobody named: anybody, and there is nothing to widen. */
create function task_roles(t task) returns text[] language sql stable as $$
  select case when t.escalate_at <= hub_now() and cardinality(t.roles) > 0
    then t.roles || array(select r from unnest(t.escalate_to) r where r <> all (t.roles)) else t.roles end
$$;

-- What became of a task between being asked and being decided: who took it up, gave it back, or handed it to whom.
create table task_act (
  id bigint generated always as identity primary key,
  task_id text not null references task,
  verb text not null check (verb in ('claim', 'release', 'delegate')),
  person text not null check (length(btrim(person)) between 1 and 64),
  role text,
  to_person text check (length(btrim(to_person)) between 1 and 64),
  reason text check (length(reason) <= 500),
  at timestamptz not null default hub_now()
);
create index task_act_task on task_act (task_id, at);
