/** Offers of assets to funders (资产分配) and their subscriptions (认购), up to the rate that two people fix. */
import { Failure } from '../../contracts/failures.ts';
import { begin, move, stateOf, type Actor, type Tx } from '../lifecycle.ts';

export interface Offer {
  readonly no: string;
  readonly applicationNo: string;
  readonly channel: string;
  readonly amount: string;
  readonly currency: string;
  readonly minTicket: string;
  /** Fractions per year. */
  readonly rateLow: string;
  readonly rateHigh: string;
  /** Funders that see it at all. */
  readonly visibleTo: readonly string[];
  readonly closesAt: Date;
}

/** @throws Failure LIMIT_INSUFFICIENT above what was applied for, ASSET_ALREADY_LOCKED when it is offered already */
export async function draftOffer(tx: Tx, offer: Offer, actor: Actor): Promise<void> {
  await tx.query(
    `insert into asset_offer (no, application_no, channel, amount, currency, min_ticket, rate_low, rate_high, visible_to, closes_at, state)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'DRAFT')`,
    [
      offer.no,
      offer.applicationNo,
      offer.channel,
      offer.amount,
      offer.currency,
      offer.minTicket,
      offer.rateLow,
      offer.rateHigh,
      offer.visibleTo,
      offer.closesAt,
    ],
  );
  await begin(tx, 'asset_offer', offer.no, 'draft', actor);
}

export interface Subscription {
  readonly no: string;
  readonly offerNo: string;
  readonly funder: string;
  readonly amount: string;
  /** What the funder would take: the final rate lies between. */
  readonly rateLow: string;
  readonly rateHigh: string;
}

/** @throws Failure NOT_ALLOWED, DEADLINE_PASSED, RATE_OUTSIDE_RANGE, CONTRACT_VIOLATED below the minimum ticket */
export async function placeSubscription(tx: Tx, subscription: Subscription, actor: Actor): Promise<void> {
  await tx.query(
    "insert into subscription (no, offer_no, funder_id, amount, rate_low, rate_high, state) values ($1, $2, $3, $4, $5, $6, 'PLACED')",
    [
      subscription.no,
      subscription.offerNo,
      subscription.funder,
      subscription.amount,
      subscription.rateLow,
      subscription.rateHigh,
    ],
  );
  await begin(tx, 'subscription', subscription.no, 'place', actor);
}

/**
 * Accepts, outbids or cancels a subscription; the offer follows.
 * @throws Failure LIMIT_INSUFFICIENT when the offer has not so much left, ILLEGAL_TRANSITION once the rate is fixed
 */
export async function decideSubscription(
  tx: Tx,
  no: string,
  event: 'accept' | 'outbid' | 'cancel',
  actor: Actor,
): Promise<void> {
  const found = await tx.query<{ offer: string }>(
    'select o.no offer from subscription s join asset_offer o on o.no = s.offer_no where s.no = $1 for update of o',
    [no],
  );
  const offer = found.rows[0]?.offer;
  if (offer === undefined) throw new Failure('NOT_FOUND', { detail: `there is no subscription ${no}` });
  await move(tx, 'subscription', no, event, actor);
  await follow(tx, offer, actor);
}

/**
 * The offer is closed: who asks for less comes first, at the same rate who came first. What does not fit any more is outbid.
 * Returns whether all of it is taken.
 */
export async function allot(tx: Tx, offerNo: string, actor: Actor): Promise<boolean> {
  const placed = await tx.query<{ no: string }>(
    "select no from subscription where offer_no = $1 and state = 'PLACED' order by rate_low, placed_at, no",
    [offerNo],
  );
  for (const { no } of placed.rows) {
    const left = await tx.query<{ fits: boolean }>(
      'select s.amount <= o.amount - o.accepted fits from subscription s join asset_offer o on o.no = s.offer_no where s.no = $1',
      [no],
    );
    await decideSubscription(tx, no, left.rows[0]?.fits === true ? 'accept' : 'outbid', actor);
  }
  return (await stateOf(tx, 'asset_offer', offerNo)) === 'FULLY_SUBSCRIBED';
}

/** The maker writes down the rate that he wants fixed; the checker approves exactly this. */
export async function proposeRate(tx: Tx, offerNo: string, rate: string): Promise<void> {
  const set = await tx.query(
    "update asset_offer set final_rate = $2 where no = $1 and state in ('PARTIALLY_SUBSCRIBED', 'FULLY_SUBSCRIBED')",
    [offerNo, rate],
  );
  if (set.rowCount !== 1) throw new Failure('ILLEGAL_TRANSITION', { detail: `offer ${offerNo} takes no rate now` });
}

/** @throws Failure SAME_PERSON_APPROVAL, APPROVAL_STALE, RATE_OUTSIDE_RANGE */
export async function fixRate(tx: Tx, offerNo: string, approval: string, actor: Actor): Promise<void> {
  await move(tx, 'asset_offer', offerNo, 'fixRate', actor, {}, { approval });
}

/** Nobody is bound any more. */
export async function endOffer(tx: Tx, no: string, event: 'withdraw' | 'lapse', actor: Actor): Promise<void> {
  await move(tx, 'asset_offer', no, event, actor);
  const open = await tx.query<{ no: string }>(
    "select no from subscription where offer_no = $1 and state in ('PLACED', 'ACCEPTED') order by no",
    [no],
  );
  for (const subscription of open.rows)
    await move(tx, 'subscription', subscription.no, 'cancel', actor, {}, { word: 'SYS' });
}

/** The state of an offer tells how much of it is taken. */
async function follow(tx: Tx, no: string, actor: Actor): Promise<void> {
  const found = await tx.query<{ full: boolean; empty: boolean }>(
    'select accepted = amount "full", accepted = 0 "empty" from asset_offer where no = $1',
    [no],
  );
  const state = await stateOf(tx, 'asset_offer', no);
  const { full = false, empty = true } = found.rows[0] ?? {};
  if (full && state !== 'FULLY_SUBSCRIBED') return move(tx, 'asset_offer', no, 'fill', actor);
  if (full) return;
  if (empty && state !== 'PUBLISHED') return move(tx, 'asset_offer', no, 'empty', actor);
  if (empty) return;
  await move(tx, 'asset_offer', no, state === 'FULLY_SUBSCRIBED' ? 'drain' : 'subscribe', actor);
}
