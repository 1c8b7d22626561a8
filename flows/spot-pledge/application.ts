/** Steps 3 and 4: the application and the funder’s decision. */
import { bank } from '../../contracts/bank/bank.ts';
import { portal } from '../../contracts/portal/portal.ts';
import { type Run } from '../../engine/flow.ts';
import { approveApplication, submitApplication, withdrawApplication } from '../../ledger/applications.ts';
import { closeCase } from '../../ledger/cases.ts';
import { keepEvidence } from '../../ledger/evidence.ts';
import { move } from '../../ledger/lifecycle.ts';
import { accountOf, verificationOf } from '../../ledger/parties.ts';
import { recordDocuments, requireDocuments } from '../../ledger/trade.ts';
import type { Applied, Deal, Terms } from './deal.ts';

/** Step 3: the dealer applies; what it wants financed is locked for this application alone. */
export async function apply(run: Run, { project, order, dealer, actor }: Deal): Promise<Applied> {
  const application = await run.wait(portal.notices.applicationSubmitted, {
    key: run.caseId,
    within: '10 working days',
    from: 'dealer',
  });
  if (application.borrowerUscc !== dealer.uscc) run.stop('returned', 'the applicant is not the buyer of the order');
  const no = application.applicationNo;
  const { account: payee, verification } = await run.record(
    'submit the application',
    async (tx) => {
      await recordDocuments(tx, run.caseId, application.documents);
      await requireDocuments(tx, run.caseId, ['invoice', 'ownershipProof']);
      const account = await accountOf(tx, project.unit.id);
      await submitApplication(
        tx,
        {
          ...application,
          no,
          caseId: run.caseId,
          orderNo: order.orderNo,
          borrower: dealer.id,
          funder: project.funder.id,
          payeeAccount: account.accountNo,
        },
        actor,
      );
      await keepEvidence(tx, run.caseId, 'N04 application', no, {
        amount: application.amount,
        documents: application.documents.map((d) => d.sha256),
      });
      return { account, verification: await verificationOf(tx, dealer.id) };
    },
    {
      undo: async (tx) => {
        await withdrawApplication(tx, no, actor);
        await closeCase(tx, run.caseId, 'ended');
      },
    },
  );
  return { ...application, no, payee, verification };
}

/** Step 4: the funder receives the data package and posts its decision. */
export async function decide(
  run: Run,
  { project, order, dealer, actor, openItemsTotal }: Deal,
  application: Applied,
): Promise<Terms> {
  const system = project.systems.funder;
  await run.call(
    bank.operations.applyCredit,
    {
      applicationNo: application.no,
      product: 'SPOT_PLEDGE',
      borrower: { name: dealer.name, uscc: dealer.uscc },
      amount: application.amount,
      currency: application.currency,
      tenorDays: application.tenorDays,
      purpose: application.purpose,
      payee: application.payee,
      order: { orderNo: order.orderNo, total: order.total, orderDate: order.orderDate },
      goods: order.lines.map((line) => ({
        materialCode: line.materialCode,
        name: line.description ?? line.materialCode,
        quantity: line.quantity,
        unit: line.unit,
        unitPrice: line.unitPrice,
      })),
      documents: application.documents.map((document) => ({ ...document })),
      verification: application.verification,
      openItemsTotal,
    },
    { system, before: (tx) => move(tx, 'application', application.no, 'push', actor) },
  );
  const decision = await run.wait(bank.notices.creditDecided, {
    key: application.no,
    within: '3 working days',
    from: system,
    poll: { operation: bank.operations.readDecision, system, every: '8 hours' },
  });
  const { terms } = decision;
  if (decision.verdict === 'rejected' || !terms) {
    await run.record('record the rejection', (tx) => move(tx, 'application', application.no, 'reject', actor));
    return run.stop('rejected', decision.reason ?? 'the funder rejected the application');
  }
  await run.record('record the approval', async (tx) => {
    await approveApplication(tx, application.no, decision.funderRef, terms, actor);
    await keepEvidence(tx, run.caseId, 'N05 decision', application.no, {
      amount: terms.amount,
      rate: terms.rate,
      pledgeRate: terms.pledgeRate,
    });
  });
  return { ...terms, funderRef: decision.funderRef };
}
