/** What the warehouse does with each order of its customer. Every order has one number; a repeat has no second effect. */
import { createHash } from 'node:crypto';
import {
  assertFree,
  assertHeld,
  assertLots,
  assertPlace,
  type Floor,
  type Inbound,
  type InboundLine,
  isOpen,
  type Lock,
  type Lot,
  type LotGoods,
  type Memory,
  nextNo,
  type Outbound,
  Refusal,
  release,
  uomOf,
} from './floor.ts';

interface Place {
  readonly warehouseCode: string;
  readonly ownerCode: string;
}

interface Done<R> {
  readonly record: R;
  /** The number was known, and the same was asked. */
  readonly repeated: boolean;
}

const minute = 60_000;
const hour = 60 * minute;
/** A planned quantity that ends in these digits is counted a day and more too late. */
const lateReceipt = /024$/;
/** A planned quantity that ends in these digits never arrives. */
const neverArrives = /028$/;
/** A vehicle whose picker never comes: for orders that expire. */
const noShowVehicle = /00000$/;

export function announce(
  floor: Floor,
  order: Place & { readonly code: string; readonly lines: readonly InboundLine[] },
): Done<Inbound> {
  const { memory } = floor;
  const asked = JSON.stringify(order);
  const known = memory.inbound.find((each) => each.code === order.code);
  if (known) return repeat(known, asked);
  assertPlace(order.warehouseCode, order.ownerCode);
  if (order.lines.length === 0) throw new Refusal('invalid', '明细不能为空');
  for (const line of order.lines)
    if (uomOf(line.itemCode) !== line.uom) throw new Refusal('unknownPlace', `商品 ${line.itemCode} 不存在或单位不符`);
  const { code, ownerCode, lines } = order;
  const record: Inbound = {
    code,
    id: nextNo(memory, 'RK'),
    asked,
    ownerCode,
    lines,
    receipt: undefined,
    told: false,
  };
  memory.inbound.push(record);
  const late = lines.some((line) => lateReceipt.test(String(line.qty)));
  if (!lines.some((line) => neverArrives.test(String(line.qty))))
    floor.later('receive', { noticeNo: code }, late ? 30 * hour : 4 * hour);
  return { record, repeated: false };
}

export function lock(
  floor: Floor,
  order: Place & { readonly code: string; readonly pledgee: Lock['pledgee']; readonly lots: readonly LotGoods[] },
): Done<Lock> {
  const { memory } = floor;
  const asked = JSON.stringify(order);
  const known = memory.locks.find((each) => each.code === order.code);
  if (known) return repeat(known, asked);
  const { code, ownerCode, pledgee, lots } = order;
  assertPlace(order.warehouseCode, ownerCode);
  assertLots(memory, ownerCode, lots);
  assertFree(memory, lots, floor.clock.now(), 'pledged');
  const record: Lock = {
    code,
    id: nextNo(memory, 'SD'),
    asked,
    ownerCode,
    pledgee,
    locked: lots,
    left: lots.map(({ lotNo, qty }) => ({ lotNo, qty })),
    unlock: undefined,
    confirmation: undefined,
    told: false,
  };
  memory.locks.push(record);
  floor.effect('locked', code, { lockId: record.id, ownerCode, pledgee: pledgee.uscc, lots });
  floor.later('confirmControl', { lockCode: code }, 2 * hour);
  return { record, repeated: false };
}

export function unlock(
  floor: Floor,
  order: {
    readonly code: string;
    readonly ownerCode: string;
    readonly reason: string;
    readonly lots: readonly LotGoods[];
  },
): Done<Lock> {
  const { memory } = floor;
  const { code, ownerCode, reason, lots } = order;
  const asked = JSON.stringify(lots);
  const record = memory.locks.find((each) => each.code === code);
  if (!record || record.ownerCode !== ownerCode) throw new Refusal('unknownNumber', '锁定单不存在');
  if (record.unlock) {
    if (record.unlock.asked !== asked) throw new Refusal('conflict', '单据已存在且内容不一致');
    return { record, repeated: true };
  }
  assertLots(memory, ownerCode, lots);
  assertHeld(memory, record, lots, floor.clock.now());
  record.unlock = { asked, reason };
  release(record, lots);
  floor.effect('unlocked', code, { lockId: record.id, lots });
  return { record, repeated: false };
}

