/**
 * 契约锁 as a counterparty: drafts, documents, and people who sign hours apart.
 *
 * The act `lockDownloads` refuses files as downloaded too often (11990006) until it is called again.
 */
import { randomBytes } from 'node:crypto';
import { twin, type TwinAnswer, type TwinContext, type TwinRequest } from '../twin.ts';
import { isPdf, seal } from './seal.ts';
import { enrolSigning, signingKeys } from './signer.ts';
import { callbackForm, gate, no, ok } from './qiyuesuoGate.ts';
import { detailOf, instantOf, type Contract, type QiyuesuoMemory, type Signatory } from './qiyuesuoMemory.ts';

type Context = TwinContext<QiyuesuoMemory>;

const appToken = 'Qs7TxLk2Ab';
const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

interface Route {
  readonly operation: string;
  readonly handle: (request: TwinRequest, context: Context) => TwinAnswer | Promise<TwinAnswer>;
}
/** The operation is the name for faults. */
const routes: Readonly<Record<string, Route>> = {
  'POST /v2/contract/draft': { operation: 'draft', handle: draft },
  'POST /v2/document/addbyfile': { operation: 'addDocument', handle: addByFile },
  'POST /v2/contract/send': { operation: 'startEnvelope', handle: send },
  'GET /v2/contract/detail': { operation: 'readEnvelope', handle: detail },
  'GET /v2/document/download': { operation: 'download', handle: download },
};

export const esignQiyuesuo = twin<QiyuesuoMemory>({
  name: 'esign-qiyuesuo',
  kind: 'esign',
  dialect: 'qiyuesuo',
  title: { zh: '契约锁电子签约', en: 'Qiyuesuo e-signature' },
  settings: { appToken, notifyUrl: 'https://hub.example/in/esign-qiyuesuo/callback' },
  magic: [
    { where: 'telephone of a signer 经办人手机号', value: '…7777', effect: 'rejects 拒签' },
    { where: 'telephone of a signer 经办人手机号', value: '…8888', effect: 'never signs: the contract expires 截止' },
    {
      where: 'telephone of a signer 经办人手机号',
      value: '…6666',
      effect: 'has not registered: `1705` when it is sent',
    },
    { where: 'title 标题', value: '…分类不符…', effect: 'does not match its category, `1301`' },
  ],
  enrol() {
    const secrets = {
      'appSecret.txt': randomBytes(16).toString('hex'),
      'callbackKey.txt': randomBytes(8).toString('hex'), // Sixteen characters: their bytes are the AES key.
    };
    const { hub, twin: own } = enrolSigning('契约锁 sandbox');
    return { hub: { ...hub, ...secrets }, twin: { ...own, ...secrets } };
  },
  memory: () => ({
    nonces: {},
    contracts: {},
    downloadsLocked: false,
    manner: { duplicate: false, outOfOrder: false },
  }),
  operationOf: ({ method, path }) => routes[`${method} ${path}`]?.operation,
  handle(request, context) {
    const { nonces } = context.memory;
    const refused = gate(request, { token: appToken, secret: context.key('appSecret.txt'), nonces });
    const route = routes[`${request.method} ${request.path}`];
    return refused ?? route?.handle(request, context) ?? no(404, 'NOT FOUND', 404);
  },
  acts: {
    /** One signatory signs, or rejects: `{ contractId, signer }`, the signatory's place in the contract. */
    sign({ contractId, signer }, context) {
      const contract = context.memory.contracts[String(contractId)];
      const signatory = contract?.signatories[Number(signer)];
      if (contract?.status !== 'SIGNING' || signatory?.status !== 'SIGNING') return;
      signatory.completeMs = context.clock.now().getTime();
      const isUnwilling = context.memory.unwilling?.[signatory.tenantName] === 'rejects';
      delete context.memory.unwilling?.[signatory.tenantName];
      if (isUnwilling || signatory.contact.endsWith('7777')) {
        signatory.status = 'REJECTED';
        contract.comments = '条款不符';
        return end(contract, 'REJECTED', 'REJECT', context, signatory);
      }
      signatory.status = 'SIGNED';
      for (const document of contract.documents)
        document.base64 = sealed(document.base64, signatory, contract, context);
      context.effect('signed', `${contract.id}/${signatory.serialNo}`, { company: signatory.tenantName });
      tell(contract, 'SIGN', context, signatory);
      if (contract.signatories.some(({ status }) => status === 'SIGNING')) return;
      if (contract.signatories.some(({ status }) => status === 'WAITING')) return nextTurn(contract, context);
      context.effect('completed', contract.id, { documents: contract.documents.length });
      end(contract, 'COMPLETE', 'COMPLETE', context);
    },
    expire({ contractId }, context) {
      const contract = context.memory.contracts[String(contractId)];
      if (contract?.status === 'SIGNING') end(contract, 'EXPIRED', 'EXPIRED', context);
    },
    /** `{ contractId }` */
    recall({ contractId }, context) {
      const contract = context.memory.contracts[String(contractId)];
      if (contract?.status === 'SIGNING') end(contract, 'RECALLED', 'RECALL', context);
    },
    /** From now on callbacks come twice (`duplicate`) or a signatory's after the contract's end (`outOfOrder`). */
    callbacks({ duplicate, outOfOrder }, context) {
      context.memory.manner = { duplicate: duplicate === true, outOfOrder: outOfOrder === true };
    },
    /** The people of that company do not sign the next contract: `{ tenantName, manner }`, which is `rejects` or `waits`. */
    refuseNext({ tenantName, manner }, { memory }) {
      if (manner !== 'rejects' && manner !== 'waits') throw new Error('the manner is rejects or waits');
      memory.unwilling = { ...memory.unwilling, [String(tenantName)]: manner };
    },
    lockDownloads(_args, { memory }) {
      memory.downloadsLocked = !memory.downloadsLocked;
    },
    /** Its own people correct what is shown of a signatory: `{ contractId, tenantName, status }`. */
    show({ contractId, tenantName, status }, { memory }) {
      const signatory = memory.contracts[String(contractId)]?.signatories.find(
        (each) => each.tenantName === tenantName,
      );
      if (signatory) signatory.status = String(status);
    },
    /** Posts one callback; a repetition is the same bytes. */
    async post({ told, timestamp }, context) {
      const reply = await context.post({
        path: '/callback',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: callbackForm(context.key('callbackKey.txt'), String(timestamp), told as object),
      });
      if (!/"code"\s*:\s*0\b/.test(reply.body.toString())) throw new Error('the hub did not take the callback');
    },
  },
});

