/** What stands behind a payment that had succeeded and came back (退票). */
import { Failure } from '../../contracts/failures.ts';
import { financedBy, projectOf, type Project } from '../configuration/projects.ts';
import { pledgedLots } from '../goods/releasable.ts';
import type { LotRow } from '../goods/stock.ts';
import type { Tx } from '../lifecycle.ts';

/** Whether a disbursement of that number was paid, and its loan stands: then it is this that came back, and nobody waits for it. */
export async function isPaidOut(tx: Tx, paymentNo: string): Promise<boolean> {
  const found = await tx.query(
    "select from payment p join loan l on l.payment_no = p.no where p.no = $1 and p.state = 'SUCCEEDED'",
    [paymentNo],
  );
  return found.rowCount !== 0;
}

export interface Returned {
  readonly loanNo: string;
  readonly applicationNo: string;
  readonly borrowerUscc: string;
  readonly project: Project;
  readonly pledge?: { readonly no: string; readonly requestNo: string | null; readonly lots: LotRow[] };
}

/** @throws Failure NOT_FOUND */
export async function financedLoan(tx: Tx, paymentNo: string): Promise<Returned> {
  const found = await tx.query<{
    loanNo: string;
    applicationNo: string;
    borrowerUscc: string;
    sellerNo: string;
    funderId: string;
    pledgeNo: string | null;
    requestNo: string | null;
  }>(
    `select l.no "loanNo", a.no "applicationNo", d.uscc "borrowerUscc", a.seller_no "sellerNo", a.funder_id "funderId", p.no "pledgeNo",
       (select r.request_no from registration r where r.pledge_no = p.no and r.state in ('REGISTERED', 'AMENDED', 'EXTENDED') order by r.request_no limit 1) "requestNo"
     from loan l join application a on a.no = l.application_no join party d on d.id = a.borrower_id
       left join pledge p on p.application_no = a.no and p.state in ('EFFECTIVE', 'PARTIALLY_RELEASED')
     where l.payment_no = $1`,
    [paymentNo],
  );
  const row = found.rows[0];
  if (!row) throw new Failure('NOT_FOUND', { detail: `no loan was paid by ${paymentNo}` });
  const { sellerNo, funderId, pledgeNo, requestNo, ...loan } = row;
  const project = financedBy(await projectOf(tx, sellerNo), funderId);
  if (pledgeNo === null) return { ...loan, project };
  return { ...loan, project, pledge: { no: pledgeNo, requestNo, lots: await pledgedLots(tx, pledgeNo) } };
}
