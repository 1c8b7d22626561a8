-- Made by: npx lianshu schema. What the migrations make, for reading; do not edit.

-- Sequences

create sequence case_no as bigint;

-- Tables

create table act (
  id uuid not null,
  bulk_id uuid,
  run_id uuid,
  exchange_id uuid,
  kind text not null,
  body jsonb not null,
  reason text not null,
  seq_seen integer not null,
  payload_hash text not null,
  proposed_by text not null,
  approved_by text,
  state text not null,
  detail text,
  proposed_at timestamp with time zone not null default clock_timestamp(),
  approved_at timestamp with time zone,
  expires_at timestamp with time zone not null,
  due_at timestamp with time zone not null default clock_timestamp(),
  settled_at timestamp with time zone,
  constraint act_approved_by_check CHECK (((length(btrim(approved_by)) >= 1) AND (length(btrim(approved_by)) <= 64))),
  constraint act_check CHECK (((run_id IS NULL) = (kind = 'remap'::text))),
  constraint act_four_eyes CHECK (((kind <> ALL (ARRAY['edit'::text, 'skip'::text, 'resolve'::text, 'terminate'::text])) OR (approved_by IS NOT NULL) OR (state = ANY (ARRAY['proposed'::text, 'stale'::text, 'refused'::text])))),
  constraint act_kind_check CHECK ((kind = ANY (ARRAY['retry'::text, 'edit'::text, 'skip'::text, 'resolve'::text, 'resend'::text, 'cancel'::text, 'terminate'::text, 'suspend'::text, 'resume'::text, 'move'::text, 'duplicate'::text, 'remap'::text]))),
  constraint act_proposed_by_check CHECK (((length(btrim(proposed_by)) >= 1) AND (length(btrim(proposed_by)) <= 64))),
  constraint act_reason_check CHECK (((length(btrim(reason)) >= 4) AND (length(btrim(reason)) <= 500))),
  constraint act_state_check CHECK ((state = ANY (ARRAY['proposed'::text, 'open'::text, 'applied'::text, 'stale'::text, 'refused'::text]))),
  constraint act_two_people CHECK ((lower(btrim(approved_by)) <> lower(btrim(proposed_by)))),
  constraint act_pkey PRIMARY KEY (id)
);

create table anchor (
  no text not null,
  case_id text not null,
  upto integer not null,
  head_sha256 text not null,
  tx_hash text not null,
  block_no text not null,
  anchored_at timestamp with time zone not null,
  constraint anchor_case_id_fkey FOREIGN KEY (case_id) REFERENCES cases(id),
  constraint anchor_pkey PRIMARY KEY (no)
);

create table application (
  no text not null,
  case_id text not null,
  order_no text not null,
  borrower_id uuid not null,
  funder_id uuid not null,
  amount numeric(17,2) not null,
  currency text not null,
  tenor_days integer not null,
  purpose text not null,
  payee_account text not null,
  state text not null,
  funder_ref text,
  approved_amount numeric(17,2),
  rate numeric(8,6),
  day_count text,
  pledge_rate numeric(8,6),
  valid_to timestamp with time zone,
  constraint application_amount_check CHECK ((amount > (0)::numeric)),
  constraint approved_within_asked CHECK ((approved_amount <= amount)),
  constraint funder_is_not_borrower CHECK ((funder_id <> borrower_id)),
  constraint application_borrower_id_fkey FOREIGN KEY (borrower_id) REFERENCES party(id),
  constraint application_case_id_fkey FOREIGN KEY (case_id) REFERENCES cases(id),
  constraint application_funder_id_fkey FOREIGN KEY (funder_id) REFERENCES party(id),
  constraint application_order_no_fkey FOREIGN KEY (order_no) REFERENCES trade_order(order_no),
  constraint application_payee_account_fkey FOREIGN KEY (payee_account) REFERENCES bank_account(account_no),
  constraint application_pkey PRIMARY KEY (no)
);

create table asset_lock (
  id bigint not null generated always as identity,
  asset_key text not null,
  application_no text not null,
  at timestamp with time zone not null default hub_now(),
  released_at timestamp with time zone,
  constraint asset_lock_application_no_fkey FOREIGN KEY (application_no) REFERENCES application(no),
  constraint asset_lock_pkey PRIMARY KEY (id)
);

create table bank_account (
  account_no text not null,
  party_id uuid not null,
  account_name text not null,
  bank_name text not null,
  bank_code text not null,
  state text not null,
  constraint bank_account_party_id_fkey FOREIGN KEY (party_id) REFERENCES party(id),
  constraint bank_account_pkey PRIMARY KEY (account_no)
);

create table cases (
  id text not null,
  key text not null,
  title text not null,
  party text,
  amount numeric(17,2),
  state text not null default 'open'::text,
  opened_at timestamp with time zone not null default hub_now(),
  closed_at timestamp with time zone,
  constraint cases_pkey PRIMARY KEY (id),
  constraint cases_key_key UNIQUE (key)
);

