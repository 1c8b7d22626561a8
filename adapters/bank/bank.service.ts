/** Funders (资金方): data packages, decisions, entrusted payment (受托支付), repayments and releases. */
import { bank } from '../../contracts/bank/bank.ts';
import { adapter } from '../adapter.ts';
import { openDialect } from './dialects/open.ts';

export default adapter({ kind: bank, dialects: { open: openDialect } });
