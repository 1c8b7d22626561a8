/**
 * Decisions that a flow asks people for (人工审批, `run.ask`). What is decided on is named by the digest of its payload, a
 * person counts once, and the outcome is a fact like any other: the run takes it, or its deadline, whichever it journals
 * first.
 */
import { hash } from 'node:crypto';
import { Failure } from '../contracts/failures.ts';
import type { Label } from '../contracts/kind.ts';
import { sealingOf } from '../store/sealing/of.ts';
import { hubOwner, places } from '../store/sealing/places.ts';
import type { Store } from '../store/store.ts';
import { digestOf, sortedJson } from './acts/digest.ts';
import type { Tx } from './flow.ts';
import { keepSignal } from './signals.ts';

export interface TaskRow {
  readonly id: string;
  readonly run: string;
  readonly case: string;
  readonly path: string;
  readonly title: Label;
  readonly payload: unknown;
  readonly payloadHash: string;
  /** How many different people must approve. */
  readonly people: number;
  /** Empty: anybody. */
  readonly roles: readonly string[];
  /** Who made what is decided on; they do not decide on it. */
  readonly notBy: readonly string[];
  readonly since: Date;
  readonly deadline: Date;
  readonly state: 'open' | 'approved' | 'rejected' | 'expired' | 'withdrawn';
  readonly approvedBy: readonly string[];
  /** Whose people decide, by the party's id; null: those of the hub itself. */
  readonly party: string | null;
  /** Who took it up (领用), until when; null while it lies in the pool. */
  readonly heldBy: string | null;
  readonly heldUntil: Date | null;
  /** From when on more roles may decide; they stand among `roles` then. */
  readonly escalateAt: Date | null;
  readonly escalated: boolean;
}

export interface NewTask extends Omit<
  TaskRow,
  'state' | 'approvedBy' | 'party' | 'heldBy' | 'heldUntil' | 'escalateAt' | 'escalated'
> {
  readonly party?: string | undefined;
  readonly escalation?: { readonly at: Date; readonly to: readonly string[] } | undefined;
}

/** Who looks: the people of one party see its tasks and no others; those of the hub see all. */
export interface Viewer {
  /** Absent: operators of the installation. `null`: what is for no party. */
  readonly party?: string | null;
}

export interface Decision {
  readonly person: string;
  readonly role?: string | undefined;
  readonly decision: 'approved' | 'rejected';
  readonly payloadHash: string;
  readonly reason: string;
}

/** What the flow gets. */
export interface Decided {
  readonly decision: 'approved' | 'rejected';
  readonly by: readonly string[];
  readonly reason: string;
}

export const decidedNotice = 'people.decided';
const payloadBytesMax = 65_536;
const peopleMax = 9;
const listMax = 500;

const columns = `t.id, t.run_id run, t.case_id "case", t.path, jsonb_build_object('zh', t.title_zh, 'en', t.title_en) title,
  t.payload, t.payload_hash "payloadHash", t.people, task_roles(t) roles, t.not_by "notBy", t.since, t.deadline, t.state,
  t.party_id party, task_holder(t) "heldBy", case when task_holder(t) is not null then t.held_until end "heldUntil",
  t.escalate_at "escalateAt", coalesce(t.escalate_at <= hub_now(), false) escalated,
  array(select person from task_vote v where v.task_id = t.id and v.decision = 'approved' order by v.at) "approvedBy"`;

/** From the run and the step: the same after any restart. */
function taskId(run: string, path: string): string {
  return hash('sha256', `task\0${run}\0${path}`, 'hex').slice(0, 32);
}

/** @throws RangeError for a task that no flow should ask */
export function newTask(task: Omit<NewTask, 'id' | 'payloadHash'>): NewTask {
  const { length } = sortedJson(task.payload);
  if (length > payloadBytesMax) throw new RangeError(`what people decide on has at most ${payloadBytesMax} characters`);
  if (!(Number.isInteger(task.people) && task.people >= 1 && task.people <= peopleMax))
    throw new RangeError(`a task is for 1 to ${peopleMax} people`);
  return { ...task, id: taskId(task.run, task.path), payloadHash: digestOf(task.payload) };
}

/** Once: asked again after a restart it is the same task. */
export async function keepTask(store: Store, task: NewTask): Promise<void> {
  const payload = sortedJson(task.payload);
  const sealed = await (await sealingOf(store.pool)).seal(places.task, hubOwner, [task.id], payload);
  await store.pool.query(
    `insert into task (id, run_id, case_id, path, title_zh, title_en, payload, payload_hash, people, roles, not_by, since, deadline,
       party_id, escalate_at, escalate_to)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16) on conflict (id) do nothing`,
    [
      task.id,
      task.run,
      task.case,
      task.path,
      task.title.zh,
      task.title.en,
      sealed,
      task.payloadHash,
      task.people,
      task.roles,
      task.notBy,
      task.since.toISOString(),
      task.deadline.toISOString(),
      task.party ?? null,
      task.escalation?.at.toISOString() ?? null,
      task.escalation?.to ?? [],
    ],
  );
}

/** Nobody needs to decide any more. */
export async function closeTask(store: Store, id: string, state: 'expired' | 'withdrawn'): Promise<void> {
  await store.pool.query(`update task set state = $2, closed_at = hub_now() where id = $1 and state = 'open'`, [
    id,
    state,
  ]);
}

