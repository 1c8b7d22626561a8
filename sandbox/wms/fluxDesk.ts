/** The warehouse's desk, as FLUX's methods: each order of a batch is taken or not by itself; a query is about one. */
import type { TwinAnswer } from '../twin.ts';
import { type Floor, lockedOf, type LotGoods, type Reason, Refusal } from './floor.ts';
import { announce, inboundOf, lock, lockOf, orderOut, outboundOf, sha256, stockOf, unlock } from './floorDesk.ts';
import { answered, goodsOf, itemsOf, type Json, measured, required } from './fluxWire.ts';
import { instantOfWallTime, wallTime } from './qimenWire.ts';

interface Done {
  readonly record: { readonly id: string };
  readonly repeated: boolean;
}

interface Method {
  readonly operation: string;
  readonly messageid: string;
  serve(headers: readonly Json[], floor: Floor): TwinAnswer;
}

export const desk: Readonly<Record<string, Method>> = {
  putASNData: { operation: 'announceInbound', messageid: 'ASN', serve: batch('PO', putAsn) },
  putLockData: { operation: 'lockStock', messageid: 'LOCK', serve: batch('LK', putLock) },
  putUnlockData: { operation: 'unlockStock', messageid: 'UNLOCK', serve: batch('UK', putUnlock) },
  putSOData: { operation: 'orderOutbound', messageid: 'SO', serve: batch('SO', putSo) },
  queryASNStatus: { operation: 'queryInbound', messageid: 'ASNQ', serve: state('PO', asnState) },
  querySOStatus: { operation: 'queryOutbound', messageid: 'SOQ', serve: state('SO', soState) },
  queryLockStatus: { operation: 'queryLock', messageid: 'LOCKQ', serve: state('LK', lockState) },
  queryINVData: { operation: 'readStock', messageid: 'INVQ', serve: stock },
  queryLOTData: { operation: 'readLots', messageid: 'LOTQ', serve: stock },
};

const codes: Readonly<Record<Reason, string>> = {
  invalid: '0001',
  unknownNumber: '1001',
  conflict: '1003',
  unknownPlace: '1004',
  short: '2001',
  pledged: '2002',
  noToken: '2003',
  beyondLock: '2004',
};
const exists = '1002';

/** Each order has its row in `resultInfo`; the flag only says whether all, some or none were taken. */
function batch(type: string, take: (order: Json, floor: Floor) => Done): Method['serve'] {
  return (headers, floor) => {
    const rows = headers.map((order) => {
      const { OrderNo = '', OrderType = '', CustomerID = '', WarehouseID = '' } = order;
      const names = { OrderNo, OrderType, CustomerID, WarehouseID };
      try {
        if (OrderType !== type) throw new Refusal('invalid', 'OrderType 不正确');
        const { record, repeated } = take(order, floor);
        const said = repeated
          ? { errorcode: exists, errordescr: '单据已存在' }
          : { errorcode: '0000', errordescr: 'ok' };
        return { ...names, ...said, WMSOrderNo: record.id };
      } catch (thrown) {
        if (!(thrown instanceof Refusal)) throw thrown;
        return { ...names, errorcode: codes[thrown.reason], errordescr: thrown.message };
      }
    });
    const taken = rows.filter((row) => row.errorcode === '0000').length;
    const returnFlag = taken === rows.length ? '1' : taken === 0 ? '0' : '2';
    return answered({ returnCode: returnFlag === '1' ? '0000' : '0001', returnFlag, resultInfo: rows });
  };
}

function putAsn(order: Json, floor: Floor): Done {
  const lines = itemsOf(order, 'detailsItem').map((line) => ({
    lineNo: required(line, 'LineNo'),
    itemName: typeof line['Descr_C'] === 'string' ? line['Descr_C'] : '',
    ...goodsOf(line, 'ExpectedQty'),
  }));
  return announce(floor, { code: required(order, 'OrderNo'), ...placeOf(order), lines });
}

function putLock(order: Json, floor: Floor): Done {
  return lock(floor, {
    code: required(order, 'OrderNo'),
    ...placeOf(order),
    pledgee: { name: required(order, 'PledgeeName'), uscc: required(order, 'PledgeeUSCC') },
    lots: lotsOf(order, 'Qty'),
  });
}

function putUnlock(order: Json, floor: Floor): Done {
  return unlock(floor, {
    code: required(order, 'OrderNo'),
    ownerCode: required(order, 'CustomerID'),
    reason: required(order, 'Reason'),
    lots: lotsOf(order, 'Qty'),
  });
}

