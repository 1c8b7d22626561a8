/**
 * Consents (数据授权) and what was passed on under them (PIPL 13, 15, 23, 29). Data of a party or its people leave for a named
 * recipient and purpose only, and each delivery stands in the log of disclosures (I-28).
 */
import { Failure } from '../../contracts/failures.ts';
import { begin, move, type Actor, type Tx } from '../lifecycle.ts';

export const dataKinds = [
  'COMPANY',
  'PERSON',
  'CONTACT',
  'ACCOUNT',
  'TRADE',
  'FINANCE',
  'VERIFICATION',
  'CREDIT',
] as const;
export type DataKind = (typeof dataKinds)[number];

export interface ConsentGiven {
  /** By name, as the sheet says it. */
  readonly recipient: string;
  readonly purpose: string;
  /** Absent: all kinds. */
  readonly dataKinds?: readonly DataKind[];
  readonly validTo?: Date;
  /** Given apart from all else, as sensitive data need (PIPL 29). */
  readonly separate?: boolean;
  /** SHA-256 of the text agreed to. */
  readonly documentSha256?: string;
}

/** The same again, while it lives, changes nothing. Returns the live consent's id. */
export async function giveConsent(tx: Tx, party: string, given: ConsentGiven, actor: Actor): Promise<string> {
  await expireConsents(tx, actor, party);
  const made = await tx.query<{ id: string }>(
    `insert into consent (party_id, recipient, purpose, data_kinds, valid_to, separate, document_sha256)
     values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing returning id`,
    [
      party,
      given.recipient,
      given.purpose,
      given.dataKinds ?? dataKinds,
      given.validTo,
      given.separate ?? false,
      given.documentSha256,
    ],
  );
  if (made.rows[0]) {
    await begin(tx, 'consent', made.rows[0].id, 'give', actor);
    return made.rows[0].id;
  }
  return liveConsent(tx, party, given.recipient, given.purpose);
}

/** From now on nothing is passed on under it; what was is not undone (PIPL 15). */
export async function withdrawConsent(tx: Tx, consent: string, actor: Actor): Promise<void> {
  await move(tx, 'consent', consent, 'withdraw', actor);
}

export async function expireConsents(tx: Tx, actor: Actor, party?: string): Promise<number> {
  const over = await tx.query<{ id: string }>(
    `select id from consent where state = 'GIVEN' and valid_to <= hub_now() and ($1::uuid is null or party_id = $1) order by id`,
    [party],
  );
  for (const { id } of over.rows) await move(tx, 'consent', id, 'expire', actor);
  return over.rows.length;
}

export interface Delivery {
  /** Whose data. */
  readonly party: string;
  readonly recipient: string;
  readonly recipientId?: string;
  readonly purpose: string;
  readonly dataKinds: readonly DataKind[];
  /** The message or the document with which they left: one of the two at least. */
  readonly exchangeId?: string;
  readonly documentSha256?: string;
  /** Where it needs no consent: PIPL 13 (2) to (6), and why it is so. */
  readonly legalBasis?: { readonly kind: 'CONTRACT' | 'LEGAL_DUTY' | 'EMERGENCY' | 'PUBLIC'; readonly note: string };
}

/** In the transaction that lets the data leave. @throws Failure CONSENT_MISSING */
export async function disclose(tx: Tx, delivery: Delivery, actor: Actor): Promise<void> {
  const { party, recipient, purpose, legalBasis } = delivery;
  const consent = legalBasis ? null : await liveConsent(tx, party, recipient, purpose);
  await tx.query(
    `insert into disclosure (party_id, recipient, recipient_id, purpose, data_kinds, consent_id, legal_basis, basis_note, exchange_id, document_sha256, actor)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
    [
      party,
      recipient,
      delivery.recipientId,
      purpose,
      delivery.dataKinds,
      consent,
      legalBasis?.kind,
      legalBasis?.note,
      delivery.exchangeId,
      delivery.documentSha256,
      actor,
    ],
  );
}

async function liveConsent(tx: Tx, party: string, recipient: string, purpose: string): Promise<string> {
  const found = await tx.query<{ id: string }>(
    `select id from consent where party_id = $1 and recipient = $2 and purpose = $3 and state = 'GIVEN' and (valid_to is null or valid_to > hub_now())`,
    [party, recipient, purpose],
  );
  if (!found.rows[0])
    throw new Failure('CONSENT_MISSING', { detail: 'the party has not consented to this recipient and purpose' });
  return found.rows[0].id;
}
