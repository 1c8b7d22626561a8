/** What must never be in this area (domain.md 3), as queries that find offenders. */
import type { Invariant } from '../invariant.ts';

/** The publishing of products is one of the acts of I-17, which `oversight` asks of all areas. */
export const configurationInvariants: readonly Invariant[] = [];
