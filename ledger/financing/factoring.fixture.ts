/** For tests: a receivable between two companies, from its contract to money that may go out, by the ledger's own functions. */
import { usccCheckDigit } from '../../contracts/canonical/uscc.ts';
import { accounts, actor, type Books } from '../fixture.ts';
import { funderName } from '../fixtureStages.ts';
import { move, type Tx } from '../lifecycle.ts';
import { decide, propose } from '../oversight/approvals.ts';
import { authorise } from '../parties/authorities.ts';
import { giveConsent } from '../parties/consents.ts';
import { admitParty } from '../parties/parties.ts';
import {
  approveConfirmation,
  claimConfirmation,
  confirmReceivable,
  requestConfirmation,
} from '../trade/confirmations.ts';
import { recordContract } from '../trade/contracts.ts';
import { recordCheck, uploadInvoice } from '../trade/invoices.ts';
import { draftNotice, recordArrival, sendNotice } from '../trade/notices.ts';
import { assignReceivable, fileReceivable } from '../trade/receivables.ts';
import { spotPledgeProduct } from '../configuration/configuration.fixture.ts';
import { installConfiguration } from '../configuration/configuration.ts';
import { recordRegistration } from '../goods/pledges.ts';
import { approveApplication, submitFactoring } from './applications.ts';
import { completeEnvelope, draftEnvelope, recordSignature } from './envelopes.ts';
import { decideSubscription, draftOffer, fixRate, placeSubscription, proposeRate } from './offers.ts';
import { draftRegistration, recordSearch, submitShare } from './registrations.ts';
import {
  application,
  claim,
  confirmed,
  hash,
  inDays,
  notice,
  offer,
  subscription,
  sums,
  type Factoring,
  type FactoringParties,
} from './factoringPapers.fixture.ts';

export { application, claim, confirmed, offer, subscription, sums, type Factoring } from './factoringPapers.fixture.ts';

const now = () => new Date();

/** What happens, in order; each in a transaction of its own. */
const stages = {
  contracted: async (tx, f) => {
    await tx.query('insert into cases (id, key, title) values ($1, $2, $3)', [f.caseId, f.contractNo, '保理']);
    const terms = { amount: '5000000.00', currency: 'CNY', signedOn: '2026-10-12', sealed: true, fileSha256: hash };
    f.contractId = await recordContract(
      tx,
      { contractNo: f.contractNo, type: 'SALE', seller: f.creditor, buyer: f.debtor },
      terms,
    );
  },
  invoiced: async (tx, f) => {
    await uploadInvoice(
      tx,
      {
        no: f.invoiceNo,
        type: '09',
        issueDate: '2026-11-02',
        seller: f.creditor,
        buyer: f.debtor,
        amountExTax: sums.exTax,
        tax: sums.tax,
        amountIncTax: sums.gross,
      },
      actor,
    );
    await move(tx, 'invoice', f.invoiceNo, 'check', actor);
  },
  checked: async (tx, f) => {
    const check = { status: 'VALID', redAmount: '0.00', serial: `T-${f.invoiceNo}`, checkedAt: now() } as const;
    await recordCheck(tx, f.invoiceNo, check, actor);
  },
  filed: (tx, f) => fileReceivable(tx, claim(f), actor),
  asked: (tx, f) => requestConfirmation(tx, f.confirmationNo, f.receivableNo, actor),
  claimed: (tx, f) => claimConfirmation(tx, f.confirmationNo, '甲', actor),
  made: async (tx, f) => {
    f.approval = await approveConfirmation(tx, f.confirmationNo, confirmed, '甲', actor);
  },
  confirmed: async (tx, f) => {
    await decide(tx, f.approval, 'approve', '乙', actor);
    await confirmReceivable(
      tx,
      f.confirmationNo,
      { approval: f.approval, signature: 'c2lnbmF0dXJl', certSerial: '01' },
      actor,
    );
  },
  applied: (tx, f) => submitFactoring(tx, application(f), actor),
  drafted: (tx, f) => draftOffer(tx, offer(f), actor),
  published: (tx, f) => move(tx, 'asset_offer', f.offerNo, 'publish', actor),
  placed: async (tx, f) => {
    for (const i of [0, 1] as const) await placeSubscription(tx, subscription(f, i), actor);
  },
  accepted: (tx, f) => decideSubscription(tx, f.subscriptions[0], 'accept', actor),
  filled: (tx, f) => decideSubscription(tx, f.subscriptions[1], 'accept', actor),
  priced: (tx, f) => proposeRate(tx, f.offerNo, '0.046000'),
  fixed: async (tx, f) => fixRate(tx, f.offerNo, await approvedRate(tx, f), actor),
  decided: async (tx, f) => {
    await move(tx, 'application', f.applicationNo, 'push', actor);
    const terms = {
      amount: sums.lent,
      rate: '0.046000',
      tenorDays: 90,
      dayCount: 'ACT/360',
      validTo: inDays(30).toISOString(),
    };
    await approveApplication(tx, f.applicationNo, `F-${f.applicationNo}`, terms, actor);
  },
  signing: async (tx, f) => {
    const documents = [{ fileName: 'factoring-contract.pdf', sha256: hash }];
    const signers = [f.funder, f.creditor, f.debtor];
    const { envelopeNo: no, applicationNo } = f;
    await draftEnvelope(tx, { no, applicationNo, documents, mandatePayee: accounts.unit, signers }, actor);
    await move(tx, 'envelope', no, 'send', actor, { vendor_flow_id: `V-${no}` });
    await move(tx, 'asset_offer', f.offerNo, 'contract', actor);
  },
  signedFirst: (tx, f) => recordSignature(tx, { envelopeNo: f.envelopeNo, position: 1, at: now() }, actor),
  signed: (tx, f) =>
    completeEnvelope(
      tx,
      f.envelopeNo,
      f.applicationNo,
      [{ fileName: 'factoring-contract.pdf', originalSha256: hash }],
      actor,
    ),
  assigned: (tx, f) => assignReceivable(tx, f.receivableNo, actor),
  searched: async (tx, f) => {
    await draftRegistration(tx, { requestNo: f.requestNo, applicationNo: f.applicationNo }, actor);
    const search = { searchNo: `S-${f.requestNo}`, searchedAt: now().toISOString() };
    await recordSearch(tx, f.requestNo, search, actor);
  },
  registering: (tx, f) => submitShare(tx, f.requestNo, actor),
  registered: async (tx, f) => {
    const registered = { requestNo: f.requestNo, registrationNo: `ZD-${f.requestNo}`, amendCode: '1234' };
    const [registeredAt, expiresAt] = [now().toISOString(), inDays(365).toISOString()];
    await recordRegistration(tx, { ...registered, registeredAt, expiresAt }, actor);
  },
  noticed: (tx, f) => draftNotice(tx, notice(f), actor),
  sent: (tx, f) => sendNotice(tx, f.noticeNo, { channel: 'PLATFORM', at: now() }, actor),
  delivered: (tx, f) => recordArrival(tx, f.noticeNo, { at: now(), source: 'core-portal' }, actor),
  ready: (tx, f) => move(tx, 'application', f.applicationNo, 'ready', actor),
} satisfies Record<string, (tx: Tx, f: Factoring) => Promise<void>>;

