/**
 * Loans (借据), each a ledger of entries: its balances are their sums, its interest is recomputed from them by the database.
 * The funder is right about a loan; this is the shadow that is reconciled with it (domain.md 0.2).
 */
import { Failure } from '../../contracts/failures.ts';
import { dayCounts, penaltyRate, type DayCount } from '../../contracts/canonical/interest.ts';
import { planOf, type Method, type Terms } from '../../contracts/canonical/plan.ts';
import { begin, move, type Actor, type Tx } from '../lifecycle.ts';
import { limitOf, moveLimit } from './limits.ts';

export interface LoanRow {
  readonly no: string;
  readonly application_no: string;
  readonly payment_no: string;
  readonly principal: string;
  readonly balance: string;
  readonly interest: string;
  readonly penalty: string;
  readonly compound: string;
  readonly fee: string;
  readonly rate: string;
  readonly day_count: DayCount;
  readonly method: Method;
  readonly penalty_multiplier: string;
  readonly start_date: string;
  readonly maturity: string;
  readonly state: string;
}

/** The row, locked until the transaction ends. @throws Failure NOT_FOUND */
export async function lockLoan(tx: Tx, no: string): Promise<LoanRow> {
  const found = await tx.query<LoanRow>(
    `select no, application_no, payment_no, principal, balance, interest, penalty, compound, fee, rate, day_count, method,
            penalty_multiplier, start_date::text, maturity::text, state from loan where no = $1 for update`,
    [no],
  );
  const loan = found.rows[0];
  if (!loan) throw new Failure('NOT_FOUND', { detail: `there is no loan ${no}` });
  return loan;
}

/**
 * The money arrived: the loan begins, the limit is used, the application is done. Only the funder's word does this, by
 * whichever road it comes; a second time is refused by the numbers.
 */
export async function activateLoan(
  tx: Tx,
  loan: {
    no: string;
    /** The funder's own number of it; unique with that funder only. */
    funderNo: string;
    applicationNo: string;
    paymentNo: string;
    serialNo: string | undefined;
    settledAt: string;
    startDate: string;
    maturity: string;
    rate: string;
    method?: Method;
  },
  actor: Actor,
): Promise<void> {
  await move(tx, 'payment', loan.paymentNo, 'succeed', actor, {
    serial_no: loan.serialNo ?? null,
    settled_at: loan.settledAt,
  });
  await tx.query(
    `insert into loan (no, application_no, payment_no, principal, currency, rate, day_count, method, start_date, maturity, state, funder_id, funder_no)
     select $1, a.no, p.no, p.amount, p.currency, $4, a.day_count, $7, $5, $6, 'ACTIVE', a.funder_id, $8 from application a, payment p where a.no = $2 and p.no = $3`,
    [
      loan.no,
      loan.applicationNo,
      loan.paymentNo,
      loan.rate,
      loan.startDate,
      loan.maturity,
      loan.method ?? 'BULLET',
      loan.funderNo,
    ],
  );
  await begin(tx, 'loan', loan.no, 'activate', actor);
  await tx.query(
    `insert into loan_entry (loan_no, kind, item, amount, value_on) select no, 'DISBURSE', 'PRINCIPAL', principal, start_date from loan where no = $1`,
    [loan.no],
  );
  await writePlan(tx, loan.no, 'disbursed');
  const { principal } = await lockLoan(tx, loan.no);
  const limit = await limitOf(tx, loan.applicationNo);
  await moveLimit(tx, limit.no, 'CONSUME', principal, { applicationNo: loan.applicationNo });
  await move(tx, 'application', loan.applicationNo, 'disburse', actor);
}

/** The money came back (退票) before it was used: no loan is left, and its limit is free again, revolving or not. */
export async function reverseLoan(tx: Tx, no: string, reason: string, actor: Actor): Promise<void> {
  const loan = await lockLoan(tx, no);
  await move(tx, 'payment', loan.payment_no, 'return', actor, {}, { reason });
  await tx.query(
    `insert into loan_entry (loan_no, kind, item, amount, value_on, reverses, reason)
     select e.loan_no, 'REVERSE', e.item, -e.amount, greatest(e.value_on, $3), e.id, $2 from loan_entry e
     where e.loan_no = $1 and e.kind <> 'REVERSE' and not exists (select from loan_entry r where r.reverses = e.id) order by e.id desc`,
    [no, reason, loan.start_date],
  );
  await move(tx, 'loan', no, 'reverse', actor, {}, { reason });
  const limit = await limitOf(tx, loan.application_no);
  await moveLimit(tx, limit.no, 'REVERSE', loan.principal, { applicationNo: loan.application_no });
}

/**
 * Interest up to (without) that business day, at most up to maturity, as one posted item; then penalty on principal and
 * compound interest on interest that are overdue. What is accrued already is not accrued again.
 */
export async function accrueLoan(tx: Tx, no: string, upTo: string): Promise<void> {
  const loan = await lockLoan(tx, no);
  await tx.query(
    `insert into loan_entry (loan_no, kind, item, amount, from_on, value_on)
     select $1, 'ACCRUE', 'INTEREST', interest_of($1, d.from_on, d.to_on), d.from_on, d.to_on
     from (select accrued_to($1, 'INTEREST') from_on, least($2::date, $3::date) to_on) d where d.to_on > d.from_on`,
    [no, upTo, loan.maturity],
  );
  if (!overdueStates.includes(loan.state)) return;
  await tx.query(
    `insert into loan_entry (loan_no, kind, item, amount, from_on, value_on, base, rate, day_count)
     select $1, 'ACCRUE', o.item, interest_fen(o.base * $3::numeric * interest_days($4, o.from_on, $2::date), $4), o.from_on, $2::date, o.base, $3::numeric, $4
     from (select 'PENALTY' item, l.balance base, accrued_to(l.no, 'PENALTY') from_on from loan l where l.no = $1
           union all select 'COMPOUND', l.interest, accrued_to(l.no, 'COMPOUND') from loan l where l.no = $1) o
     where o.from_on < $2::date and o.base > 0`,
    [no, upTo, penaltyRate(loan.rate, loan.penalty_multiplier), loan.day_count],
  );
}

