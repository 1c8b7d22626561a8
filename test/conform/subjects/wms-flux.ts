/** A warehouse on FLUX (富勒): forms whose `data` is signed by MD5, in both directions; answers are not signed, and name the order. */
import type { Outcome } from '../../../adapters/adapter.ts';
import { fluxDialect } from '../../../adapters/wms/dialects/flux.ts';
import { fluxForm } from '../../../adapters/wms/dialects/fluxForm.ts';
import { wms } from '../../../contracts/wms/wms.ts';
import { wmsFlux } from '../../../sandbox/wms/flux.twin.ts';
import { sign as signatureOf } from '../../../sandbox/wms/fluxWire.ts';
import { wallTime } from '../../../sandbox/wms/qimenWire.ts';
import type { Ground } from '../ground.ts';
import { changed, failureIsNotFound, forgetsDeadline, sending, unknownIsRefused } from '../plants.ts';
import { edited, flipped, otherDigit } from '../sealing.ts';
import { type Answer, type Posted, subject as subjectOf, type TwinKeys } from '../subject.ts';
import { enquiryIs, tells } from '../telling.ts';
import { asOutcome, floorNotices, floorOperations } from './wms-floor.case.ts';

type Fields = Record<string, unknown>;

/** The form with one field another; `sign` is left as it is unless it is that field. */
function inForm(body: Buffer, change: (form: URLSearchParams) => void): Buffer {
  const form = new URLSearchParams(body.toString());
  change(form);
  return Buffer.from(form.toString());
}

/** What the suite calls the body is `data` here: the form around it carries the signature. */
function signNotice(posted: Posted, how: { body?: Buffer; keys: TwinKeys; ageMs?: number }): Posted {
  const form = new URLSearchParams(posted.body.toString());
  const data = how.body ?? Buffer.from(form.get('data') ?? '');
  form.delete('data');
  form.delete('sign');
  form.set('timestamp', wallTime(new Date(Date.now() - (how.ageMs ?? 0))));
  const encoded = [...data].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
  // The recipe signs text; bytes that are none are signed as what a receiver would make of them.
  const sign = signatureOf(data.toString('utf8'), how.keys['callbackSecret.txt'] ?? '');
  return { ...posted, body: Buffer.from(`${form.toString()}&data=${encoded}&sign=${sign}`) };
}

/** Changes the rows of `resultInfo`, or the fields beside it. */
const inAnswer = (change: (response: Fields, result: Fields) => void) => (genuine: Answer) => ({
  ...genuine,
  body: edited(genuine.body, (whole) => {
    const { Response } = whole as unknown as { Response: Fields };
    change(Response, Response['return'] as Fields);
    return whole;
  }),
});

/** Changes the first order of a notice. */
const inOrder = (posted: Posted, change: (order: Fields) => void): Buffer => {
  const data = new URLSearchParams(posted.body.toString()).get('data') ?? '';
  return edited(Buffer.from(data), (whole) => {
    const { xmldata } = whole as unknown as { xmldata: { data: { orderinfo: Fields[] } } };
    change(xmldata.data.orderinfo[0] ?? {});
    return whole;
  });
};

const firstItem = (order: Fields): Fields => (order['item'] as Fields[])[0] ?? {};
const firstRow = (result: Fields): Fields => (result['resultInfo'] as Fields[])[0] ?? {};
const firstLot = (response: Fields): Fields => ((response['items'] as Fields)['item'] as Fields[])[0] ?? {};

const stateOf = (operation: string) => ({
  by: 'answer' as const,
  operation,
  give: (code: string, genuine: Answer) =>
    inAnswer((response) => Object.assign((response['orderinfo'] as Fields[])[0] ?? {}, { Status: code }))(genuine),
});

const unitsOf: Readonly<Record<string, string>> = { T: 'TNE', KG: 'KGM', M3: 'MTQ', EA: 'C62' };

