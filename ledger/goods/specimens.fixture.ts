/** For tests: goods, receipts and pledges of this area, at any point, by the ledger's own functions. */
import { randomUUID } from 'node:crypto';
import { actor, dayMs, type Books, type Deal } from '../fixture.ts';
import { move, type Tx } from '../lifecycle.ts';
import { decide, propose } from '../oversight/approvals.ts';
import { requestChange } from './changes.ts';
import { confirmControl, requestPledge } from './pledges.ts';
import { keepQuote } from './prices.ts';
import type { ReceiptElements } from './receiptElements.ts';
import { draftReceipt, issueReceipt } from './receipts.ts';
import { approveRelease } from './releases.ts';
import { proposeAdjustment, receiveLots, type LotRow } from './stock.ts';

export const seal = 'c'.repeat(64);
export const anyNo = (prefix: string) => `${prefix}-${randomUUID().slice(0, 13)}`;

/** New lots of the dealer, in stock and free. */
export async function freshLots(the: Books, quantities: readonly string[], materialCode = 'HRB400'): Promise<LotRow[]> {
  const no = anyNo('L');
  const lots = quantities.map((quantity, i) => ({ lotNo: `${no}-${i + 1}`, materialCode, quantity, unit: 'TNE' }));
  await the.store.tx((tx) => receiveLots(tx, 'WH01', the.dealer, lots));
  return lots;
}

export function elementsOf(the: Books, no: string, lots: readonly LotRow[]): ReceiptElements {
  return {
    no,
    form: 'ELECTRONIC',
    warehouse: 'WH01',
    depositor: the.dealer,
    depositorName: '客户甲有限公司',
    depositorAddress: '深圳市虚构路 1 号',
    issuer: the.keeper,
    goods: lots.map(({ lotNo, quantity, unit }) => ({
      lotNo,
      quantity,
      unit,
      variety: '螺纹钢',
      spec: 'HRB400 Φ20',
      quality: '合格',
      packaging: '捆扎',
      pieces: 10,
      marks: '虚构钢厂',
    })),
    lossStandard: '0.3%',
    storagePlace: '1 号库',
    storageFrom: '2026-11-20',
    storageTo: '2027-11-19',
    storageFee: '0.30 元/吨·天',
    insurance: null,
    issuedPlace: '杭州',
    issuedAt: new Date().toISOString(),
    keeperSha256: seal,
    rightsNotice: '凭单提货',
  };
}

/** A receipt that was issued with all its elements, in the dealer's hands. */
export async function heldReceipt(the: Books, quantities: readonly string[]): Promise<{ no: string; lots: LotRow[] }> {
  const lots = await freshLots(the, quantities);
  const no = anyNo('WR');
  await the.store.tx(async (tx) => {
    await draftReceipt(tx, elementsOf(the, no, lots), actor);
    await issueReceipt(tx, no, actor);
  });
  return { no, lots };
}

/** A difference of a lot that one party proposes to book. */
export async function proposedAdjustment(the: Books, lotNo: string, quantity: string): Promise<string> {
  const no = anyNo('ADJ');
  const note = { no, lotNo, quantity, reason: '复磅', reportSha256: seal, maker: the.keeper };
  await the.store.tx((tx) => proposeAdjustment(tx, note, actor));
  return no;
}

export const twoPeople = (
  the: Books,
  entity: 'stock_adjustment' | 'pledge' | 'pledge_change' | 'release_order',
  id: string,
  event: 'post' | 'dispose' | 'lift' | 'approve',
) =>
  the.store.tx(async (tx) => {
    const approval = await propose(tx, { entity, id, event }, '甲', actor);
    await decide(tx, approval, 'approve', '乙', actor);
    return approval;
  });

/** An effective pledge of stock on which money was lent, at 3400.00 a tonne and 70 %. */
export async function lentOn(
  the: Books,
  basis: 'STOCK_STATIC' | 'STOCK_FLOATING',
  { floor = '1000.00' }: { floor?: string } = {},
): Promise<Deal> {
  const deal = await the.bring('received');
  await the.store.tx((tx) => asStock(tx, the, deal, basis, floor));
  deal.done += 1;
  await the.advance(deal, 'lockAsked');
  await the.advance(deal, 'locked');
  await the.store.tx((tx) => confirmControlOf(tx, deal.pledgeNo));
  deal.done += 1;
  await the.advance(deal, 'disbursed');
  return deal;
}

async function asStock(tx: Tx, the: Books, deal: Deal, basis: 'STOCK_STATIC' | 'STOCK_FLOATING', floor: string) {
  await quote(tx, 'HRB400', '3400.00');
  await requestPledge(
    tx,
    {
      no: deal.pledgeNo,
      applicationNo: deal.applicationNo,
      pledgor: the.dealer,
      pledgee: the.funder,
      supervisor: the.keeper,
      securedAmount: '2857190.00',
      pledgeRate: '0.700000',
      basis,
      ...(basis === 'STOCK_FLOATING' ? { minFloorValue: floor } : {}),
      items: deal.lots.map((lot) => ({ ...lot, price: '3400.00', priceAt: new Date().toISOString() })),
    },
    actor,
  );
}

async function confirmControlOf(tx: Tx, pledgeNo: string) {
  await confirmControl(tx, pledgeNo, { at: new Date() }, actor);
}

/** From a draft to the warehouse, in one transaction. */
export async function sendRelease(tx: Tx, no: string): Promise<void> {
  await move(tx, 'release_order', no, 'submit', actor);
  const inAWeek = new Date(Date.now() + 7 * dayMs);
  await approveRelease(tx, no, 'token-token-token', inAWeek, { maker: '甲', checker: '乙' }, actor);
  await move(tx, 'release_order', no, 'send', actor);
}

/** A price of now; `source` tells two of one day apart. */
export function quote(tx: Tx, materialCode: string, price: string, source = 'test') {
  const asOf = new Date();
  const quoteDate = new Date(asOf.getTime() + 8 * 3_600_000).toISOString().slice(0, 10);
  return keepQuote(tx, { materialCode, price, unit: 'TNE', source, quoteDate, asOf: asOf.toISOString() });
}

/** A change of that pledge which would bring in that much more. */
export async function requestedChange(
  the: Books,
  pledgeNo: string,
  kind: 'SUBSTITUTION' | 'TOP_UP',
  quantity: string,
): Promise<string> {
  const no = anyNo('CH');
  const lots = await freshLots(the, [quantity]);
  const items = lots.map((lot) => ({ ...lot, price: '3400.00', priceAt: new Date().toISOString() }));
  await the.store.tx((tx) => requestChange(tx, { no, pledgeNo, kind, reason: '换货', items }, actor));
  return no;
}
