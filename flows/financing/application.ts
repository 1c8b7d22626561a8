/** Steps 3 and 4: the application and the funder’s decision. */
import { bank } from '../../contracts/bank/bank.ts';
import type { Message } from '../../contracts/contract.ts';
import { isFailure } from '../../contracts/failures.ts';
import { portal } from '../../contracts/portal/portal.ts';
import { after, businessDate } from '../../engine/calendar.ts';
import { type Run } from '../../engine/flow.ts';
import {
  approveApplication,
  returnApplication,
  submitApplication,
  withdrawApplication,
} from '../../ledger/financing/applications.ts';
import { adviseCase, numberFor } from '../../ledger/cases.ts';
import { configurationOf } from '../../ledger/configuration/configuration.ts';
import { decideByRules } from '../../ledger/configuration/rules.ts';
import { keepEvidence } from '../../ledger/evidence.ts';
import { move } from '../../ledger/lifecycle.ts';
import { accountOf } from '../../ledger/parties/accounts.ts';
import { isBlacklisted } from '../../ledger/oversight/blacklist.ts';
import { verificationOf } from '../../ledger/parties/verifications.ts';
import { missingDocuments, recordDocuments } from '../../ledger/trade/orders.ts';
import { textTo } from '../telling.ts';
import { askInTurn, routeFor } from '../routing.ts';
import { creditRequest, disclosingTo } from './dataPackage.ts';
import { admissionRules, type Applied, type Deal, type Placed, type Terms } from './deal.ts';

/** Step 3: the dealer applies; what it wants financed is locked for this application alone. */
export async function apply(run: Run, deal: Deal): Promise<Applied> {
  const { project, dealer, actor } = deal;
  const application = await receiveApplication(run, deal);
  const no = application.applicationNo;
  await admitByRules(run, deal, application);
  const route = await routeFor(run, deal, application);
  const { account: payee, verification } = await run.record(
    'submit the application',
    async (tx) => {
      const account = await accountOf(tx, project.unit.id);
      const funder = route.funders[0]?.id ?? project.funder.id;
      await submitApplication(tx, { ...asked(run, deal, application, account.accountNo), funder }, actor);
      await adviseCase(tx, run.caseId);
      await keepEvidence(tx, run.caseId, 'N04 application', no, {
        amount: application.amount,
        documents: application.documents.map((d) => d.sha256),
      });
      return { account, verification: await verificationOf(tx, dealer.id) };
    },
    { undo: (tx) => withdrawApplication(tx, no, actor) },
  );
  return { ...application, no, askedAs: no, route, payee, verification };
}

type Received = Message<typeof portal.notices.applicationSubmitted.contract>;

/** One with all its papers. What lacks some goes back to the dealer, who is told which, and may hand in another one. */
async function receiveApplication(run: Run, deal: Deal): Promise<Received> {
  const { project, dealer, actor } = deal;
  for (;;) {
    const application = await run.wait(portal.notices.applicationSubmitted, {
      key: run.caseId,
      within: '10 working days',
      from: 'dealer',
    });
    if (application.borrowerUscc !== dealer.uscc) run.stop('returned', 'the applicant is not the buyer of the order');
    const missing = await run.record('look through the application', async (tx) => {
      const product = await configurationOf(tx, 'PRODUCT', project.productId);
      await recordDocuments(tx, run.caseId, application.documents);
      const lacks = await missingDocuments(tx, run.caseId, product.requiredDocuments);
      if (lacks.length === 0) return lacks;
      const account = await accountOf(tx, project.unit.id);
      const why = `材料不全，请补齐后重新提交 papers are missing: ${lacks.join(', ')}`;
      await returnApplication(tx, asked(run, deal, application, account.accountNo), why, actor);
      await adviseCase(tx, run.caseId, why);
      return lacks;
    });
    if (missing.length === 0) return application;
  }
}

function asked(run: Run, { project, order, dealer }: Deal, application: Received, payeeAccount: string) {
  return {
    ...application,
    no: application.applicationNo,
    caseId: run.caseId,
    orderNo: order.orderNo,
    sellerNo: order.seller.externalNo,
    product: project.productType,
    borrower: dealer.id,
    funder: project.funder.id,
    payeeAccount,
    productId: project.productId,
  };
}

