/** Step 2: the supplier hands in what its receivable rests on; invoices and registry are asked before anybody else is. */
import { registry } from '../../contracts/registry/registry.ts';
import type { Run } from '../../engine/flow.ts';
import { closeCase, describeCase } from '../../ledger/cases.ts';
import { projectNamed } from '../../ledger/configuration/projects.ts';
import { keepEvidence } from '../../ledger/evidence.ts';
import { isBlacklisted } from '../../ledger/oversight/blacklist.ts';
import { raise } from '../../ledger/oversight/alerts.ts';
import { giveConsent } from '../../ledger/parties/consents.ts';
import { contractOf, recordContract } from '../../ledger/trade/contracts.ts';
import { collectionAccount, takePart, traderOf } from '../../ledger/trade/factorings.ts';
import { releaseInvoices } from '../../ledger/trade/invoices.ts';
import { stateOf } from '../../ledger/lifecycle.ts';
import { fileReceivable } from '../../ledger/trade/receivables.ts';
import { refusalOf, type Asked, type Deal } from './deal.ts';
import { checkInvoices } from './invoices.ts';

export async function initiate(run: Run, asked: Asked): Promise<Deal> {
  const actor = `run:${run.id}`;
  const parties = await run
    .record('record the factoring', async (tx) => {
      const project = await projectNamed(tx, asked.project);
      const supplier = await traderOf(tx, asked.supplierUscc);
      const core = await traderOf(tx, asked.debtorUscc);
      await takePart(tx, run.caseId, core.id, supplier.id);
      await describeCase(tx, run.caseId, supplier.name, asked.amount);
      for (const consent of asked.consents) await giveConsent(tx, supplier.id, consent, actor);
      await keepEvidence(tx, run.caseId, 'N01 consent', supplier.uscc, {
        recipients: asked.consents.map(({ recipient }) => recipient),
      });
      return { project, supplier, core, listed: await isBlacklisted(tx, supplier.id) };
    })
    .catch((thrown: unknown) => returned(run, refusalOf(thrown)));
  const { listed, ...of } = parties;
  if (listed) return returned(run, 'the supplier is on the blacklist');
  if (!asked.documents.some(({ type }) => type === 'acceptance'))
    return returned(run, 'the proof of acceptance is missing');
  const sides = { seller: of.supplier.id, buyer: of.core.id };
  const checked = await checkInvoices(run, of.project.systems.invoice, asked, sides, 'IV', actor);
  const refusals = checked.flatMap(({ refusal }) => refusal ?? []);
  if (refusals.length > 0) return returned(run, refusals.join('; '));
  const deal: Deal = { ...of, asked, invoiceKeys: checked.map(({ key }) => key), actor };
  await searchRegistry(run, deal);
  await file(run, deal);
  return deal;
}

/** What is registered by anybody else on one of these invoices is financed already (I-06, 民法典 768). */
export async function searchRegistry(run: Run, { project, supplier, asked, actor }: Deal) {
  const search = await run.call(
    registry.operations.search,
    { debtorName: supplier.name },
    { system: project.systems.registry },
  );
  const hit = search.hits.find(({ description }) => asked.invoices.some(({ no }) => description.includes(no)));
  if (hit) {
    const { receivableNo } = asked.receivable;
    await run.record('record the earlier registration', (tx) =>
      raise(
        tx,
        { type: 'DUP_ASSET', level: 'WARN', subject: receivableNo, caseId: run.caseId, metric: hit.registrationNo },
        actor,
      ),
    );
    return returned(run, `REGISTRY_HIT: registered already under ${hit.registrationNo}`);
  }
  return search;
}

/** The receivable takes up its part of each invoice (占用金额); it is filed for the debtor's confirmation. */
async function file(run: Run, { asked, supplier, core, invoiceKeys, actor }: Deal): Promise<void> {
  const { receivable, contract } = asked;
  const { receivableNo } = receivable;
  await run
    .record(
      'file the receivable',
      async (tx) => {
        await collectionAccount(tx, receivable.collectionAccountNo);
        const contractId =
          (await contractOf(tx, supplier.id, contract.contractNo)) ??
          (await recordContract(
            tx,
            { contractNo: contract.contractNo, type: 'SALE', seller: supplier.id, buyer: core.id },
            {
              amount: contract.amount,
              currency: 'CNY',
              signedOn: contract.signedOn,
              sealed: true,
              fileSha256: contract.fileSha256,
            },
          ));
        await fileReceivable(
          tx,
          {
            no: receivableNo,
            creditor: supplier.id,
            debtor: core.id,
            contractId,
            currency: 'CNY',
            grossAmount: receivable.grossAmount,
            deductions: receivable.deductions,
            dueDate: receivable.dueDate,
            payAccount: receivable.collectionAccountNo,
            invoices: asked.invoices.map(({ used }, place) => ({ key: invoiceKeys[place] ?? '', amount: used })),
          },
          actor,
        );
        await keepEvidence(tx, run.caseId, 'N04 application', asked.factoringNo, {
          receivableNo,
          amount: asked.amount,
          invoices: invoiceKeys,
          documents: asked.documents.map(({ sha256 }) => sha256),
        });
      },
      {
        // A receivable that was confirmed stays so: it may be financed another time. Its invoices stay taken up by it.
        undo: async (tx) => {
          const state = await stateOf(tx, 'receivable', receivableNo);
          if (state !== undefined && state !== 'CONFIRMED') await releaseInvoices(tx, receivableNo, actor);
          await closeCase(tx, run.caseId, 'ended');
        },
      },
    )
    .catch((thrown: unknown) => returned(run, refusalOf(thrown)));
}

/** Nothing was locked yet: the case is closed, and the supplier is told why. */
async function returned(run: Run, why: string): Promise<never> {
  await run.record('return it to the supplier', (tx) => closeCase(tx, run.caseId, 'returned'));
  return run.stop('returned', why);
}
