/** What else e签宝 is asked: who somebody is, who may use which seal (印章), and to fill a template. */
import { createHash } from 'node:crypto';
import { firstFree } from '../chance.ts';
import type { TwinAnswer, TwinContext, TwinRequest } from '../twin.ts';
import { accounts, companyOf, grantsOf, personOf, seals, type CompanySeal } from './authority.ts';
import { faultOf, filledPdf, templates, type Template } from './template.ts';
import { no, ok } from './tsignGate.ts';
import type { TsignMemory } from './tsignMemory.ts';

type Context = TwinContext<TsignMemory>;

/** By the vendor's own ids. */
const templatesById = new Map<string, Template>([
  ['7d3f0c5a9b1e4862a4c7e8f90b2d6135', templates.pledge],
  ['1b8e52d7c40f4a3e9d6a7f01c2b3e4d5', templates.release],
]);
const pageSizeMax = 20;

const md5 = (text: string): string => createHash('md5').update(text).digest('hex');
const grantStates = { live: 1, over: 0, toCome: 3 } as const;
const reasons = { live: 'NOT_EXPIRE', over: 'EXPIRED', toCome: 'WAIT_EFFECTIVE' } as const;
const sealTypes = { official: 'PUBLIC', contract: 'CONTRACT', finance: 'FINANCE' } as const;

export function orgIdentity({ query }: TwinRequest): TwinAnswer {
  const { orgIDCardNum = '', orgIDCardType } = query;
  if (orgIDCardType !== 'CRED_ORG_USCC') return no(1450001, '缺少参数:orgIDCardType');
  const company = companyOf(orgIDCardNum);
  if (!company) return no(1450008, `未找到用户信息，请检查查询数据的正确性 :${orgIDCardNum}`);
  const { name, legalRep } = company;
  return ok({
    realnameStatus: 1,
    authorizeUserInfo: true,
    orgId: md5(name),
    orgName: name,
    orgAuthMode: 'ORG_LEGALREP',
    orgInfo: {
      orgIDCardNum,
      orgIDCardType,
      legalRepName: legalRep.name,
      legalRepIDCardNum: legalRep.idNo,
      legalRepIDCardType: 'CRED_PSN_CH_IDCARD',
      adminName: `${legalRep.name.slice(0, 1)}**`,
    },
  });
}

export function personIdentity({ query }: TwinRequest): TwinAnswer {
  const { psnIDCardNum = '', psnIDCardType } = query;
  if (psnIDCardType !== 'CRED_PSN_CH_IDCARD') return no(1450001, '缺少参数:psnIDCardType');
  const person = personOf('idNo', psnIDCardNum);
  if (!person) return no(1450008, `未找到用户信息，请检查查询数据的正确性 :${psnIDCardNum}`);
  return ok({
    realnameStatus: 1,
    authorizeUserInfo: true,
    psnId: md5(person.phone),
    psnAccount: { accountMobile: person.phone, accountEmail: null },
    psnInfo: { psnName: person.name, psnIDCardNum, psnIDCardType, psnNationality: 'CN' },
  });
}

/** Only those whom somebody granted something: a legal representative is not among them. */
export function sealGrants({ query }: TwinRequest, { memory }: Context, appId: string): TwinAnswer {
  const company = companyWith(query['orgId']);
  if (!company) return no(10000007, '参数错误 :orgId');
  const person = personWith(query['authorizedPsnId']);
  const granted = person && company.legalRep.idNo !== person.idNo ? grantsOf(company, person, memory.authorities) : [];
  const own = granted.map(({ seal, state, fromMs, untilMs }) => ({
    sealId: sealIdOf(company.uscc, seal),
    sealAuthBizId: md5(`${company.uscc}/${seal.kind}/${query['authorizedPsnId']}`),
    authorizerPsnId: md5(company.legalRep.phone),
    authorizedPsnId: query['authorizedPsnId'],
    sealRole: 'SEAL_USER',
    authorizeStatus: grantStates[state],
    expireReason: reasons[state],
    longTermEffective: untilMs === null,
    effectiveTime: fromMs,
    expireTime: untilMs,
    sealAuthScope: { template: { templateId: null, applicationsIds: appId }, autoSign: false },
  }));
  // Everybody in a company may put the seal under one template of its own: that is no authority over other documents.
  const [official] = seals;
  const forAll = official && {
    sealId: sealIdOf(company.uscc, official),
    authorizerPsnId: md5(company.legalRep.phone),
    authorizedPsnId: 'ALL',
    sealRole: 'SEAL_USER',
    authorizeStatus: 1,
    expireReason: 'NOT_EXPIRE',
    longTermEffective: true,
    sealAuthScope: { template: { templateId: md5(company.uscc), applicationsIds: null }, autoSign: false },
  };
  return paged(query, [...own, ...(forAll ? [forAll] : [])], 'sealAuthorizedInfos');
}

