/**
 * What a FLUX warehouse tells: a form of the same kind, `orderinfo` in place of `header`. A batch is taken in part, as FLUX
 * itself takes ours: the orders that we understand become facts, and the others are named in `resultInfo`.
 */
import { Type } from 'typebox';
import { contract } from '../../../contracts/contract.ts';
import { Failure, isFailure } from '../../../contracts/failures.ts';
import { parseJson } from '../../../contracts/gate/json.ts';
import * as map from '../../../mappings/wms/flux.ts';
import { stockChangedOf, stockCountedOf } from '../../../mappings/wms/fluxStock.ts';
import { instantOf } from '../../../mappings/wms/localTime.ts';
import type { Inbound, Received } from '../../adapter.ts';
import type { Wire } from '../../wire.ts';
import { fluxFields, isFluxSigned } from './fluxForm.ts';

/** How far a callback's timestamp may be from our own clock, in real time. */
const timestampWindowMs = 15 * 60_000;
const ordersMax = 100;
const messageCharsMax = 500;

type Told = Received['notices'][number];

/** The mappings check what they are given, so an order enters as it is. */
const notices: Readonly<Record<string, { readonly messageid: string; readonly read: (order: never) => Told }>> = {
  confirmASNData: {
    messageid: 'ASNCF',
    read: (order) => ({ notice: 'goodsReceived', message: map.goodsReceivedOf(order) }),
  },
  confirmSOData: {
    messageid: 'SOCF',
    read: (order) => ({ notice: 'goodsOutbound', message: map.goodsOutboundOf(order) }),
  },
  confirmLockData: {
    messageid: 'LOCKCF',
    read: (order) => ({ notice: 'controlConfirmed', message: map.controlConfirmedOf(order) }),
  },
  inventoryReport: {
    messageid: 'INVR',
    read: (order) => ({ notice: 'stockCounted', message: stockCountedOf(order) }),
  },
  confirmINVChange: {
    messageid: 'INVCHG',
    read: (order) => ({ notice: 'stockChanged', message: stockChangedOf(order) }),
  },
};

const Batch = contract(
  'wms/flux-batch',
  Type.Object({
    xmldata: Type.Object({
      data: Type.Object({ orderinfo: Type.Array(Type.Object({}), { minItems: 1, maxItems: ordersMax }) }),
    }),
  }),
);

export async function receiveFlux(inbound: Inbound, wire: Wire): Promise<Received> {
  const { read, data } = verified(inbound, wire);
  const orders = Batch.check(parseJson(Buffer.from(data, 'utf8'))).xmldata.data.orderinfo;
  const taken: Told[] = [];
  const refused: { order: object; failure: Failure }[] = [];
  for (const order of orders) {
    try {
      taken.push(read(order as never));
    } catch (thrown) {
      if (!isFailure(thrown)) throw thrown;
      refused.push({ order, failure: thrown });
    }
  }
  const [first] = refused;
  if (first && taken.length === 0) throw first.failure;
  const answer = {
    returnCode: first ? '0001' : '0000',
    returnDesc: first ? `${refused.length} of ${orders.length} were not taken` : 'ok',
    returnFlag: first ? '2' : '1',
    resultInfo: first ? refused.map(resultOf) : '',
  };
  return {
    notices: taken,
    reply: {
      status: 200,
      headers: { 'content-type': 'application/json; charset=utf-8' },
      body: Buffer.from(JSON.stringify({ Response: { return: answer } })),
    },
  };
}

/** Signature first, over `data` as it was encoded; then everything that is not signed must be as agreed. */
function verified(inbound: Inbound, wire: Wire): { read: (order: never) => Told; data: string } {
  const fields = fluxFields(inbound.body);
  if (!isFluxSigned(fields, wire.keys.secret('callbackSecret'))) throw new Failure('SIGNATURE_MISMATCH');
  const { settings } = wire.system;
  const fixed = {
    appkey: settings['appKey'],
    apptoken: settings['appToken'],
    client_customerid: settings['customerId'],
    client_db: settings['db'],
    format: 'JSON',
  };
  const asAgreed = Object.entries(fixed).every(([name, value]) => value !== undefined && fields[name] === value);
  if (!asAgreed || inbound.method !== 'POST' || Object.keys(inbound.query).length > 0)
    throw new Failure('SIGNATURE_MISMATCH', { detail: 'the fields are not the agreed ones' });
  if (Math.abs(Date.now() - timeOf(fields['timestamp'] ?? '')) > timestampWindowMs)
    throw new Failure('TIMESTAMP_OUTSIDE_WINDOW');
  const method = fields['method'] ?? '';
  const notice = Object.hasOwn(notices, method) ? notices[method] : undefined;
  if (!notice || notice.messageid !== fields['messageid'])
    throw new Failure('METHOD_UNKNOWN', { detail: `the hub takes no ${method.slice(0, 64)}` });
  return { read: notice.read, data: fields['data'] ?? '' };
}

function timeOf(timestamp: string): number {
  try {
    return Date.parse(instantOf(timestamp));
  } catch {
    return 0;
  }
}

const named = ['OMSOrderNo', 'outBizCode', 'OrderType', 'CustomerID', 'WarehouseID'] as const;

/** Names the order as it names itself, as far as it does. */
function resultOf({ order, failure }: { order: object; failure: Failure }) {
  const text = (name: (typeof named)[number]) => {
    const value = (order as Record<string, unknown>)[name];
    return typeof value === 'string' ? value.slice(0, 50) : '';
  };
  return {
    OrderNo: text('OMSOrderNo') || text('outBizCode'),
    OrderType: text('OrderType'),
    CustomerID: text('CustomerID'),
    WarehouseID: text('WarehouseID'),
    errorcode: '0001',
    errordescr: `${failure.type}: ${failure.message}`.slice(0, messageCharsMax),
  };
}
