-- Made by: npx lianshu schema. What the migrations make, for reading; do not edit.

-- Types

create domain book_currency as text CHECK ((VALUE = 'CNY'::text));
create domain fraction as numeric(8,6) CHECK (((VALUE >= (0)::numeric) AND (VALUE <= (1)::numeric)));

-- Sequences

create sequence alert_no as bigint;
create sequence case_no as bigint;

-- Tables

create table act (
  id uuid not null,
  bulk_id uuid,
  run_id uuid,
  exchange_id uuid,
  kind text not null,
  body bytea not null,
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

create table alert (
  no text not null default ((('AL'::text || to_char((hub_now() AT TIME ZONE 'Asia/Shanghai'::text), 'YYYYMMDD'::text)) || '-'::text) || lpad((nextval('alert_no'::regclass))::text, 6, '0'::text)),
  type text not null,
  level text not null,
  subject text not null,
  case_id text,
  metric text,
  measured numeric(24,6),
  threshold numeric(24,6),
  above boolean not null default true,
  latest numeric(24,6),
  opened_at timestamp with time zone not null default hub_now(),
  deadline timestamp with time zone,
  owner text,
  note text,
  rearmed_at timestamp with time zone,
  state text not null,
  constraint alert_level_check CHECK ((level = ANY (ARRAY['INFO'::text, 'WARN'::text, 'CALL'::text, 'DISPOSE'::text]))),
  constraint alert_note_check CHECK ((length(note) <= 2000)),
  constraint alert_subject_check CHECK (((length(subject) >= 1) AND (length(subject) <= 128))),
  constraint alert_type_check CHECK ((type = ANY (ARRAY['PRICE_WARN'::text, 'MARGIN_CALL'::text, 'STOCK_DIFF'::text, 'STOCK_FEED_LATE'::text, 'INVOICE_RED'::text, 'CONTRACT_CHANGED'::text, 'LIMIT_FROZEN'::text, 'OVERDUE'::text, 'REG_EXPIRING'::text, 'LICENCE_EXPIRING'::text, 'INSURANCE_EXPIRING'::text, 'DUP_ASSET'::text, 'NEGATIVE_NEWS'::text, 'CONNECTOR_DOWN'::text]))),
  constraint rearmed_when_back CHECK (((rearmed_at IS NULL) OR (threshold IS NULL) OR ((latest IS NOT NULL) AND alert_back(latest, threshold, above)))),
  constraint alert_case_id_fkey FOREIGN KEY (case_id) REFERENCES cases(id),
  constraint alert_pkey PRIMARY KEY (no)
);
alter table alert enable row level security;
alter table alert force row level security;

create table anchor (
  no text not null,
  case_id text not null,
  upto integer not null,
  head_sha256 text not null,
  tx_hash text not null,
  block_no text not null,
  anchored_at timestamp with time zone not null,
  token text,
  constraint anchor_token_check CHECK ((length(token) <= 21848)),
  constraint anchor_case_id_fkey FOREIGN KEY (case_id) REFERENCES cases(id),
  constraint anchor_pkey PRIMARY KEY (no)
);
alter table anchor enable row level security;
alter table anchor force row level security;

create table application (
  no text not null,
  case_id text not null,
  order_no text,
  borrower_id uuid not null,
  funder_id uuid,
  amount numeric(17,2) not null,
  currency book_currency not null,
  tenor_days integer not null,
  purpose text not null,
  payee_account text not null,
  state text not null,
  funder_ref text,
  approved_amount numeric(17,2),
  rate fraction,
  day_count text,
  pledge_rate fraction,
  valid_to timestamp with time zone,
  seller_no text,
  product_id text,
  product text not null default 'SPOT_PLEDGE'::text,
  disclosed boolean,
  recourse boolean,
  constraint application_amount_check CHECK ((amount > (0)::numeric)),
  constraint application_has_basis CHECK (((product = ANY (ARRAY['CREDIT'::text, 'FACTORING'::text])) OR (order_no IS NOT NULL))),
  constraint application_product_check CHECK ((product = ANY (ARRAY['CREDIT'::text, 'SPOT_PLEDGE'::text, 'FUTURE_GOODS'::text, 'FACTORING'::text]))),
  constraint approved_within_asked CHECK ((approved_amount <= amount)),
  constraint factoring_is_told CHECK (((product <> 'FACTORING'::text) OR ((disclosed IS NOT NULL) AND (recourse IS NOT NULL)))),
  constraint funder_before_decision CHECK (((funder_id IS NOT NULL) OR ((product = 'FACTORING'::text) AND (state = ANY (ARRAY['DRAFT'::text, 'SUBMITTED'::text, 'PRECHECK'::text, 'RETURNED'::text, 'ASSETS_LOCKED'::text, 'ROUTED'::text, 'WITHDRAWN'::text]))))),
  constraint funder_is_not_borrower CHECK ((funder_id <> borrower_id)),
  constraint order_has_seller CHECK (((order_no IS NULL) = (seller_no IS NULL))),
  constraint application_borrower_id_fkey FOREIGN KEY (borrower_id) REFERENCES party(id),
  constraint application_case_id_fkey FOREIGN KEY (case_id) REFERENCES cases(id),
  constraint application_funder_id_fkey FOREIGN KEY (funder_id) REFERENCES party(id),
  constraint application_payee_account_fkey FOREIGN KEY (payee_account) REFERENCES bank_account(account_no),
  constraint application_product_id_fkey FOREIGN KEY (product_id) REFERENCES configuration(id),
  constraint application_seller_no_order_no_fkey FOREIGN KEY (seller_no, order_no) REFERENCES trade_order(seller_no, order_no),
  constraint application_pkey PRIMARY KEY (no),
  constraint application_no_borrower_id_key UNIQUE (no, borrower_id)
);
alter table application enable row level security;
alter table application force row level security;

create table approval (
  id uuid not null default gen_random_uuid(),
  entity text not null,
  entity_id text not null,
  event text not null,
  payload_sha256 text not null,
  maker text not null,
  checker text,
  state text not null,
  reason text,
  source text not null default 'hub'::text,
  at timestamp with time zone not null default hub_now(),
  decided_at timestamp with time zone,
  valid_to timestamp with time zone not null default (hub_now() + '7 days'::interval),
  constraint approval_by_two CHECK ((lower(btrim(maker)) <> lower(btrim(checker)))),
  constraint approval_has_checker CHECK (((state <> ALL (ARRAY['APPROVED'::text, 'REJECTED'::text])) OR ((checker IS NOT NULL) AND (decided_at IS NOT NULL)))),
  constraint approval_maker_check CHECK ((maker <> ''::text)),
  constraint approval_entity_fkey FOREIGN KEY (entity) REFERENCES stateful(entity),
  constraint approval_pkey PRIMARY KEY (id)
);
alter table approval enable row level security;
alter table approval force row level security;

create table asset_lock (
  id bigint not null generated always as identity,
  asset_key text not null,
  application_no text not null,
  at timestamp with time zone not null default hub_now(),
  released_at timestamp with time zone,
  receivable_no text generated always as (
CASE
    WHEN (asset_key ~~ 'receivable:%'::text) THEN substr(asset_key, 12)
    ELSE NULL::text
END) stored,
  financed numeric(17,2),
  advance_rate fraction,
  share_of text,
  constraint asset_key_of_a_kind CHECK ((asset_key ~ '^(order|invoice|receivable|lot|receipt):\S+$'::text)),
  constraint receivable_lock_has_terms CHECK (((receivable_no IS NULL) OR (((financed > (0)::numeric) AND ((advance_rate)::numeric > (0)::numeric) AND ((advance_rate)::numeric <= (1)::numeric)) IS TRUE))),
  constraint share_of_receivable CHECK (((share_of IS NULL) OR ((receivable_no IS NOT NULL) AND (share_of <> application_no)))),
  constraint asset_lock_application_no_fkey FOREIGN KEY (application_no) REFERENCES application(no),
  constraint asset_lock_receivable_no_fkey FOREIGN KEY (receivable_no) REFERENCES receivable(no),
  constraint asset_lock_share_of_fkey FOREIGN KEY (share_of) REFERENCES application(no),
  constraint asset_lock_pkey PRIMARY KEY (id)
);
alter table asset_lock enable row level security;
alter table asset_lock force row level security;

create table asset_offer (
  no text not null,
  application_no text not null,
  channel text not null,
  amount numeric(17,2) not null,
  currency book_currency not null,
  min_ticket numeric(17,2) not null,
  rate_low fraction not null,
  rate_high fraction not null,
  visible_to uuid[] not null,
  closes_at timestamp with time zone not null,
  accepted numeric(17,2) not null default 0,
  final_rate fraction,
  state text not null,
  constraint final_rate_within_offer CHECK ((((final_rate)::numeric >= (rate_low)::numeric) AND ((final_rate)::numeric <= (rate_high)::numeric))),
  constraint fixed_has_rate CHECK (((state <> ALL (ARRAY['RATE_FIXED'::text, 'CONTRACTING'::text, 'FUNDED'::text])) OR (final_rate IS NOT NULL))),
  constraint full_when_fixed CHECK (((state <> ALL (ARRAY['RATE_FIXED'::text, 'CONTRACTING'::text, 'FUNDED'::text])) OR (accepted = amount))),
  constraint offer_not_oversubscribed CHECK (((accepted >= (0)::numeric) AND (accepted <= amount))),
  constraint offer_rates CHECK ((((rate_low)::numeric >= (0)::numeric) AND ((rate_low)::numeric <= (rate_high)::numeric) AND ((rate_high)::numeric < (1)::numeric))),
  constraint ticket_within_offer CHECK (((min_ticket > (0)::numeric) AND (min_ticket <= amount))),
  constraint asset_offer_application_no_fkey FOREIGN KEY (application_no) REFERENCES application(no),
  constraint asset_offer_pkey PRIMARY KEY (no)
);
alter table asset_offer enable row level security;
alter table asset_offer force row level security;

create table assignment_notice (
  no text not null,
  receivable_no text not null,
  assignee_id uuid not null,
  sent_by text not null,
  document_sha256 text not null,
  assignment_proof text,
  disclosed boolean not null,
  triggered_by text,
  channel text,
  sent_at timestamp with time zone,
  arrived_at timestamp with time zone,
  arrival_source text,
  state text not null,
  constraint arrived_after_sent CHECK ((arrived_at >= sent_at)),
  constraint assignment_notice_document_sha256_check CHECK ((document_sha256 ~ '^[0-9a-f]{64}$'::text)),
  constraint assignment_notice_sent_by_check CHECK ((sent_by = ANY (ARRAY['ASSIGNOR'::text, 'FACTOR'::text]))),
  constraint assignment_notice_triggered_by_check CHECK ((triggered_by = ANY (ARRAY['OVERDUE'::text, 'DISPUTE'::text, 'FUNDER_INSTRUCTION'::text]))),
  constraint delivered_has_arrived CHECK (((state <> ALL (ARRAY['DELIVERED'::text, 'ACKNOWLEDGED'::text])) OR ((arrived_at IS NOT NULL) AND (arrival_source IS NOT NULL)))),
  constraint factor_proves_assignment CHECK (((sent_by <> 'FACTOR'::text) OR (assignment_proof IS NOT NULL))),
  constraint held_until_triggered CHECK ((disclosed OR (state = ANY (ARRAY['DRAFT'::text, 'CANCELLED'::text])) OR (triggered_by IS NOT NULL))),
  constraint sent_has_channel CHECK (((state <> ALL (ARRAY['SENT'::text, 'DELIVERED'::text, 'ACKNOWLEDGED'::text])) OR ((sent_at IS NOT NULL) AND (channel IS NOT NULL)))),
  constraint assignment_notice_assignee_id_fkey FOREIGN KEY (assignee_id) REFERENCES party(id),
  constraint assignment_notice_receivable_no_fkey FOREIGN KEY (receivable_no) REFERENCES receivable(no),
  constraint assignment_notice_pkey PRIMARY KEY (no)
);
alter table assignment_notice enable row level security;
alter table assignment_notice force row level security;

create table bank_account (
  account_no text not null,
  party_id uuid not null,
  account_name text not null,
  bank_name text not null,
  bank_code text not null,
  state text not null,
  usages text[] not null default '{SETTLEMENT}'::text[],
  method text,
  bank_status text,
  usable_from timestamp with time zone not null,
  constraint bank_account_bank_status_check CHECK ((bank_status = ANY (ARRAY['NORMAL'::text, 'FROZEN'::text, 'CLOSED'::text, 'DORMANT'::text, 'UNKNOWN'::text]))),
  constraint bank_account_method_check CHECK ((method = ANY (ARRAY['STATUS_QUERY'::text, 'MICRO_PAYMENT'::text, 'MANUAL'::text]))),
  constraint bank_account_usages_check CHECK (((cardinality(usages) > 0) AND (usages <@ '{SETTLEMENT,LOAN,REPAYMENT,COLLECTION,FEE}'::text[]))),
  constraint bank_account_party_id_fkey FOREIGN KEY (party_id) REFERENCES party(id),
  constraint bank_account_pkey PRIMARY KEY (account_no)
);
alter table bank_account enable row level security;
alter table bank_account force row level security;

create table blacklist (
  id uuid not null default gen_random_uuid(),
  uscc text,
  subject_hash text,
  scope text not null,
  reason_code text not null,
  source text not null,
  evidence_sha256 text,
  valid_from timestamp with time zone not null default hub_now(),
  valid_to timestamp with time zone,
  state text not null,
  constraint blacklist_ends_later CHECK ((valid_to > valid_from)),
  constraint blacklist_evidence_sha256_check CHECK ((evidence_sha256 ~ '^[0-9a-f]{64}$'::text)),
  constraint blacklist_names_one CHECK ((num_nonnulls(uscc, subject_hash) = 1)),
  constraint blacklist_reason_code_check CHECK (((length(reason_code) >= 1) AND (length(reason_code) <= 64))),
  constraint blacklist_scope_check CHECK ((scope = ANY (ARRAY['LOCAL'::text, 'GROUP'::text, 'SHARED'::text]))),
  constraint blacklist_source_check CHECK ((source = ANY (ARRAY['DISHONEST_DEBTOR_LIST'::text, 'OVERDUE'::text, 'AML'::text, 'FRAUD'::text, 'MANUAL'::text]))),
  constraint blacklist_subject_hash_check CHECK ((subject_hash ~ '^[0-9a-f]{64}$'::text)),
  constraint blacklist_uscc_check CHECK (is_uscc(uscc)),
  constraint blacklist_pkey PRIMARY KEY (id)
);
alter table blacklist enable row level security;
alter table blacklist force row level security;

create table caller (
  id text not null,
  role text not null,
  party_id uuid,
  constraint caller_party_id_fkey FOREIGN KEY (party_id) REFERENCES party(id),
  constraint caller_pkey PRIMARY KEY (id)
);
alter table caller enable row level security;
alter table caller force row level security;

create table case_party (
  case_id text not null,
  party_id uuid not null,
  capacity text not null,
  at timestamp with time zone not null default hub_now(),
  constraint case_party_capacity_check CHECK ((capacity = ANY (ARRAY['SELLER'::text, 'BUYER'::text, 'BORROWER'::text, 'FUNDER'::text, 'PLEDGOR'::text, 'PLEDGEE'::text, 'SUPERVISOR'::text, 'KEEPER'::text, 'CREDITOR'::text, 'DEBTOR'::text, 'GUARANTOR'::text]))),
  constraint case_party_case_id_fkey FOREIGN KEY (case_id) REFERENCES cases(id),
  constraint case_party_party_id_fkey FOREIGN KEY (party_id) REFERENCES party(id),
  constraint case_party_pkey PRIMARY KEY (case_id, party_id, capacity)
);
alter table case_party enable row level security;
alter table case_party force row level security;

create table cases (
  id text not null,
  key text not null,
  title text not null,
  party text,
  amount numeric(17,2),
  state text not null default 'open'::text,
  opened_at timestamp with time zone not null default hub_now(),
  closed_at timestamp with time zone,
  advice text,
  constraint cases_advice_check CHECK ((length(advice) <= 1000)),
  constraint cases_pkey PRIMARY KEY (id),
  constraint cases_key_key UNIQUE (key)
);
alter table cases enable row level security;
alter table cases force row level security;

create table clock (
  only_row boolean not null default true,
  real_at timestamp with time zone not null,
  business_at timestamp with time zone not null,
  speed double precision not null,
  constraint clock_only_row_check CHECK (only_row),
  constraint clock_speed_check CHECK ((speed >= (0)::double precision)),
  constraint clock_pkey PRIMARY KEY (only_row)
);

create table configuration (
  id text not null,
  kind text not null,
  code text not null,
  version integer not null,
  body jsonb not null,
  state text not null,
  constraint configuration_code_check CHECK ((code ~ '^[a-z0-9][a-z0-9-]{0,63}$'::text)),
  constraint configuration_kind_check CHECK ((kind = ANY (ARRAY['PRODUCT'::text, 'TEMPLATE'::text, 'RULES'::text]))),
  constraint configuration_named CHECK ((id = ((((kind || '/'::text) || code) || '@'::text) || version))),
  constraint configuration_version_check CHECK ((version >= 1)),
  constraint product_consistent CHECK (((kind <> 'PRODUCT'::text) OR ((((body ->> 'disclosed'::text))::boolean OR (NOT ((body -> 'requiredDocuments'::text) ? 'debtorConfirmation'::text))) AND (((body ->> 'interestCollection'::text) <> 'UPFRONT'::text) OR ((body ->> 'type'::text) = 'FACTORING'::text)) AND (((body -> 'lines'::text) IS NULL) OR ((((body #>> '{lines,warn}'::text[]))::numeric < ((body #>> '{lines,topUp}'::text[]))::numeric) AND (((body #>> '{lines,topUp}'::text[]))::numeric < ((body #>> '{lines,dispose}'::text[]))::numeric)))))),
  constraint configuration_pkey PRIMARY KEY (id),
  constraint configuration_kind_code_version_key UNIQUE (kind, code, version)
);
alter table configuration enable row level security;
alter table configuration force row level security;

create table confirmation (
  no text not null,
  receivable_no text not null,
  version integer not null,
  form text not null default 'CREDITOR_UPLOAD'::text,
  requested_at timestamp with time zone not null default hub_now(),
  due_at timestamp with time zone not null default (hub_now() + '30 days'::interval),
  claimed_by text,
  confirmed_amount numeric(17,2),
  due_date date,
  pay_account text,
  waiver boolean,
  maker text,
  signature text,
  cert_serial text,
  confirmed_at timestamp with time zone,
  reason text,
  state text not null,
  constraint claimed_by_somebody CHECK (((state <> ALL (ARRAY['CLAIMED'::text, 'APPROVED'::text, 'CONFIRMED'::text])) OR (claimed_by IS NOT NULL))),
  constraint confirmation_confirmed_amount_check CHECK ((confirmed_amount > (0)::numeric)),
  constraint confirmation_form_check CHECK ((form = ANY (ARRAY['CREDITOR_UPLOAD'::text, 'DEBTOR_UPLOAD'::text]))),
  constraint confirmation_has_terms CHECK (((state <> ALL (ARRAY['APPROVED'::text, 'CONFIRMED'::text])) OR ((confirmed_amount IS NOT NULL) AND (due_date IS NOT NULL) AND (pay_account IS NOT NULL) AND (waiver IS NOT NULL) AND (maker IS NOT NULL)))),
  constraint confirmation_within_30_days CHECK ((due_at <= (requested_at + '30 days 00:00:01'::interval))),
  constraint confirmed_is_signed CHECK (((state <> 'CONFIRMED'::text) OR ((signature IS NOT NULL) AND (cert_serial IS NOT NULL) AND (confirmed_at IS NOT NULL)))),
  constraint rejected_says_why CHECK (((state <> 'REJECTED'::text) OR (btrim(reason) <> ''::text))),
  constraint confirmation_pay_account_fkey FOREIGN KEY (pay_account) REFERENCES bank_account(account_no),
  constraint confirmation_receivable_no_fkey FOREIGN KEY (receivable_no) REFERENCES receivable(no),
  constraint confirmation_receivable_no_version_fkey FOREIGN KEY (receivable_no, version) REFERENCES receivable_version(receivable_no, version),
  constraint confirmation_pkey PRIMARY KEY (no)
);
alter table confirmation enable row level security;
alter table confirmation force row level security;

create table consent (
  id uuid not null default gen_random_uuid(),
  party_id uuid not null,
  recipient text not null,
  purpose text not null,
  data_kinds text[] not null default '{COMPANY,PERSON,CONTACT,ACCOUNT,TRADE,FINANCE,VERIFICATION,CREDIT}'::text[],
  separate boolean not null default false,
  document_sha256 text,
  state text not null default 'GIVEN'::text,
  at timestamp with time zone not null default hub_now(),
  valid_to timestamp with time zone,
  withdrawn_at timestamp with time zone,
  constraint consent_check CHECK ((valid_to > at)),
  constraint consent_data_kinds_check CHECK (((cardinality(data_kinds) > 0) AND (data_kinds <@ '{COMPANY,PERSON,CONTACT,ACCOUNT,TRADE,FINANCE,VERIFICATION,CREDIT}'::text[]))),
  constraint consent_document_sha256_check CHECK ((document_sha256 ~ '^[0-9a-f]{64}$'::text)),
  constraint consent_purpose_check CHECK ((purpose <> ''::text)),
  constraint consent_recipient_check CHECK ((recipient <> ''::text)),
  constraint consent_party_id_fkey FOREIGN KEY (party_id) REFERENCES party(id),
  constraint consent_pkey PRIMARY KEY (id)
);
alter table consent enable row level security;
alter table consent force row level security;

create table contract_change (
  contract_id uuid not null,
  version integer not null,
  receivable_no text not null,
  at timestamp with time zone not null default hub_now(),
  constraint contract_change_contract_id_version_fkey FOREIGN KEY (contract_id, version) REFERENCES trade_contract_version(contract_id, version),
  constraint contract_change_receivable_no_fkey FOREIGN KEY (receivable_no) REFERENCES receivable(no),
  constraint contract_change_pkey PRIMARY KEY (contract_id, version, receivable_no)
);
alter table contract_change enable row level security;
alter table contract_change force row level security;

create table credit_limit (
  no text not null,
  party_id uuid not null,
  funder_id uuid not null,
  revolving boolean not null,
  total numeric(17,2) not null default 0,
  reserved numeric(17,2) not null default 0,
  used numeric(17,2) not null default 0,
  state text not null,
  currency book_currency not null default 'CNY'::text,
  valid_from date,
  valid_to date,
  rate fraction,
  decision_ref text,
  as_of timestamp with time zone not null default hub_now(),
  available numeric(17,2) generated always as (((total - used) - reserved)) stored,
  constraint credit_limit_reserved_check CHECK ((reserved >= (0)::numeric)),
  constraint credit_limit_used_check CHECK ((used >= (0)::numeric)),
  constraint limit_sufficient CHECK (((used + reserved) <= total)),
  constraint credit_limit_funder_id_fkey FOREIGN KEY (funder_id) REFERENCES party(id),
  constraint credit_limit_party_id_fkey FOREIGN KEY (party_id) REFERENCES party(id),
  constraint credit_limit_pkey PRIMARY KEY (no)
);
alter table credit_limit enable row level security;
alter table credit_limit force row level security;

create table cut_off (
  system text not null,
  operation text not null,
  at time without time zone not null,
  days text not null,
  constraint cut_off_days_check CHECK ((days = ANY (ARRAY['WORKING'::text, 'ALL'::text]))),
  constraint cut_off_pkey PRIMARY KEY (system, operation)
);

create table decision (
  id bigint not null generated always as identity,
  case_id text,
  subject text not null,
  rules_id text not null,
  inputs jsonb not null,
  outcome text not null,
  points numeric(18,9),
  requires jsonb not null,
  why jsonb not null,
  at timestamp with time zone not null default hub_now(),
  constraint decision_outcome_check CHECK ((outcome = ANY (ARRAY['pass'::text, 'refuse'::text, 'refer'::text]))),
  constraint decision_case_id_fkey FOREIGN KEY (case_id) REFERENCES cases(id),
  constraint decision_rules_id_fkey FOREIGN KEY (rules_id) REFERENCES configuration(id),
  constraint decision_pkey PRIMARY KEY (id)
);
alter table decision enable row level security;
alter table decision force row level security;

create table delivery (
  seller_no text not null,
  delivery_no text not null,
  order_no text not null,
  shipped_at timestamp with time zone not null,
  signed_at timestamp with time zone,
  lines jsonb not null,
  proof_sha256 text,
  constraint delivery_proof_sha256_check CHECK ((proof_sha256 ~ '^[0-9a-f]{64}$'::text)),
  constraint signed_after_shipped CHECK ((signed_at >= shipped_at)),
  constraint delivery_seller_no_order_no_fkey FOREIGN KEY (seller_no, order_no) REFERENCES trade_order(seller_no, order_no),
  constraint delivery_pkey PRIMARY KEY (seller_no, delivery_no)
);
alter table delivery enable row level security;
alter table delivery force row level security;

create table disclosure (
  id bigint not null generated always as identity,
  party_id uuid not null,
  recipient text not null,
  recipient_id uuid,
  purpose text not null,
  data_kinds text[] not null,
  consent_id uuid,
  legal_basis text,
  basis_note text,
  exchange_id uuid,
  document_sha256 text,
  actor text not null,
  at timestamp with time zone not null default hub_now(),
  constraint disclosure_basis_note_check CHECK (((length(basis_note) >= 4) AND (length(basis_note) <= 500))),
  constraint disclosure_data_kinds_check CHECK (((cardinality(data_kinds) > 0) AND (data_kinds <@ '{COMPANY,PERSON,CONTACT,ACCOUNT,TRADE,FINANCE,VERIFICATION,CREDIT}'::text[]))),
  constraint disclosure_document_sha256_check CHECK ((document_sha256 ~ '^[0-9a-f]{64}$'::text)),
  constraint disclosure_has_ground CHECK ((((consent_id IS NULL) = (legal_basis IS NOT NULL)) AND ((legal_basis IS NULL) OR (basis_note IS NOT NULL)))),
  constraint disclosure_legal_basis_check CHECK ((legal_basis = ANY (ARRAY['CONTRACT'::text, 'LEGAL_DUTY'::text, 'EMERGENCY'::text, 'PUBLIC'::text]))),
  constraint disclosure_names_what CHECK (((exchange_id IS NOT NULL) OR (document_sha256 IS NOT NULL))),
  constraint disclosure_purpose_check CHECK ((purpose <> ''::text)),
  constraint disclosure_recipient_check CHECK ((recipient <> ''::text)),
  constraint disclosure_consent_id_fkey FOREIGN KEY (consent_id) REFERENCES consent(id),
  constraint disclosure_party_id_fkey FOREIGN KEY (party_id) REFERENCES party(id),
  constraint disclosure_recipient_id_fkey FOREIGN KEY (recipient_id) REFERENCES party(id),
  constraint disclosure_pkey PRIMARY KEY (id)
);
alter table disclosure enable row level security;
alter table disclosure force row level security;

create table document (
  case_id text not null,
  type text not null,
  name text not null,
  sha256 text not null,
  constraint document_case_id_fkey FOREIGN KEY (case_id) REFERENCES cases(id),
  constraint document_pkey PRIMARY KEY (case_id, type, sha256)
);
alter table document enable row level security;
alter table document force row level security;

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
  vendor_status text,
  constraint completed_by_vendor CHECK (((state <> 'COMPLETED'::text) OR (NOT (vendor_status IS DISTINCT FROM 'completed'::text)))),
  constraint completed_is_verified CHECK (((state <> 'COMPLETED'::text) OR (verified_at IS NOT NULL))),
  constraint envelope_application_no_fkey FOREIGN KEY (application_no) REFERENCES application(no),
  constraint envelope_mandate_payee_fkey FOREIGN KEY (mandate_payee) REFERENCES bank_account(account_no),
  constraint envelope_pkey PRIMARY KEY (no)
);
alter table envelope enable row level security;
alter table envelope force row level security;

create table envelope_signer (
  id text not null,
  envelope_no text not null,
  "position" integer not null,
  party_id uuid not null,
  authority_no uuid not null,
  seal_id text,
  signed_at timestamp with time zone,
  cert_serial text,
  state text not null,
  constraint envelope_signer_position_check CHECK (("position" > 0)),
  constraint signer_of_envelope CHECK ((id = ((envelope_no || '/'::text) || "position"))),
  constraint envelope_signer_authority_no_fkey FOREIGN KEY (authority_no) REFERENCES sign_authority(no),
  constraint envelope_signer_envelope_no_fkey FOREIGN KEY (envelope_no) REFERENCES envelope(no),
  constraint envelope_signer_party_id_fkey FOREIGN KEY (party_id) REFERENCES party(id),
  constraint envelope_signer_pkey PRIMARY KEY (id),
  constraint envelope_signer_envelope_no_position_key UNIQUE (envelope_no, "position")
);
alter table envelope_signer enable row level security;
alter table envelope_signer force row level security;

create table event_subscription (
  caller text not null,
  channel text not null,
  party_id uuid not null,
  relation text not null,
  kinds text[] not null,
  url text,
  active boolean not null,
  at timestamp with time zone not null default hub_now(),
  constraint event_subscription_channel_check CHECK ((channel = ANY (ARRAY['POLL'::text, 'WEBHOOK'::text]))),
  constraint event_subscription_relation_check CHECK ((relation = ANY (ARRAY['borrower'::text, 'unit'::text, 'funder'::text, 'keeper'::text, 'core'::text]))),
  constraint event_subscription_url_check CHECK ((length(url) <= 500)),
  constraint event_subscription_caller_fkey FOREIGN KEY (caller) REFERENCES caller(id),
  constraint event_subscription_party_id_fkey FOREIGN KEY (party_id) REFERENCES party(id),
  constraint event_subscription_pkey PRIMARY KEY (caller, channel)
);
alter table event_subscription enable row level security;
alter table event_subscription force row level security;

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
alter table evidence enable row level security;
alter table evidence force row level security;

create table evidence_due (
  id bigint not null generated always as identity,
  case_id text not null,
  no integer not null,
  constraint evidence_due_pkey PRIMARY KEY (id),
  constraint evidence_due_case_id_no_key UNIQUE (case_id, no)
);

create table evidence_head (
  tree_size bigint not null,
  root_hash bytea not null,
  at text not null,
  key_id text not null,
  public_key text not null,
  signature text not null,
  constraint evidence_head_key_id_check CHECK ((key_id ~ '^[0-9a-f]{64}$'::text)),
  constraint evidence_head_root_hash_check CHECK ((octet_length(root_hash) = 32)),
  constraint evidence_head_signature_check CHECK ((signature ~ '^[0-9a-f]{128}$'::text)),
  constraint evidence_head_tree_size_check CHECK ((tree_size > 0)),
  constraint evidence_head_pkey PRIMARY KEY (tree_size)
);

create table evidence_leaf (
  leaf_index bigint not null,
  previous bigint generated always as ((NULLIF(leaf_index, 0) - 1)) stored,
  case_id text not null,
  no integer not null,
  hash bytea not null,
  constraint evidence_leaf_hash_check CHECK ((octet_length(hash) = 32)),
  constraint evidence_leaf_leaf_index_check CHECK ((leaf_index >= 0)),
  constraint evidence_leaf_previous_fkey FOREIGN KEY (previous) REFERENCES evidence_leaf(leaf_index),
  constraint evidence_leaf_pkey PRIMARY KEY (leaf_index),
  constraint evidence_leaf_case_id_no_key UNIQUE (case_id, no)
);

create table evidence_subtree (
  level smallint not null,
  "position" bigint not null,
  hash bytea not null,
  constraint evidence_subtree_hash_check CHECK ((octet_length(hash) = 32)),
  constraint evidence_subtree_level_check CHECK (((level >= 1) AND (level <= 53))),
  constraint evidence_subtree_position_check CHECK (("position" >= 0)),
  constraint evidence_subtree_pkey PRIMARY KEY (level, "position")
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
  request bytea,
  answer bytea,
  at timestamp with time zone not null default hub_now(),
  constraint exchange_direction_check CHECK ((direction = ANY (ARRAY['in'::text, 'out'::text]))),
  constraint exchange_state_check CHECK ((state = ANY (ARRAY['ok'::text, 'refused'::text, 'unknown'::text]))),
  constraint unmapped_is_no_success CHECK (((code IS DISTINCT FROM 'EXT_CODE_UNMAPPED'::text) OR (state <> 'ok'::text))),
  constraint exchange_pkey PRIMARY KEY (id)
);

create table exchange_part (
  exchange_id uuid not null,
  no integer not null,
  method text not null,
  path bytea not null,
  request bytea not null,
  status integer,
  answer bytea,
  ms double precision not null,
  constraint exchange_part_exchange_id_fkey FOREIGN KEY (exchange_id) REFERENCES exchange(id) ON DELETE CASCADE,
  constraint exchange_part_pkey PRIMARY KEY (exchange_id, no)
);

create table feedback_cycle (
  no text not null,
  project_id text not null,
  funder_id uuid not null,
  borrower_id uuid not null,
  period text not null,
  outcome text not null,
  why text,
  versions jsonb not null,
  withheld text[] not null,
  at timestamp with time zone not null default hub_now(),
  constraint feedback_cycle_outcome_check CHECK ((outcome = ANY (ARRAY['TAKEN'::text, 'MISSED'::text]))),
  constraint feedback_cycle_period_check CHECK ((period ~ '^\d{4}-\d{2}$'::text)),
  constraint feedback_cycle_why_check CHECK ((length(why) <= 500)),
  constraint feedback_cycle_borrower_id_fkey FOREIGN KEY (borrower_id) REFERENCES party(id),
  constraint feedback_cycle_funder_id_fkey FOREIGN KEY (funder_id) REFERENCES party(id),
  constraint feedback_cycle_project_id_fkey FOREIGN KEY (project_id) REFERENCES project(id),
  constraint feedback_cycle_pkey PRIMARY KEY (no),
  constraint feedback_cycle_project_id_funder_id_borrower_id_period_key UNIQUE (project_id, funder_id, borrower_id, period)
);
alter table feedback_cycle enable row level security;
alter table feedback_cycle force row level security;

create table funder_archive (
  party_id uuid not null,
  funder_id uuid not null,
  customer_no text,
  refusal text,
  answered_at timestamp with time zone not null default hub_now(),
  constraint funder_archive_customer_no_check CHECK (((length(customer_no) >= 1) AND (length(customer_no) <= 64))),
  constraint funder_archive_refusal_check CHECK (((length(refusal) >= 1) AND (length(refusal) <= 500))),
  constraint funder_archive_funder_id_fkey FOREIGN KEY (funder_id) REFERENCES party(id),
  constraint funder_archive_party_id_fkey FOREIGN KEY (party_id) REFERENCES party(id),
  constraint funder_archive_pkey PRIMARY KEY (party_id, funder_id)
);
alter table funder_archive enable row level security;
alter table funder_archive force row level security;

create table future_goods (
  no text not null,
  application_no text not null,
  seller_id uuid not null,
  deliver_by date not null,
  deposit numeric(17,2) not null,
  currency book_currency not null,
  deposit_ref text not null,
  undertaking_sha256 text not null,
  claim_no text,
  unsecured_since timestamp with time zone,
  state text not null,
  constraint future_goods_deposit_check CHECK ((deposit > (0)::numeric)),
  constraint future_goods_deposit_ref_check CHECK ((deposit_ref <> ''::text)),
  constraint future_goods_undertaking_sha256_check CHECK ((undertaking_sha256 ~ '^[0-9a-f]{64}$'::text)),
  constraint future_goods_application_no_fkey FOREIGN KEY (application_no) REFERENCES application(no),
  constraint future_goods_seller_id_fkey FOREIGN KEY (seller_id) REFERENCES party(id),
  constraint future_goods_pkey PRIMARY KEY (no),
  constraint future_goods_application_no_key UNIQUE (application_no),
  constraint future_goods_deposit_ref_key UNIQUE (deposit_ref)
);
alter table future_goods enable row level security;
alter table future_goods force row level security;

create table future_line (
  future_no text not null,
  line_no text not null,
  material text not null,
  unit text not null,
  price numeric(17,2) not null,
  contracted numeric(15,3) not null,
  future numeric(15,3) not null,
  transit numeric(15,3) not null default 0,
  received numeric(15,3) not null default 0,
  receipt numeric(15,3) not null default 0,
  released numeric(15,3) not null default 0,
  short numeric(15,3) not null default 0,
  constraint future_line_contracted_check CHECK ((contracted > (0)::numeric)),
  constraint future_line_price_check CHECK ((price > (0)::numeric)),
  constraint units_are_there CHECK ((LEAST(future, transit, received, receipt, released, short) >= (0)::numeric)),
  constraint units_in_one_place CHECK ((((((future + transit) + received) + receipt) + released) = (contracted - short))),
  constraint future_line_future_no_fkey FOREIGN KEY (future_no) REFERENCES future_goods(no),
  constraint future_line_pkey PRIMARY KEY (future_no, line_no)
);
alter table future_line enable row level security;
alter table future_line force row level security;

create table future_move (
  id bigint not null generated always as identity,
  future_no text not null,
  line_no text not null,
  origin text not null,
  destination text not null,
  quantity numeric(15,3) not null,
  document_no text not null,
  at timestamp with time zone not null default hub_now(),
  constraint future_move_quantity_check CHECK ((quantity > (0)::numeric)),
  constraint move_goes_on CHECK (((((((((origin = 'future'::text) AND (destination = 'transit'::text)) OR ((origin = 'transit'::text) AND (destination = 'received'::text))) OR ((origin = 'received'::text) AND (destination = 'receipt'::text))) OR ((origin = 'receipt'::text) AND (destination = 'released'::text))) OR ((origin = 'future'::text) AND (destination = 'short'::text))) OR ((origin = 'transit'::text) AND (destination = 'short'::text))) OR ((origin = 'received'::text) AND (destination = 'short'::text)))),
  constraint future_move_future_no_line_no_fkey FOREIGN KEY (future_no, line_no) REFERENCES future_line(future_no, line_no),
  constraint future_move_pkey PRIMARY KEY (id)
);
alter table future_move enable row level security;
alter table future_move force row level security;

create table gate_pass (
  release_no text not null,
  token_sha256 text not null,
  picker_id_sha256 text not null,
  vehicle text not null,
  at timestamp with time zone not null default hub_now(),
  constraint gate_pass_release_no_fkey FOREIGN KEY (release_no) REFERENCES release_order(no),
  constraint gate_pass_pkey PRIMARY KEY (release_no)
);
alter table gate_pass enable row level security;
alter table gate_pass force row level security;

create table goods_receipt (
  receipt_no text not null,
  notice_no text not null,
  warehouse text not null,
  owner_id uuid not null,
  received_at timestamp with time zone not null,
  final boolean not null,
  constraint goods_receipt_owner_id_fkey FOREIGN KEY (owner_id) REFERENCES party(id),
  constraint goods_receipt_pkey PRIMARY KEY (receipt_no)
);
alter table goods_receipt enable row level security;
alter table goods_receipt force row level security;

create table history (
  id bigint not null generated always as identity,
  entity text not null,
  entity_id text not null,
  from_state text not null,
  to_state text not null,
  event text not null,
  actor text not null,
  at timestamp with time zone not null default hub_now(),
  version integer not null,
  word text not null default ''::text,
  reason text,
  approval_id uuid,
  sha256 text not null,
  constraint history_approval_id_fkey FOREIGN KEY (approval_id) REFERENCES approval(id),
  constraint history_pkey PRIMARY KEY (id)
);
alter table history enable row level security;
alter table history force row level security;

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

create table instalment (
  loan_no text not null,
  version integer not null,
  no integer not null,
  from_on date not null,
  to_on date not null,
  due_on date not null,
  principal numeric(17,2) not null,
  interest numeric(17,2) not null,
  constraint instalment_has_days CHECK (((to_on > from_on) AND (due_on >= to_on))),
  constraint instalment_interest_check CHECK ((interest >= (0)::numeric)),
  constraint instalment_principal_check CHECK ((principal >= (0)::numeric)),
  constraint instalment_loan_no_version_fkey FOREIGN KEY (loan_no, version) REFERENCES loan_plan(loan_no, version),
  constraint instalment_pkey PRIMARY KEY (loan_no, version, no)
);
alter table instalment enable row level security;
alter table instalment force row level security;

create table invitation (
  code text not null,
  case_id text,
  party_id uuid not null,
  expires_at timestamp with time zone not null,
  used_at timestamp with time zone,
  id uuid not null default gen_random_uuid(),
  state text not null,
  inviter_id uuid,
  project_id text,
  invitee_uscc text,
  accepted_uscc text,
  sent_at timestamp with time zone,
  constraint invitation_invitee_uscc_check CHECK (is_uscc(invitee_uscc)),
  constraint invited_company_accepts CHECK (((state <> 'ACCEPTED'::text) OR (invitee_uscc IS NULL) OR (NOT (accepted_uscc IS DISTINCT FROM invitee_uscc)))),
  constraint invitation_case_id_fkey FOREIGN KEY (case_id) REFERENCES cases(id),
  constraint invitation_inviter_id_fkey FOREIGN KEY (inviter_id) REFERENCES party(id),
  constraint invitation_party_id_fkey FOREIGN KEY (party_id) REFERENCES party(id),
  constraint invitation_project_id_fkey FOREIGN KEY (project_id) REFERENCES project(id),
  constraint invitation_pkey PRIMARY KEY (code),
  constraint invitation_id_key UNIQUE (id)
);
alter table invitation enable row level security;
alter table invitation force row level security;

create table invoice (
  key text not null,
  code text,
  no text not null,
  type text not null,
  issue_date date not null,
  check_code text,
  seller_id uuid not null,
  buyer_id uuid not null,
  currency book_currency not null default 'CNY'::text,
  amount_ex_tax numeric(17,2) not null,
  tax numeric(17,2) not null,
  amount_inc_tax numeric(17,2) not null,
  red_amount numeric(17,2) not null default 0,
  used_amount numeric(17,2) not null default 0,
  uncovered_amount numeric(17,2) not null default 0,
  tax_status text not null default 'UNKNOWN'::text,
  checked_at timestamp with time zone,
  check_serial text,
  check_count integer not null default 0,
  state text not null,
  constraint invoice_adds_up CHECK (((amount_ex_tax + tax) = amount_inc_tax)),
  constraint invoice_amount_ex_tax_check CHECK ((amount_ex_tax > (0)::numeric)),
  constraint invoice_key_is_its_number CHECK ((key = (COALESCE((code || '-'::text), ''::text) || no))),
  constraint invoice_not_exhausted CHECK (((used_amount >= (0)::numeric) AND (used_amount <= ((amount_inc_tax - red_amount) + uncovered_amount)))),
  constraint invoice_numbered CHECK (
CASE
    WHEN (code IS NULL) THEN ((no ~ '^\d{20}$'::text) AND (check_code IS NULL))
    ELSE ((code ~ '^(\d{10}|\d{12})$'::text) AND (no ~ '^\d{8}$'::text) AND (COALESCE(check_code, '000000'::text) ~ '^\d{6}$'::text))
END),
  constraint invoice_tax_check CHECK ((tax >= (0)::numeric)),
  constraint invoice_tax_status_check CHECK ((tax_status = ANY (ARRAY['VALID'::text, 'VOIDED'::text, 'RED'::text, 'RED_FLUSHED'::text, 'PARTIALLY_RED'::text, 'UNKNOWN'::text]))),
  constraint invoice_type_check CHECK ((type ~ '^\d{2}$'::text)),
  constraint red_within_invoice CHECK (((red_amount >= (0)::numeric) AND (red_amount <= amount_inc_tax))),
  constraint valid_is_checked CHECK (((state <> 'CHECKED_VALID'::text) OR ((checked_at IS NOT NULL) AND (check_serial IS NOT NULL) AND (tax_status = ANY (ARRAY['VALID'::text, 'PARTIALLY_RED'::text]))))),
  constraint invoice_buyer_id_fkey FOREIGN KEY (buyer_id) REFERENCES party(id),
  constraint invoice_seller_id_fkey FOREIGN KEY (seller_id) REFERENCES party(id),
  constraint invoice_pkey PRIMARY KEY (key)
);
alter table invoice enable row level security;
alter table invoice force row level security;

create table invoice_use (
  id uuid not null default gen_random_uuid(),
  invoice_key text not null,
  receivable_no text not null,
  amount numeric(17,2) not null,
  at timestamp with time zone not null default hub_now(),
  state text not null,
  constraint invoice_use_amount_check CHECK ((amount > (0)::numeric)),
  constraint invoice_use_invoice_key_fkey FOREIGN KEY (invoice_key) REFERENCES invoice(key),
  constraint invoice_use_receivable_no_fkey FOREIGN KEY (receivable_no) REFERENCES receivable(no),
  constraint invoice_use_pkey PRIMARY KEY (id)
);
alter table invoice_use enable row level security;
alter table invoice_use force row level security;

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
  who text[] not null default '{}'::text[],
  four_eyes boolean not null default false,
  constraint lifecycle_pkey PRIMARY KEY (entity, from_state, event, to_state)
);

create table limit_movement (
  id bigint not null generated always as identity,
  limit_no text not null,
  kind text not null,
  amount numeric(17,2) not null,
  at timestamp with time zone not null default hub_now(),
  application_no text,
  repayment_no text,
  decision_ref text,
  constraint limit_movement_amount_check CHECK ((amount > (0)::numeric)),
  constraint limit_movement_kind_check CHECK ((kind = ANY (ARRAY['GRANT'::text, 'REDUCE'::text, 'RESERVE'::text, 'CONSUME'::text, 'RELEASE'::text, 'RESTORE'::text, 'UNRESTORE'::text, 'REVERSE'::text]))),
  constraint movement_names_cause CHECK ((((kind <> ALL (ARRAY['RESERVE'::text, 'CONSUME'::text, 'RELEASE'::text, 'REVERSE'::text])) OR (application_no IS NOT NULL)) AND ((kind <> ALL (ARRAY['RESTORE'::text, 'UNRESTORE'::text])) OR (repayment_no IS NOT NULL)))),
  constraint limit_movement_application_no_fkey FOREIGN KEY (application_no) REFERENCES application(no),
  constraint limit_movement_limit_no_fkey FOREIGN KEY (limit_no) REFERENCES credit_limit(no),
  constraint limit_movement_repayment_no_fkey FOREIGN KEY (repayment_no) REFERENCES repayment(no),
  constraint limit_movement_pkey PRIMARY KEY (id)
);
alter table limit_movement enable row level security;
alter table limit_movement force row level security;

create table loan (
  no text not null,
  application_no text not null,
  payment_no text not null,
  principal numeric(17,2) not null,
  balance numeric(17,2) not null default 0,
  rate fraction not null,
  day_count text not null,
  start_date date not null,
  maturity date not null,
  state text not null,
  currency book_currency not null default 'CNY'::text,
  method text not null default 'BULLET'::text,
  penalty_multiplier numeric(4,2) not null default 1.50,
  purchase boolean not null default false,
  upfront_interest numeric(17,2) not null default 0,
  interest numeric(17,2) not null default 0,
  penalty numeric(17,2) not null default 0,
  compound numeric(17,2) not null default 0,
  fee numeric(17,2) not null default 0,
  funder_id uuid,
  funder_no text,
  constraint balance_within_principal CHECK (((balance >= (0)::numeric) AND (balance <= principal))),
  constraint loan_method_check CHECK ((method = ANY (ARRAY['BULLET'::text, 'INTEREST_MONTHLY'::text, 'EQUAL_PRINCIPAL'::text, 'EQUAL_INSTALMENT'::text]))),
  constraint loan_penalty_multiplier_check CHECK (((penalty_multiplier >= (1)::numeric) AND (penalty_multiplier <= (2)::numeric))),
  constraint loan_principal_check CHECK ((principal > (0)::numeric)),
  constraint loan_upfront_interest_check CHECK ((upfront_interest >= (0)::numeric)),
  constraint owes_no_less_than_nothing CHECK (((interest >= (0)::numeric) AND (penalty >= (0)::numeric) AND (compound >= (0)::numeric) AND (fee >= (0)::numeric))),
  constraint settled_owes_nothing CHECK (((state <> ALL (ARRAY['SETTLED'::text, 'REVERSED'::text])) OR (((((balance + interest) + penalty) + compound) + fee) = (0)::numeric))),
  constraint upfront_only_for_purchase CHECK (((upfront_interest = (0)::numeric) OR purchase)),
  constraint loan_application_no_fkey FOREIGN KEY (application_no) REFERENCES application(no),
  constraint loan_funder_id_fkey FOREIGN KEY (funder_id) REFERENCES party(id),
  constraint loan_payment_no_fkey FOREIGN KEY (payment_no) REFERENCES payment(no),
  constraint loan_pkey PRIMARY KEY (no),
  constraint loan_application_no_key UNIQUE (application_no),
  constraint loan_payment_no_key UNIQUE (payment_no)
);
alter table loan enable row level security;
alter table loan force row level security;

create table loan_entry (
  id bigint not null generated always as identity,
  loan_no text not null,
  kind text not null,
  item text not null,
  amount numeric(17,2) not null,
  value_on date not null,
  from_on date,
  base numeric(17,2),
  rate fraction,
  day_count text,
  repayment_no text,
  reverses bigint,
  reason text,
  at timestamp with time zone not null default hub_now(),
  constraint entry_has_its_sign CHECK (
CASE kind
    WHEN 'DISBURSE'::text THEN ((amount > (0)::numeric) AND (item = 'PRINCIPAL'::text))
    WHEN 'ACCRUE'::text THEN ((amount >= (0)::numeric) AND (item <> 'PRINCIPAL'::text))
    WHEN 'ALLOCATE'::text THEN (amount < (0)::numeric)
    WHEN 'ADJUST'::text THEN ((item <> 'PRINCIPAL'::text) AND (reason IS NOT NULL))
    ELSE true
END),
  constraint entry_names_cause CHECK ((((kind = 'ALLOCATE'::text) <= (repayment_no IS NOT NULL)) AND ((kind = 'REVERSE'::text) = (reverses IS NOT NULL)) AND ((kind = 'ACCRUE'::text) <= ((from_on IS NOT NULL) AND (value_on >= from_on))))),
  constraint loan_entry_item_check CHECK ((item = ANY (ARRAY['PRINCIPAL'::text, 'INTEREST'::text, 'PENALTY'::text, 'COMPOUND'::text, 'FEE'::text]))),
  constraint loan_entry_kind_check CHECK ((kind = ANY (ARRAY['DISBURSE'::text, 'ACCRUE'::text, 'ALLOCATE'::text, 'ADJUST'::text, 'REVERSE'::text]))),
  constraint penalty_recomputes CHECK (((kind <> 'ACCRUE'::text) OR (item <> ALL (ARRAY['PENALTY'::text, 'COMPOUND'::text])) OR ((amount = interest_fen(((base * (rate)::numeric) * (interest_days(day_count, from_on, value_on))::numeric), day_count)) IS TRUE))),
  constraint loan_entry_loan_no_fkey FOREIGN KEY (loan_no) REFERENCES loan(no),
  constraint loan_entry_repayment_no_fkey FOREIGN KEY (repayment_no) REFERENCES repayment(no),
  constraint loan_entry_reverses_fkey FOREIGN KEY (reverses) REFERENCES loan_entry(id),
  constraint loan_entry_pkey PRIMARY KEY (id),
  constraint loan_entry_reverses_key UNIQUE (reverses)
);
alter table loan_entry enable row level security;
alter table loan_entry force row level security;

create table loan_plan (
  loan_no text not null,
  version integer not null,
  principal numeric(17,2) not null,
  from_on date not null,
  reason text not null,
  at timestamp with time zone not null default hub_now(),
  constraint loan_plan_principal_check CHECK ((principal > (0)::numeric)),
  constraint loan_plan_version_check CHECK ((version > 0)),
  constraint loan_plan_loan_no_fkey FOREIGN KEY (loan_no) REFERENCES loan(no),
  constraint loan_plan_pkey PRIMARY KEY (loan_no, version)
);
alter table loan_plan enable row level security;
alter table loan_plan force row level security;

create table manual_entry (
  id uuid not null default gen_random_uuid(),
  system text not null,
  message text not null,
  business_key text not null,
  event_id text not null,
  payload_sha256 text not null,
  document_sha256 text,
  reason text not null,
  channel text not null default 'MANUAL'::text,
  at timestamp with time zone not null default hub_now(),
  state text not null,
  constraint manual_entry_business_key_check CHECK ((business_key <> ''::text)),
  constraint manual_entry_channel_check CHECK ((channel = 'MANUAL'::text)),
  constraint manual_entry_message_check CHECK ((message <> ''::text)),
  constraint manual_entry_payload_sha256_check CHECK ((payload_sha256 ~ '^[0-9a-f]{64}$'::text)),
  constraint manual_entry_reason_check CHECK (((length(btrim(reason)) >= 4) AND (length(btrim(reason)) <= 500))),
  constraint manual_entry_system_check CHECK ((system <> ''::text)),
  constraint manual_has_document CHECK (((document_sha256 IS NOT NULL) AND (document_sha256 ~ '^[0-9a-f]{64}$'::text))),
  constraint manual_entry_pkey PRIMARY KEY (id)
);
alter table manual_entry enable row level security;
alter table manual_entry force row level security;

create table margin_entry (
  no text not null,
  pledge_no text not null,
  amount numeric(17,2) not null,
  currency book_currency not null,
  statement_ref text not null,
  at timestamp with time zone not null default hub_now(),
  constraint margin_entry_amount_check CHECK ((amount <> (0)::numeric)),
  constraint margin_entry_statement_ref_check CHECK ((statement_ref <> ''::text)),
  constraint margin_entry_pledge_no_fkey FOREIGN KEY (pledge_no) REFERENCES pledge(no),
  constraint margin_entry_pkey PRIMARY KEY (no),
  constraint margin_entry_statement_ref_key UNIQUE (statement_ref)
);
alter table margin_entry enable row level security;
alter table margin_entry force row level security;

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
  state text not null,
  is_operator boolean not null default false,
  entity_type text not null default 'COMPANY'::text,
  registered_address text,
  established_on date,
  licence_valid_to date,
  enterprise_size text,
  group_code text,
  industry_code text,
  risk_tags text[] not null default '{}'::text[],
  reverify_since timestamp with time zone,
  name_changed_at timestamp with time zone,
  constraint party_enterprise_size_check CHECK ((enterprise_size = ANY (ARRAY['LARGE'::text, 'MEDIUM'::text, 'SMALL'::text, 'MICRO'::text]))),
  constraint party_entity_type_check CHECK ((entity_type = ANY (ARRAY['COMPANY'::text, 'PARTNERSHIP'::text, 'SOLE_PROPRIETOR'::text, 'PUBLIC_INSTITUTION'::text, 'GOVERNMENT'::text, 'FOREIGN'::text]))),
  constraint party_uscc_check CHECK ((uscc ~ '^[0-9A-HJ-NPQRTUWXY]{18}$'::text)),
  constraint uscc_check_digit CHECK (is_uscc(uscc)),
  constraint party_pkey PRIMARY KEY (id),
  constraint party_uscc_key UNIQUE (uscc)
);
alter table party enable row level security;
alter table party force row level security;

create table party_certificate (
  party_id uuid not null,
  issuer text not null,
  serial text not null,
  valid_to timestamp with time zone not null,
  constraint party_certificate_party_id_fkey FOREIGN KEY (party_id) REFERENCES party(id),
  constraint party_certificate_pkey PRIMARY KEY (issuer, serial)
);
alter table party_certificate enable row level security;
alter table party_certificate force row level security;

create table party_event (
  id bigint not null generated always as identity,
  txid xid8 not null default pg_current_xact_id(),
  caller text not null,
  channel text not null,
  party_id uuid not null,
  kind text not null,
  case_id text,
  body jsonb not null,
  at timestamp with time zone not null default hub_now(),
  attempts integer not null default 0,
  due_at timestamp with time zone,
  delivered_at timestamp with time zone,
  problem text,
  constraint party_event_problem_check CHECK ((length(problem) <= 500)),
  constraint party_event_party_id_fkey FOREIGN KEY (party_id) REFERENCES party(id),
  constraint party_event_pkey PRIMARY KEY (id)
);
alter table party_event enable row level security;
alter table party_event force row level security;

create table party_ref (
  system text not null,
  value text not null,
  party_id uuid not null,
  constraint party_ref_party_id_fkey FOREIGN KEY (party_id) REFERENCES party(id),
  constraint party_ref_pkey PRIMARY KEY (system, value)
);
alter table party_ref enable row level security;
alter table party_ref force row level security;

create table party_role (
  id uuid not null default gen_random_uuid(),
  party_id uuid not null,
  role text not null,
  state text not null,
  licence_no text,
  licence_sha256 text,
  by_setup boolean not null default false,
  constraint funder_is_licensed CHECK (((role <> 'FUNDER'::text) OR by_setup OR (state <> ALL (ARRAY['ACTIVE'::text, 'SUSPENDED'::text])) OR ((licence_no IS NOT NULL) AND (licence_sha256 IS NOT NULL)))),
  constraint party_role_licence_sha256_check CHECK ((licence_sha256 ~ '^[0-9a-f]{64}$'::text)),
  constraint party_role_role_check CHECK ((role = ANY (ARRAY['CORE'::text, 'SUPPLIER'::text, 'DEALER'::text, 'FUNDER'::text, 'WAREHOUSE'::text, 'SUPERVISOR'::text, 'TRADING_UNIT'::text, 'GUARANTOR'::text, 'OPERATOR'::text]))),
  constraint party_role_party_id_fkey FOREIGN KEY (party_id) REFERENCES party(id),
  constraint party_role_pkey PRIMARY KEY (id),
  constraint party_role_party_id_role_key UNIQUE (party_id, role)
);
alter table party_role enable row level security;
alter table party_role force row level security;

create table payment (
  no text not null,
  purpose text not null,
  application_no text not null,
  payer_account text,
  payee_account text not null,
  amount numeric(17,2) not null,
  currency book_currency not null,
  state text not null,
  serial_no text,
  settled_at timestamp with time zone,
  previous_no text,
  created_at timestamp with time zone not null default hub_now(),
  constraint payment_amount_check CHECK ((amount > (0)::numeric)),
  constraint payment_purpose_check CHECK ((purpose = ANY (ARRAY['DISBURSE'::text, 'DISBURSE_SELF'::text, 'REPAY'::text, 'COLLECTION_SPLIT'::text, 'FEE'::text, 'REFUND'::text]))),
  constraint payment_application_no_fkey FOREIGN KEY (application_no) REFERENCES application(no),
  constraint payment_previous_no_fkey FOREIGN KEY (previous_no) REFERENCES payment(no),
  constraint payment_pkey PRIMARY KEY (no)
);
alter table payment enable row level security;
alter table payment force row level security;

create table pledge (
  no text not null,
  application_no text not null,
  pledgor_id uuid not null,
  pledgee_id uuid not null,
  supervisor_id uuid not null,
  basis text not null,
  secured_amount numeric(17,2) not null,
  pledge_rate fraction not null,
  state text not null,
  lock_no text,
  receipt_no text,
  receipt_sha256 text,
  control_at timestamp with time zone,
  registration_no text,
  custody_no text,
  currency book_currency not null default 'CNY'::text,
  min_floor_value numeric(17,2),
  supervision_no text,
  effective_at timestamp with time zone,
  warn_rate fraction not null default 0.75,
  call_rate fraction not null default 0.80,
  dispose_rate fraction not null default 0.90,
  constraint effective_is_proven CHECK (((state <> ALL (ARRAY['EFFECTIVE'::text, 'PARTIALLY_RELEASED'::text, 'RELEASED'::text])) OR ((control_at IS NOT NULL) AND (registration_no IS NOT NULL) AND (custody_no IS NOT NULL)))),
  constraint floor_of_floating CHECK (((basis = 'STOCK_FLOATING'::text) = (min_floor_value IS NOT NULL))),
  constraint lines_ascend CHECK ((((pledge_rate)::numeric <= (warn_rate)::numeric) AND ((warn_rate)::numeric < (call_rate)::numeric) AND ((call_rate)::numeric < (dispose_rate)::numeric) AND ((dispose_rate)::numeric <= (1)::numeric))) NOT VALID,
  constraint pledge_basis_check CHECK ((basis = ANY (ARRAY['RECEIPT'::text, 'STOCK_STATIC'::text, 'STOCK_FLOATING'::text]))),
  constraint pledge_min_floor_value_check CHECK ((min_floor_value > (0)::numeric)),
  constraint receipt_pledge_has_receipt CHECK (((basis <> 'RECEIPT'::text) OR (receipt_no IS NOT NULL) OR (state <> ALL (ARRAY['EFFECTIVE'::text, 'PARTIALLY_RELEASED'::text, 'RELEASED'::text, 'DISPOSING'::text, 'DISPOSED'::text])))) NOT VALID,
  constraint supervisor_independent CHECK ((supervisor_id <> pledgor_id)),
  constraint pledge_application_no_fkey FOREIGN KEY (application_no) REFERENCES application(no),
  constraint pledge_pledgee_id_fkey FOREIGN KEY (pledgee_id) REFERENCES party(id),
  constraint pledge_pledgor_id_fkey FOREIGN KEY (pledgor_id) REFERENCES party(id),
  constraint pledge_receipt_is_known FOREIGN KEY (receipt_no) REFERENCES warehouse_receipt(no) NOT VALID,
  constraint pledge_supervisor_id_fkey FOREIGN KEY (supervisor_id) REFERENCES party(id),
  constraint pledge_pkey PRIMARY KEY (no),
  constraint pledge_application_no_key UNIQUE (application_no)
);
alter table pledge enable row level security;
alter table pledge force row level security;

create table pledge_change (
  no text not null,
  pledge_no text not null,
  kind text not null,
  reason text not null,
  lock_no text,
  control_at timestamp with time zone,
  registration_no text,
  state text not null,
  receipt_no text,
  constraint change_is_controlled CHECK (((state <> ALL (ARRAY['APPROVED'::text, 'REGISTERED'::text, 'DONE'::text])) OR ((lock_no IS NOT NULL) AND (control_at IS NOT NULL)))),
  constraint change_is_registered CHECK (((state <> ALL (ARRAY['REGISTERED'::text, 'DONE'::text])) OR (registration_no IS NOT NULL))),
  constraint pledge_change_kind_check CHECK ((kind = ANY (ARRAY['SUBSTITUTION'::text, 'TOP_UP'::text]))),
  constraint pledge_change_pledge_no_fkey FOREIGN KEY (pledge_no) REFERENCES pledge(no),
  constraint pledge_change_receipt_no_fkey FOREIGN KEY (receipt_no) REFERENCES warehouse_receipt(no),
  constraint pledge_change_pkey PRIMARY KEY (no)
);
alter table pledge_change enable row level security;
alter table pledge_change force row level security;

create table pledge_item (
  pledge_no text not null,
  lot_no text not null,
  quantity numeric(15,3) not null,
  released numeric(15,3) not null default 0,
  price numeric(17,2) not null,
  price_at timestamp with time zone not null,
  closed boolean not null default false,
  change_no text,
  lost numeric(15,3) not null default 0,
  open numeric(15,3) generated always as (((quantity - released) - lost)) stored,
  constraint closed_when_released CHECK (((NOT closed) OR ((released + lost) = quantity))),
  constraint pledge_item_price_check CHECK ((price > (0)::numeric)),
  constraint pledge_item_quantity_check CHECK ((quantity > (0)::numeric)),
  constraint released_within_pledged CHECK (((released >= (0)::numeric) AND (lost >= (0)::numeric) AND ((released + lost) <= quantity))),
  constraint pledge_item_change_no_fkey FOREIGN KEY (change_no) REFERENCES pledge_change(no),
  constraint pledge_item_lot_no_fkey FOREIGN KEY (lot_no) REFERENCES stock_lot(lot_no),
  constraint pledge_item_pledge_no_fkey FOREIGN KEY (pledge_no) REFERENCES pledge(no),
  constraint pledge_item_pkey PRIMARY KEY (pledge_no, lot_no)
);
alter table pledge_item enable row level security;
alter table pledge_item force row level security;

create table price_quote (
  material text not null,
  quote_date date not null,
  price numeric(17,2) not null,
  unit text not null,
  source text not null,
  as_of timestamp with time zone not null,
  currency book_currency not null default 'CNY'::text,
  quoted_by text not null default 'feed'::text,
  good_until timestamp with time zone not null,
  held boolean not null default false,
  confirmed_by text,
  constraint price_quote_price_check CHECK ((price > (0)::numeric)),
  constraint quote_confirmed_by_another CHECK ((confirmed_by <> quoted_by)),
  constraint price_quote_pkey PRIMARY KEY (material, quote_date, source)
);
alter table price_quote enable row level security;
alter table price_quote force row level security;

create table project (
  id text not null,
  seller_no text not null,
  unit_id uuid not null,
  keeper_id uuid not null,
  warehouse text not null,
  pledge_rate fraction not null,
  systems jsonb not null,
  product_id text,
  company_code text not null,
  constraint project_keeper_id_fkey FOREIGN KEY (keeper_id) REFERENCES party(id),
  constraint project_product_id_fkey FOREIGN KEY (product_id) REFERENCES configuration(id),
  constraint project_unit_id_fkey FOREIGN KEY (unit_id) REFERENCES party(id),
  constraint project_pkey PRIMARY KEY (id),
  constraint project_seller_no_key UNIQUE (seller_no)
);
alter table project enable row level security;
alter table project force row level security;

create table project_funder (
  project_id text not null,
  place integer not null,
  funder_id uuid not null,
  system text not null,
  constraint project_funder_place_check CHECK ((place >= 0)),
  constraint project_funder_funder_id_fkey FOREIGN KEY (funder_id) REFERENCES party(id),
  constraint project_funder_project_id_fkey FOREIGN KEY (project_id) REFERENCES project(id),
  constraint project_funder_pkey PRIMARY KEY (project_id, place),
  constraint project_funder_once UNIQUE (project_id, funder_id)
);
alter table project_funder enable row level security;
alter table project_funder force row level security;

create table quote_set (
  id text not null,
  at timestamp with time zone not null default hub_now(),
  business_date date not null,
  constraint quote_set_pkey PRIMARY KEY (id)
);
alter table quote_set enable row level security;
alter table quote_set force row level security;

create table quote_set_item (
  set_id text not null,
  material text not null,
  unit text not null,
  price numeric(17,2) not null,
  stale boolean not null,
  haircut fraction not null,
  used numeric(25,8) not null,
  source text not null,
  as_of timestamp with time zone not null,
  constraint haircut_of_stale CHECK (((stale OR ((haircut)::numeric = (0)::numeric)) AND (used = (price * ((1)::numeric - (haircut)::numeric))))),
  constraint quote_set_item_haircut_check CHECK ((((haircut)::numeric >= (0)::numeric) AND ((haircut)::numeric < (1)::numeric))),
  constraint quote_set_item_price_check CHECK ((price > (0)::numeric)),
  constraint quote_set_item_set_id_fkey FOREIGN KEY (set_id) REFERENCES quote_set(id),
  constraint quote_set_item_pkey PRIMARY KEY (set_id, material, unit)
);
alter table quote_set_item enable row level security;
alter table quote_set_item force row level security;

create table receipt_endorsement (
  receipt_no text not null,
  no integer not null,
  kind text not null,
  endorser_id uuid not null,
  endorsee_id uuid not null,
  endorser_sha256 text not null,
  keeper_sha256 text not null,
  at timestamp with time zone not null default hub_now(),
  constraint receipt_endorsement_endorser_sha256_check CHECK ((endorser_sha256 ~ '^[0-9a-f]{64}$'::text)),
  constraint receipt_endorsement_keeper_sha256_check CHECK ((keeper_sha256 ~ '^[0-9a-f]{64}$'::text)),
  constraint receipt_endorsement_kind_check CHECK ((kind = ANY (ARRAY['TRANSFER'::text, 'PLEDGE'::text]))),
  constraint receipt_endorsement_endorsee_id_fkey FOREIGN KEY (endorsee_id) REFERENCES party(id),
  constraint receipt_endorsement_endorser_id_fkey FOREIGN KEY (endorser_id) REFERENCES party(id),
  constraint receipt_endorsement_receipt_no_fkey FOREIGN KEY (receipt_no) REFERENCES warehouse_receipt(no),
  constraint receipt_endorsement_pkey PRIMARY KEY (receipt_no, no)
);
alter table receipt_endorsement enable row level security;
alter table receipt_endorsement force row level security;

create table receipt_item (
  receipt_no text not null,
  lot_no text not null,
  variety text not null,
  spec text,
  quantity numeric(15,3) not null,
  delivered numeric(15,3) not null default 0,
  unit text not null,
  quality text,
  packaging text,
  pieces integer,
  marks text,
  bound boolean not null default true,
  constraint delivered_within_receipt CHECK (((delivered >= (0)::numeric) AND (delivered <= quantity))),
  constraint receipt_item_pieces_check CHECK ((pieces >= 0)),
  constraint receipt_item_quantity_check CHECK ((quantity > (0)::numeric)),
  constraint receipt_item_variety_check CHECK ((variety <> ''::text)),
  constraint receipt_item_lot_no_fkey FOREIGN KEY (lot_no) REFERENCES stock_lot(lot_no),
  constraint receipt_item_receipt_no_fkey FOREIGN KEY (receipt_no) REFERENCES warehouse_receipt(no),
  constraint receipt_item_pkey PRIMARY KEY (receipt_no, lot_no)
);
alter table receipt_item enable row level security;
alter table receipt_item force row level security;

create table receipt_link (
  child_no text not null,
  parent_no text not null,
  constraint receipt_is_not_its_parent CHECK ((child_no <> parent_no)),
  constraint receipt_link_child_no_fkey FOREIGN KEY (child_no) REFERENCES warehouse_receipt(no),
  constraint receipt_link_parent_no_fkey FOREIGN KEY (parent_no) REFERENCES warehouse_receipt(no),
  constraint receipt_link_pkey PRIMARY KEY (child_no, parent_no)
);
alter table receipt_link enable row level security;
alter table receipt_link force row level security;

create table receivable (
  no text not null,
  creditor_id uuid not null,
  debtor_id uuid not null,
  contract_id uuid not null,
  currency book_currency not null,
  version integer not null default 1,
  collected numeric(17,2) not null default 0,
  state text not null,
  constraint debtor_is_not_creditor CHECK ((creditor_id <> debtor_id)),
  constraint receivable_collected_check CHECK ((collected >= (0)::numeric)),
  constraint receivable_contract_id_fkey FOREIGN KEY (contract_id) REFERENCES trade_contract(id),
  constraint receivable_creditor_id_fkey FOREIGN KEY (creditor_id) REFERENCES party(id),
  constraint receivable_debtor_id_fkey FOREIGN KEY (debtor_id) REFERENCES party(id),
  constraint receivable_no_version_fkey FOREIGN KEY (no, version) REFERENCES receivable_version(receivable_no, version) DEFERRABLE INITIALLY DEFERRED,
  constraint receivable_pkey PRIMARY KEY (no)
);
alter table receivable enable row level security;
alter table receivable force row level security;

create table receivable_certificate (
  no text not null,
  receivable_no text not null,
  issuer_id uuid not null,
  holder_id uuid not null,
  function text not null,
  amount numeric(17,2) not null,
  currency book_currency not null,
  start_date date not null,
  end_date date not null,
  long_term_reason text,
  issuer_signature text,
  platform_signature text,
  state text not null,
  constraint certificate_is_signed CHECK (((state = ANY (ARRAY['DRAFT'::text, 'CANCELLED'::text])) OR ((issuer_signature IS NOT NULL) AND (platform_signature IS NOT NULL)))),
  constraint certificate_term CHECK (((end_date > start_date) AND (end_date <= (start_date + '1 year'::interval)))),
  constraint long_certificate_has_reason CHECK (((end_date <= (start_date + '6 mons'::interval)) OR (COALESCE(btrim(long_term_reason), ''::text) <> ''::text))),
  constraint receivable_certificate_amount_check CHECK ((amount > (0)::numeric)),
  constraint receivable_certificate_function_check CHECK ((function = ANY (ARRAY['PAYMENT'::text, 'FINANCING'::text]))),
  constraint receivable_certificate_holder_id_fkey FOREIGN KEY (holder_id) REFERENCES party(id),
  constraint receivable_certificate_issuer_id_fkey FOREIGN KEY (issuer_id) REFERENCES party(id),
  constraint receivable_certificate_receivable_no_fkey FOREIGN KEY (receivable_no) REFERENCES receivable(no),
  constraint receivable_certificate_pkey PRIMARY KEY (no)
);
alter table receivable_certificate enable row level security;
alter table receivable_certificate force row level security;

create table receivable_version (
  receivable_no text not null,
  version integer not null,
  gross_amount numeric(17,2) not null,
  deductions numeric(17,2) not null default 0,
  net_amount numeric(17,2) not null generated always as ((gross_amount - deductions)) stored,
  due_date date not null,
  pay_account text not null,
  reason text not null default ''::text,
  at timestamp with time zone not null default hub_now(),
  constraint deductions_within_gross CHECK (((deductions >= (0)::numeric) AND (deductions < gross_amount))),
  constraint receivable_version_gross_amount_check CHECK ((gross_amount > (0)::numeric)),
  constraint receivable_version_version_check CHECK ((version > 0)),
  constraint receivable_version_pay_account_fkey FOREIGN KEY (pay_account) REFERENCES bank_account(account_no),
  constraint receivable_version_receivable_no_fkey FOREIGN KEY (receivable_no) REFERENCES receivable(no),
  constraint receivable_version_pkey PRIMARY KEY (receivable_no, version)
);
alter table receivable_version enable row level security;
alter table receivable_version force row level security;

create table recon_case (
  no text not null,
  run_no text,
  item_key text,
  subject text not null,
  difference text not null,
  owner text,
  due_on date not null,
  resolution text,
  state text not null,
  constraint resolved_says_how CHECK (((state <> ALL (ARRAY['RESOLVED'::text, 'CLOSED'::text])) OR (resolution IS NOT NULL))),
  constraint recon_case_run_no_item_key_fkey FOREIGN KEY (run_no, item_key) REFERENCES recon_item(run_no, key),
  constraint recon_case_pkey PRIMARY KEY (no)
);
alter table recon_case enable row level security;
alter table recon_case force row level security;

create table recon_item (
  run_no text not null,
  key text not null,
  hub_amount numeric(17,2),
  ext_amount numeric(17,2),
  hub_state text,
  ext_state text,
  verdict text not null generated always as (
CASE
    WHEN (hub_amount IS NULL) THEN 'ONLY_EXT'::text
    WHEN (ext_amount IS NULL) THEN 'ONLY_HUB'::text
    WHEN (hub_amount <> ext_amount) THEN 'AMOUNT_DIFF'::text
    WHEN (hub_state IS DISTINCT FROM ext_state) THEN 'STATUS_DIFF'::text
    ELSE 'MATCHED'::text
END) stored,
  constraint item_is_somewhere CHECK (((hub_amount IS NOT NULL) OR (ext_amount IS NOT NULL))),
  constraint recon_item_run_no_fkey FOREIGN KEY (run_no) REFERENCES recon_run(no),
  constraint recon_item_pkey PRIMARY KEY (run_no, key)
);
alter table recon_item enable row level security;
alter table recon_item force row level security;

create table recon_run (
  no text not null,
  on_date date not null,
  connector text not null,
  type text not null,
  funder_id uuid,
  file_sha256 text not null,
  control_count integer not null,
  control_sum numeric(17,2) not null,
  state text not null,
  constraint recon_run_control_count_check CHECK ((control_count >= 0)),
  constraint recon_run_file_sha256_check CHECK ((file_sha256 ~ '^[0-9a-f]{64}$'::text)),
  constraint recon_run_type_check CHECK ((type = ANY (ARRAY['FUND'::text, 'LOAN'::text, 'CERT'::text, 'STOCK'::text, 'LIMIT'::text]))),
  constraint recon_run_funder_id_fkey FOREIGN KEY (funder_id) REFERENCES party(id),
  constraint recon_run_pkey PRIMARY KEY (no)
);
alter table recon_run enable row level security;
alter table recon_run force row level security;

create table registration (
  request_no text not null,
  pledge_no text,
  state text not null,
  search_no text,
  searched_at timestamp with time zone,
  submitted_at timestamp with time zone default hub_now(),
  registration_no text,
  amend_code text,
  registered_at timestamp with time zone,
  expires_at timestamp with time zone,
  cancelled_at timestamp with time zone,
  application_no text,
  subscription_no text,
  cancel_due date,
  amend_due date,
  objected_at timestamp with time zone,
  constraint cancelled_is_dated CHECK (((state <> 'CANCELLED'::text) OR (cancelled_at IS NOT NULL))),
  constraint registered_has_number CHECK (((state = ANY (ARRAY['DRAFT'::text, 'SEARCHED'::text, 'SUBMITTED'::text, 'FAILED'::text])) OR ((registration_no IS NOT NULL) AND (registered_at IS NOT NULL) AND (expires_at IS NOT NULL)))),
  constraint registration_of_financing CHECK ((application_no IS NOT NULL)),
  constraint registration_term CHECK (((expires_at >= (registered_at + '27 days'::interval)) AND (expires_at <= (registered_at + '30 years 2 days'::interval)))),
  constraint search_is_fresh CHECK (((submitted_at - searched_at) < '24:00:00'::interval)),
  constraint submitted_is_searched CHECK (((state = ANY (ARRAY['DRAFT'::text, 'SEARCHED'::text, 'FAILED'::text])) OR ((search_no IS NOT NULL) AND (searched_at IS NOT NULL) AND (submitted_at IS NOT NULL)))),
  constraint registration_application_no_fkey FOREIGN KEY (application_no) REFERENCES application(no),
  constraint registration_pledge_no_fkey FOREIGN KEY (pledge_no) REFERENCES pledge(no),
  constraint registration_subscription_no_fkey FOREIGN KEY (subscription_no) REFERENCES subscription(no),
  constraint registration_pkey PRIMARY KEY (request_no),
  constraint registration_registration_no_key UNIQUE (registration_no)
);
alter table registration enable row level security;
alter table registration force row level security;

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
alter table release_item enable row level security;
alter table release_item force row level security;

create table release_order (
  no text not null,
  pledge_no text not null,
  repayment_no text,
  state text not null,
  token_sha256 text,
  valid_to timestamp with time zone,
  maker text,
  checker text,
  outbound_no text,
  ground text not null default 'REPAYMENT'::text,
  change_no text,
  picker_id_sha256 text,
  picker_vehicle text,
  outbound_at timestamp with time zone,
  constraint decided_by_two CHECK (((state = ANY (ARRAY['DRAFT'::text, 'PENDING_FND'::text, 'REJECTED'::text, 'CANCELLED'::text])) OR ((maker IS NOT NULL) AND (checker IS NOT NULL)))),
  constraint maker_is_not_checker CHECK ((maker <> checker)),
  constraint outbound_in_time CHECK (COALESCE((outbound_at <= valid_to), (state <> ALL (ARRAY['EXECUTED'::text, 'CLOSED'::text])))) NOT VALID,
  constraint release_has_ground CHECK ((((ground = 'REPAYMENT'::text) = (repayment_no IS NOT NULL)) AND ((ground = 'SUBSTITUTION'::text) = (change_no IS NOT NULL)))),
  constraint release_order_ground_check CHECK ((ground = ANY (ARRAY['REPAYMENT'::text, 'SUBSTITUTION'::text, 'TOP_UP_EXCESS'::text, 'CASH_MARGIN'::text]))),
  constraint release_order_picker_id_sha256_check CHECK ((picker_id_sha256 ~ '^[0-9a-f]{64}$'::text)),
  constraint release_order_change_no_fkey FOREIGN KEY (change_no) REFERENCES pledge_change(no),
  constraint release_order_pledge_no_fkey FOREIGN KEY (pledge_no) REFERENCES pledge(no),
  constraint release_order_repayment_no_fkey FOREIGN KEY (repayment_no) REFERENCES repayment(no),
  constraint release_order_pkey PRIMARY KEY (no),
  constraint release_order_outbound_no_key UNIQUE (outbound_no)
);
alter table release_order enable row level security;
alter table release_order force row level security;

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
  compound numeric(17,2),
  type text not null default 'EARLY_FULL'::text,
  value_on date,
  constraint posted_is_allocated CHECK (((state <> ALL (ARRAY['POSTED'::text, 'REVERSED'::text])) OR ((((((fee + penalty) + COALESCE(compound, (0)::numeric)) + interest) + principal) = amount) IS TRUE))),
  constraint repayment_amount_check CHECK ((amount > (0)::numeric)),
  constraint repayment_compound_check CHECK ((compound >= (0)::numeric)),
  constraint repayment_fee_check CHECK ((fee >= (0)::numeric)),
  constraint repayment_interest_check CHECK ((interest >= (0)::numeric)),
  constraint repayment_penalty_check CHECK ((penalty >= (0)::numeric)),
  constraint repayment_principal_check CHECK ((principal >= (0)::numeric)),
  constraint repayment_type_check CHECK ((type = ANY (ARRAY['SCHEDULED'::text, 'EARLY_PART'::text, 'EARLY_FULL'::text, 'OVERDUE'::text, 'DEBTOR_PAYMENT'::text, 'DISPOSAL'::text]))),
  constraint repayment_loan_no_fkey FOREIGN KEY (loan_no) REFERENCES loan(no),
  constraint repayment_payment_no_fkey FOREIGN KEY (payment_no) REFERENCES payment(no),
  constraint repayment_pkey PRIMARY KEY (no),
  constraint repayment_payment_no_key UNIQUE (payment_no),
  constraint repayment_posting_number UNIQUE (loan_no, posting_no)
);
alter table repayment enable row level security;
alter table repayment force row level security;

create table request (
  caller text not null,
  key text not null,
  body_hash text not null,
  status integer not null,
  answer bytea not null,
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

create table revaluation (
  set_id text not null,
  pledges integer not null,
  at timestamp with time zone not null default hub_now(),
  constraint revaluation_set_id_fkey FOREIGN KEY (set_id) REFERENCES quote_set(id),
  constraint revaluation_pkey PRIMARY KEY (set_id)
);
alter table revaluation enable row level security;
alter table revaluation force row level security;

create table route_attempt (
  no text not null,
  application_no text not null,
  borrower_id uuid not null,
  funder_id uuid not null,
  "position" integer not null,
  explained jsonb not null,
  funder_ref text,
  amount numeric(17,2),
  rate fraction,
  reason text,
  state text not null,
  constraint approved_has_terms CHECK (((state <> 'APPROVED'::text) OR ((amount IS NOT NULL) AND (rate IS NOT NULL) AND (funder_ref IS NOT NULL)))),
  constraint attempt_elsewhere CHECK ((funder_id <> borrower_id)),
  constraint route_attempt_amount_check CHECK ((amount > (0)::numeric)),
  constraint route_attempt_position_check CHECK (("position" > 0)),
  constraint route_attempt_application_no_borrower_id_fkey FOREIGN KEY (application_no, borrower_id) REFERENCES application(no, borrower_id),
  constraint route_attempt_funder_id_fkey FOREIGN KEY (funder_id) REFERENCES party(id),
  constraint route_attempt_pkey PRIMARY KEY (no),
  constraint route_attempt_application_no_position_key UNIQUE (application_no, "position")
);
alter table route_attempt enable row level security;
alter table route_attempt force row level security;

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

create table sealing (
  only_row boolean not null default true,
  root_id text not null,
  sealed_at timestamp with time zone,
  constraint sealing_only_row_check CHECK (only_row),
  constraint sealing_pkey PRIMARY KEY (only_row)
);

create table sealing_key (
  id integer not null generated always as identity,
  owner text not null,
  class text not null,
  root_id text,
  wrapped bytea,
  created_at timestamp with time zone not null default clock_timestamp(),
  retired_at timestamp with time zone,
  erased_at timestamp with time zone,
  erased_by text,
  erased_why text,
  constraint sealing_key_class_check CHECK (((length(class) >= 1) AND (length(class) <= 32))),
  constraint sealing_key_gone CHECK ((((erased_at IS NULL) = (wrapped IS NOT NULL)) AND ((wrapped IS NULL) = (root_id IS NULL)) AND ((erased_at IS NULL) OR (((length(btrim(erased_by)) >= 1) AND (length(btrim(erased_by)) <= 64)) AND ((length(btrim(erased_why)) >= 4) AND (length(btrim(erased_why)) <= 500)))))),
  constraint sealing_key_owner_check CHECK (((length(owner) >= 1) AND (length(owner) <= 128))),
  constraint sealing_key_pkey PRIMARY KEY (id)
);

create table sign_authority (
  party_id uuid not null,
  name bytea not null,
  id_no bytea not null,
  phone bytea not null,
  basis text not null,
  no uuid not null default gen_random_uuid(),
  state text not null default 'ACTIVE'::text,
  document_types text[] not null default '{}'::text[],
  max_amount numeric(17,2),
  currency book_currency not null default 'CNY'::text,
  valid_from timestamp with time zone not null default hub_now(),
  valid_to timestamp with time zone,
  poa_sha256 text,
  id uuid not null default gen_random_uuid(),
  id_no_hash bytea,
  phone_hash bytea,
  constraint authority_ends_later CHECK ((valid_to > valid_from)),
  constraint poa_has_document CHECK (((basis <> 'POA'::text) OR (poa_sha256 IS NOT NULL))) NOT VALID,
  constraint sign_authority_basis_check CHECK ((basis = ANY (ARRAY['LEGAL_REP'::text, 'POA'::text]))),
  constraint sign_authority_max_amount_check CHECK ((max_amount > (0)::numeric)),
  constraint sign_authority_poa_sha256_check CHECK ((poa_sha256 ~ '^[0-9a-f]{64}$'::text)),
  constraint sign_authority_party_id_fkey FOREIGN KEY (party_id) REFERENCES party(id),
  constraint sign_authority_pkey PRIMARY KEY (id),
  constraint sign_authority_no_key UNIQUE (no)
);
alter table sign_authority enable row level security;
alter table sign_authority force row level security;

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

create table stateful (
  entity text not null,
  key_column text not null,
  constraint stateful_pkey PRIMARY KEY (entity)
);

create table stock_adjustment (
  no text not null,
  lot_no text not null,
  quantity numeric(15,3) not null,
  reason text not null,
  report_sha256 text not null,
  maker_party_id uuid not null,
  signer_party_id uuid,
  state text not null,
  constraint adjustment_by_two_parties CHECK ((signer_party_id <> maker_party_id)),
  constraint posted_adjustment_is_signed CHECK (((state <> 'POSTED'::text) OR (signer_party_id IS NOT NULL))),
  constraint stock_adjustment_quantity_check CHECK ((quantity <> (0)::numeric)),
  constraint stock_adjustment_reason_check CHECK ((reason <> ''::text)),
  constraint stock_adjustment_report_sha256_check CHECK ((report_sha256 ~ '^[0-9a-f]{64}$'::text)),
  constraint stock_adjustment_lot_no_fkey FOREIGN KEY (lot_no) REFERENCES stock_lot(lot_no),
  constraint stock_adjustment_maker_party_id_fkey FOREIGN KEY (maker_party_id) REFERENCES party(id),
  constraint stock_adjustment_signer_party_id_fkey FOREIGN KEY (signer_party_id) REFERENCES party(id),
  constraint stock_adjustment_pkey PRIMARY KEY (no)
);
alter table stock_adjustment enable row level security;
alter table stock_adjustment force row level security;

create table stock_difference (
  snapshot_no text not null,
  lot_no text not null,
  cause text not null,
  level text not null,
  booked numeric(15,3) not null,
  counted numeric(15,3) not null,
  gap_pledged numeric(15,3) not null default 0,
  constraint stock_difference_cause_check CHECK ((cause = ANY (ARRAY['WITHIN_TOLERANCE'::text, 'QUANTITY'::text, 'UNKNOWN_LOT'::text, 'LOT_GONE'::text, 'PLEDGED_SHORT'::text, 'UNIT'::text]))),
  constraint stock_difference_level_check CHECK ((level = ANY (ARRAY['OK'::text, 'INFO'::text, 'WARN'::text, 'CALL'::text]))),
  constraint stock_difference_snapshot_no_fkey FOREIGN KEY (snapshot_no) REFERENCES stock_snapshot(no),
  constraint stock_difference_pkey PRIMARY KEY (snapshot_no, lot_no)
);
alter table stock_difference enable row level security;
alter table stock_difference force row level security;

create table stock_lot (
  lot_no text not null,
  warehouse text not null,
  owner_id uuid not null,
  material text not null,
  unit text not null,
  on_hand numeric(15,3) not null,
  pledged numeric(15,3) not null default 0,
  frozen numeric(15,3) not null default 0,
  location text,
  brand text,
  spec text,
  grade text,
  batch text,
  pieces integer,
  quality_cert_no text,
  inbound_at timestamp with time zone,
  ownership_docs jsonb not null default '[]'::jsonb,
  goods_receipt_no text,
  available numeric(15,3) generated always as (((on_hand - pledged) - frozen)) stored,
  constraint stock_lot_frozen_check CHECK ((frozen >= (0)::numeric)),
  constraint stock_lot_on_hand_check CHECK ((on_hand >= (0)::numeric)),
  constraint stock_lot_ownership_docs_check CHECK ((jsonb_typeof(ownership_docs) = 'array'::text)),
  constraint stock_lot_pieces_check CHECK ((pieces >= 0)),
  constraint stock_lot_pledged_check CHECK ((pledged >= (0)::numeric)),
  constraint stock_not_overpledged CHECK (((pledged + frozen) <= on_hand)),
  constraint stock_lot_goods_receipt_no_fkey FOREIGN KEY (goods_receipt_no) REFERENCES goods_receipt(receipt_no),
  constraint stock_lot_owner_id_fkey FOREIGN KEY (owner_id) REFERENCES party(id),
  constraint stock_lot_pkey PRIMARY KEY (lot_no)
);
alter table stock_lot enable row level security;
alter table stock_lot force row level security;

create table stock_movement (
  id bigint not null generated always as identity,
  lot_no text not null,
  kind text not null,
  quantity numeric(15,3) not null,
  document_no text not null,
  actor text not null,
  at timestamp with time zone not null default hub_now(),
  constraint movement_has_direction CHECK (((quantity > (0)::numeric) OR ((kind = ANY (ARRAY['ADJUST'::text, 'REGROUP'::text])) AND (quantity <> (0)::numeric)))),
  constraint stock_movement_kind_check CHECK ((kind = ANY (ARRAY['INBOUND'::text, 'OUTBOUND'::text, 'ADJUST'::text, 'REGROUP'::text, 'LOCK'::text, 'UNLOCK'::text, 'FREEZE'::text, 'THAW'::text]))),
  constraint stock_movement_lot_no_fkey FOREIGN KEY (lot_no) REFERENCES stock_lot(lot_no),
  constraint stock_movement_pkey PRIMARY KEY (id)
);
alter table stock_movement enable row level security;
alter table stock_movement force row level security;

create table stock_snapshot (
  no text not null,
  warehouse text not null,
  taken_at timestamp with time zone not null,
  channel text not null,
  counted_by text not null,
  second_by text,
  constraint count_by_two CHECK (((channel = 'FEED'::text) OR ((second_by IS NOT NULL) AND (second_by <> counted_by)))),
  constraint stock_snapshot_channel_check CHECK ((channel = ANY (ARRAY['FEED'::text, 'MANUAL'::text]))),
  constraint stock_snapshot_counted_by_check CHECK ((counted_by <> ''::text)),
  constraint stock_snapshot_pkey PRIMARY KEY (no)
);
alter table stock_snapshot enable row level security;
alter table stock_snapshot force row level security;

create table stock_snapshot_line (
  snapshot_no text not null,
  lot_no text not null,
  quantity numeric(15,3) not null,
  unit text not null,
  location text,
  constraint stock_snapshot_line_quantity_check CHECK ((quantity >= (0)::numeric)),
  constraint stock_snapshot_line_snapshot_no_fkey FOREIGN KEY (snapshot_no) REFERENCES stock_snapshot(no),
  constraint stock_snapshot_line_pkey PRIMARY KEY (snapshot_no, lot_no)
);
alter table stock_snapshot_line enable row level security;
alter table stock_snapshot_line force row level security;

create table stock_tolerance (
  material text not null,
  fraction fraction not null,
  constraint stock_tolerance_fraction_check CHECK ((((fraction)::numeric >= (0)::numeric) AND ((fraction)::numeric <= 0.05))),
  constraint stock_tolerance_pkey PRIMARY KEY (material)
);

create table subscription (
  no text not null,
  offer_no text not null,
  funder_id uuid not null,
  amount numeric(17,2) not null,
  rate_low fraction not null,
  rate_high fraction not null,
  placed_at timestamp with time zone not null default hub_now(),
  state text not null,
  constraint subscription_amount_check CHECK ((amount > (0)::numeric)),
  constraint subscription_rates CHECK ((((rate_low)::numeric >= (0)::numeric) AND ((rate_low)::numeric <= (rate_high)::numeric) AND ((rate_high)::numeric < (1)::numeric))),
  constraint subscription_funder_id_fkey FOREIGN KEY (funder_id) REFERENCES party(id),
  constraint subscription_offer_no_fkey FOREIGN KEY (offer_no) REFERENCES asset_offer(no),
  constraint subscription_pkey PRIMARY KEY (no)
);
alter table subscription enable row level security;
alter table subscription force row level security;

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
  payload bytea not null,
  payload_hash text not null,
  people smallint not null,
  roles text[] not null default '{}'::text[],
  not_by text[] not null default '{}'::text[],
  since timestamp with time zone not null,
  deadline timestamp with time zone not null,
  state text not null default 'open'::text,
  closed_at timestamp with time zone,
  party_id uuid,
  held_by text,
  held_role text,
  held_since timestamp with time zone,
  held_until timestamp with time zone,
  escalate_at timestamp with time zone,
  escalate_to text[] not null default '{}'::text[],
  constraint task_held_by_check CHECK (((length(btrim(held_by)) >= 1) AND (length(btrim(held_by)) <= 64))),
  constraint task_people_check CHECK (((people >= 1) AND (people <= 9))),
  constraint task_state_check CHECK ((state = ANY (ARRAY['open'::text, 'approved'::text, 'rejected'::text, 'expired'::text, 'withdrawn'::text]))),
  constraint task_pkey PRIMARY KEY (id)
);

create table task_act (
  id bigint not null generated always as identity,
  task_id text not null,
  verb text not null,
  person text not null,
  role text,
  to_person text,
  reason text,
  at timestamp with time zone not null default hub_now(),
  constraint task_act_person_check CHECK (((length(btrim(person)) >= 1) AND (length(btrim(person)) <= 64))),
  constraint task_act_reason_check CHECK ((length(reason) <= 500)),
  constraint task_act_to_person_check CHECK (((length(btrim(to_person)) >= 1) AND (length(btrim(to_person)) <= 64))),
  constraint task_act_verb_check CHECK ((verb = ANY (ARRAY['claim'::text, 'release'::text, 'delegate'::text]))),
  constraint task_act_task_id_fkey FOREIGN KEY (task_id) REFERENCES task(id),
  constraint task_act_pkey PRIMARY KEY (id)
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

create table trade_contract (
  id uuid not null default gen_random_uuid(),
  contract_no text not null,
  type text not null,
  seller_id uuid not null,
  buyer_id uuid not null,
  version integer not null default 1,
  constraint contract_of_two CHECK ((seller_id <> buyer_id)),
  constraint trade_contract_type_check CHECK ((type = ANY (ARRAY['SALE'::text, 'PURCHASE'::text, 'FRAMEWORK'::text, 'SERVICE'::text]))),
  constraint trade_contract_buyer_id_fkey FOREIGN KEY (buyer_id) REFERENCES party(id),
  constraint trade_contract_id_version_fkey FOREIGN KEY (id, version) REFERENCES trade_contract_version(contract_id, version) DEFERRABLE INITIALLY DEFERRED,
  constraint trade_contract_seller_id_fkey FOREIGN KEY (seller_id) REFERENCES party(id),
  constraint trade_contract_pkey PRIMARY KEY (id),
  constraint trade_contract_seller_id_contract_no_key UNIQUE (seller_id, contract_no)
);
alter table trade_contract enable row level security;
alter table trade_contract force row level security;

create table trade_contract_version (
  contract_id uuid not null,
  version integer not null,
  amount numeric(17,2) not null,
  currency book_currency not null,
  signed_on date not null,
  effective_on date,
  sealed boolean not null,
  cert_serial text,
  file_sha256 text not null,
  other_parties jsonb not null default '[]'::jsonb,
  at timestamp with time zone not null default hub_now(),
  constraint trade_contract_version_amount_check CHECK ((amount > (0)::numeric)),
  constraint trade_contract_version_file_sha256_check CHECK ((file_sha256 ~ '^[0-9a-f]{64}$'::text)),
  constraint trade_contract_version_version_check CHECK ((version > 0)),
  constraint trade_contract_version_contract_id_fkey FOREIGN KEY (contract_id) REFERENCES trade_contract(id),
  constraint trade_contract_version_pkey PRIMARY KEY (contract_id, version)
);
alter table trade_contract_version enable row level security;
alter table trade_contract_version force row level security;

create table trade_order (
  order_no text not null,
  case_id text not null,
  seller_no text not null,
  buyer_id uuid not null,
  order_date date not null,
  currency book_currency not null,
  total numeric(17,2) not null,
  lines jsonb not null,
  confirmed_at timestamp with time zone,
  paid numeric(17,2) not null default 0,
  constraint order_paid_within_total CHECK (((paid >= (0)::numeric) AND (paid <= total))),
  constraint trade_order_total_check CHECK ((total > (0)::numeric)),
  constraint trade_order_buyer_id_fkey FOREIGN KEY (buyer_id) REFERENCES party(id),
  constraint trade_order_case_id_fkey FOREIGN KEY (case_id) REFERENCES cases(id),
  constraint trade_order_pkey PRIMARY KEY (seller_no, order_no)
);
alter table trade_order enable row level security;
alter table trade_order force row level security;

create table valuation (
  set_id text not null,
  pledge_no text not null,
  value numeric(17,2) not null,
  exposure numeric(17,2) not null,
  ltv numeric(24,6),
  level text not null,
  unpriced boolean not null,
  cash_call numeric(17,2) not null,
  goods_call numeric(17,2) not null,
  constraint call_when_called CHECK (((level = ANY (ARRAY['CALL'::text, 'DISPOSE'::text])) = (cash_call > (0)::numeric))),
  constraint valuation_level_check CHECK ((level = ANY (ARRAY['OK'::text, 'WARN'::text, 'CALL'::text, 'DISPOSE'::text]))),
  constraint valuation_pledge_no_fkey FOREIGN KEY (pledge_no) REFERENCES pledge(no),
  constraint valuation_set_id_fkey FOREIGN KEY (set_id) REFERENCES quote_set(id),
  constraint valuation_pkey PRIMARY KEY (set_id, pledge_no)
);
alter table valuation enable row level security;
alter table valuation force row level security;

create table verification (
  request_no text not null,
  party_id uuid not null,
  kind text not null,
  serial_no text,
  at timestamp with time zone not null default hub_now(),
  state text not null,
  subject text not null default ''::text,
  legal_rep boolean not null default false,
  factors text[] not null default '{}'::text[],
  per_factor jsonb,
  vendor text not null default 'unknown'::text,
  request_sha256 text,
  document_sha256 text,
  billed boolean,
  answered_at timestamp with time zone,
  expires_at timestamp with time zone,
  consent_id uuid,
  constraint face_for_an_act CHECK (((kind <> 'FACE'::text) OR (expires_at <= (answered_at + '00:15:00'::interval)))),
  constraint match_expires CHECK (((state <> 'MATCH'::text) OR ((answered_at IS NOT NULL) AND (expires_at IS NOT NULL)))),
  constraint match_for_a_year CHECK ((expires_at <= (answered_at + '8760:00:00'::interval))),
  constraint verification_document_sha256_check CHECK ((document_sha256 ~ '^[0-9a-f]{64}$'::text)),
  constraint verification_kind_check CHECK ((kind = ANY (ARRAY['ENT4'::text, 'BANK4'::text, 'ORG_ACCT'::text, 'FACE'::text, 'POA'::text]))),
  constraint verification_per_factor_check CHECK ((length((per_factor)::text) <= 2000)),
  constraint verification_request_sha256_check CHECK ((request_sha256 ~ '^[0-9a-f]{64}$'::text)),
  constraint verification_consent_id_fkey FOREIGN KEY (consent_id) REFERENCES consent(id),
  constraint verification_party_id_fkey FOREIGN KEY (party_id) REFERENCES party(id),
  constraint verification_pkey PRIMARY KEY (request_no)
);
alter table verification enable row level security;
alter table verification force row level security;

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

create table warehouse_receipt (
  no text not null,
  national_code text,
  form text,
  basis text not null,
  warehouse text not null,
  depositor_id uuid not null,
  depositor_name text not null,
  depositor_address text,
  holder_id uuid not null,
  loss_standard text,
  storage_place text,
  storage_from date,
  storage_to date,
  storage_fee text,
  insured boolean,
  insured_sum numeric(17,2),
  insured_currency book_currency,
  insured_from date,
  insured_to date,
  insurer text,
  issuer_id uuid not null,
  issued_place text,
  issued_at timestamp with time zone not null,
  keeper_sha256 text not null,
  rights_notice text,
  endorsee_id uuid,
  endorser_sha256 text,
  state text not null,
  constraint insurance_is_whole CHECK (
CASE
    WHEN COALESCE(insured, false) THEN ((num_nulls(insured_sum, insured_currency, insured_from, insured_to, insurer) = 0) AND (insured_to >= insured_from))
    ELSE (num_nonnulls(insured_sum, insured_currency, insured_from, insured_to, insurer) = 0)
END),
  constraint storage_period_runs CHECK ((storage_to >= storage_from)),
  constraint transfer_names_endorsee CHECK ((((state = 'TRANSFER_PENDING'::text) = (endorsee_id IS NOT NULL)) AND ((endorsee_id IS NULL) = (endorser_sha256 IS NULL)))),
  constraint warehouse_receipt_basis_check CHECK ((basis = ANY (ARRAY['ISSUED'::text, 'AS_TOLD'::text]))),
  constraint warehouse_receipt_depositor_name_check CHECK ((depositor_name <> ''::text)),
  constraint warehouse_receipt_endorser_sha256_check CHECK ((endorser_sha256 ~ '^[0-9a-f]{64}$'::text)),
  constraint warehouse_receipt_form_check CHECK ((form = ANY (ARRAY['ELECTRONIC'::text, 'PAPER'::text]))),
  constraint warehouse_receipt_insured_sum_check CHECK ((insured_sum > (0)::numeric)),
  constraint warehouse_receipt_keeper_sha256_check CHECK ((keeper_sha256 ~ '^[0-9a-f]{64}$'::text)),
  constraint warehouse_receipt_depositor_id_fkey FOREIGN KEY (depositor_id) REFERENCES party(id),
  constraint warehouse_receipt_endorsee_id_fkey FOREIGN KEY (endorsee_id) REFERENCES party(id),
  constraint warehouse_receipt_holder_id_fkey FOREIGN KEY (holder_id) REFERENCES party(id),
  constraint warehouse_receipt_issuer_id_fkey FOREIGN KEY (issuer_id) REFERENCES party(id),
  constraint warehouse_receipt_pkey PRIMARY KEY (no)
);
alter table warehouse_receipt enable row level security;
alter table warehouse_receipt force row level security;

create table working_day_swap (
  day date not null,
  working boolean not null,
  source text not null,
  constraint working_day_swap_pkey PRIMARY KEY (day)
);

-- Views

create view case_affiliates as
 SELECT DISTINCT c.case_id,
    c.party_id AS funder_id,
    o.party_id AS affiliate_id,
    o.capacity,
    f.group_code
   FROM case_party c
     JOIN party f ON f.id = c.party_id
     JOIN case_party o ON o.case_id = c.case_id AND o.party_id <> c.party_id
     JOIN party a ON a.id = o.party_id AND a.group_code = f.group_code
  WHERE c.capacity = 'FUNDER'::text AND (o.capacity = ANY (ARRAY['BORROWER'::text, 'DEBTOR'::text, 'GUARANTOR'::text, 'PLEDGOR'::text, 'SUPERVISOR'::text]));

-- Indexes

CREATE INDEX act_bulk ON public.act USING btree (bulk_id, due_at) WHERE (bulk_id IS NOT NULL);
CREATE INDEX act_due ON public.act USING btree (due_at) WHERE (state = 'open'::text);
CREATE INDEX act_open ON public.act USING btree (run_id, due_at) WHERE (state = 'open'::text);
CREATE INDEX act_proposed ON public.act USING btree (proposed_at) WHERE (state = 'proposed'::text);
CREATE INDEX act_run ON public.act USING btree (run_id, proposed_at);
CREATE INDEX alert_latest ON public.alert USING btree (type, subject, opened_at DESC);
CREATE INDEX anchor_case ON public.anchor USING btree (case_id, upto);
CREATE INDEX application_case ON public.application USING btree (case_id);
CREATE INDEX application_funder ON public.application USING btree (funder_id);
CREATE INDEX approval_subject ON public.approval USING btree (entity, entity_id);
CREATE INDEX asset_lock_receivable ON public.asset_lock USING btree (receivable_no) WHERE (receivable_no IS NOT NULL);
CREATE INDEX asset_lock_share ON public.asset_lock USING btree (share_of) WHERE (share_of IS NOT NULL);
CREATE INDEX case_party_party ON public.case_party USING btree (party_id, case_id);
CREATE INDEX decision_case ON public.decision USING btree (case_id);
CREATE INDEX disclosure_party ON public.disclosure USING btree (party_id, at);
CREATE INDEX effect_open ON public.effect USING btree (system, intent_at) WHERE (state = ANY (ARRAY['intent'::text, 'unknown'::text]));
CREATE INDEX effect_run ON public.effect USING btree (run_id);
CREATE INDEX event_subscription_party ON public.event_subscription USING btree (party_id, relation) WHERE active;
CREATE INDEX exchange_case ON public.exchange USING btree (case_id, seq);
CREATE INDEX exchange_seq ON public.exchange USING btree (seq);
CREATE INDEX future_move_document ON public.future_move USING btree (document_no);
CREATE INDEX future_move_line ON public.future_move USING btree (future_no, line_no);
CREATE INDEX incident_case ON public.incident USING btree (case_id);
CREATE INDEX incident_open ON public.incident USING btree (at) WHERE (closed_at IS NULL);
CREATE INDEX invoice_use_invoice ON public.invoice_use USING btree (invoice_key);
CREATE INDEX journal_milestone ON ONLY public.journal USING btree (run_id) WHERE (kind = 6);
CREATE INDEX lane_event_system ON public.lane_event USING btree (system, id);
CREATE INDEX limit_movement_application ON public.limit_movement USING btree (application_no) WHERE (kind = 'RESERVE'::text);
CREATE INDEX limit_movement_limit ON public.limit_movement USING btree (limit_no, application_no);
CREATE INDEX limit_movement_repayment ON public.limit_movement USING btree (repayment_no);
CREATE INDEX loan_entry_loan ON public.loan_entry USING btree (loan_no, item);
CREATE INDEX loan_entry_repayment ON public.loan_entry USING btree (repayment_no);
CREATE INDEX margin_entry_pledge ON public.margin_entry USING btree (pledge_no);
CREATE INDEX nonce_at ON public.nonce USING btree (at);
CREATE INDEX party_event_due ON public.party_event USING btree (due_at) WHERE (due_at IS NOT NULL);
CREATE INDEX party_event_read ON public.party_event USING btree (caller, channel, txid, id);
CREATE INDEX payment_application ON public.payment USING btree (application_no);
CREATE INDEX pledge_change_receipt ON public.pledge_change USING btree (receipt_no) WHERE (receipt_no IS NOT NULL);
CREATE INDEX pledge_item_change ON public.pledge_item USING btree (change_no) WHERE (change_no IS NOT NULL);
CREATE INDEX pledge_item_lot ON public.pledge_item USING btree (lot_no);
CREATE INDEX pledge_receipt ON public.pledge USING btree (receipt_no) WHERE (receipt_no IS NOT NULL);
CREATE INDEX price_quote_series ON public.price_quote USING btree (material, unit, as_of DESC) WHERE (NOT held);
CREATE INDEX release_item_lot ON public.release_item USING btree (lot_no);
CREATE INDEX release_order_pledge ON public.release_order USING btree (pledge_no);
CREATE INDEX run_attention ON public.run USING btree (id) WHERE (state = 4);
CREATE INDEX run_case ON public.run USING btree (case_id);
CREATE INDEX run_done_case ON ONLY public.run_done USING btree (case_id);
CREATE INDEX run_done_finished ON ONLY public.run_done USING btree (finished_at DESC, id);
CREATE INDEX run_key_time ON public.run_key USING brin (run_id);
CREATE INDEX run_owner ON public.run USING btree (owner) WHERE (owner IS NOT NULL);
CREATE INDEX run_ready ON public.run USING btree (ready_at) WHERE (state = 1);
CREATE INDEX run_wake ON public.run USING btree (wake_at) WHERE ((state = 3) AND (wake_at IS NOT NULL));
CREATE INDEX sign_authority_phone ON public.sign_authority USING btree (phone_hash);
CREATE INDEX signal_exchange ON public.signal USING btree (exchange_id) WHERE (exchange_id IS NOT NULL);
CREATE INDEX signal_taken ON public.signal USING btree (taken_by) WHERE (taken_by IS NOT NULL);
CREATE INDEX signal_untaken ON public.signal USING btree (notice, at) WHERE (taken_by IS NULL);
CREATE INDEX stock_adjustment_disputed ON public.stock_adjustment USING btree (lot_no) WHERE (state = 'REFUSED'::text);
CREATE INDEX stock_movement_document ON public.stock_movement USING btree (document_no);
CREATE INDEX stock_movement_lot ON public.stock_movement USING btree (lot_no);
CREATE INDEX task_act_task ON public.task_act USING btree (task_id, at);
CREATE INDEX task_open ON public.task USING btree (deadline) WHERE (state = 'open'::text);
CREATE INDEX task_party ON public.task USING btree (party_id, deadline) WHERE (state = 'open'::text);
CREATE INDEX task_run ON public.task USING btree (run_id);
CREATE INDEX trade_order_case ON public.trade_order USING btree (case_id);
CREATE INDEX valuation_alarm ON public.valuation USING btree (set_id, level) WHERE (level <> 'OK'::text);
CREATE INDEX valuation_pledge ON public.valuation USING btree (pledge_no);
CREATE INDEX verification_subject ON public.verification USING btree (subject, kind, at);
CREATE INDEX wait_key ON public.wait USING btree (key);
CREATE INDEX wait_lane ON public.wait USING btree (party, since) WHERE (key ~~ 'lane:%'::text);
CREATE UNIQUE INDEX adjusted_once ON public.stock_movement USING btree (document_no) WHERE (kind = 'ADJUST'::text);
CREATE UNIQUE INDEX alert_open_once ON public.alert USING btree (type, subject) WHERE (state = ANY (ARRAY['OPEN'::text, 'ACKED'::text, 'ACTION'::text, 'ESCALATED'::text]));
CREATE UNIQUE INDEX approval_used_once ON public.history USING btree (approval_id) WHERE (approval_id IS NOT NULL);
CREATE UNIQUE INDEX asset_locked_once ON public.asset_lock USING btree (asset_key) WHERE ((released_at IS NULL) AND (share_of IS NULL));
CREATE UNIQUE INDEX attempt_in_flight_once ON public.route_attempt USING btree (application_no) WHERE (state = ANY (ARRAY['PUSHED'::text, 'WITHDRAWING'::text, 'APPROVED'::text]));
CREATE UNIQUE INDEX blacklisted_once ON public.blacklist USING btree (COALESCE(uscc, subject_hash), scope) WHERE (state = ANY (ARRAY['PROPOSED'::text, 'ACTIVE'::text]));
CREATE UNIQUE INDEX certificate_once ON public.receivable_certificate USING btree (receivable_no) WHERE (state <> 'CANCELLED'::text);
CREATE UNIQUE INDEX collecting_once ON public.payment USING btree (application_no) WHERE ((purpose = 'REPAY'::text) AND (state = ANY (ARRAY['CREATED'::text, 'APPROVED'::text, 'SUBMITTING'::text, 'ACCEPTED'::text, 'UNKNOWN'::text])));
CREATE UNIQUE INDEX configuration_in_force ON public.configuration USING btree (kind, code) WHERE (state = 'PUBLISHED'::text);
CREATE UNIQUE INDEX confirmation_open_once ON public.confirmation USING btree (receivable_no) WHERE (state = ANY (ARRAY['REQUESTED'::text, 'CLAIMED'::text, 'APPROVED'::text]));
CREATE UNIQUE INDEX confirmed_once ON public.confirmation USING btree (receivable_no, version) WHERE (state = 'CONFIRMED'::text);
CREATE UNIQUE INDEX consent_live_once ON public.consent USING btree (party_id, recipient, purpose) WHERE (state = 'GIVEN'::text);
CREATE UNIQUE INDEX disbursed_once ON public.payment USING btree (application_no) WHERE ((purpose = ANY (ARRAY['DISBURSE'::text, 'DISBURSE_SELF'::text])) AND (state <> ALL (ARRAY['FAILED'::text, 'RETURNED'::text])));
CREATE UNIQUE INDEX effect_number ON public.effect USING btree (system, operation, number) WHERE ((number IS NOT NULL) AND (state <> 'replaced'::text));
CREATE UNIQUE INDEX envelope_open_once ON public.envelope USING btree (application_no) WHERE (state = ANY (ARRAY['DRAFT'::text, 'SENT'::text, 'PARTIALLY_SIGNED'::text, 'COMPLETED'::text]));
CREATE UNIQUE INDEX funder_in_flight_once ON public.route_attempt USING btree (funder_id, borrower_id) WHERE (state = ANY (ARRAY['PUSHED'::text, 'WITHDRAWING'::text]));
CREATE UNIQUE INDEX history_version ON public.history USING btree (entity, entity_id, version);
CREATE UNIQUE INDEX incident_fingerprint ON public.incident USING btree (fingerprint);
CREATE UNIQUE INDEX invitation_live_once ON public.invitation USING btree (party_id, COALESCE(case_id, ''::text)) WHERE (state = ANY (ARRAY['DRAFT'::text, 'SENT'::text, 'OPENED'::text]));
CREATE UNIQUE INDEX invoice_used_once_for_receivable ON public.invoice_use USING btree (invoice_key, receivable_no) WHERE (state <> 'RELEASED'::text);
CREATE UNIQUE INDEX limit_reversed_once ON public.limit_movement USING btree (application_no) WHERE (kind = 'REVERSE'::text);
CREATE UNIQUE INDEX loan_funder_number ON public.loan USING btree (funder_id, funder_no);
CREATE UNIQUE INDEX lot_pledged_once ON public.pledge_item USING btree (lot_no) WHERE (NOT closed);
CREATE UNIQUE INDEX lot_under_one_receipt ON public.receipt_item USING btree (lot_no) WHERE bound;
CREATE UNIQUE INDEX manual_entry_once ON public.manual_entry USING btree (system, message, event_id) WHERE (state = ANY (ARRAY['ENTERED'::text, 'POSTED'::text]));
CREATE UNIQUE INDEX notice_open_once ON public.assignment_notice USING btree (receivable_no) WHERE (state <> ALL (ARRAY['CANCELLED'::text, 'REVOKED'::text]));
CREATE UNIQUE INDEX offer_open_once ON public.asset_offer USING btree (application_no) WHERE (state <> ALL (ARRAY['WITHDRAWN'::text, 'LAPSED'::text]));
CREATE UNIQUE INDEX payment_previous_once ON public.payment USING btree (previous_no) WHERE (previous_no IS NOT NULL);
CREATE UNIQUE INDEX receipt_pledged_once ON public.pledge USING btree (receipt_no) WHERE (state <> ALL (ARRAY['CANCELLED'::text, 'RELEASED'::text, 'DISPOSED'::text]));
CREATE UNIQUE INDEX recon_case_once ON public.recon_case USING btree (run_no, item_key) WHERE (run_no IS NOT NULL);
CREATE UNIQUE INDEX recon_once_a_day ON public.recon_run USING btree (connector, type, on_date) WHERE (state <> ALL (ARRAY['PARKED'::text, 'VOID'::text]));
CREATE UNIQUE INDEX sealing_key_live ON public.sealing_key USING btree (owner, class) WHERE ((retired_at IS NULL) AND (erased_at IS NULL));
CREATE UNIQUE INDEX sign_authority_person ON public.sign_authority USING btree (party_id, id_no_hash) WHERE (state = 'ACTIVE'::text);
CREATE UNIQUE INDEX subscribed_once ON public.subscription USING btree (offer_no, funder_id) WHERE (state <> ALL (ARRAY['OUTBID'::text, 'CANCELLED'::text]));
CREATE UNIQUE INDEX task_vote_once ON public.task_vote USING btree (task_id, lower(btrim(person)));

-- Functions

CREATE OR REPLACE FUNCTION public.account_change_reverified()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if new.party_id <> old.party_id then
    perform refuse('account_keeps_owner', 'bank_account', 'an account does not change hands');
  elsif new.state = 'VERIFIED' then
    perform refuse('account_change_reverified', 'bank_account', 'a changed account is verified again');
  end if;
  return new;
end
$function$;

CREATE OR REPLACE FUNCTION public.account_cools()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if tg_op = 'INSERT' then
    perform from party p where p.id = new.party_id for no key update;
    new.usable_from := hub_now() + case when exists (select from bank_account a where a.party_id = new.party_id) then interval '24 hours' else interval '0' end;
  elsif (new.account_name, new.bank_name, new.bank_code) is distinct from (old.account_name, old.bank_name, old.bank_code) then
    new.usable_from := hub_now() + interval '24 hours';
  elsif new.usable_from < old.usable_from then
    perform refuse('account_cools', 'bank_account', 'a cooling period is not shortened');
  end if;
  return new;
end
$function$;

CREATE OR REPLACE FUNCTION public.account_name_is_legal()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if new.state = 'VERIFIED' and not exists (select from party p where p.id = new.party_id and p.legal_name = new.account_name for share) then
    perform refuse('account_name_is_legal', 'bank_account', 'the account does not carry the legal name');
  end if;
  return new;
end
$function$;

CREATE OR REPLACE FUNCTION public.account_usable(no text)
 RETURNS text
 LANGUAGE sql
 STABLE
AS $function$
  select case when a.state <> 'VERIFIED' then 'account_not_verified'
              when a.bank_status in ('FROZEN', 'CLOSED') then 'account_not_verified'
              when a.usable_from > hub_now() then 'payee_not_cooling' end
  from bank_account a where a.account_no = no
$function$;

CREATE OR REPLACE FUNCTION public.accrued_to(loan_no text, item text)
 RETURNS date
 LANGUAGE sql
 STABLE
AS $function$
  select coalesce(max(e.value_on), (select case accrued_to.item when 'INTEREST' then l.start_date else l.maturity end from loan l where l.no = accrued_to.loan_no))
  from loan_entry e where e.loan_no = accrued_to.loan_no and e.item = accrued_to.item and e.kind = 'ACCRUE'
    and not exists (select from loan_entry r where r.reverses = e.id)
$function$;

CREATE OR REPLACE FUNCTION public.act_unchanged()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if current_setting('lianshu.resealing', true) = 'on' then
    if (to_jsonb(new) - 'body') = (to_jsonb(old) - 'body') then
      return new;
    end if;
  end if;
  if (new.run_id, new.exchange_id, new.kind, new.body, new.reason, new.seq_seen, new.payload_hash, new.proposed_by)
     is distinct from
     (old.run_id, old.exchange_id, old.kind, old.body, old.reason, old.seq_seen, old.payload_hash, old.proposed_by)
     or (old.approved_by is not null and new.approved_by is distinct from old.approved_by)
     or old.state in ('applied', 'stale', 'refused') then
    raise exception 'an act does not change once it is proposed' using errcode = '23514', constraint = 'act_unchanged';
  end if;
  return new;
end $function$;

CREATE OR REPLACE FUNCTION public.alert_back(latest numeric, threshold numeric, above boolean)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE
AS $function$
  select case when above then latest <= threshold - abs(threshold) * 0.02 else latest >= threshold + abs(threshold) * 0.02 end
$function$;

CREATE OR REPLACE FUNCTION public.alert_open(of_type text, of_subject text)
 RETURNS boolean
 LANGUAGE sql
 STABLE
AS $function$
  select exists (select from alert a where a.type = of_type and a.subject = of_subject and a.state in ('OPEN', 'ACKED', 'ACTION', 'ESCALATED'))
$function$;

CREATE OR REPLACE FUNCTION public.alert_rearms()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
declare
  last alert;
begin
  select * into last from alert a where a.type = new.type and a.subject = new.subject order by a.opened_at desc, a.no desc limit 1;
  if last.state = 'RESOLVED' and last.rearmed_at is null and last.threshold = new.threshold and last.level = new.level then
    perform refuse('alert_rearms', 'alert', 'it has not come back past the threshold by 2 % since');
  end if;
  return new;
end
$function$;

CREATE OR REPLACE FUNCTION public.allocations_are_posted()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
declare
  of_no text := case tg_table_name when 'repayment' then to_jsonb(new) ->> 'no' else to_jsonb(new) ->> 'repayment_no' end;
  r repayment;
begin
  select * into r from repayment x where x.no = of_no;
  if exists (select from unnest(array['PRINCIPAL', 'INTEREST', 'PENALTY', 'COMPOUND', 'FEE'], array[r.principal, r.interest, r.penalty, r.compound, r.fee]) p (item, amount)
             where coalesce((select sum(e.amount) from loan_entry e where e.repayment_no = r.no and e.item = p.item and e.loan_no = r.loan_no), 0)
               <> case r.state when 'POSTED' then -coalesce(p.amount, 0) else 0 end) then
    perform refuse('allocations_are_posted', 'repayment', format('the entries of %s are not what was posted', r.no));
  end if;
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION public.application_fits()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
declare
  unpaid numeric;
begin
  if tg_op = 'UPDATE' and (new.amount, new.seller_no, new.order_no, new.product, new.product_id) is not distinct from
     (old.amount, old.seller_no, old.order_no, old.product, old.product_id) then
    return new;
  end if;
  if new.product <> (select c.body ->> 'type' from configuration c where c.id = new.product_id) then
    perform refuse('application_of_product', 'application', 'the application is not of the product that it names');
  end if;
  if new.order_no is null then
    return new;
  end if;
  select o.total - o.paid into unpaid from trade_order o where o.seller_no = new.seller_no and o.order_no = new.order_no for update;
  if new.amount > unpaid is not false then
    perform refuse('application_within_order', 'application', 'the amount is above what of the order is unpaid');
  end if;
  return new;
end
$function$;

CREATE OR REPLACE FUNCTION public.application_parties_open()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
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
$function$;

CREATE OR REPLACE FUNCTION public.application_takes_part()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  perform takes_part(new.case_id, new.borrower_id, 'BORROWER'), takes_part(new.case_id, new.funder_id, 'FUNDER');
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION public.application_within_assets()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
declare
  a application;
begin
  select * into a from application x where x.no = case tg_table_name when 'application' then to_jsonb(new) ->> 'no' else to_jsonb(new) ->> 'application_no' end for update;
  if a.product = 'FACTORING' and a.state not in ('DRAFT', 'SUBMITTED', 'PRECHECK', 'RETURNED', 'REJECTED', 'WITHDRAWN', 'OFFER_EXPIRED', 'CLOSED')
     and a.amount > (select coalesce(sum(l.financed), 0) from asset_lock l where l.application_no = a.no and l.released_at is null) then
    perform refuse('application_within_assets', 'application', 'the amount is above what the receivables bear');
  end if;
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION public.apply_entry()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  update loan set
    balance = balance + case new.item when 'PRINCIPAL' then new.amount else 0 end,
    interest = interest + case new.item when 'INTEREST' then new.amount else 0 end,
    penalty = penalty + case new.item when 'PENALTY' then new.amount else 0 end,
    compound = compound + case new.item when 'COMPOUND' then new.amount else 0 end,
    fee = fee + case new.item when 'FEE' then new.amount else 0 end
  where no = new.loan_no;
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION public.apply_future_move()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  execute format('update future_line set %1$I = %1$I - $1, %2$I = %2$I + $1 where future_no = $2 and line_no = $3', new.origin, new.destination)
    using new.quantity, new.future_no, new.line_no;
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION public.apply_movement()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  update credit_limit set
    total = total + case new.kind when 'GRANT' then new.amount when 'REDUCE' then -new.amount else 0 end,
    reserved = reserved + case when new.kind = 'RESERVE' then new.amount when new.kind in ('CONSUME', 'RELEASE') then -new.amount else 0 end,
    used = used + case when new.kind in ('CONSUME', 'UNRESTORE') then new.amount when new.kind in ('RESTORE', 'REVERSE') then -new.amount else 0 end
  where no = new.limit_no;
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION public.approval_in_time()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if exists (select from approval a where a.id = new.approval_id and a.valid_to <= hub_now())
     or (new.entity = 'approval' and new.event = 'approve' and exists (select from approval a where a.id::text = new.entity_id and a.valid_to <= hub_now())) then
    perform refuse('approval_in_time', 'approval', 'the approval has lapsed');
  end if;
  return new;
end
$function$;

CREATE OR REPLACE FUNCTION public.approval_seals_payload()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if tg_op = 'INSERT' then
    new.payload_sha256 := approved_payload(new.entity, new.entity_id);
  elsif (new.entity, new.entity_id, new.event, new.payload_sha256, new.maker, new.source, new.valid_to) is distinct from
        (old.entity, old.entity_id, old.event, old.payload_sha256, old.maker, old.source, old.valid_to) then
    raise exception 'an approval keeps what was proposed' using errcode = 'check_violation', constraint = 'approval_unchanged', table = 'approval';
  end if;
  return new;
end
$function$;

CREATE OR REPLACE FUNCTION public.approved_asset_offer(id text)
 RETURNS jsonb
 LANGUAGE sql
 STABLE
AS $function$
  select to_jsonb(o) - 'state' || jsonb_build_object('subscriptions', (select coalesce(jsonb_agg(jsonb_build_array(s.no, s.funder_id, s.amount) order by s.no), '[]')
    from subscription s where s.offer_no = o.no and s.state = 'ACCEPTED')) from asset_offer o where o.no = id
$function$;

CREATE OR REPLACE FUNCTION public.approved_confirmation(id text)
 RETURNS jsonb
 LANGUAGE sql
 STABLE
AS $function$
  select to_jsonb(c) - 'state' - 'signature' - 'cert_serial' - 'confirmed_at' from confirmation c where c.no = id
$function$;

CREATE OR REPLACE FUNCTION public.approved_payload(entity text, id text)
 RETURNS text
 LANGUAGE plpgsql
 STABLE
AS $function$
declare
  payload jsonb;
  key text := (select s.key_column from stateful s where s.entity = approved_payload.entity);
begin
  if exists (select from pg_proc p where p.proname = 'approved_' || entity and p.pronamespace = 'public'::regnamespace) then
    execute format('select %I($1)', 'approved_' || entity) into payload using id;
  else
    execute format('select to_jsonb(t) - ''state'' from %I t where t.%I::text = $1', entity, key) into payload using id;
  end if;
  if payload is null then
    raise exception 'there is no % %', entity, id using errcode = 'check_violation', constraint = 'approval_has_subject';
  end if;
  return encode(sha256(convert_to(payload::text, 'UTF8')), 'hex');
end
$function$;

CREATE OR REPLACE FUNCTION public.approved_pledge(id text)
 RETURNS jsonb
 LANGUAGE sql
 STABLE
AS $function$
  select to_jsonb(p) - 'state' from pledge p where p.no = id
$function$;

CREATE OR REPLACE FUNCTION public.approved_pledge_change(id text)
 RETURNS jsonb
 LANGUAGE sql
 STABLE
AS $function$
  select to_jsonb(c) - 'state' || jsonb_build_object('lots', (select jsonb_agg(jsonb_build_array(i.lot_no, i.quantity, i.price) order by i.lot_no)
    from pledge_item i where i.change_no = c.no)) from pledge_change c where c.no = id
$function$;

CREATE OR REPLACE FUNCTION public.approved_recon_case(id text)
 RETURNS jsonb
 LANGUAGE sql
 STABLE
AS $function$
  select to_jsonb(c) - 'state' - 'resolution' from recon_case c where c.no = id
$function$;

CREATE OR REPLACE FUNCTION public.approved_recon_run(id text)
 RETURNS jsonb
 LANGUAGE sql
 STABLE
AS $function$
  select to_jsonb(r) - 'state' || jsonb_build_object('items', (select coalesce(jsonb_agg(to_jsonb(i) order by i.key), '[]') from recon_item i where i.run_no = r.no))
  from recon_run r where r.no = id
$function$;

CREATE OR REPLACE FUNCTION public.approved_release_order(id text)
 RETURNS jsonb
 LANGUAGE sql
 STABLE
AS $function$
  select to_jsonb(o) - '{state,token_sha256,valid_to,maker,checker,outbound_no,outbound_at}'::text[]
    || jsonb_build_object('lots', (select jsonb_agg(jsonb_build_array(i.lot_no, i.quantity) order by i.lot_no) from release_item i where i.release_no = o.no))
  from release_order o where o.no = id
$function$;

CREATE OR REPLACE FUNCTION public.approved_stock_adjustment(id text)
 RETURNS jsonb
 LANGUAGE sql
 STABLE
AS $function$
  select to_jsonb(a) - 'state' - 'signer_party_id' from stock_adjustment a where a.no = id
$function$;

CREATE OR REPLACE FUNCTION public.approved_verification(id text)
 RETURNS jsonb
 LANGUAGE sql
 STABLE
AS $function$
  select jsonb_build_object('requestNo', v.request_no, 'party', v.party_id, 'kind', v.kind, 'factors', v.factors, 'document', v.document_sha256)
  from verification v where v.request_no = id
$function$;

CREATE OR REPLACE FUNCTION public.arrival_kept()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if old.arrived_at is not null and (new.arrived_at, new.arrival_source, new.sent_at, new.receivable_no, new.assignee_id, new.document_sha256)
     is distinct from (old.arrived_at, old.arrival_source, old.sent_at, old.receivable_no, old.assignee_id, old.document_sha256) then
    perform refuse('arrival_kept', 'assignment_notice', 'what arrived has arrived then, and as it was');
  end if;
  return new;
end
$function$;

CREATE OR REPLACE FUNCTION public.asset_lock_fits()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
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
$function$;

CREATE OR REPLACE FUNCTION public.authority_covers(authority uuid, document_type text, amount numeric, at timestamp with time zone)
 RETURNS boolean
 LANGUAGE sql
 STABLE
AS $function$
  select exists (select from sign_authority s where s.no = authority and s.state = 'ACTIVE' and s.valid_from <= at and (s.valid_to is null or s.valid_to > at)
    and (s.document_types = '{}' or document_type = any (s.document_types)) and (s.max_amount is null or amount is null or amount <= s.max_amount))
$function$;

CREATE OR REPLACE FUNCTION public.authority_unchanged()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if (new.no, new.party_id, new.basis, new.document_types, new.max_amount, new.currency, new.valid_from, new.valid_to, new.poa_sha256) is distinct from
     (old.no, old.party_id, old.basis, old.document_types, old.max_amount, old.currency, old.valid_from, old.valid_to, old.poa_sha256) then
    perform refuse('authority_unchanged', 'sign_authority', 'who may sign something else has another authority');
  end if;
  return new;
end
$function$;

CREATE OR REPLACE FUNCTION public.blacklist_unchanged()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if (to_jsonb(new) - 'state') <> (to_jsonb(old) - 'state') then
    perform refuse('blacklist_unchanged', 'blacklist', 'what two people agreed to stays as it was');
  end if;
  return new;
end
$function$;

CREATE OR REPLACE FUNCTION public.blacklisted(code_or_hash text)
 RETURNS boolean
 LANGUAGE sql
 STABLE
AS $function$
  select exists (select from blacklist b where coalesce(b.uscc, b.subject_hash) = code_or_hash and b.state = 'ACTIVE'
    and b.valid_from <= hub_now() and (b.valid_to is null or b.valid_to > hub_now()))
$function$;

CREATE OR REPLACE FUNCTION public.blacklisted(party uuid)
 RETURNS boolean
 LANGUAGE plpgsql
 STABLE
AS $function$
begin
  return exists (select from party p where p.id = party and blacklisted(p.uscc))
      or exists (select from sign_authority s where s.party_id = party and s.state = 'ACTIVE' and blacklisted(encode(s.id_no_hash, 'hex')));
end
$function$;

CREATE OR REPLACE FUNCTION public.business_day_after(instant timestamp with time zone)
 RETURNS timestamp with time zone
 LANGUAGE sql
 STABLE
AS $function$
  select (working_days_after((instant at time zone 'Asia/Shanghai')::date, 1) + (instant at time zone 'Asia/Shanghai')::time) at time zone 'Asia/Shanghai'
$function$;

CREATE OR REPLACE FUNCTION public.by_hand_has_document()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if not exists (select from verification v where v.request_no = new.entity_id and v.document_sha256 is not null) then
    perform refuse('by_hand_has_document', 'verification', 'what is verified by hand rests on a document');
  end if;
  return new;
end
$function$;

CREATE OR REPLACE FUNCTION public.case_party_apart()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  perform pg_advisory_xact_lock(hashtextextended('case_party ' || new.case_id || ' ' || new.party_id, 0));
  if exists (select from case_party c where (c.case_id, c.party_id) = (new.case_id, new.party_id)
      and (c.capacity in ('FUNDER', 'PLEDGEE') and new.capacity in ('BUYER', 'BORROWER', 'PLEDGOR', 'DEBTOR', 'GUARANTOR')
        or c.capacity in ('BUYER', 'BORROWER', 'PLEDGOR', 'DEBTOR', 'GUARANTOR') and new.capacity in ('FUNDER', 'PLEDGEE'))) then
    perform refuse('case_party_apart', 'case_party', 'in one case nobody is both funder and borrower, debtor or guarantor');
  end if;
  return new;
end
$function$;

CREATE OR REPLACE FUNCTION public.certificate_issue()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if new.state = 'ISSUED' and (tg_op = 'INSERT' or old.state <> 'ISSUED') then
    -- Whoever lets it become overdue meanwhile waits for this, or this for it.
    perform from party p where p.id = new.issuer_id for no key update;
    if exists (select from receivable r where r.debtor_id = new.issuer_id and r.state = 'OVERDUE')
       or exists (select from receivable_certificate c where c.issuer_id = new.issuer_id and c.state = 'OVERDUE')
       or exists (select from loan l join application a on a.no = l.application_no where a.borrower_id = new.issuer_id and l.state in ('OVERDUE', 'DEFAULTED')) then
      perform refuse('issuer_keeps_its_promises', 'receivable_certificate', 'the issuer is in default');
    end if;
    if new.issuer_id <> (select r.debtor_id from receivable r where r.no = new.receivable_no)
       or new.amount > (select c.confirmed_amount from receivable r join confirmation c on c.receivable_no = r.no and c.version = r.version and c.state = 'CONFIRMED' where r.no = new.receivable_no) is not false then
      perform refuse('certificate_of_confirmed_debt', 'receivable_certificate', 'the issuer has not confirmed so much');
    end if;
  elsif tg_op = 'UPDATE' and old.state <> 'DRAFT'
     and to_jsonb(new) - 'state' - 'holder_id' is distinct from to_jsonb(old) - 'state' - 'holder_id' then
    perform refuse('certificate_kept', 'receivable_certificate', 'an issued certificate keeps its terms');
  end if;
  return new;
end
$function$;

CREATE OR REPLACE FUNCTION public.chain_history()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
declare
  last history;
  rule lifecycle;
  given approval;
begin
  select * into last from history h where h.entity = new.entity and h.entity_id = new.entity_id order by h.version desc limit 1;
  if new.from_state is distinct from coalesce(last.to_state, '') then
    raise exception '%: history of % ends in %, not in %', new.entity, new.entity_id, coalesce(last.to_state, 'nothing'), new.from_state
      using errcode = 'check_violation', constraint = 'history_continuous', table = 'history';
  end if;
  select * into rule from lifecycle l where l.entity = new.entity and l.from_state = new.from_state and l.event = new.event and l.to_state = new.to_state;
  if rule.entity is null then
    raise exception '%: % does not lead from % to %', new.entity, new.event, new.from_state, new.to_state
      using errcode = 'check_violation', constraint = 'illegal_transition', table = 'history';
  end if;
  if new.word = '' then
    new.word := coalesce(rule.who[1], 'SYS');
  elsif not (new.word = any (rule.who)) then
    raise exception '%: % is not for % to say', new.entity, new.event, new.word
      using errcode = 'check_violation', constraint = 'history_word', table = 'history';
  end if;
  if rule.four_eyes and new.approval_id is null then
    raise exception '%: % takes two people', new.entity, new.event
      using errcode = 'check_violation', constraint = 'four_eyes', table = 'history';
  end if;
  if new.approval_id is not null then
    select * into given from approval a where a.id = new.approval_id for share;
    if given.state is distinct from 'APPROVED' or (given.entity, given.entity_id, given.event) is distinct from (new.entity, new.entity_id, new.event) then
      raise exception 'no approval of % of % %', new.event, new.entity, new.entity_id
        using errcode = 'check_violation', constraint = 'four_eyes', table = 'history';
    end if;
    if given.payload_sha256 <> approved_payload(new.entity, new.entity_id) then
      raise exception '% % changed after it was approved', new.entity, new.entity_id
        using errcode = 'check_violation', constraint = 'approval_stale', table = 'history';
    end if;
  end if;
  new.version := coalesce(last.version, 0) + 1;
  new.sha256 := history_digest(last.sha256, new);
  return new;
end
$function$;

CREATE OR REPLACE FUNCTION public.check_lot(of_lot text)
 RETURNS void
 LANGUAGE plpgsql
AS $function$
declare
  l stock_lot;
  here numeric;
  locked numeric;
  frozen numeric;
  held numeric;
begin
  select * into l from stock_lot where lot_no = of_lot for update;
  select coalesce(sum(case when kind in ('INBOUND', 'ADJUST', 'REGROUP') then quantity when kind = 'OUTBOUND' then -quantity end), 0),
         coalesce(sum(case kind when 'LOCK' then quantity when 'UNLOCK' then -quantity end), 0),
         coalesce(sum(case kind when 'FREEZE' then quantity when 'THAW' then -quantity end), 0)
    into here, locked, frozen from stock_movement where lot_no = of_lot;
  perform refuse_if((l.on_hand, l.pledged, l.frozen) is distinct from (here, locked, frozen), 'lot_is_sum_of_movements', 'stock_lot', of_lot);
  select coalesce(sum(open), 0) into held from pledge_item where lot_no = of_lot and not closed;
  held := held + coalesce((select sum(i.quantity) from release_item i join release_order o on o.no = i.release_no
    where i.lot_no = of_lot and o.state in ('DRAFT', 'PENDING_FND', 'APPROVED', 'SENT_TO_WH', 'ACKED')), 0);
  perform refuse_if(l.pledged <> held, 'lot_pledged_is_sum', 'stock_lot', of_lot);
end
$function$;

CREATE OR REPLACE FUNCTION public.check_one_way(of_lot text)
 RETURNS void
 LANGUAGE plpgsql
AS $function$
begin
  perform from stock_lot where lot_no = of_lot for update;
  perform refuse_if(exists (
    select from pledge_item i join pledge p on p.no = i.pledge_no left join pledge_change c on c.no = i.change_no
      left join receipt_item r on r.lot_no = i.lot_no and r.bound,
      lateral (select case when c.no is null then p.receipt_no else c.receipt_no end receipt_no) own
    where i.lot_no = of_lot and not i.closed
      and case when p.basis = 'RECEIPT' then (own.receipt_no is null or exists (select from warehouse_receipt w where w.no = own.receipt_no)) and r.receipt_no is distinct from own.receipt_no
               else r.receipt_no is not null end), 'pledged_one_way', 'pledge_item', of_lot);
end
$function$;

CREATE OR REPLACE FUNCTION public.check_receipt(of_receipt text)
 RETURNS void
 LANGUAGE plpgsql
AS $function$
declare
  r warehouse_receipt;
  live boolean;
  encumbered boolean;
begin
  select * into r from warehouse_receipt where no = of_receipt for update;
  if r.no is null then
    return;
  end if;
  live := r.state not in ('SPLIT', 'MERGED', 'DELIVERED', 'CANCELLED', 'VOID');
  encumbered := exists (select from pledge p join pledge_item i on i.pledge_no = p.no where p.receipt_no = of_receipt and not i.closed)
    or exists (select from pledge_change c join pledge_item i on i.change_no = c.no where c.receipt_no = of_receipt and not i.closed);
  perform refuse_if(r.state = 'VOID' and exists (select from receipt_endorsement e where e.receipt_no = of_receipt and e.kind = 'TRANSFER'),
    'void_before_endorsed', 'warehouse_receipt', of_receipt);
  perform refuse_if(case when r.state in ('PLEDGED', 'RELEASE_PENDING') then not encumbered when r.state in ('PLEDGE_PENDING', 'FROZEN') then false else encumbered end,
    'receipt_encumbered', 'warehouse_receipt', of_receipt);
  perform refuse_if(exists (select from receipt_item i where i.receipt_no = of_receipt and i.bound <> live), 'receipt_binds_while_live', 'warehouse_receipt', of_receipt);
  perform refuse_if(not exists (select from receipt_item i where i.receipt_no = of_receipt), 'receipt_has_goods', 'warehouse_receipt', of_receipt);
  perform refuse_if(r.holder_id <> coalesce((select e.endorsee_id from receipt_endorsement e where e.receipt_no = of_receipt and e.kind = 'TRANSFER'
    order by e.no desc limit 1), (select w.holder_id from receipt_link k join warehouse_receipt w on w.no = k.parent_no where k.child_no = of_receipt limit 1), r.depositor_id),
    'receipt_holder_is_endorsed', 'warehouse_receipt', of_receipt);
  perform refuse_if(r.basis = 'ISSUED' and r.state <> 'DRAFT' and cardinality(receipt_missing(of_receipt)) > 0, 'receipt_elements', 'warehouse_receipt', of_receipt);
end
$function$;

CREATE OR REPLACE FUNCTION public.check_receipt_of_pledge(of_pledge text)
 RETURNS void
 LANGUAGE sql
AS $function$
  select check_receipt(p.receipt_no) from pledge p where p.no = of_pledge and p.receipt_no is not null
$function$;

CREATE OR REPLACE FUNCTION public.configuration_is_settled()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if (new.id, new.kind, new.code, new.version) is distinct from (old.id, old.kind, old.code, old.version)
     or (new.body is distinct from old.body and old.state <> 'DRAFT') then
    raise exception '% is not a draft', old.id using errcode = 'check_violation', constraint = 'configuration_settled', table = 'configuration';
  end if;
  return new;
end
$function$;

CREATE OR REPLACE FUNCTION public.confirmation_terms()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if tg_op = 'UPDATE' and old.state in ('CONFIRMED', 'REJECTED', 'EXPIRED') and to_jsonb(new) is distinct from to_jsonb(old) then
    perform refuse('confirmation_kept', 'confirmation', 'what the debtor has answered stays as it is');
  end if;
  if new.confirmed_amount > (select v.net_amount from receivable_version v where v.receivable_no = new.receivable_no and v.version = new.version) then
    perform refuse('confirmed_within_net', 'confirmation', 'more is confirmed than the net amount of the receivable');
  end if;
  return new;
end
$function$;

CREATE OR REPLACE FUNCTION public.consent_live(party uuid, to_recipient text, for_purpose text)
 RETURNS boolean
 LANGUAGE sql
 STABLE
AS $function$
  select exists (select from consent c where c.party_id = party and c.recipient = to_recipient and c.purpose = for_purpose
    and c.state = 'GIVEN' and (c.valid_to is null or c.valid_to > hub_now()))
$function$;

CREATE OR REPLACE FUNCTION public.consent_unchanged()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if (to_jsonb(new) - 'state' - 'withdrawn_at') <> (to_jsonb(old) - 'state' - 'withdrawn_at') or new.withdrawn_at is distinct from old.withdrawn_at then
    perform refuse('consent_unchanged', 'consent', 'who agrees to something else gives another consent');
  end if;
  if new.state = 'WITHDRAWN' and old.state <> 'WITHDRAWN' then
    new.withdrawn_at := hub_now(); -- When the row was free at last, not when somebody began to wait for it.
  end if;
  return new;
end
$function$;

CREATE OR REPLACE FUNCTION public.contract_change_is_told()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
declare
  untold text;
begin
  select r.no into untold from receivable r where r.contract_id = new.id and r.state in ('ASSIGNED', 'DISPUTED', 'MATURED', 'OVERDUE')
    and not exists (select from contract_change c where c.contract_id = new.id and c.version = new.version and c.receivable_no = r.no) limit 1;
  if untold is not null then
    perform refuse('contract_change_is_told', 'trade_contract', format('the contract under assigned receivable %s changed, and nobody is told', untold));
  end if;
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION public.counts_for(system text, operation text, instant timestamp with time zone)
 RETURNS date
 LANGUAGE sql
 STABLE
AS $function$
  select case c.days when 'WORKING' then next_working_day(d.day) else d.day end
  from (select * from cut_off c where c.operation = counts_for.operation and c.system in (counts_for.system, '*') order by c.system = '*' limit 1) c,
       lateral (select shanghai_date(instant) + ((instant at time zone 'Asia/Shanghai')::time > c.at)::int "day") d
$function$;

CREATE OR REPLACE FUNCTION public.decision_by_rules_in_force()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if not exists (select from configuration c where c.id = new.rules_id and c.kind = 'RULES' and c.state = 'PUBLISHED' for share) then
    raise exception '% is not in force', new.rules_id using errcode = 'check_violation', constraint = 'decision_by_rules', table = 'decision';
  end if;
  return new;
end
$function$;

CREATE OR REPLACE FUNCTION public.disbursed_after_papers()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
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
$function$;

CREATE OR REPLACE FUNCTION public.disbursement_may(rule text, of_application text, payee text, asked numeric, for_purpose text, payment_no text DEFAULT NULL::text)
 RETURNS boolean
 LANGUAGE plpgsql
AS $function$
declare
  a application;
  held boolean := true;
begin
  select * into a from application x where x.no = of_application;
  if a.product <> 'SPOT_PLEDGE' and rule in ('pledge_effective', 'price_fresh', 'stock_feed_fresh', 'goods_cover') then
    return true;
  end if;
  case rule
    when 'borrower_active' then
      perform from party p where p.id = a.borrower_id and p.state = 'ACTIVE' for share of p;
      held := found;
      held := held and party_may_draw(a.borrower_id) is null;
    when 'borrower_not_overdue' then
      -- Whoever lets one of them lapse waits for this, or this for him.
      perform from loan l join application x on x.no = l.application_no where x.borrower_id = a.borrower_id order by l.no for share of l;
      perform from loan l join application x on x.no = l.application_no
        where x.borrower_id = a.borrower_id and l.state in ('OVERDUE', 'DEFAULTED', 'DISPOSING', 'WRITTEN_OFF');
      held := not found;
    when 'consent_given' then
      perform from party f join consent c on c.party_id = a.borrower_id and c.recipient = f.legal_name
        where f.id = a.funder_id and c.state = 'GIVEN' and (c.valid_to is null or c.valid_to > hub_now());
      held := found;
    when 'contracts_signed' then
      perform from envelope e where e.application_no = a.no and e.state = 'COMPLETED';
      held := found;
    when 'payee_mandated' then
      if for_purpose = 'DISBURSE_SELF' then
        perform from bank_account b where b.account_no = payee and b.party_id = a.borrower_id and b.state = 'VERIFIED' for share;
      else
        perform from envelope e join bank_account b on b.account_no = e.mandate_payee where e.application_no = a.no and e.state = 'COMPLETED'
          and e.mandate_payee = payee and a.payee_account = payee and b.state = 'VERIFIED' for share of b;
      end if;
      held := found;
    when 'payee_not_cooling' then
      perform from bank_account b where b.account_no = payee and b.usable_from > hub_now();
      held := not found;
    when 'limit_reserved' then
      perform from credit_limit l where l.reserved >= asked and reserved_for(l.no, a.no) >= asked
        and l.no in (select m.limit_no from limit_movement m where m.application_no = a.no and m.kind = 'RESERVE') for update;
      held := found;
    when 'limit_not_frozen' then
      perform from credit_limit l where (l.state not in ('ACTIVE', 'REDUCED') or l.valid_to < shanghai_date(hub_now()))
        and l.no in (select m.limit_no from limit_movement m where m.application_no = a.no and m.kind = 'RESERVE');
      held := not found;
    when 'amount_approved' then
      perform from application x where x.no = a.no and x.state = 'READY_TO_DISBURSE' and x.approved_amount >= asked and x.valid_to > hub_now() for update;
      held := found;
    when 'asset_locked' then
      perform from asset_lock k where k.application_no = a.no and k.released_at is null;
      held := found;
    when 'order_covers' then
      perform from trade_order o where (o.seller_no, o.order_no) = (a.seller_no, a.order_no) and asked > o.total - o.paid;
      held := not found;
    when 'pledge_registered' then
      perform from registration r where r.application_no = a.no and r.state in ('REGISTERED', 'AMENDED', 'EXTENDED') and r.expires_at > hub_now();
      held := found or a.product in ('CREDIT', 'FACTORING'); -- Of receivables: 0010.
    when 'pledge_effective' then
      perform from pledge p where p.application_no = a.no and p.state = 'EFFECTIVE' for update;
      held := found;
    when 'price_fresh' then
      perform from pledge p where p.application_no = a.no and pledge_price_stale(p.no);
      held := not found;
    when 'goods_cover' then
      held := coalesce(pledge_covers(a.no, asked, payment_no) not in ('LTV_EXCEEDED', 'FLOOR_BREACH'), true);
    when 'stock_feed_fresh' then
      perform from pledge p join pledge_item i on i.pledge_no = p.no join stock_lot s on s.lot_no = i.lot_no
        where p.application_no = a.no and alert_open('STOCK_FEED_LATE', s.warehouse);
      held := not found;
    when 'no_margin_call' then
      perform from pledge p left join loan l on l.application_no = p.application_no
        where p.pledgor_id = a.borrower_id and (alert_open('MARGIN_CALL', p.no) or alert_open('MARGIN_CALL', l.no));
      held := not found;
    -- Two days without sign-off of what was reconciled with that funder stop its disbursements (F10).
    when 'books_reconciled' then
      perform from recon_run r where r.funder_id = a.funder_id and r.state not in ('SIGNED_OFF', 'VOID') and r.on_date < shanghai_date(hub_now()) - 2;
      held := not found;
  end case;
  return coalesce(held, false);
end
$function$;

CREATE OR REPLACE FUNCTION public.disclosure_consented()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  new.at := hub_now();
  if new.consent_id is not null and not exists (
    select from consent c where c.id = new.consent_id and (c.party_id, c.recipient, c.purpose) = (new.party_id, new.recipient, new.purpose)
      and c.state = 'GIVEN' and (c.valid_to is null or c.valid_to > new.at) and new.data_kinds <@ c.data_kinds for share) then
    perform refuse('disclosure_consented', 'disclosure', 'there is no live consent for this recipient, purpose and kind of data');
  end if;
  return new;
end
$function$;

CREATE OR REPLACE FUNCTION public.edge_capacities(relation name)
 RETURNS text[]
 LANGUAGE sql
 IMMUTABLE
AS $function$
  select case relation
    when 'lianshu_edge_borrower' then '{BUYER,BORROWER,PLEDGOR,CREDITOR}'
    when 'lianshu_edge_unit' then '{SELLER}'
    when 'lianshu_edge_funder' then '{FUNDER,PLEDGEE}'
    when 'lianshu_edge_keeper' then '{KEEPER,SUPERVISOR}'
    when 'lianshu_edge_core' then '{DEBTOR}'
  end::text[]
$function$;

CREATE OR REPLACE FUNCTION public.edge_party()
 RETURNS uuid
 LANGUAGE sql
 STABLE
AS $function$ select nullif(current_setting('hub.party', true), '')::uuid $function$;

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

CREATE OR REPLACE FUNCTION public.entry_rule()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
declare
  l loan;
  undone loan_entry;
begin
  select * into l from loan where no = new.loan_no for update;
  case tg_argv[0]
    when 'accrual_recomputes' then
      if new.from_on is distinct from accrued_to(l.no, 'INTEREST') or new.value_on > l.maturity or new.amount is distinct from interest_of(l.no, new.from_on, new.value_on) then
        perform refuse('accrual_recomputes', 'loan_entry', format('interest of %s from %s to %s is %s', l.no, accrued_to(l.no, 'INTEREST'), new.value_on,
          interest_of(l.no, accrued_to(l.no, 'INTEREST'), new.value_on)));
      end if;
    when 'principal_not_backdated' then
      if new.value_on < accrued_to(l.no, 'INTEREST') then
        perform refuse('principal_not_backdated', 'loan_entry', format('interest of %s is accrued up to %s', l.no, accrued_to(l.no, 'INTEREST')));
      end if;
    when 'reversal_undoes' then
      select * into undone from loan_entry e where e.id = new.reverses;
      if (undone.loan_no, undone.item, undone.amount) is distinct from (new.loan_no, new.item, -new.amount) or undone.kind = 'REVERSE'
         or undone.repayment_no is distinct from new.repayment_no
         or undone.kind = 'ACCRUE' and undone.value_on <> accrued_to(l.no, undone.item) then
        perform refuse('reversal_undoes', 'loan_entry', format('entry %s is not undone by that', new.reverses));
      end if;
  end case;
  return new;
end
$function$;

CREATE OR REPLACE FUNCTION public.envelope_moves()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if new.state = 'COMPLETED' and old.state <> 'COMPLETED'
     and (select count(*) = 0 or bool_or(s.state <> 'SIGNED') from envelope_signer s where s.envelope_no = new.no) then
    perform refuse('all_have_signed', 'envelope', format('not all have signed envelope %s', new.no));
  end if;
  if old.state = 'COMPLETED' and to_jsonb(new) is distinct from to_jsonb(old) then
    perform refuse('envelope_kept', 'envelope', 'what was signed stays as it was signed');
  end if;
  return new;
end
$function$;

CREATE OR REPLACE FUNCTION public.evidence_is_due()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
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
$function$;

CREATE OR REPLACE FUNCTION public.funder_takes_customer()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if exists (select from funder_archive a where (a.party_id, a.funder_id) = (new.borrower_id, new.funder_id) and a.refusal is not null for share) then
    perform refuse('funder_takes_customer', 'application', 'the funder takes no business of this company');
  end if;
  return new;
end
$function$;

CREATE OR REPLACE FUNCTION public.future_goods_leave()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  insert into future_move (future_no, line_no, origin, destination, quantity, document_no)
    select f.future_no, f.line_no, 'receipt', 'released', new.quantity, new.document_no
    from stock_lot l join future_move m on m.document_no = l.goods_receipt_no and m.destination = 'received'
      join future_line f on (f.future_no, f.line_no) = (m.future_no, m.line_no) and f.material = l.material
    where l.lot_no = new.lot_no order by f.line_no limit 1;
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION public.future_goods_paid()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
declare
  f future_goods;
begin
  if not exists (select from application a where a.no = new.application_no and a.product = 'FUTURE_GOODS') then
    return new;
  end if;
  select * into f from future_goods g where g.application_no = new.application_no for update;
  if f.state is distinct from 'REGISTERED' then
    perform refuse('future_goods_agreed', 'payment', 'the right to the future goods is not agreed and registered');
  end if;
  if f.deposit + new.amount > (select sum(trunc(l.contracted * l.price, 2)) from future_line l where l.future_no = f.no) then
    perform refuse('future_goods_cover', 'payment', 'deposit and loan are above what the goods cost');
  end if;
  return new;
end
$function$;

CREATE OR REPLACE FUNCTION public.future_line_kept()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if tg_op = 'INSERT' and new.future <> new.contracted
     or tg_op = 'UPDATE' and (pg_trigger_depth() < 2 or (new.contracted, new.price, new.material, new.unit) is distinct from (old.contracted, old.price, old.material, old.unit)) then
    perform refuse('future_line_moved', 'future_line', format('where the units of %s are is written by movements alone', new.future_no));
  end if;
  return new;
end
$function$;

CREATE OR REPLACE FUNCTION public.gate_pass_good()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
declare
  o release_order;
begin
  select * into o from release_order where no = new.release_no for update;
  perform refuse_if(o.state not in ('SENT_TO_WH', 'ACKED') or o.token_sha256 is distinct from new.token_sha256
    or o.picker_id_sha256 is distinct from new.picker_id_sha256 or o.picker_vehicle is distinct from new.vehicle, 'gate_pass_good', 'gate_pass', new.release_no);
  perform refuse_if(not coalesce(o.valid_to > hub_now(), false), 'gate_pass_in_time', 'gate_pass', new.release_no);
  return new;
end
$function$;

CREATE OR REPLACE FUNCTION public.guard_payment()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if not disbursement_may(tg_argv[0], new.application_no, new.payee_account, new.amount, new.purpose, new.no) then
    perform refuse(tg_argv[0], 'payment', format('disbursement %s is refused by %s', new.no, tg_argv[0]));
  end if;
  return new;
end
$function$;

CREATE OR REPLACE FUNCTION public.history_digest(previous text, h history)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE
AS $function$
  select encode(sha256(convert_to(jsonb_build_array('lianshu/history/v1', coalesce(previous, ''), h.entity, h.entity_id, h.version, h.from_state,
    h.to_state, h.event, h.actor, h.word, coalesce(h.reason, ''), coalesce(h.approval_id::text, ''),
    to_char(h.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'))::text, 'UTF8')), 'hex')
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

CREATE OR REPLACE FUNCTION public.interest_days(day_count text, from_on date, to_on date)
 RETURNS integer
 LANGUAGE sql
 IMMUTABLE
AS $function$
  select case day_count when '30/360' then (extract(year from to_on) * 360 + extract(month from to_on) * 30 + least(extract(day from to_on), 30)
    - extract(year from from_on) * 360 - extract(month from from_on) * 30 - least(extract(day from from_on), 30))::int else to_on - from_on end
$function$;

CREATE OR REPLACE FUNCTION public.interest_fen(numerator numeric, day_count text)
 RETURNS numeric
 LANGUAGE sql
 IMMUTABLE
AS $function$
  select div(numerator * 200 + b.days, 2 * b.days) / 100 from (select case day_count when 'ACT/365' then 365 else 360 end::numeric days) b
$function$;

CREATE OR REPLACE FUNCTION public.interest_of(loan_no text, from_on date, to_on date)
 RETURNS numeric
 LANGUAGE sql
 STABLE
AS $function$
  select interest_fen(coalesce(sum(e.amount * interest_days(l.day_count, greatest(e.value_on, interest_of.from_on), interest_of.to_on)), 0) * l.rate, l.day_count)
  from loan l left join loan_entry e on e.loan_no = l.no and e.item = 'PRINCIPAL' and e.value_on < interest_of.to_on
  where l.no = interest_of.loan_no group by l.no
$function$;

CREATE OR REPLACE FUNCTION public.invitation_in_time()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if new.expires_at <= hub_now() or new.code <> old.code then
    perform refuse('invitation_in_time', 'invitation', 'the invitation has expired');
  end if;
  return new;
end
$function$;

CREATE OR REPLACE FUNCTION public.invoice_cover()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if tg_op = 'INSERT' then
    new.uncovered_amount := 0;
  elsif new.red_amount <> old.red_amount then
    new.uncovered_amount := greatest(0, new.used_amount - (new.amount_inc_tax - new.red_amount));
  else
    new.uncovered_amount := least(old.uncovered_amount, greatest(0, new.used_amount - (new.amount_inc_tax - new.red_amount)));
  end if;
  return new;
end
$function$;

CREATE OR REPLACE FUNCTION public.invoice_use_counts()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
declare
  i invoice;
  r receivable;
begin
  if tg_op = 'UPDATE' then
    if (new.id, new.invoice_key, new.receivable_no, new.amount) is distinct from (old.id, old.invoice_key, old.receivable_no, old.amount) then
      perform refuse('invoice_use_kept', 'invoice_use', 'a use of an invoice is released, never changed');
    end if;
    if new.state = 'RELEASED' and old.state <> 'RELEASED' then
      update invoice set used_amount = used_amount - old.amount where key = old.invoice_key;
    end if;
    return new;
  end if;
  select * into i from invoice where key = new.invoice_key for update;
  select * into r from receivable where no = new.receivable_no;
  if i.state <> 'CHECKED_VALID' then
    perform refuse('invoice_is_checked', 'invoice_use', format('invoice %s is not known to be valid', i.key));
  end if;
  if (i.seller_id, i.buyer_id, i.currency) is distinct from (r.creditor_id, r.debtor_id, r.currency) then
    perform refuse('invoice_of_the_parties', 'invoice_use', format('invoice %s is not between creditor and debtor', i.key));
  end if;
  update invoice set used_amount = used_amount + new.amount where key = new.invoice_key;
  return new;
end
$function$;

CREATE OR REPLACE FUNCTION public.invoice_used_is_counted()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if (select i.used_amount <> coalesce((select sum(u.amount) from invoice_use u where u.invoice_key = i.key and u.state <> 'RELEASED'), 0)
      from invoice i where i.key = new.key) then
    perform refuse('invoice_used_is_counted', 'invoice', format('invoice %s: the used amount is not the sum of its uses', new.key));
  end if;
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION public.is_disbursement(purpose text)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE
AS $function$ select purpose in ('DISBURSE', 'DISBURSE_SELF') $function$;

CREATE OR REPLACE FUNCTION public.is_sealed(value bytea)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE
AS $function$
  select value is null or (length(value) >= 34 and get_byte(value, 0) = 245)
$function$;

CREATE OR REPLACE FUNCTION public.is_uscc(code text)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE
AS $function$
  select code ~ '^[0-9A-HJ-NPQRTUWXY]{18}$' and substr(code, 18, 1) = (
    select substr('0123456789ABCDEFGHJKLMNPQRTUWXY', ((31 - sum(
        (strpos('0123456789ABCDEFGHJKLMNPQRTUWXY', substr(code, i, 1)) - 1) * (array[1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28])[i]
      ) % 31) % 31)::int + 1, 1) from generate_series(1, 17) i)
$function$;

CREATE OR REPLACE FUNCTION public.is_working_day(day date)
 RETURNS boolean
 LANGUAGE sql
 STABLE
AS $function$
  select coalesce((select s.working from working_day_swap s where s.day = is_working_day.day), extract(isodow from day) < 6)
$function$;

CREATE OR REPLACE FUNCTION public.keeps_warehouse(of_code text, relation name)
 RETURNS boolean
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
begin
  return relation = 'lianshu_edge_keeper'
    and (select bool_and(p.keeper_id = edge_party()) from project p where p.warehouse = of_code) is true;
end
$function$;

CREATE OR REPLACE FUNCTION public.legal_rep_changes()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if exists (select from sign_authority s where s.party_id = new.party_id and s.basis = 'LEGAL_REP' and s.no <> new.no) then
    update party set reverify_since = hub_now() where id = new.party_id;
  end if;
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION public.limit_rule()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
declare
  l credit_limit;
begin
  select * into l from credit_limit where no = new.limit_no for update;
  case tg_argv[0]
    when 'limit_is_open' then
      if l.state not in ('ACTIVE', 'REDUCED') or l.valid_to < shanghai_date(hub_now()) then
        perform refuse('limit_is_open', 'limit_movement', format('limit %s is %s', l.no, l.state));
      end if;
    when 'limit_reserved_first' then
      if reserved_for(new.limit_no, new.application_no) < new.amount then
        perform refuse('limit_reserved_first', 'limit_movement', format('application %s holds less than that of limit %s', new.application_no, l.no));
      end if;
    when 'restore_only_revolving' then
      if not l.revolving then
        perform refuse('restore_only_revolving', 'limit_movement', format('limit %s does not revolve', l.no));
      end if;
    when 'restore_only_posted' then
      if new.amount + coalesce((select sum(case m.kind when 'RESTORE' then m.amount else -m.amount end) from limit_movement m
           where m.repayment_no = new.repayment_no and m.kind in ('RESTORE', 'UNRESTORE')), 0) > coalesce(
           (select r.principal from repayment r join loan on loan.no = r.loan_no
            where r.no = new.repayment_no and r.state = 'POSTED'
              and exists (select from limit_movement m where m.limit_no = l.no and m.application_no = loan.application_no and m.kind = 'CONSUME')), 0) then
        perform refuse('restore_only_posted', 'limit_movement', format('repayment %s has not posted that much principal', new.repayment_no));
      end if;
    when 'reverse_only_returned' then
      if not exists (select from loan join payment p on p.no = loan.payment_no
                     where loan.application_no = new.application_no and p.state = 'RETURNED' and loan.principal = new.amount) then
        perform refuse('reverse_only_returned', 'limit_movement', format('the money of %s did not come back', new.application_no));
      end if;
  end case;
  return new;
end
$function$;

CREATE OR REPLACE FUNCTION public.loan_rule()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
declare
  paid payment;
begin
  case tg_argv[0]
    when 'loan_is_received' then
      select * into paid from payment p where p.no = new.payment_no;
      if new.principal - new.upfront_interest <> paid.amount or new.application_no <> paid.application_no or not is_disbursement(paid.purpose) then
        perform refuse('loan_is_received', 'loan', format('%s was paid out by %s', paid.amount, paid.no));
      end if;
    when 'loan_is_paid_out' then
      if not exists (select from payment p where p.no = new.payment_no and p.state = 'SUCCEEDED') then
        perform refuse('loan_is_paid_out', 'loan', format('nobody said that %s arrived', new.payment_no));
      end if;
    when 'loan_unchanged' then
      if (new.application_no, new.payment_no, new.principal, new.rate, new.day_count, new.start_date, new.currency, new.purchase, new.upfront_interest)
         is distinct from (old.application_no, old.payment_no, old.principal, old.rate, old.day_count, old.start_date, old.currency, old.purchase, old.upfront_interest)
         or new.maturity <> old.maturity and (new.state <> 'EXTENDED' or new.maturity < old.maturity) then
        perform refuse('loan_unchanged', 'loan', format('the terms of %s stand', old.no));
      end if;
  end case;
  return new;
end
$function$;

CREATE OR REPLACE FUNCTION public.lot_disputed(of_lot text)
 RETURNS numeric
 LANGUAGE sql
 STABLE
AS $function$
  select coalesce(-sum(a.quantity), 0) from stock_adjustment a where a.lot_no = of_lot and a.state = 'REFUSED' and a.quantity < 0
$function$;

CREATE OR REPLACE FUNCTION public.lot_project(of_lot text)
 RETURNS text
 LANGUAGE sql
 STABLE
AS $function$
  select coalesce(
    (select j.id from pledge_item i join pledge p on p.no = i.pledge_no join application a on a.no = p.application_no join project j on j.seller_no = a.seller_no
     where i.lot_no = of_lot order by i.closed, p.no limit 1),
    (select j.id from stock_lot l join goods_receipt g on g.receipt_no = l.goods_receipt_no
       join trade_order o on o.case_id = regexp_replace(g.notice_no, '^[A-Z]+', 'CASE-') join project j on j.seller_no = o.seller_no
     where l.lot_no = of_lot limit 1))
$function$;

CREATE OR REPLACE FUNCTION public.margin_entry_true()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  perform from pledge where no = new.pledge_no for update;
  perform refuse_if((select sum(m.amount) from margin_entry m where m.pledge_no = new.pledge_no) < 0, 'margin_not_overdrawn', 'margin_entry', new.pledge_no);
  perform refuse_if((select p.currency from pledge p where p.no = new.pledge_no) <> new.currency, 'margin_in_currency', 'margin_entry', new.no);
  if new.amount < 0 then
    perform refuse_uncovered(new.pledge_no, 'margin_entry');
  end if;
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION public.market_price(of_material text, of_unit text)
 RETURNS price_quote
 LANGUAGE sql
 STABLE
AS $function$
  select q from price_quote q where q.material = of_material and q.unit = of_unit and not q.held order by q.as_of desc, q.quote_date desc, q.source limit 1
$function$;

CREATE OR REPLACE FUNCTION public.name_change_reopens_accounts()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if exists (select from bank_account a where a.party_id = new.id and a.state = 'VERIFIED' and a.account_name <> new.legal_name) then
    perform refuse('name_change_reopens_accounts', 'party', 'an account of it still carries the old name');
  end if;
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION public.next_working_day(day date)
 RETURNS date
 LANGUAGE sql
 STABLE
AS $function$
  select day + n from generate_series(0, 31) n where is_working_day(day + n) order by n limit 1
$function$;

CREATE OR REPLACE FUNCTION public.offer_is_counted()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if (select o.accepted <> coalesce((select sum(s.amount) from subscription s where s.offer_no = o.no and s.state in ('ACCEPTED', 'CONFIRMED', 'PAID')), 0)
      or (o.state = 'FULLY_SUBSCRIBED' and o.accepted <> o.amount) from asset_offer o where o.no = new.no) then
    perform refuse('offer_is_counted', 'asset_offer', format('offer %s: what is accepted is not the sum of its subscriptions', new.no));
  end if;
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION public.offer_moves()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if tg_op = 'INSERT' then
    if (new.amount > a.amount or new.currency <> a.currency or a.state not in ('ASSETS_LOCKED', 'ROUTED', 'FUNDER_REVIEW')) is not false
       from application a where a.no = new.application_no then
      perform refuse('offer_of_locked_assets', 'asset_offer', 'no more is offered than was applied for, on locked assets');
    end if;
    return new;
  end if;
  if old.state <> 'DRAFT' and to_jsonb(new) - '{state,accepted,final_rate}'::text[] is distinct from to_jsonb(old) - '{state,accepted,final_rate}'::text[]
     or old.state in ('RATE_FIXED', 'CONTRACTING', 'FUNDED') and new.final_rate is distinct from old.final_rate then
    perform refuse('offer_kept', 'asset_offer', 'a published offer keeps its terms');
  end if;
  if new.state = 'RATE_FIXED' and exists (select from subscription s where s.offer_no = new.no and s.state = 'ACCEPTED'
       and not (new.final_rate between s.rate_low and s.rate_high)) then
    perform refuse('final_rate_within_subscriptions', 'asset_offer', 'the rate is outside what a funder subscribed at');
  end if;
  return new;
end
$function$;

CREATE OR REPLACE FUNCTION public.offers_for(funder uuid)
 RETURNS TABLE(no text, channel text, product text, amount numeric, currency text, min_ticket numeric, rate_low numeric, rate_high numeric, closes_at timestamp with time zone, tenor_days integer, disclosed boolean, recourse boolean)
 LANGUAGE plpgsql
 STABLE
AS $function$
begin
  return query select o.no, o.channel, a.product, o.amount, o.currency::text, o.min_ticket, o.rate_low::numeric, o.rate_high::numeric, o.closes_at, a.tenor_days,
      a.disclosed, a.recourse from asset_offer o join application a on a.no = o.application_no
    where o.state in ('PUBLISHED', 'PARTIALLY_SUBSCRIBED') and funder = any (o.visible_to) and o.closes_at > hub_now() order by o.closes_at, o.no;
end
$function$;

CREATE OR REPLACE FUNCTION public.on_its_way(of_application text)
 RETURNS numeric
 LANGUAGE sql
 STABLE
AS $function$
  select coalesce(sum(y.amount), 0) from payment y where y.application_no = of_application and is_disbursement(y.purpose)
    and y.state not in ('FAILED', 'RETURNED') and not exists (select from loan l where l.payment_no = y.no)
$function$;

CREATE OR REPLACE FUNCTION public.owns_account(of_no text)
 RETURNS boolean
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
begin
  return exists (select from bank_account a where a.account_no = of_no and a.party_id = edge_party());
end
$function$;

CREATE OR REPLACE FUNCTION public.party_acts_as(party uuid, as_role text)
 RETURNS boolean
 LANGUAGE sql
 STABLE
AS $function$
  select exists (select from party_role r join party p on p.id = r.party_id
    where r.party_id = party_acts_as.party and r.role = as_role and r.state = 'ACTIVE' and p.state in ('VERIFIED', 'ACTIVE'))
$function$;

CREATE OR REPLACE FUNCTION public.party_is_proven()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if not party_proven(new.id) then
    perform refuse('party_is_proven', 'party', 'company, agent and authority are not all verified');
  end if;
  return new;
end
$function$;

CREATE OR REPLACE FUNCTION public.party_may_draw(party uuid)
 RETURNS text
 LANGUAGE plpgsql
 STABLE
AS $function$
declare
  p party;
begin
  select * into p from party x where x.id = party_may_draw.party;
  return case when p.id is null or p.state <> 'ACTIVE' then 'party_not_active'
              when p.reverify_since is not null then 'party_reverify_due'
              when p.licence_valid_to < (hub_now() at time zone 'Asia/Shanghai')::date then 'party_reverify_due'
              when blacklisted(p.id) then 'party_blacklisted' end;
end
$function$;

CREATE OR REPLACE FUNCTION public.party_owes_nothing()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if exists (select from application a where new.id in (a.borrower_id, a.funder_id) and still_open('application', a.state))
     or exists (select from pledge p where new.id in (p.pledgor_id, p.pledgee_id, p.supervisor_id) and still_open('pledge', p.state))
     or exists (select from loan l join application a on a.no = l.application_no where new.id in (a.borrower_id, a.funder_id) and l.balance > 0) then
    perform refuse('party_owes_nothing', 'party', 'it has open obligations');
  end if;
  return new;
end
$function$;

CREATE OR REPLACE FUNCTION public.party_proven(party uuid)
 RETURNS boolean
 LANGUAGE sql
 STABLE
AS $function$
  with live as (select v.kind, v.legal_rep from verification v where v.party_id = party and v.state = 'MATCH'
    and (v.expires_at > hub_now() or (v.kind = 'FACE' and v.xmin = pg_current_xact_id()::xid)))
  select exists (select from live where kind = 'ENT4') and exists (select from live where kind in ('FACE', 'BANK4'))
     and exists (select from live where kind in ('ORG_ACCT', 'POA') or (kind = 'FACE' and legal_rep))
$function$;

CREATE OR REPLACE FUNCTION public.party_reverifies()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if old.state in ('VERIFIED', 'ACTIVE', 'FROZEN') and (new.legal_name <> old.legal_name or new.uscc is distinct from old.uscc
      or (old.licence_valid_to is not null and new.licence_valid_to is distinct from old.licence_valid_to)) then
    new.reverify_since := hub_now();
    if new.legal_name <> old.legal_name then
      new.name_changed_at := hub_now();
    end if;
  elsif old.reverify_since is not null and (new.reverify_since is null or new.reverify_since < old.reverify_since)
      and not exists (select from verification v where v.party_id = new.id and v.kind = 'ENT4' and v.state = 'MATCH' and v.answered_at >= old.reverify_since) then
    perform refuse('party_reverifies', 'party', 'it has not been verified again');
  end if;
  return new;
end
$function$;

CREATE OR REPLACE FUNCTION public.payee_not_cooling()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if exists (select from bank_account a where a.account_no = new.payee_account and a.usable_from > hub_now() for share) then
    perform refuse('payee_not_cooling', 'payment', 'the account was changed less than 24 hours ago');
  end if;
  return new;
end
$function$;

CREATE OR REPLACE FUNCTION public.payment_rule()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
declare
  before_it payment;
begin
  case tg_argv[0]
    when 'payment_unchanged' then
      if (new.no, new.purpose, new.application_no, new.payer_account, new.payee_account, new.amount, new.currency, new.previous_no)
         is distinct from (old.no, old.purpose, old.application_no, old.payer_account, old.payee_account, old.amount, old.currency, old.previous_no)
         or old.serial_no <> new.serial_no or old.settled_at <> new.settled_at then
        perform refuse('payment_unchanged', 'payment', format('what %s orders stands', old.no));
      end if;
    -- The hub may ask a funder or a clearing for these: it decides by its own two people, or the payer himself ordered it.
    when 'payment_approved_first' then
      if new.purpose not in ('DISBURSE', 'REPAY') then
        perform refuse('payment_approved_first', 'payment', format('a %s is approved by two people before it is sent', new.purpose));
      end if;
    when 'payment_follows_ended' then
      select * into before_it from payment p where p.application_no = new.application_no and is_disbursement(p.purpose)
        and p.state in ('FAILED', 'RETURNED') order by p.created_at desc, p.no desc limit 1;
      if new.previous_no is distinct from before_it.no then
        perform refuse('payment_follows_ended', 'payment', format('%s must follow %s', new.no, coalesce(before_it.no, 'nothing')));
      end if;
    when 'payment_between_parties' then
      if not exists (select from bank_account b where b.account_no = new.payee_account)
         or new.payer_account is not null and not exists (select from bank_account b where b.account_no = new.payer_account) then
        perform refuse('payment_between_parties', 'payment', 'payer and payee are accounts of parties');
      end if;
  end case;
  return new;
end
$function$;

CREATE OR REPLACE FUNCTION public.plan_adds_up()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
declare
  p loan_plan;
begin
  select * into p from loan_plan x where (x.loan_no, x.version) = (new.loan_no, new.version);
  if p.principal is distinct from (select sum(i.principal) from instalment i where (i.loan_no, i.version) = (new.loan_no, new.version))
     or p.principal is distinct from (select sum(e.amount) from loan_entry e where e.loan_no = new.loan_no and e.item = 'PRINCIPAL')
     or exists (select from instalment i where (i.loan_no, i.version) = (new.loan_no, new.version) and not is_working_day(i.due_on)) then
    perform refuse('plan_adds_up', tg_table_name, format('plan %s of %s is not what is owed', new.version, new.loan_no));
  end if;
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION public.pledge_change_calm()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  perform refuse_if(new.kind = 'SUBSTITUTION' and (select v.level from valuation v join revaluation r using (set_id) where v.pledge_no = new.pledge_no
    order by r.at desc limit 1) in ('CALL', 'DISPOSE'), 'no_substitution_under_call', 'pledge_change', new.pledge_no);
  return new;
end
$function$;

CREATE OR REPLACE FUNCTION public.pledge_change_true()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  perform check_one_way(i.lot_no) from pledge_item i where i.change_no = new.no and not i.closed order by i.lot_no;
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION public.pledge_covers(of_application text, asked numeric, payment_no text DEFAULT NULL::text)
 RETURNS text
 LANGUAGE plpgsql
AS $function$
declare
  its_no text := (select p.no from pledge p where p.application_no = of_application);
begin
  if not exists (select from pledge p where p.no = its_no and p.state in ('EFFECTIVE', 'PARTIALLY_RELEASED') for update) then
    return 'CONTROL_NOT_PROVEN';
  end if;
  return pledge_uncovered(its_no, asked - on_its_way(of_application));
end
$function$;

CREATE OR REPLACE FUNCTION public.pledge_exposure(of_pledge text)
 RETURNS numeric
 LANGUAGE sql
 STABLE
AS $function$
  select coalesce((select sum(l.balance) from loan l where l.application_no = p.application_no), 0) + on_its_way(p.application_no)
    - coalesce((select sum(m.amount) from margin_entry m where m.pledge_no = p.no), 0)
  from pledge p where p.no = of_pledge
$function$;

CREATE OR REPLACE FUNCTION public.pledge_item_true()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
declare
  p pledge;
  ordered numeric;
begin
  select * into p from pledge where no = new.pledge_no for update;
  perform check_lot(new.lot_no);
  perform check_one_way(new.lot_no);
  perform check_receipt_of_pledge(new.pledge_no);
  if p.state not in ('CANCELLED', 'DISPOSED') and not exists (select from pledge_change c where c.no = new.change_no and c.state = 'CANCELLED') then
    ordered := coalesce((select sum(i.quantity) from release_item i join release_order o on o.no = i.release_no
      where o.pledge_no = new.pledge_no and i.lot_no = new.lot_no and o.state not in ('REJECTED', 'CANCELLED', 'EXPIRED')), 0)
      + case when p.basis = 'STOCK_FLOATING' then coalesce((select sum(m.quantity) from stock_movement m
          where m.lot_no = new.lot_no and m.kind = 'UNLOCK' and m.document_no = new.pledge_no), 0) else 0 end;
    perform refuse_if((select i.released from pledge_item i where i.pledge_no = new.pledge_no and i.lot_no = new.lot_no) <> ordered,
      'released_by_order', 'pledge_item', new.lot_no);
  end if;
  perform refuse_if(coalesce((select sum(i.lost) from pledge_item i where i.lot_no = new.lot_no), 0) <> coalesce((select sum(m.quantity) from stock_movement m
    join stock_adjustment a on a.no = m.document_no and a.state = 'POSTED' where m.lot_no = new.lot_no and m.kind = 'UNLOCK'), 0), 'lost_by_adjustment', 'pledge_item', new.lot_no);
  if tg_op = 'UPDATE' and p.basis = 'STOCK_FLOATING' and p.state in ('EFFECTIVE', 'PARTIALLY_RELEASED') and new.released > old.released then
    perform refuse_uncovered(new.pledge_no, 'pledge_item');
  end if;
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION public.pledge_price_stale(of_pledge text)
 RETURNS boolean
 LANGUAGE sql
 STABLE
AS $function$
  select exists (select from pledge_item i join stock_lot l using (lot_no), market_price(l.material, l.unit) q
    where i.pledge_no = of_pledge and i.open > 0 and not coalesce(q.good_until > hub_now(), false))
$function$;

CREATE OR REPLACE FUNCTION public.pledge_takes_part()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  perform takes_part(a.case_id, new.pledgor_id, 'PLEDGOR'), takes_part(a.case_id, new.pledgee_id, 'PLEDGEE'), takes_part(a.case_id, new.supervisor_id, 'SUPERVISOR')
  from application a where a.no = new.application_no;
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION public.pledge_true()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  perform check_one_way(i.lot_no) from pledge_item i where i.pledge_no = new.no and not i.closed order by i.lot_no;
  perform check_receipt_of_pledge(new.no);
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION public.pledge_uncovered(of_pledge text, more numeric DEFAULT 0)
 RETURNS text
 LANGUAGE plpgsql
AS $function$
declare
  p pledge;
  owed numeric;
  worth numeric;
begin
  select * into p from pledge where no = of_pledge for update;
  perform from loan where application_no = p.application_no for share;
  owed := pledge_exposure(of_pledge) + more;
  if owed <= 0 then
    return null;
  end if;
  if pledge_price_stale(of_pledge) then
    return 'PRICE_STALE';
  end if;
  worth := pledge_value(of_pledge);
  if owed > worth * p.pledge_rate then
    return 'LTV_EXCEEDED';
  end if;
  return case when worth < p.min_floor_value then 'FLOOR_BREACH' end;
end
$function$;

CREATE OR REPLACE FUNCTION public.pledge_value(of_pledge text)
 RETURNS numeric
 LANGUAGE sql
 STABLE
AS $function$
  select trunc(coalesce(sum(case when lot_disputed(l.lot_no) > 0 then greatest(0, least(i.open, l.on_hand - lot_disputed(l.lot_no))) else i.open end * least(i.price, (market_price(l.material, l.unit)).price)), 0), 2)
  from pledge_item i join stock_lot l using (lot_no) left join pledge_change c on c.no = i.change_no
  where i.pledge_no = of_pledge and not i.closed and (c.no is null or c.state in ('REGISTERED', 'DONE'))
$function$;

CREATE OR REPLACE FUNCTION public.price_jumps(q price_quote)
 RETURNS boolean
 LANGUAGE sql
 STABLE
AS $function$
  select coalesce((
    select abs(q.price - last.price) * 10 > last.price and not exists (
      select from price_quote o where o.material = q.material and o.unit = q.unit and o.quote_date = q.quote_date and o.source <> q.source
        and abs(q.price - o.price) * 10 <= o.price)
    from price_quote last where last.material = q.material and last.unit = q.unit and not last.held and last.as_of < q.as_of
    order by last.as_of desc limit 1), false)
$function$;

CREATE OR REPLACE FUNCTION public.price_quote_guard()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if tg_op = 'INSERT' then
    new.good_until := business_day_after(new.as_of);
    if not new.held and new.confirmed_by is null and price_jumps(new) then
      raise exception '% jumps by more than a tenth: a second source or person must say so', new.material
        using errcode = 'check_violation', constraint = 'price_jump_confirmed', table = 'price_quote';
    end if;
  elsif tg_op = 'DELETE' or to_jsonb(new) - '{held,confirmed_by}'::text[] <> to_jsonb(old) - '{held,confirmed_by}'::text[]
        or (new.held, new.confirmed_by) is distinct from (old.held, old.confirmed_by) and (not old.held or new.held or (new.confirmed_by is null and price_jumps(new))) then
    raise exception 'a quote is kept as it was given' using errcode = 'check_violation', constraint = 'price_quote_kept', table = 'price_quote';
  end if;
  return new;
end
$function$;

CREATE OR REPLACE FUNCTION public.receipt_family_broken(of_child text)
 RETURNS boolean
 LANGUAGE sql
 STABLE
AS $function$
  with parents as (select parent_no from receipt_link where child_no = of_child),
       children as (select distinct child_no from receipt_link where parent_no in (select * from parents)),
       goods as (
         select i.quantity - i.delivered quantity, l.material, l.brand, l.grade, i.variety, i.spec, i.unit, i.quality, 1 side
           from receipt_item i join stock_lot l using (lot_no) where i.receipt_no in (select * from parents)
         union all
         select -i.quantity, l.material, l.brand, l.grade, i.variety, i.spec, i.unit, i.quality, -1
           from receipt_item i join stock_lot l using (lot_no) where i.receipt_no in (select * from children))
  select exists (select from goods group by material, brand, grade, variety, spec, unit, quality having sum(quantity) <> 0)
    or exists (select from warehouse_receipt w where w.no in (select * from parents) and w.state not in ('SPLIT', 'MERGED'))
    or exists (select from warehouse_receipt c, warehouse_receipt w where c.no in (select * from children) and w.no in (select * from parents)
      and (c.depositor_id, c.issuer_id, c.warehouse) is distinct from (w.depositor_id, w.issuer_id, w.warehouse))
$function$;

CREATE OR REPLACE FUNCTION public.receipt_item_true()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  perform check_one_way(new.lot_no);
  perform refuse_if(tg_op = 'UPDATE' and (to_jsonb(new) - '{delivered,bound}'::text[] <> to_jsonb(old) - '{delivered,bound}'::text[] or (new.bound and not old.bound)),
    'receipt_item_kept', 'receipt_item', new.lot_no);
  perform refuse_if(tg_op = 'INSERT' and exists (select from stock_lot l where l.lot_no = new.lot_no and (new.unit <> l.unit or new.quantity > l.on_hand)),
    'receipt_is_covered', 'receipt_item', new.lot_no);
  perform check_receipt(new.receipt_no);
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION public.receipt_link_true()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  perform from warehouse_receipt w where w.no = new.parent_no for update;
  perform refuse_if(receipt_family_broken(new.child_no), 'receipts_conserve', 'receipt_link', new.child_no);
  perform refuse_if(exists (select from warehouse_receipt c, warehouse_receipt w where c.no = new.child_no and w.no = new.parent_no
    and (c.state not in ('DRAFT', 'ISSUED', 'HELD') or c.holder_id <> w.holder_id)), 'children_are_free', 'receipt_link', new.child_no);
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION public.receipt_missing(no text)
 RETURNS text[]
 LANGUAGE sql
 STABLE
AS $function$
  select array(
    select e.name from warehouse_receipt r, lateral (values
      ('form', r.form is null), ('depositorAddress', r.depositor_address is null), ('lossStandard', r.loss_standard is null),
      ('storagePlace', r.storage_place is null), ('storagePeriod', r.storage_from is null or r.storage_to is null),
      ('storageFee', r.storage_fee is null), ('insurance', r.insured is null), ('issuedPlace', r.issued_place is null),
      ('rightsNotice', r.rights_notice is null)) e (name, missing)
    where r.no = receipt_missing.no and e.missing
    union all
    select distinct e.name from receipt_item i, lateral (values
      ('specification', i.spec is null), ('quality', i.quality is null), ('packaging', i.packaging is null),
      ('pieces', i.pieces is null), ('marks', i.marks is null)) e (name, missing)
    where i.receipt_no = receipt_missing.no and e.missing order by 1)
$function$;

CREATE OR REPLACE FUNCTION public.receivable_moves()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
declare
  confirmed numeric;
begin
  if (new.creditor_id, new.debtor_id, new.contract_id, new.currency) is distinct from (old.creditor_id, old.debtor_id, old.contract_id, old.currency)
     or (new.version <> old.version and (new.version <> old.version + 1 or new.state not in ('DRAFT', 'REDUCED')
         or exists (select from asset_lock l where l.asset_key = 'receivable:' || new.no and l.released_at is null))) then
    perform refuse('receivable_terms_kept', 'receivable', format('receivable %s keeps its terms in state %s', new.no, new.state));
  end if;
  if new.state = old.state then
    return new;
  end if;
  if new.state = 'OVERDUE' then
    perform from party p where p.id = new.debtor_id for no key update; -- No certificate of the debtor is issued meanwhile (I-32).
  end if;
  select c.confirmed_amount into confirmed from confirmation c where c.receivable_no = new.no and c.version = new.version and c.state = 'CONFIRMED';
  if new.state in ('CONFIRMED', 'LOCKED', 'ASSIGNED') and confirmed is null then
    perform refuse('receivable_is_confirmed', 'receivable', format('version %s of receivable %s is not confirmed', new.version, new.no));
  end if;
  if new.state in ('LOCKED', 'ASSIGNED') and not exists (select from asset_lock l where l.asset_key = 'receivable:' || new.no and l.released_at is null) then
    perform refuse('receivable_is_locked', 'receivable', format('receivable %s is not locked for a financing', new.no));
  end if;
  if new.state = 'COLLECTED' and new.collected < confirmed then
    perform refuse('receivable_is_collected', 'receivable', format('receivable %s is not collected in full', new.no));
  end if;
  return new;
end
$function$;

CREATE OR REPLACE FUNCTION public.recon_rule()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
declare
  r recon_run;
begin
  case tg_argv[0]
    when 'file_is_whole' then
      if not exists (select from recon_item i where i.run_no = new.no and i.ext_amount is not null
          having count(*) = new.control_count and coalesce(sum(i.ext_amount), 0) = new.control_sum) then
        perform refuse('file_is_whole', 'recon_run', format('file of %s is not what its totals say', new.no));
      end if;
    when 'differences_are_resolved' then
      if exists (select from recon_item i where i.run_no = new.no and i.verdict <> 'MATCHED' and not exists (select from recon_case c
          where c.run_no = i.run_no and c.item_key = i.key and c.state in ('RESOLVED', 'CLOSED'))) then
        perform refuse('differences_are_resolved', 'recon_run', format('%s has open differences', new.no));
      end if;
    when 'items_before_comparison' then
      select * into r from recon_run x where x.no = new.run_no for share;
      if r.state <> 'RECEIVED' then
        perform refuse('items_before_comparison', 'recon_item', format('%s is %s', r.no, r.state));
      end if;
  end case;
  return new;
end
$function$;

CREATE OR REPLACE FUNCTION public.refuse(rule text, of_table text, why text)
 RETURNS void
 LANGUAGE plpgsql
AS $function$
begin
  raise exception '%', why using errcode = 'check_violation', constraint = rule, table = of_table;
end
$function$;

CREATE OR REPLACE FUNCTION public.refuse_change()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  raise exception '% is append-only', tg_table_name using errcode = 'check_violation', constraint = 'append_only', table = tg_table_name;
end
$function$;

CREATE OR REPLACE FUNCTION public.refuse_delete()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  raise exception 'rows of % are kept', tg_table_name using errcode = 'check_violation', constraint = 'kept', table = tg_table_name;
end
$function$;

CREATE OR REPLACE FUNCTION public.refuse_direct_sum()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
declare
  is_now jsonb := to_jsonb(new);
  was jsonb := case tg_op when 'UPDATE' then to_jsonb(old) else '{}' end;
  sum_column text;
begin
  foreach sum_column in array tg_argv loop
    if (is_now ->> sum_column)::numeric <> coalesce((was ->> sum_column)::numeric, 0) and pg_trigger_depth() < 2 then
      perform refuse(tg_name, tg_table_name, format('%s of %s is written by its ledger alone', sum_column, tg_table_name));
    end if;
  end loop;
  return new;
end
$function$;

CREATE OR REPLACE FUNCTION public.refuse_if(broken boolean, rule text, on_table text, which text)
 RETURNS void
 LANGUAGE plpgsql
AS $function$
begin
  if broken then
    raise exception '%: % (%)', on_table, rule, which using errcode = 'check_violation', constraint = rule, table = on_table;
  end if;
end
$function$;

CREATE OR REPLACE FUNCTION public.refuse_open_values()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
declare
  c text;
  was bytea;
  value bytea;
begin
  foreach c in array tg_argv loop
    execute format('select ($1).%I', c) into value using new;
    if tg_op = 'UPDATE' then
      execute format('select ($1).%I', c) into was using old;
    end if;
    if (tg_op = 'INSERT' or value is distinct from was) and not is_sealed(value) then
      raise exception '%.% is not sealed', tg_table_name, c using errcode = 'check_violation', constraint = tg_name, table = tg_table_name;
    end if;
  end loop;
  return new;
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

CREATE OR REPLACE FUNCTION public.refuse_uncovered(of_pledge text, on_table text)
 RETURNS void
 LANGUAGE plpgsql
AS $function$
declare
  why text := pledge_uncovered(of_pledge);
begin
  if why is not null then
    raise exception 'what stays of pledge % does not carry what is owed: %', of_pledge, why using errcode = 'check_violation', table = on_table,
      constraint = case why when 'PRICE_STALE' then 'release_priced_today' when 'FLOOR_BREACH' then 'floor_kept' else 'release_keeps_cover' end;
  end if;
end
$function$;

CREATE OR REPLACE FUNCTION public.registration_due_at_end()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  update registration set cancel_due = working_days_after(shanghai_date(hub_now()), 10)
    where application_no = new.application_no and state in ('REGISTERED', 'AMENDED', 'EXTENDED', 'OBJECTED') and cancel_due is null;
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION public.registration_due_at_renaming()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  update registration r set amend_due = (shanghai_date(hub_now()) + interval '4 months')::date from application a
    where a.no = r.application_no and new.id in (a.borrower_id, a.funder_id) and r.state in ('REGISTERED', 'AMENDED', 'EXTENDED', 'OBJECTED') and r.amend_due is null;
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION public.registration_moves()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if tg_op = 'INSERT' then
    new.application_no := coalesce(new.application_no, (select p.application_no from pledge p where p.no = new.pledge_no));
    return new;
  end if;
  if old.state in ('REGISTERED', 'AMENDED', 'EXTENDED') and new.state = 'EXTENDED'
     and (new.expires_at <= old.expires_at or hub_now() < old.expires_at - interval '90 days') then
    perform refuse('extended_in_last_90_days', 'registration', 'a registration is extended in its last 90 days, to a later day');
  elsif old.expires_at is not null and new.expires_at is distinct from old.expires_at and new.state <> 'EXTENDED'
     or (new.application_no, new.subscription_no) is distinct from (old.application_no, old.subscription_no)
     or new.pledge_no is distinct from old.pledge_no and (old.pledge_no is not null
       or not exists (select from pledge p where p.no = new.pledge_no and p.application_no = new.application_no))
     or old.registration_no is not null and (new.registration_no, new.registered_at) is distinct from (old.registration_no, old.registered_at) then
    perform refuse('registration_kept', 'registration', 'what was registered stays registered so');
  end if;
  return new;
end
$function$;

CREATE OR REPLACE FUNCTION public.release_item_true()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  perform check_lot(new.lot_no);
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION public.release_needs_posting()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if new.state in ('APPROVED', 'SENT_TO_WH', 'ACKED', 'EXECUTED', 'CLOSED') and not (case new.ground
    when 'REPAYMENT' then exists (select from repayment r where r.no = new.repayment_no and r.state = 'POSTED')
    when 'SUBSTITUTION' then exists (select from pledge_change c where c.no = new.change_no and c.pledge_no = new.pledge_no and c.kind = 'SUBSTITUTION' and c.state in ('REGISTERED', 'DONE'))
    when 'CASH_MARGIN' then coalesce((select sum(m.amount) from margin_entry m where m.pledge_no = new.pledge_no), 0) > 0
    else true end) then
    raise exception 'nothing that release % rests on is posted or registered', new.no using errcode = 'check_violation', constraint = 'release_after_posting', table = 'release_order';
  end if;
  return new;
end
$function$;

CREATE OR REPLACE FUNCTION public.release_order_token()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  perform refuse_if(new.state = 'SENT_TO_WH' and old.state <> 'SENT_TO_WH' and not coalesce(new.token_sha256 is not null and new.valid_to > hub_now(), false),
    'release_token_good', 'release_order', new.no);
  perform refuse_if(old.token_sha256 is not null and new.token_sha256 is distinct from old.token_sha256, 'release_token_kept', 'release_order', new.no);
  return new;
end
$function$;

CREATE OR REPLACE FUNCTION public.release_order_true()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  perform check_lot(i.lot_no) from release_item i where i.release_no = new.no order by i.lot_no;
  if new.state in ('APPROVED', 'SENT_TO_WH') and new.state <> old.state then
    perform refuse_uncovered(new.pledge_no, 'release_order');
  end if;
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION public.repayment_has_arrived()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if not exists (select from payment p where p.no = new.payment_no and p.state = 'SUCCEEDED' and p.amount = new.amount and p.purpose in ('REPAY', 'COLLECTION_SPLIT')) then
    perform refuse('repayment_has_arrived', 'repayment', format('the money of %s did not arrive', new.no));
  end if;
  return new;
end
$function$;

CREATE OR REPLACE FUNCTION public.reserved_for(limit_no text, application_no text)
 RETURNS numeric
 LANGUAGE sql
 STABLE
AS $function$
  select coalesce(sum(case m.kind when 'RESERVE' then m.amount else -m.amount end), 0) from limit_movement m
  where m.limit_no = reserved_for.limit_no and m.application_no = reserved_for.application_no and m.kind in ('RESERVE', 'CONSUME', 'RELEASE')
$function$;

CREATE OR REPLACE FUNCTION public.returned_is_reversed()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if exists (select from loan l join payment p on p.no = l.payment_no where l.payment_no = new.no and p.state = 'RETURNED' and l.state not in ('REVERSED', 'FAILED')) then
    perform refuse('returned_is_reversed', 'payment', format('%s came back and its loan still runs', new.no));
  end if;
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION public.revalue(of_set text, of_project text DEFAULT NULL::text, of_pledge text DEFAULT NULL::text)
 RETURNS integer
 LANGUAGE plpgsql
AS $function$
declare
  n int;
begin
  -- Two that mark the same set take turns, and the second finds it done.
  perform from quote_set where id = of_set for update;
  if exists (select from revaluation r where r.set_id = of_set) then
    return (select r.pledges from revaluation r where r.set_id = of_set);
  end if;
  with owed as (
    select application_no, sum(amount) amount from (
      select application_no, balance amount from loan where balance > 0
      union all select y.application_no, y.amount from payment y where is_disbursement(y.purpose) and y.state not in ('FAILED', 'RETURNED')
        and not exists (select from loan l where l.payment_no = y.no)) o group by application_no
  ), cash as (
    select pledge_no, sum(amount) amount from margin_entry group by pledge_no
  ), disputed as (
    select lot_no, -sum(quantity) quantity from stock_adjustment where state = 'REFUSED' and quantity < 0 group by lot_no
  ), worth as (
    select i.pledge_no, bool_or(q.used is null and i.open > 0) unpriced,
      trunc(coalesce(sum(case when d.quantity > 0 then greatest(0, least(i.open, l.on_hand - d.quantity)) else i.open end * case when q.used < i.price then q.used when q.used is not null then i.price end), 0), 2) value
    from pledge_item i join stock_lot l using (lot_no) left join quote_set_item q on q.set_id = of_set and q.material = l.material and q.unit = l.unit
      left join pledge_change c on c.no = i.change_no left join disputed d on d.lot_no = i.lot_no
    where not i.closed and (c.no is null or c.state in ('REGISTERED', 'DONE')) group by i.pledge_no
  ), marked as (
    select p.no, p.pledge_rate, coalesce(w.value, 0) value, coalesce(w.unpriced, false) unpriced,
      greatest(0, coalesce(o.amount, 0) - coalesce(c.amount, 0)) exposure, p.warn_rate, p.call_rate, p.dispose_rate
    from pledge p left join worth w on w.pledge_no = p.no left join owed o on o.application_no = p.application_no left join cash c on c.pledge_no = p.no
    where p.state in ('EFFECTIVE', 'PARTIALLY_RELEASED') and (of_pledge is null or p.no = of_pledge)
      and (of_project is null or exists (select from application a join project j on j.seller_no = a.seller_no where a.no = p.application_no and j.id = of_project))
  ), levelled as (
    select *, case when exposure = 0 or exposure < value * warn_rate then 'OK' when exposure < value * call_rate then 'WARN'
      when exposure < value * dispose_rate then 'CALL' else 'DISPOSE' end level from marked
  )
  insert into valuation (set_id, pledge_no, value, exposure, ltv, level, unpriced, cash_call, goods_call)
  select of_set, no, value, exposure, round(exposure / nullif(value, 0), 6), level, unpriced,
    case when level in ('CALL', 'DISPOSE') then ceil((exposure - value * pledge_rate) * 100) / 100 else 0 end,
    case when level in ('CALL', 'DISPOSE') then ceil((exposure / pledge_rate - value) * 100) / 100 else 0 end
  from levelled;
  get diagnostics n = row_count;
  insert into revaluation (set_id, pledges) values (of_set, n);
  return n;
end
$function$;

CREATE OR REPLACE FUNCTION public.role_joins()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if not exists (select from party_role r where r.id::text = new.entity_id and r.role in ('DEALER', 'SUPPLIER')) then
    perform refuse('role_joins', 'party_role', 'this role is granted by two people');
  end if;
  return new;
end
$function$;

CREATE OR REPLACE FUNCTION public.role_needs_party()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if new.state = 'ACTIVE' and not exists (select from party p where p.id = new.party_id and p.state in ('VERIFIED', 'ACTIVE') for share) then
    perform refuse('role_needs_party', 'party_role', 'a role is for a party that is verified');
  end if;
  return new;
end
$function$;

CREATE OR REPLACE FUNCTION public.sealing_key_unchanged()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if tg_op = 'DELETE' or old.erased_at is not null or (new.id, new.owner, new.class) is distinct from (old.id, old.owner, old.class)
  then
    raise exception 'a data key is retired or destroyed, never changed' using errcode = '23514', constraint = 'sealing_key_unchanged';
  end if;
  return new;
end $function$;

CREATE OR REPLACE FUNCTION public.sees_application(of_no text, relation name)
 RETURNS boolean
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
begin
  return exists (select from application a where a.no = of_no and (relation <> 'lianshu_edge_funder' or a.funder_id = edge_party()) and sees_case(a.case_id, relation));
end
$function$;

CREATE OR REPLACE FUNCTION public.sees_case(of_case text, relation name)
 RETURNS boolean
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
begin
  return exists (select from case_party c where c.party_id = edge_party() and c.case_id = of_case and c.capacity = any (edge_capacities(relation)))
    and (relation <> 'lianshu_edge_funder' or exists (select from application a where a.case_id = of_case and a.funder_id = edge_party()));
end
$function$;

CREATE OR REPLACE FUNCTION public.sees_contract(of_id uuid, relation name)
 RETURNS boolean
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
begin
  return case relation
    when 'lianshu_edge_funder' then exists (select from receivable r where r.contract_id = of_id and sees_receivable(r.no, relation))
    when 'lianshu_edge_keeper' then false
    else exists (select from trade_contract c where c.id = of_id and edge_party() in (c.seller_id, c.buyer_id)) end;
end
$function$;

CREATE OR REPLACE FUNCTION public.sees_envelope(of_no text, relation name)
 RETURNS boolean
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
begin
  return exists (select from envelope e where e.no = of_no and sees_application(e.application_no, relation));
end
$function$;

CREATE OR REPLACE FUNCTION public.sees_invoice(of_key text, relation name)
 RETURNS boolean
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
begin
  return case relation
    when 'lianshu_edge_funder' then exists (select from invoice_use u where u.invoice_key = of_key and sees_receivable(u.receivable_no, relation))
    when 'lianshu_edge_keeper' then false
    else exists (select from invoice i where i.key = of_key and edge_party() in (i.seller_id, i.buyer_id)) end;
end
$function$;

CREATE OR REPLACE FUNCTION public.sees_limit(of_no text, relation name)
 RETURNS boolean
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
begin
  return exists (select from credit_limit l where l.no = of_no
    and edge_party() = case relation when 'lianshu_edge_funder' then l.funder_id when 'lianshu_edge_borrower' then l.party_id end);
end
$function$;

CREATE OR REPLACE FUNCTION public.sees_loan(of_no text, relation name)
 RETURNS boolean
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
begin
  return exists (select from loan l where l.no = of_no and sees_application(l.application_no, relation));
end
$function$;

CREATE OR REPLACE FUNCTION public.sees_lot(of_no text, relation name)
 RETURNS boolean
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
begin
  return exists (select from stock_lot l where l.lot_no = of_no
      and (relation = 'lianshu_edge_borrower' and l.owner_id = edge_party() or keeps_warehouse(l.warehouse, relation)))
    or exists (select from pledge_item i where i.lot_no = of_no and sees_pledge(i.pledge_no, relation));
end
$function$;

CREATE OR REPLACE FUNCTION public.sees_offer(of_no text, relation name)
 RETURNS boolean
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
begin
  return exists (select from asset_offer o where o.no = of_no and case relation
    when 'lianshu_edge_funder' then o.state <> 'DRAFT' and edge_party() = any (o.visible_to)
    when 'lianshu_edge_borrower' then sees_application(o.application_no, relation)
    else false end);
end
$function$;

CREATE OR REPLACE FUNCTION public.sees_order(of_seller text, of_no text, relation name)
 RETURNS boolean
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
begin
  return exists (select from trade_order o where o.seller_no = of_seller and o.order_no = of_no and sees_case(o.case_id, relation));
end
$function$;

CREATE OR REPLACE FUNCTION public.sees_party(of_id uuid, relation name)
 RETURNS boolean
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
begin
  return of_id = edge_party() or exists (
    select from case_party mine join case_party theirs on theirs.case_id = mine.case_id
    where mine.party_id = edge_party() and mine.capacity = any (edge_capacities(relation)) and theirs.party_id = of_id
      and (relation <> 'lianshu_edge_funder' or theirs.capacity not in ('FUNDER', 'PLEDGEE')) and sees_case(mine.case_id, relation));
end
$function$;

CREATE OR REPLACE FUNCTION public.sees_pledge(of_no text, relation name)
 RETURNS boolean
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
begin
  return exists (select from pledge p where p.no = of_no and sees_application(p.application_no, relation));
end
$function$;

CREATE OR REPLACE FUNCTION public.sees_receipt(of_no text, relation name)
 RETURNS boolean
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
begin
  return exists (select from warehouse_receipt w where w.no = of_no and case relation
      when 'lianshu_edge_keeper' then edge_party() = w.issuer_id
      when 'lianshu_edge_borrower' then edge_party() in (w.depositor_id, w.holder_id, w.endorsee_id)
      when 'lianshu_edge_funder' then edge_party() in (w.holder_id, w.endorsee_id)
      else false end)
    or exists (select from pledge p where p.receipt_no = of_no and sees_application(p.application_no, relation));
end
$function$;

CREATE OR REPLACE FUNCTION public.sees_receivable(of_no text, relation name)
 RETURNS boolean
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
begin
  return case relation
    when 'lianshu_edge_borrower' then exists (select from receivable r where r.no = of_no and r.creditor_id = edge_party())
    when 'lianshu_edge_core' then exists (select from receivable r where r.no = of_no and r.debtor_id = edge_party())
    when 'lianshu_edge_funder' then exists (select from asset_lock l where l.receivable_no = of_no and sees_application(l.application_no, relation))
    else false end;
end
$function$;

CREATE OR REPLACE FUNCTION public.sees_release(of_no text, relation name)
 RETURNS boolean
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
begin
  return exists (select from release_order r where r.no = of_no and sees_pledge(r.pledge_no, relation));
end
$function$;

CREATE OR REPLACE FUNCTION public.sees_snapshot(of_no text, relation name)
 RETURNS boolean
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
begin
  return exists (select from stock_snapshot s where s.no = of_no and keeps_warehouse(s.warehouse, relation));
end
$function$;

CREATE OR REPLACE FUNCTION public.shanghai_date(instant timestamp with time zone)
 RETURNS date
 LANGUAGE sql
 IMMUTABLE
AS $function$
  select (instant at time zone 'Asia/Shanghai')::date
$function$;

CREATE OR REPLACE FUNCTION public.signal_has_proof()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if not exists (select from exchange e where e.id = new.exchange_id and e.verified and exists (
      select from exchange_part p where p.exchange_id = e.id)) then
    raise exception 'the message of % % is not verified, or not kept', new.notice, new.key
      using errcode = 'check_violation', constraint = 'signal_is_verified', table = 'signal';
  end if;
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION public.signer_moves()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if tg_op = 'UPDATE' and (new.envelope_no, new.position, new.party_id) is distinct from (old.envelope_no, old.position, old.party_id)
     or tg_op = 'UPDATE' and old.state <> 'WAITING' and to_jsonb(new) is distinct from to_jsonb(old)
     or tg_op = 'INSERT' and (select e.state from envelope e where e.no = new.envelope_no for share) <> 'DRAFT' then
    perform refuse('signers_kept', 'envelope_signer', 'an envelope that was sent keeps its signers, and they their word');
  end if;
  if new.state = 'SIGNED' then
    if exists (select from envelope_signer s where s.envelope_no = new.envelope_no and s.position < new.position and s.state <> 'SIGNED') then
      perform refuse('signed_in_order', 'envelope_signer', 'somebody signs before');
    end if;
    if not exists (select from sign_authority s where s.no = new.authority_no and s.party_id = new.party_id) or not authority_covers(new.authority_no, '',
         (select coalesce(a.approved_amount, a.amount) from envelope e join application a on a.no = e.application_no where e.no = new.envelope_no), new.signed_at) then
      perform refuse('signed_with_authority', 'envelope_signer', 'the signer had no valid authority when he signed');
    end if;
  end if;
  return new;
end
$function$;

CREATE OR REPLACE FUNCTION public.state_is_folded()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
declare
  of_entity text := case when tg_table_name = 'history' then to_jsonb(new) ->> 'entity' else tg_table_name::text end;
  key text := (select s.key_column from stateful s where s.entity = of_entity);
  its_id text := case when tg_table_name = 'history' then to_jsonb(new) ->> 'entity_id' else to_jsonb(new) ->> key end;
  told text := (select h.to_state from history h where h.entity = of_entity and h.entity_id = its_id order by h.version desc limit 1);
  held text;
begin
  execute format('select t.state from %I t where t.%I::text = $1', of_entity, key) into held using its_id;
  if held is distinct from told then
    raise exception '% % is %, its history says %', of_entity, its_id, coalesce(held, 'not there'), coalesce(told, 'nothing')
      using errcode = 'check_violation', constraint = 'state_is_folded', table = of_entity;
  end if;
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION public.still_open(of_entity text, in_state text)
 RETURNS boolean
 LANGUAGE sql
 STABLE
AS $function$
  select exists (select from lifecycle l where l.entity = of_entity and l.from_state = in_state)
$function$;

CREATE OR REPLACE FUNCTION public.stock_lot_true()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  perform check_lot(new.lot_no);
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION public.stock_movement_true()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  perform check_lot(new.lot_no);
  perform refuse_if(new.kind = 'ADJUST' and not exists (select from stock_adjustment a where a.no = new.document_no and a.lot_no = new.lot_no
    and a.quantity = new.quantity and a.state = 'POSTED'), 'adjustment_is_posted', 'stock_movement', new.document_no);
  perform refuse_if(new.kind = 'REGROUP' and exists (
    select from stock_movement m join stock_lot l using (lot_no) where m.document_no = new.document_no and m.kind = 'REGROUP'
    group by l.warehouse, l.owner_id, l.material, l.unit, l.brand, l.spec, l.grade having sum(m.quantity) <> 0), 'regroup_conserves', 'stock_movement', new.document_no);
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION public.subscribes(of_no text)
 RETURNS boolean
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
begin
  return exists (select from subscription s where s.no = of_no and s.funder_id = edge_party());
end
$function$;

CREATE OR REPLACE FUNCTION public.subscription_moves()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
declare
  o asset_offer;
begin
  select * into o from asset_offer x where x.no = new.offer_no for update;
  if tg_op = 'INSERT' then
    if not (new.funder_id = any (o.visible_to)) or new.funder_id = (select a.borrower_id from application a where a.no = o.application_no) then
      perform refuse('subscription_of_visible_offer', 'subscription', 'the offer is not made to this funder');
    end if;
    if o.state not in ('PUBLISHED', 'PARTIALLY_SUBSCRIBED') or o.closes_at <= hub_now() then
      perform refuse('offer_is_open', 'subscription', format('offer %s is closed', o.no));
    end if;
    if new.amount < o.min_ticket then
      perform refuse('subscription_at_ticket', 'subscription', 'the amount is below the minimum ticket');
    end if;
    if new.rate_low > o.rate_high or new.rate_high < o.rate_low then
      perform refuse('subscription_meets_offer', 'subscription', 'no rate suits both offer and subscription');
    end if;
    return new;
  end if;
  if to_jsonb(new) - 'state' is distinct from to_jsonb(old) - 'state' then
    perform refuse('subscription_kept', 'subscription', 'a subscription is cancelled, never changed');
  end if;
  if new.state <> old.state then
    if new.state in ('ACCEPTED', 'OUTBID', 'CANCELLED') and o.state not in ('PUBLISHED', 'PARTIALLY_SUBSCRIBED', 'FULLY_SUBSCRIBED', 'WITHDRAWN', 'LAPSED')
       or new.state = 'ACCEPTED' and o.state in ('WITHDRAWN', 'LAPSED') then
      perform refuse('subscription_before_rate', 'subscription', 'the rate is fixed: nobody comes or goes');
    end if;
    if new.state = 'CONFIRMED' and o.state <> 'CONTRACTING' or new.state = 'PAID' and o.state not in ('CONTRACTING', 'FUNDED') then
      perform refuse('subscription_after_rate', 'subscription', 'the offer is not under contract');
    end if;
    if new.state = 'ACCEPTED' then
      update asset_offer set accepted = accepted + new.amount where no = o.no;
    elsif old.state = 'ACCEPTED' and new.state in ('OUTBID', 'CANCELLED') then
      update asset_offer set accepted = accepted - new.amount where no = o.no;
    end if;
  end if;
  return new;
end
$function$;

CREATE OR REPLACE FUNCTION public.takes_part(of_case text, party uuid, as_capacity text)
 RETURNS void
 LANGUAGE sql
AS $function$
  insert into case_party (case_id, party_id, capacity) select of_case, party, as_capacity where of_case is not null and party is not null on conflict do nothing
$function$;

CREATE OR REPLACE FUNCTION public.task_holder(t task)
 RETURNS text
 LANGUAGE sql
 STABLE
AS $function$
  select t.held_by where t.state = 'open' and t.held_until > hub_now()
$function$;

CREATE OR REPLACE FUNCTION public.task_roles(t task)
 RETURNS text[]
 LANGUAGE sql
 STABLE
AS $function$
  select case when t.escalate_at <= hub_now() and cardinality(t.roles) > 0
    then t.roles || array(select r from unnest(t.escalate_to) r where r <> all (t.roles)) else t.roles end
$function$;

CREATE OR REPLACE FUNCTION public.trade_order_takes_part()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  perform takes_part(new.case_id, new.buyer_id, 'BUYER');
  perform takes_part(new.case_id, p.unit_id, 'SELLER'), takes_part(new.case_id, p.keeper_id, 'KEEPER') from project p where p.seller_no = new.seller_no;
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION public.unfreeze_not_blacklisted()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if blacklisted(new.id) then
    perform refuse('unfreeze_not_blacklisted', 'party', 'it is on the blacklist');
  end if;
  return new;
end
$function$;

CREATE OR REPLACE FUNCTION public.verification_locks()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if new.subject = '' then
    new.subject := new.party_id::text;
  end if;
  perform pg_advisory_xact_lock(hashtextextended('verification ' || new.kind || ' ' || new.subject, 0));
  if (select count(*) from verification v where v.subject = new.subject and v.kind = new.kind and v.request_no <> new.request_no
        and v.state in ('MISMATCH', 'CREATED', 'SENT', 'UNKNOWN') and coalesce(v.answered_at, v.at) > hub_now() - interval '24 hours') >= 3 then
    perform refuse('verification_locks', 'verification', 'three answers did not match, or may not: locked for a day');
  end if;
  return new;
end
$function$;

CREATE OR REPLACE FUNCTION public.warehouse_receipt_true()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  perform check_receipt(new.no);
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION public.working_days_after(start date, n integer)
 RETURNS date
 LANGUAGE plpgsql
 STABLE
AS $function$
begin
  return (select d from (select start + k d from generate_series(1, 2 * n + 30) k) days where is_working_day(d) order by d offset n - 1 limit 1);
end
$function$;

CREATE OR REPLACE PROCEDURE public.isolate(IN of_table text, IN rule text DEFAULT NULL::text)
 LANGUAGE plpgsql
AS $procedure$
begin
  execute format('alter table %I enable row level security, force row level security', of_table);
  -- In a select: asked once for a query, not once for a row.
  execute format('create policy %I on %I using ((select current_user !~ ''^lianshu_edge''))', of_table || '_hub', of_table);
  if rule is not null then
    execute format('create policy %I on %I for select to lianshu_edge using (%s)', of_table || '_party', of_table, rule);
  end if;
end
$procedure$;

CREATE OR REPLACE PROCEDURE public.make_stateful(IN entity text, IN key_column text)
 LANGUAGE plpgsql
AS $procedure$
begin
  insert into stateful values (entity, key_column);
  if not exists (select from pg_trigger t where t.tgrelid = entity::regclass and t.tgname = entity || '_lifecycle') then
    execute format('create trigger %I before insert or update on %I for each row execute function enforce_lifecycle(%L)', entity || '_lifecycle', entity, entity);
  end if;
  execute format('create constraint trigger %I after insert or update of state on %I deferrable initially deferred for each row execute function state_is_folded()',
    entity || '_folded', entity);
  execute format('create trigger %I before delete on %I for each row execute function refuse_delete()', entity || '_kept', entity);
end
$procedure$;

-- Triggers

CREATE CONSTRAINT TRIGGER alert_folded AFTER INSERT OR UPDATE OF state ON alert DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION state_is_folded();
CREATE CONSTRAINT TRIGGER allocations_are_posted AFTER INSERT OR UPDATE ON repayment DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION allocations_are_posted();
CREATE CONSTRAINT TRIGGER application_folded AFTER INSERT OR UPDATE OF state ON application DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION state_is_folded();
CREATE CONSTRAINT TRIGGER application_keeps_assets AFTER UPDATE OF released_at ON asset_lock DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION application_within_assets();
CREATE CONSTRAINT TRIGGER application_within_assets AFTER INSERT OR UPDATE OF amount, state, product ON application DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION application_within_assets();
CREATE CONSTRAINT TRIGGER approval_folded AFTER INSERT OR UPDATE OF state ON approval DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION state_is_folded();
CREATE CONSTRAINT TRIGGER asset_offer_folded AFTER INSERT OR UPDATE OF state ON asset_offer DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION state_is_folded();
CREATE CONSTRAINT TRIGGER assignment_notice_folded AFTER INSERT OR UPDATE OF state ON assignment_notice DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION state_is_folded();
CREATE CONSTRAINT TRIGGER bank_account_folded AFTER INSERT OR UPDATE OF state ON bank_account DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION state_is_folded();
CREATE CONSTRAINT TRIGGER blacklist_folded AFTER INSERT OR UPDATE OF state ON blacklist DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION state_is_folded();
CREATE CONSTRAINT TRIGGER configuration_folded AFTER INSERT OR UPDATE OF state ON configuration DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION state_is_folded();
CREATE CONSTRAINT TRIGGER confirmation_folded AFTER INSERT OR UPDATE OF state ON confirmation DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION state_is_folded();
CREATE CONSTRAINT TRIGGER consent_folded AFTER INSERT OR UPDATE OF state ON consent DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION state_is_folded();
CREATE CONSTRAINT TRIGGER contract_change_is_told AFTER UPDATE OF version ON trade_contract DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION contract_change_is_told();
CREATE CONSTRAINT TRIGGER credit_limit_folded AFTER INSERT OR UPDATE OF state ON credit_limit DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION state_is_folded();
CREATE CONSTRAINT TRIGGER entries_are_posted AFTER INSERT ON loan_entry DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (new.repayment_no IS NOT NULL) EXECUTE FUNCTION allocations_are_posted();
CREATE CONSTRAINT TRIGGER envelope_folded AFTER INSERT OR UPDATE OF state ON envelope DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION state_is_folded();
CREATE CONSTRAINT TRIGGER envelope_signer_folded AFTER INSERT OR UPDATE OF state ON envelope_signer DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION state_is_folded();
CREATE CONSTRAINT TRIGGER evidence_due_until_sequenced AFTER DELETE ON evidence_due DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION evidence_is_due();
CREATE CONSTRAINT TRIGGER evidence_is_due AFTER INSERT ON evidence DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION evidence_is_due();
CREATE CONSTRAINT TRIGGER future_goods_folded AFTER INSERT OR UPDATE OF state ON future_goods DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION state_is_folded();
CREATE CONSTRAINT TRIGGER history_folded AFTER INSERT ON history DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION state_is_folded();
CREATE CONSTRAINT TRIGGER instalments_add_up AFTER INSERT ON instalment DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION plan_adds_up();
CREATE CONSTRAINT TRIGGER invitation_folded AFTER INSERT OR UPDATE OF state ON invitation DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION state_is_folded();
CREATE CONSTRAINT TRIGGER invoice_folded AFTER INSERT OR UPDATE OF state ON invoice DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION state_is_folded();
CREATE CONSTRAINT TRIGGER invoice_use_folded AFTER INSERT OR UPDATE OF state ON invoice_use DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION state_is_folded();
CREATE CONSTRAINT TRIGGER invoice_used_is_counted AFTER INSERT OR UPDATE OF used_amount ON invoice DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION invoice_used_is_counted();
CREATE CONSTRAINT TRIGGER loan_folded AFTER INSERT OR UPDATE OF state ON loan DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION state_is_folded();
CREATE CONSTRAINT TRIGGER manual_entry_folded AFTER INSERT OR UPDATE OF state ON manual_entry DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION state_is_folded();
CREATE CONSTRAINT TRIGGER margin_entry_true AFTER INSERT ON margin_entry DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION margin_entry_true();
CREATE CONSTRAINT TRIGGER name_change_reopens_accounts AFTER UPDATE ON party DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (old.legal_name <> new.legal_name) EXECUTE FUNCTION name_change_reopens_accounts();
CREATE CONSTRAINT TRIGGER offer_is_counted AFTER INSERT OR UPDATE OF accepted, state ON asset_offer DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION offer_is_counted();
CREATE CONSTRAINT TRIGGER party_folded AFTER INSERT OR UPDATE OF state ON party DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION state_is_folded();
CREATE CONSTRAINT TRIGGER party_role_folded AFTER INSERT OR UPDATE OF state ON party_role DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION state_is_folded();
CREATE CONSTRAINT TRIGGER payment_folded AFTER INSERT OR UPDATE OF state ON payment DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION state_is_folded();
CREATE CONSTRAINT TRIGGER plan_adds_up AFTER INSERT ON loan_plan DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION plan_adds_up();
CREATE CONSTRAINT TRIGGER pledge_change_folded AFTER INSERT OR UPDATE OF state ON pledge_change DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION state_is_folded();
CREATE CONSTRAINT TRIGGER pledge_change_true AFTER UPDATE OF receipt_no ON pledge_change DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION pledge_change_true();
CREATE CONSTRAINT TRIGGER pledge_folded AFTER INSERT OR UPDATE OF state ON pledge DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION state_is_folded();
CREATE CONSTRAINT TRIGGER pledge_item_true AFTER INSERT OR UPDATE ON pledge_item DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION pledge_item_true();
CREATE CONSTRAINT TRIGGER pledge_true AFTER UPDATE OF receipt_no, basis, state ON pledge DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION pledge_true();
CREATE CONSTRAINT TRIGGER receipt_item_true AFTER INSERT OR UPDATE ON receipt_item DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION receipt_item_true();
CREATE CONSTRAINT TRIGGER receipt_link_true AFTER INSERT ON receipt_link DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION receipt_link_true();
CREATE CONSTRAINT TRIGGER receivable_certificate_folded AFTER INSERT OR UPDATE OF state ON receivable_certificate DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION state_is_folded();
CREATE CONSTRAINT TRIGGER receivable_folded AFTER INSERT OR UPDATE OF state ON receivable DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION state_is_folded();
CREATE CONSTRAINT TRIGGER recon_case_folded AFTER INSERT OR UPDATE OF state ON recon_case DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION state_is_folded();
CREATE CONSTRAINT TRIGGER recon_run_folded AFTER INSERT OR UPDATE OF state ON recon_run DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION state_is_folded();
CREATE CONSTRAINT TRIGGER registration_folded AFTER INSERT OR UPDATE OF state ON registration DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION state_is_folded();
CREATE CONSTRAINT TRIGGER release_item_true AFTER INSERT OR UPDATE OF quantity ON release_item DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION release_item_true();
CREATE CONSTRAINT TRIGGER release_order_folded AFTER INSERT OR UPDATE OF state ON release_order DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION state_is_folded();
CREATE CONSTRAINT TRIGGER release_order_true AFTER UPDATE OF state ON release_order DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION release_order_true();
CREATE CONSTRAINT TRIGGER repayment_folded AFTER INSERT OR UPDATE OF state ON repayment DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION state_is_folded();
CREATE CONSTRAINT TRIGGER returned_is_reversed AFTER UPDATE OF state ON payment DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (new.state = 'RETURNED'::text) EXECUTE FUNCTION returned_is_reversed();
CREATE CONSTRAINT TRIGGER route_attempt_folded AFTER INSERT OR UPDATE OF state ON route_attempt DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION state_is_folded();
CREATE CONSTRAINT TRIGGER sign_authority_folded AFTER INSERT OR UPDATE OF state ON sign_authority DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION state_is_folded();
CREATE CONSTRAINT TRIGGER signal_is_verified AFTER INSERT ON signal DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (new.exchange_id IS NOT NULL) EXECUTE FUNCTION signal_has_proof();
CREATE CONSTRAINT TRIGGER stock_adjustment_folded AFTER INSERT OR UPDATE OF state ON stock_adjustment DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION state_is_folded();
CREATE CONSTRAINT TRIGGER stock_lot_true AFTER INSERT OR UPDATE OF on_hand, pledged, frozen ON stock_lot DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION stock_lot_true();
CREATE CONSTRAINT TRIGGER stock_movement_true AFTER INSERT ON stock_movement DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION stock_movement_true();
CREATE CONSTRAINT TRIGGER subscription_folded AFTER INSERT OR UPDATE OF state ON subscription DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION state_is_folded();
CREATE CONSTRAINT TRIGGER verification_folded AFTER INSERT OR UPDATE OF state ON verification DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION state_is_folded();
CREATE CONSTRAINT TRIGGER warehouse_receipt_folded AFTER INSERT OR UPDATE OF state ON warehouse_receipt DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION state_is_folded();
CREATE CONSTRAINT TRIGGER warehouse_receipt_true AFTER INSERT OR UPDATE ON warehouse_receipt DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION warehouse_receipt_true();
CREATE TRIGGER account_change_reverified BEFORE UPDATE ON bank_account FOR EACH ROW WHEN (new.party_id IS DISTINCT FROM old.party_id OR new.account_name IS DISTINCT FROM old.account_name OR new.bank_name IS DISTINCT FROM old.bank_name OR new.bank_code IS DISTINCT FROM old.bank_code) EXECUTE FUNCTION account_change_reverified();
CREATE TRIGGER account_cools BEFORE INSERT OR UPDATE ON bank_account FOR EACH ROW EXECUTE FUNCTION account_cools();
CREATE TRIGGER account_name_is_legal BEFORE INSERT OR UPDATE OF state, account_name, party_id ON bank_account FOR EACH ROW EXECUTE FUNCTION account_name_is_legal();
CREATE TRIGGER accrual_recomputes BEFORE INSERT ON loan_entry FOR EACH ROW WHEN (new.kind = 'ACCRUE'::text AND new.item = 'INTEREST'::text) EXECUTE FUNCTION entry_rule('accrual_recomputes');
CREATE TRIGGER act_unchanged BEFORE UPDATE ON act FOR EACH ROW EXECUTE FUNCTION act_unchanged();
CREATE TRIGGER alert_kept BEFORE DELETE ON alert FOR EACH ROW EXECUTE FUNCTION refuse_delete();
CREATE TRIGGER alert_lifecycle BEFORE INSERT OR UPDATE ON alert FOR EACH ROW EXECUTE FUNCTION enforce_lifecycle('alert');
CREATE TRIGGER alert_rearms BEFORE INSERT ON alert FOR EACH ROW EXECUTE FUNCTION alert_rearms();
CREATE TRIGGER anchor_append_only BEFORE DELETE OR UPDATE ON anchor FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER anchor_not_emptied BEFORE TRUNCATE ON anchor FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER application_fits BEFORE INSERT OR UPDATE ON application FOR EACH ROW EXECUTE FUNCTION application_fits();
CREATE TRIGGER application_funder_open BEFORE UPDATE OF funder_id ON application FOR EACH ROW WHEN (old.funder_id IS NULL AND new.funder_id IS NOT NULL) EXECUTE FUNCTION application_parties_open();
CREATE TRIGGER application_kept BEFORE DELETE ON application FOR EACH ROW EXECUTE FUNCTION refuse_delete();
CREATE TRIGGER application_lifecycle BEFORE INSERT OR UPDATE ON application FOR EACH ROW EXECUTE FUNCTION enforce_lifecycle('application');
CREATE TRIGGER application_parties_open BEFORE INSERT ON application FOR EACH ROW EXECUTE FUNCTION application_parties_open();
CREATE TRIGGER application_takes_part AFTER INSERT OR UPDATE OF case_id, borrower_id, funder_id ON application FOR EACH ROW EXECUTE FUNCTION application_takes_part();
CREATE TRIGGER approval_in_time BEFORE INSERT ON history FOR EACH ROW WHEN (new.approval_id IS NOT NULL OR new.entity = 'approval'::text) EXECUTE FUNCTION approval_in_time();
CREATE TRIGGER approval_kept BEFORE DELETE ON approval FOR EACH ROW EXECUTE FUNCTION refuse_delete();
CREATE TRIGGER approval_lifecycle BEFORE INSERT OR UPDATE ON approval FOR EACH ROW EXECUTE FUNCTION enforce_lifecycle('approval');
CREATE TRIGGER approval_unchanged BEFORE INSERT OR UPDATE ON approval FOR EACH ROW EXECUTE FUNCTION approval_seals_payload();
CREATE TRIGGER arrival_kept BEFORE UPDATE ON assignment_notice FOR EACH ROW EXECUTE FUNCTION arrival_kept();
CREATE TRIGGER asset_lock_fits BEFORE INSERT OR UPDATE ON asset_lock FOR EACH ROW EXECUTE FUNCTION asset_lock_fits();
CREATE TRIGGER asset_lock_stays BEFORE DELETE ON asset_lock FOR EACH ROW EXECUTE FUNCTION refuse_delete();
CREATE TRIGGER asset_offer_kept BEFORE DELETE ON asset_offer FOR EACH ROW EXECUTE FUNCTION refuse_delete();
CREATE TRIGGER asset_offer_lifecycle BEFORE INSERT OR UPDATE ON asset_offer FOR EACH ROW EXECUTE FUNCTION enforce_lifecycle('asset_offer');
CREATE TRIGGER assignment_notice_kept BEFORE DELETE ON assignment_notice FOR EACH ROW EXECUTE FUNCTION refuse_delete();
CREATE TRIGGER assignment_notice_lifecycle BEFORE INSERT OR UPDATE ON assignment_notice FOR EACH ROW EXECUTE FUNCTION enforce_lifecycle('assignment_notice');
CREATE TRIGGER authority_unchanged BEFORE UPDATE ON sign_authority FOR EACH ROW EXECUTE FUNCTION authority_unchanged();
CREATE TRIGGER bank_account_kept BEFORE DELETE ON bank_account FOR EACH ROW EXECUTE FUNCTION refuse_delete();
CREATE TRIGGER bank_account_lifecycle BEFORE INSERT OR UPDATE ON bank_account FOR EACH ROW EXECUTE FUNCTION enforce_lifecycle('bank_account');
CREATE TRIGGER blacklist_kept BEFORE DELETE ON blacklist FOR EACH ROW EXECUTE FUNCTION refuse_delete();
CREATE TRIGGER blacklist_lifecycle BEFORE INSERT OR UPDATE ON blacklist FOR EACH ROW EXECUTE FUNCTION enforce_lifecycle('blacklist');
CREATE TRIGGER blacklist_unchanged BEFORE UPDATE ON blacklist FOR EACH ROW EXECUTE FUNCTION blacklist_unchanged();
CREATE TRIGGER by_hand_has_document BEFORE INSERT ON history FOR EACH ROW WHEN (new.entity = 'verification'::text AND new.event = 'confirm'::text) EXECUTE FUNCTION by_hand_has_document();
CREATE TRIGGER case_party_apart BEFORE INSERT OR UPDATE ON case_party FOR EACH ROW EXECUTE FUNCTION case_party_apart();
CREATE TRIGGER case_party_kept BEFORE DELETE ON case_party FOR EACH ROW EXECUTE FUNCTION refuse_delete();
CREATE TRIGGER certificate_issue BEFORE INSERT OR UPDATE ON receivable_certificate FOR EACH ROW EXECUTE FUNCTION certificate_issue();
CREATE TRIGGER configuration_kept BEFORE DELETE ON configuration FOR EACH ROW EXECUTE FUNCTION refuse_delete();
CREATE TRIGGER configuration_lifecycle BEFORE INSERT OR UPDATE ON configuration FOR EACH ROW EXECUTE FUNCTION enforce_lifecycle('configuration');
CREATE TRIGGER configuration_settled BEFORE UPDATE ON configuration FOR EACH ROW EXECUTE FUNCTION configuration_is_settled();
CREATE TRIGGER confirmation_kept BEFORE DELETE ON confirmation FOR EACH ROW EXECUTE FUNCTION refuse_delete();
CREATE TRIGGER confirmation_lifecycle BEFORE INSERT OR UPDATE ON confirmation FOR EACH ROW EXECUTE FUNCTION enforce_lifecycle('confirmation');
CREATE TRIGGER confirmation_terms BEFORE INSERT OR UPDATE ON confirmation FOR EACH ROW EXECUTE FUNCTION confirmation_terms();
CREATE TRIGGER consent_kept BEFORE DELETE ON consent FOR EACH ROW EXECUTE FUNCTION refuse_delete();
CREATE TRIGGER consent_lifecycle BEFORE INSERT OR UPDATE ON consent FOR EACH ROW EXECUTE FUNCTION enforce_lifecycle('consent');
CREATE TRIGGER consent_unchanged BEFORE UPDATE ON consent FOR EACH ROW EXECUTE FUNCTION consent_unchanged();
CREATE TRIGGER contract_change_append_only BEFORE DELETE OR UPDATE ON contract_change FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER contract_change_not_emptied BEFORE TRUNCATE ON contract_change FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER credit_limit_kept BEFORE DELETE ON credit_limit FOR EACH ROW EXECUTE FUNCTION refuse_delete();
CREATE TRIGGER credit_limit_lifecycle BEFORE INSERT OR UPDATE ON credit_limit FOR EACH ROW EXECUTE FUNCTION enforce_lifecycle('credit_limit');
CREATE TRIGGER decision_append_only BEFORE DELETE OR UPDATE ON decision FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER decision_by_rules BEFORE INSERT ON decision FOR EACH ROW EXECUTE FUNCTION decision_by_rules_in_force();
CREATE TRIGGER decision_not_emptied BEFORE TRUNCATE ON decision FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER differences_are_resolved BEFORE INSERT OR UPDATE OF state ON recon_run FOR EACH ROW WHEN (new.state = 'SIGNED_OFF'::text) EXECUTE FUNCTION recon_rule('differences_are_resolved');
CREATE TRIGGER disclosure_append_only BEFORE DELETE OR UPDATE ON disclosure FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER disclosure_consented BEFORE INSERT ON disclosure FOR EACH ROW EXECUTE FUNCTION disclosure_consented();
CREATE TRIGGER disclosure_not_emptied BEFORE TRUNCATE ON disclosure FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER envelope_kept BEFORE DELETE ON envelope FOR EACH ROW EXECUTE FUNCTION refuse_delete();
CREATE TRIGGER envelope_lifecycle BEFORE INSERT OR UPDATE ON envelope FOR EACH ROW EXECUTE FUNCTION enforce_lifecycle('envelope');
CREATE TRIGGER envelope_moves BEFORE UPDATE ON envelope FOR EACH ROW EXECUTE FUNCTION envelope_moves();
CREATE TRIGGER envelope_signer_kept BEFORE DELETE ON envelope_signer FOR EACH ROW EXECUTE FUNCTION refuse_delete();
CREATE TRIGGER envelope_signer_lifecycle BEFORE INSERT OR UPDATE ON envelope_signer FOR EACH ROW EXECUTE FUNCTION enforce_lifecycle('envelope_signer');
CREATE TRIGGER evidence_append_only BEFORE DELETE OR UPDATE ON evidence FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER evidence_due_not_emptied BEFORE TRUNCATE ON evidence_due FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER evidence_due_unchanged BEFORE UPDATE ON evidence_due FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER evidence_head_append_only BEFORE DELETE OR UPDATE ON evidence_head FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER evidence_head_not_emptied BEFORE TRUNCATE ON evidence_head FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER evidence_leaf_append_only BEFORE DELETE OR UPDATE ON evidence_leaf FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER evidence_leaf_not_emptied BEFORE TRUNCATE ON evidence_leaf FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER evidence_not_emptied BEFORE TRUNCATE ON evidence FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER evidence_subtree_append_only BEFORE DELETE OR UPDATE ON evidence_subtree FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER evidence_subtree_not_emptied BEFORE TRUNCATE ON evidence_subtree FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER exchange_part_sealed BEFORE INSERT OR UPDATE OF path, request, answer ON exchange_part FOR EACH ROW EXECUTE FUNCTION refuse_open_values('path', 'request', 'answer');
CREATE TRIGGER exchange_sealed BEFORE INSERT OR UPDATE OF request, answer ON exchange FOR EACH ROW EXECUTE FUNCTION refuse_open_values('request', 'answer');
CREATE TRIGGER file_is_whole BEFORE INSERT OR UPDATE OF state ON recon_run FOR EACH ROW WHEN (new.state = ANY (ARRAY['COMPARED'::text, 'SIGNED_OFF'::text])) EXECUTE FUNCTION recon_rule('file_is_whole');
CREATE TRIGGER funder_takes_customer BEFORE INSERT OR UPDATE OF borrower_id, funder_id ON application FOR EACH ROW EXECUTE FUNCTION funder_takes_customer();
CREATE TRIGGER future_goods_kept BEFORE DELETE ON future_goods FOR EACH ROW EXECUTE FUNCTION refuse_delete();
CREATE TRIGGER future_goods_leave AFTER INSERT ON stock_movement FOR EACH ROW WHEN (new.kind = 'OUTBOUND'::text) EXECUTE FUNCTION future_goods_leave();
CREATE TRIGGER future_goods_lifecycle BEFORE INSERT OR UPDATE ON future_goods FOR EACH ROW EXECUTE FUNCTION enforce_lifecycle('future_goods');
CREATE TRIGGER future_line_moved BEFORE INSERT OR UPDATE ON future_line FOR EACH ROW EXECUTE FUNCTION future_line_kept();
CREATE TRIGGER future_move_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON future_move FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER future_move_applied AFTER INSERT ON future_move FOR EACH ROW EXECUTE FUNCTION apply_future_move();
CREATE TRIGGER gate_pass_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON gate_pass FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER gate_pass_good BEFORE INSERT ON gate_pass FOR EACH ROW EXECUTE FUNCTION gate_pass_good();
CREATE TRIGGER goods_receipt_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON goods_receipt FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER guard_01_borrower_active BEFORE INSERT OR UPDATE OF state ON payment FOR EACH ROW WHEN (is_disbursement(new.purpose) AND (new.state = ANY (ARRAY['CREATED'::text, 'SUBMITTING'::text]))) EXECUTE FUNCTION guard_payment('borrower_active');
CREATE TRIGGER guard_02_borrower_not_overdue BEFORE INSERT OR UPDATE OF state ON payment FOR EACH ROW WHEN (is_disbursement(new.purpose) AND (new.state = ANY (ARRAY['CREATED'::text, 'SUBMITTING'::text]))) EXECUTE FUNCTION guard_payment('borrower_not_overdue');
CREATE TRIGGER guard_03_consent_given BEFORE INSERT OR UPDATE OF state ON payment FOR EACH ROW WHEN (is_disbursement(new.purpose) AND (new.state = ANY (ARRAY['CREATED'::text, 'SUBMITTING'::text]))) EXECUTE FUNCTION guard_payment('consent_given');
CREATE TRIGGER guard_04_contracts_signed BEFORE INSERT OR UPDATE OF state ON payment FOR EACH ROW WHEN (is_disbursement(new.purpose) AND (new.state = ANY (ARRAY['CREATED'::text, 'SUBMITTING'::text]))) EXECUTE FUNCTION guard_payment('contracts_signed');
CREATE TRIGGER guard_05_payee_mandated BEFORE INSERT OR UPDATE OF state ON payment FOR EACH ROW WHEN (is_disbursement(new.purpose) AND (new.state = ANY (ARRAY['CREATED'::text, 'SUBMITTING'::text]))) EXECUTE FUNCTION guard_payment('payee_mandated');
CREATE TRIGGER guard_06_limit_reserved BEFORE INSERT OR UPDATE OF state ON payment FOR EACH ROW WHEN (is_disbursement(new.purpose) AND (new.state = ANY (ARRAY['CREATED'::text, 'SUBMITTING'::text]))) EXECUTE FUNCTION guard_payment('limit_reserved');
CREATE TRIGGER guard_07_limit_not_frozen BEFORE INSERT OR UPDATE OF state ON payment FOR EACH ROW WHEN (is_disbursement(new.purpose) AND (new.state = ANY (ARRAY['CREATED'::text, 'SUBMITTING'::text]))) EXECUTE FUNCTION guard_payment('limit_not_frozen');
CREATE TRIGGER guard_08_amount_approved BEFORE INSERT OR UPDATE OF state ON payment FOR EACH ROW WHEN (is_disbursement(new.purpose) AND (new.state = ANY (ARRAY['CREATED'::text, 'SUBMITTING'::text]))) EXECUTE FUNCTION guard_payment('amount_approved');
CREATE TRIGGER guard_09_order_covers BEFORE INSERT OR UPDATE OF state ON payment FOR EACH ROW WHEN (is_disbursement(new.purpose) AND (new.state = ANY (ARRAY['CREATED'::text, 'SUBMITTING'::text]))) EXECUTE FUNCTION guard_payment('order_covers');
CREATE TRIGGER guard_10_asset_locked BEFORE INSERT OR UPDATE OF state ON payment FOR EACH ROW WHEN (is_disbursement(new.purpose) AND (new.state = ANY (ARRAY['CREATED'::text, 'SUBMITTING'::text]))) EXECUTE FUNCTION guard_payment('asset_locked');
CREATE TRIGGER guard_11_pledge_registered BEFORE INSERT OR UPDATE OF state ON payment FOR EACH ROW WHEN (is_disbursement(new.purpose) AND (new.state = ANY (ARRAY['CREATED'::text, 'SUBMITTING'::text]))) EXECUTE FUNCTION guard_payment('pledge_registered');
CREATE TRIGGER guard_12_pledge_effective BEFORE INSERT OR UPDATE OF state ON payment FOR EACH ROW WHEN (is_disbursement(new.purpose) AND (new.state = ANY (ARRAY['CREATED'::text, 'SUBMITTING'::text]))) EXECUTE FUNCTION guard_payment('pledge_effective');
CREATE TRIGGER guard_13_price_fresh BEFORE INSERT OR UPDATE OF state ON payment FOR EACH ROW WHEN (is_disbursement(new.purpose) AND (new.state = ANY (ARRAY['CREATED'::text, 'SUBMITTING'::text]))) EXECUTE FUNCTION guard_payment('price_fresh');
CREATE TRIGGER guard_14_stock_feed_fresh BEFORE INSERT OR UPDATE OF state ON payment FOR EACH ROW WHEN (is_disbursement(new.purpose) AND (new.state = ANY (ARRAY['CREATED'::text, 'SUBMITTING'::text]))) EXECUTE FUNCTION guard_payment('stock_feed_fresh');
CREATE TRIGGER guard_15_goods_cover BEFORE INSERT OR UPDATE OF state ON payment FOR EACH ROW WHEN (is_disbursement(new.purpose) AND (new.state = ANY (ARRAY['CREATED'::text, 'SUBMITTING'::text]))) EXECUTE FUNCTION guard_payment('goods_cover');
CREATE TRIGGER guard_16_no_margin_call BEFORE INSERT OR UPDATE OF state ON payment FOR EACH ROW WHEN (is_disbursement(new.purpose) AND (new.state = ANY (ARRAY['CREATED'::text, 'SUBMITTING'::text]))) EXECUTE FUNCTION guard_payment('no_margin_call');
CREATE TRIGGER guard_17_books_reconciled BEFORE INSERT OR UPDATE OF state ON payment FOR EACH ROW WHEN (is_disbursement(new.purpose) AND (new.state = ANY (ARRAY['CREATED'::text, 'SUBMITTING'::text]))) EXECUTE FUNCTION guard_payment('books_reconciled');
CREATE TRIGGER guard_future_goods BEFORE INSERT ON payment FOR EACH ROW WHEN (is_disbursement(new.purpose)) EXECUTE FUNCTION future_goods_paid();
CREATE TRIGGER history_append_only BEFORE DELETE OR UPDATE ON history FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER history_chained BEFORE INSERT ON history FOR EACH ROW EXECUTE FUNCTION chain_history();
CREATE TRIGGER history_not_emptied BEFORE TRUNCATE ON history FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER instalment_append_only BEFORE DELETE OR UPDATE ON instalment FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER instalment_not_emptied BEFORE TRUNCATE ON instalment FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER invitation_in_time BEFORE UPDATE ON invitation FOR EACH ROW WHEN (new.state = 'ACCEPTED'::text AND old.state <> 'ACCEPTED'::text) EXECUTE FUNCTION invitation_in_time();
CREATE TRIGGER invitation_kept BEFORE DELETE ON invitation FOR EACH ROW EXECUTE FUNCTION refuse_delete();
CREATE TRIGGER invitation_lifecycle BEFORE INSERT OR UPDATE ON invitation FOR EACH ROW EXECUTE FUNCTION enforce_lifecycle('invitation');
CREATE TRIGGER invoice_cover BEFORE INSERT OR UPDATE ON invoice FOR EACH ROW EXECUTE FUNCTION invoice_cover();
CREATE TRIGGER invoice_kept BEFORE DELETE ON invoice FOR EACH ROW EXECUTE FUNCTION refuse_delete();
CREATE TRIGGER invoice_lifecycle BEFORE INSERT OR UPDATE ON invoice FOR EACH ROW EXECUTE FUNCTION enforce_lifecycle('invoice');
CREATE TRIGGER invoice_use_counts BEFORE INSERT OR UPDATE ON invoice_use FOR EACH ROW EXECUTE FUNCTION invoice_use_counts();
CREATE TRIGGER invoice_use_kept BEFORE DELETE ON invoice_use FOR EACH ROW EXECUTE FUNCTION refuse_delete();
CREATE TRIGGER invoice_use_lifecycle BEFORE INSERT OR UPDATE ON invoice_use FOR EACH ROW EXECUTE FUNCTION enforce_lifecycle('invoice_use');
CREATE TRIGGER items_before_comparison BEFORE INSERT ON recon_item FOR EACH ROW EXECUTE FUNCTION recon_rule('items_before_comparison');
CREATE TRIGGER legal_rep_changes AFTER INSERT ON sign_authority FOR EACH ROW WHEN (new.basis = 'LEGAL_REP'::text) EXECUTE FUNCTION legal_rep_changes();
CREATE TRIGGER limit_is_open BEFORE INSERT ON limit_movement FOR EACH ROW WHEN (new.kind = 'RESERVE'::text) EXECUTE FUNCTION limit_rule('limit_is_open');
CREATE TRIGGER limit_movement_append_only BEFORE DELETE OR UPDATE ON limit_movement FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER limit_movement_applied AFTER INSERT ON limit_movement FOR EACH ROW EXECUTE FUNCTION apply_movement();
CREATE TRIGGER limit_movement_not_emptied BEFORE TRUNCATE ON limit_movement FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER limit_only_by_movement BEFORE INSERT OR UPDATE ON credit_limit FOR EACH ROW EXECUTE FUNCTION refuse_direct_sum('total', 'used', 'reserved');
CREATE TRIGGER limit_reserved_first BEFORE INSERT ON limit_movement FOR EACH ROW WHEN (new.kind = ANY (ARRAY['CONSUME'::text, 'RELEASE'::text])) EXECUTE FUNCTION limit_rule('limit_reserved_first');
CREATE TRIGGER loan_entry_append_only BEFORE DELETE OR UPDATE ON loan_entry FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER loan_entry_applied AFTER INSERT ON loan_entry FOR EACH ROW EXECUTE FUNCTION apply_entry();
CREATE TRIGGER loan_entry_not_emptied BEFORE TRUNCATE ON loan_entry FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER loan_is_paid_out BEFORE INSERT OR UPDATE OF state ON loan FOR EACH ROW WHEN (new.state = 'ACTIVE'::text) EXECUTE FUNCTION loan_rule('loan_is_paid_out');
CREATE TRIGGER loan_is_received BEFORE INSERT ON loan FOR EACH ROW EXECUTE FUNCTION loan_rule('loan_is_received');
CREATE TRIGGER loan_kept BEFORE DELETE ON loan FOR EACH ROW EXECUTE FUNCTION refuse_delete();
CREATE TRIGGER loan_lifecycle BEFORE INSERT OR UPDATE ON loan FOR EACH ROW EXECUTE FUNCTION enforce_lifecycle('loan');
CREATE TRIGGER loan_only_by_entry BEFORE INSERT OR UPDATE ON loan FOR EACH ROW EXECUTE FUNCTION refuse_direct_sum('balance', 'interest', 'penalty', 'compound', 'fee');
CREATE TRIGGER loan_plan_append_only BEFORE DELETE OR UPDATE ON loan_plan FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER loan_plan_not_emptied BEFORE TRUNCATE ON loan_plan FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER loan_unchanged BEFORE UPDATE ON loan FOR EACH ROW EXECUTE FUNCTION loan_rule('loan_unchanged');
CREATE TRIGGER manual_entry_kept BEFORE DELETE ON manual_entry FOR EACH ROW EXECUTE FUNCTION refuse_delete();
CREATE TRIGGER manual_entry_lifecycle BEFORE INSERT OR UPDATE ON manual_entry FOR EACH ROW EXECUTE FUNCTION enforce_lifecycle('manual_entry');
CREATE TRIGGER margin_entry_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON margin_entry FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER notified_before_disbursement BEFORE INSERT OR UPDATE OF state ON payment FOR EACH ROW WHEN (new.purpose ~~ 'DISBURSE%'::text AND (new.state = ANY (ARRAY['CREATED'::text, 'SUBMITTING'::text]))) EXECUTE FUNCTION disbursed_after_papers('notified_before_disbursement');
CREATE TRIGGER offer_moves BEFORE INSERT OR UPDATE ON asset_offer FOR EACH ROW EXECUTE FUNCTION offer_moves();
CREATE TRIGGER party_is_proven BEFORE UPDATE ON party FOR EACH ROW WHEN (old.state = 'VERIFYING'::text AND (new.state = ANY (ARRAY['VERIFIED'::text, 'ACTIVE'::text]))) EXECUTE FUNCTION party_is_proven();
CREATE TRIGGER party_kept BEFORE DELETE ON party FOR EACH ROW EXECUTE FUNCTION refuse_delete();
CREATE TRIGGER party_lifecycle BEFORE INSERT OR UPDATE ON party FOR EACH ROW EXECUTE FUNCTION enforce_lifecycle('party');
CREATE TRIGGER party_owes_nothing BEFORE UPDATE ON party FOR EACH ROW WHEN ((new.state = ANY (ARRAY['CLOSING'::text, 'CLOSED'::text])) AND new.state <> old.state) EXECUTE FUNCTION party_owes_nothing();
CREATE TRIGGER party_ref_kept BEFORE DELETE ON party_ref FOR EACH ROW EXECUTE FUNCTION refuse_delete();
CREATE TRIGGER party_reverifies BEFORE UPDATE ON party FOR EACH ROW EXECUTE FUNCTION party_reverifies();
CREATE TRIGGER party_role_kept BEFORE DELETE ON party_role FOR EACH ROW EXECUTE FUNCTION refuse_delete();
CREATE TRIGGER party_role_lifecycle BEFORE INSERT OR UPDATE ON party_role FOR EACH ROW EXECUTE FUNCTION enforce_lifecycle('party_role');
CREATE TRIGGER payee_not_cooling BEFORE INSERT OR UPDATE OF payee_account ON payment FOR EACH ROW EXECUTE FUNCTION payee_not_cooling();
CREATE TRIGGER payment_approved_first BEFORE INSERT ON payment FOR EACH ROW WHEN (new.state = 'SUBMITTING'::text) EXECUTE FUNCTION payment_rule('payment_approved_first');
CREATE TRIGGER payment_between_parties BEFORE INSERT ON payment FOR EACH ROW EXECUTE FUNCTION payment_rule('payment_between_parties');
CREATE TRIGGER payment_follows_ended BEFORE INSERT ON payment FOR EACH ROW WHEN (is_disbursement(new.purpose)) EXECUTE FUNCTION payment_rule('payment_follows_ended');
CREATE TRIGGER payment_kept BEFORE DELETE ON payment FOR EACH ROW EXECUTE FUNCTION refuse_delete();
CREATE TRIGGER payment_lifecycle BEFORE INSERT OR UPDATE ON payment FOR EACH ROW EXECUTE FUNCTION enforce_lifecycle('payment');
CREATE TRIGGER payment_operator BEFORE INSERT OR UPDATE ON payment FOR EACH ROW EXECUTE FUNCTION refuse_operator_account();
CREATE TRIGGER payment_unchanged BEFORE UPDATE ON payment FOR EACH ROW EXECUTE FUNCTION payment_rule('payment_unchanged');
CREATE TRIGGER pledge_change_calm BEFORE INSERT ON pledge_change FOR EACH ROW EXECUTE FUNCTION pledge_change_calm();
CREATE TRIGGER pledge_change_kept BEFORE DELETE ON pledge_change FOR EACH ROW EXECUTE FUNCTION refuse_delete();
CREATE TRIGGER pledge_change_lifecycle BEFORE INSERT OR UPDATE ON pledge_change FOR EACH ROW EXECUTE FUNCTION enforce_lifecycle('pledge_change');
CREATE TRIGGER pledge_kept BEFORE DELETE ON pledge FOR EACH ROW EXECUTE FUNCTION refuse_delete();
CREATE TRIGGER pledge_lifecycle BEFORE INSERT OR UPDATE ON pledge FOR EACH ROW EXECUTE FUNCTION enforce_lifecycle('pledge');
CREATE TRIGGER pledge_takes_part AFTER INSERT OR UPDATE OF application_no, pledgor_id, pledgee_id, supervisor_id ON pledge FOR EACH ROW EXECUTE FUNCTION pledge_takes_part();
CREATE TRIGGER price_quote_guarded BEFORE INSERT OR DELETE OR UPDATE ON price_quote FOR EACH ROW EXECUTE FUNCTION price_quote_guard();
CREATE TRIGGER principal_not_backdated BEFORE INSERT ON loan_entry FOR EACH ROW WHEN (new.item = 'PRINCIPAL'::text AND new.kind <> 'DISBURSE'::text) EXECUTE FUNCTION entry_rule('principal_not_backdated');
CREATE TRIGGER quote_set_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON quote_set FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER quote_set_item_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON quote_set_item FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER receipt_endorsement_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON receipt_endorsement FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER receipt_link_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON receipt_link FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER receivable_certificate_kept BEFORE DELETE ON receivable_certificate FOR EACH ROW EXECUTE FUNCTION refuse_delete();
CREATE TRIGGER receivable_certificate_lifecycle BEFORE INSERT OR UPDATE ON receivable_certificate FOR EACH ROW EXECUTE FUNCTION enforce_lifecycle('receivable_certificate');
CREATE TRIGGER receivable_kept BEFORE DELETE ON receivable FOR EACH ROW EXECUTE FUNCTION refuse_delete();
CREATE TRIGGER receivable_lifecycle BEFORE INSERT OR UPDATE ON receivable FOR EACH ROW EXECUTE FUNCTION enforce_lifecycle('receivable');
CREATE TRIGGER receivable_moves BEFORE UPDATE ON receivable FOR EACH ROW EXECUTE FUNCTION receivable_moves();
CREATE TRIGGER receivable_version_append_only BEFORE DELETE OR UPDATE ON receivable_version FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER receivable_version_not_emptied BEFORE TRUNCATE ON receivable_version FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER recon_case_kept BEFORE DELETE ON recon_case FOR EACH ROW EXECUTE FUNCTION refuse_delete();
CREATE TRIGGER recon_case_lifecycle BEFORE INSERT OR UPDATE ON recon_case FOR EACH ROW EXECUTE FUNCTION enforce_lifecycle('recon_case');
CREATE TRIGGER recon_item_append_only BEFORE DELETE OR UPDATE ON recon_item FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER recon_item_not_emptied BEFORE TRUNCATE ON recon_item FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER recon_run_kept BEFORE DELETE ON recon_run FOR EACH ROW EXECUTE FUNCTION refuse_delete();
CREATE TRIGGER recon_run_lifecycle BEFORE INSERT OR UPDATE ON recon_run FOR EACH ROW EXECUTE FUNCTION enforce_lifecycle('recon_run');
CREATE TRIGGER registered_before_disbursement BEFORE INSERT OR UPDATE OF state ON payment FOR EACH ROW WHEN (new.purpose ~~ 'DISBURSE%'::text AND (new.state = ANY (ARRAY['CREATED'::text, 'SUBMITTING'::text]))) EXECUTE FUNCTION disbursed_after_papers('registered_before_disbursement');
CREATE TRIGGER registration_due_at_end AFTER UPDATE OF state ON loan FOR EACH ROW WHEN (new.state = 'SETTLED'::text AND old.state <> 'SETTLED'::text) EXECUTE FUNCTION registration_due_at_end();
CREATE TRIGGER registration_due_at_renaming AFTER UPDATE OF legal_name ON party FOR EACH ROW WHEN (new.legal_name <> old.legal_name) EXECUTE FUNCTION registration_due_at_renaming();
CREATE TRIGGER registration_kept BEFORE DELETE ON registration FOR EACH ROW EXECUTE FUNCTION refuse_delete();
CREATE TRIGGER registration_lifecycle BEFORE INSERT OR UPDATE ON registration FOR EACH ROW EXECUTE FUNCTION enforce_lifecycle('registration');
CREATE TRIGGER registration_moves BEFORE INSERT OR UPDATE ON registration FOR EACH ROW EXECUTE FUNCTION registration_moves();
CREATE TRIGGER release_order_kept BEFORE DELETE ON release_order FOR EACH ROW EXECUTE FUNCTION refuse_delete();
CREATE TRIGGER release_order_lifecycle BEFORE INSERT OR UPDATE ON release_order FOR EACH ROW EXECUTE FUNCTION enforce_lifecycle('release_order');
CREATE TRIGGER release_order_posting BEFORE INSERT OR UPDATE ON release_order FOR EACH ROW EXECUTE FUNCTION release_needs_posting();
CREATE TRIGGER release_order_token BEFORE UPDATE ON release_order FOR EACH ROW EXECUTE FUNCTION release_order_token();
CREATE TRIGGER repayment_has_arrived BEFORE INSERT OR UPDATE ON repayment FOR EACH ROW WHEN (new.state = ANY (ARRAY['MATCHED'::text, 'POSTED'::text])) EXECUTE FUNCTION repayment_has_arrived();
CREATE TRIGGER repayment_kept BEFORE DELETE ON repayment FOR EACH ROW EXECUTE FUNCTION refuse_delete();
CREATE TRIGGER repayment_lifecycle BEFORE INSERT OR UPDATE ON repayment FOR EACH ROW EXECUTE FUNCTION enforce_lifecycle('repayment');
CREATE TRIGGER restore_only_posted BEFORE INSERT ON limit_movement FOR EACH ROW WHEN (new.kind = 'RESTORE'::text) EXECUTE FUNCTION limit_rule('restore_only_posted');
CREATE TRIGGER restore_only_revolving BEFORE INSERT ON limit_movement FOR EACH ROW WHEN (new.kind = 'RESTORE'::text) EXECUTE FUNCTION limit_rule('restore_only_revolving');
CREATE TRIGGER revaluation_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON revaluation FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER reversal_undoes BEFORE INSERT ON loan_entry FOR EACH ROW WHEN (new.kind = 'REVERSE'::text) EXECUTE FUNCTION entry_rule('reversal_undoes');
CREATE TRIGGER reverse_only_returned BEFORE INSERT ON limit_movement FOR EACH ROW WHEN (new.kind = 'REVERSE'::text) EXECUTE FUNCTION limit_rule('reverse_only_returned');
CREATE TRIGGER role_joins BEFORE INSERT ON history FOR EACH ROW WHEN (new.entity = 'party_role'::text AND new.event = 'join'::text) EXECUTE FUNCTION role_joins();
CREATE TRIGGER role_needs_party BEFORE INSERT OR UPDATE ON party_role FOR EACH ROW EXECUTE FUNCTION role_needs_party();
CREATE TRIGGER route_attempt_kept BEFORE DELETE ON route_attempt FOR EACH ROW EXECUTE FUNCTION refuse_delete();
CREATE TRIGGER route_attempt_lifecycle BEFORE INSERT OR UPDATE ON route_attempt FOR EACH ROW EXECUTE FUNCTION enforce_lifecycle('route_attempt');
CREATE TRIGGER sealing_key_unchanged BEFORE DELETE OR UPDATE ON sealing_key FOR EACH ROW EXECUTE FUNCTION sealing_key_unchanged();
CREATE TRIGGER sign_authority_kept BEFORE DELETE ON sign_authority FOR EACH ROW EXECUTE FUNCTION refuse_delete();
CREATE TRIGGER sign_authority_lifecycle BEFORE INSERT OR UPDATE ON sign_authority FOR EACH ROW EXECUTE FUNCTION enforce_lifecycle('sign_authority');
CREATE TRIGGER sign_authority_sealed BEFORE INSERT OR UPDATE OF name, id_no, phone ON sign_authority FOR EACH ROW EXECUTE FUNCTION refuse_open_values('name', 'id_no', 'phone');
CREATE TRIGGER signer_moves BEFORE INSERT OR UPDATE ON envelope_signer FOR EACH ROW EXECUTE FUNCTION signer_moves();
CREATE TRIGGER stock_adjustment_kept BEFORE DELETE ON stock_adjustment FOR EACH ROW EXECUTE FUNCTION refuse_delete();
CREATE TRIGGER stock_adjustment_lifecycle BEFORE INSERT OR UPDATE ON stock_adjustment FOR EACH ROW EXECUTE FUNCTION enforce_lifecycle('stock_adjustment');
CREATE TRIGGER stock_difference_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON stock_difference FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER stock_movement_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON stock_movement FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER stock_snapshot_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON stock_snapshot FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER stock_snapshot_line_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON stock_snapshot_line FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER subscription_kept BEFORE DELETE ON subscription FOR EACH ROW EXECUTE FUNCTION refuse_delete();
CREATE TRIGGER subscription_lifecycle BEFORE INSERT OR UPDATE ON subscription FOR EACH ROW EXECUTE FUNCTION enforce_lifecycle('subscription');
CREATE TRIGGER subscription_moves BEFORE INSERT OR UPDATE ON subscription FOR EACH ROW EXECUTE FUNCTION subscription_moves();
CREATE TRIGGER trade_contract_version_append_only BEFORE DELETE OR UPDATE ON trade_contract_version FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER trade_contract_version_not_emptied BEFORE TRUNCATE ON trade_contract_version FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER trade_order_takes_part AFTER INSERT OR UPDATE OF case_id, buyer_id ON trade_order FOR EACH ROW EXECUTE FUNCTION trade_order_takes_part();
CREATE TRIGGER unfreeze_not_blacklisted BEFORE UPDATE ON party FOR EACH ROW WHEN (old.state = 'FROZEN'::text AND new.state <> 'FROZEN'::text) EXECUTE FUNCTION unfreeze_not_blacklisted();
CREATE TRIGGER valuation_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON valuation FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER verification_kept BEFORE DELETE ON verification FOR EACH ROW EXECUTE FUNCTION refuse_delete();
CREATE TRIGGER verification_lifecycle BEFORE INSERT OR UPDATE ON verification FOR EACH ROW EXECUTE FUNCTION enforce_lifecycle('verification');
CREATE TRIGGER verification_locks BEFORE INSERT ON verification FOR EACH ROW EXECUTE FUNCTION verification_locks();
CREATE TRIGGER warehouse_receipt_kept BEFORE DELETE ON warehouse_receipt FOR EACH ROW EXECUTE FUNCTION refuse_delete();
CREATE TRIGGER warehouse_receipt_lifecycle BEFORE INSERT OR UPDATE ON warehouse_receipt FOR EACH ROW EXECUTE FUNCTION enforce_lifecycle('warehouse_receipt');

-- Policies

create policy alert_hub on alert as permissive for all to public using (( SELECT (CURRENT_USER !~ '^lianshu_edge'::text)));

create policy alert_party on alert as permissive for select to lianshu_edge using (sees_case(case_id, CURRENT_USER));

create policy anchor_hub on anchor as permissive for all to public using (( SELECT (CURRENT_USER !~ '^lianshu_edge'::text)));

create policy anchor_party on anchor as permissive for select to lianshu_edge using (sees_case(case_id, CURRENT_USER));

create policy application_hub on application as permissive for all to public using (( SELECT (CURRENT_USER !~ '^lianshu_edge'::text)));

create policy application_party on application as permissive for select to lianshu_edge using (sees_application(no, CURRENT_USER));

create policy approval_hub on approval as permissive for all to public using (( SELECT (CURRENT_USER !~ '^lianshu_edge'::text)));

create policy asset_lock_hub on asset_lock as permissive for all to public using (( SELECT (CURRENT_USER !~ '^lianshu_edge'::text)));

create policy asset_lock_party on asset_lock as permissive for select to lianshu_edge using (sees_application(application_no, CURRENT_USER));

create policy asset_offer_hub on asset_offer as permissive for all to public using (( SELECT (CURRENT_USER !~ '^lianshu_edge'::text)));

create policy asset_offer_party on asset_offer as permissive for select to lianshu_edge using (sees_offer(no, CURRENT_USER));

create policy assignment_notice_hub on assignment_notice as permissive for all to public using (( SELECT (CURRENT_USER !~ '^lianshu_edge'::text)));

create policy assignment_notice_party on assignment_notice as permissive for select to lianshu_edge using (
CASE
    WHEN (CURRENT_USER = 'lianshu_edge_funder'::name) THEN (assignee_id = edge_party())
    ELSE (sees_receivable(receivable_no, CURRENT_USER) AND ((CURRENT_USER <> 'lianshu_edge_core'::name) OR (state = ANY (ARRAY['SENT'::text, 'DELIVERED'::text, 'ACKNOWLEDGED'::text]))))
END);

create policy bank_account_hub on bank_account as permissive for all to public using (( SELECT (CURRENT_USER !~ '^lianshu_edge'::text)));

create policy bank_account_party on bank_account as permissive for select to lianshu_edge using ((party_id = edge_party()));

create policy blacklist_hub on blacklist as permissive for all to public using (( SELECT (CURRENT_USER !~ '^lianshu_edge'::text)));

create policy caller_hub on caller as permissive for all to public using (( SELECT (CURRENT_USER !~ '^lianshu_edge'::text)));

create policy case_party_hub on case_party as permissive for all to public using (( SELECT (CURRENT_USER !~ '^lianshu_edge'::text)));

create policy case_party_party on case_party as permissive for select to lianshu_edge using (((party_id = edge_party()) AND sees_case(case_id, CURRENT_USER)));

create policy cases_hub on cases as permissive for all to public using (( SELECT (CURRENT_USER !~ '^lianshu_edge'::text)));

create policy cases_party on cases as permissive for select to lianshu_edge using (sees_case(id, CURRENT_USER));

create policy configuration_hub on configuration as permissive for all to public using (( SELECT (CURRENT_USER !~ '^lianshu_edge'::text)));

create policy confirmation_hub on confirmation as permissive for all to public using (( SELECT (CURRENT_USER !~ '^lianshu_edge'::text)));

create policy confirmation_party on confirmation as permissive for select to lianshu_edge using (sees_receivable(receivable_no, CURRENT_USER));

create policy consent_hub on consent as permissive for all to public using (( SELECT (CURRENT_USER !~ '^lianshu_edge'::text)));

create policy consent_party on consent as permissive for select to lianshu_edge using ((party_id = edge_party()));

create policy contract_change_hub on contract_change as permissive for all to public using (( SELECT (CURRENT_USER !~ '^lianshu_edge'::text)));

create policy contract_change_party on contract_change as permissive for select to lianshu_edge using (sees_receivable(receivable_no, CURRENT_USER));

create policy credit_limit_hub on credit_limit as permissive for all to public using (( SELECT (CURRENT_USER !~ '^lianshu_edge'::text)));

create policy credit_limit_party on credit_limit as permissive for select to lianshu_edge using (sees_limit(no, CURRENT_USER));

create policy decision_hub on decision as permissive for all to public using (( SELECT (CURRENT_USER !~ '^lianshu_edge'::text)));

create policy delivery_hub on delivery as permissive for all to public using (( SELECT (CURRENT_USER !~ '^lianshu_edge'::text)));

create policy delivery_party on delivery as permissive for select to lianshu_edge using (sees_order(seller_no, order_no, CURRENT_USER));

create policy disclosure_hub on disclosure as permissive for all to public using (( SELECT (CURRENT_USER !~ '^lianshu_edge'::text)));

create policy disclosure_party on disclosure as permissive for select to lianshu_edge using ((party_id = edge_party()));

create policy document_hub on document as permissive for all to public using (( SELECT (CURRENT_USER !~ '^lianshu_edge'::text)));

create policy document_party on document as permissive for select to lianshu_edge using (sees_case(case_id, CURRENT_USER));

create policy envelope_hub on envelope as permissive for all to public using (( SELECT (CURRENT_USER !~ '^lianshu_edge'::text)));

create policy envelope_party on envelope as permissive for select to lianshu_edge using (sees_application(application_no, CURRENT_USER));

create policy envelope_signer_hub on envelope_signer as permissive for all to public using (( SELECT (CURRENT_USER !~ '^lianshu_edge'::text)));

create policy envelope_signer_party on envelope_signer as permissive for select to lianshu_edge using (((party_id = edge_party()) AND sees_envelope(envelope_no, CURRENT_USER)));

create policy event_subscription_hub on event_subscription as permissive for all to public using (( SELECT (CURRENT_USER !~ '^lianshu_edge'::text)));

create policy evidence_hub on evidence as permissive for all to public using (( SELECT (CURRENT_USER !~ '^lianshu_edge'::text)));

create policy evidence_party on evidence as permissive for select to lianshu_edge using (sees_case(case_id, CURRENT_USER));

create policy feedback_cycle_hub on feedback_cycle as permissive for all to public using (( SELECT (CURRENT_USER !~ '^lianshu_edge'::text)));

create policy funder_archive_hub on funder_archive as permissive for all to public using (( SELECT (CURRENT_USER !~ '^lianshu_edge'::text)));

create policy future_goods_hub on future_goods as permissive for all to public using (( SELECT (CURRENT_USER !~ '^lianshu_edge'::text)));

create policy future_line_hub on future_line as permissive for all to public using (( SELECT (CURRENT_USER !~ '^lianshu_edge'::text)));

create policy future_move_hub on future_move as permissive for all to public using (( SELECT (CURRENT_USER !~ '^lianshu_edge'::text)));

create policy gate_pass_hub on gate_pass as permissive for all to public using (( SELECT (CURRENT_USER !~ '^lianshu_edge'::text)));

create policy gate_pass_party on gate_pass as permissive for select to lianshu_edge using (sees_release(release_no, CURRENT_USER));

create policy goods_receipt_hub on goods_receipt as permissive for all to public using (( SELECT (CURRENT_USER !~ '^lianshu_edge'::text)));

create policy goods_receipt_party on goods_receipt as permissive for select to lianshu_edge using ((((CURRENT_USER = 'lianshu_edge_borrower'::name) AND (owner_id = edge_party())) OR keeps_warehouse(warehouse, CURRENT_USER)));

create policy history_hub on history as permissive for all to public using (( SELECT (CURRENT_USER !~ '^lianshu_edge'::text)));

create policy instalment_hub on instalment as permissive for all to public using (( SELECT (CURRENT_USER !~ '^lianshu_edge'::text)));

create policy instalment_party on instalment as permissive for select to lianshu_edge using (sees_loan(loan_no, CURRENT_USER));

create policy invitation_hub on invitation as permissive for all to public using (( SELECT (CURRENT_USER !~ '^lianshu_edge'::text)));

create policy invitation_party on invitation as permissive for select to lianshu_edge using ((((edge_party() = party_id) OR (edge_party() = inviter_id)) OR ((CURRENT_USER = 'lianshu_edge_unit'::name) AND sees_case(case_id, CURRENT_USER))));

create policy invoice_hub on invoice as permissive for all to public using (( SELECT (CURRENT_USER !~ '^lianshu_edge'::text)));

create policy invoice_party on invoice as permissive for select to lianshu_edge using (sees_invoice(key, CURRENT_USER));

create policy invoice_use_hub on invoice_use as permissive for all to public using (( SELECT (CURRENT_USER !~ '^lianshu_edge'::text)));

create policy invoice_use_party on invoice_use as permissive for select to lianshu_edge using (sees_receivable(receivable_no, CURRENT_USER));

create policy limit_movement_hub on limit_movement as permissive for all to public using (( SELECT (CURRENT_USER !~ '^lianshu_edge'::text)));

create policy limit_movement_party on limit_movement as permissive for select to lianshu_edge using (sees_limit(limit_no, CURRENT_USER));

create policy loan_entry_hub on loan_entry as permissive for all to public using (( SELECT (CURRENT_USER !~ '^lianshu_edge'::text)));

create policy loan_entry_party on loan_entry as permissive for select to lianshu_edge using (sees_loan(loan_no, CURRENT_USER));

create policy loan_hub on loan as permissive for all to public using (( SELECT (CURRENT_USER !~ '^lianshu_edge'::text)));

create policy loan_party on loan as permissive for select to lianshu_edge using (sees_application(application_no, CURRENT_USER));

create policy loan_plan_hub on loan_plan as permissive for all to public using (( SELECT (CURRENT_USER !~ '^lianshu_edge'::text)));

create policy loan_plan_party on loan_plan as permissive for select to lianshu_edge using (sees_loan(loan_no, CURRENT_USER));

create policy manual_entry_hub on manual_entry as permissive for all to public using (( SELECT (CURRENT_USER !~ '^lianshu_edge'::text)));

create policy margin_entry_hub on margin_entry as permissive for all to public using (( SELECT (CURRENT_USER !~ '^lianshu_edge'::text)));

create policy margin_entry_party on margin_entry as permissive for select to lianshu_edge using (sees_pledge(pledge_no, CURRENT_USER));

create policy party_certificate_hub on party_certificate as permissive for all to public using (( SELECT (CURRENT_USER !~ '^lianshu_edge'::text)));

create policy party_certificate_party on party_certificate as permissive for select to lianshu_edge using ((party_id = edge_party()));

create policy party_event_hub on party_event as permissive for all to public using (( SELECT (CURRENT_USER !~ '^lianshu_edge'::text)));

create policy party_hub on party as permissive for all to public using (( SELECT (CURRENT_USER !~ '^lianshu_edge'::text)));

create policy party_party on party as permissive for select to lianshu_edge using (sees_party(id, CURRENT_USER));

create policy party_ref_hub on party_ref as permissive for all to public using (( SELECT (CURRENT_USER !~ '^lianshu_edge'::text)));

create policy party_role_hub on party_role as permissive for all to public using (( SELECT (CURRENT_USER !~ '^lianshu_edge'::text)));

create policy party_role_party on party_role as permissive for select to lianshu_edge using ((party_id = edge_party()));

create policy payment_hub on payment as permissive for all to public using (( SELECT (CURRENT_USER !~ '^lianshu_edge'::text)));

create policy payment_party on payment as permissive for select to lianshu_edge using ((sees_application(application_no, CURRENT_USER) AND ((CURRENT_USER <> 'lianshu_edge_unit'::name) OR owns_account(payee_account))));

create policy pledge_change_hub on pledge_change as permissive for all to public using (( SELECT (CURRENT_USER !~ '^lianshu_edge'::text)));

create policy pledge_change_party on pledge_change as permissive for select to lianshu_edge using (sees_pledge(pledge_no, CURRENT_USER));

create policy pledge_hub on pledge as permissive for all to public using (( SELECT (CURRENT_USER !~ '^lianshu_edge'::text)));

create policy pledge_item_hub on pledge_item as permissive for all to public using (( SELECT (CURRENT_USER !~ '^lianshu_edge'::text)));

create policy pledge_item_party on pledge_item as permissive for select to lianshu_edge using (sees_pledge(pledge_no, CURRENT_USER));

create policy pledge_party on pledge as permissive for select to lianshu_edge using (sees_pledge(no, CURRENT_USER));

create policy price_quote_hub on price_quote as permissive for all to public using (( SELECT (CURRENT_USER !~ '^lianshu_edge'::text)));

create policy project_funder_hub on project_funder as permissive for all to public using (( SELECT (CURRENT_USER !~ '^lianshu_edge'::text)));

create policy project_hub on project as permissive for all to public using (( SELECT (CURRENT_USER !~ '^lianshu_edge'::text)));

create policy quote_set_hub on quote_set as permissive for all to public using (( SELECT (CURRENT_USER !~ '^lianshu_edge'::text)));

create policy quote_set_item_hub on quote_set_item as permissive for all to public using (( SELECT (CURRENT_USER !~ '^lianshu_edge'::text)));

create policy receipt_endorsement_hub on receipt_endorsement as permissive for all to public using (( SELECT (CURRENT_USER !~ '^lianshu_edge'::text)));

create policy receipt_endorsement_party on receipt_endorsement as permissive for select to lianshu_edge using (sees_receipt(receipt_no, CURRENT_USER));

create policy receipt_item_hub on receipt_item as permissive for all to public using (( SELECT (CURRENT_USER !~ '^lianshu_edge'::text)));

create policy receipt_item_party on receipt_item as permissive for select to lianshu_edge using (sees_receipt(receipt_no, CURRENT_USER));

create policy receipt_link_hub on receipt_link as permissive for all to public using (( SELECT (CURRENT_USER !~ '^lianshu_edge'::text)));

create policy receipt_link_party on receipt_link as permissive for select to lianshu_edge using (sees_receipt(child_no, CURRENT_USER));

create policy receivable_certificate_hub on receivable_certificate as permissive for all to public using (( SELECT (CURRENT_USER !~ '^lianshu_edge'::text)));

create policy receivable_certificate_party on receivable_certificate as permissive for select to lianshu_edge using ((edge_party() =
CASE CURRENT_USER
    WHEN 'lianshu_edge_core'::name THEN issuer_id
    WHEN 'lianshu_edge_unit'::name THEN NULL::uuid
    WHEN 'lianshu_edge_keeper'::name THEN NULL::uuid
    ELSE holder_id
END));

create policy receivable_hub on receivable as permissive for all to public using (( SELECT (CURRENT_USER !~ '^lianshu_edge'::text)));

create policy receivable_party on receivable as permissive for select to lianshu_edge using (sees_receivable(no, CURRENT_USER));

create policy receivable_version_hub on receivable_version as permissive for all to public using (( SELECT (CURRENT_USER !~ '^lianshu_edge'::text)));

create policy receivable_version_party on receivable_version as permissive for select to lianshu_edge using (sees_receivable(receivable_no, CURRENT_USER));

create policy recon_case_hub on recon_case as permissive for all to public using (( SELECT (CURRENT_USER !~ '^lianshu_edge'::text)));

create policy recon_item_hub on recon_item as permissive for all to public using (( SELECT (CURRENT_USER !~ '^lianshu_edge'::text)));

create policy recon_run_hub on recon_run as permissive for all to public using (( SELECT (CURRENT_USER !~ '^lianshu_edge'::text)));

create policy registration_hub on registration as permissive for all to public using (( SELECT (CURRENT_USER !~ '^lianshu_edge'::text)));

create policy registration_party on registration as permissive for select to lianshu_edge using ((sees_application(application_no, CURRENT_USER) AND ((CURRENT_USER <> 'lianshu_edge_funder'::name) OR (subscription_no IS NULL) OR subscribes(subscription_no))));

create policy release_item_hub on release_item as permissive for all to public using (( SELECT (CURRENT_USER !~ '^lianshu_edge'::text)));

create policy release_item_party on release_item as permissive for select to lianshu_edge using (sees_release(release_no, CURRENT_USER));

create policy release_order_hub on release_order as permissive for all to public using (( SELECT (CURRENT_USER !~ '^lianshu_edge'::text)));

create policy release_order_party on release_order as permissive for select to lianshu_edge using (sees_pledge(pledge_no, CURRENT_USER));

create policy repayment_hub on repayment as permissive for all to public using (( SELECT (CURRENT_USER !~ '^lianshu_edge'::text)));

create policy repayment_party on repayment as permissive for select to lianshu_edge using (sees_loan(loan_no, CURRENT_USER));

create policy revaluation_hub on revaluation as permissive for all to public using (( SELECT (CURRENT_USER !~ '^lianshu_edge'::text)));

create policy route_attempt_hub on route_attempt as permissive for all to public using (( SELECT (CURRENT_USER !~ '^lianshu_edge'::text)));

create policy route_attempt_party on route_attempt as permissive for select to lianshu_edge using ((edge_party() =
CASE CURRENT_USER
    WHEN 'lianshu_edge_funder'::name THEN funder_id
    WHEN 'lianshu_edge_borrower'::name THEN borrower_id
    ELSE NULL::uuid
END));

create policy sign_authority_hub on sign_authority as permissive for all to public using (( SELECT (CURRENT_USER !~ '^lianshu_edge'::text)));

create policy sign_authority_party on sign_authority as permissive for select to lianshu_edge using ((party_id = edge_party()));

create policy stock_adjustment_hub on stock_adjustment as permissive for all to public using (( SELECT (CURRENT_USER !~ '^lianshu_edge'::text)));

create policy stock_adjustment_party on stock_adjustment as permissive for select to lianshu_edge using (sees_lot(lot_no, CURRENT_USER));

create policy stock_difference_hub on stock_difference as permissive for all to public using (( SELECT (CURRENT_USER !~ '^lianshu_edge'::text)));

create policy stock_difference_party on stock_difference as permissive for select to lianshu_edge using ((sees_snapshot(snapshot_no, CURRENT_USER) OR sees_lot(lot_no, CURRENT_USER)));

create policy stock_lot_hub on stock_lot as permissive for all to public using (( SELECT (CURRENT_USER !~ '^lianshu_edge'::text)));

create policy stock_lot_party on stock_lot as permissive for select to lianshu_edge using (sees_lot(lot_no, CURRENT_USER));

create policy stock_movement_hub on stock_movement as permissive for all to public using (( SELECT (CURRENT_USER !~ '^lianshu_edge'::text)));

create policy stock_movement_party on stock_movement as permissive for select to lianshu_edge using (sees_lot(lot_no, CURRENT_USER));

create policy stock_snapshot_hub on stock_snapshot as permissive for all to public using (( SELECT (CURRENT_USER !~ '^lianshu_edge'::text)));

create policy stock_snapshot_line_hub on stock_snapshot_line as permissive for all to public using (( SELECT (CURRENT_USER !~ '^lianshu_edge'::text)));

create policy stock_snapshot_line_party on stock_snapshot_line as permissive for select to lianshu_edge using (sees_snapshot(snapshot_no, CURRENT_USER));

create policy stock_snapshot_party on stock_snapshot as permissive for select to lianshu_edge using (keeps_warehouse(warehouse, CURRENT_USER));

create policy subscription_hub on subscription as permissive for all to public using (( SELECT (CURRENT_USER !~ '^lianshu_edge'::text)));

create policy subscription_party on subscription as permissive for select to lianshu_edge using (
CASE
    WHEN (CURRENT_USER = 'lianshu_edge_funder'::name) THEN (funder_id = edge_party())
    ELSE sees_offer(offer_no, CURRENT_USER)
END);

create policy trade_contract_hub on trade_contract as permissive for all to public using (( SELECT (CURRENT_USER !~ '^lianshu_edge'::text)));

create policy trade_contract_party on trade_contract as permissive for select to lianshu_edge using (sees_contract(id, CURRENT_USER));

create policy trade_contract_version_hub on trade_contract_version as permissive for all to public using (( SELECT (CURRENT_USER !~ '^lianshu_edge'::text)));

create policy trade_contract_version_party on trade_contract_version as permissive for select to lianshu_edge using (sees_contract(contract_id, CURRENT_USER));

create policy trade_order_hub on trade_order as permissive for all to public using (( SELECT (CURRENT_USER !~ '^lianshu_edge'::text)));

create policy trade_order_party on trade_order as permissive for select to lianshu_edge using (sees_case(case_id, CURRENT_USER));

create policy valuation_hub on valuation as permissive for all to public using (( SELECT (CURRENT_USER !~ '^lianshu_edge'::text)));

create policy valuation_party on valuation as permissive for select to lianshu_edge using (sees_pledge(pledge_no, CURRENT_USER));

create policy verification_hub on verification as permissive for all to public using (( SELECT (CURRENT_USER !~ '^lianshu_edge'::text)));

create policy verification_party on verification as permissive for select to lianshu_edge using ((party_id = edge_party()));

create policy warehouse_receipt_hub on warehouse_receipt as permissive for all to public using (( SELECT (CURRENT_USER !~ '^lianshu_edge'::text)));

create policy warehouse_receipt_party on warehouse_receipt as permissive for select to lianshu_edge using (sees_receipt(no, CURRENT_USER));
