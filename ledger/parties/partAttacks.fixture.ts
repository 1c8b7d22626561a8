/** For tests: attacks on consents, on the log of disclosures, and on who takes part in a case. */
import { sql, type Attack, type Work } from '../attack.fixture.ts';
import { actor, type Books } from '../fixture.ts';
import { begin } from '../lifecycle.ts';
import { applying } from './companyAttacks.fixture.ts';
import { invited, partiesSpecimens } from './specimens.fixture.ts';
import { disclose, giveConsent, type Delivery } from './consents.ts';

const trigger = (table: string, name: string) => `drop trigger ${name} on ${table}`;
const check = (table: string, name: string) => `alter table ${table} drop constraint ${name}`;

/** A party that consented to its trade data only, and a delivery of them. */
export async function consented(the: Books): Promise<Delivery> {
  const party = await invited(the);
  const recipient = '某银行';
  await the.store.tx((tx) => giveConsent(tx, party, { recipient, purpose: 'financing', dataKinds: ['TRADE'] }, actor));
  return { party, recipient, purpose: 'financing', dataKinds: ['TRADE'], documentSha256: 'd'.repeat(64) };
}

async function delivered(the: Books): Promise<void> {
  const delivery = await consented(the);
  await the.store.tx((tx) => disclose(tx, delivery, actor));
}

const consents: readonly Attack[] = [
  {
    name: 'consent_live_once',
    code: 'IDEMPOTENCY_CONFLICT',
    drop: 'drop index consent_live_once',
    prepare: async (the) => {
      const id = await partiesSpecimens.consent(the);
      return async (tx) => {
        const made = await tx.query<{ id: string }>(
          'insert into consent (party_id, recipient, purpose) select party_id, recipient, purpose from consent where id = $1 returning id',
          [id],
        );
        await begin(tx, 'consent', made.rows[0]?.id ?? '', 'give', actor);
      };
    },
  },
  {
    name: 'consent_unchanged',
    code: 'CONSENT_MISSING',
    drop: trigger('consent', 'consent_unchanged'),
    prepare: async (the) =>
      sql(`update consent set purpose = 'marketing' where id = '${await partiesSpecimens.consent(the)}'`),
  },
  {
    name: 'disclosure_consented',
    code: 'CONSENT_MISSING',
    drop: trigger('disclosure', 'disclosure_consented'),
    prepare: async (the) => {
      const delivery = await consented(the);
      return (tx) => disclose(tx, { ...delivery, dataKinds: ['TRADE', 'PERSON'] }, actor);
    },
  },
  {
    name: 'disclosure_has_ground',
    code: 'CONSENT_MISSING',
    drop: check('disclosure', 'disclosure_has_ground'),
    prepare: async (the) => {
      const { party } = await consented(the);
      return sql(`insert into disclosure (party_id, recipient, purpose, data_kinds, document_sha256, actor)
        values ('${party}', '某银行', 'financing', '{TRADE}', repeat('d', 64), 'x')`);
    },
  },
  {
    name: 'disclosure_names_what',
    code: 'CONSENT_MISSING',
    drop: check('disclosure', 'disclosure_names_what'),
    prepare: async (the) => {
      const { documentSha256: _, ...delivery } = await consented(the);
      return (tx) => disclose(tx, delivery, actor);
    },
  },
  ...(['update disclosure set actor = actor', 'delete from disclosure', 'truncate disclosure'] as const).map(
    (text) => ({
      name: `append_only: ${text}`,
      code: 'append_only',
      drop: trigger('disclosure', text.startsWith('truncate') ? 'disclosure_not_emptied' : 'disclosure_append_only'),
      prepare: async (the: Books) => {
        await delivered(the);
        return sql(text);
      },
    }),
  ),
];

/** Refused because that party would be on both sides. */
const bothSides = (name: string, table: string, act: (the: Books) => Promise<Work>): Attack => ({
  name,
  code: 'NOT_ALLOWED',
  drop: trigger(table, name),
  prepare: act,
});

const takingPart: readonly Attack[] = [
  bothSides('case_party_apart', 'case_party', async (the) => {
    const { caseId } = await the.at('applied');
    return sql(`select takes_part('${caseId}', '${the.funder}', 'GUARANTOR')`);
  }),
  bothSides('trade_order_takes_part', 'trade_order', async (the) => {
    const { orderNo } = await the.at('applied');
    return sql(`update trade_order set buyer_id = '${the.funder}' where order_no = '${orderNo}'`);
  }),
  bothSides('application_takes_part', 'application', async (the) => {
    const deal = await the.at('ordered', 31);
    const apply = applying(the, deal);
    return async (tx) => {
      await tx.query(`select takes_part($1, $2, 'GUARANTOR')`, [deal.caseId, the.funder]);
      await apply(tx);
    };
  }),
  bothSides('pledge_takes_part', 'pledge', async (the) => {
    const { pledgeNo } = await the.at('requested');
    return sql(`update pledge set pledgee_id = pledgor_id where no = '${pledgeNo}'`);
  }),
  {
    name: 'case_party_kept',
    code: 'NOT_ALLOWED',
    drop: trigger('case_party', 'case_party_kept'),
    prepare: async (the) => {
      const { caseId } = await the.at('applied');
      return sql(`delete from case_party where case_id = '${caseId}'`);
    },
  },
];

export const partAttacks: readonly Attack[] = [...consents, ...takingPart];