function putSo(order: Json, floor: Floor): Done {
  const release = (order['Release'] ?? {}) as Json;
  const validTo = instantOfWallTime(required(release, 'ValidTo'));
  const token = release['ReleaseToken'];
  if (!validTo) throw new Refusal('invalid', 'ValidTo 不正确');
  return orderOut(floor, {
    code: required(order, 'OrderNo'),
    ...placeOf(order),
    pledgeNo: required(release, 'PledgeNo'),
    tokenSha256: typeof token === 'string' && token !== '' ? sha256(token) : '',
    picker: {
      name: required(release, 'PickerName'),
      id: required(release, 'PickerID'),
      carNo: required(release, 'VehicleNo'),
    },
    validTo: validTo.toISOString(),
    lots: lotsOf(order, 'QtyOrdered'),
  });
}

function state(type: string, read: (no: string, floor: Floor) => { id: string; status: string }): Method['serve'] {
  return ([asked = {}], floor) => {
    const { OrderNo = '', OrderType = '' } = asked;
    try {
      if (OrderType !== type) throw new Refusal('invalid', 'OrderType 不正确');
      const { id, status } = read(required(asked, 'OrderNo'), floor);
      const order = { OrderNo, OrderType, WMSOrderNo: id, Status: status };
      return answered({ returnCode: '0000', returnFlag: '1' }, { orderinfo: [order] });
    } catch (thrown) {
      if (!(thrown instanceof Refusal)) throw thrown;
      const row = { OrderNo, OrderType, errorcode: codes[thrown.reason], errordescr: thrown.message };
      return answered({ returnCode: '0001', returnFlag: '0', resultInfo: [row] });
    }
  };
}

function asnState(no: string, floor: Floor) {
  const order = inboundOf(floor, no);
  return { id: order.id, status: order.receipt ? '40' : '00' };
}

const soStates = { left: '99', open: '40', closed: '90' } as const;

function soState(no: string, floor: Floor) {
  const { order, state: now } = outboundOf(floor, no);
  return { id: order.id, status: soStates[now] };
}

function lockState(no: string, floor: Floor) {
  const held = lockOf(floor, no);
  return { id: held.id, status: held.unlock ? '99' : '40' };
}

const pageSizeMax = 500;

/** A page of stock, with the number of the last movement that is in it. */
function stock([asked = {}]: readonly Json[], floor: Floor): TwinAnswer {
  const { CustomerID, WarehouseID, SKU } = asked;
  const [size, no] = [Number(asked['PageSize']), Number(asked['PageNo'])];
  try {
    if (!Number.isInteger(size) || size < 1 || size > pageSizeMax || !Number.isInteger(no) || no < 1)
      throw new Refusal('invalid', '分页参数不正确');
    const lots = stockOf(floor, { ...placeOf(asked), itemCode: typeof SKU === 'string' ? SKU : '' });
    const item = lots.slice((no - 1) * size, no * size).map((lot) => {
      const { qty: Qty, UOM } = measured(lot.onHand, lot.uom);
      const held = measured(Math.min(lot.onHand, lockedOf(floor.memory, lot.lotNo)), lot.uom);
      return { CustomerID, WarehouseID, SKU: lot.itemCode, LotAtt04: lot.lotNo, Qty, QtyHold: held.qty, UOM };
    });
    const items = {
      CustomerID,
      WarehouseID,
      ...(SKU === undefined ? {} : { SKU }),
      PageNo: String(no),
      TotalCount: String(lots.length),
      AsOf: wallTime(floor.clock.now()),
      Sequence: String(floor.memory.sequence),
      item,
    };
    return answered({ returnCode: '0000', returnFlag: '1' }, { items });
  } catch (thrown) {
    if (!(thrown instanceof Refusal)) throw thrown;
    return answered({ returnCode: '0001', returnDesc: thrown.message, returnFlag: '0' });
  }
}

function placeOf(order: Json) {
  return { ownerCode: required(order, 'CustomerID'), warehouseCode: required(order, 'WarehouseID') };
}

function lotsOf(order: Json, quantityName: string): LotGoods[] {
  return itemsOf(order, 'detailsItem').map((line) => ({
    lotNo: required(line, 'LotAtt04'),
    ...goodsOf(line, quantityName),
  }));
}
