/** For tests: how the attacks of this area are written down: at a stage of a case, one statement. */
import { sql, type Attack } from '../attack.fixture.ts';
import type { Books, Deal, Stage } from '../fixture.ts';

export interface Staged {
  readonly name: string;
  readonly code: string;
  readonly at: Stage;
  readonly sql: (deal: Deal, the: Books, other: Deal) => string;
  readonly drop: string;
  readonly atCommit?: true;
  readonly othersRefuse?: true;
}

export const check = (table: string, name: string) => `alter table ${table} drop constraint ${name}`;
export const trigger = (table: string, name: string) => `drop trigger ${name} on ${table}`;
/** The triggers of a table sleep, so that what comes after them is reached. */
export const asleep = (table: string) => `alter table ${table} disable trigger user;`;
/** A change that no trigger sees. */
export const unseen = (change: string) =>
  `set local session_replication_role = replica; ${change}; set local session_replication_role = origin;`;

export const staged = ({ at, sql: text, ...attack }: Staged): Attack => ({
  ...attack,
  prepare: async (the) => sql(text(await the.at(at), the, await the.at('requested', 2))),
});

/** What is written once is neither changed, deleted nor emptied. */
export function appendOnly(table: string, at: Stage, first: (deal: Deal, the: Books) => string, also = ''): Attack[] {
  const acts = [`update ${table} set ${keyOf(table)} = ${keyOf(table)}`, `delete from ${table}`];
  const attacks = acts.map((act) =>
    staged({
      name: `append_only: ${act}`,
      code: 'append_only',
      at,
      sql: (deal, the) => `${first(deal, the)}; ${act}`,
      drop: trigger(table, `${table}_append_only`),
      othersRefuse: true, // What refers to it.
    }),
  );
  const emptied = staged({
    name: `append_only: truncate ${table}`,
    code: 'append_only',
    at,
    sql: () => `set constraints all immediate; truncate ${table}${also === '' ? '' : `, ${also}`}`,
    drop: [table, ...(also === 'instalment' ? [also] : [])].map((of) => trigger(of, `${of}_not_emptied`)).join('; '),
  });
  return [...attacks, emptied];
}

const keyOf = (table: string) => (table === 'recon_item' ? 'run_no' : 'loan_no');
