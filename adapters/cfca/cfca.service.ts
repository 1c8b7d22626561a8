/** Identity verification (实名认证) as a service of the hub. */
import { cfca } from '../../contracts/cfca/cfca.ts';
import { adapter } from '../adapter.ts';
import { idvDialect } from './dialects/idv.ts';

export default adapter({ kind: cfca, dialects: { idv: idvDialect } });
