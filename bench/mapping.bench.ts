/**
 * What the form of a mapping costs: the same order as a mapping of the house, by hand, and in JSONata, validated at both
 * ends on all sides. One process, the sides take turns and go back (ABBA), so that what the machine does meanwhile falls on
 * all of them; a figure counts only beside the others of its round.
 */
import { isDeepStrictEqual } from 'node:util';
import { cpus } from 'node:os';
import { median, percentile, progress, ratioOf, ratioText, tableText, type Ratio } from './engine/figures.ts';
import { byHand, byHandTuned } from './mapping/byHand.ts';
import { byJsonata } from './mapping/jsonata.ts';
import { lineCount, vendorOrder } from './mapping/order.ts';
import { ours } from './mapping/ours.ts';
import { compiled } from './mapping/validators.ts';

export const what =
  'an order of 40 fields and 10 lines: our mapping, JavaScript by hand, JSONata; validated at both ends';

const sides = ['ours', 'byHand', 'byHandTuned', 'jsonata'] as const;
type Side = (typeof sides)[number];
type OfSides<T> = Readonly<Record<Side, T>>;

const plans = {
  quick: { rounds: 2, turnMs: 50, warmMs: 200 },
  full: { rounds: 41, turnMs: 60, warmMs: 2_000 },
} as const;
/** At least this much of what is written by hand is to remain. */
const target = 0.8;
const orders = Array.from({ length: 64 }, (_, no) => vendorOrder(no));

interface Turn {
  readonly perSecond: number;
  /** Ascending. */
  readonly micros: readonly number[];
}

export async function run(json: boolean, options: { quick?: boolean } = {}): Promise<object> {
  const quick = options.quick ?? false;
  const plan = quick ? plans.quick : plans.full;
  await agreed();
  const turns: Record<Side, Turn[]> = { ours: [], byHand: [], byHandTuned: [], jsonata: [] };
  for (const side of sides) await turnOf(side, plan.warmMs);
  for (let round = 0; round < plan.rounds; round += 1) {
    const there = round % 2 === 0 ? sides : sides.toReversed();
    const found: Record<Side, Turn[]> = { ours: [], byHand: [], byHandTuned: [], jsonata: [] };
    for (const side of [...there, ...there.toReversed()]) found[side].push(await turnOf(side, plan.turnMs));
    for (const side of sides) turns[side].push(together(found[side]));
    if (round % 10 === 0) progress(`round ${round + 1} of ${plan.rounds}`);
  }
  const figures = figuresOf(turns, validationMicros(plan.warmMs));
  if (!json) process.stdout.write(textOf(figures, plan.rounds));
  const machine = { node: process.version, cores: cpus().length, cpu: cpus()[0]?.model ?? 'unknown' };
  return { machine, quick, rounds: plan.rounds, target, ...figures, reached: figures.oursOverByHand.median >= target };
}

/** Nothing is compared that does not say the same. */
async function agreed(): Promise<void> {
  for (const order of orders) {
    const mapped = ours(order);
    for (const other of [byHand(order), byHandTuned(order), await byJsonata(order)])
      if (!isDeepStrictEqual(JSON.parse(JSON.stringify(other)), mapped)) throw new Error('the sides disagree');
  }
}

async function turnOf(side: Side, ms: number): Promise<Turn> {
  const micros: number[] = [];
  const begin = performance.now();
  let last = begin;
  for (let no = 0; last - begin < ms; no += 1) {
    const order = orders[no % orders.length];
    if (side === 'ours') ours(order as Parameters<typeof ours>[0]);
    else if (side === 'byHand') byHand(order);
    else if (side === 'byHandTuned') byHandTuned(order);
    else await byJsonata(order);
    const now = performance.now();
    micros.push((now - last) * 1_000);
    last = now;
  }
  return { perSecond: (micros.length * 1_000) / (last - begin), micros: micros.sort((a, b) => a - b) };
}

/** The turns of one side in one round as one. */
function together(found: readonly Turn[]): Turn {
  return {
    perSecond: found.reduce((sum, turn) => sum + turn.perSecond, 0) / found.length,
    micros: found.flatMap((turn) => turn.micros).sort((a, b) => a - b),
  };
}

/** What of it is validation by Ajv as it comes: both ends once. */
function validationMicros(ms: number): number {
  const { isVendorOrder, isKeptOrder } = compiled();
  const micros: number[] = [];
  const begin = performance.now();
  let last = begin;
  for (let no = 0; last - begin < ms; no += 1) {
    const order = orders[no % orders.length] as Parameters<typeof ours>[0];
    const mapped = ours.bare(order); // A fresh one: its texts are still in pieces, as they are when it is mapped.
    const from = performance.now();
    if (!isVendorOrder(order) || !isKeptOrder(mapped)) throw new Error('an order breaks its contract');
    last = performance.now();
    micros.push((last - from) * 1_000);
  }
  return percentile(
    micros.sort((a, b) => a - b),
    50,
  );
}

interface Figures {
  readonly fields: number;
  readonly lines: number;
  readonly sides: OfSides<{ readonly ordersPerSecond: number; readonly microsP50: number; readonly microsP99: number }>;
  readonly validationMicrosP50: number;
  readonly oursOverByHand: Ratio;
  /** Against hand-written code that validates with our faster length keywords too. */
  readonly oursOverByHandTuned: Ratio;
  readonly oursOverJsonata: Ratio;
}

function figuresOf(turns: OfSides<readonly Turn[]>, validation: number): Figures {
  const rate = (side: Side) => turns[side].map((turn) => turn.perSecond);
  const of = (side: Side) => ({
    ordersPerSecond: Math.round(median(rate(side))),
    microsP50: Number(median(turns[side].map(({ micros }) => percentile(micros, 50))).toFixed(2)),
    microsP99: Number(median(turns[side].map(({ micros }) => percentile(micros, 99))).toFixed(2)),
  });
  return {
    fields: fieldsIn(),
    lines: lineCount,
    sides: { ours: of('ours'), byHand: of('byHand'), byHandTuned: of('byHandTuned'), jsonata: of('jsonata') },
    validationMicrosP50: validation,
    oursOverByHand: ratioOf(rate('ours'), rate('byHand')),
    oursOverByHandTuned: ratioOf(rate('ours'), rate('byHandTuned')),
    oursOverJsonata: ratioOf(rate('ours'), rate('jsonata')),
  };
}

/** Of the order without its lines. */
function fieldsIn(): number {
  const { LINES: _lines, ...head } = vendorOrder(0);
  return Object.values(head).reduce(
    (sum, field) => sum + (typeof field === 'object' ? Object.keys(field).length : 1),
    0,
  );
}

function textOf(figures: Figures, rounds: number): string {
  const against = {
    ours: '',
    byHand: ratioText(figures.oursOverByHand),
    byHandTuned: ratioText(figures.oursOverByHandTuned),
    jsonata: ratioText(figures.oursOverJsonata),
  };
  const rows = sides.map((side) => {
    const { ordersPerSecond, microsP50, microsP99 } = figures.sides[side];
    return [side, ordersPerSecond, microsP50, microsP99, against[side]];
  });
  const foot = `${figures.fields} fields and ${figures.lines} lines, medians of ${rounds} rounds; validation by plain Ajv alone, p50 ${figures.validationMicrosP50} us; wanted: at least ${target} of what is written by hand\n`;
  return tableText([['side', 'orders/s', 'p50 us', 'p99 us', 'ours is times it'], ...rows]) + foot;
}
