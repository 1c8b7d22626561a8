import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { addWorkingDays } from '../../contracts/canonical/calendar.ts';
import { accounts, actor, books, refusal, type Books } from '../fixture.ts';
import { move, stateOf, type Tx } from '../lifecycle.ts';
import { instructPayment } from '../money/payments.ts';
import { propose } from '../oversight/approvals.ts';
import { sendNotice } from '../trade/notices.ts';
import { withdrawApplication } from './applications.ts';
import { draftEnvelope, supersedeEnvelope } from './envelopes.ts';
import { approvedRate, bringFactoring, sums, type Factoring } from './factoring.fixture.ts';
import { decideSubscription, endOffer, fixRate, proposeRate } from './offers.ts';
import {
  amendRegistration,
  cancelRegistration,
  extendRegistration,
  objectToRegistration,
  registrationsDue,
} from './registrations.ts';
import { endAttempt, planAttempt, pushAttempt } from './routing.ts';

let the: Books;
beforeAll(async () => {
  the = await books();
});
afterAll(() => the.drop());

const inTx = <T>(work: (tx: Tx) => Promise<T>): Promise<T> => the.store.tx(work);
const state = (entity: Parameters<typeof stateOf>[1], id: string) => inTx((tx) => stateOf(tx, entity, id));
const disburse = (f: Factoring) =>
  inTx((tx) =>
    instructPayment(
      tx,
      {
        no: `DB-${f.applicationNo}`,
        purpose: 'DISBURSE',
        applicationNo: f.applicationNo,
        payee: accounts.unit,
        amount: sums.lent,
        currency: 'CNY',
      },
      actor,
    ),
  );

test('a factoring from contract to money, with every paper in its place', async () => {
  const f = await bringFactoring(the, 'ready');
  await disburse(f);
  expect(await state('payment', `DB-${f.applicationNo}`)).toBe('SUBMITTING');
});

test('an undisclosed factoring needs no notice for its money, and its notice waits for a trigger', async () => {
  const f = await bringFactoring(the, 'ready', ['noticed', 'sent', 'delivered']);
  await the.store.pool.query('update application set disclosed = false where no = $1', [f.applicationNo]);
  await disburse(f);
  const held = await bringFactoring(the, 'noticed');
  await the.store.pool.query('update assignment_notice set disclosed = false where no = $1', [held.noticeNo]);
  const send = (trigger?: 'OVERDUE') =>
    inTx((tx) =>
      sendNotice(tx, held.noticeNo, { channel: 'POST', at: new Date(), ...(trigger && { trigger }) }, actor),
    );
  expect(await refusal(send())).toBe('ILLEGAL_TRANSITION');
  await send('OVERDUE');
});

test.each(['applied', 'assigned'] as const)(
  'a factoring withdrawn when it is %s gives the receivable back',
  async (stage) => {
    const f = await bringFactoring(the, stage);
    await inTx((tx) => withdrawApplication(tx, f.applicationNo, actor));
    expect(await state('receivable', f.receivableNo)).toBe('CONFIRMED');
    expect(await state('application', f.applicationNo)).toBe('WITHDRAWN');
  },
);

test('funders are asked one after the other; whoever is asked is the funder of the application', async () => {
  const f = await bringFactoring(the, 'applied');
  const attempt = (position: number, funder: string) => {
    const no = `${f.applicationNo}-${position}`;
    const explained = { rules: 'routing@1', score: 90 - position };
    return inTx((tx) => planAttempt(tx, { no, applicationNo: f.applicationNo, funder, position, explained }, actor));
  };
  const push = (position: number) => inTx((tx) => pushAttempt(tx, `${f.applicationNo}-${position}`, actor));
  await attempt(1, f.others[1]);
  await attempt(2, f.others[0]);
  await push(1);
  expect(await refusal(push(2))).toBe('FUNDER_INFLIGHT_EXISTS');
  await inTx((tx) => endAttempt(tx, `${f.applicationNo}-1`, 'reject', 'industry', actor));
  await push(2);
  const asked = await the.store.pool.query('select funder_id, state from application where no = $1', [f.applicationNo]);
  expect(asked.rows[0]).toEqual({ funder_id: f.others[0], state: 'FUNDER_REVIEW' });
});

test('a borrower has one application in flight at a funder', async () => {
  const [one, two] = [await bringFactoring(the, 'applied'), await bringFactoring(the, 'applied')];
  for (const { applicationNo, funder } of [one, two])
    await inTx((tx) =>
      planAttempt(tx, { no: `${applicationNo}-1`, applicationNo, funder, position: 1, explained: {} }, actor),
    );
  await inTx((tx) => pushAttempt(tx, `${one.applicationNo}-1`, actor));
  const second = () => inTx((tx) => pushAttempt(tx, `${two.applicationNo}-1`, actor));
  expect(await refusal(second())).toBe('FUNDER_INFLIGHT_EXISTS');
  await inTx((tx) => move(tx, 'route_attempt', `${one.applicationNo}-1`, 'withdraw', actor));
  expect(await refusal(second())).toBe('FUNDER_INFLIGHT_EXISTS'); // Until the funder acknowledges.
  await inTx((tx) => endAttempt(tx, `${one.applicationNo}-1`, 'acknowledge', 'withdrawn', actor));
  await second();
});

