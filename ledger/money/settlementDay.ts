/**
 * A business day of one connector, as people see it (日终对账, F10): what came, what was parked, whose each difference is, until when, and
 * who signed it off.
 */
import { Failure } from '../../contracts/failures.ts';
import { begin, move, type Actor, type Tx } from '../lifecycle.ts';
import { decidedElsewhere } from '../oversight/approvals.ts';
import { clear, raise } from '../oversight/alerts.ts';
import { accountOf } from '../parties/accounts.ts';
import { signOff } from './reconciliation.ts';

/** Where a day's settlement comes from: files of a clearing house, or statements of a funder's own account. */
export type SettlementSource =
  | { readonly by: 'file' }
  | { readonly by: 'statement'; readonly funder: string; readonly accountNo: string };

/** @throws Failure NOT_FOUND when there is nothing to settle with such a system */
export async function settlementSource(tx: Tx, system: string): Promise<SettlementSource> {
  const found = await tx.query<{ kind: string; dialect: string; funder: string | null }>(
    `select s.kind, s.dialect, (select f.funder_id from project_funder f where f.system = s.id order by f.project_id limit 1) funder
     from system s where s.id = $1`,
    [system],
  );
  const { kind, dialect, funder } = found.rows[0] ?? {};
  if (kind === 'clearing' && dialect === 'files') return { by: 'file' };
  if (kind !== 'bank' || !funder) throw new Failure('NOT_FOUND', { detail: `nothing is settled with ${system}` });
  return { by: 'statement', funder, accountNo: (await accountOf(tx, funder)).accountNo };
}

export interface SettlementDay {
  /** The run that counts. */
  readonly run?: { readonly no: string; readonly state: string };
  /** Whole files, of which nothing was applied. */
  readonly parked: readonly { readonly no: string; readonly reason: string }[];
}

export async function settlementDay(tx: Tx, connector: string, on: string): Promise<SettlementDay> {
  const found = await tx.query<{ no: string; state: string; reason: string | null }>(
    `select r.no, r.state, (select h.reason from history h where h.entity = 'recon_run' and h.entity_id = r.no and h.event = 'park') reason
     from recon_run r where r.connector in ($1, $1 || '/parked') and r.type = 'FUND' and r.on_date = $2 and r.state <> 'VOID' order by r.no`,
    [connector, on],
  );
  const run = found.rows.find(({ state }) => state !== 'PARKED');
  return {
    ...(run ? { run: { no: run.no, state: run.state } } : {}),
    parked: found.rows
      .filter(({ state }) => state === 'PARKED')
      .map(({ no, reason }) => ({ no, reason: reason ?? '' })),
  };
}

const noBytes = '0'.repeat(64);

/** Nothing came in time: the day stands open like one whose file was refused, and stops the same disbursements. */
export async function parkMissing(
  tx: Tx,
  connector: string,
  on: string,
  funder: string | undefined,
  actor: Actor,
): Promise<void> {
  const no = `RR-${connector}-${on.replaceAll('-', '')}-00-missing`;
  const made = await tx.query(
    `insert into recon_run (no, on_date, connector, type, funder_id, file_sha256, control_count, control_sum, state)
     values ($1, $2, $3, 'FUND', $4, $5, 0, 0, 'RECEIVED') on conflict do nothing`,
    [no, on, `${connector}/parked`, funder ?? null, noBytes],
  );
  if (made.rowCount === 0) return;
  await begin(tx, 'recon_run', no, 'receive', actor);
  await move(tx, 'recon_run', no, 'park', actor, {}, { reason: 'nothing came by 09:00' });
}

/** Something is wrong with the road itself. */
export async function alarm(
  tx: Tx,
  connector: string,
  on: string,
  metric: string,
  level: 'WARN' | 'CALL',
  actor: Actor,
): Promise<void> {
  const { open, opened } = await raise(
    tx,
    { type: 'CONNECTOR_DOWN', subject: `${connector}/${on}`, level, metric, owner: 'OPS' },
    actor,
  );
  if (!opened) await tx.query('update alert set level = $2, metric = $3 where no = $1', [open, level, metric]);
}

export function allClear(tx: Tx, connector: string, on: string, actor: Actor, reason: string): Promise<void> {
  return clear(tx, { type: 'CONNECTOR_DOWN', subject: `${connector}/${on}` }, actor, reason);
}

export interface DayTotals {
  readonly runNo: string;
  readonly on: string;
  readonly fileSha256: string;
  readonly controlCount: number;
  readonly controlSum: string;
  readonly verdicts: Readonly<Record<string, number>>;
}

/** What two people sign. */
export async function dayTotals(tx: Tx, runNo: string): Promise<DayTotals> {
  const found = await tx.query<DayTotals>(
    `select no "runNo", on_date::text "on", file_sha256 "fileSha256", control_count "controlCount", control_sum::text "controlSum",
       coalesce((select jsonb_object_agg(v.verdict, v.count) from (select verdict, count(*)::int count from recon_item where run_no = $1 group by verdict) v), '{}') verdicts
     from recon_run where no = $1`,
    [runNo],
  );
  const [totals] = found.rows;
  if (!totals) throw new Failure('NOT_FOUND', { detail: `there is no run ${runNo}` });
  return totals;
}

/** Whoever can say what happened has it: the counterparty what it does not show, we what we do not know. */
export async function assignBreaks(tx: Tx, runNo: string): Promise<number> {
  await tx.query(
    `update recon_case c set owner = case when c.difference in ('ONLY_HUB', 'STATUS_DIFF') then r.connector else 'OPS' end
     from recon_run r where r.no = c.run_no and c.run_no = $1 and c.owner is null`,
    [runNo],
  );
  return openBreaks(tx, runNo);
}

export async function openBreaks(tx: Tx, runNo: string): Promise<number> {
  const found = await tx.query<{ open: number }>(
    "select count(*)::int open from recon_case where run_no = $1 and state in ('OPEN', 'INVESTIGATING')",
    [runNo],
  );
  return found.rows[0]?.open ?? 0;
}

/** Not settled by the next working day: the head of operations has them from now on. */
export async function escalateBreaks(tx: Tx, runNo: string): Promise<number> {
  const found = await tx.query(
    "update recon_case set owner = 'OPS-C' where run_no = $1 and state in ('OPEN', 'INVESTIGATING') and owner <> 'OPS-C'",
    [runNo],
  );
  return found.rowCount ?? 0;
}

/** Two people sign the day off; what was parked on the way to it is discarded with it. */
export async function signOffDay(
  tx: Tx,
  runNo: string,
  people: { readonly maker: string; readonly checker: string },
  actor: Actor,
): Promise<void> {
  const approval = await decidedElsewhere(
    tx,
    { entity: 'recon_run', id: runNo, event: 'signOff' },
    { ...people, source: 'hub' },
    actor,
  );
  await signOff(tx, runNo, approval, actor);
  const parked = await tx.query<{ no: string }>(
    `select p.no from recon_run p join recon_run r on r.no = $1 and p.on_date = r.on_date and p.connector in (r.connector, r.connector || '/parked')
     where p.state = 'PARKED' order by p.no`,
    [runNo],
  );
  for (const { no } of parked.rows)
    await move(tx, 'recon_run', no, 'discard', actor, {}, { reason: `${runNo} is signed off` });
}
