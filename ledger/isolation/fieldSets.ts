/**
 * Field sets (字段集, reliability.md 4.1): what each relation may read of each table, column by column. A warehouse sees lots,
 * not prices. Which rows these are is said by the policies of 0030-isolation.sql. Never here: sealed personal data, the people
 * of four eyes of somebody else, modification codes of the registry, anybody's inputs to a decision.
 */
import { goodsFields } from './goodsFields.ts';
import type { FieldSet } from './relations.ts';

const asked = 'no case_id order_no seller_no borrower_id funder_id amount currency tenor_days purpose product state';
const terms = 'payee_account funder_ref approved_amount rate day_count pledge_rate valid_to disclosed recourse';
const traded = 'order_no case_id seller_no buyer_id order_date currency total lines confirmed_at';
const receivable = 'no creditor_id debtor_id contract_id currency version collected state';
const version = 'receivable_no version gross_amount deductions net_amount due_date pay_account reason at';
const confirmed =
  'no receivable_no version form requested_at due_at confirmed_amount due_date pay_account waiver confirmed_at reason state';
const invoice =
  'key code no type issue_date seller_id buyer_id currency amount_ex_tax tax amount_inc_tax red_amount tax_status checked_at state';
const contract = 'id contract_no type seller_id buyer_id version';
const contractVersion =
  'contract_id version amount currency signed_on effective_on sealed cert_serial file_sha256 other_parties at';
const certificate =
  'no receivable_no issuer_id holder_id function amount currency start_date end_date long_term_reason issuer_signature platform_signature state';
const notice = 'no receivable_no assignee_id sent_by document_sha256 disclosed channel sent_at arrived_at state';
const company = 'id uscc legal_name entity_type';
const account = 'account_no party_id account_name bank_name bank_code state usages bank_status usable_from';
const authority = 'no party_id basis state document_types valid_from valid_to poa_sha256';
const agreed = 'id party_id recipient purpose data_kinds separate document_sha256 state at valid_to withdrawn_at';
const told = 'id party_id recipient purpose data_kinds legal_basis basis_note document_sha256 at';
const verified = 'request_no party_id kind state factors at answered_at expires_at';
const chained = 'case_id no node at sha256 sm3';
const anchored = 'no case_id upto head_sha256 tx_hash block_no anchored_at';
const loan =
  'no funder_id funder_no application_no payment_no principal balance rate day_count start_date maturity state currency method penalty_multiplier purchase upfront_interest interest penalty compound fee';
const entry = 'id loan_no kind item amount value_on from_on base rate day_count repayment_no reverses reason at';
const repayment =
  'no loan_no payment_no amount state posting_no fee penalty interest principal compound type value_on posted_at';
const payment =
  'no purpose application_no payer_account payee_account amount currency state settled_at previous_no created_at';
const limit =
  'no party_id funder_id revolving total reserved used available state currency valid_from valid_to rate as_of';

const everybody = (columns: string): FieldSet => ({
  borrower: columns,
  unit: columns,
  funder: columns,
  keeper: columns,
  core: columns,
});
const lending = (columns: string, funderToo = ''): FieldSet => ({
  borrower: columns,
  funder: `${columns} ${funderToo}`.trim(),
});
const factoring = (columns: string): FieldSet => ({ borrower: columns, funder: columns, core: columns });

const partyFields: Readonly<Record<string, FieldSet>> = {
  cases: {
    borrower: 'id key title party amount state opened_at closed_at advice',
    unit: 'id key title party amount state opened_at closed_at advice',
    funder: 'id key title party amount state opened_at closed_at',
    keeper: 'id title state opened_at closed_at',
    core: 'id title state opened_at closed_at',
  },
  case_party: everybody('case_id party_id capacity at'),
  party: everybody(company),
  party_role: everybody('id party_id role state'),
  party_certificate: everybody('party_id issuer serial valid_to'),
  bank_account: everybody(account),
  sign_authority: { ...everybody(authority), borrower: `${authority} max_amount currency` },
  consent: everybody(agreed),
  disclosure: everybody(told),
  verification: everybody(verified),
  invitation: {
    borrower: 'id code case_id party_id inviter_id state expires_at used_at sent_at',
    unit: 'id code case_id party_id inviter_id invitee_uscc state expires_at used_at sent_at',
  },
};

const tradeFields: Readonly<Record<string, FieldSet>> = {
  trade_order: { borrower: `${traded} paid`, unit: `${traded} paid`, funder: `${traded} paid` },
  delivery: {
    borrower: 'seller_no delivery_no order_no shipped_at signed_at lines proof_sha256',
    unit: 'seller_no delivery_no order_no shipped_at signed_at lines proof_sha256',
    funder: 'seller_no delivery_no order_no shipped_at signed_at lines proof_sha256',
  },
  document: lending('case_id type name sha256'),
  trade_contract: { ...factoring(contract), unit: contract },
  trade_contract_version: { ...factoring(contractVersion), unit: contractVersion },
  contract_change: factoring('contract_id version receivable_no at'),
  // How much of an invoice is used tells a funder about another one, and the debtor about the supplier's financing.
  invoice: {
    borrower: `${invoice} check_code used_amount uncovered_amount`,
    unit: invoice,
    funder: invoice,
    core: invoice,
  },
  invoice_use: lending('id invoice_key receivable_no amount at state'),
  receivable: factoring(receivable),
  receivable_version: factoring(version),
  confirmation: { borrower: confirmed, funder: confirmed, core: `${confirmed} claimed_by maker signature cert_serial` },
  assignment_notice: factoring(notice),
  receivable_certificate: factoring(certificate),
};

