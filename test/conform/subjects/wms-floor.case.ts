/**
 * What all warehouses of the sandbox have in common for the suite: they stand on one floor (`sandbox/wms/floor.ts`), so
 * their operations are made ready alike, and their people act alike. A subject adds how its system speaks.
 */
import type { Fact } from '../../adapter.ts';
import type { Ground } from '../ground.ts';
import type { OperationSubject, NoticeSubject, Posted } from '../subject.ts';
import { sixDigits } from '../telling.ts';

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
      return (posted: Posted) => isOf(posted, parts.method, number);
    },
    again: async (ground: Ground, turn: number) => parts.people(ground, (await makerOf(ground))(turn)),
  };
}

/** Stock that nobody ordered to move: the keeper counts a lot, or writes a loss; under a number, so that it can be told again. */
function unordered(name: 'takeStock' | 'moveStock', prefix: string, args: object, method: string) {
  const lots = new WeakMap<Ground, Promise<Lot[]>>();
  const act = async (ground: Ground, turn: number) => {
    const lying = lots.get(ground) ?? received(ground);
    lots.set(ground, lying);
    const [lot] = await lying;
    await ground.act(name, { code: sixDigits(prefix, turn), lotNo: lot?.lotNo, ...args });
  };
  return {
    cause: async (ground: Ground, turn: number) => {
      await act(ground, turn);
      const number = sixDigits(prefix, turn);
      return (posted: Posted) => isOf(posted, method, number);
    },
    again: act,
  };
}

export const floorOperations: Readonly<Record<string, OperationSubject>> = {
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
};

/** How each notice is called by the system; a post carries its name in the address or in the body, and the number. */
export function floorNotices(names: {
  readonly goodsReceived: string;
  readonly controlConfirmed: string;
  readonly goodsOutbound: string;
  readonly stockCounted: string;
  readonly stockChanged: string;
}): Readonly<Record<string, NoticeSubject>> {
  return {
    goodsReceived: telling({
      operation: 'announceInbound',
      field: 'noticeNo',
      maker: async () => inbound,
      people: act('receive', 'noticeNo'),
      method: names.goodsReceived,
    }),
    controlConfirmed: telling({
      operation: 'lockStock',
      field: 'pledgeNo',
      maker: locks,
      people: act('confirmControl', 'pledgeNo', 'lockCode'),
      method: names.controlConfirmed,
    }),
    goodsOutbound: telling({
      operation: 'orderOutbound',
      field: 'releaseNo',
      maker: outbounds,
      people: act('gateOut', 'releaseNo'),
      method: names.goodsOutbound,
    }),
    stockCounted: unordered('takeStock', 'PD', { less: true }, names.stockCounted),
    stockChanged: unordered('moveStock', 'YD', { why: 'loss' }, names.stockChanged),
  };
}

function isOf(posted: Posted, name: string, number: string): boolean {
  return `${posted.path} ${posted.body.toString()}`.includes(name) && posted.body.includes(number);
}

/** A fact, for what looks into outcomes. */
export const asOutcome = (fact: Fact | undefined) => ({ outcome: 'confirmed' as const, response: fact?.message });
