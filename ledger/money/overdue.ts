/**
 * Overdue loans (逾期, F11): the due-date check of a business day over many loans, who stands behind one that lapsed, and how it ends. What
 * is late is decided by posted facts alone.
 */
import { Failure } from '../../contracts/failures.ts';
import { financedBy, projectOf, type Project } from '../configuration/projects.ts';
import { move, stateOf, type Actor, type Tx } from '../lifecycle.ts';
import { clear } from '../oversight/alerts.ts';
import { checkDue, extendLoan } from './loans.ts';

export interface Lapsed {
  readonly loanNo: string;
  readonly caseNo: string;
  /** The due date that was missed, holidays rolled. */
  readonly since: string;
  /** Which of its lapses. */
  readonly lapse: number;
}

export interface DueSweep {
  readonly checked: number;
  /** Where the next slice begins; undefined when all were looked at. */
  readonly after: string | undefined;
  readonly due: readonly string[];
  /** Money for them has arrived and is not posted: nobody calls them overdue. */
  readonly pending: readonly string[];
  readonly overdue: readonly Lapsed[];
}

const sliceLoans = 200;

/** A slice of the loans of a project, or of all: those with an instalment that is due by that day. */
export async function sweepDue(
  tx: Tx,
  ask: { readonly scope: string; readonly on: string; readonly after: string },
  actor: Actor,
): Promise<DueSweep> {
  const found = await tx.query<{ no: string; graceDays: number }>(
    `select l.no, coalesce((c.body ->> 'graceDays')::int, 0) "graceDays" from loan l join application a on a.no = l.application_no
       left join configuration c on c.id = a.product_id left join project pr on pr.seller_no = a.seller_no
     where l.state in ('ACTIVE', 'EXTENDED', 'DUE', 'OVERDUE') and l.no > $1 and ($2 = 'all' or pr.id = $2)
       and exists (select from instalment i where i.loan_no = l.no and i.due_on <= $3
         and i.version = (select max(version) from loan_plan p where p.loan_no = l.no))
     order by l.no limit ${sliceLoans}`,
    [ask.after, ask.scope, ask.on],
  );
  const by: Record<string, string[]> = {};
  for (const { no, graceDays } of found.rows) (by[await checkDue(tx, no, ask.on, actor, graceDays)] ??= []).push(no);
  return {
    checked: found.rows.length,
    after: found.rows.length === sliceLoans ? found.rows.at(-1)?.no : undefined,
    due: by['due'] ?? [],
    pending: by['pending'] ?? [],
    overdue: await lapses(tx, by['overdue'] ?? [], ask.on),
  };
}

async function lapses(tx: Tx, loans: readonly string[], on: string): Promise<Lapsed[]> {
  const found = await tx.query<Lapsed>(
    `select l.no "loanNo", a.case_id "caseNo",
       (select min(i.due_on)::text from instalment i where i.loan_no = l.no and i.due_on < $2
          and i.version = (select max(version) from loan_plan p where p.loan_no = l.no)) since,
       (select count(*)::int from history h where h.entity = 'loan' and h.entity_id = l.no and h.event = 'lapse') lapse
     from loan l join application a on a.no = l.application_no where l.no = any($1) order by l.no`,
    [loans, on],
  );
  return found.rows;
}

/** Which of its lapses is the last. */
export async function lastLapse(tx: Tx, loanNo: string): Promise<number> {
  const found = await tx.query<{ lapse: number }>(
    "select count(*)::int lapse from history where entity = 'loan' and entity_id = $1 and event = 'lapse'",
    [loanNo],
  );
  return found.rows[0]?.lapse ?? 0;
}

export interface Mended {
  readonly loanNo: string;
  readonly caseNo: string;
  readonly lapse: number;
  readonly how: 'cured' | 'settled' | 'writtenOff';
}

/** Loans that people still look after as overdue, and that are not any more. */
export async function mendedLoans(tx: Tx, scope: string): Promise<Mended[]> {
  const found = await tx.query<Mended>(
    `select l.no "loanNo", a.case_id "caseNo",
       (select count(*)::int from history h where h.entity = 'loan' and h.entity_id = l.no and h.event = 'lapse') lapse,
       case l.state when 'SETTLED' then 'settled' when 'WRITTEN_OFF' then 'writtenOff' else 'cured' end how
     from alert t join loan l on l.no = t.subject join application a on a.no = l.application_no left join project pr on pr.seller_no = a.seller_no
     where t.type = 'OVERDUE' and t.state not in ('RESOLVED', 'FALSE_POSITIVE') and l.state in ('ACTIVE', 'EXTENDED', 'DUE', 'SETTLED', 'WRITTEN_OFF')
       and ($1 = 'all' or pr.id = $1) order by l.no`,
    [scope],
  );
  return found.rows;
}

