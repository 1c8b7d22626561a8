import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Failure } from '../contracts/failures.ts';
import {
  database,
  ended,
  eventually,
  flowOf,
  liveState,
  node,
  openDatabase,
  paths,
  shop,
  tell,
} from './engine.fixture.ts';

beforeAll(openDatabase);
afterAll(() => database.drop());

test('runs a flow from the notice that starts it, waits, and goes on when the fact comes', async () => {
  const no = randomUUID();
  const { engine } = await node([
    flowOf('deliver', async (run, order) => {
      const paid = await run.call(shop.operations.pay, order, { system: 'shop' });
      await run.wait(shop.notices.delivered, { key: order.no, within: '3 working days', from: 'shop' });
      return { outcome: 'delivered', detail: paid.serial };
    }),
  ]);
  await tell(engine, 'start.deliver', no);
  await eventually(async () => ((await liveState('deliver', no))?.state === 3 ? true : undefined));
  await tell(engine, shop.notices.delivered.name, no);
  expect(await ended('deliver', no)).toEqual({ outcome: 'delivered', detail: 's' });
  expect(await paths(no)).toEqual(['input', 'shop.pay', 'shop.pay', 'shop.delivered', 'end']);
  await engine.stop();
});

test('keeps a fact that came before anyone waited for it, and takes it once', async () => {
  const no = randomUUID();
  const { engine } = await node([
    flowOf('early', async (run, order) => {
      await run.wait(shop.notices.delivered, { key: order.no, within: '1 hour', from: 'shop' });
      return { outcome: 'taken' };
    }),
  ]);
  await tell(engine, shop.notices.delivered.name, no);
  await tell(engine, shop.notices.delivered.name, no);
  await tell(engine, 'start.early', no);
  await tell(engine, 'start.early', no);
  expect((await ended('early', no)).outcome).toBe('taken');
  const runs = await database.store.pool.query('select 1 from run_done where key = $1', [no]);
  expect(runs.rowCount).toBe(1);
  await engine.stop();
});

test('queries an unknown outcome and never sends again what the counterparty did', async () => {
  const no = randomUUID();
  const sent: string[] = [];
  const { engine } = await node(
    [
      flowOf('unknown', async (run, order) => ({
        outcome: (await run.call(shop.operations.pay, order, { system: 'shop' })).serial,
      })),
    ],
    (call) => {
      sent.push(call.operation);
      if (call.operation === 'shop.pay')
        return { outcome: 'unknown', code: 'OUTCOME_UNKNOWN', detail: 'no answer in time' };
      return { outcome: 'confirmed', response: { outcome: 'confirmed', response: { serial: 'found' } } };
    },
  );
  // Business time is real here: the first query would come after a minute, so the clock of the run is moved instead.
  await tell(engine, 'start.unknown', no);
  await eventually(async () => ((await liveState('unknown', no))?.state === 3 ? true : undefined));
  await database.store.pool.query('update effect set next_at = now() where number = $1', [no]);
  await engine.wake(
    (await database.store.pool.query<{ run_id: string }>('select run_id from run_key where key = $1', [no])).rows[0]
      ?.run_id ?? '',
  );
  expect((await ended('unknown', no)).outcome).toBe('found');
  expect(sent).toEqual(['shop.pay', 'shop.queryPay']);
  await engine.stop();
});

test('sends again, under the same key, what certainly did not arrive', async () => {
  const no = randomUUID();
  const keys: string[] = [];
  const { engine } = await node(
    [
      flowOf('later', async (run, order) => ({
        outcome: (await run.call(shop.operations.pay, order, { system: 'shop' })).serial,
      })),
    ],
    (call) => {
      keys.push(call.effect.key);
      return keys.length < 3
        ? { outcome: 'later', code: 'SYSTEM_UNREACHABLE', detail: 'refused' }
        : { outcome: 'confirmed', response: { serial: 'third' } };
    },
  );
  await tell(engine, 'start.later', no);
  expect((await ended('later', no)).outcome).toBe('third');
  expect(new Set(keys).size).toBe(1);
  await engine.stop();
});