const financingFields: Readonly<Record<string, FieldSet>> = {
  // Nothing of what a funder decided, for the trading unit, but that it did.
  application: {
    borrower: `${asked} ${terms}`,
    unit: 'no case_id order_no seller_no borrower_id amount currency product state',
    funder: `${asked} ${terms}`,
    keeper: 'no case_id product state',
  },
  asset_lock: lending('id asset_key application_no at released_at receivable_no financed advance_rate'),
  route_attempt: {
    borrower: 'no application_no funder_id position state',
    funder: 'no funder_id funder_ref amount rate reason state',
  },
  // Masked: a funder that may subscribe does not learn whose asset it is, or what others put in.
  asset_offer: {
    borrower:
      'no application_no channel amount currency min_ticket rate_low rate_high closes_at accepted final_rate state',
    funder: 'no channel amount currency min_ticket rate_low rate_high closes_at final_rate state',
  },
  subscription: {
    borrower: 'no offer_no amount placed_at state',
    funder: 'no offer_no funder_id amount rate_low rate_high placed_at state',
  },
  envelope: {
    ...lending('no application_no vendor_flow_id documents mandate_payee state verified_at vendor_status'),
    unit: 'no application_no state',
  },
  envelope_signer: {
    borrower: 'id envelope_no position party_id signed_at cert_serial state',
    unit: 'id envelope_no position party_id signed_at cert_serial state',
    funder: 'id envelope_no position party_id signed_at cert_serial state',
    keeper: 'id envelope_no position party_id signed_at cert_serial state',
  },
  registration: lending(
    'request_no pledge_no application_no state registration_no registered_at expires_at cancelled_at',
    'search_no searched_at submitted_at subscription_no cancel_due amend_due objected_at',
  ),
};

const moneyFields: Readonly<Record<string, FieldSet>> = {
  credit_limit: lending(limit, 'decision_ref'),
  limit_movement: lending('id limit_no kind amount at application_no repayment_no', 'decision_ref'),
  payment: {
    ...lending(payment, 'serial_no'),
    unit: 'no purpose application_no payee_account amount currency state settled_at',
  },
  loan: { ...lending(loan), unit: 'no application_no state' },
  loan_entry: lending(entry),
  loan_plan: lending('loan_no version principal from_on reason at'),
  instalment: lending('loan_no version no from_on to_on due_on principal interest'),
  repayment: lending(repayment),
};

const oversightFields: Readonly<Record<string, FieldSet>> = {
  alert: {
    borrower: 'no type level subject case_id opened_at deadline state',
    unit: 'no type level case_id opened_at state',
    funder: 'no type level subject case_id metric measured threshold above latest opened_at deadline state',
  },
  // The chain proves that nothing was changed; what is in it is told by the tables above.
  evidence: { borrower: chained, unit: chained, funder: chained },
  anchor: { borrower: anchored, unit: anchored, funder: anchored },
};

export const fieldSets: Readonly<Record<string, FieldSet>> = {
  ...partyFields,
  ...tradeFields,
  ...financingFields,
  ...goodsFields,
  ...moneyFields,
  ...oversightFields,
};

/** Business data of which nobody at the edge reads anything, and why. Forced row-level security all the same. */
export const closedTables: Readonly<Record<string, string>> = {
  history: 'names the people who acted',
  approval: 'names maker and checker (经办与复核)',
  manual_entry: 'what two people of the operator entered',
  blacklist: 'for risk management of the operator and the funders',
  configuration: 'rules by which is decided',
  decision: 'inputs of a decision',
  project: 'binds several funders, units and keepers',
  project_funder: 'names several funders',
  funder_archive: 'what one funder thinks of a company is none of the others’ business',
  caller: 'names those who speak to the hub',
  event_subscription: 'told over the signed API to the caller whose it is',
  party_event: 'told over the signed API to the caller whose it is, with the columns of its field set',
  feedback_cycle: 'names a funder and what was told to it',
  party_ref: 'numbers that others have given a company',
  price_quote: 'names no party',
  quote_set: 'names no party',
  quote_set_item: 'names no party',
  revaluation: 'names no party',
  future_goods: 'what four parties agreed',
  future_line: 'as future goods',
  future_move: 'as future goods',
  recon_run: 'spans cases',
  recon_item: 'spans cases',
  recon_case: 'spans cases',
};

/** Tables without row-level security: no business facts of their own, or the engine's, to which the edge has no right at all. */
export const openTables: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    'act effect exchange exchange_part incident journal lane lane_event node nonce request retention run run_done run_key signal system task task_act task_vote wait'
      .split(' ')
      .map((table) => [table, 'engine: read by the hub only']),
  ),
  ...Object.fromEntries(
    'evidence_due evidence_head evidence_leaf evidence_subtree'.split(' ').map((table) => [table, 'hashes only']),
  ),
  sealing: 'key store',
  sealing_key: 'key store',
  migration: 'schema',
  stateful: 'schema',
  lifecycle: 'schema',
  clock: 'the time, for everybody',
  cut_off: 'calendar',
  working_day_swap: 'calendar',
  stock_tolerance: 'how much a count may differ, per material',
};

/** Of the open tables, what everybody at the edge may read: `hub_now()` is asked for in the reader's own name. */
export const shared: Readonly<Record<string, string>> = { clock: 'only_row real_at business_at speed' };