interface AskedSignatory {
  tenantType?: string;
  tenantName?: string;
  serialNo?: number;
  receiver?: { contact?: string };
  actions?: unknown[];
}

/** A draft of a number is written over by the next one; what was sent under it is not. */
function draft({ body }: TwinRequest, context: Context): TwinAnswer {
  const { memory } = context;
  const asked = JSON.parse(body.toString()) as {
    subject?: string;
    bizId?: string;
    expireTime?: string;
    callbackUrl?: string;
    signatories?: AskedSignatory[];
  };
  const { subject = '', bizId = '', signatories = [] } = asked;
  const names = signatories.map(({ tenantName }) => tenantName);
  if (signatories.length === 0) return no(1113, 'SIGNATORY REQUIRED');
  if (new Set(names).size !== names.length) return no(1102, 'DUPLICATE SIGNATORY');
  if (signatories.some(({ tenantType, actions }) => tenantType === 'COMPANY' && !actions?.length))
    return no(1103, 'ACTION REQUIRED');
  if (subject.includes('分类不符')) return no(1301, 'CATEGORY CONFIG NOT MATCH');
  const known = Object.values(memory.contracts).find((each) => each.bizId === bizId);
  if (known && known.status !== 'DRAFT') return no(1101, 'INVALID CONTRACT STATUS');
  const contract: Contract = {
    id: known?.id ?? idOf(context, 'contract', bizId),
    bizId,
    subject,
    callbackUrl: asked.callbackUrl ?? '',
    expireMs: instantOf(asked.expireTime ?? '2099-01-01 00:00:00'),
    status: 'DRAFT',
    publishMs: null,
    completeMs: null,
    comments: '',
    documents: [],
    signatories: signatories.map(({ tenantName = '', serialNo = 0, receiver }, place) => ({
      id: idOf(context, 'signatory', bizId, place),
      tenantName,
      serialNo,
      contact: receiver?.contact ?? '',
      status: 'DRAFT',
      completeMs: null,
    })),
  };
  memory.contracts[contract.id] = contract;
  return ok(detailOf(contract));
}

async function addByFile({ body, headers }: TwinRequest, context: Context): Promise<TwinAnswer> {
  const type = headers['content-type'] ?? '';
  if (!type.startsWith('multipart/form-data')) return no(1403, 'INVALID FILE');
  const form = await new Response(new Uint8Array(body), { headers: { 'content-type': type } }).formData();
  const text = (name: string): string => {
    const value = form.get(name);
    return typeof value === 'string' ? value : '';
  };
  const contract = context.memory.contracts[text('contractId')];
  if (!contract) return no(1107, 'CONTRACT NOT FOUND');
  if (contract.status !== 'DRAFT') return no(1101, 'INVALID CONTRACT STATUS');
  const file = form.get('file');
  if (file === null || typeof file === 'string' || text('fileSuffix') !== 'pdf') return no(1403, 'INVALID FILE');
  const bytes = Buffer.from(await file.arrayBuffer());
  if (!isPdf(bytes)) return no(1403, 'INVALID FILE');
  const document = {
    id: idOf(context, 'document', contract.id, contract.documents.length),
    title: text('title'),
    base64: bytes.toString('base64'),
  };
  contract.documents.push(document);
  return ok({ documentId: document.id });
}

