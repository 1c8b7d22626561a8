/** Step 5 (确认最终利率): the operator's maker proposes, its checker agrees to exactly that; it lies inside every range, or it is refused. */
import { isFailure } from '../../contracts/failures.ts';
import { portal } from '../../contracts/portal/portal.ts';
import type { Message } from '../../contracts/contract.ts';
import { after, shanghaiTime } from '../../engine/calendar.ts';
import type { Run } from '../../engine/flow.ts';
import { configurationOf } from '../../ledger/configuration/configuration.ts';
import { keepEvidence } from '../../ledger/evidence.ts';
import { endOffer, fixRate, proposeRate } from '../../ledger/financing/offers.ts';
import { allotted, openSlices, type Slice } from '../../ledger/financing/slices.ts';
import { decide, propose } from '../../ledger/oversight/approvals.ts';
import { allocate } from './allocation.ts';
import { inTime, type Agreed, type Deal } from './deal.ts';
import { escalate } from './reminders.ts';

type Proposal = Message<typeof portal.notices.rateProposed.contract>;
type Fixed = 'fixed' | 'refused' | 'drained';

/** What was offered is drawn within so many days of the rate's fixing. */
const termsValidFor = '30 days';

/** Steps 4 and 5. A funder that withdraws before the rate is fixed sends the asset back to its allocation. */
export async function agree(run: Run, deal: Deal, leadNo: string, round: number): Promise<Agreed> {
  for (let attempt = 1; attempt <= 3; attempt += 1) {
    const offerNo = await allocate(run, deal, leadNo, round * 3 + attempt);
    await run.milestone(4);
    const rate = await rateOf(run, deal, offerNo);
    if (rate === undefined) continue;
    const slices = await record(run, deal, offerNo, rate);
    await run.milestone(5);
    return { round, offerNo, leadNo, rate, slices };
  }
  return run.stop('returned', 'NO_FUNDER_AVAILABLE: funders withdrew three times');
}

/** Undefined: the offer is not taken in full any more. */
async function rateOf(run: Run, deal: Deal, offerNo: string): Promise<string | undefined> {
  for (let chased = 0; ;) {
    const proposal = await inTime(
      run.wait(portal.notices.rateProposed, { key: offerNo, within: '3 working days', from: 'operator' }),
    );
    if (!proposal) {
      chased += 1;
      await escalate(run, deal.project, `RT${offerNo.slice(-2)}${chased}`, `资产 ${offerNo} 待确认最终利率`);
      if (chased === 3) return run.stop('returned', 'nobody proposed a rate');
      continue;
    }
    const fixed = await decideRate(run, deal, offerNo, proposal);
    if (fixed === 'fixed') return proposal.rate;
    if (fixed === 'refused') continue;
    await run.record('lapse the drained offer', (tx) => endOffer(tx, offerNo, 'lapse', deal.actor));
    return undefined;
  }
}

async function decideRate(
  run: Run,
  { actor }: Deal,
  offerNo: string,
  { rate, person, proposalNo }: Proposal,
): Promise<Fixed> {
  const proposed = await run
    .record(`propose rate ${proposalNo}`, (tx) => proposeRate(tx, offerNo, rate).then(() => 'fixed' as const))
    .catch(refusal);
  if (proposed !== 'fixed') return proposed;
  const answer = await inTime(
    run.ask('agree to the rate', {
      title: { zh: `确认最终利率 ${rate}`, en: `Fix the rate ${rate}` },
      payload: { offerNo, rate, proposalNo, maker: person },
      within: '3 working days',
      roles: ['OPS-C'],
      notBy: [person],
    }),
  );
  if (answer?.decision !== 'approved') return 'refused';
  return run
    .record(`fix rate ${proposalNo}`, async (tx) => {
      const approval = await propose(tx, { entity: 'asset_offer', id: offerNo, event: 'fixRate' }, person, actor);
      await decide(tx, approval, 'approve', answer.by[0] ?? '', actor);
      await fixRate(tx, offerNo, approval, actor);
      return 'fixed' as const;
    })
    .catch(refusal);
}

/** Outside the ranges is a matter of another rate; an offer that is not full any more is one of other funders. */
function refusal(thrown: unknown): Fixed {
  if (!isFailure(thrown)) throw thrown;
  return thrown.type === 'ILLEGAL_TRANSITION' ? 'drained' : 'refused';
}

/** Each funder's slice is now an application of its own, on the terms that two people fixed. */
function record(run: Run, { project, asked, actor }: Deal, offerNo: string, rate: string): Promise<Slice[]> {
  return run.record('open the slices', async (tx) => {
    const { dayCount } = await configurationOf(tx, 'PRODUCT', project.productId);
    const slices = await allotted(tx, offerNo, project.id);
    const validTo = shanghaiTime(after(run.now(), termsValidFor));
    await openSlices(tx, slices, { rate, tenorDays: asked.tenorDays, dayCount, validTo }, actor);
    await keepEvidence(tx, run.caseId, 'N08 rate fixed', offerNo, {
      rate,
      slices: slices.map(({ subscriptionNo, amount }) => ({ subscriptionNo, amount })),
      disclosed: asked.disclosed,
      recourse: asked.recourse,
    });
    return slices;
  });
}
