/** The registry of security interests in movables (中登网) as a service of the hub. */
import { registry } from '../../contracts/registry/registry.ts';
import { adapter } from '../adapter.ts';
import { providerDialect } from './dialects/provider.ts';

export default adapter({ kind: registry, dialects: { provider: providerDialect } });
