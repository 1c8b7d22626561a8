/** What a repayment and a release start from: the pledge, its loan, and whose it is. */
import { Failure } from '../contracts/failures.ts';
import type { Tx } from './lifecycle.ts';
import { accountOf, type AccountRow } from './parties.ts';
import { projectOf, type Project } from './projects.ts';

export interface OpenPledge {
  readonly applicationNo: string;
  readonly pledgeNo: string;
  readonly loanNo: string;
  readonly registrationNo: string;
  readonly registrationRequestNo: string;
  readonly amendCode: string;
  readonly dealer: { readonly name: string; readonly uscc: string };
  readonly dealerAccount: AccountRow;
  readonly funderAccount: AccountRow;
  readonly project: Project;
}

/** @throws Failure NOT_FOUND when the case holds no effective pledge of that borrower's application */
export async function openPledge(
  tx: Tx,
  caseId: string,
  applicationNo: string,
  borrowerUscc: string,
): Promise<OpenPledge> {
  const found = await tx.query<{
    pledgeNo: string;
    loanNo: string;
    registrationNo: string;
    registrationRequestNo: string;
    amendCode: string;
    dealerId: string;
    name: string;
    uscc: string;
    sellerNo: string;
  }>(
    `select p.no "pledgeNo", l.no "loanNo", r.registration_no "registrationNo", r.request_no "registrationRequestNo", r.amend_code "amendCode",
       d.id "dealerId", d.legal_name name, d.uscc, o.seller_no "sellerNo"
     from application a join pledge p on p.application_no = a.no join loan l on l.application_no = a.no
       join registration r on r.pledge_no = p.no join party d on d.id = a.borrower_id join trade_order o on o.order_no = a.order_no
     where a.no = $1 and a.case_id = $2 and d.uscc = $3 and p.state in ('EFFECTIVE', 'PARTIALLY_RELEASED') and l.state = 'ACTIVE'`,
    [applicationNo, caseId, borrowerUscc],
  );
  const row = found.rows[0];
  if (!row)
    throw new Failure('NOT_FOUND', {
      detail: `the case holds no effective pledge with an open loan for application ${applicationNo}`,
    });
  const project = await projectOf(tx, row.sellerNo);
  const { dealerId, name, uscc, sellerNo: _, ...rest } = row;
  return {
    ...rest,
    applicationNo,
    dealer: { name, uscc },
    dealerAccount: await accountOf(tx, dealerId),
    funderAccount: await accountOf(tx, project.funder.id),
    project,
  };
}
