/** F5 steps 1 to 6: what comes in is locked and registered before anything leaves; whatever fails leaves the pledge as it was. */
import type { Scenario } from '../scenario.ts';
import { sendBack } from '../future-goods/play.ts';
import {
  ask,
  becomes,
  carried,
  changeNo,
  decide,
  deposited,
  ends,
  pledged,
  pledgedOf,
  stateOfChange,
  type Pledged,
} from './play.ts';

export const exchange: Scenario = {
  name: 'pledge-change/exchange',
  flow: 'F5',
  failures: [],
  title: { zh: '换货：先入后出', en: 'an exchange: first in, then out' },
  async play(stage) {
    const it = await pledged(stage, 0);
    const lot = await deposited(it, { materialCode: 'HRC-Q235B-3', quantity: '400.000' });
    const no = changeNo(stage);
    await ask(it, no, [lot]);
    // A working day is short here: what the funder's people will say is kept until it is asked for.
    await decide(it, no);
    await ends(it, no, 'exchanged');
    stage.same('the change', await stateOfChange(it, no), 'DONE');
    stage.same('what came in', await pledgedOf(stage, lot.lotNo), '400.000');
    stage.same('what stays', await pledgedOf(stage, it.lot.lotNo), '700.000');
    const order = await stage.rows<{ entity: string; to: string }>(
      `select entity, to_state "to" from history where (entity = 'pledge_change' and entity_id = $1 and to_state in ('LOCKED', 'APPROVED', 'REGISTERED'))
         or (entity = 'release_order' and entity_id = 'RL' || $1 and to_state in ('APPROVED', 'EXECUTED')) order by at, version`,
      [no],
    );
    stage.same(
      'the order of the steps',
      order.map(({ entity, to }) => `${entity} ${to}`),
      [
        'pledge_change LOCKED',
        'pledge_change APPROVED',
        'pledge_change REGISTERED',
        'release_order APPROVED',
        'release_order EXECUTED',
      ],
    );
    const registrations = await stage.value(
      "select count(*)::int from registration where pledge_no = $1 and state = 'REGISTERED'",
      [it.pledgeNo],
    );
    stage.same('registrations', registrations, 2);
    stage.same('what is owed is carried', await carried(it), true);
    const evidence = await stage.evidence(it.caseNo);
    for (const node of ['N03', 'N05', 'N11', 'N13', 'N18', 'N19'])
      stage.same(`evidence ${node}`, evidence.includes(node), true);
    await releaseAll(it);
  },
};

/** What came in leaves like everything else, once all is repaid: both receipts and both registrations end. */
async function releaseAll(it: Pledged): Promise<void> {
  const { stage, caseNo, financing, picker } = it;
  await stage.command(it.caller, '/v1/releases', { releaseNo: caseNo.replace('CASE-', 'RL'), ...financing, picker });
  await stage.caseEnds(caseNo, 'released');
  const receipts = await stage.rows<{ state: string }>(
    `select r.state from warehouse_receipt r where r.no in (select receipt_no from pledge where no = $1 union select receipt_no from pledge_change where pledge_no = $1)`,
    [it.pledgeNo],
  );
  stage.same(
    'the receipts',
    receipts.map(({ state }) => state),
    ['DELIVERED', 'DELIVERED'],
  );
  const registrations = await stage.rows<{ state: string }>('select state from registration where pledge_no = $1', [
    it.pledgeNo,
  ]);
  stage.same(
    'the registrations',
    registrations.map(({ state }) => state),
    ['CANCELLED', 'CANCELLED'],
  );
}

const outbound = ({ stage, pledgeNo }: Pledged): number =>
  stage.effects('wms-qimen', 'outbound').filter(({ detail }) => JSON.stringify(detail).includes(pledgeNo)).length;

export const returned: Scenario = {
  name: 'pledge-change/not-in-order',
  flow: 'F5',
  failures: ['F5.2'],
  title: {
    zh: '换入货物不合格，退回',
    en: 'what is offered is not in order, and goes back with the code that says why',
  },
  async play(stage) {
    const it = await pledged(stage, 1);
    const lot = await deposited(it, { quantity: '100.000' });
    const nickel = await deposited(it, { materialCode: 'NI-9996-CATH', quantity: '5.000' });
    const refused = async (
      what: string,
      code: string,
      lots: readonly (typeof lot)[],
      wish: Record<string, unknown> = {},
    ) => {
      const no = changeNo(stage);
      await ask(it, no, lots, wish);
      const detail = await ends(it, no, 'returned');
      stage.same(what, detail.split(':')[0], code);
      stage.same(`${what}: no change began`, await stateOfChange(it, no), undefined);
    };
    await refused('pledged already', 'PLEDGE_OVERLAP', [it.lot]);
    await refused('of nobody', 'STOCK_SHORT', [{ ...lot, lotNo: 'PC-NOWHERE' }]);
    await refused('of another class', 'NOT_ALLOWED', [nickel]);
    await refused('without proof', 'CONTRACT_VIOLATED', [lot], { ownershipDocs: [] });
    await refused('of an old certificate', 'CONTRACT_VIOLATED', [lot], {
      quality: { certificateNo: 'ZJ-OLD', issuedOn: '2026-01-05' },
    });
    stage.same(
      'locks asked for',
      stage.effects('wms-qimen', 'locked').filter(({ detail }) => JSON.stringify(detail).includes(lot.lotNo)).length,
      0,
    );
    stage.same('the lot is free', await pledgedOf(stage, lot.lotNo), '0.000');
  },
};

