/** F6, steps 4 and 5: who may see the offer, who gets it, and at which rate. */
import type { Scenario } from '../scenario.ts';
import { ending, fund, nothingHeld } from './funding.ts';
import {
  allocate,
  closeOffer,
  confirm,
  fixRate,
  funders,
  initiate,
  nextOffer,
  offersOf,
  placed,
  proposeRate,
  receivableIs,
  stateOf,
  subscribe,
} from './people.ts';

export const nobody: Scenario = {
  name: 'factoring/nobody-subscribes',
  flow: 'F6',
  failures: ['F6.4'],
  title: { zh: '三日无人认购：扩大渠道，仍无则结束', en: 'nobody in three days: a wider channel; nobody there either' },
  async play(stage) {
    const story = await initiate(stage);
    await confirm(stage, story);
    const narrow = await allocate(stage, story, ['city-bank']);
    stage.same('the offer', await closeOffer(stage, narrow), 'LAPSED');
    const wide = await nextOffer(stage, story, 1);
    const seenBy = await stage.rows<{ channel: string; funders: number }>(
      'select channel, cardinality(visible_to) funders from asset_offer where no = any($1) order by closes_at',
      [[narrow, wide]],
    );
    stage.same('to whom it was offered', seenBy, [
      { channel: 'PROJECT', funders: 1 },
      { channel: 'WIDENED', funders: 3 },
    ]);
    stage.same('the wider offer', await closeOffer(stage, wide), 'LAPSED');
    await stage.caseEnds(story.caseNo, 'ended');
    stage.same('why', (await ending(stage, story)).detail.startsWith('NO_FUNDER_AVAILABLE'), true);
    await receivableIs(stage, story, ['CONFIRMED']);
    await nothingHeld(stage, story);
  },
};

export const oversubscribed: Scenario = {
  name: 'factoring/over-subscribed-and-masked',
  flow: 'F6',
  failures: ['F6.4'],
  title: {
    zh: '超额认购按利率、时间；认购前对资金方脱敏',
    en: 'too many: the lower rate, then the earlier one; masked until then',
  },
  async play(stage) {
    const story = await initiate(stage);
    await confirm(stage, story);
    const offerNo = await allocate(stage, story, ['factor', 'funder', 'city-bank']);
    stage.same('what a funder reads before', (await stage.read('factor', `/v1/cases/${story.caseNo}`)).status, 404);
    const masked = await stage.rows<Record<string, unknown>>(
      'select f.* from party p, offers_for(p.id) f where p.uscc = $1 and f.no = $2',
      [funders['city-bank'].uscc, offerNo],
    );
    const told = JSON.stringify(masked);
    stage.same('offers of it', masked.length, 1);
    for (const secret of [story.supplier.name, story.receivableNo, story.caseNo, story.supplier.uscc])
      stage.same(`the offer tells ${secret}`, told.includes(secret), false);
    const dear = await subscribe(stage, offerNo, 'factor', story.amount, ['0.045000', '0.055000']);
    await placed(stage, dear);
    const cheap = await subscribe(stage, offerNo, 'funder', story.amount, ['0.042000', '0.050000']);
    await placed(stage, cheap);
    const later = await subscribe(stage, offerNo, 'city-bank', story.amount, ['0.042000', '0.050000']);
    await placed(stage, later);
    stage.same('the offer', await closeOffer(stage, offerNo), 'FULLY_SUBSCRIBED');
    const states = [];
    for (const no of [dear, cheap, later]) states.push(await stateOf(stage, 'subscription', 'no', no));
    stage.same('who got it', states, ['OUTBID', 'ACCEPTED', 'OUTBID']);
    await fixRate(stage, story, offerNo, '0.044000');
    await fund(stage, story, { funder: cheap });
    const readBy = async (caller: string) => (await stage.read(caller, `/v1/cases/${story.caseNo}`)).body;
    stage.same('its financing', ((await readBy('funder'))['application'] as { no: string }).no, story.factoringNo);
    // It hears how far the case is in which it spoke, and nothing of whose it is, or on which terms.
    const outbid = JSON.stringify(await readBy('city-bank'));
    const secrets = [story.supplier.name, story.supplier.uscc, story.receivableNo, funders.funder.name, '0.044000'];
    for (const secret of [...secrets, '"application"', '"loan"'])
      stage.same(`what an outbid one reads tells ${secret}`, outbid.includes(secret), false);
    stage.same(
      'the rate',
      await stage.value('select rate::text from application where case_id = $1', [story.caseNo]),
      '0.044000',
    );
  },
};

