/**
 * Slices (份额) of an offered asset: each funder that subscribed lends on an application of its own, with its own contract, its own
 * registration and its own disbursement (domain.md 1.14). The first slice is the application that was offered.
 */
import { Failure } from '../../contracts/failures.ts';
import { begin, move, type Actor, type Tx } from '../lifecycle.ts';
import { approveApplication, withdrawApplication, type Terms } from './applications.ts';
import { lockShare } from './assets.ts';

export interface Slice {
  readonly applicationNo: string;
  readonly subscriptionNo: string;
  readonly funder: { readonly id: string; readonly name: string; readonly uscc: string; readonly system: string };
  readonly amount: string;
}

/** Those whom the offer was allotted to: who asked for less first, then who came first. */
export async function allotted(tx: Tx, offerNo: string, projectId: string): Promise<Slice[]> {
  const found = await tx.query<Omit<Slice, 'applicationNo' | 'funder'> & Slice['funder'] & { lead: string }>(
    `select s.no "subscriptionNo", s.amount::text, o.application_no "lead", f.id, f.legal_name name, f.uscc, pf.system
     from subscription s join asset_offer o on o.no = s.offer_no join party f on f.id = s.funder_id
       join project_funder pf on pf.funder_id = f.id and pf.project_id = $2
     where s.offer_no = $1 and s.state = 'ACCEPTED' order by s.rate_low, s.placed_at, s.no`,
    [offerNo, projectId],
  );
  if (found.rows.length === 0) throw new Failure('NO_FUNDER_AVAILABLE', { detail: `nobody subscribed to ${offerNo}` });
  return found.rows.map(({ subscriptionNo, amount, lead, ...funder }, place) => ({
    applicationNo: place === 0 ? lead : `${lead}-${place + 1}`,
    subscriptionNo,
    funder,
    amount,
  }));
}

/** Each slice is approved on the terms that two people fixed; the first one before its shares. */
export async function openSlices(
  tx: Tx,
  slices: readonly Slice[],
  terms: Omit<Terms, 'amount'>,
  actor: Actor,
): Promise<void> {
  const [lead, ...shares] = slices;
  if (!lead) return;
  await tx.query('update application set funder_id = $2 where no = $1', [lead.applicationNo, lead.funder.id]);
  await approve(tx, lead, terms, actor);
  for (const share of shares) {
    await tx.query(
      `insert into application (no, case_id, borrower_id, funder_id, amount, currency, tenor_days, purpose, payee_account, product_id, product, disclosed, recourse, state)
       select $2, case_id, borrower_id, $3, $4, currency, tenor_days, purpose, payee_account, product_id, product, disclosed, recourse, 'SUBMITTED'
       from application where no = $1`,
      [lead.applicationNo, share.applicationNo, share.funder.id, share.amount],
    );
    await begin(tx, 'application', share.applicationNo, 'submit', actor);
    await lockShare(tx, lead.applicationNo, share.applicationNo, share.amount);
    await move(tx, 'application', share.applicationNo, 'lock', actor);
    await approve(tx, share, terms, actor);
  }
}

async function approve(tx: Tx, slice: Slice, terms: Omit<Terms, 'amount'>, actor: Actor): Promise<void> {
  await move(tx, 'application', slice.applicationNo, 'push', actor);
  await approveApplication(tx, slice.applicationNo, slice.subscriptionNo, { ...terms, amount: slice.amount }, actor);
}

/** Compensation: the shares first, then what they are shares of. @throws Failure PAYMENT_UNKNOWN_PENDING when money may have moved */
export async function withdrawSlices(tx: Tx, leadNo: string, actor: Actor): Promise<void> {
  const found = await tx.query<{ no: string }>(
    'select distinct application_no no from asset_lock where share_of = $1 and released_at is null order by 1',
    [leadNo],
  );
  for (const { no } of found.rows) await withdrawApplication(tx, no, actor);
  await withdrawApplication(tx, leadNo, actor);
}
