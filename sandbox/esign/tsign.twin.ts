/** e签宝 as a counterparty: it stores files, runs flows, and its people sign hours apart. */
import { createHash, randomBytes } from 'node:crypto';
import { firstFree } from '../chance.ts';
import { json, twin, type TwinAnswer, type TwinContext, type TwinRequest } from '../twin.ts';
import { archive, archived } from './archive.ts';
import { authorityMagic, changeAuthority } from './authority.ts';
import { isPdf, seal } from './seal.ts';
import { enrolSigning, signingKeys } from './signer.ts';
import { createByFile, hourMs, nextTurn, refuses } from './tsignFlow.ts';
import { createByTemplate, orgIdentity, personIdentity, sealGrants, sealList, template } from './tsignExtras.ts';
import { callbackSignature, gate, no, ok } from './tsignGate.ts';
import { detailOf, listItemOf, type Flow, type Signer, type TsignMemory } from './tsignMemory.ts';

type Context = TwinContext<TsignMemory>;

const appId = '7438990001';
const minuteMs = 60_000;

/** In the order in which they are tried. The first that fits names the operation, for faults. */
const routes: readonly { method: string; pattern: RegExp; operation: string; open?: true; handle: Handle }[] = [
  { method: 'POST', pattern: /^\/v3\/files\/file-upload-url$/, operation: 'uploadUrl', handle: uploadUrl },
  { method: 'PUT', pattern: /^\/upload\/(\w+)$/, operation: 'upload', open: true, handle: upload },
  { method: 'GET', pattern: /^\/v3\/files\/(\w+)$/, operation: 'fileState', handle: fileState },
  {
    method: 'POST',
    pattern: /^\/v3\/sign-flow\/create-by-file$/,
    operation: 'startEnvelope',
    handle: ({ body }, context) => createByFile(body, context),
  },
  { method: 'POST', pattern: /^\/v3\/sign-flow\/sign-flow-list$/, operation: 'queryEnvelope', handle: list },
  { method: 'GET', pattern: /^\/v3\/sign-flow\/(\w+)\/detail$/, operation: 'readEnvelope', handle: detail },
  {
    method: 'GET',
    pattern: /^\/v3\/sign-flow\/(\w+)\/file-download-url$/,
    operation: 'fetchDocuments',
    handle: downloadUrl,
  },
  { method: 'GET', pattern: /^\/download\/(\w+)$/, operation: 'download', open: true, handle: download },
  { method: 'GET', pattern: /^\/v3\/organizations\/identity-info$/, operation: 'orgIdentity', handle: orgIdentity },
  { method: 'GET', pattern: /^\/v3\/persons\/identity-info$/, operation: 'personIdentity', handle: personIdentity },
  {
    method: 'GET',
    pattern: /^\/v3\/seals\/org-seals\/internal-auth$/,
    operation: 'sealGrants',
    handle: (request, context) => sealGrants(request, context, appId),
  },
  { method: 'GET', pattern: /^\/v3\/seals\/org-own-seal-list$/, operation: 'sealList', handle: sealList },
  { method: 'GET', pattern: /^\/v3\/doc-templates\/(\w+)$/, operation: 'template', handle: template },
  { method: 'POST', pattern: /^\/v3\/files\/create-by-doc-template$/, operation: 'fill', handle: createByTemplate },
  { method: 'GET', pattern: /^\/files\/(\w+)$/, operation: 'filledFile', open: true, handle: filledFile },
];
type Handle = (request: TwinRequest, context: Context, id: string) => TwinAnswer;

