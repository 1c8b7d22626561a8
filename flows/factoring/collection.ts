/** Step 9 (到期回款): the debtor is reminded, its payment is waited for, and what happens when it does not come, or not to the right place. */
import { hub } from '../../contracts/hub/hub.ts';
import { registry } from '../../contracts/registry/registry.ts';
import { after } from '../../engine/calendar.ts';
import type { Run } from '../../engine/flow.ts';
import { fenOf, yuanOf } from '../../contracts/canonical/money.ts';
import { closeCase } from '../../ledger/cases.ts';
import { keepEvidence } from '../../ledger/evidence.ts';
import { cancelRegistration } from '../../ledger/financing/registrations.ts';
import { move } from '../../ledger/lifecycle.ts';
import { clear, raise } from '../../ledger/oversight/alerts.ts';
import { numberFor } from '../../ledger/cases.ts';
import type { Collecting } from '../../ledger/trade/factorings.ts';
import { sendNotice } from '../../ledger/trade/notices.ts';
import { closeReceivable } from '../../ledger/trade/receivables.ts';
import { collect, type Payment } from './collecting.ts';
import { letterOf } from './deal.ts';
import { awaitArrival } from './notice.ts';
import { escalate, remind } from './reminders.ts';

const dayMs = 86_400_000;
/** Days before the due date on which the debtor is reminded. */
export const remindBefore = [7, 3, 1] as const;
/** What came to the old account is passed on within so many working days. */
const redirectWithin = '5 working days';

/** The end of the due date in Shanghai, rolled over a holiday (民法典 203), and half an hour. */
export function endOf(dueDate: string): Date {
  const day = after(new Date(Date.parse(`${dueDate}T00:00:00+08:00`) - dayMs), '1 day');
  return new Date(day.getTime() + dayMs + 30 * 60_000);
}

const outstandingOf = ({ confirmed, collected }: Collecting): string => yuanOf(fenOf(confirmed) - fenOf(collected));

/** One payment, whoever it comes from. */
export async function takePayment(
  run: Run,
  open: Collecting,
  payment: Payment,
  round: number,
  actor: string,
): Promise<void> {
  if (payment.kind === 'elsewhere') return paidElsewhere(run, open, payment, round, actor);
  const fits =
    payment.kind === 'buyBack'
      ? open.state === 'OVERDUE' && open.recourse
      : fenOf(payment.amount) <= fenOf(outstandingOf(open));
  if (!fits)
    return escalate(
      run,
      open.project,
      `PY${letterOf(round)}`,
      `回款指令 ${payment.paymentNo} 与应收账款 ${open.receivableNo} 不符，未执行`,
    );
  const arrived = await collect(run, open, payment, round, actor);
  if (!arrived) return escalate(run, open.project, `PF${letterOf(round)}`, `回款 ${payment.paymentNo} 未全部到账`);
  if (payment.kind === 'redirect')
    await run.record('the redirect duty is met', (tx) =>
      clear(tx, { type: 'OVERDUE', subject: open.receivableNo }, actor, `passed on by ${payment.paymentNo}`),
    );
  if (payment.kind === 'buyBack')
    await run.record('bought back', async (tx) => {
      await move(tx, 'receivable', open.receivableNo, 'buyBack', actor);
      const event = open.noticeState === 'DRAFT' ? ('cancel' as const) : ('revoke' as const);
      if (['DRAFT', 'DELIVERED', 'ACKNOWLEDGED'].includes(open.noticeState))
        await move(tx, 'assignment_notice', open.noticeNo, event, actor);
    });
  else if (fenOf(payment.amount) < fenOf(outstandingOf(open)))
    await escalate(run, open.project, `SH${letterOf(round)}`, `应收账款 ${open.receivableNo} 回款不足，转入争议`);
}

