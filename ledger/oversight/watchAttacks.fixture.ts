/** For tests: attacks on alerts, the blacklist and what is entered by hand, and two writers at once. */
import { randomUUID } from 'node:crypto';
import { sql, type Assault, type Attack, type Work } from '../attack.fixture.ts';
import { actor, type Books } from '../fixture.ts';
import { begin, move, type Tx } from '../lifecycle.ts';
import { anyUscc } from '../parties/specimens.fixture.ts';
import { observe, type Measurement } from './alerts.ts';
import { decide, decidedElsewhere, propose } from './approvals.ts';
import { proposeEntry } from './blacklist.ts';

const people = { maker: '甲', checker: '乙', source: 'hub' };
const check = (table: string, name: string) => `alter table ${table} drop constraint ${name}`;

/** The loan to value of some pledge reached its line; the alert is open. */
async function ringing(the: Books): Promise<{ no: string; told: Measurement }> {
  const told = {
    type: 'PRICE_WARN',
    subject: randomUUID(),
    level: 'WARN',
    measured: '0.76',
    threshold: '0.75',
    rings: 'above',
  } as const;
  const { open } = await the.store.tx((tx) => observe(tx, told, actor));
  return { no: open ?? '', told };
}

const anotherAlert =
  (no: string): Work =>
  async (tx) => {
    const made = await tx.query<{ no: string }>(
      `insert into alert (type, level, subject, measured, threshold, above, state)
       select type, level, subject, measured, threshold, above, 'OPEN' from alert where no = $1 returning no`,
      [no],
    );
    await begin(tx, 'alert', made.rows[0]?.no ?? '', 'open', actor);
  };

const listing = { scope: 'LOCAL', reasonCode: 'FRAUD', source: 'FRAUD' } as const;

/** Straight into the table. */
const listed =
  (columns: string, values: string): Work =>
  async (tx) => {
    const made = await tx.query<{ id: string }>(
      `insert into blacklist (scope, reason_code, source, state, ${columns}) values ('LOCAL', 'FRAUD', 'FRAUD', 'PROPOSED', ${values}) returning id`,
    );
    await begin(tx, 'blacklist', made.rows[0]?.id ?? '', 'propose', actor);
  };

/** An entry by hand, straight into the table. Returns its id. */
async function enter(tx: Tx, eventId: string, document: string | null): Promise<string> {
  const made = await tx.query<{ id: string }>(
    `insert into manual_entry (system, message, business_key, event_id, payload_sha256, document_sha256, reason, state)
     values ('wms', 'wms.received', 'L-1', $1, repeat('e', 64), $2, '仓库系统停机', 'ENTERED') returning id`,
    [eventId, document],
  );
  const id = made.rows[0]?.id ?? '';
  await begin(tx, 'manual_entry', id, 'enter', actor);
  return id;
}

export function entered(the: Books, eventId: string = randomUUID()): Promise<string> {
  return the.store.tx((tx) => enter(tx, eventId, 'f'.repeat(64)));
}

export const watchAttacks: readonly Attack[] = [
  {
    name: 'alert_open_once',
    code: 'IDEMPOTENCY_CONFLICT',
    drop: 'drop index alert_open_once',
    prepare: async (the) => anotherAlert((await ringing(the)).no),
  },
  {
    name: 'alert_rearms',
    code: 'NOT_ALLOWED',
    drop: 'drop trigger alert_rearms on alert',
    prepare: async (the) => {
      const { no } = await ringing(the);
      await the.store.tx((tx) => move(tx, 'alert', no, 'resolve', actor));
      return anotherAlert(no);
    },
  },
  {
    name: 'rearmed_when_back',
    code: 'NOT_ALLOWED',
    drop: check('alert', 'rearmed_when_back'),
    prepare: async (the) => sql(`update alert set rearmed_at = hub_now() where no = '${(await ringing(the)).no}'`),
  },
  {
    name: 'blacklist_names_one',
    code: 'CONTRACT_VIOLATED',
    drop: check('blacklist', 'blacklist_names_one'),
    prepare: async () => listed('uscc, subject_hash', `'${anyUscc()}', repeat('a', 64)`),
  },
  {
    name: 'blacklist_ends_later',
    code: 'CONTRACT_VIOLATED',
    drop: check('blacklist', 'blacklist_ends_later'),
    prepare: async () => listed('uscc, valid_to', `'${anyUscc()}', hub_now() - interval '1 second'`),
  },
  {
    name: 'blacklisted_once',
    code: 'IDEMPOTENCY_CONFLICT',
    drop: 'drop index blacklisted_once',
    prepare: async (the) => {
      const uscc = anyUscc();
      await the.store.tx((tx) => proposeEntry(tx, { subject: { uscc }, ...listing }, actor));
      return listed('uscc', `'${uscc}'`);
    },
  },
  {
    name: 'blacklist_unchanged',
    code: 'APPROVAL_STALE',
    drop: 'drop trigger blacklist_unchanged on blacklist',
    prepare: async (the) => {
      const id = await the.store.tx((tx) => proposeEntry(tx, { subject: { uscc: anyUscc() }, ...listing }, actor));
      return sql(`update blacklist set uscc = '91350100M000100Y43' where id = '${id}'`);
    },
  },
  {
    name: 'manual_has_document',
    code: 'CONTRACT_VIOLATED',
    drop: check('manual_entry', 'manual_has_document'),
    prepare: async () => (tx) => enter(tx, randomUUID(), null),
  },
  {
    name: 'manual_entry_once',
    code: 'IDEMPOTENCY_CONFLICT',
    drop: 'drop index manual_entry_once',
    prepare: async (the) => {
      const eventId = randomUUID();
      await entered(the, eventId);
      return (tx) => enter(tx, eventId, 'f'.repeat(64));
    },
  },
];

export const watchAssaults: readonly Assault[] = [
  {
    invariant: 'I-17',
    title: 'one person checks what he made himself, another uses the approval twice',
    without: ['alter table approval drop constraint approval_by_two'],
    prepare: async (the, dice) => {
      const entry = await the.store.tx((tx) => proposeEntry(tx, { subject: { uscc: anyUscc() }, ...listing }, actor));
      const subject = { entity: 'blacklist', id: entry, event: 'activate' } as const;
      const by =
        (maker: string, checker: string): Work =>
        async (tx) => {
          const approval = await propose(tx, subject, maker, actor);
          await decide(tx, approval, 'approve', checker, actor);
          await move(tx, 'blacklist', entry, 'activate', actor, {}, { approval });
        };
      const alone = ['甲', ' 甲', '甲 ', 'Zhang'][(dice[0] ?? 0) % 4] ?? '甲';
      const together = (dice[1] ?? 0) % 3 === 0 ? by('甲', '乙') : by(alone, alone.trim().toLowerCase());
      return [by(alone.toUpperCase(), alone), together];
    },
  },
  {
    invariant: 'I-36',
    title: 'two people enter the same fact by hand, one without a document, and post it',
    without: ['alter table manual_entry drop constraint manual_has_document'],
    prepare: async (_, dice) => {
      const eventId = randomUUID();
      const post =
        (document: string | null): Work =>
        async (tx) => {
          const id = await enter(tx, eventId, document);
          const approval = await decidedElsewhere(tx, { entity: 'manual_entry', id, event: 'post' }, people, actor);
          await move(tx, 'manual_entry', id, 'post', actor, {}, { approval });
        };
      return [post(null), post((dice[0] ?? 0) % 2 === 0 ? null : 'f'.repeat(64))];
    },
  },
];
