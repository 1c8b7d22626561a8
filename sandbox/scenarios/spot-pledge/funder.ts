/** F3, steps 4 and 5: a funder that says nothing, and an offer that is not used in time. */
import type { Scenario, Stage } from '../scenario.ts';
import { begun, ended, lockedAt, numberOf, type Played } from './cases.ts';

const silent = (usual: Record<string, unknown>): object => ({ ...usual, amount: '2000000.05' });

async function pushed(stage: Stage, played: Played): Promise<void> {
  await stage.until('the bank to have it', () =>
    Promise.resolve(stage.effects('bank-open', 'applied').some(({ number }) => number === numberOf('AP', played))),
  );
  await stage.until('the decision to be waited for', async () => {
    const rows = await stage.rows(
      "select from wait w join run r on r.id = w.run_id where r.case_id = $1 and w.key like 'bank.creditDecided:%'",
      [played.caseNo],
    );
    return rows.length > 0;
  });
}

export const funderChased: Scenario = {
  name: 'spot-pledge/funder-chased',
  flow: 'F3',
  failures: ['F3.4'],
  title: { zh: '资方逾期，催办后审批', en: 'the funder is late, is chased, and decides' },
  async play(stage) {
    const played = await begun(stage, { changes: { apply: silent } });
    await pushed(stage, played);
    await stage.advance('7d');
    await stage.decide(played.caseNo, 'has not decided', { person: '运营甲', role: 'operator' });
    await stage.act('bank-open', 'decide', {
      applicationNo: numberOf('AP', played),
      verdict: 'rejected',
      reason: '超授信政策',
    });
    await ended(stage, played, 'spot-pledge', 'rejected');
    const application = await stage.value('select state from application where no = $1', [numberOf('AP', played)]);
    stage.same('the application', application, 'REJECTED');
  },
};

export const funderSilent: Scenario = {
  name: 'spot-pledge/funder-silent',
  flow: 'F3',
  failures: ['F3.4'],
  title: { zh: '资方始终未审批', en: 'the funder never decides' },
  async play(stage) {
    const played = await begun(stage, { changes: { apply: silent } });
    await pushed(stage, played);
    await stage.advance('7d');
    const chase = { person: '运营甲', role: 'operator', decision: 'rejected' } as const;
    await stage.decide(played.caseNo, 'has not decided', chase);
    await ended(stage, played, 'spot-pledge', 'lapsed');
    await stage.caseEnds(played.caseNo, 'ended');
    const locks = await stage.value(
      'select count(*)::int from asset_lock l join application a on a.no = l.application_no where a.case_id = $1 and l.released_at is null',
      [played.caseNo],
    );
    stage.same('what is still locked for it', locks, 0);
  },
};

export const offerExpires: Scenario = {
  name: 'spot-pledge/offer-expires',
  flow: 'F3',
  failures: ['F3.5'],
  title: {
    zh: '批复过期，解锁并注销登记',
    en: 'the offer expires: the goods are unlocked, the registration is cancelled',
  },
  async play(stage) {
    // The bank cannot be reached when it is to take the papers; when it can, the offer is over.
    await stage.fault('bank-open', 'refuse-connection', { operation: 'deliverCollateral', times: 40 });
    const played = await begun(stage, { changes: { release: () => undefined } });
    const pledge = () => stage.value('select state from pledge where no = $1', [numberOf('PL', played)]);
    await stage.until('the registration', async () => (await pledge()) === 'REGISTERED');
    await stage.advance('14d');
    await stage.clearFaults('bank-open');
    await ended(stage, played, 'spot-pledge', 'offerExpired');
    await stage.caseEnds(played.caseNo, 'ended');
    const state = await stage.value('select state from application where no = $1', [numberOf('AP', played)]);
    stage.same('the application', state, 'OFFER_EXPIRED');
    stage.same('the pledge', await pledge(), 'CANCELLED');
    stage.same('what the warehouse still locks', await lockedAt(stage, 'wms-qimen', played), 0);
    const unlocked = stage.effects('wms-qimen', 'unlocked').filter(({ number }) => number === numberOf('PL', played));
    stage.same('unlocked', unlocked.length, 1);
    const registration = await stage.value('select state from registration where pledge_no = $1', [
      numberOf('PL', played),
    ]);
    stage.same('the registration', registration, 'CANCELLED');
    stage.same(
      'paid',
      stage.effects('bank-open', 'disbursed').filter(({ number }) => number.endsWith(played.digits)),
      [],
    );
  },
};
