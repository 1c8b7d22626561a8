/** Trade documents: orders as the ERP holds them, and the papers of a project. */
import { Failure } from '../../contracts/failures.ts';
import type { Tx } from '../lifecycle.ts';

export interface OrderRow {
  readonly orderNo: string;
  readonly orderDate: string;
  readonly currency: string;
  readonly total: string;
  readonly lines: readonly {
    lineNo: string;
    materialCode: string;
    description?: string;
    quantity: string;
    unit: string;
    unitPrice: string;
    amount: string;
  }[];
}

/** An order counts when the ERP itself says what was pushed: anybody can push. */
export async function recordOrder(
  tx: Tx,
  order: OrderRow & { caseId: string; sellerNo: string; buyer: string },
  erp: {
    total: string;
    currency: string;
    buyerNo: string;
    lines: readonly { materialCode: string; quantity: string }[];
  },
  pushed: { buyerNo: string },
): Promise<void> {
  const quantities = (lines: readonly { materialCode: string; quantity: string }[]) =>
    lines
      .map((l) => `${l.materialCode}=${l.quantity}`)
      .toSorted()
      .join();
  const differs =
    (erp.total !== order.total && 'total') ||
    (erp.currency !== order.currency && 'currency') ||
    (erp.buyerNo !== pushed.buyerNo && 'buyer') ||
    (quantities(erp.lines) !== quantities(order.lines) && 'lines');
  if (differs)
    throw new Failure('ORDER_NOT_IN_ERP', { detail: `the ERP holds order ${order.orderNo} with another ${differs}` });
  await tx.query(
    `insert into trade_order (order_no, case_id, seller_no, buyer_id, order_date, currency, total, lines, confirmed_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, hub_now())`,
    [
      order.orderNo,
      order.caseId,
      order.sellerNo,
      order.buyer,
      order.orderDate,
      order.currency,
      order.total,
      JSON.stringify(order.lines),
    ],
  );
}

/** What the ERP says is paid of an order by now: only the rest may be financed (I-04). */
export async function recordOrderPayment(tx: Tx, sellerNo: string, orderNo: string, paid: string): Promise<void> {
  const set = await tx.query('update trade_order set paid = $3 where seller_no = $1 and order_no = $2', [
    sellerNo,
    orderNo,
    paid,
  ]);
  if (set.rowCount !== 1) throw new Failure('NOT_FOUND', { detail: `seller ${sellerNo} has no order ${orderNo}` });
}

export interface DeliveryRow {
  readonly sellerNo: string;
  readonly deliveryNo: string;
  readonly orderNo: string;
  readonly shippedAt: Date;
  /** When the buyer signed for it (签收). */
  readonly signedAt?: Date;
  readonly lines: readonly { lineNo: string; materialCode: string; quantity: string; unit: string }[];
  /** Of the signed delivery note. */
  readonly proofSha256?: string;
}

/** Goods sent under an order. What is known of it already is kept; a signature may come later. */
export async function recordDelivery(tx: Tx, delivery: DeliveryRow): Promise<void> {
  await tx.query(
    `insert into delivery (seller_no, delivery_no, order_no, shipped_at, signed_at, lines, proof_sha256) values ($1, $2, $3, $4, $5, $6, $7)
     on conflict (seller_no, delivery_no) do update set signed_at = coalesce(delivery.signed_at, excluded.signed_at),
       proof_sha256 = coalesce(delivery.proof_sha256, excluded.proof_sha256)`,
    [
      delivery.sellerNo,
      delivery.deliveryNo,
      delivery.orderNo,
      delivery.shippedAt,
      delivery.signedAt ?? null,
      JSON.stringify(delivery.lines),
      delivery.proofSha256 ?? null,
    ],
  );
}

export async function recordDocuments(
  tx: Tx,
  caseId: string,
  documents: readonly { type: string; name: string; sha256: string }[],
): Promise<void> {
  for (const { type, name, sha256 } of documents) {
    await tx.query(
      'insert into document (case_id, type, name, sha256) values ($1, $2, $3, $4) on conflict do nothing',
      [caseId, type, name, sha256],
    );
  }
}

/** Of these papers, those that nobody has handed in. */
export async function missingDocuments(tx: Tx, caseId: string, types: readonly string[]): Promise<string[]> {
  const found = await tx.query<{ type: string }>('select distinct type from document where case_id = $1', [caseId]);
  return types.filter((type) => !found.rows.some((row) => row.type === type));
}
