/**
 * A run replayed in memory for looking at it: nothing goes out, nothing is written, and it stops where the journal ends.
 */
import { Failure } from '../../contracts/failures.ts';
import type { Store } from '../../store/store.ts';
import { loadRuns } from '../claim.ts';
import type { Clock } from '../clock.ts';
import { Execution } from '../execution.ts';
import type { AnyFlow, Ending } from '../flow.ts';
import type { Host } from '../host.ts';
import type { Position } from './position.ts';

export interface Replayed {
  readonly position: Position;
  /** What would be undone if the run ended here, in that order. */
  readonly undos: readonly { readonly path: string; readonly seq: number }[];
  /** The flow's code has ended; only its last entry is missing. */
  readonly ending: Ending | undefined;
  /** Why the journal cannot be replayed with this code: where the two part. */
  readonly problem: string | undefined;
}

export interface LiveRun {
  readonly id: string;
  readonly flow: string;
  readonly version: number;
  readonly case_id: string;
  readonly key: string;
}

/** A flow's code that does not come to rest is a bug of the flow; whoever looks is not held up by it. */
const replayMs = 10_000;

/** @throws Failure NOT_FOUND when no such version of the flow is here */
export async function dryReplay(
  store: Store,
  clock: Clock,
  flows: readonly AnyFlow[],
  run: LiveRun,
): Promise<Replayed> {
  const byName = new Map(flows.map((flow) => [`${flow.name}@${flow.version}`, flow]));
  const [loaded] = await loadRuns(store, [run], byName);
  if (!loaded) throw new Failure('NOT_FOUND', { detail: `${run.flow} has no version ${run.version} here` });
  if (loaded.unreadable !== undefined) throw new Failure('NOT_FOUND', { detail: loaded.unreadable });
  let problem: string | undefined;
  const nothing = (): never => {
    throw new Error('a dry replay touches nothing');
  };
  const host: Host = {
    clock,
    submit: async (work) => {
      problem = work.attention ?? problem;
    },
    transaction: nothing,
    alive: nothing,
    call: nothing,
    hold: nothing,
    signal: nothing,
    keepSignal: nothing,
    keepFact: nothing,
    told: () => {},
    keepTask: nothing,
    closeTask: nothing,
    newest: () => undefined,
    rung: () => {},
    retryIn: () => {},
    parked: () => {},
  };
  const execution = new Execution(host, loaded.row, loaded.entries, loaded.effects, loaded.waits);
  await new Promise<void>((rested) => {
    const late = setTimeout(() => {
      problem ??= `the flow's code did not come to rest within ${replayMs} ms`;
      execution.drop();
      rested();
    }, replayMs);
    execution.hold(async () => {
      clearTimeout(late);
      rested();
      return 'leave';
    });
    void execution.run().then(() => {
      clearTimeout(late);
      rested();
    });
  });
  const { position, closing: ending } = execution;
  const undos = execution.undos.inOrder().map(({ path, seq }) => ({ path, seq }));
  return { position, undos, ending, problem: problem ?? execution.delivery.unasked };
}
