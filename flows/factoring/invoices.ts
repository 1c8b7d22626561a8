/** Invoices at the tax source (发票查验): every one before it is used, and once more before money moves on it. */
import { invoice, rule } from '../../contracts/invoice/invoice.ts';
import type { Message } from '../../contracts/contract.ts';
import type { Run } from '../../engine/flow.ts';
import { numberFor } from '../../ledger/cases.ts';
import { askCheck, failCheck, handInInvoice, recordCheck } from '../../ledger/trade/invoices.ts';
import { inTime, letterOf, refusalOf, type Asked } from './deal.ts';

type Invoice = Asked['invoices'][number];
type Checked = Message<typeof invoice.notices.invoiceChecked.contract>;

/** The tax authority's codes of the types that the tax source names. */
const typeCodes = {
  special: '01',
  ordinary: '04',
  eSpecial: '08',
  eOrdinary: '10',
  digitalSpecial: '31',
  digitalOrdinary: '32',
} as const;

const statuses = {
  valid: 'VALID',
  partiallyRed: 'PARTIALLY_RED',
  redFlushed: 'RED_FLUSHED',
  red: 'RED',
  voided: 'VOIDED',
  unknown: 'UNKNOWN',
} as const;

export interface CheckedInvoice {
  readonly key: string;
  /** Why nothing may be lent on it; absent: it is genuine. */
  readonly refusal?: string;
}

/** One after the other: the tax source limits how many are asked at once. `prefix` tells the first check from later ones. */
export async function checkInvoices(
  run: Run,
  system: string,
  asked: Pick<Asked, 'invoices'>,
  parties: { readonly seller: string; readonly buyer: string },
  prefix: string,
  actor: string,
): Promise<CheckedInvoice[]> {
  const checked: CheckedInvoice[] = [];
  for (const [place, one] of asked.invoices.entries()) {
    const requestNo = `${numberFor(prefix, run.caseId)}-${letterOf(place)}${Math.floor(place / 26)}`;
    checked.push(await check(run, system, one, parties, requestNo, actor));
  }
  return checked;
}

async function check(
  run: Run,
  system: string,
  one: Invoice,
  { seller, buyer }: { readonly seller: string; readonly buyer: string },
  requestNo: string,
  actor: string,
): Promise<CheckedInvoice> {
  const handedIn = await run
    .record(`hand in invoice ${requestNo}`, async (tx) => {
      const { code, checkCodeLast6: checkCode } = one;
      const row = {
        ...(code === undefined ? {} : { code }),
        ...(checkCode === undefined ? {} : { checkCode }),
        no: one.no,
        type: typeCodes[one.type],
        issueDate: one.issuedOn,
        seller,
        buyer,
        amountExTax: one.amountExTax,
        tax: one.tax,
        amountIncTax: one.amountIncTax,
      };
      const key = await handInInvoice(tx, row, actor);
      await askCheck(tx, key, actor);
      return { key };
    })
    .catch((thrown: unknown) => ({ key: one.no, refusal: refusalOf(thrown) }));
  if ('refusal' in handedIn) return handedIn;
  const { key } = handedIn;
  const proof = rule[one.type];
  const question = {
    requestNo,
    type: one.type,
    ...(one.code === undefined ? {} : { invoiceCode: one.code }),
    invoiceNo: one.no,
    issuedOn: one.issuedOn,
    ...(one[proof] === undefined ? {} : { [proof]: one[proof] }),
  };
  const asking = await run.call(invoice.operations.checkInvoice, question, { system }).then(() => undefined, refusalOf);
  if (asking !== undefined) return { key, refusal: `INVOICE_NOT_VALID: ${key} ${asking}` };
  const result = await inTime(
    run.wait(invoice.notices.invoiceChecked, {
      key: requestNo,
      within: '2 working days',
      from: system,
      poll: { operation: invoice.operations.readCheck, system, every: '6 hours' },
    }),
  ).catch((thrown: unknown) => refusalOf(thrown));
  if (result === undefined) return { key, refusal: `INVOICE_NOT_VALID: ${key} the tax source does not answer` };
  if (typeof result === 'string') return { key, refusal: `INVOICE_NOT_VALID: ${key} ${result}` };
  await run.record(`record the check ${requestNo}`, (tx) => take(tx, key, result, actor));
  const wrong = wrongIn(result, one);
  return wrong === undefined ? { key } : { key, refusal: `INVOICE_NOT_VALID: ${key} ${wrong}` };
}

/** What is not there, or not as typed, has failed its check, and no more is known of it. */
async function take(tx: Parameters<typeof recordCheck>[0], key: string, result: Checked, actor: string): Promise<void> {
  if (result.result === 'mismatch' || result.result === 'notFound') return failCheck(tx, key, actor);
  const status =
    result.result === 'void' ? 'VOIDED' : result.result === 'redFlushed' ? 'RED_FLUSHED' : statuses[result.status];
  const { redAmount, serialNo: serial, checkedAt } = result;
  await recordCheck(tx, key, { status, redAmount, serial, checkedAt }, actor);
}

function wrongIn(result: Checked, one: Invoice): string | undefined {
  if (result.result !== 'genuine') return result.result;
  if (result.status === 'red' || result.status === 'unknown') return result.status;
  const face = result.invoice;
  if (face && (face.amountIncTax !== one.amountIncTax || face.amountExTax !== one.amountExTax)) return 'mismatch';
  return undefined;
}
