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
}

export type NewTask = Omit<TaskRow, 'state' | 'approvedBy'>;

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
  t.payload, t.payload_hash "payloadHash", t.people, t.roles, t.not_by "notBy", t.since, t.deadline, t.state,
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
    `insert into task (id, run_id, case_id, path, title_zh, title_en, payload, payload_hash, people, roles, not_by, since, deadline)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) on conflict (id) do nothing`,
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

export async function openTasks(store: Store): Promise<TaskRow[]> {
  const found = await store.pool.query<TaskRow>(
    `select ${columns} from task t where t.state = 'open' order by t.deadline limit ${listMax}`,
  );
  return Promise.all(found.rows.map((task) => opened(store, task)));
}

/** @throws Failure NOT_FOUND */
export async function readTask(store: Store, id: string): Promise<TaskRow> {
  const found = await store.pool.query<TaskRow>(`select ${columns} from task t where t.id = $1`, [id]);
  if (!found.rows[0]) throw new Failure('NOT_FOUND', { detail: 'there is no such task' });
  return opened(store, found.rows[0]);
}

async function opened(store: Store, task: TaskRow): Promise<TaskRow> {
  const sealing = await sealingOf(store.pool);
  return { ...task, payload: await sealing.openJson(places.task, [task.id], task.payload as Buffer) };
}

/**
 * One person decides. Enough approvals approve, one rejection rejects; then the run is told (`key` is to be signalled).
 * @throws Failure NOT_FOUND, ILLEGAL_TRANSITION (closed), DEADLINE_PASSED, APPROVAL_STALE (other content), NOT_ALLOWED
 *   (role), SAME_PERSON_APPROVAL
 */
export async function decide(
  store: Store,
  id: string,
  decision: Decision,
): Promise<{ readonly task: TaskRow; readonly key: string | undefined }> {
  const key = await store.tx(async (tx) => {
    const locked = await tx.query<TaskRow & { late: boolean }>(
      `select ${columns}, t.deadline < hub_now() late from task t where t.id = $1 for update of t`,
      [id],
    );
    const task = locked.rows[0];
    if (!task) throw new Failure('NOT_FOUND', { detail: 'there is no such task' });
    mayDecide(task, decision);
    await keepVote(tx, id, decision);
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

function mayDecide(task: TaskRow & { late: boolean }, { person, role, payloadHash }: Decision): void {
  if (task.state !== 'open') throw new Failure('ILLEGAL_TRANSITION', { detail: `the task is ${task.state}` });
  if (task.late) throw new Failure('DEADLINE_PASSED', { detail: 'the time for this decision is over' });
  if (task.payloadHash !== payloadHash)
    throw new Failure('APPROVAL_STALE', { detail: 'what was decided on is not what the task is about' });
  if (task.roles.length > 0 && !task.roles.includes(role ?? ''))
    throw new Failure('NOT_ALLOWED', { detail: `this is decided by: ${task.roles.join(', ')}` });
  if (task.notBy.some((maker) => maker.trim().toLowerCase() === person.trim().toLowerCase()))
    throw new Failure('SAME_PERSON_APPROVAL', { detail: `${person} made what is decided on` });
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
