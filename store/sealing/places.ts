/**
 * Every column that is sealed (加密存储), and how a value's place is named: `table\0column\0<key of its row>`, which is
 * authenticated with it. PostgreSQL's text holds no NUL, so no two places have one name.
 */
export interface Place<K extends readonly unknown[]> {
  readonly table: string;
  readonly column: string;
  /** What its data key is for: keys are by owner and class. */
  readonly class: SealClass;
  /** SQL: whose data key seals it. */
  readonly owner: string;
  /** SQL: the parts of the name of a row. */
  readonly row: readonly string[];
  /** The primary key, column and type: the order in which it is gone through. */
  readonly key: readonly (readonly [column: string, type: string])[];
  /** SQL: which rows. */
  readonly only?: string;
  /** The keyed hash by which it is found: column, and what it is a hash of. */
  readonly found?: { readonly by: string; readonly as: SearchField };
  at(...row: K): string;
}

/** C2 is what JR/T 0171-2020 calls personal data whose disclosure does harm. */
export type SealClass =
  /** Raw messages, and what was read from them. */
  | 'message'
  /** Facts and what runs decided. */
  | 'journal'
  /** What people are asked, and what they order. */
  | 'people'
  /** C2: name, number, phone of a person. */
  | 'person';

export type SearchField = 'idNo' | 'phone';

export const hubOwner = 'hub';

/** By whose key the messages with a system, or of a caller, are sealed. */
export function ownerOfSystem(system: string): string {
  return `system:${system}`;
}

export function ownerOfParty(party: string): string {
  return `party:${party}`;
}

type Definition = Omit<Place<[]>, 'at'>;

function place<K extends readonly (string | number)[]>(definition: Definition): Place<K> {
  const prefix = `${definition.table}\0${definition.column}\0`;
  // Most have two parts, and are named tens of thousands of times a second.
  const at = (...row: K): string => prefix + (row.length === 2 ? `${row[0]}\0${row[1]}` : row.join('\0'));
  return { ...definition, at };
}

const exchange = {
  table: 'exchange',
  class: 'message',
  owner: `'system:' || system`,
  row: ['id'],
  key: [['id', 'uuid']],
} as const;
const part = {
  table: 'exchange_part',
  class: 'message',
  owner: `(select 'system:' || system from exchange where id = exchange_id)`,
  row: ['exchange_id', 'no'],
  key: [
    ['exchange_id', 'uuid'],
    ['no', 'int'],
  ],
} as const;
const person = {
  table: 'sign_authority',
  class: 'person',
  owner: `'party:' || party_id`,
  row: ['id'],
  key: [['id', 'uuid']],
} as const;

/**
 * Kinds of journal entries that hold no message and stay open: what SQL reads, and what stands open elsewhere too. Intents
 * (keys, numbers and hashes, as in `effect`), timers, milestones, outcomes (as in `run_done`). Numbers of engine/journal.ts.
 */
export const openKinds: ReadonlySet<number> = new Set([2, 5, 6, 7]);

export const places = {
  journal: place<[run: string, seq: number]>({
    table: 'journal',
    column: 'body',
    class: 'journal',
    owner: `'${hubOwner}'`,
    row: ['run_id', 'seq'],
    key: [
      ['run_id', 'uuid'],
      ['seq', 'int'],
    ],
    only: `kind not in (${[...openKinds].join(', ')})`,
  }),
  signal: place<[key: string, id: string]>({
    table: 'signal',
    column: 'body',
    class: 'journal',
    owner: `'${hubOwner}'`,
    row: ['key', 'id'],
    key: [
      ['key', 'text'],
      ['id', 'text'],
    ],
  }),
  exchangeRequest: place<[id: string]>({ ...exchange, column: 'request' }),
  exchangeAnswer: place<[id: string]>({ ...exchange, column: 'answer' }),
  partPath: place<[exchange: string, no: number]>({ ...part, column: 'path' }),
  partRequest: place<[exchange: string, no: number]>({ ...part, column: 'request' }),
  partAnswer: place<[exchange: string, no: number]>({ ...part, column: 'answer' }),
  requestAnswer: place<[caller: string, key: string]>({
    table: 'request',
    column: 'answer',
    class: 'message',
    owner: `'system:' || caller`,
    row: ['caller', 'key'],
    key: [
      ['caller', 'text'],
      ['key', 'text'],
    ],
  }),
  /** One order on many runs is one text. */
  act: place<[bulkOrId: string]>({
    table: 'act',
    column: 'body',
    class: 'people',
    owner: `'${hubOwner}'`,
    row: ['coalesce(bulk_id, id)'],
    key: [['id', 'uuid']],
  }),
  task: place<[id: string]>({
    table: 'task',
    column: 'payload',
    class: 'people',
    owner: `'${hubOwner}'`,
    row: ['id'],
    key: [['id', 'text']],
  }),
  signerName: place<[id: string]>({ ...person, column: 'name' }),
  signerIdNo: place<[id: string]>({ ...person, column: 'id_no', found: { by: 'id_no_hash', as: 'idNo' } }),
  signerPhone: place<[id: string]>({ ...person, column: 'phone', found: { by: 'phone_hash', as: 'phone' } }),
} as const;

export type AnyPlace = Definition & { at(...row: never): string };

export const allPlaces: readonly AnyPlace[] = Object.values(places);