test('an offer follows its subscriptions, and fixes its rate only when full, by two people, as they saw it', async () => {
  const f = await bringFactoring(the, 'filled');
  const [first] = f.subscriptions;
  expect(await state('asset_offer', f.offerNo)).toBe('FULLY_SUBSCRIBED');
  await inTx((tx) => proposeRate(tx, f.offerNo, '0.046000'));
  const approval = await inTx((tx) => approvedRate(tx, f));
  const one = await inTx((tx) => propose(tx, { entity: 'asset_offer', id: f.offerNo, event: 'fixRate' }, '丙', actor));
  expect(await refusal(inTx((tx) => fixRate(tx, f.offerNo, one, actor)))).toBe('SAME_PERSON_APPROVAL');
  await inTx((tx) => proposeRate(tx, f.offerNo, '0.047000'));
  expect(await refusal(inTx((tx) => fixRate(tx, f.offerNo, approval, actor)))).toBe('APPROVAL_STALE');
  await inTx((tx) => decideSubscription(tx, first, 'cancel', actor));
  expect(await state('asset_offer', f.offerNo)).toBe('PARTIALLY_SUBSCRIBED');
  await inTx((tx) => endOffer(tx, f.offerNo, 'withdraw', actor));
  expect(await state('subscription', f.subscriptions[1])).toBe('CANCELLED');
});

test('a funder sees the offers that are made to it, and not whose they are', async () => {
  const f = await bringFactoring(the, 'published');
  const seen = async (funder: string) =>
    (await the.store.pool.query<{ no: string }>('select * from offers_for($1)', [funder])).rows.filter(
      ({ no }) => no === f.offerNo,
    );
  const [offer] = await seen(f.others[0]);
  expect(Object.keys(offer ?? {}).toSorted()).toEqual([
    'amount',
    'channel',
    'closes_at',
    'currency',
    'disclosed',
    'min_ticket',
    'no',
    'product',
    'rate_high',
    'rate_low',
    'recourse',
    'tenor_days',
  ]);
  expect(await seen(f.others[1])).toEqual([]);
});

test('another envelope takes the place of one that is superseded', async () => {
  const f = await bringFactoring(the, 'signedFirst');
  expect(await state('envelope', f.envelopeNo)).toBe('PARTIALLY_SIGNED');
  await inTx((tx) => supersedeEnvelope(tx, f.envelopeNo, 'another rate', actor));
  const no = `${f.envelopeNo}-2`;
  const draft = { no, applicationNo: f.applicationNo, documents: [], mandatePayee: accounts.unit, signers: [f.funder] };
  await inTx((tx) => draftEnvelope(tx, draft, actor));
  expect(await state('application', f.applicationNo)).toBe('CONTRACTING');
});

test('nobody signs for a company in which nobody may', async () => {
  const f = await bringFactoring(the, 'decided');
  const draft = {
    no: f.envelopeNo,
    applicationNo: f.applicationNo,
    documents: [],
    mandatePayee: accounts.unit,
    signers: [the.keeper],
  };
  expect(await refusal(inTx((tx) => draftEnvelope(tx, draft, actor)))).toBe('AUTHORITY_MISSING');
});

test('what is due at the registry is known: ten working days after the loan, four months after a new name', async () => {
  const deal = await the.bring('posted');
  const due = async () => (await inTx((tx) => registrationsDue(tx, 200))).filter((d) => d.requestNo === deal.requestNo);
  const today = await the.store.pool.query<{ day: string }>('select shanghai_date(hub_now())::text "day"');
  const inTenWorkingDays = addWorkingDays(today.rows[0]?.day ?? '', 10);
  expect(await due()).toEqual([{ requestNo: deal.requestNo, what: 'cancel', due: inTenWorkingDays, overdue: false }]);
  await inTx((tx) => cancelRegistration(tx, deal.requestNo, new Date(), actor));
  expect(await due()).toEqual([]);
});

test('a registration is amended, objected to, and extended in its last 90 days', async () => {
  const f = await bringFactoring(the, 'registered');
  await the.store.pool.query("update registration set amend_due = '2026-12-01' where request_no = $1", [f.requestNo]);
  const due = async () =>
    (await inTx((tx) => registrationsDue(tx, 400))).filter((d) => d.requestNo === f.requestNo).map((d) => d.what);
  expect(await due()).toEqual(['amend', 'extend']);
  await inTx((tx) => amendRegistration(tx, f.requestNo, actor, 'new name'));
  expect(await due()).toEqual(['extend']);
  await inTx((tx) => objectToRegistration(tx, f.requestNo, new Date(), actor, 'not his'));
  await inTx((tx) => move(tx, 'registration', f.requestNo, 'dismiss', actor));
  const extend = () => inTx((tx) => extendRegistration(tx, f.requestNo, '2028-11-01', actor));
  expect(await refusal(extend())).toBe('ILLEGAL_TRANSITION');
  await inTx(async (tx) => {
    await tx.query('set local session_replication_role = replica');
    await tx.query(
      "update registration set expires_at = hub_now() + interval '80 days', registered_at = hub_now() - interval '1 year' where request_no = $1",
      [f.requestNo],
    );
  });
  await extend();
  expect(await state('registration', f.requestNo)).toBe('EXTENDED');
});

test('the database counts working days as the flows do', async () => {
  const found = await the.store.pool.query<{ day: string; due: string }>(
    `select d::text "day", working_days_after(d, 10)::text due from (select '2026-01-01'::date + n d from generate_series(0, 364) n) x`,
  );
  expect(found.rows.length).toBe(365);
  for (const { day, due } of found.rows) expect([day, due]).toEqual([day, addWorkingDays(day, 10)]);
});
