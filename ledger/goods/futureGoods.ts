/**
 * Rights to future goods (未来货权, F4): goods that a mill sells before they exist, from its duty to deliver to the warehouse receipt. The
 * database holds where each unit is, and lets none appear or vanish: `future_line` is moved by `future_move` alone.
 */
import { Failure } from '../../contracts/failures.ts';
import { financedBy, projectOf, type Project, type ProjectCompany } from '../configuration/projects.ts';
import { clear, raise } from '../oversight/alerts.ts';
import { begin, move, type Actor, type Tx } from '../lifecycle.ts';
import type { EventOf } from '../lifecycles.ts';

export interface FutureLine {
  readonly lineNo: string;
  readonly materialCode: string;
  readonly quantity: string;
  readonly unit: string;
  readonly unitPrice: string;
}

export interface FutureRight {
  readonly no: string;
  readonly applicationNo: string;
  /** Party id of the mill. */
  readonly seller: string;
  readonly deliverBy: string;
  readonly deposit: { readonly amount: string; readonly currency: string; readonly statementRef: string };
  readonly undertakingSha256: string;
  readonly lines: readonly FutureLine[];
}

/** @throws Failure IDEMPOTENCY_CONFLICT (by the database) for a deposit that proves another right already */
export async function agreeFuture(tx: Tx, right: FutureRight, actor: Actor): Promise<void> {
  const { deposit } = right;
  await tx.query(
    `insert into future_goods (no, application_no, seller_id, deliver_by, deposit, currency, deposit_ref, undertaking_sha256, state)
     values ($1, $2, $3, $4, $5, $6, $7, $8, 'AGREED')`,
    [
      right.no,
      right.applicationNo,
      right.seller,
      right.deliverBy,
      deposit.amount,
      deposit.currency,
      deposit.statementRef,
      right.undertakingSha256,
    ],
  );
  await begin(tx, 'future_goods', right.no, 'agree', actor);
  for (const line of right.lines)
    await tx.query(
      'insert into future_line (future_no, line_no, material, unit, price, contracted, future) values ($1, $2, $3, $4, $5, $6, $6)',
      [right.no, line.lineNo, line.materialCode, line.unit, line.unitPrice, line.quantity],
    );
}

export type Place = 'future' | 'transit' | 'received' | 'receipt' | 'released' | 'short';

export interface Units {
  readonly materialCode: string;
  readonly quantity: string;
}

/**
 * Units of a material go from one place to the next, line by line in their order; the last line takes what the others cannot.
 * @throws Failure STOCK_SHORT (by the database) when they are not there, NOT_FOUND for a material of no line
 */
export async function moveUnits(
  tx: Tx,
  no: string,
  [origin, destination]: readonly [Place, Place],
  units: readonly Units[],
  documentNo: string,
): Promise<void> {
  for (const { materialCode, quantity } of units) {
    const moved = await tx.query(
      `with l as (select line_no, case origin.name when 'future' then future when 'transit' then transit when 'received' then received else receipt end here,
           row_number() over (order by line_no desc) = 1 last from future_line, (select $3::text name) origin where future_no = $1 and material = $2),
         s as (select line_no, here, last, coalesce(sum(here) over (order by line_no rows between unbounded preceding and 1 preceding), 0) before from l),
         q as (select line_no, case when last then $5::numeric - before else least(here, $5::numeric - before) end quantity from s)
       insert into future_move (future_no, line_no, origin, destination, quantity, document_no)
         select $1, line_no, $3, $4, quantity, $6 from q where quantity > 0`,
      [no, materialCode, origin, destination, quantity, documentNo],
    );
    if (moved.rowCount === 0)
      throw new Failure('NOT_FOUND', { detail: `${no} has no ${materialCode} that could be moved` });
  }
}

/** All that is in that place goes to the other. Returns what went, by material. */
export async function moveAll(
  tx: Tx,
  no: string,
  [origin, destination]: readonly [Place, Place],
  documentNo: string,
): Promise<Units[]> {
  const here = (await unitsOf(tx, no)).filter((line) => !/^0\.0+$/.test(line[origin]));
  const units = here.map((line) => ({ materialCode: line.materialCode, quantity: line[origin] }));
  await moveUnits(tx, no, [origin, destination], units, documentNo);
  return units;
}