export const rateOutside: Scenario = {
  name: 'factoring/rate-outside-ranges',
  flow: 'F6',
  failures: ['F6.5'],
  title: {
    zh: '最终利率超出区间：拒绝；经办不得复核',
    en: 'a rate outside the ranges is refused; the maker does not check',
  },
  async play(stage) {
    const story = await initiate(stage);
    await confirm(stage, story);
    const offerNo = await allocate(stage, story, ['factor']);
    const subscriptionNo = await subscribe(stage, offerNo, 'factor', story.amount, ['0.042000', '0.050000']);
    await placed(stage, subscriptionNo);
    await closeOffer(stage, offerNo);
    // Above the offer's own range: nobody is asked. Inside it and above the funder's: two people agree, and the books refuse.
    await proposeRate(stage, story, offerNo, '0.070000');
    await fixRate(stage, story, offerNo, '0.055000');
    await proposeRate(stage, story, offerNo, '0.046000');
    const sameMan = await stage
      .decide(story.caseNo, 'Fix the rate 0.046000', { person: '运营经办 丙', role: 'OPS-C' })
      .then(
        () => 'decided',
        (thrown: unknown) => String(thrown),
      );
    stage.same(
      'who proposed does not decide',
      sameMan.includes('SAME_PERSON_APPROVAL') || sameMan.includes('made what is decided on'),
      true,
    );
    stage.same('the offer', await stateOf(stage, 'asset_offer', 'no', offerNo), 'FULLY_SUBSCRIBED');
    await stage.decide(story.caseNo, 'Fix the rate 0.046000', { person: '运营复核 丁', role: 'OPS-C' });
    await stage.until('the rate is fixed', async () =>
      ['RATE_FIXED', 'CONTRACTING'].includes(String(await stateOf(stage, 'asset_offer', 'no', offerNo))),
    );
    await fund(stage, story, { factor: subscriptionNo });
    const asked = await stage.value(
      "select count(*)::int from task where case_id = $1 and title_en like 'Fix the rate%'",
      [story.caseNo],
    );
    stage.same('how often a checker was asked', asked, 2);
  },
};

export const withdraws: Scenario = {
  name: 'factoring/funder-withdraws',
  flow: 'F6',
  failures: ['F6.4'],
  title: { zh: '利率确定前撤回认购：重新分配', en: 'a funder withdraws before the rate is fixed: allocated again' },
  async play(stage) {
    const story = await initiate(stage);
    await confirm(stage, story);
    const offerNo = await allocate(stage, story, ['city-bank']);
    const subscriptionNo = await subscribe(stage, offerNo, 'city-bank', story.amount);
    await placed(stage, subscriptionNo);
    stage.same('the offer', await closeOffer(stage, offerNo), 'FULLY_SUBSCRIBED');
    await stage.command('city-bank', '/v1/asset-subscription-cancellations', {
      caseNo: story.caseNo,
      subscriptionNo,
      funderUscc: funders['city-bank'].uscc,
    });
    await stage.until(
      'it is cancelled',
      async () => (await stateOf(stage, 'subscription', 'no', subscriptionNo)) === 'CANCELLED',
    );
    await proposeRate(stage, story, offerNo, '0.046000');
    await stage.until(
      'the offer lapses',
      async () => (await stateOf(stage, 'asset_offer', 'no', offerNo)) === 'LAPSED',
    );
    const second = await allocate(stage, story, ['factor']);
    const other = await subscribe(stage, second, 'factor', story.amount);
    await placed(stage, other);
    stage.same('the second offer', await closeOffer(stage, second), 'FULLY_SUBSCRIBED');
    await fixRate(stage, story, second);
    await fund(stage, story, { factor: other });
    stage.same('offers', (await offersOf(stage, story)).length, 2);
  },
};
