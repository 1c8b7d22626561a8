/**
 * Blacklist (黑名单): companies by code, persons by the keyed hash of their identity number, never by the number. Two people put
 * somebody on it and two take him off. Who is on it begins nothing new; a party that is, is frozen.
 */
import { sealingOf } from '../../store/sealing/of.ts';
import { begin, move, type Actor, type Tx } from '../lifecycle.ts';

export interface BlacklistProposal {
  readonly subject: { readonly uscc: string } | { readonly idNo: string };
  /** Who is told: reason code and hash only. */
  readonly scope: 'LOCAL' | 'GROUP' | 'SHARED';
  readonly reasonCode: string;
  readonly source: 'DISHONEST_DEBTOR_LIST' | 'OVERDUE' | 'AML' | 'FRAUD' | 'MANUAL';
  /** SHA-256 of what it rests on. */
  readonly evidenceSha256?: string;
  readonly validFrom?: Date;
  readonly validTo?: Date;
}

/** Returns the entry's id. @throws Failure IDEMPOTENCY_CONFLICT when the subject is proposed or listed in that scope already */
export async function proposeEntry(tx: Tx, entry: BlacklistProposal, actor: Actor): Promise<string> {
  const { subject } = entry;
  const hash = 'idNo' in subject ? (await sealingOf(tx)).hash('idNo', subject.idNo).toString('hex') : null;
  const made = await tx.query<{ id: string }>(
    `insert into blacklist (uscc, subject_hash, scope, reason_code, source, evidence_sha256, valid_from, valid_to, state)
     values ($1, $2, $3, $4, $5, $6, coalesce($7, hub_now()), $8, 'PROPOSED') returning id`,
    [
      'uscc' in subject ? subject.uscc : null,
      hash,
      entry.scope,
      entry.reasonCode,
      entry.source,
      entry.evidenceSha256,
      entry.validFrom,
      entry.validTo,
    ],
  );
  const id = made.rows[0]?.id ?? '';
  await begin(tx, 'blacklist', id, 'propose', actor);
  return id;
}

/** Freezes the parties that it names. Returns them. @param approval of two people, of the event `activate` */
export async function activateEntry(tx: Tx, id: string, approval: string, actor: Actor): Promise<string[]> {
  await move(tx, 'blacklist', id, 'activate', actor, {}, { approval });
  const named = await tx.query<{ id: string }>(
    "select id from party where state = 'ACTIVE' and blacklisted(id) order by id for update",
  );
  for (const party of named.rows)
    await move(tx, 'party', party.id, 'freeze', actor, {}, { word: 'SYS', reason: `blacklist ${id}` });
  return named.rows.map((party) => party.id);
}

/** Entries that name the party now, or somebody who signs for it: which, and why, for those who review the hit. */
export async function entriesNaming(
  tx: Tx,
  party: string,
): Promise<{ id: string; reasonCode: string; source: string }[]> {
  const found = await tx.query<{ id: string; reasonCode: string; source: string }>(
    `select b.id, b.reason_code "reasonCode", b.source from blacklist b
     where b.state = 'ACTIVE' and b.valid_from <= hub_now() and (b.valid_to is null or b.valid_to > hub_now())
       and (b.uscc = (select p.uscc from party p where p.id = $1)
         or b.subject_hash in (select encode(s.id_no_hash, 'hex') from sign_authority s where s.party_id = $1 and s.state = 'ACTIVE'))
     order by b.id`,
    [party],
  );
  return found.rows;
}

/** What it froze stays frozen until two people say otherwise. @param approval of two people, of the event `lift` */
export async function liftEntry(tx: Tx, id: string, approval: string, actor: Actor): Promise<void> {
  await move(tx, 'blacklist', id, 'lift', actor, {}, { approval });
}

export async function expireEntries(tx: Tx, actor: Actor): Promise<number> {
  const over = await tx.query<{ id: string }>(
    "select id from blacklist where state = 'ACTIVE' and valid_to <= hub_now() order by id",
  );
  for (const { id } of over.rows) await move(tx, 'blacklist', id, 'expire', actor);
  return over.rows.length;
}

/** The party itself, or somebody who signs for it, is on the list now. */
export async function isBlacklisted(tx: Tx, party: string): Promise<boolean> {
  const found = await tx.query<{ listed: boolean }>('select blacklisted($1::uuid) listed', [party]);
  return found.rows[0]?.listed === true;
}
