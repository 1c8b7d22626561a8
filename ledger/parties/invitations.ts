/** Invitations (邀请): a trading unit recommends a company, the operator sends it a code of 128 bits that works once. */
import { randomBytes } from 'node:crypto';
import { Failure } from '../../contracts/failures.ts';
import { begin, move, type Actor, type Tx } from '../lifecycle.ts';

export interface InvitationRequest {
  readonly caseId?: string;
  /** The party as which the invited company is known so far. */
  readonly party: string;
  readonly expiresAt: Date;
  /** The trading unit that recommends it. */
  readonly inviter?: string;
  readonly project?: string;
  /** Only this company may accept. */
  readonly uscc?: string;
}

/** Makes the earlier code of the same company and case void. Returns the new code. */
export async function invite(tx: Tx, request: InvitationRequest, actor: Actor): Promise<string> {
  const { caseId, party, expiresAt, inviter, project, uscc } = request;
  const live = await tx.query<{ id: string }>(
    `select id from invitation where party_id = $1 and case_id is not distinct from $2 and state in ('DRAFT', 'SENT', 'OPENED') for update`,
    [party, caseId],
  );
  const now = await hubNow(tx);
  for (const { id } of live.rows) await move(tx, 'invitation', id, 'revoke', actor, { expires_at: now });
  const code = randomBytes(16).toString('base64url');
  const made = await tx.query<{ id: string }>(
    `insert into invitation (code, case_id, party_id, expires_at, state, inviter_id, project_id, invitee_uscc, sent_at)
     values ($1, $2, $3, $4, 'SENT', $5, $6, $7, hub_now()) returning id`,
    [code, caseId, party, expiresAt, inviter, project, uscc],
  );
  await begin(tx, 'invitation', made.rows[0]?.id ?? '', 'send', actor);
  return code;
}

/** @throws Failure NOT_ALLOWED when the code is not this case's, was used, has expired, or invites another company */
export async function useInvitation(tx: Tx, caseId: string, code: string, uscc: string, actor: Actor): Promise<void> {
  const found = await tx.query<{ id: string }>(
    `select id from invitation where code = $1 and case_id = $2 and state in ('SENT', 'OPENED') and expires_at > hub_now()
       and (invitee_uscc is null or invitee_uscc = $3)`,
    [code, caseId, uscc],
  );
  const id = found.rows[0]?.id;
  if (id === undefined) throw new Failure('NOT_ALLOWED', { detail: 'the invitation code is not valid for this case' });
  await move(tx, 'invitation', id, 'accept', actor, { used_at: await hubNow(tx), accepted_uscc: uscc });
}

/** Whether somebody may still accept one of this case; those whose time is over expire. */
export async function mayStillAccept(tx: Tx, caseId: string, actor: Actor): Promise<boolean> {
  const sent = await tx.query<{ id: string; past: boolean }>(
    "select id, expires_at <= hub_now() past from invitation where case_id = $1 and state in ('SENT', 'OPENED') order by id for update",
    [caseId],
  );
  for (const { id, past } of sent.rows) if (past) await move(tx, 'invitation', id, 'expire', actor);
  return sent.rows.some(({ past }) => !past);
}

/** The case is over: nobody accepts any more. */
export async function revokeInvitations(tx: Tx, caseId: string, actor: Actor): Promise<void> {
  const sent = await tx.query<{ id: string }>(
    "select id from invitation where case_id = $1 and state in ('SENT', 'OPENED') order by id for update",
    [caseId],
  );
  const now = await hubNow(tx);
  for (const { id } of sent.rows)
    await move(tx, 'invitation', id, 'revoke', actor, { expires_at: now }, { word: 'SYS' });
}

export interface InvitedCompany {
  readonly party: string;
  readonly inviter: string;
  readonly project: string;
  readonly uscc: string | null;
}

/** Whom the newest invitation of this case invites. @throws Failure NOT_ALLOWED when there is none, or it was accepted */
export async function invitedTo(tx: Tx, caseId: string): Promise<InvitedCompany> {
  const found = await tx.query<InvitedCompany & { state: string }>(
    `select party_id party, inviter_id inviter, project_id project, invitee_uscc uscc, state from invitation
     where case_id = $1 and inviter_id is not null and project_id is not null order by sent_at desc limit 1`,
    [caseId],
  );
  const [last] = found.rows;
  if (!last || last.state === 'ACCEPTED')
    throw new Failure('NOT_ALLOWED', { detail: 'nobody of this case is to be invited again' });
  return { party: last.party, inviter: last.inviter, project: last.project, uscc: last.uscc };
}

/** Those that nobody accepted in time. */
export async function expireInvitations(tx: Tx, actor: Actor): Promise<number> {
  const over = await tx.query<{ id: string }>(
    "select id from invitation where state in ('SENT', 'OPENED') and expires_at <= hub_now() order by id",
  );
  for (const { id } of over.rows) await move(tx, 'invitation', id, 'expire', actor);
  return over.rows.length;
}

async function hubNow(tx: Tx): Promise<Date> {
  const found = await tx.query<{ now: Date }>('select hub_now() now');
  return found.rows[0]?.now ?? new Date();
}
