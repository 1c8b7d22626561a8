/** The evidence chain (存证链) as a service of the hub. */
import { evidence } from '../../contracts/evidence/evidence.ts';
import { adapter } from '../adapter.ts';
import { antchainDialect } from './dialects/antchain.ts';
import { tsaDialect } from './dialects/tsa.ts';
import { webaseDialect } from './dialects/webase.ts';

export default adapter({
  kind: evidence,
  dialects: { antchain: antchainDialect, tsa: tsaDialect, webase: webaseDialect },
});