test('undoes what was begun, last first, when the counterparty refuses', async () => {
  const no = randomUUID();
  const undone: string[] = [];
  const { engine } = await node(
    [
      flowOf('undo', async (run, order) => {
        await run.record('reserve', async () => 'reserved', { undo: async () => void undone.push('reserve') });
        await run.call(shop.operations.refund, order, {
          system: 'shop',
          undo: async (r) => {
            await r.record('take back', async () => void undone.push('refund'));
          },
        });
        await run.call(shop.operations.pay, order, { system: 'shop' });
        return { outcome: 'never' };
      }),
    ],
    (call) =>
      call.operation === 'shop.pay'
        ? { outcome: 'refused', code: 'SYSTEM_REFUSED', detail: 'no' }
        : { outcome: 'confirmed', response: { serial: 's' } },
  );
  await tell(engine, 'start.undo', no);
  expect(await ended('undo', no)).toEqual({ outcome: 'failed', detail: 'SYSTEM_REFUSED: no' });
  expect(undone).toEqual(['refund', 'reserve']);
  await engine.stop();
});

test('refuses a call whose guard does not hold, in the transaction of its intent, and sends nothing', async () => {
  const no = randomUUID();
  let sent = 0;
  const { engine } = await node(
    [
      flowOf('guard', async (run, order) => {
        await run.call(shop.operations.pay, order, {
          system: 'shop',
          before: async (tx) => {
            await tx.query("insert into nonce (system, nonce) values ('guard', $1)", [order.no]);
            throw new Failure('LIMIT_INSUFFICIENT', { detail: 'too little' });
          },
        });
        return { outcome: 'never' };
      }),
    ],
    () => {
      sent += 1;
      return { outcome: 'confirmed', response: { serial: 's' } };
    },
  );
  await tell(engine, 'start.guard', no);
  expect(await ended('guard', no)).toEqual({ outcome: 'failed', detail: 'LIMIT_INSUFFICIENT: too little' });
  expect(sent).toBe(0);
  expect((await database.store.pool.query('select 1 from nonce where nonce = $1', [no])).rowCount).toBe(0);
  await engine.stop();
});

test('branches run side by side and replay to the same result after a wait', async () => {
  const no = randomUUID();
  const { engine } = await node(
    [
      flowOf('branches', async (run, order) => {
        const { left, right } = await run.all('both', {
          left: async (r) => (await r.call(shop.operations.look, { no: `${order.no}L` }, { system: 'shop' })).serial,
          right: async (r) => {
            await r.wait(shop.notices.delivered, { key: order.no, within: '1 hour', from: 'shop' });
            return (await r.call(shop.operations.look, { no: `${order.no}R` }, { system: 'shop' })).serial;
          },
        });
        return { outcome: `${left} ${right}` };
      }),
    ],
    async (call) => ({ outcome: 'confirmed', response: { serial: (call.request as { no: string }).no.slice(-1) } }),
  );
  await tell(engine, 'start.branches', no);
  await eventually(async () => ((await liveState('branches', no))?.state === 3 ? true : undefined));
  await tell(engine, shop.notices.delivered.name, no);
  expect((await ended('branches', no)).outcome).toBe('L R');
  await engine.stop();
});

test('a deadline fires once, and not before its time', async () => {
  const no = randomUUID();
  const { engine } = await node([
    flowOf('deadline', async (run, order) => {
      const began = run.now().getTime();
      const late = await run
        .wait(shop.notices.delivered, { key: order.no, within: '1 second', from: 'shop' })
        .then(() => 'delivered')
        .catch((failure: Failure) => failure.type);
      return { outcome: late, detail: String(run.now().getTime() - began >= 1000) };
    }),
  ]);
  await tell(engine, 'start.deadline', no);
  expect(await ended('deadline', no)).toEqual({ outcome: 'DEADLINE_PASSED', detail: 'true' });
  await engine.stop();
});
