/** For tests: attacks on offers and subscriptions. */
import type { Attack, Work } from '../attack.fixture.ts';
import { actor } from '../fixture.ts';
import { move } from '../lifecycle.ts';
import { again, factoring, late, onCheck, onIndex, onTrigger } from './attacking.fixture.ts';
import { offer, subscription, sums, type Factoring, type FactoringStage } from './factoring.fixture.ts';
import { draftOffer, placeSubscription, proposeRate, type Subscription } from './offers.ts';

const change = (at: FactoringStage, changes: string) =>
  factoring(at, (f) => `update asset_offer set ${changes} where no = '${f.offerNo}'`);
const fixedAt = (rate?: string) =>
  factoring('filled', (f): Work => async (tx) => {
    if (rate !== undefined) await proposeRate(tx, f.offerNo, rate);
    await tx.query(`update asset_offer set state = 'RATE_FIXED' where no = '${f.offerNo}'`);
  });
const place = (at: FactoringStage, changes: (f: Factoring) => Partial<Subscription>) =>
  factoring(
    at,
    (f): Work =>
      (tx) =>
        placeSubscription(tx, { ...subscription(f, 0), ...changes(f) }, actor),
  );
const onSubscriptions = (what: string, code: string, prepare: Attack['prepare']) =>
  onTrigger('subscription', 'subscription_moves', what, code, prepare);

export const offerAttacks: readonly Attack[] = [
  onCheck('asset_offer', 'offer_rates', 'CONTRACT_VIOLATED', change('drafted', 'rate_low = rate_high + 0.000001')),
  onCheck('asset_offer', 'ticket_within_offer', 'CONTRACT_VIOLATED', change('drafted', 'min_ticket = amount + 0.01')),
  onCheck(
    'asset_offer',
    'offer_not_oversubscribed',
    'LIMIT_INSUFFICIENT',
    change('drafted', 'accepted = amount + 0.01'),
  ),
  onCheck('asset_offer', 'final_rate_within_offer', 'RATE_OUTSIDE_RANGE', change('drafted', 'final_rate = 0.060001')),
  onCheck(
    'asset_offer',
    'full_when_fixed',
    'ILLEGAL_TRANSITION',
    factoring('accepted', (f) =>
      ["state = 'FULLY_SUBSCRIBED', final_rate = 0.046", "state = 'RATE_FIXED'"]
        .map((changes) => `update asset_offer set ${changes} where no = '${f.offerNo}';`)
        .join(''),
    ),
  ),
  onCheck('asset_offer', 'fixed_has_rate', 'CONTRACT_VIOLATED', fixedAt()),
  onIndex(
    'offer_open_once',
    'ASSET_ALREADY_LOCKED',
    factoring('drafted', (f) => again('asset_offer', `no = '${f.offerNo}'`, { no: 'OF-2' })),
  ),
  onTrigger(
    'asset_offer',
    'offer_moves',
    'more than was applied for', // I-04
    'LIMIT_INSUFFICIENT',
    factoring('applied', (f) => (tx) => draftOffer(tx, { ...offer(f), amount: '880000.01' }, actor)),
  ),
  onTrigger('asset_offer', 'offer_moves', 'other terms', 'NOT_ALLOWED', change('published', 'min_ticket = 1')),
  onTrigger('asset_offer', 'offer_moves', 'another rate', 'NOT_ALLOWED', change('fixed', 'final_rate = 0.045')),
  onTrigger(
    'asset_offer',
    'offer_moves',
    'a rate that a funder did not want',
    'RATE_OUTSIDE_RANGE',
    fixedAt('0.055000'),
  ),
  late(
    onTrigger(
      'asset_offer',
      'offer_is_counted',
      'full, and it is not',
      'offer_is_counted',
      factoring('accepted', (f) => (tx) => move(tx, 'asset_offer', f.offerNo, 'fill', actor)),
    ),
  ),
  late(
    onTrigger(
      'asset_offer',
      'offer_is_counted',
      'accepted from nobody',
      'offer_is_counted',
      change('published', 'accepted = 1'),
    ),
  ),
  onCheck(
    'subscription',
    'subscription_rates',
    'CONTRACT_VIOLATED',
    place('published', () => ({ rateLow: '0.050000', rateHigh: '0.045000' })),
  ),
  onIndex(
    'subscribed_once',
    'IDEMPOTENCY_CONFLICT',
    place('placed', () => ({ no: 'SB-3' })),
  ),
  onSubscriptions(
    'by whom it was not offered to', // I-30
    'NOT_ALLOWED',
    place('published', (f) => ({ funder: f.others[1] })),
  ),
  onSubscriptions(
    'before it is published',
    'DEADLINE_PASSED',
    place('drafted', () => ({})),
  ),
  onSubscriptions(
    'below the ticket',
    'CONTRACT_VIOLATED',
    place('published', () => ({ amount: '99999.99' })),
  ),
  onSubscriptions(
    'at no possible rate',
    'RATE_OUTSIDE_RANGE',
    place('published', () => ({ rateLow: '0.070000', rateHigh: '0.080000' })),
  ),
  onSubscriptions(
    'another amount',
    'NOT_ALLOWED',
    factoring('placed', (f) => `update subscription set amount = amount + 1 where no = '${f.subscriptions[0]}'`),
  ),
  onSubscriptions(
    'cancelled after the rate was fixed',
    'ILLEGAL_TRANSITION',
    factoring('fixed', (f) => (tx) => move(tx, 'subscription', f.subscriptions[0], 'cancel', actor)),
  ),
  onSubscriptions(
    'confirmed before the rate is fixed',
    'ILLEGAL_TRANSITION',
    factoring('filled', (f) => (tx) => move(tx, 'subscription', f.subscriptions[0], 'confirm', actor)),
  ),
  onSubscriptions(
    'more than is offered',
    'LIMIT_INSUFFICIENT',
    factoring('published', (f) => async (tx) => {
      for (const i of [0, 1] as const) {
        await placeSubscription(tx, { ...subscription(f, i), amount: sums.slices[0] }, actor);
        await move(tx, 'subscription', f.subscriptions[i], 'accept', actor);
      }
    }),
  ),
];
