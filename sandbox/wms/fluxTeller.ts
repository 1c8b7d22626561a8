/** How the warehouse tells on FLUX what its people did: forms like those it takes, with `orderinfo` inside. */
import { warehouse } from '../world.ts';
import type { Change, Confirmation, Floor, Lock, LotGoods, Why } from './floor.ts';
import { sha256 } from './floorDesk.ts';
import { receiptElements, type Teller } from './floorPeople.ts';
import { form, type Json, measured, type Site } from './fluxWire.ts';
import { wallTime } from './qimenWire.ts';

const wall = (instant: string) => wallTime(new Date(instant));

export function fluxTeller(site: Site): Teller {
  const say = (method: string, messageid: string, order: Json, floor: Floor) =>
    post({ method, messageid, data: JSON.stringify({ xmldata: { data: { orderinfo: [order] } } }) }, floor, site);
  return {
    received: (order, receipt, floor) =>
      say(
        'confirmASNData',
        'ASNCF',
        {
          OMSOrderNo: order.code,
          WMSOrderNo: order.id,
          OrderType: 'PO',
          ...placeOf(order.ownerCode),
          Status: '40',
          Desc: '完全收货',
          ConfirmNo: receipt.no,
          item: receipt.lots.map((lot) => ({
            ...lotFields(lot, 'ReceivedQty'),
            LineNo: lot.lineNo,
            ExpectedQty: measured(lot.planQty, lot.uom).qty,
            ReceivedTime: wall(receipt.at),
            LotAtt08: 'ZP',
          })),
        },
        floor,
      ),
    left: (order, departure, floor) =>
      say(
        'confirmSOData',
        'SOCF',
        {
          OMSOrderNo: order.code,
          WMSOrderNo: order.id,
          OrderType: 'SO',
          ...placeOf(order.ownerCode),
          Status: '99',
          DeliveryNo: departure.no,
          WeighTicket: departure.weighTicket,
          item: order.lots.map((lot) => ({ ...lotFields(lot, 'QtyShipped'), ShippedTime: wall(departure.at) })),
        },
        floor,
      ),
    controlled: (lock, confirmation, floor) => say('confirmLockData', 'LOCKCF', lockConfirm(lock, confirmation), floor),
    counted: (count, floor) =>
      say(
        'inventoryReport',
        'INVR',
        {
          checkOrderCode: count.code,
          outBizCode: count.no,
          ...placeOf(count.ownerCode),
          checkTime: wall(count.at),
          item: count.lots.map((lot) => ({
            ...lotFields(lot, 'CountQty'),
            BookQty: measured(lot.book, lot.uom).qty,
            ...(lot.qty === lot.book ? {} : { ReasonCode: 'PD' }),
          })),
        },
        floor,
      ),
    changed: (change, floor) => say('confirmINVChange', 'INVCHG', changeOf(change), floor),
  };
}

const reasons: Readonly<Record<Why, string>> = { loss: 'SH', merge: 'PC', unit: 'DW', move: 'DB' };

function changeOf(change: Change): Json {
  return {
    outBizCode: change.no,
    Sequence: String(change.sequence),
    ...placeOf(change.ownerCode),
    ChangeTime: wall(change.at),
    ReasonCode: reasons[change.why],
    item: change.lots.map((lot) => lotFields(lot, 'Qty')),
  };
}

function lockConfirm(lock: Lock, confirmation: Confirmation): Json {
  const receipt = receiptElements(lock, confirmation);
  const item = lock.locked.map((lot) => lotFields(lot, 'Qty'));
  const elements = {
    ReceiptNo: receipt.receiptNo,
    DepositorName: receipt.depositor.name,
    DepositorUSCC: receipt.depositor.uscc,
    Goods: receipt.goods,
    Quality: receipt.quality,
    Packaging: receipt.packaging,
    LossStandard: receipt.lossStandard,
    StoragePlace: receipt.storagePlace,
    StorageFrom: wallTime(receipt.storageFrom),
    StorageTo: wallTime(receipt.storageTo),
    StorageFee: receipt.storageFee,
    IssuerName: receipt.issuer.name,
    IssuerUSCC: receipt.issuer.uscc,
    IssueTime: wallTime(receipt.issuedAt),
    item,
  };
  return {
    OMSOrderNo: lock.code,
    WMSOrderNo: lock.id,
    OrderType: 'LK',
    SupervisorName: warehouse.name,
    SupervisorUSCC: warehouse.uscc,
    ConfirmTime: wall(confirmation.at),
    item,
    Receipt: { ...elements, SealSHA256: sha256(JSON.stringify(elements)) },
  };
}

function placeOf(ownerCode: string) {
  return { CustomerID: ownerCode, WarehouseID: warehouse.code };
}

function lotFields(lot: LotGoods, quantityName: string): Json {
  const { qty, UOM } = measured(lot.qty, lot.uom);
  return { SKU: lot.itemCode, LotAtt04: lot.lotNo, [quantityName]: qty, UOM };
}

/** Posts to the hub and believes it only when all was taken. */
async function post(
  message: { method: string; messageid: string; data: string },
  floor: Floor,
  site: Site,
): Promise<void> {
  const answer = await floor.post({
    path: '/flux',
    headers: { 'content-type': 'application/x-www-form-urlencoded; charset=UTF-8' },
    body: form(site, { ...message, secret: floor.key('callbackSecret.txt').trim() }),
  });
  const { Response } = JSON.parse(answer.body.toString()) as { Response?: { return?: { returnFlag?: string } } };
  if (Response?.return?.returnFlag !== '1')
    throw new Error(`the hub did not take ${message.method}: ${answer.body.toString().slice(0, 300)}`);
}
