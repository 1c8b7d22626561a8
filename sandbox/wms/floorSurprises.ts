/**
 * What happens in a warehouse that nobody ordered: counts that find less, lots that become one, another unit of measure,
 * movements that are told late, out of order or twice. Each comes by itself after a receipt whose planned quantity ends
 * in certain digits (of the smallest unit that the warehouse counts), or at once by its act.
 */
import type { LotGoods, Floor, Change, Count, Lot, Why } from './floor.ts';
import { lotOf, nextNo } from './floor.ts';
import type { Teller } from './floorPeople.ts';

type Args = Record<string, unknown>;

const hour = 3_600_000;
const day = 24 * hour;
/** A count that finds less finds so much less, in hundredths of a per cent; at least one. */
const lossPerTenThousand = 20;

/** Endings of a planned quantity; `024` (late) is in the desk, `013` (short) with the keeper. */
const surprises: Readonly<Record<string, (lot: LotGoods, floor: Floor) => void>> = {
  '021': (lot, floor) => floor.later('takeStock', { code: `PD-${lot.lotNo}`, lotNo: lot.lotNo, less: true }, day),
  '022': (lot, floor) => floor.later('moveStock', { why: 'merge', lotNo: lot.lotNo }, day),
  '023': (lot, floor) => floor.later('moveStock', { why: 'unit', lotNo: lot.lotNo }, day),
  '025': (lot, floor) => {
    // Two losses, the later one told first.
    const first = record('loss', lot.lotNo, floor);
    const second = record('loss', lot.lotNo, floor);
    if (second) floor.later('tellAgain', { changeNo: second.no }, 5 * hour);
    if (first) floor.later('tellAgain', { changeNo: first.no }, 6 * hour);
  },
  '026': (lot, floor) => {
    const change = record('loss', lot.lotNo, floor);
    for (const afterMs of [5 * hour, 6 * hour]) if (change) floor.later('tellAgain', { changeNo: change.no }, afterMs);
  },
};

export function surprise(lots: readonly (LotGoods & { readonly planQty: number })[], floor: Floor): void {
  for (const lot of lots) surprises[String(lot.planQty).slice(-3)]?.(lot, floor);
}

/**
 * Counts one lot, or all of an owner (`ownerCode`). `found` is the counted quantity; `less` finds a little less than the
 * books say. The books then say what was counted, even where that is less than what is locked.
 */
export async function takeStock(args: Args, floor: Floor, tell: Teller): Promise<void> {
  const { memory } = floor;
  const code = typeof args['code'] === 'string' ? args['code'] : nextNo(memory, 'PD');
  // Who has to tell of it again counts no second time.
  args['code'] = code;
  let count = memory.counts.find((each) => each.code === code);
  if (!count) {
    const lots = memory.lots.filter(
      (lot) => lot.lotNo === args['lotNo'] || (args['lotNo'] === undefined && lot.ownerCode === args['ownerCode']),
    );
    const [first] = lots;
    if (!first) return;
    count = write(code, first.ownerCode, lots, args, floor);
  }
  if (count.told) return;
  await tell.counted(count, floor);
  count.told = true;
}

function write(code: string, ownerCode: string, lots: readonly Lot[], args: Args, floor: Floor): Count {
  const { memory } = floor;
  const counted = lots.map((lot) => {
    const { lotNo, itemCode, uom, onHand: book } = lot;
    lot.onHand = foundOf(book, args);
    return { lotNo, itemCode, uom, qty: lot.onHand, book };
  });
  const at = floor.clock.now().toISOString();
  const count: Count = { code, no: nextNo(memory, 'PDQR'), at, ownerCode, lots: counted, told: false };
  memory.counts.push(count);
  memory.sequence += 1;
  floor.effect('counted', code, { reportNo: count.no, lots: counted });
  floor.save();
  return count;
}

