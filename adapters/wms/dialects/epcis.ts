/**
 * GS1 EPCIS 2.0: a warehouse that speaks in events. It captures them at the hub (`POST /capture`), and its own repository is
 * read to hold against what it told (`GET /events`). It takes no orders: there is no such thing in EPCIS.
 *
 * Nothing of a document is taken when one of its events is not understood (`GS1-Capture-Error-Behaviour: rollback`). An
 * error declaration never changes what was told: it is a notice of its own, for people.
 */
import type { Message } from '../../../contracts/contract.ts';
import { failures, Failure, type FailureCode } from '../../../contracts/failures.ts';
import { parseJson } from '../../../contracts/gate/json.ts';
import { EpcisQueryDocument } from '../../../contracts/wms/epcis.wire.ts';
import type { wms } from '../../../contracts/wms/wms.ts';
import { eventsAskedOf, movementsOf } from '../../../mappings/wms/epcis.ts';
import { locations } from '../../../mappings/wms/epcisCodes.ts';
import { ownerOf } from '../../../mappings/wms/epcisEvent.ts';
import type { Dialect, Reply } from '../../adapter.ts';
import type { Wire, WireAnswer } from '../../wire.ts';
import { receiveEpcis } from './epcisCapture.ts';
import { signed } from './httpSignature.ts';

const versions = { 'gs1-epcis-version': '2.0.0', 'gs1-cbv-version': '2.0.0' } as const;
const pageLimits = { bytesMax: 2_000_000, nodesMax: 60_000 };
const perPageDefault = '100';
const pagesMax = 50;
const eventsMax = 5000;

type Event = Message<typeof EpcisQueryDocument>['epcisBody']['queryResults']['resultsBody']['eventList'][number];

export const epcisDialect: Dialect<typeof wms> = {
  operations: {
    readMovements: async (request, wire) => {
      const asked = eventsAskedOf(request);
      const { settings } = wire.system;
      const steps = [settings['receiptStep'], settings['dispatchStep'], 'destroying', ...transforming];
      const query = {
        ...asked,
        EQ_bizStep: steps.join('|'),
        perPage: settings['perPage'] ?? perPageDefault,
      };
      const isAsked = (event: Event) =>
        locations.find(event.bizLocation.id) === request.warehouseCode &&
        Date.parse(event.eventTime) >= Date.parse(request.from) &&
        Date.parse(event.eventTime) < Date.parse(request.to) &&
        steps.includes(event.bizStep);
      const events = await pagesOf(query, isAsked, wire);
      return movementsOf({ eventList: events.filter((event) => ownerOf(event) === request.ownerCode) });
    },
  },
  // No event stands for control with its warehouse receipt: EPCIS has no field for the elements of one.
  tells: ['goodsReceived', 'goodsOutbound', 'stockCounted', 'stockChanged', 'reportCorrected'],
  receive: receiveEpcis,
  refuse: (failure) => problem(failure),
};

const transforming = ['repackaging', 'assembling', 'disassembling'] as const;

/** All pages. A page that shows an event of another time or place is not the answer to this. */
async function pagesOf(
  query: Readonly<Record<string, string>>,
  isAsked: (event: Event) => boolean,
  wire: Wire,
): Promise<Event[]> {
  const events = new Map<string, Event>();
  let token: string | undefined;
  for (let page = 1; page === 1 || token !== undefined; page += 1) {
    if (page > pagesMax || events.size > eventsMax)
      throw new Failure('OUTCOME_UNKNOWN', { detail: `more than ${pagesMax} pages: ask for a shorter time` });
    const answer = await get({ ...query, ...(token === undefined ? {} : { nextPageToken: token }) }, wire);
    const document = EpcisQueryDocument.check(parseJson(answer.body, pageLimits));
    const { eventList } = document.epcisBody.queryResults.resultsBody;
    if (!eventList.every(isAsked))
      throw new Failure('ANSWER_UNVERIFIED', { detail: 'the events of something else were answered' });
    const shown = token;
    token = nextPageOf(answer);
    if (token !== undefined && (token === shown || eventList.length === 0))
      throw new Failure('OUTCOME_UNKNOWN', { detail: `page ${page} leads nowhere` });
    // An event that moved from page to page while it was read is the same event; its declaration stands in its place.
    for (const event of eventList) if (!events.get(event.eventID)?.errorDeclaration) events.set(event.eventID, event);
  }
  return [...events.values()];
}

