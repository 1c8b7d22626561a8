/**
 * Reading as a party: in a transaction that changes nothing, with the rights of the relation's role and for that party only.
 * A condition that somebody forgot in a query then shows too little, never somebody else's.
 */
import type { Store } from '../../store/store.ts';
import type { Tx } from '../lifecycle.ts';
import { edgeRole, type Relation } from './relations.ts';

export interface Reader {
  /** The party's id. */
  readonly party: string;
  readonly relation: Relation;
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** @throws Error naming the statement that an administrator runs, where the hub may not become the edge's role */
export function asParty<T>(store: Store, reader: Reader, work: (tx: Tx) => Promise<T>): Promise<T> {
  return store.tx(async (tx) => {
    await become(tx, reader);
    return work(tx);
  });
}

/** For the rest of the transaction: `local` ends with it, however it ends. */
export async function become(tx: Tx, { party, relation }: Reader): Promise<void> {
  if (!uuid.test(party)) throw new Error(`${party} is no id of a party`);
  const role = edgeRole(relation);
  try {
    await tx.query(`set transaction read only; set local role ${role}; set local hub.party = '${party}'`);
  } catch (thrown) {
    if ((thrown as { code?: unknown }).code !== '42501') throw thrown;
    throw new Error(
      `The hub may not read as a party: an administrator of the database runs once: grant ${role} to <the hub's login>.`,
      {
        cause: thrown,
      },
    );
  }
}