export type LinePlaces = Readonly<Record<Place, string>> & {
  readonly lineNo: string;
  readonly materialCode: string;
  readonly unit: string;
  readonly price: string;
  readonly contracted: string;
};

export async function unitsOf(tx: Tx, no: string): Promise<LinePlaces[]> {
  const found = await tx.query<LinePlaces>(
    `select line_no "lineNo", material "materialCode", unit, price::text price, contracted::text contracted, future::text future, transit::text transit,
       received::text received, receipt::text receipt, released::text released, short::text short
     from future_line where future_no = $1 order by line_no`,
    [no],
  );
  return found.rows;
}

/** The right moves on; what has happened is told with it. */
export function moveFuture(
  tx: Tx,
  no: string,
  event: EventOf<'future_goods'>,
  actor: Actor,
  columns: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  return move(tx, 'future_goods', no, event, actor, columns);
}

/**
 * Received and not yet pledged: nothing secures what is owed. It is flagged, and until the goods are pledged nothing more is
 * paid to the same borrower (I-12).
 */
export async function flagUnsecured(
  tx: Tx,
  of: { readonly no: string; readonly loanNo: string; readonly caseId: string; readonly why: string },
  actor: Actor,
): Promise<void> {
  await tx.query('update future_goods set unsecured_since = coalesce(unsecured_since, hub_now()) where no = $1', [
    of.no,
  ]);
  await raise(
    tx,
    {
      type: 'MARGIN_CALL',
      subject: of.loanNo,
      caseId: of.caseId,
      level: 'CALL',
      metric: `unsecured: ${of.why}`.slice(0, 128),
    },
    actor,
  );
}

export async function secured(
  tx: Tx,
  of: { readonly no: string; readonly loanNo: string; readonly caseId: string },
  actor: Actor,
): Promise<void> {
  await tx.query('update future_goods set unsecured_since = null where no = $1', [of.no]);
  await clear(tx, { type: 'MARGIN_CALL', subject: of.loanNo, caseId: of.caseId }, actor, 'the goods are pledged');
}

/** The registration of the goods by their description becomes that of the pledge. */
export async function registrationOfPledge(tx: Tx, requestNo: string, pledgeNo: string): Promise<void> {
  await tx.query('update registration set pledge_no = $2 where request_no = $1', [requestNo, pledgeNo]);
}

/** The holder endorsed the receipt in pledge (背书质押), and the keeper countersigned. */
export async function endorsePledge(
  tx: Tx,
  endorsement: {
    readonly receiptNo: string;
    readonly pledgee: string;
    readonly endorserSha256: string;
    readonly keeperSha256: string;
  },
): Promise<void> {
  await tx.query(
    `insert into receipt_endorsement (receipt_no, no, kind, endorser_id, endorsee_id, endorser_sha256, keeper_sha256)
     select r.no, 1 + (select count(*) from receipt_endorsement e where e.receipt_no = r.no), 'PLEDGE', r.holder_id, $2, $3, $4
     from warehouse_receipt r where r.no = $1`,
    [endorsement.receiptNo, endorsement.pledgee, endorsement.endorserSha256, endorsement.keeperSha256],
  );
}

/** A mill of the books. @throws Failure NOT_FOUND */
export async function sellerNamed(tx: Tx, uscc: string): Promise<ProjectCompany> {
  const found = await tx.query<ProjectCompany>(
    `select p.id, p.legal_name name, p.uscc from party p join party_role r on r.party_id = p.id where p.uscc = $1 and r.role = 'SUPPLIER' limit 1`,
    [uscc],
  );
  const seller = found.rows[0];
  if (!seller) throw new Failure('NOT_FOUND', { detail: 'the seller is no party of the books' });
  return seller;
}

