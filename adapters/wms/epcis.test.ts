/** GS1 EPCIS before its twin: which events are facts, what a correction does and does not do, and whose page is followed. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { bench, type Bench } from '../../test/adapter.ts';
import { wmsEpcis } from '../../test/twins.ts';
import { contentDigest, signed } from './dialects/httpSignature.ts';
import wms from './wms.service.ts';

const files = { 'hubSecret.txt': 'hub-secret-of-the-test', 'captureSecret.txt': 'capture-secret-of-the-test' };
const spec = { ...wmsEpcis, enrol: () => ({ hub: files, twin: files }) };
const owner = '91350100MA32000B1T';

type Event = Record<string, unknown> & { eventID: string };

let warehouse: Bench;
let lastNo = 0;

beforeAll(async () => {
  warehouse = await bench(wms, spec, { speed: 1 });
}, 30_000);
afterAll(() => warehouse.stop());

test('a document of several events is several facts, in its order, and is answered with its place', async () => {
  const [arrival, departure] = [arrivalOf(), eventOf('goodsOutbound')];
  const answer = await capture([arrival, departure]);
  expect(answer.status).toBe(202);
  expect(answer.headers.get('location')).toMatch(/^capture\/[0-9a-f]{32}$/);
  expect(answer.headers.get('gs1-epcis-version')).toBe('2.0.0');
  expect(warehouse.facts.slice(-2).map(({ notice }) => notice)).toEqual(['wms.goodsReceived', 'wms.goodsOutbound']);
  const before = warehouse.facts.length;
  expect((await capture([arrival])).status).toBe(202);
  expect(warehouse.facts).toHaveLength(before);
});

test('one event that is not understood, and nothing of its document is taken', async () => {
  const before = warehouse.facts.length;
  for (const strange of [
    { ...arrivalOf(), bizStep: 'sampling' },
    { ...arrivalOf(), type: 'AggregationEvent' },
    { ...arrivalOf(), disposition: 'damaged' },
    { ...arrivalOf(), action: 'DELETE' },
    { ...arrivalOf(), bizTransactionList: [] },
    { ...arrivalOf(), eventTimeZoneOffset: undefined },
    {
      ...arrivalOf(),
      quantityList: [{ epcClass: 'urn:epc:class:lgtin:6901234.000011.L', quantity: 1.0005, uom: 'TNE' }],
    },
    { ...arrivalOf(), quantityList: [{ epcClass: 'urn:epc:idpat:sgtin:6901234.000011.*', quantity: 1, uom: 'TNE' }] },
    { ...arrivalOf(), quantityList: [{ epcClass: 'urn:epc:class:lgtin:6901234.000011.%ZZ', quantity: 1, uom: 'TNE' }] },
  ]) {
    const answer = await capture([arrivalOf(), strange]);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    expect(await answer.json()).toMatchObject({ type: 'epcisException:ValidationException', status: 400 });
  }
  expect(warehouse.facts).toHaveLength(before);
});

test('of the steps of an arrival one is the fact, and what moves nothing is taken without one', async () => {
  const before = warehouse.facts.length;
  for (const bizStep of ['storing', 'departing', 'picking', 'inspecting', 'reserving', 'sensor_reporting'])
    expect((await capture([{ ...arrivalOf(), bizStep }])).status).toBe(202);
  expect(warehouse.facts).toHaveLength(before);
});

test('a correction is told as one, and neither it nor what stands in its place is a fact of the books', async () => {
  const wrong = arrivalOf();
  await capture([wrong]);
  const before = warehouse.facts.length;
  const instead = arrivalOf([{ epcClass: 'urn:epc:class:lgtin:6901234.000011.LT00000001', quantity: 600, uom: 'TNE' }]);
  const declared = declaredWrong(wrong, [instead.eventID]);
  expect((await capture([declared, instead])).status).toBe(202);
  const facts = warehouse.facts.slice(before);
  expect(facts.map(({ notice }) => notice)).toEqual(['wms.reportCorrected']);
  expect(facts[0]?.message).toMatchObject({
    notice: 'goodsReceived',
    reason: 'wrongData',
    lots: [
      { lotNo: 'LT00000001', told: '1200.500', correct: '600.000' },
      { lotNo: 'LT/2', told: '500.000', correct: '0.000' },
    ],
  });
  // Declared again at another time, it is another declaration; the same words are the same one.
  expect((await capture([declared, instead])).status).toBe(202);
  expect(warehouse.facts).toHaveLength(before + 1);
});

test('a correction that cannot be compared is refused: its events elsewhere, of another kind, or of nothing', async () => {
  const wrong = arrivalOf();
  const instead = arrivalOf();
  const before = warehouse.facts.length;
  for (const document of [
    [declaredWrong(wrong, [instead.eventID])],
    [wrong, declaredWrong(wrong, [])],
    [declaredWrong(wrong, [instead.eventID]), { ...eventOf('goodsOutbound'), eventID: instead.eventID }],
    [declaredWrong(wrong, [instead.eventID], 'did_not_occur'), instead],
    [declaredWrong(wrong, [instead.eventID]), declaredWrong(instead, [])],
    [declaredWrong({ ...wrong, bizStep: 'picking' }, [])],
  ])
    expect((await capture(document)).status).toBe(400);
  expect(warehouse.facts).toHaveLength(before);
});

test('a capture to proceed past errors, of another version or another place, is refused', async () => {
  const before = warehouse.facts.length;
  for (const [headers, path, status] of [
    [{ 'gs1-capture-error-behaviour': 'proceed' }, '/capture', 400],
    [{ 'gs1-epcis-version': '1.2.0' }, '/capture', 400],
    [{}, '/events', 404],
    [{}, '/capture?a=1', 404],
  ] as const)
    expect((await capture([arrivalOf()], headers, path)).status).toBe(status);
  expect(warehouse.facts).toHaveLength(before);
});

test('only the token of a next page is followed, never where it leads', async () => {
  const asked: string[] = [];
  const list = (eventList: readonly object[]) =>
    JSON.stringify({
      type: 'EPCISQueryDocument',
      schemaVersion: '2.0',
      epcisBody: { queryResults: { resultsBody: { eventList } } },
    });
  const answering = await bench(
    wms,
    {
      ...spec,
      handle: ({ path, query }) => {
        asked.push(`${path} ${query['nextPageToken'] ?? 'first'}`);
        const next = { link: '<https://elsewhere.example/else?nextPageToken=abc>; rel="next"' };
        return query['nextPageToken'] === undefined
          ? { status: 200, headers: next, body: list([eventOf('stockChanged.destroyed')]) }
          : { status: 200, body: list([eventOf('stockChanged.destroyed'), arrivalOf()]) };
      },
    },
    { speed: 1 },
  );
  try {
    const day = { from: '2026-11-23T00:00:00Z', to: '2026-11-24T00:00:00Z' };
    const read = await answering.call('wms.readMovements', { warehouseCode: 'XM01', ownerCode: owner, ...day });
    expect(asked).toEqual(['/events first', '/events abc']);
    expect(read).toMatchObject({ outcome: 'confirmed' });
    const { movements } = (read as { response: { movements: { notice: string }[] } }).response;
    expect(movements.map(({ notice }) => notice).toSorted()).toEqual(['goodsReceived', 'stockChanged', 'stockChanged']);
  } finally {
    await answering.stop();
  }
});

test('each magic quantity does what its twin says', async () => {
  const fast = await bench(wms, spec, { speed: 72_000 });
  try {
    for (const ending of ['021', '022', '023', '024', '025', '026', '027'])
      await fast.control('POST', 'acts/receive', { noticeNo: `RKTZ-${ending}`, kilograms: Number(`100${ending}`) });
    const count = (notice: string) => fast.facts.filter((fact) => fact.notice === notice).length;
    const due = { 'wms.goodsReceived': 7, 'wms.stockCounted': 1, 'wms.stockChanged': 4, 'wms.reportCorrected': 1 };
    for (let waited = 0; Object.entries(due).some(([notice, many]) => count(notice) < many); waited += 20) {
      if (waited > 20_000) throw new Error(JSON.stringify(fast.exchanges.map((e) => [e.operation, e.detail])));
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(Object.keys(due).map(count)).toEqual(Object.values(due));
  } finally {
    await fast.stop();
  }
}, 60_000);

function eventOf(name: string): Event {
  const file = join(import.meta.dirname, '../../mappings/wms/examples', `epcis.${name}.json`);
  const { from } = JSON.parse(readFileSync(file, 'utf8')) as { from: Event };
  return { ...from, eventID: nextId() };
}

function arrivalOf(quantityList?: readonly object[]): Event {
  return { ...eventOf('goodsReceived.final'), ...(quantityList ? { quantityList } : {}) };
}

function declaredWrong(event: Event, correctiveEventIDs: readonly string[], reason = 'incorrect_data'): Event {
  return { ...event, errorDeclaration: { declarationTime: '2026-11-24T01:00:00Z', reason, correctiveEventIDs } };
}

function nextId(): string {
  lastNo += 1;
  return `ni:///sha-256;${lastNo.toString(16).padStart(64, '0')}?ver=CBV2.0`;
}

async function capture(
  eventList: readonly object[],
  headers: Readonly<Record<string, string>> = {},
  path = '/capture',
): Promise<Response> {
  const document = {
    '@context': [],
    type: 'EPCISDocument',
    schemaVersion: '2.0',
    creationDate: '2026-11-24T00:00:00Z',
  };
  const body = JSON.stringify({ ...document, epcisBody: { eventList } });
  const digest = contentDigest(Buffer.from(body));
  const signature = signed(
    [
      ['@method', 'POST'],
      ['content-type', 'application/json'],
      ['content-digest', digest],
    ],
    {
      keyId: 'warehouse',
      secret: Buffer.from(files['captureSecret.txt']),
      createdSeconds: Math.floor(Date.now() / 1000),
    },
  );
  return fetch(warehouse.edge + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'content-digest': digest, ...headers, ...signature },
    body,
  });
}
