/**
 * One call to the outside, whatever becomes of it.
 *
 *   intent ──send──▶ confirmed            the counterparty verifiably did it
 *     ▲  │└────────▶ refused              it did not and will not
 *     │  └─────────▶ later ──backoff──┐   nothing left this side; asked again
 *     └───────────────────────────────┘
 *        └─────────▶ unknown ──query──▶ confirmed | refused | pending | not found
 *
 * Sending and querying go through the lane of the system (lanes.ts): what may not go now is held, with a wait that says why.
 *
 * Invariants:
 * - The intent (key, number, hash of the request) is committed before a byte leaves.
 * - An intent without an answer, found after a crash, is unknown: it may have been sent. One with a time of its next
 *   attempt is certainly not sent: it is held, or was not taken.
 * - From unknown there is no way back to sending but this: the counterparty says "never heard of it" twice, after the
 *   settle time of the operation, and promises that the same number has one effect. Otherwise people decide.
 */
import { hash } from 'node:crypto';
import { Failure, failures, type FailureCode } from '../contracts/failures.ts';
import type { Operation } from '../contracts/kind.ts';
import type { Clock } from './clock.ts';
import type { ResolveOrder, SkipOrder } from './acts/direction.ts';
import type { Execution } from './execution.ts';
import type { ActionOutcome } from './host.ts';
import type { CallOptions } from './flow.ts';
import { kinds, journaled } from './journal.ts';
import { ticketPrefix } from './lanes/books.ts';
import { holdCall } from './lanes/ticket.ts';
import { send } from './wire.ts';
import type { EffectRow, WaitRow } from './work.ts';

type Enquiry =
  | { readonly outcome: 'confirmed'; readonly response: unknown }
  | { readonly outcome: 'refused'; readonly code: string; readonly detail: string }
  | { readonly outcome: 'pending' | 'notFound' };

const minuteMs = 60_000;
/** Business time between queries of an unknown outcome (domain.md 2.15), then hourly. */
const queryAfterMs = [1, 2, 5, 10, 30].map((minutes) => minutes * minuteMs);
const hourMs = 60 * minuteMs;
/** Real time between attempts that certainly did not arrive. */
const backoffRealMs = [250, 500, 1_000, 2_000, 5_000, 10_000, 30_000, 60_000];
const attemptsMax = 50;
const queriesMax = 200;
/** However fast business time runs, a counterparty is not asked more often than this. */
const floorRealMs = 400;

/** Never sooner than the floor in real time: a sandbox's clock may run ten thousand times as fast. */
export function floored(clock: Clock, at: Date): Date {
  const floor = clock.now().getTime() + floorRealMs * clock.speed;
  return at.getTime() < floor ? new Date(floor) : at;
}

export class EffectCall {
  readonly #execution: Execution;
  readonly #path: string;
  readonly #operation: Operation;
  readonly #asked: unknown;
  readonly #options: CallOptions<unknown>;

  constructor(
    execution: Execution,
    path: string,
    operation: Operation,
    request: unknown,
    options: CallOptions<unknown>,
  ) {
    this.#execution = execution;
    this.#path = path;
    this.#operation = operation;
    this.#asked = request;
    this.#options = options;
    if (execution.intents.has(path)) this.#registerUndo();
  }

