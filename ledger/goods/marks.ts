/** Marks of one project's pledges: whose loan each carries, and the alerts (预警) that they open, keep or end (盯市, F8). */
import type { Actor, Tx } from '../lifecycle.ts';
import { observe, openAlert, raise, clear, settle, type Measurement } from '../oversight/alerts.ts';
import type { Level } from './marking.ts';
import type { LotRow } from './stock.ts';

export interface MaterialUnit {
  readonly materialCode: string;
  readonly unit: string;
}

/** What is pledged in a project: what must be quoted each day. */
export async function pledgedMaterials(tx: Tx, project: string): Promise<MaterialUnit[]> {
  const found = await tx.query<MaterialUnit>(
    `select distinct l.material "materialCode", l.unit from pledge p join application a on a.no = p.application_no join project j on j.seller_no = a.seller_no
       join pledge_item i on i.pledge_no = p.no join stock_lot l using (lot_no)
     where j.id = $1 and p.state in ('EFFECTIVE', 'PARTIALLY_RELEASED', 'DISPOSING') and not i.closed order by 1, 2`,
    [project],
  );
  return found.rows;
}

export interface PledgeMark {
  readonly pledgeNo: string;
  readonly caseNo: string;
  /** The pledge's own number while its loan is still on its way. */
  readonly loanNo: string;
  readonly value: string;
  readonly exposure: string;
  /** None where nothing is worth anything. */
  readonly ltv: string | null;
  readonly level: Level;
  readonly unpriced: boolean;
  readonly pledgeRate: string;
  readonly warnRate: string;
  readonly callRate: string;
  readonly disposeRate: string;
}

/** What a batch says of its pledges, or of one of them; empty for one that is in effect no more. */
export async function marksOf(tx: Tx, setId: string, pledgeNo?: string): Promise<PledgeMark[]> {
  const found = await tx.query<PledgeMark>(
    `select v.pledge_no "pledgeNo", a.case_id "caseNo", coalesce((select max(l.no) from loan l where l.application_no = a.no), v.pledge_no) "loanNo",
       v.value::text value, v.exposure::text exposure, v.ltv::text ltv, v.level, v.unpriced, p.pledge_rate::text "pledgeRate",
       p.warn_rate::text "warnRate", p.call_rate::text "callRate", p.dispose_rate::text "disposeRate"
     from valuation v join pledge p on p.no = v.pledge_no join application a on a.no = p.application_no
     where v.set_id = $1 and ($2::text is null or v.pledge_no = $2) order by v.pledge_no`,
    [setId, pledgeNo ?? null],
  );
  return found.rows;
}

/** Where nothing is worth anything, the ratio is above every line. */
const beyondMeasure = '999999.000000';

/** Where nothing is owed there is nothing to cover, whatever is left of the goods. */
function ratioOf(ltv: string | null, exposure: string): string {
  return ltv ?? (/^(-|0(\.0+)?$)/.test(exposure) ? '0.000000' : beyondMeasure);
}

export function warning({ pledgeNo, caseNo, ltv, exposure, warnRate }: PledgeMark): Measurement {
  const measured = ratioOf(ltv, exposure);
  return {
    type: 'PRICE_WARN',
    subject: pledgeNo,
    caseId: caseNo,
    level: 'WARN',
    metric: 'loan to value',
    measured,
    threshold: warnRate,
    rings: 'above',
  };
}

export function calling({ pledgeNo, caseNo, ltv, exposure, callRate, level }: PledgeMark): Measurement {
  const measured = ratioOf(ltv, exposure);
  const rank = level === 'DISPOSE' ? 'DISPOSE' : 'CALL';
  return {
    type: 'MARGIN_CALL',
    subject: pledgeNo,
    caseId: caseNo,
    level: rank,
    metric: 'loan to value',
    measured,
    threshold: callRate,
    rings: 'above',
  };
}

export interface Opened {
  readonly alertNo: string;
  readonly mark: PledgeMark;
}

export interface Watched {
  readonly warned: Opened[];
  readonly called: Opened[];
  /** Pledges on which a call was open before: it hears of its new mark. */
  readonly openCalls: string[];
}

/** Opens what is at a line, ends warnings that are over. A call is ended by its own run, which sees what cured it. */
export async function watchMarks(tx: Tx, marks: readonly PledgeMark[], actor: Actor): Promise<Watched> {
  const watched: Watched = { warned: [], called: [], openCalls: [] };
  for (const mark of marks) {
    if (await openAlert(tx, { type: 'MARGIN_CALL', subject: mark.pledgeNo })) watched.openCalls.push(mark.pledgeNo);
    if (mark.level === 'OK') {
      await settle(tx, warning(mark), actor, 'the value is back');
      continue;
    }
    const { open, opened } = await observe(tx, mark.level === 'WARN' ? warning(mark) : calling(mark), actor);
    if (opened && open !== undefined)
      (mark.level === 'WARN' ? watched.warned : watched.called).push({ alertNo: open, mark });
  }
  return watched;
}

/** A material of which there is no price of the last business day rings until there is one. Returns the alerts that this opened. */
export async function watchPrices(
  tx: Tx,
  setId: string,
  materials: readonly MaterialUnit[],
  caseNo: string,
  actor: Actor,
): Promise<{ alertNo: string; material: string }[]> {
  const fresh = await tx.query<MaterialUnit>(
    'select material "materialCode", unit from quote_set_item where set_id = $1 and not stale',
    [setId],
  );
  const opened: { alertNo: string; material: string }[] = [];
  for (const { materialCode, unit } of materials) {
    const subject = `${materialCode} ${unit}`;
    if (fresh.rows.some((row) => row.materialCode === materialCode && row.unit === unit)) {
      await clear(tx, { type: 'PRICE_WARN', subject }, actor, 'quoted again');
      continue;
    }
    const told = {
      type: 'PRICE_WARN',
      subject,
      level: 'WARN',
      metric: 'no price of the last business day',
      caseId: caseNo,
    } as const;
    const alert = await raise(tx, told, actor);
    if (alert.opened && alert.open !== undefined) opened.push({ alertNo: alert.open, material: subject });
  }
  return opened;
}

/** What is still pledged, as a warehouse is told of it, with the number of the lock under which it lies. */
export async function openLots(tx: Tx, pledgeNo: string): Promise<(LotRow & { readonly lockNo: string })[]> {
  const found = await tx.query<LotRow & { lockNo: string }>(
    `select i.lot_no "lotNo", l.material "materialCode", i.open::text quantity, l.unit, coalesce(i.change_no, i.pledge_no) "lockNo"
     from pledge_item i join stock_lot l using (lot_no) where i.pledge_no = $1 and not i.closed and i.open > 0 order by i.lot_no`,
    [pledgeNo],
  );
  return found.rows;
}
