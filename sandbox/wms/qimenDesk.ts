/** The warehouse's desk: what it does with each order of its customer. Every order has one number; a repeat has no second effect. */
import { createHash } from 'node:crypto';
import type { TwinContext } from '../twin.ts';
import {
  assertFree,
  assertHeld,
  assertLots,
  assertPlace,
  isOpen,
  lockedOf,
  nextNo,
  type LotGoods,
  type Memory,
  type Outbound,
  Refusal,
  release,
  uomOf,
} from './qimenStore.ts';
import { type Element, instantOfWallTime, leaf, list, part, tag, text, wallTime } from './qimenWire.ts';

/** What goes into the answer beside `flag`, `code` and `message`; `repeated` when the number was known. */
interface Done {
  readonly inside: string;
  readonly repeated?: boolean;
}

type Desk = (request: Element, twin: TwinContext<Memory>) => Done;

const minute = 60_000;
const hour = 60 * minute;
/** A vehicle whose picker never comes: for orders that expire. */
const noShowVehicle = /00000$/;

export const desk: Readonly<Record<string, { operation: string; serve: Desk }>> = {
  'entryorder.create': { operation: 'announceInbound', serve: createEntryOrder },
  'entryorder.query': { operation: 'queryInbound', serve: queryEntryOrder },
  'private.stock.lock': { operation: 'lockStock', serve: lockStock },
  'private.stock.unlock': { operation: 'unlockStock', serve: unlockStock },
  'private.stock.lock.query': { operation: 'queryLock', serve: queryLock },
  'stockout.create': { operation: 'orderOutbound', serve: createStockout },
  'stockout.query': { operation: 'queryOutbound', serve: queryStockout },
  'inventory.query': { operation: 'readStock', serve: queryInventory },
};

function createEntryOrder(request: Element, twin: TwinContext<Memory>): Done {
  const order = part(request, 'entryOrder');
  const code = required(order, 'entryOrderCode');
  const ownerCode = required(order, 'ownerCode');
  const lines = list(request, 'orderLines', 'orderLine').map((line) => ({
    lineNo: required(line, 'orderLineNo'),
    itemName: text(line, 'itemName'),
    ...goodsOf(line, 'planQty'),
  }));
  const asked = JSON.stringify([ownerCode, text(order, 'warehouseCode'), lines]);
  const known = twin.memory.inbound.find((each) => each.code === code);
  if (known) return repeat(known.asked, asked, leaf('entryOrderId', known.id));
  assertPlace(required(order, 'warehouseCode'), ownerCode);
  assertCount(order, lines.length);
  for (const line of lines)
    if (uomOf(line.itemCode) !== line.uom) throw new Refusal('S008', `商品 ${line.itemCode} 不存在或单位不符`);
  const id = nextNo(twin.memory, 'RK');
  twin.memory.inbound.push({ code, id, asked, ownerCode, lines, receipt: undefined, told: false });
  twin.later('receive', { noticeNo: code }, 4 * hour);
  return { inside: leaf('entryOrderId', id) };
}

function queryEntryOrder(request: Element, twin: TwinContext<Memory>): Done {
  const order = twin.memory.inbound.find((each) => each.code === required(request, 'entryOrderCode'));
  if (!order) throw new Refusal('S004', '单据不存在');
  const status = order.receipt ? 'FULFILLED' : 'ACCEPT';
  return {
    inside: tag(
      'entryOrder',
      leaf('entryOrderCode', order.code),
      leaf('entryOrderId', order.id),
      leaf('status', status),
    ),
  };
}

function lockStock(request: Element, twin: TwinContext<Memory>): Done {
  const lock = part(request, 'lock');
  const code = required(lock, 'lockCode');
  const ownerCode = required(lock, 'ownerCode');
  const pledgee = { name: required(lock, 'pledgeeName'), uscc: required(lock, 'pledgeeUscc') };
  const locked = lotLines(list(request, 'lines', 'line'), 'quantity');
  const asked = JSON.stringify([ownerCode, text(lock, 'warehouseCode'), pledgee, locked]);
  const known = twin.memory.locks.find((each) => each.code === code);
  if (known) return repeat(known.asked, asked, leaf('lockId', known.id));
  assertPlace(required(lock, 'warehouseCode'), ownerCode);
  assertLots(twin.memory, ownerCode, locked);
  assertFree(twin.memory, locked, twin.clock.now(), 'S006');
  const id = nextNo(twin.memory, 'SD');
  const left = locked.map(({ lotNo, qty }) => ({ lotNo, qty }));
  twin.memory.locks.push({
    code,
    id,
    asked,
    ownerCode,
    pledgee,
    locked,
    left,
    unlock: undefined,
    confirmation: undefined,
    told: false,
  });
  twin.effect('locked', code, { lockId: id, ownerCode, pledgee: pledgee.uscc, lots: locked });
  twin.later('confirmControl', { lockCode: code }, 2 * hour);
  return { inside: leaf('lockId', id) };
}

