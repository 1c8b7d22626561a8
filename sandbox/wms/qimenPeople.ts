/** The people of the sandbox's warehouse: the keeper who counts, the supervisor who confirms control, the guard at the gate. */
import type { TwinContext } from '../twin.ts';
import { materials, warehouse } from '../world.ts';
import { sha256 } from './qimenDesk.ts';
import {
  type Inbound,
  isOpen,
  type Lock,
  type LotGoods,
  type Memory,
  nextNo,
  type Outbound,
  ownerOf,
  release,
} from './qimenStore.ts';
import { document, leaf, readXml, sign, tag, text, wallTime } from './qimenWire.ts';

type Act = (args: Record<string, unknown>, twin: TwinContext<Memory>) => Promise<void>;

/** How the twin signs in to the hub: the same names as in its settings. */
interface Caller {
  readonly appKey: string;
  readonly customerId: string;
}

export function peopleOf(caller: Caller): Readonly<Record<string, Act>> {
  return {
    receive: (args, twin) => receive(args, twin, caller),
    confirmControl: (args, twin) => confirmControl(args, twin, caller),
    gateOut: (args, twin) => gateOut(args, twin, caller),
  };
}

/** A planned quantity that ends in these digits arrives two per cent short. */
const shortDelivery = /013$/;

/**
 * Counts the goods of an inbound notice. `actual` may give the counted quantity per line number.
 * The count is kept before it is told, so that a hub that is down hears the same later.
 */
async function receive(args: Record<string, unknown>, twin: TwinContext<Memory>, caller: Caller): Promise<void> {
  const order = twin.memory.inbound.find((each) => each.code === args['noticeNo']);
  if (!order || order.told) return;
  order.receipt ??= count(order, (args['actual'] ?? {}) as Record<string, unknown>, twin);
  await tell('entryorder.confirm', entryOrderConfirm(order, order.receipt), twin, caller);
  order.told = true;
}

function count(
  order: Inbound,
  actual: Record<string, unknown>,
  twin: TwinContext<Memory>,
): NonNullable<Inbound['receipt']> {
  const at = twin.clock.now();
  const lots = order.lines.map((line) => ({
    lotNo: nextNo(twin.memory, 'PC'),
    lineNo: line.lineNo,
    itemCode: line.itemCode,
    uom: line.uom,
    planQty: line.qty,
    qty: countedOf(line.qty, actual[line.lineNo]),
  }));
  for (const lot of lots) {
    const itemName = order.lines.find((line) => line.lineNo === lot.lineNo)?.itemName ?? '';
    const { lotNo, itemCode, uom, qty } = lot;
    twin.memory.lots.push({
      lotNo,
      itemCode,
      uom,
      itemName,
      ownerCode: order.ownerCode,
      onHand: qty,
      receivedAt: at.toISOString(),
    });
  }
  const receipt = { outBizCode: nextNo(twin.memory, 'RKQR'), at: wallTime(at), lots };
  order.receipt = receipt;
  twin.effect('received', order.code, { receiptNo: receipt.outBizCode, lots });
  twin.save();
  return receipt;
}

function countedOf(planned: number, counted: unknown): number {
  if (typeof counted === 'number' && Number.isSafeInteger(counted) && counted >= 0) return counted;
  return shortDelivery.test(String(planned)) ? Math.floor((planned * 98) / 100) : planned;
}

function entryOrderConfirm(order: Inbound, receipt: NonNullable<Inbound['receipt']>): string {
  const head = tag(
    'entryOrder',
    leaf('totalOrderLines', receipt.lots.length),
    leaf('entryOrderCode', order.code),
    leaf('ownerCode', order.ownerCode),
    leaf('warehouseCode', warehouse.code),
    leaf('entryOrderId', order.id),
    leaf('entryOrderType', 'CGRK'),
    leaf('outBizCode', receipt.outBizCode),
    leaf('confirmType', '0'),
    leaf('status', 'FULFILLED'),
    leaf('operateTime', receipt.at),
  );
  const lines = receipt.lots.map((lot) =>
    tag(
      'orderLine',
      leaf('orderLineNo', lot.lineNo),
      leaf('ownerCode', order.ownerCode),
      leaf('planQty', lot.planQty),
      ...movedGoods(lot),
    ),
  );
  return head + tag('orderLines', ...lines);
}

