/** F3, steps 9 to 11: what is asked for, and what stands between it and the gate. */
import type { Scenario, Stage } from '../scenario.ts';
import {
  advised,
  askFor,
  ended,
  lent,
  loanState,
  lockedAt,
  numberOf,
  textsOf,
  type Played,
} from '../spot-pledge/cases.ts';

export const tooLittle: Scenario = {
  name: 'release/too-little-repaid',
  flow: 'F3',
  failures: ['F3.9'],
  title: {
    zh: '还款不足，系统提示最多可解押批次',
    en: 'less than those lots need: the hub says how much it would free',
  },
  async play(stage) {
    const played = await lent(stage);
    const lotNo = await stage.value('select lot_no from pledge_item where pledge_no = $1', [numberOf('PL', played)]);
    await askFor(stage, played, { amount: '1000000.00' });
    await ended(stage, played, 'release', 'proposed');
    await advised(stage, played, String(lotNo));
    const detail = String(
      await stage.value("select detail from run_done where case_id = $1 and flow = 'release'", [played.caseNo]),
    );
    const most = Number(/(\d+\.\d{3}) TNE/.exec(detail)?.[1]);
    // V − (exposure − x) / rate, of which interest takes a little: some 420 tonnes of 1,200.
    if (!(most > 350 && most < 450)) throw new Error(`proposed ${most} tonnes: ${detail}`);
    stage.same('the loan', await loanState(stage, played), 'ACTIVE');
    stage.same(
      'collected',
      stage.effects('clearing-cpcn', 'collected').filter(({ number }) => number.endsWith(played.digits)),
      [],
    );
    await askFor(stage, played);
    await stage.caseEnds(played.caseNo, 'released');
  },
};

export const someLots: Scenario = {
  name: 'release/the-rest-is-unlocked',
  flow: 'F7',
  failures: ['F7.7'],
  title: { zh: '结清后仅提部分货物，其余解锁归还', en: 'settled, and only a part is fetched: the rest is unlocked' },
  async play(stage) {
    const played = await lent(stage);
    const lots = await lotsOf(stage, played, '500.000');
    await askFor(stage, played, { lots });
    await stage.caseEnds(played.caseNo, 'released');
    const stock = await stage.rows(
      'select l.on_hand::text here, l.pledged::text pledged from stock_lot l join pledge_item i using (lot_no) where i.pledge_no = $1',
      [numberOf('PL', played)],
    );
    stage.same('what lies there', stock, [{ here: '700.500', pledged: '0.000' }]);
    stage.same('what the warehouse locks', await lockedAt(stage, 'wms-qimen', played), 0);
    const orders = await stage.rows('select state from release_order where pledge_no = $1 order by no', [
      numberOf('PL', played),
    ]);
    stage.same('the release orders', orders, [{ state: 'CLOSED' }, { state: 'CLOSED' }]);
    const letter = await stage.value(
      "select count(*)::int from document where case_id = $1 and type = 'settlementLetter'",
      [played.caseNo],
    );
    stage.same('the settlement letter', letter, 1);
    const evidence = await stage.evidence(played.caseNo);
    for (const node of ['N15', 'N17', 'N18', 'N19', 'N11', 'N24'])
      stage.same(`evidence ${node}`, evidence.includes(node), true);
    stage.same('text messages of the release', await textsOf(stage, played, numberOf('MG', played)), 1);
  },
};

export function lotsOf(stage: Stage, played: Played, quantity: string): Promise<object[]> {
  return stage.rows<object>(
    `select i.lot_no "lotNo", l.material "materialCode", $2::text quantity, l.unit from pledge_item i join stock_lot l using (lot_no) where i.pledge_no = $1`,
    [numberOf('PL', played), quantity],
  );
}

export const postingOnHold: Scenario = {
  name: 'release/not-posted',
  flow: 'F3',
  failures: ['F3.10'],
  title: { zh: '还款未入账，暂不解押', en: 'the repayment is not posted: nothing is released' },
  async play(stage) {
    const played = await lent(stage);
    await stage.act('bank-open', 'holdPostings', { on: true });
    const orders = () =>
      stage.value('select count(*)::int from release_order where pledge_no = $1', [numberOf('PL', played)]);
    try {
      await askFor(stage, played);
      await stage.until('the bank to be told', async () => {
        const rows = await stage.rows('select from wait where key = $1', [
          `bank.repaymentPosted:${numberOf('RP', played)}`,
        ]);
        return rows.length > 0;
      });
      await stage.advance('6d');
      await stage.until('a task', async () => (await stage.tasks(played.caseNo)).length > 0);
      stage.same('release orders while nothing is posted', await orders(), 0);
    } finally {
      await stage.act('bank-open', 'holdPostings', { on: false });
    }
    await stage.act('bank-open', 'post', { repaymentNo: numberOf('RP', played) });
    await stage.decide(played.caseNo, 'is not posted', { person: '资方甲', role: 'funder' });
    await stage.caseEnds(played.caseNo, 'released');
    stage.same('release orders', await orders(), 1);
  },
};

export const stalePrice: Scenario = {
  name: 'release/stale-price',
  flow: 'F7',
  failures: ['F3.10', 'F7.5'],
  title: { zh: '价格过期，先更新再解押', en: 'the price is stale: it is refreshed before anything is released' },
  async play(stage) {
    const played = await lent(stage);
    const material = 'HRB400E-12';
    await stage.act('price-quotes', 'freeze', { material });
    try {
      await stage.advance('7d');
      await askFor(stage, played);
      await stage.until('the repayment to be posted', async () => (await loanState(stage, played)) === 'SETTLED');
      await stage.until('the next price to be waited for', async () => {
        const rows = await stage.rows(
          "select from wait w join run r on r.id = w.run_id where r.case_id = $1 and w.key like 'timer:%the next price%'",
          [played.caseNo],
        );
        return rows.length > 0;
      });
      const orders = await stage.value('select count(*)::int from release_order where pledge_no = $1', [
        numberOf('PL', played),
      ]);
      stage.same('release orders at a stale price', orders, 0);
    } finally {
      await stage.act('price-quotes', 'thaw', { material });
    }
    await stage.caseEnds(played.caseNo, 'released');
  },
};