/** A loan that lapsed, and all who are to hear of it. */
export interface OverdueLoan {
  readonly loanNo: string;
  /** What the funder calls it. */
  readonly funderLoanNo: string;
  readonly applicationNo: string;
  readonly product: 'CREDIT' | 'SPOT_PLEDGE' | 'FUTURE_GOODS' | 'FACTORING';
  readonly balance: string;
  readonly borrower: { readonly id: string; readonly name: string; readonly uscc: string };
  readonly pledgeNo: string | null;
  /** Of a factoring: who owes what was bought, once the notice of assignment has reached him. */
  readonly debtor: { readonly id: string; readonly name: string } | null;
  /** As the funder of this loan finances it. */
  readonly project: Project;
}

/** @throws Failure NOT_FOUND */
export async function overdueLoan(tx: Tx, loanNo: string): Promise<OverdueLoan> {
  const found = await tx.query<Omit<OverdueLoan, 'project'> & { sellerNo: string; funderId: string }>(
    `select l.no "loanNo", l.funder_no "funderLoanNo", a.no "applicationNo", a.product, l.balance::text balance, a.seller_no "sellerNo", a.funder_id "funderId",
       jsonb_build_object('id', d.id, 'name', d.legal_name, 'uscc', d.uscc) borrower,
       (select p.no from pledge p where p.application_no = a.no and p.state in ('EFFECTIVE', 'PARTIALLY_RELEASED') limit 1) "pledgeNo",
       (select jsonb_build_object('id', c.id, 'name', c.legal_name) from asset_lock k join receivable r on r.no = k.receivable_no join party c on c.id = r.debtor_id
        where k.application_no = a.no and k.released_at is null and exists (select from assignment_notice n
          where n.receivable_no = r.no and n.assignee_id = a.funder_id and n.state in ('DELIVERED', 'ACKNOWLEDGED')) limit 1) debtor
     from loan l join application a on a.no = l.application_no join party d on d.id = a.borrower_id where l.no = $1`,
    [loanNo],
  );
  const [row] = found.rows;
  if (!row) throw new Failure('NOT_FOUND', { detail: `there is no loan ${loanNo}` });
  const { sellerNo, funderId, ...loan } = row;
  return { ...loan, project: financedBy(await projectOf(tx, sellerNo), funderId) };
}

/** By the funder's word it never lapsed: current again, until the later day where he agreed to one. */
export async function correctLapse(
  tx: Tx,
  loanNo: string,
  word: { readonly maturity?: string; readonly reason: string; readonly on: string },
  actor: Actor,
): Promise<void> {
  await move(tx, 'loan', loanNo, 'cure', actor, {}, { word: 'FND', reason: word.reason });
  if (word.maturity !== undefined) await extendLoan(tx, loanNo, word.maturity, word.on, actor);
  await unfreezeLimits(tx, loanNo, word.reason, actor);
  await clear(tx, { type: 'OVERDUE', subject: loanNo }, actor, word.reason);
}

/** Those that this loan froze, and nothing else that is overdue holds. */
export async function frozenLimits(tx: Tx, loanNo: string): Promise<string[]> {
  const found = await tx.query<{ no: string }>(
    `select c.no from credit_limit c where c.state = 'FROZEN' and c.no in (
       select m.limit_no from limit_movement m join loan l on l.application_no = m.application_no where l.no = $1 and m.kind = 'RESERVE')
       and not exists (select from limit_movement m join loan o on o.application_no = m.application_no
         where m.limit_no = c.no and m.kind = 'RESERVE' and o.state in ('OVERDUE', 'DEFAULTED', 'DISPOSING')) order by c.no for update`,
    [loanNo],
  );
  return found.rows.map(({ no }) => no);
}

export async function unfreezeLimits(tx: Tx, loanNo: string, reason: string, actor: Actor): Promise<string[]> {
  const limits = await frozenLimits(tx, loanNo);
  for (const no of limits) await move(tx, 'credit_limit', no, 'unfreeze', actor, {}, { word: 'FND', reason });
  return limits;
}

/** What neither goods nor payments brought is written off, by the funder alone. */
export async function writeOff(tx: Tx, loanNo: string, reason: string, actor: Actor): Promise<void> {
  const told = { word: 'FND', reason };
  const state = await stateOf(tx, 'loan', loanNo);
  if (state === 'OVERDUE') await move(tx, 'loan', loanNo, 'default', actor, {}, told);
  if (state === 'OVERDUE' || state === 'DEFAULTED') await move(tx, 'loan', loanNo, 'dispose', actor, {}, told);
  await move(tx, 'loan', loanNo, 'writeOff', actor, {}, told);
  await clear(tx, { type: 'OVERDUE', subject: loanNo }, actor, reason);
}
