/** What the engine keeps sealed, and the one way in which it is opened again: bodies of journals, facts, what people see. */
import type { Sealing } from '../store/sealing/sealing.ts';
import { sealingOf } from '../store/sealing/of.ts';
import { hubOwner, openKinds, ownerOfSystem, places } from '../store/sealing/places.ts';
import type { Tx } from './flow.ts';
import type { Entry, Kind } from './journal.ts';
import type { Start, Work } from './work.ts';

/** A pool of `openStore`, or a client of it. */
export type Connection = Pick<Tx, 'query'>;

/** As it stands in the journal: sealed, but for the kinds that hold no message. */
export function sealedEntry(
  sealing: Sealing,
  { run, seq, kind, body }: Pick<Entry, 'run' | 'seq' | 'kind' | 'body'>,
): Buffer | string | null {
  if (body === undefined) return null;
  const text = JSON.stringify(body);
  return openKinds.has(kind) ? text : sealing.sealNow(places.journal, [run, seq], text);
}

export type SealedEntry = Entry & { readonly sealed: Buffer | string | null };
export type SealedStart = Start & { readonly sealed: Buffer };
/** What the writer sends: the plain values are for those who wait for it. */
export interface SealedWork extends Work {
  readonly entries?: readonly SealedEntry[];
  readonly start?: SealedStart;
}

/** Sealed when it is handed in, while the server still works on the last flush: done in the flush, both would wait. */
export function sealedWork(sealing: Sealing, work: Work): SealedWork {
  const { entries, start, ...rest } = work;
  const sealed = entries?.map((entry) => ({ ...entry, sealed: sealedEntry(sealing, entry) }));
  // The input of a run is its first entry.
  const input = start && sealing.sealNow(places.journal, [start.run, 0], start.input);
  return {
    ...rest,
    ...(sealed ? { entries: sealed } : {}),
    ...(start && input ? { start: { ...start, sealed: input } } : {}),
  };
}

/** @throws Failure PAYLOAD_UNREADABLE */
export async function openedEntry(
  sealing: Sealing,
  { run, seq, kind, body }: { run: string; seq: number; kind: Kind; body: Buffer | null },
): Promise<unknown> {
  if (body === null) return undefined;
  const bytes = openKinds.has(kind) ? body : await sealing.open(places.journal, [run, seq], body);
  return JSON.parse(bytes.toString());
}

export async function sealedFact(
  connection: Connection,
  fact: { readonly key: string; readonly id: string; readonly message: unknown },
): Promise<Buffer | null> {
  const sealing = await sealingOf(connection);
  return sealing.sealJson(places.signal, hubOwner, [fact.key, fact.id], fact.message ?? null);
}

/** @throws Failure PAYLOAD_UNREADABLE */
export async function openedFact(
  connection: Connection,
  { key, id, body }: { readonly key: string; readonly id: string; readonly body: Buffer },
): Promise<unknown> {
  return (await sealingOf(connection)).openJson(places.signal, [key, id], body);
}

/** One order on many runs is sealed once, under the name of the bulk. */
export async function sealedAct(connection: Connection, bulkOrId: string, body: unknown): Promise<Buffer | null> {
  return (await sealingOf(connection)).sealJson(places.act, hubOwner, [bulkOrId], body);
}

/** Rows of `act` with their content opened. @throws Failure PAYLOAD_UNREADABLE */
export async function openedActs<
  A extends { readonly id: string; readonly bulk: string | null; readonly body: unknown },
>(connection: Connection, rows: readonly A[]): Promise<A[]> {
  if (rows.length === 0) return [];
  const sealing = await sealingOf(connection);
  const open = ({ id, bulk, body }: A) => sealing.openJson(places.act, [bulk ?? id], body as Buffer);
  return Promise.all(rows.map(async (row) => ({ ...row, body: await open(row) })));
}

/** What the hub answered to a caller under the key of its request, kept for when it asks again. */
export async function sealedAnswer(
  connection: Connection,
  caller: string,
  key: string,
  answer: unknown,
): Promise<Buffer | null> {
  return (await sealingOf(connection)).sealJson(places.requestAnswer, ownerOfSystem(caller), [caller, key], answer);
}

/** @throws Failure PAYLOAD_ERASED, PAYLOAD_UNREADABLE */
export async function openedAnswer(
  connection: Connection,
  caller: string,
  key: string,
  answer: Buffer,
): Promise<unknown> {
  return (await sealingOf(connection)).openJson(places.requestAnswer, [caller, key], answer);
}
