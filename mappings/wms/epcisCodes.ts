/** What the words of GS1's Core Business Vocabulary (CBV 2.0) mean to us here, as data, and whose numbers stand for what. */
import { codeTable, twoWayTable } from '../codes/codeTable.ts';

const cbv = 'GS1 Core Business Vocabulary 2.0; which event means what: adapters/wms/README.md';
const agreed = 'adapters/wms/README.md: GS1 numbers agreed with the warehouse at connection time';

/**
 * `bizStep` of an ObjectEvent. Two steps are an arrival and two a departure: which of them is the fact is a setting of the
 * system, because a warehouse that sends both would count its goods twice. A step without a row is unknown.
 */
export const bizSteps = codeTable('wms.epcis.biz-step', cbv, {
  receiving: 'arrival',
  storing: 'arrival',
  shipping: 'departure',
  departing: 'departure',
  cycle_counting: 'count',
  stock_taking: 'count',
  destroying: 'loss',
  // The goods stay where and what they are.
  arriving: 'nothing',
  unloading: 'nothing',
  inspecting: 'nothing',
  holding: 'nothing',
  reserving: 'nothing',
  picking: 'nothing',
  packing: 'nothing',
  staging_outbound: 'nothing',
  loading: 'nothing',
  sensor_reporting: 'nothing',
});

/** `disposition` of goods that arrived. Damaged, recalled or expired goods have no row: they are no security. */
export const arrivalDispositions = codeTable('wms.epcis.arrival-disposition', cbv, {
  in_progress: 'partial', // more of this notice is coming
  sellable_not_accessible: 'final',
  sellable_accessible: 'final',
});

/** `disposition` of a count. */
export const countDispositions = codeTable('wms.epcis.count-disposition', cbv, {
  mismatch_quantity: 'differs',
  sellable_not_accessible: 'agrees',
  sellable_accessible: 'agrees',
});

/** `bizStep` of a TransformationEvent. */
export const transformations = codeTable('wms.epcis.transformation', cbv, {
  repackaging: 'lotChanged',
  assembling: 'processed',
  disassembling: 'processed',
});

/** `reason` of an error declaration. */
export const errorReasons = codeTable('wms.epcis.error-reason', cbv, {
  did_not_occur: 'didNotOccur',
  incorrect_data: 'wrongData',
});

/** Company prefix and item reference of an LGTIN: our material. */
export const items = codeTable('wms.epcis.item', agreed, {
  '6901234.000011': 'HRB400E-12',
  '6901234.000012': 'HRC-Q235B-3',
  '6901234.000013': 'NI-9996-CATH',
});

/** `bizLocation`: our warehouse. */
export const locations = twoWayTable('wms.epcis.location', agreed, { 'urn:epc:id:sgln:6901234.00001.0': 'XM01' });
