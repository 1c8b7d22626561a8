/**
 * The sandbox's EPCIS warehouse: it takes no orders from the hub; it captures events there and keeps a repository that the
 * hub may ask. Its people act by `/_twin/acts/<name>`: `receive`, `dispatch`, `takeStock`, `repack`, `destroy`, `declareWrong`.
 */
import { randomBytes } from 'node:crypto';
import { twin, type TwinAnswer, type TwinContext, type TwinRequest } from '../twin.ts';
import { warehouse } from '../world.ts';
import { emptyMemory, type Memory, people } from './epcisPeople.ts';
import { type Event, macOf } from './epcisWire.ts';

const kilograms = 'last three digits of the received kilograms 到货千克数末三位';
const magic = [
  { where: kilograms, value: '021', effect: 'a count finds less a day later 次日盘亏' },
  { where: kilograms, value: '022', effect: 'the lot becomes another one a day later 次日并批' },
  { where: kilograms, value: '023', effect: 'is measured in kilograms a day later 次日换单位' },
  { where: kilograms, value: '024', effect: 'is told 30 hours late 延迟 30 小时上报' },
  { where: kilograms, value: '025', effect: 'two losses are told in the wrong order 两次损耗乱序上报' },
  { where: kilograms, value: '026', effect: 'the arrival is told twice 到货重复上报' },
  { where: kilograms, value: '027', effect: 'is declared wrong a day later, by half 次日声明有误，减半' },
];

const settings = {
  receiptStep: 'receiving',
  dispatchStep: 'shipping',
  hubKeyId: 'hub',
  warehouseKeyId: 'warehouse',
  perPage: '2',
} as const;

export const wmsEpcis = twin<Memory>({
  name: 'wms-epcis',
  kind: 'wms',
  dialect: 'epcis',
  title: { zh: `${warehouse.name} GS1 EPCIS`, en: 'Warehouse on GS1 EPCIS' },
  settings,
  magic,
  enrol() {
    const hubSecret = randomBytes(32).toString('hex');
    const captureSecret = randomBytes(32).toString('hex');
    const files = { 'hubSecret.txt': hubSecret, 'captureSecret.txt': captureSecret };
    return { hub: files, twin: files };
  },
  memory: emptyMemory,
  operationOf: (request) => (request.path === '/events' ? 'readMovements' : undefined),
  handle,
  acts: people,
});

function handle(request: TwinRequest, context: TwinContext<Memory>): TwinAnswer {
  if (request.path !== '/events') return problem(404, 'NoSuchResourceException');
  if (request.method !== 'GET') return problem(405, 'ImplementationException');
  if (!isSigned(request, context.key('hubSecret.txt').trim())) return problem(401, 'SecurityException');
  return query(request, context);
}

const windowMs = 10 * 60_000;

function isSigned(request: TwinRequest, secret: string): boolean {
  const [, params = '', created = ''] =
    /^sig1=(\("@method" "@path" "@query"\);created=(\d+);keyid="hub";alg="hmac-sha256")$/.exec(
      request.headers['signature-input'] ?? '',
    ) ?? [];
  if (params === '' || Math.abs(Date.now() - Number(created) * 1000) > windowMs) return false;
  const covered = { '@method': request.method, '@path': request.path, '@query': `?${request.rawQuery}` };
  return request.headers['signature'] === `sig1=:${macOf(covered, params, secret)}:`;
}

const known = ['GE_eventTime', 'LT_eventTime', 'EQ_bizLocation', 'EQ_bizStep', 'perPage', 'nextPageToken'];
const perPageMax = 100;

/** What nobody knows is refused: a filter that is left out would answer something else. */
function query(request: TwinRequest, { memory, clock }: TwinContext<Memory>): TwinAnswer {
  const asked = request.query;
  const [from, to] = [Date.parse(asked['GE_eventTime'] ?? ''), Date.parse(asked['LT_eventTime'] ?? '')];
  const perPage = Number(asked['perPage'] ?? perPageMax);
  const first = Number(asked['nextPageToken'] ?? 0);
  const isWrong =
    Object.keys(asked).some((name) => !known.includes(name)) ||
    Number.isNaN(from + to) ||
    !Number.isInteger(perPage) ||
    perPage < 1 ||
    perPage > perPageMax ||
    !Number.isInteger(first);
  if (isWrong) return problem(400, 'QueryParameterException');
  const steps = (asked['EQ_bizStep'] ?? '').split('|');
  const found = memory.captured
    .flatMap(({ events }) => events)
    .filter((event) => Date.parse(event.eventTime) >= from && Date.parse(event.eventTime) < to)
    .filter((event) => steps.includes(String(event['bizStep'])))
    .filter((event) => (event['bizLocation'] as { id: string }).id === asked['EQ_bizLocation']);
  const next = first + perPage < found.length ? linkTo(request, first + perPage) : {};
  return {
    status: 200,
    headers: { 'content-type': 'application/json', 'gs1-epcis-version': '2.0.0', 'gs1-cbv-version': '2.0.0', ...next },
    body: JSON.stringify(page(found.slice(first, first + perPage), clock.now().toISOString())),
  };
}

function linkTo(request: TwinRequest, first: number): { link: string } {
  const query = new URLSearchParams({ ...request.query, nextPageToken: String(first) });
  return { link: `</events?${query.toString()}>; rel="next"` };
}

function page(eventList: readonly Event[], creationDate: string) {
  return {
    '@context': ['https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld'],
    type: 'EPCISQueryDocument',
    schemaVersion: '2.0',
    creationDate,
    epcisBody: { queryResults: { queryName: 'SimpleEventQuery', resultsBody: { eventList } } },
  };
}

function problem(status: number, type: string): TwinAnswer {
  return {
    status,
    headers: { 'content-type': 'application/problem+json' },
    body: JSON.stringify({ type: `epcisException:${type}`, title: type, status }),
  };
}