create table clock (
  only_row boolean not null default true,
  real_at timestamp with time zone not null,
  business_at timestamp with time zone not null,
  speed double precision not null,
  constraint clock_only_row_check CHECK (only_row),
  constraint clock_speed_check CHECK ((speed >= (0)::double precision)),
  constraint clock_pkey PRIMARY KEY (only_row)
);

create table consent (
  party_id uuid not null,
  recipient text not null,
  purpose text not null,
  at timestamp with time zone not null default hub_now(),
  constraint consent_party_id_fkey FOREIGN KEY (party_id) REFERENCES party(id),
  constraint consent_pkey PRIMARY KEY (party_id, recipient, purpose)
);

create table credit_limit (
  no text not null,
  party_id uuid not null,
  funder_id uuid not null,
  revolving boolean not null,
  total numeric(17,2) not null,
  reserved numeric(17,2) not null default 0,
  used numeric(17,2) not null default 0,
  constraint credit_limit_reserved_check CHECK ((reserved >= (0)::numeric)),
  constraint credit_limit_used_check CHECK ((used >= (0)::numeric)),
  constraint limit_sufficient CHECK (((used + reserved) <= total)),
  constraint credit_limit_funder_id_fkey FOREIGN KEY (funder_id) REFERENCES party(id),
  constraint credit_limit_party_id_fkey FOREIGN KEY (party_id) REFERENCES party(id),
  constraint credit_limit_pkey PRIMARY KEY (no)
);

create table document (
  case_id text not null,
  type text not null,
  name text not null,
  sha256 text not null,
  constraint document_case_id_fkey FOREIGN KEY (case_id) REFERENCES cases(id),
  constraint document_pkey PRIMARY KEY (case_id, type, sha256)
);

create table effect (
  key text not null,
  run_id uuid not null,
  case_id text not null,
  path text not null,
  system text not null,
  operation text not null,
  number text,
  payload_hash text not null,
  state text not null,
  attempts integer not null default 1,
  queries integer not null default 0,
  not_found integer not null default 0,
  detail text,
  intent_at timestamp with time zone not null default hub_now(),
  sent_at timestamp with time zone,
  next_at timestamp with time zone,
  settled_at timestamp with time zone,
  constraint effect_state_check CHECK ((state = ANY (ARRAY['intent'::text, 'confirmed'::text, 'refused'::text, 'unknown'::text, 'replaced'::text]))),
  constraint effect_pkey PRIMARY KEY (key)
) with (fillfactor=70);

create table envelope (
  no text not null,
  application_no text not null,
  vendor_flow_id text,
  documents jsonb not null,
  mandate_payee text not null,
  state text not null,
  verified_at timestamp with time zone,
  constraint completed_is_verified CHECK (((state <> 'COMPLETED'::text) OR (verified_at IS NOT NULL))),
  constraint envelope_application_no_fkey FOREIGN KEY (application_no) REFERENCES application(no),
  constraint envelope_mandate_payee_fkey FOREIGN KEY (mandate_payee) REFERENCES bank_account(account_no),
  constraint envelope_pkey PRIMARY KEY (no)
);

create table evidence (
  case_id text not null,
  no integer not null,
  node text not null,
  business_key text not null,
  payload jsonb not null,
  at text not null,
  sha256 text not null,
  sm3 text not null,
  constraint evidence_case_id_fkey FOREIGN KEY (case_id) REFERENCES cases(id),
  constraint evidence_pkey PRIMARY KEY (case_id, no)
);

create table exchange (
  id uuid not null,
  seq bigint not null generated always as identity,
  system text not null,
  operation text not null,
  direction text not null,
  run_id uuid,
  case_id text,
  attempt integer not null default 1,
  state text not null,
  verified boolean,
  code text,
  detail text,
  ms double precision not null,
  request jsonb,
  answer jsonb,
  at timestamp with time zone not null default hub_now(),
  constraint exchange_direction_check CHECK ((direction = ANY (ARRAY['in'::text, 'out'::text]))),
  constraint exchange_state_check CHECK ((state = ANY (ARRAY['ok'::text, 'refused'::text, 'unknown'::text]))),
  constraint exchange_pkey PRIMARY KEY (id)
);

create table exchange_part (
  exchange_id uuid not null,
  no integer not null,
  method text not null,
  path text not null,
  request bytea not null,
  status integer,
  answer bytea,
  ms double precision not null,
  constraint exchange_part_exchange_id_fkey FOREIGN KEY (exchange_id) REFERENCES exchange(id) ON DELETE CASCADE,
  constraint exchange_part_pkey PRIMARY KEY (exchange_id, no)
);

create table history (
  id bigint not null generated always as identity,
  entity text not null,
  entity_id text not null,
  from_state text not null,
  to_state text not null,
  event text not null,
  actor text not null,
  at timestamp with time zone not null default hub_now(),
  constraint history_pkey PRIMARY KEY (id)
);

