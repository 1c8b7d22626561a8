/** What became of a case: its steps, its messages, its effects, and whether the books hold. */
import { kinds } from '../engine/journal.ts';
import type { Milestone } from '../engine/flow.ts';
import { flows } from '../flows/flows.ts';
import { verifyBooks } from '../ledger/invariants.ts';
import type { Store } from '../store/store.ts';

export interface CaseReport {
  readonly case: string;
  readonly flow: string;
  readonly state: string;
  readonly steps: readonly { no: number; name: string; party: string; ms: number }[];
  readonly exchanges: number;
  readonly effects: { readonly confirmed: number; readonly refused: number; readonly unknown: number };
  readonly invariants: { readonly checked: number; readonly broken: number };
}

/** Of which flow a milestone is: several have steps of the same number. */
const milestoneOf = (flow: string, no: number): Milestone | undefined =>
  flows.find(({ name }) => name === flow)?.milestones.find((milestone) => milestone.no === no);

export async function reportOn(store: Store, caseId: string, speed: number): Promise<CaseReport> {
  const [about, reached, exchanges, effects, verdicts, spoken] = await Promise.all([
    store.pool.query<{ state: string; opened_at: Date; flow: string }>(
      `select case when c.state = 'open' and not exists (select from run where case_id = c.id)
           then coalesce((select outcome from run_done where case_id = c.id and outcome <> 'disbursed' order by finished_at desc limit 1), 'open')
           else c.state end state, c.opened_at, coalesce((select flow from run_done where case_id = c.id order by created_at limit 1),
         (select flow from run where case_id = c.id order by created_at limit 1)) flow from cases c where c.id = $1`,
      [caseId],
    ),
    store.pool.query<{ flow: string; body: Buffer; at: Date }>(
      `select r.flow, j.body, j.at from journal j join
         (select id, flow from run where case_id = $1 union all select id, flow from run_done where case_id = $1) r on r.id = j.run_id
       where j.kind = $2 order by j.at`,
      [caseId, kinds.milestone],
    ),
    store.pool.query<{ n: string }>('select count(*) n from exchange where case_id = $1', [caseId]),
    store.pool.query<{ state: string; n: string }>(
      'select state, count(*) n from effect where case_id = $1 group by state',
      [caseId],
    ),
    verifyBooks(store),
    store.pool.query<{ id: string; kind: string }>(
      'select id, kind from system where id in (select system from exchange where case_id = $1)',
      [caseId],
    ),
  ]);
  const began = about.rows[0]?.opened_at.getTime() ?? 0;
  const count = (...states: string[]) =>
    effects.rows.filter((row) => states.includes(row.state)).reduce((sum, row) => sum + Number(row.n), 0);
  const dealtWith = new Map(spoken.rows.map(({ id, kind }) => [kind, id]));
  let previous = began;
  const steps = reached.rows.map(({ flow, body, at }) => {
    const { no } = JSON.parse(body.toString()) as { no: number };
    const milestone = milestoneOf(flow, no);
    // Milestones carry business time; what a person waited is that over the clock's speed.
    const ms = Math.round((at.getTime() - previous) / Math.max(speed, 1));
    previous = at.getTime();
    return {
      no,
      name: milestone?.name.en ?? String(no),
      party: dealtWith.get(milestone?.party ?? '') ?? milestone?.party ?? 'hub',
      ms,
    };
  });
  return {
    case: caseId,
    flow: about.rows[0]?.flow ?? '',
    state: about.rows[0]?.state ?? 'unknown',
    steps,
    exchanges: Number(exchanges.rows[0]?.n ?? 0),
    effects: { confirmed: count('confirmed'), refused: count('refused'), unknown: count('unknown', 'intent') },
    invariants: { checked: verdicts.length, broken: verdicts.filter((verdict) => verdict.offenders.length > 0).length },
  };
}
