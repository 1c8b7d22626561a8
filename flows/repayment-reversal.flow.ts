/** F7: a posted repayment is taken back (还款冲正). After a release this is an incident: the exposure is open again and the goods are gone. */
import { isFailure } from '../contracts/failures.ts';
import { portal } from '../contracts/portal/portal.ts';
import { RepaymentReversal } from '../contracts/portal/repayments.ts';
import { flow } from '../engine/flow.ts';
import { adviseCase, reopenCase } from '../ledger/cases.ts';
import { keepEvidence } from '../ledger/evidence.ts';
import { takeRepaymentBack } from '../ledger/money/reversals.ts';
import { raise } from '../ledger/oversight/alerts.ts';

export const repaymentReversal = flow({
  name: 'repayment-reversal',
  version: 1,
  title: { zh: '还款冲正', en: 'Reversed repayment' },
  input: RepaymentReversal,
  startedBy: [portal.notices.repaymentReversed.name],
  keyOf: (told) => told.repaymentNo,
  caseOf: (told) => ({ id: told.caseNo }),
  milestones: [],
  async body(run, told) {
    const actor = `run:${run.id}`;
    const { repaymentNo, on, reason } = told;
    const reversed = await run.record('take the posting back', async (tx) => {
      const { loanNo, amount, released } = await takeRepaymentBack(tx, run.caseId, { repaymentNo, on, reason }, actor);
      await raise(
        tx,
        { type: 'OVERDUE', level: 'CALL', subject: loanNo, caseId: run.caseId, metric: `${amount} reversed` },
        actor,
      );
      await reopenCase(tx, run.caseId);
      await adviseCase(tx, run.caseId, `还款 ${repaymentNo} 被冲正，${amount} 元重新欠付 is owed again: ${reason}`);
      await keepEvidence(tx, run.caseId, 'N17 repayment posted', repaymentNo, { reversed: true, amount, released });
      return { loanNo, amount, released };
    });
    const { loanNo, amount, released } = reversed;
    const decided = await run
      .ask('collect what is owed again', {
        title: released
          ? {
              zh: '放货后还款被冲正：敞口重新打开，请催收',
              en: 'reversed after the release: the exposure is open again, collect it',
            }
          : { zh: '还款被冲正，请催收', en: 'a repayment was reversed: collect it' },
        payload: { loanNo, repaymentNo, amount, released, reason },
        people: released ? 2 : 1,
        within: '3 working days',
        roles: ['funder', 'operator'],
      })
      .catch((thrown: unknown) => {
        if (!isFailure(thrown) || thrown.type !== 'DEADLINE_PASSED') throw thrown;
      });
    return {
      outcome: released ? 'incident' : 'reopened',
      detail: `${amount} of loan ${loanNo} is owed again; ${decided ? decided.by.join(', ') : 'nobody'} took it on`,
    };
  },
});
