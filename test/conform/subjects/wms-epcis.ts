/** A warehouse on GS1 EPCIS 2.0: captures are signed after RFC 9421, in both directions; the answers of its repository are not. */
import { epcisDialect } from '../../../adapters/wms/dialects/epcis.ts';
import { contentDigest, signed } from '../../../adapters/wms/dialects/httpSignature.ts';
import { wms } from '../../../contracts/wms/wms.ts';
import { wmsEpcis } from '../../../sandbox/wms/epcis.twin.ts';
import { digestOf, owning, signatureOf } from '../../../sandbox/wms/epcisWire.ts';
import type { Fact } from '../../adapter.ts';
import type { Ground } from '../ground.ts';
import { changed, followsRedirects, forgetsDeadline, sending, unknownIsRefused } from '../plants.ts';
import { edited, flipped, otherDigit, withHeader } from '../sealing.ts';
import { type Posted, subject as subjectOf, type TableSubject, type TwinKeys } from '../subject.ts';
import { sixDigits, tells } from '../telling.ts';
import { asOutcome } from './wms-floor.case.ts';

const owner = '91350100MA32000B1T';
const place = { warehouseCode: 'XM01', ownerCode: owner };

type Fields = Record<string, unknown>;

function signNotice(posted: Posted, how: { body?: Buffer; keys: TwinKeys; ageMs?: number }): Posted {
  const body = how.body ?? posted.body;
  const digest = digestOf(body);
  const type = posted.headers['content-type'] ?? '';
  const signature = signatureOf(
    { '@method': posted.method, 'content-type': type, 'content-digest': digest },
    { keyId: 'warehouse', secret: how.keys['captureSecret.txt'] ?? '', at: Date.now() - (how.ageMs ?? 0) },
  );
  return { ...posted, body, headers: { ...posted.headers, 'content-digest': digest, ...signature } };
}

/** Two afternoons in which goods came and went: more of them than one page of the repository holds. */
async function twoAfternoons(ground: Ground): Promise<(turn: number) => object> {
  const at = (day: number, hour: number) => new Date(Date.UTC(2026, 10, 20 + day, hour)).toISOString();
  for (const day of [0, 1]) {
    for (const hour of [5, 6, 7])
      await ground.act('receive', { noticeNo: sixDigits('RK', 10 * day + hour), at: at(day, hour) });
    await ground.act('dispatch', { releaseNo: sixDigits('FH', day), at: at(day, 8) });
    await ground.act('destroy', { code: sixDigits('BS', day), at: at(day, 9) });
  }
  return (turn) => ({ ...place, from: at(turn % 2, 5), to: at(turn % 2, 12) });
}

/** An act under a number of its own; what it tells is known by what makes it unlike the others. */
function told(name: string, args: (turn: number) => Fields, marks: (turn: number) => string, first?: string) {
  const act = (ground: Ground, turn: number) => ground.act(name, args(turn));
  return {
    cause: async (ground: Ground, turn: number) => {
      if (first !== undefined) await ground.act(first, { noticeNo: sixDigits('RK', turn) });
      await act(ground, turn);
      return (posted: Posted) => posted.body.includes(marks(turn));
    },
    again: act,
  };
}

/** Each lot of its own, so that each act finds one that nothing happened to. */
const lotNoOf = (turn: number) => `LT${String(turn).padStart(8, '0')}`;

/** The first event of a document is another. */
const inEvent = (posted: Posted, change: (event: Fields) => void): Buffer =>
  edited(posted.body, (whole) => {
    const { epcisBody } = whole as unknown as { epcisBody: { eventList: Fields[] } };
    change(epcisBody.eventList[0] ?? {});
    return whole;
  });

const setting = (field: string) => (code: string, posted: Posted) =>
  inEvent(posted, (event) => Object.assign(event, { [field]: code }));

const factOf: Readonly<Record<string, string | undefined>> = {
  receiving: 'wms.goodsReceived',
  shipping: 'wms.goodsOutbound',
  cycle_counting: 'wms.stockCounted',
  stock_taking: 'wms.stockCounted',
  destroying: 'wms.stockChanged',
};

