/** The owner of a run takes what lies in its mailbox, between two steps: each act is journaled, or told why not. */
import { isFailure } from '../../contracts/failures.ts';
import type { Execution } from '../execution.ts';
import { kinds } from '../journal.ts';
import type { EffectRow } from '../work.ts';
import { actKinds, type ActBody, type ActRow, type JournaledAct } from './kinds.ts';
import { whyNot } from './position.ts';
import { acted } from './standing.ts';

/** `leave`: the run has left memory, or is to be put down for an act on its row. */
export async function takeActs(execution: Execution, load: () => Promise<readonly ActRow[]>): Promise<'go' | 'leave'> {
  // What was decided so far is in the tables before they are read.
  await execution.pen.flushed();
  for (const act of await load()) {
    if (actKinds[act.kind].by === 'row') {
      execution.putDown();
      return 'leave';
    }
    const why = voidness(execution, act);
    if (why) await execution.pen.append([], { acts: [{ id: act.id, ...why }] });
    else await apply(execution, act);
  }
  const suspension = execution.standing.suspension;
  if (suspension === undefined) return 'go';
  execution.needsPeople(suspension);
  return 'leave';
}

function voidness(execution: Execution, act: ActRow): { state: 'stale' | 'refused'; detail: string } | undefined {
  const { position } = execution;
  if (actKinds[act.kind].staleable && act.seqSeen !== position.seq)
    return { state: 'stale', detail: `decided on ${act.seqSeen} entries of the journal, it has ${position.seq} now` };
  try {
    const why = whyNot(act.kind, act.body, position);
    return why === undefined ? undefined : { state: 'refused', detail: why };
  } catch (thrown) {
    if (!isFailure(thrown)) throw thrown;
    return { state: 'refused', detail: thrown.message };
  }
}

function apply(execution: Execution, act: ActRow): Promise<void> {
  const { id, kind, by, approvedBy, reason } = act;
  const { path } = act.body as { path?: string };
  const attempts = execution.effects.get(path ?? '')?.attempts;
  // Once: whoever replays it sees by the count whether it was done.
  const again = kind === 'resend' || (kind === 'resolve' && 'verdict' in act.body && act.body.verdict === 'absent');
  const body = again ? ({ ...act.body, attempts } as ActBody) : act.body;
  const journaled: JournaledAct = { id, kind, by, approvedBy, reason, body };
  return journal(execution, journaled, changedEffects(execution, act));
}

async function journal(execution: Execution, act: JournaledAct, effects: readonly EffectRow[]): Promise<void> {
  for (const effect of effects) {
    if (effect.state === 'replaced') execution.effects.delete(effect.path);
    else execution.effects.set(effect.path, effect);
  }
  const [entry] = await execution.pen.append([{ kind: kinds.act, path: `act/${act.kind}`, body: act }], {
    effects,
    acts: [{ id: act.id, state: 'applied' }],
  });
  if (entry) acted(execution, entry);
}

/** Rows of effects that the act itself changes; what it changes about a call is done when the call goes on. */
function changedEffects(execution: Execution, act: ActRow): EffectRow[] {
  const now = execution.host.clock.now();
  if (act.kind === 'retry') {
    const { steps } = execution.position;
    const open = [...execution.effects.values()].filter((effect) => steps.has(effect.path));
    return open.map((effect) => ({
      ...effect,
      attempts: Math.min(effect.attempts, 1),
      queries: 0,
      notFound: 0,
      // Certainly not sent, or to be asked about: either is due now. What may be sent without a row that says so stays.
      nextAt: effect.nextAt === undefined ? undefined : now,
    }));
  }
  if (act.kind !== 'edit') return [];
  const replaced = execution.effects.get((act.body as { path: string }).path);
  const detail = `its input was replaced by ${act.by}: ${act.reason}`;
  return replaced ? [{ ...replaced, state: 'replaced', detail, nextAt: undefined, settledAt: now }] : [];
}
