/** Who takes part in a factoring (保理), and how its receivable stands: what its flows read before they act. */
import { Failure } from '../../contracts/failures.ts';
import type { Tx } from '../lifecycle.ts';
import { accountOf, type AccountRow } from '../parties/accounts.ts';
import { financedBy, projectNamed, type Project, type ProjectCompany } from '../configuration/projects.ts';

export interface Trader extends ProjectCompany {
  readonly state: string;
}

/** @throws Failure NOT_FOUND, PARTY_NOT_VERIFIED */
export async function traderOf(tx: Tx, uscc: string): Promise<Trader> {
  const found = await tx.query<Trader>('select id, legal_name name, uscc, state from party where uscc = $1', [uscc]);
  const trader = found.rows[0];
  if (!trader) throw new Failure('NOT_FOUND', { detail: `the hub knows no company ${uscc}` });
  if (trader.state !== 'ACTIVE')
    throw new Failure('PARTY_NOT_VERIFIED', { detail: `${trader.name} is ${trader.state}` });
  return trader;
}

/** Debtor and creditor take part in the case before anybody finances it. */
export async function takePart(tx: Tx, caseId: string, debtor: string, creditor: string): Promise<void> {
  await tx.query("select takes_part($1, $2, 'DEBTOR'), takes_part($1, $3, 'CREDITOR')", [caseId, debtor, creditor]);
}

/** The account by which the receivable is to be paid. @throws Failure PAYEE_NOT_MANDATED when it is nobody's */
export async function collectionAccount(tx: Tx, accountNo: string): Promise<AccountRow & { readonly partyId: string }> {
  const found = await tx.query<AccountRow & { partyId: string }>(
    `select account_name "accountName", account_no "accountNo", bank_name "bankName", bank_code "bankCode", party_id "partyId"
     from bank_account where account_no = $1 and state = 'VERIFIED'`,
    [accountNo],
  );
  if (!found.rows[0])
    throw new Failure('PAYEE_NOT_MANDATED', { detail: 'the collection account is not a verified account of a party' });
  return found.rows[0];
}

/** A company with the account from or to which its money goes. */
export interface Payer extends ProjectCompany {
  readonly account: AccountRow;
}

export interface OpenSlice {
  readonly applicationNo: string;
  readonly loanNo: string;
  readonly funderLoanNo: string;
  readonly balance: string;
  readonly funder: Payer;
  readonly system: string;
  readonly registrationRequestNo: string;
  readonly registrationNo: string;
  readonly amendCode: string;
}

export interface Collecting {
  readonly receivableNo: string;
  readonly state: string;
  readonly confirmed: string;
  readonly collected: string;
  readonly dueDate: string;
  readonly payAccountNo: string;
  readonly disclosed: boolean;
  readonly recourse: boolean;
  readonly leadNo: string;
  readonly debtor: Payer;
  readonly creditor: Payer;
  readonly slices: readonly OpenSlice[];
  readonly invoiceKeys: readonly string[];
  readonly noticeNo: string;
  readonly noticeState: string;
  readonly project: Project;
}

/** @throws Failure NOT_FOUND */
export async function collectingOf(tx: Tx, receivableNo: string, projectId: string): Promise<Collecting> {
  const found = await tx.query<
    Omit<Collecting, 'debtor' | 'creditor' | 'slices' | 'project'> & Record<'debtorId' | 'creditorId', string>
  >(
    `select r.no "receivableNo", r.state, c.confirmed_amount::text confirmed, r.collected::text, c.due_date::text "dueDate", c.pay_account "payAccountNo",
       a.disclosed, a.recourse, a.no "leadNo", r.debtor_id "debtorId", r.creditor_id "creditorId", n.no "noticeNo", n.state "noticeState",
       (select jsonb_agg(u.invoice_key order by u.invoice_key) from invoice_use u where u.receivable_no = r.no) "invoiceKeys"
     from receivable r join confirmation c on c.receivable_no = r.no and c.version = r.version and c.state = 'CONFIRMED'
       join asset_lock l on l.receivable_no = r.no and l.released_at is null and l.share_of is null join application a on a.no = l.application_no
       cross join lateral (select x.no, x.state from assignment_notice x where x.receivable_no = r.no order by x.state in ('CANCELLED', 'REVOKED'), x.sent_at desc nulls last limit 1) n
     where r.no = $1`,
    [receivableNo],
  );
  const row = found.rows[0];
  if (!row) throw new Failure('NOT_FOUND', { detail: `receivable ${receivableNo} is not financed` });
  const { debtorId, creditorId, ...receivable } = row;
  const project = await projectNamed(tx, projectId);
  return {
    ...receivable,
    debtor: await payerOf(tx, debtorId),
    creditor: await payerOf(tx, creditorId),
    slices: await slicesOf(tx, row.leadNo, project),
    project,
  };
}

async function payerOf(tx: Tx, id: string): Promise<Payer> {
  const found = await tx.query<ProjectCompany>('select id, legal_name name, uscc from party where id = $1', [id]);
  const [company] = found.rows;
  if (!company) throw new Failure('NOT_FOUND', { detail: 'there is no such party' });
  return { ...company, account: await accountOf(tx, id) };
}

async function slicesOf(tx: Tx, leadNo: string, project: Project): Promise<OpenSlice[]> {
  const found = await tx.query<Omit<OpenSlice, 'funder' | 'system'> & { funderId: string }>(
    `select a.no "applicationNo", l.no "loanNo", l.funder_no "funderLoanNo", l.balance::text, a.funder_id "funderId",
       g.request_no "registrationRequestNo", g.registration_no "registrationNo", g.amend_code "amendCode"
     from application a join loan l on l.application_no = a.no join registration g on g.application_no = a.no and g.state in ('REGISTERED', 'AMENDED', 'EXTENDED')
     where (a.no = $1 or a.no in (select k.application_no from asset_lock k where k.share_of = $1 and k.released_at is null)) and l.state <> 'REVERSED' order by a.no`,
    [leadNo],
  );
  const slices: OpenSlice[] = [];
  for (const { funderId, ...slice } of found.rows)
    slices.push({
      ...slice,
      funder: await payerOf(tx, funderId),
      system: financedBy(project, funderId).systems.funder,
    });
  return slices;
}
