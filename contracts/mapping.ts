import type { Static, TSchema } from 'typebox';
import type { Contract } from './contract.ts';

/** What a reviewer of a mapping must know beside its code; `npx lianshu mappings check` holds it against the examples. */
export interface Declared {
  /** Fields of the source that are left behind (`/lines/[]/note`, with all beneath them), each with the reason. */
  readonly drops?: Readonly<Record<string, string>>;
  /** Parts of the target that it never fills although they are required or members of a union, each with the reason. */
  readonly leaves?: Readonly<Record<string, string>>;
}

export interface Mapping<F extends TSchema = TSchema, T extends TSchema = TSchema> {
  (source: Static<F>): Static<T>;
  /** `<kind>.<vendor>.<message>`; its examples are `mappings/<kind>/examples/<vendor>.<message>[.<case>].json`. */
  readonly name: string;
  readonly from: Contract<F>;
  readonly to: Contract<T>;
  readonly declared: Declared;
  /** The function alone, without its two checks: to look at what it does. */
  readonly bare: (source: Static<F>) => Static<T>;
}

/** Any mapping, for whoever looks at all of them; what it takes is not known then. */
export interface AnyMapping {
  (source: never): unknown;
  readonly name: string;
  readonly from: Contract;
  readonly to: Contract;
  readonly declared: Declared;
  readonly bare: (source: never) => unknown;
}

/**
 * A pure function from one contract to another, validated at both ends: a mapping that produces something its target
 * does not allow is a bug that shows here and not at the counterparty.
 *
 * @throws Failure CONTRACT_VIOLATED naming the field of the source or of the target; EXT_CODE_UNMAPPED from its tables
 */
export function mapping<F extends TSchema, T extends TSchema>(
  name: string,
  from: Contract<F>,
  to: Contract<T>,
  map: (source: Static<F>) => Static<T>,
  declared: Declared = {},
): Mapping<F, T> {
  const whole = (source: Static<F>): Static<T> => {
    if (plainOf !== undefined) return watched(plainOf, from, to, map, source);
    return to.check(map(from.check(source)));
  };
  Object.defineProperty(whole, 'name', { value: name });
  return Object.assign(whole, { from, to, bare: map, declared }) as Mapping<F, T>;
}

export function isMapping(value: unknown): value is AnyMapping {
  return typeof value === 'function' && 'bare' in value && 'declared' in value;
}

let plainOf: ((value: unknown) => unknown) | undefined;

/**
 * While `act` runs, mappings that call mappings check what `plain` gives for a message instead of the message itself: an
 * observer may pass a recording stand-in, and the checks, which read every field, leave no trace on it.
 */
export function observing<R>(plain: (value: unknown) => unknown, act: () => R): R {
  const before = plainOf;
  plainOf = plain;
  try {
    return act();
  } finally {
    plainOf = before;
  }
}

function watched<F extends TSchema, T extends TSchema>(
  plain: (value: unknown) => unknown,
  from: Contract<F>,
  to: Contract<T>,
  map: (source: Static<F>) => Static<T>,
  source: Static<F>,
): Static<T> {
  from.check(plain(source));
  const target = map(source);
  to.check(plain(target));
  return target;
}
