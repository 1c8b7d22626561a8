/**
 * Who may sign for whom (授权核验) at e签宝: who the company is, who the person is, which seals they were granted, and which
 * seals the company has. No answer is signed, so each is held against what was asked: numbers, accounts, seals.
 */
import type { TSchema } from 'typebox';
import type { Contract, Message } from '../../../contracts/contract.ts';
import type { Authority, AuthorityAsked } from '../../../contracts/esign/esign.ts';
import * as extras from '../../../contracts/esign/tsignExtras.wire.ts';
import { Failure, isFailure } from '../../../contracts/failures.ts';
import { isAccountMissing } from '../../../mappings/esign/tsign.ts';
import { isKnownOrg, isKnownPerson, isLegalRep, isLive, toAuthority } from '../../../mappings/esign/tsignAuthority.ts';
import type { Wire } from '../../wire.ts';
import { answered, setting } from '../steps.ts';
import { call } from './tsignCall.ts';

type Org = Message<typeof extras.TsignOrgIdentity>;
type Person = Message<typeof extras.TsignPersonIdentity>;
type Grants = Message<typeof extras.TsignGrants>;
type Seals = Message<typeof extras.TsignSeals>;

const pageSize = 20;
const pagesMax = 5;

export async function checkAuthority(
  asked: Message<typeof AuthorityAsked>,
  wire: Wire,
): Promise<Message<typeof Authority>> {
  const told = { asked, appId: setting(wire, 'appId'), atMs: wire.now().getTime() };
  const nobody = { org: null, person: null, grants: [], seals: [] };
  const org = await readOrg(wire, asked.company.uscc);
  if (!isKnownOrg(asked, org)) return toAuthority({ ...told, ...nobody, org });
  const person = await readPerson(wire, asked.person.idNo);
  if (!isKnownPerson(asked, person)) return toAuthority({ ...told, ...nobody, org, person });
  const grants = await readGrants(wire, org.orgId, person.psnId);
  const live = grants
    .flatMap(({ sealAuthorizedInfos }) => sealAuthorizedInfos ?? [])
    .filter((grant) => isLive(grant, told.appId, told.atMs));
  if (live.length === 0 && !isLegalRep(asked, org)) return toAuthority({ ...told, org, person, grants, seals: [] });
  const seals = await readSeals(
    wire,
    org.orgId,
    live.map(({ sealId }) => sealId),
  );
  return toAuthority({ ...told, org, person, grants, seals });
}

async function readOrg(wire: Wire, uscc: string): Promise<Org | null> {
  const path = `/v3/organizations/identity-info?orgIDCardNum=${uscc}&orgIDCardType=CRED_ORG_USCC`;
  const org = await known(extras.TsignOrgIdentity, () => call(wire, 'GET', path));
  const shown = org?.orgInfo?.orgIDCardNum;
  if (typeof shown === 'string' && shown !== uscc) throw another('a company');
  return org;
}

async function readPerson(wire: Wire, idNo: string): Promise<Person | null> {
  const path = (no: string) => `/v3/persons/identity-info?psnIDCardNum=${no}&psnIDCardType=CRED_PSN_CH_IDCARD`;
  const ask = () => call(wire, 'GET', path(idNo), undefined, path('-'));
  const person = await known(extras.TsignPersonIdentity, ask);
  const shown = person?.psnInfo?.psnIDCardNum;
  if (typeof shown === 'string' && shown !== idNo) throw another('a person');
  return person;
}

/** A grant to `ALL` is one to this person too. */
async function readGrants(wire: Wire, orgId: string, psnId: string): Promise<Grants[]> {
  const pages = await readPages<Grants>((page) => {
    const query = `orgId=${orgId}&authorizedPsnId=${psnId}&pageNum=${page}&pageSize=${pageSize}`;
    return read(extras.TsignGrants, wire, `/v3/seals/org-seals/internal-auth?${query}`);
  });
  const all = pages.flatMap(({ sealAuthorizedInfos }) => sealAuthorizedInfos ?? []);
  if (all.some(({ authorizedPsnId }) => authorizedPsnId !== psnId && authorizedPsnId !== 'ALL'))
    throw another('the grants of a person');
  return pages;
}

/** Revoked ones too: a grant of a seal that the company never had is about another company. */
async function readSeals(wire: Wire, orgId: string, granted: readonly string[]): Promise<Seals[]> {
  const pages = await readPages<Seals>((page) => {
    const query = `orgId=${orgId}&pageNum=${page}&pageSize=${pageSize}&revocationSeal=true`;
    return read(extras.TsignSeals, wire, `/v3/seals/org-own-seal-list?${query}`);
  });
  const all = pages.flatMap(({ seals }) => seals ?? []);
  if (granted.some((sealId) => !all.some((seal) => seal.sealId === sealId))) throw another('the seals of a company');
  return pages;
}

async function readPages<P extends { total: number }>(read: (page: number) => Promise<P>): Promise<P[]> {
  const pages: P[] = [];
  for (let page = 1; page <= pagesMax; page += 1) {
    const told = await read(page);
    pages.push(told);
    if (page * pageSize >= told.total) return pages;
  }
  throw new Failure('OUTCOME_UNKNOWN', { detail: `more than ${pagesMax * pageSize} entries: not all were read` });
}

async function read<S extends TSchema>(contract: Contract<S>, wire: Wire, path: string): Promise<Message<Contract<S>>> {
  return answered(contract, await call(wire, 'GET', path));
}

async function known<S extends TSchema>(
  contract: Contract<S>,
  ask: () => Promise<unknown>,
): Promise<Message<Contract<S>> | null> {
  try {
    return answered(contract, await ask());
  } catch (thrown) {
    if (isFailure(thrown) && isAccountMissing(thrown.externalCode)) return null;
    throw thrown;
  }
}

const another = (what: string): Failure =>
  new Failure('ANSWER_UNVERIFIED', { detail: `${what} was asked about, and another was shown` });
