/** Steps 3 and 4: the application and the funder’s decision. */
import { bank } from '../../contracts/bank/bank.ts';
import { portal } from '../../contracts/portal/portal.ts';
import { type Run } from '../../engine/flow.ts';
import { approveApplication, submitApplication, withdrawApplication } from '../../ledger/financing/applications.ts';
import { closeCase } from '../../ledger/cases.ts';
import { configurationOf } from '../../ledger/configuration/configuration.ts';
import { decideByRules } from '../../ledger/configuration/rules.ts';
import { keepEvidence } from '../../ledger/evidence.ts';
import { move } from '../../ledger/lifecycle.ts';
import { accountOf } from '../../ledger/parties/accounts.ts';
import { isBlacklisted } from '../../ledger/oversight/blacklist.ts';
import { verificationOf } from '../../ledger/parties/verifications.ts';
import { recordDocuments, requireDocuments } from '../../ledger/trade/orders.ts';
import { disclosing } from '../disclosures.ts';
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
  await admitByRules(run, application, dealer.id);
  const { account: payee, verification } = await run.record(
    'submit the application',
    async (tx) => {
      const product = await configurationOf(tx, 'PRODUCT', project.productId);
      await recordDocuments(tx, run.caseId, application.documents);
      await requireDocuments(tx, run.caseId, product.requiredDocuments);
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
          productId: project.productId,
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

/** The product's admission rules decide, and the decision stays with its reasons. What they cannot decide goes back, too. */
async function admitByRules(
  run: Run,
  application: { readonly applicationNo: string; amount: string; currency: string; tenorDays: number },
  borrower: string,
): Promise<void> {
  const decision = await run.record('decide by the admission rules', async (tx) => {
    const { outcome, refusals } = await decideByRules(
      tx,
      'spot-pledge-admission',
      application.applicationNo,
      {
        amount: application.amount,
        currency: application.currency,
        tenorDays: String(application.tenorDays),
        blacklisted: await isBlacklisted(tx, borrower),
      },
      run.caseId,
    );
    return { outcome, refusals };
  });
  if (decision.outcome === 'pass') return;
  const why = decision.refusals.length > 0 ? decision.refusals.join('; ') : 'the admission rules lack a fact';
  run.stop('returned', why);
}

/** Step 4: the funder receives the data package and posts its decision. */
export async function decide(run: Run, deal: Deal, application: Applied): Promise<Terms> {
  const { project, dealer, actor } = deal;
  const system = project.systems.funder;
  const request = creditRequest(deal, application);
  const disclosed = disclosing(
    request,
    {
      party: dealer.id,
      recipient: project.funder.name,
      recipientId: project.funder.id,
      purpose: 'financing',
      dataKinds: ['COMPANY', 'ACCOUNT', 'TRADE', 'FINANCE', 'VERIFICATION'],
    },
    actor,
  );
  await run.call(bank.operations.applyCredit, request, {
    system,
    before: async (tx) => {
      await move(tx, 'application', application.no, 'push', actor);
      await disclosed(tx);
    },
  });
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

/** The data package: what the funder decides on. */
function creditRequest({ order, dealer, openItemsTotal }: Deal, application: Applied) {
  return {
    applicationNo: application.no,
    product: 'SPOT_PLEDGE' as const,
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
  };
}
