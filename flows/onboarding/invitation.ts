/** Step 2: the operator sends the invitation (邀请): by text message, and by another road where that does not arrive. */
import { notify } from '../../contracts/notify/notify.ts';
import { after } from '../../engine/calendar.ts';
import type { Run } from '../../engine/flow.ts';
import { numberFor } from '../../ledger/cases.ts';
import type { Project } from '../../ledger/configuration/projects.ts';
import { invite } from '../../ledger/parties/invitations.ts';
import { disclosing, dueDiligence } from '../disclosures.ts';
import { nobody, refusedAs, type Invited, type Recommended } from './applicant.ts';

export const invitationDays = 14;

export interface Contact {
  readonly name: string;
  readonly phone: string;
  readonly mail: string;
}

export async function sendInvitation(run: Run, invited: Invited, recommended: Recommended): Promise<void> {
  const { project, party, actor } = invited;
  const decided = await run.ask('send the invitation', {
    title: { zh: '发送入驻邀请', en: 'send the invitation' },
    payload: { name: recommended.name, uscc: recommended.uscc, project: project.id, inviter: project.unit.name },
    within: '3 working days',
    roles: ['operator'],
  });
  if (decided.decision === 'rejected') run.stop('returned', `not invited: ${decided.reason}`);
  const code = await run.record('make the code', (tx) =>
    invite(
      tx,
      {
        caseId: run.caseId,
        party,
        expiresAt: after(run.now(), `${invitationDays} days`),
        inviter: project.unit.id,
        project: project.id,
        uscc: recommended.uscc,
      },
      actor,
    ),
  );
  await deliver(run, {
    project,
    party,
    actor,
    code,
    contact: recommended.contact,
    messageNo: numberFor('MS', run.caseId),
  });
}

interface Letter {
  readonly project: Project;
  readonly party: string;
  readonly actor: string;
  readonly code: string;
  readonly contact: Contact;
  readonly messageNo: string;
}

/** A code that nobody got is no invitation: text message, then mail, then by telephone. */
export async function deliver(run: Run, letter: Letter): Promise<void> {
  if (await textArrived(run, letter)) return;
  if (await mailTaken(run, letter)) return;
  const { contact, project } = letter;
  const decided = await run.ask('tell the code', {
    title: { zh: '短信与邮件均未送达，电话告知', en: 'neither message nor mail arrived: tell the code by telephone' },
    payload: { name: contact.name, phone: contact.phone, project: project.id },
    within: '3 working days',
    roles: ['operator'],
  });
  if (decided.decision === 'rejected') run.stop('returned', `the company cannot be reached: ${decided.reason}`);
}

async function textArrived(run: Run, { project, party, actor, code, contact, messageNo }: Letter): Promise<boolean> {
  const message = {
    messageNo,
    phone: contact.phone,
    template: 'invitation' as const,
    params: [
      { name: 'project', value: '供应链融资入驻' },
      { name: 'code', value: code },
      { name: 'days', value: String(invitationDays) },
    ],
  };
  const system = project.systems.sms;
  await run.record('the message leaves', disclosing(message, inviting(party, system), actor));
  const taken = await run.call(notify.operations.sendSms, message, { system }).then(
    () => true,
    refusedAs(['SYSTEM_REFUSED', 'NOT_ALLOWED', 'CONTRACT_VIOLATED'], () => false),
  );
  if (!taken) return false;
  const report = await run
    .wait(notify.notices.smsDelivered, { key: messageNo, within: '1 day', from: system })
    .catch(nobody);
  return report?.status === 'delivered';
}

async function mailTaken(run: Run, { project, party, actor, code, contact, messageNo }: Letter): Promise<boolean> {
  const message = {
    messageNo: `${messageNo}-M`,
    to: contact.mail,
    subject: '供应链融资入驻邀请',
    text: `贵司受${project.unit.name}推荐办理供应链融资入驻。邀请码：${code}，${invitationDays}天内有效，仅可使用一次。`,
  };
  const system = project.systems.mail;
  await run.record('the mail leaves', disclosing(message, inviting(party, system), actor));
  return run.call(notify.operations.sendMail, message, { system }).then(
    () => true,
    refusedAs(['SYSTEM_REFUSED', 'NOT_ALLOWED', 'CONTRACT_VIOLATED'], () => false),
  );
}

/** Its telephone number and mailbox, which the unit knows from its trade with it. */
const inviting = (party: string, recipient: string) =>
  ({ party, recipient, purpose: 'invitation', dataKinds: ['CONTACT'], legalBasis: dueDiligence }) as const;
