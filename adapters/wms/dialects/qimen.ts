/**
 * Qimen (奇门仓储) in private deployment: XML bodies, parameters and an MD5 signature in the query, in both directions.
 * A synchronous answer is not signed; it counts when it parses, keeps its contract and echoes what was asked.
 */
import type { Message } from '../../../contracts/contract.ts';
import { Failure, type FailureCode, isFailure } from '../../../contracts/failures.ts';
import { parseXml, type XmlElement } from '../../../contracts/gate/xml.ts';
import { QimenAnswer, QimenInventory, QimenPlatformError } from '../../../contracts/wms/qimen.wire.ts';
import { QimenStockChanges } from '../../../contracts/wms/qimenStock.wire.ts';
import type { wms } from '../../../contracts/wms/wms.ts';
import * as map from '../../../mappings/wms/qimen.ts';
import { platformFailure, verdictOf } from '../../../mappings/wms/qimenCodes.ts';
import { stockChangedOf, stockCountedOf } from '../../../mappings/wms/qimenStock.ts';
import type { Dialect, Inbound, Received, Reply } from '../../adapter.ts';
import type { Wire } from '../../wire.ts';
import { epochMsOf, isQimenSigned, qimenSignature, qimenTimestamp } from './qimenSign.ts';
import { qimenBody, qimenFields, type QimenValue } from './qimenXml.ts';

/** How far a callback's timestamp may be from our own clock, in real time. */
const timestampWindowMs = 15 * 60_000;
/** A full stock answer has 5000 lots of some ten elements each. */
const answerLimits = { bytesMax: 2_000_000, nodesMax: 100_000 };
const messageCharsMax = 500;
const xmlType = { 'content-type': 'text/xml; charset=utf-8' } as const;

export const qimenDialect: Dialect<typeof wms> = {
  operations: {
    announceInbound: async (notice, wire) =>
      map.inboundAcceptedOf(await ask('entryorder.create', map.entryOrderOf(notice), wire)),
    queryInbound: (query, wire) =>
      enquire('entryorder.query', map.entryOrderQueryOf(query), wire, (fields) =>
        map.inboundEnquiryOf(echoing(fields, 'entryOrder', 'entryOrderCode', query.no)),
      ),
    lockStock: async (lock, wire) => map.stockLockedOf(await ask('private.stock.lock', map.stockLockOf(lock), wire)),
    queryLock: (query, wire) =>
      enquire('private.stock.lock.query', map.lockQueryOf(query), wire, (fields) =>
        map.lockEnquiryOf(echoing(fields, 'lock', 'lockCode', query.no)),
      ),
    unlockStock: async (unlock, wire) =>
      map.stockLockedOf(await ask('private.stock.unlock', map.stockUnlockOf(unlock), wire)),
    queryUnlock: (query, wire) =>
      enquire('private.stock.lock.query', map.lockQueryOf(query), wire, (fields) =>
        map.unlockEnquiryOf(echoing(fields, 'lock', 'lockCode', query.no)),
      ),
    orderOutbound: async (order, wire) =>
      map.outboundAcceptedOf(await ask('stockout.create', map.stockoutOf(order), wire)),
    queryOutbound: (query, wire) =>
      enquire('stockout.query', map.stockoutQueryOf(query), wire, (fields) =>
        map.outboundEnquiryOf(echoing(fields, 'deliveryOrder', 'deliveryOrderCode', query.no)),
      ),
    readStock: async (asked, wire) => {
      const stock = QimenInventory.check(await ask('inventory.query', map.inventoryQueryOf(asked), wire));
      const strange = stock.items.some(
        (item) =>
          item.warehouseCode !== asked.warehouseCode ||
          (asked.materialCode !== undefined && item.itemCode !== asked.materialCode),
      );
      if (strange) throw new Failure('ANSWER_UNVERIFIED', { detail: 'the stock of something else was answered' });
      return map.stockOf(stock);
    },
  },
  // Qimen has no word for taking back what was told.
  tells: ['goodsReceived', 'controlConfirmed', 'goodsOutbound', 'stockCounted', 'stockChanged'],
  receive: async (inbound, wire) => {
    const method = verifiedMethod(inbound, wire);
    const read = Object.hasOwn(notices, method) ? notices[method as keyof typeof notices] : undefined;
    if (!read) throw new Failure('METHOD_UNKNOWN', { detail: `the hub takes no ${method.slice(0, 64)}` });
    const root = parseXml(inbound.body);
    if (root.name !== 'request') throw new Failure('BODY_MALFORMED', { detail: 'the root is no request' });
    return { notices: read(qimenFields(root)), reply: answer('success', '0', 'taken') };
  },
  refuse: (failure) => answer('failure', refusalCodeOf(failure.type), failure.message),
};

type Fields = Record<string, QimenValue>;
type Told = Received['notices'][number];

/** What the warehouse may tell. The mappings check what they are given, so fields enter as they are. */
const notices = {
  'entryorder.confirm': (fields: Fields): Told[] => [
    { notice: 'goodsReceived', message: map.goodsReceivedOf(unchecked(fields)) },
  ],
  'stockout.confirm': (fields: Fields): Told[] => [
    { notice: 'goodsOutbound', message: map.goodsOutboundOf(unchecked(fields)) },
  ],
  'private.control.confirm': (fields: Fields): Told[] => [
    { notice: 'controlConfirmed', message: map.controlConfirmedOf(unchecked(fields)) },
  ],
  'inventory.report': (fields: Fields): Told[] => [
    { notice: 'stockCounted', message: stockCountedOf(unchecked(fields)) },
  ],
  'stockchange.report': (fields: Fields): Told[] =>
    QimenStockChanges.check(fields).items.map((item) => ({ notice: 'stockChanged', message: stockChangedOf(item) })),
} as const;

