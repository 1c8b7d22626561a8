/**
 * Credit limits (授信): a ledger of movements. Total, reserved and used are their sums, written by the database alone;
 * total = used + reserved + available (I-20).
 */
import { Failure } from '../../contracts/failures.ts';
import { fenOf, yuanOf } from '../../contracts/canonical/money.ts';
import { begin, move, type Actor, type Tx } from '../lifecycle.ts';
import { tellParties } from '../oversight/subscriptions.ts';

export interface Limit {
  readonly no: string;
  readonly party: string;
  readonly funder: string;
  readonly revolving: boolean;
  readonly currency?: string;
  /** Business dates; without them as long as the funder says nothing. */
  readonly validFrom?: string;
  readonly validTo?: string;
  readonly rate?: string;
  /** The funder's decision. */
  readonly decisionRef?: string;
}

export type LimitMovement =
  | 'GRANT'
  | 'REDUCE'
  | 'RESERVE'
  | 'CONSUME'
  | 'RELEASE'
  | 'RESTORE'
  | 'UNRESTORE'
  | 'REVERSE';

/** What a movement is for; the kind says which of them it must name. */
export interface Cause {
  readonly applicationNo?: string;
  readonly repaymentNo?: string;
  readonly decisionRef?: string;
}

/** The party asks; the funder reviews, approves and activates it by `move`, then grants by `moveLimit(…, 'GRANT')`. */
export async function applyForLimit(tx: Tx, limit: Limit, actor: Actor): Promise<void> {
  await insertLimit(tx, limit, 'APPLIED');
  await begin(tx, 'credit_limit', limit.no, 'apply', actor);
}

/** The funder grants a limit together with the approval of one application, whose number it then has. */
async function grantLimit(tx: Tx, limit: Limit, total: string, actor: Actor): Promise<void> {
  await insertLimit(tx, limit, 'ACTIVE');
  await begin(tx, 'credit_limit', limit.no, 'grant', actor);
  await moveLimit(
    tx,
    limit.no,
    'GRANT',
    total,
    limit.decisionRef === undefined ? {} : { decisionRef: limit.decisionRef },
  );
}

/**
 * RESERVE when an application is approved, CONSUME when its money arrived, RELEASE when it ended otherwise; RESTORE from a
 * POSTED principal and only if it revolves, UNRESTORE when that posting is reversed; REVERSE when disbursed money came back.
 * Without a cause the application is the one for which the limit was granted.
 * @throws Failure (by the database) LIMIT_INSUFFICIENT, LIMIT_FROZEN, REPAYMENT_NOT_POSTED, NOT_ALLOWED
 */
export async function moveLimit(
  tx: Tx,
  no: string,
  kind: LimitMovement,
  amount: string,
  { applicationNo, repaymentNo, decisionRef }: Cause = {},
): Promise<void> {
  await tx.query(
    `insert into limit_movement (limit_no, kind, amount, application_no, repayment_no, decision_ref)
     values ($1, $2, $3, case when $2 in ('RESERVE', 'CONSUME', 'RELEASE', 'REVERSE') then coalesce($4, $1) end, $5, $6)`,
    [no, kind, amount, applicationNo ?? null, repaymentNo ?? null, decisionRef ?? null],
  );
  if (kind !== 'REDUCE') await tellParties(tx, { kind: kind === 'GRANT' ? 'limit.granted' : 'limit.changed', no });
}

/** The limit that an application has reserved. */
export async function limitOf(tx: Tx, applicationNo: string): Promise<{ no: string; revolving: boolean }> {
  const found = await tx.query<{ no: string; revolving: boolean }>(
    `select no, revolving from credit_limit where no in
       (select limit_no from limit_movement where application_no = $1 and kind = 'RESERVE') for update`,
    [applicationNo],
  );
  const limit = found.rows[0];
  if (!limit) throw new Failure('LIMIT_INSUFFICIENT', { detail: `application ${applicationNo} has reserved no limit` });
  return limit;
}

/**
 * The funder's total is lower now. It never falls below what is used and reserved: then nothing is available, and what is
 * lacking is returned (`"0.00"` when nothing is), for an alert. @throws Failure NOT_FOUND
 */