function unlockStock(request: Element, twin: TwinContext<Memory>): Done {
  const asking = part(request, 'lock');
  const code = required(asking, 'lockCode');
  const lots = lotLines(list(request, 'lines', 'line'), 'quantity');
  const asked = JSON.stringify(lots);
  const lock = twin.memory.locks.find((each) => each.code === code);
  if (!lock || lock.ownerCode !== required(asking, 'ownerCode')) throw new Refusal('S004', '锁定单不存在');
  if (lock.unlock) return repeat(lock.unlock.asked, asked, leaf('lockId', lock.id));
  assertLots(twin.memory, lock.ownerCode, lots);
  assertHeld(twin.memory, lock, lots, twin.clock.now(), 'S012');
  lock.unlock = { asked, reason: required(asking, 'reason') };
  release(lock, lots);
  twin.effect('unlocked', code, { lockId: lock.id, lots });
  return { inside: leaf('lockId', lock.id) };
}

function queryLock(request: Element, twin: TwinContext<Memory>): Done {
  const lock = twin.memory.locks.find((each) => each.code === required(request, 'lockCode'));
  if (!lock) throw new Refusal('S004', '单据不存在');
  const fields = [leaf('lockCode', lock.code), leaf('lockId', lock.id), leaf('unlocked', lock.unlock ? 'Y' : 'N')];
  return { inside: tag('lock', ...fields) };
}

function createStockout(request: Element, twin: TwinContext<Memory>): Done {
  const order = readStockout(request);
  const { memory } = twin;
  const asked = JSON.stringify(order);
  const known = memory.outbound.find((each) => each.code === order.code);
  if (known) return repeat(known.asked, asked, tag('createTime', known.createdAt) + leaf('deliveryOrderId', known.id));
  assertPlace(order.warehouseCode, order.ownerCode);
  assertLots(memory, order.ownerCode, order.lots);
  const now = twin.clock.now();
  assertMayLeave(memory, order, now);
  const createdAt = wallTime(now);
  const id = nextNo(memory, 'CK');
  memory.outbound.push({ ...order, id, asked, createdAt, left: undefined, turnedAway: [], told: false });
  const untilTooLateMs = Date.parse(order.validTo) - now.getTime();
  if (!noShowVehicle.test(order.picker.carNo))
    twin.later('gateOut', { releaseNo: order.code }, Math.min(5 * hour, untilTooLateMs / 2));
  return { inside: leaf('createTime', createdAt) + leaf('deliveryOrderId', id) };
}

type StockoutRequest = Pick<
  Outbound,
  'code' | 'pledgeNo' | 'ownerCode' | 'tokenSha256' | 'picker' | 'validTo' | 'lots'
> & { warehouseCode: string };

function readStockout(request: Element): StockoutRequest {
  const order = part(request, 'deliveryOrder');
  const picker = part(order, 'pickerInfo');
  const extended = part(order, 'extendProps');
  const lines = list(request, 'orderLines', 'orderLine');
  assertCount(order, lines.length);
  const owners = new Set(lines.map((line) => required(line, 'ownerCode')));
  const token = text(extended, 'releaseToken');
  const validTo = instantOfWallTime(text(extended, 'validTo'));
  if (owners.size !== 1 || !validTo) throw new Refusal('S001', '货主或有效期不正确');
  return {
    code: required(order, 'deliveryOrderCode'),
    warehouseCode: required(order, 'warehouseCode'),
    ownerCode: [...owners].join(),
    pledgeNo: text(extended, 'pledgeNo'),
    tokenSha256: token === '' ? '' : sha256(token),
    picker: { name: required(picker, 'name'), id: required(picker, 'id'), carNo: required(picker, 'carNo') },
    validTo: validTo.toISOString(),
    lots: lotLines(lines, 'planQty'),
  };
}

