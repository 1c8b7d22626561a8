/** Receipts (仓单) beside the one of a pledge: what a change brought in lies under its own. And the pledge that needs none any more. */
import { Failure } from '../../contracts/failures.ts';
import { move, stateOf, type Actor, type Tx } from '../lifecycle.ts';
import { endReceiptPledge, noteDelivered, voidReceipt } from './receipts.ts';
import { moveStock, type LotRow } from './stock.ts';
import { recordToldReceipt, type ToldReceipt } from './told.ts';

/** Those of a pledge: its own, and those of its changes. */
async function receiptsOf(tx: Tx, pledgeNo: string): Promise<string[]> {
  const found = await tx.query<{ no: string }>(
    `select r.no from warehouse_receipt r where r.no in (select receipt_no from pledge where no = $1 union select receipt_no from pledge_change where pledge_no = $1)
     order by r.no`,
    [pledgeNo],
  );
  return found.rows.map(({ no }) => no);
}

/** Under whichever receipt of the pledge it lies. */
export async function noteLeft(
  tx: Tx,
  pledgeNo: string,
  lots: readonly Pick<LotRow, 'lotNo' | 'quantity'>[],
): Promise<void> {
  for (const receipt of await receiptsOf(tx, pledgeNo))
    for (const lot of lots) await noteDelivered(tx, receipt, lot.lotNo, lot.quantity);
}

/** Nothing of what they stand for is pledged any more: the holder's again, and done with when all of it left. */
export async function endUnpledgedReceipts(tx: Tx, pledgeNo: string, actor: Actor): Promise<void> {
  const ended = await tx.query<{ no: string }>(
    `select r.no from warehouse_receipt r where r.state = 'PLEDGED' and (
       r.no = (select receipt_no from pledge where no = $1) and not exists (select from pledge_item i where i.pledge_no = $1 and not i.closed)
       or r.no in (select c.receipt_no from pledge_change c where c.pledge_no = $1
         and not exists (select from pledge_item i where i.change_no = c.no and not i.closed))) order by r.no`,
    [pledgeNo],
  );
  for (const { no } of ended.rows) await endReceiptPledge(tx, no, actor);
}

/** The keeper issued a receipt for what the change brings in; it is endorsed in pledge with it. */
export async function receiptOfChange(
  tx: Tx,
  changeNo: string,
  told: ToldReceipt,
  warehouse: string,
  actor: Actor,
): Promise<void> {
  await recordToldReceipt(tx, told, warehouse, actor);
  await tx.query('update pledge_change set receipt_no = $2 where no = $1', [changeNo, told.receiptNo]);
  await move(tx, 'warehouse_receipt', told.receiptNo, 'endorsePledge', actor);
}

/** The change does not come about: its receipt goes back to the keeper and is void, its goods are free. */
export async function freeReceiptOfChange(tx: Tx, changeNo: string, actor: Actor): Promise<void> {
  const found = await tx.query<{ no: string }>(
    `select r.no from pledge_change c join warehouse_receipt r on r.no = c.receipt_no where c.no = $1 and r.state in ('PLEDGE_PENDING', 'PLEDGED')`,
    [changeNo],
  );
  for (const { no } of found.rows) {
    await move(tx, 'warehouse_receipt', no, 'takeBack', actor);
    await voidReceipt(tx, no, actor);
  }
}

/** The pledge becomes one of a total (总量控货): its receipts go back to the keeper and are void, its goods come and go above the floor. */
export async function makeFloating(
  tx: Tx,
  pledgeNo: string,
  agreed: { readonly floorValue: string; readonly supervisionNo: string },
  actor: Actor,
): Promise<void> {
  const receipts = await receiptsOf(tx, pledgeNo);
  await tx.query('update pledge_change set receipt_no = null where pledge_no = $1', [pledgeNo]);
  await tx.query(
    `update pledge set basis = 'STOCK_FLOATING', receipt_no = null, min_floor_value = $2, supervision_no = $3 where no = $1`,
    [pledgeNo, agreed.floorValue, agreed.supervisionNo],
  );
  for (const receipt of receipts) {
    if ((await stateOf(tx, 'warehouse_receipt', receipt)) !== 'PLEDGED') continue;
    await move(tx, 'warehouse_receipt', receipt, 'takeBack', actor);
    await voidReceipt(tx, receipt, actor);
  }
}

/**
 * The gate lets so much pass: what stays must be worth the floor and carry what is owed, at today's prices. It counts no more from now
 * on, so that two that come at once cannot both pass.
 * @throws Failure FLOOR_BREACH, LTV_EXCEEDED, PRICE_STALE, STOCK_SHORT
 */
