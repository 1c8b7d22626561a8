/**
 * A year of business against the hub that runs in `LIANSHU_HOME`: `node sandbox/simulation/main.ts <wishes as JSON>`. Orders come as the
 * plan has them, unit and dealers act, counterparties fail and err, the operator's people decide. Says a JSON line of progress now and
 * then, and one with the result at the end.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { openStage, type OpenStage } from '../scenarios/stage.ts';
import { Dealers } from './dealers.ts';
import { Mistakes } from './mistakes.ts';
import { Pace } from './pace.ts';
import { People } from './people.ts';
import { drawing, planOf, type Plan, type PlannedOrder, type Wishes } from './plan.ts';
import { openOrders, resultOf } from './result.ts';

const lookMs = 300;
const tradersLookMs = 500;
const sayMs = 10_000;
const dayMs = 86_400_000;
/** Beyond this orders wait until others have ended: the machine, not the hub's clock, sets the pace. */
const openMax = 80;
/** Without anything happening, after the last order, in business time: then what is still open is stuck. */
const standstillMs = 60 * dayMs;
/** After the year: by then every loan is due, and repaid or pursued. */
const afterMs = 150 * dayMs;
/** A busy machine may miss some rounds; a hub that is gone misses all. */
const missedMax = 20;
const interruptedCode = 130;

interface Standing {
  readonly open: number;
  readonly entries: number;
  readonly attention: readonly { readonly id: string }[];
}

class Year {
  readonly #stage: OpenStage;
  readonly #wishes: Wishes;
  readonly #plan: Plan;
  readonly #people: People;
  readonly #dealers: Dealers;
  readonly #mistakes: Mistakes;
  readonly #pace: Pace;
  readonly #fromMs: number;
  /** The next day whose file is laid down when it is over. */
  #closing = '';
  #wanted = 0;
  #placed = 0;
  #faults = 0;
  #missed = 0;
  #saidAt = 0;
  #movedMs = 0;
  #seen = '';

  constructor(stage: OpenStage, wishes: Wishes) {
    this.#stage = stage;
    this.#wishes = wishes;
    this.#plan = planOf(wishes);
    this.#people = new People(stage, drawing(`${wishes.seed} people`));
    this.#dealers = new Dealers(stage);
    this.#mistakes = new Mistakes(stage);
    this.#pace = new Pace(stage);
    this.#fromMs = stage.now().getTime();
  }

