/** Step 5: the contracts. */
import { esign } from '../../contracts/esign/esign.ts';
import { after, shanghaiTime } from '../../engine/calendar.ts';
import { type Run } from '../../engine/flow.ts';
import { completeEnvelope, draftEnvelope } from '../../ledger/financing/envelopes.ts';
import { numberFor } from '../../ledger/cases.ts';
import { keepEvidence } from '../../ledger/evidence.ts';
import { move } from '../../ledger/lifecycle.ts';
import { signerOf } from '../../ledger/parties/authorities.ts';
import { paper } from '../papers.ts';
import { disclosing, signing } from '../disclosures.ts';
import { isSecured, type Applied, type Deal, type Terms } from './deal.ts';

/** Step 5: the result is there for the dealer; loan contract, pledge contract where goods are pledged, and payment mandate are signed, funder first. */
export async function sign(run: Run, deal: Deal, application: Applied, terms: Terms): Promise<void> {
  const { project, order, dealer, actor } = deal;
  const envelopeNo = numberFor('EN', run.caseId);
  const secured = isSecured(deal);
  const facts = [
    `申请编号 ${application.no}`,
    `订单编号 ${order.orderNo}`,
    `${secured ? '借款人／出质人' : '借款人'} ${dealer.name} ${dealer.uscc}`,
    `${secured ? '贷款人／质权人' : '贷款人'} ${project.funder.name} ${project.funder.uscc}`,
    `金额 ${terms.amount} 元　年利率 ${terms.rate}　期限 ${terms.tenorDays} 天　计息 ${terms.dayCount}`,
  ];
  const papers = [
    paper('loan-contract.pdf', '借款合同', facts),
    ...(secured
      ? [
          paper('pledge-contract.pdf', '动产质押合同', [
            ...facts,
            `监管人 ${project.keeper.name}`,
            `质押率 ${terms.pledgeRate}`,
          ]),
        ]
      : []),
    paper('payment-mandate.pdf', '支付委托书', [
      ...facts,
      `受托支付收款人 ${application.payee.accountName} ${application.payee.accountNo}`,
    ]),
  ];
  const signers = await run.record('draft the envelope', async (tx) => {
    const documents = papers.map(({ fileName, sha256 }) => ({ fileName, sha256 }));
    await draftEnvelope(
      tx,
      {
        no: envelopeNo,
        applicationNo: application.no,
        documents,
        mandatePayee: application.payee.accountNo,
        signers: [project.funder.id, dealer.id],
      },
      actor,
    );
    const { amount } = terms;
    return {
      funder: await signerOf(tx, project.funder.id, { amount }),
      dealer: await signerOf(tx, dealer.id, { amount }),
    };
  });
  const request = {
    envelopeNo,
    title: `${secured ? '现货质押' : '信用'}融资合同 ${application.no}`,
    documents: papers,
    signers: [
      { order: 1, company: { name: project.funder.name, uscc: project.funder.uscc }, person: signers.funder },
      { order: 2, company: { name: dealer.name, uscc: dealer.uscc }, person: signers.dealer },
    ],
    deadline: shanghaiTime(after(run.now(), '7 days')),
  };
  // Each signer's name and telephone: who signs asked for it.
  const disclosed = [project.funder.id, dealer.id].map((party) =>
    disclosing(
      request,
      {
        party,
        recipient: project.systems.esign,
        purpose: 'signing',
        dataKinds: ['COMPANY', 'PERSON', 'CONTACT', 'FINANCE'],
        legalBasis: signing,
      },
      actor,
    ),
  );
  const started = await run.call(esign.operations.startEnvelope, request, {
    system: project.systems.esign,
    before: async (tx) => {
      for (const tell of disclosed) await tell(tx);
    },
    after: (tx, { vendorFlowId }) => move(tx, 'envelope', envelopeNo, 'send', actor, { vendor_flow_id: vendorFlowId }),
  });
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
