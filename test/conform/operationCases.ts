/** The cases of one operation: as it should be, twice, with another content, not as agreed, and under every fault. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Outcome } from '../../adapters/adapter.ts';
import { consequenceOf, Failure, type FailureCode } from '../../contracts/failures.ts';
import type { Operation } from '../../contracts/kind.ts';
import { Broken, type Case, type Group, must, mustBe, mustBeSober, mustEqual, shown } from './case.ts';
import type { Fault } from './fault.ts';
import { faults } from './faults.ts';
import type { Ground } from './ground.ts';
import { rules } from './rules.ts';
import type { FileExchange, OperationSubject, Step, StepKind, Subject } from './subject.ts';

export function operationGroup(subject: Subject, name: string): Group {
  const operation = subject.kind.operations[name] as Operation | undefined;
  const told = subject.operations[name];
  if (!operation || !told) throw new Error(`${subject.kind.name}/${subject.vendor} has no subject for ${name}`);
  const trial = new Trial(operation, name, told);
  const steps: readonly Step[] = told.steps ?? [{ kind: operation.effect === 'read' ? 'read' : 'effect' }];
  const broken = steps.flatMap((step, index) =>
    faults
      .filter((fault) => possible(fault, step, subject))
      .map((fault): Case => {
        const place = steps.length === 1 ? fault.name : `${fault.name}@${index + 1}`;
        return { name: place, run: (ground) => trial.faulty(ground, fault, index, step.kind) };
      }),
  );
  return { name, what: 'operation', cases: [...plain(trial, operation, told), ...broken] };
}

function possible(fault: Fault, step: Step, { answerSeal, framing, files, smtp }: Subject): boolean {
  if (smtp) return fault.on === 'smtp';
  if (files) return (fault.document ?? documentOf(files)) === documentOf(files) && possibleWithFiles(fault, step);
  if (fault.sealed && !answerSeal) return false;
  if (fault.on !== 'any' && fault.on !== (framing ? 'tcp' : undefined)) return false;
  return !(step.link && fault.road !== undefined);
}

const documentOf = ({ documents = 'xml' }: FileExchange) => documents;

function possibleWithFiles({ on }: Fault, { kind, companion }: Step): boolean {
  return on === 'file' || on === (kind === 'read' ? 'get' : 'put') || (on === 'companion' && companion === true);
}

function plain(trial: Trial, operation: Operation, told: OperationSubject): Case[] {
  const writes = operation.effect !== 'read';
  return [
    { name: 'as-it-should-be', run: (ground) => trial.confirmed(ground) },
    { name: 'field-too-many', run: (ground) => trial.notAsAgreed(ground, (request) => ({ ...request, strange: 1 })) },
    { name: 'field-missing', run: (ground) => trial.notAsAgreed(ground, withoutFirst) },
    { name: 'no-object', run: (ground) => trial.notAsAgreed(ground, () => []) },
    { name: 'eight-at-once', run: (ground) => trial.manyAtOnce(ground) },
    ...(writes && operation.idempotent
      ? [
          { name: 'duplicate', run: (ground: Ground) => trial.duplicate(ground) },
          { name: 'duplicate-at-once', run: (ground: Ground) => trial.duplicateAtOnce(ground) },
        ]
      : []),
    ...(writes && told.conflict ? [{ name: 'conflict', run: (ground: Ground) => trial.conflict(ground) }] : []),
    ...(operation.request.name === 'common/query-by-number'
      ? [{ name: 'number-of-nobody', run: (ground: Ground) => trial.notFound(ground) }]
      : []),
  ];
}

const otherRoadOf = ({ file, smtp }: Fault) => ({ ...(file ? { file } : {}), ...(smtp ? { smtp } : {}) });

function withoutFirst(request: object): object {
  const [first] = Object.keys(request);
  return Object.fromEntries(Object.entries(request).filter(([field]) => field !== first));
}

const atOnce = 8;
/** Deadlines of a request that only a deadline ends, one after the other. */
const patiencesMs = [200, 1_000, 3_000] as const;

class NeverSent extends Broken {}

/** One operation on trial: its ground is shared by all its cases, each with numbers of its own. */
class Trial {
  readonly #operation: Operation;
  readonly #name: string;
  readonly #told: OperationSubject;
  readonly #made = new WeakMap<
    Ground,
    { make: (turn: number) => object | Promise<object>; turn: number; known: Map<string, unknown> }
  >();

