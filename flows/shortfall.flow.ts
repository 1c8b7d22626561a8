/**
 * F11 step 7: the goods were sold and did not bring all that is owed. Two people of the funder decide: the rest stays a claim on the borrower,
 * or is written off.
 */
import { hub } from '../contracts/hub/hub.ts';
import { CollateralRealised } from '../contracts/hub/overdue.ts';
import { flow } from '../engine/flow.ts';
import { closeCase } from '../ledger/cases.ts';
import { keepEvidence } from '../ledger/evidence.ts';
import { move } from '../ledger/lifecycle.ts';
import { lastLapse, overdueLoan, writeOff } from '../ledger/money/overdue.ts';

export const shortfall = flow({
  name: 'shortfall',
  version: 1,
  title: { zh: '处置不足额', en: 'What the goods did not bring' },
  input: CollateralRealised,
  startedBy: [hub.notices.collateralRealised.name],
  accepts: async (_tx, realised) => realised.shortfall !== '0.00',
  keyOf: ({ loanNo, pledgeNo }) => `${loanNo}/${pledgeNo}`,
  caseOf: ({ caseNo }) => ({ id: caseNo }),
  milestones: [{ no: 7, name: { zh: '分配、追索或核销', en: 'distributed, claimed or written off' }, party: 'funder' }],
  async body(run, realised) {
    const actor = `run:${run.id}`;
    const { loanNo, on } = realised;
    const lapse = await run.record('the distribution sheet', async (tx) => {
      const { proceeds, surplus, shortfall: missing } = realised;
      await keepEvidence(tx, run.caseId, 'N23 disposal', `${loanNo} distribution`, {
        proceeds,
        surplus,
        shortfall: missing,
      });
      return lastLapse(tx, loanNo);
    });
    const decided = await run.ask('write off', {
      title: {
        zh: '处置不足额：是否核销？（否则继续追索）',
        en: 'write off what the goods did not bring? otherwise it stays a claim',
      },
      payload: realised,
      people: 2,
      within: '30 days',
      roles: ['funder'],
    });
    if (decided.decision === 'rejected') {
      await run.milestone(7);
      return { outcome: 'claimed', detail: `${realised.shortfall} of loan ${loanNo}: ${decided.reason}` };
    }
    await run.record('write it off', async (tx) => {
      const { applicationNo } = await overdueLoan(tx, loanNo);
      await writeOff(tx, loanNo, `${decided.by.join(', ')}: ${decided.reason}`, actor);
      await keepEvidence(tx, run.caseId, 'N23 disposal', `${loanNo} written off`, {
        amount: realised.shortfall,
        by: decided.by,
      });
      await move(tx, 'application', applicationNo, 'close', actor);
      await closeCase(tx, run.caseId, 'written-off');
    });
    await run.tell(hub.notices.loanMended, { caseNo: run.caseId, loanNo, lapse, how: 'writtenOff', on });
    await run.milestone(7);
    return { outcome: 'written-off', detail: `${realised.shortfall} of loan ${loanNo}` };
  },
});
