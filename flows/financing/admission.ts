/** Steps 1 and 2: order, dealer, documents. */
import type { Message } from '../../contracts/contract.ts';
import { cfca } from '../../contracts/cfca/cfca.ts';
import { clearing } from '../../contracts/clearing/clearing.ts';
import { isFailure } from '../../contracts/failures.ts';
import { type Registration } from '../../contracts/portal/financing.ts';
import { portal } from '../../contracts/portal/portal.ts';
import { sap } from '../../contracts/sap/sap.ts';
import { after, businessDate } from '../../engine/calendar.ts';
import { type Run } from '../../engine/flow.ts';
import { abandonCase, adviseCase, describeCase, numberFor } from '../../ledger/cases.ts';
import { keepEvidence } from '../../ledger/evidence.ts';
import { authorise } from '../../ledger/parties/authorities.ts';
import { invite, useInvitation } from '../../ledger/parties/invitations.ts';
import type { DataKind } from '../../ledger/parties/consents.ts';
import { partyByRef, registerDealer } from '../../ledger/parties/parties.ts';
import { recordVerification, requestVerification } from '../../ledger/parties/verifications.ts';
import { projectOf, type Project } from '../../ledger/configuration/projects.ts';
import { recordDocuments, recordOrder } from '../../ledger/trade/orders.ts';
import { disclosing, messageSha256 } from '../disclosures.ts';
import { cardFactors, companyFactors, verifying } from '../onboarding/factors.ts';
import type { Deal, Order } from './deal.ts';

