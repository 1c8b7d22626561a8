/**
 * Seals what is written and opens what is read (加密存储). Whoever holds a connection of `openStore` gets it by `sealingOf`.
 *
 * Sealing with a key that is known is synchronous: the writer of the journal does it tens of thousands of times a second.
 * What other processes did to the keys (a rotation, a destruction) is seen here within `freshMs`.
 */
import { createHmac, type KeyObject } from 'node:crypto';
import { keyIdOf, seal, unseal } from './envelope.ts';
import { connected, firstKeys, keysById, liveKey, mustOpen, searchClass, type DataKey } from './keys.ts';
import { hubOwner, type AnyPlace, type Place, type SearchField } from './places.ts';
import type { RootKeys } from './rootKeys.ts';

/** A failure of contracts/failures.ts by its type: what is sealed cannot be read. */
export class Unreadable extends Error {
  readonly type: 'PAYLOAD_ERASED' | 'PAYLOAD_UNREADABLE';
  readonly errors: readonly never[] = [];
  readonly externalCode = undefined;

  constructor(type: Unreadable['type'], detail: string) {
    super(detail);
    this.name = 'Failure';
    this.type = type;
  }
}

export const freshMs = 10_000;
/** Keys in memory; above that those of parties are forgotten and read again. */
const keysMax = 10_000;

export class Sealing {
  readonly url: string;
  readonly roots: RootKeys;
  /** Nothing lies in the open any more where it should be sealed. */
  sealed: boolean;
  readonly #byId = new Map<number, DataKey>();
  readonly #live = new Map<string, DataKey>();
  readonly #asked = new Map<string, Promise<DataKey | undefined>>();
  #search: KeyObject | undefined;

  /** @throws Error that says which root key is missing */
  static async open(url: string, roots: RootKeys): Promise<Sealing> {
    const { sealed } = await connected(url, (db) => mustOpen(db, roots));
    const sealing = new Sealing(url, roots, sealed);
    await sealing.refresh();
    return sealing;
  }

  private constructor(url: string, roots: RootKeys, sealed: boolean) {
    this.url = url;
    this.roots = roots;
    this.sealed = sealed;
  }

  /** Seals a value for its place, at once. @throws Error when the hub's own key of that class is not in memory */
  sealNow<K extends readonly unknown[]>(place: Place<K>, row: K, plain: string | Uint8Array): Buffer {
    const key = this.#live.get(nameOf(hubOwner, place.class));
    if (!key?.key) throw new Error(`there is no key to seal ${place.table} with`);
    return seal(key.key, key.id, place.at(...row), plain);
  }

  /** As `sealNow`, with the key of any owner, which is made when there is none. */
  async seal<K extends readonly unknown[]>(
    place: Place<K>,
    owner: string,
    row: K,
    plain: string | Uint8Array,
  ): Promise<Buffer> {
    return this.sealAt(await this.liveOf(owner, place.class), place.at(...row), plain);
  }

  /** @throws Unreadable */
  async open<K extends readonly unknown[]>(place: Place<K>, row: K, sealed: Buffer): Promise<Buffer> {
    return this.openAt(place, place.at(...row), sealed);
  }

  /** JSON, sealed; null for nothing. */
  async sealJson<K extends readonly unknown[]>(
    place: Place<K>,
    owner: string,
    row: K,
    value: unknown,
  ): Promise<Buffer | null> {
    return value === undefined ? null : this.seal(place, owner, row, JSON.stringify(value));
  }

  /** @throws Unreadable */
  async openJson<K extends readonly unknown[]>(place: Place<K>, row: K, sealed: Buffer | null): Promise<unknown> {
    return sealed === null ? undefined : JSON.parse((await this.open(place, row, sealed)).toString());
  }

