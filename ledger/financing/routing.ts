/** Attempts at funders (路由, domain.md F13): one after the other, each explained. */
import { begin, move, type Actor, type Tx } from '../lifecycle.ts';

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
  await move(tx, 'route_attempt', no, event, actor, { reason });
  const found = await tx.query<{ application: string; state: string }>(
    'select a.no application, a.state from application a join route_attempt t on t.application_no = a.no where t.no = $1',
    [no],
  );
  const row = found.rows[0];
  if (row?.state === 'FUNDER_REVIEW') await move(tx, 'application', row.application, 'reroute', actor, {}, { reason });
}
