/**
 * Step 6 (电子签约): each funder's contract is signed by the funder, the supplier and the debtor, in this order. No funder sees the
 * contract of another one (I-30). What was not signed is superseded: by another envelope, or by another offer.
 */
import { esign } from '../../contracts/esign/esign.ts';
import { isFailure } from '../../contracts/failures.ts';
import { after, shanghaiTime } from '../../engine/calendar.ts';
import type { Run } from '../../engine/flow.ts';
import { keepEvidence } from '../../ledger/evidence.ts';
import { completeEnvelope, draftEnvelope, supersedeEnvelope } from '../../ledger/financing/envelopes.ts';
import { move } from '../../ledger/lifecycle.ts';
import type { Slice } from '../../ledger/financing/slices.ts';
import { signerOf } from '../../ledger/parties/authorities.ts';
import { accountOf } from '../../ledger/parties/accounts.ts';
import type { Confirmed } from './confirmation.ts';
import { disclosing, signing } from '../disclosures.ts';
import { paper, type Paper } from '../papers.ts';
import { inTime, sliceNo, type Agreed, type Deal } from './deal.ts';
import { escalate } from './reminders.ts';

/** `again`: back to step 5, the contracts are made anew; `elsewhere`: back to step 4, a funder does not want it. */
export type Signed = 'signed' | 'again' | 'elsewhere';

const signBefore = '7 days';

export async function sign(run: Run, deal: Deal, agreed: Agreed, confirmed: Confirmed): Promise<Signed> {
  await run.record('contract', (tx) => move(tx, 'asset_offer', agreed.offerNo, 'contract', deal.actor));
  let open = agreed.slices;
  for (let round = 0; round < 3 && open.length > 0; round += 1) {
    const branches = Object.fromEntries(
      open.map((slice) => [
        slice.subscriptionNo,
        (branch: Run) => signOne(branch, deal, agreed, slice, confirmed, round),
      ]),
    );
    const outcomes = await run.all(`contracts ${round + 1}`, branches);
    if (Object.values(outcomes).includes('elsewhere')) return 'elsewhere';
    open = open.filter(({ subscriptionNo }) => outcomes[subscriptionNo] !== 'signed');
    if (open.length > 0) await decideAgain(run, deal, agreed, round);
  }
  return open.length === 0 ? 'signed' : run.stop('returned', 'the contracts were not signed');
}

/** Supplier or debtor refused, or nobody signed in time: the operator decides whether the contracts are put to them once more. */
async function decideAgain(run: Run, deal: Deal, agreed: Agreed, round: number): Promise<void> {
  await escalate(run, deal.project, `ES${round}`, `资产 ${agreed.offerNo} 的合同未签署完成`);
  const decided = await inTime(
    run.ask('contracts not signed', {
      title: { zh: '合同未签署：重新发起签约', en: 'Contracts not signed: put them to the parties again' },
      payload: { offerNo: agreed.offerNo, round },
      within: '3 working days',
      roles: ['OPS', 'OPS-C'],
    }),
  );
  if (decided?.decision !== 'approved') run.stop('returned', 'the contracts were not signed');
}

async function signOne(
  run: Run,
  deal: Deal,
  agreed: Agreed,
  slice: Slice,
  confirmed: Confirmed,
  round: number,
): Promise<Signed> {
  const { project, actor } = deal;
  const system = project.systems.esign;
  const envelopeNo = sliceNo('EN', run, agreed, slice, round);
  const papers = papersOf(deal, agreed, slice, confirmed);
  const request = await draft(run, deal, slice, envelopeNo, papers);
  if (request === undefined) return 'again';
  const disclosed = companiesOf(deal, slice).map(({ id: party }) =>
    disclosing(
      request,
      {
        party,
        recipient: system,
        purpose: 'signing',
        dataKinds: ['COMPANY', 'PERSON', 'CONTACT', 'FINANCE'],
        legalBasis: signing,
      },
      actor,
    ),
  );
  const started = await run.call(esign.operations.startEnvelope, request, {
    system,
    before: async (tx) => {
      for (const tell of disclosed) await tell(tx);
    },
    after: (tx, { vendorFlowId }) => move(tx, 'envelope', envelopeNo, 'send', actor, { vendor_flow_id: vendorFlowId }),
  });
  const finished = await end(run, system, envelopeNo);
  if (finished.status !== 'completed') return supersede(run, slice, envelopeNo, finished.status, actor);
  const fetched = await run.call(
    esign.operations.fetchDocuments,
    { vendorFlowId: started.vendorFlowId, documents: papers.map(({ fileName, sha256 }) => ({ fileName, sha256 })) },
    { system },
  );
  // Who may sign is asked again for the moment at which he signed (I-07).
  return run
    .record('record the signed contracts', async (tx) => {
      await completeEnvelope(tx, envelopeNo, slice.applicationNo, fetched.documents, actor);
      await move(tx, 'subscription', slice.subscriptionNo, 'confirm', actor);
      const files = fetched.documents.map(({ sha256 }) => sha256);
      await keepEvidence(tx, run.caseId, 'N09 signed contract', envelopeNo, { files });
      return 'signed' as const;
    })
    .catch((thrown: unknown) => {
      if (isFailure(thrown) && thrown.type === 'AUTHORITY_MISSING')
        return supersede(run, slice, envelopeNo, 'unauthorised', actor);
      throw thrown;
    });
}

