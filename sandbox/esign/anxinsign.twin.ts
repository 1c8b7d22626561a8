/**
 * CFCA 安心签 as a counterparty: accounts, contracts from files, people who log in and sign hours apart, in no order. It
 * never calls.
 *
 * Magic values: a signer whose telephone ends in 7777 refuses, in 8888 never signs (the contract expires after thirty
 * days), in 6666 has a frozen account (60030104); a title with 无法解析 is a file that cannot be read (60030302); a company
 * of the sandbox under another name than its own is 60030103.
 */
import { createHash, generateKeyPairSync } from 'node:crypto';
import { twin, type TwinAnswer, type TwinContext, type TwinRequest } from '../twin.ts';
import { companies, unit } from '../world.ts';
import { admit, no, ok, type Asked } from './anxinsignGate.ts';
import { local, shown, type AnxinsignMemory, type Contract } from './anxinsignMemory.ts';
import { isPdf, seal } from './seal.ts';
import { enrolSigning, signingKeys } from './signer.ts';
import { selfSigned } from './selfSigned.ts';

type Context = TwinContext<AnxinsignMemory>;
type Handle = (asked: Asked, context: Context) => TwinAnswer;

const platId = '8A7C6E5D4B3F2A1900112233445566FF';
const hourMs = 3_600_000;
const openMs = 30 * 24 * hourMs;
const signersMax = 50;

/** By transaction code; the operation is the name for faults. */
const transactions: Readonly<Record<string, { operation: string; handle: Handle }>> = {
  '3002': { operation: 'openAccount', handle: openAccount },
  '3203': { operation: 'startEnvelope', handle: upload },
  '3210': { operation: 'readEnvelope', handle: query },
  '3299': { operation: 'queryEnvelope', handle: list },
};

export const esignAnxinsign = twin<AnxinsignMemory>({
  name: 'esign-anxinsign',
  kind: 'esign',
  dialect: 'anxinsign',
  title: { zh: 'CFCA安心签电子签约', en: 'CFCA Anxinsign e-signature' },
  settings: { platId, platformName: unit.name, platformUscc: unit.uscc, authenticationMode: '企业四要素核验' },
  magic: [
    { where: 'telephone of a signer 经办人手机号', value: '…7777', effect: 'refuses to sign 拒签' },
    {
      where: 'telephone of a signer 经办人手机号',
      value: '…8888',
      effect: 'never signs: expires after thirty days 逾期',
    },
    { where: 'telephone of a signer 经办人手机号', value: '…6666', effect: 'frozen account 账号冻结 (60030104)' },
    { where: 'title 标题', value: '…无法解析…', effect: 'the file cannot be read 文件无法解析 (60030302)' },
  ],
  enrol() {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const certificate = selfSigned('Lianshu platform', privateKey, publicKey);
    const { hub, twin: own } = enrolSigning('CFCA 安心签 sandbox');
    return {
      hub: {
        ...hub,
        'platform.pem': privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
        'platform-certificate.txt': certificate,
      },
      twin: { ...own, 'platform.pem': certificate },
    };
  },
  memory: () => ({ accounts: {}, contracts: {}, serial: 0 }),
  operationOf: (request) => transactions[txCodeOf(request) ?? '']?.operation ?? (contractOf(request) && 'download'),
  async handle(request, context) {
    if (!request.path.startsWith(`/FEP/platId/${platId}/`)) return no('60010102', '平台不存在', 400);
    const contractNo = contractOf(request);
    if (contractNo !== undefined) return download(contractNo, context);
    const transaction = transactions[txCodeOf(request) ?? ''];
    if (!transaction) return no('60020001', '交易码不存在', 404);
    const asked = await admit(request, context.key('platform.pem'));
    return 'fields' in asked ? transaction.handle(asked, context) : asked;
  },
  acts: {
    /** One signer signs, or refuses: `{ contractNo, signer }`, the signer's place in the contract. */
    sign({ contractNo, signer }, context) {
      const contract = context.memory.contracts[String(contractNo)];
      const signatory = contract?.signatories[Number(signer)];
      if (contract?.contractState !== 0 || signatory?.signmentState !== 0) return;
      const account = Object.values(context.memory.accounts).find(({ userId }) => userId === signatory.userId);
      signatory.signMs = context.clock.now().getTime();
      if (account?.mobilePhone.endsWith('7777')) {
        signatory.signmentState = 2;
        signatory.refuseReason = '条款不符';
        contract.contractState = 2;
        return;
      }
      signatory.signmentState = 1;
      contract.base64 = sealed(contract, account?.userName ?? '', context);
      context.effect('signed', `${contract.contractNo}/${Number(signer)}`, { company: account?.identNo });
      if (contract.signatories.some(({ signmentState }) => signmentState !== 1)) return;
      contract.contractState = 1;
      context.effect('completed', contract.contractNo, { signers: contract.signatories.length });
    },
    /** `{ contractNo }`: its last day is over. */
    expire: ({ contractNo }, context) => end(String(contractNo), 3, context),
    /** `{ contractNo }`: called off by the platform's people on the vendor's site. */
    revoke: ({ contractNo }, context) => end(String(contractNo), 4, context),
  },
});

