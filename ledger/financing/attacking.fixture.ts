/** For tests: how attacks on trade and financing are written down. */
import { sql, type Attack, type Work } from '../attack.fixture.ts';
import type { Books, Deal, Stage } from '../fixture.ts';
import { bringFactoring, factoringAt, type Factoring, type FactoringStage } from './factoring.fixture.ts';

type Prepare = Attack['prepare'];

export function onCheck(table: string, name: string, code: string, prepare: Prepare): Attack {
  return { name, code, drop: `alter table ${table} drop constraint ${name}`, prepare };
}

export function onIndex(name: string, code: string, prepare: Prepare): Attack {
  return { name, code, drop: `drop index ${name}`, prepare };
}

/** `what` tells the rules of one trigger apart. */
export function onTrigger(table: string, name: string, what: string, code: string, prepare: Prepare): Attack {
  return { name: `${name}: ${what}`, code, drop: `drop trigger ${name} on ${table}`, prepare };
}

export function late(attack: Attack): Attack {
  return { ...attack, atCommit: true };
}

/** At this stage of a factoring; what is named in `without` did not happen. */
export function factoring(
  at: FactoringStage,
  act: (f: Factoring, the: Books) => string | Work,
  without?: readonly FactoringStage[],
): Prepare {
  return async (the) => {
    const done = act(without ? await bringFactoring(the, at, without) : await factoringAt(the, at), the);
    return typeof done === 'string' ? sql(done) : done;
  };
}

/** At this stage of a spot pledge. */
export function spot(at: Stage, act: (deal: Deal, the: Books) => string | Work): Prepare {
  return async (the) => {
    const done = act(await the.at(at), the);
    return typeof done === 'string' ? sql(done) : done;
  };
}

/** The row once more, with some of it changed. */
export function again(table: string, where: string, changes: Readonly<Record<string, unknown>>): string {
  return `insert into ${table} select (jsonb_populate_record(x, '${JSON.stringify(changes)}')).* from ${table} x where ${where};`;
}

/** Refused by the attack itself when the trigger did what it is there for. */
export function unlessDone(name: string, exists: string): string {
  return `do $$ begin if exists (${exists}) then raise exception 'done' using errcode = 'check_violation', constraint = '${name}'; end if; end $$`;
}
