/** What the books keep of a company on its way in: codes, correctors, screening, funders' answers. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { actor, books, refusal, type Books } from '../fixture.ts';
import { move, stateOf, type Tx } from '../lifecycle.ts';
import { decidedElsewhere } from '../oversight/approvals.ts';
import { activateEntry, entriesNaming, liftEntry, proposeEntry } from '../oversight/blacklist.ts';
import { keepArchive, refusedBy } from './archives.ts';
import { authorise, revokeOthers, signerOf } from './authorities.ts';
import { invite, invitedTo, mayStillAccept, revokeInvitations } from './invitations.ts';
import { partyByUscc, registerDealer } from './parties.ts';
import { rolesOf } from './roles.ts';
import { anyDigits, anySigner, anyUscc, inHours, invited } from './specimens.fixture.ts';
import { recordAnswer, requestByHand, requestVerification, subjectOf, verificationOf } from './verifications.ts';

let the: Books;
beforeAll(async () => {
  the = await books();
});
afterAll(() => the.drop());

const people = { maker: '甲', checker: '乙', source: 'people' };
const tx = <T>(work: (t: Tx) => Promise<T>): Promise<T> => the.store.tx(work);

/** Registered, and known by its legal representative's face. */
async function proven(): Promise<{ party: string; uscc: string; signer: ReturnType<typeof anySigner> }> {
  const [id, uscc, signer] = [await invited(the), anyUscc(), anySigner()];
  const name = `客户${anyDigits(6)}有限公司`;
  const account = { accountName: name, accountNo: anyDigits(20), bankName: '虚构银行', bankCode: '102100099996' };
  await tx(async (t) => {
    await registerDealer(t, id, { uscc, name, account, consents: [], roles: ['DEALER', 'SUPPLIER'] }, actor);
    await authorise(t, id, signer, 'LEGAL_REP', actor);
    await recordAnswer(t, id, { requestNo: randomUUID(), kind: 'ENT4', result: 'match', serialNo: 'S1' }, actor);
    const face = { requestNo: randomUUID(), kind: 'FACE', result: 'match', serialNo: 'S2' } as const;
    await requestVerification(t, id, { ...face, subject: await subjectOf(t, signer.idNo), legalRep: true }, actor);
    await recordAnswer(t, id, face, actor);
    await move(t, 'party', id, 'prove', actor);
  });
  return { party: id, uscc, signer };
}

test('a company is found by its code, and what it was shown by its face lasts for its applications', async () => {
  const { party, uscc } = await proven();
  expect(await tx((t) => partyByUscc(t, uscc))).toMatchObject({ id: party, state: 'VERIFIED' });
  expect(await tx((t) => partyByUscc(t, anyUscc()))).toBeUndefined();
  expect(await tx((t) => verificationOf(t, party))).toEqual({ enterprise: 'S1', agent: 'S2' });
});

test('a hit freezes a company that was never active; off the list two people send it on to the review', async () => {
  const { party, signer } = await proven();
  const subject = { idNo: signer.idNo };
  const entry = { subject, scope: 'LOCAL', reasonCode: 'OVERDUE', source: 'OVERDUE' } as const;
  const id = await tx((t) => proposeEntry(t, entry, actor));
  const listed = { entity: 'blacklist', id, event: 'activate' } as const;
  await tx(async (t) => activateEntry(t, id, await decidedElsewhere(t, listed, people, actor), actor));
  expect((await tx((t) => entriesNaming(t, party))).map((hit) => hit.id)).toEqual([id]);
  await tx((t) => move(t, 'party', party, 'freeze', actor, {}, { word: 'SYS', reason: 'hit' }));
  const clear = async (t: Tx) => {
    const approval = await decidedElsewhere(t, { entity: 'party', id: party, event: 'clear' }, people, actor);
    await move(t, 'party', party, 'clear', actor, {}, { approval });
  };
  expect(await refusal(tx(clear))).toBe('NOT_ALLOWED');
  const lifted = { entity: 'blacklist', id, event: 'lift' } as const;
  await tx(async (t) => liftEntry(t, id, await decidedElsewhere(t, lifted, people, actor), actor));
  expect(await refusal(tx((t) => move(t, 'party', party, 'clear', actor)))).toBe('SAME_PERSON_APPROVAL');
  await tx(clear);
  expect(await tx((t) => stateOf(t, 'party', party))).toBe('VERIFIED');
});

test('the latest word of a funder counts, for that funder alone', async () => {
  const { party } = await proven();
  await tx((t) => keepArchive(t, party, the.funder, { refusal: '行业限制' }));
  expect(await tx((t) => refusedBy(t, party))).toEqual([the.funder]);
  await tx((t) => keepArchive(t, party, the.funder, { customerNo: 'KH1' }));
  expect(await tx((t) => refusedBy(t, party))).toEqual([]);
});

test('an invitation may be accepted until its end, another one voids it, and the end of the case ends it', async () => {
  const { caseId } = await the.at('ordered', 37);
  const party = await invited(the);
  const request = { caseId, party, expiresAt: inHours(24), inviter: the.unit };
  await tx((t) => invite(t, request, actor));
  expect(await tx((t) => mayStillAccept(t, caseId, actor))).toBe(true);
  expect(await refusal(tx((t) => invitedTo(t, caseId)))).toBe('NOT_ALLOWED');
  await tx((t) => revokeInvitations(t, caseId, actor));
  expect(await tx((t) => mayStillAccept(t, caseId, actor))).toBe(false);
});

test('whoever is not in the corrected profile does not sign', async () => {
  const { party, signer } = await proven();
  const other = anySigner();
  await tx((t) => authorise(t, party, other, { sha256: 'e'.repeat(64) }, actor));
  expect((await tx((t) => signerOf(t, party))).idNo).toBe(other.idNo);
  await tx((t) => revokeOthers(t, party, [signer.idNo], actor));
  expect((await tx((t) => signerOf(t, party))).idNo).toBe(signer.idNo);
});

test('roles that were asked for are none before they are granted', async () => {
  const { party } = await proven();
  expect(await tx((t) => rolesOf(t, party))).toEqual([]);
  const byHand = { requestNo: randomUUID(), kind: 'BANK4', vendor: 'people' } as const;
  await tx((t) => requestByHand(t, party, byHand, actor));
  expect(await tx((t) => stateOf(t, 'verification', byHand.requestNo))).toBe('CREATED');
});
