/** GS1 EPCIS events as canonical facts. Every event is its own fact; its number is the `eventID`. */
import { Failure } from '../../contracts/failures.ts';
import { mapping } from '../../contracts/mapping.ts';
import * as wire from '../../contracts/wms/epcis.wire.ts';
import { Movements, ReportCorrected, StockChanged, StockCounted } from '../../contracts/wms/stock.ts';
import { GoodsOutbound, GoodsReceived, wms } from '../../contracts/wms/wms.ts';
import {
  arrivalDispositions,
  bizSteps,
  countDispositions,
  errorReasons,
  locations,
  transformations,
} from './epcisCodes.ts';
import {
  anyTransactionOf,
  assertAction,
  changesOf,
  type Event,
  isSame,
  lotOf,
  numberOf,
  ownerOf,
  signed,
  sumOf,
  transactionOf,
} from './epcisEvent.ts';

const decided = 'the dialect has chosen by it what the event is';
const sameEvent = 'the wall clock there; eventTime says the instant';

const held = 'the dialect has held it against what was asked';
const compared = 'people who compare the two have the events themselves';

export const goodsReceivedOf = mapping(
  'wms.epcis.goodsReceived',
  wire.EpcisObjectEvent,
  GoodsReceived,
  (event) => {
    assertAction(event, ['ADD', 'OBSERVE']);
    return {
      noticeNo: transactionOf(event, ['desadv', 'po']),
      receiptNo: numberOf(event),
      warehouseCode: locations.of(event.bizLocation.id, '#/bizLocation/id'),
      final: arrivalDispositions.of(event.disposition ?? '', '#/disposition') === 'final',
      receivedAt: event.eventTime,
      lots: event.quantityList.map(lotOf),
    };
  },
  {
    drops: {
      '/type': decided,
      '/bizStep': decided,
      '/eventTimeZoneOffset': sameEvent,
      '/destinationList': 'the notice says whose goods they are',
    },
  },
);

export const goodsOutboundOf = mapping(
  'wms.epcis.goodsOutbound',
  wire.EpcisObjectEvent,
  GoodsOutbound,
  (event) => {
    assertAction(event, ['DELETE', 'OBSERVE']);
    locations.of(event.bizLocation.id, '#/bizLocation/id');
    return {
      releaseNo: transactionOf(event, ['desadv']),
      outboundNo: numberOf(event),
      outboundAt: event.eventTime,
      lots: event.quantityList.map(lotOf),
    };
  },
  {
    drops: {
      '/type': decided,
      '/bizStep': decided,
      '/eventTimeZoneOffset': sameEvent,
      '/disposition': 'goods that left are in transit, whatever is said',
      '/sourceList': 'the order says whose goods they are',
    },
  },
);

export const stockCountedOf = mapping(
  'wms.epcis.stockCounted',
  wire.EpcisObjectEvent,
  StockCounted,
  (event) => {
    assertAction(event, ['OBSERVE']);
    const books = (event['lsh:bookQuantityList'] ?? []).map(lotOf);
    const lots = event.quantityList.map(lotOf).map(({ lotNo, materialCode, quantity: counted, unit }) => {
      const book = books.find((each) => each.lotNo === lotNo && each.materialCode === materialCode);
      if (book?.unit !== unit) throw violated('a counted lot has no quantity in lsh:bookQuantityList, or another unit');
      const differs = counted !== book.quantity;
      return {
        lotNo,
        materialCode,
        counted,
        book: book.quantity,
        unit,
        ...(differs ? { reason: 'counted' as const } : {}),
      };
    });
    if (books.length !== lots.length) throw violated('lsh:bookQuantityList names other lots than were counted');
    const said = countDispositions.of(event.disposition ?? '', '#/disposition') === 'differs';
    if (said !== lots.some((lot) => lot.reason !== undefined))
      throw violated('disposition and quantities contradict each other');
    return {
      countNo: numberOf(event),
      reportNo: numberOf(event),
      warehouseCode: locations.of(event.bizLocation.id, '#/bizLocation/id'),
      ownerCode: ownerOf(event),
      countedAt: event.eventTime,
      lots,
    };
  },
  { drops: { '/type': decided, '/bizStep': decided, '/eventTimeZoneOffset': sameEvent } },
);

export const stockChangedOf = mapping(
  'wms.epcis.stockChanged',
  wire.EpcisEvent,
  StockChanged,
  (event) => {
    if (event.type === 'ObjectEvent') assertAction(event, ['DELETE']);
    return {
      changeNo: numberOf(event),
      warehouseCode: locations.of(event.bizLocation.id, '#/bizLocation/id'),
      ownerCode: ownerOf(event),
      at: event.eventTime,
      reason:
        event.type === 'TransformationEvent' ? transformations.of(event.bizStep, '#/bizStep') : ('damaged' as const),
      lots: changesOf(event),
    };
  },
  { drops: { '/eventTimeZoneOffset': sameEvent, '/disposition': 'the step says what became of the goods' } },
);