  get #nowMs(): number {
    return this.#stage.now().getTime() - this.#fromMs;
  }

  async play(): Promise<object> {
    while (!(await this.#isOver())) await sleep(lookMs);
    const { decided } = this.#people;
    return {
      orders: this.#placed,
      faults: this.#faults,
      mistakes: this.#mistakes.made,
      decisions: decided,
      daysPlayed: Math.floor(this.#nowMs / dayMs),
    };
  }

  /** A round that the machine was too busy for is played again. */
  async #isOver(): Promise<boolean> {
    try {
      const isOver = await this.#round();
      this.#missed = 0;
      return isOver;
    } catch (thrown) {
      this.#missed += 1;
      if (this.#missed > missedMax || !(thrown instanceof Error)) throw thrown;
      process.stderr.write(`a round was missed: ${thrown.message}\n`);
      return false;
    }
  }

  async #round(): Promise<boolean> {
    const began = performance.now();
    const standing = await this.#standing();
    for (let room = openMax - standing.open; room > 0 && this.#isDue(this.#plan.orders[this.#placed]); room -= 1)
      await this.#place(this.#plan.orders[this.#placed]);
    await this.#breakThings();
    await this.#closeDays();
    await this.#dealers.askAgain();
    await this.#people.decide();
    await this.#people.settleBreaks();
    await this.#people.attend(standing.attention);
    await this.#pace.look(performance.now() - began);
    if (performance.now() - this.#saidAt > sayMs) this.#say(standing);
    return this.#isPlayed(standing);
  }

  #isPlayed(standing: Standing): boolean {
    const now = `${standing.entries} ${this.#placed} ${this.#people.decided} ${this.#people.breaks.length}`;
    if (now !== this.#seen) [this.#movedMs, this.#seen] = [this.#nowMs, now];
    const isOver = this.#placed === this.#plan.orders.length && this.#nowMs > this.#wishes.days * dayMs;
    if (!isOver) return false;
    this.#mistakes.forget();
    const isAtRest = standing.open === 0 && this.#people.breaks.length === 0 && this.#mistakes.open === 0;
    const isTooLate = this.#nowMs > this.#wishes.days * dayMs + afterMs;
    return isAtRest || isTooLate || this.#nowMs - this.#movedMs > standstillMs;
  }

  #isDue(planned: { readonly atMs: number } | undefined): boolean {
    return planned !== undefined && planned.atMs <= this.#nowMs;
  }

  async #place(order: PlannedOrder | undefined): Promise<void> {
    if (!order) return;
    const { dealer, material, quantity, salesOrganization, refused } = order;
    // SAP is out of order just now: the clerk books it again.
    const orderNo = await this.#stage
      .placeOrder({ dealer, material, quantity, salesOrganization })
      .catch(() => undefined);
    if (orderNo === undefined) return;
    this.#placed += 1;
    // An amount at which a funder says no (docs/sandbox.md).
    const apply = (usual: Record<string, unknown>) => ({
      ...usual,
      amount: String(usual['amount']).replace(/\d{3}\.00$/, '000.01'),
    });
    this.#stage.people(orderNo, refused ? { apply } : {}, dealer);
  }

  /** Faults are of the wire, mistakes of the books. */
  async #breakThings(): Promise<void> {
    for (let next = this.#plan.faults[this.#faults]; next && this.#isDue(next);) {
      this.#faults += 1;
      await this.#stage.fault(next.system, next.fault);
      next = this.#plan.faults[this.#faults];
    }
    for (let next = this.#plan.mistakes[this.#wanted]; next && this.#isDue(next);) {
      this.#wanted += 1;
      this.#mistakes.want(next.kind);
      next = this.#plan.mistakes[this.#wanted];
    }
    await this.#mistakes.look();
  }

  /** The clearing house lays down the file of each day when it is over; dealers earn. */
  async #closeDays(): Promise<void> {
    const today = this.#stage.today();
    if (this.#closing === '') this.#closing = await this.#firstDay();
    while (this.#closing < today) {
      await this.#stage.act('clearing-files', 'closeDay', { on: this.#closing });
      await this.#dealers.earn();
      this.#closing = new Date(Date.parse(this.#closing) + dayMs).toISOString().slice(0, 10);
    }
  }

  /** On which the hub's own days began: at this pace it may be over before the first round. */
  async #firstDay(): Promise<string> {
    return String(
      await this.#stage.value(
        "select shanghai_date(opened_at)::text from cases where key = 'calendar' order by 1 limit 1",
      ),
    );
  }

  async #standing(): Promise<Standing> {
    const [open, entries] = await Promise.all([
      this.#stage.value(`select count(*)::int ${openOrders}`),
      this.#stage.value(`select count(*)::int from exchange where case_id in (select c.id ${openOrders})`),
    ]);
    const attention = await this.#stage.rows<{ id: string }>('select id from run where state = 4');
    return { open: Number(open), entries: Number(entries), attention };
  }

  #say({ open, attention }: Standing): void {
    this.#saidAt = performance.now();
    const { decided, breaks } = this.#people;
    say({
      progress: {
        day: Math.floor(this.#nowMs / dayMs),
        placed: this.#placed,
        open,
        attention: attention.length,
        breaks: breaks.length,
        faults: this.#faults,
        mistakes: this.#mistakes.made,
        decided,
        secondsPerDay: Math.round(dayMs / this.#pace.speed) / 1_000,
      },
    });
  }
}

const say = (value: object): void => void process.stdout.write(`${JSON.stringify(value)}\n`);

// Whoever began it says so; there is nothing to bring to rest here.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.once(signal, () => process.exit(interruptedCode));
const wishes = JSON.parse(process.argv[2] ?? '{}') as Wishes;
const stage = await openStage(process.env['LIANSHU_HOME'] ?? '.lianshu', { lookMs: tradersLookMs });
const played = await new Year(stage, wishes).play();
say({ result: { ...played, ...(await resultOf(stage)) } });
await stage.close();