export const subject = subjectOf({
  kind: wms,
  vendor: 'flux',
  dialect: fluxDialect,
  twin: wmsFlux,
  noticeSeal: {
    sign: signNotice,
    flip: (posted: Posted) => ({
      ...posted,
      body: inForm(posted.body, (form) => form.set('sign', flipped(form.get('sign') ?? ''))),
    }),
    strip: (posted: Posted) => ({ ...posted, body: inForm(posted.body, (form) => form.delete('sign')) }),
    alter: (posted: Posted) => ({
      ...posted,
      body: inForm(posted.body, (form) =>
        form.set('data', otherDigit(Buffer.from(form.get('data') ?? '')).toString('latin1')),
      ),
    }),
    windowMs: 15 * 60_000,
  },
  taken: (_status: number, body: Buffer) => body.includes('"returnFlag":"1"'),
  operations: {
    ...floorOperations,
    readLots: {
      ready: (ground: Ground) => floorOperations['readStock']?.ready(ground) ?? Promise.reject(new Error('no floor')),
      volatile: ['asOf'],
    },
  },
  notices: floorNotices({
    goodsReceived: 'confirmASNData',
    controlConfirmed: 'confirmLockData',
    goodsOutbound: 'confirmSOData',
    stockCounted: 'inventoryReport',
    stockChanged: 'confirmINVChange',
  }),
  tables: {
    'wms.flux.return': {
      by: 'answer',
      operation: 'lockStock',
      give: (code: string, genuine: Answer) =>
        inAnswer((_, result) => Object.assign(result, { returnCode: code, returnFlag: '0', resultInfo: '' }))(genuine),
      unmapped: 'S099',
    },
    'wms.flux.result': {
      by: 'answer',
      operation: 'lockStock',
      // Of a batch some were taken: the flag says so, and ours was not among them.
      give: (code: string, genuine: Answer) =>
        inAnswer((_, result) => {
          Object.assign(result, { returnCode: '0001', returnFlag: '2' });
          Object.assign(firstRow(result), { errorcode: code });
        })(genuine),
      unmapped: '7777',
    },
    'wms.flux.asn-status': { ...stateOf('queryInbound'), wrong: enquiryIs, unmapped: '45' },
    'wms.flux.so-status': { ...stateOf('queryOutbound'), wrong: enquiryIs, unmapped: '45' },
    'wms.flux.lock-status': {
      ...stateOf('queryUnlock'),
      wrong: (outcome: Outcome, row: unknown) =>
        tells('outcome', () => (row === 'unlocked' ? 'confirmed' : 'notFound'))(outcome, row),
      unmapped: '45',
    },
    'wms.flux.unit': {
      by: 'answer',
      operation: 'readLots',
      give: (code: string, genuine: Answer) =>
        inAnswer((response) => Object.assign(firstLot(response), { UOM: code, Qty: '7', QtyHold: '0' }))(genuine),
      wrong: (outcome, row, code) => tells('lots.0.unit', () => unitsOf[code])(outcome, row),
      unmapped: 'LB',
    },
    'wms.flux.received-status': {
      by: 'notice',
      noticeOf: () => 'goodsReceived',
      give: (code, posted) => inOrder(posted, (order) => Object.assign(order, { Status: code })),
      wrong: (fact, row) => tells('final', () => row === 'final')(asOutcome(fact), row),
      unmapped: '00',
    },
    'wms.flux.shipped-status': {
      by: 'notice',
      noticeOf: () => 'goodsOutbound',
      give: (code, posted) => inOrder(posted, (order) => Object.assign(order, { Status: code })),
      wrong: (fact) => (fact === undefined ? 'is no fact' : undefined),
      unmapped: '40',
    },
    'wms.flux.quality': {
      by: 'notice',
      noticeOf: () => 'goodsReceived',
      give: (code, posted) => inOrder(posted, (order) => Object.assign(firstItem(order), { LotAtt08: code })),
      wrong: (fact) => (fact === undefined ? 'is no fact' : undefined),
      unmapped: 'CC',
    },
    'wms.flux.reason': {
      by: 'notice',
      noticeOf: () => 'stockChanged',
      give: (code, posted) => inOrder(posted, (order) => Object.assign(order, { ReasonCode: code })),
      wrong: (fact, row) => tells('reason')(asOutcome(fact), row),
      unmapped: 'XX',
    },
  },
  limits: [],
  bugs: {
    'believes-the-flag': {
      what: 'takes a batch that was taken in part for an order that was taken',
      shows: 'table',
      plant: (dialect) =>
        changed(dialect, {
          wire: sending((send) => async (request) => {
            const answer = await send(request);
            const body = answer.body.toString('latin1').replace('"returnFlag":"2"', '"returnFlag":"1"');
            return { ...answer, body: Buffer.from(body.replace(/"errorcode":"\w+"/, '"errorcode":"0000"'), 'latin1') };
          }),
        }),
    },
    'believes-any-notice': {
      what: 'signs a callback itself before it looks at the signature',
      shows: 'notice',
      plant: (dialect) =>
        changed(dialect, {
          inbound: (told, { keys }) => {
            const form = new URLSearchParams(told.body.toString());
            const data = form.get('data') ?? '';
            form.delete('data');
            form.delete('sign');
            return { ...told, body: fluxForm(Object.fromEntries(form), data, keys.secret('callbackSecret')) };
          },
        }),
    },
    'looks-at-another-order': {
      what: 'reads the first result of an answer, whichever order it is about',
      plant: (dialect) =>
        changed(dialect, {
          wire: sending((send) => async (request) => {
            const answer = await send(request);
            const asked = /"OrderNo":"([^"]*)"/.exec(
              new URLSearchParams(request.body?.toString()).get('data') ?? '',
            )?.[1];
            const body = answer.body.toString('latin1').replaceAll(/"OrderNo":"[^"]*"/g, `"OrderNo":"${asked ?? ''}"`);
            return { ...answer, body: Buffer.from(body, 'latin1') };
          }),
        }),
    },
    'forgets-deadline': forgetsDeadline,
    'unknown-is-refused': unknownIsRefused,
    'failure-is-not-found': failureIsNotFound,
  },
});
