/**
 * F7 step 1: what falls due is told before it does (到期提醒 T-7, T-3, T-1), by the funder's own figure; and what must be done at the registry
 * on this day at the latest.
 */
import { bank } from '../contracts/bank/bank.ts';
import { fenOf, yuanOf } from '../contracts/canonical/money.ts';
import { isFailure } from '../contracts/failures.ts';
import { Due, dueKey } from '../contracts/hub/due.ts';
import { hub } from '../contracts/hub/hub.ts';
import { portal } from '../contracts/portal/portal.ts';
import { flow, type Run } from '../engine/flow.ts';
import { closeCase } from '../ledger/cases.ts';
import { projectNamed } from '../ledger/configuration/projects.ts';
import { warnOfRegistrations } from '../ledger/financing/registrations.ts';
import { dueSoon, type DueSoon } from '../ledger/money/openLoans.ts';
import { openShadowCase } from '../ledger/money/reconciliation.ts';
import { textTo } from './telling.ts';

const daysBefore = [7, 3, 1];

export const reminders = flow({
  name: 'reminders',
  version: 1,
  title: { zh: '到期提醒', en: 'Reminders' },
  input: Due,
  startedBy: [portal.notices.due.name, hub.notices.due.name],
  accepts: (_tx, { what }) => Promise.resolve(what === 'reminders'),
  keyOf: dueKey,
  caseOf: (due) => ({ key: dueKey(due), title: '到期提醒' }),
  milestones: [],
  async body(run, { scope, on }) {
    await run.record('what is due at the registry', async (tx) => {
      await warnOfRegistrations(tx, scope, on, `run:${run.id}`);
    });
    const { systems, due } = await run.record('what falls due', async (tx) => ({
      systems: (await projectNamed(tx, scope)).systems,
      due: await dueSoon(tx, scope, on, daysBefore),
    }));
    for (const loan of due) {
      const amount = await owedBy(run, loan);
      await textTo(run, {
        no: `RM-${loan.loanNo}-${loan.dueOn}-${loan.days}`,
        party: loan.borrower,
        system: systems.sms,
        template: 'repaymentDue',
        params: { loanNo: loan.loanNo, date: loan.dueOn, amount },
      });
    }
    await run.record('close the case', (tx) => closeCase(tx, run.caseId, 'reminded'));
    return { outcome: 'reminded', detail: `${due.length} instalments` };
  },
});

/** The funder's figure is told; the hub's own is its shadow, and a difference of more than a fen is a case. */
async function owedBy(run: Run, { loanNo, funderLoanNo, system, dueOn, days, amount }: DueSoon): Promise<string> {
  const quote = await run
    .call(
      bank.operations.quoteRepayment,
      { loanNo: funderLoanNo, valueDate: dueOn },
      { system, name: `quote ${loanNo}` },
    )
    .catch((thrown: unknown) => {
      // A funder that gives no quote has told its plan, from which the shadow is made.
      if (!isFailure(thrown)) throw thrown;
    });
  if (!quote) return amount;
  const apart = fenOf(quote.total) - fenOf(amount);
  if (apart > 1n || apart < -1n)
    await run.record(`compare ${loanNo}`, (tx) => {
      const by = apart < 0n ? `-${yuanOf(-apart)}` : yuanOf(apart);
      return openShadowCase(tx, `${loanNo}-${dueOn}-${days}`, loanNo, `PLAN differs by ${by}`, `run:${run.id}`);
    });
  return quote.total;
}
