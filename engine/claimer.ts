/** Brings what is ready into memory: the oldest first, as much as there is room for, and one claim at a time. */
import type { Store } from '../store/store.ts';
import { dueActs, withDueActs } from './acts/mailbox.ts';
import { takeActs } from './acts/take.ts';
import { claimParked, claimRuns, loadRuns } from './claim.ts';
import { Execution } from './execution.ts';
import type { AnyFlow } from './flow.ts';
import type { Host } from './host.ts';
import type { Turns } from './lanes/turns.ts';
import type { Memory } from './memory.ts';
import type { NodeLife } from './node.ts';

export interface Claiming {
  readonly store: Store;
  readonly flows: ReadonlyMap<string, AnyFlow>;
  readonly memory: Memory;
  readonly turns: Turns;
  /** Who claims, and for whom; undefined while this node takes nothing. */
  readonly me: () => { readonly node: NodeLife; readonly host: Host } | undefined;
  readonly busy: () => boolean;
  readonly execute: (execution: Execution) => void;
  readonly claimed: (runs: number) => void;
  readonly problem: (what: string, thrown: unknown) => void;
}

const claimMax = 200;

export class Claimer {
  readonly #with: Claiming;
  #claiming = false;
  #again = false;
  #takeStock = false;
  /** There was more to claim than room for it. */
  #backlog = false;
  #suspect: string | undefined;

  constructor(claiming: Claiming) {
    this.#with = claiming;
  }

  /** Looks for runs that this node owns and does not execute before it claims the next time. @returns false: it does already */
  takeStock(): boolean {
    const first = !this.#takeStock;
    this.#takeStock = true;
    return first;
  }

  /** A run has left memory: there is room for what had none, and for the next suspect. */
  left(run: string): void {
    if (this.#suspect === run) this.#suspect = undefined;
    if (this.#backlog) this.ring();
  }

  ring(): void {
    void this.#claim();
  }

  async #claim(): Promise<void> {
    if (this.#claiming) {
      this.#again = true;
      return;
    }
    this.#claiming = true;
    const { me, memory, problem } = this.#with;
    try {
      if (this.#takeStock) {
        this.#takeStock = false;
        // While nothing is being claimed: a run on its way into memory is no stray.
        await me()?.node.giveBackStrays((run) => memory.has(run));
      }
      do {
        this.#again = false;
        await this.#claimTurns();
        await this.#claimReady();
      } while (this.#again);
    } catch (thrown) {
      problem('claim', thrown);
    } finally {
      this.#claiming = false;
    }
  }

  async #claimReady(): Promise<void> {
    const { store, flows, memory, me, busy, execute } = this.#with;
    const free = Math.min(claimMax, memory.room);
    this.#backlog = free <= 0 || busy();
    const claiming = me();
    if (!claiming || this.#backlog) return;
    const { node, host } = claiming;
    const claimed = await claimRuns(store, node.id, [...flows.values()], free, this.#suspect === undefined);
    if (claimed.length === 0) return;
    this.#with.claimed(claimed.length);
    this.#backlog = claimed.length === free;
    this.#again ||= this.#backlog;
    this.#suspect ??= claimed.find((run) => run.suspect)?.id;
    const ids = claimed.map((run) => run.id);
    const [loaded, told] = await Promise.all([loadRuns(store, claimed, flows), withDueActs(store, ids)]);
    for (const { row, entries, effects, waits, unreadable } of loaded) {
      if (unreadable !== undefined) {
        void host.submit({ run: row.id, flow: row.flow.name, caseId: row.caseId, attention: unreadable });
        continue;
      }
      const execution = new Execution(host, row, entries, effects, waits);
      if (told.has(row.id)) this.takeActs(execution);
      execute(execution);
    }
  }

  /** What lies in the run's mailbox is taken as soon as nothing of it is under way. */
  takeActs(execution: Execution): void {
    execution.hold(() => takeActs(execution, () => dueActs(this.#with.store, execution.row.id)));
  }

  /** Runs with a held call whose turn has come here. One that runs elsewhere, or is over, lets its turn pass. */
  async #claimTurns(): Promise<void> {
    const { store, flows, memory, turns, me, execute } = this.#with;
    const wanted = turns.wanted().filter((run) => !memory.has(run));
    if (wanted.length === 0) return;
    try {
      const claiming = me();
      if (!claiming || memory.room <= 0) return;
      const { node, host } = claiming;
      const claimed = await claimParked(store, node.id, [...flows.values()], wanted);
      for (const { row, entries, effects, waits, unreadable } of await loadRuns(store, claimed, flows))
        if (unreadable === undefined) execute(new Execution(host, row, entries, effects, waits));
        else void host.submit({ run: row.id, flow: row.flow.name, caseId: row.caseId, attention: unreadable });
    } finally {
      for (const run of wanted) if (!memory.has(run)) turns.left(run);
    }
  }
}