  /** As the flow made it, or as people corrected it. */
  get #request(): unknown {
    const edited = this.#execution.standing.directions.get(this.#path);
    return edited && edited.edits > 0 ? edited.request : this.#asked;
  }

  async live(): Promise<void> {
    const known = this.#execution.effects.get(this.#path);
    const order = this.#execution.standing.directions.get(this.#path)?.order;
    if (order && this.#wasHeld()) await this.#leaveLane([]);
    if (order?.kind === 'skip') return this.#skip(known, order);
    if (known && order?.kind === 'resolve' && !isSpent(order, known)) return this.#resolve(known, order);
    if (known && order?.kind === 'resend' && known.attempts === order.attempts)
      return this.#again({ ...known, notFound: 0 });
    if (!known) return this.#begin();
    const due = known.nextAt === undefined || known.nextAt <= this.#execution.host.clock.now();
    if (known.state === 'unknown') return due ? this.#query(known) : this.#sleep(known);
    if (known.nextAt !== undefined) return due ? this.#again(known) : this.#sleep(known);
    if (this.#operation.effect === 'read') return this.#attempt(known);
    // Found after a crash between intent and answer: it may have been sent.
    return this.#query({ ...known, state: 'unknown', detail: 'no answer was journaled' });
  }

  async #begin(): Promise<void> {
    const first = this.#firstRow();
    const held = this.#hold(first.key, first.attempts);
    if (this.#operation.effect === 'read') {
      if (held) return this.#sleepHeld(held);
      await this.#execution.pen.flushed();
      return this.#attempt(first);
    }
    const effect = held ? { ...first, attempts: 0, nextAt: this.#now() } : first;
    const intent = { key: effect.key, number: effect.number, system: effect.system, payloadHash: effect.payloadHash };
    const { before } = this.#options;
    if (before) {
      try {
        await this.#execution.inTransaction(this.#path, kinds.intent, async (tx) => {
          await before(tx);
          return { body: intent, value: undefined, effect };
        });
      } catch (thrown) {
        if (thrown instanceof Error && 'type' in thrown)
          return await this.#execution.refuse(this.#path, thrown as Failure);
        throw thrown;
      }
    } else {
      const [entry] = await this.#execution.pen.append([{ kind: kinds.intent, path: this.#path, body: intent }], {
        effects: [effect],
      });
      if (entry) this.#execution.intents.set(this.#path, entry);
    }
    this.#registerUndo();
    await this.#execution.pen.flushed();
    if (!held) return this.#attempt(effect);
    this.#execution.effects.set(this.#path, effect);
    this.#sleepHeld(held);
  }

  /** Certainly not sent so far. */
  async #again(known: EffectRow): Promise<void> {
    const next = { ...known, attempts: known.attempts + 1 };
    const held = this.#hold(next.key, next.attempts);
    return held ? this.#sleepHeld(held) : this.#attempt(next);
  }

  async #attempt(effect: EffectRow): Promise<void> {
    const sent = { ...effect, state: 'intent', sentAt: effect.sentAt ?? this.#now(), nextAt: undefined } as const;
    this.#execution.effects.set(this.#path, sent);
    const kept = effect.attempts > 1 || effect.nextAt !== undefined;
    // The row said "not sent, try again then"; from here on it may be sent.
    if (kept || this.#wasHeld()) await this.#leaveLane(kept ? [sent] : []);
    // A process that was frozen beyond its lease finds out here, before anything leaves it.
    if (this.#operation.effect !== 'read') await this.#execution.host.alive();
    const outcome = await this.#send(this.#operation.name, this.#request, effect.key, effect.attempts);
    switch (outcome.outcome) {
      case 'confirmed':
        return this.#confirm(sent, outcome.response);
      case 'refused':
        return this.#refuse(sent, failureOf(outcome.code, outcome.detail, outcome.externalCode));
      case 'later':
        return this.#later(sent, outcome.detail);
      default:
        return this.#operation.effect === 'read'
          ? this.#later(sent, outcome.detail)
          : this.#unknown(sent, outcome.detail);
    }
  }

  #send(operation: string, request: unknown, key: string, attempt: number): Promise<ActionOutcome> {
    return send(this.#execution, this.#path, { operation, system: this.#options.system, request, key, attempt });
  }

  async #query(effect: EffectRow): Promise<void> {
    const { query } = this.#operation;
    if (query === undefined || effect.number === undefined) {
      return this.#execution.needsPeople(
        `${effect.operation} ${effect.number ?? effect.key}: the outcome is unknown and cannot be queried`,
      );
    }
    const held = this.#hold(queryKey(effect), effect.queries + 1);
    if (held) {
      this.#execution.effects.set(this.#path, effect);
      return this.#sleepHeld(held);
    }
    if (this.#wasHeld()) await this.#leaveLane([]);
    const answer = await this.#send(query, { no: effect.number }, queryKey(effect), effect.queries + 1);
    const asked = { ...effect, queries: effect.queries + 1 };
    if (answer.outcome !== 'confirmed') return this.#unknown(asked, answer.detail);
    const enquiry = answer.response as Enquiry;
    switch (enquiry.outcome) {
      case 'confirmed':
        return this.#confirm(asked, enquiry.response);
      case 'refused':
        return this.#refuse(asked, failureOf('SYSTEM_REFUSED', enquiry.detail, enquiry.code));
      case 'pending':
        return this.#unknown(asked, 'the counterparty is still at it');
      default:
        return this.#notFound(asked);
    }
  }

  /** "Never heard of it" counts after the settle time, and twice. */
  async #notFound(effect: EffectRow): Promise<void> {
    // After a crash the time of sending is not known; it was not before the intent.
    const sentAt = effect.sentAt ?? this.#execution.intents.get(this.#path)?.at ?? this.#now();
    const settledAt = sentAt.getTime() + this.#operation.settleMs;
    const counted = this.#now().getTime() >= settledAt ? effect.notFound + 1 : effect.notFound;
    const seen = { ...effect, notFound: counted };
    if (counted < 2) return this.#unknown(seen, 'not found, asked again before it is believed');
    if (!this.#operation.idempotent) {
      return this.#execution.needsPeople(
        `${effect.operation} ${effect.number}: not found twice, but sending it again could have a second effect`,
      );
    }
    return this.#sendAnew({ ...seen, notFound: 0 });
  }

  /** It is certain that nothing came of the attempts so far. */
  async #sendAnew(effect: EffectRow): Promise<void> {
    const unsent: EffectRow = { ...effect, state: 'intent', nextAt: this.#now() };
    const held = this.#hold(unsent.key, unsent.attempts + 1);
    if (!held) return this.#attempt({ ...unsent, attempts: unsent.attempts + 1 });
    await this.#keep(unsent);
    this.#sleepHeld(held);
  }

  async #confirm(effect: EffectRow, response: unknown): Promise<void> {
    const settled: EffectRow = {
      ...effect,
      state: 'confirmed',
      detail: undefined,
      nextAt: undefined,
      settledAt: this.#now(),
    };
    const { after } = this.#options;
    if (!after) return this.#execution.complete(this.#path, kinds.result, response, this.#effects(settled));
    await this.#execution.inTransaction(this.#path, kinds.result, async (tx) => {
      await after(tx, response);
      return { body: response, value: undefined, ...(this.#journalsEffect(settled) ? { effect: settled } : {}) };
    });
  }

  /** The flow goes on with an answer that people gave; whether the counterparty acted is not known. */
  async #skip(known: EffectRow | undefined, { output, why }: SkipOrder): Promise<void> {
    const settled =
      known && ({ ...known, state: 'refused', detail: why, nextAt: undefined, settledAt: this.#now() } as const);
    if (settled) this.#execution.effects.delete(this.#path);
    const { after } = this.#options;
    if (!after)
      return this.#execution.complete(this.#path, kinds.result, output, settled ? { effects: [settled] } : {});
    await this.#execution.inTransaction(this.#path, kinds.result, async (tx) => {
      await after(tx, output);
      return { body: output, value: undefined, ...(settled ? { effect: settled } : {}) };
    });
  }

  /** The verdict of two people on what the counterparty would not tell. */
  async #resolve(known: EffectRow, { verdict, why }: ResolveOrder): Promise<void> {
    const seen = { ...known, detail: why };
    if ('response' in verdict) return this.#confirm(seen, verdict.response);
    if ('absent' in verdict) return this.#sendAnew({ ...seen, notFound: 0 });
    return this.#refuse(seen, new Failure('SYSTEM_REFUSED', { detail: verdict.refused }));
  }

  #refuse(effect: EffectRow, failure: Failure): Promise<void> {
    const settled: EffectRow = {
      ...effect,
      state: 'refused',
      detail: failure.message,
      nextAt: undefined,
      settledAt: this.#now(),
    };
    return this.#execution.complete(this.#path, kinds.refused, journaled(failure), this.#effects(settled));
  }

  async #later(effect: EffectRow, detail: string): Promise<void> {
    if (effect.attempts >= attemptsMax)
      return this.#execution.needsPeople(`${effect.operation}: ${attemptsMax} attempts did not arrive: ${detail}`);
    const base = backoffRealMs[Math.min(effect.attempts, backoffRealMs.length) - 1] ?? 0;
    const realMs = Math.round(base * (0.8 + 0.4 * Math.random())); // Whole milliseconds: the queue refuses fractions.
    const { clock } = this.#execution.host;
    const waiting: EffectRow = { ...effect, detail, nextAt: new Date(clock.now().getTime() + realMs * clock.speed) };
    await this.#keep(waiting);
    this.#execution.host.retryIn(this.#execution.row.id, realMs);
  }

  async #unknown(effect: EffectRow, detail: string): Promise<void> {
    if (effect.queries >= queriesMax)
      return this.#execution.needsPeople(
        `${effect.operation} ${effect.number}: still unknown after ${queriesMax} queries`,
      );
    const { clock } = this.#execution.host;
    const nextAt = floored(clock, new Date(clock.now().getTime() + (queryAfterMs[effect.queries] ?? hourMs)));
    await this.#keep({ ...effect, state: 'unknown', detail, nextAt });
  }

  async #keep(effect: EffectRow): Promise<void> {
    const kept = { ...effect, payloadHash: effect.payloadHash || this.#payloadHash() };
    this.#execution.effects.set(this.#path, kept);
    await this.#execution.pen.append([], { effects: [kept] });
    this.#sleep(kept);
  }

  /** With a wait that says on whom and why, under a key that no fact has. */
  #sleep(effect: EffectRow): void {
    const { label } = this.#operation;
    const why =
      effect.state === 'unknown'
        ? { zh: '结果未知，正在查询', en: 'its outcome is unknown and being asked for' }
        : { zh: '未送达，将重试', en: 'not taken, tried again' };
    const wait: WaitRow = {
      run: effect.run,
      path: this.#path,
      key: `effect:${effect.key}`,
      party: effect.system,
      what: { zh: `${label.zh}：${why.zh}`, en: `${label.en}: ${why.en}` },
      since: effect.sentAt ?? effect.intentAt,
      deadline: effect.nextAt,
      pollAt: undefined,
    };
    this.#execution.sleep(this.#path, { wakeAt: effect.nextAt, wait });
  }

  #hold(key: string, attempt: number): WaitRow | undefined {
    return holdCall(this.#execution, this.#path, { system: this.#options.system, key, attempt });
  }

  #sleepHeld(held: WaitRow): void {
    this.#execution.sleep(this.#path, { wakeAt: undefined, held });
  }

  #wasHeld(): boolean {
    return this.#execution.waits.get(this.#path)?.key.startsWith(ticketPrefix) ?? false;
  }

  async #leaveLane(effects: readonly EffectRow[]): Promise<void> {
    const waitsEnded = this.#execution.waits.delete(this.#path) ? [this.#path] : [];
    await this.#execution.pen.append([], { effects, waitsEnded });
    await this.#execution.pen.flushed();
  }

  #registerUndo(): void {
    const { undo } = this.#options;
    if (undo) this.#execution.undos.add(this.#path, this.#execution.seqOf(this.#path), undo);
  }

  /** A read leaves a row only when it had to be asked again. */
  #journalsEffect(effect: EffectRow): boolean {
    return this.#operation.effect !== 'read' || effect.attempts > 1;
  }

  #effects(effect: EffectRow): { effects?: readonly EffectRow[] } {
    return this.#journalsEffect(effect) ? { effects: [effect] } : {};
  }

  #firstRow(): EffectRow {
    const { id, caseId } = this.#execution.row;
    const edits = this.#execution.standing.directions.get(this.#path)?.edits ?? 0;
    return {
      // From the instruction and its place in the run, never from chance or time: the same after any restart.
      key: hash('sha256', `${id}\0${this.#path}${edits > 0 ? `\0${edits}` : ''}`, 'base64url').slice(0, 32),
      run: id,
      caseId,
      path: this.#path,
      system: this.#options.system,
      operation: this.#operation.name,
      number: this.#operation.effect === 'read' ? undefined : this.#operation.numberOf?.(this.#request),
      payloadHash: this.#operation.effect === 'read' ? '' : this.#payloadHash(),
      state: 'intent',
      attempts: 1,
      queries: 0,
      notFound: 0,
      detail: undefined,
      intentAt: this.#now(),
      sentAt: undefined,
      nextAt: undefined,
      settledAt: undefined,
    };
  }

  #payloadHash(): string {
    return hash('sha256', JSON.stringify(this.#request), 'hex');
  }

  #now(): Date {
    return this.#execution.host.clock.now();
  }
}

function queryKey(effect: EffectRow): string {
  return `${effect.key}:query`;
}

function failureOf(code: string, detail: string, externalCode: string | undefined): Failure {
  const type = Object.hasOwn(failures, code) ? (code as FailureCode) : 'SYSTEM_REFUSED';
  return new Failure(type, { detail, ...(externalCode === undefined ? {} : { externalCode }) });
}

/** That nothing came of its attempts was said of earlier ones. */
function isSpent({ verdict }: ResolveOrder, effect: EffectRow): boolean {
  return 'absent' in verdict && verdict.absent !== effect.attempts;
}
