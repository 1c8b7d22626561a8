/**
 * Who may sign for whom (授权核验) at 法大大: the company and who it is, the person and who they are, which member of the
 * company that is, and which seals the member was granted. No answer is signed: what the vendor verified is held against
 * the numbers that were asked for.
 */
import type { Message } from '../../../contracts/contract.ts';
import type { Authority, AuthorityAsked } from '../../../contracts/esign/esign.ts';
import * as extras from '../../../contracts/esign/fascExtras.wire.ts';
import { Failure } from '../../../contracts/failures.ts';
import { isKnownAccount, isKnownIdentity, toAuthority } from '../../../mappings/esign/fascAuthority.ts';
import type { Wire } from '../../wire.ts';
import { answered } from '../steps.ts';
import { call } from './fascCall.ts';

type Asked = Message<typeof AuthorityAsked>;
type Told = Parameters<typeof toAuthority>[0];

export async function checkAuthority(asked: Asked, wire: Wire): Promise<Message<typeof Authority>> {
  const told = { asked, atMs: wire.now().getTime(), grants: {} };
  const corp = await readCorp(wire, asked);
  if (!isKnownIdentity(corp, asked.company.name)) return toAuthority({ ...told, corp, user: null });
  const user = await readUser(wire, asked);
  if (!isKnownIdentity(user, asked.person.name)) return toAuthority({ ...told, corp, user });
  const ids = { openCorpId: corp.openCorpId, openUserId: user.openUserId };
  const path = '/corp/member/get-by-openId';
  const member = answered(extras.FascMember, await call(wire, path, extras.FascMemberAsked.check(ids)));
  const memberId = member?.memberId;
  if (memberId === undefined || memberId === null) return toAuthority({ ...told, corp, user }); // No member, no seal.
  const about = extras.FascGrantsAsked.check({ openCorpId: corp.openCorpId, memberId });
  const grants = answered(extras.FascGrants, await call(wire, '/seal/user/get-list', about));
  return toAuthority({ ...told, corp, user, grants });
}

async function readCorp(wire: Wire, { company }: Asked): Promise<Told['corp']> {
  const asked = extras.FascCorpAsked.check({ corpIdentNo: company.uscc });
  const account = answered(extras.FascAccount, await call(wire, '/corp/get', asked));
  if (!isKnownAccount(account) || !account.openCorpId) return null;
  const { openCorpId } = account;
  const about = extras.FascCorpIdentityAsked.check({ openCorpId });
  const identity = answered(extras.FascCorpIdentity, await call(wire, '/corp/get-identity-info', about));
  const { corpName, corpIdentNo } = identity.corpIdentInfo;
  if (identity.openCorpId !== openCorpId || corpIdentNo !== company.uscc) throw another('company');
  return { openCorpId, name: corpName, identStatus: identity.corpIdentStatus };
}

/** By telephone, which is their account; who has it now may be somebody else, and is then not the person that is meant. */
async function readUser(wire: Wire, { person }: Asked): Promise<Told['user']> {
  const asked = extras.FascUserAsked.check({ accountName: person.phone });
  const account = answered(extras.FascAccount, await call(wire, '/user/get', asked));
  if (!isKnownAccount(account) || !account.openUserId) return null;
  const { openUserId } = account;
  const about = extras.FascUserIdentityAsked.check({ openUserId });
  const identity = answered(extras.FascUserIdentity, await call(wire, '/user/get-identity-info', about));
  const { userName, userIdentNo } = identity.userIdentInfo;
  if (identity.openUserId !== openUserId) throw another('person');
  if (userIdentNo !== person.idNo) return null;
  return { openUserId, name: userName, identStatus: identity.identStatus };
}

const another = (what: string): Failure =>
  new Failure('ANSWER_UNVERIFIED', { detail: `a ${what} was asked about, and another was shown` });
