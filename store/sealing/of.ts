/** Who has a connection has what seals on it: it is opened at the first need, once for all connections of a store. */
import type pg from 'pg';
import { sealAll } from './reseal.ts';
import { rootKeysHere, type RootKeys } from './rootKeys.ts';
import { Sealing } from './sealing.ts';

interface Door {
  readonly url: string;
  readonly roots: () => RootKeys;
  opened: Promise<Sealing> | undefined;
  closed: boolean;
  rest: () => void;
}

const doors = new WeakMap<object, Door>();

/** Called by `openStore`: nothing is opened yet, for the database may have no tables. */
export function attachSealing(pool: pg.Pool, url: string, home: string | undefined): void {
  const door: Door = { url, roots: () => rootKeysHere(home), opened: undefined, closed: false, rest: () => {} };
  doors.set(pool, door);
  pool.on('connect', (client) => doors.set(client, door));
}

/** The store is closed: nobody looks after its keys any more. */
export function detachSealing(pool: pg.Pool): void {
  const door = doors.get(pool);
  if (!door) return;
  door.closed = true;
  door.rest();
}

/** @param connection a pool of `openStore`, or a client of it. @throws Error that says which root key is missing */
export async function sealingOf(connection: object): Promise<Sealing> {
  const door = doors.get(connection);
  if (!door) throw new Error('this connection has no keys: it was not opened by openStore');
  door.opened ??= open(door);
  try {
    return await door.opened;
  } catch (thrown) {
    door.opened = undefined; // The server was away: the next one tries again.
    throw thrown;
  }
}

async function open(door: Door): Promise<Sealing> {
  const sealing = await Sealing.open(door.url, door.roots());
  // Rows from before there were keys.
  if (!sealing.sealed) await sealAll(sealing);
  if (!door.closed) door.rest = sealing.keepFresh();
  return sealing;
}
