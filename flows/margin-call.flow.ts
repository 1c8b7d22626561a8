/**
 * F8 margin call (追加), steps 4–7, on the case of its loan: three working days to bring goods or cash; then two people of the funder
 * give more time or have the goods sold. While a call is open nothing is drawn and nothing released: the books see to that.
 */
import { hub } from '../contracts/hub/hub.ts';
import { MarginCalled, type CollateralChanged } from '../contracts/hub/marking.ts';
import type { Message } from '../contracts/contract.ts';
import { after, businessDate } from '../engine/calendar.ts';
import { flow, type Run } from '../engine/flow.ts';
import { keepEvidence } from '../ledger/evidence.ts';
import { pledgedLoan } from '../ledger/goods/parties.ts';
import { tellGroup } from './alert.flow.ts';
import { dispose } from './marking/disposal.ts';
import { demandOf, percentOf } from './marking/demand.ts';
import { inTime, until } from './marking/inTime.ts';
import { end, escalateCall, reckon, type Call } from './marking/reckoning.ts';
import { callSteps } from './marking/steps.ts';
import { textTo } from './telling.ts';

type Changed = Message<typeof CollateralChanged>;

const timeToMeet = '3 working days';

export const marginCall = flow({
  name: 'margin-call',
  version: 1,
  title: { zh: '追加与处置', en: 'Margin call' },
  input: MarginCalled,
  startedBy: [hub.notices.marginCalled.name],
  keyOf: (called) => called.callNo,
  caseOf: (called) => ({ id: called.caseNo }),
  milestones: callSteps,
  async body(run, called) {
    const loan = await run.record('find the loan', (tx) => pledgedLoan(tx, run.caseId, called.pledgeNo));
    const call: Call = { ...called, loan, actor: `run:${run.id}` };
    const first = await reckon(run, call);
    if (first.met) return end(run, call, first.mark, 'met before it was told');
    await demand(run, call, first.mark);
    await run.milestone(4);
    return meet(run, call, first.mark.level === 'DISPOSE' || called.cause === 'OVERDUE');
  },
});

type Mark = Extract<Awaited<ReturnType<typeof reckon>>, { met: false }>['mark'];

/** Step 4: how much, in cash or in goods, and by when. */
async function demand(run: Run, call: Call, mark: Mark): Promise<void> {
  const { cash, goods } = demandOf(mark);
  const deadline = businessDate(after(run.now(), timeToMeet));
  const { callNo, pledgeNo, loan } = call;
  await run.record('record the call', async (tx) => {
    const payload = {
      pledgeNo,
      value: mark.value,
      exposure: mark.exposure,
      ltv: mark.ltv ?? 'none',
      cash,
      goods,
      deadline,
    };
    await keepEvidence(tx, run.caseId, 'N20 price alert', `${callNo} call`, payload);
    await keepEvidence(tx, run.caseId, 'N22 overdue notice', callNo, { pledgeNo, cash, goods, deadline });
  });
  const text = `追加通知 ${loan.loanNo} 质押率 ${percentOf(mark.ltv)}：${deadline} 前补足现金 ${cash} 元或货值 ${goods} 元，放款与解押已冻结`;
  await tellGroup(run, loan.project, `${callNo}-C`, text);
  const params = { loanNo: loan.loanNo, ltv: percentOf(mark.ltv), deadline, amount: cash };
  for (const [place, party] of [loan.pledgorId, loan.pledgeeId].entries())
    await textTo(run, {
      no: `${callNo}-C${place + 1}`,
      party,
      system: loan.project.systems.sms,
      template: 'marginCall',
      params,
    });
}

/** Steps 5 to 7. Whatever happens is reckoned anew from the books: a promise without proof is not in them. `pressing`: the funder is asked at once. */
async function meet(run: Run, call: Call, pressing: boolean): Promise<{ outcome: string; detail: string }> {
  let deadline = after(run.now(), timeToMeet);
  let asked = false;
  if (pressing) asked = await askFunder(run, call, asked);
  for (;;) {
    const changed = await nextChange(run, call, deadline, asked);
    const verdict = changed?.verdict;
    if (verdict?.act === 'dispose') {
      const sold = await dispose(run, call, verdict, changed?.by ?? []);
      if (sold) return sold;
    }
    const { met, mark } = await reckon(run, call);
    if (met) return end(run, call, mark, changed ? `${changed.cause} ${changed.no}` : 'by the deadline');
    if (verdict?.act === 'extend' || verdict?.act === 'dispose') {
      deadline = verdict.act === 'extend' ? endOf(verdict.newDeadline) : after(run.now(), timeToMeet);
      asked = false;
      if (verdict.act === 'extend') await keepExtension(run, call, changed, verdict);
      continue;
    }
    if (changed === undefined || mark.level === 'DISPOSE') asked = await askFunder(run, call, asked);
    if (changed === undefined) deadline = after(run.now(), timeToMeet);
  }
}

function nextChange(run: Run, { pledgeNo }: Call, deadline: Date, asked: boolean): Promise<Changed | undefined> {
  return inTime(
    run.wait(hub.notices.collateralChanged, {
      key: pledgeNo,
      within: until(run.now(), deadline),
      from: asked ? 'funder' : 'dealer',
    }),
  );
}

const endOf = (day: string) => new Date(`${day}T23:59:59+08:00`);

/** Step 6: not met. The funder's people are told that it is theirs now; once for each deadline that passes. */
async function askFunder(run: Run, call: Call, asked: boolean): Promise<true> {
  if (asked) return true;
  const { callNo, loan } = call;
  await run.record('the call is not met', (tx) => escalateCall(tx, call));
  await tellGroup(run, loan.project, `${callNo}-F`, `追加未到位 ${loan.loanNo}：请资方决定续期或处置（双人）`);
  await run.milestone(6);
  return true;
}

function keepExtension(
  run: Run,
  { pledgeNo }: Call,
  changed: Changed | undefined,
  { newDeadline, reason }: { newDeadline: string; reason: string },
): Promise<void> {
  return run.record('record the extension', (tx) =>
    keepEvidence(tx, run.caseId, 'N23 disposal', changed?.no ?? pledgeNo, {
      act: 'extend',
      pledgeNo,
      newDeadline,
      reason,
      by: changed?.by ?? [],
    }),
  );
}
