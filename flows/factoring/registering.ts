/** Step 6a (中登登记): each funder's share is registered before money moves; the registry is searched once more just before (I-06). */
import { registry } from '../../contracts/registry/registry.ts';
import type { Run } from '../../engine/flow.ts';
import { keepEvidence } from '../../ledger/evidence.ts';
import { recordRegistration } from '../../ledger/goods/pledges.ts';
import { draftRegistration, recordSearch, submitShare } from '../../ledger/financing/registrations.ts';
import type { Slice } from '../../ledger/financing/slices.ts';
import { assignReceivable } from '../../ledger/trade/receivables.ts';
import { withdrawRegistration } from '../registration.ts';
import { sliceNo, type Agreed, type Deal } from './deal.ts';
import { searchRegistry } from './initiation.ts';

/** The transfer takes effect, and others can find it. One slice after the other: each searches for what came before it. */
export async function registerShares(run: Run, deal: Deal, agreed: Agreed): Promise<void> {
  await run.record('assign the receivable', (tx) =>
    assignReceivable(tx, deal.asked.receivable.receivableNo, deal.actor),
  );
  const search = await searchRegistry(run, deal);
  for (const slice of agreed.slices) await register(run, deal, agreed, slice, search);
}

async function register(
  run: Run,
  deal: Deal,
  agreed: Agreed,
  slice: Slice,
  search: { readonly searchNo: string; readonly searchedAt: string },
): Promise<void> {
  const { project, supplier, core, asked, actor } = deal;
  const system = project.systems.registry;
  const requestNo = sliceNo('RG', run, agreed, slice);
  const invoices = asked.invoices.map(({ no }) => no).join('、');
  await run.call(
    registry.operations.register,
    {
      requestNo,
      business: 'factoring',
      pledgor: { name: supplier.name, uscc: supplier.uscc },
      pledgee: { name: slice.funder.name, uscc: slice.funder.uscc },
      contractNo: slice.applicationNo,
      securedAmount: slice.amount,
      termMonths: 12,
      description: `保理，债务人 ${core.name}，应收账款 ${asked.receivable.receivableNo}，份额 ${slice.amount} 元，发票号 ${invoices}`,
    },
    {
      system,
      before: async (tx) => {
        const { applicationNo, subscriptionNo } = slice;
        await draftRegistration(tx, { requestNo, applicationNo, subscriptionNo }, actor);
        await recordSearch(tx, requestNo, search, actor);
        await submitShare(tx, requestNo, actor);
      },
      undo: (r) =>
        withdrawRegistration(
          r,
          system,
          { applicationNo: slice.applicationNo, requestNo, cancelNo: sliceNo('RX', run, agreed, slice) },
          actor,
        ),
      name: `register ${slice.subscriptionNo}`,
    },
  );
  const registered = await run.wait(registry.notices.registered, {
    key: requestNo,
    within: '2 working days',
    from: system,
    poll: { operation: registry.operations.readRegistration, system, every: '4 hours' },
  });
  await run.record(`record registration ${requestNo}`, async (tx) => {
    await recordRegistration(tx, registered, actor);
    await keepEvidence(tx, run.caseId, 'N11 registration', registered.registrationNo, {
      certificate: registered.certificateSha256,
      subscriptionNo: slice.subscriptionNo,
    });
  });
}
