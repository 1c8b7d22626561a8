/** Who may sign for a company (签署授权): its legal representative, or an agent with a power of attorney (授权委托书). */
import { randomUUID } from 'node:crypto';
import { Failure } from '../../contracts/failures.ts';
import { sealingOf } from '../../store/sealing/of.ts';
import { ownerOfParty, places } from '../../store/sealing/places.ts';
import { begin, move, type Actor, type Tx } from '../lifecycle.ts';

export interface Signer {
  readonly name: string;
  readonly idNo: string;
  readonly phone: string;
}

/** The power of attorney on which an agent signs. */
export interface PowerOfAttorney {
  /** SHA-256 of the document. */
  readonly sha256: string;
  /** Empty or absent: everything. */
  readonly documentTypes?: readonly string[];
  /** Highest amount of one document in yuan, two places. */
  readonly maxAmount?: string;
  readonly validFrom?: Date;
  /** First instant at which it is worth nothing; absent: until it is revoked. */
  readonly validTo?: Date;
}

export async function authorise(
  tx: Tx,
  party: string,
  signer: Signer,
  basis: 'LEGAL_REP' | PowerOfAttorney,
  actor: Actor,
): Promise<void> {
  const sealing = await sealingOf(tx);
  const owner = ownerOfParty(party);
  const id = randomUUID();
  const [name, idNo, phone] = await Promise.all([
    sealing.seal(places.signerName, owner, [id], signer.name),
    sealing.seal(places.signerIdNo, owner, [id], signer.idNo),
    sealing.seal(places.signerPhone, owner, [id], signer.phone),
  ]);
  const hashes = [sealing.hash('idNo', signer.idNo), sealing.hash('phone', signer.phone)];
  const poa = basis === 'LEGAL_REP' ? undefined : basis;
  const made = await tx.query<{ no: string }>(
    `insert into sign_authority (id, party_id, name, id_no, phone, id_no_hash, phone_hash, basis, poa_sha256, document_types, max_amount, valid_from, valid_to)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, coalesce($12, hub_now()), $13) on conflict do nothing returning no`,
    [
      id,
      party,
      name,
      idNo,
      phone,
      ...hashes,
      poa ? 'POA' : 'LEGAL_REP',
      poa?.sha256,
      poa?.documentTypes ?? [],
      poa?.maxAmount,
      poa?.validFrom,
      poa?.validTo,
    ],
  );
  if (made.rows[0]) await begin(tx, 'sign_authority', made.rows[0].no, 'authorise', actor);
}

/**
 * Who signs this document for the company now: an agent before the legal representative.
 * @param amount yuan, two places; absent for a document without one
 * @throws Failure AUTHORITY_MISSING, PAYLOAD_ERASED, PAYLOAD_UNREADABLE
 */
export async function signerOf(
  tx: Tx,
  party: string,
  { documentType, amount }: { documentType?: string; amount?: string } = {},
): Promise<Signer> {
  const found = await tx.query<SealedSigner>(
    `select id, name, id_no "idNo", phone from sign_authority
     where party_id = $1 and authority_covers(no, coalesce($2, ''), $3, hub_now()) order by basis desc, valid_from, no limit 1`,
    [party, documentType, amount],
  );
  if (!found.rows[0])
    throw new Failure('AUTHORITY_MISSING', { detail: 'nobody is authorised to sign this for the company' });
  return openedSigner(tx, found.rows[0]);
}

/** The profile was corrected: whoever is not in it any more does not sign. */
export async function revokeOthers(tx: Tx, party: string, idNos: readonly string[], actor: Actor): Promise<void> {
  const sealing = await sealingOf(tx);
  const others = await tx.query<{ no: string }>(
    "select no from sign_authority where party_id = $1 and state = 'ACTIVE' and not id_no_hash = any($2) order by no",
    [party, idNos.map((idNo) => sealing.hash('idNo', idNo))],
  );
  for (const { no } of others.rows) await move(tx, 'sign_authority', no, 'revoke', actor);
}

/** Companies for which the person of this number (GB 11643) signs, found by its keyed hash. */
export async function partiesSignedForBy(tx: Tx, idNo: string): Promise<string[]> {
  const found = await tx.query<{ party_id: string }>(
    "select distinct party_id from sign_authority where id_no_hash = $1 and state = 'ACTIVE' order by party_id",
    [(await sealingOf(tx)).hash('idNo', idNo)],
  );
  return found.rows.map((row) => row.party_id);
}

/** Those whose time is over. */
export async function expireAuthorities(tx: Tx, actor: Actor): Promise<number> {
  const over = await tx.query<{ no: string }>(
    "select no from sign_authority where state = 'ACTIVE' and valid_to <= hub_now() order by no",
  );
  for (const { no } of over.rows) await move(tx, 'sign_authority', no, 'expire', actor);
  return over.rows.length;
}

interface SealedSigner {
  readonly id: string;
  readonly name: Buffer;
  readonly idNo: Buffer;
  readonly phone: Buffer;
}

async function openedSigner(tx: Tx, { id, name, idNo, phone }: SealedSigner): Promise<Signer> {
  const sealing = await sealingOf(tx);
  const [nameText, idNoText, phoneText] = await Promise.all([
    sealing.open(places.signerName, [id], name),
    sealing.open(places.signerIdNo, [id], idNo),
    sealing.open(places.signerPhone, [id], phone),
  ]);
  return { name: nameText.toString(), idNo: idNoText.toString(), phone: phoneText.toString() };
}
