/** Steps 1 and 2: the deposit, the seller's undertaking, and the agreement of all four (四方协议). */
import { isFailure } from '../../contracts/failures.ts';
import { esign } from '../../contracts/esign/esign.ts';
import { fenOf } from '../../contracts/canonical/money.ts';
import { portal } from '../../contracts/portal/portal.ts';
import type { Message } from '../../contracts/contract.ts';
import { after, shanghaiTime } from '../../engine/calendar.ts';
import type { Run } from '../../engine/flow.ts';
import { adviseCase, closeCase, numberFor } from '../../ledger/cases.ts';
import { keepEvidence } from '../../ledger/evidence.ts';
import { completeEnvelope, draftEnvelope } from '../../ledger/financing/envelopes.ts';
import { agreeFuture, moveFuture, sellerNamed } from '../../ledger/goods/futureGoods.ts';
import { move, stateOf } from '../../ledger/lifecycle.ts';
import { signerOf } from '../../ledger/parties/authorities.ts';
import { disclosing, signing } from '../disclosures.ts';
import { paper } from '../papers.ts';
import type { Applied, Deal, Terms } from '../financing/deal.ts';

export type Deposit = Message<typeof portal.notices.depositReceived.contract>;
export type Undertaking = Message<typeof portal.notices.sellerUndertook.contract>;

/** Of the price, at least: the buyer has something to lose (首付比例 20 %). */
const leastShare = { of: 100n, is: 20n };

/** Step 1: the seller has the buyer's deposit, or there is no business. */
export async function receiveDeposit(run: Run, deal: Deal): Promise<Deposit> {
  const deposit = await run
    .wait(portal.notices.depositReceived, { key: run.caseId, within: '3 days', from: 'mill' })
    .catch(async (thrown: unknown) => {
      if (!isFailure(thrown) || thrown.type !== 'DEADLINE_PASSED') throw thrown;
      await run.record('the deposit did not come', (tx) => closeCase(tx, run.caseId, 'lapsed'));
      return run.stop('lapsed', 'the deposit was not received within three days');
    });
  if (fenOf(deposit.amount) * leastShare.of < fenOf(deal.order.total) * leastShare.is) {
    await run.record('the deposit is too small', (tx) => closeCase(tx, run.caseId, 'ended'));
    return run.stop('returned', `the deposit ${deposit.amount} is less than a fifth of ${deal.order.total}`);
  }
  await run.record('record the deposit', async (tx) => {
    await keepEvidence(tx, run.caseId, 'N15 bank receipt', deposit.depositNo, {
      amount: deposit.amount,
      statementRef: deposit.statementRef,
    });
  });
  return deposit;
}

/** Whoever sells is who is paid: the mill stands where a trading unit stands in other products. */
export async function soldBy(run: Run, deal: Deal, deposit: Deposit): Promise<Deal> {
  const seller = await run.record('who sells', (tx) => sellerNamed(tx, deposit.seller.uscc));
  return { ...deal, project: { ...deal.project, unit: seller } };
}

/** Step 2: the seller says by when it delivers, and that it pays back what it does not deliver. Without that, no product. */
export async function undertake(run: Run, deal: Deal): Promise<Undertaking> {
  const said = await run.wait(portal.notices.sellerUndertook, {
    key: run.caseId,
    within: '5 working days',
    from: 'mill',
  });
  if (!said.refundClause) {
    const why = said.reason ?? 'the seller does not take the duty to pay back';
    await run.record('the product is not available', (tx) => adviseCase(tx, run.caseId, `卖方不同意退款条款 ${why}`));
    return run.stop('unavailable', why);
  }
  if (said.seller.uscc !== deal.project.unit.uscc)
    return run.stop('unavailable', 'it is another seller who undertakes than the one who was paid');
  if (said.warehouse !== deal.project.warehouse)
    return run.stop('unavailable', `the seller delivers to ${said.warehouse}, which is not supervised`);
  await run.record('record the undertaking', (tx) =>
    keepEvidence(tx, run.caseId, 'N03 trade data', said.undertakingNo, {
      deliverBy: said.deliverBy,
      document: said.documentSha256,
    }),
  );
  return said;
}