export const esignTsign = twin<TsignMemory>({
  name: 'esign-tsign',
  kind: 'esign',
  dialect: 'tsign',
  title: { zh: 'e签宝电子签约', en: 'e签宝 e-signature' },
  settings: { appId, notifyUrl: 'https://hub.example/in/esign-tsign/callback' },
  magic: [
    { where: 'telephone of a signer 经办人手机号', value: '…7777', effect: 'refuses to sign 拒签' },
    { where: 'telephone of a signer 经办人手机号', value: '…8888', effect: 'never signs: the flow expires 逾期' },
    ...authorityMagic,
  ],
  enrol() {
    const appSecret = randomBytes(16).toString('hex');
    const { hub, twin: own } = enrolSigning('e签宝 sandbox');
    return { hub: { ...hub, 'appSecret.txt': appSecret }, twin: { ...own, 'appSecret.txt': appSecret } };
  },
  memory: () => ({ files: {}, flows: {}, manner: { duplicate: false, outOfOrder: false } }),
  operationOf: (request) => routeOf(request)?.operation,
  handle(request, context) {
    const route = routeOf(request);
    if (!route) return json({ code: 404, message: 'NOT_FOUND', data: null }, 404);
    const refused = route.open ? undefined : gate(request, appId, context.key('appSecret.txt'));
    return refused ?? route.handle(request, context, route.pattern.exec(request.path)?.[1] ?? '');
  },
  acts: {
    /** One signer signs, or refuses: `{ flowId, signer }`, the signer's place in the flow. */
    sign({ flowId, signer: index }, context) {
      const flow = context.memory.flows[String(flowId)];
      const signer = flow?.signers[Number(index)];
      if (flow?.status !== 1 || signer?.status !== 1) return;
      tell(flow, { action: 'OPERATOR_READ', operateTime: context.clock.now().getTime() }, context);
      if (refuses(signer)) {
        signer.status = 4;
        tellSigner(flow, signer, 4, context);
        return end(flow, 7, '签署方拒签', context);
      }
      signer.status = 2;
      for (const doc of flow.docs) doc.base64 = sealed(doc.base64, signer, flow, context);
      context.effect('signed', `${flow.id}/${signer.order}`, { org: signer.orgName });
      tellSigner(flow, signer, 2, context);
      if (flow.signers.some((one) => one.status === 1)) return;
      if (flow.signers.some((one) => one.status === 0)) return nextTurn(flow, context);
      if (!flow.autoFinish) return;
      context.effect('completed', flow.id, { documents: flow.docs.length });
      end(flow, 2, '完成', context);
    },
    expire({ flowId }, context) {
      const flow = context.memory.flows[String(flowId)];
      if (flow?.status === 1) end(flow, 5, '签署截止日期到期', context);
    },
    /** `{ flowId }` */
    revoke({ flowId }, context) {
      const flow = context.memory.flows[String(flowId)];
      if (flow?.status === 1) end(flow, 3, '发起方撤销', context);
    },
    /** Who may use the contract seal: `{ uscc, idNo, state, until }`, the state `live`, `over`, `toCome` or `none`. */
    authorise(args, { memory }) {
      changeAuthority((memory.authorities ??= {}), args);
    },
    /** From now on callbacks come twice (`duplicate`) or a signer's after the flow's end (`outOfOrder`). */
    callbacks({ duplicate, outOfOrder }, context) {
      context.memory.manner = { duplicate: duplicate === true, outOfOrder: outOfOrder === true };
    },
    /** Posts one callback; a repetition keeps the time of the first attempt, as the vendor does. */
    async post({ path, body, timestamp }, context) {
      const [address, text, time] = [String(path), String(body), String(timestamp)];
      const query = new URL(address, 'http://hub').searchParams;
      const reply = await context.post({
        path: address,
        headers: {
          'content-type': 'application/json;charset=UTF-8',
          'x-tsign-open-app-id': appId,
          'x-tsign-open-timestamp': time,
          'x-tsign-open-signature-algorithm': 'hmac-sha256',
          'x-tsign-open-signature': callbackSignature(context.key('appSecret.txt'), time, query, text),
        },
        body: text,
      });
      if (!/"code"\s*:\s*"200"/.test(reply.body.toString())) throw new Error('the hub did not take the callback');
    },
  },
});

