/** Field sets of goods: keepers see what lies where and what may leave, never what it is worth or what is lent on it. */
import type { FieldSet } from './relations.ts';

const lot =
  'lot_no warehouse owner_id material unit on_hand pledged frozen available location brand spec grade batch pieces quality_cert_no inbound_at goods_receipt_no';
const pledgeKept =
  'no application_no pledgor_id pledgee_id supervisor_id basis state lock_no receipt_no receipt_sha256 control_at custody_no supervision_no effective_at';
const pledge = `${pledgeKept} secured_amount pledge_rate registration_no currency min_floor_value warn_rate call_rate dispose_rate`;
const pledgedLot = 'pledge_no lot_no quantity released closed change_no lost open';
const receiptKept =
  'no national_code form basis warehouse depositor_id depositor_name depositor_address holder_id loss_standard storage_place storage_from storage_to insured insured_from insured_to insurer issuer_id issued_place issued_at keeper_sha256 rights_notice endorsee_id endorser_sha256 state';
const receipt = `${receiptKept} storage_fee insured_sum insured_currency`;
const receiptItem = 'receipt_no lot_no variety spec quantity delivered unit quality packaging pieces marks bound';
const endorsed = 'receipt_no no kind endorser_id endorsee_id endorser_sha256 keeper_sha256 at';
const moved = 'id lot_no kind quantity document_no at';
const adjusted = 'no lot_no quantity reason report_sha256 maker_party_id signer_party_id state';
const change = 'no pledge_no kind reason lock_no control_at state';
const released = 'no pledge_no state valid_to outbound_no outbound_at';
const difference = 'snapshot_no lot_no cause level booked counted gap_pledged';
const valued = 'set_id pledge_no value exposure ltv level unpriced cash_call goods_call';

const holders = (columns: string, keeper: string = columns): FieldSet => ({
  borrower: columns,
  funder: columns,
  keeper,
});

export const goodsFields: Readonly<Record<string, FieldSet>> = {
  goods_receipt: {
    borrower: 'receipt_no notice_no warehouse owner_id received_at final',
    keeper: 'receipt_no notice_no warehouse owner_id received_at final',
  },
  stock_lot: { ...holders(`${lot} ownership_docs`, lot), unit: 'lot_no warehouse material unit on_hand pledged' },
  stock_movement: { borrower: moved, keeper: moved },
  stock_adjustment: { ...holders(adjusted), unit: adjusted },
  warehouse_receipt: { ...holders(receipt, receiptKept), unit: 'no form warehouse state' },
  receipt_item: { ...holders(receiptItem), unit: 'receipt_no lot_no variety spec quantity unit' },
  receipt_endorsement: holders(endorsed),
  receipt_link: holders('child_no parent_no'),
  pledge: { ...holders(pledge, pledgeKept), unit: 'no application_no basis state receipt_no' },
  pledge_item: {
    ...holders(`${pledgedLot} price price_at`, pledgedLot),
    unit: 'pledge_no lot_no quantity released closed',
  },
  pledge_change: holders(`${change} registration_no`, change),
  margin_entry: {
    borrower: 'no pledge_no amount currency statement_ref at',
    funder: 'no pledge_no amount currency statement_ref at',
  },
  valuation: { borrower: valued, funder: valued },
  release_order: {
    borrower: `${released} repayment_no ground change_no`,
    unit: 'no pledge_no state',
    funder: `${released} repayment_no ground change_no maker checker`,
    keeper: `${released} token_sha256 picker_id_sha256 picker_vehicle`,
  },
  release_item: { ...holders('release_no lot_no quantity outbound'), unit: 'release_no lot_no quantity outbound' },
  gate_pass: {
    borrower: 'release_no vehicle at',
    keeper: 'release_no token_sha256 picker_id_sha256 vehicle at',
  },
  stock_snapshot: { keeper: 'no warehouse taken_at channel counted_by second_by' },
  stock_snapshot_line: { keeper: 'snapshot_no lot_no quantity unit location' },
  stock_difference: holders(difference),
};