/** Only the token of a link is followed, never the link: the address is the registered one. */
function nextPageOf({ headers }: WireAnswer): string | undefined {
  const link = /<([^<>]*)>\s*;\s*rel="?next"?/.exec(headers['link'] ?? '')?.[1];
  if (link === undefined) return undefined;
  const token = URL.parse(link, 'http://repository')?.searchParams.get('nextPageToken') ?? '';
  if (token === '' || token.length > 500)
    throw new Failure('OUTCOME_UNKNOWN', { detail: 'the next page has no token' });
  return token;
}

async function get(query: Readonly<Record<string, string>>, wire: Wire): Promise<WireAnswer> {
  const path = `/events?${new URLSearchParams(query).toString()}`;
  const url = new URL(wire.system.url.replace(/\/$/, '') + path);
  const keyId = wire.system.settings['hubKeyId'] ?? 'hub';
  const how = { keyId, secret: secretOf(wire, 'hubSecret'), createdSeconds: Math.floor(Date.now() / 1000) };
  const signature = signed(
    [
      ['@method', 'GET'],
      ['@path', url.pathname],
      ['@query', url.search],
    ],
    how,
  );
  const headers = { accept: 'application/json', ...versions, ...signature };
  const answer = await wire.send({ method: 'GET', path, headers });
  if (answer.status !== 200) throw failureOf(answer);
  return answer;
}

/** Nothing was asked for that could have happened: a clear no may be believed, a page of a machine on the way is none. */
function failureOf({ status, body }: WireAnswer): Failure {
  const type = /"type"\s*:\s*"(epcisException:\w{1,40})"/.exec(body.toString('utf8', 0, 2000))?.[1];
  const code = type !== undefined && status >= 400 && status < 500 ? 'SYSTEM_REFUSED' : 'OUTCOME_UNKNOWN';
  return new Failure(code, { detail: `HTTP ${status} ${type ?? ''}`.trim(), externalCode: type ?? String(status) });
}

function secretOf(wire: Wire, name: string): Buffer {
  return Buffer.from(wire.keys.secret(name), 'utf8');
}

const messageCharsMax = 500;

/** The problem document of EPCIS 2.0. */
function problem(failure: Failure): Reply {
  const exception = exceptions[failure.type] ?? { type: 'ValidationException', status: 400 };
  const body = {
    type: `epcisException:${exception.type}`,
    title: failures[failure.type].en,
    status: exception.status,
    detail: failure.message.slice(0, messageCharsMax),
  };
  return {
    status: exception.status,
    headers: { 'content-type': 'application/problem+json; charset=utf-8', ...versions },
    body: Buffer.from(JSON.stringify(body)),
  };
}

const exceptions: Partial<Record<FailureCode, { type: string; status: number }>> = {
  SIGNATURE_MISMATCH: { type: 'SecurityException', status: 401 },
  TIMESTAMP_OUTSIDE_WINDOW: { type: 'SecurityException', status: 401 },
  METHOD_UNKNOWN: { type: 'NoSuchResourceException', status: 404 },
  METHOD_NOT_ALLOWED: { type: 'ImplementationException', status: 405 },
  BODY_TOO_LARGE: { type: 'CaptureLimitExceededException', status: 413 },
  ENCODING_UNSUPPORTED: { type: 'UnsupportedMediaTypeException', status: 415 },
  OVERLOADED: { type: 'ImplementationException', status: 503 },
  VERSION_CONFLICT: { type: 'ImplementationException', status: 503 },
  INTERNAL: { type: 'ImplementationException', status: 500 },
};
