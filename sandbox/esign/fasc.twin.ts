/**
 * 法大大 as a counterparty: it stores and processes files, runs sign tasks, and its people sign hours apart.
 *
 * The act `forgetToken` makes every access token lapse (100002).
 */
import { createHash, randomBytes } from 'node:crypto';
import { json, twin, type TwinAnswer, type TwinContext, type TwinRequest } from '../twin.ts';
import { archived } from './archive.ts';
import { authorityMagic, changeAuthority } from './authority.ts';
import { corp, corpIdentity, fill, member, memberSeals, templateDetail, user, userIdentity } from './fascExtras.ts';
import { eventHeaders, gate, giveToken, no, ok } from './fascGate.ts';
import { detailOf, listItemOf, type Actor, type FascMemory, type Task } from './fascMemory.ts';
import { create, end, nextTurn, rejects, tell } from './fascTasks.ts';
import { isPdf, seal } from './seal.ts';
import { enrolSigning, signingKeys } from './signer.ts';

type Context = TwinContext<FascMemory>;
type Asked = Record<string, unknown>;

const appId = '80001234';
const openCorpId = '0f7f2c1e6a5b4c3d9e8f7a6b5c4d3e2f';
/** The vendor waits no longer for a reply to an event. */
const replyMsMax = 3_000;

interface Route {
  readonly operation: string;
  readonly handle: (asked: Asked, context: Context, request: TwinRequest) => TwinAnswer;
}

/** Below `/api/v5`, each by POST; the operation is its name for faults. */
const routes: Readonly<Record<string, Route>> = {
  '/file/get-upload-url': { operation: 'uploadUrl', handle: uploadUrl },
  '/file/process': { operation: 'process', handle: process },
  '/sign-task/create': {
    operation: 'startEnvelope',
    handle: (asked, context) => create(asked, context, openCorpId),
  },
  '/sign-task/owner/get-list': { operation: 'queryEnvelope', handle: list },
  '/sign-task/get-detail': { operation: 'readEnvelope', handle: detail },
  '/sign-task/owner/get-file': { operation: 'fetchDocuments', handle: files },
  '/corp/get': { operation: 'corp', handle: corp },
  '/corp/get-identity-info': { operation: 'corpIdentity', handle: corpIdentity },
  '/user/get': { operation: 'user', handle: user },
  '/user/get-identity-info': { operation: 'userIdentity', handle: userIdentity },
  '/corp/member/get-by-openId': { operation: 'member', handle: member },
  '/seal/user/get-list': { operation: 'memberSeals', handle: memberSeals },
  '/doc-template/get-detail': { operation: 'template', handle: (asked) => templateDetail(asked, openCorpId) },
  '/doc-template/fill-values': {
    operation: 'fill',
    handle: (asked, context, request) => fill(asked, openCorpId, context, request),
  },
};
const tokenPath = '/service/get-access-token';

