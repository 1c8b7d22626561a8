/**
 * One call to the outside, whatever becomes of it.
 *
 *   intent ──send──▶ confirmed            the counterparty verifiably did it
 *     ▲  │└────────▶ refused              it did not and will not
 *     │  └─────────▶ later ──backoff──┐   nothing left this side; asked again
 *     └───────────────────────────────┘
 *        └─────────▶ unknown ──query──▶ confirmed | refused | pending | not found
 *
 * Invariants:
 * - The intent (key, number, hash of the request) is committed before a byte leaves.
 * - An intent without an answer, found after a crash, is unknown: it may have been sent.
 * - From unknown there is no way back to sending but this: the counterparty says "never heard of it" twice, after the
 *   settle time of the operation, and promises that the same number has one effect. Otherwise people decide.
 */
import { createHash } from 'node:crypto';
import { Failure, failures, type FailureCode } from '../contracts/failures.ts';
import type { Operation } from '../contracts/kind.ts';
import { crashPoint } from './crash.ts';
import type { Clock } from './clock.ts';
import type { Execution } from './execution.ts';
import type { CallOptions } from './flow.ts';
import { kinds, journaled } from './journal.ts';
import type { EffectRow } from './writer.ts';

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
  readonly #request: unknown;
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
    this.#request = request;
    this.#options = options;
    if (execution.intents.has(path)) this.#registerUndo();
  }

  async live(): Promise<void> {
    const known = this.#execution.effects.get(this.#path);
    if (!known) return this.#begin();
    const due = known.nextAt === undefined || known.nextAt <= this.#execution.host.clock.now();
    if (known.state === 'unknown') return due ? this.#query(known) : this.#sleep(known);
    if (known.nextAt !== undefined)
      return due ? this.#attempt({ ...known, attempts: known.attempts + 1 }) : this.#sleep(known);
    if (this.#operation.effect === 'read') return this.#attempt(known);
    // Found after a crash between intent and answer: it may have been sent.
    return this.#query({ ...known, state: 'unknown', detail: 'no answer was journaled' });
  }

  async #begin(): Promise<void> {
    const effect = this.#firstRow();
    if (this.#operation.effect === 'read') {
      await this.#execution.flushed();
      return this.#attempt(effect);
    }
    const intent = { key: effect.key, number: effect.number, system: effect.system, payloadHash: effect.payloadHash };
    const { before } = this.#options;
    if (before) {
      try {
        await this.#execution.inTransaction(this.#path, kinds.intent, async (tx) => {
          await before(tx);
          return { body: intent, value: undefined, effect };
        });
      } catch (thrown) {
        if (thrown instanceof Error && 'type' in thrown) return this.#execution.refuse(this.#path, thrown as Failure);
        throw thrown;
      }
    } else {
      const [entry] = this.#execution.append([{ kind: kinds.intent, path: this.#path, body: intent }], {
        effects: [effect],
      });
      if (entry) this.#execution.intents.set(this.#path, entry);
    }
    this.#registerUndo();
    await this.#execution.flushed();
    return this.#attempt(effect);
  }

  async #attempt(effect: EffectRow): Promise<void> {
    const sent = { ...effect, state: 'intent', sentAt: effect.sentAt ?? this.#now(), nextAt: undefined } as const;
    this.#execution.effects.set(this.#path, sent);
    if (effect.attempts > 1) {
      // The row said "not sent, try again then"; from here on it may be sent.
      this.#execution.append([], { effects: [sent] });
      await this.#execution.flushed();
    }
    crashPoint('wire:before');
    const outcome = await this.#execution.host.call({
      operation: this.#operation.name,
      system: this.#options.system,
      request: this.#request,
      effect: {
        key: effect.key,
        attempt: effect.attempts,
        run: this.#execution.row.id,
        case: this.#execution.row.caseId,
      },
    });
    crashPoint('wire:after');
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

  async #query(effect: EffectRow): Promise<void> {
    const { query } = this.#operation;
    if (query === undefined || effect.number === undefined) {
      return this.#execution.needsPeople(
        `${effect.operation} ${effect.number ?? effect.key}: the outcome is unknown and cannot be queried`,
      );
    }
    const answer = await this.#execution.host.call({
      operation: query,
      system: this.#options.system,
      request: { no: effect.number },
      effect: {
        key: `${effect.key}:query`,
        attempt: effect.queries + 1,
        run: this.#execution.row.id,
        case: this.#execution.row.caseId,
      },
    });
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
    return this.#attempt({ ...seen, attempts: effect.attempts + 1, notFound: 0 });
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

  #refuse(effect: EffectRow, failure: Failure): void {
    const settled: EffectRow = {
      ...effect,
      state: 'refused',
      detail: failure.message,
      nextAt: undefined,
      settledAt: this.#now(),
    };
    this.#execution.complete(this.#path, kinds.refused, journaled(failure), this.#effects(settled));
  }

  #later(effect: EffectRow, detail: string): void {
    if (effect.attempts >= attemptsMax)
      return this.#execution.needsPeople(`${effect.operation}: ${attemptsMax} attempts did not arrive: ${detail}`);
    const base = backoffRealMs[Math.min(effect.attempts, backoffRealMs.length) - 1] ?? 0;
    const realMs = Math.round(base * (0.8 + 0.4 * Math.random())); // Whole milliseconds: the queue refuses fractions.
    const { clock } = this.#execution.host;
    const waiting: EffectRow = { ...effect, detail, nextAt: new Date(clock.now().getTime() + realMs * clock.speed) };
    this.#keep(waiting);
    this.#execution.host.retryIn(this.#execution.row.id, realMs);
  }

  #unknown(effect: EffectRow, detail: string): void {
    if (effect.queries >= queriesMax)
      return this.#execution.needsPeople(
        `${effect.operation} ${effect.number}: still unknown after ${queriesMax} queries`,
      );
    const { clock } = this.#execution.host;
    const nextAt = floored(clock, new Date(clock.now().getTime() + (queryAfterMs[effect.queries] ?? hourMs)));
    this.#keep({ ...effect, state: 'unknown', detail, nextAt });
  }

  #keep(effect: EffectRow): void {
    this.#execution.effects.set(this.#path, effect);
    this.#execution.append([], { effects: [effect] });
    this.#sleep(effect);
  }

  #sleep(effect: EffectRow): void {
    this.#execution.sleep(this.#path, { wakeAt: effect.nextAt });
  }

  #registerUndo(): void {
    const { undo } = this.#options;
    if (undo) this.#execution.onUndo(this.#path, this.#execution.seqOf(this.#path), undo);
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
    return {
      // From the instruction and its place in the run, never from chance or time: the same after any restart.
      key: createHash('sha256').update(`${id}\0${this.#path}`).digest('base64url').slice(0, 32),
      run: id,
      caseId,
      path: this.#path,
      system: this.#options.system,
      operation: this.#operation.name,
      number: this.#operation.effect === 'read' ? undefined : this.#operation.numberOf?.(this.#request),
      payloadHash: createHash('sha256').update(JSON.stringify(this.#request)).digest('hex'),
      state: 'intent',
      attempts: 1,
      queries: 0,
      notFound: 0,
      detail: undefined,
      sentAt: undefined,
      nextAt: undefined,
      settledAt: undefined,
    };
  }

  #now(): Date {
    return this.#execution.host.clock.now();
  }
}

function failureOf(code: string, detail: string, externalCode: string | undefined): Failure {
  const type = Object.hasOwn(failures, code) ? (code as FailureCode) : 'SYSTEM_REFUSED';
  return new Failure(type, { detail, ...(externalCode === undefined ? {} : { externalCode }) });
}
