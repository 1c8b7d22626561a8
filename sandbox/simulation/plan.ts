/** What happens in a simulated year, drawn from a seed: who orders what and when, and what goes wrong at whom. */
import { dealers, materials } from '../world.ts';

export interface Wishes {
  readonly cases: number;
  readonly days: number;
  readonly seed: string;
  readonly faults: boolean;
}

export interface PlannedOrder {
  /** From the beginning of the year, business time. */
  readonly atMs: number;
  readonly dealer: string;
  readonly material: string;
  readonly quantity: string;
  readonly salesOrganization: string;
  /** Applied for is an amount at which a funder says no. */
  readonly refused: boolean;
}

export interface PlannedFault {
  readonly atMs: number;
  readonly system: string;
  readonly fault: string;
}

export const mistakeKinds = ['file-amount', 'file-stranger', 'loan-book', 'stock-short'] as const;
export type MistakeKind = (typeof mistakeKinds)[number];

/** Somebody gets something wrong in his own books. */
export interface PlannedMistake {
  readonly atMs: number;
  readonly kind: MistakeKind;
}

export interface Plan {
  readonly orders: readonly PlannedOrder[];
  readonly faults: readonly PlannedFault[];
  readonly mistakes: readonly PlannedMistake[];
}

const dayMs = 86_400_000;
/** The last orders come so long before the end that they may be repaid within it. */
const lastDays = 20;
/** Which selling organisation sells how often: each is financed, kept and signed for by others. */
const organizations = ['1000', '1000', '1000', '2000', '2000', '3000'];
/** One application in so many is for an amount that the funder refuses. */
const refusedOneIn = 25;
/** Faults for each case, on the average. */
const faultsPerCase = 0.3;
/** Books that are wrong for a while, for each case. */
const mistakesPerCase = 0.04;
const faultNames = [
  'refuse-connection',
  'timeout-before-effect',
  'timeout-after-effect',
  'reset-after-effect',
  'error-500',
  'garbage',
  'slow',
];
const faultySystems = [
  'sap-s4',
  'bank-open',
  'bank-icbc',
  'wms-qimen',
  'wms-flux',
  'cfca-idv',
  'esign-tsign',
  'esign-fasc',
  'clearing-cpcn',
  'registry-zd',
  'evidence-chain',
  'price-quotes',
];

export function planOf({ cases, days, seed, faults }: Wishes): Plan {
  const draw = drawing(seed);
  const lastMs = Math.max(1, days - lastDays) * dayMs;
  const orders = Array.from({ length: cases }, () => ({
    atMs: Math.floor(draw() * lastMs),
    dealer: pick(dealers, draw).sapNo,
    material: pick(materials.slice(0, 2), draw).code,
    // Whole tens of kilograms: the last three digits mean nothing special to a warehouse.
    quantity: `${100 + Math.floor(draw() * 1_400)}.${pick(['000', '250', '500', '750'], draw)}`,
    salesOrganization: pick(organizations, draw),
    refused: draw() * refusedOneIn < 1,
  })).toSorted((a, b) => a.atMs - b.atMs);
  const planned = Array.from({ length: faults ? Math.round(cases * faultsPerCase) : 0 }, () => ({
    atMs: Math.floor(draw() * lastMs),
    system: pick(faultySystems, draw),
    fault: pick(faultNames, draw),
  })).toSorted((a, b) => a.atMs - b.atMs);
  const mistakes = Array.from({ length: faults ? Math.ceil(cases * mistakesPerCase) : 0 }, () => ({
    atMs: Math.floor(draw() * lastMs),
    kind: pick(mistakeKinds, draw),
  })).toSorted((a, b) => a.atMs - b.atMs);
  return { orders, faults: planned, mistakes };
}

function pick<T>(all: readonly T[], draw: () => number): T {
  const one = all[Math.floor(draw() * all.length)];
  if (one === undefined) throw new Error('nothing to pick from');
  return one;
}

/** The same numbers for the same seed (mulberry32): no secret, and good enough for stories. */
export function drawing(seed: string): () => number {
  let state = [...seed].reduce((sum, letter) => Math.imul(sum ^ letter.charCodeAt(0), 0x01000193) >>> 0, 0x811c9dc5);
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