/** Step 1: the ERP confirms what was pushed; the dealer is invited, registers and is verified. */
export async function admit(run: Run, order: Order): Promise<Deal> {
  const actor = `run:${run.id}`;
  const project = await run.record('choose the project', (tx) => projectOf(tx, order.seller.externalNo), {
    // However far it came.
    undo: (tx) => abandonCase(tx, run.caseId),
  });
  const { systems } = project;
  const erp = await run
    .call(sap.operations.readOrder, { orderNo: order.orderNo }, { system: systems.erp })
    .catch((thrown: unknown) => {
      if (isFailure(thrown) && thrown.type === 'ORDER_NOT_IN_ERP') return run.stop('returned', thrown.message);
      throw thrown;
    });
  const openItems = await run.call(
    sap.operations.readOpenItems,
    { companyCode: project.companyCode, customerNo: order.buyer.externalNo, keyDate: businessDate(run.now()) },
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
    if (party.state !== 'ACTIVE') {
      const expiresAt = after(run.now(), '14 days');
      await invite(
        tx,
        { caseId: run.caseId, party: party.id, expiresAt, inviter: project.unit.id, project: project.id },
        actor,
      );
    }
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
  const id = await register(run, project, dealer.id, registration, actor);
  await verify(run, project, registration, id, actor);
  return {
    project,
    order,
    dealer: { id, name: registration.name, uscc: registration.uscc },
    openItemsTotal: openItems.total,
    actor,
  };
}

/** What is asked of the sources, by the numbers under which they know it. */
function requests(caseId: string) {
  return [
    { kind: 'ENT4', requestNo: numberFor('VE', caseId), factors: ['name', 'uscc', 'legalRepName', 'legalRepIdNo'] },
    { kind: 'BANK4', requestNo: numberFor('VB', caseId), factors: ['name', 'idNo', 'cardNo', 'phone'] },
    { kind: 'ORG_ACCT', requestNo: numberFor('VA', caseId), factors: ['name', 'uscc', 'account'] },
  ] as const;
}

type Registered = Message<typeof Registration>;

/** Whose account it is said to be: the question to the bank. */
function ownerOf(caseId: string, { name, uscc, account }: Registered) {
  const [, , proof] = requests(caseId);
  return { requestNo: proof.requestNo, company: { name, uscc }, account };
}

/** Who it is, who acts for it, what it agrees to; and what is going to be asked about it. Returns the party. */
async function register(
  run: Run,
  project: Project,
  invited: string,
  registration: Registered,
  actor: string,
): Promise<string> {
  return run
    .record('register the dealer', async (tx) => {
      await useInvitation(tx, run.caseId, registration.invitationCode, registration.uscc, actor);
      const party = await registerDealer(tx, invited, registration, actor);
      // The company's signed command is what names its agent.
      await authorise(tx, party, registration.agent, { sha256: messageSha256(registration) }, actor);
      for (const request of requests(run.caseId)) await requestVerification(tx, party, request, actor);
      // A query has no intent with which it could be written down.
      await disclosing(
        ownerOf(run.caseId, registration),
        verifying(party, project.systems.clearing, ['COMPANY', 'ACCOUNT']),
        actor,
      )(tx);
      await keepEvidence(tx, run.caseId, 'N01 consent', registration.uscc, {
        recipients: registration.consents.map((c) => c.recipient),
      });
      return party;
    })
    .catch((thrown: unknown) => {
      // Three answers that did not match lock the company for a day.
      if (isFailure(thrown) && thrown.type === 'IDV_MISMATCH') return run.stop('returned', thrown.message);
      throw thrown;
    });
}

/** Enterprise four factors, the agent's bankcard four factors, and proof of the account: three sources at once. */
async function verify(
  run: Run,
  project: Project,
  registration: Registered,
  party: string,
  actor: string,
): Promise<void> {
  const { agent, account } = registration;
  const [company, person, proof] = requests(run.caseId);
  const { identity } = project.systems;
  const factors = companyFactors(company.requestNo, registration);
  const card = cardFactors(person.requestNo, agent, agent.cardNo);
  const owner = ownerOf(run.caseId, registration);
  const disclosed = (message: unknown, dataKinds: readonly DataKind[]) =>
    disclosing(message, verifying(party, identity, dataKinds), actor);
  const { enterprise, bankcard, accountProof } = await run.all('verify the dealer', {
    enterprise: (r) =>
      r.call(cfca.operations.verifyEnterprise, factors, {
        system: identity,
        before: disclosed(factors, ['COMPANY', 'PERSON']),
      }),
    bankcard: (r) =>
      r.call(cfca.operations.verifyBankcard, card, {
        system: identity,
        before: disclosed(card, ['PERSON', 'CONTACT', 'ACCOUNT']),
      }),
    accountProof: (r) => r.call(clearing.operations.checkAccount, owner, { system: project.systems.clearing }),
  });
  const results = [
    { kind: company.kind, ...enterprise },
    { kind: person.kind, ...bankcard },
    { kind: proof.kind, ...accountProof },
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

/** Step 2: the unit hands in the purchase contract and the three-party supervision agreement; what is not in order goes back. */
export async function collectDocuments(run: Run, deal: Deal): Promise<void> {
  for (;;) {
    const papers = await run.wait(portal.notices.documentsSubmitted, {
      key: run.caseId,
      within: '10 working days',
      from: 'unit',
    });
    const wrong = wrongIn(papers, deal);
    await run.record(wrong === undefined ? 'record the documents' : 'return the documents', async (tx) => {
      await adviseCase(tx, run.caseId, wrong);
      if (wrong !== undefined) return;
      await recordDocuments(tx, run.caseId, papers.documents);
      await keepEvidence(tx, run.caseId, 'N03 trade data', papers.contractNo, {
        documents: papers.documents.map((d) => d.sha256),
        warehouse: deal.project.warehouse,
      });
    });
    if (wrong === undefined) return;
  }
}

type Papers = Message<typeof portal.notices.documentsSubmitted.contract>;

/** In the words in which the unit is told what to hand in again. */
function wrongIn({ documents, supervision }: Papers, { project, dealer }: Deal): string | undefined {
  const needed =
    project.productType === 'SPOT_PLEDGE' ? ['purchaseContract', 'supervisionAgreement'] : ['purchaseContract'];
  const missing = needed.filter((type) => !documents.some((document) => document.type === type));
  if (missing.length > 0) return `请补交 hand in: ${missing.join(', ')}`;
  if (project.productType !== 'SPOT_PLEDGE') return undefined;
  // 担保制度解释 55: the goods are delivered when the supervisor holds them on the creditor's behalf, and is not the pledgor's man.
  if (!supervision?.principals.some(({ uscc }) => uscc === project.funder.uscc))
    return `监管协议须以债权人${project.funder.name}为委托人，请重签后提交 the supervision agreement must name the creditor as principal of the supervisor`;
  if (supervision.supervisor.uscc !== project.keeper.uscc || supervision.supervisor.uscc === dealer.uscc)
    return `监管协议的监管人须为${project.keeper.name} the supervision agreement must be with the keeper of the project`;
  return undefined;
}
