-- Several funders of one receivable (domain.md 1.14): each lends its slice on an application of its own, which has a share in the lock of
-- the application that was offered. Who finances an offered asset is known when the rate is fixed, and not before (I-30).
alter table application
  alter column funder_id drop not null,
  add constraint funder_before_decision check (funder_id is not null or product = 'FACTORING'
    and state in ('DRAFT', 'SUBMITTED', 'PRECHECK', 'RETURNED', 'ASSETS_LOCKED', 'ROUTED', 'WITHDRAWN'));

create or replace function application_parties_open() returns trigger language plpgsql as $$
declare
  why text;
begin
  -- Whoever freezes or closes one of them waits for this, or this for him.
  perform from party p where p.id in (new.borrower_id, new.funder_id) order by p.id for share;
  why := party_may_draw(new.borrower_id);
  if why is null and new.funder_id is not null and not party_acts_as(new.funder_id, 'FUNDER') then
    why := 'funder_not_active';
  end if;
  if why is not null then
    perform refuse(why, 'application', 'no new business with this party');
  end if;
  return new;
end
$$;
create trigger application_funder_open before update of funder_id on application for each row
  when (old.funder_id is null and new.funder_id is not null) execute function application_parties_open();

alter table asset_lock
  add column share_of text references application, -- the application whose lock this is a share of
  add constraint share_of_receivable check (share_of is null or (receivable_no is not null and share_of <> application_no));
drop index asset_locked_once;
create unique index asset_locked_once on asset_lock (asset_key) where released_at is null and share_of is null;
create index asset_lock_share on asset_lock (share_of) where share_of is not null;

create or replace function asset_lock_fits() returns trigger language plpgsql as $$
declare
  a application;
  r receivable;
  whole asset_lock;
begin
  if tg_op = 'UPDATE' then
    -- The generated column is not there yet.
    if to_jsonb(new) - '{released_at,receivable_no}'::text[] is distinct from to_jsonb(old) - '{released_at,receivable_no}'::text[] or (old.released_at is not null and new.released_at is distinct from old.released_at) then
      perform refuse('asset_lock_kept', 'asset_lock', 'a lock is released once, and never changed');
    end if;
    if old.released_at is null and new.released_at is not null
       and (exists (select from application x where x.no = new.application_no and x.state = 'DISBURSED')
         or new.share_of is null and exists (select from asset_lock s where s.share_of = new.application_no and s.asset_key = new.asset_key and s.released_at is null)) then
      perform refuse('asset_lock_held', 'asset_lock', 'what a loan rests on stays locked');
    end if;
    return new;
  end if;
  if new.asset_key not like 'receivable:%' then
    return new;
  end if;
  select * into a from application x where x.no = new.application_no;
  select * into r from receivable x where x.no = substr(new.asset_key, 12) for update;
  if (r.creditor_id, r.currency) is distinct from (a.borrower_id, a.currency) then
    perform refuse('receivable_of_the_borrower', 'asset_lock', 'the receivable is not the borrower''s');
  end if;
  if new.financed > trunc(new.advance_rate * (select c.confirmed_amount from confirmation c
       where c.receivable_no = r.no and c.version = r.version and c.state = 'CONFIRMED' and r.state in ('CONFIRMED', 'LOCKED')), 2) is not false then
    perform refuse('financed_within_confirmed', 'asset_lock', 'more is financed than is confirmed times the advance rate');
  end if;
  if new.share_of is null then
    return new;
  end if;
  -- All shares together, and what the offered application keeps for itself, are within its lock (I-03).
  select * into whole from asset_lock l where l.asset_key = new.asset_key and l.application_no = new.share_of and l.share_of is null and l.released_at is null for update;
  if new.financed + coalesce((select x.approved_amount from application x where x.no = new.share_of), 0)
     + coalesce((select sum(s.financed) from asset_lock s where s.share_of = new.share_of and s.asset_key = new.asset_key and s.released_at is null), 0) > whole.financed is not false then
    perform refuse('share_within_lock', 'asset_lock', 'the shares are more than what is locked');
  end if;
  return new;
end
$$;

-- The notice names all assignees and goes out for the one whose application was offered: it is there for the shares, too.
create or replace function disbursed_after_papers() returns trigger language plpgsql as $$
declare
  a application;
begin
  select * into a from application x where x.no = new.application_no;
  if a.product <> 'FACTORING' then
    return new;
  end if;
  if tg_argv[0] = 'registered_before_disbursement' then
    perform from registration r where r.application_no = a.no and r.state in ('REGISTERED', 'AMENDED', 'EXTENDED') and r.expires_at > hub_now() for share;
  elsif a.disclosed then
    perform 1 where not exists (select from asset_lock l left join application w on w.no = l.share_of
      where l.application_no = a.no and l.released_at is null and l.receivable_no is not null
      and not exists (select from assignment_notice n where n.receivable_no = l.receivable_no and n.assignee_id in (a.funder_id, w.funder_id) and n.state in ('DELIVERED', 'ACKNOWLEDGED')));
  else
    return new;
  end if;
  if not found then
    perform refuse(tg_argv[0], 'payment', format('%s: %s does not hold', a.no, tg_argv[0]));
  end if;
  return new;
end
$$;
