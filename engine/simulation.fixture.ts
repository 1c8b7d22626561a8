/**
 * The engine's surroundings in memory: a journal, books, signals and a counterparty that keep what was committed, and a
 * process that may die at any of its doors. The executions in it are the real ones.
 *
 * What a crash leaves undecided is decided by the seed: a write whose answer never came may have been committed, a call
 * whose answer never came may have been acted upon.
 */
import { Type } from 'typebox';
import { contract, strict } from '../contracts/contract.ts';
import { enquiry, kind, notice, operation, QueryByNumber } from '../contracts/kind.ts';
import { Clock } from './clock.ts';
import { Execution } from './execution.ts';
import { flow, type Run, type Tx } from './flow.ts';
import type { ActionCall, ActionOutcome, Host } from './host.ts';
import type { Entry } from './journal.ts';
import type { EffectRow, WaitRow, Work } from './work.ts';

const Order = contract('simulation/order', strict({ no: Type.String({ maxLength: 64 }) }));
export const shop = kind(
  'simulated',
  {
    pay: operation({
      request: Order,
      response: Order,
      effect: 'money',
      idempotent: true,
      settleMs: 60_000,
      query: 'queryPay',
      numberOf: (r) => r.no,
      label: { zh: '付款', en: 'pay' },
    }),
    queryPay: operation({
      request: QueryByNumber,
      response: enquiry(Order),
      effect: 'read',
      label: { zh: '查询', en: 'query' },
    }),
    look: operation({ request: Order, response: Order, effect: 'read', label: { zh: '看', en: 'look' } }),
  },
  {
    told: notice({ contract: Order, label: { zh: '通知', en: 'told' }, keyOf: (m) => m.no, idOf: (m) => m.no }),
  },
);

class ManualClock extends Clock {
  at = Date.parse('2026-11-23T02:00:00Z');
  override now(): Date {
    return new Date(this.at);
  }
  override get speed(): number {
    return 1;
  }
}

/** How a call may go, if the process lives: decided anew for each attempt. */
const weathers = ['fine', 'fine', 'fine', 'later', 'lost before', 'lost after'] as const;

export interface Outcome {
  readonly outcome: string;
  readonly detail: string | undefined;
}

export class World {
  readonly clock = new ManualClock();
  readonly journal: Entry[] = [];
  readonly books: string[] = [];
  /** What the counterparty did, in order. */
  readonly done: string[] = [];
  /** Payments that left under each number, in order, with the state of knowledge at that moment. */
  readonly broken: string[] = [];
  kills = 0;
  replays = 0;
  readonly #random: () => number;
  readonly #signals = new Map<string, { id: string; body: unknown; taken: boolean }>();
  readonly #expected = new Set<string>();
  readonly #effects = new Map<string, EffectRow>();
  readonly #waits = new Map<string, WaitRow>();
  #end: Outcome | undefined;
  #attention: string | undefined;
  #wakeAt: Date | undefined;
  #fuse = Infinity;
  #died: () => void = () => {};

  constructor(random: () => number) {
    this.#random = random;
  }

