import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { propose } from './acts.ts';
import { actingOn, done, runOf, settled, shopping, standsAt, why } from './acts.fixture.ts';
import { duplicate } from './acts/again.ts';
import { approveBulk, bulk, bulkProgress, stopBulk } from './acts/bulk.ts';
import { database, ended, eventually, flowOf, liveState, node, openDatabase, shop, tell } from './engine.fixture.ts';
import { inspect, replayAll } from './inspect.ts';

beforeAll(openDatabase);
afterAll(() => database.drop());

test('a run that diverged goes on after its code is mended, once somebody says retry', async () => {
  const no = randomUUID();
  const body = (second: string) =>
    flowOf('mended', async (run, order) => {
      await run.record('first', async () => 1);
      await run.wait(shop.notices.delivered, { key: order.no, within: '1 hour', from: 'shop' });
      await run.record(second, async () => 2);
      return { outcome: 'whole' };
    });
  const first = await node([body('second')]);
  await tell(first.engine, 'start.mended', no);
  const run = await standsAt('mended', no, 3);
  await first.engine.stop();
  const wrong = [
    flowOf('mended', async (r) => {
      await r.record('another', async () => 1);
      return { outcome: 'wrong' };
    }),
  ];
  const broken = await node(wrong);
  await tell(broken.engine, shop.notices.delivered.name, no);
  await standsAt('mended', no, 4);
  const seen = await inspect(actingOn(broken.engine, wrong), run);
  expect(seen.divergence).toContain('the journal has first where the flow asks for another');
  const verdicts: string[] = [];
  await replayAll(actingOn(broken.engine, wrong), (r, problem) => r.id === run && verdicts.push(problem ?? 'agrees'));
  expect(verdicts[0]).toContain('diverged');
  await broken.engine.stop();
  const mended = [body('second')];
  const again = await node(mended);
  await propose(actingOn(again.engine, mended), { run, kind: 'retry', ...why });
  expect((await ended('mended', no)).outcome).toBe('whole');
  await again.engine.stop();
});

test('moves a run to a version that replays its journal, and refuses one that does not, with the place', async () => {
  const no = randomUUID();
  const version = (v: number, first: string) => ({
    ...flowOf('versions', async (run, order) => {
      await run.record(first, async () => 1);
      await run.wait(shop.notices.delivered, { key: order.no, within: '1 hour', from: 'shop' });
      return { outcome: `version ${v}` };
    }),
    version: v,
  });
  const old = await node([version(1, 'first')]);
  await tell(old.engine, 'start.versions', no);
  const run = await standsAt('versions', no, 3);
  await old.engine.stop();
  const flows = [version(2, 'first'), version(3, 'other')];
  const { engine, problems } = await node(flows);
  expect(problems).toEqual(expect.arrayContaining([expect.stringContaining('need versions version 1')]));
  const acting = actingOn(engine, flows);
  expect((await inspect(acting, run)).divergence).toBe('versions has no version 1 here');
  await expect(propose(acting, { run, kind: 'move', body: { version: 3 }, ...why })).rejects.toMatchObject({
    type: 'ILLEGAL_TRANSITION',
    message: expect.stringContaining('the journal has first where the flow asks for other'),
  });
  const act = await propose(acting, { run, kind: 'move', body: { version: 2 }, ...why });
  expect((await settled(act.id)).state).toBe('applied');
  await tell(engine, shop.notices.delivered.name, no);
  expect((await ended('versions', no)).outcome).toBe('version 2');
  await engine.stop();
});

test('duplicates a run under a key of its own', async () => {
  const no = randomUUID();
  const { engine } = await shopping(
    'twice',
    () => done,
    async (_run, order) => ({ outcome: 'done', detail: order.no }),
  );
  await tell(engine, 'start.twice', no);
  await ended('twice', no);
  const run = await runOf('twice', no);
  const begin = (flow: string, input: unknown, key: string) => engine.begin(flow, input, key);
  const made = await duplicate({ store: database.store, begin }, run, why);
  expect(made.act).toMatchObject({ kind: 'duplicate', state: 'applied' });
  expect(await ended('twice', `${no}~2`)).toEqual({ outcome: 'done', detail: no });
  await engine.stop();
});

test('acts on many runs at a pace, on those that the list named, and stops when told', async () => {
  const { engine, acting } = await shopping('many', () => done);
  const numbers = Array.from({ length: 12 }, () => randomUUID());
  for (const no of numbers) await tell(engine, 'start.many', no);
  for (const no of numbers) await standsAt('many', no, 3);
  const begun = await bulk(acting, { where: { flow: 'many', state: 'waiting' }, kind: 'suspend', pace: 20, ...why });
  expect(begun.runs).toBe(12);
  const late = randomUUID();
  await tell(engine, 'start.many', late);
  await eventually(async () => ((await bulkProgress(database.store, begun.bulk)).applied === 12 ? true : undefined));
  const spread = await database.store.pool.query<{ ms: number }>(
    'select extract(epoch from max(settled_at) - min(settled_at))::float8 * 1000 ms from act where bulk_id = $1',
    [begun.bulk],
  );
  expect(spread.rows[0]?.ms).toBeGreaterThan(400);
  expect((await liveState('many', late))?.state).toBe(3);
  const slow = await bulk(acting, {
    where: { flow: 'many', state: 'attention' },
    kind: 'terminate',
    pace: 0.1,
    ...why,
  });
  await expect(approveBulk(acting, slow.bulk, { by: 'zhang', payloadHash: slow.payloadHash })).rejects.toMatchObject({
    type: 'SAME_PERSON_APPROVAL',
  });
  await approveBulk(acting, slow.bulk, { by: 'Wang', payloadHash: slow.payloadHash });
  await eventually(async () => ((await bulkProgress(database.store, slow.bulk)).applied > 0 ? true : undefined));
  const stopped = await stopBulk(database.store, slow.bulk, 'Wang', 'enough');
  expect(stopped).toMatchObject({ applied: 1, refused: 11, open: 0 });
  await engine.stop();
});

test('cancels a run of branches, killed and taken over on the way: everything begun is undone once', async () => {
  const no = randomUUID();
  const undone: string[] = [];
  const flows = [
    flowOf('branched', async (run, order) => {
      const branch = (name: string) => async (r: typeof run) => {
        await r.call(
          shop.operations.pay,
          { no: `${order.no}${name}` },
          {
            system: 'shop',
            undo: async (u) => {
              await u.record('back', async () => void undone.push(name));
              await u.call(shop.operations.look, { no: `${order.no}${name}` }, { system: 'shop' });
            },
          },
        );
        await r.wait(shop.notices.delivered, { key: `${order.no}${name}`, within: '1 hour', from: 'shop' });
      };
      await run.all('both', { left: branch('L'), right: branch('R') });
      return { outcome: 'never' };
    }),
  ];
  let mayLook = false;
  const world = (call: { operation: string }) =>
    call.operation === 'shop.look' && !mayLook
      ? ({ outcome: 'later', code: 'SYSTEM_BUSY', detail: 'busy' } as const)
      : done;
  const first = await node(flows, world);
  await tell(first.engine, 'start.branched', no);
  const run = await standsAt('branched', no, 3);
  await propose(actingOn(first.engine, flows), { run, kind: 'cancel', ...why });
  await eventually(async () =>
    undone.length === 1 && (await liveState('branched', no))?.state === 3 ? true : undefined,
  );
  await first.engine.stop();
  mayLook = true;
  const second = await node(flows, world);
  expect((await ended('branched', no)).outcome).toBe('cancelled');
  expect(undone.toSorted()).toEqual(['L', 'R']);
  await second.engine.stop();
});
