/** For tests: attacks on who may sign, on verifications and on invitations. */
import { randomUUID } from 'node:crypto';
import { sql, type Attack, type Work } from '../attack.fixture.ts';
import { actor, type Books } from '../fixture.ts';
import { begin, move } from '../lifecycle.ts';
import { decidedElsewhere } from '../oversight/approvals.ts';
import { inHours, invited, only, partiesSpecimens } from './specimens.fixture.ts';
import { invite } from './invitations.ts';
import { recordAnswer, requestVerification, type VerificationKind } from './verifications.ts';

const trigger = (table: string, name: string) => `drop trigger ${name} on ${table}`;
const check = (table: string, name: string) => `alter table ${table} drop constraint ${name}`;
const people = { maker: '甲', checker: '乙', source: 'hub' };

/** Another authority like that one, but for these columns (SQL). */
const likeAuthority =
  (no: string, columns: Readonly<Record<string, string>>): Work =>
  async (tx) => {
    const all = ['party_id', 'name', 'id_no', 'phone', 'id_no_hash', 'phone_hash', 'basis', 'poa_sha256', 'valid_to'];
    const made = await tx.query<{ no: string }>(
      `insert into sign_authority (${all.join(', ')}) select ${all.map((c) => columns[c] ?? c).join(', ')} from sign_authority where no = $1 returning no`,
      [no],
    );
    await begin(tx, 'sign_authority', made.rows[0]?.no ?? '', 'authorise', actor);
  };

const authority = (name: string, code: string, drop: string, columns: Readonly<Record<string, string>>): Attack => ({
  name,
  code,
  drop,
  prepare: async (the) => likeAuthority(await partiesSpecimens.sign_authority(the), columns),
});

const another = { id_no_hash: `'\\x00'::bytea` };

/** An answer to a request of that kind, with these columns. */
const answered = (name: string, kind: VerificationKind, columns: Readonly<Record<string, Date>>): Attack => ({
  name,
  code: 'PARTY_NOT_VERIFIED',
  drop: check('verification', name),
  prepare: async (the) => {
    const requestNo = await requested(the, kind);
    return (tx) => move(tx, 'verification', requestNo, 'match', actor, columns);
  },
});

async function requested(the: Books, kind: VerificationKind): Promise<string> {
  const party = await invited(the);
  const requestNo = `V-${randomUUID()}`;
  await the.store.tx((tx) => requestVerification(tx, party, { requestNo, kind }, actor));
  return requestNo;
}

const signing: readonly Attack[] = [
  authority('poa_has_document', 'AUTHORITY_MISSING', check('sign_authority', 'poa_has_document'), {
    ...another,
    poa_sha256: 'null',
  }),
  authority('authority_ends_later', 'AUTHORITY_MISSING', check('sign_authority', 'authority_ends_later'), {
    ...another,
    valid_to: `hub_now() - interval '1 day'`,
  }),
  authority('sign_authority_person', 'sign_authority_person', 'drop index sign_authority_person', {}),
  {
    name: 'authority_unchanged',
    code: 'AUTHORITY_MISSING',
    drop: trigger('sign_authority', 'authority_unchanged'),
    prepare: async (the) =>
      sql(
        `update sign_authority set document_types = '{loan}' where no = '${await partiesSpecimens.sign_authority(the)}'`,
      ),
  },
];

const verifications: readonly Attack[] = [
  {
    name: 'verification_locks',
    code: 'IDV_MISMATCH',
    drop: trigger('verification', 'verification_locks'),
    prepare: async (the) => {
      const party = await invited(the);
      const request = () => ({ requestNo: `V-${randomUUID()}`, kind: 'ENT4' as const });
      for (const result of ['mismatch', 'channelError', 'mismatch'] as const)
        await the.store.tx((tx) => recordAnswer(tx, party, { ...request(), result }, actor));
      return (tx) => requestVerification(tx, party, request(), actor);
    },
  },
  answered('match_expires', 'ENT4', {}),
  answered('match_for_a_year', 'ENT4', { answered_at: inHours(0), expires_at: inHours(365 * 24 + 1) }),
  answered('face_for_an_act', 'FACE', { answered_at: inHours(0), expires_at: inHours(0.26) }),
  {
    name: 'by_hand_has_document',
    code: 'PARTY_NOT_VERIFIED',
    drop: trigger('history', 'by_hand_has_document'),
    prepare: async (the) => {
      const id = await requested(the, 'ENT4');
      await the.store.tx((tx) => move(tx, 'verification', id, 'notFound', actor));
      const subject = { entity: 'verification', id, event: 'confirm' } as const;
      const approval = await the.store.tx((tx) => decidedElsewhere(tx, subject, people, actor));
      const columns = { answered_at: inHours(0), expires_at: inHours(1) };
      return (tx) => move(tx, 'verification', id, 'confirm', actor, columns, { approval });
    },
  },
];

const invitations: readonly Attack[] = [
  {
    name: 'invitation_live_once',
    code: 'IDEMPOTENCY_CONFLICT',
    drop: 'drop index invitation_live_once',
    prepare: async (the) => {
      const party = await invited(the);
      await the.store.tx((tx) => invite(tx, { party, expiresAt: inHours(24) }, actor));
      return async (tx) => {
        const made = await tx.query<{ id: string }>(
          `insert into invitation (code, party_id, expires_at, state) values ($1, $2, $3, 'SENT') returning id`,
          [randomUUID(), party, inHours(24)],
        );
        await begin(tx, 'invitation', made.rows[0]?.id ?? '', 'send', actor);
      };
    },
  },
  {
    name: 'invitation_in_time',
    code: 'NOT_ALLOWED',
    drop: trigger('invitation', 'invitation_in_time'),
    prepare: async (the) => {
      const party = await invited(the);
      const code = await the.store.tx((tx) => invite(tx, { party, expiresAt: inHours(-1) }, actor));
      const id = await only(the, 'select id from invitation where code = $1', code);
      return (tx) => move(tx, 'invitation', id, 'accept', actor);
    },
  },
  {
    name: 'invited_company_accepts',
    code: 'NOT_ALLOWED',
    drop: check('invitation', 'invited_company_accepts'),
    prepare: async (the) => {
      const party = await invited(the);
      const request = { party, expiresAt: inHours(24), uscc: '91350100M000100Y43' };
      const code = await the.store.tx((tx) => invite(tx, request, actor));
      const id = await only(the, 'select id from invitation where code = $1', code);
      return (tx) => move(tx, 'invitation', id, 'accept', actor, { accepted_uscc: '91110108722619411A' });
    },
  },
];

export const peopleAttacks: readonly Attack[] = [...signing, ...verifications, ...invitations];
