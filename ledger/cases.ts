/** Cases (业务) as people see them: whose, how much, and how it ended. */
import type { Tx } from './lifecycle.ts';

export async function describeCase(tx: Tx, id: string, party: string, amount: string): Promise<void> {
  await tx.query('update cases set party = $2, amount = $3 where id = $1', [id, party, amount]);
}

export async function closeCase(tx: Tx, id: string, state: string): Promise<void> {
  await tx.query('update cases set state = $2, closed_at = hub_now() where id = $1', [id, state]);
}

/** Nothing came of it. One that is closed already stays as it was closed. */
export async function abandonCase(tx: Tx, id: string): Promise<void> {
  await tx.query("update cases set state = 'ended', closed_at = hub_now() where id = $1 and state = 'open'", [id]);
}

/** What its parties are asked to do now, in words; nothing more when left out. */
export async function adviseCase(tx: Tx, id: string, words?: string): Promise<void> {
  await tx.query('update cases set advice = left($2, 1000) where id = $1', [id, words ?? null]);
}

/** It is not over after all. */
export async function reopenCase(tx: Tx, id: string): Promise<void> {
  await tx.query("update cases set state = 'open', closed_at = null where id = $1", [id]);
}

/** Numbers of a case's instructions: `DB20261123-000001` for CASE-20261123-000001. Stable, so that a key is. */
export function numberFor(prefix: string, caseId: string): string {
  return caseId.replace(/^CASE-/, prefix);
}