  /** By which a value is found without being opened: HMAC-SM3 over the value in its one spelling. */
  hash(field: SearchField, value: string): Buffer {
    if (!this.#search) throw new Error('there is no key to search with');
    const spelt = value.normalize('NFKC').replaceAll(/[\s-]/g, '').toUpperCase();
    return createHmac('sm3', this.#search).update(`${field}\0${spelt}`).digest();
  }

  sealAt(key: DataKey, where: string, plain: string | Uint8Array): Buffer {
    if (!key.key) throw new Error(`key ${key.id} was destroyed`);
    return seal(key.key, key.id, where, plain);
  }

  /** @throws Unreadable */
  async openAt(place: Pick<AnyPlace, 'table' | 'column'>, where: string, sealed: Buffer): Promise<Buffer> {
    const what = `${place.table}.${place.column}`;
    const id = keyIdOf(sealed);
    if (id === undefined) throw new Unreadable('PAYLOAD_UNREADABLE', `${what} holds a value that is not sealed`);
    const key = await this.keyById(id);
    if (!key) throw new Unreadable('PAYLOAD_UNREADABLE', `${what}: there is no key ${id}`);
    if (!key.key)
      throw new Unreadable(
        'PAYLOAD_ERASED',
        `${what}: the key of ${key.owner} was destroyed at ${key.erasedAt?.toISOString()}`,
      );
    const plain = unseal(key.key, where, sealed);
    if (!plain) throw new Unreadable('PAYLOAD_UNREADABLE', `${what} does not open: it was changed or moved`);
    return plain;
  }

  async keyById(id: number): Promise<DataKey | undefined> {
    const known = this.#byId.get(id);
    if (known) return known;
    return this.#once(`${id}`, async () => {
      const [found] = await connected(this.url, (db) => keysById(db, this.roots, [id]));
      if (found) this.#keep(found);
      return found;
    });
  }

  /** The key that seals now for an owner and a class. */
  async liveOf(owner: string, name: string): Promise<DataKey> {
    const known = this.#live.get(nameOf(owner, name));
    if (known) return known;
    return this.#once(nameOf(owner, name), async () => {
      const key = await connected(this.url, (db) => liveKey(db, this.roots, owner, name));
      this.#keep(key);
      return key;
    });
  }

  /** However many ask for a key at once, one connection brings it. */
  async #once<T extends DataKey | undefined>(what: string, look: () => Promise<T>): Promise<T> {
    const asked = (this.#asked.get(what) as Promise<T> | undefined) ?? look();
    this.#asked.set(what, asked);
    try {
      return await asked;
    } finally {
      this.#asked.delete(what);
    }
  }

  /** What became of the keys meanwhile. */
  async refresh(): Promise<void> {
    await connected(this.url, async (db) => {
      const known = await keysById(db, this.roots, [...this.#byId.keys()]);
      const own: DataKey[] = [];
      for (const name of firstKeys) own.push(await liveKey(db, this.roots, hubOwner, name));
      this.#byId.clear();
      this.#live.clear();
      for (const key of [...known, ...own]) this.#keep(key);
    });
  }

  /** Looks at the keys again every `freshMs`, until it is told to stop: also a node that does nothing seals with the new ones. */
  keepFresh(): () => void {
    // The database may be away: what is known serves until it is back.
    const looking = setInterval(() => void this.refresh().catch(() => undefined), freshMs);
    looking.unref();
    return () => clearInterval(looking);
  }

  #keep(key: DataKey): void {
    if (this.#byId.size >= keysMax) for (const [id, { owner }] of this.#byId) if (owner !== hubOwner) this.#forget(id);
    this.#byId.set(key.id, key);
    if (!key.retired && key.key) this.#live.set(nameOf(key.owner, key.class), key);
    if (key.owner === hubOwner && key.class === searchClass && !key.retired) this.#search = key.key;
  }

  #forget(id: number): void {
    const key = this.#byId.get(id);
    this.#byId.delete(id);
    if (key) this.#live.delete(nameOf(key.owner, key.class));
  }
}

function nameOf(owner: string, name: string): string {
  return `${owner}\0${name}`;
}
