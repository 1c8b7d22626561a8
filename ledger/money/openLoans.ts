/** An open loan and who stands on its two sides: what its repayment needs. */
import { Failure } from '../../contracts/failures.ts';
import { financedBy, projectOf, type Project } from '../configuration/projects.ts';
import type { Tx } from '../lifecycle.ts';
import { accountOf, type AccountRow } from '../parties/accounts.ts';

export interface OpenLoan {
  readonly applicationNo: string;
  readonly loanNo: string;
  /** What the funder calls it. */
  readonly funderLoanNo: string;
  readonly dealer: { readonly name: string; readonly uscc: string };
  readonly dealerAccount: AccountRow;
  /** What it stands on, when it stands on goods. */
  readonly pledgeNo: string | null;
  readonly funderAccount: AccountRow;
  /** As the funder of this loan finances it. */
  readonly project: Project;
}

/** Something is owed. */
const owing = `('ACTIVE', 'EXTENDED', 'DUE', 'OVERDUE')`;

/** @throws Failure NOT_FOUND when the case holds no open loan of that borrower's application */
export async function openLoan(tx: Tx, caseId: string, applicationNo: string, borrowerUscc: string): Promise<OpenLoan> {
  const found = await tx.query<{
    loanNo: string;
    funderLoanNo: string;
    dealerId: string;
    funderId: string;
    name: string;
    uscc: string;
    sellerNo: string;
    pledgeNo: string | null;
  }>(
    `select l.no "loanNo", l.funder_no "funderLoanNo", d.id "dealerId", a.funder_id "funderId", d.legal_name name, d.uscc, a.seller_no "sellerNo",
       (select p.no from pledge p where p.application_no = a.no and p.state in ('EFFECTIVE', 'PARTIALLY_RELEASED') limit 1) "pledgeNo"
     from application a join loan l on l.application_no = a.no join party d on d.id = a.borrower_id
     where a.no = $1 and a.case_id = $2 and d.uscc = $3 and l.state in ('ACTIVE', 'DUE', 'EXTENDED', 'OVERDUE')`,
    [applicationNo, caseId, borrowerUscc],
  );
  const row = found.rows[0];
  if (!row) throw new Failure('NOT_FOUND', { detail: `the case holds no open loan for application ${applicationNo}` });
  const { dealerId, funderId, name, uscc, sellerNo, ...loan } = row;
  const project = financedBy(await projectOf(tx, sellerNo), funderId);
  return {
    ...loan,
    applicationNo,
    dealer: { name, uscc },
    dealerAccount: await accountOf(tx, dealerId),
    funderAccount: await accountOf(tx, project.funder.id),
    project,
  };
}

/** The loan of that number, while something is owed. @throws Failure NOT_FOUND */
export async function openLoanNamed(tx: Tx, loanNo: string): Promise<OpenLoan> {
  const found = await tx.query<{ applicationNo: string; caseNo: string; uscc: string; state: string }>(
    `select a.no "applicationNo", a.case_id "caseNo", d.uscc from loan l join application a on a.no = l.application_no join party d on d.id = a.borrower_id
     where l.no = $1 and l.state in ${owing}`,
    [loanNo],
  );
  const row = found.rows[0];
  if (!row) throw new Failure('NOT_FOUND', { detail: `nothing is owed of a loan ${loanNo}` });
  return openLoan(tx, row.caseNo, row.applicationNo, row.uscc);
}

export interface Entry {
  readonly accountNo: string;
  readonly amount: string;
  readonly payer: { readonly name: string; readonly accountNo: string };
  readonly reference?: string;
}

export interface Matched {
  readonly by: 'reference' | 'amount' | 'people';
  readonly loanNo: string;
  readonly caseNo: string;
  readonly borrower: { readonly name: string; readonly uscc: string };
  /** Somebody else than the borrower paid: the funder must want that (民法典 524). */
  readonly thirdParty: boolean;
}

/**
 * Whose money it is (F7 3): by the number that the payer gave, of a loan of the funder whose account it is; else by payer and amount,
 * where exactly one loan has an instalment of that much. Nobody guesses: what is neither is for people.
 */
export async function matchEntry(tx: Tx, entry: Entry): Promise<Matched | undefined> {
  const named =
    entry.reference === undefined ? [] : await loansFor(tx, entry, '$4 in (l.no, l.funder_no, a.no)', entry.reference);
  if (named.length === 1) return { ...named[0], by: 'reference' } as Matched;
  const fitting = await loansFor(
    tx,
    entry,
    `not (d.legal_name is distinct from $3 and d.id is distinct from (select b.party_id from bank_account b where b.account_no = $2)) and exists (
       select from instalment i where i.loan_no = l.no and i.version = (select max(version) from loan_plan p where p.loan_no = l.no)
         and i.principal + i.interest = $4::numeric)`,
    entry.amount,
  );
  return fitting.length === 1 ? ({ ...fitting[0], by: 'amount' } as Matched) : undefined;
}

/** As people say. @throws Failure NOT_FOUND when the funder has no such open loan */
export async function assignEntry(tx: Tx, entry: Entry, loanNo: string): Promise<Matched> {
  const [only] = await loansFor(tx, entry, 'l.no = $4', loanNo);
  if (!only)
    throw new Failure('NOT_FOUND', { detail: `nothing is owed of a loan ${loanNo} to the funder of this account` });
  return { ...only, by: 'people' };
}

async function loansFor(
  tx: Tx,
  { accountNo, payer }: Entry,
  where: string,
  value: string,
): Promise<Omit<Matched, 'by'>[]> {
  const found = await tx.query<Omit<Matched, 'by'>>(
    `select l.no "loanNo", a.case_id "caseNo", jsonb_build_object('name', d.legal_name, 'uscc', d.uscc) borrower,
       d.legal_name is distinct from $3 and d.id is distinct from (select b.party_id from bank_account b where b.account_no = $2) "thirdParty"
     from loan l join application a on a.no = l.application_no join party d on d.id = a.borrower_id
     where l.funder_id = (select b.party_id from bank_account b where b.account_no = $1) and l.state in ${owing} and ${where}`,
    [accountNo, payer.accountNo, payer.name, value],
  );
  return found.rows;
}

export interface DueSoon {
  readonly loanNo: string;
  readonly funderLoanNo: string;
  readonly borrower: string;
  /** The funder's system. */
  readonly system: string;
  readonly dueOn: string;
  readonly days: number;
  /** As the hub's own plan says. */
  readonly amount: string;
}

/** Instalments of the project's loans that fall due in one of so many days. */
export async function dueSoon(tx: Tx, project: string, on: string, days: readonly number[]): Promise<DueSoon[]> {
  const found = await tx.query<DueSoon>(
    `select l.no "loanNo", l.funder_no "funderLoanNo", a.borrower_id borrower, f.system, i.due_on::text "dueOn", i.due_on - $2::date days,
       (i.principal + i.interest)::text amount
     from loan l join application a on a.no = l.application_no join project pr on pr.seller_no = a.seller_no
       join project_funder f on f.project_id = pr.id and f.funder_id = l.funder_id
       join instalment i on i.loan_no = l.no and i.version = (select max(version) from loan_plan p where p.loan_no = l.no)
     where pr.id = $1 and l.state in ('ACTIVE', 'EXTENDED') and i.due_on - $2::date = any($3::int[]) order by l.no, i.no`,
    [project, on, days],
  );
  return found.rows;
}
