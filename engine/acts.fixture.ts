/** Acts on runs of the test's own flows. */
import { expect } from '@jest/globals';
import { approve, propose, type Acting } from './acts.ts';
import type { ActRow } from './acts/kinds.ts';
import { Clock } from './clock.ts';
import type { Engine } from './engine.ts';
import { database, eventually, flowOf, liveState, node, shop } from './engine.fixture.ts';
import type { AnyFlow } from './flow.ts';
import type { ActionCall, ActionOutcome } from './host.ts';

export type World = (call: ActionCall) => ActionOutcome | Promise<ActionOutcome>;
export const done: ActionOutcome = { outcome: 'confirmed', response: { serial: 's' } };
export const silent: ActionOutcome = { outcome: 'unknown', code: 'OUTCOME_UNKNOWN', detail: 'no answer in time' };
export const away: ActionOutcome = { outcome: 'later', code: 'SYSTEM_UNREACHABLE', detail: 'refused' };
export const why = { by: 'Zhang', reason: 'agreed on the phone' };

export function actingOn(engine: Engine, flows: readonly AnyFlow[]): Acting {
  return { store: database.store, clock: new Clock(), flows, acted: () => engine.acted() };
}

export async function runOf(flow: string, no: string): Promise<string> {
  const found = await eventually(async () => {
    const rows = await database.store.pool.query<{ run_id: string }>(
      'select run_id from run_key where flow = $1 and key = $2',
      [flow, no],
    );
    return rows.rows[0];
  });
  return found.run_id;
}

export async function standsAt(flow: string, no: string, state: number): Promise<string> {
  await eventually(async () => ((await liveState(flow, no))?.state === state ? true : undefined));
  return runOf(flow, no);
}

export async function settled(id: string): Promise<{ state: string; detail: string | null }> {
  return eventually(async () => {
    const found = await database.store.pool.query<{ state: string; detail: string | null }>(
      `select state, detail from act where id = $1 and state not in ('open', 'proposed')`,
      [id],
    );
    return found.rows[0];
  });
}

/** A node whose one flow pays, waits for the delivery and has an undo for either. */
export async function shopping(name: string, world: World, body?: Parameters<typeof flowOf>[1]) {
  const undone: string[] = [];
  const flows = [
    flowOf(
      name,
      body ??
        (async (run, order) => {
          await run.record('reserve', async () => 'r', { undo: async () => void undone.push('reserve') });
          const paid = await run.call(shop.operations.pay, order, {
            system: 'shop',
            skippable: true,
            undo: async (r) => r.record('pay back', async () => void undone.push('pay')),
          });
          await run.wait(shop.notices.delivered, { key: order.no, within: '3 working days', from: 'shop' });
          return { outcome: 'delivered', detail: paid.serial };
        }),
    ),
  ];
  const { engine } = await node(flows, world);
  return { engine, undone, flows, acting: actingOn(engine, flows) };
}

export async function proposeAndApprove(acting: Acting, proposal: Parameters<typeof propose>[1]): Promise<ActRow> {
  const act = await propose(acting, proposal);
  expect(act.state).toBe('proposed');
  return approve(acting, act.id, { by: 'Wang', payloadHash: act.payloadHash });
}
