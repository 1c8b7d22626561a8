/** A company is invited again (重新邀请): the earlier code is void from that moment. The onboarding that waits for it goes on waiting. */
import { portal } from '../../contracts/portal/portal.ts';
import { InvitationRenewal } from '../../contracts/portal/onboarding.ts';
import { after } from '../../engine/calendar.ts';
import { flow } from '../../engine/flow.ts';
import { projectNamed } from '../../ledger/configuration/projects.ts';
import { invite, invitedTo } from '../../ledger/parties/invitations.ts';
import { refusedAs } from './applicant.ts';
import { deliver, invitationDays } from './invitation.ts';

export const renewal = flow({
  name: 'invitation-renewal',
  version: 1,
  title: { zh: '重新邀请', en: 'Invitation again' },
  input: InvitationRenewal,
  startedBy: [portal.notices.invitationRenewed.name],
  keyOf: ({ renewalNo }) => renewalNo,
  caseOf: ({ caseNo }) => ({ id: caseNo }),
  milestones: [],
  async body(run, { renewalNo, contact }) {
    const actor = `run:${run.id}`;
    const again = await run
      .record('make another code', async (tx) => {
        const { party, inviter, project, uscc } = await invitedTo(tx, run.caseId);
        const expiresAt = after(run.now(), `${invitationDays} days`);
        const request = { caseId: run.caseId, party, expiresAt, inviter, project, ...(uscc === null ? {} : { uscc }) };
        return { party, project: await projectNamed(tx, project), code: await invite(tx, request, actor) };
      })
      .catch(refusedAs(['NOT_ALLOWED'], ({ message }) => run.stop('returned', message)));
    await deliver(run, { ...again, actor, contact, messageNo: `MS-${renewalNo}` });
    return { outcome: 'sent' };
  },
});
