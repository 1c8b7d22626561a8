/**
 * F13, step 5, and F2, step 5: what a funder says after it was settled. An approval of what was withdrawn is declined; a second decision
 * that contradicts the first is a case, and the one that was signed last counts; money that nobody asked for is an incident.
 */
import { bank, CreditDecided, DisbursementSettled } from '../contracts/bank/bank.ts';
import { isFailure } from '../contracts/failures.ts';
import { flow, type Run } from '../engine/flow.ts';
import type { Message } from '../contracts/contract.ts';
import { keepEvidence } from '../ledger/evidence.ts';
import { declineLate, decidedBefore, endOffer, isInstructed, type Decided } from '../ledger/financing/decisions.ts';
import { openShadowCase } from '../ledger/money/reconciliation.ts';
import { raise } from '../ledger/oversight/alerts.ts';

type Decision = Message<typeof CreditDecided>;

export const lateDecision = flow({
  name: 'late-decision',
  version: 1,
  title: { zh: '迟到或矛盾的审批', en: 'Late or second decision' },
  input: CreditDecided,
  startedBy: [bank.notices.creditDecided.name],
  accepts: async (tx, decision) => (await decidedBefore(tx, decision.applicationNo)) !== undefined,
  keyOf: (decision) => `${decision.applicationNo}/${decision.decidedAt}`,
  caseOf: (decision) => ({ key: `decision:${decision.applicationNo}`, title: '资方再次审批' }),
  milestones: [],
  async body(run, decision) {
    const before = await run.record('what was settled', (tx) => decidedBefore(tx, decision.applicationNo));
    if (!before) return { outcome: 'unknown', detail: decision.applicationNo };
    await run.record('keep the decision', (tx) =>
      keepEvidence(tx, before.caseId, 'N05 decision', decision.applicationNo, {
        verdict: decision.verdict,
        decidedAt: decision.decidedAt,
        afterwards: before.state,
      }),
    );
    if (before.approved) return contradict(run, decision, before);
    if (decision.verdict === 'rejected') return { outcome: 'nothing changed', detail: `${before.state}, and rejected` };
    return decline(run, decision, before);
  },
});

/**
 * Nobody wants it any more. What was withdrawn is withdrawn: whether the funder still says so is asked. What it had ended itself is
 * withdrawn now; a funder that has paid refuses that, and people are called.
 */
async function decline(run: Run, decision: Decision, before: Decided) {
  const { applicationNo: no, funderRef } = decision;
  const actor = `run:${run.id}`;
  await run.record('decline it', (tx) => declineLate(tx, no, actor));
  if (before.withdrawn) return stands(run, before, no);
  try {
    await run.call(
      bank.operations.withdrawApplication,
      { applicationNo: no, funderRef, reason: '申请已撤回，自动谢绝' },
      { system: before.system },
    );
    return { outcome: 'declined', detail: `${no} was ${before.state} already` };
  } catch (thrown) {
    if (!isFailure(thrown)) throw thrown;
    return incident(run, before.caseId, no, `the funder will not take it back: ${thrown.message}`);
  }
}

/** One that is under way is waited for by whoever withdrew it. */
async function stands(run: Run, before: Decided, no: string) {
  const { outcome } = await run.call(bank.operations.queryWithdrawal, { no }, { system: before.system });
  if (outcome === 'confirmed') return { outcome: 'declined', detail: `${no} is withdrawn, as the funder confirms` };
  if (before.state === 'WITHDRAWING') return { outcome: 'declined', detail: `${no} is being withdrawn` };
  return incident(run, before.caseId, no, `the funder knows no withdrawal: ${outcome}`);
}

/** The funder's last word counts: what it took back, or put otherwise, is not drawn on. What is paid out is for people alone. */
async function contradict(run: Run, decision: Decision, before: Decided) {
  const { applicationNo: no, verdict, terms, decidedAt } = decision;
  const same = verdict === 'approved' && terms?.amount === before.amount && terms?.rate === before.rate;
  if (same) return { outcome: 'nothing changed', detail: 'the same decision once more' };
  const isLast = before.decidedAt === undefined || Date.parse(decidedAt) >= Date.parse(before.decidedAt);
  const said = verdict === 'rejected' ? 'rejected' : `approved ${terms?.amount ?? ''} at ${terms?.rate ?? ''}`;
  await run.record('open a case', async (tx) => {
    const difference = `SECOND_DECISION approved ${before.amount ?? ''} at ${before.rate ?? ''}, then ${said}`;
    await openShadowCase(tx, no, no, difference, `run:${run.id}`);
    if (isLast) await endOffer(tx, before.applicationNo, decidedAt);
  });
  return { outcome: isLast ? 'the last one counts' : 'the first one counts', detail: said };
}

/** I-05, I-09: one asset, one financing. Nothing is undone by itself; two people must have looked. */
async function incident(run: Run, caseId: string, subject: string, why: string) {
  await run.record('call people', async (tx) => {
    await raise(
      tx,
      { type: 'DUP_ASSET', level: 'DISPOSE', subject, caseId, metric: why.slice(0, 100) },
      `run:${run.id}`,
    );
    await openShadowCase(tx, `${subject}-paid`, subject, `PAID_UNASKED ${why}`, `run:${run.id}`);
  });
  return { outcome: 'incident', detail: why };
}

export const unaskedPayment = flow({
  name: 'unasked-payment',
  version: 1,
  title: { zh: '未经指令的放款', en: 'Payment that nobody asked for' },
  input: DisbursementSettled,
  startedBy: [bank.notices.disbursementSettled.name],
  accepts: async (tx, paid) => !(await isInstructed(tx, paid.instructionNo)),
  keyOf: (paid) => `${paid.instructionNo}/${paid.status}`,
  caseOf: (paid) => ({ key: `payment:${paid.instructionNo}`, title: '未经指令的放款' }),
  milestones: [],
  body: (run, paid) =>
    incident(run, run.caseId, paid.instructionNo, `${paid.status}: ${paid.amount} under an instruction of nobody here`),
});
