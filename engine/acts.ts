/**
 * Operators' acts (人工干预). Only the owner of a run writes its journal, so an act is put into a mailbox and the run is made
 * ready; the owner takes it between two steps and journals who did what, why, and who approved it.
 *
 * Invariants:
 * - What was approved is what is done: the approval names the digest of the act, and the act never changes.
 * - An act that was decided on a journal which has grown since is void, and says so; only cancelling, suspending,
 *   resuming and terminating always apply.
 */
import { randomUUID } from 'node:crypto';
import { Failure } from '../contracts/failures.ts';
import type { Store } from '../store/store.ts';
import { digestOf } from './acts/digest.ts';
import { actColumns, actKinds, type ActBody, type ActKind, type ActRow } from './acts/kinds.ts';
import { whyNot } from './acts/position.ts';
import type { Tx } from './flow.ts';
import { openedActs, sealedAct } from './sealed.ts';
import { readRun, replayOf, whyNotRun, type Looking } from './inspect.ts';

export interface Acting extends Looking {
  /** Something was put into the mailbox: called after the commit. */
  readonly acted: () => void;
}

export interface Proposal {
  readonly run: string;
  readonly kind: ActKind;
  readonly body?: unknown;
  readonly reason: string;
  readonly by: string;
  /** Length of the journal that the person looked at; what it is now when absent. */
  readonly seqSeen?: number | undefined;
}

/** An approval is asked for now or not at all. */
const proposalMinutes = 30;
const listMax = 500;

/** @throws Failure CONTRACT_VIOLATED, ILLEGAL_TRANSITION that says why it cannot be done, APPROVAL_STALE, NOT_FOUND */
export async function propose(acting: Acting, proposal: Proposal): Promise<ActRow> {
  const spec = actKinds[proposal.kind];
  if (spec.by === 'asker') throw new Failure('ILLEGAL_TRANSITION', { detail: `${proposal.kind} is done at once` });
  const body = spec.body.check(proposal.body ?? {}) as ActBody;
  const run = await readRun(acting.store, proposal.run);
  const seqSeen = proposal.seqSeen ?? run.seq;
  if (spec.staleable && seqSeen !== run.seq) throw movedOn(seqSeen, run.seq);
  await mustBePossible(acting, proposal.kind, body, run);
  const act = await acting.store.tx(async (tx) => {
    const inserted = await insertAct(tx, { ...proposal, body, seqSeen, state: spec.fourEyes ? 'proposed' : 'open' });
    if (!spec.fourEyes) await makeReady(tx, inserted);
    return inserted;
  });
  if (act.state === 'open') acting.acted();
  return act;
}

/** @throws Failure SAME_PERSON_APPROVAL, APPROVAL_STALE (other content, moved on, too late), ILLEGAL_TRANSITION, NOT_FOUND */
export async function approve(
  acting: Acting,
  id: string,
  approval: { readonly by: string; readonly payloadHash: string },
): Promise<ActRow> {
  const settled = await acting.store.tx(async (tx) => {
    const act = await proposedAct(tx, id);
    if (sameName(act.by, approval.by))
      throw new Failure('SAME_PERSON_APPROVAL', { detail: `${act.by} proposed it: another person approves` });
    if (act.payloadHash !== approval.payloadHash)
      throw new Failure('APPROVAL_STALE', { detail: 'what was approved is not what was proposed' });
    const stale = await staleness(tx, act);
    if (stale !== undefined) return settle(tx, id, 'stale', stale);
    const opened = await tx.query<ActRow>(
      `update act set state = 'open', approved_by = $2, approved_at = clock_timestamp(), due_at = greatest(due_at, clock_timestamp())
       where id = $1 returning ${actColumns}`,
      [id, approval.by],
    );
    const open = one(await openedActs(tx, opened.rows));
    await makeReady(tx, open);
    return open;
  });
  if (settled.state === 'stale') throw new Failure('APPROVAL_STALE', { detail: settled.detail ?? '' });
  acting.acted();
  return settled;
}

/** Somebody decides against it, or takes it back. @throws Failure ILLEGAL_TRANSITION, NOT_FOUND */
export async function decline(store: Store, id: string, by: string, reason: string): Promise<ActRow> {
  return store.tx(async (tx) => {
    await proposedAct(tx, id);
    return settle(tx, id, 'refused', `${by}: ${reason}`);
  });
}

export async function actsOfRun(store: Store, run: string): Promise<ActRow[]> {
  const found = await store.pool.query<ActRow>(
    `select ${actColumns} from act where run_id = $1 order by proposed_at, id limit ${listMax}`,
    [run],
  );
  return openedActs(store.pool, found.rows);
}

/** What waits for a second person. */
export async function proposedActs(store: Store): Promise<ActRow[]> {
  const found = await store.pool.query<ActRow>(
    `select ${actColumns} from act where state = 'proposed' and expires_at > clock_timestamp() order by proposed_at limit ${listMax}`,
  );
  return openedActs(store.pool, found.rows);
}

/** @throws Failure NOT_FOUND */
export async function readAct(store: Store, id: string): Promise<ActRow> {
  const found = await store.pool.query<ActRow>(`select ${actColumns} from act where id = $1`, [id]);
  const [act] = await openedActs(store.pool, found.rows);
  if (!act) throw new Failure('NOT_FOUND', { detail: 'there is no such act' });
  return act;
}

