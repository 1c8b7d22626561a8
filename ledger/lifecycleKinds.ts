/** How life cycles are written down: data that the database enforces and the documentation draws. */

/**
 * From a state ('' is the beginning), by an event, to a state; whose word it is (codes of domain.md 0.1, by spaces: any of
 * them, the first when nobody says); `fourEyes` where maker and checker must be two people (I-17).
 */
export type Transition = readonly [from: string, event: string, to: string, who: string, two?: 'fourEyes'];

/** Entity (its table's name) and the column by which it is known. */
export type Keys = Readonly<Record<string, string>>;

export type Lifecycles<K extends Keys> = Readonly<Record<keyof K, readonly Transition[]>>;
