/**
 * Verification (实名认证). The enterprise and the bankcard four factors (四要素) prove different things and are never merged. No
 * answer is an answer too: an error of the channel leaves it UNKNOWN until the source or two people tell.
 */
import { Failure } from '../../contracts/failures.ts';
import { sealingOf } from '../../store/sealing/of.ts';
import { move, begin, stateOf, type Actor, type Tx } from '../lifecycle.ts';
import { joinInvitedRoles } from './roles.ts';

export type VerificationKind = 'ENT4' | 'BANK4' | 'ORG_ACCT' | 'FACE' | 'POA';

export interface VerificationRequest {
  readonly requestNo: string;
  readonly kind: VerificationKind;
  readonly vendor?: string;
  /** Names of the factors that are compared, never their values. */
  readonly factors?: readonly string[];
  /** The keyed hash of the person; absent: the party itself. */
  readonly subject?: string;
  /** The person is the legal representative. */
  readonly legalRep?: boolean;
  readonly requestSha256?: string;
  readonly consentId?: string;
}

export interface VerificationAnswer {
  readonly requestNo: string;
  readonly kind: VerificationKind;
  readonly result: 'match' | 'mismatch' | 'notFound' | 'channelError';
  /** The source's own number; absent when it gave none. */
  readonly serialNo?: string;
  readonly perFactor?: Readonly<Record<string, string>>;
  readonly billed?: boolean;
}

const dayMs = 86_400_000;
const matchMs = 365 * dayMs;
const faceMs = 15 * 60_000;

/**
 * Before the source is asked. The same number again changes nothing.
 * @throws Failure IDV_MISMATCH (by the trigger verification_locks) after three that did not match, or may not, within 24 hours
 */
export async function requestVerification(
  tx: Tx,
  party: string,
  request: VerificationRequest,
  actor: Actor,
): Promise<void> {
  if (await createVerification(tx, party, request, actor))
    await move(tx, 'verification', request.requestNo, 'send', actor);
}

/** No source is asked: two people decide on a document (`confirmByHand`). @throws as `requestVerification` */
export async function requestByHand(tx: Tx, party: string, request: VerificationRequest, actor: Actor): Promise<void> {
  await createVerification(tx, party, request, actor);
}

/** As whom a person is verified: the keyed hash of his number, never the number. */
export async function subjectOf(tx: Tx, idNo: string): Promise<string> {
  return (await sealingOf(tx)).hash('idNo', idNo).toString('hex');
}

async function createVerification(tx: Tx, party: string, request: VerificationRequest, actor: Actor): Promise<boolean> {
  const made = await tx.query(
    `insert into verification (request_no, party_id, kind, state, subject, legal_rep, factors, vendor, request_sha256, consent_id)
     values ($1, $2, $3, 'CREATED', $4, $5, $6, $7, $8, $9) on conflict do nothing`,
    [
      request.requestNo,
      party,
      request.kind,
      request.subject ?? party,
      request.legalRep ?? false,
      request.factors ?? [],
      request.vendor ?? 'unknown',
      request.requestSha256,
      request.consentId,
    ],
  );
  if (made.rowCount === 0) return false;
  await begin(tx, 'verification', request.requestNo, 'create', actor);
  return true;
}

/** What the source said of one request. */
export async function recordAnswer(tx: Tx, party: string, answer: VerificationAnswer, actor: Actor): Promise<void> {
  await requestVerification(tx, party, answer, actor);
  const columns = { serial_no: answer.serialNo ?? null, billed: answer.billed ?? null };
  if (answer.result === 'channelError')
    return move(tx, 'verification', answer.requestNo, 'lose', actor, columns, { reason: 'CHANNEL_ERROR' });
  await move(tx, 'verification', answer.requestNo, answer.result, actor, {
    ...columns,
    per_factor: answer.perFactor ? JSON.stringify(answer.perFactor) : null,
    ...(await validity(tx, answer.kind, answer.result === 'match')),
  });
  if (answer.kind === 'ENT4' && answer.result === 'match') await reverified(tx, party);
}

/** The document on which two people decide where no source can; then they propose and decide, and `confirmByHand`. */
export async function attachDocument(tx: Tx, requestNo: string, sha256: string): Promise<void> {
  await tx.query('update verification set document_sha256 = $2 where request_no = $1', [requestNo, sha256]);
}

/** @param approval of two people, of the event `confirm` */
export async function confirmByHand(tx: Tx, requestNo: string, approval: string, actor: Actor): Promise<void> {
  const found = await tx.query<{ kind: VerificationKind; party_id: string }>(
    'select kind, party_id from verification where request_no = $1',
    [requestNo],
  );
  const row = found.rows[0];
  if (!row) throw new Failure('NOT_FOUND', { detail: `there is no verification ${requestNo}` });
  const columns = await validity(tx, row.kind, true);
  await move(tx, 'verification', requestNo, 'confirm', actor, columns, { approval });
  if (row.kind === 'ENT4') await reverified(tx, row.party_id);
}

/** Writes what the sources said. Only if all of it matched, the dealer becomes active; anything else fails it. */
export async function recordVerification(
  tx: Tx,
  party: string,
  accountNo: string,
  answers: readonly VerificationAnswer[],
  actor: Actor,
): Promise<void> {
  for (const answer of answers) await recordAnswer(tx, party, answer, actor);
  const matched = answers.every((answer) => answer.result === 'match');
  if ((await stateOf(tx, 'party', party)) === 'VERIFYING')
    await move(tx, 'party', party, matched ? 'verify' : 'fail', actor);
  const account = await stateOf(tx, 'bank_account', accountNo);
  if (account === 'ADDED' || account === 'VERIFYING')
    await move(tx, 'bank_account', accountNo, matched ? 'verify' : 'reject', actor);
  if (matched && (await stateOf(tx, 'party', party)) === 'ACTIVE') await joinInvitedRoles(tx, party, actor);
}

/**
 * Serial numbers of what is valid now; where two people decided, the number of the request. A face covers one act alone: here, the
 * registration of the agent, for as long as his bank card would. @throws Failure PARTY_NOT_VERIFIED when one of the two has not matched, or
 * too long ago
 */
export async function verificationOf(tx: Tx, party: string): Promise<{ enterprise: string; agent: string }> {
  const found = await tx.query<{ kind: string; serial: string | null }>(
    `select distinct on (kind) kind, coalesce(serial_no, request_no) serial from verification
     where party_id = $1 and state = 'MATCH' and (expires_at > hub_now() or kind = 'FACE' and answered_at > hub_now() - interval '8760 hours')
     order by kind, answered_at desc`,
    [party],
  );
  const serialOf = (kind: string) => found.rows.find((row) => row.kind === kind)?.serial ?? undefined;
  const [enterprise, agent] = [serialOf('ENT4'), serialOf('BANK4') ?? serialOf('FACE')];
  if (enterprise === undefined || agent === undefined) {
    throw new Failure('PARTY_NOT_VERIFIED', { detail: 'the dealer has no matching verification of company and agent' });
  }
  return { enterprise, agent };
}

async function validity(tx: Tx, kind: VerificationKind, matched: boolean) {
  const found = await tx.query<{ now: Date }>('select hub_now() now');
  const now = found.rows[0]?.now ?? new Date();
  const expires_at = matched ? new Date(now.getTime() + (kind === 'FACE' ? faceMs : matchMs)) : null;
  return { answered_at: now, expires_at };
}

/** The name, licence or legal representative had changed: the register now says the same. */
async function reverified(tx: Tx, party: string): Promise<void> {
  await tx.query('update party set reverify_since = null where id = $1 and reverify_since is not null', [party]);
}
