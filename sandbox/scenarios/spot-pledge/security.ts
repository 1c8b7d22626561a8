/** F3, step 7: what keeps goods from becoming a pledge, and that nothing is left behind of it. */
import type { Scenario, Stage } from '../scenario.ts';
import { begun, ended, lent, lockedAt, numberOf, outwait, type Played } from './cases.ts';

/** Nothing is pledged, locked, registered or paid. */
async function nothingLeft(stage: Stage, played: Played): Promise<void> {
  await stage.caseEnds(played.caseNo, 'ended');
  const pledge = await stage.value('select state from pledge where no = $1', [numberOf('PL', played)]);
  stage.same('the pledge', pledge, 'CANCELLED');
  stage.same('what the warehouse locks', await lockedAt(stage, 'wms-qimen', played), 0);
  const held = await stage.value(
    'select count(*)::int from pledge_item i join stock_lot l using (lot_no) where i.pledge_no = $1 and (not i.closed or l.pledged > 0)',
    [numberOf('PL', played)],
  );
  stage.same('lots that are still pledged', held, 0);
  stage.same(
    'paid',
    stage.effects('bank-open', 'disbursed').filter(({ number }) => number.endsWith(played.digits)),
    [],
  );
}

export const noReceipt: Scenario = {
  name: 'spot-pledge/no-receipt',
  flow: 'F3',
  failures: ['F3.7a'],
  title: { zh: '仓单签章失败，不签发', en: 'the keeper seals no receipt' },
  async play(stage) {
    const played = await begun(stage, { quantity: '1200.014' });
    await stage.until('the lock', () =>
      Promise.resolve(stage.effects('wms-qimen', 'locked').some(({ number }) => number === numberOf('PL', played))),
    );
    await outwait(stage, `wms.controlConfirmed:${numberOf('PL', played)}`);
    await ended(stage, played, 'spot-pledge', 'returned');
    await nothingLeft(stage, played);
    stage.same('evidence of a receipt', (await stage.evidence(played.caseNo)).includes('N12'), false);
  },
};

export const partControlled: Scenario = {
  name: 'spot-pledge/part-controlled',
  flow: 'F3',
  failures: ['F3.7b'],
  title: { zh: '仅部分控货，全部解锁', en: 'only a part is controlled: all of it is unlocked' },
  async play(stage) {
    const played = await begun(stage, { quantity: '1200.015' });
    await ended(stage, played, 'spot-pledge', 'returned');
    await nothingLeft(stage, played);
    const unlocked = stage.effects('wms-qimen', 'unlocked').filter(({ number }) => number === numberOf('PL', played));
    stage.same('unlocked', unlocked.length, 1);
  },
};

export const lockUnknown: Scenario = {
  name: 'spot-pledge/lock-unknown',
  flow: 'F3',
  failures: ['F3.7b'],
  title: { zh: '锁定结果未知，先查询', en: 'nobody knows whether it was locked: it is asked, not locked again' },
  async play(stage) {
    await stage.fault('wms-qimen', 'reset-after-effect', { operation: 'lockStock' });
    const played = await lent(stage);
    const locked = stage.effects('wms-qimen', 'locked').filter(({ number }) => number === numberOf('PL', played));
    stage.same('locked', locked.length, 1);
    const effect = await stage.rows<{ queries: boolean; attempts: number }>(
      "select queries > 0 queries, attempts from effect where number = $1 and operation = 'wms.lockStock'",
      [numberOf('PL', played)],
    );
    stage.same('how it was found out', effect, [{ queries: true, attempts: 1 }]);
  },
};

export const lockRefused: Scenario = {
  name: 'spot-pledge/lock-refused',
  flow: 'F3',
  failures: ['F3.7b'],
  title: { zh: '一批货物已为他人锁定，整单不锁', en: 'a lot is locked for somebody else: nothing is locked' },
  async play(stage) {
    // The warehouse is not reached until somebody else has taken the goods out of its owner's hands.
    await stage.fault('wms-qimen', 'refuse-connection', { operation: 'lockStock', times: 40 });
    const played = await begun(stage);
    let lotNo: string | undefined;
    await stage.until('the goods', async () => {
      const lots = await stage.rows<{ lot: string }>('select lot_no lot from pledge_item where pledge_no = $1', [
        numberOf('PL', played),
      ]);
      lotNo = lots[0]?.lot;
      return lotNo !== undefined;
    });
    await stage.act('wms-qimen', 'moveStock', { why: 'loss', lotNo });
    await stage.clearFaults('wms-qimen');
    await ended(stage, played, 'spot-pledge', 'failed');
    await nothingLeft(stage, played);
    const locked = stage.effects('wms-qimen', 'locked').filter(({ number }) => number === numberOf('PL', played));
    stage.same('locked', locked, []);
  },
};

export const registeredBefore: Scenario = {
  name: 'spot-pledge/registered-before',
  flow: 'F3',
  failures: ['F3.7b'],
  title: { zh: '中登查询命中同一批货', en: 'the registry holds an earlier registration of the same goods' },
  async play(stage) {
    const played = await begun(stage, { changes: { apply: (usual) => usual } });
    await stage.act('registry-zd', 'enterEarlier', {
      debtorName: played.dealer.name,
      description: `采购订单 ${played.orderNo} 项下全部螺纹钢`,
    });
    await ended(stage, played, 'spot-pledge', 'returned');
    await nothingLeft(stage, played);
    const alerts = await stage.rows('select level, state from alert where type = $1 and subject = $2', [
      'DUP_ASSET',
      numberOf('PL', played),
    ]);
    stage.same('the alert', alerts, [{ level: 'CALL', state: 'OPEN' }]);
    const registered = stage
      .effects('registry-zd', 'registered')
      .filter(({ number }) => number === numberOf('RG', played));
    stage.same('registered', registered, []);
  },
};
