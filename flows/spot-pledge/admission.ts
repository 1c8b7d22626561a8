/** Steps 1 and 2: order, dealer, documents. */
import type { Message } from '../../contracts/contract.ts';
import { cfca } from '../../contracts/cfca/cfca.ts';
import { clearing } from '../../contracts/clearing/clearing.ts';
import { isFailure } from '../../contracts/failures.ts';
import { portal, type Registration } from '../../contracts/portal/portal.ts';
import { sap } from '../../contracts/sap/sap.ts';
import { after, businessDate } from '../../engine/calendar.ts';
import { type Run } from '../../engine/flow.ts';
import { describeCase, numberFor } from '../../ledger/cases.ts';
import { keepEvidence } from '../../ledger/evidence.ts';
import {
  authorise,
  invite,
  partyByRef,
  recordVerification,
  registerDealer,
  useInvitation,
} from '../../ledger/parties.ts';
import { projectOf, type Project } from '../../ledger/projects.ts';
import { recordDocuments, recordOrder, requireDocuments } from '../../ledger/trade.ts';
import type { Deal, Order } from './deal.ts';

/** Step 1: the ERP confirms what was pushed; the dealer is invited, registers and is verified. */
export async function admit(run: Run, order: Order): Promise<Deal> {
  const actor = `run:${run.id}`;
  const project = await run.record('choose the project', (tx) => projectOf(tx, order.seller.externalNo));
  const { systems } = project;
  const erp = await run
    .call(sap.operations.readOrder, { orderNo: order.orderNo }, { system: systems.erp })
    .catch((thrown: unknown) => {
      if (isFailure(thrown) && thrown.type === 'ORDER_NOT_IN_ERP') return run.stop('returned', thrown.message);
      throw thrown;
    });
  const openItems = await run.call(
    sap.operations.readOpenItems,
    { companyCode: order.seller.externalNo, customerNo: order.buyer.externalNo, keyDate: businessDate(run.now()) },
    { system: systems.erp },
  );
  const dealer = await run.record('record the order', async (tx) => {
    const party = await partyByRef(tx, systems.erp, order.buyer.externalNo, order.buyer.name, actor);
    await recordOrder(
      tx,
      { ...order, caseId: run.caseId, sellerNo: order.seller.externalNo, buyer: party.id, lines: order.lines },
      { ...erp, buyerNo: erp.buyer.externalNo },
      { buyerNo: order.buyer.externalNo },
    );
    await describeCase(tx, run.caseId, party.name, order.total);
    await keepEvidence(tx, run.caseId, 'N03 trade data', order.orderNo, {
      orderNo: order.orderNo,
      total: order.total,
      openItems: openItems.total,
    });
    if (party.state !== 'ACTIVE') await invite(tx, run.caseId, party.id, after(run.now(), '14 days'));
    return party;
  });
  if (dealer.state === 'ACTIVE' && dealer.uscc !== null) {
    return {
      project,
      order,
      dealer: { id: dealer.id, name: dealer.name, uscc: dealer.uscc },
      openItemsTotal: openItems.total,
      actor,
    };
  }
  const registration = await run.wait(portal.notices.registered, {
    key: run.caseId,
    within: '14 days',
    from: 'dealer',
  });
  const id = await run.record('register the dealer', async (tx) => {
    await useInvitation(tx, run.caseId, registration.invitationCode);
    const party = await registerDealer(tx, dealer.id, registration, actor);
    await authorise(tx, party, registration.agent, 'POA');
    await keepEvidence(tx, run.caseId, 'N01 consent', registration.uscc, {
      recipients: registration.consents.map((c) => c.recipient),
    });
    return party;
  });
  await verify(run, project, registration, id, actor);
  return {
    project,
    order,
    dealer: { id, name: registration.name, uscc: registration.uscc },
    openItemsTotal: openItems.total,
    actor,
  };
}

/** Enterprise four factors, the agent's bankcard four factors, and proof of the account: three sources at once. */
async function verify(
  run: Run,
  project: Project,
  registration: Message<typeof Registration>,
  party: string,
  actor: string,
): Promise<void> {
  const { legalRep, agent, account } = registration;
  const no = (kind: string) => numberFor(kind, run.caseId);
  const { enterprise, bankcard, accountProof } = await run.all('verify the dealer', {
    enterprise: (r) =>
      r.call(
        cfca.operations.verifyEnterprise,
        {
          requestNo: no('VE'),
          name: registration.name,
          uscc: registration.uscc,
          legalRepName: legalRep.name,
          legalRepIdNo: legalRep.idNo,
        },
        { system: project.systems.identity },
      ),
    bankcard: (r) =>
      r.call(
        cfca.operations.verifyBankcard,
        { requestNo: no('VB'), name: agent.name, idNo: agent.idNo, cardNo: agent.cardNo, phone: agent.phone },
        { system: project.systems.identity },
      ),
    accountProof: (r) =>
      r.call(
        clearing.operations.checkAccount,
        { requestNo: no('VA'), company: { name: registration.name, uscc: registration.uscc }, account },
        { system: project.systems.clearing },
      ),
  });
  const results = [
    { kind: 'ENT4', ...enterprise },
    { kind: 'BANK4', ...bankcard },
    { kind: 'ACCOUNT', ...accountProof },
  ] as const;
  await run.record('record the verification', async (tx) => {
    await recordVerification(tx, party, account.accountNo, results, actor);
    await keepEvidence(
      tx,
      run.caseId,
      'N02 verification',
      registration.uscc,
      Object.fromEntries(results.map((r) => [r.kind, r.result])),
    );
  });
  const failed = results.find((result) => result.result !== 'match');
  if (failed) run.stop('returned', `${failed.kind}: ${failed.result}`);
}

/** Step 2: the unit hands in the purchase contract and the three-party supervision agreement. */
export async function collectDocuments(run: Run, deal: Deal): Promise<void> {
  const papers = await run.wait(portal.notices.documentsSubmitted, {
    key: run.caseId,
    within: '10 working days',
    from: 'unit',
  });
  await run.record('record the documents', async (tx) => {
    await recordDocuments(tx, run.caseId, papers.documents);
    await requireDocuments(tx, run.caseId, ['purchaseContract', 'supervisionAgreement']);
    await keepEvidence(tx, run.caseId, 'N03 trade data', papers.contractNo, {
      documents: papers.documents.map((d) => d.sha256),
      warehouse: deal.project.warehouse,
    });
  });
}
