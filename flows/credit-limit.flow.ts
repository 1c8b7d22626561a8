/** A standing limit (授信额度) of a borrower at a funder, as the funder grants it: what applications are then drawn from. */
import { Failure } from '../contracts/failures.ts';
import { GrantedLimit } from '../contracts/portal/credit.ts';
import { portal } from '../contracts/portal/portal.ts';
import { flow, type Tx } from '../engine/flow.ts';
import { closeCase } from '../ledger/cases.ts';
import { keepEvidence } from '../ledger/evidence.ts';
import { grantStandingLimit } from '../ledger/money/limits.ts';
import { partyByUscc } from '../ledger/parties/parties.ts';

export const creditLimit = flow({
  name: 'credit-limit',
  version: 1,
  title: { zh: '授信额度', en: 'Credit limit' },
  input: GrantedLimit,
  startedBy: [portal.notices.limitGranted.name],
  keyOf: (granted) => granted.limitNo,
  caseOf: (granted) => ({ key: `limit:${granted.limitNo}`, title: '授信额度' }),
  milestones: [],
  async body(run, granted) {
    const { limitNo, borrowerUscc, funderUscc, total, decisionRef, revolving, validFrom, validTo, rate } = granted;
    await run.record('grant the limit', async (tx) => {
      await grantStandingLimit(
        tx,
        {
          no: limitNo,
          party: await companyOf(tx, borrowerUscc),
          funder: await companyOf(tx, funderUscc),
          revolving,
          validFrom,
          validTo,
          decisionRef,
          ...(rate === undefined ? {} : { rate }),
        },
        total,
        `run:${run.id}`,
      );
      await keepEvidence(tx, run.caseId, 'N05 decision', limitNo, { total, revolving, decisionRef });
      await closeCase(tx, run.caseId, 'granted');
    });
    return { outcome: 'granted', detail: `${total} until ${validTo}` };
  },
});

async function companyOf(tx: Tx, uscc: string): Promise<string> {
  const party = await partyByUscc(tx, uscc);
  if (!party) throw new Failure('NOT_FOUND', { detail: `no company ${uscc} is known here` });
  return party.id;
}
