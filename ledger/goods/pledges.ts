/** Pledges (质押): static, floating (总量控制) or of a warehouse receipt, and their registration. Quantities are exact: the database counts. */
import { guardUnfunded } from '../guards.ts';
import { begin, move, stateOf, type Actor, type Tx } from '../lifecycle.ts';
import { endUnpledgedReceipts, noteLeft } from './changeReceipts.ts';
import { moveStock, type LotRow } from './stock.ts';

export interface PledgeItem extends LotRow {
  /** Per unit: the lower of contract and market price when it was pledged. */
  readonly price: string;
  readonly priceAt: string;
}

export interface PledgeRequest {
  readonly no: string;
  readonly applicationNo: string;
  readonly pledgor: string;
  readonly pledgee: string;
  readonly supervisor: string;
  readonly securedAmount: string;
  readonly pledgeRate: string;
  readonly items: readonly PledgeItem[];
  /** RECEIPT when left out: of a receipt that is there (`receiptNo`), or that the keeper issues when it has locked the goods. */
  readonly basis?: 'RECEIPT' | 'STOCK_STATIC' | 'STOCK_FLOATING';
  readonly receiptNo?: string;
  /** STOCK_FLOATING: the value that must stay (最低控货价值). */
  readonly minFloorValue?: string;
  readonly supervisionNo?: string;
  /** Loan to value at which it warns, calls and disposes (警戒线, 补仓线, 处置线): fractions of the product. */
  readonly lines?: { readonly warn: string; readonly call: string; readonly dispose: string };
}

/** @throws Failure PLEDGE_OVERLAP, STOCK_SHORT (by the database) when goods are pledged elsewhere or not there */
export async function requestPledge(tx: Tx, pledge: PledgeRequest, actor: Actor): Promise<{ value: string }> {
  const { lines } = pledge;
  const receiptNo = pledge.receiptNo ?? (await liveReceipt(tx, pledge));
  await tx.query(
    `insert into pledge (no, application_no, pledgor_id, pledgee_id, supervisor_id, basis, secured_amount, pledge_rate, state, receipt_no, min_floor_value,
       supervision_no, warn_rate, call_rate, dispose_rate)
     values ($1, $2, $3, $4, $5, $6, $7, $8::numeric, 'REQUESTED', $9, $10, $11, greatest(coalesce($12::numeric, 0.75), $8::numeric), coalesce($13::numeric, 0.80), coalesce($14::numeric, 0.90))`,
    [
      pledge.no,
      pledge.applicationNo,
      pledge.pledgor,
      pledge.pledgee,
      pledge.supervisor,
      pledge.basis ?? 'RECEIPT',
      pledge.securedAmount,
      pledge.pledgeRate,
      receiptNo ?? null,
      pledge.minFloorValue ?? null,
      pledge.supervisionNo ?? null,
      lines?.warn ?? null,
      lines?.call ?? null,
      lines?.dispose ?? null,
    ],
  );
  await begin(tx, 'pledge', pledge.no, 'request', actor);
  if (receiptNo !== undefined) await move(tx, 'warehouse_receipt', receiptNo, 'endorsePledge', actor);
  await addItems(tx, pledge.no, pledge.items, pledge.no, undefined, actor);
  return { value: await pledgeValue(tx, pledge.no) };
}

/** Goods for which a receipt stands are pledged through it (解释 59(2)). */
async function liveReceipt(tx: Tx, pledge: PledgeRequest): Promise<string | undefined> {
  if ((pledge.basis ?? 'RECEIPT') !== 'RECEIPT') return undefined;
  const found = await tx.query<{ no: string }>(
    'select receipt_no no from receipt_item where lot_no = any($1) and bound limit 1',
    [pledge.items.map((item) => item.lotNo)],
  );
  return found.rows[0]?.no;
}

