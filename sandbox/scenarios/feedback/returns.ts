/** F12, row 3: what the funder sends back, what is handed over by hand, and what follows from months without feedback. */
import type { Scenario, Stage } from '../scenario.ts';
import { caseOf, decision, due, ended, lent, month, subscribe, workOf, yearIn } from './play.ts';

const project = 'XM-SPOT-PLEDGE';
const base = { flow: 'F12', failures: ['F12.3'] } as const;
const cameBack = 'rows of the feedback came back';

export const rejectedRows: Scenario = {
  ...base,
  name: 'feedback/rejected-rows',
  title: {
    zh: '资方退回明细：经营单位核对后重报',
    en: 'rows come back: the unit puts them right and they are told again',
  },
  async play(stage) {
    const { borrower } = await lent(stage);
    await stage.act('bank-open', 'rejectFeedbacks', { times: '1', borrower: borrower.uscc });
    const { on, period } = month(await yearIn(stage, 5), 4);
    await due(stage, project, on);
    await stage.until('its case', async () => (await caseOf(stage, project, on)) !== undefined);
    const task = await workOf(stage, 'unit', cameBack, await caseOf(stage, project, on));
    for (const stranger of ['funder', borrower.caller, 'keeper'])
      stage.same(`nothing of it for ${stranger}`, (await stage.read(stranger, `/v1/work/${task.id}`)).status, 404);
    const { status } = await stage.send(
      'unit',
      `/v1/work/${task.id}/decide`,
      decision(task, '数据员甲', 'approved', 'funder/maker'),
    );
    stage.same('nobody of the unit acts as a funder', status, 403);
    await stage.command('unit', `/v1/work/${task.id}/claim`, { by: '数据员甲', role: 'unit/data' });
    await stage.command('unit', `/v1/work/${task.id}/decide`, decision(task, '数据员甲', 'approved', 'unit/data'));
    const cycle = await ended(stage, project, period, borrower.id);
    const told = stage
      .effects('bank-open', 'feedback')
      .filter(({ number }) => number === cycle.no || cycle.no === `${number}-2`);
    stage.same(
      'told again under the next number',
      [cycle.outcome, told.length, cycle.no.endsWith('-2')],
      ['TAKEN', 2, true],
    );
  },
};

/** One month in which the unit stands by what came back. */
async function missed(
  stage: Stage,
  { on, period }: { on: string; period: string },
  borrower: { id: string; uscc: string },
) {
  await stage.act('bank-open', 'rejectFeedbacks', { times: '1', borrower: borrower.uscc });
  await due(stage, project, on);
  await stage.until('its case', async () => (await caseOf(stage, project, on)) !== undefined);
  const task = await workOf(stage, 'unit', cameBack, await caseOf(stage, project, on));
  await stage.command('unit', `/v1/work/${task.id}/decide`, decision(task, '数据员甲', 'rejected', 'unit/data'));
  return ended(stage, project, period, borrower.id);
}

export const missedTwice: Scenario = {
  ...base,
  name: 'feedback/missed-twice',
  title: {
    zh: '连续两期未报：按规则冻结额度，恢复报送后由资方解冻',
    en: 'two months missed freeze the limit by rule; the funder thaws it once feedback comes',
  },
  async play(stage) {
    const { loanNo, borrower, caseNo } = await lent(stage);
    const limit = () =>
      stage.value(
        `select c.state from credit_limit c join limit_movement m on m.limit_no = c.no join loan l on l.application_no = m.application_no
         where l.no = $1 and m.kind = 'RESERVE'`,
        [loanNo],
      );
    const year = await yearIn(stage, 6);
    const kinds = ['limit.frozen', 'feedback.missed'];
    await subscribe(stage, 'unit', kinds);
    const before = await heard(stage, 'unit');
    stage.same('the first', (await missed(stage, month(year, 4), borrower)).outcome, 'MISSED');
    stage.same('one month is borne', await limit(), 'ACTIVE');
    stage.same('the second', (await missed(stage, month(year, 5), borrower)).outcome, 'MISSED');
    stage.same('two are not', await limit(), 'FROZEN');
    const news = (await heard(stage, 'unit', before.next)).events.filter(
      ({ type, data }) => data['case'] === caseNo && kinds.includes(type),
    );
    stage.same(
      'the unit hears of it, and of no amount',
      news.map(({ type, data }) => [type, Object.keys(data).toSorted()]),
      [
        ['feedback.missed', ['case', 'id']],
        ['feedback.missed', ['case', 'id']],
        ['limit.frozen', ['case']],
      ],
    );
    const third = month(year, 6);
    await due(stage, project, third.on);
    stage.same('the third', (await ended(stage, project, third.period, borrower.id)).outcome, 'TAKEN');
    const thaw = await workOf(stage, 'funder', 'unfreeze the limit', await caseOf(stage, project, third.on));
    await stage.command('funder', `/v1/work/${thaw.id}/decide`, decision(thaw, '客户经理', 'approved', 'funder/maker'));
    const same = await stage.send('funder', `/v1/work/${thaw.id}/decide`, {
      ...decision(thaw, '客户经理', 'approved', 'funder/maker'),
      reason: 'again',
    });
    stage.same('four eyes are of two', same.status, 422);
    await stage.command(
      'funder',
      `/v1/work/${thaw.id}/decide`,
      decision(thaw, '风险经理', 'approved', 'funder/checker'),
    );
    await stage.until('the limit to be free', async () => (await limit()) === 'ACTIVE');
  },
};

interface Heard {
  readonly events: readonly { readonly type: string; readonly data: Record<string, unknown> }[];
  readonly next: string;
}

/** All that a caller has yet to hear. */
async function heard(stage: Stage, caller: string, after = '0.0'): Promise<Heard> {
  const events: Heard['events'][number][] = [];
  for (let next = after; ;) {
    const { body } = await stage.read(caller, `/v1/events?after=${next}`);
    const page = body as unknown as Heard;
    if (page.events.length === 0) return { events, next: page.next };
    events.push(...page.events);
    next = page.next;
  }
}

export const byHand: Scenario = {
  ...base,
  name: 'feedback/by-hand',
  title: {
    zh: '资方无此接口：人工报送并留痕',
    en: 'a funder without the interface: handed over by people, and logged',
  },
  async play(stage) {
    const other = 'XM-SPOT-PLEDGE-2';
    const { borrower } = await lent(stage, '2000');
    const { on, period } = month(await yearIn(stage, 7), 4);
    await due(stage, other, on);
    await stage.until('its case', async () => (await caseOf(stage, other, on)) !== undefined);
    const caseNo = (await caseOf(stage, other, on)) ?? '';
    await stage.decide(caseNo, 'hand the feedback over', { person: '运营甲', role: 'operations' });
    const cycle = await ended(stage, other, period, borrower.id);
    const logged = await stage.value(
      `select count(*)::int from disclosure where party_id = $1 and document_sha256 = (select payload ->> 'sha256' from evidence where business_key = $2 limit 1)`,
      [borrower.id, cycle.no],
    );
    stage.same('handed over and logged', [cycle.outcome, logged], ['TAKEN', 1]);
  },
};
