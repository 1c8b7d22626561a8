/**
 * What the hub holds that others hold, too: the loans of a funder, receipts in an ERP, pledged lots in a warehouse. Read to be compared.
 * What has an open break is among them also when it is over with us: only the comparison that agrees closes it.
 */
import type { Tx } from '../lifecycle.ts';
import type { BreakKind } from './breaks.ts';

/** So many are read at once; who has read a full page reads on behind its last. */
export const pageMax = 200;

const openOf = (kind: BreakKind): string =>
  `(select c.subject from recon_case c where c.run_no is null and c.no like 'RC-${kind}-%' and c.state in ('OPEN', 'INVESTIGATING'))`;

export interface LoanHeld {
  readonly loanNo: string;
  readonly funderLoanNo: string;
  readonly balance: string;
  readonly system: string;
}

/** Loans of a project of which something is owed, or was thought to be, each with its funder's system: a page, behind a number. */
export async function loansHeld(tx: Tx, project: string, behind = ''): Promise<LoanHeld[]> {
  const found = await tx.query<LoanHeld>(
    `select l.no "loanNo", l.funder_no "funderLoanNo", l.balance::text balance, f.system from loan l join application a on a.no = l.application_no
       join project pr on pr.seller_no = a.seller_no join project_funder f on f.project_id = pr.id and f.funder_id = a.funder_id
     where pr.id = $1 and l.no > $2 and l.funder_no is not null
       and (l.state in ('ACTIVE', 'EXTENDED', 'DUE', 'OVERDUE', 'DEFAULTED', 'DISPOSING') or l.no in ${openOf('LOAN')})
     order by l.no limit ${pageMax}`,
    [project, behind],
  );
  return found.rows;
}

/** Receipts that the hub had posted into the ERP for orders of a project, in the last quarter: a page, behind a number. */
export async function receiptsPosted(tx: Tx, project: string, behind = ''): Promise<string[]> {
  const found = await tx.query<{ no: string }>(
    `select e.number "no" from effect e where e.operation = 'sap.postClearing' and e.state = 'confirmed' and e.number > $2
       and (e.settled_at > hub_now() - interval '90 days' or e.number in ${openOf('ERP')})
       and exists (select from trade_order o join project pr on pr.seller_no = o.seller_no where o.case_id = e.case_id and pr.id = $1)
     order by e.number limit ${pageMax}`,
    [project, behind],
  );
  return found.rows.map(({ no }) => no);
}

export interface LotsHeld {
  readonly warehouse: string;
  /** The pledgor, as the warehouse knows it. */
  readonly ownerCode: string;
  readonly lots: readonly { readonly lotNo: string; readonly pledged: string }[];
}

const controlled = "('EFFECTIVE', 'PARTIALLY_RELEASED')";

/** The owner's goods in that warehouse, by one word. */
export const placeOf = ({ warehouse, ownerCode }: LotsHeld): string => `${warehouse} ${ownerCode}`;

/** What is pledged and in the warehouse's hands, by owner: a page of owners, behind a place. */
export async function lotsHeld(tx: Tx, project: string, behind = ''): Promise<LotsHeld[]> {
  const found = await tx.query<LotsHeld>(
    `select s.warehouse, d.uscc "ownerCode", jsonb_agg(jsonb_build_object('lotNo', i.lot_no, 'pledged', i.held::text) order by i.lot_no) lots
     from (select i.pledge_no, i.lot_no, sum(case when p.state in ${controlled} then i.quantity - i.released - i.lost else 0 end)::numeric(15, 3) held
         from pledge_item i join pledge p on p.no = i.pledge_no where p.state in ${controlled} or i.lot_no in ${openOf('STOCK')} group by 1, 2) i
       join pledge p on p.no = i.pledge_no join application a on a.no = p.application_no join project pr on pr.seller_no = a.seller_no
       join stock_lot s on s.lot_no = i.lot_no join party d on d.id = p.pledgor_id
     where pr.id = $1 and s.warehouse || ' ' || d.uscc > $2 and (i.held > 0 or i.lot_no in ${openOf('STOCK')})
     group by s.warehouse, d.uscc order by s.warehouse || ' ' || d.uscc limit ${pageMax}`,
    [project, behind],
  );
  return found.rows;
}
