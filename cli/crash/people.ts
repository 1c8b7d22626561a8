/**
 * The operators of a hub that must not decide by itself: after a kill between intent and answer of an instruction that
 * has a second effect when it is sent twice, two people ring up the counterparty. Here they read its log, and do what any
 * operators would: one proposes that it never came, the other approves. And a run in whose company nodes died so often that
 * the engine put it aside, although they died of another, they let go on.
 */
import { approve, propose, type Acting } from '../../engine/acts.ts';
import { diedTooOften } from '../../engine/claim.ts';
import { Clock } from '../../engine/clock.ts';
import { flows } from '../../flows/flows.ts';
import type { Store } from '../../store/store.ts';
import type { EffectLine } from './effects.ts';

/** The second one at the desk finds the first one's act under way, or a run that has moved on: not his to repair. */
const late: ReadonlySet<string> = new Set(['APPROVAL_STALE', 'ILLEGAL_TRANSITION', 'NOT_FOUND']);

/**
 * The unknown instructions of which the counterparty has no trace are to be sent again.
 *
 * @returns how many were decided on; `nothing` when there is nothing that people could decide so
 */
export async function sendAgain(store: Store, effects: readonly EffectLine[]): Promise<number | 'nothing'> {
  const { rows } = await store.pool.query<{
    run_id: string;
    path: string;
    system: string;
    number: string;
    open: boolean;
  }>(
    `select e.run_id, e.path, e.system, e.number,
       exists (select from act where run_id = e.run_id and state in ('proposed', 'open')) open
     from effect e join run r on r.id = e.run_id
     where e.state = 'unknown' and e.number is not null and r.state = 4`,
  );
  const unheard = rows.filter(({ system, number }) =>
    effects.every((line) => line.twin !== system || line.number !== number),
  );
  if (unheard.length === 0) return 'nothing';
  let decided = 0;
  for (const { run_id: run, path, number, open } of unheard)
    if (!open && (await decide(store, run, path, number))) decided += 1;
  return decided;
}

/** Runs that the engine put aside because their nodes died are tried again. @returns how many */
export async function tryAgain(store: Store): Promise<number> {
  const { rows } = await store.pool.query<{ id: string }>(
    `select id from run r where state = 4 and problem = $1 and not exists (select from act where run_id = r.id and state = 'open')`,
    [diedTooOften],
  );
  let tried = 0;
  for (const { id } of rows) if (await retry(store, id)) tried += 1;
  return tried;
}

async function retry(store: Store, run: string): Promise<boolean> {
  try {
    await propose(actingOn(store), { run, kind: 'retry', reason: 'its node was killed', by: 'crash operator' });
    return true;
  } catch (thrown) {
    if (late.has((thrown as { type?: string }).type ?? '')) return false;
    throw thrown;
  }
}

/** The hub finds the act in its mailbox by itself. */
const actingOn = (store: Store): Acting => ({ store, clock: new Clock(), flows, acted: () => {} });

async function decide(store: Store, run: string, path: string, number: string): Promise<boolean> {
  const acting = actingOn(store);
  const reason = `the counterparty has no trace of ${number}`;
  try {
    const act = await propose(acting, {
      run,
      kind: 'resolve',
      body: { path, verdict: 'absent', evidence: `${reason} in its log` },
      reason,
      by: 'crash operator',
    });
    await approve(acting, act.id, { by: 'crash checker', payloadHash: act.payloadHash });
    return true;
  } catch (thrown) {
    if (late.has((thrown as { type?: string }).type ?? '')) return false;
    throw thrown;
  }
}