function send({ body }: TwinRequest, context: Context): TwinAnswer {
  const { contractId } = JSON.parse(body.toString()) as { contractId?: string };
  const contract = context.memory.contracts[contractId ?? ''];
  if (!contract) return no(1107, 'CONTRACT NOT FOUND');
  if (contract.status !== 'DRAFT') return no(1101, 'INVALID CONTRACT STATUS');
  if (contract.documents.length === 0) return no(1401, 'DOCUMENT REQUIRED');
  if (contract.signatories.some(({ contact }) => contact.endsWith('6666'))) return no(1705, 'OPERATOR NOT REGISTERED');
  const nowMs = context.clock.now().getTime();
  contract.status = 'SIGNING';
  contract.publishMs = nowMs;
  for (const signatory of contract.signatories) signatory.status = 'WAITING';
  context.effect('started', contract.bizId, { contract: contract.id, documents: contract.documents.length });
  nextTurn(contract, context);
  context.later('expire', { contractId: contract.id }, contract.expireMs - nowMs);
  return ok();
}

function detail({ query }: TwinRequest, { memory }: Context): TwinAnswer {
  const { contractId, bizId } = query;
  const found = Object.values(memory.contracts).find(({ id, bizId: own }) => id === contractId || own === bizId);
  return found ? ok(detailOf(found)) : no(1107, 'CONTRACT NOT FOUND');
}

/** The file itself; where there is none, an answer in JSON. */
function download({ query }: TwinRequest, { memory }: Context): TwinAnswer {
  if (memory.downloadsLocked) return no(11990006, '接口调用频繁');
  const documents = Object.values(memory.contracts).flatMap((contract) => contract.documents);
  const found = documents.find(({ id }) => id === query['documentId']);
  if (!found) return no(1107, 'DOCUMENT NOT FOUND');
  return { status: 200, headers: { 'content-type': 'application/pdf' }, body: Buffer.from(found.base64, 'base64') };
}

/** Whose turn it is learns of it; people take their hours. */
function nextTurn(contract: Contract, context: Context): void {
  const waiting = contract.signatories.filter(({ status }) => status === 'WAITING');
  const order = Math.min(...waiting.map(({ serialNo }) => serialNo));
  for (const signatory of waiting.filter(({ serialNo }) => serialNo === order)) {
    signatory.status = 'SIGNING';
    if (signatory.contact.endsWith('8888')) continue;
    if (context.memory.unwilling?.[signatory.tenantName] === 'waits') {
      delete context.memory.unwilling[signatory.tenantName];
      continue;
    }
    const signer = contract.signatories.indexOf(signatory);
    context.later('sign', { contractId: contract.id, signer }, hourMs * (1 + (order % 3)));
  }
}

function end(contract: Contract, status: string, type: string, context: Context, signatory?: Signatory): void {
  contract.status = status;
  contract.completeMs = context.clock.now().getTime();
  // The memory is written whole after each request: what nobody can ask for any more goes.
  if (status !== 'COMPLETE') for (const document of contract.documents) document.base64 = '';
  tell(contract, type, context, signatory, type === 'COMPLETE' ? minuteMs : 0);
}

/** Signatures of callbacks live in real time. */
function tell(contract: Contract, type: string, context: Context, signatory?: Signatory, afterMs = 0): void {
  if (contract.callbackUrl === '') return;
  const { manner } = context.memory;
  const party = signatory && {
    tenantType: 'COMPANY',
    tenantId: signatory.id,
    tenantName: signatory.tenantName,
    contact: signatory.contact,
  };
  const told = { contractId: contract.id, callbackType: type, contractStatus: contract.status, ...party };
  const late = manner.outOfOrder && type === 'SIGN' ? hourMs : 0;
  for (let time = 0; time < (manner.duplicate ? 2 : 1); time += 1)
    context.later('post', { told, timestamp: String(Date.now()) }, afterMs + late + time * 5 * minuteMs);
}

function sealed(base64: string, signatory: Signatory, contract: Contract, context: Context): string {
  const who = { name: signatory.tenantName, reason: contract.subject, at: context.clock.now() };
  return seal(
    Buffer.from(base64, 'base64'),
    signingKeys((name) => context.key(name)),
    who,
  ).toString('base64');
}

const idOf = ({ chance }: Context, ...what: readonly (string | number)[]): string => `2${chance.digits(18, ...what)}`;
