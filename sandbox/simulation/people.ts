/**
 * The operator's people in a simulated year: they decide on what is asked of them, look into breaks between the books and settle them,
 * and try again what stopped because nobody could know better.
 */
import type { Task } from '../scenarios/scenario.ts';
import type { OpenStage } from '../scenarios/stage.ts';

const hourMs = 3_600_000;
/** They look at open breaks so often, in real time ... */
const breaksMs = 1_000;
/** ... begin on one when it has been there for so long, and come back to it when it is still open. */
const beginMs = 4 * hourMs;
const comeBackMs = 72 * hourMs;
const attemptsMax = 3;
const approvedPart = 0.97;
const [first, second] = ['wang', 'zhao'];
const people = [first, second, 'qian', 'sun'];
const maker = '对账经办';

/** As `/v1/breaks` tells it; only what is used here. */
export interface OpenBreak {
  readonly no: string;
  readonly kind: string;
  readonly subject: string;
  readonly difference: string;
  readonly owner: string;
  readonly openedAt: string;
  readonly ageDays: number;
}

interface Movement {
  readonly extAmount: string | null;
  readonly extState: string | null;
  /** As the books have it now. */
  readonly amount: string | null;
  readonly state: string | null;
}

type Resolution = { readonly how: 'adjusted'; readonly commandNo: string } | { readonly how: 'accepted' };

export class People {
  readonly #stage: OpenStage;
  readonly #draw: () => number;
  readonly #attended = new Map<string, number>();
  /** By break: when they last asked for something, in business time. */
  readonly #asked = new Map<string, number>();
  #lookedMs = -Infinity;
  #resolutions = 0;
  decided = 0;
  breaks: readonly OpenBreak[] = [];

  constructor(stage: OpenStage, draw: () => number) {
    this.#stage = stage;
    this.#draw = draw;
  }

  /** They look at what is asked of them; now and then they say no. */
  async decide(): Promise<void> {
    const decisions = (await this.#stage.tasks()).map((task) => ({
      task,
      decision: this.#draw() < approvedPart ? 'approved' : 'rejected',
    }));
    await Promise.all(decisions.map(({ task, decision }) => this.#decideOn(task, decision)));
  }

  /** One after the other, until one of them is not asked any more: who brought it in is never asked. */
  async #decideOn({ id, payloadHash, roles: [role] }: Task, decision: string): Promise<void> {
    let taken = false;
    for (const by of people) {
      const vote = { by, ...(role === undefined ? {} : { role }), decision, payloadHash, reason: 'simulated' };
      const done = await this.#stage.vote(id, vote);
      if (done) this.decided += 1;
      else if (taken) return;
      taken ||= done;
    }
  }

  /**
   * What stopped because nobody could know better: they ask the counterparty on the phone whether it has the instruction, two of them say
   * so when it never came, and it is sent again; otherwise it is tried again, a few times.
   */
  async attend(attention: readonly { readonly id: string }[]): Promise<void> {
    for (const { id } of attention) {
      const times = this.#attended.get(id) ?? 0;
      if (times >= attemptsMax) continue;
      this.#attended.set(id, times + 1);
      const lost = await this.#lostEffect(id);
      if (lost === undefined) await this.#stage.operate(id, { kind: 'retry', reason: 'simulated', by: first });
      else await this.#sayItNeverCame(id, lost);
    }
  }

  /** The step whose instruction the counterparty does not have. */
  async #lostEffect(run: string): Promise<string | undefined> {
    const doubtful = await this.#stage.rows<{ path: string; system: string; number: string }>(
      "select path, system, number from effect where run_id = $1 and state in ('intent', 'unknown') and number is not null",
      [run],
    );
    return doubtful.find(({ system, number }) => !this.#stage.effects(system).some((line) => line.number === number))
      ?.path;
  }

  async #sayItNeverCame(run: string, path: string): Promise<void> {
    const evidence = '对方书面确认未收到 the counterparty confirms that it never came';
    const said = { kind: 'resolve', reason: 'simulated', by: first, body: { path, verdict: 'absent', evidence } };
    const { status, body } = await this.#stage.post(`/v1/runs/${run}/acts`, said);
    if (status >= 300)
      return void process.stderr.write(`the hub refused ${JSON.stringify(said)}: ${JSON.stringify(body)}\n`);
    const approval = { by: second, payloadHash: body['payloadHash'] };
    await this.#stage.post(`/v1/acts/${String(body['id'])}/approve`, approval);
  }

  /** Looks into what is open between the books, and settles what people settle. */
  async settleBreaks(): Promise<void> {
    if (performance.now() - this.#lookedMs < breaksMs) return;
    this.#lookedMs = performance.now();
    const { body } = await this.#stage.read('operator', '/v1/breaks');
    this.breaks = (body['breaks'] ?? []) as OpenBreak[];
    const nowMs = this.#stage.now().getTime();
    for (const open of this.breaks) {
      const before = this.#asked.get(open.no);
      const due = before === undefined ? Date.parse(open.openedAt) + beginMs : before + comeBackMs;
      if (due > nowMs) continue;
      const resolution = await this.#lookInto(open);
      if (!resolution) continue;
      this.#asked.set(open.no, nowMs);
      await this.#resolve(open, resolution);
    }
  }

  /** Nothing, where the counterparty sets its own book right and the next comparison closes the break. */
  #lookInto(open: OpenBreak): Promise<Resolution | undefined> {
    if (open.kind === 'CLEARING') return this.#askTheHouse(open);
    const comparedAgain = open.no.startsWith(`RC-${open.kind}-${open.subject}-`);
    // The funder's own figure stands: two people accept it.
    return Promise.resolve(comparedAgain ? undefined : { how: 'accepted' });
  }

  /** What the file said has come to the books since, by a command of that number; or two people accept that the file is wrong. */
  async #askTheHouse({ no, subject }: OpenBreak): Promise<Resolution> {
    const [movement] = await this.#stage.rows<Movement>(
      `select i.ext_amount::text "extAmount", i.ext_state "extState", p.amount::text amount, p.state
       from recon_case c join recon_item i on i.run_no = c.run_no and i.key = c.item_key left join payment p on p.no = i.key where c.no = $1`,
      [no],
    );
    const inTheBooks =
      movement?.amount != null && movement.amount === movement.extAmount && movement.state === movement.extState;
    return inTheBooks ? { how: 'adjusted', commandNo: subject } : { how: 'accepted' };
  }

  #resolve({ no, difference }: OpenBreak, resolution: Resolution): Promise<unknown> {
    this.#resolutions += 1;
    return this.#stage.send('operator', '/v1/break-resolutions', {
      resolutionNo: `BR-${this.#stage.today().replaceAll('-', '')}-${this.#resolutions}`,
      breakNo: no,
      by: maker,
      reason: `核对回单与对方书面确认 looked into: ${difference}`,
      ...resolution,
    });
  }
}
