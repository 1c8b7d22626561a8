/** The people of supplier, core enterprise, funders and operator in a factoring: each does its usual part when its turn has come. */
import { createHash } from 'node:crypto';
import { cityBank, core, factor, funder, suppliers } from '../../world.ts';
import type { Answer, Stage } from '../scenario.ts';

export const funders = {
  factor: { ...factor, caller: 'factor', system: 'bank-south' },
  funder: { ...funder, caller: 'funder', system: 'bank-open' },
  'city-bank': { ...cityBank, caller: 'city-bank', system: 'bank-icbc' },
} as const;
export type FunderName = keyof typeof funders;

export interface Wish {
  /** 1 or 2. */
  readonly supplier?: 1 | 2;
  /** Last two digits of its invoice's number: the tax source's magic. */
  readonly invoiceEnds?: string;
  /** Number of an invoice that was used before. */
  readonly invoiceNo?: string;
  readonly used?: string;
  readonly gross?: string;
  readonly deductions?: string;
  readonly amount?: string;
  readonly dueInDays?: number;
  readonly disclosed?: boolean;
  readonly recourse?: boolean;
  readonly documents?: readonly string[];
  readonly consents?: readonly string[];
}

export interface Story {
  readonly caseNo: string;
  readonly factoringNo: string;
  readonly receivableNo: string;
  readonly invoiceNo: string;
  readonly caller: string;
  readonly supplier: (typeof suppliers)[number];
  readonly amount: string;
  readonly net: string;
  readonly dueDate: string;
}

const dayMs = 86_400_000;
const sha = (text: string): string => createHash('sha256').update(text).digest('hex');
const dateIn = (stage: Stage, days: number): string =>
  new Date(stage.now().getTime() + 8 * 3_600_000 + days * dayMs).toISOString().slice(0, 10);
const fen = (yuan: string): bigint => BigInt(yuan.replace('.', ''));
const yuan = (amount: bigint): string => `${amount / 100n}.${String(amount % 100n).padStart(2, '0')}`;

/** Step 2, as the supplier would: the whole invoice of 1,130,000.00, less a retention of 30,000.00, lent at 80 %. */
export async function initiate(stage: Stage, wish: Wish = {}): Promise<Story> {
  const place = (wish.supplier ?? 1) - 1;
  const supplier = suppliers[place] ?? suppliers[0];
  const caller = `supplier-${place + 1}`;
  const number = stage.unique();
  const factoringNo = `FA-${number}`;
  const receivableNo = `AR-${number}`;
  const invoiceNo = wish.invoiceNo ?? `26371${place}${stage.unique()}${stage.unique()}${wish.invoiceEnds ?? '01'}`;
  const [gross, deductions] = [wish.gross ?? '1130000.00', wish.deductions ?? '30000.00'];
  const dueDate = dateIn(stage, wish.dueInDays ?? 90);
  const amount = wish.amount ?? '880000.00';
  await stage.command(caller, '/v1/factorings', {
    factoringNo,
    project: 'SD-FACTORING',
    supplierUscc: supplier.uscc,
    debtorUscc: core.uscc,
    contract: {
      contractNo: `HT-${number}`,
      amount: '5000000.00',
      signedOn: '2026-10-12',
      fileSha256: sha(`contract ${number}`),
    },
    invoices: [
      {
        type: 'digitalSpecial',
        no: invoiceNo,
        issuedOn: '2026-11-20',
        amountExTax: '1000000.00',
        tax: '130000.00',
        amountIncTax: '1130000.00',
        used: wish.used ?? gross,
      },
    ],
    documents: (wish.documents ?? ['purchaseContract', 'acceptance']).map((type) => ({
      type,
      name: type,
      sha256: sha(`${type} ${number}`),
    })),
    receivable: {
      receivableNo,
      grossAmount: gross,
      deductions,
      dueDate,
      collectionAccountNo: factor.account.accountNo,
    },
    amount,
    advanceRate: '0.800000',
    tenorDays: 90,
    purpose: '采购原材料',
    disclosed: wish.disclosed ?? true,
    recourse: wish.recourse ?? true,
    consents: (wish.consents ?? [factor.name, funder.name, cityBank.name]).map((recipient) => ({
      purpose: 'financing',
      recipient,
    })),
  });
  const caseNo = await stage.caseOf(factoringNo);
  const net = yuan(fen(gross) - fen(deductions));
  return { caseNo, factoringNo, receivableNo, invoiceNo, caller, supplier, amount, net, dueDate };
}

export const stateOf = (stage: Stage, table: string, key: string, value: string): Promise<unknown> =>
  stage.value(`select state from ${table} where ${key} = $1`, [value]);

/** Step 3: one act of the core enterprise's people. */
export function actAsCore(stage: Stage, story: Story, act: string, person: string, more: object = {}): Promise<Answer> {
  const { caseNo, receivableNo } = story;
  const actNo = `${act}-${stage.unique()}`;
  return stage.command('core', '/v1/confirmations', { caseNo, receivableNo, actNo, act, person, ...more });
}

export const termsOf = (story: Story): object => ({
  terms: { amount: story.net, dueDate: story.dueDate, payAccountNo: factor.account.accountNo, waiver: true },
});
export const seal = { signature: 'c2lnbmF0dXJlIG9mIHRoZSBjaGVja2Vy', certSerial: '5A01C0FE' };