create table incident (
  id uuid not null,
  kind text not null,
  run_id uuid,
  case_id text,
  effect_key text,
  signal_key text,
  exchange_id uuid,
  detail text not null,
  fingerprint text not null,
  at timestamp with time zone not null default hub_now(),
  closed_by text,
  closed_reason text,
  closed_at timestamp with time zone,
  constraint incident_check CHECK ((((closed_at IS NULL) = (closed_by IS NULL)) AND ((closed_at IS NULL) = (closed_reason IS NULL)))),
  constraint incident_closed_reason_check CHECK (((length(btrim(closed_reason)) >= 4) AND (length(btrim(closed_reason)) <= 500))),
  constraint incident_kind_check CHECK ((kind = ANY (ARRAY['lateEvidence'::text, 'factContradicted'::text, 'abandonedEffect'::text]))),
  constraint incident_pkey PRIMARY KEY (id)
);

create table invitation (
  code text not null,
  case_id text not null,
  party_id uuid not null,
  expires_at timestamp with time zone not null,
  used_at timestamp with time zone,
  constraint invitation_case_id_fkey FOREIGN KEY (case_id) REFERENCES cases(id),
  constraint invitation_party_id_fkey FOREIGN KEY (party_id) REFERENCES party(id),
  constraint invitation_pkey PRIMARY KEY (code)
);

create table journal (
  run_id uuid not null,
  seq integer not null,
  kind smallint not null,
  path text not null,
  body bytea,
  at timestamp with time zone not null,
  constraint journal_pkey PRIMARY KEY (run_id, seq)
) partition by RANGE (run_id);

create table lane (
  system text not null,
  concurrency integer,
  rate integer,
  rate_per_ms integer not null default 1000,
  ramp_per_s integer not null default 5,
  opens time without time zone,
  closes time without time zone,
  every_day boolean not null default false,
  paused_by text,
  paused_reason text,
  paused_at timestamp with time zone,
  broken_until timestamp with time zone,
  breaks integer not null default 0,
  closed boolean not null default false,
  ramping boolean not null default false,
  constraint lane_check CHECK (((opens IS NULL) = (closes IS NULL))),
  constraint lane_check1 CHECK ((opens < closes)),
  constraint lane_check2 CHECK ((((paused_at IS NULL) = (paused_by IS NULL)) AND ((paused_at IS NULL) = (paused_reason IS NULL)))),
  constraint lane_concurrency_check CHECK (((concurrency >= 1) AND (concurrency <= 1000))),
  constraint lane_ramp_per_s_check CHECK (((ramp_per_s >= 1) AND (ramp_per_s <= 1000))),
  constraint lane_rate_check CHECK (((rate >= 1) AND (rate <= 10000))),
  constraint lane_rate_per_ms_check CHECK (((rate_per_ms >= 100) AND (rate_per_ms <= 86400000))),
  constraint lane_pkey PRIMARY KEY (system)
);

create table lane_event (
  id bigint not null generated always as identity,
  system text not null,
  what text not null,
  who text not null,
  why text not null,
  at timestamp with time zone not null default hub_now(),
  constraint lane_event_what_check CHECK ((what = ANY (ARRAY['paused'::text, 'resumed'::text, 'set'::text, 'broken'::text, 'mended'::text, 'closed'::text, 'opened'::text, 'drained'::text]))),
  constraint lane_event_pkey PRIMARY KEY (id)
);

create table lifecycle (
  entity text not null,
  from_state text not null,
  event text not null,
  to_state text not null,
  constraint lifecycle_pkey PRIMARY KEY (entity, from_state, event, to_state)
);

create table limit_movement (
  id bigint not null generated always as identity,
  limit_no text not null,
  kind text not null,
  amount numeric(17,2) not null,
  at timestamp with time zone not null default hub_now(),
  constraint limit_movement_amount_check CHECK ((amount > (0)::numeric)),
  constraint limit_movement_kind_check CHECK ((kind = ANY (ARRAY['RESERVE'::text, 'CONSUME'::text, 'RELEASE'::text, 'RESTORE'::text]))),
  constraint limit_movement_limit_no_fkey FOREIGN KEY (limit_no) REFERENCES credit_limit(no),
  constraint limit_movement_pkey PRIMARY KEY (id)
);

create table loan (
  no text not null,
  application_no text not null,
  payment_no text not null,
  principal numeric(17,2) not null,
  balance numeric(17,2) not null,
  rate numeric(8,6) not null,
  day_count text not null,
  start_date date not null,
  maturity date not null,
  state text not null,
  constraint balance_within_principal CHECK (((balance >= (0)::numeric) AND (balance <= principal))),
  constraint loan_principal_check CHECK ((principal > (0)::numeric)),
  constraint settled_owes_nothing CHECK (((state <> 'SETTLED'::text) OR (balance = (0)::numeric))),
  constraint loan_application_no_fkey FOREIGN KEY (application_no) REFERENCES application(no),
  constraint loan_payment_no_fkey FOREIGN KEY (payment_no) REFERENCES payment(no),
  constraint loan_pkey PRIMARY KEY (no),
  constraint loan_application_no_key UNIQUE (application_no),
  constraint loan_payment_no_key UNIQUE (payment_no)
);

create table migration (
  name text not null,
  sha256 text not null,
  applied_at timestamp with time zone not null default now(),
  constraint migration_pkey PRIMARY KEY (name)
);

