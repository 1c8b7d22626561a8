/**
 * GS1 EPCIS 2.0 in JSON: events that a warehouse captures at the hub, and its repository that the hub asks.
 *
 * Known from the standard: documents, events, their lists, error declarations, `GET /events` with its parameters and pages.
 * Chosen: which events a warehouse sends; that a lot is an LGTIN; that owners are named by
 * `https://ns.lianshu.example/party/<USCC>`; the extension `lsh:bookQuantityList` of a count; the signature, which EPCIS
 * leaves to the transport (adapters/wms/README.md).
 */
import { Type, type TProperties } from 'typebox';
import { contract, strict } from '../contract.ts';

function open<P extends TProperties>(properties: P) {
  return Type.Object(properties);
}

const Uri = Type.String({ minLength: 1, maxLength: 256, pattern: '^[!-~]+$' });
/** A bare word of the Core Business Vocabulary (CBV). */
const Word = Type.String({ minLength: 1, maxLength: 64, pattern: '^[a-z_]+$' });
const Time = Type.String({ format: 'date-time', maxLength: 35 });
const EventId = Type.String({
  maxLength: 100,
  pattern:
    '^(ni:///sha-256;[0-9a-f]{64}\\?ver=CBV2\\.0|urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$',
});
/** JSON has one kind of number; the mapping takes those only that are exact in three decimals. */
const Quantities = Type.Array(
  open({
    epcClass: Uri,
    quantity: Type.Number({ minimum: 0, maximum: 999_999_999_999 }),
    uom: Type.Optional(Type.String({ pattern: '^[A-Z0-9]{2,3}$' })),
  }),
  { minItems: 1, maxItems: 500 },
);
const Party = { type: Word };

const common = {
  eventID: EventId,
  eventTime: Time,
  /** Mandatory in EPCIS: the wall clock where it happened. */
  eventTimeZoneOffset: Type.String({ pattern: '^[+-]\\d{2}:\\d{2}$', maxLength: 6 }),
  bizStep: Word,
  disposition: Type.Optional(Word),
  bizLocation: open({ id: Uri }),
  bizTransactionList: Type.Optional(
    Type.Array(open({ type: Type.String({ minLength: 1, maxLength: 128 }), bizTransaction: Uri }), { maxItems: 20 }),
  ),
  sourceList: Type.Optional(Type.Array(open({ ...Party, source: Uri }), { maxItems: 10 })),
  destinationList: Type.Optional(Type.Array(open({ ...Party, destination: Uri }), { maxItems: 10 })),
  errorDeclaration: Type.Optional(
    open({
      declarationTime: Time,
      reason: Word,
      correctiveEventIDs: Type.Optional(Type.Array(EventId, { maxItems: 10 })),
    }),
  ),
};

export const EpcisObjectEvent = contract(
  'wms/epcis-object-event',
  open({
    type: Type.Literal('ObjectEvent'),
    ...common,
    action: Type.Enum(['ADD', 'OBSERVE', 'DELETE']),
    quantityList: Quantities,
    'lsh:bookQuantityList': Type.Optional(Quantities),
  }),
);

/** Lots become other lots: merged, split, measured anew. */
const EpcisTransformationEvent = contract(
  'wms/epcis-transformation-event',
  open({
    type: Type.Literal('TransformationEvent'),
    ...common,
    inputQuantityList: Quantities,
    outputQuantityList: Quantities,
  }),
);

const Event = Type.Union([EpcisObjectEvent.schema, EpcisTransformationEvent.schema]);
export const EpcisEvent = contract('wms/epcis-event', Event);

export const EpcisDocument = contract(
  'wms/epcis-document',
  open({
    '@context': Type.Unknown(),
    type: Type.Literal('EPCISDocument'),
    schemaVersion: Type.Literal('2.0'),
    creationDate: Time,
    epcisBody: open({
      eventList: Type.Array(open({ type: Type.String({ maxLength: 64 }) }), { minItems: 1, maxItems: 100 }),
    }),
  }),
);

/** An event that was declared wrong, and what stands in its place. */
export const EpcisCorrection = contract(
  'wms/epcis-correction',
  strict({ wrong: Event, instead: Type.Array(Event, { maxItems: 10 }) }),
);

/** Parameters of `GET /events`. */
export const EpcisEventsAsked = contract(
  'wms/epcis-events-asked',
  strict({ GE_eventTime: Time, LT_eventTime: Time, EQ_bizLocation: Uri }),
);
export const EpcisQueryDocument = contract(
  'wms/epcis-query-document',
  open({
    type: Type.Literal('EPCISQueryDocument'),
    schemaVersion: Type.Literal('2.0'),
    epcisBody: open({
      queryResults: open({ resultsBody: open({ eventList: Type.Array(Event, { maxItems: 1000 }) }) }),
    }),
  }),
);
/** The events of all pages that are of the owner asked for. */
export const EpcisEvents = contract('wms/epcis-events', strict({ eventList: Type.Array(Event, { maxItems: 5000 }) }));