export const esignFasc = twin<FascMemory>({
  name: 'esign-fasc',
  kind: 'esign',
  dialect: 'fasc',
  title: { zh: '法大大电子签约', en: '法大大 FASC e-signature' },
  settings: { appId, openCorpId, notifyUrl: 'https://hub.example/in/esign-fasc/callback' },
  magic: [
    { where: 'telephone of a signer 经办人手机号', value: '…7777', effect: 'rejects 拒签' },
    {
      where: 'telephone of a signer 经办人手机号',
      value: '…8888',
      effect: 'never signs: the task expires, told at the next 01:00 逾期',
    },
    {
      where: 'telephone of a signer 经办人手机号',
      value: '…6666',
      effect: 'fails to join first (`sign-task-join-failed`), and signs three hours later',
    },
    { where: 'title 标题', value: '…额度用尽…', effect: 'refused as one task too many, `211058`' },
    ...authorityMagic,
  ],
  enrol() {
    const secret = randomBytes(16).toString('hex').toUpperCase();
    const { hub, twin: own } = enrolSigning('法大大 sandbox');
    return { hub: { ...hub, 'appSecret.txt': secret }, twin: { ...own, 'appSecret.txt': secret } };
  },
  memory: () => ({
    token: null,
    nonces: {},
    placed: 0,
    places: {},
    files: {},
    tasks: {},
    manner: { duplicate: false, outOfOrder: false },
  }),
  operationOf: ({ method, path }) => {
    if (path.startsWith('/storage/files/')) return 'filledFile';
    if (path.startsWith('/storage/')) return method === 'PUT' ? 'upload' : 'download';
    return path === `/api/v5${tokenPath}` ? 'token' : routes[path.slice('/api/v5'.length)]?.operation;
  },
  handle(request, context) {
    const { path, headers } = request;
    if (path.startsWith('/storage/')) return storage(request, context);
    const name = path.startsWith('/api/v5/') ? path.slice('/api/v5'.length) : '';
    const wantsToken = name !== tokenPath;
    const passed = gate(request, { appId, secret: context.key('appSecret.txt'), memory: context.memory, wantsToken });
    if ('status' in passed) return passed;
    if (!wantsToken) return giveToken(headers['x-fasc-grant-type'], context.memory);
    const route = routes[name];
    return route
      ? route.handle(JSON.parse(passed.biz) as Asked, context, request)
      : json({ code: '404', msg: 'Not Found', data: null }, 404);
  },
  acts: {
    /** One signer signs, or rejects: `{ taskId, signer }`, the signer's place in the task. */
    sign({ taskId, signer }, context) {
      const task = context.memory.tasks[String(taskId)];
      const actor = task?.actors[Number(signer)];
      if (task?.status !== 'sign_progress' || actor?.status !== 'turn') return;
      const who = { actorId: actor.actorId, userName: '沙箱经办人', memberId: '1001' };
      tell(task, 'sign-task-joined', who, context);
      if (rejects(actor)) {
        actor.status = 'rejected';
        task.note = '条款不符';
        return end(
          task,
          'task_terminated',
          'sign-task-sign-rejected',
          { ...who, signRejectReason: task.note },
          context,
        );
      }
      actor.status = 'signed';
      for (const doc of task.docs) doc.base64 = sealed(doc.base64, actor, task, context);
      context.effect('signed', `${task.id}/${actor.orderNo}`, { corp: actor.corpName });
      const isLast = task.actors.every(({ status }) => status === 'signed');
      if (isLast) task.status = 'sign_completed';
      const told = { ...who, verifyFreeSign: false, signTaskSubject: task.subject, corpName: actor.corpName };
      tell(task, 'sign-task-signed', told, context);
      if (!isLast) return nextTurn(task, context);
      if (!task.autoFinish) return;
      context.effect('completed', task.id, { documents: task.docs.length });
      end(task, 'task_finished', 'sign-task-finished', {}, context);
    },
    expire({ taskId }, context) {
      const task = context.memory.tasks[String(taskId)];
      if (task?.status === 'sign_progress') end(task, 'expired', 'sign-task-expire', {}, context);
    },
    /** `{ taskId }` */
    cancel({ taskId }, context) {
      const task = context.memory.tasks[String(taskId)];
      if (task?.status !== 'sign_progress') return;
      task.cancelled = true;
      end(
        task,
        'task_terminated',
        'sign-task-canceled',
        { userName: '沙箱应用', terminationNote: '发起方撤销' },
        context,
      );
    },
    /** From now on events come twice (`duplicate`) or a signer's after the task's end (`outOfOrder`). */
    callbacks({ duplicate, outOfOrder }, context) {
      context.memory.manner = { duplicate: duplicate === true, outOfOrder: outOfOrder === true };
    },
    /** Who may use the contract seal: `{ uscc, idNo, state, until }`, the state `live`, `over`, `toCome` or `none`. */
    authorise(args, { memory }) {
      changeAuthority((memory.authorities ??= {}), args);
    },
    forgetToken(_args, context) {
      context.memory.token = null;
    },
    /** Posts one event; a repetition is the same bytes. */
    async post({ event, biz, timestamp, nonce }, context) {
      const told = { event: String(event), biz: String(biz), timestamp: String(timestamp), nonce: String(nonce) };
      const startedMs = Date.now();
      const reply = await context.post({
        path: '/callback',
        headers: eventHeaders({ appId, secret: context.key('appSecret.txt') }, told),
        body: new URLSearchParams({ bizContent: told.biz }).toString(),
      });
      if (Date.now() - startedMs > replyMsMax || !reply.body.includes('success'))
        throw new Error('the hub did not take the event, or not in time');
    },
  },
});

function uploadUrl({ fileType }: Asked, { memory, chance }: Context, { headers }: TwinRequest): TwinAnswer {
  if (fileType !== 'doc') return no('100001', 'fileType 不合法');
  memory.placed += 1;
  const id = chance.hex(32, 'place', memory.placed);
  memory.places[id] = null;
  const fddFileUrl = `http://${headers['host']}/storage/${id}`;
  return ok({ uploadUrl: `${fddFileUrl}?q-sign-algorithm=sha1&sign=${id.slice(0, 8)}`, fddFileUrl });
}

