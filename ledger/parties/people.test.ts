import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { Work } from '../attack.fixture.ts';
import { actor, books, refusal, type Books } from '../fixture.ts';
import { move, stateOf, type Tx } from '../lifecycle.ts';
import { decidedElsewhere } from '../oversight/approvals.ts';
import { authorise, expireAuthorities, partiesSignedForBy, signerOf } from './authorities.ts';
import { disclose, giveConsent, withdrawConsent } from './consents.ts';
import { inTime } from './elsewhen.fixture.ts';
import { expireInvitations, invite, useInvitation } from './invitations.ts';
import { anySigner, inHours, invited, only } from './specimens.fixture.ts';
import {
  attachDocument,
  confirmByHand,
  recordAnswer,
  requestVerification,
  verificationOf,
  type VerificationAnswer,
} from './verifications.ts';

let the: Books;
beforeAll(async () => {
  the = await books();
});
afterAll(() => the.drop());

const people = { maker: '甲', checker: '乙', source: 'hub' };
const sha256 = 'c'.repeat(64);
const tx = <T>(work: (tx: Tx) => Promise<T>) => the.store.tx(work);
const told = (work: Work) => refusal(the.store.tx(work));

describe('who signs', () => {
  test('an agent within his power of attorney, the legal representative beyond it', async () => {
    const party = await invited(the);
    const [agent, legalRep] = [anySigner(), { ...anySigner(), name: '王五' }];
    const power = { sha256, documentTypes: ['loan'], maxAmount: '1000.00', validTo: inHours(24) };
    await tx((tx) => authorise(tx, party, agent, power, actor));
    const asked = (documentType: string, amount: string) => (tx: Tx) => signerOf(tx, party, { documentType, amount });
    expect(await tx(asked('loan', '1000.00'))).toEqual(agent);
    for (const ask of [asked('loan', '1000.01'), asked('pledge', '1.00')])
      expect(await told(ask)).toBe('AUTHORITY_MISSING');
    await tx((tx) => authorise(tx, party, legalRep, 'LEGAL_REP', actor));
    expect(await tx(asked('loan', '1000.00'))).toEqual(agent);
    expect(await tx(asked('loan', '1000.01'))).toEqual(legalRep);
    expect(await inTime(the, 25, asked('loan', '1.00'))).toEqual(legalRep);
    expect(await inTime(the, 25, (tx) => expireAuthorities(tx, actor))).toBe(1);
  });

  test('nobody before his time, and nobody who was revoked', async () => {
    const party = await invited(the);
    const agent = anySigner();
    await tx((tx) => authorise(tx, party, agent, { sha256, validFrom: inHours(1) }, actor));
    expect(await told((tx) => signerOf(tx, party))).toBe('AUTHORITY_MISSING');
    expect(await inTime(the, 2, (tx) => signerOf(tx, party))).toEqual(agent);
    expect(await tx((tx) => partiesSignedForBy(tx, agent.idNo))).toEqual([party]);
    const no = await only(the, 'select no id from sign_authority where party_id = $1', party);
    await tx((tx) => move(tx, 'sign_authority', no, 'revoke', actor));
    expect(await refusal(inTime(the, 2, (tx) => signerOf(tx, party)))).toBe('AUTHORITY_MISSING');
    expect(await tx((tx) => partiesSignedForBy(tx, agent.idNo))).toEqual([]);
  });
});

describe('data leave', () => {
  const to = { recipient: '某银行', purpose: 'financing' };

  test('under a consent for that recipient, purpose and kind, until it is withdrawn or over', async () => {
    const party = await invited(the);
    const deliver =
      (change: Partial<Parameters<typeof disclose>[1]> = {}): Work =>
      (tx) =>
        disclose(tx, { party, ...to, dataKinds: ['TRADE'], documentSha256: sha256, ...change }, actor);
    expect(await told(deliver())).toBe('CONSENT_MISSING');
    const given = { ...to, dataKinds: ['TRADE', 'COMPANY'] as const, validTo: inHours(24) };
    const consent = await tx((tx) => giveConsent(tx, party, given, actor));
    expect(await tx((tx) => giveConsent(tx, party, given, actor))).toBe(consent);
    expect(await told(deliver())).toBe('nothing refused it');
    expect(await told(deliver({ recipient: '别家银行' }))).toBe('CONSENT_MISSING');
    expect(await told(deliver({ purpose: 'marketing' }))).toBe('CONSENT_MISSING');
    expect(await told(deliver({ dataKinds: ['TRADE', 'PERSON'] }))).toBe('CONSENT_MISSING');
    expect(await refusal(inTime(the, 25, deliver()))).toBe('CONSENT_MISSING');
    await tx((tx) => withdrawConsent(tx, consent, actor));
    expect(await told(deliver())).toBe('CONSENT_MISSING');
    const legalBasis = { kind: 'LEGAL_DUTY', note: '反洗钱法 29' } as const;
    expect(await told(deliver({ legalBasis }))).toBe('nothing refused it');
    expect(await tx((tx) => giveConsent(tx, party, given, actor))).not.toBe(consent);
  });
});