create table node (
  id bigint not null generated always as identity,
  name text not null,
  state smallint not null default 1,
  beat_at timestamp with time zone not null default clock_timestamp(),
  lease interval not null default '00:00:03'::interval,
  constraint node_state_check CHECK ((state = ANY (ARRAY[1, 2, 3]))),
  constraint node_pkey PRIMARY KEY (id)
) with (fillfactor=20);

create table nonce (
  system text not null,
  nonce text not null,
  at timestamp with time zone not null default clock_timestamp(),
  constraint nonce_pkey PRIMARY KEY (system, nonce)
);

create table party (
  id uuid not null default gen_random_uuid(),
  uscc text,
  legal_name text not null,
  roles text[] not null,
  state text not null,
  is_operator boolean not null default false,
  constraint party_uscc_check CHECK ((uscc ~ '^[0-9A-HJ-NPQRTUWXY]{18}$'::text)),
  constraint party_pkey PRIMARY KEY (id),
  constraint party_uscc_key UNIQUE (uscc)
);

create table party_ref (
  system text not null,
  value text not null,
  party_id uuid not null,
  constraint party_ref_party_id_fkey FOREIGN KEY (party_id) REFERENCES party(id),
  constraint party_ref_pkey PRIMARY KEY (system, value)
);

create table payment (
  no text not null,
  purpose text not null,
  application_no text not null,
  payer_account text,
  payee_account text not null,
  amount numeric(17,2) not null,
  currency text not null,
  state text not null,
  serial_no text,
  settled_at timestamp with time zone,
  constraint payment_amount_check CHECK ((amount > (0)::numeric)),
  constraint payment_purpose_check CHECK ((purpose = ANY (ARRAY['DISBURSE'::text, 'REPAY'::text]))),
  constraint payment_application_no_fkey FOREIGN KEY (application_no) REFERENCES application(no),
  constraint payment_pkey PRIMARY KEY (no)
);

create table pledge (
  no text not null,
  application_no text not null,
  pledgor_id uuid not null,
  pledgee_id uuid not null,
  supervisor_id uuid not null,
  basis text not null,
  secured_amount numeric(17,2) not null,
  pledge_rate numeric(8,6) not null,
  state text not null,
  lock_no text,
  receipt_no text,
  receipt_sha256 text,
  control_at timestamp with time zone,
  registration_no text,
  custody_no text,
  constraint effective_is_proven CHECK (((state <> ALL (ARRAY['EFFECTIVE'::text, 'PARTIALLY_RELEASED'::text, 'RELEASED'::text])) OR ((control_at IS NOT NULL) AND (registration_no IS NOT NULL) AND (custody_no IS NOT NULL)))),
  constraint pledge_basis_check CHECK ((basis = ANY (ARRAY['RECEIPT'::text, 'STOCK_STATIC'::text]))),
  constraint supervisor_independent CHECK ((supervisor_id <> pledgor_id)),
  constraint pledge_application_no_fkey FOREIGN KEY (application_no) REFERENCES application(no),
  constraint pledge_pledgee_id_fkey FOREIGN KEY (pledgee_id) REFERENCES party(id),
  constraint pledge_pledgor_id_fkey FOREIGN KEY (pledgor_id) REFERENCES party(id),
  constraint pledge_supervisor_id_fkey FOREIGN KEY (supervisor_id) REFERENCES party(id),
  constraint pledge_pkey PRIMARY KEY (no),
  constraint pledge_application_no_key UNIQUE (application_no),
  constraint pledge_receipt_no_key UNIQUE (receipt_no)
);

create table pledge_item (
  pledge_no text not null,
  lot_no text not null,
  quantity numeric(15,3) not null,
  released numeric(15,3) not null default 0,
  price numeric(17,2) not null,
  price_at timestamp with time zone not null,
  closed boolean not null default false,
  constraint closed_when_released CHECK (((NOT closed) OR (released = quantity))),
  constraint pledge_item_price_check CHECK ((price > (0)::numeric)),
  constraint pledge_item_quantity_check CHECK ((quantity > (0)::numeric)),
  constraint released_within_pledged CHECK (((released >= (0)::numeric) AND (released <= quantity))),
  constraint pledge_item_lot_no_fkey FOREIGN KEY (lot_no) REFERENCES stock_lot(lot_no),
  constraint pledge_item_pledge_no_fkey FOREIGN KEY (pledge_no) REFERENCES pledge(no),
  constraint pledge_item_pkey PRIMARY KEY (pledge_no, lot_no)
);

create table price_quote (
  material text not null,
  quote_date date not null,
  price numeric(17,2) not null,
  unit text not null,
  source text not null,
  as_of timestamp with time zone not null,
  constraint price_quote_price_check CHECK ((price > (0)::numeric)),
  constraint price_quote_pkey PRIMARY KEY (material, quote_date, source)
);

