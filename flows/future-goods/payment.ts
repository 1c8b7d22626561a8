/** Step 3: the future goods are registered by their description, and the funder pays the seller. */
import { registry } from '../../contracts/registry/registry.ts';
import type { Run } from '../../engine/flow.ts';
import { numberFor } from '../../ledger/cases.ts';
import { keepEvidence } from '../../ledger/evidence.ts';
import { draftRegistration, recordSearch, submitShare } from '../../ledger/financing/registrations.ts';
import { moveFuture } from '../../ledger/goods/futureGoods.ts';
import { recordRegistration } from '../../ledger/goods/pledges.ts';
import { withdrawRegistration } from '../registration.ts';
import type { Applied, Deal, Terms } from '../financing/deal.ts';

/** Generic, but enough to find the goods by (担保制度解释 53): seller, order, material, quantity, warehouse, date. */
function descriptionOf({ order, project }: Deal, futureNo: string, deliverBy: string): string {
  const goods = order.lines.map((l) => `${l.description ?? l.materialCode} ${l.quantity} ${l.unit}`).join('；');
  return `未来货权 ${futureNo}：${project.unit.name} 订单 ${order.orderNo} 项下 ${goods}，交货期限 ${deliverBy}，指定仓库 ${project.warehouse}`;
}

export async function registerFuture(
  run: Run,
  deal: Deal,
  application: Applied,
  terms: Terms,
  { futureNo, deliverBy }: { readonly futureNo: string; readonly deliverBy: string },
): Promise<void> {
  const { project, dealer, order, actor } = deal;
  const system = project.systems.registry;
  const search = await run.call(registry.operations.search, { debtorName: dealer.name }, { system });
  const collision = search.hits.find(({ description }) => description.includes(order.orderNo));
  if (collision) run.stop('returned', `the goods are registered already under ${collision.registrationNo}`);
  const requestNo = numberFor('RG', run.caseId);
  const { name, uscc } = project.funder;
  await run.call(
    registry.operations.register,
    {
      requestNo,
      business: 'goodsPledge',
      pledgor: { name: dealer.name, uscc: dealer.uscc },
      pledgee: { name, uscc },
      contractNo: application.no,
      securedAmount: terms.amount,
      termMonths: 12,
      description: descriptionOf(deal, futureNo, deliverBy),
    },
    {
      system,
      before: async (tx) => {
        await draftRegistration(tx, { requestNo, applicationNo: application.no }, actor);
        await recordSearch(tx, requestNo, search, actor);
        await submitShare(tx, requestNo, actor);
      },
      undo: (r) => withdrawRegistration(r, system, { applicationNo: application.no, requestNo }, actor),
    },
  );
  const registered = await run.wait(registry.notices.registered, {
    key: requestNo,
    within: '2 working days',
    from: system,
    poll: { operation: registry.operations.readRegistration, system, every: '4 hours' },
  });
  await run.record('record the registration', async (tx) => {
    await recordRegistration(tx, registered, actor);
    await moveFuture(tx, futureNo, 'register', actor);
    await keepEvidence(tx, run.caseId, 'N11 registration', registered.registrationNo, {
      certificate: registered.certificateSha256,
      future: futureNo,
    });
  });
}