export type FactoringStage = keyof typeof stages;
const factoringStages = Object.keys(stages) as FactoringStage[];

/** Two people agree to the rate that the offer names. */
export async function approvedRate(tx: Tx, f: Factoring): Promise<string> {
  const approval = await propose(tx, { entity: 'asset_offer', id: f.offerNo, event: 'fixRate' }, '丙', actor);
  await decide(tx, approval, 'approve', '丁', actor);
  return approval;
}

interface Known {
  readonly parties: Promise<FactoringParties>;
  readonly kept: Map<FactoringStage, Promise<Factoring>>;
  opened: number;
}
const known = new WeakMap<Books, Known>();

/** A new one, just after this stage; what is named in `without` did not happen. */
export async function bringFactoring(
  the: Books,
  stage: FactoringStage,
  without: readonly FactoringStage[] = [],
): Promise<Factoring> {
  const of = knownOf(the);
  of.opened += 1;
  const f = newFactoring(of.opened, await of.parties);
  await passFactoring(the, f, factoringStages.slice(0, factoringStages.indexOf(stage) + 1), without);
  return f;
}

export async function passFactoring(
  the: Books,
  f: Factoring,
  names: readonly FactoringStage[],
  without: readonly FactoringStage[] = [],
): Promise<void> {
  for (const name of names) if (!without.includes(name)) await the.store.tx((tx) => stages[name](tx, f));
}

/** One for looking at and for acts that are rolled back: the same each time. */
export function factoringAt(the: Books, stage: FactoringStage): Promise<Factoring> {
  const { kept } = knownOf(the);
  const found = kept.get(stage) ?? bringFactoring(the, stage);
  kept.set(stage, found);
  return found;
}

function knownOf(the: Books): Known {
  const found = known.get(the) ?? { parties: the.store.tx((tx) => admit(tx, the)), kept: new Map(), opened: 0 };
  known.set(the, found);
  return found;
}

async function admit(tx: Tx, the: Books): Promise<FactoringParties> {
  const legalRep = (i: number) => ({ name: '李四', idNo: `35020319900101002${i}`, phone: `1380000552${i}` });
  const others: string[] = [];
  for (const [i, name] of ['虚构甲银行', '虚构乙银行'].entries()) {
    const first17 = `9135010077777770${i}`;
    const uscc = first17 + usccCheckDigit(first17);
    others.push(await admitParty(tx, { uscc, name: `${name}股份有限公司`, role: 'FUNDER' }, actor));
  }
  for (const [i, party] of [the.unit, the.funder, ...others].entries())
    await authorise(tx, party, legalRep(i), 'LEGAL_REP', actor);
  await giveConsent(tx, the.unit, { recipient: funderName, purpose: 'financing' }, actor);
  const [one = '', two = ''] = others;
  const product = { ...spotPledgeProduct, productNo: 'P-FACT', name: '应收账款保理', type: 'FACTORING' } as const;
  const people = { maker: '甲', checker: '乙' };
  const productId = await installConfiguration(tx, 'PRODUCT', 'factoring', product, people, actor);
  return { creditor: the.unit, debtor: the.dealer, funder: the.funder, others: [one, two], productId };
}

function newFactoring(n: number, parties: FactoringParties): Factoring {
  const no = (prefix: string) => `${prefix}20261124-${String(n).padStart(6, '0')}`;
  return {
    ...parties,
    caseId: no('CASE-'),
    contractNo: no('CT'),
    invoiceNo: `2635200000${String(n).padStart(10, '0')}`,
    receivableNo: no('AR'),
    confirmationNo: no('CF'),
    applicationNo: no('FA'),
    offerNo: no('OF'),
    subscriptions: [`${no('SB')}-1`, `${no('SB')}-2`],
    envelopeNo: no('FE'),
    requestNo: no('FR'),
    noticeNo: no('NT'),
    contractId: '',
    approval: '',
  };
}