create table project (
  id text not null,
  seller_no text not null,
  unit_id uuid not null,
  funder_id uuid not null,
  keeper_id uuid not null,
  warehouse text not null,
  pledge_rate numeric(8,6) not null,
  systems jsonb not null,
  constraint project_funder_id_fkey FOREIGN KEY (funder_id) REFERENCES party(id),
  constraint project_keeper_id_fkey FOREIGN KEY (keeper_id) REFERENCES party(id),
  constraint project_unit_id_fkey FOREIGN KEY (unit_id) REFERENCES party(id),
  constraint project_pkey PRIMARY KEY (id),
  constraint project_seller_no_key UNIQUE (seller_no)
);

create table registration (
  request_no text not null,
  pledge_no text not null,
  state text not null,
  search_no text not null,
  searched_at timestamp with time zone not null,
  submitted_at timestamp with time zone not null default hub_now(),
  registration_no text,
  amend_code text,
  registered_at timestamp with time zone,
  expires_at timestamp with time zone,
  cancelled_at timestamp with time zone,
  constraint search_is_fresh CHECK (((submitted_at - searched_at) < '24:00:00'::interval)),
  constraint registration_pledge_no_fkey FOREIGN KEY (pledge_no) REFERENCES pledge(no),
  constraint registration_pkey PRIMARY KEY (request_no),
  constraint registration_registration_no_key UNIQUE (registration_no)
);

create table release_item (
  release_no text not null,
  lot_no text not null,
  quantity numeric(15,3) not null,
  outbound numeric(15,3) not null default 0,
  constraint outbound_within_released CHECK (((outbound >= (0)::numeric) AND (outbound <= quantity))),
  constraint release_item_quantity_check CHECK ((quantity > (0)::numeric)),
  constraint release_item_lot_no_fkey FOREIGN KEY (lot_no) REFERENCES stock_lot(lot_no),
  constraint release_item_release_no_fkey FOREIGN KEY (release_no) REFERENCES release_order(no),
  constraint release_item_pkey PRIMARY KEY (release_no, lot_no)
);

create table release_order (
  no text not null,
  pledge_no text not null,
  repayment_no text not null,
  state text not null,
  token_sha256 text,
  valid_to timestamp with time zone,
  maker text,
  checker text,
  outbound_no text,
  constraint decided_by_two CHECK (((state = ANY (ARRAY['DRAFT'::text, 'PENDING_FND'::text, 'REJECTED'::text, 'CANCELLED'::text])) OR ((maker IS NOT NULL) AND (checker IS NOT NULL)))),
  constraint maker_is_not_checker CHECK ((maker <> checker)),
  constraint release_order_pledge_no_fkey FOREIGN KEY (pledge_no) REFERENCES pledge(no),
  constraint release_order_repayment_no_fkey FOREIGN KEY (repayment_no) REFERENCES repayment(no),
  constraint release_order_pkey PRIMARY KEY (no),
  constraint release_order_outbound_no_key UNIQUE (outbound_no)
);

create table repayment (
  no text not null,
  loan_no text not null,
  payment_no text not null,
  amount numeric(17,2) not null,
  state text not null,
  posting_no text,
  fee numeric(17,2),
  penalty numeric(17,2),
  interest numeric(17,2),
  principal numeric(17,2),
  posted_at timestamp with time zone,
  constraint posted_is_allocated CHECK (((state <> 'POSTED'::text) OR ((((fee + penalty) + interest) + principal) = amount))),
  constraint repayment_amount_check CHECK ((amount > (0)::numeric)),
  constraint repayment_fee_check CHECK ((fee >= (0)::numeric)),
  constraint repayment_interest_check CHECK ((interest >= (0)::numeric)),
  constraint repayment_penalty_check CHECK ((penalty >= (0)::numeric)),
  constraint repayment_principal_check CHECK ((principal >= (0)::numeric)),
  constraint repayment_loan_no_fkey FOREIGN KEY (loan_no) REFERENCES loan(no),
  constraint repayment_payment_no_fkey FOREIGN KEY (payment_no) REFERENCES payment(no),
  constraint repayment_pkey PRIMARY KEY (no),
  constraint repayment_payment_no_key UNIQUE (payment_no),
  constraint repayment_posting_no_key UNIQUE (posting_no)
);

create table request (
  caller text not null,
  key text not null,
  body_hash text not null,
  status integer not null,
  answer jsonb not null,
  at timestamp with time zone not null default hub_now(),
  constraint request_pkey PRIMARY KEY (caller, key)
);

create table retention (
  only_row boolean not null default true,
  days integer not null default 400,
  kept_at timestamp with time zone,
  constraint retention_days_check CHECK (((days >= 1) AND (days <= 36500))),
  constraint retention_only_row_check CHECK (only_row),
  constraint retention_pkey PRIMARY KEY (only_row)
);

create table run (
  id uuid not null,
  flow text not null,
  version integer not null,
  case_id text not null,
  key text not null,
  state smallint not null,
  owner bigint,
  epoch integer not null default 0,
  ready_at timestamp with time zone not null default clock_timestamp(),
  wake_at timestamp with time zone,
  crashes smallint not null default 0,
  seen_seq integer not null default 0,
  problem text,
  created_at timestamp with time zone not null default hub_now(),
  constraint run_check CHECK (((state = 2) = (owner IS NOT NULL))),
  constraint run_flow_check CHECK (((length(flow) >= 1) AND (length(flow) <= 64))),
  constraint run_key_check CHECK (((length(key) >= 1) AND (length(key) <= 256))),
  constraint run_state_check CHECK ((state = ANY (ARRAY[1, 2, 3, 4]))),
  constraint run_pkey PRIMARY KEY (id)
) with (autovacuum_vacuum_scale_factor=0.02, autovacuum_vacuum_threshold=2000, fillfactor=80);