/** The vendor's word; when none came in time, what it says when it is asked. Who has not signed by then does not sign any more. */
async function end(run: Run, system: string, envelopeNo: string): Promise<{ readonly status: string }> {
  const operation = esign.operations.readEnvelope;
  const told = await inTime(
    run.wait(esign.notices.envelopeFinished, {
      key: envelopeNo,
      within: '8 days',
      from: system,
      poll: { operation, system, every: '12 hours', final: (m) => m.status !== 'signing' },
    }),
  );
  if (told) return told;
  const asked = await run.call(operation, { no: envelopeNo }, { system });
  if (asked.outcome === 'confirmed' && asked.response.status !== 'signing') return asked.response;
  return { status: 'expired' };
}

/** The debtor signs when it is to know of the assignment (明保理). */
function companiesOf({ asked, supplier, core }: Deal, slice: Slice) {
  return asked.disclosed ? [slice.funder, supplier, core] : [slice.funder, supplier];
}

/** Undefined when nobody may sign for one of them now: that is for people, and not for the signing service. */
async function draft(run: Run, deal: Deal, slice: Slice, envelopeNo: string, papers: readonly Paper[]) {
  const companies = companiesOf(deal, slice);
  const drafted = await run
    .record('draft the envelope', async (tx) => {
      const payee = await accountOf(tx, deal.supplier.id);
      await draftEnvelope(
        tx,
        {
          no: envelopeNo,
          applicationNo: slice.applicationNo,
          documents: papers.map(({ fileName, sha256 }) => ({ fileName, sha256 })),
          mandatePayee: payee.accountNo,
          signers: companies.map(({ id }) => id),
        },
        deal.actor,
      );
      const signers = [];
      for (const { id } of companies) signers.push(await signerOf(tx, id, { amount: slice.amount }));
      return signers;
    })
    .catch((thrown: unknown) => {
      if (isFailure(thrown) && thrown.type === 'AUTHORITY_MISSING') return undefined;
      throw thrown;
    });
  return (
    drafted && {
      envelopeNo,
      title: `保理合同 ${slice.applicationNo}`,
      documents: [...papers],
      signers: companies.map(({ name, uscc }, place) => ({
        order: place + 1,
        company: { name, uscc },
        person: drafted[place] ?? { name: '', idNo: '', phone: '' },
      })),
      deadline: shanghaiTime(after(run.now(), signBefore)),
    }
  );
}

/** A funder that refuses does not want it; supplier, debtor, or nobody in time: the contracts may be made anew. */
async function supersede(run: Run, slice: Slice, envelopeNo: string, status: string, actor: string): Promise<Signed> {
  const refusedBy = status === 'refused' ? await whoRefused(run, envelopeNo) : undefined;
  const why = refusedBy === undefined ? `not signed: ${status}` : `refused by signer ${refusedBy}`;
  await run.record('supersede the envelope', async (tx) => {
    if (status === 'expired' || status === 'refused')
      await move(tx, 'envelope', envelopeNo, status === 'expired' ? 'expire' : 'refuse', actor);
    await supersedeEnvelope(tx, envelopeNo, `${why}, slice ${slice.subscriptionNo}`, actor);
  });
  return refusedBy === 1 ? 'elsewhere' : 'again';
}

/** The vendor tells of each signer; of the one that refused it tells last. */
async function whoRefused(run: Run, envelopeNo: string): Promise<number | undefined> {
  for (let told = 0; told < 3; told += 1) {
    const acted = await inTime(
      run.wait(esign.notices.signerActed, { key: envelopeNo, within: '2 hours', from: 'esign' }),
    );
    if (!acted) return undefined;
    if (acted.result === 'refused') return acted.order;
  }
  return undefined;
}

/** From the template, by what was agreed; their hashes are pinned in the envelope. */
function papersOf({ asked, supplier, core }: Deal, agreed: Agreed, slice: Slice, confirmed: Confirmed): Paper[] {
  const facts = [
    `保理编号 ${slice.applicationNo}　认购编号 ${slice.subscriptionNo}`,
    `应收账款 ${asked.receivable.receivableNo}　确权编号 ${confirmed.confirmationNo}`,
    `转让人 ${supplier.name} ${supplier.uscc}`,
    `受让人（保理人） ${slice.funder.name} ${slice.funder.uscc}`,
    `债务人 ${core.name} ${core.uscc}`,
    `确权金额 ${confirmed.amount} 元　到期日 ${confirmed.dueDate}`,
    `融资金额 ${slice.amount} 元　年利率 ${agreed.rate}　期限 ${asked.tenorDays} 天`,
    `${asked.recourse ? '有追索权' : '无追索权'}　${asked.disclosed ? '明保理' : '暗保理'}`,
  ];
  const contract = paper('factoring-contract.pdf', '保理合同', facts);
  if (!asked.disclosed) return [contract];
  return [
    contract,
    paper('transfer-notice.pdf', '应收账款转让通知书及回执', [...facts, `回款账户 ${confirmed.payAccountNo}`]),
    paper('payment-undertaking.pdf', '付款承诺函', [...facts, `回款账户 ${confirmed.payAccountNo}`]),
  ];
}
