/**
 * The people of the sandbox's EPCIS warehouse. What they do becomes an event in its repository, and is captured at the hub.
 * Each act has a number of its own: the same act under the same number is told again, in the same words.
 */
import type { TwinContext } from '../twin.ts';
import {
  digestOf,
  documentOf,
  type Event,
  eventOf,
  owning,
  quantityOf,
  signatureOf,
  transaction,
} from './epcisWire.ts';

interface Lot {
  readonly lotNo: string;
  readonly itemCode: string;
  readonly ownerCode: string;
  uom: string;
  kilograms: number;
}

interface Captured {
  /** Act and number. */
  readonly key: string;
  /** What goes into one document: an event, or a declaration with what stands in its place. */
  readonly events: readonly Event[];
  told: boolean;
}

export interface Memory {
  lastNo: number;
  readonly lots: Lot[];
  readonly captured: Captured[];
}

type Twin = TwinContext<Memory>;
type Args = Record<string, unknown>;
type Act = (args: Args, twin: Twin) => Promise<void>;

export const emptyMemory = (): Memory => ({ lastNo: 0, lots: [], captured: [] });

const hour = 3_600_000;
const day = 24 * hour;
/** A count that finds less finds so much less, in hundredths of a per cent; at least a kilogram. */
const lossPerTenThousand = 20;

export const people: Readonly<Record<string, Act>> = {
  receive: async (args, twin) => {
    if (String(args['kilograms']).endsWith('024') && args['at'] === undefined)
      return twin.later('receive', { ...args, at: at(args, twin) }, 30 * hour);
    await tellOnce(`receive ${text(args, 'noticeNo')}`, twin, () => [receive(args, twin)]);
  },
  dispatch: (args, twin) => tellOnce(`dispatch ${text(args, 'releaseNo')}`, twin, () => [dispatch(args, twin)]),
  takeStock: (args, twin) => tellOnce(`takeStock ${text(args, 'code')}`, twin, () => [takeStock(args, twin)]),
  repack: (args, twin) => tellOnce(`repack ${text(args, 'code')}`, twin, () => [repack(args, twin)]),
  destroy: (args, twin) => tellOnce(`destroy ${text(args, 'code')}`, twin, () => [destroy(args, twin)]),
  declareWrong: (args, twin) =>
    tellOnce(`declareWrong ${text(args, 'noticeNo')}`, twin, () => declareWrong(args, twin)),
  tellAgain: async (args, twin) => {
    const known = twin.memory.captured.find(({ key }) => key === args['key']);
    if (known) await tell(known, twin);
  },
};

/** Kept before it is told, so that a hub that is down hears the same later. */
async function tellOnce(key: string, twin: Twin, make: () => Event[]): Promise<void> {
  let known = twin.memory.captured.find((each) => each.key === key);
  if (!known) {
    known = { key, events: make(), told: false };
    twin.memory.captured.push(known);
    twin.effect('captured', key, { events: known.events });
    twin.save();
  }
  if (!known.told) await tell(known, twin);
}

/** Goods of a notice arrive: one lot of `kilograms`. `at` is when; by default now. */
function receive(args: Args, twin: Twin): Event {
  const { memory } = twin;
  memory.lastNo += 1;
  const kilograms = Number(args['kilograms'] ?? 10_000);
  const lot: Lot = {
    lotNo: `LT${String(memory.lastNo).padStart(8, '0')}`,
    itemCode: text(args, 'itemCode', 'HRB400E-12'),
    ownerCode: text(args, 'ownerCode', '91350100MA32000B1T'),
    uom: 'TNE',
    kilograms,
  };
  memory.lots.push(lot);
  surprise(text(args, 'noticeNo'), lot, twin);
  return arrival(text(args, 'noticeNo'), lot, kilograms, at(args, twin));
}

