/** Funders (资金方): data packages, decisions, entrusted payment (受托支付), repayments and releases. */
import { bank } from '../../contracts/bank/bank.ts';
import { adapter } from '../adapter.ts';
import { ccbDialect } from './dialects/ccb.ts';
import { cmbDialect } from './dialects/cmb.ts';
import { icbcDialect } from './dialects/icbc.ts';
import { iso20022Dialect } from './dialects/iso20022.ts';
import { openDialect } from './dialects/open.ts';
import { packageDialect } from './dialects/package.ts';
import { pinganDialect } from './dialects/pingan.ts';

export default adapter({
  kind: bank,
  dialects: {
    ccb: ccbDialect,
    cmb: cmbDialect,
    icbc: icbcDialect,
    iso20022: iso20022Dialect,
    open: openDialect,
    package: packageDialect,
    pingan: pinganDialect,
  },
});
