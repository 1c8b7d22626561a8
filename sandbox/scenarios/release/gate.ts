/** F3, step 11: the gate. */
import type { Scenario, Stage } from '../scenario.ts';
import { advised, askFor, ended, lent, lockedAt, numberOf, type Played } from '../spot-pledge/cases.ts';
import { lotsOf } from './asking.ts';

/** A vehicle whose picker comes only when he is sent. */
const vehicle = '闽A00000';

interface Outbound {
  readonly code: string;
  readonly turnedAway: readonly { readonly why: string }[];
}

const pickerOf = ({ dealer }: Played) => ({ name: dealer.picker.name, idNo: dealer.picker.idNo, vehicle });

async function atTheGate(stage: Stage, releaseNo: string): Promise<void> {
  await stage.until(`${releaseNo} to be at the gate`, async () => {
    const state = await stage.value('select state from release_order where no = $1', [releaseNo]);
    return state === 'ACKED';
  });
}

const outboundsOf = (stage: Stage, releaseNo: string) =>
  stage.effects('wms-qimen', 'outbound').filter(({ number }) => number === releaseNo).length;

export const wrongPicker: Scenario = {
  name: 'release/wrong-picker',
  flow: 'F3',
  failures: ['F3.11'],
  title: { zh: '提货人不符，拒绝放行', en: 'somebody else comes for the goods and is turned away' },
  async play(stage) {
    const played = await lent(stage);
    const releaseNo = await askFor(stage, played, { picker: pickerOf(played) });
    await atTheGate(stage, releaseNo);
    await stage.act('wms-qimen', 'gateOut', { releaseNo, idNo: '350600199001010017' });
    await stage.act('wms-qimen', 'gateOut', { releaseNo, token: 'not-the-token-of-this-order' });
    const { outbound } = (await stage.memory('wms-qimen')) as { outbound: Outbound[] };
    const turned = outbound.find(({ code }) => code === releaseNo)?.turnedAway.map(({ why }) => why);
    stage.same('who was turned away', turned, ['not the named picker', 'wrong token']);
    stage.same('goods that left', outboundsOf(stage, releaseNo), 0);
    stage.same('the order', await stage.value('select state from release_order where no = $1', [releaseNo]), 'ACKED');
    await stage.act('wms-qimen', 'gateOut', { releaseNo });
    await stage.caseEnds(played.caseNo, 'released');
    stage.same('goods that left', outboundsOf(stage, releaseNo), 1);
    // What stood at the head of the chain when it was stamped; a price that went stale meanwhile has the instruction stamped again.
    const chain = await stage.evidence(played.caseNo);
    const stamped = await stage.rows<{ upto: number }>(
      'select upto::int from anchor where case_id = $1 and token is not null order by upto',
      [played.caseNo],
    );
    stage.same(
      'stamped before money and before goods',
      [...new Set(stamped.map(({ upto }) => chain[upto - 1]))],
      ['N14', 'N18'],
    );
  },
};

export const moreThanOrdered: Scenario = {
  name: 'release/more-than-ordered',
  flow: 'F3',
  failures: ['F3.11'],
  title: { zh: '出库超出解押单', en: 'more leaves than was ordered: an incident' },
  async play(stage) {
    const played = await lent(stage);
    const lots = await lotsOf(stage, played, '500.000');
    const releaseNo = await askFor(stage, played, { picker: pickerOf(played), lots });
    await atTheGate(stage, releaseNo);
    await stage.act('wms-qimen', 'gateOut', { releaseNo, more: 10_000 });
    await stage.decide(played.caseNo, 'more left the warehouse', {
      person: '资方甲',
      role: 'funder',
      decision: 'rejected',
    });
    await ended(stage, played, 'release', 'incident');
    const { lotNo } = lots[0] as { lotNo: string };
    const alert = await stage.rows("select level, state from alert where type = 'STOCK_DIFF' and subject = $1", [
      lotNo,
    ]);
    stage.same('the alert', alert, [{ level: 'DISPOSE', state: 'OPEN' }]);
    const item = await stage.value('select outbound::text from release_item where release_no = $1', [releaseNo]);
    stage.same('what is booked on the order', item, '500.000');
    const pledged = await stage.value('select pledged::text from stock_lot where lot_no = $1', [lotNo]);
    stage.same('the rest stays pledged', pledged, '700.500');
    const registration = await stage.value('select state from registration where pledge_no = $1', [
      numberOf('PL', played),
    ]);
    stage.same('the registration, for nothing is owed', registration, 'CANCELLED');
    stage.same('and locked', await lockedAt(stage, 'wms-qimen', played), 700_500);
    stage.same('evidence N21', (await stage.evidence(played.caseNo)).includes('N21'), true);
  },
};

export const tokenExpired: Scenario = {
  name: 'release/token-expired',
  flow: 'F3',
  failures: ['F3.11'],
  title: { zh: '提货凭证七日过期，须重新申请', en: 'nobody comes for seven days: a new order is needed, and given' },
  async play(stage) {
    const played = await lent(stage);
    const late = await askFor(stage, played, { picker: pickerOf(played) });
    await atTheGate(stage, late);
    await stage.advance('10d');
    await ended(stage, played, 'release', 'expired');
    await advised(stage, played, late);
    stage.same('the order', await stage.value('select state from release_order where no = $1', [late]), 'EXPIRED');
    const repaid = () =>
      stage.value(
        'select count(*)::int from repayment r join loan l on l.no = r.loan_no join application a on a.no = l.application_no where a.case_id = $1',
        [played.caseNo],
      );
    const before = await repaid();
    const again = await askFor(stage, played);
    await stage.caseEnds(played.caseNo, 'released');
    stage.same('repayments', await repaid(), before);
    stage.same('goods that left under the first', outboundsOf(stage, late), 0);
    stage.same('goods that left under the second', outboundsOf(stage, again), 1);
  },
};

export const tokenLate: Scenario = {
  name: 'release/token-late',
  flow: 'F3',
  failures: ['F3.11'],
  title: {
    zh: '时间戳迟来，凭证未发先过期',
    en: 'the time stamp comes so late that the token has expired: no order goes out, a new one does',
  },
  async play(stage) {
    const played = await lent(stage);
    // The stamp is asked for once more when the first request has no answer; seven days pass meanwhile.
    await stage.fault('evidence-tsa', 'timeout-before-effect', { operation: 'stamp' });
    const late = await askFor(stage, played, { picker: pickerOf(played) });
    await stage.until('the release to be approved', async () => {
      return (await stage.value('select state from release_order where no = $1', [late])) === 'APPROVED';
    });
    await stage.advance('8d');
    await ended(stage, played, 'release', 'expired');
    await advised(stage, played, late);
    stage.same('the order', await stage.value('select state from release_order where no = $1', [late]), 'CANCELLED');
    const again = await askFor(stage, played);
    await stage.caseEnds(played.caseNo, 'released');
    stage.same('what the warehouse was told of the first', outboundsOf(stage, late), 0);
    stage.same('goods that left under the second', outboundsOf(stage, again), 1);
  },
};
