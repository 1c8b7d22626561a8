/**
 * F11 overdue (逾期), steps 1 and 2: at half past midnight every loan with something due is looked at, by posted facts alone; holidays roll,
 * days of grace count. What lapsed gets a flow of its own, which stays with it.
 */
import { Due, dueKey } from '../contracts/hub/due.ts';
import { hub } from '../contracts/hub/hub.ts';
import { portal } from '../contracts/portal/portal.ts';
import { flow } from '../engine/flow.ts';
import { closeCase } from '../ledger/cases.ts';
import { mendedLoans, sweepDue } from '../ledger/money/overdue.ts';

export const overdue = flow({
  name: 'overdue',
  version: 1,
  title: { zh: '到期与逾期检查', en: 'Due-date check' },
  input: Due,
  startedBy: [portal.notices.due.name, hub.notices.due.name],
  accepts: async (_tx, { what }) => what === 'overdue',
  keyOf: dueKey,
  caseOf: (due) => ({ key: dueKey(due), title: '到期与逾期检查' }),
  milestones: [
    { no: 1, name: { zh: '到期检查', en: 'due dates checked' }, party: 'hub' },
    { no: 2, name: { zh: '转逾期、冻结额度', en: 'lapsed, limits frozen' }, party: 'hub' },
  ],
  async body(run, { scope, on }) {
    const actor = `run:${run.id}`;
    const seen = { checked: 0, due: 0, pending: 0, overdue: 0 };
    for (let after: string | undefined = ''; after !== undefined;) {
      const from: string = after;
      const swept = await run.record('check a slice of the loans', (tx) =>
        sweepDue(tx, { scope, on, after: from }, actor),
      );
      seen.checked += swept.checked;
      seen.due += swept.due.length;
      seen.pending += swept.pending.length;
      seen.overdue += swept.overdue.length;
      // Told each day; it is one fact, and one flow, as long as it is the same lapse.
      for (const lapsed of swept.overdue) await run.tell(hub.notices.loanLapsed, { ...lapsed, on });
      ({ after } = swept);
    }
    await run.milestone(1);
    const mended = await run.record('who is not overdue any more', (tx) => mendedLoans(tx, scope));
    for (const loan of mended) await run.tell(hub.notices.loanMended, { ...loan, on });
    await run.milestone(2);
    await run.record('close the day', (tx) => closeCase(tx, run.caseId, 'checked'));
    return {
      outcome: 'checked',
      detail: `${seen.checked} loans: ${seen.due} due, ${seen.pending} pending, ${seen.overdue} overdue, ${mended.length} mended`,
    };
  },
});
