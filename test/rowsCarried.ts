/** Which flow carries which step of the business, at which entry of its journal. */
import type { Carrier } from './rows.ts';

const by = (flow: string, step: string, more: Omit<Carrier, 'flow' | 'step'> = {}): Carrier => ({
  flow,
  step,
  ...more,
});
const not = (why: string): { not: string } => ({ not: why });

export const carriers: Readonly<Record<string, Carrier | { readonly not: string }>> = {
  'F3.1': by('spot-pledge', 'record the order'),
  'F3.2': by('spot-pledge', 'portal.documentsSubmitted'),
  'F3.3': by('spot-pledge', 'portal.applicationSubmitted'),
  'F3.4': by('spot-pledge', 'bank.creditDecided'),
  'F3.6': by('spot-pledge', 'wms.goodsReceived'),
  'F3.7a': by('spot-pledge', 'wms.goodsReceived', {
    but: 'the warehouse issues with its notice of receipt; no countersignature of its own',
  }),
  'F3.7b': by('spot-pledge', 'registry.registered'),
  'F3.8': by('spot-pledge', 'bank.disbursementSettled'),
  'F3.9': by('release', 'clearing.collectionSettled'),
  'F3.10': by('release', 'bank.releaseDecided'),
  'F3.11': by('release', 'wms.goodsOutbound'),
  'F4.5': not('no carrier and no insurer is connected'),
};
