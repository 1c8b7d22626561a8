/** Which funder a case goes to (资方路由, F13): hard filters, then points; each funder's decision is kept and explained. */
import { Decimal } from 'decimal.js';
import type { Tx } from '../lifecycle.ts';
import { decideByRules, type Facts, type Outcome } from './rules.ts';

export interface Candidate {
  /** The funder's id in the books. */
  readonly funder: string;
  readonly facts: Facts;
}

export interface Ranked extends Candidate {
  readonly outcome: Outcome;
}

/**
 * Candidates that pass, best first; equal points keep the order of the candidates (the customer's). Those that a rule refuses,
 * or of whom too little is known, are left out; why stands with their decisions.
 */
export async function rankFunders(
  tx: Tx,
  rulesCode: string,
  caseId: string,
  candidates: readonly Candidate[],
): Promise<{ readonly ranked: readonly Ranked[]; readonly leftOut: readonly Ranked[] }> {
  const judged: Ranked[] = [];
  for (const candidate of candidates)
    judged.push({
      ...candidate,
      outcome: await decideByRules(tx, rulesCode, candidate.funder, candidate.facts, caseId),
    });
  const passed = judged.filter(({ outcome }) => outcome.outcome === 'pass');
  return {
    ranked: passed.toSorted((a, b) => new Decimal(b.outcome.points).cmp(a.outcome.points)),
    leftOut: judged.filter(({ outcome }) => outcome.outcome !== 'pass'),
  };
}