  constructor(operation: Operation, name: string, told: OperationSubject) {
    this.#operation = operation;
    this.#name = name;
    this.#told = told;
  }

  async confirmed(ground: Ground): Promise<void> {
    const request = await this.#next(ground);
    const outcome = await ground.call(this.#name, request);
    mustBe(outcome, ['confirmed'], 'the outcome');
    await this.#aftermath(ground, request, outcome, true);
    mustBeSober(ground, 0);
  }

  async faulty(ground: Ground, fault: Fault, step: number, kind: StepKind): Promise<void> {
    if (!fault.endless) return this.#broken(ground, fault, step, kind);
    for (const [index, patienceMs] of patiencesMs.entries()) {
      ground.hurriedMs = patienceMs;
      try {
        return await this.#broken(ground, fault, step, kind);
      } catch (thrown) {
        // A busy machine may not have sent it in so short a time: then nothing was tried yet.
        if (!(thrown instanceof NeverSent) || index === patiencesMs.length - 1) throw thrown;
      } finally {
        ground.hurriedMs = undefined;
      }
      await sleep(patienceMs);
    }
  }

  async #broken(ground: Ground, fault: Fault, step: number, kind: StepKind): Promise<void> {
    const earlier = fault.earlier ? await this.#answerBefore(ground, step) : undefined;
    const request = await this.#next(ground);
    await this.#known(ground, request);
    const since = ground.bench.exchanges.length;
    ground.proxy.arm({
      ...(fault.play ? { play: fault.play } : {}),
      step,
      road: fault.road ?? 'open',
      earlier,
      ...otherRoadOf(fault),
    });
    let outcome: Outcome;
    let reached: { hit: boolean; forwarded: boolean };
    try {
      outcome = await ground.call(this.#name, request);
    } finally {
      reached = await ground.proxy.disarm();
    }
    if (!reached.hit) throw new NeverSent(`request ${step + 1} of ${this.#name} was never sent: ${shown(outcome)}`);
    must(ground.proxy.trapped === 0, 'a redirect was followed to another host');
    mustBe(outcome, rules[fault.class][kind], `after ${fault.name} the outcome`);
    mustBeSober(ground, since);
    const arrived = outcome.outcome === 'confirmed' || kind === 'after' || (reached.forwarded && kind === 'effect');
    await this.#aftermath(ground, request, outcome, arrived);
  }

  async notAsAgreed(ground: Ground, change: (request: object) => object): Promise<void> {
    const outcome = await ground.call(this.#name, change(await this.#next(ground)));
    mustBe(outcome, ['refused'], 'a request that is not as agreed');
    must(outcome.outcome !== 'confirmed' && outcome.code === 'CONTRACT_VIOLATED', `it is ${shown(outcome)}`);
    must(ground.bench.exchanges.at(-1)?.parts.length === 0, 'something was sent all the same');
  }

  async notFound(ground: Ground): Promise<void> {
    await this.#next(ground); // The ground is ready.
    const request = (await this.#made.get(ground)?.make(0)) as { no: string };
    const outcome = await ground.call(this.#name, { no: request.no.replace(/\d{6}(?=\D*$)/, '987654') });
    mustEqual(outcome, { outcome: 'confirmed', response: { outcome: 'notFound' } }, 'the answer about nothing');
  }

  async manyAtOnce(ground: Ground): Promise<void> {
    const requests = [];
    for (let i = 0; i < atOnce; i += 1) requests.push(await this.#next(ground));
    const outcomes = await Promise.all(requests.map((request) => ground.call(this.#name, request)));
    for (const [i, outcome] of outcomes.entries()) {
      mustBe(outcome, ['confirmed'], 'one of many at once');
      await this.#aftermath(ground, requests[i] ?? {}, outcome, true);
    }
  }

  async duplicate(ground: Ground): Promise<void> {
    const request = await this.#next(ground);
    const first = await ground.call(this.#name, request);
    mustEqual(await ground.call(this.#name, request), first, 'the same again');
    await this.#aftermath(ground, request, first, true);
    mustEqual(await ground.call(this.#name, request), first, 'the same after it was done');
    await this.#onceOnly(ground, request);
  }

  async duplicateAtOnce(ground: Ground): Promise<void> {
    const request = await this.#next(ground);
    const [first, second] = await Promise.all([ground.call(this.#name, request), ground.call(this.#name, request)]);
    mustBe(first, ['confirmed'], 'the same twice at once');
    mustEqual(second, first, 'the same twice at once');
    await this.#aftermath(ground, request, first, true);
  }

  async conflict(ground: Ground): Promise<void> {
    const request = await this.#next(ground);
    const first = await ground.call(this.#name, request);
    mustBe(first, ['confirmed'], 'the first');
    const other = await ground.call(this.#name, this.#told.conflict?.(request));
    mustBe(other, ['refused'], 'another content under the same number');
    await this.#aftermath(ground, request, first, true);
  }

  /** When the fault is over: the query tells what became of it, the same again is harmless, and it was done once. */
  async #aftermath(ground: Ground, request: object, outcome: Outcome, arrived: boolean): Promise<void> {
    if (this.#operation.effect === 'read') return this.#readAgain(ground, request, outcome);
    const { numberOf, query, idempotent } = this.#operation;
    const no = numberOf?.(request) ?? '';
    const found = query === undefined ? undefined : await this.#enquired(ground, query, no);
    if (found) mustEqual(found.outcome, arrived ? 'confirmed' : 'notFound', 'what the query says');
    let last = outcome;
    if (idempotent || found?.outcome === 'notFound') last = await ground.call(this.#name, request);
    if (idempotent || !arrived) {
      mustBe(last, ['confirmed'], 'the same again');
      const answers = [outcome, last].flatMap((each) => (each.outcome === 'confirmed' ? [each.response] : []));
      for (const answer of answers) mustEqual(answer, answers[0], 'the answer');
      if (found?.outcome === 'confirmed') mustEqual(answers[0], found.response, 'the answer beside that of the query');
    }
    await this.#told.finish?.(ground, request);
    await this.#onceOnly(ground, request);
  }

  async #enquired(ground: Ground, query: string, no: string): Promise<{ outcome: string; response?: unknown }> {
    return ground.confirmed(query.slice(query.indexOf('.') + 1), { no });
  }

  async #onceOnly(ground: Ground, request: object): Promise<void> {
    const { effect } = this.#told;
    if (effect === undefined) return;
    const no = this.#operation.numberOf?.(request) ?? '';
    const lines = await ground.effects(effect, no);
    must(lines.length === 1, `the counterparty wrote down ${lines.length} × ${effect} of ${no}, not one`);
  }

  async #readAgain(ground: Ground, request: object, outcome: Outcome): Promise<void> {
    const due = await this.#known(ground, request);
    const again = await ground.call(this.#name, request);
    mustBe(again, ['confirmed'], 'the same asked again');
    for (const each of [outcome, again])
      if (each.outcome === 'confirmed') mustEqual(this.#lasting(each.response), due, 'the answer');
  }

  /** What a read answers when nothing is wrong. */
  async #known(ground: Ground, request: object): Promise<unknown> {
    if (this.#operation.effect !== 'read') return undefined;
    const { known } = await this.#ready(ground);
    const key = JSON.stringify(request);
    if (!known.has(key)) known.set(key, this.#lasting(await ground.confirmed(this.#name, request)));
    return known.get(key);
  }

  #lasting(response: unknown): unknown {
    const volatile = this.#told.volatile ?? [];
    return Object.fromEntries(Object.entries(response as object).filter(([field]) => !volatile.includes(field)));
  }

  async #answerBefore(ground: Ground, step: number) {
    await ground.confirmed(this.#name, await this.#next(ground));
    return ground.proxy.answers[step];
  }

  async #next(ground: Ground): Promise<object> {
    const state = await this.#ready(ground);
    state.turn += 1;
    return state.make(state.turn);
  }

  async #ready(ground: Ground) {
    const before = this.#made.get(ground);
    if (before) return before;
    const made = { make: await this.#told.ready(ground), turn: 0, known: new Map<string, unknown>() };
    this.#made.set(ground, made);
    return made;
  }
}

/** What a row of a table of failures stands for. */
export function consequence(code: FailureCode): Outcome['outcome'] {
  return consequenceOf(new Failure(code));
}