/** Sends a command; its answer's fields when it was done, now or the first time. */
async function ask<T>(method: string, body: object, wire: Wire): Promise<T> {
  const { verdict, fields, code } = await exchange(method, body, wire);
  if (verdict === 'done') return unchecked(fields);
  throw new Failure('SYSTEM_REFUSED', { detail: `the warehouse knows no such number: ${code}`, externalCode: code });
}

async function enquire<R>(method: string, body: object, wire: Wire, read: (fields: Fields) => R) {
  const { verdict, fields } = await exchange(method, body, wire);
  return verdict === 'done' ? read(fields) : { outcome: 'notFound' as const };
}

async function exchange(method: string, body: object, wire: Wire) {
  const bytes = qimenBody('request', body);
  const query: Record<string, string> = {
    app_key: setting(wire, 'appKey'),
    customerId: setting(wire, 'customerId'),
    format: 'xml',
    method,
    sign_method: 'md5',
    timestamp: qimenTimestamp(Date.now()),
    v: '2.0',
  };
  const sign = qimenSignature(query, bytes, wire.keys.secret('appSecret'));
  const path = `${wire.system.settings['path'] ?? '/'}?${new URLSearchParams({ ...query, sign }).toString()}`;
  const { status, body: answered } = await wire.send({ method: 'POST', path, headers: xmlType, body: bytes });
  if (status !== 200) throw new Failure('OUTCOME_UNKNOWN', { detail: `HTTP ${status}`, externalCode: String(status) });
  const root = readAnswer(answered);
  const fields = qimenFields(root);
  if (root.name === 'error_response') throw platformFailure(QimenPlatformError.check(fields));
  if (root.name !== 'response') throw new Failure('OUTCOME_UNKNOWN', { detail: 'the answer is no response of Qimen' });
  const head: Message<typeof QimenAnswer> = QimenAnswer.check(fields);
  return { verdict: verdictOf(head), fields, code: head.code };
}

/** An answer that cannot be read says nothing about what was done. */
function readAnswer(bytes: Buffer): XmlElement {
  try {
    return parseXml(bytes, answerLimits);
  } catch (thrown) {
    if (!isFailure(thrown)) throw thrown;
    throw new Failure('OUTCOME_UNKNOWN', { detail: `the answer cannot be read: ${thrown.message}`, cause: thrown });
  }
}

/** The answer must be about the number that was asked for. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- as with unchecked() below
function echoing<T>(fields: Fields, part: string, field: string, expected: string): T {
  const inside = fields[part];
  const echoed = typeof inside === 'object' && !Array.isArray(inside) ? inside[field] : undefined;
  if (echoed !== expected)
    throw new Failure('ANSWER_UNVERIFIED', { detail: `the answer is not about the ${field} asked for` });
  return unchecked(fields);
}

const parameters = ['app_key', 'customerId', 'format', 'method', 'sign', 'sign_method', 'timestamp', 'v'] as const;

/** Signature first, over the raw bytes; then every parameter, because the signed text has no separators. */
function verifiedMethod(inbound: Inbound, wire: Wire): string {
  const { query } = inbound;
  const signs = (secret: string) => isQimenSigned(query, inbound.body, secret);
  if (!signs(wire.keys.secret('callbackSecret', signs))) throw new Failure('SIGNATURE_MISMATCH');
  const fixed = {
    app_key: setting(wire, 'appKey'),
    customerId: setting(wire, 'customerId'),
    format: 'xml',
    sign_method: 'md5',
    v: '2.0',
  };
  const asAgreed =
    Object.keys(query).toSorted().join() === parameters.join() &&
    Object.entries(fixed).every(([name, value]) => query[name] === value) &&
    inbound.method === 'POST';
  if (!asAgreed) throw new Failure('SIGNATURE_MISMATCH', { detail: 'the parameters are not the agreed ones' });
  const signedAtMs = epochMsOf(query['timestamp'] ?? '');
  if (signedAtMs === undefined || Math.abs(Date.now() - signedAtMs) > timestampWindowMs)
    throw new Failure('TIMESTAMP_OUTSIDE_WINDOW');
  return query['method'] ?? '';
}

function setting(wire: Wire, name: string): string {
  const value = wire.system.settings[name];
  if (value === undefined) throw new Error(`${wire.system.id} has no setting ${name}`);
  return value;
}

/** Qimen answers 200 whatever it thinks; the warehouse reads `flag`. */
function answer(flag: 'success' | 'failure', code: string, message: string): Reply {
  const carried = message.slice(0, messageCharsMax).replace(/[^\x20-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '?');
  return { status: 200, headers: xmlType, body: qimenBody('response', { flag, code, message: carried }) };
}

function refusalCodeOf(type: FailureCode): string {
  switch (type) {
    case 'SIGNATURE_MISMATCH':
      return 'sign-check-failure';
    case 'TIMESTAMP_OUTSIDE_WINDOW':
      return 'timestamp-check-failure';
    case 'METHOD_UNKNOWN':
      return 'method-unknown';
    case 'OVERLOADED':
    case 'INTERNAL':
    case 'VERSION_CONFLICT':
      return 'S009';
    default:
      return 'S001';
  }
}

/** The mapping that takes it validates it first. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the mapping's own check is what makes it true
function unchecked<T>(fields: Fields): T {
  return fields as T;
}
