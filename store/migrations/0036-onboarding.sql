-- Onboarding (入驻与实名): what funders say of a company, and a screening that freezes it before it was ever active.

-- One answer of each funder about each company; the latest counts (HNDEMP 3102, 3103).
create table funder_archive (
  party_id    uuid not null references party,
  funder_id   uuid not null references party,
  customer_no text check (length(customer_no) between 1 and 64), -- the funder's own number for it
  refusal     text check (length(refusal) between 1 and 500), -- why it takes no business of it; null: it does
  answered_at timestamptz not null default hub_now(),
  constraint funder_archive_pkey primary key (party_id, funder_id)
);
call isolate('funder_archive');

-- Whom a funder does not want as a customer applies at another one. Only that one is closed to it.
create function funder_takes_customer() returns trigger language plpgsql as $$
begin
  if exists (select from funder_archive a where (a.party_id, a.funder_id) = (new.borrower_id, new.funder_id) and a.refusal is not null for share) then
    perform refuse('funder_takes_customer', 'application', 'the funder takes no business of this company');
  end if;
  return new;
end
$$;
create trigger funder_takes_customer before insert or update of borrower_id, funder_id on application for each row execute function funder_takes_customer();

-- Off ice to whatever state: nobody who is on the blacklist.
drop trigger unfreeze_not_blacklisted on party;
create trigger unfreeze_not_blacklisted before update on party for each row when (old.state = 'FROZEN' and new.state <> 'FROZEN') execute function unfreeze_not_blacklisted();

-- Enterprise verified (domain 1.3). A face is good for one act within a quarter of an hour: the one that it was recorded with, however long
-- that takes, or a later one in that time.
create or replace function party_proven(party uuid) returns boolean language sql stable as $$
  with live as (select v.kind, v.legal_rep from verification v where v.party_id = party and v.state = 'MATCH'
    and (v.expires_at > hub_now() or (v.kind = 'FACE' and v.xmin = pg_current_xact_id()::xid)))
  select exists (select from live where kind = 'ENT4') and exists (select from live where kind in ('FACE', 'BANK4'))
     and exists (select from live where kind in ('ORG_ACCT', 'POA') or (kind = 'FACE' and legal_rep))
$$;
