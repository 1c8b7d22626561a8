/** `lianshu run`, `runs`, `tasks`, `signals`, `incidents`: what an operator sees of runs and does to them. */
import { Clock } from '../engine/clock.ts';
import { replayAll, type Inspection } from '../engine/inspect.ts';
import type { ActRow } from '../engine/acts/kinds.ts';
import type { BulkProgress } from '../engine/acts/bulk.ts';
import type { TaskRow } from '../engine/tasks.ts';
import { flows } from '../flows/flows.ts';
import { openStore } from '../store/store.ts';
import { askHub, needed, parsedBody, print, whoActs } from './hubCall.ts';
import { runningHub } from './running.ts';

export interface Told {
  readonly json: boolean;
  readonly by?: string | undefined;
  readonly reason?: string | undefined;
  readonly body?: string | undefined;
  readonly hash?: string | undefined;
}

/** A fact that nobody took, or an incident. */
interface Finding {
  readonly id: string;
  readonly at: string;
  readonly case: string | null;
  readonly prospect?: string;
  readonly kind?: string;
  readonly detail?: string;
  readonly key?: string;
}

const runActs = [
  'retry',
  'edit',
  'skip',
  'resolve',
  'resend',
  'cancel',
  'terminate',
  'suspend',
  'resume',
  'move',
  'duplicate',
];

export async function run(positionals: readonly string[], told: Told): Promise<number> {
  const [id, verb = 'show'] = positionals;
  const path = `/v1/runs/${encodeURIComponent(needed(id, '<run>'))}`;
  if (verb === 'show') {
    const seen = (await askHub(`${path}/inspection`)) as Inspection;
    return print(told.json, seen, shown(seen));
  }
  if (verb === 'approve' || verb === 'decline') return answerAct(needed(id, '<act>'), verb, told);
  if (!runActs.includes(verb)) throw new Error(`没有该操作 no such act: ${verb}. One of: show, ${runActs.join(', ')}`);
  const act = (await askHub(`${path}/acts`, {
    kind: verb,
    ...(told.body === undefined ? {} : { body: parsedBody(told.body) }),
    reason: needed(told.reason, '--reason'),
    by: whoActs(told.by),
  })) as ActRow;
  return print(told.json, act, [actLine(act)]);
}

async function answerAct(id: string, verb: 'approve' | 'decline', told: Told): Promise<number> {
  const by = whoActs(told.by);
  const body =
    verb === 'approve'
      ? { by, payloadHash: needed(told.hash, '--hash (of what was proposed)') }
      : { by, reason: needed(told.reason, '--reason') };
  const act = (await askHub(`/v1/acts/${encodeURIComponent(id)}/${verb}`, body)) as ActRow;
  return print(told.json, act, [actLine(act)]);
}

/** Acts that wait for approval, or one act on many runs. */
export async function runs(
  positionals: readonly string[],
  told: Told & { readonly where?: string | undefined; readonly pace?: string | undefined },
): Promise<number> {
  const [verb, id] = positionals;
  if (verb === undefined) {
    const { acts } = (await askHub('/v1/acts')) as { acts: ActRow[] };
    return print(told.json, { acts }, acts.map(actLine));
  }
  if (verb === 'progress' || verb === 'stop' || verb === 'approve') {
    const path = `/v1/bulk-acts/${encodeURIComponent(needed(id, '<bulk>'))}`;
    const by = whoActs(told.by);
    const progress = (await (verb === 'progress'
      ? askHub(path)
      : verb === 'stop'
        ? askHub(`${path}/stop`, { by, reason: needed(told.reason, '--reason') })
        : askHub(`${path}/approve`, { by, payloadHash: needed(told.hash, '--hash') }))) as BulkProgress;
    return print(told.json, progress, [bulkLine(progress)]);
  }
  const progress = (await askHub('/v1/bulk-acts', {
    kind: verb,
    ...(told.body === undefined ? {} : { body: parsedBody(told.body) }),
    where: whereOf(needed(told.where, '--where flow=release,state=attention')),
    pace: Number(/^([\d.]+)(?:\/s)?$/.exec(needed(told.pace, '--pace 5/s'))?.[1]),
    reason: needed(told.reason, '--reason'),
    by: whoActs(told.by),
  })) as BulkProgress;
  return print(told.json, progress, [bulkLine(progress)]);
}

type ToldOfTask = Told & { readonly role?: string | undefined; readonly to?: string | undefined };

export async function tasks(positionals: readonly string[], told: ToldOfTask): Promise<number> {
  const [verb, id, decision] = positionals;
  if (verb === 'claim' || verb === 'release' || verb === 'delegate') return takeUp(verb, id, told);
  if (verb !== 'decide') {
    const query = told.role === undefined ? '' : `?role=${encodeURIComponent(told.role)}`;
    const { at, tasks: open } = (await askHub(`/v1/tasks${query}`)) as { at: string; tasks: ShownTask[] };
    return print(
      told.json,
      { at, tasks: open },
      open.map((task) => taskLine(task, at)),
    );
  }
  if (decision !== 'approved' && decision !== 'rejected') throw new Error('tasks decide <task> approved|rejected');
  const task = (await askHub(`/v1/tasks/${encodeURIComponent(needed(id, '<task>'))}/decide`, {
    by: whoActs(told.by),
    ...(told.role === undefined ? {} : { role: told.role }),
    decision,
    payloadHash: needed(told.hash, '--hash (of what you looked at)'),
    reason: needed(told.reason, '--reason'),
  })) as ShownTask;
  return print(told.json, task, [taskLine(task)]);
}

