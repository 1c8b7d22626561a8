/** VAT invoices (发票) and how much of each is taken up (占用金额, I-03). */
import { Failure } from '../../contracts/failures.ts';
import { begin, move, type Actor, type Tx } from '../lifecycle.ts';

export interface InvoiceRow {
  /** Ten or twelve digits; a fully digital invoice (数电票) has none. */
  readonly code?: string;
  /** Eight digits, or twenty of a fully digital one. */
  readonly no: string;
  /** The tax authority's code: 01, 04, 09, 10 ... */
  readonly type: string;
  readonly issueDate: string;
  /** Last six digits; special and fully digital invoices have none. */
  readonly checkCode?: string;
  readonly seller: string;
  readonly buyer: string;
  readonly amountExTax: string;
  readonly tax: string;
  readonly amountIncTax: string;
}

/** Tells an invoice from every other in the country. Code and number are kept apart: together they may have twenty digits, too. */
export function invoiceKey({ code, no }: Pick<InvoiceRow, 'code' | 'no'>): string {
  return code === undefined ? no : `${code}-${no}`;
}

/** Returns its key. @throws Failure IDEMPOTENCY_CONFLICT when it is there already */
export async function uploadInvoice(tx: Tx, invoice: InvoiceRow, actor: Actor): Promise<string> {
  const key = invoiceKey(invoice);
  await tx.query(
    `insert into invoice (key, code, no, type, issue_date, check_code, seller_id, buyer_id, amount_ex_tax, tax, amount_inc_tax, state)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 'UPLOADED')`,
    [
      key,
      invoice.code ?? null,
      invoice.no,
      invoice.type,
      invoice.issueDate,
      invoice.checkCode ?? null,
      invoice.seller,
      invoice.buyer,
      invoice.amountExTax,
      invoice.tax,
      invoice.amountIncTax,
    ],
  );
  await begin(tx, 'invoice', key, 'upload', actor);
  return key;
}

export interface InvoiceCheck {
  readonly status: 'VALID' | 'VOIDED' | 'RED' | 'RED_FLUSHED' | 'PARTIALLY_RED' | 'UNKNOWN';
  /** Flushed red so far, in yuan. */
  readonly redAmount: string;
  readonly serial: string;
  readonly checkedAt: Date | string;
}

/**
 * What the tax source says. Returns what is used and no longer covered, in yuan: above zero an alert INVOICE_RED is due. An
 * unknown status decides nothing (I-24).
 */
export async function recordCheck(tx: Tx, key: string, check: InvoiceCheck, actor: Actor): Promise<string> {
  const columns = {
    tax_status: check.status,
    red_amount: check.redAmount,
    check_serial: check.serial,
    checked_at: check.checkedAt,
  };
  const was = await tx.query<{ state: string }>('select state from invoice where key = $1 for update', [key]);
  const valid = check.status === 'VALID' || check.status === 'PARTIALLY_RED';
  if (check.status !== 'UNKNOWN') {
    const event =
      was.rows[0]?.state === 'CHECKED_VALID' ? (valid ? 'recheck' : 'void') : valid ? ('pass' as const) : 'fail';
    await move(tx, 'invoice', key, event, actor, columns);
  }
  const found = await tx.query<{ uncovered: string }>(
    'update invoice set check_count = check_count + 1 where key = $1 returning uncovered_amount::text uncovered',
    [key],
  );
  return found.rows[0]?.uncovered ?? '0.00';
}

/**
 * A receivable takes up an amount of an invoice. Returns the use's id.
 * @throws Failure INVOICE_EXHAUSTED, INVOICE_NOT_VALID, NAME_MISMATCH when it is not between creditor and debtor
 */
export async function useInvoice(
  tx: Tx,
  key: string,
  receivableNo: string,
  amount: string,
  actor: Actor,
): Promise<string> {
  const made = await tx.query<{ id: string }>(
    "insert into invoice_use (invoice_key, receivable_no, amount, state) values ($1, $2, $3, 'LOCKED') returning id",
    [key, receivableNo, amount],
  );
  const id = made.rows[0]?.id ?? '';
  await begin(tx, 'invoice_use', id, 'lock', actor);
  return id;
}

/** The receivable was rejected, or is paid: its invoices are free again. */
export async function releaseInvoices(tx: Tx, receivableNo: string, actor: Actor): Promise<void> {
  const held = await tx.query<{ id: string }>(
    "select id from invoice_use where receivable_no = $1 and state <> 'RELEASED' order by invoice_key",
    [receivableNo],
  );
  for (const { id } of held.rows) await move(tx, 'invoice_use', id, 'release', actor);
}

/** As `uploadInvoice`; one that is there already, with the same on it, may be used again. @throws Failure CONTRACT_VIOLATED */
export async function handInInvoice(tx: Tx, invoice: InvoiceRow, actor: Actor): Promise<string> {
  const key = invoiceKey(invoice);
  const found = await tx.query<{ same: boolean }>(
    `select (type, issue_date, seller_id, buyer_id, amount_ex_tax, tax) = ($2, $3::date, $4::uuid, $5::uuid, $6::numeric, $7::numeric) same
     from invoice where key = $1`,
    [key, invoice.type, invoice.issueDate, invoice.seller, invoice.buyer, invoice.amountExTax, invoice.tax],
  );
  const known = found.rows[0];
  if (!known) return uploadInvoice(tx, invoice, actor);
  if (!known.same)
    throw new Failure('CONTRACT_VIOLATED', { detail: `invoice ${key} was handed in with something else on it` });
  return key;
}

/** The tax source is asked: of one that is known as valid it is asked once more. */
export async function askCheck(tx: Tx, key: string, actor: Actor): Promise<void> {
  const found = await tx.query<{ state: string }>('select state from invoice where key = $1', [key]);
  if (['UPLOADED', 'CHECK_FAILED'].includes(found.rows[0]?.state ?? '')) await move(tx, 'invoice', key, 'check', actor);
}

/** The tax source has no such invoice, or not one with this on it. One that was valid a moment ago stays what it was. */
export async function failCheck(tx: Tx, key: string, actor: Actor): Promise<void> {
  const found = await tx.query<{ state: string }>('select state from invoice where key = $1', [key]);
  if (found.rows[0]?.state === 'CHECKING') await move(tx, 'invoice', key, 'fail', actor);
}

export interface Resting {
  readonly receivableNo: string;
  readonly caseId: string;
  readonly state: string;
}

/** The receivables in financing that rest on an invoice, and the cases in which they are financed. */
export async function restingOn(tx: Tx, key: string): Promise<Resting[]> {
  const found = await tx.query<Resting>(
    `select r.no "receivableNo", a.case_id "caseId", r.state from invoice_use u join receivable r on r.no = u.receivable_no
       join asset_lock l on l.receivable_no = r.no and l.released_at is null and l.share_of is null join application a on a.no = l.application_no
     where u.invoice_key = $1 and u.state <> 'RELEASED' order by r.no`,
    [key],
  );
  return found.rows;
}
