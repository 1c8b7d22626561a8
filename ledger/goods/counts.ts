/**
 * Stock reconciliation (货准, F9): what the warehouse or two people on the spot counted, against the ledger, lot by lot. A lot
 * that nobody knows is a difference and is never made; a difference changes nothing until two parties sign its note.
 */
import { Failure } from '../../contracts/failures.ts';
import type { Tx } from '../lifecycle.ts';

export interface Snapshot {
  readonly no: string;
  readonly warehouse: string;
  readonly takenAt: string;
  /** FEED: the system's. MANUAL: counted by two people. */
  readonly channel: 'FEED' | 'MANUAL';
  readonly countedBy: string;
  readonly secondBy?: string;
  readonly lots: readonly {
    readonly lotNo: string;
    readonly quantity: string;
    readonly unit: string;
    readonly location?: string;
  }[];
}

export type Cause = 'WITHIN_TOLERANCE' | 'QUANTITY' | 'UNKNOWN_LOT' | 'LOT_GONE' | 'PLEDGED_SHORT' | 'UNIT';

export interface Difference {
  readonly lotNo: string;
  readonly cause: Cause;
  readonly level: 'OK' | 'INFO' | 'WARN' | 'CALL';
  readonly booked: string;
  readonly counted: string;
  /** What is pledged and not there. */
  readonly gapPledged: string;
}

/** Weighing and moisture, where nothing else is set for the material (F3 6). */
const defaultTolerance = '0.003000';

/** The same snapshot again changes nothing. @throws Failure SAME_PERSON_APPROVAL (by the database) for a count by one person */
export async function keepSnapshot(tx: Tx, snapshot: Snapshot): Promise<void> {
  const made = await tx.query(
    'insert into stock_snapshot (no, warehouse, taken_at, channel, counted_by, second_by) values ($1, $2, $3, $4, $5, $6) on conflict do nothing',
    [
      snapshot.no,
      snapshot.warehouse,
      snapshot.takenAt,
      snapshot.channel,
      snapshot.countedBy,
      snapshot.secondBy ?? null,
    ],
  );
  if (made.rowCount === 0) return;
  await tx.query(
    `insert into stock_snapshot_line (snapshot_no, lot_no, quantity, unit, location)
     select $1, l."lotNo", l.quantity, l.unit, l.location
     from jsonb_to_recordset($2) l ("lotNo" text, quantity numeric, unit text, location text)`,
    [snapshot.no, JSON.stringify(snapshot.lots)],
  );
}

/** What a snapshot speaks of: the lots of one project where others lie in the same warehouse, and only what it lists when it is a part. */
export interface Extent {
  readonly project?: string;
  readonly partial?: boolean;
}

/**
 * Compares a snapshot with the ledger as it stood when the snapshot was taken (in − out ± adjustments), and classifies: within
 * the material's tolerance, below 0.5 % INFO, below 2 % WARN, else CALL; pledged goods that are not there are at the top at
 * once. Asked again, it answers what it answered.
 */
export async function reconcileStock(tx: Tx, snapshotNo: string, extent: Extent = {}): Promise<Difference[]> {
  const known = await tx.query('select from stock_snapshot where no = $1 for update', [snapshotNo]);
  if (known.rowCount !== 1) throw new Failure('NOT_FOUND', { detail: `there is no snapshot ${snapshotNo}` });
  const done = await differencesOf(tx, snapshotNo);
  if (done.length > 0) return done;
  await tx.query(
    `with s as (select * from stock_snapshot where no = $1),
     booked as (
       select l.lot_no, l.unit, l.material,
         coalesce(sum(case m.kind when 'OUTBOUND' then -m.quantity else m.quantity end) filter (where m.kind in ('INBOUND', 'OUTBOUND', 'ADJUST', 'REGROUP')), 0) quantity,
         coalesce(sum(case m.kind when 'UNLOCK' then -m.quantity else m.quantity end) filter (where m.kind in ('LOCK', 'UNLOCK')), 0) pledged
       from s join stock_lot l on l.warehouse = s.warehouse join stock_movement m on m.lot_no = l.lot_no and m.at <= s.taken_at
       where $3::text is null or lot_project(l.lot_no) = $3 group by l.lot_no),
     compared as (
       select coalesce(b.lot_no, c.lot_no) lot_no, coalesce(b.quantity, 0) booked, coalesce(c.quantity, 0) counted, greatest(0, b.pledged - coalesce(c.quantity, 0)) gap,
         b.lot_no is null unknown, c.lot_no is null gone, b.unit <> c.unit other_unit, coalesce(t.fraction, $2::numeric) tolerance
       from booked b full join (select * from stock_snapshot_line where snapshot_no = $1) c on c.lot_no = b.lot_no left join stock_tolerance t on t.material = b.material
       -- A lot that came in after the snapshot, or is another project's, is known.
       where case when b.lot_no is null then not exists (select from s join stock_lot l on l.warehouse = s.warehouse where l.lot_no = c.lot_no)
         else c.lot_no is not null or (b.quantity > 0 and not $4::boolean) end),
     caused as (
       select *, abs(counted - booked) diff, case when unknown then 'UNKNOWN_LOT' when other_unit then 'UNIT' when gone then 'LOT_GONE'
         when abs(counted - booked) <= booked * tolerance then 'WITHIN_TOLERANCE' when gap > 0 then 'PLEDGED_SHORT' else 'QUANTITY' end cause from compared)
     insert into stock_difference (snapshot_no, lot_no, cause, level, booked, counted, gap_pledged)
     select $1, lot_no, cause, case when cause = 'WITHIN_TOLERANCE' then 'OK' when cause = 'PLEDGED_SHORT' or gap > 0 or cause = 'UNIT' then 'CALL' when booked = 0 then 'CALL'
       when diff < booked * 0.005 then 'INFO' when diff < booked * 0.02 then 'WARN' else 'CALL' end, booked, counted, coalesce(gap, 0)
     from caused where diff <> 0 or other_unit or unknown`,
    [snapshotNo, defaultTolerance, extent.project ?? null, extent.partial ?? false],
  );
  return differencesOf(tx, snapshotNo);
}

async function differencesOf(tx: Tx, snapshotNo: string): Promise<Difference[]> {
  const found = await tx.query<Difference>(
    `select lot_no "lotNo", cause, level, booked::text booked, counted::text counted, gap_pledged::text "gapPledged"
     from stock_difference where snapshot_no = $1 order by lot_no`,
    [snapshotNo],
  );
  return found.rows;
}