export async function insertAct(
  tx: Pick<Tx, 'query'>,
  act: {
    readonly run: string | undefined;
    readonly exchange?: string;
    readonly kind: ActKind;
    readonly body: ActBody;
    readonly reason: string;
    readonly by: string;
    readonly seqSeen: number;
    readonly state: 'proposed' | 'open' | 'applied';
    readonly detail?: string;
  },
): Promise<ActRow> {
  const { run, kind, body, reason, by, seqSeen } = act;
  const id = randomUUID();
  const inserted = await tx.query<ActRow>(
    `insert into act (id, run_id, exchange_id, kind, body, reason, seq_seen, payload_hash, proposed_by, state, detail, expires_at, settled_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, clock_timestamp() + interval '${proposalMinutes} minutes',
       case when $10 = 'applied' then clock_timestamp() end) returning ${actColumns}`,
    [
      id,
      run ?? null,
      act.exchange ?? null,
      kind,
      await sealedAct(tx, id, body),
      reason,
      seqSeen,
      digestOf({ run, kind, body, reason, seqSeen }),
      by,
      act.state,
      act.detail ?? null,
    ],
  );
  return { ...one(inserted.rows), body };
}

async function mustBePossible(
  acting: Acting,
  kind: ActKind,
  body: ActBody,
  run: Awaited<ReturnType<typeof readRun>>,
): Promise<void> {
  if (kind === 'move')
    return mustReplay(acting, { ...run, version: (body as { version: number }).version }, run.version);
  const replayed = kind === 'terminate' ? '' : await replayOf(acting, run);
  const about = typeof (body as { path?: unknown }).path === 'string';
  const why =
    about && typeof replayed !== 'string' && replayed.problem === undefined
      ? whyNot(kind, body, replayed.position)
      : whyNotRun(acting, kind, run, replayed);
  if (why !== undefined) throw new Failure('ILLEGAL_TRANSITION', { detail: why });
}

/** To be moved, a run must replay with the other version to where it stands. */
async function mustReplay(
  acting: Acting,
  moved: { id: string; flow: string; version: number; case_id: string; key: string },
  from: number,
): Promise<void> {
  if (moved.version === from) throw new Failure('ILLEGAL_TRANSITION', { detail: `it runs version ${from} already` });
  const replayed = await replayOf(acting, moved);
  const problem = typeof replayed === 'string' ? replayed : replayed.problem;
  if (problem !== undefined)
    throw new Failure('ILLEGAL_TRANSITION', {
      detail: `version ${moved.version} does not replay its journal: ${problem}`,
    });
}

async function staleness(tx: Pick<Tx, 'query'>, act: ActRow): Promise<string | undefined> {
  const found = await tx.query<{ seq: number; late: boolean; live: boolean }>(
    `select (select count(*)::int from journal where run_id = $1) seq, $2::timestamptz < clock_timestamp() late,
       exists (select from run where id = $1) live`,
    [act.run, act.expiresAt],
  );
  const now = found.rows[0];
  if (!now?.live) return 'the run has ended';
  if (now.late) return `nobody approved it within ${proposalMinutes} minutes`;
  if (actKinds[act.kind].staleable && now.seq !== act.seqSeen) return movedOn(act.seqSeen, now.seq).message;
  return undefined;
}

function movedOn(seen: number, now: number): Failure {
  return new Failure('APPROVAL_STALE', {
    detail: `the run has moved on: it was decided on ${seen} entries of its journal, it has ${now} now`,
  });
}

/** From waiting or attention; what runs is told by the bell. A run that took nodes down may be tried again. */
async function makeReady(tx: Pick<Tx, 'query'>, act: ActRow): Promise<void> {
  if (actKinds[act.kind].by !== 'owner') return;
  await tx.query(
    'update run set state = 1, ready_at = clock_timestamp(), crashes = 0 where id = $1 and state in (3, 4)',
    [act.run],
  );
}

async function proposedAct(tx: Pick<Tx, 'query'>, id: string): Promise<ActRow> {
  const found = await tx.query<ActRow>(`select ${actColumns} from act where id = $1 for update`, [id]);
  const [act] = await openedActs(tx, found.rows);
  if (!act) throw new Failure('NOT_FOUND', { detail: 'there is no such act' });
  if (act.state !== 'proposed')
    throw new Failure('ILLEGAL_TRANSITION', { detail: `it waits for no approval: it is ${act.state}` });
  return act;
}

async function settle(tx: Pick<Tx, 'query'>, id: string, state: 'stale' | 'refused', detail: string): Promise<ActRow> {
  const settled = await tx.query<ActRow>(
    `update act set state = $2, detail = $3, settled_at = clock_timestamp() where id = $1 returning ${actColumns}`,
    [id, state, detail],
  );
  return one(await openedActs(tx, settled.rows));
}

function sameName(a: string, b: string): boolean {
  return a.trim().toLowerCase() === b.trim().toLowerCase();
}

function one<T>(rows: readonly T[]): T {
  const [row] = rows;
  if (row === undefined) throw new Error('the database returned no row');
  return row;
}
