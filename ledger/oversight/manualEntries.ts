/**
 * What people enter by hand (手工维护) where a system does not tell it: the same canonical fact as the system's own, with channel
 * MANUAL, a document and two people (I-36). The payload is not kept in between: the second person enters it again, and it
 * must be the same (双人录入).
 */
import { createHash } from 'node:crypto';
import type { Contract } from '../../contracts/contract.ts';
import { canonicalJson } from '../../contracts/evidence/chain.ts';
import { Failure } from '../../contracts/failures.ts';
import { begin, move, type Actor, type Tx } from '../lifecycle.ts';

/** A notice of a kind (contracts/kind.ts), or the answer of one of its operations as a fact. */
export interface Enterable<M> {
  /** `<kind>.<name>`. */
  readonly name: string;
  readonly contract: Pick<Contract, 'name'> & { check(value: unknown): M };
  readonly keyOf: (message: M) => string;
  /** As if the system had told it: whichever comes first counts, the other is the same fact again. */
  readonly idOf: (message: M) => string;
}

export interface CanonicalFact<M> {
  readonly channel: 'MANUAL';
  readonly system: string;
  readonly name: string;
  readonly key: string;
  readonly id: string;
  readonly body: M;
  readonly documentSha256: string;
}

/**
 * The first person. Returns the entry's id; an approval of its event `post` lets it become a fact.
 * @throws Failure CONTRACT_VIOLATED, IDEMPOTENCY_CONFLICT when the fact is entered already
 */
export async function enterManually<M>(
  tx: Tx,
  message: Enterable<M>,
  entry: { system: string; payload: unknown; documentSha256: string; reason: string },
  actor: Actor,
): Promise<string> {
  const body = message.contract.check(entry.payload);
  const made = await tx.query<{ id: string }>(
    `insert into manual_entry (system, message, business_key, event_id, payload_sha256, document_sha256, reason, state)
     values ($1, $2, $3, $4, $5, $6, $7, 'ENTERED') returning id`,
    [
      entry.system,
      message.name,
      message.keyOf(body),
      message.idOf(body),
      payloadSha256(body),
      entry.documentSha256,
      entry.reason,
    ],
  );
  const id = made.rows[0]?.id ?? '';
  await begin(tx, 'manual_entry', id, 'enter', actor);
  return id;
}

/**
 * The second person entered it too and approved: the fact, for the door through which the system's own notices come.
 * @throws Failure APPROVAL_STALE when the two payloads differ
 */
export async function postManually<M>(
  tx: Tx,
  message: Enterable<M>,
  id: string,
  payload: unknown,
  approval: string,
  actor: Actor,
): Promise<CanonicalFact<M>> {
  const body = message.contract.check(payload);
  const found = await tx.query<{ system: string; message: string; sha256: string; document: string }>(
    'select system, message, payload_sha256 sha256, document_sha256 document from manual_entry where id = $1',
    [id],
  );
  const entry = found.rows[0];
  if (!entry) throw new Failure('NOT_FOUND', { detail: `there is no manual entry ${id}` });
  if (entry.message !== message.name || entry.sha256 !== payloadSha256(body))
    throw new Failure('APPROVAL_STALE', { detail: 'the two people did not enter the same' });
  await move(tx, 'manual_entry', id, 'post', actor, {}, { approval });
  return {
    channel: 'MANUAL',
    system: entry.system,
    name: message.name,
    key: message.keyOf(body),
    id: message.idOf(body),
    body,
    documentSha256: entry.document,
  };
}

function payloadSha256(body: unknown): string {
  return createHash('sha256').update(canonicalJson(body)).digest('hex');
}
