/** What the hub holds that others hold, too: the loans of a funder, receipts in an ERP, pledged lots in a warehouse. Read to be compared. */
import type { Tx } from '../lifecycle.ts';

const rowsMax = 500;

export interface LoanHeld {
  readonly loanNo: string;
  readonly funderLoanNo: string;
  readonly balance: string;
  readonly system: string;
}

/** Loans of a project of which something is owed, each with its funder's system. */
export async function loansHeld(tx: Tx, project: string): Promise<LoanHeld[]> {
  const found = await tx.query<LoanHeld>(
    `select l.no "loanNo", l.funder_no "funderLoanNo", l.balance::text balance, f.system from loan l join application a on a.no = l.application_no
       join project pr on pr.seller_no = a.seller_no join project_funder f on f.project_id = pr.id and f.funder_id = a.funder_id
     where pr.id = $1 and l.funder_no is not null and l.state in ('ACTIVE', 'EXTENDED', 'DUE', 'OVERDUE', 'DEFAULTED', 'DISPOSING') order by l.no limit ${rowsMax}`,
    [project],
  );
  return found.rows;
}

/** Receipts that the hub had posted into the ERP for orders of a project, in the last quarter. */
export async function receiptsPosted(tx: Tx, project: string): Promise<string[]> {
  const found = await tx.query<{ no: string }>(
    `select e.number "no" from effect e where e.operation = 'sap.postClearing' and e.state = 'confirmed' and e.settled_at > hub_now() - interval '90 days'
       and exists (select from trade_order o join project pr on pr.seller_no = o.seller_no where o.case_id = e.case_id and pr.id = $1)
     order by e.number limit ${rowsMax}`,
    [project],
  );
  return found.rows.map(({ no }) => no);
}

export interface LotsHeld {
  readonly warehouse: string;
  /** The pledgor, as the warehouse knows it. */
  readonly ownerCode: string;
  readonly lots: readonly { readonly lotNo: string; readonly pledged: string }[];
}

/** What is pledged and in the warehouse's hands, by owner. */
export async function lotsHeld(tx: Tx, project: string): Promise<LotsHeld[]> {
  const found = await tx.query<LotsHeld>(
    `select s.warehouse, d.uscc "ownerCode", jsonb_agg(jsonb_build_object('lotNo', i.lot_no, 'pledged', i.held::text) order by i.lot_no) lots
     from (select pledge_no, lot_no, sum(quantity - released - lost)::numeric(15, 3) held from pledge_item group by pledge_no, lot_no) i
       join pledge p on p.no = i.pledge_no join application a on a.no = p.application_no join project pr on pr.seller_no = a.seller_no
       join stock_lot s on s.lot_no = i.lot_no join party d on d.id = p.pledgor_id
     where pr.id = $1 and p.state in ('EFFECTIVE', 'PARTIALLY_RELEASED') and i.held > 0 group by s.warehouse, d.uscc order by 1, 2 limit ${rowsMax}`,
    [project],
  );
  return found.rows;
}
