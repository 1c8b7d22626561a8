/** What came in against what was announced (F3 6): beyond the material's tolerance it is a difference that people decide on. */
import type { AlertLevel } from '../oversight/alerts.ts';
import { projectOf } from '../configuration/projects.ts';
import type { Tx } from '../lifecycle.ts';

interface Goods {
  readonly materialCode: string;
  readonly quantity: string;
}

export interface ArrivalDifference {
  readonly materialCode: string;
  readonly announced: string;
  readonly received: string;
  /** Of what was announced, as a fraction. */
  readonly fraction: string;
  readonly level: Exclude<AlertLevel, 'DISPOSE'>;
}

/** Where nothing else is set for the material: weighing and moisture. */
const defaultTolerance = '0.003000';

/** By material, in one unit each; none when all of it is within tolerance. */
export async function arrivalDifferences(
  tx: Tx,
  announced: readonly Goods[],
  received: readonly Goods[],
): Promise<ArrivalDifference[]> {
  const found = await tx.query<ArrivalDifference>(
    `with a as (select g."materialCode" material, sum(g.quantity) quantity from jsonb_to_recordset($1) g ("materialCode" text, quantity numeric) group by 1),
       r as (select g."materialCode" material, sum(g.quantity) quantity from jsonb_to_recordset($2) g ("materialCode" text, quantity numeric) group by 1),
       d as (select coalesce(a.material, r.material) material, coalesce(a.quantity, 0) announced, coalesce(r.quantity, 0) received,
         case when coalesce(a.quantity, 0) = 0 then 1 else abs(coalesce(r.quantity, 0) - a.quantity) / a.quantity end fraction
         from a full join r on r.material = a.material)
     select d.material "materialCode", d.announced::text announced, d.received::text received, round(d.fraction, 6)::text fraction,
       case when d.fraction < 0.005 then 'INFO' when d.fraction < 0.02 then 'WARN' else 'CALL' end "level"
     from d left join stock_tolerance t on t.material = d.material where d.fraction > coalesce(t.fraction, $3::numeric) order by d.material`,
    [JSON.stringify(announced), JSON.stringify(received), defaultTolerance],
  );
  return found.rows;
}

/** The system of the warehouse in which the goods of a case lie. @throws Failure NOT_FOUND */
export async function keeperSystem(tx: Tx, caseId: string): Promise<string> {
  const found = await tx.query<{ seller: string }>('select seller_no seller from trade_order where case_id = $1', [
    caseId,
  ]);
  return (await projectOf(tx, found.rows[0]?.seller ?? '')).systems.warehouse;
}
