/**
 * Breaks (差异) between the books of those who take part: hub and clearing, bank, ERP, warehouse. Each is a case with an age, an owner
 * and the act that corrects it; it is closed by a compensating command, by two people, or when the next comparison agrees.
 */
import { addWorkingDays } from '../../contracts/canonical/calendar.ts';
import { begin, move, stateOf, type Actor, type Tx } from '../lifecycle.ts';
import { decidedElsewhere } from '../oversight/approvals.ts';
import { resolveCase } from './reconciliation.ts';

/** What was compared: the number of a break says it. */
export const breakKinds = {
  LOAN: {
    owner: 'FND',
    act: { zh: '以资金方为准，补记或冲正还款', en: 'follow the funder: post or reverse a repayment' },
  },
  ERP: { owner: 'UNIT', act: { zh: '在 ERP 过账清账', en: 'post the clearing in the ERP' } },
  STOCK: { owner: 'WH', act: { zh: '重新锁定或盘点、追加质物', en: 'lock again, count, or top up' } },
  CLEARING: {
    owner: 'OPS',
    act: { zh: '查询清算并以补偿指令更正', en: 'ask the clearing and correct by a compensating command' },
  },
} as const;
export type BreakKind = keyof typeof breakKinds;

export interface Break {
  readonly no: string;
  readonly runNo: string | null;
  readonly subject: string;
  readonly difference: string;
  readonly state: string;
}

/** The break, while it is open. */
export async function breakOf(tx: Tx, no: string): Promise<Break | undefined> {
  const found = await tx.query<Break>(
    `select no, run_no "runNo", subject, difference, state from recon_case where no = $1 and state in ('OPEN', 'INVESTIGATING') for update`,
    [no],
  );
  return found.rows[0];
}

/** Whether something of that number stands in the books that can have corrected it. */
export async function hasCommand(tx: Tx, no: string): Promise<boolean> {
  const found = await tx.query(
    `select from payment where no = $1 union all select from repayment where no = $1 union all select from release_order where no = $1
     union all select from stock_adjustment where no = $1 union all select from manual_entry where id::text = $1
     union all select from effect where number = $1 and state = 'confirmed' limit 1`,
    [no],
  );
  return found.rowCount !== 0;
}

export async function adjustBreak(tx: Tx, no: string, command: string, actor: Actor): Promise<void> {
  await investigate(tx, no, actor);
  await resolveCase(tx, no, { command }, actor);
  await move(tx, 'recon_case', no, 'close', actor);
}

export async function acceptBreak(
  tx: Tx,
  no: string,
  reason: string,
  people: { readonly maker: string; readonly checker: string },
  actor: Actor,
): Promise<void> {
  await investigate(tx, no, actor);
  const approval = await decidedElsewhere(
    tx,
    { entity: 'recon_case', id: no, event: 'accept' },
    { ...people, source: 'hub' },
    actor,
  );
  await resolveCase(tx, no, { accepted: reason, approval }, actor);
  await move(tx, 'recon_case', no, 'close', actor);
}

async function investigate(tx: Tx, no: string, actor: Actor): Promise<void> {
  if ((await stateOf(tx, 'recon_case', no)) === 'OPEN')
    await move(tx, 'recon_case', no, 'investigate', actor, {}, { word: 'OPS' });
}

/** One difference of a subject: what is compared again each day is told once, in its newest words. */
export interface Difference {
  readonly kind: BreakKind;
  readonly subject: string;
  readonly difference: string;
}

export interface Compared {
  readonly opened: readonly string[];
  readonly closed: readonly string[];
  readonly open: number;
}

/** What a comparison found, and all that it looked at: breaks of those that agree now are closed. */
export async function keepComparison(
  tx: Tx,
  kind: BreakKind,
  looked: readonly string[],
  differences: readonly Difference[],
  on: string,
  actor: Actor,
): Promise<Compared> {
  const before = await tx.query<{ no: string; subject: string }>(
    `select no, subject from recon_case where run_no is null and no like $1 and subject = any($2) and state in ('OPEN', 'INVESTIGATING') order by no for update`,
    [`RC-${kind}-%`, looked],
  );
  const known = new Map(before.rows.map(({ no, subject }) => [subject, no]));
  const opened: string[] = [];
  for (const { subject, difference } of differences) {
    const no = known.get(subject);
    if (no !== undefined) await tx.query('update recon_case set difference = $2 where no = $1', [no, difference]);
    else opened.push(await open(tx, kind, subject, difference, on, actor));
  }
  const different = new Set(differences.map(({ subject }) => subject));
  const closed = before.rows.filter(({ subject }) => !different.has(subject)).map(({ no }) => no);
  for (const no of closed) await adjustBreak(tx, no, `agreed on ${on}`, actor);
  return { opened, closed, open: known.size - closed.length + opened.length };
}

async function open(
  tx: Tx,
  kind: BreakKind,
  subject: string,
  difference: string,
  on: string,
  actor: Actor,
): Promise<string> {
  const before = await tx.query<{ count: number }>(
    'select count(*)::int count from recon_case where no like $1 and subject = $2',
    [`RC-${kind}-%`, subject],
  );
  const no = `RC-${kind}-${subject}-${(before.rows[0]?.count ?? 0) + 1}`;
  await tx.query(
    "insert into recon_case (no, subject, difference, owner, due_on, state) values ($1, $2, $3, $4, $5, 'OPEN')",
    [no, subject, difference, breakKinds[kind].owner, addWorkingDays(on, 1)],
  );
  await begin(tx, 'recon_case', no, 'open', actor);
  return no;
}

export interface ShownBreak {
  readonly no: string;
  readonly kind: BreakKind;
  readonly subject: string;
  readonly difference: string;
  readonly owner: string;
  readonly state: string;
  readonly openedAt: string;
  readonly ageDays: number;
  readonly dueOn: string;
  readonly late: boolean;
  readonly act: { readonly zh: string; readonly en: string };
}

const listMax = 1_000;

/** Everything that is open between the books, the oldest first. */
export async function listBreaks(from: Pick<Tx, 'query'>): Promise<ShownBreak[]> {
  const found = await from.query<Omit<ShownBreak, 'kind' | 'act'> & { kind: string }>(
    `select c.no, case when c.run_no is not null then 'CLEARING' else split_part(c.no, '-', 2) end kind, c.subject, c.difference, coalesce(c.owner, 'OPS') owner, c.state,
       to_char(h.at at time zone 'Asia/Shanghai', 'YYYY-MM-DD"T"HH24:MI:SS"+08:00"') "openedAt", greatest(0, shanghai_date(hub_now()) - shanghai_date(h.at)) "ageDays",
       c.due_on::text "dueOn", c.due_on < shanghai_date(hub_now()) late
     from recon_case c join history h on h.entity = 'recon_case' and h.entity_id = c.no and h.from_state = ''
     where c.state in ('OPEN', 'INVESTIGATING') order by h.at, c.no limit $1`,
    [listMax],
  );
  return found.rows.map((row) => {
    // A repayment that the funder posted otherwise than we had it is a break of the loan.
    const kind = row.kind in breakKinds ? (row.kind as BreakKind) : 'LOAN';
    return { ...row, kind, act: breakKinds[kind].act };
  });
}
