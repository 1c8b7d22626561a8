/** What the scenarios of marking and of stock begin with: a loan on pledged goods; and the business day on which they look at it. */
import { dealers, materials } from '../../world.ts';
import type { Stage, Task } from '../scenario.ts';

export interface Lent {
  readonly caseNo: string;
  readonly pledgeNo: string;
  readonly loanNo: string;
  readonly lotNo: string;
  readonly dealer: (typeof dealers)[number];
  /** `dealer-17101`. */
  readonly caller: string;
}

export const project = 'XM-SPOT-PLEDGE';
export const rebar = materials[0].code;
export const coil = materials[1].code;

interface Wish {
  readonly dealer?: number;
  readonly material?: string;
  readonly quantity?: string;
}

const attemptsMax = 4;

/**
 * An order that was pledged and paid out; its dealer keeps the goods pledged. A price goes stale at nine in the morning: what happens to
 * be paid out across that hour is refused, and ordered once more.
 */
export async function lend(stage: Stage, wish: Wish = {}): Promise<Lent> {
  const dealer = dealers[wish.dealer ?? 0] ?? dealers[0];
  if (!dealer) throw new Error('the world has no such dealer');
  for (let attempt = 1; ; attempt += 1) {
    const { material = rebar, quantity = '500.000' } = wish;
    const orderNo = await stage.placeOrder({ dealer: dealer.sapNo, material, quantity });
    stage.people(orderNo, { release: () => undefined }, dealer.sapNo);
    const caseNo = await stage.caseOf(orderNo);
    let why: string | undefined;
    await stage.until(`the loan of ${caseNo}`, async () => {
      why = (await stage.value("select detail from run_done where flow = 'spot-pledge' and case_id = $1", [caseNo])) as
        | string
        | undefined;
      return why !== undefined || (await loanState(stage, caseNo)) === 'ACTIVE';
    });
    if ((await loanState(stage, caseNo)) === 'ACTIVE') return lentOn(stage, caseNo, dealer);
    if (attempt === attemptsMax || why?.includes('PRICE_STALE') !== true)
      throw new Error(`${caseNo} was not paid out: ${why}`);
  }
}

async function lentOn(stage: Stage, caseNo: string, dealer: Lent['dealer']): Promise<Lent> {
  const pledgeNo = caseNo.replace('CASE-', 'PL');
  const lotNo = String(await stage.value('select lot_no from pledge_item where pledge_no = $1', [pledgeNo]));
  const loanNo = String(
    await stage.value('select l.no from loan l join application a on a.no = l.application_no where a.case_id = $1', [
      caseNo,
    ]),
  );
  return { caseNo, pledgeNo, loanNo, lotNo, dealer, caller: `dealer-${Number(dealer.sapNo)}` };
}

export const loanState = (stage: Stage, caseNo: string): Promise<unknown> =>
  stage.value('select l.state from loan l join application a on a.no = l.application_no where a.case_id = $1', [
    caseNo,
  ]);

const dayMs = 86_400_000;
const shanghaiMs = 8 * 3_600_000;

/** To the next working day, ten in the morning: prices of the day are out, and nothing was marked yet. */
export async function nextMorning(stage: Stage): Promise<string> {
  const now = stage.now().getTime() + shanghaiMs;
  let day = Math.floor(now / dayMs) + 1;
  while ([0, 6].includes(new Date(day * dayMs).getUTCDay())) day += 1;
  await stage.advance(`${Math.ceil((day * dayMs + 10 * 3_600_000 - now) / 60_000)}m`);
  return new Date(day * dayMs).toISOString().slice(0, 10);
}

/** The operator asks for the day's work. Returns its key. */
export async function ask(stage: Stage, what: 'marking' | 'stock', on: string): Promise<string> {
  await stage.command('operator', '/v1/due', { what, scope: project, on });
  return `${what}/${project}/${on}`;
}

export async function ended(stage: Stage, flow: string, key: string): Promise<string> {
  await stage.until(`${flow} ${key} to end`, async () => (await outcome(stage, flow, key)) !== undefined);
  return String(await outcome(stage, flow, key));
}

/** Undefined while it runs. */
export const outcome = (stage: Stage, flow: string, key: string): Promise<unknown> =>
  stage.value('select d.outcome from run_key k join run_done d on d.id = k.run_id where k.flow = $1 and k.key = $2', [
    flow,
    key,
  ]);

/** One of the hub's people decides on whatever open task has these words in its title, of any case. Undefined when there is none. */
async function decideAny(
  stage: Stage,
  title: string,
  person: string,
  role: string,
  decision = 'approved',
): Promise<Task | undefined> {
  const task = (await stage.tasks()).find((open) => open.title.en.includes(title));
  if (!task) return undefined;
  const { id, payloadHash } = task;
  await stage.post(`/v1/tasks/${id}/decide`, { by: person, role, decision, payloadHash, reason: 'scenario' });
  return task;
}

