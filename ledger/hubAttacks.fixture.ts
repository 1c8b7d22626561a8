/** For tests: attacks and assaults on what holds for all of the books: history, approvals, messages and their facts. */
import { randomUUID } from 'node:crypto';
import { sql, type Assault, type Attack } from './attack.fixture.ts';
import { actor, type Books } from './fixture.ts';
import { move } from './lifecycle.ts';
import { decide, propose } from './oversight/approvals.ts';

/** The push of an application to its funder made an act of two people, for the attack only. */
const pushTakesTwo = "update lifecycle set four_eyes = true where entity = 'application' and event = 'push';";
const anyDigest = "'', 1";

const approved = async (the: Books, id: string, event: 'push' | 'withdraw' = 'push') =>
  the.store.tx(async (tx) => {
    const approval = await propose(tx, { entity: 'application', id, event }, '甲', actor);
    await decide(tx, approval, 'approve', '乙', actor);
    return approval;
  });

/** An application that is about to be pushed. */
const applied = async (the: Books) => (await the.bring('applied')).applicationNo;

const historyRow = (id: string, from: string, event: string, to: string, approval = 'null') =>
  `insert into history (entity, entity_id, from_state, to_state, event, actor, approval_id, sha256, version)
   values ('application', '${id}', '${from}', '${to}', '${event}', 'x', ${approval}, ${anyDigest});`;
const pushSql = (id: string, approval?: string) =>
  `${pushTakesTwo} ${historyRow(id, 'ASSETS_LOCKED', 'push', 'FUNDER_REVIEW', approval && `'${approval}'`)}`;

/** The chain is calculated by the trigger; without it the row needs numbers of its own. */
const chained = 'drop trigger history_chained on history';

