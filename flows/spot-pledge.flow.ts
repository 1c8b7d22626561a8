/**
 * F3 spot pledge (现货质押), steps 1–8: from the trading unit's order to the disbursed loan.
 * Guards are evaluated where the money moves, not where the case was approved.
 */
import type { Message } from '../contracts/contract.ts';
import { bank } from '../contracts/bank/bank.ts';
import { cfca } from '../contracts/cfca/cfca.ts';
import { clearing } from '../contracts/clearing/clearing.ts';
import { esign } from '../contracts/esign/esign.ts';
import { isFailure } from '../contracts/failures.ts';
import { portal, type Registration } from '../contracts/portal/portal.ts';
import { price } from '../contracts/price/price.ts';
import { registry } from '../contracts/registry/registry.ts';
import { sap, TradeOrder } from '../contracts/sap/sap.ts';
import { wms, type ControlConfirmed } from '../contracts/wms/wms.ts';
import { after, businessDate, shanghaiTime } from '../engine/calendar.ts';
import { flow, type Run } from '../engine/flow.ts';
import {
  approveApplication,
  completeEnvelope,
  draftEnvelope,
  submitApplication,
  withdrawApplication,
} from '../ledger/applications.ts';
import { closeCase, describeCase, numberFor } from '../ledger/cases.ts';
import { keepEvidence } from '../ledger/evidence.ts';
import { guardDisbursement, guardUnfunded } from '../ledger/guards.ts';
import { move } from '../ledger/lifecycle.ts';
import { activateLoan, failPayment, instructPayment } from '../ledger/money.ts';
import {
  accountOf,
  authorise,
  invite,
  partyById,
  partyByRef,
  recordVerification,
  registerDealer,
  signerOf,
  useInvitation,
} from '../ledger/parties.ts';
import {
  cancelPledge,
  keepQuote,
  pledgeValue,
  receiveLots,
  recordRegistration,
  requestPledge,
  submitRegistration,
} from '../ledger/pledges.ts';
import { projectOf, type Project } from '../ledger/projects.ts';
import { recordDocuments, recordOrder, requireDocuments } from '../ledger/trade.ts';
import { anchorCase } from './anchoring.ts';
import { withdrawRegistration } from './registration.ts';
import { paper } from './papers.ts';
import { lowerPrice, shareOf } from './terms.ts';
import { pledgeSteps } from './steps.ts';

type Order = Message<typeof TradeOrder>;

/** Who borrows, and on what: what the later steps of one case share. */
interface Deal {
  readonly project: Project;
  readonly order: Order;
  readonly dealer: { readonly id: string; readonly name: string; readonly uscc: string };
  readonly actor: string;
}

export const spotPledge = flow({
  name: 'spot-pledge',
  version: 1,
  title: { zh: '现货质押融资', en: 'Spot pledge' },
  input: TradeOrder,
  startedBy: [sap.notices.orderPlaced.name, portal.notices.orderPlaced.name],
  keyOf: (order) => order.orderNo,
  caseOf: (order) => ({ key: order.orderNo, title: '现货质押' }),
  milestones: pledgeSteps,
  async body(run, order) {
    const deal = await admit(run, order);
    await run.milestone(1);
    await collectDocuments(run, deal);
    await run.milestone(2);
    const application = await apply(run, deal);
    await run.milestone(3);
    const terms = await decide(run, deal, application);
    await run.milestone(4);
    await sign(run, deal, application, terms);
    await run.milestone(5);
    const lots = await receiveGoods(run, deal, application);
    await run.milestone(6);
    await pledge(run, deal, application, terms, lots);
    await run.milestone(7);
    const loanNo = await disburse(run, deal, application, terms);
    await run.milestone(8);
    return { outcome: 'disbursed', detail: `loan ${loanNo}` };
  },
});

