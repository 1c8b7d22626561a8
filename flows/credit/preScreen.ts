/** Step 2: the hub looks at the order and at how the dealer has traded before anybody is asked for credit (风控预审). */
import type { Run } from '../../engine/flow.ts';
import { closeCase } from '../../ledger/cases.ts';
import { decideByRules } from '../../ledger/configuration/rules.ts';
import { keepEvidence } from '../../ledger/evidence.ts';
import { isBlacklisted } from '../../ledger/oversight/blacklist.ts';
import { tradeHistoryOf } from '../../ledger/trade/history.ts';
import type { Deal } from '../financing/deal.ts';

const rules = 'credit-prescreen';

/** The score and what it came from stay with the case. One that is too low goes back to the unit, with the reasons. */
export async function preScreen(run: Run, { order, dealer, openItemsTotal }: Deal): Promise<void> {
  const screened = await run.record('pre-screen the order', async (tx) => {
    const facts = {
      orderTotal: order.total,
      openItems: openItemsTotal,
      ...(await tradeHistoryOf(tx, dealer.id, order.orderNo)),
      blacklisted: await isBlacklisted(tx, dealer.id),
    };
    const { outcome, points, refusals, rulesId } = await decideByRules(tx, rules, order.orderNo, facts, run.caseId);
    await keepEvidence(tx, run.caseId, 'N03 trade data', `${order.orderNo}/pre-screen`, {
      points,
      outcome,
      rules: rulesId,
    });
    if (outcome !== 'pass') await closeCase(tx, run.caseId, 'ended');
    return { outcome, points, refusals };
  });
  if (screened.outcome === 'pass') return;
  const why = screened.refusals.length > 0 ? screened.refusals.join('; ') : 'the pre-screen lacks a fact';
  run.stop('returned', `pre-screen: ${why}`);
}