function openAccount({ fields }: Asked, context: Context): TwinAnswer {
  const { enterprise, enterpriseTransactor } = fields as {
    enterprise?: Partial<Record<string, string>>;
    enterpriseTransactor?: Partial<Record<string, string>>;
  };
  const { enterpriseName = '', identTypeCode, identNo = '', mobilePhone = '' } = enterprise ?? {};
  const isWhole = enterpriseName && identTypeCode === '8' && /^\w{18}$/.test(identNo) && /^1\d{10}$/.test(mobilePhone);
  if (!isWhole || !enterprise?.['authenticationMode'] || !enterpriseTransactor?.['transactorName'])
    return no('60020001', '企业开户信息不完整');
  const { accounts } = context.memory;
  const registered = accounts[identNo]?.userName ?? companies.find(({ uscc }) => uscc === identNo)?.name;
  if (registered !== undefined && registered !== enterpriseName) return no('60030103', '企业名称与证件号不符');
  if (mobilePhone.endsWith('6666')) return no('60030104', '用户已冻结');
  const known = accounts[identNo];
  const userId = known?.userId ?? createHash('md5').update(`${platId}${identNo}`).digest('hex').toUpperCase();
  accounts[identNo] = { userId, userName: enterpriseName, identNo, mobilePhone };
  if (!known) context.effect('opened', identNo, { userId });
  return ok(local(context.clock.now().getTime()), { enterprise: { userId, enterpriseName, identTypeCode, identNo } });
}

function upload({ fields, file }: Asked, context: Context): TwinAnswer {
  const {
    contractName = '',
    contractTypeCode = 'MM',
    signInfos = [],
  } = (fields['uploadContract'] ?? {}) as {
    contractName?: string;
    contractTypeCode?: string;
    signInfos?: { userId?: string; isProxySign?: number }[];
  };
  if (contractName === '' || contractName.length > 100 || !/^[A-Z]{2}$/.test(contractTypeCode))
    return no('60020001', '合同信息不完整');
  if (signInfos.length === 0 || signInfos.length > signersMax) return no('60020001', '签署方不正确');
  if (!file || !isPdf(file) || contractName.includes('无法解析')) return no('60030302', '合同文件无法解析');
  const { memory } = context;
  const accounts = Object.values(memory.accounts);
  if (signInfos.some((info) => !accounts.some(({ userId }) => userId === info.userId)))
    return no('60030303', '用户不存在');
  if (signInfos.some(({ isProxySign }) => isProxySign === 1)) return no('60030205', '用户此项目的代签信息不存在');
  const nowMs = context.clock.now().getTime();
  const serial = String((memory.serial += 1)).padStart(9, '0');
  const contractNo = `${contractTypeCode}${local(nowMs).slice(0, 8)}${serial}`;
  const contract: Contract = {
    contractNo,
    contractName,
    contractState: 0,
    createMs: nowMs,
    expiryMs: nowMs + openMs,
    base64: file.toString('base64'),
    signatories: signInfos.map(({ userId = '' }) => ({ userId, signmentState: 0, signMs: null, refuseReason: null })),
  };
  memory.contracts[contractNo] = contract;
  context.effect('started', numberIn(contractName) ?? contractNo, { contractNo, contractName });
  contract.signatories.forEach(({ userId }, signer) => {
    const phone = accounts.find((each) => each.userId === userId)?.mobilePhone ?? '';
    if (!phone.endsWith('8888')) context.later('sign', { contractNo, signer }, hourMs * (1 + (signer % 3)));
  });
  context.later('expire', { contractNo }, openMs);
  return ok(local(nowMs), { contract: shown(contract, memory) });
}

function query({ fields }: Asked, { memory, clock }: Context): TwinAnswer {
  const { contractNo = '' } = (fields['contract'] ?? {}) as { contractNo?: string };
  const found = memory.contracts[contractNo];
  return found ? ok(local(clock.now().getTime()), { contract: shown(found, memory) }) : no('60030301', '合同不存在');
}

/** Newest first, from one place to another, both counted. */
function list({ fields }: Asked, { memory, clock }: Context): TwinAnswer {
  const { enterprise, beginIndex, endIndex } = fields as {
    enterprise?: { identNo?: string };
    beginIndex?: string;
    endIndex?: string;
  };
  const [begin, end] = [Number(beginIndex), Number(endIndex)];
  if (!(begin >= 1 && end >= begin)) return no('60020001', '查询区间不正确');
  const own = enterprise?.identNo === unit.uscc;
  const newestFirst = own ? Object.values(memory.contracts).toReversed() : [];
  const page = newestFirst.slice(begin - 1, end).map((each) => shown(each, memory));
  return ok(local(clock.now().getTime()), { contract: page });
}

/** As it stands; signatures are in it as they come. */
function download(contractNo: string, { memory }: Context): TwinAnswer {
  const contract = memory.contracts[contractNo];
  if (!contract) return no('60030301', '合同不存在');
  if (contract.contractState !== 1) return no('60030401', '合同未签署完成');
  return { status: 200, headers: { 'content-type': 'application/pdf' }, body: Buffer.from(contract.base64, 'base64') };
}

function end(contractNo: string, state: number, { memory }: Context): void {
  const contract = memory.contracts[contractNo];
  if (contract?.contractState === 0) contract.contractState = state;
}

function sealed(contract: Contract, name: string, context: Context): string {
  const who = { name, reason: contract.contractName, at: context.clock.now() };
  const keys = signingKeys((key) => context.key(key));
  return seal(Buffer.from(contract.base64, 'base64'), keys, who).toString('base64');
}

/** The platform's own number: its habit of ending names with it, and which file of how many it is. */
function numberIn(contractName: string): string | undefined {
  const [, number, part, parts] = / \[([^\]]+) (\d)\/(\d)\]$/.exec(contractName) ?? [];
  return parts === '1' ? number : number && `${number}#${part}`;
}

const txCodeOf = ({ method, path }: TwinRequest): string | undefined =>
  method === 'POST' ? /\/txCode\/(\d{4})\/transaction$/.exec(path)?.[1] : undefined;
const contractOf = ({ method, path }: TwinRequest): string | undefined =>
  method === 'GET' ? /\/contractNo\/(\w+)\/downloading$/.exec(path)?.[1] : undefined;
