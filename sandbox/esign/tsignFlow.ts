/** Opening a flow: what the signing service checks before it bothers people. Codes as the vendor publishes them. */
import { firstFree } from '../chance.ts';
import { agents, companies } from '../world.ts';
import type { TwinAnswer, TwinContext } from '../twin.ts';
import type { Flow, Signer, TsignMemory } from './tsignMemory.ts';
import { no, ok } from './tsignGate.ts';

const dayMs = 86_400_000;
export const hourMs = 3_600_000;

/** Read as the vendor reads it: what is not there is undefined. */
interface Asked {
  docs?: { fileId: string; fileName: string }[];
  signFlowConfig?: {
    signFlowTitle?: string;
    signFlowExpireTime?: number;
    autoStart?: boolean;
    autoFinish?: boolean;
    notifyUrl?: string;
  };
  signers?: {
    signerType?: number;
    signConfig?: { signOrder?: number };
    orgSignerInfo?: {
      orgName?: string;
      orgInfo?: { orgIDCardNum?: string; orgIDCardType?: string };
      transactorInfo?: { psnAccount?: string; psnInfo?: { psnName?: string; psnIDCardNum?: string } };
    };
    signFields?: { fileId: string; customBizNum?: string }[];
  }[];
}
type AskedSigner = NonNullable<Asked['signers']>[number];

export function createByFile(body: Buffer, twin: TwinContext<TsignMemory>): TwinAnswer {
  const asked = JSON.parse(body.toString('utf8')) as Asked;
  const wrong = refusal(asked, twin);
  if (wrong) return wrong;
  const { docs = [], signFlowConfig: config = {}, signers = [] } = asked;
  const nowMs = twin.clock.now().getTime();
  const number = signers[0]?.signFields?.[0]?.customBizNum ?? '';
  const flow: Flow = {
    id: firstFree(
      (time) => twin.chance.hex(32, 'flow', number, time),
      (id) => Object.hasOwn(twin.memory.flows, id),
    ),
    title: config.signFlowTitle ?? '',
    notifyUrl: config.notifyUrl ?? '',
    autoFinish: config.autoFinish ?? false,
    startedMs: nowMs,
    expireMs: config.signFlowExpireTime ?? nowMs + 90 * dayMs,
    status: 1,
    finishedMs: null,
    description: '签署中',
    docs: docs.map(({ fileId, fileName }) => ({ fileId, fileName, base64: twin.memory.files[fileId]?.base64 ?? '' })),
    signers: signers.map(signerOf),
  };
  twin.memory.flows[flow.id] = flow;
  const customBizNum = flow.signers[0]?.fields[0]?.customBizNum ?? flow.id;
  twin.effect('started', customBizNum, { flow: flow.id, documents: flow.docs.length, signers: flow.signers.length });
  nextTurn(flow, twin);
  twin.later('expire', { flowId: flow.id }, flow.expireMs - nowMs);
  return ok({ signFlowId: flow.id });
}

/** Whose turn it is learns of it; people take their hours. */
export function nextTurn(flow: Flow, twin: TwinContext<TsignMemory>): void {
  const waiting = flow.signers.filter((signer) => signer.status === 0);
  const order = Math.min(...waiting.map((signer) => signer.order));
  waiting.forEach((signer, index) => {
    if (signer.order !== order) return;
    signer.status = 1;
    if (neverSigns(signer)) return;
    twin.later('sign', { flowId: flow.id, signer: flow.signers.indexOf(signer) }, hourMs * (1 + ((order + index) % 3)));
  });
}

/** Magic people: the sandbox's way to make a signer refuse or stay silent. */
export const refuses = (signer: Signer): boolean => signer.psnAccount.endsWith('7777');
const neverSigns = (signer: Signer): boolean => signer.psnAccount.endsWith('8888');

