/**
 * Alerts (预警) of prices (盯市), stock (货准), dates and feeds. One is open per type and subject. After one was resolved, the next
 * opens only if what is measured had come back past the threshold by 2 % in between (回差): a value that trembles on the line
 * rings once.
 */
import type { alertTypes } from '../../contracts/canonical/entities/oversight.ts';
import { begin, move, stateOf, type Actor, type Tx } from '../lifecycle.ts';

export type AlertType = (typeof alertTypes)[number];
export type AlertLevel = 'INFO' | 'WARN' | 'CALL' | 'DISPOSE';

export interface AlertSubject {
  readonly type: AlertType;
  /** Number of the thing it is about. */
  readonly subject: string;
  readonly caseId?: string;
}

export interface AlertTold extends AlertSubject {
  readonly level: AlertLevel;
  readonly metric?: string;
  readonly deadline?: Date;
  readonly owner?: string;
}

export interface Measurement extends AlertTold {
  /** Exact decimals, six places at most. */
  readonly measured: string;
  readonly threshold: string;
  /** `above`: rings at or above the threshold (LTV); `below`: at or below it (price, days left). */
  readonly rings: 'above' | 'below';
}

export interface Observed {
  /** The alert that is open now. */
  readonly open: string | undefined;
  /** Whether this measurement opened it. */
  readonly opened: boolean;
}

/** What was measured against a line: opens an alert, leaves one as it is, or arms it again. */
export async function observe(tx: Tx, told: Measurement, actor: Actor): Promise<Observed> {
  const { type, subject, measured, threshold } = told;
  const above = told.rings === 'above';
  await lockSubject(tx, told);
  const seen = await tx.query<{ crossed: boolean; back: boolean }>(
    'select case when $3 then $1::numeric >= $2::numeric else $1::numeric <= $2::numeric end crossed, alert_back($1, $2, $3) back',
    [measured, threshold, above],
  );
  const last = await lastAlert(tx, told);
  if (seen.rows[0]?.back && last && !last.rearmed)
    await tx.query(
      `update alert set latest = $2, rearmed_at = case when state in ('RESOLVED', 'FALSE_POSITIVE') and alert_back($2, threshold, above) then hub_now() end
       where no = $1`,
      [last.no, measured],
    );
  else if (last?.open) await tx.query('update alert set latest = $2 where no = $1', [last.no, measured]);
  if (last?.open) return { open: last.no, opened: false };
  if (!seen.rows[0]?.crossed) return { open: undefined, opened: false };
  const muted = await tx.query(
    `select from alert where no = $1 and state = 'RESOLVED' and rearmed_at is null and threshold = $2::numeric and level = $3`,
    [last?.no, threshold, told.level],
  );
  if (muted.rowCount !== 0) return { open: undefined, opened: false };
  const no = await insert(tx, told, actor, [measured, threshold, above]);
  return { open: no ?? (await lastAlert(tx, { type, subject }))?.no, opened: no !== undefined };
}

/** Something that is so or not, without a measure. */
export async function raise(tx: Tx, told: AlertTold, actor: Actor): Promise<Observed> {
  await lockSubject(tx, told);
  const last = await lastAlert(tx, told);
  if (last?.open) return { open: last.no, opened: false };
  return { open: await insert(tx, told, actor, [null, null, true]), opened: true };
}

/** What was wrong is not so any more; without an open alert nothing happens. */
export async function clear(tx: Tx, subject: AlertSubject, actor: Actor, reason: string): Promise<void> {
  await lockSubject(tx, subject);
  const last = await lastAlert(tx, subject);
  if (last?.open) await move(tx, 'alert', last.no, 'resolve', actor, {}, { reason, word: 'SYS' });
}

/** What was measured is well again: the open alert ends, and the next crossing counts when it has come back far enough. */
export async function settle(tx: Tx, told: Measurement, actor: Actor, reason: string): Promise<void> {
  await clear(tx, told, actor, reason);
  await observe(tx, told, actor);
}

/** It has become worse since it was opened: the same alert, at another level. */
export async function heighten(tx: Tx, no: string, level: AlertLevel): Promise<void> {
  await tx.query('update alert set level = $2 where no = $1 and level <> $2', [no, level]);
}

/** Nobody took it in time. False when it is over, or was escalated before. */
export async function escalate(tx: Tx, no: string, actor: Actor): Promise<boolean> {
  // What it is about may be over at this very moment.
  await tx.query('select from alert where no = $1 for update', [no]);
  const state = await stateOf(tx, 'alert', no);
  if (state !== 'OPEN' && state !== 'ACKED' && state !== 'ACTION') return false;
  await move(tx, 'alert', no, 'escalate', actor, {}, { word: 'SYS' });
  return true;
}

/** The number of the alert that is open on it. */
export async function openAlert(tx: Tx, subject: AlertSubject): Promise<string | undefined> {
  const last = await lastAlert(tx, subject);
  return last?.open ? last.no : undefined;
}

/** Those whose deadline passed while nobody acted. Returns their numbers. */
export async function escalateOverdue(tx: Tx, actor: Actor): Promise<string[]> {
  const late = await tx.query<{ no: string }>(
    "select no from alert where state in ('OPEN', 'ACKED', 'ACTION') and deadline <= hub_now() order by no for update skip locked",
  );
  for (const { no } of late.rows) await move(tx, 'alert', no, 'escalate', actor, {}, { word: 'SYS' });
  return late.rows.map(({ no }) => no);
}

/** @throws Failure ILLEGAL_TRANSITION when somebody has it already */
export async function acknowledge(tx: Tx, no: string, owner: string, actor: Actor): Promise<void> {
  if ((await stateOf(tx, 'alert', no)) === 'ESCALATED') return move(tx, 'alert', no, 'act', actor, { owner });
  await move(tx, 'alert', no, 'acknowledge', actor, { owner });
}

/** One after the other per type and subject: the second sees what the first has opened. */
async function lockSubject(tx: Tx, { type, subject }: AlertSubject): Promise<void> {
  await tx.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [`alert ${type} ${subject}`]);
}

async function lastAlert(tx: Tx, { type, subject }: AlertSubject) {
  const found = await tx.query<{ no: string; open: boolean; rearmed: boolean }>(
    `select no, state not in ('RESOLVED', 'FALSE_POSITIVE') open, rearmed_at is not null rearmed from alert
     where type = $1 and subject = $2 order by opened_at desc, no desc limit 1`,
    [type, subject],
  );
  return found.rows[0];
}

async function insert(
  tx: Tx,
  told: AlertTold,
  actor: Actor,
  [measured, threshold, above]: readonly [string | null, string | null, boolean],
): Promise<string | undefined> {
  const made = await tx.query<{ no: string }>(
    `insert into alert (type, level, subject, case_id, metric, measured, threshold, above, latest, deadline, owner, state)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $6, $9, $10, 'OPEN') on conflict do nothing returning no`,
    [
      told.type,
      told.level,
      told.subject,
      told.caseId,
      told.metric,
      measured,
      threshold,
      above,
      told.deadline,
      told.owner,
    ],
  );
  const no = made.rows[0]?.no;
  if (no !== undefined) await begin(tx, 'alert', no, 'open', actor);
  return no;
}
