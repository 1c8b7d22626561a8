/**
 * The people of the sandbox's warehouse: the keeper who counts, the supervisor who confirms control, the guard at the
 * gate. What they did is kept before it is told, so that a hub that is down hears the same later.
 */
import { materials, warehouse } from '../world.ts';
import { sha256 } from './floorDesk.ts';
import {
  type Change,
  type Confirmation,
  type Count,
  type Departure,
  type Floor,
  type Inbound,
  isOpen,
  type Lock,
  lotOf,
  type Memory,
  nextNo,
  type Outbound,
  ownerOf,
  type Receipt,
  release,
  withSupplements,
} from './floor.ts';
import { moveStock, takeStock, surprise, tellAgain } from './floorSurprises.ts';

/** How the warehouse's system tells each of these; throws when it was not taken. */
export interface Teller {
  received(order: Inbound, receipt: Receipt, floor: Floor): Promise<void>;
  controlled(lock: Lock, confirmation: Confirmation, floor: Floor): Promise<void>;
  left(order: Outbound, departure: Departure, floor: Floor): Promise<void>;
  counted(count: Count, floor: Floor): Promise<void>;
  changed(change: Change, floor: Floor): Promise<void>;
}

type Act = (args: Record<string, unknown>, floor: Floor) => Promise<void>;

export function peopleWho(tell: Teller): Readonly<Record<string, Act>> {
  return {
    receive: (args, floor) => receive(args, floor, tell),
    confirmControl: (args, floor) => confirmControl(args, floor, tell),
    gateOut: (args, floor) => gateOut(args, floor, tell),
    loseReceipts: ({ on }, floor) => {
      floor.memory.losesReceipts = on !== false;
      return Promise.resolve();
    },
    loseStock,
    takeStock: (args, floor) => takeStock(args, floor, tell),
    moveStock: (args, floor) => moveStock(args, floor, tell),
    tellAgain: (args, floor) => tellAgain(args, floor, tell),
  };
}

/** `{ lotNo, qty }`: so much of a lot is gone, in thousandths, and nobody is told; a negative one is found again. */
function loseStock({ lotNo, qty }: Record<string, unknown>, { memory }: Floor): Promise<void> {
  const lot = lotOf(memory, String(lotNo));
  if (!lot || !Number.isSafeInteger(qty)) throw new Error('there is no such lot');
  lot.onHand -= Number(qty);
  return Promise.resolve();
}

/** A planned quantity that ends in these digits arrives two per cent short. */
const shortDelivery = /013$/;

/** Counts the goods of an inbound notice. `actual` may give the counted quantity per line number. */
async function receive(args: Record<string, unknown>, floor: Floor, tell: Teller): Promise<void> {
  const order = floor.memory.inbound.find((each) => each.code === args['noticeNo']);
  if (!order || order.told) return;
  order.receipt ??= count(order, (args['actual'] ?? {}) as Record<string, unknown>, floor);
  if (floor.memory.losesReceipts !== true) await tell.received(order, order.receipt, floor);
  order.told = true;
}

function count(order: Inbound, actual: Record<string, unknown>, floor: Floor): Receipt {
  const { memory } = floor;
  const at = floor.clock.now().toISOString();
  const lots = order.lines.map((line) => ({
    lotNo: nextNo(memory, 'PC'),
    lineNo: line.lineNo,
    itemCode: line.itemCode,
    uom: line.uom,
    planQty: line.qty,
    qty: countedOf(line.qty, actual[line.lineNo]),
  }));
  for (const { lineNo, lotNo, itemCode, uom, qty } of lots) {
    const itemName = order.lines.find((line) => line.lineNo === lineNo)?.itemName ?? '';
    memory.lots.push({ lotNo, itemCode, uom, itemName, ownerCode: order.ownerCode, onHand: qty, receivedAt: at });
  }
  const receipt: Receipt = { no: nextNo(memory, 'RKQR'), at, lots };
  order.receipt = receipt;
  memory.sequence += 1;
  floor.effect('received', order.code, { receiptNo: receipt.no, lots });
  surprise(lots, floor);
  floor.save();
  return receipt;
}

function countedOf(planned: number, counted: unknown): number {
  if (typeof counted === 'number' && Number.isSafeInteger(counted) && counted >= 0) return counted;
  return shortDelivery.test(String(planned)) ? Math.floor((planned * 98) / 100) : planned;
}

