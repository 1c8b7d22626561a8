/** F5 step 7, partial release (部分解押, 赎货): x repaid frees at most V − (exposure − x) / pledge rate. Told before any money moves. */
import { bank } from '../../contracts/bank/bank.ts';
import { fenOf, yuanOf } from '../../contracts/canonical/money.ts';
import { PartRelease } from '../../contracts/portal/pledgeChange.ts';
import { portal } from '../../contracts/portal/portal.ts';
import type { Message } from '../../contracts/contract.ts';
import { businessDate } from '../../engine/calendar.ts';
import { flow, type Run } from '../../engine/flow.ts';
import { adviseCase, numberFor } from '../../ledger/cases.ts';
import { partsRepaid } from '../../ledger/goods/changeReceipts.ts';
import { releasableLots } from '../../ledger/goods/releasable.ts';
import { openPledge, type OpenPledge } from '../../ledger/goods/releases.ts';
import type { LotRow } from '../../ledger/goods/stock.ts';
import { anchorCase } from '../anchoring.ts';
import { refreshPrices } from '../release/ordering.ts';
import { letGoodsOut } from '../release/outbound.ts';
import { orderOut } from './lettingOut.ts';
import { thousandths } from './materials.ts';
import { repayPart } from './repaying.ts';
import { beyondSteps } from './steps.ts';

type Asked = Message<typeof PartRelease>;

export const partRelease = flow({
  name: 'part-release',
  version: 1,
  title: { zh: '部分还款与解押', en: 'Part repayment and release' },
  input: PartRelease,
  startedBy: [portal.notices.partReleaseAsked.name],
  keyOf: (asked) => asked.releaseNo,
  caseOf: (asked) => ({ id: asked.caseNo }),
  milestones: beyondSteps,
  async body(run, asked) {
    const actor = `run:${run.id}`;
    const open = await run.record('find the pledge', (tx) =>
      openPledge(tx, run.caseId, asked.applicationNo, asked.borrowerUscc),
    );
    await refreshPrices(run, open);
    const lots = await freed(run, open, asked);
    const no = await run.record('number the part', async (tx) =>
      partNo(run.caseId, await partsRepaid(tx, open.loanNo)),
    );
    const part = {
      no,
      amount: asked.amount,
      payer: { name: open.dealer.name, uscc: open.dealer.uscc },
      account: open.dealerAccount,
    };
    await repayPart(run, { ...open }, part, actor);
    await refreshPrices(run, open);
    const { releaseNo, picker } = asked;
    const order = await orderOut(run, open, { releaseNo, lots, picker, ground: { repaymentNo: no } }, actor);
    await letGoodsOut(
      run,
      open,
      { releaseNo, picker, caseNo: run.caseId, applicationNo: asked.applicationNo, borrowerUscc: asked.borrowerUscc },
      order,
      actor,
    );
    await run.milestone(7);
    await anchorCase(run, open.project.systems.evidence);
    return { outcome: 'partReleased', detail: `${asked.amount} repaid, ${lots.length} lots released` };
  },
});

/** Letters, because that is what the clearing's numbers allow: one for each part that was repaid before. */
const partNo = (caseId: string, before: number): string =>
  numberFor(`PT${String.fromCodePoint(65 + (before % 26))}`, caseId);

/** What so much frees: of what is wanted, all of it, or nothing happens and the dealer is told the most. */
async function freed(run: Run, open: OpenPledge, asked: Asked): Promise<readonly LotRow[]> {
  const owed = await run.call(
    bank.operations.quoteRepayment,
    { loanNo: open.funderLoanNo, valueDate: businessDate(run.now()) },
    { system: open.project.systems.funder },
  );
  if (fenOf(asked.amount) >= fenOf(owed.total))
    return run.stop('returned', `${owed.total} is owed in all: a full repayment is a release of everything`);
  // What is paid serves fees and interest first (民法典 561); a day more of it may be owed when the money counts.
  const interest = ((fenOf(owed.total) - fenOf(owed.principal)) * 11n) / 10n + dayOf(owed.principal);
  const principal = fenOf(asked.amount) > interest ? fenOf(asked.amount) - interest : 0n;
  const most = await run.record('what so much frees', async (tx) => {
    const lots = await releasableLots(tx, open.pledgeNo, yuanOf(principal), asked.lots);
    const words = lots.map(({ lotNo, quantity, unit }) => `${lotNo} ${quantity} ${unit}`).join('、') || '无 nothing';
    const enough = (asked.lots ?? []).every((lot) => {
      const there = lots.find(({ lotNo }) => lotNo === lot.lotNo);
      return there !== undefined && thousandths(there.quantity) >= thousandths(lot.quantity);
    });
    if (!enough || lots.length === 0)
      await adviseCase(tx, run.caseId, `还款 ${asked.amount} 元最多可解押 at most: ${words}`);
    return { lots, words, enough };
  });
  if (!most.enough || most.lots.length === 0)
    return run.stop('proposed', `${asked.amount} frees at most: ${most.words}`);
  return asked.lots ?? most.lots;
}

/** A day's interest at a rate that is above all of ours: 36 % a year. */
const dayOf = (principal: string): bigint => fenOf(principal) / 1000n;
