/**
 * The lane (通道) of each external system: how many calls at once and how fast over all nodes, paused and resumed,
 * closed by the calendar, broken after failures in a row.
 *
 * Invariants:
 * - The tables are the truth: the row of the lane, and a `wait` row for each call that is held. What BullMQ knows may be
 *   deleted at full load: calls are offered again and settings set again by the next sweep.
 * - A lane without limits that is not paused, broken, closed or ramping costs a call one look into a map.
 * - A held call goes when a worker of its lane, on any node, has its turn: `admit` runs it, and the turn lasts until the
 *   answer. So what BullMQ counts are calls.
 * - A node knows of a change elsewhere after one sweep, or when `refresh` rings.
 */
import { Failure } from '../contracts/failures.ts';
import type { Store } from '../store/store.ts';
import type { Clock } from './clock.ts';
import {
  breakLane,
  closeLane,
  countHeld,
  endRamp,
  mendLane,
  openLane,
  pauseLane,
  readHeld,
  readLanes,
  resumeLane,
  setLane,
  ticketPrefix,
  type Act,
  type LaneSettings,
} from './lanes/books.ts';
import { isWithin, nextChange } from './lanes/hours.ts';
import { Roads, type Road, type Ticket } from './lanes/road.ts';
import { backlogOf, conditionOf, flows, holdOf, paceOf, type Condition, type Hold, type Lane } from './lanes/state.ts';
import type { WaitRow } from './work.ts';

export type { Act, LaneSettings } from './lanes/books.ts';
export type { Hold } from './lanes/state.ts';

export interface LanesOptions {
  readonly store: Store;
  readonly url: string;
  readonly clock: Clock;
  readonly sweepMs?: number;
  /** Failures in a row that break a lane. */
  readonly failuresMax?: number;
  /** How long it stays broken the first time. */
  readonly breakMs?: number;
  readonly breakMsMax?: number;
  /** A lane changed here: other nodes should `refresh`. */
  readonly changed?: () => void;
}

export interface LanesHost {
  /** Runs the held call of that run; resolves when it has its answer, or cannot go now. */
  readonly admit: (ticket: Ticket) => Promise<void>;
  readonly problem: (what: string, thrown: unknown) => void;
}

export interface LaneView {
  readonly lane: Lane;
  readonly condition: Condition;
  readonly held: number;
  readonly heldSince: Date | undefined;
}

const defaults = { sweepMs: 2_000, failuresMax: 8, breakMs: 15_000, breakMsMax: 300_000, changed: () => {} };
/** A turn ends after this whatever happens: one that is lost must not block its lane for ever. */
const turnMsMax = 300_000;

export class Lanes {
  readonly #options: Required<LanesOptions>;
  #host: LanesHost | undefined;
  #roads: Roads | undefined;
  readonly #open = new Map<string, Promise<Road>>();
  readonly #closing = new Set<Promise<void>>();
  #lanes = new Map<string, Lane>();
  readonly #failures = new Map<string, number>();
  /** How many more jobs a queue should be given before the next sweep. */
  readonly #room = new Map<string, number>();
  #sweeping: NodeJS.Timeout | undefined;
  #boundary: NodeJS.Timeout | undefined;
  #refreshing: Promise<void> | undefined;
  #refreshAgain = false;

  constructor(options: LanesOptions) {
    this.#options = { ...defaults, ...options };
  }

