/** How the warehouse tells on Qimen what its people did: the confirms and reports, signed in the query. */
import { warehouse } from '../world.ts';
import type {
  Change,
  Confirmation,
  Count,
  Departure,
  Floor,
  Inbound,
  Lock,
  LotGoods,
  Outbound,
  Receipt,
} from './floor.ts';
import { sha256 } from './floorDesk.ts';
import { receiptElements, type Teller } from './floorPeople.ts';
import { document, leaf, readXml, sign, tag, text, wallTime } from './qimenWire.ts';

/** How the twin signs in to the hub: the same names as in its settings. */
interface Caller {
  readonly appKey: string;
  readonly customerId: string;
}

export function qimenTeller(caller: Caller): Teller {
  const say = (method: string, inside: string, floor: Floor) => post(method, inside, floor, caller);
  return {
    received: (order, receipt, floor) => say('entryorder.confirm', entryOrderConfirm(order, receipt), floor),
    controlled: (lock, confirmation, floor) =>
      say('private.control.confirm', controlConfirm(lock, confirmation), floor),
    left: (order, departure, floor) => say('stockout.confirm', stockoutConfirm(order, departure), floor),
    counted: (count, floor) => say('inventory.report', inventoryReport(count), floor),
    changed: (change, floor) => say('stockchange.report', stockChangeReport(change), floor),
  };
}

const wall = (instant: string) => wallTime(new Date(instant));

function entryOrderConfirm(order: Inbound, receipt: Receipt): string {
  const head = tag(
    'entryOrder',
    leaf('totalOrderLines', receipt.lots.length),
    leaf('entryOrderCode', order.code),
    leaf('ownerCode', order.ownerCode),
    leaf('warehouseCode', warehouse.code),
    leaf('entryOrderId', order.id),
    leaf('entryOrderType', 'CGRK'),
    leaf('outBizCode', receipt.no),
    leaf('confirmType', '0'),
    leaf('status', 'FULFILLED'),
    leaf('operateTime', wall(receipt.at)),
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

function controlConfirm(lock: Lock, confirmation: Confirmation): string {
  const receipt = receiptElements(lock, confirmation);
  const lines = lock.locked.map((lot) => tag('line', ...lotLeaves(lot)));
  const elements = [
    leaf('receiptNo', receipt.receiptNo),
    leaf('depositorName', receipt.depositor.name),
    leaf('depositorUscc', receipt.depositor.uscc),
    leaf('goods', receipt.goods),
    leaf('quality', receipt.quality),
    leaf('packaging', receipt.packaging),
    leaf('lossStandard', receipt.lossStandard),
    leaf('storagePlace', receipt.storagePlace),
    leaf('storageFrom', wallTime(receipt.storageFrom)),
    leaf('storageTo', wallTime(receipt.storageTo)),
    leaf('storageFee', receipt.storageFee),
    leaf('issuerName', receipt.issuer.name),
    leaf('issuerUscc', receipt.issuer.uscc),
    leaf('issueTime', wallTime(receipt.issuedAt)),
    tag('receiptLines', ...lines),
  ];
  const control = [
    leaf('lockCode', lock.code),
    leaf('lockId', lock.id),
    leaf('pledgeeName', lock.pledgee.name),
    leaf('supervisorName', warehouse.name),
    leaf('supervisorUscc', warehouse.uscc),
    leaf('confirmTime', wall(confirmation.at)),
  ];
  const sealed = tag('receipt', ...elements, leaf('sealSha256', sha256(elements.join(''))));
  return tag('control', ...control) + tag('lines', ...lines) + sealed;
}

function stockoutConfirm(order: Outbound, left: Departure): string {
  const head = tag(
    'deliveryOrder',
    leaf('totalOrderLines', order.lots.length),
    leaf('deliveryOrderCode', order.code),
    leaf('deliveryOrderId', order.id),
    leaf('warehouseCode', warehouse.code),
    leaf('orderType', 'PTCK'),
    leaf('status', 'DELIVERED'),
    leaf('outBizCode', left.no),
    leaf('confirmType', '0'),
    leaf('orderConfirmTime', wall(left.at)),
    tag('extendProps', leaf('weighTicket', left.weighTicket)),
  );
  const lines = (left.lots ?? order.lots).map((lot, index) =>
    tag('orderLine', leaf('orderLineNo', index + 1), ...movedGoods(lot)),
  );
  return head + tag('orderLines', ...lines);
}

/** `quantity` is the signed difference, `totalQty` what was counted. */
function inventoryReport(count: Count): string {
  const items = count.lots.map(({ lotNo, itemCode, uom, qty, book }) =>
    tag(
      'item',
      leaf('itemCode', itemCode),
      leaf('inventoryType', 'ZP'),
      leaf('quantity', qty - book),
      leaf('totalQty', qty),
      leaf('batchCode', lotNo),
      tag('extendProps', leaf('uom', uom)),
    ),
  );
  return [
    leaf('totalPage', 1),
    leaf('currentPage', 1),
    leaf('pageSize', items.length),
    leaf('warehouseCode', warehouse.code),
    leaf('checkOrderCode', count.code),
    leaf('ownerCode', count.ownerCode),
    leaf('checkTime', wall(count.at)),
    leaf('outBizCode', count.no),
    leaf('adjustType', 'CHECK'),
    tag('items', ...items),
  ].join('');
}

const orderTypes = { loss: 'BSYK', merge: 'HPTZ', unit: 'CNJG', move: 'DBCK' } as const;

/** One item: its lots stand in `batchs`, whose signed quantities add up to the item's when they are of one unit. */
function stockChangeReport(change: Change): string {
  const [first] = change.lots;
  const batches = change.lots.map(({ lotNo, uom, qty }) =>
    tag(
      'batch',
      leaf('batchCode', lotNo),
      leaf('inventoryType', 'ZP'),
      leaf('quantity', qty),
      tag('extendProps', leaf('uom', uom)),
    ),
  );
  const item = tag(
    'item',
    leaf('ownerCode', change.ownerCode),
    leaf('warehouseCode', warehouse.code),
    leaf('orderCode', `${change.no}-D`),
    leaf('orderType', orderTypes[change.why]),
    leaf('outBizCode', change.no),
    leaf('itemCode', first?.itemCode ?? ''),
    leaf('inventoryType', 'ZP'),
    leaf('quantity', netOf(change)),
    leaf('changeTime', wall(change.at)),
    tag('batchs', ...batches),
    tag('extendProps', leaf('uom', first?.uom ?? '')),
  );
  return tag('items', item);
}

/** In the unit of the first lot: what was measured anew adds up to nothing. */
function netOf({ why, lots }: Change): number {
  return why === 'unit' ? 0 : lots.reduce((sum, { qty }) => sum + qty, 0);
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
async function post(method: string, inside: string, floor: Floor, caller: Caller): Promise<void> {
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
    sign: sign(parameters, body, floor.key('callbackSecret.txt').trim()),
  });
  const answer = await floor.post({
    path: `/qimen?${query.toString()}`,
    headers: { 'content-type': 'text/xml; charset=utf-8' },
    body,
  });
  const response = readXml(answer.body, 'response');
  if (!response || text(response, 'flag') !== 'success')
    throw new Error(`the hub did not take ${method}: ${answer.body.toString().slice(0, 300)}`);
}
