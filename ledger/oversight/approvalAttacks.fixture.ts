/** For tests: attacks on the approval of two people. */
import { sql, type Attack, type Work } from '../attack.fixture.ts';
import { actor, type Books } from '../fixture.ts';
import { move } from '../lifecycle.ts';
import { anyUscc } from '../parties/specimens.fixture.ts';
import { decide, decidedElsewhere, propose } from './approvals.ts';
import { proposeEntry } from './blacklist.ts';

const people = { maker: '甲', checker: '乙', source: 'hub' };

/** A blacklist entry and the proposal to put it in force, by 甲. */
export async function proposed(the: Books): Promise<{ entry: string; approval: string }> {
  return the.store.tx(async (tx) => {
    const told = { subject: { uscc: anyUscc() }, scope: 'LOCAL', reasonCode: 'FRAUD', source: 'FRAUD' } as const;
    const entry = await proposeEntry(tx, told, actor);
    return { entry, approval: await propose(tx, { entity: 'blacklist', id: entry, event: 'activate' }, '甲', actor) };
  });
}

async function approved(the: Books): Promise<{ entry: string; approval: string }> {
  const both = await proposed(the);
  await the.store.tx((tx) => decide(tx, both.approval, 'approve', '乙', actor));
  return both;
}

const activate =
  ({ entry, approval }: { entry: string; approval?: string }): Work =>
  (tx) =>
    move(tx, 'blacklist', entry, 'activate', actor, {}, approval === undefined ? {} : { approval });

const chained = 'drop trigger history_chained on history';
/** Without the chain history has no version: what is refused then is refused by the shape of the table. */
const ofTheChain = { drop: chained, othersRefuse: true } as const;

export const approvalAttacks: readonly Attack[] = [
  {
    name: 'approval_by_two',
    code: 'SAME_PERSON_APPROVAL',
    drop: 'alter table approval drop constraint approval_by_two',
    prepare: async (the) => {
      const { approval } = await proposed(the);
      return (tx) => decide(tx, approval, 'approve', ' 甲', actor);
    },
  },
  {
    name: 'approval_has_checker',
    code: 'SAME_PERSON_APPROVAL',
    drop: 'alter table approval drop constraint approval_has_checker',
    prepare: async (the) => {
      const { approval } = await proposed(the);
      return (tx) => move(tx, 'approval', approval, 'approve', actor);
    },
  },
  {
    name: 'approval_unchanged',
    code: 'APPROVAL_STALE',
    drop: 'drop trigger approval_unchanged on approval',
    prepare: async (the) => {
      const { approval } = await approved(the);
      return sql(`update approval set event = 'lift' where id = '${approval}'`);
    },
  },
  {
    name: 'approval_used_once',
    code: 'APPROVAL_STALE',
    drop: 'drop index approval_used_once',
    prepare: async (the) => {
      const subject = { entity: 'party', id: the.keeper, event: 'unfreeze' } as const;
      return async (tx) => {
        await move(tx, 'party', the.keeper, 'freeze', actor);
        const approval = await decidedElsewhere(tx, subject, people, actor);
        await move(tx, 'party', the.keeper, 'unfreeze', actor, {}, { approval });
        await move(tx, 'party', the.keeper, 'freeze', actor);
        await move(tx, 'party', the.keeper, 'unfreeze', actor, {}, { approval });
      };
    },
  },
  {
    name: 'approval_in_time',
    code: 'APPROVAL_STALE',
    drop: 'drop trigger approval_in_time on history',
    prepare: async (the) => {
      const both = await approved(the);
      return async (tx) => {
        await tx.query('alter table approval disable trigger approval_unchanged');
        await tx.query(`update approval set valid_to = hub_now() where id = $1`, [both.approval]);
        await activate(both)(tx);
      };
    },
  },
  {
    name: 'history_chained: four eyes',
    code: 'SAME_PERSON_APPROVAL',
    ...ofTheChain,
    prepare: async (the) => activate({ entry: (await approved(the)).entry }),
  },
  {
    name: 'history_chained: an approval of something else',
    code: 'SAME_PERSON_APPROVAL',
    ...ofTheChain,
    prepare: async (the) => {
      const { entry } = await approved(the);
      return activate({ entry, approval: (await approved(the)).approval });
    },
  },
  {
    name: 'history_chained: it changed since',
    code: 'APPROVAL_STALE',
    ...ofTheChain,
    prepare: async (the) => {
      const party = the.keeper;
      const subject = { entity: 'party', id: party, event: 'unfreeze' } as const;
      return async (tx) => {
        await move(tx, 'party', party, 'freeze', actor);
        const approval = await decidedElsewhere(tx, subject, people, actor);
        await tx.query(`update party set group_code = 'G' where id = $1`, [party]);
        await move(tx, 'party', party, 'unfreeze', actor, {}, { approval });
      };
    },
  },
];