export function sealList({ query }: TwinRequest): TwinAnswer {
  const company = companyWith(query['orgId']);
  if (!company) return no(10000007, '参数错误 :orgId');
  const shown = seals.map((seal) => ({
    sealId: sealIdOf(company.uscc, seal),
    sealName: seal.name,
    sealCreateTime: 1_767_196_800_000,
    defaultSealFlag: seal.kind === 'official',
    sealBizType: sealTypes[seal.kind],
    sealStyle: 1,
    sealStatus: seal.isInUse ? 1 : 4,
    statusDescription: seal.isInUse ? '已启用' : '已停用',
  }));
  return paged(query, shown, 'seals');
}

export function template(_request: TwinRequest, _context: Context, id: string): TwinAnswer {
  const found = templatesById.get(id);
  if (!found) return no(1430011, '模板文件不存在');
  const components = found.fields.map(({ name, title, isRequired }) => ({
    componentId: md5(name),
    componentKey: name,
    componentName: title,
    required: isRequired,
    componentType: 1,
  }));
  const seal = {
    componentId: md5('seal'),
    componentKey: null,
    componentName: '签章',
    required: true,
    componentType: 6,
  };
  return ok({ docTemplateId: id, docTemplateName: found.title, components: [...components, seal] });
}

/** A fill that is repeated is another file. */
export function createByTemplate({ body }: TwinRequest, { memory, chance }: Context): TwinAnswer {
  const asked = JSON.parse(body.toString('utf8')) as {
    docTemplateId?: string;
    fileName?: string;
    components?: { componentKey?: string; componentValue?: string }[];
    requiredCheck?: boolean;
  };
  const wanted = templatesById.get(asked.docTemplateId ?? '');
  if (!wanted) return no(1430011, '模板文件不存在');
  const { fileName = '' } = asked;
  if (fileName.length === 0 || fileName.length > 100) return no(1430002, '参数错误: 文件名字长度不能大于100');
  if (/[/\\:*"<>|？]|\p{Extended_Pictographic}/u.test(fileName)) return no(1430601, '创建合同失败: 文件名含有特殊字符');
  const pairs = asked.components?.map((one) => [one.componentKey ?? '', one.componentValue ?? ''] as const) ?? [];
  const values = new Map(pairs);
  const fault = faultOf(wanted, values);
  if (fault?.kind === 'stranger') return no(1430002, `参数错误: 控件${fault.name}不存在`);
  if (fault?.kind === 'missing' && asked.requiredCheck) return no(1430002, `创建合同失败: '${fault.name}'填充内容缺失`);
  if (fault?.kind === 'long') return no(1430002, `参数错误: 控件${fault.name}填充内容超过长度限制`);
  const pdf = filledPdf(wanted, values);
  const contentMd5 = createHash('md5').update(pdf).digest('base64');
  const fileId = firstFree(
    (time) => chance.hex(32, 'filled', contentMd5, fileName, time),
    (id) => memory.files[id] !== undefined,
  );
  memory.files[fileId] = { name: fileName, size: pdf.length, contentMd5, status: 2, base64: pdf.toString('base64') };
  return ok({ fileId, fileDownloadUrl: null });
}

const companyWith = (orgId: unknown) => accounts.companies.find(({ name }) => md5(name) === orgId);
const personWith = (psnId: unknown) => accounts.people.find(({ phone }) => md5(phone) === psnId);

function paged(query: TwinRequest['query'], all: readonly object[], name: string): TwinAnswer {
  const [page, size] = [Number(query['pageNum']), Number(query['pageSize'])];
  if (!(page >= 1) || !(size >= 1 && size <= pageSizeMax)) return no(10000007, '参数错误 :pageNum、pageSize');
  return ok({ total: all.length, [name]: all.slice((page - 1) * size, page * size) });
}

function sealIdOf(uscc: string, { kind }: CompanySeal): string {
  const hex = md5(`${uscc}/${kind}`);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
