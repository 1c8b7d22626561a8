/** Stock (货物), pledges (质押), their registration, and releases (解质押). Quantities are exact: the database counts. */
import { createHash } from 'node:crypto';
import { Failure } from '../contracts/failures.ts';
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

/** V = Σ quantity × price of what is still pledged, rounded once. */
export async function pledgeValue(tx: Tx, no: string): Promise<string> {
  const found = await tx.query<{ value: string }>(
    'select round(coalesce(sum((quantity - released) * price), 0), 2)::text value from pledge_item where pledge_no = $1 and not closed',
    [no],
  );
  return found.rows[0]?.value ?? '0.00';
}

/** Undoes a pledge that never became effective. */
export async function cancelPledge(tx: Tx, no: string, actor: Actor): Promise<void> {
  await tx.query(
    'update stock_lot l set pledged = l.pledged - (i.quantity - i.released) from pledge_item i where i.pledge_no = $1 and i.lot_no = l.lot_no and not i.closed',
    [no],
  );
  await tx.query('update pledge_item set released = quantity, closed = true where pledge_no = $1', [no]);
  await tx.query(
    `update pledge set state = state where no = $1`, // Locks the row; the move below decides.
    [no],
  );
  await move(tx, 'pledge', no, 'cancel', actor);
}

export async function draftRelease(
  tx: Tx,
  release: { no: string; pledgeNo: string; repaymentNo: string; lots: readonly LotRow[] | undefined },
  actor: Actor,
): Promise<{ lots: LotRow[]; valueAfter: string }> {
  await tx.query("insert into release_order (no, pledge_no, repayment_no, state) values ($1, $2, $3, 'DRAFT')", [
    release.no,
    release.pledgeNo,
    release.repaymentNo,
  ]);
  await begin(tx, 'release_order', release.no, 'draft', actor);
  const pledged = await tx.query<LotRow>(
    `select i.lot_no "lotNo", l.material "materialCode", (i.quantity - i.released)::text quantity, l.unit
     from pledge_item i join stock_lot l using (lot_no) where i.pledge_no = $1 and not i.closed order by i.lot_no for update of i`,
    [release.pledgeNo],
  );
  const lots = release.lots ?? pledged.rows;
  for (const lot of lots) {
    if (!pledged.rows.some((row) => row.lotNo === lot.lotNo))
      throw new Failure('STOCK_SHORT', { detail: `lot ${lot.lotNo} is not pledged here` });
    await tx.query('insert into release_item (release_no, lot_no, quantity) values ($1, $2, $3)', [
      release.no,
      lot.lotNo,
      lot.quantity,
    ]);
    await tx.query('update pledge_item set released = released + $3 where pledge_no = $1 and lot_no = $2', [
      release.pledgeNo,
      lot.lotNo,
      lot.quantity,
    ]);
  }
  return { lots: [...lots], valueAfter: await pledgeValue(tx, release.pledgeNo) };
}

/** The token opens the gate once; only its hash is kept here. */
export async function approveRelease(
  tx: Tx,
  no: string,
  token: string,
  validTo: Date,
  people: { maker: string; checker: string },
  actor: Actor,
): Promise<void> {
  await move(tx, 'release_order', no, 'approve', actor, {
    token_sha256: createHash('sha256').update(token).digest('hex'),
    valid_to: validTo,
    maker: people.maker,
    checker: people.checker,
  });
}

/** Goods left: stock shrinks by exactly what was released, the pledge by the same. */
export async function executeRelease(
  tx: Tx,
  no: string,
  pledgeNo: string,
  outboundNo: string,
  lots: readonly LotRow[],
  actor: Actor,
): Promise<void> {
  for (const lot of lots) {
    const moved = await tx.query(
      'update release_item set outbound = outbound + $3 where release_no = $1 and lot_no = $2',
      [no, lot.lotNo, lot.quantity],
    );
    if (moved.rowCount !== 1)
      throw new Failure('STOCK_SHORT', { detail: `lot ${lot.lotNo} left the warehouse but was not released` });
    await tx.query('update stock_lot set pledged = pledged - $2, on_hand = on_hand - $2 where lot_no = $1', [
      lot.lotNo,
      lot.quantity,
    ]);
  }
  await tx.query('update pledge_item set closed = true where pledge_no = $1 and released = quantity', [pledgeNo]);
  await move(tx, 'release_order', no, 'execute', actor, { outbound_no: outboundNo });
  const left = await tx.query('select 1 from pledge_item where pledge_no = $1 and not closed limit 1', [pledgeNo]);
  await move(tx, 'pledge', pledgeNo, left.rowCount === 0 ? 'release' : 'releasePart', actor);
  await move(tx, 'release_order', no, 'close', actor);
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
