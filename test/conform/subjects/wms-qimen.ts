/** A warehouse on private Qimen (奇门): parameters signed by MD5 in the query, in both directions; answers are not signed. */
import { qimenDialect } from '../../../adapters/wms/dialects/qimen.ts';
import { qimenSignature } from '../../../adapters/wms/dialects/qimenSign.ts';
import { wms } from '../../../contracts/wms/wms.ts';
import { wmsQimen } from '../../../sandbox/wms/qimen.twin.ts';
import { answered, rejected, sign as signatureOf, wallTime } from '../../../sandbox/wms/qimenWire.ts';
import { changed, failureIsNotFound, followsRedirects, forgetsDeadline, unknownIsRefused } from '../plants.ts';
import { flipped, otherDigit } from '../sealing.ts';
import { type Answer, type Posted, subject as subjectOf, type TwinKeys } from '../subject.ts';
import { enquiryIs, tells } from '../telling.ts';
import { asOutcome, floorNotices, floorOperations } from './wms-floor.case.ts';

function inQuery(posted: Posted, change: (query: URLSearchParams) => void): Posted {
  const [path = '', text] = posted.path.split('?');
  const query = new URLSearchParams(text);
  change(query);
  return { ...posted, path: `${path}?${query.toString()}` };
}

function signNotice(posted: Posted, how: { body?: Buffer; keys: TwinKeys; ageMs?: number }): Posted {
  const body = how.body ?? posted.body;
  return inQuery({ ...posted, body }, (query) => {
    query.delete('sign');
    query.set('timestamp', wallTime(new Date(Date.now() - (how.ageMs ?? 0))));
    query.set('sign', signatureOf(Object.fromEntries(query), body, how.keys['callbackSecret.txt'] ?? ''));
  });
}

const field = (name: string) => (code: string, genuine: Answer | Posted) =>
  Buffer.from(
    genuine.body.toString().replaceAll(new RegExp(`<${name}>[^<]*</${name}>`, 'g'), `<${name}>${code}</${name}>`),
  );

const unitsOf: Readonly<Record<string, string>> = { KGM: 'TNE', GRM: 'KGM', DMQ: 'MTQ', C62: 'C62' };

export const subject = subjectOf({
  kind: wms,
  vendor: 'qimen',
  dialect: qimenDialect,
  twin: wmsQimen,
  noticeSeal: {
    sign: signNotice,
    flip: (posted) => inQuery(posted, (query) => query.set('sign', flipped(query.get('sign') ?? ''))),
    strip: (posted) => inQuery(posted, (query) => query.delete('sign')),
    alter: (posted) => ({ ...posted, body: otherDigit(posted.body) }),
    windowMs: 15 * 60_000,
  },
  taken: (_status: number, body: Buffer) => body.includes('<flag>success</flag>'),
  operations: floorOperations,
  notices: floorNotices({
    goodsReceived: 'entryorder.confirm',
    controlConfirmed: 'private.control.confirm',
    goodsOutbound: 'stockout.confirm',
    stockCounted: 'inventory.report',
    stockChanged: 'stockchange.report',
  }),
  tables: {
    'wms.qimen.answer': {
      by: 'answer',
      operation: 'lockStock',
      give: (code, genuine) => ({ ...genuine, body: Buffer.from(answered('failure', code, '不行').body) }),
      unmapped: 'S099',
    },
    'wms.qimen.platform': {
      by: 'answer',
      operation: 'lockStock',
      give: (code, genuine) => ({
        ...genuine,
        body: Buffer.from(rejected({ code: Number(code), msg: 'no', sub: 'isv.no' }).body),
      }),
      unmapped: '15',
    },
    'wms.qimen.order-status': {
      by: 'answer',
      operation: 'queryInbound',
      give: (code, genuine) => ({ ...genuine, body: field('status')(code, genuine) }),
      wrong: enquiryIs,
      unmapped: 'LOST',
    },
    'wms.qimen.inventory-type': {
      by: 'answer',
      operation: 'readStock',
      give: (code, genuine) => ({ ...genuine, body: field('inventoryType')(code, genuine) }),
      wrong: (outcome) => (outcome.outcome === 'confirmed' ? undefined : 'is not confirmed'),
      unmapped: undefined, // The wire contract lets no other type through: unknown before any table is asked.
    },
    'wms.qimen.unit': {
      by: 'answer',
      operation: 'readStock',
      give: (code, genuine) => ({ ...genuine, body: field('uom')(code, genuine) }),
      wrong: (outcome, row, code) => tells('lots.0.unit', () => unitsOf[code])(outcome, row),
      unmapped: 'LBR',
    },
    'wms.qimen.moved-status': {
      by: 'notice',
      noticeOf: (code) => (code.endsWith('DELIVERED') ? 'goodsOutbound' : 'goodsReceived'),
      give: (code, posted) => field('status')(code, posted),
      wrong: (fact) => (fact === undefined ? 'is no fact' : undefined),
      unmapped: 'EXCEPTION',
    },
    'wms.qimen.adjust-type': {
      by: 'notice',
      noticeOf: () => 'stockCounted',
      give: (code, posted) => field('adjustType')(code, posted),
      wrong: (fact, row) => tells('lots.0.reason')(asOutcome(fact), row),
      unmapped: 'GUESS',
    },
    'wms.qimen.change-order-type': {
      by: 'notice',
      noticeOf: () => 'stockChanged',
      give: (code, posted) => field('orderType')(code, posted),
      wrong: (fact, row) => tells('reason')(asOutcome(fact), row),
      unmapped: 'CGRK',
    },
  },
  limits: ['announceInbound', 'lockStock', 'unlockStock', 'orderOutbound'].map((where) => ({
    where,
    cases: ['answer-of-another-request'],
    why: 'Qimen signs no answer, and the answer to a command names nothing that was asked: only TLS binds the two',
  })),
  bugs: {
    'believes-any-notice': {
      what: 'signs a callback itself before it looks at the signature',
      shows: 'notice',
      plant: (dialect) =>
        changed(dialect, {
          inbound: (told, { keys }) => {
            const sign = qimenSignature(told.query, told.body, keys.secret('callbackSecret'));
            return { ...told, query: { ...told.query, sign } };
          },
        }),
    },
    'follows-redirects': followsRedirects,
    'forgets-deadline': forgetsDeadline,
    'unknown-is-refused': unknownIsRefused,
    'failure-is-not-found': failureIsNotFound,
  },
});
