/** Life cycles of this area. Who speaks: the codes of domain.md 0.1. */
import type { Keys, Lifecycles } from '../lifecycleKinds.ts';

export const configurationKeys = { configuration: 'id' } as const satisfies Keys;

export const configurationLifecycles = {
  configuration: [
    ['', 'draft', 'DRAFT', 'OPS'],
    ['DRAFT', 'submit', 'REVIEW', 'OPS'],
    ['REVIEW', 'revise', 'DRAFT', 'OPS'],
    ['REVIEW', 'publish', 'PUBLISHED', 'OPS', 'fourEyes'],
    ['PUBLISHED', 'retire', 'RETIRED', 'OPS'],
    ['DRAFT', 'discard', 'RETIRED', 'OPS'],
  ],
} as const satisfies Lifecycles<typeof configurationKeys>;