/** The product's admission rules decide, and the decision stays with its reasons. What they cannot decide goes back, too. */
async function admitByRules(
  run: Run,
  { project, dealer }: Deal,
  application: { readonly applicationNo: string; amount: string; currency: string; tenorDays: number },
): Promise<void> {
  const decision = await run.record('decide by the admission rules', async (tx) => {
    const { outcome, refusals } = await decideByRules(
      tx,
      admissionRules[project.productType],
      application.applicationNo,
      {
        amount: application.amount,
        currency: application.currency,
        tenorDays: String(application.tenorDays),
        blacklisted: await isBlacklisted(tx, dealer.id),
      },
      run.caseId,
    );
    return { outcome, refusals };
  });
  if (decision.outcome === 'pass') return;
  const why = decision.refusals.length > 0 ? decision.refusals.join('; ') : 'the admission rules lack a fact';
  run.stop('returned', why);
}

/** Step 4: the project's funder decides; of several, one after the other until the first approves (F13). */
export async function place(run: Run, deal: Deal, application: Applied): Promise<Placed> {
  const placed =
    deal.project.funders.length > 1
      ? await askInTurn(run, deal, application)
      : { deal, application, terms: await decide(run, deal, application) };
  await tellResult(run, deal, application.no, new Date(placed.terms.validTo));
  return placed;
}

/** The funder receives the data package and posts its decision. */
async function decide(run: Run, deal: Deal, application: Applied): Promise<Terms> {
  const { project, actor } = deal;
  const system = project.systems.funder;
  const request = creditRequest(deal, application);
  const disclosed = disclosingTo(deal, request);
  await run.call(bank.operations.applyCredit, request, {
    system,
    before: async (tx) => {
      await move(tx, 'application', application.no, 'push', actor);
      await disclosed(tx);
    },
  });
  const decision = await decisionOf(run, system, application.no);
  const { terms } = decision;
  if (decision.verdict === 'rejected' || !terms) {
    await run.record('record the rejection', (tx) => move(tx, 'application', application.no, 'reject', actor));
    await tellResult(run, deal, application.no, after(run.now(), '10 days'));
    return run.stop('rejected', decision.reason ?? 'the funder rejected the application');
  }
  await run.record('record the approval', async (tx) => {
    await approveApplication(tx, application.no, decision.funderRef, terms, actor);
    await keepEvidence(tx, run.caseId, 'N05 decision', application.no, {
      decidedAt: decision.decidedAt,
      amount: terms.amount,
      rate: terms.rate,
      ...(terms.pledgeRate === undefined ? {} : { pledgeRate: terms.pledgeRate }),
    });
  });
  return { ...terms, funderRef: decision.funderRef };
}

/** Three working days for the funder; then it is chased, once, by whoever the operator sends (domain.md 2.15). */
async function decisionOf(run: Run, system: string, no: string) {
  const options = {
    key: no,
    within: '3 working days',
    from: system,
    poll: { operation: bank.operations.readDecision, system, every: '8 hours' },
  } as const;
  const late = (thrown: unknown) => {
    if (!isFailure(thrown) || thrown.type !== 'DEADLINE_PASSED') throw thrown;
  };
  const first = await run.wait(bank.notices.creditDecided, options).catch(late);
  if (first) return first;
  const chased = await run
    .ask('chase the funder', {
      title: { zh: '资方逾期未审批，请催办', en: 'the funder has not decided in time: chase it' },
      payload: { applicationNo: no, funder: system },
      within: '3 working days',
      roles: ['operator'],
    })
    .catch(late);
  if (chased?.decision === 'rejected')
    return run.stop('lapsed', 'the funder did not decide, and is waited for no more');
  const second = await run.wait(bank.notices.creditDecided, options).catch(late);
  return second ?? run.stop('lapsed', 'the funder did not decide');
}

/** Step 5: that there is a result, and until when it is good. What it is stands in the case: a text message is read by anybody. */
async function tellResult(run: Run, { project, dealer }: Deal, applicationNo: string, until: Date): Promise<void> {
  const no = `${numberFor('MS', run.caseId)}-${applicationNo.slice(-6)}`.replaceAll(/[^0-9A-Za-z_.-]/g, '');
  await textTo(run, {
    no,
    party: dealer.id,
    system: project.systems.sms,
    template: 'offerResult',
    params: { applicationNo, deadline: businessDate(until) },
  });
}
