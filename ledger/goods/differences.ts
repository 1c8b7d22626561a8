/** Differences of stock (账实差异): whose they are, the alert of each, the lots that are held while they are open, and how they end (F9 4 to 7). */
import { move, stateOf, type Actor, type Tx } from '../lifecycle.ts';
import { decidedElsewhere } from '../oversight/approvals.ts';
import { clear, heighten, raise } from '../oversight/alerts.ts';
import type { Cause, Difference } from './counts.ts';
import { freezeLot, postAdjustment, proposeAdjustment, thawLot, type LotRow, type PostedAdjustment } from './stock.ts';

/** Lots that nobody knows, found in a snapshot of that project: its own have numbers that begin with it. */
const unknownIn = (project: string) =>
  `from alert a where a.type = 'STOCK_DIFF' and a.metric = 'UNKNOWN_LOT' and a.state not in ('RESOLVED', 'FALSE_POSITIVE')
     and exists (select from stock_difference d where d.lot_no = a.subject and starts_with(d.snapshot_no, ${project} || '/'))`;

/** Companies whose goods of a project lie in its warehouse; while something unknown lies there, all that had goods there. */
export async function ownersIn(
  tx: Tx,
  project: { readonly id: string; readonly warehouse: string },
): Promise<string[]> {
  const found = await tx.query<{ uscc: string }>(
    `select distinct p.uscc from stock_lot l join party p on p.id = l.owner_id
     where l.warehouse = $1 and (l.on_hand > 0 or exists (select ${unknownIn('$2')})) and p.uscc is not null and lot_project(l.lot_no) = $2 order by 1`,
    [project.warehouse, project.id],
  );
  return found.rows.map(({ uscc }) => uscc);
}

/** The project of a lot that the books know; of several lots, of the first. */
export async function projectOfLots(tx: Tx, lots: readonly string[]): Promise<string | undefined> {
  const found = await tx.query<{ id: string }>(
    'select lot_project(l.lot_no) id from stock_lot l where l.lot_no = any($1) and lot_project(l.lot_no) is not null order by l.lot_no limit 1',
    [lots],
  );
  return found.rows[0]?.id;
}

export interface OpenedDifference {
  readonly alertNo: string;
  readonly caseNo: string;
  readonly lotNo: string;
  readonly cause: Exclude<Cause, 'WITHIN_TOLERANCE'>;
  readonly level: 'INFO' | 'WARN' | 'CALL';
  readonly booked: string;
  readonly counted: string;
  readonly unit: string;
  readonly pledgeNo?: string;
}

/**
 * Opens an alert for each lot that differs beyond its tolerance; one that is open already rings no second time, but louder when it
 * has become worse. Returns what was opened now. `caseNo`: for lots that secure no loan.
 */
export async function raiseDifferences(
  tx: Tx,
  differences: readonly Difference[],
  caseNo: string,
  actor: Actor,
): Promise<OpenedDifference[]> {
  const opened: OpenedDifference[] = [];
  for (const { lotNo, cause, level, booked, counted } of differences) {
    if (cause === 'WITHIN_TOLERANCE' || level === 'OK') continue;
    const of = await whose(tx, lotNo);
    const told = { type: 'STOCK_DIFF', subject: lotNo, level, metric: cause, caseId: of.caseNo ?? caseNo } as const;
    const alert = await raise(tx, told, actor);
    if (!alert.opened && alert.open !== undefined && level === 'CALL') await heighten(tx, alert.open, level);
    if (!alert.opened || alert.open === undefined) continue;
    const { pledgeNo, unit = 'TNE' } = of;
    opened.push({
      alertNo: alert.open,
      caseNo: of.caseNo ?? caseNo,
      lotNo,
      cause,
      level,
      booked,
      counted,
      unit,
      ...(pledgeNo ? { pledgeNo } : {}),
    });
  }
  return opened;
}

/** A lot that nobody knew and that is not there, or is in the books, any more: by a whole snapshot of its project. */
export async function clearUnknown(tx: Tx, snapshotNo: string, project: string, actor: Actor): Promise<void> {
  const over = await tx.query<{ subject: string }>(
    `select a.subject ${unknownIn('$2')} and not exists (select from stock_difference d where d.snapshot_no = $1 and d.lot_no = a.subject)`,
    [snapshotNo, project],
  );
  for (const { subject } of over.rows)
    await clear(tx, { type: 'STOCK_DIFF', subject }, actor, `not in ${snapshotNo} any more, or in the books`);
}

async function whose(tx: Tx, lotNo: string): Promise<{ pledgeNo?: string; caseNo?: string; unit?: string }> {
  const found = await tx.query<{ unit: string; pledgeNo: string | null; caseNo: string | null }>(
    `select l.unit, i.pledge_no "pledgeNo", a.case_id "caseNo" from stock_lot l left join pledge_item i on i.lot_no = l.lot_no and not i.closed
       left join pledge p on p.no = i.pledge_no left join application a on a.no = p.application_no where l.lot_no = $1 limit 1`,
    [lotNo],
  );
  const { unit, pledgeNo, caseNo } = found.rows[0] ?? {};
  return { ...(unit ? { unit } : {}), ...(pledgeNo ? { pledgeNo } : {}), ...(caseNo ? { caseNo } : {}) };
}