/** Those that wait for somebody, the most pressing first: of one party, of the hub's own people, or all; for some roles, or any. */
export async function openTasks(store: Store, viewer: Viewer = {}, role?: string): Promise<TaskRow[]> {
  const found = await store.pool.query<TaskRow>(
    `select ${columns} from task t where t.state = 'open' and ${visible}
       and ($3::text is null or cardinality(t.roles) = 0 or $3 = any (task_roles(t))) order by t.deadline limit ${listMax}`,
    [...looking(viewer), role ?? null],
  );
  return Promise.all(found.rows.map((task) => opened(store, task)));
}

/** Another party's task and no task look the same. @throws Failure NOT_FOUND */
export async function readTask(store: Store, id: string, viewer: Viewer = {}): Promise<TaskRow> {
  const found = await store.pool.query<TaskRow>(`select ${columns} from task t where ${visible} and t.id = $3`, [
    ...looking(viewer),
    id,
  ]);
  if (!found.rows[0]) throw noSuchTask();
  return opened(store, found.rows[0]);
}

const visible = '($1 or t.party_id is not distinct from $2::uuid)';

function looking({ party }: Viewer): [everything: boolean, party: string | null] {
  return [party === undefined, party ?? null];
}

const noSuchTask = () => new Failure('NOT_FOUND', { detail: 'there is no such task' });

async function opened(store: Store, task: TaskRow): Promise<TaskRow> {
  const sealing = await sealingOf(store.pool);
  return { ...task, payload: await sealing.openJson(places.task, [task.id], task.payload as Buffer) };
}

export type LockedTask = TaskRow & { readonly late: boolean };

/** For the rest of the transaction nobody else decides on it, or takes it up. @throws Failure NOT_FOUND */
export async function lockTask(tx: Tx, id: string, viewer: Viewer = {}): Promise<LockedTask> {
  const locked = await tx.query<LockedTask>(
    `select ${columns}, t.deadline < hub_now() late from task t where ${visible} and t.id = $3 for update of t`,
    [...looking(viewer), id],
  );
  if (!locked.rows[0]) throw noSuchTask();
  return locked.rows[0];
}

/**
 * One person decides. Enough approvals approve, one rejection rejects; then the run is told (`key` is to be signalled).
 * @throws Failure NOT_FOUND, ILLEGAL_TRANSITION (closed), DEADLINE_PASSED, APPROVAL_STALE (other content), NOT_ALLOWED
 *   (role, or somebody else has taken it up), SAME_PERSON_APPROVAL
 */
export async function decide(
  store: Store,
  id: string,
  decision: Decision,
  viewer: Viewer = {},
): Promise<{ readonly task: TaskRow; readonly key: string | undefined }> {
  const key = await store.tx(async (tx) => {
    const task = await lockTask(tx, id, viewer);
    mayDecide(task, decision);
    await keepVote(tx, id, decision);
    // Whoever has decided holds it no more: the next one of four eyes takes it from the pool.
    await tx.query(
      'update task set held_by = null, held_role = null, held_since = null, held_until = null where id = $1',
      [id],
    );
    const by = [...task.approvedBy, ...(decision.decision === 'approved' ? [decision.person] : [])];
    if (decision.decision === 'approved' && by.length < task.people) return undefined;
    return close(tx, task, {
      decision: decision.decision,
      by: decision.decision === 'approved' ? by : [decision.person],
      reason: decision.reason,
    });
  });
  return { task: await readTask(store, id), key };
}

function mayDecide(task: LockedTask, { person, role, payloadHash }: Decision): void {
  assertOpen(task);
  if (task.payloadHash !== payloadHash)
    throw new Failure('APPROVAL_STALE', { detail: 'what was decided on is not what the task is about' });
  assertMay(task, person, role);
  if (task.heldBy !== null && !isSame(task.heldBy, person))
    throw new Failure('NOT_ALLOWED', { detail: 'somebody else has taken it up' });
}

/** @throws Failure ILLEGAL_TRANSITION, DEADLINE_PASSED */
export function assertOpen(task: LockedTask): void {
  if (task.state !== 'open') throw new Failure('ILLEGAL_TRANSITION', { detail: `the task is ${task.state}` });
  if (task.late) throw new Failure('DEADLINE_PASSED', { detail: 'the time for this decision is over' });
}

/** @throws Failure NOT_ALLOWED (role), SAME_PERSON_APPROVAL (who made it) */
export function assertMay(task: TaskRow, person: string, role: string | undefined): void {
  if (task.roles.length > 0 && !task.roles.includes(role ?? ''))
    throw new Failure('NOT_ALLOWED', { detail: `this is decided by: ${task.roles.join(', ')}` });
  if (task.notBy.some((maker) => isSame(maker, person)))
    throw new Failure('SAME_PERSON_APPROVAL', { detail: `${person} made what is decided on` });
}

/** As the database compares them, too (`task_vote_once`). */
export function isSame(one: string, other: string): boolean {
  return one.trim().toLowerCase() === other.trim().toLowerCase();
}

async function keepVote(tx: Tx, id: string, decision: Decision): Promise<void> {
  const kept = await tx.query(
    `insert into task_vote (task_id, person, role, decision, payload_hash, reason) values ($1, $2, $3, $4, $5, $6)
     on conflict (task_id, (lower(btrim(person)))) do nothing`,
    [id, decision.person.trim(), decision.role ?? null, decision.decision, decision.payloadHash, decision.reason],
  );
  if (kept.rowCount !== 1)
    throw new Failure('SAME_PERSON_APPROVAL', { detail: `${decision.person} has decided on it already` });
}

async function close(tx: Tx, task: TaskRow, outcome: Decided): Promise<string> {
  await tx.query('update task set state = $2, closed_at = hub_now() where id = $1', [task.id, outcome.decision]);
  await keepSignal(tx, { notice: decidedNotice, key: task.id, id: task.id, message: outcome });
  return `${decidedNotice}:${task.id}`;
}
