/** What the sandbox's warehouse remembers, and the arithmetic of its floor: on hand, locked, promised to a picker. */
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
  readonly uom: string;
  onHand: number;
  readonly receivedAt: string;
}

export interface Inbound {
  readonly code: string;
  readonly id: string;
  /** What was asked, to tell a repeat from another request under the same number. */
  readonly asked: string;
  readonly ownerCode: string;
  readonly lines: readonly (Goods & { readonly lineNo: string; readonly itemName: string })[];
  receipt:
    | {
        readonly outBizCode: string;
        readonly at: string;
        readonly lots: readonly (LotGoods & { lineNo: string; planQty: number })[];
      }
    | undefined;
  told: boolean;
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
  confirmation: { readonly at: string; readonly xml: string; readonly receiptNo: string } | undefined;
  told: boolean;
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
  left: { readonly outBizCode: string; readonly at: string; readonly weighTicket: string } | undefined;
  /** Who was turned away at the gate, and why. */
  readonly turnedAway: { at: string; why: string }[];
  told: boolean;
}

export interface Memory {
  lastNo: number;
  readonly lots: Lot[];
  readonly inbound: Inbound[];
  readonly locks: Lock[];
  readonly outbound: Outbound[];
}

export const emptyMemory = (): Memory => ({ lastNo: 0, lots: [], inbound: [], locks: [], outbound: [] });

/** A refusal in Qimen's manner. */
export class Refusal extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

export function nextNo(memory: Memory, prefix: string): string {
  memory.lastNo += 1;
  return `${prefix}${String(memory.lastNo).padStart(8, '0')}`;
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
  if (warehouseCode !== warehouse.code) throw new Refusal('S008', '仓库编码不存在');
  if (!ownerOf(ownerCode)) throw new Refusal('S008', '货主编码不存在');
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
  if (new Set(lots.map((each) => each.lotNo)).size !== lots.length) throw new Refusal('S001', '批次重复');
  for (const each of lots) {
    const lot = memory.lots.find((known) => known.lotNo === each.lotNo && known.ownerCode === ownerCode);
    if (!lot) throw new Refusal('S005', `批次 ${each.lotNo} 无库存`);
    if (lot.itemCode !== each.itemCode || lot.uom !== each.uom)
      throw new Refusal('S001', `批次 ${each.lotNo} 商品或单位不符`);
    if (each.qty > lot.onHand) throw new Refusal('S005', `批次 ${each.lotNo} 库存不足`);
  }
}

/** What no pledgee holds and no picker was promised. */
export function assertFree(memory: Memory, lots: readonly LotGoods[], now: Date, code: 'S006' | 'S007'): void {
  for (const each of lots) {
    const lot = memory.lots.find((known) => known.lotNo === each.lotNo);
    const promised = memory.outbound.filter((order) => isOpen(order, now) && !isOnLock(memory, order));
    const taken =
      lockedOf(memory, each.lotNo) +
      sum(promised.flatMap((order) => order.lots.filter((of) => of.lotNo === each.lotNo)));
    if (each.qty > (lot?.onHand ?? 0) - taken) throw new Refusal(code, `批次 ${each.lotNo} 已被质押锁定`);
  }
}

/** Whether what the order takes is still locked: then it comes out of the lock, else out of free stock. */
function isOnLock(memory: Memory, order: Outbound): boolean {
  return (
    order.tokenSha256 !== '' && memory.locks.some((lock) => lock.code === order.pledgeNo && lock.unlock === undefined)
  );
}

/** The lock still holds that much, beyond what is promised to pickers already. */
export function assertHeld(memory: Memory, lock: Lock, lots: readonly LotGoods[], now: Date, code: string): void {
  for (const each of lots) {
    const held =
      sum(lock.left.filter((left) => left.lotNo === each.lotNo)) - promisedOf(memory, each.lotNo, now, lock.code);
    if (each.qty > held) throw new Refusal(code, `批次 ${each.lotNo} 超过锁定数量`);
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
