/** Which billing documents an ERP told the hub of: it tells each once, and offers no list of them. */
import { sap } from '../../contracts/sap/sap.ts';
import type { BillingNotice } from '../../contracts/sap/documents.ts';
import type { Message } from '../../contracts/contract.ts';
import type { Tx } from '../../engine/flow.ts';
import { openedFact } from '../../engine/sealed.ts';

const noticesMax = 5_000;
const billingsMax = 500;

export async function billedSince(
  tx: Tx,
  {
    customerNo,
    orders,
    from,
  }: { readonly customerNo: string; readonly orders: readonly string[]; readonly from: string },
): Promise<string[]> {
  const found = await tx.query<{ key: string; id: string; body: Buffer }>(
    `select key, id, body from signal where notice = $1 and at >= $2::date order by at limit $3`,
    [sap.notices.billed.name, from, noticesMax],
  );
  const numbers: string[] = [];
  for (const row of found.rows) {
    const billed = (await openedFact(tx, row)) as Message<typeof BillingNotice>;
    const same = Number(billed.payer.externalNo) === Number(customerNo);
    if (same && billed.lines.some(({ orderNo }) => orderNo === undefined || orders.includes(orderNo)))
      numbers.push(billed.billingNo);
  }
  return numbers.slice(0, billingsMax);
}
