/**
 * Registrations (中登动产融资统一登记, domain.md 1.9): searched before, registered before money moves, amended, extended and
 * cancelled in time. A pledge's own are begun in `goods/pledges.ts`.
 */
import { begin, move, type Actor, type Tx } from '../lifecycle.ts';
import { raise } from '../oversight/alerts.ts';

export interface Share {
  readonly requestNo: string;
  readonly applicationNo: string;
  /** The share of one of several funders. */
  readonly subscriptionNo?: string;
}

export async function draftRegistration(tx: Tx, share: Share, actor: Actor): Promise<void> {
  await tx.query(
    `insert into registration (request_no, application_no, subscription_no, submitted_at, state) values ($1, $2, $3, null, 'DRAFT')`,
    [share.requestNo, share.applicationNo, share.subscriptionNo ?? null],
  );
  await begin(tx, 'registration', share.requestNo, 'draft', actor);
}

/** The registry was searched by the debtor's exact name; another search may take its place until it is submitted. */
export function recordSearch(
  tx: Tx,
  requestNo: string,
  search: { readonly searchNo: string; readonly searchedAt: string },
  actor: Actor,
): Promise<void> {
  return move(tx, 'registration', requestNo, 'search', actor, {
    search_no: search.searchNo,
    searched_at: search.searchedAt,
  });
}

/** @throws Failure REGISTRATION_MISSING when the search is older than 24 hours (I-06) */
export async function submitShare(tx: Tx, requestNo: string, actor: Actor): Promise<void> {
  const found = await tx.query<{ now: Date }>('select hub_now() now');
  await move(tx, 'registration', requestNo, 'submit', actor, { submitted_at: found.rows[0]?.now });
}

/** Names, amounts or goods were changed at the registry: what was due because of a new name is done. */
export function amendRegistration(tx: Tx, requestNo: string, actor: Actor, reason: string): Promise<void> {
  return move(tx, 'registration', requestNo, 'amend', actor, { amend_due: null }, { reason });
}

/** @throws Failure ILLEGAL_TRANSITION before its last 90 days */
export function extendRegistration(tx: Tx, requestNo: string, expiresAt: Date | string, actor: Actor): Promise<void> {
  return move(tx, 'registration', requestNo, 'extend', actor, { expires_at: expiresAt });
}

export function cancelRegistration(tx: Tx, requestNo: string, cancelledAt: Date, actor: Actor): Promise<void> {
  return move(tx, 'registration', requestNo, 'cancel', actor, { cancelled_at: cancelledAt });
}

/** Somebody objects (异议登记): the registrant has 7 days to tell, the objector 30 to sue. */
export function objectToRegistration(tx: Tx, requestNo: string, at: Date, actor: Actor, reason: string): Promise<void> {
  return move(tx, 'registration', requestNo, 'object', actor, { objected_at: at }, { reason });
}

export interface Due {
  readonly requestNo: string;
  readonly what: 'cancel' | 'amend' | 'extend';
  /** Business date, Asia/Shanghai. */
  readonly due: string;
  readonly overdue: boolean;
}

/** What must be done at the registry within so many days, what is overdue first (I-33). */
export async function registrationsDue(tx: Tx, withinDays: number): Promise<Due[]> {
  const found = await tx.query<Due>(
    `select request_no "requestNo", what, due::text, due < shanghai_date(hub_now()) overdue from (
       select request_no, 'cancel' what, cancel_due due from registration where cancel_due is not null and state in ('REGISTERED', 'AMENDED', 'EXTENDED', 'OBJECTED')
       union all select request_no, 'amend', amend_due from registration where amend_due is not null and state in ('REGISTERED', 'AMENDED', 'EXTENDED', 'OBJECTED')
       union all select request_no, 'extend', (expires_at at time zone 'Asia/Shanghai')::date from registration
         where state in ('REGISTERED', 'AMENDED', 'EXTENDED') and cancel_due is null) d
     where due <= shanghai_date(hub_now()) + $1::int order by due, request_no`,
    [withinDays],
  );
  return found.rows;
}

/** Rings on the last day for what is still to be cancelled or amended, and after it (I-33): whoever should have done it may have stopped. */
export async function warnOfRegistrations(tx: Tx, project: string, on: string, actor: Actor): Promise<number> {
  const found = await tx.query<{ subject: string; caseId: string; due: string }>(
    `select r.registration_no subject, a.case_id "caseId", least(r.cancel_due, r.amend_due)::text due
     from registration r join application a on a.no = r.application_no join project pr on pr.seller_no = a.seller_no
     where pr.id = $1 and r.state in ('REGISTERED', 'AMENDED', 'EXTENDED', 'OBJECTED') and least(r.cancel_due, r.amend_due) <= $2 order by 1`,
    [project, on],
  );
  for (const { subject, caseId, due } of found.rows)
    await raise(
      tx,
      { type: 'REG_EXPIRING', subject, caseId, level: 'CALL', metric: `due at the registry by ${due}`, owner: 'OPS' },
      actor,
    );
  return found.rows.length;
}