const overdueStates: readonly string[] = ['OVERDUE', 'DEFAULTED', 'DISPOSING'];

/** The plan of what is owed now, from that day on; the first one from the day on which the loan began. */
export async function writePlan(tx: Tx, no: string, reason: string, from?: string): Promise<void> {
  const loan = await lockLoan(tx, no);
  const dayCount = dayCounts.find((known) => known === loan.day_count);
  if (!dayCount) throw new Failure('CONTRACT_VIOLATED', { detail: `loan ${no}: no such day count` });
  const { rate, method, maturity } = loan;
  const terms: Terms = { principal: loan.balance, rate, dayCount, start: from ?? loan.start_date, maturity, method };
  const made = await tx.query<{ version: number }>(
    `insert into loan_plan (loan_no, version, principal, from_on, reason)
     select $1, coalesce(max(version), 0) + 1, $2, $3, $4 from loan_plan where loan_no = $1 returning version`,
    [no, terms.principal, terms.start, reason],
  );
  await tx.query(
    `insert into instalment (loan_no, version, no, from_on, to_on, due_on, principal, interest)
     select $1, $2, i.no, i."from", i."to", next_working_day(i."to"), i.principal, i.interest
     from jsonb_to_recordset($3) i (no int, "from" date, "to" date, principal numeric, interest numeric)`,
    [no, made.rows[0]?.version, JSON.stringify(planOf(terms))],
  );
}

/** The funder agrees to a later maturity (展期, 民法典 678): from that day on there is a new plan. */
export async function extendLoan(tx: Tx, no: string, maturity: string, from: string, actor: Actor): Promise<void> {
  await accrueLoan(tx, no, from);
  await move(tx, 'loan', no, 'extend', actor, { maturity });
  await writePlan(tx, no, 'extended', from);
}

export type DueCheck = 'nothing due' | 'due' | 'pending' | 'overdue' | 'cured' | 'met';

/**
 * The due-date check of a business day (F11, 00:30), by posted facts only: money that is MATCHED and not yet POSTED is
 * pending, not overdue. Overdue freezes the limit; days of grace (宽限期) are the product's.
 */
export async function checkDue(tx: Tx, no: string, on: string, actor: Actor, graceDays = 0): Promise<DueCheck> {
  const loan = await lockLoan(tx, no);
  const found = await tx.query<{ due: boolean; late: boolean; pending: boolean }>(
    `select coalesce(sum(i.principal + i.interest) filter (where i.due_on <= $2), 0) > paid.amount due,
            coalesce(sum(i.principal + i.interest) filter (where i.due_on + $3::int < $2), 0) > paid.amount late,
            exists (select from repayment r where r.loan_no = $1 and r.state = 'MATCHED') pending
     from (select * from loan_plan where loan_no = $1 order by version desc limit 1) p
     join instalment i on i.loan_no = p.loan_no and i.version = p.version,
     lateral (select coalesce(-sum(e.amount), 0) amount from loan_entry e where e.loan_no = $1 and e.repayment_no is not null
       and e.item in ('PRINCIPAL', 'INTEREST') and e.value_on > p.from_on) paid
     group by paid.amount`,
    [no, on, graceDays],
  );
  const { due = false, late = false, pending = false } = found.rows[0] ?? {};
  if (late && loan.state !== 'OVERDUE') return pending ? 'pending' : lapse(tx, loan, actor);
  if (!late && loan.state === 'OVERDUE') {
    await move(tx, 'loan', no, 'cure', actor);
    return 'cured';
  }
  if (due && ['ACTIVE', 'EXTENDED'].includes(loan.state)) await move(tx, 'loan', no, 'fallDue', actor);
  if (!due && loan.state === 'DUE') {
    await move(tx, 'loan', no, 'meet', actor);
    return 'met';
  }
  if (late) return 'overdue';
  return due ? 'due' : 'nothing due';
}

/** Overdue by what happened, not by a date: what had been paid is owed again. */
export async function lapseLoan(tx: Tx, no: string, actor: Actor): Promise<DueCheck> {
  return lapse(tx, await lockLoan(tx, no), actor);
}

async function lapse(tx: Tx, loan: LoanRow, actor: Actor): Promise<DueCheck> {
  if (!['ACTIVE', 'EXTENDED', 'DUE'].includes(loan.state)) return 'nothing due';
  await move(tx, 'loan', loan.no, 'lapse', actor, {}, { word: 'SYS' });
  const limit = await tx.query<{ no: string }>(
    `select no from credit_limit where state in ('ACTIVE', 'REDUCED') and no in
       (select limit_no from limit_movement where application_no = $1 and kind = 'RESERVE') for update`,
    [loan.application_no],
  );
  for (const { no } of limit.rows)
    await move(tx, 'credit_limit', no, 'freeze', actor, {}, { reason: `loan ${loan.no} is overdue`, word: 'SYS' });
  return 'overdue';
}