const is = (fact: Fact | undefined, due: string | undefined) =>
  fact?.notice === due ? undefined : `is ${fact?.notice ?? 'no fact'} and not ${due ?? 'none'}`;

/** By one of the goods of a receipt. */
const byReceipt = (
  give: (code: string, posted: Posted) => Buffer,
  wrong: (fact: Fact | undefined, row: unknown, code: string) => string | undefined,
  unmapped: string,
): TableSubject => ({ by: 'notice', noticeOf: () => 'goodsReceived', give, wrong, unmapped });

const firstClass = (code: string) => (event: Fields) =>
  Object.assign((event['quantityList'] as Fields[])[0] ?? {}, { epcClass: `urn:epc:class:lgtin:${code}.LT1` });

export const subject = subjectOf({
  kind: wms,
  vendor: 'epcis',
  dialect: epcisDialect,
  twin: wmsEpcis,
  noticeSeal: {
    sign: signNotice,
    flip: (posted: Posted) => withHeader(posted, 'signature', flipped(posted.headers['signature'] ?? '')),
    strip: (posted: Posted) => withHeader(posted, 'signature', undefined),
    alter: (posted: Posted) => ({ ...posted, body: otherDigit(posted.body) }),
    windowMs: 15 * 60_000,
  },
  taken: (status: number) => status === 202,
  operations: {
    readMovements: { ready: twoAfternoons, steps: [{ kind: 'read' }, { kind: 'read' }, { kind: 'read' }] },
  },
  notices: {
    goodsReceived: told(
      'receive',
      (turn) => ({ noticeNo: sixDigits('RK', turn) }),
      (turn) => sixDigits('RK', turn),
    ),
    goodsOutbound: told(
      'dispatch',
      (turn) => ({ releaseNo: sixDigits('FH', turn), lotNo: lotNoOf(turn) }),
      (turn) => sixDigits('FH', turn),
      'receive',
    ),
    stockCounted: told(
      'takeStock',
      (turn) => ({ code: sixDigits('PD', turn), lotNo: lotNoOf(turn), less: true }),
      (turn) => `lsh:bookQuantityList":[{"epcClass":"urn:epc:class:lgtin:6901234.000011.${lotNoOf(turn)}`,
      'receive',
    ),
    stockChanged: told(
      'repack',
      (turn) => ({ code: sixDigits('DW', turn), lotNo: lotNoOf(turn * 2 - 1), unit: 'KGM' }),
      (turn) => `inputQuantityList":[{"epcClass":"urn:epc:class:lgtin:6901234.000011.${lotNoOf(turn * 2 - 1)}`,
      'receive',
    ),
    reportCorrected: told(
      'declareWrong',
      (turn) => ({ noticeNo: sixDigits('RK', turn), kilograms: 5000 }),
      () => 'errorDeclaration',
      'receive',
    ),
  },
  tables: {
    'wms.epcis.biz-step': {
      by: 'notice',
      noticeOf: (code) => (factOf[code] === 'wms.stockCounted' ? 'stockCounted' : 'goodsReceived'),
      give: (code, posted) =>
        inEvent(posted, (event) => {
          Object.assign(event, { bizStep: code, sourceList: [{ type: 'owning_party', source: owning(owner) }] });
          if (code === 'destroying') Object.assign(event, { action: 'DELETE' });
        }),
      wrong: (fact, _row, code) => is(fact, factOf[code]),
      unmapped: 'sampling',
    },
    'wms.epcis.arrival-disposition': byReceipt(
      setting('disposition'),
      (fact, row) => tells('final', () => row === 'final')(asOutcome(fact), row),
      'damaged',
    ),
    'wms.epcis.count-disposition': {
      by: 'notice',
      noticeOf: () => 'stockCounted',
      give: (code, posted) =>
        inEvent(posted, (event) => {
          const counted = code === 'mismatch_quantity' ? event['quantityList'] : event['lsh:bookQuantityList'];
          Object.assign(event, { disposition: code, quantityList: counted });
        }),
      wrong: (fact, row) =>
        tells('lots.0.reason', () => (row === 'differs' ? 'counted' : undefined))(asOutcome(fact), row),
      unmapped: 'expired',
    },
    'wms.epcis.transformation': {
      by: 'notice',
      noticeOf: () => 'stockChanged',
      give: setting('bizStep'),
      wrong: (fact, row) => tells('reason')(asOutcome(fact), row),
      unmapped: 'repairing',
    },
    'wms.epcis.error-reason': {
      by: 'notice',
      noticeOf: () => 'reportCorrected',
      give: (code, posted) =>
        edited(posted.body, (whole) => {
          const { epcisBody } = whole as unknown as { epcisBody: { eventList: Fields[] } };
          const [event = {}] = epcisBody.eventList;
          const declared = event['errorDeclaration'] as Fields;
          Object.assign(declared, { reason: code });
          // What did not occur has nothing in its place.
          if (code === 'did_not_occur') {
            delete declared['correctiveEventIDs'];
            epcisBody.eventList.length = 1;
          }
          return whole;
        }),
      wrong: (fact, row) => tells('reason')(asOutcome(fact), row),
      unmapped: 'bad_luck',
    },
    'wms.epcis.item': byReceipt(
      (code, posted) => inEvent(posted, firstClass(code)),
      (fact, row) => tells('lots.0.materialCode')(asOutcome(fact), row),
      '6901234.000099',
    ),
    'wms.epcis.location': byReceipt(
      (code, posted) => inEvent(posted, (event) => Object.assign(event, { bizLocation: { id: code } })),
      (fact, row) => tells('warehouseCode')(asOutcome(fact), row),
      'urn:epc:id:sgln:6901234.00002.0',
    ),
  },
  limits: [],
  bugs: {
    'believes-any-capture': {
      what: 'signs a capture itself before it looks at the signature',
      shows: 'notice',
      plant: (dialect) =>
        changed(dialect, {
          inbound: (inbound, { keys }) => {
            const digest = contentDigest(inbound.body);
            const components = [
              ['@method', inbound.method],
              ['content-type', inbound.headers['content-type'] ?? ''],
              ['content-digest', digest],
            ] as const;
            const secret = Buffer.from(keys.secret('captureSecret'));
            const how = { keyId: 'warehouse', secret, createdSeconds: Math.floor(Date.now() / 1000) };
            return {
              ...inbound,
              headers: { ...inbound.headers, 'content-digest': digest, ...signed(components, how) },
            };
          },
        }),
    },
    'reads-the-first-page-only': {
      what: 'takes the first page of the repository for all of it',
      plant: (dialect) =>
        changed(dialect, {
          wire: sending((send) => async (request) => {
            const answer = await send(request);
            const { link: _, ...headers } = answer.headers;
            return { ...answer, headers };
          }),
        }),
    },
    'corrections-are-facts': {
      what: 'takes a declaration of an error for the event itself',
      shows: 'notice',
      plant: (dialect) => {
        const { receive } = dialect;
        if (!receive) return dialect;
        return {
          ...dialect,
          receive: async (inbound, wire) => {
            const received = await receive(inbound, wire);
            const notices = received.notices.map((each) => {
              const corrected = each.message as { reportNo: string; orderNo: string };
              if (each.notice !== 'reportCorrected') return each;
              const message = { noticeNo: corrected.orderNo, receiptNo: corrected.reportNo, warehouseCode: 'XM01' };
              const lots = [{ lotNo: 'L', materialCode: 'HRB400E-12', quantity: '5.000', unit: 'TNE' }];
              const receivedAt = '2026-11-23T15:00:00+08:00';
              return { notice: 'goodsReceived', message: { ...message, final: true, receivedAt, lots } };
            });
            return { ...received, notices };
          },
        };
      },
    },
    'follows-redirects': followsRedirects,
    'forgets-deadline': forgetsDeadline,
    'unknown-is-refused': unknownIsRefused,
  },
});
