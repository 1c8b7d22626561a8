/** For tests: how this area of the books is attacked, and one specimen of each of its entities. */
import { randomUUID } from 'node:crypto';
import { sql, type Assault, type Attack } from '../attack.fixture.ts';
import { actor, type Books } from '../fixture.ts';
import { draftConfiguration, publishConfiguration, submitConfiguration } from './configuration.ts';
import { admissionRules, goodDealer, spotPledgeProduct } from './configuration.fixture.ts';
import type { configurationKeys } from './lifecycles.ts';
import { decideByRules } from './rules.ts';

const anyCode = () => `c-${randomUUID()}`;
const drafted = (the: Books, code = anyCode()) =>
  the.store.tx((tx) => draftConfiguration(tx, 'PRODUCT', code, spotPledgeProduct, actor));
const published = (the: Books, code = anyCode()) =>
  the.store.tx(async (tx) => {
    const id = await draftConfiguration(tx, 'RULES', code, admissionRules, actor);
    await publishConfiguration(tx, id, await submitConfiguration(tx, id, '甲', actor), '乙', actor);
    return { id, code };
  });

/** A decision that is there to be attacked. */
const decided = async (the: Books) => {
  const { code } = await published(the);
  await the.store.tx((tx) => decideByRules(tx, code, 'a dealer', goodDealer));
};

export const configurationAttacks: readonly Attack[] = [
  {
    name: 'configuration_named',
    code: 'CONTRACT_VIOLATED',
    drop: 'alter table configuration drop constraint configuration_named',
    prepare: async (the) => {
      const id = await drafted(the);
      return sql(
        `insert into configuration (id, kind, code, version, body, state) select 'another', kind, code, 2, body, 'DRAFT' from configuration where id = '${id}'`,
      );
    },
  },
  {
    name: 'product_consistent: lines in the wrong order',
    code: 'CONTRACT_VIOLATED',
    drop: 'alter table configuration drop constraint product_consistent',
    prepare: async (the) =>
      sql(
        `update configuration set body = jsonb_set(body, '{lines,warn}', '"0.85"') where id = '${await drafted(the)}'`,
      ),
  },
  {
    name: 'product_consistent: confirmation by a debtor who is not told',
    code: 'CONTRACT_VIOLATED',
    drop: 'alter table configuration drop constraint product_consistent',
    prepare: async (the) =>
      sql(
        `update configuration set body = body || '{"disclosed": false, "requiredDocuments": ["debtorConfirmation"]}' where id = '${await drafted(the)}'`,
      ),
  },
  {
    name: 'product_consistent: interest up front on a loan', // I-22
    code: 'CONTRACT_VIOLATED',
    drop: 'alter table configuration drop constraint product_consistent',
    prepare: async (the) =>
      sql(
        `update configuration set body = body || '{"interestCollection": "UPFRONT"}' where id = '${await drafted(the)}'`,
      ),
  },
  {
    name: 'configuration_in_force',
    code: 'VERSION_CONFLICT',
    drop: 'drop index configuration_in_force',
    prepare: async (the) => {
      const { code } = await published(the);
      const second = await the.store.tx((tx) => draftConfiguration(tx, 'RULES', code, admissionRules, actor));
      return sql(
        `alter table configuration disable trigger configuration_lifecycle; update configuration set state = 'PUBLISHED' where id = '${second}'`,
      );
    },
  },
  {
    name: 'configuration_settled',
    code: 'APPROVAL_STALE',
    drop: 'drop trigger configuration_settled on configuration',
    prepare: async (the) =>
      sql(`update configuration set body = body || '{"passPoints": "0"}' where id = '${(await published(the)).id}'`),
  },
  {
    name: 'decision_by_rules',
    code: 'NOT_ALLOWED',
    drop: 'drop trigger decision_by_rules on decision',
    prepare: async (the) =>
      sql(
        `insert into decision (subject, rules_id, inputs, outcome, requires, why) values ('x', '${await drafted(the)}', '{}', 'pass', '[]', '[]')`,
      ),
  },
  ...['update decision set at = at', 'delete from decision'].map((text) => ({
    name: `decision_append_only: ${text}`,
    code: 'append_only',
    drop: 'drop trigger decision_append_only on decision',
    prepare: async (the: Books) => {
      await decided(the);
      return sql(text);
    },
  })),
  {
    name: 'decision_not_emptied',
    code: 'append_only',
    drop: 'drop trigger decision_not_emptied on decision',
    prepare: async () => sql('truncate decision'),
  },
];

export const configurationAssaults: readonly Assault[] = [];

export const configurationSpecimens: Readonly<Record<keyof typeof configurationKeys, (the: Books) => Promise<string>>> =
  {
    configuration: (the) => drafted(the),
  };