/** Dealer, seller, funder and warehouse sign, in that order; then the right to the goods stands in the books. */
export async function signByFour(
  run: Run,
  deal: Deal,
  application: Applied,
  terms: Terms,
  agreed: { readonly deposit: Deposit; readonly undertaking: Undertaking },
): Promise<string> {
  const { project, dealer, actor } = deal;
  const envelopeNo = numberFor('EN', run.caseId);
  const papers = papersOf(deal, application, terms, agreed);
  const four = [dealer, project.unit, project.funder, project.keeper];
  const people = await run.record('draft the envelope', async (tx) => {
    const documents = papers.map(({ fileName, sha256 }) => ({ fileName, sha256 }));
    const { accountNo: mandatePayee } = application.payee;
    const signers = four.map(({ id }) => id);
    await draftEnvelope(tx, { no: envelopeNo, applicationNo: application.no, documents, mandatePayee, signers }, actor);
    const persons = [];
    for (const { id } of four) persons.push(await signerOf(tx, id, { amount: terms.amount }));
    return persons;
  });
  const request = {
    envelopeNo,
    title: `未来货权融资四方协议 ${application.no}`,
    documents: papers,
    signers: four.map(({ name, uscc }, i) => ({ order: i + 1, company: { name, uscc }, person: at(people, i) })),
    deadline: shanghaiTime(after(run.now(), '7 days')),
  };
  const flowId = await startEnvelope(run, deal, envelopeNo, request, four);
  const fetched = await run.call(
    esign.operations.fetchDocuments,
    { vendorFlowId: flowId, documents: papers.map(({ fileName, sha256 }) => ({ fileName, sha256 })) },
    { system: project.systems.esign },
  );
  const futureNo = numberFor('FG', run.caseId);
  await run.record(
    'record the agreement of four',
    async (tx) => {
      await completeEnvelope(tx, envelopeNo, application.no, fetched.documents, actor);
      await agreeFuture(tx, rightOf(deal, application, agreed, futureNo), actor);
      await keepEvidence(tx, run.caseId, 'N09 signed contract', envelopeNo, {
        files: fetched.documents.map((d) => d.sha256),
      });
    },
    {
      undo: async (tx) => {
        const state = await stateOf(tx, 'future_goods', futureNo);
        if (state === 'AGREED' || state === 'REGISTERED') await moveFuture(tx, futureNo, 'lapse', actor);
      },
    },
  );
  return futureNo;
}

async function startEnvelope(
  run: Run,
  { project, actor }: Deal,
  envelopeNo: string,
  request: Message<typeof esign.operations.startEnvelope.request>,
  four: readonly { readonly id: string }[],
): Promise<string> {
  const system = project.systems.esign;
  const dataKinds = ['COMPANY', 'PERSON', 'CONTACT', 'FINANCE'] as const;
  const disclosed = four.map(({ id: party }) =>
    disclosing(request, { party, recipient: system, purpose: 'signing', dataKinds, legalBasis: signing }, actor),
  );
  const { vendorFlowId } = await run.call(esign.operations.startEnvelope, request, {
    system,
    before: async (tx) => {
      for (const tell of disclosed) await tell(tx);
    },
    after: (tx, started) => move(tx, 'envelope', envelopeNo, 'send', actor, { vendor_flow_id: started.vendorFlowId }),
  });
  const finished = await run.wait(esign.notices.envelopeFinished, {
    key: envelopeNo,
    within: '8 days',
    from: system,
    poll: { operation: esign.operations.readEnvelope, system, every: '12 hours', final: (m) => m.status !== 'signing' },
  });
  if (finished.status !== 'completed') {
    await run.record('record the end of the envelope', (tx) =>
      move(tx, 'envelope', envelopeNo, finished.status === 'expired' ? 'expire' : 'refuse', actor),
    );
    run.stop('returned', `the agreement was not signed by all four: ${finished.status}`);
  }
  return vendorFlowId;
}

function papersOf(
  { project, order, dealer }: Deal,
  application: Applied,
  terms: Terms,
  { deposit, undertaking }: { readonly deposit: Deposit; readonly undertaking: Undertaking },
) {
  const facts = [
    `申请编号 ${application.no}　订单编号 ${order.orderNo}`,
    `借款人／买方 ${dealer.name} ${dealer.uscc}`,
    `卖方 ${project.unit.name} ${project.unit.uscc}`,
    `贷款人／质权人 ${project.funder.name} ${project.funder.uscc}`,
    `监管人 ${project.keeper.name}　指定仓库 ${undertaking.warehouse}`,
    `首付保证金 ${deposit.amount} 元　融资金额 ${terms.amount} 元　年利率 ${terms.rate}　期限 ${terms.tenorDays} 天`,
  ];
  return [
    paper('loan-contract.pdf', '借款合同', facts),
    paper('four-party-agreement.pdf', '四方合作协议', [
      ...facts,
      `交货期限 ${undertaking.deliverBy}`,
      '卖方未按期足额交货的，应将相应货款退至贷款人账户，用于归还借款。',
      '货物入库后签发电子仓单，背书质押给贷款人。',
    ]),
    paper('payment-mandate.pdf', '支付委托书', [
      ...facts,
      `受托支付收款人 ${application.payee.accountName} ${application.payee.accountNo}`,
    ]),
  ];
}

function rightOf(
  { order, project }: Deal,
  application: Applied,
  { deposit, undertaking }: { readonly deposit: Deposit; readonly undertaking: Undertaking },
  no: string,
) {
  return {
    no,
    applicationNo: application.no,
    seller: project.unit.id,
    deliverBy: undertaking.deliverBy,
    deposit,
    undertakingSha256: undertaking.documentSha256,
    lines: order.lines,
  };
}

function at<T>(list: readonly T[], i: number): T {
  const item = list[i];
  if (item === undefined) throw new Error(`there is no item ${i}`);
  return item;
}