export const hubAttacks: readonly Attack[] = [
  {
    name: 'history_chained: history that begins elsewhere', // I-27
    code: 'ILLEGAL_TRANSITION',
    drop: `${chained}; drop index history_version`,
    prepare: async (the) => sql(historyRow(await applied(the), 'SIGNED', 'ready', 'READY_TO_DISBURSE')),
  },
  {
    name: 'history_chained: a move that no life cycle holds', // I-27
    code: 'ILLEGAL_TRANSITION',
    drop: `${chained}; drop index history_version`,
    prepare: async (the) => sql(historyRow(await applied(the), 'ASSETS_LOCKED', 'push', 'DISBURSED')),
  },
  {
    name: 'history_chained: the word of somebody who has no say', // I-27
    code: 'NOT_ALLOWED',
    drop: `${chained}; drop index history_version`,
    prepare: async (the) => {
      const { applicationNo } = await the.bring('pushed');
      return sql(
        `insert into history (entity, entity_id, from_state, to_state, event, actor, word, sha256, version)
         values ('application', '${applicationNo}', 'FUNDER_REVIEW', 'APPROVED', 'approve', 'x', 'CUST', ${anyDigest})`,
      );
    },
  },
  {
    name: 'history_chained: one person where two are due', // I-17
    code: 'SAME_PERSON_APPROVAL',
    drop: `${chained}; drop index history_version`,
    prepare: async (the) => sql(pushSql(await applied(the))),
  },
  {
    name: 'history_chained: an approval of something else', // I-17
    code: 'SAME_PERSON_APPROVAL',
    drop: `${chained}; drop index history_version`,
    prepare: async (the) => {
      const id = await applied(the);
      return sql(pushSql(id, await approved(the, id, 'withdraw')));
    },
  },
  {
    name: 'history_chained: an approval of what has changed since', // I-17
    code: 'APPROVAL_STALE',
    drop: `${chained}; drop index history_version`,
    prepare: async (the) => {
      const id = await applied(the);
      const approval = await approved(the, id);
      return sql(`update application set amount = amount - 0.01 where no = '${id}'; ${pushSql(id, approval)}`);
    },
  },
  {
    name: 'history_version: the same place in history twice',
    code: 'history_version',
    drop: 'drop index history_version',
    prepare: async (the) => {
      const id = await applied(the);
      return sql(`alter table history disable trigger history_chained; ${historyRow(id, 'A', 'e', 'B')}`);
    },
  },
  {
    name: 'history_folded: history that its entity does not follow', // I-27
    code: 'ILLEGAL_TRANSITION',
    atCommit: true,
    drop: 'drop trigger history_folded on history',
    prepare: async (the) => sql(historyRow(await applied(the), 'ASSETS_LOCKED', 'push', 'FUNDER_REVIEW')),
  },
  {
    name: 'approval_by_two', // I-17
    code: 'SAME_PERSON_APPROVAL',
    drop: 'alter table approval drop constraint approval_by_two',
    prepare: async (the) => {
      const id = await applied(the);
      const approval = await the.store.tx((tx) =>
        propose(tx, { entity: 'application', id, event: 'push' }, '甲', actor),
      );
      return sql(`update approval set checker = ' 甲 ' where id = '${approval}'`);
    },
  },
  {
    name: 'approval_has_checker', // I-17
    code: 'SAME_PERSON_APPROVAL',
    drop: 'alter table approval drop constraint approval_has_checker',
    prepare: async (the) => {
      const id = await applied(the);
      const approval = await the.store.tx((tx) =>
        propose(tx, { entity: 'application', id, event: 'push' }, '甲', actor),
      );
      return sql(`update approval set state = 'APPROVED', decided_at = now() where id = '${approval}'`);
    },
  },
  {
    name: 'approval_unchanged', // I-17
    code: 'APPROVAL_STALE',
    drop: 'drop trigger approval_unchanged on approval',
    prepare: async (the) => {
      const approval = await approved(the, await applied(the));
      return sql(`update approval set payload_sha256 = 'another' where id = '${approval}'`);
    },
  },
  {
    name: 'approval_used_once', // I-17
    code: 'APPROVAL_STALE',
    drop: 'drop index approval_used_once',
    prepare: async (the) => {
      const id = await applied(the);
      const approval = await approved(the, id);
      return sql(
        `update lifecycle set to_state = 'ASSETS_LOCKED' where entity = 'application' and event = 'push';
         ${historyRow(id, 'ASSETS_LOCKED', 'push', 'ASSETS_LOCKED', `'${approval}'`).repeat(2)}`,
      );
    },
  },
  {
    name: 'fraction_is_no_percentage', // I-23
    code: 'CONTRACT_VIOLATED',
    drop: 'alter domain fraction drop constraint fraction_is_no_percentage',
    prepare: async (the) => sql(`update application set rate = 5.2 where no = '${await applied(the)}'`),
  },
  {
    name: 'books_in_yuan', // I-23
    code: 'CONTRACT_VIOLATED',
    drop: 'alter domain book_currency drop constraint books_in_yuan',
    prepare: async () => sql(dollarQuote()),
  },
  {
    name: 'sign_authority_sealed', // I-29
    code: 'CONTRACT_VIOLATED',
    drop: 'drop trigger sign_authority_sealed on sign_authority',
    prepare: async (the) => sql(signerSql(the, `'张三'`)),
  },
  ...(['exchange', 'exchange_part'] as const).map((table) => ({
    name: `${table}_sealed`, // I-29
    code: 'CONTRACT_VIOLATED',
    drop: `drop trigger ${table}_sealed on ${table}`,
    prepare: async () => sql(openMessageSql(table)),
  })),
  {
    name: 'sealing_key_gone: a key that lost its secret and was not destroyed', // I-29
    code: 'sealing_key_gone',
    drop: 'alter table sealing_key drop constraint sealing_key_gone',
    prepare: async () => sql(`${sealingKey('')} update sealing_key set wrapped = null where owner = 'party:x'`),
  },
  {
    name: 'sealing_key_live: two keys that seal', // I-29
    code: 'sealing_key_live',
    drop: 'drop index sealing_key_live',
    prepare: async () => sql(sealingKey(`, ('party:x', 'C2', 'r', 'v')`)),
  },
  {
    name: 'sealing_key_unchanged: a key that goes to another owner', // I-29
    code: 'sealing_key_unchanged',
    drop: 'drop trigger sealing_key_unchanged on sealing_key',
    prepare: async () => sql(`${sealingKey('')} update sealing_key set owner = 'party:y' where owner = 'party:x'`),
  },
  {
    name: 'unmapped_is_no_success', // I-24
    code: 'EXT_CODE_UNMAPPED',
    drop: 'alter table exchange drop constraint unmapped_is_no_success',
    prepare: async () => sql(exchangeSql(randomUUID(), { code: "'EXT_CODE_UNMAPPED'" })),
  },
  ...[
    { what: 'a message that does not verify', verified: 'false', part: true },
    { what: 'a message that is not kept', verified: 'true', part: false },
  ].map(({ what, verified, part }) => ({
    name: `signal_is_verified: ${what}`, // I-25
    code: 'ANSWER_UNVERIFIED',
    atCommit: true as const,
    drop: 'drop trigger signal_is_verified on signal',
    prepare: async () => {
      const id = randomUUID();
      return sql(exchangeSql(id, { verified, part }) + signalSql(id, id));
    },
  })),
];

/** Bytes that look sealed. */
const sealed = `decode('f5' || repeat('00', 40), 'hex')`;
const signerSql = (the: Books, name: string) =>
  `update sign_authority set name = ${name} where party_id = '${the.dealer}'`;