  /** Before the first call: nothing may go through a lane that is not known to be open. @throws when they cannot be read */
  async start(host: LanesHost): Promise<void> {
    if (this.#host) return;
    this.#know(await readLanes(this.#options.store));
    this.#host = host;
    this.#roads = new Roads(this.#options.url, host.problem);
    await this.refresh();
    this.#sweeping = setInterval(() => void this.refresh(), this.#options.sweepMs);
  }

  /** Calls that have their turn end first. What is held stays held. */
  async stop(): Promise<void> {
    clearInterval(this.#sweeping);
    clearTimeout(this.#boundary);
    this.#host = undefined;
    await this.#refreshing;
    for (const system of this.#open.keys()) this.#shut(system);
    await Promise.all(this.#closing);
    await this.#roads?.close();
  }

  /** Why a call to that system may not go now; undefined when it may. */
  hold(system: string): Hold | undefined {
    const lane = this.#lanes.get(system);
    if (!lane) return undefined;
    const condition = this.#condition(lane);
    return condition.state === 'open' ? undefined : holdOf(lane, condition);
  }

  /** A run was parked: those of its waits that are held calls get into the queue. */
  held(waits: readonly WaitRow[]): void {
    for (const wait of waits) {
      if (!wait.key.startsWith(ticketPrefix)) continue;
      const lane = this.#lanes.get(wait.party);
      const room = this.#room.get(wait.party) ?? 0;
      // Not now, or too many already: the sweep offers it in its turn.
      if (!lane || room <= 0 || !flows(this.#condition(lane))) continue;
      this.#room.set(wait.party, room - 1);
      const ticket = { run: wait.run, ticket: wait.key.slice(ticketPrefix.length) };
      void this.#road(wait.party)
        .then((road) => road.offer([ticket]))
        .catch((thrown: unknown) => this.#host?.problem('offer', thrown));
    }
  }

  /** How a call ended: reached means that the counterparty answered, whatever it said. */
  answered(system: string, reached: boolean): void {
    if (reached) {
      this.#failures.delete(system);
      if (this.#lanes.get(system)?.brokenUntilMs !== undefined) this.#change(mendLane, system, 'it answered again');
      return;
    }
    const failures = (this.#failures.get(system) ?? 0) + 1;
    this.#failures.set(system, failures);
    const { failuresMax, breakMs, breakMsMax } = this.#options;
    const lane = this.#lanes.get(system);
    const probing = lane !== undefined && this.#condition(lane).state === 'probing';
    if (!probing && failures < failuresMax) return;
    const why = probing ? 'it still does not answer' : `${failures} failures in a row`;
    this.#change((store, act) => breakLane(store, act, breakMs, breakMsMax), system, why);
  }

  /** @throws Failure ILLEGAL_TRANSITION when it is paused already */
  async pause(act: Act): Promise<void> {
    if (!(await pauseLane(this.#options.store, act)))
      throw new Failure('ILLEGAL_TRANSITION', { detail: `the lane of ${act.system} is paused already` });
    await this.#rang();
  }

  /** What was held is let go at the ramp. @throws Failure ILLEGAL_TRANSITION when it is not paused */
  async resume(act: Act): Promise<void> {
    if (!(await resumeLane(this.#options.store, act)))
      throw new Failure('ILLEGAL_TRANSITION', { detail: `the lane of ${act.system} is not paused` });
    await this.#rang();
  }

  async set(act: Act, settings: LaneSettings): Promise<void> {
    await setLane(this.#options.store, act, settings);
    await this.#rang();
  }

  /** The lanes that were ever limited, paused, closed or broken; a system without one is open. */
  async list(): Promise<LaneView[]> {
    const [lanes, held] = await Promise.all([readLanes(this.#options.store), countHeld(this.#options.store)]);
    return lanes.map((lane) => ({
      lane,
      condition: this.#condition(lane),
      held: held.get(lane.system)?.count ?? 0,
      heldSince: held.get(lane.system)?.since,
    }));
  }

  /** Reads the lanes again and sets everything right. A sweep and a bell at once are one. */
  async refresh(): Promise<void> {
    if (this.#refreshing) {
      this.#refreshAgain = true;
      return this.#refreshing;
    }
    this.#refreshing = this.#sweepAll().finally(() => {
      this.#refreshing = undefined;
    });
    return this.#refreshing;
  }

  async #sweepAll(): Promise<void> {
    do {
      this.#refreshAgain = false;
      try {
        const lanes = await readLanes(this.#options.store);
        this.#know(lanes);
        await Promise.all(lanes.map((lane) => this.#settle(lane)));
        this.#armBoundary(lanes);
      } catch (thrown) {
        this.#host?.problem('lanes', thrown);
      }
    } while (this.#refreshAgain && this.#host);
  }

  #know(lanes: readonly Lane[]): void {
    this.#lanes = new Map(lanes.map((lane) => [lane.system, lane]));
  }

  async #settle(lane: Lane): Promise<void> {
    const { system } = lane;
    const { store, clock, sweepMs } = this.#options;
    const within = lane.hours === undefined || isWithin(lane.hours, clock.now());
    if (lane.closed === within && (await (within ? openLane : closeLane)(store, system))) this.#refreshAgain = true;
    const condition = this.#condition(lane);
    if (lane.ramping && !lane.holds && flows(condition) && (await endRamp(store, system))) this.#refreshAgain = true;
    if (condition.state === 'open' && !lane.holds) return this.#shut(system);
    const pace = paceOf(lane, condition);
    const road = await this.#road(system);
    await road.tune(pace);
    if (flows(condition)) await this.#feed(lane, road, backlogOf(pace, sweepMs));
  }

  /** Oldest first. What is in the queue already is offered in vain. */
  async #feed(lane: Lane, road: Road, backlog: number): Promise<void> {
    const { system } = lane;
    const waiting = await road.backlog();
    this.#room.set(system, Math.ceil(backlog / 2) - waiting);
    if (!lane.holds || waiting >= backlog / 2) return;
    const tickets = await readHeld(this.#options.store, system, backlog);
    this.#room.set(system, backlog - tickets.length);
    await road.offer(tickets);
  }

  /** The turn of a held call has come. The queue may not know yet, or any more, that the lane is shut. */
  async #admit(system: string, ticket: Ticket): Promise<void> {
    const lane = this.#lanes.get(system);
    if (!this.#host || (lane && !flows(this.#condition(lane)))) return;
    let timer: NodeJS.Timeout | undefined;
    const tooLong = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, turnMsMax);
    });
    await Promise.race([this.#host.admit(ticket), tooLong])
      .catch((thrown: unknown) => this.#host?.problem('admit', thrown))
      .finally(() => clearTimeout(timer));
  }

  #road(system: string): Promise<Road> {
    const known = this.#open.get(system);
    if (known) return known;
    if (!this.#roads || !this.#host) return Promise.reject(new Error('the lanes are not open on this node'));
    const road = this.#roads.open(system, (ticket) => this.#admit(system, ticket));
    this.#open.set(system, road);
    road.catch(() => this.#open.delete(system));
    return road;
  }

  /** Not waited for: its last calls may take their time, and the other lanes go on. */
  #shut(system: string): void {
    const road = this.#open.get(system);
    if (!road) return;
    this.#open.delete(system);
    const closing = road
      .then((opened) => opened.close())
      .catch((thrown: unknown) => this.#host?.problem('close', thrown))
      .finally(() => this.#closing.delete(closing));
    this.#closing.add(closing);
  }

  /** Opening and closing times are kept to the second, however fast business time runs. */
  #armBoundary(lanes: readonly Lane[]): void {
    const { clock, sweepMs } = this.#options;
    clearTimeout(this.#boundary);
    const now = clock.now();
    const next = Math.min(
      ...lanes.map((lane) => (lane.hours ? clock.realMsUntil(nextChange(lane.hours, now)) : Infinity)),
    );
    if (this.#host && next <= sweepMs) this.#boundary = setTimeout(() => void this.refresh(), Math.ceil(next) + 1);
  }

  #condition(lane: Lane): Condition {
    return conditionOf(lane, this.#options.clock.now(), Date.now());
  }

  #change(change: (store: Store, act: Act) => Promise<boolean>, system: string, why: string): void {
    void change(this.#options.store, { system, who: 'lane', why })
      .then((done) => (done ? this.#rang() : undefined))
      .catch((thrown: unknown) => this.#host?.problem('lane', thrown));
  }

  async #rang(): Promise<void> {
    await this.refresh();
    this.#options.changed();
  }
}
