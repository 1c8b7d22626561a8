/**
 * Four eyes (四眼, 经办与复核): two people agree to one event of one entity as it stands. The database seals what it held when
 * it was proposed; if anything of it changes, the approval is worth nothing, and it is used once.
 */
import { begin, move, type Actor, type Tx } from '../lifecycle.ts';
import type { Entity, EventOf } from '../lifecycles.ts';

interface Subject<E extends Entity> {
  readonly entity: E;
  readonly id: string;
  readonly event: EventOf<E>;
}

/** The maker proposes. Returns the approval's id. @throws Failure NOT_FOUND when there is no such entity */
export async function propose<E extends Entity>(
  tx: Tx,
  { entity, id, event }: Subject<E>,
  maker: string,
  actor: Actor,
  { reason, source = 'hub' }: { reason?: string; source?: string } = {},
): Promise<string> {
  const made = await tx.query<{ id: string }>(
    `insert into approval (entity, entity_id, event, payload_sha256, maker, state, reason, source)
     values ($1, $2, $3, '', $4, 'PROPOSED', $5, $6) returning id`,
    [entity, id, event, maker, reason ?? null, source],
  );
  const approval = made.rows[0]?.id ?? '';
  await begin(tx, 'approval', approval, 'propose', actor);
  return approval;
}

/** The checker decides. @throws Failure SAME_PERSON_APPROVAL (by the constraint approval_by_two) */
export async function decide(
  tx: Tx,
  approval: string,
  decision: 'approve' | 'reject',
  checker: string,
  actor: Actor,
): Promise<void> {
  await move(tx, 'approval', approval, decision, actor, { checker, decided_at: await hubNow(tx) });
}

/** A counterparty's two people decided, and its verified message says who they were: both steps at once. */
export async function decidedElsewhere<E extends Entity>(
  tx: Tx,
  subject: Subject<E>,
  people: { readonly maker: string; readonly checker: string; readonly source: string },
  actor: Actor,
): Promise<string> {
  const approval = await propose(tx, subject, people.maker, actor, { source: people.source });
  await decide(tx, approval, 'approve', people.checker, actor);
  return approval;
}

/** Those that nobody decided or used within seven days. Used ones are past. */
export async function lapseApprovals(tx: Tx, actor: Actor): Promise<number> {
  const over = await tx.query<{ id: string }>(
    `select id from approval a where state in ('PROPOSED', 'APPROVED') and valid_to <= hub_now()
       and not exists (select from history h where h.approval_id = a.id) order by id`,
  );
  for (const { id } of over.rows) await move(tx, 'approval', id, 'lapse', actor);
  return over.rows.length;
}

async function hubNow(tx: Tx): Promise<Date> {
  const found = await tx.query<{ now: Date }>('select hub_now() now');
  return found.rows[0]?.now ?? new Date();
}
