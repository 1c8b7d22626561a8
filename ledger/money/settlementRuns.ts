/** Runs of settlement files: which file was taken, which one replaced which, and which was parked whole. */
import type { CollectionSettled } from '../../contracts/clearing/clearing.ts';
import type { SettlementFile } from '../../contracts/clearing/settlement.ts';
import type { Message } from '../../contracts/contract.ts';
import { Failure } from '../../contracts/failures.ts';
import type { Store } from '../../store/store.ts';
import { begin, move, type Actor, type Tx } from '../lifecycle.ts';
import type { Purpose } from './payments.ts';

export type SettledFact = Message<typeof CollectionSettled>;

export interface SettlementBooks {
  readonly store: Store;
  /** The system the files come from. */
  readonly connector: string;
  /** What of the hub's payments goes through it. */
  readonly purposes: readonly Purpose[];
  /** Party id of the funder whose disbursements stop while this is not signed off. */
  readonly funder?: string;
  readonly actor: Actor;
  /** Takes facts in the same transaction, as a callback's would be: the same fact by another road is none. */
  readonly tell: (tx: Tx, facts: readonly SettledFact[]) => Promise<void>;
}

/** How a re-issued file differs from the one that it replaces. */
export interface Reissue {
  readonly replaces: string;
  readonly added: number;
  readonly removed: number;
  readonly changed: number;
  /** The first of them. */
  readonly keys: readonly { readonly key: string; readonly was: string | null; readonly is: string | null }[];
}

const shownMax = 1_000;

/** @throws Failure when the day has a file that this one may not replace */
export async function replaceEarlier(
  tx: Tx,
  books: SettlementBooks,
  file: SettlementFile,
): Promise<Reissue | undefined> {
  const earlier = await runOfDay(tx, books, file);
  if (!earlier) return undefined;
  const sequence = Number(earlier.no.split('-').at(-2));
  if (sequence === file.sequence) throw parkable(`${file.name}: sequence ${sequence} was another file (${earlier.no})`);
  if (sequence > file.sequence) throw parkable(`${file.name}: a later file of the day was taken (${earlier.no})`);
  if (earlier.state === 'SIGNED_OFF') throw parkable(`${file.name}: the day is signed off (${earlier.no})`);
  const report = await reissueOf(tx, earlier.no);
  await move(tx, 'recon_run', earlier.no, 'replace', books.actor, {}, { reason: `replaced by ${file.name}` });
  return report;
}

async function reissueOf(tx: Tx, replaces: string): Promise<Reissue> {
  const differences = `from (select key, ext_amount || ' ' || ext_state was from recon_item where run_no = $1 and ext_amount is not null) o
     full join (select key, amount || ' ' || state is_now from settlement_stage) n using (key) where was is distinct from is_now`;
  const counted = await tx.query<{ added: number; removed: number; changed: number }>(
    `select count(*) filter (where was is null)::int added, count(*) filter (where is_now is null)::int removed,
       count(*) filter (where was is not null and is_now is not null)::int changed ${differences}`,
    [replaces],
  );
  const { rows } = await tx.query<{ key: string; was: string | null; is: string | null }>(
    `select key, was, is_now "is" ${differences} order by key limit $2`,
    [replaces, shownMax],
  );
  return { replaces, ...(counted.rows[0] ?? { added: 0, removed: 0, changed: 0 }), keys: rows };
}

/** A day has one run under its connector; what comes beside it and is not taken is kept under a name next to it. */
export async function park(tx: Tx, books: SettlementBooks, file: SettlementFile, reason: string): Promise<void> {
  const beside = (await runOfDay(tx, books, file)) !== undefined;
  await insertRun(tx, books, file, '0.00', beside ? `${books.connector}/parked` : books.connector);
  await move(tx, 'recon_run', runNoOf(books, file), 'park', books.actor, {}, { reason: reason.slice(0, 500) });
}

async function runOfDay(tx: Tx, books: SettlementBooks, file: SettlementFile) {
  const { rows } = await tx.query<{ no: string; state: string }>(
    `select no, state from recon_run where connector = $1 and type = 'FUND' and on_date = $2 and state not in ('PARKED', 'VOID')`,
    [books.connector, file.on],
  );
  return rows[0];
}

export async function insertRun(
  tx: Tx,
  books: SettlementBooks,
  file: SettlementFile,
  sum: string,
  connector = books.connector,
): Promise<void> {
  await tx.query(
    `insert into recon_run (no, on_date, connector, type, funder_id, file_sha256, control_count, control_sum, state)
     values ($1, $2, $3, 'FUND', $4, $5, $6, $7, 'RECEIVED')`,
    [runNoOf(books, file), file.on, connector, books.funder ?? null, file.sha256, file.count, sum],
  );
  await begin(tx, 'recon_run', runNoOf(books, file), 'receive', books.actor);
}

/** The same connector, day, sequence and content are the same run: read twice, it is known. */
export function runNoOf(books: SettlementBooks, file: SettlementFile): string {
  const sequence = String(file.sequence).padStart(2, '0');
  return `RR-${books.connector}-${file.on.replaceAll('-', '')}-${sequence}-${file.sha256.slice(0, 12)}`;
}

export function isKnown(books: SettlementBooks, file: SettlementFile): Promise<boolean> {
  return known(books.store.pool, runNoOf(books, file));
}

export async function known(from: Pick<Tx, 'query'> | Store['pool'], runNo: string): Promise<boolean> {
  return (await from.query('select from recon_run where no = $1', [runNo])).rowCount !== 0;
}

/** The whole file is parked for it. */
export function parkable(detail: string): Failure {
  return new Failure('FILE_NOT_WHOLE', { detail });
}
