/** Releases (解质押): from the pledge, its loan and whose it is, to goods that left or were given back to the pledge. */
import { createHash } from 'node:crypto';
import { Failure } from '../contracts/failures.ts';
import { begin, move, type Actor, type Tx } from './lifecycle.ts';
import { accountOf, type AccountRow } from './parties.ts';
import { pledgeValue, type LotRow } from './pledges.ts';
import { projectOf, type Project } from './projects.ts';

export interface OpenPledge {
  readonly applicationNo: string;
  readonly pledgeNo: string;
  readonly loanNo: string;
  readonly registrationNo: string;
  readonly registrationRequestNo: string;
  readonly amendCode: string;
  readonly dealer: { readonly name: string; readonly uscc: string };
  readonly dealerAccount: AccountRow;
  readonly funderAccount: AccountRow;
  readonly project: Project;
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
    registrationNo: string;
    registrationRequestNo: string;
    amendCode: string;
    dealerId: string;
    name: string;
    uscc: string;
    sellerNo: string;
  }>(
    `select p.no "pledgeNo", l.no "loanNo", r.registration_no "registrationNo", r.request_no "registrationRequestNo", r.amend_code "amendCode",
       d.id "dealerId", d.legal_name name, d.uscc, o.seller_no "sellerNo"
     from application a join pledge p on p.application_no = a.no join loan l on l.application_no = a.no
       join registration r on r.pledge_no = p.no join party d on d.id = a.borrower_id join trade_order o on o.order_no = a.order_no
     where a.no = $1 and a.case_id = $2 and d.uscc = $3 and p.state in ('EFFECTIVE', 'PARTIALLY_RELEASED') and l.state = 'ACTIVE'`,
    [applicationNo, caseId, borrowerUscc],
  );
  const row = found.rows[0];
  if (!row)
    throw new Failure('NOT_FOUND', {
      detail: `the case holds no effective pledge with an open loan for application ${applicationNo}`,
    });
  const project = await projectOf(tx, row.sellerNo);
  const { dealerId, name, uscc, sellerNo: _, ...rest } = row;
  return {
    ...rest,
    applicationNo,
    dealer: { name, uscc },
    dealerAccount: await accountOf(tx, dealerId),
    funderAccount: await accountOf(tx, project.funder.id),
    project,
  };
}

/** What is drafted is taken out of the pledge's value at once, so that no second order can promise the same goods. */
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
     from pledge_item i join stock_lot l using (lot_no)
     where i.pledge_no = $1 and not i.closed and i.released < i.quantity order by i.lot_no for update of i`,
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
  if (state === 'SENT_TO_WH' && !expired)
    throw new Failure('ILLEGAL_TRANSITION', { detail: `the warehouse may still let the goods of ${no} out` });
  if (state === 'SENT_TO_WH') return cancelRelease(tx, no, 'expire', actor);
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
): Promise<void> {
  await move(tx, 'release_order', no, 'execute', actor, { outbound_no: outboundNo });
  await tx.query(
    'update stock_lot l set pledged = l.pledged - i.quantity from release_item i where i.release_no = $1 and i.lot_no = l.lot_no',
    [no],
  );
  for (const lot of lots) {
    const moved = await tx.query(
      'update release_item set outbound = outbound + $3 where release_no = $1 and lot_no = $2',
      [no, lot.lotNo, lot.quantity],
    );
    if (moved.rowCount !== 1)
      throw new Failure('STOCK_SHORT', { detail: `lot ${lot.lotNo} left the warehouse but was not released` });
    await tx.query('update stock_lot set on_hand = on_hand - $2 where lot_no = $1', [lot.lotNo, lot.quantity]);
  }
  await tx.query(
    `update pledge_item p set closed = true where pledge_no = $1 and released = quantity and not exists (
       select from release_item i join release_order o on o.no = i.release_no
       where o.pledge_no = p.pledge_no and i.lot_no = p.lot_no and o.state in ('DRAFT', 'PENDING_FND', 'APPROVED', 'SENT_TO_WH'))`,
    [pledgeNo],
  );
  const left = await tx.query('select 1 from pledge_item where pledge_no = $1 and not closed limit 1', [pledgeNo]);
  await move(tx, 'pledge', pledgeNo, left.rowCount === 0 ? 'release' : 'releasePart', actor);
  await move(tx, 'release_order', no, 'close', actor);
}
