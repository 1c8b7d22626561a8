/**
 * Stock (库存) as a ledger: a lot's quantities are the sums of its movements, and the database holds both together. The hub
 * mirrors what the warehouse says and lays pledges over it; a difference is booked by a note that two parties signed.
 */
import { Failure } from '../../contracts/failures.ts';
import { begin, move, type Actor, type Tx } from '../lifecycle.ts';

export interface LotRow {
  readonly lotNo: string;
  readonly materialCode: string;
  readonly quantity: string;
  readonly unit: string;
}

/** What a warehouse may tell of a lot beyond its number, material and quantity. */
export interface LotParticulars {
  readonly location?: string;
  readonly brand?: string;
  readonly spec?: string;
  readonly grade?: string;
  readonly batch?: string;
  readonly pieces?: number;
  readonly qualityCertNo?: string;
  readonly ownershipDocs?: readonly { readonly name: string; readonly sha256: string }[];
}

export interface GoodsReceipt {
  readonly receiptNo: string;
  readonly noticeNo: string;
  readonly receivedAt: string;
  readonly final: boolean;
}

export type MovementKind = 'INBOUND' | 'OUTBOUND' | 'ADJUST' | 'REGROUP' | 'LOCK' | 'UNLOCK' | 'FREEZE' | 'THAW';

const columnOf = {
  INBOUND: 'on_hand = on_hand + $2::numeric',
  OUTBOUND: 'on_hand = on_hand - $2::numeric',
  ADJUST: 'on_hand = on_hand + $2::numeric',
  REGROUP: 'on_hand = on_hand + $2::numeric',
  LOCK: 'pledged = pledged + $2::numeric',
  UNLOCK: 'pledged = pledged - $2::numeric',
  FREEZE: 'frozen = frozen + $2::numeric',
  THAW: 'frozen = frozen - $2::numeric',
} as const satisfies Record<MovementKind, string>;

/**
 * One movement: the lot's column and the ledger's row. `quantity` in the lot's unit, signed for ADJUST and REGROUP.
 * @throws Failure NOT_FOUND without such a lot, STOCK_SHORT (by the database) when more would be pledged or gone than is there
 */
export async function moveStock(
  tx: Tx,
  kind: MovementKind,
  lotNo: string,
  quantity: string,
  documentNo: string,
  actor: Actor,
): Promise<void> {
  const moved = await tx.query(`update stock_lot set ${columnOf[kind]} where lot_no = $1`, [lotNo, quantity]);
  if (moved.rowCount !== 1) throw new Failure('NOT_FOUND', { detail: `there is no lot ${lotNo}` });
  await tx.query(
    'insert into stock_movement (lot_no, kind, quantity, document_no, actor) values ($1, $2, $3, $4, $5)',
    [lotNo, kind, quantity, documentNo, actor],
  );
}

/** Goods came in: lots of the owner, free of any encumbrance. The same receipt twice changes nothing. */
export async function receiveLots(
  tx: Tx,
  warehouse: string,
  owner: string,
  lots: readonly (LotRow & LotParticulars)[],
  receipt?: GoodsReceipt,
  actor: Actor = 'warehouse',
): Promise<void> {
  if (receipt)
    await tx.query(
      `insert into goods_receipt (receipt_no, notice_no, warehouse, owner_id, received_at, final) values ($1, $2, $3, $4, $5, $6) on conflict do nothing`,
      [receipt.receiptNo, receipt.noticeNo, warehouse, owner, receipt.receivedAt, receipt.final],
    );
  for (const lot of lots) {
    const made = await openLot(tx, lot, { warehouse, owner, receipt });
    if (made) await moveStock(tx, 'INBOUND', lot.lotNo, lot.quantity, receipt?.receiptNo ?? 'inbound', actor);
  }
}

/** An empty lot; false when it is there already. */
async function openLot(
  tx: Tx,
  lot: LotRow & LotParticulars,
  of: { warehouse: string; owner: string; receipt: GoodsReceipt | undefined },
): Promise<boolean> {
  const made = await tx.query(
    `insert into stock_lot (lot_no, warehouse, owner_id, material, unit, on_hand, location, brand, spec, grade, batch, pieces, quality_cert_no,
       ownership_docs, inbound_at, goods_receipt_no)
     values ($1, $2, $3, $4, $5, 0, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) on conflict do nothing`,
    [
      lot.lotNo,
      of.warehouse,
      of.owner,
      lot.materialCode,
      lot.unit,
      lot.location ?? null,
      lot.brand ?? null,
      lot.spec ?? null,
      lot.grade ?? null,
      lot.batch ?? null,
      lot.pieces ?? null,
      lot.qualityCertNo ?? null,
      JSON.stringify(lot.ownershipDocs ?? []),
      of.receipt?.receivedAt ?? null,
      of.receipt?.receiptNo ?? null,
    ],
  );
  return made.rowCount === 1;
}

