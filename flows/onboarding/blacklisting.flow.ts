/** Somebody is put on the blacklist (黑名单): one proposes, two people decide. A company that is active is frozen with it. */
import { BlacklistProposal } from '../../contracts/portal/onboarding.ts';
import { portal } from '../../contracts/portal/portal.ts';
import { flow } from '../../engine/flow.ts';
import { closeCase } from '../../ledger/cases.ts';
import { move } from '../../ledger/lifecycle.ts';
import { decidedElsewhere } from '../../ledger/oversight/approvals.ts';
import { activateEntry, proposeEntry } from '../../ledger/oversight/blacklist.ts';
import { refusedAs } from './applicant.ts';

export const blacklisting = flow({
  name: 'blacklisting',
  version: 1,
  title: { zh: '黑名单', en: 'Blacklist' },
  input: BlacklistProposal,
  startedBy: [portal.notices.blacklistProposed.name],
  keyOf: ({ entryNo }) => entryNo,
  caseOf: ({ entryNo }) => ({ key: entryNo, title: '黑名单' }),
  milestones: [],
  async body(run, { subject, scope, reasonCode, source, evidenceSha256 }) {
    const actor = `run:${run.id}`;
    const id = await run
      .record('propose', (tx) => proposeEntry(tx, { subject, scope, reasonCode, source, evidenceSha256 }, actor), {
        undo: (tx) => closeCase(tx, run.caseId, 'ended'),
      })
      .catch(refusedAs(['IDEMPOTENCY_CONFLICT'], ({ message }) => run.stop('returned', message)));
    const decided = await run.ask('put on the blacklist', {
      title: { zh: '列入黑名单（双人）', en: 'put on the blacklist?' },
      payload: { subject, scope, reasonCode, source, evidenceSha256 },
      people: 2,
      within: '3 working days',
      roles: ['operator', 'operator-checker'],
    });
    const [maker = '', checker = ''] = decided.by;
    const frozen = await run.record('decide', async (tx) => {
      await closeCase(tx, run.caseId, 'ended');
      if (decided.decision === 'rejected') {
        await move(tx, 'blacklist', id, 'dismiss', actor);
        return [];
      }
      const people = { maker, checker, source: 'people' };
      const approval = await decidedElsewhere(tx, { entity: 'blacklist', id, event: 'activate' }, people, actor);
      return activateEntry(tx, id, approval, actor);
    });
    if (decided.decision === 'rejected') return { outcome: 'dismissed', detail: decided.reason };
    return { outcome: 'listed', detail: `${frozen.length} frozen` };
  },
});
