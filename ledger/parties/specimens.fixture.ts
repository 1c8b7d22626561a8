/** For tests: one specimen of each entity of this area, and companies and people that nobody has heard of. */
import { randomInt, randomUUID } from 'node:crypto';
import { personIdCheckDigit } from '../../contracts/canonical/personId.ts';
import { usccCheckDigit } from '../../contracts/canonical/uscc.ts';
import { actor, type Books } from '../fixture.ts';
import { authorise, type Signer } from './authorities.ts';
import { giveConsent } from './consents.ts';
import { invite } from './invitations.ts';
import type { partiesKeys } from './lifecycles.ts';
import { partyByRef, registerDealer } from './parties.ts';
import { roleId } from './roles.ts';
import { requestVerification } from './verifications.ts';

export const partiesSpecimens: Readonly<Record<keyof typeof partiesKeys, (the: Books) => Promise<string>>> = {
  party: invited,
  party_role: async (the) => {
    const party = await invited(the);
    return the.store.tx((tx) => roleId(tx, party, 'DEALER'));
  },
  bank_account: async (the) => {
    const party = await invited(the);
    const accountNo = anyDigits(20);
    const account = { accountName: '客户丙有限公司', accountNo, bankName: '虚构银行', bankCode: '102100099996' };
    await the.store.tx((tx) =>
      registerDealer(tx, party, { uscc: anyUscc(), name: '客户丙有限公司', account, consents: [] }, actor),
    );
    return accountNo;
  },
  sign_authority: async (the) => {
    const party = await invited(the);
    await the.store.tx((tx) => authorise(tx, party, anySigner(), { sha256: 'c'.repeat(64) }, actor));
    return only(the, 'select no id from sign_authority where party_id = $1', party);
  },
  consent: async (the) => {
    const party = await invited(the);
    return the.store.tx((tx) => giveConsent(tx, party, { recipient: '某银行', purpose: 'financing' }, actor));
  },
  invitation: async (the) => {
    const party = await invited(the);
    const code = await the.store.tx((tx) => invite(tx, { party, expiresAt: inHours(24) }, actor));
    return only(the, 'select id from invitation where code = $1', code);
  },
  verification: async (the) => {
    const party = await invited(the);
    const requestNo = `V-${randomUUID()}`;
    await the.store.tx((tx) => requestVerification(tx, party, { requestNo, kind: 'ENT4' }, actor));
    return requestNo;
  },
};

/** A party that nobody knew. */
export async function invited(the: Books): Promise<string> {
  return (await the.store.tx((tx) => partyByRef(tx, 'erp', randomUUID(), '客户乙有限公司', actor))).id;
}

export async function only(the: Books, text: string, value: string): Promise<string> {
  const found = await the.store.pool.query<{ id: string }>(text, [value]);
  return found.rows[0]?.id ?? '';
}

export const inHours = (hours: number) => new Date(Date.now() + hours * 3_600_000);

export const anyDigits = (length: number) => Array.from({ length }, () => randomInt(10)).join('');

/** A company that nobody has heard of. */
export function anyUscc(): string {
  const first17 = `91350100${anyDigits(9)}`;
  return first17 + usccCheckDigit(first17);
}

export function anySigner(): Signer {
  const first17 = `35020319900101${anyDigits(3)}`;
  return { name: '李四', idNo: first17 + personIdCheckDigit(first17), phone: `138${anyDigits(8)}` };
}
