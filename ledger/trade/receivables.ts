/** Receivables (应收账款): what is owed, in versions, and how each stands. */
import { begin, move, type Actor, type Tx } from '../lifecycle.ts';
import { releaseInvoices, useInvoice } from './invoices.ts';

export interface ReceivableTerms {
  readonly grossAmount: string;
  /** Retention, set-off, advance payments; less than the gross amount. */
  readonly deductions: string;
  readonly dueDate: string;
  /** Where the debtor pays (回款账户). */
  readonly payAccount: string;
}

export interface ReceivableDraft extends ReceivableTerms {
  readonly no: string;
  readonly creditor: string;
  readonly debtor: string;
  readonly contractId: string;
  readonly currency: string;
  readonly invoices: readonly { readonly key: string; readonly amount: string }[];
}

/** Files a claim with the invoices that it rests on. @throws Failure INVOICE_EXHAUSTED, INVOICE_NOT_VALID, NAME_MISMATCH */
export async function fileReceivable(tx: Tx, receivable: ReceivableDraft, actor: Actor): Promise<void> {
  const { no } = receivable;
  await tx.query(
    "insert into receivable (no, creditor_id, debtor_id, contract_id, currency, state) values ($1, $2, $3, $4, $5, 'DRAFT')",
    [no, receivable.creditor, receivable.debtor, receivable.contractId, receivable.currency],
  );
  await begin(tx, 'receivable', no, 'draft', actor);
  await insertVersion(tx, no, 1, receivable, '');
  for (const { key, amount } of receivable.invoices.toSorted((a, b) => (a.key < b.key ? -1 : 1)))
    await useInvoice(tx, key, no, amount, actor);
  await move(tx, 'receivable', no, 'submit', actor);
}

/**
 * A credit note on a confirmed receivable that is not financed: a new version, which must be confirmed anew.
 * @throws Failure ILLEGAL_TRANSITION once it is locked (I-18)
 */
export async function reduceReceivable(
  tx: Tx,
  no: string,
  terms: ReceivableTerms,
  reason: string,
  actor: Actor,
): Promise<void> {
  const found = await tx.query<{ next: number }>('select version + 1 next from receivable where no = $1 for update', [
    no,
  ]);
  const next = found.rows[0]?.next ?? 1;
  await move(tx, 'receivable', no, 'reduce', actor, { version: next }, { reason });
  await insertVersion(tx, no, next, terms, reason);
  await move(tx, 'receivable', no, 'submit', actor);
}

/** The transfer takes effect between creditor and factor. */
export async function assignReceivable(tx: Tx, no: string, actor: Actor): Promise<void> {
  await move(tx, 'receivable', no, 'assign', actor);
  const uses = await tx.query<{ id: string }>(
    "select id from invoice_use where receivable_no = $1 and state = 'LOCKED' order by invoice_key",
    [no],
  );
  for (const { id } of uses.rows) await move(tx, 'invoice_use', id, 'consume', actor);
}

/** The debtor paid, in part or the rest: collected when all that was confirmed is there. */
export async function recordCollection(tx: Tx, no: string, amount: string, actor: Actor): Promise<void> {
  const found = await tx.query<{ full: boolean }>(
    `update receivable r set collected = collected + $2 where no = $1 returning collected >= (
       select c.confirmed_amount from confirmation c where c.receivable_no = r.no and c.version = r.version and c.state = 'CONFIRMED') "full"`,
    [no, amount],
  );
  if (found.rows[0]?.full === true) await move(tx, 'receivable', no, 'collect', actor);
}

/** Done with: its invoices are free, should anything of them be left. */
export async function closeReceivable(tx: Tx, no: string, actor: Actor): Promise<void> {
  await move(tx, 'receivable', no, 'close', actor);
  await releaseInvoices(tx, no, actor);
}

async function insertVersion(
  tx: Tx,
  no: string,
  version: number,
  terms: ReceivableTerms,
  reason: string,
): Promise<void> {
  await tx.query(
    'insert into receivable_version (receivable_no, version, gross_amount, deductions, due_date, pay_account, reason) values ($1, $2, $3, $4, $5, $6, $7)',
    [no, version, terms.grossAmount, terms.deductions, terms.dueDate, terms.payAccount, reason],
  );
}
