/** Releases (解质押): from the pledge, its loan and whose it is, to goods that left or were given back to the pledge. */
import { createHash } from 'node:crypto';
import { Failure } from '../../contracts/failures.ts';
import { begin, move, type Actor, type Tx } from '../lifecycle.ts';
import { accountOf, type AccountRow } from '../parties/parties.ts';
import { decidedElsewhere } from '../oversight/approvals.ts';
import { endUnpledgedReceipts, noteLeft } from './changeReceipts.ts';
import { pledgeValue } from './pledges.ts';
import { moveStock, type LotRow } from './stock.ts';
import { financedBy, projectOf, type Project } from '../configuration/projects.ts';

export interface OpenPledge {
  readonly applicationNo: string;
  readonly pledgeNo: string;
  readonly loanNo: string;
  /** What the funder calls it. */
  readonly funderLoanNo: string;
  /** What secures it at the registry: the pledge's own, and one for each change that added goods. */
  readonly registrations: readonly LiveRegistration[];
  /** The posted repayment that settled the loan; undefined while something is owed. */
  readonly settledBy?: string;
  readonly dealerId: string;
  readonly dealer: { readonly name: string; readonly uscc: string };
  readonly dealerAccount: AccountRow;
  readonly funderAccount: AccountRow;
  readonly project: Project;
}

export interface LiveRegistration {
  readonly requestNo: string;
  readonly registrationNo: string;
  readonly amendCode: string;
}

/** @throws Failure NOT_FOUND when the case holds no effective pledge of that borrower's application */
export async function openPledge(
  tx: Tx,
  caseId: string,
  applicationNo: string,
  borrowerUscc: string,
): Promise<OpenPledge> {
  const found = await tx.query<{
    pledgeNo: string;
    loanNo: string;
    funderLoanNo: string;
    registrations: LiveRegistration[];
    settledBy: string | null;
    dealerId: string;
    funderId: string;
    name: string;
    uscc: string;
    sellerNo: string;
  }>(
    `select p.no "pledgeNo", l.no "loanNo", l.funder_no "funderLoanNo", d.id "dealerId", a.funder_id "funderId", d.legal_name name, d.uscc, o.seller_no "sellerNo",
       (select coalesce(jsonb_agg(jsonb_build_object('requestNo', r.request_no, 'registrationNo', r.registration_no, 'amendCode', r.amend_code) order by r.request_no), '[]')
        from registration r where r.pledge_no = p.no and r.state in ('REGISTERED', 'AMENDED', 'EXTENDED')) registrations,
       case when l.state = 'SETTLED' then (select r.no from repayment r where r.loan_no = l.no and r.state = 'POSTED' order by r.posted_at desc, r.no desc limit 1) end "settledBy"
     from application a join pledge p on p.application_no = a.no join loan l on l.application_no = a.no
       join party d on d.id = a.borrower_id join trade_order o on (o.seller_no, o.order_no) = (a.seller_no, a.order_no)
     where a.no = $1 and a.case_id = $2 and d.uscc = $3 and p.state in ('EFFECTIVE', 'PARTIALLY_RELEASED')
       and l.state in ('ACTIVE', 'EXTENDED', 'DUE', 'OVERDUE', 'SETTLED')`,
    [applicationNo, caseId, borrowerUscc],
  );
  const row = found.rows[0];
  if (!row)
    throw new Failure('NOT_FOUND', {
      detail: `the case holds no effective pledge with an open loan for application ${applicationNo}`,
    });
  const { dealerId, funderId, name, uscc, sellerNo, settledBy, ...rest } = row;
  const project = financedBy(await projectOf(tx, sellerNo), funderId);
  return {
    ...rest,
    ...(settledBy === null ? {} : { settledBy }),
    applicationNo,
    dealerId,
    dealer: { name, uscc },
    dealerAccount: await accountOf(tx, dealerId),
    funderAccount: await accountOf(tx, project.funder.id),
    project,
  };
}

