/**
 * Warehouse receipts (仓单): issued, endorsed, pledged, split and merged, delivered. That only what is free of a pledge is
 * split, merged or endorsed, that goods are conserved, and that no two live receipts promise the same lot, the database holds.
 */
import { begin, move, stateOf, type Actor, type Tx } from '../lifecycle.ts';
import { receiptColumns, type ReceiptElements, type ReceiptGoods } from './receiptElements.ts';

/** A receipt that is issued through the hub: a draft, which lacks no element once it is issued. */
export async function draftReceipt(tx: Tx, receipt: ReceiptElements, actor: Actor): Promise<void> {
  await insertReceipt(tx, receipt, 'ISSUED', 'DRAFT');
  await begin(tx, 'warehouse_receipt', receipt.no, 'draft', actor);
}

/** The keeper signs, and hands it over. @throws Failure CONTRACT_VIOLATED (by the database) while an element is missing */
export async function issueReceipt(tx: Tx, no: string, actor: Actor): Promise<void> {
  await move(tx, 'warehouse_receipt', no, 'issue', actor);
  await move(tx, 'warehouse_receipt', no, 'handOver', actor);
}

/** The keeper says that it issued one: taken as told, with what is missing left out. Told again, nothing changes. */
export async function tellReceipt(tx: Tx, receipt: ReceiptElements, actor: Actor): Promise<void> {
  if ((await stateOf(tx, 'warehouse_receipt', receipt.no)) !== undefined) return;
  await insertReceipt(tx, receipt, 'AS_TOLD', 'HELD');
  await begin(tx, 'warehouse_receipt', receipt.no, 'tell', actor);
}

/** Elements of the law and the standard that nobody has told, by name. */
export async function missingElements(tx: Tx, no: string): Promise<string[]> {
  const found = await tx.query<{ missing: string[] }>('select receipt_missing($1) missing', [no]);
  return found.rows[0]?.missing ?? [];
}

interface Seals {
  readonly endorserSha256: string;
}

/** The holder endorses (背书) it to somebody; it is theirs when the keeper has countersigned (民法典 910). */
export function endorseReceipt(
  tx: Tx,
  no: string,
  to: { readonly party: string } & Seals,
  actor: Actor,
): Promise<void> {
  return move(tx, 'warehouse_receipt', no, 'endorse', actor, {
    endorsee_id: to.party,
    endorser_sha256: to.endorserSha256,
  });
}

export async function countersignReceipt(tx: Tx, no: string, keeperSha256: string, actor: Actor): Promise<void> {
  await tx.query('select from warehouse_receipt where no = $1 for update', [no]);
  await tx.query(
    `insert into receipt_endorsement (receipt_no, no, kind, endorser_id, endorsee_id, endorser_sha256, keeper_sha256)
     select r.no, 1 + (select count(*) from receipt_endorsement e where e.receipt_no = r.no), 'TRANSFER', r.holder_id, r.endorsee_id, r.endorser_sha256, $2
     from warehouse_receipt r where r.no = $1 and r.state = 'TRANSFER_PENDING'`,
    [no, keeperSha256],
  );
  const to = await tx.query<{ party: string }>('select endorsee_id party from warehouse_receipt where no = $1', [no]);
  await move(tx, 'warehouse_receipt', no, 'countersign', actor, {
    holder_id: to.rows[0]?.party,
    endorsee_id: null,
    endorser_sha256: null,
  });
}

export function declineEndorsement(tx: Tx, no: string, actor: Actor): Promise<void> {
  return move(tx, 'warehouse_receipt', no, 'decline', actor, { endorsee_id: null, endorser_sha256: null });
}

/** One receipt becomes several: each takes some of its lots. Part a lot before, where one is to be shared. */
export async function splitReceipt(
  tx: Tx,
  no: string,
  children: readonly { readonly no: string; readonly keeperSha256: string; readonly goods: readonly ReceiptGoods[] }[],
  actor: Actor,
): Promise<void> {
  await end(tx, no, 'split', actor);
  for (const child of children) await inherit(tx, [no], child, actor);
}

/** Several receipts of one holder become one. */
export async function mergeReceipts(
  tx: Tx,
  parents: readonly string[],
  child: { readonly no: string; readonly keeperSha256: string },
  actor: Actor,
): Promise<void> {
  const goods = await tx.query<ReceiptGoods>(
    `select lot_no "lotNo", variety, spec, (quantity - delivered)::text quantity, unit, quality, packaging, pieces, marks from receipt_item
     where receipt_no = any($1) and bound and delivered < quantity order by lot_no`,
    [parents],
  );
  for (const parent of parents) await end(tx, parent, 'merge', actor);
  await inherit(tx, parents, { ...child, goods: goods.rows }, actor);
}

