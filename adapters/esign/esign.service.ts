/** Electronic signature (电子签约): e签宝 OpenAPI v3. */
import { esign } from '../../contracts/esign/esign.ts';
import { adapter } from '../adapter.ts';
import { tsignDialect } from './dialects/tsign.ts';

export default adapter({ kind: esign, dialects: { tsign: tsignDialect } });