export interface HeldLot extends LotRow {
  readonly ownerUscc: string;
}

/** Everything of that owner in that warehouse and project that is free: held until the difference is explained. Returns it. */
export async function holdRest(tx: Tx, lotNo: string, documentNo: string, actor: Actor): Promise<HeldLot[]> {
  const free = await tx.query<HeldLot>(
    `select o.lot_no "lotNo", o.material "materialCode", o.unit, o.available::text quantity, p.uscc "ownerUscc"
     from stock_lot l join stock_lot o on (o.owner_id, o.warehouse) = (l.owner_id, l.warehouse) join party p on p.id = o.owner_id
     where l.lot_no = $1 and o.lot_no <> l.lot_no and o.available > 0 and lot_project(o.lot_no) = lot_project(l.lot_no) order by o.lot_no for update of o`,
    [lotNo],
  );
  for (const { lotNo: rest, quantity } of free.rows) await freezeLot(tx, rest, quantity, documentNo, actor);
  return free.rows;
}

export async function letRestGo(tx: Tx, held: readonly HeldLot[], documentNo: string, actor: Actor): Promise<void> {
  for (const { lotNo, quantity } of held) await thawLot(tx, lotNo, quantity, documentNo, actor);
}

export interface Note {
  readonly no: string;
  readonly lotNo: string;
  /** What lies there now, as keeper and supervisor counted it. */
  readonly counted: string;
  readonly reason: string;
  readonly reportSha256: string;
  readonly keeperId: string;
}

/** The note of adjustment (调整单) by which the books would say what was counted; none when they say so already. */
export async function writeNote(tx: Tx, note: Note, actor: Actor): Promise<string | undefined> {
  const lot = await tx.query<{ quantity: string }>(
    'select ($2::numeric - on_hand)::numeric(15, 3)::text quantity from stock_lot where lot_no = $1 for update',
    [note.lotNo, note.counted],
  );
  const quantity = lot.rows[0]?.quantity;
  if (quantity === undefined || /^-?0\.0+$/.test(quantity)) return undefined;
  const { no, lotNo, reason, reportSha256, keeperId: maker } = note;
  await proposeAdjustment(tx, { no, lotNo, quantity, reason, reportSha256, maker }, actor);
  return quantity;
}

/** A person of each party signed it: the compensating movement. */
export async function postNote(
  tx: Tx,
  no: string,
  by: { readonly signerId: string; readonly maker: string; readonly checker: string },
  actor: Actor,
): Promise<PostedAdjustment> {
  const subject = { entity: 'stock_adjustment', id: no, event: 'post' } as const;
  const approval = await decidedElsewhere(tx, subject, { maker: by.maker, checker: by.checker, source: 'hub' }, actor);
  return postAdjustment(tx, no, { signer: by.signerId, approval }, actor);
}

/** A dispute that ended in the goods' favour. */
export async function dropNote(tx: Tx, no: string, reason: string, actor: Actor): Promise<void> {
  if ((await stateOf(tx, 'stock_adjustment', no)) === 'REFUSED')
    await move(tx, 'stock_adjustment', no, 'drop', actor, {}, { reason });
}

/** What was pledged and is gone: a call for more, whatever the ratio is. Undefined when what is left still carries the loan. */
export async function demandGap(tx: Tx, pledgeNo: string, caseNo: string, actor: Actor): Promise<string | undefined> {
  const uncovered = await tx.query<{ short: boolean }>(
    'select pledge_exposure(p.no) > pledge_value(p.no) * p.pledge_rate short from pledge p where p.no = $1',
    [pledgeNo],
  );
  if (!uncovered.rows[0]?.short) return undefined;
  const alert = await raise(
    tx,
    { type: 'MARGIN_CALL', subject: pledgeNo, level: 'CALL', metric: 'pledged goods are missing', caseId: caseNo },
    actor,
  );
  return alert.opened ? alert.open : undefined;
}

/** What would lie there after such movements, by the books: one line for each lot, in the unit in which it was told last. */
export async function afterMovement(
  tx: Tx,
  changes: readonly { readonly lotNo: string; readonly change: string; readonly unit: string }[],
): Promise<{ lotNo: string; quantity: string; unit: string }[]> {
  const found = await tx.query<{ lotNo: string; quantity: string; unit: string }>(
    `with told as (select c.*, row_number() over () no from jsonb_to_recordset($1) c ("lotNo" text, change numeric, unit text)),
       last as (select distinct on ("lotNo") "lotNo", unit from told order by "lotNo", no desc)
     select l."lotNo", l.unit, greatest(0, coalesce(max(s.on_hand) filter (where s.unit = l.unit), 0) + sum(t.change))::numeric(15, 3)::text quantity
     from last l join told t on t."lotNo" = l."lotNo" and t.unit = l.unit left join stock_lot s on s.lot_no = l."lotNo" group by l."lotNo", l.unit order by 1`,
    [JSON.stringify(changes)],
  );
  return found.rows;
}
