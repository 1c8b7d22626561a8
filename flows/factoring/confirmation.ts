/** Step 3 (确权): the debtor takes the order up, its maker compares it with its own books, its checker signs. It has 30 days by law. */
import type { Message } from '../../contracts/contract.ts';
import { portal } from '../../contracts/portal/portal.ts';
import { isFailure } from '../../contracts/failures.ts';
import { after } from '../../engine/calendar.ts';
import type { Run } from '../../engine/flow.ts';
import { numberFor } from '../../ledger/cases.ts';
import { keepEvidence } from '../../ledger/evidence.ts';
import type { Tx } from '../../ledger/lifecycle.ts';
import { decide } from '../../ledger/oversight/approvals.ts';
import {
  approveConfirmation,
  claimConfirmation,
  confirmReceivable,
  putBackConfirmation,
  refuseConfirmation,
  requestConfirmation,
} from '../../ledger/trade/confirmations.ts';
import { inTime, until, type Deal } from './deal.ts';
import { escalate, remind } from './reminders.ts';

type Act = Message<typeof portal.notices.confirmationActed.contract>;

/** Days after the request (保障中小企业款项支付条例 16): when the debtor is reminded, and when its time is over. */
const remindAfter = [7, 15, 25] as const;
const lawfulDays = '30 days';
/** A claim (领用) that nobody goes on with falls back to all. */
const claimLasts = '2 days';

export interface Confirmed {
  readonly confirmationNo: string;
  readonly amount: string;
  readonly dueDate: string;
  readonly payAccountNo: string;
}

interface Standing {
  /** Who has claimed it, until when. */
  claim?: { readonly person: string; readonly until: Date };
  approval?: { readonly id: string; readonly terms: NonNullable<Act['terms']> };
  reminded: number;
}

export async function confirm(run: Run, deal: Deal): Promise<Confirmed> {
  const { receivableNo } = deal.asked.receivable;
  const no = numberFor('CF', run.caseId);
  await run.record('ask the debtor to confirm', (tx) => requestConfirmation(tx, no, receivableNo, deal.actor));
  const began = run.now();
  const over = after(began, lawfulDays);
  const standing: Standing = { reminded: 0 };
  for (;;) {
    const next = nextTime(began, over, standing);
    const act = await inTime(
      run.wait(portal.notices.confirmationActed, { key: receivableNo, within: until(run.now(), next), from: 'core' }),
    );
    if (act === undefined) {
      await onTime(run, deal, no, { began, over, next }, standing);
      continue;
    }
    const confirmed = await take(run, deal, no, act, standing);
    if (confirmed) return { confirmationNo: no, ...confirmed };
  }
}

function nextTime(began: Date, over: Date, standing: Standing): Date {
  const days = remindAfter[standing.reminded];
  const times = [
    over,
    ...(standing.claim ? [standing.claim.until] : []),
    ...(days === undefined ? [] : [after(began, `${days} days`)]),
  ];
  return times.reduce((first, time) => (time < first ? time : first));
}

/** A reminder, a claim that lapsed, or the end of the 30 days: whichever came. */
async function onTime(
  run: Run,
  deal: Deal,
  no: string,
  { began, over, next }: { readonly began: Date; readonly over: Date; readonly next: Date },
  standing: Standing,
): Promise<void> {
  const { core, project, asked, actor } = deal;
  const { receivableNo } = asked.receivable;
  if (standing.claim && next >= standing.claim.until) {
    delete standing.claim;
    await run.record('put the confirmation back', (tx) => putBackConfirmation(tx, no, actor));
    return;
  }
  if (next >= over) {
    await run.record('record that the debtor did not answer', (tx) =>
      refuseConfirmation(tx, no, 'expire', 'the debtor has not answered within 30 days', actor),
    );
    await escalate(
      run,
      project,
      'OVERDUE',
      `应收账款 ${receivableNo} 逾 30 日未确权，${core.name} 应依条例第十六条作出说明`,
    );
    run.stop('expired', 'the debtor has not answered within 30 days');
  }
  const days = remindAfter[standing.reminded] ?? 0;
  standing.reminded += 1;
  await remind(run, project, core.id, { no: `CF${days}`, about: receivableNo, deadline: over });
  await escalate(
    run,
    project,
    `CF${days}`,
    `应收账款 ${receivableNo} 自 ${began.toISOString().slice(0, 10)} 起待确权，已 ${days} 日`,
  );
}

/** Undefined while it is not confirmed. What the books refuse changes nothing: it is said in the journal, and the debtor acts again. */
async function take(
  run: Run,
  deal: Deal,
  no: string,
  act: Act,
  standing: Standing,
): Promise<Omit<Confirmed, 'confirmationNo'> | undefined> {
  const outcome = await run
    .record(`${act.act} by the debtor`, (tx) => change(tx, run, deal, no, act, standing))
    .catch((thrown: unknown) => {
      if (isFailure(thrown)) return undefined;
      throw thrown;
    });
  if (outcome === undefined) return undefined;
  if (act.act === 'claim') standing.claim = { person: act.person, until: after(run.now(), claimLasts) };
  else if (act.act !== 'sign') delete standing.claim;
  if (outcome.approval !== undefined && act.terms) standing.approval = { id: outcome.approval, terms: act.terms };
  if (act.act === 'reject')
    return run.stop('rejected', `the debtor does not confirm: ${act.reason ?? 'no reason given'}`);
  return act.act === 'sign' ? standing.approval?.terms : undefined;
}

async function change(
  tx: Tx,
  run: Run,
  { asked, actor }: Deal,
  no: string,
  act: Act,
  standing: Standing,
): Promise<{ readonly approval?: string }> {
  const { receivableNo } = asked.receivable;
  switch (act.act) {
    case 'claim':
      await claimConfirmation(tx, no, act.person, actor);
      return {};
    case 'putBack':
      await putBackConfirmation(tx, no, actor);
      return {};
    case 'approve': {
      const { amount = '0.00', dueDate = '', payAccountNo: payAccount = '', waiver = false } = act.terms ?? {};
      return {
        approval: await approveConfirmation(tx, no, { amount, dueDate, payAccount, waiver }, act.person, actor),
      };
    }
    case 'sign': {
      const approval = standing.approval?.id ?? '';
      const { signature = '', certSerial = '' } = act;
      await decide(tx, approval, 'approve', act.person, actor);
      await confirmReceivable(tx, no, { approval, signature, certSerial }, actor);
      await keepEvidence(tx, run.caseId, 'N06 confirmation', no, {
        receivableNo,
        amount: standing.approval?.terms.amount,
        dueDate: standing.approval?.terms.dueDate,
        certSerial,
      });
      return {};
    }
    default:
      await refuseConfirmation(tx, no, 'reject', act.reason ?? 'no reason given', actor);
      return {};
  }
}
