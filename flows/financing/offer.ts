/** What a funder offers is good until an instant, ten days as a rule (domain.md 2.15). What is not paid by then is not paid. */
import { isFailure } from '../../contracts/failures.ts';
import { after, type Period } from '../../engine/calendar.ts';
import type { Run } from '../../engine/flow.ts';
import { expireOffer } from '../../ledger/financing/applications.ts';
import type { Applied, Terms } from './deal.ts';

/** So long, but not longer than the offer. */
export function withinOffer(run: Run, { validTo }: Terms, most: Period): Period {
  const now = run.now();
  if (after(now, most).getTime() <= Date.parse(validTo)) return most;
  return `${Math.max(0, Math.ceil((Date.parse(validTo) - now.getTime()) / 60_000))} minutes`;
}

/** Ends the run when the offer is over: everything that was done for it is taken back. */
export async function holdToOffer(run: Run, application: Applied, { validTo }: Terms, actor: string): Promise<void> {
  if (run.now().getTime() < Date.parse(validTo)) return;
  await run.record('the offer has expired', (tx) => expireOffer(tx, application.no, actor));
  run.stop('offerExpired', `the offer was good until ${validTo}`);
}

/** For what was waited for in vain: because the offer is over, or for itself. */
export function orExpired(run: Run, application: Applied, terms: Terms, actor: string) {
  return async (thrown: unknown): Promise<never> => {
    if (isFailure(thrown) && thrown.type === 'DEADLINE_PASSED') await holdToOffer(run, application, terms, actor);
    throw thrown;
  };
}
