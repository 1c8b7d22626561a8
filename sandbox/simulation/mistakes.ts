/**
 * What counterparties get wrong in their own books, and set right when they are told: a file of the clearing house that misprints, a
 * loan on which somebody booked, goods that stand where nobody looks. Nobody tells the hub; it must find out.
 */
import { createHash } from 'node:crypto';
import type { Stage } from '../scenarios/scenario.ts';
import type { MistakeKind } from './plan.ts';

const dayMs = 86_400_000;
/** Set right when the hub has found it, or after so long without it: before the dealer repays on a wrong book. */
const patienceMs = 2 * dayMs;
const house = { files: 'clearing-files', gateway: 'clearing-cpcn' };
const lender = 'bank-open';
const store = 'wms-qimen';

interface Open {
  readonly untilMs: number;
  /** By which the break names it. */
  readonly subject: string;
  readonly setRight: () => Promise<unknown>;
}

export class Mistakes {
  readonly #stage: Stage;
  readonly #wanted: MistakeKind[] = [];
  readonly #touched = new Set<string>();
  #open: Open[] = [];
  made = 0;

  constructor(stage: Stage) {
    this.#stage = stage;
  }

  get open(): number {
    return this.#open.length;
  }

  /** As soon as there is something to get wrong. */
  want(kind: MistakeKind): void {
    this.#wanted.push(kind);
  }

  /** Makes what is wanted, and sets right what was found. */
  async look(): Promise<void> {
    for (const kind of this.#wanted.splice(0))
      if (await this.#make(kind)) this.made += 1;
      else this.#wanted.push(kind);
    if (this.#open.length > 0) await this.#setRight();
  }

  /** The last ones are not made any more. */
  forget(): void {
    this.#wanted.length = 0;
  }

  #make(kind: MistakeKind): Promise<boolean> {
    if (kind === 'file-amount') return this.#misprint();
    if (kind === 'file-stranger') return this.#strange();
    return kind === 'loan-book' ? this.#misbook() : this.#misplace();
  }

  /** A fen more than it collected stands in the file of the day. */
  async #misprint(): Promise<boolean> {
    const stage = this.#stage;
    const on = stage.today();
    const done = stage
      .effects(house.gateway, 'collected')
      .findLast(({ at, number }) => shanghaiDay(at) === on && !this.#touched.has(number));
    if (!done) return false;
    this.#touched.add(done.number);
    const fen = String(BigInt(String(done.detail['fen'])) + 1n);
    await stage.act(house.files, 'settle', { instructionNo: done.number, on, fen });
    return true;
  }

  /** Another institution's movement stands in the file of the day. */
  async #strange(): Promise<boolean> {
    const on = this.#stage.today();
    const instructionNo = `XX${on.replaceAll('-', '')}-${this.#stage.unique()}`;
    await this.#stage.act(house.files, 'settle', { instructionNo, on, fen: '123456' });
    return true;
  }

  /** A clerk of the funder books on the wrong loan. */
  async #misbook(): Promise<boolean> {
    const found = await this.#stage.rows<{ no: string; funderNo: string; balance: string }>(
      `select l.no, l.funder_no "funderNo", l.balance::text balance from loan l join application a on a.no = l.application_no
         join project pr on pr.seller_no = a.seller_no join project_funder f on f.project_id = pr.id and f.funder_id = a.funder_id
       where l.state = 'ACTIVE' and l.funder_no is not null and f.system = $1 and l.start_date >= $2::date - 1 and l.balance > 1000 order by l.no desc limit 5`,
      [lender, this.#stage.today()],
    );
    const loan = found.find(({ no }) => !this.#touched.has(no));
    if (!loan) return false;
    this.#touched.add(loan.no);
    const book = (balance: string) => this.#stage.act(lender, 'adjust', { loanNo: loan.funderNo, balance });
    await book(loan.balance.replace(/\d(?=\.)/, (digit) => String((Number(digit) + 1) % 10)));
    this.#keep(loan.no, () => book(loan.balance));
    return true;
  }

  /** A pallet of a pledged lot stands in another hall. */
  async #misplace(): Promise<boolean> {
    const found = await this.#stage.rows<{ lotNo: string; kilograms: number }>(
      `select s.lot_no "lotNo", (s.on_hand * 1000)::int kilograms from pledge_item i join pledge p on p.no = i.pledge_no
         join application a on a.no = p.application_no join loan l on l.application_no = a.no
         join project pr on pr.seller_no = a.seller_no join stock_lot s on s.lot_no = i.lot_no
       where p.state = 'EFFECTIVE' and l.state = 'ACTIVE' and pr.systems->>'warehouse' = $1 and l.start_date >= $2::date - 1 order by s.lot_no desc limit 5`,
      [store, this.#stage.today()],
    );
    const lot = found.find(({ lotNo }) => !this.#touched.has(lotNo));
    if (!lot) return false;
    this.#touched.add(lot.lotNo);
    const qty = Math.ceil(lot.kilograms / 50);
    const lose = (lost: number) => this.#stage.act(store, 'loseStock', { lotNo: lot.lotNo, qty: lost });
    await lose(qty);
    this.#keep(lot.lotNo, async () => {
      await lose(-qty);
      await this.#countAgain(lot.lotNo, lot.kilograms);
    });
    return true;
  }

  /** What the hub asks of the keeper, if it asks: why, and how much there is. */
  async #countAgain(lotNo: string, kilograms: number): Promise<void> {
    const [alert] = await this.#stage.rows<{ no: string }>(
      "select no from alert where type = 'STOCK_DIFF' and subject = $1 and state not in ('RESOLVED', 'CLOSED') order by opened_at desc limit 1",
      [lotNo],
    );
    if (!alert) return;
    const by = { alertNo: alert.no, reportSha256: sha256Of(`report ${lotNo}`) };
    await this.#stage.send('keeper', '/v1/stock-explanations', {
      ...by,
      explainedBy: '仓管员甲',
      reason: '部分货物误放二号库，已找回',
    });
    await this.#stage.send('keeper', '/v1/stock-recounts', {
      ...by,
      noteNo: `TZ${alert.no.replace(/\D/g, '')}`,
      lotNo,
      quantity: `${Math.floor(kilograms / 1000)}.${String(kilograms % 1000).padStart(3, '0')}`,
      unit: 'TNE',
      countedBy: '仓管员甲',
      supervisedBy: '监管员乙',
      photos: [sha256Of(`photo ${lotNo}`)],
      weighTickets: [`BD${lotNo}`],
    });
  }

  #keep(subject: string, setRight: () => Promise<unknown>): void {
    this.#open.push({ subject, setRight, untilMs: this.#stage.now().getTime() + patienceMs });
  }

  async #setRight(): Promise<void> {
    const found = await this.#stage.rows<{ subject: string }>(
      'select subject from recon_case where run_no is null and subject = any($1)',
      [this.#open.map(({ subject }) => subject)],
    );
    const known = new Set(found.map(({ subject }) => subject));
    const nowMs = this.#stage.now().getTime();
    const due = this.#open.filter(({ subject, untilMs }) => known.has(subject) || untilMs <= nowMs);
    for (const mistake of due) {
      await mistake.setRight();
      this.#open = this.#open.filter((other) => other !== mistake);
    }
  }
}

function shanghaiDay(at: string): string {
  return new Date(Date.parse(at) + 8 * 3_600_000).toISOString().slice(0, 10);
}

function sha256Of(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
