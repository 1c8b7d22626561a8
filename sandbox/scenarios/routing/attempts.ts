/** F13, steps 4 to 6: one funder after the other, and what a funder says too late. */
import type { Scenario } from '../scenario.ts';
import { attemptIs, attemptsOf, begin, decides, disbursed, ended, repay, undecided } from '../credit/play.ts';

const base = { flow: 'F13' } as const;
const callerOf: Readonly<Record<string, string>> = {
  'bank-open': 'funder',
  'bank-icbc': 'city-bank',
  'bank-south': 'factor',
};

export const nextFunder: Scenario = {
  ...base,
  name: 'routing/next-funder',
  failures: ['F13.5', 'F13.6'],
  title: {
    zh: '首家否决、次家批准；首家看不到次家条件',
    en: 'the first rejects, the second approves; the first sees nothing of the second’s terms',
  },
  async play(stage) {
    const played = await begin(stage, { amount: undecided });
    const { applicationNo, orderNo, caseNo } = played;
    const first = await attemptIs(stage, applicationNo, 1, 'PUSHED');
    await decides(stage, first, { verdict: 'rejected', reason: '行业限额' });
    const second = await attemptIs(stage, applicationNo, 2, 'PUSHED');
    await decides(stage, second, { rate: '4.8000' });
    await disbursed(stage, played);
    const states = (await attemptsOf(stage, applicationNo)).map(({ state }) => state);
    stage.same('the first that approves stops it', states, ['REJECTED', 'APPROVED', 'SKIPPED']);
    const loser = await stage.read(callerOf[first.system] ?? '', `/v1/cases?order=${orderNo}`);
    const winner = await stage.read(callerOf[second.system] ?? '', `/v1/cases?order=${orderNo}`);
    const told = (answer: { body: Record<string, unknown> }) => JSON.stringify(answer.body);
    stage.same('the lender reads its terms', told(winner).includes('0.048000'), true);
    stage.same(
      'the other reads none',
      ['0.048000', 'approvedAmount', 'principal'].filter((word) => told(loser).includes(word)),
      [],
    );
    const explained = await stage.rows<{ explained: { points: string; rules: string } }>(
      'select explained from route_attempt where application_no = $1 order by position',
      [applicationNo],
    );
    stage.same(
      'each is explained',
      explained.every(({ explained: why }) => why.points !== '' && why.rules.includes('funder-routing')),
      true,
    );
    stage.same('evidence', (await stage.evidence(caseNo)).filter((node) => node === 'N05').length, 2);
    await repay(stage, played);
  },
};

export const withdrawnFirst: Scenario = {
  ...base,
  name: 'routing/withdrawn-first',
  failures: ['F13.4'],
  title: {
    zh: '超时撤回：撤回回执到达前不推下一家',
    en: 'timed out and withdrawn: the next is asked only when the withdrawal is acknowledged',
  },
  async play(stage) {
    const played = await begin(stage, { amount: undecided });
    const { applicationNo } = played;
    const first = await attemptIs(stage, applicationNo, 1, 'PUSHED');
    await stage.fault(first.system, 'timeout-before-effect', { operation: 'withdrawApplication', times: 1 });
    await stage.advance('7d');
    await attemptIs(stage, applicationNo, 1, 'WITHDRAWING');
    stage.same('the next is not asked', (await attemptsOf(stage, applicationNo))[1]?.state, 'PLANNED');
    await attemptIs(stage, applicationNo, 1, 'WITHDRAWN');
    await stage.clearFaults(first.system);
    const second = await attemptIs(stage, applicationNo, 2, 'PUSHED');
    const moves = await stage.rows<{ id: string }>(
      "select entity_id id from history where entity = 'route_attempt' and entity_id = any($1) and event in ('acknowledge', 'push') order by id",
      [[first.no, second.no]],
    );
    stage.same(
      'in that order',
      moves.map(({ id }) => id),
      [first.no, first.no, second.no],
    );
    await decides(stage, second);
    await disbursed(stage, played);
    await repay(stage, played);
  },
};

