/** Face verification (人脸核身) as a service of the hub. */
import { identity } from '../../contracts/identity/identity.ts';
import { adapter } from '../adapter.ts';
import { faceidDialect } from './dialects/faceid.ts';

export default adapter({ kind: identity, dialects: { faceid: faceidDialect } });
