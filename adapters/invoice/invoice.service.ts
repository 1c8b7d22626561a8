/** Invoice checks (发票查验) as a service of the hub. */
import { invoice } from '../../contracts/invoice/invoice.ts';
import { adapter } from '../adapter.ts';
import { vatDialect } from './dialects/vat.ts';

export default adapter({ kind: invoice, dialects: { vat: vatDialect } });