/** Items of a pledge, and their lock in stock under `documentNo`. */
export async function addItems(
  tx: Tx,
  pledgeNo: string,
  items: readonly PledgeItem[],
  documentNo: string,
  changeNo: string | undefined,
  actor: Actor,
): Promise<void> {
  for (const item of items) {
    await tx.query(
      'insert into pledge_item (pledge_no, lot_no, quantity, price, price_at, change_no) values ($1, $2, $3, $4, $5, $6)',
      [pledgeNo, item.lotNo, item.quantity, item.price, item.priceAt, changeNo ?? null],
    );
    await moveStock(tx, 'LOCK', item.lotNo, item.quantity, documentNo, actor);
  }
}

/**
 * V = Σ quantity × price of what is still pledged, at the lower of the pledged and the market price (domain.md 1.7), cut to
 * the fen once: never more than the goods are worth.
 */
export async function pledgeValue(tx: Tx, no: string): Promise<string> {
  const found = await tx.query<{ value: string }>('select pledge_value($1)::numeric(17, 2)::text value', [no]);
  return found.rows[0]?.value ?? '0.00';
}

/**
 * The supervisor holds the goods for the pledgee (解释 55), and where a receipt stands for them, the pledge is of that receipt.
 * The receipt is in the books already (`tellReceipt`).
 */
export async function confirmControl(
  tx: Tx,
  no: string,
  control: { readonly receiptNo?: string; readonly at: string | Date },
  actor: Actor,
): Promise<void> {
  const { receiptNo } = control;
  if (receiptNo !== undefined && receiptNo !== (await receiptOf(tx, no)))
    await move(tx, 'warehouse_receipt', receiptNo, 'endorsePledge', actor);
  await move(tx, 'pledge', no, 'control', actor, {
    control_at: control.at,
    ...(receiptNo === undefined ? {} : { receipt_no: receiptNo }),
  });
}

/** The funder has the papers in its custody: the pledge is in effect. */
export async function takeCustody(tx: Tx, no: string, custodyNo: string, actor: Actor): Promise<void> {
  const receipt = await receiptOf(tx, no);
  if (receipt !== undefined)
    await move(tx, 'warehouse_receipt', receipt, 'countersignPledge', actor, {}, { word: 'FND' });
  const now = await tx.query<{ now: Date }>('select hub_now() now');
  await move(tx, 'pledge', no, 'takeCustody', actor, { custody_no: custodyNo, effective_at: now.rows[0]?.now });
}

/** The receipt of a pledge, where the books hold it. */
async function receiptOf(tx: Tx, no: string): Promise<string | undefined> {
  const found = await tx.query<{ receipt: string }>(
    'select r.no receipt from pledge p join warehouse_receipt r on r.no = p.receipt_no where p.no = $1',
    [no],
  );
  return found.rows[0]?.receipt;
}

/**
 * Undoes a pledge on which nothing was lent, effective or not. What the warehouse and the registry hold of it is undone
 * before, by their own compensation.
 * @throws Failure PAYMENT_UNKNOWN_PENDING when money may have moved, ILLEGAL_TRANSITION when it ended already
 */
export async function cancelPledge(tx: Tx, no: string, actor: Actor): Promise<void> {
  const found = await tx.query<{ application: string }>('select application_no application from pledge where no = $1', [
    no,
  ]);
  if (found.rows[0]) await guardUnfunded(tx, found.rows[0].application);
  await move(tx, 'pledge', no, 'cancel', actor);
  await closeItems(tx, { pledgeNo: no }, no, actor);
  await freeReceipt(tx, no, actor);
}

async function freeReceipt(tx: Tx, no: string, actor: Actor): Promise<void> {
  const receipt = await receiptOf(tx, no);
  if (receipt === undefined) return;
  const state = await stateOf(tx, 'warehouse_receipt', receipt);
  if (state === 'PLEDGED' || state === 'PLEDGE_PENDING')
    await move(tx, 'warehouse_receipt', receipt, 'takeBack', actor);
}

