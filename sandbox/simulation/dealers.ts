/**
 * Dealers of a simulated year, beyond their first asking (`traders.ts`): they sell what they bought and are paid for it, and who was not
 * given the goods (an order that expired, an account that was empty) asks again another day, under another number.
 */
import type { Stage } from '../scenarios/scenario.ts';
import { dealers } from '../world.ts';

const dayMs = 86_400_000;
const againMs = 3 * dayMs;
const timesMax = 10;
/** Each is paid so much a day, in fen. */
const earnedFen = '2000000000';

interface Refused {
  readonly caseNo: string;
  readonly applicationNo: string;
  readonly flow: 'release' | 'repayment';
  readonly uscc: string;
}

export class Dealers {
  readonly #stage: Stage;
  readonly #asked = new Map<string, { times: number; atMs: number }>();
  #lookedMs = 0;

  constructor(stage: Stage) {
    this.#stage = stage;
  }

  /** A day of business. */
  async earn(): Promise<void> {
    for (const { account } of dealers)
      await this.#stage.act('clearing-cpcn', 'earn', { account: account.accountNo, fen: earnedFen });
  }

  /** Once a business day. */
  async askAgain(): Promise<void> {
    const nowMs = this.#stage.now().getTime();
    if (nowMs - this.#lookedMs < dayMs) return;
    this.#lookedMs = nowMs;
    const refused = await this.#stage.rows<Refused>(
      `select c.id "caseNo", a.no "applicationNo", d.flow, b.uscc from cases c join application a on a.case_id = c.id join party b on b.id = a.borrower_id
         cross join lateral (select flow, outcome from run_done where case_id = c.id and flow in ('release', 'repayment') order by finished_at desc limit 1) d
       where c.state = 'open' and a.state = 'DISBURSED' and d.outcome not in ('released', 'repaid')
         and not exists (select from run r where r.case_id = c.id and r.flow in ('release', 'repayment'))`,
    );
    for (const one of refused) await this.#ask(one, nowMs);
  }

  async #ask({ caseNo, applicationNo, flow, uscc }: Refused, nowMs: number): Promise<void> {
    const { times, atMs } = this.#asked.get(caseNo) ?? { times: 0, atMs: -Infinity };
    const dealer = dealers.find((one) => one.uscc === uscc);
    if (!dealer || times >= timesMax || nowMs - atMs < againMs) return;
    this.#asked.set(caseNo, { times: times + 1, atMs: nowMs });
    const asked = { caseNo, applicationNo, borrowerUscc: uscc };
    const again = (prefix: string) => `${caseNo.replace('CASE-', prefix)}-${times + 2}`;
    const { name, idNo, vehicle } = dealer.picker;
    const caller = `dealer-${Number(dealer.sapNo)}`;
    const { status, body } =
      flow === 'release'
        ? await this.#stage.send(caller, '/v1/releases', {
            ...asked,
            releaseNo: again('RL'),
            picker: { name, idNo, vehicle },
          })
        : await this.#stage.send(caller, '/v1/loan-repayments', { ...asked, requestNo: again('HK') });
    if (status >= 300) process.stderr.write(`the hub refused to ${flow} again: ${JSON.stringify(body)}\n`);
  }
}