/** All that the delivery of future goods needs to know: as agreed, paid and registered. */
export interface FutureDeal {
  readonly no: string;
  readonly applicationNo: string;
  readonly orderNo: string;
  readonly deliverBy: string;
  readonly loanNo: string;
  readonly pledgeRate: string;
  readonly securedAmount: string;
  readonly registration: { readonly requestNo: string; readonly registrationNo: string; readonly amendCode: string };
  readonly dealer: ProjectCompany;
  readonly seller: ProjectCompany;
  readonly project: Project;
}

/** @throws Failure NOT_FOUND */
export async function futureDeal(tx: Tx, caseId: string, no: string): Promise<FutureDeal> {
  const found = await tx.query<Omit<FutureDeal, 'project'> & { sellerNo: string; funderId: string }>(
    `select f.no, a.no "applicationNo", a.order_no "orderNo", f.deliver_by::text "deliverBy", l.no "loanNo", a.pledge_rate::text "pledgeRate",
       a.approved_amount::text "securedAmount", a.seller_no "sellerNo", a.funder_id "funderId",
       jsonb_build_object('requestNo', r.request_no, 'registrationNo', r.registration_no, 'amendCode', r.amend_code) registration,
       jsonb_build_object('id', d.id, 'name', d.legal_name, 'uscc', d.uscc) dealer, jsonb_build_object('id', s.id, 'name', s.legal_name, 'uscc', s.uscc) seller
     from future_goods f join application a on a.no = f.application_no join loan l on l.application_no = a.no join party d on d.id = a.borrower_id
       join party s on s.id = f.seller_id join registration r on r.application_no = a.no and r.state in ('REGISTERED', 'AMENDED', 'EXTENDED')
     where f.no = $1 and a.case_id = $2`,
    [no, caseId],
  );
  const row = found.rows[0];
  if (!row)
    throw new Failure('NOT_FOUND', { detail: `the case has no right ${no} to future goods that were paid for` });
  const { sellerNo, funderId, ...deal } = row;
  return { ...deal, project: financedBy(await projectOf(tx, sellerNo), funderId) };
}

export async function balanceOf(tx: Tx, loanNo: string): Promise<{ balance: string; state: string }> {
  const found = await tx.query<{ balance: string; state: string }>(
    'select balance::numeric(17, 2)::text balance, state from loan where no = $1',
    [loanNo],
  );
  return found.rows[0] ?? { balance: '0.00', state: '' };
}

/** What the transit report says of the case's right, by the case. */
export async function futureNoOf(tx: Tx, caseId: string): Promise<string> {
  const found = await tx.query<{ no: string }>(
    'select f.no from future_goods f join application a on a.no = f.application_no where a.case_id = $1',
    [caseId],
  );
  const no = found.rows[0]?.no;
  if (no === undefined) throw new Failure('NOT_FOUND', { detail: 'the case has no right to future goods' });
  return no;
}

/** The goods are late (迟到): the feed of their arrival is, by its notice. */
export async function alertLate(tx: Tx, noticeNo: string, eta: string, caseId: string, actor: Actor): Promise<void> {
  await raise(tx, { type: 'STOCK_FEED_LATE', subject: noticeNo, caseId, level: 'WARN', metric: `ETA ${eta}` }, actor);
}
export function clearLate(tx: Tx, noticeNo: string, caseId: string, actor: Actor): Promise<void> {
  return clear(tx, { type: 'STOCK_FEED_LATE', subject: noticeNo, caseId }, actor, 'the goods have arrived');
}

/** What was sent and did not come, by material: exact, the database counts. */
export async function shortOf(tx: Tx, sent: readonly Units[], came: readonly Units[]): Promise<Units[]> {
  const found = await tx.query<Units>(
    `select material "materialCode", sum(quantity)::numeric(15, 3)::text quantity from (
       select x."materialCode" material, x.quantity from jsonb_to_recordset($1) x ("materialCode" text, quantity numeric)
       union all select y."materialCode", -y.quantity from jsonb_to_recordset($2) y ("materialCode" text, quantity numeric)) g
     group by material having sum(quantity) > 0 order by material`,
    [JSON.stringify(sent), JSON.stringify(came)],
  );
  return found.rows;
}
