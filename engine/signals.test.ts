/** The same fact by callback, poll and file, early, late and at once, told to any node: one transition. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { database, ended, flowOf, node, openDatabase, shop } from './engine.fixture.ts';
import { keepSignal } from './signals.ts';

beforeAll(openDatabase);
afterAll(() => database.drop());

const facts = 3;
const numRuns = Number(process.env['LIANSHU_CASES'] ?? 15);

test('a fact is taken once, whatever road it came by, however often and whenever', async () => {
  const flows = [
    flowOf('threefold', async (run, order) => {
      const seen: string[] = [];
      for (let fact = 0; fact < facts; fact += 1) {
        const key = `${order.no}/${fact}`;
        seen.push((await run.wait(shop.notices.delivered, { key, within: '1 hour', from: 'shop' })).no);
      }
      return { outcome: 'all', detail: seen.join(' ') };
    }),
  ];
  const nodes = [await node(flows), await node(flows)];
  let told = 0;
  const deliveries = fc.array(
    fc.record({ fact: fc.nat(facts - 1), node: fc.nat(1), pauseMs: fc.constantFrom(0, 0, 0, 3, 15) }),
    { minLength: 4, maxLength: 12 },
  );
  await fc.assert(
    fc.asyncProperty(deliveries, fc.nat(12), async (some, startAt) => {
      const no = randomUUID();
      // Each fact comes at least once; the order to begin comes among them.
      const all = [...some, ...Array.from({ length: facts }, (_none, fact) => ({ fact, node: fact % 2, pauseMs: 0 }))];
      await Promise.all(
        all.map(async ({ fact, node: which, pauseMs }, place) => {
          await new Promise((resolve) => setTimeout(resolve, pauseMs));
          if (place === Math.min(startAt, all.length - 1)) await nodes[which]?.engine.begin('threefold', { no });
          await tell(which, `${no}/${fact}`);
          told += 1;
        }),
      );
      const end = await ended('threefold', no);
      expect(end.detail).toBe(Array.from({ length: facts }, (_none, fact) => `${no}/${fact}`).join(' '));
      const { rows } = await database.store.pool.query<{ kind: number; taken: number; waits: number }>(
        `select (select count(*)::int from journal where run_id = k.run_id and kind = 4) kind,
           (select count(*)::int from signal where taken_by = k.run_id) taken,
           (select count(*)::int from wait where run_id = k.run_id) waits
         from run_key k where key = $1`,
        [no],
      );
      expect(rows).toEqual([{ kind: facts, taken: facts, waits: 0 }]);
    }),
    { numRuns },
  );
  process.stdout.write(`signals.test.ts: ${numRuns} runs, ${told} deliveries of ${numRuns * facts} facts\n`);
  for (const { engine } of nodes) await engine.stop();

  async function tell(which: number, no: string): Promise<void> {
    await database.store.tx((tx) =>
      keepSignal(tx, { notice: shop.notices.delivered.name, key: no, id: no, message: { no } }),
    );
    await nodes[which]?.engine.signalled([`${shop.notices.delivered.name}:${no}`]);
  }
});