describe('an invitation', () => {
  test('works once, in its time, for its case, and a new one makes it void', async () => {
    const { caseId } = await the.at('ordered');
    const party = await invited(the);
    const request = { caseId, party, expiresAt: inHours(24) };
    const use =
      (code: string, ofCase = caseId): Work =>
      (tx) =>
        useInvitation(tx, ofCase, code, '91350100M000100Y43', actor);
    const first = await tx((tx) => invite(tx, request, actor));
    const second = await tx((tx) => invite(tx, request, actor));
    expect(Buffer.from(second, 'base64url')).toHaveLength(16);
    expect(await told(use(first))).toBe('NOT_ALLOWED');
    expect(await told(use(second, 'CASE-other'))).toBe('NOT_ALLOWED');
    expect(await refusal(inTime(the, 25, use(second)))).toBe('NOT_ALLOWED');
    expect(await inTime(the, 25, (tx) => expireInvitations(tx, actor))).toBeGreaterThanOrEqual(1);
    const both = await Promise.all([told(use(second)), told(use(second))]);
    expect(both.filter((answer) => answer === 'nothing refused it')).toHaveLength(1);
  });

  test('for one company is worth nothing to another', async () => {
    const { caseId } = await the.at('ordered');
    const party = await invited(the);
    const request = { caseId, party, expiresAt: inHours(24), uscc: '91110108722619411A' };
    const code = await tx((tx) => invite(tx, request, actor));
    expect(await told((tx) => useInvitation(tx, caseId, code, '91350100M000100Y43', actor))).toBe('NOT_ALLOWED');
    expect(await told((tx) => useInvitation(tx, caseId, code, request.uscc, actor))).toBe('nothing refused it');
  });
});

describe('a verification', () => {
  const ask = (kind: VerificationAnswer['kind'] = 'ENT4') => ({ kind, requestNo: randomUUID() });
  const answer =
    (party: string, result: VerificationAnswer['result'], kind: VerificationAnswer['kind'] = 'ENT4'): Work =>
    (tx) =>
      recordAnswer(tx, party, { ...ask(kind), result }, actor);

  test('three that do not match lock the subject for a day, in that kind only', async () => {
    const party = await invited(the);
    for (let i = 0; i < 3; i += 1) await tx(answer(party, 'mismatch'));
    expect(await told(answer(party, 'match'))).toBe('IDV_MISMATCH');
    expect(await told(answer(party, 'match', 'BANK4'))).toBe('nothing refused it');
    expect(await refusal(inTime(the, 25, answer(party, 'match')))).toBe('nothing refused it');
  });

  test('of many asked at once no more than three are open', async () => {
    const party = await invited(the);
    const at = Array.from({ length: 8 }, () => told((tx) => requestVerification(tx, party, ask(), actor)));
    const answers = await Promise.all(at);
    expect(answers.filter((one) => one === 'nothing refused it')).toHaveLength(3);
  });

  test('an error of the channel is no answer: it may still match, or two people decide on a document', async () => {
    const party = await invited(the);
    const { requestNo } = ask();
    const lost = { kind: 'ENT4', requestNo, result: 'channelError' } as const;
    await tx((tx) => recordAnswer(tx, party, lost, actor));
    expect(await tx((tx) => stateOf(tx, 'verification', requestNo))).toBe('UNKNOWN');
    await tx((tx) => attachDocument(tx, requestNo, sha256));
    const subject = { entity: 'verification', id: requestNo, event: 'confirm' } as const;
    const stale = await tx((tx) => decidedElsewhere(tx, subject, people, actor));
    await tx((tx) => attachDocument(tx, requestNo, 'd'.repeat(64)));
    expect(await told((tx) => confirmByHand(tx, requestNo, stale, actor))).toBe('APPROVAL_STALE');
    const approval = await tx((tx) => decidedElsewhere(tx, subject, people, actor));
    await tx((tx) => confirmByHand(tx, requestNo, approval, actor));
    expect(await tx((tx) => stateOf(tx, 'verification', requestNo))).toBe('MATCH');
  });

  test('is worth something for a year, a face for a quarter of an hour', async () => {
    const proven = (hours: number) =>
      inTime(
        the,
        hours,
        async (tx) => (await tx.query<{ ok: boolean }>('select party_proven($1) ok', [the.dealer])).rows[0]?.ok,
      );
    expect([await proven(364 * 24), await proven(366 * 24)]).toEqual([true, false]);
    expect(await refusal(inTime(the, 366 * 24, (tx) => verificationOf(tx, the.dealer)))).toBe('PARTY_NOT_VERIFIED');
    const party = await invited(the);
    await tx(answer(party, 'match', 'FACE'));
    const live = (hours: number) =>
      inTime(
        the,
        hours,
        async (tx) =>
          (await tx.query('select from verification where party_id = $1 and expires_at > hub_now()', [party])).rowCount,
      );
    expect([await live(0.24), await live(0.26)]).toEqual([1, 0]);
  });

  test('keeps no picture: there is no room for one', async () => {
    const party = await invited(the);
    const { requestNo } = ask('FACE');
    const perFactor = { face: Buffer.alloc(3000, 1).toString('base64') };
    const told = refusal(
      tx((tx) => recordAnswer(tx, party, { kind: 'FACE', requestNo, result: 'match', perFactor }, actor)),
    );
    expect(await told).toBe('verification_per_factor_check');
  });
});
