/** The hub's capture interface of EPCIS 2.0: who captured, and which facts the events of a document are. */
import { createHash } from 'node:crypto';
import { Failure } from '../../../contracts/failures.ts';
import { parseJson } from '../../../contracts/gate/json.ts';
import { EpcisDocument, EpcisEvent } from '../../../contracts/wms/epcis.wire.ts';
import * as map from '../../../mappings/wms/epcis.ts';
import { bizSteps } from '../../../mappings/wms/epcisCodes.ts';
import type { Event } from '../../../mappings/wms/epcisEvent.ts';
import type { Inbound, Received } from '../../adapter.ts';
import type { Wire } from '../../wire.ts';
import { contentDigest, isSame, verifiedAt } from './httpSignature.ts';

/** How far a signature's time may be from our own clock, in real time. */
const windowSeconds = 15 * 60;
const mediaTypes: readonly string[] = ['application/json', 'application/ld+json'];

export async function receiveEpcis(inbound: Inbound, wire: Wire): Promise<Received> {
  assertSigned(inbound, wire);
  if (inbound.path !== '/capture' || Object.keys(inbound.query).length > 0) throw new Failure('METHOD_UNKNOWN');
  if (inbound.method !== 'POST') throw new Failure('METHOD_NOT_ALLOWED');
  assertAsAgreed(inbound);
  const { eventList } = EpcisDocument.check(parseJson(inbound.body)).epcisBody;
  const events = eventList.map((event) => {
    if (event.type !== 'ObjectEvent' && event.type !== 'TransformationEvent')
      throw new Failure('CONTRACT_VIOLATED', { detail: `the hub takes no ${event.type.slice(0, 64)}` });
    return EpcisEvent.check(event);
  });
  const id = createHash('sha256').update(inbound.body).digest('hex').slice(0, 32);
  return {
    notices: noticesOf(events, wire),
    // Taken when this is sent: there is no job to ask after, and the address only names what was captured.
    reply: {
      status: 202,
      headers: { location: `capture/${id}`, 'gs1-epcis-version': '2.0.0', 'gs1-cbv-version': '2.0.0' },
      body: Buffer.alloc(0),
    },
  };
}

/** The signature covers method, type and digest; the digest covers the bytes. */
function assertSigned({ method, headers, body }: Inbound, wire: Wire): void {
  const digest = contentDigest(body);
  const signedAt = verifiedAt(
    headers,
    [
      ['@method', method],
      ['content-type', headers['content-type'] ?? ''],
      ['content-digest', digest],
    ],
    {
      keyId: wire.system.settings['warehouseKeyId'] ?? 'warehouse',
      secret: Buffer.from(wire.keys.secret('captureSecret'), 'utf8'),
    },
  );
  if (signedAt === undefined || !isSame(headers['content-digest'] ?? '', digest))
    throw new Failure('SIGNATURE_MISMATCH');
  if (Math.abs(Date.now() / 1000 - signedAt) > windowSeconds) throw new Failure('TIMESTAMP_OUTSIDE_WINDOW');
}

function assertAsAgreed({ headers }: Inbound): void {
  const [mediaType = ''] = (headers['content-type'] ?? '').split(';');
  if (!mediaTypes.includes(mediaType.trim().toLowerCase())) throw new Failure('ENCODING_UNSUPPORTED');
  if (!/^2\.0(\.\d+)?$/.test(headers['gs1-epcis-version'] ?? '2.0'))
    throw new Failure('CONTRACT_VIOLATED', { detail: 'the hub takes EPCIS 2.0' });
  if ((headers['gs1-capture-error-behaviour'] ?? 'rollback') !== 'rollback')
    throw new Failure('CONTRACT_VIOLATED', { detail: 'a document is taken whole or not at all: rollback' });
}

type Told = Received['notices'][number];

/**
 * Events that correct another come in the document that declares it wrong. They are told with the declaration and not as
 * facts of their own: as such they would change the books a second time.
 */
function noticesOf(events: readonly Event[], wire: Wire): Told[] {
  const byId = new Map(events.map((event) => [event.eventID, event]));
  if (byId.size !== events.length) throw violated('a document holds an event twice');
  const corrective = new Set<string>();
  for (const { errorDeclaration } of events)
    for (const id of errorDeclaration?.correctiveEventIDs ?? []) {
      const event = byId.get(id);
      if (!event || event.errorDeclaration || corrective.has(id))
        throw violated('an event in correctiveEventIDs must stand in the same document, once, and be right');
      corrective.add(id);
    }
  return events.flatMap((event): Told[] => {
    if (event.errorDeclaration) {
      const ids = event.errorDeclaration.correctiveEventIDs ?? [];
      const instead = ids.flatMap((id) => byId.get(id) ?? []);
      return [{ notice: 'reportCorrected', message: map.reportCorrectedOf({ wrong: event, instead }) }];
    }
    return corrective.has(event.eventID) ? [] : factsOf(event, wire);
  });
}

/** Of the two steps of an arrival, or of a departure, one is the fact; the other moves the goods within the house. */
function factsOf(event: Event, wire: Wire): Told[] {
  if (event.type === 'TransformationEvent') return [{ notice: 'stockChanged', message: map.stockChangedOf(event) }];
  const meaning = bizSteps.of(event.bizStep, '#/bizStep');
  const { settings } = wire.system;
  switch (meaning) {
    case 'arrival':
      if (event.bizStep !== settings['receiptStep']) return [];
      return [{ notice: 'goodsReceived', message: map.goodsReceivedOf(event) }];
    case 'departure':
      if (event.bizStep !== settings['dispatchStep']) return [];
      return [{ notice: 'goodsOutbound', message: map.goodsOutboundOf(event) }];
    case 'count':
      return [{ notice: 'stockCounted', message: map.stockCountedOf(event) }];
    case 'loss':
      return [{ notice: 'stockChanged', message: map.stockChangedOf(event) }];
    case 'nothing':
      return [];
  }
}

const violated = (detail: string) => new Failure('CONTRACT_VIOLATED', { detail });