/** The storage behind the links: no application signature; what it says of an upload is its digest, and nothing else. */
function storage({ method, path, body }: TwinRequest, { memory, folder }: Context): TwinAnswer {
  const [, , id = '', doc] = path.split('/');
  if (method === 'GET' && id === 'files') {
    const file = Buffer.from(memory.files[doc ?? '']?.base64 ?? '', 'base64');
    const etag = `"${createHash('md5').update(file).digest('hex')}"`;
    return file.length === 0
      ? { status: 404, body: '' }
      : { status: 200, headers: { 'content-type': 'application/pdf', etag }, body: file };
  }
  if (method === 'GET') {
    const task = memory.tasks[id];
    const signed = task?.docs.find(({ docId }) => docId === doc);
    if (!signed) return { status: 404, body: '' };
    const isArchived = task?.status === 'task_finished' && signed.base64 === '';
    const bytes = isArchived ? archived(folder, id, signed.docId) : Buffer.from(signed.base64, 'base64');
    return { status: 200, headers: { 'content-type': 'application/pdf' }, body: bytes };
  }
  if (method !== 'PUT' || memory.places[id] !== null) return { status: 403, body: '<Error>AccessDenied</Error>' };
  memory.places[id] = { size: body.length, base64: body.toString('base64') };
  return { status: 200, headers: { etag: `"${createHash('md5').update(body).digest('hex')}"` }, body: '' };
}

function process({ fddFileUrlList }: Asked, { memory, chance }: Context): TwinAnswer {
  const asked = fddFileUrlList as { fddFileUrl?: string; fileName?: string; fileType?: string }[] | undefined;
  const fileIdList = [];
  for (const { fddFileUrl = '', fileName = '', fileType } of asked ?? []) {
    const id = fddFileUrl.split('/').at(-1) ?? '';
    const stored = memory.places[id];
    if (!stored || fileType !== 'doc') return no('100001', '文件不存在');
    if (!/\.pdf$/i.test(fileName) || !isPdf(Buffer.from(stored.base64, 'base64')))
      return no('211157', '文件处理失败，文件后缀名与源文件不匹配');
    const fileId = `1${chance.digits(10, 'file', id)}`;
    memory.files[fileId] = { base64: stored.base64 };
    delete memory.places[id];
    fileIdList.push({ fileId, fileType, fddFileUrl, fileName, fileTotalPages: 1 });
  }
  return fileIdList.length === 0 ? no('100001', 'fddFileUrlList 不能为空') : ok({ fileIdList });
}

function list({ ownerId, listFilter, listPageNo, listPageSize }: Asked, { memory }: Context): TwinAnswer {
  if ((ownerId as { openId?: string } | undefined)?.openId !== openCorpId) return no('213002', '企业未授权', 401);
  const { startTimeFrom, startTimeTo } = (listFilter ?? {}) as Record<string, string>;
  const [page, size] = [Number(listPageNo ?? 1), Number(listPageSize ?? 100)];
  if (!(page >= 1) || !(size >= 1 && size <= 100)) return no('100001', 'listPageNo、listPageSize 不合法');
  if ((startTimeFrom === undefined) !== (startTimeTo === undefined)) return no('100001', '时间范围需成对出现');
  const found = Object.values(memory.tasks).filter(
    ({ createdMs }) => createdMs >= Number(startTimeFrom ?? 0) && createdMs <= Number(startTimeTo ?? Infinity),
  );
  const shown = found.slice((page - 1) * size, page * size);
  return ok({
    signTasks: shown.map(listItemOf),
    listPageNo: page,
    countInPage: shown.length,
    listPageCount: Math.ceil(found.length / size),
    totalCount: found.length,
  });
}

function detail({ signTaskId }: Asked, { memory }: Context): TwinAnswer {
  const task = memory.tasks[String(signTaskId)];
  return task ? ok(detailOf(task, openCorpId)) : no('300001', '签署任务不存在');
}

function files({ signTaskId }: Asked, { memory }: Context, { headers }: TwinRequest): TwinAnswer {
  const task = memory.tasks[String(signTaskId)];
  if (!task) return no('300001', '签署任务不存在');
  if (task.status !== 'task_finished') return no('300002', '签署任务状态不允许此操作');
  const docs = task.docs.map(({ docId, docName }) => ({
    docId,
    docName,
    fileId: createHash('md5')
      .update(task.id + docId)
      .digest('hex'),
    fddFileUrl: `http://${headers['host']}/storage/${task.id}/${docId}?sign=${task.id.slice(0, 8)}`,
  }));
  return ok({ docs });
}

function sealed(base64: string, actor: Actor, task: Task, context: Context): string {
  const who = { name: actor.corpName, reason: task.subject, at: context.clock.now() };
  return seal(
    Buffer.from(base64, 'base64'),
    signingKeys((name) => context.key(name)),
    who,
  ).toString('base64');
}
