/** Payment clearing (支付清算) as a service of the hub. */
import { clearing } from '../../contracts/clearing/clearing.ts';
import { adapter } from '../adapter.ts';
import { cpcnDialect } from './dialects/cpcn.ts';

export default adapter({ kind: clearing, dialects: { cpcn: cpcnDialect } });
