/** Electronic signature (电子签约): e签宝 OpenAPI v3, 法大大 FASC OpenAPI 5.1, 契约锁, CFCA 安心签. */
import { esign } from '../../contracts/esign/esign.ts';
import { adapter } from '../adapter.ts';
import { anxinsignDialect } from './dialects/anxinsign.ts';
import { fascDialect } from './dialects/fasc.ts';
import { qiyuesuoDialect } from './dialects/qiyuesuo.ts';
import { tsignDialect } from './dialects/tsign.ts';

export default adapter({
  kind: esign,
  dialects: { tsign: tsignDialect, fasc: fascDialect, qiyuesuo: qiyuesuoDialect, anxinsign: anxinsignDialect },
});
