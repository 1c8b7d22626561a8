/** F6, step 4: a funder withdraws (撤回认购) before the rate is fixed. The offer is drained by that, and the factoring sees it when it fixes the rate. */
import { Failure, isFailure } from '../contracts/failures.ts';
import { SubscriptionCancellation } from '../contracts/portal/factoring.ts';
import { portal } from '../contracts/portal/portal.ts';
import { flow } from '../engine/flow.ts';
import { decideSubscription } from '../ledger/financing/offers.ts';

export const subscriptionCancellation = flow({
  name: 'subscription-cancellation',
  version: 1,
  title: { zh: '撤回认购', en: 'Subscription cancelled' },
  input: SubscriptionCancellation,
  startedBy: [portal.notices.subscriptionCancelled.name],
  keyOf: (asked) => asked.subscriptionNo,
  caseOf: (asked) => ({ id: asked.caseNo }),
  milestones: [],
  async body(run, { subscriptionNo, funderUscc }) {
    const refused = await run
      .record('cancel the subscription', async (tx) => {
        const own = await tx.query(
          'select from subscription s join party f on f.id = s.funder_id where s.no = $1 and f.uscc = $2',
          [subscriptionNo, funderUscc],
        );
        if (own.rowCount !== 1)
          throw new Failure('NOT_FOUND', { detail: `there is no subscription ${subscriptionNo} of this funder` });
        await decideSubscription(tx, subscriptionNo, 'cancel', `run:${run.id}`);
        return null;
      })
      .catch((thrown: unknown) => {
        if (isFailure(thrown)) return `${thrown.type}: ${thrown.message}`;
        throw thrown;
      });
    return refused === null ? { outcome: 'cancelled' } : { outcome: 'refused', detail: refused };
  },
});