function foundOf(book: number, { found, less }: Args): number {
  if (typeof found === 'number' && Number.isSafeInteger(found) && found >= 0) return found;
  return less === true ? book - lossOf(book) : book;
}

function lossOf(book: number): number {
  return Math.min(book, Math.max(1, Math.floor((book * lossPerTenThousand) / 10_000)));
}

/**
 * Something moves without an order: `why` is `loss` (less by natural loss), `merge` (two lots become one), `unit` (counted
 * in the unit a thousand times smaller from now on), or `move` (all of it goes elsewhere, nobody asked). `code` is its number:
 * what is known under it is told again.
 */
export async function moveStock(args: Args, floor: Floor, tell: Teller): Promise<void> {
  const { why, code } = args;
  if (why !== 'loss' && why !== 'merge' && why !== 'unit' && why !== 'move') return;
  const known = floor.memory.changes.find((each) => each.no === code);
  const change = known ?? record(why, String(args['lotNo']), floor, typeof code === 'string' ? code : undefined);
  if (!change) return;
  args['code'] = change.no;
  await told(change, floor, tell);
}

/** Tells a movement that is known, whether it was told before or not, in the same words. */
export async function tellAgain(args: Args, floor: Floor, tell: Teller): Promise<void> {
  const change = floor.memory.changes.find((each) => each.no === args['changeNo']);
  if (change) await told(change, floor, tell);
}

async function told(change: Change, floor: Floor, tell: Teller): Promise<void> {
  await tell.changed(change, floor);
  change.told = true;
}

function record(why: Why, lotNo: string, floor: Floor, code?: string): Change | undefined {
  const { memory } = floor;
  const lot = lotOf(memory, lotNo);
  if (!lot || lot.onHand === 0 || (why === 'unit' && smallerUoms[lot.uom] === undefined)) return undefined;
  const lots = movedOf[why](lot, floor);
  memory.sequence += 1;
  const change: Change = {
    no: code ?? nextNo(memory, 'YD'),
    sequence: memory.sequence,
    at: floor.clock.now().toISOString(),
    ownerCode: lot.ownerCode,
    why,
    lots,
    told: false,
  };
  memory.changes.push(change);
  floor.effect('changed', change.no, { why, lots });
  floor.save();
  return change;
}

const signed = ({ lotNo, itemCode, uom }: Lot, qty: number): LotGoods => ({ lotNo, itemCode, uom, qty });

const movedOf: Readonly<Record<Why, (lot: Lot, floor: Floor) => LotGoods[]>> = {
  loss: (lot) => {
    const less = lossOf(lot.onHand);
    lot.onHand -= less;
    return [signed(lot, -less)];
  },
  move: (lot) => {
    const all = lot.onHand;
    lot.onHand = 0;
    return [signed(lot, -all)];
  },
  /** With another lot of the same goods, when there is one, it becomes a new lot; what was locked is locked in nothing. */
  merge: (lot, { memory }) => {
    const alike = memory.lots.find(
      (each) =>
        each.lotNo !== lot.lotNo &&
        each.ownerCode === lot.ownerCode &&
        each.itemCode === lot.itemCode &&
        each.uom === lot.uom &&
        each.onHand > 0,
    );
    const gone = [lot, ...(alike ? [alike] : [])].map((each) => signed(each, -each.onHand));
    const merged: Lot = { ...lot, lotNo: nextNo(memory, 'PC'), onHand: lot.onHand + (alike?.onHand ?? 0) };
    lot.onHand = 0;
    if (alike) alike.onHand = 0;
    memory.lots.push(merged);
    return [...gone, signed(merged, merged.onHand)];
  },
  unit: (lot) => {
    const before = signed(lot, -lot.onHand);
    lot.uom = smallerUoms[lot.uom] ?? lot.uom;
    lot.onHand *= 1000;
    return [before, signed(lot, lot.onHand)];
  },
};

const smallerUoms: Readonly<Record<string, string>> = { KGM: 'GRM' };
