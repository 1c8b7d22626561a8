/** The `run` that a flow's code holds: names its steps and hands them to the execution. */
import { hash } from 'node:crypto';
import { Failure, isFailure } from '../contracts/failures.ts';
import type { Notice, Operation } from '../contracts/kind.ts';
import type { Static, TSchema } from 'typebox';
import { after, type Period } from './calendar.ts';
import { EffectCall, floored } from './call.ts';
import type { StepAbout } from './acts/position.ts';
import { Continued, Stopped } from './endings.ts';
import type { Execution } from './execution.ts';
import type { AskOptions, CallOptions, Run, Tx, WaitOptions } from './flow.ts';
import { kinds } from './journal.ts';
import { decidedNotice, newTask, type Decided, type NewTask } from './tasks.ts';
import { holdCall } from './lanes/ticket.ts';
import { signalKey } from './signals.ts';
import { send } from './wire.ts';
import type { WaitRow } from './work.ts';

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
    return this.#execution.delivery.lastAt;
  }

  call<Q extends TSchema, A extends TSchema>(
    operation: Operation<Q, A>,
    request: Static<Q>,
    options: CallOptions<Static<A>>,
  ): Promise<Static<A>> {
    const path = this.#path(options.name ?? operation.name);
    const call = new EffectCall(this.#execution, path, operation, request, options as CallOptions<unknown>);
    const about: StepAbout = {
      kind: 'call',
      label: operation.label,
      party: options.system,
      call: { operation: operation as unknown as Operation, request, options: options as CallOptions<unknown> },
    };
    return this.#execution.step<Static<A>>(path, about, () => call.live());
  }

  record<T>(
    name: string,
    change: (tx: Tx) => Promise<T>,
    options: { readonly undo?: (tx: Tx) => Promise<void> } = {},
  ): Promise<T> {
    const path = this.#path(name);
    const undo = options.undo;
    const undoing = undo ? (run: Run) => run.record('undo', undo) : undefined;
    const about: StepAbout = { kind: 'record', label: { zh: name, en: name } };
    const recorded = this.#execution.step<T>(path, about, async () => {
      try {
        await this.#execution.inTransaction(path, kinds.result, async (tx) => {
          const value = await change(tx);
          return { body: value, value };
        });
      } catch (thrown) {
        if (!isFailure(thrown)) throw thrown;
        await this.#execution.refuse(path, thrown);
      }
    });
    if (!undoing) return recorded;
    return recorded.then((value) => {
      this.#execution.undos.add(path, this.#execution.seqOf(path), undoing);
      return value;
    });
  }

  async tell<M extends TSchema>(notice: Notice<M>, message: Static<M>): Promise<void> {
    const path = this.#path(`tell ${notice.name}`);
    const about: StepAbout = { kind: 'record', label: notice.label };
    await this.#execution.step(path, about, async () => {
      const checked = notice.contract.check(message);
      const fact = { notice: notice.name, key: notice.keyOf(checked), id: notice.idOf(checked), message: checked };
      await this.#execution.inTransaction(path, kinds.result, async (tx) => {
        await this.#execution.host.keepFact(tx, fact);
        return { body: { key: fact.key, id: fact.id }, value: undefined };
      });
      this.#execution.host.told(signalKey(fact));
    });
  }

  wait<M extends TSchema>(notice: Notice<M>, options: WaitOptions<Static<M>>): Promise<Static<M>> {
    const path = this.#path(notice.name);
    const since = this.now();
    const deadline = after(since, options.within);
    const about: StepAbout = { kind: 'wait', label: notice.label, party: options.from, since, deadline };
    return this.#execution
      .step<{ message?: Static<M> }>(path, about, () =>
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
    await execution.pen.flushed();
    if (await this.#take(path, key)) return;
    const { poll } = options;
    let pollAt = poll && (execution.waits.get(path)?.pollAt ?? after(clock.now(), poll.every));
    const due = poll && pollAt && pollAt <= clock.now();
    const held = due && deadline > clock.now() ? this.#heldPoll(path, poll.system) : undefined;
    if (due && !held) {
      await this.#poll(path, notice, options, poll);
      if (await this.#take(path, key)) return;
      pollAt = floored(clock, after(clock.now(), poll.every));
    }
    if (deadline <= clock.now()) return execution.complete(path, kinds.timer, {}, { waitsEnded: this.#over(path) });
    execution.sleep(path, {
      wakeAt: pollAt && pollAt < deadline && !held ? pollAt : deadline,
      ...(held ? { held } : {}),
      wait: { run: this.id, path, key, party: options.from, what: notice.label, since, deadline, pollAt },
    });
  }

  async #take(path: string, key: string): Promise<boolean> {
    const found = await this.#execution.host.signal(key);
    if (!found) return false;
    this.#execution.stay?.took(key.slice(0, key.indexOf(':')), found.exchange);
    await this.#execution.complete(
      path,
      kinds.signal,
      { id: found.id, message: found.body },
      { taken: [{ key, id: found.id }], waitsEnded: this.#over(path) },
    );
    return true;
  }

  /** The fact by its second road: kept as the same signal, so that whichever road was first wins once. */
  async #poll(
    path: string,
    notice: Notice,
    options: WaitOptions<unknown>,
    poll: NonNullable<WaitOptions<unknown>['poll']>,
  ): Promise<void> {
    if (this.#execution.waits.delete(heldPath(path))) {
      await this.#execution.pen.append([], { waitsEnded: [heldPath(path)] });
      await this.#execution.pen.flushed();
    }
    const outcome = await send(this.#execution, path, {
      operation: poll.operation.name,
      system: poll.system,
      request: { no: poll.no ?? options.key },
      key: pollKey(this.id, path),
      attempt: 1,
    });
    if (outcome.outcome !== 'confirmed') return;
    const answer = outcome.response as { outcome: string; response?: unknown };
    if (answer.outcome !== 'confirmed') return;
    const message = notice.contract.check(answer.response);
    if (poll.final && !poll.final(message)) return;
    const fact = { notice: notice.name, key: notice.keyOf(message), id: notice.idOf(message), message };
    await this.#execution.host.keepSignal(fact);
  }

  #heldPoll(path: string, system: string): WaitRow | undefined {
    return holdCall(this.#execution, heldPath(path), { system, key: pollKey(this.id, path), attempt: 1 });
  }

  #over(path: string): string[] {
    return this.#execution.waits.has(heldPath(path)) ? [path, heldPath(path)] : [path];
  }

  sleep(name: string, period: Period): Promise<void> {
    const path = this.#path(name);
    const due = after(this.now(), period);
    const about: StepAbout = { kind: 'sleep', label: { zh: name, en: name }, deadline: due };
    return this.#execution.step<void>(path, about, async () => {
      if (due <= this.#execution.host.clock.now()) await this.#execution.complete(path, kinds.timer, undefined);
      else this.#execution.sleep(path, { wakeAt: due, wait: this.#napOf(path, name, due) });
    });
  }

  ask(name: string, options: AskOptions): Promise<Decided> {
    const path = this.#path(name);
    const since = this.now();
    const deadline = after(since, options.within);
    const { title, payload, people = 1, roles = [], notBy = [], party, escalateAfter, escalateTo = [] } = options;
    const escalation = escalateAfter && { at: after(since, escalateAfter), to: escalateTo };
    const whose = { run: this.id, case: this.caseId, path, since, deadline, party, escalation };
    const task = newTask({ ...whose, title, payload, people, roles, notBy });
    const about: StepAbout = { kind: 'ask', label: title, party: 'people', since, deadline };
    return this.#execution
      .step<{ message?: Decided }>(path, about, () => this.#ask(path, task))
      .then((taken) => {
        if (taken.message !== undefined) return taken.message;
        throw new Failure('DEADLINE_PASSED', { detail: `${title.en}: nobody decided within ${options.within}` });
      });
  }

  async #ask(path: string, task: NewTask): Promise<void> {
    const execution = this.#execution;
    const key = `${decidedNotice}:${task.id}`;
    await execution.pen.flushed();
    if (await this.#take(path, key)) return;
    const { deadline, since } = task;
    if (deadline <= execution.host.clock.now()) {
      // First, so that nobody decides what the run no longer waits for; a decision that came before is taken.
      await execution.host.closeTask(task.id, 'expired');
      if (await this.#take(path, key)) return;
      return execution.complete(path, kinds.timer, {}, { waitsEnded: [path] });
    }
    await execution.host.keepTask(task);
    execution.sleep(path, {
      wakeAt: deadline,
      wait: { run: this.id, path, key, party: 'people', what: task.title, since, deadline, pollAt: undefined },
    });
  }

  continueAsNew(input: unknown): never {
    throw new Continued(input);
  }

  #napOf(path: string, name: string, due: Date): WaitRow {
    const what = { zh: `定时：${name}`, en: `timer: ${name}` };
    const key = `timer:${this.id}:${path}`;
    return { run: this.id, path, key, party: 'hub', what, since: this.now(), deadline: due, pollAt: undefined };
  }

  milestone(no: number): Promise<void> {
    const path = this.#path(`milestone ${no}`);
    const about: StepAbout = { kind: 'milestone', label: { zh: `里程碑 ${no}`, en: `milestone ${no}` } };
    return this.#execution.step<void>(path, about, async () =>
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

/** A wait has one row of its own; its poll, held in a lane, another. */
function heldPath(path: string): string {
  return `${path}~poll`;
}

function pollKey(run: string, path: string): string {
  return `${hash('sha256', `${run}\0${path}`, 'base64url').slice(0, 32)}:poll`;
}