export const lateApproval: Scenario = {
  ...base,
  name: 'routing/late-approval',
  failures: ['F13.5'],
  title: { zh: '已撤回的申请迟到获批：自动谢绝', en: 'an approval of what was withdrawn is declined by itself' },
  async play(stage) {
    const played = await begin(stage, { amount: undecided });
    const { applicationNo } = played;
    const first = await attemptIs(stage, applicationNo, 1, 'PUSHED');
    await stage.advance('7d');
    await attemptIs(stage, applicationNo, 1, 'WITHDRAWN');
    const second = await attemptIs(stage, applicationNo, 2, 'PUSHED');
    await decides(stage, first, { despite: 'withdrawal' });
    await attemptIs(stage, applicationNo, 1, 'DECLINED');
    await stage.until(
      'it to be declined',
      async () =>
        (await stage.value('select d.outcome from run_done d join cases c on c.id = d.case_id where c.key = $1', [
          `decision:${first.no}`,
        ])) === 'declined',
    );
    await decides(stage, second);
    await disbursed(stage, played);
    const lent = [first, second].map(
      ({ system }) =>
        stage.effects(system, 'disbursed').filter(({ number }) => number.endsWith(played.caseNo.slice(-6))).length,
    );
    stage.same('one loan', lent, [0, 1]);
    await repay(stage, played);
  },
};

export const latePayment: Scenario = {
  ...base,
  name: 'routing/late-payment',
  failures: ['F13.5'],
  title: { zh: '已撤回的资方仍放款：列为事件', en: 'a funder pays on what was withdrawn: an incident for people' },
  async play(stage) {
    const played = await begin(stage, { amount: undecided });
    const { applicationNo } = played;
    const first = await attemptIs(stage, applicationNo, 1, 'PUSHED');
    await stage.advance('7d');
    await attemptIs(stage, applicationNo, 1, 'WITHDRAWN');
    const second = await attemptIs(stage, applicationNo, 2, 'PUSHED');
    await stage.act(first.system, 'lendAnyway', { applicationNo: first.no, verdict: 'approved' });
    await attemptIs(stage, applicationNo, 1, 'DECLINED');
    const unasked = `${first.no}-X`;
    await stage.until(
      'the payment to be an incident',
      async () =>
        (await stage.value("select level from alert where type = 'DUP_ASSET' and state = 'OPEN' and subject = $1", [
          unasked,
        ])) === 'DISPOSE',
    );
    stage.same('a case', await stage.value('select count(*)::int from recon_case where subject = $1', [unasked]), 1);
    stage.same(
      'no loan of it in the books',
      await stage.value('select count(*)::int from loan where application_no = $1', [applicationNo]),
      0,
    );
    await decides(stage, second, { verdict: 'rejected' });
    await decides(stage, await attemptIs(stage, applicationNo, 3, 'PUSHED'), { verdict: 'rejected' });
    stage.same('the end', (await ended(stage, played.caseNo, 'credit')).outcome, 'rejected');
  },
};

export const returnedPackage: Scenario = {
  ...base,
  name: 'routing/returned-package',
  failures: ['F13.4'],
  title: { zh: '资方退回：补正后重推', en: 'the funder returns the package: corrected, and sent again' },
  async play(stage) {
    const played = await begin(stage, { amount: '120000.08' });
    const { applicationNo, caseNo } = played;
    const first = await attemptIs(stage, applicationNo, 1, 'RETURNED');
    await stage.decide(caseNo, 'returned the package', { person: '运营经办', role: 'operator', reason: '已补正' });
    await disbursed(stage, played);
    const attempts = await attemptsOf(stage, applicationNo);
    const again = attempts.filter(({ system }) => system === first.system);
    stage.same(
      'asked twice, under two numbers',
      again.map(({ state }) => state),
      ['RETURNED', 'APPROVED'],
    );
    await repay(stage, played);
  },
};
