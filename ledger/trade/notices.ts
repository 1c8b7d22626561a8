/** Notices of assignment (债权转让通知): the debtor is bound from the arrival that its system recorded (民法典 546, I-19). */
import { begin, move, type Actor, type Tx } from '../lifecycle.ts';

export interface NoticeDraft {
  readonly no: string;
  readonly receivableNo: string;
  readonly assignee: string;
  readonly sentBy: 'ASSIGNOR' | 'FACTOR';
  readonly documentSha256: string;
  /** Hash of the proof that a factor attaches (764). */
  readonly assignmentProof?: string;
  /** Disclosed factoring (明保理); otherwise it is held until something triggers it. */
  readonly disclosed: boolean;
}

export async function draftNotice(tx: Tx, notice: NoticeDraft, actor: Actor): Promise<void> {
  await tx.query(
    `insert into assignment_notice (no, receivable_no, assignee_id, sent_by, document_sha256, assignment_proof, disclosed, state)
     values ($1, $2, $3, $4, $5, $6, $7, 'DRAFT')`,
    [
      notice.no,
      notice.receivableNo,
      notice.assignee,
      notice.sentBy,
      notice.documentSha256,
      notice.assignmentProof ?? null,
      notice.disclosed,
    ],
  );
  await begin(tx, 'assignment_notice', notice.no, 'draft', actor);
}

/** @throws Failure ILLEGAL_TRANSITION when an undisclosed one has no trigger */
export function sendNotice(
  tx: Tx,
  no: string,
  sent: {
    readonly channel: string;
    readonly at: Date;
    readonly trigger?: 'OVERDUE' | 'DISPUTE' | 'FUNDER_INSTRUCTION';
  },
  actor: Actor,
): Promise<void> {
  return move(tx, 'assignment_notice', no, 'send', actor, {
    channel: sent.channel,
    sent_at: sent.at,
    triggered_by: sent.trigger ?? null,
  });
}

/** The clock of another company may be behind by so much; nothing arrives before it was sent. */
const clockSkewMs = 10 * 60_000;

/**
 * By the clock of the system that received it, or when it was sent where that clock is a little behind ours.
 * @throws Failure NOTICE_NOT_DELIVERED without the time that the receiving system recorded
 */
export async function recordArrival(
  tx: Tx,
  no: string,
  arrival: { readonly at: Date; readonly source: string },
  actor: Actor,
): Promise<void> {
  const sent = await tx.query<{ at: Date | null }>('select sent_at at from assignment_notice where no = $1', [no]);
  const sentMs = sent.rows[0]?.at?.getTime() ?? 0;
  const isSkewed = arrival.at.getTime() < sentMs && arrival.at.getTime() + clockSkewMs >= sentMs;
  return move(tx, 'assignment_notice', no, 'deliver', actor, {
    arrived_at: isSkewed ? new Date(sentMs) : arrival.at,
    arrival_source: arrival.source,
  });
}

export function acknowledgeNotice(tx: Tx, no: string, actor: Actor): Promise<void> {
  return move(tx, 'assignment_notice', no, 'acknowledge', actor);
}
