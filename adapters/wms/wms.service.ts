/** Warehouses (仓储), whatever system they run. */
import { wms } from '../../contracts/wms/wms.ts';
import { adapter } from '../adapter.ts';
import { csvDialect } from './dialects/csv.ts';
import { epcisDialect } from './dialects/epcis.ts';
import { fluxDialect } from './dialects/flux.ts';
import { qimenDialect } from './dialects/qimen.ts';
import { soapDialect } from './dialects/soap.ts';

export default adapter({
  kind: wms,
  dialects: { qimen: qimenDialect, flux: fluxDialect, epcis: epcisDialect, soap: soapDialect, csv: csvDialect },
});
