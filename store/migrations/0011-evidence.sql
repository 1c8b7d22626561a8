-- Merkle log (默克尔日志, RFC 9162) over all evidence of the hub: ledger/evidence/sequencer.ts writes it, and
-- contracts/evidence/merkle.ts is its arithmetic. A record is due from the transaction that keeps it; the sequencer gives it
-- its place in the log later, so that no case ever waits for another one.

create table evidence_due (
  id      bigint generated always as identity primary key,
  case_id text not null,
  no      int not null,
  unique (case_id, no)
);
insert into evidence_due (case_id, no) select case_id, no from evidence order by at, case_id, no;

-- One leaf per record. Each leaf needs the one before it: the log has no gaps.
create table evidence_leaf (
  leaf_index bigint primary key check (leaf_index >= 0),
  previous   bigint generated always as (nullif(leaf_index, 0) - 1) stored references evidence_leaf,
  case_id    text not null,
  no         int not null,
  hash       bytea not null check (octet_length(hash) = 32),
  unique (case_id, no)
);

-- Roots of complete subtrees above the leaves: leaves position * 2^level to (position + 1) * 2^level - 1.
create table evidence_subtree (
  level    smallint not null check (level between 1 and 53),
  position bigint not null check (position >= 0),
  hash     bytea not null check (octet_length(hash) = 32),
  primary key (level, position)
);

-- Signed heads (签名树头): one for each batch of leaves, in the same transaction.
create table evidence_head (
  tree_size  bigint primary key check (tree_size > 0),
  root_hash  bytea not null check (octet_length(root_hash) = 32),
  at         text not null, -- exactly as it was signed
  key_id     text not null check (key_id ~ '^[0-9a-f]{64}$'), -- SHA-256 of the SubjectPublicKeyInfo
  public_key text not null, -- PEM
  signature  text not null check (signature ~ '^[0-9a-f]{128}$')
);

-- At commit: what was kept is due, or in the log. What is due ceases to be so only when it is in the log.
create function evidence_is_due() returns trigger language plpgsql as $$
declare
  -- Of `evidence` the row that came, of `evidence_due` the one that went.
  its_case text := case tg_op when 'DELETE' then old.case_id else new.case_id end;
  its_no int := case tg_op when 'DELETE' then old.no else new.no end;
begin
  if not exists (select from evidence_due d where d.case_id = its_case and d.no = its_no)
    and not exists (select from evidence_leaf l where l.case_id = its_case and l.no = its_no) then
    raise exception 'evidence % of % is neither due nor in the log', its_no, its_case
      using errcode = 'check_violation', constraint = 'evidence_is_due', table = tg_table_name;
  end if;
  return null;
end
$$;
create constraint trigger evidence_is_due after insert on evidence deferrable initially deferred
  for each row execute function evidence_is_due();
create constraint trigger evidence_due_until_sequenced after delete on evidence_due deferrable initially deferred
  for each row execute function evidence_is_due();

create trigger evidence_due_unchanged before update on evidence_due for each row execute function refuse_change();
create trigger evidence_due_not_emptied before truncate on evidence_due for each statement execute function refuse_change();
create trigger evidence_leaf_append_only before update or delete on evidence_leaf for each row execute function refuse_change();
create trigger evidence_leaf_not_emptied before truncate on evidence_leaf for each statement execute function refuse_change();
create trigger evidence_subtree_append_only before update or delete on evidence_subtree for each row execute function refuse_change();
create trigger evidence_subtree_not_emptied before truncate on evidence_subtree for each statement execute function refuse_change();
create trigger evidence_head_append_only before update or delete on evidence_head for each row execute function refuse_change();
create trigger evidence_head_not_emptied before truncate on evidence_head for each statement execute function refuse_change();

-- An anchor is evidence too.
create trigger anchor_append_only before update or delete on anchor for each row execute function refuse_change();
create trigger anchor_not_emptied before truncate on anchor for each statement execute function refuse_change();
create index anchor_case on anchor (case_id, upto);
