/** The cases of one code table: every row, made to come from the counterparty, and one code that no row has. */
import type { Outcome } from '../../adapters/adapter.ts';
import { failures, type FailureCode } from '../../contracts/failures.ts';
import type { CodeTable } from '../../mappings/codes/codeTable.ts';
import { type Case, type Group, must, mustBe, mustEqual, shown } from './case.ts';
import type { Ground } from './ground.ts';
import { consequence } from './operationCases.ts';
import type { Subject, TableSubject } from './subject.ts';

export function tableGroup(subject: Subject, table: CodeTable): Group {
  const told = subject.tables[table.name];
  if (!told) throw new Error(`no subject feeds the table ${table.name}`);
  const trial = new TableTrial(subject, told);
  const rows = Object.entries(table.rows).map(([code, row]): Case => ({
    name: `row-${code}`,
    run: (ground) => trial.row(ground, code, row),
  }));
  const { unmapped } = told;
  const strange: Case[] =
    unmapped === undefined ? [] : [{ name: 'unmapped', run: (ground) => trial.unmapped(ground, unmapped) }];
  return { name: table.name, what: 'table', cases: [...rows, ...strange] };
}

class TableTrial {
  readonly #subject: Subject;
  readonly #told: TableSubject;
  readonly #made = new WeakMap<Ground, (turn: number) => object | Promise<object>>();
  #turn = 0;

  constructor(subject: Subject, told: TableSubject) {
    this.#subject = subject;
    this.#told = told;
  }

  async row(ground: Ground, code: string, row: unknown): Promise<void> {
    const told = this.#told;
    if (told.by === 'notice') {
      const fact = await this.#notice(ground, code, told);
      const wrong = told.wrong(fact, row, code);
      return must(wrong === undefined, `${code}: ${wrong ?? ''}`);
    }
    const outcome = await (told.by === 'answer'
      ? this.#answer(ground, code, told)
      : this.#request(ground, String(row), told));
    if (told.by === 'request') return mustBe(outcome, ['confirmed'], `with ${String(row)} the outcome`);
    if (told.wrong) {
      const wrong = told.wrong(outcome, row, code);
      return must(wrong === undefined, `${code}: ${wrong ?? ''}: ${shown(outcome)}`);
    }
    must(typeof row === 'string' && Object.hasOwn(failures, row), `${String(row)} is no failure code: say what is due`);
    const failure = row as FailureCode;
    mustBe(outcome, [consequence(failure)], `after ${code} the outcome`);
    must(
      outcome.outcome !== 'confirmed' && outcome.code === failure,
      `${code} became ${shown(outcome)}, not ${failure}`,
    );
    const external = told.shownAs ?? code;
    must(outcome.externalCode?.includes(external) === true, `the code ${external} is not told: ${shown(outcome)}`);
  }

  async unmapped(ground: Ground, code: string): Promise<void> {
    const told = this.#told;
    if (told.by === 'notice') {
      const before = ground.facts.length;
      await this.#notice(ground, code, told);
      return mustEqual(ground.facts.length, before, 'the number of facts');
    }
    if (told.by === 'request') {
      const outcome = await this.#request(ground, code, told);
      mustBe(outcome, ['refused'], 'what this vendor has no code for');
      return must(ground.bench.exchanges.at(-1)?.parts.length === 0, 'something was sent all the same');
    }
    const outcome = await this.#answer(ground, code, told);
    mustBe(outcome, ['unknown'], `after the code ${code}, which no row has, the outcome`);
    must(outcome.outcome !== 'confirmed' && outcome.code === 'EXT_CODE_UNMAPPED', `it is ${shown(outcome)}`);
  }

  async #answer(ground: Ground, code: string, told: TableSubject & { by: 'answer' }): Promise<Outcome> {
    const request = await this.#next(ground, told.operation);
    ground.proxy.arm({
      step: told.step ?? 0,
      play: async (play) => play.send(await told.give(code, await play.forward(), play.asked, play.keys)),
    });
    try {
      return await ground.call(told.operation, told.ask?.(code, request) ?? request);
    } finally {
      const { hit } = await ground.proxy.disarm();
      must(hit, 'the request that should be answered so was never sent');
    }
  }

  async #request(ground: Ground, ours: string, told: TableSubject & { by: 'request' }): Promise<Outcome> {
    return ground.call(told.operation, told.ask(ours, await this.#next(ground, told.operation)));
  }

  async #notice(ground: Ground, code: string, told: TableSubject & { by: 'notice' }) {
    const notice = this.#subject.notices[told.noticeOf(code)];
    const seal = this.#subject.noticeSeal;
    if (!notice || !seal) throw new Error('no such notice');
    ground.holdPosts();
    const is = await notice.cause(ground, (this.#turn += 1));
    const posted = await ground.heldPost(is);
    const before = ground.facts.length;
    await ground.post(await seal.sign(posted, { body: await told.give(code, posted), keys: ground.keys.twin }));
    return ground.facts[before];
  }

  async #next(ground: Ground, operation: string): Promise<object> {
    const make = this.#made.get(ground) ?? (await this.#subject.operations[operation]?.ready(ground));
    if (!make) throw new Error(`no subject for ${operation}`);
    this.#made.set(ground, make);
    return make((this.#turn += 1));
  }
}
