/**
 * What changes an effective pledge (F5): exchange (换货), top-up in goods (补货) or in cash, and daily outbound of a floating pledge.
 * What comes in is locked and registered before what goes out is released: the release order rests on the change.
 */
import { begin, move, type Actor, type Tx } from '../lifecycle.ts';
import { decidedElsewhere } from '../oversight/approvals.ts';
import { addItems, closeItems, type PledgeItem } from './pledges.ts';
import { moveStock } from './stock.ts';

export interface ChangeRequest {
  readonly no: string;
  readonly pledgeNo: string;
  readonly kind: 'SUBSTITUTION' | 'TOP_UP';
  readonly reason: string;
  readonly items: readonly PledgeItem[];
}

/**
 * Locks what comes in, in the books; it counts for nothing until it is registered.
 * @throws Failure LTV_EXCEEDED for an exchange while a margin call is open, PLEDGE_OVERLAP, STOCK_SHORT (by the database)
 */
export async function requestChange(tx: Tx, change: ChangeRequest, actor: Actor): Promise<void> {
  await tx.query(
    "insert into pledge_change (no, pledge_no, kind, reason, state) values ($1, $2, $3, $4, 'REQUESTED')",
    [change.no, change.pledgeNo, change.kind, change.reason],
  );
  await begin(tx, 'pledge_change', change.no, 'request', actor);
  await addItems(tx, change.pledgeNo, change.items, change.no, change.no, actor);
}

/** The warehouse locked it and the supervisor holds it for the pledgee. */
export function lockChange(
  tx: Tx,
  no: string,
  control: { readonly lockNo: string; readonly at: string | Date },
  actor: Actor,
): Promise<void> {
  return move(tx, 'pledge_change', no, 'lock', actor, { lock_no: control.lockNo, control_at: control.at });
}

/** The funder's two people, as its verified message names them. */
export async function approveChange(
  tx: Tx,
  no: string,
  people: { readonly maker: string; readonly checker: string; readonly source?: string },
  actor: Actor,
): Promise<void> {
  const { maker, checker, source = 'funder' } = people;
  const subject = { entity: 'pledge_change', id: no, event: 'approve' } as const;
  const approval = await decidedElsewhere(tx, subject, { maker, checker, source }, actor);
  await move(tx, 'pledge_change', no, 'approve', actor, {}, { approval });
}

/** Added collateral ranks by a registration of its own. From now on it counts. */
export function registerChange(tx: Tx, no: string, registrationNo: string, actor: Actor): Promise<void> {
  return move(tx, 'pledge_change', no, 'register', actor, { registration_no: registrationNo });
}

/** What went out has left, or nothing goes out. */
export function finishChange(tx: Tx, no: string, actor: Actor): Promise<void> {
  return move(tx, 'pledge_change', no, 'finish', actor);
}

/** Compensation: what would have come in is unlocked. @throws Failure ILLEGAL_TRANSITION once it is registered */
export async function cancelChange(tx: Tx, no: string, actor: Actor): Promise<void> {
  await move(tx, 'pledge_change', no, 'cancel', actor);
  const of = await tx.query<{ pledgeNo: string }>('select pledge_no "pledgeNo" from pledge_change where no = $1', [no]);
  await closeItems(tx, { pledgeNo: of.rows[0]?.pledgeNo ?? '', changeNo: no }, no, actor);
}

/**
 * Cash beside the goods; negative when it is given back. `statementRef`: the line of the bank statement that proves it, used once.
 * @throws Failure LTV_EXCEEDED, FLOOR_BREACH, PRICE_STALE (by the database) when what stays would not carry what is owed
 */
export async function enterMargin(
  tx: Tx,
  entry: {
    readonly no: string;
    readonly pledgeNo: string;
    readonly amount: string;
    readonly currency: string;
    readonly statementRef: string;
  },
): Promise<void> {
  await tx.query(
    'insert into margin_entry (no, pledge_no, amount, currency, statement_ref) values ($1, $2, $3, $4, $5)',
    [entry.no, entry.pledgeNo, entry.amount, entry.currency, entry.statementRef],
  );
}

/**
 * Daily outbound of a floating pledge needs no order, as long as what stays is worth the floor and carries what is owed.
 * @throws Failure FLOOR_BREACH, LTV_EXCEEDED, PRICE_STALE (by the database, at commit), STOCK_SHORT
 */
export async function floatOut(
  tx: Tx,
  pledgeNo: string,
  lots: readonly { readonly lotNo: string; readonly quantity: string }[],
  outboundNo: string,
  actor: Actor,
): Promise<void> {
  for (const { lotNo, quantity } of lots) {
    await tx.query(
      `update pledge_item set released = released + $3, closed = (released + lost + $3::numeric = quantity) where pledge_no = $1 and lot_no = $2`,
      [pledgeNo, lotNo, quantity],
    );
    await moveStock(tx, 'UNLOCK', lotNo, quantity, pledgeNo, actor);
    await moveStock(tx, 'OUTBOUND', lotNo, quantity, outboundNo, actor);
  }
}
