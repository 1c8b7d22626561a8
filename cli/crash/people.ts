/**
 * The operator of a hub that must not decide by itself: after a kill between intent and answer of an instruction that
 * has a second effect when it is sent twice, people ring up the counterparty. Here they read its log.
 */
import type { Store } from '../../store/store.ts';
import type { EffectLine } from './effects.ts';

/**
 * The unknown instructions of the case of which the counterparty has no trace are to be sent again.
 *
 * @returns how many; none when there is nothing that people could decide so
 */
export async function sendAgain(store: Store, caseId: string, effects: readonly EffectLine[]): Promise<number> {
  const { rows } = await store.pool.query<{ key: string; system: string; number: string }>(
    `select e.key, e.system, e.number from effect e join run r on r.id = e.run_id
     where e.case_id = $1 and e.state = 'unknown' and e.number is not null and r.state = 4`,
    [caseId],
  );
  const unheard = rows.filter(({ system, number }) =>
    effects.every((line) => line.twin !== system || line.number !== number),
  );
  if (unheard.length === 0) return 0;
  return store.tx(async (tx) => {
    const decided = await tx.query(
      `update effect set state = 'intent', detail = 'the counterparty says that it never came', not_found = 0, next_at = hub_now()
       where key = any($1::text[]) and state = 'unknown'`,
      [unheard.map(({ key }) => key)],
    );
    await tx.query(
      `update run set state = 1, problem = null, ready_at = clock_timestamp()
       where state = 4 and id in (select run_id from effect where key = any($1::text[]))`,
      [unheard.map(({ key }) => key)],
    );
    return decided.rowCount ?? 0;
  });
}
