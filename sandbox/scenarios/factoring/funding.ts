/** The people of a factoring from the signed contract on: those of the funders, the supplier and the core enterprise. */
import { createHash } from 'node:crypto';
import type { Answer, Stage } from '../scenario.ts';
import { confirm, finance, funders, initiate, type FunderName, type Story, type Wish } from './people.ts';

const sha = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Step 7: the funder enters the signed contract in its own books and says so. */
export async function book(stage: Stage, story: Story, name: FunderName, subscriptionNo: string): Promise<void> {
  const { caller, system, uscc: funderUscc } = funders[name];
  const funderRef = `FC-${subscriptionNo}`;
  const amount = await stage.value('select amount::text from subscription where no = $1', [subscriptionNo]);
  const { name: company, uscc, account } = story.supplier;
  await stage.act(system, 'book', {
    applicationNo: subscriptionNo,
    funderRef,
    borrower: { name: company, uscc },
    payee: account,
    orderNo: story.receivableNo,
    amount,
    rate: '4.6000',
    termDays: 90,
  });
  await stage.command(caller, '/v1/contract-bookings', { subscriptionNo, funderUscc, funderRef });
}

/** Step 6a: the core's own system says when the notice came in. */
export async function noticeArrives(stage: Stage, story: Story, acknowledged = true): Promise<void> {
  const noticeNo = await noticeSent(stage, story);
  const arrivedAt = new Date(stage.now().getTime() + 1_000).toISOString();
  await stage.command('core', '/v1/notice-arrivals', { noticeNo, arrivedAt, system: 'core-oa', acknowledged });
}

export async function noticeSent(stage: Stage, story: Story): Promise<string> {
  let no = '';
  await stage.until('the notice of assignment is sent', async () => {
    const [row] = await stage.rows<{ no: string }>(
      "select no from assignment_notice where receivable_no = $1 and state = 'SENT'",
      [story.receivableNo],
    );
    no = row?.no ?? '';
    return no !== '';
  });
  return no;
}

/** The instruction by which a slice is paid, once the bank has paid it. */
export async function paid(
  stage: Stage,
  story: Story,
  subscriptionNo: string,
): Promise<{ no: string; serial: string; amount: string }> {
  let found: { no: string; serial: string; amount: string } | undefined;
  await stage.until(`the money of ${subscriptionNo}`, async () => {
    [found] = await stage.rows<{ no: string; serial: string; amount: string }>(
      `select p.no, p.serial_no serial, p.amount::text from payment p join application a on a.no = p.application_no
       where a.case_id = $1 and a.funder_ref = $2 and p.purpose = 'DISBURSE' and p.state = 'SUCCEEDED'`,
      [story.caseNo, subscriptionNo],
    );
    return found !== undefined;
  });
  return found ?? { no: '', serial: '', amount: '' };
}

export async function uploadVoucher(
  stage: Stage,
  name: FunderName,
  { no: instructionNo, serial: bankSerial, amount }: { no: string; serial: string; amount: string },
): Promise<void> {
  const file = { fileName: `${instructionNo}.pdf`, fileSha256: sha(`voucher ${instructionNo}`) };
  await stage.command(funders[name].caller, '/v1/vouchers', { instructionNo, ...file, bankSerial, amount });
}

export function answerReceipt(
  stage: Stage,
  story: Story,
  instructionNo: string,
  verdict: 'received' | 'disputed',
  reason?: string,
): Promise<Answer> {
  const answerNo = `RA-${stage.unique()}`;
  return stage.command(story.caller, '/v1/receipt-answers', {
    instructionNo,
    answerNo,
    verdict,
    ...(reason ? { reason } : {}),
  });
}

