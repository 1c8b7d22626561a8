/** Receivable certificates (应收账款电子凭证): a confirmed debt as a certificate, of at most a year (I-32). */
import { begin, move, type Actor, type Tx } from '../lifecycle.ts';

export interface CertificateDraft {
  readonly no: string;
  readonly receivableNo: string;
  readonly issuer: string;
  readonly holder: string;
  readonly function: 'PAYMENT' | 'FINANCING';
  readonly amount: string;
  readonly currency: string;
  readonly startDate: string;
  readonly endDate: string;
  /** Needed above six months. */
  readonly longTermReason?: string;
}

/** @throws Failure CONTRACT_VIOLATED when it runs too long, or long without a reason */
export async function draftCertificate(tx: Tx, certificate: CertificateDraft, actor: Actor): Promise<void> {
  await tx.query(
    `insert into receivable_certificate (no, receivable_no, issuer_id, holder_id, function, amount, currency, start_date, end_date, long_term_reason, state)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'DRAFT')`,
    [
      certificate.no,
      certificate.receivableNo,
      certificate.issuer,
      certificate.holder,
      certificate.function,
      certificate.amount,
      certificate.currency,
      certificate.startDate,
      certificate.endDate,
      certificate.longTermReason ?? null,
    ],
  );
  await begin(tx, 'receivable_certificate', certificate.no, 'draft', actor);
}

/** @throws Failure NOT_ALLOWED when the issuer is in default, CONFIRMATION_MISSING above what it confirmed */
export function issueCertificate(
  tx: Tx,
  no: string,
  signatures: { readonly issuer: string; readonly platform: string },
  actor: Actor,
): Promise<void> {
  return move(tx, 'receivable_certificate', no, 'issue', actor, {
    issuer_signature: signatures.issuer,
    platform_signature: signatures.platform,
  });
}

export function transferCertificate(tx: Tx, no: string, holder: string, actor: Actor): Promise<void> {
  return move(tx, 'receivable_certificate', no, 'transfer', actor, { holder_id: holder });
}
