/** People at work: taking a task up, handing it on, letting it lie, and the deadline that brings others in. */
import type { Scenario, Stage, Task } from '../scenario.ts';
import { caseOf, decision, due, ended, lent, month, yearIn } from '../feedback/play.ts';

const other = 'XM-SPOT-PLEDGE-2';
const base = { flow: 'F12', failures: [] } as const;

/** A task of the operator's people: feedback to hand over. The bank of this project has no interface for it. */
async function asked(stage: Stage, band: number) {
  const { borrower } = await lent(stage, '2000');
  const { on, period } = month(await yearIn(stage, band + 8), 4);
  await due(stage, other, on);
  let task: Task | undefined;
  await stage.until('a task to hand feedback over', async () => {
    const caseNo = await caseOf(stage, other, on);
    task = caseNo === undefined ? undefined : (await stage.tasks(caseNo))[0];
    return task !== undefined;
  });
  return { borrower, period, task: task as Task };
}

/** As an operator of the installation, over its own edge. */
const act = (stage: Stage, { id }: Task, verb: string, body: object) => stage.post(`/v1/tasks/${id}/${verb}`, body);

const who = (by: string) => ({ by, role: 'operations' });

export const claimed: Scenario = {
  ...base,
  name: 'people/claimed-task',
  title: { zh: '领用、退回、转办：他人不得越过', en: 'taken up, given back, handed on: nobody else decides meanwhile' },
  async play(stage) {
    const { task, period, borrower } = await asked(stage, 0);
    stage.same('taken up', (await act(stage, task, 'claim', who('运营甲'))).body['heldBy'], '运营甲');
    stage.same('another may not', (await act(stage, task, 'claim', who('运营乙'))).status, 403);
    stage.same(
      'nor decide',
      (await act(stage, task, 'decide', decision(task, '运营乙', 'approved', 'operations'))).status,
      403,
    );
    stage.same('given back', (await act(stage, task, 'release', who('运营甲'))).body['heldBy'], null);
    stage.same('in another role', (await act(stage, task, 'claim', { by: '会计', role: 'accounts' })).status, 403);
    await act(stage, task, 'claim', who('运营乙'));
    const handed = await act(stage, task, 'delegate', { ...who('运营乙'), to: '运营丙', reason: '休假' });
    stage.same('handed on', handed.body['heldBy'], '运营丙');
    stage.same(
      'of another content',
      (
        await act(stage, task, 'decide', {
          ...decision(task, '运营丙', 'approved', 'operations'),
          payloadHash: '0'.repeat(64),
        })
      ).status,
      409,
    );
    stage.same(
      'decided',
      (await act(stage, task, 'decide', decision(task, '运营丙', 'approved', 'operations'))).body['state'],
      'approved',
    );
    stage.same('the month', (await ended(stage, other, period, borrower.id)).outcome, 'TAKEN');
    const acts = await stage.rows<{ verb: string; person: string }>(
      'select verb, person from task_act where task_id = $1 order by id',
      [task.id],
    );
    stage.same(
      'each hand is written down',
      acts.map(({ verb, person }) => `${verb} ${person}`),
      ['claim 运营甲', 'release 运营甲', 'claim 运营乙', 'delegate 运营乙'],
    );
  },
};

export const escalated: Scenario = {
  ...base,
  name: 'people/escalated-task',
  title: {
    zh: '领用超期退回任务池，临期升级给主管',
    en: 'a claim lapses after two days; near the deadline the head may decide',
  },
  async play(stage) {
    const { task, period, borrower } = await asked(stage, 1);
    await act(stage, task, 'claim', who('运营甲'));
    const head = decision(task, '运营主管', 'approved', 'operations/head');
    stage.same('the head may not yet', (await act(stage, task, 'decide', head)).status, 403);
    const { deadline, escalateAt } = task as unknown as { deadline: string; escalateAt: string };
    const hours = Math.ceil((Date.parse(escalateAt) - stage.now().getTime()) / 3_600_000) + 1;
    stage.same('before its deadline', Date.parse(escalateAt) < Date.parse(deadline), true);
    await stage.advance(`${Math.max(hours, 49)}h`);
    const now = (await stage.tasks(task.case)).find(({ id }) => id === task.id) as unknown as Record<string, unknown>;
    stage.same(
      'back in the pool, and wider',
      [now['heldBy'], now['escalated'], now['roles']],
      [null, true, ['operations', 'operations/head']],
    );
    stage.same('the head decides', (await act(stage, task, 'decide', head)).body['state'], 'approved');
    stage.same('the month', (await ended(stage, other, period, borrower.id)).outcome, 'TAKEN');
  },
};

export const late: Scenario = {
  ...base,
  name: 'people/nobody-decides',
  failures: [],
  title: {
    zh: '逾期无人处理：任务失效，本期记为未报',
    en: 'nobody decides: the task expires, and the month counts as missed',
  },
  async play(stage) {
    const { task, period, borrower } = await asked(stage, 2);
    await stage.advance('12d');
    const cycle = await ended(stage, other, period, borrower.id);
    stage.same('missed', [cycle.outcome, cycle.why?.startsWith('DEADLINE_PASSED')], ['MISSED', true]);
    stage.same(
      'too late',
      (await act(stage, task, 'decide', decision(task, '运营甲', 'approved', 'operations'))).status,
      409,
    );
    // What follows from two of them is another story: this month is made good by one that is told.
  },
};