function routeOf({ method, path }: TwinRequest): (typeof routes)[number] | undefined {
  return routes.find((route) => route.method === method && route.pattern.test(path));
}

function uploadUrl({ body, headers }: TwinRequest, { memory, chance }: Context): TwinAnswer {
  const asked = JSON.parse(body.toString()) as {
    contentMd5?: string;
    contentType?: string;
    fileName?: string;
    fileSize?: number;
  };
  if (!asked.contentMd5 || asked.contentType !== 'application/pdf' || !asked.fileName || !asked.fileSize) {
    return no(1435002, '参数错误: contentMd5、contentType、fileName、fileSize不能为空');
  }
  const { contentMd5, fileName, fileSize } = asked;
  const fileId = firstFree(
    (time) => chance.hex(32, 'file', contentMd5, fileName, fileSize, time),
    (id) => Object.hasOwn(memory.files, id),
  );
  memory.files[fileId] = {
    name: asked.fileName,
    size: asked.fileSize,
    contentMd5: asked.contentMd5,
    status: 0,
    base64: '',
  };
  return ok({
    fileId,
    fileUploadUrl: `http://${headers['host']}/upload/${fileId}?Expires=3600&Signature=${fileId.slice(0, 8)}`,
  });
}

/** The storage behind the link: no application signature, but exactly the bytes that were announced. */
function upload({ body, headers }: TwinRequest, { memory }: Context, fileId: string): TwinAnswer {
  const file = memory.files[fileId];
  const md5 = createHash('md5').update(body).digest('base64');
  const asAnnounced = file !== undefined && md5 === file.contentMd5 && body.length === file.size;
  if (!asAnnounced || headers['content-md5'] !== md5 || headers['content-type'] !== 'application/pdf') {
    return json({ errCode: 10_001, msg: 'SignatureDoesNotMatch' }, 403);
  }
  file.base64 = body.toString('base64');
  file.status = isPdf(body) ? 2 : 3;
  return json({ errCode: 0, msg: '成功' });
}

function fileState({ headers }: TwinRequest, { memory }: Context, fileId: string): TwinAnswer {
  const file = memory.files[fileId];
  if (!file) return no(1435002, '参数错误: 文件不存在');
  const fileDownloadUrl = file.status === 2 ? `http://${headers['host']}/files/${fileId}?Expires=3600` : null;
  return ok({ fileId, fileName: file.name, fileSize: file.size, fileStatus: file.status, fileDownloadUrl });
}

function filledFile(_request: TwinRequest, { memory }: Context, fileId: string): TwinAnswer {
  const file = memory.files[fileId];
  if (!file) return { status: 404, body: '' };
  return { status: 200, headers: { 'content-type': 'application/pdf' }, body: Buffer.from(file.base64, 'base64') };
}

function list({ body }: TwinRequest, { memory }: Context): TwinAnswer {
  const asked = JSON.parse(body.toString()) as Record<string, unknown>;
  const [page, size] = [Number(asked['pageNum']), Number(asked['pageSize'])];
  const [from, to] = [asked['signFlowStartTimeFrom'], asked['signFlowStartTimeTo']];
  if (!(page >= 1) || !(size >= 1 && size <= 100)) return no(1435002, '参数错误: pageNum、pageSize不合法');
  if (typeof from !== 'number' || typeof to !== 'number' || to - from > 366 * 24 * hourMs) {
    return no(1435002, '参数错误: 时间范围最长不可超过1年');
  }
  const found = Object.values(memory.flows).filter(({ startedMs }) => startedMs >= from && startedMs <= to);
  return ok({ total: found.length, signFlowInfos: found.slice((page - 1) * size, page * size).map(listItemOf) });
}

function detail(_request: TwinRequest, { memory }: Context, flowId: string): TwinAnswer {
  const flow = memory.flows[flowId];
  return flow ? ok(detailOf(flow)) : no(1435011, `流程不存在:${flowId}`);
}

