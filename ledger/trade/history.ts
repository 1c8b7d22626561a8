/** How a buyer has traded and borrowed so far (历史交易): what is looked at before anybody is asked for credit. */
import type { Tx } from '../lifecycle.ts';

interface TradeHistory {
  /** Orders of this buyer before this one. */
  readonly earlierOrders: string;
  readonly settledLoans: string;
  /** Loans that are overdue, or were given up. */
  readonly overdueLoans: string;
  readonly disputedReceivables: string;
}

export async function tradeHistoryOf(tx: Tx, buyer: string, orderNo: string): Promise<TradeHistory> {
  const found = await tx.query<TradeHistory>(
    `select (select count(*) from trade_order o where o.buyer_id = $1 and o.order_no <> $2)::text "earlierOrders",
       count(*) filter (where l.state = 'SETTLED')::text "settledLoans",
       count(*) filter (where l.state in ('OVERDUE', 'DEFAULTED', 'DISPOSING', 'WRITTEN_OFF'))::text "overdueLoans",
       (select count(*) from receivable r where r.debtor_id = $1 and r.state = 'DISPUTED')::text "disputedReceivables"
     from application a left join loan l on l.application_no = a.no where a.borrower_id = $1`,
    [buyer, orderNo],
  );
  return found.rows[0] ?? { earlierOrders: '0', settledLoans: '0', overdueLoans: '0', disputedReceivables: '0' };
}

interface KnownOrder {
  readonly caseId: string;
  readonly sellerNo: string;
  readonly total: string;
  readonly lines: unknown;
}

/** The order of that number which one of these sellers has. */
export async function orderOf(tx: Tx, orderNo: string, sellers: readonly string[]): Promise<KnownOrder | undefined> {
  const found = await tx.query<KnownOrder>(
    `select case_id "caseId", seller_no "sellerNo", total::text, lines from trade_order where order_no = $1 and seller_no = any($2)`,
    [orderNo, sellers],
  );
  return found.rows[0];
}

/**
 * The ERP is right about an order: what it holds now is what counts from here on, but never less than was paid of it.
 * Returns the number of this version; the first was the order as it was placed.
 */
export async function replaceOrder(
  tx: Tx,
  order: {
    readonly sellerNo: string;
    readonly orderNo: string;
    readonly total: string;
    readonly lines: readonly object[];
  },
): Promise<number> {
  const { sellerNo, orderNo, total, lines } = order;
  await tx.query(
    `update trade_order set total = greatest($3::numeric, paid), lines = $4, confirmed_at = hub_now() where (seller_no, order_no) = ($1, $2)`,
    [sellerNo, orderNo, total, JSON.stringify(lines)],
  );
  const found = await tx.query<{ versions: number }>(
    `select count(*)::int + 2 versions from evidence e join trade_order o on o.case_id = e.case_id
     where (o.seller_no, o.order_no) = ($1, $2) and e.node = 'N03 trade data' and e.business_key like o.order_no || '/v%'`,
    [sellerNo, orderNo],
  );
  return found.rows[0]?.versions ?? 2;
}
