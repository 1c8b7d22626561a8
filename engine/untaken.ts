/** Facts that came and that nobody took (无人认领的通知): a fact that nobody will ever wait for must not lie there unseen. */
import type { Store } from '../store/store.ts';

export interface UntakenFact {
  readonly key: string;
  readonly id: string;
  readonly notice: string;
  readonly at: Date;
  /** The message that carried it; null when it came by a poll. */
  readonly exchange: string | null;
  readonly case: string | null;
  /** Why it lies there: its run is about to take it, a run of its case may still come to it, or nobody ever will. */
  readonly prospect: 'waited' | 'possible' | 'nobody';
}

const listMax = 500;

export async function untakenFacts(store: Store): Promise<UntakenFact[]> {
  const found = await store.pool.query<UntakenFact>(
    `select s.key, s.id, s.notice, s.at, s.exchange_id exchange, e.case_id "case",
       case when exists (select from wait w where w.key = s.key) then 'waited'
            when exists (select from run r where r.case_id = e.case_id) then 'possible'
            else 'nobody' end prospect
     from signal s left join exchange e on e.id = s.exchange_id
     where s.taken_by is null order by s.at limit ${listMax}`,
  );
  return found.rows;
}