create table run_done (
  id uuid not null,
  flow text not null,
  version integer not null,
  case_id text not null,
  key text not null,
  outcome text not null,
  detail text,
  created_at timestamp with time zone not null,
  finished_at timestamp with time zone not null default hub_now(),
  constraint run_done_pkey PRIMARY KEY (id)
) partition by RANGE (id);

create table run_key (
  flow text not null,
  key text not null,
  run_id uuid not null,
  constraint run_key_pkey PRIMARY KEY (flow, key)
);

create table sign_authority (
  party_id uuid not null,
  name text not null,
  id_no text not null,
  phone text not null,
  basis text not null,
  constraint sign_authority_basis_check CHECK ((basis = ANY (ARRAY['LEGAL_REP'::text, 'POA'::text]))),
  constraint sign_authority_party_id_fkey FOREIGN KEY (party_id) REFERENCES party(id),
  constraint sign_authority_pkey PRIMARY KEY (party_id, id_no)
);

create table signal (
  key text not null,
  id text not null,
  notice text not null,
  body bytea not null,
  at timestamp with time zone not null default hub_now(),
  taken_by uuid,
  exchange_id uuid,
  constraint signal_pkey PRIMARY KEY (key, id)
);

create table stock_lot (
  lot_no text not null,
  warehouse text not null,
  owner_id uuid not null,
  material text not null,
  unit text not null,
  on_hand numeric(15,3) not null,
  pledged numeric(15,3) not null default 0,
  frozen numeric(15,3) not null default 0,
  constraint stock_lot_frozen_check CHECK ((frozen >= (0)::numeric)),
  constraint stock_lot_on_hand_check CHECK ((on_hand >= (0)::numeric)),
  constraint stock_lot_pledged_check CHECK ((pledged >= (0)::numeric)),
  constraint stock_not_overpledged CHECK (((pledged + frozen) <= on_hand)),
  constraint stock_lot_owner_id_fkey FOREIGN KEY (owner_id) REFERENCES party(id),
  constraint stock_lot_pkey PRIMARY KEY (lot_no)
);

create table system (
  id text not null,
  kind text not null,
  dialect text not null,
  url text not null,
  name_zh text not null,
  name_en text not null,
  allow_private boolean not null default false,
  timeout_ms integer not null default 5000,
  settings jsonb not null default '{}'::jsonb,
  constraint system_timeout_ms_check CHECK (((timeout_ms >= 100) AND (timeout_ms <= 120000))),
  constraint system_pkey PRIMARY KEY (id)
);

create table task (
  id text not null,
  run_id uuid not null,
  case_id text not null,
  path text not null,
  title_zh text not null,
  title_en text not null,
  payload jsonb not null,
  payload_hash text not null,
  people smallint not null,
  roles text[] not null default '{}'::text[],
  not_by text[] not null default '{}'::text[],
  since timestamp with time zone not null,
  deadline timestamp with time zone not null,
  state text not null default 'open'::text,
  closed_at timestamp with time zone,
  constraint task_people_check CHECK (((people >= 1) AND (people <= 9))),
  constraint task_state_check CHECK ((state = ANY (ARRAY['open'::text, 'approved'::text, 'rejected'::text, 'expired'::text, 'withdrawn'::text]))),
  constraint task_pkey PRIMARY KEY (id)
);

create table task_vote (
  task_id text not null,
  person text not null,
  role text,
  decision text not null,
  payload_hash text not null,
  reason text not null,
  at timestamp with time zone not null default hub_now(),
  constraint task_vote_decision_check CHECK ((decision = ANY (ARRAY['approved'::text, 'rejected'::text]))),
  constraint task_vote_person_check CHECK (((length(btrim(person)) >= 1) AND (length(btrim(person)) <= 64))),
  constraint task_vote_reason_check CHECK (((length(btrim(reason)) >= 1) AND (length(btrim(reason)) <= 500))),
  constraint task_vote_task_id_fkey FOREIGN KEY (task_id) REFERENCES task(id)
);

create table trade_order (
  order_no text not null,
  case_id text not null,
  seller_no text not null,
  buyer_id uuid not null,
  order_date date not null,
  currency text not null,
  total numeric(17,2) not null,
  lines jsonb not null,
  confirmed_at timestamp with time zone,
  constraint trade_order_total_check CHECK ((total > (0)::numeric)),
  constraint trade_order_buyer_id_fkey FOREIGN KEY (buyer_id) REFERENCES party(id),
  constraint trade_order_case_id_fkey FOREIGN KEY (case_id) REFERENCES cases(id),
  constraint trade_order_pkey PRIMARY KEY (order_no)
);