/** The warehouse parts a lot: new lots of the same goods, whose quantities come out of it. Nothing is won or lost by it. */
export async function partLot(
  tx: Tx,
  parting: {
    readonly lotNo: string;
    readonly documentNo: string;
    readonly parts: readonly { readonly lotNo: string; readonly quantity: string }[];
  },
  actor: Actor,
): Promise<void> {
  for (const part of parting.parts) {
    await tx.query(
      `insert into stock_lot (lot_no, warehouse, owner_id, material, unit, on_hand, location, brand, spec, grade, batch, quality_cert_no, ownership_docs,
         inbound_at, goods_receipt_no)
       select $2, warehouse, owner_id, material, unit, 0, location, brand, spec, grade, batch, quality_cert_no, ownership_docs, inbound_at,
         goods_receipt_no from stock_lot where lot_no = $1`,
      [parting.lotNo, part.lotNo],
    );
    await moveStock(tx, 'REGROUP', parting.lotNo, `-${part.quantity}`, parting.documentNo, actor);
    await moveStock(tx, 'REGROUP', part.lotNo, part.quantity, parting.documentNo, actor);
  }
}

/** Held for another reason than a pledge: a court, a dispute. */
export function freezeLot(tx: Tx, lotNo: string, quantity: string, orderNo: string, actor: Actor): Promise<void> {
  return moveStock(tx, 'FREEZE', lotNo, quantity, orderNo, actor);
}

export function thawLot(tx: Tx, lotNo: string, quantity: string, orderNo: string, actor: Actor): Promise<void> {
  return moveStock(tx, 'THAW', lotNo, quantity, orderNo, actor);
}

export interface Adjustment {
  readonly no: string;
  readonly lotNo: string;
  /** Signed, in the lot's unit. */
  readonly quantity: string;
  readonly reason: string;
  readonly reportSha256: string;
  /** The party that found it: the keeper. */
  readonly maker: string;
}

export async function proposeAdjustment(tx: Tx, adjustment: Adjustment, actor: Actor): Promise<void> {
  await tx.query(
    "insert into stock_adjustment (no, lot_no, quantity, reason, report_sha256, maker_party_id, state) values ($1, $2, $3, $4, $5, $6, 'PROPOSED')",
    [
      adjustment.no,
      adjustment.lotNo,
      adjustment.quantity,
      adjustment.reason,
      adjustment.reportSha256,
      adjustment.maker,
    ],
  );
  await begin(tx, 'stock_adjustment', adjustment.no, 'propose', actor);
}

export interface PostedAdjustment {
  /** What of the lot was pledged and is not there any more: the pledgee's claim for a top-up (F9 7). */
  readonly lostPledged: string;
  readonly pledgeNo: string | undefined;
}

/**
 * Books it as a compensating movement. Pledged goods that are gone are written off the pledge in the same transaction: a
 * pledge never holds more than is there, and the next mark to market sees what it is worth now.
 * `approval`: of `post`, by a person of each party.
 * @throws Failure SAME_PERSON_APPROVAL when one person or one party would have signed alone
 */
export async function postAdjustment(
  tx: Tx,
  no: string,
  by: { readonly signer: string; readonly approval: string },
  actor: Actor,
): Promise<PostedAdjustment> {
  await move(tx, 'stock_adjustment', no, 'post', actor, { signer_party_id: by.signer }, { approval: by.approval });
  const found = await tx.query<{ lotNo: string; quantity: string; lost: string; short: boolean }>(
    `select a.lot_no "lotNo", a.quantity::text quantity, greatest(0, l.pledged + l.frozen - l.on_hand - a.quantity)::text lost,
       l.pledged + l.frozen > l.on_hand + a.quantity short
     from stock_adjustment a join stock_lot l using (lot_no) where a.no = $1 for update of l`,
    [no],
  );
  const row = found.rows[0];
  if (!row) throw new Failure('NOT_FOUND', { detail: `there is no adjustment ${no}` });
  let pledgeNo: string | undefined;
  if (row.short) {
    await moveStock(tx, 'UNLOCK', row.lotNo, row.lost, no, actor);
    const of = await tx.query<{ pledgeNo: string }>(
      `update pledge_item set lost = lost + $2, closed = (released + lost + $2::numeric = quantity) where lot_no = $1 and not closed returning pledge_no "pledgeNo"`,
      [row.lotNo, row.lost],
    );
    pledgeNo = of.rows[0]?.pledgeNo;
  }
  await moveStock(tx, 'ADJUST', row.lotNo, row.quantity, no, actor);
  return { lostPledged: row.lost, pledgeNo };
}

/** The other party does not sign: a dispute. */
export function refuseAdjustment(tx: Tx, no: string, reason: string, actor: Actor): Promise<void> {
  return move(tx, 'stock_adjustment', no, 'refuse', actor, {}, { reason });
}
