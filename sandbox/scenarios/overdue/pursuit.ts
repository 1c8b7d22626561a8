/** F11 steps 4, 5 and 7: the security is called upon, ninety days pass, and what stays unpaid. */
import { dealers, unit } from '../../world.ts';
import type { Scenario, Stage } from '../scenario.ts';
import { advanceTo, checkDue, lapsed, mended, noticeGoesOut, repayAll, texts, type Lent } from './story.ts';

const base = { flow: 'F11' } as const;

export const security: Scenario = {
  ...base,
  name: 'overdue/goods-called-upon',
  failures: ['F11.4'],
  title: {
    zh: '逾期后追索质物',
    en: 'three days on, the goods are called upon: the funder decides to extend or to dispose',
  },
  async play(stage) {
    const dealer = 2;
    const loan = await lapsed(stage, dealer);
    await advanceTo(stage, loan, 1);
    await noticeGoesOut(stage, loan, '1-D1');
    await advanceTo(stage, loan, 3);
    await noticeGoesOut(stage, loan, '1-D3');
    await stage.until(
      'the goods to be called upon',
      async () =>
        (
          await stage.rows("select from run_done where flow = 'overdue-call' and case_id = $1 and outcome = 'called'", [
            loan.caseNo,
          ])
        ).length === 1,
    );
    const [called] = await stage.rows<{ payload: { pledge: string } }>(
      "select payload from evidence where case_id = $1 and node = 'N22 overdue notice' and business_key = $2",
      [loan.caseNo, `${loan.loanNo}/1 security`],
    );
    stage.same(
      'which goods',
      called?.payload.pledge,
      await stage.value('select no from pledge where application_no = $1', [loan.applicationNo]),
    );
    await repayAll(stage, loan, dealer);
    await mended(stage, loan, 'settled');
    await stage.caseEnds(loan.caseNo, 'released');
  },
};

export const wronglyListed: Scenario = {
  ...base,
  name: 'overdue/wrongly-listed',
  failures: ['F11.5'],
  title: {
    zh: '九十日不良、双人列入黑名单、异议撤销',
    en: 'ninety days: non-performing, listed by two people, and taken off with a correction',
  },
  async play(stage) {
    const dealer = 2;
    const loan = await lapsed(stage, dealer);
    const who = dealers[dealer];
    await advanceTo(stage, loan, 90);
    await stage.until(
      'the loan to be non-performing',
      async () =>
        (await stage.value("select metric from alert where type = 'OVERDUE' and subject = $1", [
          `${loan.loanNo}/90`,
        ])) === 'NON_PERFORMING',
    );
    const entryNo = `${loan.caseNo.replace('CASE-', 'BL')}-1`;
    const listing = await stage.caseOf(entryNo);
    for (const person of ['风控经办', '风控复核'])
      await stage.decide(listing, 'put on the blacklist', { person, role: 'operator' });
    const partyState = () => stage.value('select state from party where uscc = $1', [who?.uscc]);
    await stage.until('the dealer to be frozen', async () => (await partyState()) === 'FROZEN');
    const contestNo = `LC-${stage.unique()}`;
    await stage.command('operator', '/v1/listing-contests', {
      contestNo,
      loanNo: loan.loanNo,
      reason: '法院裁定债务不成立',
      evidenceSha256: 'a'.repeat(64),
    });
    const contest = await stage.caseOf(`contest/${contestNo}`);
    for (const person of ['风控经办', '风控复核'])
      await stage.decide(contest, 'lift the listing', { person, role: 'operator' });
    await stage.until('the dealer to be free', async () => (await partyState()) === 'ACTIVE');
    stage.same(
      'the listing',
      await stage.value('select state from blacklist where uscc = $1 order by valid_from desc limit 1', [who?.uscc]),
      'LIFTED',
    );
    const correction = contest.replace('CASE-', 'OC');
    await stage.until('the correction', async () =>
      stage.effects(texts, 'sent').some(({ number }) => number === correction),
    );
    await checkDue(stage);
    await repayAll(stage, loan, dealer);
    await mended(stage, loan, 'settled');
    await stage.caseEnds(loan.caseNo, 'released');
  },
};

/** Two of the funder's people decide on what a third proposes. */
async function funderDecides(
  stage: Stage,
  loan: Lent,
  callNo: string,
  pledgeNo: string,
  verdict: { act: 'dispose' | 'sell' },
): Promise<void> {
  const decisionNo = `JD${stage.unique()}`;
  await stage.command('funder', '/v1/call-decisions', { decisionNo, caseNo: loan.caseNo, callNo, pledgeNo, verdict });
  const title = verdict.act === 'dispose' ? 'dispose of the goods' : 'sale of the goods';
  await stage.decide(loan.caseNo, title, { person: '王经办', role: 'FND' });
  await stage.decide(loan.caseNo, title, { person: '赵复核', role: 'FND-C' });
}

export const writtenOff: Scenario = {
  ...base,
  name: 'overdue/shortfall-written-off',
  failures: ['F11.7'],
  title: {
    zh: '处置不足额，资金方双人核销',
    en: 'the goods do not bring all that is owed: two of the funder write off the rest',
  },
  async play(stage) {
    const dealer = 2;
    const loan = await lapsed(stage, dealer);
    await advanceTo(stage, loan, 3);
    const pledgeNo = String(await stage.value('select no from pledge where application_no = $1', [loan.applicationNo]));
    let callNo: unknown;
    await stage.until('the goods to be called upon', async () => {
      callNo = await stage.value(
        "select no from alert where type = 'MARGIN_CALL' and subject = $1 and state not in ('RESOLVED', 'FALSE_POSITIVE')",
        [pledgeNo],
      );
      return callNo !== undefined;
    });
    const plan = { method: 'SALE', reservePrice: '900000.00', note: '公开变卖' };
    await funderDecides(stage, loan, String(callNo), pledgeNo, { act: 'dispose', plan, reason: '逾期未还' } as {
      act: 'dispose';
    });
    await stage.until(
      'the disposal to begin',
      async () => (await stage.value('select state from pledge where no = $1', [pledgeNo])) === 'DISPOSING',
    );
    const picker = dealers[dealer]?.picker;
    const sale = {
      saleNo: `CZ${stage.unique()}`,
      contractSha256: 'c'.repeat(64),
      buyer: { name: unit.name, uscc: unit.uscc },
      price: '1000000.00',
      costs: '8000.00',
      picker: { name: picker?.name, idNo: picker?.idNo, vehicle: picker?.vehicle },
    };
    await funderDecides(stage, loan, String(callNo), pledgeNo, { act: 'sell', sale, reason: '成交' } as {
      act: 'sell';
    });
    for (const person of ['王经办', '赵复核'])
      await stage.decide(loan.caseNo, 'write off what the goods', { person, role: 'funder' });
    await stage.caseEnds(loan.caseNo, 'written-off');
    stage.same('the loan', await stage.value('select state from loan where no = $1', [loan.loanNo]), 'WRITTEN_OFF');
    stage.same('a distribution sheet', (await stage.evidence(loan.caseNo)).includes('N23'), true);
    stage.same(
      'the goods',
      stage.effects('wms-qimen', 'outbound').filter(({ number }) => number === sale.saleNo).length,
      1,
    );
  },
};
