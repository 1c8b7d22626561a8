/** Financing applications (融资申请) and the limit they may draw. */
import { guardUnfunded } from '../guards.ts';
import { begin, move, stateOf, type Actor, type Tx } from '../lifecycle.ts';
import { grantForApplication, releaseReserved } from '../money/limits.ts';
import { assetKey, lockAsset, lockReceivable, releaseAssets, type FinancedReceivable } from './assets.ts';

interface Asked {
  readonly no: string;
  readonly caseId: string;
  readonly borrower: string;
  /** Absent: of what is offered (保理), until the rate is fixed. */
  readonly funder?: string;
  readonly amount: string;
  readonly currency: string;
  readonly tenorDays: number;
  readonly purpose: string;
  readonly payeeAccount: string;
  /** The version of the product, as pinned by the case. */
  readonly productId?: string;
}

/**
 * An application on the order of its case.
 * @throws Failure LIMIT_INSUFFICIENT when it asks for more than is unpaid of the order (I-04), ASSET_ALREADY_LOCKED
 */
export async function submitApplication(
  tx: Tx,
  application: Asked & { readonly orderNo: string; readonly product?: string },
  actor: Actor,
): Promise<void> {
  // Two sellers may have the same number; the case has the order of one of them.
  const order = await tx.query<{ seller: string }>(
    'select seller_no seller from trade_order where case_id = $1 and order_no = $2',
    [application.caseId, application.orderNo],
  );
  const seller = order.rows[0]?.seller ?? null;
  const columns = { product: application.product ?? 'SPOT_PLEDGE', order_no: application.orderNo, seller_no: seller };
  await insertApplication(tx, application, columns, actor);
  await lockAsset(tx, assetKey.order(seller ?? '', application.orderNo), application.no);
  await move(tx, 'application', application.no, 'lock', actor);
}

/** Handed in, and given back as it is: nothing is locked for it. The next one has a number of its own. */
export async function returnApplication(
  tx: Tx,
  application: Asked & { readonly product: string; readonly orderNo: string; readonly sellerNo: string },
  reason: string,
  actor: Actor,
): Promise<void> {
  const { product, orderNo, sellerNo } = application;
  await insertApplication(tx, application, { product, order_no: orderNo, seller_no: sellerNo }, actor);
  await move(tx, 'application', application.no, 'return', actor, {}, { reason });
}

/** The offer (有效期) is over and nothing was paid on it. What was done for it is taken back by who did it. */
export function expireOffer(tx: Tx, no: string, actor: Actor): Promise<void> {
  return move(tx, 'application', no, 'expire', actor, {}, { reason: 'the offer has expired' });
}

/**
 * An application on confirmed receivables (保理), which are then offered to funders.
 * @throws Failure LIMIT_INSUFFICIENT, ASSET_ALREADY_LOCKED, NOT_ALLOWED as `lockReceivable` says
 */
export async function submitFactoring(
  tx: Tx,
  application: Asked & {
    readonly receivables: readonly FinancedReceivable[];
    readonly disclosed: boolean;
    readonly recourse: boolean;
  },
  actor: Actor,
): Promise<void> {
  const { disclosed, recourse } = application;
  await insertApplication(tx, application, { product: 'FACTORING', disclosed, recourse }, actor);
  // In one order, so that two that want the same ones do not wait for each other.
  for (const receivable of application.receivables.toSorted((a, b) => (a.no < b.no ? -1 : 1)))
    await lockReceivable(tx, receivable, application.no, actor);
  await move(tx, 'application', application.no, 'lock', actor);
}

async function insertApplication(
  tx: Tx,
  application: Asked,
  further: Readonly<Record<string, unknown>>,
  actor: Actor,
): Promise<void> {
  const columns: Readonly<Record<string, unknown>> = {
    no: application.no,
    case_id: application.caseId,
    borrower_id: application.borrower,
    funder_id: application.funder ?? null,
    amount: application.amount,
    currency: application.currency,
    tenor_days: application.tenorDays,
    purpose: application.purpose,
    payee_account: application.payeeAccount,
    product_id: application.productId ?? null,
    state: 'SUBMITTED',
    ...further,
  };
  const names = Object.keys(columns);
  await tx.query(
    `insert into application (${names.join(', ')}) values (${names.map((_, i) => `$${i + 1}`).join(', ')})`,
    names.map((name) => columns[name]),
  );
  await begin(tx, 'application', application.no, 'submit', actor);
}

/**
 * Compensation of every end other than a disbursement: assets and limit are free again.
 * @throws Failure PAYMENT_UNKNOWN_PENDING when money may have moved
 */
export async function withdrawApplication(tx: Tx, no: string, actor: Actor): Promise<void> {
  await guardUnfunded(tx, no);
  await releaseAssets(tx, no, actor);
  await releaseReserved(tx, no);
  const state = await stateOf(tx, 'application', no);
  const ended = ['REJECTED', 'WITHDRAWN', 'OFFER_EXPIRED', 'RETURNED'];
  if (state !== undefined && !ended.includes(state)) await move(tx, 'application', no, 'withdraw', actor);
}

export interface Terms {
  readonly amount: string;
  readonly rate: string;
  readonly tenorDays: number;
  readonly dayCount: string;
  /** Of a pledge. */
  readonly pledgeRate?: string;
  readonly validTo: string;
}

export async function approveApplication(
  tx: Tx,
  no: string,
  funderRef: string,
  terms: Terms,
  actor: Actor,
): Promise<void> {
  await move(tx, 'application', no, 'approve', actor, {
    funder_ref: funderRef,
    approved_amount: terms.amount,
    rate: terms.rate,
    tenor_days: terms.tenorDays,
    day_count: terms.dayCount,
    pledge_rate: terms.pledgeRate ?? null,
    valid_to: terms.validTo,
  });
  // The funder grants one limit per application; it does not revolve.
  await grantForApplication(tx, no, terms.amount, actor);
}
