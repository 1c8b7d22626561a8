/** Trade documents: orders as the ERP holds them, and the papers of a project. */
import { Failure } from '../contracts/failures.ts';
import type { Tx } from './lifecycle.ts';

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

/** @throws Failure CONTRACT_VIOLATED naming the papers that are missing */
export async function requireDocuments(tx: Tx, caseId: string, types: readonly string[]): Promise<void> {
  const found = await tx.query<{ type: string }>('select distinct type from document where case_id = $1', [caseId]);
  const missing = types.filter((type) => !found.rows.some((row) => row.type === type));
  if (missing.length > 0)
    throw new Failure('CONTRACT_VIOLATED', { detail: `documents are missing: ${missing.join(', ')}` });
}
