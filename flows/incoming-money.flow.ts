/** F7 steps 2 and 3: money that came in without an order of the hub's (来账). It is matched to a loan, or people say whose it is. */
import { isFailure } from '../contracts/failures.ts';
import { hub } from '../contracts/hub/hub.ts';
import { portal } from '../contracts/portal/portal.ts';
import { BankEntry } from '../contracts/portal/repayments.ts';
import type { Message } from '../contracts/contract.ts';
import { flow, type Run } from '../engine/flow.ts';
import { keepEvidence } from '../ledger/evidence.ts';
import { assignEntry, matchEntry, type Matched } from '../ledger/money/openLoans.ts';
import { incomingSteps } from './steps.ts';

type Entry = Message<typeof BankEntry>;

export const incomingMoney = flow({
  name: 'incoming-money',
  version: 1,
  title: { zh: '来账匹配', en: 'Incoming money' },
  input: BankEntry,
  startedBy: [portal.notices.moneyCame.name],
  keyOf: (entry) => entry.entryNo,
  caseOf: (entry) => ({ key: `entry/${entry.entryNo}`, title: '来账' }),
  milestones: incomingSteps,
  async body(run, entry) {
    await run.milestone(2);
    const matched = (await run.record('match the entry', (tx) => matchEntry(tx, entry))) ?? (await assign(run, entry));
    if (matched.thirdParty) await consent(run, entry, matched);
    await run.record('keep the entry', (tx) =>
      keepEvidence(tx, run.caseId, 'N15 bank receipt', entry.entryNo, { amount: entry.amount, loanNo: matched.loanNo }),
    );
    await run.milestone(3);
    const { entryNo, amount, currency, valueDate, payer } = entry;
    const { by, loanNo, caseNo } = matched;
    await run.tell(hub.notices.moneyMatched, {
      entryNo,
      amount,
      currency,
      valueDate,
      payer: { name: payer.name },
      by,
      loanNo,
      caseNo,
    });
    return { outcome: 'matched', detail: `loan ${loanNo} by ${by}` };
  },
});

/** How long money may lie in suspense (暂收) with the first, and with the second. */
const suspense = [
  { within: '1 day', roles: ['operator'] },
  { within: '5 working days', roles: ['operator', 'funder'] },
] as const;

/** Nobody guesses: people name the loan, in their reason. */
async function assign(run: Run, entry: Entry): Promise<Matched> {
  const { entryNo, amount, valueDate, payer, remark } = entry;
  for (const { within, roles } of suspense) {
    const decided = await run
      .ask('assign the money', {
        title: {
          zh: '来账无法匹配：批准时请在理由中写明借据编号',
          en: 'money without a loan: approve with the number of the loan as the reason',
        },
        payload: { entryNo, amount, valueDate, payer: payer.name, ...(remark === undefined ? {} : { remark }) },
        within,
        roles,
      })
      .catch(passed);
    if (!decided) continue;
    const loanNo = /LN\d{8}-\d{6}/.exec(decided.reason)?.[0];
    if (decided.decision === 'rejected' || loanNo === undefined)
      return run.stop('unmatched', decided.reason === '' ? 'it is for no loan' : decided.reason);
    return run.record('assign as people say', (tx) => assignEntry(tx, entry, loanNo));
  }
  return run.stop('unmatched', 'nobody said for which loan it is');
}

/** Somebody else paid the borrower's debt: the funder takes that, or the bank sends it back. */
async function consent(run: Run, { entryNo, amount, payer }: Entry, { loanNo, borrower }: Matched): Promise<void> {
  const decided = await run
    .ask('take money of a third party', {
      title: { zh: '第三方代偿，是否接受', en: "somebody else pays the borrower's debt: is it taken?" },
      payload: { entryNo, amount, payer: payer.name, borrower: borrower.name, loanNo },
      within: '3 working days',
      roles: ['funder'],
    })
    .catch(passed);
  if (decided?.decision !== 'approved')
    run.stop('refused', decided?.reason ?? 'the funder did not consent to another payer');
}

function passed(thrown: unknown): void {
  if (!isFailure(thrown) || thrown.type !== 'DEADLINE_PASSED') throw thrown;
}