/** Step 1: the ERP confirms what was pushed; the dealer is invited, registers and is verified. */
async function admit(run: Run, order: Order): Promise<Deal> {
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
      { ...order, caseId: run.caseId, sellerNo: order.seller.externalNo, buyer: party.id, lines: order.lines as never },
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
    return { project, order, dealer: { id: dealer.id, name: dealer.name, uscc: dealer.uscc }, actor };
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
  return { project, order, dealer: { id, name: registration.name, uscc: registration.uscc }, actor };
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
async function collectDocuments(run: Run, deal: Deal): Promise<void> {
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

interface Applied {
  readonly no: string;
  readonly amount: string;
  readonly currency: string;
  readonly tenorDays: number;
  readonly purpose: string;
  readonly payee: {
    readonly accountName: string;
    readonly accountNo: string;
    readonly bankName: string;
    readonly bankCode: string;
  };
  readonly documents: readonly { type: string; name: string; sha256: string }[];
}

/** Step 3: the dealer applies; what it wants financed is locked for this application alone. */
async function apply(run: Run, { project, order, dealer, actor }: Deal): Promise<Applied> {
  const application = await run.wait(portal.notices.applicationSubmitted, {
    key: run.caseId,
    within: '10 working days',
    from: 'dealer',
  });
  if (application.borrowerUscc !== dealer.uscc) run.stop('returned', 'the applicant is not the buyer of the order');
  const no = application.applicationNo;
  const payee = await run.record(
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
      return account;
    },
    {
      undo: async (tx) => {
        await withdrawApplication(tx, no, actor);
        await closeCase(tx, run.caseId, 'ended');
      },
    },
  );
  return { ...application, no, payee };
}

type Terms = NonNullable<Message<typeof bank.notices.creditDecided.contract>['terms']> & { readonly funderRef: string };

/** Step 4: the funder receives the data package and posts its decision. */
async function decide(run: Run, { project, order, dealer, actor }: Deal, application: Applied): Promise<Terms> {
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
      verification: { enterprise: 'match', agent: 'match' },
      openItemsTotal: '0.00',
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

/** Step 5: the result is there for the dealer; loan contract, pledge contract and payment mandate are signed, funder first. */
async function sign(
  run: Run,
  { project, order, dealer, actor }: Deal,
  application: Applied,
  terms: Terms,
): Promise<void> {
  const envelopeNo = numberFor('EN', run.caseId);
  const facts = [
    `申请编号 ${application.no}`,
    `订单编号 ${order.orderNo}`,
    `借款人／出质人 ${dealer.name} ${dealer.uscc}`,
    `贷款人／质权人 ${project.funder.name} ${project.funder.uscc}`,
    `金额 ${terms.amount} 元　年利率 ${terms.rate}　期限 ${terms.tenorDays} 天　计息 ${terms.dayCount}`,
  ];
  const papers = [
    paper('loan-contract.pdf', '借款合同', facts),
    paper('pledge-contract.pdf', '动产质押合同', [
      ...facts,
      `监管人 ${project.keeper.name}`,
      `质押率 ${terms.pledgeRate}`,
    ]),
    paper('payment-mandate.pdf', '支付委托书', [
      ...facts,
      `受托支付收款人 ${application.payee.accountName} ${application.payee.accountNo}`,
    ]),
  ];
  const signers = await run.record('draft the envelope', async (tx) => {
    const documents = papers.map(({ fileName, sha256 }) => ({ fileName, sha256 }));
    await draftEnvelope(
      tx,
      { no: envelopeNo, applicationNo: application.no, documents, mandatePayee: application.payee.accountNo },
      actor,
    );
    return { funder: await signerOf(tx, project.funder.id), dealer: await signerOf(tx, dealer.id) };
  });
  const started = await run.call(
    esign.operations.startEnvelope,
    {
      envelopeNo,
      title: `现货质押融资合同 ${application.no}`,
      documents: papers,
      signers: [
        { order: 1, company: { name: project.funder.name, uscc: project.funder.uscc }, person: signers.funder },
        { order: 2, company: { name: dealer.name, uscc: dealer.uscc }, person: signers.dealer },
      ],
      deadline: shanghaiTime(after(run.now(), '7 days')),
    },
    {
      system: project.systems.esign,
      after: (tx, { vendorFlowId }) =>
        move(tx, 'envelope', envelopeNo, 'send', actor, { vendor_flow_id: vendorFlowId }),
    },
  );
  const finished = await run.wait(esign.notices.envelopeFinished, {
    key: envelopeNo,
    within: '8 days',
    from: project.systems.esign,
    poll: {
      operation: esign.operations.readEnvelope,
      system: project.systems.esign,
      every: '12 hours',
      final: (m) => m.status !== 'signing',
    },
  });
  if (finished.status !== 'completed') {
    await run.record('record the end of the envelope', (tx) =>
      move(tx, 'envelope', envelopeNo, finished.status === 'expired' ? 'expire' : 'refuse', actor),
    );
    run.stop('returned', `the contracts were not signed: ${finished.status}`);
  }
  const fetched = await run.call(
    esign.operations.fetchDocuments,
    { vendorFlowId: started.vendorFlowId, documents: papers.map(({ fileName, sha256 }) => ({ fileName, sha256 })) },
    { system: project.systems.esign },
  );
  await run.record('record the signed contracts', async (tx) => {
    await completeEnvelope(tx, envelopeNo, application.no, fetched.documents, actor);
    await keepEvidence(tx, run.caseId, 'N09 signed contract', envelopeNo, {
      files: fetched.documents.map((d) => d.sha256),
    });
  });
}

type Lots = Message<typeof ControlConfirmed>['lots'];

/** Step 6: the warehouse is told what comes and says what came. */
async function receiveGoods(run: Run, { project, order, dealer, actor }: Deal, application: Applied): Promise<Lots> {
  const noticeNo = numberFor('IN', run.caseId);
  await run.call(
    wms.operations.announceInbound,
    {
      noticeNo,
      warehouseCode: project.warehouse,
      ownerCode: dealer.uscc,
      orderNo: order.orderNo,
      lines: order.lines.map((l) => ({
        lineNo: l.lineNo,
        materialCode: l.materialCode,
        name: l.description ?? l.materialCode,
        quantity: l.quantity,
        unit: l.unit,
      })),
    },
    { system: project.systems.warehouse },
  );
  const received = await run.wait(wms.notices.goodsReceived, {
    key: noticeNo,
    within: '10 working days',
    from: project.systems.warehouse,
  });
  await run.record('record the lots', async (tx) => {
    await receiveLots(tx, project.warehouse, dealer.id, received.lots);
    await move(tx, 'application', application.no, 'ready', actor);
  });
  return received.lots;
}

/** Step 7: lock, control and receipt at the warehouse; search and registration; the receipt into the funder's custody. */
async function pledge(run: Run, deal: Deal, application: Applied, terms: Terms, lots: Lots): Promise<void> {
  const { project, order, dealer, actor } = deal;
  const pledgeNo = numberFor('PL', run.caseId);
  const company = ({ name, uscc }: { name: string; uscc: string }) => ({ name, uscc });
  const quotes = new Map<string, { price: string; asOf: string }>();
  for (const materialCode of [...new Set(lots.map((lot) => lot.materialCode))].toSorted()) {
    const unit = lots.find((lot) => lot.materialCode === materialCode)?.unit ?? 'TNE';
    const quote = await run.call(price.operations.quote, { materialCode, unit }, { system: project.systems.price });
    await run.record('keep the quote', (tx) => keepQuote(tx, quote));
    quotes.set(materialCode, quote);
  }
  const items = lots.map((lot) => {
    const contractPrice = order.lines.find((line) => line.materialCode === lot.materialCode)?.unitPrice;
    const quote = quotes.get(lot.materialCode);
    return { ...lot, price: lowerPrice(contractPrice, quote?.price), priceAt: quote?.asOf ?? '' };
  });
  const securedAmount = terms.amount;
  await run.record(
    'request the pledge',
    (tx) =>
      requestPledge(
        tx,
        {
          no: pledgeNo,
          applicationNo: application.no,
          pledgor: dealer.id,
          pledgee: project.funder.id,
          supervisor: project.keeper.id,
          securedAmount,
          pledgeRate: terms.pledgeRate,
          items,
        },
        actor,
      ),
    { undo: (tx) => cancelPledge(tx, pledgeNo, actor) },
  );
  const place = { warehouseCode: project.warehouse, ownerCode: dealer.uscc };
  await run.call(
    wms.operations.lockStock,
    { pledgeNo, ...place, pledgee: company(project.funder), lots },
    {
      system: project.systems.warehouse,
      before: (tx) => move(tx, 'pledge', pledgeNo, 'askLock', actor),
      after: (tx, { lockNo }) => move(tx, 'pledge', pledgeNo, 'lock', actor, { lock_no: lockNo }),
      undo: async (r) => {
        await r.call(
          wms.operations.unlockStock,
          { pledgeNo, ...place, lots, reason: 'the financing did not come about' },
          { system: project.systems.warehouse, before: (tx) => guardUnfunded(tx, application.no) },
        );
      },
    },
  );
  const control = await run.wait(wms.notices.controlConfirmed, {
    key: pledgeNo,
    within: '5 working days',
    from: project.systems.warehouse,
  });
  await run.record('record the control', async (tx) => {
    const { receiptNo, sealSha256 } = control.receipt;
    await move(tx, 'pledge', pledgeNo, 'control', actor, {
      receipt_no: receiptNo,
      receipt_sha256: sealSha256,
      control_at: control.confirmedAt,
    });
    await keepEvidence(tx, run.caseId, 'N12 receipt issued', receiptNo, { seal: sealSha256 });
    await keepEvidence(tx, run.caseId, 'N13 control', pledgeNo, {
      supervisor: control.supervisor.uscc,
      at: control.confirmedAt,
    });
  });
  const registered = await register(run, deal, application, terms, pledgeNo, control.receipt.receiptNo);
  const value = await run.record('value the pledge', (tx) => pledgeValue(tx, pledgeNo));
  await run.call(
    bank.operations.deliverCollateral,
    {
      pledgeNo,
      applicationNo: application.no,
      warehouseReceiptNo: control.receipt.receiptNo,
      receiptSha256: control.receipt.sealSha256,
      registrationNo: registered,
      supervisor: company(control.supervisor),
      lots,
      value,
    },
    {
      system: project.systems.funder,
      after: (tx, { custodyNo }) => move(tx, 'pledge', pledgeNo, 'takeCustody', actor, { custody_no: custodyNo }),
    },
  );
}

/** Search by the pledgor's exact name, then register: priority is by time (民法典 768). */
async function register(
  run: Run,
  { project, dealer, actor }: Deal,
  application: Applied,
  terms: Terms,
  pledgeNo: string,
  receiptNo: string,
): Promise<string> {
  const system = project.systems.registry;
  const search = await run.call(registry.operations.search, { debtorName: dealer.name }, { system });
  const collision = search.hits.find((hit) => hit.description.includes(receiptNo));
  if (collision) run.stop('returned', `the goods are registered already under ${collision.registrationNo}`);
  const requestNo = numberFor('RG', run.caseId);
  await run.call(
    registry.operations.register,
    {
      requestNo,
      business: 'warehouseReceiptPledge',
      pledgor: { name: dealer.name, uscc: dealer.uscc },
      pledgee: { name: project.funder.name, uscc: project.funder.uscc },
      contractNo: application.no,
      securedAmount: terms.amount,
      termMonths: 12,
      description: `仓单质押，仓单编号 ${receiptNo}，质押编号 ${pledgeNo}`,
    },
    {
      system,
      before: (tx) =>
        submitRegistration(
          tx,
          { requestNo, pledgeNo, searchNo: search.searchNo, searchedAt: search.searchedAt },
          actor,
        ),
      undo: (r) => withdrawRegistration(r, system, { applicationNo: application.no, requestNo }, actor),
    },
  );
  const registered = await run.wait(registry.notices.registered, {
    key: requestNo,
    within: '2 working days',
    from: system,
    poll: { operation: registry.operations.readRegistration, system, every: '4 hours' },
  });
  const { registrationNo } = registered;
  await run.record('record the registration', async (tx) => {
    await recordRegistration(tx, registered, actor);
    await move(tx, 'pledge', pledgeNo, 'register', actor, { registration_no: registrationNo });
    await keepEvidence(tx, run.caseId, 'N11 registration', registrationNo, {
      certificate: registered.certificateSha256,
    });
  });
  return registrationNo;
}

/** Step 8: every guard is green in the transaction that commits the instruction, or nothing is sent. */
async function disburse(
  run: Run,
  { project, order, dealer, actor }: Deal,
  application: Applied,
  terms: Terms,
): Promise<string> {
  const system = project.systems.funder;
  const instructionNo = numberFor('DB', run.caseId);
  const amount = await run.record('fix the amount', async (tx) => {
    const value = await pledgeValue(tx, numberFor('PL', run.caseId));
    return shareOf(value, terms.pledgeRate, terms.amount);
  });
  const instructed = run.call(
    bank.operations.disburse,
    {
      instructionNo,
      applicationNo: application.no,
      funderRef: terms.funderRef,
      loanContractNo: application.no,
      mandateNo: numberFor('EN', run.caseId),
      borrower: { name: dealer.name, uscc: dealer.uscc },
      payee: application.payee,
      amount,
      currency: application.currency,
      orderNo: order.orderNo,
      postscript: `货款 ${order.orderNo}`,
    },
    {
      system,
      before: async (tx) => {
        await guardDisbursement(tx, application.no, application.payee.accountNo, amount);
        await instructPayment(
          tx,
          {
            no: instructionNo,
            purpose: 'DISBURSE',
            applicationNo: application.no,
            payee: application.payee.accountNo,
            amount,
            currency: application.currency,
          },
          actor,
        );
        await keepEvidence(tx, run.caseId, 'N14 disbursement instruction', instructionNo, { amount });
      },
      after: (tx) => move(tx, 'payment', instructionNo, 'accept', actor),
    },
  );
  await instructed.catch(async (thrown: unknown) => {
    await run.record('record the refused payment', (tx) => failPayment(tx, instructionNo, 'failed', actor));
    throw thrown;
  });
  const settled = await run.wait(bank.notices.disbursementSettled, {
    key: instructionNo,
    within: '3 working days',
    from: system,
    poll: { operation: bank.operations.readSettlement, system, every: '2 hours' },
  });
  const { loan } = settled;
  if (settled.status !== 'succeeded' || !loan) {
    const outcome = settled.status === 'returned' ? 'returned' : 'failed';
    await run.record('record the failed payment', (tx) => failPayment(tx, instructionNo, outcome, actor));
    return run.stop('failed', settled.reason ?? `the payment ${settled.status}`);
  }
  await run.record('record the loan', async (tx) => {
    await activateLoan(
      tx,
      {
        ...loan,
        no: loan.loanNo,
        applicationNo: application.no,
        paymentNo: instructionNo,
        serialNo: settled.bankSerial,
        settledAt: settled.settledAt,
      },
      actor,
    );
    await keepEvidence(tx, run.caseId, 'N15 bank receipt', instructionNo, {
      bankSerial: settled.bankSerial ?? '',
      loanNo: loan.loanNo,
      amount: settled.amount,
    });
  });
  await anchorCase(run, project.systems.evidence);
  return loan.loanNo;
}
