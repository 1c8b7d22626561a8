/** For tests: every attack, assault and specimen of the books, of all areas. */
import { sql, type Assault, type Attack } from './attack.fixture.ts';
import type { Books } from './fixture.ts';
import {
  configurationAssaults,
  configurationAttacks,
  configurationSpecimens,
} from './configuration/attacks.fixture.ts';
import { evidenceAttacks } from './evidence/attacks.ts';
import { financingAssaults, financingAttacks, financingSpecimens } from './financing/attacks.fixture.ts';
import { goodsAssaults, goodsAttacks, goodsSpecimens } from './goods/attacks.fixture.ts';
import { hubAssaults, hubAttacks } from './hubAttacks.fixture.ts';
import { isolationAssaults, isolationAttacks } from './isolation/attacks.fixture.ts';
import { keyColumn, lifecycles, type Entity } from './lifecycles.ts';
import { moneyAssaults, moneyAttacks, moneySpecimens } from './money/attacks.fixture.ts';
import { oversightAssaults, oversightAttacks, oversightSpecimens } from './oversight/attacks.fixture.ts';
import { partiesAssaults, partiesAttacks, partiesSpecimens } from './parties/attacks.fixture.ts';
import { spotAttacks } from './spotAttacks.fixture.ts';
import { tradeAssaults, tradeAttacks, tradeSpecimens } from './trade/attacks.fixture.ts';

/** One new entity of each kind, just begun, by the ledger's own functions: returns its id. */
export const specimens: Readonly<Record<Entity, (the: Books) => Promise<string>>> = {
  ...partiesSpecimens,
  ...configurationSpecimens,
  ...tradeSpecimens,
  ...financingSpecimens,
  ...goodsSpecimens,
  ...moneySpecimens,
  ...oversightSpecimens,
};

/** What every entity has from `make_stateful`. */
const ofEveryEntity: readonly Attack[] = (Object.keys(lifecycles) as Entity[]).flatMap((entity) => {
  const key = keyColumn[entity];
  const dropTrigger = (name: string) => `drop trigger ${name} on ${entity}`;
  const withId = (text: (id: string) => string) => async (books: Books) => sql(text(await specimens[entity](books)));
  return [
    {
      name: `${entity}_lifecycle`,
      code: 'ILLEGAL_TRANSITION',
      drop: dropTrigger(`${entity}_lifecycle`),
      othersRefuse: true, // A state of no life cycle may break a check of the entity, too.
      prepare: withId((id) => `update ${entity} set state = 'NOWHERE' where ${key} = '${id}'`),
    },
    {
      name: `${entity}_folded`,
      code: 'ILLEGAL_TRANSITION',
      drop: dropTrigger(`${entity}_folded`),
      othersRefuse: true,
      atCommit: true,
      // Its history is what lies, so that no other rule about states has a say.
      prepare: withId(
        (id) =>
          `set local session_replication_role = replica;
           insert into history (entity, entity_id, from_state, to_state, event, actor, version, sha256) values ('${entity}', '${id}', 'A', 'B', 'e', 'x', 99, '');
           set local session_replication_role = origin; update ${entity} set state = state where ${key} = '${id}'`,
      ),
    },
    {
      name: `${entity}_kept`,
      code: 'NOT_ALLOWED',
      drop: dropTrigger(`${entity}_kept`),
      othersRefuse: true, // What refers to it.
      prepare: withId((id) => `delete from ${entity} where ${key} = '${id}'`),
    },
  ];
});
export const attacks: readonly Attack[] = [
  ...hubAttacks,
  ...isolationAttacks,
  ...spotAttacks,
  ...partiesAttacks,
  ...configurationAttacks,
  ...tradeAttacks,
  ...financingAttacks,
  ...goodsAttacks,
  ...moneyAttacks,
  ...oversightAttacks,
  ...ofEveryEntity,
  ...evidenceAttacks.map(({ sql: text, ...attack }) => ({
    ...attack,
    prepare: async (the: Books) => {
      await the.at('approved');
      return sql(text);
    },
  })),
];

export const assaults: readonly Assault[] = [
  ...hubAssaults,
  ...isolationAssaults,
  ...partiesAssaults,
  ...configurationAssaults,
  ...tradeAssaults,
  ...financingAssaults,
  ...goodsAssaults,
  ...moneyAssaults,
  ...oversightAssaults,
];
