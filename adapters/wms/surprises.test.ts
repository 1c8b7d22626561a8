/** What happens in a warehouse that nobody ordered reaches the hub as facts: late, in the wrong order or twice, once each. */
import { expect, test } from '@jest/globals';
import { bench, type Bench } from '../../test/adapter.ts';
import { wmsFlux, wmsQimen } from '../../test/twins.ts';
import wms from './wms.service.ts';

const place = { warehouseCode: 'XM01', ownerCode: '91350100MA32000B1T' };

interface Change {
  reason: string;
  sequence?: string;
  lots: { lotNo: string; change: string; unit: string }[];
}

test.each([
  ['qimen', wmsQimen],
  ['flux', wmsFlux],
])(
  '%s: each magic quantity does what its twin says',
  async (_, twin) => {
    // A day takes 1.2 seconds.
    const warehouse = await bench(wms, twin, { speed: 72_000 });
    try {
      for (const ending of ['021', '022', '023', '024', '025', '026']) await announce(warehouse, ending);
      await until(
        warehouse,
        () => changes(warehouse).length === 5 && factsOf(warehouse, 'wms.stockCounted').length === 1,
      );
      await until(warehouse, () => factsOf(warehouse, 'wms.goodsReceived').length === 6);
      const [count] = factsOf(warehouse, 'wms.stockCounted') as { lots: object[] }[];
      expect(count?.lots).toEqual([expect.objectContaining({ book: '100.021', counted: '99.821', reason: 'counted' })]);
      const told = changes(warehouse);
      const merged = told.find(({ lots }) => lots.length === 2 && lots[0]?.lotNo !== lots[1]?.lotNo);
      expect(merged?.lots.map(({ change }) => change)).toEqual(['-100.022', '100.022']);
      const remeasured = told.find(({ lots }) => lots.length === 2 && lots[0]?.lotNo === lots[1]?.lotNo);
      expect(remeasured?.lots.map(({ change, unit }) => `${change} ${unit}`)).toEqual([
        '-100.023 TNE',
        '100023.000 KGM',
      ]);
      const losses = told.filter(({ lots }) => lots.length === 1);
      expect(losses.map(({ lots }) => lots[0]?.change)).toEqual(expect.arrayContaining(['-0.200', '-0.199']));
      // Told twice, and one fact.
      await until(warehouse, () => taken(warehouse).length >= 6);
      expect(changes(warehouse)).toHaveLength(5);
      expect((await warehouse.effects()).filter(({ kind }) => kind === 'changed')).toHaveLength(5);
    } finally {
      await warehouse.stop();
    }
  },
  60_000,
);

async function announce(warehouse: Bench, ending: string): Promise<void> {
  const line = { lineNo: '1', materialCode: 'HRB400E-12', name: '螺纹钢', quantity: `100.${ending}`, unit: 'TNE' };
  // Each of another owner or day would do as well; a merge needs a lot that nothing else happens to.
  const ownerCode = ending === '022' ? '91350500MA33000C26' : place.ownerCode;
  const notice = { noticeNo: `RKTZ-${ending}`, ...place, ownerCode, orderNo: 'PO-1', lines: [line] };
  expect(await warehouse.call('wms.announceInbound', notice)).toMatchObject({ outcome: 'confirmed' });
}

const factsOf = (warehouse: Bench, notice: string) =>
  warehouse.facts.filter((fact) => fact.notice === notice).map(({ message }) => message);

const changes = (warehouse: Bench) => factsOf(warehouse, 'wms.stockChanged') as Change[];

const taken = (warehouse: Bench) =>
  warehouse.exchanges.filter(({ operation, state }) => operation === 'wms.stockChanged' && state === 'ok');

async function until(warehouse: Bench, holds: () => boolean): Promise<void> {
  for (let waited = 0; !holds(); waited += 20) {
    if (waited > 20_000)
      throw new Error(JSON.stringify(warehouse.exchanges.map((e) => [e.operation, e.state, e.detail])));
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