/** To the supplier's old account: after the notice that does not discharge the debtor; the supplier passes it on (合同编通则解释 48, 50). */
async function paidElsewhere(
  run: Run,
  open: Collecting,
  payment: Payment,
  round: number,
  actor: string,
): Promise<void> {
  const deadline = after(run.now(), redirectWithin);
  await run.record('paid to the old account', async (tx) => {
    const { receivableNo: subject } = open;
    const metric = `redirect duty: ${payment.amount} of ${payment.paymentNo} went to the old account`;
    await raise(tx, { type: 'OVERDUE', level: 'WARN', subject, caseId: run.caseId, metric, deadline }, actor);
    await keepEvidence(tx, run.caseId, 'N22 overdue notice', payment.paymentNo, {
      redirect: payment.amount,
      deadline: deadline.toISOString(),
    });
  });
  await remind(run, open.project, open.creditor.id, { no: `RE${letterOf(round)}`, about: open.receivableNo, deadline });
  await escalate(run, open.project, `RE${letterOf(round)}`, `应收账款 ${open.receivableNo} 付至原账户，资产方须转付`);
}

export function remindDebtor(run: Run, open: Collecting, days: number): Promise<void> {
  const deadline = new Date(`${open.dueDate}T00:00:00+08:00`);
  return remind(run, open.project, open.debtor.id, { no: `DUE${days}`, about: open.receivableNo, deadline });
}

/** Nothing came: a held notice is served now, with recourse the supplier is asked to buy back; the loans are another flow's matter. */
export async function lapse(run: Run, open: Collecting, actor: string): Promise<void> {
  const { receivableNo, disclosed, recourse } = open;
  await run.record('the receivable is overdue', async (tx) => {
    await move(tx, 'receivable', receivableNo, 'mature', actor);
    await move(tx, 'receivable', receivableNo, 'lapse', actor);
    if (open.noticeState === 'DRAFT')
      await sendNotice(tx, open.noticeNo, { channel: 'PLATFORM', at: run.now(), trigger: 'OVERDUE' }, actor);
    await keepEvidence(tx, run.caseId, 'N22 overdue notice', receivableNo, {
      outstanding: outstandingOf(open),
      recourse,
      disclosed,
    });
  });
  await run.tell(hub.notices.factoringOverdue, {
    caseNo: run.caseId,
    receivableNo,
    applicationNos: open.slices.map(({ applicationNo }) => applicationNo),
    debtorUscc: open.debtor.uscc,
    creditorUscc: open.creditor.uscc,
    dueDate: open.dueDate,
    outstanding: outstandingOf(open),
    disclosed,
    recourse,
  });
  const who = recourse ? open.creditor.id : open.debtor.id;
  await remind(run, open.project, who, {
    no: 'OVERDUE',
    about: receivableNo,
    deadline: after(run.now(), '10 working days'),
  });
  if (open.noticeState !== 'DRAFT') return;
  if (!(await awaitArrival(run, open.noticeNo, actor)))
    await escalate(run, open.project, 'NTO', `暗保理转让通知 ${open.noticeNo} 尚无到达记录`);
}

/** All is paid: each share's registration is cancelled at once (I-33), and the case is done. */
export async function finish(run: Run, open: Collecting, actor: string): Promise<void> {
  const system = open.project.systems.registry;
  for (const [place, slice] of open.slices.entries()) {
    const { registrationNo, amendCode, registrationRequestNo } = slice;
    const requestNo = numberFor(`RC${letterOf(place)}`, run.caseId);
    await run.call(
      registry.operations.cancel,
      { requestNo, registrationNo, amendCode, reason: '主债权消灭' },
      { system },
    );
    await run.wait(registry.notices.registrationChanged, {
      key: requestNo,
      within: '10 working days',
      from: system,
      poll: { operation: registry.operations.readChange, system, every: '4 hours' },
    });
    await run.record(`cancel registration ${registrationNo}`, (tx) =>
      cancelRegistration(tx, registrationRequestNo, run.now(), actor),
    );
  }
  await run.record('close the case', async (tx) => {
    await closeReceivable(tx, open.receivableNo, actor);
    for (const { applicationNo } of open.slices) await move(tx, 'application', applicationNo, 'close', actor);
    await closeCase(tx, run.caseId, 'settled');
  });
}
