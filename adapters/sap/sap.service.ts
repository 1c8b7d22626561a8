import { sap } from '../../contracts/sap/sap.ts';
import { adapter } from '../adapter.ts';
import { s4Dialect } from './dialects/s4.ts';

/** The kind `sap` as a Moleculer service. */
export default adapter({ kind: sap, dialects: { s4: s4Dialect } });
