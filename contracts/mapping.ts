import type { Static, TSchema } from 'typebox';
import type { Contract } from './contract.ts';

/**
 * A pure function from one contract to another, validated at both ends: a mapping that produces something its target
 * does not allow is a bug that shows here and not at the counterparty.
 *
 * @throws Failure CONTRACT_VIOLATED naming the field of the source or of the target
 */
export function mapping<F extends TSchema, T extends TSchema>(
  from: Contract<F>,
  to: Contract<T>,
  map: (source: Static<F>) => Static<T>,
): (source: Static<F>) => Static<T> {
  return (source) => to.check(map(from.check(source)));
}
