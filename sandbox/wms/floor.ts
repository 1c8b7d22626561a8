/**
 * The floor of the sandbox's warehouse, whatever system it runs: lots, locks for pledgees, orders, movements, and the
 * arithmetic of on hand, locked and promised to a picker. The twins of this folder speak for it, each in its own way.
 */
import type { TwinContext } from '../twin.ts';
import { companies, dealers, materials, warehouse } from '../world.ts';

/** Quantities are whole numbers of `uom` (kilograms for what is traded by the tonne). */
export interface Goods {
  readonly itemCode: string;
  readonly uom: string;
  readonly qty: number;
}

export interface LotGoods extends Goods {
  readonly lotNo: string;
}

export interface Lot {
  readonly lotNo: string;
  readonly ownerCode: string;
  readonly itemCode: string;
  readonly itemName: string;
  uom: string;
  onHand: number;
  readonly receivedAt: string;
}

export interface InboundLine extends Goods {
  readonly lineNo: string;
  readonly itemName: string;
}

export interface Receipt {
  readonly no: string;
  readonly at: string;
  readonly lots: readonly (LotGoods & { readonly lineNo: string; readonly planQty: number })[];
}

export interface Inbound {
  readonly code: string;
  readonly id: string;
  /** What was asked, to tell a repeat from another request under the same number. */
  readonly asked: string;
  readonly ownerCode: string;
  readonly lines: readonly InboundLine[];
  receipt: Receipt | undefined;
  told: boolean;
}

/** The supervisor's word, and the warehouse receipt (仓单) that goes with it. */
export interface Confirmation {
  readonly at: string;
  readonly receiptNo: string;
  readonly storedFrom: string;
}

export interface Lock {
  readonly code: string;
  readonly id: string;
  readonly asked: string;
  readonly ownerCode: string;
  readonly pledgee: { readonly name: string; readonly uscc: string };
  readonly locked: readonly LotGoods[];
  /** What is still locked. */
  left: { lotNo: string; qty: number }[];
  unlock: { readonly asked: string; readonly reason: string } | undefined;
  confirmation: Confirmation | undefined;
  told: boolean;
}

export interface Departure {
  readonly no: string;
  readonly at: string;
  readonly weighTicket: string;
  /** What really left, where it was not what was ordered. */
  readonly lots?: readonly LotGoods[];
}

export interface Outbound {
  readonly code: string;
  readonly id: string;
  readonly asked: string;
  readonly createdAt: string;
  readonly pledgeNo: string;
  readonly ownerCode: string;
  /** Of the token, hashed: the memory of a twin is shown on its control port. */
  readonly tokenSha256: string;
  readonly picker: { readonly name: string; readonly id: string; readonly carNo: string };
  readonly validTo: string;
  readonly lots: readonly LotGoods[];
  left: Departure | undefined;
  /** Who was turned away at the gate, and why. */
  readonly turnedAway: { at: string; why: string }[];
  told: boolean;
}

/** A stock take: what lay there and what the books said. */
export interface Count {
  readonly code: string;
  readonly no: string;
  readonly at: string;
  readonly ownerCode: string;
  readonly lots: readonly (LotGoods & { readonly book: number })[];
  told: boolean;
}

/** Why stock moves without an order. */
export type Why = 'loss' | 'merge' | 'unit' | 'move';

/** A movement without an order; quantities are signed. */
export interface Change {
  readonly no: string;
  readonly sequence: number;
  readonly at: string;
  readonly ownerCode: string;
  readonly why: Why;
  readonly lots: readonly LotGoods[];
  told: boolean;
}

export interface Memory {
  /** Stands in each number that the warehouse gives, so that two systems of one house never give the same. */
  readonly series: string;
  lastNo: number;
  /** Counts every movement on the floor: a snapshot says up to which it goes. */
  sequence: number;
  readonly lots: Lot[];
  readonly inbound: Inbound[];
  readonly locks: Lock[];
  readonly outbound: Outbound[];
  readonly counts: Count[];
  readonly changes: Change[];
  /** While true, nobody hears of what came in. */
  losesReceipts?: boolean;
}

export type Floor = TwinContext<Memory>;

export const emptyMemory = (series = ''): Memory => ({
  series,
  lastNo: 0,
  sequence: 0,
  lots: [],
  inbound: [],
  locks: [],
  outbound: [],
  counts: [],
  changes: [],
});

/** Why the desk does not take an order; each system has its own codes for these. */
export type Reason =
  | 'invalid'
  | 'unknownNumber'
  | 'short'
  | 'pledged'
  | 'noToken'
  | 'unknownPlace'
  | 'conflict'
  | 'beyondLock';

export class Refusal extends Error {
  readonly reason: Reason;
  constructor(reason: Reason, message: string) {
    super(message);
    this.reason = reason;
  }
}

export function nextNo(memory: Memory, prefix: string): string {
  memory.lastNo += 1;
  return `${prefix}${memory.series}${String(memory.lastNo).padStart(8, '0')}`;
}

