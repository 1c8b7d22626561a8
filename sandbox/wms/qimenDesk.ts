/** The warehouse's desk, as Qimen's methods: reads each request, does it on the floor, answers in Qimen's fields. */
import { type Floor, type LotGoods, lockedOf, type Reason, Refusal } from './floor.ts';
import {
  announce,
  inboundOf,
  lock,
  lockOf,
  orderOut,
  outboundOf,
  type ReleaseOrder,
  sha256,
  stockOf,
  unlock,
} from './floorDesk.ts';
import { type Element, instantOfWallTime, leaf, list, part, tag, text, wallTime } from './qimenWire.ts';

/** What goes into the answer beside `flag`, `code` and `message`; `repeated` when the number was known. */
interface Done {
  readonly inside: string;
  readonly repeated?: boolean;
}

type Desk = (request: Element, floor: Floor) => Done;

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

export const codes: Readonly<Record<Reason, string>> = {
  invalid: 'S001',
  unknownNumber: 'S004',
  short: 'S005',
  pledged: 'S006',
  noToken: 'S007',
  unknownPlace: 'S008',
  conflict: 'S010',
  beyondLock: 'S012',
};

function createEntryOrder(request: Element, floor: Floor): Done {
  const order = part(request, 'entryOrder');
  const lines = list(request, 'orderLines', 'orderLine').map((line) => ({
    lineNo: required(line, 'orderLineNo'),
    itemName: text(line, 'itemName'),
    ...goodsOf(line, 'planQty'),
  }));
  assertCount(order, lines.length);
  const { record, repeated } = announce(floor, {
    code: required(order, 'entryOrderCode'),
    ownerCode: required(order, 'ownerCode'),
    warehouseCode: required(order, 'warehouseCode'),
    lines,
  });
  return { inside: leaf('entryOrderId', record.id), repeated };
}

function queryEntryOrder(request: Element, floor: Floor): Done {
  const order = inboundOf(floor, required(request, 'entryOrderCode'));
  const status = order.receipt ? 'FULFILLED' : 'ACCEPT';
  const fields = [leaf('entryOrderCode', order.code), leaf('entryOrderId', order.id), leaf('status', status)];
  return { inside: tag('entryOrder', ...fields) };
}

function lockStock(request: Element, floor: Floor): Done {
  const asked = part(request, 'lock');
  const { record, repeated } = lock(floor, {
    code: required(asked, 'lockCode'),
    ownerCode: required(asked, 'ownerCode'),
    warehouseCode: required(asked, 'warehouseCode'),
    pledgee: { name: required(asked, 'pledgeeName'), uscc: required(asked, 'pledgeeUscc') },
    lots: lotLines(list(request, 'lines', 'line'), 'quantity'),
  });
  return { inside: leaf('lockId', record.id), repeated };
}

function unlockStock(request: Element, floor: Floor): Done {
  const asked = part(request, 'lock');
  const { record, repeated } = unlock(floor, {
    code: required(asked, 'lockCode'),
    ownerCode: required(asked, 'ownerCode'),
    reason: required(asked, 'reason'),
    lots: lotLines(list(request, 'lines', 'line'), 'quantity'),
  });
  return { inside: leaf('lockId', record.id), repeated };
}

function queryLock(request: Element, floor: Floor): Done {
  const held = lockOf(floor, required(request, 'lockCode'));
  const fields = [leaf('lockCode', held.code), leaf('lockId', held.id), leaf('unlocked', held.unlock ? 'Y' : 'N')];
  return { inside: tag('lock', ...fields) };
}

function createStockout(request: Element, floor: Floor): Done {
  const { record, repeated } = orderOut(floor, readStockout(request));
  const createTime = wallTime(new Date(record.createdAt));
  return { inside: leaf('createTime', createTime) + leaf('deliveryOrderId', record.id), repeated };
}

function readStockout(request: Element): ReleaseOrder {
  const order = part(request, 'deliveryOrder');
  const picker = part(order, 'pickerInfo');
  const extended = part(order, 'extendProps');
  const lines = list(request, 'orderLines', 'orderLine');
  assertCount(order, lines.length);
  const owners = new Set(lines.map((line) => required(line, 'ownerCode')));
  const token = text(extended, 'releaseToken');
  const validTo = instantOfWallTime(text(extended, 'validTo'));
  if (owners.size !== 1 || !validTo) throw new Refusal('invalid', '货主或有效期不正确');
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

const stockoutStates = { left: 'DELIVERED', open: 'ACCEPT', closed: 'CLOSED' } as const;

function queryStockout(request: Element, floor: Floor): Done {
  const { order, state } = outboundOf(floor, required(request, 'deliveryOrderCode'));
  const fields = [
    leaf('deliveryOrderCode', order.code),
    leaf('deliveryOrderId', order.id),
    leaf('status', stockoutStates[state]),
  ];
  return { inside: tag('deliveryOrder', ...fields) };
}

/** `quantity` is what is free, `lockQuantity` what is locked. */
function queryInventory(request: Element, floor: Floor): Done {
  const [criteria, ...others] = list(request, 'criteriaList', 'criteria');
  if (!criteria || others.length > 0) throw new Refusal('invalid', '查询条件不正确');
  const warehouseCode = required(criteria, 'warehouseCode');
  const ownerCode = required(criteria, 'ownerCode');
  const lots = stockOf(floor, { warehouseCode, ownerCode, itemCode: text(criteria, 'itemCode') });
  const items = lots.map((lot) => {
    const locked = Math.min(lot.onHand, lockedOf(floor.memory, lot.lotNo));
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

function required(element: Element, name: string): string {
  const value = text(element, name);
  if (value === '') throw new Refusal('invalid', `${name} 不能为空`);
  if (value.length > (name === 'reason' ? 500 : 200)) throw new Refusal('invalid', `${name} 过长`);
  return value;
}

function goodsOf(line: Element, quantityName: string) {
  const quantity = required(line, quantityName);
  const qty = Number(quantity);
  if (!/^[1-9]\d{0,9}$/.test(quantity) || qty > 2_147_483_647)
    throw new Refusal('invalid', `${quantityName} 必须为正整数`);
  return { itemCode: required(line, 'itemCode'), uom: text(line, 'extendProps', 'uom'), qty };
}

function lotLines(lines: readonly Element[], quantityName: string): LotGoods[] {
  if (lines.length === 0) throw new Refusal('invalid', '明细不能为空');
  return lines.map((line) => ({ lotNo: required(line, 'batchCode'), ...goodsOf(line, quantityName) }));
}

function assertCount(order: Element, lines: number): void {
  if (lines === 0 || text(order, 'totalOrderLines') !== String(lines))
    throw new Refusal('invalid', 'totalOrderLines 与明细不符');
}