async function takeUp(
  verb: 'claim' | 'release' | 'delegate',
  id: string | undefined,
  told: ToldOfTask,
): Promise<number> {
  const { role, reason } = told;
  const task = (await askHub(`/v1/tasks/${encodeURIComponent(needed(id, '<task>'))}/${verb}`, {
    by: whoActs(told.by),
    ...(role === undefined ? {} : { role }),
    ...(verb === 'delegate' ? { to: needed(told.to, '--to <who>'), reason: needed(reason, '--reason') } : {}),
    ...(verb === 'release' && reason !== undefined ? { reason } : {}),
  })) as ShownTask;
  return print(told.json, task, [taskLine(task)]);
}

export async function findings(what: 'signals' | 'incidents', json: boolean): Promise<number> {
  const path = what === 'signals' ? '/v1/signals?state=untaken' : '/v1/incidents';
  const found = (await askHub(path)) as Partial<Record<string, Finding[]>>;
  const lines = (found[what] ?? []).map(({ at, prospect, kind, case: caseId, detail, key, id }) =>
    [at, prospect ?? kind, caseId ?? '', detail ?? `${key ?? ''} ${id}`].join('  '),
  );
  return print(json, found, lines);
}

/** Every live run against the code of this checkout: 1 when one of them would part from its journal. */
export async function replay(json: boolean): Promise<number> {
  const { databaseUrl } = await runningHub();
  const store = await openStore(databaseUrl, { maxConnections: 4, applicationName: 'lianshu-replay' });
  try {
    const diverged: { run: string; flow: string; problem: string }[] = [];
    const count = await replayAll({ store, clock: new Clock(), flows }, ({ id, flow, version }, problem) => {
      if (problem !== undefined) diverged.push({ run: id, flow: `${flow}@${version}`, problem });
    });
    print(json, { ...count, runs: diverged }, [
      ...diverged.map((each) => `✗ ${each.run}  ${each.flow}  ${each.problem}`),
      `${count.replayed} live runs replayed, ${count.diverged} diverged`,
    ]);
    return count.diverged === 0 ? 0 : 1;
  } finally {
    await store.close();
  }
}

/** `flow=release,state=attention,problem=outcome is unknown` */
function whereOf(text: string): object {
  const pairs = text.split(',').map((pair) => {
    const [name = '', ...rest] = pair.split('=');
    const value = rest.join('=');
    return [name, name === 'version' ? Number(value) : name === 'ids' ? value.split('+') : value] as const;
  });
  return Object.fromEntries(pairs);
}

function shown(seen: Inspection): string[] {
  const { flow, version, key, case: caseId, state, suspended, problem, seq, standing, undos, divergence, acts } = seen;
  return [
    `${seen.run}  ${flow}@${version}  ${key}  ${caseId}  ${suspended ? 'suspended' : state}  ${seq} entries`,
    ...(problem === null ? [] : [`  ! ${problem}`]),
    ...(divergence === null ? [] : [`  ! ${divergence}`]),
    ...standing.map(
      (step) => `  → ${step.path}  ${step.label.zh} ${step.label.en}  ${step.party ?? ''}  ${step.effect?.state ?? ''}`,
    ),
    ...undos.map((undo, i) => `  undo ${i + 1}: ${undo.path}`),
    ...acts.map(
      (act) =>
        `  ${act.possible ? '✓' : '·'} ${act.kind}${act.path === null ? '' : ` ${act.path}`}${act.why === null ? '' : `  (${act.why})`}`,
    ),
  ];
}

function actLine(act: ActRow): string {
  const { id, kind, run: of, state, by, approvedBy, reason, detail, payloadHash } = act;
  const hash = state === 'proposed' ? `  --hash ${payloadHash}` : '';
  return `${id}  ${kind}  ${of ?? ''}  ${state}  ${by}${approvedBy === null ? '' : ` + ${approvedBy}`}: ${reason}${detail === null ? '' : `  (${detail})`}${hash}`;
}

function bulkLine(bulk: BulkProgress): string {
  const { runs: all, proposed, open, applied, stale, refused, kind } = bulk;
  const hash = proposed > 0 ? `  --hash ${bulk.payloadHash}` : '';
  return `${bulk.bulk}  ${kind}  ${all} runs: ${proposed} proposed, ${open} open, ${applied} applied, ${stale} stale, ${refused} refused${hash}`;
}

/** As the hub shows it: instants are text. */
type ShownTask = Omit<TaskRow, 'since' | 'deadline' | 'heldUntil'> & {
  readonly since: string;
  readonly deadline: string;
  readonly heldUntil: string | null;
};

function taskLine(task: ShownTask, at?: string): string {
  const hours = at === undefined ? undefined : Math.floor((Date.parse(at) - Date.parse(task.since)) / 3_600_000);
  const age = hours === undefined ? '' : `  ${Math.floor(hours / 24)}d${hours % 24}h`;
  const held = task.heldBy === null ? '' : `  领用 held by ${task.heldBy} until ${task.heldUntil ?? ''}`;
  const roles =
    task.roles.length === 0 ? '' : `  ${task.roles.join(',')}${task.escalated ? '（已升级 escalated）' : ''}`;
  return `${task.id}  ${task.title.zh} ${task.title.en}  ${task.state}  ${task.approvedBy.length}/${task.people}${age}${held}${roles}  --hash ${task.payloadHash}\n  ${JSON.stringify(task.payload)}`;
}
