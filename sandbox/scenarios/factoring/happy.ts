/** F6 as it should go: with recourse and without, disclosed and not, one funder and two. */
import type { Scenario } from '../scenario.ts';
import { ending, fundedStory, has, payAsCore } from './funding.ts';
import { funders, stateOf } from './people.ts';

interface Loan {
  readonly state: string;
  readonly balance: string;
  readonly principal: string;
}

const loansOf = `select l.state, l.balance::text, l.principal::text from loan l join application a on a.no = l.application_no
  where a.case_id = $1 order by l.principal desc`;

export const happy: Scenario = {
  name: 'factoring/happy',
  flow: 'F6',
  failures: [],
  title: { zh: '保理确权九步全流程', en: 'the nine steps, from the claim to the surplus' },
  async play(stage) {
    const story = await fundedStory(stage);
    await payAsCore(stage, story, story.net);
    await stage.caseEnds(story.caseNo, 'settled');
    stage.same('the receivable', await stateOf(stage, 'receivable', 'no', story.receivableNo), 'CLOSED');
    stage.same('the loan', await stage.rows<Loan>(loansOf, [story.caseNo]), [
      { state: 'SETTLED', balance: '0.00', principal: '880000.00' },
    ]);
    const parts = stage
      .effects('clearing-cpcn', 'split')
      .filter(({ number }) => number.endsWith(story.caseNo.slice(-6)))
      .flatMap(({ detail }) => (detail as { parts: { to: string; fen: string }[] }).parts);
    stage.same(
      'who got a part',
      parts.map(({ to }) => to),
      [funders.factor.account.accountNo, story.supplier.account.accountNo],
    );
    const sum = parts.reduce((total, { fen }) => total + BigInt(fen), 0n);
    stage.same('what was split, in fen', sum, 110_000_000n);
    const checked = stage
      .effects('invoice-vat', 'checked')
      .filter(({ detail }) => (detail as { invoice: string }).invoice === story.invoiceNo);
    stage.same('how often the invoice was checked', checked.length, 2);
    const paidOut = stage
      .effects('bank-south', 'disbursed')
      .filter(({ number }) => number.endsWith(story.caseNo.slice(-6)));
    stage.same('what the factor paid out', paidOut.length, 1);
    await has(stage, story, ['N01', 'N04', 'N06', 'N07', 'N08', 'N09', 'N10', 'N11', 'N14', 'N15', 'N16', 'N17']);
    stage.same('the collection', (await ending(stage, story, 'factoring-collection')).outcome, 'collected');
  },
};

export const slices: Scenario = {
  name: 'factoring/two-funders',
  flow: 'F6',
  failures: [],
  title: { zh: '两家资金方分别认购、登记、放款', en: 'two funders: slices, each registered and paid by itself' },
  async play(stage) {
    const story = await fundedStory(stage, { supplier: 2 }, { factor: '500000.00', funder: '380000.00' });
    const shares = await stage.rows<{
      amount: string;
      system: string;
      registered: string;
      envelope: string;
      loan: string;
    }>(
      `select a.approved_amount::text amount, f.legal_name system,
         (select count(*)::text from registration r where r.application_no = a.no and r.state = 'REGISTERED' and r.subscription_no = a.funder_ref) registered,
         (select e.state from envelope e where e.application_no = a.no) envelope, (select l.state from loan l where l.application_no = a.no) loan
       from application a join party f on f.id = a.funder_id where a.case_id = $1 order by 1 desc`,
      [story.caseNo],
    );
    stage.same('the slices', shares, [
      { amount: '500000.00', system: funders.factor.name, registered: '1', envelope: 'COMPLETED', loan: 'ACTIVE' },
      { amount: '380000.00', system: funders.funder.name, registered: '1', envelope: 'COMPLETED', loan: 'ACTIVE' },
    ]);
    stage.same(
      'what else is locked, beside the shares',
      await stage.value(
        'select count(*)::int from asset_lock where asset_key = $1 and released_at is null and share_of is null',
        [`receivable:${story.receivableNo}`],
      ),
      1,
    );
    await payAsCore(stage, story, story.net);
    await stage.caseEnds(story.caseNo, 'settled');
    stage.same('the loans', await stage.rows<Loan>(loansOf, [story.caseNo]), [
      { state: 'SETTLED', balance: '0.00', principal: '500000.00' },
      { state: 'SETTLED', balance: '0.00', principal: '380000.00' },
    ]);
    const cancelled = await stage.value(
      "select count(*)::int from registration r join application a on a.no = r.application_no where a.case_id = $1 and r.state = 'CANCELLED'",
      [story.caseNo],
    );
    stage.same('cancelled registrations', cancelled, 2);
  },
};

export const withoutRecourse: Scenario = {
  name: 'factoring/undisclosed-without-recourse',
  flow: 'F6',
  failures: [],
  title: {
    zh: '暗保理、无追索：通知不送达，余款归保理人',
    en: 'undisclosed, without recourse: the notice is held, the surplus is the factor’s',
  },
  async play(stage) {
    const story = await fundedStory(stage, { disclosed: false, recourse: false });
    stage.same(
      'the held notice',
      await stateOf(stage, 'assignment_notice', 'receivable_no', story.receivableNo),
      'DRAFT',
    );
    const signers = await stage.value(
      'select count(*)::int from envelope_signer s join envelope e on e.no = s.envelope_no join application a on a.no = e.application_no where a.case_id = $1',
      [story.caseNo],
    );
    stage.same('who signs', signers, 2);
    await payAsCore(stage, story, story.net);
    await stage.caseEnds(story.caseNo, 'settled');
    const surplus = await stage.rows<{ payee: string }>(
      "select p.payee_account payee from payment p join application a on a.no = p.application_no where a.case_id = $1 and p.purpose = 'COLLECTION_SPLIT'",
      [story.caseNo],
    );
    stage.same('to whom the rest goes', surplus, [{ payee: funders.factor.account.accountNo }]);
  },
};
