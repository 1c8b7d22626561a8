/** F7 repayment and release (还款与解押), steps 9–11: money in, posted by the funder; only then goods out. */
import { bank } from '../contracts/bank/bank.ts';
import { fenOf, yuanOf } from '../contracts/canonical/money.ts';
import type { Message } from '../contracts/contract.ts';
import { ReleaseApplication } from '../contracts/portal/financing.ts';
import { portal } from '../contracts/portal/portal.ts';
import { businessDate } from '../engine/calendar.ts';
import { flow, type Run } from '../engine/flow.ts';
import { adviseCase } from '../ledger/cases.ts';
import { releasableLots } from '../ledger/goods/releasable.ts';
import { openPledge, type OpenPledge } from '../ledger/goods/releases.ts';
import { repayAll } from './financing/repayment.ts';
import { orderRelease, refreshPrices } from './release/ordering.ts';
import { letGoodsOut } from './release/outbound.ts';
import { cancelRegistrations, settle } from './release/settling.ts';
import { releaseSteps } from './steps.ts';

type Asked = Message<typeof ReleaseApplication>;

export const release = flow({
  name: 'release',
  version: 1,
  title: { zh: '还款与解押', en: 'Repayment and release' },
  input: ReleaseApplication,
  startedBy: [portal.notices.releaseApplied.name],
  keyOf: (asked) => asked.releaseNo,
  caseOf: (asked) => ({ id: asked.caseNo }),
  milestones: releaseSteps,
  async body(run, asked) {
    const actor = `run:${run.id}`;
    const open = await run.record('find the pledge', (tx) =>
      openPledge(tx, run.caseId, asked.applicationNo, asked.borrowerUscc),
    );
    // An order that expired is given anew: what settled the loan settled it.
    const repaymentNo = open.settledBy ?? (await repayFor(run, open, asked, actor));
    await run.milestone(9);
    await refreshPrices(run, open);
    const order = await orderRelease(run, open, { ...asked, repaymentNo }, actor);
    await run.milestone(10);
    const otherwise = await letGoodsOut(run, open, asked, order, actor);
    if (otherwise) {
      await cancelRegistrations(run, open, actor);
      run.stop(otherwise.outcome, otherwise.detail);
    }
    await run.milestone(11);
    await settle(run, open, { releaseNo: asked.releaseNo, repaymentNo }, actor);
    return { outcome: 'released', detail: `loan ${open.loanNo} settled` };
  },
});

/** Step 9. Who offers less than is owed is told what that much would free, before any money moves. */
async function repayFor(run: Run, open: OpenPledge, asked: Asked, actor: string): Promise<string> {
  if (asked.amount === undefined) return repayAll(run, open, actor);
  const { amount } = asked;
  const valueDate = businessDate(run.now());
  const owed = await run.call(
    bank.operations.quoteRepayment,
    { loanNo: open.funderLoanNo, valueDate },
    { system: open.project.systems.funder, name: 'what is owed' },
  );
  if (fenOf(amount) >= fenOf(owed.total)) return repayAll(run, open, actor);
  await refreshPrices(run, open);
  const most = await run.record('what so much would free', async (tx) => {
    // What is paid serves interest and fees first (民法典 561).
    const principal = fenOf(amount) - (fenOf(owed.total) - fenOf(owed.principal));
    const lots = await releasableLots(tx, open.pledgeNo, yuanOf(principal > 0n ? principal : 0n), asked.lots);
    const named = lots.map(({ lotNo, quantity, unit }) => `${lotNo} ${quantity} ${unit}`).join('、') || '无 nothing';
    const words = `还款 ${amount} 元最多可解押 at most: ${named}；全部解押须还 to free all: ${owed.total}`;
    await adviseCase(tx, run.caseId, words);
    return named;
  });
  return run.stop('proposed', `${amount} of ${owed.total} would free at most: ${most}`);
}