/** Step 3 as it should go: taken up, compared and signed, by two people. */
export async function confirm(stage: Stage, story: Story): Promise<void> {
  await actAsCore(stage, story, 'claim', '应付会计 崔敏');
  await actAsCore(stage, story, 'approve', '应付会计 崔敏', termsOf(story));
  await actAsCore(stage, story, 'sign', '财务经理 鲁刚', seal);
  await receivableIs(stage, story, ['CONFIRMED', 'LOCKED']);
}

export const receivableIs = (stage: Stage, { receivableNo }: Story, states: readonly string[]): Promise<void> =>
  stage.until(`receivable ${receivableNo} ${states.join(' or ')}`, async () =>
    states.includes(String(await stateOf(stage, 'receivable', 'no', receivableNo))),
  );

/** Step 4: the operator offers it. Returns the number of the offer. */
export async function allocate(
  stage: Stage,
  story: Story,
  to: readonly FunderName[],
  minTicket = '100000.00',
): Promise<string> {
  const allocationNo = `AL-${stage.unique()}`;
  const before = await offersOf(stage, story);
  await stage.command('operator', '/v1/allocations', {
    caseNo: story.caseNo,
    allocationNo,
    channel: 'PROJECT',
    funders: to.map((name) => funders[name].uscc),
    minTicket,
    rateLow: '0.040000',
    rateHigh: '0.060000',
  });
  return nextOffer(stage, story, before.length);
}

export async function offersOf(stage: Stage, { caseNo }: Story): Promise<string[]> {
  const found = await stage.rows<{ no: string }>(
    'select o.no from asset_offer o join application a on a.no = o.application_no where a.case_id = $1 order by o.closes_at, o.no',
    [caseNo],
  );
  return found.map(({ no }) => no);
}

/** Waits for one offer more than there were. */
export async function nextOffer(stage: Stage, story: Story, before: number): Promise<string> {
  await stage.until(
    `offer ${before + 1} of ${story.caseNo}`,
    async () => (await offersOf(stage, story)).length > before,
  );
  return (await offersOf(stage, story)).at(-1) ?? '';
}

/** Step 4: one funder subscribes. Returns the subscription's number. */
export async function subscribe(
  stage: Stage,
  offerNo: string,
  name: FunderName,
  amount: string,
  [rateLow, rateHigh]: readonly [string, string] = ['0.042000', '0.050000'],
): Promise<string> {
  const subscriptionNo = `SB-${stage.unique()}`;
  const funderUscc = funders[name].uscc;
  await stage.command(funders[name].caller, '/v1/offer-subscriptions', {
    offerNo,
    subscriptionNo,
    funderUscc,
    amount,
    rateLow,
    rateHigh,
  });
  return subscriptionNo;
}

export const placed = (stage: Stage, subscriptionNo: string): Promise<void> =>
  stage.until(
    `subscription ${subscriptionNo}`,
    async () => (await stateOf(stage, 'subscription', 'no', subscriptionNo)) !== undefined,
  );

/** Three days pass: what was subscribed is allotted. */
export async function closeOffer(stage: Stage, offerNo: string): Promise<string> {
  const closed = ['FULLY_SUBSCRIBED', 'LAPSED', 'RATE_FIXED'];
  for (let day = 0; day < 6; day += 1) {
    await stage.advance('1d');
    await stage
      .until(
        'the offer closes',
        async () => closed.includes(String(await stateOf(stage, 'asset_offer', 'no', offerNo))),
        1_000,
      )
      .catch(() => undefined);
    if (closed.includes(String(await stateOf(stage, 'asset_offer', 'no', offerNo)))) break;
  }
  return String(await stateOf(stage, 'asset_offer', 'no', offerNo));
}

/** Step 5: the operator's maker proposes, its checker agrees. */
export async function fixRate(stage: Stage, story: Story, offerNo: string, rate = '0.046000'): Promise<void> {
  await proposeRate(stage, story, offerNo, rate);
  await stage.decide(story.caseNo, `Fix the rate ${rate}`, { person: '运营复核 丁', role: 'OPS-C' });
}

export function proposeRate(stage: Stage, { caseNo }: Story, offerNo: string, rate: string): Promise<Answer> {
  const proposalNo = `RT-${stage.unique()}`;
  return stage.command('operator', '/v1/final-rates', { caseNo, offerNo, proposalNo, rate, person: '运营经办 丙' });
}

/** Steps 4 and 5 for one funder, or for several slices. Returns the subscriptions. */
export async function finance(
  stage: Stage,
  story: Story,
  slices: Readonly<Partial<Record<FunderName, string>>> = { factor: story.amount },
): Promise<Record<string, string>> {
  const names = Object.keys(slices) as FunderName[];
  const offerNo = await allocate(stage, story, names);
  const subscriptions: Record<string, string> = {};
  for (const name of names) subscriptions[name] = await subscribe(stage, offerNo, name, slices[name] ?? '');
  for (const no of Object.values(subscriptions)) await placed(stage, no);
  stage.same('the offer', await closeOffer(stage, offerNo), 'FULLY_SUBSCRIBED');
  await fixRate(stage, story, offerNo);
  return subscriptions;
}
