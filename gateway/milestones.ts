/** How far a case has come: the milestones that all its runs have journaled, against those that the flows declare. */
import { shanghaiTime } from '../engine/calendar.ts';
import { kinds } from '../engine/journal.ts';
import type { Store } from '../store/store.ts';
import type { Pictures } from './pictures.ts';
import type { MilestoneView } from './view.ts';

export interface Reached {
  /** Of the run that reached it. */
  readonly flow: string;
  readonly no: number;
  readonly at: Date;
  /** Real time at which it was journaled. */
  readonly realMs: number;
  /** Real time at which its run began: a run's id (UUID version 7) begins with it. */
  readonly begunMs: number;
}

/** By case. */
export async function reachedIn(store: Store, cases: readonly string[]): Promise<Map<string, Reached[]>> {
  const found = await store.pool.query<{
    case_id: string;
    flow: string;
    run_id: string;
    no: string;
    real_ms: string | null;
    at: Date;
  }>(
    `select r.case_id, r.flow, j.run_id, j.at, convert_from(j.body, 'UTF8')::jsonb ->> 'no' as no,
            convert_from(j.body, 'UTF8')::jsonb ->> 'realMs' as real_ms
     from (select id, flow, case_id from run where case_id = any($1::text[])
           union all select id, flow, case_id from run_done where case_id = any($1::text[])) r
       join journal j on j.run_id = r.id and j.kind = $2
     order by j.at`,
    [cases, kinds.milestone],
  );
  const byCase = new Map<string, Reached[]>();
  for (const row of found.rows) {
    const begunMs = Number.parseInt(row.run_id.replaceAll('-', '').slice(0, 12), 16);
    const reached = { flow: row.flow, no: Number(row.no), at: row.at, realMs: Number(row.real_ms ?? begunMs), begunMs };
    byCase.set(row.case_id, [...(byCase.get(row.case_id) ?? []), reached]);
  }
  return byCase;
}

/** The way of one flow, one after the other; the first that is not reached is the current one, while the case is open. */
export function milestonesOf(
  pictures: Pictures,
  flow: string,
  reached: readonly Reached[],
  open: boolean,
  /** Parties that the case has dealt with. */
  seen: ReadonlySet<string>,
): MilestoneView[] {
  const firsts = new Map<number, Reached>();
  const way = pictures.wayOf(flow);
  for (const one of reached) if (way.flows.has(one.flow) && !firsts.has(one.no)) firsts.set(one.no, one);
  const inTime = [...firsts.values()].toSorted((a, b) => a.realMs - b.realMs);
  const current = open ? way.milestones.find((milestone) => !firsts.has(milestone.no)) : undefined;
  return way.milestones.map(({ no, name, party }): MilestoneView => {
    const mine = firsts.get(no);
    const before = mine && inTime[inTime.indexOf(mine) - 1];
    return {
      no,
      name,
      party: pictures.turnOf(party, seen),
      state: mine ? 'done' : no === current?.no ? 'current' : 'todo',
      at: mine ? shanghaiTime(mine.at) : null,
      ms: mine ? Math.max(0, mine.realMs - (before?.realMs ?? mine.begunMs)) : null,
    };
  });
}
