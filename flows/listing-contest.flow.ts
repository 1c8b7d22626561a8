/** F11 step 5: who was listed wrongly is taken off the blacklist by two people, is let draw again, and gets it in writing. */
import { ListingContest } from '../contracts/portal/overdue.ts';
import { portal } from '../contracts/portal/portal.ts';
import { businessDate } from '../engine/calendar.ts';
import { flow } from '../engine/flow.ts';
import { closeCase, numberFor } from '../ledger/cases.ts';
import { keepEvidence } from '../ledger/evidence.ts';
import { overdueLoan } from '../ledger/money/overdue.ts';
import { liftListing, listingOf } from '../ledger/oversight/contests.ts';
import { textTo } from './telling.ts';

export const listingContest = flow({
  name: 'listing-contest',
  version: 1,
  title: { zh: '黑名单异议', en: 'A listing is contested' },
  input: ListingContest,
  startedBy: [portal.notices.listingContested.name],
  keyOf: ({ contestNo }) => contestNo,
  caseOf: ({ contestNo }) => ({ key: `contest/${contestNo}`, title: '黑名单异议' }),
  milestones: [{ no: 5, name: { zh: '撤销并更正', en: 'lifted, with a correction' }, party: 'operator' }],
  async body(run, { contestNo, loanNo, reason, evidenceSha256 }) {
    const actor = `run:${run.id}`;
    const found = await run.record('which listing', async (tx) => {
      const { borrower, project } = await overdueLoan(tx, loanNo);
      return { borrower, sms: project.systems.sms, entry: await listingOf(tx, borrower.uscc) };
    });
    const { borrower, entry } = found;
    if (entry === undefined) return run.stop('unfounded', `${borrower.name} is not on the blacklist`);
    const decided = await run.ask('lift the listing', {
      title: { zh: '撤销黑名单（双人）', en: 'lift the listing?' },
      payload: { contestNo, loanNo, entry, reason, evidenceSha256 },
      people: 2,
      within: '5 working days',
      roles: ['operator'],
    });
    const [maker = '', checker = ''] = decided.by;
    if (decided.decision === 'rejected') {
      await run.record('it stays', (tx) => closeCase(tx, run.caseId, 'rejected'));
      return { outcome: 'rejected', detail: decided.reason };
    }
    await run.record('lift it', async (tx) => {
      await liftListing(tx, entry, borrower.id, { maker, checker }, actor);
      await keepEvidence(tx, run.caseId, 'N22 overdue notice', `${contestNo} correction`, {
        entry,
        evidenceSha256,
        maker,
        checker,
      });
      await closeCase(tx, run.caseId, 'lifted');
    });
    await textTo(run, {
      no: numberFor('OC', run.caseId),
      party: borrower.id,
      system: found.sms,
      template: 'listingLifted',
      params: { entryNo: entry.slice(0, 8), date: businessDate(run.now()) },
    });
    await run.milestone(5);
    return { outcome: 'lifted', detail: `${borrower.name}: ${reason}` };
  },
});
