/** Envelopes (签约): what is signed, by whom in which order, and that it was signed by those who may (I-07). */
import { Failure } from '../../contracts/failures.ts';
import { begin, move, stateOf, type Actor, type Tx } from '../lifecycle.ts';

export interface EnvelopeDraft {
  readonly no: string;
  readonly applicationNo: string;
  readonly documents: readonly { fileName: string; sha256: string }[];
  readonly mandatePayee: string;
  /** Parties in the order in which they sign; each through the person who is authorised now. */
  readonly signers: readonly string[];
}

/** @throws Failure AUTHORITY_MISSING when nobody may sign for one of the signers */
export async function draftEnvelope(tx: Tx, envelope: EnvelopeDraft, actor: Actor): Promise<void> {
  await tx.query(
    "insert into envelope (no, application_no, documents, mandate_payee, state) values ($1, $2, $3, $4, 'DRAFT')",
    [envelope.no, envelope.applicationNo, JSON.stringify(envelope.documents), envelope.mandatePayee],
  );
  await begin(tx, 'envelope', envelope.no, 'draft', actor);
  for (const [i, party] of envelope.signers.entries()) {
    const id = signerId(envelope.no, i + 1);
    await tx.query(
      `insert into envelope_signer (id, envelope_no, position, party_id, authority_no, state) values ($1, $2, $3, $4, $5, 'WAITING')`,
      [id, envelope.no, i + 1, party, await authorityOf(tx, party, envelope.applicationNo)],
    );
    await begin(tx, 'envelope_signer', id, 'name', actor);
  }
  await move(tx, 'application', envelope.applicationNo, 'contract', actor);
}

/** One signer acted, says the vendor. @throws Failure AUTHORITY_MISSING, SIGNATURES_INCOMPLETE when it is not his turn */
export async function recordSignature(
  tx: Tx,
  signed: {
    readonly envelopeNo: string;
    readonly position: number;
    readonly at: Date | string;
    readonly certSerial?: string;
  },
  actor: Actor,
): Promise<void> {
  await move(tx, 'envelope_signer', signerId(signed.envelopeNo, signed.position), 'sign', actor, {
    signed_at: signed.at,
    cert_serial: signed.certSerial ?? null,
  });
  if ((await stateOf(tx, 'envelope', signed.envelopeNo)) !== 'COMPLETED')
    await move(tx, 'envelope', signed.envelopeNo, 'sign', actor);
}

/**
 * Completed: the vendor said so, the files were fetched and still carry what was sent, and every signer was allowed to
 * sign when he did (domain.md 1.11). The vendor's word covers those of whom it did not tell one by one.
 * @throws Failure DOC_HASH_CHANGED, AUTHORITY_MISSING, SIGNATURES_INCOMPLETE
 */
export async function completeEnvelope(
  tx: Tx,
  no: string,
  applicationNo: string,
  fetched: readonly { fileName: string; originalSha256: string }[],
  actor: Actor,
): Promise<void> {
  const sent = await tx.query<{ documents: { fileName: string; sha256: string }[] }>(
    'select documents from envelope where no = $1',
    [no],
  );
  const unchanged = (sent.rows[0]?.documents ?? []).every((d) =>
    fetched.some((f) => f.fileName === d.fileName && f.originalSha256 === d.sha256),
  );
  if (!unchanged)
    throw new Failure('DOC_HASH_CHANGED', { detail: `envelope ${no}: a signed file does not carry what was sent` });
  const waiting = await tx.query<{ id: string; now: Date }>(
    "select id, hub_now() now from envelope_signer where envelope_no = $1 and state = 'WAITING' order by position",
    [no],
  );
  for (const { id, now } of waiting.rows) await move(tx, 'envelope_signer', id, 'sign', actor, { signed_at: now });
  await move(tx, 'envelope', no, 'complete', actor, { verified_at: new Date(), vendor_status: 'completed' });
  await move(tx, 'application', applicationNo, 'sign', actor);
}

/** Another envelope takes its place: the application is where it was before. */
export async function supersedeEnvelope(tx: Tx, no: string, reason: string, actor: Actor): Promise<void> {
  await move(tx, 'envelope', no, 'supersede', actor, {}, { reason });
  const found = await tx.query<{ application: string }>(
    'select application_no application from envelope where no = $1',
    [no],
  );
  await move(tx, 'application', found.rows[0]?.application ?? '', 'reopen', actor, {}, { reason });
}

function signerId(envelopeNo: string, position: number): string {
  return `${envelopeNo}/${position}`;
}

/** As `signerOf` chooses for this amount: an agent before the legal representative. */
async function authorityOf(tx: Tx, party: string, applicationNo: string): Promise<string> {
  const found = await tx.query<{ no: string }>(
    `select s.no from sign_authority s, application a where s.party_id = $1 and a.no = $2
       and authority_covers(s.no, '', coalesce(a.approved_amount, a.amount), hub_now()) order by s.basis desc, s.valid_from, s.no limit 1`,
    [party, applicationNo],
  );
  if (!found.rows[0])
    throw new Failure('AUTHORITY_MISSING', { detail: 'nobody is authorised to sign this for the company' });
  return found.rows[0].no;
}
