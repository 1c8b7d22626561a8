/** F2, steps 4 to 5a: the funder's decision, and the contracts on it. */
import type { Scenario } from '../scenario.ts';
import { attemptIs, attemptsOf, begin, decides, disbursed, ended, heldOf, repay, undecided } from './play.ts';

const base = { flow: 'F2' } as const;

export const silentFunder: Scenario = {
  ...base,
  name: 'credit/silent-funder',
  failures: ['F2.4'],
  title: {
    zh: '资方三个工作日未审批：催办、撤回、转下一资方',
    en: 'no decision in three working days: chased, withdrawn, the next funder asked',
  },
  async play(stage) {
    const played = await begin(stage, { amount: undecided });
    const first = await attemptIs(stage, played.applicationNo, 1, 'PUSHED');
    await stage.advance('7d');
    await attemptIs(stage, played.applicationNo, 1, 'WITHDRAWN');
    stage.same(
      'withdrawn there once',
      stage.effects(first.system, 'withdrawn').filter(({ number }) => number === first.no).length,
      1,
    );
    const next = await attemptIs(stage, played.applicationNo, 2, 'PUSHED');
    await decides(stage, next);
    await disbursed(stage, played);
    stage.same(
      'the first lent nothing',
      stage.effects(first.system, 'disbursed').some(({ number }) => number.endsWith(played.caseNo.slice(-6))),
      false,
    );
    await repay(stage, played);
  },
};

export const lostDecision: Scenario = {
  ...base,
  name: 'credit/lost-decision',
  failures: ['F2.5'],
  title: { zh: '审批回调丢失，轮询得知', en: 'the callback of the decision is lost: the poll tells' },
  async play(stage) {
    const played = await begin(stage, { amount: undecided });
    const attempt = await attemptIs(stage, played.applicationNo, 1, 'PUSHED');
    await stage.act(attempt.system, 'dropCallbacks', { on: true });
    try {
      await decides(stage, attempt);
      await attemptIs(stage, played.applicationNo, 1, 'APPROVED');
    } finally {
      await stage.act(attempt.system, 'dropCallbacks', { on: false });
    }
    await disbursed(stage, played);
    await repay(stage, played);
  },
};

export const secondDecision: Scenario = {
  ...base,
  name: 'credit/second-decision',
  failures: ['F2.5'],
  title: {
    zh: '资方先批后拒：立案，以最后签发为准，不放款',
    en: 'a second decision contradicts the first: a case, the last one counts, nothing is paid',
  },
  async play(stage) {
    const played = await begin(stage, { amount: undecided });
    const { applicationNo, caseNo } = played;
    const attempt = await attemptIs(stage, applicationNo, 1, 'PUSHED');
    await decides(stage, attempt);
    await attemptIs(stage, applicationNo, 1, 'APPROVED');
    await stage.act(attempt.system, 'decideAgain', {
      applicationNo: attempt.no,
      verdict: 'rejected',
      reason: '复审否决',
    });
    await stage.until(
      'a case',
      async () => (await stage.value('select state from recon_case where subject = $1', [attempt.no])) === 'OPEN',
    );
    const { outcome, detail } = await ended(stage, caseNo, 'credit');
    stage.same(
      'nothing is paid',
      [
        outcome === 'disbursed',
        await stage.value('select count(*)::int from loan where application_no = $1', [applicationNo]),
      ],
      [false, 0],
    );
    stage.same('nothing is reserved any more', [await heldOf(stage, applicationNo), detail.length > 0], ['0.00', true]);
  },
};

export const contractExpired: Scenario = {
  ...base,
  name: 'credit/contract-expired',
  failures: ['F2.5a'],
  title: {
    zh: '合同逾期未签：释放占用额度，向资方撤回',
    en: 'the contracts are not signed: the reserved limit is free again, the offer declined',
  },
  async play(stage) {
    const played = await begin(stage, { amount: undecided });
    const { applicationNo, caseNo } = played;
    const attempt = await attemptIs(stage, applicationNo, 1, 'PUSHED');
    await decides(stage, attempt);
    let flowId: unknown;
    await stage.until('the envelope at the signing platform', async () => {
      flowId = await stage.value('select vendor_flow_id from envelope where application_no = $1', [applicationNo]);
      return typeof flowId === 'string';
    });
    stage.same('reserved while it is signed', await heldOf(stage, applicationNo), '200000.05');
    await stage.act('esign-tsign', 'expire', { flowId });
    await ended(stage, caseNo, 'credit');
    stage.same('reserved afterwards', await heldOf(stage, applicationNo), '0.00');
    const [ended1] = await attemptsOf(stage, applicationNo);
    stage.same(
      'the funder was told',
      [ended1?.state, stage.effects(attempt.system, 'withdrawn').some(({ number }) => number === attempt.no)],
      ['WITHDRAWN', true],
    );
    stage.same(
      'the application',
      await stage.value("select state in ('WITHDRAWN', 'OFFER_EXPIRED') from application where no = $1", [
        applicationNo,
      ]),
      true,
    );
    const locks = await stage.value(
      'select count(*)::int from asset_lock where application_no = $1 and released_at is null',
      [applicationNo],
    );
    stage.same('nothing stays locked', locks, 0);
  },
};
