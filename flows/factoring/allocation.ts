/** Step 4 (资产分配与认购): the confirmed receivable is locked and offered; funders subscribe without knowing whose it is (I-30). */
import { portal } from '../../contracts/portal/portal.ts';
import { isFailure } from '../../contracts/failures.ts';
import type { Message } from '../../contracts/contract.ts';
import { after } from '../../engine/calendar.ts';
import type { Run } from '../../engine/flow.ts';
import { numberFor } from '../../ledger/cases.ts';
import { keepEvidence } from '../../ledger/evidence.ts';
import { move } from '../../ledger/lifecycle.ts';
import { submitFactoring } from '../../ledger/financing/applications.ts';
import { allot, draftOffer, endOffer, placeSubscription } from '../../ledger/financing/offers.ts';
import { withdrawSlices } from '../../ledger/financing/slices.ts';
import { guardUnfunded } from '../../ledger/guards.ts';
import { accountOf } from '../../ledger/parties/accounts.ts';
import { inTime, letterOf, refusalOf, until, type Deal } from './deal.ts';
import { escalate } from './reminders.ts';

type Allocation = Message<typeof portal.notices.assetAllocated.contract>;

/** So long an offer is open. */
const openFor = '3 days';

/** Locks the receivable for this financing alone. Returns the application's number. */
export async function lock(run: Run, deal: Deal, round: number): Promise<string> {
  const { asked, supplier, project, actor } = deal;
  const no = `${asked.factoringNo}${round === 0 ? '' : letterOf(round)}`;
  await run.record(
    'lock the receivable',
    async (tx) => {
      const { accountNo: payeeAccount } = await accountOf(tx, supplier.id);
      const { receivableNo } = asked.receivable;
      await submitFactoring(
        tx,
        {
          no,
          caseId: run.caseId,
          borrower: supplier.id,
          amount: asked.amount,
          currency: 'CNY',
          tenorDays: asked.tenorDays,
          purpose: asked.purpose,
          payeeAccount,
          productId: project.productId,
          receivables: [{ no: receivableNo, financed: asked.amount, advanceRate: asked.advanceRate }],
          disclosed: asked.disclosed,
          recourse: asked.recourse,
        },
        actor,
      );
    },
    { undo: (tx) => withdrawSlices(tx, no, actor) },
  );
  return no;
}

/** Returns the offer that is taken in full. Nobody in three days: it is offered to all of the project, once more. */
export async function allocate(run: Run, deal: Deal, applicationNo: string, attempt: number): Promise<string> {
  const { project } = deal;
  const asked = await inTime(
    run.wait(portal.notices.assetAllocated, { key: run.caseId, within: '5 working days', from: 'operator' }),
  );
  if (!asked) {
    await escalate(run, project, `AL${attempt}`, `业务 ${run.caseId} 待资产分配，已逾 5 个工作日`);
    return run.stop('returned', 'nobody allocated the asset');
  }
  const first = await offer(run, deal, applicationNo, asked, `${attempt}A`);
  if (first !== undefined) return first;
  const wider = { ...asked, channel: 'WIDENED', funders: project.funders.map(({ uscc }) => uscc) };
  const second = await offer(run, deal, applicationNo, wider, `${attempt}B`);
  return second ?? run.stop('returned', 'NO_FUNDER_AVAILABLE: nobody subscribed, though the channel was widened');
}

async function offer(
  run: Run,
  deal: Deal,
  applicationNo: string,
  asked: Allocation,
  turn: string,
): Promise<string | undefined> {
  const { project, actor } = deal;
  const no = `${numberFor('OF', run.caseId)}-${turn}`;
  const closesAt = after(run.now(), openFor);
  const published = await run
    .record(
      `publish offer ${turn}`,
      async (tx) => {
        const { channel, minTicket, rateLow, rateHigh } = asked;
        const visibleTo = project.funders.flatMap(({ id, uscc }) => (asked.funders.includes(uscc) ? [id] : []));
        const { amount } = deal.asked;
        await draftOffer(
          tx,
          { no, applicationNo, channel, amount, currency: 'CNY', minTicket, rateLow, rateHigh, visibleTo, closesAt },
          actor,
        );
        await move(tx, 'asset_offer', no, 'publish', actor);
        return undefined;
      },
      { undo: (tx) => withdrawOffer(tx, no, actor) },
    )
    .catch(refusalOf);
  if (published !== undefined) return run.stop('returned', published);
  await collectSubscriptions(run, no, closesAt, actor);
  const full = await run.record(`close offer ${turn}`, async (tx) => {
    const all = await allot(tx, no, actor);
    await keepEvidence(tx, run.caseId, 'N07 allocation', no, {
      channel: asked.channel,
      full: all,
      subscriptions: await subscriptionsOf(tx, no),
    });
    if (!all) await endOffer(tx, no, 'lapse', actor);
    return all;
  });
  return full ? no : undefined;
}

type Tx = Parameters<typeof endOffer>[0];

async function subscriptionsOf(tx: Tx, offerNo: string): Promise<object[]> {
  const found = await tx.query<object>(
    'select no, amount::text, state from subscription where offer_no = $1 order by placed_at, no',
    [offerNo],
  );
  return found.rows;
}

/** What does not suit the offer is refused, and said in the journal; the offer stays open. */
async function collectSubscriptions(run: Run, offerNo: string, closesAt: Date, actor: string): Promise<void> {
  for (;;) {
    if (run.now() >= closesAt) return;
    const placed = await inTime(
      run.wait(portal.notices.subscribed, { key: offerNo, within: until(run.now(), closesAt), from: 'funder' }),
    );
    if (!placed) return;
    await run
      .record(`subscription ${placed.subscriptionNo}`, async (tx) => {
        const { subscriptionNo: no, amount, rateLow, rateHigh } = placed;
        const funder = await tx.query<{ id: string }>('select id from party where uscc = $1', [placed.funderUscc]);
        await placeSubscription(
          tx,
          { no, offerNo, funder: funder.rows[0]?.id ?? '', amount, rateLow, rateHigh },
          actor,
        );
      })
      .catch((thrown: unknown) => {
        if (!isFailure(thrown)) throw thrown;
      });
  }
}

/** Nobody is bound by an offer whose financing does not come about. */
export async function withdrawOffer(tx: Tx, no: string, actor: string): Promise<void> {
  const found = await tx.query<{ state: string; application: string }>(
    'select state, application_no application from asset_offer where no = $1',
    [no],
  );
  const { state, application = '' } = found.rows[0] ?? {};
  await guardUnfunded(tx, application);
  if (state === undefined || ['WITHDRAWN', 'LAPSED', 'FUNDED'].includes(state)) return;
  await endOffer(tx, no, 'withdraw', actor);
}
