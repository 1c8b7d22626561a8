-- Isolation (隔离): what a party is shown is what it takes part in (I-30). The hub's edge reads as one of the roles below, one
-- for each relation to a case, and says for whom in `hub.party`; which columns a relation has is granted by
-- ledger/isolation/fieldSets.ts at every start. Unset, unknown, forgotten: no rows.

-- Roles belong to the server, not to the database: they may be there already, or come from another database just now.
do $$
declare
  wanted constant text[] := '{lianshu_edge,lianshu_edge_borrower,lianshu_edge_unit,lianshu_edge_funder,lianshu_edge_keeper,lianshu_edge_core}';
  a_role text;
  how text;
  missing text := '';
begin
  foreach a_role in array wanted loop
    how := format('create role %I nologin', a_role) || case when a_role <> wanted[1] then format(' in role %I', wanted[1]) else '' end;
    begin
      if not exists (select from pg_roles where rolname = a_role) then
        execute how;
      end if;
    exception
      when unique_violation or duplicate_object then null;
      when insufficient_privilege then missing := missing || how || '; ';
    end;
    -- Whoever reads for a party must be able to become its role; a superuser can. Without the rights of the role, where the
    -- server knows how (16): else its policies would be asked for every row that the hub reads for itself, too.
    how := format('grant %I to %I', a_role, current_user) || case when current_setting('server_version_num')::int >= 160000 then ' with inherit false, set true' else '' end;
    begin
      if a_role <> wanted[1] and not pg_has_role(current_user, a_role, case when current_setting('server_version_num')::int >= 160000 then 'SET' else 'MEMBER' end) then
        execute how;
      end if;
    exception
      when insufficient_privilege or undefined_object then missing := missing || how || '; ';
      when unique_violation or internal_error then null; -- Granted from another database at this very moment.
    end;
  end loop;
  if missing <> '' then
    raise exception 'This login may not make the roles through which parties read. An administrator of the server runs once: %', missing
      using errcode = 'insufficient_privilege';
  end if;
end
$$;
grant usage on schema public to lianshu_edge;

/* For whom the edge reads now. */
create function edge_party() returns uuid language sql stable as $$ select nullif(current_setting('hub.party', true), '')::uuid $$;

/* In which capacities of a case a relation takes part. */
create function edge_capacities(relation name) returns text[] language sql immutable as $$
  select case relation
    when 'lianshu_edge_borrower' then '{BUYER,BORROWER,PLEDGOR,CREDITOR}'
    when 'lianshu_edge_unit' then '{SELLER}'
    when 'lianshu_edge_funder' then '{FUNDER,PLEDGEE}'
    when 'lianshu_edge_keeper' then '{KEEPER,SUPERVISOR}'
    when 'lianshu_edge_core' then '{DEBTOR}'
  end::text[]
$$;

/* --- What a party sees, as the relation in which it reads. With the rights of their owner, for a party has none on these tables. --- */

-- A funder that was asked before another one has left the case (domain.md F13).
create function sees_case(of_case text, relation name) returns boolean language plpgsql stable security definer set search_path = public, pg_temp as $$
begin
  return exists (select from case_party c where c.party_id = edge_party() and c.case_id = of_case and c.capacity = any (edge_capacities(relation)))
    and (relation <> 'lianshu_edge_funder' or exists (select from application a where a.case_id = of_case and a.funder_id = edge_party()));
end
$$;

create function sees_application(of_no text, relation name) returns boolean language plpgsql stable security definer set search_path = public, pg_temp as $$
begin
  return exists (select from application a where a.no = of_no and (relation <> 'lianshu_edge_funder' or a.funder_id = edge_party()) and sees_case(a.case_id, relation));
end
$$;

-- Itself, and who takes part in a case with it. No funder is shown another one.
create function sees_party(of_id uuid, relation name) returns boolean language plpgsql stable security definer set search_path = public, pg_temp as $$
begin
  return of_id = edge_party() or exists (
    select from case_party mine join case_party theirs on theirs.case_id = mine.case_id
    where mine.party_id = edge_party() and mine.capacity = any (edge_capacities(relation)) and theirs.party_id = of_id
      and (relation <> 'lianshu_edge_funder' or theirs.capacity not in ('FUNDER', 'PLEDGEE')) and sees_case(mine.case_id, relation));
end
$$;

