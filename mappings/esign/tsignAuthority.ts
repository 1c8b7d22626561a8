/** Who may sign for whom (授权核验), as e签宝 v3 tells it in four answers. */
import { Type } from 'typebox';
import { contract, strict, type Message } from '../../contracts/contract.ts';
import { Authority, AuthorityAsked } from '../../contracts/esign/esign.ts';
import {
  TsignGrants,
  TsignOrgIdentity,
  TsignPersonIdentity,
  TsignSeals,
} from '../../contracts/esign/tsignExtras.wire.ts';
import { mapping } from '../../contracts/mapping.ts';
import { codeTable } from '../codes/codeTable.ts';
import { authorityOf, laterEnd, unknown, type SealType } from './authority.ts';

const source = 'e签宝 OpenAPI v3, open.esign.cn: 查询机构认证信息, 查询企业内部印章, 查询对内部成员印章授权详情';

/** `realnameStatus`, of a company and of a person. */
export const tsignVerified = codeTable('esign.tsign.realname-status', source, { 0: 'unknown', 1: 'known' });

/** `authorizeStatus` of a grant: over, in force, not yet. */
export const tsignGrants = codeTable('esign.tsign.grant-status', source, { 0: 'over', 1: 'live', 3: 'toCome' });

/** `sealStatus`: in use, awaiting review, refused in review, stopped, revoked. */
export const tsignSealStates = codeTable('esign.tsign.seal-status', source, {
  1: 'inUse',
  2: 'outOfUse',
  3: 'outOfUse',
  4: 'outOfUse',
  6: 'outOfUse',
});

/** `sealBizType` */
export const tsignSealTypes = codeTable('esign.tsign.seal-type', source, {
  PUBLIC: 'official',
  CONTRACT: 'contract',
  FINANCE: 'finance',
  PERSONNEL: 'personnel',
  LEGAL_PERSON: 'legalRepresentative',
  COMMON: 'other',
} satisfies Record<string, SealType>);

type Asked = Message<typeof AuthorityAsked>;
type Org = Message<typeof TsignOrgIdentity>;
type Person = Message<typeof TsignPersonIdentity>;
export type TsignGrant = NonNullable<Message<typeof TsignGrants>['sealAuthorizedInfos']>[number];

/** Verified, and under the name that was asked for: who is somebody else under this number is nobody we know. */
export const isKnownOrg = ({ company }: Asked, org: Org | null): org is Org & { orgId: string } =>
  org !== null &&
  tsignVerified.of(org.realnameStatus) === 'known' &&
  org.orgName === company.name &&
  typeof org.orgId === 'string';

/** The name is compared where the person lets us see it; the number is what was asked with. */
export const isKnownPerson = ({ person }: Asked, told: Person | null): told is Person & { psnId: string } =>
  told !== null &&
  tsignVerified.of(told.realnameStatus) === 'known' &&
  (told.psnInfo?.psnName ?? person.name) === person.name &&
  typeof told.psnId === 'string';

export const isLegalRep = ({ person }: Asked, org: Org): boolean => org.orgInfo?.legalRepIDCardNum === person.idNo;

/** Some grants are for templates (模板) or for other applications; documents of our own are signed under neither. */
function coversUs({ sealAuthScope }: TsignGrant, appId: string): boolean {
  const { templateId, applicationsIds } = sealAuthScope?.template ?? {};
  if (applicationsIds) return applicationsIds === 'ALL' || applicationsIds.split(',').includes(appId);
  return !templateId || templateId === 'ALL';
}

export const isLive = (grant: TsignGrant, appId: string, atMs: number): boolean => {
  const isInForce = tsignGrants.of(grant.authorizeStatus, '#/authorizeStatus') === 'live';
  const ends = endOf(grant);
  return isInForce && (ends === null || ends > atMs) && coversUs(grant, appId);
};

const endOf = ({ longTermEffective, expireTime }: TsignGrant): number | null =>
  longTermEffective === true ? null : (expireTime ?? null);

const Told = contract(
  'esign/tsign/told-authority',
  strict({
    asked: AuthorityAsked.schema,
    appId: Type.String(),
    atMs: Type.Integer(),
    /** Null: the vendor knows none of this number. */
    org: Type.Union([TsignOrgIdentity.schema, Type.Null()]),
    person: Type.Union([TsignPersonIdentity.schema, Type.Null()]),
    grants: Type.Array(TsignGrants.schema, { maxItems: 5 }),
    seals: Type.Array(TsignSeals.schema, { maxItems: 5 }),
  }),
);

/** A legal representative (法定代表人) manages all seals at this vendor and is granted none. */
export const toAuthority = mapping(
  'esign.tsign.authority',
  Told,
  Authority,
  ({ asked, appId, atMs, org, person, grants, seals }) => {
    if (!isKnownOrg(asked, org)) return unknown('companyUnknown', {});
    if (!isKnownPerson(asked, person)) return unknown('personUnknown', { company: org.orgId });
    const all = grants.flatMap(({ sealAuthorizedInfos }) => sealAuthorizedInfos ?? []);
    const live = all.filter((grant) => isLive(grant, appId, atMs));
    const usable = seals
      .flatMap((page) => page.seals ?? [])
      .flatMap(({ sealId, sealName, sealBizType, sealStatus }) => {
        const sealType = tsignSealTypes.of(sealBizType, '#/sealBizType');
        if (tsignSealStates.of(sealStatus, '#/sealStatus') !== 'inUse') return [];
        if (isLegalRep(asked, org)) return [{ sealId, sealName, sealType, endsMs: null }];
        const ends = live.filter((grant) => grant.sealId === sealId).map(endOf);
        return ends.length === 0 ? [] : [{ sealId, sealName, sealType, endsMs: ends.reduce(laterEnd) }];
      });
    return authorityOf(usable, { company: org.orgId, person: person.psnId });
  },
  {
    drops: {
      '/asked/company/uscc': 'the vendor was asked with it',
      '/asked/person/phone': 'a person is who has the number; where they are written to is no matter of authority',
      '/grants/[]/total': 'the dialect turned the pages by it',
      '/seals/[]/total': 'the dialect turned the pages by it',
      '/org/orgInfo/orgIDCardNum': 'the dialect held it against what was asked',
      '/person/psnInfo/psnIDCardNum': 'the dialect held it against what was asked',
      '/grants/[]/sealAuthorizedInfos/[]/authorizedPsnId': 'the dialect held it against the person',
    },
  },
);