export type ReleaseOrder = Place & Pick<Outbound, 'code' | 'pledgeNo' | 'tokenSha256' | 'picker' | 'validTo' | 'lots'>;

export function orderOut(floor: Floor, order: ReleaseOrder): Done<Outbound> {
  const { memory } = floor;
  const asked = JSON.stringify(order);
  const known = memory.outbound.find((each) => each.code === order.code);
  if (known) return repeat(known, asked);
  assertPlace(order.warehouseCode, order.ownerCode);
  if (order.lots.length === 0) throw new Refusal('invalid', '明细不能为空');
  assertLots(memory, order.ownerCode, order.lots);
  const now = floor.clock.now();
  assertMayLeave(memory, order, now);
  const { code, pledgeNo, ownerCode, tokenSha256, picker, validTo, lots } = order;
  const record: Outbound = {
    code,
    id: nextNo(memory, 'CK'),
    asked,
    createdAt: now.toISOString(),
    pledgeNo,
    ownerCode,
    tokenSha256,
    picker,
    validTo,
    lots,
    left: undefined,
    turnedAway: [],
    told: false,
  };
  memory.outbound.push(record);
  const untilTooLateMs = Date.parse(validTo) - now.getTime();
  if (!noShowVehicle.test(picker.carNo))
    floor.later('gateOut', { releaseNo: code }, Math.min(5 * hour, untilTooLateMs / 2));
  return { record, repeated: false };
}

/** Free stock leaves on its owner's word; locked stock only under its pledge, with a token that was never used, in time. */
function assertMayLeave(memory: Memory, order: ReleaseOrder, now: Date): void {
  if (Date.parse(order.validTo) <= now.getTime()) throw new Refusal('noToken', '放货令牌已过期');
  const held = memory.locks.find((each) => each.code === order.pledgeNo && each.ownerCode === order.ownerCode);
  if (order.tokenSha256 === '') return assertFree(memory, order.lots, now, 'noToken');
  if (!held) throw new Refusal('noToken', '放货令牌与质押单不符');
  if (memory.outbound.some((each) => each.tokenSha256 === order.tokenSha256))
    throw new Refusal('noToken', '放货令牌已使用');
  if (held.unlock) assertFree(memory, order.lots, now, 'noToken');
  else assertHeld(memory, held, order.lots, now);
}

export function inboundOf({ memory }: Floor, code: string): Inbound {
  return found(memory.inbound.find((each) => each.code === code));
}

export function lockOf({ memory }: Floor, code: string): Lock {
  return found(memory.locks.find((each) => each.code === code));
}

export function outboundOf(floor: Floor, code: string): { order: Outbound; state: 'left' | 'open' | 'closed' } {
  const order = found(floor.memory.outbound.find((each) => each.code === code));
  const state = order.left ? 'left' : isOpen(order, floor.clock.now()) ? 'open' : 'closed';
  return { order, state };
}

/** What lies there; without an item, all of the owner's. */
export function stockOf({ memory }: Floor, asked: Place & { readonly itemCode: string }): Lot[] {
  assertPlace(asked.warehouseCode, asked.ownerCode);
  return memory.lots.filter(
    (lot) =>
      lot.ownerCode === asked.ownerCode && lot.onHand > 0 && (asked.itemCode === '' || lot.itemCode === asked.itemCode),
  );
}

export function sha256(value: string): string {
  return createHash('sha256').update(value).digest('hex');
}

function found<R>(record: R | undefined): R {
  if (record === undefined) throw new Refusal('unknownNumber', '单据不存在');
  return record;
}

function repeat<R extends { readonly asked: string }>(record: R, again: string): Done<R> {
  if (record.asked !== again) throw new Refusal('conflict', '单据已存在且内容不一致');
  return { record, repeated: true };
}
