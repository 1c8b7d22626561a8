/** What else 法大大 is asked: who somebody is, who may use which seal (印章), and to fill a template. */
import { createHash } from 'node:crypto';
import { firstFree } from '../chance.ts';
import type { TwinAnswer, TwinContext, TwinRequest } from '../twin.ts';
import { accounts, companyOf, grantsOf, personOf, type CompanySeal } from './authority.ts';
import { no, ok } from './fascGate.ts';
import type { FascMemory } from './fascMemory.ts';
import { faultOf, filledPdf, templates, type Template } from './template.ts';

type Context = TwinContext<FascMemory>;
type Asked = Record<string, unknown>;

/** By the vendor's own ids. */
const templatesById = new Map<unknown, Template>([
  ['1690360801365154633', templates.pledge],
  ['1690360801365154634', templates.release],
]);

const md5 = (text: string): string => createHash('md5').update(text).digest('hex');
const numberOf = (text: string): string =>
  BigInt(`0x${md5(text).slice(0, 15)}`)
    .toString()
    .padStart(18, '1');
const grantStates = { live: 'effective', over: 'ineffective', toCome: 'to_be_effective' } as const;
const sealTypes = { official: 'official_seal', contract: 'contract_seal', finance: 'financial_seal' } as const;
const known = { bindingStatus: 'authorized', identStatus: 'identified', availableStatus: 'enable' };

/** Nobody is no data. */
export function corp({ corpIdentNo }: Asked): TwinAnswer {
  const company = companyOf(corpIdentNo);
  if (!company) return ok(null);
  const authScope = ['ident_info', 'seal_info', 'signtask_init', 'signtask_info', 'organization', 'template'];
  return ok({ clientCorpId: company.uscc, openCorpId: md5(company.uscc), ...known, authScope });
}

export function corpIdentity({ openCorpId }: Asked): TwinAnswer {
  const company = accounts.companies.find(({ uscc }) => md5(uscc) === openCorpId);
  if (!company) return no('213001', '企业未授权', 401);
  const { name, uscc, legalRep } = company;
  const corpIdentInfo = { corpName: name, corpIdentType: 'corp', corpIdentNo: uscc, legalRepName: legalRep.name };
  return ok({ openCorpId, corpIdentStatus: 'identified', corpIdentInfo, corpIdentMethod: 'legal_rep' });
}

export function user({ accountName }: Asked): TwinAnswer {
  const person = personOf('phone', accountName);
  return person
    ? ok({ clientUserId: null, openUserId: md5(person.idNo), ...known, authScope: ['ident_info', 'signtask_init'] })
    : ok(null);
}

export function userIdentity({ openUserId }: Asked): TwinAnswer {
  const person = personBy(openUserId);
  if (!person) return no('213001', '个人未授权', 401);
  const userIdentInfo = {
    userName: person.name,
    userIdentType: 'id_card',
    userIdentNo: person.idNo,
    mobile: person.phone,
  };
  return ok({ openUserId, identStatus: 'identified', userIdentInfo, identMethod: 'face' });
}

/** Members are those whom the company ever granted something. */
export function member({ openCorpId, openUserId }: Asked, { memory }: Context): TwinAnswer {
  const company = accounts.companies.find(({ uscc }) => md5(uscc) === openCorpId);
  const person = personBy(openUserId);
  if (!company || !person) return no('213001', '企业未授权', 401);
  if (grantsOf(company, person, memory.authorities).length === 0) return ok(null);
  return ok({ memberId: memberIdOf(company.uscc, person.idNo) });
}

export function memberSeals({ openCorpId, memberId }: Asked, { memory }: Context): TwinAnswer {
  const company = accounts.companies.find(({ uscc }) => md5(uscc) === openCorpId);
  if (!company) return no('213001', '企业未授权', 401);
  const person = accounts.people.find(({ idNo }) => memberIdOf(company.uscc, idNo) === memberId);
  const grants = person ? grantsOf(company, person, memory.authorities) : [];
  const sealInfos = grants.map(({ seal, state, fromMs, untilMs }) => ({
    sealId: sealIdOf(company.uscc, seal),
    sealName: seal.name,
    categoryType: sealTypes[seal.kind],
    sealStatus: seal.isInUse ? 'enable' : 'disable',
    certCAOrg: 'CFCA',
    certEncryptType: 'RSA',
    grantTime: String(fromMs),
    grantStartTime: String(fromMs),
    grantEndTime: untilMs === null ? null : String(untilMs),
    grantStatus: grantStates[state],
  }));
  return ok({ sealInfos });
}

export function templateDetail({ ownerId, docTemplateId }: Asked, openCorpId: string): TwinAnswer {
  if ((ownerId as { openId?: string } | undefined)?.openId !== openCorpId) return no('213005', '企业未授权模板', 401);
  const found = templatesById.get(docTemplateId);
  if (!found) return ok(null);
  const docFields = found.fields.map(({ name, charsMax, isRequired }) => ({
    fieldId: md5(name).slice(0, 10),
    fieldName: name,
    fieldType: 'text_single_line',
    required: isRequired,
    maxLength: charsMax,
  }));
  return ok({ docTemplateId, docTemplateName: found.title, docTemplateStatus: 'valid', docFields });
}

/** A fill that is repeated is another file. */
export function fill(
  asked: Asked,
  openCorpId: string,
  { memory, chance }: Context,
  { headers }: TwinRequest,
): TwinAnswer {
  const wanted = templatesById.get(asked['docTemplateId']);
  if (asked['openCorpId'] !== openCorpId || !wanted) return no('213005', '企业未授权模板', 401);
  const { fileName = '' } = asked as { fileName?: string };
  if (fileName === '' || /[/\\:*"<>？]|\p{Extended_Pictographic}/u.test(fileName))
    return no('100001', 'fileName 不合法');
  const given = (asked['docFieldValues'] ?? []) as { fieldName?: string; fieldValue?: string }[];
  const values = new Map(given.map(({ fieldName = '', fieldValue = '' }) => [fieldName, fieldValue] as const));
  const fault = faultOf(wanted, values);
  if (fault?.kind === 'stranger') return no('211089', `填写控件名称不存在: ${fault.name}`);
  if (fault) return no('100001', `填写控件内容不合法: ${fault.name}`);
  const base64 = filledPdf(wanted, values).toString('base64');
  const fileId = firstFree(
    (time) => `1${chance.digits(10, 'filled', md5(base64), fileName, time)}`,
    (id) => memory.files[id] !== undefined,
  );
  memory.files[fileId] = { base64 };
  return ok({
    fileId,
    fileDownloadUrl: `http://${headers['host']}/storage/files/${fileId}?sign=${md5(fileId).slice(0, 8)}`,
  });
}

const personBy = (openUserId: unknown) => accounts.people.find(({ idNo }) => md5(idNo) === openUserId);
const memberIdOf = (uscc: string, idNo: string): string => numberOf(`${uscc}/${idNo}`);
const sealIdOf = (uscc: string, { kind }: CompanySeal): string => numberOf(`${uscc}/${kind}`);