export async function reduceLimit(
  tx: Tx,
  no: string,
  total: string,
  decisionRef: string,
  actor: Actor,
): Promise<string> {
  const found = await tx.query<{ total: string; bound: string }>(
    'select total, used + reserved bound from credit_limit where no = $1 for update',
    [no],
  );
  const limit = found.rows[0];
  if (!limit) throw new Failure('NOT_FOUND', { detail: `there is no limit ${no}` });
  const asked = fenOf(total);
  const bound = fenOf(limit.bound);
  const cut = fenOf(limit.total) - (asked > bound ? asked : bound);
  if (asked >= fenOf(limit.total))
    throw new Failure('CONTRACT_VIOLATED', { detail: `limit ${no} is not reduced by that` });
  if (cut > 0n) await moveLimit(tx, no, 'REDUCE', yuanOf(cut), { decisionRef });
  await move(tx, 'credit_limit', no, 'reduce', actor, { decision_ref: decisionRef });
  return yuanOf(asked < bound ? bound - asked : 0n);
}

/** By the funder, or by the hub's rules (blacklist, overdue): nothing more is reserved or paid out; what runs goes on. */
export async function freezeLimit(tx: Tx, no: string, reason: string, word: 'FND' | 'SYS', actor: Actor) {
  await move(tx, 'credit_limit', no, 'freeze', actor, {}, { reason, word });
}

async function insertLimit(tx: Tx, limit: Limit, state: string): Promise<void> {
  await tx.query(
    `insert into credit_limit (no, party_id, funder_id, revolving, currency, valid_from, valid_to, rate, decision_ref, state)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
    [
      limit.no,
      limit.party,
      limit.funder,
      limit.revolving,
      limit.currency ?? 'CNY',
      limit.validFrom ?? null,
      limit.validTo ?? null,
      limit.rate ?? null,
      limit.decisionRef ?? null,
      state,
    ],
  );
}

/**
 * A limit that the funder grants for all that a party draws of it.
 * @throws Failure NOT_FOUND for a party that is not known here
 */
export async function grantStandingLimit(tx: Tx, limit: Limit, total: string, actor: Actor): Promise<void> {
  await applyForLimit(tx, limit, actor);
  for (const event of ['review', 'approve', 'activate'] as const)
    await move(tx, 'credit_limit', limit.no, event, actor);
  const { decisionRef } = limit;
  await moveLimit(tx, limit.no, 'GRANT', total, decisionRef === undefined ? {} : { decisionRef });
}

/** A limit that revolves, granted by this funder to this party apart from any application, and with that much left. */
async function standingLimit(tx: Tx, party: string, funder: string, amount: string): Promise<string | undefined> {
  const found = await tx.query<{ no: string }>(
    `select no from credit_limit l where party_id = $1 and funder_id = $2 and revolving and state in ('ACTIVE', 'REDUCED')
       and available >= $3::numeric and coalesce(valid_to >= shanghai_date(hub_now()), true) order by available desc, no limit 1 for update`,
    [party, funder, amount],
  );
  return found.rows[0]?.no;
}

/**
 * Together with the approval of an application: reserved of the limit that revolves for the party at this funder. Where it has none
 * with so much left, the funder's approval brings one for this application alone, not revolving.
 * @throws Failure LIMIT_INSUFFICIENT
 */
export async function grantForApplication(tx: Tx, applicationNo: string, amount: string, actor: Actor): Promise<void> {
  const found = await tx.query<{ borrower: string; funder: string; currency: string; ref: string | null }>(
    'select borrower_id borrower, funder_id funder, currency, funder_ref ref from application where no = $1',
    [applicationNo],
  );
  const row = found.rows[0];
  if (!row) throw new Failure('NOT_FOUND', { detail: `there is no application ${applicationNo}` });
  const { borrower: party, funder, currency, ref } = row;
  const standing = await standingLimit(tx, party, funder, amount);
  if (standing !== undefined) return moveLimit(tx, standing, 'RESERVE', amount, { applicationNo });
  const limit = { no: applicationNo, party, funder, revolving: false, currency };
  await grantLimit(tx, ref === null ? limit : { ...limit, decisionRef: ref }, amount, actor);
  await moveLimit(tx, applicationNo, 'RESERVE', amount, { applicationNo });
}

/** What an application still holds of any limit is free again. */
export async function releaseReserved(tx: Tx, applicationNo: string): Promise<void> {
  const held = await tx.query<{ no: string; amount: string }>(
    `select l.no, reserved_for(l.no, $1) amount from credit_limit l where l.no in
       (select limit_no from limit_movement where application_no = $1 and kind = 'RESERVE') for update`,
    [applicationNo],
  );
  for (const { no, amount } of held.rows)
    if (fenOf(amount) > 0n) await moveLimit(tx, no, 'RELEASE', amount, { applicationNo });
}