const openMessageSql = (table: 'exchange' | 'exchange_part') =>
  `${exchangeSql(randomUUID())} update ${table} set request = 'in the open' where request is not distinct from ${table === 'exchange' ? 'null' : sealed}`;
const dollarQuote = () =>
  `insert into price_quote (material, quote_date, price, unit, source, as_of, good_until, currency)
   values ('${randomUUID()}', current_date, 100, 'TNE', 'feed', now(), now(), 'USD')`;
/** A data key that somebody made by hand. */
const sealingKey = (more: string) =>
  `insert into sealing_key (owner, class, root_id, wrapped) values ('party:x', 'C2', 'r', 'w')${more};`;

interface Shape {
  readonly code?: string;
  readonly verified?: string;
  readonly part?: boolean;
}

function exchangeSql(id: string, { code = 'null', verified = 'true', part = true }: Shape = {}): string {
  const row = `insert into exchange (id, system, operation, direction, state, verified, code, ms)
    values ('${id}', 'bank', 'bank.callback', 'in', 'ok', ${verified}, ${code}, 1);`;
  return part
    ? `${row} insert into exchange_part (exchange_id, no, method, path, request, ms) values ('${id}', 0, 'POST', ${sealed}, ${sealed}, 1);`
    : row;
}

const signalSql = (key: string, exchange: string) =>
  `insert into signal (key, id, notice, body, exchange_id) values ('n:${key}', '${key}', 'n', '', '${exchange}');`;

export const hubAssaults: readonly Assault[] = [
  {
    invariant: 'I-23',
    title: 'a rate as a percentage, and a price in dollars, from two writers',
    without: [
      'alter domain fraction drop constraint fraction_is_no_percentage',
      'alter domain book_currency drop constraint books_in_yuan',
    ],
    prepare: async (the, [die = 0]) => {
      const id = await applied(the);
      const write = (columns: string) => sql(`update application set ${columns} where no = '${id}'`);
      return [write(`rate = ${2 + (die % 9)}.2`), sql(dollarQuote())];
    },
  },
  {
    invariant: 'I-24',
    title: 'answers with codes of chance, mapped and not, are kept as what they are',
    without: ['alter table exchange drop constraint unmapped_is_no_success'],
    prepare: async (_, [first = 0, second = 0]) =>
      [first, second].map((die, i) =>
        sql(exchangeSql(randomUUID(), { code: (die + i) % 2 === 0 ? "'EXT_CODE_UNMAPPED'" : "'00'" })),
      ) as unknown as readonly [ReturnType<typeof sql>, ReturnType<typeof sql>],
  },
  {
    invariant: 'I-25',
    title: 'one verified and one unverified message with the same fact',
    without: ['drop trigger signal_is_verified on signal'],
    prepare: async (_, [die = 0]) => {
      const [good, bad, fact] = [randomUUID(), randomUUID(), randomUUID()];
      const unverified = sql(exchangeSql(bad, { verified: die % 2 === 0 ? 'false' : 'null' }) + signalSql(fact, bad));
      return [sql(exchangeSql(good)), unverified];
    },
  },
  {
    invariant: 'I-29',
    title: 'a signer and a message are written in the open, at once',
    without: [
      'drop trigger sign_authority_sealed on sign_authority',
      'drop trigger exchange_sealed on exchange',
      'drop trigger exchange_part_sealed on exchange_part',
    ],
    prepare: async (the, [die = 0]) => [
      sql(signerSql(the, `'张三'`)),
      sql(openMessageSql(die % 2 === 0 ? 'exchange' : 'exchange_part')),
    ],
  },
  {
    invariant: 'I-26',
    title: 'the same fact by callback and by file at once, taken by two runs',
    without: ['alter table signal drop constraint signal_pkey'],
    prepare: async () => {
      const fact = randomUUID();
      const road = () => {
        const id = randomUUID();
        return sql(
          `${exchangeSql(id)} ${signalSql(fact, id)} update signal set taken_by = '${randomUUID()}' where id = '${fact}' and taken_by is null`,
        );
      };
      return [road(), road()];
    },
  },
  {
    invariant: 'I-27',
    title: 'two writers move the same application, one past the mechanism',
    without: ['drop trigger application_folded on application'],
    prepare: async (the, [die = 0]) => {
      const { applicationNo } = await the.bring('applied');
      const past = ['FUNDER_REVIEW', 'WITHDRAWN'][die % 2] ?? '';
      return [
        (tx) => move(tx, 'application', applicationNo, 'push', actor),
        sql(`update application set state = '${past}' where no = '${applicationNo}' and state <> '${past}'`),
      ];
    },
  },
];