/** Goods leave under a receipt that nothing encumbers, all of them or a part. */
export async function deliverReceipt(
  tx: Tx,
  no: string,
  lots: readonly { readonly lotNo: string; readonly quantity: string }[],
  actor: Actor,
): Promise<void> {
  await move(tx, 'warehouse_receipt', no, 'deliver', actor);
  for (const lot of lots) await noteDelivered(tx, no, lot.lotNo, lot.quantity);
  const left = await tx.query('select from receipt_item where receipt_no = $1 and delivered < quantity limit 1', [no]);
  if (left.rowCount !== 0) return move(tx, 'warehouse_receipt', no, 'deliverPart', actor);
  await unbind(tx, no);
  await move(tx, 'warehouse_receipt', no, 'deliverAll', actor);
}

export async function noteDelivered(tx: Tx, no: string, lotNo: string, quantity: string): Promise<void> {
  await tx.query('update receipt_item set delivered = delivered + $3 where receipt_no = $1 and lot_no = $2', [
    no,
    lotNo,
    quantity,
  ]);
}

/** Its pledge has ended: the holder's again, and done with when all of it left. */
export async function endReceiptPledge(tx: Tx, no: string, actor: Actor): Promise<void> {
  await move(tx, 'warehouse_receipt', no, 'askRelease', actor);
  await move(tx, 'warehouse_receipt', no, 'release', actor);
  const left = await tx.query('select from receipt_item where receipt_no = $1 and delivered < quantity limit 1', [no]);
  if (left.rowCount === 0) await deliverReceipt(tx, no, [], actor);
}

/** Taken back before anybody but the depositor held it. */
export async function voidReceipt(tx: Tx, no: string, actor: Actor): Promise<void> {
  await end(tx, no, 'void', actor);
}

async function end(tx: Tx, no: string, event: 'split' | 'merge' | 'void', actor: Actor): Promise<void> {
  await unbind(tx, no);
  await move(tx, 'warehouse_receipt', no, event, actor);
}

async function unbind(tx: Tx, no: string): Promise<void> {
  await tx.query('update receipt_item set bound = false where receipt_no = $1', [no]);
}

/** The children say what the first parent said, of their own goods, under the keeper's new seal. */
async function inherit(
  tx: Tx,
  parents: readonly string[],
  child: { readonly no: string; readonly keeperSha256: string; readonly goods: readonly ReceiptGoods[] },
  actor: Actor,
): Promise<void> {
  const copied = `form, warehouse, depositor_id, depositor_name, depositor_address, holder_id, loss_standard, storage_place, storage_from, storage_to,
    storage_fee, issuer_id, issued_place, rights_notice`;
  await tx.query(
    `insert into warehouse_receipt (no, basis, insured, issued_at, keeper_sha256, state, ${copied})
     select $2, 'AS_TOLD', case when insured then null else insured end, hub_now(), $3, 'HELD', ${copied} from warehouse_receipt where no = $1`,
    [parents[0], child.no, child.keeperSha256],
  );
  for (const goods of child.goods) await insertGoods(tx, child.no, goods);
  await tx.query('insert into receipt_link (child_no, parent_no) select $1, unnest($2::text[])', [child.no, parents]);
  await begin(tx, 'warehouse_receipt', child.no, 'tell', actor);
}

async function insertReceipt(
  tx: Tx,
  receipt: ReceiptElements,
  basis: 'ISSUED' | 'AS_TOLD',
  state: string,
): Promise<void> {
  const columns = receiptColumns(receipt, basis, state);
  const names = Object.keys(columns);
  await tx.query(
    `insert into warehouse_receipt (${names.join(', ')}) values (${names.map((_, i) => `$${i + 1}`).join(', ')})`,
    names.map((name) => columns[name] ?? null),
  );
  for (const goods of receipt.goods) await insertGoods(tx, receipt.no, goods);
}

async function insertGoods(tx: Tx, no: string, goods: ReceiptGoods): Promise<void> {
  await tx.query(
    `insert into receipt_item (receipt_no, lot_no, variety, spec, quantity, unit, quality, packaging, pieces, marks)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
    [
      no,
      goods.lotNo,
      goods.variety,
      goods.spec ?? null,
      goods.quantity,
      goods.unit,
      goods.quality ?? null,
      goods.packaging ?? null,
      goods.pieces ?? null,
      goods.marks ?? null,
    ],
  );
}