/** From the signed contracts to money that the supplier has acknowledged. */
export async function fund(
  stage: Stage,
  story: Story,
  subscriptions: Readonly<Record<string, string>>,
  disclosed = true,
): Promise<void> {
  if (disclosed) await noticeArrives(stage, story);
  for (const [name, no] of Object.entries(subscriptions)) await book(stage, story, name as FunderName, no);
  for (const [name, no] of Object.entries(subscriptions)) {
    const money = await paid(stage, story, no);
    await uploadVoucher(stage, name as FunderName, money);
    await answerReceipt(stage, story, money.no, 'received');
  }
  await funded(stage, story);
}

export const funded = (stage: Stage, { caseNo, receivableNo }: Story): Promise<void> =>
  stage.until(
    `${receivableNo} waits for its debtor`,
    async () =>
      (await stage.value(
        "select count(*)::int from run where case_id = $1 and flow = 'factoring-collection' and state = 3",
        [caseNo],
      )) === 1,
  );

/** From the claim to the money, with nothing special. */
export async function fundedStory(
  stage: Stage,
  wish: Wish = {},
  slices?: Readonly<Partial<Record<FunderName, string>>>,
): Promise<Story> {
  const story = await initiate(stage, wish);
  await confirm(stage, story);
  const subscriptions = await finance(stage, story, slices);
  await fund(stage, story, subscriptions, wish.disclosed ?? true);
  return story;
}

/** Step 9: the core enterprise orders its payment. */
export function payAsCore(stage: Stage, story: Story, amount: string, more: object = {}): Promise<Answer> {
  return stage.command('core', '/v1/debtor-payments', {
    caseNo: story.caseNo,
    receivableNo: story.receivableNo,
    paymentNo: `DP-${stage.unique()}`,
    amount,
    maker: '应付会计 崔敏',
    checker: '财务经理 鲁刚',
    ...more,
  });
}

export function payAsSupplier(
  stage: Stage,
  story: Story,
  kind: 'redirect' | 'buyBack',
  amount: string,
): Promise<Answer> {
  return stage.command(story.caller, '/v1/supplier-payments', {
    caseNo: story.caseNo,
    receivableNo: story.receivableNo,
    paymentNo: `SP-${stage.unique()}`,
    kind,
    amount,
    maker: '出纳 韩雪',
    checker: '财务 孟庆山',
  });
}

/** How the run of that flow ended. */
export async function ending(
  stage: Stage,
  { caseNo }: Story,
  flow = 'factoring',
): Promise<{ outcome: string; detail: string }> {
  await stage.until(
    `the end of ${flow}`,
    async () =>
      (await stage.value('select count(*)::int from run_done where case_id = $1 and flow = $2', [caseNo, flow])) === 1,
  );
  const [row] = await stage.rows<{ outcome: string; detail: string }>(
    'select outcome, detail from run_done where case_id = $1 and flow = $2',
    [caseNo, flow],
  );
  return row ?? { outcome: '', detail: '' };
}

/** Nothing of it is taken up any more: no lock, no reserved limit, no live registration, no offer, no open notice. */
export async function nothingHeld(stage: Stage, { caseNo, receivableNo }: Story): Promise<void> {
  const ofCase = 'application_no in (select no from application where case_id = $1)';
  const held = await stage.rows<{ what: string }>(
    `select 'lock' what from asset_lock where released_at is null and ${ofCase}
     union all select 'limit' from credit_limit where reserved > 0 and no in (select no from application where case_id = $1)
     union all select 'registration' from registration where state in ('REGISTERED', 'AMENDED', 'EXTENDED', 'SUBMITTED') and ${ofCase}
     union all select 'offer' from asset_offer where state not in ('WITHDRAWN', 'LAPSED') and ${ofCase}
     union all select 'notice' from assignment_notice where receivable_no = $2 and state in ('DRAFT', 'DELIVERED', 'ACKNOWLEDGED')`,
    [caseNo, receivableNo],
  );
  stage.same('what is still held', held, []);
}

export async function has(stage: Stage, { caseNo }: Story, nodes: readonly string[]): Promise<void> {
  const kept = await stage.evidence(caseNo);
  stage.same(
    'evidence that lacks',
    nodes.filter((node) => !kept.includes(node)),
    [],
  );
}
