/** Locks on assets (资产占用): one asset, one financing, whoever asks and wherever (I-05). */
import { move, type Actor, type Tx } from '../lifecycle.ts';

/** The one way to write down which asset is meant. */
export const assetKey = {
  /** A number is unique to its seller only. */
  order: (sellerNo: string, orderNo: string) => `order:${sellerNo}/${orderNo}`,
  invoice: (key: string) => `invoice:${key}`,
  receivable: (no: string) => `receivable:${no}`,
  lot: (lotNo: string) => `lot:${lotNo}`,
  receipt: (receiptNo: string) => `receipt:${receiptNo}`,
} as const;

/** @throws Failure ASSET_ALREADY_LOCKED (by the index asset_locked_once) */
export async function lockAsset(tx: Tx, key: string, applicationNo: string): Promise<void> {
  await tx.query('insert into asset_lock (asset_key, application_no) values ($1, $2)', [key, applicationNo]);
}

export interface FinancedReceivable {
  readonly no: string;
  /** In yuan; at most the confirmed amount times the advance rate. */
  readonly financed: string;
  /** A fraction of at most 1. */
  readonly advanceRate: string;
}

/**
 * Locks a confirmed receivable for an application.
 * @throws Failure ASSET_ALREADY_LOCKED; LIMIT_INSUFFICIENT above what is confirmed times the advance rate (I-03);
 *   NOT_ALLOWED when it is not the borrower's
 */
export async function lockReceivable(
  tx: Tx,
  receivable: FinancedReceivable,
  applicationNo: string,
  actor: Actor,
): Promise<void> {
  await tx.query('insert into asset_lock (asset_key, application_no, financed, advance_rate) values ($1, $2, $3, $4)', [
    assetKey.receivable(receivable.no),
    applicationNo,
    receivable.financed,
    receivable.advanceRate,
  ]);
  await move(tx, 'receivable', receivable.no, 'lock', actor);
}

/**
 * A slice of what is locked for another application: the receivable is locked already.
 * @throws Failure LIMIT_INSUFFICIENT when the slices are more than that
 */
export async function lockShare(tx: Tx, wholeNo: string, applicationNo: string, financed: string): Promise<void> {
  await tx.query(
    `insert into asset_lock (asset_key, application_no, financed, advance_rate, share_of)
     select asset_key, $2, $3, advance_rate, application_no from asset_lock
     where application_no = $1 and receivable_no is not null and share_of is null and released_at is null`,
    [wholeNo, applicationNo, financed],
  );
}

/** Every lock of an application is free again, and its receivables are their creditors' again; not those that it had a share in. */
export async function releaseAssets(tx: Tx, applicationNo: string, actor: Actor): Promise<void> {
  const held = await tx.query<{ receivable: string | null }>(
    'update asset_lock set released_at = hub_now() where application_no = $1 and released_at is null returning case when share_of is null then receivable_no end receivable',
    [applicationNo],
  );
  const nos = held.rows.flatMap((row) => row.receivable ?? []);
  const found = await tx.query<{ no: string; state: string }>(
    'select no, state from receivable where no = any($1) order by no',
    [nos],
  );
  for (const { no, state } of found.rows) {
    if (state === 'LOCKED') await move(tx, 'receivable', no, 'unlock', actor);
    if (state === 'ASSIGNED') await move(tx, 'receivable', no, 'reassign', actor, {}, { reason: 'not financed' });
  }
}
