/** What dealer and funder do when a pledge changes; each scenario begins with a pledge on which money was lent. */
import { createHash } from 'node:crypto';
import { dealers, type Dealer } from '../../world.ts';
import type { Answer, Stage } from '../scenario.ts';

const sha = (text: string) => createHash('sha256').update(text).digest('hex');

export interface Lot {
  readonly lotNo: string;
  readonly materialCode: string;
  readonly quantity: string;
  readonly unit: string;
}

export interface Pledged {
  readonly stage: Stage;
  readonly dealer: Dealer;
  readonly caller: string;
  readonly caseNo: string;
  readonly pledgeNo: string;
  readonly loanNo: string;
  readonly lot: Lot;
  readonly financing: { readonly caseNo: string; readonly applicationNo: string; readonly borrowerUscc: string };
  readonly picker: { readonly name: string; readonly idNo: string; readonly vehicle: string };
}

/** A spot pledge, paid out; `share` per cent of the price are asked for, half as a rule, so that there is room. */
export async function pledged(stage: Stage, place: number, share = 50n): Promise<Pledged> {
  const dealer = dealers[place];
  if (!dealer) throw new Error('there is no such dealer');
  const caseNo = await paidOut(stage, dealer, share);
  const [row] = await stage.rows<Lot & { pledgeNo: string; loanNo: string }>(
    `select p.no "pledgeNo", l.no "loanNo", i.lot_no "lotNo", s.material "materialCode", i.open::text quantity, s.unit from application a join pledge p on p.application_no = a.no
       join loan l on l.application_no = a.no join pledge_item i on i.pledge_no = p.no join stock_lot s using (lot_no) where a.case_id = $1`,
    [caseNo],
  );
  if (!row) throw new Error(`${caseNo} has no pledge`);
  const { pledgeNo, loanNo, ...lot } = row;
  const { name, idNo, vehicle } = dealer.picker;
  return {
    stage,
    dealer,
    caller: `dealer-${Number(dealer.sapNo)}`,
    caseNo,
    pledgeNo,
    loanNo,
    lot,
    financing: { caseNo, applicationNo: caseNo.replace('CASE-', 'AP'), borrowerUscc: dealer.uscc },
    picker: { name, idNo, vehicle },
  };
}

/** One that fell on a day without a price is not paid, and another one is placed. */
async function paidOut(stage: Stage, dealer: Dealer, share: bigint, tries = 3): Promise<string> {
  const orderNo = await stage.placeOrder({ dealer: dealer.sapNo, quantity: '1000.000' });
  const amountOf = (seventy: string) => `${(BigInt(seventy.replace('.', '')) * share) / 7_000n}.00`;
  stage.people(
    orderNo,
    { apply: (usual) => ({ ...usual, amount: amountOf(String(usual['amount'])) }), release: () => undefined },
    dealer.sapNo,
  );
  const caseNo = await stage.caseOf(orderNo);
  let over = false;
  await stage.until(`the loan of ${caseNo}`, async () => {
    const loan = await stage.value(
      'select l.state from loan l join application a on a.no = l.application_no where a.case_id = $1',
      [caseNo],
    );
    over = (await stage.value('select state from cases where id = $1', [caseNo])) !== 'open';
    return loan === 'ACTIVE' || over;
  });
  return over && tries > 1 ? paidOut(stage, dealer, share, tries - 1) : caseNo;
}

/** Goods of the dealer's own, in the warehouse and free. */
export async function deposited(
  it: Pledged,
  wish: { readonly materialCode?: string; readonly quantity?: string } = {},
): Promise<Lot> {
  const depositNo = `CH${it.stage.unique()}${it.caseNo.slice(-6)}`;
  const { materialCode = 'HRB400E-12', quantity = '500.000' } = wish;
  await it.stage.command(it.caller, '/v1/goods-deposits', {
    caseNo: it.caseNo,
    depositNo,
    ownerUscc: it.dealer.uscc,
    sellerNo: '1000',
    lines: [{ lineNo: '10', materialCode, name: materialCode, quantity, unit: 'TNE' }],
    ownershipDocs: [{ name: '货权证明', sha256: sha(depositNo) }],
  });
  let lots: Lot[] = [];
  await it.stage.until(`the goods of ${depositNo}`, async () => {
    lots = await it.stage.rows<Lot>(
      `select l.lot_no "lotNo", l.material "materialCode", l.on_hand::text quantity, l.unit from stock_lot l join goods_receipt g on g.receipt_no = l.goods_receipt_no where g.notice_no = $1`,
      [depositNo],
    );
    return lots.length === 1;
  });
  const [lot] = lots;
  if (!lot) throw new Error('a lot was expected');
  return lot;
}

export const changeNo = (stage: Stage): string => `BG${stage.unique()}${stage.unique()}`;

/** The dealer asks for an exchange or a top-up; whatever is left out is in order. */
export function ask(
  it: Pledged,
  no: string,
  lotsIn: readonly Lot[],
  wish: Record<string, unknown> = {},
): Promise<Answer> {
  return it.stage.command(it.caller, '/v1/pledge-changes', {
    changeNo: no,
    ...it.financing,
    kind: 'substitution',
    reason: '换货',
    lotsIn,
    quality: { certificateNo: `ZJ-${no}`, issuedOn: it.stage.today() },
    ownershipDocs: [{ name: '货权证明', sha256: sha(no) }],
    lotsOut: [{ ...it.lot, quantity: '300.000' }],
    picker: it.picker,
    ...wish,
  });
}

export const topUp = (it: Pledged, no: string, lotsIn: readonly Lot[]) =>
  it.stage.command(it.caller, '/v1/pledge-changes', {
    changeNo: no,
    ...it.financing,
    kind: 'topUp',
    reason: '补货',
    lotsIn,
    quality: { certificateNo: `ZJ-${no}`, issuedOn: it.stage.today() },
    ownershipDocs: [{ name: '货权证明', sha256: sha(no) }],
  });

export const decide = (it: Pledged, no: string, wish: Record<string, unknown> = {}) =>
  it.stage.command('funder', '/v1/pledge-change-decisions', {
    changeNo: no,
    verdict: 'approved',
    maker: 'credit-officer-wang',
    checker: 'credit-manager-zhao',
    ...wish,
  });

/** How the run of that number ended. */
export async function ends(it: Pledged, key: string, outcome: string): Promise<string> {
  let done: { outcome: string; detail: string | null } | undefined;
  await it.stage.until(`${key} of ${it.caseNo} to end`, async () => {
    [done] = await it.stage.rows<{ outcome: string; detail: string | null }>(
      'select outcome, detail from run_done where case_id = $1 and key = $2',
      [it.caseNo, key],
    );
    return done !== undefined;
  });
  it.stage.same(`how ${key} ended (${done?.detail ?? ''})`, done?.outcome, outcome);
  return done?.detail ?? '';
}

export const stateOfChange = (it: Pledged, no: string) =>
  it.stage.value('select state from pledge_change where no = $1', [no]);

export const becomes = (it: Pledged, no: string, state: string) =>
  it.stage.until(`change ${no} to be ${state}`, async () => (await stateOfChange(it, no)) === state);

/** What of a lot is pledged, by the books. */
export const pledgedOf = (stage: Stage, lotNo: string) =>
  stage.value('select pledged::text from stock_lot where lot_no = $1', [lotNo]);

export const carried = ({ stage, pledgeNo }: Pledged) =>
  stage.value('select pledge_exposure(no) <= pledge_value(no) * pledge_rate from pledge where no = $1', [pledgeNo]);
