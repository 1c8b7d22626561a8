/**
 * FLUX (富勒 WMS): forms that carry JSON, in both directions. A message holds a batch of orders, of which some may be taken
 * and others not; we send one order in each, and read in `resultInfo` what became of that one.
 */
import type { Message } from '../../../contracts/contract.ts';
import { Failure, type FailureCode } from '../../../contracts/failures.ts';
import { parseJson } from '../../../contracts/gate/json.ts';
import { FluxAnswer, FluxOrderState } from '../../../contracts/wms/flux.wire.ts';
import { FluxStockPage } from '../../../contracts/wms/fluxStock.wire.ts';
import type { wms } from '../../../contracts/wms/wms.ts';
import * as map from '../../../mappings/wms/flux.ts';
import { assertAnswered, verdictOf } from '../../../mappings/wms/fluxCodes.ts';
import { lotsOf, stockAskedOf, stockOf } from '../../../mappings/wms/fluxStock.ts';
import { localTimeOf } from '../../../mappings/wms/localTime.ts';
import type { Dialect, Reply } from '../../adapter.ts';
import type { Wire } from '../../wire.ts';
import { fluxForm } from './fluxForm.ts';
import { receiveFlux } from './fluxNotices.ts';

const formType = { 'content-type': 'application/x-www-form-urlencoded; charset=UTF-8' } as const;
/** A page of a full stock answer: lots of some eight fields each. */
const answerLimits = { bytesMax: 2_000_000, nodesMax: 60_000 };
const pageSizeDefault = '500';
const lotsMax = 5000;

export const fluxDialect: Dialect<typeof wms> = {
  operations: {
    announceInbound: async (notice, wire) =>
      map.inboundAcceptedOf(await put('putASNData', 'ASN', map.asnOf(notice), wire)),
    queryInbound: (query, wire) => enquire('queryASNStatus', 'ASNQ', map.asnAskedOf(query), wire, map.inboundEnquiryOf),
    lockStock: async (lock, wire) => map.stockLockedOf(await put('putLockData', 'LOCK', map.lockOf(lock), wire)),
    queryLock: (query, wire) => enquire('queryLockStatus', 'LOCKQ', map.lockAskedOf(query), wire, map.lockEnquiryOf),
    unlockStock: async (unlock, wire) =>
      map.stockLockedOf(await put('putUnlockData', 'UNLOCK', map.unlockOf(unlock), wire)),
    queryUnlock: (query, wire) =>
      enquire('queryLockStatus', 'LOCKQ', map.lockAskedOf(query), wire, map.unlockEnquiryOf),
    orderOutbound: async (order, wire) => map.outboundAcceptedOf(await put('putSOData', 'SO', map.soOf(order), wire)),
    queryOutbound: (query, wire) => enquire('querySOStatus', 'SOQ', map.soAskedOf(query), wire, map.outboundEnquiryOf),
    readStock: async (asked, wire) => stockOf(await pagesOf('queryINVData', 'INVQ', stockAskedOf(asked), wire)),
    readLots: async (asked, wire) => lotsOf(await pagesOf('queryLOTData', 'LOTQ', stockAskedOf(asked), wire)),
  },
  // FLUX has no word for taking back what was told.
  tells: ['goodsReceived', 'controlConfirmed', 'goodsOutbound', 'stockCounted', 'stockChanged'],
  receive: receiveFlux,
  refuse: (failure) => refusal(failure.type, failure.message),
};

interface Order {
  readonly OrderNo: string;
  readonly OrderType: string;
}

/** Sends one order. What is returned was taken, now or the first time. */
async function put(method: string, messageid: string, order: Order, wire: Wire): Promise<{ WMSOrderNo: string }> {
  const answer = await exchange(method, messageid, { xmldata: { header: [order] } }, wire);
  const verdict = verdictOf(answer.Response.return, order);
  if (verdict.verdict === 'unknownNumber')
    throw new Failure('SYSTEM_REFUSED', { detail: 'the warehouse knows no such number: 1001', externalCode: '1001' });
  // The mapping refuses an answer without the number; then what was done is not known.
  return { WMSOrderNo: verdict.WMSOrderNo ?? '' };
}

async function enquire<R>(
  method: string,
  messageid: string,
  asked: Order,
  wire: Wire,
  read: (state: Message<typeof FluxOrderState>) => R,
) {
  const { Response } = await exchange(method, messageid, { xmldata: { data: { header: [asked] } } }, wire);
  if (Response.return.returnFlag !== '1') {
    const { verdict } = verdictOf(Response.return, asked);
    if (verdict === 'unknownNumber') return { outcome: 'notFound' as const };
    throw new Failure('OUTCOME_UNKNOWN', { detail: 'the order is there, and its state is not told' });
  }
  assertAnswered(Response.return);
  const [order] = Response.orderinfo ?? [];
  const state = FluxOrderState.check(order);
  if (state.OrderNo !== asked.OrderNo || state.OrderType !== asked.OrderType)
    throw new Failure('ANSWER_UNVERIFIED', { detail: 'the answer is not about the order asked for' });
  return read(state);
}

