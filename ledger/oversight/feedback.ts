/**
 * Post-loan feedback (贷后反馈) in the books: of whom which funder is told, as far as which consent goes, what was told of each row
 * before, and what follows when a month after the other passes without it.
 */
import { Failure } from '../../contracts/failures.ts';
import type { Store } from '../../store/store.ts';
import { keepEvidence } from '../evidence.ts';
import { move, type Actor, type Tx } from '../lifecycle.ts';
import { freezeLimit } from '../money/limits.ts';
import { expireConsents, giveConsent, withdrawConsent, type DataKind } from '../parties/consents.ts';
import { tellParties } from './subscriptions.ts';

/** The consent for feedback alone goes before the one for the financing as a whole. */
const purposes = ['feedback', 'financing'] as const;

export interface FedBack {
  readonly funder: { readonly id: string; readonly name: string; readonly uscc: string };
  readonly system: string;
  readonly borrower: { readonly id: string; readonly name: string; readonly uscc: string };
  /** Under which the seller's ERP knows it. */
  readonly customerNo: string;
  readonly loans: readonly { readonly caseId: string; readonly orderNo: string; readonly funderNo: string }[];
  /** What was told of each row the last time: its digest and its version. */
  readonly versions: Versions;
}

export type Versions = Readonly<Record<string, readonly [digest: string, version: number]>>;

/** Borrowers with a running loan in the project, for each of its funders; without those of which the month is told already. */
export async function toFeedBack(
  tx: Tx,
  project: { readonly id: string; readonly sellerNo: string; readonly erp: string },
  period: string,
): Promise<readonly FedBack[]> {
  const found = await tx.query<FedBack>(
    `select jsonb_build_object('id', f.id, 'name', f.legal_name, 'uscc', f.uscc) funder, pf.system,
       jsonb_build_object('id', b.id, 'name', b.legal_name, 'uscc', b.uscc) borrower, r.value "customerNo",
       jsonb_agg(distinct jsonb_build_object('caseId', a.case_id, 'orderNo', a.order_no, 'funderNo', l.funder_no)) loans,
       coalesce((select versions from feedback_cycle c where (c.project_id, c.funder_id, c.borrower_id) = ($1, f.id, b.id)
         and c.outcome = 'TAKEN' and c.period < $4 order by c.period desc limit 1), '{}') versions
     from loan l join application a on a.no = l.application_no join party f on f.id = a.funder_id join party b on b.id = a.borrower_id
       join project_funder pf on pf.project_id = $1 and pf.funder_id = f.id
       join lateral (select min(value) value from party_ref where party_id = b.id and system = $3) r on r.value is not null
     where a.seller_no = $2 and l.state in ('ACTIVE', 'DUE', 'OVERDUE', 'EXTENDED', 'DEFAULTED', 'DISPOSING')
       and not exists (select from feedback_cycle c where (c.project_id, c.funder_id, c.borrower_id, c.period) = ($1, f.id, b.id, $4))
     group by f.id, pf.system, b.id, r.value order by b.uscc, f.uscc`,
    [project.id, project.sellerNo, project.erp, period],
  );
  return found.rows;
}

export interface Scope {
  /** Under which consent it is told; none lives. */
  readonly purpose: string | undefined;
  readonly kinds: readonly DataKind[];
}

export async function consentScope(tx: Tx, party: string, recipient: string): Promise<Scope> {
  const found = await tx.query<{ purpose: string; kinds: DataKind[] }>(
    `select purpose, data_kinds kinds from consent where party_id = $1 and recipient = $2 and purpose = any($3)
       and state = 'GIVEN' and (valid_to is null or valid_to > hub_now()) order by array_position($3::text[], purpose) limit 1`,
    [party, recipient, purposes],
  );
  return found.rows[0] ?? { purpose: undefined, kinds: [] };
}

/** What has left the warehouse for the borrower, by the hub's own books: its sales (销售出库) as far as the keeper sees them. */
export async function outboundOf(tx: Tx, borrower: string, from: string, to: string) {
  const found = await tx.query<{ no: string; date: string; materialCode: string; quantity: string; unit: string }>(
    `select m.document_no || '/' || m.id "no", to_char(m.at at time zone 'Asia/Shanghai', 'YYYY-MM-DD') date,
       l.material "materialCode", m.quantity::text quantity, l.unit
     from stock_movement m join stock_lot l on l.lot_no = m.lot_no
     where l.owner_id = $1 and m.kind = 'OUTBOUND' and (m.at at time zone 'Asia/Shanghai')::date between $2 and $3 order by m.id limit 500`,
    [borrower, from, to],
  );
  return found.rows;
}

export interface Cycle {
  readonly no: string;
  readonly project: string;
  readonly period: string;
  readonly fedBack: FedBack;
  readonly outcome: 'TAKEN' | 'MISSED';
  readonly why: string | undefined;
  readonly versions: Versions;
  readonly withheld: readonly string[];
  /** Of the package that the funder took. */
  readonly sha256: string | undefined;
}

/** Two months missed, one after the other. */
const missedMax = 2;
const frozenFor = 'no feedback for';