/** Both sides of a correction as they stand in the events; the books are left alone. */
export const reportCorrectedOf = mapping(
  'wms.epcis.reportCorrected',
  wire.EpcisCorrection,
  ReportCorrected,
  ({ wrong, instead }) => {
    const { errorDeclaration } = wrong;
    if (!errorDeclaration) throw violated('the event declares no error');
    const reason = errorReasons.of(errorDeclaration.reason, '#/errorDeclaration/reason');
    if (reason === 'didNotOccur' && instead.length > 0)
      throw violated('an event that did not occur has nothing in its place');
    const notice = noticeOf(wrong);
    if (instead.some((event) => noticeOf(event) !== notice || event.bizLocation.id !== wrong.bizLocation.id))
      throw violated('what stands in the place of an event is another kind of event, or of another place');
    const told = sidesOf(wrong);
    const correct = instead.flatMap(sidesOf);
    const lots = [...told, ...correct].filter(
      (lot, index, all) => all.findIndex((other) => isSame(other, lot)) === index,
    );
    const orderNo = anyTransactionOf(wrong);
    const [correctOrderNo, ...others] = new Set(instead.map(anyTransactionOf));
    if (others.length > 0) throw violated('what stands in the place of an event is of several orders');
    return {
      notice,
      reportNo: numberOf(wrong),
      ...(orderNo === undefined ? {} : { orderNo }),
      ...(correctOrderNo === undefined || correctOrderNo === orderNo ? {} : { correctOrderNo }),
      warehouseCode: locations.of(wrong.bizLocation.id, '#/wrong/bizLocation/id'),
      declaredAt: errorDeclaration.declarationTime,
      reason,
      lots: lots.map(({ lotNo, materialCode, unit }) => ({
        lotNo,
        materialCode,
        told: sumOf(told, { lotNo, materialCode, unit }),
        correct: sumOf(correct, { lotNo, materialCode, unit }),
        unit,
      })),
    };
  },
  {
    drops: {
      '/wrong/action': compared,
      '/wrong/destinationList': compared,
      '/wrong/disposition': compared,
      '/wrong/errorDeclaration/correctiveEventIDs': 'the dialect has found the events by them',
      '/wrong/eventTime': compared,
      '/wrong/eventTimeZoneOffset': compared,
      '/wrong/sourceList': compared,
      '/instead/[]/action': compared,
      '/instead/[]/destinationList': compared,
      '/instead/[]/disposition': compared,
      '/instead/[]/eventID': 'it is told with the declaration, never as a fact of its own',
      '/instead/[]/eventTime': compared,
      '/instead/[]/eventTimeZoneOffset': compared,
    },
  },
);

export const eventsAskedOf = mapping(
  'wms.epcis.movementsQuery',
  wms.operations.readMovements.request,
  wire.EpcisEventsAsked,
  ({ warehouseCode, from, to }) => ({
    GE_eventTime: from,
    LT_eventTime: to,
    EQ_bizLocation: locations.codeOf(warehouseCode, '#/warehouseCode'),
  }),
  { drops: { '/ownerCode': 'EPCIS cannot ask for an owner in both lists at once: the dialect chooses in the answer' } },
);

export const movementsOf = mapping(
  'wms.epcis.readMovements',
  wire.EpcisEvents,
  Movements,
  ({ eventList }) => ({
    movements: eventList.map((event) => {
      const notice = noticeOf(event);
      if (notice === 'stockCounted') throw violated('a count is no movement');
      const orderNo = anyTransactionOf(event);
      return {
        no: numberOf(event),
        notice,
        ...(orderNo === undefined ? {} : { orderNo }),
        at: event.eventTime,
        withdrawn: event.errorDeclaration !== undefined,
        lots:
          notice === 'goodsReceived' && event.type === 'ObjectEvent'
            ? signed(event.quantityList, '')
            : changesOf(event),
      };
    }),
  }),
  {
    drops: {
      '/eventList/[]/action': 'what was captured was held to it',
      '/eventList/[]/bizLocation': held,
      '/eventList/[]/destinationList': held,
      '/eventList/[]/disposition': 'a list of movements says what went, not what became of it',
      '/eventList/[]/errorDeclaration/correctiveEventIDs': 'those events are in the list themselves',
      '/eventList/[]/errorDeclaration/declarationTime': 'the declaration was a notice of its own',
      '/eventList/[]/errorDeclaration/reason': 'the declaration was a notice of its own',
      '/eventList/[]/eventTimeZoneOffset': sameEvent,
      '/eventList/[]/sourceList': held,
    },
  },
);

const notices = {
  arrival: 'goodsReceived',
  departure: 'goodsOutbound',
  count: 'stockCounted',
  loss: 'stockChanged',
} as const;

/** What an event is told as. @throws Failure EXT_CODE_UNMAPPED for a step of nobody, CONTRACT_VIOLATED when it is none */
export function noticeOf(event: Event): 'goodsReceived' | 'goodsOutbound' | 'stockCounted' | 'stockChanged' {
  if (event.type === 'TransformationEvent') return 'stockChanged';
  const meaning = bizSteps.of(event.bizStep, '#/bizStep');
  if (meaning === 'nothing') throw violated(`${event.bizStep} moves nothing`);
  return notices[meaning];
}

/** Quantities of an event in the signs of the notice that it was told as. */
function sidesOf(event: Event) {
  return noticeOf(event) === 'stockChanged' || event.type === 'TransformationEvent'
    ? changesOf(event)
    : signed(event.quantityList, '');
}

const violated = (detail: string) => new Failure('CONTRACT_VIOLATED', { detail });
