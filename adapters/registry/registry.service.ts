/** The registry of security interests in movables (中登网) as a service of the hub. */
import { registry } from '../../contracts/registry/registry.ts';
import { adapter } from '../adapter.ts';
import { manualDialect } from './dialects/manual.ts';
import { providerDialect } from './dialects/provider.ts';

export default adapter({ kind: registry, dialects: { manual: manualDialect, provider: providerDialect } });