/** The supervisor goes to look, holds the lots for the pledgee and issues the receipt. A lock that is gone needs neither. */
async function confirmControl(args: Record<string, unknown>, floor: Floor, tell: Teller): Promise<void> {
  const { memory } = floor;
  const lock = memory.locks.find((each) => each.code === args['lockCode']);
  if (!lock || lock.told || (lock.unlock && !lock.confirmation)) return;
  if (lock.locked.some(({ qty }) => noReceipt.test(String(qty)))) return;
  if (!lock.confirmation) {
    const at = floor.clock.now().getTime();
    const stored = memory.lots.filter((lot) => lock.locked.some((each) => each.lotNo === lot.lotNo));
    lock.confirmation = {
      at: new Date(at).toISOString(),
      receiptNo: nextNo(memory, 'CD'),
      storedFrom: new Date(Math.min(at, ...stored.map((lot) => Date.parse(lot.receivedAt)))).toISOString(),
    };
    floor.save();
  }
  await tell.controlled(seenOf(lock), lock.confirmation, floor);
  lock.told = true;
}

/** A locked quantity that ends in these digits: the keeper's seal is refused and no receipt is issued; half of it is under control. */
const noReceipt = /014$/;
const halfControlled = /015$/;

function seenOf(lock: Lock): Lock {
  const locked = lock.locked.map((lot) =>
    halfControlled.test(String(lot.qty)) ? { ...lot, qty: Math.floor(lot.qty / 2) } : lot,
  );
  return { ...lock, locked };
}

const day = 86_400_000;
const storageDays = 365;

/** The elements of a warehouse receipt, Civil Code art. 909, in the warehouse's words. */
export function receiptElements(lock: Lock, { at, receiptNo, storedFrom }: Confirmation) {
  const depositor = ownerOf(lock.ownerCode) ?? warehouse;
  const names = new Set(
    lock.locked.map((each) => materials.find((known) => known.code === each.itemCode)?.name ?? each.itemCode),
  );
  return {
    receiptNo,
    depositor: { name: depositor.name, uscc: depositor.uscc },
    goods: [...names].join('、').slice(0, 500),
    quality: '合格，随附质量证明书',
    packaging: '捆扎，标识清晰',
    lossStandard: '自然损耗不超过 0.3%',
    storagePlace: `${warehouse.name} ${warehouse.code} 1 号库`,
    storageFrom: new Date(storedFrom),
    storageTo: new Date(Date.parse(at) + storageDays * day),
    storageFee: '0.30 元/吨·天，按月结算',
    issuer: { name: warehouse.name, uscc: warehouse.uscc },
    issuedAt: new Date(at),
  };
}

/**
 * A picker at the gate. Without arguments it is the named one with the right token; `token`, `idNo` and `vehicle` are what
 * somebody else shows; `more` is what the guard lets pass beyond the order, of the first lot. Who may not pass is turned away and nothing happens to the goods.
 */
async function gateOut(args: Record<string, unknown>, floor: Floor, tell: Teller): Promise<void> {
  const order = floor.memory.outbound.find((each) => each.code === args['releaseNo']);
  if (!order || order.told) return;
  const now = floor.clock.now();
  if (!order.left) {
    const why = whyTurnedAway(order, args, now) ?? whyGone(order, floor.memory);
    if (why !== undefined) {
      order.turnedAway.push({ at: now.toISOString(), why });
      return;
    }
    leave(order, now, floor, typeof args['more'] === 'number' ? args['more'] : 0);
  }
  if (order.left) await tell.left(order, order.left, floor);
  order.told = true;
}

function whyTurnedAway(order: Outbound, args: Record<string, unknown>, now: Date): string | undefined {
  if (!isOpen(order, now)) return 'expired';
  if (typeof args['token'] === 'string' && sha256(args['token']) !== order.tokenSha256) return 'wrong token';
  if (args['idNo'] !== undefined && args['idNo'] !== order.picker.id) return 'not the named picker';
  if (args['vehicle'] !== undefined && args['vehicle'] !== order.picker.carNo) return 'not the named vehicle';
  return undefined;
}

/** What was promised may have gone by another road since. */
function whyGone(order: Outbound, memory: Memory): string | undefined {
  const short = order.lots.find((each) => each.qty > (lotOf(memory, each.lotNo)?.onHand ?? 0));
  return short ? `lot ${short.lotNo} is short` : undefined;
}

/** The goods leave; of the pledge's lock exactly as much is gone. */
function leave(order: Outbound, now: Date, floor: Floor, more: number): void {
  const { memory } = floor;
  const lots = order.lots.map((each, place) => (place === 0 ? { ...each, qty: each.qty + more } : each));
  for (const each of lots) {
    const lot = lotOf(memory, each.lotNo);
    if (lot) lot.onHand -= each.qty;
  }
  for (const lock of order.tokenSha256 === '' ? [] : withSupplements(memory, order.pledgeNo)) release(lock, order.lots);
  memory.sequence += 1;
  const left = { no: nextNo(memory, 'CKQR'), at: now.toISOString(), weighTicket: nextNo(memory, 'BD') };
  order.left = more === 0 ? left : { ...left, lots };
  floor.effect('outbound', order.code, { outboundNo: left.no, pledgeNo: order.pledgeNo, lots });
  floor.save();
}