/** A company is known by its USCC, a dealer also by its customer number. */
export function ownerOf(ownerCode: string) {
  return companies.find((each) => each.uscc === ownerCode) ?? dealers.find((each) => each.sapNo === ownerCode);
}

const uoms: Readonly<Record<string, string>> = { TNE: 'KGM', KGM: 'GRM', MTQ: 'DMQ', C62: 'C62' };

/** The unit in which the warehouse counts an item. */
export function uomOf(itemCode: string): string | undefined {
  const unit = materials.find((each) => each.code === itemCode)?.unit;
  return unit === undefined ? undefined : uoms[unit];
}

export function assertPlace(warehouseCode: string, ownerCode: string): void {
  if (warehouseCode !== warehouse.code) throw new Refusal('unknownPlace', '仓库编码不存在');
  if (!ownerOf(ownerCode)) throw new Refusal('unknownPlace', '货主编码不存在');
}

export function lotOf(memory: Memory, lotNo: string): Lot | undefined {
  return memory.lots.find((each) => each.lotNo === lotNo);
}

export function lockedOf(memory: Memory, lotNo: string): number {
  return sum(memory.locks.flatMap((lock) => lock.left.filter((each) => each.lotNo === lotNo)));
}

/** Promised under a pledge to pickers whose orders are still good. */
function promisedOf(memory: Memory, lotNo: string, now: Date, pledgeNo: string): number {
  const open = memory.outbound.filter((order) => isOpen(order, now) && order.pledgeNo === pledgeNo);
  return sum(open.flatMap((order) => order.lots.filter((each) => each.lotNo === lotNo)));
}

export function isOpen(order: Outbound, now: Date): boolean {
  return order.left === undefined && now.getTime() <= Date.parse(order.validTo);
}

/** The lots exist, belong to the owner, and are what the lines call them; no lot is named twice. */
export function assertLots(memory: Memory, ownerCode: string, lots: readonly LotGoods[]): void {
  if (new Set(lots.map((each) => each.lotNo)).size !== lots.length) throw new Refusal('invalid', '批次重复');
  for (const each of lots) {
    const lot = memory.lots.find((known) => known.lotNo === each.lotNo && known.ownerCode === ownerCode);
    if (!lot) throw new Refusal('short', `批次 ${each.lotNo} 无库存`);
    if (lot.itemCode !== each.itemCode || lot.uom !== each.uom)
      throw new Refusal('invalid', `批次 ${each.lotNo} 商品或单位不符`);
    if (each.qty > lot.onHand) throw new Refusal('short', `批次 ${each.lotNo} 库存不足`);
  }
}

/** What no pledgee holds and no picker was promised. */
export function assertFree(memory: Memory, lots: readonly LotGoods[], now: Date, reason: 'pledged' | 'noToken'): void {
  for (const each of lots) {
    const promised = memory.outbound.filter((order) => isOpen(order, now) && !isOnLock(memory, order));
    const taken =
      lockedOf(memory, each.lotNo) +
      sum(promised.flatMap((order) => order.lots.filter((of) => of.lotNo === each.lotNo)));
    if (each.qty > (lotOf(memory, each.lotNo)?.onHand ?? 0) - taken)
      throw new Refusal(reason, `批次 ${each.lotNo} 已被质押锁定`);
  }
}

/** Whether what the order takes is still locked: then it comes out of the lock, else out of free stock. */
function isOnLock(memory: Memory, order: Outbound): boolean {
  return (
    order.tokenSha256 !== '' && memory.locks.some((lock) => lock.code === order.pledgeNo && lock.unlock === undefined)
  );
}

/** A lock, and what was locked for the same pledge since: its number with a suffix (追加锁定). */
export function withSupplements(memory: Memory, code: string): Lock[] {
  return memory.locks.filter((lock) => lock.code === code || lock.code.startsWith(`${code}-`));
}

/** The lock still holds that much, beyond what is promised to pickers already. */
export function assertHeld(memory: Memory, lock: Lock, lots: readonly LotGoods[], now: Date): void {
  for (const each of lots) {
    const held =
      sum(withSupplements(memory, lock.code).flatMap(({ left }) => left.filter(({ lotNo }) => lotNo === each.lotNo))) -
      promisedOf(memory, each.lotNo, now, lock.code);
    if (each.qty > held) throw new Refusal('beyondLock', `批次 ${each.lotNo} 超过锁定数量`);
  }
}

/** Takes quantities out of a lock. */
export function release(lock: Lock, lots: readonly LotGoods[]): void {
  lock.left = lock.left
    .map((left) => ({ ...left, qty: left.qty - sum(lots.filter((each) => each.lotNo === left.lotNo)) }))
    .filter((left) => left.qty > 0);
}

function sum(goods: readonly { readonly qty: number }[]): number {
  return goods.reduce((total, each) => total + each.qty, 0);
}
