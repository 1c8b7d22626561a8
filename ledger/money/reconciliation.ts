/**
 * Settlement reconciliation (日终对账, F10): a counterparty's file beside the books, item by item. The verdict follows from the
 * two sides; a difference becomes a case; two people sign the run off. Nothing is corrected but by a compensating command.
 */
import { addWorkingDays } from '../../contracts/canonical/calendar.ts';
import { begin, move, type Actor, type Tx } from '../lifecycle.ts';

export type Verdict = 'MATCHED' | 'AMOUNT_DIFF' | 'STATUS_DIFF' | 'ONLY_HUB' | 'ONLY_EXT';

export interface Line {
  /** By what both sides know it: the instruction's number. */
  readonly key: string;
  readonly amount: string;
  /** In the hub's words; an unmapped one is UNKNOWN, never a success. */
  readonly state: string;
}

export interface SettlementFile {
  readonly runNo: string;
  /** The business day that it is about. */
  readonly on: string;
  readonly connector: string;
  readonly type: 'FUND' | 'LOAN' | 'CERT' | 'STOCK' | 'LIMIT';
  readonly funder?: string;
  readonly sha256: string;
  /** As the file says of itself. */
  readonly controlCount: number;
  readonly controlSum: string;
  readonly lines: readonly Line[];
}

export interface Item {
  readonly key: string;
  readonly verdict: Verdict;
}

/**
 * Compares a file with the hub's lines and opens a case for each difference. A file that is not what its totals say is
 * parked whole. An empty file is valid. Returns the items, none when it was parked.
 */
export async function compareFile(
  tx: Tx,
  file: SettlementFile,
  hub: readonly Line[],
  actor: Actor,
): Promise<readonly Item[]> {
  await tx.query(
    `insert into recon_run (no, on_date, connector, type, funder_id, file_sha256, control_count, control_sum, state)
     values ($1, $2, $3, $4, $5, $6, $7, $8, 'RECEIVED')`,
    [
      file.runNo,
      file.on,
      file.connector,
      file.type,
      file.funder ?? null,
      file.sha256,
      file.controlCount,
      file.controlSum,
    ],
  );
  await begin(tx, 'recon_run', file.runNo, 'receive', actor);
  if (!(await isWhole(tx, file))) {
    await move(tx, 'recon_run', file.runNo, 'park', actor, {}, { reason: 'the file is not what its totals say' });
    return [];
  }
  const found = await tx.query<Item>(
    `insert into recon_item (run_no, key, hub_amount, ext_amount, hub_state, ext_state)
     select $1, key, h.amount, e.amount, h.state, e.state
     from jsonb_to_recordset($2) h (key text, amount numeric, state text)
     full join jsonb_to_recordset($3) e (key text, amount numeric, state text) using (key) order by key returning key, verdict`,
    [file.runNo, JSON.stringify(hub), JSON.stringify(file.lines)],
  );
  await move(tx, 'recon_run', file.runNo, 'compare', actor);
  for (const item of found.rows) if (item.verdict !== 'MATCHED') await openCase(tx, file, item, actor);
  return found.rows;
}

/** Settled one way or the other: named is the compensating command, or the approval of two people by which it is accepted. */
export async function resolveCase(
  tx: Tx,
  no: string,
  how: { readonly command: string } | { readonly accepted: string; readonly approval: string },
  actor: Actor,
): Promise<void> {
  if ('command' in how) return move(tx, 'recon_case', no, 'adjust', actor, { resolution: how.command });
  await move(tx, 'recon_case', no, 'accept', actor, { resolution: how.accepted }, { approval: how.approval });
}

/** Two people sign it off; without open differences only. */
export function signOff(tx: Tx, runNo: string, approval: string, actor: Actor): Promise<void> {
  return move(tx, 'recon_run', runNo, 'signOff', actor, {}, { approval });
}

/** The hub's own figure is apart from the funder's by more than a fen. */
export async function openShadowCase(
  tx: Tx,
  cause: string,
  loanNo: string,
  difference: string,
  actor: Actor,
): Promise<void> {
  const found = await tx.query<{ today: string }>('select shanghai_date(hub_now())::text today');
  const no = `RC-${cause}-${difference.split(' ', 1)[0]}`;
  await tx.query("insert into recon_case (no, subject, difference, due_on, state) values ($1, $2, $3, $4, 'OPEN')", [
    no,
    loanNo,
    difference,
    addWorkingDays(found.rows[0]?.today ?? '', 1),
  ]);
  await begin(tx, 'recon_case', no, 'open', actor);
}

async function openCase(tx: Tx, file: SettlementFile, item: Item, actor: Actor): Promise<void> {
  const no = `RC-${file.runNo}-${item.key}`;
  await tx.query(
    `insert into recon_case (no, run_no, item_key, subject, difference, due_on, state) values ($1, $2, $3, $3, $4, $5, 'OPEN')`,
    [no, file.runNo, item.key, item.verdict, addWorkingDays(file.on, 1)],
  );
  await begin(tx, 'recon_case', no, 'open', actor);
}

async function isWhole(tx: Tx, { controlCount, controlSum, lines }: SettlementFile): Promise<boolean> {
  const found = await tx.query<{ whole: boolean }>(
    `select count(*) = $2 and coalesce(sum(amount), 0) = $3::numeric and count(distinct key) = count(*) whole
     from jsonb_to_recordset($1) l (key text, amount numeric)`,
    [JSON.stringify(lines), controlCount, controlSum],
  );
  return found.rows[0]?.whole === true;
}
