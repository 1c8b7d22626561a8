/** What funders decide after it was settled (迟到或矛盾的审批): found by the number under which the funder was asked. */
import { move, type Actor, type Tx } from '../lifecycle.ts';

export interface Decided {
  readonly applicationNo: string;
  readonly caseId: string;
  /** Through which the funder speaks. */
  readonly system: string;
  /** Of the attempt, or of the application where one funder alone is asked. */
  readonly state: string;
  /** Whether this funder was told that nobody wants its decision any more. */
  readonly withdrawn: boolean;
  /** Whether this funder has approved, and the application lives by that. */
  readonly approved: boolean;
  readonly amount?: string;
  readonly rate?: string;
  /** By the funder's own clock. */
  readonly decidedAt?: string;
}

/** Nothing while the decision is still waited for, or when nobody was asked under that number. */
export async function decidedBefore(tx: Tx, no: string): Promise<Decided | undefined> {
  const found = await tx.query<Decided & { waits: boolean }>(
    `select a.no "applicationNo", a.case_id "caseId", pf.system, coalesce(t.state, a.state) state, coalesce(t.state in ('WITHDRAWING', 'WITHDRAWN', 'DECLINED'), false) withdrawn,
       coalesce(t.state = 'APPROVED', a.approved_amount is not null and a.state not in ('WITHDRAWN', 'OFFER_EXPIRED')) approved,
       a.approved_amount::text amount, a.rate::text rate,
       (select e.payload ->> 'decidedAt' from evidence e where e.case_id = a.case_id and e.node = 'N05 decision' and e.business_key = $1
         and e.payload ->> 'afterwards' is null order by e.no desc limit 1) "decidedAt",
       coalesce(t.state in ('PLANNED', 'PUSHED'), a.state in ('DRAFT', 'SUBMITTED', 'PRECHECK', 'ASSETS_LOCKED', 'ROUTED', 'FUNDER_REVIEW')) waits
     from application a left join route_attempt t on t.application_no = a.no and t.no = $1
       join trade_order o on (o.seller_no, o.order_no) = (a.seller_no, a.order_no) join project pr on pr.seller_no = o.seller_no
       join project_funder pf on pf.project_id = pr.id and pf.funder_id = coalesce(t.funder_id, a.funder_id)
     where t.no = $1 or (a.no = $1 and not exists (select from route_attempt x where x.application_no = a.no))`,
    [no],
  );
  const row = found.rows[0];
  if (!row || row.waits) return undefined;
  return Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null)) as unknown as Decided;
}

/** An approval that came too late is declined where the attempt is one that can be; of an application asked alone nothing is left to move. */
export async function declineLate(tx: Tx, no: string, actor: Actor): Promise<void> {
  const found = await tx.query<{ state: string }>('select state from route_attempt where no = $1', [no]);
  const state = found.rows[0]?.state;
  if (state === 'WITHDRAWING' || state === 'WITHDRAWN')
    await move(tx, 'route_attempt', no, 'approveLate', actor, { reason: 'approved after it was withdrawn' });
}

/** The funder's offer is not good any more: nothing is drawn on it (I-09). What is drawn already stays. */
export async function endOffer(tx: Tx, applicationNo: string, at: string): Promise<void> {
  await tx.query(
    `update application set valid_to = least(valid_to, $2::timestamptz) where no = $1
       and state in ('APPROVED', 'CONTRACTING', 'SIGNED', 'READY_TO_DISBURSE')`,
    [applicationNo, at],
  );
}

/** Whether an instruction of that number was ever given here. */
export async function isInstructed(tx: Tx, paymentNo: string): Promise<boolean> {
  const found = await tx.query('select from payment where no = $1', [paymentNo]);
  return found.rowCount !== 0;
}