export async function letPass(
  tx: Tx,
  pledgeNo: string,
  lots: readonly { readonly lotNo: string; readonly quantity: string }[],
  actor: Actor,
): Promise<void> {
  await tx.query('select from pledge where no = $1 for update', [pledgeNo]);
  for (const { lotNo, quantity } of lots) {
    const moved = await tx.query(
      `update pledge_item set released = released + $3, closed = (released + lost + $3::numeric = quantity) where pledge_no = $1 and lot_no = $2 and open >= $3::numeric`,
      [pledgeNo, lotNo, quantity],
    );
    if (moved.rowCount !== 1)
      throw new Failure('STOCK_SHORT', { detail: `lot ${lotNo} is not pledged here to that amount` });
    await moveStock(tx, 'UNLOCK', lotNo, quantity, pledgeNo, actor);
  }
  const found = await tx.query<{ why: 'FLOOR_BREACH' | 'LTV_EXCEEDED' | 'PRICE_STALE' | null }>(
    'select case when pledge_value(no) < min_floor_value then $$FLOOR_BREACH$$ else pledge_uncovered(no) end why from pledge where no = $1',
    [pledgeNo],
  );
  const why = found.rows[0]?.why;
  if (why) throw new Failure(why, { detail: 'what would stay is worth less than it must' });
}

/** What passed the gate has left. */
export async function passed(tx: Tx, lots: readonly LotRow[], outboundNo: string, actor: Actor): Promise<void> {
  for (const { lotNo, quantity } of lots) await moveStock(tx, 'OUTBOUND', lotNo, quantity, outboundNo, actor);
}

/** What a pledge is worth, owes and must keep, now. */
export async function standingOf(
  tx: Tx,
  pledgeNo: string,
): Promise<{
  basis: string;
  value: string;
  exposure: string;
  pledgeRate: string;
  floor: string | null;
  balance: string;
  called: boolean;
}> {
  const found = await tx.query<{
    basis: string;
    value: string;
    exposure: string;
    pledgeRate: string;
    floor: string | null;
    balance: string;
    called: boolean;
  }>(
    `select p.basis, pledge_value(p.no)::numeric(17, 2)::text value, pledge_exposure(p.no)::numeric(17, 2)::text exposure, p.pledge_rate::text "pledgeRate",
       p.min_floor_value::text floor, coalesce((select sum(l.balance) from loan l where l.application_no = p.application_no), 0)::numeric(17, 2)::text balance,
       alert_open('MARGIN_CALL', p.no) or exists (select from loan l where l.application_no = p.application_no and alert_open('MARGIN_CALL', l.no)) called
     from pledge p where p.no = $1`,
    [pledgeNo],
  );
  const row = found.rows[0];
  if (!row) throw new Failure('NOT_FOUND', { detail: `there is no pledge ${pledgeNo}` });
  return row;
}

export interface OfferedLot {
  readonly lotNo: string;
  readonly materialCode: string;
  readonly available: string;
  /** A receipt stands for it. */
  readonly bound: boolean;
  /** It was in this pledge, or offered for it, before: a pledge takes a lot once. */
  readonly before: boolean;
}

/** Of these lots, those that are this owner's in this warehouse. */
export async function offeredLots(
  tx: Tx,
  pledgeNo: string,
  lotNos: readonly string[],
  owner: string,
  warehouse: string,
): Promise<OfferedLot[]> {
  const found = await tx.query<OfferedLot>(
    `select l.lot_no "lotNo", l.material "materialCode", l.available::text available, exists (select from receipt_item r where r.lot_no = l.lot_no and r.bound) bound,
       exists (select from pledge_item i where i.lot_no = l.lot_no and i.pledge_no = $4) before
     from stock_lot l where l.lot_no = any($1) and l.owner_id = $2 and l.warehouse = $3`,
    [lotNos, owner, warehouse, pledgeNo],
  );
  return found.rows;
}

/** How often a part was begun to be repaid: the next one has the next number. */
export async function partsRepaid(tx: Tx, loanNo: string): Promise<number> {
  const found = await tx.query<{ parts: number }>(
    "select count(*)::int parts from repayment where loan_no = $1 and type = 'EARLY_PART'",
    [loanNo],
  );
  return found.rows[0]?.parts ?? 0;
}

/** @throws Failure NOT_FOUND */
export async function dealerOf(tx: Tx, uscc: string): Promise<string> {
  const found = await tx.query<{ id: string }>("select id from party where uscc = $1 and state = 'ACTIVE'", [uscc]);
  const id = found.rows[0]?.id;
  if (id === undefined) throw new Failure('NOT_FOUND', { detail: 'the owner is no active party of the books' });
  return id;
}