create function sees_order(of_seller text, of_no text, relation name) returns boolean language plpgsql stable security definer set search_path = public, pg_temp as $$
begin
  return exists (select from trade_order o where o.seller_no = of_seller and o.order_no = of_no and sees_case(o.case_id, relation));
end
$$;

-- Receivables are not of a case: they belong to creditor and debtor, and are shown to the funder of what they are locked for.
create function sees_receivable(of_no text, relation name) returns boolean language plpgsql stable security definer set search_path = public, pg_temp as $$
begin
  return case relation
    when 'lianshu_edge_borrower' then exists (select from receivable r where r.no = of_no and r.creditor_id = edge_party())
    when 'lianshu_edge_core' then exists (select from receivable r where r.no = of_no and r.debtor_id = edge_party())
    when 'lianshu_edge_funder' then exists (select from asset_lock l where l.receivable_no = of_no and sees_application(l.application_no, relation))
    else false end;
end
$$;

create function sees_contract(of_id uuid, relation name) returns boolean language plpgsql stable security definer set search_path = public, pg_temp as $$
begin
  return case relation
    when 'lianshu_edge_funder' then exists (select from receivable r where r.contract_id = of_id and sees_receivable(r.no, relation))
    when 'lianshu_edge_keeper' then false
    else exists (select from trade_contract c where c.id = of_id and edge_party() in (c.seller_id, c.buyer_id)) end;
end
$$;

-- A funder sees the invoice that it funds, not the supplier's other ones.
create function sees_invoice(of_key text, relation name) returns boolean language plpgsql stable security definer set search_path = public, pg_temp as $$
begin
  return case relation
    when 'lianshu_edge_funder' then exists (select from invoice_use u where u.invoice_key = of_key and sees_receivable(u.receivable_no, relation))
    when 'lianshu_edge_keeper' then false
    else exists (select from invoice i where i.key = of_key and edge_party() in (i.seller_id, i.buyer_id)) end;
end
$$;

-- An offer shows itself to the funders it was made for, once it is published.
create function sees_offer(of_no text, relation name) returns boolean language plpgsql stable security definer set search_path = public, pg_temp as $$
begin
  return exists (select from asset_offer o where o.no = of_no and case relation
    when 'lianshu_edge_funder' then o.state <> 'DRAFT' and edge_party() = any (o.visible_to)
    when 'lianshu_edge_borrower' then sees_application(o.application_no, relation)
    else false end);
end
$$;

create function sees_limit(of_no text, relation name) returns boolean language plpgsql stable security definer set search_path = public, pg_temp as $$
begin
  return exists (select from credit_limit l where l.no = of_no
    and edge_party() = case relation when 'lianshu_edge_funder' then l.funder_id when 'lianshu_edge_borrower' then l.party_id end);
end
$$;

create function sees_loan(of_no text, relation name) returns boolean language plpgsql stable security definer set search_path = public, pg_temp as $$
begin
  return exists (select from loan l where l.no = of_no and sees_application(l.application_no, relation));
end
$$;

create function sees_envelope(of_no text, relation name) returns boolean language plpgsql stable security definer set search_path = public, pg_temp as $$
begin
  return exists (select from envelope e where e.no = of_no and sees_application(e.application_no, relation));
end
$$;

create function sees_pledge(of_no text, relation name) returns boolean language plpgsql stable security definer set search_path = public, pg_temp as $$
begin
  return exists (select from pledge p where p.no = of_no and sees_application(p.application_no, relation));
end
$$;

create function sees_release(of_no text, relation name) returns boolean language plpgsql stable security definer set search_path = public, pg_temp as $$
begin
  return exists (select from release_order r where r.no = of_no and sees_pledge(r.pledge_no, relation));
end
$$;

-- A warehouse is known by its code only. Where two keepers go by one code, neither is shown what lies there.
create function keeps_warehouse(of_code text, relation name) returns boolean language plpgsql stable security definer set search_path = public, pg_temp as $$
begin
  return relation = 'lianshu_edge_keeper'
    and (select bool_and(p.keeper_id = edge_party()) from project p where p.warehouse = of_code) is true;
end
$$;

create function sees_lot(of_no text, relation name) returns boolean language plpgsql stable security definer set search_path = public, pg_temp as $$
begin
  return exists (select from stock_lot l where l.lot_no = of_no
      and (relation = 'lianshu_edge_borrower' and l.owner_id = edge_party() or keeps_warehouse(l.warehouse, relation)))
    or exists (select from pledge_item i where i.lot_no = of_no and sees_pledge(i.pledge_no, relation));
