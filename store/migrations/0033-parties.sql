-- A project is financed by several funders, each asked through a system of its own, in an order (domain.md F13).
create table project_funder (
  project_id text not null references project,
  place int not null check (place >= 0),
  funder_id uuid not null references party,
  system text not null,
  constraint project_funder_pkey primary key (project_id, place),
  constraint project_funder_once unique (project_id, funder_id)
);
insert into project_funder select id, 0, funder_id, systems ->> 'funder' from project;
update project set systems = systems - 'funder';
alter table project drop column funder_id;
call isolate('project_funder');

-- Who speaks to the hub's own API, and for whom. A dealer's company is known by its number in the ERP until it has registered.
create table caller (
  id text primary key,
  role text not null,
  party_id uuid references party
);
call isolate('caller');
