/** The twins and their world, for tests of what stands before them. `adapters/` and `sandbox/` never import each other. */
export type { Bank } from '../sandbox/bank/books.ts';
export { bankOpen, signedAnswer } from '../sandbox/bank/open.twin.ts';
export { identity, signedText } from '../sandbox/bank/seal.ts';
export { cfcaIdv } from '../sandbox/cfca/idv.twin.ts';
export { clearingCpcn } from '../sandbox/clearing/cpcn.twin.ts';
export { generated } from '../sandbox/clearing/settlementFile.ts';
export { clearingFiles, startFilesTwin, type RunningFilesTwin } from '../sandbox/clearing/sftp.twin.ts';
export { Clock as TwinClock } from '../sandbox/clock.ts';
export { esignTsign } from '../sandbox/esign/tsign.twin.ts';
export { evidenceChain } from '../sandbox/evidence/webase.twin.ts';
export { priceQuotes, quoteDateAt } from '../sandbox/price/quotes.twin.ts';
export { registryZd } from '../sandbox/registry/provider.twin.ts';
export { sapS4 } from '../sandbox/sap/s4.twin.ts';
export type { TwinAnswer, TwinRequest, TwinSpec } from '../sandbox/twin.ts';
export { wmsQimen } from '../sandbox/wms/qimen.twin.ts';
export { dealers, funder, materials, unit, warehouse, type Dealer } from '../sandbox/world.ts';
