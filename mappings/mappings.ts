/** Every mapping and every code table of the house, for whoever checks, shows or replays them all. */
import { isMapping, type AnyMapping } from '../contracts/mapping.ts';
import * as bankCcbCodes from './bank/ccb.codes.ts';
import * as bankCcb from './bank/ccb.ts';
import * as bankCmbCodes from './bank/cmb.codes.ts';
import * as bankCmb from './bank/cmb.ts';
import * as bankIcbcCodes from './bank/icbc.codes.ts';
import * as bankIcbc from './bank/icbc.ts';
import * as bankIcbcResults from './bank/icbcResults.ts';
import * as bankIsoCodes from './bank/iso20022.codes.ts';
import * as bankIsoStatement from './bank/iso20022.statement.ts';
import * as bankIso from './bank/iso20022.ts';
import * as bankCodes from './bank/open.codes.ts';
import * as bank from './bank/open.ts';
import * as bankFeedback from './bank/openFeedback.ts';
import * as bankPackageCodes from './bank/package.codes.ts';
import * as bankPackage from './bank/package.ts';
import * as bankPackageFeedback from './bank/packageFeedback.ts';
import * as bankPinganCodes from './bank/pingan.codes.ts';
import * as bankPingan from './bank/pingan.ts';
import * as cfca from './cfca/idv.ts';
import * as cfcaAccount from './cfca/idvAccount.ts';
import * as clearingCodes from './clearing/cpcn.codes.ts';
import * as clearing from './clearing/cpcn.ts';
import * as clearingAccounts from './clearing/cpcnAccounts.ts';
import * as clearingRefunds from './clearing/cpcnRefunds.ts';
import * as clearingSplits from './clearing/cpcnSplits.ts';
import * as clearingFiles from './clearing/files.ts';
import * as banks from './codes/banks.ts';
import { isCodeTable, type CodeTable } from './codes/codeTable.ts';
import * as currencies from './codes/currencies.ts';
import * as materials from './codes/materials.ts';
import * as units from './codes/units.ts';
import * as esignAnxinsign from './esign/anxinsign.ts';
import * as esignFasc from './esign/fasc.ts';
import * as esignFascAuthority from './esign/fascAuthority.ts';
import * as esignFascTemplate from './esign/fascTemplate.ts';
import * as esignQiyuesuo from './esign/qiyuesuo.ts';
import * as esign from './esign/tsign.ts';
import * as esignTsignAuthority from './esign/tsignAuthority.ts';
import * as esignTsignTemplate from './esign/tsignTemplate.ts';
import * as evidenceAntchain from './evidence/antchain.ts';
import * as evidenceTsa from './evidence/tsa.ts';
import * as evidence from './evidence/webase.ts';
import * as identityFaceid from './identity/faceid.ts';
import * as notifySms from './notify/sms.ts';
import * as notifySmtp from './notify/smtp.ts';
import * as notifyWecom from './notify/wecom.ts';
import * as invoiceVatCodes from './invoice/vat.codes.ts';
import * as invoiceVat from './invoice/vat.ts';
import * as price from './price/quotes.ts';
import * as registryManualCodes from './registry/manual.codes.ts';
import * as registryManualOrders from './registry/manual.orders.ts';
import * as registryManual from './registry/manual.ts';
import * as registryCodes from './registry/provider.codes.ts';
import * as registry from './registry/provider.ts';
import * as sapBapi from './sap/s4.bapi.ts';
import * as sapCodes from './sap/s4.codes.ts';
import * as sapDocuments from './sap/s4.documents.ts';
import * as sapEntities from './sap/s4.entities.ts';
import * as sapIdocs from './sap/s4.idocs.ts';
import * as sapOdata from './sap/s4.odata.ts';
import * as sapOrders05 from './sap/s4.orders05.ts';
import * as sapPostings from './sap/s4.postings.ts';
import * as wmsCsv from './wms/csv.ts';
import * as wmsCsvCodes from './wms/csvCodes.ts';
import * as wmsEpcis from './wms/epcis.ts';
import * as wmsEpcisCodes from './wms/epcisCodes.ts';
import * as wmsFlux from './wms/flux.ts';
import * as wmsFluxCodes from './wms/fluxCodes.ts';
import * as wmsFluxStock from './wms/fluxStock.ts';
import * as wms from './wms/qimen.ts';
import * as wmsCodes from './wms/qimenCodes.ts';
import * as wmsQuantity from './wms/qimenQuantity.ts';
import * as wmsQimenStock from './wms/qimenStock.ts';
import * as wmsSoap from './wms/soap.ts';

const modules: readonly object[] = [
  banks,
  currencies,
  materials,
  units,
  bank,
  bankFeedback,
  bankCcb,
  bankCcbCodes,
  bankCodes,
  bankIso,
  bankIsoCodes,
  bankIsoStatement,
  bankPackage,
  bankPackageFeedback,
  bankPackageCodes,
  bankPingan,
  bankPinganCodes,
  bankCmb,
  bankCmbCodes,
  bankIcbc,
  bankIcbcCodes,
  bankIcbcResults,
  cfca,
  cfcaAccount,
  clearing,
  clearingAccounts,
  clearingCodes,
  clearingRefunds,
  clearingSplits,
  clearingFiles,
  esign,
  esignAnxinsign,
  esignFasc,
  esignFascAuthority,
  esignFascTemplate,
  esignQiyuesuo,
  esignTsignAuthority,
  esignTsignTemplate,
  evidence,
  evidenceAntchain,
  evidenceTsa,
  identityFaceid,
  notifySms,
  notifySmtp,
  notifyWecom,
  invoiceVat,
  invoiceVatCodes,
  price,
  registry,
  registryManual,
  registryManualCodes,
  registryManualOrders,
  registryCodes,
  sapBapi,
  sapCodes,
  sapDocuments,
  sapEntities,
  sapIdocs,
  sapOdata,
  sapOrders05,
  sapPostings,
  wmsCsv,
  wmsCsvCodes,
  wmsEpcis,
  wmsEpcisCodes,
  wmsFlux,
  wmsFluxCodes,
  wmsFluxStock,
  wms,
  wmsCodes,
  wmsQuantity,
  wmsQimenStock,
  wmsSoap,
];

const exported: readonly unknown[] = modules.flatMap((module) => Object.values(module));

/** By name, in ascending order. */
export const mappings: readonly AnyMapping[] = exported.filter(isMapping).sort((a, b) => (a.name < b.name ? -1 : 1));

export const codeTables: readonly CodeTable[] = exported.filter(isCodeTable).sort((a, b) => (a.name < b.name ? -1 : 1));