function arrival(noticeNo: string, lot: Lot, kilograms: number, eventTime: string): Event {
  return eventOf({
    type: 'ObjectEvent',
    eventTime,
    action: 'OBSERVE',
    bizStep: 'receiving',
    disposition: 'sellable_not_accessible',
    bizTransactionList: [transaction('desadv', noticeNo), transaction('recadv', `R-${lot.lotNo}`)],
    destinationList: [{ type: 'owning_party', destination: owning(lot.ownerCode) }],
    quantityList: [quantityOf(lot, kilograms)],
  });
}

/** Endings of the received kilograms, and what comes of them. */
function surprise(noticeNo: string, lot: Lot, twin: Twin): void {
  const { lotNo } = lot;
  const magic: Readonly<Record<string, () => void>> = {
    '021': () => twin.later('takeStock', { code: `PD-${lotNo}`, lotNo, less: true }, day),
    '022': () => twin.later('repack', { code: `HB-${lotNo}`, lotNo }, day),
    '023': () => twin.later('repack', { code: `DW-${lotNo}`, lotNo, unit: 'KGM' }, day),
    '025': () => {
      const after = (ms: number) => new Date(twin.clock.now().getTime() + ms).toISOString();
      twin.later('destroy', { code: `BS1-${lotNo}`, lotNo, kilograms: 1, at: after(hour) }, 6 * hour);
      twin.later('destroy', { code: `BS2-${lotNo}`, lotNo, kilograms: 1, at: after(2 * hour) }, 5 * hour);
    },
    '026': () => twin.later('tellAgain', { key: `receive ${noticeNo}` }, hour),
    '027': () => twin.later('declareWrong', { noticeNo, kilograms: Math.floor(lot.kilograms / 2) }, day),
  };
  magic[String(lot.kilograms).slice(-3)]?.();
}

/** Goods leave under a number of the hub. */
function dispatch(args: Args, twin: Twin): Event {
  const lot = lotOf(args, twin);
  const kilograms = Math.min(lot.kilograms, Number(args['kilograms'] ?? 1000));
  lot.kilograms -= kilograms;
  return eventOf({
    type: 'ObjectEvent',
    eventTime: at(args, twin),
    action: 'OBSERVE',
    bizStep: 'shipping',
    disposition: 'in_transit',
    bizTransactionList: [transaction('desadv', text(args, 'releaseNo'))],
    sourceList: [{ type: 'owning_party', source: owning(lot.ownerCode) }],
    quantityList: [quantityOf(lot, kilograms)],
  });
}

/** The keeper counts a lot: `found` kilograms, or a little `less` than the books say. */
function takeStock(args: Args, twin: Twin): Event {
  const lot = lotOf(args, twin);
  const book = lot.kilograms;
  const loss = args['less'] === true ? Math.max(1, Math.floor((book * lossPerTenThousand) / 10_000)) : 0;
  lot.kilograms = typeof args['found'] === 'number' ? args['found'] : book - loss;
  return eventOf({
    type: 'ObjectEvent',
    eventTime: at(args, twin),
    action: 'OBSERVE',
    bizStep: 'cycle_counting',
    disposition: lot.kilograms === book ? 'sellable_not_accessible' : 'mismatch_quantity',
    sourceList: [{ type: 'owning_party', source: owning(lot.ownerCode) }],
    quantityList: [quantityOf(lot, lot.kilograms)],
    'lsh:bookQuantityList': [quantityOf(lot, book)],
  });
}

