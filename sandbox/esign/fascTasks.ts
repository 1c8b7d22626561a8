/** A task of 法大大: what is checked when it is created, whose turn it is, and what is told of it. */
import { randomBytes } from 'node:crypto';
import { firstFree } from '../chance.ts';
import type { TwinAnswer, TwinContext } from '../twin.ts';
import { archive } from './archive.ts';
import { no, ok } from './fascGate.ts';
import type { Actor, FascMemory, Task } from './fascMemory.ts';

type Context = TwinContext<FascMemory>;

const minuteMs = 60_000;
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** 01:00 in Shanghai: then the vendor ends, all at once, what is past its time. */
const expiryHourUtcMs = 17 * hourMs;
/** Magic: a title that holds this is one task too many. */
const quotaWord = '额度用尽';

/** Read as the vendor reads it: what is not there is undefined. */
interface Asked {
  initiator?: { openId?: string };
  signTaskSubject?: string;
  expiresTime?: string;
  autoStart?: boolean;
  autoFinish?: boolean;
  signInOrder?: boolean;
  transReferenceId?: string;
  callbackUrl?: string;
  docs?: { docId?: string; docName?: string; docFileId?: string }[];
  actors?: {
    actor?: {
      actorId?: string;
      actorType?: string;
      actorName?: string;
      permissions?: string[];
      certNoForMatch?: string;
      notifyAddress?: string;
    };
    signConfigInfo?: { orderNo?: number };
  }[];
}

export function create(asked: Asked, context: Context, openCorpId: string): TwinAnswer {
  const wrong = refusal(asked, context, openCorpId);
  if (wrong) return wrong;
  const { memory, clock, chance } = context;
  const nowMs = clock.now().getTime();
  const task: Task = {
    id: firstFree(
      (time) => `1${chance.digits(18, 'task', asked.transReferenceId ?? '', time)}`,
      (id) => Object.hasOwn(memory.tasks, id),
    ),
    subject: asked.signTaskSubject ?? '',
    transReferenceId: asked.transReferenceId ?? '',
    callbackUrl: asked.callbackUrl ?? '',
    autoFinish: asked.autoFinish ?? true,
    createdMs: nowMs,
    expiresMs: Number(asked.expiresTime ?? nowMs + 365 * dayMs),
    status: 'sign_progress',
    cancelled: false,
    note: '',
    finishedMs: null,
    docs: (asked.docs ?? []).map(({ docId = '', docName = '', docFileId = '' }) => ({
      docId,
      docName,
      base64: memory.files[docFileId]?.base64 ?? '',
    })),
    actors: (asked.actors ?? []).map(({ actor, signConfigInfo }) => ({
      actorId: actor?.actorId ?? '',
      orderNo: signConfigInfo?.orderNo ?? 0,
      corpName: actor?.actorName ?? '',
      certNo: actor?.certNoForMatch ?? '',
      notifyAddress: actor?.notifyAddress ?? '',
      status: 'waiting',
    })),
  };
  memory.tasks[task.id] = task;
  context.effect('started', task.transReferenceId, { task: task.id, documents: task.docs.length });
  tell(task, 'sign-task-start', {}, context);
  nextTurn(task, context);
  context.later('expire', { taskId: task.id }, nextExpiry(task.expiresMs) - nowMs);
  return ok({ signTaskId: task.id });
}

/** Whose turn it is learns of it; people take their hours. */
export function nextTurn(task: Task, context: Context): void {
  const waiting = task.actors.filter(({ status }) => status === 'waiting');
  const order = Math.min(...waiting.map(({ orderNo }) => orderNo));
  for (const actor of waiting.filter(({ orderNo }) => orderNo === order)) {
    actor.status = 'turn';
    if (fumbles(actor)) tell(task, 'sign-task-join-failed', { actorId: actor.actorId, reason: '名称不匹配' }, context);
    if (neverSigns(actor)) continue;
    const signer = task.actors.indexOf(actor);
    context.later('sign', { taskId: task.id, signer }, hourMs * (1 + (order % 3) + (fumbles(actor) ? 3 : 0)));
  }
}

/** Magic people, by the end of the number that is written to. */
export const rejects = (actor: Actor): boolean => actor.notifyAddress.endsWith('7777');
const neverSigns = (actor: Actor): boolean => actor.notifyAddress.endsWith('8888');
const fumbles = (actor: Actor): boolean => actor.notifyAddress.endsWith('6666');

export function end(task: Task, status: string, event: string, told: object, context: Context): void {
  task.status = status;
  const nowMs = context.clock.now().getTime();
  const isFinished = status === 'task_finished';
  if (isFinished) task.finishedMs = nowMs;
  for (const doc of task.docs) {
    if (isFinished) archive(context.folder, task.id, doc.docId, Buffer.from(doc.base64, 'base64'));
    doc.base64 = '';
  }
  tell(task, event, told, context, event === 'sign-task-finished' ? minuteMs : 0);
}

/** Signatures of events live in real time, what they tell in business time. */
export function tell(task: Task, event: string, told: object, context: Context, afterMs = 0): void {
  if (task.callbackUrl === '') return;
  const { manner } = context.memory;
  const biz = JSON.stringify({
    eventTime: String(context.clock.now().getTime()),
    signTaskId: task.id,
    signTaskStatus: task.status,
    transReferenceId: task.transReferenceId,
    ...told,
  });
  const args = { event, biz, timestamp: String(Date.now()), nonce: randomBytes(16).toString('hex') };
  const late = manner.outOfOrder && event === 'sign-task-signed' ? hourMs : 0;
  for (let time = 0; time < (manner.duplicate ? 2 : 1); time += 1)
    context.later('post', args, afterMs + late + time * 3 * minuteMs);
}

function refusal(asked: Asked, { memory }: Context, openCorpId: string): TwinAnswer | undefined {
  const { docs = [], actors = [], signTaskSubject: subject = '' } = asked;
  if (asked.initiator?.openId !== openCorpId) return no('213001', '企业未授权', 401);
  if (subject === '' || subject.length > 200) return no('100001', 'signTaskSubject 不合法');
  if (subject.includes(quotaWord)) return no('211058', '签署任务数可用量不足');
  if (asked.autoStart !== true) return no('100001', '沙箱仅支持自动提交的任务');
  if (docs.length === 0) return no('211145', '自动提交时文档不能为空');
  if (actors.length === 0) return no('211146', '自动提交时参与方不能为空');
  if (docs.some(({ docFileId = '' }) => !memory.files[docFileId])) return no('211096', '文档fileId不存在');
  if (!actors.some(({ actor }) => actor?.permissions?.includes('sign'))) return no('211161', '没有签署权限的参与方');
  const orders = actors.map(({ signConfigInfo }) => signConfigInfo?.orderNo);
  if (asked.signInOrder && orders.some((order) => order === undefined)) return no('211108', '有序签署未传签署顺序');
  if (asked.signInOrder && new Set(orders).size !== orders.length) return no('211155', '签署顺序重复');
  return undefined;
}

function nextExpiry(afterMs: number): number {
  const sameDay = Math.floor(afterMs / dayMs) * dayMs + expiryHourUtcMs;
  return sameDay >= afterMs ? sameDay : sameDay + dayMs;
}
