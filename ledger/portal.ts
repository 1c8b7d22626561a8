/** What a trading unit or a dealer is told of its case: where it stands, and what is asked of whom. */
import type { Tx } from './lifecycle.ts';

export async function describeCase(tx: Tx, caseId: string): Promise<object> {
  const found = await tx.query<Record<string, unknown>>(
    `select
       (select coalesce(array_agg(distinct split_part(w.key, ':', 1)), '{}') from wait w join run r on r.id = w.run_id
         where r.case_id = $1 and w.key like 'portal.%') needs,
       (select code from invitation where case_id = $1 and used_at is null and expires_at > hub_now()) invitation,
       (select jsonb_build_object('no', o.order_no, 'total', o.total::text, 'currency', o.currency) from trade_order o where o.case_id = $1) "order",
       (select jsonb_build_object('no', a.no, 'state', a.state, 'amount', a.amount::text, 'approvedAmount', a.approved_amount::text, 'rate', a.rate::text, 'validTo', a.valid_to)
          from application a where a.case_id = $1 order by a.no desc limit 1) application,
       (select jsonb_build_object('no', l.no, 'state', l.state, 'principal', l.principal::text, 'balance', l.balance::text, 'maturity', l.maturity)
          from loan l join application a on a.no = l.application_no where a.case_id = $1 limit 1) loan,
       (select jsonb_build_object('no', p.no, 'state', p.state, 'receiptNo', p.receipt_no) from pledge p join application a on a.no = p.application_no
         where a.case_id = $1 limit 1) pledge`,
    [caseId],
  );
  // What is not there yet is left out.
  return Object.fromEntries(Object.entries(found.rows[0] ?? {}).filter(([, value]) => value !== null));
}

/** The trading unit sees the cases of its orders, a dealer those in which it is the buyer. */
export async function mayReadCase(tx: Tx, caseId: string, caller: string): Promise<boolean> {
  if (caller === 'unit') return true;
  const mine = await tx.query(
    `select 1 from trade_order o join party_ref r on r.party_id = o.buyer_id where o.case_id = $1 and 'dealer-' || r.value = $2`,
    [caseId, caller],
  );
  return mine.rowCount !== 0;
}
