/** Every kind of external system, what parties tell the hub (portal), and what the hub tells itself. */
import { bank } from './bank/bank.ts';
import { cfca } from './cfca/cfca.ts';
import { clearing } from './clearing/clearing.ts';
import { esign } from './esign/esign.ts';
import { evidence } from './evidence/evidence.ts';
import { hub } from './hub/hub.ts';
import { identity } from './identity/identity.ts';
import { invoice } from './invoice/invoice.ts';
import { notify } from './notify/notify.ts';
import { portal } from './portal/portal.ts';
import { price } from './price/price.ts';
import { registry } from './registry/registry.ts';
import { sap } from './sap/sap.ts';
import { wms } from './wms/wms.ts';
import type { Kind } from './kind.ts';

export const kinds = [
  bank,
  cfca,
  clearing,
  esign,
  evidence,
  hub,
  identity,
  invoice,
  notify,
  portal,
  price,
  registry,
  sap,
  wms,
] as unknown as readonly Kind[];