/** A lot, with another of the same goods where there is one, becomes a new lot; or is measured in another `unit`. */
function repack(args: Args, twin: Twin): Event {
  const { memory } = twin;
  const lot = lotOf(args, twin);
  const alike = memory.lots.find(
    (each) => each !== lot && each.itemCode === lot.itemCode && each.ownerCode === lot.ownerCode && each.kilograms > 0,
  );
  const from = args['unit'] === undefined && alike ? [lot, alike] : [lot];
  const inputQuantityList = from.map((each) => quantityOf(each, each.kilograms));
  memory.lastNo += 1;
  const merged: Lot = {
    ...lot,
    lotNo: args['unit'] === undefined ? `LT${String(memory.lastNo).padStart(8, '0')}` : lot.lotNo,
    uom: text(args, 'unit', lot.uom),
    kilograms: from.reduce((sum, { kilograms }) => sum + kilograms, 0),
  };
  for (const each of from) each.kilograms = 0;
  memory.lots.unshift(merged);
  return eventOf({
    type: 'TransformationEvent',
    eventTime: at(args, twin),
    bizStep: 'repackaging',
    sourceList: [{ type: 'owning_party', source: owning(lot.ownerCode) }],
    inputQuantityList,
    outputQuantityList: [quantityOf(merged, merged.kilograms)],
  });
}

function destroy(args: Args, twin: Twin): Event {
  const lot = lotOf(args, twin);
  const kilograms = Math.min(lot.kilograms, Number(args['kilograms'] ?? 1));
  lot.kilograms -= kilograms;
  return eventOf({
    type: 'ObjectEvent',
    eventTime: at(args, twin),
    action: 'DELETE',
    bizStep: 'destroying',
    disposition: 'destroyed',
    sourceList: [{ type: 'owning_party', source: owning(lot.ownerCode) }],
    quantityList: [quantityOf(lot, kilograms)],
  });
}

/** An arrival was told wrong: it brought `kilograms`, or never happened when there are none. */
function declareWrong(args: Args, twin: Twin): Event[] {
  const noticeNo = text(args, 'noticeNo');
  const [wrong] = twin.memory.captured.find(({ key }) => key === `receive ${noticeNo}`)?.events ?? [];
  const [quantity] = (wrong?.['quantityList'] ?? []) as { epcClass: string }[];
  const lot = twin.memory.lots.find(({ lotNo }) => quantity?.epcClass.endsWith(`.${lotNo}`));
  if (!wrong || !lot) throw new Error(`nothing was told of ${noticeNo}`);
  const kilograms = Number(args['kilograms'] ?? 0);
  lot.kilograms = kilograms;
  const instead = kilograms > 0 ? [arrival(noticeNo, lot, kilograms, wrong.eventTime)] : [];
  const errorDeclaration = {
    declarationTime: at(args, twin),
    reason: kilograms > 0 ? 'incorrect_data' : 'did_not_occur',
    ...(kilograms > 0 ? { correctiveEventIDs: instead.map(({ eventID }) => eventID) } : {}),
  };
  return [{ ...wrong, errorDeclaration }, ...instead];
}

async function tell(captured: Captured, twin: Twin): Promise<void> {
  const body = JSON.stringify(documentOf(captured.events, twin.clock.now().toISOString()));
  const type = 'application/json';
  const digest = digestOf(body);
  const answer = await twin.post({
    path: '/capture',
    headers: {
      'content-type': type,
      'content-digest': digest,
      'gs1-epcis-version': '2.0.0',
      'gs1-cbv-version': '2.0.0',
      'gs1-capture-error-behaviour': 'rollback',
      ...signatureOf(
        { '@method': 'POST', 'content-type': type, 'content-digest': digest },
        { keyId: 'warehouse', secret: twin.key('captureSecret.txt').trim() },
      ),
    },
    body,
  });
  if (answer.status !== 202) throw new Error(`the hub answered ${answer.status} and not 202`);
  captured.told = true;
}

function lotOf(args: Args, twin: Twin): Lot {
  const lot = twin.memory.lots.find(({ lotNo, kilograms }) =>
    args['lotNo'] === undefined ? kilograms > 0 : lotNo === args['lotNo'],
  );
  if (!lot) throw new Error(`there is no lot ${text(args, 'lotNo', 'at all')}`);
  return lot;
}

function at(args: Args, twin: Twin): string {
  return text(args, 'at', twin.clock.now().toISOString());
}

function text(args: Args, name: string, otherwise = ''): string {
  const value = args[name];
  return typeof value === 'string' ? value : otherwise;
}
