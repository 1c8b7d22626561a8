/** A node with flows of the test's own, on a real database; the world outside is a function. */
import { Type } from 'typebox';
import { contract, strict } from '../contracts/contract.ts';
import { enquiry, kind, notice, operation, QueryByNumber } from '../contracts/kind.ts';
import { freshDatabase } from '../test/database.ts';
import type { ActionCall, ActionOutcome } from './host.ts';
import { Clock } from './clock.ts';
import { Engine } from './engine.ts';
import { flow, type AnyFlow, type Run } from './flow.ts';
import { keepSignal } from './signals.ts';

const Order = contract('test/order', strict({ no: Type.String({ maxLength: 64 }) }));
const Paid = contract('test/paid', strict({ serial: Type.String({ maxLength: 64 }) }));
export const shop = kind(
  'shop',
  {
    pay: operation({
      request: Order,
      response: Paid,
      effect: 'money',
      idempotent: true,
      settleMs: 0,
      query: 'queryPay',
      numberOf: (r) => r.no,
      label: { zh: '付款', en: 'pay' },
    }),
    refund: operation({
      request: Order,
      response: Paid,
      effect: 'write',
      idempotent: true,
      query: 'queryPay',
      numberOf: (r) => `R${r.no}`,
      label: { zh: '退款', en: 'refund' },
    }),
    queryPay: operation({
      request: QueryByNumber,
      response: enquiry(Paid),
      effect: 'read',
      label: { zh: '查询', en: 'query' },
    }),
    look: operation({ request: Order, response: Paid, effect: 'read', label: { zh: '看', en: 'look' } }),
  },
  {
    ordered: notice({ contract: Order, label: { zh: '下单', en: 'ordered' }, keyOf: (m) => m.no, idOf: (m) => m.no }),
    delivered: notice({
      contract: Order,
      label: { zh: '送达', en: 'delivered' },
      keyOf: (m) => m.no,
      idOf: (m) => m.no,
    }),
  },
);

export let database: Awaited<ReturnType<typeof freshDatabase>>;

export async function openDatabase(): Promise<void> {
  database = await freshDatabase();
}

export function flowOf(
  name: string,
  body: (run: Run, order: { no: string }) => Promise<{ outcome: string; detail?: string }>,
): AnyFlow {
  return flow({
    name,
    version: 1,
    title: { zh: name, en: name },
    input: Order,
    startedBy: [`start.${name}`],
    keyOf: (order) => order.no,
    caseOf: (order) => ({ key: `${name}/${order.no}`, title: name }),
    milestones: [],
    body,
  });
}

/** A node with these flows; the outside world is a function. */
export async function node(
  flows: readonly AnyFlow[],
  world: (call: ActionCall) => ActionOutcome | Promise<ActionOutcome> = () => ({
    outcome: 'confirmed',
    response: { serial: 's' },
  }),
) {
  const clock = new Clock();
  const problems: string[] = [];
  const engine = new Engine({
    store: database.store,
    url: database.url,
    clock,
    flows,
    call: async (call) => world(call),
    retry: (run, ms) => setTimeout(() => void engine.wake(run).catch(() => undefined), ms).unref(),
  });
  engine.events.on('problem', (problem) => problems.push(problem));
  await engine.start();
  return { engine, problems };
}

export async function tell(engine: Engine, noticeName: string, no: string): Promise<void> {
  await database.store.tx((tx) => keepSignal(tx, { notice: noticeName, key: no, id: no, message: { no } }));
  await engine.signalled([`${noticeName}:${no}`]);
}

export async function ended(flowName: string, no: string): Promise<{ outcome: string; detail: string | null }> {
  for (let i = 0; i < 400; i++) {
    const found = await database.store.pool.query<{ outcome: string; detail: string | null }>(
      'select outcome, detail from run_done where flow = $1 and key = $2',
      [flowName, no],
    );
    if (found.rows[0]) return found.rows[0];
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  const live = await database.store.pool.query('select state, problem, wake_at from run where flow = $1 and key = $2', [
    flowName,
    no,
  ]);
  throw new Error(`${flowName} ${no} did not end: ${JSON.stringify(live.rows)}`);
}

export async function eventually<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (let i = 0; i < 400; i++) {
    const found = await look();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error('it did not happen within 10 s');
}

export async function liveState(
  flowName: string,
  no: string,
): Promise<{ state: number; problem: string | null } | undefined> {
  const found = await database.store.pool.query<{ state: number; problem: string | null }>(
    'select state, problem from run where flow = $1 and key = $2',
    [flowName, no],
  );
  return found.rows[0];
}

export async function paths(no: string): Promise<string[]> {
  const found = await database.store.pool.query<{ path: string }>(
    'select path from journal join run_key on run_key.run_id = journal.run_id where run_key.key = $1 order by seq',
    [no],
  );
  return found.rows.map((row) => row.path);
}
