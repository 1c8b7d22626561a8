/** What people's acts have made of a run, by its journal. */
import type { Execution } from '../execution.ts';
import type { Ending } from '../flow.ts';
import type { Entry } from '../journal.ts';
import { directed, type Direction } from './direction.ts';
import type { JournaledAct } from './kinds.ts';

/** The run was cancelled at this place of its journal: from there on it only learns what became of its effects, and undoes. */
export interface Cancelled {
  readonly seq: number;
  readonly ending: Ending;
  begun: boolean;
}

export class Standing {
  /** What people decided about calls, by path. */
  readonly directions = new Map<string, Direction>();
  cancelled: Cancelled | undefined;
  /** Why it is not executed although nothing is wrong with it. */
  suspension: string | undefined;

  /** It was cancelled, and has not turned to its undoing yet. */
  get turning(): Cancelled | undefined {
    return this.cancelled?.begun === false ? this.cancelled : undefined;
  }

  /** @returns the call whose instruction is given anew, if it is one */
  acted(entry: Entry): string | undefined {
    const act = entry.body as JournaledAct;
    if (act.kind === 'suspend') this.suspension = `suspended by ${act.by}: ${act.reason}`;
    if (act.kind === 'resume' || act.kind === 'cancel') this.suspension = undefined;
    if (act.kind === 'cancel') {
      const detail = `by ${act.by}: ${act.reason}`;
      this.cancelled = { seq: entry.seq, ending: { outcome: 'cancelled', detail }, begun: false };
    }
    const { path } = act.body as { path?: string };
    if (path === undefined) return undefined;
    this.directions.set(path, directed(this.directions.get(path), act));
    return act.kind === 'edit' ? path : undefined;
  }
}

/** What stands in the journal of an act holds from here on, now as in every replay. */
export function acted(execution: Execution, entry: Entry): void {
  const anew = execution.standing.acted(entry);
  if (anew === undefined) return;
  execution.intents.delete(anew);
  execution.undos.forget(anew);
}