/** What is still open of a pledge, or of what one change added to it, is pledged no more. Returns it. */
export async function closeItems(
  tx: Tx,
  of: { readonly pledgeNo: string; readonly changeNo?: string },
  documentNo: string,
  actor: Actor,
): Promise<{ lotNo: string; quantity: string }[]> {
  const open = await tx.query<{ lotNo: string; quantity: string; open: boolean }>(
    `select lot_no "lotNo", open::text quantity, open > 0 open from pledge_item
     where pledge_no = $1 and ($2::text is null or change_no = $2) and not closed order by lot_no for update`,
    [of.pledgeNo, of.changeNo ?? null],
  );
  for (const item of open.rows) {
    await tx.query(
      'update pledge_item set released = quantity - lost, closed = true where pledge_no = $1 and lot_no = $2',
      [of.pledgeNo, item.lotNo],
    );
    if (item.open) await moveStock(tx, 'UNLOCK', item.lotNo, item.quantity, documentNo, actor);
  }
  return open.rows.filter((item) => item.open);
}

/** The funder's two people decide to sell (平仓处置). @throws Failure SAME_PERSON_APPROVAL without their approval */
export function startDisposal(
  tx: Tx,
  no: string,
  by: { readonly approval: string; readonly reason: string },
  actor: Actor,
): Promise<void> {
  return move(tx, 'pledge', no, 'dispose', actor, {}, by);
}

/** The cause is gone before anything was sold (风险解除). */
export function liftDisposal(
  tx: Tx,
  no: string,
  by: { readonly approval: string; readonly reason: string },
  actor: Actor,
): Promise<void> {
  return move(tx, 'pledge', no, 'lift', actor, {}, by);
}

/** Sold: what was pledged left to its buyer. What the proceeds pay is the loan's matter, the surplus the pledgor's (民法典 438). */
export async function finishDisposal(tx: Tx, no: string, saleNo: string, actor: Actor): Promise<void> {
  await move(tx, 'pledge', no, 'disposed', actor);
  const sold = await closeItems(tx, { pledgeNo: no }, saleNo, actor);
  for (const { lotNo, quantity } of sold) await moveStock(tx, 'OUTBOUND', lotNo, quantity, saleNo, actor);
  await noteLeft(tx, no, sold);
  await endUnpledgedReceipts(tx, no, actor);
}

export async function submitRegistration(
  tx: Tx,
  registration: { requestNo: string; pledgeNo: string; searchNo: string; searchedAt: string },
  actor: Actor,
): Promise<void> {
  await tx.query(
    "insert into registration (request_no, pledge_no, state, search_no, searched_at) values ($1, $2, 'SUBMITTED', $3, $4)",
    [registration.requestNo, registration.pledgeNo, registration.searchNo, registration.searchedAt],
  );
  await begin(tx, 'registration', registration.requestNo, 'submit', actor);
  await move(tx, 'pledge', registration.pledgeNo, 'submit', actor);
}

/** The registry's word: number, code for changes, and how long it lasts. */
export async function recordRegistration(
  tx: Tx,
  registered: {
    requestNo: string;
    registrationNo: string;
    amendCode: string;
    registeredAt: string;
    expiresAt: string;
  },
  actor: Actor,
): Promise<void> {
  await move(tx, 'registration', registered.requestNo, 'register', actor, {
    registration_no: registered.registrationNo,
    amend_code: registered.amendCode,
    registered_at: registered.registeredAt,
    expires_at: registered.expiresAt,
  });
}

export interface RegistrationRow {
  readonly state: string;
  readonly registrationNo: string | null;
  readonly amendCode: string | null;
}

export async function registrationOf(tx: Tx, requestNo: string): Promise<RegistrationRow | undefined> {
  const found = await tx.query<RegistrationRow>(
    'select state, registration_no "registrationNo", amend_code "amendCode" from registration where request_no = $1',
    [requestNo],
  );
  return found.rows[0];
}
