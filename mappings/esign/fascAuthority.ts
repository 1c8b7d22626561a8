/** Who may sign for whom (授权核验), as 法大大 FASC 5.1 tells it in six answers. */
import { Type } from 'typebox';
import { contract, strict, type Message } from '../../contracts/contract.ts';
import { Authority, AuthorityAsked } from '../../contracts/esign/esign.ts';
import { type FascAccount, FascGrants } from '../../contracts/esign/fascExtras.wire.ts';
import { mapping } from '../../contracts/mapping.ts';
import { codeTable } from '../codes/codeTable.ts';
import { authorityOf, unknown, type SealType } from './authority.ts';

const source = '法大大 FASC OpenAPI 5.1, dev.fadada.com: 企业用户, 个人用户, 印章管理';

/** `bindingStatus`: whether the company or the person lets the application ask. */
export const fascBindings = codeTable('esign.fasc.binding-status', source, {
  unauthorized: 'unknown',
  authorized: 'known',
});

/** `availableStatus`: the application may have put the account aside. */
export const fascAvailability = codeTable('esign.fasc.available-status', source, {
  disable: 'unknown',
  enable: 'known',
});

/** `identStatus` of an account and of an identity. */
export const fascIdentities = codeTable('esign.fasc.ident-status', source, {
  unidentified: 'unknown',
  identified: 'known',
  ident_invalid: 'unknown',
});

/** `grantStatus` of a seal for a member. */
export const fascGrantStates = codeTable('esign.fasc.grant-status', source, {
  to_be_effective: 'toCome',
  effective: 'live',
  ineffective: 'over',
});

/** `sealStatus` */
export const fascSealStates = codeTable('esign.fasc.seal-status', source, {
  enable: 'inUse',
  disable: 'outOfUse',
  cancelled: 'outOfUse',
});

/** `categoryType` */
export const fascSealTypes = codeTable('esign.fasc.seal-type', source, {
  official_seal: 'official',
  contract_seal: 'contract',
  hr_seal: 'personnel',
  financial_seal: 'finance',
  legal_representative_seal: 'legalRepresentative',
  other: 'other',
} satisfies Record<string, SealType>);

type Account = Message<typeof FascAccount>;

/** All three are read: a state that has no row must show, whatever the others say. */
export function isKnownAccount(account: Account): account is NonNullable<Account> {
  if (account === null) return false;
  const states = [
    fascBindings.of(account.bindingStatus, '#/bindingStatus'),
    fascAvailability.of(account.availableStatus, '#/availableStatus'),
    fascIdentities.of(account.identStatus ?? 'unidentified', '#/identStatus'),
  ];
  return states.every((state) => state === 'known');
}

const Identity = strict({ name: Type.String(), identStatus: Type.String() });

const Told = contract(
  'esign/fasc/told-authority',
  strict({
    asked: AuthorityAsked.schema,
    atMs: Type.Integer(),
    /** As the vendor verified them; null for who is unknown or lets us see nothing. */
    corp: Type.Union([strict({ openCorpId: Type.String(), ...Identity.properties }), Type.Null()]),
    user: Type.Union([strict({ openUserId: Type.String(), ...Identity.properties }), Type.Null()]),
    grants: FascGrants.schema,
  }),
);

export const toAuthority = mapping(
  'esign.fasc.authority',
  Told,
  Authority,
  ({ asked, atMs, corp, user, grants }) => {
    if (!isKnownIdentity(corp, asked.company.name)) return unknown('companyUnknown', {});
    if (!isKnownIdentity(user, asked.person.name)) return unknown('personUnknown', { company: corp.openCorpId });
    const usable = (grants.sealInfos ?? []).flatMap((seal) => {
      const sealType = fascSealTypes.of(seal.categoryType, '#/categoryType');
      const isInUse = fascSealStates.of(seal.sealStatus, '#/sealStatus') === 'inUse';
      const isLive = fascGrantStates.of(seal.grantStatus, '#/grantStatus') === 'live';
      const endsMs = seal.grantEndTime ? Number(seal.grantEndTime) : null;
      if (!isInUse || !isLive || (endsMs !== null && endsMs <= atMs)) return [];
      return [{ sealId: String(seal.sealId), sealName: seal.sealName, sealType, endsMs }];
    });
    return authorityOf(usable, { company: corp.openCorpId, person: user.openUserId });
  },
  {
    drops: {
      '/asked/company/uscc': 'the vendor was asked with it',
      '/asked/person/phone': 'the vendor was asked with it',
      '/asked/person/idNo': 'the dialect held it against the identity that the vendor verified',
    },
  },
);

/** Who is somebody else under this number is nobody we know. */
export function isKnownIdentity<I extends { name: string; identStatus: string }>(
  told: I | null,
  name: string,
): told is I {
  return told !== null && fascIdentities.of(told.identStatus, '#/identStatus') === 'known' && told.name === name;
}
