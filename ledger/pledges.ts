/** Stock (货物), pledges (质押) and their registration. Quantities are exact: the database counts. */
import { guardUnfunded } from './guards.ts';
import { begin, move, type Actor, type Tx } from './lifecycle.ts';

export interface LotRow {
  readonly lotNo: string;
  readonly materialCode: string;
  readonly quantity: string;
  readonly unit: string;
}

/** Goods came in: lots of the owner, free of any encumbrance. The same receipt twice changes nothing. */
export async function receiveLots(tx: Tx, warehouse: string, owner: string, lots: readonly LotRow[]): Promise<void> {
  for (const lot of lots) {
    await tx.query(
      `insert into stock_lot (lot_no, warehouse, owner_id, material, unit, on_hand) values ($1, $2, $3, $4, $5, $6) on conflict do nothing`,
      [lot.lotNo, warehouse, owner, lot.materialCode, lot.unit, lot.quantity],
    );
  }
}

export async function keepQuote(
  tx: Tx,
  quote: { materialCode: string; price: string; unit: string; source: string; quoteDate: string; asOf: string },
): Promise<void> {
  await tx.query(
    'insert into price_quote (material, quote_date, price, unit, source, as_of) values ($1, $2, $3, $4, $5, $6) on conflict do nothing',
    [quote.materialCode, quote.quoteDate, quote.price, quote.unit, quote.source, quote.asOf],
  );
}

/** A pledge of whole lots, each at the lower of contract and market price (domain.md 1.7). */
export async function requestPledge(
  tx: Tx,
  pledge: {
    no: string;
    applicationNo: string;
    pledgor: string;
    pledgee: string;
    supervisor: string;
    securedAmount: string;
    pledgeRate: string;
    items: readonly (LotRow & { price: string; priceAt: string })[];
  },
  actor: Actor,
): Promise<{ value: string }> {
  await tx.query(
    `insert into pledge (no, application_no, pledgor_id, pledgee_id, supervisor_id, basis, secured_amount, pledge_rate, state)
     values ($1, $2, $3, $4, $5, 'RECEIPT', $6, $7, 'REQUESTED')`,
    [
      pledge.no,
      pledge.applicationNo,
      pledge.pledgor,
      pledge.pledgee,
      pledge.supervisor,
      pledge.securedAmount,
      pledge.pledgeRate,
    ],
  );
  await begin(tx, 'pledge', pledge.no, 'request', actor);
  for (const item of pledge.items) {
    await tx.query(
      'insert into pledge_item (pledge_no, lot_no, quantity, price, price_at) values ($1, $2, $3, $4, $5)',
      [pledge.no, item.lotNo, item.quantity, item.price, item.priceAt],
    );
    await tx.query('update stock_lot set pledged = pledged + $2 where lot_no = $1', [item.lotNo, item.quantity]);
  }
  return { value: await pledgeValue(tx, pledge.no) };
}

/** V = Σ quantity × price of what is still pledged, cut to the fen once: never more than the goods are worth. */
export async function pledgeValue(tx: Tx, no: string): Promise<string> {
  const found = await tx.query<{ value: string }>(
    'select trunc(coalesce(sum((quantity - released) * price), 0), 2)::text value from pledge_item where pledge_no = $1 and not closed',
    [no],
  );
  return found.rows[0]?.value ?? '0.00';
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
  await tx.query(
    'update stock_lot l set pledged = l.pledged - (i.quantity - i.released) from pledge_item i where i.pledge_no = $1 and i.lot_no = l.lot_no and not i.closed',
    [no],
  );
  await tx.query('update pledge_item set released = quantity, closed = true where pledge_no = $1', [no]);
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