/**
 * How the month ended. Where two in a row were missed, the limits that this funder has granted this borrower are frozen by rule, and
 * whoever subscribed hears of it. Returns their numbers.
 */
export async function closeCycle(tx: Tx, cycle: Cycle, actor: Actor): Promise<readonly string[]> {
  const { funder, borrower, loans } = cycle.fedBack;
  await tx.query(
    `insert into feedback_cycle (no, project_id, funder_id, borrower_id, period, outcome, why, versions, withheld)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [
      cycle.no,
      cycle.project,
      funder.id,
      borrower.id,
      cycle.period,
      cycle.outcome,
      cycle.why?.slice(0, 500) ?? null,
      JSON.stringify(cycle.versions),
      cycle.withheld,
    ],
  );
  const cases = [...new Set(loans.map(({ caseId }) => caseId))].toSorted();
  if (cycle.outcome === 'TAKEN') {
    const payload = {
      period: cycle.period,
      funder: funder.uscc,
      sha256: cycle.sha256 ?? '',
      withheld: [...cycle.withheld],
    };
    for (const caseId of cases) await keepEvidence(tx, caseId, 'N03 trade data', cycle.no, payload);
    return [];
  }
  for (const caseId of cases) await tellParties(tx, { kind: 'feedback.missed', no: caseId });
  if (!(await wasMissedBefore(tx, cycle))) return [];
  const open = await tx.query<{ no: string }>(
    `select no from credit_limit where party_id = $1 and funder_id = $2 and state in ('ACTIVE', 'REDUCED') order by no for update`,
    [borrower.id, funder.id],
  );
  for (const { no } of open.rows)
    await freezeLimit(tx, no, `${frozenFor} ${missedMax} months, the last ${cycle.period}`, 'SYS', actor);
  return open.rows.map(({ no }) => no);
}

async function wasMissedBefore(tx: Tx, { project, period, fedBack: { funder, borrower } }: Cycle): Promise<boolean> {
  const before = await tx.query<{ outcome: string }>(
    `select outcome from feedback_cycle where (project_id, funder_id, borrower_id) = ($1, $2, $3) and period < $4
     order by period desc limit $5`,
    [project, funder.id, borrower.id, period, missedMax - 1],
  );
  return before.rows.length === missedMax - 1 && before.rows.every(({ outcome }) => outcome === 'MISSED');
}

/** Limits that are frozen for want of feedback, and for nothing since. */
export async function frozenByRule(tx: Tx, { funder, borrower }: FedBack): Promise<readonly string[]> {
  const found = await tx.query<{ no: string }>(
    `select l.no from credit_limit l where l.party_id = $1 and l.funder_id = $2 and l.state = 'FROZEN'
       and (select h.reason from history h where h.entity = 'credit_limit' and h.entity_id = l.no order by h.version desc limit 1)
         like $3 || '%' order by l.no`,
    [borrower.id, funder.id, frozenFor],
  );
  return found.rows.map(({ no }) => no);
}

/** The funder's people have said so. One that moved in the meantime stays as it is. */
export async function unfreezeLimits(
  tx: Tx,
  fedBack: FedBack,
  by: readonly string[],
  actor: Actor,
): Promise<readonly string[]> {
  const limits = await frozenByRule(tx, fedBack);
  for (const no of limits)
    await move(
      tx,
      'credit_limit',
      no,
      'unfreeze',
      actor,
      {},
      { reason: `feedback came: ${by.join(', ')}`, word: 'FND' },
    );
  return limits;
}

export interface ConsentChange {
  readonly recipient: string;
  readonly purpose: string;
  readonly dataKinds: readonly DataKind[];
  readonly validTo?: string | undefined;
}

/** The company's own word: a consent takes the place of the one before. @throws Failure NOT_FOUND for a recipient that nobody knows */
export async function changeConsent(tx: Tx, party: string, wish: ConsentChange, actor: Actor): Promise<void> {
  const { recipient, purpose, dataKinds, validTo } = wish;
  const known = await tx.query('select from party where legal_name = $1', [recipient]);
  if (known.rowCount === 0) throw new Failure('NOT_FOUND', { detail: 'nobody of that name takes part here' });
  await expireConsents(tx, actor, party);
  const live = await tx.query<{ id: string }>(
    `select id from consent where party_id = $1 and recipient = $2 and purpose = $3 and state = 'GIVEN'`,
    [party, recipient, purpose],
  );
  for (const { id } of live.rows) await withdrawConsent(tx, id, actor);
  if (dataKinds.length === 0) return;
  const until = validTo === undefined ? {} : { validTo: new Date(validTo) };
  await giveConsent(tx, party, { recipient, purpose, dataKinds, ...until }, actor);
}

export async function consentsOf(store: Store, party: string): Promise<readonly object[]> {
  const found = await store.pool.query<object>(
    `select recipient, purpose, data_kinds "dataKinds", state, at, valid_to "validTo", withdrawn_at "withdrawnAt"
     from consent where party_id = $1 order by at desc, id limit 500`,
    [party],
  );
  return found.rows;
}