function refusal({ docs, signFlowConfig, signers }: Asked, twin: TwinContext<TsignMemory>): TwinAnswer | undefined {
  const title = signFlowConfig?.signFlowTitle ?? '';
  const nowMs = twin.clock.now().getTime();
  const expireMs = signFlowConfig?.signFlowExpireTime ?? nowMs + 1;
  if (title === '' || /[/\\:*"<>|？]|\p{Extended_Pictographic}/u.test(title))
    return no(1435002, '参数错误: 签署流程主题不合法');
  if (signFlowConfig?.autoStart === false) return no(1435002, '参数错误: 沙箱仅支持自动开启的流程');
  if (!docs?.length || !signers?.length) return no(1435011, '流程自动开启的场景文档和签署人信息不能为空');
  if (expireMs <= nowMs) return no(1435002, '参数错误: 签署截止时间signFlowExpireTime不能早于当前时间');
  if (expireMs > nowMs + 90 * dayMs) return no(1435002, '参数错误: 签署截止时间signFlowExpireTime不能超过发起后90天');
  if (signers.length > 10)
    return no(1437608, `流程创建签署人或签署主体个数${signers.length}超过数量限制，最多允许创建10个。`);
  for (const doc of docs) {
    if (!/\.\w+$/.test(doc.fileName)) return no(1435002, '参数错误: fileName需带后缀');
    const file = twin.memory.files[doc.fileId];
    if (!file) return no(1435002, '参数错误: 文件不存在');
    if (file.status !== 2) return no(1437513, '文档未成功转换成pdf, 请稍后重试');
  }
  for (const signer of signers) {
    const wrong = signerRefusal(
      signer,
      docs.map((doc) => doc.fileId),
    );
    if (wrong) return wrong;
  }
  return undefined;
}

function signerRefusal(
  { signerType, orgSignerInfo, signFields }: AskedSigner,
  fileIds: string[],
): TwinAnswer | undefined {
  if (signerType !== 1) return no(1435002, '参数错误: 沙箱仅支持机构签署方');
  const { orgName, orgInfo, transactorInfo } = orgSignerInfo ?? {};
  const { psnAccount, psnInfo } = transactorInfo ?? {};
  if (!transactorInfo) return no(1435002, '参数错误: 非自动签签署机构签署方经办人transactorInfo不能为空');
  if (!orgName || !psnAccount)
    return no(1435002, '参数错误: 机构签署方与机构签署经办人传入必须为orgId与psnId或orgName与psnAccount');
  if (!psnInfo?.psnName) return no(1435002, '参数错误: psnName不能为空');
  if (!signFields?.length || signFields.some((field) => !fileIds.includes(field.fileId))) {
    return no(1435002, '参数错误: 文件id不在签署流程中');
  }
  const company = companies.find((one) => one.name === orgName);
  const person = people.find((one) => one.phone === psnAccount);
  const companyDiffers = company !== undefined && orgInfo?.orgIDCardNum !== company.uscc;
  const personDiffers =
    person !== undefined && (psnInfo.psnName !== person.name || (psnInfo.psnIDCardNum ?? person.idNo) !== person.idNo);
  return companyDiffers || personDiffers ? no(1437328, '传入的签署人用户信息与e签宝用户信息不一致') : undefined;
}

/** Whom the vendor verified already; everyone else registers when they sign. */
const people = [...companies.map((company) => company.legalRep), ...agents.map(({ agent }) => agent)];

function signerOf({ signConfig, orgSignerInfo, signFields = [] }: AskedSigner): Signer {
  return {
    order: signConfig?.signOrder ?? 1,
    orgName: orgSignerInfo?.orgName ?? '',
    psnName: orgSignerInfo?.transactorInfo?.psnInfo?.psnName ?? '',
    psnAccount: orgSignerInfo?.transactorInfo?.psnAccount ?? '',
    status: 0,
    fields: signFields.map(({ fileId, customBizNum = '' }) => ({ fileId, customBizNum })),
  };
}
