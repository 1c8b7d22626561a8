/** One act on many runs: the list is frozen at once, and carried out at a pace, so that it can be watched and stopped. */
import { randomUUID } from 'node:crypto';
import { Failure } from '../../contracts/failures.ts';
import type { Store } from '../../store/store.ts';
import type { Acting } from '../acts.ts';
import { sealedAct } from '../sealed.ts';
import { digestOf } from './digest.ts';
import { actKinds, type ActBody, type ActKind } from './kinds.ts';

export interface BulkWhere {
  readonly flow?: string | undefined;
  readonly version?: number | undefined;
  readonly state?: 'waiting' | 'attention' | undefined;
  /** Part of why they need attention. */
  readonly problem?: string | undefined;
  readonly startedBefore?: Date | undefined;
  readonly ids?: readonly string[] | undefined;
}

export interface Bulk {
  readonly where: BulkWhere;
  readonly kind: ActKind;
  readonly body?: unknown;
  readonly reason: string;
  readonly by: string;
  /** Runs per second. */
  readonly pace: number;
}

export interface BulkProgress {
  readonly bulk: string;
  readonly kind: ActKind;
  readonly reason: string;
  readonly by: string;
  /** What an approval names. */
  readonly payloadHash: string;
  readonly runs: number;
  readonly proposed: number;
  readonly open: number;
  readonly applied: number;
  readonly stale: number;
  readonly refused: number;
  /** When the last one is due. */
  readonly until: Date;
}

export const bulkKinds: readonly ActKind[] = ['retry', 'cancel', 'suspend', 'resume', 'terminate', 'move'];
const runsMax = 100_000;
const paceMax = 1_000;
const proposalMinutes = 30;

/** @throws Failure QUERY_INVALID for a list that names everything or nothing */
export async function bulk(acting: Acting, asked: Bulk): Promise<BulkProgress> {
  if (!bulkKinds.includes(asked.kind)) throw refused('kind', `is not one of ${bulkKinds.join(', ')}`);
  if (!(asked.pace > 0 && asked.pace <= paceMax))
    throw refused('pace', `is not a number of runs per second up to ${paceMax}`);
  const spec = actKinds[asked.kind];
  const body = spec.body.check(asked.body ?? {}) as ActBody;
  const { text, values } = conditions(asked.where);
  const id = randomUUID();
  const hash = digestOf({ bulk: id, kind: asked.kind, body, reason: asked.reason });
  const frozen = await acting.store.pool.query(
    `insert into act (id, bulk_id, run_id, kind, body, reason, seq_seen, payload_hash, proposed_by, state, expires_at, due_at)
     select gen_random_uuid(), $1, r.id, $2, $3, $4, (select count(*) from journal where run_id = r.id), $5, $6, $7,
       clock_timestamp() + interval '${proposalMinutes} minutes', clock_timestamp() + (r.nth - 1) / $8::float8 * interval '1 s'
     from (select id, row_number() over (order by id) nth from run where ${text} order by id limit ${runsMax}) r`,
    [
      id,
      asked.kind,
      await sealedAct(acting.store.pool, id, body),
      asked.reason,
      hash,
      asked.by,
      spec.fourEyes ? 'proposed' : 'open',
      asked.pace,
      ...values,
    ],
  );
  if (frozen.rowCount === 0) throw refused('where', 'no live run is like that');
  if (!spec.fourEyes) acting.acted();
  return bulkProgress(acting.store, id);
}

/** The pace begins with the approval. @throws Failure SAME_PERSON_APPROVAL, APPROVAL_STALE, NOT_FOUND */
export async function approveBulk(
  acting: Acting,
  id: string,
  approval: { readonly by: string; readonly payloadHash: string },
): Promise<BulkProgress> {
  const now = await bulkProgress(acting.store, id);
  if (now.by.trim().toLowerCase() === approval.by.trim().toLowerCase())
    throw new Failure('SAME_PERSON_APPROVAL', { detail: `${now.by} proposed it: another person approves` });
  if (now.payloadHash !== approval.payloadHash)
    throw new Failure('APPROVAL_STALE', { detail: 'what was approved is not what was proposed' });
  await acting.store.pool.query(
    `update act set state = 'open', approved_by = $2, approved_at = clock_timestamp(),
       due_at = clock_timestamp() + (due_at - (select min(due_at) from act where bulk_id = $1))
     where bulk_id = $1 and state = 'proposed' and expires_at > clock_timestamp()`,
    [id, approval.by],
  );
  acting.acted();
  return bulkProgress(acting.store, id);
}

/** What is not due yet is not done. */
export async function stopBulk(store: Store, id: string, by: string, reason: string): Promise<BulkProgress> {
  await store.pool.query(
    `update act set state = 'refused', detail = $2, settled_at = clock_timestamp()
     where bulk_id = $1 and (state = 'proposed' or (state = 'open' and due_at > clock_timestamp()))`,
    [id, `stopped by ${by}: ${reason}`],
  );
  return bulkProgress(store, id);
}

/** @throws Failure NOT_FOUND */
export async function bulkProgress(store: Store, id: string): Promise<BulkProgress> {
  const count = (state: string) => `(count(*) filter (where state = '${state}'))::int ${state}`;
  const found = await store.pool.query<BulkProgress>(
    `select bulk_id bulk, kind, reason, proposed_by "by", payload_hash "payloadHash", count(*)::int runs,
       ${['proposed', 'open', 'applied', 'stale', 'refused'].map(count).join(', ')}, max(due_at) until
     from act where bulk_id = $1 group by 1, 2, 3, 4, 5`,
    [id],
  );
  if (!found.rows[0]) throw new Failure('NOT_FOUND', { detail: 'there is no such bulk' });
  return found.rows[0];
}

function conditions(where: BulkWhere): { text: string; values: unknown[] } {
  const all: readonly [unknown, (at: string) => string][] = [
    [where.flow, (at) => `flow = ${at}`],
    [where.version, (at) => `version = ${at}::int`],
    [where.state && { waiting: 3, attention: 4 }[where.state], (at) => `state = ${at}::int`],
    [where.problem, (at) => `strpos(problem, ${at}) > 0`],
    [where.startedBefore?.toISOString(), (at) => `created_at < ${at}::timestamptz`],
    [where.ids, (at) => `id = any(${at}::uuid[])`],
  ];
  const given = all.filter(([value]) => value !== undefined);
  if (given.length === 0) throw refused('where', 'names no run: an act on all of them must say so by flow or state');
  const first = 9; // After the parameters of the insertion.
  return {
    text: given.map(([, condition], i) => condition(`$${first + i}`)).join(' and '),
    values: given.map(([value]) => value),
  };
}

function refused(field: string, detail: string): Failure {
  return new Failure('QUERY_INVALID', {
    detail: `${field} ${detail}`,
    errors: [{ pointer: `#/${field}`, code: 'value', detail }],
  });
}
