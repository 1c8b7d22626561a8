/** What a seal and its grant come to, whatever the vendor calls them. */
import type { Message } from '../../contracts/contract.ts';
import type { Authority } from '../../contracts/esign/esign.ts';

type Answer = Message<typeof Authority>;
export type Seal = Answer['scope'][number];
export type SealType = Seal['sealType'];

/** A seal that this person may use now; `endsMs` is null for one that may be used for ever. */
export interface UsableSeal extends Seal {
  readonly endsMs: number | null;
}

export function authorityOf(usable: readonly UsableSeal[], vendorRefs: Answer['vendorRefs']): Answer {
  const ends = usable.flatMap(({ endsMs }) => (endsMs === null ? [] : [endsMs]));
  return {
    result: usable.length > 0 ? 'authorised' : 'notAuthorised',
    scope: usable.map(({ sealId, sealName, sealType }) => ({ sealId, sealName, sealType })),
    // The earliest: what is said here holds until then as a whole.
    ...(ends.length > 0 ? { validTo: new Date(Math.min(...ends)).toISOString() } : {}),
    vendorRefs,
  };
}

/** The later of two ends of grants about one seal. */
export const laterEnd = (one: number | null, other: number | null): number | null =>
  one === null || other === null ? null : Math.max(one, other);

export const unknown = (result: 'companyUnknown' | 'personUnknown', vendorRefs: Answer['vendorRefs']): Answer => ({
  result,
  scope: [],
  vendorRefs,
});
