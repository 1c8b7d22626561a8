/** F6: an invoice under a financing is voided or flushed red afterwards (红冲). What is lent on it is not covered any more: people must know. */
import { InvoiceChanged, invoice } from '../contracts/invoice/invoice.ts';
import { flow } from '../engine/flow.ts';
import { closeCase } from '../ledger/cases.ts';
import { keepEvidence } from '../ledger/evidence.ts';
import { raise } from '../ledger/oversight/alerts.ts';
import { invoiceKey, recordCheck, restingOn } from '../ledger/trade/invoices.ts';

const statuses = { partiallyRed: 'PARTIALLY_RED', redFlushed: 'RED_FLUSHED', voided: 'VOIDED' } as const;

export const invoiceChanged = flow({
  name: 'invoice-changed',
  version: 1,
  title: { zh: '发票红冲/作废', en: 'Invoice voided or flushed red' },
  input: InvoiceChanged,
  startedBy: [invoice.notices.invoiceChanged.name],
  // Of an invoice that nothing is financed on nobody needs to know.
  accepts: async (tx, changed) => (await restingOn(tx, keyOf(changed))).length > 0,
  keyOf: (changed) => `${keyOf(changed)}/${changed.status}/${changed.redAmount}`,
  caseOf: (changed) => ({ key: `invoice/${keyOf(changed)}`, title: '发票红冲' }),
  milestones: [],
  async body(run, changed) {
    const actor = `run:${run.id}`;
    const told = await run.record('record the change', async (tx) => {
      const key = keyOf(changed);
      const uncovered = await recordCheck(
        tx,
        key,
        {
          status: statuses[changed.status],
          redAmount: changed.redAmount,
          serial: changed.serialNo,
          checkedAt: changed.changedAt,
        },
        actor,
      );
      const receivables = await restingOn(tx, key);
      for (const { receivableNo, caseId } of receivables) {
        await raise(
          tx,
          {
            type: 'INVOICE_RED',
            level: 'WARN',
            subject: receivableNo,
            caseId,
            metric: `${key}: ${changed.status}, uncovered ${uncovered}`,
          },
          actor,
        );
        await keepEvidence(tx, caseId, 'N03 trade data', key, {
          status: changed.status,
          redAmount: changed.redAmount,
          uncovered,
        });
      }
      await closeCase(tx, run.caseId, 'alerted');
      return receivables.map(({ receivableNo }) => receivableNo);
    });
    return { outcome: 'alerted', detail: told.join(', ') };
  },
});

function keyOf({ invoiceCode, invoiceNo }: { readonly invoiceCode?: string; readonly invoiceNo: string }): string {
  return invoiceKey({ no: invoiceNo, ...(invoiceCode === undefined ? {} : { code: invoiceCode }) });
}
