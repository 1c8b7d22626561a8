/** Every twin of the sandbox. */
import type { TwinSpec } from './twin.ts';
import { bankCmb } from './bank/cmb.twin.ts';
import { bankIcbc } from './bank/icbc.twin.ts';
import { bankCcb } from './bank/ccb.twin.ts';
import { bankIso20022 } from './bank/iso20022.twin.ts';
import { bankOpen } from './bank/open.twin.ts';
import { bankPackage } from './bank/package.twin.ts';
import { bankPingan } from './bank/pingan.twin.ts';
import { cfcaIdv } from './cfca/idv.twin.ts';
import { clearingCpcn } from './clearing/cpcn.twin.ts';
import { clearingFiles } from './clearing/sftp.twin.ts';
import { esignAnxinsign } from './esign/anxinsign.twin.ts';
import { esignFasc } from './esign/fasc.twin.ts';
import { esignQiyuesuo } from './esign/qiyuesuo.twin.ts';
import { esignTsign } from './esign/tsign.twin.ts';
import { evidenceAntchain } from './evidence/antchain.twin.ts';
import { evidenceTsa } from './evidence/tsa.twin.ts';
import { evidenceChain } from './evidence/webase.twin.ts';
import { identityFaceid } from './identity/faceid.twin.ts';
import { notifySms } from './notify/sms.twin.ts';
import { notifySmtp } from './notify/smtp.twin.ts';
import { notifyWecom } from './notify/wecom.twin.ts';
import { invoiceVat } from './invoice/vat.twin.ts';
import { priceQuotes } from './price/quotes.twin.ts';
import { registryManual } from './registry/manual.twin.ts';
import { registryZd } from './registry/provider.twin.ts';
import { sapS4 } from './sap/s4.twin.ts';
import { wmsCsv } from './wms/csv.twin.ts';
import { wmsEpcis } from './wms/epcis.twin.ts';
import { wmsFlux } from './wms/flux.twin.ts';
import { wmsQimen } from './wms/qimen.twin.ts';
import { wmsSoap } from './wms/soap.twin.ts';

/** Another funder that speaks as the first does. */
const bankSouth = { ...bankOpen, name: 'bank-south', title: { zh: '南方保理', en: 'Southern factor' } };

// Each twin's memory is its own type; the launcher never looks into it.
export const twins = [
  sapS4,
  wmsQimen,
  wmsFlux,
  wmsEpcis,
  wmsSoap,
  wmsCsv,
  bankOpen,
  bankSouth,
  bankIso20022,
  bankCcb,
  bankPackage,
  bankPingan,
  bankCmb,
  bankIcbc,
  cfcaIdv,
  esignTsign,
  esignFasc,
  esignQiyuesuo,
  esignAnxinsign,
  clearingCpcn,
  clearingFiles,
  registryZd,
  registryManual,
  evidenceChain,
  evidenceAntchain,
  evidenceTsa,
  priceQuotes,
  invoiceVat,
  identityFaceid,
  notifySms,
  notifySmtp,
  notifyWecom,
] as unknown as readonly TwinSpec<object>[];
