/** Every twin of the sandbox. */
import type { TwinSpec } from './twin.ts';
import { bankOpen } from './bank/open.twin.ts';
import { cfcaIdv } from './cfca/idv.twin.ts';
import { clearingCpcn } from './clearing/cpcn.twin.ts';
import { esignTsign } from './esign/tsign.twin.ts';
import { evidenceChain } from './evidence/webase.twin.ts';
import { priceQuotes } from './price/quotes.twin.ts';
import { registryZd } from './registry/provider.twin.ts';
import { sapS4 } from './sap/s4.twin.ts';
import { wmsQimen } from './wms/qimen.twin.ts';

// Each twin's memory is its own type; the launcher never looks into it.
export const twins = [
  sapS4,
  wmsQimen,
  bankOpen,
  cfcaIdv,
  esignTsign,
  clearingCpcn,
  registryZd,
  evidenceChain,
  priceQuotes,
] as unknown as readonly TwinSpec<object>[];
