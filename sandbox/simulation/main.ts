/**
 * A year of business against the hub that runs in `LIANSHU_HOME`: `node sandbox/simulation/main.ts <wishes as JSON>`. Orders come as the
 * plan has them, unit and dealers act, counterparties fail, the operator's people decide. Says a JSON line of progress now and then,
 * and one with the result at the end.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { openStage, type OpenStage } from '../scenarios/stage.ts';
import { agreementsOn } from './agreement.ts';
import { drawing, planOf, type PlannedOrder, type Wishes } from './plan.ts';

const lookMs = 300;
const sayMs = 10_000;
const dayMs = 86_400_000;
/** Beyond this orders wait until others have ended: the machine, not the hub's clock, sets the pace. */
const openMax = 80;
/** Without anything happening, after the last order: then what is still open is stuck. */
const standstillMs = 60_000;
const retriesMax = 3;
/** Cases of orders; those of daily work come and go by themselves. */
const openOrders = `from cases c where c.state = 'open' and exists (select from trade_order o where o.case_id = c.id)`;
const people = ['wang', 'zhao', 'qian', 'sun'];

interface Standing {
  readonly open: number;
  readonly entries: number;
  readonly attention: readonly { readonly id: string; readonly problem: string | null }[];
}

class Year {
  readonly #stage: OpenStage;
  readonly #wishes: Wishes;
  readonly #fromMs: number;
  readonly #retried = new Map<string, number>();
  readonly #draw: () => number;
  /** The last day whose file is laid down, and one more. */
  #closed = '';
  placed = 0;
  faults = 0;
  decided = 0;

  constructor(stage: OpenStage, wishes: Wishes) {
    this.#stage = stage;
    this.#wishes = wishes;
    this.#fromMs = stage.now().getTime();
    this.#draw = drawing(`${wishes.seed} people`);
  }

  get #nowMs(): number {
    return this.#stage.now().getTime() - this.#fromMs;
  }

  async play(): Promise<void> {
    const plan = planOf(this.#wishes);
    let [saidAt, movedAt, seen] = [0, performance.now(), ''];
    for (;;) {
      const standing = await this.#standing();
      for (let room = openMax - standing.open; room > 0 && this.#isDue(plan.orders[this.placed]); room -= 1)
        await this.#place(plan.orders[this.placed]);
      while (this.#isDue(plan.faults[this.faults])) await this.#break(plan.faults[this.faults]);
      await this.#closeDays();
      await this.#decide();
      await this.#retry(standing.attention);
      if (performance.now() - saidAt > sayMs) {
        saidAt = performance.now();
        this.#say(standing);
      }
      const now = `${standing.entries} ${this.placed} ${this.decided}`;
      if (now !== seen) [movedAt, seen] = [performance.now(), now];
      const isOver = this.placed === plan.orders.length && this.#nowMs > this.#wishes.days * dayMs;
      if (isOver && (standing.open === 0 || performance.now() - movedAt > standstillMs)) return;
      await sleep(lookMs);
    }
  }

  #isDue(planned: { readonly atMs: number } | undefined): boolean {
    return planned !== undefined && planned.atMs <= this.#nowMs;
  }

  async #place(order: PlannedOrder | undefined): Promise<void> {
    if (!order) return;
    this.placed += 1;
    const { dealer, material, quantity, salesOrganization, refused } = order;
    try {
      const orderNo = await this.#stage.placeOrder({ dealer, material, quantity, salesOrganization });
      // An amount at which a funder says no (docs/sandbox.md).
      const apply = (usual: Record<string, unknown>) => ({
        ...usual,
        amount: String(usual['amount']).replace(/\d{3}\.00$/, '000.01'),
      });
      this.#stage.people(orderNo, refused ? { apply } : {}, dealer);
    } catch (thrown) {
      // SAP is out of order just now: the clerk books it again.
      if (!(thrown instanceof Error)) throw thrown;
      this.placed -= 1;
    }
  }

  async #break(planned: { readonly system: string; readonly fault: string } | undefined): Promise<void> {
    this.faults += 1;
    if (planned) await this.#stage.fault(planned.system, planned.fault);
  }

  /** The clearing house lays down the file of each day when it is over. */
  async #closeDays(): Promise<void> {
    const today = this.#stage.today();
    if (this.#closed === '') this.#closed = today;
    while (this.#closed < today) {
      await this.#stage.act('clearing-files', 'closeDay', { on: this.#closed }).catch(() => undefined);
      this.#closed = new Date(Date.parse(this.#closed) + dayMs).toISOString().slice(0, 10);
    }
  }

  /** Two people of the operator look at what is asked of them; now and then they say no. */
  async #decide(): Promise<void> {
    for (const { id, payloadHash, roles } of await this.#stage.tasks()) {
      const decision = this.#draw() < 0.97 ? 'approved' : 'rejected';
      for (const person of people) {
        const done = await this.#stage.vote(id, {
          by: person,
          ...(roles[0] === undefined ? {} : { role: roles[0] }),
          decision,
          payloadHash,
          reason: 'simulated',
        });
        if (done) this.decided += 1;
      }
    }
  }

  /** What stopped because nobody could know better is tried again a few times. */
  async #retry(attention: Standing['attention']): Promise<void> {
    for (const { id } of attention) {
      const times = this.#retried.get(id) ?? 0;
      if (times >= retriesMax) continue;
      this.#retried.set(id, times + 1);
      await this.#stage.operate(id, { kind: 'retry', reason: 'simulated', by: people[0] ?? '' });
    }
  }

  async #standing(): Promise<Standing> {
    const [open, entries] = await Promise.all([
      this.#stage.value(`select count(*)::int ${openOrders}`),
      this.#stage.value(`select count(*)::int from exchange where case_id in (select c.id ${openOrders})`),
    ]);
    const attention = await this.#stage.rows<{ id: string; problem: string | null }>(
      'select id, problem from run where state = 4',
    );
    return { open: Number(open), entries: Number(entries), attention };
  }

  #say(standing: Standing): void {
    const day = Math.floor(this.#nowMs / dayMs);
    const { placed, faults, decided } = this;
    say({ progress: { day, placed, open: standing.open, attention: standing.attention.length, faults, decided } });
  }
}