create table verification (
  request_no text not null,
  party_id uuid not null,
  kind text not null,
  result text not null,
  serial_no text not null,
  at timestamp with time zone not null default hub_now(),
  constraint verification_kind_check CHECK ((kind = ANY (ARRAY['ENT4'::text, 'BANK4'::text, 'ACCOUNT'::text]))),
  constraint verification_result_check CHECK ((result = ANY (ARRAY['match'::text, 'mismatch'::text, 'notFound'::text]))),
  constraint verification_party_id_fkey FOREIGN KEY (party_id) REFERENCES party(id),
  constraint verification_pkey PRIMARY KEY (request_no)
);

create table wait (
  run_id uuid not null,
  path text not null,
  key text not null,
  party text not null,
  what_zh text not null,
  what_en text not null,
  since timestamp with time zone not null,
  deadline timestamp with time zone,
  poll_at timestamp with time zone,
  constraint wait_pkey PRIMARY KEY (run_id, path)
);

-- Indexes

CREATE INDEX act_bulk ON public.act USING btree (bulk_id, due_at) WHERE (bulk_id IS NOT NULL);
CREATE INDEX act_due ON public.act USING btree (due_at) WHERE (state = 'open'::text);
CREATE INDEX act_open ON public.act USING btree (run_id, due_at) WHERE (state = 'open'::text);
CREATE INDEX act_proposed ON public.act USING btree (proposed_at) WHERE (state = 'proposed'::text);
CREATE INDEX act_run ON public.act USING btree (run_id, proposed_at);
CREATE INDEX effect_open ON public.effect USING btree (system, intent_at) WHERE (state = ANY (ARRAY['intent'::text, 'unknown'::text]));
CREATE INDEX effect_run ON public.effect USING btree (run_id);
CREATE INDEX exchange_case ON public.exchange USING btree (case_id, seq);
CREATE INDEX exchange_seq ON public.exchange USING btree (seq);
CREATE INDEX history_entity ON public.history USING btree (entity, entity_id, id);
CREATE INDEX incident_case ON public.incident USING btree (case_id);
CREATE INDEX incident_open ON public.incident USING btree (at) WHERE (closed_at IS NULL);
CREATE INDEX journal_milestone ON ONLY public.journal USING btree (run_id) WHERE (kind = 6);
CREATE INDEX lane_event_system ON public.lane_event USING btree (system, id);
CREATE INDEX nonce_at ON public.nonce USING btree (at);
CREATE INDEX run_attention ON public.run USING btree (id) WHERE (state = 4);
CREATE INDEX run_case ON public.run USING btree (case_id);
CREATE INDEX run_done_case ON ONLY public.run_done USING btree (case_id);
CREATE INDEX run_done_finished ON ONLY public.run_done USING btree (finished_at DESC, id);
CREATE INDEX run_key_time ON public.run_key USING brin (run_id);
CREATE INDEX run_owner ON public.run USING btree (owner) WHERE (owner IS NOT NULL);
CREATE INDEX run_ready ON public.run USING btree (ready_at) WHERE (state = 1);
CREATE INDEX run_wake ON public.run USING btree (wake_at) WHERE ((state = 3) AND (wake_at IS NOT NULL));
CREATE INDEX signal_exchange ON public.signal USING btree (exchange_id) WHERE (exchange_id IS NOT NULL);
CREATE INDEX signal_taken ON public.signal USING btree (taken_by) WHERE (taken_by IS NOT NULL);
CREATE INDEX signal_untaken ON public.signal USING btree (notice, at) WHERE (taken_by IS NULL);
CREATE INDEX task_open ON public.task USING btree (deadline) WHERE (state = 'open'::text);
CREATE INDEX task_run ON public.task USING btree (run_id);
CREATE INDEX wait_key ON public.wait USING btree (key);
CREATE INDEX wait_lane ON public.wait USING btree (party, since) WHERE (key ~~ 'lane:%'::text);
CREATE UNIQUE INDEX asset_locked_once ON public.asset_lock USING btree (asset_key) WHERE (released_at IS NULL);
CREATE UNIQUE INDEX disbursed_once ON public.payment USING btree (application_no) WHERE ((purpose = 'DISBURSE'::text) AND (state <> ALL (ARRAY['FAILED'::text, 'RETURNED'::text])));
CREATE UNIQUE INDEX effect_number ON public.effect USING btree (system, operation, number) WHERE ((number IS NOT NULL) AND (state <> 'replaced'::text));
CREATE UNIQUE INDEX incident_fingerprint ON public.incident USING btree (fingerprint);
CREATE UNIQUE INDEX lot_pledged_once ON public.pledge_item USING btree (lot_no) WHERE (NOT closed);
CREATE UNIQUE INDEX task_vote_once ON public.task_vote USING btree (task_id, lower(btrim(person)));

-- Functions

