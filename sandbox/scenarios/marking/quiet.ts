import type { Scenario } from '../scenario.ts';
import { ask, ended, lend, nextMorning, project, repayAll } from './lent.ts';

/** Step 2: one set of prices for one batch; asked again it is the same batch. */
export const quiet: Scenario = {
  name: 'marking/quiet-day',
  flow: 'F8',
  failures: ['F8.2'],
  title: { zh: '平静的一天：重估一次，重复触发不重算', en: 'a quiet day: marked once, however often it is asked for' },
  async play(stage) {
    const lent = await lend(stage);
    const on = await nextMorning(stage);
    const key = await ask(stage, 'marking', on);
    stage.same('how it ended', await ended(stage, 'marking', key), 'marked');
    await ask(stage, 'marking', on);
    const set = `${project}/${on}`;
    stage.same('batches', await stage.rows('select set_id from revaluation where set_id = $1', [set]), [
      { set_id: set },
    ]);
    const marks = await stage.rows<{ level: string; unpriced: boolean }>(
      'select level, unpriced from valuation where set_id = $1 and pledge_no = $2',
      [set, lent.pledgeNo],
    );
    stage.same('the mark', marks, [{ level: 'OK', unpriced: false }]);
    stage.same(
      'runs',
      await stage.value('select count(*)::int from run_key where flow = $1 and key = $2', ['marking', key]),
      1,
    );
    stage.same(
      'alerts',
      await stage.value(
        "select count(*)::int from alert where subject = $1 and type in ('PRICE_WARN', 'MARGIN_CALL')",
        [lent.pledgeNo],
      ),
      0,
    );
    await repayAll(stage, lent);
  },
};