  /** Facts that come sooner or later, and some of them more than once. */
  expect(key: string): void {
    this.#expected.add(key);
    if (this.#random() < 0.4) this.#tell(key);
  }

  /** To its end, over `killsMax` deaths at most. @throws Error when it can go no further */
  async live(body: (run: Run) => Promise<{ outcome: string; detail?: string }>, killsMax: number): Promise<Outcome> {
    const definition = flow({
      name: 'simulated',
      version: 1,
      title: { zh: '模拟', en: 'simulated' },
      input: Order,
      startedBy: [],
      keyOf: (order) => order.no,
      caseOf: () => ({ id: 'CASE' }),
      milestones: [],
      body,
    });
    const row = { id: 'run', caseId: 'CASE', flow: definition, input: { no: '1' }, key: '1' };
    this.#append({ run: 'run', seq: 0, kind: 0, path: 'input', body: row.input, at: this.clock.now() });
    for (let round = 0; round < 3_000; round += 1) {
      this.#fuse = this.kills < killsMax ? Math.floor(this.#random() * 15) : Infinity;
      const died = new Promise<'died'>((resolve) => {
        this.#died = () => resolve('died');
      });
      const open = [...this.#effects.values()].filter((e) => e.state === 'intent' || e.state === 'unknown');
      const incarnation = new Execution(this.#host(), row, [...this.journal], open, [...this.#waits.values()]);
      this.replays += 1;
      const how = await Promise.race([incarnation.run(), died]);
      if (this.#end) return this.#end;
      if (this.#attention !== undefined) throw new Error(`needs people: ${this.#attention}`);
      if (how === 'died') continue;
      if (how !== 'parked') throw new Error(`left memory: ${how}`);
      this.#timePasses();
    }
    throw new Error('it does not come to an end');
  }

  #timePasses(): void {
    this.clock.at += 1_000;
    const awaited = [...this.#waits.values()].map((wait) => wait.key.replace(/^[^:]*:/, ''));
    const coming = awaited.filter((key) => this.#expected.has(key) && !this.#signals.get(key)?.taken);
    for (const key of coming) if (this.#random() < 0.5) this.#tell(key);
    // Whatever is awaited comes before its deadline.
    const wake = this.#wakeAt?.getTime();
    if (wake === undefined || (coming.length > 0 && wake - this.clock.at > 3_600_000))
      for (const key of coming) this.#tell(key);
    else if (coming.every((key) => !this.#signals.has(key))) this.clock.at = Math.max(this.clock.at, wake);
  }

  #tell(key: string): void {
    if (!this.#signals.has(key)) this.#signals.set(key, { id: key, body: { no: key }, taken: false });
  }

  #append(entry: Entry): void {
    if (entry.seq !== this.journal.length) this.broken.push(`entry ${entry.seq} at place ${this.journal.length}`);
    this.journal.push(structuredClone(entry));
  }

  #commit(work: Work): void {
    for (const entry of work.entries ?? []) this.#append(entry);
    for (const effect of work.effects ?? []) this.#effects.set(effect.key, effect);
    for (const { key } of work.taken ?? []) {
      const signal = this.#signals.get(key.replace(/^[^:]*:/, ''));
      if (signal?.taken) this.broken.push(`${key} was taken twice`);
      if (signal) signal.taken = true;
    }
    for (const path of work.waitsEnded ?? []) this.#waits.delete(path);
    for (const wait of work.park?.waits ?? []) this.#waits.set(wait.path, wait);
    if (work.park) this.#wakeAt = work.park.wakeAt;
    if (work.attention !== undefined) this.#attention = work.attention;
    if (work.finish) this.#end = { outcome: work.finish.outcome, detail: work.finish.detail };
  }

  #host(): Host {
    let dead = false;
    const never = new Promise<never>(() => {});
    /** One door: dies before it, after it, or lets through after a while. */
    const door = async <T>(act: () => T | Promise<T>): Promise<T> => {
      for (let ticks = Math.floor(this.#random() * 4); ticks > 0; ticks -= 1) await tick();
      if (dead) return never;
      const dies = this.#fuse-- === 0;
      if (dies) {
        dead = true;
        this.kills += 1;
        if (this.#random() < 0.5) await act();
        this.#died();
        return never;
      }
      return act();
    };
    return {
      clock: this.clock,
      submit: inOrder((work) => door(() => this.#commit(work))),
      transaction: (_row, entry, change) =>
        door(async () => {
          const staged: string[] = [];
          const done = await change(staged as unknown as Tx);
          this.#append({ ...entry, body: done.body });
          if (done.effect) this.#effects.set(done.effect.key, done.effect);
          this.books.push(...staged);
          return done;
        }),
      alive: async () => {},
      call: (call) => door(() => this.#act(call)),
      hold: () => undefined,
      signal: async (key) => {
        const found = this.#signals.get(key.replace(/^[^:]*:/, ''));
        return found && !found.taken ? { id: found.id, body: found.body } : undefined;
      },
      keepSignal: async () => {},
      keepFact: async () => {},
      told: () => {},
      keepTask: async () => {},
      closeTask: async () => {},
      newest: () => undefined,
      rung: () => {},
      retryIn: () => {},
      parked: () => {},
    };
  }

  #act(call: ActionCall): ActionOutcome {
    const { no } = call.request as { no: string };
    if (call.operation === 'simulated.look') return { outcome: 'confirmed', response: { no } };
    if (call.operation === 'simulated.queryPay') {
      const outcome = this.done.includes(no) ? { outcome: 'confirmed', response: { no } } : { outcome: 'notFound' };
      return { outcome: 'confirmed', response: outcome };
    }
    this.#mayLeave(call.effect.key);
    const weather = weathers[Math.floor(this.#random() * weathers.length)];
    if (weather === 'later') return { outcome: 'later', code: 'SYSTEM_BUSY', detail: 'busy' };
    if (weather === 'lost before') return { outcome: 'unknown', code: 'OUTCOME_UNKNOWN', detail: 'lost' };
    if (no.startsWith('refused')) return { outcome: 'refused', code: 'SYSTEM_REFUSED', detail: 'no' };
    if (this.done.includes(no)) this.broken.push(`${no} was sent although it was done`);
    this.done.push(no);
    if (weather === 'lost after') return { outcome: 'unknown', code: 'OUTCOME_UNKNOWN', detail: 'lost' };
    return { outcome: 'confirmed', response: { no } };
  }

  /** Output commit: no money leaves before its intent is in the journal. */
  #mayLeave(key: string): void {
    const intent = this.journal.some((entry) => entry.kind === 2 && (entry.body as { key: string }).key === key);
    if (!intent) this.broken.push(`${key} left before its intent was committed`);
  }
}

/** As the writer does it: what was handed in first is committed first. */
function inOrder(commit: (work: Work) => Promise<void>): (work: Work) => Promise<void> {
  let last: Promise<void> = Promise.resolve();
  return (work) => (last = last.then(() => commit(work)));
}

function tick(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