CREATE OR REPLACE FUNCTION public.act_unchanged()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if (new.run_id, new.exchange_id, new.kind, new.body, new.reason, new.seq_seen, new.payload_hash, new.proposed_by)
     is distinct from
     (old.run_id, old.exchange_id, old.kind, old.body, old.reason, old.seq_seen, old.payload_hash, old.proposed_by)
     or (old.approved_by is not null and new.approved_by is distinct from old.approved_by)
     or old.state in ('applied', 'stale', 'refused') then
    raise exception 'an act does not change once it is proposed' using errcode = '23514', constraint = 'act_unchanged';
  end if;
  return new;
end $function$;

CREATE OR REPLACE FUNCTION public.enforce_lifecycle()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
declare
  was text := case when tg_op = 'INSERT' then '' else old.state end;
begin
  if tg_op = 'UPDATE' and new.state = old.state then
    return new;
  end if;
  if not exists (select from lifecycle l where l.entity = tg_argv[0] and l.from_state = was and l.to_state = new.state) then
    raise exception '%: % to % is not a transition', tg_argv[0], was, new.state
      using errcode = 'check_violation', constraint = 'illegal_transition', table = tg_table_name;
  end if;
  return new;
end
$function$;

CREATE OR REPLACE FUNCTION public.hub_now()
 RETURNS timestamp with time zone
 LANGUAGE sql
AS $function$
  select coalesce(
    (select business_at + (clock_timestamp() - real_at) * speed from clock),
    clock_timestamp()
  )
$function$;

CREATE OR REPLACE FUNCTION public.refuse_change()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  raise exception '% is append-only', tg_table_name using errcode = 'check_violation', constraint = 'append_only', table = tg_table_name;
end
$function$;

CREATE OR REPLACE FUNCTION public.refuse_operator_account()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if exists (select from bank_account a join party p on p.id = a.party_id
             where p.is_operator and a.account_no in (new.payer_account, new.payee_account)) then
    raise exception 'the operator never holds money' using errcode = 'check_violation', constraint = 'operator_holds_no_money', table = 'payment';
  end if;
  return new;
end
$function$;

CREATE OR REPLACE FUNCTION public.release_needs_posting()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if new.state in ('APPROVED', 'SENT_TO_WH', 'EXECUTED', 'CLOSED')
     and not exists (select from repayment r where r.no = new.repayment_no and r.state = 'POSTED') then
    raise exception 'the repayment is not posted' using errcode = 'check_violation', constraint = 'release_after_posting', table = 'release_order';
  end if;
  return new;
end
$function$;

-- Triggers

CREATE TRIGGER act_unchanged BEFORE UPDATE ON act FOR EACH ROW EXECUTE FUNCTION act_unchanged();
CREATE TRIGGER application_lifecycle BEFORE INSERT OR UPDATE ON application FOR EACH ROW EXECUTE FUNCTION enforce_lifecycle('application');
CREATE TRIGGER bank_account_lifecycle BEFORE INSERT OR UPDATE ON bank_account FOR EACH ROW EXECUTE FUNCTION enforce_lifecycle('bank_account');
CREATE TRIGGER envelope_lifecycle BEFORE INSERT OR UPDATE ON envelope FOR EACH ROW EXECUTE FUNCTION enforce_lifecycle('envelope');
CREATE TRIGGER evidence_append_only BEFORE DELETE OR UPDATE ON evidence FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER evidence_not_emptied BEFORE TRUNCATE ON evidence FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER history_append_only BEFORE DELETE OR UPDATE ON history FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER history_not_emptied BEFORE TRUNCATE ON history FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER limit_movement_append_only BEFORE DELETE OR UPDATE ON limit_movement FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER limit_movement_not_emptied BEFORE TRUNCATE ON limit_movement FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER loan_lifecycle BEFORE INSERT OR UPDATE ON loan FOR EACH ROW EXECUTE FUNCTION enforce_lifecycle('loan');
CREATE TRIGGER party_lifecycle BEFORE INSERT OR UPDATE ON party FOR EACH ROW EXECUTE FUNCTION enforce_lifecycle('party');
CREATE TRIGGER payment_lifecycle BEFORE INSERT OR UPDATE ON payment FOR EACH ROW EXECUTE FUNCTION enforce_lifecycle('payment');
CREATE TRIGGER payment_operator BEFORE INSERT OR UPDATE ON payment FOR EACH ROW EXECUTE FUNCTION refuse_operator_account();
CREATE TRIGGER pledge_lifecycle BEFORE INSERT OR UPDATE ON pledge FOR EACH ROW EXECUTE FUNCTION enforce_lifecycle('pledge');
CREATE TRIGGER registration_lifecycle BEFORE INSERT OR UPDATE ON registration FOR EACH ROW EXECUTE FUNCTION enforce_lifecycle('registration');
CREATE TRIGGER release_order_lifecycle BEFORE INSERT OR UPDATE ON release_order FOR EACH ROW EXECUTE FUNCTION enforce_lifecycle('release_order');
CREATE TRIGGER release_order_posting BEFORE INSERT OR UPDATE ON release_order FOR EACH ROW EXECUTE FUNCTION release_needs_posting();
CREATE TRIGGER repayment_lifecycle BEFORE INSERT OR UPDATE ON repayment FOR EACH ROW EXECUTE FUNCTION enforce_lifecycle('repayment');
