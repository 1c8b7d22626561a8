/**
 * What a flow author writes and what they may do in it.
 *
 * A flow is a plain async function. It may: await the methods of its `run`, compute, branch, loop. It may not: read the
 * clock (`run.now()` instead), use randomness, touch a database or the network, or await anything else. On replay it
 * must ask for the same steps in the same order, or its run is parked as diverged.
 */
import type pg from 'pg';
import type { Static, TSchema } from 'typebox';
import type { Contract } from '../contracts/contract.ts';
import type { Label, Notice, Operation } from '../contracts/kind.ts';
import type { Period } from './calendar.ts';
import type { Decided } from './tasks.ts';

export type Tx = pg.PoolClient;

export interface Milestone {
  readonly no: number;
  readonly name: Label;
  /** Who mainly acts: a party id of the pictures. */
  readonly party: string;
}

/** How a run ended: a word of the business, and why. */
export interface Ending {
  readonly outcome: string;
  readonly detail?: string;
}

export interface Flow<I extends TSchema = TSchema> {
  readonly name: string;
  readonly version: number;
  readonly title: Label;
  readonly input: Contract<I>;
  /** The notices that start a run; the message is the input. */
  readonly startedBy: readonly string[];
  /**
   * Whether this flow is the one that such a message starts, where one notice may start several: by what stands in the books.
   * Default: always. It only reads.
   */
  readonly accepts?: (tx: Tx, input: Static<I>) => Promise<boolean>;
  /** One run per key, for ever. */
  readonly keyOf: (input: Static<I>) => string;
  /** The case that the run belongs to: an existing one by its number, or the one with this key, opened when missing. */
  readonly caseOf: (input: Static<I>) => { readonly id: string } | { readonly key: string; readonly title: string };
  readonly milestones: readonly Milestone[];
  /** The flows whose milestones go on where these end, by their numbers: in pictures they are one way. */
  readonly leadsTo?: readonly string[];
  readonly body: (run: Run, input: Static<I>) => Promise<Ending>;
}

// oxlint-disable-next-line typescript/no-explicit-any -- flows of any input; each stays typed where it is written
export type AnyFlow = Flow<any>;

export function flow<I extends TSchema>(definition: Flow<I>): Flow<I> {
  return definition;
}

export interface CallOptions<A> {
  /** The external system that is asked. */
  readonly system: string;
  /**
   * Runs in the transaction that commits the intent: guards are evaluated, and the books changed, at the very moment of
   * the instruction. A Failure thrown here refuses the call; nothing is sent.
   */
  readonly before?: (tx: Tx) => Promise<void>;
  /** Runs in the transaction that commits the answer. */
  readonly after?: (tx: Tx, response: A) => Promise<void>;
  /** Takes the act back when the run fails or stops later. Registered with the intent: the act may exist without its answer. */
  readonly undo?: (run: Run) => Promise<void>;
  /** Operators may go on without it, giving its answer themselves. */
  readonly skippable?: boolean;
  /** Tells several calls of one operation apart in pictures; paths are told apart anyway. */
  readonly name?: string;
}

export interface WaitOptions<M> {
  readonly key: string;
  /** Deadline from now, on the business calendar. */
  readonly within: Period;
  /** The system or party that is waited for. */
  readonly from: string;
  /** The second road of the same fact: asks for it, in case the callback is lost. */
  readonly poll?: {
    readonly operation: Operation;
    readonly system: string;
    readonly every: Period;
    /** The number under which the counterparty knows it; default: the key. */
    readonly no?: string;
    /** Whether the answer is final: what is not yet decided is asked again. */
    readonly final?: (message: M) => boolean;
  };
}

export interface AskOptions {
  /** What is to be decided. */
  readonly title: Label;
  /** What it is decided on: plain JSON, named by its digest in every decision. */
  readonly payload: unknown;
  /** So many different people must approve; one who rejects decides. Default: 1. */
  readonly people?: number;
  /** Deadline from now, on the business calendar. */
  readonly within: Period;
  /** Who may decide; anybody when absent. */
  readonly roles?: readonly string[];
  /** Who made what is decided on, and therefore does not decide. */
  readonly notBy?: readonly string[];
  /** Whose people decide, by the party's id: it stands in that party's work list (`GET /v1/work`). Default: the hub's own. */
  readonly party?: string;
  /** So long after it was asked, those of `escalateTo` may decide, too. */
  readonly escalateAfter?: Period;
  readonly escalateTo?: readonly string[];
}

export interface Run {
  readonly id: string;
  readonly caseId: string;
  /** Business time of the last thing that happened to the run: the same on replay. */
  now(): Date;
  /** Calls an operation of an adapter. @throws Failure when the counterparty refused */
  call<Q extends TSchema, A extends TSchema>(
    operation: Operation<Q, A>,
    request: Static<Q>,
    options: CallOptions<Static<A>>,
  ): Promise<Static<A>>;
  /** Changes the books in the transaction that journals the step. What it returns is journaled: plain JSON. */
  record<T>(
    name: string,
    change: (tx: Tx) => Promise<T>,
    options?: { readonly undo?: (tx: Tx) => Promise<void> },
  ): Promise<T>;
  /**
   * The hub itself tells a fact: kept, in the transaction that journals the step, like one that came from outside. The flow that it
   * starts is started, the run that waits for it goes on; told again under the same id it is one fact.
   */
  tell<M extends TSchema>(notice: Notice<M>, message: Static<M>): Promise<void>;
  /** Waits for a fact. @throws Failure DEADLINE_PASSED */
  wait<M extends TSchema>(notice: Notice<M>, options: WaitOptions<Static<M>>): Promise<Static<M>>;
  sleep(name: string, period: Period): Promise<void>;
  /** Asks people to decide. @throws Failure DEADLINE_PASSED */
  ask(name: string, options: AskOptions): Promise<Decided>;
  /** The case has reached this milestone of the flow. */
  milestone(no: number): Promise<void>;
  /** Runs branches side by side; throws the first failure, in the order of the branches, after all have ended. */
  all<T extends Record<string, (run: Run) => Promise<unknown>>>(
    name: string,
    branches: T,
  ): Promise<{ [K in keyof T]: Awaited<ReturnType<T[K]>> }>;
  /**
   * Ends this run as `continued` and begins the next of the same flow, at its newest version, in the same moment. The seam
   * at which long flows are upgraded and their journals stay short. Nothing is undone, here or later. Never returns.
   */
  continueAsNew(input: unknown): never;
  /** Ends the run here with that outcome; everything that has an undo is undone, last first. Never returns. */
  stop(outcome: string, detail: string): never;
}