type Page = Message<typeof FluxStockPage>;

/** All pages, as they were at one moment: when something moves in between, nobody could say what the sum is. */
async function pagesOf(method: string, messageid: string, asked: ReturnType<typeof stockAskedOf>, wire: Wire) {
  const size = wire.system.settings['pageSize'] ?? pageSizeDefault;
  const item: Page['item'][number][] = [];
  let first: Page | undefined;
  for (let pageNo = 1; first === undefined || item.length < Number(first.TotalCount); pageNo += 1) {
    const page = await pageOf(method, messageid, { ...asked, PageSize: size, PageNo: String(pageNo) }, wire);
    first ??= page;
    if (page.Sequence !== first.Sequence || page.TotalCount !== first.TotalCount)
      throw new Failure('SYSTEM_BUSY', { detail: 'stock moved while it was read' });
    if (page.item.length === 0 && item.length < Number(first.TotalCount))
      throw new Failure('OUTCOME_UNKNOWN', {
        detail: `page ${pageNo} is empty, and ${first.TotalCount} lots were told`,
      });
    item.push(...page.item);
    if (item.length > lotsMax)
      throw new Failure('OUTCOME_UNKNOWN', { detail: `more than ${lotsMax} lots: ask for one material at a time` });
  }
  return { AsOf: first.AsOf, Sequence: first.Sequence, item };
}

async function pageOf(
  method: string,
  messageid: string,
  asked: ReturnType<typeof stockAskedOf> & { PageSize: string; PageNo: string },
  wire: Wire,
): Promise<Page> {
  const { Response } = await exchange(method, messageid, { xmldata: { data: { header: [asked] } } }, wire);
  assertAnswered(Response.return);
  const page = FluxStockPage.check(Response.items);
  const isAsked = ({ CustomerID, WarehouseID, SKU }: Pick<Page, 'CustomerID' | 'WarehouseID' | 'SKU'>) =>
    CustomerID === asked.CustomerID &&
    WarehouseID === asked.WarehouseID &&
    (asked.SKU === undefined || SKU === asked.SKU);
  if (!isAsked(page) || page.SKU !== asked.SKU || page.PageNo !== asked.PageNo || !page.item.every(isAsked))
    throw new Failure('ANSWER_UNVERIFIED', { detail: 'the stock of something else was answered' });
  return page;
}

async function exchange(method: string, messageid: string, content: object, wire: Wire) {
  const fields = {
    method,
    client_customerid: setting(wire, 'customerId'),
    client_db: setting(wire, 'db'),
    messageid,
    apptoken: setting(wire, 'appToken'),
    appkey: setting(wire, 'appKey'),
    timestamp: localTimeOf(new Date().toISOString()),
    format: 'JSON',
  };
  const body = fluxForm(fields, JSON.stringify(content), wire.keys.secret('appSecret'));
  const path = wire.system.settings['path'] ?? '/';
  const answer = await wire.send({ method: 'POST', path, headers: formType, body });
  if (answer.status !== 200)
    throw new Failure('OUTCOME_UNKNOWN', { detail: `HTTP ${answer.status}`, externalCode: String(answer.status) });
  return FluxAnswer.check(parseJson(answer.body, answerLimits));
}

function setting(wire: Wire, name: string): string {
  const value = wire.system.settings[name];
  if (value === undefined) throw new Error(`${wire.system.id} has no setting ${name}`);
  return value;
}

const messageCharsMax = 500;

/** FLUX answers 200 whatever it thinks; the warehouse reads `returnFlag`. */
function refusal(type: FailureCode, message: string): Reply {
  const answer = {
    returnCode: refusalCodes[type] ?? '0001',
    returnDesc: message.slice(0, messageCharsMax),
    returnFlag: '0',
    resultInfo: '',
  };
  return {
    status: 200,
    headers: { 'content-type': 'application/json; charset=utf-8' },
    body: Buffer.from(JSON.stringify({ Response: { return: answer } })),
  };
}

const refusalCodes: Partial<Record<FailureCode, string>> = {
  SIGNATURE_MISMATCH: 'S001',
  TIMESTAMP_OUTSIDE_WINDOW: 'S003',
  METHOD_UNKNOWN: 'S004',
  BODY_MALFORMED: 'S005',
  BODY_TOO_LARGE: 'S005',
  OVERLOADED: 'B001',
  INTERNAL: 'B001',
  VERSION_CONFLICT: 'B001',
};