async function resultOf(stage: OpenStage, year: Year): Promise<object> {
  const counts = async (sql: string) =>
    Object.fromEntries(
      (await stage.rows<{ name: string; count: number }>(sql)).map(({ name, count }) => [name, count]),
    );
  const agreements = await agreementsOn(stage);
  return {
    orders: year.placed,
    faults: year.faults,
    decisions: year.decided,
    cases: await counts(
      'select state name, count(*)::int count from cases c where exists (select from trade_order o where o.case_id = c.id) group by state',
    ),
    outcomes: await counts(
      "select flow || ' ' || outcome name, count(*)::int count from run_done where flow <> 'days' group by 1 order by 1",
    ),
    /** Why a run came to nothing; no name and no number in it. */
    failures: await counts(
      `select flow || ': ' || regexp_replace(coalesce(detail, ''), '[0-9]{4,}', '…', 'g') name, count(*)::int count
       from run_done where outcome = 'failed' group by 1 order by 2 desc limit 20`,
    ),
    unfinished: await stage.rows(
      `select c.id "case", r.flow, r.state, coalesce(w.what_en, e.operation || ' ' || e.state || ' ' || coalesce(e.detail, '')) waits,
         coalesce(w.deadline, e.next_at) until
       from (select c.id, c.state, c.key ${openOrders}) c join run r on r.case_id = c.id left join wait w on w.run_id = r.id
         left join effect e on e.run_id = r.id and e.state in ('intent', 'unknown')
       limit 50`,
    ),
    attention: await stage.rows('select flow, problem, case_id "case" from run where state = 4'),
    effects: await counts('select state name, count(*)::int count from effect group by state'),
    breaks: await counts('select state name, count(*)::int count from recon_case group by state'),
    agreements,
    agree: agreements.every(({ agrees }) => agrees),
  };
}

const say = (value: object): void => void process.stdout.write(`${JSON.stringify(value)}\n`);

const wishes = JSON.parse(process.argv[2] ?? '{}') as Wishes;
const stage = await openStage(process.env['LIANSHU_HOME'] ?? '.lianshu', { lookMs: 900 });
const year = new Year(stage, wishes);
await year.play();
say({ result: await resultOf(stage, year) });
await stage.close();