/** What a release rests on: money that was posted, goods that came instead, cash, or more value than is needed (domain.md 1.7). */
export type Ground = 'REPAYMENT' | 'SUBSTITUTION' | 'TOP_UP_EXCESS' | 'CASH_MARGIN';

/** Who fetches the goods: known here by a hash of the identity number, never by the number. */
export interface Picker {
  readonly idNo: string;
  readonly vehicle: string;
}

export interface ReleaseDraft {
  readonly no: string;
  readonly pledgeNo: string;
  /** For REPAYMENT, which is the ground when none is named. */
  readonly repaymentNo?: string;
  readonly ground?: Ground;
  /** For SUBSTITUTION. */
  readonly changeNo?: string;
  readonly picker?: Picker;
  /** All that is pledged when left out. */
  readonly lots: readonly LotRow[] | undefined;
}

/** What is drafted is taken out of the pledge's value at once, so that no second order can promise the same goods. */
export async function draftRelease(
  tx: Tx,
  release: ReleaseDraft,
  actor: Actor,
): Promise<{ lots: LotRow[]; valueAfter: string }> {
  await tx.query(
    `insert into release_order (no, pledge_no, repayment_no, ground, change_no, picker_id_sha256, picker_vehicle, state)
     values ($1, $2, $3, $4, $5, $6, $7, 'DRAFT')`,
    [
      release.no,
      release.pledgeNo,
      release.repaymentNo ?? null,
      release.ground ?? 'REPAYMENT',
      release.changeNo ?? null,
      release.picker ? pickerHash(release.no, release.picker.idNo) : null,
      release.picker?.vehicle ?? null,
    ],
  );
  await begin(tx, 'release_order', release.no, 'draft', actor);
  const pledged = await tx.query<LotRow>(
    `select i.lot_no "lotNo", l.material "materialCode", i.open::text quantity, l.unit
     from pledge_item i join stock_lot l using (lot_no) left join pledge_change c on c.no = i.change_no
     where i.pledge_no = $1 and not i.closed and i.open > 0 and (c.no is null or c.state in ('REGISTERED', 'DONE')) order by i.lot_no for update of i`,
    [release.pledgeNo],
  );
  const lots = release.lots ?? pledged.rows;
  if (lots.length === 0) throw new Failure('STOCK_SHORT', { detail: 'nothing is pledged that could be released' });
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

/**
 * The funder's two people approved it, as its verified message names them. The token opens the gate once; only its hash is
 * kept here.
 * @throws Failure SAME_PERSON_APPROVAL, REPAYMENT_NOT_POSTED, LTV_EXCEEDED, FLOOR_BREACH, PRICE_STALE (by the database)
 */
export async function approveRelease(
  tx: Tx,
  no: string,
  token: string,
  validTo: Date,
  people: { maker: string; checker: string; source?: string },
  actor: Actor,
): Promise<void> {
  const { maker, checker, source = 'funder' } = people;
  const subject = { entity: 'release_order', id: no, event: 'approve' } as const;
  const approval = await decidedElsewhere(tx, subject, { maker, checker, source }, actor);
  const columns = { token_sha256: sha256(token), valid_to: validTo, maker, checker };
  await move(tx, 'release_order', no, 'approve', actor, columns, { approval });
}

/**
 * The token at the gate (I-15): once, before it expires, in the hands of the named picker with the named vehicle.
 * @throws Failure NOT_ALLOWED, DEADLINE_PASSED (by the database)
 */
export async function passGate(tx: Tx, no: string, token: string, picker: Picker): Promise<void> {
  await tx.query(
    'insert into gate_pass (release_no, token_sha256, picker_id_sha256, vehicle) values ($1, $2, $3, $4)',
    [no, sha256(token), pickerHash(no, picker.idNo), picker.vehicle],
  );
}

/** The release does not come about: its goods are pledged again. */
export async function cancelRelease(
  tx: Tx,
  no: string,
  event: 'reject' | 'cancel' | 'expire',
  actor: Actor,
): Promise<void> {
  await move(tx, 'release_order', no, event, actor);
  await tx.query(
    `update pledge_item p set released = p.released - i.quantity from release_item i join release_order o on o.no = i.release_no
     where o.no = $1 and p.pledge_no = o.pledge_no and p.lot_no = i.lot_no`,
    [no],
  );
}

/**
 * Compensation: takes back whatever of a release has not ended. Once it is with the warehouse, its token must first run out.
 * @throws Failure ILLEGAL_TRANSITION while the warehouse may still let the goods out
 */
export async function undoRelease(tx: Tx, no: string, actor: Actor): Promise<void> {
  const found = await tx.query<{ state: string; expired: boolean }>(
    'select state, coalesce(valid_to <= hub_now(), false) expired from release_order where no = $1 for update',
    [no],
  );
  const { state, expired } = found.rows[0] ?? { state: 'CANCELLED', expired: false };
  const outside = state === 'SENT_TO_WH' || state === 'ACKED';
  if (outside && !expired)
    throw new Failure('ILLEGAL_TRANSITION', { detail: `the warehouse may still let the goods of ${no} out` });
  if (outside) return cancelRelease(tx, no, 'expire', actor);
  if (['DRAFT', 'PENDING_FND', 'APPROVED'].includes(state)) await cancelRelease(tx, no, 'cancel', actor);
}

/**
 * Goods left. What was released is pledged no more, and stock shrinks by what left: the rest lies there as the owner's.
 * A lot is closed when no other release of it is under way, for that one may yet be given back.
 */
export async function executeRelease(
  tx: Tx,
  no: string,
  pledgeNo: string,
  outboundNo: string,
  lots: readonly LotRow[],
  actor: Actor,
  outboundAt?: string,
): Promise<void> {
  const now = await tx.query<{ now: Date }>('select hub_now() now');
  const outbound = { outbound_no: outboundNo, outbound_at: outboundAt ?? now.rows[0]?.now };
  await move(tx, 'release_order', no, 'execute', actor, outbound);
  const released = await tx.query<{ lotNo: string; quantity: string }>(
    'select lot_no "lotNo", quantity::text quantity from release_item where release_no = $1 order by lot_no',
    [no],
  );
  for (const { lotNo, quantity } of released.rows) await moveStock(tx, 'UNLOCK', lotNo, quantity, no, actor);
  for (const lot of lots) {
    const moved = await tx.query(
      'update release_item set outbound = outbound + $3 where release_no = $1 and lot_no = $2',
      [no, lot.lotNo, lot.quantity],
    );
    if (moved.rowCount !== 1)
      throw new Failure('STOCK_SHORT', { detail: `lot ${lot.lotNo} left the warehouse but was not released` });
    await moveStock(tx, 'OUTBOUND', lot.lotNo, lot.quantity, no, actor);
  }
  await noteLeft(tx, pledgeNo, lots);
  await tx.query(
    `update pledge_item p set closed = true where pledge_no = $1 and open = 0 and not closed and not exists (
       select from release_item i join release_order o on o.no = i.release_no
       where o.pledge_no = p.pledge_no and i.lot_no = p.lot_no and o.state in ('DRAFT', 'PENDING_FND', 'APPROVED', 'SENT_TO_WH', 'ACKED'))`,
    [pledgeNo],
  );
  const left = await tx.query('select 1 from pledge_item where pledge_no = $1 and not closed limit 1', [pledgeNo]);
  await move(tx, 'pledge', pledgeNo, left.rowCount === 0 ? 'release' : 'releasePart', actor);
  await endUnpledgedReceipts(tx, pledgeNo, actor);
  await move(tx, 'release_order', no, 'close', actor);
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

/** Salted with the release: the same person in two orders is not seen to be the same. */
const pickerHash = (releaseNo: string, idNo: string) => sha256(`${releaseNo} ${idNo}`);