/** The market falls, or rises, by that factor; the day is marked, and a jump is confirmed by one of the operator's people. */
export async function market(
  stage: Stage,
  material: string,
  factor: string,
  person: string | undefined = '运营复核',
): Promise<string> {
  await stage.act('price-quotes', 'shock', { material, factor });
  const on = await nextMorning(stage);
  const key = await ask(stage, 'marking', on);
  await stage.until('the day to be marked', async () => {
    if (person !== undefined) await decideAny(stage, `confirm the price of ${material}`, person, 'OPS');
    return (await outcome(stage, 'marking', key)) !== undefined;
  });
  return on;
}

export const alertOf = async (stage: Stage, type: string, subject: string) => {
  const [row] = await stage.rows<{ no: string; state: string; level: string; caseNo: string | null }>(
    'select no, state, level, case_id "caseNo" from alert where type = $1 and subject = $2 order by opened_at desc, no desc limit 1',
    [type, subject],
  );
  return row;
};

export async function alertIs(stage: Stage, type: string, subject: string, state: string): Promise<string> {
  await stage.until(`${type} of ${subject} to be ${state}`, async () => {
    const is = (await alertOf(stage, type, subject))?.state;
    // What stands at the last line goes to the funder at once.
    return is === state || (state === 'OPEN' && is === 'ESCALATED');
  });
  return (await alertOf(stage, type, subject))?.no ?? '';
}

/** The dealer pays everything back and fetches its goods. */
export async function repayAll(stage: Stage, { caseNo, dealer, caller }: Lent): Promise<void> {
  await stage.command(caller, '/v1/releases', {
    releaseNo: caseNo.replace('CASE-', 'RL'),
    caseNo,
    applicationNo: caseNo.replace('CASE-', 'AP'),
    borrowerUscc: dealer.uscc,
    picker: { name: dealer.picker.name, idNo: dealer.picker.idNo, vehicle: dealer.picker.vehicle },
  });
  await stage.caseEnds(caseNo, 'released');
}

/**
 * Prices as they were: the unit quotes the old one, the operator confirms the jump back, and the day is marked. Whether or not any of the
 * material is still pledged, nothing of this story is left in the next one.
 */
export async function recover(stage: Stage, material: string, factor: string): Promise<void> {
  await stage.act('price-quotes', 'shock', { material, factor });
  const on = await nextMorning(stage);
  const quoteNo = `BJ${stage.unique()}`;
  await stage.command('unit', '/v1/price-quotes', {
    quoteNo,
    materialCode: material,
    unit: 'TNE',
    price: materials.find(({ code }) => code === material)?.price,
    currency: 'CNY',
    quoteDate: on,
    asOf: `${on}T09:30:00+08:00`,
    quotedBy: '报价员',
  });
  const confirmed = async (flow: string, key: string) => {
    await decideAny(stage, `confirm the price of ${material}`, '运营复核', 'OPS');
    return (await outcome(stage, flow, key)) !== undefined;
  };
  await stage.until('the price to be confirmed', () => confirmed('unit-quote', quoteNo));
  const key = await ask(stage, 'marking', on);
  await stage.until('the day to be marked', () => confirmed('marking', key));
}

/** What a call asked for, by its evidence. */
export async function demanded(
  stage: Stage,
  caseNo: string,
  callNo: string,
): Promise<{ cash: string; goods: string; deadline: string }> {
  const [row] = await stage.rows<{ payload: { cash: string; goods: string; deadline: string } }>(
    "select payload from evidence where case_id = $1 and node = 'N22 overdue notice' and business_key = $2",
    [caseNo, callNo],
  );
  if (!row) throw new Error(`no call ${callNo} was told on ${caseNo}`);
  return row.payload;
}

/** A call on this loan is open and told; prices fell to that factor for it. Returns its number. */
export async function called(stage: Stage, lent: Lent, material: string, factor: string): Promise<string> {
  await market(stage, material, factor);
  const callNo = await alertIs(stage, 'MARGIN_CALL', lent.pledgeNo, 'OPEN');
  await stage.until('the call to be told', async () => (await stage.evidence(lent.caseNo)).includes('N22'));
  return callNo;
}

/** A funder's person proposes; two others of its people decide. Returns the number of the decision. */
export async function funderDecides(
  stage: Stage,
  lent: Lent,
  callNo: string,
  verdict: object,
  people: readonly string[] = ['王经办', '赵复核'],
): Promise<string> {
  const decisionNo = `JD${stage.unique()}`;
  await stage.command('funder', '/v1/call-decisions', {
    decisionNo,
    caseNo: lent.caseNo,
    callNo,
    pledgeNo: lent.pledgeNo,
    verdict,
  });
  const { act } = verdict as { act: keyof typeof titles };
  for (const person of people)
    await stage.decide(lent.caseNo, titles[act], { person, role: person.endsWith('复核') ? 'FND-C' : 'FND' });
  return decisionNo;
}

const titles = {
  extend: 'extend the margin call',
  dispose: 'dispose of the goods',
  sell: 'sale of the goods',
  lift: 'lift the disposal',
} as const;

export const sha = (digit: string): string => digit.repeat(64);
