/** A warehouse on private Qimen (奇门): parameters signed by MD5 in the query, in both directions; answers are not signed. */
import { qimenDialect } from '../../../adapters/wms/dialects/qimen.ts';
import { qimenSignature } from '../../../adapters/wms/dialects/qimenSign.ts';
import { wms } from '../../../contracts/wms/wms.ts';
import { wmsQimen } from '../../../sandbox/wms/qimen.twin.ts';
import { answered, rejected, sign as signatureOf, wallTime } from '../../../sandbox/wms/qimenWire.ts';
import type { Ground } from '../ground.ts';
import { changed, failureIsNotFound, followsRedirects, forgetsDeadline, unknownIsRefused } from '../plants.ts';
import { flipped, otherDigit } from '../sealing.ts';
import { type Answer, type Posted, subject as subjectOf, type TwinKeys } from '../subject.ts';
import { enquiryIs, sixDigits, tells } from '../telling.ts';

const place = { warehouseCode: 'XM01', ownerCode: '91350100MA32000B1T' };
const pledgee = { name: '厦门链枢金控有限公司', uscc: '91350200MA35000E44' };
const picker = { name: '刘大勇', idNo: '350600199509090090', vehicle: '闽A12345' };
const names = { 'HRB400E-12': '螺纹钢 HRB400E 12mm', 'HRC-Q235B-3': '热轧卷板 Q235B 3.0mm' } as const;

interface Lot {
  readonly lotNo: string;
  readonly materialCode: string;
  readonly quantity: string;
  readonly unit: string;
}

const inbound = (turn: number, materialCode: keyof typeof names = 'HRB400E-12', quantity = '10.000') => ({
  noticeNo: sixDigits('RKTZ', turn),
  ...place,
  orderNo: 'PO-1',
  lines: [{ lineNo: '1', materialCode, name: names[materialCode], quantity, unit: 'TNE' }],
});

const base = 900_000;
const plenty = '100000.000';

/** Lots that lie in the warehouse. */
async function received(ground: Ground, turn = base, materialCode: keyof typeof names = 'HRB400E-12'): Promise<Lot[]> {
  await ground.confirmed('announceInbound', inbound(turn, materialCode, plenty));
  await ground.act('receive', { noticeNo: inbound(turn).noticeNo });
  const { lots }: { lots: { lotNo: string; unit: string; onHand: string }[] } = await ground.confirmed('readStock', {
    ...place,
    materialCode,
  });
  return lots
    .filter(({ onHand }) => onHand === plenty)
    .map(({ lotNo, unit }) => ({ lotNo, materialCode, quantity: plenty, unit }));
}

const some = (lots: readonly Lot[], quantity: string) => lots.map((lot) => ({ ...lot, quantity }));

const locks = async (ground: Ground) => {
  const lots = await received(ground);
  return (turn: number) => ({ pledgeNo: sixDigits('ZY', turn), ...place, pledgee, lots: some(lots, '1.000') });
};

const unlocks = async (ground: Ground) => {
  const lock = await locks(ground);
  return async (turn: number) => {
    const { pledgeNo, lots } = lock(turn);
    await ground.confirmed('lockStock', lock(turn));
    return { pledgeNo, ...place, lots, reason: '融资申请已撤销' };
  };
};

const outbounds = async (ground: Ground) => {
  const lots = await received(ground);
  const pledgeNo = sixDigits('ZY', base);
  await ground.confirmed('lockStock', { pledgeNo, ...place, pledgee, lots: some(lots, '50000.000') });
  const validTo = new Date(ground.bench.clock.now().getTime() + 7 * 86_400_000).toISOString();
  return (turn: number) => {
    const releaseNo = sixDigits('FH', turn);
    const token = `token-of-${releaseNo}`.padEnd(32, '0');
    return { releaseNo, pledgeNo, token, ...place, picker, validTo, lots: some(lots, '1.000') };
  };
};

type Maker = (turn: number) => object | Promise<object>;

