/** Every mapping and every code table of the house, for whoever checks, shows or replays them all. */
import { isMapping, type AnyMapping } from '../contracts/mapping.ts';
import * as bankCodes from './bank/open.codes.ts';
import * as bank from './bank/open.ts';
import * as cfca from './cfca/idv.ts';
import * as clearing from './clearing/cpcn.ts';
import * as clearingFiles from './clearing/files.ts';
import * as banks from './codes/banks.ts';
import { isCodeTable, type CodeTable } from './codes/codeTable.ts';
import * as currencies from './codes/currencies.ts';
import * as materials from './codes/materials.ts';
import * as units from './codes/units.ts';
import * as esign from './esign/tsign.ts';
import * as evidence from './evidence/webase.ts';
import * as price from './price/quotes.ts';
import * as registryCodes from './registry/provider.codes.ts';
import * as registry from './registry/provider.ts';
import * as sapBapi from './sap/s4.bapi.ts';
import * as sapCodes from './sap/s4.codes.ts';
import * as sapOdata from './sap/s4.odata.ts';
import * as sapOrders05 from './sap/s4.orders05.ts';
import * as wms from './wms/qimen.ts';
import * as wmsCodes from './wms/qimenCodes.ts';
import * as wmsQuantity from './wms/qimenQuantity.ts';

const modules: readonly object[] = [
  banks,
  currencies,
  materials,
  units,
  bank,
  bankCodes,
  cfca,
  clearing,
  clearingFiles,
  esign,
  evidence,
  price,
  registry,
  registryCodes,
  sapBapi,
  sapCodes,
  sapOdata,
  sapOrders05,
  wms,
  wmsCodes,
  wmsQuantity,
];

const exported: readonly unknown[] = modules.flatMap((module) => Object.values(module));

/** By name, in ascending order. */
export const mappings: readonly AnyMapping[] = exported.filter(isMapping).sort((a, b) => (a.name < b.name ? -1 : 1));

export const codeTables: readonly CodeTable[] = exported.filter(isCodeTable).sort((a, b) => (a.name < b.name ? -1 : 1));
