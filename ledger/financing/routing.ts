/** Attempts at funders (路由, domain.md F13): one after the other, each explained. */
import { begin, move, stateOf, type Actor, type Tx } from '../lifecycle.ts';
import { approveApplication, type Terms } from './applications.ts';

export interface Attempt {
  readonly no: string;
  readonly applicationNo: string;
  readonly funder: string;
  /** 1 is tried first. */
  readonly position: number;
  /** Inputs, version of the rules, score, and why others were left out. */
  readonly explained: object;
}

export async function planAttempt(tx: Tx, attempt: Attempt, actor: Actor): Promise<void> {
  await tx.query(
    `insert into route_attempt (no, application_no, borrower_id, funder_id, position, explained, state)
     select $1, no, borrower_id, $3, $4, $5, 'PLANNED' from application where no = $2`,
    [attempt.no, attempt.applicationNo, attempt.funder, attempt.position, JSON.stringify(attempt.explained)],
  );
  await begin(tx, 'route_attempt', attempt.no, 'plan', actor);
}

/**
 * The funder is asked; the application is now its to decide.
 * @throws Failure FUNDER_INFLIGHT_EXISTS while another attempt, or another application at this funder, is under way
 */
export async function pushAttempt(tx: Tx, no: string, actor: Actor): Promise<void> {
  await move(tx, 'route_attempt', no, 'push', actor);
  const found = await tx.query<{ application: string; state: string }>(
    `update application a set funder_id = t.funder_id from route_attempt t where t.no = $1 and a.no = t.application_no returning a.no application, a.state`,
    [no],
  );
  const { application, state } = found.rows[0] ?? { application: '', state: '' };
  if (state === 'ASSETS_LOCKED') await move(tx, 'application', application, 'route', actor);
  await move(tx, 'application', application, 'push', actor);
}

/** The funder rejected or returned it, or acknowledged its withdrawal: the next one may be asked. */
export async function endAttempt(
  tx: Tx,
  no: string,
  event: 'reject' | 'return' | 'acknowledge',
  reason: string,
  actor: Actor,
): Promise<void> {
  // An approval that came while it was being withdrawn was declined already.
  if ((await stateOf(tx, 'route_attempt', no)) !== 'DECLINED')
    await move(tx, 'route_attempt', no, event, actor, { reason });
  const found = await tx.query<{ application: string; state: string }>(
    'select a.no application, a.state from application a join route_attempt t on t.application_no = a.no where t.no = $1',
    [no],
  );
  const row = found.rows[0];
  if (row?.state === 'FUNDER_REVIEW') await move(tx, 'application', row.application, 'reroute', actor, {}, { reason });
}

/** It approved: it is the application's funder, on these terms, and the limit is reserved. */
export async function approveAttempt(tx: Tx, no: string, funderRef: string, terms: Terms, actor: Actor): Promise<void> {
  await move(tx, 'route_attempt', no, 'approve', actor, {
    funder_ref: funderRef,
    amount: terms.amount,
    rate: terms.rate,
  });
  const attempt = await attemptOf(tx, no);
  if (attempt) await approveApplication(tx, attempt.applicationNo, funderRef, terms, actor);
}

/**
 * Its package was not taken: returned by the funder, or never sent because a guard refused. True when the funder had it.
 */
export async function refuseAttempt(tx: Tx, no: string, reason: string, actor: Actor): Promise<boolean> {
  const attempt = await attemptOf(tx, no);
  if (attempt?.state === 'PUSHED') {
    await endAttempt(tx, no, 'return', reason, actor);
    return true;
  }
  if (attempt?.state === 'PLANNED') await move(tx, 'route_attempt', no, 'skip', actor, { reason });
  return false;
}

/** Another one approved: those that were not asked yet never are. */
export async function skipPlanned(tx: Tx, applicationNo: string, actor: Actor): Promise<void> {
  const found = await tx.query<{ no: string }>(
    "select no from route_attempt where application_no = $1 and state = 'PLANNED' order by position",
    [applicationNo],
  );
  for (const { no } of found.rows) await move(tx, 'route_attempt', no, 'skip', actor, { reason: 'another approved' });
}

export async function attemptOf(
  tx: Tx,
  no: string,
): Promise<{ readonly applicationNo: string; readonly funder: string; readonly state: string } | undefined> {
  const found = await tx.query<{ applicationNo: string; funder: string; state: string }>(
    'select application_no "applicationNo", funder_id funder, state from route_attempt where no = $1',
    [no],
  );
  return found.rows[0];
}
