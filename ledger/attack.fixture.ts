/**
 * For tests: how the books are attacked. An attack breaks one protection with one act. An assault throws two writers at an
 * invariant at once, with numbers of chance, and must leave it whole. `npm run mutate:ledger` takes the protections away
 * one by one and sees that these notice.
 */
import { isFailure } from '../contracts/failures.ts';
import { explainConstraint } from './constraints.ts';
import type { Books } from './fixture.ts';
import { invariants } from './invariants.ts';
import type { Tx } from './lifecycle.ts';

/** One writer's transaction. */
export type Work = (tx: Tx) => Promise<unknown>;

export interface Attack {
  /** The protection: its name in the database, then whatever tells attacks apart. */
  readonly name: string;
  /** The refusal code; where the business never meets it, the constraint itself. */
  readonly code: string;
  /** Takes the protection away. */
  readonly drop: string;
  /** What refuses it waits for the commit (deferred). Otherwise deferred rules are not asked: they are not the question. */
  readonly atCommit?: true;
  /** Without it another rule may refuse the same act, for its own reason. */
  readonly othersRefuse?: true;
  /** Brings what is attacked, by the ledger's own functions, and returns the act. */
  readonly prepare: (the: Books) => Promise<Work>;
}

export interface Assault {
  /** `I-01` ... */
  readonly invariant: string;
  readonly title: string;
  /** What holds it: each of these statements alone takes so much away that the assault goes through. */
  readonly without: readonly string[];
  /** Brings what is assailed and returns what two writers do to it at once. `dice`: six whole numbers of 0 to 999. */
  readonly prepare: (the: Books, dice: readonly number[]) => Promise<readonly [Work, Work]>;
}

export const sql =
  (text: string): Work =>
  (tx) =>
    tx.query(text);

/** The refusal code, or the bare constraint or message where there is none. */
export async function refusal(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return 'nothing refused it';
  } catch (thrown) {
    if (isFailure(thrown)) return thrown.type;
    const { constraint, message } = thrown as { constraint?: string; message: string };
    return (constraint === undefined ? undefined : explainConstraint(constraint)?.type) ?? constraint ?? message;
  }
}

/** What the attack is told, in a transaction that leaves nothing behind; with or without the protection. */
export async function attempt(the: Books, attack: Attack, without = false): Promise<string> {
  const work = await attack.prepare(the);
  const client = await the.store.pool.connect();
  try {
    await client.query('begin');
    if (without) await client.query(attack.drop);
    const act = async () => {
      await work(client);
      if (attack.atCommit) await client.query('set constraints all immediate');
    };
    return await refusal(act());
  } finally {
    await client.query('rollback');
    client.release();
  }
}

/** Whether the attack tells that its protection is gone. */
export async function goesThrough(the: Books, attack: Attack): Promise<string> {
  const told = await attempt(the, attack, true);
  return attack.othersRefuse && told !== attack.code ? 'nothing refused it' : told;
}

export interface Assailed {
  /** What each writer was told. */
  readonly told: readonly string[];
  /** What breaks the invariant now. */
  readonly offenders: readonly string[];
}

export async function assail(the: Books, assault: Assault, dice: readonly number[]): Promise<Assailed> {
  const writers = await assault.prepare(the, dice);
  const told = await Promise.all(writers.map((work) => refusal(the.store.tx(work))));
  return { told, offenders: await offendersOf(the, assault.invariant) };
}

export async function offendersOf(the: Books, id: string): Promise<string[]> {
  const invariant = invariants.find((one) => one.id === id);
  if (!invariant) throw new Error(`there is no invariant ${id}`);
  const found = await the.store.pool.query({ text: invariant.sql, rowMode: 'array' });
  return (found.rows as unknown[][]).map((row) => String(row[0]));
}

/** Tables whose unique indexes are the engine's own business. */
const ofTheEngine = ['wait', 'signal', 'run', 'timer'];

/** Every protection that has a name of its own: constraints, exclusions, partial unique indexes, triggers, policies. */
export async function protectionsOf(the: Books): Promise<string[]> {
  const found = await the.store.pool.query<{ name: string }>(
    `select conname "name" from pg_constraint where contype in ('c', 'x') and connamespace = 'public'::regnamespace and conname !~ '_check\\d*$'
     union select indexrelid::regclass::text from pg_index join pg_class c on c.oid = indrelid where indisunique and indpred is not null
       and c.relnamespace = 'public'::regnamespace and not indrelid::regclass::text = any($1)
     union select tgname from pg_trigger where not tgisinternal order by 1`,
    [ofTheEngine],
  );
  return found.rows.map(({ name }) => name);
}

export function protectionsDroppedBy({ drop }: Attack): string[] {
  return [...drop.matchAll(/(?:constraint|index|trigger|policy) (\w+)/g)].map((match) => match[1] ?? '');
}

/** How many random cases: few in `npm test`, a thousand in `npm run test:long`, or as `LIANSHU_CASES` says. */
export function casesOf(few: number): number {
  const { LIANSHU_CASES: said, npm_lifecycle_event: script } = process.env;
  return said === undefined ? (script === 'test:long' ? 1000 : few) : Number(said);
}