/** The supervisor goes to look, holds the lots for the pledgee and issues the receipt. A lock that is gone needs neither. */
async function confirmControl(args: Record<string, unknown>, twin: TwinContext<Memory>, caller: Caller): Promise<void> {
  const lock = twin.memory.locks.find((each) => each.code === args['lockCode']);
  if (!lock || lock.told || (lock.unlock && !lock.confirmation)) return;
  if (!lock.confirmation) {
    const at = twin.clock.now();
    const receiptNo = nextNo(twin.memory, 'CD');
    lock.confirmation = { at: at.toISOString(), receiptNo, xml: controlConfirm(lock, receiptNo, at, twin.memory) };
    twin.save();
  }
  await tell('private.control.confirm', lock.confirmation.xml, twin, caller);
  lock.told = true;
}

const day = 86_400_000;
const storageDays = 365;

/** The elements of a warehouse receipt, Civil Code art. 909, and the keeper's seal over them. */
function controlConfirm(lock: Lock, receiptNo: string, at: Date, memory: Memory): string {
  const depositor = ownerOf(lock.ownerCode) ?? warehouse;
  const stored = memory.lots.filter((lot) => lock.locked.some((each) => each.lotNo === lot.lotNo));
  const names = new Set(
    lock.locked.map((each) => materials.find((known) => known.code === each.itemCode)?.name ?? each.itemCode),
  );
  const from = new Date(Math.min(at.getTime(), ...stored.map((lot) => Date.parse(lot.receivedAt))));
  const lines = lock.locked.map((lot) => tag('line', ...lotLeaves(lot)));
  const elements = [
    leaf('receiptNo', receiptNo),
    leaf('depositorName', depositor.name),
    leaf('depositorUscc', depositor.uscc),
    leaf('goods', [...names].join('、').slice(0, 500)),
    leaf('quality', '合格，随附质量证明书'),
    leaf('packaging', '捆扎，标识清晰'),
    leaf('lossStandard', '自然损耗不超过 0.3%'),
    leaf('storagePlace', `${warehouse.name} ${warehouse.code} 1 号库`),
    leaf('storageFrom', wallTime(from)),
    leaf('storageTo', wallTime(new Date(at.getTime() + storageDays * day))),
    leaf('storageFee', '0.30 元/吨·天，按月结算'),
    leaf('issuerName', warehouse.name),
    leaf('issuerUscc', warehouse.uscc),
    leaf('issueTime', wallTime(at)),
    tag('receiptLines', ...lines),
  ];
  const control = [
    leaf('lockCode', lock.code),
    leaf('lockId', lock.id),
    leaf('pledgeeName', lock.pledgee.name),
    leaf('supervisorName', warehouse.name),
    leaf('supervisorUscc', warehouse.uscc),
    leaf('confirmTime', wallTime(at)),
  ];
  const receipt = tag('receipt', ...elements, leaf('sealSha256', sha256(elements.join(''))));
  return tag('control', ...control) + tag('lines', ...lines) + receipt;
}

/**
 * A picker at the gate. Without arguments it is the named one with the right token; `token`, `idNo` and `vehicle` are what
 * somebody else shows. Who may not pass is turned away and nothing happens to the goods.
 */
