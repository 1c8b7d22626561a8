/** For tests: two writers at once against the invariants of this area. */
import { randomUUID } from 'node:crypto';
import type { Assault, Work } from '../attack.fixture.ts';
import { actor } from '../fixture.ts';
import { move } from '../lifecycle.ts';
import { disclose, type DataKind } from './consents.ts';
import { consented } from './partAttacks.fixture.ts';
import { only, partiesSpecimens } from './specimens.fixture.ts';

const sides = ['FUNDER', 'GUARANTOR', 'PLEDGEE', 'DEBTOR'] as const;

export const partAssaults: readonly Assault[] = [
  {
    invariant: 'I-28',
    title: 'a consent is withdrawn while data are passed on under it, and beyond it',
    without: ['drop trigger disclosure_consented on disclosure'],
    prepare: async (the, dice) => {
      const delivery = await consented(the);
      const consent = await only(the, 'select id from consent where party_id = $1', delivery.party);
      const kinds: DataKind[] = (dice[0] ?? 0) % 4 === 0 ? ['TRADE'] : ['TRADE', 'PERSON'];
      const passOn: Work = (tx) => disclose(tx, { ...delivery, dataKinds: kinds }, actor);
      const withdraw: Work = (tx) => move(tx, 'consent', consent, 'withdraw', actor);
      return (dice[1] ?? 0) % 2 === 0 ? [withdraw, passOn] : [passOn, withdraw];
    },
  },
  {
    invariant: 'I-31',
    title: 'a company comes into one case from two sides',
    without: ['drop trigger case_party_apart on case_party'],
    prepare: async (the, dice) => {
      const caseId = randomUUID();
      await the.store.pool.query('insert into cases (id, key, title) values ($1, $1, $2)', [caseId, '现货质押']);
      const side = (n: number) => sides[(dice[n] ?? 0) % 4] ?? 'FUNDER';
      const come =
        (capacity: string): Work =>
        (tx) =>
          tx.query('select takes_part($1, $2, $3)', [caseId, the.keeper, capacity]);
      return [come(side(0)), come(side(1))];
    },
  },
  {
    invariant: 'I-34',
    title: 'records of who somebody is are deleted and emptied',
    without: [
      'drop trigger verification_kept on verification',
      'drop trigger consent_kept on consent',
      'drop trigger sign_authority_kept on sign_authority',
      'drop trigger disclosure_append_only on disclosure',
      'drop trigger case_party_kept on case_party',
    ],
    prepare: async (the) => {
      const no = await partiesSpecimens.verification(the);
      const consent = await partiesSpecimens.consent(the);
      return [
        (tx) => tx.query('delete from verification where request_no = $1', [no]),
        (tx) => tx.query('delete from consent where id = $1', [consent]),
      ];
    },
  },
];
