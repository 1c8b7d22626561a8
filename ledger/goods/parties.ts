/** Whom a pledge concerns, and what its loan and registration are: for telling them, calling for more, and selling. */
import { Failure } from '../../contracts/failures.ts';
import { financedBy, projectOf, type Project } from '../configuration/projects.ts';
import type { Tx } from '../lifecycle.ts';
import type { OpenLoan } from '../money/openLoans.ts';
import { accountOf } from '../parties/parties.ts';
import type { LiveRegistration } from './releases.ts';

export interface PledgeParties {
  readonly pledgorId: string;
  readonly pledgeeId: string;
  readonly supervisorId: string;
}

export async function partiesOf(tx: Tx, pledgeNo: string): Promise<PledgeParties> {
  const found = await tx.query<PledgeParties>(
    'select pledgor_id "pledgorId", pledgee_id "pledgeeId", supervisor_id "supervisorId" from pledge where no = $1',
    [pledgeNo],
  );
  if (!found.rows[0]) throw new Failure('NOT_FOUND', { detail: `there is no pledge ${pledgeNo}` });
  return found.rows[0];
}

export interface PledgedLoan extends OpenLoan, PledgeParties {
  readonly pledgeNo: string;
  readonly pledgeState: string;
  readonly loanState: string;
  readonly principal: string;
  /** The pledge's own, and one for each change that added goods. */
  readonly registrations: readonly LiveRegistration[];
  readonly project: Project;
}

/** The loan that a pledge secures, as its funder finances it. @throws Failure NOT_FOUND when that pledge is not of this case */
export async function pledgedLoan(tx: Tx, caseId: string, pledgeNo: string): Promise<PledgedLoan> {
  const found = await tx.query<
    Omit<PledgedLoan, 'dealer' | 'dealerAccount' | 'funderAccount' | 'project'> & {
      sellerNo: string;
      name: string;
      uscc: string;
    }
  >(
    `select p.no "pledgeNo", p.state "pledgeState", p.pledgor_id "pledgorId", p.pledgee_id "pledgeeId", p.supervisor_id "supervisorId", a.no "applicationNo",
       a.seller_no "sellerNo", l.no "loanNo", l.funder_no "funderLoanNo", l.state "loanState", l.balance::text principal, d.legal_name name, d.uscc,
       (select coalesce(jsonb_agg(jsonb_build_object('requestNo', r.request_no, 'registrationNo', r.registration_no, 'amendCode', r.amend_code) order by r.request_no), '[]')
        from registration r where r.pledge_no = p.no and r.state in ('REGISTERED', 'AMENDED', 'EXTENDED')) registrations
     from pledge p join application a on a.no = p.application_no join party d on d.id = p.pledgor_id
       join loan l on l.application_no = a.no and l.state <> 'REVERSED' where p.no = $1 and a.case_id = $2 order by l.no desc limit 1`,
    [pledgeNo, caseId],
  );
  const [row] = found.rows;
  if (!row) throw new Failure('NOT_FOUND', { detail: `the case has no loan on pledge ${pledgeNo}` });
  const { sellerNo, name, uscc, ...rest } = row;
  const project = financedBy(await projectOf(tx, sellerNo), row.pledgeeId);
  return {
    ...rest,
    dealer: { name, uscc },
    dealerAccount: await accountOf(tx, row.pledgorId),
    funderAccount: await accountOf(tx, row.pledgeeId),
    project,
  };
}

/** A company that may buy: known here, with a verified account of its own. Undefined when it is not. */
export async function buyerAccount(tx: Tx, uscc: string) {
  const found = await tx.query<{ id: string }>(
    "select p.id from party p where p.uscc = $1 and exists (select from bank_account b where b.party_id = p.id and b.state = 'VERIFIED')",
    [uscc],
  );
  return found.rows[0] && accountOf(tx, found.rows[0].id);
}
