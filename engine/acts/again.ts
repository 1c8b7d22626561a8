/**
 * Doing something again that has been: a run with the same input, or a stored message read with today's mapping. To send
 * again the same bytes to a counterparty is a third thing, `resend`, which only the owner of a run does.
 */
import { Failure } from '../../contracts/failures.ts';
import type { Store } from '../../store/store.ts';
import { insertAct } from '../acts.ts';
import { sealingOf } from '../../store/sealing/of.ts';
import { places } from '../../store/sealing/places.ts';
import { kinds } from '../journal.ts';
import { openedEntry } from '../sealed.ts';
import { keepSignal, signalKey, type FactRow } from '../signals.ts';
import type { ActRow } from './kinds.ts';

export interface Duplicating {
  readonly store: Store;
  /** Starts a run of the newest version with this key. */
  readonly begin: (flow: string, input: unknown, key: string) => Promise<{ run: string; started: boolean }>;
}

export interface Duplicate {
  readonly act: ActRow;
  readonly run: string;
}

interface Asked {
  readonly reason: string;
  readonly by: string;
}

export interface Stored {
  readonly id: string;
  readonly system: string;
  readonly operation: string;
  readonly method: string;
  readonly path: string;
  readonly body: Buffer;
}

/** Facts that today's mapping finds in a stored message. */
export type MapAgain = (stored: Stored) => Promise<readonly FactRow[]>;

const duplicatesMax = 1_000;

/** @throws Failure NOT_FOUND, ILLEGAL_TRANSITION */
export async function duplicate(duplicating: Duplicating, run: string, asked: Asked): Promise<Duplicate> {
  const { store } = duplicating;
  const found = await store.pool.query<{ flow: string; key: string; body: Buffer | null; seq: number }>(
    `select r.flow, r.key, j.body, (select count(*)::int from journal where run_id = $1) seq
     from (select id, flow, key from run where id = $1 union all select id, flow, key from run_done where id = $1) r
       join journal j on j.run_id = r.id and j.seq = 0`,
    [run],
  );
  const source = found.rows[0];
  if (!source) throw new Failure('NOT_FOUND', { detail: 'there is no run of this id with a journal' });
  const first = { run, seq: 0, kind: kinds.input, body: source.body };
  const input = await openedEntry(await sealingOf(store.pool), first);
  const base = source.key.replace(/~\d+$/, '');
  for (let n = 2; n <= duplicatesMax; n += 1) {
    const begun = await duplicating.begin(source.flow, input, `${base}~${n}`);
    if (!begun.started) continue;
    const detail = `run ${begun.run}`;
    const act = await insertAct(store.pool, {
      ...asked,
      run,
      kind: 'duplicate',
      body: {},
      seqSeen: source.seq,
      state: 'applied',
      detail,
    });
    return { act, run: begun.run };
  }
  throw new Failure('ILLEGAL_TRANSITION', { detail: `the run was duplicated ${duplicatesMax} times` });
}

/** Resolves to the keys to be signalled. A fact that was taken before is not taken again. @throws Failure NOT_FOUND */
export async function remap(
  store: Store,
  mapAgain: MapAgain,
  exchange: string,
  asked: Asked,
): Promise<{ readonly act: ActRow; readonly keys: readonly string[]; readonly fresh: number }> {
  const found = await store.pool.query<Omit<Stored, 'path'> & { path: Buffer }>(
    `select e.id, e.system, e.operation, p.method, p.path, p.request body
     from exchange e join exchange_part p on p.exchange_id = e.id and p.no = 0
     where e.id = $1 and e.direction = 'in' and e.verified is distinct from false`,
    [exchange],
  );
  const sealed = found.rows[0];
  if (!sealed)
    throw new Failure('NOT_FOUND', { detail: 'there is no stored message of this id that came in and verified' });
  const sealing = await sealingOf(store.pool);
  const [path, body] = await Promise.all([
    sealing.open(places.partPath, [sealed.id, 0], sealed.path),
    sealing.open(places.partRequest, [sealed.id, 0], sealed.body),
  ]);
  const facts = await mapAgain({ ...sealed, path: path.toString(), body });
  return store.tx(async (tx) => {
    let fresh = 0;
    for (const fact of facts) if (await keepSignal(tx, { ...fact, exchange })) fresh += 1;
    const act = await insertAct(tx, {
      ...asked,
      run: undefined,
      exchange,
      kind: 'remap',
      body: { exchange },
      seqSeen: 0,
      state: 'applied',
      detail: `${facts.length} facts, ${fresh} of them new`,
    });
    return { act, keys: facts.map(signalKey), fresh };
  });
}