end
$$;

create function sees_receipt(of_no text, relation name) returns boolean language plpgsql stable security definer set search_path = public, pg_temp as $$
begin
  return exists (select from warehouse_receipt w where w.no = of_no and case relation
      when 'lianshu_edge_keeper' then edge_party() = w.issuer_id
      when 'lianshu_edge_borrower' then edge_party() in (w.depositor_id, w.holder_id, w.endorsee_id)
      when 'lianshu_edge_funder' then edge_party() in (w.holder_id, w.endorsee_id)
      else false end)
    or exists (select from pledge p where p.receipt_no = of_no and sees_application(p.application_no, relation));
end
$$;

create function sees_snapshot(of_no text, relation name) returns boolean language plpgsql stable security definer set search_path = public, pg_temp as $$
begin
  return exists (select from stock_snapshot s where s.no = of_no and keeps_warehouse(s.warehouse, relation));
end
$$;

create function owns_account(of_no text) returns boolean language plpgsql stable security definer set search_path = public, pg_temp as $$
begin
  return exists (select from bank_account a where a.account_no = of_no and a.party_id = edge_party());
end
$$;

create function subscribes(of_no text) returns boolean language plpgsql stable security definer set search_path = public, pg_temp as $$
begin
  return exists (select from subscription s where s.no = of_no and s.funder_id = edge_party());
end
$$;

create index if not exists application_case on application (case_id);
create index if not exists application_funder on application (funder_id);
create index if not exists trade_order_case on trade_order (case_id);
create index if not exists invoice_use_invoice on invoice_use (invoice_key);
create index if not exists asset_lock_receivable on asset_lock (receivable_no) where receivable_no is not null;

/* Puts a table under forced row-level security. Everybody who is not of the edge goes on as before; a party reads the rows of
   which the rule is true, and without a rule none. */
create procedure isolate(of_table text, rule text default null) language plpgsql as $$
begin
  execute format('alter table %I enable row level security, force row level security', of_table);
  -- In a select: asked once for a query, not once for a row.
  execute format('create policy %I on %I using ((select current_user !~ ''^lianshu_edge''))', of_table || '_hub', of_table);
  if rule is not null then
    execute format('create policy %I on %I for select to lianshu_edge using (%s)', of_table || '_party', of_table, rule);
  end if;
end
$$;

/* --- Cases and parties --- */
call isolate('cases', 'sees_case(id, current_user)');
call isolate('case_party', 'party_id = edge_party() and sees_case(case_id, current_user)');
call isolate('party', 'sees_party(id, current_user)');
call isolate('party_role', 'party_id = edge_party()');
call isolate('party_certificate', 'party_id = edge_party()');
call isolate('bank_account', 'party_id = edge_party()');
call isolate('sign_authority', 'party_id = edge_party()');
call isolate('consent', 'party_id = edge_party()');
call isolate('disclosure', 'party_id = edge_party()');
call isolate('verification', 'party_id = edge_party()');
call isolate('invitation', $$edge_party() in (party_id, inviter_id) or (current_user = 'lianshu_edge_unit' and sees_case(case_id, current_user))$$);

/* --- Trade --- */
call isolate('trade_order', 'sees_case(case_id, current_user)');
call isolate('delivery', 'sees_order(seller_no, order_no, current_user)');
call isolate('document', 'sees_case(case_id, current_user)');
call isolate('trade_contract', 'sees_contract(id, current_user)');
call isolate('trade_contract_version', 'sees_contract(contract_id, current_user)');
call isolate('contract_change', 'sees_receivable(receivable_no, current_user)');
call isolate('invoice', 'sees_invoice(key, current_user)');
call isolate('invoice_use', 'sees_receivable(receivable_no, current_user)');
call isolate('receivable', 'sees_receivable(no, current_user)');
call isolate('receivable_version', 'sees_receivable(receivable_no, current_user)');
call isolate('confirmation', 'sees_receivable(receivable_no, current_user)');
-- Of a silent assignment (暗保理) the debtor learns when it is told, not before; a funder of those to itself.
call isolate('assignment_notice', $$case when current_user = 'lianshu_edge_funder' then assignee_id = edge_party()
  else sees_receivable(receivable_no, current_user) and (current_user <> 'lianshu_edge_core' or state in ('SENT', 'DELIVERED', 'ACKNOWLEDGED')) end$$);