async function gateOut(args: Record<string, unknown>, twin: TwinContext<Memory>, caller: Caller): Promise<void> {
  const order = twin.memory.outbound.find((each) => each.code === args['releaseNo']);
  if (!order || order.told) return;
  const now = twin.clock.now();
  if (!order.left) {
    const why = whyTurnedAway(order, args, now) ?? whyGone(order, twin.memory);
    if (why !== undefined) {
      order.turnedAway.push({ at: now.toISOString(), why });
      return;
    }
    leave(order, now, twin);
  }
  if (order.left) await tell('stockout.confirm', stockoutConfirm(order, order.left), twin, caller);
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
  const short = order.lots.find(
    (each) => each.qty > (memory.lots.find((lot) => lot.lotNo === each.lotNo)?.onHand ?? 0),
  );
  return short ? `lot ${short.lotNo} is short` : undefined;
}

/** The goods leave; of the pledge's lock exactly as much is gone. */
function leave(order: Outbound, now: Date, twin: TwinContext<Memory>): void {
  const { memory } = twin;
  for (const each of order.lots) {
    const lot = memory.lots.find((known) => known.lotNo === each.lotNo);
    if (lot) lot.onHand -= each.qty;
  }
  const lock = order.tokenSha256 === '' ? undefined : memory.locks.find((each) => each.code === order.pledgeNo);
  if (lock) release(lock, order.lots);
  order.left = { outBizCode: nextNo(memory, 'CKQR'), at: wallTime(now), weighTicket: nextNo(memory, 'BD') };
  twin.effect('outbound', order.code, {
    outboundNo: order.left.outBizCode,
    pledgeNo: order.pledgeNo,
    lots: order.lots,
  });
  twin.save();
}

function stockoutConfirm(order: Outbound, left: NonNullable<Outbound['left']>): string {
  const head = tag(
    'deliveryOrder',
    leaf('totalOrderLines', order.lots.length),
    leaf('deliveryOrderCode', order.code),
    leaf('deliveryOrderId', order.id),
    leaf('warehouseCode', warehouse.code),
    leaf('orderType', 'PTCK'),
    leaf('status', 'DELIVERED'),
    leaf('outBizCode', left.outBizCode),
    leaf('confirmType', '0'),
    leaf('orderConfirmTime', left.at),
    tag('extendProps', leaf('weighTicket', left.weighTicket)),
  );
  const lines = order.lots.map((lot, index) => tag('orderLine', leaf('orderLineNo', index + 1), ...movedGoods(lot)));
  return head + tag('orderLines', ...lines);
}

function movedGoods(lot: LotGoods): string[] {
  return [
    leaf('itemCode', lot.itemCode),
    leaf('inventoryType', 'ZP'),
    leaf('actualQty', lot.qty),
    leaf('batchCode', lot.lotNo),
    tag('extendProps', leaf('uom', lot.uom)),
  ];
}

function lotLeaves(lot: LotGoods): string[] {
  return [
    leaf('itemCode', lot.itemCode),
    leaf('batchCode', lot.lotNo),
    leaf('quantity', lot.qty),
    tag('extendProps', leaf('uom', lot.uom)),
  ];
}

/** Posts to the hub and believes it only when it says `success`. */
async function tell(method: string, inside: string, twin: TwinContext<Memory>, caller: Caller): Promise<void> {
  const body = document(tag('request', inside));
  const parameters = {
    method,
    timestamp: wallTime(new Date()),
    format: 'xml',
    app_key: caller.appKey,
    v: '2.0',
    sign_method: 'md5',
    customerId: caller.customerId,
  };
  const query = new URLSearchParams({
    ...parameters,
    sign: sign(parameters, body, twin.key('callbackSecret.txt').trim()),
  });
  const answer = await twin.post({
    path: `/qimen?${query.toString()}`,
    headers: { 'content-type': 'text/xml; charset=utf-8' },
    body,
  });
  const response = readXml(answer.body, 'response');
  if (!response || text(response, 'flag') !== 'success')
    throw new Error(`the hub did not take ${method}: ${answer.body.toString().slice(0, 300)}`);
}