function downloadUrl({ headers }: TwinRequest, { memory }: Context, flowId: string): TwinAnswer {
  const flow = memory.flows[flowId];
  if (!flow) return no(1435011, `流程不存在:${flowId}`);
  if (flow.status !== 2) return no(1437518, '流程非签署完成状态，不允许下载文档');
  const files = flow.docs.map(({ fileId, fileName }) => ({
    fileId,
    fileName,
    downloadUrl: `http://${headers['host']}/download/${flowId}?fileId=${fileId}&Expires=3600`,
  }));
  return ok({ files, attachments: [] });
}

function download({ query }: TwinRequest, { memory, folder }: Context, flowId: string): TwinAnswer {
  const flow = memory.flows[flowId];
  const doc = flow?.docs.find(({ fileId }) => fileId === query['fileId']);
  if (!doc) return { status: 404, body: '' };
  const isArchived = flow?.status === 2 && doc.base64 === '';
  const body = isArchived ? archived(folder, flowId, doc.fileId) : Buffer.from(doc.base64, 'base64');
  return { status: 200, headers: { 'content-type': 'application/pdf' }, body };
}

function sealed(base64: string, signer: Signer, flow: Flow, context: Context): string {
  const at = context.clock.now();
  const who = { name: `${signer.orgName} ${signer.psnName}`, reason: flow.title, at };
  return seal(
    Buffer.from(base64, 'base64'),
    signingKeys((name) => context.key(name)),
    who,
  ).toString('base64');
}

function end(flow: Flow, status: number, description: string, context: Context): void {
  flow.status = status;
  flow.finishedMs = context.clock.now().getTime();
  flow.description = description;
  for (const doc of flow.docs) {
    delete context.memory.files[doc.fileId];
    if (status === 2) archive(context.folder, flow.id, doc.fileId, Buffer.from(doc.base64, 'base64'));
    doc.base64 = '';
  }
  const { title: signFlowTitle, startedMs } = flow;
  const times = { signFlowCreateTime: startedMs, signFlowStartTime: startedMs, signFlowFinishTime: flow.finishedMs };
  const told = { signFlowTitle, signFlowStatus: String(status), statusDescription: description, ...times };
  tell(flow, { action: 'SIGN_FLOW_COMPLETE', ...told }, context, minuteMs);
}

function tellSigner(flow: Flow, signer: Signer, signResult: 2 | 4, context: Context): void {
  const numbers = [...new Set(signer.fields.map((field) => field.customBizNum))].join(',');
  const message = {
    action: 'SIGN_MISSON_COMPLETE',
    customBizNum: numbers,
    signOrder: signer.order,
    operateTime: context.clock.now().getTime(),
    signResult,
    resultDescription: signResult === 2 ? '签署完成' : '拒签',
    operator: {
      psnId: createHash('md5').update(signer.psnAccount).digest('hex'),
      psnAccount: { accountMobile: signer.psnAccount },
    },
    organization: { orgId: createHash('md5').update(signer.orgName).digest('hex'), orgName: signer.orgName },
  };
  tell(flow, message, context, context.memory.manner.outOfOrder ? hourMs : 0);
}

/** Signatures of callbacks live in real time, what they tell in business time. */
function tell(flow: Flow, message: Record<string, unknown>, context: Context, afterMs = 0): void {
  if (flow.notifyUrl === '') return;
  const timestamp = Date.now();
  const path = `/callback${new URL(flow.notifyUrl).search}`;
  const { action, ...rest } = message;
  const body = JSON.stringify({ action, timestamp, signFlowId: flow.id, ...rest });
  const times = context.memory.manner.duplicate ? 2 : 1;
  for (let time = 0; time < times; time += 1)
    context.later('post', { path, body, timestamp }, afterMs + time * minuteMs);
}