/** Free stock leaves on its owner's word; locked stock only under its pledge, with a token that was never used, in time. */
function assertMayLeave(memory: Memory, order: StockoutRequest, now: Date): void {
  if (Date.parse(order.validTo) <= now.getTime()) throw new Refusal('S007', '放货令牌已过期');
  const lock = memory.locks.find((each) => each.code === order.pledgeNo && each.ownerCode === order.ownerCode);
  if (order.tokenSha256 === '') return assertFree(memory, order.lots, now, 'S007');
  if (!lock) throw new Refusal('S007', '放货令牌与质押单不符');
  if (memory.outbound.some((each) => each.tokenSha256 === order.tokenSha256))
    throw new Refusal('S007', '放货令牌已使用');
  if (lock.unlock) assertFree(memory, order.lots, now, 'S007');
  else assertHeld(memory, lock, order.lots, now, 'S012');
}

function queryStockout(request: Element, twin: TwinContext<Memory>): Done {
  const order = twin.memory.outbound.find((each) => each.code === required(request, 'deliveryOrderCode'));
  if (!order) throw new Refusal('S004', '单据不存在');
  const status = order.left ? 'DELIVERED' : isOpen(order, twin.clock.now()) ? 'ACCEPT' : 'CLOSED';
  const fields = [leaf('deliveryOrderCode', order.code), leaf('deliveryOrderId', order.id), leaf('status', status)];
  return { inside: tag('deliveryOrder', ...fields) };
}

/** `quantity` is what is free, `lockQuantity` what is locked. */
function queryInventory(request: Element, twin: TwinContext<Memory>): Done {
  const [criteria, ...others] = list(request, 'criteriaList', 'criteria');
  if (!criteria || others.length > 0) throw new Refusal('S001', '查询条件不正确');
  const warehouseCode = required(criteria, 'warehouseCode');
  const ownerCode = required(criteria, 'ownerCode');
  assertPlace(warehouseCode, ownerCode);
  const itemCode = text(criteria, 'itemCode');
  const lots = twin.memory.lots.filter(
    (lot) => lot.ownerCode === ownerCode && lot.onHand > 0 && (itemCode === '' || lot.itemCode === itemCode),
  );
  const items = lots.map((lot) => {
    const locked = lockedOf(twin.memory, lot.lotNo);
    return tag(
      'item',
      leaf('warehouseCode', warehouseCode),
      leaf('itemCode', lot.itemCode),
      leaf('inventoryType', 'ZP'),
      leaf('quantity', lot.onHand - locked),
      leaf('lockQuantity', locked),
      leaf('batchCode', lot.lotNo),
      tag('extendProps', leaf('uom', lot.uom)),
    );
  });
  return { inside: tag('items', ...items) };
}

export function sha256(value: string): string {
  return createHash('sha256').update(value).digest('hex');
}

function repeat(first: string, again: string, inside: string): Done {
  if (first !== again) throw new Refusal('S010', '单据已存在且内容不一致');
  return { inside, repeated: true };
}

function required(element: Element, name: string): string {
  const value = text(element, name);
  if (value === '') throw new Refusal('S001', `${name} 不能为空`);
  if (value.length > (name === 'reason' ? 500 : 200)) throw new Refusal('S001', `${name} 过长`);
  return value;
}

function goodsOf(line: Element, quantityName: string) {
  const quantity = required(line, quantityName);
  const qty = Number(quantity);
  if (!/^[1-9]\d{0,9}$/.test(quantity) || qty > 2_147_483_647)
    throw new Refusal('S001', `${quantityName} 必须为正整数`);
  return { itemCode: required(line, 'itemCode'), uom: text(line, 'extendProps', 'uom'), qty };
}

function lotLines(lines: readonly Element[], quantityName: string): LotGoods[] {
  if (lines.length === 0) throw new Refusal('S001', '明细不能为空');
  return lines.map((line) => ({ lotNo: required(line, 'batchCode'), ...goodsOf(line, quantityName) }));
}

function assertCount(order: Element, lines: number): void {
  if (lines === 0 || text(order, 'totalOrderLines') !== String(lines))
    throw new Refusal('S001', 'totalOrderLines 与明细不符');
}