call isolate('receivable_certificate', $$edge_party() = case current_user when 'lianshu_edge_core' then issuer_id when 'lianshu_edge_unit' then null
  when 'lianshu_edge_keeper' then null else holder_id end$$);

/* --- Financing --- */
call isolate('application', 'sees_application(no, current_user)');
call isolate('asset_lock', 'sees_application(application_no, current_user)');
call isolate('route_attempt', $$edge_party() = case current_user when 'lianshu_edge_funder' then funder_id when 'lianshu_edge_borrower' then borrower_id end$$);
call isolate('asset_offer', 'sees_offer(no, current_user)');
call isolate('subscription', $$case when current_user = 'lianshu_edge_funder' then funder_id = edge_party() else sees_offer(offer_no, current_user) end$$);
call isolate('envelope', 'sees_application(application_no, current_user)');
call isolate('envelope_signer', 'party_id = edge_party() and sees_envelope(envelope_no, current_user)');
call isolate('registration', $$sees_application(application_no, current_user)
  and (current_user <> 'lianshu_edge_funder' or subscription_no is null or subscribes(subscription_no))$$);

/* --- Goods --- */
call isolate('goods_receipt', $$current_user = 'lianshu_edge_borrower' and owner_id = edge_party() or keeps_warehouse(warehouse, current_user)$$);
call isolate('stock_lot', 'sees_lot(lot_no, current_user)');
call isolate('stock_movement', 'sees_lot(lot_no, current_user)');
call isolate('stock_adjustment', 'sees_lot(lot_no, current_user)');
call isolate('warehouse_receipt', 'sees_receipt(no, current_user)');
call isolate('receipt_item', 'sees_receipt(receipt_no, current_user)');
call isolate('receipt_endorsement', 'sees_receipt(receipt_no, current_user)');
call isolate('receipt_link', 'sees_receipt(child_no, current_user)');
call isolate('pledge', 'sees_pledge(no, current_user)');
call isolate('pledge_item', 'sees_pledge(pledge_no, current_user)');
call isolate('pledge_change', 'sees_pledge(pledge_no, current_user)');
call isolate('margin_entry', 'sees_pledge(pledge_no, current_user)');
call isolate('valuation', 'sees_pledge(pledge_no, current_user)');
call isolate('release_order', 'sees_pledge(pledge_no, current_user)');
call isolate('release_item', 'sees_release(release_no, current_user)');
call isolate('gate_pass', 'sees_release(release_no, current_user)');
call isolate('stock_snapshot', 'keeps_warehouse(warehouse, current_user)');
call isolate('stock_snapshot_line', 'sees_snapshot(snapshot_no, current_user)');
call isolate('stock_difference', 'sees_snapshot(snapshot_no, current_user) or sees_lot(lot_no, current_user)');

/* --- Money --- */
call isolate('credit_limit', 'sees_limit(no, current_user)');
call isolate('limit_movement', 'sees_limit(limit_no, current_user)');
call isolate('payment', $$sees_application(application_no, current_user) and (current_user <> 'lianshu_edge_unit' or owns_account(payee_account))$$);
call isolate('loan', 'sees_application(application_no, current_user)');
call isolate('loan_entry', 'sees_loan(loan_no, current_user)');
call isolate('loan_plan', 'sees_loan(loan_no, current_user)');
call isolate('instalment', 'sees_loan(loan_no, current_user)');
call isolate('repayment', 'sees_loan(loan_no, current_user)');

/* --- Oversight and evidence --- */
call isolate('alert', 'sees_case(case_id, current_user)');
call isolate('evidence', 'sees_case(case_id, current_user)');
call isolate('anchor', 'sees_case(case_id, current_user)');

/* --- For nobody at the edge: who decided, by what, and what names no party --- */
call isolate('history');
call isolate('approval');
call isolate('manual_entry');
call isolate('blacklist');
call isolate('configuration');
call isolate('decision');
call isolate('project');
call isolate('party_ref');
call isolate('price_quote');
call isolate('quote_set');
call isolate('quote_set_item');
call isolate('revaluation');
call isolate('recon_run');
call isolate('recon_item');
call isolate('recon_case');