const asking =
  (operation: string, field: string, maker: (ground: Ground) => Promise<Maker>) => async (ground: Ground) => {
    const make = await maker(ground);
    const numbers: unknown[] = [];
    for (const turn of [1, 2]) {
      const request = await make(turn);
      await ground.confirmed(operation, request);
      numbers.push((request as Record<string, unknown>)[field]);
    }
    return (turn: number) => ({ no: numbers[turn % 2] });
  };

const act =
  (name: string, field: string, as = field) =>
  (ground: Ground, request: object) =>
    ground.act(name, { [as]: (request as Record<string, unknown>)[field] });

/** The warehouse tells at once when its people act, and only when they act again if it was not heard. */
function telling(parts: {
  operation: string;
  field: string;
  maker: (ground: Ground) => Promise<(turn: number) => object>;
  people: (ground: Ground, request: object) => Promise<void>;
  method: string;
}) {
  const made = new WeakMap<Ground, (turn: number) => object>();
  const makerOf = async (ground: Ground) => {
    const make = made.get(ground) ?? (await parts.maker(ground));
    made.set(ground, make);
    return make;
  };
  return {
    cause: async (ground: Ground, turn: number) => {
      const request = (await makerOf(ground))(turn);
      await ground.confirmed(parts.operation, request);
      await parts.people(ground, request);
      const number = String((request as Record<string, unknown>)[parts.field]);
      return (posted: Posted) => posted.path.includes(`method=${parts.method}`) && posted.body.includes(number);
    },
    again: async (ground: Ground, turn: number) => parts.people(ground, (await makerOf(ground))(turn)),
  };
}

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
  operations: {
    announceInbound: {
      ready: async () => inbound,
      effect: 'received',
      finish: act('receive', 'noticeNo'),
      conflict: (request: object) => ({ ...request, lines: inbound(1, 'HRB400E-12', '11.000').lines }),
    },
    lockStock: {
      ready: locks,
      effect: 'locked',
      conflict: (request: object) => ({ ...request, lots: some((request as { lots: Lot[] }).lots, '2.000') }),
    },
    unlockStock: {
      ready: unlocks,
      effect: 'unlocked',
      conflict: (request: object) => ({ ...request, lots: some((request as { lots: Lot[] }).lots, '0.500') }),
    },
    orderOutbound: {
      ready: outbounds,
      effect: 'outbound',
      finish: act('gateOut', 'releaseNo'),
      conflict: (request: object) => ({ ...request, lots: some((request as { lots: Lot[] }).lots, '2.000') }),
    },
    queryInbound: { ready: asking('announceInbound', 'noticeNo', async () => inbound) },
    queryLock: { ready: asking('lockStock', 'pledgeNo', locks) },
    queryUnlock: { ready: asking('unlockStock', 'pledgeNo', unlocks) },
    queryOutbound: { ready: asking('orderOutbound', 'releaseNo', outbounds) },
    readStock: {
      ready: async (ground: Ground) => {
        const materials = ['HRB400E-12', 'HRC-Q235B-3'] as const;
        for (const [index, code] of materials.entries()) await received(ground, base + index, code);
        return (turn: number) => ({ ...place, materialCode: materials[turn % 2] });
      },
    },
  },
  notices: {
    goodsReceived: telling({
      operation: 'announceInbound',
      field: 'noticeNo',
      maker: async () => inbound,
      people: act('receive', 'noticeNo'),
      method: 'entryorder.confirm',
    }),
    controlConfirmed: telling({
      operation: 'lockStock',
      field: 'pledgeNo',
      maker: locks,
      people: act('confirmControl', 'pledgeNo', 'lockCode'),
      method: 'private.control.confirm',
    }),
    goodsOutbound: telling({
      operation: 'orderOutbound',
      field: 'releaseNo',
      maker: outbounds,
      people: act('gateOut', 'releaseNo'),
      method: 'stockout.confirm',
    }),
  },
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