export const notLocked: Scenario = {
  name: 'pledge-change/not-locked',
  flow: 'F5',
  failures: ['F5.3'],
  title: {
    zh: '仓库不能锁定换入货物',
    en: 'the warehouse has not what should come in: nothing is locked, nothing leaves',
  },
  async play(stage) {
    const it = await pledged(stage, 2);
    const lot = await deposited(it, { quantity: '200.000' });
    // Sold from under it: the warehouse let some of it go, and its books know.
    await stage.act('wms-qimen', 'moveStock', { lotNo: lot.lotNo, why: 'loss' });
    const no = changeNo(stage);
    await ask(it, no, [lot]);
    await ends(it, no, 'notLocked');
    stage.same('the change', await stateOfChange(it, no), 'CANCELLED');
    stage.same('the lot is free', await pledgedOf(stage, lot.lotNo), '0.000');
    stage.same('what stays', await pledgedOf(stage, it.lot.lotNo), '1000.000');
  },
};

export const rejected: Scenario = {
  name: 'pledge-change/rejected-or-late',
  flow: 'F5',
  failures: ['F5.4'],
  title: {
    zh: '资方否决或逾期，解除换入锁定',
    en: 'the funder rejects, or does not decide in a working day: what came in is unlocked',
  },
  async play(stage) {
    const it = await pledged(stage, 1);
    const undone = async (outcome: string, act: (no: string) => Promise<unknown>) => {
      const lot = await deposited(it, { quantity: '300.000' });
      const no = changeNo(stage);
      await ask(it, no, [lot]);
      await act(no);
      await ends(it, no, outcome);
      await becomes(it, no, 'CANCELLED');
      stage.same(
        `${outcome}: unlocked`,
        stage.effects('wms-qimen', 'unlocked').filter(({ number }) => number === `${it.pledgeNo}-${no.slice(-6)}`)
          .length,
        1,
      );
      stage.same(`${outcome}: the lot is free`, await pledgedOf(stage, lot.lotNo), '0.000');
    };
    await undone('rejected', (no) => decide(it, no, { verdict: 'rejected', reason: '货值不足' }));
    await undone('rejected', (no) => decide(it, no, { checker: 'credit-officer-wang' }));
    await undone('undecided', async (no) => {
      await becomes(it, no, 'LOCKED');
      await stage.advance('4d');
    });
    stage.same('what stays', await pledgedOf(stage, it.lot.lotNo), '1000.000');
  },
};

export const notRegistered: Scenario = {
  name: 'pledge-change/not-registered',
  flow: 'F5',
  failures: ['F5.5'],
  title: {
    zh: '新增登记被退回，不得换出',
    en: 'the registry sends the registration back: nothing leaves, what came in is unlocked',
  },
  async play(stage) {
    const it = await pledged(stage, 2);
    const lot = await deposited(it, { quantity: '300.000' });
    const no = changeNo(stage);
    await ask(it, no, [lot]);
    await decide(it, no);
    const requestNo = `${it.caseNo.replace('CASE-', 'RG')}-${no.slice(-6)}`;
    await sendBack(stage, requestNo, async () => (await stateOfChange(it, no)) === 'CANCELLED');
    await ends(it, no, 'failed');
    await becomes(it, no, 'CANCELLED');
    stage.same(
      'unlocked',
      stage.effects('wms-qimen', 'unlocked').filter(({ number }) => number === `${it.pledgeNo}-${no.slice(-6)}`).length,
      1,
    );
    stage.same(
      'release orders',
      await stage.value('select count(*)::int from release_order where pledge_no = $1', [it.pledgeNo]),
      0,
    );
    stage.same('what stays', await pledgedOf(stage, it.lot.lotNo), '1000.000');
  },
};

export const notReleased: Scenario = {
  name: 'pledge-change/not-released',
  flow: 'F5',
  failures: ['F5.6'],
  title: { zh: '换出解押被否决，货物仍质押', en: 'the funder does not release: what came in counts, and nothing left' },
  async play(stage) {
    const it = await pledged(stage, 0);
    const lot = await deposited(it, { quantity: '300.000' });
    const no = changeNo(stage);
    await ask(it, no, [lot]);
    await decide(it, no);
    await stage.until('the bank to have the order', async () =>
      JSON.stringify(await stage.memory('bank-open')).includes(`RL${no}`),
    );
    await stage.act('bank-open', 'decideRelease', { releaseNo: `RL${no}`, verdict: 'rejected', reason: '暂缓放货' });
    await ends(it, no, 'rejected');
    stage.same('the change', await stateOfChange(it, no), 'REGISTERED');
    stage.same('what came in', await pledgedOf(stage, lot.lotNo), '300.000');
    stage.same('what stays', await pledgedOf(stage, it.lot.lotNo), '1000.000');
    stage.same('what left', outbound(it), 0);
  },
};
