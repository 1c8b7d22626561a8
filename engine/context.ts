/** The `run` that a flow's code holds: names its steps and hands them to the execution. */
import { Failure, isFailure } from '../contracts/failures.ts';
import type { Notice, Operation } from '../contracts/kind.ts';
import type { Static, TSchema } from 'typebox';
import { after, type Period } from './calendar.ts';
import { EffectCall, floored } from './call.ts';
import { Stopped, type Execution } from './execution.ts';
import type { CallOptions, Run, Tx, WaitOptions } from './flow.ts';
import { kinds } from './journal.ts';

export class RunContext implements Run {
  readonly id: string;
  readonly caseId: string;
  readonly #execution: Execution;
  readonly #scope: string;
  readonly #counts = new Map<string, number>();

  constructor(execution: Execution, scope: string) {
    this.id = execution.row.id;
    this.caseId = execution.row.caseId;
    this.#execution = execution;
    this.#scope = scope;
  }

  child(scope: string): RunContext {
    return new RunContext(this.#execution, `${this.#scope}${scope}/`);
  }

  now(): Date {
    return this.#execution.lastAt;
  }

  call<Q extends TSchema, A extends TSchema>(
    operation: Operation<Q, A>,
    request: Static<Q>,
    options: CallOptions<Static<A>>,
  ): Promise<Static<A>> {
    const path = this.#path(options.name ?? operation.name);
    const call = new EffectCall(this.#execution, path, operation, request, options as CallOptions<unknown>);
    return this.#execution.step<Static<A>>(path, () => call.live());
  }

  record<T>(
    name: string,
    change: (tx: Tx) => Promise<T>,
    options: { readonly undo?: (tx: Tx) => Promise<void> } = {},
  ): Promise<T> {
    const path = this.#path(name);
    const undo = options.undo;
    const undoing = undo ? (run: Run) => run.record('undo', undo) : undefined;
    const recorded = this.#execution.step<T>(path, async () => {
      try {
        await this.#execution.inTransaction(path, kinds.result, async (tx) => {
          const value = await change(tx);
          return { body: value, value };
        });
      } catch (thrown) {
        if (!isFailure(thrown)) throw thrown;
        this.#execution.refuse(path, thrown);
      }
    });
    if (!undoing) return recorded;
    return recorded.then((value) => {
      this.#execution.onUndo(path, this.#execution.seqOf(path), undoing);
      return value;
    });
  }

  wait<M extends TSchema>(notice: Notice<M>, options: WaitOptions<Static<M>>): Promise<Static<M>> {
    const path = this.#path(notice.name);
    const since = this.now();
    const deadline = after(since, options.within);
    return this.#execution
      .step<{ message?: Static<M> }>(path, () =>
        this.#wait(path, notice as unknown as Notice, options as WaitOptions<unknown>, since, deadline),
      )
      .then((taken) => {
        if (taken.message !== undefined) return taken.message;
        throw new Failure('DEADLINE_PASSED', {
          detail: `${options.from}: no ${notice.label.en} within ${options.within}`,
        });
      });
  }

  async #wait(path: string, notice: Notice, options: WaitOptions<unknown>, since: Date, deadline: Date): Promise<void> {
    const execution = this.#execution;
    const { clock } = execution.host;
    const key = `${notice.name}:${options.key}`;
    await execution.flushed();
    if (await this.#take(path, key)) return;
    const { poll } = options;
    let pollAt = poll && (execution.waits.get(path)?.pollAt ?? after(clock.now(), poll.every));
    if (poll && pollAt && pollAt <= clock.now()) {
      await this.#poll(notice, options, poll);
      if (await this.#take(path, key)) return;
      pollAt = floored(clock, after(clock.now(), poll.every));
    }
    if (deadline <= clock.now()) return execution.complete(path, kinds.timer, {}, { waitsEnded: [path] });
    execution.sleep(path, {
      wakeAt: pollAt && pollAt < deadline ? pollAt : deadline,
      wait: { run: this.id, path, key, party: options.from, what: notice.label, since, deadline, pollAt },
    });
  }

  async #take(path: string, key: string): Promise<boolean> {
    const found = await this.#execution.host.signal(key);
    if (!found) return false;
    this.#execution.complete(
      path,
      kinds.signal,
      { id: found.id, message: found.body },
      { taken: [{ key, id: found.id }], waitsEnded: [path] },
    );
    return true;
  }

  /** The fact by its second road: kept as the same signal, so that whichever road was first wins once. */
  async #poll(
    notice: Notice,
    options: WaitOptions<unknown>,
    poll: NonNullable<WaitOptions<unknown>['poll']>,
  ): Promise<void> {
    const outcome = await this.#execution.host.call({
      operation: poll.operation.name,
      system: poll.system,
      request: { no: poll.no ?? options.key },
      effect: { key: `${this.id}:poll`, attempt: 1, run: this.id, case: this.caseId },
    });
    if (outcome.outcome !== 'confirmed') return;
    const answer = outcome.response as { outcome: string; response?: unknown };
    if (answer.outcome !== 'confirmed') return;
    const message = notice.contract.check(answer.response);
    if (poll.final && !poll.final(message)) return;
    await this.#execution.host.keepSignal(notice.name, notice.keyOf(message), notice.idOf(message), message);
  }

  sleep(name: string, period: Period): Promise<void> {
    const path = this.#path(name);
    const due = after(this.now(), period);
    return this.#execution.step<void>(path, async () => {
      if (due <= this.#execution.host.clock.now()) this.#execution.complete(path, kinds.timer, undefined);
      else this.#execution.sleep(path, { wakeAt: due });
    });
  }

  milestone(no: number): Promise<void> {
    const path = this.#path(`milestone ${no}`);
    return this.#execution.step<void>(path, async () =>
      this.#execution.complete(path, kinds.milestone, { no, realMs: Date.now() }),
    );
  }

  async all<T extends Record<string, (run: Run) => Promise<unknown>>>(
    name: string,
    branches: T,
  ): Promise<{ [K in keyof T]: Awaited<ReturnType<T[K]>> }> {
    const scope = this.#count(name);
    const names = Object.keys(branches);
    const settled = await Promise.allSettled(
      names.map(async (branch) => branches[branch]?.(this.child(`${scope}/${branch}`))),
    );
    const failed = settled.find((result) => result.status === 'rejected');
    if (failed) throw failed.reason;
    return Object.fromEntries(
      names.map((branch, i) => [branch, (settled[i] as PromiseFulfilledResult<unknown>).value]),
    ) as {
      [K in keyof T]: Awaited<ReturnType<T[K]>>;
    };
  }

  stop(outcome: string, detail: string): never {
    throw new Stopped({ outcome, detail });
  }

  #path(name: string): string {
    return this.#scope + this.#count(name);
  }

  /** The n-th step of a name in a scope is `name#n`: a loop's steps keep their names on replay. */
  #count(name: string): string {
    const clean = name.replaceAll('/', '-');
    const count = (this.#counts.get(clean) ?? 0) + 1;
    this.#counts.set(clean, count);
    return count === 1 ? clean : `${clean}#${count}`;
  }
}
