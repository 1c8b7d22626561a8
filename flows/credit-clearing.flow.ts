/**
 * F2, step 6a: the funder's money is what the dealer owed the unit. When the ERP has billed the order, the receipt is posted against
 * the receivable (应收清账); one that is not in the ERP's books a day later is a case for people.
 */
import { hub } from '../contracts/hub/hub.ts';
import { isFailure } from '../contracts/failures.ts';
import { BillingNotice } from '../contracts/sap/documents.ts';
import { sap } from '../contracts/sap/sap.ts';
import { businessDate } from '../engine/calendar.ts';
import { flow, type Run } from '../engine/flow.ts';
import { numberFor } from '../ledger/cases.ts';
import { projectOf, sellersOf, type Project } from '../ledger/configuration/projects.ts';
import { keepEvidence } from '../ledger/evidence.ts';
import { openShadowCase } from '../ledger/money/reconciliation.ts';
import { orderOf } from '../ledger/trade/history.ts';

const orderNoOf = (billing: { readonly lines: readonly { readonly orderNo?: string }[] }): string =>
  billing.lines[0]?.orderNo ?? '';

export const creditClearing = flow({
  name: 'credit-clearing',
  version: 1,
  title: { zh: '应收清账', en: 'Receivable cleared' },
  input: BillingNotice,
  startedBy: [sap.notices.billed.name],
  accepts: async (tx, billing) => {
    if (billing.type !== 'invoice') return false;
    return (await orderOf(tx, orderNoOf(billing), await sellersOf(tx, 'CREDIT'))) !== undefined;
  },
  keyOf: (billing) => billing.billingNo,
  caseOf: (billing) => ({ key: orderNoOf(billing), title: '信用融资' }),
  milestones: [],
  async body(run, billing) {
    const orderNo = orderNoOf(billing);
    const project = await run.record('find the order', async (tx) => {
      const order = await orderOf(tx, orderNo, await sellersOf(tx, 'CREDIT'));
      return projectOf(tx, order?.sellerNo ?? '');
    });
    const paid = await run
      .wait(hub.notices.creditDisbursed, { key: orderNo, within: '60 days', from: 'bank' })
      .catch((thrown: unknown) => {
        if (!isFailure(thrown) || thrown.type !== 'DEADLINE_PASSED') throw thrown;
        return run.stop('not financed', `order ${orderNo} was billed and no credit was paid out on it`);
      });
    const { systems } = project;
    const billed = await run.call(
      sap.operations.readBilling,
      { billingNo: billing.billingNo },
      { system: systems.erp },
    );
    const documentNo = billed.accountingDocumentNo ?? billing.billingNo;
    const clearingNo = numberFor('CL', run.caseId);
    const posted = await post(run, project, billing.payer.externalNo, {
      clearingNo,
      documentNo,
      amount: paid.amount,
      orderNo,
    });
    if (posted !== undefined) {
      await run.sleep('until it must be cleared', '1 day');
      if (await isInBooks(run, project)) {
        await run.record('record the clearing', (tx) =>
          keepEvidence(tx, run.caseId, 'N15 bank receipt', clearingNo, { documentNo, posted, amount: paid.amount }),
        );
        return { outcome: 'cleared', detail: `${paid.amount} against ${documentNo}` };
      }
    }
    const difference = `NOT_CLEARED ${paid.amount} of ${paid.loanNo} is not in the ERP's books against ${documentNo}`;
    await run.record('open a reconciliation case', (tx) =>
      openShadowCase(tx, clearingNo, orderNo, difference, `run:${run.id}`),
    );
    return { outcome: 'not cleared', detail: difference };
  },
});

interface Receipt {
  readonly clearingNo: string;
  readonly documentNo: string;
  readonly amount: string;
  readonly orderNo: string;
}

/** The ERP's number of the posting; none when it refused. */
async function post(run: Run, project: Project, customerNo: string, receipt: Receipt): Promise<string | undefined> {
  const { orderNo, ...posting } = receipt;
  try {
    const posted = await run.call(
      sap.operations.postClearing,
      {
        ...posting,
        companyCode: project.companyCode,
        customerNo,
        currency: 'CNY',
        postingDate: businessDate(run.now()),
        text: `受托支付 ${orderNo}`,
      },
      { system: project.systems.erp },
    );
    return posted.documentNo;
  } catch (thrown) {
    if (!isFailure(thrown)) throw thrown;
    return undefined;
  }
}

/** A posting that was reversed since is none. */
async function isInBooks(run: Run, project: Project): Promise<boolean> {
  const no = numberFor('CL', run.caseId);
  const { outcome } = await run.call(sap.operations.queryClearing, { no }, { system: project.systems.erp });
  return outcome === 'confirmed';
}
