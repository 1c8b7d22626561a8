import { kindNames, type Kind } from '../../engine/journal.ts';
import { openedEntry } from '../../engine/sealed.ts';
import { sealingOf } from '../../store/sealing/of.ts';
import type { Store } from '../../store/store.ts';

const bodyCharsMax = 160;

/** Every journal and what became of every effect, one line each, for people. */
export async function journalOf(store: Store): Promise<string[]> {
  const entries = await store.pool.query<{
    run: string;
    flow: string;
    seq: number;
    kind: Kind;
    path: string;
    body: Buffer | null;
  }>(
    `select r.id run, r.flow, j.seq, j.kind, j.path, j.body from journal j join
       (select id, flow, created_at from run union all select id, flow, created_at from run_done) r
       on r.id = j.run_id order by r.created_at, r.id, j.seq`,
  );
  const effects = await store.pool.query<{ line: string }>(
    `select concat_ws(' ', system, operation, number, state, 'attempts', attempts, 'queries', queries, detail) line
     from effect order by intent_at`,
  );
  const runs = await store.pool.query<{ line: string }>(
    `select concat_ws(' ', flow, 'state', state, 'crashes', crashes, 'wakes', wake_at, problem) line from run`,
  );
  const sealing = await sealingOf(store.pool);
  const told = entries.rows.map(async (entry) => {
    const { flow, seq, kind, path } = entry;
    const text = JSON.stringify(await openedEntry(sealing, entry)) ?? '';
    return `${flow} ${String(seq).padStart(3)} ${kindNames[kind].padEnd(9)} ${path}  ${text.slice(0, bodyCharsMax)}`;
  });
  return [
    ...(await Promise.all(told)),
    ...effects.rows.map(({ line }) => `effect ${line}`),
    ...runs.rows.map(({ line }) => `live   ${line}`),
  ];
}
